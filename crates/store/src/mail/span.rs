//! What the sync asks of a mailbox in pieces: never more rows at once than the piece names.

use crate::{Result, Store};
use model::{Flags, LetterId, MailboxId};
use rusqlite::OptionalExtension;
use std::ops::RangeInclusive;

impl Store {
    /// The UIDs of a mailbox that are known here within a span, ascending, with the flags that the *server* was last
    /// seen to have. As in [`Store::uids`], letters that were moved away or deleted here only are among them.
    pub async fn uids_within(&self, id: MailboxId, span: RangeInclusive<u32>) -> Result<Vec<(u32, Flags)>> {
        self.mail(move |db| {
            let sql = "SELECT uid, server_flags FROM letter WHERE mailbox = ?1 AND uid BETWEEN ?2 AND ?3
                       UNION ALL
                       SELECT origin_uid, server_flags FROM pending JOIN letter ON letter.id = pending.letter
                       WHERE origin = ?1 AND origin_uid BETWEEN ?2 AND ?3
                       ORDER BY 1";
            let mut query = db.prepare_cached(sql)?;
            let key = (id.0, span.start(), span.end());
            let uids = query.query_map(key, |row| Ok((row.get(0)?, Flags(row.get(1)?))))?;
            Ok(uids.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// How many UIDs of a mailbox are known here, and the highest; as many as [`Store::uids`] would give.
    pub async fn uids_in_all(&self, id: MailboxId) -> Result<(u32, Option<u32>)> {
        self.mail(move |db| {
            let sql = "SELECT count(*), max(uid) FROM letter WHERE mailbox = ?1 AND uid IS NOT NULL";
            let placed: (u32, Option<u32>) =
                db.prepare_cached(sql)?.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let sql = "SELECT count(*), max(origin_uid) FROM pending WHERE origin = ?1 AND origin_uid IS NOT NULL";
            let moved: (u32, Option<u32>) =
                db.prepare_cached(sql)?.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok((placed.0.saturating_add(moved.0), placed.1.max(moved.1)))
        })
        .await
    }

    /// The letters that have these UIDs in a mailbox, in the order asked for; those that are not here, or were deleted
    /// here, are left out.
    pub async fn letters_at(&self, id: MailboxId, uids: &[u32]) -> Result<Vec<(u32, LetterId)>> {
        let uids = uids.to_vec();
        self.mail(move |db| {
            let mut query =
                db.prepare_cached("SELECT id FROM letter WHERE mailbox = ?1 AND uid = ?2 AND hidden = 0")?;
            let mut found = Vec::with_capacity(uids.len());
            for uid in uids {
                let letter = query.query_row((id.0, uid), |row| Ok(LetterId(row.get(0)?))).optional()?;
                found.extend(letter.map(|letter| (uid, letter)));
            }
            Ok(found)
        })
        .await
    }
}
