//! What is shown of letters.

use super::compress::unpressed;
use super::names::name;
use super::prepare::{Ancestors, People};
use super::threads;
use super::{Letter, LetterRow};
use crate::columns::{Json, Time};
use crate::{Result, Store};
use model::{AccountId, ContentId, Flags, LetterId, MailboxId, ThreadId};
use rusqlite::{Connection, OptionalExtension, Row};

/// What a row of a list needs, where `letter` and `content` are joined. What is the same several times is told apart only
/// where there are several: that makes a table each time.
pub(super) const ROW: &str =
    "letter.id, letter.mailbox, letter.content, letter.thread, content.people, content.subject, content.snippet,
    letter.date, letter.flags, content.size, content.attachments, content.message_id,
    (SELECT CASE WHEN count(*) < 2 THEN count(*) ELSE
        (SELECT count(DISTINCT content) FROM letter AS other WHERE other.thread = letter.thread AND other.hidden = 0) END
     FROM letter AS one WHERE one.thread = letter.thread AND one.hidden = 0) AS letters,
    CASE WHEN EXISTS (SELECT 1 FROM letter AS one WHERE one.content = letter.content AND one.id <> letter.id) THEN
        (SELECT json_group_array(DISTINCT other.mailbox) FROM letter AS other
         WHERE other.content = letter.content AND other.mailbox <> letter.mailbox AND other.hidden = 0)
    ELSE '[]' END AS labels";

/// Letters with their messages.
pub(super) const LETTERS: &str = "letter CROSS JOIN content ON content.id = letter.content";

impl Store {
    /// These rows, in this order; those that are gone are left out.
    pub async fn letter_rows(&self, ids: &[LetterId]) -> Result<Vec<LetterRow>> {
        let ids = ids.to_vec();
        self.mail(move |db| {
            let mut query =
                db.prepare_cached(&format!("SELECT {ROW} FROM {LETTERS} WHERE letter.id = ?1 AND hidden = 0"))?;
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
            let sql = "SELECT coding, bytes FROM letter CROSS JOIN content ON content.id = letter.content
                           CROSS JOIN raw ON raw.id = content.raw WHERE letter.id = ?1";
            let kept = db.prepare_cached(sql)?.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            kept.map(|(coding, bytes)| unpressed(coding, bytes)).transpose()
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
            let accounts = match account {
                Some(account) => vec![account],
                None => accounts(db)?,
            };
            let mut found: Option<LetterRow> = None;
            for account in accounts {
                let last = last_of(db, account, &message_id)?;
                found = last.into_iter().chain(found).max_by_key(|row| row.id);
            }
            Ok(found)
        })
        .await
    }

    /// The letters of a thread, oldest first.
    pub async fn thread(&self, id: ThreadId) -> Result<Vec<LetterRow>> {
        self.mail(move |db| {
            let sql = format!(
                "SELECT {ROW} FROM {LETTERS} WHERE letter.thread = ?1 AND hidden = 0 ORDER BY letter.date, letter.id"
            );
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map([threads::present(db, id)?.0], letter_row)?;
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
        content: ContentId(row.get("content")?),
        labels: row.get::<_, Json<Vec<MailboxId>>>("labels")?.0,
        thread: ThreadId(row.get("thread")?),
        letters: row.get("letters")?,
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
        "SELECT {ROW}, content.account, letter.uid, content.ancestors, content.raw IS NOT NULL AS has_raw
         FROM {LETTERS} WHERE letter.id = ?1 AND hidden = 0"
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

fn accounts(db: &Connection) -> Result<Vec<AccountId>> {
    let mut query = db.prepare_cached("SELECT DISTINCT account FROM mailbox")?;
    let accounts = query.query_map([], |row| Ok(AccountId(row.get(0)?)))?;
    Ok(accounts.collect::<rusqlite::Result<_>>()?)
}

/// The last letter of this Message-ID that came.
fn last_of(db: &Connection, account: AccountId, message_id: &str) -> Result<Option<LetterRow>> {
    let Some(name) = name(account, message_id) else { return Ok(None) };
    let Some(thread) = threads::of_name(db, name)? else { return Ok(None) };
    let sql = format!(
        "SELECT {ROW} FROM {LETTERS} WHERE letter.thread = ?1 AND message_id = ?2 AND hidden = 0
         ORDER BY letter.id DESC LIMIT 1"
    );
    Ok(db.prepare_cached(&sql)?.query_row((thread.0, message_id), letter_row).optional()?)
}
