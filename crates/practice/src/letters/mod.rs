//! The letters of a new mailbox: a year of somebody's life, in some 200 letters.
//!
//! What people wrote is in the text files of `crates/practice/letters/` (their form is described in `template`); here
//! it becomes letters: dates relative to now, threads, charsets, pages as firms send them, enclosures. The same text
//! gives the same letters, but for their dates.

mod build;
mod enclosure;
mod page;
mod picture;
mod template;

use jiff::Timestamp;

use crate::mailroom::NewLetter;
use template::Draft;

/// The text files, by theme.
const SOURCES: [(&str, &str); 9] = [
    ("friends", include_str!("../../letters/friends.txt")),
    ("family", include_str!("../../letters/family.txt")),
    ("work", include_str!("../../letters/work.txt")),
    ("places", include_str!("../../letters/places.txt")),
    ("newsletters", include_str!("../../letters/newsletters.txt")),
    ("errands", include_str!("../../letters/errands.txt")),
    ("lists", include_str!("../../letters/lists.txt")),
    ("world", include_str!("../../letters/world.txt")),
    ("oddities", include_str!("../../letters/oddities.txt")),
];

/// All letters as they would have arrived by `now`, oldest first.
pub(crate) fn year(now: Timestamp) -> Vec<NewLetter> {
    let drafts = drafts();
    let mut letters: Vec<NewLetter> = drafts.iter().map(|draft| build::letter(draft, &drafts, now)).collect();
    letters.sort_by_key(|letter| letter.received);
    letters
}

fn drafts() -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (name, source) in SOURCES {
        match template::parse(source) {
            Ok(more) => drafts.extend(more),
            Err(error) => tracing::error!(file = name, %error, "practice letters cannot be read"),
        }
    }
    drafts
}

#[cfg(test)]
mod tests;
