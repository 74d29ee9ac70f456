//! Leaving with letters that wait, against real servers on loopback: the practice post office's.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use model::{Account, Delivery, DeliveryState, LoginForm, OutgoingId, Security, Server};
use postrider_engine::view::{AccountForm, AccountWithPassword, HandedOver, Leaving, Nothing};
use postrider_engine::*;
use practice::PostOffice;
use std::time::Duration;
use tempfile::TempDir;

/// More than anything here takes.
const PATIENCE: Duration = Duration::from_secs(40);

/// A running engine with one account, in a world with a practice post office.
struct Desk {
    engine: Engine,
    office: PostOffice,
    _home: TempDir,
}

impl Desk {
    async fn open() -> Self {
        prepare_process();
        let options = practice::Options { letters: practice::Letters::None, ..Default::default() };
        let office = PostOffice::start(options).await.unwrap();
        let home = TempDir::new().unwrap();
        let info = office.info();
        let options = |work| Options { home: home.path().to_owned(), work };
        let quiet = Engine::start(options(Work::Nothing)).await.unwrap();
        set(&quiet, "secrets.store", "file").await;
        set(&quiet, "net.dns", &info.dns).await;
        set(&quiet, "net.smtp_port", &info.smtp_port.to_string()).await;
        set(&quiet, "net.extra_ca", &info.ca.display().to_string()).await;
        let form = AccountForm {
            address: info.address.clone(),
            name: String::new(),
            imap: None,
            smtp: None,
            user: String::new(),
        };
        let account = AccountWithPassword { form, password: String::new(), sign_in: None };
        quiet.calls().account_add(account).await.unwrap();
        quiet.stop().await;
        let engine = Engine::start(options(Work::Everything)).await.unwrap();
        Self { engine, office, _home: home }
    }

    async fn account(&self) -> Account {
        self.engine.calls().account_list(Nothing {}).await.unwrap().remove(0)
    }

    /// Adds the post office's submission server as a smart host, with this password.
    async fn add_smart_host(&self, name: &str, password: &str) {
        let (_, port) = self.office.info().submission.rsplit_once(':').unwrap();
        self.add_smart_host_at(port.parse().unwrap(), name, password).await;
    }

    async fn add_smart_host_at(&self, port: u16, name: &str, password: &str) {
        let (host, _) = self.office.info().submission.rsplit_once(':').unwrap();
        let server = Server {
            host: host.to_owned(),
            port,
            security: Security::Starttls,
            user: self.office.info().user.clone(),
            login: LoginForm::Password,
            trusted: None,
        };
        let (account, secret) = (self.account().await.id, Some(password.to_owned()));
        let args = SmartHostAddArgs { account, name: name.to_owned(), server, secret };
        self.engine.calls().smart_host_add(args).await.unwrap();
    }

    async fn send(&self, to: &str) -> OutgoingId {
        let letter = Submission { to: vec![to.to_owned()], subject: "Tea".to_owned(), ..Submission::default() };
        let route = Some("direct".to_owned().into());
        self.engine.submit(Submission { text: "At four?".to_owned(), route, ..letter }).await.unwrap()
    }

    async fn state(&self, outgoing: OutgoingId) -> DeliveryState {
        self.delivery(outgoing).await.state
    }

    async fn delivery(&self, outgoing: OutgoingId) -> Delivery {
        let mut view = self.engine.calls().outgoing_show(OutgoingArgs { outgoing }).await.unwrap();
        view.outgoing.deliveries.remove(0)
    }

    /// Waits until a letter came to this.
    async fn comes_to(&self, outgoing: OutgoingId, state: DeliveryState) {
        let mut events = self.engine.events();
        let came = async {
            while self.state(outgoing).await != state {
                let _ = events.recv().await;
            }
        };
        tokio::time::timeout(PATIENCE, came).await.expect("it comes to that");
    }

    async fn leaving(&self) -> Leaving {
        self.engine.calls().leaving(Nothing {}).await.unwrap()
    }

    async fn hand_over(&self) -> HandedOver {
        self.engine.calls().hand_over(Nothing {}).await.unwrap()
    }

    async fn close(self) {
        self.engine.stop().await;
        self.office.stop().await;
    }
}

async fn set(engine: &Engine, key: &str, value: &str) {
    let args = SettingSetArgs { key: key.to_owned(), value: Some(value.to_owned()) };
    engine.calls().setting_set(args).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greylisted_letter_waits_and_is_handed_over_to_the_smart_host() {
    let desk = Desk::open().await;
    assert_eq!(desk.leaving().await, Leaving::default());
    let id = desk.send("anna@greylist.test").await;
    desk.comes_to(id, DeliveryState::Deferred).await;

    let leaving = desk.leaving().await;
    assert_eq!((leaving.total, leaving.on_the_wire, leaving.can_be_handed_over), (1, 0, 0));
    let [letter] = leaving.letters.as_slice() else { panic!("one letter: {leaving:?}") };
    assert_eq!(
        (letter.subject.as_str(), letter.recipients.as_slice()),
        ("Tea", ["anna@greylist.test".into()].as_slice())
    );
    assert!(!letter.title.is_empty() && letter.next_attempt_at.is_some(), "{letter:?}");
    assert!(letter.given_up_at > letter.next_attempt_at, "{letter:?}");

    desk.add_smart_host("provider", &desk.office.info().password.clone()).await;
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
    let desk = Desk::open().await;
    let id = desk.send("anna@greylist.test").await;
    desk.comes_to(id, DeliveryState::Deferred).await;
    desk.add_smart_host("provider", "not the password").await;

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
    let desk = Desk::open().await;
    let id = desk.send("anna@greylist.test").await;
    desk.comes_to(id, DeliveryState::Deferred).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    desk.add_smart_host_at(nobody, "gone", "secret").await;
    desk.add_smart_host("provider", &desk.office.info().password.clone()).await;

    let told = desk.hand_over().await;
    assert_eq!(told, HandedOver { taken: 1, smart_hosts: vec!["provider".to_owned()], left: Vec::new() });
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_may_have_is_not_given_to_another_one_and_is_named() {
    let desk = Desk::open().await;
    let id = desk.send("anna@drop.test").await;
    desk.comes_to(id, DeliveryState::Deferred).await;
    desk.add_smart_host("provider", &desk.office.info().password.clone()).await;
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
    let desk = Desk::open().await;
    let id = desk.send("anna@greylist.test").await;
    desk.comes_to(id, DeliveryState::Deferred).await;
    let told = desk.hand_over().await;
    assert_eq!(told.left.iter().map(|left| left.id).collect::<Vec<_>>(), [id]);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_on_the_wire_is_given_its_seconds_before_anybody_is_asked() {
    let desk = Desk::open().await;
    let id = desk.send("anna@prompt.test").await;
    assert_eq!(desk.leaving().await, Leaving::default(), "it was taken meanwhile");
    assert_eq!(desk.state(id).await, DeliveryState::Accepted);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_waits_while_the_user_has_paused_the_queue() {
    let desk = Desk::open().await;
    let id = desk.send("anna@greylist.test").await;
    desk.comes_to(id, DeliveryState::Deferred).await;
    set(&desk.engine, "outbound.paused", "true").await;
    assert_eq!(desk.leaving().await, Leaving::default());
    desk.close().await;
}
