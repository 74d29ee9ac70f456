//! Settings: a word and its value, as the command line's `config` shows them.

use crate::{Result, Store, later};

impl Store {
    /// The value of a setting; `None` where it was never set.
    pub async fn setting(&self, key: &str) -> Result<Option<String>> {
        later(key)
    }

    /// Sets a setting, or with `None` takes it back.
    pub async fn set_setting(&self, key: &str, value: Option<&str>) -> Result<()> {
        later((key, value))
    }

    /// All settings that are set, by key.
    pub async fn settings(&self) -> Result<Vec<(String, String)>> {
        later(())
    }
}
