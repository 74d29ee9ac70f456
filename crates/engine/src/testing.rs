//! What the tests in this crate share: an engine that does nothing by itself, and an account.

use crate::{Engine, Options, Work};
use std::path::Path;
use store::NewAccount;

/// An engine on this home that fetches and sends nothing.
pub(crate) async fn engine(home: &Path) -> Engine {
    Engine::start(Options { home: home.to_owned(), work: Work::Nothing }).await.unwrap()
}

/// An account that neither fetches nor submits.
pub(crate) fn account(address: &str) -> NewAccount {
    NewAccount {
        address: address.parse().unwrap(),
        name: String::new(),
        imap: None,
        smart_hosts: Vec::new(),
        practice: false,
    }
}
