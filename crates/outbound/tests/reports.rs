//! Age in hours on line, and the reports on what failed or is late, on a clock that the test holds.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use jiff::{SignedDuration, Timestamp};
use message::dsn::{self, Action};
use model::{AccountId, Address, Class, Delivery, DeliveryState, OutgoingId, ReportKind, RoutePolicy};
use net::{Net, NetConfig};
use postrider_outbound::{Clock, Runner, World, due_for};
use practice::{Letters, Options, PostOffice};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{NewOutgoing, Order, Secrets, Store};
use tempfile::TempDir;

const HOUR: i64 = 3600;

/// A queue beside the practice post office, and a clock that stands still until the test moves it.
struct Desk {
    store: Store,
    office: PostOffice,
    runner: Runner,
    now: Arc<Mutex<Timestamp>>,
    _home: TempDir,
}

struct Practice(Net, Secrets);

impl World for Practice {
    fn net(&self, _: Option<AccountId>) -> Net {
        self.0.clone()
    }

    fn secrets(&self, _: Option<AccountId>) -> Secrets {
        self.1.clone()
    }
}

impl Desk {
    async fn new() -> Self {
        net::install_crypto();
        let options = Options { letters: Letters::None, ..Options::default() };
        let office = PostOffice::start(options).await.expect("the post office opens");
        let info = office.info().clone();
        let home = TempDir::new().expect("a directory");
        let store = Store::open(home.path()).await.expect("the store opens");
        let net = Net::new(NetConfig {
            dns: vec![info.dns.parse().expect("an address")],
            smtp_port: info.smtp_port,
            extra_ca: Some(info.ca.clone()),
            ..NetConfig::default()
        });
        let world = Arc::new(Practice(net.expect("a network"), Secrets::in_memory()));
        let now = Arc::new(Mutex::new("2026-11-21T14:00:00Z".parse().expect("a time")));
        let held = now.clone();
        let runner = Runner::new(store.clone(), world, Clock::from_fn(move || *held.lock().expect("the clock")));
        Self { store, office, runner, now, _home: home }
    }

    fn now(&self) -> Timestamp {
        *self.now.lock().expect("the clock")
    }

    async fn send(&self, to: &str) -> OutgoingId {
        let new = NewOutgoing {
            account: None,
            message_id: "one@practice.test".to_owned(),
            sender: Some("you@practice.test".parse().expect("an address")),
            from: Address::new(None, "you@practice.test"),
            to: Vec::new(),
            subject: "Greetings".to_owned(),
            snippet: String::new(),
            attachments: 0,
            bytes:
                b"From: you@practice.test\r\nMessage-ID: <one@practice.test>\r\nSubject: Greetings\r\n\r\nHello\r\n"
                    .to_vec(),
            route: RoutePolicy::Direct,
            recipients: vec![to.parse().expect("an address")],
            bcc: Vec::new(),
            hold: None,
            draft: None,
            created_at: self.now(),
            answers: None,
            require_tls: false,
        };
        self.store.submit(new).await.expect("it is queued")
    }

    /// Time passes while nothing runs, and then the queue is worked off.
    async fn later(&self, seconds: i64) {
        *self.now.lock().expect("the clock") += SignedDuration::from_secs(seconds);
        self.office.advance(Duration::from_secs(seconds.unsigned_abs()));
        self.runner.run_until_idle().await.expect("the queue runs").expect("nobody else runs it");
    }

    /// So many hours in which the computer is on line all the time.
    async fn hours(&self, count: i64) {
        for _ in 0..count {
            self.later(HOUR).await;
        }
    }

    async fn delivery(&self, id: OutgoingId) -> Delivery {
        let outgoing = self.store.outgoing(id).await.expect("the store").expect("it is there");
        outgoing.deliveries.into_iter().next().expect("a delivery")
    }

    async fn kinds(&self, id: OutgoingId) -> Vec<ReportKind> {
        self.store.reports(id).await.expect("the store").iter().map(|report| report.kind).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_reported_and_remembered_once() {
    let desk = Desk::new().await;
    let id = desk.send("anna@nobody.test").await;
    desk.later(0).await;
    assert_eq!(desk.delivery(id).await.state, DeliveryState::Failed);
    desk.later(60).await;
    assert_eq!(desk.kinds(id).await, [ReportKind::Failed]);
    let report = desk.store.reports(id).await.expect("the store").pop().expect("a report");
    let (_, bytes) = desk.store.report(report.id).await.expect("the store").expect("its bytes");
    let read = dsn::read(&bytes).expect("a notification");
    assert_eq!(read.original_message_id.as_deref(), Some("one@practice.test"));
    let recipient = read.recipients.first().expect("a recipient");
    assert_eq!((recipient.action, recipient.address.as_str()), (Action::Failed, "anna@nobody.test"));
    assert!(recipient.diagnostic.as_deref().is_some_and(|text| text.starts_with("550")), "{recipient:?}");
    let host = gethostname();
    assert!(
        host.is_empty() || !String::from_utf8_lossy(&bytes).contains(&format!("dns; {host}\r\n")),
        "its own name"
    );
    let address = desk.delivery(id).await.address;
    let refused = desk.store.refused_recipients(&[address]).await.expect("the store");
    assert_eq!(refused.len(), 1, "the composer can warn");
}

fn gethostname() -> String {
    std::fs::read_to_string("/etc/hostname").unwrap_or_default().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_waits_for_hours_on_line_is_late_and_reported_once() {
    let desk = Desk::new().await;
    let id = desk.send("anna@full.test").await;
    desk.later(0).await;
    let due_since = desk.delivery(id).await.due_since;
    desk.hours(1).await;
    let late = due_for(&desk.store, desk.now(), Duration::from_secs(3600)).await.expect("the store");
    assert!(late.is_some_and(|since| due_since <= since), "after an hour the window shows it");
    desk.hours(2).await;
    assert_eq!(desk.kinds(id).await, []);
    desk.hours(2).await;
    assert_eq!(desk.kinds(id).await, [ReportKind::Delayed]);
    desk.hours(5).await;
    assert_eq!(desk.kinds(id).await, [ReportKind::Delayed], "once");
    assert_eq!(desk.delivery(id).await.state, DeliveryState::Deferred);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_without_a_network_neither_delays_nor_ends_a_letter() {
    let desk = Desk::new().await;
    desk.store.set_setting("outbound.max_age", Some("6h")).await.expect("it is set");
    let id = desk.send("anna@full.test").await;
    desk.later(0).await;
    // Ten days with a closed lid, and an hour in which it was open for a moment.
    desk.later(240 * HOUR).await;
    assert_eq!(desk.delivery(id).await.state, DeliveryState::Deferred);
    assert_eq!(desk.kinds(id).await, []);
    desk.hours(7).await;
    let given_up = desk.delivery(id).await;
    assert_eq!(given_up.state, DeliveryState::Failed);
    assert_eq!(given_up.diagnosis.map(|diagnosis| diagnosis.class), Some(Class::Expired));
    assert_eq!(desk.kinds(id).await, [ReportKind::Delayed, ReportKind::Failed]);
    desk.store.order(id, None, Order::Retry, desk.now()).await.expect("it is obeyed");
    desk.hours(1).await;
    assert_eq!(desk.delivery(id).await.state, DeliveryState::Deferred, "it is young again");
}
