//! macOS: the login keychain.

use apple_native_keyring_store::keychain::Store;
use keyring_core::{CredentialStore, Result};
use std::sync::Arc;

pub(in crate::secrets) fn connect() -> Result<Arc<CredentialStore>> {
    Ok(Store::new()?)
}
