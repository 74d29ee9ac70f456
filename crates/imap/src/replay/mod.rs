//! The journal: what was done here, done again on the server, in order.
//!
//! - Each order may be carried out twice without harm: flags are set to a value, letters that are gone from where they
//!   were are left alone, and nothing is appended or copied whose Message-ID is there already.
//! - An order is struck out only after the server's OK. A refusal delays it, and what depends on it, and nothing else:
//!   reading goes on.
//! - A connection that breaks during an order delays that order too, so that one that kills the connection each time
//!   does not keep everything else from being read.

mod orders;
pub mod verdict;

use crate::error::SyncError;
use crate::sync::Syncer;
use jiff::Timestamp;
use std::collections::HashSet;
use std::time::Duration;
use store::JournalEntry;
use verdict::Verdict;

impl Syncer {
    /// Carries out everything that is due; whether anything was tried, so that another mailbox may be open now. While
    /// another process replays this account's journal, it does that, and nothing is tried here.
    pub async fn replay(&mut self) -> Result<bool, SyncError> {
        let mut tried = HashSet::new();
        let Some(_lock) = self.store.journal_lock(self.account.id)? else { return Ok(false) };
        loop {
            let entries = self.store.journal(self.account.id).await?;
            let Some(entry) = verdict::next_due(&entries, Timestamp::now(), &tried) else { break };
            tried.insert(entry.id);
            self.carry_out_entry(entry).await?;
        }
        Ok(!tried.is_empty())
    }

    /// When the next order is due that is not due now; `None` when none waits.
    pub async fn next_order(&self, now: Timestamp) -> Result<Option<Duration>, SyncError> {
        let entries = self.store.journal(self.account.id).await?;
        let next = entries.iter().map(|entry| entry.next_at).filter(|at| *at > now).min();
        Ok(next.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default()))
    }

    async fn carry_out_entry(&mut self, entry: &JournalEntry) -> Result<(), SyncError> {
        match self.obey(entry).await {
            Ok(note) => self.judge(entry, Verdict::Done(note), "").await,
            Err(SyncError::Refused(refusal)) => {
                let verdict = verdict::after_refusal(&refusal, entry.tries);
                self.judge(entry, verdict, &refusal.to_string()).await
            }
            Err(error @ (SyncError::Lost { .. } | SyncError::Unavailable { .. } | SyncError::Protocol { .. })) => {
                let later = Verdict::Later(verdict::pause(entry.tries));
                self.judge(entry, later, &error.to_string()).await?;
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

    async fn judge(&mut self, entry: &JournalEntry, verdict: Verdict, error: &str) -> Result<(), SyncError> {
        match verdict {
            Verdict::Done(note) => {
                self.store.journal_done(entry.id).await?;
                self.report.replayed += 1;
                if let Some(note) = note {
                    self.note(note).await;
                }
            }
            Verdict::Later(pause) => {
                let next_at = Timestamp::now().checked_add(pause).unwrap_or(Timestamp::MAX);
                self.store.journal_failed(entry.id, error, next_at).await?;
                self.note(format!("{error}; it is tried again")).await;
            }
            Verdict::GiveUp => {
                self.store.journal_abandon(entry.id).await?;
                self.note(format!("{error}; it was undone here")).await;
            }
        }
        Ok(())
    }
}
