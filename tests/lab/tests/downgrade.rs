//! A host that offered encryption and does not any more: it is shown, and refused where the setting says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::maildir::messages;
use postrider_lab::postfix::Plan;
use postrider_lab::rider::Rider;
use postrider_lab::town::Town;
use postrider_lab::wait;
use postrider_lab::zone::Zone;
use serde_json::Value;
use std::time::Duration;

const TO: &str = "anna@one.example";

#[test]
fn encryption_that_was_there_and_is_gone_is_shown_or_refused_as_the_setting_says() {
    let town = Town::open();
    let _logs = town.logs_on_failure();
    let _names = Zone::default()
        .host("home.example", "198.51.100.10")
        .host("mx.one.example", "203.0.113.11")
        .mx("one.example", 10, "mx.one.example")
        .serve(&town);
    let authority = Authority::new(town.directory(), "authority");
    let host = town.host("one", &["203.0.113.11"]);
    let certificate = authority.certify("mx.one.example", &host.directory());
    let postfix = Plan::new("mx.one.example").certificate(&certificate).mailbox("anna", "one.example").start(&host);
    let home = town.host("home", &["198.51.100.10"]);
    let riders = ["show", "refuse"].map(|rule| {
        let rider = Rider::new(&home, rule).trusting(&authority);
        rider.set("outbound.downgrade", rule);
        rider.must(&["account", "add", "you@home.example", "--imap", "none", "--smtp", "none"], "");
        rider
    });
    for rider in &riders {
        let (state, attempt) = send(rider);
        assert_eq!((state.as_str(), &attempt["tls"]["verified"]), ("accepted", &true.into()), "{attempt:#}");
    }

    postfix.change("smtpd_tls_security_level", "none");
    let [show, refuse] = riders;
    let (state, attempt) = send(&show);
    assert_eq!((state.as_str(), &attempt["tls"]), ("accepted", &Value::Null), "{attempt:#}");
    assert!(attempt["tls_notes"].as_array().is_some_and(|notes| !notes.is_empty()), "it is shown: {attempt:#}");

    let (state, attempt) = send(&refuse);
    assert_eq!((state.as_str(), &attempt["diagnosis"]["class"]), ("deferred", &"tls-policy".into()), "{attempt:#}");
    let maildir = postfix.maildir("anna", "one.example");
    let came = wait::until("the letters", Duration::from_secs(10), || {
        Some(messages(&maildir).len()).filter(|came| *came >= 3)
    });
    assert_eq!(came, 3, "the refused host was told nothing");
}

/// The state of a new letter, and its last attempt.
fn send(rider: &Rider) -> (String, Value) {
    let sent = rider.must(&["send", "--to", TO, "--subject", "Closed", "--route", "direct"], "Hello Anna.\n");
    let state = sent["recipients"][0]["state"].as_str().expect("a state").to_owned();
    (state, rider.attempts(sent["id"].as_i64().expect("a number")).pop().expect("an attempt"))
}
