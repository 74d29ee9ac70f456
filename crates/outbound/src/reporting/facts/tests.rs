//! Reports as their reader gets them.

use super::*;
use model::{DeliveryId, DeliveryState, Fault, Known, Outcome, OutgoingId, Route, RoutePolicy, diagnose};
use rand::SeedableRng;
use rand::rngs::StdRng;

fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}Z").parse().unwrap()
}

fn outgoing() -> Outgoing {
    Outgoing {
        id: OutgoingId(7),
        account: None,
        message_id: "one@example.net".into(),
        sender: Some("me@example.net".parse().unwrap()),
        from: "Me <me@example.net>".into(),
        subject: "Greetings from the sea".into(),
        size: 2000,
        created_at: at("03T13:32:05"),
        route: RoutePolicy::Auto,
        require_tls: false,
        deliveries: Vec::new(),
    }
}

fn delivery(diagnosis: Option<Diagnosis>) -> Delivery {
    Delivery {
        id: DeliveryId(9),
        address: "ben@example.org".parse().unwrap(),
        state: DeliveryState::Failed,
        hold: None,
        route: None,
        next_attempt_at: None,
        due_since: at("03T13:32:05"),
        tries: 1,
        diagnosis,
        changed_at: at("03T13:32:07"),
    }
}

fn attempt(when: &str, phase: Phase, outcome: impl Into<Outcome>) -> Attempt {
    let outcome = outcome.into();
    let known = Known {
        host: "mx.example.org".into(),
        sender_domain: "example.net".into(),
        ..Known::new(Route::Direct, "example.org", "ben@example.org")
    };
    let diagnosis = diagnose(phase, &outcome, &known);
    let (reply, error) = match outcome {
        Outcome::Replied(reply) => (Some(reply), None),
        Outcome::Failed(fault) => (None, Some(fault.to_string())),
    };
    Attempt {
        host: Some("mx.example.org".into()),
        helo: Some("host.example.net".into()),
        phase,
        reply,
        error,
        diagnosis: Some(diagnosis),
        ended_at: at(when),
        ..Attempt::begun(at(when), Route::Direct, None)
    }
}

fn report(kind: ReportKind, delivery: &Delivery, attempts: &[Attempt]) -> String {
    let outgoing = outgoing();
    let facts = Facts {
        kind,
        outgoing: &outgoing,
        delivery,
        attempts,
        original: b"From: Me <me@example.net>\r\nBcc: secret@example.org\r\nSubject: Greetings from the sea\r\n\
            Message-ID: <one@example.net>\r\n\r\nHello\r\n",
        now: at("03T17:40:00"),
        waited: Duration::from_secs(4 * 3600 + 60),
        retry_until: at("08T13:32:05"),
        zone: &TimeZone::UTC,
    };
    String::from_utf8(facts.written(&mut StdRng::seed_from_u64(1))).unwrap()
}

fn golden(name: &str, found: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reporting/golden").join(name);
    let found = found.replace('\r', "");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&path).unwrap(), "{name}; UPDATE_GOLDEN=1 writes it anew");
}

#[test]
fn a_refusal_is_reported_with_the_servers_words_and_what_they_mean() {
    let refusal =
        Reply::parse_all(b"550-5.1.1 <ben@example.org>: Recipient address rejected:\r\n550 5.1.1 User unknown\r\n");
    let attempts = [attempt("03T13:32:06", Phase::Rcpt, refusal.unwrap())];
    let report = report(ReportKind::Failed, &delivery(attempts[0].diagnosis.clone()), &attempts);
    golden("refused.eml", &report);
    assert!(!report.contains("secret@"), "the blind copy stays blind");
    let read = dsn::read(report.as_bytes()).unwrap();
    assert_eq!(read.original_message_id.as_deref(), Some("one@example.net"));
    assert_eq!(read.envelope_id, Some(outgoing().envelope_id()));
    let recipient = &read.recipients[0];
    assert_eq!((recipient.action, recipient.status), (Action::Failed, EnhancedCode::new(5, 1, 1)));
    assert_eq!(recipient.remote_mta.as_deref(), Some("mx.example.org"));
}

#[test]
fn a_long_delay_says_until_when_it_is_tried() {
    let silent = || Fault::ConnectTimeout("192.0.2.1:25".into());
    let times =
        ["03T13:32:06", "03T13:37:06", "03T13:47:06", "03T14:07:06", "03T14:47:06", "03T16:07:06", "03T17:30:06"];
    let attempts: Vec<Attempt> = times.map(|when| attempt(when, Phase::Connect, silent())).into();
    let report = report(ReportKind::Delayed, &delivery(attempts[0].diagnosis.clone()), &attempts);
    golden("delayed.eml", &report);
    let read = dsn::read(report.as_bytes()).unwrap();
    let recipient = &read.recipients[0];
    assert_eq!((recipient.action, recipient.status), (Action::Delayed, EnhancedCode::new(4, 4, 1)));
    assert_eq!(recipient.will_retry_until, Some(at("08T13:32:05")));
    assert_eq!(recipient.last_attempt, Some(at("03T17:30:06")));
    assert_eq!(recipient.remote_mta, None, "nobody answered");
}

#[test]
fn what_was_given_up_says_so_and_what_stood_in_the_way() {
    let attempts = [attempt("03T13:32:06", Phase::Rcpt, Reply::new(452, None, "4.2.2 The mailbox is full"))];
    let known = Known::new(Route::Direct, "example.org", "ben@example.org");
    let expired = Diagnosis::expired(attempts[0].diagnosis.as_ref(), &known);
    let report = report(ReportKind::Failed, &delivery(Some(expired)), &attempts);
    golden("expired.eml", &report);
    assert_eq!(dsn::read(report.as_bytes()).unwrap().recipients[0].status, EnhancedCode::new(5, 4, 7));
}

#[test]
fn the_status_fits_what_is_reported() {
    let of = |class, text: &str| {
        let known = Known::new(Route::Direct, "example.org", "ben@example.org");
        let reply = (!text.is_empty()).then(|| Reply::parse_all(format!("{text}\r\n").as_bytes()).unwrap());
        (Diagnosis::of(class, &known), reply)
    };
    let table = [
        (ReportKind::Failed, Class::NoSuchRecipient, "550 5.1.1 no", "5.1.1"),
        (ReportKind::Failed, Class::NoSuchRecipient, "550 no", "5.1.1"),
        (ReportKind::Failed, Class::SenderNoRdns, "450 4.7.25 no", "5.7.25"),
        (ReportKind::Failed, Class::Expired, "450 4.2.2 full", "5.4.7"),
        (ReportKind::Failed, Class::NoSuchDomain, "", "5.1.2"),
        (ReportKind::Failed, Class::Unknown, "", "5.0.0"),
        (ReportKind::Delayed, Class::MailboxFull, "452 4.2.2 full", "4.2.2"),
        (ReportKind::Delayed, Class::Greylisted, "450 wait", "4.7.1"),
        (ReportKind::Delayed, Class::Throttled, "550 5.4.5 daily limit", "4.4.5"),
    ];
    for (kind, class, text, expected) in table {
        let (diagnosis, reply) = of(class, text);
        assert_eq!(status(kind, Some(&diagnosis), reply.as_ref()).to_string(), expected, "{text}");
    }
}

#[test]
fn a_letter_without_a_return_path_is_reported_to_its_author() {
    let outgoing = Outgoing { sender: None, ..outgoing() };
    let delivery = delivery(None);
    let facts = Facts {
        kind: ReportKind::Failed,
        outgoing: &outgoing,
        delivery: &delivery,
        attempts: &[],
        original: b"From: Me <me@example.com>\r\n\r\n",
        now: at("03T17:40:00"),
        waited: Duration::ZERO,
        retry_until: at("08T13:32:05"),
        zone: &TimeZone::UTC,
    };
    let report = String::from_utf8(facts.written(&mut StdRng::seed_from_u64(1))).unwrap();
    assert!(report.contains("To: Me <me@example.com>\r\n"), "{report}");
    assert!(report.contains("Reporting-MTA: dns; example.com\r\n"), "{report}");
}
