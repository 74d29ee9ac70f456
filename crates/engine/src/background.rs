//! What goes on by itself: the sync of each account, the queue, and the events that come of them.

use crate::bounces::may_hold_report;
use crate::error::Error;
use crate::view::{Event, SyncState};
use crate::{Engine, Work};
use imap::{AccountSync, SyncEvent, SyncHandle, SyncReport};
use jiff::Timestamp;
use model::query::Query;
use model::{
    Account, AccountId, CallError, Delivery, DeliveryId, DeliveryState, EmailAddress, LetterId, MailboxId, Outgoing,
    Role, Server,
};
use net::{NetConfig, Wakefulness};
use outbound::{Clock, Report, Runner, RunnerHandle};
use std::collections::HashMap;
use std::time::Duration;
use store::Change;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;

/// How long a letter on the wire may take when the program ends. What takes longer is taken up at the next start.
/// Less than the window waits for the whole engine.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often to look whether the process that kept the practice post office is gone.
const OFFICE_LOOK: Duration = Duration::from_secs(2);
/// How often to look whether this computer slept.
const SLEEP_LOOK: Duration = Duration::from_secs(5);
/// Sync events that may wait to be looked at.
const SYNC_EVENTS: usize = 256;

/// What runs.
#[derive(Default)]
pub(crate) struct Background {
    runner: Option<RunnerHandle>,
    /// The queue, which does not run before the settings make a network: what is sent into none would use up tries.
    waiting: Option<Runner>,
    syncs: HashMap<AccountId, Sync>,
    sync_events: Option<mpsc::Sender<SyncEvent>>,
    tasks: JoinSet<()>,
}

/// The sync of an account, and what it was started with.
struct Sync {
    handle: SyncHandle,
    of: SyncOf,
}

/// With another of these a sync has to be started anew.
#[derive(Clone, PartialEq)]
struct SyncOf {
    server: Server,
    net: NetConfig,
}

impl Engine {
    /// Lets everybody look again when this computer has slept: a pause is measured by a clock that sleeps too.
    async fn attend_sleep(self) {
        let mut wakefulness = Wakefulness::new(Timestamp::now());
        loop {
            tokio::time::sleep(SLEEP_LOOK).await;
            if wakefulness.slept(Timestamp::now()) {
                self.inner.worlds.woke();
            }
        }
    }

    pub(crate) async fn begin_work(&self) -> Result<(), Error> {
        let (sync_events, received) = mpsc::channel(SYNC_EVENTS);
        let (reports, reported) = mpsc::unbounded_channel();
        let runner = self.runner().reporting_to(reports);
        *self.inner.refused.lock().await =
            Some(self.refused_now().await?.into_iter().map(|found| found.key).collect());
        {
            let mut background = self.inner.background.lock().await;
            background.sync_events = Some(sync_events);
            background.tasks.spawn(self.clone().pass_on_changes(self.store().changes()));
            background.tasks.spawn(self.clone().pass_on_sync(received));
            background.tasks.spawn(self.clone().pass_on_reports(reported));
            background.tasks.spawn(self.clone().attend_practice());
            background.tasks.spawn(self.clone().attend_switches());
            background.tasks.spawn(self.clone().watch_delays());
            background.tasks.spawn(self.clone().attend_dkim());
            background.tasks.spawn(self.clone().tidy_up());
            background.tasks.spawn(self.clone().attend_drafts());
            background.tasks.spawn(self.clone().attend_sleep());
            if self.inner.work == Work::Everything {
                background.tasks.spawn(self.clone().attend_networks());
            }
            if self.inner.work == Work::Everything {
                background.tasks.spawn(self.clone().attend_system(runner.wire()));
                background.waiting = Some(runner);
            }
        }
        self.begin_queue().await;
        for account in self.store().accounts().await? {
            self.begin_sync(&account).await;
        }
        Ok(())
    }

    /// Starts the queue where it waits and the settings make a network. Whether it did.
    async fn begin_queue(&self) -> bool {
        let mut background = self.inner.background.lock().await;
        if self.inner.worlds.usable_net(None).is_err() {
            return false;
        }
        let Some(runner) = background.waiting.take() else { return false };
        background.runner = Some(runner.spawn());
        true
    }

    /// All at once: what has to say goodbye to a server does not wait for what says goodbye to another.
    pub(crate) async fn end_work(&self) {
        let Background { runner, syncs, tasks, .. } = std::mem::take(&mut *self.inner.background.lock().await);
        let mut ending = JoinSet::new();
        if let Some(runner) = runner {
            ending.spawn(runner.stop(PATIENCE));
        }
        for (_, sync) in syncs {
            ending.spawn(sync.handle.stop());
        }
        ending.join_all().await;
        drop(tasks);
    }

    /// A runner for the queue of this home directory.
    pub(crate) fn runner(&self) -> Runner {
        Runner::new(self.store().clone(), self.inner.worlds.clone(), Clock::system())
            .sharing(self.inner.silences.clone())
    }

    /// Works off what is due in the queue now. `false` when another process runs the queue: then that one does it.
    pub async fn run_queue(&self) -> Result<bool, CallError> {
        self.inner.worlds.usable_net(None)?;
        self.open_practice_again().await;
        let ran = self.runner().run_until_idle().await.map_err(Error::from)?;
        Ok(ran.is_some())
    }

    /// Runs the queue until `end` comes, and then finishes what is on the wire.
    pub async fn keep_running_queue(&self, end: impl Future<Output = ()>) -> Result<(), CallError> {
        self.inner.worlds.usable_net(None)?;
        let mut beside = JoinSet::new();
        beside.spawn(self.clone().pass_on_changes(self.store().changes()));
        self.open_practice_again().await;
        beside.spawn(self.clone().attend_practice());
        beside.spawn(self.clone().attend_switches());
        beside.spawn(self.clone().attend_dkim());
        beside.spawn(self.clone().tidy_up());
        let runner = self.runner();
        beside.spawn(self.clone().attend_system(runner.wire()));
        let runner = runner.spawn();
        end.await;
        runner.stop(PATIENCE).await;
        Ok(())
    }

    /// Brings every account up to date once, and says what that did, or why it could not be done.
    pub async fn sync_all(&self) -> Result<Vec<(EmailAddress, Result<SyncReport, CallError>)>, CallError> {
        self.open_practice_again().await;
        self.copy_drafts(Duration::ZERO).await?;
        let accounts = self.store().accounts().await.map_err(Error::from)?;
        let mut reports = Vec::new();
        for account in accounts.into_iter().filter(|account| account.imap.is_some()) {
            let report = self.sync_one(&account).await.map_err(CallError::from);
            reports.push((account.address, report));
        }
        Ok(reports)
    }

    async fn sync_one(&self, account: &Account) -> Result<SyncReport, Error> {
        let worlds = &self.inner.worlds;
        let (net, secrets) = (worlds.usable_net(Some(account.id))?, worlds.secrets(Some(account.id)));
        let mut bodies = Vec::new();
        let report = imap::sync_once(account, self.store(), &net, &secrets, report_bodies(&mut bodies)).await?;
        for letter in report.new_mail.iter().chain(&bodies) {
            self.read_report(*letter).await?;
        }
        Ok(report)
    }

    /// Starts the sync of an account, or starts it anew with other settings.
    pub(crate) async fn begin_sync(&self, account: &Account) {
        if self.inner.work == Work::Nothing {
            return;
        }
        let mut background = self.inner.background.lock().await;
        if let Some(running) = background.syncs.remove(&account.id) {
            running.handle.stop().await;
        }
        if let Err(fault) = self.inner.worlds.usable_net(Some(account.id)) {
            let fault = CallError::from(fault);
            let state = SyncState::Offline { reason: format!("{}. {}", fault.message, fault.hint).trim().to_owned() };
            self.set_sync_state(account.id, Some(state.clone()));
            return self.tell(Event::Sync { account: account.id, state });
        }
        let Some(server) = account.imap.clone() else {
            self.set_sync_state(account.id, Some(SyncState::SendOnly));
            return;
        };
        let Some(events) = background.sync_events.clone() else { return };
        let worlds = &self.inner.worlds;
        let (store, net) = (self.store().clone(), worlds.net(Some(account.id)));
        let of = SyncOf { server, net: net.config().clone() };
        let handle = AccountSync::spawn(account.clone(), store, net, worlds.secrets(Some(account.id)), events);
        background.syncs.insert(account.id, Sync { handle, of });
    }

    pub(crate) async fn end_sync(&self, account: AccountId) {
        if let Some(sync) = self.inner.background.lock().await.syncs.remove(&account) {
            sync.handle.stop().await;
        }
        self.set_sync_state(account, None);
    }

    /// Starts, starts anew and ends syncs as accounts and settings ask for, whoever changed them.
    async fn settle_syncs(&self) -> Result<(), Error> {
        if self.inner.work == Work::Nothing {
            return Ok(());
        }
        let accounts = self.store().accounts().await?;
        if self.begin_queue().await {
            for account in accounts.iter().filter(|account| !account.practice) {
                self.begin_sync(account).await;
            }
        }
        let running: HashMap<AccountId, SyncOf> = {
            let background = self.inner.background.lock().await;
            background.syncs.iter().map(|(id, sync)| (*id, sync.of.clone())).collect()
        };
        for account in &accounts {
            let net = self.inner.worlds.net(Some(account.id)).config().clone();
            let wanted = account.imap.clone().map(|server| SyncOf { server, net });
            if wanted.as_ref() == running.get(&account.id) {
                continue;
            }
            match account.practice {
                // Its post office has just opened here, and brings the account to it.
                true if self.inner.worlds.keeps_office() => {}
                true => self.open_practice_again().await,
                false => self.begin_sync(account).await,
            }
        }
        for gone in running.keys().filter(|id| !accounts.iter().any(|account| account.id == **id)) {
            self.end_sync(*gone).await;
        }
        Ok(())
    }

    /// The practice post office opens here when the process that kept it has ended, however it ended.
    async fn attend_practice(self) {
        loop {
            tokio::time::sleep(OFFICE_LOOK).await;
            if let Err(error) = self.take_practice_over().await {
                tracing::warn!(%error, "the practice post office could not be opened");
            }
        }
    }

    /// Replays and syncs now: one account, or all.
    pub(crate) async fn wake_sync(&self, account: Option<AccountId>) {
        let background = self.inner.background.lock().await;
        for (id, sync) in &background.syncs {
            if account.is_none_or(|account| account == *id) {
                sync.handle.wake();
            }
        }
    }

    /// Asks for the body of a letter that is listed but not here.
    pub(crate) async fn want_body(&self, account: AccountId, letter: LetterId) {
        if let Some(sync) = self.inner.background.lock().await.syncs.get(&account) {
            let fetched = sync.handle.fetch_body(letter);
            tokio::spawn(async move {
                if let Err(error) = fetched.await {
                    tracing::info!(%letter, %error, "a letter could not be fetched yet");
                }
            });
        }
    }

    /// Asks the server of an account for letters by its sync; `None` where none runs.
    pub(crate) async fn search_by_sync(
        &self,
        account: AccountId,
        query: &Query,
    ) -> Option<impl Future<Output = Result<Vec<LetterId>, imap::SyncError>> + Send + use<>> {
        let background = self.inner.background.lock().await;
        background.syncs.get(&account).map(|sync| sync.handle.search(None, query.clone()))
    }

    /// Asks the server of an account for letters over a connection of its own.
    pub(crate) async fn search_one(&self, account: &Account, query: &Query) -> Result<Vec<LetterId>, Error> {
        let worlds = &self.inner.worlds;
        let (net, secrets) = (worlds.usable_net(Some(account.id))?, worlds.secrets(Some(account.id)));
        let mut bodies = Vec::new();
        let found =
            imap::search_once(account, self.store(), &net, &secrets, query, report_bodies(&mut bodies)).await?;
        for letter in bodies {
            self.read_report(letter).await?;
        }
        Ok(found)
    }

    async fn pass_on_changes(self, mut changes: broadcast::Receiver<Change>) {
        loop {
            match changes.recv().await {
                Ok(change) => self.pass_on(change).await,
                Err(broadcast::error::RecvError::Lagged(_)) => self.pass_on(Change::Elsewhere).await,
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    async fn pass_on(&self, change: Change) {
        match change {
            Change::Accounts | Change::Mailboxes(_) => self.tell(Event::Accounts),
            Change::Settings => {
                self.reload().await;
                self.tell(Event::Settings);
                self.follow().await;
            }
            Change::Contacts => {
                self.inner.contacts.forget();
                self.tell(Event::Contacts);
            }
            Change::Drafts => self.tell(Event::Drafts),
            Change::Networks => self.tell(Event::Network),
            Change::Outgoing(id) => self.tell(Event::Outgoing { id }),
            // The sync looks at its journal by itself.
            Change::Journal(_) => {}
            Change::Letters(mailbox) => self.tell(Event::Letters { mailboxes: vec![mailbox] }),
            Change::Elsewhere => self.anything_may_have_changed().await,
        }
    }

    /// Another process committed something: everything that is shown is asked for again, and what works by itself
    /// follows.
    async fn anything_may_have_changed(&self) {
        self.inner.contacts.forget();
        self.reload().await;
        self.tell(Event::Stale);
        self.follow().await;
        self.announce_refused().await;
    }

    async fn follow(&self) {
        if let Err(error) = self.settle_syncs().await {
            tracing::warn!(%error, "the accounts could not be read");
        }
    }

    async fn reload(&self) {
        if let Err(error) = self.inner.worlds.reload(self.store()).await {
            tracing::warn!(%error, "the changed settings cannot be used; the former ones stay");
        }
    }

    async fn pass_on_reports(self, mut reports: mpsc::UnboundedReceiver<Report>) {
        while let Some(report) = reports.recv().await {
            if report.state == DeliveryState::Failed {
                self.announce_refused().await;
            }
        }
    }

    /// Tells of everything that was refused or came back since the last look, whichever process recorded it.
    pub(crate) async fn announce_refused(&self) {
        let mut known = self.inner.refused.lock().await;
        let Some(known) = known.as_mut() else { return };
        let found = match self.refused_now().await {
            Ok(found) => found,
            Err(error) => return tracing::warn!(%error, "refusals could not be announced"),
        };
        let before = std::mem::replace(known, found.iter().map(|found| found.key).collect());
        for new in found.into_iter().filter(|found| !before.contains(&found.key)) {
            self.tell(new.event);
        }
    }

    async fn refused_now(&self) -> Result<Vec<Refusal>, Error> {
        let refused = self.store().refused().await?;
        Ok(refused
            .iter()
            .flat_map(|outgoing| outgoing.deliveries.iter().filter_map(|one| refusal(outgoing, one)))
            .collect())
    }

    async fn pass_on_sync(self, mut events: mpsc::Receiver<SyncEvent>) {
        while let Some(event) = events.recv().await {
            match event {
                SyncEvent::State(account, state) => self.sync_went_on(account, state),
                SyncEvent::Mailboxes(_) => self.tell(Event::Accounts),
                SyncEvent::Letters { mailbox, .. } => self.tell(Event::Letters { mailboxes: vec![mailbox] }),
                SyncEvent::Body { role, letter, .. } if may_hold_report(role) => self.try_report(letter).await,
                SyncEvent::Body { .. } => {}
                SyncEvent::NewMail { mailbox, role, letters, .. } => self.new_mail(mailbox, role, &letters).await,
                SyncEvent::Note { account, text } => self.tell(Event::Note { account, text }),
            }
        }
    }

    fn sync_went_on(&self, account: AccountId, state: imap::SyncState) {
        let state = match state {
            imap::SyncState::Connecting => return,
            imap::SyncState::Syncing { mailbox, done, total, seconds_left } => {
                SyncState::Syncing { mailbox, done, total, seconds_left }
            }
            imap::SyncState::Idle => SyncState::UpToDate,
            imap::SyncState::Offline { reason } => SyncState::Offline { reason: reason.message },
            imap::SyncState::AuthFailed { reason } => SyncState::LoginRefused { reason: reason.message },
            imap::SyncState::Stopped => return self.set_sync_state(account, None),
        };
        self.set_sync_state(account, Some(state.clone()));
        self.tell(Event::Sync { account, state });
    }

    async fn new_mail(&self, mailbox: MailboxId, role: Option<Role>, letters: &[LetterId]) {
        self.tell(Event::Letters { mailboxes: vec![mailbox] });
        for letter in letters {
            self.try_report(*letter).await;
        }
        if role != Some(Role::Inbox) {
            return;
        }
        match self.rows(letters).await {
            Ok(rows) => self.tell(Event::NewMail { rows }),
            Err(error) => tracing::warn!(%error, "new letters could not be announced"),
        }
    }
}

/// Keeps the letters that may be reports, when their bodies come.
fn report_bodies(bodies: &mut Vec<LetterId>) -> impl FnMut(SyncEvent) {
    |event| {
        if let SyncEvent::Body { role, letter, .. } = event
            && may_hold_report(role)
        {
            bodies.push(letter);
        }
    }
}

/// A refusal, and what tells it from others.
struct Refusal {
    key: (DeliveryId, jiff::Timestamp),
    event: Event,
}

fn refusal(outgoing: &Outgoing, delivery: &Delivery) -> Option<Refusal> {
    matches!(delivery.state, DeliveryState::Failed | DeliveryState::Bounced).then(|| Refusal {
        key: (delivery.id, delivery.changed_at),
        event: Event::Refused {
            id: outgoing.id,
            delivery: delivery.id,
            address: delivery.address.to_string(),
            subject: outgoing.subject.clone(),
            title: delivery.diagnosis.as_ref().map(|diagnosis| diagnosis.title.clone()).unwrap_or_default(),
        },
    })
}
