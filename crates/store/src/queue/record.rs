//! Writing down what came of an attempt.
use super::Recorded;
use crate::{Result, Store, later};
use jiff::Timestamp;
use model::DeliveryId;

impl Store {
    /// Writes attempts and new states in one transaction, and returns the deliveries whose state changed.
    pub async fn record(&self, owner: &str, now: Timestamp, recorded: Vec<Recorded>) -> Result<Vec<DeliveryId>> {
        later((owner, now, recorded))
    }
}
