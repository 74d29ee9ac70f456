//! The catalogue of words: what is said to the person who pressed Send.
//!
//! For someone who does not run servers: short, plain, never blaming. The title says what happened, the explanation
//! what it means, the advice what to do, or that there is nothing to do. The domain, the host and the recipient are
//! named; what the server itself said is shown beside it and not repeated here.

mod encryption;
mod here;
mod letter;
mod sender;
mod server;

use super::verdict::Verdict;
use super::{Class, Known};
use crate::{Route, TlsPolicy};

/// The three texts of a diagnosis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Words {
    pub title: String,
    pub explanation: String,
    pub advice: String,
}

/// The names that the sentences are made of.
pub(super) struct Names<'a> {
    known: &'a Known,
    /// At the head of a title: “example.org” or “The smart host “work””.
    pub who: String,
    /// The server at the head of a title: “The server of example.org” or “The smart host “work””.
    pub whose_server: String,
    /// Within a sentence: “the server of example.org (mx1.example.org)” or “your smart host “work” (smtp.example.net)”.
    pub server: String,
    /// The same at the beginning of a sentence.
    pub server_first: String,
}

/// The words for this decision.
pub(super) fn of(verdict: &Verdict, known: &Known) -> Words {
    let names = Names::new(known);
    let mut words = match verdict.class {
        Class::Greylisted => server::greylisted(&names),
        Class::Throttled => server::throttled(verdict, &names),
        Class::HostUnreachable => server::unreachable(verdict, &names),
        Class::ReceiverMisconfigured => server::misconfigured(verdict, &names),
        Class::ProtocolError => server::protocol(verdict, &names),
        Class::TlsPolicy => encryption::encryption(verdict, &names),
        Class::Unknown => server::unknown(verdict, &names),
        Class::MailboxFull => letter::mailbox_full(verdict, &names),
        Class::NoSuchRecipient => letter::no_such_recipient(verdict, &names),
        Class::NoSuchDomain | Class::NullMx => letter::no_such_domain(verdict, &names),
        Class::MessageTooLarge => letter::too_large(verdict, &names),
        Class::ContentRefused => letter::content(verdict, &names),
        Class::RecipientPolicy => letter::policy(verdict, &names),
        Class::Suppressed => letter::suppressed(&names),
        Class::Expired => letter::expired(&names),
        Class::SenderBlocklisted => sender::listed(verdict, &names),
        Class::SenderDynamicIp => sender::dynamic(&names),
        Class::SenderNoRdns => sender::nameless(verdict, &names),
        Class::SenderUnauthenticated => sender::unauthenticated(verdict, &names),
        Class::AuthFailed => here::login(verdict, &names),
        Class::Port25Blocked => here::port_25(&names),
        Class::NetworkDown => here::offline(verdict, &names),
        Class::DnsFailure => here::dns(verdict, &names),
    };
    if let Some(contradiction) = contradiction(verdict) {
        words.explanation = format!("{} {contradiction}", words.explanation);
    }
    words
}

/// Said where the decision is not what the code says, so that nobody takes it for a mistake.
fn contradiction(verdict: &Verdict) -> Option<String> {
    let code = verdict.code.filter(|_| verdict.contradicts_its_code())?;
    Some(if verdict.temporary {
        format!("Its code, {code}, says “never”, but this passes.")
    } else {
        format!("Its code, {code}, says “later”, but waiting would not change it.")
    })
}

/// What happens next to a temporary trouble.
const AGAIN: &str = "There is nothing to do: Postrider tries again by itself.";

impl<'a> Names<'a> {
    fn new(known: &'a Known) -> Self {
        let (who, server) = match &known.route {
            Route::Direct => (known.domain.clone(), format!("the server of {}", known.domain)),
            Route::SmartHost(name) => (format!("The smart host “{name}”"), format!("your smart host “{name}”")),
        };
        let whose_server = if known.route == Route::Direct { capitalised(&server) } else { who.clone() };
        let server = match known.host.as_str() {
            "" => server,
            host => format!("{server} ({host})"),
        };
        Self { known, who, whose_server, server_first: capitalised(&server), server }
    }

    /// The recipient's address.
    pub fn recipient(&self) -> &str {
        &self.known.recipient
    }

    /// The recipient's domain.
    pub fn domain(&self) -> &str {
        &self.known.domain
    }

    /// The host where one is known, else the server by its domain or smart host.
    pub fn host(&self) -> &str {
        if self.known.host.is_empty() { &self.server } else { &self.known.host }
    }

    /// The sender's domain where it is known, else “your address”.
    pub fn sender_domain(&self) -> &str {
        if self.known.sender_domain.is_empty() { "your address" } else { &self.known.sender_domain }
    }

    /// The rule that the encryption had to obey, where it came to that.
    pub fn tls_policy(&self) -> Option<TlsPolicy> {
        self.known.tls_policy
    }

    pub fn is_direct(&self) -> bool {
        self.known.route == Route::Direct
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn words(title: impl Into<String>, explanation: impl Into<String>, advice: impl Into<String>) -> Words {
    Words { title: title.into(), explanation: explanation.into(), advice: advice.into() }
}

/// What the library or the server said, as a sentence of its own; nothing where it said nothing.
fn detail(verdict: &Verdict) -> String {
    match verdict.detail.trim().trim_end_matches('.') {
        "" => String::new(),
        detail => format!(" The details: “{detail}”."),
    }
}
