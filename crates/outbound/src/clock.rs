//! The wall clock, handed in: a test holds it and plays a night in a millisecond.

use jiff::Timestamp;
use std::sync::Arc;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The clock of this computer, to the millisecond: nobody reads more.
    pub fn system() -> Self {
        Self(Arc::new(|| {
            let now = Timestamp::now();
            now.round(jiff::Unit::Millisecond).unwrap_or(now)
        }))
    }

    /// Any other clock: one that a test holds, say.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
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
