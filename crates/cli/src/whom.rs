//! Which account a command is about: named by its address, or by an address that it sends as.

use clap::Args;
use engine::Engine;
use engine::view::Nothing;
use model::{Account, CallError, Identity, IdentityId};

/// Whose letters.
#[derive(Clone, Debug, Default, Args)]
pub struct Whom {
    /// The account with this address [default: the first that fits]
    #[arg(long, value_name = "ADDRESS", global = true)]
    account: Option<String>,
    /// Letters from this address of yours, and with it the account that sends as it
    #[arg(long, value_name = "ADDRESS", global = true)]
    identity: Option<String>,
}

impl Whom {
    /// The same, sending as this address.
    pub fn sending_as(&self, address: &str) -> Result<Self, CallError> {
        let address = self.allows(address.to_owned(), None)?;
        Ok(Self { identity: Some(address), ..self.clone() })
    }

    /// The account that was named, and the identity; `None` where neither was.
    pub async fn named(&self, engine: &Engine) -> Result<Option<(Account, Option<IdentityId>)>, CallError> {
        if self.account.is_none() && self.identity.is_none() {
            return Ok(None);
        }
        let mut accounts = self.accounts(engine).await?;
        let Some(address) = &self.identity else { return Ok(accounts.into_iter().next().map(|one| (one, None))) };
        let sends_as = |account: &Account| identity_of(account, address).map(|identity| identity.id);
        match accounts.iter().position(|account| sends_as(account).is_some()) {
            Some(place) => {
                let account = accounts.swap_remove(place);
                let identity = sends_as(&account);
                Ok(Some((account, identity)))
            }
            None => Err(no_identity(address, &accounts)),
        }
    }

    /// The address that letters are from: the one that was named, else the only one that there is.
    pub async fn address(&self, engine: &Engine) -> Result<String, CallError> {
        if let Some(address) = &self.identity {
            return Ok(address.clone());
        }
        let accounts = self.accounts(engine).await?;
        match addresses(&accounts).as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(nobody("there is no address that you send from", &[])),
            several => {
                let message = format!("you send from {} addresses", several.len());
                Err(CallError::new("invalid", message, format!("Name one of them: {}.", several.join(", "))))
            }
        }
    }

    /// An address that was named by itself: it may be anybody's, unless whose it is was said as well.
    pub fn allows(&self, address: String, named: Option<&Account>) -> Result<String, CallError> {
        if let Some(other) = self.identity.as_ref().filter(|other| !is_it(other, &address)) {
            let message = format!("{address} and {other} are two addresses");
            return Err(CallError::new("invalid", message, "Name one of them, once."));
        }
        match named {
            Some(account) if identity_of(account, &address).is_none() => {
                Err(no_identity(&address, std::slice::from_ref(account)))
            }
            _ => Ok(address),
        }
    }

    /// Those that may be meant.
    async fn accounts(&self, engine: &Engine) -> Result<Vec<Account>, CallError> {
        let mut accounts = engine.calls().account_list(Nothing {}).await?;
        let Some(address) = &self.account else { return Ok(accounts) };
        let names: Vec<String> = accounts.iter().map(|account| account.address.to_string()).collect();
        accounts.retain(|account| is_it(&account.address.to_string(), address));
        match accounts.is_empty() {
            true => Err(nobody(&format!("there is no account {address}"), &names)),
            false => Ok(accounts),
        }
    }
}

fn identity_of<'a>(account: &'a Account, address: &str) -> Option<&'a Identity> {
    account.identities.iter().find(|identity| is_it(&identity.address.to_string(), address))
}

fn is_it(address: &str, named: &str) -> bool {
    address.eq_ignore_ascii_case(named.trim())
}

fn addresses(accounts: &[Account]) -> Vec<String> {
    accounts.iter().flat_map(|account| &account.identities).map(|identity| identity.address.to_string()).collect()
}

fn no_identity(address: &str, accounts: &[Account]) -> CallError {
    let what = match accounts {
        [only] => format!("{} does not send as {address}", only.address),
        _ => format!("no account sends as {address}"),
    };
    nobody(&what, &addresses(accounts))
}

/// That there is no such thing, and what there is.
fn nobody(what: &str, there_is: &[String]) -> CallError {
    let hint = match there_is {
        [] => "Next: postrider account add".to_owned(),
        some => format!("There is {}.", some.join(", ")),
    };
    CallError::new("not-found", what, hint)
}
