//! The table of the verdict.

use super::*;
use crate::checks::finding::{Evidence, Said};

/// A finding of a check by its word; the status is what the word stands for.
fn finding(check: Check, subject: &str, found: &'static str) -> Finding {
    let status = match found {
        "open" | "own" | "translated" | "confirmed" | "absent" | "receives" | "free" | "pass" | "right"
        | "proven" => Status::Pass,
        "no-family" | "nobody-asked" | "nobody-found" | "not-in-time" | "not-known" | "not-answered"
        | "list-error" | "no-answer" => Status::Unknown,
        "policy" | "generic" | "missing" | "carrier" | "likely-carrier" | "elsewhere" | "no-key" | "softfail" => {
            Status::Warn
        }
        _ => Status::Fail,
    };
    Finding::new(check, subject, Vec::<Evidence>::new(), Said::new(status, found, "", ""))
}

/// A network and an identity in which all is well, with some findings in the place of those of the same check.
fn world(changes: &[(Check, &'static str)]) -> Vec<Finding> {
    let well = [
        (Check::WayOut, "open"),
        (Check::Port25V4, "open"),
        (Check::Port25V6, "no-family"),
        (Check::PublicAddress, "translated"),
        (Check::ReverseName, "confirmed"),
        (Check::AddressList, "absent"),
        (Check::ResolverTruth, "true"),
        (Check::Clock, "right"),
        (Check::SenderDomain, "receives"),
        (Check::SenderProvider, "free"),
        (Check::Spf, "pass"),
        (Check::Dkim, "right"),
        (Check::Dmarc, "proven"),
    ];
    let changed = |check: Check| changes.iter().find(|(of, _)| *of == check).map(|(_, found)| *found);
    let subject = |check: Check| if check == Check::Spf { "direct 203.0.113.9" } else { "" };
    well.iter().map(|(check, found)| finding(*check, subject(*check), changed(*check).unwrap_or(found))).collect()
}

/// What is not well in a world.
type Changes = &'static [(Check, &'static str)];

#[test]
fn the_verdict_follows_from_what_was_found() {
    use Check::*;
    use Verdict::*;
    let table: [(Changes, Verdict, &str); 45] = [
        (&[], Good, "Nothing that was looked at"),
        (&[(WayOut, "no-network")], Blocked, "not on line"),
        (&[(WayOut, "portal"), (Port25V4, "dropped")], Blocked, "log in first"),
        (&[(SenderProvider, "only-its-own")], Blocked, "provider's own servers"),
        (&[(SenderDomain, "no-such-domain")], Blocked, "does not exist"),
        (&[(SenderDomain, "null-mx")], Blocked, "takes no mail"),
        (&[(SenderDomain, "nowhere")], Blocked, "can not be answered"),
        (&[(Port25V4, "dropped")], Blocked, "blocks port 25"),
        (&[(Port25V4, "refused")], Blocked, "turns connections"),
        (&[(Port25V4, "held")], Blocked, "holds mail up"),
        (&[(Port25V4, "local")], Blocked, "does not let mail out"),
        (&[(Port25V4, "intercepted"), (Port25V6, "open")], Blocked, "in the place of mail servers"),
        (&[(Port25V4, "dropped"), (Port25V6, "dropped")], Blocked, "blocks port 25"),
        (&[(Port25V4, "dropped"), (Port25V6, "open")], Risky, "IPv6 only"),
        (&[(Port25V6, "dropped")], Good, "Nothing"),
        (&[(Port25V4, "no-family"), (Port25V6, "open")], Risky, "IPv6 only"),
        (&[(Port25V4, "no-family"), (Port25V6, "dropped")], Blocked, "blocks port 25"),
        (&[(Port25V4, "nobody-asked")], Risky, "No mail server was asked"),
        (&[(Port25V4, "nobody-asked"), (ResolverTruth, "no-answer")], Blocked, "name servers"),
        (&[(Port25V4, "nobody-found"), (ResolverTruth, "no-answer")], Blocked, "name servers"),
        (&[(Port25V4, "not-in-time"), (ResolverTruth, "no-answer")], Risky, "now and then"),
        (&[(Port25V4, "not-in-time")], Risky, "took too long"),
        (&[(ResolverTruth, "no-answer")], Risky, "now and then"),
        (&[(Port25V4, "open-refused")], Risky, "refused to talk"),
        (&[(AddressList, "listed"), (ReverseName, "missing")], Risky, "senders of spam"),
        (&[(AddressList, "policy")], Risky, "should not send mail itself"),
        (&[(AddressList, "list-error")], Risky, "could not be found out"),
        (&[(ReverseName, "missing")], Risky, "has no name"),
        (&[(ReverseName, "unconfirmed")], Risky, "lead back"),
        (&[(ReverseName, "generic")], Risky, "thousands"),
        (&[(ReverseName, "not-answered")], Risky, "could not be looked up"),
        (&[(PublicAddress, "carrier")], Risky, "You share your address"),
        (&[(PublicAddress, "likely-carrier")], Risky, "probably share your address"),
        (&[(PublicAddress, "elsewhere")], Risky, "VPN"),
        (&[(PublicAddress, "not-known")], Risky, "not known what address"),
        (&[(Clock, "far-off")], Risky, "clock"),
        (&[(Dkim, "missing")], Good, "Nothing"),
        (&[(Dkim, "missing"), (Spf, "softfail")], Risky, "Nothing proves that"),
        (&[(Dkim, "no-key"), (Spf, "fail"), (Dmarc, "not-proven-quarantine")], Risky, "file such as junk"),
        (&[(Dkim, "no-key"), (Spf, "fail"), (Dmarc, "not-proven-reject")], Blocked, "asks receivers to refuse"),
        (&[(Dkim, "right"), (Spf, "fail"), (Dmarc, "not-proven-quarantine")], Good, "Nothing"),
        (&[(Dkim, "not-answered"), (Spf, "fail"), (Dmarc, "not-known")], Risky, "could not be found out"),
        (&[(Dkim, "no-key"), (Spf, "not-answered"), (Dmarc, "not-known")], Risky, "could not be found out"),
        (&[(Dkim, "not-answered"), (Spf, "fail"), (Dmarc, "not-proven-reject")], Risky, "could not be found out"),
        (&[(Dkim, "not-answered"), (Spf, "pass")], Good, "Nothing"),
    ];
    for (changes, verdict, because) in table {
        let judged = direct(&world(changes));
        assert_eq!(judged.verdict, verdict, "{changes:?} {judged:?}");
        assert!(judged.because.contains(because), "{changes:?} {judged:?}");
    }
}

#[test]
fn a_route_through_a_smart_host_that_is_not_proven_does_not_speak_against_direct() {
    let mut findings = world(&[(Check::Dkim, "no-key"), (Check::Dmarc, "not-proven-reject")]);
    findings.push(finding(Check::Spf, "smtp.example.net", "not-named"));
    assert_eq!(direct(&findings).verdict, Verdict::Good);
    // Nor does one that is called so speak for it.
    let mut findings = world(&[(Check::Dkim, "no-key"), (Check::Spf, "fail")]);
    findings.push(finding(Check::Spf, "direct.example.net", "pass"));
    assert_eq!(direct(&findings).verdict, Verdict::Risky);
}

#[test]
fn what_the_hosts_of_one_owner_met_is_not_taken_for_a_wall() {
    let mut findings = world(&[(Check::Port25V4, "dropped")]);
    for finding in findings.iter_mut().filter(|finding| finding.check == Check::Port25V4) {
        finding.status = Status::Warn;
    }
    let judged = direct(&findings);
    assert_eq!(judged.verdict, Verdict::Risky);
    assert!(judged.because.contains("may be blocked"), "{judged:?}");
}

#[test]
fn an_outside_address_that_is_not_known_is_no_lack_of_proof() {
    let mut findings = world(&[(Check::Dkim, "no-key"), (Check::Dmarc, "not-known")]);
    findings.retain(|finding| finding.check != Check::Spf);
    let judged = direct(&findings);
    assert_eq!(judged.verdict, Verdict::Risky);
    assert!(judged.because.contains("could not be found out"), "{judged:?}");
}

#[test]
fn one_address_that_is_bad_is_enough_and_one_that_is_known_too() {
    let mut findings = world(&[]);
    findings.push(finding(Check::ReverseName, "2001:db8::9", "missing"));
    assert_eq!(direct(&findings).verdict, Verdict::Risky, "a host may be reached over either");
    let mut findings = world(&[]);
    findings.push(finding(Check::PublicAddress, "IPv6", "not-known"));
    assert_eq!(direct(&findings).verdict, Verdict::Good);
}

#[test]
fn nothing_looked_at_speaks_against_nothing() {
    assert_eq!(direct(&[]).verdict, Verdict::Good);
    assert_eq!(direct(&[finding(Check::SenderDomain, "", "receives")]).verdict, Verdict::Good);
}

fn stage(check: Check, status: Status, title: &str) -> Finding {
    Finding::new(check, "", Vec::new(), Said::new(status, "x", title, ""))
}

#[test]
fn a_recipient_is_judged_by_the_first_stage_that_fails() {
    use Check::*;
    let well =
        [Syntax, Spelling, Domain, Mx, Addresses, MtaSts, Dane, Connect, Greeting, Ehlo, Starttls, Greylisting, Quit];
    let table: [(&[(Check, Status)], Verdict); 14] = [
        (&[], Verdict::Good),
        (&[(Quit, Status::Unknown), (Dane, Status::Unknown), (MtaSts, Status::Unknown)], Verdict::Good),
        (&[(Greylisting, Status::Unknown)], Verdict::Good),
        (&[(Greylisting, Status::Warn)], Verdict::Risky),
        (&[(Spelling, Status::Warn)], Verdict::Risky),
        (&[(Starttls, Status::Warn)], Verdict::Risky),
        (&[(MtaSts, Status::Warn)], Verdict::Risky),
        (&[(Mx, Status::Unknown)], Verdict::Risky),
        (&[(Mx, Status::Fail)], Verdict::Blocked),
        (&[(Connect, Status::Fail), (Spelling, Status::Warn)], Verdict::Blocked),
        (&[(Ehlo, Status::Fail)], Verdict::Blocked),
        (&[(Starttls, Status::Fail)], Verdict::Blocked),
        (&[(MtaSts, Status::Fail)], Verdict::Blocked),
        (&[(Dane, Status::Fail)], Verdict::Blocked),
    ];
    for (changes, expected) in table {
        let status =
            |check: Check| changes.iter().find(|(of, _)| *of == check).map_or(Status::Pass, |(_, status)| *status);
        let findings: Vec<Finding> = well.iter().map(|check| stage(*check, status(*check), "So it is")).collect();
        assert_eq!(recipient(&findings).verdict, expected, "{changes:?}");
    }
    let failed = [stage(Ehlo, Status::Fail, "Later"), stage(Domain, Status::Fail, "Did you mean it?")];
    assert_eq!(recipient(&failed).because, "Did you mean it?", "the first stage says why");
}
