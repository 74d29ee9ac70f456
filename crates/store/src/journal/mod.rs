//! The journal: what was done here and is still to be done on the IMAP server, in order.
//!
//! An entry is in `local.db`, on the disk, before anything of it is seen; what it did to letters is in `mail.db` as
//! `pending` until it is done or abandoned (see `mail::local`). Entries are replayed in the order of their numbers, and
//! each may be replayed twice: after a crash nobody knows whether the server had already done it.
//!
//! Before the server hears of an entry it is marked as begun. One that is not begun can be withdrawn: then what it did
//! here is undone, and the server never learns of it ([`merge`] says when that happens by itself).

mod baseline;
mod imports;
mod merge;
mod op;
mod withdraw;

pub use baseline::Baseline;
pub use imports::RefusedImport;
pub(crate) use merge::{Kind, Waiting, Wish, to_withdraw};
pub use op::{AppendTo, JournalLetter, JournalOp, LettersGo};

use crate::columns::{Json, Time};
use crate::database::Tx;
use crate::{Change, Result, Store, StoreError, mail, queue};
use jiff::Timestamp;
use model::{AccountId, JournalId};
use rusqlite::{Connection, OptionalExtension, Row};

/// An entry that is still to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its number here; entries are done in this order.
    pub id: JournalId,
    /// Whose server.
    pub account: AccountId,
    /// What to do.
    pub op: JournalOp,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// How often it failed.
    pub tries: u32,
    /// What was said the last time.
    pub last_error: Option<String>,
    /// Not before this time.
    pub next_at: Timestamp,
    /// Whether the server may have heard of it.
    pub begun: bool,
    /// What was noted before it was tried for the first time.
    pub baseline: Option<Baseline>,
}

impl Store {
    /// Writes an entry that has no letters here (an `Append`); `bytes` are those of its message where it is no
    /// outgoing's. What is done to letters comes from `apply_local_flag` and its like.
    pub async fn journal_add(&self, account: AccountId, op: JournalOp, bytes: Option<Vec<u8>>) -> Result<JournalId> {
        self.write_local(move |tx| add_entry(tx, account, &op, bytes.as_deref(), Timestamp::now())).await
    }

    /// What is to be done on an account's server, in order, due or not. UIDs are those known now.
    pub async fn journal(&self, account: AccountId) -> Result<Vec<JournalEntry>> {
        let mut entries = self.local(move |db| entries(db, Some(account))).await?;
        entries.retain(|entry| !matches!(entry.op, JournalOp::Withdraw { .. }));
        self.mail(move |db| mail::with_present_uids(db, entries)).await
    }

    /// Orders of an account as they were written, after an entry, or from the first on; due or not. What has happened to
    /// their letters since is told by [`Store::journal_begin`].
    pub async fn orders_after(&self, account: AccountId, last: Option<JournalId>) -> Result<Vec<JournalEntry>> {
        let mut entries = self.local(move |db| entries_after(db, Some(account), last)).await?;
        entries.retain(|entry| !matches!(entry.op, JournalOp::Withdraw { .. }));
        Ok(entries)
    }

    /// When the next order of an account is due that is not due now.
    pub async fn next_order_at(&self, account: AccountId, now: Timestamp) -> Result<Option<Timestamp>> {
        self.local(move |db| {
            let sql = "SELECT min(next_at) FROM journal WHERE account = ?1 AND next_at > ?2";
            let next =
                db.prepare_cached(sql)?.query_row((account.0, Time(now)), |row| row.get::<_, Option<Time>>(0))?;
            Ok(next.map(|at| at.0))
        })
        .await
    }

    /// The message of an `Append`.
    pub async fn journal_bytes(&self, id: JournalId) -> Result<Vec<u8>> {
        self.local(move |db| {
            let mut query = db.prepare_cached("SELECT op, bytes FROM journal WHERE id = ?1")?;
            let found = query.query_row([id.0], |row| Ok((row.get::<_, Json<JournalOp>>(0)?.0, row.get(1)?)));
            match found.optional()? {
                Some((_, Some(bytes))) => Ok(bytes),
                Some((JournalOp::Append { outgoing: Some(outgoing), .. }, None)) => queue::bytes(db, outgoing),
                _ => Err(StoreError::NotFound(format!("message of journal entry {id}"))),
            }
        })
        .await
    }

    /// It is done on the server: what was done here is now the server's state too.
    pub async fn journal_done(&self, id: JournalId) -> Result<()> {
        self.journal_settle(id, mail::confirm).await
    }

    /// It failed for now.
    pub async fn journal_failed(&self, id: JournalId, error: &str, next_at: Timestamp) -> Result<()> {
        let error = error.to_owned();
        self.write_local(move |tx| {
            let sql = "UPDATE journal SET tries = tries + 1, last_error = ?2, next_at = ?3 WHERE id = ?1
                       RETURNING account";
            let mut update = tx.prepare_cached(sql)?;
            let account = update.query_row((id.0, error, Time(next_at)), |row| Ok(AccountId(row.get(0)?)));
            tx.changed(Change::Journal(account.optional()?.ok_or_else(|| missing(id))?));
            Ok(())
        })
        .await
    }

    /// The server will never do it: what was done here is undone.
    pub async fn journal_abandon(&self, id: JournalId) -> Result<()> {
        self.journal_settle(id, mail::undo).await
    }

    /// Letters first, then the entry: between the two a crash leaves an entry that is replayed once more.
    async fn journal_settle(&self, id: JournalId, settle: fn(&Tx<'_>, JournalId) -> Result<()>) -> Result<()> {
        self.write_mail(move |tx| settle(tx, id)).await?;
        self.write_local(move |tx| settled(tx, id)).await
    }
}

/// Takes an entry out.
fn settled(tx: &Tx<'_>, id: JournalId) -> Result<()> {
    let mut delete = tx.prepare_cached("DELETE FROM journal WHERE id = ?1 RETURNING account")?;
    if let Some(account) = delete.query_row([id.0], |row| Ok(AccountId(row.get(0)?))).optional()? {
        tx.changed(Change::Journal(account));
    }
    Ok(())
}

fn missing(id: JournalId) -> StoreError {
    StoreError::NotFound(format!("journal entry {id}"))
}

/// Writes an entry, due at once.
pub(crate) fn add_entry(
    tx: &Tx<'_>,
    account: AccountId,
    op: &JournalOp,
    bytes: Option<&[u8]>,
    now: Timestamp,
) -> Result<JournalId> {
    add_later(tx, account, op, bytes, now, now)
}

/// Writes an entry that is due at a time of its own.
pub(crate) fn add_later(
    tx: &Tx<'_>,
    account: AccountId,
    op: &JournalOp,
    bytes: Option<&[u8]>,
    now: Timestamp,
    due: Timestamp,
) -> Result<JournalId> {
    let sql = "INSERT INTO journal (account, op, bytes, created_at, next_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.prepare_cached(sql)?.execute((account.0, Json(op), bytes, Time(now), Time(due)))?;
    let id = JournalId(tx.last_insert_rowid());
    tx.changed(Change::Journal(account));
    Ok(id)
}

/// Entries as they were written, of one account or of all.
pub(crate) fn entries(db: &Connection, account: Option<AccountId>) -> Result<Vec<JournalEntry>> {
    entries_after(db, account, None)
}

fn entries_after(db: &Connection, account: Option<AccountId>, last: Option<JournalId>) -> Result<Vec<JournalEntry>> {
    let sql = "SELECT id, account, op, created_at, tries, last_error, next_at, begun, baseline FROM journal
               WHERE id > ?2 AND (?1 IS NULL OR account = ?1) ORDER BY id";
    let mut query = db.prepare_cached(sql)?;
    let key = (account.map(|account| account.0), last.map_or(0, |last| last.0));
    let entries = query.query_map(key, entry_of)?;
    Ok(entries.collect::<rusqlite::Result<_>>()?)
}

fn entry_of(row: &Row<'_>) -> rusqlite::Result<JournalEntry> {
    Ok(JournalEntry {
        id: JournalId(row.get("id")?),
        account: AccountId(row.get("account")?),
        op: row.get::<_, Json<_>>("op")?.0,
        created_at: row.get::<_, Time>("created_at")?.0,
        tries: row.get("tries")?,
        last_error: row.get("last_error")?,
        next_at: row.get::<_, Time>("next_at")?.0,
        begun: row.get("begun")?,
        baseline: row.get::<_, Option<Json<_>>>("baseline")?.map(|baseline| baseline.0),
    })
}
