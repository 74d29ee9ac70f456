//! One claimed message: its deliveries are put together by route and host, tried, settled and recorded.

use crate::asking::Open;
use crate::content::Bytes;
use crate::context::Context;
use crate::conversation::{Letter, Renewal, Way};
use crate::known::Known;
use crate::lanes::{Pass, Turned};
use crate::ledger::recorded;
use crate::parties::Hosts;
use crate::policy::{DomainPolicy, Rules};
use crate::runner::Report;
use crate::settle::Settled;
use crate::silence::Silence;
use crate::targets::{Target, addresses_of, hosts_of, is_ours, secured, without_ourselves};
use crate::{SettingsError, read_schedule};
use advisor::{instead_of, next_smart_host};
use jiff::Timestamp;
use model::{
    Account, Counts, DeliveryState, Diagnosis, Fault, LoginForm, Outcome, Phase, Route, Schedule, Security, Server,
    SmartHost, TlsDemand, TlsPolicy,
};
use net::{MxHost, Net};
use smtp::{Credentials, Ended};
use std::collections::BTreeMap;
use store::{Claimed, Family, SecretsError, smart_host_key};
use tokio::sync::OnceCell;

/// Everything about the message that its groups share.
pub(crate) struct Message<'a> {
    pub context: &'a Context,
    pub claimed: &'a Claimed,
    pub account: Option<Account>,
    pub net: Net,
    pub letter: Letter,
    pub schedule: Schedule,
    /// What was found of the network, where a route hung on that.
    pub found: OnceCell<Known>,
    /// How often the network had changed when the message was taken in hand.
    pub begun_on: u64,
}

/// Tries every delivery of a claimed message, and records what came of each.
pub(crate) async fn dispatch(context: &Context, claimed: &Claimed) -> Result<Vec<Report>, SettingsError> {
    Message::taken_in_hand(context, claimed).await?.send_all().await
}

/// Small letters are at hand, large ones stay where they are.
async fn bytes_of(context: &Context, claimed: &Claimed) -> Result<Bytes, SettingsError> {
    let outgoing = &claimed.outgoing;
    match &claimed.bytes {
        Some(bytes) => Ok(Bytes::here(bytes.clone())),
        None => Ok(Bytes::stored(context.store.clone(), outgoing.id, outgoing.size).await?),
    }
}

impl<'a> Message<'a> {
    async fn taken_in_hand(context: &'a Context, claimed: &'a Claimed) -> Result<Self, SettingsError> {
        let outgoing = &claimed.outgoing;
        let account = match outgoing.account {
            Some(id) => context.store.account(id).await?,
            None => None,
        };
        let net = context.world.net(outgoing.account);
        let begun_on = *net.changes().borrow();
        Ok(Self {
            context,
            claimed,
            account,
            net,
            begun_on,
            letter: Letter {
                sender: outgoing.sender.clone(),
                envelope_id: outgoing.envelope_id(),
                bytes: bytes_of(context, claimed).await?,
                require_tls: outgoing.require_tls,
                ordered: !claimed.ordered.is_empty(),
            },
            schedule: read_schedule(&context.store).await?,
            found: OnceCell::new(),
        })
    }
}

impl Message<'_> {
    /// Looks up who takes the mail of a domain, and what they have to show.
    pub async fn hosts_of(&self, domain: &str) -> Result<Hosts, SettingsError> {
        let rules = Rules::read(&self.context.store).await?;
        let found = async {
            self.require_network()?;
            hosts_of(&self.net, domain, rules.ask(self.letter.require_tls)).await
        };
        let (hosts, proof) = match found.await {
            Ok(found) => found,
            Err(ended) => return Ok(Err(ended)),
        };
        let learned = self.context.store.learned(domain).await?;
        let policy = DomainPolicy::of(self.context, &self.net, rules, domain, proof, self.letter.require_tls).await?;
        let port = self.net.config().smtp_port;
        let preferred = self.claimed.spoken_to.get(domain).copied().map(Family::of).or(learned.family);
        let looked_up = async {
            let opportunistic = TlsDemand::new(TlsPolicy::Opportunistic, "");
            let targets = addresses_of(&self.net, domain, &hosts, port, preferred, &opportunistic).await?;
            let mut targets = secured(&policy, without_ourselves(domain, targets, is_ours(&self.net))?).await?;
            let only_data = learned.only_data(self.context.clock.now());
            targets.iter_mut().for_each(|target| target.only_data = only_data);
            Ok(targets)
        };
        Ok(looked_up.await)
    }

    /// The account's smart hosts, in the order in which they are tried.
    fn smart_hosts(&self) -> &[SmartHost] {
        self.account.as_ref().map_or(&[], |account| &account.smart_hosts)
    }

    /// Who could not be reached of late, in the world of this letter.
    pub fn silence(&self) -> &Silence {
        self.context.silence(self.practises())
    }

    /// Whether it is not the hosts but the network, by what was heard since that was last looked at.
    pub fn is_shut_in(&self) -> bool {
        let looked_at = self.found.get().map_or(Timestamp::MIN, Known::looked_at);
        self.silence().is_general(looked_at, self.context.clock.now())
    }

    /// Whether the network is another one than when the message was taken in hand: what came of it says nothing of that one.
    pub fn has_moved(&self) -> bool {
        *self.net.changes().borrow() != self.begun_on
    }

    /// Whether it is a letter of the practice world.
    pub fn practises(&self) -> bool {
        self.account.as_ref().is_some_and(|account| account.practice)
    }

    pub fn sender_domain(&self) -> &str {
        self.letter.sender.as_ref().map_or("", |sender| sender.domain())
    }

    /// To hosts that these have in common.
    pub async fn send_party(
        &self,
        reason: Option<String>,
        hosts: Hosts,
        open: Vec<Open>,
    ) -> Result<Vec<Report>, SettingsError> {
        let spoken_to = open.first().and_then(|open| self.claimed.spoken_to.get(open.delivery.address.domain()));
        self.direct(Way::direct(reason, spoken_to.copied()), hosts, open).await
    }

    /// To the domain's own hosts; what they refuse for what we are goes on to the smart host, where auto may choose.
    async fn direct(
        &self,
        way: Way,
        targets: Result<Vec<Target>, Ended>,
        mut open: Vec<Open>,
    ) -> Result<Vec<Report>, SettingsError> {
        let targets = targets.map_err(|ended| (host_of(&ended), ended));
        let mut reports = self.ask_or_end(&way, targets, &mut open).await?;
        self.note_silence(&open).await;
        let other = self.smart_hosts().first().map(|smart_host| Route::SmartHost(smart_host.name.clone()));
        let (settled, switching) = self.conclude(&way, open, other.as_ref()).await?;
        reports.extend(settled);
        if let Some(Route::SmartHost(name)) = other {
            for (why, group) in switched(&name, switching) {
                reports.extend(self.through(&name, Some(why), group).await?);
            }
        }
        Ok(reports)
    }

    async fn ask_or_end(
        &self,
        way: &Way,
        targets: Result<Vec<Target>, (Option<String>, Ended)>,
        open: &mut Vec<Open>,
    ) -> Result<Vec<Report>, SettingsError> {
        let targets = match targets {
            Ok(targets) => targets,
            Err((host, ended)) => {
                self.end_all(way, host.as_deref(), &ended, open);
                return Ok(Vec::new());
            }
        };
        let ordered = open.iter().any(|open| self.claimed.ordered.contains(&open.delivery.id));
        match self.turn(&destination(way, &targets), ordered).await {
            Ok(pass) => self.ask_each(way, &targets, pass, open).await,
            Err(Turned::Closing) => self.give_back(std::mem::take(open)).await,
            Err(turned) => {
                self.turn_away(way, &turned, open);
                Ok(Vec::new())
            }
        }
    }

    /// Waits until the destination has room, and the wire is free.
    async fn turn(&self, destination: &str, ordered: bool) -> Result<Pass, Turned> {
        let pass = self.context.lanes.enter(destination, ordered, self.context.clock.now()).await?;
        if self.context.wire.is_free().await { Ok(pass) } else { Err(Turned::Closing) }
    }

    /// Puts back what was not begun: due as it was, by whoever comes next.
    async fn give_back(&self, open: Vec<Open>) -> Result<Vec<Report>, SettingsError> {
        let as_it_was = |open: Open| {
            let diagnosis = open.delivery.diagnosis.clone();
            // One that is queued with a diagnosis is one that the user ordered.
            let state = if diagnosis.is_some() { DeliveryState::Deferred } else { DeliveryState::Queued };
            recorded(open, state, Some(self.context.clock.now()), Counts::No, diagnosis)
        };
        self.record(open.into_iter().map(as_it_was).collect()).await
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
            match self.settle(&delivery, way, other.filter(|_| delivery.basis.may_leave_direct())).await? {
                Settled::Switch { diagnosis, .. } => {
                    switching.push((delivery, diagnosis));
                }
                Settled::State { state, next_attempt_at, counts, diagnosis } => {
                    let (next_attempt_at, counts) = rested(state, next_attempt_at, counts, delivery.rests_until);
                    settled.push(recorded(delivery, state, next_attempt_at, counts, Some(diagnosis)));
                }
            }
        }
        Ok((self.record(settled).await?, switching))
    }

    fn require_network(&self) -> Result<(), Ended> {
        self.net.what_is_missing().map_or(Ok(()), |fault| Err(ended(Phase::Prepare, fault)))
    }

    /// Through a smart host, and through the next one where that may take the place of one that cannot be reached.
    pub async fn through(
        &self,
        name: &str,
        reason: Option<String>,
        mut open: Vec<Open>,
    ) -> Result<Vec<Report>, SettingsError> {
        let (mut name, mut reason) = (name.to_owned(), reason);
        let mut tried: Vec<String> = Vec::new();
        let mut reports = Vec::new();
        while !open.is_empty() {
            let mut way = Way {
                route: Route::SmartHost(name.clone()),
                reason: reason.take(),
                implicit_tls: false,
                auth: None,
                renewal: None,
                before: None,
            };
            let targets = self.prepare(&name, &mut way).await?;
            reports.extend(self.ask_or_end(&way, targets, &mut open).await?);
            tried.push(name.clone());
            let (next, going_on, ending) = self.next_smart_host(&tried, open);
            reports.extend(self.conclude(&way, ending, None).await?.0);
            open = going_on;
            if let Some(next) = next {
                reason = Some(instead_of(&next, &name));
                name = next;
            }
        }
        Ok(reports)
    }

    /// Who goes on to another smart host, and to which; the others come to their end here.
    fn next_smart_host(&self, tried: &[String], open: Vec<Open>) -> (Option<String>, Vec<Open>, Vec<Open>) {
        let tried: Vec<&str> = tried.iter().map(String::as_str).collect();
        let next_of = |open: &Open| {
            let end = &open.ends.last()?.ended;
            next_smart_host(open.basis, self.smart_hosts(), &tried, end.phase, &end.outcome)
        };
        let next = open.iter().find_map(next_of).map(|smart_host| smart_host.name.clone());
        let (mut going_on, ending): (Vec<Open>, Vec<Open>) =
            open.into_iter().partition(|open| next_of(open).is_some());
        // What the one before came to still counts: it may be back before the user has acted on what the next one said.
        going_on.iter_mut().for_each(Open::ask_again);
        (next, going_on, ending)
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
        let demand = TlsDemand::of_server(&server);
        let hosts = [MxHost { name: server.host.clone(), preference: 0 }];
        let looked_up = async {
            way.auth = self.credentials(name, &server).await?;
            way.renewal = way.auth.as_ref().and_then(|login| self.renewal(name, login));
            self.require_network()?;
            addresses_of(&self.net, &server.host, &hosts, server.port, None, &demand).await
        };
        Ok(looked_up.await.map_err(|ended| (Some(server.host.clone()), ended)))
    }

    async fn credentials(&self, name: &str, server: &Server) -> Result<Option<Credentials>, Ended> {
        if server.user.is_empty() {
            return Ok(None);
        }
        let secrets = self.context.world.secrets(self.claimed.outgoing.account);
        match secrets.login(&smart_host_key(name), server.login).await {
            Ok(Some(secret)) => Ok(Some(Credentials { user: server.user.clone(), secret, form: server.login })),
            Ok(None) => Err(ended(Phase::Auth, Fault::NoPassword(name.to_owned()))),
            Err(SecretsError::SignInAgain(_)) => Err(ended(Phase::Auth, Fault::SignInAgain(name.to_owned()))),
            Err(error) => Err(ended(Phase::Auth, Fault::Local(error.to_string()))),
        }
    }

    /// Where another token is to be had, should this one be refused.
    fn renewal(&self, name: &str, login: &Credentials) -> Option<Renewal> {
        let secrets = self.context.world.secrets(self.claimed.outgoing.account);
        (login.form == LoginForm::Token).then(|| Renewal { secrets, key: smart_host_key(name) })
    }
}

/// A delivery whose destination is left alone waits for that, which is no try of its own.
fn rested(
    state: DeliveryState,
    next: Option<Timestamp>,
    counts: Counts,
    until: Option<Timestamp>,
) -> (Option<Timestamp>, Counts) {
    match until {
        Some(until) if state == DeliveryState::Deferred => (Some(until), Counts::No),
        _ => (next, counts),
    }
}

/// The host that a fault names, where no host was dialed for it.
fn host_of(ended: &Ended) -> Option<String> {
    match &ended.outcome {
        Outcome::Failed(Fault::NotInPolicy { host, .. }) => Some(host.clone()),
        _ => None,
    }
}

/// What a lane goes by: the hosts, in whatever order, or the smart host.
fn destination(way: &Way, targets: &[Target]) -> String {
    let mut hosts: Vec<&str> = targets.iter().map(|target| target.host.as_str()).collect();
    hosts.sort_unstable();
    format!("{}: {}", way.route, hosts.join(" "))
}

/// Those that go on to the smart host, put together by the reason for it.
fn switched(name: &str, switching: Vec<(Open, Diagnosis)>) -> Vec<(String, Vec<Open>)> {
    let mut groups: BTreeMap<String, Vec<Open>> = BTreeMap::new();
    for (mut open, diagnosis) in switching {
        open.begin_again();
        groups.entry(diagnosis.title).or_default().push(open);
    }
    let because = |title: String| format!("Through {name}, because direct did not work: {title}");
    groups.into_iter().map(|(title, group)| (because(title), group)).collect()
}

pub(crate) fn ended(phase: Phase, fault: Fault) -> Ended {
    Ended { phase, outcome: fault.into() }
}

#[cfg(test)]
mod tests;
