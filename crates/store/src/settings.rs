//! Settings: a word and its value, as the command line's `config` shows them.

use crate::{Change, Result, Store};
use rusqlite::OptionalExtension;

impl Store {
    /// The value of a setting; `None` where it was never set.
    pub async fn setting(&self, key: &str) -> Result<Option<String>> {
        let key = key.to_owned();
        self.local(move |db| {
            let mut query = db.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
            Ok(query.query_row([key], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// Sets a setting, or with `None` takes it back.
    pub async fn set_setting(&self, key: &str, value: Option<&str>) -> Result<()> {
        let (key, value) = (key.to_owned(), value.map(str::to_owned));
        self.write_local(move |tx| {
            match value {
                Some(value) => tx.execute(
                    "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    (key, value),
                )?,
                None => tx.execute("DELETE FROM setting WHERE key = ?1", [key])?,
            };
            tx.changed(Change::Settings);
            Ok(())
        })
        .await
    }

    /// All settings that are set, by key.
    pub async fn settings(&self) -> Result<Vec<(String, String)>> {
        self.local(|db| {
            let mut query = db.prepare_cached("SELECT key, value FROM setting ORDER BY key")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
