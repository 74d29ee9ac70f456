//! Secrets in `secrets.json`, readable by the owner alone. It is written whole, beside itself, and put in place when it
//! is on the disk: a crash leaves the old one or the new one.

use super::{Place, SecretsError};
use crate::platform;
use model::Secret;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

pub(super) struct SecretFile {
    home: PathBuf,
}

type Secrets = BTreeMap<String, String>;

impl SecretFile {
    pub(super) fn new(home: &Path) -> Self {
        Self { home: home.to_owned() }
    }

    fn path(&self) -> PathBuf {
        self.home.join("secrets.json")
    }

    /// The window and the command line may both be writing.
    fn lock(&self) -> Result<File, SecretsError> {
        let lock = platform::private_directory(&self.home)
            .and_then(|()| platform::private_file(&self.home.join("secrets.lock")))
            .and_then(|file| file.lock().map(|()| file));
        lock.map_err(|error| self.failed(&error))
    }

    fn read(&self) -> Result<Secrets, SecretsError> {
        let text = match std::fs::read(self.path()) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Secrets::new()),
            Err(error) => return Err(self.failed(&error)),
        };
        serde_json::from_slice(&text).map_err(|error| self.failed(&error))
    }

    fn change(&self, change: impl FnOnce(&mut Secrets)) -> Result<(), SecretsError> {
        let _lock = self.lock()?;
        let mut secrets = self.read()?;
        change(&mut secrets);
        let text = serde_json::to_vec_pretty(&secrets).map_err(|error| self.failed(&error))?;
        self.replace(&text).map_err(|error| self.failed(&error))
    }

    fn replace(&self, text: &[u8]) -> std::io::Result<()> {
        let beside = self.home.join("secrets.json.new");
        let mut file = platform::private_file(&beside)?;
        file.set_len(0)?;
        file.write_all(text)?;
        file.sync_all()?;
        std::fs::rename(beside, self.path())
    }

    fn failed(&self, error: &dyn std::error::Error) -> SecretsError {
        SecretsError::Failed(format!("{}: {error}", self.path().display()))
    }
}

impl Place for SecretFile {
    fn get(&self, key: &str) -> Result<Option<Secret>, SecretsError> {
        Ok(self.read()?.remove(key).map(Secret::new))
    }

    fn set(&self, key: &str, secret: &Secret) -> Result<(), SecretsError> {
        self.change(|secrets| {
            secrets.insert(key.to_owned(), secret.expose().to_owned());
        })
    }

    fn delete(&self, key: &str) -> Result<(), SecretsError> {
        self.change(|secrets| {
            secrets.remove(key);
        })
    }
}
