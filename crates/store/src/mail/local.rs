//! What the user does to letters: in the journal first, then here.
use crate::{Result, Store, later};
use model::{Flag, JournalId, LetterId, MailboxId};

impl Store {
    /// Sets or clears a flag here at once and orders it on the server. Letters that have it so already are left out.
    pub async fn apply_local_flag(&self, letters: &[LetterId], flag: Flag, on: bool) -> Result<Vec<JournalId>> {
        later((letters, flag, on))
    }

    /// Moves letters here at once and orders it on the server. The target must belong to the same account.
    pub async fn apply_local_move(&self, letters: &[LetterId], target: MailboxId) -> Result<Vec<JournalId>> {
        later((letters, target))
    }

    /// Deletes letters for good here at once and orders it on the server.
    pub async fn apply_local_delete(&self, letters: &[LetterId]) -> Result<Vec<JournalId>> {
        later(letters)
    }
}
