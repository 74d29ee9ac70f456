//! The orders, each as commands. What comes back is a note where an order could not be carried out as it was given
//! because the letter or the mailbox is no longer there.

use super::verdict::search_from;
use crate::error::SyncError;
use crate::roles;
use crate::session::{Likeness, Selected, Within};
use crate::sync::Syncer;
use model::{Flags, Mailbox, Role};
use store::{AppendTo, Baseline, JournalEntry, JournalOp, ListedMailbox};

/// A note, or nothing to be said.
pub(super) type Note = Option<String>;

impl Syncer {
    /// Carries out one order.
    pub(super) async fn obey(&mut self, entry: &JournalEntry) -> Result<Note, SyncError> {
        match &entry.op {
            JournalOp::SetFlags { mailbox, uid_validity, letters, flag, on } => {
                self.mark_letters(mailbox, *uid_validity, letters, (*flag, *on)).await
            }
            JournalOp::Move { mailbox, uid_validity, letters, target } => {
                self.move_letters(entry, mailbox, *uid_validity, letters, target).await
            }
            JournalOp::Copy { mailbox, uid_validity, letters, target } => {
                self.copy_letters(entry, mailbox, *uid_validity, letters, target).await
            }
            JournalOp::Unlabel { mailbox, uid_validity, letters, label } => {
                self.unlabel_letters(mailbox, *uid_validity, letters, label).await
            }
            JournalOp::Delete { mailbox, uid_validity, letters } => {
                self.delete_letters(mailbox, *uid_validity, letters).await
            }
            JournalOp::Empty { mailbox, uid_validity, upto, letters } => {
                self.empty_mailbox(entry, mailbox, *uid_validity, *upto, letters).await
            }
            JournalOp::Append { to, message_id, flags, .. } => self.append_once(entry, to, message_id, *flags).await,
            JournalOp::Import { path, message_id, size, flags, received } => {
                self.import_once(entry, path, (message_id, *size), *flags, *received).await
            }
            JournalOp::Draft { message_id, replaces, .. } => {
                self.replace_draft(entry, message_id.as_deref(), replaces).await
            }
            JournalOp::CreateMailbox { path } => self.create_mailbox(path).await,
            JournalOp::RenameMailbox { from, to } => self.rename_mailbox(from, to).await,
            JournalOp::RemoveMailbox { path, letters } => self.remove_mailbox(entry, path, *letters).await,
            JournalOp::SubscribeMailbox { path, on } => self.subscribe_mailbox(path, *on).await,
            JournalOp::Withdraw { .. } => Ok(None),
        }
    }

    /// Opens a mailbox; `None` where it is not there any more.
    pub(super) async fn open_for(&mut self, path: &str) -> Result<Option<Selected>, SyncError> {
        let outcome = self.open(path).await;
        self.unless_gone(path, outcome).await
    }

    /// What opening a mailbox led to; `None` where it is not there any more.
    pub(super) async fn unless_gone<T>(
        &mut self,
        path: &str,
        outcome: Result<T, SyncError>,
    ) -> Result<Option<T>, SyncError> {
        match outcome {
            Ok(opened) => Ok(Some(opened)),
            Err(SyncError::Refused(refusal)) if refusal.is_no_such_mailbox() => Ok(None),
            Err(error @ SyncError::Refused(_)) => {
                // Not every server says why it refuses; its list does.
                if self.is_listed(path).await? { Err(error) } else { Ok(None) }
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the server has a mailbox of this path.
    pub(super) async fn is_listed(&mut self, path: &str) -> Result<bool, SyncError> {
        Ok(self.session.list().await?.iter().any(|mailbox| mailbox.path == path))
    }

    /// Opens a mailbox that something is to be put into, and makes it where it is not there.
    pub(super) async fn open_or_make(&mut self, path: &str) -> Result<Selected, SyncError> {
        match self.open_for(path).await? {
            Some(opened) => Ok(opened),
            None => {
                self.session.create(path).await?;
                self.relist = true;
                self.open(path).await
            }
        }
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
        let opened = self.open_or_make(&path).await?;
        if !self.was_appended(entry, &opened, message_id).await? {
            let bytes = self.store.journal_bytes(entry.id).await?;
            self.session.append(&path, flags, &bytes).await?;
        }
        self.touch(&path).await?;
        Ok(None)
    }

    /// Whether a message is in the mailbox that is open. One without a Message-ID is there if something like it came
    /// since the order was first tried.
    pub(super) async fn was_appended(
        &mut self,
        entry: &JournalEntry,
        opened: &Selected,
        message_id: &str,
    ) -> Result<bool, SyncError> {
        if message_id.is_empty() {
            let Some(before) = self.baseline(entry, opened).await? else { return Ok(false) };
            let message = Likeness::of(&self.store.journal_bytes(entry.id).await?);
            let mut is_there = false;
            self.session.likenesses_from(since(before, opened), |other| is_there |= message.may_be(&other)).await?;
            return Ok(is_there);
        }
        let since = search_from(entry.created_at);
        let within = Within { since: Some(&since), ..Within::default() };
        Ok(!self.session.with_message_id(message_id, within).await?.is_empty())
    }

    /// Puts a state of a draft into Drafts, unless it is there, and takes its former states away.
    async fn replace_draft(
        &mut self,
        entry: &JournalEntry,
        message_id: Option<&str>,
        replaces: &[String],
    ) -> Result<Note, SyncError> {
        let path = match message_id {
            Some(_) => self.mailbox_for(Role::Drafts).await?.path,
            None => match self.store.mailbox_by_role(self.account.id, Role::Drafts).await? {
                Some(drafts) => drafts.path,
                None => return Ok(None),
            },
        };
        if let Some(message_id) = message_id {
            self.open_or_make(&path).await?;
            if self.session.with_message_id(message_id, Within::default()).await?.is_empty() {
                let bytes = self.store.journal_bytes(entry.id).await?;
                let flags = Flags::from_imap(["\\Draft", "\\Seen"]);
                self.session.append(&path, flags, &bytes).await?;
            }
        } else if self.open_for(&path).await?.is_none() {
            return Ok(None);
        }
        let replaced = self.expunge_messages(replaces).await?;
        self.touch(&path).await?;
        // A first try finds what it is to take the place of, unless somebody else was there.
        let is_lost = message_id.is_some() && !replaces.is_empty() && !replaced && !entry.begun;
        Ok(is_lost.then(|| {
            "A draft that was changed here was changed, sent or deleted by another program too; what was written here is kept."
                .to_owned()
        }))
    }

    /// The mailbox of a role, made where the account has none.
    pub(super) async fn mailbox_for(&mut self, role: Role) -> Result<Mailbox, SyncError> {
        if let Some(mailbox) = self.store.mailbox_by_role(self.account.id, role).await? {
            return Ok(mailbox);
        }
        let existing = self.store.mailboxes(Some(self.account.id)).await?;
        let namespaces = self.session.namespaces().await?;
        let existing: Vec<_> = existing.into_iter().map(listed).collect();
        let path = roles::path_for(role, &existing, namespaces.own_prefix());
        self.session.create(&path).await?;
        let listed = self.read_list().await?;
        let made = listed.into_iter().find(|mailbox| mailbox.role == Some(role) || mailbox.path == path);
        made.ok_or_else(|| self.session.against_the_rules(&format!("it made “{path}” and does not list it")))
    }

    pub(super) async fn touch(&mut self, path: &str) -> Result<(), SyncError> {
        if let Some(mailbox) = self.store.mailbox_by_path(self.account.id, path).await? {
            self.touched.insert(mailbox.id);
        }
        Ok(())
    }
}

/// The first UID that may have come since an order was first tried: any, where the mailbox was made anew.
pub(super) fn since(before: Baseline, opened: &Selected) -> u32 {
    if opened.uid_validity == before.uid_validity { before.uid_next } else { 1 }
}

/// That a mailbox is gone.
pub(super) fn no_mailbox(path: &str) -> String {
    format!("“{path}” is no longer on the server; nothing was changed there.")
}

fn listed(mailbox: Mailbox) -> ListedMailbox {
    let Mailbox { path, separator, role, selectable, subscribed, .. } = mailbox;
    ListedMailbox { path, separator, role, selectable, subscribed }
}
