//! Recipients whose own server said that they do not exist, and those whose last letter was refused: the composer says so. Nothing is ever blocked by
//! this, since an address can come into being again; a later success takes it off the list.

use crate::columns::{Json, Shown, Time, Word};
use crate::database::Tx;
use crate::queue::Recorded;
use crate::{Result, Store};
use jiff::Timestamp;
use model::{Attempt, Class, DeliveryState, Diagnosis, EmailAddress, Reply, Route};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashSet;

/// A recipient who was refused as not existing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRecipient {
    /// The address.
    pub address: EmailAddress,
    /// When that was said last.
    pub refused_at: Timestamp,
    /// In which words, on one line.
    pub reply: String,
}

/// How the last letter to a recipient ended, where it was refused for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRefusal {
    /// The address, as it was written to.
    pub address: String,
    /// When that was.
    pub refused_at: Timestamp,
    /// What it came from.
    pub diagnosis: Diagnosis,
    /// In which words, on one line, where a server said any.
    pub reply: Option<String>,
}

/// Deliveries among which the last letter to somebody is looked for.
const LATELY: u32 = 2000;

impl Store {
    /// Of these addresses, those to whom the last letter was refused for good, as far as the queue remembers it. A letter
    /// that is still on its way says nothing.
    pub async fn last_refusals(&self, addresses: &[EmailAddress]) -> Result<Vec<LastRefusal>> {
        let mut wanted: HashSet<String> = addresses.iter().map(|one| one.to_string().to_ascii_lowercase()).collect();
        self.local(move |db| {
            let mut lately =
                db.prepare_cached("SELECT id, address, state FROM delivery ORDER BY id DESC LIMIT ?1")?;
            let mut rows = lately.query([LATELY])?;
            let mut refused = Vec::new();
            while let Some(row) = rows.next()?
                && !wanted.is_empty()
            {
                let address: String = row.get("address")?;
                let state = row.get::<_, Word<DeliveryState>>("state")?.0;
                if !is_over(state) || !wanted.remove(&address.to_ascii_lowercase()) {
                    continue;
                }
                if matches!(state, DeliveryState::Failed | DeliveryState::Bounced) {
                    refused.extend(refusal(db, row.get("id")?, address)?);
                }
            }
            Ok(refused)
        })
        .await
    }

    /// Those of these addresses whose own server said that they do not exist, in their order.
    pub async fn refused_recipients(&self, addresses: &[EmailAddress]) -> Result<Vec<RefusedRecipient>> {
        let addresses = addresses.to_vec();
        self.local(move |db| {
            let mut query = db.prepare_cached("SELECT * FROM refused_recipient WHERE address = ?1")?;
            let mut found = Vec::new();
            for address in addresses {
                let row = query.query_row([Shown(&address)], |row| {
                    Ok(RefusedRecipient {
                        address: row.get::<_, Shown<_>>("address")?.0,
                        refused_at: row.get::<_, Time>("refused_at")?.0,
                        reply: row.get("reply")?,
                    })
                });
                found.extend(row.optional()?);
            }
            Ok(found)
        })
        .await
    }

    /// Notes what a bounce said of a recipient.
    pub async fn note_refused_recipient(&self, refused: RefusedRecipient) -> Result<()> {
        self.write_local(move |tx| note(tx, &refused.address, refused.refused_at, &refused.reply)).await
    }

    /// Forgets that a recipient was refused: a bounce said the opposite, or the user knows better.
    pub async fn forget_refused_recipient(&self, address: &EmailAddress) -> Result<()> {
        let address = address.clone();
        self.write_local(move |tx| forget(tx, &address)).await
    }
}

fn is_over(state: DeliveryState) -> bool {
    use DeliveryState::*;
    matches!(state, Accepted | Relayed | Confirmed | Delayed | Failed | Bounced)
}

/// What was said of a delivery that was refused; `None` where nobody can say any more.
fn refusal(db: &Connection, delivery: i64, address: String) -> Result<Option<LastRefusal>> {
    let mut query = db.prepare_cached("SELECT changed_at, diagnosis FROM delivery WHERE id = ?1")?;
    let (refused_at, diagnosis) = query
        .query_row([delivery], |row| Ok((row.get::<_, Time>(0)?.0, row.get::<_, Option<Json<Diagnosis>>>(1)?)))?;
    let Some(Json(diagnosis)) = diagnosis else { return Ok(None) };
    let mut query = db.prepare_cached("SELECT what FROM attempt WHERE delivery = ?1 ORDER BY id DESC LIMIT 1")?;
    let attempt: Option<Json<Attempt>> = query.query_row([delivery], |row| row.get(0)).optional()?;
    let reply = attempt.and_then(|Json(attempt)| attempt.reply).map(|reply| one_line(&reply.to_string()));
    Ok(Some(LastRefusal { address, refused_at, diagnosis, reply }))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the end of a round says of its recipient: the part of `record` that is about this list.
///
/// Only the recipient's own server counts. A smart host that refuses a recipient may do so by its own policy, and one
/// that takes a message has not asked anybody yet.
pub(crate) fn learn(tx: &Tx<'_>, address: &EmailAddress, result: &Recorded, now: Timestamp) -> Result<()> {
    match result.state {
        DeliveryState::Accepted => forget(tx, address),
        DeliveryState::Failed => match words_of_refusal(result) {
            Some(reply) => note(tx, address, now, &reply),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn words_of_refusal(result: &Recorded) -> Option<String> {
    if result.diagnosis.as_ref()?.class != Class::NoSuchRecipient {
        return None;
    }
    let attempts = result.attempts.iter().rev().map(|made| &made.attempt);
    let mut refusals = attempts.filter(|attempt| {
        attempt.route == Route::Direct
            && attempt.diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.class == Class::NoSuchRecipient)
    });
    refusals.find_map(|attempt| attempt.reply.as_ref()).map(Reply::to_string)
}

fn note(tx: &Tx<'_>, address: &EmailAddress, at: Timestamp, reply: &str) -> Result<()> {
    let sql = "INSERT INTO refused_recipient VALUES (?1, ?2, ?3)
               ON CONFLICT (address) DO UPDATE SET refused_at = excluded.refused_at, reply = excluded.reply";
    let reply = one_line(reply);
    tx.prepare_cached(sql)?.execute((Shown(address), Time(at), reply))?;
    Ok(())
}

fn forget(tx: &Tx<'_>, address: &EmailAddress) -> Result<()> {
    tx.prepare_cached("DELETE FROM refused_recipient WHERE address = ?1")?.execute([Shown(address)])?;
    Ok(())
}
