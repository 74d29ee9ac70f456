//! The commands of an envelope and their parameters: pure.
//!
//! A parameter goes out only where the server offers its extension:
//!
//! | parameter | when | RFC |
//! |---|---|---|
//! | `SIZE=` | always | 1870 |
//! | `BODY=8BITMIME` | there are octets above 127 | 6152 |
//! | `SMTPUTF8` | an address or a header field is not ASCII | 6531 |
//! | `REQUIRETLS` | the message asks for it | 8689 |
//! | `RET=HDRS`, `ENVID=` | there is a sender to notify | 3461 |
//! | `NOTIFY=FAILURE,DELAY`, `ORCPT=` | the same | 3461, 6533 |
//!
//! Success is not asked for: it would tell the recipient's server that somebody waits, and the reply says it already.

use crate::capabilities::{Capabilities, SizeLimit};
use crate::content::Letter;
use model::EmailAddress;
use std::fmt::Write as _;

/// Octets of an envelope identifier, as it is written (RFC 3461 §4.4).
const LONGEST_ENVID: usize = 100;
/// Octets of an original recipient, as it is written (RFC 3461 §4.2).
const LONGEST_ORCPT: usize = 500;

/// The commands of an envelope.
pub(crate) struct Envelope {
    pub(crate) mail: String,
    pub(crate) rcpt: Vec<String>,
}

/// Whether a transaction needs addresses or header fields beyond ASCII (RFC 6531 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    Ascii,
    Utf8,
}

impl Envelope {
    /// The commands for these recipients.
    pub(crate) fn new<C: ?Sized>(
        letter: &Letter<'_, C>,
        recipients: &[&EmailAddress],
        offered: &Capabilities,
    ) -> Self {
        let sender = letter.mail.sender;
        let notify = offered.dsn && sender.is_some();
        let utf8 = sender.into_iter().chain(recipients.iter().copied()).any(EmailAddress::needs_utf8);
        let script = if utf8 { Script::Utf8 } else { letter.header };
        let rcpt = |recipient: &&EmailAddress| rcpt_command(recipient, notify);
        Self { mail: mail_command(letter, script, notify, offered), rcpt: recipients.iter().map(rcpt).collect() }
    }

    /// All of them, in order.
    pub(crate) fn commands(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.mail.as_str()).chain(self.rcpt.iter().map(String::as_str))
    }
}

fn mail_command<C: ?Sized>(letter: &Letter<'_, C>, script: Script, notify: bool, offered: &Capabilities) -> String {
    let mut command = match letter.mail.sender {
        Some(sender) => format!("MAIL FROM:<{sender}>"),
        None => "MAIL FROM:<>".to_owned(),
    };
    if offered.size != SizeLimit::NotOffered {
        let _ = write!(command, " SIZE={}", letter.size);
    }
    if letter.eight_bit && offered.eight_bit_mime {
        command.push_str(" BODY=8BITMIME");
    }
    if script == Script::Utf8 {
        command.push_str(" SMTPUTF8");
    }
    if letter.mail.require_tls {
        command.push_str(" REQUIRETLS");
    }
    if notify {
        command.push_str(" RET=HDRS");
        if let Some(id) = letter.mail.envelope_id.and_then(envelope_id) {
            let _ = write!(command, " ENVID={id}");
        }
    }
    command
}

fn rcpt_command(recipient: &EmailAddress, notify: bool) -> String {
    let mut command = format!("RCPT TO:<{recipient}>");
    if notify {
        command.push_str(" NOTIFY=FAILURE,DELAY");
        let original = original_recipient(recipient);
        if original.len() <= LONGEST_ORCPT {
            let _ = write!(command, " ORCPT={original}");
        }
    }
    command
}

/// An envelope identifier as it is written, where it can be: printable ASCII, not empty and not too long.
fn envelope_id(id: &str) -> Option<String> {
    let printable = !id.is_empty() && id.bytes().all(|octet| octet == b' ' || octet.is_ascii_graphic());
    Some(xtext(id)).filter(|written| printable && written.len() <= LONGEST_ENVID)
}

/// The recipient with the type of the address before it.
fn original_recipient(recipient: &EmailAddress) -> String {
    let address = recipient.to_string();
    if recipient.needs_utf8() {
        format!("utf-8;{}", utf8_xtext(&address))
    } else {
        format!("rfc822;{}", xtext(&address))
    }
}

/// RFC 3461 §4: what is not a printable character, and `+` and `=`, as `+` and two hexadecimal digits.
fn xtext(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut written, octet| {
        if octet.is_ascii_graphic() && !b"+=".contains(&octet) {
            written.push(char::from(octet));
        } else {
            let _ = write!(written, "+{octet:02X}");
        }
        written
    })
}

/// RFC 6533 §3, `utf-8-addr-xtext`: what is not a printable character, and `+`, `=` and `\`, by its number in Unicode.
fn utf8_xtext(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut written, c| {
        if c.is_ascii_graphic() && !"+=\\".contains(c) {
            written.push(c);
        } else {
            let _ = write!(written, "\\x{{{:02X}}}", u32::from(c));
        }
        written
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Mail;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    #[test]
    fn an_envelope_identifier_is_written_so_that_it_stays_one_word() {
        let table = [
            ("17.1a2b", Some("17.1a2b".to_owned())),
            ("a+b=c d", Some("a+2Bb+3Dc+20d".to_owned())),
            ("<x@here.test>", Some("<x@here.test>".to_owned())),
            ("", None),
            ("a\r\nRCPT TO:<x@y.test>", None),
            ("j\u{fc}rgen", None),
        ];
        for (id, expected) in table {
            assert_eq!(envelope_id(id), expected, "{id:?}");
        }
        assert_eq!(envelope_id(&"x".repeat(100)).map(|id| id.len()), Some(100));
        assert_eq!(envelope_id(&"x".repeat(101)), None);
        assert_eq!(envelope_id(&"=".repeat(34)), None, "its length is counted as it is written");
    }

    #[test]
    fn the_original_recipient_says_what_kind_of_address_it_is() {
        let table = [
            ("anna@there.test", "rfc822;anna@there.test"),
            ("anna+news@there.test", "rfc822;anna+2Bnews@there.test"),
            ("\"a b\"@there.test", "rfc822;\"a+20b\"@there.test"),
            ("j\u{fc}rgen+x@there.test", "utf-8;j\\x{FC}rgen\\x{2B}x@there.test"),
            ("\u{1f4ee}@there.test", "utf-8;\\x{1F4EE}@there.test"),
        ];
        for (recipient, expected) in table {
            assert_eq!(original_recipient(&address(recipient)), expected);
        }
    }

    #[tokio::test]
    async fn a_notification_is_not_notified_of() {
        let to = address("anna@there.test");
        let offered = Capabilities { dsn: true, ..Capabilities::default() };
        let from = address("bert@here.test");
        let table: [(_, &[&str]); 2] = [
            (
                Some(&from),
                &[
                    "MAIL FROM:<bert@here.test> RET=HDRS ENVID=17.1a2b",
                    "RCPT TO:<anna@there.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;anna@there.test",
                ],
            ),
            (None, &["MAIL FROM:<>", "RCPT TO:<anna@there.test>"]),
        ];
        for (sender, expected) in table {
            let recipients = std::slice::from_ref(&to);
            let mail =
                Mail { sender, recipients, eight_bit: false, envelope_id: Some("17.1a2b"), require_tls: false };
            let letter = Letter::open(&mail, &b"x"[..]).await.unwrap();
            let envelope = Envelope::new(&letter, &[&to], &offered);
            assert_eq!(envelope.commands().collect::<Vec<_>>(), expected);
        }
    }
}
