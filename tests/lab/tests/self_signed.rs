//! Servers for whose certificate nobody vouches: refused with their fingerprint, believed where the user says so, and
//! refused again as soon as they show another. No password is told before that.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Certificate;
use postrider_lab::dovecot::{Dovecot, auth_socket};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::program::run;
use postrider_lab::rider::{Refusal, Rider};
use postrider_lab::town::{Host, Town};
use postrider_lab::wait;
use postrider_lab::zone::{NameServer, Zone};
use serde_json::Value;
use std::fs;
use std::time::Duration;

const SERVER: &str = "post.home.example";
const ADDRESS: &str = "box@home.example";
const PASSWORD: &str = "correct horse battery staple";

struct Lab {
    town: Town,
    rider: Rider,
    host: Host,
    certificate: Certificate,
    dovecot: Dovecot,
    post: Postfix,
    _names: NameServer,
}

impl Lab {
    fn open() -> Self {
        let town = Town::open();
        let names = Zone::default()
            .host("desk.home.example", "198.51.100.10")
            .host(SERVER, "203.0.113.40")
            .mx("home.example", 10, SERVER)
            .serve(&town);
        let host = town.host("post", &["203.0.113.40"]);
        let certificate = Certificate::self_signed(SERVER, &host.directory());
        let plan = Plan::new(SERVER).certificate(&certificate).submission(&auth_socket(&host));
        let post = plan.mailbox("box", "home.example").start(&host);
        let dovecot = Dovecot::start(&host, &certificate, &[(ADDRESS, PASSWORD)]);
        let rider = Rider::new(&town.host("home", &["198.51.100.10"]), "desk");
        Self { town, rider, host, certificate, dovecot, post, _names: names }
    }

    /// `account add`, with more words.
    fn add(&self, more: &[&str]) -> Result<Value, Refusal> {
        let add = ["account", "add", ADDRESS, "--imap", &format!("{SERVER}:993"), "--smtp", &format!("{SERVER}:587")];
        let add = [&add[..], &["--password-stdin"], more].concat();
        self.rider.try_to(&add, format!("{PASSWORD}\n").as_bytes())
    }

    /// Both servers show another certificate from now on; returns its fingerprint.
    fn another_certificate(&self) -> String {
        let other = Certificate::self_signed(SERVER, &self.host.directory());
        self.dovecot.ask(&["reload"]);
        self.post.change("smtpd_tls_loglevel", "1");
        let fingerprint = other.fingerprint();
        let look =
            "openssl s_client -connect 127.0.0.1:993 </dev/null 2>/dev/null | openssl x509 -outform DER | sha256sum";
        wait::until("Dovecot to show it", Duration::from_secs(20), || {
            let shown = run(self.host.server("sh").args(["-c", look]));
            shown.starts_with(&fingerprint).then_some(())
        });
        fingerprint
    }

    fn logins(&self) -> usize {
        let at_dovecot = fs::read_to_string(self.host.directory().join("dovecot.log")).unwrap();
        at_dovecot.matches("Login: user=").count() + self.post.log().matches("sasl_method=").count()
    }

    fn send(&self) -> Value {
        let send = ["send", "--to", ADDRESS, "--subject", "To myself", "--route", SERVER];
        self.rider.must(&send, "Hello.\n")["recipients"][0].take()
    }

    /// Neither server is believed, and neither is told a password. What is said of it.
    fn assert_refused(&self, why: &str) -> String {
        let before = self.logins();
        let refusal = self.rider.try_to(&["sync"], b"").expect_err(why);
        assert_eq!(refusal.error["code"], "tls-untrusted", "{why}: {refusal:?}");
        let recipient = self.send();
        assert_eq!(recipient["state"], "deferred", "{why}: {recipient:#}");
        assert_eq!(self.logins(), before, "{why}: nothing was told");
        refusal.error["message"].as_str().unwrap().to_owned()
    }

    fn assert_believed(&self, why: &str) {
        let reports = self.rider.must(&["sync"], "");
        assert!(reports[0]["error"].is_null(), "{why}: {reports:#}");
        let recipient = self.send();
        assert_eq!(recipient["state"], "relayed", "{why}: {recipient:#}");
    }

    fn trust(&self, fingerprint: &str) {
        self.rider.must(&["account", "trust", ADDRESS, fingerprint], "");
        self.rider.must(&["account", "trust", ADDRESS, fingerprint, "--smart-host", SERVER], "");
    }
}

#[test]
fn a_certificate_is_believed_that_the_user_named_and_no_other() {
    let lab = Lab::open();
    let _logs = lab.town.logs_on_failure();
    let first = lab.certificate.fingerprint();
    let refusal = lab.add(&[]).expect_err("nobody vouches for it");
    assert_eq!(refusal.error["code"], "tls-untrusted", "{refusal:?}");
    let hint = refusal.error["hint"].as_str().unwrap();
    assert!(hint.contains(&first) && hint.contains("signed by itself") && hint.contains(SERVER), "{hint}");
    let wrong = lab.add(&["--trust", &"0".repeat(64)]).expect_err("it is another one");
    assert_eq!(wrong.error["code"], "tls-untrusted", "{wrong:?}");
    assert_eq!((lab.logins(), lab.rider.must(&["account", "list"], "").as_array().map(Vec::len)), (0, Some(0)));

    lab.add(&["--trust", &first]).expect("the user said so");
    lab.assert_believed("as long as it stays the same");

    let second = lab.another_certificate();
    let said = lab.assert_refused("another one may be anybody's");
    assert!(said.contains(&first) && said.contains(&second), "both are shown: {said}");
    lab.trust(&second);
    lab.assert_believed("the user compared this one too");
    lab.trust("none");
    lab.assert_refused("the user takes it back");
}
