//! Dovecot with more and with fewer extensions: whatever it offers is used, and here is what is there after the first
//! sync, after another program changed it, and, where the server tells of changes, without being asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::letterbox::{Contents, Letterbox};
use postrider_lab::rider::Rider;
use postrider_lab::wait;
use serde_json::{Value, json};
use std::time::Duration;

const LETTERS: usize = 60;
/// How long a change may take to come here by itself. Dovecot looks at its files once a second.
const SECONDS: Duration = Duration::from_secs(15);

/// What Dovecot 2.3 lists by itself, without what the variants add.
const BASIC: &str = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE CHILDREN NAMESPACE UNSELECT UIDPLUS LIST-EXTENDED \
                     ESEARCH LIST-STATUS MOVE LITERAL+ SPECIAL-USE";

/// A Dovecot that offers just these capabilities.
fn offering(capabilities: &str) -> String {
    format!("imap_capability = {capabilities}\n")
}

#[test]
fn with_everything_it_has_changes_are_asked_for_by_number_and_told_for_every_mailbox() {
    let letterbox = Letterbox::with_settings(LETTERS, "");
    let rider = changes_arrive_with_the_next_sync(&letterbox);
    let heard = letterbox.heard();
    for used in ["ENABLE QRESYNC", "(QRESYNC ("] {
        assert!(heard.contains(used), "{used}\n{heard}");
    }
    changes_arrive_by_themselves(&letterbox, &rider, &["INBOX", "Archive"]);
    assert!(letterbox.heard().contains("NOTIFY SET"), "{}", letterbox.heard());
}

#[test]
fn without_qresync_flags_are_asked_for_by_number_and_the_inbox_is_listened_to() {
    let letterbox = Letterbox::with_settings(LETTERS, &offering(&format!("{BASIC} CONDSTORE")));
    let rider = changes_arrive_with_the_next_sync(&letterbox);
    let heard = letterbox.heard();
    assert!(heard.contains("CHANGEDSINCE"), "{heard}");
    changes_arrive_by_themselves(&letterbox, &rider, &["INBOX"]);
    let heard = letterbox.heard();
    assert!(heard.contains("IDLE") && !heard.contains("QRESYNC") && !heard.contains("NOTIFY"), "{heard}");
}

#[test]
fn without_modification_sequences_letters_and_flags_are_compared() {
    let letterbox = Letterbox::with_settings(LETTERS, &offering(BASIC));
    let rider = changes_arrive_with_the_next_sync(&letterbox);
    changes_arrive_by_themselves(&letterbox, &rider, &["INBOX"]);
    let heard = letterbox.heard();
    for unused in ["QRESYNC", "CONDSTORE", "CHANGEDSINCE", "NOTIFY"] {
        assert!(!heard.contains(unused), "{unused}\n{heard}");
    }
}

#[test]
fn what_goes_over_the_wire_is_compressed_where_that_is_offered() {
    let plugins = "mail_plugins = zlib\nprotocol imap {\n  mail_plugins = zlib imap_zlib\n}\n";
    let letterbox = Letterbox::with_settings(LETTERS, plugins);
    let rider = changes_arrive_with_the_next_sync(&letterbox);
    changes_arrive_by_themselves(&letterbox, &rider, &["INBOX", "Archive"]);
    let heard = letterbox.heard();
    let sessions = heard.matches("COMPRESS DEFLATE").count();
    assert!(sessions >= 5, "each sync asked for it: {sessions}");
    assert!(heard.contains("EXAMINE") || heard.contains("SELECT"), "the other program does not compress");
    assert!(!heard.contains("BODY.PEEK[]"), "what Postrider fetched was asked for in compressed words");
}

#[test]
fn the_bare_protocol_is_enough() {
    let letterbox = Letterbox::with_settings(LETTERS, &offering("IMAP4rev1"));
    let rider = changes_arrive_with_the_next_sync(&letterbox);
    orders_are_carried_out(&letterbox, &rider);
    let heard = letterbox.heard();
    for unused in ["ENABLE", "MOVE", "NAMESPACE", "RETURN", "EXPUNGE ", "COMPRESS"] {
        assert!(!said_by_postrider(&heard).any(|line| line.contains(unused)), "{unused}\n{heard}");
    }
}

#[test]
fn a_letter_that_is_moved_here_while_it_is_deleted_there_is_nowhere() {
    let letterbox = Letterbox::with_settings(LETTERS, "");
    let _logs = letterbox.town.logs_on_failure();
    let (rider, neighbour) = (letterbox.rider("desk"), letterbox.neighbour());
    sync(&rider);
    rider.must(&["move", &ids(&rider)[0], "--to", "Archive"], "");
    // The first that is listed is the newest.
    let last = LETTERS.to_string();
    let there =
        neighbour.does(&json!([["select", "INBOX"], ["uid", "STORE", last, "+FLAGS", "(\\Deleted)"], ["expunge"]]));
    assert_eq!(there.len(), LETTERS - 1);
    let reports = rider.must(&["sync"], "");
    assert!(reports[0]["error"].is_null(), "{reports:#}");
    sync(&rider);
    assert_eq!((rider.contents(), rider.orders()), (there, 0));
}

/// The commands but those of the other program, whose tags are four capitals and a number.
fn said_by_postrider(heard: &str) -> impl Iterator<Item = &str> {
    heard.lines().filter(|line| {
        let tag = line.split(' ').nth(1).unwrap_or_default();
        !tag.starts_with(|c: char| c.is_ascii_uppercase()) || tag.len() < 5
    })
}

fn sync(rider: &Rider) {
    let reports = rider.must(&["sync"], "");
    assert!(reports[0]["error"].is_null() && reports[0]["notes"] == json!([]), "{reports:#}");
}

/// The numbers of the letters in INBOX, the newest first.
fn ids(rider: &Rider) -> Vec<String> {
    let rows = rider.must(&["list", "inbox", "--limit", "1000"], "");
    rows.as_array().unwrap().iter().map(|row| row["id"].to_string()).collect()
}

/// Bodies that were asked for, of which somebody can tell by the words on the wire.
fn bodies(letterbox: &Letterbox) -> usize {
    letterbox.heard().matches("BODY.PEEK[]").count()
}

fn append(mailbox: &str, name: &str) -> Value {
    let letter = format!(
        "From: Anna <anna@one.example>\nSubject: {name}\nDate: Sun, 1 Nov 2026 12:00:00 +0000\n\
         Message-ID: <{name}@one.example>\n\nHello, this is {name}.\n"
    );
    json!(["append", mailbox, null, null, letter])
}

fn is_in(contents: &Contents, mailbox: &str, name: &str) -> bool {
    contents.iter().any(|((at, _), entry)| at == mailbox && entry.message_id == format!("{name}@one.example"))
}

fn changes_arrive_with_the_next_sync(letterbox: &Letterbox) -> Rider {
    let _logs = letterbox.town.logs_on_failure();
    let (rider, neighbour) = (letterbox.rider("desk"), letterbox.neighbour());
    let there = neighbour.does(&json!([
        ["create", "Köln/Straße"],
        append("Köln/Straße", "first"),
        ["create", "Projects & Co"],
        append("Projects & Co", "second"),
    ]));
    sync(&rider);
    assert_eq!(there.len(), LETTERS + 2);
    assert_eq!(rider.contents(), there, "the first sync");

    let there = neighbour.does(&json!([
        ["select", "INBOX"],
        ["uid", "STORE", "1:5", "+FLAGS", "(\\Seen)"],
        ["uid", "STORE", "4,60", "+FLAGS", "(\\Flagged)"],
        ["uid", "STORE", "10:19", "+FLAGS", "(\\Deleted)"],
        ["expunge"],
        ["uid", "COPY", "20:24", "Köln/Straße"],
        ["uid", "STORE", "20:24", "+FLAGS", "(\\Deleted)"],
        ["expunge"],
        ["uid", "COPY", "30", "Projects & Co"],
        append("INBOX", "third"),
    ]));
    sync(&rider);
    assert_eq!(there.len(), LETTERS + 2 - 10 + 1 + 1);
    assert_eq!(rider.contents(), there, "flags, letters that went, moved, were copied and came");

    let there = neighbour.does(&json!([
        ["select", "INBOX"],
        ["uid", "STORE", "1:3", "-FLAGS", "(\\Seen)"],
        ["uid", "STORE", "4", "-FLAGS", "(\\Flagged)"],
    ]));
    sync(&rider);
    assert_eq!(rider.contents(), there, "flags that were taken away");

    nothing_is_fetched_again(letterbox, &rider);
    rider
}

/// The same letters under other numbers and names.
fn nothing_is_fetched_again(letterbox: &Letterbox, rider: &Rider) {
    let neighbour = letterbox.neighbour();
    let before = bodies(letterbox);
    let there = neighbour.does(&json!([["rename", "Köln/Straße", "東京"], ["delete", "Projects & Co"]]));
    sync(rider);
    assert_eq!(rider.contents(), there, "a mailbox that was renamed, and one that was deleted");
    assert!(is_in(&there, "東京", "first"));

    letterbox.ask(&["mailbox", "update"], &["--uid-validity", "1888888888", "INBOX"]);
    letterbox.ask(&["mailbox", "update"], &["--uid-validity", "1888888889", "東京"]);
    sync(rider);
    assert_eq!(rider.contents(), neighbour.contents(), "other UIDVALIDITY");
    let there = neighbour.does(&json!([["select", "INBOX"], ["uid", "STORE", "1:*", "+FLAGS", "(\\Seen)"]]));
    sync(rider);
    assert_eq!(rider.contents(), there, "flags after that");
    assert_eq!(bodies(letterbox), before, "no letter was fetched a second time");
    assert_eq!(rider.integrity(), "ok");
}

fn changes_arrive_by_themselves(letterbox: &Letterbox, rider: &Rider, mailboxes: &[&str]) {
    let _logs = letterbox.town.logs_on_failure();
    let neighbour = letterbox.neighbour();
    let watch = rider.start(&["sync", "--watch"], "watch");
    wait::until("the account to be up to date", SECONDS, || watch.written().contains("\"up-to-date\"").then_some(()));
    let listens = || ["IDLE", "COMPRESS"].iter().any(|word| letterbox.heard().contains(word)).then_some(());
    wait::until("somebody to listen", SECONDS, listens);
    for mailbox in mailboxes {
        let name = format!("news-of-{mailbox}");
        let there = neighbour.does(&json!([append(mailbox, &name)]));
        wait::until(&name, SECONDS, || (rider.contents() == there).then_some(()));
        let last = there.keys().filter(|(at, _)| at == mailbox).map(|(_, uid)| *uid).max().unwrap().to_string();
        let there = neighbour.does(&json!([["select", mailbox], ["uid", "STORE", last, "+FLAGS", "(\\Flagged)"]]));
        wait::until(&format!("the flag in {mailbox}"), SECONDS, || (rider.contents() == there).then_some(()));
        let there = neighbour.does(&json!([
            ["select", mailbox],
            ["uid", "STORE", last, "+FLAGS", "(\\Deleted)"],
            ["expunge"]
        ]));
        wait::until(&format!("the end of {name}"), SECONDS, || (rider.contents() == there).then_some(()));
    }
    watch.kill();
}

/// What is ordered here is done there, with what little there is to do it with. What goes is at least marked as deleted,
/// for EXPUNGE alone would take with it what another program marked.
fn orders_are_carried_out(letterbox: &Letterbox, rider: &Rider) {
    let (ids, before) = (ids(rider), letterbox.contents().len());
    rider.must(&["mailboxes", "create", "Köln"], "");
    rider.must(&["move", &ids[0], "--to", "Köln"], "");
    rider.must(&["copy", &ids[1], "--to", "Köln"], "");
    rider.must(&["flag", &ids[2], "--flagged"], "");
    rider.must(&["delete", &ids[3], "--for-good"], "");
    sync(rider);
    sync(rider);
    let there = letterbox.neighbour().does(&json!([["select", "INBOX"], ["expunge"]]));
    assert_eq!(there.keys().filter(|(at, _)| at == "Köln").count(), 2, "{there:#?}");
    assert_eq!((there.len(), rider.orders()), (before + 1 - 1, 0));
    sync(rider);
    assert_eq!(rider.contents(), there);
}
