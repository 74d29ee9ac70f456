//! Copies, drafts and orders about mailboxes: once, in order, and again where nobody knows whether it was done.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use model::DraftId;
use peer::{Fault, Peer, letter};
use store::{JournalOp, LettersGo};
use world::Home;

async fn in_step(capabilities: &str) -> (Peer, Home) {
    let peer = Peer::start(capabilities).await;
    for path in ["Archive", "Drafts", "Trash"] {
        peer.make(path, &format!("\\{path}"));
    }
    for n in 1..=3 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    (peer, home)
}

/// Makes everything in the journal due, and syncs.
async fn again(home: &Home) {
    for entry in home.store.journal(home.account.id).await.unwrap() {
        home.store.journal_failed(entry.id, "", jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    }
    home.sync().await.unwrap();
}

fn has(peer: &Peer, path: &str) -> bool {
    peer.world().folders.contains_key(path)
}

#[tokio::test]
async fn a_copy_that_was_made_and_never_answered_is_not_made_twice() {
    for capabilities in ["UIDPLUS", ""] {
        let (peer, home) = in_step(capabilities).await;
        let id = home.letter("INBOX", "letter 2").await;
        let archive = home.mailbox("Archive").await.id;
        home.store.apply_local_copy(&[id], archive).await.unwrap();
        assert_eq!(home.subjects("Archive").await, ["letter 2"], "here at once");
        peer.fault("UID COPY", 0, Fault::DoAndClose);
        assert_eq!(home.sync().await.unwrap_err().code(), "connection-lost");
        again(&home).await;
        assert_eq!((peer.uids("Archive").len(), peer.uids("INBOX").len()), (1, 3), "{capabilities}");
        assert_eq!(home.rows("Archive").await.len(), 1);
        home.store.apply_local_copy(&[id], archive).await.unwrap();
        again(&home).await;
        assert_eq!(peer.uids("Archive").len(), 2, "a second order is a second copy");
    }
}

#[tokio::test]
async fn a_mailbox_is_made_once_and_letters_go_into_it() {
    let (peer, home) = in_step("MOVE UIDPLUS").await;
    let made = home.store.create_mailbox(home.account.id, "Projects").await.unwrap();
    let id = home.letter("INBOX", "letter 1").await;
    home.store.apply_local_move(&[id], made.id).await.unwrap();
    peer.fault("CREATE", 0, Fault::DoAndClose);
    assert_eq!(home.sync().await.unwrap_err().code(), "connection-lost");
    assert_eq!(home.subjects("Projects").await, ["letter 1"], "it stays through the list of a server without it");
    again(&home).await;
    assert_eq!((peer.uids("Projects").len(), peer.uids("INBOX")), (1, vec![2, 3]));
    assert_eq!(home.letter("Projects", "letter 1").await, id);
}

#[tokio::test]
async fn a_mailbox_is_renamed_once_and_a_name_that_is_taken_is_told_and_undone() {
    let (peer, home) = in_step("MOVE UIDPLUS").await;
    peer.make("Old", "");
    peer.deliver("Old", "kept");
    home.sync().await.unwrap();
    let old = home.mailbox("Old").await.id;
    home.store.rename_mailbox(old, "New").await.unwrap();
    peer.fault("RENAME", 0, Fault::DoAndClose);
    assert_eq!(home.sync().await.unwrap_err().code(), "connection-lost");
    again(&home).await;
    assert!(has(&peer, "New") && !has(&peer, "Old"));
    assert_eq!((home.mailbox("New").await.id, home.subjects("New").await), (old, vec!["kept".to_owned()]));

    home.store.rename_mailbox(old, "Newer").await.unwrap();
    peer.make("Newer", "");
    let report = home.sync().await.unwrap();
    assert!(
        report.notes[0].contains("could not be renamed") && report.notes[0].contains("undone"),
        "{:?}",
        report.notes
    );
    assert_eq!(home.mailbox("New").await.id, old);
}

#[tokio::test]
async fn the_letters_of_a_deleted_mailbox_are_in_the_trash_once() {
    for (capabilities, command) in [("MOVE UIDPLUS", "UID MOVE"), ("UIDPLUS", "UID COPY"), ("UIDPLUS", "DELETE")] {
        let (peer, home) = in_step(capabilities).await;
        peer.make("Old", "");
        peer.deliver("Old", "known here");
        home.sync().await.unwrap();
        peer.deliver("Old", "not known here");
        home.store.remove_mailbox(home.mailbox("Old").await.id, LettersGo::ToTrash).await.unwrap();
        peer.fault(command, 0, Fault::DoAndClose);
        assert_eq!(home.sync().await.unwrap_err().code(), "connection-lost", "{command}");
        again(&home).await;
        assert!(!has(&peer, "Old"));
        assert_eq!(home.subjects("Trash").await, ["known here", "not known here"], "{command}");
        assert_eq!(peer.uids("Trash").len(), 2, "{command}");
        assert!(home.store.journal(home.account.id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_refusal_to_make_a_mailbox_is_told_at_once_and_undone() {
    let (peer, home) = in_step("").await;
    home.store.create_mailbox(home.account.id, "Forbidden").await.unwrap();
    peer.fault("CREATE", 0, Fault::No("[NOPERM] not here"));
    let report = home.sync().await.unwrap();
    assert!(report.notes[0].contains("“Forbidden” could not be made"), "{:?}", report.notes);
    assert!(home.store.mailbox_by_path(home.account.id, "Forbidden").await.unwrap().is_none());
}

#[tokio::test]
async fn an_emptied_mailbox_keeps_what_came_after_the_order() {
    let (peer, home) = in_step("UIDPLUS").await;
    peer.deliver("Trash", "old");
    home.sync().await.unwrap();
    home.store.empty_mailbox(home.mailbox("Trash").await.id, std::time::Duration::ZERO).await.unwrap();
    peer.deliver("Trash", "new");
    home.sync().await.unwrap();
    assert_eq!((peer.uids("Trash"), home.subjects("Trash").await), (vec![2], vec!["new".to_owned()]));
}

#[tokio::test]
async fn a_state_of_a_draft_takes_the_place_of_the_one_before() {
    let (peer, home) = in_step("UIDPLUS").await;
    let order = |message_id: Option<&str>, replaces: &[&str]| JournalOp::Draft {
        draft: DraftId(1),
        message_id: message_id.map(|id| format!("{id}@example.org")),
        replaces: replaces.iter().map(|id| format!("{id}@example.org")).collect(),
    };
    let account = home.account.id;
    home.store.journal_add(account, order(Some("one"), &[]), Some(letter("one", "a\r\n"))).await.unwrap();
    home.sync().await.unwrap();
    assert_eq!(peer.flags("Drafts", 1), ["\\Draft", "\\Seen"]);
    home.store.journal_add(account, order(Some("two"), &["one"]), Some(letter("two", "b\r\n"))).await.unwrap();
    peer.fault("APPEND", 0, Fault::DoAndClose);
    assert_eq!(home.sync().await.unwrap_err().code(), "connection-lost");
    again(&home).await;
    assert_eq!((peer.uids("Drafts"), home.subjects("Drafts").await), (vec![2], vec!["two".to_owned()]));
    home.store.journal_add(account, order(None, &["two"]), None).await.unwrap();
    home.sync().await.unwrap();
    assert!(peer.uids("Drafts").is_empty());
}

#[tokio::test]
async fn what_is_made_for_a_role_is_the_users_own_and_what_others_share_comes_last() {
    let peer = Peer::start("NAMESPACE").await;
    peer.make("Other Users/bob/Sent", "\\Sent");
    peer.deliver("Other Users/bob/Sent", "of bob");
    peer.make("INBOX/Notes", "");
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    let log = peer.world().log.clone();
    let opened: Vec<&str> = log.iter().filter_map(|line| line.strip_prefix("SELECT ")?.split('"').nth(1)).collect();
    assert_eq!(opened, ["INBOX", "INBOX/Notes", "Other Users/bob/Sent"]);
    assert_eq!(home.subjects("Other Users/bob/Sent").await, ["of bob"]);
    let op = JournalOp::Append {
        to: store::AppendTo::Role(model::Role::Sent),
        message_id: "sent@example.org".into(),
        outgoing: None,
        flags: model::Flags::default(),
    };
    home.store.journal_add(home.account.id, op, Some(letter("sent", "Hi.\r\n"))).await.unwrap();
    home.sync().await.unwrap();
    assert_eq!(
        (home.subjects("INBOX/Sent").await, peer.uids("Other Users/bob/Sent").len()),
        (vec!["sent".into()], 1)
    );
    assert_eq!(peer.count("NAMESPACE"), 2, "once a session");
}

#[tokio::test]
async fn a_draft_that_another_program_finished_while_it_was_changed_here_is_kept_and_told_of() {
    let (peer, home) = in_step("UIDPLUS").await;
    peer.make("Drafts", "\\Drafts");
    peer.deliver("Drafts", "from the phone");
    home.sync().await.unwrap();
    peer.world().folders.get_mut("Drafts").unwrap().letters.clear();
    let changed = JournalOp::Draft {
        draft: DraftId(1),
        message_id: Some("here@example.org".into()),
        replaces: vec!["from-the-phone@example.org".into()],
    };
    home.store.journal_add(home.account.id, changed, Some(letter("here", "b\r\n"))).await.unwrap();
    let report = home.sync().await.unwrap();
    assert_eq!(home.subjects("Drafts").await, ["here"]);
    assert!(report.notes[0].contains("another program"), "{:?}", report.notes);
}
