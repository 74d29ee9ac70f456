//! Files in the text itself, as they were sent before MIME: uuencode (POSIX `uuencode`, both of its alphabets) and yEnc.
//!
//! A block counts only if every line in it is what its first line promises; anything else is text that talks about it.
//! Bounds: [`MAX_FILES`] in a text; every octet is looked at twice at most.

use std::ops::Range;

/// Files in one text that are read.
const MAX_FILES: usize = 200;

/// Octets that may be passed over behind the beginning of what is no block: `=ybegin` is the longest mark.
const MARK: usize = 7;

/// A file in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextFile {
    /// Its name as given.
    pub name: String,
    /// Where it stands, with the lines that begin and end it.
    pub place: Range<usize>,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The files in a text that is decoded from its transfer encoding, in order.
pub(crate) fn files(text: &[u8]) -> Vec<TextFile> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = next_begin(text, at) {
        match block(text, start) {
            Some(file) if found.len() < MAX_FILES => {
                at = file.place.end;
                found.push(file);
            }
            Some(_) => break,
            None => at = start + MARK,
        }
    }
    found
}

/// The text without its files.
pub(crate) fn without(text: &[u8], files: &[TextFile]) -> Vec<u8> {
    let mut rest = Vec::with_capacity(text.len());
    let mut at = 0;
    for file in files {
        rest.extend_from_slice(text.get(at..file.place.start).unwrap_or_default());
        at = file.place.end;
    }
    rest.extend_from_slice(text.get(at..).unwrap_or_default());
    rest
}

/// Where the next line begins that may begin a block.
fn next_begin(text: &[u8], from: usize) -> Option<usize> {
    let is_line = |at: usize| at == 0 || text.get(at - 1) == Some(&b'\n');
    memchr::memmem::find_iter(text.get(from..)?, b"begin").map(|at| at + from).find_map(|at| {
        let yenc = at.checked_sub(2).filter(|start| text.get(*start..at) == Some(b"=y"));
        [Some(at), yenc].into_iter().flatten().find(|start| is_line(*start))
    })
}

fn block(text: &[u8], start: usize) -> Option<TextFile> {
    let mut lines = Lines { text, at: start };
    let first = lines.next()?;
    if let Some(rest) = first.strip_prefix(b"=ybegin ") {
        return yenc(rest, lines, start);
    }
    let (is_base64, rest) = match first.strip_prefix(b"begin-base64 ") {
        Some(rest) => (true, rest),
        None => (false, first.strip_prefix(b"begin ")?),
    };
    let name = uu_name(rest)?;
    let bytes = if is_base64 { base64(&mut lines)? } else { uudecode(&mut lines)? };
    Some(TextFile { name, place: start..lines.at, bytes })
}

/// `644 name`.
fn uu_name(rest: &[u8]) -> Option<String> {
    let space = rest.iter().position(|byte| *byte == b' ')?;
    let (mode, name) = rest.split_at(space);
    let is_mode = (3..=4).contains(&mode.len()) && mode.iter().all(|digit| (b'0'..=b'7').contains(digit));
    let name = String::from_utf8_lossy(name).trim().to_owned();
    (is_mode && !name.is_empty()).then_some(name)
}

/// The lines up to `end`, or to the end of the text: a letter that was cut still has what it has.
fn uudecode(lines: &mut Lines<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut any = false;
    loop {
        let before = lines.at;
        let Some(line) = lines.next() else { return any.then_some(out) };
        if line == b"end" {
            return any.then_some(out);
        }
        if line.is_empty() || line == b"`" || line == b" " {
            continue;
        }
        if !uu_line(line, &mut out) {
            lines.at = before;
            return None;
        }
        any = true;
    }
}

/// One line: its length in octets, then four characters for three of them; perhaps a checksum.
fn uu_line(line: &[u8], out: &mut Vec<u8>) -> bool {
    let value = |byte: u8| (b' '..=b'`').contains(&byte).then(|| (byte - b' ') & 0x3f);
    let Some((first, rest)) = line.split_first() else { return false };
    let Some(length) = value(*first).map(usize::from).filter(|length| *length > 0) else { return false };
    let wanted = length.div_ceil(3) * 4;
    // Spaces at the end of the line may have been lost on the way.
    if rest.len() > wanted + 2 || rest.len() + 4 < wanted || rest.iter().any(|byte| value(*byte).is_none()) {
        return false;
    }
    let end = out.len() + length;
    let mut sextets = rest.iter().map(|byte| value(*byte).unwrap_or(0)).chain(std::iter::repeat(0));
    while out.len() < end {
        let quad = [(); 4].map(|()| u32::from(sextets.next().unwrap_or(0)));
        let word = quad.iter().fold(0, |word, sextet| word << 6 | sextet);
        out.extend_from_slice(word.to_be_bytes().get(1..).unwrap_or_default());
    }
    out.truncate(end);
    true
}

/// The lines up to `====`.
fn base64(lines: &mut Lines<'_>) -> Option<Vec<u8>> {
    let mut encoded = Vec::new();
    loop {
        match lines.next() {
            None | Some(b"====") => break,
            Some(line) if line.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)) => {
                encoded.extend_from_slice(line);
            }
            Some(_) => return None,
        }
    }
    Some(crate::mime::decode_base64(&encoded)).filter(|bytes| !bytes.is_empty())
}

/// yEnc 1.3, of one part or of several, which are files of their own here.
fn yenc(rest: &[u8], mut lines: Lines<'_>, start: usize) -> Option<TextFile> {
    let header = String::from_utf8_lossy(rest).into_owned();
    let name = header.split_once("name=")?.1.trim().to_owned();
    let mut bytes = Vec::new();
    loop {
        let line = lines.next()?;
        if line.starts_with(b"=yend") {
            break;
        }
        if line.starts_with(b"=ybegin ") {
            return None;
        }
        if line.starts_with(b"=ypart") {
            continue;
        }
        let mut octets = line.iter();
        while let Some(octet) = octets.next() {
            let octet = match octet {
                b'=' => octets.next()?.wrapping_sub(64),
                octet => *octet,
            };
            bytes.push(octet.wrapping_sub(42));
        }
    }
    (!name.is_empty()).then_some(TextFile { name, place: start..lines.at, bytes })
}

struct Lines<'x> {
    text: &'x [u8],
    at: usize,
}

impl<'x> Iterator for Lines<'x> {
    type Item = &'x [u8];

    fn next(&mut self) -> Option<&'x [u8]> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest);
        let line = rest.get(..length.unwrap_or(rest.len()))?;
        self.at += length.map_or(rest.len(), |length| length + 1);
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &[u8]) -> (Vec<(String, Vec<u8>)>, String) {
        let files = files(text);
        let rest = String::from_utf8_lossy(&without(text, &files)).into_owned();
        (files.into_iter().map(|file| (file.name, file.bytes)).collect(), rest)
    }

    #[test]
    fn files_in_the_text_are_taken_out_of_it() {
        let cat = "begin 644 cat.txt\n#0V%T\n`\nend\n";
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
        let table: [Case<'_>; 6] = [
            (&format!("before\n{cat}after\n"), &[("cat.txt", "Cat")], "before\nafter\n"),
            (&format!("{cat}{cat}").replace('\n', "\r\n"), &[("cat.txt", "Cat"), ("cat.txt", "Cat")], ""),
            ("begin 755 a b.bin\n#0V%T\n", &[("a b.bin", "Cat")], ""),
            ("begin-base64 644 x\nQ2F0\n====\nend", &[("x", "Cat")], "end"),
            ("=ybegin line=128 size=3 name=cat.txt\n\u{6d}\n=yend size=3\n", &[("cat.txt", "C")], ""),
            ("begin 644 n\n$86)C9`\n \nend\n", &[("n", "abcd")], ""),
        ];
        for (text, files, rest) in table {
            let (names, left) = found(text.as_bytes());
            let names: Vec<(&str, &str)> =
                names.iter().map(|(name, bytes)| (name.as_str(), std::str::from_utf8(bytes).unwrap())).collect();
            assert_eq!((names.as_slice(), left.as_str()), (files, rest), "{text}");
        }
    }

    #[test]
    fn text_that_only_talks_of_it_stays_text() {
        for text in [
            "begin\n",
            "begin the day with tea\n",
            "begin 644 cat.txt\nwith these words, and not a line of it\nend\n",
            "begin 999 cat.txt\n#0V%T\nend\n",
            "begin 644 cat.txt\nend\n",
            "we begin 644 cat.txt\n#0V%T\nend\n",
            "=ybegin line=128\nx\n",
        ] {
            assert_eq!(found(text.as_bytes()), (Vec::new(), text.to_owned()));
        }
        let many = "begin 644 x\n".repeat(50_000);
        assert_eq!(files(many.as_bytes()), []);
    }
}
