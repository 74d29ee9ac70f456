//! Delivery status notifications move on what a server took (RFC 3464).

use super::standing::{self, Placed};
use super::{DsnNotice, decide};
use crate::database::Tx;
use crate::{Change, Result, Store};
use model::{DeliveryId, EmailAddress, OutgoingId};

impl Store {
    /// Moves the delivery on that a notification is about. `None` when we never sent such a message to such a
    /// recipient, or when it changes nothing.
    pub async fn apply_dsn(&self, notice: DsnNotice) -> Result<Option<(OutgoingId, DeliveryId)>> {
        self.write_local(move |tx| {
            for outgoing in outgoings_of(tx, &notice.message_id)? {
                let Some(placed) = meant(standing::load_all(tx, outgoing)?, notice.recipient.as_deref()) else {
                    continue;
                };
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

/// The recipient that is named. A message to one alone may come back under another name, from where it was sent on.
fn meant(deliveries: Vec<Placed>, recipient: Option<&str>) -> Option<Placed> {
    let named = recipient.and_then(|text| EmailAddress::parse(text).ok()).map(|address| address.to_string());
    let alone = deliveries.len() == 1;
    deliveries.into_iter().find(|placed| {
        alone || named.as_ref().is_some_and(|named| named.eq_ignore_ascii_case(&placed.address.to_string()))
    })
}
