//! Which letters of the open mailbox an order means.
//!
//! | the mailbox on the server | a UID that was noted |
//! |---|---|
//! | is where it was left here, or further | is believed |
//! | went back (a smaller UIDNEXT or modification sequence: it was restored from a backup), or was never synced here | is believed where the letter there is the one: by its Message-ID, or by what it is like |
//! | has another UIDVALIDITY | means nothing |
//!
//! What has no UID that is believed is looked for by its Message-ID, and without one by what it is like. A server may have
//! been restored and have got so much mail since that no number tells: so letters are looked at when their mailbox is
//! opened for an order, in the same breath. One stranger among them is enough to doubt every UID of the mailbox.

use super::letters::{named, named_at_all};
use super::orders::Note;
use crate::error::SyncError;
use crate::session::{Look, Selected, Within};
use crate::sync::Syncer;
use crate::uidset::UidSet;
use model::LetterId;
use std::collections::{HashMap, HashSet};
use store::{Features, JournalLetter, MailboxState};

/// Letters of an order that can be taken back, of which so many are looked at: those with the highest UIDs. What a server
/// gives a second time it gives from some UID on.
const NEWEST: usize = 1000;

/// How many letters are looked at before an order is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// Each: they are to leave the mailbox.
    Each,
    /// The newest: they are to be marked.
    Newest,
}

/// A mailbox that is open for an order, and what was seen in it.
pub(super) struct Opened {
    pub(super) selected: Selected,
    care: Care,
    asked: UidSet,
    looks: HashMap<u32, Look>,
}

impl Opened {
    /// A mailbox in which nothing was looked at yet.
    pub(super) fn unseen(selected: Selected) -> Self {
        Self { selected, care: Care::Each, asked: UidSet::default(), looks: HashMap::new() }
    }

    /// Whether a letter that was looked at is not there.
    fn is_gone(&self, uid: u32) -> bool {
        self.asked.contains(uid) && !self.looks.contains_key(&uid)
    }
}

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

    /// Opens a mailbox for an order about these letters; `None` where it is not there any more.
    pub(super) async fn open_for_letters(
        &mut self,
        path: &str,
        letters: &[JournalLetter],
        care: Care,
    ) -> Result<Option<Opened>, SyncError> {
        let mut uids: Vec<u32> = noted(letters).map(|(_, uid)| uid).collect();
        if care == Care::Newest {
            uids.sort_unstable_by(|a, b| b.cmp(a));
            uids.truncate(NEWEST);
        }
        let asked = UidSet::of(uids);
        let outcome = self.session.select_and_look(path, None, &asked).await;
        let opened = self.unless_gone(path, outcome).await?;
        Ok(opened.map(|(selected, looks)| Opened { selected, care, asked, looks }))
    }

    /// The letters' UIDs in the mailbox that is open.
    pub(super) async fn find(
        &mut self,
        opened: &mut Opened,
        (path, uid_validity): (&str, Option<u32>),
        letters: &[JournalLetter],
    ) -> Result<Found, SyncError> {
        let trust = self.trust(path, uid_validity, &opened.selected).await?;
        if trust == Trust::Nothing {
            return self.find_others(HashMap::new(), letters).await;
        }
        if opened.care == Care::Each {
            self.look_at_the_rest(opened, letters).await?;
        }
        let features = self.features_of(letters).await?;
        let strange = letters.iter().any(|letter| is_strange(letter, &features, &opened.looks));
        if strange {
            self.doubt(path).await?;
        }
        let placed = match strange || trust == Trust::IfTheSame {
            true => self.the_same(letters).await?,
            false => noted(letters).filter(|(_, uid)| !opened.is_gone(*uid)).collect(),
        };
        self.find_others(placed, letters).await
    }

    /// Looks at letters that were not looked at when their mailbox was opened.
    async fn look_at_the_rest(&mut self, opened: &mut Opened, letters: &[JournalLetter]) -> Result<(), SyncError> {
        let uids = noted(letters).map(|(_, uid)| uid).filter(|uid| !opened.asked.contains(*uid));
        let rest = UidSet::of(uids);
        opened.looks.extend(self.session.looks(&rest).await?);
        opened.asked = UidSet::of(opened.asked.iter().chain(rest.iter()));
        Ok(())
    }

    /// Doubts all that is noted of a mailbox: the sync finds out afresh which letter is which.
    async fn doubt(&mut self, path: &str) -> Result<(), SyncError> {
        if let Some(mailbox) = self.store.mailbox_by_path(self.account.id, path).await? {
            tracing::warn!(mailbox = %path, "UIDs name other letters than before");
            self.store.reset_mailbox(mailbox.id).await?;
            self.touched.insert(mailbox.id);
        }
        Ok(())
    }

    async fn features_of(&self, letters: &[JournalLetter]) -> Result<HashMap<LetterId, Features>, SyncError> {
        let ids: Vec<LetterId> = letters.iter().map(|letter| letter.letter).collect();
        Ok(self.store.features(&ids).await?.into_iter().map(|one| (one.letter, one)).collect())
    }

    /// Noted UIDs under which the server has the very letters.
    pub(super) async fn the_same(&mut self, letters: &[JournalLetter]) -> Result<HashMap<LetterId, u32>, SyncError> {
        let noted: HashMap<LetterId, u32> = noted(letters).collect();
        if noted.is_empty() {
            return Ok(noted);
        }
        let looks = self.session.looks(&UidSet::of(noted.values().copied())).await?;
        let features = self.features_of(letters).await?;
        let mut same = HashMap::new();
        for letter in letters {
            let Some(uid) = letter.uid else { continue };
            let Some(look) = looks.get(&uid) else { continue };
            let is_it = match (named(letter), features.get(&letter.letter)) {
                (Some(name), _) => look.message_id() == Some(name),
                (None, Some(features)) => look.is_that_of(features),
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

/// Whether the UID that was noted for a letter names certainly another one.
fn is_strange(letter: &JournalLetter, known: &HashMap<LetterId, Features>, looks: &HashMap<u32, Look>) -> bool {
    let Some(look) = letter.uid.and_then(|uid| looks.get(&uid)) else { return false };
    match (known.get(&letter.letter), named(letter), look.message_id()) {
        (Some(features), _, _) => look.is_strange_to(features),
        (None, Some(here), Some(there)) => here != there,
        (None, _, _) => false,
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
