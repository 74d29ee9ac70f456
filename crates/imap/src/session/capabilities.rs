//! What a server says it can do (RFC 9051 §7.2.2).

use std::collections::BTreeSet;

/// Capability words in upper case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    words: BTreeSet<String>,
}

impl Capabilities {
    /// The capabilities of these words.
    pub fn of(words: &[String]) -> Self {
        Self { words: words.iter().map(|word| word.to_ascii_uppercase()).collect() }
    }

    /// The same without these words.
    pub fn without(mut self, words: impl Iterator<Item = &'static str>) -> Self {
        words.for_each(|word| {
            self.words.remove(word);
        });
        self
    }

    /// Whether nothing is known yet.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether the word was said.
    pub fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether it is offered by name, or as a part of IMAP4rev2 (RFC 9051 Appendix E).
    pub fn offers(&self, word: &str) -> bool {
        const IN_REV2: [&str; 10] = [
            "NAMESPACE",
            "UNSELECT",
            "UIDPLUS",
            "ESEARCH",
            "ENABLE",
            "IDLE",
            "SASL-IR",
            "LIST-STATUS",
            "MOVE",
            "SPECIAL-USE",
        ];
        self.has(word) || (self.has("IMAP4REV2") && !self.has("IMAP4REV1") && IN_REV2.contains(&word))
    }

    /// Whether modification sequences are kept (RFC 7162); QRESYNC implies it.
    pub fn keeps_modseq(&self) -> bool {
        self.has("CONDSTORE") || self.has("QRESYNC")
    }

    /// Whether a literal of this size may be sent without waiting (RFC 7888).
    pub fn takes_literal_at_once(&self, octets: usize) -> bool {
        self.has("LITERAL+") || ((self.has("LITERAL-") || self.has("IMAP4REV2")) && octets <= 4096)
    }

    /// All words, in order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(words: &str) -> Capabilities {
        Capabilities::of(&words.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn literals_are_sent_at_once_only_where_that_is_offered() {
        let table =
            [("LITERAL+", 1 << 20, true), ("literal-", 4096, true), ("LITERAL-", 4097, false), ("IDLE", 1, false)];
        for (words, octets, at_once) in table {
            assert_eq!(caps(words).takes_literal_at_once(octets), at_once, "{words} {octets}");
        }
    }

    #[test]
    fn a_server_of_the_second_revision_need_not_list_what_it_includes() {
        assert!(caps("IMAP4rev2").offers("MOVE"));
        assert!(!caps("IMAP4rev1").offers("MOVE"));
        // It speaks both and was not asked for the newer one: only what it lists is sure.
        assert!(!caps("IMAP4rev1 IMAP4rev2").offers("MOVE"));
    }
}
