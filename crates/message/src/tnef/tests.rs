use super::*;

fn attribute(level: u8, number: u32, data: &[u8]) -> Vec<u8> {
    let sum = data.iter().fold(0_u16, |sum, octet| sum.wrapping_add(u16::from(*octet)));
    let mut out = vec![level];
    out.extend(number.to_le_bytes());
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    out.extend(sum.to_le_bytes());
    out
}

fn property(kind: u16, number: u16, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(kind.to_le_bytes());
    out.extend(number.to_le_bytes());
    if number >= 0x8000 {
        out.extend([7; 16]);
        out.extend(1_u32.to_le_bytes());
        out.extend(6_u32.to_le_bytes());
        out.extend(b"a\0b\0\0\0\0\0");
    }
    if matches!(kind, 0x1e | 0x1f | 0x102 | 0x0d) {
        out.extend(1_u32.to_le_bytes());
        out.extend((data.len() as u32).to_le_bytes());
    }
    out.extend(data);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

fn properties(list: &[Vec<u8>]) -> Vec<u8> {
    [&(list.len() as u32).to_le_bytes()[..], &list.concat()].concat()
}

fn tnef(attributes: &[Vec<u8>]) -> Vec<u8> {
    [&SIGNATURE.to_le_bytes()[..], &[1, 0], &attributes.concat()].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

fn packed(rtf: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for eight in rtf.chunks(8) {
        body.push(0);
        body.extend(eight);
    }
    let header = [body.len() as u32 + 12, rtf.len() as u32, 0x7546_5a4c, 0];
    [header.map(u32::to_le_bytes).concat(), body].concat()
}

fn sample() -> Vec<u8> {
    tnef(&[
        attribute(1, 0x0006_9007, &1251_u32.to_le_bytes()),
        attribute(
            1,
            0x0006_9003,
            &properties(&[
                property(0x03, 0x8005, &1_u32.to_le_bytes()),
                property(0x0b, 0x0e1f, &1_u32.to_le_bytes()),
                property(0x102, 0x1009, &packed(br"{\rtf1\ansi Hello\par World}")),
            ]),
        ),
        attribute(2, 0x0006_9002, &[0; 14]),
        attribute(2, 0x0001_8010, b"\xcf\xf0\xe8.TXT\0"),
        attribute(2, 0x0006_800f, b"content"),
        attribute(2, 0x0006_9002, &[0; 14]),
        attribute(2, 0x0006_800f, b"%PDF"),
        attribute(
            2,
            0x0006_9005,
            &properties(&[
                property(0x1e, 0x3704, b"UEBERS~1.PDF\0"),
                property(0x1f, 0x3707, &wide("Übersicht.pdf")),
                property(0x1f, 0x370e, &wide("application/PDF")),
                property(0x1f, 0x3712, &wide("<a@b>")),
            ]),
        ),
    ])
}

#[test]
fn a_winmail_dat_gives_its_text_and_its_files() {
    let found = read(&sample()).unwrap();
    assert_eq!(found.text.as_deref(), Some("Hello\nWorld"));
    let files: Vec<_> = found
        .files
        .iter()
        .map(|file| {
            (file.name.as_str(), file.media_type.as_deref(), file.content_id.as_deref(), file.bytes.as_slice())
        })
        .collect();
    type Part<'a> = (&'a str, Option<&'a str>, Option<&'a str>, &'a [u8]);
    let expected: [Part<'_>; 2] =
        [("При.TXT", None, None, b"content"), ("Übersicht.pdf", Some("application/pdf"), Some("a@b"), b"%PDF")];
    assert_eq!(files, expected);
}

#[test]
fn html_in_it_is_found() {
    let html = attribute(1, 0x0006_9003, &properties(&[property(0x102, 0x1013, b"<b>gr\xc3\xbcn</b>")]));
    assert_eq!(read(&tnef(&[html])).unwrap().html.as_deref(), Some("<b>grün</b>"));
}

#[test]
fn runs_are_repeated_from_the_window() {
    // [MS-OXRTFCP] §4.1.
    let example: [u8; 45] = [
        0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 3, 0, 0x0a, 0, 0x72, 0x63,
        0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 9, 0, 0x20, 0x62, 0x77, 5,
        0xb0, 0x6c, 0x64, 0x7d,
    ];
    let more = [&example[..], &[0x0a, 0x80, 0x0f, 0xa0]].concat();
    let text = unpack::unpack(&more, MAX_UNPACKED).unwrap();
    assert_eq!(String::from_utf8_lossy(&text), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
}

#[test]
fn what_is_damaged_is_read_as_far_as_it_goes() {
    let whole = sample();
    for end in 0..whole.len() {
        let _ = read(&whole[..end]);
        let mut broken = whole.clone();
        broken[end] ^= 0xff;
        let _ = read(&broken);
    }
    assert_eq!(read(b"PK\x03\x04 is something else"), None);
    let cut = read(&whole[..whole.len() - 10]).unwrap();
    assert_eq!(cut.files.len(), 2);
}
