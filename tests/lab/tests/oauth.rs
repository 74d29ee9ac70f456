//! Signing in with OAuth 2.0 at a server of one's own, and logging in with its tokens at Dovecot and Postfix: by a code on
//! another device and in the browser, with OAUTHBEARER and with XOAUTH2; tokens that run out, and a sign-in that is taken
//! back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::authorization::{Authorization, browse};
use postrider_lab::certificates::Authority;
use postrider_lab::dovecot::{Dovecot, auth_socket};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::program::Running;
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::wait;
use postrider_lab::zone::{NameServer, Zone};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

const SERVER: &str = "post.home.example";
const DOMAIN: &str = "home.example";
const USERS: [&str; 2] = ["anna", "ben"];
const PATIENCE: Duration = Duration::from_secs(30);

struct Lab {
    town: Town,
    authority: Authority,
    post: Postfix,
    post_host: Host,
    dovecot: Dovecot,
    sso: Authorization,
    home: Host,
    /// The only way to log in that is offered.
    mechanism: &'static str,
    _names: NameServer,
}

fn bearer() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| Lab::offering("OAUTHBEARER"))
}

fn xoauth2() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| Lab::offering("XOAUTH2"))
}

fn address(user: &str) -> String {
    format!("{user}@{DOMAIN}")
}

impl Lab {
    fn offering(mechanism: &'static str) -> Self {
        let town = Town::open();
        let names = Zone::default()
            .host("desk.home.example", "198.51.100.10")
            .host(SERVER, "203.0.113.40")
            .nameless("sso.home.example", "203.0.113.40")
            .mx(DOMAIN, 10, SERVER)
            .serve(&town);
        let authority = Authority::new(town.directory(), "authority");
        let post_host = town.host("post", &["203.0.113.40"]);
        let certificate = authority.certify_all(&[SERVER, "sso.home.example"], &post_host.directory());
        let plan = Plan::new(SERVER).certificate(&certificate).submission(&auth_socket(&post_host));
        let post = USERS.iter().fold(plan, |plan, user| plan.mailbox(user, DOMAIN)).start(&post_host);
        let sso = Authorization::start(&post_host, &certificate);
        // Known, but with no way to log in with a password.
        let addresses = USERS.map(address);
        let known = addresses.each_ref().map(|address| (address.as_str(), "unused"));
        let dovecot = Dovecot::offering(&mechanism.to_lowercase(), &post_host, &certificate, &known);
        let home = town.host("home", &["198.51.100.10"]);
        Self { town, authority, post, post_host, dovecot, sso, home, mechanism, _names: names }
    }

    /// Somebody who says all there is to say of his own work.
    fn rider(&self, user: &str) -> Rider {
        Rider::new(&self.home, user).trusting(&self.authority).saying("trace")
    }

    /// Begins to add the account.
    fn adding(&self, rider: &Rider, user: &str, more: &[&str]) -> Running {
        let (address, imap, smtp) = (address(user), format!("{SERVER}:993"), format!("{SERVER}:587"));
        let add = ["account", "add", &address, "--imap", &imap, "--smtp", &smtp, "--scope", "mail"];
        rider.start(&[&add[..], &Authorization::words(), more].concat(), &format!("{user}-add"))
    }

    /// Signs in by a code that is typed in elsewhere.
    fn add_by_code(&self, rider: &Rider, user: &str) {
        let adding = self.adding(rider, user, &["--device"]);
        let code = said(&adding, "type in the code ");
        assert_eq!(code.len(), 8, "{code}");
        self.sso.approve(&address(user), &code);
        ends_well(adding);
    }

    /// Signs in in the browser.
    fn add_in_the_browser(&self, rider: &Rider, user: &str) {
        let adding = self.adding(rider, user, &[]);
        self.sign_in(&adding);
        ends_well(adding);
    }

    /// The browser is sent to the server and from there back to this computer.
    fn sign_in(&self, waiting: &Running) {
        let address = said(waiting, "https://sso.home.example/authorize?");
        let page = browse(&self.home, &self.authority, &format!("https://sso.home.example/authorize?{address}"));
        assert!(page.contains("You are signed in"), "{page}");
    }

    fn letter_for(&self, user: &str, subject: &str) {
        let message = format!("From: Carl <carl@home.example>\nSubject: {subject}\n\nHello.\n");
        self.post.submit("carl@home.example", &address(user), &message);
        let find = ["search", "-u", &address(user), "mailbox", "INBOX", "subject", subject];
        wait::until("the letter to arrive", PATIENCE, || (!self.dovecot.ask(&find).trim().is_empty()).then_some(()));
    }

    fn letters_come_and_go(&self, rider: &Rider, user: &str) {
        self.letter_for(user, "Welcome");
        rider.must(&["sync"], "");
        assert_eq!(subjects(rider), ["Welcome"]);
        let sent = send(rider, user, "To myself");
        assert_eq!(sent["recipients"][0]["state"], "relayed", "{sent:#}");
        let login = format!("sasl_method={}, sasl_username={}", self.mechanism, address(user));
        assert!(self.post.log().contains(&login), "{}", self.post.log());
        let seen = fs::read_to_string(self.post_host.directory().join("dovecot.log")).unwrap();
        let login = format!("user=<{}>, method={}", address(user), self.mechanism);
        assert!(seen.contains(&login), "{login}\n{seen}");
    }

    /// No token and no code is in what was printed or written, but for the secrets' own file.
    fn no_secret_is_anywhere(&self, rider: &Rider, user: &str) {
        let issued = self.sso.issued();
        assert!(issued.len() >= 2, "{issued:?}");
        let printed = files(&self.home.directory()).into_iter().filter(|file| {
            file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{user}-")))
        });
        let kept = files(rider.home()).into_iter().filter(|file| !is_of_secrets(file));
        let all: Vec<_> = printed.chain(kept).collect();
        assert!(all.iter().any(|file| file.ends_with("local.db")), "{all:?}");
        assert!(all.iter().any(|file| file.extension().is_some_and(|end| end == "log")), "{all:?}");
        for file in all {
            let octets = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
            // A login has the token behind the mechanism, encoded.
            for behind in octets.split(&format!("{} ", self.mechanism)).skip(1) {
                let word = behind.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '+').next();
                assert!(word.unwrap_or_default().len() < 20, "a login is in {}: {word:?}", file.display());
            }
            for secret in &issued {
                assert!(!octets.contains(secret.as_str()), "{secret} is in {}", file.display());
            }
        }
    }
}

fn is_of_secrets(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("secrets"))
}

fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(directory).unwrap().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The word that stands behind these in what a program printed.
fn said(running: &Running, before: &str) -> String {
    wait::until(&format!("“{before}”"), PATIENCE, || {
        let written = running.written();
        let (_, rest) = written.split_once(before)?;
        // Whole once something stands behind it.
        rest.split_once(char::is_whitespace).map(|(word, _)| word.to_owned())
    })
}

fn ends_well(mut running: Running) {
    let status = wait::until("the command to end", PATIENCE, || running.ended());
    assert!(status.success(), "{}", running.written());
}

fn subjects(rider: &Rider) -> Vec<String> {
    let rows = rider.must(&["list", "inbox"], "");
    let mut subjects: Vec<String> =
        rows.as_array().unwrap().iter().map(|row| row["subject"].as_str().unwrap().to_owned()).collect();
    subjects.sort();
    subjects
}

fn send(rider: &Rider, user: &str, subject: &str) -> Value {
    rider.must(&["send", "--to", &address(user), "--subject", subject], "Hello.\n")
}

/// Watches the account, and returns when it is up to date.
fn watch(rider: &Rider, user: &str) -> Running {
    let watching = rider.start(&["sync", "--watch"], &format!("{user}-watch"));
    wait::until("the account to be up to date", PATIENCE, || {
        watching.written().contains("\"up-to-date\"").then_some(())
    });
    watching
}

#[test]
fn a_sign_in_by_a_code_gives_tokens_for_oauthbearer_that_are_renewed_without_asking() {
    let lab = bearer();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("anna");
    lab.add_by_code(&rider, "anna");
    lab.letters_come_and_go(&rider, "anna");
    let watching = watch(&rider, "anna");
    lab.sso.expire(&address("anna"));
    lab.dovecot.ask(&["kick", &address("anna")]);
    lab.letter_for("anna", "After the end of the token");
    wait::until("the announcement", PATIENCE, || {
        watching.written().contains("After the end of the token").then_some(())
    });
    let said = watching.kill();
    assert!(!said.contains("login-refused"), "nobody is asked");
    let sent = send(&rider, "anna", "Later");
    assert_eq!(sent["recipients"][0]["state"], "relayed", "{sent:#}");
    lab.no_secret_is_anywhere(&rider, "anna");
}

#[test]
fn a_sign_in_in_the_browser_gives_tokens_for_xoauth2() {
    let lab = xoauth2();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("anna");
    lab.add_in_the_browser(&rider, "anna");
    lab.letters_come_and_go(&rider, "anna");
    let address = address("anna");
    let again = [&["account", "oauth", "sign-in", &address][..], &Authorization::words()].concat();
    for (hosts, code) in [(&[][..], "invalid"), (&["--token-host", "post.elsewhere.example"], "token-elsewhere")] {
        let refusal = rider.try_to(&[&again[..], hosts].concat(), b"").expect_err("its server is not named");
        assert_eq!(refusal.error["code"], code, "{refusal:?}");
    }
    lab.no_secret_is_anywhere(&rider, "anna");
}

#[test]
fn a_sign_in_that_was_taken_back_asks_for_another_and_loses_nothing() {
    let lab = xoauth2();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("ben");
    lab.add_by_code(&rider, "ben");
    lab.letter_for("ben", "Here before");
    rider.must(&["sync"], "");
    lab.sso.revoke(&address("ben"));
    let id = rider.must(&["list", "inbox"], "")[0]["id"].to_string();
    rider.must(&["flag", &id, "--flagged"], "");
    let waiting = send(&rider, "ben", "It waits");
    let refusal = rider.try_to(&["sync"], b"").expect_err("the sign-in is over");
    assert_eq!(refusal.error["code"], "sign-in-again", "{refusal:?}");
    assert!(refusal.error["hint"].as_str().is_some_and(|hint| hint.contains("account oauth sign-in")), "{refusal:?}");
    let number = waiting["id"].as_i64().unwrap();
    let recipient = &rider.timeline(number)["recipients"][0];
    assert_eq!(
        (&recipient["state"], &recipient["diagnosis"]["class"], &recipient["diagnosis"]["who_acts"]),
        (&"deferred".into(), &"auth-failed".into(), &"you".into()),
        "{recipient:#}"
    );
    assert_eq!((rider.tries(number), rider.orders(), subjects(&rider).len()), (0, 1, 1));

    let signing_in = rider.start(&["account", "oauth", "sign-in", &address("ben")], "ben-again");
    lab.sign_in(&signing_in);
    ends_well(signing_in);
    rider.run_queue();
    assert_eq!(rider.timeline(number)["recipients"][0]["state"], "relayed");
    wait::until("the letter that waited", PATIENCE, || {
        rider.must(&["sync"], "");
        (subjects(&rider) == ["Here before", "It waits"]).then_some(())
    });
    assert_eq!(rider.orders(), 0);
    let flagged = ["search", "-u", &address("ben"), "mailbox", "INBOX", "flagged"];
    assert_eq!(lab.dovecot.ask(&flagged).lines().count(), 1);
    lab.no_secret_is_anywhere(&rider, "ben");
}
