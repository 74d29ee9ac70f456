//! The mark before an entry is tried, by which it can be tried again without harm.

use super::{JournalEntry, JournalOp};
use crate::columns::Json;
use crate::{Result, Store, mail};
use model::JournalId;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

/// How a mailbox stood before an order put something into it. What it has beyond that, of the same message, is what the
/// first try put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// Its UIDVALIDITY.
    pub uid_validity: u32,
    /// The UID that it was going to give next.
    pub uid_next: u32,
}

impl Store {
    /// Marks an entry as begun: from now on the server may have heard of it. Gives it as it stood until then; `None`
    /// where it was withdrawn meanwhile.
    pub async fn journal_begin(&self, id: JournalId) -> Result<Option<JournalEntry>> {
        let entry = self
            .write_local(move |tx| {
                let sql = "SELECT id, account, op, created_at, tries, last_error, next_at, begun, baseline
                           FROM journal WHERE id = ?1";
                let found = tx.prepare_cached(sql)?.query_row([id.0], super::entry_of).optional()?;
                tx.prepare_cached("UPDATE journal SET begun = 1 WHERE id = ?1 AND begun = 0")?.execute([id.0])?;
                Ok(found)
            })
            .await?;
        let Some(entry) = entry.filter(|entry| !matches!(entry.op, JournalOp::Withdraw { .. })) else {
            return Ok(None);
        };
        let mut entries = self.mail(move |db| mail::with_present_uids(db, vec![entry])).await?;
        Ok(entries.pop())
    }

    /// Notes how the target of an order stands, before it is tried for the first time. A second time changes nothing.
    pub async fn journal_baseline(&self, id: JournalId, baseline: Baseline) -> Result<()> {
        self.write_local(move |tx| {
            let sql = "UPDATE journal SET baseline = ?2 WHERE id = ?1 AND baseline IS NULL";
            tx.prepare_cached(sql)?.execute((id.0, Json(baseline)))?;
            Ok(())
        })
        .await
    }
}
