use super::*;
use model::{DeliveryId, DeliveryState, Diagnosis, EmailAddress, Known, Route};
use model::{Fault, Outcome, diagnose};

const CHECKS: [Check; 30] = [
    Check::WayOut,
    Check::Port25V4,
    Check::Port25V6,
    Check::Submission,
    Check::PublicAddress,
    Check::ReverseName,
    Check::AddressList,
    Check::ResolverTruth,
    Check::ResolverProof,
    Check::ResolverTcp,
    Check::Clock,
    Check::Vpn,
    Check::SenderDomain,
    Check::SenderProvider,
    Check::Spf,
    Check::Dkim,
    Check::Dmarc,
    Check::Syntax,
    Check::Spelling,
    Check::Domain,
    Check::Mx,
    Check::Addresses,
    Check::MtaSts,
    Check::Dane,
    Check::Connect,
    Check::Greeting,
    Check::Ehlo,
    Check::Starttls,
    Check::Greylisting,
    Check::Quit,
];

/// What each check finds that has a page, and what in trouble has none. A new check does not compile until it is decided.
fn decided(check: Check) -> &'static [(&'static str, Option<WarningName>)] {
    use WarningName::*;
    match check {
        Check::Port25V4 | Check::Port25V6 => &[
            ("dropped", Some(Port25)),
            ("refused", Some(Port25)),
            ("held", Some(Port25)),
            ("intercepted", Some(Port25)),
            ("local", Some(Port25)),
            ("open-refused", None),
        ],
        Check::Submission => &[("no-smart-host", Some(NoSmartHost)), ("closed", None), ("other-port", None)],
        Check::PublicAddress => {
            &[("carrier", Some(DynamicAddress)), ("likely-carrier", Some(DynamicAddress)), ("elsewhere", None)]
        }
        Check::ReverseName => {
            &[("missing", Some(ReverseDns)), ("unconfirmed", Some(ReverseDns)), ("generic", Some(ReverseDns))]
        }
        Check::AddressList => &[("policy", Some(DynamicAddress)), ("listed", Some(ListedAddress))],
        Check::SenderDomain => &[("null-mx", Some(NullMx)), ("nowhere", None), ("no-such-domain", None)],
        Check::SenderProvider => &[("only-its-own", Some(Dmarc))],
        Check::Spf => &[("fail", Some(Spf)), ("softfail", Some(Spf)), ("too-many-lookups", Some(Spf))],
        Check::Dkim => &[
            ("no-key", Some(Dkim)),
            ("only-ed25519", Some(Dkim)),
            ("missing", Some(Dkim)),
            ("different", Some(Dkim)),
        ],
        Check::Dmarc => &[("missing", Some(Dmarc)), ("not-proven-reject", Some(Dmarc))],
        Check::Mx => &[("null-mx", Some(NullMx)), ("nowhere", None)],
        Check::Greylisting => &[("greylists", Some(Greylisting)), ("refused-before", None)],
        Check::WayOut
        | Check::ResolverTruth
        | Check::ResolverProof
        | Check::ResolverTcp
        | Check::Clock
        | Check::Vpn
        | Check::Syntax
        | Check::Spelling
        | Check::Domain
        | Check::Addresses
        | Check::MtaSts
        | Check::Dane
        | Check::Connect
        | Check::Greeting
        | Check::Ehlo
        | Check::Starttls
        | Check::Quit => &[("failed", None)],
    }
}

#[test]
fn what_every_check_finds_leads_to_its_page_or_to_none() {
    for check in CHECKS {
        for (found, expected) in decided(check) {
            for status in [Status::Warn, Status::Fail] {
                assert_eq!(WarningName::of_found(check, found, status), *expected, "{check:?} {found}");
            }
            for status in [Status::Pass, Status::Unknown] {
                assert_eq!(WarningName::of_found(check, found, status), None, "{check:?} {found}: nothing is wrong");
            }
        }
    }
}

#[test]
fn every_class_leads_to_its_page_or_to_none() {
    let named = [
        ("greylisted", "greylisting"),
        ("null-mx", "null-mx"),
        ("sender-blocklisted", "listed-address"),
        ("sender-dynamic-ip", "dynamic-address"),
        ("sender-no-rdns", "reverse-dns"),
        ("sender-unauthenticated", "dmarc"),
        ("port-25-blocked", "port-25"),
    ];
    for class in Class::ALL {
        let expected = named.iter().find(|(word, _)| *word == class.word()).map(|(_, name)| *name);
        assert_eq!(WarningName::of_class(*class).map(WarningName::word), expected, "{class:?}");
    }
}

#[test]
fn every_warning_has_a_word_that_leads_back_and_is_written_so() {
    for name in WarningName::ALL {
        assert_eq!(WarningName::from_word(name.word()), Some(*name));
        assert_eq!(serde_json::to_value(name).unwrap(), name.word());
    }
    assert_eq!(WarningName::from_word("spam"), None);
}

fn attempt(phase: Phase, outcome: Outcome) -> Attempt {
    let known = Known::new(Route::Direct, "example.org", "anna@example.org");
    let diagnosis = diagnose(phase, &outcome, &known);
    let mut attempt = Attempt::begun(jiff::Timestamp::UNIX_EPOCH, Route::Direct, None);
    attempt.phase = phase;
    attempt.reply = match outcome {
        Outcome::Replied(reply) => Some(reply),
        Outcome::Failed(_) => None,
    };
    attempt.diagnosis = Some(diagnosis);
    attempt
}

#[test]
fn a_reply_that_names_what_it_missed_leads_to_that() {
    // Phase, reply, warning.
    let table = [
        (Phase::Body, "550 5.7.23 SPF validation failed", Some("spf")),
        (Phase::Mail, "550 5.7.23 The message was rejected because of SPF policy", Some("spf")),
        (Phase::Body, "550 5.7.20 No passing DKIM signature found", Some("dkim")),
        (Phase::Body, "550 5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy", Some("dmarc")),
        (Phase::Body, "550-5.7.26 DKIM = did not pass\r\n550 5.7.26 SPF = did not pass", Some("dmarc")),
        (Phase::Rcpt, "451 4.7.1 Greylisted, please come back", Some("greylisting")),
        (Phase::Greeting, "554 5.7.25 no PTR record", Some("reverse-dns")),
        (Phase::Mail, "550 5.1.8 Domain of sender address does not resolve", None),
        (Phase::Rcpt, "550 5.1.1 User unknown", None),
    ];
    for (phase, words, expected) in table {
        let reply = Reply::parse_all(format!("{words}\r\n").as_bytes()).unwrap();
        let attempt = attempt(phase, reply.into());
        assert_eq!(WarningName::of_attempt(&attempt).map(WarningName::word), expected, "{words} {attempt:?}");
    }
    assert_eq!(
        WarningName::of_attempt(&attempt(Phase::Dns, Fault::NullMx("example.org".into()).into())),
        Some(WarningName::NullMx)
    );
}

#[test]
fn what_was_given_up_is_about_what_stood_in_its_way_last() {
    let known = Known::new(Route::Direct, "example.org", "anna@example.org");
    let greylisted = attempt(Phase::Rcpt, Reply::parse_all(b"451 4.7.1 Greylisted\r\n").unwrap().into());
    let unreached = attempt(Phase::Connect, Fault::ConnectTimeout("mx.example.org".into()).into());
    let expired = |last: &Attempt| Delivery {
        id: DeliveryId(1),
        address: EmailAddress::parse("anna@example.org").unwrap(),
        state: DeliveryState::Failed,
        hold: None,
        route: None,
        next_attempt_at: None,
        due_since: jiff::Timestamp::UNIX_EPOCH,
        tries: 9,
        diagnosis: Some(Diagnosis::expired(last.diagnosis.as_ref(), &known)),
        changed_at: jiff::Timestamp::UNIX_EPOCH,
    };
    let by = |attempts: &[&Attempt]| WarningName::of_delivery(&expired(attempts[0]), attempts);
    assert_eq!(by(&[&greylisted, &unreached]), Some(WarningName::Greylisting));
    assert_eq!(by(&[&unreached, &greylisted]), None);
}

#[test]
fn a_warning_is_cleared_where_what_it_is_about_was_looked_at_and_is_in_order() {
    use crate::checks::finding::Said;
    let finding = |check, said| Finding::new(check, "", Vec::new(), said);
    let open = || finding(Check::Port25V4, Said::pass("open", "", ""));
    let shut = || finding(Check::Port25V6, Said::fail("dropped", "", ""));
    let none = || finding(Check::Port25V6, Said::unknown("no-family", "", ""));
    let named = || finding(Check::ReverseName, Said::pass("confirmed", "", ""));
    let table = [
        (vec![open(), none()], true),
        (vec![open(), shut()], true),
        (vec![shut()], false),
        (vec![none()], false),
        (vec![named()], false),
        (vec![], false),
    ];
    for (findings, expected) in table {
        assert_eq!(WarningName::Port25.is_cleared_by(&findings), expected, "{findings:?}");
    }
}
