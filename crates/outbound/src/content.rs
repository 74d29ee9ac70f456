//! The octets of a letter: at hand where they are few, read from the store as the wire takes them where they are many.

use model::{Fault, OutgoingId};
use smtp::Content;
use std::borrow::Cow;
use std::sync::Arc;
use store::{Store, StoreError};

/// Octets that are read at a time.
const BLOCK: u32 = 256 * 1024;

#[derive(Clone)]
pub(crate) struct Bytes {
    source: Source,
    /// Whether there are octets above 127.
    pub eight_bit: bool,
}

#[derive(Clone)]
enum Source {
    Here(Arc<[u8]>),
    Stored { store: Store, id: OutgoingId, size: u64 },
}

impl Bytes {
    pub fn here(bytes: Arc<[u8]>) -> Self {
        Self { eight_bit: !bytes.is_ascii(), source: Source::Here(bytes) }
    }

    /// Looks through what is stored once, to know whether a server has to take eight bits.
    pub async fn stored(store: Store, id: OutgoingId, size: u64) -> Result<Self, StoreError> {
        let mut at = 0;
        let mut eight_bit = false;
        while at < size && !eight_bit {
            let block = store.outgoing_block(id, at, BLOCK).await?;
            if block.is_empty() {
                break;
            }
            eight_bit = !block.is_ascii();
            at += block.len() as u64;
        }
        Ok(Self { source: Source::Stored { store, id, size }, eight_bit })
    }
}

impl Content for Bytes {
    fn size(&self) -> u64 {
        match &self.source {
            Source::Here(bytes) => bytes.len() as u64,
            Source::Stored { size, .. } => *size,
        }
    }

    async fn block(&self, at: u64) -> Result<Cow<'_, [u8]>, Fault> {
        match &self.source {
            Source::Here(bytes) => bytes.as_ref().block(at).await,
            Source::Stored { store, id, .. } => {
                let block = store.outgoing_block(*id, at, BLOCK).await;
                block.map(Cow::Owned).map_err(|error| Fault::Local(error.to_string()))
            }
        }
    }
}
