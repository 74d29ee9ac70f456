//! One SMTP conversation as a client (RFC 5321): from a connected stream to a reply for each recipient.
//!
//! What comes in: a stream, a [`Plan`], the octets of a message. What goes out: a [`Conversation`] with the reply or
//! fault that decided each recipient's fate, and a transcript. There is no queue here, no disk and no schedule.
//!
//! What always holds:
//! - A recipient is `delivered` only if the server answered 2xx to the final dot.
//! - No password goes over clear text, except to this computer itself.
//! - What was read in clear text is never taken for something said under TLS.
//! - Nothing the server says or leaves out makes the conversation run for ever or grow without bound.

mod plan;
mod timeouts;

pub use plan::{Conversation, Credentials, Ended, Mail, Plan, RecipientResult};
pub use timeouts::Timeouts;

use net::{Net, Stream};

/// Holds the conversation of `plan` on a stream that is connected and has not been read from.
pub async fn converse(_net: &Net, _stream: Stream, plan: &Plan, _message: &[u8]) -> Conversation {
    let ended = Ended::protocol(model::Phase::Greeting, "");
    Conversation {
        recipients: ended.for_all(plan.recipients.len()),
        tls: None,
        source: None,
        transcript: String::new(),
        starttls_failed: false,
        greeting_phase_only: true,
        sent_final_dot: false,
    }
}
