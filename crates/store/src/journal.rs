//! The journal: what was done here and is still to be done on the IMAP server, in order.

use crate::{Result, Store, later};
use jiff::Timestamp;
use model::{AccountId, Flag, Flags, JournalId, LetterId, OutgoingId, Role};
use serde::{Deserialize, Serialize};

/// Something to do on the server. Mailboxes are named by their path, for a number means nothing once `mail.db` was
/// made afresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum JournalOp {
    /// Set or clear a flag.
    SetFlags {
        /// The mailbox.
        mailbox: String,
        /// Its UIDVALIDITY when the order was given.
        uid_validity: Option<u32>,
        /// The letters.
        letters: Vec<JournalLetter>,
        /// The flag.
        flag: Flag,
        /// Set or cleared.
        on: bool,
    },
    /// Move letters to another mailbox of the account.
    Move {
        /// The mailbox they are in on the server.
        mailbox: String,
        /// Its UIDVALIDITY when the order was given.
        uid_validity: Option<u32>,
        /// The letters.
        letters: Vec<JournalLetter>,
        /// The mailbox they go to.
        target: String,
    },
    /// Delete letters for good.
    Delete {
        /// The mailbox.
        mailbox: String,
        /// Its UIDVALIDITY when the order was given.
        uid_validity: Option<u32>,
        /// The letters.
        letters: Vec<JournalLetter>,
    },
    /// Put a message into a mailbox, unless one with its Message-ID is there already.
    Append {
        /// Where to.
        to: AppendTo,
        /// Its Message-ID, without the angle brackets.
        message_id: String,
        /// The outgoing whose bytes it is; `None` where the entry holds its own ([`Store::journal_bytes`] gives both).
        outgoing: Option<OutgoingId>,
        /// Flags to set.
        flags: Flags,
    },
}

/// Where a message is put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppendTo {
    /// The mailbox of this role, whichever that is by then.
    Role(Role),
    /// The mailbox of this path.
    Path(String),
}

/// A letter in a journal entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLetter {
    /// Its number here.
    pub letter: LetterId,
    /// Its UID in the entry's mailbox, as it is known now; `None` while it is not: find it by its Message-ID.
    pub uid: Option<u32>,
    /// Its Message-ID, without the angle brackets.
    pub message_id: Option<String>,
}

/// An entry that is still to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its number here; entries are done in this order.
    pub id: JournalId,
    /// Whose server.
    pub account: AccountId,
    /// What to do.
    pub op: JournalOp,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// How often it failed.
    pub tries: u32,
    /// What was said the last time.
    pub last_error: Option<String>,
    /// Not before this time.
    pub next_at: Timestamp,
}

impl Store {
    /// Writes an entry that has no letters here (an `Append`); `bytes` are those of its message where it is no
    /// outgoing's.
    pub async fn journal_add(&self, account: AccountId, op: JournalOp, bytes: Option<Vec<u8>>) -> Result<JournalId> {
        later((account, op, bytes))
    }

    /// What is to be done on an account's server, in order. UIDs are those known now.
    pub async fn journal(&self, account: AccountId) -> Result<Vec<JournalEntry>> {
        later(account)
    }

    /// The message of an `Append`.
    pub async fn journal_bytes(&self, id: JournalId) -> Result<Vec<u8>> {
        later(id)
    }

    /// It is done on the server: what was done here is now the server's state too.
    pub async fn journal_done(&self, id: JournalId) -> Result<()> {
        later(id)
    }

    /// It failed for now.
    pub async fn journal_failed(&self, id: JournalId, error: &str, next_at: Timestamp) -> Result<()> {
        later((id, error, next_at))
    }

    /// The server will never do it: what was done here is undone.
    pub async fn journal_abandon(&self, id: JournalId) -> Result<()> {
        later(id)
    }
}
