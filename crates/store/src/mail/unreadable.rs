//! Letters that a server lists and does not hand out, with its reason: they are asked for rarely, and hold up nothing.

use crate::columns::Time;
use crate::{Result, Store};
use jiff::Timestamp;
use model::{LetterId, MailboxId};
use rusqlite::OptionalExtension;

/// A letter that a server lists and does not hand out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its UID.
    pub uid: u32,
    /// How often it was refused.
    pub tries: u32,
    /// The server's words.
    pub reason: String,
    /// It is not asked for before.
    pub next_at: Timestamp,
}

/// What was said of a letter whose text the server does not hand out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedBody {
    /// The server's words.
    pub reason: String,
    /// When it is asked for again.
    pub next_at: Timestamp,
}

impl Store {
    /// Those of a mailbox.
    pub async fn unreadable(&self, id: MailboxId) -> Result<Vec<Unreadable>> {
        self.mail(move |db| {
            let sql = "SELECT uid, tries, reason, next_at FROM unreadable WHERE mailbox = ?1";
            let mut query = db.prepare_cached(sql)?;
            let all = query.query_map([id.0], |row| {
                let next_at = row.get::<_, Time>(3)?.0;
                Ok(Unreadable { uid: row.get(0)?, tries: row.get(1)?, reason: row.get(2)?, next_at })
            })?;
            Ok(all.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// One was refused.
    pub async fn note_unreadable(&self, id: MailboxId, refused: Unreadable) -> Result<()> {
        self.write_mail(move |tx| {
            let Unreadable { uid, tries, reason, next_at } = refused;
            let sql = "INSERT INTO unreadable (mailbox, uid, tries, reason, next_at) VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT (mailbox, uid) DO UPDATE SET tries = excluded.tries, reason = excluded.reason,
                           next_at = excluded.next_at";
            tx.prepare_cached(sql)?.execute((id.0, uid, tries, reason, Time(next_at)))?;
            Ok(())
        })
        .await
    }

    /// These came after all, or are gone.
    pub async fn forget_unreadable(&self, id: MailboxId, uids: Vec<u32>) -> Result<()> {
        self.write_mail(move |tx| {
            let mut forget = tx.prepare_cached("DELETE FROM unreadable WHERE mailbox = ?1 AND uid = ?2")?;
            for uid in uids {
                forget.execute((id.0, uid))?;
            }
            Ok(())
        })
        .await
    }

    /// Of those of a mailbox, the ones that are here as a whole.
    pub async fn readable(&self, id: MailboxId) -> Result<Vec<u32>> {
        self.mail(move |db| {
            let sql = "SELECT unreadable.uid FROM unreadable
                       CROSS JOIN letter ON letter.mailbox = ?1 AND letter.uid = unreadable.uid
                       WHERE unreadable.mailbox = ?1 AND letter.lacking = 0";
            let mut query = db.prepare_cached(sql)?;
            let uids = query.query_map([id.0], |row| row.get(0))?;
            Ok(uids.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Those of a mailbox of which nothing is listed here: the server counts them, and this mailbox does not.
    pub async fn unlisted(&self, id: MailboxId) -> Result<Vec<u32>> {
        self.mail(move |db| {
            let sql = "SELECT uid FROM unreadable WHERE mailbox = ?1 AND NOT EXISTS
                           (SELECT 1 FROM letter WHERE letter.mailbox = ?1 AND letter.uid = unreadable.uid)
                       AND NOT EXISTS
                           (SELECT 1 FROM pending WHERE origin = ?1 AND origin_uid = unreadable.uid)";
            let mut query = db.prepare_cached(sql)?;
            let uids = query.query_map([id.0], |row| row.get(0))?;
            Ok(uids.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Why the text of a letter is not here, where the server refused it.
    pub async fn refused_body(&self, letter: LetterId) -> Result<Option<RefusedBody>> {
        self.mail(move |db| {
            let sql = "SELECT reason, next_at FROM letter
                       CROSS JOIN unreadable ON unreadable.mailbox = letter.mailbox AND unreadable.uid = letter.uid
                       WHERE letter.id = ?1 AND letter.lacking = 1";
            let found = db.prepare_cached(sql)?.query_row([letter.0], |row| {
                Ok(RefusedBody { reason: row.get(0)?, next_at: row.get::<_, Time>(1)?.0 })
            });
            Ok(found.optional()?)
        })
        .await
    }
}
