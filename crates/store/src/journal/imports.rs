//! What the server refused of an import. The order is gone from the journal, and whoever brings the letters in, in
//! whatever process, has to be told which of them are nowhere but in the file.

use super::settled;
use crate::columns::Time;
use crate::{Result, Store, mail};
use jiff::{SignedDuration, Timestamp};
use model::JournalId;

/// What nobody asked for is forgotten after this: the import that ordered it is no more.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A letter that the server refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedImport {
    /// The order that brought it.
    pub order: JournalId,
    /// Its subject; empty where it has none.
    pub subject: String,
    /// Why, in words, as the server said it.
    pub reason: String,
}

impl Store {
    /// The server will never take this letter of an import.
    pub async fn journal_refuse_import(&self, refused: RefusedImport, now: Timestamp) -> Result<()> {
        let id = refused.order;
        self.write_mail(move |tx| mail::undo(tx, id)).await?;
        self.write_local(move |tx| {
            settled(tx, id)?;
            let sql = "INSERT OR REPLACE INTO import_refused (journal, subject, reason, at) VALUES (?1, ?2, ?3, ?4)";
            tx.prepare_cached(sql)?.execute((id.0, refused.subject, refused.reason, Time(now)))?;
            let long_ago = now.checked_sub(FORGOTTEN).unwrap_or(Timestamp::MIN);
            tx.prepare_cached("DELETE FROM import_refused WHERE at < ?1")?.execute([Time(long_ago)])?;
            Ok(())
        })
        .await
    }

    /// Which of these orders were refused. Each is told once.
    pub async fn take_refused_imports(&self, orders: Vec<JournalId>) -> Result<Vec<RefusedImport>> {
        if orders.is_empty() {
            return Ok(Vec::new());
        }
        self.write_local(move |tx| {
            let mut take =
                tx.prepare_cached("DELETE FROM import_refused WHERE journal = ?1 RETURNING subject, reason")?;
            let mut refused = Vec::new();
            for order in orders {
                let told = take.query_map([order.0], |row| {
                    Ok(RefusedImport { order, subject: row.get(0)?, reason: row.get(1)? })
                })?;
                refused.extend(told.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            Ok(refused)
        })
        .await
    }
}
