//! What the user does to letters: in the journal first, then here. One entry for each mailbox that letters are in.

use super::mailboxes::missing;
use super::pending::apply;
use crate::journal::{JournalLetter, JournalOp, add_entry};
use crate::{Result, Store, StoreError};
use jiff::Timestamp;
use model::{AccountId, Flag, Flags, JournalId, LetterId, MailboxId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeMap;

/// A letter as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Present {
    letter: JournalLetter,
    flags: Flags,
    at: Location,
}

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Location {
    account: AccountId,
    mailbox: String,
    uid_validity: Option<u32>,
}

impl Store {
    /// Sets or clears a flag here at once and orders it on the server. Letters that have it so already are left out.
    pub async fn apply_local_flag(&self, letters: &[LetterId], flag: Flag, on: bool) -> Result<Vec<JournalId>> {
        let mut letters = self.present(letters).await?;
        letters.retain(|present| present.flags.has(flag) != on);
        self.act(letters, move |at, letters| JournalOp::SetFlags {
            mailbox: at.mailbox,
            uid_validity: at.uid_validity,
            letters,
            flag,
            on,
        })
        .await
    }

    /// Moves letters here at once and orders it on the server. Letters that are there already are left out. The target
    /// must belong to the same account, and must be one that letters can be in.
    pub async fn apply_local_move(&self, letters: &[LetterId], target: MailboxId) -> Result<Vec<JournalId>> {
        let target = self.mailbox(target).await?.ok_or_else(|| missing(target))?;
        if !target.selectable {
            return Err(StoreError::Invalid(format!("{} holds no letters; choose another mailbox", target.path)));
        }
        let mut letters = self.present(letters).await?;
        if letters.iter().any(|present| present.at.account != target.account) {
            let why = "letters can be moved only within their account";
            return Err(StoreError::Invalid(why.to_owned()));
        }
        letters.retain(|present| present.at.mailbox != target.path);
        self.act(letters, move |at, letters| JournalOp::Move {
            mailbox: at.mailbox,
            uid_validity: at.uid_validity,
            letters,
            target: target.path.clone(),
        })
        .await
    }

    /// Deletes letters for good here at once and orders it on the server.
    pub async fn apply_local_delete(&self, letters: &[LetterId]) -> Result<Vec<JournalId>> {
        let letters = self.present(letters).await?;
        self.act(letters, |at, letters| JournalOp::Delete {
            mailbox: at.mailbox,
            uid_validity: at.uid_validity,
            letters,
        })
        .await
    }

    async fn present(&self, letters: &[LetterId]) -> Result<Vec<Present>> {
        let letters = letters.to_vec();
        self.mail(move |db| letters.into_iter().filter_map(|id| present(db, id).transpose()).collect()).await
    }

    async fn act(
        &self,
        letters: Vec<Present>,
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
        let written = self
            .write_local(move |tx| {
                let now = Timestamp::now();
                let write = |(account, op): (AccountId, JournalOp)| {
                    add_entry(tx, account, &op, None, now).map(|id| (account, id, op))
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
    let sql = "SELECT uid, message_id, flags, account, path, uid_validity FROM letter
               JOIN mailbox ON mailbox.id = letter.mailbox WHERE letter.id = ?1 AND hidden = 0";
    let found = db.prepare_cached(sql)?.query_row([id.0], |row| {
        Ok(Present {
            letter: JournalLetter { letter: id, uid: row.get("uid")?, message_id: row.get("message_id")? },
            flags: Flags(row.get("flags")?),
            at: Location {
                account: AccountId(row.get("account")?),
                mailbox: row.get("path")?,
                uid_validity: row.get("uid_validity")?,
            },
        })
    });
    Ok(found.optional()?)
}
