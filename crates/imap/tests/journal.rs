//! What was done here is done on the server: once, in order, and again where nobody knows whether it was done.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use model::{Flag, Flags, Role};
use peer::{Fault, Peer, letter};
use store::{AppendTo, JournalOp};
use world::Home;

/// A peer with three letters and the usual mailboxes, and a home that is in step with it.
async fn in_step(capabilities: &str) -> (Peer, Home) {
    let peer = Peer::start(capabilities).await;
    for path in ["Archive", "Sent", "Trash"] {
        peer.make(path, &format!("\\{path}"));
    }
    for n in 1..=3 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    (peer, home)
}

fn copy_to(role: Role, subject: &str) -> JournalOp {
    let message_id = format!("{subject}@example.org");
    JournalOp::Append {
        to: AppendTo::Role(role),
        message_id,
        outgoing: None,
        flags: Flags::default().with(Flag::Seen, true),
    }
}

#[tokio::test]
async fn a_flag_set_here_is_set_on_the_server_and_stays_set_here() {
    let (peer, home) = in_step("").await;
    let id = home.letter("INBOX", "letter 2").await;
    home.store.apply_local_flag(&[id], Flag::Seen, true).await.unwrap();
    let report = home.sync().await.unwrap();
    assert_eq!(report.replayed, 1);
    assert_eq!(peer.flags("INBOX", 2), ["\\Seen"]);
    assert!(home.rows("INBOX").await.iter().all(|row| row.flags.has(Flag::Seen) == (row.id == id)));
    assert!(home.store.journal(home.account.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_move_reaches_the_server_by_whatever_it_can_do_and_the_letter_keeps_its_number() {
    for capabilities in ["MOVE UIDPLUS", "MOVE", "UIDPLUS"] {
        let (peer, home) = in_step(capabilities).await;
        let id = home.letter("INBOX", "letter 2").await;
        let archive = home.mailbox("Archive").await.id;
        home.store.apply_local_move(&[id], archive).await.unwrap();
        assert_eq!(home.subjects("Archive").await, ["letter 2"]);
        home.sync().await.unwrap();
        assert_eq!(peer.uids("INBOX"), [1, 3], "{capabilities}");
        assert_eq!(peer.uids("Archive").len(), 1, "{capabilities}");
        home.sync().await.unwrap();
        assert_eq!(home.letter("Archive", "letter 2").await, id, "{capabilities}");
        assert_eq!(home.rows("Archive").await.len(), 1);
        assert_eq!(home.subjects("INBOX").await, ["letter 1", "letter 3"]);
    }
}

#[tokio::test]
async fn without_uidplus_nothing_is_expunged_that_another_program_marked() {
    let (peer, home) = in_step("").await;
    peer.world().folders.get_mut("INBOX").unwrap().letters[0].flags.insert("\\Deleted".to_owned());
    let id = home.letter("INBOX", "letter 2").await;
    home.store.apply_local_delete(&[id], std::time::Duration::ZERO).await.unwrap();
    home.sync().await.unwrap();
    assert_eq!(peer.uids("INBOX"), [1, 2, 3]);
    assert_eq!(peer.flags("INBOX", 2), ["\\Deleted"]);
    assert_eq!(peer.count("EXPUNGE"), 0);
}

#[tokio::test]
async fn without_uidplus_a_letter_goes_where_no_other_is_marked() {
    for order in ["delete", "move"] {
        let (peer, home) = in_step("").await;
        let id = home.letter("INBOX", "letter 2").await;
        if order == "delete" {
            home.store.apply_local_delete(&[id], std::time::Duration::ZERO).await.unwrap();
        } else {
            home.store.apply_local_move(&[id], home.mailbox("Archive").await.id).await.unwrap();
        }
        home.sync().await.unwrap();
        home.sync().await.unwrap();
        assert_eq!(peer.uids("INBOX"), [1, 3], "{order}");
        assert_eq!(home.subjects("INBOX").await, ["letter 1", "letter 3"], "{order}");
    }
}

#[tokio::test]
async fn a_deletion_takes_only_what_was_deleted() {
    let (peer, home) = in_step("UIDPLUS").await;
    let id = home.letter("INBOX", "letter 2").await;
    home.store.apply_local_delete(&[id], std::time::Duration::ZERO).await.unwrap();
    home.sync().await.unwrap();
    assert_eq!(peer.uids("INBOX"), [1, 3]);
    assert_eq!(home.subjects("INBOX").await, ["letter 1", "letter 3"]);
}

#[tokio::test]
async fn a_move_that_was_done_and_never_answered_is_not_done_twice() {
    for (capabilities, command) in [("MOVE UIDPLUS", "UID MOVE"), ("UIDPLUS", "UID COPY"), ("UIDPLUS", "UID EXPUNGE")]
    {
        let (peer, home) = in_step(capabilities).await;
        let id = home.letter("INBOX", "letter 2").await;
        home.store.apply_local_move(&[id], home.mailbox("Archive").await.id).await.unwrap();
        peer.fault(command, 0, Fault::DoAndClose);
        assert_eq!(home.sync().await.unwrap_err().code(), "connection-lost");
        make_due(&home).await;
        home.sync().await.unwrap();
        assert_eq!(peer.uids("Archive").len(), 1, "{command}");
        assert_eq!(peer.uids("INBOX"), [1, 3], "{command}");
        assert_eq!(home.letter("Archive", "letter 2").await, id, "{command}");
    }
}

/// Makes everything in the journal due.
async fn make_due(home: &Home) {
    for entry in home.store.journal(home.account.id).await.unwrap() {
        home.store.journal_failed(entry.id, "", jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    }
}

#[tokio::test]
async fn an_append_that_was_done_and_never_answered_is_not_done_twice() {
    let (peer, home) = in_step("UIDPLUS").await;
    home.store
        .journal_add(home.account.id, copy_to(Role::Sent, "copy"), Some(letter("copy", "Hi.\r\n")))
        .await
        .unwrap();
    peer.fault("APPEND", 0, Fault::DoAndClose);
    assert_eq!(home.sync().await.unwrap_err().code(), "connection-lost");
    make_due(&home).await;
    home.sync().await.unwrap();
    assert_eq!(peer.uids("Sent").len(), 1);
    assert_eq!(peer.flags("Sent", 1), ["\\Seen"]);
    assert_eq!(home.subjects("Sent").await, ["copy"]);
    assert!(home.store.journal(home.account.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_mailbox_for_a_role_is_made_where_there_is_none() {
    let peer = Peer::start("").await;
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    home.store
        .journal_add(home.account.id, copy_to(Role::Sent, "copy"), Some(letter("copy", "Hi.\r\n")))
        .await
        .unwrap();
    home.sync().await.unwrap();
    assert_eq!(home.mailbox("Sent").await.role, Some(Role::Sent));
    assert_eq!(home.subjects("Sent").await, ["copy"]);
}

#[tokio::test]
async fn a_refused_order_waits_and_reading_goes_on() {
    let (peer, home) = in_step("").await;
    home.store
        .journal_add(home.account.id, copy_to(Role::Sent, "copy"), Some(letter("copy", "Hi.\r\n")))
        .await
        .unwrap();
    let id = home.letter("INBOX", "letter 1").await;
    home.store.apply_local_flag(&[id], Flag::Flagged, true).await.unwrap();
    peer.fault("APPEND", 0, Fault::No("[OVERQUOTA] mailbox full"));
    peer.deliver("INBOX", "letter 4");
    let report = home.sync().await.unwrap();
    assert!(report.notes[0].contains("mailbox full"), "{:?}", report.notes);
    assert_eq!(peer.flags("INBOX", 1), ["\\Flagged"]);
    assert_eq!(home.rows("INBOX").await.len(), 4);
    let waiting = home.store.journal(home.account.id).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].tries), (1, 1));
}

#[tokio::test]
async fn an_order_that_is_refused_for_good_is_undone_here() {
    let (peer, home) = in_step("").await;
    let id = home.letter("INBOX", "letter 1").await;
    home.store.apply_local_flag(&[id], Flag::Flagged, true).await.unwrap();
    for _ in 0..5 {
        peer.fault("UID STORE", 0, Fault::No("[NOPERM] read only"));
        make_due(&home).await;
        home.sync().await.unwrap();
    }
    make_due(&home).await;
    assert!(home.store.journal(home.account.id).await.unwrap().is_empty());
    assert!(home.rows("INBOX").await.iter().all(|row| !row.flags.has(Flag::Flagged)));
}

#[tokio::test]
async fn letters_that_are_gone_from_the_server_resolve_quietly() {
    let (peer, home) = in_step("MOVE UIDPLUS").await;
    let id = home.letter("INBOX", "letter 2").await;
    home.store.apply_local_move(&[id], home.mailbox("Archive").await.id).await.unwrap();
    peer.world().folders.get_mut("INBOX").unwrap().letters.remove(1);
    home.sync().await.unwrap();
    assert_eq!(home.subjects("INBOX").await, ["letter 1", "letter 3"]);
    assert!(home.subjects("Archive").await.is_empty());
    assert!(home.store.journal(home.account.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_mailbox_that_is_gone_resolves_with_a_note() {
    let (peer, home) = in_step("MOVE UIDPLUS").await;
    peer.make("Old", "");
    peer.deliver("Old", "from long ago");
    home.sync().await.unwrap();
    let id = home.letter("Old", "from long ago").await;
    home.store.apply_local_flag(&[id], Flag::Seen, true).await.unwrap();
    peer.world().folders.remove("Old");
    let report = home.sync().await.unwrap();
    assert!(report.notes[0].contains("“Old” is no longer"), "{:?}", report.notes);
    assert!(home.store.journal(home.account.id).await.unwrap().is_empty());
}
