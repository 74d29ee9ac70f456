//! Letters written here: what leaves is what was meant, whatever was typed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use jiff::tz::Offset;
use model::Address;
use postrider_message::compose::{Attachment, ComposeError, Letter, build_draft, build_with};
use postrider_message::{attachment, is_seven_bit, normalise_line_ends, parse};
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};

fn letter() -> Letter {
    let from = Address::new(Some("Jürgen Müller".into()), "juergen@example.org");
    let offset = Offset::from_seconds(3600).unwrap();
    Letter {
        to: vec![Address::new(Some("Doe, Jane".into()), "jane@example.net"), Address::new(None, "list@example.net")],
        subject: "Grüße aus Köln".to_owned(),
        text: Some("Hallo,\n\nwie geht's?\n".to_owned()),
        ..Letter::new(from, "2026-11-03T13:32:05Z".parse().unwrap(), offset)
    }
}

fn built(letter: &Letter) -> String {
    String::from_utf8(build_with(letter, &mut StdRng::seed_from_u64(7)).unwrap().bytes).unwrap()
}

fn file(name: &str, content_type: &str, content_id: Option<&str>, bytes: &[u8]) -> Attachment {
    Attachment {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        content_id: content_id.map(str::to_owned),
        bytes: bytes.to_vec(),
    }
}

fn golden(name: &str, found: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let found = found.replace('\r', "");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&path).unwrap(), "{name}; UPDATE_GOLDEN=1 writes it anew");
}

#[test]
fn a_plain_letter_is_one_part() {
    golden("plain.eml", &built(&letter()));
}

#[test]
fn the_last_line_of_a_letter_is_ended_in_every_encoding() {
    for text in ["", "no line end", "one line\n", ".dots\n..and more\nGrüße\n", "你好", "=\n"] {
        let plain = Letter { text: Some(text.to_owned()), ..letter() };
        let with_file = Letter { attachments: vec![file("a.bin", "application/x", None, b"\0")], ..plain.clone() };
        for letter in [plain, with_file] {
            assert!(built(&letter).ends_with("\r\n"), "{text:?}");
        }
    }
}

#[test]
fn a_rich_letter_with_files_has_every_level() {
    let rich = Letter {
        text: None,
        html: Some(
            "<p>Hallo <b>Jane</b>,</p><p>siehe <a href=\"https://example.org/\">hier</a>: <img src=\"cid:cat@x\" \
             alt=\"Katze\"></p><blockquote type=\"cite\"><p>Kommst du?</p></blockquote>"
                .to_owned(),
        ),
        bcc: vec![Address::new(None, "secret@example.com")],
        in_reply_to: Some("b@x".to_owned()),
        references: vec!["a@x".to_owned(), "b@x".to_owned()],
        attachments: vec![
            file("Übersicht für das nächste Jahr, dritte Fassung.pdf", "application/pdf", None, b"%PDF-1.7"),
            file("cat.png", "image/png", Some("cat@x"), b"\x89PNG\r\n"),
        ],
        ..letter()
    };
    let text = built(&rich);
    assert!(!text.contains("secret"));
    golden("rich.eml", &text);
    let parsed = parse(text.as_bytes());
    let files: Vec<_> = parsed.attachments.iter().map(|a| (a.name.as_str(), a.inline, a.size)).collect();
    assert_eq!(files, [("cat.png", true, 6), ("Übersicht für das nächste Jahr, dritte Fassung.pdf", false, 8)]);
    assert_eq!(parsed.references, ["a@x", "b@x"]);
}

#[test]
fn only_blind_recipients_are_named_nowhere() {
    let blind = Letter { to: Vec::new(), bcc: vec![Address::new(None, "secret@example.com")], ..letter() };
    let result = build_with(&blind, &mut StdRng::seed_from_u64(7)).unwrap();
    let text = String::from_utf8(result.bytes).unwrap();
    assert!(text.contains("To: undisclosed-recipients:;\r\n") && !text.contains("secret"));
    assert_eq!(result.recipients.iter().map(ToString::to_string).collect::<Vec<_>>(), ["secret@example.com"]);
}

#[test]
fn a_draft_may_have_no_recipient_and_keeps_the_blind_ones() {
    let bare = Letter { to: Vec::new(), ..letter() };
    assert_eq!(build_with(&bare, &mut StdRng::seed_from_u64(7)), Err(ComposeError::NoRecipient));
    let draft = Letter { bcc: vec![Address::new(None, "secret@example.com")], ..bare };
    let built = build_draft(&draft, &mut StdRng::seed_from_u64(7)).unwrap();
    assert_eq!(parse(&built.bytes).bcc, [Address::new(None, "secret@example.com")]);
}

#[test]
fn an_address_that_is_none_is_named() {
    let wrong = Letter { to: vec![Address::new(None, "jane.example.net")], ..letter() };
    let error = build_with(&wrong, &mut StdRng::seed_from_u64(7)).unwrap_err().to_string();
    assert!(error.contains("jane.example.net") && error.contains("no @"), "{error}");
}

#[test]
fn the_message_says_nothing_of_the_computer() {
    let text = built(&letter());
    let id = parse(text.as_bytes()).message_id.unwrap();
    assert!(id.ends_with("@example.org"), "{id}");
    for field in ["User-Agent", "X-Mailer", "Received", "X-Originating-IP"] {
        assert!(!text.contains(field));
    }
}

#[test]
fn html_that_is_sent_holds_no_script_and_a_letter_in_it_is_whole() {
    let pasted = Letter {
        html: Some("<p onclick=x>a<script>b</script></p><img data-src='https://a.test/1.png'>".to_owned()),
        text: None,
        ..letter()
    };
    let html = parse(built(&pasted).as_bytes()).html.unwrap();
    assert!(!html.contains("script") && !html.contains("onclick"));
    assert!(html.contains("<img src=\"https://a.test/1.png\">") && html.starts_with("<!DOCTYPE html>"));
}

#[test]
fn every_valid_address_is_written_whole() {
    let addresses = [
        "δοκιμή@example.org",
        "\"odd name\"@example.org",
        "\"a\\\"b\"@example.org",
        "a@[192.0.2.1]",
        "a!#$%/b@example.org",
    ];
    for address in addresses {
        let to = vec![Address::new(None, address), Address::new(Some("Jürgen".into()), address)];
        let from = Address::new(Some("Doe, J.".into()), address);
        let built = build_with(&Letter { from, to: to.clone(), ..letter() }, &mut StdRng::seed_from_u64(7)).unwrap();
        assert_eq!(built.needs_utf8, !address.is_ascii(), "{address}");
        assert_eq!(built.sender.to_string(), address);
        let text = String::from_utf8(built.bytes).unwrap();
        assert!(text.contains(&format!("From: \"Doe, J.\" <{address}>\r\nTo: {address}, =?utf-8?b?")), "{text}");
    }
}

#[test]
fn a_file_keeps_every_byte() {
    let table: [(&str, &[u8]); 5] = [
        ("text/plain", b"#!/bin/sh\necho one\r\necho two\r"),
        ("text/html", b"From me\n.\n\0\xff"),
        ("message/rfc822", b"Subject: inner\r\n\r\nHello\r\n"),
        ("message/rfc822", b"Subject: inner\n\nHello\n"),
        ("no type at all", b""),
    ];
    for (content_type, bytes) in table {
        let with_file = Letter { attachments: vec![file("a.bin", content_type, None, bytes)], ..letter() };
        let built = build_with(&with_file, &mut StdRng::seed_from_u64(7)).unwrap();
        let part = parse(&built.bytes).attachments.first().unwrap().part;
        assert_eq!(attachment(&built.bytes, part).as_deref(), Some(bytes), "{content_type}");
        assert!(is_seven_bit(&built.bytes) && normalise_line_ends(&built.bytes) == built.bytes, "{content_type}");
    }
}

#[test]
fn an_identifier_that_no_line_could_hold_is_passed_over() {
    let endless = "x".repeat(2_000);
    let long = Letter {
        message_id: Some(endless.clone()),
        in_reply_to: Some(endless.clone()),
        references: vec!["a@x".to_owned(), endless.clone()],
        attachments: vec![file("a.png", "image/png", Some(&endless), b"x")],
        ..letter()
    };
    let built = build_with(&long, &mut StdRng::seed_from_u64(7)).unwrap();
    assert!(is_seven_bit(&built.bytes));
    let read = parse(&built.bytes);
    assert_eq!((read.references, read.in_reply_to), (vec!["a@x".to_owned()], Vec::new()));
    assert!(built.message_id.ends_with("@example.org"), "{}", built.message_id);
}

fn address() -> impl Strategy<Value = Address> {
    let name = proptest::option::of("\\PC{0,40}");
    (name, "[a-z][a-z0-9.+_-]{0,20}[a-z0-9]", "[a-z]{1,10}\\.(test|example)")
        .prop_filter("dots", |(_, local, _)| !local.contains(".."))
        .prop_map(|(name, local, domain)| Address::new(name, format!("{local}@{domain}")))
}

/// What is left of a text on one line once white space and characters without a place there are gone.
fn one_line(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c })
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn named(addresses: &[Address]) -> Vec<(Option<String>, String)> {
    addresses
        .iter()
        .map(|a| {
            let name = a.name.as_deref().map(one_line).filter(|name| !name.is_empty() && *name != a.address);
            (name, a.address.clone())
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_is_read(
        from in address(),
        to in proptest::collection::vec(address(), 1..4),
        cc in proptest::collection::vec(address(), 0..3),
        subject in "(?s).{0,120}",
        text in "(?s)[ -~äß漢\n\r\t]{0,400}",
        name in "\\PC{1,60}",
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        seed in any::<u64>(),
    ) {
        let written = Letter {
            from, to, cc, subject,
            text: Some(text),
            attachments: vec![file(&name, "application/x-test", None, &bytes)],
            ..letter()
        };
        let built = build_with(&written, &mut StdRng::seed_from_u64(seed)).unwrap();
        prop_assert!(is_seven_bit(&built.bytes));
        prop_assert_eq!(normalise_line_ends(&built.bytes), built.bytes.clone());
        let read = parse(&built.bytes);
        prop_assert!(read.defects.is_empty(), "{:?}", read.defects);
        prop_assert_eq!(named(&read.from), named(std::slice::from_ref(&written.from)));
        prop_assert_eq!(named(&read.to), named(&written.to));
        prop_assert_eq!(named(&read.cc), named(&written.cc));
        prop_assert_eq!(&read.subject, &one_line(&written.subject));
        prop_assert_eq!(read.message_id.as_ref(), Some(&built.message_id));
        prop_assert_eq!(read.date, Some(written.date));
        let lines = |text: &str| {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            text.lines().map(|line| line.trim_end_matches(' ').to_owned()).collect::<Vec<_>>().join("\n").trim_end().to_owned()
        };
        if !lines(written.text.as_deref().unwrap()).contains('>') {
            prop_assert_eq!(lines(&read.text.unwrap_or_default()), lines(written.text.as_deref().unwrap()));
        }
        prop_assert_eq!(read.attachments.len(), 1);
        prop_assert_eq!(attachment(&built.bytes, read.attachments[0].part), Some(bytes));
    }

    #[test]
    fn no_value_begins_another_field(
        name in "(?s).{0,80}", subject in "(?s).{0,200}", id in "(?s).{0,80}", file_name in "(?s).{0,80}",
    ) {
        let hostile = Letter {
            from: Address::new(Some(name.clone()), "a@b.test"),
            to: vec![Address::new(Some(format!("{name}\r\nBcc: x@y.test")), "a@b.test")],
            subject: format!("{subject}\r\nBcc: x@y.test\n\nbody"),
            in_reply_to: Some(format!("{id}\r\nBcc: x@y.test")),
            references: vec![id.clone()],
            message_id: Some(format!("{id}>\r\nBcc: x@y.test")),
            attachments: vec![file(&file_name, &format!("text/plain\r\nX: {id}"), Some(&id), b"x")],
            ..letter()
        };
        let built = build_with(&hostile, &mut StdRng::seed_from_u64(1)).unwrap();
        let text = String::from_utf8_lossy(&built.bytes).into_owned();
        let header = text.split("\r\n\r\n").next().unwrap();
        let names: Vec<&str> = header
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        for name in names {
            prop_assert!(
                ["Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type"]
                    .contains(&name),
                "{}", header
            );
        }
    }
}
