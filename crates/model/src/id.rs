//! Identifiers: a newtype each, so that a mailbox's number cannot be handed in where a letter's is asked for.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        pub struct $name(#[ts(type = "number")] pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// One IMAP login with its identities and smart hosts.
    AccountId;
    /// A From address of an account.
    IdentityId;
    /// A smart host of an account.
    SmartHostId;
    /// An IMAP mailbox, as it is stored here.
    MailboxId;
    /// A stored message (the `id` of the command line's `list`); not its Message-ID.
    LetterId;
    /// A message, once for an account, however many mailboxes it lies in.
    ContentId;
    /// Messages joined by References.
    ThreadId;
    /// A message that the user sent.
    OutgoingId;
    /// One recipient of an outgoing.
    DeliveryId;
    /// One try for one delivery.
    AttemptId;
    /// A letter that is being written.
    DraftId;
    /// A file that belongs to a draft.
    AttachmentId;
    /// A report that was written here for the sender.
    ReportId;
    /// A key to sign with.
    DkimKeyId;
    /// A search that is kept.
    SavedSearchId;
    /// A person whom the user keeps.
    ContactId;
    /// One thing to do on the IMAP server, done here already.
    JournalId;
    /// A network that this computer was on.
    NetworkId;
    /// One check of a network, as it is kept.
    NetworkCheckId;
}
