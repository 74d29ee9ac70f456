//! What the sync writes.

use super::arrive::{Destination, arrive_all, place_all};
use super::compress::Press;
use super::contents;
use super::mailboxes::missing;
use super::pending::{Appearance, refresh};
use super::prepare::{described, prepared};
use super::{LetterSummary, NewLetter};
use crate::database::Tx;
use crate::{Change, Result, Store, StoreError};
use model::{AccountId, ContentId, Flags, LetterId, MailboxId};
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
        let account = self.mail(move |db| account_of(db, id)).await?;
        let own = self.local(move |db| own_addresses(db, account)).await?;
        let letters = away_from_the_writer(move || prepared(letters)).await?;
        let new = self.write_mail(move |tx| {
            let to = Destination::look(tx, id, account_of(tx, id)?)?;
            let new = arrive_all(tx, &to, &letters, &own)?;
            changed(tx, id, to.account);
            Ok(new)
        });
        let new = new.await?;
        self.tidy_words_soon();
        Ok(new)
    }

    /// Gives places in a mailbox to messages that are here ([`Store::known_contents`]); of their summaries only the
    /// Message-ID counts. The letters that are new here, and the UIDs of those whose message is not here after all:
    /// these are still to be fetched.
    pub async fn place_known(&self, id: MailboxId, letters: Vec<NewLetter>) -> Result<(Vec<LetterId>, Vec<u32>)> {
        let letters = away_from_the_writer(move || prepared(letters)).await?;
        self.write_mail(move |tx| {
            let to = Destination::look(tx, id, account_of(tx, id)?)?;
            let placed = place_all(tx, &to, &letters)?;
            changed(tx, id, to.account);
            Ok(placed)
        })
        .await
    }

    /// Adds the whole letter to one that was listed by its headers, with the summary that can be made of the whole. Its
    /// date and thread stay as they are.
    pub async fn set_raw(&self, id: LetterId, raw: Vec<u8>, summary: LetterSummary) -> Result<()> {
        self.set_raws(vec![(id, raw, summary)]).await
    }

    /// [`Store::set_raw`] for several letters; those that went meanwhile are left out, unless it was the only one.
    pub async fn set_raws(&self, letters: Vec<(LetterId, Vec<u8>, LetterSummary)>) -> Result<()> {
        let ready = away_from_the_writer(move || {
            let mut press = Press::new();
            let ready = |(id, raw, summary)| (id, press.press(raw), described(summary));
            letters.into_iter().map(ready).collect::<Vec<_>>()
        });
        let ready = ready.await?;
        let written = self.write_mail(move |tx| {
            let alone = ready.len() == 1;
            for (id, raw, text) in &ready {
                match place_of(tx, *id)? {
                    Some((content, mailbox)) => {
                        contents::complete(tx, content, text, raw)?;
                        tx.changed(Change::Letters(mailbox));
                    }
                    None if alone => return Err(StoreError::NotFound(format!("letter {id}"))),
                    None => {}
                }
            }
            Ok(())
        });
        written.await?;
        self.tidy_words_soon();
        Ok(())
    }

    /// Letters of a mailbox that are listed but not here as a whole, newest first.
    pub async fn missing_raw(&self, id: MailboxId, limit: u32) -> Result<Vec<(LetterId, u32)>> {
        self.mail(move |db| {
            let sql = "SELECT id, uid FROM letter
                       WHERE mailbox = ?1 AND lacking = 1 AND hidden = 0 AND uid IS NOT NULL
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

    /// A pass over the mailbox begins that will look at every letter which the server has there: what waits for its UID
    /// now is looked for.
    pub async fn begin_pass(&self, id: MailboxId) -> Result<()> {
        self.write_mail(move |tx| {
            let sql = "UPDATE letter SET sought = 1 WHERE mailbox = ?1 AND uid IS NULL AND sought = 0
                       AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.letter = letter.id)";
            tx.prepare_cached(sql)?.execute([id.0])?;
            Ok(())
        })
        .await
    }

    /// The mailbox was looked through to its end: letters that have waited for their UID since before that began, and
    /// for which nothing is to be done on the server, are not there. Returns the letters that went.
    ///
    /// Only for the end of a pass that began with [`Store::begin_pass`] (or [`Store::reset_mailbox`]) and left no
    /// letter out. What was moved here while it went on waits for the next one.
    pub async fn drop_unplaced(&self, id: MailboxId) -> Result<Vec<LetterId>> {
        self.write_mail(move |tx| {
            let account = account_of(tx, id)?;
            let sql = "DELETE FROM letter WHERE mailbox = ?1 AND uid IS NULL AND sought = 1
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

    /// Whether messages of the account lie in no mailbox, and wait to be found in another one.
    pub async fn has_strays(&self, account: AccountId) -> Result<bool> {
        self.mail(move |db| {
            let sql = "SELECT EXISTS (SELECT 1 FROM stray CROSS JOIN content ON content.id = stray.content
                       WHERE account = ?1)";
            Ok(db.prepare_cached(sql)?.query_row([account.0], |row| row.get(0))?)
        })
        .await
    }

    /// Every mailbox of the account was looked through: messages that lay in none of them when this was said the last
    /// time, and still do, are gone. A server that shows a mailbox empty by mistake, once, costs nothing.
    pub async fn drop_strays(&self, account: AccountId) -> Result<()> {
        loop {
            let more = self.write_mail(move |tx| {
                let sql = "SELECT stray.content FROM stray LEFT JOIN content ON content.id = stray.content
                           WHERE seen = 1 AND (account IS ?1 OR account IS NULL) LIMIT ?2";
                let mut query = tx.prepare_cached(sql)?;
                let strays = query.query_map((account.0, TOGETHER), |row| Ok(ContentId(row.get(0)?)))?;
                let strays = strays.collect::<rusqlite::Result<Vec<_>>>()?;
                strays.iter().try_for_each(|stray| contents::drop_stray(tx, *stray))?;
                Ok(strays.len() == TOGETHER as usize)
            });
            if !more.await? {
                break;
            }
        }
        self.write_mail(move |tx| {
            let sql = "UPDATE stray SET seen = 1 WHERE seen = 0
                       AND (SELECT account FROM content WHERE content.id = stray.content) IS ?1";
            tx.prepare_cached(sql)?.execute([account.0])?;
            Ok(())
        })
        .await
    }
}

/// Messages that go in one transaction, lest others wait long.
const TOGETHER: u32 = 1000;

/// Works something out on a thread that nobody waits for.
async fn away_from_the_writer<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| StoreError::Invalid("a letter could not be made ready to be stored".to_owned()))
}

fn own_addresses(local: &Connection, account: AccountId) -> Result<Vec<String>> {
    let mut query = local.prepare_cached("SELECT address FROM identity WHERE account = ?1")?;
    let addresses = query.query_map([account.0], |row| row.get(0))?;
    Ok(addresses.collect::<rusqlite::Result<_>>()?)
}

fn place_of(db: &Connection, id: LetterId) -> Result<Option<(ContentId, MailboxId)>> {
    let mut query = db.prepare_cached("SELECT content, mailbox FROM letter WHERE id = ?1")?;
    Ok(query.query_row([id.0], |row| Ok((ContentId(row.get(0)?), MailboxId(row.get(1)?)))).optional()?)
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
        tx.prepare_cached("UPDATE letter SET uid = ?2, sought = 0 WHERE id = ?1")?.execute((letter.0, uid))?;
        return Ok(());
    }
    let sql = "UPDATE pending SET origin_uid = ?3 WHERE letter = ?1 AND origin = ?2 AND origin_uid IS NULL";
    tx.prepare_cached(sql)?.execute((letter.0, mailbox.0, uid))?;
    Ok(())
}
