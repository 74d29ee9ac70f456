//! What the sync writes.
use super::{LetterSummary, NewLetter};
use crate::{Result, Store, later};
use model::{Flags, LetterId, MailboxId};

impl Store {
    /// Every UID of the mailbox that is known here, ascending, with the flags that the *server* was last seen to have.
    /// Letters that were moved away or deleted here only are among them.
    pub async fn uids(&self, id: MailboxId) -> Result<Vec<(u32, Flags)>> {
        later(id)
    }

    /// Adds letters and returns those that are new here. A letter whose UID is known is left alone; one that was moved
    /// here before its UID was known is recognised and keeps its number; one that was moved away or deleted here stays
    /// away.
    pub async fn insert_letters(&self, id: MailboxId, letters: Vec<NewLetter>) -> Result<Vec<LetterId>> {
        later((id, letters))
    }

    /// Adds the whole letter to one that was listed by its headers, with the summary that can be made of the whole.
    pub async fn set_raw(&self, id: LetterId, raw: Vec<u8>, summary: LetterSummary) -> Result<()> {
        later((id, raw, summary))
    }

    /// Letters of a mailbox that are listed but not here as a whole, newest first.
    pub async fn missing_raw(&self, id: MailboxId, limit: u32) -> Result<Vec<(LetterId, u32)>> {
        later((id, limit))
    }

    /// The server's flags, by UID; what was done here and is not there yet stays on top. Returns the letters that look
    /// different now.
    pub async fn update_flags(&self, id: MailboxId, flags: Vec<(u32, Flags)>) -> Result<Vec<LetterId>> {
        later((id, flags))
    }

    /// The server no longer has these. Returns the letters that went.
    pub async fn remove_uids(&self, id: MailboxId, uids: Vec<u32>) -> Result<Vec<LetterId>> {
        later((id, uids))
    }

    /// The server said which UIDs moved letters have now (COPYUID, RFC 4315).
    pub async fn place_letters(&self, id: MailboxId, placed: Vec<(LetterId, u32)>) -> Result<()> {
        later((id, placed))
    }

    /// The mailbox was synced to its end: letters here that still have no UID, and for which nothing is to be done on
    /// the server, are not there. Returns the letters that went.
    pub async fn drop_unplaced(&self, id: MailboxId) -> Result<Vec<LetterId>> {
        later(id)
    }
}
