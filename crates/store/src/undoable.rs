//! What was done to letters last, so that it can be taken back: by the window for some seconds, and by the command line
//! in another process.

use crate::columns::{Json, Time};
use crate::{Result, Store, StoreError};
use jiff::Timestamp;
use model::{JournalId, LetterId, MailboxId};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

/// How many are remembered.
const REMEMBERED: i64 = 20;

/// Something that can be taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undoable {
    /// Orders to withdraw: deletions and copies.
    pub orders: Vec<JournalId>,
    /// Letters that were moved, and the mailboxes they were in.
    pub moved: Vec<(LetterId, MailboxId)>,
}

impl Undoable {
    /// Whether there is nothing to take back.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.moved.is_empty()
    }
}

impl Store {
    /// Remembers what was done. Its number; the oldest is forgotten.
    pub async fn remember_undoable(&self, what: Undoable, now: Timestamp) -> Result<i64> {
        self.write_local(move |tx| {
            let sql = "INSERT INTO undoable (what, done_at) VALUES (?1, ?2)";
            tx.prepare_cached(sql)?.execute((Json(what), Time(now)))?;
            let id = tx.last_insert_rowid();
            tx.prepare_cached("DELETE FROM undoable WHERE id <= ?1")?.execute([id - REMEMBERED])?;
            Ok(id)
        })
        .await
    }

    /// Takes what was done out of what is remembered: that of this number, or the last.
    pub async fn take_undoable(&self, id: Option<i64>) -> Result<Undoable> {
        self.write_local(move |tx| {
            let sql = "DELETE FROM undoable WHERE id = coalesce(?1, (SELECT max(id) FROM undoable)) RETURNING what";
            let found = tx.prepare_cached(sql)?.query_row([id], |row| Ok(row.get::<_, Json<Undoable>>(0)?.0));
            found
                .optional()?
                .ok_or_else(|| StoreError::NotFound("move, copy or deletion that can be taken back".to_owned()))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn the_last_is_undone_first_and_each_once() {
        let (_home, store) = testing::store().await;
        let of = |n| Undoable { orders: vec![JournalId(n)], moved: Vec::new() };
        let now = Timestamp::UNIX_EPOCH;
        let mut ids = Vec::new();
        for n in 0..25 {
            ids.push(store.remember_undoable(of(n), now).await.unwrap());
        }
        assert_eq!(store.take_undoable(Some(ids[10])).await.unwrap(), of(10));
        assert_eq!(store.take_undoable(None).await.unwrap(), of(24));
        assert_eq!(store.take_undoable(None).await.unwrap(), of(23));
        for gone in [ids[24], ids[0]] {
            assert!(matches!(store.take_undoable(Some(gone)).await, Err(StoreError::NotFound(_))));
        }
    }
}
