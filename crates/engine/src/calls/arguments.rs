//! What the calls take that no part of the engine has of its own.

use crate::view::{AnswerKind, LetterChange, ListSource, OutgoingFilter, OutgoingOrder};
use model::{
    AccountId, AttachmentId, AttemptId, DeliveryId, DkimKeyId, DraftId, IdentityId, LetterId, OutgoingId, ReportId,
    RoutePolicy, Server,
};
use serde::Deserialize;
use store::Draft;
use ts_rs::TS;

/// An address.
#[derive(Debug, Deserialize, TS)]
pub struct AddressArgs {
    /// As typed.
    pub address: String,
}

/// An account.
#[derive(Debug, Deserialize, TS)]
pub struct AccountArgs {
    /// Which.
    pub account: AccountId,
}

/// A new password.
#[derive(Deserialize, TS)]
pub struct PasswordArgs {
    /// Of which account.
    pub account: AccountId,
    /// Of this smart host alone, by its name; `None` means the IMAP server and every smart host that has the same login
    /// name.
    pub smart_host: Option<String>,
    /// The password.
    pub password: String,
    /// Stores it without a test.
    #[serde(default)]
    #[ts(optional)]
    pub untested: Option<bool>,
}

/// A smart host to be added.
#[derive(Deserialize, TS)]
pub struct SmartHostAddArgs {
    /// To which account.
    pub account: AccountId,
    /// The name by which routes call it; empty for the name of the host.
    pub name: String,
    /// Where it is. An empty user means that no login is asked for.
    pub server: Server,
    /// The password or token; `None` or empty where no login is asked for.
    pub secret: Option<String>,
}

/// A smart host to be tested.
#[derive(Deserialize, TS)]
pub struct SmartHostTestArgs {
    /// Of which account; `None` for one that is not added yet.
    #[serde(default)]
    #[ts(optional)]
    pub account: Option<AccountId>,
    /// Its name there: without a `secret` it is tested with the stored one.
    #[serde(default)]
    #[ts(optional)]
    pub smart_host: Option<String>,
    /// Where it is. An empty user means that no login is asked for.
    pub server: Server,
    /// The password or token.
    pub secret: Option<String>,
}

/// What to sync.
#[derive(Debug, Deserialize, TS)]
pub struct SyncArgs {
    /// One account, or all.
    pub account: Option<AccountId>,
}

/// A window of a list.
#[derive(Debug, Deserialize, TS)]
pub struct ListArgs {
    /// Which letters.
    pub source: ListSource,
    /// Index of the first row.
    pub offset: u32,
    /// How many rows, at most 500.
    pub limit: u32,
    /// Whether a row is a thread. Sent and Drafts list their letters one by one in any case: each has a fate of its own.
    #[serde(default)]
    pub threaded: bool,
}

/// A letter.
#[derive(Debug, Deserialize, TS)]
pub struct LetterArgs {
    /// Which.
    pub letter: LetterId,
}

/// A change to letters.
#[derive(Debug, Deserialize, TS)]
pub struct LetterChangeArgs {
    /// Which.
    pub letters: Vec<LetterId>,
    /// What.
    pub change: LetterChange,
}

/// How to begin a draft.
#[derive(Debug, Deserialize, TS)]
pub struct DraftNewArgs {
    /// From which account; `None` for the first.
    pub account: Option<AccountId>,
    /// A mailto: link (RFC 6068).
    pub mailto: Option<String>,
}

/// What to answer, and how.
#[derive(Debug, Deserialize, TS)]
pub struct DraftAnswerArgs {
    /// Which letter.
    pub letter: LetterId,
    /// How.
    pub kind: AnswerKind,
}

/// A draft.
#[derive(Debug, Deserialize, TS)]
pub struct DraftArgs {
    /// Which.
    pub draft: DraftId,
}

/// What is written.
#[derive(Debug, Deserialize, TS)]
pub struct DraftSaveArgs {
    /// Which.
    pub draft: DraftId,
    /// Everything but the files.
    pub content: Draft,
}

/// Files for a draft.
#[derive(Debug, Deserialize, TS)]
pub struct DraftAttachArgs {
    /// Which.
    pub draft: DraftId,
    /// The files.
    pub paths: Vec<String>,
}

/// A file of a draft.
#[derive(Debug, Deserialize, TS)]
pub struct DraftDetachArgs {
    /// Which draft.
    pub draft: DraftId,
    /// Which file.
    pub attachment: AttachmentId,
}

/// Send.
#[derive(Debug, Deserialize, TS)]
pub struct DraftSendArgs {
    /// Which draft.
    pub draft: DraftId,
    /// Not before this time (RFC 3339); `None` for now, after the undo window.
    pub at: Option<String>,
}

/// A letter as it is addressed now.
#[derive(Debug, Deserialize, TS)]
pub struct RoutePreviewArgs {
    /// From which account.
    pub account: AccountId,
    /// As which identity; `None` for the first.
    #[serde(default)]
    #[ts(optional)]
    pub identity: Option<IdentityId>,
    /// What the composer's route control says.
    pub route: RoutePolicy,
    /// To, Cc and Bcc; what is not an address is left out.
    pub recipients: Vec<String>,
}

/// Which outgoings.
#[derive(Debug, Deserialize, TS)]
pub struct OutgoingListArgs {
    /// Which.
    pub filter: OutgoingFilter,
}

/// An outgoing.
#[derive(Debug, Deserialize, TS)]
pub struct OutgoingArgs {
    /// Which.
    pub outgoing: OutgoingId,
}

/// An order.
#[derive(Debug, Deserialize, TS)]
pub struct OutgoingOrderArgs {
    /// Which outgoing.
    pub outgoing: OutgoingId,
    /// One delivery, or all.
    pub delivery: Option<DeliveryId>,
    /// What to do.
    pub order: OutgoingOrder,
}

/// An attempt.
#[derive(Debug, Deserialize, TS)]
pub struct AttemptArgs {
    /// Which.
    pub attempt: AttemptId,
}

/// A domain.
#[derive(Debug, Deserialize, TS)]
pub struct DkimDomainArgs {
    /// As typed; an address of it will do.
    pub domain: String,
}

/// A DKIM key.
#[derive(Debug, Deserialize, TS)]
pub struct DkimKeyArgs {
    /// Which.
    pub key: DkimKeyId,
}

/// A report.
#[derive(Debug, Deserialize, TS)]
pub struct ReportArgs {
    /// Which.
    pub report: ReportId,
}

/// A report and a file.
#[derive(Debug, Deserialize, TS)]
pub struct ReportSaveArgs {
    /// Which.
    pub report: ReportId,
    /// The file to write.
    pub path: String,
}

/// Recipients that are being written to.
#[derive(Debug, Deserialize, TS)]
pub struct RecipientWarningsArgs {
    /// As typed; what is no address is passed over.
    pub addresses: Vec<String>,
}

/// A destination.
#[derive(Debug, Deserialize, TS)]
pub struct DestinationArgs {
    /// The recipient domain, as listed or typed.
    pub domain: String,
}

/// A setting.
#[derive(Debug, Deserialize, TS)]
pub struct SettingArgs {
    /// Its name, as on the command line.
    pub key: String,
}

/// A setting and its value.
#[derive(Debug, Deserialize, TS)]
pub struct SettingSetArgs {
    /// Its name, as on the command line.
    pub key: String,
    /// The value; `None` unsets it.
    pub value: Option<String>,
}
