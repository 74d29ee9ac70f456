//! What a message makes of its ends when the network is another one by then.

use super::*;
use crate::Clock;
use crate::lesson::{Lesson, LessonEnd};
use crate::round::{After, HostEnd};
use crate::testing::{Here, On, letter};
use advisor::Basis;
use model::{Class, Known as Circumstances, Reply, diagnose};
use net::{NetConfig, Whereabouts};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tempfile::TempDir;

/// A letter to two domains, in hand.
struct Desk {
    context: Context,
    claimed: Claimed,
    net: Net,
    _home: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let home = TempDir::new().unwrap();
        let store = Store::open(home.path()).await.unwrap();
        // A name server that nobody asks.
        let config = NetConfig { dns: vec![([127, 0, 0, 1], 9).into()], ..NetConfig::default() };
        let net = Net::with_interfaces(config, Arc::new(On("café"))).unwrap();
        let context = Context::new(store.clone(), Arc::new(Here(net.clone())), Clock::from_fn(now), "test".into());
        store.submit(letter(&["a@one.test", "b@two.test"], now())).await.unwrap();
        let until = now() + Duration::from_secs(3600);
        let due = store.take_due(now(), &context.owner, until, |_| Duration::from_secs(300), 2).await.unwrap();
        let claimed = due.claimed.into_iter().next().unwrap();
        Self { context, claimed, net, _home: home }
    }

    /// The classes of what is held against the network.
    async fn held_against(&self) -> Vec<Class> {
        let Whereabouts::On(seen) = self.net.network() else { panic!("nowhere") };
        let known = self.context.store.network_at(false, seen.mark.as_bytes()).await.unwrap();
        known.map(|known| known.lessons.iter().map(|lesson| lesson.class).collect()).unwrap_or_default()
    }
}

fn now() -> Timestamp {
    "2026-11-21T14:00:00Z".parse().unwrap()
}

/// Its deliveries after a round in which nobody was reached.
fn in_vain(claimed: &Claimed) -> Vec<Open> {
    let silent = || ended(Phase::Connect, Fault::ConnectTimeout("192.0.2.1:25".into()));
    let open = |delivery: &model::Delivery| {
        let known = Circumstances::new(Route::Direct, delivery.address.domain(), delivery.address.to_string());
        let silent = silent();
        let diagnosis = diagnose(silent.phase, &silent.outcome, &known);
        let end =
            HostEnd { host: "mx.test".into(), ended: silent, diagnosis, then: After::NextHost, tls_policy: None };
        Open { ends: vec![end], ..Open::new(delivery.clone(), Basis::Order) }
    };
    claimed.outgoing.deliveries.iter().map(open).collect()
}

/// A host that refuses this computer for its address.
fn refusal() -> Lesson {
    let reply = Reply::new(550, None, "5.7.25 The IP address sending this message does not have a PTR record");
    let known = Circumstances::new(Route::Direct, "one.test", "a@one.test");
    let diagnosis = diagnose(Phase::Rcpt, &reply.clone().into(), &known);
    assert_eq!(diagnosis.class, Class::SenderNoRdns);
    Lesson {
        domain: "one.test".into(),
        host: "mx.one.test".into(),
        at: now(),
        contact: None,
        chunk_refused: false,
        reply: Some(reply.to_string()),
        end: LessonEnd::NotTaken(diagnosis),
    }
}

#[tokio::test]
async fn nobody_reached_is_held_against_the_network_only_where_it_is_still_the_one_that_was_dialed_from() {
    for (moves, expected) in [(false, vec![Class::Port25Blocked]), (true, vec![])] {
        let desk = Desk::new().await;
        let message = Message::taken_in_hand(&desk.context, &desk.claimed).await.unwrap();
        if moves {
            desk.net.woke();
        }
        message.note_silence(&in_vain(&desk.claimed)).await;
        assert_eq!(message.is_shut_in(), !moves);
        assert_eq!(desk.held_against().await, expected);
        let after_it = Message::taken_in_hand(&desk.context, &desk.claimed).await.unwrap();
        after_it.note_silence(&in_vain(&desk.claimed)).await;
        assert!(after_it.is_shut_in(), "who began here hears for this network");
    }
}

#[tokio::test]
async fn what_a_host_says_of_our_address_is_kept_with_the_network_only_where_it_came_from_there() {
    for (moves, expected) in [(false, vec![Class::SenderNoRdns]), (true, vec![])] {
        let desk = Desk::new().await;
        let message = Message::taken_in_hand(&desk.context, &desk.claimed).await.unwrap();
        if moves {
            desk.net.woke();
        }
        message.learn(vec![refusal()]).await;
        assert_eq!(desk.held_against().await, expected);
    }
}
