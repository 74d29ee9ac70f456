//! MTA-STS (RFC 8461): domains that publish which hosts take their mail and that these can prove it; one that only tests;
//! hosts that are not named or prove nothing; and a policy that can no longer be fetched.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::maildir::{arrived, messages};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::wait;
use postrider_lab::web::Web;
use postrider_lab::zone::{NameServer, Zone};
use serde_json::Value;
use std::sync::OnceLock;
use std::time::Duration;

const ME: &str = "you@home.example";
/// Each with its policy: the mode, and the hosts that it names.
const POLICIES: [(&str, &str, &str); 6] = [
    ("good.example", "enforce", "mx.good.example"),
    ("many.example", "enforce", "*.many.example"),
    ("mismatch.example", "enforce", "other.mismatch.example"),
    ("testing.example", "testing", "other.testing.example"),
    ("cached.example", "enforce", "mx.cached.example"),
    ("old.example", "enforce", "mx.old.example"),
];

struct Lab {
    town: Town,
    authority: Authority,
    mx: Postfix,
    old: Postfix,
    web: Web,
    home: Host,
    names: NameServer,
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let names = zone("1").serve(&town);
        let authority = Authority::new(town.directory(), "authority");
        let domains = POLICIES.map(|(domain, ..)| domain);
        let host = town.host("mx", &["203.0.113.95"]);
        let hosts = domains.map(|domain| format!("mx.{domain}"));
        let certificate = authority.certify_all(&hosts.each_ref().map(String::as_str), &host.directory());
        let plan = Plan::new("mx.good.example").certificate(&certificate);
        let mx = domains.iter().fold(plan, |plan, domain| plan.mailbox("anna", domain)).start(&host);
        // Its certificate is of the authority, and its time is over.
        let host = town.host("old", &["203.0.113.96"]);
        let certificate = authority.certify_expired("mx.old.example", &host.directory());
        let old = Plan::new("mx.old.example").certificate(&certificate).mailbox("anna", "old.example").start(&host);
        let host = town.host("web", &["203.0.113.97"]);
        let pages = domains.map(|domain| format!("mta-sts.{domain}"));
        let certificate = authority.certify_all(&pages.each_ref().map(String::as_str), &host.directory());
        let web = Web::of_policies(&host, &certificate);
        for (domain, mode, mx) in POLICIES {
            web.publish(domain, mode, mx);
        }
        let home = town.host("home", &["198.51.100.10"]);
        Lab { town, authority, mx, old, web, home, names }
    })
}

/// The names, with policies of this version.
fn zone(version: &str) -> Zone {
    POLICIES.iter().fold(Zone::default().host("home.example", "198.51.100.10"), |zone, (domain, ..)| {
        let address = if *domain == "old.example" { "203.0.113.96" } else { "203.0.113.95" };
        zone.host(&format!("mx.{domain}"), address)
            .mx(domain, 10, &format!("mx.{domain}"))
            .nameless(&format!("mta-sts.{domain}"), "203.0.113.97")
            .text(&format!("_mta-sts.{domain}"), &format!("v=STSv1; id={version};"))
    })
}

impl Lab {
    fn rider(&self, name: &str) -> Rider {
        let rider = Rider::new(&self.home, name).trusting(&self.authority);
        rider.must(&["account", "add", ME, "--imap", "none", "--smtp", "none"], "");
        rider
    }
}

/// Sends a letter to the domain, and returns its timeline and its last attempt.
fn send(rider: &Rider, domain: &str) -> (Value, Value) {
    let to = format!("anna@{domain}");
    let sent = rider.must(&["send", "--to", &to, "--subject", "Policy", "--route", "direct"], "Hello Anna.\n");
    let attempt = rider.attempts(sent["id"].as_i64().expect("a number")).pop().expect("an attempt");
    (sent, attempt)
}

fn state(timeline: &Value) -> (&str, &str) {
    let recipient = &timeline["recipients"][0];
    (recipient["state"].as_str().expect("a state"), recipient["diagnosis"]["class"].as_str().unwrap_or_default())
}

fn assert_by_policy(sent: &Value, attempt: &Value) {
    assert_eq!(state(sent), ("accepted", ""), "{attempt:#}");
    assert_eq!(
        (&attempt["tls_policy"], &attempt["tls"]["verified"]),
        (&"mta-sts".into(), &true.into()),
        "{attempt:#}"
    );
    assert_eq!(attempt["tls"]["verified_by"], "authority", "{attempt:#}");
}

#[test]
fn a_host_that_the_policy_names_and_that_proves_it_gets_the_letter() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("good");
    for domain in ["good.example", "many.example"] {
        let (sent, attempt) = send(&rider, domain);
        assert_by_policy(&sent, &attempt);
        arrived(&lab.mx.maildir("anna", domain), sent["message_id"].as_str().expect("a Message-ID"));
    }
}

#[test]
fn a_host_that_the_policy_does_not_name_or_that_proves_nothing_is_told_nothing() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("refused");
    for (domain, postfix, why) in [
        ("mismatch.example", &lab.mx, "not a host that the policy of mismatch.example names"),
        ("old.example", &lab.old, "expired"),
    ] {
        let (sent, attempt) = send(&rider, domain);
        assert_eq!(state(&sent), ("deferred", "tls-policy"), "{sent:#}");
        assert!(attempt["error"].as_str().is_some_and(|error| error.contains(why)), "{attempt:#}");
        let said = rider.transcript(sent["id"].as_i64().expect("a number"));
        assert!(!said.contains("MAIL FROM"), "{said}");
        assert!(messages(&postfix.maildir("anna", domain)).is_empty());
    }
}

#[test]
fn a_policy_that_only_tests_lets_the_letter_go_and_says_what_it_would_have_refused() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let (sent, attempt) = send(&lab.rider("testing"), "testing.example");
    assert_eq!(state(&sent), ("accepted", ""), "{sent:#}");
    assert_eq!(attempt["tls_policy"], "opportunistic", "{attempt:#}");
    let notes = attempt["tls_notes"].to_string();
    assert!(notes.contains("testing.example"), "{attempt:#}");
}

#[test]
fn a_policy_that_can_no_longer_be_fetched_holds_until_its_time_is_over() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("cached");
    let (sent, attempt) = send(&rider, "cached.example");
    assert_by_policy(&sent, &attempt);
    let fetches = || lab.web.log().matches("mta-sts.cached.example").count();
    let first = fetches();
    let (sent, attempt) = send(&rider, "cached.example");
    assert_by_policy(&sent, &attempt);
    assert_eq!(fetches(), first, "what is known is not fetched again");

    lab.web.withdraw("cached.example");
    lab.names.serve_instead(&zone("2"));
    wait::until("the policy to be asked for again", Duration::from_secs(10), || {
        let (sent, attempt) = send(&rider, "cached.example");
        assert_by_policy(&sent, &attempt);
        lab.web.log().contains("mta-sts.cached.example 404").then_some(())
    });
}

#[test]
fn the_check_of_a_domain_says_before_sending_what_a_letter_would_meet() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("check");
    // The domain, what is found of its policy and of the encryption, the verdict; a host that is not named is not visited.
    let table = [
        ("good.example", "enforce", Some("verified"), "good"),
        ("testing.example", "not-enforced", Some("verified"), "good"),
        ("old.example", "enforce", Some("required-failed"), "blocked"),
        ("mismatch.example", "no-host-named", None, "blocked"),
    ];
    for (domain, policy, encryption, verdict) in table {
        let report = rider.must(&["check", "domain", domain], "");
        let found = |check: &str| {
            let findings = report["findings"].as_array().expect("findings");
            let finding = findings.iter().find(|finding| finding["check"] == check);
            finding.map(|finding| finding["found"].as_str().expect("a word"))
        };
        assert_eq!(
            (found("mta-sts"), found("starttls"), found("connect").is_some(), report["verdict"].as_str()),
            (Some(policy), encryption, encryption.is_some(), Some(verdict)),
            "{report:#}"
        );
    }
}
