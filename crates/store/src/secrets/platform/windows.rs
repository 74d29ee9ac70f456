//! Windows: the Credential Manager. It takes at most 2560 octets a secret.

use keyring_core::{CredentialStore, Result};
use std::sync::Arc;
use windows_native_keyring_store::Store;

pub(in crate::secrets) fn connect() -> Result<Arc<CredentialStore>> {
    Ok(Store::new()?)
}
