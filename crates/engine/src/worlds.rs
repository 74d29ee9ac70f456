//! The networks that mail goes through: the real one, and the practice post office's own.
//!
//! They are kept apart by account. Nothing written from the practice account ever asks a real name server, and nothing
//! written from a real account ever asks the practice one. While no practice post office is open, mail of the practice account
//! reaches nobody.
//!
//! One process at a time keeps the post office of a home: whoever has `practice.lock`. It writes where the post office
//! is reached into `practice.info`; the others use that one and leave both as they are.

use crate::error::Error;
use crate::oauth::Tokens;
use crate::settings::{net_config, secrets_store};
use model::{AccountId, CallError};
use net::{Net, NetConfig};
use practice::{Info, PostOffice};
use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use store::{HomeLock, Secrets, SecretsKind, Store};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Where the practice post office that is open is reached.
const INFO_KEY: &str = "practice.info";
/// The port on which nobody answers (RFC 863).
const NOBODY: u16 = 9;

pub(crate) struct Worlds {
    tokens: Arc<Tokens>,
    state: Mutex<State>,
    office: tokio::sync::Mutex<Option<Office>>,
    changes: Arc<watch::Sender<u64>>,
}

struct State {
    net: Net,
    /// Why the settings make no network. Until they do, `net` reaches nobody.
    fault: Option<CallError>,
    /// Passes on the changes that this network notices.
    _changes: JoinSet<()>,
    secrets_kind: SecretsKind,
    secrets: Secrets,
    practice: Option<PracticeWorld>,
    /// The password of the practice post office is kept in its own folder: it needs no keyring.
    practice_secrets: Secrets,
    keeps_office: bool,
}

/// There is one while there is a practice account.
#[derive(Clone)]
struct PracticeWorld {
    accounts: HashSet<AccountId>,
    net: Net,
}

/// The post office that this process keeps. The lock goes last.
struct Office {
    open: PostOffice,
    _lock: HomeLock,
}

/// Who keeps the practice post office that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeper {
    Ourselves,
    AnotherProcess,
}

impl Worlds {
    /// Reads the settings. Where they make no network, what needs none still works: among it the change that mends them.
    pub async fn open(store: &Store, tokens: Arc<Tokens>) -> Result<Self, Error> {
        let secrets_kind = secrets_store(store).await?;
        let changes = Arc::new(watch::Sender::new(0));
        let (net, fault) = match real_net(store).await {
            Ok(net) => (net, None),
            Err(error @ Error::Store(_)) => return Err(error),
            Err(error) => (Net::new(nowhere())?, Some(error.into())),
        };
        let state = State {
            _changes: pass_on(&net, changes.clone()),
            net,
            fault,
            secrets_kind,
            secrets: Secrets::open(secrets_kind, store.home()).await?.with_tokens(tokens.clone()),
            practice_secrets: Secrets::in_memory(),
            practice: practice_world(store, None).await?,
            keeps_office: false,
        };
        Ok(Self { tokens, state: Mutex::new(state), office: tokio::sync::Mutex::default(), changes })
    }

    /// Reads settings and accounts again, and renews what they changed.
    pub async fn reload(&self, store: &Store) -> Result<(), Error> {
        let practice = practice_world(store, self.with(|state| state.practice.clone())).await?;
        self.with(|state| state.practice = practice);
        let kind = secrets_store(store).await?;
        let same_secrets = self.with(|state| state.secrets_kind == kind);
        let net = self.renewed_net(store).await?;
        let secrets = match same_secrets {
            true => None,
            false => Some(Secrets::open(kind, store.home()).await?.with_tokens(self.tokens.clone())),
        };
        self.with(|state| {
            if let Some(net) = net {
                state._changes = pass_on(&net, self.changes.clone());
                state.net = net;
                state.fault = None;
                self.changes.send_modify(|count| *count += 1);
            }
            state.secrets = secrets.unwrap_or_else(|| state.secrets.clone());
            state.secrets_kind = kind;
        });
        Ok(())
    }

    /// The network that the settings make now, where it is another one. What was wrong with them before may be still.
    async fn renewed_net(&self, store: &Store) -> Result<Option<Net>, Error> {
        let (former, was_wrong) = self.with(|state| (state.net.config().clone(), state.fault.is_some()));
        let renewed = match net_config(store).await {
            Ok(config) if !was_wrong && config == former => return Ok(None),
            Ok(config) => Net::new(config).map_err(Error::from),
            Err(error) => Err(error),
        };
        match renewed {
            Err(Error::Net(_) | Error::Told(_)) if was_wrong => Ok(None),
            renewed => renewed.map(Some),
        }
    }

    /// As [`Worlds::net`], for what makes no sense without one: an error where the settings make none.
    pub fn usable_net(&self, account: Option<AccountId>) -> Result<Net, Error> {
        self.with(|state| match (state.practice_of(account), &state.fault) {
            (Some(practice), _) => Ok(practice.net.clone()),
            (None, Some(fault)) => Err(fault.clone().into()),
            (None, None) => Ok(state.net.clone()),
        })
    }

    /// The network of this account; without one, the real one.
    pub fn net(&self, account: Option<AccountId>) -> Net {
        self.with(|state| match state.practice_of(account) {
            Some(practice) => practice.net.clone(),
            None => state.net.clone(),
        })
    }

    /// Where the passwords of this account are.
    pub fn secrets(&self, account: Option<AccountId>) -> Secrets {
        self.with(|state| match state.practice_of(account) {
            Some(_) => state.practice_secrets.clone(),
            None => state.secrets.clone(),
        })
    }

    /// Where the passwords of the practice account are.
    pub fn practice_secrets(&self) -> Secrets {
        self.with(|state| state.practice_secrets.clone())
    }

    /// Whether the practice post office is open in this process.
    pub fn keeps_office(&self) -> bool {
        self.with(|state| state.keeps_office)
    }

    /// Opens the practice post office, or says how to reach the one that is open.
    pub async fn open_practice(&self, store: &Store) -> Result<(Info, Keeper), Error> {
        if let Some(info) = self.keep_practice(store).await? {
            return Ok((info, Keeper::Ourselves));
        }
        let info = info_of(store).await?.ok_or_else(|| {
            let message = "another Postrider is opening or closing the practice post office";
            Error::Told(CallError::new("busy", message, "Try again in a moment."))
        })?;
        let password = practice::password_in(&folder(store))?;
        self.reload(store).await?;
        Ok((Info { password, ..info }, Keeper::AnotherProcess))
    }

    /// The practice post office of this process, opened if need be; `None` while another process keeps it.
    pub async fn keep_practice(&self, store: &Store) -> Result<Option<Info>, Error> {
        let mut office = self.office.lock().await;
        if let Some(office) = office.as_ref() {
            return Ok(Some(office.open.info().clone()));
        }
        let Some(lock) = store.practice_lock()? else { return Ok(None) };
        let options = practice::Options { home: Some(folder(store)), ..Default::default() };
        let open = PostOffice::start(options).await?;
        let info = open.info().clone();
        *office = Some(Office { open, _lock: lock });
        self.with(|state| state.keeps_office = true);
        let text = serde_json::to_string(&public(&info)).unwrap_or_default();
        store.set_setting(INFO_KEY, Some(&text)).await?;
        self.reload(store).await?;
        Ok(Some(info))
    }

    pub async fn close_practice(&self, store: &Store) {
        let Some(office) = self.office.lock().await.take() else { return };
        // While the lock is still ours: what the next keeper writes is not to be wiped away.
        if let Err(error) = store.set_setting(INFO_KEY, None).await {
            tracing::warn!(%error, "where the practice post office was reached could not be forgotten");
        }
        self.with(|state| state.keeps_office = false);
        office.open.stop().await;
    }

    /// This computer slept: connections, and the network itself, may be others now.
    pub fn woke(&self) {
        self.with(|state| {
            state.net.woke();
            state.practice.iter().for_each(|practice| practice.net.woke());
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn practice_of(&self, account: Option<AccountId>) -> Option<&PracticeWorld> {
        self.practice.as_ref().filter(|practice| account.is_some_and(|id| practice.accounts.contains(&id)))
    }
}

impl outbound::World for Worlds {
    fn net(&self, account: Option<AccountId>) -> Net {
        Self::net(self, account)
    }

    fn secrets(&self, account: Option<AccountId>) -> Secrets {
        Self::secrets(self, account)
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

async fn real_net(store: &Store) -> Result<Net, Error> {
    Ok(Net::new(net_config(store).await?)?)
}

/// A network ends with the settings that it was made of; who listens for changes does not.
fn pass_on(net: &Net, to: Arc<watch::Sender<u64>>) -> JoinSet<()> {
    let mut changes = net.changes();
    let mut task = JoinSet::new();
    task.spawn(async move {
        while changes.changed().await.is_ok() {
            to.send_modify(|count| *count += 1);
        }
    });
    task
}

/// The practice world as accounts and `practice.info` say it is, with the former network where that is the same.
async fn practice_world(store: &Store, former: Option<PracticeWorld>) -> Result<Option<PracticeWorld>, Error> {
    let accounts = store.accounts().await?.into_iter().filter(|account| account.practice);
    let accounts: HashSet<AccountId> = accounts.map(|account| account.id).collect();
    if accounts.is_empty() {
        return Ok(None);
    }
    let config = info_of(store).await?.and_then(|info| practice_config(&info)).unwrap_or_else(nowhere);
    let net = match former.map(|former| former.net).filter(|net| *net.config() == config) {
        Some(net) => net,
        None => Net::new(config).or_else(|_| Net::new(nowhere()))?,
    };
    Ok(Some(PracticeWorld { accounts, net }))
}

async fn info_of(store: &Store) -> Result<Option<Info>, Error> {
    Ok(store.setting(INFO_KEY).await?.and_then(|info| serde_json::from_str(&info).ok()))
}

fn practice_config(info: &Info) -> Option<NetConfig> {
    let dns = vec![info.dns.parse().ok()?];
    Some(NetConfig { dns, smtp_port: info.smtp_port, extra_ca: Some(info.ca.clone()), ..NetConfig::default() })
}

/// A network in which nobody answers.
fn nowhere() -> NetConfig {
    let dns = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, NOBODY))];
    NetConfig { dns, smtp_port: NOBODY, ..NetConfig::default() }
}

fn folder(store: &Store) -> PathBuf {
    store.home().join("practice")
}

/// The settings are no place for a password, not even this one.
fn public(info: &Info) -> Info {
    Info { password: String::new(), ..info.clone() }
}
