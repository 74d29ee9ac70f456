//! What is handed to a session, and what comes back from it.

use crate::Timeouts;
use model::{EmailAddress, Fault, LoginForm, Outcome, Phase, Secret, TlsDemand};

/// A login.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user.
    pub user: String,
    /// The password or token.
    pub secret: Secret,
    /// Which of the two it is, and so which mechanisms fit it.
    pub form: LoginForm,
}

/// How a session is to be opened. Nothing in it is about a message.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The name given in EHLO.
    pub helo: String,
    /// What the encryption must show, with the server's name.
    pub tls: TlsDemand,
    /// Whether TLS comes first, before the greeting (RFC 8314 §3.3).
    pub implicit_tls: bool,
    /// The login, where there is one.
    pub auth: Option<Credentials>,
    /// Whether content goes after DATA even where CHUNKING is offered.
    pub only_data: bool,
    /// How long each phase may take.
    pub timeouts: Timeouts,
}

/// The envelope of one message, and what is asked for it. Its size is the [`Content`](crate::Content)'s.
#[derive(Clone, Copy, Debug)]
pub struct Mail<'a> {
    /// The envelope sender; `None` is the null reverse-path of a notification.
    pub sender: Option<&'a EmailAddress>,
    /// The recipients, in the order in which the results come back.
    pub recipients: &'a [EmailAddress],
    /// Whether the message has octets above 127, as far as it is known; what its first block shows is seen here.
    pub eight_bit: bool,
    /// What a notification about this message shall name it by (ENVID, RFC 3461 §4.4): printable ASCII.
    pub envelope_id: Option<&'a str>,
    /// Whether it may travel over verified encryption only, here and on the rest of its way (RFC 8689).
    pub require_tls: bool,
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
    pub fn for_all(&self, count: usize) -> Vec<RecipientResult> {
        vec![RecipientResult::from(self.clone()); count]
    }

    /// A 2xx reply.
    pub(crate) fn is_positive(&self) -> bool {
        matches!(&self.outcome, Outcome::Replied(reply) if matches!(reply.code, 200..300))
    }

    /// No reply came.
    pub(crate) fn is_fault(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }

    pub(crate) fn has_code(&self, code: u16) -> bool {
        matches!(&self.outcome, Outcome::Replied(reply) if reply.code == code)
    }
}

impl From<Ended> for RecipientResult {
    fn from(ended: Ended) -> Self {
        Self { phase: ended.phase, outcome: ended.outcome, delivered: false }
    }
}
