//! Greylisting, by postgrey before the content and by rspamd after it: a stranger waits as long as it is told, not longer
//! and not shorter, comes again the same in every way, and is taken then.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use jiff::SignedDuration;
use postrider_lab::certificates::Authority;
use postrider_lab::maildir::{arrived, assert_carried_unchanged};
use postrider_lab::postfix::Plan;
use postrider_lab::postgrey::{POLICY, Postgrey};
use postrider_lab::rider::{Rider, time};
use postrider_lab::rspamd::{self, Rspamd};
use postrider_lab::town::Town;
use postrider_lab::wait;
use postrider_lab::zone::Zone;
use std::time::Duration;

/// What postgrey asks strangers to wait: the shortest wait that Postrider takes at its word.
const DELAY: Duration = Duration::from_secs(30);
/// The delay, what is added to a stated one, and time to spare.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_greylisted_letter_waits_as_long_as_it_was_told_and_does_not_delay_the_others() {
    let town = Town::open();
    let _logs = town.logs_on_failure();
    let _names = Zone::default()
        .host("home.example", "198.51.100.10")
        .host("mx.grey.example", "203.0.113.30")
        .mx("grey.example", 10, "mx.grey.example")
        .mx("known.example", 10, "mx.grey.example")
        .serve(&town);
    let authority = Authority::new(town.directory(), "authority");
    let host = town.host("grey", &["203.0.113.30"]);
    let _postgrey = Postgrey::start(&host, DELAY);
    // Only one of the domains asks postgrey.
    std::fs::write(host.directory().join("asking"), "grey.example asking\n").expect("a table can be written");
    let postfix = Plan::new("mx.grey.example")
        .certificate(&authority.certify("mx.grey.example", &host.directory()))
        .mailbox("greta", "grey.example")
        .mailbox("anna", "known.example")
        .set("smtpd_restriction_classes", "asking")
        .set("asking", POLICY)
        .set(
            "smtpd_recipient_restrictions",
            &format!("check_recipient_access texthash:{}/asking", host.directory().display()),
        )
        .start(&host);
    let home = town.host("home", &["198.51.100.10"]);
    let rider = Rider::new(&home, "rider").trusting(&authority);
    rider.must(&["account", "add", "you@home.example", "--imap", "none", "--smtp", "none"], "");

    let send = ["send", "--to", "greta@grey.example", "--to", "anna@known.example", "--subject", "Patience"];
    let sent = rider.must(&send, "Hello both.\n");
    let id = sent["id"].as_i64().expect("a number");
    let [greta, anna] = &sent["recipients"].as_array().expect("recipients")[..] else { panic!("two: {sent:#}") };
    assert_eq!((&greta["state"], &anna["state"]), (&"deferred".into(), &"accepted".into()), "{sent:#}");
    assert_eq!(greta["diagnosis"]["class"], "greylisted", "{sent:#}");
    let first = &greta["attempts"][0];
    assert_eq!((&first["phase"], &first["reply"]["code"]), (&"rcpt".into(), &450.into()), "{sent:#}");
    let pause = time(&greta["next_attempt_at"]).duration_since(time(&first["ended_at"]));
    let delay = SignedDuration::try_from(DELAY).expect("a short time");
    assert!(pause >= delay, "the stated delay is kept: {sent:#}");
    assert!(pause <= delay + SignedDuration::from_secs(6), "and not much more: {sent:#}");

    rider.run_queue();
    assert_eq!(
        rider.timeline(id)["recipients"][0]["attempts"].as_array().map(Vec::len),
        Some(1),
        "nothing is due yet"
    );

    let _runner = rider.start(&["queue", "run"], "runner");
    let taken = wait::until("the greylisted letter to be taken", PATIENCE, || {
        Some(rider.timeline(id)).filter(|timeline| timeline["recipients"][0]["state"] == "accepted")
    });
    let [first, second] = &taken["recipients"][0]["attempts"].as_array().expect("attempts")[..] else {
        panic!("two attempts: {taken:#}")
    };
    assert!(time(&second["started_at"]) >= time(&greta["next_attempt_at"]), "{taken:#}");
    assert_eq!((&first["address"], &first["host"]), (&second["address"], &second["host"]));
    let message_id = sent["message_id"].as_str().expect("a Message-ID");
    let letter = arrived(&postfix.maildir("greta", "grey.example"), message_id);
    let trace = String::from_utf8_lossy(&letter).into_owned();
    assert!(trace.contains("X-Greylist: delayed"), "postgrey says that it was delayed: {trace}");
    assert_carried_unchanged(&rider.queued(id), &arrived(&postfix.maildir("anna", "known.example"), message_id));
}

#[test]
fn a_letter_that_was_greylisted_after_its_content_comes_again_the_same_in_every_way() {
    let town = Town::open();
    let _logs = town.logs_on_failure();
    let _names = Zone::default()
        .host("home.example", "198.51.100.10")
        .host("mx.milter.example", "203.0.113.31")
        .mx("milter.example", 10, "mx.milter.example")
        .serve(&town);
    let host = town.host("milter", &["203.0.113.31"]);
    let rspamd = Rspamd::start(&host, Duration::from_secs(4));
    let postfix = Plan::new("mx.milter.example")
        .mailbox("greta", "milter.example")
        .set("smtpd_milters", rspamd::MILTER)
        .set("milter_default_action", "tempfail")
        .start(&host);
    let rider = Rider::new(&town.host("home", &["198.51.100.10", "198.51.100.11"]), "rider");
    rider.must(&["account", "add", "you@home.example", "--imap", "none", "--smtp", "none"], "");
    rider.set("outbound.greylist_schedule", "5s");

    let send = ["send", "--to", "greta@milter.example", "--subject", "Patience"];
    let sent = rider.must(&send, "Hello Greta.\n");
    let id = sent["id"].as_i64().expect("a number");
    let greta = &sent["recipients"][0];
    assert_eq!(
        (&greta["state"], &greta["diagnosis"]["class"]),
        (&"deferred".into(), &"greylisted".into()),
        "{sent:#}"
    );
    let first = &greta["attempts"][0];
    assert_eq!((&first["phase"], &first["reply"]["code"]), (&"body".into(), &451.into()), "{sent:#}");

    let _runner = rider.start(&["queue", "run"], "runner");
    let taken = wait::until("the greylisted letter to be taken", PATIENCE, || {
        Some(rider.timeline(id)).filter(|timeline| timeline["recipients"][0]["state"] == "accepted")
    });
    let attempts = taken["recipients"][0]["attempts"].as_array().expect("attempts");
    assert_eq!(attempts.len(), 2, "{taken:#}");
    assert!(attempts.iter().all(|attempt| attempt["address"] == first["address"]), "{taken:#}");
    let letter =
        arrived(&postfix.maildir("greta", "milter.example"), sent["message_id"].as_str().expect("a Message-ID"));
    assert_carried_unchanged(&rider.queued(id), &letter);
    let log = rspamd.log();
    let asked: Vec<_> =
        log.lines().filter(|line| line.contains("rspamd_task_write_log")).map(what_it_goes_by).collect();
    assert_eq!(asked.len(), 2, "{log}");
    assert_eq!(asked[0], asked[1]);
    assert_eq!(postfix.log().matches(": client=home.example[198.51.100.10]").count(), 2, "{}", postfix.log());
}

/// By what rspamd knows a letter again: the address it comes from, the envelope, and the message.
fn what_it_goes_by(line: &str) -> [&str; 4] {
    ["ip: ", "from: ", "rcpts: ", "digest: "].map(|name| {
        let (_, rest) = line.split_once(name).expect("rspamd names it");
        rest.split([',', ' ']).next().expect("a value")
    })
}
