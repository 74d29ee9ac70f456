//! Messages on their way to a server without 8BITMIME: what is fit stays as it is, the rest says the same in another
//! form.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use postrider_message::{attachment, is_seven_bit, normalise_line_ends, parse, to_seven_bit};
use proptest::prelude::*;

fn sent(raw: &str) -> String {
    let sent = to_seven_bit(raw.as_bytes()).into_owned();
    assert!(is_seven_bit(&sent), "{}", String::from_utf8_lossy(&sent));
    String::from_utf8(sent).unwrap()
}

#[test]
fn what_is_fit_in_a_message_that_is_not_stays_octet_for_octet() {
    let branch = "Content-Type: multipart/signed; boundary=s;\r\n\tmicalg=pgp-sha512\r\n\r\npreamble \r\n--s \r\n\
        X-Odd : kept  \r\n\r\nsigned  \r\n\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nabc\r\n--s--\r\nepilogue";
    let raw = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\nthis is MIME\r\n--b\r\n{branch}\r\n--b\r\n\r\ngrün\r\n\
         --b--\r\nthe end\r\n"
    );
    let sent = sent(&raw);
    assert!(sent.contains(&format!("this is MIME\r\n--b\r\n{branch}\r\n--b\r\n")), "{sent}");
    assert!(sent.ends_with("\r\n--b--\r\nthe end\r\n"), "{sent}");
    assert!(sent.contains("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "), "{sent}");
}

#[test]
fn each_kind_of_part_gets_the_encoding_that_suits_it() {
    let mixed = |parts: &str| {
        format!(
            "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{parts}--b--\r\n"
        )
    };
    let table = [
        (
            mixed(
                "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nIt is green: grün, and long enough to stay legible\r\n",
            ),
            "quoted-printable",
        ),
        (mixed("--b\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\nпривет привет привет\r\n"), "base64"),
        (
            mixed("--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: binary\r\n\r\nü\u{1}\r\n"),
            "base64",
        ),
        (
            mixed(
                "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: x\r\n\r\ngrün, and some more plain text\r\n",
            ),
            "quoted-printable",
        ),
    ];
    for (raw, encoding) in table {
        let sent = sent(&raw);
        let fields: Vec<&str> =
            sent.lines().filter_map(|line| line.strip_prefix("Content-Transfer-Encoding: ")).collect();
        assert_eq!(fields, [encoding], "{sent}");
        assert_eq!(parse(raw.as_bytes()).text, parse(sent.as_bytes()).text, "{sent}");
    }
}

#[test]
fn a_text_file_that_came_as_base64_keeps_its_line_ends() {
    let file = "one\ntwo\r\nthree\r".repeat(500);
    let encoded = encode(file.as_bytes());
    let raw = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/x-patch; name=a.patch\r\n\
         Content-Disposition: attachment; filename=a.patch\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--b--\r\n"
    );
    let sent = sent(&raw);
    let number = parse(sent.as_bytes()).attachments[0].part;
    assert_eq!(attachment(sent.as_bytes(), number).unwrap(), file.as_bytes());
}

#[test]
fn line_ends_that_were_escaped_stay_as_they_were_and_no_sign_is_a_digit() {
    let long = "x".repeat(1000);
    for said in ["one=0Dtwo", "one=0Atwo", "one=+Dtwo", "one=-Atwo"] {
        let raw =
            format!("Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{said}{long}\r\n");
        let (before, sent) = (parse(raw.as_bytes()).html.unwrap(), sent(&raw));
        assert_eq!(parse(sent.as_bytes()).html.unwrap().trim_end(), before.trim_end(), "{said}");
        assert_eq!(before.contains(said), !said.contains('0'), "{before}");
    }
}

fn encode(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let four = |three: &[u8]| {
        let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
        let letters = [18, 12, 6, 0].map(|shift| char::from(LETTERS[bits >> shift & 63]));
        letters.into_iter().take(three.len() + 1).chain(std::iter::repeat_n('=', 3 - three.len()))
    };
    bytes.chunks(3).flat_map(four).collect()
}

#[test]
fn no_line_of_an_encoded_text_is_taken_for_a_boundary() {
    // The soft line break of quoted-printable falls right before what looks like the boundary.
    for before in 60..90 {
        let text = format!("grün {}--b--", "x".repeat(before));
        let raw = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{text}\r\n--b--\r\n");
        let sent = sent(&raw);
        assert_eq!(parse(sent.as_bytes()).text.unwrap().trim_end(), text, "{sent}");
    }
}

#[test]
fn nothing_is_lost_of_a_message_that_is_too_large_or_too_deep_to_be_read() {
    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n",
        "--b\r\n\r\ngr\u{fc}n and plain\r\n".repeat(2_500)
    );
    assert_eq!(sent(&many).matches("and plain").count(), 2_500);
    let deep: String = (0..40)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .chain(["\r\ngrün\r\n".to_owned()])
        .collect();
    assert!(sent(&deep).contains("Content-Transfer-Encoding: base64"));
    let attached = "Content-Type: message/rfc822\r\n\r\n".repeat(40) + "\r\ngrün\r\n";
    sent(&attached);
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z ]{0,40}", "[a-zäöü€ \t.=-]{1,90}", "[ -~]{990,1010}", "(From |--b|\\.|grün|\r\n){0,8}"]
}

/// A part: its header, an empty line, its content.
fn part() -> impl Strategy<Value = String> {
    let header = prop_oneof![
        Just(""),
        Just("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"),
        Just("Content-Type: text/plain; charset=iso-8859-1\r\n"),
        Just("Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n"),
        Just("Content-Type: application/pdf; name=\"größe.pdf\"\r\nContent-Disposition: attachment\r\n"),
        Just("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n"),
        Just("Content-Type: message/rfc822\r\n"),
        Just("Content-Type: multipart/alternative\r\n"),
        Just("not a field ü\r\n"),
    ];
    let leaf = (header, text()).prop_map(|(header, text)| format!("{header}\r\n{text}"));
    leaf.prop_recursive(3, 12, 3, |inner| {
        let several = proptest::collection::vec(inner, 0..3);
        (several, "[a-z]{4,9}", "[a-zü]{0,9}").prop_map(|(parts, boundary, around)| {
            let mut all = format!("Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n{around}\r\n");
            for part in parts {
                all.push_str(&format!("--{boundary}\r\n{part}\r\n"));
            }
            all + &format!("--{boundary}--\r\n{around}")
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_message_says_the_same_in_seven_bits(part in part()) {
        let raw = format!("From: anna@example.org\r\nSubject: x\r\n{part}");
        let raw = String::from_utf8(normalise_line_ends(raw.as_bytes())).unwrap();
        let sent = to_seven_bit(raw.as_bytes()).into_owned();
        let shown = String::from_utf8_lossy(&sent).into_owned();
        prop_assert!(is_seven_bit(&sent), "{}", shown);
        let (before, after) = (parse(raw.as_bytes()), parse(&sent));
        let trimmed = |text: &Option<String>| text.as_deref().map(|text| text.trim_end().to_owned());
        prop_assert_eq!(trimmed(&before.text), trimmed(&after.text), "{}\n── became\n{}", raw, shown);
        prop_assert_eq!(trimmed(&before.html), trimmed(&after.html), "{}\n── became\n{}", raw, shown);
        prop_assert_eq!(before.attachments.len(), after.attachments.len(), "{}\n── became\n{}", raw, shown);
        for (one, other) in before.attachments.iter().zip(&after.attachments) {
            prop_assert_eq!(&one.name, &other.name);
        }
        prop_assert_eq!(to_seven_bit(&sent).into_owned(), sent);
    }

    #[test]
    fn no_octets_make_it_panic_or_go_beyond_seven_bits(
        octets in proptest::collection::vec(prop_oneof![any::<u8>(), proptest::sample::select(b"-b=:;\r\n \"".to_vec())], 0..600),
        is_multipart in any::<bool>(),
    ) {
        let mut raw = if is_multipart { b"Content-Type: multipart/mixed; boundary=b\r\n".to_vec() } else { Vec::new() };
        raw.extend_from_slice(&octets);
        let sent = to_seven_bit(&raw).into_owned();
        let body = sent.windows(4).position(|at| at == b"\r\n\r\n").unwrap_or(sent.len());
        prop_assert!(is_seven_bit(sent.get(body..).unwrap_or_default()), "{}", String::from_utf8_lossy(&sent));
        prop_assert_eq!(&normalise_line_ends(&sent), &sent);
    }
}
