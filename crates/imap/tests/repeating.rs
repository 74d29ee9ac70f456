//! An order that is tried a second time does what is missing, and nothing to letters that only look like those it is
//! about.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use model::{DraftId, Flags, LetterId, Role};
use peer::{Fault, Peer, letter};
use store::{AppendTo, JournalOp, LettersGo};
use world::Home;

async fn in_step(capabilities: &str) -> (Peer, Home) {
    let peer = Peer::start(capabilities).await;
    for path in ["Archive", "Drafts", "Sent", "Trash"] {
        peer.make(path, &format!("\\{path}"));
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

async fn breaks_off(home: &Home) {
    assert_eq!(home.sync().await.unwrap_err().code(), "connection-lost");
}

/// A letter that no Message-ID names.
fn nameless(subject: &str, text: &str) -> Vec<u8> {
    format!("From: cron@example.org\r\nSubject: {subject}\r\nDate: Sun, 1 Nov 2026 10:00:00 +0000\r\n\r\n{text}\r\n")
        .into_bytes()
}

fn named(message_id: &str, subject: &str) -> Vec<u8> {
    format!("From: a@example.org\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n\r\nHi.\r\n").into_bytes()
}

async fn letters(home: &Home, path: &str) -> Vec<LetterId> {
    home.rows(path).await.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_former_state_of_a_draft_takes_no_letter_along_whose_message_id_only_contains_its_own() {
    let (peer, home) = in_step("UIDPLUS").await;
    peer.deliver_bytes("Drafts", named("one@example.org", "former state"));
    peer.deliver_bytes("Drafts", named("twenty-one@example.org", "of another program"));
    let op = JournalOp::Draft {
        draft: DraftId(1),
        message_id: Some("two@example.org".into()),
        replaces: vec!["one@example.org".into()],
    };
    home.store.journal_add(home.account.id, op, Some(letter("two", "b\r\n"))).await.unwrap();
    home.sync().await.unwrap();
    assert_eq!(home.subjects("Drafts").await, ["of another program", "two"]);
}

#[tokio::test]
async fn a_letter_whose_uid_is_not_known_is_found_by_its_whole_message_id() {
    let (peer, home) = in_step("UIDPLUS MOVE").await;
    peer.deliver_bytes("INBOX", named("xa@example.org", "longer before"));
    peer.deliver_bytes("INBOX", named("a@example.org", "the one"));
    peer.deliver_bytes("INBOX", named("a@example.org.uk", "longer after"));
    home.sync().await.unwrap();
    let id = home.letter("INBOX", "the one").await;
    home.store.apply_local_delete(&[id], std::time::Duration::ZERO).await.unwrap();
    peer.world().folders.get_mut("INBOX").unwrap().validity += 1;
    home.sync().await.unwrap();
    assert_eq!(home.subjects("INBOX").await, ["longer after", "longer before"]);
    assert_eq!(peer.uids("INBOX"), [1, 3]);
}

#[tokio::test]
async fn what_is_to_be_put_somewhere_is_put_though_a_longer_message_id_is_there() {
    let (peer, home) = in_step("").await;
    peer.deliver_bytes("Sent", named("not-a@example.org", "another"));
    let op = JournalOp::Append {
        to: AppendTo::Role(Role::Sent),
        message_id: "a@example.org".into(),
        outgoing: None,
        flags: Flags::default(),
    };
    home.store.journal_add(home.account.id, op, Some(named("a@example.org", "sent"))).await.unwrap();
    let op = JournalOp::Import {
        path: "Archive".into(),
        message_id: "b@example.org".into(),
        size: named("b@example.org", "from a file").len() as u64,
        flags: Flags::default(),
        received: None,
    };
    peer.deliver_bytes("Archive", named("ab@example.org", "other file"));
    home.store.journal_add(home.account.id, op, Some(named("b@example.org", "from a file"))).await.unwrap();
    home.sync().await.unwrap();
    assert_eq!(home.subjects("Sent").await, ["another", "sent"]);
    assert_eq!(home.subjects("Archive").await, ["from a file", "other file"]);
}

#[tokio::test]
async fn letters_without_a_message_id_are_copied_once_whatever_else_came_meanwhile() {
    let table = [
        // What another program puts there after the try, and whether the try was carried out.
        (vec![], true),
        (vec![], false),
        (vec![nameless("backup", "another")], true),
        (vec![nameless("backup", "another"), nameless("else", "x")], false),
    ];
    for (meanwhile, was_done) in table {
        let (peer, home) = in_step("UIDPLUS").await;
        for text in ["first", "first", "the second one"] {
            peer.deliver_bytes("INBOX", nameless("backup", text));
        }
        home.sync().await.unwrap();
        let archive = home.mailbox("Archive").await.id;
        home.store.apply_local_move(&letters(&home, "INBOX").await, archive).await.unwrap();
        peer.fault("UID COPY", 0, if was_done { Fault::DoAndClose } else { Fault::Close });
        breaks_off(&home).await;
        for bytes in &meanwhile {
            peer.deliver_bytes("Archive", bytes.clone());
        }
        again(&home).await;
        home.sync().await.unwrap();
        let case = format!("{} meanwhile, done {was_done}", meanwhile.len());
        assert_eq!(peer.uids("Archive").len(), 3 + meanwhile.len(), "{case}");
        assert_eq!(home.rows("Archive").await.len(), 3 + meanwhile.len(), "{case}");
        assert!(peer.uids("INBOX").is_empty() && home.rows("INBOX").await.is_empty(), "{case}");
    }
}

#[tokio::test]
async fn a_message_without_a_message_id_is_appended_once_whatever_else_came_meanwhile() {
    for (was_done, expected) in [(true, ["mine", "other"]), (false, ["mine", "other"])] {
        let (peer, home) = in_step("").await;
        let op = JournalOp::Append {
            to: AppendTo::Path("Archive".into()),
            message_id: String::new(),
            outgoing: None,
            flags: Flags::default(),
        };
        home.store.journal_add(home.account.id, op, Some(nameless("mine", "text"))).await.unwrap();
        peer.fault("APPEND", 0, if was_done { Fault::DoAndClose } else { Fault::Close });
        breaks_off(&home).await;
        peer.deliver_bytes("Archive", nameless("other", "text"));
        again(&home).await;
        assert_eq!(home.subjects("Archive").await, expected, "{was_done}");
        assert_eq!(peer.uids("Archive").len(), 2, "{was_done}");
    }
}

#[tokio::test]
async fn all_letters_of_a_removed_mailbox_are_in_the_trash_once_whatever_else_came_there() {
    for was_done in [true, false] {
        for nothing_else in [true, false] {
            let (peer, home) = in_step("UIDPLUS").await;
            peer.make("Old", "");
            for bytes in [named("a@x", "one"), named("a@x", "one"), nameless("two", "x"), nameless("two", "y")] {
                peer.deliver_bytes("Old", bytes);
            }
            home.sync().await.unwrap();
            home.store.remove_mailbox(home.mailbox("Old").await.id, LettersGo::ToTrash).await.unwrap();
            peer.fault("UID COPY", 0, if was_done { Fault::DoAndClose } else { Fault::Close });
            breaks_off(&home).await;
            let others = if nothing_else { 0 } else { 5 };
            for n in 0..others {
                peer.deliver_bytes("Trash", nameless("two", &format!("other {n}")));
            }
            again(&home).await;
            assert!(!peer.world().folders.contains_key("Old"));
            assert_eq!(peer.uids("Trash").len(), 4 + others, "done {was_done}, others {others}");
        }
    }
}

#[tokio::test]
async fn a_letter_that_lies_elsewhere_already_is_listed_where_it_is_imported() {
    let (peer, home) = in_step("UIDPLUS").await;
    for n in 0..3 {
        peer.deliver_bytes("INBOX", named(&format!("{n}@x"), &format!("letter {n}")));
    }
    home.sync().await.unwrap();
    let received: jiff::Timestamp = "2026-11-01T10:00:00Z".parse().unwrap();
    for target in ["Archive", "Imported/Inbox"] {
        if home.store.mailbox_by_path(home.account.id, target).await.unwrap().is_none() {
            home.store.create_mailbox(home.account.id, target).await.unwrap();
        }
        for n in 0..3 {
            let bytes = named(&format!("{n}@x"), &format!("letter {n}"));
            let op = JournalOp::Import {
                path: target.into(),
                message_id: format!("{n}@x"),
                size: bytes.len() as u64,
                flags: Flags::default(),
                received: Some(received),
            };
            home.store.journal_add(home.account.id, op, Some(bytes)).await.unwrap();
        }
        home.sync().await.unwrap();
        assert_eq!(home.subjects(target).await, ["letter 0", "letter 1", "letter 2"], "{target}");
    }
    assert!(peer.world().folders.contains_key("Imported"));
}
