//! When a delivery is tried again: each rule by itself, and a whole night in one go.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use jiff::Timestamp;
use postrider_model::{
    Counts, Diagnosis, End, Fault, Known, Outcome, Pauses, Phase, Reply, Route, Schedule, Step, StepInput, diagnose,
    duration_text, next_step, parse_duration,
};
use proptest::prelude::*;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn now() -> Timestamp {
    "2026-11-21T22:00:00Z".parse().unwrap()
}

fn direct() -> Known {
    Known::new(Route::Direct, "example.org", "anna@example.org")
}

fn told(outcome: impl Into<Outcome>) -> Diagnosis {
    diagnose(Phase::Rcpt, &outcome.into(), &direct())
}

fn reply(text: &str) -> Diagnosis {
    told(Reply::parse_all(format!("{text}\r\n").as_bytes()).unwrap())
}

fn input<'a>(diagnosis: &'a Diagnosis, schedule: &'a Schedule) -> StepInput<'a> {
    StepInput {
        now: now(),
        diagnosis,
        tries: 0,
        age: Duration::ZERO,
        learned_greylist_delay: None,
        other_route: None,
        jitter: 0.0,
        schedule,
    }
}

/// Seconds from now to the next try, and whether this one counts.
fn waits(step: Step) -> (i64, Counts) {
    match step {
        Step::RetryAt { at, counts } => (at.duration_since(now()).as_secs(), counts),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_ordinary_deferral_follows_the_schedule_and_its_last_pause_repeats() {
    let (busy, schedule) = (reply("451 4.3.0 Temporary lookup failure"), Schedule::default());
    let minutes = [5, 10, 20, 40, 80, 120, 120, 120];
    for (tries, minutes) in (0..).zip(minutes) {
        let step = next_step(&StepInput { tries, ..input(&busy, &schedule) });
        assert_eq!(waits(step), (minutes * 60, Counts::Yes), "after {tries}");
    }
}

#[test]
fn jitter_moves_a_pause_by_a_tenth_at_most() {
    let (busy, schedule) = (reply("451 4.3.0 Temporary lookup failure"), Schedule::default());
    let table = [(-1.0, 270), (-0.5, 285), (0.0, 300), (1.0, 330), (9.0, 330), (f64::NAN, 300), (f64::INFINITY, 300)];
    for (jitter, seconds) in table {
        let step = next_step(&StepInput { jitter, ..input(&busy, &schedule) });
        assert_eq!(waits(step).0, seconds, "{jitter}");
    }
}

#[test]
fn greylisting_comes_back_when_it_was_asked_to_else_as_learned_else_step_by_step() {
    let schedule = Schedule::default();
    let stated = reply("450 4.2.0 Greylisted for 300 seconds");
    let silent = reply("451 4.7.1 Greylisting in progress, please come back later");
    let learned = Some(Duration::from_secs(400));
    let table = [
        (&stated, 0, None, 305),
        (&stated, 0, learned, 305),
        (&stated, 7, learned, 305),
        (&silent, 0, None, 60),
        (&silent, 1, None, 300),
        (&silent, 2, None, 600),
        (&silent, 3, None, 1200),
        (&silent, 4, None, 80 * 60),
        (&silent, 0, learned, 400),
        (&silent, 1, learned, 300),
    ];
    for (diagnosis, tries, learned_greylist_delay, seconds) in table {
        let step = next_step(&StepInput { tries, learned_greylist_delay, ..input(diagnosis, &schedule) });
        assert_eq!(
            waits(step),
            (seconds, Counts::Yes),
            "{tries} {learned_greylist_delay:?} {}",
            diagnosis.explanation
        );
    }
}

#[test]
fn jitter_never_brings_a_greylisted_letter_back_too_early() {
    let schedule = Schedule::default();
    for text in ["450 4.2.0 Greylisted for 300 seconds", "451 Greylisting in progress"] {
        let diagnosis = reply(text);
        let calm = waits(next_step(&input(&diagnosis, &schedule))).0;
        for jitter in [-1.0, -0.3, 0.7] {
            assert!(waits(next_step(&StepInput { jitter, ..input(&diagnosis, &schedule) })).0 >= calm, "{text}");
        }
    }
}

#[test]
fn a_throttling_server_is_left_alone_for_as_long_as_it_wants() {
    let schedule = Schedule::default();
    let yahoo = reply("421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred");
    assert_eq!(waits(next_step(&input(&yahoo, &schedule))).0, 4 * 3600);
    let brief = reply("421 Rate limit reached. Please try again in 60 seconds.");
    assert_eq!(waits(next_step(&input(&brief, &schedule))).0, 300, "the schedule is the floor");
}

#[test]
fn a_local_cause_uses_up_no_try_however_often_it_strikes() {
    let schedule = Schedule::default();
    for cause in [told(Fault::NoNetwork), told(Fault::CaptivePortal)] {
        for tries in [0, 3, 50] {
            let step = next_step(&StepInput { tries, ..input(&cause, &schedule) });
            assert_eq!(waits(step), (300, Counts::No));
        }
    }
}

#[test]
fn what_only_the_user_can_mend_waits_for_the_user_until_the_maximum_age() {
    let (refused, schedule) = (told(Fault::NoPassword("work".to_owned())), Schedule::default());
    let step = next_step(&StepInput { age: 2 * DAY, ..input(&refused, &schedule) });
    assert_eq!(step, Step::WaitForYou { until: "2026-11-24T22:00:00Z".parse().unwrap() });
    let step = next_step(&StepInput { age: 5 * DAY, ..input(&refused, &schedule) });
    assert_eq!(step, Step::Fail(End::Expired));
}

#[test]
fn a_refusal_for_good_fails_at_once_and_a_temporary_one_at_the_maximum_age() {
    let schedule = Schedule::default();
    let (unknown, busy) = (reply("550 5.1.1 User unknown"), reply("451 4.3.0 Temporary lookup failure"));
    assert_eq!(next_step(&input(&unknown, &schedule)), Step::Fail(End::Refused));
    assert_eq!(next_step(&StepInput { age: 6 * DAY, ..input(&unknown, &schedule) }), Step::Fail(End::Refused));
    assert_eq!(next_step(&StepInput { age: 5 * DAY, ..input(&busy, &schedule) }), Step::Fail(End::Expired));
}

#[test]
fn the_last_try_comes_no_later_than_the_maximum_age() {
    let (busy, schedule) = (reply("451 4.3.0 Temporary lookup failure"), Schedule::default());
    let step = next_step(&StepInput { tries: 9, age: 5 * DAY - HOUR, ..input(&busy, &schedule) });
    assert_eq!(waits(step), (3600, Counts::Yes));
}

#[test]
fn a_letter_that_is_nearly_given_up_is_not_tried_without_end_while_it_grows_no_older() {
    let schedule = Schedule::default();
    let (offline, no_password) = (told(Fault::NoNetwork), told(Fault::NoPassword("work".to_owned())));
    let busy = reply("451 4.3.0 Temporary lookup failure");
    let nearly = |diagnosis| StepInput { age: 5 * DAY - Duration::from_millis(3), ..input(diagnosis, &schedule) };
    assert_eq!(waits(next_step(&nearly(&offline))), (60, Counts::No));
    assert_eq!(waits(next_step(&nearly(&busy))), (60, Counts::Yes));
    let until = now() + Duration::from_secs(60);
    assert_eq!(next_step(&nearly(&no_password)), Step::WaitForYou { until });
}

#[test]
fn another_route_is_taken_only_where_it_helps_and_there_is_one() {
    let (schedule, work) = (Schedule::default(), Route::SmartHost("work".to_owned()));
    let table = [
        ("554 5.7.1 Client host [192.0.2.10] blocked using zen.spamhaus.org", true),
        ("450 4.7.1 Client host rejected: cannot find your reverse hostname", true),
        ("450 4.2.0 Greylisted for 300 seconds", false),
        ("550 5.1.1 User unknown", false),
        ("451 4.3.0 Temporary lookup failure", false),
    ];
    for (text, helps) in table {
        let diagnosis = reply(text);
        let step = next_step(&StepInput { other_route: Some(&work), ..input(&diagnosis, &schedule) });
        assert_eq!(step == Step::SwitchRoute(work.clone()), helps, "{text}");
        assert!(!matches!(next_step(&input(&diagnosis, &schedule)), Step::SwitchRoute(_)), "{text}");
    }
}

#[test]
fn port_25_that_is_closed_waits_without_a_smart_host_and_uses_it_at_once_with_one() {
    let (schedule, work) = (Schedule::default(), Route::SmartHost("work".to_owned()));
    let known = Known { all_hosts_silent: true, ..direct() };
    let silent = Fault::ConnectTimeout("mx1.example.org".to_owned()).into();
    let closed = diagnose(Phase::Connect, &silent, &known);
    assert_eq!(waits(next_step(&input(&closed, &schedule))), (300, Counts::No));
    let step = next_step(&StepInput { other_route: Some(&work), ..input(&closed, &schedule) });
    assert_eq!(step, Step::SwitchRoute(work));
}

/// Plays tries from ten in the evening on, each answered by `answer`, and writes down when they come.
fn night(mut answer: impl FnMut(u32, Duration) -> Option<Diagnosis>) -> Vec<String> {
    let schedule = Schedule::default();
    let (mut at, mut tries, mut times) = (now(), 0, Vec::new());
    loop {
        let age = Duration::try_from(at.duration_since(now())).unwrap();
        times.push(at.strftime("%H:%M").to_string());
        let Some(diagnosis) = answer(tries, age) else { return times };
        match next_step(&StepInput { now: at, tries, age, ..input(&diagnosis, &schedule) }) {
            Step::RetryAt { at: next, counts } => {
                assert!(next > at);
                at = next;
                tries += u32::from(counts == Counts::Yes);
            }
            other => {
                times.push(format!("{other:?}"));
                return times;
            }
        }
    }
}

#[test]
fn a_server_that_is_down_until_morning_is_tried_ten_times_and_gets_the_letter() {
    let down = || Some(told(Fault::ConnectTimeout("mx1.example.org".to_owned())));
    let times = night(|_, age| if age < 9 * HOUR { down() } else { None });
    assert_eq!(times, ["22:00", "22:05", "22:15", "22:35", "23:15", "00:35", "02:35", "04:35", "06:35", "08:35"]);
}

#[test]
fn a_night_with_the_lid_closed_uses_up_nothing() {
    let mut offline = 0;
    let times = night(|tries, age| {
        assert_eq!(tries, 0);
        offline += 1;
        (age < 8 * HOUR).then(|| told(Fault::NoNetwork))
    });
    assert_eq!((offline, times.last().map(String::as_str)), (97, Some("06:00")));
}

#[test]
fn greylisting_and_then_a_full_mailbox_and_then_room() {
    let answers = ["451 4.7.1 Greylisting in progress", "452 4.2.2 Mailbox full", "452 4.2.2 Mailbox full"];
    let times = night(|tries, _| answers.get(tries as usize).map(|text| reply(text)));
    assert_eq!(times, ["22:00", "22:01", "22:11", "22:31"]);
}

#[test]
fn what_never_succeeds_is_given_up_after_five_days_and_not_before() {
    let times = night(|_, _| Some(reply("451 4.3.0 Temporary lookup failure")));
    assert_eq!(times.last().map(String::as_str), Some("Fail(Expired)"));
    assert_eq!(times.get(times.len() - 2).map(String::as_str), Some("22:00"));
    assert_eq!(times.len(), 66);
}

#[test]
fn settings_are_read_as_they_are_written() {
    for text in ["5m,10m,20m,40m,80m,2h", "1s", "90s,36h,7d", "1m,1m"] {
        assert_eq!(text.parse::<Pauses>().map(|pauses| pauses.to_string()), Ok(text.to_owned()));
    }
    assert_eq!(Pauses::default().to_string(), "5m,10m,20m,40m,80m,2h");
    assert_eq!(" 60s , 120m ".parse::<Pauses>().map(|pauses| pauses.to_string()), Ok("1m,2h".to_owned()));
    assert_eq!(parse_duration("5d"), Ok(Schedule::default().max_age));
    assert_eq!(duration_text(5 * DAY), "5d");
    for text in ["", "5", "m", "0s", "8d", "5 m", "-5m", "5mm", "5x", "5m,", ",", "5m;10m", "99999999999999999999s"] {
        let error = text.parse::<Pauses>().expect_err(text).to_string();
        assert!(error.contains("5m") && error.contains("at most 7d"), "{error}");
    }
}

proptest! {
    #[test]
    fn a_next_try_is_never_in_the_past_and_hardly_after_the_maximum_age(
        tries: u32, age in 0u64..600_000, jitter in -2.0..2.0f64, code in 400u16..600, text in "[a-z0-9 :]{0,40}",
    ) {
        let (diagnosis, schedule) = (told(Reply::new(code, None, text)), Schedule::default());
        let age = Duration::from_secs(age);
        let left = i64::try_from(schedule.max_age.saturating_sub(age).as_secs()).unwrap().max(60);
        match next_step(&StepInput { tries, age, jitter, ..input(&diagnosis, &schedule) }) {
            Step::RetryAt { at, .. } => prop_assert!((1..=left).contains(&at.duration_since(now()).as_secs())),
            Step::WaitForYou { until } => prop_assert!(until >= now()),
            Step::SwitchRoute(_) => prop_assert!(false, "there is no other route"),
            Step::Fail(_) => {}
        }
    }
}
