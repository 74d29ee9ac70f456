//! Orders that cancel out, copies, and orders about mailboxes.

use super::*;
use crate::{JournalEntry, JournalOp, LettersGo, StoreError};
use std::time::Duration;

impl World {
    async fn waiting(&self) -> Vec<JournalEntry> {
        self.store.journal(self.account).await.unwrap()
    }

    async fn paths(&self) -> Vec<String> {
        let all = self.store.mailboxes(Some(self.account)).await.unwrap();
        all.into_iter().map(|mailbox| mailbox.path).collect()
    }

    async fn lists(&self, paths: &[&str]) {
        let listed = paths.iter().map(|path| listed(path, (*path == "INBOX").then_some(Role::Inbox))).collect();
        self.store.sync_mailbox_list(self.account, listed).await.unwrap();
    }
}

#[tokio::test]
async fn a_flag_that_is_set_and_cleared_again_is_never_ordered() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 1, "a").await[0];
    let b = world.arrives(world.inbox, 2, "b").await[0];
    world.store.apply_local_flag(&[a, b], Flag::Flagged, true).await.unwrap();
    world.store.apply_local_flag(&[a], Flag::Flagged, false).await.unwrap();
    let waiting = world.waiting().await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].op.about_letters().unwrap().1.iter().map(|one| one.letter).collect::<Vec<_>>(), [b]);
    assert!(!world.flags(a).await.has(Flag::Flagged) && world.flags(b).await.has(Flag::Flagged));
    world.store.apply_local_flag(&[b], Flag::Flagged, false).await.unwrap();
    assert_eq!(world.waiting().await, vec![]);
}

#[tokio::test]
async fn what_the_server_may_have_heard_of_is_ordered_back() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 1, "a").await[0];
    let first = world.store.apply_local_flag(&[a], Flag::Seen, true).await.unwrap()[0];
    assert!(!world.store.journal_begin(first).await.unwrap().unwrap().begun, "it was not begun until then");
    world.store.apply_local_flag(&[a], Flag::Seen, false).await.unwrap();
    assert_eq!(world.waiting().await.len(), 2);
    assert_eq!(world.unread(world.inbox).await, 1);
}

#[tokio::test]
async fn a_letter_that_is_moved_and_moved_on_goes_there_in_one_step_and_back_in_none() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    world.store.apply_local_move(&[a], world.archive).await.unwrap();
    world.store.apply_local_move(&[a], world.trash).await.unwrap();
    let waiting = world.waiting().await;
    assert!(
        matches!(&waiting[..], [JournalEntry { op: JournalOp::Move { mailbox, target, .. }, .. }]
            if mailbox == "INBOX" && target == "Trash"),
        "{waiting:?}"
    );
    world.store.apply_local_move(&[a], world.inbox).await.unwrap();
    assert_eq!(world.waiting().await, vec![]);
    assert_eq!(world.store.letter(a).await.unwrap().unwrap().uid, Some(5));
    assert_eq!((world.names(world.inbox).await, world.names(world.trash).await), (vec!["a".to_owned()], vec![]));
}

#[tokio::test]
async fn a_deletion_can_be_withdrawn_until_the_server_hears_of_it() {
    let world = World::new().await;
    let a = world.arrives(world.trash, 5, "a").await[0];
    let entry = world.store.apply_local_delete(&[a], Duration::from_secs(10)).await.unwrap()[0];
    assert!(world.waiting().await[0].next_at > jiff::Timestamp::now());
    assert!(world.store.withdraw_order(entry).await.unwrap());
    assert_eq!((world.waiting().await, world.names(world.trash).await), (vec![], vec!["a".to_owned()]));
    let entry = world.store.apply_local_delete(&[a], Duration::ZERO).await.unwrap()[0];
    world.store.journal_begin(entry).await.unwrap();
    assert!(!world.store.withdraw_order(entry).await.unwrap());
    assert_eq!(world.names(world.trash).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_withdrawal_that_a_crash_interrupted_is_finished_at_the_next_start() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    let b = world.arrives(world.inbox, 6, "b").await[0];
    let entry = world.store.apply_local_move(&[a, b], world.archive).await.unwrap()[0];
    let (of, letters) = (entry, vec![a]);
    world.store.journal_add(world.account, JournalOp::Withdraw { of, letters }, None).await.unwrap();
    let world = world.restarted().await;
    assert_eq!(
        (world.names(world.inbox).await, world.names(world.archive).await),
        (vec!["a".to_owned()], vec!["b".to_owned()])
    );
    assert_eq!(world.store.letter(a).await.unwrap().unwrap().uid, Some(5));
    let left =
        world.store.local(|db| Ok(db.query_row("SELECT count(*) FROM journal", [], |row| row.get::<_, i64>(0))?));
    assert_eq!(left.await.unwrap(), 1);
}

#[tokio::test]
async fn a_copy_is_there_at_once_and_takes_the_uid_that_the_server_gives_it() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    let entry = world.store.apply_local_copy(&[a], world.archive).await.unwrap()[0];
    assert_eq!(
        (world.names(world.inbox).await, world.names(world.archive).await),
        (vec!["a".to_owned()], vec!["a".to_owned()])
    );
    let copies = world.store.copies_of(entry).await.unwrap();
    assert_eq!(copies.len(), 1);
    let copy = copies[0].1;
    assert_eq!(world.arrives(world.archive, 77, "a").await, vec![], "the sync finds it");
    world.store.journal_done(entry).await.unwrap();
    assert_eq!(world.store.letter(copy).await.unwrap().unwrap().uid, Some(77));
    let second = world.store.apply_local_copy(&[a], world.archive).await.unwrap()[0];
    world.store.journal_abandon(second).await.unwrap();
    assert_eq!(world.names(world.archive).await.len(), 1, "a refused copy goes");
}

#[tokio::test]
async fn a_mailbox_is_there_at_once_and_stays_through_a_list_that_does_not_have_it_yet() {
    let world = World::new().await;
    let made = world.store.create_mailbox(world.account, "Projects").await.unwrap();
    let a = world.arrives(world.inbox, 5, "a").await[0];
    world.store.apply_local_move(&[a], made.id).await.unwrap();
    world.lists(&["INBOX", "Archive"]).await;
    assert_eq!(world.names(made.id).await, ["a"]);
    assert_eq!(world.store.unsettled_mailboxes(world.account).await.unwrap(), ["Projects"]);
    assert!(matches!(world.store.create_mailbox(world.account, "Projects").await, Err(StoreError::Invalid(_))));
    let entry = world.waiting().await[0].id;
    world.store.journal_done(entry).await.unwrap();
    world.lists(&["INBOX", "Archive", "Projects"]).await;
    assert_eq!(world.store.mailbox(made.id).await.unwrap().unwrap().path, "Projects");
}

#[tokio::test]
async fn a_mailbox_that_is_made_and_deleted_again_is_never_ordered() {
    let world = World::new().await;
    let made = world.store.create_mailbox(world.account, "Projects").await.unwrap();
    world.store.remove_mailbox(made.id, LettersGo::ToTrash).await.unwrap();
    assert_eq!(world.waiting().await, vec![]);
    assert!(!world.paths().await.contains(&"Projects".to_owned()));
    let archive = world.store.rename_mailbox(world.archive, "Old").await.unwrap();
    assert_eq!((archive.id, archive.path.as_str()), (world.archive, "Old"));
    world.store.rename_mailbox(world.archive, "Archive").await.unwrap();
    world.store.subscribe_mailbox(world.archive, false).await.unwrap();
    world.store.subscribe_mailbox(world.archive, true).await.unwrap();
    assert_eq!(world.waiting().await, vec![]);
}

#[tokio::test]
async fn a_renamed_mailbox_takes_those_inside_along_and_orders_from_before_find_their_letters() {
    let world = World::new().await;
    world.lists(&["INBOX", "A", "A/b"]).await;
    let inside = world.store.mailbox_by_path(world.account, "A/b").await.unwrap().unwrap().id;
    let a = world.arrives(inside, 5, "a").await[0];
    world.store.apply_local_flag(&[a], Flag::Seen, true).await.unwrap();
    world.store.journal_begin(world.waiting().await[0].id).await.unwrap();
    let around = world.store.mailbox_by_path(world.account, "A").await.unwrap().unwrap().id;
    world.store.rename_mailbox(around, "Z").await.unwrap();
    world.lists(&["INBOX", "A", "A/b"]).await;
    assert_eq!(world.paths().await, ["INBOX", "Z", "Z/b"]);
    world.store.place_letters(inside, vec![(a, 9)]).await.unwrap();
    let waiting = world.waiting().await;
    let (mailbox, letters) = waiting[0].op.about_letters().unwrap();
    assert_eq!((mailbox, letters[0].uid), ("A/b", Some(9)), "by the name that the server knows");
    world.store.journal_abandon(waiting[1].id).await.unwrap();
    assert_eq!(world.paths().await, ["INBOX", "A", "A/b"]);
}

#[tokio::test]
async fn a_deleted_mailbox_and_its_letters_are_not_seen_and_come_back_when_the_server_refuses() {
    let world = World::new().await;
    let a = world.arrives(world.archive, 5, "a").await[0];
    world.store.remove_mailbox(world.archive, LettersGo::ToTrash).await.unwrap();
    assert_eq!(world.paths().await, ["INBOX", "Trash"]);
    assert_eq!(world.store.letter(a).await.unwrap(), None);
    world.lists(&["INBOX", "Archive", "Trash"]).await;
    assert_eq!(world.paths().await, ["INBOX", "Trash"]);
    let again = world.store.create_mailbox(world.account, "Archive").await.unwrap();
    assert_ne!(again.id, world.archive, "the path is free");
    let waiting = world.waiting().await;
    world.store.journal_abandon(waiting[1].id).await.unwrap();
    world.store.journal_abandon(waiting[0].id).await.unwrap();
    assert_eq!(world.names(world.archive).await, ["a"]);
    world.store.remove_mailbox(world.archive, LettersGo::ForGood).await.unwrap();
    world.store.journal_done(world.waiting().await[0].id).await.unwrap();
    assert_eq!(world.store.mailbox(world.archive).await.unwrap(), None);
}

#[tokio::test]
async fn an_emptied_mailbox_is_empty_at_once_and_what_comes_afterwards_stays() {
    let world = World::new().await;
    for (uid, name) in [(5, "a"), (6, "b")] {
        world.arrives(world.trash, uid, name).await;
    }
    let c = world.arrives(world.inbox, 7, "c").await[0];
    world.store.apply_local_move(&[c], world.trash).await.unwrap();
    let entry = world.store.empty_mailbox(world.trash, Duration::from_secs(10)).await.unwrap().unwrap();
    assert_eq!(world.names(world.trash).await, Vec::<String>::new());
    world.arrives(world.trash, 8, "d").await;
    assert_eq!(world.names(world.trash).await, ["d"]);
    let waiting = world.waiting().await;
    assert!(
        matches!(&waiting[1].op, JournalOp::Empty { upto: Some(6), letters, .. } if letters[0].letter == c),
        "{waiting:?}"
    );
    assert!(world.store.withdraw_order(entry).await.unwrap());
    assert_eq!(world.names(world.trash).await.len(), 4);
}
