//! Taking what is due into our hands, with everything that is needed to try it.
//!
//! What cannot be read is put off, with that as its reason, and stops nobody else.

use super::decide::{self, after};
use super::earlier::Earlier;
use super::read;
use super::standing::{self, Lease, Placed, set_aside};
use super::{Claimed, Due, bytes};
use crate::columns::Time;
use crate::database::Tx;
use crate::{Change, Result, Store};
use jiff::Timestamp;
use model::{Delivery, DeliveryId, DeliveryState, OutgoingId};
use rusqlite::Connection;
use std::time::Duration;

/// A message of no more octets comes along with its claim.
const SMALL: usize = 64 << 10;
/// How long what cannot be read is put off.
const SET_ASIDE: Duration = Duration::from_secs(60 * 60);

/// What is due. The condition is that of the index `delivery_due`.
const DUE: &str = "SELECT DISTINCT outgoing FROM (SELECT outgoing FROM delivery
    WHERE state IN ('held', 'queued', 'deferred') AND next_attempt_at <= ?1 ORDER BY next_attempt_at LIMIT ?2)";

const NEXT: &str = "SELECT next_attempt_at FROM delivery
    WHERE state IN ('held', 'queued', 'deferred') AND next_attempt_at IS NOT NULL ORDER BY next_attempt_at LIMIT 1";

impl Store {
    /// Claims what is due at `now`: held until a time that has come, queued, or deferred. In one committed transaction
    /// it becomes `sending`, leased to `owner` until `lease_until`, with `now + fallback(tries)` as its next attempt,
    /// should nobody come back. `limit` counts deliveries; what is due of the same outgoing comes along, so that it can
    /// travel together.
    ///
    /// `owner` names one run of one process and is never used again.
    pub async fn take_due(
        &self,
        now: Timestamp,
        owner: &str,
        lease_until: Timestamp,
        fallback: impl Fn(u32) -> Duration + Send + 'static,
        limit: u32,
    ) -> Result<Due> {
        let lease = Lease { owner: owner.to_owned(), until: lease_until };
        self.write_local(move |tx| {
            let mut due = tx.prepare_cached(DUE)?;
            let due = due.query_map((Time(now), limit), |row| Ok(OutgoingId(row.get(0)?)))?;
            let due = due.collect::<rusqlite::Result<Vec<_>>>()?;
            let mut claimed = Vec::with_capacity(due.len());
            for outgoing in due {
                claimed.extend(claim(tx, outgoing, now, &lease, &fallback)?);
            }
            Ok(Due { claimed, next: next(tx)? })
        })
        .await
    }

    /// [`Store::take_due`] for who does not want to know what comes next.
    pub async fn claim_due(
        &self,
        now: Timestamp,
        owner: &str,
        lease_until: Timestamp,
        fallback: impl Fn(u32) -> Duration + Send + 'static,
        limit: u32,
    ) -> Result<Vec<Claimed>> {
        Ok(self.take_due(now, owner, lease_until, fallback, limit).await?.claimed)
    }

    /// Makes the leases of a long attempt last until `lease_until`. Those that are no longer ours are left alone.
    pub async fn renew_lease(&self, owner: &str, deliveries: &[DeliveryId], lease_until: Timestamp) -> Result<usize> {
        let (owner, deliveries) = (owner.to_owned(), deliveries.to_vec());
        self.write_local(move |tx| {
            let sql = "UPDATE delivery SET lease_until = ?3 WHERE id = ?1 AND lease_owner = ?2 AND state = 'sending'";
            let mut renew = tx.prepare_cached(sql)?;
            let mut renewed = 0;
            for delivery in deliveries {
                renewed += renew.execute((delivery.0, &owner, Time(lease_until)))?;
            }
            Ok(renewed)
        })
        .await
    }

    /// When the next delivery is due; `None` when nothing will happen by itself.
    pub async fn next_due(&self) -> Result<Option<Timestamp>> {
        self.local(next).await
    }
}

fn next(db: &Connection) -> Result<Option<Timestamp>> {
    let mut query = db.prepare_cached(NEXT)?;
    let mut rows = query.query([])?;
    let next = rows.next()?.map(|row| row.get::<_, Time>(0)).transpose()?;
    Ok(next.map(|time| time.0))
}

/// `None` where nothing of it can be read.
fn claim(
    tx: &Tx<'_>,
    id: OutgoingId,
    now: Timestamp,
    lease: &Lease,
    fallback: &impl Fn(u32) -> Duration,
) -> Result<Option<Claimed>> {
    tx.changed(Change::Outgoing(id));
    let found = standing::load_due(tx, id, now)?;
    let mut outgoing = match read::head(tx, id) {
        Ok(outgoing) => outgoing,
        Err(error) if error.is_unreadable() => {
            let all = found.iter().map(|(delivery, _)| (*delivery, error.to_string()));
            put_off(tx, all, now)?;
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let (due, unreadable) = parted(found);
    put_off(tx, unreadable, now)?;
    let mut earlier = Earlier::default();
    let ordered = due.iter().filter(|placed| was_ordered(placed)).map(|placed| placed.id).collect();
    for placed in due {
        earlier.look(tx, &placed)?;
        let again = after(now, fallback(placed.standing.tries));
        let claimed = decide::claim(&placed.standing, lease.clone(), again);
        standing::store(tx, &placed, &claimed, now)?;
        outgoing.deliveries.push(delivery_of(placed, claimed, now));
    }
    if outgoing.deliveries.is_empty() {
        return Ok(None);
    }
    let (spoken_to, greylisted_since) = earlier.known();
    let bytes = bytes::small(tx, id, SMALL)?;
    Ok(Some(Claimed { outgoing, ordered, bytes, spoken_to, greylisted_since }))
}

/// What can be read, and why the rest cannot.
fn parted(found: Vec<standing::Found>) -> (Vec<Placed>, Vec<(DeliveryId, String)>) {
    let (mut due, mut unreadable) = (Vec::with_capacity(found.len()), Vec::new());
    for (id, placed) in found {
        match placed {
            Ok(placed) => due.push(placed),
            Err(error) => unreadable.push((id, error.to_string())),
        }
    }
    (due, unreadable)
}

fn put_off(tx: &Tx<'_>, all: impl IntoIterator<Item = (DeliveryId, String)>, now: Timestamp) -> Result<()> {
    all.into_iter().try_for_each(|(delivery, reason)| set_aside(tx, delivery, &reason, after(now, SET_ASIDE)))
}

fn delivery_of(placed: Placed, claimed: standing::Standing, now: Timestamp) -> Delivery {
    Delivery {
        id: placed.id,
        address: placed.address,
        state: claimed.state,
        hold: claimed.hold,
        route: claimed.route,
        next_attempt_at: claimed.next,
        due_since: claimed.due_since,
        tries: claimed.tries,
        diagnosis: claimed.diagnosis,
        changed_at: now,
    }
}

/// What waits for its time by itself is deferred; only an order makes it queued again.
fn was_ordered(placed: &Placed) -> bool {
    placed.standing.state == DeliveryState::Queued && placed.standing.diagnosis.is_some()
}

#[cfg(test)]
mod tests;
