//! Recipients whose own server said that they do not exist: the composer warns of them. Nothing is ever blocked by
//! this, since an address can come into being again; a later success takes it off the list.

use crate::columns::{Shown, Time};
use crate::database::Tx;
use crate::queue::Recorded;
use crate::{Result, Store};
use jiff::Timestamp;
use model::{Class, DeliveryState, EmailAddress, Reply, Route};
use rusqlite::OptionalExtension;

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

impl Store {
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
    let reply = reply.split_whitespace().collect::<Vec<_>>().join(" ");
    tx.prepare_cached(sql)?.execute((Shown(address), Time(at), reply))?;
    Ok(())
}

fn forget(tx: &Tx<'_>, address: &EmailAddress) -> Result<()> {
    tx.prepare_cached("DELETE FROM refused_recipient WHERE address = ?1")?.execute([Shown(address)])?;
    Ok(())
}
