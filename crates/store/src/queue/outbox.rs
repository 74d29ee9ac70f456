//! What is shown of the outbox wherever one looks: how much is in it, and what was refused. It may be large, so it is
//! counted without being loaded.

use super::read::{UNFINISHED, deliveries_where, head, readable};
use crate::columns::Word;
use crate::{Result, Store};
use model::{DeliveryState, Mark, Outgoing, OutgoingId};
use rusqlite::Connection;

/// In the order of the index `delivery_refused`.
const REFUSED: &str =
    "SELECT DISTINCT outgoing FROM delivery WHERE state IN ('failed', 'bounced') AND dismissed = 0 ORDER BY outgoing";

/// How much is in the outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    /// Outgoings that wait for a time that their sender chose.
    pub scheduled: u32,
    /// The others that are not finished (see [`crate::OutgoingFilter::Open`]).
    pub waiting: u32,
    /// The mark of these others together.
    pub mark: Option<Mark>,
}

impl Store {
    /// How much is in the outbox.
    pub async fn outbox(&self) -> Result<Outbox> {
        self.local(count).await
    }

    /// What was refused and nobody has dismissed: outgoings, the oldest first, with those of their deliveries.
    pub async fn refused(&self) -> Result<Vec<Outgoing>> {
        self.local(|db| {
            let mut query = db.prepare_cached(REFUSED)?;
            let ids = query.query_map([], |row| Ok(OutgoingId(row.get(0)?)))?;
            let ids = ids.collect::<rusqlite::Result<Vec<_>>>()?;
            let refused = |id| {
                let mut outgoing = head(db, id)?;
                outgoing.deliveries = deliveries_where(db, id, "state IN ('failed', 'bounced') AND dismissed = 0")?;
                Ok(Some(outgoing))
            };
            ids.into_iter().filter_map(|id| readable(id, refused(id)).transpose()).collect()
        })
        .await
    }
}

/// The deliveries of one outgoing stand together.
fn count(db: &Connection) -> Result<Outbox> {
    let sql = format!(
        "SELECT outgoing, state, hold IS 'scheduled' FROM delivery
         WHERE outgoing IN (SELECT outgoing FROM delivery WHERE {UNFINISHED}) ORDER BY outgoing"
    );
    let mut query = db.prepare_cached(&sql)?;
    let mut rows = query.query([])?;
    let mut outbox = Outbox::default();
    let (mut states, mut of_this) = (Vec::new(), Vec::new());
    let (mut this, mut scheduled) = (None, false);
    loop {
        let row = rows.next()?;
        let next: Option<i64> = row.map(|row| row.get(0)).transpose()?;
        if next != this {
            if scheduled {
                outbox.scheduled += 1;
            } else if this.is_some() {
                outbox.waiting += 1;
                states.append(&mut of_this);
            }
            (this, scheduled) = (next, false);
            of_this.clear();
        }
        let Some(row) = row else { break };
        of_this.push(row.get::<_, Word<DeliveryState>>(1)?.0);
        scheduled |= row.get::<_, bool>(2)?;
    }
    outbox.mark = Mark::of(&states);
    Ok(outbox)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claim, message, outcome};
    use super::*;
    use crate::testing::{self, at};
    use crate::{NewOutgoing, Order};
    use model::{DeliveryState::*, HoldReason};

    #[tokio::test]
    async fn what_is_scheduled_is_counted_apart_and_what_is_done_not_at_all() {
        let (_home, store) = testing::store().await;
        assert_eq!(store.outbox().await.unwrap(), Outbox::default());
        for state in [Accepted, Deferred] {
            store.submit(message(&["b@x.test", "c@x.test"])).await.unwrap();
            let both = claim(&store, 0, "us").await.remove(0).outgoing.deliveries;
            let results = vec![outcome(both[0].id, Accepted, None), outcome(both[1].id, state, Some(60))];
            store.record("us", at(1), results).await.unwrap();
        }
        let hold = Some((HoldReason::Scheduled, Some(at(600))));
        store.submit(NewOutgoing { hold, ..message(&["d@x.test"]) }).await.unwrap();
        let outbox = store.outbox().await.unwrap();
        assert_eq!((outbox.scheduled, outbox.waiting), (1, 1));
        assert_eq!(outbox.mark, Mark::of(&[Accepted, Deferred]));
    }

    #[tokio::test]
    async fn what_was_refused_is_listed_until_it_is_dismissed() {
        let (_home, store) = testing::store().await;
        let id = store.submit(message(&["b@x.test", "c@x.test", "d@x.test"])).await.unwrap();
        let all = claim(&store, 0, "us").await.remove(0).outgoing.deliveries;
        let results = vec![
            outcome(all[0].id, Failed, None),
            outcome(all[1].id, Failed, None),
            outcome(all[2].id, Accepted, None),
        ];
        store.record("us", at(1), results).await.unwrap();
        let listed = async || {
            let refused = store.refused().await.unwrap();
            refused
                .into_iter()
                .flat_map(|outgoing| outgoing.deliveries)
                .map(|delivery| delivery.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(listed().await, [all[0].id, all[1].id]);
        store.order(id, Some(all[0].id), Order::Dismiss, at(2)).await.unwrap();
        assert_eq!(listed().await, [all[1].id]);
    }

    #[tokio::test]
    async fn looking_for_what_was_refused_reads_an_index() {
        let (_home, store) = testing::store().await;
        let plan = store.local(|db| testing::plan(db, REFUSED)).await.unwrap();
        assert!(plan.contains("INDEX delivery_refused"), "{plan}");
    }
}
