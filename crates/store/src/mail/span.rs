//! What the sync asks of a mailbox in pieces: never more rows at once than the piece names.

use super::contents::{self, Known};
use super::letters::account_of;
use crate::columns::Time;
use crate::{Result, Store};
use jiff::Timestamp;
use model::{AccountId, Flags, LetterId, MailboxId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;
use std::ops::RangeInclusive;

impl Store {
    /// The UIDs of a mailbox that are known here within a span, ascending, with the flags that the *server* was last
    /// seen to have; at most so many, the lowest. As in [`Store::uids`], letters that were moved away or deleted here only
    /// are among them.
    pub async fn uids_within(
        &self,
        id: MailboxId,
        span: RangeInclusive<u32>,
        limit: u32,
    ) -> Result<Vec<(u32, Flags)>> {
        self.mail(move |db| {
            let sql = "SELECT uid, server_flags FROM letter WHERE mailbox = ?1 AND uid BETWEEN ?2 AND ?3
                       UNION ALL
                       SELECT origin_uid, server_flags FROM pending JOIN letter ON letter.id = pending.letter
                       WHERE origin = ?1 AND origin_uid BETWEEN ?2 AND ?3
                       ORDER BY 1 LIMIT ?4";
            let mut query = db.prepare_cached(sql)?;
            let key = (id.0, span.start(), span.end(), limit);
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

    /// The highest UID of a mailbox that is known here.
    pub async fn highest_uid(&self, id: MailboxId) -> Result<Option<u32>> {
        self.mail(move |db| {
            let sql = "SELECT uid FROM letter WHERE mailbox = ?1 AND uid IS NOT NULL ORDER BY uid DESC LIMIT 1";
            let placed: Option<u32> = db.prepare_cached(sql)?.query_row([id.0], |row| row.get(0)).optional()?;
            let sql = "SELECT max(origin_uid) FROM pending WHERE origin = ?1 AND origin_uid IS NOT NULL";
            let moved: Option<u32> = db.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?;
            Ok(placed.max(moved))
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

    /// Which of these letters are messages that are here already, in this mailbox without a UID or in another, so that
    /// [`Store::place_known`] needs no more of them than what stands here. Their UIDs.
    pub async fn known_contents(&self, id: MailboxId, letters: Vec<Announced>) -> Result<Vec<u32>> {
        self.mail(move |db| {
            let account = account_of(db, id)?;
            let mut known = Vec::new();
            for letter in letters {
                if is_here(db, account, id, &letter)? {
                    known.push(letter.uid);
                }
            }
            Ok(known)
        })
        .await
    }

    /// When the newest letter came into each mailbox of an account; those without one are left out.
    pub async fn newest_in_each(&self, account: AccountId) -> Result<HashMap<MailboxId, Timestamp>> {
        self.mail(move |db| {
            let mut query = db.prepare_cached("SELECT id FROM mailbox WHERE account = ?1")?;
            let ids = query.query_map([account.0], |row| Ok(MailboxId(row.get(0)?)))?;
            let sql = "SELECT date FROM letter WHERE mailbox = ?1 AND hidden = 0 ORDER BY date DESC, id DESC LIMIT 1";
            let mut newest = db.prepare_cached(sql)?;
            let mut found = HashMap::new();
            for id in ids {
                let id = id?;
                let date = newest.query_row([id.0], |row| Ok(row.get::<_, Time>(0)?.0)).optional()?;
                found.extend(date.map(|date| (id, date)));
            }
            Ok(found)
        })
        .await
    }

    /// How many letters of a mailbox wait for their UID.
    pub async fn unplaced(&self, id: MailboxId) -> Result<u32> {
        self.mail(move |db| {
            let sql = "SELECT count(*) FROM letter WHERE mailbox = ?1 AND uid IS NULL";
            Ok(db.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?)
        })
        .await
    }

    /// How many of them wait although no order is left that would bring them there: the server has them under UIDs of
    /// which nothing is known here, or not at all.
    pub async fn forsaken(&self, id: MailboxId) -> Result<u32> {
        self.mail(move |db| {
            let sql = "SELECT count(*) FROM letter WHERE mailbox = ?1 AND uid IS NULL
                       AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.letter = letter.id)";
            Ok(db.prepare_cached(sql)?.query_row([id.0], |row| row.get(0))?)
        })
        .await
    }
}

/// What is known of a letter on the server before it is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Its UID.
    pub uid: u32,
    /// Octets on the server.
    pub size: u64,
    /// INTERNALDATE.
    pub internal_date: Timestamp,
    /// EMAILID or X-GM-MSGID, where the server has such a thing.
    pub email_id: Option<String>,
    /// Message-ID, without the angle brackets, where it was asked for.
    pub message_id: Option<String>,
}

/// As `arrive` will find: by what the server calls the message, or by Message-ID and size, where it waits for its UID or
/// came at the same moment.
fn is_here(db: &Connection, account: AccountId, mailbox: MailboxId, letter: &Announced) -> Result<bool> {
    if let Some(email_id) = &letter.email_id
        && contents::by_email_id(db, account, email_id, letter.size.cast_signed())?.is_some()
    {
        return Ok(true);
    }
    let Some(message_id) = letter.message_id.as_deref() else { return Ok(false) };
    let known = Known {
        message_id: Some(message_id),
        size: letter.size.cast_signed(),
        internal_date: letter.internal_date,
        email_id: letter.email_id.as_deref(),
        subject: None,
    };
    let sql = "SELECT coalesce(min(uid IS NOT NULL), 2) FROM letter WHERE content = ?1 AND mailbox = ?2";
    let mut lies = db.prepare_cached(sql)?;
    for candidate in contents::alike(db, account, known)? {
        // 0: it waits for a UID; 1: it has one; 2: it lies elsewhere.
        let place: u8 = lies.query_row((candidate.id.0, mailbox.0), |row| row.get(0))?;
        let other = candidate.email_id.is_some() && letter.email_id.is_some();
        if place == 0 || (place == 2 && !other && candidate.internal_date == letter.internal_date) {
            return Ok(true);
        }
    }
    Ok(false)
}
