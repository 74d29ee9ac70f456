//! The hosts that are asked for the check of a network: mail hosts at port 25, the smart hosts at their ports, and an address
//! that belongs to nobody.
//!
//! A mail host that was asked a few minutes ago on this network is not asked again, unless the user orders it; what it said
//! then counts still.

use super::asked::Told;
use super::visits::{Encryption, probe};
use super::{Place, local_address, lookups, whom};
use crate::Engine;
use crate::error::Error;
use advisor::checks::Timed;
use advisor::checks::identity::TakesMail;
use advisor::checks::network::{IpFamily, Probe, ProbeEnd, SubmissionSeen};
use futures::future::join_all;
use model::{Account, EmailAddress, Security};
use net::Net;
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use store::Correspondent;
use tokio::time::{Instant, timeout_at};

/// How long an address that belongs to nobody is given to answer all the same.
const CONTROL: Duration = Duration::from_secs(3);
/// An address that belongs to nobody (RFC 5737).
const NOBODY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// Smart hosts that are asked, of all accounts.
const MOST_SMART_HOSTS: usize = 8;
/// The ports at which smart hosts take letters.
const SUBMISSION_PORTS: [u16; 2] = [465, 587];
/// Who is asked in the practice world: of two owners, since a host says nothing of a network that is not seen elsewhere.
const IN_THE_PRACTICE_WORLD: [&str; 2] = ["prompt.test", "fjordpost.test"];

/// A host that is asked, and whether it has been seen to encrypt.
#[derive(Clone)]
struct Asked {
    host: String,
    addresses: Vec<IpAddr>,
    encrypted_before: bool,
}

/// The mail hosts that were to be asked.
pub(super) struct AtPort25 {
    pub told: Vec<Told>,
    /// Those of the user's own domains, asked or not.
    pub own_hosts: Vec<String>,
    /// Whether the name servers did not say where some of them are.
    pub names_were_silent: bool,
}

impl Engine {
    /// The domains of those who were written to, with how many letters went there.
    pub(super) async fn written_to_from(&self, place: &Place) -> Result<Vec<(String, u32)>, Error> {
        // What is learned of people is not kept by world; the practice domains are nobody's outside, and the other way round.
        if place.accounts.iter().any(|account| account.practice) {
            return Ok(IN_THE_PRACTICE_WORLD.map(|domain| (domain.to_owned(), 1)).to_vec());
        }
        let practises = self.store().accounts().await?.iter().any(|account| account.practice);
        let of = |address: &str| EmailAddress::parse(address).ok().map(|address| address.domain().to_owned());
        let counted = |people: Vec<Correspondent>| {
            let mut sent: HashMap<String, u32> = HashMap::new();
            for one in people {
                if let Some(domain) = of(&one.address) {
                    *sent.entry(domain).or_default() += one.dealings.sent;
                }
            }
            sent
        };
        // What was sent from here often lies in Sent as well.
        let mut sent = counted(self.store().correspondents().await?);
        for (domain, count) in counted(self.store().written_to().await?) {
            let known = sent.entry(domain).or_default();
            *known = (*known).max(count);
        }
        // All of the practice world is below it, and nobody else's domain is (RFC 6761 §6.2).
        Ok(sent.into_iter().filter(|(domain, _)| !(practises && domain.ends_with(".test"))).collect())
    }

    /// Asks the hosts of these domains, each at one address of each family.
    pub(super) async fn ask_mail_hosts(
        &self,
        place: &Place,
        domains: &[String],
        deadline: Instant,
        again: bool,
    ) -> AtPort25 {
        let net = &place.net;
        let found = domains.iter().map(async |domain| {
            let takes = lookups::takes_mail(net, domain).await.value;
            let before = self.store().learned(domain).await.map(|learned| learned.encryption).unwrap_or_default();
            let hosts = lookups::hosts_of(domain, &takes);
            (hosts, takes == TakesMail::NotAnswered, before.into_keys().collect::<Vec<String>>())
        });
        let found = join_all(found).await;
        let encrypted: HashSet<&String> = found.iter().flat_map(|(_, _, encrypted)| encrypted).collect();
        let hosts: Vec<Vec<String>> = found.iter().map(|(hosts, ..)| hosts.clone()).collect();
        let looked_up = join_all(whom::hosts(&hosts).into_iter().map(async |host| {
            let addresses = lookups::addresses(net, &host).await.value;
            (encrypted.contains(&host), host, addresses)
        }))
        .await;
        let names_were_silent =
            found.iter().any(|(_, silent, _)| *silent) || looked_up.iter().any(|(.., addresses)| addresses.is_none());
        let chosen: Vec<Asked> = looked_up
            .into_iter()
            .map(|(encrypted_before, host, addresses)| Asked {
                host,
                addresses: addresses.unwrap_or_default(),
                encrypted_before,
            })
            .collect();
        let port = net.config().smtp_port;
        let asking = chosen.iter().flat_map(|one| {
            let of = |family| one.addresses.iter().find(move |ip| IpFamily::of(**ip) == family);
            let usable = |ip: &&IpAddr| local_address(net, IpFamily::of(**ip)).is_some();
            let addresses = [of(IpFamily::V4), of(IpFamily::V6)].into_iter().flatten().filter(usable);
            addresses.map(move |ip| self.ask_or_remember(place, one, SocketAddr::new(*ip, port), deadline, again))
        });
        let told = join_all(asking).await;
        self.inner.checks.remember(&place.network, &told);
        let is_own = own_domains(&place.accounts);
        let of_own = domains.iter().zip(&hosts).filter(|(domain, _)| is_own.contains(domain));
        let own_hosts = of_own.flat_map(|(_, hosts)| hosts.iter().cloned()).collect();
        AtPort25 { told, own_hosts, names_were_silent }
    }

    async fn ask_or_remember(
        &self,
        place: &Place,
        one: &Asked,
        address: SocketAddr,
        deadline: Instant,
        again: bool,
    ) -> Told {
        let kept = self.inner.checks.told(&place.network, &one.host, address, Instant::now()).filter(|_| !again);
        match kept {
            Some(told) => told,
            None => ask(&place.net, one, address, Encryption::None, deadline).await,
        }
    }
}

async fn ask(net: &Net, asked: &Asked, address: SocketAddr, encryption: Encryption, deadline: Instant) -> Told {
    let began = Instant::now();
    let end = timeout_at(deadline, probe(net, &asked.host, address, encryption)).await;
    let end = end.unwrap_or_else(|_| Timed::new(ProbeEnd::Unfinished, began.elapsed()));
    let probe = Probe { host: asked.host.clone(), address, end, encrypted_before: asked.encrypted_before };
    Told { probe, at: Instant::now() }
}

/// The domains of the user's own addresses, each once.
pub(super) fn own_domains(accounts: &[Account]) -> Vec<String> {
    let mut domains: Vec<String> = Vec::new();
    for identity in accounts.iter().flat_map(|account| &account.identities) {
        let domain = identity.address.domain();
        if !domains.iter().any(|known| known == domain) {
            domains.push(domain.to_owned());
        }
    }
    domains
}

/// What was seen of the smart hosts.
#[derive(Default)]
pub(super) struct AtSubmission {
    /// Each host, at each of its ports that is set up.
    pub seen: Vec<SubmissionSeen>,
    pub told: Vec<Told>,
}

/// Asks the smart hosts of the accounts side by side, each host once, at the ports that are set up and at the customary ones.
/// A world on this computer has its own ports alone.
pub(super) async fn ask_smart_hosts(net: &Net, accounts: &[Account], deadline: Instant) -> AtSubmission {
    let mut hosts = set_up(accounts);
    hosts.truncate(MOST_SMART_HOSTS);
    let all = join_all(hosts.iter().map(|one| ask_smart_host(net, one, deadline))).await;
    let mut at = AtSubmission::default();
    for (seen, told) in all {
        at.seen.extend(seen);
        at.told.extend(told);
    }
    at
}

/// A host, and the ports at which it is a smart host of somebody here.
#[derive(Debug, PartialEq, Eq)]
struct SetUp {
    host: String,
    ports: Vec<(u16, Security)>,
}

/// Each host once, in the order of the accounts.
fn set_up(accounts: &[Account]) -> Vec<SetUp> {
    let mut hosts: Vec<SetUp> = Vec::new();
    for server in accounts.iter().flat_map(|account| &account.smart_hosts).map(|one| &one.server) {
        let port = (server.port, server.security);
        match hosts.iter_mut().find(|known| known.host.eq_ignore_ascii_case(&server.host)) {
            None => hosts.push(SetUp { host: server.host.clone(), ports: vec![port] }),
            Some(known) if known.ports.iter().all(|(known, _)| *known != server.port) => known.ports.push(port),
            Some(_) => {}
        }
    }
    hosts
}

async fn ask_smart_host(net: &Net, one: &SetUp, deadline: Instant) -> (Vec<SubmissionSeen>, Vec<Told>) {
    let addresses = lookups::addresses(net, &one.host).await.value;
    let is_found = addresses.as_ref().map(|addresses| !addresses.is_empty());
    let asked = Asked { host: one.host.clone(), addresses: addresses.unwrap_or_default(), encrypted_before: false };
    let mut ports = one.ports.clone();
    if !net.config().is_here() {
        let customary = SUBMISSION_PORTS.into_iter().filter(|port| ports.iter().all(|(known, _)| known != port));
        ports.extend(customary.map(|port| (port, Security::Starttls)).collect::<Vec<_>>());
    }
    let usable = |ip: &&IpAddr| local_address(net, IpFamily::of(**ip)).is_some();
    let told = match asked.addresses.iter().filter(usable).min_by_key(|ip| IpFamily::of(**ip)) {
        None => Vec::new(),
        Some(ip) => {
            let asking = ports.into_iter().map(|(port, security)| {
                let first = port == 465 || security == Security::Tls;
                let encryption = if first { Encryption::First } else { Encryption::None };
                ask(net, &asked, SocketAddr::new(*ip, port), encryption, deadline)
            });
            join_all(asking).await
        }
    };
    let probes: Vec<Probe> = told.iter().map(|told| told.probe.clone()).collect();
    let seen = |(port, _): &(u16, Security)| SubmissionSeen {
        host: one.host.clone(),
        port: *port,
        is_found,
        probes: probes.clone(),
    };
    (one.ports.iter().map(seen).collect(), told)
}

/// Whether an address that belongs to nobody takes a connection, which only something on the way can do. Nothing is said.
pub(super) async fn ask_nobody(net: &Net) -> Option<Timed<bool>> {
    if net.config().is_here() || local_address(net, IpFamily::V4).is_none() {
        return None;
    }
    let began = Instant::now();
    let connected = net.dial(SocketAddr::new(NOBODY, net.config().smtp_port), CONTROL).await.is_ok();
    Some(Timed::new(connected, began.elapsed()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{AccountId, LoginForm, Server, SmartHost, SmartHostId};

    fn account(servers: &[(&str, u16, Security)]) -> Account {
        let smart_host = |(host, port, security): &(&str, u16, Security)| SmartHost {
            id: SmartHostId(1),
            name: "a".to_owned(),
            server: Server {
                host: (*host).to_owned(),
                port: *port,
                security: *security,
                user: String::new(),
                login: LoginForm::Password,
                trusted: None,
            },
        };
        Account {
            id: AccountId(1),
            address: EmailAddress::parse("anna@example.org").unwrap(),
            imap: None,
            identities: Vec::new(),
            smart_hosts: servers.iter().map(smart_host).collect(),
            rules: Vec::new(),
            practice: false,
        }
    }

    #[test]
    fn the_smart_hosts_of_all_accounts_are_asked_each_host_once() {
        use Security::{Starttls, Tls};
        let accounts = [
            account(&[("smtp.one.example", 465, Tls), ("smtp.two.example", 587, Starttls)]),
            account(&[("SMTP.one.example", 465, Tls), ("smtp.one.example", 2525, Starttls)]),
        ];
        let expected =
            [("smtp.one.example", vec![(465, Tls), (2525, Starttls)]), ("smtp.two.example", vec![(587, Starttls)])];
        let expected = expected.map(|(host, ports)| SetUp { host: host.to_owned(), ports });
        assert_eq!(set_up(&accounts), expected);
        assert_eq!(set_up(&[account(&[])]), []);
    }
}
