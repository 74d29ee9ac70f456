//! A store in a temporary directory, with one account at a peer.
#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::peer::Peer;
use model::{Account, EmailAddress, LetterId, Mailbox, Secret, Security, Server};
use net::{Interfaces, Net, NetConfig, Watch};
use postrider_imap::{AccountSync, Patience, SyncError, SyncEvent, SyncHandle, SyncReport, search_once, sync_once};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use store::{LetterRow, LetterSource, NewAccount, Secrets, Store, imap_key};
use tokio::sync::mpsc;

pub struct Home {
    pub store: Store,
    pub account: Account,
    cable: Arc<Cable>,
    net: Net,
    secrets: Secrets,
    _directory: tempfile::TempDir,
}

impl Home {
    /// A new home with an account at this peer.
    pub async fn at(peer: &Peer) -> Self {
        let server = Server {
            host: "127.0.0.1".into(),
            port: peer.address.port(),
            security: Security::None,
            user: "you".into(),
            login: model::LoginForm::Password,
            trusted: None,
        };
        Self::with(server, "secret", NetConfig::default()).await
    }

    /// A new home with an account at any server.
    pub async fn with(server: Server, password: &str, config: NetConfig) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let address = EmailAddress::parse("you@example.org").unwrap();
        let account = NewAccount {
            address: address.clone(),
            name: String::new(),
            imap: Some(server),
            smart_hosts: Vec::new(),
            practice: false,
        };
        let account = store.add_account(account).await.unwrap();
        let secrets = Secrets::in_memory();
        secrets.set(&imap_key(&address), &Secret::new(password)).await.unwrap();
        let cable = Arc::new(Cable::default());
        let net = Net::with_interfaces(config, cable.clone()).unwrap();
        Self { store, account, cable, net, secrets, _directory: directory }
    }

    /// The network changes, as when a computer comes home.
    pub fn change_network(&self) {
        if let Some(changed) = self.cable.0.lock().unwrap().as_mut() {
            changed();
        }
    }

    pub async fn sync(&self) -> Result<SyncReport, SyncError> {
        sync_once(&self.account, &self.store, &self.net, &self.secrets, |_| {}).await
    }

    pub async fn sync_and_tell(&self, progress: impl FnMut(SyncEvent)) -> Result<SyncReport, SyncError> {
        sync_once(&self.account, &self.store, &self.net, &self.secrets, progress).await
    }

    /// Asks the server for letters.
    pub async fn search(&self, typed: &str) -> Result<Vec<LetterId>, SyncError> {
        let query = model::query::parse(typed, &jiff::Zoned::now()).query.unwrap();
        search_once(&self.account, &self.store, &self.net, &self.secrets, &query, |_| {}).await
    }

    /// Keeps the account up to date.
    pub fn run(&self) -> (SyncHandle, Events) {
        self.run_patiently(Patience::default())
    }

    /// The same with other waiting times.
    pub fn run_patiently(&self, patience: Patience) -> (SyncHandle, Events) {
        let (events, happening) = mpsc::channel(1000);
        let Self { store, account, net, secrets, .. } = self;
        let (account, store, net, secrets) = (account.clone(), store.clone(), net.clone(), secrets.clone());
        (AccountSync::spawn_patiently(account, store, net, secrets, events, patience), Events(happening))
    }

    pub async fn mailbox(&self, path: &str) -> Mailbox {
        self.store.mailbox_by_path(self.account.id, path).await.unwrap().unwrap()
    }

    /// Rows of a mailbox, newest first.
    pub async fn rows(&self, path: &str) -> Vec<LetterRow> {
        let source = LetterSource::Mailbox(self.mailbox(path).await.id);
        self.store.letters(source, 0, 10_000).await.unwrap().1
    }

    /// Subjects in a mailbox, sorted.
    pub async fn subjects(&self, path: &str) -> Vec<String> {
        let mut subjects: Vec<String> = self.rows(path).await.into_iter().map(|row| row.subject).collect();
        subjects.sort();
        subjects
    }

    pub async fn letter(&self, path: &str, subject: &str) -> LetterId {
        self.rows(path).await.into_iter().find(|row| row.subject == subject).unwrap().id
    }
}

/// What an account tells.
pub struct Events(mpsc::Receiver<SyncEvent>);

impl Events {
    /// Waits for an event; what comes before it is passed over.
    pub async fn wait_for(&mut self, mut is_it: impl FnMut(&SyncEvent) -> bool) -> SyncEvent {
        let wait = async {
            loop {
                let event = self.0.recv().await.expect("the account ended");
                if is_it(&event) {
                    return event;
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.expect("the event did not come")
    }
}

/// The interfaces of a computer whose network changes when a test says so.
#[derive(Default)]
struct Cable(Mutex<Option<Box<dyn FnMut() + Send>>>);

impl std::fmt::Debug for Cable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cable")
    }
}

impl Interfaces for Cable {
    fn addresses(&self) -> Option<Vec<IpAddr>> {
        None
    }

    fn watch(&self, changed: Box<dyn FnMut() + Send>) -> Option<Watch> {
        *self.0.lock().unwrap() = Some(changed);
        Some(Watch::new(()))
    }
}
