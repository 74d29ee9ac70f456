//! Accounts with their identities and smart hosts.

use crate::{Result, Store, later};
use model::{Account, AccountId, EmailAddress, Server, SmartHost};

/// An account to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// The address; it becomes the first identity.
    pub address: EmailAddress,
    /// The name of that identity; empty for none.
    pub name: String,
    /// Where its mail is read; `None` for an account that only sends.
    pub imap: Option<Server>,
    /// Smart hosts, in the order in which they are tried.
    pub smart_hosts: Vec<NewSmartHost>,
    /// Whether it is the account of the practice post office.
    pub practice: bool,
}

/// A smart host to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSmartHost {
    /// The name wished for; a number is added where it is taken.
    pub name: String,
    /// Where it is.
    pub server: Server,
}

impl Store {
    /// Adds an account. Its address must not be here yet.
    pub async fn add_account(&self, account: NewAccount) -> Result<Account> {
        later(account)
    }

    /// All accounts, in the order in which they were added.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        later(())
    }

    /// One account.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        later(id)
    }

    /// The account of this address, or with an identity of this address.
    pub async fn account_by_address(&self, address: &EmailAddress) -> Result<Option<Account>> {
        later(address)
    }

    /// Writes an account as it is given: identities and smart hosts that are missing in it go, and those with the
    /// number 0 are added. The account as it then is comes back.
    pub async fn update_account(&self, account: &Account) -> Result<Account> {
        later(account)
    }

    /// Removes an account with its letters, journal and drafts. What was sent from it stays in the history.
    /// `Busy` while one of its deliveries is open.
    pub async fn remove_account(&self, id: AccountId) -> Result<()> {
        later(id)
    }

    /// The smart host of this name and the account it belongs to.
    pub async fn smart_host(&self, name: &str) -> Result<Option<(AccountId, SmartHost)>> {
        later(name)
    }
}
