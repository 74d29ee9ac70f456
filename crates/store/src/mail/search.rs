//! Full-text search. The rows of the index are in the order of the letters' dates, so that the newest hits are found
//! without looking at all the others.

use super::LetterRow;
use super::read::{ROW, letter_row};
use crate::{Result, Store};

impl Store {
    /// Letters that have all the words of the query, newest first. A word of three letters or more also finds longer
    /// words that begin with it. Case and accents do not matter.
    pub async fn search(&self, query: &str, limit: u32) -> Result<Vec<LetterRow>> {
        let Some(words) = prefixes(query) else { return Ok(Vec::new()) };
        self.mail(move |db| {
            let mut query = db.prepare_cached(&search_sql())?;
            let rows = query.query_map((words, limit), letter_row)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}

/// CROSS JOIN keeps the order: hits first, each with its letter.
fn search_sql() -> String {
    format!(
        "SELECT {ROW} FROM letter_text CROSS JOIN letter ON letter.text_row = letter_text.rowid
         WHERE letter_text MATCH ?1 AND hidden = 0 ORDER BY letter_text.rowid DESC LIMIT ?2"
    )
}

/// The query in FTS5's words: each word quoted, so that nothing in it is an operator. `None` where there is nothing to
/// look for.
fn prefixes(query: &str) -> Option<String> {
    let words = query.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let quoted: Vec<_> = words.map(|word| format!("\"{word}\"{}", if is_prefix(word) { "*" } else { "" })).collect();
    (!quoted.is_empty()).then(|| quoted.join(" "))
}

/// Whether a word may be the beginning of another. One or two letters begin thousands of words, and putting all their
/// hits together takes seconds; in scripts that write without spaces one sign says as much as a word.
fn is_prefix(word: &str) -> bool {
    !word.is_ascii() || word.len() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn the_newest_hits_are_found_without_sorting_all() {
        let (_home, store) = testing::store().await;
        let plan = store.mail(|db| testing::plan(db, &search_sql())).await.unwrap();
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }

    #[test]
    fn a_query_is_words_whatever_is_typed() {
        let table = [
            ("", None),
            ("  *\"-: ", None),
            ("post", Some("\"post\"*")),
            ("Grüße  an", Some("\"Grüße\"* \"an\"")),
            ("anna@example.org", Some("\"anna\"* \"example\"* \"org\"*")),
            ("a NOT b", Some("\"a\" \"NOT\"* \"b\"")),
            ("\"x\" OR subject:y", Some("\"x\" \"OR\" \"subject\"* \"y\"")),
        ];
        for (typed, expected) in table {
            assert_eq!(prefixes(typed).as_deref(), expected, "{typed}");
        }
    }
}
