//! A server with labels (X-GM-EXT-1): one copy of a message however many labels it has, and its labels as such.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use jiff::Timestamp;
use model::{Flag, Role};
use peer::{Fault, Peer, letter};
use std::time::Duration;
use world::Home;

const ALL: &str = "[Gmail]/All Mail";

/// A message under labels.
fn deliver(peer: &Peer, subject: &str, labels: &[&str]) {
    for path in labels.iter().chain([&ALL]) {
        peer.deliver_bytes(path, letter(subject, "Hello.\r\n"));
    }
}

/// A peer that plays Gmail, with three messages, and a home in step with it.
async fn in_step() -> (Peer, Home) {
    let peer = Peer::start("X-GM-EXT-1 UIDPLUS MOVE LIST-STATUS LIST-EXTENDED").await;
    for (path, attributes) in [(ALL, "\\All"), ("[Gmail]/Trash", "\\Trash"), ("Work", ""), ("Gesch&AOQ-ft", "")] {
        peer.make(path, attributes);
    }
    deliver(&peer, "plan", &["INBOX", "Work", "Gesch&AOQ-ft"]);
    deliver(&peer, "bill", &["Work"]);
    deliver(&peer, "old", &[]);
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    (peer, home)
}

/// The labels of a letter, seen in a mailbox.
async fn labels(home: &Home, path: &str, subject: &str) -> Vec<String> {
    let row = home.rows(path).await.into_iter().find(|row| row.subject == subject).unwrap();
    home.store.labels(vec![row.content]).await.unwrap().remove(&row.content).unwrap_or_default()
}

/// UIDs of whose letters the text was asked for, with the repetitions.
fn fetched(peer: &Peer) -> usize {
    let asked = peer.world().log.clone();
    let asked = asked.iter().filter(|line| line.contains("BODY.PEEK[]"));
    let count = |set: &str| -> usize {
        let spans = set.split(',').map(|part| part.split_once(':').unwrap_or((part, part)));
        spans.map(|(first, last)| last.parse::<usize>().unwrap() + 1 - first.parse::<usize>().unwrap()).sum()
    };
    asked.map(|line| count(line.split(' ').nth(2).unwrap())).sum()
}

#[tokio::test]
async fn a_message_is_fetched_once_and_has_the_same_labels_wherever_it_is_seen() {
    let (peer, home) = in_step().await;
    assert_eq!(fetched(&peer), 3, "{:?}", peer.world().log);
    assert_eq!(home.mailbox(ALL).await.role, Some(Role::All));
    for path in ["INBOX", "Work", "Geschäft", ALL] {
        assert_eq!(labels(&home, path, "plan").await, ["Geschäft", "Work"], "{path}");
    }
    assert_eq!(labels(&home, ALL, "bill").await, ["Work"]);
    assert!(labels(&home, ALL, "old").await.is_empty());
    let content = |rows: Vec<store::LetterRow>| rows.into_iter().find(|row| row.subject == "plan").unwrap().content;
    assert_eq!(content(home.rows("INBOX").await), content(home.rows(ALL).await));
    home.sync().await.unwrap();
    assert_eq!(fetched(&peer), 3);
}

#[tokio::test]
async fn labels_that_change_on_the_server_change_here() {
    let (peer, home) = in_step().await;
    peer.world().folders.get_mut("Work").unwrap().letters.clear();
    peer.deliver_bytes("Gesch&AOQ-ft", letter("old", "Hello.\r\n"));
    home.sync().await.unwrap();
    assert_eq!(labels(&home, ALL, "plan").await, ["Geschäft"]);
    assert!(labels(&home, ALL, "bill").await.is_empty());
    assert_eq!(labels(&home, ALL, "old").await, ["Geschäft"]);
    assert_eq!(fetched(&peer), 3, "a new label is a new place for what is here");
}

/// Orders that the server heard about labels, and such as delete.
fn heard(peer: &Peer) -> Vec<String> {
    let speaks =
        |line: &&String| line.contains("X-GM-LABELS.SILENT") || line.contains("EXPUNGE") || line.contains("Deleted");
    peer.world().log.iter().filter(speaks).cloned().collect()
}

#[tokio::test]
async fn taking_a_label_off_leaves_the_message_where_it_is_and_deletes_nothing() {
    let (peer, home) = in_step().await;
    let id = home.letter("INBOX", "plan").await;
    let (work, other) = (home.mailbox("Work").await.id, home.mailbox("Geschäft").await.id);
    let order = home.store.take_label(&[id], work, Duration::ZERO).await.unwrap();
    assert_eq!(labels(&home, "INBOX", "plan").await, ["Geschäft"], "at once");
    assert!(home.store.withdraw_order(order[0]).await.unwrap());
    assert_eq!(labels(&home, "INBOX", "plan").await, ["Geschäft", "Work"], "and not, if it is withdrawn");
    assert_eq!(home.subjects("Work").await, ["bill", "plan"]);
    for label in [work, other] {
        assert_eq!(home.store.take_label(&[id], label, Duration::ZERO).await.unwrap().len(), 1);
        assert!(home.store.take_label(&[id], label, Duration::ZERO).await.unwrap().is_empty(), "once");
    }
    assert!(labels(&home, "INBOX", "plan").await.is_empty(), "at once");
    assert_eq!(home.subjects("Work").await, ["bill"]);
    home.sync().await.unwrap();
    home.sync().await.unwrap();
    assert_eq!(
        heard(&peer),
        [r#"UID STORE 1 -X-GM-LABELS.SILENT ("Work")"#, r#"UID STORE 1 -X-GM-LABELS.SILENT ("Gesch&AOQ-ft")"#]
    );
    assert_eq!((peer.uids("Work").len(), peer.uids("INBOX").len(), peer.uids(ALL).len()), (1, 1, 3));
    assert!(labels(&home, ALL, "plan").await.is_empty());
    assert_eq!(home.subjects(ALL).await, ["bill", "old", "plan"]);
    assert_eq!(
        (home.subjects("INBOX").await, home.subjects("Work").await),
        (vec!["plan".into()], vec!["bill".into()])
    );
    assert_eq!(fetched(&peer), 3);
}

#[tokio::test]
async fn a_label_that_is_taken_off_twice_by_a_broken_connection_is_off_once() {
    let (peer, home) = in_step().await;
    let id = home.letter("INBOX", "plan").await;
    let work = home.mailbox("Work").await.id;
    home.store.take_label(&[id], work, Duration::ZERO).await.unwrap();
    peer.fault("UID STORE", 0, Fault::DoAndClose);
    home.sync().await.unwrap_err();
    let waiting = home.store.journal(home.account.id).await.unwrap();
    home.store.journal_failed(waiting[0].id, "", Timestamp::now()).await.unwrap();
    home.sync().await.unwrap();
    assert!(home.store.journal(home.account.id).await.unwrap().is_empty());
    assert_eq!(heard(&peer).len(), 2);
    assert_eq!((peer.uids("Work").len(), peer.uids("INBOX").len()), (1, 1));
    assert_eq!(labels(&home, "INBOX", "plan").await, ["Geschäft"]);
}

#[tokio::test]
async fn a_label_that_the_server_does_not_take_off_is_seen_again() {
    let (peer, home) = in_step().await;
    let id = home.letter("INBOX", "plan").await;
    let work = home.mailbox("Work").await.id;
    home.store.take_label(&[id], work, Duration::ZERO).await.unwrap();
    peer.world().capabilities = "IMAP4rev1 UIDPLUS MOVE".to_owned();
    for _ in 0..5 {
        let report = home.sync().await.unwrap();
        assert!(report.notes.iter().all(|note| note.contains("no labels")), "{:?}", report.notes);
        for entry in home.store.journal(home.account.id).await.unwrap() {
            home.store.journal_failed(entry.id, "", Timestamp::now()).await.unwrap();
        }
    }
    assert!(home.store.journal(home.account.id).await.unwrap().is_empty());
    assert!(heard(&peer).is_empty());
    assert_eq!(home.subjects("Work").await, ["bill", "plan"]);
}

#[tokio::test]
async fn a_label_that_is_put_on_again_at_once_never_goes() {
    let (peer, home) = in_step().await;
    let (inbox, all) = (home.letter("INBOX", "plan").await, home.letter(ALL, "plan").await);
    let work = home.mailbox("Work").await.id;
    home.store.take_label(&[inbox], work, Duration::ZERO).await.unwrap();
    assert!(home.store.apply_local_copy(&[all], work).await.unwrap().is_empty());
    assert_eq!(labels(&home, "INBOX", "plan").await, ["Geschäft", "Work"]);
    assert_eq!(home.subjects("Work").await, ["bill", "plan"]);
    home.sync().await.unwrap();
    assert!(heard(&peer).is_empty());
    assert_eq!(peer.count("UID COPY"), 0);
}

#[tokio::test]
async fn only_what_is_a_label_can_be_taken_off_and_not_where_the_letter_is_seen_itself() {
    let (peer, home) = in_step().await;
    let (seen, labelled) = (home.letter("INBOX", "plan").await, home.letter("Work", "plan").await);
    let id = async |path: &str| home.mailbox(path).await.id;
    let refused =
        async |letter, label| home.store.take_label(&[letter], label, Duration::ZERO).await.unwrap_err().to_string();
    assert!(refused(labelled, id("Work").await).await.contains("delete it instead"));
    assert!(refused(seen, id(ALL).await).await.contains("is not a label"));
    assert!(refused(labelled, id("INBOX").await).await.contains("is not a label"));

    let plain = Peer::start("UIDPLUS").await;
    plain.make("Work", "");
    plain.deliver("INBOX", "plan");
    plain.deliver("Work", "plan");
    let other = Home::at(&plain).await;
    other.sync().await.unwrap();
    let letter = other.letter("INBOX", "plan").await;
    let why = other.store.take_label(&[letter], other.mailbox("Work").await.id, Duration::ZERO).await.unwrap_err();
    assert!(why.to_string().contains("is not a label"), "{why}");
    assert!(home.store.journal(home.account.id).await.unwrap().is_empty() && heard(&peer).is_empty());
}

#[tokio::test]
async fn a_copy_into_the_mailbox_of_a_label_puts_the_label_on() {
    let (peer, home) = in_step().await;
    let id = home.letter(ALL, "old").await;
    home.store.apply_local_copy(&[id], home.mailbox("Work").await.id).await.unwrap();
    home.store.apply_local_flag(&[id], Flag::Flagged, true).await.unwrap();
    home.sync().await.unwrap();
    home.sync().await.unwrap();
    assert_eq!(peer.uids("Work").len(), 3);
    assert_eq!(labels(&home, ALL, "old").await, ["Work"]);
    assert_eq!(fetched(&peer), 3);
}

#[tokio::test]
async fn letters_that_were_here_before_labels_were_known_get_theirs() {
    let peer = Peer::start("CONDSTORE UIDPLUS").await;
    peer.world().modseq = Some(7);
    peer.make(ALL, "\\All");
    peer.make("Work", "");
    deliver(&peer, "plan", &["INBOX", "Work"]);
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    assert!(labels(&home, "INBOX", "plan").await.is_empty());
    peer.world().capabilities.push_str(" X-GM-EXT-1");
    home.sync().await.unwrap();
    assert_eq!(labels(&home, "INBOX", "plan").await, ["Work"]);
    let walks = peer.count("FETCH");
    home.sync().await.unwrap();
    assert_eq!(peer.count("FETCH"), walks, "once");
}

#[tokio::test]
async fn a_mailbox_of_stars_is_no_label_and_one_that_is_called_archive_is() {
    let peer = Peer::start("X-GM-EXT-1 UIDPLUS").await;
    let mailboxes =
        [(ALL, "\\All"), ("Archive", ""), ("[Gmail]/Starred", "\\Flagged"), ("[Gmail]/Wichtig", "\\Important")];
    for (path, attributes) in mailboxes {
        peer.make(path, attributes);
    }
    deliver(&peer, "plan", &["INBOX", "Archive", "[Gmail]/Starred", "[Gmail]/Wichtig"]);
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    for (path, _) in mailboxes {
        assert_eq!(labels(&home, path, "plan").await, ["Archive"], "{path}");
    }
}
