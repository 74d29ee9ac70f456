//! What a server says beyond mailboxes and letters: labels, and what mailboxes begin with.
//!
//! A label is named by the path of its mailbox. It belongs to the message, in whatever mailbox that is seen.

use super::letters::changed;
use super::local::Location;
use super::mailboxes::missing;
use crate::database::Tx;
use crate::journal::JournalOp;
use crate::{Result, Store, StoreError};
use model::{AccountId, ContentId, JournalId, LetterId, Mailbox, MailboxId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// How a letter that has a label stands to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Labelled {
    /// It is on.
    On,
    /// It was taken off here already.
    Going,
}

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
                let names = shown(db, content)?;
                if !names.is_empty() {
                    found.insert(content, names);
                }
            }
            Ok(found)
        })
        .await
    }

    /// Takes a label off letters: here at once, and on the server by an order after a pause, in which it can be withdrawn.
    /// They stay where they are seen, and nothing is deleted for it. Letters that have not got the label are passed over,
    /// unless none of them has it: then the server has no labels, or the mailbox is none. One that is seen in the mailbox
    /// of the label itself is refused.
    pub async fn take_label(
        &self,
        letters: &[LetterId],
        label: MailboxId,
        pause: Duration,
    ) -> Result<Vec<JournalId>> {
        let mailbox = self.mailbox(label).await?.ok_or_else(|| missing(label))?;
        let mut seen = self.present(letters).await?;
        if seen.iter().any(|one| (one.at.account, &one.at.mailbox) == (mailbox.account, &mailbox.path)) {
            let path = &mailbox.path;
            let why =
                format!("a letter in “{path}” cannot lose that label and stay there; move it or delete it instead");
            return Err(StoreError::Invalid(why));
        }
        let labelled = self.labelled(seen.iter().map(|one| one.letter.letter).collect(), &mailbox).await?;
        if labelled.is_empty() && !seen.is_empty() {
            let why =
                format!("“{}” is not a label of these letters; labels are what some servers have", mailbox.path);
            return Err(StoreError::Invalid(why));
        }
        seen.retain(|one| labelled.get(&one.letter.letter) == Some(&Labelled::On));
        let op = move |at: Location, letters| JournalOp::Unlabel {
            mailbox: at.mailbox,
            uid_validity: at.uid_validity,
            letters,
            label: mailbox.path.clone(),
        };
        self.act(seen, pause, op).await
    }

    /// Which of these letters have a label.
    async fn labelled(&self, letters: Vec<LetterId>, label: &Mailbox) -> Result<HashMap<LetterId, Labelled>> {
        let (mailbox, path) = (label.id, label.path.clone());
        self.mail(move |db| {
            let sql = "SELECT (SELECT min(hidden) FROM letter AS place
                               WHERE place.content = letter.content AND place.mailbox = ?2)
                       FROM letter CROSS JOIN label ON label.content = letter.content AND label.name = ?3
                       WHERE letter.id = ?1";
            let mut query = db.prepare_cached(sql)?;
            let mut found = HashMap::new();
            for letter in letters {
                let hidden = query.query_row((letter.0, mailbox.0, &path), |row| row.get::<_, Option<bool>>(0));
                if let Some(hidden) = hidden.optional()? {
                    found.insert(letter, if hidden == Some(true) { Labelled::Going } else { Labelled::On });
                }
            }
            Ok(found)
        })
        .await
    }

    /// Leaves the labels on that are to be put on again, where the server has not heard that they were to go; the letters
    /// of which there is something left to do.
    pub(super) async fn without_labels_left_on(
        &self,
        letters: &[LetterId],
        label: MailboxId,
    ) -> Result<Vec<LetterId>> {
        let wanted = letters.to_vec();
        let going = self.mail(move |db| {
            let sql = "SELECT pending.journal, pending.copy_of FROM letter
                       CROSS JOIN letter AS place ON place.content = letter.content
                       CROSS JOIN pending ON pending.letter = place.id
                       WHERE letter.id = ?1 AND place.mailbox = ?2 AND deletes = 1 AND copy_of IS NOT NULL";
            let mut query = db.prepare_cached(sql)?;
            let mut going = Vec::new();
            for letter in wanted {
                let found = query.query_map((letter.0, label.0), |row| {
                    Ok((letter, (JournalId(row.get(0)?), LetterId(row.get(1)?))))
                })?;
                going.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            Ok(going)
        });
        let going = going.await?;
        let left_on = self.withdraw_letters(going.iter().map(|(_, order)| *order).collect()).await?;
        let is_done = |letter: &LetterId| going.iter().any(|(one, (_, of))| one == letter && left_on.contains(of));
        Ok(letters.iter().copied().filter(|letter| !is_done(letter)).collect())
    }

    /// Notes that a server has labels. Where that is new, nothing is believed to be unchanged: letters that are here
    /// already are looked through once for theirs.
    pub async fn server_has_labels(&self, account: AccountId) -> Result<()> {
        let known = self.mail(move |db| {
            let mut query = db.prepare_cached("SELECT labels FROM server WHERE account = ?1")?;
            Ok(query.query_row([account.0], |row| row.get::<_, bool>(0)).optional()?)
        });
        if known.await? == Some(true) {
            return Ok(());
        }
        self.write_mail(move |tx| {
            let sql = "INSERT INTO server (account, labels) VALUES (?1, 1)
                       ON CONFLICT (account) DO UPDATE SET labels = 1";
            tx.prepare_cached(sql)?.execute([account.0])?;
            tx.prepare_cached("UPDATE mailbox SET highest_modseq = NULL WHERE account = ?1")?.execute([account.0])?;
            Ok(())
        })
        .await
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
    for name in names {
        tx.prepare_cached("INSERT INTO label (content, name) VALUES (?1, ?2)")?.execute((content.0, name))?;
    }
    Ok(())
}

/// Those that are to be seen: not one whose place is on its way out, or whose mailbox is being removed.
fn shown(db: &Connection, content: ContentId) -> Result<Vec<String>> {
    let sql = "SELECT name FROM label WHERE content = ?1 AND NOT EXISTS
                   (SELECT 1 FROM letter CROSS JOIN mailbox ON mailbox.id = letter.mailbox
                    WHERE letter.content = ?1 AND letter.hidden = 1 AND mailbox.path = label.name)";
    let mut query = db.prepare_cached(sql)?;
    let names = query.query_map([content.0], |row| row.get(0))?;
    let mut names = names.collect::<rusqlite::Result<Vec<String>>>()?;
    names.retain(|name| !name.starts_with('\u{0}'));
    Ok(names)
}
