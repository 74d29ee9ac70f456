//! Whatever runners, users and crashes do to the queue, in whatever order: no delivery is lost, none is in two hands at
//! once, what a server took stays taken, and what is done comes back only by an order.

use super::tests::message;
use super::*;
use crate::Store;
use crate::testing::at;
use model::{DeliveryState::*, Outgoing, OutgoingId};
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    Submit { recipients: usize, hold: Option<(HoldReason, Option<i64>)> },
    Pass { seconds: i64 },
    Claim { limit: u32 },
    Record { which: usize, state: DeliveryState, pause: Option<i64> },
    LateRecord { which: usize, state: DeliveryState },
    Order { which: usize, alone: bool, order: Order },
    HandOver { which: usize },
    EndHandingOver,
    Recover,
    Crash,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let hold = prop_oneof![
        3 => Just(None),
        1 => (0i64..40).prop_map(|seconds| Some((HoldReason::Undo, Some(seconds)))),
        1 => Just(Some((HoldReason::Paused, None))),
    ];
    let reported =
        prop_oneof![Just(Accepted), Just(Relayed), Just(Deferred), Just(Deferred), Just(Failed), Just(Queued)];
    let pause = prop_oneof![Just(None), (1i64..200).prop_map(Some)];
    let order = prop_oneof![
        Just(Order::Retry),
        Just(Order::Hold),
        Just(Order::Release),
        Just(Order::Cancel),
        Just(Order::Dismiss),
        Just(Order::Route(RoutePolicy::Direct)),
        Just(Order::Route(RoutePolicy::SmartHost("relay".into()))),
    ];
    let event = prop_oneof![
        2 => (1usize..4, hold).prop_map(|(recipients, hold)| Event::Submit { recipients, hold }),
        3 => (1i64..120).prop_map(|seconds| Event::Pass { seconds }),
        4 => (1u32..5).prop_map(|limit| Event::Claim { limit }),
        5 => (any::<usize>(), reported.clone(), pause)
            .prop_map(|(which, state, pause)| Event::Record { which, state, pause }),
        1 => (any::<usize>(), reported).prop_map(|(which, state)| Event::LateRecord { which, state }),
        4 => (any::<usize>(), any::<bool>(), order).prop_map(|(which, alone, order)| Event::Order { which, alone, order }),
        2 => any::<usize>().prop_map(|which| Event::HandOver { which }),
        1 => Just(Event::EndHandingOver),
        1 => Just(Event::Recover),
        1 => Just(Event::Crash),
    ];
    proptest::collection::vec(event, 1..40)
}

/// What must be true, kept beside the store.
struct World {
    home: tempfile::TempDir,
    store: Option<Store>,
    now: i64,
    runs: u32,
    submitted: Vec<(OutgoingId, Vec<DeliveryId>)>,
    /// What this run has in its hands.
    hands: HashSet<DeliveryId>,
    /// Whether this run hands letters over.
    handing: Option<HandingOver>,
    before: HashMap<DeliveryId, DeliveryState>,
}

/// The route that nothing else has.
fn for_this_once() -> RoutePolicy {
    RoutePolicy::SmartHost("for this once".into())
}

impl World {
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let store = Some(Store::open(home.path()).await.unwrap());
        let (submitted, hands, before) = Default::default();
        Self { home, store, now: 0, runs: 1, submitted, hands, handing: None, before }
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    fn owner(&self) -> String {
        format!("run {}", self.runs)
    }

    fn delivery(&self, which: usize) -> Option<(OutgoingId, DeliveryId)> {
        let all: Vec<_> =
            self.submitted.iter().flat_map(|(id, deliveries)| deliveries.iter().map(|d| (*id, *d))).collect();
        all.get(which % all.len().max(1)).copied()
    }

    async fn outgoings(&self) -> Vec<Outgoing> {
        self.store().outgoings(OutgoingFilter::All, 1000, 0).await.unwrap()
    }

    async fn happens(&mut self, event: Event) {
        match event.clone() {
            Event::Submit { recipients, hold } => self.submit(recipients, hold).await,
            Event::Pass { seconds } => self.now += seconds,
            Event::Claim { limit } => self.claim(limit).await,
            Event::Record { which, state, pause } => {
                let mut hands: Vec<_> = self.hands.iter().copied().collect();
                hands.sort();
                if let Some(delivery) = hands.get(which % hands.len().max(1)).copied() {
                    self.hands.remove(&delivery);
                    self.record(&self.owner(), delivery, state, pause).await;
                }
            }
            Event::LateRecord { which, state } => {
                if let Some((_, delivery)) = self.delivery(which) {
                    self.record("a run long gone", delivery, state, None).await;
                    if state.is_taken() {
                        self.hands.remove(&delivery);
                    }
                }
            }
            Event::Order { which, alone, order } => {
                if let Some((outgoing, delivery)) = self.delivery(which) {
                    self.store().order(outgoing, alone.then_some(delivery), order, at(self.now)).await.unwrap();
                }
            }
            Event::HandOver { which } => self.hand_over(which).await,
            Event::EndHandingOver => {
                if let Some(handing) = self.handing.take() {
                    handing.end().await.unwrap();
                    self.nothing_is_left_of_handing_over().await;
                }
            }
            Event::Recover => {
                let lost = self.store().recover(at(self.now), &self.owner()).await.unwrap();
                for delivery in lost {
                    self.hands.remove(&delivery);
                }
            }
            Event::Crash => self.crash().await,
        }
        self.check(&event).await;
    }

    async fn submit(&mut self, recipients: usize, hold: Option<(HoldReason, Option<i64>)>) {
        let who: Vec<_> = (0..recipients).map(|n| format!("r{n}@example.net")).collect();
        let mut new = message(&who.iter().map(String::as_str).collect::<Vec<_>>());
        new.created_at = at(self.now);
        new.hold = hold.map(|(reason, until)| (reason, until.map(|seconds| at(self.now + seconds))));
        let id = self.store().submit(new).await.unwrap();
        let outgoing = self.store().outgoing(id).await.unwrap().unwrap();
        self.submitted.push((id, outgoing.deliveries.iter().map(|delivery| delivery.id).collect()));
    }

    async fn claim(&mut self, limit: u32) {
        let lease = at(self.now + 100);
        let fallback = |_| Duration::from_secs(30);
        let claimed = self.store().claim_due(at(self.now), &self.owner(), lease, fallback, limit).await.unwrap();
        for delivery in claimed.into_iter().flat_map(|claimed| claimed.outgoing.deliveries) {
            assert!(self.hands.insert(delivery.id), "{} is in two hands", delivery.id);
            assert_eq!(delivery.state, Sending);
            assert!(delivery.next_attempt_at.unwrap() > at(self.now), "it would spin");
        }
    }

    async fn record(&self, owner: &str, delivery: DeliveryId, state: DeliveryState, pause: Option<i64>) {
        let next_attempt_at = pause.map(|seconds| at(self.now + seconds));
        let counts = if pause.is_some() { Counts::Yes } else { Counts::No };
        let attempts = Vec::new();
        let recorded = Recorded { delivery, attempts, state, next_attempt_at, counts, diagnosis: None };
        self.store().record(owner, at(self.now), vec![recorded]).await.unwrap();
    }

    async fn hand_over(&mut self, which: usize) {
        let Some((_, delivery)) = self.delivery(which) else { return };
        if self.handing.is_none() {
            self.handing = self.store().handing_over().await.unwrap();
        }
        let handing = self.handing.as_ref().expect("nobody else does");
        handing.give(vec![(delivery, for_this_once())], at(self.now)).await.unwrap();
    }

    /// What is on the wire has its route until it comes back.
    async fn nothing_is_left_of_handing_over(&self) {
        for delivery in self.outgoings().await.iter().flat_map(|outgoing| &outgoing.deliveries) {
            assert!(delivery.state == Sending || delivery.route != Some(for_this_once()), "{delivery:?}");
        }
    }

    /// The process ends, and another begins.
    async fn crash(&mut self) {
        self.handing = None;
        drop(self.store.take());
        self.store = Some(Store::open(self.home.path()).await.unwrap());
        self.runs += 1;
        let lost: HashSet<_> = self.store().recover(at(self.now), &self.owner()).await.unwrap().into_iter().collect();
        assert_eq!(lost, self.hands, "what was on the wire, and nothing else, is taken back");
        self.hands.clear();
        self.store().end_broken_handing_over().await.unwrap();
        self.nothing_is_left_of_handing_over().await;
    }

    async fn check(&mut self, event: &Event) {
        let outgoings = self.outgoings().await;
        let found: Vec<_> = outgoings
            .iter()
            .rev()
            .map(|outgoing| (outgoing.id, outgoing.deliveries.iter().map(|delivery| delivery.id).collect::<Vec<_>>()))
            .collect();
        assert_eq!(found, self.submitted, "nothing is lost and nothing is added");
        for delivery in outgoings.iter().flat_map(|outgoing| &outgoing.deliveries) {
            let waits = matches!(delivery.state, Queued | Sending | Deferred);
            assert!(!waits || delivery.next_attempt_at.is_some(), "{} would wait for ever", delivery.id);
            assert_eq!(delivery.hold.is_some(), delivery.state == Held);
            assert_eq!(self.hands.contains(&delivery.id), delivery.state == Sending, "{event:?}");
            if let Some(before) = self.before.insert(delivery.id, delivery.state) {
                lawful(before, delivery.state, event);
            }
        }
    }
}

fn lawful(before: DeliveryState, after: DeliveryState, event: &Event) {
    let by_order = matches!(event, Event::Order { .. });
    assert!(!before.is_taken() || before == after, "{before} became {after} by {event:?}");
    let done = matches!(before, Failed | Cancelled);
    assert!(!done || before == after || by_order || after.is_taken(), "{before} became {after} by {event:?}");
    assert!(before != Cancelled || after == Cancelled || after.is_taken(), "{before} became {after} by {event:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_keeps_its_promises_whatever_happens(events in events()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for event in events {
                world.happens(event).await;
            }
        });
    }
}
