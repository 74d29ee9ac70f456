//! Sets of UIDs as IMAP writes them (`sequence-set`, RFC 9051 §9): `3,7:12`.
//!
//! A set that a server sends is kept as ranges and never expanded: four bytes of text can name four thousand million
//! UIDs.

use std::ops::RangeInclusive;

/// UIDs as ranges, in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UidSet {
    ranges: Vec<RangeInclusive<u32>>,
}

impl UidSet {
    /// The set of these UIDs, in ascending order, neighbours joined.
    pub fn of(uids: impl IntoIterator<Item = u32>) -> Self {
        let mut uids: Vec<u32> = uids.into_iter().collect();
        uids.sort_unstable();
        uids.dedup();
        let mut ranges: Vec<RangeInclusive<u32>> = Vec::new();
        for uid in uids {
            match ranges.last_mut() {
                Some(last) if last.end().checked_add(1) == Some(uid) => *last = *last.start()..=uid,
                _ => ranges.push(uid..=uid),
            }
        }
        Self { ranges }
    }

    /// Reads `3,7:12`. A range may be written backwards (RFC 9051 §9); `*` and zero have no place in an answer.
    pub fn parse(text: &str) -> Option<Self> {
        let ranges = text
            .split(',')
            .map(|part| {
                let (first, last) = part.split_once(':').unwrap_or((part, part));
                let (first, last) = (number(first)?, number(last)?);
                Some(first.min(last)..=first.max(last))
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self { ranges })
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether the UID is in it.
    pub fn contains(&self, uid: u32) -> bool {
        self.ranges.iter().any(|range| range.contains(&uid))
    }

    /// Whether all of them are in it.
    pub fn contains_all(&self, uids: impl IntoIterator<Item = u32>) -> bool {
        let mut ranges: Vec<_> = self.ranges.iter().map(|range| (*range.start(), *range.end())).collect();
        ranges.sort_unstable();
        let mut ranges = ranges.into_iter().peekable();
        Self::of(uids).ranges.into_iter().flatten().all(|uid| {
            while ranges.next_if(|(_, end)| *end < uid).is_some() {}
            ranges.peek().is_some_and(|(start, _)| *start <= uid)
        })
    }

    /// The UIDs in the order written. It may be very long: take only as many as were asked for.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.ranges.iter().cloned().flatten()
    }

    /// The ranges in the order written.
    pub fn ranges(&self) -> &[RangeInclusive<u32>] {
        &self.ranges
    }

    /// Splits the set so that no piece is longer than `limit` octets when written: servers bound the length of a
    /// command line (RFC 7162 §4 names 8192).
    pub fn pieces(self, limit: usize) -> Vec<Self> {
        let mut pieces = Vec::new();
        let (mut piece, mut length) = (Self::default(), 0);
        for range in self.ranges {
            let more = written(&range).len() + 1;
            if length + more > limit && !piece.is_empty() {
                pieces.push(std::mem::take(&mut piece));
                length = 0;
            }
            length += more;
            piece.ranges.push(range);
        }
        if !piece.is_empty() {
            pieces.push(piece);
        }
        pieces
    }
}

impl std::fmt::Display for UidSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = self.ranges.iter().map(written).collect();
        f.write_str(&parts.join(","))
    }
}

fn written(range: &RangeInclusive<u32>) -> String {
    if range.start() == range.end() {
        range.start().to_string()
    } else {
        format!("{}:{}", range.start(), range.end())
    }
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_ranges() {
        let table: [(&[u32], &str); 5] = [
            (&[], ""),
            (&[7], "7"),
            (&[3, 1, 2], "1:3"),
            (&[1, 2, 5, 6, 9], "1:2,5:6,9"),
            (&[4, 4, u32::MAX], "4,4294967295"),
        ];
        for (uids, text) in table {
            assert_eq!(UidSet::of(uids.iter().copied()).to_string(), text);
        }
    }

    #[test]
    fn a_set_holds_others_whichever_way_it_was_written() {
        let table = [
            ("1:9", "2,5", true),
            ("5:6,1:3", "1,3,6", true),
            ("1:3,5:6", "4", false),
            ("1:9,2:3", "9", true),
            ("2,4", "2,4,6", false),
            ("7", "", true),
        ];
        for (set, others, expected) in table {
            let others: Vec<u32> = others.split(',').filter_map(|uid| uid.parse().ok()).collect();
            assert_eq!(UidSet::parse(set).unwrap().contains_all(others.clone()), expected, "{others:?} in {set}");
        }
    }

    #[test]
    fn a_set_is_read_as_it_was_written_and_nonsense_is_not_read() {
        let order = |text: &str| UidSet::parse(text).map(|set| set.iter().take(9).collect::<Vec<_>>());
        assert_eq!(order("304,319:320"), Some(vec![304, 319, 320]));
        assert_eq!(order("5:3"), Some(vec![3, 4, 5]));
        for nonsense in ["", "0", "a", "1:", ",", "1:*", "-1", "99999999999"] {
            assert_eq!(order(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_huge_set_costs_nothing_until_it_is_walked() {
        let set = UidSet::parse("1:4294967295").unwrap();
        assert!(set.contains(123_456_789));
        assert_eq!(set.iter().take(2).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_long_set_is_cut_into_pieces_that_hold_everything() {
        let uids: Vec<u32> = (1..2000).map(|n| n * 3).collect();
        let pieces = UidSet::of(uids.iter().copied()).pieces(200);
        assert!(pieces.iter().all(|piece| piece.to_string().len() <= 200));
        assert_eq!(pieces.iter().flat_map(UidSet::iter).collect::<Vec<_>>(), uids);
    }
}
