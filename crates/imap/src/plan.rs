//! What to ask a server for: decided from what is here and what it says of the mailbox.
//!
//! | here and there | what is done |
//! |---|---|
//! | UIDVALIDITY differs | every UID here is forgotten; walk over everything |
//! | never synced to the end, or UIDNEXT went backwards | walk over everything |
//! | QRESYNC answered (RFC 7162 §3.2.5) | take its changes; what arrived |
//! | modification sequences on both sides | flags changed since ours; what arrived |
//! | neither | what arrived; walk, over the newest only where that is enough |
//!
//! After that the count of letters here and there tells whether something went unseen; then everything is walked over.
//! A walk goes from the newest to the oldest in windows. It takes in what is missing, compares flags, and finds what
//! vanished; broken off anywhere, the next one passes over what is here by looking at it.

use crate::session::{Row, Selected};
use crate::uidset::UidSet;
use model::Flags;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use store::MailboxState;

/// How closely to look where the server keeps no modification sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// At every letter.
    Full,
    /// At the newest letters.
    Recent,
}

/// Letters that [`Depth::Recent`] looks at.
const RECENT: u32 = 1000;
/// Letters in the first window of a walk: enough for a screen, and quickly there.
const FIRST_WINDOW: u32 = 200;
/// Letters in every other window.
const WINDOW: u32 = 500;

/// One thing to do with a mailbox, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Forget the UIDs here.
    Forget,
    /// Take the changes that came when the mailbox was opened.
    TakeChanges,
    /// Ask for flags that changed after this modification sequence.
    Flags {
        /// The modification sequence.
        since: u64,
    },
    /// Ask for letters from this UID on.
    Arrivals {
        /// The UID.
        from: u32,
    },
    /// Walk over the newest letters, so many at least.
    Walk {
        /// How many.
        letters: u32,
    },
}

/// What to do with a mailbox that has just been opened.
pub fn plan(known: &MailboxState, server: &Selected, depth: Depth) -> Vec<Step> {
    let everything = Step::Walk { letters: server.exists };
    match (known.uid_validity, known.uid_next) {
        (Some(validity), _) if validity != server.uid_validity => return vec![Step::Forget, everything],
        (Some(_), Some(_)) => {}
        _ => return vec![everything],
    }
    let from = known.uid_next.unwrap_or(1);
    if server.uid_next.is_some_and(|next| next < from) {
        return vec![everything];
    }
    let mut steps = Vec::new();
    match (server.resynchronised, known.highest_modseq, server.highest_modseq) {
        (true, _, _) => steps.push(Step::TakeChanges),
        // A sequence that went backwards means nothing any more.
        (false, Some(ours), Some(theirs)) if theirs >= ours => {
            if theirs > ours {
                steps.push(Step::Flags { since: ours });
            }
        }
        _ => {
            let letters = if depth == Depth::Full { server.exists } else { server.exists.min(RECENT) };
            steps.push(Step::Walk { letters });
        }
    }
    if server.uid_next.is_none_or(|next| next > from) {
        steps.insert(0, Step::Arrivals { from });
    }
    steps
}

/// The next window of a walk: places in the mailbox, of which `upto` is the newest that was not looked at. `None` when
/// the walk is over: so many letters were looked at, or the oldest.
pub fn window(upto: u32, looked_at: u32, letters: u32) -> Option<RangeInclusive<u32>> {
    if upto == 0 || looked_at >= letters {
        return None;
    }
    let size = if looked_at == 0 { FIRST_WINDOW } else { WINDOW };
    Some(upto.saturating_sub(size - 1).max(1)..=upto)
}

/// What a window of rows says against what is here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Letters that are not here, newest first.
    pub missing: Vec<Row>,
    /// Letters whose flags were others.
    pub changed: Vec<(u32, Flags)>,
    /// UIDs here, between the bounds, that the window does not have.
    pub vanished: Vec<u32>,
}

/// Compares rows with what is here between two UIDs, both included.
pub fn compare(here: &BTreeMap<u32, Flags>, rows: &[Row], between: RangeInclusive<u32>) -> Comparison {
    let mut comparison = Comparison::default();
    let mut there = std::collections::BTreeSet::new();
    for row in rows.iter().rev() {
        there.insert(row.uid);
        match here.get(&row.uid) {
            None => comparison.missing.push(row.clone()),
            Some(flags) if *flags != row.flags => comparison.changed.push((row.uid, row.flags)),
            Some(_) => {}
        }
    }
    if !between.is_empty() {
        comparison.vanished = here.range(between).map(|(uid, _)| *uid).filter(|uid| !there.contains(uid)).collect();
    }
    comparison
}

/// The UIDs here that are among the vanished ones.
pub fn vanished_here(here: &BTreeMap<u32, Flags>, vanished: &[UidSet]) -> Vec<u32> {
    let mut gone: Vec<u32> = vanished
        .iter()
        .flat_map(UidSet::ranges)
        .flat_map(|range| here.range(range.clone()).map(|(uid, _)| *uid))
        .collect();
    gone.sort_unstable();
    gone.dedup();
    gone
}

/// Letters up to this size are fetched as a whole with the others.
pub const WHOLE: u64 = 256 * 1024;
/// Octets of a larger letter that are fetched to list it: its headers and the beginning of its text.
pub const HEAD: u32 = 64 * 1024;
/// Octets of a range of a large letter.
pub const RANGE: u32 = 1024 * 1024;
/// Octets of one batch, as the server states sizes.
const BATCH_OCTETS: u64 = 1024 * 1024;
/// Letters of one batch.
const BATCH_LETTERS: usize = 100;

/// What is fetched, stored and then told as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Batch {
    /// Letters as a whole.
    Whole(Vec<Row>),
    /// The beginning of a large letter.
    Head(Row),
}

/// Cuts letters into batches. The order is kept, but for large letters, each of which is a batch by itself.
pub fn batches(rows: Vec<Row>) -> Vec<Batch> {
    let mut batches = Vec::new();
    let (mut batch, mut octets) = (Vec::new(), 0);
    for row in rows {
        if row.size > WHOLE {
            batches.push(Batch::Head(row));
            continue;
        }
        if !batch.is_empty() && (octets + row.size > BATCH_OCTETS || batch.len() >= BATCH_LETTERS) {
            batches.push(Batch::Whole(std::mem::take(&mut batch)));
            octets = 0;
        }
        octets += row.size;
        batch.push(row);
    }
    if !batch.is_empty() {
        batches.push(Batch::Whole(batch));
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(uid_validity: u32, uid_next: Option<u32>, highest_modseq: Option<u64>) -> MailboxState {
        MailboxState { uid_validity: Some(uid_validity), uid_next, highest_modseq }
    }

    fn server(exists: u32, uid_next: Option<u32>, highest_modseq: Option<u64>) -> Selected {
        Selected { exists, uid_validity: 7, uid_next, highest_modseq, ..Selected::default() }
    }

    fn row(uid: u32, flags: u8, size: u64) -> Row {
        Row { uid, flags: Flags(flags), size, internal_date: None, email_id: None }
    }

    #[test]
    fn what_is_asked_follows_from_what_is_known() {
        use Depth::{Full, Recent};
        use Step::{Arrivals, Flags, Forget, TakeChanges, Walk};
        let all = Walk { letters: 5000 };
        let resynchronised = Selected { resynchronised: true, ..server(5000, Some(9000), Some(30)) };
        type Case = (&'static str, MailboxState, Selected, Depth, Vec<Step>);
        let table: [Case; 11] = [
            ("never synced", MailboxState::default(), server(5000, Some(9000), None), Recent, vec![all]),
            (
                "broken off in the first walk",
                known(7, None, None),
                server(5000, Some(9000), Some(3)),
                Recent,
                vec![all],
            ),
            (
                "another UIDVALIDITY",
                known(6, Some(9), Some(3)),
                server(5000, Some(9000), Some(3)),
                Recent,
                vec![Forget, all],
            ),
            (
                "another one before the first walk ended",
                known(6, None, None),
                server(5000, Some(9), None),
                Full,
                vec![Forget, all],
            ),
            (
                "UIDNEXT went backwards",
                known(7, Some(9001), Some(30)),
                server(5000, Some(9000), Some(30)),
                Recent,
                vec![all],
            ),
            ("nothing to do", known(7, Some(9000), Some(30)), server(5000, Some(9000), Some(30)), Recent, vec![]),
            (
                "flags and arrivals",
                known(7, Some(8990), Some(20)),
                server(5000, Some(9000), Some(30)),
                Recent,
                vec![Arrivals { from: 8990 }, Flags { since: 20 }],
            ),
            (
                "told when opened",
                known(7, Some(8990), Some(20)),
                resynchronised,
                Recent,
                vec![Arrivals { from: 8990 }, TakeChanges],
            ),
            (
                "a sequence that went backwards",
                known(7, Some(9000), Some(40)),
                server(5000, Some(9000), Some(30)),
                Full,
                vec![all],
            ),
            (
                "no sequences, a quick look",
                known(7, Some(9000), None),
                server(5000, Some(9000), None),
                Recent,
                vec![Walk { letters: 1000 }],
            ),
            (
                "no UIDNEXT from the server",
                known(7, Some(9000), None),
                server(5000, None, None),
                Full,
                vec![Arrivals { from: 9000 }, all],
            ),
        ];
        for (what, known, server, depth, expected) in table {
            assert_eq!(plan(&known, &server, depth), expected, "{what}");
        }
    }

    #[test]
    fn a_walk_looks_at_every_place_once_from_the_newest_on() {
        let mut windows = Vec::new();
        let (mut upto, mut looked_at) = (1234, 0);
        while let Some(places) = window(upto, looked_at, 1234) {
            upto = places.start() - 1;
            looked_at += places.clone().count() as u32;
            windows.push(places);
        }
        assert_eq!(windows, [1035..=1234, 535..=1034, 35..=534, 1..=34]);
        assert_eq!(window(0, 0, 10), None);
        assert_eq!(window(4000, 1200, 1000), None);
        assert_eq!(window(3, 0, 3), Some(1..=3));
    }

    #[test]
    fn a_window_tells_what_is_missing_changed_and_gone() {
        let here = BTreeMap::from([(1, Flags(0)), (4, Flags(0)), (5, Flags(1)), (7, Flags(0)), (90, Flags(0))]);
        let rows = [row(5, 0, 10), row(6, 0, 10), row(7, 0, 10), row(8, 0, 10)];
        let comparison = compare(&here, &rows, 4..=20);
        assert_eq!(comparison.missing, [row(8, 0, 10), row(6, 0, 10)]);
        assert_eq!(comparison.changed, [(5, Flags(0))]);
        assert_eq!(comparison.vanished, [4]);
    }

    #[test]
    fn vanished_sets_of_any_length_cost_no_more_than_what_is_here() {
        let here = BTreeMap::from([(1, Flags(0)), (400, Flags(0))]);
        let sets = [UidSet::parse("2:4294967295").unwrap(), UidSet::parse("400").unwrap()];
        assert_eq!(vanished_here(&here, &sets), [400]);
    }

    #[test]
    fn batches_are_bound_by_octets_and_by_letters_and_large_letters_stand_alone() {
        let rows = vec![
            row(9, 0, 200_000),
            row(8, 0, 5_000_000),
            row(7, 0, 250_000),
            row(6, 0, 262_144),
            row(5, 0, 262_144),
            row(4, 0, 262_144),
        ];
        let uids: Vec<Vec<u32>> = batches(rows)
            .into_iter()
            .map(|batch| match batch {
                Batch::Whole(rows) => rows.iter().map(|row| row.uid).collect(),
                Batch::Head(row) => vec![row.uid],
            })
            .collect();
        assert_eq!(uids, [vec![8], vec![9, 7, 6, 5], vec![4]]);
        let many = batches((0..250).map(|n| row(n + 1, 0, 10)).collect());
        assert_eq!(many.len(), 3);
    }
}
