//! The page of a warning: put together from what is known where it was raised. Every sentence comes from the catalogue.

use super::WarningName;
use crate::checks::finding::{Copyable, Finding};
use crate::checks::network::IpFamily;
use crate::texts::warnings as texts;
use jiff::Timestamp;
use model::{AccountId, Attempt, Delivery, DeliveryId, EmailAddress, OutgoingId, Route};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use ts_rs::TS;

/// Something that was seen, with when and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Sighting {
    /// When; `None` where it was not kept.
    #[ts(type = "string | null")]
    pub at: Option<Timestamp>,
    /// Where: a host and its address, or a network.
    pub place: String,
    /// What was asked or done.
    pub asked: String,
    /// What came back, in the words in which it came.
    pub answer: String,
    /// How long that took, in milliseconds.
    #[ts(type = "number | null")]
    pub took_ms: Option<u64>,
}

/// A letter that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WaitingLetter {
    /// The message.
    pub outgoing: OutgoingId,
    /// Its delivery to one recipient.
    pub delivery: DeliveryId,
    /// The recipient.
    pub address: EmailAddress,
}

/// Something that can be done about it at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum WarningAction {
    /// Hand these letters over to a smart host.
    HandOver {
        /// Its name.
        route: String,
        /// What waits.
        letters: Vec<WaitingLetter>,
    },
    /// Let senders that are set to direct go through a smart host from now on.
    SendThrough {
        /// Their account.
        account: AccountId,
        /// Who they are.
        senders: Vec<EmailAddress>,
        /// The smart host.
        route: String,
    },
    /// Add a smart host.
    AddSmartHost {
        /// To this account.
        account: AccountId,
    },
    /// Write the letter anew.
    Edit {
        /// Which.
        outgoing: OutgoingId,
    },
    /// Make a key to sign with, or look after those that are there.
    Signing,
    /// Look at the sender's domain now.
    CheckIdentity {
        /// The address.
        address: String,
    },
    /// Look at this network now.
    CheckNetwork {
        /// The account whose network it is; `None` is the real one.
        account: Option<AccountId>,
    },
}

/// A warning as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WarningPage {
    /// Which it is.
    pub name: WarningName,
    /// What it is called.
    pub heading: String,
    /// What it is, in a sentence.
    pub what: String,
    /// What it means here: for this letter, for this network.
    pub means: Vec<String>,
    /// When the letter is tried next.
    #[ts(type = "string | null")]
    pub next_attempt_at: Option<Timestamp>,
    /// By what it was seen.
    pub seen: Vec<Sighting>,
    /// What to do.
    pub todo: Vec<String>,
    /// What can be done here and now, the best first.
    pub actions: Vec<WarningAction>,
    /// What can be copied for that.
    pub copy: Vec<Copyable>,
    /// What else there is.
    pub alternative: Option<String>,
    /// Why anybody minds.
    pub why: String,
    /// The smart host that letters could go through.
    pub smart_host: Option<String>,
}

/// The letter that raised a warning.
#[derive(Clone, Copy, Debug)]
pub struct LetterFacts<'a> {
    /// The message.
    pub outgoing: OutgoingId,
    /// Its delivery to the recipient in question.
    pub delivery: &'a Delivery,
    /// The attempt that raised it, where there is one.
    pub attempt: Option<&'a Attempt>,
}

/// The finding that fits, with when and where it was found.
#[derive(Clone, Copy, Debug)]
pub struct FindingFacts<'a> {
    /// What was found.
    pub finding: &'a Finding,
    /// When.
    pub at: Option<Timestamp>,
    /// What the network is called, where it has a name.
    pub network: Option<&'a str>,
}

/// What is known where a warning is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct WarningFacts<'a> {
    /// The letter that it is about.
    pub letter: Option<LetterFacts<'a>>,
    /// What a check found of it.
    pub finding: Option<FindingFacts<'a>>,
    /// When the newest check found nothing of the kind, and on which network.
    pub cleared: Option<(Timestamp, Option<&'a str>)>,
    /// The domain that is written to.
    pub recipient_domain: Option<&'a str>,
    /// The account that is sent from.
    pub account: Option<AccountId>,
    /// The practice account has a network of its own.
    pub is_practice: bool,
    /// Who sends.
    pub sender: Option<&'a EmailAddress>,
    /// The address that others see, where it is known.
    pub address: Option<IpAddr>,
    /// Whether the route Auto avoids direct sending from this network, for what was found of it.
    pub auto_avoids: bool,
    /// The one family in which port 25 is closed, where it is open in the other and no letter is in question.
    pub closed_in: Option<IpFamily>,
    /// The first smart host of the account.
    pub smart_host: Option<&'a str>,
    /// What else waits for the same reason: of this letter, else of all letters of the account.
    pub waiting: &'a [WaitingLetter],
    /// The senders of the account whose letters are to go direct, whatever comes.
    pub set_to_direct: &'a [EmailAddress],
    /// Why what DNS says of the sender was not looked up.
    pub not_looked_up: Option<NotLookedUp>,
}

/// Why nobody said what DNS holds of the sender's domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotLookedUp {
    /// This computer is not on line.
    Offline,
    /// It is behind a login page.
    Portal,
    /// It took too long.
    TooLong,
}

/// How a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Waiting,
    Refused,
    Taken,
    Cancelled,
}

impl LetterFacts<'_> {
    pub(crate) fn fate(&self) -> Fate {
        let state = self.delivery.state;
        match state {
            _ if state.is_open() => Fate::Waiting,
            _ if state.is_refused() => Fate::Refused,
            _ if state.is_taken() => Fate::Taken,
            _ => Fate::Cancelled,
        }
    }

    /// The host that answered, else whoever takes mail for the recipient's domain.
    pub(crate) fn server(&self) -> String {
        match self.attempt.and_then(|attempt| attempt.host.as_deref()).filter(|host| !host.is_empty()) {
            Some(host) => host.to_owned(),
            None => model::shown_domain(self.delivery.address.domain()),
        }
    }

    /// Whether it went by itself, without anybody who passes it on.
    pub(crate) fn went_direct(&self) -> bool {
        self.attempt.is_none_or(|attempt| attempt.route == Route::Direct)
    }
}

/// The page of a warning, by what is known.
pub fn warning_page(name: WarningName, facts: &WarningFacts<'_>) -> WarningPage {
    let told = texts::told(name, facts);
    let next = facts.letter.filter(|letter| letter.fate() == Fate::Waiting);
    WarningPage {
        name,
        heading: texts::heading_here(name, facts),
        what: texts::what_here(name, facts),
        means: told.means,
        next_attempt_at: next.and_then(|letter| letter.delivery.next_attempt_at),
        seen: seen(facts),
        todo: told.todo,
        actions: actions(name, facts),
        copy: told.copy,
        alternative: told.alternative,
        why: texts::why(name).to_owned(),
        smart_host: facts.smart_host.map(str::to_owned),
    }
}

fn seen(facts: &WarningFacts<'_>) -> Vec<Sighting> {
    let reply = facts.letter.and_then(|letter| letter.attempt).map(texts::sighting);
    // What replies taught may stand on the very reply that the letter met.
    let said = reply.as_ref().map(|reply| words(&reply.answer));
    let found = facts.finding.into_iter().flat_map(|found| {
        let new = found.finding.evidence.iter().filter(|evidence| said.as_ref() != Some(&words(&evidence.answer)));
        new.map(move |evidence| Sighting {
            at: found.at,
            place: texts::network(found.network),
            asked: evidence.asked.clone(),
            answer: evidence.answer.clone(),
            took_ms: evidence.took_ms,
        })
    });
    let cleared = facts.cleared.map(|(at, network)| texts::cleared(at, network));
    let found: Vec<Sighting> = found.collect();
    reply.into_iter().chain(found).chain(cleared).collect()
}

/// A text without the line breaks that a server put into it.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// What can be done at once, the best first:
///
/// | warning | a smart host is there | none is |
/// |---|---|---|
/// | greylisting, and all about us or this network | hand over what waits; a sender that is set to direct goes through it | add one |
/// | no smart host | | add one |
/// | null MX of a recipient | write anew | write anew |
/// | DKIM | and: see to the keys | |
/// | about the sender's domain, about this network | and: look again | |
/// | port 25 closed over IPv6 alone | look again | look again |
fn actions(name: WarningName, facts: &WarningFacts<'_>) -> Vec<WarningAction> {
    use WarningName::*;
    let mut actions = Vec::new();
    if name == NullMx {
        let edit = facts.letter.filter(|letter| matches!(letter.fate(), Fate::Waiting | Fate::Refused));
        actions.extend(edit.map(|letter| WarningAction::Edit { outgoing: letter.outgoing }));
    } else if facts.closed_in != Some(IpFamily::V6) && facts.letter.is_none_or(|letter| letter.went_direct()) {
        actions.extend(by_smart_host(name, facts));
    }
    if matches!(name, Dkim | Dmarc)
        && facts.sender.is_some_and(|sender| crate::provider_of(sender.domain()).is_none())
    {
        actions.push(WarningAction::Signing);
    }
    match name {
        Spf | Dkim | Dmarc => {
            actions.extend(facts.sender.map(|sender| WarningAction::CheckIdentity { address: sender.to_string() }))
        }
        ReverseDns | Port25 | DynamicAddress | ListedAddress => {
            let account = facts.account.filter(|_| facts.is_practice);
            actions.push(WarningAction::CheckNetwork { account });
        }
        Greylisting | NoSmartHost | NullMx => {}
    }
    actions
}

fn by_smart_host(name: WarningName, facts: &WarningFacts<'_>) -> Option<WarningAction> {
    let waits = |letter: &LetterFacts<'_>| matches!(letter.fate(), Fate::Waiting | Fate::Refused);
    let this = facts.letter.filter(waits).map(|letter| WaitingLetter {
        outgoing: letter.outgoing,
        delivery: letter.delivery.id,
        address: letter.delivery.address.clone(),
    });
    let Some(route) = facts.smart_host.map(str::to_owned) else {
        return facts.account.map(|account| WarningAction::AddSmartHost { account });
    };
    if let Some(letter) = this {
        let others = facts.waiting.iter().filter(|other| other.delivery != letter.delivery).cloned();
        let letters = std::iter::once(letter.clone()).chain(others).collect();
        return Some(WarningAction::HandOver { route, letters });
    }
    if facts.letter.is_some() || name == WarningName::NoSmartHost {
        return None;
    }
    if !facts.waiting.is_empty() {
        return Some(WarningAction::HandOver { route, letters: facts.waiting.to_vec() });
    }
    // One domain that lets us wait is no reason to leave direct sending for all.
    let is_for_good = !facts.set_to_direct.is_empty() && name != WarningName::Greylisting;
    let account = facts.account.filter(|_| is_for_good)?;
    Some(WarningAction::SendThrough { account, senders: facts.set_to_direct.to_vec(), route })
}
