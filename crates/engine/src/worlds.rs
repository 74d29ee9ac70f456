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
use net::{Connectivity, Net, NetConfig};
use practice::{Info, Order, Portal, PostOffice, Switches};
use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{HomeLock, Secrets, SecretsKind, Store};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Where the practice post office that is open is reached.
const INFO_KEY: &str = "practice.info";
/// Where it takes orders.
const CONTROL_KEY: &str = "practice.control";
/// How long a post office on this computer may take to say how its switches stand.
const PATIENCE: Duration = Duration::from_secs(2);
/// The port on which nobody answers (RFC 863).
const NOBODY: u16 = 9;

pub(crate) struct Worlds {
    tokens: Arc<Tokens>,
    state: Mutex<State>,
    office: tokio::sync::Mutex<Option<Office>>,
    /// How often the real network changed.
    changes: Arc<watch::Sender<u64>>,
    /// How often a switch changed the practice one.
    practice_changes: watch::Sender<u64>,
    /// Held while what a switch of the practice world changes is carried out.
    pub following: tokio::sync::Mutex<()>,
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
    switches: Switches,
}

impl PracticeWorld {
    /// Its network as the switches make it. How they stood before; `None` where nothing changed.
    fn follow(&mut self, now: Switches) -> Option<Switches> {
        if now == self.switches {
            return None;
        }
        self.net.renew(match now.portal {
            Portal::Off => Connectivity::Full,
            Portal::On => Connectivity::Portal,
        });
        Some(std::mem::replace(&mut self.switches, now))
    }
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
        let (office, following) = (tokio::sync::Mutex::default(), tokio::sync::Mutex::default());
        Ok(Self {
            tokens,
            state: Mutex::new(state),
            office,
            changes,
            practice_changes: watch::Sender::new(0),
            following,
        })
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

    /// The network of the practice account that is named, while there is one; without a name, the real one.
    pub fn net_of_world(&self, practice: Option<AccountId>) -> Option<Net> {
        self.with(|state| match practice {
            Some(_) => state.practice_of(practice).map(|practice| practice.net.clone()),
            None => Some(state.net.clone()),
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
        let (info, control) = (open.info().clone(), open.control().to_string());
        *office = Some(Office { open, _lock: lock });
        self.with(|state| state.keeps_office = true);
        let text = serde_json::to_string(&public(&info)).unwrap_or_default();
        store.set_setting(CONTROL_KEY, Some(&control)).await?;
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
        let _ = store.set_setting(CONTROL_KEY, None).await;
        self.with(|state| state.keeps_office = false);
        office.open.stop().await;
    }

    /// Where the practice post office that is used takes orders: the one of the practice account, or one that the settings
    /// make the network of all accounts. `None` where there is none.
    pub async fn practice_control(&self, store: &Store) -> Result<Option<SocketAddr>, Error> {
        if self.practises() {
            return control_of(store).await;
        }
        let net = self.net(None);
        if !net.config().is_here() {
            return Ok(None);
        }
        let asked = tokio::time::timeout(PATIENCE, net.texts(practice::CONTROL_NAME)).await;
        let told = asked.ok().and_then(Result::ok).unwrap_or_default();
        Ok(told.iter().find_map(|text| text.parse().ok()).filter(|control: &SocketAddr| control.ip().is_loopback()))
    }

    /// Whether there is a practice account.
    pub fn practises(&self) -> bool {
        self.with(|state| state.practice.is_some())
    }

    /// The accounts that live in the practice world.
    pub fn practice_accounts(&self) -> Vec<AccountId> {
        self.with(|state| state.practice.iter().flat_map(|practice| practice.accounts.clone()).collect())
    }

    /// The practice network as its switches make it from now on. How they stood before; `None` where nothing changed.
    pub fn follow(&self, now: Switches) -> Option<Switches> {
        let before = self.with(|state| state.practice.as_mut()?.follow(now));
        if before.is_some() {
            self.practice_changes.send_modify(|count| *count += 1);
        }
        before
    }

    /// This computer slept: connections, and the network itself, may be others now.
    pub fn woke(&self) {
        self.with(|state| {
            state.net.woke();
            state.practice.iter().for_each(|practice| practice.net.woke());
        });
    }

    /// Goes up whenever the real network changes, also over a change of the settings, and after a sleep.
    pub fn network_changes(&self) -> watch::Receiver<u64> {
        let mut changes = self.changes.subscribe();
        changes.mark_unchanged();
        changes
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

    fn practice_changes(&self) -> watch::Receiver<u64> {
        self.practice_changes.subscribe()
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
    if let Some(former) = former.filter(|former| *former.net.config() == config) {
        return Ok(Some(PracticeWorld { accounts, ..former }));
    }
    let net = Net::new(config).or_else(|_| Net::new(nowhere()))?;
    let mut world = PracticeWorld { accounts, net, switches: Switches::default() };
    world.follow(switches_of(store).await);
    Ok(Some(world))
}

async fn control_of(store: &Store) -> Result<Option<SocketAddr>, Error> {
    Ok(store.setting(CONTROL_KEY).await?.and_then(|control| control.parse().ok()))
}

/// How the switches of the post office that is open stand; as they begin where none is, or none says it.
async fn switches_of(store: &Store) -> Switches {
    let Ok(Some(control)) = control_of(store).await else { return Switches::default() };
    let asked = tokio::time::timeout(PATIENCE, practice::order(control, Order::Show)).await;
    asked.ok().and_then(Result::ok).unwrap_or_default()
}

async fn info_of(store: &Store) -> Result<Option<Info>, Error> {
    Ok(store.setting(INFO_KEY).await?.and_then(|info| serde_json::from_str(&info).ok()))
}

fn practice_config(info: &Info) -> Option<NetConfig> {
    let dns = vec![info.dns.parse().ok()?];
    let seen_as = Some(practice::YOUR_ADDRESS.into());
    let (smtp_port, extra_ca) = (info.smtp_port, Some(info.ca.clone()));
    Some(NetConfig { dns, smtp_port, extra_ca, seen_as, ..NetConfig::default() })
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
