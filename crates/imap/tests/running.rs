//! An account that is kept up to date: new mail by IDLE, orders at once, connections that break.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use model::{Flag, Role};
use peer::{Fault, Peer, letter};
use postrider_imap::{Patience, SyncEvent, SyncState};
use std::time::{Duration, Instant};
use world::Home;

fn is_idle(event: &SyncEvent) -> bool {
    matches!(event, SyncEvent::State(_, SyncState::Idle))
}

fn is_new_mail(event: &SyncEvent) -> bool {
    matches!(event, SyncEvent::NewMail { .. })
}

/// Waits until the peer has seen a command so often.
async fn seen(peer: &Peer, command: &str, times: usize) {
    let wait = async {
        while peer.count(command) < times {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect(command);
}

#[tokio::test]
async fn new_mail_is_told_within_a_second_of_its_arrival() {
    let peer = Peer::start("IDLE").await;
    peer.deliver("INBOX", "old");
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(is_idle).await;
    seen(&peer, "IDLE", 1).await;
    let arrived = Instant::now();
    peer.deliver("INBOX", "new");
    let SyncEvent::NewMail { letters, .. } = events.wait_for(is_new_mail).await else { unreachable!() };
    assert!(arrived.elapsed() < Duration::from_secs(1), "{:?}", arrived.elapsed());
    assert_eq!(letters, [home.letter("INBOX", "new").await]);
    handle.stop().await;
}

#[tokio::test]
async fn an_order_given_here_reaches_the_server_at_once() {
    let peer = Peer::start("IDLE").await;
    peer.deliver("INBOX", "letter");
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(is_idle).await;
    let id = home.letter("INBOX", "letter").await;
    home.store.apply_local_flag(&[id], Flag::Seen, true).await.unwrap();
    seen(&peer, "UID STORE", 1).await;
    handle.stop().await;
    assert_eq!(peer.flags("INBOX", 1), ["\\Seen"]);
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_and_made_again() {
    let peer = Peer::start("IDLE").await;
    let home = Home::at(&peer).await;
    peer.fault("SELECT", 0, Fault::Bye("maintenance"));
    let (handle, mut events) = home.run();
    let offline = |event: &SyncEvent| matches!(event, SyncEvent::State(_, SyncState::Offline { reason }) if reason.message.contains("maintenance"));
    events.wait_for(offline).await;
    events.wait_for(is_idle).await;
    handle.stop().await;
}

#[tokio::test]
async fn a_refused_password_is_not_tried_again_until_somebody_wakes_the_account() {
    let peer = Peer::start("IDLE").await;
    peer.world().password = "another".to_owned();
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(|event| matches!(event, SyncEvent::State(_, SyncState::AuthFailed { .. }))).await;
    peer.world().password = "secret".to_owned();
    handle.wake();
    events.wait_for(is_idle).await;
    handle.stop().await;
}

#[tokio::test]
async fn a_network_that_changed_before_is_no_reason_to_try_a_refused_password_again() {
    let peer = Peer::start("IDLE").await;
    peer.world().password = "another".to_owned();
    let home = Home::at(&peer).await;
    home.change_network();
    let refused = |event: &SyncEvent| matches!(event, SyncEvent::State(_, SyncState::AuthFailed { .. }));
    let (handle, mut events) = home.run();
    events.wait_for(refused).await;
    let again = tokio::time::timeout(Duration::from_millis(300), events.wait_for(refused)).await;
    assert!(again.is_err(), "it waits");
    home.change_network();
    events.wait_for(refused).await;
    handle.stop().await;
}

#[tokio::test]
async fn without_idle_waking_looks_at_everything() {
    let peer = Peer::start("").await;
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(is_idle).await;
    peer.deliver("INBOX", "new");
    handle.wake();
    events.wait_for(is_new_mail).await;
    handle.stop().await;
}

#[tokio::test]
async fn stopping_does_not_wait_for_a_server_that_hangs() {
    let peer = Peer::start("IDLE").await;
    peer.fault("SELECT", 0, Fault::Hang);
    let home = Home::at(&peer).await;
    let (handle, _events) = home.run();
    seen(&peer, "SELECT", 1).await;
    tokio::time::timeout(Duration::from_secs(10), handle.stop()).await.unwrap();
}

#[tokio::test]
async fn orders_and_new_mail_do_not_wait_for_the_end_of_a_first_sync() {
    let peer = Peer::start("IDLE").await;
    for n in 1..=1500 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(|event| matches!(event, SyncEvent::Letters { .. })).await;
    let id = home.letter("INBOX", "letter 1500").await;
    home.store.apply_local_flag(&[id], Flag::Seen, true).await.unwrap();
    peer.deliver("INBOX", "new");
    let SyncEvent::NewMail { letters, .. } = events.wait_for(is_new_mail).await else { unreachable!() };
    assert_eq!(letters.len(), 1);
    events.wait_for(is_idle).await;
    handle.stop().await;
    let log = peer.world().log.clone();
    let last_fetch = log.iter().rposition(|line| line.starts_with("UID FETCH")).unwrap();
    let store = log.iter().position(|line| line.starts_with("UID STORE")).unwrap();
    let new = log.iter().position(|line| line.starts_with("UID FETCH 1501 ")).unwrap();
    assert!(store < last_fetch && new < last_fetch, "{store} {new} {last_fetch}");
    assert_eq!(home.rows("INBOX").await.len(), 1501);
}

#[tokio::test]
async fn a_body_that_is_wanted_does_not_wait_for_the_last_of_many_arrivals() {
    let peer = Peer::start("IDLE").await;
    peer.deliver_bytes("INBOX", letter("large", &"0123456789abcdef 0123456789abcdef\r\n".repeat(20_000)));
    let body = "UID FETCH 1 (UID BODY.PEEK[]<0.1048576>)";
    peer.fault(body, 0, Fault::No("[SERVERBUG] try later"));
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    let id = home.letter("INBOX", "large").await;
    for n in 1..=1500 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let (handle, mut events) = home.run();
    // Wanted from the beginning: no arrival need come before it, and none may hold it up.
    handle.fetch_body(id).await.unwrap();
    assert!(home.store.raw(id).await.unwrap().is_some());
    events.wait_for(is_idle).await;
    handle.stop().await;
    let log = peer.world().log.clone();
    let wanted = log.iter().rposition(|line| line == body).unwrap();
    let arrivals =
        log.iter().rposition(|line| line.starts_with("UID FETCH") && line.ends_with("BODY.PEEK[])")).unwrap();
    assert!(wanted < arrivals, "{wanted} {arrivals}");
    assert_eq!(home.rows("INBOX").await.len(), 1501);
}

#[tokio::test]
async fn what_the_server_wants_its_users_to_see_is_told_once_a_day_on_whichever_connection_it_comes() {
    let peer = Peer::start("IDLE").await;
    let full: fn(&str) -> String = |answer| format!("* OK [ALERT] The mailbox\tis full.\r\n{answer}");
    for command in ["LIST", "LIST", "LIST"] {
        peer.fault(command, 0, Fault::Alter(full));
    }
    let greeting = "* OK [ALERT] Closed on Sunday\x1b[31m.\r\n";
    for _ in 0..2 {
        peer.fault("greeting", 0, Fault::Say(greeting.into()));
    }
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    let mut notes = Vec::new();
    let mut keep = |event: &SyncEvent| {
        if let SyncEvent::Note { text, .. } = event {
            notes.push(text.clone());
        }
    };
    events
        .wait_for(|event| {
            keep(event);
            is_idle(event)
        })
        .await;
    seen(&peer, "IDLE", 1).await;
    peer.deliver("INBOX", "new");
    events
        .wait_for(|event| {
            keep(event);
            is_new_mail(event)
        })
        .await;
    handle.stop().await;
    assert_eq!(
        notes,
        ["The server 127.0.0.1 says: “Closed on Sunday [31m.”", "The server 127.0.0.1 says: “The mailbox is full.”"]
    );
    assert!(peer.world().connections >= 2);

    peer.fault("LIST", 0, Fault::Alter(full));
    let report = home.sync().await.unwrap();
    assert_eq!(report.notes, ["The server 127.0.0.1 says: “The mailbox is full.”"]);
}

#[tokio::test]
async fn a_body_that_is_wanted_is_fetched_at_once() {
    let peer = Peer::start("IDLE").await;
    peer.deliver_bytes("INBOX", letter("large", &"0123456789abcdef 0123456789abcdef\r\n".repeat(20_000)));
    peer.fault("UID FETCH 1 (UID BODY.PEEK[]<0.1048576>)", 0, Fault::No("[SERVERBUG] try later"));
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(is_idle).await;
    let id = home.letter("INBOX", "large").await;
    assert_eq!(home.store.raw(id).await.unwrap(), None);
    handle.fetch_body(id).await.unwrap();
    assert!(home.store.raw(id).await.unwrap().is_some());
    let came = events.wait_for(|event| matches!(event, SyncEvent::Body { .. })).await;
    assert!(matches!(came, SyncEvent::Body { letter, role: Some(Role::Inbox), .. } if letter == id), "{came:?}");
    let error = handle.fetch_body(model::LetterId(4711)).await.unwrap_err();
    assert_eq!(error.code(), "not-found");
    handle.stop().await;
}

#[tokio::test]
async fn what_another_program_files_is_seen_before_the_next_pass_where_the_server_tells_of_the_inbox_alone() {
    for capabilities in ["IDLE", "IDLE LIST-STATUS", ""] {
        let peer = Peer::start(capabilities).await;
        peer.make("Sent", "\\Sent");
        peer.make("Other", "");
        let home = Home::at(&peer).await;
        let around = Duration::from_millis(50);
        let (handle, mut events) = home.run_patiently(Patience { around, ..Patience::default() });
        events.wait_for(is_idle).await;
        peer.deliver("Sent", "sent by the phone");
        let sent = home.mailbox("Sent").await.id;
        let added = |event: &SyncEvent| matches!(event, SyncEvent::Letters { mailbox, added, .. } if *mailbox == sent && !added.is_empty());
        events.wait_for(added).await;
        assert_eq!(home.subjects("Sent").await, ["sent by the phone"], "{capabilities}");
        let opened = peer.count("SELECT");
        events.wait_for(is_idle).await;
        events.wait_for(is_idle).await;
        assert_eq!(peer.count("SELECT"), opened, "nothing is opened in which nothing happened: {capabilities}");
        if capabilities.contains("LIST-STATUS") {
            peer.deliver("Other", "filed by a rule");
            let other = home.mailbox("Other").await.id;
            events.wait_for(|event| matches!(event, SyncEvent::Letters { mailbox, .. } if *mailbox == other)).await;
        }
        handle.stop().await;
    }
}
