//! The list of mailboxes and how far each was synced.
use super::{ListedMailbox, MailboxState};
use crate::{Result, Store, later};
use model::{AccountId, Mailbox, MailboxId, Role};

impl Store {
    /// The mailboxes of an account, or of all, in the order of their roles and then by name.
    pub async fn mailboxes(&self, account: Option<AccountId>) -> Result<Vec<Mailbox>> {
        later(account)
    }

    /// One mailbox.
    pub async fn mailbox(&self, id: MailboxId) -> Result<Option<Mailbox>> {
        later(id)
    }

    /// The mailbox of this role.
    pub async fn mailbox_by_role(&self, account: AccountId, role: Role) -> Result<Option<Mailbox>> {
        later((account, role))
    }

    /// The mailbox of this path.
    pub async fn mailbox_by_path(&self, account: AccountId, path: &str) -> Result<Option<Mailbox>> {
        later((account, path))
    }

    /// Makes the list what the server says it is, and returns it. Mailboxes that are gone go with their letters.
    pub async fn sync_mailbox_list(&self, account: AccountId, listed: Vec<ListedMailbox>) -> Result<Vec<Mailbox>> {
        later((account, listed))
    }

    /// How far it was synced.
    pub async fn mailbox_state(&self, id: MailboxId) -> Result<MailboxState> {
        later(id)
    }

    /// Notes how far it was synced.
    pub async fn set_mailbox_state(&self, id: MailboxId, state: MailboxState) -> Result<()> {
        later((id, state))
    }

    /// UIDVALIDITY changed: no UID here means anything any more. The letters stay, without a UID, until the sync finds
    /// them again by their content ([`Store::insert_letters`]) or says that it is through ([`Store::drop_unplaced`]).
    pub async fn reset_mailbox(&self, id: MailboxId) -> Result<()> {
        later(id)
    }

    /// Removes what is here of an account that was removed.
    pub(crate) async fn forget_mail(&self, account: AccountId) -> Result<()> {
        self.write_mail(move |tx| {
            tx.execute("DELETE FROM mailbox WHERE account = ?1", [account.0])?;
            tx.execute("DELETE FROM thread_reference WHERE account = ?1", [account.0])?;
            tx.changed(crate::Change::Mailboxes(account));
            Ok(())
        })
        .await
    }
}
