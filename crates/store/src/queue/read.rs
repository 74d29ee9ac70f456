//! What is shown of the queue.

use super::OutgoingFilter;
use super::record::outgoing_of;
use super::standing::standing_of;
use crate::columns::{Json, Shown, Time};
use crate::{Result, Store, StoreError};
use model::{
    AccountId, Address, Attempt, AttemptId, Delivery, DeliveryId, EmailAddress, Mark, Outgoing, OutgoingId,
    RoutePolicy,
};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Who is shown of an outgoing.
#[derive(Serialize, Deserialize)]
pub(super) struct People {
    pub(super) from: Address,
    pub(super) to: Vec<Address>,
}

/// The condition of the index `delivery_unfinished`.
pub(super) const UNFINISHED: &str =
    "state IN ('held', 'queued', 'sending', 'deferred', 'failed', 'bounced') AND dismissed = 0";

impl Store {
    /// One outgoing with all its deliveries.
    pub async fn outgoing(&self, id: OutgoingId) -> Result<Option<Outgoing>> {
        self.local(move |db| load(db, id)).await
    }

    /// Who of its recipients gets a blind copy.
    pub async fn outgoing_bcc(&self, id: OutgoingId) -> Result<Vec<EmailAddress>> {
        self.local(move |db| bcc(db, id)).await
    }

    /// A window of outgoings, newest first.
    pub async fn outgoings(&self, filter: OutgoingFilter, limit: u32, offset: u32) -> Result<Vec<Outgoing>> {
        self.local(move |db| {
            let sql = match filter {
                OutgoingFilter::All => "SELECT id FROM outgoing ORDER BY id DESC LIMIT ?1 OFFSET ?2".to_owned(),
                OutgoingFilter::Open => format!(
                    "SELECT DISTINCT outgoing FROM delivery WHERE {UNFINISHED}
                     ORDER BY outgoing DESC LIMIT ?1 OFFSET ?2"
                ),
            };
            let mut query = db.prepare_cached(&sql)?;
            let ids = query.query_map((limit, offset), |row| Ok(OutgoingId(row.get(0)?)))?;
            let ids = ids.collect::<rusqlite::Result<Vec<_>>>()?;
            let all = ids.into_iter().filter_map(|id| readable(id, load(db, id)).transpose());
            all.collect()
        })
        .await
    }

    /// The outgoings that are not finished ([`OutgoingFilter::Open`]) and older than this one, newest first. What comes to
    /// its end between two such windows shifts nothing out of the next one.
    pub async fn unfinished(&self, before: Option<OutgoingId>, limit: u32) -> Result<Vec<Outgoing>> {
        self.local(move |db| {
            let before = before.map_or(i64::MAX, |id| id.0);
            let mut query = db.prepare_cached(&unfinished_sql())?;
            let ids = query.query_map((before, limit), |row| Ok(OutgoingId(row.get(0)?)))?;
            let ids = ids.collect::<rusqlite::Result<Vec<_>>>()?;
            ids.into_iter().filter_map(|id| readable(id, load(db, id)).transpose()).collect()
        })
        .await
    }

    /// How many outgoings the filter lets through.
    pub async fn outgoing_count(&self, filter: OutgoingFilter) -> Result<u32> {
        self.local(move |db| {
            let sql = match filter {
                OutgoingFilter::All => "SELECT count(*) FROM outgoing".to_owned(),
                OutgoingFilter::Open => format!("SELECT count(DISTINCT outgoing) FROM delivery WHERE {UNFINISHED}"),
            };
            Ok(db.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
        })
        .await
    }

    /// The outgoing of a delivery.
    pub async fn outgoing_of(&self, delivery: DeliveryId) -> Result<Option<OutgoingId>> {
        self.local(move |db| outgoing_of(db, delivery)).await
    }

    /// For those of these Message-IDs that were sent from here: the outgoing and its mark.
    pub async fn marks(&self, message_ids: &[String]) -> Result<HashMap<String, (OutgoingId, Mark)>> {
        let message_ids = message_ids.to_vec();
        self.local(move |db| {
            let mut marks = HashMap::with_capacity(message_ids.len());
            let mut query = db.prepare_cached("SELECT max(id) FROM outgoing WHERE message_id = ?1")?;
            for message_id in message_ids {
                let Some(id) = query.query_row([&message_id], |row| row.get::<_, Option<i64>>(0))? else { continue };
                let states: Vec<_> = deliveries(db, OutgoingId(id))?.iter().map(|delivery| delivery.state).collect();
                if let Some(mark) = Mark::of(&states) {
                    marks.insert(message_id, (OutgoingId(id), mark));
                }
            }
            Ok(marks)
        })
        .await
    }

    /// All attempts for an outgoing, newest first.
    pub async fn attempts(&self, id: OutgoingId) -> Result<Vec<Attempt>> {
        self.local(move |db| {
            let sql = "SELECT attempt.id, attempt.delivery, what FROM delivery
                       JOIN attempt ON attempt.delivery = delivery.id
                       WHERE outgoing = ?1 ORDER BY started_at DESC, attempt.id DESC";
            let mut query = db.prepare_cached(sql)?;
            let attempts = query.query_map([id.0], |row| {
                let Json(what): Json<Attempt> = row.get("what")?;
                Ok(Attempt { id: AttemptId(row.get("id")?), delivery: DeliveryId(row.get("delivery")?), ..what })
            })?;
            Ok(attempts.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The last attempt for a delivery; `None` where there was none.
    pub async fn last_attempt(&self, delivery: DeliveryId) -> Result<Option<Attempt>> {
        self.local(move |db| {
            let sql = "SELECT id, what FROM attempt WHERE delivery = ?1 ORDER BY id DESC LIMIT 1";
            let read = |row: &Row<'_>| {
                let Json(what): Json<Attempt> = row.get("what")?;
                Ok(Attempt { id: AttemptId(row.get("id")?), delivery, ..what })
            };
            Ok(db.prepare_cached(sql)?.query_row([delivery.0], read).optional()?)
        })
        .await
    }

    /// What was said on the wire in an attempt; `None` where it never came to that.
    pub async fn transcript(&self, id: AttemptId) -> Result<Option<String>> {
        self.local(move |db| {
            let sql = "SELECT text FROM attempt JOIN transcript ON transcript.id = attempt.transcript
                       WHERE attempt.id = ?1";
            Ok(db.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?)
        })
        .await
    }
}

/// In the order of the index `delivery_unfinished`.
fn unfinished_sql() -> String {
    format!(
        "SELECT DISTINCT outgoing FROM delivery WHERE {UNFINISHED} AND outgoing < ?1 ORDER BY outgoing DESC LIMIT ?2"
    )
}

pub(super) fn bcc(db: &Connection, id: OutgoingId) -> Result<Vec<EmailAddress>> {
    let sql = "SELECT address FROM delivery WHERE outgoing = ?1 AND bcc = 1 ORDER BY position";
    let mut query = db.prepare_cached(sql)?;
    let addresses = query.query_map([id.0], |row| Ok(row.get::<_, Shown<EmailAddress>>(0)?.0))?;
    Ok(addresses.collect::<rusqlite::Result<_>>()?)
}

/// In a list, what cannot be read leaves out itself alone.
pub(super) fn readable(id: OutgoingId, read: Result<Option<Outgoing>>) -> Result<Option<Outgoing>> {
    match read {
        Err(error) if error.is_unreadable() => {
            tracing::error!(outgoing = %id, %error, "it cannot be listed");
            Ok(None)
        }
        other => other,
    }
}

/// An outgoing without its deliveries.
pub(super) fn head(db: &Connection, id: OutgoingId) -> Result<Outgoing> {
    found(db, id)?.ok_or_else(|| StoreError::NotFound(format!("outgoing {id}")))
}

pub(super) fn load(db: &Connection, id: OutgoingId) -> Result<Option<Outgoing>> {
    let Some(mut outgoing) = found(db, id)? else { return Ok(None) };
    outgoing.deliveries = deliveries(db, id)?;
    Ok(Some(outgoing))
}

fn found(db: &Connection, id: OutgoingId) -> Result<Option<Outgoing>> {
    let mut query = db.prepare_cached("SELECT * FROM outgoing WHERE id = ?1")?;
    Ok(query.query_row([id.0], outgoing_row).optional()?)
}

pub(super) fn deliveries(db: &Connection, id: OutgoingId) -> Result<Vec<Delivery>> {
    deliveries_where(db, id, "TRUE")
}

/// Those of its deliveries for which this holds.
pub(super) fn deliveries_where(db: &Connection, id: OutgoingId, holds: &str) -> Result<Vec<Delivery>> {
    let sql = format!("SELECT * FROM delivery WHERE outgoing = ?1 AND {holds} ORDER BY position");
    let mut query = db.prepare_cached(&sql)?;
    let deliveries = query.query_map([id.0], delivery_row)?;
    Ok(deliveries.collect::<rusqlite::Result<_>>()?)
}

fn outgoing_row(row: &Row<'_>) -> rusqlite::Result<Outgoing> {
    Ok(Outgoing {
        id: OutgoingId(row.get("id")?),
        account: row.get::<_, Option<i64>>("account")?.map(AccountId),
        message_id: row.get("message_id")?,
        sender: row.get::<_, Option<Shown<_>>>("sender")?.map(|sender| sender.0),
        from: row.get::<_, Json<People>>("people")?.0.from.to_string(),
        subject: row.get("subject")?,
        size: row.get::<_, i64>("size")?.unsigned_abs(),
        created_at: row.get::<_, Time>("created_at")?.0,
        route: RoutePolicy::from(row.get::<_, String>("route")?),
        require_tls: row.get("require_tls")?,
        deliveries: Vec::new(),
    })
}

fn delivery_row(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let standing = standing_of(row)?;
    Ok(Delivery {
        id: DeliveryId(row.get("id")?),
        address: row.get::<_, Shown<_>>("address")?.0,
        state: standing.state,
        hold: standing.hold,
        route: standing.route,
        next_attempt_at: standing.next,
        due_since: standing.due_since,
        tries: standing.tries,
        diagnosis: standing.diagnosis,
        changed_at: row.get::<_, Time>("changed_at")?.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_window_of_what_is_unfinished_reads_its_index_and_no_more() {
        let (_home, store) = testing::store().await;
        let plan = store.local(|db| testing::plan(db, &unfinished_sql())).await.unwrap();
        assert!(plan.contains("INDEX delivery_unfinished (outgoing<?)") && !plan.contains("TEMP"), "{plan}");
    }
}
