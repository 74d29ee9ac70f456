//! What the index is asked.

use super::codec::{Doc, Entries, add_to_set};
use super::entry::{ATTACHMENT, Fields, neighbours, pair_key, pairs, words};
use super::facts::{Column, Contents, Fact, FactCache, gone};
use super::merge::{Segment, segments};
use super::segment::{BEGINNING, Waiting};
use super::set::Set;
use crate::Result;
use model::ContentId;
use model::query::Ending;
use rusqlite::{Connection, OptionalExtension};
use std::cell::RefCell;

/// The index as it is now. Whoever asks holds one transaction.
pub(crate) struct Index<'a> {
    db: &'a Connection,
    segments: Vec<Segment>,
    fresh: Vec<Waiting>,
    end: Doc,
    contents: RefCell<Contents>,
    cache: &'a FactCache,
    /// The number of the last segment.
    version: i64,
}

impl<'a> Index<'a> {
    /// Opens it.
    pub(crate) fn open(db: &'a Connection, cache: &'a FactCache) -> Result<Self> {
        let segments = segments(db)?;
        let fresh = super::waiting(db)?;
        let settled = segments.iter().map(|segment| segment.end).max().unwrap_or(0);
        let end = fresh.last().map_or(settled, |last| settled.max(last.doc + 1));
        let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'word_segment'";
        let version = db.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(Self { db, segments, fresh, end, contents: RefCell::default(), cache, version })
    }

    /// The first number that is no document's.
    pub(crate) fn end(&self) -> Doc {
        self.end
    }

    /// No documents.
    pub(crate) fn none(&self) -> Set {
        Set::empty(self.end)
    }

    /// Every document that is there, by their dates.
    pub(crate) fn all(&self, dates: &Column) -> Result<Set> {
        let mut all = dates.where_each(self.none(), |date| date != 0);
        for doc in gone(self.db)? {
            all.remove(doc);
        }
        Ok(all)
    }

    /// Documents with a word in these fields, or also with words that begin so.
    pub(crate) fn word(&self, word: &str, ending: Ending, fields: Fields) -> Result<Set> {
        match ending {
            Ending::Whole => self.key(word.as_bytes(), fields),
            Ending::Open => self.beginning(word.as_bytes(), fields),
        }
    }

    /// Documents in which these words stand side by side. A few others may be among them: pairs are told by a hash.
    pub(crate) fn neighbours(&self, first: &str, second: &str, fields: Fields) -> Result<Set> {
        let pair = neighbours(first, second);
        let mut set = self.settled(&pair_key(pair), fields)?;
        for message in &self.fresh {
            if pairs(&message.entry).any(|(other, places)| other == pair && places.and(fields) != Fields::default()) {
                set.add(message.doc);
            }
        }
        Ok(set)
    }

    /// Documents with files.
    pub(crate) fn with_attachment(&self) -> Result<Set> {
        self.key(ATTACHMENT.as_bytes(), Fields::ALL)
    }

    /// When each document was written, in seconds since 1970.
    pub(crate) fn dates(&self) -> Result<Column> {
        self.column(Fact::Date, |message| message.known.date)
    }

    /// How large each document is, in octets.
    pub(crate) fn sizes(&self) -> Result<Column> {
        self.column(Fact::Size, |message| message.known.size)
    }

    fn column(&self, fact: Fact, of: impl Fn(&Waiting) -> u32) -> Result<Column> {
        let settled = self.cache.column(self.db, fact, self.version, self.end)?;
        Ok(Column { settled, fresh: self.fresh.iter().map(|message| (message.doc, of(message))).collect() })
    }

    /// Which message a document is.
    pub(crate) fn content(&self, doc: Doc) -> Result<Option<ContentId>> {
        match self.fresh.binary_search_by_key(&doc, |message| message.doc) {
            Ok(at) => Ok(self.fresh.get(at).map(|message| message.known.content)),
            Err(_) => self.contents.borrow_mut().of(self.db, doc),
        }
    }

    /// The documents of a key in the segments.
    fn settled(&self, key: &[u8], fields: Fields) -> Result<Set> {
        let mut set = self.none();
        for segment in &self.segments {
            self.one(segment, key, fields, &mut set)?;
        }
        Ok(set)
    }

    fn key(&self, key: &[u8], fields: Fields) -> Result<Set> {
        let mut set = self.settled(key, fields)?;
        self.among_fresh(fields, &mut set, |other| other == key);
        Ok(set)
    }

    fn beginning(&self, letters: &[u8], fields: Fields) -> Result<Set> {
        let mut set = self.none();
        let end = [letters, &[BEGINNING]].concat();
        for segment in &self.segments {
            if !self.one(segment, &end, fields, &mut set)? {
                self.between(segment, letters, &end, fields, &mut set)?;
            }
        }
        self.among_fresh(fields, &mut set, |other| other.starts_with(letters));
        Ok(set)
    }

    fn among_fresh(&self, fields: Fields, set: &mut Set, fits: impl Fn(&[u8]) -> bool) {
        for message in &self.fresh {
            if words(&message.entry).any(|(word, places)| fits(word) && places.and(fields) != Fields::default()) {
                set.add(message.doc);
            }
        }
    }

    /// Adds the documents of one key. Tells whether the segment has it.
    fn one(&self, segment: &Segment, key: &[u8], fields: Fields, set: &mut Set) -> Result<bool> {
        let sql = "SELECT entries FROM word_block WHERE segment = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1";
        let mut query = self.db.prepare_cached(sql)?;
        let found = query.query_row((segment.id, key), |row| {
            let mut entries = Entries::of(row.get_ref(0)?.as_blob().unwrap_or_default());
            while let Some(lists) = entries.next() {
                if entries.key() == key {
                    add_to_set(lists, fields, segment.base, set);
                    return Ok(true);
                }
                if entries.key() > key {
                    break;
                }
            }
            Ok(false)
        });
        Ok(found.optional()?.unwrap_or(false))
    }

    /// Adds the documents of all words from `first` up to `end`.
    fn between(&self, segment: &Segment, first: &[u8], end: &[u8], fields: Fields, set: &mut Set) -> Result<()> {
        let sql = "SELECT entries FROM word_block WHERE segment = ?1 AND first < ?3 AND first >= coalesce(
                       (SELECT first FROM word_block WHERE segment = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1),
                       ?2) ORDER BY first";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query((segment.id, first, end))?;
        while let Some(row) = rows.next()? {
            let mut entries = Entries::of(row.get_ref(0)?.as_blob().unwrap_or_default());
            while let Some(lists) = entries.next() {
                let key = entries.key();
                // A beginning within the beginning has only what its words have.
                if key >= first && key < end && key.last() != Some(&BEGINNING) {
                    add_to_set(lists, fields, segment.base, set);
                }
            }
        }
        Ok(())
    }
}
