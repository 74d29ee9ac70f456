//! What is recorded about the encryption of an attempt.

use crate::{Security, Server};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The rule that an attempt's encryption had to obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum TlsPolicy {
    /// Encrypt if the server can; an unverified certificate is better than none, and recorded as such (RFC 7435).
    Opportunistic,
    /// Encryption must succeed; whom the certificate names is recorded and does not matter. For a destination that has
    /// encrypted before, where the settings refuse a downgrade.
    Encrypted,
    /// The certificate must be valid for the name (smart hosts, IMAP).
    Verified,
    /// As verified, by the destination's own policy (MTA-STS, RFC 8461).
    MtaSts,
    /// The certificate must match the TLSA records of the host (DANE, RFC 7672).
    Dane,
    /// No encryption: loopback, or asked for by the user.
    Plain,
}

impl TlsPolicy {
    /// Whether nothing may be said without encryption.
    pub fn requires_encryption(self) -> bool {
        !matches!(self, Self::Opportunistic | Self::Plain)
    }

    /// Whether it must be known who answers.
    pub fn requires_proof(self) -> bool {
        matches!(self, Self::Verified | Self::MtaSts | Self::Dane)
    }
}

/// A TLSA record (RFC 6698 §2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tlsa {
    /// Certificate usage: 2 is DANE-TA, 3 is DANE-EE; no other counts for SMTP (RFC 7672 §3.1).
    pub usage: u8,
    /// Selector: 0 the whole certificate, 1 its public key.
    pub selector: u8,
    /// Matching type: 0 as it is, 1 SHA-256, 2 SHA-512.
    pub matching: u8,
    /// What has to match.
    pub data: Vec<u8>,
}

/// What a handshake has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsDemand {
    /// The rule.
    pub policy: TlsPolicy,
    /// The server's name: sent as SNI, and what the certificate must be for.
    pub name: String,
    /// Other names that a certificate issued below a DANE-TA record may be for instead (RFC 7672 §3.2.3).
    pub other_names: Vec<String>,
    /// For [`TlsPolicy::Dane`]: any of them has to match.
    pub tlsa: Vec<Tlsa>,
    /// For [`TlsPolicy::Verified`]: the one certificate that is accepted, whoever signed it, as in [`Server::trusted`].
    pub pinned: Option<String>,
}

impl TlsDemand {
    /// A demand of this policy for this host, without TLSA records.
    pub fn new(policy: TlsPolicy, name: impl Into<String>) -> Self {
        Self { policy, name: name.into(), other_names: Vec::new(), tlsa: Vec::new(), pinned: None }
    }

    /// What a server of an account has to show: that it is who it says it is, or the one certificate that the user trusts.
    pub fn of_server(server: &Server) -> Self {
        let policy = if server.security == Security::None { TlsPolicy::Plain } else { TlsPolicy::Verified };
        Self { pinned: server.trusted.clone(), ..Self::new(policy, &server.host) }
    }
}

/// By what it was known who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum VerifiedBy {
    /// An authority that this computer trusts.
    Authority,
    /// TLSA records that DNSSEC proves.
    Tlsa,
    /// The user, who trusts this one certificate.
    Pinned,
}

/// The encryption that was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TlsReport {
    /// The rule that applied.
    pub policy: TlsPolicy,
    /// Whether it is known who answered: by a certificate that is valid for the host's name and signed by a trusted
    /// authority, or by one that its proven TLSA records speak of.
    pub verified: bool,
    /// By what; `None` where it is not, and in records from before this was kept.
    #[serde(default)]
    pub verified_by: Option<VerifiedBy>,
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
