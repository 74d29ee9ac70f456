//! By what a letter of an order is told from a stranger's that has its UID now: a server that was restored from a backup
//! gives UIDs a second time. Letters that were deleted or moved away here are among those that are asked for.

use super::prepare::People;
use crate::columns::{Json, Time};
use crate::journal::JournalLetter;
use crate::{Result, Store};
use jiff::Timestamp;
use model::{Address, JournalId, LetterId, MailboxId};
use rusqlite::{Connection, OptionalExtension};

/// What is known of a letter wherever it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Features {
    /// Its number here.
    pub letter: LetterId,
    /// Message-ID, without the angle brackets; `None` where it has none, or none that is known.
    pub message_id: Option<String>,
    /// From.
    pub from: Vec<Address>,
    /// Subject, decoded.
    pub subject: String,
    /// Its Date, or when it came in.
    pub date: Timestamp,
    /// Octets on the server.
    pub size: u64,
}

impl Store {
    /// The features of these letters; those that are gone are left out.
    pub async fn features(&self, letters: &[LetterId]) -> Result<Vec<Features>> {
        let letters = letters.to_vec();
        self.mail(move |db| {
            let mut found = Vec::with_capacity(letters.len());
            for letter in letters {
                found.extend(features(db, letter)?);
            }
            Ok(found)
        })
        .await
    }

    /// The letters of a mailbox with the highest UIDs, so many at most, the highest first.
    pub async fn newest_features(&self, id: MailboxId, most: u32) -> Result<Vec<(u32, Features)>> {
        self.mail(move |db| {
            let sql = "SELECT uid, id FROM letter WHERE mailbox = ?1 AND uid IS NOT NULL ORDER BY uid DESC LIMIT ?2";
            let mut query = db.prepare_cached(sql)?;
            let newest = query.query_map((id.0, most), |row| Ok((row.get(0)?, LetterId(row.get(1)?))))?;
            let mut found = Vec::new();
            for letter in newest {
                let (uid, letter) = letter?;
                found.extend(features(db, letter)?.map(|features| (uid, features)));
            }
            Ok(found)
        })
        .await
    }

    /// The letters that an order deletes, with their UIDs as they are known now.
    pub async fn deleted_by(&self, entry: JournalId) -> Result<Vec<JournalLetter>> {
        self.mail(move |db| {
            let sql = "SELECT letter.id, letter.uid, message_id FROM pending
                           CROSS JOIN letter ON letter.id = pending.letter
                           CROSS JOIN content ON content.id = letter.content
                       WHERE pending.journal = ?1 AND deletes = 1";
            let mut query = db.prepare_cached(sql)?;
            let letters = query.query_map([entry.0], |row| {
                Ok(JournalLetter { letter: LetterId(row.get(0)?), uid: row.get(1)?, message_id: row.get(2)? })
            })?;
            Ok(letters.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Of the letters that an order deletes, that of a UID; `None` where it is not known to delete any letter at all.
    pub async fn deleted_at(&self, entry: JournalId, uid: u32) -> Result<Option<Vec<JournalLetter>>> {
        self.mail(move |db| {
            let sql = "SELECT EXISTS (SELECT 1 FROM pending WHERE journal = ?1 AND deletes = 1)";
            if !db.prepare_cached(sql)?.query_row([entry.0], |row| row.get::<_, bool>(0))? {
                return Ok(None);
            }
            let sql = "SELECT letter.id, message_id FROM letter
                           CROSS JOIN pending ON pending.journal = ?1 AND pending.letter = letter.id
                           CROSS JOIN content ON content.id = letter.content
                       WHERE letter.mailbox = (SELECT mailbox FROM letter WHERE id =
                               (SELECT letter FROM pending WHERE journal = ?1 AND deletes = 1 LIMIT 1))
                           AND letter.uid = ?2 AND deletes = 1";
            let mut query = db.prepare_cached(sql)?;
            let letters = query.query_map((entry.0, uid), |row| {
                Ok(JournalLetter { letter: LetterId(row.get(0)?), uid: Some(uid), message_id: row.get(1)? })
            })?;
            Ok(Some(letters.collect::<rusqlite::Result<_>>()?))
        })
        .await
    }
}

fn features(db: &Connection, letter: LetterId) -> Result<Option<Features>> {
    let sql = "SELECT message_id, people, subject, content.date, size
               FROM letter CROSS JOIN content ON content.id = letter.content WHERE letter.id = ?1";
    let features = db.prepare_cached(sql)?.query_row([letter.0], |row| {
        Ok(Features {
            letter,
            message_id: row.get(0)?,
            from: row.get::<_, Json<People>>(1)?.0.from,
            subject: row.get(2)?,
            date: row.get::<_, Time>(3)?.0,
            size: row.get::<_, i64>(4)?.unsigned_abs(),
        })
    });
    Ok(features.optional()?)
}
