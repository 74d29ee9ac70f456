//! The wall clock, handed in: a test holds it and plays a night in a millisecond.

use jiff::Timestamp;
use std::sync::Arc;
use tokio::time::Instant;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The clock of this computer.
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that starts at `start` and goes as tokio's does, so that it stands still where that is paused.
    pub fn of_tokio(start: Timestamp) -> Self {
        let origin = Instant::now();
        Self(Arc::new(move || start.saturating_add(origin.elapsed()).unwrap_or(Timestamp::MAX)))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
