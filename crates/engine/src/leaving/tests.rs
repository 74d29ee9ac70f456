//! What is said on leaving, as tables; handing over is tested where there are servers (`tests/leaving.rs`).

use super::*;
use model::{AccountId, LoginForm, OutgoingId, RoutePolicy, Security, Server, SmartHost, SmartHostId};

use DeliveryState::{Accepted, Cancelled, Deferred, Failed, Held, Queued, Relayed, Sending};
use HoldReason::{Paused, Scheduled, Undo};

fn at(minute: i64) -> Timestamp {
    "2026-11-22T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn delivery(state: DeliveryState, hold: Option<HoldReason>, next: Option<i64>) -> Delivery {
    Delivery {
        id: DeliveryId(1),
        address: "anna@example.org".parse().unwrap(),
        state,
        hold,
        route: None,
        next_attempt_at: next.map(at),
        due_since: at(-60),
        tries: 1,
        diagnosis: None,
        changed_at: at(0),
    }
}

fn outgoing(deliveries: Vec<Delivery>) -> Outgoing {
    Outgoing {
        id: OutgoingId(7),
        account: Some(AccountId(1)),
        message_id: "1@example.org".to_owned(),
        sender: None,
        from: "you@example.org".to_owned(),
        subject: "Tea".to_owned(),
        created_at: at(-60),
        route: RoutePolicy::Auto,
        require_tls: false,
        size: 100,
        deliveries,
    }
}

fn account(smart_hosts: &[&str]) -> Account {
    let server = || Server {
        host: "smtp.example.org".to_owned(),
        port: 465,
        security: Security::Tls,
        user: String::new(),
        login: LoginForm::Password,
        trusted: None,
    };
    let host = |name: &&str| SmartHost { id: SmartHostId(1), name: (*name).to_owned(), server: server() };
    Account {
        id: AccountId(1),
        address: "you@example.org".parse().unwrap(),
        imap: None,
        identities: Vec::new(),
        smart_hosts: smart_hosts.iter().map(host).collect(),
        rules: Vec::new(),
        practice: false,
    }
}

/// An hour on line, at the end of which it is now.
fn age() -> Age {
    let hours = OnlineHours::new([OnlineHours::hour_of(at(-60)), OnlineHours::hour_of(at(0))]);
    Age { now: at(0), hours, max_age: Duration::from_secs(5 * 24 * 3600) }
}

#[test]
fn what_would_go_by_itself_waits_and_what_may_go_now_can_be_handed_over() {
    let table = [
        (Queued, None, true, true),
        (Deferred, None, true, true),
        (Sending, None, true, true),
        (Held, Some(Undo), true, true),
        (Held, Some(Scheduled), true, false),
        (Held, Some(Paused), false, false),
        (Accepted, None, false, false),
        (Relayed, None, false, false),
        (Failed, None, false, false),
        (Cancelled, None, false, false),
    ];
    for (state, hold, expected, may_be) in table {
        let one = delivery(state, hold, None);
        assert_eq!((waits(&one), may_be_handed_over(&one, &Doubtful::new())), (expected, may_be), "{state} {hold:?}");
    }
}

#[test]
fn what_a_server_may_have_waits_and_is_not_handed_over() {
    let letter = outgoing(vec![delivery(Deferred, None, Some(5))]);
    let doubtful = Doubtful::from([DeliveryId(1)]);
    let said = waiting(&letter, Some(&account(&["provider"])), &age(), &doubtful).unwrap();
    assert_eq!(said.smart_host, None);
}

#[test]
fn a_letter_names_who_does_not_have_it_and_speaks_of_the_first_to_be_tried() {
    let mut later = delivery(Deferred, None, Some(20));
    later.address = "ben@example.org".parse().unwrap();
    later.due_since = at(-30);
    let letter = outgoing(vec![delivery(Accepted, None, None), later, delivery(Deferred, None, Some(5))]);
    let said = waiting(&letter, Some(&account(&["provider", "other"])), &age(), &Doubtful::new()).unwrap();
    assert_eq!(said.recipients, ["ben@example.org", "anna@example.org"]);
    assert_eq!((said.state, said.next_attempt_at), (Deferred, Some(at(5))));
    assert_eq!(said.given_up_at, Some(at(5 * 24 * 60 - 60)), "the oldest has been under way for an hour");
    assert_eq!(said.smart_host.as_deref(), Some("provider"));
}

#[test]
fn a_letter_of_which_nothing_waits_is_not_spoken_of() {
    for (state, hold) in [(Accepted, None), (Failed, None), (Held, Some(Paused))] {
        assert_eq!(
            waiting(&outgoing(vec![delivery(state, hold, None)]), None, &age(), &Doubtful::new()),
            None,
            "{state}"
        );
    }
}

#[test]
fn what_has_its_own_time_is_neither_given_up_nor_handed_over() {
    let letter = outgoing(vec![delivery(Held, Some(Scheduled), Some(90))]);
    let said = waiting(&letter, Some(&account(&["provider"])), &age(), &Doubtful::new()).unwrap();
    assert!(said.scheduled);
    assert_eq!((said.next_attempt_at, said.given_up_at, said.smart_host), (Some(at(90)), None, None));
}

#[test]
fn the_letters_are_counted_and_come_in_the_order_in_which_they_are_tried() {
    let letter = |state, next, smart_hosts: &[&str]| {
        waiting(&outgoing(vec![delivery(state, None, next)]), Some(&account(smart_hosts)), &age(), &Doubtful::new())
            .unwrap()
    };
    let all = vec![
        letter(Deferred, Some(30), &["provider"]),
        letter(Deferred, Some(5), &[]),
        letter(Sending, Some(60), &["provider"]),
        letter(Queued, Some(0), &[]),
    ];
    let leaving = sum_up(all, at(0));
    let next: Vec<_> = leaving.letters.iter().map(|letter| letter.next_attempt_at).collect();
    assert_eq!(next, [None, Some(at(0)), Some(at(5)), Some(at(30))]);
    assert_eq!((leaving.total, leaving.on_the_wire, leaving.can_be_handed_over), (4, 2, 2));
    assert_eq!(leaving.smart_hosts, ["provider"]);
}

#[test]
fn of_very_many_letters_the_first_are_named_and_all_are_counted() {
    let one = waiting(&outgoing(vec![delivery(Deferred, None, Some(5))]), None, &age(), &Doubtful::new()).unwrap();
    let leaving = sum_up(vec![one; 120], at(0));
    assert_eq!((leaving.total, leaving.letters.len()), (120, NAMED));
}
