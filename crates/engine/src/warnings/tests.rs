use super::*;
use model::{DeliveryState, Known, Phase, Reply, diagnose};

/// An outgoing with a delivery for each of these, numbered from 1: what its attempts met, the first one first.
fn outgoing(recipients: &[(DeliveryState, &[(Phase, &str)])]) -> (Outgoing, Vec<Attempt>) {
    let mut attempts = Vec::new();
    let now = Timestamp::UNIX_EPOCH;
    let mut deliveries = Vec::new();
    for (number, (state, met)) in (1..).zip(recipients) {
        let known = Known::new(Route::Direct, "example.org", "anna@example.org");
        for (phase, words) in *met {
            let reply = Reply::parse_all(format!("{words}\r\n").as_bytes()).unwrap();
            let mut attempt = Attempt::begun(now, Route::Direct, None);
            attempt.id = AttemptId(i64::try_from(attempts.len()).unwrap() + 1);
            attempt.delivery = DeliveryId(number);
            attempt.phase = *phase;
            attempt.diagnosis = (!reply.is_positive()).then(|| diagnose(*phase, &reply.clone().into(), &known));
            attempt.reply = Some(reply);
            attempts.push(attempt);
        }
        deliveries.push(Delivery {
            id: DeliveryId(number),
            address: EmailAddress::parse("anna@example.org").unwrap(),
            state: *state,
            hold: None,
            route: None,
            next_attempt_at: None,
            due_since: now,
            tries: 1,
            diagnosis: attempts
                .iter()
                .rfind(|one| one.delivery == DeliveryId(number))
                .and_then(|one| one.diagnosis.clone()),
            changed_at: now,
        });
    }
    let outgoing = Outgoing {
        id: OutgoingId(1),
        account: None,
        message_id: "1@example.org".into(),
        sender: None,
        from: String::new(),
        subject: String::new(),
        size: 1,
        created_at: now,
        route: RoutePolicy::Auto,
        require_tls: false,
        deliveries,
    };
    (outgoing, attempts)
}

const GREYLISTED: (Phase, &str) = (Phase::Rcpt, "451 4.7.1 Greylisted, please come back");
const TAKEN: (Phase, &str) = (Phase::Body, "250 2.0.0 Ok");
const UNKNOWN: (Phase, &str) = (Phase::Rcpt, "550 5.1.1 User unknown");
/// Taken by no table for one with a name, though another sender would fare better.
const TOO_NEW: (Phase, &str) = (Phase::Rcpt, "421 4.7.0 [TSS04] Messages from 203.0.113.9 temporarily deferred");

const WITH_SMART_HOST: Here = Here { has_smart_host: true, is_shut: false };
const ALONE: Here = Here { has_smart_host: false, is_shut: false };

fn words(recipients: &[(DeliveryState, &[(Phase, &str)])], here: Here) -> Vec<(i64, Option<i64>, &'static str)> {
    let (outgoing, attempts) = outgoing(recipients);
    let raised = raised(&outgoing, &attempts, &here);
    raised.iter().map(|one| (one.delivery.0, one.attempt.map(|id| id.0), one.name.word())).collect()
}

#[test]
fn a_delivery_names_the_warning_that_it_is_about_and_each_attempt_its_own() {
    use DeliveryState::{Accepted, Deferred, Failed};
    assert_eq!(
        words(
            &[(Deferred, &[GREYLISTED, GREYLISTED]), (Accepted, &[GREYLISTED, TAKEN]), (Failed, &[UNKNOWN])],
            WITH_SMART_HOST
        ),
        [
            (1, None, "greylisting"),
            (1, Some(2), "greylisting"),
            (1, Some(1), "greylisting"),
            (2, Some(3), "greylisting"),
        ]
    );
}

#[test]
fn who_would_be_better_off_with_a_smart_host_is_told_that_there_is_none() {
    use DeliveryState::{Accepted, Deferred, Failed};
    let would_help = {
        let (outgoing, _) = outgoing(&[(Deferred, &[TOO_NEW])]);
        outgoing.deliveries[0].diagnosis.as_ref().unwrap().would_other_route_help
    };
    assert!(would_help, "the reply of the table is of that kind");
    assert_eq!(words(&[(Deferred, &[TOO_NEW])], ALONE), [(1, None, "no-smart-host")]);
    assert_eq!(words(&[(Deferred, &[TOO_NEW])], WITH_SMART_HOST), []);
    assert_eq!(words(&[(Accepted, &[TOO_NEW, TAKEN])], ALONE), []);
    assert_eq!(words(&[(Failed, &[UNKNOWN])], ALONE), [], "nobody else would fare better");
}

#[test]
fn what_nobody_answered_is_the_doing_of_a_network_that_is_known_to_be_shut() {
    let (mut outgoing, mut attempts) = outgoing(&[(DeliveryState::Deferred, &[GREYLISTED])]);
    let fault = model::Fault::ConnectionRefused("mx.example.org".into());
    let known = Known::new(Route::Direct, "example.org", "anna@example.org");
    let diagnosis = diagnose(Phase::Connect, &fault.into(), &known);
    attempts[0].diagnosis = Some(diagnosis.clone());
    outgoing.deliveries[0].diagnosis = Some(diagnosis);
    let names = |here| raised(&outgoing, &attempts, &here).iter().map(|one| one.name).collect::<Vec<_>>();
    assert_eq!(names(Here { is_shut: true, ..WITH_SMART_HOST }), [WarningName::Port25]);
    assert_eq!(names(WITH_SMART_HOST), []);
    assert_eq!(waiting_in(&outgoing, WarningName::Port25, true).len(), 1);
    assert_eq!(waiting_in(&outgoing, WarningName::Port25, false), []);
}

#[test]
fn port_25_that_is_open_in_one_family_shuts_nobody_in() {
    use crate::networks::view::{NetworkHere, NetworkReport};
    let port = |check: Check, status, found, warning| -> Finding {
        let said = serde_json::json!({
            "check": check, "status": status, "found": found, "warning": warning, "subject": "", "title": "", "cause": "",
            "why": "", "fix": null, "alternative": null, "evidence": [], "copy": [],
        });
        serde_json::from_value(said).unwrap()
    };
    let open = |check| port(check, "pass", "open", None);
    let shut = |check| port(check, "fail", "dropped", Some("port-25"));
    let none = |check| port(check, "unknown", "no-family", None);
    let (v4, v6) = (Check::Port25V4, Check::Port25V6);
    let table = [
        ([open(v4), shut(v6)], false, None),
        ([shut(v4), open(v6)], false, Some(v4)),
        ([shut(v4), shut(v6)], true, Some(v4)),
        ([shut(v4), none(v6)], true, Some(v4)),
    ];
    for (findings, shut_in, opens_with) in table {
        let report = crate::checks::CheckReport {
            verdict: advisor::verdict::Verdict::Good,
            because: String::new(),
            findings: findings.to_vec(),
            took_ms: 0,
            for_support: String::new(),
        };
        let (at, network) = (Timestamp::UNIX_EPOCH, None);
        let latest = Some(NetworkReport { at, whole_at: Some(at), fresh: true, report });
        let mut here = NetworkNow { here: NetworkHere::Unrecognised, network, latest, identities: Vec::new() };
        assert_eq!(is_shut(&here), shut_in, "{findings:?}");
        here.latest.as_mut().unwrap().fresh = false;
        assert!(!is_shut(&here), "a day later nobody knows any more");
        let fits = found_here(WarningName::Port25, &here, None).map(|found| found.finding.check);
        assert_eq!(fits, opens_with, "{findings:?}");
    }
}
