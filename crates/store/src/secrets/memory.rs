//! Secrets that live as long as the process.

use super::{Place, SecretsError};
use model::Secret;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub(super) struct Memory(Mutex<HashMap<String, Secret>>);

impl Memory {
    fn secrets(&self) -> MutexGuard<'_, HashMap<String, Secret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place for Memory {
    fn get(&self, key: &str) -> Result<Option<Secret>, SecretsError> {
        Ok(self.secrets().get(key).cloned())
    }

    fn set(&self, key: &str, secret: &Secret) -> Result<(), SecretsError> {
        self.secrets().insert(key.to_owned(), secret.clone());
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), SecretsError> {
        self.secrets().remove(key);
        Ok(())
    }
}
