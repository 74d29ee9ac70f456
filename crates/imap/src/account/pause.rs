//! How long to wait before the next attempt to connect.
//!
//! | what ended the last one | pause |
//! |---|---|
//! | the connection, the server, the network | 1, 2, 5, 10, 30 s, 1, 2, 5 min, by failures in a row |
//! | something that only a person can change | 15 min: a server that counts wrong passwords must not be fed them |
//!
//! An order to wake, and a change of the network, end any pause.

use std::time::Duration;

/// The pause after so many failures in a row, at least one.
pub fn pause(failures: u32, needs_a_person: bool) -> Duration {
    const SECONDS: [u64; 8] = [1, 2, 5, 10, 30, 60, 120, 300];
    if needs_a_person {
        return Duration::from_secs(15 * 60);
    }
    let step = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    Duration::from_secs(SECONDS.get(step).copied().unwrap_or(300))
}

/// How long everything is left alone between two passes.
pub const BETWEEN_PASSES: Duration = Duration::from_secs(5 * 60);

/// How long the inbox is left alone while nobody tells of new mail there.
pub const BETWEEN_LOOKS: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_growing() {
        let seconds: Vec<u64> = (1..=10).map(|failures| pause(failures, false).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 5, 10, 30, 60, 120, 300, 300, 300]);
        assert_eq!(pause(0, false).as_secs(), 1);
        assert_eq!(pause(1, true).as_secs(), 900);
    }
}
