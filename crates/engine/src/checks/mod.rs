//! The checks, carried out: what `advisor::checks` judges is found out here, on the network of the account that it is for.
//!
//! - [`whom`]: which mail hosts are asked about port 25, purely.
//! - [`lookups`]: questions to DNS, each with its time and its end.
//! - [`visits`]: mail hosts that are looked at: greeting, EHLO, QUIT.
//! - [`network`], [`identity`], [`recipient`]: what each check puts together.
//!
//! Everything is asked side by side, and nothing is waited for beyond its limit: the check of a network ends within fifteen
//! seconds even where nobody answers anything.

mod identity;
mod lookups;
mod network;
mod recipient;
mod visits;
mod whom;

use crate::Engine;
use crate::error::Error;
use advisor::checks::finding::Finding;
use advisor::checks::network::IpFamily;
use advisor::verdict::{Judged, Verdict};
use model::{Account, AccountId};
use net::Net;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;
use ts_rs::TS;

/// What is looked at.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
pub struct CheckNetworkArgs {
    /// The account whose network it is; `None` is the real one.
    #[serde(default)]
    pub account: Option<AccountId>,
}

/// Which identity is looked at.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct CheckIdentityArgs {
    /// Its address; one that belongs to no account is looked at as if it had no smart host.
    pub address: String,
}

/// Which domain is looked at.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct CheckDomainArgs {
    /// The domain.
    pub domain: String,
    /// The account from which it would be written to; `None` stands for the real network.
    #[serde(default)]
    pub account: Option<AccountId>,
}

/// Which recipient is looked at.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct CheckRecipientArgs {
    /// The address.
    pub address: String,
    /// The account from which it would be written to; `None` stands for the real network.
    #[serde(default)]
    pub account: Option<AccountId>,
    /// Octets of the letter, where there is one.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub size: Option<u64>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CheckReport {
    /// What direct sending is worth by it.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub because: String,
    /// What was found, in the order in which it is read.
    pub findings: Vec<Finding>,
    /// How long it took, in milliseconds.
    #[ts(type = "number")]
    pub took_ms: u64,
}

impl CheckReport {
    fn new(judged: Judged, findings: Vec<Finding>, began: Instant) -> Self {
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Self { verdict: judged.verdict, because: judged.because, findings, took_ms }
    }
}

/// What is remembered from one check to the next.
#[derive(Default)]
pub(crate) struct Checks {
    /// The addresses that others saw, by world and network, so that the check of an identity need not ask again.
    seen_as: Mutex<HashMap<World, Vec<IpAddr>>>,
}

/// A world and the network in it, as it is counted.
type World = (Option<AccountId>, u64);

impl Checks {
    fn note(&self, world: World, seen_as: Vec<IpAddr>) {
        let mut all = self.seen_as.lock().unwrap_or_else(PoisonError::into_inner);
        // A network that was left is told anew when it is met again.
        all.retain(|(account, _), _| *account != world.0);
        all.insert(world, seen_as);
    }

    /// What was noted; `None` where nobody was asked yet.
    fn seen_as(&self, world: World) -> Option<Vec<IpAddr>> {
        self.seen_as.lock().unwrap_or_else(PoisonError::into_inner).get(&world).cloned()
    }
}

/// The world of an account: the practice account has its own, all others share one.
struct Place {
    net: Net,
    world: World,
    /// The accounts that live there.
    accounts: Vec<Account>,
}

impl Engine {
    async fn place(&self, account: Option<AccountId>) -> Result<Place, Error> {
        let all = self.store().accounts().await?;
        let practice = all.iter().find(|one| one.practice && Some(one.id) == account).map(|one| one.id);
        let net = self.inner.worlds.usable_net(practice)?;
        let accounts = all.into_iter().filter(|one| practice.map_or(!one.practice, |id| one.id == id)).collect();
        let world = (practice, *net.changes().borrow());
        Ok(Place { net, world, accounts })
    }
}

/// The name for EHLO of a probe: as for letters, so that what a host thinks of it is what letters would meet.
async fn helo(net: &Net) -> String {
    if let Some(name) = &net.config().helo {
        return name.clone();
    }
    let source = net.source_addresses().into_iter().next();
    let name = match source {
        Some(ip) => net.confirmed_name(ip).await,
        None => None,
    };
    name.unwrap_or_else(|| match source {
        Some(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
        Some(IpAddr::V4(ip)) => format!("[{ip}]"),
        None => "[127.0.0.1]".to_owned(),
    })
}

/// The address of each family that connections are made from. In a world on this computer that is loopback.
fn local_address(net: &Net, family: IpFamily) -> Option<IpAddr> {
    if net.config().is_here() {
        return (family == IpFamily::V4).then_some(IpAddr::from([127, 0, 0, 1]));
    }
    net.source_addresses().into_iter().find(|ip| IpFamily::of(*ip) == family)
}
