//! What is shown of letters.
use super::{Letter, LetterRow, LetterSource};
use crate::{Result, Store, later};
use model::{AccountId, LetterId, ThreadId};

impl Store {
    /// How many letters there are, and a window of them, newest first.
    pub async fn letters(&self, source: LetterSource, offset: u32, limit: u32) -> Result<(u32, Vec<LetterRow>)> {
        later((source, offset, limit))
    }

    /// These rows, in this order; those that are gone are left out.
    pub async fn letter_rows(&self, ids: &[LetterId]) -> Result<Vec<LetterRow>> {
        later(ids)
    }

    /// One letter.
    pub async fn letter(&self, id: LetterId) -> Result<Option<Letter>> {
        later(id)
    }

    /// The whole letter as it came; `None` while it was not fetched.
    pub async fn raw(&self, id: LetterId) -> Result<Option<Vec<u8>>> {
        later(id)
    }

    /// A letter of this Message-ID.
    pub async fn letter_by_message_id(
        &self,
        account: Option<AccountId>,
        message_id: &str,
    ) -> Result<Option<LetterRow>> {
        later((account, message_id))
    }

    /// The letters of a thread, oldest first.
    pub async fn thread(&self, id: ThreadId) -> Result<Vec<LetterRow>> {
        later(id)
    }
}
