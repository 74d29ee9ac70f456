//! One SMTP conversation as a client (RFC 5321): from a connected stream to a reply for each recipient.
//!
//! What comes in: a stream, a [`Plan`], the octets of a message. What goes out: a [`Conversation`] with the reply or
//! fault that decided each recipient's fate, and a transcript. There is no queue here, no disk and no schedule.
//!
//! What always holds:
//! - A recipient is `delivered` only if the server answered 2xx to the end of the content.
//! - No password goes over clear text, except to this computer itself.
//! - What was read in clear text is never taken for something said under TLS.
//! - Nothing the server says or leaves out makes the conversation run for ever or grow without bound.

mod capabilities;
mod content;
mod envelope;
mod handover;
mod line;
mod login;
mod plan;
mod session;
mod timeouts;
mod transaction;
mod transcript;
mod transport;

pub use capabilities::{Capabilities, Limits, Mechanism, SizeLimit};
pub use content::{BareLineEnd, check_line_ends, chunk, dot_stuff, has_utf8_header};
pub use handover::HandedOver;
pub use plan::{Conversation, Credentials, Ended, Mail, Plan, RecipientResult};
pub use session::{Session, Unopened};
pub use timeouts::Timeouts;
pub use transport::{Encrypt, Transport};

use model::Phase;
use net::{Net, Stream};

/// Holds the conversation of `plan` on a stream that is connected and has not been read from: one session, one
/// message, goodbye. It comes back as soon as the recipients' fate is known and does not wait for the goodbye.
pub async fn converse(net: &Net, stream: Stream, plan: &Plan, message: &[u8]) -> Conversation {
    converse_over(net, stream, plan, message).await
}

/// As [`converse`], over any transport.
pub async fn converse_over<S, E>(encrypt: &E, stream: S, plan: &Plan, message: &[u8]) -> Conversation
where
    S: Transport,
    E: Encrypt<S>,
{
    let mut session = match Session::open(encrypt, stream, plan).await {
        Ok(session) => session,
        Err(unopened) => return never_opened(*unopened, plan),
    };
    let handed_over = session.hand_over(&plan.mail(), message).await;
    Conversation {
        recipients: handed_over.recipients,
        tls: session.tls().cloned(),
        source: session.source(),
        starttls_failed: false,
        chunk_refused: session.chunk_refused,
        transcript: session.leave(),
        greeting_phase_only: false,
        sent_final_dot: handed_over.sent_final_dot,
        put_off: handed_over.put_off,
    }
}

fn never_opened(unopened: Unopened, plan: &Plan) -> Conversation {
    Conversation {
        recipients: unopened.ended.for_all(plan.recipients.len()),
        tls: unopened.tls,
        source: unopened.source,
        transcript: unopened.transcript,
        starttls_failed: unopened.starttls_failed,
        chunk_refused: false,
        greeting_phase_only: unopened.ended.phase == Phase::Greeting,
        sent_final_dot: false,
        put_off: Vec::new(),
    }
}
