//! The reports that were written here for the sender (RFC 3464): one for each delivery that failed, one for each that has
//! been on its way for long. A delivery that is tried again after it was given up may get another.
//!
//! Whoever writes them asks what has none yet, and what is written is kept only while it is still true. So a program that
//! ended in between neither loses a report nor writes it twice.

use crate::columns::{Time, Word};
use crate::database::Tx;
use crate::{Change, Result, Store};
use jiff::Timestamp;
use model::{DeliveryId, OutgoingId, ReportId, ReportKind};
use rusqlite::{OptionalExtension, Row};

/// A report, without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredReport {
    /// Its number.
    pub id: ReportId,
    /// The outgoing that it is about.
    pub outgoing: OutgoingId,
    /// The delivery that it is about.
    pub delivery: DeliveryId,
    /// What it says.
    pub kind: ReportKind,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A report to be kept.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// The delivery that it is about.
    pub delivery: DeliveryId,
    /// What it says.
    pub kind: ReportKind,
    /// When it was written.
    pub created_at: Timestamp,
    /// The message.
    pub bytes: Vec<u8>,
}

const COLUMNS: &str =
    "SELECT report.id, delivery.outgoing, report.delivery, report.kind, report.created_at FROM report
    JOIN delivery ON delivery.id = report.delivery";

/// Whether there is one for what the delivery has come to now.
const WRITTEN: &str = "EXISTS (SELECT 1 FROM report WHERE report.delivery = delivery.id AND (
    (report.kind = 'failed' AND delivery.state = 'failed' AND report.created_at >= delivery.changed_at) OR
    (report.kind = 'delayed' AND delivery.state <> 'failed' AND report.created_at >= delivery.due_since)))";

impl Store {
    /// Failed deliveries without a report, except those that the user has put away.
    pub async fn unreported_failures(&self, limit: u32) -> Result<Vec<(OutgoingId, DeliveryId)>> {
        self.unreported(unreported_failures_sql(), i64::MAX, limit).await
    }

    /// Deferred deliveries that have been due since this time or longer, and have no report of it.
    pub async fn unreported_delays(&self, due_until: Timestamp, limit: u32) -> Result<Vec<(OutgoingId, DeliveryId)>> {
        self.unreported(unreported_delays_sql(), Time(due_until), limit).await
    }

    async fn unreported(
        &self,
        sql: String,
        until: impl rusqlite::ToSql + Send + 'static,
        limit: u32,
    ) -> Result<Vec<(OutgoingId, DeliveryId)>> {
        self.local(move |db| {
            let mut query = db.prepare_cached(&sql)?;
            let found =
                query.query_map((until, limit), |row| Ok((OutgoingId(row.get(0)?), DeliveryId(row.get(1)?))))?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Keeps a report. `None` when there is one already, or the delivery has moved on meanwhile.
    pub async fn add_report(&self, new: NewReport) -> Result<Option<ReportId>> {
        self.write_local(move |tx| add(tx, &new)).await
    }

    /// The reports about an outgoing, oldest first.
    pub async fn reports(&self, outgoing: OutgoingId) -> Result<Vec<StoredReport>> {
        self.local(move |db| {
            let mut query =
                db.prepare_cached(&format!("{COLUMNS} WHERE delivery.outgoing = ?1 ORDER BY report.id"))?;
            let reports = query.query_map([outgoing.0], stored)?;
            Ok(reports.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The reports of this kind that were written after the one of this number.
    pub async fn reports_after(&self, after: ReportId, kind: ReportKind) -> Result<Vec<StoredReport>> {
        self.local(move |db| {
            let sql = format!("{COLUMNS} WHERE report.id > ?1 AND report.kind = ?2 ORDER BY report.id");
            let mut query = db.prepare_cached(&sql)?;
            let reports = query.query_map((after.0, Word(kind)), stored)?;
            Ok(reports.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The number of the newest report; 0 where there is none.
    pub async fn newest_report(&self) -> Result<ReportId> {
        self.local(|db| {
            let mut query = db.prepare_cached("SELECT coalesce(max(id), 0) FROM report")?;
            Ok(query.query_row([], |row| Ok(ReportId(row.get(0)?)))?)
        })
        .await
    }

    /// A report with its bytes.
    pub async fn report(&self, id: ReportId) -> Result<Option<(StoredReport, Vec<u8>)>> {
        self.local(move |db| {
            let mut query = db.prepare_cached(&format!("{COLUMNS} WHERE report.id = ?1"))?;
            let Some(report) = query.query_row([id.0], stored).optional()? else { return Ok(None) };
            let mut query = db.prepare_cached("SELECT bytes FROM report WHERE id = ?1")?;
            Ok(Some((report, query.query_row([id.0], |row| row.get(0))?)))
        })
        .await
    }

    /// Outgoings with a deferred delivery that has been due since a time after `after`, up to `until`.
    pub async fn waiting_since(&self, after: Timestamp, until: Timestamp) -> Result<Vec<OutgoingId>> {
        self.local(move |db| {
            let mut query = db.prepare_cached(WAITING)?;
            let found = query.query_map((Time(after), Time(until)), |row| Ok(OutgoingId(row.get(0)?)))?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}

/// The conditions of both are those of the indexes `delivery_failed` and `delivery_late`.
fn unreported_failures_sql() -> String {
    format!(
        "SELECT outgoing, id FROM delivery WHERE state = 'failed' AND dismissed = 0 AND id <= ?1 AND NOT {WRITTEN}
         ORDER BY id LIMIT ?2"
    )
}

fn unreported_delays_sql() -> String {
    format!(
        "SELECT outgoing, id FROM delivery WHERE state = 'deferred' AND due_since <= ?1 AND NOT {WRITTEN}
         ORDER BY due_since LIMIT ?2"
    )
}

const WAITING: &str =
    "SELECT DISTINCT outgoing FROM delivery WHERE state = 'deferred' AND due_since > ?1 AND due_since <= ?2";

/// The time of a report is never before what it is about, whatever the clock did meanwhile.
fn add(tx: &Tx<'_>, new: &NewReport) -> Result<Option<ReportId>> {
    let since = match new.kind {
        ReportKind::Failed => "SELECT outgoing, changed_at FROM delivery WHERE id = ?1 AND state = 'failed'",
        ReportKind::Delayed => "SELECT outgoing, due_since FROM delivery WHERE id = ?1 AND state = 'deferred'",
    };
    let sql = format!("{since} AND NOT {WRITTEN}");
    let mut query = tx.prepare_cached(&sql)?;
    let wanted = query.query_row([new.delivery.0], |row| Ok((OutgoingId(row.get(0)?), row.get::<_, Time>(1)?)));
    let Some((outgoing, since)) = wanted.optional()? else { return Ok(None) };
    let at = Time(new.created_at).max(since);
    let sql = "INSERT INTO report (delivery, kind, created_at, bytes) VALUES (?1, ?2, ?3, ?4)";
    tx.prepare_cached(sql)?.execute((new.delivery.0, Word(new.kind), at, &new.bytes))?;
    tx.changed(Change::Outgoing(outgoing));
    Ok(Some(ReportId(tx.last_insert_rowid())))
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredReport> {
    Ok(StoredReport {
        id: ReportId(row.get(0)?),
        outgoing: OutgoingId(row.get(1)?),
        delivery: DeliveryId(row.get(2)?),
        kind: row.get::<_, Word<_>>(3)?.0,
        created_at: row.get::<_, Time>(4)?.0,
    })
}

#[cfg(test)]
mod tests;
