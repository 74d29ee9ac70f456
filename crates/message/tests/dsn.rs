//! Notifications: what other programs write is understood, and what is written here reads back the same.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use jiff::tz::Offset;
use model::{Address, EnhancedCode};
use postrider_message::dsn::{Action, DsnRecipient, Report, read, write};
use rand::{SeedableRng, rngs::StdRng};

const POSTFIX: &str = "\
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\n\
Subject: Undelivered Mail Returned to Sender\r\n\
To: me@example.net\r\n\
Auto-Submitted: auto-replied\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"ABC/mx\"\r\n\r\n\
This is a MIME-encapsulated message.\r\n\r\n\
--ABC/mx\r\nContent-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\
I'm sorry.\r\n\r\n\
--ABC/mx\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n\
Reporting-MTA: dns; mx.example.org\r\nX-Postfix-Queue-ID: ABC\r\nOriginal-Envelope-Id: a+2Bb\r\n\
Arrival-Date: Tue,  3 Nov 2026 13:32:05 +0000 (UTC)\r\n\r\n\
Final-Recipient: rfc822; anna+tag@example.org\r\nOriginal-Recipient: rfc822;anna+2Btag@example.org\r\n\
Action: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mail.example.org\r\n\
Diagnostic-Code: smtp; 550 5.1.1 <anna+tag@example.org>: Recipient address\r\n    rejected; User unknown\r\n\r\n\
Final-Recipient: rfc822; bert@example.org\r\nAction: delayed\r\nStatus: 4.2.2 (mailbox full)\r\n\r\n\
--ABC/mx\r\nContent-Description: Undelivered Message\r\nContent-Type: message/rfc822\r\n\r\n\
Message-ID: <original@example.net>\r\nSubject: Hello\r\n\r\nHello\r\n\r\n--ABC/mx--\r\n";

fn failed(address: &str) -> DsnRecipient {
    DsnRecipient {
        address: address.to_owned(),
        original: None,
        action: Action::Failed,
        status: EnhancedCode::new(5, 1, 1),
        diagnostic: Some("550 5.1.1 no such user".to_owned()),
        remote_mta: Some("mx.example.org".to_owned()),
        last_attempt: None,
        will_retry_until: None,
    }
}

#[test]
fn a_report_of_postfix_says_what_became_of_whom() {
    let dsn = read(POSTFIX.as_bytes()).unwrap();
    assert_eq!(dsn.original_message_id.as_deref(), Some("original@example.net"));
    assert_eq!(dsn.envelope_id.as_deref(), Some("a+b"));
    assert_eq!(dsn.reporting_mta.as_deref(), Some("mx.example.org"));
    assert_eq!(
        dsn.recipients,
        [
            DsnRecipient {
                address: "anna+tag@example.org".to_owned(),
                original: Some("anna+tag@example.org".to_owned()),
                action: Action::Failed,
                status: EnhancedCode::new(5, 1, 1),
                diagnostic: Some(
                    "550 5.1.1 <anna+tag@example.org>: Recipient address rejected; User unknown".to_owned()
                ),
                remote_mta: Some("mail.example.org".to_owned()),
                last_attempt: None,
                will_retry_until: None,
            },
            DsnRecipient {
                address: "bert@example.org".to_owned(),
                original: None,
                action: Action::Delayed,
                status: EnhancedCode::new(4, 2, 2),
                diagnostic: None,
                remote_mta: None,
                last_attempt: None,
                will_retry_until: None,
            },
        ]
    );
    assert!(postrider_message::parse(POSTFIX.as_bytes()).is_report);
}

#[test]
fn what_a_report_leaves_out_is_made_from_the_rest() {
    let report = |status: &str| {
        let raw = format!(
            "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n{status}\n--b--\n"
        );
        read(raw.as_bytes()).map(|dsn| {
            let first = dsn.recipients.first().unwrap();
            (first.address.clone(), first.action, first.status.to_string())
        })
    };
    let row = |address: &str, action, status: &str| Some((address.to_owned(), action, status.to_owned()));
    let table = [
        ("Final-Recipient: rfc822;a@b.test\nAction: FAILED", row("a@b.test", Action::Failed, "5.0.0")),
        ("Final-Recipient: <a@b.test>\nStatus: 4.4.1", row("a@b.test", Action::Delayed, "4.4.1")),
        ("Original-Recipient: rfc822;a@b.test\nStatus: 2.1.5", row("a@b.test", Action::Delivered, "2.1.5")),
        (
            "junk\n\nmore junk\nFinal-Recipient: rfc822;a@b.test\nAction: failed (perm)",
            row("a@b.test", Action::Failed, "5.0.0"),
        ),
        ("Final-Recipient: rfc822;a@b.test", None),
        ("Action: failed", None),
        ("", None),
    ];
    for (status, expected) in table {
        assert_eq!(report(status), expected, "{status}");
    }
    assert_eq!(read(b"Subject: not one\n\nFinal-Recipient: rfc822;a@b.test\nAction: failed"), None);
}

#[test]
fn a_report_written_here_reads_back_the_same() {
    let recipients = [
        failed("anna@example.org"),
        DsnRecipient { original: Some("b+c@example.org".to_owned()), ..failed("bert@example.org") },
    ];
    let original =
        "From: me@example.net\nBcc: secret@example.org\nSubject: Grüße\nMessage-ID: <x@y>\n\nbody stays here\n";
    let report = Report {
        reporting_mta: "postrider.example.net",
        from: Address::new(Some("Postrider".into()), "postmaster@example.net"),
        to: Address::new(None, "me@example.net"),
        date: "2026-11-03T13:32:05Z".parse().unwrap(),
        utc_offset: Offset::UTC,
        arrival: Some("2026-11-01T13:32:05Z".parse().unwrap()),
        envelope_id: Some("a b+c"),
        recipients: &recipients,
        explanation: "Die Adresse gibt es nicht — bitte prüfen.\n",
        original: original.as_bytes(),
    };
    let bytes = write(&report, &mut StdRng::seed_from_u64(1));
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(postrider_message::is_seven_bit(&bytes));
    assert!(!text.contains("secret") && !text.contains("body stays"));
    let dsn = read(&bytes).unwrap();
    assert_eq!(dsn.recipients, recipients);
    assert_eq!(dsn.envelope_id.as_deref(), Some("a b+c"));
    assert_eq!(dsn.original_message_id.as_deref(), Some("x@y"));
    let parsed = postrider_message::parse(&bytes);
    assert_eq!(parsed.subject, "Undelivered: Grüße");
    assert_eq!(parsed.text.as_deref().map(str::trim_end), Some("Die Adresse gibt es nicht — bitte prüfen."));
    golden("dsn.eml", &text);
}

fn golden(name: &str, found: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let found = found.replace('\r', "");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&path).unwrap(), "{name}; UPDATE_GOLDEN=1 writes it anew");
}

/// A bounce of the corpus as lines: the message it is about, then one line a recipient.
fn understood(name: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/letters").join(name);
    let Some(dsn) = read(&std::fs::read(path.with_extension("eml")).unwrap()) else { return Vec::new() };
    let about = dsn.original_message_id.unwrap_or_default();
    let recipient = |one: &DsnRecipient| {
        let original = one.original.as_ref().map(|original| format!(" for {original}")).unwrap_or_default();
        let (said, by) = (one.diagnostic.as_deref().unwrap_or("-"), one.remote_mta.as_deref().unwrap_or("-"));
        format!("{}{original} {} {} by {by}: {said}", one.address, one.action.word(), one.status)
    };
    std::iter::once(about).chain(dsn.recipients.iter().map(recipient)).collect()
}

#[test]
fn bounces_in_words_are_understood() {
    let table: [(&str, &[&str]); 9] = [
        (
            "bounce-qmail",
            &[
                "boat.1@sender.example",
                "ben@recipient.example failed 5.1.1 by -: 550 5.1.1 <ben@recipient.example>: Recipient address \
                 rejected: User unknown Giving up on 192.0.2.25.",
                "cleo@nowhere.example failed 5.1.2 by -: Sorry, I couldn't find any host named nowhere.example. (#5.1.2)",
            ],
        ),
        (
            "bounce-exim",
            &[
                "boat.2@sender.example",
                "ben@recipient.example for ben@alias.example failed 5.1.1 by mx.recipient.example: 550 5.1.1 User unknown",
            ],
        ),
        (
            "bounce-exim-delay",
            &[
                "boat.3@sender.example",
                "ben@recipient.example delayed 4.2.2 by mx.recipient.example: 452 4.2.2 Mailbox full",
            ],
        ),
        (
            "bounce-postfix-stripped",
            &[
                "boat.4@sender.example",
                "ben@recipient.example for ben@alias.example failed 5.1.1 by mx.recipient.example: 550 5.1.1 \
                 <ben@recipient.example>: Recipient address rejected: User unknown (in reply to RCPT TO command)",
                "cleo@full.example failed 5.2.2 by mx.full.example: 552 5.2.2 Over quota (in reply to end of DATA command)",
            ],
        ),
        (
            "bounce-exchange",
            &[
                "boat.5@sender.example",
                "ben@recipient.example failed 5.1.1 by mail.recipient.example: The e-mail account does not exist at the \
                 organization this message was sent to. Check the e-mail address, or contact the recipient directly to \
                 find out the correct address. <mail.recipient.example #5.1.1>",
            ],
        ),
        (
            "bounce-exchange-online",
            &[
                "boat.6@sender.example",
                "ben@recipient.example failed 5.1.10 by -: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not \
                 found by SMTP address lookup'",
            ],
        ),
        (
            "bounce-gmail-old",
            &[
                "boat.7@sender.example",
                "ben@recipient.example failed 5.1.1 by mx.recipient.example: 550 5.1.1 User unknown",
                "cleo@recipient.example failed 5.1.1 by mx.recipient.example: 550 5.1.1 User unknown",
            ],
        ),
        (
            "bounce-gmail-old-delay",
            &[
                "boat.8@sender.example",
                "ben@recipient.example delayed 4.0.0 by -: Message will be retried for 2 more day(s) Technical details \
                 of temporary failure: The recipient server did not accept our requests to connect. \
                 [mx.recipient.example. (10): Connection refused]",
            ],
        ),
        ("bounce-passed-on", &[]),
    ];
    for (name, expected) in table {
        assert_eq!(understood(name), expected, "{name}");
    }
}

#[test]
fn an_address_that_is_not_ascii_goes_through_a_report() {
    let recipients = [failed("jürgen@bücher.example")];
    let report = Report {
        reporting_mta: "postrider.example.net",
        from: Address::new(None, "postmaster@example.net"),
        to: Address::new(None, "me@example.net"),
        date: "2026-11-03T13:32:05Z".parse().unwrap(),
        utc_offset: Offset::UTC,
        arrival: None,
        envelope_id: None,
        recipients: &recipients,
        explanation: "No.\n",
        original: b"Subject: x\r\n\r\n",
    };
    let bytes = write(&report, &mut StdRng::seed_from_u64(1));
    assert!(String::from_utf8_lossy(&bytes).contains("Final-Recipient: utf-8; j\\x{FC}rgen@b\\x{FC}cher.example"));
    assert_eq!(read(&bytes).unwrap().recipients, recipients);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_as_a_bounce_or_not(text in "(Hi. This is|This message was created automatically by mail delivery software\n)?(\\PC|\n|<a@b.test>:|  a@b.test\n|-{3,6}){0,60}") {
        let _ = read(format!("From: MAILER-DAEMON@x.test\n\n{text}").as_bytes());
    }
}
