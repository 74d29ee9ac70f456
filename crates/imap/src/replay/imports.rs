//! Letters from files, put into a mailbox once.

use super::orders::Note;
use crate::error::SyncError;
use crate::session::Within;
use crate::sync::Syncer;
use jiff::Timestamp;
use model::Flags;
use store::JournalEntry;

impl Syncer {
    /// Puts a letter into a mailbox, unless one with its Message-ID and size is there: a second try finds the first, and
    /// a second import finds what the first one brought, whatever is known of it here.
    pub(super) async fn import_once(
        &mut self,
        entry: &JournalEntry,
        path: &str,
        (message_id, size): (&str, u64),
        flags: Flags,
        received: Option<Timestamp>,
    ) -> Result<Note, SyncError> {
        let opened = self.open_or_make(path).await?;
        let is_there = match message_id {
            "" => self.was_appended(entry, &opened, "").await?,
            id => {
                let within = Within { size: Some(size), ..Within::default() };
                !self.session.with_message_id(id, within).await?.is_empty()
            }
        };
        if !is_there {
            let bytes = self.store.journal_bytes(entry.id).await?;
            self.session.append_received(path, flags, received, &bytes).await?;
        }
        self.touch(path).await?;
        Ok(None)
    }
}
