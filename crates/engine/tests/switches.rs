//! The switches of the practice world, as the window turns them: what checks, routes and letters make of them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod window;

use model::{DeliveryState, OutgoingId};
use postrider_engine::story::StoryProgress;
use postrider_engine::view::{Check, DirectVerdict, Nothing, OutgoingView};
use postrider_engine::*;
use practice::{DnsList, Port25, Portal, ReverseDns, Turn};
use std::time::Duration;
use window::{Window, start, states, timeline};

impl Window {
    /// Open, with letters that leave at once.
    async fn sending_at_once() -> Self {
        let window = Self::open().await;
        window.set("outbound.undo_seconds", "0").await;
        window
    }

    async fn turn(&self, turn: Turn) {
        self.engine.calls().practice_switch(turn).await.expect("the switch is turned");
    }

    async fn reset(&self) {
        let switches = self.engine.calls().practice_reset(Nothing {}).await.expect("all is off");
        assert!(switches.are_off());
    }

    async fn check(&self) -> view::CheckReport {
        let args = CheckNetworkArgs { account: Some(self.account.id), ..CheckNetworkArgs::default() };
        self.engine.calls().check_network(args).await.expect("a report")
    }

    async fn send(&self, to: &str) -> OutgoingId {
        let args =
            DraftNewArgs { account: Some(self.account.id), mailto: Some(format!("mailto:{to}?subject=Hello")) };
        let draft = self.engine.calls().draft_new(args).await.expect("a draft");
        self.engine.calls().draft_send(DraftSendArgs { draft: draft.id, at: None }).await.expect("it is queued")
    }

    /// Waits until the letter came to this.
    async fn comes_to(&self, outgoing: OutgoingId, state: DeliveryState) -> OutgoingView {
        self.until(&state.to_string(), async |engine| states(engine, outgoing).await.iter().all(|one| *one == state))
            .await;
        timeline(&self.engine, outgoing).await
    }
}

fn reason(view: &OutgoingView) -> &str {
    view.attempts.last().and_then(|attempt| attempt.route_reason.as_deref()).expect("a reason")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_the_network_sees_every_switch() {
    let window = Window::sending_at_once().await;
    let good = window.check().await;
    assert_eq!(good.verdict, DirectVerdict::Good, "{good:#?}");
    let table = [
        (Turn::Port25(Port25::Blocked), Check::Port25V4, "refused", DirectVerdict::Blocked),
        (Turn::Port25(Port25::Intercepted), Check::Port25V4, "intercepted", DirectVerdict::Blocked),
        (Turn::ReverseDns(ReverseDns::Missing), Check::ReverseName, "missing", DirectVerdict::Risky),
        (Turn::ReverseDns(ReverseDns::Generic), Check::ReverseName, "generic", DirectVerdict::Risky),
        (Turn::DnsList(DnsList::Listed), Check::AddressList, "listed", DirectVerdict::Risky),
        (Turn::DnsList(DnsList::Policy), Check::AddressList, "policy", DirectVerdict::Risky),
        (Turn::Portal(Portal::On), Check::WayOut, "portal", DirectVerdict::Blocked),
    ];
    for (turn, check, found, verdict) in table {
        window.turn(turn).await;
        let report = window.check().await;
        let finding = report.findings.iter().find(|finding| finding.check == check).expect("a finding");
        assert_eq!((finding.found.as_str(), report.verdict), (found, verdict), "{turn}: {report:#?}");
        window.reset().await;
    }
    assert_eq!(window.check().await.verdict, DirectVerdict::Good, "all is as before");
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn auto_leaves_direct_for_the_smart_host_while_a_switch_speaks_against_it() {
    let window = Window::sending_at_once().await;
    let id = window.send("anna@prompt.test").await;
    assert_eq!(
        reason(&window.comes_to(id, DeliveryState::Accepted).await),
        "Direct: the server is on this computer."
    );
    let table = [
        (Turn::ReverseDns(ReverseDns::Missing), "has no name"),
        (Turn::ReverseDns(ReverseDns::Generic), "a name like thousands"),
        (Turn::DnsList(DnsList::Listed), "senders of spam"),
        (Turn::DnsList(DnsList::Policy), "should not send mail itself"),
        (Turn::Port25(Port25::Blocked), "port 25"),
        (Turn::Port25(Port25::Intercepted), "in the place of mail servers"),
    ];
    for (turn, words) in table {
        window.turn(turn).await;
        let id = window.send("anna@prompt.test").await;
        let view = window.comes_to(id, DeliveryState::Relayed).await;
        let why = reason(&view);
        assert!(why.starts_with("Through practice: ") && why.contains(words), "{turn}: {why}");
        window.reset().await;
        let id = window.send("anna@prompt.test").await;
        window.comes_to(id, DeliveryState::Accepted).await;
    }
    let story = window.engine.calls().practice_story(Nothing {}).await.expect("the story");
    assert_eq!((story.detour.progress, story.direct.progress), (StoryProgress::Done, StoryProgress::Done));
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_login_page_letters_wait_and_go_once_it_is_gone() {
    let window = Window::sending_at_once().await;
    window.turn(Turn::Portal(Portal::On)).await;
    let id = window.send("anna@prompt.test").await;
    let view = window.comes_to(id, DeliveryState::Deferred).await;
    let class = view.outgoing.deliveries[0].diagnosis.as_ref().map(|why| why.class);
    assert_eq!(class, Some(model::Class::NetworkDown), "{view:#?}");
    window.turn(Turn::Portal(Portal::Off)).await;
    window.comes_to(id, DeliveryState::Accepted).await;
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_of_sleep_brings_on_what_waits_in_the_practice_world() {
    let window = Window::sending_at_once().await;
    let id = window.send("anna@greylist.test").await;
    window.comes_to(id, DeliveryState::Deferred).await;
    let switches = window.engine.calls().practice_sleep(Nothing {}).await.expect("it sleeps");
    assert_eq!(switches.hours_slept, 1);
    let began = std::time::Instant::now();
    window.comes_to(id, DeliveryState::Accepted).await;
    assert!(began.elapsed() < Duration::from_secs(20), "nobody waited for the greylist");
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_beside_the_window_turns_the_same_switches() {
    let window = Window::sending_at_once().await;
    let command = start(&window.home, Work::Nothing).await;
    let turned = command.calls().practice_switch(Turn::Portal(Portal::On)).await.expect("the switch is turned");
    assert_eq!(window.engine.calls().practice_switches(Nothing {}).await.expect("the switches"), turned);
    assert_eq!(window.check().await.verdict, DirectVerdict::Blocked);
    let real = CheckNetworkArgs::default();
    let real = window.engine.calls().check_network(real).await.expect("a report");
    let portal = real.findings.iter().find(|finding| finding.found == "portal");
    assert_eq!(portal, None, "the real network is not touched");
    command.stop().await;
    window.engine.stop().await;

    let again = start(&window.home, Work::Everything).await;
    assert!(again.calls().practice_switches(Nothing {}).await.expect("the switches").are_off());
    again.stop().await;
}
