//! Letters that the server is asked for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use model::query::{Query, parse};
use peer::{Fault, Peer};
use postrider_imap::{SyncError, SyncEvent, SyncHandle, SyncState};
use std::time::{Duration, Instant};
use world::{Events, Home};

fn query(typed: &str) -> Query {
    parse(typed, &jiff::Zoned::now()).query.unwrap()
}

/// What a search leads to, which takes no longer than this.
async fn within(handle: &SyncHandle, typed: &str, limit: Duration) -> Result<Vec<model::LetterId>, SyncError> {
    let asked = Instant::now();
    let answer = tokio::time::timeout(Duration::from_secs(20), handle.search(None, query(typed))).await;
    assert!(asked.elapsed() < limit, "{typed}: {:?}", asked.elapsed());
    answer.expect("an answer")
}

/// Lets attempts to connect fail, until the next pause is a long one.
async fn in_a_long_pause(handle: &SyncHandle, events: &mut Events) {
    for attempt in 0..6 {
        if attempt > 0 {
            handle.wake();
        }
        events.wait_for(|event| matches!(event, SyncEvent::State(_, SyncState::Offline { .. }))).await;
    }
}

#[tokio::test]
async fn a_letter_is_found_by_the_word_as_it_was_typed() {
    let peer = Peer::start("IDLE").await;
    peer.deliver("INBOX", "Grüße von Frau Müller");
    peer.deliver("INBOX", "Greetings");
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(|event| matches!(event, SyncEvent::State(_, SyncState::Idle))).await;
    let found = within(&handle, "MÜLLER", Duration::from_secs(10)).await.unwrap();
    assert_eq!(found, [home.letter("INBOX", "Grüße von Frau Müller").await]);
    handle.stop().await;
}

#[tokio::test]
async fn what_is_not_here_is_found_and_fetched_by_an_account_that_nobody_syncs() {
    let peer = Peer::start("IDLE").await;
    peer.deliver("INBOX", "The heron");
    peer.deliver("INBOX", "The bees");
    let home = Home::at(&peer).await;
    let found = home.search("heron").await.unwrap();
    assert_eq!(found, [home.letter("INBOX", "The heron").await]);
    assert_eq!(home.subjects("INBOX").await, ["The heron"]);
    assert_eq!(home.sync().await.unwrap().added, 1);
    assert_eq!(home.subjects("INBOX").await, ["The bees", "The heron"]);
}

#[tokio::test]
async fn a_search_ends_a_pause_between_attempts_to_connect() {
    let peer = Peer::start("IDLE").await;
    peer.deliver("INBOX", "The heron");
    for _ in 0..6 {
        peer.fault("LOGIN", 0, Fault::Close);
    }
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    in_a_long_pause(&handle, &mut events).await;
    assert_eq!(within(&handle, "heron", Duration::from_secs(10)).await.unwrap().len(), 1);
    handle.stop().await;
}

#[tokio::test]
async fn a_search_that_cannot_connect_either_fails_at_once_and_says_why() {
    let peer = Peer::start("IDLE").await;
    for _ in 0..7 {
        peer.fault("LOGIN", 0, Fault::Bye("closed for the night"));
    }
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    in_a_long_pause(&handle, &mut events).await;
    let error = within(&handle, "heron", Duration::from_secs(10)).await.unwrap_err();
    assert!(error.to_string().contains("closed for the night"), "{error}");
    handle.stop().await;
}

#[tokio::test]
async fn a_refused_password_is_not_tried_again_because_somebody_searches() {
    let peer = Peer::start("IDLE").await;
    peer.world().password = "another".to_owned();
    let home = Home::at(&peer).await;
    let (handle, mut events) = home.run();
    events.wait_for(|event| matches!(event, SyncEvent::State(_, SyncState::AuthFailed { .. }))).await;
    let tried = peer.world().connections;
    let error = within(&handle, "heron", Duration::from_secs(10)).await.unwrap_err();
    assert!(error.to_string().contains("refused the login"), "{error}");
    assert_eq!(peer.world().connections, tried);
    handle.stop().await;
}
