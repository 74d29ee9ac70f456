//! Dovecot: what is there comes here, what is done here is done there, what was sent is filed, and new mail is announced.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::dovecot::{Dovecot, auth_socket};
use postrider_lab::maildir::{arrived, assert_carried_unchanged, messages};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::wait;
use postrider_lab::zone::{NameServer, Zone};
use serde_json::{Value, json};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const PASSWORD: &str = "correct horse battery staple";
/// Each test has a mailbox of its own.
const USERS: [&str; 7] = ["sync", "mark", "file", "sent", "killed", "idle", "kicked"];
const DOMAIN: &str = "home.example";
/// How long mail may take to a mailbox of the town.
const PATIENCE: Duration = Duration::from_secs(30);

struct Lab {
    town: Town,
    authority: Authority,
    post: Postfix,
    dovecot: Dovecot,
    elsewhere: Postfix,
    home: Host,
    _names: NameServer,
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let names = Zone::default()
            .host("desk.home.example", "198.51.100.10")
            .host("post.home.example", "203.0.113.40")
            .mx(DOMAIN, 10, "post.home.example")
            .host("mx.one.example", "192.0.2.11")
            .mx("one.example", 10, "mx.one.example")
            .serve(&town);
        let authority = Authority::new(town.directory(), "authority");
        let host = town.host("post", &["203.0.113.40"]);
        let certificate = authority.certify("post.home.example", &host.directory());
        let plan = Plan::new("post.home.example").certificate(&certificate).submission(&auth_socket(&host));
        let post = USERS.iter().fold(plan, |plan, user| plan.mailbox(user, DOMAIN)).start(&host);
        let addresses = USERS.map(address);
        let logins: Vec<(&str, &str)> = addresses.iter().map(|address| (address.as_str(), PASSWORD)).collect();
        let dovecot = Dovecot::start(&host, &certificate, &logins);
        let elsewhere =
            Plan::new("mx.one.example").mailbox("anna", "one.example").start(&town.host("one", &["192.0.2.11"]));
        let home = town.host("home", &["198.51.100.10"]);
        Lab { town, authority, post, dovecot, elsewhere, home, _names: names }
    })
}

fn address(user: &str) -> String {
    format!("{user}@{DOMAIN}")
}

impl Lab {
    /// The user with the account added, over this port of the IMAP server.
    fn rider(&self, user: &str, imap: &str) -> Rider {
        let rider = Rider::new(&self.home, user).trusting(&self.authority);
        let add =
            ["account", "add", &address(user), "--imap", imap, "--smtp", "post.home.example:587", "--password-stdin"];
        rider.must(&add, &format!("{PASSWORD}\n"));
        rider
    }

    /// A letter from elsewhere, over SMTP into the user's mailbox. Returns when it is there.
    fn letter_for(&self, user: &str, subject: &str, text: &str) {
        let before = self.inbox(user).len();
        let message = format!("From: Anna <anna@one.example>\nTo: {}\nSubject: {subject}\n{text}", address(user));
        self.elsewhere.submit("anna@one.example", &address(user), &message);
        wait::until("the letter from elsewhere", PATIENCE, || (self.inbox(user).len() > before).then_some(()));
    }

    fn inbox(&self, user: &str) -> Vec<Vec<u8>> {
        messages(&self.post.maildir(user, DOMAIN))
    }

    /// What Dovecot has in a mailbox: a line for each letter, with its flags and subject.
    fn server_side(&self, user: &str, mailbox: &str) -> String {
        self.dovecot.ask(&[
            "-f",
            "tab",
            "fetch",
            "-u",
            &address(user),
            "flags hdr.subject",
            "mailbox",
            mailbox,
            "ALL",
        ])
    }
}

fn sync(rider: &Rider) {
    let reports = rider.must(&["sync"], "");
    assert_eq!(reports.as_array().map(Vec::len), Some(1), "{reports:#}");
    assert!(reports[0]["error"].is_null() && reports[0]["notes"] == json!([]), "{reports:#}");
}

/// The letter with this subject in a mailbox; `None` where there is none.
fn listed(rider: &Rider, mailbox: &str, subject: &str) -> Option<Value> {
    let rows = rider.must(&["list", mailbox], "");
    rows.as_array().expect("rows").iter().find(|row| row["subject"] == subject).cloned()
}

fn letter(rider: &Rider, mailbox: &str, subject: &str) -> Value {
    listed(rider, mailbox, subject).unwrap_or_else(|| panic!("“{subject}” is in {mailbox}"))
}

fn letter_once(rider: &Rider, mailbox: &str, subject: &str) {
    let rows = rider.must(&["list", mailbox], "");
    let found = rows.as_array().expect("rows").iter().filter(|row| row["subject"] == subject).count();
    assert_eq!(found, 1, "{rows:#}");
}

fn change(rider: &Rider, letter: &Value, change: &Value) {
    rider.call("letter_change", &json!({ "letters": [letter["id"]], "change": change }));
}

#[test]
fn what_the_server_has_is_listed_and_shown_octet_for_octet() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let mime = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n";
    lab.letter_for("sync", "=?utf-8?q?Gr=C3=BC=C3=9Fe?=", &format!("{mime}\nGrüße aus Köln, 你好\n"));
    lab.letter_for("sync", "Second", "\n.one dot\n\nSecond letter.\n");
    let rider = lab.rider("sync", "post.home.example:993");
    sync(&rider);
    let first = letter(&rider, "inbox", "Grüße");
    assert_eq!((&first["unread"], &first["flagged"]), (&true.into(), &false.into()));
    assert_eq!(first["snippet"], "Grüße aus Köln, 你好");
    let second = letter(&rider, "inbox", "Second");
    let raw = rider.raw(&second["id"].to_string());
    let unix = String::from_utf8_lossy(&raw).replace("\r\n", "\n");
    assert!(lab.inbox("sync").contains(&unix.into_bytes()), "what is shown is what Dovecot has");

    lab.letter_for("sync", "Third", "\nThird letter.\n");
    assert!(listed(&rider, "inbox", "Third").is_none());
    sync(&rider);
    letter(&rider, "inbox", "Third");
    lab.dovecot.ask(&["expunge", "-u", &address("sync"), "mailbox", "INBOX", "subject", "Second"]);
    sync(&rider);
    assert!(listed(&rider, "inbox", "Second").is_none(), "what is gone there goes here");
    let mailboxes = rider.must(&["mailboxes"], "");
    let roles: Vec<&Value> =
        mailboxes.as_array().expect("mailboxes").iter().map(|mailbox| &mailbox["role"]).collect();
    for role in ["inbox", "sent", "drafts", "archive", "junk", "trash"] {
        assert!(roles.contains(&&Value::from(role)), "{role}: {mailboxes:#}");
    }
}

#[test]
fn marks_travel_both_ways() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    lab.letter_for("mark", "Mark me", "\nHello.\n");
    lab.letter_for("mark", "Leave me", "\nHello.\n");
    let rider = lab.rider("mark", "post.home.example:143");
    sync(&rider);
    let marked = letter(&rider, "inbox", "Mark me");
    change(&rider, &marked, &json!({ "change": "seen", "on": true }));
    change(&rider, &marked, &json!({ "change": "flagged", "on": true }));
    let here = letter(&rider, "inbox", "Mark me");
    assert_eq!((&here["unread"], &here["flagged"]), (&false.into(), &true.into()), "here at once");
    assert!(!lab.server_side("mark", "INBOX").contains("\\Flagged"), "there not before the sync");
    sync(&rider);
    let there = lab.server_side("mark", "INBOX");
    let flags = |subject: &str| there.lines().find(|line| line.ends_with(subject)).unwrap_or_default().to_owned();
    assert!(flags("Mark me").contains("\\Flagged") && flags("Mark me").contains("\\Seen"), "{there}");
    assert!(!flags("Leave me").contains("\\Flagged"), "{there}");

    lab.dovecot.ask(&["flags", "remove", "-u", &address("mark"), "\\Flagged", "mailbox", "INBOX", "ALL"]);
    lab.dovecot.ask(&["flags", "add", "-u", &address("mark"), "\\Seen", "mailbox", "INBOX", "subject", "Leave me"]);
    sync(&rider);
    assert_eq!(letter(&rider, "inbox", "Mark me")["flagged"], false);
    assert_eq!(letter(&rider, "inbox", "Leave me")["unread"], false);
}

#[test]
fn letters_move_to_archive_and_trash_here_and_there() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    lab.letter_for("file", "Keep", "\nHello.\n");
    lab.letter_for("file", "Throw away", "\nHello.\n");
    let rider = lab.rider("file", "post.home.example:993");
    sync(&rider);
    change(&rider, &letter(&rider, "inbox", "Keep"), &json!({ "change": "file", "role": "archive" }));
    change(&rider, &letter(&rider, "inbox", "Throw away"), &json!({ "change": "file", "role": "trash" }));
    assert!(listed(&rider, "inbox", "Keep").is_none(), "gone from here at once");
    letter(&rider, "archive", "Keep");
    sync(&rider);
    sync(&rider);
    assert!(lab.inbox("file").is_empty(), "gone from there");
    for (mailbox, role, subject) in [("Archive", "archive", "Keep"), ("Trash", "trash", "Throw away")] {
        let there = lab.server_side("file", mailbox);
        assert_eq!(there.matches(subject).count(), 1, "{mailbox}: {there}");
        assert_eq!(rider.must(&["list", role], "").as_array().map(Vec::len), Some(1), "once in {role}");
    }
    let thrown_away = letter(&rider, "trash", "Throw away")["id"].to_string();
    rider.must(&["delete", "--for-good", &thrown_away], "");
    sync(&rider);
    assert!(!lab.server_side("file", "Trash").contains("Throw away"));
}

#[test]
fn what_was_sent_is_filed_once_and_octet_for_octet() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("sent", "post.home.example:993");
    let text = ".dots\n..and more\nGrüße\n";
    let sent = rider.must(&["send", "--to", "anna@one.example", "--subject", "For the files"], text);
    assert_eq!(sent["recipients"][0]["state"], "relayed", "{sent:#}");
    sync(&rider);
    sync(&rider);
    let copies = messages(&lab.post.maildir("sent", DOMAIN).join(".Sent"));
    let [copy] = &copies[..] else { panic!("one copy in Sent, not {}", copies.len()) };
    let queued = rider.queued(sent["id"].as_i64().expect("a number"));
    assert_eq!(String::from_utf8_lossy(copy), String::from_utf8_lossy(&queued).replace("\r\n", "\n"));
    assert!(lab.server_side("sent", "Sent").contains("\\Seen"));
    assert_eq!(letter(&rider, "sent", "For the files")["unread"], false);
    let anna = lab.elsewhere.maildir("anna", "one.example");
    let arrived = arrived(&anna, sent["message_id"].as_str().expect("a Message-ID"));
    assert_carried_unchanged(&queued, &arrived);
}

#[test]
fn what_was_sent_is_filed_once_however_often_the_sync_is_killed() {
    const LETTERS: usize = 8;
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("killed", "post.home.example:993");
    for letter in 0..LETTERS {
        let subject = format!("Letter {letter}");
        rider.must(&["send", "--to", "anna@one.example", "--subject", &subject], "Hello.\n");
    }
    for life in (0..12).map(|step| Duration::from_millis(60 + 25 * step)) {
        let running = rider.start(&["sync"], "killed-sync");
        std::thread::sleep(life);
        running.kill();
    }
    sync(&rider);
    let there = lab.server_side("killed", "Sent");
    for letter in 0..LETTERS {
        let subject = format!("Letter {letter}");
        assert_eq!(there.matches(&subject).count(), 1, "{there}");
        letter_once(&rider, "sent", &subject);
    }
}

#[test]
fn new_mail_is_announced_within_seconds() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    lab.letter_for("idle", "Old", "\nHello.\n");
    let rider = lab.rider("idle", "post.home.example:993");
    let watch = rider.start(&["sync", "--watch"], "watch");
    let announced = |wanted: &str| watch.written().lines().any(|line| line.contains(wanted)).then_some(());
    wait::until("the account to be up to date", PATIENCE, || announced("\"up-to-date\""));
    for subject in ["First news", "Second news"] {
        lab.letter_for("idle", subject, "\nHello.\n");
        let arrived = Instant::now();
        wait::until("the announcement", Duration::from_secs(10), || announced(subject));
        eprintln!("“{subject}” was announced {} ms after it arrived", arrived.elapsed().as_millis());
    }
    let news: Vec<Value> = watch.written().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let first = news
        .iter()
        .find(|event: &&Value| event["event"] == "new-mail" && event["rows"][0]["subject"] == "First news");
    assert!(first.is_some(), "{news:#?}");
}

#[test]
fn new_mail_is_announced_after_the_server_threw_us_out() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("kicked", "post.home.example:993");
    let watch = rider.start(&["sync", "--watch"], "watch-kicked");
    let announced = |wanted: &str| watch.written().lines().any(|line| line.contains(wanted)).then_some(());
    wait::until("the account to be up to date", PATIENCE, || announced("\"up-to-date\""));
    lab.dovecot.ask(&["kick", &address("kicked")]);
    lab.letter_for("kicked", "After the fall", "\nHello.\n");
    let arrived = Instant::now();
    wait::until("the announcement", PATIENCE, || announced("After the fall"));
    eprintln!("after a kick, new mail was announced {} ms after it arrived", arrived.elapsed().as_millis());
}
