//! The practice post office: a small mail world inside the program, on loopback, for first use and for tests.
//!
//! One [`PostOffice`] is a name server, the mail hosts of a few domains each with a character of its own, a submission
//! server and an IMAP server with a mailbox full of letters, all under an authority of its own. It answers for names
//! under `.test` (RFC 6761) alone, listens on loopback addresses alone, and dials nobody.
//!
//! It shares no protocol code with the engine: a peer must not repeat our own misunderstanding.
//!
//! ```no_run
//! # async fn example() -> Result<(), practice::PracticeError> {
//! let office = practice::PostOffice::start(practice::Options::default()).await?;
//! println!("IMAP at {}, password {}", office.info().imap, office.info().password);
//! office.stop().await;
//! # Ok(())
//! # }
//! ```

mod clock;
mod error;
mod options;

use std::time::Duration;

pub use error::PracticeError;
pub use options::{Info, Letters, Options};

/// A running practice post office. It ends when it is stopped or dropped.
#[derive(Debug)]
pub struct PostOffice {
    info: Info,
}

impl PostOffice {
    /// Opens a post office: makes or reads its authority and mailbox, then listens. Needs a tokio runtime with I/O
    /// and time.
    pub async fn start(options: Options) -> Result<Self, PracticeError> {
        let _ = (options, clock::Clock::new().now());
        Err(PracticeError::certificates("the post office is being built"))
    }

    /// How to reach it.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// What the mail hosts took, oldest first, byte for byte as it came (dots unstuffed).
    pub fn delivered(&self) -> Vec<Delivered> {
        Vec::new()
    }

    /// Lets time pass for the post office: what waits for it (greylists, bounces, slow answers) goes on at once.
    pub fn advance(&self, _by: Duration) {}

    /// Puts a letter into INBOX, as if it had just arrived.
    pub fn post(&self, _letter: &[u8]) {}

    /// Closes the post office and returns when nothing of it runs any more.
    pub async fn stop(self) {}
}

/// One message as a mail host took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The host that took it, such as `mx.prompt.test`.
    pub host: String,
    /// The envelope sender; empty for the null sender.
    pub sender: String,
    /// The envelope recipients that the host accepted, in the order in which they were named.
    pub recipients: Vec<String>,
    /// The message as it was sent: CRLF line ends, dots unstuffed.
    pub bytes: Vec<u8>,
}
