//! When to try again, and when to stop: one function from plain values to a [`Step`].
//!
//! | what it was | the next try | uses up a try |
//! |---|---|---|
//! | another route would help, and there is one | at once, that way | no |
//! | a local cause that only the user can end (a refused password) | when the user did | no |
//! | any other local cause | after the first pause, or when the network changes | no |
//! | greylisted | the stated delay and 5 s; else what was learned; else 1, 5, 10, 20 min, and then as below | yes |
//! | throttled | as the schedule says, but not before the delay that was stated | yes |
//! | any other temporary trouble | 5, 10, 20, 40 min, 1 h 20, then every 2 h, ± 10 % | yes |
//! | refused for good, or older than the maximum age (5 days) | never | |
//!
//! The last try comes no later than the maximum age, so that a letter is not given up an hour before its server is
//! back; but never sooner than a minute after the one before, where less than that is left: without a network a letter
//! grows no older, and what is left grows no less.

use crate::{Class, Diagnosis, Route};
use jiff::Timestamp;
use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Added to a stated delay: clocks differ, and a server that said "in 60 seconds" counts from its own second.
const AFTER_STATED: Duration = Duration::from_secs(5);
/// The least that is waited in the place of a pause that would pass the maximum age.
const LEAST_LEFT: Duration = Duration::from_secs(MINUTE);
/// How far jitter moves a pause, as a part of it.
const JITTER: f64 = 0.1;
/// The longest pause that a setting may name.
const LONGEST_PAUSE: Duration = Duration::from_secs(7 * DAY);

/// The pauses between tries: each once, then the last one again and again. As text: `5m,10m,20m,40m,80m,2h`.
///
/// ```
/// # use postrider_model::Pauses;
/// let pauses: Pauses = "5m, 90s, 2h".parse().unwrap();
/// assert_eq!(pauses.to_string(), "5m,90s,2h");
/// assert_eq!(pauses.after(0).as_secs(), 300);
/// assert_eq!(pauses.after(99).as_secs(), 7200);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pauses {
    first: Vec<Duration>,
    last: Duration,
}

/// The settings `outbound.schedule`, `outbound.greylist_schedule` and `outbound.max_age`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// `outbound.schedule`: the pauses between tries.
    pub pauses: Pauses,
    /// `outbound.greylist_schedule`: the pauses for greylisting without a stated delay, each once; then `pauses`. Most
    /// servers ask for 1 or 5 minutes, few for 15.
    pub greylist: Pauses,
    /// `outbound.max_age`: the age at which a letter is given up, counted in hours on line ([`crate::OnlineHours`]).
    pub max_age: Duration,
}

/// Why a setting is not a schedule. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not a number with a unit, or nothing, or too much.
    #[error("“{0}” is not a duration; write a number and s, m, h or d, such as 5m (at least 1s, at most 7d)")]
    Duration(String),
}

/// What is to be known to choose the next step.
#[derive(Clone, Debug)]
pub struct StepInput<'a> {
    /// The present.
    pub now: Timestamp,
    /// What the attempt that just ended came to.
    pub diagnosis: &'a Diagnosis,
    /// Tries that counted, before this one.
    pub tries: u32,
    /// The letter's age, as far as it counts towards the maximum.
    pub age: Duration,
    /// How long this destination let an unknown sender wait before, where that was seen.
    pub learned_greylist_delay: Option<Duration>,
    /// Where the delivery may go instead; `None` where the user chose the route, there is no other, or it was tried.
    pub other_route: Option<&'a Route>,
    /// Chance, from −1 to 1, handed in.
    pub jitter: f64,
    /// The settings.
    pub schedule: &'a Schedule,
}

/// Whether a wait uses up a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// It does.
    Yes,
    /// It does not: the cause was here.
    No,
}

/// Why nothing more is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Refused for good.
    Refused,
    /// The maximum age was reached.
    Expired,
}

/// What happens next to a delivery whose attempt did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Deferred until then.
    RetryAt {
        /// The time of the next try; a local cause may end sooner.
        at: Timestamp,
        /// Whether this attempt counts towards the schedule.
        counts: Counts,
    },
    /// Queued at once for this route.
    SwitchRoute(Route),
    /// Deferred until the user acts (a password to be set right); no try is made meanwhile.
    WaitForYou {
        /// When the maximum age will be reached.
        until: Timestamp,
    },
    /// Failed.
    Fail(End),
}

/// What happens next.
///
/// ```
/// # use postrider_model::{Counts, EnhancedCode, Known, Phase, Reply, Route, Schedule, Step, StepInput, diagnose, next_step};
/// # use std::time::Duration;
/// let known = Known::new(Route::Direct, "example.org", "anna@example.org");
/// let reply = Reply::new(450, Some(EnhancedCode::new(4, 2, 0)), "Greylisted for 60 seconds");
/// let step = next_step(&StepInput {
///     now: "2026-11-21T14:00:00Z".parse().unwrap(),
///     diagnosis: &diagnose(Phase::Rcpt, &reply.into(), &known),
///     tries: 0,
///     age: Duration::ZERO,
///     learned_greylist_delay: None,
///     other_route: None,
///     jitter: 0.0,
///     schedule: &Schedule::default(),
/// });
/// assert_eq!(step, Step::RetryAt { at: "2026-11-21T14:01:05Z".parse().unwrap(), counts: Counts::Yes });
/// ```
pub fn next_step(input: &StepInput) -> Step {
    let left = input.schedule.max_age.saturating_sub(input.age);
    match input.other_route {
        Some(route) if input.diagnosis.would_other_route_help => Step::SwitchRoute(route.clone()),
        _ if input.diagnosis.local_cause && left.is_zero() => Step::Fail(End::Expired),
        _ if input.diagnosis.local_cause => after_local_cause(input, left.max(LEAST_LEFT)),
        _ if !input.diagnosis.temporary => Step::Fail(End::Refused),
        _ if left.is_zero() => Step::Fail(End::Expired),
        _ => Step::RetryAt { at: later(input.now, pause(input).min(left.max(LEAST_LEFT))), counts: Counts::Yes },
    }
}

fn after_local_cause(input: &StepInput, left: Duration) -> Step {
    if !input.diagnosis.temporary {
        return Step::WaitForYou { until: later(input.now, left) };
    }
    let pause = jittered(input.schedule.pauses.after(0), input.jitter);
    Step::RetryAt { at: later(input.now, pause.min(left)), counts: Counts::No }
}

fn pause(input: &StepInput) -> Duration {
    let ordinary = input.schedule.pauses.after(input.tries);
    let stated = input.diagnosis.retry_after.map(Duration::from_secs);
    match (input.diagnosis.class, stated) {
        (Class::Greylisted, Some(stated)) => stated.saturating_add(AFTER_STATED),
        (Class::Greylisted, None) => unstated_greylisting(input, ordinary),
        (_, Some(stated)) => jittered(ordinary, input.jitter).max(stated),
        (_, None) => jittered(ordinary, input.jitter),
    }
}

/// Jitter only lengthens here: to come a second too early costs a whole round, and with some servers starts it anew.
fn unstated_greylisting(input: &StepInput, ordinary: Duration) -> Duration {
    let pause = match (input.tries, input.learned_greylist_delay) {
        (0, Some(learned)) => learned,
        (tries, _) => input.schedule.greylist.nth(tries).map_or(ordinary, |pause| pause.min(ordinary)),
    };
    jittered(pause, input.jitter.abs())
}

fn jittered(pause: Duration, jitter: f64) -> Duration {
    let jitter = if jitter.is_finite() { jitter.clamp(-1.0, 1.0) } else { 0.0 };
    pause.mul_f64(1.0 + JITTER * jitter)
}

fn later(now: Timestamp, pause: Duration) -> Timestamp {
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}

impl Pauses {
    /// The pause after this many tries that counted, the one that just ended not included.
    pub fn after(&self, tries: u32) -> Duration {
        self.nth(tries).unwrap_or(self.last)
    }

    /// The pause of this number, where each counts once.
    fn nth(&self, tries: u32) -> Option<Duration> {
        let tries = usize::try_from(tries).ok()?;
        self.first.iter().chain(std::iter::once(&self.last)).nth(tries).copied()
    }
}

impl Default for Pauses {
    fn default() -> Self {
        Self {
            first: [5, 10, 20, 40, 80].map(|minutes| Duration::from_secs(minutes * MINUTE)).to_vec(),
            last: Duration::from_secs(2 * HOUR),
        }
    }
}

impl Default for Schedule {
    fn default() -> Self {
        let greylist = Pauses {
            first: [1, 5, 10].map(|minutes| Duration::from_secs(minutes * MINUTE)).to_vec(),
            last: Duration::from_secs(20 * MINUTE),
        };
        Self { pauses: Pauses::default(), greylist, max_age: Duration::from_secs(5 * DAY) }
    }
}

impl std::str::FromStr for Pauses {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let mut first = text.split(',').map(parse_duration).collect::<Result<Vec<_>, _>>()?;
        let last = first.pop().ok_or_else(|| ScheduleError::Duration(text.to_owned()))?;
        Ok(Self { first, last })
    }
}

impl std::fmt::Display for Pauses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for pause in &self.first {
            write!(f, "{},", duration_text(*pause))?;
        }
        f.write_str(&duration_text(self.last))
    }
}

/// Reads a duration as settings write it: a number and `s`, `m`, `h` or `d`; from one second to seven days.
pub fn parse_duration(text: &str) -> Result<Duration, ScheduleError> {
    let text = text.trim();
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => MINUTE,
        Some('h') => HOUR,
        Some('d') => DAY,
        _ => return Err(ScheduleError::Duration(text.to_owned())),
    };
    let number = text.trim_end_matches(['s', 'm', 'h', 'd']);
    let digits = number.len() + 1 == text.len() && number.bytes().all(|octet| octet.is_ascii_digit());
    digits
        .then(|| number.parse::<u64>().ok()?.checked_mul(unit).map(Duration::from_secs))
        .flatten()
        .filter(|duration| !duration.is_zero() && *duration <= LONGEST_PAUSE)
        .ok_or_else(|| ScheduleError::Duration(text.to_owned()))
}

/// Writes a duration as [`parse_duration`] reads it, in the largest unit that keeps the number readable.
pub fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (unit, letter) = [(DAY, 'd'), (HOUR, 'h'), (MINUTE, 'm')]
        .into_iter()
        .find(|(unit, _)| seconds != 0 && seconds.is_multiple_of(*unit))
        .unwrap_or((1, 's'));
    format!("{}{letter}", seconds / unit)
}
