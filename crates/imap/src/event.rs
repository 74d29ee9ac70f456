//! What the sync tells while it goes on.

use crate::SyncError;
use model::{AccountId, CallError, LetterId, MailboxId, Role};

/// Something that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncEvent {
    /// What the sync does changed.
    State(AccountId, SyncState),
    /// The list of mailboxes was read.
    Mailboxes(AccountId),
    /// Letters of a mailbox came, look different, or went.
    Letters {
        /// The account.
        account: AccountId,
        /// The mailbox.
        mailbox: MailboxId,
        /// Letters that were not here before.
        added: Vec<LetterId>,
        /// Letters with other flags, or with a body that was not here before.
        changed: Vec<LetterId>,
        /// Letters that are gone.
        removed: Vec<LetterId>,
    },
    /// The body of a letter came that was listed by its beginning until now. It is among `changed` of a `Letters` event
    /// too.
    Body {
        /// The account.
        account: AccountId,
        /// The mailbox.
        mailbox: MailboxId,
        /// What the mailbox is for.
        role: Option<Role>,
        /// The letter.
        letter: LetterId,
    },
    /// Letters arrived since the last sync: not those of a first sync. They are among `added` of a `Letters` event too.
    NewMail {
        /// The account.
        account: AccountId,
        /// The mailbox.
        mailbox: MailboxId,
        /// What the mailbox is for.
        role: Option<Role>,
        /// The letters.
        letters: Vec<LetterId>,
    },
    /// Something done here could not be done on the server as it was ordered; what became of it, in a sentence.
    Note {
        /// The account.
        account: AccountId,
        /// The sentence.
        text: String,
    },
}

/// What the sync of an account does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncState {
    /// Connecting and logging in.
    Connecting,
    /// Fetching.
    Syncing {
        /// The mailbox's path.
        mailbox: String,
        /// Letters looked at.
        done: u32,
        /// Letters in the mailbox.
        total: u32,
        /// Seconds until every mailbox is through, as it goes now; `None` while nobody can say.
        seconds_left: Option<u32>,
    },
    /// Everything is here; it waits for more.
    Idle,
    /// No connection; it tries again by itself.
    Offline {
        /// Why.
        reason: CallError,
    },
    /// The server refused the login. It waits for another password.
    AuthFailed {
        /// The server's words, and what to do.
        reason: CallError,
    },
    /// It was stopped.
    Stopped,
}

impl SyncState {
    /// The state that this error leads to.
    pub(crate) fn after(error: SyncError) -> Self {
        match error {
            SyncError::Stopped => Self::Stopped,
            SyncError::AuthFailed { .. }
            | SyncError::NoPassword(_)
            | SyncError::Secrets(store::SecretsError::SignInAgain(_)) => Self::AuthFailed { reason: error.into() },
            error => Self::Offline { reason: error.into() },
        }
    }
}

/// What one sync of an account did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Mailboxes looked at.
    pub mailboxes: u32,
    /// Letters that are new here.
    pub added: u32,
    /// Letters that look different.
    pub changed: u32,
    /// Letters that went.
    pub removed: u32,
    /// Letters that arrived since the last sync.
    pub new_mail: Vec<LetterId>,
    /// Orders of the journal that were carried out.
    pub replayed: u32,
    /// What could not be done as it was ordered, or could not be fetched.
    pub notes: Vec<String>,
}
