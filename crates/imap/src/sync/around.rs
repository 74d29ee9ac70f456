//! Mailboxes other than the inbox, where the server tells of the inbox alone (no NOTIFY): their numbers are asked now and
//! then, and one in which something happened is brought up to date.
//!
//! All of them in one question where the server has LIST-STATUS; else those in which something happens by itself: a letter
//! that another program sent, filed or drafted. One whose numbers stay odd is looked at once.

use super::Syncer;
use crate::error::SyncError;
use crate::plan::{self, Depth};
use crate::session::Numbers;
use model::{Mailbox, Role};

impl Syncer {
    /// Looks at the mailboxes in which something happened.
    pub async fn look_around(&mut self) -> Result<(), SyncError> {
        let statuses = self.session.statuses().await?;
        let mut mailboxes = self.settled().await?;
        mailboxes.retain(|mailbox| mailbox.role != Some(Role::Inbox));
        for mailbox in mailboxes {
            let numbers = match statuses.get(&mailbox.path) {
                Some(numbers) => Some(*numbers),
                None if statuses.is_empty() && lives(&mailbox) => self.session.status_of(&mailbox.path).await?,
                None => None,
            };
            if let Some(numbers) = numbers
                && self.is_news(&mailbox, numbers).await?
            {
                self.bring_up_to_date(&mailbox, Depth::Recent).await?;
            }
        }
        Ok(())
    }

    async fn is_news(&mut self, mailbox: &Mailbox, numbers: Numbers) -> Result<bool, SyncError> {
        if self.seen.insert(mailbox.id, numbers) == Some(numbers) {
            return Ok(false);
        }
        let known = self.store.mailbox_state(mailbox.id).await?;
        let here = self.counted(mailbox.id).await?;
        Ok(plan::has_news(&known, &numbers, here))
    }
}

/// Whether letters come into a mailbox by what people do elsewhere.
fn lives(mailbox: &Mailbox) -> bool {
    matches!(mailbox.role, Some(Role::Sent | Role::Drafts | Role::Archive))
}
