//! Just enough of RFC 5322 and RFC 2045–2047 for an IMAP server to describe a letter and for an echo to quote it.
//!
//! [`Entity::parse`] never fails: what it does not understand it takes for text. Its ranges lie within the bytes that
//! it was given. Nesting and the number of parts are bounded.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, GeneralPurpose};
use base64::prelude::BASE64_STANDARD;

const MAX_DEPTH: usize = 12;
const MAX_PARTS: usize = 500;

/// One part of a letter, or the letter itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entity {
    /// The header, with the empty line that ends it.
    pub(crate) header: Range<usize>,
    pub(crate) body: Range<usize>,
    pub(crate) content_type: ContentType,
    pub(crate) inside: Inside,
}

/// What a part is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inside {
    Leaf,
    Parts(Vec<Entity>),
    Message(Box<Entity>),
}

/// A Content-Type field, all in lower case but for the parameters' values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContentType {
    pub(crate) kind: String,
    pub(crate) subtype: String,
    pub(crate) parameters: Vec<(String, String)>,
}

impl ContentType {
    pub(crate) fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind == kind && self.subtype == subtype
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Entity {
    /// Reads a letter.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut left = MAX_PARTS;
        parse_entity(bytes, 0..bytes.len(), 0, &mut left)
    }

    /// The value of a header field, unfolded, as it was written.
    pub(crate) fn field(&self, bytes: &[u8], name: &str) -> Option<String> {
        fields(slice(bytes, &self.header)).find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The part with the number path of RFC 3501 §6.4.5. `1` of a letter that is not multipart is the letter's body.
    pub(crate) fn part(&self, path: &[u32]) -> Option<&Entity> {
        let Some((first, rest)) = path.split_first() else { return Some(self) };
        match &self.inside {
            Inside::Parts(parts) => parts.get((*first as usize).checked_sub(1)?)?.part(rest),
            Inside::Message(message) if matches!(message.inside, Inside::Parts(_)) => message.part(path),
            Inside::Message(message) if *first == 1 => message.part(rest),
            Inside::Leaf if *first == 1 && rest.is_empty() => Some(self),
            _ => None,
        }
    }

    /// The first part of `text/plain`, decoded.
    pub(crate) fn plain_text(&self, bytes: &[u8]) -> Option<String> {
        match &self.inside {
            Inside::Leaf if self.content_type.is("text", "plain") => Some(self.decoded_text(bytes)),
            Inside::Parts(parts) => parts.iter().find_map(|part| part.plain_text(bytes)),
            _ => None,
        }
    }

    fn decoded_text(&self, bytes: &[u8]) -> String {
        let encoding = self.field(bytes, "Content-Transfer-Encoding").unwrap_or_default();
        let octets = decode_transfer(&encoding, slice(bytes, &self.body));
        decode_charset(self.content_type.parameter("charset").unwrap_or("utf-8"), &octets)
    }
}

/// The bytes of a range, or nothing where it lies outside.
pub(crate) fn slice<'a>(bytes: &'a [u8], range: &Range<usize>) -> &'a [u8] {
    bytes.get(range.clone()).unwrap_or_default()
}

fn parse_entity(bytes: &[u8], range: Range<usize>, depth: usize, left: &mut usize) -> Entity {
    *left = left.saturating_sub(1);
    let split = header_length(slice(bytes, &range));
    let (header, body) = (range.start..range.start + split, range.start + split..range.end);
    let value = fields(slice(bytes, &header)).find(|(key, _)| key.eq_ignore_ascii_case("Content-Type"));
    let content_type = value.map_or_else(|| parse_content_type(""), |(_, value)| parse_content_type(&value));
    let inside = if depth >= MAX_DEPTH || *left == 0 {
        Inside::Leaf
    } else if content_type.is("message", "rfc822") {
        Inside::Message(Box::new(parse_entity(bytes, body.clone(), depth + 1, left)))
    } else if let ("multipart", Some(boundary)) = (content_type.kind.as_str(), content_type.parameter("boundary")) {
        let ranges = part_ranges(bytes, &body, boundary);
        let parts: Vec<_> = ranges.into_iter().map(|range| parse_entity(bytes, range, depth + 1, left)).collect();
        if parts.is_empty() { Inside::Leaf } else { Inside::Parts(parts) }
    } else {
        Inside::Leaf
    };
    Entity { header, body, content_type, inside }
}

/// How long the header is, with the empty line.
fn header_length(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\r\n") {
        return 2;
    }
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4)
}

/// Where the parts of a multipart body lie (RFC 2046 §5.1.1): the line end before a boundary belongs to the boundary.
fn part_ranges(bytes: &[u8], body: &Range<usize>, boundary: &str) -> Vec<Range<usize>> {
    let delimiter = format!("--{boundary}");
    let mut ranges = Vec::new();
    let (mut start, mut at) = (None, body.start);
    for line in slice(bytes, body).split_inclusive(|byte| *byte == b'\n') {
        let (line_start, line_end) = (at, at + line.len());
        at = line_end;
        let Some(rest) = line.strip_prefix(delimiter.as_bytes()) else { continue };
        let rest = rest.trim_ascii_end();
        if !(rest.is_empty() || rest == b"--") {
            continue;
        }
        if let Some(start) = start.take() {
            ranges.push(start..line_start.saturating_sub(2).max(start));
        }
        if rest == b"--" {
            return ranges;
        }
        start = Some(line_end);
    }
    ranges.extend(start.map(|start| start..body.end.max(start)));
    ranges
}

/// The fields of a header, unfolded.
pub(crate) fn fields(header: &[u8]) -> impl Iterator<Item = (String, String)> {
    raw_fields(header).into_iter().filter_map(|field| {
        let text = decode_charset("utf-8", field).replace("\r\n", "");
        let (name, value) = text.split_once(':')?;
        Some((name.trim_end().to_owned(), value.trim().to_owned()))
    })
}

/// The fields of a header with their folds and line ends.
pub(crate) fn raw_fields(header: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in header.split_inclusive(|byte| *byte == b'\n') {
        let continues = line.first().is_some_and(|byte| *byte == b' ' || *byte == b'\t');
        if !continues && at > start {
            found.push(header.get(start..at).unwrap_or_default());
            start = at;
        }
        at += line.len();
    }
    found.push(header.get(start..at).unwrap_or_default());
    found.retain(|field| !field.trim_ascii().is_empty());
    found
}

/// Reads a Content-Type or Content-Disposition; what is missing is text/plain.
pub(crate) fn parse_content_type(value: &str) -> ContentType {
    let (full, rest) = value.split_once(';').unwrap_or((value, ""));
    let (kind, subtype) = full.trim().split_once('/').unwrap_or((full.trim(), ""));
    let parameters = parse_parameters(rest);
    if kind.is_empty() {
        return ContentType { kind: "text".into(), subtype: "plain".into(), parameters };
    }
    ContentType { kind: kind.trim().to_ascii_lowercase(), subtype: subtype.trim().to_ascii_lowercase(), parameters }
}

fn parse_parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for parameter in split_outside_quotes(text, ';') {
        if let Some((name, value)) = parameter.split_once('=') {
            found.push((name.trim().to_ascii_lowercase(), unquote(value.trim())));
        }
    }
    found
}

/// Splits at `separator`, but not inside quoted strings.
pub(crate) fn split_outside_quotes(text: &str, separator: char) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for character in text.chars() {
        if character == separator && !quoted {
            pieces.push(String::new());
            continue;
        }
        quoted ^= character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

/// The value of a quoted string; anything else as it is.
pub(crate) fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else { return text.to_owned() };
    let mut value = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        value.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    value
}

fn decode_transfer(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => {
            let dense: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
            let lenient = GeneralPurpose::new(&base64::alphabet::STANDARD, config);
            lenient.decode(&dense).unwrap_or(dense)
        }
        "quoted-printable" => decode_quoted_printable(bytes),
        _ => bytes.to_vec(),
    }
}

fn decode_quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match (byte, after) {
            (b'=', [b'\r', b'\n', after @ ..]) => after,
            (b'=', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                decoded.push(hex(*high).unwrap_or_default() << 4 | hex(*low).unwrap_or_default());
                after
            }
            _ => {
                decoded.push(byte);
                after
            }
        };
    }
    decoded
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn decode_charset(label: &str, bytes: &[u8]) -> String {
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Text with its encoded words (RFC 2047) decoded.
pub(crate) fn decode_words(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let (before, word) = rest.split_at(start);
        let Some((value, after)) = decode_word(word) else {
            decoded.push_str(before);
            decoded.push_str("=?");
            (rest, after_word) = (word.get(2..).unwrap_or_default(), false);
            continue;
        };
        if !(after_word && before.trim().is_empty()) {
            decoded.push_str(before);
        }
        decoded.push_str(&value);
        (rest, after_word) = (after, true);
    }
    decoded + rest
}

fn decode_word(text: &str) -> Option<(String, &str)> {
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let (data, rest) = rest.split_once("?=")?;
    let octets = match encoding {
        "B" | "b" => BASE64_STANDARD.decode(data).ok()?,
        "Q" | "q" => decode_quoted_printable(data.replace('_', " ").as_bytes()),
        _ => return None,
    };
    Some((decode_charset(charset.split('*').next()?, &octets), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NESTED: &str = "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= =?utf-8?B?IGF1cw==?= Bonn\r\n\
        Content-Type: multipart/mixed;\r\n boundary=\"a b\"\r\n\r\npreamble\r\n--a b\r\n\
        Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        sch=F6n=\r\n und gut\r\n--a b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n\
        --a b--\r\nepilogue\r\n";

    #[test]
    fn a_nested_letter_is_found_part_by_part() {
        let bytes = NESTED.as_bytes();
        let letter = Entity::parse(bytes);
        let text = |path: &[u32]| {
            let part = letter.part(path).unwrap();
            String::from_utf8_lossy(slice(bytes, &part.body)).into_owned()
        };
        assert_eq!(text(&[1]), "sch=F6n=\r\n und gut");
        assert_eq!(text(&[2]), "Subject: inner\r\n\r\ninner text");
        assert_eq!(text(&[2, 1]), "inner text");
        assert_eq!(letter.part(&[3]), None);
        assert_eq!(letter.plain_text(bytes).as_deref(), Some("schön und gut"));
    }

    #[test]
    fn encoded_words_are_joined_across_the_space_between_them() {
        let letter = Entity::parse(NESTED.as_bytes());
        assert_eq!(decode_words(&letter.field(NESTED.as_bytes(), "subject").unwrap()), "Grüße aus Bonn");
        assert_eq!(decode_words("plain =?x and =?utf-8?B?!!?= stay"), "plain =?x and =?utf-8?B?!!?= stay");
    }

    #[test]
    fn nonsense_is_text() {
        for nonsense in ["", "\r\n", "no colon", "Content-Type: multipart/mixed; boundary=x\r\n\r\n", ":\r\n\r\n"] {
            let letter = Entity::parse(nonsense.as_bytes());
            assert_eq!(letter.inside, Inside::Leaf, "{nonsense:?}");
            assert!(letter.body.end <= nonsense.len());
        }
    }
}
