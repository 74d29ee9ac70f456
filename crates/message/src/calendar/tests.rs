use super::*;

fn one(text: &str) -> (Method, CalendarEvent) {
    let mut invitation = read(1, text).unwrap();
    (invitation.method, invitation.events.remove(0))
}

fn with(lines: &str) -> CalendarEvent {
    one(&format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ))
    .1
}

const OUTLOOK: &str = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nPRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\n\
    BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\n\
    TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n\
    END:VTIMEZONE\r\nBEGIN:VEVENT\r\nORGANIZER;CN=Anna Berg:mailto:anna@example.org\r\n\
    ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=Ben:mailto:ben@exam\r\n ple.net\r\n\
    ATTENDEE;PARTSTAT=ACCEPTED;CN=\"Roth, Carla\":MAILTO:carla@example.com\r\n\
    DESCRIPTION;LANGUAGE=en-GB:Bring the sails\\, and\\nthe oars.\r\nUID:040000008200E0\r\n\
    SUMMARY;LANGUAGE=en-GB:The boat\r\nDTSTART;TZID=W. Europe Standard Time:20261103T143000\r\n\
    DTEND;TZID=W. Europe Standard Time:20261103T153000\r\nLOCATION:Pier 3\r\nSEQUENCE:0\r\n\
    RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270304T000000Z\r\nSTATUS:CONFIRMED\r\n\
    BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nACTION:DISPLAY\r\nDESCRIPTION:REMINDER\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn an_invitation_says_who_what_when_and_where() {
    let (method, event) = one(OUTLOOK);
    let at = |text: &str| CalendarTime::Moment {
        at: text.parse().unwrap(),
        local: text.parse::<jiff::Timestamp>().unwrap().in_tz("Europe/Berlin").unwrap().datetime(),
        zone: Some("Europe/Berlin".to_owned()),
    };
    let address = |name: &str, address: &str| Address::new(Some(name.to_owned()), address);
    let expected = CalendarEvent {
        summary: "The boat".to_owned(),
        description: "Bring the sails, and\nthe oars.".to_owned(),
        location: "Pier 3".to_owned(),
        link: None,
        start: Some(at("2026-11-03T13:30:00Z")),
        end: Some(at("2026-11-03T14:30:00Z")),
        repeats: Some("every week on Tuesday and Thursday, until 4 March 2027".to_owned()),
        organiser: Some(address("Anna Berg", "anna@example.org")),
        attendees: vec![
            Attendee { who: address("Ben", "ben@example.net"), answer: Answer::None },
            Attendee { who: address("Roth, Carla", "carla@example.com"), answer: Answer::Accepted },
        ],
        cancelled: false,
    };
    assert_eq!((method, event), (Method::Request, expected));
}

#[test]
fn the_method_says_what_is_wanted() {
    let table = [
        ("METHOD:REQUEST\r\n", "", Method::Request),
        ("METHOD:REPLY\r\n", "", Method::Reply),
        ("METHOD:CANCEL\r\n", "", Method::Cancel),
        ("METHOD:COUNTER\r\n", "", Method::Counter),
        ("METHOD:PUBLISH\r\n", "", Method::Publish),
        ("METHOD:UNHEARD-OF\r\n", "", Method::Publish),
        ("", "ATTENDEE:mailto:a@b.test\r\n", Method::Request),
        ("", "", Method::Publish),
    ];
    for (method, attendee, meaning) in table {
        let text = format!(
            "BEGIN:VCALENDAR\r\n{method}BEGIN:VEVENT\r\nSUMMARY:x\r\n{attendee}END:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        assert_eq!(one(&text).0, meaning, "{text}");
    }
}

#[test]
fn times_keep_their_zone() {
    let moment = |at: &str, local: &str, zone: Option<&str>| CalendarTime::Moment {
        at: at.parse().unwrap(),
        local: local.parse().unwrap(),
        zone: zone.map(str::to_owned),
    };
    let local = |local: &str, zone: Option<&str>| CalendarTime::Local {
        local: local.parse().unwrap(),
        zone: zone.map(str::to_owned),
    };
    let table = [
        ("DTSTART:20261103T143000Z", moment("2026-11-03T14:30:00Z", "2026-11-03T14:30:00", None)),
        (
            "DTSTART;TZID=Europe/Paris:20260703T143000",
            moment("2026-07-03T12:30:00Z", "2026-07-03T14:30:00", Some("Europe/Paris")),
        ),
        (
            "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261103T143000",
            moment("2026-11-03T13:30:00Z", "2026-11-03T14:30:00", Some("Europe/Berlin")),
        ),
        ("DTSTART:20261103T143000", local("2026-11-03T14:30:00", None)),
        ("DTSTART;TZID=Our Island:20261103T143000", local("2026-11-03T14:30:00", Some("Our Island"))),
        ("DTSTART;VALUE=DATE:20261103", CalendarTime::Day { date: "2026-11-03".parse().unwrap() }),
        ("DTSTART:20261103", CalendarTime::Day { date: "2026-11-03".parse().unwrap() }),
    ];
    for (line, expected) in table {
        assert_eq!(with(line).start, Some(expected), "{line}");
    }
    for nonsense in ["DTSTART:20261399T143000Z", "DTSTART:tomorrow", "SUMMARY:none"] {
        assert_eq!(with(nonsense).start, None, "{nonsense}");
    }
}

#[test]
fn an_event_without_an_end_has_its_duration_or_its_day() {
    let day = |date: &str| Some(CalendarTime::Day { date: date.parse().unwrap() });
    assert_eq!(with("DTSTART;VALUE=DATE:20261103").end, day("2026-11-04"));
    assert_eq!(with("DTSTART;VALUE=DATE:20261103\r\nDURATION:P3D").end, day("2026-11-06"));
    let end = with("DTSTART;TZID=Europe/Paris:20261103T143000\r\nDURATION:PT90M").end;
    assert!(
        matches!(end, Some(CalendarTime::Moment { at, .. }) if at.to_string() == "2026-11-03T15:00:00Z"),
        "{end:?}"
    );
    assert_eq!(with("DTSTART:20261103T143000Z").end, None);
}

#[test]
fn how_it_repeats_is_said_in_words_or_not_at_all() {
    let table = [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every second week on Monday"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=6", "every month on the last Friday, 6 times"),
        ("FREQ=YEARLY;UNTIL=20300101", "every year, until 1 January 2030"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", "repeats"),
        ("FREQ=SECONDLY", "repeats"),
    ];
    for (rule, words) in table {
        assert_eq!(with(&format!("RRULE:{rule}")).repeats.as_deref(), Some(words), "{rule}");
    }
}

#[test]
fn what_is_no_calendar_is_none_and_a_large_one_is_bounded() {
    for text in ["", "hello", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "BEGIN:VCARD\r\nEND:VCARD\r\n", "BEGIN:VEVENT"]
    {
        assert!(read(1, text).is_none_or(|found| found.events.len() == 1), "{text}");
    }
    let events = "BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n".repeat(1_000);
    let many = read(1, &format!("BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n")).unwrap();
    assert_eq!(many.events.len(), MAX_EVENTS);
    let nested = "BEGIN:VEVENT\r\n".repeat(100_000);
    let _ = read(1, &format!("BEGIN:VCALENDAR\r\n{nested}"));
}
