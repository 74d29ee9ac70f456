//! What is shown of a search for servers.

use crate::view::{ServerForm, ServerTest};
use model::LoginForm;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// For which address to look.
#[derive(Debug, Deserialize, TS)]
pub struct DiscoverArgs {
    /// As typed.
    pub address: String,
    /// Whether Mozilla's database is asked, which tells its keeper the domain; `None` as in the settings.
    #[serde(default)]
    #[ts(optional)]
    pub database: Option<bool>,
}

/// What a search found.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Discovery {
    /// The address.
    pub address: String,
    /// What was found, the most believable first. The first is what one would take.
    pub found: Vec<FoundAccount>,
    /// What each source said, in words.
    pub asked: Vec<AskedSource>,
    /// What is known of the provider; `None` where it is none that is known.
    pub provider: Option<ProviderHelp>,
    /// Whether Mozilla's database was asked.
    pub database: bool,
}

/// Servers from one source.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct FoundAccount {
    /// The source: `provider`, `domain`, `services`, `database`, `mail-hosts` or `guess`.
    pub origin: String,
    /// Where it is from, in a sentence.
    pub words: String,
    /// What the provider calls itself, where it says so.
    pub name: Option<String>,
    /// A page of the provider about it.
    pub page: Option<String>,
    /// The IMAP server.
    pub imap: Option<FoundServerView>,
    /// The smart host.
    pub smtp: Option<FoundServerView>,
}

/// A server that was found.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FoundServerView {
    /// Ready for the form.
    pub server: ServerForm,
    /// What it takes, the best first.
    pub logins: Vec<LoginForm>,
    /// Whether it answered, encrypted and proven. Nobody has logged in yet.
    pub answers: ServerTest,
    /// Whether nothing but unsigned DNS names it, outside the address's domain: no password is sent there before the user
    /// said that it is right.
    pub hearsay: bool,
}

/// What a source said.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskedSource {
    /// The source.
    pub source: String,
    /// What it said.
    pub said: String,
}

/// What is known of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProviderHelp {
    /// Its name.
    pub name: String,
    /// Which password it wants; `None` where it is simply the account's.
    pub password: Option<PasswordHelpView>,
    /// Whether it takes passwords at all.
    pub takes_passwords: bool,
    /// The word of its sign-in in a browser; `None` where it has none that is known.
    pub oauth: Option<String>,
}

/// Which password a provider wants from mail programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PasswordHelpView {
    /// In a sentence or two.
    pub text: String,
    /// The provider's page about it.
    pub link: String,
}
