//! The hours in which this computer had a network while the queue was run: only they make a letter older.

use crate::{Result, Store};
use jiff::Timestamp;
use model::OnlineHours;
use rusqlite::OptionalExtension;

/// Hours that are kept: two years. No letter waits for longer.
const KEPT: i64 = 2 * 366 * 24;

impl Store {
    /// Notes that this computer is on line now. Writes once an hour, however often it is called.
    pub async fn note_online_hour(&self, now: Timestamp) -> Result<()> {
        let hour = OnlineHours::hour_of(now);
        let known = self.local(move |db| {
            let mut query = db.prepare_cached("SELECT 1 FROM online_hour WHERE hour = ?1")?;
            Ok(query.query_row([hour], |_| Ok(())).optional()?)
        });
        if known.await?.is_some() {
            return Ok(());
        }
        self.write_local(move |tx| {
            tx.execute("INSERT OR IGNORE INTO online_hour VALUES (?1)", [hour])?;
            tx.execute("DELETE FROM online_hour WHERE hour < ?1", [hour.saturating_sub(KEPT)])?;
            Ok(())
        })
        .await
    }

    /// The hours on line from `since` to `until`, those that both are in included.
    pub async fn online_hours(&self, since: Timestamp, until: Timestamp) -> Result<OnlineHours> {
        let (first, last) = (OnlineHours::hour_of(since), OnlineHours::hour_of(until));
        self.local(move |db| {
            let mut query = db.prepare_cached("SELECT hour FROM online_hour WHERE hour BETWEEN ?1 AND ?2")?;
            let hours = query.query_map((first, last), |row| row.get(0))?;
            Ok(OnlineHours::new(hours.collect::<rusqlite::Result<Vec<i64>>>()?))
        })
        .await
    }

    /// The latest hours on line, at most so many, up to the one that `until` is in.
    pub async fn latest_online_hours(&self, until: Timestamp, count: u32) -> Result<OnlineHours> {
        let last = OnlineHours::hour_of(until);
        self.local(move |db| {
            let sql = "SELECT hour FROM online_hour WHERE hour <= ?1 ORDER BY hour DESC LIMIT ?2";
            let mut query = db.prepare_cached(sql)?;
            let hours = query.query_map((last, count), |row| row.get(0))?;
            Ok(OnlineHours::new(hours.collect::<rusqlite::Result<Vec<i64>>>()?))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, at};
    use std::time::Duration;

    #[tokio::test]
    async fn hours_are_noted_once_and_found_again() {
        let (_home, store) = testing::store().await;
        let mut changes = store.changes();
        for minutes in [0, 1, 59, 60, 600] {
            store.note_online_hour(at(minutes * 60)).await.unwrap();
        }
        let hours = store.online_hours(at(0), at(700 * 60)).await.unwrap();
        let first = OnlineHours::hour_of(at(0));
        assert_eq!(hours, OnlineHours::new([first, first + 1, first + 10]));
        assert_eq!(hours.age(at(0), at(3600)), Duration::from_secs(3600));
        assert_eq!(store.online_hours(at(3600), at(7200)).await.unwrap(), OnlineHours::new([first + 1]));
        assert_eq!(store.latest_online_hours(at(7200), 1).await.unwrap(), OnlineHours::new([first + 1]));
        assert!(changes.try_recv().is_err(), "nothing that is shown has changed");
    }
}
