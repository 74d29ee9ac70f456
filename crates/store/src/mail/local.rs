//! What the user does to letters: in the journal first, then here. One entry for each mailbox that letters are in. What
//! cancels out with an order that the server has not heard of is withdrawn instead (`journal::merge`).

use super::mailboxes::missing;
use super::pending::apply;
use crate::journal::{self, JournalLetter, JournalOp, Waiting, Wish, add_later, to_withdraw};
use crate::{Result, Store, StoreError};
use jiff::Timestamp;
use model::{AccountId, Flag, Flags, JournalId, LetterId, Mailbox, MailboxId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// A letter as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Present {
    pub(super) letter: JournalLetter,
    flags: Flags,
    /// As the server was last seen to have them.
    server_flags: Flags,
    pub(super) at: Location,
    /// Entries of the journal that concern it, the first first.
    entries: Vec<JournalId>,
}

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Location {
    pub(super) account: AccountId,
    pub(super) mailbox: String,
    pub(super) uid_validity: Option<u32>,
}

impl Store {
    /// Sets or clears a flag here at once and orders it on the server. Letters that have it so already are left out.
    pub async fn apply_local_flag(&self, letters: &[LetterId], flag: Flag, on: bool) -> Result<Vec<JournalId>> {
        let mut letters = self.present_after_merging(letters, Wish::Flag { flag, on }).await?;
        letters.retain(|present| present.flags.has(flag) != on);
        let op = move |at: Location, letters| JournalOp::SetFlags {
            mailbox: at.mailbox,
            uid_validity: at.uid_validity,
            letters,
            flag,
            on,
        };
        self.act(letters, Duration::ZERO, op).await
    }

    /// Moves letters here at once and orders it on the server. Letters that are there already are left out. The target
    /// must belong to the same account, and must be one that letters can be in.
    pub async fn apply_local_move(&self, letters: &[LetterId], target: MailboxId) -> Result<Vec<JournalId>> {
        let target = self.target_for(letters, target).await?;
        let mut leaving = self.present(letters).await?;
        leaving.retain(|present| present.at.mailbox != target.path);
        let leaving: Vec<LetterId> = leaving.iter().map(|present| present.letter.letter).collect();
        let mut letters = self.present_after_merging(&leaving, Wish::Leave).await?;
        letters.retain(|present| present.at.mailbox != target.path);
        let op = move |at: Location, letters| JournalOp::Move {
            mailbox: at.mailbox,
            uid_validity: at.uid_validity,
            letters,
            target: target.path.clone(),
        };
        self.act(letters, Duration::ZERO, op).await
    }

    /// Copies letters here at once and orders it on the server. The target must be as for a move; it may be where they
    /// are.
    pub async fn apply_local_copy(&self, letters: &[LetterId], target: MailboxId) -> Result<Vec<JournalId>> {
        let target = self.target_for(letters, target).await?;
        let letters = self.without_labels_left_on(letters, target.id).await?;
        let letters = self.present(&letters).await?;
        let op = move |at: Location, letters| JournalOp::Copy {
            mailbox: at.mailbox,
            uid_validity: at.uid_validity,
            letters,
            target: target.path.clone(),
        };
        self.act(letters, Duration::ZERO, op).await
    }

    /// Deletes letters for good: here at once, and on the server after `pause`, in which it can be withdrawn.
    pub async fn apply_local_delete(&self, letters: &[LetterId], pause: Duration) -> Result<Vec<JournalId>> {
        let letters = self.present_after_merging(letters, Wish::Leave).await?;
        let op =
            |at: Location, letters| JournalOp::Delete { mailbox: at.mailbox, uid_validity: at.uid_validity, letters };
        self.act(letters, pause, op).await
    }

    /// Where letters can be put: a mailbox of their account that can hold some.
    async fn target_for(&self, letters: &[LetterId], target: MailboxId) -> Result<Mailbox> {
        let target = self.mailbox(target).await?.ok_or_else(|| missing(target))?;
        if !target.selectable {
            return Err(StoreError::Invalid(format!("{} holds no letters; choose another mailbox", target.path)));
        }
        if self.present(letters).await?.iter().any(|present| present.at.account != target.account) {
            let why = "letters can be moved and copied only within their account";
            return Err(StoreError::Invalid(why.to_owned()));
        }
        Ok(target)
    }

    /// The letters as they are after orders were withdrawn with which the wish cancels out.
    async fn present_after_merging(&self, letters: &[LetterId], wish: Wish) -> Result<Vec<Present>> {
        let mut present = self.present(letters).await?;
        if present.iter().all(|letter| letter.entries.is_empty()) {
            return Ok(present);
        }
        let kinds: HashMap<JournalId, Waiting> = self.waiting().await?;
        let withdrawn = present.iter().filter_map(|one| {
            let waiting: Vec<Waiting> = one.entries.iter().filter_map(|id| kinds.get(id).cloned()).collect();
            Some((to_withdraw(&waiting, one.server_flags, wish)?, one.letter.letter))
        });
        let withdrawn: Vec<_> = withdrawn.collect();
        if !withdrawn.is_empty() {
            self.withdraw_letters(withdrawn).await?;
            present = self.present(letters).await?;
        }
        Ok(present)
    }

    /// The orders that wait, by their numbers.
    async fn waiting(&self) -> Result<HashMap<JournalId, Waiting>> {
        let entries = self.local(|db| journal::entries(db, None)).await?;
        let one = |entry: journal::JournalEntry| {
            (entry.id, Waiting { id: entry.id, begun: entry.begun, kind: journal::Kind::of(&entry.op) })
        };
        Ok(entries.into_iter().map(one).collect())
    }

    /// The copies that an entry made here: of which letter, and which one it is.
    pub async fn copies_of(&self, entry: JournalId) -> Result<Vec<(LetterId, LetterId)>> {
        self.mail(move |db| {
            let sql = "SELECT copy_of, letter FROM pending WHERE journal = ?1 AND copy_of IS NOT NULL";
            let mut query = db.prepare_cached(sql)?;
            let copies = query.query_map([entry.0], |row| Ok((LetterId(row.get(0)?), LetterId(row.get(1)?))))?;
            Ok(copies.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    pub(super) async fn present(&self, letters: &[LetterId]) -> Result<Vec<Present>> {
        let letters = letters.to_vec();
        self.mail(move |db| letters.into_iter().filter_map(|id| present(db, id).transpose()).collect()).await
    }

    pub(super) async fn act(
        &self,
        letters: Vec<Present>,
        pause: Duration,
        op: impl Fn(Location, Vec<JournalLetter>) -> JournalOp,
    ) -> Result<Vec<JournalId>> {
        let mut grouped: BTreeMap<Location, Vec<JournalLetter>> = BTreeMap::new();
        for present in letters {
            grouped.entry(present.at).or_default().push(present.letter);
        }
        let ops: Vec<(AccountId, JournalOp)> =
            grouped.into_iter().map(|(at, letters)| (at.account, op(at, letters))).collect();
        if ops.is_empty() {
            return Ok(Vec::new());
        }
        self.give(ops, pause).await
    }

    /// Writes orders into the journal, due after a pause, and then applies them here.
    pub(super) async fn give(&self, ops: Vec<(AccountId, JournalOp)>, pause: Duration) -> Result<Vec<JournalId>> {
        let written = self
            .write_local(move |tx| {
                let now = Timestamp::now();
                let due = now.checked_add(pause).unwrap_or(now);
                let write = |(account, op): (AccountId, JournalOp)| {
                    add_later(tx, account, &op, None, now, due).map(|id| (account, id, op))
                };
                ops.into_iter().map(write).collect::<Result<Vec<_>>>()
            })
            .await?;
        self.write_mail(move |tx| {
            for (account, id, op) in &written {
                apply(tx, *account, *id, op)?;
            }
            Ok(written.into_iter().map(|(_, id, _)| id).collect())
        })
        .await
    }
}

fn present(db: &Connection, id: LetterId) -> Result<Option<Present>> {
    let sql = "SELECT uid, message_id, flags, server_flags, mailbox.account, path, uid_validity FROM letter
               JOIN content ON content.id = letter.content
               JOIN mailbox ON mailbox.id = letter.mailbox WHERE letter.id = ?1 AND hidden = 0";
    let mut query = db.prepare_cached("SELECT journal FROM pending WHERE letter = ?1 ORDER BY journal")?;
    let entries = query.query_map([id.0], |row| Ok(JournalId(row.get(0)?)))?;
    let entries = entries.collect::<rusqlite::Result<Vec<_>>>()?;
    let found = db.prepare_cached(sql)?.query_row([id.0], |row| {
        Ok(Present {
            letter: JournalLetter { letter: id, uid: row.get("uid")?, message_id: row.get("message_id")? },
            flags: Flags(row.get("flags")?),
            server_flags: Flags(row.get("server_flags")?),
            entries,
            at: Location {
                account: AccountId(row.get("account")?),
                mailbox: row.get("path")?,
                uid_validity: row.get("uid_validity")?,
            },
        })
    });
    Ok(found.optional()?)
}
