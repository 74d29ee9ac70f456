//! The copies of drafts in the accounts' Drafts mailboxes, where other programs see them.
//!
//! - A draft is here first; its copy is ordered once it was left alone for a moment. Each state has a Message-ID of its
//!   own, and an order names those of the states before it, which go when it is there.
//! - Of two orders for one draft, the earlier one is dropped where the server has not heard of it.
//! - A draft that was sent or thrown away, however that came, leaves its row here; the order that removes its copy takes
//!   the row away.
//! - A draft that was made of a letter in Drafts takes that letter's place with its first copy. Before that it goes as
//!   the letter does, where another program sent it or threw it away.

use crate::columns::Time;
use crate::database::Tx;
use crate::drafts::insert_draft;
use crate::journal::{JournalOp, add_entry, entries};
use crate::{Change, Draft, Result, Store};
use jiff::Timestamp;
use model::{AccountId, DraftId, LetterId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;

/// A state of a draft, ready for the server.
#[derive(Clone, Debug)]
pub struct DraftState {
    /// The draft.
    pub draft: DraftId,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// The Message-ID of this state.
    pub message_id: String,
    /// The message.
    pub bytes: Vec<u8>,
}

/// Letters in Drafts that are copies of drafts here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnDrafts {
    /// By their Message-IDs.
    pub message_ids: BTreeSet<String>,
    /// By their numbers, where they have no Message-ID.
    pub letters: BTreeSet<LetterId>,
}

/// A draft that was made of a letter in Drafts, and in which nothing was changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// The draft.
    pub draft: DraftId,
    /// The account in whose Drafts the letter was.
    pub account: AccountId,
    /// The letter.
    pub letter: LetterId,
    /// Its Message-ID; `None` where it has none.
    pub message_id: Option<String>,
}

/// What is known of a draft's copy.
struct Copy {
    account: AccountId,
    message_id: Option<String>,
    letter: Option<LetterId>,
}

impl Store {
    /// Drafts whose present state has not been ordered, with when they were saved.
    pub async fn drafts_to_copy(&self) -> Result<Vec<(DraftId, Timestamp)>> {
        self.local(|db| {
            let sql = "SELECT draft.id, draft.saved_at FROM draft LEFT JOIN draft_copy ON draft_copy.draft = draft.id
                       WHERE draft_copy.saved_at IS NOT draft.saved_at OR draft_copy.account IS NOT draft.account
                       ORDER BY draft.id";
            let mut query = db.prepare_cached(sql)?;
            let found = query.query_map([], |row| Ok((DraftId(row.get(0)?), row.get::<_, Time>(1)?.0)))?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Orders that a state of a draft takes the place of its former copies. A letter without a Message-ID that it takes
    /// the place of is returned: it has to be deleted by itself.
    pub async fn order_draft_copy(&self, state: DraftState) -> Result<Option<LetterId>> {
        self.write_local(move |tx| {
            let DraftState { draft, saved_at, message_id, bytes } = state;
            let sql = "SELECT account FROM draft WHERE id = ?1";
            let account =
                tx.prepare_cached(sql)?.query_row([draft.0], |row| Ok(AccountId(row.get(0)?))).optional()?;
            let Some(account) = account else { return Ok(None) };
            let before = copy_of(tx, draft)?;
            let mut replaces = BTreeSet::new();
            let mut letter = None;
            match before {
                Some(before) if before.account == account => {
                    replaces = absorb(tx, draft, &before)?;
                    letter = before.letter.filter(|_| before.message_id.is_none());
                }
                Some(before) => remove(tx, draft, &before)?,
                None => {}
            }
            let replaces = replaces.into_iter().collect();
            let op = JournalOp::Draft { draft, message_id: Some(message_id.clone()), replaces };
            add_entry(tx, account, &op, Some(&bytes), Timestamp::now())?;
            let sql = "INSERT INTO draft_copy (draft, account, message_id, saved_at) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (draft) DO UPDATE SET account = excluded.account, letter = NULL,
                           message_id = excluded.message_id, saved_at = excluded.saved_at";
            tx.prepare_cached(sql)?.execute((draft.0, account.0, message_id, Time(saved_at)))?;
            Ok(letter)
        })
        .await
    }

    /// Orders that the copies of drafts go that are no more. Letters without a Message-ID are returned: they have to be
    /// deleted by themselves.
    pub async fn retire_draft_copies(&self) -> Result<Vec<LetterId>> {
        let sql = "SELECT draft FROM draft_copy WHERE draft NOT IN (SELECT id FROM draft)";
        let gone = self.local(move |db| {
            let mut query = db.prepare_cached(sql)?;
            let gone = query.query_map([], |row| Ok(DraftId(row.get(0)?)))?;
            Ok(gone.collect::<rusqlite::Result<Vec<_>>>()?)
        });
        let gone = gone.await?;
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        self.write_local(move |tx| {
            let mut letters = Vec::new();
            for draft in gone {
                let Some(copy) = copy_of(tx, draft)? else { continue };
                letters.extend(copy.letter.filter(|_| copy.message_id.is_none()));
                remove(tx, draft, &copy)?;
                tx.prepare_cached("DELETE FROM draft_copy WHERE draft = ?1")?.execute([draft.0])?;
            }
            Ok(letters)
        })
        .await
    }

    /// Makes a draft of a letter in Drafts; the first copy of the draft takes the letter's place. The one that was made
    /// of it before, where there is one.
    pub async fn adopt_draft(
        &self,
        draft: &Draft,
        letter: LetterId,
        message_id: Option<String>,
    ) -> Result<(DraftId, Adopted)> {
        let draft = draft.clone();
        self.write_local(move |tx| {
            let sql = "SELECT draft FROM draft_copy JOIN draft ON draft.id = draft_copy.draft
                       WHERE draft_copy.account = ?3 AND (letter = ?1 OR message_id = ?2)";
            let key = (letter.0, &message_id, draft.account.0);
            let known = tx.prepare_cached(sql)?.query_row(key, |row| Ok(DraftId(row.get(0)?)));
            if let Some(known) = known.optional()? {
                return Ok((known, Adopted::Before));
            }
            let (account, now) = (draft.account, Time(Timestamp::now()));
            let id = insert_draft(tx, draft, now)?;
            let sql = "INSERT INTO draft_copy (draft, account, message_id, letter, saved_at)
                       VALUES (?1, ?2, ?3, ?4, ?5)";
            tx.prepare_cached(sql)?.execute((id.0, account.0, message_id, letter.0, now))?;
            tx.changed(Change::Drafts);
            Ok((id, Adopted::Now))
        })
        .await
    }

    /// Notes that the present state of a draft is what the letter it was made of shows.
    pub async fn draft_is_as_its_letter(&self, draft: DraftId) -> Result<()> {
        self.write_local(move |tx| {
            let sql = "UPDATE draft_copy SET saved_at = (SELECT saved_at FROM draft WHERE id = ?1) WHERE draft = ?1";
            tx.prepare_cached(sql)?.execute([draft.0])?;
            Ok(())
        })
        .await
    }

    /// Drafts that were made of letters in Drafts, and in which nothing was changed since.
    pub async fn untouched_adoptions(&self) -> Result<Vec<Adoption>> {
        self.local(|db| {
            let sql = "SELECT draft.id, draft_copy.account, letter, message_id
                       FROM draft_copy JOIN draft ON draft.id = draft_copy.draft
                       WHERE letter IS NOT NULL AND draft_copy.saved_at = draft.saved_at
                           AND draft_copy.account = draft.account";
            let mut query = db.prepare_cached(sql)?;
            let adoptions = query.query_map([], |row| {
                Ok(Adoption {
                    draft: DraftId(row.get(0)?),
                    account: AccountId(row.get(1)?),
                    letter: LetterId(row.get(2)?),
                    message_id: row.get(3)?,
                })
            })?;
            Ok(adoptions.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Lets a draft go whose letter is no longer in Drafts, with nothing to be taken away there. Whether it went: one
    /// that was changed meanwhile stays.
    pub async fn end_adoption(&self, draft: DraftId) -> Result<bool> {
        self.write_local(move |tx| {
            let sql = "DELETE FROM draft WHERE id = ?1 AND EXISTS (SELECT 1 FROM draft_copy
                           WHERE draft_copy.draft = draft.id AND letter IS NOT NULL
                               AND draft_copy.saved_at = draft.saved_at)";
            let went = tx.prepare_cached(sql)?.execute([draft.0])? > 0;
            if went {
                tx.prepare_cached("DELETE FROM draft_copy WHERE draft = ?1")?.execute([draft.0])?;
                tx.changed(Change::Drafts);
            }
            Ok(went)
        })
        .await
    }

    /// What in Drafts is a copy of a draft here, or is about to go.
    pub async fn own_drafts(&self) -> Result<OwnDrafts> {
        self.local(|db| {
            let mut own = OwnDrafts::default();
            let mut query = db.prepare_cached("SELECT message_id, letter FROM draft_copy")?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?)))?;
            for row in rows {
                let (message_id, letter): (Option<String>, _) = row?;
                own.message_ids.extend(message_id);
                own.letters.extend(letter.map(LetterId));
            }
            for entry in entries(db, None)? {
                if let JournalOp::Draft { message_id, replaces, .. } = entry.op {
                    own.message_ids.extend(message_id.into_iter().chain(replaces));
                }
            }
            Ok(own)
        })
        .await
    }
}

/// Whether a draft was made of a letter just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopted {
    /// Just now: its files are still to be added.
    Now,
    /// Before.
    Before,
}

fn copy_of(db: &Connection, draft: DraftId) -> Result<Option<Copy>> {
    let mut query = db.prepare_cached("SELECT account, message_id, letter FROM draft_copy WHERE draft = ?1")?;
    let copy = query.query_row([draft.0], |row| {
        Ok(Copy {
            account: AccountId(row.get(0)?),
            message_id: row.get(1)?,
            letter: row.get::<_, Option<i64>>(2)?.map(LetterId),
        })
    });
    Ok(copy.optional()?)
}

/// Drops orders for a draft that the server has not heard of. What the next order has to take away.
fn absorb(tx: &Tx<'_>, draft: DraftId, copy: &Copy) -> Result<BTreeSet<String>> {
    let mut replaces: BTreeSet<String> = copy.message_id.iter().cloned().collect();
    for entry in entries(tx, Some(copy.account))? {
        match entry.op {
            JournalOp::Draft { draft: of, message_id, replaces: before } if of == draft && !entry.begun => {
                replaces.extend(before);
                // Nobody has put that one there.
                if let Some(message_id) = message_id {
                    replaces.remove(&message_id);
                }
                tx.prepare_cached("DELETE FROM journal WHERE id = ?1")?.execute([entry.id.0])?;
            }
            _ => {}
        }
    }
    Ok(replaces)
}

/// Orders that the copies of a draft go.
fn remove(tx: &Tx<'_>, draft: DraftId, copy: &Copy) -> Result<()> {
    let replaces = absorb(tx, draft, copy)?;
    if replaces.is_empty() {
        return Ok(());
    }
    let op = JournalOp::Draft { draft, message_id: None, replaces: replaces.into_iter().collect() };
    add_entry(tx, copy.account, &op, None, Timestamp::now()).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drafts::tests::draft;
    use crate::testing::{self, account_of};
    use model::JournalId;

    struct Desk {
        _home: tempfile::TempDir,
        store: Store,
        account: model::Account,
    }

    impl Desk {
        async fn new() -> Self {
            let (home, store) = testing::store().await;
            let account = store.add_account(account_of("a@example.org", &[])).await.unwrap();
            Self { _home: home, store, account }
        }

        async fn copy(&self, message_id: &str) {
            for (draft, saved_at) in self.store.drafts_to_copy().await.unwrap() {
                let state = DraftState { draft, saved_at, message_id: message_id.into(), bytes: b"x".to_vec() };
                self.store.order_draft_copy(state).await.unwrap();
            }
        }

        async fn orders(&self) -> Vec<(JournalId, Option<String>, Vec<String>)> {
            let entries = self.store.journal(self.account.id).await.unwrap();
            let order = |entry: crate::JournalEntry| match entry.op {
                JournalOp::Draft { message_id, replaces, .. } => (entry.id, message_id, replaces),
                other => panic!("{other:?}"),
            };
            entries.into_iter().map(order).collect()
        }
    }

    #[tokio::test]
    async fn only_the_last_of_several_states_is_ordered_and_it_replaces_what_the_server_has() {
        let desk = Desk::new().await;
        let mut text = draft(&desk.account);
        let id = desk.store.save_draft(None, &text).await.unwrap();
        desk.copy("one").await;
        assert_eq!(desk.store.drafts_to_copy().await.unwrap(), vec![]);
        text.subject = "Two".into();
        desk.store.save_draft(Some(id), &text).await.unwrap();
        desk.copy("two").await;
        let orders = desk.orders().await;
        assert_eq!((orders.len(), orders[0].1.as_deref(), orders[0].2.len()), (1, Some("two"), 0));
        desk.store.journal_begin(orders[0].0).await.unwrap();
        text.subject = "Three".into();
        desk.store.save_draft(Some(id), &text).await.unwrap();
        desk.copy("three").await;
        let orders = desk.orders().await;
        assert_eq!(
            (orders.len(), orders[1].1.as_deref(), &orders[1].2[..]),
            (2, Some("three"), &["two".to_owned()][..])
        );
        let own = desk.store.own_drafts().await.unwrap();
        assert_eq!(own.message_ids.into_iter().collect::<Vec<_>>(), ["three", "two"]);
    }

    #[tokio::test]
    async fn a_draft_that_is_no_more_takes_its_copy_along_and_one_that_never_went_out_leaves_no_order() {
        let desk = Desk::new().await;
        let first = desk.store.save_draft(None, &draft(&desk.account)).await.unwrap();
        desk.copy("one").await;
        desk.store.delete_draft(first).await.unwrap();
        desk.store.retire_draft_copies().await.unwrap();
        assert_eq!(desk.orders().await, vec![]);
        let second = desk.store.save_draft(None, &draft(&desk.account)).await.unwrap();
        desk.copy("two").await;
        desk.store.journal_done(desk.orders().await[0].0).await.unwrap();
        desk.store.delete_draft(second).await.unwrap();
        desk.store.retire_draft_copies().await.unwrap();
        let orders = desk.orders().await;
        assert_eq!((orders.len(), orders[0].1.as_deref(), &orders[0].2[..]), (1, None, &["two".to_owned()][..]));
        desk.store.retire_draft_copies().await.unwrap();
        assert_eq!(desk.orders().await.len(), 1);
    }

    #[tokio::test]
    async fn a_letter_in_drafts_becomes_one_draft_and_is_replaced_when_that_is_saved() {
        let desk = Desk::new().await;
        let mut text = draft(&desk.account);
        let adopt = async |text: Draft| desk.store.adopt_draft(&text, LetterId(7), Some("phone".into())).await;
        let (id, adopted) = adopt(text.clone()).await.unwrap();
        assert_eq!((adopt(text.clone()).await.unwrap(), adopted), ((id, Adopted::Before), Adopted::Now));
        assert_eq!(desk.store.drafts_to_copy().await.unwrap(), vec![], "it is as it is there");
        assert!(desk.store.own_drafts().await.unwrap().letters.contains(&LetterId(7)));
        let other = desk.store.add_account(account_of("b@example.org", &[])).await.unwrap();
        let there = Draft { account: other.id, identity: other.identities[0].id, ..text.clone() };
        let there = desk.store.adopt_draft(&there, LetterId(9), Some("phone".into())).await.unwrap();
        assert_eq!(there.1, Adopted::Now, "the same Message-ID in another account is another letter");
        desk.store.delete_draft(there.0).await.unwrap();
        let untouched = desk.store.untouched_adoptions().await.unwrap();
        assert_eq!(untouched.iter().map(|one| (one.draft, one.letter)).collect::<Vec<_>>(), [(id, LetterId(7))]);
        text.subject = "More".into();
        desk.store.save_draft(Some(id), &text).await.unwrap();
        desk.copy("here").await;
        assert_eq!(desk.orders().await[0].2, ["phone"]);
        assert!(desk.store.untouched_adoptions().await.unwrap().is_empty());
        assert!(!desk.store.end_adoption(id).await.unwrap(), "what was written here stays");
    }

    #[tokio::test]
    async fn an_adopted_draft_that_is_let_go_orders_nothing() {
        let desk = Desk::new().await;
        let text = draft(&desk.account);
        let (id, _) = desk.store.adopt_draft(&text, LetterId(7), Some("phone".into())).await.unwrap();
        assert!(desk.store.end_adoption(id).await.unwrap());
        assert!(desk.store.draft(id).await.unwrap().is_none());
        assert!(desk.store.retire_draft_copies().await.unwrap().is_empty());
        assert_eq!(desk.orders().await, vec![]);
    }
}
