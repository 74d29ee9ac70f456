//! The one door to the network: DNS, dialing, TLS, and whether there is a network at all.
//!
//! Nothing else in Postrider opens a socket to the world. What goes wrong here comes out as one of the model's words
//! ([`model::Fault`], [`model::DnsFault`]), so that no other room has to read an operating system's error.
//!
//! - MX and addresses: [`Net::mail_hosts`], [`Net::addresses`]; the order in which to try hosts: [`order_hosts`].
//! - How others see us: [`Net::source_addresses`], [`is_public`], [`Net::ask_router`], [`Net::address_by_stun`],
//!   [`Net::confirmed_name`], [`Net::on_list`].
//! - Proof by DNSSEC, where it matters: [`Net::proven_mail_hosts`], [`Net::proven_services`], [`Net::host_proof`],
//!   [`Net::tlsa`].
//! - A domain's own policy (MTA-STS): [`Net::sts_record`], [`Net::fetch_sts_policy`], read by [`StsPolicy`].
//! - Connections: [`Net::dial`] to one address, [`Net::dial_any`] to whichever of a host's answers first. Both honour
//!   the source address of the settings.
//! - TLS: [`Net::handshake`], by a [`TlsDemand`]; every handshake leaves a [`TlsReport`].
//! - The state of the network: [`Net::is_online`], [`Net::what_is_missing`], [`Net::changes`]; which one it is:
//!   [`Net::network`].

mod connectivity;
mod dial;
mod dns;
mod foreign;
mod hosts;
mod http;
mod https;
mod interfaces;
mod listed;
mod network;
mod outside;
mod proof;
mod race;
mod reverse;
mod services;
mod source;
mod stream;
mod sts;
mod tls;
mod tlsa;
mod wake;
mod witness;

#[cfg(target_os = "linux")]
pub use connectivity::NetworkManager;
pub use connectivity::{Connectivity, Told, UnknownWayOut, WayOut};
pub use foreign::{ForeignBounds, ForeignError};
pub use hosts::{MAX_HOSTS, MailHosts, MxHost, order_hosts, unresolved};
pub use http::{HttpAnswer, HttpError, HttpRequest};
pub use https::StsFetchError;
pub use interfaces::{Interfaces, SystemInterfaces, Watch};
pub use network::{NetworkMark, SeenNetwork, Whereabouts};
pub use outside::{RouterProtocol, RouterWord};
pub use proof::{HostProof, Proof, Proven};
pub use race::{HEAD_START, by_turns, same_family};
pub use reverse::is_public;
pub use services::Service;
pub use stream::Stream;
pub use sts::{StsMode, StsPolicy, StsPolicyError};
pub use tls::{HANDSHAKE_TIMEOUT, install_crypto};
pub use tlsa::{TlsaAnswer, is_usable};
pub use wake::Wakefulness;
pub use witness::{Certificate, Witness};

use dns::Dns;
use hickory_resolver::proto::rr::RecordType;
use listed::Listings;
use model::{DnsFault, Fault, TlsDemand, TlsReport};
use proof::{Anchors, Answer, Validator};
use reverse::ConfirmedNames;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The port of an MX (RFC 5321 §4.5.4.2).
pub const SMTP_PORT: u16 = 25;
/// The port on which a domain's policy is published (RFC 8461 §3.3).
pub const HTTPS_PORT: u16 = 443;

/// The settings of the network. The defaults are what a person's computer wants; a lab changes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetConfig {
    /// Name servers; none means those of the system.
    pub dns: Vec<SocketAddr>,
    /// The port on which an MX is spoken to.
    pub smtp_port: u16,
    /// A PEM file of certificates that are trusted besides those of the system.
    pub extra_ca: Option<PathBuf>,
    /// The address from which connections are made.
    pub source_ip: Option<IpAddr>,
    /// The name given in EHLO.
    pub helo: Option<String>,
    /// A file of DNSKEY records from which proof by DNSSEC begins; without one, the root's own keys.
    pub trust_anchor: Option<PathBuf>,
    /// The port on which policies are fetched.
    pub https_port: u16,
    /// The address that the hosts of a world on this computer see it at, where that world plays one.
    pub seen_as: Option<IpAddr>,
}

impl NetConfig {
    /// Whether the world of these settings is on this computer, as the practice post office is, and labs like it: its name
    /// servers are on loopback, and its MXs on a port that no MX outside has. A resolver of one's own on loopback alone is
    /// not that.
    pub fn is_here(&self) -> bool {
        let loopback = !self.dns.is_empty() && self.dns.iter().all(|server| server.ip().is_loopback());
        loopback && self.smtp_port != SMTP_PORT
    }
}

impl Default for NetConfig {
    fn default() -> Self {
        Self {
            dns: Vec::new(),
            smtp_port: SMTP_PORT,
            extra_ca: None,
            source_ip: None,
            helo: None,
            trust_anchor: None,
            https_port: HTTPS_PORT,
            seen_as: None,
        }
    }
}

/// Why the network could not be set up. The message says which setting to look at.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The file of extra authorities cannot be read.
    #[error("net.extra_ca: {path} cannot be read ({error}); give the path of a PEM file")]
    ExtraCaUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file of extra authorities holds no certificate, or one that cannot be used.
    #[error("net.extra_ca: {path} holds no usable certificate ({reason}); give a PEM file of CA certificates")]
    ExtraCaInvalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file of trust anchors cannot be read, or holds none.
    #[error("net.trust_anchor: {path} is of no use ({reason}); give a file of DNSKEY records")]
    TrustAnchor {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The TLS library refused its own defaults.
    #[error("TLS could not be set up: {0}")]
    Tls(String),
}

/// The network as Postrider sees it. Clones share everything.
#[derive(Clone, Debug)]
pub struct Net {
    shared: Arc<Shared>,
    /// Sees the certificates that are refused.
    witness: Option<Witness>,
}

#[derive(Debug)]
struct Shared {
    config: NetConfig,
    dns: Dns,
    validator: Validator,
    names: ConfirmedNames,
    listings: Listings,
    tls: tls::Tls,
    interfaces: Arc<dyn Interfaces>,
    connectivity: Arc<Mutex<Option<Connectivity>>>,
    changes: watch::Receiver<u64>,
    tick: Arc<watch::Sender<u64>>,
    _watches: [Option<Watch>; 2],
}

impl Net {
    /// Sets the network up: reads the extra authorities, loads the system's, and starts to watch the interfaces and the
    /// way out. The name servers of the system are read when they are first needed, and again when the network changes.
    pub fn new(config: NetConfig) -> Result<Self, NetError> {
        Self::with(config, Arc::new(SystemInterfaces), &connectivity::system())
    }

    /// As [`Net::new`], with another way to know the interfaces of this computer; of the way out nothing is told.
    pub fn with_interfaces(config: NetConfig, interfaces: Arc<dyn Interfaces>) -> Result<Self, NetError> {
        Self::with(config, interfaces, &UnknownWayOut)
    }

    /// As [`Net::new`], with other ways to know the interfaces of this computer and the way out. Where name servers are
    /// given, nothing is asked of the way out: a lab, or the practice post office, has one of its own.
    pub fn with(config: NetConfig, interfaces: Arc<dyn Interfaces>, way_out: &dyn WayOut) -> Result<Self, NetError> {
        let tls = tls::Tls::new(config.extra_ca.as_deref())?;
        let (tick, changes) = watch::channel(0);
        let tick = Arc::new(tick);
        let connectivity = Arc::default();
        let way_out = config.dns.is_empty().then_some(way_out);
        let watches = [
            way_out.and_then(|way_out| way_out.watch(keep(Arc::clone(&connectivity), tick.clone()))),
            interfaces.watch({
                let tick = tick.clone();
                Box::new(move || tick.send_modify(|count| *count += 1))
            }),
        ];
        let dns = Dns::new(config.dns.clone(), changes.clone());
        let anchors = config.trust_anchor.as_deref().map(Anchors::read).transpose()?;
        let validator = Validator::new(config.dns.clone(), changes.clone(), anchors);
        let names = ConfirmedNames::default();
        let listings = Listings::default();
        let shared = Shared {
            config,
            dns,
            validator,
            names,
            listings,
            tls,
            interfaces,
            connectivity,
            changes,
            tick,
            _watches: watches,
        };
        Ok(Self { shared: Arc::new(shared), witness: None })
    }

    /// The same network, and somebody who sees what certificates are refused on it.
    pub fn with_witness(&self) -> (Self, Witness) {
        let witness = Witness::default();
        (Self { shared: self.shared.clone(), witness: Some(witness.clone()) }, witness)
    }

    /// The settings it was made with.
    pub fn config(&self) -> &NetConfig {
        &self.shared.config
    }

    /// Who takes mail for a domain (RFC 5321 §5.1), as DNS says it: not ordered, not looked up further. An address
    /// literal is its own host.
    pub async fn mail_hosts(&self, domain: &str) -> Result<MailHosts, DnsFault> {
        self.check_network(domain)?;
        self.shared.dns.mail_hosts(domain).await
    }

    /// As [`Net::mail_hosts`], with what DNSSEC says of the answer. Where it is proven, it is the proven answer that is
    /// given, whatever the plain one says.
    pub async fn proven_mail_hosts(&self, domain: &str) -> Result<Proven<MailHosts>, DnsFault> {
        self.check_network(domain)?;
        if !self.can_prove(domain) {
            let value = self.shared.dns.mail_hosts(domain).await?;
            return Ok(Proven { value, proof: Proof::Unknown });
        }
        hosts::proven(&self.shared.dns, &self.shared.validator, domain).await
    }

    /// What DNSSEC says of the addresses of a host, and which name they belong to in the end.
    pub async fn host_proof(&self, host: &str) -> HostProof {
        if !self.can_prove(host) {
            return HostProof { proof: Proof::Unknown, canonical: host.to_owned() };
        }
        self.shared.validator.host(host).await
    }

    /// The TLSA records of a host's port (RFC 6698 §3), as far as they are proven. To be asked for only where the host's
    /// addresses are: some name servers do not answer such questions at all (RFC 7672 §2.1.2).
    pub async fn tlsa(&self, host: &str, port: u16) -> TlsaAnswer {
        if !self.can_prove(host) {
            return TlsaAnswer::None;
        }
        tlsa::look_up(&self.shared.validator, host, port).await
    }

    /// The id of the MTA-STS policy that a domain announces (RFC 8461 §3.1); `None` where it announces none.
    pub async fn sts_record(&self, domain: &str) -> Result<Option<String>, DnsFault> {
        self.check_network(domain)?;
        let texts = self.shared.dns.texts(&format!("_mta-sts.{domain}")).await?;
        Ok(sts::id_of(&texts))
    }

    /// The MTA-STS policy of a domain as its host gives it out (RFC 8461 §3.3), to be read by [`StsPolicy::parse`].
    pub async fn fetch_sts_policy(&self, domain: &str) -> Result<String, StsFetchError> {
        https::fetch_policy(self, domain).await
    }

    fn can_prove(&self, name: &str) -> bool {
        self.has_policies() && !dns::needs_no_lookup(name) && self.is_online()
    }

    /// Whether a domain's policies, and proof, are to be looked up here. The practice post office has none; a lab on this
    /// computer that has some sets a trust anchor or a port.
    pub fn has_policies(&self) -> bool {
        let config = &self.shared.config;
        !config.is_here() || config.trust_anchor.is_some() || config.https_port != HTTPS_PORT
    }

    /// The hosts that offer a service (RFC 2782), asked for as `_imaps._tcp.example.org`, the one to try first first; none
    /// where there is none, or where the domain says that there is none.
    pub async fn services(&self, name: &str) -> Result<Vec<Service>, DnsFault> {
        self.check_network(name)?;
        Ok(services::in_order(self.shared.dns.services(name).await?))
    }

    /// The same where DNSSEC proves it; `None` where it does not, or where it proves that there are none.
    pub async fn proven_services(&self, name: &str) -> Option<Vec<Service>> {
        if !self.can_prove(name) {
            return None;
        }
        match self.shared.validator.lookup(name, RecordType::SRV).await {
            Answer::Records(records, Proof::Secure) => {
                let services = records.iter().filter_map(|record| dns::service(&record.data)).collect();
                Some(services::in_order(services))
            }
            _ => None,
        }
    }

    /// The text records of a name (RFC 1035 §3.3.14), the strings of each put together; none where there is none.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, DnsFault> {
        self.check_network(name)?;
        self.shared.dns.texts(name).await
    }

    /// The addresses of a host, both families, IPv6 first. An address (`192.0.2.1`, `[IPv6:2001:db8::1]`) is its own.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, DnsFault> {
        self.check_network(host)?;
        self.shared.dns.addresses(host).await
    }

    /// The addresses of a host that are of the family of this one; the other family is not asked for.
    pub async fn addresses_like(&self, host: &str, ip: IpAddr) -> Result<Vec<IpAddr>, DnsFault> {
        self.check_network(host)?;
        self.shared.dns.addresses_like(host, ip.to_canonical()).await
    }

    /// The name that the reverse DNS of one of our addresses gives and that leads back to it; kept for an hour, and
    /// looked up within two seconds. `Ok(None)` where there is none, and for an address that is not known outside: loopback,
    /// private, translated. `Err` where nobody could say.
    pub async fn confirmed_name(&self, ip: IpAddr) -> Result<Option<String>, DnsFault> {
        let ip = ip.to_canonical();
        if !reverse::is_public(ip) {
            return Ok(None);
        }
        self.shared.names.get(ip, self.shared.dns.confirmed_name(ip)).await
    }

    /// The name for EHLO on a connection from this address of ours: the one of the settings, else the one that the address is
    /// known by, else the address itself.
    pub async fn name_for_ehlo(&self, source: Option<IpAddr>) -> String {
        if let Some(name) = &self.config().helo {
            return name.clone();
        }
        let known_by = match source {
            Some(ip) => self.confirmed_name(ip).await.ok().flatten(),
            None => None,
        };
        known_by.unwrap_or_else(|| reverse::address_literal(source))
    }

    /// The names that the reverse DNS of an address gives, whether or not they lead back; none where there is none.
    pub async fn reverse_names(&self, ip: IpAddr) -> Result<Vec<String>, DnsFault> {
        let ip = ip.to_canonical();
        if !self.is_online() {
            return Err(DnsFault::NoResolver(ip.to_string()));
        }
        self.shared.dns.reverse_names(ip).await
    }

    /// Whether the name servers answer over TCP, by which answers come that are too long for a datagram (RFC 7766).
    pub async fn answers_over_tcp(&self) -> bool {
        self.shared.dns.answers_over_tcp().await
    }

    /// Whether answers can be proven through the name servers of this network (DNSSEC); `None` where there is nothing to
    /// prove, as in the practice post office.
    pub async fn can_prove_answers(&self) -> Option<bool> {
        if !self.has_policies() {
            return None;
        }
        Some(self.is_online() && self.shared.validator.is_spoken().await)
    }

    /// What a list of addresses in DNS (RFC 5782), such as `zen.spamhaus.org`, answers about one of our addresses: none where
    /// it is not on it. Kept for a day or until the network is another one, and looked up within two seconds. It tells the
    /// keeper of the list that somebody asks.
    pub async fn on_list(&self, list: &str, ip: IpAddr) -> Result<Vec<Ipv4Addr>, DnsFault> {
        self.check_network(list)?;
        let ip = ip.to_canonical();
        let network = *self.shared.changes.borrow();
        self.shared.listings.get(list, ip, network, self.shared.dns.on_list(list, ip)).await
    }

    /// The addresses from which connections to the world would be made now, one for each family that has a way out, IPv6
    /// first; the one of the settings alone where there is one, and the one that a world on this computer plays. Nothing is
    /// sent.
    pub fn source_addresses(&self) -> Vec<IpAddr> {
        let config = &self.shared.config;
        source::addresses(config.seen_as.filter(|_| config.is_here()).or(config.source_ip))
    }

    /// Without a network nobody has to wait to be told so, and a resolver on this computer that has an answer of its
    /// own is not to be believed, nor one that leads every name to a login page.
    fn check_network(&self, name: &str) -> Result<(), DnsFault> {
        if dns::needs_no_lookup(name) || self.is_online() {
            return Ok(());
        }
        Err(DnsFault::NoResolver(name.to_owned()))
    }

    /// Opens a TCP connection, from the source address of the settings where there is one.
    pub async fn dial(&self, address: SocketAddr, timeout: Duration) -> Result<Stream, Fault> {
        dial::connect(address, self.shared.config.source_ip, timeout)
            .await
            .map_err(|error| error.into_fault(address, self.what_is_missing()))
    }

    /// Opens a TCP connection to one of the addresses of a host, with `timeout` for each: the first that answers, IPv6
    /// and IPv4 by turns, the next beside one that is silent for [`HEAD_START`] (RFC 8305). If none answers, why each
    /// did not.
    pub async fn dial_any(
        &self,
        addresses: &[SocketAddr],
        timeout: Duration,
    ) -> Result<(Stream, SocketAddr), Vec<(SocketAddr, Fault)>> {
        let dial = |address| {
            let net = self.clone();
            async move { net.dial(address, timeout).await }
        };
        race::race(addresses, dial).await
    }

    /// Encrypts a connection. A policy that requires proof accepts only a certificate that gives it; the others accept any
    /// and say in the report whether it is valid, and if not, why not. A policy of `Plain` is not a reason to shake hands
    /// and is treated as opportunistic.
    pub async fn handshake(&self, stream: Stream, demand: &TlsDemand) -> Result<(Stream, TlsReport), Fault> {
        self.shared.tls.handshake(stream, demand, self.witness.as_ref().map(|witness| &witness.refused)).await
    }

    /// Whether this computer has a network at all, and one that lets it out. The practice post office counts as one. When
    /// it cannot be known, it is taken to have one.
    pub fn is_online(&self) -> bool {
        self.what_is_missing().is_none()
    }

    /// Why this computer is not on line; `None` where it is.
    pub fn what_is_missing(&self) -> Option<Fault> {
        if !self.has_address() {
            return Some(Fault::NoNetwork);
        }
        // Less than a login page is not believed: what finds no way out may itself be barred from the one server it asks.
        let heard = *self.shared.connectivity.lock().unwrap_or_else(PoisonError::into_inner);
        (heard == Some(Connectivity::Portal)).then_some(Fault::CaptivePortal)
    }

    fn has_address(&self) -> bool {
        let here = self.shared.config.is_here();
        here || self.shared.interfaces.addresses().is_none_or(|all| all.iter().any(interfaces::reaches_out))
    }

    /// The name of the interface that has this address; `None` where the system does not say.
    pub fn interface_of(&self, address: IpAddr) -> Option<String> {
        self.shared.interfaces.name_of(address)
    }

    /// The addresses of this computer; none where that cannot be known.
    pub fn own_addresses(&self) -> Vec<IpAddr> {
        self.shared.interfaces.addresses().unwrap_or_default()
    }

    /// Which network this computer is on, as far as that is seen without asking anybody.
    pub fn network(&self) -> Whereabouts {
        if self.config().is_here() {
            return Whereabouts::On(SeenNetwork::here());
        }
        if !self.has_address() {
            return Whereabouts::Nowhere;
        }
        let named = |ip: IpAddr| Some((ip, self.interface_of(ip)?));
        let sources: Vec<(IpAddr, String)> = self.source_addresses().into_iter().filter_map(named).collect();
        self.shared.interfaces.network(&sources)
    }

    /// This computer slept ([`Wakefulness`]): nobody knows which connections outlived that, nor on which network it woke.
    /// Whoever listens for changes looks again.
    pub fn woke(&self) {
        self.shared.tick.send_modify(|count| *count += 1);
    }

    /// The network is another one from now on, in a world that says so itself, as the practice post office does: it leads so
    /// far, and nothing that was kept of the former one counts.
    pub fn renew(&self, connectivity: Connectivity) {
        *self.shared.connectivity.lock().unwrap_or_else(PoisonError::into_inner) = Some(connectivity);
        self.shared.names.forget();
        self.woke();
    }

    /// A counter that goes up whenever an interface or an address of this computer comes, goes or changes, when the way
    /// out is another one, and after a sleep: only what comes from now on is new to the receiver.
    pub fn changes(&self) -> watch::Receiver<u64> {
        let mut changes = self.shared.changes.clone();
        // A clone has seen no more than what it was cloned from, and nobody ever looks at that one.
        changes.mark_unchanged();
        changes
    }
}

/// Keeps what is told of the way out, and says so where it is news.
fn keep(connectivity: Arc<Mutex<Option<Connectivity>>>, tick: Arc<watch::Sender<u64>>) -> Told {
    Box::new(move |now| {
        let before = connectivity.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        if connectivity::is_news(before, now) {
            tick.send_modify(|count| *count += 1);
        }
    })
}
