//! Which letters of the open mailbox an order means.
//!
//! | the mailbox on the server | a UID that was noted |
//! |---|---|
//! | is where it was left here, or further | is believed |
//! | went back (a smaller UIDNEXT or modification sequence: it was restored from a backup), or was never synced here | is believed where the letter there is the one: by its Message-ID, or by what it is like |
//! | has another UIDVALIDITY | means nothing |
//!
//! What has no UID that is believed is looked for by its Message-ID, and without one by what it is like. A server may have
//! been restored and have got so much mail since that no number tells: what is deleted for good is asked for its name
//! first, whatever the numbers say.

use super::letters::{named, named_at_all};
use super::orders::Note;
use crate::error::SyncError;
use crate::session::{Selected, Within};
use crate::sync::Syncer;
use crate::uidset::UidSet;
use model::LetterId;
use std::collections::{HashMap, HashSet};
use store::{JournalLetter, MailboxState};

/// Letters of an order, found in the mailbox that is open.
pub(super) struct Found {
    pub(super) letters: Vec<(LetterId, u32)>,
    lost: usize,
}

impl Found {
    pub(super) fn uids(&self) -> UidSet {
        UidSet::of(self.letters.iter().map(|(_, uid)| *uid))
    }

    pub(super) fn note(&self, what: &str, mailbox: &str) -> Note {
        let are = if self.lost == 1 { "letter that was to be" } else { "letters that were to be" };
        let is = if self.lost == 1 { "is" } else { "are" };
        (self.lost > 0).then(|| format!("{} {are} {what} {is} no longer in “{mailbox}” on the server.", self.lost))
    }
}

/// What a UID that was noted is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// It names the letter.
    Believed,
    /// It may name another one.
    IfTheSame,
    /// It names nothing.
    Nothing,
}

/// What the noted UIDs are worth: `noted` is the UIDVALIDITY to which they belong, `known` how the mailbox was left here,
/// with the highest UID in it.
pub(super) fn trust(noted: Option<u32>, known: Option<(MailboxState, Option<u32>)>, server: &Selected) -> Trust {
    if noted.is_some_and(|validity| validity != server.uid_validity) {
        return Trust::Nothing;
    }
    match known {
        Some((known, highest)) if known.uid_validity == Some(server.uid_validity) => {
            let beyond = highest.map(|highest| highest.saturating_add(1));
            let uids = server.uid_next.is_some_and(|theirs| known.uid_next.max(beyond) > Some(theirs));
            let modseqs = server.highest_modseq.is_some_and(|theirs| known.highest_modseq > Some(theirs));
            if uids || modseqs { Trust::IfTheSame } else { Trust::Believed }
        }
        _ => Trust::IfTheSame,
    }
}

impl Syncer {
    /// What UIDs that were noted for the mailbox that is open are worth.
    pub(super) async fn trust(&self, path: &str, noted: Option<u32>, opened: &Selected) -> Result<Trust, SyncError> {
        let known = match self.store.mailbox_by_path(self.account.id, path).await? {
            Some(mailbox) => {
                let highest = self.store.highest_uid(mailbox.id).await?;
                Some((self.store.mailbox_state(mailbox.id).await?, highest))
            }
            None => None,
        };
        Ok(trust(noted, known, opened))
    }

    /// The letters' UIDs in the mailbox that is open.
    pub(super) async fn find(
        &mut self,
        opened: &Selected,
        (path, uid_validity): (&str, Option<u32>),
        letters: &[JournalLetter],
    ) -> Result<Found, SyncError> {
        let placed = match self.trust(path, uid_validity, opened).await? {
            Trust::Believed => noted(letters).collect(),
            Trust::IfTheSame => self.the_same(letters).await?,
            Trust::Nothing => HashMap::new(),
        };
        self.find_others(placed, letters).await
    }

    /// The same for letters that are to go for good.
    pub(super) async fn find_surely(
        &mut self,
        opened: &Selected,
        (path, uid_validity): (&str, Option<u32>),
        letters: &[JournalLetter],
    ) -> Result<Found, SyncError> {
        let placed = match self.trust(path, uid_validity, opened).await? {
            Trust::Believed => self.without_strangers(path, letters).await?,
            Trust::IfTheSame => self.the_same(letters).await?,
            Trust::Nothing => HashMap::new(),
        };
        self.find_others(placed, letters).await
    }

    /// Noted UIDs but for those that name certain strangers on the server. One such is enough to doubt all that is noted of
    /// the mailbox: the sync finds out afresh which letter is which.
    async fn without_strangers(
        &mut self,
        path: &str,
        letters: &[JournalLetter],
    ) -> Result<HashMap<LetterId, u32>, SyncError> {
        let mut placed: HashMap<LetterId, u32> = noted(letters).collect();
        let features = self.store.features(&placed.keys().copied().collect::<Vec<_>>()).await?;
        let uids = UidSet::of(placed.values().copied());
        let there: HashMap<u32, _> = self.session.likenesses(&uids).await?.into_iter().collect();
        let before = placed.len();
        for known in features {
            let likeness = placed.get(&known.letter).and_then(|uid| there.get(uid));
            if likeness.is_some_and(|likeness| likeness.is_strange_to(&known)) {
                placed.remove(&known.letter);
            }
        }
        if placed.len() < before
            && let Some(mailbox) = self.store.mailbox_by_path(self.account.id, path).await?
        {
            self.store.reset_mailbox(mailbox.id).await?;
            self.touched.insert(mailbox.id);
        }
        Ok(placed)
    }

    /// Noted UIDs under which the server has the very letters.
    pub(super) async fn the_same(&mut self, letters: &[JournalLetter]) -> Result<HashMap<LetterId, u32>, SyncError> {
        let noted: HashMap<LetterId, u32> = noted(letters).collect();
        if noted.is_empty() {
            return Ok(noted);
        }
        let ids: Vec<LetterId> = noted.keys().copied().collect();
        let features = self.store.features(&ids).await?;
        let there: HashMap<u32, _> =
            self.session.likenesses(&UidSet::of(noted.values().copied())).await?.into_iter().collect();
        let features: HashMap<LetterId, _> = features.into_iter().map(|one| (one.letter, one)).collect();
        let mut same = HashMap::new();
        for letter in letters {
            let Some(uid) = letter.uid else { continue };
            let Some(likeness) = there.get(&uid) else { continue };
            let is_it = match (named(letter), features.get(&letter.letter)) {
                (Some(name), _) => likeness.message_id.as_deref() == Some(name),
                (None, Some(features)) => likeness.is_that_of(features),
                (None, None) => false,
            };
            if is_it {
                same.insert(letter.letter, uid);
            }
        }
        Ok(same)
    }

    /// Adds those that are looked for to those that have their place.
    async fn find_others(
        &mut self,
        mut placed: HashMap<LetterId, u32>,
        letters: &[JournalLetter],
    ) -> Result<Found, SyncError> {
        let mut taken: HashSet<u32> = placed.values().copied().collect();
        let sought: Vec<&JournalLetter> =
            letters.iter().filter(|letter| !placed.contains_key(&letter.letter)).collect();
        let names = sought.iter().filter_map(|letter| named(letter));
        let mut by_name = self.session.with_message_ids(names, Within::default()).await?;
        // The same message may lie there several times: each letter gets one of its own, the oldest first.
        for uids in by_name.values_mut() {
            uids.retain(|uid| !taken.contains(uid));
            uids.reverse();
        }
        for letter in &sought {
            if let Some(uid) = named(letter).and_then(|id| by_name.get_mut(id)?.pop()) {
                placed.insert(letter.letter, uid);
                taken.insert(uid);
            }
        }
        let nameless: Vec<LetterId> =
            sought.iter().filter(|letter| !named_at_all(letter)).map(|letter| letter.letter).collect();
        for features in self.store.features(&nameless).await? {
            let mut candidates = self.session.of_size(features.size).await?;
            candidates.retain(|uid| !taken.contains(uid));
            let there = self.session.likenesses(&UidSet::of(candidates)).await?;
            if let Some((uid, _)) = there.iter().find(|(_, likeness)| likeness.is_that_of(&features)) {
                placed.insert(features.letter, *uid);
                taken.insert(*uid);
            }
        }
        let found: Vec<(LetterId, u32)> =
            letters.iter().filter_map(|letter| Some((letter.letter, *placed.get(&letter.letter)?))).collect();
        let lost = letters.len() - found.len();
        Ok(Found { letters: found, lost })
    }
}

/// The UIDs that were noted.
fn noted<'a>(letters: impl IntoIterator<Item = &'a JournalLetter>) -> impl Iterator<Item = (LetterId, u32)> {
    letters.into_iter().filter_map(|letter| Some((letter.letter, letter.uid?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_worth_what_the_numbers_of_its_mailbox_say() {
        let known = |validity, next, modseq, highest| {
            Some((MailboxState { uid_validity: Some(validity), uid_next: next, highest_modseq: modseq }, highest))
        };
        let server = |next, modseq| Selected {
            uid_validity: 7,
            uid_next: next,
            highest_modseq: modseq,
            ..Selected::default()
        };
        type Case = (&'static str, Option<u32>, Option<(MailboxState, Option<u32>)>, Selected, Trust);
        let table: [Case; 9] = [
            ("as it was", Some(7), known(7, Some(9), Some(5), Some(8)), server(Some(9), Some(5)), Trust::Believed),
            ("further", Some(7), known(7, Some(9), Some(5), Some(8)), server(Some(20), Some(50)), Trust::Believed),
            ("says nothing", Some(7), known(7, Some(9), Some(5), Some(8)), server(None, None), Trust::Believed),
            (
                "noted without UIDVALIDITY",
                None,
                known(7, Some(9), None, None),
                server(Some(9), None),
                Trust::Believed,
            ),
            ("UIDNEXT went back", Some(7), known(7, Some(9), None, Some(8)), server(Some(8), None), Trust::IfTheSame),
            (
                "less than what is here",
                Some(7),
                known(7, None, None, Some(8)),
                server(Some(8), None),
                Trust::IfTheSame,
            ),
            (
                "the sequence went back",
                Some(7),
                known(7, Some(9), Some(5), Some(8)),
                server(Some(30), Some(4)),
                Trust::IfTheSame,
            ),
            ("never synced", Some(7), None, server(Some(9), None), Trust::IfTheSame),
            ("made anew", Some(6), known(6, Some(9), None, Some(8)), server(Some(9), None), Trust::Nothing),
        ];
        for (what, noted, known, server, expected) in table {
            assert_eq!(trust(noted, known, &server), expected, "{what}");
        }
    }
}
