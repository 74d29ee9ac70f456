//! DANE (RFC 7672): hosts whose keys are named in a signed zone, rightly and wrongly; a zone that is not signed; and one
//! whose signatures have run out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::maildir::{arrived, messages};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::zone::{NameServer, Signing, Zone};
use serde_json::Value;
use std::sync::OnceLock;

const ME: &str = "you@home.example";
/// All are the same host, whose certificate no authority that we trust has signed.
const DOMAINS: [&str; 6] =
    ["key.example", "authority.example", "wrong.example", "unsigned.example", "elsewhere.example", "expired.example"];

struct Lab {
    town: Town,
    mx: Postfix,
    home: Host,
    names: NameServer,
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let stranger = Authority::new(town.directory(), "stranger");
        let host = town.host("mx", &["203.0.113.90"]);
        let hosts = DOMAINS.map(|domain| format!("mx.{domain}"));
        let certificate = stranger.certify_all(&hosts.each_ref().map(String::as_str), &host.directory());
        let right = format!("3 1 1 {}", certificate.key_digest());
        let wrong = format!("3 1 1 {}", "0123456789abcdef".repeat(4));
        let zone = DOMAINS.iter().zip(&hosts).fold(Zone::default().signed(), |zone, (domain, host)| {
            zone.host(host, "203.0.113.90").mx(domain, 10, host)
        });
        let names = zone
            .host("home.example", "198.51.100.10")
            .record("_25._tcp.mx.key.example", "TLSA", &right)
            .record("_25._tcp.mx.authority.example", "TLSA", &format!("2 0 1 {}", stranger.digest()))
            .record("_25._tcp.mx.wrong.example", "TLSA", &wrong)
            // What nobody signed binds nobody.
            .part("unsigned.example", Signing::Absent)
            .record("_25._tcp.mx.unsigned.example", "TLSA", &wrong)
            .part("mx.elsewhere.example", Signing::Absent)
            .record("_25._tcp.mx.elsewhere.example", "TLSA", &wrong)
            .part("expired.example", Signing::Expired)
            .record("_25._tcp.mx.expired.example", "TLSA", &right)
            .serve(&town);
        let plan = Plan::new("mx.key.example").certificate(&certificate);
        let mx = DOMAINS.iter().fold(plan, |plan, domain| plan.mailbox("anna", domain)).start(&host);
        let home = town.host("home", &["198.51.100.10"]);
        Lab { town, mx, home, names }
    })
}

impl Lab {
    fn rider(&self, name: &str, dane: &str) -> Rider {
        let rider = Rider::new(&self.home, name);
        rider.set("net.trust_anchor", &self.names.trust_anchor().display().to_string());
        rider.set("outbound.dane", dane);
        rider.must(&["account", "add", ME, "--imap", "none", "--smtp", "none"], "");
        rider
    }

    /// Sends a letter to the domain, and returns the state it came to, the class of its trouble, and its last attempt.
    fn send(&self, rider: &Rider, domain: &str) -> (String, Value, Value) {
        let to = format!("anna@{domain}");
        let sent = rider.must(&["send", "--to", &to, "--subject", "Proof", "--route", "direct"], "Hello Anna.\n");
        let recipient = &sent["recipients"][0];
        let state = recipient["state"].as_str().expect("a state").to_owned();
        if state == "accepted" {
            arrived(&self.mx.maildir("anna", domain), sent["message_id"].as_str().expect("a Message-ID"));
        }
        let attempt = rider.attempts(sent["id"].as_i64().expect("a number")).pop().expect("an attempt");
        (state, recipient["diagnosis"]["class"].clone(), attempt)
    }
}

#[test]
fn a_host_is_who_a_signed_zone_says_by_its_key_or_by_its_authority() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("right", "when-proven");
    for domain in ["key.example", "authority.example"] {
        let (state, _, attempt) = lab.send(&rider, domain);
        assert_eq!(state, "accepted", "{attempt:#}");
        let tls = &attempt["tls"];
        assert_eq!((&attempt["tls_policy"], &tls["verified"]), (&"dane".into(), &true.into()), "{attempt:#}");
        assert_eq!(tls["verified_by"], "tlsa", "{attempt:#}");
    }
}

#[test]
fn a_host_with_another_key_than_a_signed_zone_names_gets_no_letter() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("wrong", "when-proven");
    let (state, class, attempt) = lab.send(&rider, "wrong.example");
    assert_eq!((state.as_str(), class), ("deferred", "tls-policy".into()), "{attempt:#}");
    assert_eq!((&attempt["tls_policy"], &attempt["phase"]), (&"dane".into(), &"tls".into()), "{attempt:#}");
    assert!(messages(&lab.mx.maildir("anna", "wrong.example")).is_empty());

    rider.set("outbound.dane", "off");
    let (state, _, attempt) = lab.send(&rider, "wrong.example");
    assert_eq!((state.as_str(), &attempt["tls_policy"]), ("accepted", &"opportunistic".into()), "{attempt:#}");
}

#[test]
fn what_no_signature_covers_binds_nobody() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("unsigned", "strict");
    for domain in ["unsigned.example", "elsewhere.example"] {
        let (state, _, attempt) = lab.send(&rider, domain);
        assert_eq!(state, "accepted", "{attempt:#}");
        assert_eq!(attempt["tls_policy"], "opportunistic", "{attempt:#}");
        assert_eq!(attempt["tls"]["verified"], false, "{attempt:#}");
    }
}

#[test]
fn signatures_that_have_run_out_let_a_letter_wait_only_where_the_setting_is_strict() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let (state, _, attempt) = lab.send(&lab.rider("lenient", "when-proven"), "expired.example");
    assert_eq!((state.as_str(), &attempt["tls_policy"]), ("accepted", &"opportunistic".into()), "{attempt:#}");
    let before = messages(&lab.mx.maildir("anna", "expired.example")).len();
    let (state, class, attempt) = lab.send(&lab.rider("strict", "strict"), "expired.example");
    assert_eq!((state.as_str(), class), ("deferred", "tls-policy".into()), "{attempt:#}");
    assert_eq!(messages(&lab.mx.maildir("anna", "expired.example")).len(), before);
}
