//! When a delivery is ordered once more, and what is told at the end.

use super::*;
use model::{LoginForm, Reply, Security, Server, SmartHostId};

use DeliveryState::{Accepted, Deferred, Relayed};

fn hosts() -> Vec<SmartHost> {
    let server = Server {
        host: "smtp.example.org".to_owned(),
        port: 465,
        security: Security::Tls,
        user: String::new(),
        login: LoginForm::Password,
        trusted: None,
    };
    let host = |name: &str| SmartHost { id: SmartHostId(1), name: name.to_owned(), server: server.clone() };
    vec![host("first"), host("second")]
}

/// An attempt that failed without an answer.
fn attempt(route: &str, phase: Phase) -> Attempt {
    let error = Some("it closed".to_owned());
    Attempt { phase, error, ..Attempt::begun(Timestamp::UNIX_EPOCH, Route::from(route.to_owned()), None) }
}

fn answered(phase: Phase, code: u16) -> Attempt {
    Attempt { error: None, reply: Some(Reply::new(code, None, "no")), ..attempt("first", phase) }
}

#[test]
fn it_goes_on_where_it_was_not_asked_about_and_never_where_a_server_may_have_it() {
    let table = [
        ("went direct, being in hand already", Some(attempt("direct", Phase::Rcpt)), Some("first")),
        ("direct, unanswered", Some(attempt("direct", Phase::Body)), None),
        ("nobody was asked", None, Some("first")),
        ("no connection", Some(attempt("first", Phase::Connect)), Some("second")),
        ("no time for us", Some(answered(Phase::Greeting, 421)), Some("second")),
        ("not for us", Some(answered(Phase::Greeting, 554)), None),
        ("no password", Some(attempt("first", Phase::Auth)), None),
        ("not now", Some(answered(Phase::Rcpt, 451)), None),
        ("unanswered", Some(attempt("first", Phase::Body)), None),
    ];
    for (name, attempt, expected) in table {
        let mut way = Way::new(OutgoingId(1), "first");
        let goes_on = way.goes_on(attempt.as_ref(), &hosts());
        assert_eq!(goes_on.then_some(way.host.as_str()), expected, "{name}");
    }
}

#[test]
fn every_smart_host_is_asked_once_and_another_way_is_forgiven_once() {
    let mut way = Way::new(OutgoingId(1), "first");
    assert!(way.goes_on(Some(&attempt("direct", Phase::Rcpt)), &hosts()));
    assert!(!way.goes_on(Some(&attempt("direct", Phase::Rcpt)), &hosts()));
    assert!(way.goes_on(Some(&attempt("first", Phase::Connect)), &hosts()));
    assert!(!way.goes_on(Some(&attempt("second", Phase::Connect)), &hosts()));
}

#[test]
fn who_was_taken_is_counted_by_letter_and_who_was_not_is_named() {
    let left = |id, address: &str, state| LeftBehind {
        id: OutgoingId(id),
        subject: "Tea".to_owned(),
        address: address.to_owned(),
        state,
        title: "The login was refused".to_owned(),
    };
    let end = |route: &str, behind| End { route: Some(Route::from(route.to_owned())), behind };
    let ends = [
        end("provider", left(1, "a@a.test", Relayed)),
        end("provider", left(1, "b@a.test", Relayed)),
        end("provider", left(2, "c@a.test", Deferred)),
        end("direct", left(3, "d@a.test", Accepted)),
    ];
    let told = told(&ends, vec![left(4, "e@a.test", DeliveryState::Sending)]);
    assert_eq!((told.taken, told.smart_hosts), (1, vec!["provider".to_owned()]));
    let left: Vec<_> = told.left.iter().map(|left| (left.address.as_str(), left.state)).collect();
    assert_eq!(left, [("c@a.test", Deferred), ("e@a.test", DeliveryState::Sending)]);
}
