//! What is shown of what was sent: how it stands, what is reported of it, and which way it goes.

use super::{LetterView, RaisedWarning};
use jiff::Timestamp;
use model::{
    Attempt, AttemptId, Class, DeliveryId, LetterId, Mark, Outgoing, OutgoingId, ReportId, ReportKind, Route,
    RoutePolicy,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A row of the Outbox.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct OutgoingRow {
    /// Its number.
    pub id: OutgoingId,
    /// From, as shown.
    pub from: String,
    /// Recipients, as text.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// When Send was pressed.
    #[ts(type = "string")]
    pub created_at: Timestamp,
    /// Its mark.
    pub mark: Mark,
    /// The next thing that will happen by itself.
    #[ts(type = "string | null")]
    pub next_attempt_at: Option<Timestamp>,
    /// Why it waits or was refused, in a few words; empty where there is nothing to say.
    pub title: String,
    /// Whether a delivery has waited for longer than `outbound.delay_notice`.
    pub late: bool,
}

/// An outgoing opened: the timeline.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct OutgoingView {
    /// The message and its deliveries.
    pub outgoing: Outgoing,
    /// Attempts of all deliveries, newest first.
    pub attempts: Vec<Attempt>,
    /// Path of the document for the frame, below the scheme `letter`.
    pub document: String,
    /// The letter it answers or forwards, and its copy in Sent, where they are here.
    pub copy: Option<LetterId>,
    /// The reports that were written here for the sender, oldest first.
    pub reports: Vec<ReportView>,
    /// The deliveries that have waited for longer than `outbound.delay_notice`.
    pub late: Vec<DeliveryId>,
    /// The DKIM keys that signed it, by the names under which DNS shows them.
    pub signed_by: Vec<String>,
    /// Why it was not signed, where it should have been.
    pub unsigned: Option<String>,
    /// The warnings with a name that its deliveries have met.
    pub warnings: Vec<RaisedWarning>,
}

/// A report on a delivery that failed or is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportView {
    /// Its number.
    pub id: ReportId,
    /// The delivery that it is about.
    pub delivery: DeliveryId,
    /// What it says.
    pub kind: ReportKind,
    /// When it was written.
    #[ts(type = "string")]
    pub created_at: Timestamp,
}

/// A report opened.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct ReportOpened {
    /// Which it is.
    pub report: ReportView,
    /// The report as a letter. Its row names no stored letter, but the outgoing.
    pub letter: LetterView,
    /// The message as text, headers and all.
    pub source: String,
}

/// A recipient whose own server said that they do not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecipientWarning {
    /// The address.
    pub address: String,
    /// When that was said last.
    #[ts(type = "string")]
    pub refused_at: Timestamp,
    /// In which words, on one line.
    pub reply: String,
    /// The warning, in a sentence.
    pub message: String,
}

/// What was learned of a destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DestinationView {
    /// The recipient domain.
    pub domain: String,
    /// When it was first contacted.
    #[ts(type = "string | null")]
    pub first_seen: Option<Timestamp>,
    /// When it last took a message.
    #[ts(type = "string | null")]
    pub last_success: Option<Timestamp>,
    /// When it last did not.
    #[ts(type = "string | null")]
    pub last_failure: Option<Timestamp>,
    /// Seconds for which its greylisting let an unknown sender wait.
    #[ts(type = "number | null")]
    pub greylist_seconds: Option<u64>,
    /// Whether it ever offered TLS.
    pub tls_offered: bool,
    /// The encryption of the last conversation; `None` was clear text.
    pub tls_version: Option<String>,
    /// The largest message it says to take, in octets.
    #[ts(type = "number | null")]
    pub size_limit: Option<u64>,
    /// How it last refused us for what we are.
    pub refused_us: Option<Class>,
}

/// Which outgoings to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum OutgoingFilter {
    /// What is not finished, or was refused and not put away.
    Outbox,
    /// What waits for its time.
    Scheduled,
    /// Everything.
    All,
}

/// A manual order for deliveries. Orders always work, or say why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "order")]
pub enum OutgoingOrder {
    /// Try now.
    Retry,
    /// Try the failed ones now, and leave the others as they are.
    RetryFailed,
    /// Keep until released.
    Hold,
    /// Let go.
    Release,
    /// Take back what has not left.
    Cancel,
    /// Another way, from now on.
    Route {
        /// Which.
        route: RoutePolicy,
    },
    /// Put a refused one away: it leaves the Outbox.
    Dismiss,
}

/// What auto would choose for these recipients now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RouteChoice {
    /// The recipient domain.
    pub domain: String,
    /// The way.
    pub route: Route,
    /// Why.
    pub reason: String,
}

/// The transcript of an attempt.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct Transcript {
    /// Of which attempt.
    pub attempt: AttemptId,
    /// Both directions, secrets replaced; empty where no conversation took place.
    pub text: String,
}
