//! What is shown of letters.

use super::arrive::{Ancestors, People};
use super::{Letter, LetterRow, LetterSource};
use crate::columns::{Json, Time};
use crate::{Result, Store};
use jiff::Timestamp;
use model::{AccountId, Flags, LetterId, MailboxId, ThreadId};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row};

/// What a row of a list needs.
pub(super) const ROW: &str =
    "letter.id, letter.mailbox, letter.thread, letter.people, letter.subject, letter.snippet,
    letter.date, letter.flags, letter.size, letter.attachments, letter.message_id";

/// Which letters, which mailboxes, and by what.
fn narrowed(source: LetterSource) -> (&'static str, &'static str, Value) {
    match source {
        LetterSource::Mailbox(id) => ("mailbox = ?1", "id = ?1", Value::from(id.0)),
        LetterSource::Role(role) => ("role = ?1", "role = ?1", Value::from(role.word().to_owned())),
    }
}

impl Store {
    /// How many letters there are, and a window of them, newest first.
    pub async fn letters(&self, source: LetterSource, offset: u32, limit: u32) -> Result<(u32, Vec<LetterRow>)> {
        self.mail(move |db| {
            let (condition, counter, key) = narrowed(source);
            let sql = format!("SELECT coalesce(sum(total), 0) FROM mailbox WHERE {counter}");
            let total = db.prepare_cached(&sql)?.query_row([&key], |row| row.get(0))?;
            // The window is found in the index alone; only its rows are read.
            let sql = format!(
                "SELECT {ROW} FROM (SELECT id FROM letter WHERE {condition} AND hidden = 0
                                    ORDER BY date DESC, id DESC LIMIT ?2 OFFSET ?3) AS seen
                 JOIN letter ON letter.id = seen.id ORDER BY letter.date DESC, letter.id DESC"
            );
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map((&key, limit, offset), letter_row)?;
            Ok((total, rows.collect::<rusqlite::Result<_>>()?))
        })
        .await
    }

    /// The dates of the newest letters, newest first.
    pub async fn letter_dates(&self, source: LetterSource, limit: u32) -> Result<Vec<Timestamp>> {
        self.mail(move |db| {
            let (condition, _, key) = narrowed(source);
            let sql = format!(
                "SELECT date FROM letter WHERE {condition} AND hidden = 0 ORDER BY date DESC, id DESC LIMIT ?2"
            );
            let mut query = db.prepare_cached(&sql)?;
            let dates = query.query_map((&key, limit), |row| Ok(row.get::<_, Time>(0)?.0))?;
            Ok(dates.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// These rows, in this order; those that are gone are left out.
    pub async fn letter_rows(&self, ids: &[LetterId]) -> Result<Vec<LetterRow>> {
        let ids = ids.to_vec();
        self.mail(move |db| {
            let mut query = db.prepare_cached(&format!("SELECT {ROW} FROM letter WHERE id = ?1 AND hidden = 0"))?;
            let mut rows = Vec::with_capacity(ids.len());
            for id in ids {
                rows.extend(query.query_row([id.0], letter_row).optional()?);
            }
            Ok(rows)
        })
        .await
    }

    /// One letter.
    pub async fn letter(&self, id: LetterId) -> Result<Option<Letter>> {
        self.mail(move |db| load(db, id)).await
    }

    /// The whole letter as it came; `None` while it was not fetched.
    pub async fn raw(&self, id: LetterId) -> Result<Option<Vec<u8>>> {
        self.mail(move |db| {
            let mut query = db.prepare_cached("SELECT bytes FROM raw WHERE letter = ?1")?;
            Ok(query.query_row([id.0], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// A letter of this Message-ID; the last that came, where there are several.
    pub async fn letter_by_message_id(
        &self,
        account: Option<AccountId>,
        message_id: &str,
    ) -> Result<Option<LetterRow>> {
        let message_id = message_id.to_owned();
        self.mail(move |db| {
            let sql = format!(
                "SELECT {ROW} FROM letter JOIN mailbox ON mailbox.id = letter.mailbox
                 WHERE message_id = ?1 AND hidden = 0 AND (?2 IS NULL OR account = ?2)
                 ORDER BY letter.id DESC LIMIT 1"
            );
            let account = account.map(|account| account.0);
            Ok(db.prepare_cached(&sql)?.query_row((message_id, account), letter_row).optional()?)
        })
        .await
    }

    /// The letters of a thread, oldest first.
    pub async fn thread(&self, id: ThreadId) -> Result<Vec<LetterRow>> {
        self.mail(move |db| {
            let sql = format!("SELECT {ROW} FROM letter WHERE thread = ?1 AND hidden = 0 ORDER BY date, id");
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map([id.0], letter_row)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}

pub(super) fn letter_row(row: &Row<'_>) -> rusqlite::Result<LetterRow> {
    let Json(people): Json<People> = row.get("people")?;
    Ok(LetterRow {
        id: LetterId(row.get("id")?),
        mailbox: MailboxId(row.get("mailbox")?),
        thread: ThreadId(row.get("thread")?),
        from: people.from,
        to: people.to,
        subject: row.get("subject")?,
        snippet: row.get("snippet")?,
        date: row.get::<_, Time>("date")?.0,
        flags: Flags(row.get("flags")?),
        size: row.get::<_, i64>("size")?.unsigned_abs(),
        attachments: row.get("attachments")?,
        message_id: row.get("message_id")?,
    })
}

fn load(db: &Connection, id: LetterId) -> Result<Option<Letter>> {
    let sql = format!(
        "SELECT {ROW}, account, uid, ancestors, has_raw
         FROM letter JOIN mailbox ON mailbox.id = letter.mailbox WHERE letter.id = ?1 AND hidden = 0"
    );
    let mut query = db.prepare_cached(&sql)?;
    let letter = query.query_row([id.0], |row| {
        let Json(people): Json<People> = row.get("people")?;
        let Json(ancestors): Json<Ancestors> = row.get("ancestors")?;
        Ok(Letter {
            row: letter_row(row)?,
            account: AccountId(row.get("account")?),
            uid: row.get("uid")?,
            cc: people.cc,
            reply_to: people.reply_to,
            in_reply_to: ancestors.in_reply_to,
            references: ancestors.references,
            has_raw: row.get("has_raw")?,
        })
    });
    Ok(letter.optional()?)
}
