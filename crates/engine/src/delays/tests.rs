//! Word of late letters, without waiting for any.

use super::*;
use crate::{Options, Work};
use jiff::SignedDuration;
use model::{Address, Counts, DeliveryState, OutgoingId, RoutePolicy};
use store::{NewOutgoing, NewReport, Recorded};
use tempfile::TempDir;

/// A letter that has been deferred for so long, all of it on line.
async fn waiting(engine: &Engine, hours: i64) -> OutgoingId {
    let (store, now) = (engine.store(), Timestamp::now());
    let ago = |hours| now - SignedDuration::from_hours(hours);
    for hour in 0..=hours {
        store.note_online_hour(ago(hour)).await.unwrap();
    }
    let new = NewOutgoing {
        account: None,
        message_id: "one@example.org".to_owned(),
        sender: None,
        from: Address::new(None, "anna@example.org"),
        to: Vec::new(),
        subject: "Greetings".to_owned(),
        snippet: String::new(),
        attachments: 0,
        bytes: b"Subject: Greetings\r\n\r\n".to_vec(),
        route: RoutePolicy::Direct,
        recipients: vec!["ben@example.org".parse().unwrap()],
        bcc: Vec::new(),
        hold: None,
        draft: None,
        created_at: ago(hours),
        answers: None,
        require_tls: false,
    };
    let id = store.submit(new).await.unwrap();
    store.claim_due(now, "me", now, |_| Duration::from_secs(60), 10).await.unwrap();
    let delivery = store.outgoing(id).await.unwrap().unwrap().deliveries[0].id;
    let recorded = Recorded {
        delivery,
        attempts: Vec::new(),
        state: DeliveryState::Deferred,
        next_attempt_at: Some(now + SignedDuration::from_hours(1)),
        counts: Counts::Yes,
        diagnosis: None,
    };
    store.record("me", now, vec![recorded]).await.unwrap();
    id
}

fn heard(events: &mut tokio::sync::broadcast::Receiver<Event>) -> Vec<Event> {
    std::iter::from_fn(|| events.try_recv().ok()).collect()
}

#[tokio::test]
async fn the_window_hears_once_that_a_letter_is_late_and_the_user_once_that_there_is_a_report() {
    let home = TempDir::new().unwrap();
    let engine = Engine::start(Options { home: home.path().to_owned(), work: Work::Nothing }).await.unwrap();
    let mut events = engine.events();
    let before = engine.told_already().await.unwrap();
    let id = waiting(&engine, 3).await;
    let late = engine.outgoing_list(crate::OutgoingListArgs { filter: crate::view::OutgoingFilter::Outbox }).await;
    assert!(late.unwrap()[0].late);

    let told = engine.tell_of_delays(before).await.unwrap();
    assert_eq!(heard(&mut events), [Event::Outgoing { id }]);
    let told = engine.tell_of_delays(told).await.unwrap();
    assert_eq!(heard(&mut events), []);

    let delivery = engine.store().outgoing(id).await.unwrap().unwrap().deliveries[0].id;
    let report = NewReport {
        delivery,
        kind: ReportKind::Delayed,
        created_at: Timestamp::now(),
        bytes: b"Subject: Delayed\r\n\r\n".to_vec(),
    };
    engine.store().add_report(report).await.unwrap().unwrap();
    let told = engine.tell_of_delays(told).await.unwrap();
    assert!(
        matches!(heard(&mut events).as_slice(), [Event::Delayed { address, .. }] if address == "ben@example.org")
    );
    engine.tell_of_delays(told).await.unwrap();
    assert_eq!(heard(&mut events), []);

    let after_restart = engine.told_already().await.unwrap();
    engine.tell_of_delays(after_restart).await.unwrap();
    assert_eq!(heard(&mut events), [], "it was said before");
}
