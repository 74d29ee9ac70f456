//! Passwords and keys.

use model::{EmailAddress, Secret};
use std::path::Path;

/// Where secrets are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretsKind {
    /// The system's keyring.
    #[default]
    Keyring,
    /// A file that the owner alone can read; only where the user chose it.
    File,
}

/// Why a secret could not be had or kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// No keyring answers. It may at the next call.
    #[error("no keyring can be reached: {0}")]
    NoKeyring(String),
    /// The keyring is locked, or the user said no.
    #[error("the keyring is locked")]
    Locked,
    /// Anything else.
    #[error("the password could not be kept or read: {0}")]
    Failed(String),
}

impl SecretsError {
    /// A stable word for it, as in `model::CallError`.
    pub fn code(&self) -> &'static str {
        "no-keyring"
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        ""
    }
}

/// The store of secrets.
#[derive(Clone, Debug)]
pub struct Secrets {}

impl Secrets {
    /// Opens a store. A keyring is reached at the first call, and again at each later one while it is not there.
    pub async fn open(kind: SecretsKind, home: &Path) -> Result<Self, SecretsError> {
        let _ = (kind, home);
        Err(SecretsError::Locked)
    }

    /// A store that lives as long as the process, for tests.
    pub fn in_memory() -> Self {
        Self {}
    }

    /// The secret of a key.
    pub async fn get(&self, key: &str) -> Result<Option<Secret>, SecretsError> {
        let _ = key;
        Err(SecretsError::Locked)
    }

    /// Keeps a secret.
    pub async fn set(&self, key: &str, secret: &Secret) -> Result<(), SecretsError> {
        let _ = (key, secret);
        Err(SecretsError::Locked)
    }

    /// Forgets a secret; one that is not there is no error.
    pub async fn delete(&self, key: &str) -> Result<(), SecretsError> {
        let _ = key;
        Err(SecretsError::Locked)
    }
}

/// The key of an account's IMAP password.
pub fn imap_key(address: &EmailAddress) -> String {
    format!("imap/{address}")
}

/// The key of a smart host's password.
pub fn smart_host_key(name: &str) -> String {
    format!("smtp/{name}")
}
