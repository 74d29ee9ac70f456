//! What a reply or a failure means: one table, one function, no I/O.
//!
//! In: how far the attempt got ([`Phase`]), what ended it ([`Outcome`]), and what is known there ([`Known`]). Out: a
//! [`Diagnosis`]: what kind of trouble, whether waiting helps, who has to act, and the words for the person who
//! pressed Send.
//!
//! A reply is looked up in this order, and the first that fits decides:
//! 1. its signature (`signatures`): what a known server writes, by code, enhanced code and text;
//! 2. its enhanced code (RFC 3463 and the IANA registry), if that says more than “something”;
//! 3. its code and the phase: a 554 in the greeting is about our address, a 554 after the content about the letter.
//!
//! The code alone decides neither the class nor whether another try helps: a 450 may never change, and a 550 may be
//! about us and not about the recipient. Where the decision contradicts the code, the explanation says so.

mod delay;
mod fallback;
mod faults;
mod signature;
mod signatures;
mod verdict;
mod words;

use crate::{Outcome, Phase, Route, TlsPolicy};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use verdict::Verdict;

pub use delay::stated_delay;

/// A row of the table of signatures, as far as it is documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Documented {
    /// Who writes it; `many` for wordings that no one provider owns.
    pub provider: &'static str,
    /// A reply of this kind, with addresses for documentation.
    pub sample: &'static str,
    /// What it means.
    pub class: Class,
    /// Whether it is looked for in the replies of smart hosts only.
    pub smart_host_only: bool,
    /// Where it is documented.
    pub source: &'static str,
}

/// Every row of the table, in the order in which replies are compared with it.
pub fn documented() -> impl Iterator<Item = Documented> {
    signatures::all().map(signature::Signature::documented)
}

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
    /// On the list of addresses to which a sending service sends nothing, because they refused mail before.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The way of the attempt.
    pub route: Route,
    /// The recipient's domain.
    pub domain: String,
    /// The recipient.
    pub recipient: String,
    /// The host that answered, or was to answer; empty if it never came to one.
    pub host: String,
    /// The domain of the sender's address; empty where it is not known.
    pub sender_domain: String,
    /// Tries that counted, before this one.
    pub tries: u32,
    /// Whether every host of several unrelated domains kept silent on port 25 on this network: what one silent host
    /// cannot show, all of them together do.
    pub all_hosts_silent: bool,
    /// The rule that the encryption had to obey, which says who demanded it; `None` where it did not come to that.
    pub tls_policy: Option<TlsPolicy>,
}

impl Known {
    /// What is known of every delivery; the rest is filled in where it is known.
    pub fn new(route: Route, domain: impl Into<String>, recipient: impl Into<String>) -> Self {
        Self {
            route,
            domain: domain.into(),
            recipient: recipient.into(),
            host: String::new(),
            sender_domain: String::new(),
            tries: 0,
            all_hosts_silent: false,
            tls_policy: None,
        }
    }
}

/// What this outcome of this phase means.
///
/// ```
/// # use postrider_model::{Class, EnhancedCode, Known, Phase, Reply, Route, WhoActs, diagnose};
/// let known = Known::new(Route::Direct, "example.org", "anna@example.org");
/// let reply = Reply::new(550, Some(EnhancedCode::new(5, 1, 1)), "User unknown");
/// let diagnosis = diagnose(Phase::Rcpt, &reply.into(), &known);
/// assert_eq!((diagnosis.class, diagnosis.temporary), (Class::NoSuchRecipient, false));
/// assert_eq!(diagnosis.who_acts, WhoActs::You);
/// ```
pub fn diagnose(phase: Phase, outcome: &Outcome, known: &Known) -> Diagnosis {
    let verdict = match outcome {
        Outcome::Replied(reply) => verdict::of_reply(phase, reply, known),
        Outcome::Failed(fault) => faults::verdict(phase, fault, known),
    };
    verdict.in_words(known)
}

impl Diagnosis {
    /// The diagnosis of a class where no server answered.
    pub fn of(class: Class, known: &Known) -> Self {
        Verdict::new(class).in_words(known)
    }

    /// Given up after the maximum age, because of what stood in the way last.
    pub fn expired(last: Option<&Diagnosis>, known: &Known) -> Self {
        let mut expired = Self::of(Class::Expired, known);
        if let Some(last) = last {
            expired.would_other_route_help = last.would_other_route_help;
            expired.explanation = format!("{} The last reason: {}", expired.explanation, last.explanation);
        }
        expired
    }
}
