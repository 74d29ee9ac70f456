//! The encryption that a recipient's hosts have to show: what their domain demands, what they showed before, what the
//! settings and the letter ask for.
//!
//! [`DomainPolicy`] is made once for a domain and a letter, and asked for each host that is about to be dialed. It looks up
//! only what can matter there: TLSA records where the list of hosts and the host's addresses are proven, the domain's
//! MTA-STS policy where no such records decide, and nothing at all in the practice post office. `decide` says what follows.

mod decide;
mod look;
mod sts;

use crate::context::Context;
use crate::targets::dns;
use decide::{Facts, decide};
use model::{Fault, TlsDemand, TlsPolicy, TlsReport, Tlsa};
use net::{Net, Proof, StsPolicy, TlsaAnswer, is_usable};
use smtp::Ended;
use std::collections::BTreeMap;
use store::{Encryption, Store, StoreError};
use sts::Finder;
use tokio::sync::OnceCell;

pub use look::{DaneFound, Demands, HostDemand, KeptBecause, StsFound, StsKept, StsLook};
pub(crate) use sts::Turns;

/// The settings that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    pub dane: DaneRule,
    pub downgrade: DowngradeRule,
}

/// `outbound.dane`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DaneRule {
    Off,
    /// Where everything is proven; what is not is passed over.
    WhenProven,
    /// And answers that do not agree with their signatures let a letter wait.
    Strict,
}

/// `outbound.downgrade`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DowngradeRule {
    Show,
    Refuse,
}

/// How the hosts of a domain are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Plainly,
    ForProof,
}

impl Rules {
    /// Proof is of use for DANE, and for a letter that asks for REQUIRETLS.
    pub fn ask(self, require_tls: bool) -> Ask {
        if self.dane == DaneRule::Off && !require_tls { Ask::Plainly } else { Ask::ForProof }
    }

    /// As the settings say; a word that means nothing leaves the default.
    pub async fn read(store: &Store) -> Result<Self, StoreError> {
        let dane = match store.setting("outbound.dane").await?.as_deref() {
            Some("off") => DaneRule::Off,
            Some("strict") => DaneRule::Strict,
            _ => DaneRule::WhenProven,
        };
        let downgrade = match store.setting("outbound.downgrade").await?.as_deref() {
            Some("refuse") => DowngradeRule::Refuse,
            _ => DowngradeRule::Show,
        };
        Ok(Self { dane, downgrade })
    }
}

/// What was found out of a host's TLSA records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dane {
    NotAsked,
    /// The list of hosts, or the addresses of this one, are not proven.
    NotProven,
    NoRecords,
    /// There are proven ones, and none of a kind that counts.
    Unusable,
    /// Proven, with the name that they belong to and others that a certificate may be for.
    Records {
        base: String,
        other_names: Vec<String>,
        records: Vec<Tlsa>,
    },
    /// Answers about this name do not agree with their signatures.
    Bogus(String),
    /// Nobody answered about this name.
    Failed(String),
}

/// What was found out of a domain's MTA-STS policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sts {
    NotAsked,
    Absent,
    /// Announced and not had; why.
    Failed(String),
    Policy(StsPolicy),
}

/// What a host has to show, and what was found out on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPolicy {
    pub demand: TlsDemand,
    /// A sentence each, for the attempt.
    pub notes: Vec<String>,
    domain: String,
    /// The best encryption that it ever had.
    before: Option<Encryption>,
    refuses_downgrade: bool,
    tested_by_sts: bool,
}

impl HostPolicy {
    /// A demand that needs no finding out: of a smart host, or of a lab.
    pub fn of(demand: TlsDemand) -> Self {
        let domain = demand.name.clone();
        Self { demand, notes: Vec::new(), domain, before: None, refuses_downgrade: false, tested_by_sts: false }
    }

    /// The same without encryption, for a host whose encryption failed and need not succeed.
    pub fn in_clear_text(&self) -> Self {
        let demand = TlsDemand { policy: TlsPolicy::Plain, ..self.demand.clone() };
        Self { demand, ..self.clone() }
    }

    /// What a conversation showed that is worse than before, or would be refused by a policy that is being tested; `tls` is
    /// what was reached, `None` for clear text. Only for a conversation that came so far.
    pub fn fell_short(&self, tls: Option<&TlsReport>) -> Vec<String> {
        decide::fell_short(self, tls)
    }

    /// The name of a fault under this policy: encryption that fails at a host that encrypted before is a downgrade.
    pub fn fault(&self, fault: Fault) -> Fault {
        let because_of_before =
            self.refuses_downgrade && self.before.is_some() && self.demand.policy == TlsPolicy::Encrypted;
        match fault {
            Fault::TlsNotOffered | Fault::TlsHandshake(_) if because_of_before => {
                Fault::TlsDowngrade(self.demand.name.clone())
            }
            fault => fault,
        }
    }
}

/// What a domain demands for a letter. It keeps what it looked up.
#[derive(Debug)]
pub(crate) struct DomainPolicy {
    net: Net,
    domain: String,
    mx: Proof,
    rules: Rules,
    require_tls: bool,
    before: BTreeMap<String, Encryption>,
    finder: Finder,
    sts: OnceCell<Sts>,
}

impl DomainPolicy {
    /// For a domain whose list of hosts is proven so far ([`Net::proven_mail_hosts`]), and a letter that asks for
    /// REQUIRETLS or does not.
    pub async fn of(
        context: &Context,
        net: &Net,
        rules: Rules,
        domain: &str,
        mx: Proof,
        require_tls: bool,
    ) -> Result<Self, StoreError> {
        let finder = Finder {
            store: context.store.clone(),
            net: net.clone(),
            clock: context.clock.clone(),
            turns: context.turns.clone(),
            domain: domain.to_owned(),
        };
        Self::new(finder, rules, mx, require_tls).await
    }

    async fn new(finder: Finder, rules: Rules, mx: Proof, require_tls: bool) -> Result<Self, StoreError> {
        Ok(Self {
            rules,
            before: finder.store.learned(&finder.domain).await?.encryption,
            net: finder.net.clone(),
            domain: finder.domain.clone(),
            mx,
            require_tls,
            finder,
            sts: OnceCell::new(),
        })
    }

    /// What one of its hosts has to show on this port; or why it gets no letter, which says nothing of the next host.
    pub async fn for_host(&self, host: &str, port: u16) -> Result<HostPolicy, Ended> {
        let dane = self.dane(host, port).await;
        self.by_dane(host, &dane).await.map_err(dns)
    }

    async fn by_dane(&self, host: &str, dane: &Dane) -> Result<HostPolicy, Fault> {
        let sts = match dane {
            Dane::Records { .. } => &Sts::NotAsked,
            _ => self.sts().await,
        };
        let facts = Facts {
            domain: &self.domain,
            host,
            rules: self.rules,
            mx: self.mx,
            dane,
            sts,
            before: self.before.get(&host.to_ascii_lowercase()),
            require_tls: self.require_tls,
        };
        decide(&facts)
    }

    async fn dane(&self, host: &str, port: u16) -> Dane {
        if self.rules.dane == DaneRule::Off || !self.net.has_policies() {
            return Dane::NotAsked;
        }
        if self.mx != Proof::Secure {
            return Dane::NotProven;
        }
        let addresses = self.net.host_proof(host).await;
        match addresses.proof {
            Proof::Secure => {}
            Proof::Bogus => return Dane::Bogus(host.to_owned()),
            Proof::Insecure | Proof::Unknown => return Dane::NotProven,
        }
        // RFC 7672 §2.2.3: the records of the name behind all aliases come first.
        let mut bases = vec![addresses.canonical];
        if bases.iter().all(|base| !base.eq_ignore_ascii_case(host)) {
            bases.push(host.to_owned());
        }
        for base in bases {
            let name = format!("_{port}._tcp.{base}");
            match self.net.tlsa(&base, port).await {
                TlsaAnswer::Records(records) => return self.by_records(host, base, records),
                TlsaAnswer::None => {}
                TlsaAnswer::Bogus => return Dane::Bogus(name),
                TlsaAnswer::Failed => return Dane::Failed(name),
            }
        }
        Dane::NoRecords
    }

    fn by_records(&self, host: &str, base: String, records: Vec<Tlsa>) -> Dane {
        if !records.iter().any(is_usable) {
            return Dane::Unusable;
        }
        let mut other_names = vec![host.to_owned(), self.domain.clone()];
        other_names.retain(|name| !name.eq_ignore_ascii_case(&base));
        other_names.dedup();
        Dane::Records { base, other_names, records }
    }

    async fn sts(&self) -> &Sts {
        self.sts.get_or_init(|| self.finder.find()).await
    }
}
