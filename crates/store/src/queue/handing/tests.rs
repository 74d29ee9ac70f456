//! Handing over for this once, and what is left of it however it ends.

use super::super::tests::{claim, deliveries, message, outcome};
use super::*;
use crate::testing::{self, at};
use crate::{NewOutgoing, StoreError};
use model::{Delivery, DeliveryState::*, OutgoingId};

fn relay(name: &str) -> RoutePolicy {
    RoutePolicy::SmartHost(name.into())
}

/// A letter to two people: one is to be tried again much later, the other may still be taken back.
async fn two_that_wait(store: &Store) -> (OutgoingId, Vec<Delivery>) {
    let id = store.submit(message(&["b@x.test"])).await.unwrap();
    let delivery = claim(store, 0, "us").await[0].outgoing.deliveries[0].id;
    store.record("us", at(1), vec![outcome(delivery, Deferred, Some(5000))]).await.unwrap();
    let held = NewOutgoing { hold: Some((HoldReason::Undo, Some(at(90)))), ..message(&["c@y.test"]) };
    let other = store.submit(held).await.unwrap();
    let second = deliveries(store, other).await[0].id;
    store.order(other, Some(second), Order::Route(RoutePolicy::Direct), at(2)).await.unwrap();
    (id, vec![deliveries(store, id).await.remove(0), deliveries(store, other).await.remove(0)])
}

async fn now(store: &Store, deliveries: &[Delivery]) -> Vec<Delivery> {
    let mut all = Vec::new();
    for outgoing in store.outgoings(crate::OutgoingFilter::All, 10, 0).await.unwrap() {
        all.extend(outgoing.deliveries);
    }
    deliveries.iter().filter_map(|one| all.iter().find(|other| other.id == one.id).cloned()).collect()
}

fn all_to(name: &str, deliveries: &[Delivery]) -> Vec<(DeliveryId, RoutePolicy)> {
    deliveries.iter().map(|delivery| (delivery.id, relay(name))).collect()
}

#[tokio::test]
async fn what_nobody_tried_is_as_it_was_before() {
    let (_home, store) = testing::store().await;
    let (_, before) = two_that_wait(&store).await;
    let handing = store.handing_over().await.unwrap().unwrap();
    handing.give(all_to("first", &before), at(9)).await.unwrap();
    handing.give(all_to("second", &before), at(10)).await.unwrap();
    for delivery in now(&store, &before).await {
        assert_eq!((delivery.state, delivery.next_attempt_at), (Queued, Some(at(9))));
        assert_eq!(delivery.route, Some(relay("second")));
    }
    assert_eq!(handing.end().await.unwrap(), 2);
    assert_eq!(now(&store, &before).await, before);
    assert_eq!(handing.end().await.unwrap(), 0, "once");
}

#[tokio::test]
async fn a_program_that_was_killed_leaves_nothing_of_it() {
    let (home, store) = testing::store().await;
    let (_, before) = two_that_wait(&store).await;
    let handing = store.handing_over().await.unwrap().unwrap();
    handing.give(all_to("relay", &before), at(9)).await.unwrap();
    assert_eq!(store.end_broken_handing_over().await.unwrap(), 0, "somebody is at it");
    assert!(store.handing_over().await.unwrap().is_none());
    drop((handing, store));

    let store = Store::open(home.path()).await.unwrap();
    assert_eq!(store.end_broken_handing_over().await.unwrap(), 2);
    assert_eq!(now(&store, &before).await, before);
}

#[tokio::test]
async fn who_hands_over_next_takes_back_first_what_was_broken_off() {
    let (_home, store) = testing::store().await;
    let (_, before) = two_that_wait(&store).await;
    let handing = store.handing_over().await.unwrap().unwrap();
    handing.give(all_to("relay", &before), at(9)).await.unwrap();
    drop(handing);
    let _next = store.handing_over().await.unwrap().unwrap();
    assert_eq!(now(&store, &before).await, before);
}

#[tokio::test]
async fn all_are_given_or_none() {
    let (_home, store) = testing::store().await;
    let (_, before) = two_that_wait(&store).await;
    let handing = store.handing_over().await.unwrap().unwrap();
    let mut routes = all_to("relay", &before);
    routes.push((DeliveryId(99), relay("relay")));
    assert!(matches!(handing.give(routes, at(9)).await, Err(StoreError::NotFound(_))));
    assert_eq!(now(&store, &before).await, before);
}

#[tokio::test]
async fn what_a_server_answered_stands_and_only_the_route_is_taken_back() {
    let (_home, store) = testing::store().await;
    let (_, before) = two_that_wait(&store).await;
    let handing = store.handing_over().await.unwrap().unwrap();
    handing.give(all_to("relay", &before), at(9)).await.unwrap();
    claim(&store, 9, "us").await;
    let answers = vec![outcome(before[0].id, Relayed, None), outcome(before[1].id, Deferred, Some(700))];
    store.record("us", at(11), answers).await.unwrap();
    handing.end().await.unwrap();
    let [taken, put_off] = now(&store, &before).await.try_into().unwrap();
    assert_eq!((taken.state, taken.route), (Relayed, None));
    let expected = (Deferred, Some(at(700)), Some(RoutePolicy::Direct));
    assert_eq!((put_off.state, put_off.next_attempt_at, put_off.route), expected);
}

#[tokio::test]
async fn what_is_on_the_wire_has_its_route_until_it_is_known_what_came_of_it() {
    let (home, store) = testing::store().await;
    let (id, before) = two_that_wait(&store).await;
    let handing = store.handing_over().await.unwrap().unwrap();
    handing.give(all_to("relay", &before), at(9)).await.unwrap();
    claim(&store, 9, "us").await;
    assert_eq!(handing.end().await.unwrap(), 0);
    drop((handing, store));

    let store = Store::open(home.path()).await.unwrap();
    store.recover(at(20), "the next run").await.unwrap();
    let attempt = store.attempts(id).await.unwrap().remove(0);
    assert_eq!(attempt.route, model::Route::SmartHost("relay".into()), "it is known which way it went");
    assert_eq!(store.end_broken_handing_over().await.unwrap(), 2);
    let routes: Vec<_> = now(&store, &before).await.into_iter().map(|delivery| delivery.route).collect();
    assert_eq!(routes, [None, Some(RoutePolicy::Direct)]);
}

#[tokio::test]
async fn what_was_ordered_since_stands() {
    let (_home, store) = testing::store().await;
    let (id, before) = two_that_wait(&store).await;
    let handing = store.handing_over().await.unwrap().unwrap();
    handing.give(all_to("relay", &before), at(9)).await.unwrap();
    store.order(id, Some(before[0].id), Order::Route(RoutePolicy::Direct), at(10)).await.unwrap();
    let other = store.outgoings(crate::OutgoingFilter::All, 10, 0).await.unwrap();
    let other = other.iter().find(|one| one.deliveries[0].id == before[1].id).unwrap().id;
    store.order(other, None, Order::Hold, at(10)).await.unwrap();
    handing.end().await.unwrap();
    let [rerouted, held] = now(&store, &before).await.try_into().unwrap();
    assert_eq!((rerouted.state, rerouted.route), (Queued, Some(RoutePolicy::Direct)));
    assert_eq!((held.state, held.hold), (Held, Some(HoldReason::Paused)));
    assert_eq!(held.route, Some(RoutePolicy::Direct), "which it had before");
}

#[tokio::test]
async fn what_is_done_or_on_the_wire_is_not_brought_back_by_it() {
    let (_home, store) = testing::store().await;
    let id = store.submit(message(&["b@x.test", "c@y.test"])).await.unwrap();
    let claimed = claim(&store, 0, "us").await.remove(0).outgoing.deliveries;
    store.record("us", at(1), vec![outcome(claimed[0].id, Accepted, None)]).await.unwrap();
    let before = deliveries(&store, id).await;
    let handing = store.handing_over().await.unwrap().unwrap();
    handing.give(all_to("relay", &before), at(9)).await.unwrap();
    let [done, sending] = deliveries(&store, id).await.try_into().unwrap();
    assert_eq!(done, before[0]);
    assert_eq!(sending, Delivery { route: Some(relay("relay")), ..before[1].clone() });
}
