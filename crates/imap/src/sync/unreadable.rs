//! Letters that a server lists and does not hand out.
//!
//! | refused | then |
//! |---|---|
//! | once or twice | it is asked for again in the next pass; until then nothing is given up that may be it |
//! | more often | it is known as such, and holds up nothing; it is asked for again after a day, two, four … up to 32 |
//!
//! Of a letter whose whole is refused the headers may come: then it is listed by those, and only its text is missing.
//! The first refusal is told, and that it is asked for rarely from then on.

use super::Syncer;
use crate::error::{Refusal, SyncError};
use crate::session::Row;
use crate::uidset::UidSet;
use jiff::{SignedDuration, Timestamp};
use model::Mailbox;
use std::collections::HashSet;
use store::Unreadable;

/// Refusals after which a letter is known as one that does not come.
const KNOWN_AFTER: u32 = 3;
/// Days between two tries, at most.
const RARELY: u32 = 32;

/// How long a letter rests that was refused so often; nothing where the next pass asks for it again.
fn rest(tries: u32) -> SignedDuration {
    match tries.checked_sub(KNOWN_AFTER) {
        None => SignedDuration::ZERO,
        Some(more) => {
            SignedDuration::from_hours(24 * i64::from(1u32.checked_shl(more).unwrap_or(RARELY).min(RARELY)))
        }
    }
}

/// What a refusal of one letter means for the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It may come with the next pass.
    ForNow,
    /// It is known not to come.
    Known,
}

impl Syncer {
    /// Notes that a letter was refused.
    pub(super) async fn note_refused(
        &mut self,
        mailbox: &Mailbox,
        uid: u32,
        refusal: &Refusal,
    ) -> Result<Refused, SyncError> {
        let before = self.store.unreadable(mailbox.id).await?;
        let tries = before.iter().find(|one| one.uid == uid).map_or(1, |one| one.tries.saturating_add(1));
        let next_at = Timestamp::now().checked_add(rest(tries)).unwrap_or(Timestamp::MAX);
        let refused = Unreadable { uid, tries, reason: refusal.text.clone(), next_at };
        self.store.note_unreadable(mailbox.id, refused).await?;
        let what = format!("a letter in “{}” (UID {uid}) could not be fetched", mailbox.path);
        match tries {
            1 => self.note(format!("{what}: {refusal}")).await,
            KNOWN_AFTER => {
                self.note(format!(
                    "{what} in {tries} tries: {refusal}. It is asked for once a day or less from now on."
                ))
                .await;
            }
            _ => {}
        }
        Ok(if tries < KNOWN_AFTER { Refused::ForNow } else { Refused::Known })
    }

    /// UIDs in a mailbox that are not to be asked for now.
    pub(super) async fn resting(&self, mailbox: &Mailbox) -> Result<HashSet<u32>, SyncError> {
        let now = Timestamp::now();
        let all = self.store.unreadable(mailbox.id).await?;
        Ok(all.into_iter().filter(|one| one.tries >= KNOWN_AFTER && one.next_at > now).map(|one| one.uid).collect())
    }

    /// Whether letters of a mailbox are not listed here and are to be asked for again.
    pub(super) async fn has_unlisted_to_try(&self, mailbox: &Mailbox) -> Result<bool, SyncError> {
        let unlisted = self.store.unlisted(mailbox.id).await?;
        if unlisted.is_empty() {
            return Ok(false);
        }
        let resting = self.resting(mailbox).await?;
        Ok(unlisted.iter().any(|uid| !resting.contains(uid)))
    }

    /// Rows of the letters of the open mailbox that are not listed here and are to be asked for again. Those that are gone
    /// are forgotten.
    pub(super) async fn unlisted_to_try(&mut self, mailbox: &Mailbox) -> Result<Vec<Row>, SyncError> {
        let unlisted = self.store.unlisted(mailbox.id).await?;
        if unlisted.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.session.rows_of(&UidSet::of(unlisted.iter().copied())).await?;
        let there: HashSet<u32> = rows.iter().map(|row| row.uid).collect();
        let gone: Vec<u32> = unlisted.into_iter().filter(|uid| !there.contains(uid)).collect();
        if !gone.is_empty() {
            self.store.forget_unreadable(mailbox.id, gone).await?;
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_again_and_again_is_asked_for_ever_more_rarely() {
        let days: Vec<i64> = (1..=12).map(|tries| rest(tries).as_hours() / 24).collect();
        assert_eq!(days, [0, 0, 1, 2, 4, 8, 16, 32, 32, 32, 32, 32]);
        assert_eq!(rest(u32::MAX).as_hours() / 24, 32);
    }
}
