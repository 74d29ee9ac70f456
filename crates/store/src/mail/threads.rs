//! Threads: letters of one account that are joined by Message-ID, In-Reply-To and References (RFC 5322 §3.6.4), in
//! whatever order they come in. A Message-ID that was only referred to belongs to the thread as well, so that its letter
//! joins when it comes; a letter that names two threads makes them one. A letter that names none may join by its subject
//! ([`topics`](super::topics)).

use super::names::{Name, Names};
use crate::Result;
use crate::database::Tx;
use model::{AccountId, ThreadId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;

/// The thread that a letter belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Joined {
    pub(super) thread: ThreadId,
    /// Whether nothing is in it yet.
    pub(super) is_new: bool,
}

/// The thread of a letter, joined from those that it names and those that it belongs to by its subject.
pub(super) fn join(tx: &Tx<'_>, account: AccountId, names: &Names, by_subject: BTreeSet<ThreadId>) -> Result<Joined> {
    let names: Vec<Name> = names.own(account).into_iter().chain(names.others(account)).collect();
    let mut threads = by_subject;
    let mut unknown = Vec::new();
    for name in &names {
        match of_name(tx, *name)? {
            Some(thread) => drop(threads.insert(thread)),
            None => unknown.push(*name),
        }
    }
    let oldest = threads.pop_first();
    let thread = match oldest {
        Some(oldest) => oldest,
        None => {
            tx.prepare_cached("INSERT INTO thread DEFAULT VALUES")?.execute([])?;
            ThreadId(tx.last_insert_rowid())
        }
    };
    for other in threads {
        merge(tx, other, thread)?;
    }
    let mut belongs = tx.prepare_cached("INSERT INTO reference (name, thread) VALUES (?1, ?2)")?;
    for name in unknown {
        belongs.execute((name.0, thread.0))?;
    }
    Ok(Joined { thread, is_new: oldest.is_none() })
}

/// The thread that a Message-ID belongs to.
pub(super) fn of_name(db: &Connection, name: Name) -> Result<Option<ThreadId>> {
    let mut query = db.prepare_cached("SELECT thread FROM reference WHERE name = ?1")?;
    let noted = query.query_row([name.0], |row| Ok(ThreadId(row.get(0)?))).optional()?;
    noted.map(|thread| present(db, thread)).transpose()
}

/// The thread that this one became.
pub(super) fn present(db: &Connection, mut thread: ThreadId) -> Result<ThreadId> {
    let mut query = db.prepare_cached("SELECT merged FROM thread WHERE id = ?1")?;
    // Threads become older ones, so this ends.
    while let Some(merged) = query.query_row([thread.0], |row| row.get::<_, Option<i64>>(0)).optional()?.flatten() {
        thread = ThreadId(merged);
    }
    Ok(thread)
}

/// Makes two threads one. What is noted for names stays, and leads to the new one.
fn merge(tx: &Tx<'_>, from: ThreadId, into: ThreadId) -> Result<()> {
    for sql in [
        "UPDATE content SET thread = ?2 WHERE thread = ?1",
        "UPDATE letter SET thread = ?2 WHERE thread = ?1",
        "UPDATE thread SET merged = ?2 WHERE id = ?1",
    ] {
        tx.prepare_cached(sql)?.execute((from.0, into.0))?;
    }
    let mut query = tx.prepare_cached("SELECT DISTINCT mailbox FROM letter WHERE thread = ?1")?;
    let mailboxes = query.query_map([into.0], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    mailboxes.into_iter().try_for_each(|mailbox| settle_head(tx, into, mailbox))
}

/// One head for the thread in this mailbox: the newest.
fn settle_head(tx: &Tx<'_>, thread: ThreadId, mailbox: i64) -> Result<()> {
    let sql = "SELECT id FROM letter WHERE thread = ?1 AND mailbox = ?2 AND hidden = 0
               ORDER BY date DESC, id DESC LIMIT 1";
    let mut query = tx.prepare_cached(sql)?;
    let newest: Option<i64> = query.query_row((thread.0, mailbox), |row| row.get(0)).optional()?;
    let sql = "UPDATE letter SET head = (id IS ?3) WHERE thread = ?1 AND mailbox = ?2 AND head <> (id IS ?3)";
    tx.prepare_cached(sql)?.execute((thread.0, mailbox, newest))?;
    Ok(())
}
