//! A desk: an engine with one account, in a world with a practice post office whose servers are really asked.

#![allow(dead_code, reason = "each test uses a part of it")]

use model::{Account, CallError, Delivery, DeliveryState, LoginForm, OutgoingId, Security, Server};
use postrider_engine::view::{AccountForm, AccountWithPassword, Nothing, OutgoingView};
use postrider_engine::*;
use practice::PostOffice;
use std::time::Duration;
use tempfile::TempDir;

/// More than anything at a desk takes.
const PATIENCE: Duration = Duration::from_secs(40);

/// An engine with one account that has no server yet.
pub struct Desk {
    pub engine: Engine,
    pub office: PostOffice,
    pub home: TempDir,
}

impl Desk {
    /// One whose engine does this by itself.
    pub async fn open(work: Work) -> Self {
        prepare_process();
        let options = practice::Options { letters: practice::Letters::None, ..Default::default() };
        let office = PostOffice::start(options).await.unwrap();
        let home = TempDir::new().unwrap();
        let engine = start(&home, Work::Nothing).await;
        let mut desk = Self { engine, office, home };
        let info = desk.office.info();
        desk.set("secrets.store", "file").await;
        desk.set("net.dns", &info.dns).await;
        desk.set("net.smtp_port", &info.smtp_port.to_string()).await;
        desk.set("net.extra_ca", &info.ca.display().to_string()).await;
        let form = AccountForm {
            address: info.address.clone(),
            name: String::new(),
            imap: None,
            smtp: None,
            user: String::new(),
        };
        let account = AccountWithPassword { form, password: String::new(), sign_in: None };
        desk.engine.calls().account_add(account).await.unwrap();
        if work != Work::Nothing {
            desk.start_again(work).await;
        }
        desk
    }

    /// The program ends, and is started again on the same home.
    pub async fn start_again(&mut self, work: Work) {
        self.engine.stop().await;
        self.engine = start(&self.home, work).await;
    }

    pub async fn close(self) {
        self.engine.stop().await;
        self.office.stop().await;
    }

    pub async fn set(&self, key: &str, value: &str) {
        let args = SettingSetArgs { key: key.to_owned(), value: Some(value.to_owned()) };
        self.engine.calls().setting_set(args).await.unwrap();
    }

    pub async fn account(&self) -> Account {
        self.engine.calls().account_list(Nothing {}).await.unwrap().remove(0)
    }

    /// The post office's submission server.
    pub fn submission(&self) -> Server {
        let (host, port) = self.office.info().submission.rsplit_once(':').unwrap();
        Server {
            host: host.to_owned(),
            port: port.parse().unwrap(),
            security: Security::Starttls,
            user: self.office.info().user.clone(),
            login: LoginForm::Password,
            trusted: None,
        }
    }

    /// Adds a smart host.
    pub async fn add(&self, name: &str, server: Server, secret: Option<&str>) -> Result<Account, CallError> {
        let account = self.account().await.id;
        let args = SmartHostAddArgs { account, name: name.to_owned(), server, secret: secret.map(str::to_owned) };
        self.engine.calls().smart_host_add(args).await
    }

    /// Adds the post office's submission server as a smart host, with its password.
    pub async fn add_provider(&self) {
        let password = self.office.info().password.clone();
        self.add("provider", self.submission(), Some(&password)).await.unwrap();
    }

    /// Sends a letter by this route, or by that of its address.
    pub async fn send(&self, to: &str, route: Option<&str>) -> OutgoingId {
        let letter = Submission {
            to: vec![to.to_owned()],
            subject: "Tea".to_owned(),
            text: "At four?".to_owned(),
            route: route.map(|route| route.to_owned().into()),
            ..Submission::default()
        };
        self.engine.submit(letter).await.unwrap()
    }

    pub async fn timeline(&self, outgoing: OutgoingId) -> OutgoingView {
        self.engine.calls().outgoing_show(OutgoingArgs { outgoing }).await.unwrap()
    }

    /// The first delivery of a letter.
    pub async fn delivery(&self, outgoing: OutgoingId) -> Delivery {
        self.timeline(outgoing).await.outgoing.deliveries.remove(0)
    }

    pub async fn state(&self, outgoing: OutgoingId) -> DeliveryState {
        self.delivery(outgoing).await.state
    }

    /// Waits until a letter came to this.
    pub async fn comes_to(&self, outgoing: OutgoingId, state: DeliveryState) {
        let mut events = self.engine.events();
        let came = async {
            while self.state(outgoing).await != state {
                let _ = events.recv().await;
            }
        };
        tokio::time::timeout(PATIENCE, came).await.expect("it comes to that");
    }
}

async fn start(home: &TempDir, work: Work) -> Engine {
    Engine::start(Options { home: home.path().to_owned(), work }).await.unwrap()
}
