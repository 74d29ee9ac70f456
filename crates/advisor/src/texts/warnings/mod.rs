//! What the pages of the warnings say.
//!
//! Each page is read by somebody who wants a letter to arrive and has never run a server: what it is, what it means for
//! them, what they can do, in this order, and nothing that was not seen.

mod address;
mod network;
mod recipient;
mod sender;

use super::USE_SMART_HOST;
use crate::checks::finding::{Copyable, Finding};
use crate::taught::SAID_BY_ONE;
use crate::warning::{Fate, LetterFacts, Sighting, WarningFacts, WarningName};
use jiff::Timestamp;
use model::{Attempt, Phase, Route};

/// What is said of a warning here and now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub means: Vec<String>,
    pub todo: Vec<String>,
    pub copy: Vec<Copyable>,
    pub alternative: Option<String>,
}

impl Told {
    fn means(mut self, text: impl Into<String>) -> Self {
        self.means.push(text.into());
        self
    }

    fn todo(mut self, text: impl Into<String>) -> Self {
        self.todo.push(text.into());
        self
    }

    fn also(mut self, text: Option<String>) -> Self {
        self.todo.extend(text);
        self
    }

    fn alternative(self, text: impl Into<String>) -> Self {
        Self { alternative: Some(text.into()), ..self }
    }

    fn copy(mut self, label: impl Into<String>, text: impl Into<String>) -> Self {
        self.copy.push(Copyable { label: label.into(), text: text.into() });
        self
    }
}

pub(crate) fn heading(name: WarningName) -> &'static str {
    match name {
        WarningName::Greylisting => "Greylisting: the first letter has to wait",
        WarningName::ReverseDns => "Reverse DNS: the name of your address",
        WarningName::Port25 => "Port 25 is blocked",
        WarningName::DynamicAddress => "An address as homes have it",
        WarningName::ListedAddress => "Your address is on a block list",
        WarningName::Spf => "SPF: who may send for your domain",
        WarningName::Dkim => "DKIM: the signature of your letters",
        WarningName::Dmarc => "DMARC: the proof that letters are yours",
        WarningName::NoSmartHost => "No smart host is set up",
        WarningName::NullMx => "A domain that takes no mail",
    }
}

pub(crate) fn what(name: WarningName) -> &'static str {
    match name {
        WarningName::Greylisting => {
            "Some mail servers ask a sender whom they do not know to come back a few minutes later, and then take the letter."
        }
        WarningName::ReverseDns => {
            "The Internet address that your letters come from should have a name of its own that leads back to it."
        }
        WarningName::Port25 => {
            "Mail servers take letters from each other at port 25, and this network does not let this computer reach it."
        }
        WarningName::DynamicAddress => {
            "Your Internet address is one of those that providers hand out to homes and phones, and many mail servers take no \
             letters straight from these."
        }
        WarningName::ListedAddress => {
            "Somebody who watches for spam has put your Internet address on a list, and mail servers that use the list refuse \
             what comes from there."
        }
        WarningName::Spf => "With an SPF record, a domain says in DNS which servers may send letters in its name.",
        WarningName::Dkim => {
            "A DKIM signature proves that a letter comes from its domain and was not changed on the way."
        }
        WarningName::Dmarc => {
            "A letter is proven to be from its domain if SPF or a DKIM signature speaks for it; a DMARC record says what to do \
             with letters that are not."
        }
        WarningName::NoSmartHost => {
            "A smart host is a mail server, usually that of your provider, which takes your letters and passes them on."
        }
        WarningName::NullMx => "A domain can say in DNS that it takes no mail at all (null MX).",
    }
}

/// What it is called where it is about one family of addresses only.
pub(crate) fn heading_here(name: WarningName, facts: &WarningFacts<'_>) -> String {
    match facts.closed_in {
        Some(family) if name == WarningName::Port25 => format!("{} over {}", heading(name), family.name()),
        _ => heading(name).to_owned(),
    }
}

/// What it is, there.
pub(crate) fn what_here(name: WarningName, facts: &WarningFacts<'_>) -> String {
    match facts.closed_in {
        Some(family) if name == WarningName::Port25 => network::closed_in(family),
        _ => what(name).to_owned(),
    }
}

/// Why anybody minds, in a few sentences.
pub(crate) fn why(name: WarningName) -> &'static str {
    match name {
        WarningName::Greylisting => {
            "Programs that send junk rarely come back after they were put off, and mail servers always do. So a few minutes of \
             patience keep much of the junk away. The server remembers the address that it saw, the sender and the \
             recipient; Postrider therefore comes back from the same address. Once it knows you, it usually takes your \
             letters at once."
        }
        WarningName::ReverseDns => {
            "Mail servers look up the name of every address that talks to them, and whether that name leads back to it. \
             Somebody who runs a mail server gives it a name; an infected computer at home has none, or one that its provider \
             made by counting. Whoever looks at the name alone can therefore turn most of the junk away before a word of it \
             is read."
        }
        WarningName::Port25 => {
            "Infected computers used to send their junk straight from people's homes, at port 25. Most providers closed it for \
             that reason, and let their customers send through a mail server instead, where they log in. That is at other \
             ports (465 and 587), which stay open. The block is about everybody in this network and not about you."
        }
        WarningName::DynamicAddress => {
            "Nearly all infected computers sit behind such addresses, and nearly no mail servers do. Receivers close the door \
             to all of them, and providers help by listing the addresses of their own customers. It is a rule about kinds of \
             connections, not an accusation, and it says nothing about your letters."
        }
        WarningName::ListedAddress => {
            "Lists of addresses that sent spam are asked by nearly every mail server, before anything of a letter is read. An \
             address gets there when spam was seen to come from it: from an infected computer in the house, from another \
             customer who shares it, or from whoever had it before. Most entries go by themselves some days after the spam \
             ends."
        }
        WarningName::Spf => {
            "Anybody can write any sender on a letter. Receivers therefore look up which servers its domain names, and \
             distrust a letter that comes from elsewhere. Large receivers want to see such a record for every domain."
        }
        WarningName::Dkim => {
            "SPF speaks for the server that a letter came from, which says little once it was forwarded, or if it was sent from \
             a laptop. A signature travels with the letter: receivers fetch the key for it from the DNS of the domain, and \
             know that the letter is yours whichever way it came."
        }
        WarningName::Dmarc => {
            "Whoever forges your address hopes that nobody looks. With DMARC, receivers look at the very domain in the From \
             line, and the domain says what becomes of letters that nothing speaks for: nothing, the junk, or a refusal. Gmail, \
             Yahoo and Microsoft expect such a record of everybody who sends more than a little."
        }
        WarningName::NoSmartHost => {
            "Direct sending hangs on the network that you happen to be in: its ports, its address, the name of that address. A \
             smart host has all of it in order, always, and knows you by your login. With one at hand, Postrider sends \
             directly where that works, and hands over where it does not."
        }
        WarningName::NullMx => {
            "Many domains are for web pages alone, or were registered so that nobody else can misuse them. With a null MX they \
             say so at once, and a letter to them comes back in a second and not after five days of trying."
        }
    }
}

pub(crate) fn told(name: WarningName, facts: &WarningFacts<'_>) -> Told {
    const CLEARED: &str = "The newest check found nothing of the kind.";
    match (facts.cleared, &facts.letter) {
        (Some(_), None) => Told::default().means(CLEARED).todo("There is nothing to do."),
        (Some(_), Some(_)) => as_told(name, facts).means(CLEARED),
        (None, _) => as_told(name, facts),
    }
}

fn as_told(name: WarningName, facts: &WarningFacts<'_>) -> Told {
    let by_one = finding(facts).filter(|found| found.found == SAID_BY_ONE && facts.letter.is_none());
    if let Some(found) = by_one {
        return as_found(found, Told::default());
    }
    match name {
        WarningName::Greylisting => recipient::greylisting(facts),
        WarningName::NullMx => recipient::null_mx(facts),
        WarningName::Port25 => network::port_25(facts),
        WarningName::NoSmartHost => network::no_smart_host(facts),
        WarningName::ReverseDns => address::reverse_dns(facts),
        WarningName::DynamicAddress => address::dynamic(facts),
        WarningName::ListedAddress => address::listed(facts),
        WarningName::Spf => sender::spf(facts),
        WarningName::Dkim => sender::dkim(facts),
        WarningName::Dmarc => sender::dmarc(facts),
    }
}

/// What an attempt met, as evidence.
pub(crate) fn sighting(attempt: &Attempt) -> Sighting {
    let host = attempt.host.as_deref().filter(|host| !host.is_empty());
    let address = attempt.address.as_deref().map(|address| match attempt.port {
        Some(port) if address.contains(':') => format!("[{address}]:{port}"),
        Some(port) => format!("{address}:{port}"),
        None => address.to_owned(),
    });
    let place = match (host, address) {
        (Some(host), Some(address)) => format!("{host} ({address})"),
        (Some(only), None) => only.to_owned(),
        (None, Some(only)) => only,
        (None, None) => network(None),
    };
    let through = match &attempt.route {
        Route::Direct => String::new(),
        Route::SmartHost(name) => format!(", through {name}"),
    };
    let reply = attempt.reply.as_ref().map(|reply| {
        let code = reply.enhanced.map(|enhanced| format!("{enhanced} ")).unwrap_or_default();
        format!("{} {code}{}", reply.code, reply.lines.join("\n"))
    });
    let millis = attempt.ended_at.as_millisecond().saturating_sub(attempt.started_at.as_millisecond());
    Sighting {
        at: Some(attempt.ended_at),
        place,
        asked: format!("{}{through}", asked(attempt.phase)),
        answer: reply.or_else(|| attempt.error.clone()).unwrap_or_default(),
        took_ms: u64::try_from(millis).ok(),
    }
}

/// How far it had come, in the words of the timeline.
fn asked(phase: Phase) -> &'static str {
    match phase {
        Phase::Prepare => "before connecting",
        Phase::Dns => "while looking up the mail server",
        Phase::Connect => "while connecting",
        Phase::Tls => "while agreeing on encryption",
        Phase::Greeting => "at the greeting",
        Phase::Ehlo => "at the introduction (EHLO)",
        Phase::Starttls => "when asking for encryption (STARTTLS)",
        Phase::Auth => "at the login (AUTH)",
        Phase::Mail => "when naming the sender (MAIL FROM)",
        Phase::Rcpt => "when naming the recipient (RCPT TO)",
        Phase::Data => "before the content (DATA)",
        Phase::Body => "after the content",
    }
}

/// That a check found nothing of the kind.
pub(crate) fn cleared(at: Timestamp, name: Option<&str>) -> Sighting {
    Sighting {
        at: Some(at),
        place: network(name),
        asked: "the newest check".to_owned(),
        answer: "nothing of the kind".to_owned(),
        took_ms: None,
    }
}

/// What a network is called.
pub(crate) fn network(name: Option<&str>) -> String {
    match name {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => "this network".to_owned(),
    }
}

/// What a check found of it, with what it says to do: the beginning of most pages that no letter has opened.
fn as_found(found: &Finding, told: Told) -> Told {
    let mut told = told.means(format!("{}. {}", found.title, found.cause)).also(found.fix.clone());
    told.copy.extend(found.copy.iter().cloned());
    told
}

fn finding<'a>(facts: &WarningFacts<'a>) -> Option<&'a Finding> {
    facts.finding.map(|found| found.finding)
}

/// What is said only where it is so.
fn by_itself(facts: &WarningFacts<'_>) -> &'static str {
    if facts.auto_avoids { " The route Auto does so by itself from here." } else { "" }
}

/// To hand it over, or how to be able to.
fn pass_on(facts: &WarningFacts<'_>) -> String {
    match (facts.smart_host, &facts.letter) {
        (Some(name), Some(_)) => {
            format!("Hand the letter over to {name}: it has an address of its own, which receivers trust.")
        }
        (Some(name), None) => {
            format!("Send through {name}: it has an address of its own, which receivers trust.{}", by_itself(facts))
        }
        (None, _) => USE_SMART_HOST.to_owned(),
    }
}

/// Whom a letter is for, as a person knows it.
fn recipient(letter: &LetterFacts<'_>) -> String {
    letter.delivery.address.to_string()
}

/// What became of a letter whose refusal is about us and not about it.
fn refused(letter: &LetterFacts<'_>) -> String {
    let to = recipient(letter);
    match letter.fate() {
        Fate::Waiting => format!("put the letter to {to} off, which waits here and is safe"),
        Fate::Refused => format!("refused the letter to {to}"),
        Fate::Taken => format!("turned the letter to {to} away at first; it was taken since"),
        Fate::Cancelled => format!("turned the letter to {to} away, which was taken back since"),
    }
}
