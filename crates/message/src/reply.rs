//! The beginnings of an answer or a forward.

use crate::Parsed;
use jiff::tz::Offset;
use model::{Address, EmailAddress};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerKind {
    /// To the author (or where the author wants answers).
    Reply,
    /// To the author and everybody who got it.
    ReplyAll,
    /// To somebody else.
    Forward,
}

/// Who answers, and where.
#[derive(Clone, Debug)]
pub struct Answering<'a> {
    /// The addresses of the one who answers: they are left out of the recipients.
    pub own: &'a [EmailAddress],
    /// Their offset from UTC at the time of the original, for the attribution line.
    pub utc_offset: Offset,
}

/// The beginnings of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// To.
    pub to: Vec<Address>,
    /// Cc.
    pub cc: Vec<Address>,
    /// The address of ours that the original was sent to (or from), to answer from it.
    pub from: Option<EmailAddress>,
    /// Subject, with one prefix.
    pub subject: String,
    /// In-Reply-To: the original's Message-ID; `None` for a forward.
    pub in_reply_to: Option<String>,
    /// References, bounded, oldest first.
    pub references: Vec<String>,
    /// A safe HTML fragment for the editor: an empty paragraph, the attribution line, the quoted original.
    pub html: String,
    /// The parts of the original to attach: all of them for a forward, those that the quote shows for a reply.
    pub parts: Vec<usize>,
}

/// The beginnings of an answer to this message.
pub fn answer(_kind: AnswerKind, _original: &Parsed, _answering: &Answering<'_>) -> Answer {
    Answer::default()
}

/// The subject of an answer: `Re: ` before the subject, whatever prefixes of this kind it had.
pub fn reply_subject(subject: &str) -> String {
    subject.to_owned()
}

/// The subject of a forward: `Fwd: ` before the subject.
pub fn forward_subject(subject: &str) -> String {
    subject.to_owned()
}
