//! What was found out of who wrote a letter, kept by the letter's own bytes: a letter that is fetched again, or moved, is
//! still the same. What is kept is made elsewhere, and read there.

use crate::columns::Time;
use crate::{Result, Store};
use jiff::Timestamp;
use rusqlite::OptionalExtension;

/// Letters that are remembered; the oldest findings go first.
const KEPT: u32 = 20_000;

impl Store {
    /// What was found of the letter of this name.
    pub async fn authenticity(&self, letter: &[u8]) -> Result<Option<String>> {
        let letter = letter.to_vec();
        self.local(move |db| {
            let mut query = db.prepare_cached("SELECT what FROM authenticity WHERE letter = ?1")?;
            Ok(query.query_row([letter], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// Keeps what was found.
    pub async fn keep_authenticity(&self, letter: &[u8], what: &str, now: Timestamp) -> Result<()> {
        let (letter, what) = (letter.to_vec(), what.to_owned());
        self.write_local(move |tx| {
            tx.prepare_cached("INSERT OR REPLACE INTO authenticity (letter, what, found_at) VALUES (?1, ?2, ?3)")?
                .execute((letter, what, Time(now)))?;
            let oldest = "DELETE FROM authenticity WHERE found_at <
                          (SELECT found_at FROM authenticity ORDER BY found_at DESC LIMIT 1 OFFSET ?1)";
            tx.prepare_cached(oldest)?.execute([KEPT])?;
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
    async fn what_was_found_is_kept_by_the_letter_and_replaced() {
        let (_home, store) = testing::store().await;
        assert_eq!(store.authenticity(b"one").await.unwrap(), None);
        store.keep_authenticity(b"one", "{}", Timestamp::from_second(1).unwrap()).await.unwrap();
        store.keep_authenticity(b"one", "[]", Timestamp::from_second(2).unwrap()).await.unwrap();
        assert_eq!(store.authenticity(b"one").await.unwrap().as_deref(), Some("[]"));
        assert_eq!(store.authenticity(b"two").await.unwrap(), None);
    }
}
