//! What was sent and has no copy in a mailbox here: what its account's server has not got yet, and what was sent from an
//! account without such a server, where the outgoing is the only copy there is.
//!
//! A copy that was seen here once is not looked for again: that it was deleted later does not make the letter unfiled.

use super::read::{People, deliveries};
use crate::columns::{Json, Time};
use crate::{Result, Store, mail};
use jiff::Timestamp;
use model::{AccountId, Address, Mark, OutgoingId};
use rusqlite::{Connection, OptionalExtension};

/// In the order of the index `outgoing_unfiled`. What was to be filed on the server of an account that is gone is there.
const UNFILED: &str =
    "SELECT id, created_at, iif(copy = 'ordered', account, NULL) AS server, message_id FROM outgoing
    WHERE copy IN ('ordered', 'only') AND (copy = 'only' OR account IS NOT NULL) AND (?1 IS NULL OR account = ?1)
    ORDER BY created_at DESC, id DESC";

/// A row of a list of what was sent, as [`crate::LetterRow`] is one of letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfiledRow {
    /// The outgoing.
    pub id: OutgoingId,
    /// From, as shown.
    pub from: Address,
    /// To, as shown.
    pub to: Vec<Address>,
    /// Subject, decoded.
    pub subject: String,
    /// How its text begins.
    pub snippet: String,
    /// How many files it holds.
    pub attachments: u32,
    /// When Send was pressed.
    pub created_at: Timestamp,
    /// What became of it.
    pub mark: Option<Mark>,
}

/// One whose copy may be here.
struct Candidate {
    id: OutgoingId,
    created_at: Timestamp,
    /// Where its copy was ordered, and the name by which it is known there; `None` where there is none to come.
    ordered: Option<(AccountId, String)>,
}

impl Store {
    /// What a server took and has no copy here, newest first: of an account, or of all.
    pub async fn unfiled(&self, account: Option<AccountId>) -> Result<Vec<(OutgoingId, Timestamp)>> {
        let candidates = self.local(move |db| candidates(db, account)).await?;
        let (here, unfiled) = self.mail(move |db| parted(db, candidates)).await?;
        if !here.is_empty() {
            self.write_local(move |tx| {
                let mut seen = tx.prepare_cached("UPDATE outgoing SET copy = 'here' WHERE id = ?1")?;
                here.iter().try_for_each(|one| seen.execute([one.id.0]).map(drop))?;
                Ok(())
            })
            .await?;
        }
        Ok(unfiled.into_iter().map(|one| (one.id, one.created_at)).collect())
    }

    /// The rows of these, in this order.
    pub async fn unfiled_rows(&self, ids: &[OutgoingId]) -> Result<Vec<UnfiledRow>> {
        let ids = ids.to_vec();
        self.local(move |db| {
            let mut rows = Vec::with_capacity(ids.len());
            for id in ids {
                rows.extend(row(db, id)?);
            }
            Ok(rows)
        })
        .await
    }
}

fn candidates(db: &Connection, account: Option<AccountId>) -> Result<Vec<Candidate>> {
    let mut query = db.prepare_cached(UNFILED)?;
    let candidates = query.query_map([account.map(|account| account.0)], |row| {
        let server: Option<i64> = row.get("server")?;
        let message_id = row.get("message_id")?;
        Ok(Candidate {
            id: OutgoingId(row.get("id")?),
            created_at: row.get::<_, Time>("created_at")?.0,
            ordered: server.map(|account| (AccountId(account), message_id)),
        })
    })?;
    Ok(candidates.collect::<rusqlite::Result<_>>()?)
}

/// Those whose copy is here, and those that have none.
fn parted(db: &Connection, candidates: Vec<Candidate>) -> Result<(Vec<Candidate>, Vec<Candidate>)> {
    let (mut here, mut unfiled) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let found = match &candidate.ordered {
            Some((account, message_id)) => mail::is_filed(db, *account, message_id)?,
            None => false,
        };
        if found { &mut here } else { &mut unfiled }.push(candidate);
    }
    Ok((here, unfiled))
}

fn row(db: &Connection, id: OutgoingId) -> Result<Option<UnfiledRow>> {
    let sql = "SELECT people, subject, snippet, attachments, created_at FROM outgoing WHERE id = ?1";
    let found = db.prepare_cached(sql)?.query_row([id.0], |row| {
        let Json(People { from, to }) = row.get("people")?;
        Ok(UnfiledRow {
            id,
            from,
            to,
            subject: row.get("subject")?,
            snippet: row.get("snippet")?,
            attachments: row.get("attachments")?,
            created_at: row.get::<_, Time>("created_at")?.0,
            mark: None,
        })
    });
    let Some(row) = found.optional()? else { return Ok(None) };
    let states: Vec<_> = deliveries(db, id)?.iter().map(|delivery| delivery.state).collect();
    Ok(Some(UnfiledRow { mark: Mark::of(&states), ..row }))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{message, taken};
    use super::*;
    use crate::testing::{self, account_of, at};
    use crate::{LetterSummary, ListedMailbox, NewAccount, NewLetter, NewOutgoing};
    use model::{Flags, Role};

    #[tokio::test]
    async fn looking_for_what_is_unfiled_reads_an_index() {
        let (_home, store) = testing::store().await;
        let plan = store.local(|db| testing::plan(db, UNFILED)).await.unwrap();
        assert!(plan.contains("INDEX outgoing_unfiled"), "{plan}");
        assert!(!plan.contains("USE TEMP B-TREE"), "{plan}");
        let plan = store.mail(|db| testing::plan(db, mail::FILED)).await.unwrap();
        assert!(plan.contains("INDEX content_thread") && plan.contains("INDEX letter_content"), "{plan}");
    }

    #[tokio::test]
    async fn what_was_sent_without_a_server_for_its_copy_stays_unfiled_and_what_was_not_taken_is_not() {
        let (_home, store) = testing::store().await;
        let sends_only = NewAccount { imap: None, ..account_of("anna@example.org", &[]) };
        let account = Some(store.add_account(sends_only).await.unwrap().id);
        let mut sent = Vec::new();
        for second in 0..3 {
            let new = NewOutgoing { account, created_at: at(second), ..message(&["b@x.test"]) };
            sent.push((taken(&store, new).await.id, at(second)));
        }
        store.submit(NewOutgoing { account, ..message(&["c@x.test"]) }).await.unwrap();
        sent.reverse();
        assert_eq!(store.unfiled(None).await.unwrap(), sent);
        assert_eq!(store.unfiled(account).await.unwrap(), sent);
        assert_eq!(store.unfiled(Some(AccountId(99))).await.unwrap(), []);
    }

    fn listed(path: &str, role: Role) -> ListedMailbox {
        ListedMailbox { path: path.into(), separator: None, role: Some(role), selectable: true, subscribed: true }
    }

    fn copy_of(message_id: &str) -> NewLetter {
        let summary = LetterSummary { message_id: Some(message_id.to_owned()), ..LetterSummary::default() };
        NewLetter {
            uid: 1,
            flags: Flags::default(),
            internal_date: at(5),
            size: 9,
            email_id: None,
            summary,
            raw: None,
        }
    }

    #[tokio::test]
    async fn a_copy_in_sent_makes_it_filed_for_good_and_one_in_the_inbox_does_not() {
        let (_home, store) = testing::store().await;
        let account = store.add_account(account_of("anna@example.org", &[])).await.unwrap().id;
        let list = || vec![listed("INBOX", Role::Inbox), listed("Sent", Role::Sent)];
        let boxes = store.sync_mailbox_list(account, list()).await.unwrap();
        let sent = taken(&store, NewOutgoing { account: Some(account), ..message(&["anna@example.org"]) }).await;
        let unfiled = || async { store.unfiled(None).await.unwrap().len() };
        assert_eq!(unfiled().await, 1);
        store.insert_letters(boxes[0].id, vec![copy_of(&sent.message_id)]).await.unwrap();
        assert_eq!(unfiled().await, 1, "a letter to oneself");
        let copy = store.insert_letters(boxes[1].id, vec![copy_of(&sent.message_id)]).await.unwrap();
        assert_eq!(unfiled().await, 0);
        store.apply_local_delete(&copy, std::time::Duration::ZERO).await.unwrap();
        assert_eq!(unfiled().await, 0, "what was thrown away does not come back");
    }

    #[tokio::test]
    async fn a_row_is_shown_without_reading_the_message() {
        let (_home, store) = testing::store().await;
        let to = vec![Address::new(Some("Bo".into()), "b@x.test")];
        let new = NewOutgoing { to: to.clone(), attachments: 2, ..message(&["b@x.test"]) };
        let sent = taken(&store, new).await;
        let rows = store.unfiled_rows(&[sent.id, OutgoingId(99)]).await.unwrap();
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!((row.id, &row.to, row.attachments, row.snippet.as_str()), (sent.id, &to, 2, "Hello"));
        assert_eq!(row.from.to_string(), sent.from);
        assert_eq!(row.mark.as_ref().map(|mark| mark.taken), Some(1));
    }
}
