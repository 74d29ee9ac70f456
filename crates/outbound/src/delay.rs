//! When a letter is late: after how long the window says so, and after how long its sender gets a report.

use crate::SettingsError;
use jiff::Timestamp;
use model::parse_duration;
use std::time::Duration;
use store::{Store, StoreError};

const HOUR: Duration = Duration::from_secs(3600);

/// The settings `outbound.delay_notice` and `outbound.delay_report`, in time on line ([`model::OnlineHours`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delays {
    /// After this the window shows that a letter is late.
    pub notice: Duration,
    /// After this there is a report, and a notification.
    pub report: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        Self { notice: HOUR, report: 4 * HOUR }
    }
}

/// Both settings.
pub async fn read_delays(store: &Store) -> Result<Delays, SettingsError> {
    let default = Delays::default();
    Ok(Delays {
        notice: read(store, "outbound.delay_notice", default.notice).await?,
        report: read(store, "outbound.delay_report", default.report).await?,
    })
}

async fn read(store: &Store, key: &'static str, default: Duration) -> Result<Duration, SettingsError> {
    match store.setting(key).await? {
        Some(text) => parse_duration(&text).map_err(|error| SettingsError::Value { key, error }),
        None => Ok(default),
    }
}

/// What has been due since this time or longer is this old now; `None` while nothing can be.
pub async fn due_for(store: &Store, now: Timestamp, age: Duration) -> Result<Option<Timestamp>, StoreError> {
    // One more than the whole hours in it: the present one has only begun.
    let hours = u32::try_from(age.as_secs().div_ceil(HOUR.as_secs())).unwrap_or(u32::MAX).saturating_add(1);
    Ok(store.latest_online_hours(now, hours).await?.time_of_age(now, age))
}
