//! What the findings of a network say of sending directly from it, for whoever chooses a route: pure.
//!
//! Only what is about the network counts: port 25, the address, its name, the lists. The verdict on these is the one that
//! the person reads; what could not be found out decides nothing here, since the route looks for itself. What mail servers
//! said counts where those of two owners said the same, here as there: see [`crate::taught`].
//!
//! | findings of the network | |
//! |---|---|
//! | none, or older than a day | nothing |
//! | something is wrong by them | against, for the reason of the verdict |
//! | port 25 open, the address named and on no list, and nothing unknown | good |
//! | anything else | nothing |

use crate::checks::finding::{Check, Finding, Status};
use crate::reach::{Reach, reach};
use crate::taught::{About, Looked, SAID_BY_ONE, Told, taught};
use crate::verdict::{Verdict, direct};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// How long what was found is gone by.
pub const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// What is known of a network from looking at it before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FoundHere {
    /// Nothing that decides.
    #[default]
    Nothing,
    /// Direct sending works from here.
    Good,
    /// Something speaks against it: this, as a clause.
    Against(String),
}

/// What of a kept report is read here.
#[derive(Deserialize)]
struct Kept {
    findings: Vec<Finding>,
}

impl FoundHere {
    /// By what is kept: the newest report as JSON, with when it was made, and what mail servers said.
    pub fn of_kept(report: Option<(&str, Looked)>, told: &[Told], now: Timestamp) -> Self {
        let looked = report.map(|(_, looked)| looked);
        let fresh = report.filter(|(_, looked)| now.duration_since(looked.whole_at) < FRESH);
        let kept = fresh.and_then(|(text, _)| serde_json::from_str::<Kept>(text).ok());
        let findings = kept.map(|kept| kept.findings).unwrap_or_default();
        Self::of(&taught(findings, About::Network, looked, told, now))
    }

    /// By the findings themselves.
    pub fn of(findings: &[Finding]) -> Self {
        let about: Vec<Finding> = findings
            .iter()
            .filter(|finding| is_about_the_network(finding.check) && finding.found != SAID_BY_ONE)
            .cloned()
            .collect();
        // That there is no IPv4 is known, where it leaves IPv6 alone.
        let lacks_v4 = match reach(&about) {
            Reach::OnlyV6(finding) => Some(finding.check),
            _ => None,
        };
        let is_known = |finding: &&Finding| finding.status != Status::Unknown || Some(finding.check) == lacks_v4;
        let known: Vec<Finding> = about.iter().filter(is_known).cloned().collect();
        let judged = direct(&known);
        if judged.verdict != Verdict::Good {
            return Self::Against(clause(&judged.because));
        }
        let has = |check: Check| known.iter().any(|finding| finding.check == check);
        let is_looked_into = (has(Check::Port25V4) || has(Check::Port25V6))
            && [Check::PublicAddress, Check::ReverseName, Check::AddressList].into_iter().all(has);
        if is_looked_into && direct(&about).verdict == Verdict::Good { Self::Good } else { Self::Nothing }
    }
}

fn is_about_the_network(check: Check) -> bool {
    matches!(
        check,
        Check::Port25V4 | Check::Port25V6 | Check::PublicAddress | Check::ReverseName | Check::AddressList
    )
}

/// The sentence of a verdict as a clause: what is so, without what to expect.
fn clause(sentence: &str) -> String {
    let what = sentence.split(": ").next().unwrap_or(sentence).trim_end_matches('.');
    let mut letters = what.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::finding::Said;
    use model::Class;

    fn finding(check: Check, status: Status, found: &'static str) -> Finding {
        Finding::new(check, "", Vec::new(), Said::new(status, found, found, found))
    }

    fn all_well() -> Vec<Finding> {
        vec![
            finding(Check::WayOut, Status::Pass, "open"),
            finding(Check::Port25V4, Status::Pass, "open"),
            finding(Check::Port25V6, Status::Unknown, "no-address"),
            finding(Check::PublicAddress, Status::Pass, "translated"),
            finding(Check::ReverseName, Status::Pass, "good"),
            finding(Check::AddressList, Status::Pass, "absent"),
        ]
    }

    fn but(place: usize, status: Status, found: &'static str) -> Vec<Finding> {
        let mut findings = all_well();
        findings[place] = finding(findings[place].check, status, found);
        findings
    }

    /// A network without IPv4.
    fn over_v6(status: Status) -> Vec<Finding> {
        let word = if status == Status::Pass { "open" } else { "nobody-asked" };
        let mut findings = but(1, Status::Unknown, "no-family");
        findings[2] = finding(Check::Port25V6, status, word);
        findings
    }

    fn without(check: Check) -> Vec<Finding> {
        all_well().into_iter().filter(|finding| finding.check != check).collect()
    }

    #[test]
    fn what_is_wrong_speaks_against_and_only_what_was_all_looked_into_is_good() {
        let against = |clause: &str| FoundHere::Against(clause.to_owned());
        let table = [
            (vec![], FoundHere::Nothing),
            (all_well(), FoundHere::Good),
            (
                but(1, Status::Fail, "dropped"),
                against("this network blocks port 25, so no mail server can be reached from here"),
            ),
            (
                but(1, Status::Fail, "intercepted"),
                against("something on this network answers in the place of mail servers"),
            ),
            (over_v6(Status::Pass), against("port 25 is open over IPv6 only")),
            (over_v6(Status::Unknown), FoundHere::Nothing),
            (but(1, Status::Warn, "dropped"), against("no mail server answered, but only one owner's were asked")),
            (but(4, Status::Fail, "missing"), against("your address has no name")),
            (but(4, Status::Warn, "generic"), against("your address has a name like thousands of others")),
            (
                but(5, Status::Fail, "policy"),
                against("your address is listed as one that should not send mail itself"),
            ),
            (but(5, Status::Unknown, "no-answer"), FoundHere::Nothing),
            (but(4, Status::Unknown, "not-answered"), FoundHere::Nothing),
            (but(1, Status::Unknown, "not-tried"), FoundHere::Nothing),
            (but(3, Status::Unknown, "not-known"), FoundHere::Nothing),
            (without(Check::AddressList), FoundHere::Nothing),
            (without(Check::Port25V4), FoundHere::Nothing),
            // What has nothing to do with the network, or with the way.
            (but(0, Status::Fail, "portal"), FoundHere::Good),
            ([all_well(), vec![finding(Check::Clock, Status::Warn, "far-off")]].concat(), FoundHere::Good),
        ];
        for (findings, expected) in table {
            let found: Vec<&str> = findings.iter().map(|finding| &*finding.found).collect();
            assert_eq!(FoundHere::of(&findings), expected, "{found:?}");
        }
    }

    #[test]
    fn what_is_kept_counts_for_a_day_and_what_was_said_since_too() {
        let hour = |hour: i64| Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap();
        let looked = |at: i64, whole_at: i64| Looked { at: hour(at), whole_at: hour(whole_at) };
        let text = serde_json::json!({ "verdict": "good", "findings": all_well() }).to_string();
        let said = |class, host: &str| Told {
            class,
            host: host.into(),
            sender: String::new(),
            reply: String::new(),
            at: hour(2),
        };
        let refused = [said(Class::SenderNoRdns, "post.test"), said(Class::SenderNoRdns, "Mail.test")];
        let differently = [said(Class::SenderNoRdns, "post.test"), said(Class::SenderDynamicIp, "mail.test")];
        let blocked = "this network blocks port 25, so no mail server can be reached from here";
        let silent = [said(Class::Port25Blocked, "")];
        let no_name = FoundHere::Against("your address has no name".into());
        let nobody: &[Told] = &[];
        let table = [
            (None, nobody, 3, FoundHere::Nothing),
            (Some((text.as_str(), looked(0, 0))), nobody, 3, FoundHere::Good),
            (Some((text.as_str(), looked(20, 0))), nobody, 24, FoundHere::Nothing),
            (Some((text.as_str(), looked(0, 0))), &refused[..], 3, no_name.clone()),
            (Some((text.as_str(), looked(3, 0))), &refused[..], 4, FoundHere::Good),
            (None, &refused[..], 3, no_name),
            (None, &refused[..1], 3, FoundHere::Nothing),
            (None, &differently[..], 3, FoundHere::Nothing),
            (None, &silent[..], 3, FoundHere::Against(blocked.into())),
            (Some(("no report", looked(0, 0))), nobody, 3, FoundHere::Nothing),
        ];
        for (report, told, now, expected) in table {
            assert_eq!(FoundHere::of_kept(report, told, hour(now)), expected, "{report:?} {told:?} {now}");
        }
    }
}
