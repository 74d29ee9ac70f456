//! The orders, each as commands. What comes back is a note where an order could not be carried out as it was given
//! because the letter or the mailbox is no longer there.

use super::verdict::search_from;
use crate::error::SyncError;
use crate::roles;
use crate::session::Selected;
use crate::sync::Syncer;
use crate::uidset::UidSet;
use model::{Flags, LetterId, Mailbox, Role};
use store::{AppendTo, JournalEntry, JournalLetter, JournalOp, ListedMailbox};

/// A note, or nothing to be said.
type Note = Option<String>;

/// Letters of an order, found in the mailbox that is open.
struct Found {
    letters: Vec<(LetterId, u32)>,
    lost: usize,
}

impl Found {
    fn uids(&self) -> UidSet {
        UidSet::of(self.letters.iter().map(|(_, uid)| *uid))
    }

    fn note(&self, what: &str, mailbox: &str) -> Note {
        (self.lost > 0).then(|| format!("{} of the letters to be {what} are no longer in “{mailbox}”", self.lost))
    }
}

impl Syncer {
    /// Carries out one order.
    pub(super) async fn obey(&mut self, entry: &JournalEntry) -> Result<Note, SyncError> {
        match &entry.op {
            JournalOp::SetFlags { mailbox, uid_validity, letters, flag, on } => {
                let Some(opened) = self.open_for(mailbox).await? else { return Ok(Some(no_mailbox(mailbox))) };
                let found = self.find(&opened, *uid_validity, letters).await?;
                if !found.letters.is_empty() {
                    self.session.store_flag(&found.uids(), *flag, *on).await?;
                }
                Ok(found.note("marked", mailbox))
            }
            JournalOp::Move { mailbox, uid_validity, letters, target } => {
                self.move_letters(mailbox, *uid_validity, letters, target).await
            }
            JournalOp::Delete { mailbox, uid_validity, letters } => {
                let Some(opened) = self.open_for(mailbox).await? else { return Ok(Some(no_mailbox(mailbox))) };
                let found = self.find(&opened, *uid_validity, letters).await?;
                if !found.letters.is_empty() {
                    self.session.expunge(&found.uids()).await?;
                }
                Ok(None)
            }
            JournalOp::Append { to, message_id, flags, .. } => self.append_once(entry, to, message_id, *flags).await,
        }
    }

    /// Opens a mailbox; `None` where it is not there any more.
    async fn open_for(&mut self, path: &str) -> Result<Option<Selected>, SyncError> {
        match self.open(path).await {
            Ok(selected) => Ok(Some(selected)),
            Err(SyncError::Refused(refusal)) if refusal.is_no_such_mailbox() => Ok(None),
            Err(error @ SyncError::Refused(_)) => {
                // Not every server says why it refuses; its list does.
                let listed = self.read_list().await?;
                if listed.iter().any(|mailbox| mailbox.path == path) { Err(error) } else { Ok(None) }
            }
            Err(error) => Err(error),
        }
    }

    /// The letters' UIDs in the mailbox that is open: those noted, where UIDVALIDITY has not changed since, else by
    /// Message-ID.
    async fn find(
        &mut self,
        opened: &Selected,
        uid_validity: Option<u32>,
        letters: &[JournalLetter],
    ) -> Result<Found, SyncError> {
        let valid = uid_validity.is_none_or(|validity| validity == opened.uid_validity);
        let mut found = Found { letters: Vec::with_capacity(letters.len()), lost: 0 };
        for letter in letters {
            let uid = match (letter.uid.filter(|_| valid), &letter.message_id) {
                (Some(uid), _) => Some(uid),
                (None, Some(message_id)) => self.session.with_message_id(message_id, None).await?.first().copied(),
                (None, None) => None,
            };
            match uid {
                Some(uid) => found.letters.push((letter.letter, uid)),
                None => found.lost += 1,
            }
        }
        Ok(found)
    }

    async fn move_letters(
        &mut self,
        mailbox: &str,
        uid_validity: Option<u32>,
        letters: &[JournalLetter],
        target: &str,
    ) -> Result<Note, SyncError> {
        let copied_before = self.copied_before(letters, target).await?;
        let Some(opened) = self.open_for(mailbox).await? else { return Ok(Some(no_mailbox(mailbox))) };
        let mut found = self.find(&opened, uid_validity, letters).await?;
        let note = found.note("moved", mailbox);
        let (twice, once): (Vec<_>, Vec<_>) =
            found.letters.into_iter().partition(|(letter, _)| copied_before.contains(letter));
        if !twice.is_empty() {
            self.session.expunge(&UidSet::of(twice.iter().map(|(_, uid)| *uid))).await?;
        }
        found.letters = once;
        if !found.letters.is_empty() {
            let moved = match self.session.move_to(&found.uids(), target).await {
                Err(SyncError::Refused(refusal)) if refusal.is_no_such_mailbox() => {
                    self.session.create(target).await?;
                    self.session.move_to(&found.uids(), target).await?
                }
                outcome => outcome?,
            };
            self.place(target, moved.uid_validity, &found.letters, &moved.uids).await?;
        }
        self.touch(target).await?;
        Ok(note)
    }

    /// Letters that are in the target already. Only without MOVE can a move have been broken off between its halves,
    /// and only then is it worth the question.
    async fn copied_before(&mut self, letters: &[JournalLetter], target: &str) -> Result<Vec<LetterId>, SyncError> {
        let mut copied = Vec::new();
        if self.session.capabilities().offers("MOVE") || self.open_for(target).await?.is_none() {
            return Ok(copied);
        }
        for letter in letters {
            let Some(message_id) = &letter.message_id else { continue };
            if !self.session.with_message_id(message_id, None).await?.is_empty() {
                copied.push(letter.letter);
            }
        }
        Ok(copied)
    }

    /// Tells the store the UIDs that letters got in the target, where both mean the same mailbox.
    async fn place(
        &mut self,
        target: &str,
        uid_validity: Option<u32>,
        letters: &[(LetterId, u32)],
        moved: &[(u32, u32)],
    ) -> Result<(), SyncError> {
        let Some(mailbox) = self.store.mailbox_by_path(self.account.id, target).await? else { return Ok(()) };
        let state = self.store.mailbox_state(mailbox.id).await?;
        if uid_validity.is_none() || state.uid_validity != uid_validity {
            return Ok(());
        }
        let new_uid = |uid: u32| moved.iter().find(|(old, _)| *old == uid).map(|(_, new)| *new);
        let placed: Vec<_> = letters.iter().filter_map(|(letter, uid)| Some((*letter, new_uid(*uid)?))).collect();
        if !placed.is_empty() {
            self.store.place_letters(mailbox.id, placed).await?;
        }
        Ok(())
    }

    /// Puts a message into a mailbox, unless it is there: from an attempt whose answer was lost, or because the smart
    /// host keeps copies of its own.
    async fn append_once(
        &mut self,
        entry: &JournalEntry,
        to: &AppendTo,
        message_id: &str,
        flags: Flags,
    ) -> Result<Note, SyncError> {
        let path = match to {
            AppendTo::Role(role) => self.mailbox_for(*role).await?.path,
            AppendTo::Path(path) => path.clone(),
        };
        if self.open_for(&path).await?.is_none() {
            self.session.create(&path).await?;
            self.read_list().await?;
            self.open(&path).await?;
        }
        let since = search_from(entry.created_at);
        let there =
            !message_id.is_empty() && !self.session.with_message_id(message_id, Some(&since)).await?.is_empty();
        if !there {
            let bytes = self.store.journal_bytes(entry.id).await?;
            self.session.append(&path, flags, &bytes).await?;
        }
        self.touch(&path).await?;
        Ok(None)
    }

    /// The mailbox of a role, made where the account has none.
    async fn mailbox_for(&mut self, role: Role) -> Result<Mailbox, SyncError> {
        if let Some(mailbox) = self.store.mailbox_by_role(self.account.id, role).await? {
            return Ok(mailbox);
        }
        let existing = self.store.mailboxes(Some(self.account.id)).await?;
        let path = roles::path_for(role, &existing.into_iter().map(listed).collect::<Vec<_>>());
        self.session.create(&path).await?;
        let listed = self.read_list().await?;
        let made = listed.into_iter().find(|mailbox| mailbox.role == Some(role) || mailbox.path == path);
        made.ok_or_else(|| self.session.against_the_rules(&format!("it made “{path}” and does not list it")))
    }

    async fn touch(&mut self, path: &str) -> Result<(), SyncError> {
        if let Some(mailbox) = self.store.mailbox_by_path(self.account.id, path).await? {
            self.touched.insert(mailbox.id);
        }
        Ok(())
    }
}

fn no_mailbox(path: &str) -> String {
    format!("“{path}” is no longer on the server; nothing was changed there")
}

fn listed(mailbox: Mailbox) -> ListedMailbox {
    let Mailbox { path, separator, role, selectable, subscribed, .. } = mailbox;
    ListedMailbox { path, separator, role, selectable, subscribed }
}
