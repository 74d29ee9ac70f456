//! What the command line and the account dialog ask for: one sync, one search, one login.

use crate::account::log_in;
use crate::alerts::Teller;
use crate::error::SyncError;
use crate::event::{SyncEvent, SyncReport};
use crate::plan::Depth;
use crate::session::{Patience, connect};
use crate::sync::{Signals, Syncer};
use model::query::Query;
use model::{Account, LetterId, Secret, Server, TlsReport};
use net::Net;
use std::sync::Arc;
use store::{Secrets, Store};
use tokio::sync::mpsc;

/// Brings an account up to date once, and tells `progress` what happens meanwhile.
pub async fn sync_once(
    account: &Account,
    store: &Store,
    net: &Net,
    secrets: &Secrets,
    progress: impl FnMut(SyncEvent),
) -> Result<SyncReport, SyncError> {
    let (events, happening) = mpsc::channel(64);
    let sync = async {
        let mut syncer = connected(account, store, net, secrets, events).await?;
        syncer.pass(Depth::Full).await?;
        let mut report = syncer.take_report();
        report.notes.extend(syncer.signals.told_alerts());
        syncer.session.logout().await;
        Ok(report)
    };
    telling(sync, happening, progress).await
}

/// Asks the server of an account that nobody keeps up to date for letters, in all its mailboxes. What it finds and is
/// not here is fetched first, and `progress` is told what happens meanwhile. The newest of each mailbox first.
pub async fn search_once(
    account: &Account,
    store: &Store,
    net: &Net,
    secrets: &Secrets,
    query: &Query,
    progress: impl FnMut(SyncEvent),
) -> Result<Vec<LetterId>, SyncError> {
    let (events, happening) = mpsc::channel(64);
    let search = async {
        let mut syncer = connected(account, store, net, secrets, events).await?;
        if store.mailboxes(Some(account.id)).await?.is_empty() {
            syncer.read_list().await?;
        }
        let found = syncer.find_on_server(None, query).await?;
        syncer.session.logout().await;
        Ok(found)
    };
    telling(search, happening, progress).await
}

async fn connected(
    account: &Account,
    store: &Store,
    net: &Net,
    secrets: &Secrets,
    events: mpsc::Sender<SyncEvent>,
) -> Result<Syncer, SyncError> {
    let server = account.imap.as_ref().ok_or(SyncError::NoServer)?;
    let mut session = log_in(account, server, net, secrets, &Patience::default()).await?;
    let signals = Arc::new(Signals::default());
    session.tell_alerts_by(Teller { account: account.id, signals: signals.clone(), events: events.clone() });
    Ok(Syncer::new(account.clone(), store.clone(), session, events, signals))
}

/// Works, and tells what happens meanwhile.
async fn telling<T>(
    work: impl Future<Output = T>,
    mut happening: mpsc::Receiver<SyncEvent>,
    mut progress: impl FnMut(SyncEvent),
) -> T {
    tokio::pin!(work);
    let done = loop {
        tokio::select! {
            Some(event) = happening.recv() => progress(event),
            done = &mut work => break done,
        }
    };
    while let Ok(event) = happening.try_recv() {
        progress(event);
    }
    done
}

/// A server that took the login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInfo {
    /// What it calls itself, where it says so.
    pub name: Option<String>,
    /// What it can do.
    pub capabilities: Vec<String>,
    /// The encryption; `None` is clear text.
    pub tls: Option<TlsReport>,
    /// How many mailboxes there are.
    pub mailboxes: usize,
}

/// Connects, encrypts and hears what the server offers, and says nothing of anybody: for a server that was only guessed.
pub async fn probe(server: &Server, net: &Net) -> Result<ServerInfo, SyncError> {
    let connected = connect(server, net, &Patience::default()).await?;
    let tls = connected.tls.clone();
    let mut session = connected.session;
    session.learn_capabilities().await?;
    let capabilities = session.capabilities().words().map(str::to_owned).collect();
    session.logout().await;
    Ok(ServerInfo { name: None, capabilities, tls, mailboxes: 0 })
}

/// Tries a login, for the dialog in which an account is added. The error has the server's own words and a hint.
pub async fn test_login(server: &Server, password: &Secret, net: &Net) -> Result<ServerInfo, SyncError> {
    let connected = connect(server, net, &Patience::default()).await?;
    let tls = connected.tls.clone();
    let mut session = connected.login(server, password).await?;
    let name = session.identify().await?;
    let mailboxes = session.list().await?.len();
    let capabilities = session.capabilities().words().map(str::to_owned).collect();
    session.logout().await;
    Ok(ServerInfo { name, capabilities, tls, mailboxes })
}
