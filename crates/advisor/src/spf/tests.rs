//! The rules of RFC 7208, a table for each.

use super::*;

/// A zone: name, kind, values.
type Zone<'a> = &'a [(&'a str, &'a str, &'a [&'a str])];

/// Answers as a name server with this zone would; `fail` is a name that it can say nothing about.
fn answer(zone: Zone<'_>, query: &Query, question: &Question) -> Answer {
    let (name, kind) = match question {
        Question::Texts(name) => (name.clone(), "TXT"),
        Question::Addresses(name) => (name.clone(), if query.ip.is_ipv4() { "A" } else { "AAAA" }),
        Question::Hosts(name) => (name.clone(), "MX"),
        Question::Names => (query.ip.to_string(), "PTR"),
        Question::Exists(name) => (name.clone(), "A"),
    };
    if zone.iter().any(|(owner, kind, _)| *owner == name && *kind == "FAIL") {
        return Answer::Failed;
    }
    let found = zone.iter().find(|(owner, of, _)| *owner == name && *of == kind);
    let Some((_, _, values)) = found else { return Answer::Nothing };
    let values = || values.iter().map(|value| (*value).to_owned());
    match kind {
        "TXT" => Answer::Texts(values().collect()),
        "A" | "AAAA" => Answer::Addresses(values().map(|ip| ip.parse().unwrap()).collect()),
        _ => Answer::Names(values().collect()),
    }
}

fn evaluate(zone: Zone<'_>, ip: &str, sender: &str) -> Evaluation {
    let query = Query { ip: ip.parse().unwrap(), sender: sender.to_owned(), helo: "mail.Example.org".to_owned() };
    let mut known = Known::new();
    for _ in 0..200 {
        match check_host(&query, &known) {
            Ok(evaluation) => return evaluation,
            Err(question) => {
                let answer = answer(zone, &query, &question);
                assert!(known.insert(question.clone(), answer).is_none(), "{question:?} was asked twice");
            }
        }
    }
    panic!("it asks for ever");
}

/// The result for `a@example.org` from 192.0.2.1, or from 2001:db8::1.
fn result(record: &str, zone: Zone<'_>) -> SpfResult {
    let texts = [record];
    let own = [("example.org", "TXT", texts.as_slice())];
    let zone: Vec<_> = own.iter().chain(zone).copied().collect();
    evaluate(&zone, "192.0.2.1", "a@example.org").result
}

const WORLD: Zone<'_> = &[
    ("example.org", "A", &["192.0.2.1"]),
    ("example.org", "MX", &["mx1.example.org", "mx2.example.org"]),
    ("mx1.example.org", "A", &["192.0.2.200"]),
    ("mx2.example.org", "A", &["192.0.2.1"]),
    ("near.example.org", "A", &["192.0.2.77"]),
    ("far.example.org", "A", &["198.51.100.1"]),
    ("post.example.org", "MX", &["mx2.example.org"]),
    ("passes.test", "TXT", &["v=spf1 ip4:192.0.2.0/24 -all"]),
    ("fails.test", "TXT", &["v=spf1 -all"]),
    ("neutral.test", "TXT", &["v=spf1 ?all"]),
    ("silent.test", "TXT", &["no record"]),
    ("broken.test", "TXT", &["v=spf1 ipp4:1.2.3.4 -all"]),
    ("fail.test", "FAIL", &[]),
    ("192.0.2.1", "PTR", &["host.example.org", "elsewhere.test"]),
    ("host.example.org", "A", &["192.0.2.1"]),
    ("elsewhere.test", "A", &["198.51.100.1"]),
];

#[test]
fn each_mechanism_matches_what_it_should() {
    use SpfResult::*;
    let table = [
        ("v=spf1 -all", Fail),
        ("v=spf1 ~all", SoftFail),
        ("v=spf1 ?all", Neutral),
        ("v=spf1 +all", Pass),
        ("v=spf1", Neutral),
        ("V=SPF1 ALL", Pass),
        ("v=spf1  -all  ", Fail),
        ("v=spf1 ip4:192.0.2.1 -all", Pass),
        ("v=spf1 ip4:192.0.2.0/24 -all", Pass),
        ("v=spf1 ip4:192.0.3.0/24 -all", Fail),
        ("v=spf1 ip4:198.51.100.9/0 -all", Pass),
        ("v=spf1 ip6:2001:db8::/32 -all", Fail),
        ("v=spf1 -ip4:192.0.2.1 +all", Fail),
        ("v=spf1 a -all", Pass),
        ("v=spf1 a:far.example.org -all", Fail),
        ("v=spf1 a:near.example.org -all", Fail),
        ("v=spf1 a:near.example.org/24 -all", Pass),
        ("v=spf1 a:near.example.org/24//64 -all", Pass),
        ("v=spf1 a//64 -all", Pass),
        ("v=spf1 mx -all", Pass),
        ("v=spf1 mx:post.example.org -all", Pass),
        ("v=spf1 mx:far.example.org -all", Fail),
        ("v=spf1 ptr -all", Pass),
        ("v=spf1 ptr:elsewhere.test -all", Fail),
        ("v=spf1 exists:near.example.org -all", Pass),
        ("v=spf1 exists:no.example.org -all", Fail),
        ("v=spf1 include:passes.test -all", Pass),
        ("v=spf1 include:fails.test ?all", Neutral),
        ("v=spf1 include:neutral.test -all", Fail),
        ("v=spf1 ?include:passes.test -all", Neutral),
        ("v=spf1 redirect=passes.test", Pass),
        ("v=spf1 redirect=fails.test", Fail),
        ("v=spf1 redirect=passes.test -all", Fail),
        ("v=spf1 exp=why.example.org -all", Fail),
        ("v=spf1 unknown=modifier ip4:192.0.2.1", Pass),
    ];
    for (record, expected) in table {
        assert_eq!(result(record, WORLD), expected, "{record}");
    }
}

#[test]
fn what_cannot_be_followed_is_an_error_and_says_which() {
    let hosts: Vec<String> = (0..11).map(|n| format!("mx{n}.test")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let many = [("many.test", "MX", hosts.as_slice())];
    let zone: Vec<_> = WORLD.iter().chain(&many).copied().collect();
    let table = [
        ("v=spf1 include:silent.test -all", "it points to silent.test, which has no SPF record"),
        ("v=spf1 redirect=silent.test", "it points to silent.test, which has no SPF record"),
        ("v=spf1 include:broken.test -all", "“ipp4:1.2.3.4” is not something that an SPF record can say"),
        ("v=spf1 ip4:192.0.2.1/33", "“ip4:192.0.2.1/33” is not something that an SPF record can say"),
        ("v=spf1 ip4:192.0.2.1/024", "“ip4:192.0.2.1/024” is not something that an SPF record can say"),
        ("v=spf1 ip4:2001:db8::1", "“ip4:2001:db8::1” is not something that an SPF record can say"),
        ("v=spf1 ip4 -all", "“ip4” is not something that an SPF record can say"),
        ("v=spf1 all:example.org", "“all:example.org” is not something that an SPF record can say"),
        ("v=spf1 a: -all", "“a:” is not something that an SPF record can say"),
        ("v=spf1 a:1.2.3.4 -all", "“a:1.2.3.4” is not something that an SPF record can say"),
        ("v=spf1 include -all", "“include” is not something that an SPF record can say"),
        ("v=spf1 exists:%{x}.test -all", "“exists:%{x}.test” is not something that an SPF record can say"),
        ("v=spf1 exists:%(i).test -all", "“exists:%(i).test” is not something that an SPF record can say"),
        ("v=spf1 redirect=a.test redirect=b.test", "“redirect=b.test” is not something that an SPF record can say"),
        ("v=spf1 ip4:192.0.2.1 nonsense", "“nonsense” is not something that an SPF record can say"),
        ("v=spf1 mx:many.test -all", "many.test has more than 10 mail hosts"),
        ("v=spf1 a:fail.test -all", "the name servers could not say anything about fail.test"),
    ];
    for (record, expected) in table {
        let texts = [record];
        let own = [("example.org", "TXT", texts.as_slice())];
        let zone: Vec<_> = own.iter().chain(&zone).copied().collect();
        let evaluation = evaluate(&zone, "192.0.2.1", "a@example.org");
        let error = if expected.starts_with("the name") { SpfResult::TempError } else { SpfResult::PermError };
        assert_eq!(evaluation.result, error, "{record}");
        assert_eq!(evaluation.problem.map(|problem| problem.to_string()).as_deref(), Some(expected), "{record}");
    }
}

#[test]
fn a_domain_without_a_record_of_its_own_says_nothing_and_two_records_are_an_error() {
    use SpfResult::*;
    let table: [(&[&str], SpfResult); 6] = [
        (&[], None),
        (&["something else", "v=spf10 -all", "v=spf1x"], None),
        (&["something else", "v=spf1 -all"], Fail),
        (&["v=spf1 -all", "v=spf1 +all"], PermError),
        (&["v=spf1"], Neutral),
        (&[" v=spf1 -all"], None),
    ];
    for (texts, expected) in table {
        let zone = [("example.org", "TXT", texts)];
        assert_eq!(evaluate(&zone, "192.0.2.1", "a@example.org").result, expected, "{texts:?}");
    }
    for sender in ["a@localhost", "a@", "a@example..org"] {
        assert_eq!(evaluate(&[], "192.0.2.1", sender).result, None, "{sender}");
    }
}

#[test]
fn ten_terms_may_ask_and_the_eleventh_is_too_many() {
    let includes = |count: usize| {
        let terms: Vec<String> = (0..count).map(|_| "include:neutral.test".to_owned()).collect();
        format!("v=spf1 {} -all", terms.join(" "))
    };
    assert_eq!(result(&includes(10), WORLD), SpfResult::Fail);
    assert_eq!(result(&includes(11), WORLD), SpfResult::PermError);
    // A term that decides before the eleventh spares the rest.
    assert_eq!(result(&format!("{} ", includes(11).replacen("v=spf1", "v=spf1 a", 1)), WORLD), SpfResult::Pass);
    let circle: Zone<'_> = &[("round.test", "TXT", &["v=spf1 include:round.test -all"])];
    let evaluation = evaluate(circle, "192.0.2.1", "a@round.test");
    assert_eq!((evaluation.result, evaluation.problem), (SpfResult::PermError, Some(Problem::TooManyLookups)));
}

#[test]
fn two_lookups_may_find_nothing_and_the_third_is_too_many() {
    let record = |count: usize| {
        let terms: Vec<String> = (0..count).map(|n| format!("exists:no{n}.test")).collect();
        format!("v=spf1 {} -all", terms.join(" "))
    };
    assert_eq!(result(&record(2), WORLD), SpfResult::Fail);
    assert_eq!(result(&record(3), WORLD), SpfResult::PermError);
}

#[test]
fn macros_stand_for_what_the_rfc_says() {
    // RFC 7208 §7.4: strong-bad@email.example.com, 192.0.2.3 and 2001:db8::cb01.
    let table = [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ("%{S}.test", "strong-bad%40email.example.com.test"),
        ("%{p}.test", "unknown.test"),
        ("a%%b%-c.test", "a%b%20c.test"),
    ];
    let setting = |ip: &str| Setting {
        ip: ip.parse().unwrap(),
        local: "strong-bad",
        sender_domain: "email.example.com",
        domain: "email.example.com",
        helo: "mx.example.org",
        confirmed: None,
    };
    for (text, expected) in table {
        assert_eq!(macros::expand(text, &setting("192.0.2.3")).as_deref(), Some(expected), "{text}");
    }
    let six = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com";
    let expanded = macros::expand("%{ir}.%{v}._spf.%{d2}", &setting("2001:db8::cb01"));
    assert_eq!(expanded.as_deref(), Some(six));
    for wrong in ["%", "%{", "%{q}", "%{d0}", "%{d*}", "%x", "%{l1r-*}"] {
        assert!(!macros::is_well_formed(wrong), "{wrong}");
    }
    let long = format!("{}%{{d}}", "label.".repeat(60));
    let shortened = macros::expand(&long, &setting("192.0.2.3")).unwrap();
    assert!(shortened.len() <= 253 && shortened.starts_with("label."), "{shortened}");
}

#[test]
fn names_are_made_of_the_sender_and_looked_up() {
    let zone: Zone<'_> = &[
        ("example.org", "TXT", &["v=spf1 exists:%{ir}.%{l}.allowed.%{d2} include:%{p}.test -all"]),
        ("1.2.0.192.ann.allowed.example.org", "A", &["127.0.0.2"]),
        ("host.example.org.test", "TXT", &["v=spf1 +all"]),
        ("198.51.100.7", "PTR", &["other.test", "host.example.org"]),
        ("host.example.org", "A", &["198.51.100.7"]),
        ("other.test", "A", &["198.51.100.7"]),
    ];
    assert_eq!(evaluate(zone, "192.0.2.1", "ann@example.org").result, SpfResult::Pass);
    assert_eq!(evaluate(zone, "192.0.2.1", "ben@example.org").result, SpfResult::PermError, "unknown.test has none");
    let named = evaluate(zone, "198.51.100.7", "ben@example.org");
    assert_eq!(named.result, SpfResult::Pass, "a name of the domain comes before others");
    assert_eq!(named.included, ["host.example.org.test"]);
}

#[test]
fn it_says_what_decided_and_what_it_cost() {
    let zone: Zone<'_> = &[
        ("example.org", "TXT", &["v=spf1 mx include:passes.test ~all"]),
        ("example.org", "MX", &["mx1.example.org"]),
        ("mx1.example.org", "A", &["198.51.100.1"]),
        ("passes.test", "TXT", &["v=spf1 a:none.test ip4:192.0.2.0/24"]),
    ];
    let evaluation = evaluate(zone, "192.0.2.1", "a@Example.org.");
    let decided = Some(("include:passes.test".to_owned(), "example.org".to_owned()));
    assert_eq!((evaluation.result, evaluation.decided_by), (SpfResult::Pass, decided));
    assert_eq!((evaluation.lookups, evaluation.void), (3, 1));
    assert_eq!(evaluation.record.as_deref(), Some("v=spf1 mx include:passes.test ~all"));
}

#[test]
fn an_ipv6_sender_is_asked_about_in_its_own_family() {
    let zone: Zone<'_> = &[
        ("example.org", "TXT", &["v=spf1 a/24//32 -all"]),
        ("example.org", "AAAA", &["2001:db8:1::1"]),
        ("exists.test", "TXT", &["v=spf1 exists:yes.test -all"]),
        ("yes.test", "A", &["127.0.0.2"]),
    ];
    assert_eq!(evaluate(zone, "2001:db8::9", "a@example.org").result, SpfResult::Pass);
    assert_eq!(evaluate(zone, "2001:db9::9", "a@example.org").result, SpfResult::Fail);
    assert_eq!(evaluate(zone, "2001:db8::9", "a@exists.test").result, SpfResult::Pass, "exists always asks for A");
}
