//! A segment: the words of some hundreds to millions of messages, in the order of their octets, each with the documents
//! that have it. Once written it never changes; several small ones become one larger one (`merge`).
//!
//! Keys, in their order: pairs of neighbours (they begin with 1), marks (with 2), words. Behind the words that begin
//! with the same letters, up to five of them, stands one entry for all of these words together, where there are many:
//! its key is those letters and an octet that no text has. So what begins with `a` is one entry and not a hundred
//! thousand.

use super::codec::{Doc, put_entry, put_list};
use super::entry::{FIELDS, is_word, pair_key, pairs, words};
use super::facts::{FactPages, Known};
use crate::Result;
use foldhash::{HashMap, HashMapExt};
use rusqlite::Connection;

/// The octet behind the letters of a beginning. It is in no UTF-8, and behind all that is.
pub(super) const BEGINNING: u8 = 0xff;
/// Octets of a block: with its key it fits on a page of the database.
const BLOCK: usize = 3800;
/// Letters of the longest beginning that has an entry of its own.
const LONGEST_BEGINNING: usize = 5;
/// Words that a beginning has to have before it gets one.
const MANY: u32 = 16;
/// Documents above which a beginning's are gathered bit by bit.
const SPARSE: usize = 8192;

/// Documents of each field.
pub(super) type ByField = [Vec<Doc>; FIELDS];

/// Some entries, with the first key.
pub(super) struct Block {
    pub(super) first: Vec<u8>,
    pub(super) entries: Vec<u8>,
}

/// Makes the blocks of a segment out of entries that come in the order of their keys.
pub(super) struct Writer {
    base: Doc,
    end: Doc,
    done: Vec<Block>,
    block: Block,
    last: Vec<u8>,
    lists: Vec<u8>,
    beginnings: [Beginning; LONGEST_BEGINNING],
}

impl Writer {
    /// For documents from `base`, a multiple of 64, up to `end`.
    pub(super) fn new(base: Doc, end: Doc) -> Self {
        let block = Block { first: Vec::new(), entries: Vec::with_capacity(BLOCK) };
        let (done, last, lists) = (Vec::new(), Vec::new(), Vec::new());
        Self { base, end, done, block, last, lists, beginnings: Default::default() }
    }

    /// Adds an entry. Documents are ascending and each once.
    pub(super) fn add(&mut self, key: &[u8], docs: &ByField) {
        if is_word(key) {
            self.begin(key);
            for beginning in self.beginnings.iter_mut().filter(|beginning| !beginning.letters.is_empty()) {
                beginning.add(docs, self.base, self.end);
            }
        }
        self.put(key, docs);
    }

    fn put(&mut self, key: &[u8], docs: &ByField) {
        self.lists.clear();
        for (field, docs) in docs.iter().enumerate() {
            put_list(&mut self.lists, field as u8, self.base, docs);
        }
        if self.lists.is_empty() {
            return;
        }
        if self.block.entries.len() + self.lists.len() + key.len() > BLOCK && !self.block.entries.is_empty() {
            self.cut();
        }
        if self.block.entries.is_empty() {
            self.block.first = key.to_vec();
            self.last.clear();
        }
        put_entry(&mut self.block.entries, &self.last, key, &self.lists);
        self.last.clear();
        self.last.extend(key);
    }

    fn cut(&mut self) {
        let next = Block { first: Vec::new(), entries: Vec::with_capacity(BLOCK) };
        self.done.push(std::mem::replace(&mut self.block, next));
    }

    /// Ends the beginnings that this word does not have, the longest first, and begins its own.
    fn begin(&mut self, word: &[u8]) {
        for level in (0..LONGEST_BEGINNING).rev() {
            let letters = letters(word, level + 1).unwrap_or_default();
            if self.beginnings.get(level).is_some_and(|beginning| beginning.letters != letters) {
                self.end_beginning(level, letters);
            }
        }
    }

    fn end_beginning(&mut self, level: usize, next: &[u8]) {
        let Some(beginning) = self.beginnings.get_mut(level) else { return };
        let mut key = std::mem::replace(&mut beginning.letters, next.to_vec());
        let (words, docs) = beginning.taken();
        if words >= MANY && !key.is_empty() {
            key.push(BEGINNING);
            self.put(&key, &docs);
        }
    }

    /// The blocks that are finished.
    pub(super) fn take_done(&mut self) -> Vec<Block> {
        std::mem::take(&mut self.done)
    }

    /// Octets in finished blocks.
    pub(super) fn done_octets(&self) -> usize {
        self.done.iter().map(|block| block.entries.len()).sum()
    }

    /// The last blocks.
    pub(super) fn finish(mut self) -> Vec<Block> {
        for level in (0..LONGEST_BEGINNING).rev() {
            self.end_beginning(level, &[]);
        }
        if !self.block.entries.is_empty() {
            self.cut();
        }
        self.done
    }
}

/// The first letters of a word; `None` where it has fewer.
fn letters(word: &[u8], count: usize) -> Option<&[u8]> {
    let mut seen = 0;
    for (at, octet) in word.iter().enumerate() {
        // Every octet of UTF-8 but those that go on begins a letter.
        if octet & 0xc0 != 0x80 {
            if seen == count {
                return word.get(..at);
            }
            seen += 1;
        }
    }
    (seen == count).then_some(word)
}

/// The documents of all words that begin so.
#[derive(Default)]
struct Beginning {
    letters: Vec<u8>,
    words: u32,
    few: ByField,
    many: [Vec<u64>; FIELDS],
    base_of_many: Doc,
}

impl Beginning {
    fn add(&mut self, docs: &ByField, base: Doc, end: Doc) {
        self.words += 1;
        for ((few, many), docs) in self.few.iter_mut().zip(&mut self.many).zip(docs) {
            few.extend(docs);
            if few.len() <= SPARSE {
                continue;
            }
            if many.is_empty() {
                many.resize((end - base) as usize / 64 + 1, 0);
            }
            for doc in few.drain(..) {
                if let Some(word) = many.get_mut((doc - base) as usize / 64) {
                    *word |= 1 << ((doc - base) % 64);
                }
            }
        }
        self.base_of_many = base;
    }

    fn taken(&mut self) -> (u32, ByField) {
        let mut docs = ByField::default();
        let words = std::mem::take(&mut self.words);
        if words < MANY {
            self.few.iter_mut().for_each(Vec::clear);
            self.many.iter_mut().for_each(Vec::clear);
            return (words, docs);
        }
        for ((few, many), docs) in self.few.iter_mut().zip(&mut self.many).zip(&mut docs) {
            docs.append(few);
            for (at, word) in many.iter().enumerate() {
                let mut left = *word;
                while left != 0 {
                    docs.push(self.base_of_many + at as Doc * 64 + left.trailing_zeros());
                    left &= left - 1;
                }
            }
            many.clear();
            docs.sort_unstable();
            docs.dedup();
        }
        (words, docs)
    }
}

/// A message that waits for its segment.
pub(super) struct Waiting {
    pub(super) doc: Doc,
    pub(super) known: Known,
    pub(super) entry: Vec<u8>,
}

/// Makes a segment of messages, which come in the order of their documents.
pub(super) fn build(messages: &[Waiting]) -> (Doc, Vec<Block>) {
    let base = messages.first().map_or(0, |first| first.doc / 64 * 64);
    let end = messages.last().map_or(base, |last| last.doc + 1);
    let mut by_key: HashMap<&[u8], Vec<(u8, Doc)>> = HashMap::new();
    let mut neighbours = Vec::new();
    for message in messages {
        neighbours.extend(pairs(&message.entry).map(|(pair, fields)| (pair, message.doc, fields.0)));
        for (word, fields) in words(&message.entry) {
            by_key.entry(word).or_default().push((fields.0, message.doc));
        }
    }
    let mut writer = Writer::new(base, end);
    write_pairs(&mut writer, &mut neighbours);
    let mut all: Vec<_> = by_key.into_iter().collect();
    all.sort_unstable_by_key(|(key, _)| *key);
    let mut docs = ByField::default();
    for (key, places) in all {
        spread(places.into_iter(), &mut docs);
        writer.add(key, &docs);
    }
    (base, writer.finish())
}

fn write_pairs(writer: &mut Writer, pairs: &mut [(u16, Doc, u8)]) {
    pairs.sort_unstable();
    let mut docs = ByField::default();
    for same in pairs.chunk_by(|a, b| a.0 == b.0) {
        let Some((pair, ..)) = same.first() else { continue };
        spread(same.iter().map(|(_, doc, fields)| (*fields, *doc)), &mut docs);
        writer.add(&pair_key(*pair), &docs);
    }
}

fn spread(places: impl Iterator<Item = (u8, Doc)>, docs: &mut ByField) {
    docs.iter_mut().for_each(Vec::clear);
    for (fields, doc) in places {
        for (field, docs) in docs.iter_mut().enumerate() {
            if fields & (1 << field) != 0 {
                docs.push(doc);
            }
        }
    }
}

/// Writes blocks of a segment.
pub(super) fn put_blocks(db: &Connection, segment: i64, blocks: &[Block]) -> Result<()> {
    let sql = "INSERT INTO word_block (segment, first, entries) VALUES (?1, ?2, ?3)";
    let mut insert = db.prepare_cached(sql)?;
    for Block { first, entries } in blocks {
        insert.execute((segment, first, entries))?;
    }
    Ok(())
}

/// Notes what is known of messages beside their words.
pub(super) fn put_facts(db: &Connection, messages: &[Waiting]) -> Result<()> {
    let mut pages = FactPages::new(db);
    for message in messages {
        pages.set(message.doc, message.known)?;
    }
    pages.write()
}
