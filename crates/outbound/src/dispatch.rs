//! One claimed message: its deliveries are put together by route and host, tried, settled and recorded.

use crate::context::Context;
use crate::conversation::{Letter, Tried, Way, hold};
use crate::round::{After, after, decisive};
use crate::runner::Report;
use crate::settle::{Circumstances, Settled, settle};
use crate::targets::{Target, addresses_of, hosts_of, is_ours, without_ourselves};
use crate::{SettingsError, read_schedule};
use advisor::{Choice, RouteFacts, Standing, choose_route};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use model::{
    Account, Class, Counts, Delivery, DeliveryState, Diagnosis, Fault, Known, Outcome, Phase, Route, RoutePolicy,
    Schedule, Security, TlsPolicy, diagnose,
};
use net::Net;
use smtp::{Credentials, Ended};
use std::collections::BTreeMap;
use store::{Claimed, Made, Recorded, Store, StoreError, smart_host_key};

/// How long a domain's refusal of our address keeps auto from trying it direct again.
const REFUSAL_REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Deliveries of a message that are still to be settled in this round.
struct Open {
    delivery: Delivery,
    policy: RoutePolicy,
    ends: Vec<Ended>,
    made: Vec<Made>,
    /// No further host may be asked in this round.
    enough: bool,
}

/// Everything about the message that its groups share.
struct Message<'a> {
    context: &'a Context,
    claimed: &'a Claimed,
    account: Option<Account>,
    net: Net,
    letter: Letter,
    schedule: Schedule,
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
            bytes: context.store.outgoing_bytes(outgoing.id).await?.into(),
        },
        schedule: read_schedule(&context.store).await?,
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

    async fn facts<'a>(&'a self, delivery: &'a Delivery) -> Result<RouteFacts<'a>, SettingsError> {
        let domain = delivery.address.domain();
        let learned = self.context.store.learned(domain).await?;
        Ok(RouteFacts {
            smart_host: self.smart_host(),
            sender_domain: self.sender_domain(),
            recipient_domain: domain,
            standing: standing(&self.net),
            refused_us: recent_refusal(&learned, self.context.clock.now()),
        })
    }

    fn smart_host(&self) -> Option<&str> {
        Some(self.account.as_ref()?.smart_hosts.first()?.name.as_str())
    }

    fn sender_domain(&self) -> &str {
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
        let mut reports = Vec::new();
        match targets {
            Ok(targets) => reports.extend(self.ask_each(&way, &targets, &mut open).await?),
            Err(ended) => self.end_all(&way, None, &ended, &mut open),
        }
        self.note_silence(&open);
        let other = self.smart_host().map(|name| Route::SmartHost(name.to_owned()));
        let mut switching = Vec::new();
        for delivery in open {
            let auto = delivery.policy == RoutePolicy::Auto;
            match self.settle(&delivery, &way, other.as_ref().filter(|_| auto)).await? {
                Settled::Switch { diagnosis, .. } => {
                    self.learn_refusal(delivery.delivery.address.domain(), &diagnosis).await?;
                    switching.push((delivery, diagnosis));
                }
                Settled::State { state, next_attempt_at, counts, diagnosis } => {
                    let recorded = recorded(delivery, state, next_attempt_at, counts, Some(diagnosis));
                    reports.extend(self.record(vec![recorded]).await?);
                }
            }
        }
        for (name, why, group) in self.switched(switching) {
            reports.extend(self.through(&name, Some(why), group).await?);
        }
        Ok(reports)
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
        let targets = addresses_of(&self.net, domain, hosts, self.net.config().smtp_port).await?;
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
        };
        let mut reports = Vec::new();
        match self.prepare(name, &mut way).await? {
            Ok(targets) => reports.extend(self.ask_each(&way, &targets, &mut open).await?),
            Err((host, ended)) => self.end_all(&way, host.as_deref(), &ended, &mut open),
        }
        for delivery in open {
            if let Settled::State { state, next_attempt_at, counts, diagnosis } =
                self.settle(&delivery, &way, None).await?
            {
                let recorded = recorded(delivery, state, next_attempt_at, counts, Some(diagnosis));
                reports.extend(self.record(vec![recorded]).await?);
            }
        }
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
            addresses_of(&self.net, &server.host, &hosts, server.port).await
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

    /// Asks one address after the other until nobody is left to be asked for. Who was taken is recorded after each.
    async fn ask_each(
        &self,
        way: &Way,
        targets: &[Target],
        open: &mut Vec<Open>,
    ) -> Result<Vec<Report>, SettingsError> {
        let mut reports = Vec::new();
        for target in targets {
            for attempt in 0..2 {
                let clear = Way { tls: TlsPolicy::Plain, ..way.clone() };
                let way = if attempt == 0 { way } else { &clear };
                let (encryption_failed, taken) = self.ask(way, target, open).await;
                reports.extend(self.record(taken).await?);
                if !encryption_failed {
                    break;
                }
            }
            if open.iter().all(|open| open.enough) {
                break;
            }
        }
        Ok(reports)
    }

    /// One conversation for all that may still be asked for. Who was taken leaves `open`.
    async fn ask(&self, way: &Way, target: &Target, open: &mut Vec<Open>) -> (bool, Vec<Recorded>) {
        let (asked, waiting): (Vec<Open>, Vec<Open>) =
            std::mem::take(open).into_iter().partition(|open| !open.enough);
        *open = waiting;
        if asked.is_empty() {
            return (false, Vec::new());
        }
        let recipients = asked.iter().map(|open| open.delivery.address.clone()).collect();
        let tried = hold(self.context, &self.net, way, target, &self.letter, recipients).await;
        if tried.results.iter().any(|result| result.phase > Phase::Connect) {
            self.context.silence.end();
        }
        let mut taken = Vec::new();
        for (mut delivery, result) in asked.into_iter().zip(&tried.results) {
            let then = after(result, tried.sent_final_dot);
            let diagnosis = (then != After::Taken)
                .then(|| diagnose(result.phase, &result.outcome, &self.known(&delivery, &way.route, tried.host())));
            let attempt = tried.attempt_for(&delivery.delivery, result, diagnosis);
            delivery.made.push(Made { attempt, transcript: tried.transcript.clone() });
            if then == After::Taken {
                taken.push(recorded(delivery, taken_state(&way.route), None, Counts::Yes, None));
                continue;
            }
            delivery.ends.push(Ended { phase: result.phase, outcome: result.outcome.clone() });
            delivery.enough = then == After::Enough;
            open.push(delivery);
        }
        (tried.encryption_failed, taken)
    }

    /// The same end for all, without a conversation.
    fn end_all(&self, way: &Way, host: Option<&str>, ended: &Ended, open: &mut [Open]) {
        let tried = Tried::nowhere(self.context, way, host, ended, 1);
        for open in open {
            let known = self.known(open, &way.route, tried.host());
            let diagnosis = diagnose(ended.phase, &ended.outcome, &known);
            for result in &tried.results {
                let attempt = tried.attempt_for(&open.delivery, result, Some(diagnosis.clone()));
                open.made.push(Made { attempt, transcript: None });
            }
            open.ends.push(ended.clone());
        }
    }

    fn known(&self, open: &Open, route: &Route, host: &str) -> Known {
        Known {
            host: host.to_owned(),
            sender_domain: self.sender_domain().to_owned(),
            tries: open.delivery.tries,
            all_hosts_silent: self.context.silence.is_general(),
            ..Known::new(route.clone(), open.delivery.address.domain(), open.delivery.address.to_string())
        }
    }

    async fn settle(&self, open: &Open, way: &Way, other: Option<&Route>) -> Result<Settled, SettingsError> {
        let unanswered = ended(Phase::Prepare, Fault::Local("no host was asked".to_owned()));
        let end = decisive(&open.ends).unwrap_or(&unanswered);
        let host = open.made.last().and_then(|made| made.attempt.host.clone()).unwrap_or_default();
        let learned = self.context.store.learned(open.delivery.address.domain()).await?;
        let circumstances = Circumstances {
            now: self.context.clock.now(),
            created_at: self.claimed.outgoing.created_at,
            learned_greylist_delay: learned.greylist_seconds.map(std::time::Duration::from_secs),
            other_route: other,
            jitter: rand::random_range(-1.0..=1.0),
            schedule: &self.schedule,
        };
        Ok(settle(&open.delivery, end, &self.known(open, &way.route, &host), &circumstances))
    }

    /// Nobody answered at any address of these domains: that may be the network's doing.
    fn note_silence(&self, open: &[Open]) {
        let silent = |end: &Ended| matches!(end.outcome, Outcome::Failed(Fault::ConnectTimeout(_)));
        for open in open.iter().filter(|open| !open.ends.is_empty() && open.ends.iter().all(silent)) {
            self.context.silence.heard_nothing(open.delivery.address.domain());
        }
    }

    async fn learn_refusal(&self, domain: &str, diagnosis: &Diagnosis) -> Result<(), SettingsError> {
        let about_us = matches!(
            diagnosis.class,
            Class::SenderDynamicIp | Class::SenderNoRdns | Class::SenderBlocklisted | Class::SenderUnauthenticated
        );
        if about_us {
            let (class, now) = (diagnosis.class, self.context.clock.now());
            let learn = move |learned: &mut store::Learned| {
                learned.refused_us = Some(class);
                learned.last_failure = Some(now);
            };
            self.context.store.learn(domain, learn).await?;
        }
        Ok(())
    }

    /// One transaction on disk for what is settled, then word of it.
    async fn record(&self, recorded: Vec<Recorded>) -> Result<Vec<Report>, SettingsError> {
        if recorded.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.context.clock.now();
        let reports = recorded.iter().map(|recorded| self.report(recorded)).collect();
        let lessons = self.lessons(&recorded);
        self.context.store.record(&self.context.owner, now, recorded).await?;
        for (domain, greylist_seconds) in lessons {
            let learn = move |learned: &mut store::Learned| {
                learned.first_seen.get_or_insert(now);
                learned.last_success = Some(now);
                learned.refused_us = None;
                learned.greylist_seconds = greylist_seconds.or(learned.greylist_seconds);
            };
            self.context.store.learn(&domain, learn).await?;
        }
        Ok(reports)
    }

    /// What a direct success teaches of its domain: that it takes our mail, and how long it let us wait. The wait is
    /// counted from Send, since the first attempt followed at once.
    fn lessons(&self, recorded: &[Recorded]) -> Vec<(String, Option<u64>)> {
        let direct = recorded.iter().filter(|recorded| recorded.state == DeliveryState::Accepted);
        direct
            .filter_map(|recorded| {
                let delivery = self.delivery(recorded)?;
                let greylisted =
                    delivery.diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.class == Class::Greylisted);
                let waited = self.context.clock.now().duration_since(self.claimed.outgoing.created_at);
                let seconds = u64::try_from(waited.as_secs()).ok().filter(|_| greylisted);
                Some((delivery.address.domain().to_owned(), seconds))
            })
            .collect()
    }

    fn delivery(&self, recorded: &Recorded) -> Option<&Delivery> {
        self.claimed.outgoing.deliveries.iter().find(|delivery| delivery.id == recorded.delivery)
    }

    fn report(&self, recorded: &Recorded) -> Report {
        Report {
            outgoing: self.claimed.outgoing.id,
            delivery: recorded.delivery,
            address: self.delivery(recorded).map(|delivery| delivery.address.to_string()).unwrap_or_default(),
            subject: self.claimed.outgoing.subject.clone(),
            state: recorded.state,
            title: recorded.diagnosis.as_ref().map(|diagnosis| diagnosis.title.clone()).unwrap_or_default(),
        }
    }
}

/// What `policy` would choose for a domain now, and why.
pub async fn preview(
    store: &Store,
    net: &Net,
    account: &Account,
    policy: &RoutePolicy,
    domain: &str,
) -> Result<Choice, StoreError> {
    let learned = store.learned(domain).await?;
    let facts = RouteFacts {
        smart_host: account.smart_hosts.first().map(|smart_host| smart_host.name.as_str()),
        sender_domain: account.address.domain(),
        recipient_domain: domain,
        standing: standing(net),
        refused_us: recent_refusal(&learned, Timestamp::now()),
    };
    Ok(choose_route(policy, &facts))
}

/// A refusal for what we are is held against direct sending for a day: by then the network may be another one.
fn recent_refusal(learned: &store::Learned, now: Timestamp) -> Option<Class> {
    let age = now.duration_since(learned.last_failure?);
    learned.refused_us.filter(|_| age < REFUSAL_REMEMBERED)
}

/// How this network looks to the hosts that it reaches: name servers on loopback mean that they are on this computer.
fn standing(net: &Net) -> Standing {
    let servers = &net.config().dns;
    let here = !servers.is_empty() && servers.iter().all(|server| server.ip().is_loopback());
    if here { Standing::Loopback } else { Standing::Unproven }
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

fn taken_state(route: &Route) -> DeliveryState {
    match route {
        Route::Direct => DeliveryState::Accepted,
        Route::SmartHost(_) => DeliveryState::Relayed,
    }
}

fn recorded(
    open: Open,
    state: DeliveryState,
    next_attempt_at: Option<Timestamp>,
    counts: Counts,
    diagnosis: Option<Diagnosis>,
) -> Recorded {
    Recorded { delivery: open.delivery.id, attempts: open.made, state, next_attempt_at, counts, diagnosis }
}

fn ended(phase: Phase, fault: Fault) -> Ended {
    Ended { phase, outcome: fault.into() }
}
