//! A letter to bytes: RFC 5322, RFC 2045 ff., RFC 2047, RFC 2231.

use jiff::{Timestamp, tz::Offset};
use model::{Address, EmailAddress};

/// A letter as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// From.
    pub from: Address,
    /// To.
    pub to: Vec<Address>,
    /// Cc.
    pub cc: Vec<Address>,
    /// Bcc: in the envelope, never in the bytes.
    pub bcc: Vec<Address>,
    /// Reply-To.
    pub reply_to: Vec<Address>,
    /// Subject.
    pub subject: String,
    /// The HTML that the editor holds; a fragment or a document.
    pub html: Option<String>,
    /// The plain text; made from the HTML where it is `None`.
    pub text: Option<String>,
    /// Files, and images that the HTML shows by `cid:`.
    pub attachments: Vec<Attachment>,
    /// The Message-ID that it answers, without angle brackets.
    pub in_reply_to: Option<String>,
    /// The Message-IDs of its thread, oldest first, without angle brackets.
    pub references: Vec<String>,
    /// When it was written.
    pub date: Timestamp,
    /// The sender's offset from UTC then.
    pub utc_offset: Offset,
    /// Its Message-ID without angle brackets; made from random bits and the sender's domain where it is `None`.
    pub message_id: Option<String>,
}

/// A file that goes with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Media type; `application/octet-stream` is taken where it is not one.
    pub content_type: String,
    /// Content-ID without angle brackets, of an image that the HTML shows by `cid:`.
    pub content_id: Option<String>,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A letter as it will travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The message: CRLF line ends, lines of at most 998 octets, ASCII (but see `needs_utf8`), no Bcc.
    pub bytes: Vec<u8>,
    /// Its Message-ID without angle brackets.
    pub message_id: String,
    /// Sender of the envelope.
    pub sender: EmailAddress,
    /// Recipients of the envelope: To, Cc and Bcc in this order, each once.
    pub recipients: Vec<EmailAddress>,
    /// Whether an address needs SMTPUTF8 (RFC 6531); then the headers hold UTF-8.
    pub needs_utf8: bool,
}

/// Why a letter cannot be built. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// From is not an address.
    #[error("the sender cannot be used: {0}")]
    Sender(model::AddressError),
    /// A recipient is not an address.
    #[error("a recipient cannot be used: {0}")]
    Recipient(model::AddressError),
    /// Nobody to send it to.
    #[error("the letter has no recipient; add one in To, Cc or Bcc")]
    NoRecipient,
}

/// The bytes of a letter.
pub fn build(letter: &Letter) -> Result<Built, ComposeError> {
    build_with(letter, &mut rand::rng())
}

/// The bytes of a letter, with the random bits for boundaries and Message-ID handed in: the same bits, the same bytes.
pub fn build_with(_letter: &Letter, _random: &mut impl rand::RngCore) -> Result<Built, ComposeError> {
    Err(ComposeError::NoRecipient)
}
