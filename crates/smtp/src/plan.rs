//! What is handed to a conversation, and what comes back from it.

use crate::Timeouts;
use model::{EmailAddress, Fault, Outcome, Phase, Secret, TlsDemand, TlsReport};
use std::net::SocketAddr;

/// A login.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// One conversation: how to open the session, and the one message to hand over in it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The name given in EHLO.
    pub helo: String,
    /// What the encryption must show, with the server's name.
    pub tls: TlsDemand,
    /// Whether TLS comes first, before the greeting (RFC 8314 §3.3).
    pub implicit_tls: bool,
    /// The login, where there is one.
    pub auth: Option<Credentials>,
    /// The envelope sender; `None` is the null reverse-path of a notification.
    pub sender: Option<EmailAddress>,
    /// The recipients, in the order in which the results come back.
    pub recipients: Vec<EmailAddress>,
    /// Octets of the message, for SIZE (RFC 1870).
    pub size: u64,
    /// Whether the message has octets above 127.
    pub eight_bit: bool,
    /// What a notification about this message shall name it by (ENVID, RFC 3461 §4.4): printable ASCII.
    pub envelope_id: Option<String>,
    /// Whether the content goes after DATA even where CHUNKING is offered.
    pub only_data: bool,
    /// How long each phase may take.
    pub timeouts: Timeouts,
}

impl Plan {
    /// The part of the plan that is about the message.
    pub fn mail(&self) -> Mail<'_> {
        Mail {
            sender: self.sender.as_ref(),
            recipients: &self.recipients,
            size: self.size,
            eight_bit: self.eight_bit,
            envelope_id: self.envelope_id.as_deref(),
        }
    }
}

/// The envelope of one message, and what is declared of it.
#[derive(Clone, Copy, Debug)]
pub struct Mail<'a> {
    /// The envelope sender; `None` is the null reverse-path.
    pub sender: Option<&'a EmailAddress>,
    /// The recipients, in the order in which the results come back.
    pub recipients: &'a [EmailAddress],
    /// Octets of the message.
    pub size: u64,
    /// Whether the message has octets above 127.
    pub eight_bit: bool,
    /// What a notification shall name the message by.
    pub envelope_id: Option<&'a str>,
}

/// What one recipient got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientResult {
    /// The phase in which it was decided.
    pub phase: Phase,
    /// The reply or fault that decided it.
    pub outcome: Outcome,
    /// Whether the server took the message for this recipient. Only a 2xx to the end of the content makes it so.
    pub delivered: bool,
}

/// Where and why something ended for everybody it concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The phase.
    pub phase: Phase,
    /// The reply or fault.
    pub outcome: Outcome,
}

impl Ended {
    pub(crate) fn new(phase: Phase, outcome: impl Into<Outcome>) -> Self {
        Self { phase, outcome: outcome.into() }
    }

    pub(crate) fn protocol(phase: Phase, what: impl Into<String>) -> Self {
        Self::new(phase, Fault::Protocol(what.into()))
    }

    /// The same end for each of `count` recipients.
    pub(crate) fn for_all(&self, count: usize) -> Vec<RecipientResult> {
        vec![RecipientResult::from(self.clone()); count]
    }
}

impl From<Ended> for RecipientResult {
    fn from(ended: Ended) -> Self {
        Self { phase: ended.phase, outcome: ended.outcome, delivered: false }
    }
}

/// What a conversation left behind.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// One result for each recipient of the plan, in its order.
    pub recipients: Vec<RecipientResult>,
    /// The encryption that was reached; `None` is clear text.
    pub tls: Option<TlsReport>,
    /// Our end of the connection.
    pub source: Option<SocketAddr>,
    /// What both sides said, with times, without secrets and without the message, bounded in length.
    pub transcript: String,
    /// Whether it was the encryption that failed, where it need not be: the same host may be tried in clear text.
    pub starttls_failed: bool,
    /// Whether the server offers CHUNKING and does not know BDAT: the same host may be tried with DATA only.
    pub chunk_refused: bool,
    /// Whether it ended in the greeting: the server never got to know who writes, or for whom.
    pub greeting_phase_only: bool,
    /// Whether the end of the content left: the final dot, or the last octet of the last chunk. If it did and no answer
    /// came, the server may have the message all the same.
    pub sent_final_dot: bool,
    /// The recipients, by their place in the plan, for whom this session had no room: another may be opened for them at
    /// once, and their result counts only if none is.
    pub put_off: Vec<usize>,
}
