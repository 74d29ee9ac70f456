//! Settings: a word and its value, as the command line's `config` shows them.

use crate::{Change, Result, Store};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Store {
    /// The value of a setting; `None` where it was never set.
    pub async fn setting(&self, key: &str) -> Result<Option<String>> {
        Ok(self.all_settings().await?.get(key).cloned())
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
        let settings = self.all_settings().await?;
        Ok(settings.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    async fn all_settings(&self) -> Result<Arc<BTreeMap<String, String>>> {
        let read = || {
            self.local(|db| {
                let mut query = db.prepare_cached("SELECT key, value FROM setting")?;
                let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(Arc::new(rows.collect::<rusqlite::Result<_>>()?))
            })
        };
        self.cache().settings.get_or((), read).await
    }
}
