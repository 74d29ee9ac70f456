//! Delivery status notifications move on what a server took (RFC 3464).
//!
//! Anybody can write one, and all who got a letter know its Message-ID. One is believed only
//! - at the account that sent the message,
//! - about the envelope that it names, where it names one (RFC 3461 §4.4), and
//! - about a recipient of ours. Another one is a letter that was sent on: that is told apart from a stranger by the
//!   envelope, and only where a single recipient can be meant.

use super::read::load;
use super::standing::{self, Placed};
use super::{DsnNotice, decide};
use crate::database::Tx;
use crate::{Change, Result, Store};
use model::{DeliveryId, EmailAddress, Outgoing, OutgoingId};

impl Store {
    /// Moves the delivery on that a notification is about. `None` when this account never sent such a message to such a
    /// recipient, or when it changes nothing.
    pub async fn apply_dsn(&self, notice: DsnNotice) -> Result<Option<(OutgoingId, DeliveryId)>> {
        self.write_local(move |tx| {
            for outgoing in outgoings_of(tx, &notice.message_id)? {
                let Some(known_by) = load(tx, outgoing)?.and_then(|sent| known_by(&sent, &notice)) else { continue };
                let Some(placed) = meant(standing::load_all(tx, outgoing)?, &notice, known_by) else { continue };
                let diagnosis = notice.diagnosis.clone();
                let Some(after) = decide::notify(&placed.standing, notice.action, diagnosis) else { continue };
                standing::store(tx, &placed, &after, notice.at)?;
                tx.changed(Change::Outgoing(outgoing));
                return Ok(Some((outgoing, placed.id)));
            }
            Ok(None)
        })
        .await
    }
}

/// The newest first: a message that was sent again keeps its Message-ID.
fn outgoings_of(tx: &Tx<'_>, message_id: &str) -> Result<Vec<OutgoingId>> {
    let mut query = tx.prepare_cached("SELECT id FROM outgoing WHERE message_id = ?1 ORDER BY id DESC")?;
    let ids = query.query_map([message_id], |row| Ok(OutgoingId(row.get(0)?)))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// What a notification and our own mail have in common besides the Message-ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KnownBy {
    /// The envelope: it was handed on by those who had it from us.
    Envelope,
    /// Nothing: any recipient knows as much.
    MessageId,
}

/// Whether it may be about this message; `None` if it is about another one.
fn known_by(sent: &Outgoing, notice: &DsnNotice) -> Option<KnownBy> {
    if sent.account != Some(notice.account) {
        return None;
    }
    match &notice.envelope_id {
        Some(id) => (*id == sent.envelope_id()).then_some(KnownBy::Envelope),
        None => Some(KnownBy::MessageId),
    }
}

/// The recipient that is named. A message to one alone may come back under another name, from where it was sent on.
fn meant(deliveries: Vec<Placed>, notice: &DsnNotice, known_by: KnownBy) -> Option<Placed> {
    let named = notice.recipient.as_deref().and_then(|text| EmailAddress::parse(text).ok());
    let named = named.map(|address| address.to_string());
    let sent_on = known_by == KnownBy::Envelope && deliveries.len() == 1;
    deliveries.into_iter().find(|placed| {
        sent_on || named.as_ref().is_some_and(|named| named.eq_ignore_ascii_case(&placed.address.to_string()))
    })
}
