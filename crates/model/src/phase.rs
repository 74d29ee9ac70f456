//! The phases of one attempt, in the order in which they come.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How far an attempt got: the phase in which it ended, or in which the reply that decided it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Choosing the route and reading what is needed, before anything is asked of the network.
    Prepare,
    /// Looking up MX and addresses.
    Dns,
    /// Opening the TCP connection.
    Connect,
    /// The TLS handshake, whether on connect (RFC 8314) or after STARTTLS.
    Tls,
    /// Waiting for the greeting.
    Greeting,
    /// EHLO or HELO.
    Ehlo,
    /// STARTTLS (RFC 3207).
    Starttls,
    /// AUTH (RFC 4954).
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA, before the content.
    Data,
    /// The content, up to the reply to the final dot.
    Body,
}

impl Phase {
    /// The word for it, on disk and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Greeting => "greeting",
            Self::Ehlo => "ehlo",
            Self::Starttls => "starttls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Body => "body",
        }
    }

    /// The phase of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        use Phase::*;
        [Prepare, Dns, Connect, Tls, Greeting, Ehlo, Starttls, Auth, Mail, Rcpt, Data, Body]
            .into_iter()
            .find(|phase| phase.word() == word)
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
