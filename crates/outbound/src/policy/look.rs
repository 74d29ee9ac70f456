//! What a domain demands of its hosts, looked at without a letter: for a check that says beforehand what a letter would meet.
//! It is decided as for a letter, by the same settings and by the same policy that is kept; nothing new is kept.

use super::sts::Finder;
use super::{Ask, Dane, DaneRule, DomainPolicy, Rules, Sts};
use crate::clock::Clock;
use jiff::Timestamp;
use model::{Fault, TlsDemand};
use net::{Net, Proof, StsPolicy, is_usable};
use std::time::Duration;
use store::{Store, StoreError, StoredSts};
use tokio::sync::OnceCell;
use tokio::time::timeout;

/// The MTA-STS policy of a domain, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StsFound {
    /// It was not looked for.
    NotTried,
    /// There is none.
    None,
    /// Nobody could say whether there is one.
    NotAnswered,
    /// It is announced and could not be had; why.
    Failed(String),
    /// It counts for letters.
    Policy(StsPolicy),
}

/// A policy that was fetched for an earlier letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsKept {
    /// Until when it counts.
    pub until: Timestamp,
    /// Why it does, rather than a new one.
    pub because: KeptBecause,
}

/// Why a policy that is kept counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptBecause {
    /// It is the one that DNS announces.
    Current,
    /// DNS announces none any more.
    NotAnnounced,
    /// Nobody could say whether DNS announces one.
    NotAnswered,
    /// A new one could not be had; why.
    NotFetched(String),
}

/// What counts for letters, and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsLook {
    /// What was found.
    pub found: StsFound,
    /// Where it is one that is kept.
    pub kept: Option<StsKept>,
}

impl StsLook {
    pub(super) fn of(found: StsFound) -> Self {
        Self { found, kept: None }
    }

    pub(super) fn kept(kept: Option<&StoredSts>, because: KeptBecause) -> Self {
        let Some(kept) = kept else { return Self::of(StsFound::None) };
        match StsPolicy::parse(&kept.policy) {
            Ok(policy) => {
                let kept = StsKept { until: kept.expires_at, because };
                Self { found: StsFound::Policy(policy), kept: Some(kept) }
            }
            Err(error) => Self::of(StsFound::Failed(error.to_string())),
        }
    }

    fn for_letters(&self) -> Sts {
        match &self.found {
            StsFound::NotTried => Sts::NotAsked,
            StsFound::None | StsFound::NotAnswered => Sts::Absent,
            StsFound::Failed(why) => Sts::Failed(why.clone()),
            StsFound::Policy(policy) => Sts::Policy(policy.clone()),
        }
    }
}

/// The TLSA records of a host, as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaneFound {
    /// The settings say that they are not looked for.
    Off,
    /// They are not looked for in this world.
    NotTried,
    /// The list of hosts, or the addresses of this one, are not signed.
    NotProven,
    /// There are none.
    None,
    /// None of them is of a kind that counts.
    Unusable,
    /// So many that are proven and can be used.
    Records(usize),
    /// Answers do not agree with their signatures.
    Bogus,
    /// Nobody answered.
    NotAnswered,
}

/// What a host has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostDemand {
    /// What was found of its proof in DNS.
    pub dane: DaneFound,
    /// What is demanded, or why it gets no letter.
    pub demand: Result<TlsDemand, Fault>,
}

/// What a domain demands of its hosts.
#[derive(Debug)]
pub struct Demands {
    sts: StsLook,
    policy: DomainPolicy,
    hosts_answered: bool,
    patience: Duration,
}

impl Demands {
    /// Looks up what concerns the whole domain. Each question is given so long.
    pub async fn of(
        store: &Store,
        net: &Net,
        clock: Clock,
        domain: &str,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        let rules = Rules::read(store).await?;
        let finder = Finder {
            store: store.clone(),
            net: net.clone(),
            clock,
            turns: super::Turns::default(),
            domain: domain.to_owned(),
        };
        let proof = async {
            match rules.ask(false) {
                Ask::ForProof if net.has_policies() => {
                    let hosts = timeout(patience, net.proven_mail_hosts(domain)).await;
                    hosts.ok().and_then(Result::ok).map(|hosts| hosts.proof)
                }
                _ => Some(Proof::Unknown),
            }
        };
        let (proof, sts) = tokio::join!(proof, finder.look(patience));
        let mut policy = DomainPolicy::new(finder, rules, proof.unwrap_or(Proof::Unknown), false).await?;
        policy.sts = OnceCell::from(sts.for_letters());
        Ok(Self { sts, policy, hosts_answered: proof.is_some(), patience })
    }

    /// The MTA-STS policy that counts for letters.
    pub fn sts(&self) -> &StsLook {
        &self.sts
    }

    /// What this host has to show on this port.
    pub async fn for_host(&self, host: &str, port: u16) -> HostDemand {
        let looked = timeout(self.patience, self.policy.dane(host, port)).await;
        let dane = looked.unwrap_or_else(|_| Dane::Failed(host.to_owned()));
        let demand = self.policy.by_dane(host, &dane).await.map(|policy| policy.demand);
        HostDemand { dane: self.found(&dane), demand }
    }

    fn found(&self, dane: &Dane) -> DaneFound {
        match dane {
            Dane::NotAsked if self.policy.rules.dane == DaneRule::Off => DaneFound::Off,
            Dane::NotAsked => DaneFound::NotTried,
            Dane::NotProven if !self.hosts_answered => DaneFound::NotAnswered,
            Dane::NotProven if self.policy.mx == Proof::Bogus => DaneFound::Bogus,
            Dane::NotProven => DaneFound::NotProven,
            Dane::NoRecords => DaneFound::None,
            Dane::Unusable => DaneFound::Unusable,
            Dane::Records { records, .. } => {
                DaneFound::Records(records.iter().filter(|record| is_usable(record)).count())
            }
            Dane::Bogus(_) => DaneFound::Bogus,
            Dane::Failed(_) => DaneFound::NotAnswered,
        }
    }
}
