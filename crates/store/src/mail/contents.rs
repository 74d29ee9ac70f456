//! Messages, apart from the mailboxes that they lie in.

use super::compress::Kept;
use super::index;
use super::names::name;
use super::prepare::{Described, Prepared};
use super::threads;
use crate::Result;
use crate::columns::Time;
use crate::database::Tx;
use jiff::Timestamp;
use model::{AccountId, ContentId, ThreadId};
use rusqlite::{Connection, OptionalExtension, Row};

/// A message that may be the one that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) id: ContentId,
    pub(super) internal_date: Timestamp,
    pub(super) email_id: Option<String>,
}

/// By what a message is known before it is fetched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    pub(super) message_id: Option<&'a str>,
    pub(super) size: i64,
    pub(super) internal_date: Timestamp,
    pub(super) email_id: Option<&'a str>,
    /// `None` where it is not known yet.
    pub(super) subject: Option<&'a str>,
}

impl<'a> Known<'a> {
    pub(super) fn of(letter: &'a Prepared) -> Self {
        Self {
            message_id: letter.text.message_id.as_deref(),
            size: letter.size,
            internal_date: letter.internal_date,
            email_id: letter.email_id.as_deref(),
            subject: Some(&letter.text.subject),
        }
    }
}

/// Messages here that look the same: the same Message-ID and size, or, without a Message-ID, the same subject, size and
/// time.
pub(super) fn alike(db: &Connection, account: AccountId, known: Known<'_>) -> Result<Vec<Candidate>> {
    let Some(message_id) = known.message_id else { return nameless(db, account, known) };
    let Some(name) = name(account, message_id) else { return Ok(Vec::new()) };
    let Some(thread) = threads::of_name(db, name)? else { return Ok(Vec::new()) };
    let sql = "SELECT id, internal_date, email_id FROM content
               WHERE thread = ?1 AND size = ?2 AND message_id = ?3 ORDER BY id";
    let mut query = db.prepare_cached(sql)?;
    let found = query.query_map((thread.0, known.size, message_id), candidate)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn nameless(db: &Connection, account: AccountId, known: Known<'_>) -> Result<Vec<Candidate>> {
    let sql = "SELECT id, internal_date, email_id FROM content
               WHERE message_id IS NULL AND size = ?1 AND account = ?2 AND subject = ?3 AND internal_date = ?4
               ORDER BY id";
    let mut query = db.prepare_cached(sql)?;
    let found = query.query_map((known.size, account.0, known.subject, Time(known.internal_date)), candidate)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// The message that the server calls by this name. A server that calls two messages by one name is found out by their
/// sizes: what is here must not stand for a letter that nobody has fetched.
pub(super) fn by_email_id(
    db: &Connection,
    account: AccountId,
    email_id: &str,
    size: i64,
) -> Result<Option<ContentId>> {
    let sql = "SELECT id FROM content WHERE email_id = ?1 AND account = ?2 AND size = ?3 LIMIT 1";
    let mut query = db.prepare_cached(sql)?;
    Ok(query.query_row((email_id, account.0, size), |row| Ok(ContentId(row.get(0)?))).optional()?)
}

fn candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    Ok(Candidate { id: ContentId(row.get(0)?), internal_date: row.get::<_, Time>(1)?.0, email_id: row.get(2)? })
}

/// A letter to oneself is in the inbox, and that is not the copy of what was sent.
pub(crate) const FILED: &str = "SELECT 1 FROM content CROSS JOIN letter ON letter.content = content.id
    WHERE content.thread = ?1 AND message_id = ?2 AND letter.role IS NOT 1 LIMIT 1";

/// Whether the copy of a message that was sent is in a mailbox here.
pub(crate) fn is_filed(db: &Connection, account: AccountId, message_id: &str) -> Result<bool> {
    let Some(name) = name(account, message_id) else { return Ok(false) };
    let Some(thread) = threads::of_name(db, name)? else { return Ok(false) };
    Ok(db.prepare_cached(FILED)?.exists((thread.0, message_id))?)
}

/// Puts a message in that is not here.
pub(super) fn insert(tx: &Tx<'_>, account: AccountId, thread: ThreadId, letter: &Prepared) -> Result<ContentId> {
    let id = free_number(tx, letter.date)?;
    let raw = letter.raw.as_ref().map(|raw| put_raw(tx, raw)).transpose()?;
    let text = &letter.text;
    let sql = "INSERT INTO content (id, account, thread, date, internal_date, size, attachments, raw, topic, orphan,
                   message_id, email_id, list_id, subject, snippet, people, ancestors)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    tx.prepare_cached(sql)?.execute(rusqlite::params![
        id.0,
        account.0,
        thread.0,
        Time(letter.date),
        Time(letter.internal_date),
        letter.size,
        text.attachments,
        raw,
        text.topic.map(|topic| topic.number(account, letter.date)),
        text.topic.is_some_and(|topic| topic.orphan),
        text.message_id,
        letter.email_id,
        text.list_id,
        text.subject,
        text.snippet,
        text.people_json,
        text.ancestors_json,
    ])?;
    index::put(tx, id, &text.entry)?;
    Ok(id)
}

/// Numbers that are tried one after the other before others are.
const NEIGHBOURS: u64 = 16;

/// The number of a message of this date: its second, or one that is free soon after. Thousands may bear the same date;
/// then places ever further on are tried.
fn free_number(tx: &Tx<'_>, date: Timestamp) -> Result<ContentId> {
    let first = date.as_second().clamp(0, (1 << 40) - 1);
    let mut taken = tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM content WHERE id = ?1)")?;
    for turn in 0u64.. {
        let further = match turn.checked_sub(NEIGHBOURS) {
            None => turn,
            Some(late) => super::names::hash(&turn.to_le_bytes()) % (NEIGHBOURS << (late / 4).min(40)),
        };
        let number = first + further.cast_signed();
        if !taken.query_row([number], |row| row.get(0))? {
            return Ok(ContentId(number));
        }
    }
    // The turns above do not end before a place is found.
    Ok(ContentId(first))
}

/// Adds the whole message to one that was listed by its headers, with what can be told of the whole. Its date and
/// thread stay as they are.
pub(super) fn complete(tx: &Tx<'_>, id: ContentId, text: &Described, raw: &Kept) -> Result<()> {
    let sql = "UPDATE content SET subject = ?2, snippet = ?3, attachments = ?4, people = ?5, ancestors = ?6,
                   list_id = ?7 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute(rusqlite::params![
        id.0,
        text.subject,
        text.snippet,
        text.attachments,
        text.people_json,
        text.ancestors_json,
        text.list_id,
    ])?;
    index::remove(tx, id)?;
    index::put(tx, id, &text.entry)?;
    let old: Option<i64> =
        tx.prepare_cached("SELECT raw FROM content WHERE id = ?1")?.query_row([id.0], |row| row.get(0))?;
    if let Some(old) = old {
        tx.prepare_cached("DELETE FROM raw WHERE id = ?1")?.execute([old])?;
    }
    let raw = put_raw(tx, raw)?;
    tx.prepare_cached("UPDATE content SET raw = ?2 WHERE id = ?1")?.execute((id.0, raw))?;
    Ok(())
}

fn put_raw(tx: &Tx<'_>, raw: &Kept) -> Result<i64> {
    tx.prepare_cached("INSERT INTO raw (coding, bytes) VALUES (?1, ?2)")?.execute((raw.coding, &raw.bytes))?;
    Ok(tx.last_insert_rowid())
}

/// Notes that a message lies in a mailbox again, and what the server calls it.
pub(super) fn found_again(tx: &Tx<'_>, id: ContentId, email_id: Option<&str>) -> Result<()> {
    tx.prepare_cached("DELETE FROM stray WHERE content = ?1")?.execute([id.0])?;
    if let Some(email_id) = email_id {
        let sql = "UPDATE content SET email_id = ?2 WHERE id = ?1 AND email_id IS NOT ?2";
        tx.prepare_cached(sql)?.execute((id.0, email_id))?;
    }
    Ok(())
}

/// Whether the message is here as a whole.
pub(super) fn is_whole(db: &Connection, id: ContentId) -> Result<bool> {
    let mut query = db.prepare_cached("SELECT raw IS NOT NULL FROM content WHERE id = ?1")?;
    Ok(query.query_row([id.0], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// Removes a message that lies in no mailbox any more.
pub(super) fn drop_stray(tx: &Tx<'_>, id: ContentId) -> Result<()> {
    let sql = "DELETE FROM content WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM letter WHERE content = ?1)";
    tx.prepare_cached(sql)?.execute([id.0])?;
    tx.prepare_cached("DELETE FROM stray WHERE content = ?1")?.execute([id.0])?;
    Ok(())
}
