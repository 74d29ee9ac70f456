//! Logging in at a smart host in every way there is, and several smart hosts of which the first cannot be reached.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::dovecot::{Dovecot, auth_socket};
use postrider_lab::maildir::arrived;
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::web::Web;
use postrider_lab::zone::{NameServer, Zone};
use serde_json::Value;
use std::sync::OnceLock;

const ME: &str = "you@home.example";
const PASSWORD: &str = "correct horse battery staple";
const TOKEN: &str = "ya29.a0ARrdaM-token_of_today";
const MECHANISMS: &str = "plain login scram-sha-256 oauthbearer xoauth2";
/// A port for each way to log in that is offered there alone; 587 offers all of them.
const PORTS: [(u16, &str); 3] = [(2501, "plain"), (2502, "login"), (2503, "xoauth2")];

struct Lab {
    town: Town,
    authority: Authority,
    mx: Postfix,
    relay: Postfix,
    home: Host,
    _servers: (NameServer, Dovecot, Web),
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let names = Zone::default()
            .host("home.example", "198.51.100.10")
            .host("post.home.example", "203.0.113.40")
            .host("shut.home.example", "203.0.113.41")
            .host("mx.one.example", "192.0.2.11")
            .mx("one.example", 10, "mx.one.example")
            .mx("two.example", 10, "mx.one.example")
            .serve(&town);
        let authority = Authority::new(town.directory(), "authority");
        let host = town.host("post", &["203.0.113.40"]);
        town.host("shut", &["203.0.113.41"]);
        let certificate = authority.certify("post.home.example", &host.directory());
        let plan = Plan::new("post.home.example").certificate(&certificate).submission(&auth_socket(&host));
        let plan = PORTS.iter().fold(plan, |plan, (port, mechanism)| plan.submission_with(*port, mechanism));
        let relay = plan.start(&host);
        let tokens = Web::of_tokens(&host, &[(TOKEN, ME)]);
        let logins = Dovecot::offering(MECHANISMS, &host, &certificate, &[(ME, PASSWORD)]);
        let host = town.host("mx", &["192.0.2.11"]);
        let mx =
            Plan::new("mx.one.example").mailbox("anna", "one.example").mailbox("anna", "two.example").start(&host);
        let home = town.host("home", &["198.51.100.10"]);
        Lab { town, authority, mx, relay, home, _servers: (names, logins, tokens) }
    })
}

impl Lab {
    fn rider(&self, name: &str) -> Rider {
        let rider = Rider::new(&self.home, name).trusting(&self.authority);
        rider.must(&["account", "add", ME, "--imap", "none", "--smtp", "none"], "");
        rider
    }
}

/// Adds a smart host under a name; the login is tested first unless `how` says otherwise.
fn add(rider: &Rider, name: &str, server: &str, how: &[&str], secret: &str) {
    let add = ["account", "smart-host", "add", ME, server, "--name", name, "--password-stdin"];
    rider.must(&[&add, how].concat(), &format!("{secret}\n"));
}

fn send(rider: &Rider, to: &str, route: &str) -> Value {
    rider.must(&["send", "--to", to, "--subject", "By way of the smart host", "--route", route], "Hello Anna.\n")
}

fn state(timeline: &Value) -> (&str, &str) {
    let recipient = &timeline["recipients"][0];
    (recipient["state"].as_str().expect("a state"), recipient["diagnosis"]["class"].as_str().unwrap_or_default())
}

#[test]
fn the_strongest_way_to_log_in_that_is_offered_is_taken() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("ways");
    let password: &[&str] = &[];
    for (port, how, secret, method) in [
        (587, password, PASSWORD, "SCRAM-SHA-256"),
        (2501, password, PASSWORD, "PLAIN"),
        (2502, password, PASSWORD, "LOGIN"),
        (587, &["--token"], TOKEN, "OAUTHBEARER"),
        (2503, &["--token"], TOKEN, "XOAUTH2"),
    ] {
        add(&rider, method, &format!("post.home.example:{port}"), how, secret);
        let sent = send(&rider, "anna@one.example", method);
        assert_eq!(state(&sent), ("relayed", ""), "{method}: {sent:#}");
        assert_eq!(sent["recipients"][0]["attempts"][0]["tls"]["verified"], true, "{sent:#}");
        let seen = format!("sasl_method={method}, sasl_username={ME}");
        assert!(lab.relay.log().contains(&seen), "Postfix saw the login {seen}\n{}", lab.relay.log());
        arrived(&lab.mx.maildir("anna", "one.example"), sent["message_id"].as_str().expect("a Message-ID"));
        let said = rider.transcript(sent["id"].as_i64().expect("a number"));
        assert!(!said.contains(secret), "the transcript keeps no secret: {said}");
    }
}

#[test]
fn a_token_that_is_worth_nothing_any_more_keeps_the_letter_and_uses_up_no_try() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("token");
    let yesterday = "ya29.token_of_yesterday";
    for (name, server) in [("bearer", "post.home.example:587"), ("x", "post.home.example:2503")] {
        add(&rider, name, server, &["--token", "--untested"], yesterday);
        let sent = send(&rider, "anna@one.example", name);
        assert_eq!(state(&sent), ("deferred", "auth-failed"), "{sent:#}");
        let recipient = &sent["recipients"][0];
        assert_eq!(
            (&recipient["diagnosis"]["who_acts"], &recipient["attempts"][0]["phase"]),
            (&"you".into(), &"auth".into())
        );
        assert_eq!(rider.tries(sent["id"].as_i64().expect("a number")), 0, "no try is used up");
    }
}

#[test]
fn where_the_first_smart_host_cannot_be_reached_the_next_takes_the_letter() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("next");
    add(&rider, "first", "shut.home.example:587", &["--untested"], PASSWORD);
    add(&rider, "second", "post.home.example:587", &[], PASSWORD);
    let sent = send(&rider, "anna@one.example", "auto");
    assert_eq!(state(&sent), ("relayed", ""), "{sent:#}");
    let attempts = sent["recipients"][0]["attempts"].as_array().expect("attempts");
    let hosts: Vec<&Value> = attempts.iter().map(|attempt| &attempt["host"]).collect();
    assert_eq!(hosts, ["shut.home.example", "post.home.example"], "{sent:#}");
    assert_eq!((&attempts[0]["route"], &attempts[1]["route"]), (&"first".into(), &"second".into()), "{sent:#}");
    arrived(&lab.mx.maildir("anna", "one.example"), sent["message_id"].as_str().expect("a Message-ID"));
}

#[test]
fn a_rule_chooses_the_way_for_a_domain() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("rules");
    add(&rider, "post", "post.home.example:587", &[], PASSWORD);
    rider.must(&["account", "rule", "add", ME, "two.example", "direct"], "");
    let sent = rider.must(
        &["send", "--to", "anna@one.example", "--to", "anna@two.example", "--subject", "Two ways"],
        "Hello Anna.\n",
    );
    let [one, two] = &sent["recipients"].as_array().expect("recipients")[..] else { panic!("two: {sent:#}") };
    assert_eq!((&one["state"], &one["attempts"][0]["route"]), (&"relayed".into(), &"post".into()), "{sent:#}");
    assert_eq!((&two["state"], &two["attempts"][0]["route"]), (&"accepted".into(), &"direct".into()), "{sent:#}");
}
