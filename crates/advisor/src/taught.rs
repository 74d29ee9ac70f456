//! What mail servers said about this computer since a network was last looked at, put to what was found of it: pure.
//!
//! A refusal for what this computer is shows more than any question that could be asked. So it counts as if the check had
//! found it, with the server's words as evidence:
//!
//! | refused for, by two owners | finding | where one speaks against sending already | otherwise |
//! |---|---|---|---|
//! | no reverse DNS | reverse-name, `missing` | its evidence | a finding of its own |
//! | a dynamic address | address-list, `policy` | its evidence | a finding of its own |
//! | a listed address | address-list, `listed` | its evidence | a finding of its own |
//! | want of proof | spf, `told`; of the identity's domain alone | its evidence | a finding of its own |
//! | nobody at port 25 | port-25-ipv4, `dropped` | its evidence | in place of what was open |
//!
//! It counts for a day, and until the same is looked at again: whoever looked later knows better. One server may have a list
//! of its own, or have looked in vain: what the servers of a single owner said is shown ([`SAID_BY_ONE`]) and decides nothing
//! but the way to its own domains, until those of a second one say the same. That nobody is reached takes several domains to
//! be said at all.

use crate::checks::finding::{Check, Evidence, Finding, Status};
use crate::texts::taught as texts;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use model::Class;

/// The word for what the servers of a single owner said: it is no reason for a verdict.
pub(crate) const SAID_BY_ONE: &str = "said-by-one";

/// How long a refusal counts.
const COUNTS: SignedDuration = SignedDuration::from_hours(24);

/// How this computer was refused for what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What for.
    pub class: Class,
    /// The domain of the server; empty for several that could not be reached.
    pub host: String,
    /// The domain of the user's that it was about; empty for none.
    pub sender: String,
    /// Its words; empty for none.
    pub reply: String,
    /// When.
    pub at: Timestamp,
}

/// When a network was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The last time, at some of it.
    pub at: Timestamp,
    /// The last time at all of it.
    pub whole_at: Timestamp,
}

/// What the findings are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About<'a> {
    /// A network.
    Network,
    /// The letters of a domain.
    Domain(&'a str),
}

/// The findings with what was said since: see above.
pub fn taught(
    mut findings: Vec<Finding>,
    about: About<'_>,
    looked: Option<Looked>,
    told: &[Told],
    now: Timestamp,
) -> Vec<Finding> {
    for one in told.iter().filter(|one| counts(one, about, looked, now)) {
        if let Some(check) = check_of(one.class) {
            put(&mut findings, check, one, is_common(one, about, looked, told, now));
        }
    }
    findings
}

/// Whether a refusal still says something.
pub fn counts(told: &Told, about: About<'_>, looked: Option<Looked>, now: Timestamp) -> bool {
    let concerns = match (told.class, about) {
        (Class::SenderUnauthenticated, About::Domain(domain)) => told.sender.eq_ignore_ascii_case(domain),
        (Class::SenderUnauthenticated, About::Network) | (_, About::Domain(_)) => false,
        (class, About::Network) => check_of(class).is_some(),
    };
    let looked_again =
        looked.map(|looked| if told.class == Class::Port25Blocked { looked.whole_at } else { looked.at });
    concerns && now.duration_since(told.at) < COUNTS && looked_again.is_none_or(|at| at < told.at)
}

/// Whether there is something that two owners said, of what still says something.
pub fn is_anything_common(about: About<'_>, looked: Option<Looked>, told: &[Told], now: Timestamp) -> bool {
    let mut counted = told.iter().filter(|one| counts(one, about, looked, now));
    counted.any(|one| is_common(one, about, looked, told, now))
}

/// Whether somebody else said the same.
fn is_common(one: &Told, about: About<'_>, looked: Option<Looked>, told: &[Told], now: Timestamp) -> bool {
    let is_other = |other: &Told| {
        check_of(other.class) == check_of(one.class)
            && !other.host.eq_ignore_ascii_case(&one.host)
            && counts(other, about, looked, now)
    };
    one.class == Class::Port25Blocked || told.iter().any(is_other)
}

/// The check that would have found it.
pub(crate) fn check_of(class: Class) -> Option<Check> {
    match class {
        Class::SenderNoRdns => Some(Check::ReverseName),
        Class::SenderDynamicIp | Class::SenderBlocklisted => Some(Check::AddressList),
        Class::SenderUnauthenticated => Some(Check::Spf),
        Class::Port25Blocked => Some(Check::Port25V4),
        _ => None,
    }
}

fn put(findings: &mut Vec<Finding>, check: Check, told: &Told, is_common: bool) {
    let evidence = evidence(told);
    let in_trouble =
        |finding: &&mut Finding| finding.check == check && matches!(finding.status, Status::Warn | Status::Fail);
    if let Some(known) = findings.iter_mut().find(in_trouble) {
        return known.evidence.push(evidence);
    }
    let is_port = |check: Check| matches!(check, Check::Port25V4 | Check::Port25V6);
    let place = findings.iter().rposition(|finding| finding.check == check).map_or(findings.len(), |last| last + 1);
    let said = if is_common { texts::told(told) } else { texts::told_by_one(told) };
    findings.insert(place, Finding::new(check, told.host.clone(), vec![evidence], said));
    if is_port(check) {
        findings.retain(|finding| !is_port(finding.check) || finding.status == Status::Fail);
    }
}

fn evidence(told: &Told) -> Evidence {
    let at = told.at.to_zoned(TimeZone::UTC).strftime("%-d %B %Y, %H:%M UTC");
    match (told.host.as_str(), told.reply.as_str()) {
        ("", _) => Evidence::known(format!("the mail hosts of several domains, {at}"), "none could be reached"),
        (host, "") => Evidence::known(format!("a mail host of {host}, {at}"), "refused"),
        (host, reply) => Evidence::known(format!("a mail host of {host}, {at}"), reply),
    }
}

#[cfg(test)]
mod tests;
