//! Finding the host and reaching it: which of several MX takes the letter, domains that have none, and IPv6.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::maildir::{arrived, messages};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::zone::{NameServer, Zone};
use serde_json::Value;
use std::sync::OnceLock;

const ME: &str = "you@home.example";
/// The domains whose mail either of two hosts takes, for anna.
const DOMAINS: [&str; 8] = [
    "refusing.example",
    "silent.example",
    "equal.example",
    "implicit.example",
    "alias.example",
    "canonical.example",
    "xn--bcher-kva.example",
    "six.example",
];

struct Lab {
    town: Town,
    one: Postfix,
    two: Postfix,
    picky: Postfix,
    home: Host,
    _names: NameServer,
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let names = zone().serve(&town);
        town.host("shut", &["203.0.113.79"]);
        let host = town.host("one", &["203.0.113.71", "2001:db8::71"]);
        let one = DOMAINS
            .iter()
            .fold(Plan::new("mx.one.example"), |plan, domain| plan.mailbox("anna", domain))
            .start(&host);
        let host = town.host("two", &["203.0.113.72"]);
        let two = DOMAINS
            .iter()
            .fold(Plan::new("mx.two.example"), |plan, domain| plan.mailbox("anna", domain))
            .start(&host);
        let picky = Plan::new("mx.picky.example")
            .mailbox("anna", "picky.example")
            .set("smtpd_client_restrictions", "reject_unknown_reverse_client_hostname")
            .set("unknown_client_reject_code", "550")
            .start(&town.host("picky", &["203.0.113.73", "2001:db8::73"]));
        let home = town.host("home", &["198.51.100.10", "2001:db8::10"]);
        home.give_up_early();
        town.firewall("ip daddr 203.0.113.78 drop");
        Lab { town, one, two, picky, home, _names: names }
    })
}

/// Our IPv6 address has no name.
fn zone() -> Zone {
    Zone::default()
        .host("home.example", "198.51.100.10")
        .host("mx.one.example", "203.0.113.71")
        .host("mx.two.example", "203.0.113.72")
        .host("shut.example", "203.0.113.79")
        .host("hole.example", "203.0.113.78")
        .mx("refusing.example", 10, "shut.example")
        .mx("refusing.example", 20, "mx.two.example")
        .mx("silent.example", 10, "hole.example")
        .mx("silent.example", 20, "mx.two.example")
        .mx("equal.example", 10, "mx.one.example")
        .mx("equal.example", 10, "mx.two.example")
        .record("null.example", "MX", "0 .")
        .nameless("implicit.example", "203.0.113.71")
        .record("alias.example", "CNAME", "canonical.example.")
        .mx("canonical.example", 10, "mx.one.example")
        .mx("xn--bcher-kva.example", 10, "mx.one.example")
        .text("mute.example", "this domain has no mail server and no address")
        .mx("ourselves.example", 10, "home.example")
        .mx("backup.example", 10, "shut.example")
        .mx("backup.example", 20, "home.example")
        .mx("backup.example", 30, "mx.two.example")
        .broken("broken.example")
        .host("mx.six.example", "2001:db8::71")
        .mx("six.example", 10, "mx.six.example")
        .nameless("mx.picky.example", "2001:db8::73")
        .host("mx.picky.example", "203.0.113.73")
        .mx("picky.example", 10, "mx.picky.example")
}

impl Lab {
    fn rider(&self, name: &str) -> Rider {
        let rider = Rider::new(&self.home, name);
        rider.must(&["account", "add", ME, "--imap", "none", "--smtp", "none"], "");
        rider
    }
}

fn send(rider: &Rider, to: &str) -> Value {
    rider.must(&["send", "--to", to, "--subject", "Hello", "--route", "direct"], "Hello Anna.\n")
}

/// The hosts and addresses of the attempts for the only recipient.
fn visited(timeline: &Value) -> Vec<(&str, &str)> {
    let attempts = timeline["recipients"][0]["attempts"].as_array().expect("attempts");
    attempts.iter().map(|attempt| (word(&attempt["host"]), word(&attempt["address"]))).collect()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn state(timeline: &Value) -> (&str, &str) {
    let recipient = &timeline["recipients"][0];
    (recipient["state"].as_str().expect("a state"), recipient["diagnosis"]["class"].as_str().unwrap_or_default())
}

#[test]
fn where_the_first_mx_refuses_or_keeps_silent_the_second_takes_the_letter() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("second");
    for (domain, first, error) in [
        ("refusing.example", ("shut.example", "203.0.113.79"), "refused the connection"),
        ("silent.example", ("hole.example", "203.0.113.78"), "did not answer"),
    ] {
        let sent = send(&rider, &format!("anna@{domain}"));
        assert_eq!(state(&sent), ("accepted", ""), "{sent:#}");
        assert_eq!(visited(&sent), [first, ("mx.two.example", "203.0.113.72")], "{sent:#}");
        let failed = &sent["recipients"][0]["attempts"][0];
        assert_eq!((&failed["phase"], &failed["class"]), (&"connect".into(), &"host-unreachable".into()), "{sent:#}");
        assert!(failed["error"].as_str().is_some_and(|text| text.contains(error)), "{sent:#}");
        arrived(&lab.two.maildir("anna", domain), sent["message_id"].as_str().expect("a Message-ID"));
    }
}

#[test]
fn mx_of_equal_preference_share_the_letters() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("equal");
    const LETTERS: usize = 16;
    for _ in 0..LETTERS {
        let sent = send(&rider, "anna@equal.example");
        assert_eq!(state(&sent), ("accepted", ""), "{sent:#}");
        assert_eq!(visited(&sent).len(), 1, "{sent:#}");
    }
    let at = |postfix: &Postfix| messages(&postfix.maildir("anna", "equal.example")).len();
    let (one, two) = postrider_lab::wait::until("all letters", std::time::Duration::from_secs(10), || {
        let counts = (at(&lab.one), at(&lab.two));
        (counts.0 + counts.1 == LETTERS).then_some(counts)
    });
    assert!(one > 0 && two > 0, "{one} and {two}");
}

#[test]
fn a_domain_without_mx_is_its_own_host_and_an_alias_has_those_of_its_canonical_name() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("implicit");
    for (to, domain, host) in [
        ("anna@implicit.example", "implicit.example", "implicit.example"),
        ("anna@alias.example", "alias.example", "mx.one.example"),
        ("anna@bücher.example", "xn--bcher-kva.example", "mx.one.example"),
    ] {
        let sent = send(&rider, to);
        assert_eq!(state(&sent), ("accepted", ""), "{sent:#}");
        assert_eq!(visited(&sent), [(host, "203.0.113.71")], "{sent:#}");
        arrived(&lab.one.maildir("anna", domain), sent["message_id"].as_str().expect("a Message-ID"));
    }
}

#[test]
fn a_domain_that_takes_no_mail_or_is_not_there_or_leads_back_here_fails_at_once_each_in_its_own_words() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("nowhere");
    let mut titles = std::collections::BTreeSet::new();
    for (domain, class) in [
        ("null.example", "null-mx"),
        ("missing.example", "no-such-domain"),
        ("mute.example", "no-such-domain"),
        ("ourselves.example", "receiver-misconfigured"),
    ] {
        let sent = send(&rider, &format!("anna@{domain}"));
        assert_eq!(state(&sent), ("failed", class), "{sent:#}");
        titles.insert(sent["recipients"][0]["diagnosis"]["explanation"].to_string().replace(domain, "it"));
    }
    assert_eq!(titles.len(), 4, "each explains itself: {titles:#?}");
}

#[test]
fn hosts_that_stand_behind_ourselves_are_not_asked() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("backup");
    let sent = send(&rider, "anna@backup.example");
    assert_eq!(state(&sent), ("deferred", "host-unreachable"), "{sent:#}");
    assert_eq!(visited(&sent), [("shut.example", "203.0.113.79")], "{sent:#}");
}

#[test]
fn a_domain_whose_name_server_fails_is_waited_for() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("broken");
    let sent = send(&rider, "anna@broken.example");
    assert_eq!(state(&sent), ("deferred", "dns-failure"), "{sent:#}");
    let refused = sent["recipients"][0]["attempts"].as_array().and_then(|attempts| attempts.first());
    assert!(refused.is_some_and(|attempt| attempt["phase"] == "dns" && attempt["host"].is_null()), "{sent:#}");
}

#[test]
fn a_host_that_has_only_ipv6_gets_its_letter_over_ipv6() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("six");
    let sent = send(&rider, "anna@six.example");
    assert_eq!(state(&sent), ("accepted", ""), "{sent:#}");
    assert_eq!(visited(&sent), [("mx.six.example", "2001:db8::71")], "{sent:#}");
    arrived(&lab.one.maildir("anna", "six.example"), sent["message_id"].as_str().expect("a Message-ID"));
}

#[test]
fn where_ipv6_is_refused_for_want_of_a_name_ipv4_is_taken_at_once_and_remembered() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("picky");
    let first = send(&rider, "anna@picky.example");
    assert_eq!(state(&first), ("accepted", ""), "{first:#}");
    let host = "mx.picky.example";
    assert_eq!(visited(&first), [(host, "2001:db8::73"), (host, "203.0.113.73")], "{first:#}");
    let refused = &first["recipients"][0]["attempts"][0];
    assert_eq!((&refused["class"], &refused["reply"]["code"]), (&"sender-no-rdns".into(), &550.into()), "{first:#}");

    let second = send(&rider, "anna@picky.example");
    assert_eq!(state(&second), ("accepted", ""), "{second:#}");
    assert_eq!(visited(&second), [(host, "203.0.113.73")], "{second:#}");
    arrived(&lab.picky.maildir("anna", "picky.example"), second["message_id"].as_str().expect("a Message-ID"));
}
