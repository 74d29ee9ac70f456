//! The memory of this process, as Linux counts it: `VmRSS`, and `VmHWM`, the most that it ever was (proc(5)).

use anyhow::{Context, Result};
use std::fs;

/// A look at the memory, from which on the most is counted anew.
#[derive(Debug)]
pub struct Growth {
    before: u64,
}

impl Growth {
    /// Begins to look.
    pub fn since_now() -> Result<Self> {
        fs::write("/proc/self/clear_refs", "5").context("the greatest memory could not be reset")?;
        Ok(Self { before: octets_of("VmRSS:")? })
    }

    /// Octets that were taken more than at the beginning, at most.
    pub fn octets(&self) -> Result<u64> {
        Ok(octets_of("VmHWM:")?.saturating_sub(self.before))
    }
}

fn octets_of(name: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("memory is not told")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().context("memory is told otherwise")?;
    Ok(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_and_given_back_is_noticed() {
        let growth = Growth::since_now().unwrap();
        drop(std::hint::black_box(vec![1u8; 50_000_000]));
        let grown = growth.octets().unwrap();
        assert!(grown > 40_000_000, "{grown}");
    }
}
