//! How far letters get at port 25 from here, by what was found of both families: pure. The verdict, what is said above Send
//! and the warning of that name all go by it, so that none of them calls closed what another finds open.
//!
//! | IPv4 | IPv6 | reach |
//! |---|---|---|
//! | something answers in the place of mail servers, in either | | intercepted |
//! | open | any | open |
//! | closed, or there is none | open | over IPv6 alone |
//! | anything else | open | open |
//! | closed in one of them | | shut |
//! | anything else | | not known |

use crate::checks::finding::{Check, Finding, Status};
use crate::checks::network::IpFamily;

/// How far letters get at port 25.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach<'a> {
    /// Nobody has looked, or it could not be found out.
    #[default]
    NotKnown,
    /// Mail servers are reached over IPv4, which nearly all of them have.
    Open,
    /// Only those that have IPv6 are reached; with what was found of IPv4.
    OnlyV6(&'a Finding),
    /// None is reached.
    Shut(&'a Finding),
    /// Something answers in the place of mail servers, in this family at least.
    Intercepted(&'a Finding),
}

/// By what was found of a network.
pub fn reach(findings: &[Finding]) -> Reach<'_> {
    let found = |check: Check| findings.iter().find(|finding| finding.check == check);
    let (v4, v6) = (found(Check::Port25V4), found(Check::Port25V6));
    let both = || [v4, v6].into_iter().flatten();
    if let Some(finding) = both().find(|finding| finding.found == "intercepted") {
        return Reach::Intercepted(finding);
    }
    let without = v4.filter(|finding| is_closed(finding) || finding.found == "no-family");
    match (v4.is_some_and(is_open), v6.is_some_and(is_open), without) {
        (false, true, Some(finding)) => Reach::OnlyV6(finding),
        (true, ..) | (_, true, _) => Reach::Open,
        // What is certain comes before what only the hosts of one owner met.
        _ => both()
            .rev()
            .filter(|finding| is_closed(finding))
            .max_by_key(|one| one.status)
            .map_or(Reach::NotKnown, Reach::Shut),
    }
}

/// Whether it is certain that no mail server is reached from here.
pub fn is_shut_in(findings: &[Finding]) -> bool {
    let is_open_somewhere = findings.iter().any(|finding| is_port_25(finding) && is_open(finding));
    match reach(findings) {
        Reach::Shut(finding) | Reach::Intercepted(finding) => finding.status == Status::Fail && !is_open_somewhere,
        Reach::NotKnown | Reach::Open | Reach::OnlyV6(_) => false,
    }
}

/// The family that this finding says is closed while the other is open; `None` where it says nothing of the kind.
pub fn closed_in_one(finding: &Finding, findings: &[Finding]) -> Option<IpFamily> {
    let (own, other) = match finding.check {
        Check::Port25V4 => (IpFamily::V4, Check::Port25V6),
        Check::Port25V6 => (IpFamily::V6, Check::Port25V4),
        _ => return None,
    };
    let other_is_open = findings.iter().any(|one| one.check == other && is_open(one));
    (is_closed(finding) && other_is_open).then_some(own)
}

pub(crate) fn is_port_25(finding: &Finding) -> bool {
    matches!(finding.check, Check::Port25V4 | Check::Port25V6)
}

fn is_open(finding: &Finding) -> bool {
    matches!(&*finding.found, "open" | "open-refused")
}

fn is_closed(finding: &Finding) -> bool {
    matches!(&*finding.found, "dropped" | "refused" | "held" | "local")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::finding::Said;

    fn port(check: Check, found: &'static str) -> Finding {
        let status = match found {
            "open" => Status::Pass,
            "open-refused" => Status::Warn,
            "no-family" | "nobody-asked" => Status::Unknown,
            _ => Status::Fail,
        };
        Finding::new(check, "", Vec::new(), Said::new(status, found, "", ""))
    }

    #[test]
    fn what_is_open_in_one_family_is_not_shut_and_without_ipv4_few_are_reached() {
        let table = [
            ("open", "no-family", "open", false),
            ("open", "dropped", "open", false),
            ("open-refused", "dropped", "open", false),
            ("dropped", "open", "only-v6 dropped", false),
            ("no-family", "open", "only-v6 no-family", false),
            ("nobody-asked", "open", "open", false),
            ("dropped", "no-family", "shut dropped", true),
            ("no-family", "refused", "shut refused", true),
            ("dropped", "refused", "shut dropped", true),
            ("nobody-asked", "dropped", "shut dropped", true),
            ("nobody-asked", "no-family", "not-known", false),
            ("intercepted", "open", "intercepted", false),
            ("open", "intercepted", "intercepted", false),
            ("intercepted", "no-family", "intercepted", true),
        ];
        for (v4, v6, expected, shut_in) in table {
            let findings = [port(Check::Port25V4, v4), port(Check::Port25V6, v6)];
            let said = match reach(&findings) {
                Reach::NotKnown => "not-known".to_owned(),
                Reach::Open => "open".to_owned(),
                Reach::OnlyV6(finding) => format!("only-v6 {}", finding.found),
                Reach::Shut(finding) => format!("shut {}", finding.found),
                Reach::Intercepted(_) => "intercepted".to_owned(),
            };
            assert_eq!((said.as_str(), is_shut_in(&findings)), (expected, shut_in), "{v4} {v6}");
        }
        assert_eq!(reach(&[]), Reach::NotKnown);
    }

    #[test]
    fn what_only_one_owner_s_hosts_met_is_not_certain() {
        let hedged = Finding { status: Status::Warn, ..port(Check::Port25V4, "dropped") };
        assert!(!is_shut_in(std::slice::from_ref(&hedged)));
        let certain = port(Check::Port25V6, "refused");
        assert_eq!(reach(&[hedged, certain.clone()]), Reach::Shut(&certain));
    }
}
