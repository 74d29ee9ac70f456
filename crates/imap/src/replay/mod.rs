//! The journal: what was done here, done again on the server, in order.
//!
//! - Each order may be carried out twice without harm: flags are set to a value, letters that are gone from where they
//!   were are left alone, nothing is appended whose Message-ID is there already, and before something is copied it is
//!   noted which UID the target gives next: a second try looks at what came since, letter by letter.
//! - An order is struck out only after the server's OK. A refusal delays it, and what depends on it, and nothing else:
//!   reading goes on.
//! - A connection that breaks during an order delays that order too, so that one that kills the connection each time
//!   does not keep everything else from being read.

mod came;
mod folders;
mod found;
mod imports;
mod letters;
mod orders;
pub mod verdict;
mod waiting;

use crate::error::SyncError;
use crate::sync::Syncer;
use jiff::Timestamp;
use std::time::Duration;
use store::{JournalEntry, JournalOp, RefusedImport};
use verdict::Verdict;
use waiting::Waiting;

impl Syncer {
    /// Carries out everything that is due; whether anything was tried, so that another mailbox may be open now. While
    /// another process replays this account's journal, it does that, and nothing is tried here.
    pub async fn replay(&mut self) -> Result<bool, SyncError> {
        self.replay_some(u32::MAX).await
    }

    /// The same, for so many orders at most; where more are due, it notes that it was cut short.
    pub(crate) async fn replay_some(&mut self, most: u32) -> Result<bool, SyncError> {
        self.cut_short = false;
        let lock = self.store.journal_lock(self.account.id)?;
        self.locked_out = lock.is_none();
        if self.locked_out {
            return Ok(false);
        }
        self.replayed_from = Some(Timestamp::now());
        let (mut waiting, mut last, mut tried) = (Waiting::default(), None, 0);
        'orders: loop {
            let orders = self.store.orders_after(self.account.id, last).await?;
            let Some(newest) = orders.last() else { break };
            last = Some(newest.id);
            for order in orders {
                if !waiting.lets_go(&order, Timestamp::now()) {
                    continue;
                }
                if tried >= most {
                    self.cut_short = true;
                    break 'orders;
                }
                if self.signals.is_stopped() {
                    break 'orders;
                }
                let _turn = self.signals.turn().await;
                let Some(entry) = self.store.journal_begin(order.id).await? else { continue };
                tried += 1;
                self.signals.order_is_tried();
                if self.carry_out_entry(&entry).await? == Progress::Waits {
                    waiting.join(&order.op);
                }
            }
        }
        drop(lock);
        if std::mem::take(&mut self.relist) {
            self.read_list().await?;
        }
        Ok(tried > 0)
    }

    /// When the next order is due that was not due when the journal was last gone through: at once, where its time came
    /// while others were carried out. `None` when none waits.
    pub async fn next_order(&self) -> Result<Option<Duration>, SyncError> {
        let now = Timestamp::now();
        let looked = self.replayed_from.unwrap_or(now);
        let next = self.store.next_order_at(self.account.id, looked).await?;
        Ok(next.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default()))
    }

    async fn carry_out_entry(&mut self, entry: &JournalEntry) -> Result<Progress, SyncError> {
        match self.obey(entry).await {
            Ok(note) => self.judge(entry, Verdict::Done(note), "").await,
            Err(SyncError::Refused(refusal)) => {
                let verdict = verdict::after_refusal(&refusal, &entry.op, entry.tries);
                self.judge(entry, verdict, &refusal.to_string()).await
            }
            Err(error @ (SyncError::Lost { .. } | SyncError::Unavailable { .. } | SyncError::Protocol { .. })) => {
                let next_at = after(verdict::pause(entry.tries));
                self.store.journal_failed(entry.id, &error.to_string(), next_at).await?;
                Err(error)
            }
            // The bytes are gone from here: nobody can append them any more.
            Err(SyncError::Store(store::StoreError::NotFound(what))) => {
                self.judge(entry, Verdict::Done(Some(format!("nothing was copied: there is no {what} any more"))), "")
                    .await
            }
            Err(error) => Err(error),
        }
    }

    async fn judge(&mut self, entry: &JournalEntry, verdict: Verdict, error: &str) -> Result<Progress, SyncError> {
        let progress = if matches!(verdict, Verdict::Later(_)) { Progress::Waits } else { Progress::Ended };
        match verdict {
            Verdict::Done(note) => {
                self.store.journal_done(entry.id).await?;
                self.report.replayed += 1;
                if let Some(note) = note {
                    self.note(note).await;
                }
            }
            Verdict::Later(pause) => {
                self.store.journal_failed(entry.id, error, after(pause)).await?;
                // Told once; that it still waits is no news.
                if entry.tries == 0 {
                    let failed = self.failed(entry).await;
                    self.note(format!("{failed} ({error}). It is tried again.")).await;
                }
            }
            Verdict::GiveUp => {
                let failed = self.failed(entry).await;
                if let JournalOp::Import { .. } = entry.op {
                    let (subject, reason) = (self.subject(entry).await, error.to_owned());
                    let refused = RefusedImport { order: entry.id, subject, reason };
                    self.store.journal_refuse_import(refused, Timestamp::now()).await?;
                } else {
                    self.store.journal_abandon(entry.id).await?;
                }
                let undone = if verdict::is_undone_here(&entry.op) { " It was undone here." } else { "" };
                self.note(format!("{failed} ({error}).{undone}")).await;
            }
        }
        Ok(progress)
    }

    /// That an order could not be carried out, in words: with the subject of the letter that it brings.
    async fn failed(&self, entry: &JournalEntry) -> String {
        let failed = verdict::failed(&entry.op);
        let subject = self.subject(entry).await;
        if subject.is_empty() { failed } else { format!("{failed}: “{subject}”") }
    }

    /// The subject of the letter that an order brings; empty where it brings none, or one without a subject.
    async fn subject(&self, entry: &JournalEntry) -> String {
        if !verdict::brings_a_letter(&entry.op) {
            return String::new();
        }
        let bytes = self.store.journal_bytes(entry.id).await.unwrap_or_default();
        message::parse_head(&bytes).subject
    }
}

/// Where an order stands that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// It is done, or given up.
    Ended,
    /// It is tried again later.
    Waits,
}

fn after(pause: Duration) -> Timestamp {
    Timestamp::now().checked_add(pause).unwrap_or(Timestamp::MAX)
}
