//! The checks, carried out: what `advisor::checks` judges is found out here, on the network of the account that it is for.
//!
//! - [`whom`]: which mail hosts are asked about port 25, purely.
//! - [`asked`]: what they answered a while ago, so that they are not asked again for it.
//! - [`hosts`]: how they are asked, with the smart host, and an address that belongs to nobody.
//! - [`lookups`]: questions to DNS, each with its time and its end.
//! - [`visits`]: mail hosts that are looked at: greeting, EHLO, QUIT.
//! - [`network`], [`identity`], [`recipient`]: what each check puts together.
//! - [`records`]: the part of a check that the page of a warning shows, by DNS alone.
//!
//! Everything is asked side by side, and nothing is waited for beyond its limit: the check of a network ends within fifteen
//! seconds even where nobody answers anything.

mod asked;
mod hosts;
mod identity;
mod lookups;
mod network;
mod outside;
mod recipient;
mod records;
mod visits;
mod whom;

pub(crate) use asked::Checks;
pub(crate) use records::Records;

use crate::Engine;
use crate::error::Error;
use advisor::checks::finding::Finding;
use advisor::checks::network::IpFamily;
use advisor::checks::sharing::Private;
use advisor::verdict::{Judged, Verdict};
use asked::Network;
use model::{Account, AccountId};
use net::Net;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use tokio::time::Instant;
use ts_rs::TS;

/// What is looked at.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
pub struct CheckNetworkArgs {
    /// The account whose network it is; `None` is the real one.
    #[serde(default)]
    pub account: Option<AccountId>,
    /// Whether the mail hosts are asked again, though they were asked some minutes ago: only where the user wants it.
    #[serde(default)]
    pub again: bool,
    /// A STUN server (`host` or `host:port`) that is asked how others see this computer: only where the user names one.
    #[serde(default)]
    pub stun: Option<String>,
}

/// Which identity is looked at.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct CheckIdentityArgs {
    /// Its address; one that belongs to no account is looked at as if it had no smart host.
    pub address: String,
    /// The account that sends as it; `None` is the first that does.
    #[serde(default)]
    #[ts(optional)]
    pub account: Option<AccountId>,
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
    /// The same as text, as others may read it: without mail hosts of correspondents and inside addresses.
    #[serde(default)]
    pub for_support: String,
}

impl CheckReport {
    fn new(judged: Judged, findings: Vec<Finding>, private: &Private, began: Instant) -> Self {
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Judged { verdict, because } = judged;
        let parts = findings.iter().map(|finding| format!("\n{}", private.withheld(finding).brief()));
        let for_support = format!("{because}\n{}", parts.collect::<String>());
        Self { verdict, because, findings, took_ms, for_support }
    }
}

/// How far a network is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Mail hosts of the user's own domains and of correspondents too: the user wants it.
    Everything,
    /// Mail hosts of the user's own domains, and nobody else's.
    OwnHosts,
    /// No mail host at all: the smart host, the name servers, the name of the address and the lists.
    Names,
}

/// The world of an account: the practice account has its own, all others share one.
struct Place {
    net: Net,
    network: Network,
    /// The accounts that live there.
    accounts: Vec<Account>,
}

impl Engine {
    async fn place(&self, account: Option<AccountId>) -> Result<Place, Error> {
        let all = self.store().accounts().await?;
        let practice = all.iter().find(|one| one.practice && Some(one.id) == account).map(|one| one.id);
        let net = self.inner.worlds.usable_net(practice)?;
        let accounts = all.into_iter().filter(|one| practice.map_or(!one.practice, |id| one.id == id)).collect();
        let network = Network::of(practice, &net);
        Ok(Place { net, network, accounts })
    }
}

/// The address of each family that connections are made from. In a world on this computer that is loopback, but where it
/// plays another one.
fn local_address(net: &Net, family: IpFamily) -> Option<IpAddr> {
    if net.config().is_here() && net.config().seen_as.is_none() {
        return (family == IpFamily::V4).then_some(IpAddr::from([127, 0, 0, 1]));
    }
    net.source_addresses().into_iter().find(|ip| IpFamily::of(*ip) == family)
}
