//! What is recorded about the encryption of an attempt.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The rule that an attempt's encryption had to obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum TlsPolicy {
    /// Encrypt if the server can; an unverified certificate is better than none, and recorded as such (RFC 7435).
    Opportunistic,
    /// The certificate must be valid for the name (smart hosts, IMAP).
    Verified,
    /// No encryption: loopback, or asked for by the user.
    Plain,
}

/// The encryption that was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TlsReport {
    /// The rule that applied.
    pub policy: TlsPolicy,
    /// Whether the certificate is valid for the host's name and signed by a trusted authority.
    pub verified: bool,
    /// Why it is not, in the verifier's words; `None` where it is.
    pub unverified_because: Option<String>,
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: String,
    /// The cipher suite, by its IANA name.
    pub cipher: String,
    /// Names in the certificate.
    pub names: Vec<String>,
    /// The end of the certificate's validity.
    #[ts(type = "string | null")]
    pub not_after: Option<Timestamp>,
}
