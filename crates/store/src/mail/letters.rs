//! What the sync writes.

use super::arrive::{Ancestors, Destination, People, arrive, put_raw, put_text};
use super::mailboxes::missing;
use super::pending::{Appearance, refresh};
use super::{LetterSummary, NewLetter};
use crate::columns::Json;
use crate::database::Tx;
use crate::{Change, Result, Store, StoreError};
use model::{AccountId, Flags, LetterId, MailboxId};
use rusqlite::{Connection, OptionalExtension};

impl Store {
    /// Every UID of the mailbox that is known here, ascending, with the flags that the *server* was last seen to have.
    /// Letters that were moved away or deleted here only are among them.
    pub async fn uids(&self, id: MailboxId) -> Result<Vec<(u32, Flags)>> {
        self.mail(move |db| {
            let sql = "SELECT uid, server_flags FROM letter WHERE mailbox = ?1 AND uid IS NOT NULL
                       UNION ALL
                       SELECT origin_uid, server_flags FROM pending JOIN letter ON letter.id = pending.letter
                       WHERE origin = ?1 AND origin_uid IS NOT NULL
                       ORDER BY 1";
            let mut query = db.prepare_cached(sql)?;
            let uids = query.query_map([id.0], |row| Ok((row.get(0)?, Flags(row.get(1)?))))?;
            Ok(uids.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Adds letters and returns those that are new here. A letter whose UID is known is left alone; one that was moved
    /// here before its UID was known is recognised and keeps its number; one that was moved away or deleted here stays
    /// away.
    pub async fn insert_letters(&self, id: MailboxId, letters: Vec<NewLetter>) -> Result<Vec<LetterId>> {
        self.write_mail(move |tx| {
            let to = Destination { mailbox: id, account: account_of(tx, id)? };
            let mut new = Vec::new();
            for letter in &letters {
                new.extend(arrive(tx, &to, letter)?);
            }
            changed(tx, id, to.account);
            Ok(new)
        })
        .await
    }

    /// Adds the whole letter to one that was listed by its headers, with the summary that can be made of the whole. Its
    /// date and thread stay as they are.
    pub async fn set_raw(&self, id: LetterId, raw: Vec<u8>, summary: LetterSummary) -> Result<()> {
        self.write_mail(move |tx| {
            let sql = "UPDATE letter SET subject = ?2, snippet = ?3, attachments = ?4, people = ?5, ancestors = ?6
                       WHERE id = ?1 RETURNING text_row, mailbox";
            let mut update = tx.prepare_cached(sql)?;
            let key = (
                id.0,
                &summary.subject,
                &summary.snippet,
                summary.attachments,
                Json(People::of(&summary)),
                Json(Ancestors::of(&summary)),
            );
            let found = update.query_row(key, |row| Ok((row.get::<_, i64>(0)?, MailboxId(row.get(1)?))));
            let (text_row, mailbox) =
                found.optional()?.ok_or_else(|| StoreError::NotFound(format!("letter {id}")))?;
            tx.prepare_cached("DELETE FROM letter_text WHERE rowid = ?1")?.execute([text_row])?;
            put_text(tx, text_row, &summary)?;
            put_raw(tx, id, &raw)?;
            tx.changed(Change::Letters(mailbox));
            Ok(())
        })
        .await
    }

    /// Letters of a mailbox that are listed but not here as a whole, newest first.
    pub async fn missing_raw(&self, id: MailboxId, limit: u32) -> Result<Vec<(LetterId, u32)>> {
        self.mail(move |db| {
            let sql = "SELECT id, uid FROM letter
                       WHERE mailbox = ?1 AND hidden = 0 AND has_raw = 0 AND uid IS NOT NULL
                       ORDER BY date DESC, id DESC LIMIT ?2";
            let mut query = db.prepare_cached(sql)?;
            let found = query.query_map((id.0, limit), |row| Ok((LetterId(row.get(0)?), row.get(1)?)))?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The server's flags, by UID; what was done here and is not there yet stays on top. Returns the letters that look
    /// different now.
    pub async fn update_flags(&self, id: MailboxId, flags: Vec<(u32, Flags)>) -> Result<Vec<LetterId>> {
        self.write_mail(move |tx| {
            let account = account_of(tx, id)?;
            let sql = "UPDATE letter SET server_flags = ?2 WHERE id = ?1 AND server_flags <> ?2";
            let mut update = tx.prepare_cached(sql)?;
            let mut different = Vec::new();
            for (uid, flags) in flags {
                let Some(letter) = by_uid(tx, id, uid)? else { continue };
                if update.execute((letter.0, flags.0))? > 0 && refresh(tx, letter)? == Appearance::Changed {
                    different.push(letter);
                }
            }
            if !different.is_empty() {
                changed(tx, id, account);
            }
            Ok(different)
        })
        .await
    }

    /// The server no longer has these. Returns the letters that went. One that was moved away here is no longer to be
    /// found by its UID, and waits for its journal entry.
    pub async fn remove_uids(&self, id: MailboxId, uids: Vec<u32>) -> Result<Vec<LetterId>> {
        self.write_mail(move |tx| {
            let account = account_of(tx, id)?;
            let mut remove = tx.prepare_cached("DELETE FROM letter WHERE mailbox = ?1 AND uid = ?2 RETURNING id")?;
            let mut forget =
                tx.prepare_cached("UPDATE pending SET origin_uid = NULL WHERE origin = ?1 AND origin_uid = ?2")?;
            let mut gone = Vec::new();
            for uid in uids {
                gone.extend(remove.query_row((id.0, uid), |row| Ok(LetterId(row.get(0)?))).optional()?);
                forget.execute((id.0, uid))?;
            }
            if !gone.is_empty() {
                changed(tx, id, account);
            }
            Ok(gone)
        })
        .await
    }

    /// The server said which UIDs moved letters have in this mailbox (COPYUID, RFC 4315). Where the sync was faster and
    /// took one for new, the moved letter takes its place. A letter that was moved on meanwhile has its UID noted for
    /// that move.
    pub async fn place_letters(&self, id: MailboxId, placed: Vec<(LetterId, u32)>) -> Result<()> {
        self.write_mail(move |tx| {
            let account = account_of(tx, id)?;
            for (letter, uid) in placed {
                place(tx, id, letter, uid)?;
            }
            changed(tx, id, account);
            Ok(())
        })
        .await
    }

    /// The mailbox was synced to its end: letters here that still have no UID, and for which nothing is to be done on
    /// the server, are not there. Returns the letters that went.
    pub async fn drop_unplaced(&self, id: MailboxId) -> Result<Vec<LetterId>> {
        self.write_mail(move |tx| {
            let account = account_of(tx, id)?;
            let sql = "DELETE FROM letter WHERE mailbox = ?1 AND uid IS NULL
                       AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.letter = letter.id) RETURNING id";
            let mut remove = tx.prepare_cached(sql)?;
            let gone = remove.query_map([id.0], |row| Ok(LetterId(row.get(0)?)))?;
            let gone = gone.collect::<rusqlite::Result<Vec<_>>>()?;
            if !gone.is_empty() {
                changed(tx, id, account);
            }
            Ok(gone)
        })
        .await
    }
}

pub(super) fn changed(tx: &Tx<'_>, mailbox: MailboxId, account: AccountId) {
    tx.changed(Change::Letters(mailbox));
    tx.changed(Change::Mailboxes(account));
}

pub(super) fn account_of(db: &Connection, id: MailboxId) -> Result<AccountId> {
    let mut query = db.prepare_cached("SELECT account FROM mailbox WHERE id = ?1")?;
    query.query_row([id.0], |row| Ok(AccountId(row.get(0)?))).optional()?.ok_or_else(|| missing(id))
}

/// The letter that has this UID on the server, wherever it is here.
fn by_uid(db: &Connection, mailbox: MailboxId, uid: u32) -> Result<Option<LetterId>> {
    let sql = "SELECT id FROM letter WHERE mailbox = ?1 AND uid = ?2
               UNION ALL SELECT letter FROM pending WHERE origin = ?1 AND origin_uid = ?2 LIMIT 1";
    Ok(db.prepare_cached(sql)?.query_row((mailbox.0, uid), |row| Ok(LetterId(row.get(0)?))).optional()?)
}

fn place(tx: &Tx<'_>, mailbox: MailboxId, letter: LetterId, uid: u32) -> Result<()> {
    let here = "SELECT EXISTS (SELECT 1 FROM letter WHERE id = ?1 AND mailbox = ?2)";
    if tx.prepare_cached(here)?.query_row((letter.0, mailbox.0), |row| row.get(0))? {
        tx.prepare_cached("DELETE FROM letter WHERE mailbox = ?1 AND uid = ?2 AND id <> ?3")?
            .execute((mailbox.0, uid, letter.0))?;
        tx.prepare_cached("UPDATE letter SET uid = ?2 WHERE id = ?1")?.execute((letter.0, uid))?;
        return Ok(());
    }
    let sql = "UPDATE pending SET origin_uid = ?3 WHERE letter = ?1 AND origin = ?2 AND origin_uid IS NULL";
    tx.prepare_cached(sql)?.execute((letter.0, mailbox.0, uid))?;
    Ok(())
}
