//! What is known of a message once it was read.

use crate::calendar::Invitation;
use jiff::Timestamp;
use model::Address;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A message, read: everything that a list, a letter view, a reply and the search index need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parsed {
    /// Message-ID without the angle brackets.
    pub message_id: Option<String>,
    /// In-Reply-To, without the angle brackets.
    pub in_reply_to: Vec<String>,
    /// References, oldest first, without the angle brackets.
    pub references: Vec<String>,
    /// From.
    pub from: Vec<Address>,
    /// Sender, where it is given.
    pub sender: Option<Address>,
    /// To; the members of groups without their group.
    pub to: Vec<Address>,
    /// Cc.
    pub cc: Vec<Address>,
    /// Bcc, as drafts and copies in the Sent mailbox may have it.
    pub bcc: Vec<Address>,
    /// Reply-To.
    pub reply_to: Vec<Address>,
    /// Subject, decoded, on one line; empty where there is none.
    pub subject: String,
    /// Date, where it can be read.
    pub date: Option<Timestamp>,
    /// The plain text of the letter, `format=flowed` (RFC 3676) already unwrapped; `None` where it has HTML alone.
    pub text: Option<String>,
    /// The HTML of the letter as it came, **unsafe**: [`html::safe`](crate::html::safe) makes it fit to be shown.
    /// `None` where it has plain text alone.
    pub html: Option<String>,
    /// The first words that mean something, for a list: no quoted text, no markup, at most
    /// [`SNIPPET_CHARS`](crate::SNIPPET_CHARS) characters.
    pub snippet: String,
    /// The words of the letter, for the search index; bounded.
    pub search_text: String,
    /// Every part that is not the letter itself, in the order of the message.
    pub attachments: Vec<AttachmentPart>,
    /// The letters among them, which can be opened as what they are.
    pub letters: Vec<AttachedLetter>,
    /// The invitation to a meeting in it.
    pub invitation: Option<Invitation>,
    /// How to leave the list it came from (RFC 2369, RFC 8058).
    pub list_unsubscribe: Option<ListUnsubscribe>,
    /// The identifier of the list it came from (RFC 2919), without the angle brackets.
    pub list_id: Option<String>,
    /// Whether a machine wrote it (Auto-Submitted other than `no`, RFC 3834; Precedence bulk, list or junk).
    pub automatic: bool,
    /// Whether it carries a delivery status notification; [`dsn::read`](crate::dsn::read) reads it.
    pub is_report: bool,
    /// What is wrong with the message.
    pub defects: Vec<Defect>,
}

/// A part of a message that is kept as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AttachmentPart {
    /// Its number in the message; [`attachment`](crate::attachment()) takes it. The same bytes always number alike.
    #[ts(type = "number")]
    pub part: usize,
    /// Its file name, decoded and made harmless: no path, no control or bidirectional-override characters; never
    /// empty.
    pub name: String,
    /// Its media type in lower case, without parameters.
    pub content_type: String,
    /// Its size in octets, decoded.
    #[ts(type = "number")]
    pub size: u64,
    /// Content-ID without the angle brackets.
    pub content_id: Option<String>,
    /// Whether the HTML of the letter shows it in place (a `cid:` reference).
    pub inline: bool,
}

/// A letter that is attached to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AttachedLetter {
    /// Its number in the message, as an attachment.
    #[ts(type = "number")]
    pub part: usize,
    /// From.
    pub from: Vec<Address>,
    /// Subject, decoded, on one line; may be empty.
    pub subject: String,
    /// Date, where it can be read.
    #[ts(type = "string | null")]
    pub date: Option<Timestamp>,
}

/// How to leave a mailing list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListUnsubscribe {
    /// The `https:` address.
    pub https: Option<String>,
    /// The `mailto:` address.
    pub mailto: Option<String>,
    /// Whether one POST to the `https:` address does it (RFC 8058).
    pub one_click: bool,
}

/// Something wrong with a message, which was read nevertheless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    /// No header could be found.
    NoHeaders,
    /// The headers are longer than is read.
    HeadersTooLong,
    /// No From, or none that has an address.
    NoSender,
    /// A header that may be there once is there several times; the first counts.
    RepeatedHeader,
    /// Date is missing or not a date.
    NoDate,
    /// A multipart without a boundary parameter, or whose boundary never comes.
    NoBoundary,
    /// A multipart that ends without its closing boundary.
    NoClosingBoundary,
    /// More parts than are read.
    TooManyParts,
    /// Parts nested deeper than is read.
    TooDeep,
    /// Content that is not what its transfer encoding says.
    BadEncoding,
    /// Text that is not in the character set it names; another was guessed.
    WrongCharset,
    /// Text in a character set that is not known; another was guessed.
    UnknownCharset,
    /// Text longer than is shown.
    TextTooLong,
}

impl std::fmt::Display for Defect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoHeaders => "it has no headers",
            Self::HeadersTooLong => "its headers are too long to be read whole",
            Self::NoSender => "it names no sender",
            Self::RepeatedHeader => "a header that may come once comes several times",
            Self::NoDate => "it has no readable date",
            Self::NoBoundary => "its parts cannot be told apart: there is no boundary",
            Self::NoClosingBoundary => "it ends before its last boundary",
            Self::TooManyParts => "it has more parts than are read",
            Self::TooDeep => "its parts are nested too deeply",
            Self::BadEncoding => "a part is not encoded as it says",
            Self::WrongCharset => "a text is not in the character set it names",
            Self::UnknownCharset => "a text is in an unknown character set",
            Self::TextTooLong => "its text is longer than is shown",
        })
    }
}
