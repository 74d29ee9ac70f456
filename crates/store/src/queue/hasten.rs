//! Making due what waited for this computer: its network is another one, or has come back; and letting time pass for an
//! account that lives in a world of its own.

use crate::columns::Time;
use crate::{Change, Result, Store};
use jiff::{SignedDuration, Timestamp};
use model::{AccountId, OutgoingId};
use std::collections::BTreeSet;

/// In the order of the index `delivery_local_cause`.
const HASTEN: &str = "UPDATE delivery SET next_attempt_at = ?1
    WHERE state = 'deferred' AND local_cause = 1 AND next_attempt_at > ?1 RETURNING outgoing";

/// By the index `outgoing_account`, as below.
const HASTEN_ACCOUNT: &str = "UPDATE delivery SET next_attempt_at = ?2
    WHERE outgoing IN (SELECT id FROM outgoing WHERE account = ?1)
    AND state = 'deferred' AND local_cause = 1 AND next_attempt_at > ?2 RETURNING outgoing";

/// By the index `outgoing_account`; no clause joins the two tables by a parameter.
const LET_PASS: &str = "UPDATE delivery SET next_attempt_at = max(?2, next_attempt_at - ?3)
    WHERE outgoing IN (SELECT id FROM outgoing WHERE account = ?1)
    AND state IN ('held', 'queued', 'deferred') AND next_attempt_at > ?2 RETURNING outgoing";

impl Store {
    /// Lets so much time pass for what waits in an account: it is due that much earlier, and no earlier than now. Returns how
    /// many deliveries that are.
    pub async fn let_pass(&self, account: AccountId, by: SignedDuration, now: Timestamp) -> Result<usize> {
        self.write_local(move |tx| {
            let earlier = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            let mut pass = tx.prepare_cached(LET_PASS)?;
            let outgoings = pass.query_map((account.0, Time(now), earlier), |row| Ok(OutgoingId(row.get(0)?)))?;
            let outgoings = outgoings.collect::<rusqlite::Result<Vec<_>>>()?;
            for outgoing in outgoings.iter().collect::<BTreeSet<_>>() {
                tx.changed(Change::Outgoing(*outgoing));
            }
            Ok(outgoings.len())
        })
        .await
    }

    /// Makes due what is deferred for a local cause, and returns how many deliveries that are. How often they were tried
    /// and since when they wait stays as it is.
    pub async fn hasten(&self, now: Timestamp) -> Result<usize> {
        self.write_local(move |tx| {
            let mut hasten = tx.prepare_cached(HASTEN)?;
            let outgoings = hasten.query_map([Time(now)], |row| Ok(OutgoingId(row.get(0)?)))?;
            let outgoings = outgoings.collect::<rusqlite::Result<Vec<_>>>()?;
            for outgoing in outgoings.iter().collect::<BTreeSet<_>>() {
                tx.changed(Change::Outgoing(*outgoing));
            }
            Ok(outgoings.len())
        })
        .await
    }

    /// As [`Store::hasten`], of one account alone: only its network is another one.
    pub async fn hasten_account(&self, account: AccountId, now: Timestamp) -> Result<usize> {
        self.write_local(move |tx| {
            let mut hasten = tx.prepare_cached(HASTEN_ACCOUNT)?;
            let outgoings = hasten.query_map((account.0, Time(now)), |row| Ok(OutgoingId(row.get(0)?)))?;
            let outgoings = outgoings.collect::<rusqlite::Result<Vec<_>>>()?;
            for outgoing in outgoings.iter().collect::<BTreeSet<_>>() {
                tx.changed(Change::Outgoing(*outgoing));
            }
            Ok(outgoings.len())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{claim, message, outcome};
    use super::*;
    use crate::testing::{self, at};
    use crate::{NewOutgoing, Recorded};
    use model::{Diagnosis, Fault, Known, Outcome, Phase, Reply, Route, diagnose};

    fn diagnosis(outcome: impl Into<Outcome>) -> Option<Diagnosis> {
        Some(diagnose(Phase::Connect, &outcome.into(), &Known::new(Route::Direct, "x.test", "b@x.test")))
    }

    #[tokio::test]
    async fn what_waits_for_its_network_is_due_in_one_account_alone() {
        let (_home, store) = testing::store().await;
        let account = store.add_account(testing::account_of("you@practice.test", &[])).await.unwrap();
        for account in [Some(account.id), None] {
            store.submit(NewOutgoing { account, created_at: at(0), ..message(&["b@x.test"]) }).await.unwrap();
            let delivery = claim(&store, 0, "us").await[0].outgoing.deliveries[0].id;
            let deferred = Recorded {
                diagnosis: diagnosis(Fault::NoNetwork),
                ..outcome(delivery, model::DeliveryState::Deferred, Some(5000))
            };
            store.record("us", at(1), vec![deferred]).await.unwrap();
        }
        assert_eq!(store.hasten_account(account.id, at(9)).await.unwrap(), 1);
        assert_eq!(store.hasten_account(account.id, at(9)).await.unwrap(), 0, "once");
        assert_eq!(store.hasten(at(9)).await.unwrap(), 1, "the other account waited on");
    }

    #[tokio::test]
    async fn time_that_passes_in_one_account_brings_its_letters_on_and_no_others() {
        let (_home, store) = testing::store().await;
        let account = store.add_account(testing::account_of("you@practice.test", &[])).await.unwrap();
        let ids = [Some(account.id), None];
        for account in ids {
            store.submit(NewOutgoing { account, created_at: at(0), ..message(&["b@x.test"]) }).await.unwrap();
            let delivery = claim(&store, 0, "us").await[0].outgoing.deliveries[0].id;
            let deferred = outcome(delivery, model::DeliveryState::Deferred, Some(5000));
            store.record("us", at(1), vec![deferred]).await.unwrap();
        }
        let hour = SignedDuration::from_hours(1);
        assert_eq!(store.let_pass(account.id, hour, at(9)).await.unwrap(), 1);
        assert_eq!(store.next_due().await.unwrap(), Some(at(1400)));
        assert_eq!(store.let_pass(account.id, hour, at(9)).await.unwrap(), 1);
        assert_eq!(store.next_due().await.unwrap(), Some(at(9)), "no earlier than now");
        assert_eq!(store.let_pass(account.id, hour, at(9)).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn what_waits_for_the_network_is_due_at_once_and_what_waits_for_others_is_not() {
        let (_home, store) = testing::store().await;
        let causes = [diagnosis(Fault::NoNetwork), diagnosis(Reply::new(450, None, "Come again")), None];
        for diagnosis in causes {
            store.submit(NewOutgoing { created_at: at(0), ..message(&["b@x.test"]) }).await.unwrap();
            let delivery = claim(&store, 0, "us").await[0].outgoing.deliveries[0].id;
            let deferred = Recorded { diagnosis, ..outcome(delivery, model::DeliveryState::Deferred, Some(500)) };
            store.record("us", at(1), vec![deferred]).await.unwrap();
        }
        assert_eq!(store.next_due().await.unwrap(), Some(at(500)));
        assert_eq!(store.hasten(at(9)).await.unwrap(), 1);
        assert_eq!(store.hasten(at(9)).await.unwrap(), 0, "once");
        let due = claim(&store, 9, "us").await;
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].outgoing.deliveries[0].due_since, at(0), "it does not become younger");
        assert!(due[0].ordered.is_empty(), "nobody ordered it");
    }

    #[tokio::test]
    async fn it_reads_an_index() {
        let (_home, store) = testing::store().await;
        let plan = store.local(|db| testing::plan(db, HASTEN)).await.unwrap();
        assert!(plan.contains("INDEX delivery_local_cause"), "{plan}");
    }
}
