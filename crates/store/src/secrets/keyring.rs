//! Secrets in the system's keyring.
//!
//! The keyring is reached at the first call. While it is not there each call tries again, so that one that is started
//! later is found without starting Postrider again; and after a failure the connection is made anew.
//!
//! Secrets are kept as octets: Windows would keep a password in two octets a character, and has no room for a private
//! key in that form.

use super::{Place, SecretsError};
use keyring_core::{CredentialStore, Entry, Error};
use model::Secret;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// How the keyring of this system is reached.
pub(super) type Connect = fn() -> keyring_core::Result<Arc<CredentialStore>>;

pub(super) struct Keyring {
    /// What the keyring shows as the owner of the secrets. Each home directory has its own, so that a second one for
    /// trying things out does not overwrite the passwords of the first.
    service: String,
    connect: Connect,
    store: Mutex<Option<Arc<CredentialStore>>>,
}

impl Keyring {
    pub(super) fn new(home: &Path, connect: Connect) -> Self {
        Self { service: format!("Postrider ({})", home.display()), connect, store: Mutex::new(None) }
    }

    /// One call at a time: keyrings ask the user, and nobody wants two windows that ask.
    fn with<T>(&self, key: &str, call: impl FnOnce(&Entry) -> Result<T, Error>) -> Result<Option<T>, SecretsError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let connected = match store.take() {
            Some(connected) => connected,
            None => (self.connect)().map_err(|error| SecretsError::NoKeyring(error.to_string()))?,
        };
        let result = connected.build(&self.service, key, None).and_then(|entry| call(&entry));
        if !matches!(result, Err(Error::PlatformFailure(_))) {
            *store = Some(connected);
        }
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoEntry) => Ok(None),
            Err(error @ Error::PlatformFailure(_)) => Err(SecretsError::NoKeyring(error.to_string())),
            Err(error @ Error::NoStorageAccess(_)) => Err(SecretsError::Locked(error.to_string())),
            // Its text may hold the secret.
            Err(Error::BadEncoding(_) | Error::BadDataFormat(..)) => Err(not_a_secret()),
            Err(error) => Err(SecretsError::Failed(error.to_string())),
        }
    }
}

fn not_a_secret() -> SecretsError {
    SecretsError::Failed("what the keyring holds is not a password".to_owned())
}

impl Drop for Keyring {
    /// Taking leave of the session bus waits for it, and must not be done on a thread that drives tasks: the bus's
    /// library panics there.
    fn drop(&mut self) {
        let store = self.store.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(store) = store {
            std::thread::spawn(move || drop(store));
        }
    }
}

impl Place for Keyring {
    fn get(&self, key: &str) -> Result<Option<Secret>, SecretsError> {
        let Some(octets) = self.with(key, Entry::get_secret)? else { return Ok(None) };
        // Its octets are no part of the error: they may be the secret.
        let text = String::from_utf8(octets).map_err(|_| not_a_secret())?;
        Ok(Some(Secret::new(text)))
    }

    fn set(&self, key: &str, secret: &Secret) -> Result<(), SecretsError> {
        match self.with(key, |entry| entry.set_secret(secret.expose().as_bytes()))? {
            Some(()) => Ok(()),
            None => Err(SecretsError::Failed("the keyring did not keep it".to_owned())),
        }
    }

    fn delete(&self, key: &str) -> Result<(), SecretsError> {
        self.with(key, Entry::delete_credential).map(|_| ())
    }
}
