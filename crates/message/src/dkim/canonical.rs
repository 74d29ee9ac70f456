//! The relaxed canonical forms of RFC 6376 §3.4.2 and §3.4.4.

use ring::digest::{Context, Digest, SHA256};

/// A header field: its name in lower case, its value unfolded, white space reduced; without its CRLF.
pub(super) fn field(bytes: &[u8]) -> Vec<u8> {
    let at = bytes.iter().position(|byte| *byte == b':').unwrap_or(bytes.len());
    let (name, rest) = bytes.split_at(at);
    let mut out = name.trim_ascii().to_ascii_lowercase();
    out.push(b':');
    let value = rest.get(1..).unwrap_or_default();
    let words = value.split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).filter(|word| !word.is_empty());
    for (at, word) in words.enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
    out
}

/// SHA-256 of a body's canonical form. Lines that hold nothing but white space are empty, and empty lines at the end do
/// not count; a body of nothing else is empty (RFC 6376 §3.4.4).
pub(super) fn body_hash(body: &[u8]) -> Digest {
    let mut hash = Context::new(&SHA256);
    let mut empty_lines = 0;
    let mut line = Vec::new();
    for raw in body.split_inclusive(|byte| *byte == b'\n') {
        reduce(raw, &mut line);
        if line.is_empty() {
            empty_lines += 1;
            continue;
        }
        for _ in 0..empty_lines {
            hash.update(b"\r\n");
        }
        empty_lines = 0;
        line.extend_from_slice(b"\r\n");
        hash.update(&line);
    }
    hash.finish()
}

/// A line with each run of white space as one space, and none at its end.
fn reduce(raw: &[u8], line: &mut Vec<u8>) {
    line.clear();
    let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
    let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
    for byte in raw {
        match byte {
            b' ' | b'\t' if line.last() == Some(&b' ') => {}
            b' ' | b'\t' => line.push(b' '),
            other => line.push(*other),
        }
    }
    if line.last() == Some(&b' ') {
        line.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::digest::digest;

    #[test]
    fn a_field_is_reduced_to_what_survives_a_relay() {
        let table: [(&[u8], &[u8]); 6] = [
            (b"A: X\r\n", b"a:X"),
            (b"B : Y\t\r\n\tZ  \r\n", b"b:Y Z"),
            (b"SUBJect:  a  b\t c \r\n", b"subject:a b c"),
            (b"Empty:\r\n", b"empty:"),
            (b"Empty: \r\n \r\n", b"empty:"),
            (b"Eight: gr\xc3\xbcn\r\n", b"eight:gr\xc3\xbcn"),
        ];
        for (raw, canonical) in table {
            assert_eq!(field(raw), canonical, "{}", String::from_utf8_lossy(raw));
        }
    }

    #[test]
    fn a_body_is_hashed_in_its_relaxed_form() {
        let table = [
            (" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"),
            ("", ""),
            ("\r\n\r\n", ""),
            (" \r\n\t\r\n", ""),
            ("a", "a\r\n"),
            ("a\r\n \r\n", "a\r\n"),
            ("a\r\n\r\n \t\r\nb\r\n  ", "a\r\n\r\n\r\nb\r\n"),
            ("\r\na\r\n", "\r\na\r\n"),
        ];
        for (raw, canonical) in table {
            let expected = digest(&SHA256, canonical.as_bytes());
            assert_eq!(body_hash(raw.as_bytes()).as_ref(), expected.as_ref(), "{raw:?}");
        }
    }
}
