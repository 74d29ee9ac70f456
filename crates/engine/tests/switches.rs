//! The switches of the practice world, as the window turns them: what checks, routes and letters make of them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use model::{Account, DeliveryState, OutgoingId};
use postrider_engine::story::StoryProgress;
use postrider_engine::view::{Check, DirectVerdict, Nothing, OutgoingView};
use postrider_engine::*;
use practice::{DnsList, Port25, Portal, ReverseDns, Turn};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::broadcast;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

struct Window {
    engine: Engine,
    events: broadcast::Receiver<Event>,
    account: Account,
    home: TempDir,
}

impl Window {
    async fn open() -> Self {
        let home = TempDir::new().expect("a directory");
        let engine = start(&home, Work::Everything).await;
        let events = engine.events();
        let account = engine.calls().practice_start(Nothing {}).await.expect("the practice post office opens");
        let at_once = SettingSetArgs { key: "outbound.undo_seconds".to_owned(), value: Some("0".to_owned()) };
        engine.calls().setting_set(at_once).await.expect("the setting is kept");
        Self { engine, events, account, home }
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

    /// Asks again whenever something happens, as the window does, until the letter is in this state.
    async fn until(&mut self, outgoing: OutgoingId, state: DeliveryState) -> OutgoingView {
        let engine = self.engine.clone();
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let view = timeline(&engine, outgoing).await;
                if view.outgoing.deliveries.iter().all(|one| one.state == state) {
                    return view;
                }
                let _ = tokio::time::timeout(Duration::from_millis(200), self.events.recv()).await;
            }
        });
        match waited.await {
            Ok(view) => view,
            Err(_) => panic!("in vain: {state:?} of {:?}", timeline(&engine, outgoing).await.outgoing.deliveries),
        }
    }
}

async fn start(home: &TempDir, work: Work) -> Engine {
    Engine::start(Options { home: home.path().to_owned(), work }).await.expect("the engine starts")
}

async fn timeline(engine: &Engine, outgoing: OutgoingId) -> OutgoingView {
    engine.calls().outgoing_show(OutgoingArgs { outgoing }).await.expect("a timeline")
}

fn reason(view: &OutgoingView) -> &str {
    view.attempts.last().and_then(|attempt| attempt.route_reason.as_deref()).expect("a reason")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_the_network_sees_every_switch() {
    let window = Window::open().await;
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
    let mut window = Window::open().await;
    let id = window.send("anna@prompt.test").await;
    assert_eq!(reason(&window.until(id, DeliveryState::Accepted).await), "Direct: the server is on this computer.");
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
        let view = window.until(id, DeliveryState::Relayed).await;
        let why = reason(&view);
        assert!(why.starts_with("Through practice: ") && why.contains(words), "{turn}: {why}");
        window.reset().await;
        let id = window.send("anna@prompt.test").await;
        window.until(id, DeliveryState::Accepted).await;
    }
    let story = window.engine.calls().practice_story(Nothing {}).await.expect("the story");
    assert_eq!((story.detour.progress, story.direct.progress), (StoryProgress::Done, StoryProgress::Done));
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_login_page_letters_wait_and_go_once_it_is_gone() {
    let mut window = Window::open().await;
    window.turn(Turn::Portal(Portal::On)).await;
    let id = window.send("anna@prompt.test").await;
    let view = window.until(id, DeliveryState::Deferred).await;
    let class = view.outgoing.deliveries[0].diagnosis.as_ref().map(|why| why.class);
    assert_eq!(class, Some(model::Class::NetworkDown), "{view:#?}");
    window.turn(Turn::Portal(Portal::Off)).await;
    window.until(id, DeliveryState::Accepted).await;
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_of_sleep_brings_on_what_waits_in_the_practice_world() {
    let mut window = Window::open().await;
    let id = window.send("anna@greylist.test").await;
    window.until(id, DeliveryState::Deferred).await;
    let switches = window.engine.calls().practice_sleep(Nothing {}).await.expect("it sleeps");
    assert_eq!(switches.hours_slept, 1);
    let began = std::time::Instant::now();
    window.until(id, DeliveryState::Accepted).await;
    assert!(began.elapsed() < Duration::from_secs(20), "nobody waited for the greylist");
    window.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_beside_the_window_turns_the_same_switches() {
    let window = Window::open().await;
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
