//! What a reply or a failure means: one table, one function, no I/O.

use crate::{Outcome, Phase, Route};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// The kinds of trouble that Postrider tells apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        pub enum Class {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl Class {
            /// Every class.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word for it, on disk and in JSON.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The class of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

classes! {
    /// A first contact is asked to come back later.
    Greylisted = "greylisted",
    /// Too much, too fast, or a sender not trusted yet.
    Throttled = "throttled",
    /// The mailbox has no room.
    MailboxFull = "mailbox-full",
    /// The server does not know this recipient.
    NoSuchRecipient = "no-such-recipient",
    /// The domain does not exist, or has no server for mail.
    NoSuchDomain = "no-such-domain",
    /// The domain says that it takes no mail (RFC 7505).
    NullMx = "null-mx",
    /// Larger than the server takes.
    MessageTooLarge = "message-too-large",
    /// The content was refused.
    ContentRefused = "content-refused",
    /// Our address is on a block list, or has a bad name.
    SenderBlocklisted = "sender-blocklisted",
    /// Our address is one that providers give to homes.
    SenderDynamicIp = "sender-dynamic-ip",
    /// Our address has no name, or one that does not lead back to it.
    SenderNoRdns = "sender-no-rdns",
    /// SPF, DKIM or DMARC did not pass.
    SenderUnauthenticated = "sender-unauthenticated",
    /// A rule of the recipient's server.
    RecipientPolicy = "recipient-policy",
    /// The smart host refused the login.
    AuthFailed = "auth-failed",
    /// The encryption that is required could not be had.
    TlsPolicy = "tls-policy",
    /// This network does not let port 25 out.
    Port25Blocked = "port-25-blocked",
    /// This computer has no network.
    NetworkDown = "network-down",
    /// The name servers could not answer.
    DnsFailure = "dns-failure",
    /// The host does not answer.
    HostUnreachable = "host-unreachable",
    /// The recipient's server is set up wrongly.
    ReceiverMisconfigured = "receiver-misconfigured",
    /// The conversation broke the rules, or broke off.
    ProtocolError = "protocol-error",
    /// Refused before; not tried again.
    Suppressed = "suppressed",
    /// Given up after the maximum age.
    Expired = "expired",
    /// Nothing in the table fits.
    Unknown = "unknown",
}

/// Who has to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum WhoActs {
    /// Nobody: it goes on by itself.
    Nobody,
    /// The person who sent it.
    You,
    /// Whoever provides this network, or runs the smart host.
    YourProvider,
    /// Whoever runs the recipient's server.
    RecipientsProvider,
    /// The recipient.
    Recipient,
}

/// What a reply or a failure means, for the schedule and for the person who pressed Send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Diagnosis {
    /// The kind of trouble.
    pub class: Class,
    /// Whether another try can help. The code does not decide it alone: see the table.
    pub temporary: bool,
    /// Who has to do something.
    pub who_acts: WhoActs,
    /// Whether another sender (a smart host instead of us, or the other way round) would be treated better.
    pub would_other_route_help: bool,
    /// Whether the cause is on this computer or its network: then no try is used up and no host is blamed.
    pub local_cause: bool,
    /// Seconds after which to come back, where the server said so.
    #[ts(type = "number | null")]
    pub retry_after: Option<u64>,
    /// What happened, in a few words.
    pub title: String,
    /// What happened and what it means.
    pub explanation: String,
    /// What to do.
    pub advice: String,
}

/// What is known where a reply came in: the words of the explanation are made of it.
#[derive(Clone, Debug)]
pub struct Known {
    /// The way of the attempt.
    pub route: Route,
    /// The recipient's domain.
    pub domain: String,
    /// The recipient.
    pub recipient: String,
    /// The host that answered, or was to answer; empty if it never came to one.
    pub host: String,
}

/// What this outcome of this phase means.
pub fn diagnose(phase: Phase, outcome: &Outcome, known: &Known) -> Diagnosis {
    let _ = (phase, outcome);
    Diagnosis {
        class: Class::Unknown,
        temporary: true,
        who_acts: WhoActs::Nobody,
        would_other_route_help: false,
        local_cause: false,
        retry_after: None,
        title: String::new(),
        explanation: known.domain.clone(),
        advice: String::new(),
    }
}
