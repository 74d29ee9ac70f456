//! The conversation of an SMTP client (RFC 5321): from a connected stream to a reply for each recipient.
//!
//! What comes in: a stream and an [`Opening`]; then, for each message, a [`Mail`] and its [`Content`], which is read in
//! blocks as they go out. What goes out: [`HandedOver`] with the reply or fault that decided each recipient's fate, and a
//! transcript. There is no queue here, no disk and no schedule.
//!
//! For a diagnosis there is a [`look`] at a server, which sends nothing.
//!
//! What always holds:
//! - A recipient is `delivered` only if the server answered 2xx to the end of the content.
//! - No password and no token goes over clear text, except to this computer itself.
//! - What was read in clear text is never taken for something said under TLS.
//! - Content that cannot be read to its end is never ended by us: no final dot, no last chunk.
//! - Nothing the server says or leaves out makes the conversation run for ever or grow without bound.
//!
//! ```no_run
//! # use postrider_smtp::{Mail, Opening, Session, Unopened};
//! # async fn send(
//! #     net: &net::Net, stream: net::Stream, opening: Opening, letters: &[(Mail<'_>, Vec<u8>)],
//! # ) -> Result<(), Box<Unopened>> {
//! let mut session = Session::open(net, stream, &opening).await?;
//! for (mail, message) in letters {
//!     // After a pause, a look costs less than a command that nobody hears.
//!     if !session.is_fit() {
//!         break;
//!     }
//!     let handed_over = session.hand_over(mail, message).await;
//!     for (recipient, result) in mail.recipients.iter().zip(&handed_over.recipients) {
//!         println!("{recipient}: {:?} at {}", result.outcome, result.phase);
//!     }
//!     println!("{}", session.take_transcript());
//! }
//! session.leave();
//! # Ok(())
//! # }
//! ```

mod body;
mod capabilities;
mod content;
mod envelope;
mod handover;
mod line;
mod login;
mod look;
mod plan;
mod session;
mod timeouts;
mod transaction;
mod transcript;
mod transport;
mod wire;

pub use capabilities::{Capabilities, Limits, Mechanism, SizeLimit};
pub use content::Content;
pub use handover::HandedOver;
pub use look::{Look, Stage, look};
pub use plan::{Credentials, Ended, Mail, Opening, RecipientResult};
pub use session::{Session, Unopened};
pub use timeouts::Timeouts;
pub use transport::{Encrypt, Transport};
pub use wire::{BareLineEnd, DotStuffing, LineEnds, has_utf8_header};
