//! The decisions as tables.

use super::*;
use crate::testing::at;
use model::{DeliveryId, Fault, Known, Outcome, Phase, Route, diagnose};

fn standing(state: DeliveryState) -> Standing {
    let sending = state == Sending;
    Standing {
        state,
        hold: (state == Held).then_some(HoldReason::Undo),
        route: None,
        next: matches!(state, Held | Queued | Sending | Deferred).then(|| at(100)),
        due_since: at(7),
        tries: 3,
        interruptions: 0,
        diagnosis: None,
        dismissed: false,
        lease: sending.then(|| Lease { owner: "us".into(), until: at(60) }),
        wish: None,
    }
}

fn wishing(wish: Wish) -> Standing {
    Standing { wish: Some(wish), ..standing(Sending) }
}

fn result(state: DeliveryState) -> Recorded {
    Recorded {
        delivery: DeliveryId(1),
        attempts: Vec::new(),
        state,
        next_attempt_at: (state == Deferred).then(|| at(500)),
        counts: Counts::Yes,
        diagnosis: None,
    }
}

fn interrupted() -> Diagnosis {
    let known = Known::new(Route::Direct, "example.org", "anna@example.org");
    diagnose(Phase::Prepare, &Outcome::Failed(Fault::Interrupted), &known)
}

#[test]
fn what_a_runner_reports_is_what_it_comes_to() {
    for state in [Accepted, Relayed, Failed] {
        let settled = settle(&standing(Sending), "us", &result(state)).unwrap();
        assert_eq!((settled.state, settled.next, settled.lease, settled.tries), (state, None, None, 4), "{state}");
    }
    let settled = settle(&standing(Sending), "us", &result(Deferred)).unwrap();
    assert_eq!((settled.state, settled.next, settled.tries), (Deferred, Some(at(500)), 4));
}

#[test]
fn a_local_cause_uses_up_no_try() {
    let local = Recorded { counts: Counts::No, ..result(Deferred) };
    assert_eq!(settle(&standing(Sending), "us", &local).unwrap().tries, 3);
}

#[test]
fn a_deferral_without_a_time_keeps_the_one_that_was_committed() {
    let vague = Recorded { next_attempt_at: None, ..result(Deferred) };
    assert_eq!(settle(&standing(Sending), "us", &vague).unwrap().next, Some(at(100)));
}

#[test]
fn hold_and_cancel_are_honoured_unless_a_server_has_decided() {
    let table = [
        (Wish::Hold, Deferred, Held),
        (Wish::Cancel, Deferred, Cancelled),
        (Wish::Hold, Queued, Held),
        (Wish::Cancel, Queued, Cancelled),
        (Wish::Hold, Accepted, Accepted),
        (Wish::Cancel, Accepted, Accepted),
        (Wish::Cancel, Relayed, Relayed),
        (Wish::Cancel, Failed, Failed),
    ];
    for (wish, reported, expected) in table {
        let settled = settle(&wishing(wish), "us", &result(reported)).unwrap();
        assert_eq!((settled.state, settled.wish), (expected, None), "{wish:?} {reported}");
    }
}

#[test]
fn a_runner_that_lost_its_lease_is_believed_only_when_a_server_took_the_message() {
    for state in [Sending, Deferred, Queued, Held, Cancelled, Failed] {
        assert_eq!(settle(&standing(state), "them", &result(Deferred)), None, "{state}");
        assert_eq!(settle(&standing(state), "them", &result(Failed)), None, "{state}");
        assert_eq!(settle(&standing(state), "them", &result(Accepted)).map(|s| s.state), Some(Accepted), "{state}");
    }
}

#[test]
fn what_a_server_took_stays_taken() {
    for state in [Accepted, Relayed, Confirmed, Delayed, Bounced] {
        for reported in [Accepted, Relayed, Deferred, Failed] {
            assert_eq!(settle(&standing(state), "us", &result(reported)), None, "{state} {reported}");
        }
    }
}

#[test]
fn an_interruption_is_due_at_once_and_repeated_ones_back_off() {
    let mut now = standing(Sending);
    for pause in [0, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
        now = interrupt(&now, interrupted(), at(1000));
        assert_eq!((now.state, now.next), (Deferred, Some(at(1000 + pause))));
        assert_eq!(now.tries, 3, "an interruption is a local cause");
        now = claim(&now, Lease { owner: "us".into(), until: at(2000) }, at(3000));
    }
    let settled = settle(&now, "us", &result(Deferred)).unwrap();
    assert_eq!(interrupt(&Standing { state: Sending, ..settled }, interrupted(), at(0)).next, Some(at(0)));
}

#[test]
fn an_interruption_honours_what_was_ordered_meanwhile() {
    let held = interrupt(&wishing(Wish::Hold), interrupted(), at(0));
    assert_eq!((held.state, held.hold, held.next), (Held, Some(HoldReason::Paused), None));
    let cancelled = interrupt(&wishing(Wish::Cancel), interrupted(), at(0));
    assert_eq!((cancelled.state, cancelled.next), (Cancelled, None));
}

/// The table at `obey`, whole: what is not named stays as it is.
#[test]
fn an_order_fits_some_states_and_leaves_the_others_alone() {
    let other = Order::Route(RoutePolicy::SmartHost("relay".into()));
    let becomes = |order: &Order, state| match (order, state) {
        (Order::Retry, Held | Deferred | Failed | Bounced) => Some(Queued),
        // Queued until later: its time is now.
        (Order::Retry, Queued) => Some(Queued),
        (Order::Hold, Held | Queued | Deferred) => Some(Held),
        (Order::Hold | Order::Cancel, Sending) => Some(Sending),
        (Order::Release, Held) => Some(Queued),
        (Order::Cancel, Held | Queued | Deferred) => Some(Cancelled),
        (Order::Route(_), Held) => Some(Held),
        (Order::Route(_), Sending) => Some(Sending),
        (Order::Route(_), Queued | Deferred | Failed | Bounced) => Some(Queued),
        (Order::Dismiss, Failed) => Some(Failed),
        (Order::Dismiss, Bounced) => Some(Bounced),
        _ => None,
    };
    for order in [Order::Retry, Order::Hold, Order::Release, Order::Cancel, other, Order::Dismiss] {
        for state in DeliveryState::ALL {
            let after = obey(&standing(state), &order, &RoutePolicy::Auto, at(50));
            assert_eq!(after.as_ref().map(|after| after.state), becomes(&order, state), "{order:?} {state}");
            if let Some(after) = after {
                assert_eq!(obey(&after, &order, &RoutePolicy::Auto, at(50)), None, "{order:?} {state} twice");
            }
        }
    }
}

#[test]
fn what_is_brought_back_begins_its_schedule_afresh_and_is_due_now() {
    let failed = Standing { dismissed: true, interruptions: 2, ..standing(Failed) };
    let again = obey(&failed, &Order::Retry, &RoutePolicy::Auto, at(50)).unwrap();
    assert_eq!((again.tries, again.interruptions, again.next), (0, 0, Some(at(50))));
    assert!(!again.dismissed);
    let deferred = obey(&standing(Deferred), &Order::Retry, &RoutePolicy::Auto, at(50)).unwrap();
    assert_eq!((deferred.tries, deferred.next), (3, Some(at(50))));
}

#[test]
fn the_age_counts_neither_time_that_was_held_nor_time_after_giving_up() {
    let route = Order::Route(RoutePolicy::Direct);
    let table = [
        (Order::Release, Held, 50),
        (Order::Retry, Held, 50),
        (Order::Retry, Failed, 50),
        (Order::Retry, Bounced, 50),
        (route.clone(), Failed, 50),
        (Order::Retry, Deferred, 7),
        (Order::Retry, Queued, 7),
        (route, Deferred, 7),
        (Order::Hold, Deferred, 7),
    ];
    for (order, state, expected) in table {
        let after = obey(&standing(state), &order, &RoutePolicy::Auto, at(50)).unwrap();
        assert_eq!(after.due_since, at(expected), "{order:?} {state}");
    }
    let deferred = settle(&standing(Sending), "us", &result(Deferred)).unwrap();
    assert_eq!(deferred.due_since, at(7));
    let claimed = claim(&standing(Held), Lease { owner: "us".into(), until: at(200) }, at(300));
    assert_eq!(claimed.due_since, at(7));
}

#[test]
fn the_last_order_on_the_wire_counts() {
    let table = [
        (Wish::Hold, Order::Cancel, Some(Some(Wish::Cancel))),
        (Wish::Cancel, Order::Hold, Some(Some(Wish::Hold))),
        (Wish::Hold, Order::Release, Some(None)),
        (Wish::Cancel, Order::Release, None),
        (Wish::Cancel, Order::Retry, Some(None)),
        (Wish::Hold, Order::Hold, None),
    ];
    for (wish, order, expected) in table {
        let after = obey(&wishing(wish), &order, &RoutePolicy::Auto, at(0));
        assert_eq!(after.map(|after| after.wish), expected, "{wish:?} {order:?}");
    }
}

#[test]
fn the_route_that_it_has_already_changes_nothing_unless_it_was_refused() {
    let direct = Order::Route(RoutePolicy::Direct);
    for state in [Held, Queued, Sending, Deferred] {
        assert_eq!(obey(&standing(state), &direct, &RoutePolicy::Direct, at(0)), None, "{state}");
    }
    let again = obey(&standing(Failed), &direct, &RoutePolicy::Direct, at(0)).unwrap();
    assert_eq!(again.state, Queued);
}

#[test]
fn a_notification_moves_on_only_what_a_server_took() {
    let becomes = |action, state| match (action, state) {
        (DsnAction::Delivered, Accepted | Relayed | Delayed) => Some(Confirmed),
        (DsnAction::Delayed, Accepted | Relayed) => Some(Delayed),
        (DsnAction::Failed, Accepted | Relayed | Delayed) => Some(Bounced),
        _ => None,
    };
    use DsnAction::{Delivered, Expanded};
    for action in [DsnAction::Failed, DsnAction::Delayed, Delivered, DsnAction::Relayed, Expanded] {
        for state in DeliveryState::ALL {
            let after = notify(&standing(state), action, None);
            assert_eq!(after.map(|after| after.state), becomes(action, state), "{action:?} {state}");
        }
    }
}
