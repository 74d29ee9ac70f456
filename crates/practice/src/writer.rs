//! Letters as bytes: header fields, encoded words (RFC 2047), parts and their transfer encodings (RFC 2045, 2046).
//!
//! Lines are folded at 76 characters where they may be, and end with CRLF.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use encoding_rs::Encoding;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

/// A part of a letter that is being written.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Leaf {
        content_type: String,
        /// Content-ID, Content-Disposition and such.
        fields: Vec<(&'static str, String)>,
        octets: Vec<u8>,
    },
    Many {
        /// Without its boundary.
        content_type: String,
        parts: Vec<Part>,
    },
}

impl Part {
    /// Text in a charset; `content_type` such as `text/plain`, with parameters but the charset where it has any.
    pub(crate) fn text(content_type: &str, charset: &str, text: &str) -> Self {
        let octets = in_charset(charset, &crlf(text));
        Self::Leaf { content_type: format!("{content_type}; charset={charset}"), fields: vec![], octets }
    }

    /// Anything else.
    pub(crate) fn leaf(content_type: impl Into<String>, octets: impl Into<Vec<u8>>) -> Self {
        Self::Leaf { content_type: content_type.into(), fields: vec![], octets: octets.into() }
    }

    /// Parts together.
    pub(crate) fn many(content_type: impl Into<String>, parts: Vec<Part>) -> Self {
        Self::Many { content_type: content_type.into(), parts }
    }

    /// The part with one more field.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Leaf { fields, .. } = &mut self {
            fields.push((name, value.into()));
        }
        self
    }
}

/// A whole letter: these header fields, then the part. Field values are already encoded, see [`phrase`].
pub(crate) fn letter(fields: &[(&str, String)], part: &Part) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.extend_from_slice(field(name, value).as_bytes());
    }
    bytes.extend_from_slice(b"MIME-Version: 1.0\r\n");
    write_part(&mut bytes, part, "0");
    bytes
}

fn write_part(bytes: &mut Vec<u8>, part: &Part, path: &str) {
    match part {
        Part::Leaf { content_type, fields, octets } => {
            let (encoding, body) = encode_body(content_type, octets);
            bytes.extend_from_slice(field("Content-Type", content_type).as_bytes());
            bytes.extend_from_slice(field("Content-Transfer-Encoding", encoding).as_bytes());
            for (name, value) in fields {
                bytes.extend_from_slice(field(name, value).as_bytes());
            }
            bytes.extend_from_slice(b"\r\n");
            bytes.extend_from_slice(&body);
            if !body.ends_with(b"\n") {
                bytes.extend_from_slice(b"\r\n");
            }
        }
        Part::Many { content_type, parts } => {
            // "=_" is in no encoded text (RFC 2045 §6.7), the path keeps nested boundaries apart.
            let boundary = format!("=_practice_{path}");
            bytes.extend_from_slice(
                field("Content-Type", &format!("{content_type}; boundary=\"{boundary}\"")).as_bytes(),
            );
            bytes.extend_from_slice(b"\r\n");
            for (number, part) in parts.iter().enumerate() {
                bytes.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
                write_part(bytes, part, &format!("{path}.{number}"));
            }
            bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        }
    }
}

/// The transfer encoding that suits the octets, and the octets in it.
fn encode_body(content_type: &str, octets: &[u8]) -> (&'static str, Vec<u8>) {
    let textual = content_type.starts_with("text/") || content_type.starts_with("message/");
    let high = octets.iter().filter(|octet| !octet.is_ascii()).count();
    let short = octets.split(|octet| *octet == b'\n').all(|line| line.len() <= 200);
    match (textual, high) {
        (true, 0) if short => ("7bit", octets.to_vec()),
        (true, high) if high * 4 < octets.len() => ("quoted-printable", quoted_printable(octets)),
        _ => ("base64", base64_lines(octets)),
    }
}

fn base64_lines(octets: &[u8]) -> Vec<u8> {
    let text = BASE64_STANDARD.encode(octets);
    text.as_bytes().chunks(76).flat_map(|line| [line, b"\r\n"]).flatten().copied().collect()
}

fn quoted_printable(octets: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        let mut length = 0;
        for (index, octet) in text.iter().enumerate() {
            let last = index + 1 == text.len();
            let plain = matches!(octet, b'!'..=b'<' | b'>'..=b'~') || (matches!(octet, b' ' | b'\t') && !last);
            let piece = if plain { char::from(*octet).to_string() } else { format!("={octet:02X}") };
            if length + piece.len() > 75 {
                encoded.extend_from_slice(b"=\r\n");
                length = 0;
            }
            length += piece.len();
            encoded.extend_from_slice(piece.as_bytes());
        }
        if line.len() > text.len() {
            encoded.extend_from_slice(b"\r\n");
        }
    }
    encoded
}

/// A header field, folded at spaces.
pub(crate) fn field(name: &str, value: &str) -> String {
    let mut text = format!("{name}:");
    let mut length = text.len();
    for word in value.split(' ') {
        if length + 1 + word.len() > 76 && length > name.len() + 1 {
            text.push_str("\r\n");
            length = 0;
        }
        text.push(' ');
        text.push_str(word);
        length += 1 + word.len();
    }
    text + "\r\n"
}

/// Text as it may stand in a Subject: encoded words of at most 75 characters where it is not ASCII.
pub(crate) fn phrase(charset: &str, text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words = Vec::new();
    let mut piece = String::new();
    for character in text.chars() {
        let longer = format!("{piece}{character}");
        if encoded_word(charset, &longer).len() > 75 {
            words.push(encoded_word(charset, &piece));
            piece = character.to_string();
        } else {
            piece = longer;
        }
    }
    words.push(encoded_word(charset, &piece));
    words.join(" ")
}

fn encoded_word(charset: &str, text: &str) -> String {
    let octets = in_charset(charset, text);
    let ascii = octets.iter().filter(|octet| octet.is_ascii_alphanumeric() || **octet == b' ').count();
    if ascii * 2 < octets.len() || charset == "iso-2022-jp" {
        return format!("=?{charset}?B?{}?=", BASE64_STANDARD.encode(octets));
    }
    let encoded: String = octets
        .iter()
        .map(|octet| match octet {
            b' ' => "_".to_owned(),
            octet if octet.is_ascii_alphanumeric() => char::from(*octet).to_string(),
            octet => format!("={octet:02X}"),
        })
        .collect();
    format!("=?{charset}?Q?{encoded}?=")
}

/// `Name <address>` for a header field, the name quoted or encoded as it needs.
pub(crate) fn mailbox(charset: &str, name: &str, address: &str) -> String {
    let atoms = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -'".contains(&byte));
    if name.is_empty() {
        address.to_owned()
    } else if atoms {
        format!("{name} <{address}>")
    } else if name.is_ascii() {
        format!("\"{}\" <{address}>", name.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        format!("{} <{address}>", phrase(charset, name))
    }
}

/// Text in the octets of a charset; an unknown charset is taken for UTF-8.
fn in_charset(charset: &str, text: &str) -> Vec<u8> {
    match Encoding::for_label(charset.as_bytes()) {
        Some(encoding) => encoding.encode(text).0.into_owned(),
        None => text.as_bytes().to_vec(),
    }
}

/// Text with every line end as CRLF.
pub(crate) fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// A date as RFC 5322 writes it, seen from `hours` east of Greenwich.
pub(crate) fn date(at: Timestamp, hours: i8) -> String {
    let zone = Offset::from_hours(hours).map_or(TimeZone::UTC, TimeZone::fixed);
    let zoned: Zoned = at.to_zoned(zone);
    zoned.strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mime::{Entity, decode_words};

    #[test]
    fn what_is_written_in_any_charset_is_read_back() {
        let table = [
            ("iso-8859-1", "Grüße aus der Küche, déjà vu"),
            ("windows-1252", "“Quoted” – and 5 €"),
            ("koi8-r", "Привет с дачи"),
            ("iso-2022-jp", "印刷の見本ができました"),
            ("gb18030", "月湖书店的新书到了"),
            ("utf-8", "שלום עולם und ein = Zeichen \nnext line"),
        ];
        for (charset, text) in table {
            let bytes = letter(
                &[("Subject", phrase(charset, &text.replace('\n', "")))],
                &Part::text("text/plain", charset, text),
            );
            assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 78), "{charset}");
            let read = Entity::parse(&bytes);
            assert_eq!(read.plain_text(&bytes).unwrap().trim_end(), crlf(text), "{charset}");
            assert_eq!(decode_words(&read.field(&bytes, "subject").unwrap()), text.replace('\n', ""), "{charset}");
        }
    }

    #[test]
    fn names_are_quoted_or_encoded_as_they_need() {
        let table = [
            ("Mette Lindqvist", "Mette Lindqvist <m@a.test>"),
            ("Lindqvist, Mette", "\"Lindqvist, Mette\" <m@a.test>"),
            ("Jörg", "=?utf-8?Q?J=C3=B6rg?= <m@a.test>"),
            ("", "m@a.test"),
        ];
        for (name, expected) in table {
            assert_eq!(mailbox("utf-8", name, "m@a.test"), expected);
        }
    }

    #[test]
    fn a_date_carries_its_zone() {
        assert_eq!(date(Timestamp::UNIX_EPOCH, 2), "Thu, 01 Jan 1970 02:00:00 +0200");
    }
}
