//! Letters copied, and what a mailbox got since it was looked at last (RFC 9051 §6.4.4, §6.4.7).

use super::Session;
use super::letters::Moved;
use crate::error::SyncError;
use crate::uidset::UidSet;
use crate::wire::command::Command;

/// Octets of a set of UIDs in one command.
const SET: usize = 4000;

impl Session {
    /// Copies letters of the open mailbox. A command copies all that it names, or none.
    pub async fn copy_to(&mut self, uids: &UidSet, target: &str) -> Result<Moved, SyncError> {
        let name = self.target(target);
        let mut copied = Moved::default();
        for piece in uids.clone().pieces(SET) {
            let answer = self.run(&Command::new("UID COPY").uids(&piece).mailbox(&name), |_| {}).await?;
            copied.learn(answer.code, &piece);
        }
        Ok(copied)
    }

    /// The highest UID in the open mailbox; 0 where it is empty.
    pub async fn last_uid(&mut self) -> Result<u32, SyncError> {
        if self.exists() == 0 {
            return Ok(0);
        }
        let last = self.exists();
        Ok(self.rows_at(last..=last).await?.last().map_or(0, |row| row.uid))
    }

    /// Deletes for good what is in the open mailbox up to a UID.
    pub async fn expunge_up_to(&mut self, uid: u32) -> Result<(), SyncError> {
        match UidSet::parse(&format!("1:{uid}")) {
            Some(all) => self.expunge(&all).await,
            None => Ok(()),
        }
    }
}
