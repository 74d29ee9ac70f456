//! What was learned of destinations, by domain. It is advice for the next attempt, and can be forgotten at any time.

use crate::{Result, Store, later};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is known of one destination. New fields need a default, so that what was stored before can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Learned {
    /// Seconds from the first greylisted attempt to the one that passed.
    pub greylist_seconds: Option<u64>,
    /// Whether it ever offered TLS.
    pub tls_offered: bool,
    /// The largest message it says to take (SIZE), in octets.
    pub size_limit: Option<u64>,
    /// When it was first contacted.
    pub first_seen: Option<Timestamp>,
    /// When it last took a message.
    pub last_success: Option<Timestamp>,
    /// When it last did not.
    pub last_failure: Option<Timestamp>,
}

impl Store {
    /// What is known of a domain; the default of what is not.
    pub async fn learned(&self, domain: &str) -> Result<Learned> {
        later(domain)
    }

    /// Changes what is known of a domain.
    pub async fn learn(&self, domain: &str, change: impl FnOnce(&mut Learned) + Send + 'static) -> Result<()> {
        let _ = change;
        later(domain)
    }
}
