//! One mailbox brought up to date: the steps of [`plan`](crate::plan::plan), carried out.
//!
//! Where the mailbox stands (UIDNEXT and modification sequence) is noted last, when everything up to there is stored.
//! What is here is asked of the store for the span of UIDs that is looked at, never for the whole mailbox.

use super::intake::Wanted;
use super::newest::Uids;
use super::{OwnTurn, Syncer};
use crate::error::SyncError;
use crate::plan::{self, Depth, Step};
use crate::session::{Row, Selected, Since};
use crate::uidset::UidSet;
use model::{Flags, LetterId, Mailbox, Role};
use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;
use store::MailboxState;

/// Windows without a letter, one after the other, before a server is no longer believed to have the letters that it
/// counts: it might count four thousand million of them.
const MAX_EMPTY_WINDOWS: u32 = 3;
/// Letters beyond the UIDs that were given, from which on a count is not believed. A smaller difference may be a UIDNEXT
/// that is wrong.
const ABSURD: u32 = 1_000_000;
/// UIDs here that are looked at in one go.
const PIECE: u32 = 5000;
/// Arrivals of which each is compared with what is here before it is fetched: another program may have moved it.
const MOVED_ELSEWHERE: usize = 200;
/// Arrivals that are taken in whoever waits; among more, other things are attended to.
const FEW: usize = 50;

/// A mailbox while it is worked on.
struct Open<'a> {
    mailbox: &'a Mailbox,
    selected: Selected,
    /// The first UID that is new mail: what was not there at the last sync, or in a first sync when it began.
    new_from: u32,
    /// The first UID that was not seen yet.
    next: u32,
    /// Whether it was never synced to its end.
    first: bool,
    /// Letters here that wait for their UIDs.
    unplaced: u32,
    /// Letters that could not be fetched.
    left_out: u32,
    /// UIDs that are known not to come, and those that were refused just now.
    resting: HashSet<u32>,
}

impl Syncer {
    /// Brings one mailbox up to date.
    pub(super) async fn sync_mailbox(&mut self, mailbox: &Mailbox, depth: Depth) -> Result<(), SyncError> {
        let known = self.store.mailbox_state(mailbox.id).await?;
        let since = match (known.uid_validity, known.uid_next, known.highest_modseq) {
            (Some(uid_validity), Some(_), Some(modseq)) => Some(Since { uid_validity, modseq }),
            _ => None,
        };
        let turn = self.signals.turn().await;
        let (mut selected, uids) = self.open_and_compare(mailbox, since).await?;
        self.heard_orders = self.signals.tried();
        if self.has_later_letters(&known, &selected).await? {
            // It does not keep to what it says itself, so it says nothing.
            selected.uid_next = None;
        }
        let steps = match uids {
            Uids::AsBefore => plan::plan(&known, &selected, depth),
            Uids::Strangers => plan::afresh(&selected),
        };
        let next = selected.uid_next.or(known.uid_next).unwrap_or(1);
        let new_from = known.uid_next.or(selected.uid_next).unwrap_or(u32::MAX);
        let first = known.uid_next.is_none();
        let resting = self.resting(mailbox).await?;
        let mut open = Open { mailbox, selected, new_from, next, first, unplaced: 0, left_out: 0, resting };
        self.begin(&mut open, &known, &steps).await?;
        if steps.contains(&Step::TakeChanges) {
            self.take_changes(&mut open).await?;
        }
        // What is moved here from now on is not looked for in what the server said.
        if steps.iter().any(|step| walks_through(step, &open.selected)) {
            self.store.begin_pass(mailbox.id).await?;
        }
        drop(turn);
        let mut walked = false;
        for step in steps {
            walked |= walks_through(&step, &open.selected);
            self.step(&mut open, step).await?;
        }
        self.try_unlisted(&mut open).await?;
        let turn = self.comparing().await?;
        let (here, there) = (self.counted(mailbox.id).await?, self.session.exists());
        // Nothing else would ever give up a letter whose UID went to another one here.
        let forsaken = self.store.forsaken(mailbox.id).await?;
        if !walked && (there != here || forsaken > 0) {
            tracing::debug!(mailbox = %mailbox.path, there, here, forsaken, "walk");
            self.store.begin_pass(mailbox.id).await?;
            drop(turn);
            self.walk(&mut open, u32::MAX, 1).await?;
            walked = true;
        } else {
            drop(turn);
        }
        self.finish(&open, walked).await?;
        self.report.mailboxes += 1;
        Ok(())
    }

    /// Asks once more for letters that did not come and are not listed, and forgets the refusals of those that came.
    async fn try_unlisted(&mut self, open: &mut Open<'_>) -> Result<(), SyncError> {
        let turn = self.comparing().await?;
        let mut unlisted = self.unlisted_to_try(open.mailbox).await?;
        unlisted.retain(|row| !open.resting.contains(&row.uid));
        self.take_in(open, unlisted, turn, None).await?;
        let came = self.store.readable(open.mailbox.id).await?;
        if !came.is_empty() {
            self.store.forget_unreadable(open.mailbox.id, came).await?;
        }
        Ok(())
    }

    /// Whether the mailbox that is open is another than the one that was left here, or went back to an earlier state: then
    /// a UID that is noted may name another letter, and the sync has to find out which is which.
    pub(super) async fn went_back(&mut self, mailbox: &Mailbox, opened: &Selected) -> Result<bool, SyncError> {
        let known = self.store.mailbox_state(mailbox.id).await?;
        if known.uid_validity != Some(opened.uid_validity) {
            return Ok(true);
        }
        let is_less = known.uid_next.zip(opened.uid_next).is_some_and(|(ours, theirs)| theirs < ours);
        Ok(is_less && !self.has_later_letters(&known, opened).await?)
    }

    /// Whether a server that names a smaller next UID than before has letters from there on: then it counts wrongly, and
    /// has not gone back to an earlier state.
    async fn has_later_letters(&mut self, known: &MailboxState, selected: &Selected) -> Result<bool, SyncError> {
        match (known.uid_next, selected.uid_next) {
            (Some(ours), Some(theirs)) if theirs < ours && known.uid_validity == Some(selected.uid_validity) => {
                Ok(!self.session.rows_from(theirs).await?.is_empty())
            }
            _ => Ok(false),
        }
    }

    /// A mailbox whose first walk is still to end has its UIDVALIDITY noted and nothing else.
    async fn begin(&mut self, open: &mut Open<'_>, known: &MailboxState, steps: &[Step]) -> Result<(), SyncError> {
        let forgets = steps.contains(&Step::Forget);
        if forgets {
            open.next = open.selected.uid_next.unwrap_or(1);
            open.new_from = open.selected.uid_next.unwrap_or(u32::MAX);
            self.store.reset_mailbox(open.mailbox.id).await?;
        }
        if forgets || known.uid_validity != Some(open.selected.uid_validity) {
            let state = MailboxState { uid_validity: Some(open.selected.uid_validity), ..MailboxState::default() };
            self.store.set_mailbox_state(open.mailbox.id, state).await?;
        }
        open.unplaced = self.store.unplaced(open.mailbox.id).await?;
        Ok(())
    }

    /// What waits for its UID is given up only after a walk over everything that left nothing out: a letter that was
    /// not looked at may be the one. Where an order found meanwhile that the UIDs here are wrong, nothing of what was seen
    /// is noted, and the next sync looks at everything afresh.
    async fn finish(&mut self, open: &Open<'_>, walked: bool) -> Result<(), SyncError> {
        let _turn = self.signals.turn().await;
        let stored = self.store.mailbox_state(open.mailbox.id).await?;
        if stored.uid_validity != Some(open.selected.uid_validity) {
            self.overlooked = true;
            return Ok(());
        }
        let highest = self.store.highest_uid(open.mailbox.id).await?;
        let beyond = highest.map_or(1, |highest| highest.saturating_add(1));
        let state = MailboxState {
            uid_validity: Some(open.selected.uid_validity),
            uid_next: Some(open.next.max(beyond)),
            // Once more from here where something is missing.
            highest_modseq: open.selected.highest_modseq.filter(|_| open.left_out == 0),
        };
        self.store.set_mailbox_state(open.mailbox.id, state).await?;
        self.overlooked |= open.left_out > 0;
        if walked && open.left_out == 0 {
            let removed = self.store.drop_unplaced(open.mailbox.id).await?;
            self.tell_letters(open.mailbox, Vec::new(), Vec::new(), removed).await;
        }
        Ok(())
    }

    /// The right to compare what is here with the mailbox that is open. A session may still see it as it was before an
    /// order that another one carried out: then it asks first what is new (RFC 9051 §5.2).
    async fn comparing(&mut self) -> Result<OwnTurn, SyncError> {
        let turn = self.signals.turn().await;
        let tried = self.signals.tried();
        if tried != self.heard_orders {
            self.session.noop().await?;
            self.heard_orders = tried;
        }
        Ok(turn)
    }

    async fn step(&mut self, open: &mut Open<'_>, step: Step) -> Result<(), SyncError> {
        match step {
            // Both are done when the mailbox is opened.
            Step::Forget | Step::TakeChanges => Ok(()),
            Step::Flags { since } => {
                let _turn = self.comparing().await?;
                let changed = self.session.changed_since(since).await?;
                let labels = changed.iter().map(|one| (one.uid, &one.labels));
                self.note_labels(open.mailbox, labels).await?;
                self.update(open, changed.into_iter().map(|one| (one.uid, one.flags)).collect()).await
            }
            Step::Arrivals { from } => self.take_arrivals(open, from).await,
            Step::WalkTo { from } => self.walk(open, u32::MAX, from).await,
            step @ Step::Walk { .. } if walks_through(&step, &open.selected) => self.walk(open, u32::MAX, 1).await,
            Step::Walk { letters } => self.walk(open, letters, 1).await,
        }
    }

    async fn take_changes(&mut self, open: &mut Open<'_>) -> Result<(), SyncError> {
        let changed = std::mem::take(&mut open.selected.changed);
        let vanished = std::mem::take(&mut open.selected.vanished);
        self.remove_vanished(open, &vanished).await?;
        self.update(open, changed).await
    }

    async fn take_arrivals(&mut self, open: &mut Open<'_>, from: u32) -> Result<(), SyncError> {
        let turn = self.comparing().await?;
        let mut rows = self.session.rows_from(from).await?;
        let here: BTreeMap<u32, Flags> = self.here(open, from..=u32::MAX).await?;
        open.next = rows.iter().map(|row| row.uid.saturating_add(1)).chain([open.next]).max().unwrap_or(open.next);
        rows.retain(|row| !here.contains_key(&row.uid));
        rows.reverse();
        let total = self.session.exists();
        let progress = (rows.len() > FEW).then_some(Progress { done: total, total, screen: false });
        self.take_in(open, rows, turn, progress).await
    }

    /// Everything here within a span that is not larger than one answer of the server.
    async fn here(&self, open: &Open<'_>, span: RangeInclusive<u32>) -> Result<BTreeMap<u32, Flags>, SyncError> {
        Ok(self.store.uids_within(open.mailbox.id, span, u32::MAX).await?.into_iter().collect())
    }

    /// From the newest letter on, over so many, or down to this UID.
    async fn walk(&mut self, open: &mut Open<'_>, letters: u32, down_to: u32) -> Result<(), SyncError> {
        let total = self.credible(open);
        let (mut upto, mut looked_at) = (total, 0);
        // Everything here from this UID on has been compared.
        let mut compared = u32::MAX;
        let mut empty = 0;
        if total == 0 && letters > 0 {
            let _turn = self.signals.turn().await;
            return self.compare(open, &[], 0..=u32::MAX, &mut Vec::new()).await;
        }
        // Places only ever become smaller while letters go, so a window may overlap the last one but never leaves a gap.
        loop {
            let turn = self.comparing().await?;
            let window = plan::window(upto.min(self.session.exists()), looked_at, letters.min(total));
            let Some(places) = window else { return Ok(()) };
            upto = places.start() - 1;
            let screen = looked_at == 0;
            looked_at += places.end() - places.start() + 1;
            let rows = self.session.rows_at(places).await?;
            let lowest = if upto == 0 { Some(0) } else { rows.first().map(|row| row.uid) };
            let lowest = lowest.filter(|lowest| *lowest <= compared);
            let mut missing = self.out_of_order(open, &rows, compared).await?;
            empty = if lowest.is_some() || !missing.is_empty() { 0 } else { empty + 1 };
            if empty >= MAX_EMPTY_WINDOWS {
                open.left_out += 1;
                let text = format!("the server counts letters in “{}” that it does not show", open.mailbox.path);
                self.note(text).await;
                return Ok(());
            }
            let Some(lowest) = lowest else {
                self.take_in(open, missing, turn, None).await?;
                continue;
            };
            self.compare(open, &rows, lowest..=compared, &mut missing).await?;
            compared = lowest.saturating_sub(1);
            let progress = Progress { done: looked_at, total, screen };
            self.take_in(open, missing, turn, Some(progress)).await?;
            self.tell_progress(open.mailbox, looked_at, total);
            if lowest < down_to {
                break;
            }
        }
        Ok(())
    }

    /// How many letters there may be: a count far beyond the UIDs that were given is not believed.
    fn credible(&self, open: &Open<'_>) -> u32 {
        let given = open.selected.uid_next.map_or(u32::MAX, |next| next.saturating_sub(1));
        let is_absurd = open.selected.exists.saturating_sub(given) > ABSURD;
        if is_absurd { given } else { self.session.exists() }
    }

    /// Rows above what has been compared that are not here: UIDs ascend with the places (RFC 9051 §2.3.1.1), and a server
    /// that does not keep to it must not hide letters.
    async fn out_of_order(&self, open: &Open<'_>, rows: &[Row], compared: u32) -> Result<Vec<Row>, SyncError> {
        let late: Vec<&Row> = rows.iter().filter(|row| row.uid > compared).collect();
        let (Some(first), Some(last)) = (late.first(), late.last()) else { return Ok(Vec::new()) };
        let here = self.here(open, first.uid..=last.uid).await?;
        Ok(late.into_iter().filter(|row| !here.contains_key(&row.uid)).rev().cloned().collect())
    }

    /// Compares rows with what is here within a span, a piece after the other: flags are set, what vanished goes, and
    /// what is missing is added to a list, newest first.
    async fn compare(
        &mut self,
        open: &mut Open<'_>,
        rows: &[Row],
        span: RangeInclusive<u32>,
        missing: &mut Vec<Row>,
    ) -> Result<(), SyncError> {
        let mut from = *span.start();
        loop {
            let here = self.store.uids_within(open.mailbox.id, from..=*span.end(), PIECE).await?;
            let to = match here.last() {
                Some((last, _)) if here.len() >= PIECE as usize => *last,
                _ => *span.end(),
            };
            let within: Vec<Row> = rows.iter().filter(|row| (from..=to).contains(&row.uid)).cloned().collect();
            self.note_labels(open.mailbox, within.iter().map(|row| (row.uid, &row.labels))).await?;
            let comparison = plan::compare(&here.into_iter().collect(), &within, from..=to);
            self.remove_if_gone(open, comparison.vanished).await?;
            self.update(open, comparison.changed).await?;
            // Pieces come from the oldest on.
            missing.splice(0..0, comparison.missing);
            if to == *span.end() {
                return Ok(());
            }
            from = to + 1;
        }
    }

    /// Fetches and stores letters, newest first. With `progress` it goes on while other things are attended to between
    /// the batches.
    async fn take_in(
        &mut self,
        open: &mut Open<'_>,
        rows: Vec<Row>,
        turn: OwnTurn,
        progress: Option<Progress>,
    ) -> Result<(), SyncError> {
        open.next = rows.iter().map(|row| row.uid.saturating_add(1)).chain([open.next]).max().unwrap_or(open.next);
        let rows: Vec<Row> = rows.into_iter().filter(|row| !open.resting.contains(&row.uid)).collect();
        let inbox = open.mailbox.role == Some(Role::Inbox);
        let moved_here = self.may_be_moved(open, rows.len()).await?;
        let rows = self.place_known(open.mailbox, rows, open.unplaced > 0 || moved_here).await?;
        // From here on it is about letters that are not here, of which nobody can have ordered anything.
        drop(turn);
        let octets = rows.iter().map(|row| row.size).sum();
        let wish = match progress {
            Some(Progress { screen: true, .. }) if inbox && open.first => self.listing(),
            _ => self.wish(octets),
        };
        let mut wanted = Wanted::new(rows, wish);
        while !wanted.is_empty() {
            let taken = match progress {
                Some(_) => self.take_some_in(open.mailbox, &mut wanted, open.new_from).await?,
                None => self.take_all_in(open.mailbox, &mut wanted, open.new_from).await?,
            };
            open.left_out += taken.left_out;
            open.resting.extend(taken.refused);
            if let Some(Progress { done, total, .. }) = progress {
                let left = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
                self.tell_progress(open.mailbox, done.saturating_sub(left), total);
                self.attend_within(open).await?;
            }
        }
        Ok(())
    }

    /// Whether some of so many letters may be here already, in the place that they had before: a few that came to a
    /// mailbox, or any number in one that is new while others went, as when another program renames one. What comes to
    /// the inbox is new mail, unless something went.
    async fn may_be_moved(&self, open: &Open<'_>, letters: usize) -> Result<bool, SyncError> {
        match open.first || open.mailbox.role == Some(Role::Inbox) {
            true => Ok(letters > 0 && self.store.has_strays(self.account.id).await?),
            false => Ok(letters <= MOVED_ELSEWHERE),
        }
    }

    async fn update(&mut self, open: &Open<'_>, flags: Vec<(u32, Flags)>) -> Result<(), SyncError> {
        for piece in flags.chunks(PIECE as usize) {
            let changed = self.store.update_flags(open.mailbox.id, piece.to_vec()).await?;
            self.tell_letters(open.mailbox, Vec::new(), changed, Vec::new()).await;
        }
        Ok(())
    }

    /// A set that a server sends may name four thousand million UIDs: only those that are here are looked at.
    async fn remove_vanished(&mut self, open: &Open<'_>, vanished: &[UidSet]) -> Result<(), SyncError> {
        for span in vanished.iter().flat_map(UidSet::ranges) {
            loop {
                let here = self.store.uids_within(open.mailbox.id, span.clone(), PIECE).await?;
                let full = here.len() >= PIECE as usize;
                self.remove(open, here.into_iter().map(|(uid, _)| uid).collect()).await?;
                if !full {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn remove(&mut self, open: &Open<'_>, uids: Vec<u32>) -> Result<(), SyncError> {
        if uids.is_empty() {
            return Ok(());
        }
        let removed: Vec<LetterId> = self.store.remove_uids(open.mailbox.id, uids).await?;
        self.tell_letters(open.mailbox, Vec::new(), Vec::new(), removed).await;
        Ok(())
    }

    /// What a window did not have is asked for by name before it goes: an answer that leaves letters out by mistake
    /// must not empty the mailbox here.
    async fn remove_if_gone(&mut self, open: &Open<'_>, uids: Vec<u32>) -> Result<(), SyncError> {
        if uids.is_empty() {
            return Ok(());
        }
        let present = self.session.present(&UidSet::of(uids.iter().copied())).await?;
        let present: HashSet<u32> = present.into_iter().collect();
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
            Box::pin(self.take_arrivals(open, open.next)).await?;
        }
        Ok(())
    }
}

/// Whether a step looks at every letter of the mailbox.
fn walks_through(step: &Step, opened: &Selected) -> bool {
    matches!(step, Step::Walk { letters } if *letters == opened.exists)
}

/// How far a walk is.
#[derive(Clone, Copy, Debug)]
struct Progress {
    done: u32,
    total: u32,
    /// Whether this is the first window, which somebody may be looking at.
    screen: bool,
}
