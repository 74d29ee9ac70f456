use super::*;
use crate::checks::finding::Said;
use crate::verdict::{Verdict, direct};

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hour * 3600).unwrap()
}

fn told(class: Class, host: &str, hour: i64) -> Told {
    let sender = if class == Class::SenderUnauthenticated { "here.test" } else { "" };
    Told { class, host: host.into(), sender: sender.into(), reply: "550 5.7.1 No".into(), at: at(hour) }
}

fn finding(check: Check, status: Status, found: &'static str) -> Finding {
    Finding::new(check, "", Vec::new(), Said::new(status, found, found, found))
}

fn all_well() -> Vec<Finding> {
    vec![
        finding(Check::Port25V4, Status::Pass, "open"),
        finding(Check::Port25V6, Status::Unknown, "no-address"),
        finding(Check::PublicAddress, Status::Pass, "own"),
        finding(Check::ReverseName, Status::Pass, "good"),
        finding(Check::AddressList, Status::Pass, "absent"),
    ]
}

#[test]
fn a_refusal_changes_the_verdict_until_it_is_old_or_looked_at_again() {
    use Class::*;
    let looked = |at_hour, whole| Some(Looked { at: at(at_hour), whole_at: at(whole) });
    // The refusal, when was looked last (at some, at all), what hour it is, and the verdict.
    let table = [
        (SenderNoRdns, None, 1, Verdict::Risky),
        (SenderNoRdns, looked(-1, -1), 1, Verdict::Risky),
        (SenderNoRdns, looked(-1, -1), 23, Verdict::Risky),
        (SenderNoRdns, looked(-1, -1), 24, Verdict::Good),
        (SenderNoRdns, looked(1, -1), 2, Verdict::Good),
        (SenderNoRdns, looked(0, 0), 2, Verdict::Good),
        (SenderDynamicIp, looked(-1, -1), 1, Verdict::Risky),
        (SenderBlocklisted, looked(-1, -1), 1, Verdict::Risky),
        (Port25Blocked, looked(-1, -1), 1, Verdict::Blocked),
        (Port25Blocked, looked(1, -1), 2, Verdict::Blocked),
        (Port25Blocked, looked(1, 1), 2, Verdict::Good),
        (SenderUnauthenticated, looked(-1, -1), 1, Verdict::Good),
        (Greylisted, looked(-1, -1), 1, Verdict::Good),
        (NoSuchRecipient, looked(-1, -1), 1, Verdict::Good),
    ];
    for (class, looked, hour, expected) in table {
        let findings = taught(all_well(), About::Network, looked, &[told(class, "post.test", 0)], at(hour));
        assert_eq!(direct(&findings).verdict, expected, "{class:?} {looked:?} {hour}");
    }
}

#[test]
fn want_of_proof_concerns_the_letters_of_one_domain() {
    let refusal = [told(Class::SenderUnauthenticated, "post.test", 0)];
    for (domain, expected) in
        [("here.test", Verdict::Risky), ("HERE.test", Verdict::Risky), ("other.test", Verdict::Good)]
    {
        let findings = taught(Vec::new(), About::Domain(domain), None, &refusal, at(1));
        assert_eq!(direct(&findings).verdict, expected, "{domain}");
    }
    let about_the_address = [told(Class::SenderNoRdns, "post.test", 0)];
    assert!(taught(Vec::new(), About::Domain("here.test"), None, &about_the_address, at(1)).is_empty());
}

#[test]
fn what_is_known_to_be_wrong_gets_another_witness() {
    let mut before = all_well();
    before[3] = finding(Check::ReverseName, Status::Fail, "missing");
    let told = [told(Class::SenderNoRdns, "post.test", 0), told(Class::SenderNoRdns, "mail.test", 0)];
    let after = taught(before.clone(), About::Network, None, &told, at(1));
    assert_eq!(after.len(), before.len());
    let asked: Vec<&str> = after[3].evidence.iter().map(|evidence| &*evidence.asked).collect();
    assert!(asked[0].contains("post.test") && asked[1].contains("mail.test"), "{asked:?}");
    assert_eq!(after[3].evidence[0].answer, "550 5.7.1 No");
}

#[test]
fn a_finding_of_its_own_stands_beside_what_it_contradicts() {
    let after = taught(all_well(), About::Network, None, &[told(Class::SenderNoRdns, "post.test", 0)], at(1));
    let names: Vec<(Status, &str)> = after
        .iter()
        .filter(|finding| finding.check == Check::ReverseName)
        .map(|finding| (finding.status, &*finding.subject))
        .collect();
    assert_eq!(names, [(Status::Pass, ""), (Status::Fail, "post.test")]);
    let again = [told(Class::SenderNoRdns, "post.test", 0), told(Class::SenderNoRdns, "mail.test", 0)];
    assert_eq!(taught(all_well(), About::Network, None, &again, at(1)).len(), after.len(), "one finding is enough");
}

#[test]
fn what_was_open_is_not_open_any_more() {
    let silent = Told { host: String::new(), reply: String::new(), ..told(Class::Port25Blocked, "", 0) };
    let after = taught(all_well(), About::Network, None, &[silent], at(1));
    let ports: Vec<&str> = after
        .iter()
        .filter(|finding| matches!(finding.check, Check::Port25V4 | Check::Port25V6))
        .map(|finding| &*finding.found)
        .collect();
    assert_eq!(ports, ["dropped"]);
}
