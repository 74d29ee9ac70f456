//! Full-text search.
use super::LetterRow;
use crate::{Result, Store, later};

impl Store {
    /// Letters that have words beginning with all the words of the query, newest first.
    pub async fn search(&self, query: &str, limit: u32) -> Result<Vec<LetterRow>> {
        later((query, limit))
    }
}
