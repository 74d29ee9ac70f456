//! The one door to disk.
//!
//! In a home directory that only its owner can enter:
//!
//! | file | what | care |
//! |---|---|---|
//! | `local.db` | what exists only here: accounts, settings, drafts, the queue, the IMAP journal, what was learned | on the disk before anything is said to be done; copied to `local.db.backup-N` before a migration |
//! | `mail.db` | what can be fetched again: mailboxes, letters, threads, the index | set aside as `mail.db.damaged-<time>` when it cannot be read, and made afresh |
//! | `secrets.json` | passwords, only where the user chose a file over the keyring | replaced whole |
//! | `runner.lock` | held by the one process that runs the queue | |
//! | `handing-over.lock` | held by whoever hands letters over for this once | |
//!
//! What always holds:
//! - A call that writes is one transaction (what is done to letters is two: the journal's first). When it returns `Ok`
//!   it is committed; when it returns an error, nothing of it was kept.
//! - Several processes may have the same home open: the window and the command. Each hears of its own commits in detail
//!   and of another's as [`Change::Elsewhere`].
//! - Nothing here knows a clock that matters: whoever decides by time hands it in. (When a draft was saved or an order
//!   given to the journal is noted by the system's clock.)
//!
//! Times are kept to the microsecond.

mod accounts;
mod authenticity;
mod cache;
mod change;
mod columns;
mod contacts;
mod database;
mod dkim;
mod draft_copies;
mod drafts;
mod encryption;
mod error;
mod images;
mod journal;
mod learned;
mod left_lists;
mod log;
mod mail;
mod migrate;
mod networks;
mod oauth;
mod online;
mod platform;
mod queue;
mod refused;
mod reports;
mod saved;
mod secrets;
mod settings;
mod store;
mod sts;
#[cfg(test)]
mod testing;
mod undoable;

pub use accounts::{NewAccount, NewSmartHost};
pub use change::Change;
pub use contacts::{Correspondent, StoredContact};
pub use dkim::{DkimKey, DkimStanding, NewDkimKey, dkim_key};
pub use draft_copies::{Adopted, Adoption, DraftState, OwnDrafts};
pub use drafts::{AttachmentInfo, Draft, StoredDraft};
pub use encryption::{Encryption, Family};
pub use error::{Result, StoreError};
pub use images::{ImagePermission, ImageReach};
pub use journal::{AppendTo, Baseline, JournalEntry, JournalLetter, JournalOp, LettersGo, RefusedImport};
pub use learned::{Contact, Learned};
pub use mail::{
    Announced, Features, Hits, Letter, LetterRow, LetterSource, LetterSummary, ListedMailbox, MailboxState,
    NewLetter, RefusedBody, SearchOrder, ThreadLetter, Unreadable, Whereabouts,
};
pub use networks::{NetworkCheck, NetworkKnowledge, NetworkLesson, NewNetworkCheck, StoredNetwork};
pub use queue::{
    Claimed, DsnAction, DsnNotice, Due, HandingOver, Made, NewOutgoing, Order, Outbox, OutgoingFilter, Purged,
    Recorded, UnfiledRow, WaitsForLogin,
};
pub use refused::{LastRefusal, RefusedRecipient};
pub use reports::{NewReport, StoredReport};
pub use saved::SavedSearch;
pub use secrets::{
    AccessTokens, Secrets, SecretsError, SecretsKind, TokenAnswer, imap_key, oauth_key, smart_host_key,
};
pub use store::{HomeLock, Store};
pub use sts::StoredSts;
pub use undoable::Undoable;
