//! The content of a message as it goes over the wire after DATA (RFC 5321 §4.5.2) or BDAT (RFC 3030): pure.
//!
//! After BDAT the octets go as they are, since their number is said before. After DATA, a dot at the beginning of a line is doubled, and a line with a single dot ends the content. Line ends must be CRLF
//! already: a CR or LF alone is read as a line end by some servers and not by others, and what one server takes for
//! content the next one may take for a command (SMTP smuggling). Such a message is refused, not mended.

/// A CR or LF that stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message has a bare line end at octet {at}; line ends must be CRLF")]
pub struct BareLineEnd {
    /// Where it stands.
    pub at: usize,
}

/// Octets in a block of content, about.
const BLOCK: usize = 64 * 1024;

/// The first CR or LF that stands alone.
pub fn check_line_ends(message: &[u8]) -> Result<(), BareLineEnd> {
    let mut before = None;
    for (at, octet) in message.iter().copied().enumerate() {
        if before == Some(b'\r') && octet != b'\n' {
            return Err(BareLineEnd { at: at - 1 });
        }
        if octet == b'\n' && before != Some(b'\r') {
            return Err(BareLineEnd { at });
        }
        before = Some(octet);
    }
    match before {
        Some(b'\r') => Err(BareLineEnd { at: message.len() - 1 }),
        _ => Ok(()),
    }
}

/// Whether the header holds anything beyond ASCII, for which the server must know SMTPUTF8 (RFC 6531 §3.2). Names and
/// subjects are encoded words by now (RFC 2047); what is left are addresses, which can not be.
pub fn has_utf8_header(message: &[u8]) -> bool {
    let lines = message.split_inclusive(|octet| *octet == b'\n').take_while(|line| *line != b"\r\n");
    lines.into_iter().any(|line| !line.is_ascii())
}

/// The message as one chunk of BDAT: its size, and its octets in blocks. The last line has its end.
pub fn chunk(message: &[u8]) -> (usize, impl Iterator<Item = &[u8]>) {
    let end: &[u8] = if message.is_empty() || message.ends_with(b"\r\n") { b"" } else { b"\r\n" };
    let blocks = message.chunks(BLOCK).chain([end]).filter(|block| !block.is_empty());
    (message.len() + end.len(), blocks)
}

/// The message in blocks as it goes over the wire after DATA, up to and with the final dot, which is in the last block. To be
/// called after [`check_line_ends`].
pub fn dot_stuff(message: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let end: &[u8] = if message.is_empty() || message.ends_with(b"\r\n") { b".\r\n" } else { b"\r\n.\r\n" };
    let mut lines = message.split_inclusive(|octet| *octet == b'\n').peekable();
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let mut block = Vec::with_capacity(BLOCK);
        while block.len() < BLOCK
            && let Some(line) = lines.next()
        {
            if line.starts_with(b".") {
                block.push(b'.');
            }
            block.extend_from_slice(line);
        }
        if lines.peek().is_none() {
            block.extend_from_slice(end);
            ended = true;
        }
        Some(block)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(message: &[u8]) -> Vec<u8> {
        dot_stuff(message).flatten().collect()
    }

    #[test]
    fn dots_at_the_beginning_of_a_line_are_doubled_and_a_dot_ends_the_content() {
        let table: [(&[u8], &[u8]); 8] = [
            (b"", b".\r\n"),
            (b"a\r\n", b"a\r\n.\r\n"),
            (b"a", b"a\r\n.\r\n"),
            (b".", b"..\r\n.\r\n"),
            (b".\r\n", b"..\r\n.\r\n"),
            (b"a\r\n.b\r\n..c\r\n", b"a\r\n..b\r\n...c\r\n.\r\n"),
            (b"a.b.\r\n c.\r\n", b"a.b.\r\n c.\r\n.\r\n"),
            (b"\r\n\r\n", b"\r\n\r\n.\r\n"),
        ];
        for (message, expected) in table {
            assert_eq!(whole(message), expected, "{message:?}");
        }
    }

    #[test]
    fn a_cr_or_lf_alone_is_found() {
        let table: [(&[u8], Option<usize>); 8] = [
            (b"", None),
            (b"a\r\nb\r\n", None),
            (b"a\nb\r\n", Some(1)),
            (b"\n", Some(0)),
            (b"a\rb\r\n", Some(1)),
            (b"a\r\r\n", Some(1)),
            (b"a\r", Some(1)),
            (b"a\r\n\n", Some(3)),
        ];
        for (message, expected) in table {
            assert_eq!(check_line_ends(message).err().map(|bare| bare.at), expected, "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn a_server_that_undoes_the_stuffing_gets_the_message(lines in prop::collection::vec("[.ab]{0,6}", 0..50)) {
            let message: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let wire = String::from_utf8(whole(message.as_bytes())).unwrap();
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
    }

    #[test]
    fn a_large_message_goes_in_blocks_and_only_the_last_holds_the_final_dot() {
        let message = b"0123456789\r\n".repeat(100_000);
        let blocks: Vec<_> = dot_stuff(&message).collect();
        assert!(blocks.len() > 10);
        assert!(blocks.iter().rev().skip(1).all(|block| !block.ends_with(b".\r\n")));
        assert!(blocks.last().unwrap().ends_with(b"\r\n.\r\n"));
    }

    #[test]
    fn a_chunk_holds_the_message_as_it_is_and_says_its_size() {
        let large = b"0123456789\r\n".repeat(20_000);
        let table: [(&[u8], &[u8]); 5] = [
            (b"", b""),
            (b".\r\n", b".\r\n"),
            (b"a", b"a\r\n"),
            (b".\r\n.\r\nb\r\n", b".\r\n.\r\nb\r\n"),
            (&large, &large),
        ];
        for (message, expected) in table {
            let (size, blocks) = chunk(message);
            assert_eq!(blocks.collect::<Vec<_>>().concat(), expected);
            assert_eq!(size, expected.len());
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
