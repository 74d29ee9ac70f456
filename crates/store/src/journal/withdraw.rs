//! Taking back what the server has not heard of.
//!
//! Three commits: the letters leave the entry, and a `Withdraw` says so, in `local.db`; they look as before, in
//! `mail.db`; the `Withdraw` goes. A crash in between leaves the `Withdraw`, which the next start carries out.

use super::{JournalOp, add_entry};
use crate::columns::Json;
use crate::database::Tx;
use crate::{Result, Store, mail};
use jiff::Timestamp;
use model::{AccountId, JournalId, LetterId};
use rusqlite::OptionalExtension;
use std::collections::{BTreeMap, BTreeSet};

impl Store {
    /// Takes letters out of entries that are not begun. Gives those that were taken out; the others stay as they are.
    pub(crate) async fn withdraw_letters(&self, letters: Vec<(JournalId, LetterId)>) -> Result<Vec<LetterId>> {
        if letters.is_empty() {
            return Ok(Vec::new());
        }
        let mut grouped: BTreeMap<JournalId, Vec<LetterId>> = BTreeMap::new();
        for (entry, letter) in letters {
            grouped.entry(entry).or_default().push(letter);
        }
        let withdrawn = self
            .write_local(move |tx| {
                let each = grouped.into_iter().map(|(entry, letters)| take_out(tx, entry, letters));
                Ok(each.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect::<Vec<_>>())
            })
            .await?;
        if withdrawn.is_empty() {
            return Ok(Vec::new());
        }
        let (parts, marks): (Vec<_>, Vec<_>) =
            withdrawn.into_iter().map(|(mark, entry, letters)| ((entry, letters), mark)).unzip();
        let taken = parts.iter().flat_map(|(_, letters)| letters.iter().copied()).collect();
        self.write_mail(move |tx| {
            for (entry, letters) in &parts {
                mail::undo_letters(tx, *entry, letters)?;
            }
            Ok(())
        })
        .await?;
        self.strike_out(marks).await?;
        Ok(taken)
    }

    /// Withdraws a whole entry that is not begun. Whether it could be.
    pub(crate) async fn withdraw_entry(&self, id: JournalId) -> Result<bool> {
        let marked = self
            .write_local(move |tx| {
                let sql = "DELETE FROM journal WHERE id = ?1 AND begun = 0 RETURNING account";
                let account =
                    tx.prepare_cached(sql)?.query_row([id.0], |row| Ok(AccountId(row.get(0)?))).optional()?;
                let Some(account) = account else { return Ok(None) };
                let mark = JournalOp::Withdraw { of: id, letters: Vec::new() };
                add_entry(tx, account, &mark, None, Timestamp::now()).map(Some)
            })
            .await?;
        let Some(mark) = marked else { return Ok(false) };
        self.write_mail(move |tx| mail::undo(tx, id)).await?;
        self.strike_out(vec![mark]).await?;
        Ok(true)
    }

    async fn strike_out(&self, marks: Vec<JournalId>) -> Result<()> {
        self.write_local(move |tx| {
            for mark in marks {
                tx.prepare_cached("DELETE FROM journal WHERE id = ?1")?.execute([mark.0])?;
            }
            Ok(())
        })
        .await
    }
}

/// Takes letters out of one entry: the mark that says so, the entry, and the letters that were in it.
#[allow(clippy::type_complexity, reason = "three numbers that are read once")]
fn take_out(
    tx: &Tx<'_>,
    entry: JournalId,
    letters: Vec<LetterId>,
) -> Result<Option<(JournalId, JournalId, Vec<LetterId>)>> {
    let sql = "SELECT account, op FROM journal WHERE id = ?1 AND begun = 0";
    let found = tx
        .prepare_cached(sql)?
        .query_row([entry.0], |row| Ok((AccountId(row.get(0)?), row.get::<_, Json<JournalOp>>(1)?.0)))
        .optional()?;
    let Some((account, mut op)) = found else { return Ok(None) };
    let Some(within) = op.letters_mut() else { return Ok(None) };
    let there: BTreeSet<LetterId> = within.iter().map(|one| one.letter).collect();
    let taken: BTreeSet<LetterId> = letters.into_iter().filter(|letter| there.contains(letter)).collect();
    within.retain(|one| !taken.contains(&one.letter));
    let taken: Vec<LetterId> = taken.into_iter().collect();
    if taken.is_empty() {
        return Ok(None);
    }
    if op.is_void() {
        tx.prepare_cached("DELETE FROM journal WHERE id = ?1")?.execute([entry.0])?;
    } else {
        tx.prepare_cached("UPDATE journal SET op = ?2 WHERE id = ?1")?.execute((entry.0, Json(&op)))?;
    }
    let mark = JournalOp::Withdraw { of: entry, letters: taken.clone() };
    let mark = add_entry(tx, account, &mark, None, Timestamp::now())?;
    Ok(Some((mark, entry, taken)))
}
