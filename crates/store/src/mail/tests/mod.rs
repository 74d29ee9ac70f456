//! Mailboxes and letters on a real database: what the sync brings, what the user does, and both at once.

mod contents;
mod damage;
mod merging;
mod orders;
mod search;
mod sync;
mod topics;

use super::{LetterSummary, ListedMailbox, NewLetter};
use crate::Store;
use crate::testing::{self, account_of, at};
use model::{AccountId, Address, Flag, Flags, LetterId, MailboxId, Role};
use tempfile::TempDir;

/// A store with an account that has INBOX, Archive and Trash.
pub(super) struct World {
    pub(super) home: TempDir,
    pub(super) store: Store,
    pub(super) account: AccountId,
    pub(super) inbox: MailboxId,
    pub(super) archive: MailboxId,
    pub(super) trash: MailboxId,
}

pub(super) fn listed(path: &str, role: Option<Role>) -> ListedMailbox {
    ListedMailbox { path: path.into(), separator: Some("/".into()), role, selectable: true, subscribed: true }
}

pub(super) fn three() -> Vec<ListedMailbox> {
    vec![
        listed("Trash", Some(Role::Trash)),
        listed("Archive", Some(Role::Archive)),
        listed("INBOX", Some(Role::Inbox)),
    ]
}

impl World {
    pub(super) async fn new() -> Self {
        let (home, store) = testing::store().await;
        let account = store.add_account(account_of("anna@example.org", &[])).await.unwrap().id;
        let boxes = store.sync_mailbox_list(account, three()).await.unwrap();
        let [inbox, archive, trash] = [boxes[0].id, boxes[1].id, boxes[2].id];
        Self { home, store, account, inbox, archive, trash }
    }

    /// Closes the databases and opens them again.
    pub(super) async fn restarted(self) -> Self {
        let Self { home, store, account, inbox, archive, trash } = self;
        drop(store);
        let store = Store::open(home.path()).await.unwrap();
        Self { home, store, account, inbox, archive, trash }
    }

    /// The letter of this UID and name comes into a mailbox.
    pub(super) async fn arrives(&self, mailbox: MailboxId, uid: u32, name: &str) -> Vec<LetterId> {
        self.store.insert_letters(mailbox, vec![letter(uid, name)]).await.unwrap()
    }

    /// The names of the letters in a mailbox, newest first.
    pub(super) async fn names(&self, mailbox: MailboxId) -> Vec<String> {
        let (total, rows) = self.store.letters(super::LetterSource::Mailbox(mailbox), 0, 100).await.unwrap();
        assert_eq!(total as usize, rows.len(), "the counter counts what is there");
        rows.into_iter().map(|row| row.subject).collect()
    }

    pub(super) async fn flags(&self, id: LetterId) -> Flags {
        self.store.letter(id).await.unwrap().unwrap().row.flags
    }

    pub(super) async fn unread(&self, mailbox: MailboxId) -> u32 {
        self.store.mailbox(mailbox).await.unwrap().unwrap().unread
    }
}

pub(super) fn summary(name: &str) -> LetterSummary {
    LetterSummary {
        message_id: Some(format!("{name}@example.net")),
        from: vec![Address::new(Some("Bo Møller".into()), "bo@example.net")],
        to: vec![Address::new(None, "anna@example.org")],
        subject: name.into(),
        snippet: "Dear Anna".into(),
        text: format!("Dear Anna, this is {name}."),
        ..LetterSummary::default()
    }
}

/// A letter whose size tells it from others of the same name.
pub(super) fn letter(uid: u32, name: &str) -> NewLetter {
    NewLetter {
        uid,
        flags: Flags::default(),
        internal_date: at(i64::from(uid)),
        size: 100 + name.len() as u64,
        email_id: None,
        summary: summary(name),
        raw: Some(format!("Subject: {name}\r\n\r\n").into_bytes()),
    }
}

pub(super) fn seen() -> Flags {
    Flags::default().with(Flag::Seen, true)
}
