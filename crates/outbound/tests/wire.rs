//! Letters on the wire, and silence there.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod desk;

use desk::{Desk, POLITE, count};
use model::DeliveryState;
use std::time::Duration;
use store::Change;
use tokio::time::timeout;

/// More than anything on loopback takes.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_letter_is_on_the_wire_until_it_is_on_disk_who_took_it() {
    let desk = Desk::with(Some(POLITE), None).await;
    let mut letters = desk.runner.wire().letters();
    let id = desk.submit(&["a@there.test"]).await;
    let runner = desk.runner.spawn();
    timeout(PATIENCE, letters.wait_for(|count| *count == 1)).await.expect("it leaves").expect("it runs");
    timeout(PATIENCE, letters.wait_for(|count| *count == 0)).await.expect("it ends").expect("it runs");
    let state = desk.store.outgoing(id).await.expect("the store answers").expect("the outgoing").deliveries[0].state;
    assert_eq!(state, DeliveryState::Relayed);
    runner.stop(PATIENCE).await;
}

#[tokio::test]
async fn nothing_is_begun_in_silence_and_what_is_due_goes_as_soon_as_it_ends() {
    let desk = Desk::with(Some(POLITE), None).await;
    let wire = desk.runner.wire();
    let mut changes = desk.store.changes();
    wire.hush();
    let id = desk.submit(&["a@there.test"]).await;
    desk.run().await;
    assert_eq!(desk.outcome(id).await.0, [DeliveryState::Queued]);
    assert_eq!(count(&desk.four, "connected"), 0);

    let store = desk.store.clone();
    let runner = desk.runner.spawn();
    wire.go_on();
    let relayed = async {
        loop {
            let outgoing = store.outgoing(id).await.expect("the store answers").expect("the outgoing");
            if outgoing.deliveries[0].state == DeliveryState::Relayed {
                return;
            }
            while !matches!(changes.recv().await, Ok(Change::Outgoing(_))) {}
        }
    };
    timeout(PATIENCE, relayed).await.expect("it goes");
    runner.stop(PATIENCE).await;
}

#[tokio::test]
async fn a_runner_that_stops_in_silence_waits_for_nobody() {
    let desk = Desk::with(Some(POLITE), None).await;
    desk.runner.wire().hush();
    desk.submit(&["a@there.test"]).await;
    let runner = desk.runner.spawn();
    timeout(PATIENCE, runner.stop(2 * PATIENCE)).await.expect("it stops at once");
}
