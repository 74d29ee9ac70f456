//! What the way that was chosen means for the letter that is being written, from the network that this computer is on: one
//! sentence above Send, the worst there is to say, and the better choice where there is one. Pure.
//!
//! The first line that fits decides. Nothing is said that was not seen: of a network that nobody has looked at, nothing.
//!
//! | chosen | seen | outlook | the letter |
//! |---|---|---|---|
//! | any | a recipient takes no letter of this size | too large | will come back |
//! | direct | From at a provider that lets nobody else send for it | sender's provider | will be refused |
//! | direct | a From domain that can not be answered | sender's domain | will be refused |
//! | direct | port 25 closed, intercepted, or held up: see [`crate::reach`] | port 25 | does not get out |
//! | direct | port 25 open over IPv6 alone | port 25 | reaches few |
//! | any | name servers that did not answer | name servers | waits here |
//! | smart host | the smart hosts out of reach from this network | submission | does not get out |
//! | direct | a domain refused this computer for what it is, within a day | refused us | is likely to be refused |
//! | direct | the address on a list for what it did | listed address | is likely to be refused |
//! | direct | the address on a list of those that send no mail | dynamic address | is likely to be refused |
//! | direct | the address without a name, or with one that does not count | reverse DNS | may be refused |
//! | direct | nothing proves the From domain | no proof | will be refused where that domain asks for it, else may be |
//! | direct, for want of a smart host | something speaks against it | no smart host | may be refused |
//! | any | a clock that is far off | clock | may be taken for junk |
//! | direct | a domain that lets newcomers wait | greylisting | will take some minutes |
//! | any | no network, or one that wants a login | off line | waits here |
//!
//! Better is the first smart host where the letter goes direct, the next one where it does not; without one, to add one. One
//! that this network keeps out of reach is not offered, and for From at a provider only that provider's own.
//! That nothing proves the From domain is known where the identity was looked at; before that, what counts is whether
//! there is a key whose signature proves it.
//! A letter that is too large is not helped by another way, nor one that no way can be found for, that carries a wrong time,
//! or whose From nobody can answer. One that only waits for some minutes is in no trouble.

use crate::Basis;
use crate::checks::finding::{Check, Finding, Status};
use crate::checks::identity::Proof;
use crate::checks::network::SubmissionSeen;
use crate::mark::exceeds;
use crate::reach::{Reach, is_port_25, reach};
use crate::texts::outlook as texts;
use crate::verdict::{direct_is_proven, silent_names};
use crate::warning::WarningName;
use crate::{provider_of, smart_hosts_for};
use model::{Class, Route, SmartHost};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use ts_rs::TS;

/// The letter, and what is known of its way.
#[derive(Clone, Debug)]
pub struct OutlookFacts<'a> {
    /// The way to each domain of a recipient.
    pub ways: &'a [Way],
    /// What was last found of this network; none where nobody has looked.
    pub network: &'a [Finding],
    /// What was last found of the identity that sends; none where nobody has looked.
    pub identity: &'a [Finding],
    /// The smart hosts of the account, in the order in which they are tried.
    pub smart_hosts: &'a [SmartHost],
    /// Domain of From.
    pub sender_domain: &'a str,
    /// Whether a signature that DNS confirms proves the letter (DKIM); of no account where all is on this computer.
    pub signed: Signed,
    /// Octets of the letter, where that is known.
    pub size: Option<u64>,
    /// What keeps this computer off line.
    pub offline: Option<Offline>,
}

/// Whether a signature proves From.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Nobody asks for it, as on this computer.
    NotAsked,
}

/// Why a computer is off line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offline {
    /// There is no network.
    NoNetwork,
    /// The network wants a login first.
    Portal,
}

/// The way to the recipients of one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The domain, as it is shown.
    pub domain: String,
    /// The way.
    pub route: Route,
    /// Who chose it.
    pub basis: Basis,
    /// What speaks against a direct way that was chosen for want of another.
    pub despite: Option<String>,
    /// The largest letter that the domain takes.
    pub size_limit: Option<u64>,
    /// How long it let somebody unknown wait, where one of its recipients has had no letter from here.
    pub greylists: Option<Duration>,
    /// How it refused this computer of late.
    pub refused_us: Option<Class>,
}

/// What an outlook is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum OutlookKind {
    /// A recipient takes no letter of this size.
    TooLarge,
    /// The provider of From lets nobody else send for it.
    SenderProvider,
    /// The From domain can not be answered.
    SenderDomain,
    /// Port 25.
    #[serde(rename = "port-25")]
    Port25,
    /// The name servers do not answer.
    NameServers,
    /// The smart hosts can not be reached.
    Submission,
    /// A domain refused this computer.
    RefusedUs,
    /// The address is on a list for what it did.
    ListedAddress,
    /// The address is on a list of those that send no mail.
    DynamicAddress,
    /// The name of the address.
    ReverseDns,
    /// Nothing proves From.
    Unproven,
    /// There is no smart host, and something speaks against sending direct.
    NoSmartHost,
    /// The clock of this computer is wrong.
    Clock,
    /// Newcomers wait.
    Greylisting,
    /// This computer is off line.
    Offline,
}

/// How an outlook is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum OutlookTone {
    /// The letter will not arrive this way.
    Stop,
    /// It may not, or not soon.
    Caution,
}

/// The better choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "choice")]
pub enum Better {
    /// Another way for this letter.
    Route {
        /// Which: a smart host by name, or `direct`.
        route: Route,
    },
    /// A smart host for this account.
    AddSmartHost,
}

/// What the chosen way means for a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Outlook {
    /// What it is about.
    pub kind: OutlookKind,
    /// How it is to be seen.
    pub tone: OutlookTone,
    /// In a sentence.
    pub message: String,
    /// What that means, in another.
    pub meaning: String,
    /// The better choice, where there is one.
    pub better: Option<Better>,
    /// What to call that.
    pub better_label: Option<String>,
    /// The warning whose page tells more.
    pub warning: Option<WarningName>,
    /// The domain of the recipients that it is about, where it is about one.
    pub domain: Option<String>,
    /// What it was seen by, where a check saw it.
    pub finding: Option<Finding>,
}

/// What is seen, with what its words need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen<'a> {
    TooLarge { domain: &'a str, size: Option<u64>, limit: Option<u64> },
    SenderProvider { provider: &'static str, domain: &'a str },
    SenderDomain { domain: &'a str },
    Port25 { finding: &'a Finding },
    OnlyV6(&'a Finding),
    NameServers(&'a Finding),
    Submission { smart_host: &'a str, finding: &'a Finding },
    RefusedUs { domain: &'a str, class: Class },
    ListedAddress(&'a Finding),
    DynamicAddress(&'a Finding),
    ReverseDns(&'a Finding),
    Unproven { domain: &'a str, lack: Lack<'a> },
    NoSmartHost { despite: &'a str },
    Clock(&'a Finding),
    Greylisting { domains: Vec<&'a str>, wait: Duration },
    Offline(Offline),
}

/// What is known to be missing of the proof of From.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lack<'a> {
    /// A signature; nobody has looked at what else there is.
    Signature,
    /// Everything; with what the domain asks for (DMARC), where it was found.
    Everything(Option<&'a Finding>),
}

impl Lack<'_> {
    /// Whether the domain asks receivers to refuse such letters.
    pub fn is_refused(self) -> bool {
        matches!(self, Self::Everything(Some(finding)) if finding.found == "not-proven-reject")
    }
}

/// The worst that is to be said of a letter as it is; `None` where there is nothing.
pub fn outlook(facts: &OutlookFacts<'_>) -> Option<Outlook> {
    let seen = worst(facts)?;
    let better = better(&seen, facts);
    let (message, meaning) = texts::outlook(&seen, better.as_ref());
    let (kind, tone, warning) = class(&seen);
    let (finding, domain) = (finding(&seen).cloned(), domain(&seen).map(str::to_owned));
    Some(Outlook {
        domain,
        finding,
        kind,
        tone,
        message,
        meaning,
        better_label: better.as_ref().map(texts::better),
        better,
        warning,
    })
}

fn worst<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    too_large(facts)
        .or_else(|| only_direct(facts, sender_provider))
        .or_else(|| only_direct(facts, sender_domain))
        .or_else(|| only_direct(facts, refused_for_want_of_proof))
        .or_else(|| only_direct(facts, port_25))
        .or_else(|| name_servers(facts))
        .or_else(|| submission(facts))
        .or_else(|| refused_us(facts))
        .or_else(|| only_direct(facts, address))
        .or_else(|| only_direct(facts, unproven))
        .or_else(|| no_smart_host(facts))
        .or_else(|| clock(facts))
        .or_else(|| greylisting(facts))
        .or_else(|| facts.offline.filter(|_| !facts.ways.is_empty()).map(Seen::Offline))
}

/// Why direct sending is not offered for a sender, as a sentence: receivers are known to refuse such letters, or to file them as
/// junk, wherever they are sent from. By what was found of the identity, and whether a signature proves it.
pub fn not_offered_direct(sender_domain: &str, identity: &[Finding], signed: Signed) -> Option<String> {
    if let Some(provider) = provider_of(sender_domain).filter(|provider| provider.only_its_own) {
        return Some(texts::only_its_provider(provider.name, sender_domain));
    }
    let is_unproven = signed != Signed::NotAsked && direct_is_proven(identity) == Some(Proof::No);
    let asks = |word: &str| is_unproven && identity.iter().any(|finding| finding.is(Check::Dmarc, word));
    match (asks("not-proven-reject"), asks("not-proven-quarantine")) {
        (true, _) => Some(texts::refuses_unproven(sender_domain)),
        (_, true) => Some(texts::files_unproven_as_junk(sender_domain)),
        _ => None,
    }
}

fn direct<'a>(facts: &OutlookFacts<'a>) -> impl Iterator<Item = &'a Way> + use<'a> {
    facts.ways.iter().filter(|way| way.route == Route::Direct)
}

/// What is to be said only of a letter of which a part goes direct.
fn only_direct<'a>(
    facts: &OutlookFacts<'a>,
    look: impl Fn(&OutlookFacts<'a>) -> Option<Seen<'a>>,
) -> Option<Seen<'a>> {
    direct(facts).next().and_then(|_| look(facts))
}

fn too_large<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    let way = facts.ways.iter().find(|way| exceeds(facts.size, way.size_limit))?;
    Some(Seen::TooLarge { domain: &way.domain, size: facts.size, limit: way.size_limit })
}

fn sender_provider<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    let provider = provider_of(facts.sender_domain).filter(|provider| provider.only_its_own)?;
    Some(Seen::SenderProvider { provider: provider.name, domain: facts.sender_domain })
}

fn sender_domain<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    let words = ["no-such-domain", "null-mx", "nowhere"];
    let is_it = |finding: &Finding| words.into_iter().any(|word| finding.is(Check::SenderDomain, word));
    facts.identity.iter().any(is_it).then_some(Seen::SenderDomain { domain: facts.sender_domain })
}

/// By both families, as the verdict goes.
fn port_25<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    match reach(facts.network) {
        Reach::NotKnown | Reach::Open => None,
        Reach::OnlyV6(finding) => Some(Seen::OnlyV6(finding)),
        Reach::Shut(finding) | Reach::Intercepted(finding) => Some(Seen::Port25 { finding }),
    }
}

fn name_servers<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    silent_names(facts.network).filter(|_| !facts.ways.is_empty()).map(Seen::NameServers)
}

/// A smart host that the letter would go through, where the network keeps it out of reach.
fn submission<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    facts.ways.iter().find_map(|way| {
        let Route::SmartHost(name) = &way.route else { return None };
        let chosen = facts.smart_hosts.iter().find(|host| host.name == *name)?;
        out_of_reach(chosen, facts).map(|finding| Seen::Submission { smart_host: &chosen.name, finding })
    })
}

fn out_of_reach<'a>(smart_host: &SmartHost, facts: &OutlookFacts<'a>) -> Option<&'a Finding> {
    let subject = SubmissionSeen::subject(&smart_host.server.host, smart_host.server.port);
    let fails = |finding: &&Finding| finding.check == Check::Submission && finding.status == Status::Fail;
    facts.network.iter().filter(fails).find(|finding| finding.subject == subject)
}

fn refused_us<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    direct(facts).find_map(|way| way.refused_us.map(|class| Seen::RefusedUs { domain: &way.domain, class }))
}

fn address<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    let of = |check, found: &str| facts.network.iter().find(|finding| finding.is(check, found));
    if let Some(finding) = of(Check::AddressList, "listed") {
        return Some(Seen::ListedAddress(finding));
    }
    if let Some(finding) = of(Check::AddressList, "policy") {
        return Some(Seen::DynamicAddress(finding));
    }
    let names = ["missing", "unconfirmed", "generic"];
    names.into_iter().find_map(|found| of(Check::ReverseName, found)).map(Seen::ReverseDns)
}

fn unproven<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    lack(facts).map(|lack| Seen::Unproven { domain: facts.sender_domain, lack })
}

fn refused_for_want_of_proof<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    let lack = lack(facts).filter(|lack| lack.is_refused())?;
    Some(Seen::Unproven { domain: facts.sender_domain, lack })
}

fn lack<'a>(facts: &OutlookFacts<'a>) -> Option<Lack<'a>> {
    match direct_is_proven(facts.identity) {
        Some(Proof::Yes) => None,
        Some(Proof::No) => {
            Some(Lack::Everything(facts.identity.iter().find(|finding| finding.check == Check::Dmarc)))
        }
        Some(Proof::NotKnown) | None => (facts.signed == Signed::No).then_some(Lack::Signature),
    }
}

fn no_smart_host<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    direct(facts).find_map(|way| way.despite.as_deref().map(|despite| Seen::NoSmartHost { despite }))
}

fn clock<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    let finding = facts.network.iter().find(|finding| finding.is(Check::Clock, "far-off"))?;
    (!facts.ways.is_empty()).then_some(Seen::Clock(finding))
}

fn greylisting<'a>(facts: &OutlookFacts<'a>) -> Option<Seen<'a>> {
    let waits: Vec<(&str, Duration)> =
        direct(facts).filter_map(|way| Some((way.domain.as_str(), way.greylists?))).collect();
    let wait = waits.iter().map(|(_, wait)| *wait).max()?;
    Some(Seen::Greylisting { domains: waits.into_iter().map(|(domain, _)| domain).collect(), wait })
}

fn better(seen: &Seen<'_>, facts: &OutlookFacts<'_>) -> Option<Better> {
    match seen {
        Seen::TooLarge { .. } | Seen::NameServers(_) | Seen::Clock(_) | Seen::Offline(_) => None,
        // It is refused on every way.
        Seen::SenderDomain { .. } => None,
        // Somebody who waits for some minutes needs no smart host to be set up.
        Seen::Greylisting { .. } => smart_host_in_reach(facts).map(through),
        Seen::Submission { smart_host, .. } => {
            let other = |host: &&SmartHost| host.name != *smart_host && out_of_reach(host, facts).is_none();
            let next = smart_hosts_for(facts.sender_domain, facts.smart_hosts).into_iter().find(other).map(through);
            next.or_else(|| is_good_for_direct(facts).then_some(Better::Route { route: Route::Direct }))
        }
        // Any other server is as much a stranger there as this computer.
        Seen::SenderProvider { .. } => by_its_provider(facts),
        _ if facts.smart_hosts.is_empty() => Some(Better::AddSmartHost),
        _ => smart_host_in_reach(facts).map(through),
    }
}

fn through(host: &SmartHost) -> Better {
    Better::Route { route: Route::SmartHost(host.name.clone()) }
}

/// Nothing is offered that the same check found out of reach.
fn smart_host_in_reach<'a>(facts: &OutlookFacts<'a>) -> Option<&'a SmartHost> {
    let hosts = smart_hosts_for(facts.sender_domain, facts.smart_hosts);
    hosts.into_iter().find(|host| out_of_reach(host, facts).is_none())
}

fn by_its_provider(facts: &OutlookFacts<'_>) -> Option<Better> {
    let provider = provider_of(facts.sender_domain)?;
    if !facts.smart_hosts.iter().any(|host| provider.is_own_host(&host.server.host)) {
        return Some(Better::AddSmartHost);
    }
    smart_host_in_reach(facts).map(through)
}

/// Whether direct is known to work from here: nothing is offered that may come to as little.
fn is_good_for_direct(facts: &OutlookFacts<'_>) -> bool {
    let is_refused = facts.network.iter().any(|finding| is_port_25(finding) && finding.found == "open-refused");
    let speaks = |finding: &Finding| matches!(finding.check, Check::AddressList | Check::ReverseName);
    let is_bad = facts.network.iter().any(|finding| speaks(finding) && finding.status != Status::Pass);
    reach(facts.network) == Reach::Open
        && !is_refused
        && !is_bad
        && lack(facts).is_none()
        && provider_of(facts.sender_domain).is_none()
}

fn class(seen: &Seen<'_>) -> (OutlookKind, OutlookTone, Option<WarningName>) {
    use OutlookTone::{Caution, Stop};
    match seen {
        Seen::TooLarge { .. } => (OutlookKind::TooLarge, Stop, None),
        Seen::SenderProvider { .. } => (OutlookKind::SenderProvider, Stop, Some(WarningName::Dmarc)),
        Seen::SenderDomain { .. } => (OutlookKind::SenderDomain, Stop, None),
        Seen::Port25 { finding } => {
            let tone = if finding.status == Status::Fail { Stop } else { Caution };
            (OutlookKind::Port25, tone, Some(WarningName::Port25))
        }
        Seen::OnlyV6(finding) => (OutlookKind::Port25, Caution, finding.warning),
        Seen::NameServers(_) => (OutlookKind::NameServers, Caution, None),
        Seen::Submission { .. } => (OutlookKind::Submission, Stop, None),
        Seen::RefusedUs { class, .. } => (OutlookKind::RefusedUs, Caution, warning_of(*class)),
        Seen::ListedAddress(_) => (OutlookKind::ListedAddress, Caution, Some(WarningName::ListedAddress)),
        Seen::DynamicAddress(_) => (OutlookKind::DynamicAddress, Caution, Some(WarningName::DynamicAddress)),
        Seen::ReverseDns(_) => (OutlookKind::ReverseDns, Caution, Some(WarningName::ReverseDns)),
        Seen::Unproven { lack, .. } if lack.is_refused() => (OutlookKind::Unproven, Stop, Some(WarningName::Dmarc)),
        Seen::Unproven { .. } => (OutlookKind::Unproven, Caution, Some(WarningName::Dkim)),
        Seen::NoSmartHost { .. } => (OutlookKind::NoSmartHost, Caution, Some(WarningName::NoSmartHost)),
        Seen::Clock(_) => (OutlookKind::Clock, Caution, None),
        Seen::Greylisting { .. } => (OutlookKind::Greylisting, Caution, Some(WarningName::Greylisting)),
        Seen::Offline(_) => (OutlookKind::Offline, Caution, None),
    }
}

fn finding<'a>(seen: &Seen<'a>) -> Option<&'a Finding> {
    match seen {
        Seen::Port25 { finding } | Seen::Submission { finding, .. } => Some(finding),
        Seen::OnlyV6(finding) | Seen::NameServers(finding) | Seen::Clock(finding) => Some(finding),
        Seen::ListedAddress(finding) | Seen::DynamicAddress(finding) | Seen::ReverseDns(finding) => Some(finding),
        Seen::Unproven { lack: Lack::Everything(finding), .. } => *finding,
        _ => None,
    }
}

fn domain<'a>(seen: &Seen<'a>) -> Option<&'a str> {
    match seen {
        Seen::TooLarge { domain, .. } | Seen::RefusedUs { domain, .. } => Some(domain),
        Seen::Greylisting { domains, .. } => domains.first().copied(),
        _ => None,
    }
}

fn warning_of(class: Class) -> Option<WarningName> {
    match class {
        Class::SenderDynamicIp => Some(WarningName::DynamicAddress),
        Class::SenderNoRdns => Some(WarningName::ReverseDns),
        Class::SenderBlocklisted => Some(WarningName::ListedAddress),
        Class::SenderUnauthenticated => Some(WarningName::Dkim),
        Class::Port25Blocked => Some(WarningName::Port25),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
