//! What the user does, and the sync in between.

use super::*;
use crate::{JournalEntry, JournalOp, StoreError};
use model::JournalId;

impl World {
    async fn journal(&self) -> Vec<JournalEntry> {
        self.store.journal(self.account).await.unwrap()
    }

    async fn moves(&self, letter: LetterId, to: MailboxId) -> JournalId {
        self.store.apply_local_move(&[letter], to).await.unwrap()[0]
    }
}

/// The UIDs that an entry has now.
fn uids(entry: &JournalEntry) -> Vec<Option<u32>> {
    match &entry.op {
        JournalOp::SetFlags { letters, .. } | JournalOp::Move { letters, .. } | JournalOp::Delete { letters, .. } => {
            letters.iter().map(|letter| letter.uid).collect()
        }
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn a_flag_is_seen_at_once_and_ordered_on_the_server() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 1, "a").await[0];
    let read = world.store.insert_letters(world.inbox, vec![NewLetter { flags: seen(), ..letter(2, "b") }]);
    let b = read.await.unwrap()[0];
    assert_eq!(world.store.apply_local_flag(&[a, b], Flag::Seen, true).await.unwrap().len(), 1);
    assert_eq!((world.flags(a).await, world.unread(world.inbox).await), (seen(), 0));
    let journal = world.journal().await;
    assert_eq!(uids(&journal[0]), [Some(1)], "what is read already is left out");
    assert_eq!(world.store.apply_local_flag(&[a, b], Flag::Seen, true).await.unwrap(), vec![]);
}

#[tokio::test]
async fn a_sync_in_between_does_not_undo_a_flag() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 1, "a").await[0];
    world.store.apply_local_flag(&[a], Flag::Seen, true).await.unwrap();
    let flagged = Flags::default().with(Flag::Flagged, true);
    assert_eq!(world.store.update_flags(world.inbox, vec![(1, flagged)]).await.unwrap(), vec![a]);
    assert_eq!(world.flags(a).await, flagged.with(Flag::Seen, true), "the server's flags below, ours on top");
    assert_eq!(world.store.uids(world.inbox).await.unwrap(), vec![(1, flagged)]);

    let entry = world.journal().await[0].id;
    world.store.journal_done(entry).await.unwrap();
    assert_eq!(world.flags(a).await, flagged.with(Flag::Seen, true));
    assert_eq!(world.journal().await, vec![]);
    world.store.update_flags(world.inbox, vec![(1, Flags::default())]).await.unwrap();
    assert_eq!(world.flags(a).await, Flags::default(), "from now on the server decides again");
}

#[tokio::test]
async fn a_flag_that_the_server_refuses_is_taken_back() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 1, "a").await[0];
    let first = world.store.apply_local_flag(&[a], Flag::Flagged, true).await.unwrap()[0];
    world.store.apply_local_flag(&[a], Flag::Seen, true).await.unwrap();
    world.store.journal_failed(first, "NO not permitted", at(900)).await.unwrap();
    let entry = &world.journal().await[0];
    assert_eq!((entry.tries, entry.last_error.as_deref(), entry.next_at), (1, Some("NO not permitted"), at(900)));
    world.store.journal_abandon(first).await.unwrap();
    assert_eq!(world.flags(a).await, seen());
}

#[tokio::test]
async fn a_moved_letter_is_in_its_new_mailbox_at_once_and_stays_there_through_a_sync() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    world.moves(a, world.archive).await;
    assert_eq!((world.names(world.inbox).await, world.names(world.archive).await), (vec![], vec!["a".to_owned()]));
    assert_eq!(uids(&world.journal().await[0]), [Some(5)]);

    // A sync of the old mailbox that began before the move was replayed.
    assert_eq!(world.store.uids(world.inbox).await.unwrap().len(), 1, "it need not be fetched again");
    assert_eq!(world.arrives(world.inbox, 5, "a").await, vec![]);
    world.store.update_flags(world.inbox, vec![(5, seen())]).await.unwrap();
    assert_eq!(world.flags(a).await, seen(), "its flags are still followed");
    // A sync of the new one, to its end.
    assert_eq!(world.store.drop_unplaced(world.archive).await.unwrap(), vec![], "it waits for its move");
    assert_eq!((world.names(world.inbox).await, world.names(world.archive).await), (vec![], vec!["a".to_owned()]));
}

#[tokio::test]
async fn a_moved_letter_keeps_its_number_when_the_server_says_its_new_uid() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    let entry = world.moves(a, world.archive).await;
    // The sync was faster than COPYUID, and the letter looks different there.
    let stranger = NewLetter { size: 9999, ..letter(77, "a") };
    assert_eq!(world.store.insert_letters(world.archive, vec![stranger]).await.unwrap().len(), 1);
    world.store.place_letters(world.archive, vec![(a, 77)]).await.unwrap();
    world.store.journal_done(entry).await.unwrap();
    assert_eq!(world.store.letter(a).await.unwrap().unwrap().uid, Some(77));
    assert_eq!(world.names(world.archive).await, ["a"]);
}

#[tokio::test]
async fn a_moved_letter_keeps_its_number_when_the_sync_finds_it() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    let entry = world.moves(a, world.archive).await;
    assert_eq!(world.store.forsaken(world.archive).await.unwrap(), 0, "its order will bring it there");
    world.store.journal_done(entry).await.unwrap();
    assert_eq!(world.store.forsaken(world.archive).await.unwrap(), 1, "nothing else will");
    assert_eq!(world.arrives(world.archive, 77, "a").await, vec![]);
    assert_eq!(world.store.forsaken(world.archive).await.unwrap(), 0);
    assert_eq!(world.store.letter(a).await.unwrap().unwrap().uid, Some(77));
    assert_eq!(world.store.drop_unplaced(world.archive).await.unwrap(), vec![]);
}

#[tokio::test]
async fn a_letter_without_message_id_is_found_again_by_its_content() {
    let world = World::new().await;
    let nameless = |uid| {
        let mut letter = letter(uid, "a");
        letter.summary.message_id = None;
        letter.internal_date = at(5);
        letter
    };
    let a = world.store.insert_letters(world.inbox, vec![nameless(5)]).await.unwrap()[0];
    let entry = world.moves(a, world.archive).await;
    world.store.journal_done(entry).await.unwrap();
    assert_eq!(world.store.insert_letters(world.archive, vec![nameless(77)]).await.unwrap(), vec![]);
    assert_eq!(world.store.letter(a).await.unwrap().unwrap().uid, Some(77));
}

#[tokio::test]
async fn a_move_that_the_server_refuses_brings_the_letter_back() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    let entry = world.moves(a, world.archive).await;
    world.store.journal_abandon(entry).await.unwrap();
    assert_eq!((world.names(world.inbox).await, world.names(world.archive).await), (vec!["a".to_owned()], vec![]));
    assert_eq!(world.store.letter(a).await.unwrap().unwrap().uid, Some(5));
}

#[tokio::test]
async fn a_letter_that_is_moved_twice_and_flagged_is_replayed_with_the_uids_of_each_step() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    let flag = world.store.apply_local_flag(&[a], Flag::Flagged, true).await.unwrap()[0];
    let first = world.moves(a, world.archive).await;
    world.store.apply_local_flag(&[a], Flag::Seen, true).await.unwrap();
    world.moves(a, world.trash).await;
    let known: Vec<_> = world.journal().await.iter().map(uids).collect();
    assert_eq!(known, [vec![Some(5)], vec![Some(5)], vec![None], vec![None]]);

    world.store.journal_done(flag).await.unwrap();
    world.store.place_letters(world.archive, vec![(a, 77)]).await.unwrap();
    world.store.journal_done(first).await.unwrap();
    let known: Vec<_> = world.journal().await.iter().map(uids).collect();
    assert_eq!(known, [vec![Some(77)], vec![Some(77)]], "the letter has a UID in Archive now");
    assert_eq!(world.names(world.trash).await, ["a"]);
}

#[tokio::test]
async fn without_copyuid_the_sync_tells_the_next_step_its_uid() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    let first = world.moves(a, world.archive).await;
    world.store.journal_begin(first).await.unwrap().unwrap();
    world.moves(a, world.trash).await;
    world.store.journal_done(first).await.unwrap();
    assert_eq!(world.arrives(world.archive, 77, "a").await, vec![], "it is on its way to Trash");
    assert_eq!(uids(&world.journal().await[0]), [Some(77)]);
}

#[tokio::test]
async fn an_entry_speaks_of_the_present_numbering() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    world.store.apply_local_flag(&[a], Flag::Seen, true).await.unwrap();
    world.store.reset_mailbox(world.inbox).await.unwrap();
    assert_eq!(uids(&world.journal().await[0]), [None], "no UID of the old numbering is used");
    world.arrives(world.inbox, 500, "a").await;
    assert_eq!(uids(&world.journal().await[0]), [Some(500)]);
    assert_eq!(world.flags(a).await, seen());
}

#[tokio::test]
async fn a_deleted_letter_is_gone_at_once_and_does_not_come_back() {
    let world = World::new().await;
    let a = world.arrives(world.trash, 5, "a").await[0];
    let entry = world.store.apply_local_delete(&[a], std::time::Duration::ZERO).await.unwrap()[0];
    assert_eq!(world.names(world.trash).await, Vec::<String>::new());
    assert_eq!(world.store.letter(a).await.unwrap(), None);
    assert_eq!(world.store.find("dear", 10).await.unwrap(), vec![]);
    assert_eq!(world.arrives(world.trash, 5, "a").await, vec![]);
    assert_eq!(world.store.apply_local_delete(&[a], std::time::Duration::ZERO).await.unwrap(), vec![], "once");
    world.store.journal_done(entry).await.unwrap();
    assert_eq!(world.store.uids(world.trash).await.unwrap(), vec![]);
}

#[tokio::test]
async fn a_deletion_that_the_server_refuses_is_undone() {
    let world = World::new().await;
    let a = world.arrives(world.trash, 5, "a").await[0];
    let entry = world.store.apply_local_delete(&[a], std::time::Duration::ZERO).await.unwrap()[0];
    world.store.journal_abandon(entry).await.unwrap();
    assert_eq!(world.names(world.trash).await, ["a"]);
}

#[tokio::test]
async fn letters_of_several_mailboxes_are_an_entry_each() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 1, "a").await[0];
    let b = world.arrives(world.archive, 1, "b").await[0];
    let c = world.arrives(world.trash, 1, "c").await[0];
    assert_eq!(world.store.apply_local_move(&[a, b, c], world.trash).await.unwrap().len(), 2);
    assert_eq!(world.names(world.trash).await.len(), 3);
}

#[tokio::test]
async fn a_move_to_where_letters_can_not_be_is_refused() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 1, "a").await[0];
    let other = world.store.add_account(account_of("bo@example.net", &[])).await.unwrap().id;
    let theirs = world.store.sync_mailbox_list(other, three()).await.unwrap()[0].id;
    let mut list = three();
    list.push(ListedMailbox { selectable: false, ..listed("Folders", None) });
    let folder = world.store.sync_mailbox_list(world.account, list).await.unwrap()[3].id;
    for target in [theirs, folder] {
        assert!(matches!(world.store.apply_local_move(&[a], target).await, Err(StoreError::Invalid(_))));
    }
    let nowhere = world.store.apply_local_move(&[a], MailboxId(99)).await;
    assert!(matches!(nowhere, Err(StoreError::NotFound(_))));
    assert_eq!(world.journal().await, vec![]);
}

#[tokio::test]
async fn what_was_ordered_before_a_crash_is_applied_at_the_next_start() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    let b = world.arrives(world.inbox, 6, "b").await[0];
    world.store.apply_local_flag(&[a], Flag::Seen, true).await.unwrap();
    world.moves(b, world.archive).await;
    // A power cut costs mail.db its last commits; local.db is on the disk.
    world.store.write_mail(|tx| {
        tx.execute_batch("DELETE FROM pending; UPDATE letter SET flags = server_flags")?;
        tx.execute_batch("UPDATE letter SET mailbox = (SELECT id FROM mailbox WHERE path = 'INBOX'), uid = 6 WHERE uid IS NULL")?;
        Ok(())
    }).await.unwrap();
    let world = world.restarted().await;
    assert_eq!(world.flags(a).await, seen());
    assert_eq!(world.names(world.archive).await, ["b"]);
    assert_eq!(world.journal().await.iter().map(uids).collect::<Vec<_>>(), [[Some(5)], [Some(6)]]);
}

#[tokio::test]
async fn what_is_pending_for_an_entry_that_is_no_more_counts_as_done() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    world.store.apply_local_flag(&[a], Flag::Seen, true).await.unwrap();
    world.store.write_local(|tx| Ok(tx.execute_batch("DELETE FROM journal")?)).await.unwrap();
    let world = world.restarted().await;
    assert_eq!(world.store.uids(world.inbox).await.unwrap(), vec![(5, seen())]);
}
