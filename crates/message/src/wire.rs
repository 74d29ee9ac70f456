//! The shape that bytes must have to travel by SMTP (RFC 5321 §2.3.8, §4.5.3.1.6; RFC 5322 §2.1.1; RFC 6152).

use crate::mime::{self, Part, RawField, Tree, fields_in};
use std::borrow::Cow;

/// The longest line that may be sent, without its CRLF (RFC 5322 §2.1.1).
pub const MAX_LINE: usize = 998;
/// Messages within messages that are looked into.
const MAX_ATTACHED: usize = 8;

/// The bytes with every line end as CRLF: a bare LF or a bare CR becomes one, so that no server can see a line end
/// where another sees none (SMTP smuggling).
pub fn normalise_line_ends(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 40);
    let mut before = 0;
    for byte in raw {
        match byte {
            b'\r' => out.extend_from_slice(b"\r\n"),
            b'\n' if before == b'\r' => {}
            b'\n' => out.extend_from_slice(b"\r\n"),
            _ => out.push(*byte),
        }
        before = *byte;
    }
    out
}

/// Whether a line is longer than [`MAX_LINE`].
pub fn has_long_lines(raw: &[u8]) -> bool {
    raw.split(|byte| *byte == b'\n').any(|line| line.strip_suffix(b"\r").unwrap_or(line).len() > MAX_LINE)
}

/// Whether the message can go to a server without 8BITMIME: ASCII, no NUL, no line over [`MAX_LINE`].
pub fn is_seven_bit(raw: &[u8]) -> bool {
    raw.iter().all(|byte| byte.is_ascii() && *byte != 0) && !has_long_lines(raw)
}

/// The message as one that [`is_seven_bit`], with normal line ends: each part that is not gets a transfer encoding,
/// long fields are folded, fields beyond ASCII become encoded words (RFC 2047). What is fit already is not touched.
///
/// Two things do not go: an address beyond ASCII stays as it is, because it can only travel by SMTPUTF8; and a
/// signature over a part that had to be encoded is broken, which is why a signer encodes before signing (RFC 1847
/// §2.1).
pub fn to_seven_bit(raw: &[u8]) -> Cow<'_, [u8]> {
    let has_bare = raw.iter().enumerate().any(|(at, byte)| match byte {
        b'\n' => at == 0 || raw.get(at - 1) != Some(&b'\r'),
        b'\r' => raw.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    if !has_bare && is_seven_bit(raw) {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(encoded(&normalise_line_ends(raw), 0))
}

fn encoded(raw: &[u8], attached: usize) -> Vec<u8> {
    if is_seven_bit(raw) {
        return raw.to_vec();
    }
    let tree = mime::split(raw);
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 4);
    write_part(&tree, 0, attached, &mut out);
    out
}

/// Recursion is bounded by the depth of the tree, and by [`MAX_ATTACHED`].
fn write_part(tree: &Tree<'_>, number: usize, attached: usize, out: &mut Vec<u8>) {
    let Some(part) = tree.parts.get(number) else { return };
    let fields = fields_in(part.header);
    if part.is_container {
        write_fields(fields.iter().filter(|field| !field.is("Content-Transfer-Encoding")), out);
        out.extend_from_slice(b"\r\n");
        let boundary = part.fields.boundary.as_deref().unwrap_or_default();
        for child in &part.children {
            write_boundary(boundary, b"", out);
            write_part(tree, *child, attached, out);
            end_line(out);
        }
        return write_boundary(boundary, b"--", out);
    }
    if is_seven_bit(part.body) {
        write_fields(fields.iter(), out);
        out.extend_from_slice(b"\r\n");
        return out.extend_from_slice(part.body);
    }
    write_leaf(part, &fields, number == 0, attached, out);
}

fn write_leaf(part: &Part<'_>, fields: &[RawField<'_>], is_root: bool, attached: usize, out: &mut Vec<u8>) {
    let media_type = part.fields.media_type.as_str();
    // RFC 2046 §5.2.1: an attached message has no transfer encoding; its own parts have.
    if media_type == "message/rfc822" && attached < MAX_ATTACHED {
        write_fields(fields.iter().filter(|field| !field.is("Content-Transfer-Encoding")), out);
        out.extend_from_slice(b"\r\n");
        return out.extend_from_slice(&encoded(part.body, attached + 1));
    }
    let (content, _) = mime::decode(part);
    let is_text = media_type.starts_with("text/") && !content.contains(&0);
    let names_charset = needs_charset(part, &content);
    let is_replaced =
        |field: &RawField<'_>| field.is("Content-Transfer-Encoding") || (names_charset && field.is("Content-Type"));
    write_fields(fields.iter().filter(|field| !is_replaced(field)), out);
    if is_root && !fields.iter().any(|field| field.is("MIME-Version")) {
        out.extend_from_slice(b"MIME-Version: 1.0\r\n");
    }
    if names_charset {
        out.extend_from_slice(format!("Content-Type: {media_type}; charset=utf-8\r\n").as_bytes());
    }
    let body = if is_text {
        mime::encode_text(normalise_line_ends(&content))
    } else {
        mime::encode_octets(content.into_owned())
    };
    out.extend_from_slice(format!("Content-Transfer-Encoding: {}\r\n\r\n", body.encoding()).as_bytes());
    out.extend_from_slice(body.as_ref());
    if is_root && !out.ends_with(b"\r\n") {
        end_line(out);
    }
}

/// Text beyond ASCII that names no character set, and is UTF-8, is said to be.
fn needs_charset(part: &Part<'_>, content: &[u8]) -> bool {
    matches!(part.fields.media_type.as_str(), "text/plain" | "text/html")
        && part.fields.charset.is_none()
        && !content.is_ascii()
        && std::str::from_utf8(content).is_ok()
        && !part.fields.flowed
}

fn write_boundary(boundary: &[u8], end: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"--");
    out.extend_from_slice(boundary);
    out.extend_from_slice(end);
    out.extend_from_slice(b"\r\n");
}

/// Ends the last line of a part. An empty line that belongs to the part's content is kept: one more CRLF belongs to
/// the boundary.
fn end_line(out: &mut Vec<u8>) {
    out.extend_from_slice(b"\r\n");
}

fn write_fields<'a, 'x: 'a>(fields: impl Iterator<Item = &'a RawField<'x>>, out: &mut Vec<u8>) {
    for field in fields {
        if is_seven_bit(field.bytes) {
            out.extend_from_slice(field.bytes);
            if !field.bytes.ends_with(b"\n") {
                end_line(out);
            }
        } else {
            out.extend_from_slice(crate::header::rewrite(field).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_becomes_crlf() {
        let table = [
            ("a\nb", "a\r\nb"),
            ("a\rb", "a\r\nb"),
            ("a\r\nb\r\n", "a\r\nb\r\n"),
            ("a\n\rb", "a\r\n\r\nb"),
            ("a\r\r\nb", "a\r\n\r\nb"),
            ("\n.\n", "\r\n.\r\n"),
        ];
        for (raw, normal) in table {
            assert_eq!(normalise_line_ends(raw.as_bytes()), normal.as_bytes(), "{raw:?}");
        }
    }

    #[test]
    fn what_is_fit_to_travel_is_not_touched() {
        let raw = b"Subject: x\r\n\r\nbody\r\n";
        assert!(matches!(to_seven_bit(raw), Cow::Borrowed(_)));
    }

    #[test]
    fn eight_bit_and_long_lines_are_encoded_and_say_the_same() {
        let long = format!("Subject: x\r\n\r\n{}\r\n", "long ".repeat(400));
        let table = [
            "From: Jürgen <j@example.org>\nSubject: Grüße\n\nÜber alles\n".to_owned(),
            "Subject: =?utf-8?q?x?=\nContent-Type: text/plain; charset=utf-8\n\ngrün\n".to_owned(),
            long,
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\ngrün\n--b\nContent-Type: application/x\n\nä\0\n--b--\n"
                .to_owned(),
            "Content-Type: message/rfc822\n\nSubject: inner\n\ngrün\n".to_owned(),
            "Subject: =?utf-8?q?caf=C3=A9?= und Gr\u{fc}\u{df}e\n\nx\n".to_owned(),
            "Content-Type: multipart/mixed; boundary=b; x-note=\"a b\"; y=\"ü\"\n\n--b\n\nx\n\
             --b\nContent-Type: application/pdf; name=\"Grün.pdf\"\n\
             Content-Disposition: attachment; filename=\"Grün, zweite Fassung.pdf\"\n\n%PDF\n--b--\n"
                .to_owned(),
        ];
        for raw in table {
            let sent = to_seven_bit(raw.as_bytes());
            assert!(is_seven_bit(&sent), "{raw}");
            let (before, after) = (crate::parse(&normalise_line_ends(raw.as_bytes())), crate::parse(&sent));
            let without_size = |parsed: &crate::Parsed| {
                parsed.attachments.iter().map(|a| (a.name.clone(), a.part)).collect::<Vec<_>>()
            };
            assert_eq!(before.subject, after.subject, "{raw}");
            assert_eq!(before.from, after.from, "{raw}");
            assert_eq!(before.text, after.text, "{raw}");
            assert_eq!(without_size(&before), without_size(&after), "{raw}");
        }
    }
}
