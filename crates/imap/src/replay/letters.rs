//! Orders about letters: marked, moved, copied, freed of a label, deleted.

use super::came::Came;
use super::found::{Care, Found, Opened, Trust};
use super::orders::{Note, no_mailbox, since};
use crate::error::SyncError;
use crate::session::{Moved, Selected, Within};
use crate::sync::Syncer;
use crate::uidset::UidSet;
use model::{Flag, LetterId};
use std::collections::{HashMap, HashSet};
use store::{Baseline, JournalEntry, JournalLetter};

/// What came into the target of a copy since it was first tried: letters with a Message-ID, counted, and the others.
#[derive(Default)]
struct Earlier {
    named: HashMap<String, usize>,
    nameless: Came,
}

/// The Message-ID of a letter.
pub(super) fn named(letter: &JournalLetter) -> Option<&str> {
    letter.message_id.as_deref().filter(|id| !id.trim().is_empty())
}

/// Whether a letter has a Message-ID.
pub(super) fn named_at_all(letter: &JournalLetter) -> bool {
    named(letter).is_some()
}

impl Syncer {
    /// Sets or clears a flag.
    pub(super) async fn mark_letters(
        &mut self,
        mailbox: &str,
        uid_validity: Option<u32>,
        letters: &[JournalLetter],
        (flag, on): (Flag, bool),
    ) -> Result<Note, SyncError> {
        let opened = self.open_for_letters(mailbox, letters, Care::Newest).await?;
        let Some(mut opened) = opened else { return Ok(Some(no_mailbox(mailbox))) };
        let found = self.find(&mut opened, (mailbox, uid_validity), letters).await?;
        if !found.letters.is_empty() {
            self.session.store_flag(&found.uids(), flag, on).await?;
        }
        Ok(found.note("marked", mailbox))
    }

    /// Takes a label off letters, in the mailbox in which they are seen and stay: nothing is ever expunged for it. One
    /// that has not got the label any more is as it should be.
    pub(super) async fn unlabel_letters(
        &mut self,
        mailbox: &str,
        uid_validity: Option<u32>,
        letters: &[JournalLetter],
        label: &str,
    ) -> Result<Note, SyncError> {
        // What went here for the order is looked for once more, whatever becomes of it.
        self.touch(label).await?;
        let opened = self.open_for_letters(mailbox, letters, Care::Each).await?;
        let Some(mut opened) = opened else { return Ok(Some(no_mailbox(mailbox))) };
        let found = self.find(&mut opened, (mailbox, uid_validity), letters).await?;
        if !found.letters.is_empty() {
            self.session.take_label_off(&found.uids(), label).await?;
        }
        Ok(found.note(&format!("freed of the label “{label}”"), mailbox))
    }

    /// Deletes letters for good. Those that are gone already are as they should be.
    pub(super) async fn delete_letters(
        &mut self,
        mailbox: &str,
        uid_validity: Option<u32>,
        letters: &[JournalLetter],
    ) -> Result<Note, SyncError> {
        let opened = self.open_for_letters(mailbox, letters, Care::Each).await?;
        let Some(mut opened) = opened else { return Ok(None) };
        let found = self.find(&mut opened, (mailbox, uid_validity), letters).await?;
        if !found.letters.is_empty() {
            self.session.expunge(&found.uids()).await?;
        }
        Ok(None)
    }

    /// Deletes what was in a mailbox when the order was given, and nothing that came since. Where the server gives UIDs a
    /// second time, the highest of then says nothing, and those letters go that are known.
    pub(super) async fn empty_mailbox(
        &mut self,
        entry: &JournalEntry,
        mailbox: &str,
        uid_validity: Option<u32>,
        upto: Option<u32>,
        letters: &[JournalLetter],
    ) -> Result<Note, SyncError> {
        let Some(selected) = self.open_for(mailbox).await? else { return Ok(None) };
        let mut opened = Opened::unseen(selected);
        let mut note = None;
        match upto {
            Some(_) if uid_validity.is_some_and(|validity| validity != opened.selected.uid_validity) => {
                note = Some(format!("“{mailbox}” was made anew on the server meanwhile; it was not emptied."));
            }
            Some(upto) if self.is_still_the_highest(entry, mailbox, upto, &opened.selected).await? => {
                self.session.expunge_up_to(upto).await?;
            }
            Some(_) => {
                let known = self.store.deleted_by(entry.id).await?;
                self.expunge_found(&mut opened, (mailbox, None), &known).await?;
            }
            None => {}
        }
        self.expunge_found(&mut opened, (mailbox, uid_validity.filter(|_| upto.is_none())), letters).await?;
        self.touch(mailbox).await?;
        Ok(note)
    }

    /// Whether the highest UID of an order to empty a mailbox still names the same letter. Where nothing is known of the
    /// letters that were in it, the server's numbers have to do.
    async fn is_still_the_highest(
        &mut self,
        entry: &JournalEntry,
        mailbox: &str,
        upto: u32,
        opened: &Selected,
    ) -> Result<bool, SyncError> {
        if opened.uid_next.is_some_and(|next| next <= upto) {
            return Ok(false);
        }
        let Some(highest) = self.store.deleted_at(entry.id, upto).await? else { return Ok(true) };
        if self.trust(mailbox, None, opened).await? != Trust::Believed {
            return Ok(false);
        }
        Ok(!self.the_same(&highest).await?.is_empty())
    }

    async fn expunge_found(
        &mut self,
        opened: &mut Opened,
        within: (&str, Option<u32>),
        letters: &[JournalLetter],
    ) -> Result<(), SyncError> {
        let found = self.find(opened, within, letters).await?;
        if !found.letters.is_empty() {
            self.session.expunge(&found.uids()).await?;
        }
        Ok(())
    }

    /// Moves letters. Without MOVE (RFC 6851) they are copied and then deleted, and what an earlier try has copied is
    /// only deleted.
    pub(super) async fn move_letters(
        &mut self,
        entry: &JournalEntry,
        mailbox: &str,
        uid_validity: Option<u32>,
        letters: &[JournalLetter],
        target: &str,
    ) -> Result<Note, SyncError> {
        let in_one = self.session.capabilities().offers("MOVE");
        if !in_one {
            let copied = self.copy_missing(entry, (mailbox, uid_validity), letters, target).await?;
            let Some((found, _)) = copied else { return Ok(Some(no_mailbox(mailbox))) };
            if !found.letters.is_empty() {
                self.session.expunge(&found.uids()).await?;
            }
            self.touch(target).await?;
            return Ok(found.note("moved", mailbox).filter(|_| !entry.begun));
        }
        let opened = self.open_for_letters(mailbox, letters, Care::Each).await?;
        let Some(mut opened) = opened else { return Ok(Some(no_mailbox(mailbox))) };
        let found = self.find(&mut opened, (mailbox, uid_validity), letters).await?;
        if !found.letters.is_empty() {
            let moved = match self.session.move_to(&found.uids(), target).await {
                Err(SyncError::Refused(refusal)) if refusal.is_no_such_mailbox() => {
                    self.session.create(target).await?;
                    self.relist = true;
                    self.session.move_to(&found.uids(), target).await?
                }
                outcome => outcome?,
            };
            self.place(target, moved, &found.letters).await?;
        }
        self.touch(target).await?;
        // A second try finds gone what the first one moved.
        Ok(found.note("moved", mailbox).filter(|_| !entry.begun))
    }

    /// Copies letters, each once.
    pub(super) async fn copy_letters(
        &mut self,
        entry: &JournalEntry,
        mailbox: &str,
        uid_validity: Option<u32>,
        letters: &[JournalLetter],
        target: &str,
    ) -> Result<Note, SyncError> {
        let copied = self.copy_missing(entry, (mailbox, uid_validity), letters, target).await?;
        let Some((found, _)) = copied else { return Ok(Some(no_mailbox(mailbox))) };
        self.touch(target).await?;
        Ok(found.note("copied", mailbox))
    }

    /// Copies those letters that no earlier try has copied. All that were found; `None` where their mailbox is gone.
    /// Their mailbox is open afterwards.
    async fn copy_missing(
        &mut self,
        entry: &JournalEntry,
        (mailbox, uid_validity): (&str, Option<u32>),
        letters: &[JournalLetter],
        target: &str,
    ) -> Result<Option<(Found, Moved)>, SyncError> {
        let there = self.open_or_make(target).await?;
        let earlier = match self.baseline(entry, &there).await? {
            Some(before) => Some(self.earlier_copies(&there, before, letters).await?),
            None => None,
        };
        let opened = self.open_for_letters(mailbox, letters, Care::Each).await?;
        let Some(mut opened) = opened else { return Ok(None) };
        let found = self.find(&mut opened, (mailbox, uid_validity), letters).await?;
        let done = match earlier {
            Some(earlier) => self.copied_by(earlier, &found, letters).await?,
            None => HashSet::new(),
        };
        let missing: Vec<(LetterId, u32)> =
            found.letters.iter().filter(|(letter, _)| !done.contains(letter)).copied().collect();
        let mut copied = Moved::default();
        if !missing.is_empty() {
            copied = self.session.copy_to(&UidSet::of(missing.iter().map(|(_, uid)| *uid)), target).await?;
            let made: HashMap<LetterId, LetterId> = self.store.copies_of(entry.id).await?.into_iter().collect();
            let made = |letter: LetterId| made.get(&letter).copied().unwrap_or(letter);
            let missing: Vec<_> = missing.into_iter().map(|(letter, uid)| (made(letter), uid)).collect();
            self.place(target, copied.clone(), &missing).await?;
        }
        Ok(Some((found, copied)))
    }

    /// How the mailbox that is open stood before the order was first tried; `None` where that is only now, and is noted.
    pub(super) async fn baseline(
        &mut self,
        entry: &JournalEntry,
        opened: &Selected,
    ) -> Result<Option<Baseline>, SyncError> {
        if entry.baseline.is_some() {
            return Ok(entry.baseline);
        }
        let uid_next = match opened.uid_next {
            Some(uid_next) => uid_next,
            None => self.session.last_uid().await?.saturating_add(1),
        };
        let baseline = Baseline { uid_validity: opened.uid_validity, uid_next };
        self.store.journal_baseline(entry.id, baseline).await?;
        Ok(None)
    }

    /// What came into the mailbox that is open since an earlier try, and may be its copies.
    async fn earlier_copies(
        &mut self,
        opened: &Selected,
        before: Baseline,
        letters: &[JournalLetter],
    ) -> Result<Earlier, SyncError> {
        let from = since(before, opened);
        if opened.uid_next == Some(from) {
            return Ok(Earlier::default());
        }
        let within = Within { from, ..Within::default() };
        let named = self.session.with_message_ids(letters.iter().filter_map(named), within).await?;
        let nameless = match letters.iter().all(named_at_all) {
            true => Came::default(),
            false => self.came_since(opened, before).await?,
        };
        Ok(Earlier { named: named.into_iter().map(|(id, uids)| (id, uids.len())).collect(), nameless })
    }

    /// Which of the letters that were found in the mailbox that is open have been copied already: those with a
    /// Message-ID by that, the others by what they are like.
    async fn copied_by(
        &mut self,
        mut earlier: Earlier,
        found: &Found,
        letters: &[JournalLetter],
    ) -> Result<HashSet<LetterId>, SyncError> {
        let is_left = |count: &mut usize| count.checked_sub(1).map(|left| *count = left).is_some();
        let mut done = HashSet::new();
        // A copy is made in the order of UIDs, piece by piece: of two alike the first was copied.
        let names: HashMap<LetterId, &str> =
            letters.iter().filter_map(|letter| Some((letter.letter, named(letter)?))).collect();
        let mut by_uid = found.letters.clone();
        by_uid.sort_unstable_by_key(|(_, uid)| *uid);
        for (letter, _) in by_uid {
            if names.get(&letter).is_some_and(|id| earlier.named.get_mut(*id).is_some_and(is_left)) {
                done.insert(letter);
            }
        }
        if earlier.nameless.is_empty() {
            return Ok(done);
        }
        let nameless: HashSet<LetterId> =
            letters.iter().filter(|letter| !named_at_all(letter)).map(|letter| letter.letter).collect();
        let uids: HashMap<u32, LetterId> =
            found.letters.iter().filter(|(id, _)| nameless.contains(id)).map(|(id, uid)| (*uid, *id)).collect();
        for (uid, likeness) in self.session.likenesses(&UidSet::of(uids.keys().copied())).await? {
            if earlier.nameless.take(&likeness) {
                done.extend(uids.get(&uid));
            }
        }
        Ok(done)
    }

    /// Deletes the messages of these Message-IDs from the mailbox that is open; whether there were any.
    pub(super) async fn expunge_messages(&mut self, message_ids: &[String]) -> Result<bool, SyncError> {
        let ids = message_ids.iter().map(String::as_str);
        let found = self.session.with_message_ids(ids, Within::default()).await?;
        let any = !found.is_empty();
        if any {
            self.session.expunge(&UidSet::of(found.into_values().flatten())).await?;
        }
        Ok(any)
    }

    /// Tells the store the UIDs that letters got in the target, where both mean the same mailbox.
    async fn place(&mut self, target: &str, moved: Moved, letters: &[(LetterId, u32)]) -> Result<(), SyncError> {
        let Some(mailbox) = self.store.mailbox_by_path(self.account.id, target).await? else { return Ok(()) };
        let state = self.store.mailbox_state(mailbox.id).await?;
        if moved.uid_validity.is_none() || state.uid_validity != moved.uid_validity {
            return Ok(());
        }
        let new: HashMap<u32, u32> = moved.uids.into_iter().collect();
        let placed: Vec<_> = letters.iter().filter_map(|(letter, uid)| Some((*letter, *new.get(uid)?))).collect();
        if !placed.is_empty() {
            self.store.place_letters(mailbox.id, placed).await?;
        }
        Ok(())
    }
}
