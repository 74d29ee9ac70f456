//! What is known of each document beside its words: when it was written, which message it is, how large it is. Numbers
//! of one width side by side, in pages, so that the dates of a million messages are read at once.

use super::codec::Doc;
use super::set::Set;
use crate::Result;
use model::ContentId;
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Documents of a page: their dates fit on one page of the database.
const PAGE: usize = 960;

/// One of the facts. The number is part of the key on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    /// Seconds since 1970; 0: there is no such document any more.
    Date,
    /// Octets.
    Size,
    /// Number of the content.
    Content,
}

impl Fact {
    fn width(self) -> usize {
        match self {
            Self::Date | Self::Size => 4,
            Self::Content => 8,
        }
    }

    fn key(self, page: usize) -> i64 {
        ((self as i64) << 32) | page as i64
    }
}

/// All that is known of a document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) content: ContentId,
    /// Seconds since 1970, never 0.
    pub(super) date: u32,
    pub(super) size: u32,
}

/// Pages that are being changed.
pub(super) struct FactPages<'a> {
    db: &'a Connection,
    pages: BTreeMap<i64, Vec<u8>>,
}

impl<'a> FactPages<'a> {
    pub(super) fn new(db: &'a Connection) -> Self {
        Self { db, pages: BTreeMap::new() }
    }

    pub(super) fn set(&mut self, doc: Doc, known: Known) -> Result<()> {
        self.put(Fact::Date, doc, &known.date.to_le_bytes())?;
        self.put(Fact::Size, doc, &known.size.to_le_bytes())?;
        self.put(Fact::Content, doc, &known.content.0.to_le_bytes())
    }

    /// There is no such document any more.
    pub(super) fn forget(&mut self, doc: Doc) -> Result<()> {
        self.put(Fact::Date, doc, &[0; 4])
    }

    fn put(&mut self, fact: Fact, doc: Doc, octets: &[u8]) -> Result<()> {
        let key = fact.key(doc as usize / PAGE);
        let page = match self.pages.entry(key) {
            std::collections::btree_map::Entry::Occupied(page) => page.into_mut(),
            std::collections::btree_map::Entry::Vacant(empty) => {
                let page = page(self.db, key)?.unwrap_or_else(|| vec![0; PAGE * fact.width()]);
                empty.insert(page)
            }
        };
        let at = doc as usize % PAGE * fact.width();
        if let Some(place) = page.get_mut(at..at + octets.len()) {
            place.copy_from_slice(octets);
        }
        Ok(())
    }

    pub(super) fn write(self) -> Result<()> {
        let mut put = self.db.prepare_cached("INSERT OR REPLACE INTO word_fact (id, octets) VALUES (?1, ?2)")?;
        for (key, page) in self.pages {
            put.execute((key, page))?;
        }
        Ok(())
    }
}

fn page(db: &Connection, key: i64) -> Result<Option<Vec<u8>>> {
    let mut query = db.prepare_cached("SELECT octets FROM word_fact WHERE id = ?1")?;
    Ok(query.query_row([key], |row| row.get(0)).optional()?)
}

/// Dates or sizes of documents from some number on, each at its place.
pub(super) fn column(db: &Connection, fact: Fact, from: Doc, end: Doc) -> Result<Vec<u32>> {
    let mut all = Vec::with_capacity(end as usize + 1);
    let (first, last) = (from as usize / PAGE, end as usize / PAGE);
    all.resize(first * PAGE, 0);
    let mut query = db.prepare_cached("SELECT id, octets FROM word_fact WHERE id BETWEEN ?1 AND ?2 ORDER BY id")?;
    let mut rows = query.query((fact.key(first), fact.key(last)))?;
    while let Some(row) = rows.next()? {
        let page = (row.get::<_, i64>(0)? & 0xffff_ffff) as usize;
        all.resize(page * PAGE, 0);
        let octets = row.get_ref(1)?.as_blob().unwrap_or_default();
        all.extend(octets.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)));
    }
    all.resize(end as usize + 1, 0);
    Ok(all)
}

/// A column, and the version of which it is.
type Gathered = (i64, Arc<Vec<u32>>);

/// Columns that were read, for the next search: what they say changes only with a new segment.
#[derive(Default)]
pub(crate) struct FactCache(Mutex<BTreeMap<Fact, Gathered>>);

impl FactCache {
    /// A whole column. `version` is the number of the last segment.
    pub(super) fn column(&self, db: &Connection, fact: Fact, version: i64, end: Doc) -> Result<Arc<Vec<u32>>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&fact).cloned();
        if let Some((_, column)) = kept.filter(|(of, _)| *of == version) {
            return Ok(column);
        }
        let column = Arc::new(column(db, fact, 0, end)?);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(fact, (version, Arc::clone(&column)));
        Ok(column)
    }
}

/// A number of every document.
pub(crate) struct Column {
    pub(super) settled: Arc<Vec<u32>>,
    /// Of the fresh ones, which come after all others.
    pub(super) fresh: Vec<(Doc, u32)>,
}

impl Column {
    /// Of one document; 0 where there is none.
    pub(crate) fn get(&self, doc: Doc) -> u32 {
        match self.fresh.first() {
            Some((first, _)) if doc >= *first => {
                let at = self.fresh.binary_search_by_key(&doc, |(doc, _)| *doc);
                at.ok().and_then(|at| self.fresh.get(at)).map_or(0, |(_, number)| *number)
            }
            _ => self.settled.get(doc as usize).copied().unwrap_or(0),
        }
    }

    /// The documents whose number fits.
    pub(crate) fn where_each(&self, mut set: Set, fits: impl Fn(u32) -> bool) -> Set {
        for (doc, number) in self.settled.iter().enumerate() {
            if fits(*number) {
                set.add(doc as Doc);
            }
        }
        self.fresh.iter().filter(|(_, number)| fits(*number)).for_each(|(doc, _)| set.add(*doc));
        set
    }
}

/// Documents from `from` up to `end` that are still there.
pub(super) fn alive(db: &Connection, from: Doc, end: Doc) -> Result<Set> {
    let mut alive = Set::empty(end);
    for (doc, date) in column(db, Fact::Date, from, end)?.into_iter().enumerate() {
        if date != 0 {
            alive.add(doc as Doc);
        }
    }
    for doc in gone(db)? {
        alive.remove(doc);
    }
    Ok(alive)
}

/// Documents that went, and whose pages do not say so yet.
pub(super) fn gone(db: &Connection) -> Result<Vec<Doc>> {
    let mut query = db.prepare_cached("SELECT doc FROM word_gone")?;
    let gone = query.query_map([], |row| row.get(0))?;
    Ok(gone.collect::<rusqlite::Result<_>>()?)
}

/// Which messages documents are.
#[derive(Default)]
pub(super) struct Contents {
    pages: BTreeMap<i64, Vec<u8>>,
}

impl Contents {
    pub(super) fn of(&mut self, db: &Connection, doc: Doc) -> Result<Option<ContentId>> {
        let key = Fact::Content.key(doc as usize / PAGE);
        let page = match self.pages.entry(key) {
            std::collections::btree_map::Entry::Occupied(page) => page.into_mut(),
            std::collections::btree_map::Entry::Vacant(empty) => empty.insert(page(db, key)?.unwrap_or_default()),
        };
        let at = doc as usize % PAGE * 8;
        let number = page.get(at..at + 8).and_then(|octets| octets.try_into().ok()).map(i64::from_le_bytes);
        Ok(number.filter(|number| *number != 0).map(ContentId))
    }
}
