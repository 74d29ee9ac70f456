//! Delivery status notifications (RFC 3464) in a multipart/report (RFC 6522), one recipient each.

use jiff::Timestamp;

use crate::fate::{Envelope, Recipient};
use crate::mime::{Entity, slice};
use crate::writer::{self, Part};

/// What happened to the recipient (RFC 3464 §2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Failed,
    Delayed,
}

/// Why a message did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loss {
    pub(crate) action: Action,
    pub(crate) status: String,
    /// What the last server said, on one line.
    pub(crate) reply: String,
}

impl Loss {
    pub(crate) fn failed(status: &str, reply: &str) -> Self {
        Self { action: Action::Failed, status: status.to_owned(), reply: reply.to_owned() }
    }

    pub(crate) fn delayed(status: &str, reply: &str) -> Self {
        Self { action: Action::Delayed, status: status.to_owned(), reply: reply.to_owned() }
    }
}

/// All that a notification tells.
pub(crate) struct Report<'a> {
    /// The host that writes it.
    pub(crate) reporter: &'a str,
    pub(crate) envelope: &'a Envelope,
    pub(crate) recipient: &'a Recipient,
    pub(crate) loss: &'a Loss,
    pub(crate) at: Timestamp,
}

/// Writes the notification about `original`.
pub(crate) fn write(report: &Report<'_>, original: &[u8]) -> Vec<u8> {
    let domain = report.reporter.split_once('.').map_or(report.reporter, |(_, domain)| domain);
    let fields = [
        ("Return-Path", "<>".to_owned()),
        ("From", writer::mailbox("utf-8", "Mail Delivery System", &format!("MAILER-DAEMON@{domain}"))),
        ("To", report.envelope.sender.clone()),
        ("Subject", subject(report.loss.action).to_owned()),
        ("Date", writer::date(report.at, 0)),
        ("Message-ID", format!("<dsn.{}@{}>", report.at.as_nanosecond(), report.reporter)),
        ("Auto-Submitted", "auto-replied".to_owned()),
    ];
    let header = slice(original, &Entity::parse(original).header);
    let parts = vec![
        Part::text("text/plain", "us-ascii", &explanation(report)),
        Part::leaf("message/delivery-status", delivery_status(report)),
        Part::leaf("text/rfc822-headers", header),
    ];
    writer::letter(&fields, &Part::many("multipart/report; report-type=delivery-status", parts))
}

fn subject(action: Action) -> &'static str {
    match action {
        Action::Failed => "Undelivered Mail Returned to Sender",
        Action::Delayed => "Delayed Mail (still being retried)",
    }
}

fn explanation(report: &Report<'_>) -> String {
    let Report { reporter, recipient, loss, .. } = report;
    let what = match loss.action {
        Action::Failed => "could not be delivered to one of its recipients. Its header is attached.",
        Action::Delayed => "has not been delivered yet. There is nothing that you need to do; it is tried again.",
    };
    format!(
        "This is the mail system at host {reporter}.\n\nYour message {what}\n\n<{}>:\n    {}\n",
        recipient.address, loss.reply
    )
}

fn delivery_status(report: &Report<'_>) -> String {
    let Report { reporter, envelope, recipient, loss, at } = report;
    let mut text = String::new();
    let mut line = |name: &str, value: &str| text.push_str(&format!("{name}: {value}\r\n"));
    if let Some(id) = &envelope.envelope_id {
        line("Original-Envelope-Id", id);
    }
    line("Reporting-MTA", &format!("dns; {reporter}"));
    line("Arrival-Date", &writer::date(*at, 0));
    text.push_str("\r\n");
    let mut line = |name: &str, value: &str| text.push_str(&format!("{name}: {value}\r\n"));
    if let Some(original) = &recipient.original {
        line("Original-Recipient", original);
    }
    line("Final-Recipient", &format!("rfc822; {}", recipient.address));
    let action = match loss.action {
        Action::Failed => "failed",
        Action::Delayed => "delayed",
    };
    line("Action", action);
    line("Status", &loss.status);
    line("Remote-MTA", &format!("dns; {}", remote_host(recipient)));
    line("Diagnostic-Code", &format!("smtp; {}", loss.reply));
    line("Last-Attempt-Date", &writer::date(*at, 0));
    text
}

fn remote_host(recipient: &Recipient) -> String {
    recipient.address.rsplit_once('@').map_or_else(String::new, |(_, domain)| format!("mx.{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::command::MailParameters;

    #[test]
    fn a_notification_names_envelope_recipient_status_and_returns_the_header() {
        let parameters = MailParameters { envelope_id: Some("E1".into()), ..MailParameters::default() };
        let envelope = Envelope::new("client.test".into(), "you@practice.test".into(), parameters);
        let recipient =
            Recipient { address: "gone@bounce.test".into(), original: Some("rfc822;gone@bounce.test".into()) };
        let loss = Loss::failed("5.1.1", "550 5.1.1 User unknown");
        let at = Timestamp::UNIX_EPOCH;
        let report =
            Report { reporter: "mx.bounce.test", envelope: &envelope, recipient: &recipient, loss: &loss, at };
        let bytes = write(&report, b"Message-ID: <1@practice.test>\r\nSubject: Hi\r\n\r\nsecret body\r\n");
        let letter = Entity::parse(&bytes);
        let part =
            |number| String::from_utf8_lossy(slice(&bytes, &letter.part(&[number]).unwrap().body)).into_owned();
        assert_eq!(letter.content_type.parameter("report-type"), Some("delivery-status"));
        let status = part(2);
        for line in [
            "Original-Envelope-Id: E1\r\n",
            "Reporting-MTA: dns; mx.bounce.test\r\n",
            "\r\n\r\nOriginal-Recipient: rfc822;gone@bounce.test\r\nFinal-Recipient: rfc822; gone@bounce.test\r\n",
            "Action: failed\r\nStatus: 5.1.1\r\n",
            "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n",
        ] {
            assert!(status.contains(line), "{line} in {status}");
        }
        assert!(part(3).contains("Message-ID: <1@practice.test>"));
        assert!(!String::from_utf8_lossy(&bytes).contains("secret body"));
    }
}
