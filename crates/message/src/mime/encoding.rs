//! Transfer encodings (RFC 2045 §6), decoded without ever giving up: what is not valid stands for itself or is passed
//! over, and is told.

use super::{Part, TransferEncoding};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use std::borrow::Cow;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The content of a part, and whether it was encoded as it says.
pub(crate) fn decode<'x>(part: &Part<'x>) -> (Cow<'x, [u8]>, bool) {
    match part.fields.encoding {
        TransferEncoding::Identity => (Cow::Borrowed(part.body), true),
        TransferEncoding::Base64 => owned(base64(part.body)),
        TransferEncoding::QuotedPrintable => owned(quoted_printable(part.body)),
    }
}

/// The size of a part's content in octets, found without keeping it.
pub(crate) fn decoded_len(part: &Part<'_>) -> u64 {
    let length = match part.fields.encoding {
        TransferEncoding::Identity => part.body.len(),
        TransferEncoding::Base64 => part.body.iter().filter(|byte| is_base64(**byte)).count() * 3 / 4,
        TransferEncoding::QuotedPrintable => quoted_printable(part.body).0.len(),
    };
    length as u64
}

fn owned<'x>((bytes, valid): (Vec<u8>, bool)) -> (Cow<'x, [u8]>, bool) {
    (Cow::Owned(bytes), valid)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Padding ends a run; what comes after it is another run (some programs join encoded texts).
fn base64(body: &[u8]) -> (Vec<u8>, bool) {
    let mut valid = true;
    let mut out = Vec::with_capacity(body.len() / 4 * 3);
    for run in body.split(|byte| *byte == b'=') {
        let mut clean: Vec<u8> = run.iter().copied().filter(|byte| is_base64(*byte)).collect();
        let strange = run.iter().any(|byte| !is_base64(*byte) && !byte.is_ascii_whitespace());
        if clean.len() % 4 == 1 {
            clean.pop();
            valid = false;
        }
        valid &= BASE64.decode_vec(&clean, &mut out).is_ok() && !strange;
    }
    (out, valid)
}

fn quoted_printable(body: &[u8]) -> (Vec<u8>, bool) {
    let mut valid = true;
    let mut out = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let content = line.trim_ascii_end();
        let line_end: &[u8] = match line {
            [.., b'\r', b'\n'] => b"\r\n",
            [.., b'\n'] => b"\n",
            _ => b"",
        };
        let (content, soft) = match content.strip_suffix(b"=") {
            Some(content) => (content, true),
            None => (content, false),
        };
        valid &= unescape(content, &mut out);
        if !soft {
            out.extend_from_slice(line_end);
        }
    }
    (out, valid)
}

/// Appends the line with its `=XX` decoded; an `=` that begins no escape stands for itself.
fn unescape(mut line: &[u8], out: &mut Vec<u8>) -> bool {
    let mut valid = true;
    while let Some(at) = line.iter().position(|byte| *byte == b'=') {
        let (before, rest) = line.split_at(at);
        out.extend_from_slice(before);
        let octet = rest.get(1..3).and_then(|hex| std::str::from_utf8(hex).ok());
        match octet.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(octet) => {
                out.push(octet);
                line = rest.get(3..).unwrap_or_default();
            }
            None => {
                valid = false;
                out.push(b'=');
                line = rest.get(1..).unwrap_or_default();
            }
        }
    }
    out.extend_from_slice(line);
    valid
}

/// Octets in lines of 76 characters (RFC 2045 §6.8), each with its CRLF.
pub(crate) fn encode_base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 57 * 78 + 80);
    for chunk in bytes.chunks(57) {
        out.extend_from_slice(BASE64.encode(chunk).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Text whose lines end in CRLF, in lines of at most 76 characters (RFC 2045 §6.7). `From ` and a lone dot at the
/// beginning of a line are encoded too, so that nothing on the way touches them.
pub(crate) fn encode_quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let (content, line_end) = match line {
            [content @ .., b'\r', b'\n'] => (content, b"\r\n".as_slice()),
            _ => (line, b"".as_slice()),
        };
        encode_line(content, &mut out);
        out.extend_from_slice(line_end);
    }
    out
}

fn encode_line(content: &[u8], out: &mut Vec<u8>) {
    let mut column = 0;
    for (at, byte) in content.iter().enumerate() {
        let is_last = at + 1 == content.len();
        let plain = match byte {
            b' ' | b'\t' => !is_last,
            b'=' => false,
            b'.' => at > 0,
            b'F' => !(at == 0 && content.starts_with(b"From ")),
            b'!'..=b'~' => true,
            _ => false,
        };
        let width = if plain { 1 } else { 3 };
        if column + width > if is_last { 76 } else { 75 } {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        if plain {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("={byte:02X}").as_bytes());
        }
        column += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_is_short_lined_ascii_and_decodes_to_the_same() {
        let long = "ü".repeat(100);
        for text in ["plain", "trailing \r\n.\r\nFrom me\r\n", long.as_str(), "a=b\r\n\r\n", "tab\t", "\0\r"] {
            let encoded = encode_quoted_printable(text.as_bytes());
            assert_eq!(quoted_printable(&encoded), (text.as_bytes().to_vec(), true), "{text}");
            assert!(encoded.split(|byte| *byte == b'\n').all(|line| line.len() <= 77 && line.is_ascii()), "{text}");
        }
    }

    #[test]
    fn base64_is_read_whatever_stands_between() {
        let table: [(&str, &str, bool); 6] = [
            ("SGVsbG8=", "Hello", true),
            ("SGVs\r\nbG8", "Hello", true),
            ("SGVsbG8=SGVsbG8=", "HelloHello", true),
            ("SGV*sbG8=", "Hello", false),
            ("SGVsbG8hX", "Hello!", false),
            ("", "", true),
        ];
        for (text, decoded, valid) in table {
            assert_eq!(base64(text.as_bytes()), (decoded.as_bytes().to_vec(), valid), "{text}");
        }
    }

    #[test]
    fn quoted_printable_is_read_and_its_errors_stand_for_themselves() {
        let table: [(&str, &str, bool); 7] = [
            ("a=3Db", "a=b", true),
            ("soft=\r\nline", "softline", true),
            ("soft= \t\r\nline", "softline", true),
            ("trailing  \r\nspace", "trailing\r\nspace", true),
            ("=ZZ and =", "=ZZ and ", false),
            ("=c3=BC", "ü", true),
            ("100=%", "100=%", false),
        ];
        for (text, decoded, valid) in table {
            assert_eq!(quoted_printable(text.as_bytes()), (decoded.as_bytes().to_vec(), valid), "{text}");
        }
    }
}
