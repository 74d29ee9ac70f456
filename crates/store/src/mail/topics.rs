//! Answers that name no letter: programs that write neither In-Reply-To nor References, and forms that people fill in.
//!
//! Such a letter begins with `Re:` or the like. It belongs to what it seems to answer: a letter of the same subject, of
//! up to [`DAYS`] days before it, where each names the other's writer among its recipients. Whether two letters belong
//! together is a question of these two alone, and it is asked when the second of them comes, whichever that is: so the
//! threads are the same in whatever order mail comes. Letters of lists are left out: many bear one subject there, and the
//! programs that people write to lists with name what they answer.
//!
//! Letters are found by their topic: the subject, and the time in windows of as many days, and whether the letter is one
//! that looks for what it answers. Of each, so many are looked at and no more ([`MOST`]).

use super::LetterSummary;
use super::names::hash;
use super::prepare::{People, Prepared};
use super::threads::present;
use crate::Result;
use crate::columns::{Json, Time};
use jiff::Timestamp;
use model::subject::{Prefix, bare_subject};
use model::{AccountId, Address, ThreadId};
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Days between a letter and an answer that names none.
const DAYS: i64 = 31;
const WINDOW: i64 = DAYS * 86_400;
/// Letters of one topic that are looked at, the oldest.
const MOST: u32 = 50;
/// Bits of the subject in a topic.
const BITS: u32 = 40;

/// By what a letter may be found to belong to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Topic {
    subject: u64,
    /// Whether it looks for what it answers.
    pub(super) orphan: bool,
}

impl Topic {
    /// The topic of a letter; `None` where none is to be found by it.
    pub(super) fn of(letter: &LetterSummary) -> Option<Self> {
        let bare = bare_subject(&letter.subject, Prefix::Answer);
        let words: Vec<String> = bare.split_whitespace().map(str::to_lowercase).collect();
        if words.is_empty() || letter.list_id.is_some() {
            return None;
        }
        let is_answer = bare.len() < letter.subject.trim().len();
        let names_none = letter.in_reply_to.is_empty() && letter.references.is_empty();
        Some(Self { subject: hash(words.join(" ").as_bytes()), orphan: is_answer && names_none })
    }

    /// The number under which a letter of this time is kept.
    pub(super) fn number(self, account: AccountId, date: Timestamp) -> i64 {
        self.in_window(account, window(date), self.orphan)
    }

    /// Windows first, so that letters of one time, which come together, are together on the disk.
    fn in_window(self, account: AccountId, window: i64, orphan: bool) -> i64 {
        let mixed = hash(&(self.subject ^ account.0.cast_unsigned().rotate_left(32)).to_le_bytes());
        (window << (BITS + 1)) | ((mixed >> (64 - BITS)).cast_signed() << 1) | i64::from(orphan)
    }
}

fn window(date: Timestamp) -> i64 {
    date.as_second().clamp(0, (1 << 40) - 1) / WINDOW
}

/// One of two letters that are compared.
struct Side<'a> {
    orphan: bool,
    date: Timestamp,
    people: &'a People,
}

/// The threads that a letter belongs to by its subject.
pub(super) fn related(db: &Connection, account: AccountId, letter: &Prepared) -> Result<BTreeSet<ThreadId>> {
    let mut threads = BTreeSet::new();
    let Some(topic) = letter.text.topic else { return Ok(threads) };
    let this = Side { orphan: topic.orphan, date: letter.date, people: &letter.text.people };
    let sql = "SELECT thread, date, people FROM content WHERE topic = ?1 ORDER BY id LIMIT ?2";
    let mut query = db.prepare_cached(sql)?;
    for (window, orphan) in neighbours(window(letter.date), topic.orphan) {
        let key = (topic.in_window(account, window, orphan), MOST);
        let found = query.query_map(key, |row| {
            Ok((ThreadId(row.get(0)?), row.get::<_, Time>(1)?.0, row.get::<_, Json<People>>(2)?.0))
        })?;
        for candidate in found {
            let (thread, date, people) = candidate?;
            let other = Side { orphan, date, people: &people };
            if answers(&this, &other) || answers(&other, &this) {
                threads.insert(present(db, thread)?);
            }
        }
    }
    Ok(threads)
}

/// Where letters are that may belong to one in this window: those that may answer it, and, where it looks for what it
/// answers, those that it may answer.
fn neighbours(window: i64, orphan: bool) -> Vec<(i64, bool)> {
    let mut windows = vec![(window, true), (window + 1, true)];
    if orphan {
        windows.extend([(window, false), (window - 1, false), (window - 1, true)]);
    }
    windows
}

fn answers(answer: &Side<'_>, original: &Side<'_>) -> bool {
    let after = answer.date.as_second() - original.date.as_second();
    answer.orphan
        && original.date <= answer.date
        && after <= WINDOW
        && is_to(answer.people, original.people)
        && is_to(original.people, answer.people)
}

/// Whether a letter is addressed to the writer of another.
fn is_to(letter: &People, other: &People) -> bool {
    let same = |one: &Address, other: &Address| {
        !one.address.is_empty() && one.address.to_lowercase() == other.address.to_lowercase()
    };
    let mut recipients = letter.to.iter().chain(&letter.cc);
    recipients.any(|recipient| other.from.iter().chain(&other.reply_to).any(|writer| same(recipient, writer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_names_no_letter_looks_for_what_it_answers() {
        let letter = |subject: &str| LetterSummary { subject: subject.into(), ..LetterSummary::default() };
        let orphan = |letter: &LetterSummary| Topic::of(letter).map(|topic| topic.orphan);
        assert_eq!(orphan(&letter("Lunch")), Some(false));
        assert_eq!(orphan(&letter("AW: Re: Lunch")), Some(true));
        assert_eq!(orphan(&letter("Fwd: Lunch")), Some(false));
        assert_eq!(orphan(&letter("Re:")), None);
        let named = LetterSummary { references: vec!["a@b".into()], ..letter("Re: Lunch") };
        assert_eq!(orphan(&named), Some(false));
        let of_a_list = LetterSummary { list_id: Some("l".into()), ..letter("Re: Lunch") };
        assert_eq!(orphan(&of_a_list), None);
        let subject = |text: &str| Topic::of(&letter(text)).map(|topic| topic.subject);
        assert_eq!(subject("Re:  lunch  TODAY"), subject("Lunch today"));
        assert_ne!(subject("Fwd: Lunch"), subject("Lunch"));
    }

    #[test]
    fn a_topic_is_another_in_another_account_and_in_another_month() {
        let topic = Topic { subject: 7, orphan: false };
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let numbers = [
            topic.number(AccountId(1), at(0)),
            topic.number(AccountId(2), at(0)),
            topic.number(AccountId(1), at(WINDOW)),
            Topic { orphan: true, ..topic }.number(AccountId(1), at(0)),
        ];
        assert_eq!(BTreeSet::from(numbers).len(), numbers.len());
        assert_eq!(topic.number(AccountId(1), at(5)), numbers[0]);
        assert!(topic.number(AccountId(1), Timestamp::MAX) > 0);
    }
}
