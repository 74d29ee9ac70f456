//! What a server says beyond mailboxes and letters: labels, and what mailboxes begin with.
//!
//! A label is named by the path of its mailbox. It belongs to the message, in whatever mailbox that is seen.

use super::letters::changed;
use crate::database::Tx;
use crate::{Result, Store};
use model::{AccountId, ContentId, JournalId, LetterId, MailboxId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

impl Store {
    /// Sets the labels of messages, by the UIDs that they have in a mailbox; the letters that look different now. UIDs
    /// that are not here are passed over, and so is what was ordered here and is not done yet.
    pub async fn set_labels(&self, id: MailboxId, labels: Vec<(u32, BTreeSet<String>)>) -> Result<Vec<LetterId>> {
        let look = labels.clone();
        let differ = self.mail(move |db| {
            let differs = |(uid, wanted): &(u32, BTreeSet<String>)| match placed(db, id, *uid)? {
                Some((_, content)) => Ok(labels_of(db, content)? != *wanted),
                None => Ok(false),
            };
            look.iter().map(differs).collect::<Result<Vec<bool>>>()
        });
        let differ = differ.await?;
        let labels: Vec<_> =
            labels.into_iter().zip(differ).filter(|(_, differs)| *differs).map(|(one, _)| one).collect();
        if labels.is_empty() {
            return Ok(Vec::new());
        }
        self.write_mail(move |tx| {
            let mut letters = Vec::new();
            for (uid, names) in labels {
                let Some((letter, content)) = placed(tx, id, uid)? else { continue };
                tx.prepare_cached("DELETE FROM label WHERE content = ?1")?.execute([content.0])?;
                put(tx, content, &names)?;
                letters.push(letter);
            }
            changed(tx, id, super::letters::account_of(tx, id)?);
            Ok(letters)
        })
        .await
    }

    /// The labels of messages; those that have none are left out.
    pub async fn labels(&self, contents: Vec<ContentId>) -> Result<HashMap<ContentId, Vec<String>>> {
        self.mail(move |db| {
            let mut found = HashMap::new();
            for content in contents {
                let mut names = labels_of(db, content)?;
                // One whose mailbox is being removed.
                names.retain(|name| !name.starts_with('\u{0}'));
                if !names.is_empty() {
                    found.insert(content, names.into_iter().collect());
                }
            }
            Ok(found)
        })
        .await
    }

    /// Takes a label off a message: its place in the mailbox of the label goes, here at once, and on the server by an
    /// order; the message stays wherever else it lies. The orders; none where it has no such place.
    pub async fn take_label(&self, letter: LetterId, label: &str) -> Result<Vec<JournalId>> {
        let name = label.to_owned();
        let place = self
            .mail(move |db| {
                let sql = "SELECT other.id, letter.content FROM letter
                               CROSS JOIN mailbox AS seen ON seen.id = letter.mailbox
                               CROSS JOIN mailbox ON mailbox.account = seen.account AND mailbox.path = ?2
                               CROSS JOIN letter AS other
                                   ON other.content = letter.content AND other.mailbox = mailbox.id
                           WHERE letter.id = ?1 AND other.hidden = 0";
                let found = db
                    .prepare_cached(sql)?
                    .query_row((letter.0, name), |row| Ok((LetterId(row.get(0)?), ContentId(row.get(1)?))));
                Ok(found.optional()?)
            })
            .await?;
        let Some((place, content)) = place else { return Ok(Vec::new()) };
        let orders = self.apply_local_delete(&[place], Duration::ZERO).await?;
        let name = label.to_owned();
        self.write_mail(move |tx| {
            let sql = "DELETE FROM label WHERE content = ?1 AND name = ?2";
            tx.prepare_cached(sql)?.execute((content.0, name))?;
            Ok(())
        })
        .await?;
        Ok(orders)
    }

    /// What mailboxes of the user begin with on the server of an account; `None` where it is not known.
    pub async fn mailbox_prefix(&self, account: AccountId) -> Result<Option<String>> {
        self.mail(move |db| {
            let mut query = db.prepare_cached("SELECT prefix FROM server WHERE account = ?1")?;
            Ok(query.query_row([account.0], |row| row.get(0)).optional()?.flatten())
        })
        .await
    }

    /// Notes what mailboxes of the user begin with.
    pub async fn set_mailbox_prefix(&self, account: AccountId, prefix: Option<String>) -> Result<()> {
        if self.mailbox_prefix(account).await? == prefix {
            return Ok(());
        }
        self.write_mail(move |tx| {
            let sql = "INSERT INTO server (account, prefix) VALUES (?1, ?2)
                       ON CONFLICT (account) DO UPDATE SET prefix = excluded.prefix";
            tx.prepare_cached(sql)?.execute((account.0, prefix))?;
            Ok(())
        })
        .await
    }
}

fn placed(db: &Connection, mailbox: MailboxId, uid: u32) -> Result<Option<(LetterId, ContentId)>> {
    let mut query = db.prepare_cached("SELECT id, content FROM letter WHERE mailbox = ?1 AND uid = ?2")?;
    Ok(query.query_row((mailbox.0, uid), |row| Ok((LetterId(row.get(0)?), ContentId(row.get(1)?)))).optional()?)
}

fn labels_of(db: &Connection, content: ContentId) -> Result<BTreeSet<String>> {
    let mut query = db.prepare_cached("SELECT name FROM label WHERE content = ?1")?;
    let names = query.query_map([content.0], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

fn put(tx: &Tx<'_>, content: ContentId, names: &BTreeSet<String>) -> Result<()> {
    // Whose place in the mailbox of the label is on its way out.
    let leaving = "SELECT EXISTS (SELECT 1 FROM letter CROSS JOIN mailbox ON mailbox.id = letter.mailbox
                   WHERE letter.content = ?1 AND letter.hidden = 1 AND mailbox.path = ?2)";
    for name in names {
        if tx.prepare_cached(leaving)?.query_row((content.0, name), |row| row.get(0))? {
            continue;
        }
        tx.prepare_cached("INSERT INTO label (content, name) VALUES (?1, ?2)")?.execute((content.0, name))?;
    }
    Ok(())
}
