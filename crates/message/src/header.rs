//! Header fields, written (RFC 5322 §2.2, RFC 2047): each ends in CRLF, is folded, is ASCII, and can hold no line end
//! that was not meant.

use crate::MAX_LINE;
use crate::mime::{self, RawField};
use jiff::{Timestamp, tz::Offset};
use model::{Address, EmailAddress};

/// Where a line is folded (RFC 5322 §2.1.1).
const FOLD: usize = 76;
/// A word that is longer is encoded, in pieces: RFC 2047 has room for them, a line of 998 has not.
const MAX_WORD: usize = 200;

/// A field whose value is text.
pub(crate) fn text(name: &str, value: &str) -> String {
    let value = one_line(value);
    if is_plain(&value) {
        folded(name, value.split(' '))
    } else {
        folded(name, encoded_words(&value).iter().map(String::as_str))
    }
}

/// A field of addresses; the empty text where there are none.
pub(crate) fn addresses(name: &str, addresses: &[Address]) -> String {
    if addresses.is_empty() {
        return String::new();
    }
    let last = addresses.len() - 1;
    let mut words = Vec::new();
    for (at, address) in addresses.iter().enumerate() {
        words.extend(address.name.as_deref().map(phrase).unwrap_or_default());
        let comma = if at < last { "," } else { "" };
        words.push(match address.name {
            Some(_) => format!("<{}>{comma}", address.address),
            None => format!("{}{comma}", address.address),
        });
    }
    folded(name, words.iter().map(String::as_str))
}

/// A field of message identifiers.
pub(crate) fn ids(name: &str, ids: &[String]) -> String {
    if ids.is_empty() {
        return String::new();
    }
    let words: Vec<String> = ids.iter().map(|id| format!("<{id}>")).collect();
    folded(name, words.iter().map(String::as_str))
}

/// A Date field (RFC 5322 §3.3).
pub(crate) fn date(timestamp: Timestamp, offset: Offset) -> String {
    format!("Date: {}\r\n", date_text(timestamp, offset))
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

/// A field that came in 8-bit or too long, written anew.
pub(crate) fn rewrite(field: &RawField<'_>) -> String {
    let value = match mime::utf8_header(field.bytes) {
        std::borrow::Cow::Borrowed(_) => field.value(),
        std::borrow::Cow::Owned(bytes) => RawField { name: field.name, bytes: &bytes }.value(),
    };
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let name = field.name;
    let is_address = ["From", "To", "Cc", "Reply-To", "Sender", "Resent-From", "Resent-To", "Resent-Cc"]
        .iter()
        .any(|address_field| field.is(address_field));
    if is_address && !value.is_ascii() {
        let list = crate::envelope::addresses_of(&value);
        // What is an address travels as it is; what only looks like one is text.
        if list.iter().all(|a| a.address.is_ascii() || EmailAddress::parse(&a.address).is_ok()) {
            return addresses(name, &list);
        }
    }
    if name.len() > MAX_WORD {
        // No field is called so, and no line could hold it.
        return String::new();
    }
    if value.is_ascii() && value.split_ascii_whitespace().all(|word| word.len() < MAX_LINE - name.len() - 2) {
        return folded(name, value.split_ascii_whitespace());
    }
    folded(name, encoded_words(&value).iter().map(String::as_str))
}

/// The words in lines of [`FOLD`] characters where they allow it. A name alone on its line would be an empty field to
/// some readers: the first word stays beside it.
fn folded<'a>(name: &str, words: impl Iterator<Item = &'a str>) -> String {
    let mut out = format!("{name}:");
    let mut column = out.len();
    for (at, word) in words.enumerate() {
        if at > 0 && column + 1 + word.len() > FOLD {
            out.push_str("\r\n ");
            column = 1;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out.push_str("\r\n");
    out
}

/// Without control characters, so that no value can begin another field.
fn one_line(value: &str) -> String {
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether it can stand as it is. An encoded word that somebody typed must read as typed, and an endless word must
/// fold: both are encoded.
fn is_plain(value: &str) -> bool {
    value.is_ascii() && !value.contains("=?") && value.split(' ').all(|word| word.len() <= MAX_WORD)
}

/// A display name: atoms, a quoted string, or encoded words.
fn phrase(name: &str) -> Vec<String> {
    let name = one_line(name);
    let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~ ".contains(c);
    if !is_plain(&name) {
        encoded_words(&name)
    } else if name.chars().all(is_atom) {
        name.split(' ').map(str::to_owned).collect()
    } else {
        let quoted = format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
        quoted.split(' ').map(str::to_owned).collect()
    }
}

/// RFC 2047: words of at most 75 characters, none of which splits a character; white space between two of them is
/// not shown, so that what belongs between is in the first.
pub(crate) fn encoded_words(text: &str) -> Vec<String> {
    const ROOM: usize = 45;
    let mut words = Vec::new();
    let mut piece = String::new();
    for c in text.chars() {
        if piece.len() + c.len_utf8() > ROOM {
            words.push(encoded_word(&std::mem::take(&mut piece)));
        }
        piece.push(c);
    }
    if !piece.is_empty() {
        words.push(encoded_word(&piece));
    }
    words
}

/// Q where most of it is readable so, B otherwise; the letters of Q are those that a phrase may hold (§5 (3)).
fn encoded_word(piece: &str) -> String {
    let stands = |byte: u8| byte.is_ascii_alphanumeric() || b"!*+-/".contains(&byte);
    let escaped = piece.bytes().filter(|byte| !stands(*byte) && *byte != b' ').count();
    if escaped * 2 + piece.len() > 62 || escaped * 3 > piece.len() * 2 {
        use base64::Engine;
        return format!("=?utf-8?B?{}?=", base64::prelude::BASE64_STANDARD.encode(piece));
    }
    let mut word = String::from("=?utf-8?Q?");
    for byte in piece.bytes() {
        match byte {
            b' ' => word.push('_'),
            byte if stands(byte) => word.push(char::from(byte)),
            byte => word.push_str(&format!("={byte:02X}")),
        }
    }
    word + "?="
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_folded_ascii_and_hold_no_line_end_of_their_own() {
        let table = [
            (text("Subject", "Hello"), "Subject: Hello\r\n"),
            (text("Subject", ""), "Subject: \r\n"),
            (text("Subject", "a\r\nBcc: x@example.org"), "Subject: a Bcc: x@example.org\r\n"),
            (text("Subject", "Grüße"), "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"),
            (text("Subject", "Die Grüße von heute"), "Subject: =?utf-8?Q?Die_Gr=C3=BC=C3=9Fe_von_heute?=\r\n"),
            (text("Subject", "=?utf-8?q?x?="), "Subject: =?utf-8?Q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=\r\n"),
            (
                addresses("To", &[Address::new(Some("Anna".into()), "a@b.test"), Address::new(None, "c@d.test")]),
                "To: Anna <a@b.test>, c@d.test\r\n",
            ),
            (
                addresses("To", &[Address::new(Some("Doe, \"J\"".into()), "a@b.test")]),
                "To: \"Doe, \\\"J\\\"\" <a@b.test>\r\n",
            ),
            (ids("References", &["a@b".into(), "c@d".into()]), "References: <a@b> <c@d>\r\n"),
        ];
        for (field, expected) in table {
            assert_eq!(field, expected);
        }
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
