//! The queue: outgoings, their deliveries and attempts. One file a verb: `submit`, `claim`, `record`, `recover`,
//! `hasten`, `login`, `order`, `handing`, `dsn`, `purge`, and `read`, `outbox` and `unfiled` for what is shown. What a verb does to
//! one delivery is decided in `decide`, from plain values; `standing` is where such a value comes from and goes to.
//!
//! What always holds:
//! - An outgoing and its deliveries come into being in one transaction, with the bytes, which never change again.
//! - A delivery is in at most one hand: who tries it, until when, and when it is tried next if nobody comes back are
//!   committed before anybody dials.
//! - A delivery that a server took stays taken. Only an order of the user brings back one that is done.

mod bytes;
mod claim;
mod decide;
mod dsn;
mod earlier;
mod handing;
mod hasten;
mod login;
mod order;
mod outbox;
mod purge;
mod read;
mod record;
mod recover;
mod standing;
mod submit;
mod unfiled;

pub(crate) use bytes::bytes;
pub use handing::HandingOver;
pub use login::WaitsForLogin;
pub use outbox::Outbox;
pub use purge::Purged;
pub use unfiled::UnfiledRow;

use jiff::Timestamp;
use model::{
    AccountId, Address, Attempt, Counts, DeliveryId, DeliveryState, Diagnosis, DraftId, EmailAddress, EnhancedCode,
    HoldReason, LetterId, Outgoing, RoutePolicy,
};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// A message to be queued.
#[derive(Clone, Debug)]
pub struct NewOutgoing {
    /// The account it is sent from; `None` for the sendmail interface without one.
    pub account: Option<AccountId>,
    /// Its Message-ID, without the angle brackets.
    pub message_id: String,
    /// MAIL FROM; `None` is the null sender.
    pub sender: Option<EmailAddress>,
    /// From, as shown.
    pub from: Address,
    /// To, as shown.
    pub to: Vec<Address>,
    /// Subject, decoded.
    pub subject: String,
    /// How its text begins, for lists.
    pub snippet: String,
    /// How many files it holds.
    pub attachments: u32,
    /// The message. It never holds Bcc.
    pub bytes: Vec<u8>,
    /// What the sender asked for.
    pub route: RoutePolicy,
    /// Everyone who is to get it, blind copies too. Named twice counts once.
    pub recipients: Vec<EmailAddress>,
    /// Which of the recipients get a blind copy; only the sender is ever shown this.
    pub bcc: Vec<EmailAddress>,
    /// Held at first: why, and until when (`None`: until it is released).
    pub hold: Option<(HoldReason, Option<Timestamp>)>,
    /// The draft that it was; deleted in the same transaction.
    pub draft: Option<DraftId>,
    /// When Send was pressed.
    pub created_at: Timestamp,
    /// Whether it may travel only over verified encryption (REQUIRETLS, RFC 8689).
    pub require_tls: bool,
    /// The letter that it answers.
    pub answers: Option<LetterId>,
}

/// Which outgoings to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutgoingFilter {
    /// All.
    All,
    /// Those that are not finished: a delivery is held, queued, sending or deferred, or was refused and nobody has
    /// dismissed it.
    Open,
}

/// Deliveries in our hands: an outgoing with those of its deliveries that were claimed, and no others, and what is needed
/// to try them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The outgoing.
    pub outgoing: Outgoing,
    /// Which deliveries the user ordered to go now, though they had waited for a reason.
    pub ordered: Vec<DeliveryId>,
    /// The message, where it is small; a larger one is read in blocks ([`crate::Store::outgoing_block`]).
    pub bytes: Option<Arc<[u8]>>,
    /// The address that answered last for each recipient domain, when it was tried before, direct.
    pub spoken_to: BTreeMap<String, IpAddr>,
    /// For deliveries that are greylisted: when the first attempt was made that was.
    pub greylisted_since: BTreeMap<DeliveryId, Timestamp>,
}

/// What was due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// What is now in our hands.
    pub claimed: Vec<Claimed>,
    /// When the next delivery is due; `None` when nothing will happen by itself. A time that has passed: there was more
    /// than was asked for.
    pub next: Option<Timestamp>,
}

/// What came of one claimed delivery.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The attempts of this round, the first first: one for each address that was tried. None where none was made (given
    /// up by age, put back unused).
    pub attempts: Vec<Made>,
    /// The state it comes to: accepted, relayed, deferred, failed, or queued (put back).
    pub state: DeliveryState,
    /// When it is tried next. A deferred one without a time keeps the one that was committed when it was claimed.
    pub next_attempt_at: Option<Timestamp>,
    /// Whether the attempt counts towards the schedule.
    pub counts: Counts,
    /// What the answer means; `None` for a success.
    pub diagnosis: Option<Diagnosis>,
}

/// An attempt that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The attempt. Its `id` is ignored.
    pub attempt: Attempt,
    /// What was said on the wire. Recipients that travelled together share one `Arc`, and it is stored once.
    pub transcript: Option<Arc<str>>,
}

/// What the user wants of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Now: what waits, is held, or was refused is due at once.
    Retry,
    /// Not until it is released.
    Hold,
    /// What is held may go.
    Release,
    /// Never.
    Cancel,
    /// Another way from now on; what waits or was refused is due at once.
    Route(RoutePolicy),
    /// Seen: a refused delivery leaves the outbox.
    Dismiss,
}

/// What a delivery status notification says of one recipient (RFC 3464 §2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DsnAction {
    /// It came back.
    Failed,
    /// It is late.
    Delayed,
    /// It is in the mailbox.
    Delivered,
    /// It went on to where no notifications come from.
    Relayed,
    /// It was sent on to several.
    Expanded,
}

/// One recipient's part of a delivery status notification.
#[derive(Clone, Debug)]
pub struct DsnNotice {
    /// The account that it came to.
    pub account: AccountId,
    /// The Message-ID of the message it is about, without the angle brackets.
    pub message_id: String,
    /// What it calls the envelope (see [`Outgoing::envelope_id`]), where it was told.
    pub envelope_id: Option<String>,
    /// The recipient, as the notification names it; `None` where it names none.
    pub recipient: Option<String>,
    /// What became of it.
    pub action: DsnAction,
    /// The status that it gives.
    pub status: Option<EnhancedCode>,
    /// What it means.
    pub diagnosis: Option<Diagnosis>,
    /// When it was read.
    pub at: Timestamp,
}

#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;
