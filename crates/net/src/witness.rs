//! What a server showed that was refused: asked for where a person can be asked.

use crate::tls::{Refused, certificate};
use jiff::Timestamp;
use std::sync::PoisonError;

/// A certificate, as a person compares it with what the server's owner says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of its DER: 64 hexadecimal digits in lower case.
    pub sha256: String,
    /// The names that it is for.
    pub names: Vec<String>,
    /// Whom it names as its owner.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Whether it is signed with its own key.
    pub self_signed: bool,
    /// The beginning of its validity.
    pub not_before: Option<Timestamp>,
    /// The end of its validity.
    pub not_after: Option<Timestamp>,
}

/// Sees the certificates that are refused over one [`Net`](crate::Net), made by [`Net::with_witness`](crate::Net::with_witness).
#[derive(Clone, Debug, Default)]
pub struct Witness {
    pub(crate) refused: Refused,
}

impl Witness {
    /// The certificate that was refused last.
    pub fn refused(&self) -> Option<Certificate> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(certificate)
    }
}
