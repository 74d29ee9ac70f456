//! Delivery status notifications (RFC 3464), read and written.

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
    /// Diagnostic-Code without its type, on one line.
    pub diagnostic: Option<String>,
    /// The server that gave the diagnostic.
    pub remote_mta: Option<String>,
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

/// Reads a notification; `None` if the message is not one.
pub fn read(_raw: &[u8]) -> Option<Dsn> {
    None
}

/// Writes a notification: multipart/report with text, machine-readable part and the original's headers.
pub fn write(_report: &Report<'_>, _random: &mut impl rand::RngCore) -> Vec<u8> {
    Vec::new()
}

/// Whether a part of this media type says what became of a message.
pub(crate) fn is_status_part(media_type: &str) -> bool {
    matches!(media_type, "message/delivery-status" | "message/global-delivery-status")
}
