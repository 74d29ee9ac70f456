//! The orders: what there is to be done on the server.

use jiff::Timestamp;
use model::{DraftId, Flag, Flags, JournalId, LetterId, OutgoingId, Role};
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
    /// Copy letters to another mailbox of the account, or to the same once more.
    Copy {
        /// The mailbox they are in on the server.
        mailbox: String,
        /// Its UIDVALIDITY when the order was given.
        uid_validity: Option<u32>,
        /// The letters that are copied.
        letters: Vec<JournalLetter>,
        /// The mailbox that gets the copies.
        target: String,
    },
    /// Take a label off letters, which stay in the mailbox in which they are seen.
    Unlabel {
        /// The mailbox in which they are seen, which is not that of the label.
        mailbox: String,
        /// Its UIDVALIDITY when the order was given.
        uid_validity: Option<u32>,
        /// The letters.
        letters: Vec<JournalLetter>,
        /// The label: the path of its mailbox.
        label: String,
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
    /// Delete everything that was in a mailbox when the order was given.
    Empty {
        /// The mailbox.
        mailbox: String,
        /// Its UIDVALIDITY when the order was given.
        uid_validity: Option<u32>,
        /// The highest UID that was known; `None` where none was.
        upto: Option<u32>,
        /// Letters whose UID was not known.
        letters: Vec<JournalLetter>,
    },
    /// Put a message into a mailbox, unless one with its Message-ID is there already.
    Append {
        /// Where to.
        to: AppendTo,
        /// Its Message-ID, without the angle brackets.
        message_id: String,
        /// The outgoing whose bytes it is; `None` where the entry holds its own ([`crate::Store::journal_bytes`] gives
        /// both).
        outgoing: Option<OutgoingId>,
        /// Flags to set.
        flags: Flags,
    },
    /// Put a message from a file into a mailbox, unless one with its Message-ID and size is there already. The entry
    /// holds its bytes.
    Import {
        /// The path of the mailbox.
        path: String,
        /// Its Message-ID, without the angle brackets; empty where it has none.
        message_id: String,
        /// Its size in octets.
        size: u64,
        /// Flags to set.
        flags: Flags,
        /// When it came in.
        received: Option<Timestamp>,
    },
    /// Put the present state of a draft, which the entry holds, into Drafts, in place of its former copies.
    Draft {
        /// The draft.
        draft: DraftId,
        /// The Message-ID of this state, which no other has; `None` where the draft was sent or thrown away: then only
        /// the copies go.
        message_id: Option<String>,
        /// The Message-IDs of copies that may be there.
        replaces: Vec<String>,
    },
    /// Make a mailbox.
    CreateMailbox {
        /// Its path.
        path: String,
    },
    /// Rename a mailbox, with those inside it.
    RenameMailbox {
        /// Its path until then.
        from: String,
        /// Its path from then on.
        to: String,
    },
    /// Delete a mailbox.
    RemoveMailbox {
        /// Its path.
        path: String,
        /// What becomes of its letters.
        letters: LettersGo,
    },
    /// Subscribe to a mailbox, or no longer.
    SubscribeMailbox {
        /// Its path.
        path: String,
        /// Whether other programs are to show it.
        on: bool,
    },
    /// Nothing to do on the server: letters are being taken out of an order of which the server has not heard.
    Withdraw {
        /// The order.
        of: JournalId,
        /// The letters.
        letters: Vec<LetterId>,
    },
}

/// What becomes of the letters of a mailbox that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LettersGo {
    /// They are moved to the mailbox for trash.
    ToTrash,
    /// They are deleted for good.
    ForGood,
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

impl JournalOp {
    /// The mailbox and the letters of an order about letters.
    pub fn about_letters(&self) -> Option<(&str, &[JournalLetter])> {
        match self {
            Self::SetFlags { mailbox, letters, .. }
            | Self::Move { mailbox, letters, .. }
            | Self::Copy { mailbox, letters, .. }
            | Self::Unlabel { mailbox, letters, .. }
            | Self::Delete { mailbox, letters, .. }
            | Self::Empty { mailbox, letters, .. } => Some((mailbox, letters)),
            _ => None,
        }
    }

    /// The letters of an order about letters, to be changed.
    pub(crate) fn letters_mut(&mut self) -> Option<&mut Vec<JournalLetter>> {
        match self {
            Self::SetFlags { letters, .. }
            | Self::Move { letters, .. }
            | Self::Copy { letters, .. }
            | Self::Unlabel { letters, .. }
            | Self::Delete { letters, .. }
            | Self::Empty { letters, .. } => Some(letters),
            _ => None,
        }
    }

    /// Whether nothing is left to do.
    pub(crate) fn is_void(&self) -> bool {
        match self {
            Self::Empty { upto, letters, .. } => upto.is_none() && letters.is_empty(),
            op => op.about_letters().is_some_and(|(_, letters)| letters.is_empty()),
        }
    }

    /// Whether it is about mailboxes themselves.
    pub fn is_about_mailboxes(&self) -> bool {
        matches!(
            self,
            Self::CreateMailbox { .. }
                | Self::RenameMailbox { .. }
                | Self::RemoveMailbox { .. }
                | Self::SubscribeMailbox { .. }
        )
    }
}
