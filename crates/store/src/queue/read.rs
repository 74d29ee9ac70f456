//! What is shown of the queue.
use super::OutgoingFilter;
use crate::{Result, Store, later};
use model::{Attempt, AttemptId, DeliveryId, EmailAddress, Mark, Outgoing, OutgoingId};
use std::collections::HashMap;

impl Store {
    /// One outgoing with all its deliveries.
    pub async fn outgoing(&self, id: OutgoingId) -> Result<Option<Outgoing>> {
        later(id)
    }

    /// The message, as it goes on the wire.
    pub async fn outgoing_bytes(&self, id: OutgoingId) -> Result<Vec<u8>> {
        later(id)
    }

    /// Who of its recipients gets a blind copy.
    pub async fn outgoing_bcc(&self, id: OutgoingId) -> Result<Vec<EmailAddress>> {
        later(id)
    }

    /// A window of outgoings, newest first.
    pub async fn outgoings(&self, filter: OutgoingFilter, limit: u32, offset: u32) -> Result<Vec<Outgoing>> {
        later((filter, limit, offset))
    }

    /// How many outgoings the filter lets through.
    pub async fn outgoing_count(&self, filter: OutgoingFilter) -> Result<u32> {
        later(filter)
    }

    /// The outgoing of a delivery.
    pub async fn outgoing_of(&self, delivery: DeliveryId) -> Result<Option<OutgoingId>> {
        later(delivery)
    }

    /// For those of these Message-IDs that were sent from here: the outgoing and its mark.
    pub async fn marks(&self, message_ids: &[String]) -> Result<HashMap<String, (OutgoingId, Mark)>> {
        later(message_ids)
    }

    /// All attempts for an outgoing, newest first.
    pub async fn attempts(&self, id: OutgoingId) -> Result<Vec<Attempt>> {
        later(id)
    }

    /// What was said on the wire in an attempt.
    pub async fn transcript(&self, id: AttemptId) -> Result<Option<String>> {
        later(id)
    }
}
