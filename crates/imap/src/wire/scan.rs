//! Where one response ends (RFC 9051 §2.2.2, §4.3): at the end of a line that announces no literal.
//!
//! The scanner looks at every octet of a line once, skips literals by their announced length, and refuses lengths that
//! no honest answer has before any memory is set aside for them.

/// Bounds on one response.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Octets outside of literals.
    pub line: usize,
    /// Octets of all literals together.
    pub literals: usize,
}

impl Limits {
    /// For everything but bodies.
    pub const SMALL: Self = Self { line: 4 << 20, literals: 1 << 20 };

    /// For an answer that carries up to so many octets of bodies. Servers state sizes before they change line ends, and
    /// some state them wrong, so twice the size is allowed.
    pub fn for_bodies(octets: usize) -> Self {
        Self { literals: octets.saturating_mul(2).saturating_add(1 << 20), ..Self::SMALL }
    }
}

/// Why octets cannot be a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooLong {
    /// A line without an end.
    #[error("a line longer than {0} octets")]
    Line(usize),
    /// A literal, or several, larger than what was asked for.
    #[error("a literal of {0} octets")]
    Literal(u64),
}

/// How far the response at the beginning of the buffer has been looked at.
#[derive(Debug, Default)]
pub struct Scanner {
    /// Where the line begins that is being looked at.
    line: usize,
    /// Where to look next.
    next: usize,
    /// Octets of literals so far.
    literals: usize,
}

impl Scanner {
    /// The length of the response at the beginning of `buffer`, once it is there as a whole. Call it again with more
    /// octets at the end of the same buffer; start afresh for the next response.
    pub fn end(&mut self, buffer: &[u8], limits: Limits) -> Result<Option<usize>, TooLong> {
        while let Some(found) = buffer.get(self.next..).and_then(|rest| rest.iter().position(|b| *b == b'\n')) {
            let end = self.next + found + 1;
            let line = buffer.get(self.line..end).unwrap_or_default();
            let literal = if self.line == 0 && is_status(line) { None } else { announced(line) };
            let Some(length) = literal else { return Ok(Some(end)) };
            let room = limits.literals.saturating_sub(self.literals) as u64;
            if length > room {
                return Err(TooLong::Literal(length));
            }
            self.literals += length as usize;
            self.line = end + length as usize;
            self.next = self.line;
        }
        self.next = self.next.max(buffer.len());
        if self.next.saturating_sub(self.literals) > limits.line {
            return Err(TooLong::Line(limits.line));
        }
        Ok(None)
    }

    /// Octets that must still come before the response can end, as far as is known.
    pub fn wanted(&self, buffer: &[u8]) -> usize {
        self.line.saturating_sub(buffer.len())
    }
}

/// Whether the line ends in text for people, in which braces mean nothing: `tag OK …`, `* BYE …`, `+ …`.
fn is_status(line: &[u8]) -> bool {
    let mut words = line.split(|b| *b == b' ' || *b == b'\r' || *b == b'\n');
    let tag = words.next().unwrap_or_default();
    let word = words.next().unwrap_or_default();
    tag == b"+"
        || [&b"OK"[..], b"NO", b"BAD", b"BYE", b"PREAUTH"].iter().any(|status| word.eq_ignore_ascii_case(status))
}

/// The length in `{n}`, `{n+}` or `~{n}` at the end of a line.
fn announced(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let inner = line.strip_suffix(b"}")?;
    let inner = inner.strip_suffix(b"+").unwrap_or(inner);
    let open = inner.iter().rposition(|b| *b == b'{')?;
    let digits = std::str::from_utf8(inner.get(open + 1..)?).ok()?;
    let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    // More digits than 64 bits hold is more than any limit.
    all_digits.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(octets: &[u8]) -> Result<Option<usize>, TooLong> {
        Scanner::default().end(octets, Limits::SMALL)
    }

    #[test]
    fn a_response_ends_with_the_first_line_that_announces_no_literal() {
        let table: [(&[u8], Option<usize>); 8] = [
            (b"* OK hi\r\n* 2 EXISTS\r\n", Some(9)),
            (b"* OK hi\r", None),
            (b"* 1 FETCH (BODY[] {4}\r\nab\r\n)\r\n", Some(30)),
            (b"* 1 FETCH (BODY[] {4}\r\nab", None),
            (b"* 1 FETCH (BODY[] ~{2+}\r\n{9 X {3}\r\n\r\n\n)\r\n", Some(41)),
            (b"* OK no literal here {5}\r\n", Some(26)),
            (b"A1 NO sorry {5}\r\n", Some(17)),
            (b"+ {5}\n", Some(6)),
        ];
        for (octets, end) in table {
            assert_eq!(whole(octets), Ok(end), "{}", String::from_utf8_lossy(octets));
        }
    }

    #[test]
    fn the_end_is_the_same_however_the_octets_arrive() {
        let octets = b"* 1 FETCH (UID 3 BODY[] {11}\r\nab\r\n{5}\r\ncd FLAGS (\\Seen) X {2}\r\n\r\n)\r\n";
        let mut scanner = Scanner::default();
        let ends: Vec<usize> =
            (0..=octets.len()).filter(|n| scanner.end(&octets[..*n], Limits::SMALL).unwrap().is_some()).collect();
        assert_eq!(ends, [octets.len()]);
    }

    #[test]
    fn lengths_that_no_honest_answer_has_are_refused_before_anything_is_read() {
        assert_eq!(whole(b"* 1 FETCH (BODY[] {4294967296}\r\n"), Err(TooLong::Literal(1 << 32)));
        assert_eq!(whole(b"* 1 FETCH (BODY[] {99999999999999999999}\r\n"), Err(TooLong::Literal(u64::MAX)));
        let endless = vec![b'a'; Limits::SMALL.line + 1];
        assert_eq!(whole(&endless), Err(TooLong::Line(Limits::SMALL.line)));
    }

    #[test]
    fn many_small_literals_count_together() {
        let limits = Limits { line: 1000, literals: 10 };
        let octets = b"* X {6}\r\naaaaaa {6}\r\n";
        assert_eq!(Scanner::default().end(octets, limits), Err(TooLong::Literal(6)));
    }
}
