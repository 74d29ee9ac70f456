//! Accounts: an IMAP login with the identities and smart hosts that belong to it. Passwords are not here; they are in
//! the secret store under the account's or the smart host's key.

use crate::{AccountId, EmailAddress, IdentityId, RoutePolicy, SmartHostId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How a connection to a server of the account is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// An upgrade that must succeed before anything else is said.
    Starttls,
    /// Clear text. Passwords go over it to loopback only.
    None,
}

impl Security {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Starttls => "starttls",
            Self::None => "none",
        }
    }

    /// The security of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Tls, Self::Starttls, Self::None].into_iter().find(|security| security.word() == word)
    }
}

/// Where a server listens and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protection of the connection.
    pub security: Security,
    /// Login name.
    pub user: String,
    /// What the login is made with.
    #[serde(default)]
    pub login: LoginForm,
}

/// What a login is made with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum LoginForm {
    /// A password, by the strongest mechanism that the server offers.
    #[default]
    Password,
    /// An OAuth 2.0 access token (OAUTHBEARER, RFC 7628; XOAUTH2).
    Token,
}

/// One IMAP login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Account {
    /// Its number here.
    pub id: AccountId,
    /// The address it was added with; also its name in lists.
    pub address: EmailAddress,
    /// The IMAP server; `None` for an account that only sends.
    pub imap: Option<Server>,
    /// From addresses, the default first. Never empty.
    pub identities: Vec<Identity>,
    /// Smart hosts, in the order in which they are tried.
    pub smart_hosts: Vec<SmartHost>,
    /// Routes for recipient domains, which come before the identity's default.
    #[serde(default)]
    pub rules: Vec<RouteRule>,
    /// Whether this is the account of the practice post office, whose ports are new at every start.
    pub practice: bool,
}

/// A From address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Identity {
    /// Its number here.
    pub id: IdentityId,
    /// The address in From and in the envelope.
    pub address: EmailAddress,
    /// The name in From; empty for none.
    pub name: String,
    /// Text put under new letters; empty for none.
    pub signature: String,
    /// Default route.
    pub route: RoutePolicy,
}

/// A server that takes mail for anywhere, after a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SmartHost {
    /// Its number here.
    pub id: SmartHostId,
    /// The name by which routes call it; unique, and neither `auto` nor `direct`.
    pub name: String,
    /// Where it is. An empty user means that no login is asked for.
    pub server: Server,
}

/// The route for the recipients of a domain, where neither the letter nor the recipient has one of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RouteRule {
    /// The domain: `example.org`; with all below it, `*.example.org`; everything else, `*`.
    pub domain: String,
    /// The way.
    pub route: RoutePolicy,
}
