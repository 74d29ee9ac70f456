//! One host with two addresses, on a smart host's route: which of them is spoken to, how often, and what is written
//! down. The servers are a few lines of script each, on 127.0.0.1 and ::1 with the same port.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod desk;

use desk::{Desk, NO_PTR, POLITE, Script, count, reached};
use model::{Class, DeliveryState, Phase};

#[tokio::test]
async fn a_host_is_one_attempt_at_the_address_that_answers() {
    let desk = Desk::with(None, Some(POLITE)).await;
    let (states, attempts) = desk.send(&["a@there.test"]).await;
    assert_eq!(states, [DeliveryState::Relayed]);
    assert_eq!(reached(&attempts), ["::1"], "that the other did not answer matters to nobody");
    assert_eq!(attempts[0].helo.as_deref(), Some("[IPv6:::1]"), "a loopback address has no name outside");
}

#[tokio::test]
async fn where_no_address_answers_each_says_why() {
    let desk = Desk::with(None, None).await;
    let (states, attempts) = desk.send(&["a@there.test"]).await;
    assert_eq!(states, [DeliveryState::Deferred]);
    assert_eq!(reached(&attempts), ["127.0.0.1", "::1"]);
    assert!(attempts.iter().all(|attempt| attempt.phase == Phase::Connect && attempt.error.is_some()));
}

#[tokio::test]
async fn a_refusal_of_our_address_is_followed_by_the_other_family_of_the_host() {
    let desk = Desk::with(Some(NO_PTR), Some(POLITE)).await;
    let (states, attempts) = desk.send(&["a@there.test", "b@there.test"]).await;
    assert_eq!(states, [DeliveryState::Relayed; 2]);
    assert_eq!(reached(&attempts), ["127.0.0.1", "::1", "127.0.0.1", "::1"]);
    assert_eq!((count(&desk.four, "connected"), count(&desk.six, "connected")), (1, 1), "both in one conversation");
    let refused = attempts[0].diagnosis.as_ref().map(|diagnosis| diagnosis.class);
    assert_eq!(refused, Some(Class::SenderNoRdns));
}

#[tokio::test]
async fn a_refusal_of_both_our_addresses_is_one() {
    let desk = Desk::with(Some(NO_PTR), Some(NO_PTR)).await;
    let (states, attempts) = desk.send(&["a@there.test"]).await;
    assert_eq!(states, [DeliveryState::Failed]);
    assert_eq!(reached(&attempts), ["127.0.0.1", "::1"]);
}

#[tokio::test]
async fn a_refused_recipient_is_not_asked_for_at_another_address() {
    let no = Script { to_rcpt: Some("550 5.1.1 no such user"), ..POLITE };
    let desk = Desk::with(Some(no), Some(POLITE)).await;
    let (states, _) = desk.send(&["a@there.test"]).await;
    assert_eq!(states, [DeliveryState::Failed]);
    assert_eq!(count(&desk.six, "connected"), 0);
}

#[tokio::test]
async fn those_for_whom_a_session_has_no_room_go_in_the_next_one_at_once() {
    let narrow = Script { offers: &["PIPELINING", "LIMITS RCPTMAX=1 MAILMAX=2"], ..POLITE };
    let desk = Desk::with(Some(narrow), None).await;
    let to = ["a@there.test", "b@there.test", "c@there.test", "d@there.test", "e@there.test"];
    let (states, attempts) = desk.send(&to).await;
    assert_eq!(states, [DeliveryState::Relayed; 5]);
    assert_eq!((count(&desk.four, "connected"), count(&desk.four, "MAIL")), (3, 5));
    assert_eq!(attempts.len(), 5, "nobody was refused");
}

#[tokio::test]
async fn who_was_taken_is_written_down_before_the_next_is_asked_for_on_the_same_connection() {
    let one_at_a_time = Script { offers: &["PIPELINING", "LIMITS RCPTMAX=1"], ..POLITE };
    let desk = Desk::with(Some(one_at_a_time), None).await;
    let to: Vec<String> = (0..30).map(|number| format!("a{number}@there.test")).collect();
    let (states, attempts) = desk.send(&to.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(states, [DeliveryState::Relayed; 30]);
    assert_eq!((count(&desk.four, "connected"), count(&desk.four, "MAIL")), (1, 30));
    assert_eq!(attempts.len(), 30, "nobody was refused");
    for attempt in attempts {
        let said = desk.store.transcript(attempt.id).await.expect("the store answers").expect("a transcript");
        assert_eq!(said.matches("MAIL FROM").count(), 1, "its own part alone: {said}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_its_own_chunks_gets_the_letter_after_data() {
    let confused = Script { offers: &["CHUNKING"], to_bdat: Some("502 5.5.1 what"), ..POLITE };
    let desk = Desk::with(Some(confused), None).await;
    let (states, attempts) = desk.send(&["a@there.test"]).await;
    assert_eq!(states, [DeliveryState::Relayed]);
    assert_eq!((count(&desk.four, "BDAT"), count(&desk.four, "DATA")), (1, 1));
    assert_eq!(attempts.len(), 2, "both are in the timeline");
}
