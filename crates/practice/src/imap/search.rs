//! SEARCH (RFC 3501 §6.4.4): whether a letter is one of those that are sought. Text is compared without regard to
//! case, as far as Unicode lower case goes; dates without regard to the time of day and the zone.

use imap_types::datetime::NaiveDate;
use imap_types::search::SearchKey;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::numbers;
use crate::mailroom::{Letter, Mailbox};
use crate::mime::{Entity, decode_words, fields, slice};

/// A letter among those that the client knows.
pub(crate) struct Candidate<'a> {
    pub(crate) number: u32,
    pub(crate) letter: &'a Letter,
    /// How many letters the client knows, and the largest of their UIDs: what `*` means.
    pub(crate) count: u32,
    pub(crate) largest_uid: u32,
}

/// Whether all the keys hold.
pub(crate) fn matches(candidate: &Candidate<'_>, keys: &[SearchKey<'_>]) -> bool {
    keys.iter().all(|key| holds(candidate, key))
}

fn holds(candidate: &Candidate<'_>, key: &SearchKey<'_>) -> bool {
    let letter = candidate.letter;
    let header = |name: &str, text: &[u8]| header_contains(letter, name, text);
    match key {
        SearchKey::And(keys) => matches(candidate, keys.as_ref()),
        SearchKey::Or(one, other) => holds(candidate, one) || holds(candidate, other),
        SearchKey::Not(key) => !holds(candidate, key),
        SearchKey::All | SearchKey::Old => true,
        SearchKey::New | SearchKey::Recent => false,
        SearchKey::SequenceSet(set) => numbers::names(set, candidate.number, candidate.count),
        SearchKey::Uid(set) => numbers::names(set, letter.uid, candidate.largest_uid),
        SearchKey::Answered => letter.has("\\Answered"),
        SearchKey::Deleted => letter.has("\\Deleted"),
        SearchKey::Draft => letter.has("\\Draft"),
        SearchKey::Flagged => letter.has("\\Flagged"),
        SearchKey::Seen => letter.has("\\Seen"),
        SearchKey::Keyword(word) => has_keyword(letter, word.as_ref()),
        SearchKey::Unanswered => !letter.has("\\Answered"),
        SearchKey::Undeleted => !letter.has("\\Deleted"),
        SearchKey::Undraft => !letter.has("\\Draft"),
        SearchKey::Unflagged => !letter.has("\\Flagged"),
        SearchKey::Unseen => !letter.has("\\Seen"),
        SearchKey::Unkeyword(word) => !has_keyword(letter, word.as_ref()),
        SearchKey::Bcc(text) => header("Bcc", text.as_ref()),
        SearchKey::Cc(text) => header("Cc", text.as_ref()),
        SearchKey::From(text) => header("From", text.as_ref()),
        SearchKey::Subject(text) => header("Subject", text.as_ref()),
        SearchKey::To(text) => header("To", text.as_ref()),
        SearchKey::Header(name, text) => header(&String::from_utf8_lossy(name.as_ref()), text.as_ref()),
        SearchKey::Body(text) => body_contains(letter, text.as_ref()),
        SearchKey::Text(text) => whole_header_contains(letter, text.as_ref()) || body_contains(letter, text.as_ref()),
        SearchKey::Larger(size) => letter.bytes.len() > *size as usize,
        SearchKey::Smaller(size) => letter.bytes.len() < *size as usize,
        SearchKey::Before(date) => day(date).is_some_and(|day| received(letter) < day),
        SearchKey::On(date) => day(date).is_some_and(|day| received(letter) == day),
        SearchKey::Since(date) => day(date).is_some_and(|day| received(letter) >= day),
        SearchKey::SentBefore(date) => sent(letter).zip(day(date)).is_some_and(|(sent, day)| sent < day),
        SearchKey::SentOn(date) => sent(letter).zip(day(date)).is_some_and(|(sent, day)| sent == day),
        SearchKey::SentSince(date) => sent(letter).zip(day(date)).is_some_and(|(sent, day)| sent >= day),
        SearchKey::ModSequence { modseq, .. } => letter.modseq >= *modseq,
    }
}

/// Whether the keys ask for mod-sequences, so that the answer carries the highest one (RFC 7162 §3.1.5).
pub(crate) fn asks_for_modseq(keys: &[SearchKey<'_>]) -> bool {
    keys.iter().any(|key| match key {
        SearchKey::And(keys) => asks_for_modseq(keys.as_ref()),
        SearchKey::Or(one, other) => asks_for_modseq(&[one.as_ref().clone(), other.as_ref().clone()]),
        SearchKey::Not(key) => asks_for_modseq(std::slice::from_ref(key)),
        SearchKey::ModSequence { .. } => true,
        _ => false,
    })
}

/// The highest mod-sequence among the found.
pub(crate) fn highest_modseq(mailbox: &Mailbox, uids: &[u32]) -> Option<u64> {
    uids.iter().filter_map(|uid| mailbox.letter(*uid)).map(|letter| letter.modseq).max()
}

fn has_keyword(letter: &Letter, word: &str) -> bool {
    letter.flags.iter().any(|flag| flag.eq_ignore_ascii_case(word))
}

fn header_contains(letter: &Letter, name: &str, text: &[u8]) -> bool {
    let header = Entity::parse(&letter.bytes).header;
    let mut all = fields(slice(&letter.bytes, &header));
    all.any(|(key, value)| key.eq_ignore_ascii_case(name) && contains(&decode_words(&value), text))
}

fn whole_header_contains(letter: &Letter, text: &[u8]) -> bool {
    let header = Entity::parse(&letter.bytes).header;
    let mut all = fields(slice(&letter.bytes, &header));
    all.any(|(key, value)| contains(&format!("{key}: {}", decode_words(&value)), text))
}

fn body_contains(letter: &Letter, text: &[u8]) -> bool {
    let entity = Entity::parse(&letter.bytes);
    let plain = entity.plain_text(&letter.bytes);
    plain.is_some_and(|plain| contains(&plain, text))
        || contains(&String::from_utf8_lossy(slice(&letter.bytes, &entity.body)), text)
}

fn contains(text: &str, sought: &[u8]) -> bool {
    text.to_lowercase().contains(&String::from_utf8_lossy(sought).to_lowercase())
}

fn received(letter: &Letter) -> Date {
    letter.received.to_zoned(TimeZone::UTC).date()
}

fn sent(letter: &Letter) -> Option<Date> {
    let date = Entity::parse(&letter.bytes).field(&letter.bytes, "Date")?;
    jiff::fmt::rfc2822::parse(&date).ok().map(|zoned| zoned.date())
}

/// The date of a key; chrono, in which imap-types has it, writes it as ISO 8601.
fn day(date: &NaiveDate) -> Option<Date> {
    date.as_ref().to_string().parse().ok()
}
