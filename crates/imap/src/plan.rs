//! What to ask a server for: decided from what is here and what it says of the mailbox.
//!
//! | here and there | what is done |
//! |---|---|
//! | UIDVALIDITY differs | every UID here is forgotten; walk over everything |
//! | UIDNEXT went backwards (RFC 9051 §2.3.1.1 forbids it) | the same: a UID may stand for another letter now |
//! | the newest letters here have become others there | the same |
//! | never synced to the end | walk over everything |
//! | QRESYNC answered (RFC 7162 §3.2.5) | take its changes; what arrived |
//! | modification sequences on both sides | flags changed since ours; what arrived |
//! | neither | what arrived; walk, over the newest only where that is enough |
//!
//! After that the count of letters here and there tells whether something went unseen; then everything is walked over.
//! A walk goes from the newest to the oldest in windows. It takes in what is missing, compares flags, and finds what
//! vanished; broken off anywhere, the next one passes over what is here by looking at it.

use crate::session::{Numbers, Row, Selected};
use jiff::Timestamp;
use model::Flags;
use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;
use std::time::Duration;
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
/// Letters in the second window, and in every other.
const WINDOWS: [u32; 2] = [1000, 2000];
/// Arrivals that are asked for in one question; more are walked over.
const AT_ONCE: u32 = 2000;

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
    /// Walk over the letters from this UID on: very many may have arrived.
    WalkTo {
        /// The UID.
        from: u32,
    },
    /// Walk over the newest letters, so many at least.
    Walk {
        /// How many.
        letters: u32,
    },
}

/// What to do with a mailbox whose UIDs name other letters than before.
pub fn afresh(server: &Selected) -> Vec<Step> {
    vec![Step::Forget, Step::Walk { letters: server.exists }]
}

/// What to do with a mailbox that has just been opened.
pub fn plan(known: &MailboxState, server: &Selected, depth: Depth) -> Vec<Step> {
    let everything = Step::Walk { letters: server.exists };
    match (known.uid_validity, known.uid_next) {
        (Some(validity), _) if validity != server.uid_validity => return afresh(server),
        (Some(_), Some(_)) => {}
        _ => return vec![everything],
    }
    let from = known.uid_next.unwrap_or(1);
    if server.uid_next.is_some_and(|next| next < from) {
        return afresh(server);
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
    match server.uid_next {
        Some(next) if next <= from => {}
        Some(next) if next - from > AT_ONCE => steps.insert(0, Step::WalkTo { from }),
        _ => steps.insert(0, Step::Arrivals { from }),
    }
    steps
}

/// The next window of a walk: places in the mailbox, of which `upto` is the newest that was not looked at. `None` when
/// the walk is over: so many letters were looked at, or the oldest.
pub fn window(upto: u32, looked_at: u32, letters: u32) -> Option<RangeInclusive<u32>> {
    if upto == 0 || looked_at >= letters {
        return None;
    }
    let size = match looked_at {
        0 => FIRST_WINDOW,
        1..=FIRST_WINDOW => WINDOWS[0],
        _ => WINDOWS[1],
    };
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

/// Letters up to this size are fetched as a whole with the others.
pub const WHOLE: u64 = 256 * 1024;
/// Octets of a larger letter that are fetched to list it: its headers and the beginning of its text.
pub const HEAD: u32 = 64 * 1024;
/// Octets that are fetched of each letter where a list is wanted before anything else.
pub const GLANCE: u32 = 8 * 1024;
/// Octets of the headers that list a letter, about.
const HEADERS: u64 = 2 * 1024;
/// Octets of a range of a large letter.
pub const RANGE: u32 = 1024 * 1024;
/// Letters of one batch.
const BATCH_LETTERS: usize = 200;
/// Octets of one batch, as the server states sizes: so that a batch takes about half a second, within these bounds.
const BATCH_OCTETS: RangeInclusive<u64> = 64 * 1024..=2 * 1024 * 1024;
/// Octets of a batch before anything is known of the line.
const FIRST_BATCH: u64 = 256 * 1024;
/// A mailbox that would take longer than this is listed as a whole before its letters are fetched.
const LISTED_FIRST: f64 = 180.0;

/// What is fetched, stored and then told as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The letters.
    pub rows: Vec<Row>,
    /// How much of each.
    pub part: Part,
}

/// How much of a letter is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// So many octets from its beginning; a shorter letter is whole with them.
    Beginning(u32),
    /// The headers that list it, of one whose headers are longer than a beginning.
    Headers,
}

/// What is wanted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// The letters themselves: on a quick line they come as fast as their lists.
    Letters,
    /// The list; the letters come later.
    List,
}

/// How letters are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What first.
    pub manner: Manner,
    /// Older letters are listed only; `None` where all are wanted.
    pub since: Option<Timestamp>,
}

impl Wish {
    fn part(&self, row: &Row) -> Part {
        let old = self.since.is_some_and(|since| row.internal_date.is_some_and(|date| date < since));
        match self.manner {
            Manner::List => Part::Beginning(GLANCE),
            Manner::Letters if old => Part::Beginning(GLANCE),
            Manner::Letters if row.size > WHOLE => Part::Beginning(HEAD),
            Manner::Letters => Part::Whole,
        }
    }
}

impl Part {
    /// Octets of this letter that come.
    fn octets(self, row: &Row) -> u64 {
        match self {
            Self::Whole => row.size,
            Self::Beginning(octets) => row.size.min(u64::from(octets)),
            Self::Headers => row.size.min(HEADERS),
        }
    }
}

impl Batch {
    /// Octets that come, as the server states sizes.
    pub fn octets(&self) -> u64 {
        self.rows.iter().map(|row| self.part.octets(row)).sum()
    }
}

/// Takes the next batch from letters in the order in which they are wanted: neighbours of which the same part is
/// wanted, up to about so many octets.
pub fn next_batch(rows: &mut VecDeque<Row>, wish: Wish, octets: u64) -> Option<Batch> {
    let first = rows.pop_front()?;
    let part = wish.part(&first);
    let mut sum = part.octets(&first);
    let mut batch = vec![first];
    while let Some(row) = rows.front().filter(|row| wish.part(row) == part && batch.len() < BATCH_LETTERS) {
        sum += part.octets(row);
        if sum > octets {
            break;
        }
        batch.extend(rows.pop_front());
    }
    Some(Batch { rows: batch, part })
}

/// How fast letters come.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    octets_per_second: Option<f64>,
}

impl Pace {
    /// So many octets came in this time.
    pub fn learn(&mut self, octets: u64, took: Duration) {
        let now = octets as f64 / took.as_secs_f64().max(0.001);
        let before = self.octets_per_second.unwrap_or(now);
        self.octets_per_second = Some(before * 0.7 + now * 0.3);
    }

    /// Octets of the next batch.
    pub fn batch(&self) -> u64 {
        let half_a_second = self.octets_per_second.map_or(FIRST_BATCH, |pace| (pace / 2.0) as u64);
        half_a_second.clamp(*BATCH_OCTETS.start(), *BATCH_OCTETS.end())
    }

    /// What comes first in a mailbox of which so many octets are missing.
    pub fn manner(&self, missing: u64) -> Manner {
        match self.octets_per_second {
            Some(pace) if missing as f64 / pace.max(1.0) > LISTED_FIRST => Manner::List,
            _ => Manner::Letters,
        }
    }
}

/// Whether a mailbox is as it was at the end of its last sync, by what the server says of it without opening it.
pub fn is_unchanged(known: &MailboxState, status: &Numbers, here: u32) -> bool {
    let same = |ours: Option<u64>, theirs: Option<u64>| ours.is_some() && ours == theirs;
    same(known.uid_validity.map(u64::from), status.uid_validity)
        && same(known.uid_next.map(u64::from), status.uid_next)
        && same(known.highest_modseq, status.highest_modseq)
        && status.messages == Some(u64::from(here))
}

/// Whether something happened in a mailbox since the last sync, as far as its numbers tell: letters that came or went,
/// and flags where modification sequences are kept.
pub fn has_news(known: &MailboxState, status: &Numbers, here: u32) -> bool {
    let differs = |ours: Option<u64>, theirs: Option<u64>| theirs.is_some() && ours != theirs;
    differs(known.uid_validity.map(u64::from), status.uid_validity)
        || differs(known.uid_next.map(u64::from), status.uid_next)
        || differs(Some(u64::from(here)), status.messages)
        || (known.highest_modseq.is_some() && differs(known.highest_modseq, status.highest_modseq))
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
        Row { uid, flags: Flags(flags), size, internal_date: None, email_id: None, labels: None }
    }

    #[test]
    fn what_is_asked_follows_from_what_is_known() {
        use Depth::{Full, Recent};
        use Step::{Arrivals, Flags, Forget, TakeChanges, Walk, WalkTo};
        let all = Walk { letters: 5000 };
        let resynchronised = Selected { resynchronised: true, ..server(5000, Some(9000), Some(30)) };
        type Case = (&'static str, MailboxState, Selected, Depth, Vec<Step>);
        let table: [Case; 12] = [
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
                vec![Forget, all],
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
                "very many arrivals",
                known(7, Some(890), Some(20)),
                server(5000, Some(9000), Some(20)),
                Recent,
                vec![WalkTo { from: 890 }],
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
        let (mut upto, mut looked_at) = (4000, 0);
        while let Some(places) = window(upto, looked_at, 4000) {
            upto = places.start() - 1;
            looked_at += places.clone().count() as u32;
            windows.push(places);
        }
        assert_eq!(windows, [3801..=4000, 2801..=3800, 801..=2800, 1..=800]);
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
    fn batches_are_bound_by_octets_and_by_letters_and_hold_one_kind() {
        let wish = Wish { manner: Manner::Letters, since: None };
        let cut = |rows: Vec<Row>, wish, octets| {
            let mut rows = VecDeque::from(rows);
            let mut batches = Vec::new();
            while let Some(batch) = next_batch(&mut rows, wish, octets) {
                batches.push((batch.rows.iter().map(|row| row.uid).collect::<Vec<_>>(), batch.part));
            }
            batches
        };
        let rows = vec![
            row(9, 0, 200_000),
            row(8, 0, 5_000_000),
            row(7, 0, 250_000),
            row(6, 0, 262_144),
            row(5, 0, 262_144),
            row(4, 0, 262_144),
        ];
        assert_eq!(
            cut(rows.clone(), wish, 800_000),
            [
                (vec![9], Part::Whole),
                (vec![8], Part::Beginning(HEAD)),
                (vec![7, 6, 5], Part::Whole),
                (vec![4], Part::Whole)
            ]
        );
        let listed = Wish { manner: Manner::List, since: None };
        assert_eq!(cut(rows, listed, 800_000), [(vec![9, 8, 7, 6, 5, 4], Part::Beginning(GLANCE))]);
        let many = cut((0..500).map(|n| row(n + 1, 0, 10)).collect(), wish, 800_000);
        assert_eq!(many.len(), 3);
        let dated =
            |uid, day: i64| Row { internal_date: Timestamp::from_second(day * 86_400).ok(), ..row(uid, 0, 9) };
        let since = Wish { since: Timestamp::from_second(86_400 * 10).ok(), ..wish };
        assert_eq!(
            cut(vec![dated(3, 20), dated(2, 10), dated(1, 9)], since, 800_000),
            [(vec![3, 2], Part::Whole), (vec![1], Part::Beginning(GLANCE))]
        );
    }

    #[test]
    fn batches_grow_with_the_line_and_a_slow_one_lists_first() {
        let mut pace = Pace::default();
        assert_eq!((pace.batch(), pace.manner(u64::MAX)), (FIRST_BATCH, Manner::Letters));
        pace.learn(20_000_000, Duration::from_secs(1));
        assert_eq!((pace.batch(), pace.manner(1 << 30)), (2 * 1024 * 1024, Manner::Letters));
        for _ in 0..50 {
            pace.learn(20_000, Duration::from_secs(1));
        }
        assert_eq!((pace.batch(), pace.manner(1 << 30)), (64 * 1024, Manner::List));
    }

    #[test]
    fn only_a_mailbox_in_which_every_number_is_the_same_is_left_alone() {
        let state = known(7, Some(10), Some(5));
        let status = |messages, uid_next, modseq| Numbers {
            messages: Some(messages),
            uid_next: Some(uid_next),
            uid_validity: Some(7),
            highest_modseq: modseq,
        };
        assert!(is_unchanged(&state, &status(3, 10, Some(5)), 3));
        for (status, here) in [
            (status(3, 10, Some(5)), 4),
            (status(3, 11, Some(5)), 3),
            (status(3, 10, Some(6)), 3),
            (status(3, 10, None), 3),
            (Numbers::default(), 3),
        ] {
            assert!(!is_unchanged(&state, &status, here), "{status:?} {here}");
        }
        assert!(!is_unchanged(&known(7, Some(10), None), &status(3, 10, None), 3));
        for (status, here, news) in [
            (status(3, 10, Some(5)), 3, false),
            (status(3, 10, None), 3, false),
            (Numbers::default(), 3, false),
            (status(3, 10, Some(5)), 4, true),
            (status(3, 11, Some(5)), 3, true),
            (status(3, 10, Some(6)), 3, true),
        ] {
            assert_eq!(has_news(&state, &status, here), news, "{status:?} {here}");
        }
    }
}
