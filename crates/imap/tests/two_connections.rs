//! One connection listens and acts, the other fetches: an order never waits for a letter that is just being fetched.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use model::{Flag, Role};
use peer::{Fault, Peer, letter};
use postrider_imap::{Patience, SyncEvent, SyncState};
use std::time::{Duration, Instant};
use store::{AppendTo, JournalOp};
use world::Home;

fn is_idle(event: &SyncEvent) -> bool {
    matches!(event, SyncEvent::State(_, SyncState::Idle))
}

/// Waits until something is so on the peer.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect(what);
}

/// A peer with letters, of which the oldest are never handed out, and a home in which the newest are listed.
async fn in_a_first_fetch(capabilities: &str) -> (Peer, Home, postrider_imap::SyncHandle, world::Events) {
    let peer = Peer::start(capabilities).await;
    for path in ["Archive", "Sent", "Trash"] {
        peer.make(path, &format!("\\{path}"));
    }
    for n in 1..=1500 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    // The second question for letters is never answered.
    peer.fault("UID FETCH 1101:1300", 0, Fault::Hang);
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(|event| matches!(event, SyncEvent::Letters { .. })).await;
    (peer, home, handle, events)
}

#[tokio::test]
async fn orders_are_on_the_server_within_a_second_while_a_fetch_hangs() {
    for capabilities in ["IDLE MOVE UIDPLUS", "IDLE UIDPLUS", "MOVE UIDPLUS"] {
        let (peer, home, handle, _events) = in_a_first_fetch(capabilities).await;
        let [seen, filed, gone] = [1500, 1499, 1498].map(|n| format!("letter {n}"));
        let [seen, filed, gone] = [
            home.letter("INBOX", &seen).await,
            home.letter("INBOX", &filed).await,
            home.letter("INBOX", &gone).await,
        ];
        until("the second connection", || peer.world().connections >= 2).await;
        until("it stands", || !capabilities.contains("IDLE") || peer.count("IDLE") > 0).await;
        let given = Instant::now();
        home.store.apply_local_flag(&[seen], Flag::Seen, true).await.unwrap();
        home.store.apply_local_move(&[filed], home.mailbox("Archive").await.id).await.unwrap();
        home.store.apply_local_delete(&[gone], Duration::ZERO).await.unwrap();
        let sent = JournalOp::Append {
            to: AppendTo::Role(Role::Sent),
            message_id: "sent@example.org".into(),
            outgoing: None,
            flags: model::Flags::default(),
        };
        home.store.journal_add(home.account.id, sent, Some(letter("sent", "Hi.\r\n"))).await.unwrap();
        until("all are done", || {
            peer.flags("INBOX", 1500) == ["\\Seen"]
                && peer.uids("Archive").len() == 1
                && peer.uids("Sent").len() == 1
                && !peer.uids("INBOX").contains(&1498)
        })
        .await;
        assert!(given.elapsed() < Duration::from_secs(2), "{capabilities}: {:?}", given.elapsed());
        until("it listens again", || peer.count("IDLE") > 1 || !capabilities.contains("IDLE")).await;
        let done = async {
            while !home.store.journal(home.account.id).await.unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), done).await.unwrap();
        handle.stop().await;
    }
}

#[tokio::test]
async fn an_order_that_is_held_back_is_carried_out_in_its_time_while_a_fetch_hangs() {
    let (peer, home, handle, _events) = in_a_first_fetch("IDLE UIDPLUS").await;
    let gone = home.letter("INBOX", "letter 1498").await;
    until("it stands", || peer.count("IDLE") > 0).await;
    home.store.apply_local_delete(&[gone], Duration::from_millis(300)).await.unwrap();
    until("it is done", || !peer.uids("INBOX").contains(&1498)).await;
    handle.stop().await;
}

#[tokio::test]
async fn without_a_second_connection_the_one_that_fetches_acts() {
    let peer = Peer::start("IDLE").await;
    peer.deliver("INBOX", "letter");
    let home = Home::at(&peer).await;
    peer.fault("EXAMINE", 0, Fault::No("one connection is enough"));
    let (handle, mut events) = home.run();
    events.wait_for(is_idle).await;
    until("it tried", || peer.count("EXAMINE") > 0).await;
    let id = home.letter("INBOX", "letter").await;
    home.store.apply_local_flag(&[id], Flag::Seen, true).await.unwrap();
    until("it is done", || peer.flags("INBOX", 1) == ["\\Seen"]).await;
    handle.stop().await;
}

#[tokio::test]
async fn an_order_on_which_the_second_connection_breaks_is_done_all_the_same_and_once() {
    let peer = Peer::start("IDLE UIDPLUS").await;
    peer.make("Sent", "\\Sent");
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(is_idle).await;
    until("it stands", || peer.count("IDLE") > 0).await;
    peer.fault("APPEND", 0, Fault::DoAndClose);
    let sent = JournalOp::Append {
        to: AppendTo::Role(Role::Sent),
        message_id: "sent@example.org".into(),
        outgoing: None,
        flags: model::Flags::default(),
    };
    home.store.journal_add(home.account.id, sent, Some(letter("sent", "Hi.\r\n"))).await.unwrap();
    until("it is sent", || !peer.uids("Sent").is_empty()).await;
    for entry in home.store.journal(home.account.id).await.unwrap() {
        home.store.journal_failed(entry.id, "", jiff::Timestamp::UNIX_EPOCH).await.unwrap();
    }
    let done = async {
        while !home.store.journal(home.account.id).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), done).await.unwrap();
    assert_eq!(peer.uids("Sent").len(), 1);
    handle.stop().await;
}

#[tokio::test]
async fn marks_made_while_a_mailbox_is_compared_never_look_undone() {
    let peer = Peer::start("IDLE LIST-STATUS").await;
    for n in 1..=300 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(is_idle).await;
    until("it stands", || peer.count("IDLE") > 0).await;
    let ids: Vec<_> = home.rows("INBOX").await.into_iter().map(|row| row.id).collect();
    for (n, id) in ids.iter().take(60).enumerate() {
        home.store.apply_local_flag(&[*id], Flag::Seen, true).await.unwrap();
        handle.wake();
        let rows = home.store.letter_rows(&ids[..=n]).await.unwrap();
        assert!(rows.iter().all(|row| row.flags.has(Flag::Seen)), "after {n}");
    }
    until("all are done", || {
        let world = peer.world();
        world.folders["INBOX"].letters.iter().filter(|letter| letter.flags.contains("\\Seen")).count() == 60
    })
    .await;
    handle.stop().await;
}

#[tokio::test]
async fn further_connections_stand_on_other_mailboxes_where_the_user_allows_them() {
    for (setting, expected) in [("2", 2), ("you@example.org 4", 4), ("3", 3), ("20", 5)] {
        let peer = Peer::start("IDLE LIST-EXTENDED").await;
        for (path, attributes) in
            [("Drafts", "\\Drafts"), ("Sent", "\\Sent"), ("Trash", "\\Trash"), ("lists", "\\Subscribed")]
        {
            peer.make(path, attributes);
            peer.deliver(path, &format!("in {path}"));
        }
        let home = Home::at(&peer).await;
        home.store.set_setting("sync.connections", Some(setting)).await.unwrap();
        let (handle, mut events) =
            home.run_patiently(Patience { around: Duration::from_millis(50), ..Patience::default() });
        events.wait_for(is_idle).await;
        until(setting, || peer.count("IDLE") >= expected - 1).await;
        assert_eq!(peer.world().connections, expected, "{setting}");
        if expected == 5 {
            let lists = home.mailbox("lists").await.id;
            peer.deliver("lists", "sorted by a rule");
            events.wait_for(|event| matches!(event, SyncEvent::NewMail { mailbox, .. } if *mailbox == lists)).await;
        }
        handle.stop().await;
    }
}

#[tokio::test]
async fn many_orders_do_not_keep_it_from_listening() {
    let peer = Peer::start("IDLE UIDPLUS").await;
    peer.make("Archive", "\\Archive");
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    for n in 0..70 {
        let brought = JournalOp::Append {
            to: AppendTo::Path("Archive".into()),
            message_id: format!("m{n}@example.org"),
            outgoing: None,
            flags: model::Flags::default(),
        };
        home.store.journal_add(home.account.id, brought, Some(letter(&format!("m{n}"), "Hi.\r\n"))).await.unwrap();
    }
    let due = jiff::Timestamp::now() + Duration::from_secs(2);
    for entry in home.store.journal(home.account.id).await.unwrap() {
        home.store.journal_failed(entry.id, "", due).await.unwrap();
    }
    let (handle, _events) = home.run();
    until("it stands", || peer.count("IDLE") > 0).await;
    until("all are there", || peer.uids("Archive").len() == 70).await;
    handle.stop().await;
    let log = peer.world().log.clone();
    let runs =
        log.split(|line| line == "IDLE").map(|run| run.iter().filter(|line| line.starts_with("APPEND")).count());
    assert!(runs.clone().max().unwrap() <= 20, "{:?}", runs.collect::<Vec<_>>());
}

/// A peer with the mailboxes on which connections stand, and a home that is in step with it.
async fn with_posts(capabilities: &str) -> (Peer, Home, postrider_imap::SyncHandle, world::Events) {
    let peer = Peer::start(capabilities).await;
    for (path, attributes) in [("Drafts", "\\Drafts"), ("Sent", "\\Sent"), ("Archive", "\\Archive")] {
        peer.make(path, attributes);
        peer.deliver(path, &format!("in {path}"));
    }
    peer.deliver("INBOX", "letter");
    let home = Home::at(&peer).await;
    home.store.set_setting("sync.connections", Some("4")).await.unwrap();
    let (handle, mut events) =
        home.run_patiently(Patience { around: Duration::from_millis(50), ..Patience::default() });
    events.wait_for(is_idle).await;
    (peer, home, handle, events)
}

#[tokio::test]
async fn connections_on_other_mailboxes_live_on_while_the_one_on_the_inbox_is_made_again() {
    let (peer, home, handle, _events) = with_posts("IDLE").await;
    until("all stand", || peer.count("IDLE") == 3).await;
    peer.fault("UID STORE", 0, Fault::Close);
    let id = home.letter("INBOX", "letter").await;
    home.store.apply_local_flag(&[id], Flag::Seen, true).await.unwrap();
    until("it is made again", || peer.count("EXAMINE \"INBOX\"") >= 2).await;
    until("it stands again", || peer.count("IDLE") >= 4).await;
    assert_eq!(peer.world().connections, 5);
    assert_eq!((peer.count("EXAMINE \"Drafts\""), peer.count("EXAMINE \"Sent\"")), (1, 1));
    assert_eq!(peer.count("LOGOUT"), 0);
    handle.stop().await;
}

#[tokio::test]
async fn connections_that_are_wanted_no_more_say_goodbye() {
    let (peer, home, handle, _events) = with_posts("IDLE").await;
    until("all stand", || peer.count("IDLE") == 3).await;
    home.store.set_setting("sync.connections", Some("3")).await.unwrap();
    handle.wake();
    until("one says goodbye", || peer.count("LOGOUT") == 1).await;
    until("the inbox is told of", || peer.count("EXAMINE \"INBOX\"") == 1).await;
    handle.stop().await;
    until("all say goodbye", || peer.count("LOGOUT") == 4).await;
}

#[tokio::test]
async fn while_an_order_is_carried_out_nobody_is_believed_to_listen() {
    let (peer, home, handle, _events) = with_posts("IDLE NOTIFY LIST-STATUS").await;
    until("it stands", || peer.count("IDLE") == 1).await;
    peer.fault("UID STORE", 0, Fault::Hang);
    let id = home.letter("INBOX", "letter").await;
    home.store.apply_local_flag(&[id], Flag::Seen, true).await.unwrap();
    until("it is at work", || peer.count("UID STORE") == 1).await;
    // It would have told of every mailbox; until it does again, their numbers are asked for.
    let asked = || peer.count("LIST \"\" \"*\" RETURN (STATUS");
    let before = asked();
    until("it is looked around", || asked() > before).await;
    handle.stop().await;
}

/// When an order that is held back becomes due.
static DUE: std::sync::OnceLock<jiff::Timestamp> = std::sync::OnceLock::new();

#[tokio::test]
async fn an_order_that_becomes_due_while_others_are_carried_out_is_carried_out_after_them() {
    let peer = Peer::start("IDLE UIDPLUS").await;
    for n in 1..=3 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(is_idle).await;
    until("it stands", || peer.count("IDLE") > 0).await;
    let of = async |n: u32| home.letter("INBOX", &format!("letter {n}")).await;
    let (gone, seen) = (of(1).await, of(2).await);
    home.store.apply_local_delete(&[gone], Duration::from_millis(500)).await.unwrap();
    let due = home.store.journal(home.account.id).await.unwrap()[0].next_at;
    DUE.set(due).unwrap();
    // The server takes its time with the next order, until the first one is due.
    let slowly = |_: &mut peer::World| while DUE.get().is_some_and(|due| jiff::Timestamp::now() <= *due) {};
    peer.fault("UID STORE 2", 0, Fault::After(slowly));
    home.store.apply_local_flag(&[seen], Flag::Seen, true).await.unwrap();
    until("it is done", || !peer.uids("INBOX").contains(&1)).await;
    assert_eq!(peer.flags("INBOX", 2), ["\\Seen"]);
    handle.stop().await;
}
