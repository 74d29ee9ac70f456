//! What `sendmail -t` takes from the headers of a message and adds to them (RFC 5322 §3.6; RFC 6409 §8).

use crate::mime::{RawField, header_fields, raw_fields};
use crate::{has_long_lines, header, normalise_line_ends, to_seven_bit};
use jiff::{Timestamp, tz::Offset};
use mail_parser::{HeaderName, HeaderValue};
use model::{Address, EmailAddress};

/// The envelope that the headers give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderEnvelope {
    /// The address in From (Resent-From where the message was resent).
    pub from: Option<EmailAddress>,
    /// The addresses in To, Cc and Bcc (their Resent- forms where the message was resent), each once.
    pub recipients: Vec<EmailAddress>,
    /// What stands there and is not an address.
    pub invalid: Vec<String>,
}

/// What a message gets where it has none of its own.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// From.
    pub from: Address,
    /// Date.
    pub date: Timestamp,
    /// The offset from UTC in which the date is written.
    pub utc_offset: Offset,
}

/// The envelope that the headers give.
pub fn from_headers(raw: &[u8]) -> HeaderEnvelope {
    let (fields, _) = raw_fields(raw);
    let resent = fields.iter().any(|f| f.is("Resent-To") || f.is("Resent-Cc") || f.is("Resent-Bcc"));
    let (from, to) = if resent {
        ("Resent-From", ["Resent-To", "Resent-Cc", "Resent-Bcc"])
    } else {
        ("From", ["To", "Cc", "Bcc"])
    };
    let mut envelope = HeaderEnvelope::default();
    let senders = fields.iter().filter(|field| field.is(from)).flat_map(addresses_in);
    envelope.from = senders.filter_map(|address| EmailAddress::parse(&address.address).ok()).next();
    for name in to {
        for address in fields.iter().filter(|field| field.is(name)).flat_map(addresses_in) {
            match EmailAddress::parse(&address.address) {
                Ok(recipient) if envelope.recipients.contains(&recipient) => {}
                Ok(recipient) => envelope.recipients.push(recipient),
                Err(_) => envelope.invalid.push(address.to_string()),
            }
        }
    }
    envelope
}

/// The message without its Bcc and Resent-Bcc headers.
pub fn strip_bcc(raw: &[u8]) -> Vec<u8> {
    let (fields, body) = raw_fields(raw);
    let mut out = Vec::with_capacity(raw.len());
    for field in fields.iter().filter(|field| !is_blind(field)) {
        out.extend_from_slice(field.bytes);
    }
    let line_end: &[u8] = if raw.windows(2).any(|pair| pair == b"\r\n") { b"\r\n" } else { b"\n" };
    if !out.is_empty() && !out.ends_with(b"\n") {
        out.extend_from_slice(line_end);
    }
    out.extend_from_slice(line_end);
    out.extend_from_slice(body);
    out
}

/// The message made complete: normal line ends, the last line ended, lines of at most 998 octets, From, Date and Message-ID added where
/// they are missing, no Bcc, no Return-Path. With it comes its Message-ID, without angle brackets. Eight-bit text
/// stays as it is, for servers that take it; [`to_seven_bit`] is for the others.
pub fn complete(raw: &[u8], defaults: &Defaults, random: &mut impl rand::RngCore) -> (Vec<u8>, String) {
    let mut message = normalise_line_ends(raw);
    let (header, body_at, message_id) = complete_header(&message, defaults, random);
    // In place: the body may be large.
    message.splice(..body_at, header);
    if has_long_lines(&message) {
        message = to_seven_bit(&message).into_owned();
    }
    // The wire ends the last line in any case; what lies in the queue is what goes over it.
    if !message.ends_with(b"\r\n") {
        message.extend_from_slice(b"\r\n");
    }
    (message, message_id)
}

/// The header that a message with normal line ends gets, with the empty line behind it, where its body begins, and its
/// Message-ID.
fn complete_header(normal: &[u8], defaults: &Defaults, random: &mut impl rand::RngCore) -> (Vec<u8>, usize, String) {
    let (fields, body) = raw_fields(normal);
    let has = |name: &str| fields.iter().any(|field| field.is(name) && !field.value().is_empty());
    let mut out = Vec::new();
    let kept = |field: &&RawField<'_>| {
        let empty = (field.is("Message-ID") || field.is("Date") || field.is("From")) && field.value().is_empty();
        !is_blind(field) && !field.is("Return-Path") && !empty
    };
    for field in fields.iter().filter(kept) {
        out.extend_from_slice(field.bytes);
        if !field.bytes.ends_with(b"\n") {
            out.extend_from_slice(b"\r\n");
        }
    }
    let from = header::addresses(header::name("From"), std::slice::from_ref(&defaults.from));
    let date = header::date(defaults.date, defaults.utc_offset);
    let missing = [from.filter(|_| !has("From")), Some(date).filter(|_| !has("Date"))];
    for field in missing.into_iter().flatten() {
        out.extend_from_slice(header::line(field).as_bytes());
    }
    let given = crate::parse(&out).message_id.filter(|_| has("Message-ID"));
    let message_id = given.unwrap_or_else(|| {
        let domain = defaults.from.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        let id = header::new_id(random, domain);
        let field = header::ids(header::name("Message-ID"), std::slice::from_ref(&id));
        out.extend_from_slice(field.map(header::line).unwrap_or_default().as_bytes());
        id
    });
    out.extend_from_slice(b"\r\n");
    (out, normal.len() - body.len(), message_id)
}

fn is_blind(field: &RawField<'_>) -> bool {
    field.is("Bcc") || field.is("Resent-Bcc")
}

/// The addresses of one field, whatever its name.
fn addresses_in(field: &RawField<'_>) -> Vec<Address> {
    addresses_of(&field.value())
}

/// The addresses in a list of them. What is no address is there as it stands.
pub(crate) fn addresses_of(list: &str) -> Vec<Address> {
    let as_to = format!("To: {}\r\n", list.replace(['\r', '\n'], " "));
    let Some(message) = header_fields(as_to.as_bytes()) else { return Vec::new() };
    match message.header(HeaderName::To) {
        Some(HeaderValue::Address(list)) => list
            .iter()
            .filter(|addr| addr.address().is_some() || addr.name().is_some())
            .map(|addr| {
                let address = addr.address().or(addr.name()).unwrap_or_default();
                Address::new(addr.address().and(addr.name()).map(str::to_owned), address)
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    fn defaults() -> Defaults {
        Defaults {
            from: Address::new(None, "me@example.org"),
            date: "2026-11-03T13:32:05Z".parse().unwrap(),
            utc_offset: Offset::UTC,
        }
    }

    fn completed(raw: &str) -> String {
        String::from_utf8(complete(raw.as_bytes(), &defaults(), &mut StdRng::seed_from_u64(1)).0).unwrap()
    }

    #[test]
    fn recipients_come_from_to_cc_and_bcc_once_each() {
        let raw = "From: Me <me@example.org>\nTo: a@example.org, B <b@example.org>\nCc: a@example.org\n\
            Bcc: friends: c@example.org, nobody;\nTo: d@example.org\n\nTo: not@example.org\n";
        let envelope = from_headers(raw.as_bytes());
        let recipients: Vec<String> = envelope.recipients.iter().map(ToString::to_string).collect();
        assert_eq!(recipients, ["a@example.org", "b@example.org", "d@example.org", "c@example.org"]);
        assert_eq!(envelope.from.map(|from| from.to_string()).as_deref(), Some("me@example.org"));
        assert_eq!(envelope.invalid, ["nobody"]);
    }

    #[test]
    fn a_resent_message_goes_to_those_it_is_resent_to() {
        let raw = "From: a@example.org\nTo: b@example.org\nResent-From: c@example.org\nResent-To: d@example.org\n\n";
        let envelope = from_headers(raw.as_bytes());
        assert_eq!(envelope.recipients, [EmailAddress::parse("d@example.org").unwrap()]);
        assert_eq!(envelope.from, EmailAddress::parse("c@example.org").ok());
    }

    #[test]
    fn no_form_of_bcc_leaves() {
        let table = [
            ("To: a\nBcc: b\n\nx", "To: a\n\nx"),
            ("BCC: b,\n c\nTo: a\n\nx", "To: a\n\nx"),
            ("Resent-Bcc: b\r\nTo: a\r\n\r\nx", "To: a\r\n\r\nx"),
            ("Bcc : b\nTo: a\n\nBcc: in the body", "To: a\n\nBcc: in the body"),
        ];
        for (raw, stripped) in table {
            assert_eq!(strip_bcc(raw.as_bytes()), stripped.as_bytes(), "{raw}");
        }
    }

    #[test]
    fn what_is_missing_is_added_and_what_is_there_stays() {
        let bare = completed("Subject: x\nBcc: b@example.org\n\nbody\n");
        assert!(bare.starts_with("Subject: x\r\nFrom: me@example.org\r\nDate: Tue, 03 Nov 2026 13:32:05 +0000\r\n"));
        assert!(bare.contains("@example.org>\r\n\r\nbody\r\n") && !bare.contains("Bcc"), "{bare}");

        let whole = "From: a@example.org\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nMessage-ID: <x@y>\r\n\r\nb\r\n";
        assert_eq!(completed(whole), whole);
        assert_eq!(completed("no header at all\n").split("\r\n\r\n").nth(1), Some("no header at all\r\n"));
        assert!(completed("To: a@example.org\n\nan open end").ends_with("\r\n\r\nan open end\r\n"));
    }

    #[test]
    fn long_lines_are_made_short() {
        let raw = format!("To: a@example.org\nX-Long: {}\n\n{}\n", "word ".repeat(300), "x".repeat(3000));
        let (bytes, _) = complete(raw.as_bytes(), &defaults(), &mut StdRng::seed_from_u64(1));
        assert!(!has_long_lines(&bytes));
        assert_eq!(crate::parse(&bytes).text.unwrap().trim_end(), "x".repeat(3000));
    }
}
