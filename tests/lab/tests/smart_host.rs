//! A smart host: Postfix with logins kept by Dovecot. Submission over STARTTLS and over implicit TLS, a wrong password,
//! and a certificate that nobody vouches for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::dovecot::{Dovecot, auth_socket};
use postrider_lab::maildir::{arrived, assert_carried_unchanged, with_id};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::zone::{NameServer, Zone};
use serde_json::{Value, json};
use std::sync::OnceLock;

const ME: &str = "you@home.example";
const PASSWORD: &str = "correct horse battery staple";
const TO: &str = "anna@one.example";

struct Lab {
    town: Town,
    authority: Authority,
    mx: Postfix,
    relay: Postfix,
    home: Host,
    _servers: (NameServer, Dovecot, Dovecot, Postfix),
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let names = Zone::default()
            .host("home.example", "198.51.100.10")
            .host("post.home.example", "203.0.113.40")
            .host("shady.home.example", "203.0.113.41")
            .host("mx.one.example", "192.0.2.11")
            .mx("one.example", 10, "mx.one.example")
            .serve(&town);
        let authority = Authority::new(town.directory(), "authority");
        let stranger = Authority::new(town.directory(), "stranger");
        let (relay, logins) = relay(&town, "post", "203.0.113.40", &authority);
        let (shady, shady_logins) = relay_of_a_stranger(&town, &stranger);
        let mx = Plan::new("mx.one.example").mailbox("anna", "one.example").start(&town.host("mx", &["192.0.2.11"]));
        let home = town.host("home", &["198.51.100.10"]);
        Lab { town, authority, mx, relay, home, _servers: (names, logins, shady_logins, shady) }
    })
}

fn relay_of_a_stranger(town: &Town, stranger: &Authority) -> (Postfix, Dovecot) {
    relay(town, "shady", "203.0.113.41", stranger)
}

fn relay(town: &Town, name: &str, address: &str, authority: &Authority) -> (Postfix, Dovecot) {
    let host = town.host(name, &[address]);
    let domain = format!("{name}.home.example");
    let certificate = authority.certify(&domain, &host.directory());
    let postfix = Plan::new(&domain).certificate(&certificate).submission(&auth_socket(&host)).start(&host);
    (postfix, Dovecot::start(&host, &certificate, &[(ME, PASSWORD)]))
}

impl Lab {
    /// A user with this smart host; whether the login is tested says `how`.
    fn rider(&self, name: &str, smtp: &str, password: &str, how: &[&str]) -> Rider {
        let rider = Rider::new(&self.home, name).trusting(&self.authority);
        let add = ["account", "add", ME, "--imap", "none", "--smtp", smtp, "--password-stdin"];
        rider.must(&[&add, how].concat(), &format!("{password}\n"));
        rider
    }

    fn send(&self, rider: &Rider, smart_host: &str) -> Value {
        let send = ["send", "--to", TO, "--subject", "By way of the smart host", "--route", smart_host];
        rider.must(&send, ".Hello Anna.\n")
    }

    fn maildir(&self) -> std::path::PathBuf {
        self.mx.maildir("anna", "one.example")
    }

    fn assert_relayed(&self, rider: &Rider, timeline: &Value, attempts: usize) {
        let recipient = &timeline["recipients"][0];
        assert_eq!(recipient["state"], "relayed", "{timeline:#}");
        let made = recipient["attempts"].as_array().expect("attempts");
        assert_eq!(made.len(), attempts, "{timeline:#}");
        let last = made.last().expect("an attempt");
        assert_eq!(
            (&last["host"], &last["tls"]["verified"]),
            (&self.relay.name().into(), &true.into()),
            "{timeline:#}"
        );
        let message_id = timeline["message_id"].as_str().expect("a Message-ID");
        let letter = arrived(&self.maildir(), message_id);
        assert_carried_unchanged(&rider.queued(timeline["id"].as_i64().expect("a number")), &letter);
    }
}

#[test]
fn a_letter_goes_through_the_smart_host_after_a_login_over_starttls() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("starttls", "post.home.example:587", PASSWORD, &[]);
    lab.assert_relayed(&rider, &lab.send(&rider, "post.home.example"), 1);
    assert!(lab.relay.log().contains(&format!("sasl_username={ME}")), "Postfix saw the login");
}

#[test]
fn a_letter_goes_through_the_smart_host_after_a_login_over_implicit_tls() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("tls", "post.home.example:465", PASSWORD, &[]);
    lab.assert_relayed(&rider, &lab.send(&rider, "post.home.example"), 1);
}

#[test]
fn auto_takes_the_smart_host_of_the_account() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("auto", "post.home.example:587", PASSWORD, &[]);
    lab.assert_relayed(&rider, &lab.send(&rider, "auto"), 1);
}

#[test]
fn a_wrong_password_keeps_the_letter_without_using_up_a_try_until_the_right_one_is_given() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("password", "post.home.example:587", "wrong", &["--untested"]);
    let sent = lab.send(&rider, "post.home.example");
    let (id, recipient) = (sent["id"].as_i64().expect("a number"), &sent["recipients"][0]);
    assert_eq!((&recipient["state"], &recipient["diagnosis"]["class"]), (&"deferred".into(), &"auth-failed".into()));
    assert_eq!(recipient["diagnosis"]["who_acts"], "you", "{sent:#}");
    let attempt = &recipient["attempts"][0];
    assert_eq!((&attempt["phase"], &attempt["reply"]["code"]), (&"auth".into(), &535.into()), "{sent:#}");
    assert_eq!(rider.tries(id), 0, "no try is used up");
    rider.run_queue();
    assert_eq!(rider.timeline(id)["recipients"][0]["attempts"].as_array().map(Vec::len), Some(1), "it waits for us");

    let account = rider.must(&["account", "list"], "")[0]["id"].clone();
    rider.call("account_password", &json!({ "account": account, "password": PASSWORD }));
    rider.run_queue();
    lab.assert_relayed(&rider, &rider.timeline(id), 2);
}

#[test]
fn a_login_that_is_refused_adds_no_account() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = Rider::new(&lab.home, "refused").trusting(&lab.authority);
    let add = ["account", "add", ME, "--imap", "none", "--smtp", "post.home.example:587", "--password-stdin"];
    let refusal = rider.try_to(&add, b"wrong\n").expect_err("a wrong password");
    assert_eq!((&refusal.error["code"], refusal.exit), (&"auth-failed".into(), Some(77)), "{refusal:?}");
    assert_eq!(rider.must(&["account", "list"], ""), json!([]));
}

#[test]
fn a_smart_host_whose_certificate_nobody_vouches_for_gets_neither_password_nor_letter() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    for (name, smtp) in [("shady-starttls", "shady.home.example:587"), ("shady-tls", "shady.home.example:465")] {
        let rider = lab.rider(name, smtp, PASSWORD, &["--untested"]);
        let sent = lab.send(&rider, "shady.home.example");
        let recipient = &sent["recipients"][0];
        assert_eq!(
            (&recipient["state"], &recipient["diagnosis"]["class"]),
            (&"deferred".into(), &"tls-policy".into()),
            "{sent:#}"
        );
        let attempt = &recipient["attempts"][0];
        assert_eq!((&attempt["phase"], &attempt["reply"]), (&"tls".into(), &Value::Null), "{sent:#}");
        assert!(with_id(&lab.maildir(), sent["message_id"].as_str().expect("a Message-ID")).is_empty());
    }
}
