//! Whose a mailbox is (NAMESPACE, RFC 2342): the user's own, another user's, or everybody's.

use super::Session;
use crate::error::SyncError;
use crate::utf7;
use crate::wire::command::Command;
use crate::wire::response::Data;

/// What mailboxes begin with, by whose they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespaces {
    /// Those of the user; the first is where new ones are made.
    pub personal: Vec<String>,
    /// Those of other users, and of everybody.
    pub foreign: Vec<String>,
}

impl Namespaces {
    /// What a new mailbox of the user begins with; `None` where the server does not say.
    pub fn own_prefix(&self) -> Option<&str> {
        self.personal.first().map(String::as_str)
    }

    /// Whether a mailbox is another user's or everybody's: the longest beginning decides, for one of them may be empty.
    /// The inbox is the user's, whatever stands beside it.
    pub fn is_foreign(&self, path: &str) -> bool {
        let longest = |prefixes: &[String]| {
            let begins = |prefix: &&String| path.starts_with(prefix.as_str()) || is_root(prefix, path);
            prefixes.iter().filter(begins).map(|prefix| prefix.len() + 1).max().unwrap_or(0)
        };
        !path.eq_ignore_ascii_case("INBOX")
            && !self.personal.is_empty()
            && longest(&self.foreign) > longest(&self.personal)
    }
}

/// Whether this is the mailbox around all that begin so: `Other Users` for `Other Users/`.
fn is_root(prefix: &str, path: &str) -> bool {
    prefix.strip_prefix(path).is_some_and(|rest| rest.chars().count() == 1)
}

impl Session {
    /// The namespaces, asked once; nothing in them where the server does not tell them.
    pub async fn namespaces(&mut self) -> Result<Namespaces, SyncError> {
        if let Some(known) = &self.namespaces {
            return Ok(known.clone());
        }
        let mut told = None;
        if self.capabilities.offers("NAMESPACE") {
            let command = Command::new("NAMESPACE");
            let outcome = self.run(&command, |data| {
                if let Data::Namespaces(prefixes) = data {
                    told = Some(prefixes);
                }
            });
            match outcome.await {
                Err(error) if error.refusal().is_none() => return Err(error),
                _ => {}
            }
        }
        let [personal, others, shared] = told.unwrap_or_default();
        let decoded = |prefixes: Vec<Vec<u8>>| prefixes.into_iter().map(|prefix| self.decoded(&prefix));
        let namespaces = Namespaces {
            personal: decoded(personal).collect(),
            foreign: decoded(others).chain(decoded(shared)).collect(),
        };
        self.namespaces = Some(namespaces.clone());
        Ok(namespaces)
    }

    fn decoded(&self, prefix: &[u8]) -> String {
        let wire = String::from_utf8_lossy(prefix).into_owned();
        let decoded = if self.utf8 { None } else { utf7::decode(&wire) };
        decoded.unwrap_or(wire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_says_whose_a_mailbox_is() {
        let of = |personal: &[&str], foreign: &[&str]| Namespaces {
            personal: personal.iter().map(|one| (*one).to_owned()).collect(),
            foreign: foreign.iter().map(|one| (*one).to_owned()).collect(),
        };
        let dovecot = of(&[""], &["shared/", "Public/"]);
        let cyrus = of(&["INBOX."], &["user.", ""]);
        let table = [
            (&dovecot, "Sent", false),
            (&dovecot, "shared/bob/Sent", true),
            (&dovecot, "shared", true),
            (&dovecot, "shared notes", false),
            (&cyrus, "INBOX", false),
            (&cyrus, "INBOX.Sent", false),
            (&cyrus, "user.bob.Sent", true),
            (&cyrus, "announcements", true),
        ];
        for (namespaces, path, foreign) in table {
            assert_eq!(namespaces.is_foreign(path), foreign, "{path}");
        }
        assert!(!of(&[], &[]).is_foreign("anything"));
        assert!(
            !of(&[], &["user."]).is_foreign("user.bob"),
            "a server that tells nothing of the user's own is not believed"
        );
    }
}
