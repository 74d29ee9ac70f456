//! Taking back what was in the hands of a runner that is no more.
use crate::{Result, Store, later};
use jiff::Timestamp;
use model::DeliveryId;

impl Store {
    /// Defers what is `sending` with a lease that is over or that is not `owner`'s, with an attempt that says
    /// `Interrupted`. Only the one runner (see [`Store::runner_lock`]) calls this.
    pub async fn recover(&self, now: Timestamp, owner: &str) -> Result<Vec<DeliveryId>> {
        later((now, owner))
    }
}
