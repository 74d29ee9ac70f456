//! Delivery status notifications (RFC 3464), read and written.
//!
//! Reading is tolerant, because what comes in was written by hundreds of programs: a recipient counts once it has an
//! address and either an action or a status. Bounces in words alone are read too. What a notification says is the word of whoever sent it; whether it is
//! about a message of ours is for the reader to find out by `original_message_id` or `envelope_id`.

mod freeform;
mod read;
mod write;

pub(crate) use read::is_status_part;
pub use read::read;
pub use write::write;

use jiff::{Timestamp, tz::Offset};
use model::{Address, EnhancedCode};

/// What a notification says of a recipient (RFC 3464 §2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Refused or given up.
    Failed,
    /// Not yet; tried further.
    Delayed,
    /// In the mailbox.
    Delivered,
    /// Handed on to a system that reports nothing.
    Relayed,
    /// Delivered to a list or alias, and sent on from there.
    Expanded,
}

impl Action {
    /// The word for it in a notification.
    pub fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Relayed => "relayed",
            Self::Expanded => "expanded",
        }
    }

    /// The action of a word; case does not matter.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Failed, Self::Delayed, Self::Delivered, Self::Relayed, Self::Expanded]
            .into_iter()
            .find(|action| action.word().eq_ignore_ascii_case(word))
    }

    /// The code that says no more than the action.
    fn status(self) -> EnhancedCode {
        match self {
            Self::Failed => EnhancedCode::new(5, 0, 0),
            Self::Delayed => EnhancedCode::new(4, 0, 0),
            Self::Delivered | Self::Relayed | Self::Expanded => EnhancedCode::new(2, 0, 0),
        }
    }
}

/// A notification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dsn {
    /// The Message-ID of the message it is about, from the headers that it returns.
    pub original_message_id: Option<String>,
    /// Original-Envelope-Id (ENVID), decoded.
    pub envelope_id: Option<String>,
    /// Who reports.
    pub reporting_mta: Option<String>,
    /// The recipients, never empty in one that was read.
    pub recipients: Vec<DsnRecipient>,
}

/// What is said of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DsnRecipient {
    /// Final-Recipient, as text.
    pub address: String,
    /// Original-Recipient, where it is given: the address that the sender used.
    pub original: Option<String>,
    /// What happened.
    pub action: Action,
    /// Status; made from the action where the report gives none.
    pub status: EnhancedCode,
    /// Diagnostic-Code without its type, on one line: a server's reply, which begins with its code, or the words of the
    /// program that reports.
    pub diagnostic: Option<String>,
    /// The server that gave the diagnostic.
    pub remote_mta: Option<String>,
    /// Last-Attempt-Date.
    pub last_attempt: Option<Timestamp>,
    /// Will-Retry-Until, in a report on a delay.
    pub will_retry_until: Option<Timestamp>,
}

/// A notification to be written.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// The name of the MTA that reports.
    pub reporting_mta: &'a str,
    /// From: usually `MAILER-DAEMON` or `postmaster` there.
    pub from: Address,
    /// The sender of the original.
    pub to: Address,
    /// When it is written.
    pub date: Timestamp,
    /// The offset from UTC in which that is shown.
    pub utc_offset: Offset,
    /// When the original was handed in.
    pub arrival: Option<Timestamp>,
    /// Original-Envelope-Id.
    pub envelope_id: Option<&'a str>,
    /// The recipients it is about.
    pub recipients: &'a [DsnRecipient],
    /// What happened, for a person: the first part.
    pub explanation: &'a str,
    /// The message it is about; its headers are returned.
    pub original: &'a [u8],
}
