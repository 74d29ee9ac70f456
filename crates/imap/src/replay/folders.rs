//! Orders about mailboxes: made, renamed, removed, subscribed to.
//!
//! Each looks first at what the server has: a second try finds what the first one did, and a mailbox that another
//! program made, renamed or deleted meanwhile is told from one that the server refuses.

use super::came::Came;
use super::orders::{Note, no_mailbox};
use crate::error::SyncError;
use crate::sync::Syncer;
use crate::uidset::UidSet;
use model::Role;
use std::collections::HashSet;
use store::{JournalEntry, LettersGo};

impl Syncer {
    /// Makes a mailbox. One that is there already is as good.
    pub(super) async fn create_mailbox(&mut self, path: &str) -> Result<Note, SyncError> {
        self.relist = true;
        match self.session.create(path).await {
            Err(error) if error.refusal().is_some() => {
                if self.is_listed(path).await? {
                    Ok(None)
                } else {
                    Err(error)
                }
            }
            outcome => outcome.map(|()| None),
        }
    }

    /// Renames a mailbox.
    pub(super) async fn rename_mailbox(&mut self, from: &str, to: &str) -> Result<Note, SyncError> {
        self.relist = true;
        let listed = self.session.list().await?;
        let is_there = |path: &str| listed.iter().any(|mailbox| mailbox.path == path);
        match (is_there(from), is_there(to)) {
            (true, false) => self.session.rename(from, to).await.map(|()| None),
            (false, true) => Ok(None),
            (true, true) => Err(self.session.refused("RENAME", "another mailbox has that name").into()),
            (false, false) => Ok(Some(format!("“{from}” is no longer on the server; it could not be renamed."))),
        }
    }

    /// Removes a mailbox, and deals with its letters before.
    pub(super) async fn remove_mailbox(
        &mut self,
        entry: &JournalEntry,
        path: &str,
        letters: LettersGo,
    ) -> Result<Note, SyncError> {
        self.relist = true;
        if letters == LettersGo::ToTrash && !self.all_to_trash(entry, path).await? {
            return Ok(None);
        }
        match self.session.remove(path).await {
            Err(error) if error.refusal().is_some() => {
                if self.is_listed(path).await? {
                    Err(error)
                } else {
                    Ok(None)
                }
            }
            outcome => outcome.map(|()| None),
        }
    }

    /// Puts everything that is in a mailbox into the trash. Without MOVE it is copied, but for what an earlier try has
    /// copied; what stays goes with the mailbox.
    /// `false` where the mailbox is gone.
    async fn all_to_trash(&mut self, entry: &JournalEntry, path: &str) -> Result<bool, SyncError> {
        let trash = self.mailbox_for(Role::Trash).await?;
        let there = self.open_or_make(&trash.path).await?;
        let mut came = match self.baseline(entry, &there).await? {
            Some(before) => self.came_since(&there, before).await?,
            None => Came::default(),
        };
        if self.open_for(path).await?.is_none() {
            self.touch(&trash.path).await?;
            return Ok(false);
        }
        let mut uids = UidSet::of(self.session.rows_from(1).await?.into_iter().map(|row| row.uid));
        if self.session.capabilities().offers("MOVE") {
            self.session.move_to(&uids, &trash.path).await?;
        } else {
            if !came.is_empty() {
                let letters = self.session.likenesses(&uids).await?;
                let copied: HashSet<u32> =
                    letters.into_iter().filter(|(_, one)| came.take(one)).map(|(uid, _)| uid).collect();
                uids = UidSet::of(uids.iter().filter(|uid| !copied.contains(uid)));
            }
            self.session.copy_to(&uids, &trash.path).await?;
        }
        self.touch(&trash.path).await?;
        Ok(true)
    }

    /// Subscribes to a mailbox, or no longer.
    pub(super) async fn subscribe_mailbox(&mut self, path: &str, on: bool) -> Result<Note, SyncError> {
        match self.session.subscribe(path, on).await {
            Err(SyncError::Refused(refusal)) if refusal.is_no_such_mailbox() => Ok(Some(no_mailbox(path))),
            outcome => outcome.map(|()| None),
        }
    }
}
