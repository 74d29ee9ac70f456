//! What the window is shown: plain values made for reading, never rows of the database.

mod accounts;
mod letters;
mod outgoings;

pub use crate::attachments::{Look, Preview, danger::Care};
pub use crate::authenticity::SenderView;
pub use crate::checks::CheckReport;
pub use crate::contacts::view::*;
pub use crate::discovery::view::*;
pub use crate::dkim::view::{DkimDomain, DkimKeyView, DkimState};
pub use crate::frame::{LetterColours, LetterLook, LetterWarning, LinkView};
pub use crate::images::{ImagePermissionView, ImageScope};
pub use crate::leaving::view::*;
pub use crate::marks::{LetterOutlook, RecipientMark};
pub use crate::networks::view::*;
pub use crate::oauth::view::*;
pub use crate::threads::ThreadSummary;
pub use crate::trust::{CertificateView, TrustArgs};
pub use crate::unsubscribe::{LeaveWay, Left, ListView};
pub use crate::warnings::RaisedWarning;
pub use accounts::*;
pub use advisor::checks::finding::{Check, Copyable, Evidence, Finding, Status as FindingStatus, shown_millis};
pub use advisor::mark::{Mark as KnownOfRecipient, MarkEncryption, MarkKind, MarkTone};
pub use advisor::outlook::{Better, Outlook, OutlookKind, OutlookTone};
pub use advisor::verdict::Verdict as DirectVerdict;
pub use advisor::warning::{Sighting, WaitingLetter, WarningAction, WarningName, WarningPage};
pub use letters::*;
pub use message::authenticity::Mark as AuthenticityMark;
pub use outgoings::*;

use model::{AccountId, DeliveryId, MailboxId, OutgoingId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a call takes that takes nothing.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SettingView {
    /// Its name, as on the command line.
    pub key: String,
    /// What it is for, its form, and its default.
    pub what: String,
    /// What it is set to; `None` where it is not.
    pub value: Option<String>,
    /// What holds where it is not set; `None` where that is found out as it is needed.
    pub default: Option<String>,
}

/// What happened. The window asks for what it shows; an event only says what changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// Accounts were added, changed or removed.
    Accounts,
    /// Letters came, went or changed in these mailboxes.
    Letters {
        /// Which.
        mailboxes: Vec<MailboxId>,
    },
    /// New mail in an inbox, for the live region and the notification.
    NewMail {
        /// The new letters.
        rows: Vec<LetterRow>,
    },
    /// An outgoing changed.
    Outgoing {
        /// Which.
        id: OutgoingId,
    },
    /// A delivery was refused or given up: somebody should look.
    Refused {
        /// The outgoing.
        id: OutgoingId,
        /// The delivery.
        delivery: DeliveryId,
        /// The recipient.
        address: String,
        /// The subject.
        subject: String,
        /// What happened, in a few words.
        title: String,
    },
    /// A delivery has been on its way for long and is tried further. Said once.
    Delayed {
        /// The outgoing.
        id: OutgoingId,
        /// The delivery.
        delivery: DeliveryId,
        /// The recipient.
        address: String,
        /// The subject.
        subject: String,
        /// What stands in the way, in a few words.
        title: String,
    },
    /// People whom the user keeps changed.
    Contacts,
    /// Drafts changed.
    Drafts,
    /// This computer is on another network, or something else is known of one.
    Network,
    /// Direct sending is worth something else than before, and letters wait for it.
    DirectVerdict {
        /// What it is worth now.
        verdict: DirectVerdict,
        /// Why, in a sentence.
        because: String,
        /// How many letters wait.
        waiting: u32,
    },
    /// A switch of the practice world was turned, or it slept.
    Practice,
    /// More is known of recipients who are being written to.
    Marks,
    /// The sync of an account went on.
    Sync {
        /// Which account.
        account: AccountId,
        /// What it does.
        state: SyncState,
    },
    /// Something done here could not be done on the server as it was ordered.
    Note {
        /// Whose server.
        account: AccountId,
        /// What became of it, in a sentence.
        text: String,
    },
    /// A setting changed.
    Settings,
    /// The keys of a domain, or what DNS shows of them.
    Dkim {
        /// The domain.
        domain: String,
    },
    /// An import or export went on.
    Transfer {
        /// How far it is.
        transfer: crate::transfer::TransferView,
    },
    /// Anything may have changed, since another process wrote: everything that is shown has to be asked for again.
    Stale,
}
