//! Searches that are kept: a name and what was typed, in the order in which they are listed.

use crate::database::Tx;
use crate::{Change, Result, Store, StoreError};
use model::SavedSearchId;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A search that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SavedSearch {
    /// Its number.
    pub id: SavedSearchId,
    /// How it is called; no two are called the same, whatever the case.
    pub name: String,
    /// What was typed.
    pub query: String,
}

impl Store {
    /// The searches that are kept, in their order.
    pub async fn saved_searches(&self) -> Result<Vec<SavedSearch>> {
        self.local(list).await
    }

    /// Keeps a search, as the last one; the one of this name is replaced where it stands.
    pub async fn save_search(&self, name: &str, query: &str) -> Result<SavedSearch> {
        let (name, query) = (named(name)?, query.trim().to_owned());
        self.write_local(move |tx| {
            let sql = "INSERT INTO saved_search (position, name, query)
                       VALUES ((SELECT coalesce(max(position), 0) + 1 FROM saved_search), ?1, ?2)
                       ON CONFLICT (name) DO UPDATE SET name = excluded.name, query = excluded.query
                       RETURNING id, name, query";
            let saved = tx.prepare_cached(sql)?.query_row((name, query), saved)?;
            tx.changed(Change::Settings);
            Ok(saved)
        })
        .await
    }

    /// Calls a search otherwise.
    pub async fn rename_search(&self, id: SavedSearchId, name: &str) -> Result<()> {
        let name = named(name)?;
        self.write_local(move |tx| {
            let sql = "SELECT EXISTS (SELECT 1 FROM saved_search WHERE name = ?2 AND id <> ?1)";
            if tx.prepare_cached(sql)?.query_row((id.0, &name), |row| row.get(0))? {
                return Err(StoreError::Invalid(format!("another search is called “{name}” already")));
            }
            let changed =
                tx.prepare_cached("UPDATE saved_search SET name = ?2 WHERE id = ?1")?.execute((id.0, &name))?;
            found(tx, changed)
        })
        .await
    }

    /// Keeps a search no longer.
    pub async fn remove_search(&self, id: SavedSearchId) -> Result<()> {
        self.write_local(move |tx| {
            let changed = tx.prepare_cached("DELETE FROM saved_search WHERE id = ?1")?.execute([id.0])?;
            found(tx, changed)
        })
        .await
    }

    /// Puts a search at a place among the others, counted from 0; past the last one means the last.
    pub async fn move_search(&self, id: SavedSearchId, to: u32) -> Result<()> {
        self.write_local(move |tx| {
            let mut order: Vec<SavedSearchId> = list(tx)?.into_iter().map(|saved| saved.id).collect();
            let before = order.len();
            order.retain(|other| *other != id);
            found(tx, before - order.len())?;
            order.insert((to as usize).min(order.len()), id);
            let mut update = tx.prepare_cached("UPDATE saved_search SET position = ?2 WHERE id = ?1")?;
            for (position, id) in (1_i64..).zip(order) {
                update.execute((id.0, position))?;
            }
            Ok(())
        })
        .await
    }
}

fn list(db: &Connection) -> Result<Vec<SavedSearch>> {
    let mut query = db.prepare_cached("SELECT id, name, query FROM saved_search ORDER BY position, id")?;
    let all = query.query_map([], saved)?;
    Ok(all.collect::<rusqlite::Result<_>>()?)
}

fn saved(row: &Row<'_>) -> rusqlite::Result<SavedSearch> {
    Ok(SavedSearch { id: SavedSearchId(row.get(0)?), name: row.get(1)?, query: row.get(2)? })
}

fn named(name: &str) -> Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(StoreError::Invalid("a search that is kept needs a name".to_owned()));
    }
    Ok(name)
}

fn found(tx: &Tx<'_>, changed: usize) -> Result<()> {
    if changed == 0 {
        return Err(StoreError::NotFound("such search any more".to_owned()));
    }
    tx.changed(Change::Settings);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    async fn names(store: &Store) -> Vec<String> {
        store.saved_searches().await.unwrap().into_iter().map(|saved| saved.name).collect()
    }

    #[tokio::test]
    async fn searches_are_kept_in_the_order_that_they_are_given() {
        let (_home, store) = testing::store().await;
        let bills = store.save_search(" Bills  due ", "subject:bill is:unread").await.unwrap();
        assert_eq!(bills.name, "Bills due");
        let anna = store.save_search("Anna", "from:anna").await.unwrap();
        store.save_search("Lists", "list:rust").await.unwrap();
        assert_eq!(names(&store).await, ["Bills due", "Anna", "Lists"]);
        store.move_search(anna.id, 0).await.unwrap();
        store.move_search(bills.id, 99).await.unwrap();
        assert_eq!(names(&store).await, ["Anna", "Lists", "Bills due"]);
        store.remove_search(anna.id).await.unwrap();
        assert_eq!(names(&store).await, ["Lists", "Bills due"]);
        assert!(matches!(store.remove_search(anna.id).await, Err(StoreError::NotFound(_))));
    }

    #[tokio::test]
    async fn a_name_is_there_once_whatever_its_case() {
        let (_home, store) = testing::store().await;
        let first = store.save_search("anna", "from:anna").await.unwrap();
        let again = store.save_search("Anna", "from:anna@example.org").await.unwrap();
        assert_eq!(first.id, again.id);
        let bob = store.save_search("Bob", "from:bob").await.unwrap();
        assert!(matches!(store.rename_search(bob.id, "ANNA").await, Err(StoreError::Invalid(_))));
        assert!(matches!(store.rename_search(bob.id, "  ").await, Err(StoreError::Invalid(_))));
        store.rename_search(bob.id, "BOB").await.unwrap();
        let all = store.saved_searches().await.unwrap();
        assert_eq!(all.first().unwrap().query, "from:anna@example.org");
        assert_eq!(names(&store).await, ["Anna", "BOB"]);
    }
}
