//! The words of Postrider as types, and the decisions that need nothing but values.
//!
//! What comes in are plain values; what goes out are plain values. No I/O, no clock, no randomness: whoever wants to
//! know "now" hands it in. Every other crate stands on this one, and so every word means the same everywhere: in code,
//! on disk, on the command line and in the window.

mod account;
mod address;
mod age;
pub mod bearer;
mod calls;
pub mod contact;
pub mod diagnosis;
mod dkim;
mod fault;
mod id;
mod mail;
mod network;
mod oauth;
mod outgoing;
mod phase;
pub mod query;
mod reply;
mod report;
mod route;
mod schedule;
mod secret;
mod state;
pub mod subject;
pub mod throttle;
mod tls;
pub mod words;

pub use account::{Account, Identity, LoginForm, RouteRule, Security, Server, SmartHost};
pub use address::{Address, AddressError, EmailAddress, shown_domain};
pub use age::OnlineHours;
pub use calls::CallError;
pub use diagnosis::{Class, Diagnosis, Known, WhoActs, diagnose};
pub use dkim::{DkimAlgorithm, DkimShown};
pub use fault::{DnsFault, Fault, Outcome};
pub use id::{
    AccountId, AttachmentId, AttemptId, ContactId, ContentId, DeliveryId, DkimKeyId, DraftId, IdentityId, JournalId,
    LetterId, MailboxId, NetworkCheckId, NetworkId, OutgoingId, ReportId, SavedSearchId, SmartHostId, ThreadId,
};
pub use mail::{Flag, Flags, Mailbox, Role};
pub use network::NetworkKind;
pub use oauth::OAuthClient;
pub use outgoing::{Attempt, Delivery, Envelope, HoldReason, Outgoing};
pub use phase::Phase;
pub use reply::{EnhancedCode, MAX_REPLY_BYTES, MAX_REPLY_LINES, Reply, ReplyError, ReplyParser};
pub use report::ReportKind;
pub use route::{Route, RoutePolicy};
pub use schedule::{
    Counts, End, Pauses, Schedule, ScheduleError, Step, StepInput, duration_text, next_step, parse_duration,
};
pub use secret::Secret;
pub use state::{DeliveryState, Mark};
pub use tls::{TlsDemand, TlsPolicy, TlsReport, Tlsa, VerifiedBy};
