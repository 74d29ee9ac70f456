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
        let said = [told(class, "post.test", 0), told(class, "mail.test", 0)];
        let findings = taught(all_well(), About::Network, looked, &said, at(hour));
        assert_eq!(direct(&findings).verdict, expected, "{class:?} {looked:?} {hour}");
    }
}

#[test]
fn want_of_proof_concerns_the_letters_of_one_domain() {
    let refusal = ["post.test", "mail.test"].map(|host| told(Class::SenderUnauthenticated, host, 0));
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
fn what_one_owner_says_is_shown_and_decides_nothing_until_another_says_it() {
    use Class::*;
    let silent_lists = || {
        let mut findings = all_well();
        findings[4] = finding(Check::AddressList, Status::Unknown, "no-answer");
        findings
    };
    let one = |class| vec![told(class, "post.test", 0)];
    let two = |class| vec![told(class, "post.test", 0), told(class, "mail.test", 0)];
    // What was looked at, what was said, what is shown of it, and the verdict.
    let table = [
        (all_well(), one(SenderNoRdns), (Status::Warn, "said-by-one"), Verdict::Good),
        (all_well(), two(SenderNoRdns), (Status::Fail, "missing"), Verdict::Risky),
        (all_well(), one(SenderDynamicIp), (Status::Warn, "said-by-one"), Verdict::Good),
        (all_well(), two(SenderDynamicIp), (Status::Fail, "policy"), Verdict::Risky),
        (all_well(), one(SenderBlocklisted), (Status::Warn, "said-by-one"), Verdict::Good),
        // The same owner twice, and two that say something else.
        (all_well(), [one(SenderNoRdns), one(SenderNoRdns)].concat(), (Status::Warn, "said-by-one"), Verdict::Good),
        (
            all_well(),
            vec![told(SenderNoRdns, "post.test", 0), told(SenderDynamicIp, "mail.test", 0)],
            (Status::Warn, "said-by-one"),
            Verdict::Good,
        ),
        (silent_lists(), one(SenderBlocklisted), (Status::Warn, "said-by-one"), Verdict::Risky),
    ];
    for (before, said, (status, word), expected) in table {
        let after = taught(before.clone(), About::Network, None, &said, at(1));
        let new = after.iter().find(|finding| !before.contains(finding)).unwrap();
        assert_eq!((new.status, &*new.found), (status, word), "{said:?}");
        assert!(new.copy.is_empty(), "nobody is asked for anything");
        assert_eq!(direct(&after).verdict, expected, "{said:?}");
        let auto_stays = !matches!(crate::FoundHere::of(&after), crate::FoundHere::Against(_));
        assert!(auto_stays || expected != Verdict::Good, "auto and the verdict go by the same: {said:?}");
        let all = before.iter().all(|finding| after.contains(finding));
        assert!(all, "it stands beside what it contradicts");
    }
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
