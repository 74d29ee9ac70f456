//! What `sendmail -t` takes from the headers of a message and adds to them.

use jiff::{Timestamp, tz::Offset};
use model::{Address, EmailAddress};

/// The envelope that the headers give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderEnvelope {
    /// The address in From (Resent-From where the message was resent).
    pub from: Option<EmailAddress>,
    /// The addresses in To, Cc and Bcc (their Resent- forms where the message was resent), each once.
    pub recipients: Vec<EmailAddress>,
    /// What stands there and is not an address.
    pub invalid: Vec<String>,
}

/// What a message gets where it has none of its own.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// From.
    pub from: Address,
    /// Date.
    pub date: Timestamp,
    /// The offset from UTC in which the date is written.
    pub utc_offset: Offset,
}

/// The envelope that the headers give.
pub fn from_headers(_raw: &[u8]) -> HeaderEnvelope {
    HeaderEnvelope::default()
}

/// The message without its Bcc and Resent-Bcc headers.
pub fn strip_bcc(raw: &[u8]) -> Vec<u8> {
    raw.to_vec()
}

/// The message made complete: normal line ends, From, Date and Message-ID added where they are missing, no Bcc. With
/// it comes its Message-ID, without angle brackets.
pub fn complete(raw: &[u8], _defaults: &Defaults, _random: &mut impl rand::RngCore) -> (Vec<u8>, String) {
    (raw.to_vec(), String::new())
}
