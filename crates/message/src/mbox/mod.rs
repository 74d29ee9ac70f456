//! Mailboxes as files: `mbox` in all its kinds read, and mboxrd written (RFC 4155, qmail's mbox(5)).
//!
//! What comes in is a file that can be sought in; what goes out are letters one at a time, as they were before they were
//! put there: lines of `>From ` without their mark, fields that the keeper of the file added taken out and read as
//! flags. A letter that is larger than [`MAX_LETTER`] is passed over without being held. Nothing is ever asked of the
//! memory but one letter.
//!
//! A line begins a letter if it begins with `From `, stands behind an empty line or at the beginning, and ends as such
//! lines do, in a date. Where a letter states its length (`Content-Length`) and another one begins there, or the file
//! ends, that is believed.

mod kept;
mod separator;

pub use kept::{Kept, taken_out, with_kept_fields};
pub use separator::separator;

use jiff::Timestamp;
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};

/// Octets of a letter that is read.
pub const MAX_LETTER: usize = 256 * 1024 * 1024;
/// Octets behind the stated end of a letter in which the next one begins.
const NEXT: usize = 512;

/// A letter of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MboxLetter {
    /// The letter, its line ends as they stand there.
    pub bytes: Vec<u8>,
    /// When it came in, as the line before it says.
    pub received: Option<Timestamp>,
    /// What the keeper of the file noted in it.
    pub kept: Kept,
}

/// Reads a mailbox letter by letter.
#[derive(Debug)]
pub struct MboxReader<R> {
    input: R,
    /// The line that begins the next letter.
    next: Option<Vec<u8>>,
    started: bool,
    /// Letters that were larger than is read.
    passed_over: u32,
}

impl<R: BufRead + Seek> MboxReader<R> {
    /// A reader from where the input stands.
    pub fn new(input: R) -> Self {
        Self { input, next: None, started: false, passed_over: 0 }
    }

    /// How many letters were passed over because they are too large.
    pub fn passed_over(&self) -> u32 {
        self.passed_over
    }

    /// How far it has read, in octets.
    pub fn position(&mut self) -> io::Result<u64> {
        self.input.stream_position()
    }

    /// The next letter; `None` at the end.
    pub fn letter(&mut self) -> io::Result<Option<MboxLetter>> {
        loop {
            let Some(first) = self.begin()? else { return Ok(None) };
            let Some((bytes, quoted)) = self.content()? else {
                self.passed_over += 1;
                continue;
            };
            let bytes = if quoted { unquoted(bytes) } else { bytes };
            let (bytes, kept) = kept::taken_out(bytes);
            if kept.is_no_letter {
                continue;
            }
            return Ok(Some(MboxLetter { bytes, received: separator::date(&first), kept }));
        }
    }

    /// The line that begins a letter. What stands before the first one is none.
    fn begin(&mut self) -> io::Result<Option<Vec<u8>>> {
        if let Some(line) = self.next.take() {
            return Ok(Some(line));
        }
        if self.started {
            return Ok(None);
        }
        self.started = true;
        let mut line = Vec::new();
        while self.line(&mut line)? {
            if separator::is_one(&line) {
                return Ok(Some(line));
            }
            line.clear();
        }
        Ok(None)
    }

    /// The letter up to the next one, and whether its lines may have been quoted; `None` if it is too large.
    fn content(&mut self) -> io::Result<Option<(Vec<u8>, bool)>> {
        let mut bytes = Vec::new();
        let mut too_large = false;
        let mut in_header = true;
        let mut after_blank = false;
        let mut line = Vec::new();
        while self.line(&mut line)? {
            let is_blank = line.trim_ascii().is_empty();
            if (after_blank || bytes.is_empty()) && separator::is_one(&line) {
                self.next = Some(line);
                break;
            }
            if !too_large {
                bytes.extend_from_slice(&line);
            }
            too_large |= bytes.len() > MAX_LETTER;
            if too_large {
                bytes = Vec::new();
            }
            if in_header && is_blank {
                in_header = false;
                if let Some(quoted) = self.by_length(&mut bytes)? {
                    return Ok(Some((bytes, quoted)));
                }
            }
            after_blank = is_blank;
            line.clear();
        }
        // The empty line before the next letter is the file's, not the letter's.
        for end in [b"\r\n\r\n".as_slice(), b"\n\n"] {
            if bytes.ends_with(end) {
                bytes.truncate(bytes.len() - end.len() / 2);
                break;
            }
        }
        Ok((!too_large).then_some((bytes, true)))
    }

    /// Reads the body by its stated length, if the next letter begins there, or the file ends. Whether it has to be
    /// unquoted: whoever relies on the length need not quote.
    fn by_length(&mut self, bytes: &mut Vec<u8>) -> io::Result<Option<bool>> {
        let Some(length) = kept::content_length(bytes).filter(|length| *length <= MAX_LETTER as u64) else {
            return Ok(None);
        };
        let start = self.input.stream_position()?;
        self.input.seek(SeekFrom::Start(start.saturating_add(length)))?;
        let mut behind = Vec::new();
        (&mut self.input).take(NEXT as u64).read_to_end(&mut behind)?;
        let end = self.input.seek(SeekFrom::End(0))?;
        let is_end = start.saturating_add(length) <= end && ends_there(&behind);
        self.input.seek(SeekFrom::Start(start))?;
        if !is_end {
            return Ok(None);
        }
        let before = bytes.len();
        (&mut self.input).take(length).read_to_end(bytes)?;
        let body = bytes.get(before..).unwrap_or_default();
        let unquoted = body.starts_with(b"From ") || memchr::memmem::find(body, b"\nFrom ").is_some();
        self.seek_next()?;
        Ok(Some(!unquoted))
    }

    /// Passes over the empty lines before the next letter.
    fn seek_next(&mut self) -> io::Result<()> {
        let mut line = Vec::new();
        while self.line(&mut line)? {
            if !line.trim_ascii().is_empty() {
                self.next = Some(line);
                break;
            }
            line.clear();
        }
        Ok(())
    }

    /// The next line with its end. One that never ends is read in pieces.
    fn line(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        const PIECE: u64 = 1024 * 1024;
        Ok((&mut self.input).take(PIECE).read_until(b'\n', line)? > 0)
    }
}

/// How many letters a mailbox has, nearly: lines within letters that look like the beginning of one count as well.
pub fn count(input: &mut impl BufRead) -> io::Result<u32> {
    let mut letters = 0;
    let mut after_blank = true;
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        letters += u32::from(after_blank && separator::is_one(&line));
        after_blank = line.trim_ascii().is_empty();
        line.clear();
    }
    Ok(letters)
}

/// Whether a letter may end before these octets.
fn ends_there(behind: &[u8]) -> bool {
    let at = behind.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(behind.len());
    let rest = behind.get(at..).unwrap_or_default();
    rest.is_empty() || (at > 0 && separator::is_one(rest.split(|byte| *byte == b'\n').next().unwrap_or_default()))
}

/// Takes one mark off each line that begins with some and `From `.
fn unquoted(bytes: Vec<u8>) -> Vec<u8> {
    if memchr::memmem::find(&bytes, b">From ").is_none() {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        out.extend_from_slice(if is_quoted(line) { line.get(1..).unwrap_or_default() } else { line });
    }
    out
}

fn is_quoted(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    marks > 0 && line.get(marks..).is_some_and(|rest| rest.starts_with(b"From "))
}

/// Writes a letter into an mboxrd: lines that would be taken for the beginning of another get a mark, and so do those
/// that have one. Line ends become line feeds.
pub fn write_letter(out: &mut impl Write, letter: &[u8], sender: &str, received: Timestamp) -> io::Result<()> {
    writeln!(out, "{}", separator(sender, received))?;
    let mut ends_line = true;
    for line in letter.split_inclusive(|byte| *byte == b'\n') {
        let (content, ends) = match line {
            [content @ .., b'\r', b'\n'] | [content @ .., b'\n'] => (content, true),
            content => (content, false),
        };
        if content.starts_with(b"From ") || is_quoted(content) {
            out.write_all(b">")?;
        }
        out.write_all(content)?;
        out.write_all(if ends { b"\n" } else { b"" })?;
        ends_line = ends;
    }
    out.write_all(if ends_line { b"\n" } else { b"\n\n" })
}

#[cfg(test)]
mod tests;
