//! Leaving with letters that wait, against real servers on loopback: the practice post office's.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod desk;

use desk::Desk;
use model::{DeliveryState, OutgoingId, Route, Server};
use postrider_engine::view::{HandedOver, Leaving, Nothing, OutgoingOrder};
use postrider_engine::*;
use std::net::TcpListener;
use std::time::Duration;

impl Desk {
    async fn leaving(&self) -> Leaving {
        self.engine.calls().leaving(Nothing {}).await.unwrap()
    }

    async fn hand_over(&self) -> HandedOver {
        self.engine.calls().hand_over(Nothing {}).await.unwrap()
    }

    /// A letter that its recipient's server has put off.
    async fn one_that_waits(&self) -> OutgoingId {
        let id = self.send("anna@greylist.test", Some("direct")).await;
        self.comes_to(id, DeliveryState::Deferred).await;
        id
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greylisted_letter_waits_and_is_handed_over_to_the_smart_host() {
    let desk = Desk::open(Work::Everything).await;
    assert_eq!(desk.leaving().await, Leaving::default());
    let id = desk.one_that_waits().await;

    let leaving = desk.leaving().await;
    assert_eq!((leaving.total, leaving.on_the_wire, leaving.can_be_handed_over), (1, 0, 0));
    let [letter] = leaving.letters.as_slice() else { panic!("one letter: {leaving:?}") };
    assert_eq!(
        (letter.subject.as_str(), letter.recipients.as_slice()),
        ("Tea", ["anna@greylist.test".into()].as_slice())
    );
    assert!(!letter.title.is_empty() && letter.next_attempt_at.is_some(), "{letter:?}");
    assert!(letter.given_up_at > letter.next_attempt_at, "{letter:?}");

    desk.add_provider().await;
    let leaving = desk.leaving().await;
    assert_eq!((leaving.can_be_handed_over, leaving.smart_hosts.as_slice()), (1, ["provider".into()].as_slice()));

    let told = desk.hand_over().await;
    assert_eq!(told, HandedOver { taken: 1, smart_hosts: vec!["provider".to_owned()], left: Vec::new() });
    assert_eq!(desk.state(id).await, DeliveryState::Relayed);
    assert_eq!(desk.leaving().await, Leaving::default());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_smart_host_does_not_take_stays_queued_and_is_said() {
    let desk = Desk::open(Work::Everything).await;
    let id = desk.one_that_waits().await;
    desk.add("provider", desk.submission(), Some("not the password")).await.unwrap();

    let told = desk.hand_over().await;
    assert_eq!(told.taken, 0);
    let [left] = told.left.as_slice() else { panic!("one is left: {told:?}") };
    assert_eq!((left.address.as_str(), left.state), ("anna@greylist.test", DeliveryState::Deferred));
    assert!(!left.title.is_empty(), "{left:?}");
    assert_eq!(desk.delivery(id).await.route, None, "it goes its own way again");
    assert_eq!(desk.leaving().await.total, 1);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_smart_host_is_asked_where_the_first_is_not_reached() {
    let desk = Desk::open(Work::Everything).await;
    desk.one_that_waits().await;
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    desk.add("gone", Server { port: nobody, ..desk.submission() }, Some("secret")).await.unwrap();
    desk.add_provider().await;

    let told = desk.hand_over().await;
    assert_eq!(told, HandedOver { taken: 1, smart_hosts: vec!["provider".to_owned()], left: Vec::new() });
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_may_have_is_not_given_to_another_one_and_is_named() {
    let desk = Desk::open(Work::Everything).await;
    let id = desk.send("anna@drop.test", Some("direct")).await;
    desk.comes_to(id, DeliveryState::Deferred).await;
    desk.add_provider().await;
    let leaving = desk.leaving().await;
    assert_eq!((leaving.total, leaving.can_be_handed_over), (1, 0));

    let told = desk.hand_over().await;
    let [left] = told.left.as_slice() else { panic!("one is left: {told:?}") };
    assert_eq!((told.taken, left.id, left.state), (0, id, DeliveryState::Deferred));
    assert!(!left.title.is_empty(), "{left:?}");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_smart_host_was_asked_for_is_named() {
    let desk = Desk::open(Work::Everything).await;
    let id = desk.one_that_waits().await;
    let told = desk.hand_over().await;
    assert_eq!(told.left.iter().map(|left| left.id).collect::<Vec<_>>(), [id]);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_on_the_wire_is_given_its_seconds_before_anybody_is_asked() {
    let desk = Desk::open(Work::Everything).await;
    let id = desk.send("anna@prompt.test", Some("direct")).await;
    assert_eq!(desk.leaving().await, Leaving::default(), "it was taken meanwhile");
    assert_eq!(desk.state(id).await, DeliveryState::Accepted);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_waits_while_the_user_has_paused_the_queue() {
    let desk = Desk::open(Work::Everything).await;
    desk.one_that_waits().await;
    desk.set("outbound.paused", "true").await;
    assert_eq!(desk.leaving().await, Leaving::default());
    desk.close().await;
}

/// Adds a smart host that lets everybody wait for its greeting, for as long as this is kept.
async fn add_mute_host(desk: &Desk) -> TcpListener {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = mute.local_addr().unwrap().port();
    desk.add("mute", Server { port, ..desk.submission() }, Some("secret")).await.unwrap();
    mute
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_wait_for_the_smart_host_finds_every_letter_on_its_own_way() {
    let mut desk = Desk::open(Work::Everything).await;
    let ids = [desk.one_that_waits().await, desk.one_that_waits().await, desk.one_that_waits().await];
    let _mute = add_mute_host(&desk).await;
    let handing = tokio::spawn({
        let engine = desk.engine.clone();
        async move { engine.calls().hand_over(Nothing {}).await }
    });
    desk.comes_to(ids[0], DeliveryState::Sending).await;
    assert!(desk.delivery(ids[0]).await.route.is_some());

    desk.start_again(Work::Nothing).await;
    assert_eq!(handing.await.unwrap().unwrap().taken, 0);
    for id in ids {
        let waiting = desk.delivery(id).await;
        assert!(waiting.state == DeliveryState::Sending || waiting.route.is_none(), "{waiting:?}");
    }
    desk.office.advance(Duration::from_secs(60));
    desk.start_again(Work::Everything).await;
    for id in ids {
        let args = OutgoingOrderArgs { outgoing: id, delivery: None, order: OutgoingOrder::Retry };
        // What was on the wire is tried at once, and may have gone already.
        let _ = desk.engine.calls().outgoing_order(args).await;
        desk.comes_to(id, DeliveryState::Accepted).await;
        assert_eq!(desk.delivery(id).await.route, None);
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_over_that_is_broken_off_before_anybody_was_asked_is_forgotten() {
    let desk = Desk::open(Work::Nothing).await;
    let id = desk.send("anna@prompt.test", Some("direct")).await;
    let before = desk.delivery(id).await;
    desk.add_provider().await;
    let engine = desk.engine.clone();
    let handing = tokio::spawn(async move { engine.calls().hand_over(Nothing {}).await });
    while desk.delivery(id).await.route.is_none() {
        tokio::task::yield_now().await;
    }
    handing.abort();
    assert!(handing.await.is_err());

    desk.engine.run_queue().await.unwrap();
    let after = desk.timeline(id).await;
    assert_eq!(
        (&after.outgoing.deliveries[0].route, after.outgoing.deliveries[0].state),
        (&before.route, DeliveryState::Accepted)
    );
    assert_eq!(after.attempts.iter().map(|one| &one.route).collect::<Vec<_>>(), [&Route::Direct]);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hands_over_twice_hands_over_once() {
    let desk = Desk::open(Work::Everything).await;
    let id = desk.one_that_waits().await;
    desk.add_provider().await;
    let (first, second) = tokio::join!(desk.hand_over(), desk.hand_over());
    assert_eq!((first.taken, second), (1, HandedOver::default()));
    assert_eq!(desk.timeline(id).await.attempts.iter().filter(|one| one.route != Route::Direct).count(), 1);
    desk.close().await;
}
