//! How many letters one destination is sent at a time, and when it is left alone: pure.
//!
//! | what happens | letters at a time |
//! |---|---|
//! | at first | 2 |
//! | as many in a row go well as go at a time | one more, up to 10 |
//! | it says 421, or that it is too much | half as many, and a rest as long as `model::throttle` says |
//! | no host answers | 1, until one does |
//!
//! Postfix and Exim grow and shrink in much the same way. One person's mail needs little of it; a letter to a club of
//! five hundred does.

use jiff::Timestamp;

/// Letters at a time to a destination of which nothing is known.
const AT_FIRST: usize = 2;
/// And to one with which all goes well.
const AT_MOST: usize = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    at_a_time: usize,
    in_a_row: usize,
    rests_until: Option<Timestamp>,
    /// How often in a row it was too much.
    too_much: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { at_a_time: AT_FIRST, in_a_row: 0, rests_until: None, too_much: 0 }
    }
}

impl Pace {
    pub fn at_a_time(&self) -> usize {
        self.at_a_time
    }

    /// Until when it is left alone, if it is.
    pub fn rests(&self, now: Timestamp) -> Option<Timestamp> {
        self.rests_until.filter(|until| *until > now)
    }

    /// How often in a row it was too much.
    pub fn too_much(&self) -> u32 {
        self.too_much
    }

    pub fn went_well(&mut self) {
        self.rests_until = None;
        self.too_much = 0;
        self.in_a_row += 1;
        if self.in_a_row >= self.at_a_time {
            self.at_a_time = (self.at_a_time + 1).clamp(AT_FIRST, AT_MOST);
            self.in_a_row = 0;
        }
    }

    /// What was under way at the same time says so too, which is the same word and not another one.
    pub fn pushed_back(&mut self, now: Timestamp, until: Option<Timestamp>) {
        self.in_a_row = 0;
        if self.rests(now).is_none() {
            self.at_a_time = (self.at_a_time / 2).max(1);
            self.too_much = self.too_much.saturating_add(1);
        }
        self.rests_until = self.rests_until.max(until);
    }

    pub fn silent(&mut self) {
        self.in_a_row = 0;
        self.at_a_time = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    #[test]
    fn it_grows_while_all_goes_well_and_no_further_than_ten() {
        let mut pace = Pace::default();
        let mut seen = vec![pace.at_a_time()];
        for _ in 0..100 {
            pace.went_well();
            if seen.last() != Some(&pace.at_a_time()) {
                seen.push(pace.at_a_time());
            }
        }
        assert_eq!(seen, [2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }

    #[test]
    fn too_much_halves_it_once_for_all_that_was_under_way() {
        let mut pace = Pace::default();
        (0..100).for_each(|_| pace.went_well());
        pace.pushed_back(at(0), Some(at(5)));
        pace.pushed_back(at(0), Some(at(4)));
        assert_eq!((pace.at_a_time(), pace.too_much(), pace.rests(at(1))), (5, 1, Some(at(5))));
        assert_eq!(pace.rests(at(5)), None);
        pace.pushed_back(at(6), Some(at(20)));
        assert_eq!((pace.at_a_time(), pace.too_much()), (2, 2));
    }

    #[test]
    fn a_success_ends_the_rest_and_begins_to_grow_again() {
        let mut pace = Pace::default();
        pace.pushed_back(at(0), Some(at(60)));
        assert_eq!(pace.at_a_time(), 1);
        pace.went_well();
        assert_eq!((pace.at_a_time(), pace.rests(at(1)), pace.too_much()), (2, None, 0));
    }

    #[test]
    fn where_nobody_answers_one_letter_at_a_time_asks() {
        let mut pace = Pace::default();
        (0..10).for_each(|_| pace.went_well());
        pace.silent();
        assert_eq!(pace.at_a_time(), 1);
    }
}
