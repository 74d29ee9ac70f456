//! Labels (X-GM-EXT-1): what a message has in whatever mailbox it is seen.
//!
//! The server leaves the label of the open mailbox out; it is added where that mailbox is a label at all: one that has no
//! role.

use super::Syncer;
use crate::error::SyncError;
use model::Mailbox;
use std::collections::BTreeSet;

/// The labels of a letter that was seen in a mailbox, as they are kept.
pub(super) fn of_message(mailbox: &Mailbox, told: &[String]) -> BTreeSet<String> {
    let own = mailbox.role.is_none().then(|| mailbox.path.clone());
    told.iter().cloned().chain(own).collect()
}

impl Syncer {
    /// Notes labels as the server has them, of letters that are here.
    pub(super) async fn note_labels<'a>(
        &mut self,
        mailbox: &Mailbox,
        told: impl Iterator<Item = (u32, &'a Option<Vec<String>>)>,
    ) -> Result<(), SyncError> {
        let labels: Vec<(u32, BTreeSet<String>)> =
            told.filter_map(|(uid, names)| Some((uid, of_message(mailbox, names.as_deref()?)))).collect();
        if labels.is_empty() {
            return Ok(());
        }
        let different = self.store.set_labels(mailbox.id, labels).await?;
        self.tell_letters(mailbox, Vec::new(), different, Vec::new()).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{AccountId, MailboxId, Role};

    #[test]
    fn a_message_has_the_same_labels_wherever_it_is_seen() {
        let mailbox = |path: &str, role| Mailbox {
            id: MailboxId(1),
            account: AccountId(1),
            path: path.into(),
            name: path.into(),
            separator: None,
            role,
            selectable: true,
            subscribed: true,
            total: 0,
            unread: 0,
        };
        let names = |told: &[&str]| told.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let seen = [
            of_message(&mailbox("[Gmail]/All Mail", Some(Role::All)), &names(&["Bills", "Work"])),
            of_message(&mailbox("INBOX", Some(Role::Inbox)), &names(&["Work", "Bills"])),
            of_message(&mailbox("Work", None), &names(&["Bills"])),
        ];
        assert!(
            seen.iter().all(|labels| *labels == BTreeSet::from(["Bills".to_owned(), "Work".to_owned()])),
            "{seen:?}"
        );
    }
}
