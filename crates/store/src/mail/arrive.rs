//! What a letter is that the sync brings: one that is known, one that was moved, or a new one.

use super::threads;
use super::{LetterSummary, NewLetter};
use crate::Result;
use crate::columns::{Json, Time};
use crate::database::Tx;
use crate::mail::pending::refresh;
use jiff::Timestamp;
use model::{AccountId, Address, LetterId, MailboxId};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

/// The mailbox that letters come into.
pub(super) struct Destination {
    pub(super) mailbox: MailboxId,
    pub(super) account: AccountId,
}

/// Who is named in a letter; a column of JSON.
#[derive(Serialize, Deserialize)]
pub(super) struct People {
    pub(super) from: Vec<Address>,
    pub(super) to: Vec<Address>,
    pub(super) cc: Vec<Address>,
    pub(super) reply_to: Vec<Address>,
}

/// What a letter answers; a column of JSON.
#[derive(Serialize, Deserialize)]
pub(super) struct Ancestors {
    pub(super) in_reply_to: Vec<String>,
    pub(super) references: Vec<String>,
}

impl People {
    pub(super) fn of(summary: &LetterSummary) -> Self {
        let LetterSummary { from, to, cc, reply_to, .. } = summary.clone();
        Self { from, to, cc, reply_to }
    }
}

impl Ancestors {
    pub(super) fn of(summary: &LetterSummary) -> Self {
        Self { in_reply_to: summary.in_reply_to.clone(), references: summary.references.clone() }
    }
}

/// Takes a letter in. `Some` is one that was not here before.
pub(super) fn arrive(tx: &Tx<'_>, to: &Destination, letter: &NewLetter) -> Result<Option<LetterId>> {
    if is_known(tx, to, letter)? || was_moved_away(tx, to, letter)? {
        return Ok(None);
    }
    if let Some(waiting) = waiting_for(tx, to, letter)? {
        adopt(tx, waiting, letter)?;
        return Ok(None);
    }
    insert(tx, to, letter).map(Some)
}

fn is_known(tx: &Tx<'_>, to: &Destination, letter: &NewLetter) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM letter WHERE mailbox = ?1 AND uid = ?2)";
    Ok(tx.prepare_cached(sql)?.query_row((to.mailbox.0, letter.uid), |row| row.get(0))?)
}

/// Whether it is one that was moved from here, and the server does not know yet. One whose UID was not known when it
/// was moved on is told by its Message-ID, and its UID noted for the replay.
fn was_moved_away(tx: &Tx<'_>, to: &Destination, letter: &NewLetter) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pending WHERE origin = ?1 AND origin_uid = ?2)";
    if tx.prepare_cached(sql)?.query_row((to.mailbox.0, letter.uid), |row| row.get(0))? {
        return Ok(true);
    }
    let sql = "SELECT journal, letter FROM pending JOIN letter ON letter.id = pending.letter
               WHERE origin = ?1 AND origin_uid IS NULL AND message_id = ?2 AND size = ?3 LIMIT 1";
    let key = (to.mailbox.0, &letter.summary.message_id, letter.size.cast_signed());
    let mut query = tx.prepare_cached(sql)?;
    let found = query.query_row(key, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).optional()?;
    let Some((journal, moved)) = found else { return Ok(false) };
    let sql = "UPDATE pending SET origin_uid = ?3 WHERE journal = ?1 AND letter = ?2";
    tx.prepare_cached(sql)?.execute((journal, moved, letter.uid))?;
    Ok(true)
}

/// A letter that is here and waits for its UID: the same Message-ID and size, or, without a Message-ID, the same
/// subject, size and time.
fn waiting_for(tx: &Tx<'_>, to: &Destination, letter: &NewLetter) -> Result<Option<LetterId>> {
    let sql = "SELECT id FROM letter WHERE mailbox = ?1 AND uid IS NULL AND size = ?2 AND message_id IS ?3
               AND (?3 IS NOT NULL OR (subject = ?4 AND internal_date = ?5)) ORDER BY id LIMIT 1";
    let mut query = tx.prepare_cached(sql)?;
    let key = (
        to.mailbox.0,
        letter.size.cast_signed(),
        &letter.summary.message_id,
        &letter.summary.subject,
        Time(letter.internal_date),
    );
    Ok(query.query_row(key, |row| Ok(LetterId(row.get(0)?))).optional()?)
}

fn adopt(tx: &Tx<'_>, id: LetterId, letter: &NewLetter) -> Result<()> {
    let sql = "UPDATE letter SET uid = ?2, server_flags = ?3 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute((id.0, letter.uid, letter.flags.0))?;
    if let Some(raw) = &letter.raw {
        put_raw(tx, id, raw)?;
    }
    refresh(tx, id).map(|_| ())
}

fn insert(tx: &Tx<'_>, to: &Destination, letter: &NewLetter) -> Result<LetterId> {
    let summary = &letter.summary;
    let thread = threads::join(tx, to.account, summary)?;
    let date = summary.date.unwrap_or(letter.internal_date);
    let text_row = free_text_row(tx, date)?;
    let sql = "INSERT INTO letter (mailbox, role, uid, server_flags, flags, date, internal_date, size, thread,
                   text_row, message_id, subject, snippet, attachments, people, ancestors)
               SELECT id, role, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
               FROM mailbox WHERE id = ?1";
    tx.prepare_cached(sql)?.execute(rusqlite::params![
        to.mailbox.0,
        letter.uid,
        letter.flags.0,
        Time(date),
        Time(letter.internal_date),
        letter.size.cast_signed(),
        thread.0,
        text_row,
        summary.message_id,
        summary.subject,
        summary.snippet,
        summary.attachments,
        Json(People::of(summary)),
        Json(Ancestors::of(summary)),
    ])?;
    let id = LetterId(tx.last_insert_rowid());
    put_text(tx, text_row, summary)?;
    if let Some(raw) = &letter.raw {
        put_raw(tx, id, raw)?;
    }
    Ok(id)
}

/// Bits of a row of the index that tell letters of the same second apart.
const WITHIN_A_SECOND: u32 = 24;

/// A free row in the index, by date: reading its rows backwards gives the newest first, without sorting.
fn free_text_row(tx: &Tx<'_>, date: Timestamp) -> Result<i64> {
    let first = date.as_second().clamp(0, (1 << 34) - 1) << WITHIN_A_SECOND;
    let last = first + (1 << WITHIN_A_SECOND) - 1;
    let mut query = tx.prepare_cached("SELECT max(text_row) FROM letter WHERE text_row BETWEEN ?1 AND ?2")?;
    let taken: Option<i64> = query.query_row((first, last), |row| row.get(0))?;
    Ok(taken.map_or(first, |taken| taken + 1))
}

/// Puts a letter into the index.
pub(super) fn put_text(tx: &Tx<'_>, row: i64, summary: &LetterSummary) -> Result<()> {
    let sql = "INSERT INTO letter_text (rowid, subject, sender, recipients, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    let recipients = [named(&summary.to), named(&summary.cc)].join(" ");
    let sender = named(&summary.from);
    tx.prepare_cached(sql)?.execute((row, &summary.subject, sender, recipients, &summary.text))?;
    Ok(())
}

fn named(people: &[Address]) -> String {
    let each = people.iter().map(|who| format!("{} {}", who.name.as_deref().unwrap_or_default(), who.address));
    each.collect::<Vec<_>>().join(" ")
}

/// Keeps the whole letter.
pub(super) fn put_raw(tx: &Tx<'_>, id: LetterId, raw: &[u8]) -> Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO raw (letter, bytes) VALUES (?1, ?2)")?.execute((id.0, raw))?;
    Ok(())
}
