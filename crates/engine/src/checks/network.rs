//! The check of a network. What is asked of it is asked side by side:
//!
//! - the MXs of the user's own domains and of some correspondents, at port 25, over each family;
//! - the smart hosts, at their ports;
//! - the name servers;
//! - and then, when it is known how others see this computer, the name of that address and the lists.
//!
//! The first three end by [`PROBING`], the last by the time that a check may take at all.

use super::lookups::{self, asked};
use super::visits::{Encryption, probe};
use super::{CheckNetworkArgs, CheckReport, Place, helo, local_address, whom};
use crate::Engine;
use crate::error::Error;
use advisor::checks::Timed;
use advisor::checks::finding::Finding;
use advisor::checks::lists::{LISTS, ListSeen, address_list};
use advisor::checks::network::{
    AddressSeen, IpFamily, LearnedFrom, Port25Seen, Probe, ProbeEnd, SubmissionSeen, TimeSeen, WayOut, clock,
    public_address, submission, vpn, way_out,
};
use advisor::checks::resolver::{Missing, Provable, ResolverSeen, resolver};
use advisor::checks::reverse_name::{ReverseSeen, reverse_name};
use advisor::checks::{greeting, network};
use advisor::{provider_of, verdict};
use futures::future::{join, join_all};
use jiff::Timestamp;
use model::{Account, DnsFault, EmailAddress, Fault};
use net::{Net, is_public};
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};

/// By when the hosts have to have answered.
const PROBING: Duration = Duration::from_millis(12_300);
/// How long an address that belongs to nobody is given to answer all the same.
const CONTROL: Duration = Duration::from_secs(3);
/// An address that belongs to nobody (RFC 5737).
const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// The ports at which smart hosts take letters.
const SUBMISSION_PORTS: [u16; 2] = [465, 587];
/// Letters of a name that surely does not exist.
const MADE_UP: usize = 16;

/// A host that is asked, and whether it has been seen to encrypt.
#[derive(Clone)]
struct Asked {
    host: String,
    addresses: Vec<IpAddr>,
    encrypted_before: bool,
}

impl Engine {
    pub(crate) async fn check_network(&self, args: CheckNetworkArgs) -> Result<CheckReport, Error> {
        let began = Instant::now();
        let place = self.place(args.account).await?;
        let way = match place.net.what_is_missing() {
            None => WayOut::Open,
            Some(Fault::CaptivePortal) => WayOut::Portal,
            Some(_) => WayOut::NoNetwork,
        };
        let mut findings = vec![way_out(way)];
        // Whatever else would be asked, it is the login page that would answer, or nobody.
        if way == WayOut::Open {
            findings.extend(self.look_around(&place, began).await?);
        }
        Ok(CheckReport::new(verdict::direct(&findings), findings, began))
    }

    async fn look_around(&self, place: &Place, began: Instant) -> Result<Vec<Finding>, Error> {
        let net = &place.net;
        let own = own_domains(&place.accounts);
        let domains = whom::domains(&own, &self.domains_written_to(place).await?);
        let deadline = began + PROBING;
        let ((port_25, smart_host), (resolver_seen, nobody)) = join(
            join(self.ask_mail_hosts(place, &domains, deadline), ask_smart_hosts(net, &place.accounts, deadline)),
            join(look_at_name_servers(net, own.first()), ask_nobody(net)),
        )
        .await;
        let all: Vec<Probe> = port_25.iter().chain(probes_of(&smart_host)).cloned().collect();
        let seen_as = addresses_told(&all);
        let families = families_told(net, &seen_as);
        let outside = known_outside(&families);
        self.inner.checks.note(place.world, outside.clone());
        let names = look_at_addresses(net, &outside, own.iter().find(|domain| provider_of(domain).is_none())).await;

        let ports = families.each_ref().map(|seen| Port25Seen {
            family: seen.family,
            has_address: seen.local.is_some(),
            // A router answers for its own address from inside as the network pleases.
            probes: of_family(&port_25, seen.family, &outside),
            nobody_answers: nobody.clone().filter(|_| seen.family == IpFamily::V4),
        });
        let mut findings: Vec<Finding> = ports.iter().map(network::port_25).collect();
        findings.push(submission(smart_host.as_ref()));
        findings.extend(families.iter().filter(|seen| seen.local.is_some()).map(public_address));
        findings.extend(names);
        findings.extend(resolver(&resolver_seen));
        findings.push(vpn(families.iter().find_map(|seen| net.interface_of(seen.local?)).as_deref()));
        findings.push(clock(&times_told(&all, Timestamp::now(), began)));
        Ok(findings)
    }

    /// The addresses that others see, as far as somebody says it: asked for once in a network.
    pub(super) async fn outside(&self, place: &Place) -> Result<Vec<IpAddr>, Error> {
        let net = &place.net;
        if let Some(known) = self.inner.checks.seen_as(place.world) {
            return Ok(known);
        }
        if net.what_is_missing().is_some() {
            return Ok(Vec::new());
        }
        let deadline = Instant::now() + PROBING;
        let domains = whom::domains(&own_domains(&place.accounts), &self.domains_written_to(place).await?);
        let mail_hosts = self.ask_mail_hosts(place, &domains, deadline);
        let (mut all, smart_host) = join(mail_hosts, ask_smart_hosts(net, &place.accounts, deadline)).await;
        all.extend(probes_of(&smart_host).cloned());
        let outside = known_outside(&families_told(net, &addresses_told(&all)));
        self.inner.checks.note(place.world, outside.clone());
        Ok(outside)
    }

    /// The domains of those who were written to, with how many letters went there.
    async fn domains_written_to(&self, place: &Place) -> Result<Vec<(String, u32)>, Error> {
        // What is learned of people is not kept by world; the practice domains are nobody's outside, and the other way round.
        if place.accounts.iter().any(|account| account.practice) {
            return Ok(Vec::new());
        }
        let practises = self.store().accounts().await?.iter().any(|account| account.practice);
        let people = self.store().correspondents().await?;
        let of = |address: &str| EmailAddress::parse(address).ok().map(|address| address.domain().to_owned());
        let domains = people.into_iter().filter_map(|one| Some((of(&one.address)?, one.dealings.sent)));
        // All of the practice world is below it, and nobody else's domain is (RFC 6761 §6.2).
        Ok(domains.filter(|(domain, _)| !(practises && domain.ends_with(".test"))).collect())
    }

    /// Asks the hosts of these domains, each at one address of each family.
    async fn ask_mail_hosts(&self, place: &Place, domains: &[String], deadline: Instant) -> Vec<Probe> {
        let net = &place.net;
        let found = domains.iter().map(async |domain| {
            let takes = lookups::takes_mail(net, domain).await.value;
            let before = self.store().learned(domain).await.map(|learned| learned.encryption).unwrap_or_default();
            let hosts = lookups::hosts_of(domain, &takes);
            (hosts, before.into_keys().collect::<Vec<String>>())
        });
        let found = join_all(found).await;
        let encrypted: HashSet<&String> = found.iter().flat_map(|(_, encrypted)| encrypted).collect();
        let hosts: Vec<Vec<String>> = found.iter().map(|(hosts, _)| hosts.clone()).collect();
        let chosen = join_all(whom::hosts(&hosts).into_iter().map(async |host| {
            let addresses = lookups::addresses(net, &host).await.value.unwrap_or_default();
            Asked { encrypted_before: encrypted.contains(&host), host, addresses }
        }))
        .await;
        let name = helo(net).await;
        let port = net.config().smtp_port;
        let asking = chosen.iter().flat_map(|one| {
            let of = |family| one.addresses.iter().find(move |ip| IpFamily::of(**ip) == family);
            let usable = |ip: &&IpAddr| local_address(net, IpFamily::of(**ip)).is_some();
            let addresses = [of(IpFamily::V4), of(IpFamily::V6)].into_iter().flatten().filter(usable);
            let name = &name;
            addresses.map(move |ip| ask(net, name, one, SocketAddr::new(*ip, port), Encryption::None, deadline))
        });
        join_all(asking).await
    }
}

/// How this computer looks from outside, by what was told.
fn families_told(net: &Net, seen_as: &[(IpAddr, LearnedFrom)]) -> [AddressSeen; 2] {
    [IpFamily::V4, IpFamily::V6].map(|family| AddressSeen {
        family,
        local: local_address(net, family),
        is_public: local_address(net, family).is_some_and(is_public),
        seen_as: seen_as.iter().filter(|(ip, _)| IpFamily::of(*ip) == family).cloned().collect(),
    })
}

fn known_outside(families: &[AddressSeen]) -> Vec<IpAddr> {
    families.iter().filter_map(AddressSeen::outside).filter(|ip| is_public(*ip)).collect()
}

async fn ask(
    net: &Net,
    helo: &str,
    asked: &Asked,
    address: SocketAddr,
    encryption: Encryption,
    deadline: Instant,
) -> Probe {
    let began = Instant::now();
    let end = timeout_at(deadline, probe(net, helo, &asked.host, address, encryption)).await;
    let end = end.unwrap_or_else(|_| Timed::new(ProbeEnd::Mute, began.elapsed()));
    Probe { host: asked.host.clone(), address, end, encrypted_before: asked.encrypted_before }
}

/// The domains of the user's own addresses, each once.
fn own_domains(accounts: &[Account]) -> Vec<String> {
    let mut domains: Vec<String> = Vec::new();
    for identity in accounts.iter().flat_map(|account| &account.identities) {
        let domain = identity.address.domain();
        if !domains.iter().any(|known| known == domain) {
            domains.push(domain.to_owned());
        }
    }
    domains
}

/// Asks the first smart host of the accounts at its own port and at the customary ones. A world on this computer has its own
/// port alone.
async fn ask_smart_hosts(net: &Net, accounts: &[Account], deadline: Instant) -> Option<SubmissionSeen> {
    let server = &accounts.iter().flat_map(|account| &account.smart_hosts).next()?.server;
    let addresses = lookups::addresses(net, &server.host).await.value;
    let is_found = addresses.as_ref().map(|addresses| !addresses.is_empty());
    let seen = |probes| Some(SubmissionSeen { host: server.host.clone(), port: server.port, is_found, probes });
    let asked =
        Asked { host: server.host.clone(), addresses: addresses.unwrap_or_default(), encrypted_before: false };
    let mut ports = vec![server.port];
    if !net.config().is_here() {
        ports.extend(SUBMISSION_PORTS.into_iter().filter(|port| *port != server.port));
    }
    let name = helo(net).await;
    let usable = |ip: &&IpAddr| local_address(net, IpFamily::of(**ip)).is_some();
    let Some(ip) = asked.addresses.iter().filter(usable).min_by_key(|ip| IpFamily::of(**ip)) else {
        return seen(Vec::new());
    };
    let asking = ports.into_iter().map(|port| {
        let first = port == 465 || port == server.port && server.security == model::Security::Tls;
        let encryption = if first { Encryption::First } else { Encryption::None };
        ask(net, &name, &asked, SocketAddr::new(*ip, port), encryption, deadline)
    });
    seen(join_all(asking).await)
}

fn probes_of(smart_host: &Option<SubmissionSeen>) -> impl Iterator<Item = &Probe> {
    smart_host.iter().flat_map(|seen| &seen.probes)
}

/// Whether an address that belongs to nobody takes a connection, which only something on the way can do. Nothing is said.
async fn ask_nobody(net: &Net) -> Option<Timed<bool>> {
    if net.config().is_here() || local_address(net, IpFamily::V4).is_none() {
        return None;
    }
    let began = Instant::now();
    let connected = net.dial(SocketAddr::new(NOBODY, net.config().smtp_port), CONTROL).await.is_ok();
    Some(Timed::new(connected, began.elapsed()))
}

async fn look_at_name_servers(net: &Net, own: Option<&String>) -> ResolverSeen {
    let missing_name = made_up(own.map(String::as_str));
    let began = Instant::now();
    let missing = asked(net.addresses(&missing_name));
    let proof = async {
        let proven = timeout(lookups::PATIENCE * 2, net.can_prove_answers()).await.unwrap_or(Some(false));
        Timed::new(proven, began.elapsed())
    };
    let tcp = async {
        let answered = timeout(lookups::PATIENCE * 2, net.answers_over_tcp()).await.unwrap_or(false);
        Timed::new(Some(answered), began.elapsed())
    };
    let (missing, (proof, tcp)) = join(missing, join(proof, tcp)).await;
    ResolverSeen {
        missing_name,
        missing: Timed::new(where_to(missing.value), missing.took),
        proof: Timed::new(
            match proof.value {
                Some(true) => Provable::Yes,
                Some(false) => Provable::No,
                None => Provable::NotTried,
            },
            proof.took,
        ),
        tcp,
    }
}

fn where_to(answer: Result<Vec<IpAddr>, DnsFault>) -> Missing {
    match answer {
        Ok(ips) => Missing::Leads(ips),
        Err(DnsFault::NoSuchDomain(_) | DnsFault::NoRecords(_)) => Missing::Nowhere,
        Err(DnsFault::ServerFailure(_) | DnsFault::NoResolver(_)) => Missing::NoAnswer,
    }
}

/// A name beside one's own domain, so that it is asked of the same name servers as others are.
fn made_up(own: Option<&str>) -> String {
    let letters: String = (0..MADE_UP).map(|_| char::from(rand::random_range(b'a'..=b'z'))).collect();
    let top = own.and_then(|domain| domain.rsplit('.').next()).unwrap_or("com");
    format!("{letters}.{top}")
}

/// The name of each address that others see, and what lists say of it.
async fn look_at_addresses(net: &Net, outside: &[IpAddr], own: Option<&String>) -> Vec<Finding> {
    let wanted = own.map(|domain| format!("mail.{domain}"));
    let looks = outside.iter().map(async |ip| {
        let names = async {
            let names = lookups::names(net, *ip).await;
            reverse_name(&ReverseSeen { ip: *ip, names, wanted: wanted.clone() })
        };
        let lists = join_all(LISTS.map(async |list| {
            let began = Instant::now();
            let answers = net.on_list(list, *ip).await.ok();
            address_list(&ListSeen { list: list.to_owned(), ip: *ip, answers: Timed::new(answers, began.elapsed()) })
        }));
        let (name, lists) = join(names, lists).await;
        std::iter::once(name).chain(lists).collect::<Vec<Finding>>()
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// The probes of a family, but for those of hosts that are at our own address.
fn of_family(probes: &[Probe], family: IpFamily, outside: &[IpAddr]) -> Vec<Probe> {
    let counts = |probe: &&Probe| {
        IpFamily::of(probe.address.ip()) == family && !outside.contains(&probe.address.ip().to_canonical())
    };
    probes.iter().filter(counts).cloned().collect()
}

/// From where the servers said that they see us; each address once, with the first who said it.
fn addresses_told(probes: &[Probe]) -> Vec<(IpAddr, LearnedFrom)> {
    let mut told: Vec<(IpAddr, LearnedFrom)> = Vec::new();
    for probe in probes {
        let ProbeEnd::Greeted { ehlo: Some(ehlo), .. } = &probe.end.value else { continue };
        if let Some(ip) = greeting::address(ehlo).filter(|ip| told.iter().all(|(known, _)| known != ip)) {
            told.push((ip, LearnedFrom::Server(probe.host.clone())));
        }
    }
    told
}

/// What time it is where the servers are. Their greetings came somewhere between the beginning and now, which is seconds.
fn times_told(probes: &[Probe], now: Timestamp, began: Instant) -> Vec<TimeSeen> {
    let half = began.elapsed() / 2;
    let ours = now.checked_sub(half).unwrap_or(now);
    let told = probes.iter().filter_map(|probe| match &probe.end.value {
        ProbeEnd::Greeted { greeting: words, .. } => {
            Some(TimeSeen { host: probe.host.clone(), theirs: greeting::time(words)?, ours })
        }
        _ => None,
    });
    told.collect()
}
