//! How old a letter is, as far as that counts: only hours in which this computer had a network make it older, so that a
//! closed lid or a week without a network gives nothing up.
//!
//! | what | counts |
//! |---|---|
//! | an hour that was on line, even for a minute | whole |
//! | the hour in which it became due, and the present one | the part after, and the part before |
//! | an hour that was not on line, or in which nobody ran the queue | not |
//! | hours that were skipped when the clock was put forward | not: nobody was on line in them |
//! | a clock that was put back before the time at which it became due | nothing, and nothing negative |

use jiff::Timestamp;
use std::time::Duration;

const HOUR: i64 = 3600;
const NANOS: i128 = 1_000_000_000;

/// Hours in which this computer had a network, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnlineHours(Vec<i64>);

impl OnlineHours {
    /// From hours since 1970, in any order.
    pub fn new(hours: impl IntoIterator<Item = i64>) -> Self {
        let mut hours: Vec<i64> = hours.into_iter().collect();
        hours.sort_unstable();
        hours.dedup();
        Self(hours)
    }

    /// The hour of a time, counted since 1970.
    pub fn hour_of(time: Timestamp) -> i64 {
        time.as_second().div_euclid(HOUR)
    }

    /// The time on line from `since` to `now`.
    ///
    /// ```
    /// # use postrider_model::OnlineHours;
    /// let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    /// let hours = OnlineHours::new([OnlineHours::hour_of(at("2026-11-21T14:00:00Z"))]);
    /// let age = hours.age(at("2026-11-21T14:45:00Z"), at("2026-11-23T09:00:00Z"));
    /// assert_eq!(age.as_secs(), 15 * 60);
    /// ```
    pub fn age(&self, since: Timestamp, now: Timestamp) -> Duration {
        let (since, now) = (since.as_nanosecond(), now.as_nanosecond());
        let parts = self.0.iter().map(|hour| part_within(*hour, since, now));
        duration(parts.sum())
    }

    /// The latest time that is this old by `now`; `None` where not so many hours are known.
    pub fn time_of_age(&self, now: Timestamp, age: Duration) -> Option<Timestamp> {
        let now = now.as_nanosecond();
        let mut left = i128::try_from(age.as_nanos()).ok()?;
        for hour in self.0.iter().rev() {
            let (begin, end) = bounds(*hour);
            let end = end.min(now);
            let length = (end - begin).max(0);
            if left <= length {
                return Timestamp::from_nanosecond(end - left).ok();
            }
            left -= length;
        }
        None
    }
}

fn bounds(hour: i64) -> (i128, i128) {
    let begin = i128::from(hour) * i128::from(HOUR) * NANOS;
    (begin, begin + i128::from(HOUR) * NANOS)
}

fn part_within(hour: i64, since: i128, now: i128) -> i128 {
    let (begin, end) = bounds(hour);
    (end.min(now) - begin.max(since)).max(0)
}

fn duration(nanoseconds: i128) -> Duration {
    u64::try_from(nanoseconds).map_or(Duration::MAX, Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}Z").parse().expect("a time")
    }

    fn hours(from: &str, count: i64) -> impl Iterator<Item = i64> {
        let first = OnlineHours::hour_of(at(from));
        first..first + count
    }

    #[test]
    fn only_hours_on_line_make_a_letter_older() {
        let awake = || hours("21T08:00:00", 10);
        let table: [(&str, Vec<i64>, &str, &str, u64); 10] = [
            ("all the time on line", awake().collect(), "21T09:10:00", "21T11:40:00", 150),
            ("within one hour", awake().collect(), "21T09:10:00", "21T09:25:00", 15),
            ("never on line", vec![], "21T09:10:00", "25T09:10:00", 0),
            (
                "overnight with a closed lid",
                awake().chain(hours("22T08:00:00", 2)).collect(),
                "21T17:30:00",
                "22T09:15:00",
                105,
            ),
            (
                "an hour in between was not on line",
                hours("21T08:00:00", 1).chain(hours("21T10:00:00", 1)).collect(),
                "21T08:30:00",
                "21T10:30:00",
                60,
            ),
            ("put forward by a year", awake().collect(), "21T16:00:00", "30T00:00:00", 120),
            ("put back", awake().collect(), "21T12:00:00", "21T09:00:00", 0),
            ("at once", awake().collect(), "21T12:00:00", "21T12:00:00", 0),
            (
                "hours noted by a clock that was fast",
                hours("21T08:00:00", 100).collect(),
                "21T08:00:00",
                "21T09:00:00",
                60,
            ),
            ("an hour that was noted twice", awake().chain(awake()).collect(), "21T09:00:00", "21T10:00:00", 60),
        ];
        for (what, online, since, now, minutes) in table {
            let age = OnlineHours::new(online).age(at(since), at(now));
            assert_eq!(age, Duration::from_secs(minutes * 60), "{what}");
        }
    }

    #[test]
    fn a_time_of_some_age_has_that_age() {
        let online = OnlineHours::new(hours("21T08:00:00", 3).chain(hours("22T08:00:00", 3)));
        let now = at("22T09:20:00");
        for minutes in [0, 20, 80, 81, 140, 260] {
            let age = Duration::from_secs(minutes * 60);
            let time = online.time_of_age(now, age).expect("so old");
            assert_eq!(online.age(time, now), age, "{minutes}");
        }
        assert_eq!(online.time_of_age(now, Duration::from_secs(261 * 60)), None);
        assert_eq!(OnlineHours::default().time_of_age(now, Duration::from_secs(1)), None);
    }
}
