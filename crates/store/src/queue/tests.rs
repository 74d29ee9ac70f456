//! The queue on a real database.

use super::*;
use crate::testing::{self, account_of, at};
use crate::{AppendTo, Change, JournalOp, Store, StoreError};
use model::{DeliveryState::*, Flag, Flags, OutgoingId, Phase, Role, Route};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn message(recipients: &[&str]) -> NewOutgoing {
    NewOutgoing {
        account: None,
        message_id: "one@example.org".into(),
        sender: Some("anna@example.org".parse().unwrap()),
        from: Address::new(Some("Anna".into()), "anna@example.org"),
        to: Vec::new(),
        subject: "Greetings".into(),
        snippet: "Hello".into(),
        attachments: 0,
        bytes: b"Subject: Greetings\r\n\r\nHello\r\n".to_vec(),
        route: RoutePolicy::Auto,
        recipients: recipients.iter().map(|who| who.parse().unwrap()).collect(),
        bcc: Vec::new(),
        hold: None,
        draft: None,
        created_at: at(0),
        answers: None,
        require_tls: false,
    }
}

fn attempt(delivery: DeliveryId, started: i64) -> Attempt {
    Attempt {
        delivery,
        ended_at: at(started + 1),
        host: Some("mx.example.net".into()),
        address: Some("192.0.2.1".into()),
        port: Some(25),
        phase: Phase::Body,
        ..Attempt::begun(at(started), Route::Direct, None)
    }
}

pub(super) fn outcome(delivery: DeliveryId, state: DeliveryState, next: Option<i64>) -> Recorded {
    Recorded {
        delivery,
        attempts: Vec::new(),
        state,
        next_attempt_at: next.map(at),
        counts: Counts::Yes,
        diagnosis: None,
    }
}

pub(super) async fn claim(store: &Store, now: i64, owner: &str) -> Vec<Claimed> {
    store.claim_due(at(now), owner, at(now + 300), |_| MINUTE, 100).await.unwrap()
}

pub(super) async fn deliveries(store: &Store, id: OutgoingId) -> Vec<model::Delivery> {
    store.outgoing(id).await.unwrap().unwrap().deliveries
}

async fn states(store: &Store, id: OutgoingId) -> Vec<DeliveryState> {
    deliveries(store, id).await.iter().map(|delivery| delivery.state).collect()
}

#[tokio::test]
async fn a_message_is_queued_whole_and_its_draft_is_gone() {
    let (_home, store) = testing::store().await;
    let account = store.add_account(account_of("anna@example.org", &[])).await.unwrap();
    let draft = store.save_draft(None, &crate::drafts::tests::draft(&account)).await.unwrap();
    let mut changes = store.changes();
    let mut new = message(&["b@x.test", "c@y.test", "b@x.test"]);
    new.bcc = vec!["hidden@z.test".parse().unwrap()];
    new.account = Some(account.id);
    new.draft = Some(draft);
    let id = store.submit(new).await.unwrap();

    let outgoing = store.outgoing(id).await.unwrap().unwrap();
    let to: Vec<_> = outgoing.deliveries.iter().map(|delivery| delivery.address.to_string()).collect();
    assert_eq!(to, ["b@x.test", "c@y.test", "hidden@z.test"], "each once, in order, blind copies too");
    assert_eq!(outgoing.size, 29);
    assert_eq!(store.outgoing_bcc(id).await.unwrap(), vec!["hidden@z.test".parse().unwrap()]);
    assert_eq!(store.outgoing_bytes(id).await.unwrap(), b"Subject: Greetings\r\n\r\nHello\r\n");
    assert!(store.draft(draft).await.unwrap().is_none());
    assert_eq!(changes.try_recv().unwrap(), Change::Drafts);
    assert_eq!(changes.try_recv().unwrap(), Change::Outgoing(id));
}

#[tokio::test]
async fn a_message_for_nobody_is_refused() {
    let (_home, store) = testing::store().await;
    assert!(matches!(store.submit(message(&[])).await, Err(StoreError::Invalid(_))));
}

#[tokio::test]
async fn what_is_held_goes_when_its_time_has_come_and_not_before() {
    let (_home, store) = testing::store().await;
    let undo = NewOutgoing { hold: Some((HoldReason::Undo, Some(at(10)))), ..message(&["b@x.test"]) };
    store.submit(undo).await.unwrap();
    let paused = NewOutgoing { hold: Some((HoldReason::Paused, None)), ..message(&["c@x.test"]) };
    store.submit(paused).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(at(10)));
    assert_eq!(claim(&store, 9, "us").await, vec![]);
    let claimed = claim(&store, 10, "us").await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].outgoing.deliveries[0].address.to_string(), "b@x.test");
    assert_eq!(store.next_due().await.unwrap(), None);
}

#[tokio::test]
async fn what_is_claimed_is_in_one_hand_and_comes_back_by_itself() {
    let (_home, store) = testing::store().await;
    let id = store.submit(message(&["b@x.test", "c@y.test"])).await.unwrap();
    let claimed = store.claim_due(at(0), "us", at(300), |_| MINUTE, 1).await.unwrap();
    assert_eq!(claimed[0].outgoing.deliveries.len(), 2, "what is due of one message travels together");
    assert_eq!(claim(&store, 1, "them").await, vec![]);
    for delivery in deliveries(&store, id).await {
        assert_eq!((delivery.state, delivery.next_attempt_at), (Sending, Some(at(60))));
    }
}

#[tokio::test]
async fn only_what_is_due_of_a_message_is_claimed() {
    let (_home, store) = testing::store().await;
    let id = store.submit(message(&["b@x.test", "c@y.test"])).await.unwrap();
    let claimed = claim(&store, 0, "us").await;
    let ids: Vec<_> = claimed[0].outgoing.deliveries.iter().map(|delivery| delivery.id).collect();
    let results = vec![outcome(ids[0], Accepted, None), outcome(ids[1], Deferred, Some(100))];
    assert_eq!(store.record("us", at(5), results).await.unwrap(), ids);
    assert_eq!(claim(&store, 99, "us").await, vec![]);
    let again = claim(&store, 100, "us").await;
    assert_eq!(again[0].outgoing.deliveries.iter().map(|d| d.id).collect::<Vec<_>>(), vec![ids[1]]);
    assert_eq!(states(&store, id).await, [Accepted, Sending]);
}

#[tokio::test]
async fn attempts_are_listed_newest_first_and_share_what_was_said() {
    let (_home, store) = testing::store().await;
    let id = store.submit(message(&["b@x.test", "c@x.test"])).await.unwrap();
    let ids: Vec<_> = claim(&store, 0, "us").await[0].outgoing.deliveries.iter().map(|d| d.id).collect();
    let said: Arc<str> = "S: 220 mx.example.net\n".into();
    let results = ids
        .iter()
        .map(|id| Recorded {
            attempts: vec![
                Made { attempt: attempt(*id, 0), transcript: None },
                Made { attempt: attempt(*id, 3), transcript: Some(Arc::clone(&said)) },
            ],
            ..outcome(*id, Accepted, None)
        })
        .collect();
    store.record("us", at(5), results).await.unwrap();
    let attempts = store.attempts(id).await.unwrap();
    let seen: Vec<_> = attempts.iter().map(|attempt| (attempt.delivery, attempt.started_at)).collect();
    assert_eq!(seen, [(ids[1], at(3)), (ids[0], at(3)), (ids[1], at(0)), (ids[0], at(0))]);
    assert_eq!(store.transcript(attempts[0].id).await.unwrap().as_deref(), Some(&*said));
    assert_eq!(store.transcript(attempts[3].id).await.unwrap(), None);
    let kept: i64 =
        store.local(|db| Ok(db.query_row("SELECT count(*) FROM transcript", [], |row| row.get(0))?)).await.unwrap();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn the_copy_for_sent_is_ordered_once_when_the_first_recipient_is_served() {
    let (_home, store) = testing::store().await;
    let account = store.add_account(account_of("anna@example.org", &[])).await.unwrap();
    let new = NewOutgoing { account: Some(account.id), ..message(&["b@x.test", "c@y.test", "d@z.test"]) };
    let id = store.submit(new).await.unwrap();
    let ids: Vec<_> = claim(&store, 0, "us").await[0].outgoing.deliveries.iter().map(|d| d.id).collect();
    store.record("us", at(1), vec![outcome(ids[0], Deferred, Some(60))]).await.unwrap();
    assert!(store.journal(account.id).await.unwrap().is_empty());
    store.record("us", at(2), vec![outcome(ids[1], Relayed, None), outcome(ids[2], Accepted, None)]).await.unwrap();
    claim(&store, 60, "us").await;
    store.record("us", at(61), vec![outcome(ids[0], Accepted, None)]).await.unwrap();
    let journal = store.journal(account.id).await.unwrap();
    assert_eq!(journal.len(), 1);
    let expected = JournalOp::Append {
        to: AppendTo::Role(Role::Sent),
        message_id: "one@example.org".into(),
        outgoing: Some(id),
        flags: Flags::default().with(Flag::Seen, true),
    };
    assert_eq!(journal[0].op, expected);
    assert_eq!(store.journal_bytes(journal[0].id).await.unwrap(), store.outgoing_bytes(id).await.unwrap());
}

#[tokio::test]
async fn an_account_that_only_sends_has_no_copy_to_file() {
    let (_home, store) = testing::store().await;
    let new = crate::NewAccount { imap: None, ..account_of("anna@example.org", &[]) };
    let account = store.add_account(new).await.unwrap();
    store.submit(NewOutgoing { account: Some(account.id), ..message(&["b@x.test"]) }).await.unwrap();
    let delivery = claim(&store, 0, "us").await[0].outgoing.deliveries[0].id;
    store.record("us", at(1), vec![outcome(delivery, Accepted, None)]).await.unwrap();
    assert!(store.journal(account.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_account_with_open_deliveries_stays_and_its_history_outlives_it() {
    let (_home, store) = testing::store().await;
    let account = store.add_account(account_of("anna@example.org", &[])).await.unwrap();
    let id = store.submit(NewOutgoing { account: Some(account.id), ..message(&["b@x.test"]) }).await.unwrap();
    assert!(matches!(store.remove_account(account.id).await, Err(StoreError::Busy(_))));
    store.order(id, None, Order::Cancel, at(1)).await.unwrap();
    store.remove_account(account.id).await.unwrap();
    assert_eq!(store.accounts().await.unwrap(), vec![]);
    assert_eq!(store.outgoing(id).await.unwrap().unwrap().account, None);
    assert!(matches!(store.remove_account(account.id).await, Err(StoreError::NotFound(_))));
}

#[tokio::test]
async fn a_cancel_while_it_is_on_the_wire_is_honoured_afterwards() {
    let (_home, store) = testing::store().await;
    let id = store.submit(message(&["b@x.test", "c@y.test"])).await.unwrap();
    let ids: Vec<_> = claim(&store, 0, "us").await[0].outgoing.deliveries.iter().map(|d| d.id).collect();
    assert_eq!(store.order(id, None, Order::Cancel, at(1)).await.unwrap(), 2);
    assert_eq!(states(&store, id).await, [Sending, Sending], "it cannot be called back from the wire");
    let results = vec![outcome(ids[0], Accepted, None), outcome(ids[1], Deferred, Some(60))];
    store.record("us", at(2), results).await.unwrap();
    assert_eq!(states(&store, id).await, [Accepted, Cancelled]);
}

#[tokio::test]
async fn an_interrupted_attempt_is_written_down_and_due_again() {
    let (home, store) = testing::store().await;
    let id = store.submit(message(&["b@x.test"])).await.unwrap();
    claim(&store, 0, "the first run").await;
    drop(store);
    let store = Store::open(home.path()).await.unwrap();
    let delivery = deliveries(&store, id).await[0].id;
    assert_eq!(store.recover(at(10), "the second run").await.unwrap(), vec![delivery]);
    assert_eq!(store.recover(at(10), "the second run").await.unwrap(), vec![]);
    let attempts = store.attempts(id).await.unwrap();
    assert_eq!((attempts[0].started_at, attempts[0].ended_at), (at(0), at(10)));
    assert!(attempts[0].error.as_ref().unwrap().contains("ended during the attempt"));
    let now = &deliveries(&store, id).await[0];
    assert_eq!((now.state, now.next_attempt_at, now.tries), (Deferred, Some(at(10)), 0));
    assert_eq!(claim(&store, 10, "the second run").await.len(), 1);
}

#[tokio::test]
async fn a_lease_that_lasts_is_left_to_its_owner() {
    let (_home, store) = testing::store().await;
    store.submit(message(&["b@x.test"])).await.unwrap();
    let delivery = claim(&store, 0, "us").await[0].outgoing.deliveries[0].id;
    assert_eq!(store.recover(at(299), "us").await.unwrap(), vec![]);
    assert_eq!(store.renew_lease("us", &[delivery], at(900)).await.unwrap(), 1);
    assert_eq!(store.renew_lease("them", &[delivery], at(9000)).await.unwrap(), 0);
    assert_eq!(store.recover(at(300), "us").await.unwrap(), vec![]);
    assert_eq!(store.recover(at(900), "us").await.unwrap(), vec![delivery]);
}

#[tokio::test]
async fn an_attempt_can_not_end_as_sending_or_by_itself_be_cancelled() {
    let (_home, store) = testing::store().await;
    store.submit(message(&["b@x.test"])).await.unwrap();
    let delivery = claim(&store, 0, "us").await[0].outgoing.deliveries[0].id;
    for state in [Held, Sending, Cancelled, Confirmed, Delayed, Bounced] {
        let refused = store.record("us", at(1), vec![outcome(delivery, state, None)]).await;
        assert!(matches!(refused, Err(StoreError::Invalid(_))), "{state}");
    }
}

#[tokio::test]
async fn a_route_for_one_recipient_overrides_that_of_the_message() {
    let (_home, store) = testing::store().await;
    let id = store.submit(message(&["b@x.test", "c@y.test"])).await.unwrap();
    let first = deliveries(&store, id).await[0].id;
    let relay = RoutePolicy::SmartHost("relay".into());
    assert_eq!(store.order(id, Some(first), Order::Route(relay.clone()), at(1)).await.unwrap(), 1);
    let routes: Vec<_> = deliveries(&store, id).await.into_iter().map(|delivery| delivery.route).collect();
    assert_eq!(routes, [Some(relay.clone()), None]);
    assert_eq!(store.order(id, None, Order::Route(relay.clone()), at(2)).await.unwrap(), 1);
    let outgoing = store.outgoing(id).await.unwrap().unwrap();
    assert_eq!(outgoing.route, relay);
    assert!(outgoing.deliveries.iter().all(|delivery| delivery.route.is_none()));
}

#[tokio::test]
async fn an_order_for_what_is_not_there_says_so() {
    let (_home, store) = testing::store().await;
    let id = store.submit(message(&["b@x.test"])).await.unwrap();
    let other = store.submit(message(&["c@x.test"])).await.unwrap();
    let of_other = deliveries(&store, other).await[0].id;
    for (outgoing, delivery) in [(OutgoingId(99), None), (id, Some(of_other))] {
        let refused = store.order(outgoing, delivery, Order::Hold, at(0)).await;
        assert!(matches!(refused, Err(StoreError::NotFound(_))));
    }
}

#[tokio::test]
async fn the_outbox_lists_what_is_unfinished_until_it_is_dismissed() {
    let (_home, store) = testing::store().await;
    let mut ids = Vec::new();
    for state in [Accepted, Failed, Deferred] {
        let id = store.submit(message(&["b@x.test"])).await.unwrap();
        let delivery = claim(&store, 0, "us").await[0].outgoing.deliveries[0].id;
        let next = (state == Deferred).then_some(500);
        store.record("us", at(1), vec![outcome(delivery, state, next)]).await.unwrap();
        ids.push(id);
    }
    let listed = |filter| {
        let store = store.clone();
        async move {
            let all = store.outgoings(filter, 10, 0).await.unwrap();
            assert_eq!(store.outgoing_count(filter).await.unwrap() as usize, all.len());
            all.into_iter().map(|outgoing| outgoing.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(listed(OutgoingFilter::All).await, [ids[2], ids[1], ids[0]]);
    assert_eq!(listed(OutgoingFilter::Open).await, [ids[2], ids[1]]);
    let unfinished = async |before| {
        let window = store.unfinished(before, 1).await.unwrap();
        window.into_iter().map(|outgoing| outgoing.id).collect::<Vec<_>>()
    };
    assert_eq!([unfinished(None).await, unfinished(Some(ids[2])).await], [[ids[2]], [ids[1]]]);
    assert!(unfinished(Some(ids[1])).await.is_empty());
    store.order(ids[1], None, Order::Dismiss, at(2)).await.unwrap();
    assert_eq!(listed(OutgoingFilter::Open).await, [ids[2]]);
    assert_eq!(store.outgoings(OutgoingFilter::All, 1, 1).await.unwrap()[0].id, ids[1]);
}

#[tokio::test]
async fn a_mark_is_that_of_the_newest_message_of_the_name() {
    let (_home, store) = testing::store().await;
    store.submit(message(&["b@x.test"])).await.unwrap();
    let again = store.submit(message(&["b@x.test", "c@x.test"])).await.unwrap();
    let asked = ["one@example.org".to_owned(), "strange@example.org".to_owned()];
    let marks = store.marks(&asked).await.unwrap();
    assert_eq!(marks.len(), 1);
    let (id, mark) = &marks["one@example.org"];
    assert_eq!((*id, mark.total, mark.state), (again, 2, Queued));
}

/// A message that was sent and taken.
pub(super) async fn taken(store: &Store, message: NewOutgoing) -> model::Outgoing {
    let now = message.created_at;
    let id = store.submit(message).await.unwrap();
    let claimed = store.claim_due(now, "us", at(300), |_| MINUTE, 100).await.unwrap();
    let all = claimed.iter().flat_map(|claimed| &claimed.outgoing.deliveries);
    store.record("us", now, all.map(|one| outcome(one.id, Accepted, None)).collect()).await.unwrap();
    store.outgoing(id).await.unwrap().unwrap()
}

fn bounce(of: &model::Outgoing, recipient: &str) -> DsnNotice {
    DsnNotice {
        account: of.account.unwrap(),
        message_id: of.message_id.clone(),
        envelope_id: None,
        recipient: Some(recipient.into()),
        action: DsnAction::Failed,
        status: None,
        diagnosis: None,
        at: at(9),
    }
}

#[tokio::test]
async fn a_notification_finds_its_recipient_and_a_forged_one_finds_nobody() {
    let (_home, store) = testing::store().await;
    let account = Some(store.add_account(account_of("anna@example.org", &[])).await.unwrap().id);
    let other = store.add_account(account_of("other@example.org", &[])).await.unwrap().id;
    let sent = taken(&store, NewOutgoing { account, ..message(&["b@x.test", "c@y.test"]) }).await;
    let forged = [
        DsnNotice { message_id: "other@example.org".into(), ..bounce(&sent, "c@y.test") },
        DsnNotice { account: other, ..bounce(&sent, "c@y.test") },
        DsnNotice { envelope_id: Some("1.1".into()), ..bounce(&sent, "c@y.test") },
        DsnNotice { envelope_id: Some(sent.envelope_id()), ..bounce(&sent, "stranger@y.test") },
        DsnNotice { recipient: None, ..bounce(&sent, "") },
        bounce(&sent, "stranger@y.test"),
    ];
    for notice in forged {
        assert_eq!(store.apply_dsn(notice.clone()).await.unwrap(), None, "{notice:?}");
    }
    let found = Some((sent.id, sent.deliveries[1].id));
    assert_eq!(store.apply_dsn(bounce(&sent, "C@Y.test")).await.unwrap(), found);
    assert_eq!(states(&store, sent.id).await, [Accepted, Bounced]);
    assert_eq!(store.apply_dsn(bounce(&sent, "c@y.test")).await.unwrap(), None, "once");
    let named = DsnNotice { envelope_id: Some(sent.envelope_id()), ..bounce(&sent, "b@x.test") };
    assert!(store.apply_dsn(named).await.unwrap().is_some());
}

#[tokio::test]
async fn what_was_sent_on_and_came_back_is_known_by_its_envelope() {
    let (_home, store) = testing::store().await;
    let account = Some(store.add_account(account_of("anna@example.org", &[])).await.unwrap().id);
    let first = taken(&store, NewOutgoing { account, ..message(&["b@x.test"]) }).await;
    let again = taken(&store, NewOutgoing { account, created_at: at(1), ..message(&["b@x.test"]) }).await;
    assert_eq!(store.apply_dsn(bounce(&first, "b@elsewhere.test")).await.unwrap(), None);
    let named = DsnNotice { envelope_id: Some(first.envelope_id()), ..bounce(&first, "b@elsewhere.test") };
    assert_eq!(store.apply_dsn(named).await.unwrap(), Some((first.id, first.deliveries[0].id)));
    assert_eq!((states(&store, first.id).await, states(&store, again.id).await), (vec![Bounced], vec![Accepted]));
}

#[tokio::test]
async fn a_full_disk_is_said_plainly_and_changes_nothing() {
    let (_home, store) = testing::store().await;
    let kept = store.submit(message(&["b@x.test"])).await.unwrap();
    let limit = |store: Store, pages: i64| async move {
        store.write_local(move |tx| Ok(tx.pragma_update(None, "max_page_count", pages)?)).await.unwrap();
    };
    limit(store.clone(), 1).await;
    let big = NewOutgoing { bytes: vec![b'x'; 4 << 20], ..message(&["c@x.test"]) };
    let error = store.submit(big.clone()).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskFull), "{error}");
    assert_eq!(error.hint(), "Free some space on the disk and try again.");
    let listed = store.outgoings(OutgoingFilter::All, 10, 0).await.unwrap();
    assert_eq!(listed.iter().map(|outgoing| outgoing.id).collect::<Vec<_>>(), [kept]);
    limit(store.clone(), 1 << 30).await;
    store.submit(big).await.unwrap();
}

#[tokio::test]
async fn many_at_once_are_all_kept_and_one_that_fails_takes_nobody_along() {
    let (_home, store) = testing::store().await;
    let tasks: Vec<_> = (0..64)
        .map(|n| {
            let store = store.clone();
            let account = (n % 8 == 0).then_some(AccountId(99));
            tokio::spawn(async move { store.submit(NewOutgoing { account, ..message(&["b@x.test"]) }).await })
        })
        .collect();
    let mut kept = 0;
    for task in tasks {
        kept += u32::from(task.await.unwrap().is_ok());
    }
    assert_eq!(kept, 56, "an account that is not there is refused");
    assert_eq!(store.outgoing_count(OutgoingFilter::All).await.unwrap(), 56);
}

#[tokio::test]
async fn a_delivery_is_due_since_the_end_of_its_hold_or_since_it_was_released() {
    let (_home, store) = testing::store().await;
    let holds =
        [(None, 0), (Some((HoldReason::Scheduled, Some(at(600)))), 600), (Some((HoldReason::Paused, None)), 900)];
    for (hold, expected) in holds {
        let id = store.submit(NewOutgoing { hold, ..message(&["b@x.test"]) }).await.unwrap();
        if matches!(hold, Some((HoldReason::Paused, _))) {
            store.order(id, None, Order::Release, at(900)).await.unwrap();
        }
        claim(&store, 1000, "us").await;
        assert_eq!(deliveries(&store, id).await[0].due_since, at(expected), "{hold:?}");
    }
}
