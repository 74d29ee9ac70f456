//! One claimed message: its deliveries are put together by route and host, tried, settled and recorded.

use crate::asking::Open;
use crate::context::Context;
use crate::conversation::{Letter, Way};
use crate::ledger::recorded;
use crate::runner::Report;
use crate::settle::Settled;
use crate::targets::{Target, addresses_of, hosts_of, is_ours, without_ourselves};
use crate::{SettingsError, read_schedule};
use advisor::choose_route;
use futures::future::join_all;
use model::{Account, Attempt, Diagnosis, Fault, Outgoing, Phase, Route, RoutePolicy, Schedule, Security, TlsPolicy};
use net::Net;
use smtp::{Credentials, Ended};
use std::collections::BTreeMap;
use std::net::IpAddr;
use store::{Claimed, smart_host_key};

/// Everything about the message that its groups share.
pub(crate) struct Message<'a> {
    pub context: &'a Context,
    pub claimed: &'a Claimed,
    pub account: Option<Account>,
    pub net: Net,
    pub letter: Letter,
    pub schedule: Schedule,
    /// The address that last answered for each domain, when this message was tried before.
    pub spoken_to: BTreeMap<String, IpAddr>,
}

/// Tries every delivery of a claimed message, and records what came of each.
pub(crate) async fn dispatch(context: &Context, claimed: &Claimed) -> Result<Vec<Report>, SettingsError> {
    let outgoing = &claimed.outgoing;
    let account = match outgoing.account {
        Some(id) => context.store.account(id).await?,
        None => None,
    };
    let message = Message {
        context,
        claimed,
        account,
        net: context.world.net(outgoing.account),
        letter: Letter {
            sender: outgoing.sender.clone(),
            envelope_id: outgoing.envelope_id(),
            bytes: context.store.outgoing_bytes(outgoing.id).await?.into(),
        },
        schedule: read_schedule(&context.store).await?,
        spoken_to: spoken_to(outgoing, &context.store.attempts(outgoing.id).await?),
    };
    let (groups, hosts) = message.by_route().await?;
    let reports = join_all(groups.into_iter().map(|(group, open)| message.send_group(group, &hosts, open))).await;
    reports.into_iter().collect::<Result<Vec<_>, _>>().map(|reports| reports.into_iter().flatten().collect())
}

/// What deliveries have in common that travel together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    /// The hosts that take their mail are the same ones.
    Direct { hosts: Vec<String>, reason: Option<String> },
    /// Who takes their mail cannot be said.
    Lost { domain: String, reason: Option<String> },
    /// The same smart host.
    SmartHost { name: String, reason: Option<String> },
}

/// The hosts of a domain, or why there are none.
type Hosts = Result<Vec<String>, Ended>;

impl Message<'_> {
    async fn by_route(&self) -> Result<(BTreeMap<Group, Vec<Open>>, BTreeMap<String, Hosts>), SettingsError> {
        let mut groups: BTreeMap<Group, Vec<Open>> = BTreeMap::new();
        let mut hosts: BTreeMap<String, Hosts> = BTreeMap::new();
        for delivery in &self.claimed.outgoing.deliveries {
            let policy = delivery.route.clone().unwrap_or_else(|| self.claimed.outgoing.route.clone());
            let choice = choose_route(&policy, &self.facts(delivery).await?);
            let group = match choice.route {
                Route::SmartHost(name) => Group::SmartHost { name, reason: choice.reason },
                Route::Direct => {
                    let domain = delivery.address.domain();
                    if !hosts.contains_key(domain) {
                        hosts.insert(domain.to_owned(), self.hosts_of(domain).await);
                    }
                    direct_group(domain, hosts.get(domain), choice.reason)
                }
            };
            let delivery = delivery.clone();
            let open = Open { delivery, policy, ends: Vec::new(), made: Vec::new(), enough: false };
            groups.entry(group).or_default().push(open);
        }
        Ok((groups, hosts))
    }

    async fn hosts_of(&self, domain: &str) -> Hosts {
        self.require_network()?;
        hosts_of(&self.net, domain).await
    }

    pub fn smart_host(&self) -> Option<&str> {
        Some(self.account.as_ref()?.smart_hosts.first()?.name.as_str())
    }

    pub fn sender_domain(&self) -> &str {
        self.letter.sender.as_ref().map_or("", |sender| sender.domain())
    }

    async fn send_group(
        &self,
        group: Group,
        found: &BTreeMap<String, Hosts>,
        open: Vec<Open>,
    ) -> Result<Vec<Report>, SettingsError> {
        match group {
            Group::SmartHost { name, reason } => self.through(&name, reason, open).await,
            Group::Direct { reason, .. } | Group::Lost { reason, .. } => {
                let domain = open.first().map(|open| open.delivery.address.domain().to_owned()).unwrap_or_default();
                let targets = match found.get(&domain) {
                    Some(Ok(hosts)) => self.targets(&domain, hosts).await,
                    Some(Err(ended)) => Err(ended.clone()),
                    None => Ok(Vec::new()),
                };
                self.direct(Way::direct(reason), targets, open).await
            }
        }
    }

    /// To the domain's own hosts; what they refuse for what we are goes on to the smart host, where auto may choose.
    async fn direct(
        &self,
        way: Way,
        targets: Result<Vec<Target>, Ended>,
        mut open: Vec<Open>,
    ) -> Result<Vec<Report>, SettingsError> {
        let mut reports = self.ask_or_end(&way, targets.map_err(|ended| (None, ended)), &mut open).await?;
        self.note_silence(&open);
        let other = self.smart_host().map(|name| Route::SmartHost(name.to_owned()));
        let (settled, switching) = self.conclude(&way, open, other.as_ref()).await?;
        reports.extend(settled);
        for (name, why, group) in self.switched(switching) {
            reports.extend(self.through(&name, Some(why), group).await?);
        }
        Ok(reports)
    }

    async fn ask_or_end(
        &self,
        way: &Way,
        targets: Result<Vec<Target>, (Option<String>, Ended)>,
        open: &mut Vec<Open>,
    ) -> Result<Vec<Report>, SettingsError> {
        match targets {
            Ok(targets) => self.ask_each(way, &targets, open).await,
            Err((host, ended)) => {
                self.end_all(way, host.as_deref(), &ended, open);
                Ok(Vec::new())
            }
        }
    }

    /// Settles those that nobody took: recorded together, but for those that go another way at once.
    async fn conclude(
        &self,
        way: &Way,
        open: Vec<Open>,
        other: Option<&Route>,
    ) -> Result<(Vec<Report>, Vec<(Open, Diagnosis)>), SettingsError> {
        let mut settled = Vec::new();
        let mut switching = Vec::new();
        for delivery in open {
            let auto = delivery.policy == RoutePolicy::Auto;
            match self.settle(&delivery, way, other.filter(|_| auto)).await? {
                Settled::Switch { diagnosis, .. } => {
                    self.learn_refusal(delivery.delivery.address.domain(), &diagnosis).await?;
                    switching.push((delivery, diagnosis));
                }
                Settled::State { state, next_attempt_at, counts, diagnosis } => {
                    settled.push(recorded(delivery, state, next_attempt_at, counts, Some(diagnosis)));
                }
            }
        }
        Ok((self.record(settled).await?, switching))
    }

    /// Those that go on to the smart host, put together by the reason for it.
    fn switched(&self, switching: Vec<(Open, Diagnosis)>) -> Vec<(String, String, Vec<Open>)> {
        let Some(name) = self.smart_host() else { return Vec::new() };
        let mut groups: BTreeMap<String, Vec<Open>> = BTreeMap::new();
        for (mut open, diagnosis) in switching {
            open.ends.clear();
            open.enough = false;
            groups.entry(diagnosis.title.clone()).or_default().push(open);
        }
        let because = |title: String| format!("Through {name}, because direct did not work: {title}");
        groups.into_iter().map(|(title, group)| (name.to_owned(), because(title), group)).collect()
    }

    async fn targets(&self, domain: &str, hosts: &[String]) -> Result<Vec<Target>, Ended> {
        let port = self.net.config().smtp_port;
        let targets = addresses_of(&self.net, domain, hosts, port, self.spoken_to.get(domain).copied()).await?;
        without_ourselves(domain, targets, is_ours(&self.net))
    }

    fn require_network(&self) -> Result<(), Ended> {
        if self.net.is_online() { Ok(()) } else { Err(ended(Phase::Prepare, Fault::NoNetwork)) }
    }

    /// Through a smart host.
    async fn through(
        &self,
        name: &str,
        reason: Option<String>,
        mut open: Vec<Open>,
    ) -> Result<Vec<Report>, SettingsError> {
        let mut way = Way {
            route: Route::SmartHost(name.to_owned()),
            reason,
            tls: TlsPolicy::Verified,
            implicit_tls: false,
            auth: None,
            only_data: false,
        };
        let targets = self.prepare(name, &mut way).await?;
        let mut reports = self.ask_or_end(&way, targets, &mut open).await?;
        let (settled, _) = self.conclude(&way, open, None).await?;
        reports.extend(settled);
        Ok(reports)
    }

    /// Looks the smart host up, its password and its addresses.
    async fn prepare(
        &self,
        name: &str,
        way: &mut Way,
    ) -> Result<Result<Vec<Target>, (Option<String>, Ended)>, SettingsError> {
        let Some((_, smart_host)) = self.context.store.smart_host(name).await? else {
            return Ok(Err((None, ended(Phase::Prepare, Fault::NoSuchSmartHost(name.to_owned())))));
        };
        let server = smart_host.server;
        way.implicit_tls = server.security == Security::Tls;
        if server.security == Security::None {
            way.tls = TlsPolicy::Plain;
        }
        let hosts = [server.host.clone()];
        let looked_up = async {
            way.auth = self.credentials(name, &server.user).await?;
            self.require_network()?;
            addresses_of(&self.net, &server.host, &hosts, server.port, None).await
        };
        Ok(looked_up.await.map_err(|ended| (Some(server.host.clone()), ended)))
    }

    async fn credentials(&self, name: &str, user: &str) -> Result<Option<Credentials>, Ended> {
        if user.is_empty() {
            return Ok(None);
        }
        match self.context.world.secrets(self.claimed.outgoing.account).get(&smart_host_key(name)).await {
            Ok(Some(password)) => Ok(Some(Credentials { user: user.to_owned(), password })),
            Ok(None) => Err(ended(Phase::Auth, Fault::NoPassword(name.to_owned()))),
            Err(error) => Err(ended(Phase::Auth, Fault::Local(error.to_string()))),
        }
    }
}

/// Which address answered last for each domain: `attempts` are the newest first.
fn spoken_to(outgoing: &Outgoing, attempts: &[Attempt]) -> BTreeMap<String, IpAddr> {
    let mut spoken_to = BTreeMap::new();
    let direct = attempts.iter().filter(|attempt| attempt.route == Route::Direct && attempt.reply.is_some());
    for attempt in direct {
        let delivery = outgoing.deliveries.iter().find(|delivery| delivery.id == attempt.delivery);
        let address = attempt.address.as_deref().and_then(|address| address.parse().ok());
        if let (Some(delivery), Some(address)) = (delivery, address) {
            spoken_to.entry(delivery.address.domain().to_owned()).or_insert(address);
        }
    }
    spoken_to
}

/// Domains with the same hosts share a group, in whatever order chance put equals.
fn direct_group(domain: &str, hosts: Option<&Hosts>, reason: Option<String>) -> Group {
    match hosts {
        Some(Ok(hosts)) => {
            let mut hosts = hosts.clone();
            hosts.sort();
            Group::Direct { hosts, reason }
        }
        _ => Group::Lost { domain: domain.to_owned(), reason },
    }
}

pub(crate) fn ended(phase: Phase, fault: Fault) -> Ended {
    Ended { phase, outcome: fault.into() }
}
