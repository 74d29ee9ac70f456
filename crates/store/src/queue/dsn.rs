//! Delivery status notifications move on what a server took.
use super::DsnNotice;
use crate::{Result, Store, later};
use model::{DeliveryId, OutgoingId};

impl Store {
    /// Moves the delivery on that a notification is about. `None` when we never sent such a message to such a
    /// recipient, or when it changes nothing.
    pub async fn apply_dsn(&self, notice: DsnNotice) -> Result<Option<(OutgoingId, DeliveryId)>> {
        later(notice)
    }
}
