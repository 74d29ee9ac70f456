//! Messages read: letters as they are found in mailboxes, and what is left of them when they are damaged.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use postrider_message::html::{HtmlOptions, from_text, safe, to_text};
use postrider_message::{
    Defect, attachment, attachment_by_content_id, dsn, envelope, has_long_lines, normalise_line_ends, parse,
    to_seven_bit,
};
use proptest::prelude::*;

mod collection;
mod common;
#[path = "../src/cpu_time.rs"]
mod cpu_time;

/// The letters that are this project's own.
fn letters() -> Vec<(String, Vec<u8>)> {
    collection::letters("letters")
}

fn letter(name: &str) -> Vec<u8> {
    letters().into_iter().find(|(one, _)| one == name).unwrap().1
}

#[test]
fn letters_are_read_as_a_person_would_read_them() {
    let found: String =
        letters().iter().map(|(name, raw)| common::described(name, &parse(raw), usize::MAX)).collect();
    common::compare("letters.txt", &found);
}

#[test]
fn a_part_is_found_by_its_number_and_by_its_content_id() {
    let raw = letter("inline-and-files");
    let parsed = parse(&raw);
    let pdf = parsed.attachments.iter().find(|file| file.name == "Übersicht.pdf").unwrap();
    assert_eq!(attachment(&raw, pdf.part).as_deref(), Some(b"%PDF-1.7\n".as_slice()));
    let (cat, bytes) = attachment_by_content_id(&raw, "<cat@example.com>").unwrap();
    assert_eq!((cat.name.as_str(), bytes.len() as u64), ("cat.png", cat.size));
    let attached = parsed.attachments.iter().find(|file| file.content_type == "message/rfc822").unwrap();
    assert_eq!(attached.name, "The older letter.eml");
    assert_eq!(parse(&attachment(&raw, attached.part).unwrap()).text.as_deref(), Some("Older words."));
    assert_eq!(attachment(&raw, 0), None);
    assert_eq!(attachment(&raw, 999), None);
    assert_eq!(attachment_by_content_id(&raw, "nobody@x"), None);
}

#[test]
fn a_message_made_to_take_long_does_not() {
    let table = [
        ("headers", "A: b\n".repeat(200_000)),
        ("one long header", format!("Subject: {}\n\nx", "=?utf-8?q?x?= ".repeat(100_000))),
        ("recipients", format!("From: a@b\nTo: {}\n\nx", "a@b.test, ".repeat(100_000))),
        ("references", format!("References: {}\n\nx", "<a@b> ".repeat(100_000))),
        ("comments", format!("From: {}\n\nx", "(".repeat(500_000))),
        ("parameters", format!("Content-Type: text/plain; {}\n\nx", "a=b; ".repeat(50_000))),
        ("continuations", {
            let pieces: String = (0..20_000).map(|n| format!("; filename*{n}=x")).collect();
            format!("Content-Disposition: attachment{pieces}\n\nx")
        }),
        ("parts", format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(100_000))),
        ("digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n".repeat(20_000)),
        ("attached in attached", "Content-Type: message/rfc822\n\n".repeat(100_000)),
        ("boundaries that never come", {
            (0..5_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect()
        }),
        ("quoted text", format!("\n{}", "> ".repeat(500_000))),
        ("lines", "\n".repeat(1_000_000)),
        ("files in the text", format!("\n{}", "begin 644 x\n#0V%T\n".repeat(50_000))),
        ("files in the text that never end", format!("\n{}", "=ybegin line=128 name=x\n".repeat(50_000))),
        ("calendar", format!("Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n{}", "BEGIN:VEVENT\n".repeat(50_000))),
        ("attendees", {
            let many = "ATTENDEE;CN=x:mailto:a@b.test\n".repeat(20_000);
            format!("Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\n{many}")
        }),
        ("attached letters", {
            let one = "--b\nContent-Type: message/rfc822\n\nSubject: x\n\nwords\n".repeat(10_000);
            format!("Content-Type: multipart/mixed; boundary=b\n\n{one}")
        }),
    ];
    for (name, raw) in &table {
        let taken = cpu_time::taken_by(|| {
            let parsed = parse(raw.as_bytes());
            let _ = parsed.text.as_deref().map(from_text);
        });
        assert!(taken.as_secs() < 8, "{name} took {taken:?}");
    }
}

#[test]
fn text_has_a_bound_and_says_so() {
    let raw = format!("From: a@b.test\nDate: Tue, 3 Nov 2026 14:32:05 +0100\n\n{}", "words ".repeat(1_000_000));
    let parsed = parse(raw.as_bytes());
    assert_eq!(parsed.defects, [Defect::TextTooLong]);
    assert!(parsed.text.unwrap().len() <= postrider_message::MAX_TEXT);
    assert!(parsed.search_text.len() <= postrider_message::MAX_SEARCH_TEXT);
}

/// Everything that reads bytes from strangers.
fn read_every_way(raw: &[u8]) {
    let parsed = parse(raw);
    for file in &parsed.attachments {
        let bytes = attachment(raw, file.part).expect("a listed part is there");
        if file.content_type == "message/rfc822" {
            let _ = parse(&bytes);
        }
    }
    let _ = parsed.html.as_deref().map(|html| safe(html, &HtmlOptions::default()));
    let _ = parsed.text.as_deref().map(from_text);
    let _ = dsn::read(raw);
    let _ = envelope::from_headers(raw);
    let sent = to_seven_bit(raw);
    assert!(!has_long_lines(&sent), "{:?}", String::from_utf8_lossy(&sent));
    assert_eq!(normalise_line_ends(&sent), *sent);
    let body = sent.windows(4).position(|window| window == b"\r\n\r\n").map_or(sent.len(), |at| at);
    // What is left beyond ASCII is an address in the header of an attached message.
    let is_strange = |line: &&[u8]| !line.is_ascii() && !line.contains(&b'@') || line.contains(&0);
    let strange = sent[body..].split(|byte| *byte == b'\n').find(is_strange);
    assert_eq!(strange.map(String::from_utf8_lossy), None);
    assert!(!parsed.subject.contains(['\r', '\n', '\0']));
    assert!(parsed.snippet.chars().count() <= postrider_message::SNIPPET_CHARS);
}

#[derive(Clone, Debug)]
enum Damage {
    Cut(prop::sample::Index),
    Replace(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Repeat(prop::sample::Index, prop::sample::Index),
    Remove(prop::sample::Index, usize),
}

impl Damage {
    fn apply(&self, raw: &mut Vec<u8>) {
        if raw.is_empty() || raw.len() > 100_000 {
            return;
        }
        match self {
            Self::Cut(at) => raw.truncate(at.index(raw.len())),
            Self::Replace(at, byte) => {
                let at = at.index(raw.len());
                raw[at] = *byte;
            }
            Self::Insert(at, bytes) => {
                let at = at.index(raw.len());
                raw.splice(at..at, bytes.iter().copied());
            }
            Self::Repeat(a, b) => {
                let (a, b) = (a.index(raw.len()), b.index(raw.len()));
                let piece = raw[a.min(b)..a.max(b)].to_vec();
                raw.splice(a..a, piece);
            }
            Self::Remove(at, length) => {
                let at = at.index(raw.len());
                raw.drain(at..(at + length).min(raw.len()));
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let tokens = prop::sample::select(vec![
        "\r\n\r\n",
        "\r\n",
        "--",
        "--outer",
        "=?utf-8?Q?",
        "?=",
        "\"",
        "(",
        "<",
        ">",
        ";",
        "=",
        ":",
        "\0",
        "\t",
        "%",
        "boundary=",
        "charset=utf-7",
        "Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n",
        "Content-Type: message/rfc822\r\n\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "filename*0*=",
        "<!--",
        "<script>",
        "<style>",
        "]]>",
        "\u{202e}",
        "Content-Type: message/delivery-status\r\n\r\n",
    ]);
    let index = any::<prop::sample::Index>;
    prop_oneof![
        index().prop_map(Damage::Cut),
        (index(), any::<u8>()).prop_map(|(at, byte)| Damage::Replace(at, byte)),
        (index(), tokens).prop_map(|(at, token)| Damage::Insert(at, token.as_bytes().to_vec())),
        (index(), prop::collection::vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        (index(), index()).prop_map(|(a, b)| Damage::Repeat(a, b)),
        (index(), 1..200_usize).prop_map(|(at, length)| Damage::Remove(at, length)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_message_is_still_read(
        which in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..12),
    ) {
        let letters = letters();
        let (_, raw) = which.get(&letters);
        let mut raw = raw.clone();
        for damage in &damages {
            damage.apply(&mut raw);
        }
        read_every_way(&raw);
    }

    #[test]
    fn any_bytes_are_read(raw in prop::collection::vec(any::<u8>(), 0..600)) {
        read_every_way(&raw);
    }

    #[test]
    fn any_html_is_shown(html in "(<(/?)(p|div|a|img|table|td|svg|math|style|b|!--)( (href|src|style|title)=['\"]?[ -~]{0,12}['\"]?)?>|[ -~é漢\\PC]{0,6}){0,40}") {
        let document = safe(&html, &HtmlOptions::default()).document;
        prop_assert!(document.ends_with("</div></body></html>"));
        let _ = to_text(&html);
    }
}
