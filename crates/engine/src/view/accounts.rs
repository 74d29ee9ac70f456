//! What is shown of accounts and their servers.

use super::{CertificateView, SignInId};
use model::{AccountId, LoginForm, Mailbox, Mark, Security};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The side bar.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Sidebar {
    /// Unread letters in all inboxes.
    pub inbox_unread: u32,
    /// What is in the Outbox: how many, and the most urgent state.
    pub outbox: u32,
    /// The mark of the whole Outbox.
    pub outbox_mark: Option<Mark>,
    /// Scheduled letters.
    pub scheduled: u32,
    /// Drafts.
    pub drafts: u32,
    /// Whether the user has paused the queue (`outbound.paused`).
    pub paused: bool,
    /// Each account with its mailboxes.
    pub accounts: Vec<SidebarAccount>,
}

/// An account in the side bar.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct SidebarAccount {
    /// Its number.
    pub id: AccountId,
    /// Its address.
    pub address: String,
    /// Whether it is the practice account.
    pub practice: bool,
    /// Its mailboxes, roles first.
    pub mailboxes: Vec<Mailbox>,
    /// What the sync is doing.
    pub sync: SyncState,
}

/// What the sync of an account is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "sync")]
pub enum SyncState {
    /// Everything is here; listening for more.
    UpToDate,
    /// Fetching.
    Syncing {
        /// The mailbox.
        mailbox: String,
        /// Letters done.
        done: u32,
        /// Letters in all.
        total: u32,
        /// Seconds until every mailbox is through, as it goes now; `null` while nobody can say.
        seconds_left: Option<u32>,
    },
    /// No connection; tried again by itself.
    Offline {
        /// Why, in a sentence.
        reason: String,
    },
    /// The server refused the password.
    LoginRefused {
        /// The server's words.
        reason: String,
    },
    /// This account has no IMAP server.
    SendOnly,
}

/// What is asked to add an account.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountForm {
    /// The address.
    pub address: String,
    /// The name in From.
    pub name: String,
    /// IMAP; `None` for an account that only sends.
    pub imap: Option<ServerForm>,
    /// The smart host; `None` for direct only.
    pub smtp: Option<ServerForm>,
    /// Login name; empty means the address.
    pub user: String,
}

/// A server in the form.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ServerForm {
    /// Host name.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// Its login name; empty for the account's.
    #[serde(default)]
    pub user: String,
    /// What the login is made with.
    #[serde(default)]
    pub login: LoginForm,
    /// The certificate that is trusted although no authority vouches for it: its SHA-256.
    #[serde(default)]
    #[ts(optional)]
    pub trusted: Option<String>,
}

impl ServerForm {
    /// A server with the account's login name and password, and a certificate that an authority vouches for.
    pub fn new(host: impl Into<String>, port: u16, security: Security) -> Self {
        Self { host: host.into(), port, security, user: String::new(), login: LoginForm::Password, trusted: None }
    }
}

/// A smart host that people have, ready to be filled in.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct SmartHostPreset {
    /// Its name; also the name that is suggested for routes.
    pub name: String,
    /// Host name; empty where everybody has another.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// What the login is made with.
    pub login: LoginForm,
    /// What to fill in as the login name.
    pub user: PresetUser,
    /// What the login name is, in a few words.
    pub user_is: String,
    /// What is typed as the password, in a few words.
    pub secret_is: String,
    /// Recipients a day, where the provider states them.
    pub recipients_a_day: Option<u32>,
    /// The largest message, in MB (10⁶ octets) as it travels, where the provider states it.
    pub megabytes: Option<u32>,
    /// The limits in words; empty where there are none to state.
    pub limits: String,
    /// What to do before it works.
    pub set_up: String,
    /// The provider's own page about it.
    pub link: String,
}

/// What to fill in as the login name of a preset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "form")]
pub enum PresetUser {
    /// The whole address of the account.
    Address,
    /// The same for everybody.
    Fixed {
        /// This.
        name: String,
    },
    /// Nothing: the provider gives everybody one.
    Issued,
}

/// The form with the password, which is never part of an answer.
#[derive(Clone, Deserialize, TS)]
pub struct AccountWithPassword {
    /// Everything else.
    pub form: AccountForm,
    /// The password.
    pub password: String,
    /// The sign-in that is used for the servers that want a token.
    #[serde(default)]
    #[ts(optional)]
    pub sign_in: Option<SignInId>,
}

/// What a test of the form found.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct AccountTest {
    /// The IMAP login; `None` where there is no IMAP.
    pub imap: Option<ServerTest>,
    /// The smart host's login; `None` where there is none.
    pub smtp: Option<ServerTest>,
}

/// What one server said.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ServerTest {
    /// Whether the login worked.
    pub ok: bool,
    /// What happened, with the server's own words.
    pub message: String,
    /// What to do about it; empty where it worked.
    pub hint: String,
    /// The code of the error that it is on the command line; empty where it worked.
    pub code: String,
    /// The certificate that was refused, where that is why it did not work.
    #[ts(optional)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateView>,
}

impl ServerTest {
    /// The login worked.
    pub(crate) fn passed(message: String) -> Self {
        Self { ok: true, message, hint: String::new(), code: String::new(), certificate: None }
    }

    /// The login did not work.
    pub(crate) fn failed(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { ok: false, message: message.into(), hint: hint.into(), code: code.to_owned(), certificate: None }
    }
}

/// A place in the practice world.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct PracticePlace {
    /// An address to write to.
    pub address: String,
    /// What happens to letters there.
    pub what: String,
}
