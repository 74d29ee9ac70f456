//! What the hosts remember of senders: whom they have seen before, and how many messages came lately.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::PracticeError;
use crate::clock::{after, time_left};
use crate::mailroom::disk;

/// The memory of all hosts together.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    recollection: Mutex<Recollection>,
    path: Option<PathBuf>,
}

#[derive(Debug, Default)]
struct Recollection {
    /// When a triplet of client address, sender and recipient was first seen.
    first_seen: HashMap<String, Timestamp>,
    /// When messages were taken from a client by the host that throttles.
    taken: HashMap<IpAddr, Vec<Timestamp>>,
    /// How often the hosts of `split.test` were met where they share an address.
    split_visits: u32,
}

impl Memory {
    /// Opens a memory; the greylist is kept in `path` where one is given.
    pub(crate) fn open(path: Option<PathBuf>) -> Result<Self, PracticeError> {
        let first_seen = path.as_deref().map(read).transpose()?.unwrap_or_default();
        Ok(Self { recollection: Mutex::new(Recollection { first_seen, ..Recollection::default() }), path })
    }

    /// How long a greylisting host still keeps this triplet waiting; `None` once it may pass, and ever after.
    pub(crate) fn greylist(
        &self,
        client: IpAddr,
        sender: &str,
        recipient: &str,
        now: Timestamp,
        delay: Duration,
    ) -> Option<Duration> {
        let key = format!("{client} {sender} {recipient}").to_ascii_lowercase();
        let mut known = self.lock();
        if let Some(seen) = known.first_seen.get(&key) {
            return time_left(now, after(*seen, delay));
        }
        known.first_seen.insert(key, now);
        self.save(&known);
        (!delay.is_zero()).then_some(delay)
    }

    /// Whether `client` has had its two messages within the last `window`.
    pub(crate) fn is_throttled(&self, client: IpAddr, now: Timestamp, window: Duration) -> bool {
        let mut known = self.lock();
        let taken = known.taken.entry(client).or_default();
        taken.retain(|at| time_left(now, after(*at, window)).is_some());
        taken.len() >= 2
    }

    /// Counts a message that the throttling host took.
    pub(crate) fn count(&self, client: IpAddr, now: Timestamp) {
        self.lock().taken.entry(client).or_default().push(now);
    }

    /// Which of the two hosts of `split.test` is met now, where they share an address: they take turns.
    pub(crate) fn next_split(&self) -> usize {
        let mut known = self.lock();
        known.split_visits = known.split_visits.wrapping_add(1);
        if known.split_visits % 2 == 1 { 0 } else { 1 }
    }

    fn save(&self, known: &Recollection) {
        let Some(path) = &self.path else { return };
        let written = serde_json::to_vec_pretty(&known.first_seen).map_err(io::Error::other);
        if let Err(error) = written.and_then(|text| disk::replace(path, &text)) {
            tracing::warn!(path = %path.display(), %error, "the greylist cannot be kept; it lasts until the end");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Recollection> {
        self.recollection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path) -> Result<HashMap<String, Timestamp>, PracticeError> {
    match fs::read(path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| PracticeError::damaged(path, error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(HashMap::new()),
        Err(error) => Err(PracticeError::home(path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const DELAY: Duration = Duration::from_secs(30);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_triplet_passes_after_the_delay_and_ever_after() {
        let memory = Memory::default();
        let table = [(100, Some(30)), (110, Some(20)), (129, Some(1)), (130, None), (9000, None)];
        for (second, left) in table {
            let answer = memory.greylist(CLIENT, "a@a.test", "b@greylist.test", at(second), DELAY);
            assert_eq!(answer, left.map(Duration::from_secs), "at {second}");
        }
        let other = memory.greylist(CLIENT, "a@a.test", "c@greylist.test", at(9000), DELAY);
        assert_eq!(other, Some(DELAY));
    }

    #[test]
    fn the_greylist_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Memory::open(Some(folder.path().join("greylist.json"))).unwrap();
        assert!(open().greylist(CLIENT, "a@a.test", "b@b.test", at(100), DELAY).is_some());
        assert!(open().greylist(CLIENT, "a@a.test", "b@b.test", at(131), DELAY).is_none());
    }

    #[test]
    fn two_messages_a_minute_and_no_third() {
        let memory = Memory::default();
        let throttled = |second| memory.is_throttled(CLIENT, at(second), Duration::from_secs(60));
        assert!(!throttled(0));
        memory.count(CLIENT, at(0));
        assert!(!throttled(10));
        memory.count(CLIENT, at(10));
        assert!(throttled(20));
        assert!(throttled(59));
        assert!(!throttled(60));
    }
}
