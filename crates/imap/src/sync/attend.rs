//! What cannot wait until a pass is over.

use super::Syncer;
use crate::alerts::Alerts;
use crate::error::SyncError;
use crate::plan::Depth;
use jiff::Timestamp;
use model::query::Query;
use model::{LetterId, MailboxId, Role};
use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, oneshot, watch};

/// A body that somebody waits for.
#[derive(Debug)]
pub struct BodyWanted {
    /// The letter.
    pub letter: LetterId,
    /// Where to say how it went.
    pub answer: oneshot::Sender<Result<(), SyncError>>,
}

/// A question for the server that somebody waits for.
#[derive(Debug)]
pub struct SearchWanted {
    /// The mailbox; `None` for all of the account.
    pub mailbox: Option<MailboxId>,
    /// What is looked for.
    pub query: Query,
    /// Where to say what was found.
    pub answer: oneshot::Sender<Result<Vec<LetterId>, SyncError>>,
}

/// What is asked of the one who works, by those who do not.
#[derive(Debug, Default)]
pub struct Signals {
    stop: watch::Sender<bool>,
    wake: AtomicBool,
    journal: AtomicBool,
    inbox: AtomicBool,
    bodies: Mutex<VecDeque<BodyWanted>>,
    searches: Mutex<VecDeque<SearchWanted>>,
    mailboxes: Mutex<BTreeSet<String>>,
    rung: Notify,
    /// Whether the connection that listens carries out the journal, so that the one that fetches need not.
    acts: AtomicBool,
    ordered: Notify,
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Orders that were tried so far.
    tried: AtomicU64,
    alerts: Mutex<Alerts>,
}

/// The right to carry out an order, or to compare with the server what is here: one at a time, lest a letter look as it
/// did before an order that was carried out in between.
pub type OwnTurn = tokio::sync::OwnedMutexGuard<()>;

impl Signals {
    /// Stop as soon as what is under way is stored.
    pub fn stop(&self) {
        self.stop.send_replace(true);
        self.rung.notify_one();
    }

    /// Carry out the journal and sync everything.
    pub fn wake(&self) {
        self.raise(&self.wake);
    }

    /// The journal may have something.
    pub fn journal(&self) {
        match self.is_acted() {
            true => self.ordered.notify_one(),
            false => self.raise(&self.journal),
        }
    }

    /// From now on the connection that listens carries out the journal, or no longer.
    pub fn act(&self, acts: bool) {
        self.acts.store(acts, Ordering::Release);
        if !acts {
            // Whatever was ordered and not done is left to the other one.
            self.journal();
        }
    }

    /// Whether the connection that listens carries out the journal.
    pub fn is_acted(&self) -> bool {
        self.acts.load(Ordering::Acquire)
    }

    /// Waits until something may have been ordered.
    pub async fn ordered(&self) {
        self.ordered.notified().await;
    }

    /// An order is being tried.
    pub fn order_is_tried(&self) {
        self.tried.fetch_add(1, Ordering::AcqRel);
    }

    /// How many orders were tried so far.
    pub fn tried(&self) -> u64 {
        self.tried.load(Ordering::Acquire)
    }

    /// Whether what the server wants told was not told lately; it then counts as told.
    pub(crate) fn is_alert_due(&self, text: &str, now: Timestamp) -> bool {
        self.alerts.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_due(text, now)
    }

    /// What the server wanted told, and was told.
    pub(crate) fn told_alerts(&self) -> Vec<String> {
        self.alerts.lock().unwrap_or_else(std::sync::PoisonError::into_inner).told()
    }

    /// Waits for the right to carry out an order, or to compare.
    pub async fn turn(&self) -> OwnTurn {
        self.turn.clone().lock_owned().await
    }

    /// The inbox changed.
    pub fn inbox(&self) {
        self.raise(&self.inbox);
    }

    /// The mailbox of this path changed.
    pub fn mailbox(&self, path: String) {
        self.mailboxes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(path);
        self.rung.notify_one();
    }

    /// The next mailbox that changed.
    pub fn take_mailbox(&self) -> Option<String> {
        self.mailboxes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_first()
    }

    /// A body is wanted.
    pub fn body(&self, wanted: BodyWanted) {
        self.bodies.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push_back(wanted);
        self.rung.notify_one();
    }

    /// Waits until something is asked.
    pub async fn rung(&self) {
        self.rung.notified().await;
    }

    /// Whether to stop.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits for the order to stop.
    pub async fn stopped(&self) {
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }

    /// Whether something was asked that cannot wait until a pass is over.
    pub fn is_pending(&self) -> bool {
        let is_raised = |flag: &AtomicBool| flag.load(Ordering::Acquire);
        let is_asked = || {
            let bodies = self.bodies.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let searches = self.searches.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            !bodies.is_empty() || !searches.is_empty()
        };
        self.is_stopped() || is_raised(&self.journal) || is_raised(&self.inbox) || is_asked()
    }

    /// Takes the order to sync everything.
    pub fn take_wake(&self) -> bool {
        self.wake.swap(false, Ordering::AcqRel)
    }

    /// Takes the word that the journal may have something.
    pub fn take_journal(&self) -> bool {
        self.journal.swap(false, Ordering::AcqRel)
    }

    /// Takes the word that the inbox changed.
    pub fn take_inbox(&self) -> bool {
        self.inbox.swap(false, Ordering::AcqRel)
    }

    /// The next body that is wanted.
    pub fn take_body(&self) -> Option<BodyWanted> {
        self.bodies.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop_front()
    }

    /// Something is looked for.
    pub fn search(&self, wanted: SearchWanted) {
        self.searches.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push_back(wanted);
        self.rung.notify_one();
    }

    /// Whether somebody waits for something to be found.
    pub fn is_searched(&self) -> bool {
        let searches = self.searches.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        searches.iter().any(|wanted| !wanted.answer.is_closed())
    }

    /// The next question whose asker still waits.
    pub fn take_search(&self) -> Option<SearchWanted> {
        let mut searches = self.searches.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        searches.retain(|wanted| !wanted.answer.is_closed());
        searches.pop_front()
    }

    fn raise(&self, flag: &AtomicBool) {
        flag.store(true, Ordering::Release);
        self.rung.notify_one();
    }
}

/// What attending led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attended {
    /// Another mailbox may be open now.
    pub moved: bool,
    /// The mailbox that is worked on is the inbox, and something arrived there.
    pub arrivals: bool,
}

impl Syncer {
    /// Attends to what cannot wait while mailbox `within` is worked on. The order to sync everything is left for after
    /// the pass.
    pub(super) async fn attend(&mut self, within: MailboxId) -> Result<Attended, SyncError> {
        let signals = self.signals.clone();
        if signals.is_stopped() {
            return Err(SyncError::Stopped);
        }
        let mut attended = Attended::default();
        while let Some(wanted) = signals.take_body() {
            self.answer(wanted).await?;
            attended.moved = true;
        }
        while let Some(wanted) = signals.take_search() {
            self.answer_search(wanted).await?;
            attended.moved = true;
        }
        if signals.take_journal() {
            attended.moved |= self.replay().await?;
        }
        if signals.take_inbox()
            && let Some(inbox) = self.store.mailbox_by_role(self.account.id, Role::Inbox).await?
        {
            if inbox.id == within {
                attended.arrivals = true;
            } else {
                self.bring_up_to_date(&inbox, Depth::Recent).await?;
                attended.moved = true;
            }
        }
        Ok(attended)
    }

    /// Fetches a body that is wanted and says how it went; a broken connection is also the caller's matter.
    pub async fn answer(&mut self, wanted: BodyWanted) -> Result<(), SyncError> {
        match self.fetch_body(wanted.letter).await {
            Err(error @ (SyncError::Lost { .. } | SyncError::Protocol { .. } | SyncError::Unavailable { .. })) => {
                // Asked again once the connection is back.
                self.signals.body(wanted);
                Err(error)
            }
            outcome => {
                let _ = wanted.answer.send(outcome);
                Ok(())
            }
        }
    }
}
