//! When to look into the queue again: pure.
//!
//! A queue at work changes hundreds of times a second, mostly by what the runner itself writes down. So a change is
//! looked into a few milliseconds later, with all that came meanwhile, and only when there is room for something to do.

use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// Changes that come within this are looked into together.
const GATHER: Duration = Duration::from_millis(4);
/// The longest time without a look: the clock that sleeps are measured with stands still while the computer sleeps.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// The pause after the disk failed.
const TROUBLE_WAIT: Duration = Duration::from_secs(5);

/// What is known of the queue without looking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    last: Option<Instant>,
    changed: bool,
    /// What the last look said is due next.
    due: Due,
}

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    At(Timestamp),
    Never,
    /// The queue could not be read.
    Unknown,
}

impl Look {
    /// Nobody has looked.
    pub fn none_yet() -> Self {
        Self { last: None, changed: true, due: Due::Never }
    }

    pub fn changed(&mut self) {
        self.changed = true;
    }

    pub fn looked(&mut self, at: Instant, due: Due) {
        *self = Self { last: Some(at), changed: false, due };
    }

    /// How long until the next look; zero means now.
    pub fn wait(&self, at: Instant, now: Timestamp) -> Duration {
        let Some(last) = self.last else { return Duration::ZERO };
        let since = at.saturating_duration_since(last);
        let gathered = GATHER.saturating_sub(since);
        if self.changed {
            return gathered;
        }
        let until = match self.due {
            Due::At(due) => Duration::try_from(due.duration_since(now)).unwrap_or_default(),
            Due::Never => LONGEST_WAIT,
            Due::Unknown => TROUBLE_WAIT,
        };
        until.min(LONGEST_WAIT.saturating_sub(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_comes_when_something_is_due_or_changed_and_at_least_every_half_minute() {
        let now: Timestamp = "2026-11-21T14:00:00Z".parse().unwrap();
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let looked = |due| {
            let mut look = Look::none_yet();
            look.looked(start, due);
            look
        };
        let changed = || {
            let mut look = looked(Due::Never);
            look.changed();
            look
        };
        let minute = |minutes: u64| Due::At(now + Duration::from_secs(60 * minutes));
        let table = [
            (Look::none_yet(), 0, 0),
            (looked(Due::Never), 0, 30_000),
            (looked(Due::Never), 29_000, 1_000),
            (looked(Due::Never), 31_000, 0),
            (looked(minute(1)), 0, 30_000),
            (looked(Due::At(now + Duration::from_secs(2))), 0, 2_000),
            (looked(Due::At(now)), 0, 0),
            (looked(Due::Unknown), 0, 5_000),
            (changed(), 1, 3),
            (changed(), 10, 0),
        ];
        for (look, millis, expected) in table {
            assert_eq!(look.wait(after(millis), now), Duration::from_millis(expected), "{look:?} after {millis} ms");
        }
    }
}
