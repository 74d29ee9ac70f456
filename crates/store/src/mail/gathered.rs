//! Sets of documents that were gathered from letters (the unread ones, those in a mailbox), kept for the next key that
//! somebody types. Every commit forgets them; what was read before a commit and comes to be kept after it is not kept.

use super::index::Set;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Sets that are kept at a time; when there are more, it begins anew.
const KEPT: usize = 16;

/// Gathered sets by the condition on letters and how many documents there were.
#[derive(Default)]
pub(crate) struct GatheredCache(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// How often everything was forgotten.
    epoch: u64,
    sets: HashMap<(String, u32), Arc<Set>>,
}

impl GatheredCache {
    /// How often everything was forgotten until now: to be asked before anything is read.
    pub(crate) fn epoch(&self) -> u64 {
        self.kept().epoch
    }

    /// The set, where it is kept.
    pub(crate) fn get(&self, condition: &str, end: u32) -> Option<Arc<Set>> {
        self.kept().sets.get(&(condition.to_owned(), end)).cloned()
    }

    /// Keeps a set that was read after `epoch`.
    pub(crate) fn keep(&self, epoch: u64, condition: String, end: u32, set: Arc<Set>) {
        let mut kept = self.kept();
        if kept.epoch == epoch {
            if kept.sets.len() >= KEPT {
                kept.sets.clear();
            }
            kept.sets.insert((condition, end), set);
        }
    }

    /// Forgets everything.
    pub(crate) fn forget(&self) {
        let mut kept = self.kept();
        kept.epoch += 1;
        kept.sets.clear();
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_kept_until_something_is_committed_and_not_past_it() {
        let cache = GatheredCache::default();
        let set = || Arc::new(Set::empty(9));
        let epoch = cache.epoch();
        cache.keep(epoch, "unread".to_owned(), 9, set());
        assert!(cache.get("unread", 9).is_some());
        assert!(cache.get("unread", 10).is_none(), "a letter came since");
        cache.forget();
        assert!(cache.get("unread", 9).is_none());
        cache.keep(epoch, "unread".to_owned(), 9, set());
        assert!(cache.get("unread", 9).is_none(), "it was read before the commit");
    }
}
