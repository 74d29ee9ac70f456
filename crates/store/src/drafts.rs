//! Letters that are being written, with their attachments. Saved as the user types; `submit` deletes a draft in the
//! transaction that makes the outgoing, so that a letter is always in exactly one of the two places.

use crate::columns::{Json, Time};
use crate::database::Tx;
use crate::{Change, Result, Store, StoreError};
use jiff::Timestamp;
use model::{AccountId, Address, AttachmentId, DraftId, IdentityId, LetterId, RoutePolicy};
use rusqlite::{Connection, OptionalExtension};
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
    /// The route asked for; auto follows the account's rules and the identity's default.
    pub route: RoutePolicy,
    /// Whether it may travel only over verified encryption (REQUIRETLS, RFC 8689).
    #[serde(default)]
    pub require_tls: bool,
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
    /// meanwhile, so that a late save cannot bring it back.
    pub async fn save_draft(&self, id: Option<DraftId>, draft: &Draft) -> Result<DraftId> {
        let draft = draft.clone();
        self.write_local(move |tx| {
            let now = Time(Timestamp::now());
            let account = draft.account.0;
            tx.changed(Change::Drafts);
            let Some(id) = id else {
                return insert_draft(tx, draft, now);
            };
            let sql = "UPDATE draft SET account = ?2, body = ?3, saved_at = ?4 WHERE id = ?1";
            match tx.prepare_cached(sql)?.execute((id.0, account, Json(draft), now))? {
                0 => Err(missing(id)),
                _ => Ok(id),
            }
        })
        .await
    }

    /// One draft.
    pub async fn draft(&self, id: DraftId) -> Result<Option<StoredDraft>> {
        self.local(move |db| load(db, id)).await
    }

    /// All drafts, the last saved first.
    pub async fn drafts(&self) -> Result<Vec<StoredDraft>> {
        self.local(|db| {
            let mut query = db.prepare_cached("SELECT id FROM draft ORDER BY saved_at DESC, id DESC")?;
            let ids = query.query_map([], |row| Ok(DraftId(row.get(0)?)))?;
            ids.filter_map(|id| id.map_err(Into::into).and_then(|id| load(db, id)).transpose()).collect()
        })
        .await
    }

    /// Deletes a draft with its attachments; one that is gone already is no error.
    pub async fn delete_draft(&self, id: DraftId) -> Result<()> {
        self.write_local(move |tx| {
            if tx.execute("DELETE FROM draft WHERE id = ?1", [id.0])? > 0 {
                tx.changed(Change::Drafts);
            }
            Ok(())
        })
        .await
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
        let (name, content_type) = (name.to_owned(), content_type.to_owned());
        let content_id = content_id.map(str::to_owned);
        self.write_local(move |tx| {
            touch(tx, draft)?;
            let sql = "INSERT INTO attachment (draft, name, content_type, content_id, bytes)
                       VALUES (?1, ?2, ?3, ?4, ?5)";
            tx.execute(sql, (draft.0, name, content_type, content_id, bytes))?;
            Ok(AttachmentId(tx.last_insert_rowid()))
        })
        .await
    }

    /// The bytes of an attachment.
    pub async fn attachment_bytes(&self, id: AttachmentId) -> Result<Vec<u8>> {
        self.local(move |db| {
            let mut query = db.prepare_cached("SELECT bytes FROM attachment WHERE id = ?1")?;
            let bytes = query.query_row([id.0], |row| row.get(0)).optional()?;
            bytes.ok_or_else(|| StoreError::NotFound(format!("attachment {id}")))
        })
        .await
    }

    /// Takes a file away from its draft; one that is gone already is no error.
    pub async fn remove_attachment(&self, id: AttachmentId) -> Result<()> {
        self.write_local(move |tx| {
            if tx.execute("DELETE FROM attachment WHERE id = ?1", [id.0])? > 0 {
                tx.changed(Change::Drafts);
            }
            Ok(())
        })
        .await
    }
}

/// Writes a new draft.
pub(crate) fn insert_draft(tx: &Tx<'_>, draft: Draft, now: Time) -> Result<DraftId> {
    let sql = "INSERT INTO draft (account, body, saved_at) VALUES (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute((draft.account.0, Json(draft), now))?;
    Ok(DraftId(tx.last_insert_rowid()))
}

fn missing(id: DraftId) -> StoreError {
    StoreError::NotFound(format!("draft {id}; it was sent or deleted"))
}

fn touch(tx: &Tx<'_>, id: DraftId) -> Result<()> {
    if tx.execute("UPDATE draft SET saved_at = ?2 WHERE id = ?1", (id.0, Time(Timestamp::now())))? == 0 {
        return Err(missing(id));
    }
    tx.changed(Change::Drafts);
    Ok(())
}

fn load(db: &Connection, id: DraftId) -> Result<Option<StoredDraft>> {
    let mut query = db.prepare_cached("SELECT body, saved_at FROM draft WHERE id = ?1")?;
    let found = query.query_row([id.0], |row| Ok((row.get::<_, Json<Draft>>(0)?.0, row.get::<_, Time>(1)?.0)));
    let Some((draft, saved_at)) = found.optional()? else { return Ok(None) };
    Ok(Some(StoredDraft { id, draft, saved_at, attachments: attachments(db, id)? }))
}

fn attachments(db: &Connection, draft: DraftId) -> Result<Vec<AttachmentInfo>> {
    let sql = "SELECT id, name, content_type, content_id, length(bytes) AS size FROM attachment
               WHERE draft = ?1 ORDER BY id";
    let mut query = db.prepare_cached(sql)?;
    let attachments = query.query_map([draft.0], |row| {
        Ok(AttachmentInfo {
            id: AttachmentId(row.get("id")?),
            name: row.get("name")?,
            content_type: row.get("content_type")?,
            size: row.get::<_, i64>("size")?.unsigned_abs(),
            content_id: row.get("content_id")?,
        })
    })?;
    Ok(attachments.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::testing::{self, account_of};
    use model::Account;

    pub(crate) fn draft(account: &Account) -> Draft {
        Draft {
            account: account.id,
            identity: account.identities[0].id,
            to: vec![Address::new(Some("Bo".into()), "bo@example.net")],
            cc: Vec::new(),
            bcc: vec![Address::new(None, "half a na")],
            subject: "Hello".into(),
            html: "<p>Hi</p>".into(),
            in_reply_to: Some("x@example.net".into()),
            references: vec!["w@example.net".into(), "x@example.net".into()],
            answers: Some(LetterId(7)),
            forwards: None,
            route: RoutePolicy::SmartHost("relay".into()),
            require_tls: true,
        }
    }

    #[tokio::test]
    async fn a_draft_is_there_again_after_a_restart_with_its_attachments() {
        let (home, store) = testing::store().await;
        let account = store.add_account(account_of("a@example.org", &[])).await.unwrap();
        let mut text = draft(&account);
        let id = store.save_draft(None, &text).await.unwrap();
        text.subject = "Hello again".into();
        assert_eq!(store.save_draft(Some(id), &text).await.unwrap(), id);
        let file = store.add_attachment(id, "a.txt", "text/plain", None, b"abc".to_vec()).await.unwrap();
        let image = store.add_attachment(id, "b.png", "image/png", Some("cid1"), vec![1, 2]).await.unwrap();
        drop(store);

        let store = Store::open(home.path()).await.unwrap();
        let stored = store.draft(id).await.unwrap().unwrap();
        assert_eq!(stored.draft, text);
        let files: Vec<_> = stored.attachments.iter().map(|file| (file.id, file.size)).collect();
        assert_eq!(files, [(file, 3), (image, 2)]);
        assert_eq!(stored.attachments[1].content_id.as_deref(), Some("cid1"));
        assert_eq!(store.attachment_bytes(file).await.unwrap(), b"abc");
        store.remove_attachment(file).await.unwrap();
        assert_eq!(store.drafts().await.unwrap()[0].attachments.len(), 1);
    }

    #[tokio::test]
    async fn a_late_save_does_not_bring_back_what_was_sent() {
        let (_home, store) = testing::store().await;
        let account = store.add_account(account_of("a@example.org", &[])).await.unwrap();
        let id = store.save_draft(None, &draft(&account)).await.unwrap();
        let file = store.add_attachment(id, "a.txt", "text/plain", None, b"abc".to_vec()).await.unwrap();
        store.delete_draft(id).await.unwrap();
        store.delete_draft(id).await.unwrap();
        let late = store.save_draft(Some(id), &draft(&account)).await;
        assert!(matches!(late, Err(StoreError::NotFound(_))));
        assert!(matches!(store.attachment_bytes(file).await, Err(StoreError::NotFound(_))));
        let late = store.add_attachment(id, "b.txt", "text/plain", None, b"abc".to_vec()).await;
        assert!(matches!(late, Err(StoreError::NotFound(_))));
        assert_eq!(store.drafts().await.unwrap(), vec![]);
    }
}
