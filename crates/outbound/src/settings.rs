//! The settings of the queue, read when they are needed so that a change counts at once.

use model::{Schedule, ScheduleError, parse_duration};
use store::{Store, StoreError};

/// Why the queue's settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// They cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// One of them makes no sense.
    #[error("{key}: {error}")]
    Value {
        /// The setting.
        key: &'static str,
        /// What is wrong with it.
        error: ScheduleError,
    },
}

/// The schedule: `outbound.schedule`, `outbound.greylist_schedule` and `outbound.max_age`.
pub async fn read_schedule(store: &Store) -> Result<Schedule, SettingsError> {
    let mut schedule = Schedule::default();
    if let Some(text) = store.setting("outbound.schedule").await? {
        schedule.pauses = text.parse().map_err(|error| SettingsError::Value { key: "outbound.schedule", error })?;
    }
    if let Some(text) = store.setting("outbound.greylist_schedule").await? {
        let wrong = |error| SettingsError::Value { key: "outbound.greylist_schedule", error };
        schedule.greylist = text.parse().map_err(wrong)?;
    }
    if let Some(text) = store.setting("outbound.max_age").await? {
        schedule.max_age =
            parse_duration(&text).map_err(|error| SettingsError::Value { key: "outbound.max_age", error })?;
    }
    Ok(schedule)
}

/// Whether the user has paused the queue: `outbound.paused`.
pub(crate) async fn is_paused(store: &Store) -> Result<bool, StoreError> {
    Ok(store.setting("outbound.paused").await?.as_deref() == Some("true"))
}
