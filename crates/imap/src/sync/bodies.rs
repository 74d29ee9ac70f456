//! Bodies of letters that are listed by their beginning: small ones together, large ones in ranges.

use super::Syncer;
use super::intake::summary;
use crate::error::{Refusal, SyncError};
use crate::event::SyncEvent;
use crate::plan::{Depth, RANGE, WHOLE};
use crate::session::Row;
use jiff::Timestamp;
use model::{Flags, LetterId, Mailbox};
use std::collections::{HashMap, HashSet};
use store::LetterSummary;

/// A letter larger than this is listed by its beginning and never fetched as a whole, nor begun where its size is known.
const LARGEST: u64 = 256 * 1024 * 1024;
/// Bodies of which one look at the store tells.
const LOOK: u32 = 500;
/// Small letters of one question, and their octets.
const TOGETHER: (usize, u64) = (50, 1024 * 1024);

/// A body that is missing.
struct Missing {
    letter: LetterId,
    uid: u32,
    size: u64,
}

impl Syncer {
    /// Bodies of letters that are listed by their beginning. That the server refuses the mailbox is no reason to leave the
    /// others.
    pub(super) async fn bring_bodies(&mut self, mailbox: &Mailbox) -> Result<(), SyncError> {
        match self.fetch_missing_bodies(mailbox).await {
            Err(SyncError::Refused(refusal)) => {
                self.note(format!("letters in “{}” could not be fetched: {refusal}", mailbox.path)).await;
                Ok(())
            }
            outcome => outcome,
        }
    }

    /// Opens a mailbox in which letters are to be fetched by the UIDs that are noted; whether these still mean the same
    /// letters. Where they do not, the sync has to find out first which letters here are which there.
    async fn open_unchanged(&mut self, mailbox: &Mailbox) -> Result<bool, SyncError> {
        let opened = self.open(&mailbox.path).await?;
        Ok(!self.went_back(mailbox, &opened).await?)
    }

    /// The same, newest first.
    async fn fetch_missing_bodies(&mut self, mailbox: &Mailbox) -> Result<(), SyncError> {
        let mut is_open = false;
        let resting = self.resting(mailbox).await?;
        loop {
            let mut missing = self.missing_bodies(mailbox).await?;
            missing.retain(|one| !self.refused_bodies.contains(&one.letter) && !resting.contains(&one.uid));
            if missing.is_empty() {
                return Ok(());
            }
            if !is_open && !self.open_unchanged(mailbox).await? {
                return Ok(());
            }
            is_open = true;
            while is_open && !missing.is_empty() {
                let together = next_together(&mut missing);
                let letters: Vec<LetterId> = together.iter().map(|one| one.letter).collect();
                let came = self.complete(together, mailbox).await?;
                self.refused_bodies.extend(letters.into_iter().filter(|letter| !came.contains(letter)));
                let attended = self.attend(mailbox.id).await?;
                if attended.arrivals {
                    self.look_at_inbox().await?;
                }
                // What was attended to may have given letters other UIDs: it is asked again what is missing.
                is_open = !attended.moved && !attended.arrivals;
            }
        }
    }

    async fn missing_bodies(&self, mailbox: &Mailbox) -> Result<Vec<Missing>, SyncError> {
        let missing = self.store.missing_raw(mailbox.id, LOOK).await?;
        let letters: Vec<LetterId> = missing.iter().map(|(letter, _)| *letter).collect();
        let rows = self.store.letter_rows(&letters).await?;
        let wanted = |date: Timestamp| self.bodies_since.is_none_or(|since| date >= since);
        let rows: HashMap<LetterId, u64> =
            rows.into_iter().filter(|row| wanted(row.date)).map(|row| (row.id, row.size)).collect();
        let missing = missing.into_iter().filter_map(|(letter, uid)| {
            let size = *rows.get(&letter)?;
            Some(Missing { letter, uid, size })
        });
        Ok(missing.collect())
    }

    /// Fetches and stores these bodies; those that came.
    async fn complete(&mut self, missing: Vec<Missing>, mailbox: &Mailbox) -> Result<Vec<LetterId>, SyncError> {
        if let [one] = missing.as_slice() {
            let came = self.fetch_one_body(one, mailbox).await?;
            return Ok(Vec::from_iter(came.then_some(one.letter)));
        }
        let rows = missing.iter().map(|one| Row {
            uid: one.uid,
            flags: Flags::default(),
            size: one.size,
            internal_date: None,
            email_id: None,
            labels: None,
        });
        let mut bodies = match self.bodies_of(rows.collect()).await {
            Ok(bodies) => bodies,
            Err(SyncError::Refused(_)) => {
                let mut came = Vec::new();
                for one in missing {
                    if self.fetch_one_body(&one, mailbox).await? {
                        came.push(one.letter);
                    }
                }
                return Ok(came);
            }
            Err(error) => return Err(error),
        };
        let whole: Vec<_> = missing
            .iter()
            .filter_map(|one| Some((one.letter, bodies.remove(&one.uid).filter(|raw| !raw.is_empty())?)))
            .collect();
        self.keep_bodies(whole, mailbox).await
    }

    async fn keep_bodies(
        &mut self,
        whole: Vec<(LetterId, Vec<u8>)>,
        mailbox: &Mailbox,
    ) -> Result<Vec<LetterId>, SyncError> {
        let letters: Vec<LetterId> = whole.iter().map(|(letter, _)| *letter).collect();
        if letters.is_empty() {
            return Ok(letters);
        }
        let mut parsed = in_background(move || {
            let each = whole.into_iter().map(|(letter, raw)| {
                let summary = summary(message::parse(&raw));
                (letter, raw, summary)
            });
            each.collect::<Vec<_>>()
        })
        .await?;
        let strangers =
            self.strangers(&letters, parsed.iter().map(|(letter, _, summary)| (*letter, summary))).await?;
        if !strangers.is_empty() {
            tracing::warn!(mailbox = %mailbox.path, ?strangers, "UIDs name other letters than before");
            self.store.reset_mailbox(mailbox.id).await?;
            parsed.retain(|(letter, _, _)| !strangers.contains(letter));
        }
        let letters: Vec<LetterId> = parsed.iter().map(|(letter, _, _)| *letter).collect();
        if letters.is_empty() {
            return Ok(letters);
        }
        self.store.set_raws(parsed).await?;
        self.tell_letters(mailbox, Vec::new(), letters.clone(), Vec::new()).await;
        let (account, mailbox, role) = (self.account.id, mailbox.id, mailbox.role);
        for letter in &letters {
            self.tell(SyncEvent::Body { account, mailbox, role, letter: *letter }).await;
        }
        Ok(letters)
    }

    /// Letters for which the server gave another one: it was restored from a backup, and has got so much mail since that
    /// its numbers do not tell.
    async fn strangers<'a>(
        &self,
        letters: &[LetterId],
        came: impl Iterator<Item = (LetterId, &'a LetterSummary)>,
    ) -> Result<HashSet<LetterId>, SyncError> {
        let known = self.store.features(letters).await?.into_iter();
        let known: HashMap<LetterId, String> = known.filter_map(|one| Some((one.letter, one.message_id?))).collect();
        let differs = |(letter, summary): (LetterId, &LetterSummary)| {
            let is_other = known.get(&letter).zip(summary.message_id.as_ref()).is_some_and(|(a, b)| a != b);
            is_other.then_some(letter)
        };
        Ok(came.filter_map(differs).collect())
    }

    /// The body of one letter, wanted now.
    pub async fn fetch_body(&mut self, id: LetterId) -> Result<(), SyncError> {
        for _ in 0..2 {
            let Some((one, mailbox)) = self.lacking(id).await? else { return Ok(()) };
            if self.open_unchanged(&mailbox).await? {
                let came = self.fetch_one_body(&one, &mailbox).await?;
                if let Some(refused) = self.store.refused_body(id).await?.filter(|_| !came) {
                    return Err(self.session.refused("UID FETCH", &refused.reason).into());
                }
                if came || self.store.mailbox_state(mailbox.id).await?.uid_validity.is_some() {
                    return Ok(());
                }
            }
            Box::pin(self.sync_mailbox(&mailbox, Depth::Recent)).await?;
        }
        Err(not_found())
    }

    /// Where a letter is to be fetched from; `None` where it is here as a whole.
    async fn lacking(&self, id: LetterId) -> Result<Option<(Missing, Mailbox)>, SyncError> {
        let letter = self.store.letter(id).await?.ok_or_else(not_found)?;
        if letter.has_raw {
            return Ok(None);
        }
        let uid = letter.uid.ok_or_else(not_found)?;
        let mailbox = self.store.mailbox(letter.row.mailbox).await?.ok_or_else(not_found)?;
        Ok(Some((Missing { letter: id, uid, size: letter.row.size }, mailbox)))
    }

    /// Fetches a letter in ranges from the mailbox that is open, and stores it; whether it came. A refusal is noted, and
    /// every other failure stays one.
    async fn fetch_one_body(&mut self, one: &Missing, mailbox: &Mailbox) -> Result<bool, SyncError> {
        let came = match one.size > LARGEST {
            true => Err(self.too_large().into()),
            false => self.whole_in_ranges(one.uid).await,
        };
        match came {
            Ok(Some(raw)) => Ok(!self.keep_bodies(vec![(one.letter, raw)], mailbox).await?.is_empty()),
            Ok(None) => Ok(false),
            Err(SyncError::Refused(refusal)) => {
                self.note_refused(mailbox, one.uid, &refusal).await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn too_large(&self) -> Refusal {
        self.session.refused("UID FETCH", "it is too large to be kept here")
    }

    /// A range that is shorter than asked for is the last one; that the size that the server states is right is not relied
    /// on.
    async fn whole_in_ranges(&mut self, uid: u32) -> Result<Option<Vec<u8>>, SyncError> {
        let mut raw = Vec::new();
        loop {
            let Some(range) = self.session.body_range(uid, raw.len() as u64, RANGE).await? else { return Ok(None) };
            raw.extend_from_slice(&range);
            if range.len() < RANGE as usize {
                return Ok(Some(raw).filter(|raw| !raw.is_empty()));
            }
            if raw.len() as u64 > LARGEST {
                return Err(self.too_large().into());
            }
        }
    }
}

fn not_found() -> SyncError {
    SyncError::Store(store::StoreError::NotFound("letter of this number".to_owned()))
}

/// Small letters that are neighbours are asked for together; a large one alone.
fn next_together(missing: &mut Vec<Missing>) -> Vec<Missing> {
    let mut octets = 0;
    let mut small = 0;
    for one in missing.iter().take(TOGETHER.0) {
        octets += one.size;
        if one.size > WHOLE || octets > TOGETHER.1 {
            break;
        }
        small += 1;
    }
    missing.drain(..small.max(1)).collect()
}

/// Parsing takes time that the threads of the runtime are not for.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, SyncError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| SyncError::Internal(format!("a letter was not read: {error}")))
}
