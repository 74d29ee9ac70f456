//! The mark beside a sender: letters that OpenDKIM signed, altered ones, ones whose key is gone, and ones in which a
//! stranger says that all is well; where the own server looked at them too, and where only Postrider does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::dovecot::Dovecot;
use postrider_lab::maildir::arrived;
use postrider_lab::opendkim::{Key, MILTER, OpenDkim};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::zone::{NameServer, Zone};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery staple";
/// Whose server looks at signatures, and whose does not.
const LOOKED_AT: &str = "home.example";
const NOT_LOOKED_AT: &str = "plain.example";

struct Lab {
    town: Town,
    /// Signs for shop.example, whose key DNS has, and for lost.example, whose key it has no more.
    signer: Postfix,
    /// Signs nothing, and says anything.
    stranger: Postfix,
    own: [(&'static str, Postfix); 2],
    rider: Rider,
    _servers: (NameServer, [Dovecot; 2], [OpenDkim; 2]),
}

impl Lab {
    fn open() -> Self {
        let town = Town::open();
        let [shop, lost] = ["shop.example", "lost.example"].map(|domain| Key::new(town.directory(), domain));
        let names = Zone::default()
            .host("desk.home.example", "198.51.100.10")
            .host("post.home.example", "203.0.113.40")
            .mx(LOOKED_AT, 10, "post.home.example")
            .host("post.plain.example", "203.0.113.41")
            .mx(NOT_LOOKED_AT, 10, "post.plain.example")
            .host("mx.shop.example", "192.0.2.11")
            .host("mx.stranger.example", "192.0.2.66")
            .record(&shop.name(), "TXT", &shop.record())
            .serve(&town);
        let authority = Authority::new(town.directory(), "authority");
        let signing = |plan: Plan| plan.set("smtpd_milters", MILTER).set("non_smtpd_milters", MILTER);
        let host = town.host("signer", &["192.0.2.11"]);
        let signs = OpenDkim::signing(&host, &[&shop, &lost]);
        let signer = signing(Plan::new("mx.shop.example")).start(&host);
        let stranger = Plan::new("mx.stranger.example").start(&town.host("stranger", &["192.0.2.66"]));
        let host = town.host("home", &["203.0.113.40"]);
        let verifies = OpenDkim::verifying(&host, "post.home.example");
        let (looks, one) = own_server(&authority, &host, LOOKED_AT, signing);
        let host = town.host("plain", &["203.0.113.41"]);
        let (trusts, two) = own_server(&authority, &host, NOT_LOOKED_AT, |plan| plan);
        let rider = Rider::new(&town.host("desk", &["198.51.100.10"]), "desk").trusting(&authority);
        for domain in [LOOKED_AT, NOT_LOOKED_AT] {
            let (address, imap) = (format!("you@{domain}"), format!("post.{domain}:993"));
            let add = ["account", "add", &address, "--imap", &imap, "--smtp", "none", "--password-stdin"];
            rider.must(&add, &format!("{PASSWORD}\n"));
        }
        let own = [(LOOKED_AT, looks), (NOT_LOOKED_AT, trusts)];
        Self { town, signer, stranger, own, rider, _servers: (names, [one, two], [signs, verifies]) }
    }

    /// Sends a letter to both accounts, and waits for it.
    fn send(&self, from: &Postfix, letter: &Letter) {
        for (domain, post) in &self.own {
            let to = format!("you@{domain}");
            from.submit("bounces@stranger.example", &to, &letter.to(&to));
            arrived(&post.maildir("you", domain), &letter.name(&to));
        }
    }

    /// Has a letter signed and carried elsewhere, and has a stranger bring it to both accounts with another text.
    fn send_altered(&self, letter: &Letter) {
        let (_, drop) = &self.own[1];
        for (domain, post) in &self.own {
            let to = format!("you@{domain}");
            self.signer.submit("bounces@shop.example", &format!("drop@{NOT_LOOKED_AT}"), &letter.to(&to));
            let signed = arrived(&drop.maildir("drop", NOT_LOOKED_AT), &letter.name(&to));
            let signed = String::from_utf8(signed).unwrap();
            let at = signed.find("DKIM-Signature:").expect("it is signed");
            let altered = signed[at..].replace("100 roses", "900 roses");
            self.stranger.submit("bounces@stranger.example", &to, &altered);
            arrived(&post.maildir("you", domain), &letter.name(&to));
        }
    }

    /// What is said of the letter with this subject in the account of a domain.
    fn asked(&self, call: &str, domain: &str, subject: &str) -> Value {
        let rows = self.rider.must(&["search", &format!("subject:\"{subject}\" to:you@{domain}")], "");
        let [row] = rows.as_array().unwrap().as_slice() else { panic!("one “{subject}” at {domain}: {rows:#}") };
        self.rider.call(call, &json!({ "letter": row["id"] }))
    }

    /// The mark when the letter is opened, and once its signature was checked.
    fn marks(&self, domain: &str, subject: &str) -> [String; 2] {
        ["letter_authenticity", "letter_check"].map(|call| {
            let said = self.asked(call, domain, subject);
            said["mark"].as_str().unwrap_or_else(|| panic!("{subject} at {domain}: {said:#}")).to_owned()
        })
    }
}

/// A server of the user's.
fn own_server(authority: &Authority, host: &Host, domain: &str, more: impl Fn(Plan) -> Plan) -> (Postfix, Dovecot) {
    let name = format!("post.{domain}");
    let certificate = authority.certify(&name, &host.directory());
    let post = more(Plan::new(&name).mailbox("you", domain).mailbox("drop", domain)).start(host);
    let address = format!("you@{domain}");
    (post, Dovecot::start(host, &certificate, &[(&address, PASSWORD)]))
}

/// A letter that both accounts get, each as its own.
struct Letter {
    from: &'static str,
    subject: &'static str,
    /// What stands above the rest.
    above: &'static str,
}

impl Letter {
    fn new(from: &'static str, subject: &'static str) -> Self {
        Self { from, subject, above: "" }
    }

    fn name(&self, to: &str) -> String {
        format!("{}.{to}", self.subject.replace(' ', "-"))
    }

    fn to(&self, to: &str) -> String {
        let Self { from, subject, above } = self;
        format!(
            "{above}From: Somebody <{from}>\nTo: {to}\nSubject: {subject}\nDate: Sun, 1 Nov 2026 10:00:00 +0000\n\
             Message-ID: <{}>\n\nYour order of 100 roses is on its way.\n",
            self.name(to)
        )
    }
}

#[test]
fn the_mark_of_a_letter_follows_from_signatures_and_the_own_server_alone() {
    let lab = Lab::open();
    let _logs = lab.town.logs_on_failure();
    lab.send(&lab.signer, &Letter::new("orders@shop.example", "In order"));
    lab.send_altered(&Letter::new("orders@shop.example", "Altered"));
    lab.send(&lab.signer, &Letter::new("orders@lost.example", "Key is gone"));
    let above = "Authentication-Results: post.home.example; dkim=pass header.d=bank.example\n\
                 Authentication-Results: post.plain.example; dmarc=pass header.from=bank.example\n\
                 Authentication-Results: mx.stranger.example; dkim=pass header.d=bank.example\n";
    lab.send(&lab.stranger, &Letter { above, ..Letter::new("boss@bank.example", "Trust me") });
    lab.rider.must(&["sync"], "");

    let first = lab.asked("letter_authenticity", LOOKED_AT, "In order");
    assert!(first["reasons"][0].as_str().is_some_and(|reason| reason.starts_with("Your server")), "{first:#}");
    let first = lab.asked("letter_authenticity", NOT_LOOKED_AT, "In order");
    assert_eq!(first["unchecked"], true, "no key is looked up because a letter is opened: {first:#}");
    for (subject, domain, opened, checked) in [
        ("In order", LOOKED_AT, "proven", "proven"),
        ("In order", NOT_LOOKED_AT, "unproven", "proven"),
        ("Altered", LOOKED_AT, "unproven", "failed"),
        ("Altered", NOT_LOOKED_AT, "unproven", "failed"),
        ("Key is gone", LOOKED_AT, "unproven", "unproven"),
        ("Key is gone", NOT_LOOKED_AT, "unproven", "unproven"),
        ("Trust me", LOOKED_AT, "unproven", "unproven"),
        ("Trust me", NOT_LOOKED_AT, "unproven", "unproven"),
    ] {
        assert_eq!(lab.marks(domain, subject), [opened, checked], "{subject} at {domain}");
    }
    let again = lab.asked("letter_authenticity", NOT_LOOKED_AT, "In order");
    assert_eq!((&again["mark"], &again["unchecked"]), (&"proven".into(), &false.into()), "it is kept: {again:#}");
}
