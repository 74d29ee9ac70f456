//! What the user does to mailboxes themselves: in the journal first, then here.
//!
//! | order | withdraws, where the server has not heard of it |
//! |---|---|
//! | remove a mailbox | the order that makes it, where no letter is on its way into it: then nothing is left to do |
//! | rename B to C | the order that renames A to B: then A is renamed to C, or nothing is left to do |
//! | subscribe | the order that ends the subscription, and the other way round |

use super::mailboxes::{by_path, missing};
use super::orders::separator;
use crate::journal::{self, JournalEntry, JournalLetter, JournalOp, LettersGo};
use crate::{Result, Store, StoreError};
use model::{AccountId, JournalId, LetterId, Mailbox, MailboxId};
use rusqlite::Connection;
use std::time::Duration;

impl Store {
    /// Makes a mailbox here at once, with those that it is to be inside and that are not there, and orders it on the
    /// server: not every server makes those by itself (RFC 9051 §6.3.4). One of this path must not be there.
    pub async fn create_mailbox(&self, account: AccountId, path: &str) -> Result<Mailbox> {
        self.require_free(account, path).await?;
        let wanted = path.to_owned();
        let missing = self.mail(move |db| missing_parents(db, account, &wanted)).await?;
        let paths = missing.into_iter().chain([path.to_owned()]);
        self.give(paths.map(|path| (account, JournalOp::CreateMailbox { path })).collect(), Duration::ZERO).await?;
        self.require_by_path(account, path).await
    }

    /// Renames a mailbox with those inside it, here at once, and orders it on the server.
    pub async fn rename_mailbox(&self, id: MailboxId, path: &str) -> Result<Mailbox> {
        let mailbox = self.mailbox(id).await?.ok_or_else(|| missing(id))?;
        if mailbox.path == path {
            return Ok(mailbox);
        }
        self.require_free(mailbox.account, path).await?;
        let renamed_before = self.last_about(&mailbox, |op| match op {
            JournalOp::RenameMailbox { from, to } => (*to == mailbox.path).then(|| from.clone()),
            _ => None,
        });
        let from = match renamed_before.await? {
            Some((entry, from)) if self.withdraw_entry(entry).await? => from,
            _ => mailbox.path.clone(),
        };
        if from != path {
            let op = JournalOp::RenameMailbox { from, to: path.to_owned() };
            self.give_one(mailbox.account, op).await?;
        }
        self.require_by_path(mailbox.account, path).await
    }

    /// Removes a mailbox with its letters, here at once, and orders it on the server.
    pub async fn remove_mailbox(&self, id: MailboxId, letters: LettersGo) -> Result<()> {
        let mailbox = self.mailbox(id).await?.ok_or_else(|| missing(id))?;
        let made = self.last_about(&mailbox, |op| match op {
            JournalOp::CreateMailbox { path } => (*path == mailbox.path).then(String::new),
            _ => None,
        });
        if let Some((entry, _)) = made.await?
            && mailbox.total == 0
            && self.withdraw_entry(entry).await?
        {
            return Ok(());
        }
        let op = JournalOp::RemoveMailbox { path: mailbox.path, letters };
        self.give_one(mailbox.account, op).await.map(drop)
    }

    /// Subscribes to a mailbox, or no longer, here at once, and orders it on the server.
    pub async fn subscribe_mailbox(&self, id: MailboxId, on: bool) -> Result<()> {
        let mailbox = self.mailbox(id).await?.ok_or_else(|| missing(id))?;
        if mailbox.subscribed == on {
            return Ok(());
        }
        let before = self.last_about(&mailbox, |op| match op {
            JournalOp::SubscribeMailbox { path, on: was } => (*path == mailbox.path && *was != on).then(String::new),
            _ => None,
        });
        if let Some((entry, _)) = before.await?
            && self.withdraw_entry(entry).await?
        {
            return Ok(());
        }
        let op = JournalOp::SubscribeMailbox { path: mailbox.path, on };
        self.give_one(mailbox.account, op).await.map(drop)
    }

    /// Deletes what is in a mailbox for good: here at once, and on the server after `pause`, in which it can be
    /// withdrawn. `None` where nothing is in it.
    pub async fn empty_mailbox(&self, id: MailboxId, pause: Duration) -> Result<Option<JournalId>> {
        let mailbox = self.mailbox(id).await?.ok_or_else(|| missing(id))?;
        if mailbox.total == 0 {
            return Ok(None);
        }
        let state = self.mailbox_state(id).await?;
        let (upto, letters) = self
            .mail(move |db| {
                let sql = "SELECT max(uid) FROM letter WHERE mailbox = ?1 AND hidden = 0";
                let upto: Option<u32> = db.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?;
                let sql = "SELECT letter.id, message_id FROM letter JOIN content ON content.id = letter.content
                           WHERE mailbox = ?1 AND uid IS NULL AND hidden = 0";
                let mut query = db.prepare_cached(sql)?;
                let letters = query.query_map([id.0], |row| {
                    Ok(JournalLetter { letter: LetterId(row.get(0)?), uid: None, message_id: row.get(1)? })
                })?;
                Ok((upto, letters.collect::<rusqlite::Result<Vec<_>>>()?))
            })
            .await?;
        let op = JournalOp::Empty { mailbox: mailbox.path, uid_validity: state.uid_validity, upto, letters };
        Ok(self.give(vec![(mailbox.account, op)], pause).await?.first().copied())
    }

    /// Withdraws an order that the server has not heard of. Whether it could be.
    pub async fn withdraw_order(&self, id: JournalId) -> Result<bool> {
        self.withdraw_entry(id).await
    }

    async fn give_one(&self, account: AccountId, op: JournalOp) -> Result<Option<JournalId>> {
        Ok(self.give(vec![(account, op)], Duration::ZERO).await?.first().copied())
    }

    /// The last order that is not begun and about mailboxes, or into this one, where it is as asked for: what is between
    /// it and now must not lose its footing.
    async fn last_about(
        &self,
        mailbox: &Mailbox,
        is_it: impl Fn(&JournalOp) -> Option<String>,
    ) -> Result<Option<(JournalId, String)>> {
        let account = mailbox.account;
        let entries = self.local(move |db| journal::entries(db, Some(account))).await?;
        let last = entries.iter().rev().find(|entry| concerns(entry, &mailbox.path));
        Ok(last.filter(|entry| !entry.begun).and_then(|entry| Some((entry.id, is_it(&entry.op)?))))
    }

    async fn require_free(&self, account: AccountId, path: &str) -> Result<()> {
        let wanted = path.to_owned();
        match self.mail(move |db| by_path(db, account, &wanted)).await? {
            Some(_) => Err(StoreError::Invalid(format!("there is a mailbox “{path}” already; choose another name"))),
            None => Ok(()),
        }
    }

    async fn require_by_path(&self, account: AccountId, path: &str) -> Result<Mailbox> {
        let found = self.mailbox_by_path(account, path).await?;
        found.ok_or_else(|| StoreError::NotFound(format!("mailbox “{path}”")))
    }
}

/// The mailboxes around one of this path that are not there, the outermost first.
fn missing_parents(db: &Connection, account: AccountId, path: &str) -> Result<Vec<String>> {
    let Some(separator) = separator(db, account)?.filter(|separator| !separator.is_empty()) else {
        return Ok(Vec::new());
    };
    let around =
        path.match_indices(&separator).filter_map(|(at, _)| path.get(..at)).filter(|around| !around.is_empty());
    let mut missing = Vec::new();
    for around in around {
        if by_path(db, account, around)?.is_none() {
            missing.push(around.to_owned());
        }
    }
    Ok(missing)
}

/// Whether an order names a mailbox, one inside it, or one around it.
fn concerns(entry: &JournalEntry, path: &str) -> bool {
    let related = |other: &String| other.starts_with(path) || path.starts_with(other.as_str());
    match &entry.op {
        JournalOp::CreateMailbox { path }
        | JournalOp::Import { path, .. }
        | JournalOp::RemoveMailbox { path, .. }
        | JournalOp::SubscribeMailbox { path, .. } => related(path),
        JournalOp::RenameMailbox { from, to } => related(from) || related(to),
        JournalOp::Move { mailbox, target, .. } | JournalOp::Copy { mailbox, target, .. } => {
            related(mailbox) || related(target)
        }
        JournalOp::SetFlags { mailbox, .. }
        | JournalOp::Delete { mailbox, .. }
        | JournalOp::Empty { mailbox, .. } => related(mailbox),
        JournalOp::Append { to: journal::AppendTo::Path(path), .. } => related(path),
        _ => false,
    }
}
