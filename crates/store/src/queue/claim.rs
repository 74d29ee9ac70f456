//! Taking what is due into our hands.

use super::Claimed;
use super::decide::{self, after};
use super::read::{bcc, outgoing_with};
use super::standing::{self, Lease, Placed};
use crate::columns::Time;
use crate::database::Tx;
use crate::{Change, Result, Store};
use jiff::Timestamp;
use model::{DeliveryId, DeliveryState, OutgoingId};
use std::time::Duration;

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
    pub async fn claim_due(
        &self,
        now: Timestamp,
        owner: &str,
        lease_until: Timestamp,
        fallback: impl Fn(u32) -> Duration + Send + 'static,
        limit: u32,
    ) -> Result<Vec<Claimed>> {
        let lease = Lease { owner: owner.to_owned(), until: lease_until };
        self.write_local(move |tx| {
            let mut due = tx.prepare_cached(DUE)?;
            let due = due.query_map((Time(now), limit), |row| Ok(OutgoingId(row.get(0)?)))?;
            let due = due.collect::<rusqlite::Result<Vec<_>>>()?;
            due.into_iter().map(|outgoing| claim(tx, outgoing, now, &lease, &fallback)).collect()
        })
        .await
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
        self.local(|db| {
            let mut query = db.prepare_cached(NEXT)?;
            let mut rows = query.query([])?;
            let next = rows.next()?.map(|row| row.get::<_, Time>(0)).transpose()?;
            Ok(next.map(|time| time.0))
        })
        .await
    }
}

fn claim(
    tx: &Tx<'_>,
    outgoing: OutgoingId,
    now: Timestamp,
    lease: &Lease,
    fallback: &impl Fn(u32) -> Duration,
) -> Result<Claimed> {
    let due: Vec<Placed> =
        standing::load_all(tx, outgoing)?.into_iter().filter(|placed| is_due(placed, now)).collect();
    for placed in &due {
        let again = after(now, fallback(placed.standing.tries));
        standing::store(tx, placed, &decide::claim(&placed.standing, lease.clone(), again), now)?;
    }
    tx.changed(Change::Outgoing(outgoing));
    let claimed: Vec<DeliveryId> = due.iter().map(|placed| placed.id).collect();
    let ordered = due.iter().filter(|placed| was_ordered(placed)).map(|placed| placed.id).collect();
    let outgoing_now = outgoing_with(tx, outgoing, |delivery| claimed.contains(&delivery.id))?;
    Ok(Claimed { outgoing: outgoing_now, bcc: bcc(tx, outgoing)?, ordered })
}

/// What waits for its time by itself is deferred; only an order makes it queued again.
fn was_ordered(placed: &Placed) -> bool {
    placed.standing.state == DeliveryState::Queued && placed.standing.diagnosis.is_some()
}

fn is_due(placed: &Placed, now: Timestamp) -> bool {
    use DeliveryState::{Deferred, Held, Queued};
    matches!(placed.standing.state, Held | Queued | Deferred) && placed.standing.next.is_some_and(|next| next <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn looking_for_what_is_due_reads_an_index_only_as_far_as_it_needs() {
        let (_home, store) = testing::store().await;
        for sql in [DUE, NEXT] {
            let plan = store.local(move |db| testing::plan(db, sql)).await.unwrap();
            assert!(plan.contains("INDEX delivery_due"), "{plan}");
            assert!(!plan.contains("USE TEMP B-TREE FOR ORDER BY"), "{plan}");
        }
        let plan = store.local(|db| testing::plan(db, &standing::sending_sql())).await.unwrap();
        assert!(plan.contains("INDEX delivery_sending"), "{plan}");
    }
}
