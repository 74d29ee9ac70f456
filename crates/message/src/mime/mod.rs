//! The parts of a message (RFC 2045, RFC 2046), told apart.
//!
//! What comes in are the bytes of a message; what goes out is a list of parts in the order of the message, each with
//! its header fields and its still encoded body. A part's place in that list is its number, and the same bytes always
//! number alike. An attached message is one part: its own parts are seen by reading it as a message.
//!
//! Bounds: [`MAX_PARTS`] parts, [`MAX_DEPTH`] levels, [`MAX_HEADER`] octets of header a part. The walk reads every
//! octet at most once a level. The splitting is done here, and not by the parser that reads the fields, because that
//! one nests without a bound and would be searched to its end for each boundary that never comes.

mod charset;
mod encoding;
mod fields;
mod raw;

pub(crate) use charset::{Hint, decode_text, sender_domain, utf8_header};
pub(crate) use encoding::{decode, decode_base64, decoded_len, encode_octets, encode_text, octet_of};
pub(crate) use fields::{Disposition, Fields, TransferEncoding, bare_id, header_fields, parameters, part_fields};
pub(crate) use raw::{RawField, fields_in, raw_fields};

use crate::Defect;

/// Parts that are read; what follows them is not looked at.
pub(crate) const MAX_PARTS: usize = 2_000;
/// Levels of multipart within multipart.
pub(crate) const MAX_DEPTH: usize = 24;
/// Octets of one part's header that are read.
pub(crate) const MAX_HEADER: usize = 512 * 1024;

/// A part: its header fields as far as MIME goes, and where its content is.
#[derive(Debug)]
pub(crate) struct Part<'x> {
    pub fields: Fields,
    /// The header block as it stands, with its empty line where it has one.
    pub header: &'x [u8],
    /// The body, still in its transfer encoding, without the line end that belongs to the boundary after it.
    pub body: &'x [u8],
    /// The numbers of the parts in it; empty for a leaf.
    pub children: Vec<usize>,
    /// Whether it is split into parts. A multipart whose boundary never comes is a leaf.
    pub is_container: bool,
}

/// A message as its parts.
#[derive(Debug, Default)]
pub(crate) struct Tree<'x> {
    /// Every part; the first is the message itself.
    pub parts: Vec<Part<'x>>,
    pub defects: Vec<Defect>,
}

/// Tells the parts of a message apart.
pub(crate) fn split(raw: &[u8]) -> Tree<'_> {
    let mut tree = Tree::default();
    tree.add(raw, Place { depth: 0, in_digest: false });
    tree
}

#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    in_digest: bool,
}

impl<'x> Tree<'x> {
    /// Adds the part and what is in it. Recursion ends at [`MAX_DEPTH`].
    fn add(&mut self, raw: &'x [u8], at: Place) -> Option<usize> {
        if self.parts.len() >= MAX_PARTS {
            self.defect(Defect::TooManyParts);
            return None;
        }
        let (header, body) = split_header(raw);
        if header.len() > MAX_HEADER {
            self.defect(Defect::HeadersTooLong);
        }
        let fields = part_fields(header.get(..MAX_HEADER).unwrap_or(header), at.in_digest);
        let number = self.parts.len();
        let is_multipart = fields.media_type.starts_with("multipart/");
        let boundary = is_multipart.then(|| fields.boundary.clone()).flatten();
        let in_digest = fields.media_type == "multipart/digest";
        self.parts.push(Part { fields, header, body, children: Vec::new(), is_container: false });
        if is_multipart {
            self.add_children(number, body, boundary, Place { depth: at.depth + 1, in_digest });
        }
        Some(number)
    }

    fn add_children(&mut self, number: usize, body: &'x [u8], boundary: Option<Vec<u8>>, at: Place) {
        if at.depth > MAX_DEPTH {
            return self.defect(Defect::TooDeep);
        }
        let Some(boundary) = boundary.filter(|b| !b.is_empty()).or_else(|| guess_boundary(body)) else {
            return self.defect(Defect::NoBoundary);
        };
        let Some((boundary, sections)) = told_apart(body, boundary) else {
            return self.defect(Defect::NoBoundary);
        };
        if !sections.closed {
            self.defect(Defect::NoClosingBoundary);
        }
        let children = sections.bodies.into_iter().map_while(|section| self.add(section, at)).collect();
        if let Some(part) = self.parts.get_mut(number) {
            part.children = children;
            part.is_container = true;
            part.fields.boundary = Some(boundary);
        }
    }

    fn defect(&mut self, defect: Defect) {
        if !self.defects.contains(&defect) {
            self.defects.push(defect);
        }
    }
}

/// The sections, by the boundary that is named, or by the one that is there.
fn told_apart(body: &[u8], boundary: Vec<u8>) -> Option<(Vec<u8>, Sections<'_>)> {
    let found = sections(body, &boundary, MAX_PARTS);
    if !found.bodies.is_empty() {
        return Some((boundary, found));
    }
    let other = guess_boundary(body).filter(|other| *other != boundary)?;
    let found = sections(body, &other, MAX_PARTS);
    (!found.bodies.is_empty()).then_some((other, found))
}

struct Sections<'x> {
    bodies: Vec<&'x [u8]>,
    closed: bool,
}

/// The sections between the boundary lines (RFC 2046 §5.1.1).
fn sections<'x>(body: &'x [u8], boundary: &[u8], limit: usize) -> Sections<'x> {
    let mut bodies = Vec::new();
    let mut start = None;
    let mut closed = false;
    for line in lines(body) {
        let Some(mark) = boundary_mark(line.content, boundary) else { continue };
        if let Some(start) = start {
            bodies.push(body.get(start..line.start_without_break.max(start)).unwrap_or_default());
        }
        start = Some(line.end);
        if mark == Mark::Closing || bodies.len() > limit {
            closed = true;
            start = None;
            break;
        }
    }
    if let Some(rest) = start.and_then(|start| body.get(start..)).filter(|rest| !rest.is_empty()) {
        bodies.push(rest);
    }
    Sections { bodies, closed }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Next,
    Closing,
}

/// Whether the line is a boundary line: two hyphens, the boundary, two more for the last one, and nothing but white
/// space behind it, so that a boundary which another one begins with is not taken for it.
fn boundary_mark(line: &[u8], boundary: &[u8]) -> Option<Mark> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?;
    match rest.trim_ascii() {
        b"" => Some(Mark::Next),
        b"--" => Some(Mark::Closing),
        _ => None,
    }
}

/// The boundary of a multipart that does not name it: its first line with two hyphens in front, if it comes again.
fn guess_boundary(body: &[u8]) -> Option<Vec<u8>> {
    let first = lines(body).map(|line| line.content).find(|line| line.len() > 4 && line.starts_with(b"--"))?;
    let boundary = first.get(2..)?.trim_ascii_end();
    let again = lines(body).filter(|line| boundary_mark(line.content, boundary).is_some()).take(2).count();
    (again == 2).then(|| boundary.to_vec())
}

struct Line<'x> {
    /// Its octets without the line end.
    content: &'x [u8],
    /// Where the line end before it begins: that one belongs to the boundary.
    start_without_break: usize,
    /// Where the next line begins.
    end: usize,
}

fn lines(body: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut at = 0;
    let mut start_without_break = 0;
    std::iter::from_fn(move || {
        let rest = body.get(at..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest);
        let content = rest.get(..length.unwrap_or(rest.len()))?;
        let end = at + length.map_or(rest.len(), |length| length + 1);
        let trimmed = content.strip_suffix(b"\r").unwrap_or(content);
        let line = Line { content: trimmed, start_without_break, end };
        start_without_break = at + trimmed.len();
        at = end;
        Some(line)
    })
}

/// The header block, with its empty line, and the body. A block that begins with an empty line has no fields; one
/// without an empty line is all header, unless it has no field at all: then it is all body.
pub(crate) fn split_header(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut seen_field = false;
    for line in lines(raw) {
        if line.content.trim_ascii().is_empty() {
            return raw.split_at(line.end.min(raw.len()));
        }
        seen_field |= line.content.contains(&b':');
    }
    if seen_field { (raw, &[]) } else { (&[], raw) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(raw: &str) -> Vec<(String, usize, String)> {
        let tree = split(raw.as_bytes());
        tree.parts
            .iter()
            .map(|part| {
                let body = if part.is_container { String::new() } else { String::from_utf8_lossy(part.body).into() };
                (part.fields.media_type.clone(), part.children.len(), body)
            })
            .collect()
    }

    fn row(media: &str, children: usize, body: &str) -> (String, usize, String) {
        (media.to_owned(), children, body.to_owned())
    }

    #[test]
    fn parts_are_numbered_in_the_order_of_the_message() {
        let raw = "Content-Type: multipart/mixed; boundary=a\r\n\r\npreamble\r\n--a\r\n\
            Content-Type: multipart/alternative; boundary=ab\r\n\r\n--ab\r\n\r\none\r\n--ab\r\n\
            Content-Type: text/html\r\n\r\ntwo\r\n\r\n--ab--\r\n--a\r\nContent-Type: image/png\r\n\r\nthree\r\n--a--\r\nepilogue";
        let expected = [
            row("multipart/mixed", 2, ""),
            row("multipart/alternative", 2, ""),
            row("text/plain", 0, "one"),
            row("text/html", 0, "two\r\n"),
            row("image/png", 0, "three"),
        ];
        assert_eq!(shape(raw), expected);
    }

    #[test]
    fn a_boundary_that_another_begins_with_is_not_taken_for_it() {
        let raw = "Content-Type: multipart/mixed; boundary=x\n\n--x\n\n--xy is text\n--x--";
        assert_eq!(shape(raw), [row("multipart/mixed", 1, ""), row("text/plain", 0, "--xy is text")]);
    }

    #[test]
    fn what_is_wrong_with_the_parts_is_named_and_the_rest_read() {
        let table: [(&str, &[Defect], usize); 6] = [
            ("Content-Type: multipart/mixed\n\nno parts", &[Defect::NoBoundary], 1),
            ("Content-Type: multipart/mixed\n\n--guess me\n\none\n--guess me--\n", &[], 2),
            ("Content-Type: multipart/mixed; boundary=a\n\n--a\n\none", &[Defect::NoClosingBoundary], 2),
            ("Content-Type: multipart/mixed; boundary=x_\n\n--xyz\n\none\n--xyz--\n", &[], 2),
            ("Content-Type: multipart/mixed; boundary=a\n\nnone", &[Defect::NoBoundary], 1),
            ("Content-Type: multipart/mixed; boundary=a\n\n--a--\n", &[Defect::NoBoundary], 1),
        ];
        for (raw, defects, parts) in table {
            let tree = split(raw.as_bytes());
            assert_eq!((tree.defects.as_slice(), tree.parts.len()), (defects, parts), "{raw}");
        }
    }

    #[test]
    fn nesting_and_numbers_have_bounds() {
        let nested: String = (0..200)
            .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
            .chain(["\nthe end".to_owned()])
            .collect();
        let tree = split(nested.as_bytes());
        assert!(tree.parts.len() <= MAX_DEPTH + 1);
        assert!(tree.defects.contains(&Defect::TooDeep));

        let many = format!("Content-Type: multipart/mixed; boundary=b\n\n{}--b--", "--b\n\nx\n".repeat(10_000));
        let tree = split(many.as_bytes());
        assert_eq!(tree.parts.len(), MAX_PARTS);
        assert!(tree.defects.contains(&Defect::TooManyParts));
    }
}
