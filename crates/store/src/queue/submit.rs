//! Putting a message into the queue.

use super::read::People;
use super::{NewOutgoing, bytes};
use crate::columns::{Json, Shown, Time, Word};
use crate::database::Tx;
use crate::{Change, Result, Store, StoreError};
use model::{DeliveryState, EmailAddress, OutgoingId};
use std::collections::HashSet;

impl Store {
    /// Makes the outgoing, its bytes and its deliveries, and deletes the draft, in one transaction. When this returns,
    /// the message is on disk.
    pub async fn submit(&self, outgoing: NewOutgoing) -> Result<OutgoingId> {
        let mut named = HashSet::new();
        let recipients: Vec<EmailAddress> =
            outgoing.recipients.iter().chain(&outgoing.bcc).filter(|who| named.insert(*who)).cloned().collect();
        if recipients.is_empty() {
            return Err(StoreError::Invalid("a message needs at least one recipient".to_owned()));
        }
        self.write_local(move |tx| {
            let id = put_outgoing(tx, &outgoing)?;
            for (position, recipient) in recipients.iter().enumerate() {
                put_delivery(tx, id, &outgoing, position, recipient)?;
            }
            if let Some(draft) = outgoing.draft {
                tx.execute("DELETE FROM draft WHERE id = ?1", [draft.0])?;
                tx.changed(Change::Drafts);
            }
            tx.changed(Change::Outgoing(id));
            Ok(id)
        })
        .await
    }
}

fn put_outgoing(tx: &Tx<'_>, outgoing: &NewOutgoing) -> Result<OutgoingId> {
    let sql = "INSERT INTO outgoing
               (account, message_id, sender, people, subject, snippet, attachments, size, created_at, route, answers,
                require_tls)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let people = People { from: outgoing.from.clone(), to: outgoing.to.clone() };
    tx.prepare_cached(sql)?.execute((
        outgoing.account.map(|account| account.0),
        &outgoing.message_id,
        outgoing.sender.as_ref().map(Shown),
        Json(people),
        &outgoing.subject,
        &outgoing.snippet,
        outgoing.attachments,
        outgoing.bytes.len() as i64,
        Time(outgoing.created_at),
        outgoing.route.to_string(),
        outgoing.answers.map(|letter| letter.0),
        outgoing.require_tls,
    ))?;
    let id = OutgoingId(tx.last_insert_rowid());
    bytes::put(tx, id, &outgoing.bytes)?;
    Ok(id)
}

fn put_delivery(
    tx: &Tx<'_>,
    id: OutgoingId,
    outgoing: &NewOutgoing,
    position: usize,
    recipient: &EmailAddress,
) -> Result<()> {
    let (state, hold, next) = match outgoing.hold {
        Some((reason, until)) => (DeliveryState::Held, Some(reason), until),
        None => (DeliveryState::Queued, None, Some(outgoing.created_at)),
    };
    let sql = "INSERT INTO delivery
               (outgoing, position, address, bcc, state, hold, next_attempt_at, due_since, changed_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    tx.prepare_cached(sql)?.execute((
        id.0,
        position as i64,
        Shown(recipient),
        outgoing.bcc.contains(recipient),
        Word(state),
        hold.map(Word),
        next.map(Time),
        Time(next.unwrap_or(outgoing.created_at)),
        Time(outgoing.created_at),
    ))?;
    Ok(())
}
