//! The octets of a message as they go over the wire after DATA (RFC 5321 §4.5.2) or BDAT (RFC 3030): pure, block by
//! block. What goes out does not depend on where the blocks are cut.
//!
//! After BDAT the octets go as they are, since their number is said before. After DATA, a dot at the beginning of a line
//! is doubled, and a line with a single dot ends the content. Line ends must be CRLF already: a CR or LF alone is read
//! as a line end by some servers and not by others, and what one server takes for content the next one may take for a
//! command (SMTP smuggling). Such a message is refused, not mended.

use memchr::{memchr2_iter, memmem};

/// A CR or LF that stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message has a bare line end at octet {at}; line ends must be CRLF")]
pub struct BareLineEnd {
    /// Where it stands.
    pub at: u64,
}

/// Looks for a CR or LF that stands alone.
#[derive(Debug, Default)]
pub struct LineEnds {
    /// Octets seen.
    seen: u64,
    /// The CR that an LF must follow.
    cr: Option<u64>,
}

impl LineEnds {
    /// Takes in the next block.
    pub fn check(&mut self, block: &[u8]) -> Result<(), BareLineEnd> {
        for place in memchr2_iter(b'\r', b'\n', block) {
            let at = self.seen + place as u64;
            let is_cr = block.get(place) == Some(&b'\r');
            match self.cr.take() {
                Some(cr) if is_cr || cr + 1 != at => return Err(BareLineEnd { at: cr }),
                Some(_) => {}
                None if is_cr => self.cr = Some(at),
                None => return Err(BareLineEnd { at }),
            }
        }
        self.seen += block.len() as u64;
        match self.cr {
            Some(cr) if cr + 1 != self.seen => Err(BareLineEnd { at: cr }),
            _ => Ok(()),
        }
    }

    /// To be called after the last block.
    pub fn finish(&self) -> Result<(), BareLineEnd> {
        self.cr.map_or(Ok(()), |at| Err(BareLineEnd { at }))
    }
}

/// Doubles the dots at the beginning of lines. Stands on line ends that [`LineEnds`] has seen.
#[derive(Debug)]
pub struct DotStuffing {
    at_line_start: bool,
}

impl Default for DotStuffing {
    fn default() -> Self {
        Self { at_line_start: true }
    }
}

impl DotStuffing {
    /// Writes the next block as it goes over the wire.
    pub fn block(&mut self, block: &[u8], out: &mut Vec<u8>) {
        out.reserve(block.len() + block.len() / 64);
        if self.at_line_start && block.starts_with(b".") {
            out.push(b'.');
        }
        let mut from = 0;
        for found in memmem::find_iter(block, b"\n.") {
            out.extend_from_slice(block.get(from..=found).unwrap_or_default());
            out.push(b'.');
            from = found + 1;
        }
        out.extend_from_slice(block.get(from..).unwrap_or_default());
        if let Some(last) = block.last() {
            self.at_line_start = *last == b'\n';
        }
    }

    /// Writes the end of the content, with that of the last line where it has none.
    pub fn end(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.at_line_start { b".\r\n" } else { b"\r\n.\r\n" });
    }
}

/// Whether the header holds anything beyond ASCII, for which the server must know SMTPUTF8 (RFC 6531 §3.2). Names and
/// subjects are encoded words by now (RFC 2047); what is left are addresses, which cannot be.
pub fn has_utf8_header(message: &[u8]) -> bool {
    let mut lines = message.split_inclusive(|octet| *octet == b'\n').take_while(|line| *line != b"\r\n");
    lines.any(|line| !line.is_ascii())
}

/// What a chunk needs after it to end its line, if it is the last one.
pub(crate) fn missing_line_end(last: &[u8]) -> &'static [u8] {
    if last.is_empty() || last.ends_with(b"\n") { b"" } else { b"\r\n" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stuffed<'a>(blocks: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut dots = DotStuffing::default();
        for block in blocks {
            dots.block(block, &mut out);
        }
        dots.end(&mut out);
        out
    }

    fn bare<'a>(blocks: impl IntoIterator<Item = &'a [u8]>) -> Option<u64> {
        let mut ends = LineEnds::default();
        let checked = blocks.into_iter().try_for_each(|block| ends.check(block));
        checked.and_then(|()| ends.finish()).err().map(|bare| bare.at)
    }

    /// The octets cut at these places, taken as fractions of their length.
    fn cut<'a>(octets: &'a [u8], places: &[prop::sample::Index]) -> Vec<&'a [u8]> {
        let mut places: Vec<usize> = places.iter().map(|place| place.index(octets.len() + 1)).collect();
        places.sort_unstable();
        let starts = std::iter::once(0).chain(places.iter().copied());
        let ends = places.iter().copied().chain([octets.len()]);
        starts.zip(ends).map(|(start, end)| &octets[start..end]).collect()
    }

    #[test]
    fn dots_at_the_beginning_of_a_line_are_doubled_and_a_dot_ends_the_content() {
        let table: [(&[u8], &[u8]); 9] = [
            (b"", b".\r\n"),
            (b"a\r\n", b"a\r\n.\r\n"),
            (b"a", b"a\r\n.\r\n"),
            (b".", b"..\r\n.\r\n"),
            (b".\r\n", b"..\r\n.\r\n"),
            (b"a\r\n.b\r\n..c\r\n", b"a\r\n..b\r\n...c\r\n.\r\n"),
            (b"a.b.\r\n c.\r\n", b"a.b.\r\n c.\r\n.\r\n"),
            (b"\r\n\r\n", b"\r\n\r\n.\r\n"),
            (b".\r\n.\r\n.\r\n", b"..\r\n..\r\n..\r\n.\r\n"),
        ];
        for (message, expected) in table {
            assert_eq!(stuffed([message]), expected, "{message:?}");
        }
    }

    #[test]
    fn a_cr_or_lf_alone_is_found() {
        let table: [(&[u8], Option<u64>); 10] = [
            (b"", None),
            (b"a\r\nb\r\n", None),
            (b"a\nb\r\n", Some(1)),
            (b"\n", Some(0)),
            (b"a\rb\r\n", Some(1)),
            (b"a\rb", Some(1)),
            (b"a\r\r\n", Some(1)),
            (b"a\r", Some(1)),
            (b"a\r\n\n", Some(3)),
            (b"a\r\n\r", Some(3)),
        ];
        for (message, expected) in table {
            assert_eq!(bare([message]), expected, "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn a_server_that_undoes_the_stuffing_gets_the_message(lines in prop::collection::vec("[.ab]{0,6}", 0..50)) {
            let message: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let wire = String::from_utf8(stuffed([message.as_bytes()])).unwrap();
            let (content, rest) = match wire.strip_prefix(".\r\n") {
                Some(rest) => ("", rest),
                None => {
                    let end = wire.find("\r\n.\r\n").unwrap();
                    (&wire[..end + 2], &wire[end + 5..])
                }
            };
            prop_assert_eq!(rest, "", "nothing follows the first final dot");
            let undone: String =
                content.split_inclusive("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
            prop_assert_eq!(undone, message);
        }

        #[test]
        fn where_the_blocks_are_cut_makes_no_difference(
            message in "[.a\r\n]{0,40}|(\\.{0,2}[ab]{0,2}\r\n){0,12}a?",
            places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let message = message.as_bytes();
            let blocks = cut(message, &places);
            prop_assert_eq!(bare(blocks.iter().copied()), bare([message]));
            if bare([message]).is_none() {
                prop_assert_eq!(stuffed(blocks), stuffed([message]));
            }
            prop_assert_eq!(bare(message.chunks(1)), bare([message]));
        }
    }

    #[test]
    fn only_the_header_decides_whether_the_header_is_ascii() {
        let table: [(&[u8], bool); 5] = [
            (b"", false),
            (b"Subject: x\r\n\r\nj\xc3\xbcrgen\r\n", false),
            ("To: j\u{fc}rgen@there.test\r\n\r\nx\r\n".as_bytes(), true),
            (b"Subject: x\r\nTo: \xff\r\n", true),
            (b"\r\n\xff\r\n", false),
        ];
        for (message, expected) in table {
            assert_eq!(has_utf8_header(message), expected, "{message:?}");
        }
    }
}
