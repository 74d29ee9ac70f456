//! Conditions with a deadline, instead of sleeping and hoping.

use std::time::{Duration, Instant};

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Looks until `condition` gives a value. When that takes longer than `patience`, it is a panic that says what was
/// waited for.
pub fn until<T>(what: &str, patience: Duration, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited {} s in vain for {what}", patience.as_secs());
        std::thread::sleep(LOOK);
    }
}
