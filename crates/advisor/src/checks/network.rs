//! This network: whether it lets mail out, whether a VPN is in the way, and what time it is.
//!
//! Port 25 is judged by several hosts together, so that one that is down is not taken for a wall:
//!
//! | seen | it counts as |
//! |---|---|
//! | no address of this family | nothing to test |
//! | no host to ask, and name servers that do not answer | nobody found |
//! | an address that belongs to nobody answers, and no host greets by its own name | intercepted |
//! | greetings or answers to EHLO of several owners all have letters crossed out, STARTTLS too | intercepted |
//! | hosts of different owners, in different networks, all greet with one name that is neither's | intercepted |
//! | a host that encrypted before offers no STARTTLS, and no other does | intercepted |
//! | some host greets | open |
//! | most get no answer at all | dropped |
//! | most are turned away at once | refused |
//! | most are connected and hear nothing | held |
//! | none came to an end in time | not in time |
//!
//! A host that was not waited for to the end counts neither way.

use super::Timed;
use super::finding::{Check, Evidence, Finding};
use super::greeting;
use crate::texts::network as texts;
use jiff::{SignedDuration, Timestamp};
use message::authenticity::domains::{organisation, same_house};
use model::Reply;
use std::net::{IpAddr, SocketAddr};

/// The two families of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IpFamily {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl IpFamily {
    /// Of an address.
    pub fn of(ip: IpAddr) -> Self {
        if ip.to_canonical().is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }
}

/// How far this network leads, by what the operating system knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayOut {
    /// Out, as far as is known.
    Open,
    /// Nowhere.
    NoNetwork,
    /// To a login page.
    Portal,
}

/// A mail server that was spoken to: greeting, EHLO, QUIT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Its name.
    pub host: String,
    /// Where it was dialed.
    pub address: SocketAddr,
    /// What came of it, and after how long.
    pub end: Timed<ProbeEnd>,
    /// Whether it has been seen to offer encryption, from here or elsewhere.
    pub encrypted_before: bool,
}

/// What came of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeEnd {
    /// It greeted.
    Greeted {
        /// With these words.
        greeting: Reply,
        /// And answered EHLO so, before encryption; `None` where it did not.
        ehlo: Option<Reply>,
        /// And HELO, which is said where EHLO is refused for good.
        helo: Option<Reply>,
    },
    /// Nothing came back to the connection.
    Silent,
    /// The connection was turned away.
    Refused,
    /// The network says that there is no way there.
    Unreachable,
    /// It was connected and said nothing.
    Mute,
    /// It was connected and closed before a word.
    Closed,
    /// It is no mail server: what it said instead.
    Strange(String),
    /// This computer itself forbade it, or could not.
    Local(String),
    /// The check ended before it did.
    Unfinished,
}

impl ProbeEnd {
    /// What it said last when we introduced ourselves.
    pub fn introduced(&self) -> Option<&Reply> {
        match self {
            Self::Greeted { ehlo, helo, .. } => helo.as_ref().or(ehlo.as_ref()),
            _ => None,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Greeted { greeting, ehlo, helo } => {
                let then = match (ehlo, helo) {
                    (Some(ehlo), Some(helo)) => format!("; then {} to EHLO, and {} to HELO", ehlo.code, helo.code),
                    (Some(ehlo), None) if ehlo.code / 100 == 2 => {
                        format!("; then {} to EHLO, offering {}", ehlo.code, offers(ehlo))
                    }
                    (Some(ehlo), None) => format!("; then {} to EHLO", ehlo.code),
                    (None, _) => "; then no answer to EHLO".to_owned(),
                };
                format!("{} {}{then}", greeting.code, first_line(greeting))
            }
            Self::Silent => "no answer".to_owned(),
            Self::Refused => "connection refused".to_owned(),
            Self::Unreachable => "the network says that there is no way there".to_owned(),
            Self::Mute => "connected, and not a word".to_owned(),
            Self::Closed => "connected, and closed without a word".to_owned(),
            Self::Strange(said) => format!("not a mail server: {said}"),
            Self::Local(why) => why.clone(),
            Self::Unfinished => "not waited for any longer".to_owned(),
        }
    }
}

/// What a server offers in EHLO, in a line.
pub(crate) fn offers(ehlo: &Reply) -> String {
    let offered: Vec<&str> = ehlo.lines.iter().skip(1).map(String::as_str).collect();
    if offered.is_empty() { "nothing".to_owned() } else { offered.join(", ") }
}

/// The first line of a reply.
pub(crate) fn first_line(reply: &Reply) -> &str {
    reply.lines.first().map(String::as_str).unwrap_or_default()
}

/// What was seen of port 25 in one family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port25Seen {
    /// The family.
    pub family: IpFamily,
    /// Whether this computer has an address of it that leads out.
    pub has_address: bool,
    /// The hosts that were asked.
    pub probes: Vec<Probe>,
    /// Whether the name servers left it open where some of the hosts are.
    pub names_were_silent: bool,
    /// Whether an address that belongs to nobody let itself be connected to; `None` where that was not tried.
    pub nobody_answers: Option<Timed<bool>>,
}

/// What port 25 is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Port25 {
    Open {
        host: String,
        /// Who greets with a refusal: its name and words.
        refusal: Option<(String, String)>,
    },
    Dropped(Met),
    Refused(Met),
    Held(Met),
    Intercepted(Sign),
    NoFamily,
    NobodyAsked,
    /// The name servers did not say where anybody is.
    NobodyFound,
    NotInTime,
    /// This computer itself is in the way.
    Local(String),
}

/// How many servers met it, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    pub by: usize,
    pub of: usize,
    /// Whether they belong together, so that one firewall of their own may stand before all.
    pub of_one_owner: bool,
}

/// By what an interception was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    NobodyAnswers,
    CrossedOut(String),
    OneNameForAll { name: String, hosts: Vec<String> },
    NoEncryption(String),
}

/// Judges port 25 in one family.
pub fn port_25(seen: &Port25Seen) -> Finding {
    let check = match seen.family {
        IpFamily::V4 => Check::Port25V4,
        IpFamily::V6 => Check::Port25V6,
    };
    let mut evidence: Vec<Evidence> = seen.probes.iter().map(probe_evidence).collect();
    if let Some(control) = &seen.nobody_answers {
        let answer = if control.value { "connected" } else { "no connection, as it should be" };
        evidence.push(Evidence::new("an address that belongs to nobody", answer, control.took));
    }
    Finding::new(check, "", evidence, texts::port_25(seen.family, &judge_port_25(seen)))
}

fn probe_evidence(probe: &Probe) -> Evidence {
    Evidence::new(format!("{} ({})", probe.host, probe.address), probe.end.value.shown(), probe.end.took)
}

pub(crate) fn judge_port_25(seen: &Port25Seen) -> Port25 {
    if !seen.has_address {
        return Port25::NoFamily;
    }
    // A host that greets by its own name was reached, whoever else answers for nobody.
    let is_reached = seen.probes.iter().any(greets_as_itself);
    if !is_reached && seen.nobody_answers.as_ref().is_some_and(|control| control.value) {
        return Port25::Intercepted(Sign::NobodyAnswers);
    }
    if seen.probes.is_empty() {
        return if seen.names_were_silent { Port25::NobodyFound } else { Port25::NobodyAsked };
    }
    if let Some(sign) = sign_of_interception(&seen.probes) {
        return Port25::Intercepted(sign);
    }
    let greeted = || seen.probes.iter().filter_map(greeting_of);
    match greeted().next() {
        Some((probe, _)) => {
            let refusal = greeted().find(|(_, greeting)| greeting.code >= 500);
            let refusal = refusal.map(|(probe, greeting)| (probe.host.clone(), said(greeting)));
            Port25::Open { host: probe.host.clone(), refusal }
        }
        None => closed(&seen.probes),
    }
}

fn greets_as_itself(probe: &Probe) -> bool {
    let name = greeting_of(probe).and_then(|(_, words)| greeting::name(words));
    name.is_some_and(|name| same_house(&name, &probe.host))
}

fn said(reply: &Reply) -> String {
    format!("{} {}", reply.code, reply.lines.join(" "))
}

fn greeting_of(probe: &Probe) -> Option<(&Probe, &Reply)> {
    match &probe.end.value {
        ProbeEnd::Greeted { greeting, .. } => Some((probe, greeting)),
        _ => None,
    }
}

/// What most met; where as many met one thing as another, the one that says most of a wall.
fn closed(probes: &[Probe]) -> Port25 {
    let count = |is: fn(&ProbeEnd) -> bool| probes.iter().filter(|probe| is(&probe.end.value)).count();
    let silent = count(|end| matches!(end, ProbeEnd::Silent));
    let refused = count(|end| matches!(end, ProbeEnd::Refused | ProbeEnd::Unreachable));
    let held = count(|end| matches!(end, ProbeEnd::Mute | ProbeEnd::Closed | ProbeEnd::Strange(_)));
    let ended = || probes.iter().filter(|probe| probe.end.value != ProbeEnd::Unfinished);
    let met = |by| Met { by, of: ended().count(), of_one_owner: !have_two_owners(ended()) };
    let local = probes.iter().find_map(|probe| match &probe.end.value {
        ProbeEnd::Local(why) => Some(why.clone()),
        _ => None,
    });
    match local {
        Some(why) if silent + refused + held == 0 => Port25::Local(why),
        None if silent + refused + held == 0 => Port25::NotInTime,
        _ if silent >= refused && silent >= held => Port25::Dropped(met(silent)),
        _ if refused >= held => Port25::Refused(met(refused)),
        _ => Port25::Held(met(held)),
    }
}

fn sign_of_interception(probes: &[Probe]) -> Option<Sign> {
    crossed_out(probes).or_else(|| one_name_for_all(probes)).or_else(|| without_encryption(probes))
}

/// Some firewalls write stars over a greeting and `X` over extensions that they do not want, `STARTTLS` first. One that
/// stands before the hosts of a single owner is that owner's.
fn crossed_out(probes: &[Probe]) -> Option<Sign> {
    if !have_two_owners(probes.iter().filter(|probe| words_of(probe).is_some())) {
        return None;
    }
    let line = |(_, words, ehlo)| crossed_line(words, ehlo).filter(|_| !ehlo.is_some_and(offers_tls));
    let lines: Vec<Option<&String>> = probes.iter().filter_map(words_of).map(line).collect();
    let line = lines.iter().copied().collect::<Option<Vec<&String>>>()?.into_iter().next()?;
    Some(Sign::CrossedOut(line.clone()))
}

fn have_two_owners<'a>(mut probes: impl Iterator<Item = &'a Probe>) -> bool {
    let Some(first) = probes.next().map(|probe| organisation(&probe.host)) else { return false };
    probes.any(|probe| organisation(&probe.host) != first)
}

fn offers_tls(ehlo: &Reply) -> bool {
    ehlo.lines.iter().skip(1).any(|line| line.eq_ignore_ascii_case("STARTTLS"))
}

fn crossed_line<'a>(greeting: &'a Reply, ehlo: Option<&'a Reply>) -> Option<&'a String> {
    let has_stars = |line: &&String| line.contains("****");
    let has_crosses =
        |line: &&String| line.len() >= 4 && line.bytes().filter(|octet| *octet == b'X').count() + 1 >= line.len();
    let mut extensions = ehlo.into_iter().flat_map(|ehlo| ehlo.lines.iter().skip(1));
    greeting.lines.iter().find(has_stars).or_else(|| extensions.find(has_crosses))
}

fn words_of(probe: &Probe) -> Option<(&Probe, &Reply, Option<&Reply>)> {
    match &probe.end.value {
        ProbeEnd::Greeted { greeting, .. } => Some((probe, greeting, probe.end.value.introduced())),
        _ => None,
    }
}

/// Hosts of different owners and in different networks that all have one name, which is neither's. Owners who have their mail
/// at one house have it in one network, as a rule.
fn one_name_for_all(probes: &[Probe]) -> Option<Sign> {
    let greeted: Vec<(&Probe, Option<String>)> =
        probes.iter().filter_map(greeting_of).map(|(probe, words)| (probe, greeting::name(words))).collect();
    let (first, name) = greeted.first()?;
    let name = name.as_ref()?;
    let is_shared = greeted.iter().all(|(probe, its)| its.as_ref() == Some(name) && !same_house(name, &probe.host));
    let is_elsewhere = |other: &&Probe| {
        organisation(&other.host) != organisation(&first.host)
            && !in_one_network(other.address.ip(), first.address.ip())
    };
    let other = greeted.iter().map(|(probe, _)| *probe).find(is_elsewhere).filter(|_| is_shared)?;
    Some(Sign::OneNameForAll { name: name.clone(), hosts: vec![first.host.clone(), other.host.clone()] })
}

/// Whether two addresses begin alike, as those of one provider usually do.
fn in_one_network(one: IpAddr, other: IpAddr) -> bool {
    match (one.to_canonical(), other.to_canonical()) {
        (IpAddr::V4(one), IpAddr::V4(other)) => one.to_bits() >> 16 == other.to_bits() >> 16,
        (IpAddr::V6(one), IpAddr::V6(other)) => one.to_bits() >> 96 == other.to_bits() >> 96,
        _ => false,
    }
}

/// Where some host offers encryption, nobody takes the offer out.
fn without_encryption(probes: &[Probe]) -> Option<Sign> {
    let answered = || probes.iter().filter_map(words_of).filter_map(|(probe, _, ehlo)| Some((probe, ehlo?)));
    if answered().any(|(_, ehlo)| ehlo.code != 250 || offers_tls(ehlo)) {
        return None;
    }
    answered().find(|(probe, _)| probe.encrypted_before).map(|(probe, _)| Sign::NoEncryption(probe.host.clone()))
}

/// Judges how far this network leads.
pub fn way_out(way: WayOut) -> Finding {
    let answer = match way {
        WayOut::Open => "connected",
        WayOut::NoNetwork => "no interface has an address that leads out",
        WayOut::Portal => "a login page answers in place of the Internet",
    };
    Finding::new(Check::WayOut, "", vec![Evidence::known("the operating system", answer)], texts::way_out(way))
}

/// What was seen of a smart host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionSeen {
    /// Its name.
    pub host: String,
    /// The port that is set up.
    pub port: u16,
    /// Whether its name leads to an address, of whatever family; `None` where nobody could say.
    pub is_found: Option<bool>,
    /// What came of asking it, at the port that is set up and at customary ones.
    pub probes: Vec<Probe>,
}

/// What the smart host is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Submission {
    /// Its name leads nowhere.
    NoAddress,
    /// Its name could not be looked up.
    NotAnswered,
    /// Its addresses are of a family that this network has not.
    OtherFamily,
    Open,
    /// This port is open, and not the one that is set up.
    OtherPort(u16),
    Closed,
    /// None of its ports came to an end in time.
    NotInTime,
}

pub(crate) fn judge_submission(seen: &SubmissionSeen) -> Submission {
    let is_open = |probe: &&Probe| matches!(probe.end.value, ProbeEnd::Greeted { .. });
    let mut open = seen.probes.iter().filter(is_open).map(|probe| probe.address.port());
    match (seen.is_found, open.clone().next()) {
        (_, Some(_)) if open.any(|port| port == seen.port) => Submission::Open,
        (_, Some(other)) => Submission::OtherPort(other),
        (Some(false), None) => Submission::NoAddress,
        (None, None) => Submission::NotAnswered,
        (Some(true), None) if seen.probes.is_empty() => Submission::OtherFamily,
        (Some(true), None) if seen.probes.iter().all(|probe| probe.end.value == ProbeEnd::Unfinished) => {
            Submission::NotInTime
        }
        (Some(true), None) => Submission::Closed,
    }
}

impl SubmissionSeen {
    /// What the finding of a smart host is about.
    pub(crate) fn subject(host: &str, port: u16) -> String {
        format!("{}:{port}", host.to_ascii_lowercase())
    }
}

/// Judges whether each smart host can be reached; that there is none is a finding too.
pub fn submissions(seen: &[SubmissionSeen]) -> Vec<Finding> {
    if seen.is_empty() {
        return vec![submission(None)];
    }
    seen.iter().map(|one| submission(Some(one))).collect()
}

/// Judges whether a smart host can be reached; `None` is that there is none.
pub fn submission(seen: Option<&SubmissionSeen>) -> Finding {
    let Some(seen) = seen else {
        return Finding::new(Check::Submission, "", Vec::new(), texts::no_smart_host());
    };
    let mut evidence: Vec<Evidence> = seen.probes.iter().map(probe_evidence).collect();
    if seen.probes.is_empty() {
        let answer = match seen.is_found {
            Some(true) => "addresses of a kind that this network does not have",
            Some(false) => "no address",
            None => "no answer",
        };
        evidence.push(Evidence::known(format!("where {} is", seen.host), answer));
    }
    let said = texts::submission(&seen.host, seen.port, judge_submission(seen));
    Finding::new(Check::Submission, SubmissionSeen::subject(&seen.host, seen.port), evidence, said)
}

/// The name of the interface that connections leave through; `None` where it is not known.
pub fn vpn(interface: Option<&str>) -> Finding {
    let evidence = interface.map(|name| Evidence::known("connections leave through", name)).into_iter().collect();
    Finding::new(Check::Vpn, "", evidence, texts::vpn(interface, interface.is_some_and(is_tunnel)))
}

/// Whether an interface is called as those of VPNs are.
pub fn is_tunnel(interface: &str) -> bool {
    let name = interface.to_ascii_lowercase();
    const FRONTS: [&str; 10] =
        ["tun", "tap", "wg", "utun", "tailscale", "zt", "nordlynx", "proton", "ipsec", "mullvad"];
    FRONTS.iter().any(|front| name.starts_with(front)) || name.contains("vpn")
}

/// What one server said about the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeSeen {
    /// The server.
    pub host: String,
    /// The time there.
    pub theirs: Timestamp,
    /// The time here when its word came.
    pub ours: Timestamp,
}

/// Servers whose clocks differ by less agree.
const AGREEMENT: SignedDuration = SignedDuration::from_mins(1);

/// Judges the clock. Servers' clocks are wrong too, so each host has one vote, and two have to agree before ours is wrong.
pub fn clock(seen: &[TimeSeen]) -> Finding {
    let mut hosts: Vec<&TimeSeen> = Vec::new();
    for one in seen {
        if hosts.iter().all(|known| known.host != one.host) {
            hosts.push(one);
        }
    }
    let evidence =
        hosts.iter().map(|one| Evidence::known(&one.host, format!("{} there, {} here", one.theirs, one.ours)));
    let votes: Vec<SignedDuration> = hosts.iter().map(|one| one.ours.duration_since(one.theirs)).collect();
    let said = texts::clock(agreed(&votes), votes.len());
    Finding::new(Check::Clock, "", evidence.collect(), said)
}

/// What most agree on, two at least; one alone can say that the clock is right, and nothing else.
fn agreed(votes: &[SignedDuration]) -> Option<SignedDuration> {
    let agree = |one: SignedDuration| votes.iter().filter(|other| (**other - one).abs() <= AGREEMENT).count();
    let best = votes.iter().copied().max_by_key(|vote| agree(*vote)).filter(|vote| agree(*vote) > 1);
    best.or_else(|| votes.iter().copied().find(|vote| vote.abs() <= AGREEMENT))
}
