//! The one door to disk: accounts, settings, drafts, the queue, the IMAP journal (`local.db`), letters (`mail.db`) and
//! secrets (the keyring).

mod accounts;
mod change;
mod drafts;
mod error;
mod journal;
mod learned;
mod mail;
mod queue;
mod secrets;
mod settings;
mod store;

pub use accounts::{NewAccount, NewSmartHost};
pub use change::Change;
pub use drafts::{AttachmentInfo, Draft, StoredDraft};
pub use error::{Result, StoreError};
pub use journal::{AppendTo, JournalEntry, JournalLetter, JournalOp};
pub use learned::Learned;
pub use mail::{Letter, LetterRow, LetterSource, LetterSummary, ListedMailbox, MailboxState, NewLetter};
pub use queue::{Claimed, Counts, DsnAction, DsnNotice, NewOutgoing, Order, OutgoingFilter, Recorded};
pub use secrets::{Secrets, SecretsError, SecretsKind, imap_key, smart_host_key};
pub use store::{RunnerLock, Store};

pub(crate) fn later<T, A>(_: A) -> Result<T> {
    Err(StoreError::Invalid("not written yet".to_owned()))
}
