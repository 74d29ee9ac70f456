//! An account that is kept up to date for as long as the program runs.
//!
//! Two connections: one fetches (the sync, bodies), the other stands in IDLE on the inbox, rings when something happens
//! there, and carries out the journal. Each is a task; one that fails or dies is started again after a pause. Nothing here ever
//! ends by itself but by [`SyncHandle::stop`] or by dropping the handle.

mod listen;
mod pause;
mod posts;
mod work;

use crate::alerts::Teller;
use crate::error::SyncError;
use crate::event::{SyncEvent, SyncState};
use crate::session::{Patience, Session, connect};
use crate::sync::{BodyWanted, SearchWanted, Signals};
use model::query::Query;
use model::{Account, LetterId, MailboxId, Server};
use net::Net;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use store::{Change, Secrets, Store, imap_key};
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// How long a worker has to say goodbye.
const GRACE: Duration = Duration::from_secs(2);

/// Starts to keep accounts up to date.
#[derive(Debug)]
pub struct AccountSync;

/// What the tasks of one account share.
#[derive(Clone)]
pub(crate) struct Context {
    account: Account,
    server: Server,
    store: Store,
    net: Net,
    secrets: Secrets,
    events: mpsc::Sender<SyncEvent>,
    signals: Arc<Signals>,
    hears: Arc<watch::Sender<Hears>>,
    patience: Patience,
}

/// Of what the second connection hears at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Hears {
    /// Of nothing: it is not there, carries out orders, or the server has no IDLE.
    #[default]
    Nothing,
    /// Of the inbox.
    Inbox,
    /// Of every mailbox (NOTIFY).
    Everything,
}

/// The reins of a running account. Dropping it stops the account.
#[derive(Debug)]
pub struct SyncHandle {
    signals: Arc<Signals>,
    ended: watch::Receiver<bool>,
}

impl AccountSync {
    /// Keeps this account up to date until the handle is stopped or dropped. An account without an IMAP server does
    /// nothing. Must be called within a tokio runtime.
    pub fn spawn(
        account: Account,
        store: Store,
        net: Net,
        secrets: Secrets,
        events: mpsc::Sender<SyncEvent>,
    ) -> SyncHandle {
        Self::spawn_patiently(account, store, net, secrets, events, Patience::default())
    }

    /// As [`AccountSync::spawn`], with other waiting times.
    pub fn spawn_patiently(
        account: Account,
        store: Store,
        net: Net,
        secrets: Secrets,
        events: mpsc::Sender<SyncEvent>,
        patience: Patience,
    ) -> SyncHandle {
        let signals = Arc::new(Signals::default());
        let (end, ended) = watch::channel(false);
        let handle = SyncHandle { signals: signals.clone(), ended };
        let Some(server) = account.imap.clone() else {
            let _ = end.send(true);
            return handle;
        };
        let hears = Arc::new(watch::Sender::default());
        let context = Context { account, server, store, net, secrets, events, signals, hears, patience };
        tokio::spawn(async move {
            context.supervise().await;
            let _ = end.send(true);
        });
        handle
    }
}

impl SyncHandle {
    /// Carries out the journal and syncs, now; ends a pause between attempts to connect.
    pub fn wake(&self) {
        self.signals.wake();
    }

    /// Asks for the body of a letter that is listed by its headers, before everything else. The answer comes when it is
    /// stored; nobody has to wait for it.
    pub fn fetch_body(&self, letter: LetterId) -> impl Future<Output = Result<(), SyncError>> + Send + use<> {
        let (answer, answered) = oneshot::channel();
        self.signals.body(BodyWanted { letter, answer });
        let mut ended = self.ended.clone();
        async move {
            tokio::select! {
                outcome = answered => outcome.unwrap_or(Err(SyncError::Stopped)),
                _ = ended.wait_for(|ended| *ended) => Err(SyncError::Stopped),
            }
        }
    }

    /// Asks the server for letters in a mailbox, or in all of the account. What it finds and is not here is fetched
    /// first. The newest first; where there are very many, the newest of them. A pause between attempts to connect
    /// ends for it; it fails at once where only a person can help, and where the attempt fails.
    pub fn search(
        &self,
        mailbox: Option<MailboxId>,
        query: Query,
    ) -> impl Future<Output = Result<Vec<LetterId>, SyncError>> + Send + use<> {
        let (answer, answered) = oneshot::channel();
        self.signals.search(SearchWanted { mailbox, query, answer });
        let mut ended = self.ended.clone();
        async move {
            tokio::select! {
                outcome = answered => outcome.unwrap_or(Err(SyncError::Stopped)),
                _ = ended.wait_for(|ended| *ended) => Err(SyncError::Stopped),
            }
        }
    }

    /// Stops, and comes back when nothing of the account runs any more. What was stored stays.
    pub async fn stop(mut self) {
        self.signals.stop();
        let _ = self.ended.wait_for(|ended| *ended).await;
    }
}

impl Drop for SyncHandle {
    fn drop(&mut self) {
        self.signals.stop();
    }
}

impl Context {
    fn hears(&self) -> Hears {
        *self.hears.borrow()
    }

    /// Works, and after each end waits and works again, until told to stop.
    async fn supervise(self) {
        let _watching = AbortOnDrop(tokio::spawn(self.clone().watch_journal()));
        let mut failures = 0;
        while !self.signals.is_stopped() {
            self.tell(SyncState::Connecting).await;
            let reached = Arc::new(AtomicBool::new(false));
            let worker = AbortOnDrop(tokio::spawn(work::work(self.clone(), reached.clone())));
            let error = self.end_of(worker).await;
            if matches!(error, SyncError::Stopped) {
                break;
            }
            tracing::info!(account = %self.account.address, %error, "the sync was interrupted");
            let was_up = reached.load(std::sync::atomic::Ordering::Acquire);
            failures = if was_up { 1 } else { failures + 1 };
            let pause = pause::pause(failures, error.needs_a_person());
            self.refuse_bodies(&error);
            let forlorn = error.needs_a_person().then(|| error.to_string());
            self.tell(SyncState::after(error)).await;
            self.wait(pause, forlorn.as_deref()).await;
        }
        self.refuse_bodies(&SyncError::Stopped);
        self.tell(SyncState::Stopped).await;
    }

    /// How the worker ended. A task that died is an error like others.
    async fn end_of(&self, mut worker: AbortOnDrop) -> SyncError {
        let outcome = tokio::select! {
            outcome = &mut worker.0 => outcome,
            () = self.stopped_for_long() => return SyncError::Stopped,
        };
        match outcome {
            Ok(Ok(())) => SyncError::Stopped,
            Ok(Err(error)) => error,
            Err(death) => SyncError::Internal(death.to_string()),
        }
    }

    /// A worker that was told to stop and waits for a server is not waited for.
    async fn stopped_for_long(&self) {
        self.signals.stopped().await;
        tokio::time::sleep(GRACE).await;
    }

    /// Waits, but not past an order, a search, or a change of the network. Where another attempt is `forlorn`, a search
    /// is told why, at once.
    async fn wait(&self, pause: Duration, forlorn: Option<&str>) {
        let mut network = self.net.changes();
        let over = tokio::time::sleep(pause);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return,
                () = self.signals.rung() => {
                    if self.signals.is_stopped() || self.signals.take_wake() {
                        return;
                    }
                    match forlorn {
                        Some(reason) => self.refuse_searches(reason),
                        None if self.signals.is_searched() => return,
                        None => {}
                    }
                }
                changed = network.changed() => {
                    if changed.is_err() {
                        (&mut over).await;
                    }
                    return;
                }
            }
        }
    }

    fn refuse_searches(&self, reason: &str) {
        while let Some(wanted) = self.signals.take_search() {
            let refusal = SyncError::Lost { host: self.server.host.clone(), reason: reason.to_owned() };
            let _ = wanted.answer.send(Err(refusal));
        }
    }

    /// Whoever waits for a body, or a search, is told that there is no connection, and may ask again.
    fn refuse_bodies(&self, error: &SyncError) {
        self.refuse_searches(&error.to_string());
        while let Some(wanted) = self.signals.take_body() {
            let refusal = SyncError::Lost { host: self.server.host.clone(), reason: error.to_string() };
            let _ = wanted.answer.send(Err(refusal));
        }
    }

    /// Rings when this process, or another, wrote something that may be an order for the server.
    async fn watch_journal(self) -> Result<(), SyncError> {
        let mut changes = self.store.changes();
        loop {
            match changes.recv().await {
                Ok(Change::Journal(account)) if account == self.account.id => self.signals.journal(),
                Ok(Change::Elsewhere) | Err(broadcast::error::RecvError::Lagged(_)) => self.signals.journal(),
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            }
        }
    }

    /// A session that is logged in.
    async fn log_in(&self) -> Result<Session, SyncError> {
        let mut session = log_in(&self.account, &self.server, &self.net, &self.secrets, &self.patience).await?;
        let (signals, events) = (self.signals.clone(), self.events.clone());
        session.tell_alerts_by(Teller { account: self.account.id, signals, events });
        Ok(session)
    }

    async fn tell(&self, state: SyncState) {
        let _ = self.events.send(SyncEvent::State(self.account.id, state)).await;
    }
}

/// A session of this account that is logged in.
pub(crate) async fn log_in(
    account: &Account,
    server: &Server,
    net: &Net,
    secrets: &Secrets,
    patience: &Patience,
) -> Result<Session, SyncError> {
    let key = imap_key(&account.address);
    let secret = secrets.login(&key, server.login).await?;
    let secret = secret.ok_or_else(|| SyncError::NoPassword(account.address.to_string()))?;
    let mut session = match connect(server, net, patience).await?.login(server, &secret).await {
        // A token may be taken back before its time. A fresh one is tried, once.
        Err(refused @ SyncError::AuthFailed { .. }) => {
            let Some(other) = secrets.login_again(&key, server.login, &secret).await? else { return Err(refused) };
            connect(server, net, patience).await?.login(server, &other).await?
        }
        outcome => outcome?,
    };
    session.identify().await?;
    session.compress().await?;
    Ok(session)
}

/// A task that does not outlive whoever started it.
struct AbortOnDrop(JoinHandle<Result<(), SyncError>>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
