//! Lookups: MX and addresses, with the reason when there is none (RFC 2308).
//!
//! Names go out with the trailing dot, so that no search list is tried. Three failures are kept apart, because they
//! mean three different things to a letter: the name does not exist, it exists without such a record, and nobody could
//! say. The last is a local cause where the resolver cannot say anything about any name: before one that is silent or in
//! trouble about a name is believed, it is asked about the root.
//!
//! Questions go over UDP, and over TCP where the answer does not fit (RFC 7766).
//!
//! Answers are kept for seconds only: long enough for the lookups of one round, short enough that a change is seen.

use crate::reverse::is_host_name;
use crate::{MailHosts, MxHost, Service};
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ProtocolConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use hickory_resolver::{Resolver, ResolverBuilder, TokioResolver};
use model::DnsFault;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

const POSITIVE_TTL: Duration = Duration::from_secs(10);
const NEGATIVE_TTL: Duration = Duration::from_secs(5);
const CACHED_ANSWERS: u64 = 512;
const TIMEOUT: Duration = Duration::from_secs(5);
/// Names of one address that are looked at (RFC 7208 §4.6.4): some have thousands.
const MOST_NAMES: usize = 10;
/// Names that are followed for one that leads back, one after the other.
const MOST_NAMES_FOLLOWED: usize = 5;
/// Times that a question is asked again.
const RETRIES: usize = 1;

/// The resolver, made when it is first needed.
pub(crate) struct Dns {
    servers: Vec<SocketAddr>,
    changes: watch::Receiver<u64>,
    resolver: Mutex<Option<(u64, TokioResolver)>>,
}

impl std::fmt::Debug for Dns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dns").field("servers", &self.servers).finish_non_exhaustive()
    }
}

/// What a failed lookup says, before it is known whose failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Miss {
    NoSuchName,
    NoSuchRecord,
    ServerFailed,
    /// Nothing came back in time.
    Silence,
    /// No name server could be spoken to.
    NoServer,
}

impl Dns {
    pub(crate) fn new(servers: Vec<SocketAddr>, changes: watch::Receiver<u64>) -> Self {
        Self { servers, changes, resolver: Mutex::new(None) }
    }

    pub(crate) async fn mail_hosts(&self, domain: &str) -> Result<MailHosts, DnsFault> {
        if literal(domain).is_some() {
            return Ok(MailHosts::Implicit(domain.to_owned()));
        }
        match self.records(domain, RecordType::MX, exchanger).await {
            Ok(records) => Ok(MailHosts::of_records(domain, records)),
            Err(Miss::NoSuchRecord) => Ok(MailHosts::Implicit(domain.to_owned())),
            Err(miss) => Err(self.fault(domain, miss).await),
        }
    }

    /// The text records of a name, each put together; none where there is none.
    pub(crate) async fn texts(&self, name: &str) -> Result<Vec<String>, DnsFault> {
        let text = |data: &RData| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        match self.records(name, RecordType::TXT, text).await {
            Ok(texts) => Ok(texts),
            Err(Miss::NoSuchName | Miss::NoSuchRecord) => Ok(Vec::new()),
            Err(miss) => Err(self.fault(name, miss).await),
        }
    }

    /// The SRV records of a name; none where there is none.
    pub(crate) async fn services(&self, name: &str) -> Result<Vec<Service>, DnsFault> {
        match self.records(name, RecordType::SRV, service).await {
            Ok(services) => Ok(services),
            Err(Miss::NoSuchName | Miss::NoSuchRecord) => Ok(Vec::new()),
            Err(miss) => Err(self.fault(name, miss).await),
        }
    }

    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, DnsFault> {
        if let Some(address) = literal(host) {
            return Ok(vec![address]);
        }
        if is_localhost(host) {
            return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
        }
        let (v6, v4) = tokio::join!(
            self.records(host, RecordType::AAAA, |data| match data {
                RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.0)),
                _ => None,
            }),
            self.records(host, RecordType::A, |data| match data {
                RData::A(a) => Some(IpAddr::V4(a.0)),
                _ => None,
            }),
        );
        match both(v6, v4) {
            Ok(addresses) => Ok(addresses),
            Err(miss) => Err(self.fault(host, miss).await),
        }
    }

    /// The name that an address has and that leads back to it; of several, the first in the alphabet, so that it is the
    /// same each time. `Err` where it cannot be said.
    pub(crate) async fn confirmed_name(&self, ip: IpAddr) -> Result<Option<String>, DnsFault> {
        let names = self.reverse_names(ip).await?;
        let mut doubt = None;
        for name in names.into_iter().take(MOST_NAMES_FOLLOWED) {
            match self.leads_to(&name, ip).await {
                Ok(true) => return Ok(Some(name)),
                Ok(false) => {}
                Err(fault) => doubt = Some(fault),
            }
        }
        doubt.map_or(Ok(None), Err)
    }

    /// The names of an address, those that are no host names and all but the first few left out; none where there is none.
    pub(crate) async fn reverse_names(&self, ip: IpAddr) -> Result<Vec<String>, DnsFault> {
        let reverse = Name::from(ip).to_ascii();
        let pointer = |data: &RData| match data {
            RData::PTR(name) => Some(plain_name(name)),
            _ => None,
        };
        match self.records(&reverse, RecordType::PTR, pointer).await {
            Ok(mut names) => {
                names.retain(|name| is_host_name(name));
                names.sort();
                names.truncate(MOST_NAMES);
                Ok(names)
            }
            Err(Miss::NoSuchName | Miss::NoSuchRecord) => Ok(Vec::new()),
            Err(_) => Err(DnsFault::ServerFailure(reverse)),
        }
    }

    /// Whether the name servers answer over TCP alone: anything about the root, for which they depend on nobody in
    /// particular.
    pub(crate) async fn answers_over_tcp(&self) -> bool {
        let Ok(mut builder) = tcp_builder(&self.servers) else { return false };
        tune(builder.options_mut());
        builder.options_mut().attempts = 0;
        let Ok(resolver) = builder.build() else { return false };
        match resolver.lookup(Name::root(), RecordType::NS).await {
            Err(error) => !matches!(classify(&error), Miss::Silence | Miss::NoServer),
            Ok(_) => true,
        }
    }

    /// What a list of addresses (RFC 5782 §2) answers about this one: none where it is not on it.
    pub(crate) async fn on_list(&self, list: &str, ip: IpAddr) -> Result<Vec<Ipv4Addr>, DnsFault> {
        let name = listed_as(list, ip);
        let address = |data: &RData| match data {
            RData::A(a) => Some(a.0),
            _ => None,
        };
        match self.records(&name, RecordType::A, address).await {
            Ok(answers) => Ok(answers),
            Err(Miss::NoSuchName | Miss::NoSuchRecord) => Ok(Vec::new()),
            Err(_) => Err(DnsFault::ServerFailure(name)),
        }
    }

    async fn leads_to(&self, name: &str, ip: IpAddr) -> Result<bool, DnsFault> {
        match self.records_like(name, ip).await {
            Ok(addresses) => Ok(addresses.contains(&ip)),
            Err(Miss::NoSuchName | Miss::NoSuchRecord) => Ok(false),
            Err(_) => Err(DnsFault::ServerFailure(name.to_owned())),
        }
    }

    /// The addresses of a host in the family of this one.
    pub(crate) async fn addresses_like(&self, host: &str, ip: IpAddr) -> Result<Vec<IpAddr>, DnsFault> {
        if needs_no_lookup(host) {
            let all = self.addresses(host).await?;
            return Ok(all.into_iter().filter(|one| one.is_ipv4() == ip.is_ipv4()).collect());
        }
        match self.records_like(host, ip).await {
            Ok(addresses) => Ok(addresses),
            Err(miss) => Err(self.fault(host, miss).await),
        }
    }

    async fn records_like(&self, name: &str, ip: IpAddr) -> Result<Vec<IpAddr>, Miss> {
        let kind = if ip.is_ipv4() { RecordType::A } else { RecordType::AAAA };
        let address = |data: &RData| match data {
            RData::A(a) => Some(IpAddr::V4(a.0)),
            RData::AAAA(aaaa) => Some(IpAddr::V6(aaaa.0)),
            _ => None,
        };
        self.records(name, kind, address).await
    }

    /// The records of one type that `pick` takes; never an empty list.
    async fn records<T>(
        &self,
        name: &str,
        kind: RecordType,
        pick: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, Miss> {
        let name = full_name(name).ok_or(Miss::NoSuchName)?;
        let resolver = self.resolver()?;
        let answer = resolver.lookup(name, kind).await.map_err(|error| self.miss(&error))?;
        let records: Vec<T> = answer.answers().iter().filter_map(|record| pick(&record.data)).collect();
        if records.is_empty() { Err(Miss::NoSuchRecord) } else { Ok(records) }
    }

    /// The resolver of the present network. After a change the system may name other servers, so it is made anew.
    fn resolver(&self) -> Result<TokioResolver, Miss> {
        let network = *self.changes.borrow();
        let mut slot = self.resolver.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made_for, resolver)) = slot.as_ref()
            && *made_for == network
        {
            return Ok(resolver.clone());
        }
        let resolver = builder(&self.servers).and_then(build).map_err(|error| {
            tracing::warn!(%error, "the name servers of this computer are not known");
            Miss::NoServer
        })?;
        *slot = Some((network, resolver.clone()));
        Ok(resolver)
    }

    /// Reads a failed lookup. Where no server could be spoken to, the next lookup asks the system again which they are.
    fn miss(&self, error: &NetError) -> Miss {
        let miss = classify(error);
        if miss == Miss::NoServer {
            self.resolver.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        miss
    }

    async fn fault(&self, name: &str, miss: Miss) -> DnsFault {
        let name = name.to_owned();
        match miss {
            Miss::NoSuchName => DnsFault::NoSuchDomain(name),
            Miss::NoSuchRecord => DnsFault::NoRecords(name),
            Miss::NoServer => DnsFault::NoResolver(name),
            Miss::Silence | Miss::ServerFailed if self.resolver_works().await => DnsFault::ServerFailure(name),
            Miss::Silence | Miss::ServerFailed => DnsFault::NoResolver(name),
        }
    }

    /// Whether the resolver has any answer about the root, for which it depends on nobody in particular. A local stub
    /// whose way out is gone fails at every name. One that refuses is not broken: it serves its own names only.
    async fn resolver_works(&self) -> bool {
        let Ok(resolver) = self.resolver() else { return false };
        resolver.clear_lookup_cache(Name::root(), RecordType::NS);
        match resolver.lookup(Name::root(), RecordType::NS).await {
            Err(NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail))) => false,
            Err(error) => !matches!(classify(&error), Miss::Silence | Miss::NoServer),
            Ok(_) => true,
        }
    }
}

/// A resolver that asks these servers, or those of the system.
pub(crate) fn builder(servers: &[SocketAddr]) -> Result<ResolverBuilder<TokioRuntimeProvider>, NetError> {
    if servers.is_empty() {
        return Resolver::builder_tokio();
    }
    let config = ResolverConfig::from_name_servers(servers.iter().map(name_server).collect());
    Ok(Resolver::builder_with_config(config, TokioRuntimeProvider::default()))
}

/// As [`builder`], over TCP alone.
fn tcp_builder(servers: &[SocketAddr]) -> Result<ResolverBuilder<TokioRuntimeProvider>, NetError> {
    let mut servers: Vec<NameServerConfig> = match servers.is_empty() {
        true => read_system_conf()?.0.name_servers().to_vec(),
        false => servers.iter().map(name_server).collect(),
    };
    for server in &mut servers {
        server.connections.retain(|connection| connection.protocol == ProtocolConfig::Tcp);
    }
    let config = ResolverConfig::from_name_servers(servers);
    Ok(Resolver::builder_with_config(config, TokioRuntimeProvider::default()))
}

fn build(mut builder: ResolverBuilder<TokioRuntimeProvider>) -> Result<TokioResolver, NetError> {
    tune(builder.options_mut());
    builder.build()
}

/// How long is waited, how often asked, and what is kept.
pub(crate) fn tune(options: &mut ResolverOpts) {
    options.timeout = TIMEOUT;
    options.attempts = RETRIES;
    options.cache_size = CACHED_ANSWERS;
    options.positive_max_ttl = Some(POSITIVE_TTL);
    options.negative_max_ttl = Some(NEGATIVE_TTL);
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
        .into_iter()
        .map(|mut connection| {
            connection.port = address.port();
            connection
        })
        .collect();
    NameServerConfig::new(address.ip(), true, connections)
}

fn classify(error: &NetError) -> Miss {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) if none.response_code == ResponseCode::NXDomain => {
            Miss::NoSuchName
        }
        NetError::Dns(DnsError::NoRecordsFound(_)) => Miss::NoSuchRecord,
        NetError::Timeout => Miss::Silence,
        NetError::Io(_) | NetError::NoConnections | NetError::Busy => Miss::NoServer,
        _ => Miss::ServerFailed,
    }
}

/// The service of an SRV record.
pub(crate) fn service(data: &RData) -> Option<Service> {
    match data {
        RData::SRV(srv) => Some(Service {
            host: plain_name(&srv.target),
            port: srv.port,
            priority: srv.priority,
            weight: srv.weight,
        }),
        _ => None,
    }
}

/// The mail exchanger that a record names.
pub(crate) fn exchanger(data: &RData) -> Option<MxHost> {
    match data {
        RData::MX(mx) => Some(MxHost { preference: mx.preference, name: plain_name(&mx.exchange) }),
        _ => None,
    }
}

/// One family is enough. With neither, the miss that says least against the name is kept: a name server in trouble
/// with one type must not make a host vanish.
fn both(v6: Result<Vec<IpAddr>, Miss>, v4: Result<Vec<IpAddr>, Miss>) -> Result<Vec<IpAddr>, Miss> {
    match (v6, v4) {
        (Ok(v6), Ok(v4)) => Ok(v6.into_iter().chain(v4).collect()),
        (Ok(addresses), Err(_)) | (Err(_), Ok(addresses)) => Ok(addresses),
        (Err(a), Err(b)) => Err(if certainty(a) <= certainty(b) { a } else { b }),
    }
}

fn certainty(miss: Miss) -> u8 {
    match miss {
        Miss::NoServer => 0,
        Miss::Silence => 1,
        Miss::ServerFailed => 2,
        Miss::NoSuchRecord => 3,
        Miss::NoSuchName => 4,
    }
}

/// The name under which a list has an address: as its reverse name, below the list's own (RFC 5782 §2.1, §2.4).
fn listed_as(list: &str, ip: IpAddr) -> String {
    let reverse = Name::from(ip).to_ascii();
    let digits = reverse.trim_end_matches("in-addr.arpa.").trim_end_matches("ip6.arpa.");
    format!("{digits}{list}.")
}

/// Whether a host's address is known without asking anybody.
pub(crate) fn needs_no_lookup(host: &str) -> bool {
    literal(host).is_some() || is_localhost(host)
}

/// Whether a name is this computer's own, as nobody else can be reached by it.
pub(crate) fn is_here(host: &str) -> bool {
    is_localhost(host) || literal(host).is_some_and(|address| address.is_loopback())
}

/// An address in one of the forms in which hosts and domains write it (RFC 5321 §4.1.3).
pub(crate) fn literal(host: &str) -> Option<IpAddr> {
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let tagged = inner.get(..5).is_some_and(|tag| tag.eq_ignore_ascii_case("ipv6:"));
    let address = if tagged { inner.get(5..)? } else { inner };
    address.parse().ok()
}

/// RFC 6761 §6.3: these names lead to this computer, whatever a name server says.
fn is_localhost(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

/// A name as it is asked for: whole, with the trailing dot.
pub(crate) fn full_name(text: &str) -> Option<Name> {
    let text = text.trim_end_matches('.');
    if text.is_empty() {
        return None;
    }
    let dotted = format!("{text}.");
    // A name that no DNS message can hold does not exist.
    if text.is_ascii() { Name::from_ascii(dotted).ok() } else { Name::from_utf8(dotted).ok() }
}

/// A name as everybody else writes it: in lower case, without the trailing dot.
pub(crate) fn plain_name(name: &Name) -> String {
    name.to_lowercase().to_ascii().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_literals_are_read_in_every_form() {
        let table = [
            ("192.0.2.1", Some("192.0.2.1")),
            ("[192.0.2.1]", Some("192.0.2.1")),
            ("[IPv6:2001:db8::1]", Some("2001:db8::1")),
            ("[ipv6:2001:db8::1]", Some("2001:db8::1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("mx.example.test", None),
            ("[mx.example.test]", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(literal(text), expected.map(|address| address.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn names_are_asked_for_whole() {
        for (text, expected) in [
            ("example.test", Some("example.test.")),
            ("example.test.", Some("example.test.")),
            ("xn--bcher-kva.test", Some("xn--bcher-kva.test.")),
            ("b\u{fc}cher.test", Some("xn--bcher-kva.test.")),
            ("_dmarc.example.test", Some("_dmarc.example.test.")),
            ("", None),
            (".", None),
            ("a..test", None),
        ] {
            assert_eq!(full_name(text).map(|name| name.to_ascii()), expected.map(str::to_owned), "{text}");
        }
        assert_eq!(full_name(&"a".repeat(64)), None);
    }

    #[test]
    fn a_list_has_an_address_by_its_reverse_name() {
        assert_eq!(listed_as("list.test", IpAddr::from([192, 0, 2, 7])), "7.2.0.192.list.test.");
        assert_eq!(
            listed_as("list.test", "2001:db8::7".parse().unwrap()),
            "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.list.test."
        );
    }

    #[test]
    fn one_address_family_is_enough_and_doubt_outweighs_absence() {
        let v4: Result<_, Miss> = Ok(vec![IpAddr::from([192, 0, 2, 1])]);
        assert_eq!(both(Err(Miss::ServerFailed), v4.clone()), v4);
        assert_eq!(both(v4.clone(), Err(Miss::Silence)), v4);
        assert_eq!(both(Err(Miss::NoSuchRecord), Err(Miss::ServerFailed)), Err(Miss::ServerFailed));
        assert_eq!(both(Err(Miss::NoSuchName), Err(Miss::NoSuchName)), Err(Miss::NoSuchName));
    }
}
