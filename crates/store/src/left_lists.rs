//! Mailing lists that the user left, by their List-Id or the address that they write from.

use crate::columns::Time;
use crate::{Result, Store};
use jiff::Timestamp;
use rusqlite::OptionalExtension;

impl Store {
    /// When this list was left; `None` where it was not.
    pub async fn left_list(&self, list: &str) -> Result<Option<Timestamp>> {
        let list = list.to_owned();
        self.local(move |db| {
            let mut query = db.prepare_cached("SELECT left_at FROM left_list WHERE list = ?1")?;
            Ok(query.query_row([list], |row| Ok(row.get::<_, Time>(0)?.0)).optional()?)
        })
        .await
    }

    /// Notes that this list was left.
    pub async fn leave_list(&self, list: &str, now: Timestamp) -> Result<()> {
        let list = list.to_owned();
        self.write_local(move |tx| {
            tx.execute("INSERT OR REPLACE INTO left_list (list, left_at) VALUES (?1, ?2)", (list, Time(now)))?;
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_list_that_was_left_is_remembered_whatever_the_case_of_its_name() {
        let (_home, store) = testing::store().await;
        let now = Timestamp::from_second(1_795_294_000).unwrap();
        assert_eq!(store.left_list("news.example.org").await.unwrap(), None);
        store.leave_list("News.Example.org", now).await.unwrap();
        assert_eq!(store.left_list("news.example.org").await.unwrap(), Some(now));
    }
}
