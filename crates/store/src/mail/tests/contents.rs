//! A message once, in however many mailboxes it lies, and the lists that count it.

use super::*;
use crate::LetterSource;

impl World {
    async fn rows(&self, mailbox: MailboxId) -> Vec<crate::LetterRow> {
        self.store.letters(LetterSource::Mailbox(mailbox), 0, 100).await.unwrap().1
    }

    /// The names of the newest letters of threads.
    async fn threads(&self, source: LetterSource) -> Vec<String> {
        let (total, rows) = self.store.threads(source, 0, 100).await.unwrap();
        assert_eq!(total as usize, rows.len(), "the counter counts what is there");
        rows.into_iter().map(|row| row.subject).collect()
    }

    async fn kept(&self) -> (i64, i64) {
        let sql = "SELECT (SELECT count(*) FROM content), (SELECT count(*) FROM raw)";
        self.store.mail(move |db| Ok(db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)).await.unwrap()
    }
}

/// An answer to letters of these names.
fn answer(uid: u32, name: &str, to: &str) -> NewLetter {
    let mut answer = letter(uid, name);
    answer.summary.in_reply_to = vec![format!("{to}@example.net")];
    answer
}

#[tokio::test]
async fn a_copy_in_another_mailbox_is_the_same_message_with_a_label() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 1, "a").await[0];
    let copy = NewLetter { internal_date: at(1), raw: None, ..letter(7, "a") };
    let b = world.store.insert_letters(world.archive, vec![copy]).await.unwrap()[0];
    assert_ne!(a, b);
    assert_eq!(world.kept().await, (1, 1));
    assert!(world.store.raw(b).await.unwrap().is_some(), "it need not be fetched");
    assert_eq!(world.store.missing_raw(world.archive, 9).await.unwrap(), vec![]);
    let row = &world.rows(world.inbox).await[0];
    assert_eq!((row.labels.as_slice(), row.letters), (&[world.archive][..], 1));
    assert_eq!(world.rows(world.archive).await[0].content, row.content);
}

#[tokio::test]
async fn what_the_server_calls_the_same_is_the_same() {
    let world = World::new().await;
    let named = |uid, name: &str, size, email_id: &str| NewLetter {
        size,
        email_id: Some(email_id.into()),
        ..letter(uid, name)
    };
    world.store.insert_letters(world.inbox, vec![named(1, "a", 100, "M1")]).await.unwrap();
    world
        .store
        .insert_letters(world.archive, vec![named(9, "a", 100, "M1"), named(10, "a", 100, "M2")])
        .await
        .unwrap();
    assert_eq!(world.kept().await.0, 2, "M2 is another, whatever it looks like");
    world.store.insert_letters(world.trash, vec![named(3, "b", 101, "M1")]).await.unwrap();
    assert_eq!(world.kept().await.0, 3, "a name that a server gives twice does not make two messages one");
}

#[tokio::test]
async fn a_place_is_given_to_a_message_that_is_here_and_to_no_other() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 1, "a").await[0];
    let entry = world.store.apply_local_move(&[a], world.archive).await.unwrap()[0];
    world.store.journal_done(entry).await.unwrap();
    let bare = |uid| {
        let summary = LetterSummary { message_id: Some("a@example.net".into()), ..LetterSummary::default() };
        NewLetter { internal_date: at(1), raw: None, summary, ..letter(uid, "a") }
    };
    // Both look like the letter that waits; one of them is another copy.
    let placed = world.store.place_known(world.archive, vec![bare(4), bare(5)]).await.unwrap();
    assert_eq!(placed, (vec![], vec![5]));
    assert_eq!(world.names(world.archive).await, ["a"]);
    assert_eq!(world.store.letters_at(world.archive, &[4]).await.unwrap(), [(4, a)]);
}

#[tokio::test]
async fn two_letters_that_look_the_same_in_one_mailbox_are_two() {
    let world = World::new().await;
    let twin = NewLetter { internal_date: at(1), ..letter(2, "a") };
    world.store.insert_letters(world.inbox, vec![letter(1, "a"), twin]).await.unwrap();
    assert_eq!((world.names(world.inbox).await.len(), world.kept().await), (2, (2, 2)));
}

#[tokio::test]
async fn a_letter_that_another_program_moved_is_not_fetched_again() {
    let world = World::new().await;
    world.arrives(world.inbox, 1, "a").await;
    world.store.remove_uids(world.inbox, vec![1]).await.unwrap();
    assert_eq!((world.kept().await.0, world.store.find("dear", 9).await.unwrap().len()), (1, 0), "kept, not shown");
    assert!(world.store.has_strays(world.account).await.unwrap());
    let moved = NewLetter { internal_date: at(1), raw: None, ..letter(40, "a") };
    let b = world.store.insert_letters(world.archive, vec![moved]).await.unwrap()[0];
    assert!(world.store.raw(b).await.unwrap().is_some());
    assert!(!world.store.has_strays(world.account).await.unwrap());
    world.store.drop_strays(world.account).await.unwrap();
    assert_eq!(world.kept().await, (1, 1));
    world.store.remove_uids(world.archive, vec![40]).await.unwrap();
    world.store.drop_strays(world.account).await.unwrap();
    assert_eq!(world.kept().await, (1, 1), "the server may have shown the mailbox empty by mistake");
    world.store.drop_strays(world.account).await.unwrap();
    assert_eq!(world.kept().await, (0, 0));
}

#[tokio::test]
async fn what_was_deleted_for_good_leaves_nothing() {
    let world = World::new().await;
    let a = world.arrives(world.trash, 5, "a").await[0];
    let entry = world.store.apply_local_delete(&[a], std::time::Duration::ZERO).await.unwrap()[0];
    world.store.journal_done(entry).await.unwrap();
    assert_eq!(world.kept().await, (0, 0));
}

#[tokio::test]
async fn what_is_moved_while_a_pass_goes_on_is_not_dropped_at_its_end() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 5, "a").await[0];
    world.store.begin_pass(world.archive).await.unwrap();
    let entry = world.store.apply_local_move(&[a], world.archive).await.unwrap()[0];
    world.store.journal_done(entry).await.unwrap();
    assert_eq!(world.store.drop_unplaced(world.archive).await.unwrap(), vec![], "the pass had looked before");
    world.store.begin_pass(world.archive).await.unwrap();
    assert_eq!(world.store.drop_unplaced(world.archive).await.unwrap(), vec![a]);
}

#[tokio::test]
async fn a_thread_is_listed_by_its_newest_letter_in_each_mailbox() {
    let world = World::new().await;
    let here = LetterSource::Mailbox(world.inbox);
    // The answer comes before what it answers.
    world.store.insert_letters(world.inbox, vec![answer(3, "c", "a"), letter(1, "a"), letter(2, "b")]).await.unwrap();
    assert_eq!(world.threads(here).await, ["c", "b"]);
    assert_eq!(world.threads(LetterSource::Role(Role::Inbox)).await, ["c", "b"]);
    let archived = world.store.insert_letters(world.archive, vec![answer(9, "d", "c")]).await.unwrap()[0];
    assert_eq!(world.threads(LetterSource::Mailbox(world.archive)).await, ["d"]);
    assert_eq!(world.rows(world.inbox).await[0].letters, 3, "those elsewhere belong to it");

    world.store.apply_local_move(&[archived], world.inbox).await.unwrap();
    assert_eq!(world.threads(here).await, ["d", "b"]);
    world.store.apply_local_delete(&[archived], std::time::Duration::ZERO).await.unwrap();
    assert_eq!(world.threads(here).await, ["c", "b"]);
    world.store.remove_uids(world.inbox, vec![3]).await.unwrap();
    assert_eq!(world.threads(here).await, ["b", "a"]);
    world
        .store
        .insert_letters(
            world.inbox,
            vec![{
                let mut joins = answer(8, "e", "a");
                joins.summary.references = vec!["b@example.net".into()];
                joins
            }],
        )
        .await
        .unwrap();
    assert_eq!(world.threads(here).await, ["e"], "it made two threads one");
}

#[tokio::test]
async fn a_window_is_the_same_from_wherever_it_begins() {
    let world = World::new().await;
    let spread =
        |uid: u32| NewLetter { internal_date: at(i64::from(uid) * 40_000), ..letter(uid, &format!("n{uid}")) };
    world.store.insert_letters(world.inbox, (1..=60).map(spread).collect()).await.unwrap();
    let all = world.rows(world.inbox).await;
    assert_eq!(all.len(), 60);
    for source in [LetterSource::Mailbox(world.inbox), LetterSource::Role(Role::Inbox)] {
        for offset in 0..62 {
            let (total, rows) = world.store.letters(source, offset as u32, 7).await.unwrap();
            let expected = all.get(offset..(offset + 7).min(60)).unwrap_or_default();
            assert_eq!((total, rows.as_slice()), (60, expected), "from {offset}");
        }
    }
}

#[tokio::test]
async fn correspondents_are_counted_once_for_a_message() {
    let world = World::new().await;
    world.arrives(world.inbox, 1, "a").await;
    world
        .store
        .insert_letters(world.archive, vec![NewLetter { internal_date: at(1), ..letter(7, "a") }])
        .await
        .unwrap();
    let mut sent = letter(3, "mine");
    sent.summary.from = vec![Address::new(None, "Anna@example.org")];
    sent.summary.to = vec![Address::new(Some("Bo".into()), "BO@example.net")];
    world.store.insert_letters(world.archive, vec![sent]).await.unwrap();
    let met = world.store.correspondents().await.unwrap();
    assert_eq!(met.len(), 1, "{met:?}");
    assert_eq!((met[0].name.as_str(), met[0].dealings.sent, met[0].dealings.received), ("Bo", 1, 1));
}
