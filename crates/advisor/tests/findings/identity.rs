use super::{after, golden};
use postrider_advisor::checks::address::{AddressSeen, AddressTold, AddressWord, LearnedFrom, public_address};
use postrider_advisor::checks::finding::Finding;
use postrider_advisor::checks::identity::{
    DkimKeySeen, DkimSeen, DmarcSeen, DmarcTexts, KeyShown, Proof, SenderDomainSeen, SpfSeen, TakesMail, Way, dkim,
    dmarc, is_address_shared, sender_domain, sender_provider, spf,
};
use postrider_advisor::checks::network::{IpFamily, vpn};
use postrider_advisor::spf::{Evaluation, Problem, SpfResult};
use std::net::IpAddr;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn the_sender_domain_is_explained() {
    let all = [
        TakesMail::Hosts(texts(&["mx.example.org"])),
        TakesMail::Implicit,
        TakesMail::Nowhere,
        TakesMail::Null,
        TakesMail::NoSuchDomain,
        TakesMail::NotAnswered,
    ];
    let mut all: Vec<Finding> = all
        .into_iter()
        .map(|takes| sender_domain(&SenderDomainSeen { domain: "example.org".into(), takes_mail: after(25, takes) }))
        .collect();
    all.extend([sender_provider("gmail.com"), sender_provider("t-online.de"), sender_provider("example.org")]);
    golden("sender", &all);
}

fn evaluation(result: SpfResult) -> Evaluation {
    let all = match result {
        SpfResult::SoftFail => "~all",
        SpfResult::Neutral => "?all",
        _ => "-all",
    };
    let record = (result != SpfResult::None).then(|| format!("v=spf1 mx include:_spf.example.net {all}"));
    let term = match result {
        SpfResult::Pass => Some("mx"),
        SpfResult::Fail | SpfResult::SoftFail | SpfResult::Neutral => Some(all),
        _ => None,
    };
    let decided_by = term.map(|term| (term.to_owned(), "example.org".to_owned()));
    let lookups = if record.is_some() { 2 } else { 0 };
    Evaluation { result, record, decided_by, problem: None, lookups, void: 0, included: Vec::new() }
}

#[test]
fn spf_is_explained_for_each_way() {
    let ip: IpAddr = "203.0.113.9".parse().unwrap();
    let direct = |evaluation| {
        spf(&SpfSeen {
            domain: "example.org".into(),
            way: Way::Direct(ip),
            evaluation: after(70, evaluation),
            shared: false,
        })
    };
    let shared = |evaluation| {
        let evaluation = after(70, evaluation);
        spf(&SpfSeen { domain: "example.org".into(), way: Way::Direct(ip), evaluation, shared: true })
    };
    let through = |evaluation| {
        let way = Way::SmartHost { host: "smtp.example.net".into(), ip: "198.51.100.7".parse().unwrap() };
        spf(&SpfSeen { domain: "example.org".into(), way, evaluation: after(70, evaluation), shared: false })
    };
    let wrong = |problem| Evaluation { problem: Some(problem), ..evaluation(SpfResult::PermError) };
    let all = [
        direct(evaluation(SpfResult::Pass)),
        direct(evaluation(SpfResult::Fail)),
        direct(evaluation(SpfResult::SoftFail)),
        direct(evaluation(SpfResult::Neutral)),
        direct(evaluation(SpfResult::None)),
        shared(evaluation(SpfResult::Fail)),
        direct(Evaluation { lookups: 11, ..wrong(Problem::TooManyLookups) }),
        direct(wrong(Problem::TwoRecords("example.org".into()))),
        direct(wrong(Problem::Term("ipv4:192.0.2.1".into()))),
        direct(Evaluation {
            problem: Some(Problem::Unanswered("_spf.example.net".into())),
            ..evaluation(SpfResult::TempError)
        }),
        through(evaluation(SpfResult::Pass)),
        through(evaluation(SpfResult::Fail)),
        through(evaluation(SpfResult::None)),
    ];
    assert_eq!(all[1].copy[0].text, "v=spf1 ip4:203.0.113.9 mx include:_spf.example.net -all");
    assert_eq!(all[4].copy[0].text, "v=spf1 mx ip4:203.0.113.9 ~all");
    golden("spf", &all);
}

#[test]
fn keys_are_explained() {
    let key = |shown| DkimKeySeen {
        name: "20261122-0634-ed25519._domainkey.example.org".into(),
        record: "v=DKIM1; k=ed25519; p=…".into(),
        texts: Vec::new(),
        shown: after(33, shown),
    };
    let with = |keys: Vec<Option<KeyShown>>| {
        dkim(&DkimSeen { domain: "example.org".into(), keys: keys.into_iter().map(key).collect() })
    };
    let rsa = |shown| DkimKeySeen {
        name: "20261122-0634-rsa._domainkey.example.org".into(),
        record: "v=DKIM1; k=rsa; p=…".into(),
        ..key(shown)
    };
    let pair = |of_rsa: Option<KeyShown>, of_ed25519: Option<KeyShown>| {
        let seen = DkimSeen { domain: "example.org".into(), keys: vec![rsa(of_rsa), key(of_ed25519)] };
        (dkim(&seen), seen.proof())
    };
    // What every receiver can verify, and not what is there: the RSA key, the other one, the word, the proof.
    let (same, missing, cut_off) = (Some(KeyShown::Same), Some(KeyShown::Missing), Some(KeyShown::Different));
    let table = [
        (same, same, "right", Proof::Yes),
        (same, missing, "right", Proof::Yes),
        (missing, same, "only-ed25519", Proof::No),
        (cut_off, same, "only-ed25519", Proof::No),
        (Some(KeyShown::Several), same, "only-ed25519", Proof::No),
        (None, same, "not-answered", Proof::NotKnown),
        (missing, missing, "missing", Proof::No),
        (cut_off, missing, "different", Proof::No),
    ];
    for (of_rsa, of_ed25519, word, proof) in table {
        let (finding, proves) = pair(of_rsa, of_ed25519);
        assert_eq!((&*finding.found, proves), (word, proof), "{of_rsa:?} {of_ed25519:?}");
        let to_paste = finding.copy.iter().all(|copy| copy.text.contains("k=rsa"));
        assert!(word != "only-ed25519" || (to_paste && finding.copy.len() == 1), "{finding:?}");
    }
    let all = [
        pair(same, same).0,
        pair(missing, same).0,
        pair(cut_off, same).0,
        with(vec![same]),
        with(vec![]),
        with(vec![Some(KeyShown::Missing)]),
        with(vec![Some(KeyShown::Different), Some(KeyShown::Missing)]),
        with(vec![Some(KeyShown::Several)]),
        with(vec![Some(KeyShown::Forbidden)]),
        with(vec![Some(KeyShown::Revoked), Some(KeyShown::Missing)]),
        with(vec![None]),
    ];
    golden("dkim", &all);
    assert_eq!(with(vec![None, Some(KeyShown::Missing)]).found, "missing");
}

fn direct() -> Way {
    Way::Direct("203.0.113.9".parse().unwrap())
}

fn smart_host() -> Way {
    Way::SmartHost { host: "smtp.example.net".into(), ip: "198.51.100.7".parse().unwrap() }
}

#[test]
fn policies_are_explained() {
    let seen = |record: Option<&[&str]>, signed: Proof, ways: Vec<(Way, SpfResult)>| {
        let texts = record.map(|record| vec![DmarcTexts { domain: "example.org".into(), texts: texts(record) }]);
        dmarc(&DmarcSeen { domain: "example.org".into(), texts: after(28, texts), signed, ways })
    };
    let ways = |spf| vec![(direct(), spf), (smart_host(), SpfResult::Pass)];
    let unproven = |policy: &str| seen(Some(&[policy]), Proof::No, ways(SpfResult::SoftFail));
    let all = [
        seen(Some(&["v=DMARC1; p=reject"]), Proof::Yes, ways(SpfResult::Fail)),
        unproven("v=DMARC1; p=none"),
        unproven("v=DMARC1; p=quarantine"),
        unproven("v=DMARC1; p=reject"),
        seen(Some(&["v=DMARC1; p=reject"]), Proof::No, vec![(smart_host(), SpfResult::Fail)]),
        seen(Some(&["v=DMARC1; p=reject"]), Proof::NotKnown, ways(SpfResult::TempError)),
        seen(Some(&[]), Proof::Yes, ways(SpfResult::Pass)),
        seen(Some(&[]), Proof::No, ways(SpfResult::None)),
        seen(Some(&[]), Proof::No, Vec::new()),
        seen(Some(&["v=DMARC1; p=none", "v=DMARC1; p=reject"]), Proof::Yes, ways(SpfResult::Pass)),
        seen(Some(&["v=DMARC1; p=rejct"]), Proof::Yes, ways(SpfResult::Pass)),
        seen(None, Proof::Yes, ways(SpfResult::Pass)),
    ];
    golden("dmarc", &all);
}

#[test]
fn what_is_not_known_is_not_taken_for_unproven() {
    use SpfResult::*;
    let found = |signed, ways: &[(Way, SpfResult)]| {
        let texts = vec![DmarcTexts { domain: "example.org".into(), texts: texts(&["v=DMARC1; p=reject"]) }];
        let seen =
            DmarcSeen { domain: "example.org".into(), texts: after(0, Some(texts)), signed, ways: ways.to_vec() };
        dmarc(&seen).found
    };
    let table = [
        (Proof::No, vec![], "not-known"),
        (Proof::No, vec![(direct(), TempError)], "not-known"),
        (Proof::NotKnown, vec![(direct(), Fail)], "not-known"),
        (Proof::No, vec![(smart_host(), Pass)], "not-known"),
        (Proof::No, vec![(direct(), Pass), (smart_host(), Neutral)], "not-known"),
        (Proof::No, vec![(direct(), Fail), (smart_host(), Pass)], "not-proven-reject"),
        (Proof::No, vec![(direct(), PermError)], "not-proven-reject"),
        (Proof::NotKnown, vec![(direct(), Pass)], "proven"),
        (Proof::Yes, vec![], "proven"),
    ];
    for (signed, ways, expected) in table {
        assert_eq!(found(signed, &ways), expected, "{signed:?} {ways:?}");
    }
}

#[test]
fn an_address_that_others_send_from_too_is_put_into_no_record() {
    let seen = |local: &str, by_vpn| {
        let told = vec![AddressTold {
            from: LearnedFrom::MailHost("mx.example.net".into()),
            word: AddressWord::Is("203.0.113.9".parse().unwrap()),
            took: None,
        }];
        let local = Some(local.parse().unwrap());
        public_address(&AddressSeen { family: IpFamily::V4, local, is_public: false, by_vpn, told })
    };
    let table = [
        (vec![seen("192.168.1.2", false), vpn(Some("eth0"))], false),
        (vec![seen("100.64.1.2", false), vpn(Some("eth0"))], true),
        (vec![seen("10.8.0.2", true), vpn(Some("wg0"))], true),
        (Vec::new(), false),
    ];
    for (network, expected) in table {
        assert_eq!(is_address_shared(&network), expected, "{network:?}");
    }
}

#[test]
fn nobody_is_told_to_change_the_dns_of_a_provider() {
    let evaluated = |result| after(70, evaluation(result));
    let of_spf = |way| {
        spf(&SpfSeen { domain: "gmail.com".into(), way, evaluation: evaluated(SpfResult::SoftFail), shared: false })
    };
    let policy = |texts_found: &[&str], signed, ways| {
        let texts = vec![DmarcTexts { domain: "gmail.com".into(), texts: texts(texts_found) }];
        dmarc(&DmarcSeen { domain: "gmail.com".into(), texts: after(9, Some(texts)), signed, ways })
    };
    let all = [
        of_spf(direct()),
        of_spf(smart_host()),
        dkim(&DkimSeen { domain: "gmail.com".into(), keys: Vec::new() }),
        policy(&[], Proof::No, vec![(direct(), SpfResult::SoftFail)]),
        policy(&["v=DMARC1; p=reject"], Proof::No, vec![(direct(), SpfResult::SoftFail)]),
        policy(&["v=DMARC1; p=reject"], Proof::No, Vec::new()),
    ];
    for finding in all {
        assert!(finding.copy.is_empty() && finding.alternative.is_none(), "{finding}");
        assert!(finding.fix.as_ref().is_some_and(|fix| fix.starts_with("Send through ")), "{finding}");
    }
}

#[test]
fn a_policy_of_the_organisation_holds_for_what_is_below_it() {
    let at = |domain: &str, records: &[&str]| DmarcTexts { domain: domain.into(), texts: texts(records) };
    let found = |texts| {
        let seen = DmarcSeen {
            domain: "news.example.org".into(),
            texts: after(0, Some(texts)),
            signed: Proof::No,
            ways: vec![(direct(), SpfResult::Fail)],
        };
        dmarc(&seen).found
    };
    let organisation = || at("example.org", &["v=DMARC1; p=reject; sp=none"]);
    assert_eq!(found(vec![at("news.example.org", &["other"]), organisation()]), "not-proven");
    assert_eq!(found(vec![at("news.example.org", &["v=DMARC1; p=reject"]), organisation()]), "not-proven-reject");
    let two = ["v=DMARC1; p=reject", "v=DMARC1; p=none"];
    assert_eq!(found(vec![at("news.example.org", &two), organisation()]), "several");
}
