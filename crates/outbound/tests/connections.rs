//! Many letters to one place: over how many connections, how many at a time, and what the others learn from one that
//! had no luck.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod desk;

use desk::{Desk, POLITE, Script, count};
use model::{DeliveryState, OutgoingId, Route, RoutePolicy, SmartHost, SmartHostId};

async fn submit_many(desk: &Desk, letters: usize) -> Vec<OutgoingId> {
    let mut ids = Vec::new();
    for number in 0..letters {
        ids.push(desk.submit(&[&format!("a{number}@there.test")]).await);
    }
    ids
}

async fn states(desk: &Desk, ids: &[OutgoingId]) -> Vec<DeliveryState> {
    let mut states = Vec::new();
    for id in ids {
        states.extend(desk.outcome(*id).await.0);
    }
    states
}

#[tokio::test]
async fn further_letters_go_over_the_connections_that_are_open() {
    let desk = Desk::with(Some(POLITE), None).await;
    let ids = submit_many(&desk, 40).await;
    desk.run().await;
    assert_eq!(states(&desk, &ids).await, [DeliveryState::Relayed; 40]);
    assert_eq!(count(&desk.four, "MAIL"), 40);
    assert!(count(&desk.four, "connected") <= 10, "{} connections", count(&desk.four, "connected"));
    let mut openings = 0;
    for id in ids {
        let attempt = desk.outcome(id).await.1.remove(0);
        let transcript = desk.store.transcript(attempt.id).await.expect("the store answers").expect("a transcript");
        assert_eq!(transcript.matches("MAIL FROM").count(), 1, "its own part alone: {transcript}");
        openings += transcript.matches("EHLO").count();
    }
    assert_eq!(openings, count(&desk.four, "connected"));
}

#[tokio::test]
async fn a_connection_that_went_while_it_was_kept_is_no_attempt() {
    let desk = Desk::with(Some(Script { goes: true, ..POLITE }), None).await;
    let ids = submit_many(&desk, 6).await;
    desk.run().await;
    assert_eq!(states(&desk, &ids).await, [DeliveryState::Relayed; 6]);
    for id in ids {
        assert_eq!(desk.outcome(id).await.1.len(), 1, "one attempt each");
    }
}

#[tokio::test]
async fn a_large_letter_arrives_whole() {
    let desk = Desk::with(Some(POLITE), None).await;
    let line = [b"x".repeat(76), b"\r\n".to_vec()].concat();
    let bytes = [b"Subject: Large\r\n\r\n".to_vec(), line.repeat(40_000)].concat();
    let size = bytes.len();
    let id = desk.submit_as(&["a@there.test"], RoutePolicy::SmartHost("near".to_owned()), bytes).await;
    desk.run().await;
    assert_eq!(desk.outcome(id).await.0, [DeliveryState::Relayed]);
    assert_eq!(count(&desk.four, &format!("content {size}")), 1);
}

#[tokio::test]
async fn a_destination_that_has_enough_is_left_alone_by_all() {
    let enough = Script { to_mail: Some("421 4.7.0 too many messages, slow down"), ..POLITE };
    let desk = Desk::with(Some(enough), None).await;
    let ids = submit_many(&desk, 12).await;
    desk.run().await;
    assert_eq!(states(&desk, &ids).await, [DeliveryState::Deferred; 12]);
    assert!(count(&desk.four, "MAIL") <= 3, "those that were under way already: {}", count(&desk.four, "MAIL"));
    let mut without_attempt = 0;
    for id in ids {
        let outgoing = desk.store.outgoing(id).await.expect("the store answers").expect("it is there");
        let delivery = &outgoing.deliveries[0];
        assert!(delivery.diagnosis.is_some() && delivery.next_attempt_at > Some(desk::now()), "{delivery:?}");
        if desk.outcome(id).await.1.is_empty() {
            without_attempt += 1;
            assert_eq!(delivery.tries, 0, "no try was made");
        }
    }
    assert!(without_attempt >= 9);
}

#[tokio::test]
async fn a_refused_login_is_not_repeated_until_the_password_is_another() {
    let refusing =
        Script { offers: &["AUTH PLAIN"], to_auth: Some("535 5.7.8 Username and password not accepted"), ..POLITE };
    let desk = Desk::with(Some(refusing), None).await;
    desk.log_in_with("wrong").await;
    let ids = submit_many(&desk, 5).await;
    desk.run().await;
    assert_eq!(states(&desk, &ids).await, [DeliveryState::Deferred; 5]);
    let asked = count(&desk.four, "AUTH");
    assert!((1..=2).contains(&asked), "at most those that were under way: {asked}");
    desk.submit(&["late@there.test"]).await;
    desk.run().await;
    assert_eq!(count(&desk.four, "AUTH"), asked, "nothing has changed");
    desk.log_in_with("another").await;
    desk.submit(&["later@there.test"]).await;
    desk.run().await;
    assert_eq!(count(&desk.four, "AUTH"), asked + 1);
    let tries =
        desk.store.outgoing(ids[0]).await.expect("the store answers").expect("it is there").deliveries[0].tries;
    assert_eq!(tries, 0, "no attempt is burnt");
}

#[tokio::test]
async fn the_next_smart_host_stands_in_for_one_that_is_not_reached_unless_it_was_ordered() {
    let desk = Desk::with(None, Some(POLITE)).await;
    desk.arrange(|account| {
        let near = account.smart_hosts[0].clone();
        let server = model::Server { host: "127.0.0.1".to_owned(), ..near.server.clone() };
        let dead = SmartHost { id: SmartHostId(0), name: "dead".to_owned(), server };
        account.smart_hosts = vec![dead, near];
        account.identities[0].route = RoutePolicy::SmartHost("dead".to_owned());
    })
    .await;
    let body = || b"Subject: Test\r\n\r\nText\r\n".to_vec();
    let by_default = desk.submit_as(&["a@there.test"], RoutePolicy::Auto, body()).await;
    let ordered = desk.submit_as(&["b@there.test"], RoutePolicy::SmartHost("dead".to_owned()), body()).await;
    desk.run().await;
    let (states, attempts) = desk.outcome(by_default).await;
    assert_eq!(states, [DeliveryState::Relayed]);
    let routes: Vec<&Route> = attempts.iter().map(|attempt| &attempt.route).collect();
    assert_eq!(routes, [&Route::SmartHost("dead".to_owned()), &Route::SmartHost("near".to_owned())]);
    let reason = attempts[1].route_reason.clone().unwrap_or_default();
    assert!(reason.contains("dead could not be reached"), "{reason}");
    assert_eq!(desk.outcome(ordered).await.0, [DeliveryState::Deferred], "what was ordered is done");
}

#[tokio::test]
async fn a_paused_queue_sends_nothing_until_it_goes_on() {
    let desk = Desk::with(Some(POLITE), None).await;
    desk.store.set_setting("outbound.paused", Some("true")).await.expect("the setting is kept");
    let id = desk.submit(&["a@there.test"]).await;
    desk.run().await;
    assert_eq!(desk.outcome(id).await.0, [DeliveryState::Queued]);
    desk.store.set_setting("outbound.paused", Some("false")).await.expect("the setting is kept");
    desk.run().await;
    assert_eq!(desk.outcome(id).await.0, [DeliveryState::Relayed]);
}
