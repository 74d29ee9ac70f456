//! Time that this thread has computed for: what a test may bound, however busy the computer is.

use std::time::Duration;

/// The time that a piece of work takes of this thread. Where the system does not say, the time that passes.
#[cfg(unix)]
pub fn taken_by(work: impl FnOnce()) -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let now = || {
        let at = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(u64::try_from(at.tv_sec).unwrap_or(0), u32::try_from(at.tv_nsec).unwrap_or(0))
    };
    let before = now();
    work();
    now().saturating_sub(before)
}

/// The time that a piece of work takes.
#[cfg(not(unix))]
pub fn taken_by(work: impl FnOnce()) -> Duration {
    let before = std::time::Instant::now();
    work();
    before.elapsed()
}
