//! The page of every warning, as a person reads it before sending and after: `tests/golden/warnings` holds them to be read
//! through.
//!
//! After a change on purpose, write the files anew with `UPDATE_GOLDEN=1 cargo test -p postrider-advisor --test warnings`,
//! and read what changed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use jiff::Timestamp;
use model::{
    AccountId, Attempt, Class, Delivery, DeliveryId, DeliveryState, EmailAddress, Fault, Known, Outcome, OutgoingId,
    Phase, Reply, Route, diagnose,
};
use postrider_advisor::checks::Timed;
use postrider_advisor::checks::finding::Finding;
use postrider_advisor::checks::identity::{
    DkimKeySeen, DkimSeen, DmarcSeen, DmarcTexts, KeyShown, Proof, SpfSeen, Way, dkim, dmarc, spf, spf_record,
};
use postrider_advisor::checks::lists::{ListSeen, address_list};
use postrider_advisor::checks::network::{IpFamily, Port25Seen, Probe, ProbeEnd, port_25, submission};
use postrider_advisor::checks::recipient::{Taught, greylisting};
use postrider_advisor::checks::reverse_name::{ReverseSeen, WantedName, reverse_name};
use postrider_advisor::spf::{Evaluation, SpfResult};
use postrider_advisor::taught::{About, Told as ToldBefore, taught};
use postrider_advisor::warning::{
    FindingFacts, LetterFacts, NotLookedUp, WaitingLetter, WarningAction, WarningFacts, WarningName, WarningPage,
    warning_page,
};
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

const OURS: &str = "203.0.113.9";
const ACCOUNT: AccountId = AccountId(1);

fn us() -> EmailAddress {
    EmailAddress::parse("robin@example.org").unwrap()
}

fn ip() -> IpAddr {
    OURS.parse().unwrap()
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn after<T>(millis: u64, value: T) -> Timed<T> {
    Timed::new(value, Duration::from_millis(millis))
}

/// A letter to Layla that met something.
struct Letter {
    delivery: Delivery,
    attempt: Attempt,
}

impl Letter {
    fn facts(&self) -> LetterFacts<'_> {
        LetterFacts { outgoing: OutgoingId(7), delivery: &self.delivery, attempt: Some(&self.attempt) }
    }

    fn in_state(mut self, state: DeliveryState) -> Self {
        self.delivery.state = state;
        if !state.is_waiting() {
            self.delivery.next_attempt_at = None;
        }
        self
    }
}

fn met(phase: Phase, outcome: Outcome) -> Letter {
    let mut known = Known::new(Route::Direct, "example.net", "layla@example.net");
    known.all_hosts_silent = matches!(outcome, Outcome::Failed(Fault::ConnectTimeout(_)));
    let diagnosis = diagnose(phase, &outcome, &known);
    let mut attempt = Attempt::begun(at("2026-11-22T14:27:02Z"), Route::Direct, None);
    attempt.ended_at = at("2026-11-22T14:27:03.250Z");
    attempt.host = Some("mx.example.net".into());
    attempt.address = Some("192.0.2.7".into());
    attempt.port = Some(25);
    attempt.phase = phase;
    match outcome {
        Outcome::Replied(reply) => attempt.reply = Some(reply),
        Outcome::Failed(fault) => attempt.error = Some(fault.to_string()),
    }
    attempt.diagnosis = Some(diagnosis.clone());
    let delivery = Delivery {
        id: DeliveryId(9),
        address: EmailAddress::parse("layla@example.net").unwrap(),
        state: if diagnosis.temporary { DeliveryState::Deferred } else { DeliveryState::Failed },
        hold: None,
        route: None,
        next_attempt_at: diagnosis.temporary.then(|| at("2026-11-22T14:32:00Z")),
        due_since: at("2026-11-22T14:27:00Z"),
        tries: 1,
        diagnosis: Some(diagnosis),
        changed_at: at("2026-11-22T14:27:03Z"),
    };
    Letter { delivery, attempt }
}

fn answered(phase: Phase, reply: &str) -> Letter {
    met(phase, Reply::parse_all(format!("{reply}\r\n").as_bytes()).unwrap().into())
}

fn found(finding: &Finding) -> Option<FindingFacts<'_>> {
    Some(FindingFacts { finding, at: Some(at("2026-11-22T14:25:00Z")), network: Some("home") })
}

/// An account with a smart host.
fn here() -> WarningFacts<'static> {
    WarningFacts { account: Some(ACCOUNT), smart_host: Some("Post"), auto_avoids: true, ..WarningFacts::default() }
}

/// And one without.
fn alone() -> WarningFacts<'static> {
    WarningFacts { smart_host: None, ..here() }
}

/// Compares pages with the file, each under what opened it, and holds them to what every page has to be.
fn golden(name: WarningName, pages: &[(&str, WarningPage)]) {
    let mut text = String::new();
    for (opened_by, page) in pages {
        assert_eq!(page.name, name);
        hold_to_the_rules(page);
        let shown = page.text(|at| at.strftime("%H:%M").to_string());
        text.push_str(&format!("=== {opened_by} ===\n{shown}\n\n"));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/warnings");
    let path = folder.join(format!("{}.txt", name.word()));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{name:?}; UPDATE_GOLDEN=1 writes it anew");
}

fn hold_to_the_rules(page: &WarningPage) {
    assert!(!page.heading.is_empty() && !page.heading.ends_with('.'), "“{}” is a heading", page.heading);
    assert!(
        !page.means.is_empty() && !page.todo.is_empty(),
        "{}: it means something and there is something to do",
        page.heading
    );
    let sentences = [&page.what, &page.why].into_iter().chain(&page.means).chain(&page.todo).chain(&page.alternative);
    for sentence in sentences {
        assert!(sentence.ends_with(['.', '?']), "“{sentence}” is a sentence");
        assert!(!sentence.contains(['!']) && !sentence.contains("  ") && !sentence.contains(".."), "“{sentence}”");
    }
}

#[test]
fn greylisting_is_explained() {
    let letter = || answered(Phase::Rcpt, "451 4.7.1 Greylisted, please come back in 300 seconds");
    let [waits, failed, taken] = [DeliveryState::Deferred, DeliveryState::Failed, DeliveryState::Accepted]
        .map(|state| letter().in_state(state));
    let known = greylisting(
        "example.net",
        &Taught { greylisted_for: Some(Duration::from_secs(290)), refused_us: None, has_taken: true },
    );
    let page = |facts: WarningFacts<'_>| warning_page(WarningName::Greylisting, &facts);
    golden(
        WarningName::Greylisting,
        &[
            ("a letter that waits", page(WarningFacts { letter: Some(waits.facts()), ..here() })),
            (
                "a letter that waits, without a smart host",
                page(WarningFacts { letter: Some(waits.facts()), ..alone() }),
            ),
            ("a letter that was given up", page(WarningFacts { letter: Some(failed.facts()), ..here() })),
            ("a letter that was taken since", page(WarningFacts { letter: Some(taken.facts()), ..here() })),
            (
                "before sending, where it happened before",
                page(WarningFacts { finding: found(&known), recipient_domain: Some("example.net"), ..here() }),
            ),
            ("before sending", page(WarningFacts { recipient_domain: Some("example.net"), ..alone() })),
        ],
    );
}

#[test]
fn reverse_dns_is_explained() {
    let letter = answered(Phase::Greeting, "554 5.7.25 Bad DNS PTR resource record");
    let waits = answered(Phase::Rcpt, "450 4.7.25 Client host rejected: cannot find your hostname");
    let seen = |names| {
        let wanted = Some(WantedName { name: "mail.example.org".into(), leads_here: false });
        reverse_name(&ReverseSeen { ip: ip(), names: after(31, names), wanted })
    };
    let missing = seen(Some(Vec::new()));
    let told = ToldBefore {
        class: Class::SenderNoRdns,
        host: "example.net".into(),
        sender: String::new(),
        reply: "450 4.7.25 Client host rejected: cannot find your hostname".into(),
        at: at("2026-11-22T14:20:00Z"),
    };
    let said_by_one = taught(Vec::new(), About::Network, None, &[told], at("2026-11-22T14:25:00Z")).remove(0);
    let sender = us();
    let here = WarningFacts { sender: Some(&sender), ..here() };
    let page = |facts: WarningFacts<'_>| warning_page(WarningName::ReverseDns, &facts);
    golden(
        WarningName::ReverseDns,
        &[
            (
                "a letter that was refused",
                page(WarningFacts { letter: Some(letter.facts()), address: Some(ip()), ..here }),
            ),
            (
                "a letter that was refused with a temporary code, on a network that was looked at",
                page(WarningFacts { letter: Some(waits.facts()), finding: found(&missing), ..here }),
            ),
            ("before sending", page(WarningFacts { finding: found(&missing), ..here })),
            (
                "before sending, set to direct",
                page(WarningFacts { finding: found(&missing), set_to_direct: std::slice::from_ref(&sender), ..here }),
            ),
            (
                "before sending, without a smart host",
                page(WarningFacts { finding: found(&missing), smart_host: None, ..here }),
            ),
            (
                "where one server alone says so",
                page(WarningFacts { finding: found(&said_by_one), auto_avoids: false, address: Some(ip()), ..here }),
            ),
            (
                "where it is in order",
                page(WarningFacts { cleared: Some((at("2026-11-22T14:25:00Z"), Some("home"))), ..here }),
            ),
            (
                "a letter that was refused, on a network where it is in order by now",
                page(WarningFacts {
                    letter: Some(waits.facts()),
                    cleared: Some((at("2026-11-22T14:25:00Z"), Some("home"))),
                    ..here
                }),
            ),
            ("asked for on the command line", page(WarningFacts { account: None, ..WarningFacts::default() })),
        ],
    );
}

fn blocked(end: ProbeEnd) -> Finding {
    blocked_in(IpFamily::V4, end)
}

fn blocked_in(family: IpFamily, end: ProbeEnd) -> Finding {
    let probe = |host: &str, number| Probe {
        host: host.into(),
        address: match family {
            IpFamily::V4 => ([192, 0, 2, number], 25).into(),
            IpFamily::V6 => ([0x2001, 0xdb8, 0, 0, 0, 0, 0, number.into()], 25).into(),
        },
        end: after(5000, end.clone()),
        encrypted_before: false,
    };
    port_25(&Port25Seen {
        family,
        has_address: true,
        probes: vec![probe("mx.example.org", 1), probe("mx.example.net", 2)],
        nobody_answers: None,
        names_were_silent: false,
    })
}

#[test]
fn a_blocked_port_25_is_explained() {
    let letter = || met(Phase::Connect, Fault::ConnectTimeout("mx.example.net".into()).into());
    let waits = letter();
    let failed = letter().in_state(DeliveryState::Failed);
    let [dropped, refused, held] = [ProbeEnd::Silent, ProbeEnd::Refused, ProbeEnd::Mute].map(blocked);
    let this = blocked(ProbeEnd::Local("a firewall on this computer forbids the connection".into()));
    let dropped_v6 = blocked_in(IpFamily::V6, ProbeEnd::Silent);
    let in_one = |family| WarningFacts { closed_in: Some(family), ..here() };
    let waiting = |number| WaitingLetter {
        outgoing: OutgoingId(number),
        delivery: DeliveryId(number),
        address: EmailAddress::parse("layla@example.net").unwrap(),
    };
    let waiting = [waiting(7), waiting(8)];
    let page = |facts: WarningFacts<'_>| warning_page(WarningName::Port25, &facts);
    let pages = [
        ("a letter that waits", page(WarningFacts { letter: Some(waits.facts()), ..here() })),
        ("a letter that waits, without a smart host", page(WarningFacts { letter: Some(waits.facts()), ..alone() })),
        (
            "a letter that was given up, on a network that was looked at",
            page(WarningFacts { letter: Some(failed.facts()), finding: found(&dropped), ..here() }),
        ),
        ("before sending", page(WarningFacts { finding: found(&dropped), ..here() })),
        (
            "before sending, while two letters wait",
            page(WarningFacts { finding: found(&refused), waiting: &waiting, ..here() }),
        ),
        ("before sending, without a smart host", page(WarningFacts { finding: found(&held), ..alone() })),
        ("before sending, closed by this computer", page(WarningFacts { finding: found(&this), ..here() })),
        (
            "before sending, closed over IPv6 alone",
            page(WarningFacts { finding: found(&dropped_v6), ..in_one(IpFamily::V6) }),
        ),
        (
            "before sending, closed over IPv4 alone",
            page(WarningFacts { finding: found(&dropped), ..in_one(IpFamily::V4) }),
        ),
    ];
    assert!(matches!(&pages[4].1.actions[0], WarningAction::HandOver { letters, .. } if letters.len() == 2));
    golden(WarningName::Port25, &pages);
}

#[test]
fn addresses_that_others_do_not_trust_are_explained() {
    let dynamic = answered(
        Phase::Rcpt,
        "550 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using zen.spamhaus.org; PBL",
    );
    let listed = answered(
        Phase::Rcpt,
        "554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using bl.spamcop.net",
    );
    let on = |answers: &[[u8; 4]]| {
        let answers = answers.iter().map(|octets| (*octets).into()).collect();
        address_list(&ListSeen {
            list: postrider_advisor::BLOCK_LIST.into(),
            ip: ip(),
            answers: after(18, Some(answers)),
        })
    };
    let [policy, spam] = [on(&[[127, 0, 0, 11]]), on(&[[127, 0, 0, 2]])];
    let page = |name, facts: WarningFacts<'_>| warning_page(name, &facts);
    let name = WarningName::DynamicAddress;
    golden(
        name,
        &[
            ("a letter that was refused", page(name, WarningFacts { letter: Some(dynamic.facts()), ..here() })),
            ("before sending", page(name, WarningFacts { finding: found(&policy), ..here() })),
            ("before sending, without a smart host", page(name, WarningFacts { finding: found(&policy), ..alone() })),
        ],
    );
    let name = WarningName::ListedAddress;
    golden(
        name,
        &[
            (
                "a letter that was refused",
                page(name, WarningFacts { letter: Some(listed.facts()), address: Some(ip()), ..here() }),
            ),
            ("before sending", page(name, WarningFacts { finding: found(&spam), ..here() })),
        ],
    );
}

#[test]
fn no_smart_host_is_explained() {
    let refused = answered(
        Phase::Rcpt,
        "554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using bl.spamcop.net",
    );
    let none = submission(None);
    let page = |facts: WarningFacts<'_>| warning_page(WarningName::NoSmartHost, &facts);
    golden(
        WarningName::NoSmartHost,
        &[
            ("a letter that was refused", page(WarningFacts { letter: Some(refused.facts()), ..alone() })),
            ("before sending", page(WarningFacts { finding: found(&none), ..alone() })),
            ("when there is one by now", page(WarningFacts { finding: found(&none), ..here() })),
        ],
    );
}

#[test]
fn a_null_mx_is_explained() {
    use postrider_advisor::checks::identity::{SenderDomainSeen, TakesMail, sender_domain};
    let refused = met(Phase::Dns, Fault::NullMx("example.net".into()).into());
    let own =
        sender_domain(&SenderDomainSeen { domain: "example.org".into(), takes_mail: after(20, TakesMail::Null) });
    let page = |facts: WarningFacts<'_>| warning_page(WarningName::NullMx, &facts);
    golden(
        WarningName::NullMx,
        &[
            ("a letter that was refused", page(WarningFacts { letter: Some(refused.facts()), ..here() })),
            ("before sending", page(WarningFacts { recipient_domain: Some("example.net"), ..here() })),
            ("of the sender", page(WarningFacts { finding: found(&own), ..here() })),
        ],
    );
}

#[test]
fn what_is_missing_in_the_records_of_the_sender_is_explained() {
    let refused = answered(
        Phase::Body,
        "550 5.7.26 Unauthenticated email from example.org is not accepted due to DMARC policy",
    );
    let [sender, at_provider] =
        ["robin@example.org", "robin@gmail.com"].map(|text| EmailAddress::parse(text).unwrap());
    let here = WarningFacts { sender: Some(&sender), ..here() };
    let page = |name, facts: WarningFacts<'_>| warning_page(name, &facts);

    let evaluation = Evaluation {
        result: SpfResult::Fail,
        record: Some("v=spf1 mx -all".into()),
        decided_by: None,
        problem: None,
        lookups: 1,
        void: 0,
        included: Vec::new(),
    };
    let judged = |evaluation| {
        spf(&SpfSeen {
            domain: "example.org".into(),
            way: Way::Direct(ip()),
            evaluation: after(70, evaluation),
            shared: false,
        })
    };
    let in_order = judged(Evaluation {
        result: SpfResult::Pass,
        record: Some("v=spf1 ip4:203.0.113.9 mx -all".into()),
        ..evaluation.clone()
    });
    let spf = judged(evaluation);
    let record = |text: Option<&str>| {
        let texts = text.map(str::to_owned).into_iter().chain(["site-verification=1".to_owned()]).collect();
        spf_record("example.org", &after(41, Some(texts)))
    };
    golden(
        WarningName::Spf,
        &[
            (
                "a letter that was refused",
                page(WarningName::Spf, WarningFacts { letter: Some(refused.facts()), ..here }),
            ),
            ("before sending", page(WarningName::Spf, WarningFacts { finding: found(&spf), ..here })),
            (
                "looked up as it was opened, where no address is known",
                page(WarningName::Spf, WarningFacts { finding: found(&record(Some("v=spf1 mx -all"))), ..here }),
            ),
            (
                "looked up, and there is none",
                page(WarningName::Spf, WarningFacts { finding: found(&record(None)), ..here }),
            ),
            (
                "looked up, and in order",
                page(
                    WarningName::Spf,
                    WarningFacts { finding: found(&in_order), letter: Some(refused.facts()), ..here },
                ),
            ),
            (
                "opened off line",
                page(WarningName::Spf, WarningFacts { not_looked_up: Some(NotLookedUp::Offline), ..here }),
            ),
            (
                "opened before a login page",
                page(WarningName::Spf, WarningFacts { not_looked_up: Some(NotLookedUp::Portal), ..here }),
            ),
            (
                "opened, and nobody answered",
                page(WarningName::Spf, WarningFacts { not_looked_up: Some(NotLookedUp::TooLong), ..here }),
            ),
        ],
    );

    let key = DkimKeySeen {
        name: "20261122-0634-ed25519._domainkey.example.org".into(),
        record: "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".into(),
        texts: Vec::new(),
        shown: after(33, Some(KeyShown::Missing)),
    };
    let another = DkimKeySeen {
        texts: vec!["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMl".into()],
        shown: after(33, Some(KeyShown::Different)),
        ..key.clone()
    };
    let dkim = |keys| dkim(&DkimSeen { domain: "example.org".into(), keys });
    golden(
        WarningName::Dkim,
        &[
            (
                "a letter that was refused",
                page(
                    WarningName::Dkim,
                    WarningFacts { letter: Some(refused.facts()), finding: found(&dkim(vec![])), ..here },
                ),
            ),
            (
                "before sending",
                page(WarningName::Dkim, WarningFacts { finding: found(&dkim(vec![key.clone()])), ..here }),
            ),
            (
                "another key in DNS",
                page(WarningName::Dkim, WarningFacts { finding: found(&dkim(vec![another])), ..here }),
            ),
        ],
    );

    let policy = |texts: &[&str]| {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        dmarc(&DmarcSeen {
            domain: "example.org".into(),
            texts: after(28, Some(vec![DmarcTexts { domain: "example.org".into(), texts }])),
            signed: Proof::No,
            ways: vec![(Way::Direct(ip()), SpfResult::Fail)],
        })
    };
    let name = WarningName::Dmarc;
    golden(
        name,
        &[
            ("a letter that was refused", page(name, WarningFacts { letter: Some(refused.facts()), ..here })),
            ("before sending", page(name, WarningFacts { finding: found(&policy(&["v=DMARC1; p=reject"])), ..here })),
            ("before sending, without a record", page(name, WarningFacts { finding: found(&policy(&[])), ..here })),
            (
                "a letter from an address at a provider",
                page(name, WarningFacts { letter: Some(refused.facts()), sender: Some(&at_provider), ..here }),
            ),
        ],
    );
}

#[test]
fn a_reply_that_taught_the_finding_is_shown_once() {
    let letter = answered(Phase::Rcpt, "550-5.7.25 This address\r\n550 5.7.25 has no name");
    let seen = ReverseSeen { ip: ip(), names: after(31, Some(Vec::new())), wanted: None };
    let mut finding = reverse_name(&seen);
    finding.evidence[0].answer = "550 5.7.25 This address has no name".into();
    let count = |finding: &Finding| {
        let facts = WarningFacts { letter: Some(letter.facts()), finding: found(finding), ..here() };
        warning_page(WarningName::ReverseDns, &facts).seen.len()
    };
    assert_eq!(count(&finding), 1);
    assert_eq!(count(&reverse_name(&seen)), 2);
}
