//! What the user orders.

use super::standing::{self, Placed};
use super::{Order, bytes, decide};
use crate::database::Tx;
use crate::{Change, Result, Store, StoreError};
use jiff::Timestamp;
use model::{DeliveryId, DeliveryState, OutgoingId, RoutePolicy};

impl Store {
    /// Obeys an order for one delivery, or for all of an outgoing, and returns how many it changed. An order that does
    /// not fit a delivery's state, or has been obeyed already, leaves it alone.
    pub async fn order(
        &self,
        outgoing: OutgoingId,
        delivery: Option<DeliveryId>,
        order: Order,
        now: Timestamp,
    ) -> Result<usize> {
        self.write_local(move |tx| {
            let all = standing::load_all(tx, outgoing)?;
            let meant: Vec<Placed> =
                all.into_iter().filter(|placed| delivery.is_none_or(|id| id == placed.id)).collect();
            if meant.is_empty() {
                return Err(StoreError::NotFound(match delivery {
                    Some(id) => format!("delivery {id} of outgoing {outgoing}"),
                    None => format!("outgoing {outgoing}"),
                }));
            }
            // What is kept no longer cannot be sent again.
            let sends = matches!(order, Order::Retry | Order::Route(_));
            let done =
                |placed: &Placed| matches!(placed.standing.state, DeliveryState::Failed | DeliveryState::Bounced);
            if sends && meant.iter().any(done) {
                bytes::require(tx, outgoing)?;
            }
            let mut changed = 0;
            for placed in &meant {
                if let Some(after) = decide::obey(&placed.standing, &order, &placed.outgoing_route, now) {
                    standing::store(tx, placed, &after, now)?;
                    changed += 1;
                }
            }
            if let (Order::Route(route), None) = (&order, delivery) {
                follow(tx, outgoing, route)?;
            }
            if changed > 0 {
                tx.changed(Change::Outgoing(outgoing));
            }
            Ok(changed)
        })
        .await
    }
}

/// A route for the whole outgoing becomes its own; recipients that have the same need none of their own. What a
/// finished delivery's attempts say of their routes stays as it is.
fn follow(tx: &Tx<'_>, outgoing: OutgoingId, route: &RoutePolicy) -> Result<()> {
    let route = route.to_string();
    tx.execute("UPDATE outgoing SET route = ?2 WHERE id = ?1", (outgoing.0, &route))?;
    tx.execute("UPDATE delivery SET route = NULL WHERE outgoing = ?1 AND route = ?2", (outgoing.0, &route))?;
    Ok(())
}
