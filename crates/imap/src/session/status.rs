//! What a server says of mailboxes without opening them (LIST-STATUS, RFC 5819), for all of them in one question.

use super::Session;
use crate::error::SyncError;
use crate::wire::command::Command;
use crate::wire::response::Data;
use std::collections::HashMap;

/// The numbers of a mailbox; what was not told is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Letters in it.
    pub messages: Option<u64>,
    /// Its UIDNEXT.
    pub uid_next: Option<u64>,
    /// Its UIDVALIDITY.
    pub uid_validity: Option<u64>,
    /// Its highest modification sequence.
    pub highest_modseq: Option<u64>,
}

impl Numbers {
    pub(super) fn of(numbers: &[(String, u64)]) -> Self {
        let number = |name: &str| numbers.iter().find(|(word, _)| word == name).map(|(_, number)| *number);
        Self {
            messages: number("MESSAGES"),
            uid_next: number("UIDNEXT"),
            uid_validity: number("UIDVALIDITY"),
            highest_modseq: number("HIGHESTMODSEQ"),
        }
    }
}

impl Session {
    /// The numbers of one mailbox, which is not the open one (RFC 9051 §6.3.11); `None` where the server does not tell
    /// them.
    pub async fn status_of(&mut self, path: &str) -> Result<Option<Numbers>, SyncError> {
        let modseq = if self.capabilities.keeps_modseq() { " HIGHESTMODSEQ" } else { "" };
        let items = format!("(MESSAGES UIDNEXT UIDVALIDITY{modseq})");
        let command = Command::new("STATUS").mailbox(&self.wire_name(path)).word(items);
        let mut told = None;
        let outcome = self.run(&command, |data| {
            if let Data::MailboxStatus(_, numbers) = data {
                told = Some(Numbers::of(&numbers));
            }
        });
        match outcome.await {
            Err(error) if error.refusal().is_none() => Err(error),
            _ => Ok(told),
        }
    }

    /// The numbers of every mailbox, by path; of none where the server does not tell them in one answer.
    pub async fn statuses(&mut self) -> Result<HashMap<String, Numbers>, SyncError> {
        let mut told = Vec::new();
        if self.capabilities.offers("LIST-STATUS") {
            let modseq = if self.capabilities.keeps_modseq() { " HIGHESTMODSEQ" } else { "" };
            let command = Command::new("LIST")
                .string("")
                .string("*")
                .word(format_args!("RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY{modseq}))"));
            let outcome = self.run(&command, |data| {
                if let Data::MailboxStatus(name, numbers) = data {
                    told.push((name, Numbers::of(&numbers)));
                }
            });
            match outcome.await {
                Err(error) if error.refusal().is_none() => return Err(error),
                _ => {}
            }
        }
        Ok(told.into_iter().map(|(name, status)| (self.path_of(&name), status)).collect())
    }
}
