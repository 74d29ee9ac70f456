//! `mail.db`: mailboxes and letters, as the server has them plus what was done here and is not there yet.
//!
//! What the server has and what was done here are kept apart, so that a sync that comes in between never undoes what the
//! user did:
//!
//! - An order (flag, move, delete) is an entry of the journal in `local.db` first, on the disk; then it is applied here
//!   at once, and a row of `pending` says which entry did what to which letter.
//! - `server_flags` are what the sync last saw; `flags` are those with all pending entries on top, in their order, and
//!   are what is shown and counted. [`Store::uids`] and [`Store::update_flags`] speak of the server's flags only.
//! - A letter that was moved is in its new mailbox at once, with no UID. `pending` remembers its old mailbox and UID,
//!   and while it does, that UID does not come back there ([`Store::insert_letters`] leaves it out). When the sync of
//!   the new mailbox brings a letter of the same Message-ID and size, the moved one takes that UID and keeps its number;
//!   a server that says COPYUID settles it sooner ([`Store::place_letters`]).
//! - A letter that was deleted is hidden until the server has deleted it too.
//! - A message is one row of `content` however many mailboxes it lies in, and is fetched, compressed and indexed once; a
//!   letter is its place in a mailbox. A message that lies nowhere any more is kept, and not shown, until every mailbox
//!   was looked through twice ([`Store::drop_strays`]): another program may have moved it.
//! - When an entry is done, what it did becomes the server's state; when it is abandoned, it is undone.
//! - At the start the two databases are brought together again ([`reconcile`]): an entry that a crash kept from being
//!   applied here is applied, and what is pending for an entry that is no more counts as done.
//!
//! The sync of an account therefore goes: replay the journal; for each mailbox [`Store::begin_pass`], compare
//! [`Store::uids`] with the server, remove, update, insert; at the end of a complete pass over a mailbox,
//! [`Store::drop_unplaced`], and over all mailboxes, [`Store::drop_strays`].

mod arrive;
mod compress;
mod contents;
mod conversations;
mod correspondents;
mod counts;
mod features;
mod forget;
mod gathered;
mod held;
mod index;
mod labels;
mod letters;
mod lists;
mod local;
mod mailboxes;
mod manage;
mod names;
mod open;
mod orders;
mod pending;
mod prepare;
mod read;
mod search;
mod span;
mod threads;
mod topics;
mod unreadable;
mod whereabouts;

pub use conversations::ThreadLetter;
pub use features::Features;
pub use span::Announced;

#[cfg(test)]
pub(crate) use contents::FILED;
pub(crate) use contents::is_filed;
pub(crate) use forget::removed;
pub(crate) use open::{open, start_generation, suspect};
pub(crate) use pending::{confirm, reconcile, undo, undo_letters, with_present_uids};

pub(crate) use gathered::GatheredCache;
pub(crate) use index::FactCache;
pub use search::{Hits, SearchOrder};
pub use unreadable::{RefusedBody, Unreadable};
pub use whereabouts::Whereabouts;

#[cfg(doc)]
use crate::Store;
use jiff::Timestamp;
use model::{AccountId, Address, ContentId, Flags, LetterId, MailboxId, Role, ThreadId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A mailbox as the server lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedMailbox {
    /// Its decoded path.
    pub path: String,
    /// The separator of the hierarchy.
    pub separator: Option<String>,
    /// What it is for.
    pub role: Option<Role>,
    /// Whether it can be opened.
    pub selectable: bool,
    /// Whether it is among those that the user wants to see.
    pub subscribed: bool,
}

/// How far a mailbox has been synced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailboxState {
    /// UIDVALIDITY; `None` before the first sync.
    pub uid_validity: Option<u32>,
    /// UIDNEXT as it was at the last sync.
    pub uid_next: Option<u32>,
    /// HIGHESTMODSEQ (RFC 7162) of the last complete sync.
    pub highest_modseq: Option<u64>,
}

/// A letter that the server has and we do not.
#[derive(Clone, Debug)]
pub struct NewLetter {
    /// Its UID.
    pub uid: u32,
    /// Its flags.
    pub flags: Flags,
    /// INTERNALDATE.
    pub internal_date: Timestamp,
    /// Octets on the server.
    pub size: u64,
    /// What names the message itself in whatever mailbox it lies: EMAILID (RFC 8474) or X-GM-MSGID; `None` where the
    /// server has no such thing.
    pub email_id: Option<String>,
    /// What is listed and indexed.
    pub summary: LetterSummary,
    /// The whole letter, where it was fetched.
    pub raw: Option<Vec<u8>>,
}

/// What is listed and indexed of a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetterSummary {
    /// Message-ID, without the angle brackets.
    pub message_id: Option<String>,
    /// In-Reply-To, each without the angle brackets.
    pub in_reply_to: Vec<String>,
    /// References, oldest first.
    pub references: Vec<String>,
    /// From.
    pub from: Vec<Address>,
    /// To.
    pub to: Vec<Address>,
    /// Cc.
    pub cc: Vec<Address>,
    /// Reply-To.
    pub reply_to: Vec<Address>,
    /// Subject, decoded.
    pub subject: String,
    /// Date; `None` where it is missing or senseless: then the INTERNALDATE is shown.
    pub date: Option<Timestamp>,
    /// The first words of the text.
    pub snippet: String,
    /// What is searched.
    pub text: String,
    /// How many attachments there are.
    pub attachments: u32,
    /// The names of the attachments, decoded.
    pub attachment_names: Vec<String>,
    /// List-Id (RFC 2919), without the angle brackets.
    pub list_id: Option<String>,
}

/// Whose letters to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterSource {
    /// One mailbox.
    Mailbox(MailboxId),
    /// The mailboxes of this role, of all accounts.
    Role(Role),
}

/// A row in a list of letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LetterRow {
    /// Its number here.
    pub id: LetterId,
    /// The mailbox it is in.
    pub mailbox: MailboxId,
    /// The message, which may lie in other mailboxes too.
    pub content: ContentId,
    /// The other mailboxes of the account that it lies in, where they are shown as its labels.
    pub labels: Vec<MailboxId>,
    /// The thread it belongs to.
    pub thread: ThreadId,
    /// How many messages there are in its thread, in whatever mailboxes, itself included.
    pub letters: u32,
    /// From.
    pub from: Vec<Address>,
    /// To.
    pub to: Vec<Address>,
    /// Subject.
    pub subject: String,
    /// The first words of the text.
    pub snippet: String,
    /// Its Date, or when it came in.
    #[ts(type = "string")]
    pub date: Timestamp,
    /// Its flags, with what was done here.
    #[ts(type = "number")]
    pub flags: Flags,
    /// Octets on the server.
    #[ts(type = "number")]
    pub size: u64,
    /// How many attachments there are.
    pub attachments: u32,
    /// Message-ID, without the angle brackets.
    pub message_id: Option<String>,
}

/// A letter with what its list row does not need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Letter {
    /// Its row.
    pub row: LetterRow,
    /// The account it is in.
    pub account: AccountId,
    /// Its UID; `None` for one that was moved here and not found on the server yet.
    pub uid: Option<u32>,
    /// Cc.
    pub cc: Vec<Address>,
    /// Reply-To.
    pub reply_to: Vec<Address>,
    /// In-Reply-To, without the angle brackets.
    pub in_reply_to: Vec<String>,
    /// References, oldest first.
    pub references: Vec<String>,
    /// Whether the whole letter is here.
    pub has_raw: bool,
}

#[cfg(test)]
mod tests;
