//! Putting a message into the queue.
use super::NewOutgoing;
use crate::{Result, Store, later};
use model::OutgoingId;

impl Store {
    /// Makes the outgoing, its bytes and its deliveries, and deletes the draft, in one transaction. When this returns,
    /// the message is on disk.
    pub async fn submit(&self, outgoing: NewOutgoing) -> Result<OutgoingId> {
        later(outgoing)
    }
}
