//! What is shown of letters and drafts.

use super::{LetterLook, ThreadSummary};
use jiff::Timestamp;
use model::{Address, DraftId, LetterId, MailboxId, Mark, OutgoingId, Role};
use serde::{Deserialize, Serialize};
use store::{AttachmentInfo, Draft};
use ts_rs::TS;

/// Which letters to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "list")]
pub enum ListSource {
    /// One mailbox.
    Mailbox {
        /// Which.
        mailbox: MailboxId,
    },
    /// The mailboxes of this role in all accounts. `sent` also holds what was sent and is not filed on the server yet.
    Role {
        /// Which role.
        role: Role,
    },
}

/// A window of a list.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct LetterPage {
    /// How many rows the whole list has.
    pub total: u32,
    /// Index of the first row here.
    pub offset: u32,
    /// The rows, newest first.
    pub rows: Vec<LetterRow>,
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LetterRow {
    /// The stored letter; `None` for an outgoing that is not filed on the server yet.
    pub letter: Option<LetterId>,
    /// The outgoing, where the letter was sent from here.
    pub outgoing: Option<OutgoingId>,
    /// The mailbox it is in.
    pub mailbox: Option<MailboxId>,
    /// From.
    pub from: Vec<Address>,
    /// To.
    pub to: Vec<Address>,
    /// Subject, decoded; may be empty.
    pub subject: String,
    /// The first words.
    pub snippet: String,
    /// When it came in, or was sent.
    #[ts(type = "string")]
    pub date: Timestamp,
    /// Not read yet.
    pub unread: bool,
    /// Marked by the user.
    pub flagged: bool,
    /// Answered.
    pub answered: bool,
    /// Forwarded.
    pub forwarded: bool,
    /// How many attachments it has.
    pub attachments: u32,
    /// The delivery mark of a letter sent from here.
    pub mark: Option<Mark>,
    /// What the row says of its thread, in a list of threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub thread: Option<ThreadSummary>,
    /// Its labels, where the server has such a thing, but for that of the mailbox it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub labels: Option<Vec<LabelView>>,
}

/// A label of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LabelView {
    /// Its name.
    pub name: String,
    /// Its mailbox; `None` where the server shows none, and it cannot be taken off.
    pub mailbox: Option<MailboxId>,
}

/// Why the text of a letter is not here although the server was asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WithheldView {
    /// The server's words.
    pub reason: String,
    /// When it is asked again.
    #[ts(type = "string")]
    pub next_at: Timestamp,
}

/// A letter opened.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct LetterView {
    /// Its row.
    pub row: LetterRow,
    /// Cc.
    pub cc: Vec<Address>,
    /// Bcc: known only for what was sent from here.
    pub bcc: Vec<Address>,
    /// Reply-To, where it differs from From.
    pub reply_to: Vec<Address>,
    /// Message-ID without brackets.
    pub message_id: Option<String>,
    /// Path of the document for the frame, below the scheme `letter`; `None` while the body is not here yet.
    pub document: Option<String>,
    /// Why it is not, where the server does not hand it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub withheld: Option<WithheldView>,
    /// Remote images that are not loaded.
    pub remote_images: u32,
    /// Tracking pixels, which are never loaded.
    pub trackers: u32,
    /// What the window says about its frame.
    #[serde(default)]
    pub look: LetterLook,
    /// Files.
    pub attachments: Vec<AttachmentView>,
    /// What of its page is in sight at first, for its height.
    #[serde(default)]
    pub page: Vec<message::html::Block>,
}

/// A file in a letter.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct AttachmentView {
    /// Its number in the letter.
    pub part: u32,
    /// File name; made up where the letter gives none.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Octets, decoded.
    #[ts(type = "number")]
    pub size: u64,
}

/// The document for the frame of a letter, and the policy it is served under.
#[derive(Debug)]
pub struct Document {
    /// Media type.
    pub content_type: String,
    /// The Content-Security-Policy header; empty for what is not a document.
    pub policy: String,
    /// The octets.
    pub body: Vec<u8>,
}

/// A change to letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "change")]
pub enum LetterChange {
    /// Read or not.
    Seen {
        /// Whether it is read.
        on: bool,
    },
    /// Marked or not.
    Flagged {
        /// Whether it is marked.
        on: bool,
    },
    /// To the account's mailbox of this role.
    File {
        /// `archive`, `trash`, `junk` or `inbox`.
        role: Role,
    },
    /// To a mailbox of the same account.
    Move {
        /// Which.
        mailbox: MailboxId,
    },
    /// A copy in a mailbox of the same account.
    Copy {
        /// Which.
        mailbox: MailboxId,
    },
    /// The label of a mailbox is taken off; the letters stay wherever else they are.
    Unlabel {
        /// Which.
        mailbox: MailboxId,
    },
    /// For good; only for what is in the trash.
    Delete,
}

/// How to begin an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerKind {
    /// To the sender.
    Reply,
    /// To everyone in it.
    ReplyAll,
    /// To somebody else, with its attachments.
    Forward,
}

/// A letter that is being written.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct DraftView {
    /// Its number.
    pub id: DraftId,
    /// What is written.
    pub draft: Draft,
    /// Its files.
    pub attachments: Vec<AttachmentInfo>,
    /// When it was last saved.
    #[ts(type = "string")]
    pub saved_at: Timestamp,
}
