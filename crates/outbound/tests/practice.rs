//! The queue against every character of the practice post office, on a clock that the test holds.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use jiff::{SignedDuration, Timestamp};
use model::{
    AccountId, Address, Attempt, Class, Delivery, DeliveryState, EmailAddress, Fault, HoldReason, Outgoing,
    OutgoingId, Phase, Route, RoutePolicy, Secret, Security, Server,
};
use net::{Net, NetConfig};
use postrider_outbound::{Clock, Runner, World};
use practice::{Letters, Options, PostOffice};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{NewAccount, NewOutgoing, NewSmartHost, Order, Secrets, Store, smart_host_key};
use tempfile::TempDir;

/// A queue, a post office, and a clock that stands still until the test moves it.
struct Desk {
    store: Store,
    office: PostOffice,
    runner: Runner,
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

impl Desk {
    async fn new() -> Self {
        net::install_crypto();
        let slow_pause = Duration::from_millis(50);
        let options = Options { letters: Letters::None, slow_pause, ..Options::default() };
        let office = PostOffice::start(options).await.expect("the post office opens");
        let info = office.info().clone();
        let home = TempDir::new().expect("a directory");
        let store = Store::open(home.path()).await.expect("the store opens");
        let (host, port) = info.submission.rsplit_once(':').expect("host and port");
        let server = Server {
            host: host.to_owned(),
            port: port.parse().expect("a port"),
            security: Security::Starttls,
            user: info.user.clone(),
            login: model::LoginForm::Password,
            trusted: None,
        };
        let smart_hosts = vec![NewSmartHost { name: "practice".to_owned(), server }];
        let address = address(&info.address);
        let new = NewAccount { address, name: String::new(), imap: None, smart_hosts, practice: true };
        let account = store.add_account(new).await.expect("the account is added").id;
        let secrets = Secrets::in_memory();
        let password = Secret::new(info.password.clone());
        secrets.set(&smart_host_key("practice"), &password).await.expect("the password is kept");
        let net = Net::new(NetConfig {
            dns: vec![info.dns.parse().expect("an address")],
            smtp_port: info.smtp_port,
            extra_ca: Some(info.ca.clone()),
            ..NetConfig::default()
        });
        let world = Arc::new(PracticeWorld { net: net.expect("a network"), secrets });
        let now = Arc::new(Mutex::new("2026-11-21T14:00:00Z".parse().expect("a time")));
        let held = now.clone();
        let runner = Runner::new(store.clone(), world, Clock::from_fn(move || *held.lock().expect("the clock")));
        Self { store, office, runner, account, now, _home: home }
    }

    fn now(&self) -> Timestamp {
        *self.now.lock().expect("the clock")
    }

    fn pass(&self, seconds: i64) {
        *self.now.lock().expect("the clock") += SignedDuration::from_secs(seconds);
        self.office.advance(Duration::from_secs(seconds.unsigned_abs()));
    }

    async fn submit(&self, to: &[&str], route: RoutePolicy, size: usize) -> OutgoingId {
        let text = "A line of a letter that is long enough to be one.\r\n".repeat(size / 50 + 1);
        let bytes = format!(
            "From: you@practice.test\r\nTo: {}\r\nSubject: Test\r\nMessage-ID: <{:x}@practice.test>\r\n\r\n.{text}",
            to.join(", "),
            rand::random::<u64>(),
        );
        let new = NewOutgoing {
            account: Some(self.account),
            message_id: format!("{:x}@practice.test", rand::random::<u64>()),
            sender: Some(address("you@practice.test")),
            from: Address::new(None, "you@practice.test"),
            to: Vec::new(),
            subject: "Test".to_owned(),
            snippet: String::new(),
            attachments: 0,
            bytes: bytes.into_bytes(),
            route,
            recipients: to.iter().map(|to| address(to)).collect(),
            bcc: Vec::new(),
            hold: None,
            draft: None,
            created_at: self.now(),
            answers: None,
            require_tls: false,
        };
        self.store.submit(new).await.expect("the letter is queued")
    }

    async fn run(&self) {
        self.runner.run_until_idle().await.expect("the queue runs").expect("nobody else runs it");
    }

    async fn send(&self, to: &[&str], route: RoutePolicy) -> OutgoingId {
        let id = self.submit(to, route, 0).await;
        self.run().await;
        id
    }

    async fn outgoing(&self, id: OutgoingId) -> Outgoing {
        self.store.outgoing(id).await.expect("the store answers").expect("the outgoing is there")
    }

    async fn delivery(&self, id: OutgoingId, to: &str) -> Delivery {
        let outgoing = self.outgoing(id).await;
        outgoing.deliveries.into_iter().find(|delivery| delivery.address.to_string() == to).expect(to)
    }

    /// The attempts of an outgoing, the first first.
    async fn attempts(&self, id: OutgoingId) -> Vec<Attempt> {
        let mut attempts = self.store.attempts(id).await.expect("the store answers");
        attempts.sort_by_key(|attempt| attempt.id);
        attempts
    }
}

fn address(text: &str) -> EmailAddress {
    text.parse().expect(text)
}

/// Recipient, state, class, phase and code of the last attempt.
type Ending = (&'static str, DeliveryState, Option<Class>, Phase, Option<u16>);

#[tokio::test(flavor = "multi_thread")]
async fn each_practice_domain_ends_in_its_own_state_with_its_own_words() {
    use DeliveryState::{Accepted, Deferred, Failed};
    let desk = Desk::new().await;
    let table: [Ending; 18] = [
        ("a@prompt.test", Accepted, None, Phase::Body, Some(250)),
        ("a@greylist.test", Deferred, Some(Class::Greylisted), Phase::Rcpt, Some(451)),
        ("a@quietgrey.test", Deferred, Some(Class::Greylisted), Phase::Rcpt, Some(451)),
        ("a@nobody.test", Failed, Some(Class::NoSuchRecipient), Phase::Rcpt, Some(550)),
        ("a@full.test", Deferred, Some(Class::MailboxFull), Phase::Rcpt, Some(452)),
        ("a@slow.test", Accepted, None, Phase::Body, Some(250)),
        ("a@notls.test", Accepted, None, Phase::Body, Some(250)),
        ("a@oldcert.test", Accepted, None, Phase::Body, Some(250)),
        ("a@dynamic.test", Failed, Some(Class::SenderDynamicIp), Phase::Greeting, Some(554)),
        ("a@nordns.test", Failed, Some(Class::SenderNoRdns), Phase::Body, Some(550)),
        ("a@down.test", Deferred, Some(Class::HostUnreachable), Phase::Connect, None),
        ("a@split.test", Accepted, None, Phase::Body, Some(250)),
        ("a@nullmx.test", Failed, Some(Class::NullMx), Phase::Dns, None),
        ("a@nowhere.test", Failed, Some(Class::NoSuchDomain), Phase::Dns, None),
        ("a@servfail.test", Deferred, Some(Class::DnsFailure), Phase::Dns, None),
        ("a@echo.test", Accepted, None, Phase::Body, Some(250)),
        ("a@bounce.test", Accepted, None, Phase::Body, Some(250)),
        ("a@drop.test", Deferred, Some(Class::ProtocolError), Phase::Body, None),
    ];
    for (to, state, class, phase, code) in table {
        let id = desk.send(&[to], RoutePolicy::Direct).await;
        let delivery = desk.delivery(id, to).await;
        let last = desk.attempts(id).await.pop().expect(to);
        let found = (delivery.state, delivery.diagnosis.as_ref().map(|diagnosis| diagnosis.class));
        assert_eq!(found, (state, class), "{to}: {delivery:?}");
        assert_eq!((last.phase, last.reply.as_ref().map(|reply| reply.code)), (phase, code), "{to}: {last:?}");
        assert_eq!(delivery.next_attempt_at.is_some(), state == Deferred, "{to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_where_nobody_takes_mail_is_remembered_as_nobodys() {
    let desk = Desk::new().await;
    let table = [
        ("a@nowhere.test", true),
        ("a@nullmx.test", true),
        ("a@nobody.test", false),
        ("a@down.test", false),
        ("a@servfail.test", false),
        ("a@prompt.test", false),
    ];
    let all: Vec<&str> = table.iter().map(|(to, _)| *to).collect();
    desk.send(&all, RoutePolicy::Direct).await;
    for (to, expected) in table {
        let domain = to.trim_start_matches("a@");
        assert_eq!(desk.store.learned(domain).await.expect("the store answers").is_nobodys(), expected, "{to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_encryption_of_each_attempt_is_recorded_as_it_was() {
    let desk = Desk::new().await;
    for (to, expected) in [("a@prompt.test", Some(true)), ("a@oldcert.test", Some(false)), ("a@notls.test", None)] {
        let id = desk.send(&[to], RoutePolicy::Direct).await;
        let attempt = desk.attempts(id).await.pop().expect(to);
        assert_eq!(attempt.tls.as_ref().map(|tls| tls.verified), expected, "{to}: {attempt:?}");
        let transcript = desk.store.transcript(attempt.id).await.expect("the store answers").expect("a transcript");
        assert!(transcript.contains("MAIL FROM:<you@practice.test>"), "{transcript}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_asked_for_where_they_are_offered() {
    let desk = Desk::new().await;
    let id = desk.send(&["a@bounce.test"], RoutePolicy::Direct).await;
    let attempt = desk.attempts(id).await.pop().expect("an attempt");
    let transcript = desk.store.transcript(attempt.id).await.expect("the store answers").expect("a transcript");
    let named = format!(" RET=HDRS ENVID={id}.{:x}\n", desk.now().as_millisecond());
    assert!(transcript.contains(&named), "{named}: {transcript}");
    assert!(transcript.contains(" NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@bounce.test"), "{transcript}");
    let id = desk.send(&["a@prompt.test"], RoutePolicy::Direct).await;
    let attempt = desk.attempts(id).await.pop().expect("an attempt");
    let transcript = desk.store.transcript(attempt.id).await.expect("the store answers").expect("a transcript");
    assert!(!transcript.contains("ENVID"), "only where it is offered: {transcript}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greylisted_letter_comes_back_when_it_was_told_to_and_is_taken() {
    let desk = Desk::new().await;
    let id = desk.send(&["a@greylist.test"], RoutePolicy::Direct).await;
    let due = desk.delivery(id, "a@greylist.test").await.next_attempt_at.expect("a next attempt");
    assert_eq!(due, desk.now() + SignedDuration::from_secs(35), "the stated 30 seconds and a few more");
    desk.pass(34);
    desk.run().await;
    assert_eq!(desk.attempts(id).await.len(), 1, "not before its time");
    desk.pass(1);
    desk.run().await;
    assert_eq!(desk.delivery(id, "a@greylist.test").await.state, DeliveryState::Accepted);
    let attempts = desk.attempts(id).await;
    let key = |attempt: &Attempt| (attempt.source.clone(), attempt.helo.clone());
    assert_eq!(attempts.iter().map(key).collect::<Vec<_>>(), vec![key(&attempts[0]); 2], "same address, same name");
    let learned = desk.store.learned("greylist.test").await.expect("the store answers");
    assert_eq!(learned.greylist_seconds, Some(35));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greylisted_recipient_does_not_delay_the_others() {
    let desk = Desk::new().await;
    let to = ["a@prompt.test", "a@greylist.test", "a@nobody.test"];
    let id = desk.send(&to, RoutePolicy::Direct).await;
    let states: Vec<DeliveryState> =
        desk.outgoing(id).await.deliveries.iter().map(|delivery| delivery.state).collect();
    assert_eq!(states, [DeliveryState::Accepted, DeliveryState::Deferred, DeliveryState::Failed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn recipients_of_one_domain_travel_together_and_each_has_its_own_answer() {
    let desk = Desk::new().await;
    let to = ["yes@partial.test", "no@partial.test", "later@partial.test"];
    let id = desk.send(&to, RoutePolicy::Direct).await;
    let states: Vec<DeliveryState> =
        desk.outgoing(id).await.deliveries.iter().map(|delivery| delivery.state).collect();
    assert_eq!(states, [DeliveryState::Accepted, DeliveryState::Failed, DeliveryState::Deferred]);
    let delivered = desk.office.delivered();
    assert_eq!(delivered.len(), 1, "one transaction on the wire");
    let queued = desk.store.outgoing_bytes(id).await.expect("the bytes are there");
    assert_eq!(delivered[0].bytes, queued, "what arrived is what was queued");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_host_that_is_busy_leads_to_the_second_and_both_are_in_the_timeline() {
    let desk = Desk::new().await;
    let id = desk.send(&["a@split.test"], RoutePolicy::Direct).await;
    let attempts = desk.attempts(id).await;
    let codes: Vec<Option<u16>> =
        attempts.iter().map(|attempt| attempt.reply.as_ref().map(|reply| reply.code)).collect();
    assert_eq!(codes, [Some(421), Some(250)]);
    assert_ne!(attempts[0].host, attempts[1].host);
}

#[tokio::test(flavor = "multi_thread")]
async fn auto_goes_on_to_the_smart_host_where_our_address_is_the_problem() {
    let desk = Desk::new().await;
    for to in ["a@dynamic.test", "a@nordns.test"] {
        let id = desk.send(&[to], RoutePolicy::Auto).await;
        assert_eq!(desk.delivery(id, to).await.state, DeliveryState::Relayed, "{to}");
        let attempts = desk.attempts(id).await;
        let routes: Vec<Route> = attempts.iter().map(|attempt| attempt.route.clone()).collect();
        assert_eq!(routes, [Route::Direct, Route::SmartHost("practice".to_owned())], "{to}");
        assert!(attempts.iter().all(|attempt| attempt.route_reason.is_some()), "each choice has its reason");
    }
    let again = desk.send(&["b@dynamic.test"], RoutePolicy::Auto).await;
    assert_eq!(desk.attempts(again).await.len(), 1, "what was learned is not tried again at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_this_computer_is_kept_with_the_network_and_names_no_recipient() {
    let desk = Desk::new().await;
    let lessons = async || {
        let known = desk.store.network_at(true, b"here").await.expect("the store answers");
        known.map(|known| known.lessons.clone()).unwrap_or_default()
    };
    desk.send(&["a@prompt.test"], RoutePolicy::Direct).await;
    desk.send(&["a@nobody.test"], RoutePolicy::Direct).await;
    assert!(lessons().await.is_empty(), "neither says anything of this computer");
    desk.send(&["a@nordns.test"], RoutePolicy::Direct).await;
    let kept = lessons().await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!((kept[0].class, kept[0].host.as_str()), (Class::SenderNoRdns, "nordns.test"));
    assert!(kept[0].reply.starts_with("550 5.7.25") && !kept[0].reply.contains('@'), "{}", kept[0].reply);
}

#[tokio::test(flavor = "multi_thread")]
async fn greylisting_is_no_reason_to_change_the_route() {
    let desk = Desk::new().await;
    let id = desk.send(&["a@greylist.test"], RoutePolicy::Auto).await;
    assert_eq!(desk.delivery(id, "a@greylist.test").await.state, DeliveryState::Deferred);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_uses_up_no_try_and_waits_for_the_user() {
    let desk = Desk::new().await;
    let mut account = desk.store.account(desk.account).await.expect("the store answers").expect("the account");
    account.smart_hosts[0].server.user = "somebody@practice.test".to_owned();
    desk.store.update_account(&account).await.expect("the account is changed");
    let id = desk.send(&["a@prompt.test"], RoutePolicy::SmartHost("practice".to_owned())).await;
    let delivery = desk.delivery(id, "a@prompt.test").await;
    assert_eq!((delivery.state, delivery.tries), (DeliveryState::Deferred, 0), "{delivery:?}");
    assert_eq!(delivery.diagnosis.map(|diagnosis| diagnosis.class), Some(Class::AuthFailed));
    account.smart_hosts[0].server.user = "you@practice.test".to_owned();
    desk.store.update_account(&account).await.expect("the account is changed");
    desk.store.order(id, None, Order::Retry, desk.now()).await.expect("the order is obeyed");
    desk.run().await;
    assert_eq!(desk.delivery(id, "a@prompt.test").await.state, DeliveryState::Relayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_too_large_is_refused_before_it_is_sent() {
    let desk = Desk::new().await;
    let id = desk.submit(&["a@large.test"], RoutePolicy::Direct, 1_200_000).await;
    desk.run().await;
    let delivery = desk.delivery(id, "a@large.test").await;
    assert_eq!(delivery.diagnosis.map(|diagnosis| diagnosis.class), Some(Class::MessageTooLarge));
    assert_eq!(delivery.state, DeliveryState::Failed);
    let attempt = desk.attempts(id).await.pop().expect("an attempt");
    assert!(attempt.phase < Phase::Body, "{attempt:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_may_have_arrived_is_not_sent_to_another_host_in_the_same_round() {
    let desk = Desk::new().await;
    let id = desk.send(&["a@drop.test"], RoutePolicy::Auto).await;
    let attempts = desk.attempts(id).await;
    assert_eq!(attempts.len(), 1, "{attempts:?}");
    assert_eq!(attempts[0].error, Some(Fault::Closed.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_letter_in_a_minute_is_asked_to_slow_down() {
    let desk = Desk::new().await;
    let mut states = Vec::new();
    for _ in 0..3 {
        let id = desk.send(&["a@throttle.test"], RoutePolicy::Direct).await;
        states.push(desk.delivery(id, "a@throttle.test").await);
    }
    assert!(states[..2].iter().all(|delivery| delivery.state == DeliveryState::Accepted), "{states:?}");
    assert_eq!(states[2].state, DeliveryState::Deferred);
    assert_eq!(states[2].diagnosis.as_ref().map(|diagnosis| diagnosis.class), Some(Class::Throttled));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_letter_goes_when_its_time_has_come_and_not_before() {
    let desk = Desk::new().await;
    let id = desk.submit(&["a@prompt.test"], RoutePolicy::Direct, 0).await;
    desk.store.order(id, None, Order::Hold, desk.now()).await.expect("the order is obeyed");
    desk.run().await;
    let held = desk.delivery(id, "a@prompt.test").await;
    assert_eq!((held.state, held.hold), (DeliveryState::Held, Some(HoldReason::Paused)));
    desk.store.order(id, None, Order::Release, desk.now()).await.expect("the order is obeyed");
    desk.run().await;
    assert_eq!(desk.delivery(id, "a@prompt.test").await.state, DeliveryState::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_to_nobody_who_answers_is_given_up_at_its_age_and_says_so() {
    let desk = Desk::new().await;
    let id = desk.send(&["a@down.test"], RoutePolicy::Direct).await;
    let mut rounds = 0;
    loop {
        let delivery = desk.delivery(id, "a@down.test").await;
        let Some(due) = delivery.next_attempt_at else { break };
        desk.pass((due.duration_since(desk.now())).as_secs() + 1);
        desk.run().await;
        rounds += 1;
        assert!(rounds < 200, "it ends at last");
    }
    let delivery = desk.delivery(id, "a@down.test").await;
    assert_eq!(delivery.state, DeliveryState::Failed);
    assert_eq!(delivery.diagnosis.map(|diagnosis| diagnosis.class), Some(Class::Expired));
    assert!(rounds > 20, "{rounds} rounds in five days");
    desk.store.order(id, None, Order::Retry, desk.now()).await.expect("the order is obeyed");
    desk.run().await;
    let again = desk.delivery(id, "a@down.test").await;
    assert_eq!(again.state, DeliveryState::Deferred, "an order by hand begins anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_was_held_for_days_is_not_old_when_it_goes() {
    let desk = Desk::new().await;
    let id = desk.submit(&["a@greylist.test"], RoutePolicy::Direct, 0).await;
    desk.store.order(id, None, Order::Hold, desk.now()).await.expect("the order is obeyed");
    desk.pass(6 * 24 * 3600);
    desk.store.order(id, None, Order::Release, desk.now()).await.expect("the order is obeyed");
    desk.run().await;
    assert_eq!(desk.delivery(id, "a@greylist.test").await.state, DeliveryState::Deferred);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_greylist_taught_is_the_shortest_wait_that_was_enough() {
    let desk = Desk::new().await;
    for waits in [8 * 3600, 35] {
        let to = format!("a{waits}@greylist.test");
        let id = desk.send(&[&to], RoutePolicy::Direct).await;
        desk.pass(waits);
        desk.run().await;
        assert_eq!(desk.delivery(id, &to).await.state, DeliveryState::Accepted);
    }
    let learned = desk.store.learned("greylist.test").await.expect("the store answers");
    assert_eq!(learned.greylist_seconds, Some(35));
}
