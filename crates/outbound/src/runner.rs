//! The loop: claim what is due, send it off, wait for the next thing to do.
//!
//! It wakes for: the next due time, a change to the queue by this process or another, a change of the network, a
//! finished message, the end of a silence on the wire, and at least every half minute, since a computer that slept does
//! not count the time it slept. After a change of the network, and after sleep, what waited for a local cause is due at
//! once.

use crate::clock::Clock;
use crate::context::{Context, World};
use crate::conversation::{Tried, Way};
use crate::dispatch::dispatch;
use crate::look::{Due, Look};
use crate::settings::is_paused;
use crate::settle::{Circumstances, Settled, settle};
use crate::silence::Silences;
use crate::visit::Visit;
use crate::wire::Wire;
use crate::{read_schedule, reporting};
use jiff::Timestamp;
use model::{
    Counts, Delivery, DeliveryId, DeliveryState, Fault, Known, OnlineHours, Outgoing, OutgoingId, Pauses, Phase,
    Route, Schedule,
};
use net::Wakefulness;
use smtp::Ended;
use std::sync::Arc;
use std::time::Duration;
use store::{Change, Claimed, HomeLock, Made, Recorded, Store, StoreError};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

/// Deliveries in hand at a time: on the wire, or waiting for their destination to have room.
const IN_HAND: usize = 250;
/// How long a lease lasts that nobody renews. It is renewed when half of it is over.
const LEASE: Duration = Duration::from_secs(2 * 3600);
/// How often to look whether the process that ran the queue is gone.
const LOCK_WAIT: Duration = Duration::from_secs(1);
/// How often to look for leases that have run out, and to note that there is a network.
const CHORES_EVERY: Duration = Duration::from_secs(60);

/// What came of one delivery in one round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The outgoing.
    pub outgoing: OutgoingId,
    /// The delivery.
    pub delivery: DeliveryId,
    /// Its recipient.
    pub address: String,
    /// The subject.
    pub subject: String,
    /// The state it came to.
    pub state: DeliveryState,
    /// What its diagnosis says in a few words; empty for a success.
    pub title: String,
}

/// The runner of a queue.
#[derive(Clone)]
pub struct Runner {
    context: Context,
    reports: Option<mpsc::UnboundedSender<Report>>,
}

/// A runner at work. Dropping it asks it to stop, and waits for nothing.
#[derive(Debug)]
pub struct RunnerHandle {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl RunnerHandle {
    /// Asks it to claim nothing more, and waits until what is on the wire has come to an end, but not longer than
    /// `patience`.
    pub async fn stop(self, patience: Duration) {
        self.stop.send_replace(true);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(patience, self.task).await.is_err() {
            abort.abort();
        }
    }
}

/// Whether to go on when nothing is due.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WhenIdle {
    Wait,
    Return,
}

impl Runner {
    /// A runner for this store.
    pub fn new(store: Store, world: Arc<dyn World>, clock: Clock) -> Self {
        let owner = format!("{}-{:016x}", std::process::id(), rand::random::<u64>()).into();
        Self { context: Context::new(store, world, clock, owner), reports: None }
    }

    /// The same runner, telling what came of each delivery.
    #[must_use]
    pub fn reporting_to(self, reports: mpsc::UnboundedSender<Report>) -> Self {
        Self { reports: Some(reports), ..self }
    }

    /// The same runner, sharing whom it does not reach with whoever asks what it would do.
    #[must_use]
    pub fn sharing(mut self, silences: Silences) -> Self {
        self.context.silences = silences;
        self
    }

    /// The wire that its letters go on.
    pub fn wire(&self) -> Wire {
        self.context.wire.clone()
    }

    /// Runs in the background until it is stopped. While another process runs the queue, it waits for its turn.
    pub fn spawn(self) -> RunnerHandle {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            if let Some(_lock) = self.wait_for_turn(stopped.clone()).await {
                self.work(stopped, WhenIdle::Wait).await;
            }
        });
        RunnerHandle { stop, task }
    }

    /// Works off what is due now, and what becomes due while it does; what waits for a later time stays. `None` when
    /// another process runs the queue: then that one does it.
    pub async fn run_until_idle(&self) -> Result<Option<()>, StoreError> {
        let Some(_lock) = self.context.store.runner_lock()? else { return Ok(None) };
        let (_stop, stopped) = watch::channel(false);
        self.work(stopped, WhenIdle::Return).await;
        Ok(Some(()))
    }

    async fn wait_for_turn(&self, mut stopped: watch::Receiver<bool>) -> Option<HomeLock> {
        loop {
            match self.context.store.runner_lock() {
                Ok(Some(lock)) => return Some(lock),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the right to run the queue could not be had"),
            }
            tokio::select! {
                () = tokio::time::sleep(LOCK_WAIT) => {}
                _ = stopped.changed() => return None,
            }
        }
    }

    async fn work(&self, mut stopped: watch::Receiver<bool>, when_idle: WhenIdle) {
        let mut changes = self.context.store.changes();
        let mut network = self.context.world.changes();
        let mut practice = self.context.world.practice_changes();
        let mut under_way = JoinSet::new();
        let mut look = Look::none_yet();
        self.context.lanes.open();
        self.context.wire.set_closed(false);
        let mut rule = self.context.wire.rule();
        let mut chores: Option<Instant> = None;
        let mut wakefulness = Wakefulness::new(self.context.clock.now());
        while !*stopped.borrow() {
            if wakefulness.slept(self.context.clock.now()) {
                self.network_changed().await;
            }
            if chores.is_none_or(|at| at.elapsed() >= CHORES_EVERY) {
                self.chores().await;
                chores = Some(Instant::now());
            }
            let wait = self.claim(&mut look, &mut under_way).await;
            if when_idle == WhenIdle::Return && under_way.is_empty() && !wait.is_zero() {
                break;
            }
            self.context.pool.close_idle();
            tokio::select! {
                () = tokio::time::sleep(wait.min(self.context.pool.next_close())) => {}
                Some(done) = under_way.join_next() => note(done),
                () = queue_changed(&mut changes) => look.changed(),
                Ok(()) = network.changed() => {
                    self.network_changed().await;
                    look.changed();
                }
                Ok(()) = practice.changed() => {
                    self.practice_changed().await;
                    look.changed();
                }
                Ok(()) = rule.changed() => look.changed(),
                _ = stopped.changed() => break,
            }
        }
        self.context.lanes.close();
        self.context.wire.set_closed(true);
        while let Some(done) = under_way.join_next().await {
            note(done);
        }
        self.context.pool.close_all();
    }

    /// What is to be done now and then.
    async fn chores(&self) {
        self.recover().await;
        self.end_broken_handing_over().await;
        if let Err(error) = self.note_online_hour().await {
            tracing::warn!(%error, "that there is a network could not be noted");
        }
        reporting::attend(&self.context).await;
    }

    /// An hour makes every letter older, so it counts only where the network of every account is there: the practice
    /// account has its own, also on a computer without any other, and must not let the real letters run out there.
    async fn note_online_hour(&self) -> Result<(), StoreError> {
        let Context { store, world, clock, .. } = &self.context;
        let accounts = store.accounts().await?;
        let is_online = match accounts.as_slice() {
            [] => world.net(None).is_online(),
            accounts => accounts.iter().all(|account| world.net(Some(account.id)).is_online()),
        };
        if is_online { store.note_online_hour(clock.now()).await } else { Ok(()) }
    }

    async fn recover(&self) {
        if let Err(error) = self.renew_leases().await {
            return tracing::error!(%error, "leases could not be renewed; nothing is taken up for now");
        }
        match self.context.store.recover(self.context.clock.now(), &self.context.owner).await {
            Ok(taken_up) if taken_up.is_empty() => {}
            Ok(taken_up) => tracing::info!(count = taken_up.len(), "took up deliveries that had been interrupted"),
            Err(error) => tracing::error!(%error, "interrupted deliveries could not be taken up"),
        }
    }

    /// After what was interrupted was taken up: its attempt names the route that it went by.
    async fn end_broken_handing_over(&self) {
        match self.context.store.end_broken_handing_over().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "took back what was being handed over by a program that ended"),
            Err(error) => tracing::error!(%error, "what was being handed over could not be taken back"),
        }
    }

    /// What is still worked on is not lost, however long it takes and whatever the clock did meanwhile.
    async fn renew_leases(&self) -> Result<(), StoreError> {
        let now = self.context.clock.now();
        let soon = now.saturating_add(LEASE / 2).unwrap_or(now);
        let ending = self.context.in_hand.ending_before(soon);
        if !ending.is_empty() {
            let until = lease_end(now);
            self.context.store.renew_lease(&self.context.owner, &ending, until).await?;
            self.context.in_hand.renewed(soon, until);
        }
        Ok(())
    }

    /// Claims what is due and there is room for, if it is time to look, and says how long until it is again.
    async fn claim(&self, look: &mut Look, under_way: &mut JoinSet<()>) -> Duration {
        let wait = look.wait(Instant::now(), self.context.clock.now());
        let room = IN_HAND.saturating_sub(under_way.len());
        if !wait.is_zero() || room < IN_HAND / 2 {
            return if room < IN_HAND / 2 { CHORES_EVERY } else { wait };
        }
        let due = match self.take_up(room, under_way).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(%error, "the queue could not be read");
                Due::Unknown
            }
        };
        look.looked(Instant::now(), due);
        look.wait(Instant::now(), self.context.clock.now())
    }

    /// Claims up to so many deliveries and sends them off; says when the next one is due.
    async fn take_up(&self, room: usize, under_way: &mut JoinSet<()>) -> Result<Due, StoreError> {
        let store = &self.context.store;
        let now = self.context.clock.now();
        if is_paused(store).await? || self.context.wire.rule().borrow().hushed {
            return Ok(Due::Never);
        }
        // To look costs less than to open a transaction that writes.
        match store.next_due().await? {
            Some(due) if due <= now => {}
            next => return Ok(next.map_or(Due::Never, Due::At)),
        }
        let until = lease_end(now);
        let pauses = self.pauses().await;
        let taken =
            store.take_due(now, &self.context.owner, until, move |tries| pauses.after(tries), room as u32).await?;
        for claimed in taken.claimed {
            let runner = self.clone();
            let deliveries = claimed.outgoing.deliveries.iter().map(|delivery| delivery.id).collect();
            let held = self.context.in_hand.take(deliveries, until);
            under_way.spawn(async move {
                runner.deliver(claimed).await;
                drop(held);
            });
        }
        Ok(taken.next.map_or(Due::Never, Due::At))
    }

    /// A setting that makes no sense must not stop the mail: the default serves until it is mended.
    async fn pauses(&self) -> Pauses {
        match read_schedule(&self.context.store).await {
            Ok(schedule) => schedule.pauses,
            Err(error) => {
                tracing::warn!(%error, "the default schedule is used");
                Schedule::default().pauses
            }
        }
    }

    async fn deliver(&self, claimed: Claimed) {
        let context = self.context.clone();
        let claimed = Arc::new(claimed);
        let work = claimed.clone();
        // In a task of its own, so that a defect in one delivery ends that one alone; it ends with this one.
        let task = AbortOnDropHandle::new(tokio::spawn(async move { dispatch(&context, &work).await }));
        match task.await {
            Ok(Ok(reports)) => {
                reporting::report_at_once(&self.context, &reports).await;
                self.tell(reports);
            }
            Ok(Err(error)) => self.put_back(&claimed, &error.to_string()).await,
            Err(broken) => self.put_back(&claimed, &broken.to_string()).await,
        }
    }

    fn tell(&self, reports: Vec<Report>) {
        if let Some(listener) = &self.reports {
            for report in reports {
                // Nobody listening is no failure.
                let _ = listener.send(report);
            }
        }
    }

    /// What could not be worked on is deferred, with the reason in its timeline, until it is too old. What has come to
    /// its state meanwhile stays as it is.
    async fn put_back(&self, claimed: &Claimed, reason: &str) {
        let outgoing = claimed.outgoing.id;
        tracing::error!(%outgoing, reason, "a message could not be worked on");
        let schedule = read_schedule(&self.context.store).await.unwrap_or_default();
        let recorded = match self.context.store.outgoing(outgoing).await {
            Ok(Some(present)) => {
                let ours = |delivery: &&Delivery| claimed.outgoing.deliveries.iter().any(|had| had.id == delivery.id);
                let sending = |delivery: &&Delivery| delivery.state == DeliveryState::Sending;
                let waiting = present.deliveries.iter().filter(ours).filter(sending);
                let hours = self.hours_of(&present).await;
                let now = self.context.clock.now();
                let age = |delivery: &Delivery| hours.age(delivery.due_since, now);
                waiting.map(|delivery| self.broken_down(delivery, age(delivery), reason, &schedule)).collect()
            }
            Ok(None) => return,
            Err(error) => return tracing::error!(%outgoing, %error, "it stays leased for now"),
        };
        if let Err(error) = self.context.store.record(&self.context.owner, self.context.clock.now(), recorded).await {
            tracing::error!(%outgoing, %error, "it stays leased for now");
        }
    }

    /// The hours on line since the first of its deliveries was due; where they cannot be read, it is taken for young.
    async fn hours_of(&self, outgoing: &Outgoing) -> OnlineHours {
        let now = self.context.clock.now();
        let since = outgoing.deliveries.iter().map(|delivery| delivery.due_since).min().unwrap_or(now);
        self.context.store.online_hours(since, now).await.unwrap_or_default()
    }

    fn broken_down(&self, delivery: &Delivery, age: Duration, reason: &str, schedule: &Schedule) -> Recorded {
        let ended = Ended { phase: Phase::Prepare, outcome: Fault::Local(reason.to_owned()).into() };
        let known = Known::new(Route::Direct, delivery.address.domain(), delivery.address.to_string());
        let circumstances = Circumstances {
            now: self.context.clock.now(),
            age,
            learned_greylist_delay: None,
            other_route: None,
            jitter: 0.0,
            schedule,
        };
        let nowhere = Visit::nowhere(&Way::direct(None, None), None, &ended);
        let tried = Tried::nowhere(&self.context, &nowhere, &ended, 1);
        let (state, next_attempt_at, counts, diagnosis) = match settle(delivery, &ended, &known, &circumstances) {
            Settled::State { state, next_attempt_at, counts, diagnosis } => {
                (state, next_attempt_at, counts, diagnosis)
            }
            Settled::Switch { diagnosis, .. } => (DeliveryState::Deferred, None, Counts::No, diagnosis),
        };
        let attempts = tried.results.iter().map(|result| Made {
            attempt: tried.attempt_for(delivery, result, Some(diagnosis.clone())),
            transcript: None,
        });
        let attempts = attempts.collect();
        Recorded { delivery: delivery.id, attempts, state, next_attempt_at, counts, diagnosis: Some(diagnosis) }
    }

    async fn network_changed(&self) {
        self.context.silences.end();
        self.context.pool.close_all();
        if let Err(error) = self.context.store.hasten(self.context.clock.now()).await {
            tracing::warn!(%error, "what waits for the network could not be woken");
        }
    }

    /// Nothing of the real world is touched.
    async fn practice_changed(&self) {
        self.context.silence(true).end();
        self.context.pool.close_here();
        if let Err(error) = self.hasten_practice().await {
            tracing::warn!(%error, "what waits for the practice network could not be woken");
        }
    }

    async fn hasten_practice(&self) -> Result<(), StoreError> {
        let store = &self.context.store;
        for account in store.accounts().await?.iter().filter(|account| account.practice) {
            store.hasten_account(account.id, self.context.clock.now()).await?;
        }
        Ok(())
    }
}

fn lease_end(now: Timestamp) -> Timestamp {
    now.saturating_add(LEASE).unwrap_or(now)
}

/// Returns at a change that may have made something due. To have missed some changes is such a change.
async fn queue_changed(changes: &mut broadcast::Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(Change::Outgoing(_) | Change::Elsewhere | Change::Settings) => return,
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            Ok(_) => {}
        }
    }
}

/// `deliver` catches what goes wrong in a delivery; what is left is a defect of the runner itself.
fn note(done: Result<(), tokio::task::JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "a delivery broke down");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::silence::Heard;
    use crate::testing::{Here, letter};
    use jiff::SignedDuration;
    use net::{Net, NetConfig};
    use std::sync::Mutex;

    #[tokio::test]
    async fn silence_in_the_practice_world_says_nothing_of_the_real_network() {
        let home = tempfile::TempDir::new().unwrap();
        let store = Store::open(home.path()).await.unwrap();
        let net = Net::new(NetConfig::default()).unwrap();
        let context = Runner::new(store, Arc::new(Here(net)), Clock::system()).context;
        for domain in ["a.test", "b.test"] {
            context.silence(true).note(domain, Heard::Nothing, Timestamp::UNIX_EPOCH);
        }
        let is_general = |practises| context.silence(practises).is_general(Timestamp::MIN, Timestamp::UNIX_EPOCH);
        assert!(is_general(true) && !is_general(false));
        context.silence(false).end();
        assert!(is_general(true), "nor the other way round");
        context.silences.end();
        assert!(!is_general(true));
    }

    #[tokio::test]
    async fn what_is_worked_on_is_not_taken_up_a_second_time_however_long_the_computer_slept() {
        let home = tempfile::TempDir::new().unwrap();
        let store = Store::open(home.path()).await.unwrap();
        // The practice post office stands for a network.
        let config = NetConfig { dns: vec![([127, 0, 0, 1], 9).into()], smtp_port: 9, ..NetConfig::default() };
        let begin: Timestamp = "2026-11-21T14:00:00Z".parse().unwrap();
        let time = Arc::new(Mutex::new(begin));
        let told = time.clone();
        let clock = Clock::from_fn(move || *told.lock().unwrap());
        let runner = Runner::new(store.clone(), Arc::new(Here(Net::new(config).unwrap())), clock);
        let id = store.submit(letter(&["a@there.test"], begin)).await.unwrap();
        let state = async || store.outgoing(id).await.unwrap().unwrap().deliveries[0].state;

        let until = lease_end(begin);
        let owner = &runner.context.owner;
        let taken = store.take_due(begin, owner, until, |_| Duration::from_secs(300), 1).await.unwrap().claimed;
        let held = runner.context.in_hand.take(vec![taken[0].outgoing.deliveries[0].id], until);
        *time.lock().unwrap() = begin + SignedDuration::from_hours(9);
        runner.chores().await;
        assert_eq!(state().await, DeliveryState::Sending, "its task is still at it");

        drop(held);
        *time.lock().unwrap() = begin + SignedDuration::from_hours(18);
        runner.chores().await;
        assert_eq!(state().await, DeliveryState::Deferred, "nobody is at it any more");
    }
}
