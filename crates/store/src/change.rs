//! What a commit changed, told to whoever listens: the window asks again for what it shows, the runner looks at the
//! queue. A change says where to look, never what is there now.

use model::{AccountId, MailboxId, OutgoingId};

/// Something that was committed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Accounts, identities or smart hosts.
    Accounts,
    /// Settings.
    Settings,
    /// Drafts or their attachments.
    Drafts,
    /// People whom the user keeps, or addresses that are not to be offered.
    Contacts,
    /// An outgoing, its deliveries or attempts.
    Outgoing(OutgoingId),
    /// What waits to be done on an account's server.
    Journal(AccountId),
    /// The list of an account's mailboxes, or their counters.
    Mailboxes(AccountId),
    /// Letters of a mailbox came, went or changed.
    Letters(MailboxId),
    /// What is known of networks.
    Networks,
    /// Another process committed something; nobody knows what.
    Elsewhere,
}
