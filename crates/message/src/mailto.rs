//! `mailto:` URLs (RFC 6068): what opens a composer from elsewhere.

use model::Address;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a `mailto:` URL asks for. Only what a person sees in the composer is taken; other fields are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mailto {
    /// To.
    pub to: Vec<Address>,
    /// Cc.
    pub cc: Vec<Address>,
    /// Bcc.
    pub bcc: Vec<Address>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Reads a `mailto:` URL; `None` if it is not one.
pub fn parse(_url: &str) -> Option<Mailto> {
    None
}
