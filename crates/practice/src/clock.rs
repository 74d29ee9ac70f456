//! The clock of the post office: the system's, moved forward by as much as a test asks for.
//!
//! Everything that waits (a greylist, a bounce on its way, a slow host) waits by this clock, so that a test can let
//! half a minute pass without living through it.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

/// A clock that can be moved forward.
#[derive(Debug)]
pub(crate) struct Clock {
    ahead: watch::Sender<Duration>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { ahead: watch::Sender::new(Duration::ZERO) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        after(Timestamp::now(), *self.ahead.borrow())
    }

    /// Moves the clock; whoever waits looks at it again.
    pub(crate) fn advance(&self, by: Duration) {
        self.ahead.send_modify(|ahead| *ahead = ahead.saturating_add(by));
    }

    /// Returns when `pause` has passed by this clock.
    pub(crate) async fn wait(&self, pause: Duration) {
        self.wait_until(after(self.now(), pause)).await;
    }

    /// Returns when this instant has come by this clock.
    pub(crate) async fn wait_until(&self, instant: Timestamp) {
        let mut moved = self.ahead.subscribe();
        while let Some(left) = time_left(self.now(), instant) {
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                _ = moved.changed() => {}
            }
        }
    }
}

/// `start` plus `pause`, or the end of time.
pub(crate) fn after(start: Timestamp, pause: Duration) -> Timestamp {
    start.checked_add(pause).unwrap_or(Timestamp::MAX)
}

/// What is left from `now` until `until`; `None` once it has come.
pub(crate) fn time_left(now: Timestamp, until: Timestamp) -> Option<Duration> {
    Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wait_ends_when_the_clock_is_moved_past_it() {
        let clock = std::sync::Arc::new(Clock::new());
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.wait(Duration::from_secs(3600)).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(3601));
        tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap().unwrap();
    }

    #[test]
    fn time_left_is_none_at_the_instant_itself() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(time_left(now, now), None);
        assert_eq!(time_left(after(now, Duration::from_secs(1)), now), None);
        assert_eq!(time_left(now, after(now, Duration::from_secs(2))), Some(Duration::from_secs(2)));
    }
}
