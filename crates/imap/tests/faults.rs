//! A server that refuses, breaks off, lies or changes under the sync, at every point of it: nothing of what is here is
//! lost, nobody waits for ever, and the next sync with a sane server ends equal to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use model::{DraftId, Flag, Flags, Role};
use peer::{Fault, Letter, Peer, World, letter};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::{AppendTo, JournalOp, LettersGo};
use world::Home;

/// A peer with letters in its mailboxes, and a home that is in step with it.
async fn in_step() -> (Peer, Home) {
    let peer = Peer::start("UIDPLUS MOVE LIST-STATUS").await;
    for path in ["Archive", "Drafts", "Sent", "Trash"] {
        peer.make(path, &format!("\\{path}"));
    }
    for path in ["Old", "Gone", "Projects"] {
        peer.make(path, "");
        peer.deliver(path, &format!("in {path}"));
    }
    for n in 1..=6 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    (peer, home)
}

/// An order of every kind, and mail that comes.
async fn a_days_work(peer: &Peer, home: &Home) {
    let letter_of = async |subject: &str| home.letter("INBOX", subject).await;
    let (store, account) = (&home.store, home.account.id);
    store.apply_local_flag(&[letter_of("letter 1").await], Flag::Seen, true).await.unwrap();
    store.apply_local_move(&[letter_of("letter 2").await], home.mailbox("Archive").await.id).await.unwrap();
    store.apply_local_copy(&[letter_of("letter 3").await], home.mailbox("Archive").await.id).await.unwrap();
    store.apply_local_delete(&[letter_of("letter 4").await], Duration::ZERO).await.unwrap();
    store.journal_add(account, append("sent"), Some(letter("sent", "Hi.\r\n"))).await.unwrap();
    store.journal_add(account, import("filed"), Some(letter("filed", "Hi.\r\n"))).await.unwrap();
    store.journal_add(account, draft("draft"), Some(letter("draft", "Hi.\r\n"))).await.unwrap();
    store.create_mailbox(account, "New").await.unwrap();
    store.rename_mailbox(home.mailbox("Old").await.id, "Renamed").await.unwrap();
    store.remove_mailbox(home.mailbox("Gone").await.id, LettersGo::ToTrash).await.unwrap();
    store.subscribe_mailbox(home.mailbox("Projects").await.id, false).await.unwrap();
    peer.deliver("INBOX", "new mail");
    peer.deliver("Projects", "new in Projects");
}

fn message_id(subject: &str) -> String {
    format!("{subject}@example.org")
}

fn append(subject: &str) -> JournalOp {
    let to = AppendTo::Role(Role::Sent);
    JournalOp::Append { to, message_id: message_id(subject), outgoing: None, flags: Flags::default() }
}

fn import(subject: &str) -> JournalOp {
    let size = letter(subject, "Hi.\r\n").len() as u64;
    let (path, flags) = ("Archive".to_owned(), Flags::default());
    JournalOp::Import { path, message_id: message_id(subject), size, flags, received: None }
}

fn draft(subject: &str) -> JournalOp {
    JournalOp::Draft { draft: DraftId(1), message_id: Some(message_id(subject)), replaces: Vec::new() }
}

/// Syncs until nothing is left to do.
async fn settle(home: &Home) {
    for _ in 0..8 {
        for entry in home.store.journal(home.account.id).await.unwrap() {
            home.store.journal_failed(entry.id, "", jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        }
        let rest = home.store.journal(home.account.id).await.unwrap().len();
        home.sync().await.unwrap();
        if rest == 0 {
            return;
        }
    }
    panic!("still to do: {:?}", home.store.journal(home.account.id).await.unwrap());
}

/// Subject and whether it was read, of every letter, by mailbox.
type Shown = BTreeMap<String, Vec<(String, bool)>>;

fn subject(letter: &Letter) -> String {
    let text = String::from_utf8_lossy(&letter.bytes);
    text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default().to_owned()
}

fn there(peer: &Peer) -> Shown {
    let world = peer.world();
    let shown = world.folders.iter().map(|(path, folder)| {
        let mut letters: Vec<_> =
            folder.letters.iter().map(|letter| (subject(letter), letter.flags.contains("\\Seen"))).collect();
        letters.sort();
        (path.clone(), letters)
    });
    shown.collect()
}

async fn here(home: &Home) -> Shown {
    let mut shown = Shown::new();
    for mailbox in home.store.mailboxes(Some(home.account.id)).await.unwrap() {
        let rows = home.rows(&mailbox.path).await;
        let mut letters: Vec<_> = rows.into_iter().map(|row| (row.subject, row.flags.has(Flag::Seen))).collect();
        letters.sort();
        shown.insert(mailbox.path, letters);
    }
    shown
}

/// Here is what is there, each letter with its own text, and a sync finds nothing to do and fetches nothing.
async fn is_equal(peer: &Peer, home: &Home, case: &str) {
    assert_eq!(here(home).await, there(peer), "{case}");
    let texts: BTreeMap<String, Vec<u8>> = {
        let world = peer.world();
        let letters = world.folders.values().flat_map(|folder| &folder.letters);
        letters.map(|letter| (subject(letter), letter.bytes.clone())).collect()
    };
    for mailbox in home.store.mailboxes(Some(home.account.id)).await.unwrap() {
        for row in home.rows(&mailbox.path).await {
            let raw = home.store.raw(row.id).await.unwrap();
            assert_eq!(raw.as_ref(), texts.get(&row.subject), "{case}: {} in {}", row.subject, mailbox.path);
        }
    }
    let fetched = bodies(peer);
    let report = home.sync().await.unwrap();
    assert_eq!(
        (report.added, report.changed, report.removed, report.notes.len()),
        (0, 0, 0, 0),
        "{case}: {report:?}"
    );
    assert_eq!(bodies(peer), fetched, "{case}: something was fetched again");
}

/// Questions for the text of letters.
fn bodies(peer: &Peer) -> usize {
    peer.world().log.iter().filter(|line| line.contains("BODY.PEEK[]")).count()
}

/// The beginnings of all commands of a day's work.
async fn commands() -> BTreeSet<String> {
    let (peer, home) = in_step().await;
    peer.world().log.clear();
    a_days_work(&peer, &home).await;
    home.sync().await.unwrap();
    let beginning = |line: &String| {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0] == "UID" { words[..2].join(" ") } else { words[0].to_owned() }
    };
    let world = peer.world();
    world.log.iter().map(beginning).collect()
}

/// What a day's work leaves on a server that carries everything out.
fn done() -> Shown {
    let table: [(&str, &[(&str, bool)]); 8] = [
        ("Archive", &[("filed", false), ("letter 2", false), ("letter 3", false)]),
        ("Drafts", &[("draft", true)]),
        ("New", &[]),
        ("Projects", &[("in Projects", false), ("new in Projects", false)]),
        ("Renamed", &[("in Old", false)]),
        ("Sent", &[("sent", false)]),
        ("Trash", &[("in Gone", false)]),
        (
            "INBOX",
            &[("letter 1", true), ("letter 3", false), ("letter 5", false), ("letter 6", false), ("new mail", false)],
        ),
    ];
    let shown = table.iter().map(|(path, letters)| {
        let letters = letters.iter().map(|(subject, seen)| ((*subject).to_owned(), *seen)).collect();
        ((*path).to_owned(), letters)
    });
    shown.collect()
}

/// Orders about mailboxes are given up at the first refusal, and said to be.
fn may_be_given_up(command: &str, fault: &Fault) -> bool {
    let about_mailboxes = ["CREATE", "RENAME", "DELETE", "EXAMINE", "LIST", "SELECT", "UID"];
    matches!(fault, Fault::No(_) | Fault::Bad(_)) && about_mailboxes.iter().any(|word| command.starts_with(word))
}

#[tokio::test]
async fn whatever_happens_at_any_command_the_orders_are_done_once_and_both_sides_end_equal() {
    let commands = commands().await;
    assert!(commands.len() > 15, "{commands:?}");
    let faults = [
        Fault::No("not now"),
        Fault::Bad("what is that"),
        Fault::Bye("going down"),
        Fault::Close,
        Fault::CloseAfter(7),
        Fault::DoAndClose,
        Fault::Say(b"* 1 FETCH (UID 1 FLAGS (\\Seen\r\n".to_vec()),
        Fault::Say(b"\x00\xff\xfe nonsense\r\n".to_vec()),
    ];
    let commands = commands.into_iter().map(|command| &*command.leak());
    let cases: Vec<(&'static str, Fault)> =
        commands.flat_map(|command| faults.iter().map(move |fault| (command, fault.clone()))).collect();
    side_by_side(cases.into_iter().map(|(command, fault)| a_day_with(command, fault))).await;
}

/// A day's work of which one command meets a fault.
async fn a_day_with(command: &'static str, fault: Fault) {
    let case = format!("{command}: {fault:?}");
    let (peer, home) = in_step().await;
    a_days_work(&peer, &home).await;
    peer.fault(command, 0, fault.clone());
    let mut told = home.sync().await.map(|report| report.notes).unwrap_or_default();
    peer.world().faults.clear();
    told.extend(home.sync().await.unwrap().notes);
    settle(&home).await;
    is_equal(&peer, &home, &case).await;
    let undone = told.iter().any(|note| note.contains("undone"));
    if !(undone && may_be_given_up(command, &fault)) {
        assert_eq!(there(&peer), done(), "{case}: {told:?}");
    }
}

/// Runs these, a few at a time: most of the time goes to the disk.
async fn side_by_side(cases: impl Iterator<Item = impl Future<Output = ()> + Send + 'static>) {
    let mut running = tokio::task::JoinSet::new();
    for case in cases {
        if running.len() >= 8 {
            running.join_next().await.unwrap().unwrap();
        }
        running.spawn(case);
    }
    while let Some(outcome) = running.join_next().await {
        outcome.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_ends_at_any_octet_of_an_answer_costs_nothing() {
    for (command, after) in [("UID FETCH", 0), ("UID FETCH", 1), ("SELECT", 0), ("FETCH", 0)] {
        let (peer, home) = in_step().await;
        let mut octets = 0;
        loop {
            let subject = format!("cut at {octets}");
            peer.deliver("INBOX", &subject);
            peer.fault(command, after, Fault::CloseAfter(octets));
            let outcome = home.sync().await;
            peer.world().faults.clear();
            if outcome.is_ok() || octets > 600 {
                break;
            }
            assert_eq!(outcome.unwrap_err().code(), "connection-lost", "{command} {octets}");
            home.sync().await.unwrap();
            assert_eq!(home.rows("INBOX").await.len(), peer.uids("INBOX").len(), "{command} {octets}");
            octets += 1 + octets / 40;
        }
        assert!(octets > 100, "{command} {octets}");
        settle(&home).await;
        is_equal(&peer, &home, command).await;
    }
}

#[tokio::test]
async fn a_literal_that_lies_about_its_length_ends_the_connection_and_nothing_else() {
    /// Another length in the first literal of an answer.
    fn with_length(answer: &str, length: &str) -> String {
        let (before, rest) = answer.split_once('{').unwrap();
        let (_, after) = rest.split_once('}').unwrap();
        format!("{before}{{{length}}}{after}")
    }
    type Lie = fn(&str) -> String;
    let table: [(&str, Lie, &str); 7] = [
        ("shorter", |answer| with_length(answer, "10"), "protocol-error"),
        ("none", |answer| with_length(answer, "0"), "protocol-error"),
        ("four thousand million", |answer| with_length(answer, "4294967296"), "protocol-error"),
        ("beyond any number", |answer| with_length(answer, "99999999999999999999999"), "protocol-error"),
        ("no number", |answer| with_length(answer, "many"), "protocol-error"),
        ("below zero", |answer| with_length(answer, "-1"), "protocol-error"),
        ("nothing", |answer| with_length(answer, ""), "protocol-error"),
    ];
    // The headers of the newest letters, and the letter itself.
    for ((case, lie, code), answer) in table.into_iter().flat_map(|row| [(row, 0), (row, 2)]) {
        let (peer, home) = in_step().await;
        peer.deliver("INBOX", "lied about");
        peer.fault("UID FETCH", answer, Fault::Alter(lie));
        let error = home.sync().await.unwrap_err();
        assert_eq!(error.code(), code, "{case} {answer}: {error}");
        settle(&home).await;
        is_equal(&peer, &home, case).await;
    }
}

#[tokio::test]
async fn a_literal_that_is_said_to_be_longer_is_waited_for_no_longer_than_for_any_answer() {
    let (peer, home) = in_step().await;
    peer.deliver("INBOX", "lied about");
    peer.fault("UID FETCH", 2, Fault::AlterAndHang(|answer| answer.replacen('{', "{9", 1)));
    // The clock runs ahead only once nothing more comes: before, every answer would seem late.
    let silence = async {
        while peer.world().silent == 0 {
            tokio::task::yield_now().await;
        }
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
    };
    let (outcome, ()) = tokio::join!(home.sync(), silence);
    tokio::time::resume();
    let error = outcome.unwrap_err();
    assert_eq!(error.code(), "connection-lost", "{error}");
    settle(&home).await;
    is_equal(&peer, &home, "longer").await;
}

type Change = fn(&mut World);

/// What another program, or a broken server, does to INBOX or to a mailbox.
const CHANGES: [(&str, Change); 8] = [
    ("UIDVALIDITY jumps, and every UID is another", |world| {
        let inbox = world.folders.get_mut("INBOX").unwrap();
        inbox.validity += 1000;
        inbox.letters.reverse();
        for (n, letter) in inbox.letters.iter_mut().enumerate() {
            letter.uid = n as u32 + 1;
        }
        inbox.next = 100;
    }),
    ("UIDVALIDITY jumps, and the UIDs are the same", |world| {
        world.folders.get_mut("INBOX").unwrap().validity += 1000;
    }),
    ("the oldest letter goes", |world| {
        world.folders.get_mut("INBOX").unwrap().letters.remove(0);
    }),
    ("the newest letter goes", |world| {
        world.folders.get_mut("INBOX").unwrap().letters.pop();
    }),
    ("everything goes", |world| world.folders.get_mut("INBOX").unwrap().letters.clear()),
    ("UIDNEXT goes backwards", |world| {
        let inbox = world.folders.get_mut("INBOX").unwrap();
        inbox.letters.truncate(2);
        inbox.next = 3;
        let bytes = letter("came after that", "Hello.\r\n");
        inbox.letters.push(Letter { uid: 3, flags: BTreeSet::new(), bytes });
        inbox.next = 4;
    }),
    ("a mailbox goes", |world| {
        world.folders.remove("Projects");
    }),
    ("a mailbox goes, and another one takes its name", |world| {
        let projects = world.folders.get_mut("Projects").unwrap();
        projects.validity += 1;
        projects.letters.clear();
        let bytes = letter("in the other one", "Hello.\r\n");
        projects.letters.push(Letter { uid: 1, flags: BTreeSet::new(), bytes });
    }),
];

#[tokio::test]
async fn a_server_that_changes_at_any_moment_of_a_sync_is_caught_up_with() {
    let moments = 0..a_sync_of_arrivals("nothing", |_| {}, usize::MAX).await;
    assert!(moments.len() > 10, "{moments:?}");
    let cases = CHANGES.iter().flat_map(|change| moments.clone().map(move |moment| (change, moment)));
    side_by_side(cases.map(|((what, change), moment)| async move {
        a_sync_of_arrivals(what, *change, moment).await;
    }))
    .await;
}

/// A sync that takes mail in while something happens before a command; the number of its commands.
async fn a_sync_of_arrivals(what: &str, change: Change, moment: usize) -> usize {
    let (peer, home) = in_step().await;
    for n in 7..=9 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    peer.deliver("Projects", "new in Projects");
    peer.world().log.clear();
    peer.fault("", moment, Fault::After(change));
    let _ = home.sync().await;
    let commands = peer.world().log.len();
    peer.world().faults.clear();
    settle(&home).await;
    home.sync().await.unwrap();
    is_equal(&peer, &home, &format!("{what}, before command {moment}")).await;
    commands
}

#[tokio::test]
async fn a_count_that_is_wrong_takes_nothing_away() {
    /// Another number of letters in the answer to SELECT.
    fn counted(answer: &str, count: &str) -> String {
        let (before, after) = answer.split_once(" EXISTS").unwrap();
        let before = before.rsplit_once("* ").unwrap().0;
        format!("{before}* {count} EXISTS{after}")
    }
    type Lie = fn(&str) -> String;
    let table: [(&str, Lie); 4] = [
        ("none", |answer| counted(answer, "0")),
        ("one", |answer| counted(answer, "1")),
        ("four thousand million", |answer| counted(answer, "4294967295")),
        ("a few more", |answer| counted(answer, "50")),
    ];
    for (case, lie) in table {
        let (peer, home) = in_step().await;
        let before = here(&home).await;
        let fetched = bodies(&peer);
        peer.fault("SELECT \"INBOX\"", 0, Fault::Alter(lie));
        home.sync().await.unwrap();
        assert_eq!(here(&home).await, before, "{case}");
        assert_eq!(bodies(&peer), fetched, "{case}");
        assert!(peer.count("FETCH") < 40, "{case}");
        settle(&home).await;
        is_equal(&peer, &home, case).await;
    }
}

#[tokio::test]
async fn a_mailbox_that_is_shown_empty_once_is_not_fetched_again() {
    let (peer, home) = in_step().await;
    let fetched = bodies(&peer);
    let letters = std::mem::take(&mut peer.world().folders.get_mut("INBOX").unwrap().letters);
    home.sync().await.unwrap();
    assert!(home.rows("INBOX").await.is_empty());
    peer.world().folders.get_mut("INBOX").unwrap().letters = letters;
    home.sync().await.unwrap();
    assert_eq!(home.rows("INBOX").await.len(), 6);
    assert_eq!(bodies(&peer), fetched);
    is_equal(&peer, &home, "shown empty").await;
}
