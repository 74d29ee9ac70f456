//! Letters that are being written, with their attachments. Saved as the user types; `submit` deletes a draft in the
//! transaction that makes the outgoing, so that a letter is always in exactly one of the two places.

use crate::{Result, Store, later};
use jiff::Timestamp;
use model::{AccountId, Address, AttachmentId, DraftId, IdentityId, LetterId, RoutePolicy};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the composer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Draft {
    /// The account it is written from.
    pub account: AccountId,
    /// The identity it is written as.
    pub identity: IdentityId,
    /// To, as typed.
    pub to: Vec<Address>,
    /// Cc, as typed.
    pub cc: Vec<Address>,
    /// Bcc, as typed.
    pub bcc: Vec<Address>,
    /// Subject.
    pub subject: String,
    /// The text as the editor holds it.
    pub html: String,
    /// The Message-ID that it answers, without the angle brackets.
    pub in_reply_to: Option<String>,
    /// The References of the answer, oldest first.
    pub references: Vec<String>,
    /// The letter that it answers.
    pub answers: Option<LetterId>,
    /// The letter that it forwards.
    pub forwards: Option<LetterId>,
    /// The route asked for.
    pub route: RoutePolicy,
}

/// A draft as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StoredDraft {
    /// Its number here.
    pub id: DraftId,
    /// What the composer holds.
    pub draft: Draft,
    /// When it was last saved.
    #[ts(type = "string")]
    pub saved_at: Timestamp,
    /// Its attachments, in the order in which they were added.
    pub attachments: Vec<AttachmentInfo>,
}

/// An attachment without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AttachmentInfo {
    /// Its number here.
    pub id: AttachmentId,
    /// File name.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// Octets.
    #[ts(type = "number")]
    pub size: u64,
    /// The Content-ID of an image in the text, without the angle brackets.
    pub content_id: Option<String>,
}

impl Store {
    /// Saves a draft: a new one, or over the one of this number. `NotFound` when that one was sent or deleted
    /// meanwhile, so that a late save can not bring it back.
    pub async fn save_draft(&self, id: Option<DraftId>, draft: &Draft) -> Result<DraftId> {
        later((id, draft))
    }

    /// One draft.
    pub async fn draft(&self, id: DraftId) -> Result<Option<StoredDraft>> {
        later(id)
    }

    /// All drafts, the last saved first.
    pub async fn drafts(&self) -> Result<Vec<StoredDraft>> {
        later(())
    }

    /// Deletes a draft with its attachments; one that is gone already is no error.
    pub async fn delete_draft(&self, id: DraftId) -> Result<()> {
        later(id)
    }

    /// Adds a file to a draft.
    pub async fn add_attachment(
        &self,
        draft: DraftId,
        name: &str,
        content_type: &str,
        content_id: Option<&str>,
        bytes: Vec<u8>,
    ) -> Result<AttachmentId> {
        later((draft, name, content_type, content_id, bytes))
    }

    /// The bytes of an attachment.
    pub async fn attachment_bytes(&self, id: AttachmentId) -> Result<Vec<u8>> {
        later(id)
    }

    /// Takes a file away from its draft.
    pub async fn remove_attachment(&self, id: AttachmentId) -> Result<()> {
        later(id)
    }
}
