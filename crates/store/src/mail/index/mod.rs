//! The index of what letters say.
//!
//! What comes in are messages, once each; what is asked is which of them have a word, or a word that begins so, in some
//! of their parts. Both have to be fast: a first sync puts in thousands a second, and a search answers while one types.
//! So the index is a heap of sorted lists (a log-structured merge tree) in tables of `mail.db`, and lives and dies with
//! their transactions:
//!
//! | table | what |
//! |---|---|
//! | `word_fresh` | the words of the last messages, as they came: putting one in is one row |
//! | `word_segment`, `word_block` | words in order with the documents that have them; 256 fresh messages make a segment, 16 segments a larger one |
//! | `word_fact` | date, size and content of each document |
//! | `word_doc` | the document of a content; deleting a row there takes a message out of the index |
//! | `word_gone` | documents that went, until the pages of `word_fact` say so |
//!
//! A document is a message's number here: small, ascending, never used again. A message that is indexed anew is a new
//! document. What went stays in its segment's lists until these are merged, and is left out when they are read.

mod codec;
mod entry;
mod facts;
mod look;
mod merge;
mod segment;
mod set;

pub(crate) use entry::{Field, Fields, IndexEntry, prepare};
pub(crate) use facts::{Column, FactCache};
pub(crate) use look::Index;
pub(crate) use set::Set;

use crate::Result;
use codec::Doc;
use facts::{FactPages, Known, gone};
use model::ContentId;
use rusqlite::Connection;
use segment::{Waiting, build, put_blocks, put_facts};

/// Fresh messages that make a segment. So many are read one by one in every search.
const FRESH: Doc = if cfg!(test) { 8 } else { 256 };

/// Puts a message into the index. Its row in `content` is there already.
pub(crate) fn put(db: &Connection, row: ContentId, entry: &IndexEntry) -> Result<()> {
    remove(db, row)?;
    let sql = "INSERT INTO word_fresh (content, words) VALUES (?1, ?2)";
    db.prepare_cached(sql)?.execute((row.0, &entry.bytes))?;
    let doc = Doc::try_from(db.last_insert_rowid()).unwrap_or(Doc::MAX);
    db.prepare_cached("INSERT INTO word_doc (content, doc) VALUES (?1, ?2)")?.execute((row.0, doc))?;
    let first: Doc = db.prepare_cached("SELECT min(doc) FROM word_fresh")?.query_row([], |row| row.get(0))?;
    if doc - first.min(doc) + 1 >= FRESH {
        settle(db)?;
    }
    Ok(())
}

/// Takes a message out of the index. One that goes altogether takes its document with it (the trigger `content_went`).
pub(crate) fn remove(db: &Connection, row: ContentId) -> Result<()> {
    db.prepare_cached("DELETE FROM word_doc WHERE content = ?1")?.execute([row.0])?;
    Ok(())
}

/// Makes a segment of the fresh messages.
fn settle(db: &Connection) -> Result<()> {
    let messages = waiting(db)?;
    let (base, blocks) = build(&messages);
    let end = messages.last().map_or(base, |last| last.doc + 1);
    let sql = "INSERT INTO word_segment (level, base, end, state) VALUES (0, ?1, ?2, 1)";
    db.prepare_cached(sql)?.execute((base, end))?;
    put_blocks(db, db.last_insert_rowid(), &blocks)?;
    put_facts(db, &messages)?;
    db.prepare_cached("DELETE FROM word_fresh")?.execute([])?;
    let mut pages = FactPages::new(db);
    for doc in gone(db)? {
        pages.forget(doc)?;
    }
    pages.write()?;
    db.prepare_cached("DELETE FROM word_gone")?.execute([])?;
    Ok(())
}

/// The fresh messages, in the order of their documents.
fn waiting(db: &Connection) -> Result<Vec<Waiting>> {
    let sql = "SELECT doc, content, words, date, size FROM word_fresh JOIN content ON content.id = word_fresh.content
               ORDER BY doc";
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([], |row| {
        let date = row.get::<_, i64>(3)?.div_euclid(1_000_000).clamp(1, i64::from(u32::MAX));
        let size = row.get::<_, i64>(4)?.clamp(0, i64::from(u32::MAX));
        let known = Known { content: ContentId(row.get(1)?), date: date as u32, size: size as u32 };
        Ok(Waiting { doc: row.get(0)?, known, entry: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
