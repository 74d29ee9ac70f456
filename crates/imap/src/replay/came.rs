//! What came into a mailbox since an order was first tried: copies of that try are among it, and mail of others.

use super::orders::since;
use crate::error::SyncError;
use crate::session::{Likeness, Selected};
use crate::sync::Syncer;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use store::Baseline;

/// Letters by what they are like, each as often as it came.
#[derive(Debug, Default)]
pub(super) struct Came {
    letters: HashMap<u64, u32>,
}

impl Came {
    pub(super) fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    fn add(&mut self, letter: &Likeness) {
        *self.letters.entry(digest(letter)).or_default() += 1;
    }

    /// Takes out one that is like this letter; whether there was one.
    pub(super) fn take(&mut self, letter: &Likeness) -> bool {
        match self.letters.get_mut(&digest(letter)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

/// A mailbox may have got a million letters: a number each is enough to tell them apart.
fn digest(letter: &Likeness) -> u64 {
    let mut hasher = DefaultHasher::new();
    letter.hash(&mut hasher);
    hasher.finish()
}

impl Syncer {
    /// What came into the mailbox that is open since then.
    pub(super) async fn came_since(&mut self, opened: &Selected, before: Baseline) -> Result<Came, SyncError> {
        let mut came = Came::default();
        let from = since(before, opened);
        if opened.uid_next != Some(from) {
            self.session.likenesses_from(from, |letter| came.add(&letter)).await?;
        }
        Ok(came)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_taken_as_often_as_it_came() {
        let like = |text: &str| Likeness::of(text.as_bytes());
        let mut came = Came::default();
        assert!(came.is_empty());
        for text in ["Subject: one\r\n\r\n", "Subject: two\r\n\r\n", "Subject: two\r\n\r\n"] {
            came.add(&like(text));
        }
        let taken = ["one", "two", "two", "two", "one"]
            .map(|subject| came.take(&like(&format!("Subject: {subject}\r\n\r\n"))));
        assert_eq!(taken, [true, true, true, false, false]);
    }
}
