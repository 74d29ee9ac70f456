//! Header fields, written (RFC 5322 §2.2, RFC 2047): each ends in CRLF, is folded, is ASCII, and can hold no line end
//! that was not meant. lettre folds and encodes; what it is given here has been made safe first.
//!
//! Two things are written here, with the encoder that lettre itself stands on. Address lists: lettre's are not folded
//! between plain addresses, so that forty of them pass 998 octets, and a name with a comma or an apostrophe becomes
//! base64, which some filters hold against it. And text that must be encoded although it is ASCII.

use crate::MAX_LINE;
use crate::mime::{self, RawField};
use email_encoding::headers::{rfc2047, rfc2231, writer::EmailWriter};
use jiff::{Timestamp, tz::Offset};
use lettre::message::header::{HeaderName, HeaderValue, Headers};
use model::{Address, EmailAddress};
use std::fmt::{self, Write};

/// A word that is longer is encoded, in pieces: RFC 2047 has room for them, a line of 998 has not.
const MAX_WORD: usize = 200;
/// Octets of an address (RFC 5321 §4.5.3.1).
const MAX_ADDRESS: usize = 64 + 1 + 255;

/// One of the names that are written here.
pub(crate) fn name(name: &'static str) -> HeaderName {
    HeaderName::new_from_ascii_str(name)
}

/// A field as it stands in a header, with its CRLF.
pub(crate) fn line(field: HeaderValue) -> String {
    let mut headers = Headers::new();
    headers.insert_raw(field);
    headers.to_string()
}

/// A field whose value is text.
pub(crate) fn text(name: HeaderName, value: &str) -> HeaderValue {
    let value = one_line(value);
    if value.contains("=?") || has_long_word(&value) {
        folded(name, |out| rfc2047::encode(&value, out))
    } else {
        HeaderValue::new(name, value)
    }
}

/// A field of addresses; `None` where there are none.
pub(crate) fn addresses(name: HeaderName, addresses: &[Address]) -> Option<HeaderValue> {
    let write = |out: &mut EmailWriter<'_>| {
        for (at, address) in addresses.iter().enumerate() {
            if at > 0 {
                out.write_char(',')?;
                out.space();
            }
            match &address.name {
                Some(name) => {
                    phrase(name, out)?;
                    out.space();
                    out.folding().write_str(&format!("<{}>", address.address))?;
                }
                None => out.folding().write_str(&address.address)?,
            }
        }
        Ok(())
    };
    (!addresses.is_empty()).then(|| folded(name, write))
}

/// A field of message identifiers; `None` where there are none.
pub(crate) fn ids(name: HeaderName, ids: &[String]) -> Option<HeaderValue> {
    let words: Vec<String> = ids.iter().map(|id| format!("<{id}>")).collect();
    (!words.is_empty()).then(|| HeaderValue::new(name, words.join(" ")))
}

/// A Date field (RFC 5322 §3.3). lettre's own is in UTC always.
pub(crate) fn date(timestamp: Timestamp, offset: Offset) -> HeaderValue {
    HeaderValue::new(name("Date"), date_text(timestamp, offset))
}

/// The date and time there, as RFC 5322 §3.3 writes it. Offsets have minutes, no seconds.
pub(crate) fn date_text(timestamp: Timestamp, offset: Offset) -> String {
    let whole = Offset::from_seconds(offset.seconds() / 60 * 60).unwrap_or(Offset::UTC);
    whole.to_datetime(timestamp).strftime("%a, %d %b %Y %H:%M:%S ").to_string() + &zone(whole)
}

fn zone(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// An identifier that nobody else makes: 125 random bits, at this domain. It says nothing of the computer.
pub(crate) fn new_id(random: &mut impl rand::RngCore, domain: &str) -> String {
    format!("{}@{domain}", token(random))
}

/// 25 letters and digits, five random bits each.
pub(crate) fn token(random: &mut impl rand::RngCore) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = [0; 25];
    random.fill_bytes(&mut bytes);
    bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32))).map(|letter| char::from(*letter)).collect()
}

/// A field that came in 8-bit or too long, written anew. What is encoded in it already stays so.
pub(crate) fn rewrite(field: &RawField<'_>) -> String {
    let value = match mime::utf8_header(field.bytes) {
        std::borrow::Cow::Borrowed(_) => field.value(),
        std::borrow::Cow::Owned(bytes) => RawField { name: field.name, bytes: &bytes }.value(),
    };
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // No field has a name that lettre would not take, and no line could hold it.
    let Ok(name) = HeaderName::new_from_ascii(field.name.to_owned()) else { return String::new() };
    let is_address = ["From", "To", "Cc", "Reply-To", "Sender", "Resent-From", "Resent-To", "Resent-Cc"]
        .iter()
        .any(|address_field| field.is(address_field));
    if is_address && !value.is_ascii() {
        let list = crate::envelope::addresses_of(&value);
        // What is an address travels as it is; what only looks like one is text.
        let plain = |address: &str| address.is_ascii() && address.len() <= MAX_ADDRESS;
        if list.iter().all(|a| plain(&a.address) || EmailAddress::parse(&a.address).is_ok()) {
            return addresses(name, &list).map(line).unwrap_or_default();
        }
    }
    if !value.is_ascii() && (field.is("Content-Type") || field.is("Content-Disposition")) {
        return with_parameters(name, &value).map(line).unwrap_or_default();
    }
    line(if value.split_ascii_whitespace().any(|word| word.len() + name.len() + 2 > MAX_LINE) {
        folded(name, |out| rfc2047::encode(&value, out))
    } else {
        HeaderValue::new(name, value)
    })
}

/// A value whose parameters are encoded each by itself (RFC 2231): a reader looks for them by name.
fn with_parameters(name: HeaderName, value: &str) -> Option<HeaderValue> {
    let (itself, parameters) = mime::parameters(value)?;
    let write = |out: &mut EmailWriter<'_>| {
        out.write_str(&itself)?;
        for (key, value) in parameters.iter().filter(|(key, _)| key.len() < 40 && key.is_ascii()) {
            let value = one_line(value);
            if value.is_ascii() && !has_long_word(&value) {
                out.write_char(';')?;
                out.space();
                out.folding().write_str(&format!("{key}={}", quoted(&value)))?;
            } else if key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                out.write_char(';')?;
                out.space();
                rfc2231::encode(key, &value, out)?;
            }
        }
        Ok(())
    };
    (itself.is_ascii() && itself.len() <= MAX_WORD).then(|| folded(name, write))
}

/// A value in lines of 76 characters where its words allow it. The first word stays beside the name: a name alone on
/// its line would be an empty field to some readers.
fn folded(name: HeaderName, write: impl FnOnce(&mut EmailWriter<'_>) -> fmt::Result) -> HeaderValue {
    let mut value = String::new();
    let mut out = EmailWriter::new(&mut value, name.len() + 2, 0, false);
    // A String takes whatever is written to it.
    let _: fmt::Result = write(&mut out);
    drop(out);
    HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value)
}

/// Without control characters, so that no value can begin another field.
fn one_line(value: &str) -> String {
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn has_long_word(value: &str) -> bool {
    value.split(' ').any(|word| word.len() > MAX_WORD)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A display name: atoms, a quoted string, or encoded words. An encoded word that somebody typed must read as typed.
fn phrase(name: &str, out: &mut EmailWriter<'_>) -> fmt::Result {
    let name = one_line(name);
    let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~ ".contains(c);
    if !name.is_ascii() || name.contains("=?") || has_long_word(&name) {
        rfc2047::encode(&name, out)
    } else if name.chars().all(is_atom) {
        out.folding().write_str(&name)
    } else {
        out.folding().write_str(&quoted(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(value: &str) -> String {
        line(text(name("Subject"), value))
    }

    fn to(list: &[Address]) -> String {
        addresses(name("To"), list).map(line).unwrap_or_default()
    }

    fn to_named(name: &str) -> String {
        to(&[Address::new(Some(name.to_owned()), "a@b.test")])
    }

    #[test]
    fn fields_are_folded_ascii_and_hold_no_line_end_of_their_own() {
        let ids = ids(name("References"), &["a@b".into(), "c@d".into()]).map(line);
        let table = [
            (subject("Hello"), "Subject: Hello\r\n"),
            (subject(""), "Subject: \r\n"),
            (subject("a\r\nBcc: x@example.org"), "Subject: a Bcc: x@example.org\r\n"),
            (subject("Grüße"), "Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n"),
            (subject("Die Grüße von heute"), "Subject: Die =?utf-8?b?R3LDvMOfZQ==?= von heute\r\n"),
            (subject("=?utf-8?q?x?="), "Subject: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?=\r\n"),
            (to(&[]), ""),
            (
                to(&[Address::new(Some("Anna".into()), "a@b.test"), Address::new(None, "c@d.test")]),
                "To: Anna <a@b.test>, c@d.test\r\n",
            ),
            (to_named("Anna O'Brien"), "To: Anna O'Brien <a@b.test>\r\n"),
            (to_named("J. Doe"), "To: \"J. Doe\" <a@b.test>\r\n"),
            (to_named("Doe, \"J\""), "To: \"Doe, \\\"J\\\"\" <a@b.test>\r\n"),
            (to_named("=?utf-8?q?x?="), "To: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@b.test>\r\n"),
            (to_named("Jürgen"), "To: =?utf-8?b?SsO8cmdlbg==?= <a@b.test>\r\n"),
            (ids.unwrap(), "References: <a@b> <c@d>\r\n"),
        ];
        for (field, expected) in table {
            assert_eq!(field, expected);
        }
    }

    #[test]
    fn a_long_list_is_folded_between_its_addresses() {
        for label in [None, Some("Anna"), Some("Anna, of Ávila")] {
            let list: Vec<Address> =
                (0..200).map(|n| Address::new(label.map(str::to_owned), format!("anna{n}@example.org"))).collect();
            let field = to(&list);
            assert!(field.lines().all(|line| line.len() <= 78), "{field}");
            assert_eq!(crate::parse(field.as_bytes()).to, list);
        }
    }

    #[test]
    fn a_word_that_no_line_could_hold_is_encoded() {
        let endless = "x".repeat(2_000);
        for field in [subject(&endless), to_named(&endless), to_named(&format!("a, {endless}"))] {
            assert!(field.lines().all(|line| line.len() <= 78), "{field}");
        }
        assert_eq!(crate::parse(subject(&endless).as_bytes()).subject, endless);
    }

    #[test]
    fn dates_carry_the_offset_of_the_writer() {
        let at: Timestamp = "2026-11-03T13:32:05Z".parse().unwrap();
        let table = [
            (Offset::UTC, "Tue, 03 Nov 2026 13:32:05 +0000"),
            (Offset::from_seconds(3600).unwrap(), "Tue, 03 Nov 2026 14:32:05 +0100"),
            (Offset::from_seconds(-12_600).unwrap(), "Tue, 03 Nov 2026 10:02:05 -0330"),
        ];
        for (offset, text) in table {
            assert_eq!(date_text(at, offset), text);
        }
    }
}
