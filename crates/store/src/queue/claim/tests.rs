//! Claims on a real database.

use super::super::tests::{claim, message, outcome};
use super::*;
use crate::testing::{self, at};
use crate::{Made, NewOutgoing, OutgoingFilter, Recorded};
use model::DeliveryState::*;
use model::{Attempt, Diagnosis, Known, Outcome, Phase, Reply, Route, diagnose};

#[tokio::test]
async fn looking_for_what_is_due_reads_an_index_only_as_far_as_it_needs() {
    let (_home, store) = testing::store().await;
    for sql in [DUE, NEXT] {
        let plan = store.local(move |db| testing::plan(db, sql)).await.unwrap();
        assert!(plan.contains("INDEX delivery_due"), "{plan}");
        assert!(!plan.contains("USE TEMP B-TREE FOR ORDER BY"), "{plan}");
    }
    let plan = store.local(|db| testing::plan(db, &standing::lost_sql())).await.unwrap();
    assert!(plan.contains("INDEX delivery_sending"), "{plan}");
}

#[tokio::test]
async fn a_claim_says_what_comes_next_and_brings_the_message_where_it_is_small() {
    let (_home, store) = testing::store().await;
    let small = message(&["b@x.test"]);
    let large = NewOutgoing { bytes: vec![b'x'; SMALL + 1], ..message(&["b@x.test"]) };
    let later = NewOutgoing { created_at: at(60), ..message(&["c@x.test"]) };
    for new in [small.clone(), large, later] {
        store.submit(new).await.unwrap();
    }
    let due = store.take_due(at(0), "us", at(300), |_| Duration::from_secs(9), 1).await.unwrap();
    assert_eq!(due.claimed[0].bytes.as_deref(), Some(&*small.bytes));
    assert_eq!(due.next, Some(at(0)), "there is more");
    let due = store.take_due(at(0), "us", at(300), |_| Duration::from_secs(9), 9).await.unwrap();
    assert_eq!((due.claimed[0].bytes.as_deref(), due.next), (None, Some(at(60))));
}

fn greylisted() -> Diagnosis {
    let reply = Outcome::from(Reply::new(450, None, "4.2.0 Greylisted"));
    diagnose(Phase::Rcpt, &reply, &Known::new(Route::Direct, "x.test", "b@x.test"))
}

/// An attempt that a host at this address answered by greylisting.
fn asked(address: &str, started: i64) -> Made {
    let attempt = Attempt {
        address: Some(address.into()),
        reply: Some(Reply::new(450, None, "4.2.0 Greylisted")),
        diagnosis: Some(greylisted()),
        ..Attempt::begun(at(started), Route::Direct, None)
    };
    Made { attempt, transcript: None }
}

#[tokio::test]
async fn a_claim_knows_who_answered_last_and_since_when_it_is_greylisted() {
    let (_home, store) = testing::store().await;
    store.submit(message(&["b@x.test", "c@y.test"])).await.unwrap();
    let first = claim(&store, 0, "us").await.remove(0);
    assert!(first.spoken_to.is_empty() && first.greylisted_since.is_empty());
    let ids: Vec<_> = first.outgoing.deliveries.iter().map(|delivery| delivery.id).collect();
    for (started, address) in [(0, "192.0.2.1"), (100, "192.0.2.2")] {
        let waits = Recorded {
            attempts: vec![asked(address, started)],
            diagnosis: Some(greylisted()),
            ..outcome(ids[0], Deferred, Some(started + 100))
        };
        store.record("us", at(started + 1), vec![waits]).await.unwrap();
        if started == 0 {
            claim(&store, 100, "us").await;
        }
    }
    let again = claim(&store, 200, "us").await.remove(0);
    assert_eq!(
        again.spoken_to.into_iter().collect::<Vec<_>>(),
        [("x.test".to_owned(), "192.0.2.2".parse().unwrap())]
    );
    assert_eq!(again.greylisted_since.into_iter().collect::<Vec<_>>(), [(ids[0], at(0))]);
}

/// Spoils a column, as a later version or a tired disk might.
async fn spoil(store: &Store, sql: &'static str) {
    store.write_local(move |tx| Ok(tx.execute_batch(sql)?)).await.unwrap();
}

#[tokio::test]
async fn what_can_not_be_read_is_put_off_and_stops_nobody_else() {
    let spoiled = [
        "UPDATE delivery SET diagnosis = '{}' WHERE id = 1",
        "UPDATE delivery SET address = 'nobody' WHERE id = 1",
        "UPDATE delivery SET due_since = 9223372036854775807 WHERE id = 1",
        "UPDATE outgoing SET people = 'x' WHERE id = 1",
        "UPDATE outgoing SET created_at = 9223372036854775807 WHERE id = 1",
    ];
    for sql in spoiled {
        let (_home, store) = testing::store().await;
        store.submit(message(&["b@x.test"])).await.unwrap();
        let other = store.submit(message(&["c@x.test"])).await.unwrap();
        spoil(&store, sql).await;
        let claimed = claim(&store, 5, "us").await;
        assert_eq!(claimed.iter().map(|claimed| claimed.outgoing.id).collect::<Vec<_>>(), [other], "{sql}");
        assert_eq!(store.next_due().await.unwrap(), Some(at(5 + 3600)), "{sql}");
        let listed = store.outgoings(OutgoingFilter::All, 10, 0).await.unwrap();
        assert!(listed.iter().any(|outgoing| outgoing.id == other), "{sql}");
    }
}

#[tokio::test]
async fn a_diagnosis_that_can_not_be_read_gives_way_to_one_that_says_so() {
    let (_home, store) = testing::store().await;
    let id = store.submit(message(&["b@x.test", "c@x.test"])).await.unwrap();
    spoil(&store, "UPDATE delivery SET diagnosis = '{}' WHERE position = 0").await;
    assert_eq!(claim(&store, 5, "us").await[0].outgoing.deliveries.len(), 1, "its sibling goes");
    let set_aside = store.outgoing(id).await.unwrap().unwrap().deliveries.remove(0);
    assert_eq!(set_aside.state, Deferred);
    let explanation = set_aside.diagnosis.unwrap().explanation;
    assert!(explanation.contains("b@x.test") && explanation.contains("cannot be read"), "{explanation}");
    assert_eq!(claim(&store, 5 + 3600, "us").await.len(), 1, "and it is tried again");
}

#[tokio::test]
async fn what_was_on_the_wire_and_can_not_be_read_is_taken_back_with_the_others() {
    let (_home, store) = testing::store().await;
    let id = store.submit(message(&["b@x.test", "c@x.test"])).await.unwrap();
    claim(&store, 0, "one run").await;
    spoil(&store, "UPDATE delivery SET diagnosis = '{}' WHERE position = 0").await;
    store.recover(at(9), "another run").await.unwrap();
    let deliveries = store.outgoing(id).await.unwrap().unwrap().deliveries;
    assert!(deliveries.iter().all(|delivery| delivery.state == Deferred), "{deliveries:?}");
}
