//! Labels (X-GM-EXT-1): what a message has in whatever mailbox it is seen.
//!
//! The server leaves the label of the open mailbox out; it is added where that mailbox is a label at all: not the inbox, and
//! none that the server marks as special. A mailbox that has its role by its name alone is a label of the user's.

use super::Syncer;
use crate::error::SyncError;
use model::{Mailbox, Role};
use std::collections::BTreeSet;

/// The labels of a letter as they are kept: those that were told, and that of the mailbox where it was seen, if that is one.
pub(super) fn of_message(own: Option<&str>, told: &[String]) -> BTreeSet<String> {
    told.iter().map(String::as_str).chain(own).map(str::to_owned).collect()
}

impl Syncer {
    /// The label that a mailbox is; `None` where it is none.
    pub(super) fn label_of(&self, mailbox: &Mailbox) -> Option<String> {
        let is_label = mailbox.role != Some(Role::Inbox) && !self.special.contains(&mailbox.path);
        is_label.then(|| mailbox.path.clone())
    }

    /// Notes labels as the server has them, of letters that are here.
    pub(super) async fn note_labels<'a>(
        &mut self,
        mailbox: &Mailbox,
        told: impl Iterator<Item = (u32, &'a Option<Vec<String>>)>,
    ) -> Result<(), SyncError> {
        let own = self.label_of(mailbox);
        let labels: Vec<(u32, BTreeSet<String>)> =
            told.filter_map(|(uid, names)| Some((uid, of_message(own.as_deref(), names.as_deref()?)))).collect();
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

    #[test]
    fn a_message_has_the_same_labels_wherever_it_is_seen() {
        let names = |told: &[&str]| told.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let seen = [of_message(None, &names(&["Bills", "Work"])), of_message(Some("Work"), &names(&["Bills"]))];
        assert!(
            seen.iter().all(|labels| *labels == BTreeSet::from(["Bills".to_owned(), "Work".to_owned()])),
            "{seen:?}"
        );
    }
}
