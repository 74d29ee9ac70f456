//! What all rooms say of DKIM keys (RFC 6376, RFC 8463).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How a signature is made: its `a=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub enum DkimAlgorithm {
    /// Known to every verifier.
    #[serde(rename = "rsa-sha256")]
    RsaSha256,
    /// Short and strong; verifiers that do not know it go by the other one.
    #[serde(rename = "ed25519-sha256")]
    Ed25519Sha256,
}

impl DkimAlgorithm {
    /// Both, the one that everybody knows first.
    pub const ALL: [Self; 2] = [Self::RsaSha256, Self::Ed25519Sha256];

    /// Its name in a signature.
    pub fn word(self) -> &'static str {
        match self {
            Self::RsaSha256 => "rsa-sha256",
            Self::Ed25519Sha256 => "ed25519-sha256",
        }
    }

    /// The algorithm of a name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.word() == word)
    }

    /// The type of its key in DNS: `k=`.
    pub fn key_type(self) -> &'static str {
        match self {
            Self::RsaSha256 => "rsa",
            Self::Ed25519Sha256 => "ed25519",
        }
    }
}

/// What DNS has under the name of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DkimShown {
    /// This key, and verifiers may use it for mail.
    ThisKey,
    /// No record.
    Nothing,
    /// A record with an empty `p=`: the key is taken back (RFC 6376 §3.6.1).
    Revoked,
    /// Another key, or none that can be read.
    AnotherKey,
    /// This key, but the record forbids its use for mail, or with this algorithm.
    Forbidden,
    /// Several records, of which verifiers may take any (RFC 6376 §3.6.2.2).
    Several,
}

impl DkimShown {
    const ALL: [Self; 6] =
        [Self::ThisKey, Self::Nothing, Self::Revoked, Self::AnotherKey, Self::Forbidden, Self::Several];

    /// A stable word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::ThisKey => "this-key",
            Self::Nothing => "nothing",
            Self::Revoked => "revoked",
            Self::AnotherKey => "another-key",
            Self::Forbidden => "forbidden",
            Self::Several => "several",
        }
    }

    /// What a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shown| shown.word() == word)
    }
}
