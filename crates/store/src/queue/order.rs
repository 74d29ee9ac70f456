//! What the user orders.
use super::Order;
use crate::{Result, Store, later};
use jiff::Timestamp;
use model::{DeliveryId, OutgoingId};

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
        later((outgoing, delivery, order, now))
    }
}
