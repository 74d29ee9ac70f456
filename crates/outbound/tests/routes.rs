//! Which way letters go: rules, defaults and orders, the next smart host where one is dead, and logins that are refused.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use jiff::{SignedDuration, Timestamp};
use model::{
    Account, AccountId, Address, Attempt, Class, DeliveryState, EmailAddress, LoginForm, OutgoingId, RoutePolicy,
    RouteRule, Secret, Security, Server,
};
use net::{Net, NetConfig};
use postrider_outbound::{Clock, Runner, World};
use practice::{Letters, Options, PostOffice};
use std::sync::{Arc, Mutex};
use store::{NewAccount, NewOutgoing, NewSmartHost, Order, Secrets, Store, smart_host_key};
use tempfile::TempDir;

/// A queue in the practice world with two smart hosts: one that nobody answers at, and the post office's.
struct Desk {
    store: Store,
    office: PostOffice,
    runner: Runner,
    secrets: Secrets,
    account: AccountId,
    now: Arc<Mutex<Timestamp>>,
    _home: TempDir,
}

struct PracticeWorld {
    net: Net,
    secrets: Secrets,
}

impl World for PracticeWorld {
    fn net(&self, _: Option<AccountId>) -> Net {
        self.net.clone()
    }

    fn secrets(&self, _: Option<AccountId>) -> Secrets {
        self.secrets.clone()
    }
}

const DEAD: &str = "dead";
const GOOD: &str = "good";

impl Desk {
    async fn new() -> Self {
        net::install_crypto();
        let office = PostOffice::start(Options { letters: Letters::None, ..Options::default() }).await;
        let office = office.expect("the post office opens");
        let info = office.info().clone();
        let home = TempDir::new().expect("a directory");
        let store = Store::open(home.path()).await.expect("the store opens");
        let (host, port) = info.submission.rsplit_once(':').expect("host and port");
        let server = |port: u16| Server {
            host: host.to_owned(),
            port,
            security: Security::Starttls,
            user: info.user.clone(),
            login: LoginForm::Password,
            trusted: None,
        };
        let smart_host = |name: &str, port| NewSmartHost { name: name.to_owned(), server: server(port) };
        let smart_hosts = vec![smart_host(DEAD, 1), smart_host(GOOD, port.parse().expect("a port"))];
        let address = info.address.parse().expect("an address");
        let new = NewAccount { address, name: String::new(), imap: None, smart_hosts, practice: true };
        let account = store.add_account(new).await.expect("the account is added").id;
        let secrets = Secrets::in_memory();
        let net = Net::new(NetConfig {
            dns: vec![info.dns.parse().expect("an address")],
            smtp_port: info.smtp_port,
            extra_ca: Some(info.ca.clone()),
            ..NetConfig::default()
        });
        let world = PracticeWorld { net: net.expect("a network"), secrets: secrets.clone() };
        let now = Arc::new(Mutex::new("2026-11-21T14:00:00Z".parse().expect("a time")));
        let held = now.clone();
        let clock = Clock::from_fn(move || *held.lock().expect("the clock"));
        let runner = Runner::new(store.clone(), Arc::new(world), clock);
        let desk = Self { store, office, runner, secrets, account, now, _home: home };
        for name in [DEAD, GOOD] {
            desk.password(name, &info.password).await;
        }
        desk
    }

    async fn password(&self, smart_host: &str, password: &str) {
        let key = smart_host_key(smart_host);
        self.secrets.set(&key, &Secret::new(password)).await.expect("the password is kept");
    }

    fn pass(&self, seconds: i64) {
        *self.now.lock().expect("the clock") += SignedDuration::from_secs(seconds);
    }

    async fn change(&self, what: impl FnOnce(&mut Account)) {
        let mut account = self.store.account(self.account).await.expect("the store answers").expect("the account");
        what(&mut account);
        self.store.update_account(&account).await.expect("the account is changed");
    }

    async fn submit(&self, to: &str, route: RoutePolicy) -> OutgoingId {
        let id = format!("{:x}@practice.test", rand::random::<u64>());
        let new = NewOutgoing {
            account: Some(self.account),
            message_id: id.clone(),
            sender: Some(address("you@practice.test")),
            from: Address::new(None, "you@practice.test"),
            to: Vec::new(),
            subject: "Test".to_owned(),
            snippet: String::new(),
            attachments: 0,
            bytes: format!("From: you@practice.test\r\nTo: {to}\r\nMessage-ID: <{id}>\r\n\r\nHi\r\n").into_bytes(),
            route,
            recipients: vec![address(to)],
            bcc: Vec::new(),
            hold: None,
            draft: None,
            created_at: *self.now.lock().expect("the clock"),
            answers: None,
            require_tls: false,
        };
        self.store.submit(new).await.expect("the letter is queued")
    }

    async fn run(&self) {
        self.runner.run_until_idle().await.expect("the queue runs").expect("nobody else runs it");
    }

    async fn send(&self, to: &str, route: RoutePolicy) -> OutgoingId {
        let id = self.submit(to, route).await;
        self.run().await;
        id
    }

    async fn retry(&self, id: OutgoingId) {
        let now = *self.now.lock().expect("the clock");
        self.store.order(id, None, Order::Retry, now).await.expect("the order is obeyed");
        self.run().await;
    }

    async fn end(&self, id: OutgoingId) -> (DeliveryState, Option<Class>) {
        let outgoing = self.store.outgoing(id).await.expect("the store answers").expect("the outgoing");
        let delivery = outgoing.deliveries.into_iter().next().expect("a delivery");
        (delivery.state, delivery.diagnosis.map(|diagnosis| diagnosis.class))
    }

    /// The attempts of an outgoing, the first first.
    async fn attempts(&self, id: OutgoingId) -> Vec<Attempt> {
        let mut attempts = self.store.attempts(id).await.expect("the store answers");
        attempts.sort_by_key(|attempt| attempt.id);
        attempts
    }

    /// The reasons in the timeline.
    async fn reasons(&self, id: OutgoingId) -> Vec<String> {
        self.attempts(id).await.into_iter().filter_map(|attempt| attempt.route_reason).collect()
    }
}

fn address(text: &str) -> EmailAddress {
    text.parse().expect(text)
}

fn through(name: &str) -> RoutePolicy {
    RoutePolicy::SmartHost(name.to_owned())
}

fn rule(domain: &str, route: RoutePolicy) -> RouteRule {
    RouteRule::new(domain, route).expect(domain)
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_come_before_the_default_and_orders_before_rules() {
    let desk = Desk::new().await;
    desk.change(|account| {
        account.identities[0].route = through(GOOD);
        account.rules = vec![rule("prompt.test", RoutePolicy::Direct)];
    })
    .await;
    let table = [
        ("a@prompt.test", RoutePolicy::Auto, DeliveryState::Accepted, "Direct: your rule for prompt.test."),
        ("a@echo.test", RoutePolicy::Auto, DeliveryState::Relayed, "Through good: the default of this sender."),
        ("b@prompt.test", through(GOOD), DeliveryState::Relayed, "Through good: you chose it."),
    ];
    for (to, route, state, reason) in table {
        let id = desk.send(to, route).await;
        assert_eq!(desk.end(id).await.0, state, "{to}");
        assert_eq!(desk.reasons(id).await, [reason], "{to}");
    }
    desk.office.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_smart_host_takes_the_place_of_one_that_is_dead_unless_the_user_named_it() {
    let desk = Desk::new().await;
    desk.change(|account| account.identities[0].route = through(DEAD)).await;
    let id = desk.send("a@prompt.test", RoutePolicy::Auto).await;
    assert_eq!(desk.end(id).await.0, DeliveryState::Relayed);
    let reasons = ["Through dead: the default of this sender.", "Through good: dead could not be reached."];
    assert_eq!(desk.reasons(id).await, reasons);

    let ordered = desk.send("a@prompt.test", through(DEAD)).await;
    desk.change(|account| account.rules = vec![rule("*", through(DEAD))]).await;
    let ruled = desk.send("a@prompt.test", RoutePolicy::Auto).await;
    for id in [ordered, ruled] {
        assert_eq!(desk.end(id).await, (DeliveryState::Deferred, Some(Class::HostUnreachable)));
        assert_eq!(desk.attempts(id).await.len(), 1);
    }
    desk.office.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_password_is_not_shown_again_for_the_next_letter() {
    let desk = Desk::new().await;
    desk.password(GOOD, "wrong").await;
    let asked = async |id| desk.attempts(id).await.iter().filter(|attempt| attempt.reply.is_some()).count();
    let waits = (DeliveryState::Deferred, Some(Class::AuthFailed));
    let first = desk.send("a@prompt.test", through(GOOD)).await;
    desk.pass(60);
    let second = desk.send("b@prompt.test", through(GOOD)).await;
    assert_eq!((desk.end(first).await, desk.end(second).await), (waits, waits));
    assert_eq!((asked(first).await, asked(second).await), (1, 0), "the server hears it once");
    desk.pass(60);
    desk.retry(second).await;
    assert_eq!(desk.end(second).await, waits);
    assert_eq!(asked(second).await, 1, "the user said now");

    desk.password(GOOD, &desk.office.info().password.clone()).await;
    desk.retry(first).await;
    desk.retry(second).await;
    let relayed = (DeliveryState::Relayed, None);
    assert_eq!((desk.end(first).await, desk.end(second).await), (relayed, relayed));
    desk.office.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_waits_follows_its_smart_host_to_another_name() {
    let desk = Desk::new().await;
    let id = desk.submit("a@prompt.test", through(GOOD)).await;
    desk.change(|account| {
        account.smart_hosts[0].name = GOOD.to_owned();
        account.smart_hosts[1].name = DEAD.to_owned();
    })
    .await;
    desk.run().await;
    assert_eq!(desk.end(id).await.0, DeliveryState::Relayed, "it is called dead and is alive");
    desk.office.stop().await;
}
