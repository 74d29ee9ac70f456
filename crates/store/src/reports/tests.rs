//! Reports on a real database.

use super::*;
use crate::queue::{Made, NewOutgoing, Order, Recorded};
use crate::testing::{self, at};
use crate::{RefusedRecipient, StoreError};
use model::{
    Address, Attempt, Class, Counts, DeliveryState, Diagnosis, Known, Phase, Reply, Route, RoutePolicy, diagnose,
};
use std::time::Duration;

async fn submitted(store: &Store, to: &str) -> (OutgoingId, DeliveryId) {
    let new = NewOutgoing {
        account: None,
        message_id: "one@example.org".into(),
        sender: Some("anna@example.org".parse().unwrap()),
        from: Address::new(None, "anna@example.org"),
        to: Vec::new(),
        subject: "Greetings".into(),
        snippet: String::new(),
        attachments: 0,
        bytes: b"Subject: Greetings\r\n\r\nHello\r\n".to_vec(),
        route: RoutePolicy::Auto,
        recipients: vec![to.parse().unwrap()],
        bcc: Vec::new(),
        hold: None,
        draft: None,
        created_at: at(0),
        answers: None,
        require_tls: false,
    };
    let id = store.submit(new).await.unwrap();
    let delivery = store.outgoing(id).await.unwrap().unwrap().deliveries[0].id;
    (id, delivery)
}

async fn comes_to(store: &Store, delivery: DeliveryId, now: i64, state: DeliveryState) {
    comes_to_by(store, delivery, now, state, None, Route::Direct).await;
}

async fn comes_to_by(
    store: &Store,
    delivery: DeliveryId,
    now: i64,
    state: DeliveryState,
    refusal: Option<(&str, Class)>,
    route: Route,
) {
    store.claim_due(at(now), "me", at(now + 60), |_| Duration::from_secs(60), 10).await.unwrap();
    let known = Known::new(route.clone(), "example.org", "anna@example.org");
    let diagnosis = refusal.map(|(text, class)| {
        let reply = Reply::parse_all(format!("{text}\r\n").as_bytes()).unwrap();
        let diagnosis = diagnose(Phase::Rcpt, &reply.clone().into(), &known);
        assert_eq!(diagnosis.class, class, "{text}");
        (reply, diagnosis)
    });
    let attempt = |(reply, diagnosis): &(Reply, Diagnosis)| Attempt {
        reply: Some(reply.clone()),
        diagnosis: Some(diagnosis.clone()),
        ..Attempt::begun(at(now), route.clone(), None)
    };
    let attempts = diagnosis.iter().map(attempt).map(|attempt| Made { attempt, transcript: None }).collect();
    let recorded = Recorded {
        delivery,
        attempts,
        state,
        next_attempt_at: (state == DeliveryState::Deferred).then(|| at(now + 60)),
        counts: Counts::Yes,
        diagnosis: diagnosis.map(|(_, diagnosis)| diagnosis),
    };
    store.record("me", at(now), vec![recorded]).await.unwrap();
}

fn report(delivery: DeliveryId, kind: ReportKind, now: i64) -> NewReport {
    NewReport { delivery, kind, created_at: at(now), bytes: b"Subject: Undelivered\r\n\r\n".to_vec() }
}

#[tokio::test]
async fn a_failure_is_reported_once_and_anew_when_it_fails_again() {
    let (_home, store) = testing::store().await;
    let (outgoing, delivery) = submitted(&store, "ben@example.org").await;
    assert_eq!(store.add_report(report(delivery, ReportKind::Failed, 1)).await.unwrap(), None, "it has not failed");
    comes_to(&store, delivery, 10, DeliveryState::Failed).await;
    assert_eq!(store.unreported_failures(10).await.unwrap(), [(outgoing, delivery)]);
    // Also by a clock that was put back.
    let id = store.add_report(report(delivery, ReportKind::Failed, -500)).await.unwrap().unwrap();
    assert_eq!(store.add_report(report(delivery, ReportKind::Failed, 12)).await.unwrap(), None);
    assert_eq!(store.unreported_failures(10).await.unwrap(), []);
    let (kept, bytes) = store.report(id).await.unwrap().unwrap();
    assert_eq!((kept.outgoing, kept.kind, kept.created_at), (outgoing, ReportKind::Failed, at(10)));
    assert!(bytes.starts_with(b"Subject:"));

    store.order(outgoing, None, Order::Retry, at(20)).await.unwrap();
    assert_eq!(store.unreported_failures(10).await.unwrap(), []);
    comes_to(&store, delivery, 30, DeliveryState::Failed).await;
    assert!(store.add_report(report(delivery, ReportKind::Failed, 31)).await.unwrap().is_some());
    assert_eq!(store.reports(outgoing).await.unwrap().len(), 2);

    store.order(outgoing, None, Order::Retry, at(40)).await.unwrap();
    comes_to(&store, delivery, 50, DeliveryState::Failed).await;
    store.order(outgoing, None, Order::Dismiss, at(51)).await.unwrap();
    assert_eq!(store.unreported_failures(10).await.unwrap(), [], "it was put away");
}

#[tokio::test]
async fn a_long_delay_is_reported_once_while_it_lasts() {
    let (_home, store) = testing::store().await;
    let (outgoing, delivery) = submitted(&store, "ben@example.org").await;
    comes_to(&store, delivery, 10, DeliveryState::Deferred).await;
    assert_eq!(store.unreported_delays(at(-1), 10).await.unwrap(), []);
    assert_eq!(store.unreported_delays(at(0), 10).await.unwrap(), [(outgoing, delivery)]);
    assert_eq!(store.waiting_since(at(-1), at(0)).await.unwrap(), [outgoing]);
    assert_eq!(store.waiting_since(at(0), at(100)).await.unwrap(), []);
    let before = store.newest_report().await.unwrap();
    let id = store.add_report(report(delivery, ReportKind::Delayed, 20)).await.unwrap().unwrap();
    assert_eq!(store.unreported_delays(at(0), 10).await.unwrap(), []);
    comes_to(&store, delivery, 70, DeliveryState::Deferred).await;
    assert_eq!(store.unreported_delays(at(0), 10).await.unwrap(), [], "once");
    let new = store.reports_after(before, ReportKind::Delayed).await.unwrap();
    assert_eq!(new.iter().map(|report| report.id).collect::<Vec<_>>(), [id]);
    assert_eq!(store.newest_report().await.unwrap(), id);
    comes_to(&store, delivery, 200, DeliveryState::Failed).await;
    assert_eq!(store.unreported_failures(10).await.unwrap(), [(outgoing, delivery)], "the end is another report");
}

#[tokio::test]
async fn what_has_no_report_is_found_through_an_index() {
    let (_home, store) = testing::store().await;
    let table = [
        (unreported_failures_sql(), "delivery_failed"),
        (unreported_delays_sql(), "delivery_late"),
        (WAITING.to_owned(), "delivery_late"),
    ];
    for (sql, index) in table {
        let plan = store.local(move |db| testing::plan(db, &sql)).await.unwrap();
        assert!(plan.contains(index) && plan.contains("report_delivery") | (index == "delivery_late"), "{plan}");
    }
}

#[tokio::test]
async fn only_the_recipients_own_server_can_say_that_nobody_is_there() -> Result<(), StoreError> {
    let (_home, store) = testing::store().await;
    let unknown = ("550 5.1.1 User unknown", Class::NoSuchRecipient);
    let listed = ("550 5.7.1 Client host blocked using zen.spamhaus.org", Class::SenderBlocklisted);
    let table = [
        ("a@example.org", unknown, Route::Direct, true),
        ("b@example.org", listed, Route::Direct, false),
        ("c@example.org", unknown, Route::SmartHost("x".into()), false),
    ];
    let mut addresses = Vec::new();
    for (n, (to, refusal, route, _)) in table.iter().enumerate() {
        let (_, delivery) = submitted(&store, to).await;
        let now = 10 * (n as i64 + 1);
        comes_to_by(&store, delivery, now, DeliveryState::Failed, Some(*refusal), route.clone()).await;
        addresses.push(to.parse().unwrap());
    }
    let refused = store.refused_recipients(&addresses).await?;
    let expected: Vec<_> = table.iter().filter(|row| row.3).map(|row| row.0.to_owned()).collect();
    assert_eq!(refused.iter().map(|one| one.address.to_string()).collect::<Vec<_>>(), expected);
    assert_eq!(refused[0].reply, "550 5.1.1 User unknown");

    let (_, delivery) = submitted(&store, "A@EXAMPLE.org").await;
    comes_to(&store, delivery, 100, DeliveryState::Accepted).await;
    assert_eq!(store.refused_recipients(&addresses).await?, [], "it exists after all");

    let address = addresses[1].clone();
    let bounced = RefusedRecipient { address: address.clone(), refused_at: at(7), reply: "said a bounce".into() };
    store.note_refused_recipient(bounced.clone()).await?;
    assert_eq!(store.refused_recipients(&addresses).await?, [bounced]);
    store.forget_refused_recipient(&address).await?;
    assert_eq!(store.refused_recipients(&addresses).await?, []);
    Ok(())
}

#[tokio::test]
async fn the_last_letter_that_came_to_an_end_says_whether_a_recipient_was_refused() -> Result<(), StoreError> {
    let (_home, store) = testing::store().await;
    let full = ("552 5.2.2 Mailbox is full", Class::MailboxFull);
    let addresses = vec!["a@example.org".parse().unwrap(), "b@example.org".parse().unwrap()];
    let (_, delivery) = submitted(&store, "a@example.org").await;
    comes_to_by(&store, delivery, 10, DeliveryState::Failed, Some(full), Route::Direct).await;
    submitted(&store, "a@example.org").await;
    let refused = store.last_refusals(&addresses).await?;
    assert_eq!(refused.len(), 1, "one that is still on its way says nothing");
    assert_eq!((refused[0].address.as_str(), refused[0].refused_at), ("a@example.org", at(10)));
    assert_eq!(refused[0].diagnosis.class, Class::MailboxFull);
    assert_eq!(refused[0].reply.as_deref(), Some("552 5.2.2 Mailbox is full"));

    let (_, delivery) = submitted(&store, "a@example.org").await;
    comes_to(&store, delivery, 20, DeliveryState::Accepted).await;
    assert_eq!(store.last_refusals(&addresses).await?, [], "it was taken since");
    Ok(())
}
