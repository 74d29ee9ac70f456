//! Messages made fit for servers without 8BITMIME, and for signatures that have to survive any relay (RFC 6376 §5.3).
//!
//! | part of the message | what becomes of it |
//! |---|---|
//! | what [`is_seven_bit`] already: a part, a whole branch of parts | copied octet for octet |
//! | a leaf that is not | decoded and encoded anew: text as quoted-printable or base64, whichever suits it, the rest as base64 |
//! | a multipart | its parts one by one; it loses its own transfer encoding (RFC 2045 §6.4) |
//! | an attached message | as a message of its own (RFC 2046 §5.2.1), to a depth of [`MAX_ATTACHED`] |
//! | fields beyond ASCII, or with a line over [`MAX_LINE`](crate::MAX_LINE) | encoded words (RFC 2047), parameters by RFC 2231, folded |
//! | what stands before, between and behind parts, which nobody is shown | octets beyond ASCII become question marks |
//! | a multipart whose parts cannot be told apart, or lie too deep | base64 as a whole: ugly, but all there |
//!
//! Two things do not go: an address beyond ASCII stays as it is, because it can only travel by SMTPUTF8; and somebody's
//! signature over a part that had to be encoded is broken, which is why a signer encodes before signing (RFC 1847 §2.1).

use crate::mime::{self, Part, RawField, TransferEncoding, Tree, fields_in};
use crate::{MAX_LINE, has_bare_line_ends, is_seven_bit, normalise_line_ends};
use lettre::message::Body;
use std::borrow::Cow;

/// Messages within messages that are looked into.
const MAX_ATTACHED: usize = 8;

/// The message as one that [`is_seven_bit`], with normal line ends. What is fit already is not touched.
pub fn to_seven_bit(raw: &[u8]) -> Cow<'_, [u8]> {
    let has_bare = has_bare_line_ends(raw);
    if !has_bare && is_seven_bit(raw) {
        return Cow::Borrowed(raw);
    }
    let normal = if has_bare { Cow::Owned(normalise_line_ends(raw)) } else { Cow::Borrowed(raw) };
    let mut writer = Writer { out: Vec::with_capacity(normal.len() + normal.len() / 3), ..Writer::default() };
    writer.message(&normal);
    Cow::Owned(writer.out)
}

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    /// The boundaries that what is written now lies within: no line of it may look like one of them.
    boundaries: Vec<Vec<u8>>,
    /// The depth of the message within messages.
    attached: usize,
}

impl Writer {
    fn message(&mut self, raw: &[u8]) {
        if is_seven_bit(raw) {
            return self.out.extend_from_slice(raw);
        }
        let tree = mime::split(raw);
        self.part(&tree, 0);
    }

    /// Recursion is bounded by the depth of the tree, and by [`MAX_ATTACHED`].
    fn part(&mut self, tree: &Tree<'_>, number: usize) {
        let Some(part) = tree.parts.get(number) else { return };
        if is_seven_bit(part.header) && is_seven_bit(part.body) {
            self.out.extend_from_slice(part.header);
            return self.out.extend_from_slice(part.body);
        }
        let boundary = part.fields.boundary.as_deref().unwrap_or_default();
        if part.is_container && is_seven_bit(boundary) {
            self.boundaries.push(boundary.to_vec());
            self.container(tree, part);
            self.boundaries.pop();
        } else {
            self.leaf(part, number == 0);
        }
    }

    /// The parts are put in place of what they were; the lines between them stay.
    fn container(&mut self, tree: &Tree<'_>, part: &Part<'_>) {
        self.header_without_encoding(part);
        let mut at = 0;
        for (number, child) in part.children.iter().filter_map(|number| Some((*number, tree.parts.get(*number)?))) {
            let Some((start, end)) = place(child, part.body) else { continue };
            self.between(part.body.get(at..start).unwrap_or_default());
            self.part(tree, number);
            at = end;
        }
        self.between(part.body.get(at..).unwrap_or_default());
    }

    fn between(&mut self, octets: &[u8]) {
        if is_seven_bit(octets) {
            return self.out.extend_from_slice(octets);
        }
        for line in octets.split_inclusive(|byte| *byte == b'\n') {
            for (at, piece) in line.chunks(MAX_LINE).enumerate() {
                if at > 0 && piece != b"\n" && piece != b"\r\n" {
                    self.out.extend_from_slice(b"\r\n");
                }
                self.out.extend(piece.iter().map(|byte| if byte.is_ascii() && *byte != 0 { *byte } else { b'?' }));
            }
        }
    }

    fn leaf(&mut self, part: &Part<'_>, is_root: bool) {
        if is_seven_bit(part.body) {
            self.fields(&fields_in(part.header));
            self.out.extend_from_slice(b"\r\n");
            return self.out.extend_from_slice(part.body);
        }
        if part.fields.media_type == "message/rfc822" && self.attached < MAX_ATTACHED {
            self.header_without_encoding(part);
            self.attached += 1;
            self.message(part.body);
            self.attached -= 1;
            return;
        }
        self.encoded_leaf(part, is_root);
    }

    fn encoded_leaf(&mut self, part: &Part<'_>, is_root: bool) {
        let (content, _) = mime::decode(part);
        let fields = fields_in(part.header);
        let names_charset = needs_charset(part, &content);
        let is_replaced = |field: &RawField<'_>| {
            field.is("Content-Transfer-Encoding") || (names_charset && field.is("Content-Type"))
        };
        let kept: Vec<RawField<'_>> = fields.iter().copied().filter(|field| !is_replaced(field)).collect();
        self.fields(&kept);
        if is_root && !fields.iter().any(|field| field.is("MIME-Version")) {
            self.out.extend_from_slice(b"MIME-Version: 1.0\r\n");
        }
        if names_charset {
            let field = format!("Content-Type: {}; charset=utf-8\r\n", part.fields.media_type);
            self.out.extend_from_slice(field.as_bytes());
        }
        let body = self.encode(part, content.into_owned());
        self.out.extend_from_slice(format!("Content-Transfer-Encoding: {}\r\n\r\n", body.encoding()).as_bytes());
        self.out.extend_from_slice(body.as_ref());
        if is_root && self.attached == 0 && !self.out.ends_with(b"\r\n") {
            self.out.extend_from_slice(b"\r\n");
        }
    }

    /// What came as base64 may be a file in which line ends matter, also where it is text; so may text that has others
    /// than CRLF by escapes (quoted-printable).
    fn encode(&self, part: &Part<'_>, content: Vec<u8>) -> Body {
        let is_text = part.fields.media_type.starts_with("text/") && !content.contains(&0);
        if !is_text || part.fields.encoding == TransferEncoding::Base64 || has_bare_line_ends(&content) {
            return mime::encode_octets(content);
        }
        let body = mime::encode_text(content.clone());
        let is_mark = |line: &[u8]| {
            line.strip_prefix(b"--").is_some_and(|rest| self.boundaries.iter().any(|mark| rest.starts_with(mark)))
        };
        match body.as_ref().split(|byte| *byte == b'\n').any(is_mark) {
            true => mime::encode_octets(content),
            false => body,
        }
    }

    /// The header with its empty line.
    fn header_without_encoding(&mut self, part: &Part<'_>) {
        let mut fields = fields_in(part.header);
        let before = fields.len();
        fields.retain(|field| !field.is("Content-Transfer-Encoding"));
        if fields.len() == before && is_seven_bit(part.header) {
            return self.out.extend_from_slice(part.header);
        }
        self.fields(&fields);
        self.out.extend_from_slice(b"\r\n");
    }

    fn fields(&mut self, fields: &[RawField<'_>]) {
        for field in fields {
            if !is_seven_bit(field.bytes) {
                self.out.extend_from_slice(crate::header::rewrite(field).as_bytes());
                continue;
            }
            self.out.extend_from_slice(field.bytes);
            if !field.bytes.ends_with(b"\n") {
                self.out.extend_from_slice(b"\r\n");
            }
        }
    }
}

/// Where a part lies in the body that it is a part of. Its header and its body follow one another there.
fn place(child: &Part<'_>, body: &[u8]) -> Option<(usize, usize)> {
    let first = if child.header.is_empty() { child.body } else { child.header };
    let length = child.header.len() + child.body.len();
    let start = (first.as_ptr() as usize).checked_sub(body.as_ptr() as usize)?;
    (length > 0 && start + length <= body.len()).then_some((start, start + length))
}

/// Text beyond ASCII that names no character set, and is UTF-8, is said to be.
fn needs_charset(part: &Part<'_>, content: &[u8]) -> bool {
    matches!(part.fields.media_type.as_str(), "text/plain" | "text/html")
        && part.fields.charset.is_none()
        && !content.is_ascii()
        && std::str::from_utf8(content).is_ok()
        && !part.fields.flowed
}

#[cfg(test)]
mod tests {
    use super::*;

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
