//! Windows of lists: of letters, or of threads by their newest letters.
//!
//! How far down a window begins is found in the counts by spans of time (`tally`), so that only letters of the span in
//! which it begins are passed over; only its own rows are read.

use super::counts::{ListNumber, end_of, role_code};
use super::read::{LETTERS, ROW, letter_row};
use super::{LetterRow, LetterSource};
use crate::columns::Time;
use crate::{Result, Store};
use jiff::Timestamp;
use rusqlite::Connection;

/// What stands in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listed {
    /// Every letter.
    Letters,
    /// The newest of each thread.
    Threads,
}

/// Where a window begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Beginning {
    /// Rows of the whole list.
    total: u32,
    /// Rows before this microsecond are looked at,
    before: i64,
    /// and so many of them passed over.
    skipped: u32,
}

impl Store {
    /// How many letters there are, and a window of them, newest first.
    pub async fn letters(&self, source: LetterSource, offset: u32, limit: u32) -> Result<(u32, Vec<LetterRow>)> {
        self.mail(move |db| window(db, source, Listed::Letters, offset, limit)).await
    }

    /// How many threads there are, and a window of them, each by its newest letter in this list, newest first.
    pub async fn threads(&self, source: LetterSource, offset: u32, limit: u32) -> Result<(u32, Vec<LetterRow>)> {
        self.mail(move |db| window(db, source, Listed::Threads, offset, limit)).await
    }

    /// The dates of the newest letters, newest first.
    pub async fn letter_dates(&self, source: LetterSource, limit: u32) -> Result<Vec<Timestamp>> {
        self.mail(move |db| {
            let sql = format!(
                "SELECT date FROM letter WHERE {} ORDER BY date DESC, id DESC LIMIT ?2",
                condition(source, Listed::Letters)
            );
            let mut query = db.prepare_cached(&sql)?;
            let dates = query.query_map((key(source), limit), |row| Ok(row.get::<_, Time>(0)?.0))?;
            Ok(dates.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}

fn window(
    db: &Connection,
    source: LetterSource,
    listed: Listed,
    offset: u32,
    limit: u32,
) -> Result<(u32, Vec<LetterRow>)> {
    let begin = beginning(db, source, listed, offset)?;
    let mut query = db.prepare_cached(&window_sql(source, listed))?;
    let rows = query.query_map((key(source), limit, begin.skipped, begin.before), letter_row)?;
    Ok((begin.total, rows.collect::<rusqlite::Result<_>>()?))
}

/// The window is found in an index alone.
fn window_sql(source: LetterSource, listed: Listed) -> String {
    let condition = condition(source, listed);
    format!(
        "SELECT {ROW} FROM (SELECT id FROM letter WHERE {condition} AND date < ?4
                            ORDER BY date DESC, id DESC LIMIT ?2 OFFSET ?3) AS seen
             CROSS JOIN {LETTERS}
         WHERE letter.id = seen.id ORDER BY letter.date DESC, letter.id DESC"
    )
}

fn condition(source: LetterSource, listed: Listed) -> &'static str {
    match (source, listed) {
        (LetterSource::Mailbox(_), Listed::Letters) => "mailbox = ?1 AND hidden = 0",
        (LetterSource::Mailbox(_), Listed::Threads) => "mailbox = ?1 AND head = 1",
        (LetterSource::Role(_), Listed::Letters) => "role = ?1 AND hidden = 0",
        (LetterSource::Role(_), Listed::Threads) => "role = ?1 AND head = 1",
    }
}

fn key(source: LetterSource) -> i64 {
    match source {
        LetterSource::Mailbox(id) => id.0,
        LetterSource::Role(role) => role_code(role),
    }
}

fn number(source: LetterSource) -> ListNumber {
    match source {
        LetterSource::Mailbox(id) => ListNumber::mailbox(id),
        LetterSource::Role(role) => ListNumber::role(role_code(role)),
    }
}

fn beginning(db: &Connection, source: LetterSource, listed: Listed, offset: u32) -> Result<Beginning> {
    let sql = match listed {
        Listed::Letters => "SELECT span, letters FROM tally WHERE list = ?1 ORDER BY span DESC",
        Listed::Threads => "SELECT span, heads FROM tally WHERE list = ?1 ORDER BY span DESC",
    };
    let mut query = db.prepare_cached(sql)?;
    let spans = query.query_map([number(source).0], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    let mut found = None;
    let mut total = 0;
    for span in spans {
        let (span, rows): (i64, i64) = span?;
        let rows = u32::try_from(rows).unwrap_or(0);
        if found.is_none() && total + rows > offset {
            found = Some((end_of(span), offset - total));
        }
        total += rows;
    }
    // Past the end there is nothing, and nothing to be passed over.
    let (before, skipped) = found.unwrap_or((i64::MIN, 0));
    Ok(Beginning { total, before, skipped })
}
