//! Taking what is due into our hands.
use super::Claimed;
use crate::{Result, Store, later};
use jiff::Timestamp;
use model::DeliveryId;
use std::time::Duration;

impl Store {
    /// Claims what is due at `now`: held until a time that has come, queued, or deferred. In one committed transaction
    /// it becomes `sending`, leased to `owner` until `lease_until`, with `now + fallback(tries)` as its next attempt,
    /// should nobody come back. `limit` counts deliveries; what is due of the same outgoing comes along, so that it can
    /// travel together.
    ///
    /// `owner` names one run of one process and is never used again.
    pub async fn claim_due(
        &self,
        now: Timestamp,
        owner: &str,
        lease_until: Timestamp,
        fallback: impl Fn(u32) -> Duration + Send + 'static,
        limit: u32,
    ) -> Result<Vec<Claimed>> {
        let _ = fallback;
        later((now, owner, lease_until, limit))
    }

    /// Makes the leases of a long attempt last until `lease_until`. Those that are no longer ours are left alone.
    pub async fn renew_lease(&self, owner: &str, deliveries: &[DeliveryId], lease_until: Timestamp) -> Result<usize> {
        later((owner, deliveries, lease_until))
    }

    /// When the next delivery is due; `None` when nothing will happen by itself.
    pub async fn next_due(&self) -> Result<Option<Timestamp>> {
        later(())
    }
}
