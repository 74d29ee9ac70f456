//! The one door to disk: accounts, settings, drafts, the queue, the IMAP journal (`local.db`), letters (`mail.db`) and
//! secrets (the keyring).

mod accounts;
mod change;
mod columns;
mod database;
mod drafts;
mod error;
mod journal;
mod learned;
mod mail;
mod migrate;
mod platform;
mod queue;
mod secrets;
mod settings;
mod store;
#[cfg(test)]
mod testing;

pub use accounts::{NewAccount, NewSmartHost};
pub use change::Change;
pub use drafts::{AttachmentInfo, Draft, StoredDraft};
pub use error::{Result, StoreError};
pub use journal::{AppendTo, JournalEntry, JournalLetter, JournalOp};
pub use learned::Learned;
pub use mail::{Letter, LetterRow, LetterSource, LetterSummary, ListedMailbox, MailboxState, NewLetter};
pub use queue::{Claimed, DsnAction, DsnNotice, Made, NewOutgoing, Order, OutgoingFilter, Recorded};
pub use secrets::{Secrets, SecretsError, SecretsKind, imap_key, smart_host_key};
pub use store::{RunnerLock, Store};
