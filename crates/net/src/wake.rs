//! Whether this computer slept: the clock on the wall went on and the one that sleeps are measured with did not.

use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// A difference that no clock's correction makes every day.
const A_SLEEP: Duration = Duration::from_secs(20);

/// The two clocks as they were when somebody last asked.
#[derive(Debug)]
pub struct Wakefulness {
    wall: Timestamp,
    awake: Instant,
}

impl Wakefulness {
    /// From now on; `wall` is the clock on the wall.
    pub fn new(wall: Timestamp) -> Self {
        Self { wall, awake: Instant::now() }
    }

    /// Whether it slept since the last time that this was asked. A clock that was set forward looks the same, and to
    /// look again does no harm.
    pub fn slept(&mut self, wall: Timestamp) -> bool {
        let before = std::mem::replace(self, Self::new(wall));
        let by_the_wall = Duration::try_from(wall.duration_since(before.wall)).unwrap_or_default();
        by_the_wall.saturating_sub(before.awake.elapsed()) >= A_SLEEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_time_that_passed_unnoticed_is_sleep() {
        let begin: Timestamp = "2026-11-21T14:00:00Z".parse().unwrap();
        let mut wakefulness = Wakefulness::new(begin);
        tokio::time::advance(Duration::from_secs(600)).await;
        assert!(!wakefulness.slept(begin + Duration::from_secs(600)));
        assert!(wakefulness.slept(begin + Duration::from_secs(1200)));
        assert!(!wakefulness.slept(begin + Duration::from_secs(1205)));
        assert!(!wakefulness.slept(begin), "set back is no sleep");
    }
}
