//! One mailbox brought up to date: the steps of [`plan`](crate::plan::plan), carried out.
//!
//! Where the mailbox stands (UIDNEXT and modification sequence) is noted last, when everything up to there is stored.

use super::Syncer;
use crate::error::SyncError;
use crate::plan::{self, Batch, Depth, Step};
use crate::session::{Row, Selected, Since};
use crate::uidset::UidSet;
use model::{Flags, LetterId, Mailbox};
use std::collections::BTreeMap;
use store::MailboxState;

/// Windows without a letter, one after the other, before a server is no longer believed to have the letters that it
/// counts: it might count four thousand million of them.
const MAX_EMPTY_WINDOWS: u32 = 3;

/// A mailbox while it is worked on.
struct Open<'a> {
    mailbox: &'a Mailbox,
    selected: Selected,
    /// UIDs here, with the flags that the server was last seen to have.
    here: BTreeMap<u32, Flags>,
    /// The first UID that is new mail: what was not there at the last sync, or in a first sync when it began.
    new_from: u32,
    /// The first UID that was not seen yet.
    next: u32,
}

impl Syncer {
    /// Brings one mailbox up to date.
    pub(super) async fn sync_mailbox(&mut self, mailbox: &Mailbox, depth: Depth) -> Result<(), SyncError> {
        let known = self.store.mailbox_state(mailbox.id).await?;
        let since = match (known.uid_validity, known.uid_next, known.highest_modseq) {
            (Some(uid_validity), Some(_), Some(modseq)) => Some(Since { uid_validity, modseq }),
            _ => None,
        };
        let selected = self.session.select(&mailbox.path, since).await?;
        let steps = plan::plan(&known, &selected, depth);
        let here = self.store.uids(mailbox.id).await?.into_iter().collect();
        let next = selected.uid_next.or(known.uid_next).unwrap_or(1);
        let new_from = known.uid_next.or(selected.uid_next).unwrap_or(u32::MAX);
        let mut open = Open { mailbox, selected, here, new_from, next };
        self.begin(&mut open, &known, &steps).await?;
        let mut walked = false;
        for step in steps {
            walked |= matches!(step, Step::Walk { letters } if letters == open.selected.exists);
            self.step(&mut open, step).await?;
        }
        if !walked && self.session.exists() as usize != open.here.len() {
            tracing::debug!(mailbox = %mailbox.path, there = self.session.exists(), here = open.here.len(), "walk");
            self.walk(&mut open, u32::MAX).await?;
        }
        self.finish(&open).await?;
        self.report.mailboxes += 1;
        Ok(())
    }

    /// A mailbox whose first walk is still to end has its UIDVALIDITY noted and nothing else.
    async fn begin(&mut self, open: &mut Open<'_>, known: &MailboxState, steps: &[Step]) -> Result<(), SyncError> {
        if steps.contains(&Step::Forget) {
            open.here.clear();
            open.next = open.selected.uid_next.unwrap_or(1);
            open.new_from = open.selected.uid_next.unwrap_or(u32::MAX);
            self.store.reset_mailbox(open.mailbox.id).await?;
        }
        if known.uid_validity != Some(open.selected.uid_validity) {
            let state = MailboxState { uid_validity: Some(open.selected.uid_validity), ..MailboxState::default() };
            self.store.set_mailbox_state(open.mailbox.id, state).await?;
        }
        Ok(())
    }

    async fn finish(&mut self, open: &Open<'_>) -> Result<(), SyncError> {
        let beyond = open.here.last_key_value().map_or(1, |(highest, _)| highest.saturating_add(1));
        let state = MailboxState {
            uid_validity: Some(open.selected.uid_validity),
            uid_next: Some(open.next.max(beyond)),
            highest_modseq: open.selected.highest_modseq,
        };
        self.store.set_mailbox_state(open.mailbox.id, state).await?;
        let removed = self.store.drop_unplaced(open.mailbox.id).await?;
        self.tell_letters(open.mailbox, Vec::new(), Vec::new(), removed).await;
        Ok(())
    }

    async fn step(&mut self, open: &mut Open<'_>, step: Step) -> Result<(), SyncError> {
        match step {
            Step::Forget => Ok(()),
            Step::TakeChanges => {
                let changed = std::mem::take(&mut open.selected.changed);
                let gone = plan::vanished_here(&open.here, &open.selected.vanished);
                self.remove(open, gone).await?;
                self.update(open, changed).await
            }
            Step::Flags { since } => {
                let changed = self.session.flags_since(since).await?;
                self.update(open, changed).await
            }
            Step::Arrivals { from } => {
                let mut rows = self.session.rows_from(from).await?;
                rows.reverse();
                self.take_in(open, rows, None).await
            }
            Step::Walk { letters } => self.walk(open, letters).await,
        }
    }

    /// From the newest letter to the oldest, or over so many.
    async fn walk(&mut self, open: &mut Open<'_>, letters: u32) -> Result<(), SyncError> {
        let total = self.session.exists();
        let (mut upto, mut looked_at) = (total, 0);
        // Everything here from this UID on has been compared.
        let mut compared = u32::MAX;
        let mut empty = 0;
        if total == 0 && letters > 0 {
            let all = open.here.keys().copied().collect();
            return self.remove(open, all).await;
        }
        // Places only ever become smaller while letters go, so a window may overlap the last one but never leaves a gap.
        while let Some(places) = plan::window(upto.min(self.session.exists()), looked_at, letters.min(total)) {
            upto = places.start() - 1;
            looked_at += places.end() - places.start() + 1;
            let rows = self.session.rows_at(places).await?;
            empty = if rows.is_empty() { empty + 1 } else { 0 };
            if empty >= MAX_EMPTY_WINDOWS {
                return Err(self.session.against_the_rules("it counts letters that it does not show"));
            }
            let lowest = if upto == 0 { Some(0) } else { rows.first().map(|row| row.uid) };
            let Some(lowest) = lowest.filter(|lowest| *lowest <= compared) else { continue };
            let comparison = plan::compare(&open.here, &rows, lowest..=compared);
            compared = lowest.saturating_sub(1);
            self.remove_if_gone(open, comparison.vanished).await?;
            self.update(open, comparison.changed).await?;
            self.take_in(open, comparison.missing, Some((looked_at, total))).await?;
            self.tell_progress(open.mailbox, looked_at, total);
        }
        Ok(())
    }

    /// Fetches and stores letters, newest first, a batch at a time. With `progress` it goes on while other things are
    /// attended to between the batches.
    async fn take_in(
        &mut self,
        open: &mut Open<'_>,
        rows: Vec<Row>,
        progress: Option<(u32, u32)>,
    ) -> Result<(), SyncError> {
        let highest = rows.iter().map(|row| row.uid).max();
        let rows: Vec<Row> = rows.into_iter().filter(|row| !open.here.contains_key(&row.uid)).collect();
        let mut left = rows.len();
        for batch in plan::batches(rows) {
            left -= match &batch {
                Batch::Whole(rows) => rows.len(),
                Batch::Head(_) => 1,
            };
            self.take_in_batch(open, batch).await?;
            if let Some((done, total)) = progress {
                self.tell_progress(open.mailbox, done.saturating_sub(left as u32), total);
                self.attend_within(open).await?;
            }
        }
        if let Some(highest) = highest {
            open.next = open.next.max(highest.saturating_add(1));
        }
        Ok(())
    }

    async fn take_in_batch(&mut self, open: &mut Open<'_>, batch: Batch) -> Result<(), SyncError> {
        let rows = match &batch {
            Batch::Whole(rows) => rows.clone(),
            Batch::Head(row) => vec![row.clone()],
        };
        let letters = self.fetch_batch(batch).await?;
        let stored: Vec<u32> = letters.iter().map(|letter| letter.uid).collect();
        let all_new = stored.iter().all(|uid| *uid >= open.new_from);
        let added = self.store.insert_letters(open.mailbox.id, letters).await?;
        let flags: BTreeMap<u32, Flags> = rows.iter().map(|row| (row.uid, row.flags)).collect();
        open.here.extend(stored.iter().filter_map(|uid| Some((*uid, *flags.get(uid)?))));
        self.tell_letters(open.mailbox, added.clone(), Vec::new(), Vec::new()).await;
        if all_new {
            self.tell_new_mail(open.mailbox, added).await;
        }
        Ok(())
    }

    async fn update(&mut self, open: &mut Open<'_>, flags: Vec<(u32, Flags)>) -> Result<(), SyncError> {
        let flags: Vec<_> =
            flags.into_iter().filter(|(uid, new)| open.here.get(uid).is_some_and(|old| old != new)).collect();
        if flags.is_empty() {
            return Ok(());
        }
        open.here.extend(flags.iter().copied());
        let changed = self.store.update_flags(open.mailbox.id, flags).await?;
        self.tell_letters(open.mailbox, Vec::new(), changed, Vec::new()).await;
        Ok(())
    }

    async fn remove(&mut self, open: &mut Open<'_>, uids: Vec<u32>) -> Result<(), SyncError> {
        if uids.is_empty() {
            return Ok(());
        }
        for uid in &uids {
            open.here.remove(uid);
        }
        let removed: Vec<LetterId> = self.store.remove_uids(open.mailbox.id, uids).await?;
        self.tell_letters(open.mailbox, Vec::new(), Vec::new(), removed).await;
        Ok(())
    }

    /// What a window did not have is asked for by name before it goes: an answer that leaves letters out by mistake
    /// must not empty the mailbox here.
    async fn remove_if_gone(&mut self, open: &mut Open<'_>, uids: Vec<u32>) -> Result<(), SyncError> {
        if uids.is_empty() {
            return Ok(());
        }
        let present = self.session.present(&UidSet::of(uids.iter().copied())).await?;
        self.remove(open, uids.into_iter().filter(|uid| !present.contains(uid)).collect()).await
    }

    /// Attends to what cannot wait, opens the mailbox again if another was opened meanwhile, and takes in what arrived
    /// at its upper end.
    async fn attend_within(&mut self, open: &mut Open<'_>) -> Result<(), SyncError> {
        let attended = Box::pin(self.attend(open.mailbox.id)).await?;
        if attended.moved {
            let again = self.session.select(&open.mailbox.path, None).await?;
            if again.uid_validity != open.selected.uid_validity {
                let reason = format!("UIDVALIDITY of “{}” changed while it was read", open.mailbox.path);
                return Err(self.session.against_the_rules(&reason));
            }
        }
        if attended.arrivals {
            let mut rows = self.session.rows_from(open.next).await?;
            rows.reverse();
            Box::pin(self.take_in(open, rows, None)).await?;
        }
        Ok(())
    }
}
