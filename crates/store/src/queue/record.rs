//! Writing down what came of an attempt.

use super::Recorded;
use super::decide;
use super::standing::{self, Placed};
use crate::columns::{Json, Time};
use crate::database::Tx;
use crate::journal::{AppendTo, JournalOp, add_entry};
use crate::{Change, Result, Store, StoreError, refused};
use jiff::Timestamp;
use model::{AccountId, Attempt, DeliveryId, DeliveryState, Flag, Flags, OutgoingId, Role};
use rusqlite::OptionalExtension;
use std::sync::Arc;

impl Store {
    /// Writes attempts and new states in one transaction, and returns the deliveries whose state changed.
    ///
    /// A hold or cancel that was ordered meanwhile is honoured unless a server took the message or refused it for good.
    /// An attempt of an owner whose lease was taken over is kept, but its state counts only where a server took the
    /// message. With the first recipient that a server took, the copy for the Sent mailbox goes into the journal.
    pub async fn record(&self, owner: &str, now: Timestamp, recorded: Vec<Recorded>) -> Result<Vec<DeliveryId>> {
        if let Some(wrong) = recorded.iter().find(|result| !is_result(result.state)) {
            return Err(StoreError::Invalid(format!("an attempt cannot end as “{}”", wrong.state)));
        }
        let owner = owner.to_owned();
        self.write_local(move |tx| {
            let mut transcripts = Transcripts::default();
            let mut changed = Vec::new();
            for result in &recorded {
                for made in &result.attempts {
                    let transcript = transcripts.put(tx, made.transcript.as_ref())?;
                    put_attempt(tx, result.delivery, &made.attempt, transcript)?;
                }
                if record_one(tx, &owner, result, now)? {
                    changed.push(result.delivery);
                }
            }
            Ok(changed)
        })
        .await
    }
}

fn is_result(state: DeliveryState) -> bool {
    use DeliveryState::{Accepted, Deferred, Failed, Queued, Relayed};
    matches!(state, Accepted | Relayed | Deferred | Failed | Queued)
}

fn record_one(tx: &Tx<'_>, owner: &str, result: &Recorded, now: Timestamp) -> Result<bool> {
    let placed = standing::load(tx, result.delivery)?;
    tx.changed(Change::Outgoing(placed.outgoing));
    let Some(mut settled) = decide::settle(&placed.standing, owner, result) else { return Ok(false) };
    if settled.state == DeliveryState::Queued {
        settled.next = settled.next.or(Some(now));
    }
    standing::store(tx, &placed, &settled, now)?;
    refused::learn(tx, &placed.address, result, now)?;
    if settled.state.is_taken() {
        file_copy(tx, &placed, now)?;
    }
    Ok(settled.state != placed.standing.state)
}

/// Orders the copy for the Sent mailbox, once for an outgoing; where there is no server to put it on, this is the only
/// one.
fn file_copy(tx: &Tx<'_>, placed: &Placed, now: Timestamp) -> Result<()> {
    let sql = "UPDATE outgoing SET copy = CASE WHEN EXISTS
                   (SELECT 1 FROM account WHERE account.id = outgoing.account AND imap IS NOT NULL)
                   THEN 'ordered' ELSE 'only' END
               WHERE id = ?1 AND copy IS NULL RETURNING iif(copy = 'ordered', account, NULL), message_id";
    let mut query = tx.prepare_cached(sql)?;
    let taken = query.query_row([placed.outgoing.0], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get(1)?)));
    let Some((Some(account), message_id)) = taken.optional()? else { return Ok(()) };
    let account = AccountId(account);
    let op = JournalOp::Append {
        to: AppendTo::Role(Role::Sent),
        message_id,
        outgoing: Some(placed.outgoing),
        flags: Flags::default().with(Flag::Seen, true),
    };
    add_entry(tx, account, &op, None, now).map(|_| ())
}

/// Writes an attempt. What it says of its number and delivery is ignored: the columns hold them.
pub(super) fn put_attempt(
    tx: &Tx<'_>,
    delivery: DeliveryId,
    attempt: &Attempt,
    transcript: Option<i64>,
) -> Result<()> {
    let sql = "INSERT INTO attempt (delivery, started_at, ended_at, what, transcript) VALUES (?1, ?2, ?3, ?4, ?5)";
    let times = (Time(attempt.started_at), Time(attempt.ended_at));
    tx.prepare_cached(sql)?.execute((delivery.0, times.0, times.1, Json(attempt), transcript))?;
    Ok(())
}

/// What was said on the wire is stored once for all who travelled together.
#[derive(Default)]
struct Transcripts(Vec<(Arc<str>, i64)>);

impl Transcripts {
    fn put(&mut self, tx: &Tx<'_>, transcript: Option<&Arc<str>>) -> Result<Option<i64>> {
        let Some(transcript) = transcript else { return Ok(None) };
        if let Some((_, id)) = self.0.iter().find(|(known, _)| Arc::ptr_eq(known, transcript)) {
            return Ok(Some(*id));
        }
        tx.prepare_cached("INSERT INTO transcript (text) VALUES (?1)")?.execute([&**transcript])?;
        let id = tx.last_insert_rowid();
        self.0.push((Arc::clone(transcript), id));
        Ok(Some(id))
    }
}

/// The outgoing of a delivery, for who has only that.
pub(super) fn outgoing_of(db: &rusqlite::Connection, delivery: DeliveryId) -> Result<Option<OutgoingId>> {
    let mut query = db.prepare_cached("SELECT outgoing FROM delivery WHERE id = ?1")?;
    Ok(query.query_row([delivery.0], |row| Ok(OutgoingId(row.get(0)?))).optional()?)
}
