//! Threads: letters of one account that are joined by Message-ID, In-Reply-To and References (RFC 5322 §3.6.4), in
//! whatever order they come in. A Message-ID that was only referred to belongs to the thread as well, so that its letter
//! joins when it comes; a letter that names two threads makes them one.

use super::LetterSummary;
use crate::Result;
use crate::database::Tx;
use model::{AccountId, ThreadId};
use rusqlite::OptionalExtension;
use std::collections::BTreeSet;

/// References that are looked at: the first, which begins the thread, and the last, which are nearest. A letter may
/// name thousands.
const NEAREST: usize = 63;

/// The thread of a letter, joined from those that it names.
pub(super) fn join(tx: &Tx<'_>, account: AccountId, letter: &LetterSummary) -> Result<ThreadId> {
    let names = names(letter);
    let mut find = tx.prepare_cached("SELECT thread FROM thread_reference WHERE account = ?1 AND message_id = ?2")?;
    let mut threads = BTreeSet::new();
    for name in &names {
        threads.extend(find.query_row((account.0, name), |row| row.get::<_, i64>(0)).optional()?);
    }
    let thread = match threads.pop_first() {
        Some(oldest) => oldest,
        None => {
            tx.prepare_cached("INSERT INTO thread DEFAULT VALUES")?.execute([])?;
            tx.last_insert_rowid()
        }
    };
    for other in threads {
        merge(tx, other, thread)?;
    }
    let mut name_it = tx
        .prepare_cached("INSERT OR IGNORE INTO thread_reference (account, message_id, thread) VALUES (?1, ?2, ?3)")?;
    for name in &names {
        name_it.execute((account.0, name, thread))?;
    }
    Ok(ThreadId(thread))
}

fn names(letter: &LetterSummary) -> BTreeSet<&str> {
    let references = &letter.references;
    let nearest = references.len().saturating_sub(NEAREST);
    let ancestors = references.iter().take(1).chain(references.iter().skip(nearest));
    let answered = letter.in_reply_to.iter().take(NEAREST);
    let own = letter.message_id.iter();
    own.chain(ancestors).chain(answered).map(|name| name.trim()).filter(|name| !name.is_empty()).collect()
}

fn merge(tx: &Tx<'_>, from: i64, into: i64) -> Result<()> {
    for sql in [
        "UPDATE letter SET thread = ?2 WHERE thread = ?1",
        "UPDATE thread_reference SET thread = ?2 WHERE thread = ?1",
    ] {
        tx.prepare_cached(sql)?.execute((from, into))?;
    }
    tx.prepare_cached("DELETE FROM thread WHERE id = ?1")?.execute([from])?;
    Ok(())
}
