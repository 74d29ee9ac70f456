//! Ordering what waits for a login to go again: another password or server may be accepted, or another way be chosen.

use super::{Order, decide, standing};
use crate::{Change, Result, Store};
use jiff::Timestamp;
use model::{AccountId, Class, DeliveryId, OutgoingId, RoutePolicy};
use rusqlite::Row;
use std::collections::BTreeSet;

/// In the order of the index `delivery_late`, which holds what is deferred and nothing else. A diagnosis that cannot be read is none.
const WAITING: &str = "SELECT delivery.id, outgoing, account, coalesce(delivery.route, outgoing.route) AS route
    FROM delivery JOIN outgoing ON outgoing.id = delivery.outgoing
    WHERE state = 'deferred' AND json_valid(diagnosis) AND diagnosis ->> '$.class' = ?1
    ORDER BY due_since";

/// A delivery that waits for a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitsForLogin {
    /// The outgoing.
    pub outgoing: OutgoingId,
    /// The delivery.
    pub delivery: DeliveryId,
    /// The account that it is sent from.
    pub account: Option<AccountId>,
    /// The route that was ordered for it.
    pub route: RoutePolicy,
}

impl Store {
    /// Orders those deliveries that wait for a login and that this may help to be tried now, and returns how many.
    pub async fn retry_logins(
        &self,
        now: Timestamp,
        may_help: impl Fn(&WaitsForLogin) -> bool + Send + 'static,
    ) -> Result<usize> {
        self.write_local(move |tx| {
            let mut query = tx.prepare_cached(WAITING)?;
            let waiting = query.query_map([Class::AuthFailed.word()], waiting_row)?;
            let waiting = waiting.collect::<rusqlite::Result<Vec<_>>>()?;
            let mut changed = BTreeSet::new();
            let mut count = 0;
            for waits in waiting.iter().filter(|waits| may_help(waits)) {
                let before = match standing::load(tx, waits.delivery) {
                    Err(error) if error.is_unreadable() => continue,
                    found => found?,
                };
                if let Some(after) = decide::obey(&before.standing, &Order::Retry, &before.outgoing_route, now) {
                    standing::store(tx, &before, &after, now)?;
                    changed.insert(waits.outgoing);
                    count += 1;
                }
            }
            changed.into_iter().for_each(|outgoing| tx.changed(Change::Outgoing(outgoing)));
            Ok(count)
        })
        .await
    }
}

fn waiting_row(row: &Row<'_>) -> rusqlite::Result<WaitsForLogin> {
    Ok(WaitsForLogin {
        outgoing: OutgoingId(row.get("outgoing")?),
        delivery: DeliveryId(row.get("id")?),
        account: row.get::<_, Option<i64>>("account")?.map(AccountId),
        route: RoutePolicy::from(row.get::<_, String>("route")?),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claim, message, outcome};
    use super::*;
    use crate::testing::{self, at};
    use crate::{NewOutgoing, Recorded};
    use model::{DeliveryState, Diagnosis, Known, Route};

    #[tokio::test]
    async fn what_waits_for_a_login_is_tried_where_that_may_help_and_nothing_else() {
        let (_home, store) = testing::store().await;
        let known = Known::new(Route::Direct, "x.test", "b@x.test");
        let relay = || RoutePolicy::SmartHost("relay".into());
        let letters = [
            (relay(), Class::AuthFailed, DeliveryState::Queued),
            (relay(), Class::Greylisted, DeliveryState::Deferred),
            (RoutePolicy::Direct, Class::AuthFailed, DeliveryState::Deferred),
        ];
        for (route, class, _) in letters.clone() {
            store.submit(NewOutgoing { route, ..message(&["b@x.test"]) }).await.unwrap();
            let delivery = claim(&store, 0, "us").await[0].outgoing.deliveries[0].id;
            let diagnosis = Some(Diagnosis::of(class, &known));
            let deferred = Recorded { diagnosis, ..outcome(delivery, DeliveryState::Deferred, Some(500)) };
            store.record("us", at(1), vec![deferred]).await.unwrap();
        }
        let through_relay = move |waits: &WaitsForLogin| waits.route == relay();
        assert_eq!(store.retry_logins(at(9), through_relay).await.unwrap(), 1);
        assert_eq!(store.retry_logins(at(9), through_relay).await.unwrap(), 0, "once");
        let mut outgoings = store.outgoings(crate::OutgoingFilter::All, 10, 0).await.unwrap();
        outgoings.reverse();
        let states: Vec<_> = outgoings.iter().map(|outgoing| outgoing.deliveries[0].state).collect();
        assert_eq!(states, letters.map(|(_, _, state)| state));
        assert_eq!(outgoings[0].deliveries[0].next_attempt_at, Some(at(9)));
    }

    #[tokio::test]
    async fn it_reads_what_is_deferred_and_no_more() {
        let (_home, store) = testing::store().await;
        let plan = store.local(|db| testing::plan(db, WAITING)).await.unwrap();
        assert!(plan.contains("INDEX delivery_late"), "{plan}");
    }
}
