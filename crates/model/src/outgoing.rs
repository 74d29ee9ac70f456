//! A message that the user sent, its deliveries and their attempts.

use crate::{
    AccountId, AttemptId, DeliveryId, DeliveryState, Diagnosis, EmailAddress, OutgoingId, Phase, Reply, Route,
    RoutePolicy, TlsPolicy, TlsReport,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Who sends to whom, as SMTP says it (RFC 5321 §2.3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// MAIL FROM; `None` is the null sender `<>`.
    pub sender: Option<EmailAddress>,
    /// RCPT TO, each once.
    pub recipients: Vec<EmailAddress>,
}

/// Why a delivery is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum HoldReason {
    /// The seconds after Send in which it can be taken back.
    Undo,
    /// Until a time that the user chose.
    Scheduled,
    /// Until the user releases it.
    Paused,
}

/// A message that the user sent. Its bytes never change again and are fetched by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Outgoing {
    /// Its number here.
    pub id: OutgoingId,
    /// The account it is sent from; `None` for what came through the sendmail interface without one.
    pub account: Option<AccountId>,
    /// Its Message-ID, without the angle brackets.
    pub message_id: String,
    /// MAIL FROM; `None` is the null sender.
    pub sender: Option<EmailAddress>,
    /// From, as shown.
    pub from: String,
    /// Subject, decoded.
    pub subject: String,
    /// Octets of the message.
    #[ts(type = "number")]
    pub size: u64,
    /// When Send was pressed.
    #[ts(type = "string")]
    pub created_at: Timestamp,
    /// What the sender asked for.
    pub route: RoutePolicy,
    /// Whether it may travel only over verified encryption, here and beyond (REQUIRETLS, RFC 8689).
    #[serde(default)]
    pub require_tls: bool,
    /// One per recipient, in the order of the envelope.
    pub deliveries: Vec<Delivery>,
}

impl Outgoing {
    /// What a notification names it by (ENVID, RFC 3461 §4.4): its number here, and when it was sent, to the
    /// millisecond. The same at every try, and not to be known from the message itself.
    pub fn envelope_id(&self) -> String {
        format!("{}.{:x}", self.id, self.created_at.as_millisecond())
    }
}

/// One recipient of an outgoing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Delivery {
    /// Its number here.
    pub id: DeliveryId,
    /// The recipient.
    pub address: EmailAddress,
    /// Where it is.
    pub state: DeliveryState,
    /// Why it is held, while it is.
    pub hold: Option<HoldReason>,
    /// A route for this recipient alone; `None` follows the outgoing.
    pub route: Option<RoutePolicy>,
    /// When it is tried next (or released, while held); `None` when nothing will happen by itself.
    #[ts(type = "string | null")]
    pub next_attempt_at: Option<Timestamp>,
    /// Since when it has been due: the age at which it is given up counts from here. Time in which it was held is not
    /// in it, and to try again what was given up begins it anew.
    #[ts(type = "string")]
    pub due_since: Timestamp,
    /// How many attempts count towards the schedule (a local cause does not count).
    pub tries: u32,
    /// What the last attempt, or the giving up, means.
    pub diagnosis: Option<Diagnosis>,
    /// When it came to its state.
    #[ts(type = "string")]
    pub changed_at: Timestamp,
}

/// One try for one delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attempt {
    /// Its number here; 0 before it is stored.
    pub id: AttemptId,
    /// The delivery it was for.
    pub delivery: DeliveryId,
    /// Beginning.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// End.
    #[ts(type = "string")]
    pub ended_at: Timestamp,
    /// The way it went.
    pub route: Route,
    /// Why this way, where Postrider chose it.
    pub route_reason: Option<String>,
    /// The host's name, where one was reached or tried.
    pub host: Option<String>,
    /// The host's IP address.
    pub address: Option<String>,
    /// The TCP port.
    pub port: Option<u16>,
    /// Our address on the connection, and the name given in EHLO: greylisting keys on both.
    pub source: Option<String>,
    /// The name given in EHLO.
    pub helo: Option<String>,
    /// The rule that the encryption had to obey; `None` where it did not come to that.
    #[serde(default)]
    pub tls_policy: Option<TlsPolicy>,
    /// What was found out for that rule, a sentence each: a policy fetched or failed, records proven or not, a downgrade.
    #[serde(default)]
    pub tls_notes: Vec<String>,
    /// The encryption that was reached; `None` is clear text (or no connection).
    pub tls: Option<TlsReport>,
    /// Where it ended.
    pub phase: Phase,
    /// What the server said.
    pub reply: Option<Reply>,
    /// What went wrong where it was not a reply, in words.
    pub error: Option<String>,
    /// What it means; `None` for a success.
    pub diagnosis: Option<Diagnosis>,
}

impl Attempt {
    /// One that has come to nothing yet: begun at this time, this way, and ended at once.
    pub fn begun(at: Timestamp, route: Route, route_reason: Option<String>) -> Self {
        Self {
            id: AttemptId(0),
            delivery: DeliveryId(0),
            started_at: at,
            ended_at: at,
            route,
            route_reason,
            host: None,
            address: None,
            port: None,
            source: None,
            helo: None,
            tls_policy: None,
            tls_notes: Vec::new(),
            tls: None,
            phase: Phase::Prepare,
            reply: None,
            error: None,
            diagnosis: None,
        }
    }
}
