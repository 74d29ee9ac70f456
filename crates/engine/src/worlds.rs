//! The networks that mail goes through: the real one, and the practice post office's own.
//!
//! They are kept apart by account. Nothing written from the practice account ever asks a real name server, and nothing
//! written from a real account ever asks the practice one.

use crate::error::Error;
use crate::settings::{net_config, secrets_store};
use model::AccountId;
use net::{Net, NetConfig};
use practice::{Info, PostOffice};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use store::{Secrets, SecretsKind, Store};

/// Where the practice post office was last reached, for a command that runs beside the window.
const INFO_KEY: &str = "practice.info";

pub(crate) struct Worlds {
    state: Mutex<State>,
    office: tokio::sync::Mutex<Option<PostOffice>>,
}

struct State {
    net: Net,
    secrets_kind: SecretsKind,
    secrets: Secrets,
    practice: Option<Net>,
    /// The practice passwords are worth nothing and new at every opening: they need no keyring.
    practice_secrets: Secrets,
    practice_accounts: HashSet<AccountId>,
}

impl Worlds {
    /// Reads the settings. Settings that cannot be used are an error here, before anything is sent anywhere.
    pub async fn open(store: &Store) -> Result<Self, Error> {
        let practice = match store.setting(INFO_KEY).await? {
            Some(info) => serde_json::from_str(&info).ok().and_then(|info| practice_net(&info).ok()),
            None => None,
        };
        let secrets_kind = secrets_store(store).await?;
        let state = State {
            net: Net::new(net_config(store).await?)?,
            secrets_kind,
            secrets: Secrets::open(secrets_kind, store.home()).await?,
            practice_secrets: Secrets::in_memory(),
            practice,
            practice_accounts: practice_accounts(store).await?,
        };
        Ok(Self { state: Mutex::new(state), office: tokio::sync::Mutex::default() })
    }

    /// Reads settings and accounts again, and renews what they changed.
    pub async fn reload(&self, store: &Store) -> Result<(), Error> {
        let config = net_config(store).await?;
        let kind = secrets_store(store).await?;
        let accounts = practice_accounts(store).await?;
        let (same_net, same_secrets) = self.with(|state| (*state.net.config() == config, state.secrets_kind == kind));
        let net = if same_net { None } else { Some(Net::new(config)?) };
        let secrets = if same_secrets { None } else { Some(Secrets::open(kind, store.home()).await?) };
        self.with(|state| {
            state.practice_accounts = accounts;
            state.net = net.unwrap_or_else(|| state.net.clone());
            state.secrets = secrets.unwrap_or_else(|| state.secrets.clone());
            state.secrets_kind = kind;
        });
        Ok(())
    }

    /// The network of this account; without one, the real one.
    pub fn net(&self, account: Option<AccountId>) -> Net {
        self.with(|state| {
            let practice = account.filter(|id| state.practice_accounts.contains(id)).and(state.practice.clone());
            practice.unwrap_or_else(|| state.net.clone())
        })
    }

    /// Where the passwords of this account are.
    pub fn secrets(&self, account: Option<AccountId>) -> Secrets {
        self.with(|state| match account.filter(|id| state.practice_accounts.contains(id)) {
            Some(_) => state.practice_secrets.clone(),
            None => state.secrets.clone(),
        })
    }

    /// Where the passwords of the practice account are.
    pub fn practice_secrets(&self) -> Secrets {
        self.with(|state| state.practice_secrets.clone())
    }

    /// Opens the practice post office, or says how to reach the one that is open.
    pub async fn open_practice(&self, store: &Store) -> Result<Info, Error> {
        let mut office = self.office.lock().await;
        if let Some(open) = office.as_ref() {
            return Ok(open.info().clone());
        }
        let options = practice::Options { home: Some(store.home().join("practice")), ..Default::default() };
        let opened = PostOffice::start(options).await?;
        let info = opened.info().clone();
        let net = practice_net(&info)?;
        self.with(|state| state.practice = Some(net));
        let text = serde_json::to_string(&public(&info)).unwrap_or_default();
        store.set_setting(INFO_KEY, Some(&text)).await?;
        *office = Some(opened);
        Ok(info)
    }

    pub async fn close_practice(&self) {
        if let Some(office) = self.office.lock().await.take() {
            office.stop().await;
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl outbound::World for Worlds {
    fn net(&self, account: Option<AccountId>) -> Net {
        Self::net(self, account)
    }

    fn secrets(&self, account: Option<AccountId>) -> Secrets {
        Self::secrets(self, account)
    }
}

async fn practice_accounts(store: &Store) -> Result<HashSet<AccountId>, Error> {
    let accounts = store.accounts().await?;
    Ok(accounts.into_iter().filter(|account| account.practice).map(|account| account.id).collect())
}

fn practice_net(info: &Info) -> Result<Net, Error> {
    let dns = info.dns.parse().map(|dns| vec![dns]).unwrap_or_default();
    let config =
        NetConfig { dns, smtp_port: info.smtp_port, extra_ca: Some(info.ca.clone()), ..NetConfig::default() };
    Ok(Net::new(config)?)
}

/// The settings are no place for a password, not even this one.
fn public(info: &Info) -> Info {
    Info { password: String::new(), ..info.clone() }
}
