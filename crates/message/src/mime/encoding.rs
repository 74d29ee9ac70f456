//! Transfer encodings (RFC 2045 §6). They are decoded without ever giving up: what is not valid stands for itself or is
//! passed over, and is told. lettre encodes.

use super::{Part, TransferEncoding};
use crate::is_seven_bit;
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use lettre::message::{Body, header::ContentTransferEncoding};
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

/// Base64 that stands in a text; what is not valid is passed over.
pub(crate) fn decode_base64(text: &[u8]) -> Vec<u8> {
    base64(text).0
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
        match rest.get(1..3).and_then(octet_of) {
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

/// The octet of two hexadecimal digits, and of nothing else: a sign is none.
pub(crate) fn octet_of(digits: &[u8]) -> Option<u8> {
    let digits =
        std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|one| one.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

/// Text whose lines end in CRLF, in the transfer encoding that suits it. What would be changed on the way in the others
/// goes as base64: `From ` at the beginning of a line, which mail stores quote; a lone dot; NUL.
pub(crate) fn encode_text(text: Vec<u8>) -> Body {
    let body = match String::from_utf8(text.clone()) {
        Ok(text) => Body::new(text),
        Err(_) => encode(text.clone(), ContentTransferEncoding::QuotedPrintable),
    };
    let fragile = |line: &[u8]| line.starts_with(b"From ") || line == b".\r\n" || line == b".";
    if is_seven_bit(body.as_ref()) && !body.as_ref().split_inclusive(|byte| *byte == b'\n').any(fragile) {
        body
    } else {
        encode_octets(text)
    }
}

/// Octets as base64.
pub(crate) fn encode_octets(octets: Vec<u8>) -> Body {
    encode(octets, ContentTransferEncoding::Base64)
}

/// Neither of the two encodings refuses anything.
fn encode(octets: Vec<u8>, encoding: ContentTransferEncoding) -> Body {
    Body::new_with_encoding(octets, encoding)
        .unwrap_or_else(|octets| Body::dangerous_pre_encoded(octets, ContentTransferEncoding::Binary))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read from the body, once it is seen to be fit to travel.
    fn travelled(body: &Body) -> Vec<u8> {
        assert!(
            is_seven_bit(body.as_ref()) && body.as_ref().split(|byte| *byte == b'\n').all(|line| line.len() <= 77)
        );
        match body.encoding() {
            ContentTransferEncoding::SevenBit => body.as_ref().to_vec(),
            ContentTransferEncoding::QuotedPrintable => quoted_printable(body.as_ref()).0,
            ContentTransferEncoding::Base64 => base64(body.as_ref()).0,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn text_is_encoded_as_it_needs_and_reads_the_same() {
        use ContentTransferEncoding::{Base64, QuotedPrintable, SevenBit};
        let umlauts = "gr\u{fc}n, ".repeat(40);
        let cyrillic = "привет ".repeat(40);
        let latin = b"gr\xfcn \r\n".repeat(9);
        let long = "word ".repeat(40);
        let table: [(&[u8], ContentTransferEncoding); 11] = [
            (b"plain\r\n", SevenBit),
            (b"", SevenBit),
            (long.as_bytes(), QuotedPrintable),
            (umlauts.as_bytes(), QuotedPrintable),
            (b"gr\xc3\xbcn trailing \r\ntab\t\r\n", QuotedPrintable),
            (&latin, QuotedPrintable),
            (cyrillic.as_bytes(), Base64),
            (b"a\r\nFrom me\r\n", Base64),
            (b"gr\xc3\xbcn\r\n.\r\n", Base64),
            (b".", Base64),
            (b"a\0b\r\n", Base64),
        ];
        for (text, encoding) in table {
            let body = encode_text(text.to_vec());
            let shown = String::from_utf8_lossy(text);
            assert_eq!((body.encoding(), travelled(&body)), (encoding, text.to_vec()), "{shown}");
        }
        assert_eq!(travelled(&encode_octets(b"\0\r\xff\n".repeat(99))), b"\0\r\xff\n".repeat(99));
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
