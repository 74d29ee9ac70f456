//! Passwords and keys: in the system's keyring, or, only where the user chose it, in a file that the owner alone can
//! read. Never silently in the one because the other was not there.
//!
//! Every call may wait (a keyring may ask the user to unlock it), so the work is done where waiting is allowed.

mod file;
mod keyring;
mod memory;
mod platform;
mod tokens;

pub use tokens::{AccessTokens, TokenAnswer};

use model::{EmailAddress, Secret};
use std::path::Path;
use std::sync::Arc;

/// Where secrets are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretsKind {
    /// The system's keyring.
    #[default]
    Keyring,
    /// A file that the owner alone can read; only where the user chose it.
    File,
}

impl SecretsKind {
    /// The word for it, as in the setting `secrets.store`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "file",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Keyring, Self::File].into_iter().find(|kind| kind.word() == word)
    }
}

/// Why a secret could not be had or kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// No keyring answers. It may at the next call.
    #[error("no keyring can be reached: {0}")]
    NoKeyring(String),
    /// The keyring is locked, or the user said no.
    #[error("the keyring is locked: {0}")]
    Locked(String),
    /// The provider takes the sign-in no longer: it ran out, or was taken back. Its own words.
    #[error("you have to sign in again: {0}")]
    SignInAgain(String),
    /// No access token can be had now.
    #[error("no access token could be had: {0}")]
    NoToken(String),
    /// Anything else.
    #[error("the password could not be kept or read: {0}")]
    Failed(String),
}

impl SecretsError {
    /// A stable word for it, as in `model::CallError`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoKeyring(_) => "no-keyring",
            Self::Locked(_) => "keyring-locked",
            Self::SignInAgain(_) => "sign-in-again",
            Self::NoToken(_) => "no-token",
            Self::Failed(_) => "internal",
        }
    }

    /// Whether only a person can help.
    pub fn needs_a_person(&self) -> bool {
        !matches!(self, Self::NoToken(_))
    }

    /// What to do about it, in one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoKeyring(_) => {
                "Start a keyring (GNOME Keyring or KWallet) and try again, or keep passwords in a file that only you \
                 can read: postrider config set secrets.store file"
            }
            Self::Locked(_) => "Unlock the keyring and try again.",
            Self::SignInAgain(_) => {
                "Sign in again in the settings of the account, or with postrider account oauth sign-in ADDRESS."
            }
            Self::NoToken(_) => "It is tried again by itself.",
            Self::Failed(_) => "Check that the home directory can be written and the keyring works, and try again.",
        }
    }
}

/// A place where secrets are kept. Its calls may wait.
trait Place: Send + Sync {
    fn get(&self, key: &str) -> Result<Option<Secret>, SecretsError>;
    fn set(&self, key: &str, secret: &Secret) -> Result<(), SecretsError>;
    fn delete(&self, key: &str) -> Result<(), SecretsError>;
}

/// The store of secrets. Cheap to clone.
#[derive(Clone)]
pub struct Secrets {
    place: Arc<dyn Place>,
    /// Makes access tokens, where somebody does.
    tokens: Option<Arc<dyn AccessTokens>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// Opens a store. A keyring is reached at the first call, and again at each later one while it is not there.
    pub async fn open(kind: SecretsKind, home: &Path) -> Result<Self, SecretsError> {
        let home = std::path::absolute(home).map_err(|error| SecretsError::Failed(error.to_string()))?;
        Ok(match kind {
            SecretsKind::Keyring => Self::at(keyring::Keyring::new(&home, platform::connect)),
            SecretsKind::File => Self::at(file::SecretFile::new(&home)),
        })
    }

    /// A store that lives as long as the process, for tests.
    pub fn in_memory() -> Self {
        Self::at(memory::Memory::default())
    }

    fn at(place: impl Place + 'static) -> Self {
        Self { place: Arc::new(place), tokens: None }
    }

    /// The secret of a key; `None` where there is none.
    pub async fn get(&self, key: &str) -> Result<Option<Secret>, SecretsError> {
        let key = key.to_owned();
        self.wait(move |place| place.get(&key)).await
    }

    /// Keeps a secret, in place of the one that was there.
    pub async fn set(&self, key: &str, secret: &Secret) -> Result<(), SecretsError> {
        let (key, secret) = (key.to_owned(), secret.clone());
        self.wait(move |place| place.set(&key, &secret)).await
    }

    /// Forgets a secret; one that is not there is no error.
    pub async fn delete(&self, key: &str) -> Result<(), SecretsError> {
        let key = key.to_owned();
        self.wait(move |place| place.delete(&key)).await
    }

    async fn wait<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Place) -> Result<T, SecretsError> + Send + 'static,
    ) -> Result<T, SecretsError> {
        let place = Arc::clone(&self.place);
        let done = tokio::task::spawn_blocking(move || work(&*place)).await;
        done.map_err(|error| SecretsError::Failed(error.to_string()))?
    }
}

/// The key of an account's IMAP password.
pub fn imap_key(address: &EmailAddress) -> String {
    format!("imap/{address}")
}

/// The key of what an account signs in again with: its refresh token, and the client's secret where there is one.
pub fn oauth_key(address: &EmailAddress) -> String {
    format!("oauth/{address}")
}

/// The key of a smart host's password.
pub fn smart_host_key(name: &str) -> String {
    format!("smtp/{name}")
}

#[cfg(test)]
mod tests;
