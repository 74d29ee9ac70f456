//! Cyrus, an IMAP server of another make: what is there comes here, and what is done here is done there, with its
//! mailboxes beside INBOX and inside it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::cyrus::{Cyrus, Names};
use postrider_lab::letterbox::{Contents, letter};
use postrider_lab::neighbour::Neighbour;
use postrider_lab::rider::Rider;
use postrider_lab::town::Town;
use postrider_lab::wait;
use postrider_lab::zone::{NameServer, Zone};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

const SERVER: &str = "post.home.example";
const ADDRESS: &str = "box@home.example";
const PASSWORD: &str = "correct horse battery staple";
const LETTERS: usize = 20;

struct Lab {
    town: Town,
    rider: Rider,
    neighbour: Neighbour,
    /// How the paths of mailboxes begin.
    prefix: &'static str,
    /// What separates their parts.
    separator: char,
    _servers: (NameServer, Cyrus),
}

impl Lab {
    fn with(names: Names) -> Self {
        let town = Town::open();
        let zone =
            Zone::default().host("desk.home.example", "198.51.100.10").host(SERVER, "203.0.113.40").serve(&town);
        let authority = Authority::new(town.directory(), "authority");
        let host = town.host("post", &["203.0.113.40"]);
        let certificate = authority.certify(SERVER, &host.directory());
        let cyrus = Cyrus::start(&host, SERVER, &certificate, names, ("box", PASSWORD));
        let home = town.host("home", &["198.51.100.10"]);
        let neighbour = Neighbour::new(&home, &authority, SERVER, "box", PASSWORD);
        let rider = Rider::new(&home, "desk").trusting(&authority);
        let imap = format!("{SERVER}:993");
        let add = ["account", "add", ADDRESS, "--user", "box", "--imap", &imap, "--smtp", "none", "--password-stdin"];
        rider.must(&add, &format!("{PASSWORD}\n"));
        let (prefix, separator) = if names == Names::InsideInbox { ("INBOX.", '.') } else { ("", '/') };
        Self { town, rider, neighbour, prefix, separator, _servers: (zone, cyrus) }
    }

    /// The path of the mailbox that a person calls this.
    fn path(&self, name: &str) -> String {
        format!("{}{}", self.prefix, name.replace('/', &self.separator.to_string()))
    }

    fn sync(&self) {
        let reports = self.rider.must(&["sync"], "");
        assert!(reports[0]["error"].is_null() && reports[0]["notes"] == json!([]), "{reports:#}");
    }

    /// Both sides have the same; returns it.
    fn equal(&self, after: &str) -> Contents {
        let there = self.neighbour.contents();
        assert_eq!(self.rider.contents(), there, "{after}");
        there
    }

    /// The number of the letter with this subject here.
    fn id(&self, mailbox: &str, subject: &str) -> String {
        let rows = self.rider.must(&["list", mailbox, "--limit", "1000"], "");
        let row = rows.as_array().unwrap().iter().find(|row| row["subject"] == subject);
        row.unwrap_or_else(|| panic!("“{subject}” is in {mailbox}: {rows:#}"))["id"].to_string()
    }

    fn letters_are_given_to_it(&self) {
        let letters = (0..LETTERS).map(|number| json!(["append", "INBOX", null, null, letter(number)]));
        let köln = self.path("Köln");
        let more = [json!(["create", köln]), json!(["append", köln, "(\\Flagged)", null, letter(LETTERS)])];
        assert_eq!(self.neighbour.does(&letters.chain(more).collect()).len(), LETTERS + 1);
    }

    fn roles_are_known(&self) {
        let mailboxes = self.rider.must(&["mailboxes"], "");
        for (role, name) in [("sent", "Sent"), ("drafts", "Drafts"), ("trash", "Trash"), ("archive", "Archive")] {
            let found = mailboxes.as_array().unwrap().iter().find(|mailbox| mailbox["role"] == role);
            assert_eq!(found.unwrap_or(&Value::Null)["path"], self.path(name).as_str(), "{mailboxes:#}");
        }
    }

    fn orders_about_letters_are_carried_out(&self) {
        let (rider, id) = (&self.rider, |number: usize| self.id("inbox", &format!("Letter {number:03}")));
        let (mark, moved, copied, archived, gone) = (id(1), id(2), id(3), id(4), id(5));
        rider.must(&["flag", &mark, "--read"], "");
        rider.must(&["flag", &mark, "--flagged"], "");
        rider.must(&["move", &moved, "--to", &self.path("Köln")], "");
        rider.must(&["copy", &copied, "--to", &self.path("Köln")], "");
        rider.must(&["move", &archived, "--to", "archive"], "");
        rider.must(&["delete", &gone, "--for-good"], "");
        let thrown_away = id(6);
        rider.must(&["delete", &thrown_away], "");
        self.sync();
        let there = self.equal("orders about letters");
        let at = |mailbox: &str, number: usize| {
            let name = format!("letter-{number:03}@home.example");
            there.iter().find(|((at, _), entry)| at == mailbox && entry.message_id == name).map(|(_, entry)| entry)
        };
        let köln = self.path("Köln");
        assert!(at("INBOX", 1).is_some_and(|entry| entry.seen && entry.flagged), "{there:#?}");
        for (mailbox, number, is_there) in [
            ("INBOX", 2, false),
            (&köln, 2, true),
            ("INBOX", 3, true),
            (&köln, 3, true),
            (&self.path("Archive"), 4, true),
            ("INBOX", 5, false),
            (&self.path("Trash"), 6, true),
        ] {
            assert_eq!(at(mailbox, number).is_some(), is_there, "letter {number} in {mailbox}: {there:#?}");
        }
        assert_eq!(there.len(), LETTERS + 1 + 1 - 1);
    }

    fn orders_about_mailboxes_are_carried_out(&self) {
        let rider = &self.rider;
        rider.must(&["mailboxes", "create", &self.path("Büro")], "");
        rider.must(&["mailboxes", "create", &self.path("Büro/2026")], "");
        let id = self.id("inbox", "Letter 007");
        rider.must(&["move", &id, "--to", &self.path("Büro/2026")], "");
        self.sync();
        self.equal("a mailbox that was made");
        rider.must(&["mailboxes", "rename", &self.path("Büro/2026"), "Heute & gestern"], "");
        self.sync();
        let there = self.equal("a mailbox that was renamed");
        assert!(there.keys().any(|(at, _)| *at == self.path("Büro/Heute & gestern")), "{there:#?}");
        rider.must(&["mailboxes", "delete", &self.path("Büro/Heute & gestern")], "");
        self.sync();
        let there = self.equal("a mailbox that was deleted");
        assert!(!there.keys().any(|(at, _)| at.contains("Heute")), "{there:#?}");
        let trash = self.path("Trash");
        assert_eq!(there.keys().filter(|(at, _)| *at == trash).count(), 2, "{there:#?}");
    }

    fn letters_are_brought_in(&self) {
        let files = self.town.directory().join("letters");
        fs::create_dir(&files).unwrap();
        for number in 100..103 {
            fs::write(files.join(format!("{number}.eml")), letter(number)).unwrap();
        }
        let import = ["import", &files.display().to_string(), "--into", &self.path("Köln")];
        self.rider.must(&import, "");
        self.sync();
        self.sync();
        let there = self.equal("letters from files");
        assert_eq!(there.values().filter(|entry| entry.message_id.starts_with("letter-10")).count(), 3, "{there:#?}");
    }

    fn a_draft_has_one_copy(&self) {
        let rider = &self.rider;
        let draft = rider.call("draft_new", &json!({ "account": null, "mailto": null }))["id"].as_i64().unwrap();
        for subject in ["First words", "Second thoughts"] {
            let mut content: Value = rider.call("draft_show", &json!({ "draft": draft }))["draft"].take();
            content["subject"] = subject.into();
            rider.call("draft_save", &json!({ "draft": draft, "content": content }));
            self.sync();
        }
        self.sync();
        let there = self.equal("a draft");
        let drafts = self.path("Drafts");
        assert_eq!(there.keys().filter(|(at, _)| *at == drafts).count(), 1, "{there:#?}");
        self.id("drafts", "Second thoughts");
        rider.call("draft_discard", &json!({ "draft": draft }));
        self.sync();
        self.sync();
        assert!(!self.equal("no draft").keys().any(|(at, _)| *at == drafts));
    }

    fn what_others_change_arrives(&self) {
        let (old, new) = (self.path("Köln"), self.path("東京/北"));
        self.neighbour.does(&json!([
            ["select", "INBOX"],
            ["uid", "STORE", "10:12", "+FLAGS", "(\\Seen)"],
            ["uid", "STORE", "13:14", "+FLAGS", "(\\Deleted)"],
            ["expunge"],
            ["uid", "COPY", "15", self.path("Archive")],
            ["rename", old, new],
            ["append", new, null, null, letter(200)],
        ]));
        self.sync();
        let there = self.equal("changes that another program made");
        assert!(there.keys().any(|(at, _)| *at == new), "{there:#?}");
        let watch = self.rider.start(&["sync", "--watch"], "watch");
        let patience = Duration::from_secs(15);
        wait::until("the account to be up to date", patience, || {
            watch.written().contains("\"up-to-date\"").then_some(())
        });
        let there = self.neighbour.does(&json!([["append", "INBOX", null, null, letter(201)]]));
        wait::until("a new letter", patience, || (self.rider.contents() == there).then_some(()));
        watch.kill();
    }

    fn all_of_it(&self) {
        let _logs = self.town.logs_on_failure();
        self.letters_are_given_to_it();
        self.sync();
        self.equal("the first sync");
        self.roles_are_known();
        self.orders_about_letters_are_carried_out();
        self.orders_about_mailboxes_are_carried_out();
        self.letters_are_brought_in();
        self.a_draft_has_one_copy();
        self.what_others_change_arrives();
        self.sync();
        self.equal("the last sync");
        assert_eq!((self.rider.orders(), self.rider.integrity().as_str()), (0, "ok"));
    }
}

#[test]
fn both_sides_are_equal_where_mailboxes_are_beside_the_inbox() {
    Lab::with(Names::BesideInbox).all_of_it();
}

#[test]
fn both_sides_are_equal_where_mailboxes_are_inside_the_inbox() {
    Lab::with(Names::InsideInbox).all_of_it();
}
