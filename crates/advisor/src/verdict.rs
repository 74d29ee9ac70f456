//! The verdict: what direct sending from here is worth now, in a word and a sentence. Pure.
//!
//! It is made of findings and nothing else. The first line that fits decides; what was not looked at decides nothing.
//!
//! | found | verdict |
//! |---|---|
//! | no network; a login page | blocked |
//! | From at a provider that lets nobody else send; a From domain that can not be answered | blocked |
//! | port 25 open in no family, and closed in one | blocked; risky where only hosts of one owner were asked |
//! | name servers that do not answer, and no mail host found | blocked |
//! | a domain that asks for refusal, and nothing that proves its letters on the direct way | blocked |
//! | the address on a list for what it did; on a policy list | risky |
//! | the address without a name, with one that does not lead back, with a generic one | risky |
//! | a host that greets with a refusal | risky |
//! | the address shared, or another one than it seems; not known | risky |
//! | nothing that proves letters on the direct way; not known whether something does | risky |
//! | port 25 open over IPv6 alone | risky |
//! | a mail server that asked for proof in vain | risky |
//! | a clock that is far off | risky |
//! | port 25 not tried, a name or every list without an answer | risky |
//! | all else | good |
//!
//! For a recipient, what counts is whether a letter can be handed over: see [`recipient`].

use crate::checks::finding::{Check, Finding, Status};
use crate::checks::identity::Proof;
use crate::reach::{Reach, is_port_25, reach};
use crate::taught::SAID_BY_ONE;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What direct sending is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "DirectVerdict")]
pub enum Verdict {
    /// Nothing speaks against it.
    Good,
    /// It may be refused, or end up among the junk.
    Risky,
    /// It will not work.
    Blocked,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Risky => "risky",
            Self::Blocked => "blocked",
        }
    }

    /// The verdict of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Good, Self::Risky, Self::Blocked].into_iter().find(|verdict| verdict.word() == word)
    }
}

/// A verdict and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub because: String,
}

fn judged(verdict: Verdict, because: &str) -> Judged {
    Judged { verdict, because: because.to_owned() }
}

/// Something that was found, and what it does to the verdict.
struct Rule {
    check: Check,
    found: &'static str,
    verdict: Verdict,
    because: &'static str,
}

const fn blocked(check: Check, found: &'static str, because: &'static str) -> Rule {
    Rule { check, found, verdict: Verdict::Blocked, because }
}

const fn risky(check: Check, found: &'static str, because: &'static str) -> Rule {
    Rule { check, found, verdict: Verdict::Risky, because }
}

/// Those that decide by themselves and come before port 25.
const FIRST: [Rule; 6] = [
    blocked(Check::WayOut, "no-network", "This computer is not on line."),
    blocked(Check::WayOut, "portal", "This network wants you to log in first."),
    blocked(
        Check::SenderProvider,
        "only-its-own",
        "Receivers expect letters from your address from its provider's own servers, and distrust all others.",
    ),
    blocked(
        Check::SenderDomain,
        "no-such-domain",
        "The domain of your address does not exist, so nearly everybody refuses its letters.",
    ),
    blocked(
        Check::SenderDomain,
        "null-mx",
        "The domain of your address takes no mail, so nearly everybody refuses its letters.",
    ),
    blocked(
        Check::SenderDomain,
        "nowhere",
        "The domain of your address can not be answered, so most receivers refuse its letters.",
    ),
];

/// Those that come behind port 25.
const THEN: [Rule; 16] = [
    risky(
        Check::AddressList,
        "listed",
        "Your address is on a list of senders of spam: expect most large receivers to refuse.",
    ),
    risky(
        Check::AddressList,
        "policy",
        "Your address is listed as one that should not send mail itself: expect most large receivers to refuse.",
    ),
    risky(Check::ReverseName, "missing", "Your address has no name: expect Gmail, GMX and many others to refuse."),
    risky(
        Check::ReverseName,
        "unconfirmed",
        "The name of your address does not lead back to it: expect many receivers to refuse.",
    ),
    risky(
        Check::ReverseName,
        "generic",
        "Your address has a name like thousands of others: expect some refusals, and letters among the junk.",
    ),
    risky(
        Check::Port25V4,
        "open-refused",
        "A mail server refused to talk to your address: expect others to do the same.",
    ),
    risky(
        Check::Port25V6,
        "open-refused",
        "A mail server refused to talk to your address: expect others to do the same.",
    ),
    risky(
        Check::PublicAddress,
        "carrier",
        "You share your address with other customers: what any of them does counts for all.",
    ),
    risky(
        Check::PublicAddress,
        "likely-carrier",
        "You probably share your address with others: what any of them does counts for all.",
    ),
    risky(
        Check::PublicAddress,
        "elsewhere",
        "A VPN or relay changes the address that others see, often to one with a poor reputation.",
    ),
    risky(
        Check::Dmarc,
        "not-proven-quarantine",
        "Nothing proves your letters, and your domain asks receivers to file such as junk.",
    ),
    risky(
        Check::Spf,
        "told",
        "A mail server asked for proof that letters are yours and found none: expect others to do the same.",
    ),
    risky(Check::Clock, "far-off", "The clock of this computer is wrong, which makes letters look forged."),
    risky(
        Check::PublicAddress,
        "not-known",
        "It is not known what address others see, so nothing can be said of how it is judged.",
    ),
    risky(
        Check::ReverseName,
        "not-answered",
        "The name of your address could not be looked up, so it is not known how it is judged.",
    ),
    risky(
        Check::ResolverTruth,
        "no-answer",
        "The name servers of this network answer now and then only, so little could be found out.",
    ),
];

/// What direct sending from here, as this sender where one was looked at, is worth.
pub fn direct(findings: &[Finding]) -> Judged {
    by_rules(&FIRST, findings)
        .or_else(|| by_port(findings))
        .or_else(|| without_names(findings))
        .or_else(|| refused_for_want_of_proof(findings))
        .or_else(|| by_rules(&THEN, findings))
        .or_else(|| by_proof(findings))
        .or_else(|| by_what_is_missing(findings))
        .unwrap_or_else(|| judged(Verdict::Good, "Nothing that was looked at speaks against direct sending."))
}

fn by_rules(rules: &[Rule], findings: &[Finding]) -> Option<Judged> {
    // An address that others do not see in one family is no trouble while they see it in the other.
    let is_known = findings.iter().any(|finding| {
        finding.check == Check::PublicAddress && matches!(finding.found.as_str(), "own" | "translated" | "here")
    });
    let is_unproven = direct_is_proven(findings) == Some(Proof::No);
    let counts = |rule: &&Rule| match rule.check {
        Check::PublicAddress => !(is_known && rule.found == "not-known"),
        // What the policy asks for concerns letters that are not proven.
        Check::Dmarc => is_unproven,
        _ => true,
    };
    let fits = |rule: &&Rule| findings.iter().any(|finding| finding.is(rule.check, rule.found));
    rules.iter().filter(counts).find(fits).map(|rule| judged(rule.verdict, rule.because))
}

fn by_port(findings: &[Finding]) -> Option<Judged> {
    let closed = match reach(findings) {
        Reach::NotKnown | Reach::Open => return None,
        Reach::Intercepted(_) => {
            return Some(judged(Verdict::Blocked, "Something on this network answers in the place of mail servers."));
        }
        Reach::OnlyV6(_) => {
            let because = "Port 25 is open over IPv6 only: most receivers can not be reached that way.";
            return Some(judged(Verdict::Risky, because));
        }
        Reach::Shut(closed) => closed,
    };
    if closed.status != Status::Fail {
        let because = "No mail server answered, but only one owner's were asked: port 25 may be blocked here.";
        return Some(judged(Verdict::Risky, because));
    }
    Some(judged(
        Verdict::Blocked,
        match &*closed.found {
            "dropped" => "This network blocks port 25, so no mail server can be reached from here.",
            "refused" => {
                "This network turns connections to port 25 away, so no mail server can be reached from here."
            }
            "held" => "This network holds mail up, so no mail server can be reached from here.",
            _ => "This computer does not let mail out.",
        },
    ))
}

fn without_names(findings: &[Finding]) -> Option<Judged> {
    let because = "The name servers of this network do not answer, so no mail server can be found.";
    silent_names(findings).map(|_| judged(Verdict::Blocked, because))
}

/// That the name servers did not answer, where it keeps letters in: without them no host is found; where one was found all
/// the same, they answer now and then.
pub(crate) fn silent_names(findings: &[Finding]) -> Option<&Finding> {
    let nobody = ["no-family", "nobody-asked", "nobody-found"];
    let was_found =
        findings.iter().filter(|one| is_port_25(one)).any(|finding| !nobody.contains(&finding.found.as_str()));
    findings.iter().find(|finding| finding.is(Check::ResolverTruth, "no-answer") && !was_found)
}

/// Whether letters that go directly are proven; `None` where that was not looked at.
pub(crate) fn direct_is_proven(findings: &[Finding]) -> Option<Proof> {
    let key = findings.iter().find(|finding| finding.check == Check::Dkim)?;
    let signed = if key.status == Status::Unknown { Proof::NotKnown } else { Proof::of(key.found == "right") };
    let of_way =
        |finding: &&Finding| finding.check == Check::Spf && finding.subject.split(' ').next() == Some("direct");
    let by_address = findings.iter().filter(of_way).map(|finding| match finding.status {
        Status::Unknown => Proof::NotKnown,
        _ => Proof::of(finding.found == "pass"),
    });
    Some(Proof::of_ways(signed, by_address))
}

fn refused_for_want_of_proof(findings: &[Finding]) -> Option<Judged> {
    let is_unproven = direct_is_proven(findings) == Some(Proof::No);
    let asks = findings.iter().any(|finding| finding.is(Check::Dmarc, "not-proven-reject"));
    let because = "Nothing proves letters that go directly, and your domain asks receivers to refuse such.";
    (is_unproven && asks).then(|| judged(Verdict::Blocked, because))
}

fn by_proof(findings: &[Finding]) -> Option<Judged> {
    let because = match direct_is_proven(findings)? {
        Proof::Yes => return None,
        Proof::No => "Nothing proves that letters which go directly are yours: expect some among the junk.",
        Proof::NotKnown => "It could not be found out whether something proves letters that go directly.",
    };
    Some(judged(Verdict::Risky, because))
}

fn by_what_is_missing(findings: &[Finding]) -> Option<Judged> {
    let was_looked_at =
        move |check: Check| move |finding: &&Finding| finding.check == check && finding.found != SAID_BY_ONE;
    let of = |check: Check| findings.iter().filter(was_looked_at(check));
    let ports = || of(Check::Port25V4).chain(of(Check::Port25V6));
    if ports().next().is_some() && ports().all(|finding| finding.status == Status::Unknown) {
        let because = match ports().any(|finding| finding.found == "not-in-time") {
            true => "The mail servers that were asked took too long, so it is not known whether port 25 is open.",
            false => "No mail server was asked, so it is not known whether port 25 is open.",
        };
        return Some(judged(Verdict::Risky, because));
    }
    if of(Check::AddressList).next().is_some()
        && of(Check::AddressList).all(|finding| finding.status == Status::Unknown)
    {
        return Some(judged(Verdict::Risky, "It could not be found out whether your address is on a list."));
    }
    None
}

/// Whether a letter can be handed over to a domain, directly from here.
pub fn recipient(findings: &[Finding]) -> Judged {
    const STAGES: [Check; 10] = [
        Check::Syntax,
        Check::Domain,
        Check::Mx,
        Check::Addresses,
        Check::MtaSts,
        Check::Dane,
        Check::Connect,
        Check::Greeting,
        Check::Ehlo,
        Check::Starttls,
    ];
    // A domain without a rule of its own, as most are, is no cause for doubt.
    let is_rule = |stage: &Check| matches!(stage, Check::MtaSts | Check::Dane);
    let counts = |stage: &Check, status: Status| !is_rule(stage) || status == Status::Fail;
    let with = |status: Status| {
        let stages = STAGES.iter().filter(move |stage| counts(stage, status));
        let in_order = stages.flat_map(|stage| findings.iter().filter(move |finding| finding.check == *stage));
        in_order.filter(move |finding| finding.status == status).map(|finding| finding.title.clone()).next()
    };
    let found = |check: Check, status: Status| {
        findings
            .iter()
            .find(|finding| finding.check == check && finding.status == status)
            .map(|finding| finding.title.clone())
    };
    if let Some(title) = with(Status::Fail) {
        return judged(Verdict::Blocked, &sentence(&title));
    }
    let doubts = found(Check::Spelling, Status::Warn)
        .or_else(|| found(Check::Greylisting, Status::Warn))
        .or_else(|| with(Status::Unknown))
        .or_else(|| with(Status::Warn))
        .or_else(|| found(Check::MtaSts, Status::Warn))
        .or_else(|| found(Check::Dane, Status::Warn));
    match doubts {
        Some(title) => judged(Verdict::Risky, &sentence(&title)),
        None => judged(Verdict::Good, "A letter can be handed over there."),
    }
}

fn sentence(title: &str) -> String {
    if title.ends_with(['.', '?']) { title.to_owned() } else { format!("{title}.") }
}

#[cfg(test)]
mod tests;
