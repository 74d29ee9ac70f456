//! What is indexed of one message, made ready away from the writer: each of its words once, with the places where it
//! stands, and which words stand side by side.
//!
//! ```text
//! entry = count of words (varint), words in order, pairs in order
//! word  = places (one bit for each Field), length, octets
//! pair  = a hash of two neighbours (2 octets, little end first), places
//! ```

use super::codec::{put_varint, take_varint};
use crate::mail::LetterSummary;
use foldhash::HashMap;
use model::Address;
use model::words::{CutKind, cut};

/// Different words of a message that are indexed. A novel has fewer.
const MOST_WORDS: usize = 20_000;
/// Different pairs of neighbours that are indexed.
const MOST_PAIRS: usize = 40_000;

/// Begins the key of a mark, which no word begins with.
const MARK: char = '\u{2}';

/// The mark of messages with files.
pub(super) const ATTACHMENT: &str = "\u{2}attachment";

/// Where a word stands. The number is what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Field {
    Subject,
    Sender,
    Recipients,
    Cc,
    Names,
    List,
    Body,
}

/// How many there are.
pub(super) const FIELDS: usize = 7;

/// A set of fields, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(super) u8);

impl Fields {
    /// Every field.
    pub(crate) const ALL: Self = Self((1 << FIELDS) - 1);
    /// What stands at the head of a letter.
    pub(crate) const HEAD: Self = Self(Self::ALL.0 & !(1 << Field::Body as u8));

    /// These fields.
    pub(crate) fn of(fields: &[Field]) -> Self {
        Self(fields.iter().fold(0, |all, field| all | 1 << *field as u8))
    }

    /// Those that are in both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn has(self, field: u8) -> bool {
        self.0 & 1u8.checked_shl(u32::from(field)).unwrap_or(0) != 0
    }
}

/// What is indexed of a message.
#[derive(Debug)]
pub(crate) struct IndexEntry {
    pub(super) bytes: Vec<u8>,
}

/// Makes ready what is indexed of a message.
pub(crate) fn prepare(summary: &LetterSummary) -> IndexEntry {
    let mut gathered = Gathered::default();
    gathered.add(Field::Subject, &summary.subject);
    gathered.people(Field::Sender, &summary.from);
    gathered.people(Field::Recipients, &summary.to);
    gathered.people(Field::Cc, &summary.cc);
    for name in &summary.attachment_names {
        gathered.add(Field::Names, name);
    }
    if let Some(list) = &summary.list_id {
        gathered.add(Field::List, list);
    }
    if summary.attachments > 0 {
        gathered.words.insert(ATTACHMENT.into(), 1 << Field::Names as u8);
    }
    gathered.add(Field::Body, &summary.text);
    IndexEntry { bytes: gathered.packed() }
}

#[derive(Default)]
struct Gathered {
    words: HashMap<Box<str>, u8>,
    pairs: HashMap<u16, u8>,
}

impl Gathered {
    fn people(&mut self, field: Field, people: &[Address]) {
        for who in people {
            self.add(field, who.name.as_deref().unwrap_or_default());
            self.add(field, &who.address);
        }
    }

    fn add(&mut self, field: Field, text: &str) {
        let place = 1u8 << field as u8;
        let mut before = String::new();
        let Self { words, pairs } = self;
        cut(text, |cut| {
            if let Some(places) = words.get_mut(cut.word) {
                *places |= place;
            } else if words.len() < MOST_WORDS {
                words.insert(cut.word.into(), place);
            }
            let is_word = cut.kind == CutKind::Word;
            if is_word && !before.is_empty() && pairs.len() < MOST_PAIRS {
                *pairs.entry(neighbours(&before, cut.word)).or_default() |= place;
            }
            before.clear();
            if is_word {
                before.push_str(cut.word);
            }
        });
    }

    fn packed(self) -> Vec<u8> {
        let mut words: Vec<_> = self.words.into_iter().collect();
        words.sort_unstable();
        let mut bytes = Vec::with_capacity(words.len() * 9 + self.pairs.len() * 3 + 4);
        put_varint(&mut bytes, words.len() as u64);
        for (word, places) in &words {
            bytes.extend([*places, word.len() as u8]);
            bytes.extend(word.as_bytes());
        }
        let mut pairs: Vec<_> = self.pairs.into_iter().collect();
        pairs.sort_unstable();
        for (pair, places) in pairs {
            bytes.extend(pair.to_be_bytes());
            bytes.push(places);
        }
        bytes
    }
}

/// Two neighbours as a number that fits on disk (FNV-1a, folded). Others may have the same.
pub(super) fn neighbours(first: &str, second: &str) -> u16 {
    let octets = first.bytes().chain([b' ']).chain(second.bytes());
    let hash = octets
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3));
    (hash ^ (hash >> 16) ^ (hash >> 32) ^ (hash >> 48)) as u16
}

/// The key of a pair of neighbours; no word begins so.
pub(super) fn pair_key(pair: u16) -> [u8; 3] {
    let [high, low] = pair.to_be_bytes();
    [1, high, low]
}

/// Whether a key is that of a word.
pub(super) fn is_word(key: &[u8]) -> bool {
    key.first().is_some_and(|first| *first > MARK as u8)
}

/// The pairs of an entry, in the order of their numbers, with their places.
pub(super) fn pairs(entry: &[u8]) -> impl Iterator<Item = (u16, Fields)> {
    let mut rest = entry;
    for _ in 0..take_varint(&mut rest) {
        next_word(&mut rest);
    }
    rest.chunks_exact(3).filter_map(|pair| match *pair {
        [high, low, places] => Some((u16::from_be_bytes([high, low]), Fields(places))),
        _ => None,
    })
}

/// The marks and words of an entry, in the order of their octets, with their places.
pub(super) fn words(entry: &[u8]) -> impl Iterator<Item = (&[u8], Fields)> {
    let mut rest = entry;
    let count = take_varint(&mut rest);
    (0..count).map_while(move |_| next_word(&mut rest))
}

fn next_word<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], Fields)> {
    let [places, length, after @ ..] = *rest else {
        *rest = &[];
        return None;
    };
    let (word, after) = after.split_at_checked(usize::from(*length)).unwrap_or((after, &[]));
    *rest = after;
    Some((word, Fields(*places)))
}
