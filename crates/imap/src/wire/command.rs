//! A command as it is written (RFC 9051 §4.3, §6): octets, and literals that the server may have to be asked for.

use crate::uidset::UidSet;
use model::{Flag, Secret};

/// A command without its tag.
#[derive(Clone)]
pub struct Command {
    parts: Vec<Part>,
    hidden: bool,
}

/// A piece of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Written as it stands.
    Octets(Vec<u8>),
    /// Announced by its length first.
    Literal(Vec<u8>),
}

impl Command {
    /// A command that begins with this word.
    pub fn new(word: &str) -> Self {
        Self { parts: vec![Part::Octets(word.as_bytes().to_vec())], hidden: false }
    }

    /// Adds a space and a word that needs no quotes.
    pub fn word(mut self, word: impl std::fmt::Display) -> Self {
        self.push(format!(" {word}").as_bytes());
        self
    }

    /// Adds a set of UIDs.
    pub fn uids(self, uids: &UidSet) -> Self {
        self.word(uids)
    }

    /// Adds a list of flags.
    pub fn flags(self, flags: impl IntoIterator<Item = Flag>) -> Self {
        let names: Vec<_> = flags.into_iter().map(Flag::imap).collect();
        self.word(format_args!("({})", names.join(" ")))
    }

    /// Adds the name of a mailbox, as it is on the wire.
    pub fn mailbox(self, wire_name: &str) -> Self {
        self.string(wire_name)
    }

    /// Closes a parenthesis that a word before opened.
    pub fn close(mut self) -> Self {
        self.push(b")");
        self
    }

    /// Adds a string: quoted where it can be, else as a literal.
    pub fn string(mut self, text: &str) -> Self {
        self.push(b" ");
        self.push_string(text);
        self
    }

    /// Adds a list of one string.
    pub fn listed(mut self, text: &str) -> Self {
        self.push(b" (");
        self.push_string(text);
        self.close()
    }

    fn push_string(&mut self, text: &str) {
        if text.bytes().all(|b| matches!(b, b' '..=b'~')) && text.len() <= 512 {
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            self.push(format!("\"{quoted}\"").as_bytes());
        } else {
            self.parts.push(Part::Literal(text.as_bytes().to_vec()));
        }
    }

    /// Adds a string that no text form of the command shows.
    pub fn secret(mut self, secret: &Secret) -> Self {
        self.hidden = true;
        self.string(secret.expose())
    }

    /// Adds a word that no text form of the command shows.
    pub fn secret_word(mut self, word: &str) -> Self {
        self.hidden = true;
        self.word(word)
    }

    /// Adds octets as a literal.
    pub fn literal(mut self, octets: &[u8]) -> Self {
        self.push(b" ");
        self.parts.push(Part::Literal(octets.to_vec()));
        self
    }

    /// The pieces, to be written one after the other.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether it has no literal.
    pub fn is_one_line(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Octets(_)))
    }

    /// What may be shown of it: the first words, nothing that is secret.
    pub fn name(&self) -> String {
        let Some(Part::Octets(first)) = self.parts.first() else { return String::new() };
        let text = String::from_utf8_lossy(first);
        let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase());
        let words: Vec<&str> = text.split(' ').take_while(is_word).take(2).collect();
        words.join(" ")
    }

    fn push(&mut self, octets: &[u8]) {
        match self.parts.last_mut() {
            Some(Part::Octets(last)) => last.extend_from_slice(octets),
            _ => self.parts.push(Part::Octets(octets.to_vec())),
        }
    }
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.hidden {
            return write!(f, "{} …", self.name());
        }
        for part in &self.parts {
            match part {
                Part::Octets(octets) => f.write_str(&String::from_utf8_lossy(octets))?,
                Part::Literal(octets) => write!(f, "{{{}}}", octets.len())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_where_they_can_be_and_literals_where_they_must() {
        let shown = |text: &str| format!("{:?}", Command::new("LOGIN").string(text));
        assert_eq!(shown("a \"b\\"), r#"LOGIN "a \"b\\""#);
        assert_eq!(shown("müller"), "LOGIN {7}");
        assert_eq!(shown("a\r\nb"), "LOGIN {4}");
        assert_eq!(shown(""), "LOGIN \"\"");
    }

    #[test]
    fn no_text_form_shows_a_secret() {
        let login = Command::new("LOGIN").string("anna").secret(&Secret::new("hunter2"));
        let plain = Command::new("AUTHENTICATE PLAIN").secret_word("AGh1bnRlcjI=");
        assert_eq!(format!("{login:?} / {plain:?}"), "LOGIN … / AUTHENTICATE PLAIN …");
    }
}
