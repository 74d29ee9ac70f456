//! What the sync brings.

use super::*;
use crate::{Change, LetterSource, MailboxState, StoreError};

#[tokio::test]
async fn mailboxes_are_listed_by_role_and_keep_their_numbers() {
    let world = World::new().await;
    let mut list = three();
    list.push(listed("Archive/2025", None));
    list.push(listed("Ängste", None));
    let boxes = world.store.sync_mailbox_list(world.account, list).await.unwrap();
    let seen: Vec<_> = boxes.iter().map(|mailbox| (mailbox.path.as_str(), mailbox.name.as_str())).collect();
    let expected = [
        ("INBOX", "INBOX"),
        ("Archive", "Archive"),
        ("Trash", "Trash"),
        ("Archive/2025", "2025"),
        ("Ängste", "Ängste"),
    ];
    assert_eq!(seen, expected);
    assert_eq!(boxes[0].id, world.inbox);
    world.arrives(boxes[3].id, 1, "old").await;
    let boxes = world.store.sync_mailbox_list(world.account, three()).await.unwrap();
    assert_eq!(boxes.len(), 3);
    let refused = world.store.sync_mailbox_list(world.account, Vec::new()).await;
    assert!(matches!(refused, Err(StoreError::Invalid(_))), "an answer without INBOX is not believed");
}

#[tokio::test]
async fn letters_are_listed_newest_first_in_windows() {
    let world = World::new().await;
    let letters = (1..=25).map(|uid| letter(uid, &format!("n{uid}"))).collect();
    let mut changes = world.store.changes();
    assert_eq!(world.store.insert_letters(world.inbox, letters).await.unwrap().len(), 25);
    assert_eq!(changes.try_recv().unwrap(), Change::Letters(world.inbox));
    let (total, rows) = world.store.letters(LetterSource::Mailbox(world.inbox), 10, 3).await.unwrap();
    assert_eq!(total, 25);
    assert_eq!(rows.iter().map(|row| row.subject.as_str()).collect::<Vec<_>>(), ["n15", "n14", "n13"]);
    assert_eq!(rows[0].from[0].name.as_deref(), Some("Bo Møller"));
}

#[tokio::test]
async fn a_date_counts_before_the_time_of_arrival() {
    let world = World::new().await;
    let mut late = letter(1, "late");
    late.summary.date = Some(at(500));
    world.store.insert_letters(world.inbox, vec![late, letter(2, "early")]).await.unwrap();
    assert_eq!(world.names(world.inbox).await, ["late", "early"]);
}

#[tokio::test]
async fn the_inboxes_of_all_accounts_are_one_list() {
    let world = World::new().await;
    let other = world.store.add_account(account_of("bo@example.net", &[])).await.unwrap().id;
    let boxes = world.store.sync_mailbox_list(other, vec![listed("INBOX", None)]).await.unwrap();
    world.arrives(world.inbox, 1, "first").await;
    world.arrives(boxes[0].id, 2, "second").await;
    world.arrives(world.archive, 3, "elsewhere").await;
    let names = || async {
        let (total, rows) = world.store.letters(LetterSource::Role(Role::Inbox), 0, 10).await.unwrap();
        assert_eq!(total as usize, rows.len());
        rows.into_iter().map(|row| row.subject).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["first"]);
    world.store.sync_mailbox_list(other, vec![listed("INBOX", Some(Role::Inbox))]).await.unwrap();
    assert_eq!(names().await, ["second", "first"], "its role became known later");
}

#[tokio::test]
async fn a_window_of_a_list_is_read_from_an_index() {
    let world = World::new().await;
    for condition in ["mailbox = 1", "role = 1"] {
        let sql =
            format!("SELECT id FROM letter WHERE {condition} AND hidden = 0 ORDER BY date DESC, id DESC LIMIT 50");
        let plan = world.store.mail(move |db| testing::plan(db, &sql)).await.unwrap();
        assert!(plan.contains("USING COVERING INDEX letter_by_") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[tokio::test]
async fn counters_follow_flags_and_removals() {
    let world = World::new().await;
    let letters = vec![letter(1, "a"), letter(2, "b"), NewLetter { flags: seen(), ..letter(3, "c") }];
    world.store.insert_letters(world.inbox, letters).await.unwrap();
    assert_eq!(world.unread(world.inbox).await, 2);
    let changed = world.store.update_flags(world.inbox, vec![(1, seen()), (3, seen()), (9, seen())]).await.unwrap();
    assert_eq!(changed.len(), 1, "only what looks different");
    assert_eq!(world.unread(world.inbox).await, 1);
    assert_eq!(world.store.remove_uids(world.inbox, vec![2, 3, 9]).await.unwrap().len(), 2);
    assert_eq!(world.unread(world.inbox).await, 0);
    assert_eq!(world.names(world.inbox).await, ["a"]);
    assert_eq!(world.store.uids(world.inbox).await.unwrap(), vec![(1, seen())]);
}

#[tokio::test]
async fn a_letter_that_is_known_is_not_taken_in_twice() {
    let world = World::new().await;
    let first = world.arrives(world.inbox, 1, "a").await;
    assert_eq!(first.len(), 1);
    assert_eq!(world.arrives(world.inbox, 1, "a").await, vec![]);
    assert_eq!(world.names(world.inbox).await, ["a"]);
}

#[tokio::test]
async fn a_letter_known_by_its_headers_gets_its_body_later() {
    let world = World::new().await;
    let headers = NewLetter { raw: None, ..letter(4, "news") };
    let id = world.store.insert_letters(world.inbox, vec![headers]).await.unwrap()[0];
    assert_eq!(world.store.missing_raw(world.inbox, 10).await.unwrap(), vec![(id, 4)]);
    assert!(!world.store.letter(id).await.unwrap().unwrap().has_raw);
    let whole = LetterSummary { text: "something rather singular".into(), attachments: 2, ..summary("news") };
    world.store.set_raw(id, b"whole".to_vec(), whole).await.unwrap();
    assert_eq!(world.store.raw(id).await.unwrap().as_deref(), Some(&b"whole"[..]));
    assert_eq!(world.store.missing_raw(world.inbox, 10).await.unwrap(), vec![]);
    assert_eq!(world.store.letter(id).await.unwrap().unwrap().row.attachments, 2);
    assert_eq!(world.store.find("singular", 10).await.unwrap().len(), 1);
    assert_eq!(world.store.find("dear", 10).await.unwrap(), vec![], "the old text is out of the index");
}

#[tokio::test]
async fn threads_join_in_whatever_order_their_letters_come() {
    let world = World::new().await;
    let reply = |uid, name: &str, to: &str, references: &[&str]| {
        let mut letter = letter(uid, name);
        letter.summary.in_reply_to = vec![format!("{to}@example.net")];
        letter.summary.references = references.iter().map(|name| format!("{name}@example.net")).collect();
        letter
    };
    // The answer to an answer, then an unrelated letter, then the root, then the answer that joins the two.
    let letters = vec![reply(3, "c", "b", &[]), letter(9, "other"), letter(1, "a"), reply(2, "b", "a", &["a"])];
    let ids = world.store.insert_letters(world.inbox, letters).await.unwrap();
    let rows = world.store.letter_rows(&ids).await.unwrap();
    let joined: Vec<_> = rows.iter().map(|row| row.thread == rows[0].thread).collect();
    assert_eq!(joined, [true, false, true, true]);
    let thread = world.store.thread(rows[0].thread).await.unwrap();
    assert_eq!(thread.iter().map(|row| row.subject.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
}

#[tokio::test]
async fn letters_of_two_accounts_are_two_threads() {
    let world = World::new().await;
    let other = world.store.add_account(account_of("bo@example.net", &[])).await.unwrap().id;
    let theirs = world.store.sync_mailbox_list(other, three()).await.unwrap()[0].id;
    let one = world.arrives(world.inbox, 1, "a").await[0];
    let two = world.arrives(theirs, 1, "a").await[0];
    let rows = world.store.letter_rows(&[one, two]).await.unwrap();
    assert_ne!(rows[0].thread, rows[1].thread);
}

#[tokio::test]
async fn a_renumbered_mailbox_is_recognised_by_its_letters() {
    let world = World::new().await;
    let a = world.arrives(world.inbox, 1, "a").await[0];
    let b = world.arrives(world.inbox, 2, "b").await[0];
    let state = MailboxState { uid_validity: Some(7), uid_next: Some(3), highest_modseq: Some(u64::MAX) };
    world.store.set_mailbox_state(world.inbox, state).await.unwrap();
    assert_eq!(world.store.mailbox_state(world.inbox).await.unwrap(), state);

    world.store.reset_mailbox(world.inbox).await.unwrap();
    assert_eq!(world.store.mailbox_state(world.inbox).await.unwrap(), MailboxState::default());
    assert_eq!(world.store.uids(world.inbox).await.unwrap(), vec![]);
    assert_eq!(world.names(world.inbox).await, ["b", "a"], "nothing vanishes while it is looked for");
    let headers = NewLetter { raw: None, ..letter(101, "a") };
    assert_eq!(world.store.insert_letters(world.inbox, vec![headers]).await.unwrap(), vec![]);
    assert_eq!(world.store.letter(a).await.unwrap().unwrap().uid, Some(101));
    assert!(world.store.raw(a).await.unwrap().is_some(), "what was fetched is kept");
    assert_eq!(world.store.drop_unplaced(world.inbox).await.unwrap(), vec![b]);
    assert_eq!(world.names(world.inbox).await, ["a"]);
}

#[tokio::test]
async fn words_are_found_by_their_beginnings_without_accents_newest_first() {
    let world = World::new().await;
    world.arrives(world.inbox, 1, "Ärger").await;
    world.arrives(world.inbox, 3, "arge Sache").await;
    world.arrives(world.inbox, 2, "argwohn").await;
    let found = |query: &'static str| {
        let store = world.store.clone();
        async move { store.find(query, 10).await.unwrap().into_iter().map(|row| row.subject).collect::<Vec<_>>() }
    };
    assert_eq!(found("arg").await, ["arge Sache", "argwohn", "Ärger"]);
    assert_eq!(found("ARGE sach").await, ["arge Sache"]);
    assert_eq!(found("moller").await.len(), 3, "who has no ø on the keyboard types o");
    assert_eq!(found("bo@example.net").await.len(), 3);
    assert_eq!(found("\"").await, Vec::<String>::new());
    assert_eq!(world.store.find("arg", 1).await.unwrap().len(), 1);
    world.store.remove_uids(world.inbox, vec![3]).await.unwrap();
    assert_eq!(found("sache").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_letter_is_found_by_its_message_id() {
    let world = World::new().await;
    let id = world.arrives(world.inbox, 1, "a").await[0];
    let found = world.store.letter_by_message_id(Some(world.account), "a@example.net").await.unwrap();
    assert_eq!(found.map(|row| row.id), Some(id));
    let elsewhere = world.store.letter_by_message_id(Some(AccountId(99)), "a@example.net").await.unwrap();
    assert_eq!(elsewhere, None);
}

#[tokio::test]
async fn an_account_goes_with_its_letters() {
    let world = World::new().await;
    let id = world.arrives(world.inbox, 1, "a").await[0];
    world.store.remove_account(world.account).await.unwrap();
    assert_eq!(world.store.mailboxes(None).await.unwrap(), vec![]);
    assert_eq!(world.store.letter(id).await.unwrap(), None);
    assert_eq!(world.store.find("dear", 10).await.unwrap(), vec![]);
}

#[tokio::test]
async fn what_came_while_an_account_went_goes_with_it() {
    let world = World::new().await;
    world.arrives(world.inbox, 1, "a").await;
    world.store.drop_account(world.account).await.unwrap();
    world.arrives(world.inbox, 2, "late").await;
    world.store.forget_mail(world.account).await.unwrap();
    let left = world.store.mail(|db| {
        let count =
            |table: &str| db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, u32>(0));
        Ok((count("mailbox")?, count("letter")?, count("content")?, count("stray")?))
    });
    assert_eq!(left.await.unwrap(), (0, 0, 0, 0));
}

#[tokio::test]
async fn a_removal_that_a_crash_interrupted_is_ended_at_the_next_start_and_touches_no_other_account() {
    let world = World::new().await;
    let letters = (1..=1200).map(|uid| letter(uid, &format!("n{uid}")));
    world.store.insert_letters(world.inbox, letters.collect()).await.unwrap();
    let other = world.store.add_account(account_of("b@example.org", &[])).await.unwrap().id;
    let boxes = world.store.sync_mailbox_list(other, three()).await.unwrap();
    world.store.insert_letters(boxes[0].id, vec![letter(1, "stays")]).await.unwrap();
    // The account went, and the program with it.
    let gone = world.account;
    world.store.write_local(move |tx| Ok(tx.execute("DELETE FROM account WHERE id = ?1", [gone.0])?)).await.unwrap();
    let world = world.restarted().await;
    let mut changes = world.store.changes();
    while world.store.mailboxes(None).await.unwrap().iter().any(|mailbox| mailbox.account == gone) {
        changes.recv().await.unwrap();
    }
    let rows = "SELECT (SELECT count(*) FROM content) + (SELECT count(*) FROM letter) + (SELECT count(*) FROM stray)";
    let left: i64 = world.store.mail(move |db| Ok(db.query_row(rows, [], |row| row.get(0))?)).await.unwrap();
    assert_eq!(left, 2);
    assert_eq!(world.names(boxes[0].id).await, ["stays"]);
    assert_eq!(world.store.find("dear", 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_mailbox_is_made_with_those_around_it() {
    let world = World::new().await;
    world.store.create_mailbox(world.account, "Archive/2026/June").await.unwrap();
    let paths = world.store.mailboxes(Some(world.account)).await.unwrap();
    let paths: Vec<&str> = paths.iter().map(|mailbox| mailbox.path.as_str()).collect();
    assert_eq!(paths, ["INBOX", "Archive", "Trash", "Archive/2026", "Archive/2026/June"]);
    let orders = world.store.journal(world.account).await.unwrap();
    let made = orders.into_iter().map(|entry| match entry.op {
        crate::JournalOp::CreateMailbox { path } => path,
        other => panic!("{other:?}"),
    });
    assert_eq!(made.collect::<Vec<_>>(), ["Archive/2026", "Archive/2026/June"]);
}
