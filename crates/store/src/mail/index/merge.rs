//! Small segments become larger ones, away from the writer: sixteen of a size make one of the next.
//!
//! What is merged does not change meanwhile, so it is read and written in steps, and others come in between. The new
//! segment counts when it is whole; what a program that ended in between left behind is removed by the next one.

use super::codec::{Doc, Entries, each_doc};
use super::facts::alive;
use super::segment::{BEGINNING, Block, ByField, Writer, put_blocks};
use super::set::Set;
use crate::{Result, Store};
use rusqlite::{Connection, OptionalExtension};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::atomic::Ordering;

/// Segments of one size that become one.
const TOGETHER: usize = if cfg!(test) { 3 } else { 16 };
/// Octets that one step makes, which is how long the writer is kept from others.
const STEP: usize = 1 << 20;
/// Blocks of a segment that are read at a time.
const AT_A_TIME: u32 = 32;
/// Blocks that are removed in one step.
const REMOVED_AT_A_TIME: u32 = 500;

/// A segment as it is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) id: i64,
    pub(super) level: u32,
    pub(super) base: Doc,
    pub(super) end: Doc,
}

/// The segments that count.
pub(super) fn segments(db: &Connection) -> Result<Vec<Segment>> {
    let sql = "SELECT id, level, base, end FROM word_segment WHERE state = 1 ORDER BY base, id";
    let mut query = db.prepare_cached(sql)?;
    let found = query.query_map([], |row| {
        Ok(Segment { id: row.get(0)?, level: row.get(1)?, base: row.get(2)?, end: row.get(3)? })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Which segments to merge next: the oldest of the smallest size of which there are enough.
fn due(segments: &[Segment]) -> Option<Vec<Segment>> {
    let of_level = |level: u32| -> Vec<Segment> {
        segments.iter().filter(|segment| segment.level == level).take(TOGETHER).copied().collect()
    };
    let deepest = segments.iter().map(|segment| segment.level).max()?;
    (0..=deepest).map(of_level).find(|same| same.len() == TOGETHER)
}

impl Store {
    /// Merges what is due, beside everything else.
    pub(crate) fn tidy_words_soon(&self) {
        if self.tidying().swap(true, Ordering::AcqRel) {
            return;
        }
        let store = self.clone();
        tokio::spawn(async move {
            if let Err(error) = store.tidy_words().await {
                tracing::warn!(%error, "the index of words could not be tidied; it grows until it is");
            }
            store.tidying().store(false, Ordering::Release);
        });
    }

    /// Merges what is due, and returns when nothing is. Another process that merges is left to it.
    pub async fn tidy_words(&self) -> Result<()> {
        let Some(_lock) = self.words_lock()? else { return Ok(()) };
        self.remove_leftovers().await?;
        while let Some(sources) = self.mail(|db| Ok(due(&segments(db)?))).await? {
            self.merge(sources).await?;
            self.remove_leftovers().await?;
        }
        Ok(())
    }

    async fn merge(&self, sources: Vec<Segment>) -> Result<()> {
        let level = sources.iter().map(|segment| segment.level).max().unwrap_or(0) + 1;
        let base = sources.iter().map(|segment| segment.base).min().unwrap_or(0);
        let end = sources.iter().map(|segment| segment.end).max().unwrap_or(0);
        let id = self
            .write_mail(move |tx| {
                let sql = "INSERT INTO word_segment (level, base, end, state) VALUES (?1, ?2, ?3, 0)";
                tx.prepare_cached(sql)?.execute((level, base, end))?;
                Ok(tx.last_insert_rowid())
            })
            .await?;
        let mut merge = self
            .mail({
                let sources = sources.clone();
                move |db| Merge::begin(db, &sources, base, end)
            })
            .await?;
        loop {
            let blocks;
            (merge, blocks) = self
                .mail(move |db| {
                    let mut merge = merge;
                    let blocks = merge.step(db)?;
                    Ok((merge, blocks))
                })
                .await?;
            let Some(blocks) = blocks else { break };
            self.write_mail(move |tx| put_blocks(tx, id, &blocks)).await?;
        }
        self.write_mail(move |tx| {
            tx.execute("UPDATE word_segment SET state = 1 WHERE id = ?1", [id])?;
            for source in &sources {
                tx.execute("UPDATE word_segment SET state = 0 WHERE id = ?1", [source.id])?;
            }
            Ok(())
        })
        .await
    }

    /// Removes segments that do not count: merged ones, and those that were never finished.
    async fn remove_leftovers(&self) -> Result<()> {
        while self.write_mail(remove_some).await? {}
        Ok(())
    }
}

/// Removes some blocks. Tells whether there may be more.
fn remove_some(tx: &crate::database::Tx<'_>) -> Result<bool> {
    let sql = "SELECT id FROM word_segment WHERE state = 0 ORDER BY id LIMIT 1";
    let Some(id) = tx.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0)).optional()? else {
        return Ok(false);
    };
    let sql = "DELETE FROM word_block WHERE id IN (SELECT id FROM word_block WHERE segment = ?1 LIMIT ?2)";
    if tx.prepare_cached(sql)?.execute((id, REMOVED_AT_A_TIME))? == 0 {
        tx.prepare_cached("DELETE FROM word_segment WHERE id = ?1")?.execute([id])?;
    }
    Ok(true)
}

/// A merge that is under way.
struct Merge {
    cursors: Vec<Cursor>,
    /// The next key of each cursor that has one.
    heap: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
    alive: Set,
    writer: Option<Writer>,
    docs: ByField,
}

impl Merge {
    fn begin(db: &Connection, sources: &[Segment], base: Doc, end: Doc) -> Result<Self> {
        let mut merge = Self {
            cursors: sources.iter().map(Cursor::new).collect(),
            heap: BinaryHeap::new(),
            alive: alive(db, base, end)?,
            writer: Some(Writer::new(base, end)),
            docs: ByField::default(),
        };
        for which in 0..merge.cursors.len() {
            merge.advance(db, which)?;
        }
        Ok(merge)
    }

    fn advance(&mut self, db: &Connection, which: usize) -> Result<()> {
        if let Some(cursor) = self.cursors.get_mut(which)
            && cursor.advance(db)?
        {
            self.heap.push(Reverse((cursor.key.clone(), which)));
        }
        Ok(())
    }

    /// Some blocks more; `None` when there are none.
    fn step(&mut self, db: &Connection) -> Result<Option<Vec<Block>>> {
        let Some(mut writer) = self.writer.take() else { return Ok(None) };
        while writer.done_octets() < STEP {
            let Some(Reverse((key, which))) = self.heap.pop() else { return Ok(Some(writer.finish())) };
            self.docs.iter_mut().for_each(Vec::clear);
            self.gather(db, which)?;
            while self.heap.peek().is_some_and(|Reverse((next, _))| *next == key) {
                let Some(Reverse((_, which))) = self.heap.pop() else { break };
                self.gather(db, which)?;
            }
            // Beginnings are made anew.
            if key.last() != Some(&BEGINNING) {
                in_order(&mut self.docs);
                writer.add(&key, &self.docs);
            }
        }
        let blocks = writer.take_done();
        self.writer = Some(writer);
        Ok(Some(blocks))
    }

    fn gather(&mut self, db: &Connection, which: usize) -> Result<()> {
        let Self { cursors, docs, alive, .. } = self;
        if let Some(cursor) = cursors.get(which)
            && cursor.key.last() != Some(&BEGINNING)
        {
            each_doc(cursor.lists(), cursor.base, |field, doc| {
                if let Some(docs) = docs.get_mut(usize::from(field)).filter(|_| alive.has(doc)) {
                    docs.push(doc);
                }
            });
        }
        self.advance(db, which)
    }
}

fn in_order(docs: &mut ByField) {
    for docs in docs {
        if !docs.is_sorted_by(|a, b| a < b) {
            docs.sort_unstable();
            docs.dedup();
        }
    }
}

/// Reads a segment from its first entry to its last.
struct Cursor {
    segment: i64,
    base: Doc,
    waiting: VecDeque<Block>,
    /// The first key of the last block that was read; empty before the first, as no key is.
    read: Vec<u8>,
    block: Vec<u8>,
    at: usize,
    key: Vec<u8>,
    lists: std::ops::Range<usize>,
}

impl Cursor {
    fn new(segment: &Segment) -> Self {
        Self {
            segment: segment.id,
            base: segment.base,
            waiting: VecDeque::new(),
            read: Vec::new(),
            block: Vec::new(),
            at: 0,
            key: Vec::new(),
            lists: 0..0,
        }
    }

    fn lists(&self) -> &[u8] {
        self.block.get(self.lists.clone()).unwrap_or_default()
    }

    /// Goes to the next entry. Tells whether there is one.
    fn advance(&mut self, db: &Connection) -> Result<bool> {
        if self.at >= self.block.len() {
            if self.waiting.is_empty() {
                self.read_more(db)?;
            }
            let Some(block) = self.waiting.pop_front() else { return Ok(false) };
            (self.block, self.at) = (block.entries, 0);
            self.key.clear();
        }
        let rest = self.block.get(self.at..).unwrap_or_default();
        let mut entries = Entries::resume(rest, std::mem::take(&mut self.key));
        let length = entries.next().map(<[u8]>::len);
        self.at = self.block.len() - entries.left();
        self.key = entries.into_key();
        let Some(length) = length else {
            self.at = self.block.len();
            return self.advance(db);
        };
        self.lists = self.at - length..self.at;
        Ok(true)
    }

    fn read_more(&mut self, db: &Connection) -> Result<()> {
        let sql = "SELECT first, entries FROM word_block
                   WHERE segment = ?1 AND first > ?2 ORDER BY first LIMIT ?3";
        let mut query = db.prepare_cached(sql)?;
        let rows = query.query_map((self.segment, &self.read, AT_A_TIME), |row| {
            Ok(Block { first: row.get(0)?, entries: row.get(1)? })
        })?;
        self.waiting = rows.collect::<rusqlite::Result<_>>()?;
        if let Some(last) = self.waiting.back() {
            self.read = last.first.clone();
        }
        Ok(())
    }
}
