//! The data in a response as values: atoms, strings, lists (RFC 9051 §4).
//!
//! More is taken than the grammar allows (octets above 127 in atoms and strings, unknown items of any shape), because
//! what one server adds must not cost the user the mailbox. What is returned never panics and never nests deeper than
//! [`MAX_DEPTH`].

use std::borrow::Cow;

/// Lists within lists. A BODYSTRUCTURE is the deepest thing in honest answers.
pub const MAX_DEPTH: usize = 64;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// An atom, a number, a flag, or an item name such as `BODY[HEADER.FIELDS (SUBJECT)]<0>`.
    Atom(&'a [u8]),
    /// A quoted string or a literal.
    Text(Cow<'a, [u8]>),
    /// `(…)`.
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// The octets of an atom or a string; `NIL` has none, and neither has a list.
    pub fn octets(&self) -> Option<&[u8]> {
        match self {
            Self::Atom(atom) if atom.eq_ignore_ascii_case(b"NIL") => None,
            Self::Atom(atom) => Some(atom),
            Self::Text(text) => Some(text),
            Self::List(_) => None,
        }
    }

    /// The same as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.octets().map(String::from_utf8_lossy)
    }

    /// The number that it is.
    pub fn number(&self) -> Option<u64> {
        std::str::from_utf8(self.octets()?).ok()?.parse().ok()
    }

    /// The values of a list; none of anything else.
    pub fn list(&self) -> &[Value<'a>] {
        match self {
            Self::List(values) => values,
            _ => &[],
        }
    }
}

/// Reads values from the front of a response.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of these octets.
    pub fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    /// What has not been read, without the line end.
    pub fn rest(&self) -> &'a [u8] {
        let rest = self.rest.strip_suffix(b"\n").unwrap_or(self.rest);
        rest.strip_suffix(b"\r").unwrap_or(rest)
    }

    /// Whether nothing is left but white space.
    pub fn is_empty(&self) -> bool {
        self.rest.iter().all(u8::is_ascii_whitespace)
    }

    /// The next word: everything up to a space or the end.
    pub fn word(&mut self) -> &'a [u8] {
        self.skip_spaces();
        let line = self.rest();
        let end = line.iter().position(|b| *b == b' ').unwrap_or(line.len());
        let (word, _) = line.split_at(end);
        self.advance(end);
        word
    }

    /// The next value; `None` at the end and where the octets are no value.
    pub fn value(&mut self) -> Option<Value<'a>> {
        self.value_at(0)
    }

    /// Every value up to the end; `None` where something is not a value.
    pub fn values(&mut self) -> Option<Vec<Value<'a>>> {
        let mut values = Vec::new();
        while !self.is_empty() {
            values.push(self.value()?);
        }
        Some(values)
    }

    fn value_at(&mut self, depth: usize) -> Option<Value<'a>> {
        self.skip_spaces();
        match self.rest.first()? {
            b'(' => self.list(depth + 1),
            b'"' => self.quoted(),
            b'{' => self.literal(),
            b'~' if self.rest.get(1) == Some(&b'{') => {
                self.advance(1);
                self.literal()
            }
            b')' | b'\r' | b'\n' => None,
            _ => self.atom(),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value<'a>> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.advance(1);
        let mut values = Vec::new();
        loop {
            self.skip_spaces();
            if self.rest.first() == Some(&b')') {
                self.advance(1);
                return Some(Value::List(values));
            }
            values.push(self.value_at(depth)?);
        }
    }

    fn quoted(&mut self) -> Option<Value<'a>> {
        let inner = self.rest.get(1..)?;
        let mut escaped = false;
        let mut escapes = false;
        let end = inner.iter().position(|b| {
            let ends = *b == b'"' && !escaped;
            escaped = *b == b'\\' && !escaped;
            escapes |= escaped;
            ends
        })?;
        let text = inner.get(..end)?;
        if text.contains(&b'\n') {
            return None;
        }
        self.advance(end + 2);
        Some(Value::Text(if escapes { Cow::Owned(unescape(text)) } else { Cow::Borrowed(text) }))
    }

    fn literal(&mut self) -> Option<Value<'a>> {
        let line_end = self.rest.iter().position(|b| *b == b'\n')?;
        let announced = self.rest.get(1..line_end)?;
        let announced = announced.strip_suffix(b"\r").unwrap_or(announced).strip_suffix(b"}")?;
        let announced = announced.strip_suffix(b"+").unwrap_or(announced);
        let length: usize = std::str::from_utf8(announced).ok()?.parse().ok()?;
        let start = line_end + 1;
        let text = self.rest.get(start..start.checked_add(length)?)?;
        self.advance(start + length);
        Some(Value::Text(Cow::Borrowed(text)))
    }

    /// An atom. Square brackets may hold spaces and parentheses, as in `BODY[HEADER.FIELDS (SUBJECT)]`.
    fn atom(&mut self) -> Option<Value<'a>> {
        let line = self.rest.iter().position(|b| *b == b'\r' || *b == b'\n').unwrap_or(self.rest.len());
        let line = self.rest.get(..line)?;
        let mut end = 0;
        while let Some(octet) = line.get(end) {
            match octet {
                b' ' | b'(' | b')' | b'"' => break,
                b'[' => end += line.get(end..)?.iter().position(|b| *b == b']').unwrap_or(0) + 1,
                _ => end += 1,
            }
        }
        let atom = line.get(..end).filter(|atom| !atom.is_empty())?;
        self.advance(end);
        Some(Value::Atom(atom))
    }

    fn skip_spaces(&mut self) {
        let spaces = self.rest.iter().take_while(|b| **b == b' ').count();
        self.advance(spaces);
    }

    fn advance(&mut self, octets: usize) {
        self.rest = self.rest.get(octets..).unwrap_or_default();
    }
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let mut escaped = false;
    text.iter()
        .copied()
        .filter(|octet| {
            escaped = *octet == b'\\' && !escaped;
            !escaped
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn atom(text: &str) -> Value<'_> {
        Value::Atom(text.as_bytes())
    }

    fn text(text: &str) -> Value<'_> {
        Value::Text(Cow::Borrowed(text.as_bytes()))
    }

    #[test]
    fn every_shape_of_value_is_read() {
        let octets = b"UID 7 FLAGS (\\Seen $x) \"a \\\"b\\\\\" {3}\r\nx\r\n BODY[HEADER.FIELDS (TO CC)]<0> NIL ~{1}\r\n) ()\r\n";
        let values = Reader::new(octets).values().unwrap();
        let expected = [
            atom("UID"),
            atom("7"),
            atom("FLAGS"),
            Value::List(vec![atom("\\Seen"), atom("$x")]),
            text("a \"b\\"),
            text("x\r\n"),
            atom("BODY[HEADER.FIELDS (TO CC)]<0>"),
            atom("NIL"),
            text(")"),
            Value::List(Vec::new()),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn what_is_not_a_value_is_refused_and_not_guessed_at() {
        let deep = "(".repeat(100_000);
        for octets in ["(a b", "\"a", "{5}\r\nab", "{x}\r\n", "a) b", "{18446744073709551615}\r\na", deep.as_str()] {
            assert_eq!(Reader::new(octets.as_bytes()).values(), None, "{}", &octets[..octets.len().min(20)]);
        }
    }

    proptest! {
        #[test]
        fn nothing_that_comes_over_the_wire_panics(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Reader::new(&octets).values();
        }

        #[test]
        fn nothing_that_looks_like_imap_panics(text in "[(){}\"\\\\ 0-9a\\[\\]~+\r\n]{0,60}") {
            let _ = Reader::new(text.as_bytes()).values();
        }
    }
}
