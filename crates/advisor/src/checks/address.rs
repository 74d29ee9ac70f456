//! The address that others see this computer at, and how it was learned.
//!
//! Who saw an address is believed before somebody who only knows of it, and who saw it when mail was spoken first of all:
//!
//! 1. mail hosts, which say in their answer to EHLO whom they see;
//! 2. the smart host, which does too, and may be reached by another way;
//! 3. a STUN server, where the user named one;
//! 4. the router, which says what it has outside.
//!
//! By what is said, somebody may translate once more behind the router, as carriers do for many customers at once:
//!
//! | seen | it counts as |
//! |---|---|
//! | this computer or the router has an address that is kept for that (RFC 6598, RFC 7335) | shared with others |
//! | the router has one of a private network | likely shared |
//! | the router has one that nobody sees who saw us | likely shared |
//! | the router says that it has none, and somebody saw one | likely shared |
//!
//! Behind a VPN the router is on the way to the VPN only, and its word counts for nothing.

use super::finding::{Check, Evidence, Finding};
use super::network::IpFamily;
use crate::texts::address as texts;
use std::net::IpAddr;
use std::time::Duration;

/// How an address was learned, or who was asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LearnedFrom {
    /// An interface of this computer has it.
    Interface,
    /// This mail server said from where it sees us.
    MailHost(String),
    /// The same of a smart host of the user's.
    SmartHost(String),
    /// The router says so.
    Router(RouterProtocol),
    /// A server that tells everybody their address (STUN), asked because the user wanted it.
    Stun(String),
}

/// How a router was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouterProtocol {
    /// RFC 6886.
    NatPmp,
    /// An Internet Gateway Device of UPnP.
    Upnp,
}

impl RouterProtocol {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::NatPmp => "NAT-PMP",
            Self::Upnp => "UPnP",
        }
    }
}

/// What somebody said who was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressWord {
    /// This one.
    Is(IpAddr),
    /// There is none: a router says so of itself.
    None,
    /// Nothing.
    Silence,
}

/// Who was asked, and what he said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressTold {
    /// Who.
    pub from: LearnedFrom,
    /// What.
    pub word: AddressWord,
    /// After how long, where it was asked for by itself.
    pub took: Option<Duration>,
}

/// What was learned of the address in one family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressSeen {
    /// The family.
    pub family: IpFamily,
    /// The address that connections are made from; `None` where there is none.
    pub local: Option<IpAddr>,
    /// Whether that one means the same to everybody.
    pub is_public: bool,
    /// Whether it is one that a VPN gave.
    pub by_vpn: bool,
    /// What was said. Of two that say the same, the first is named.
    pub told: Vec<AddressTold>,
}

/// An address, and how it was learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Learned {
    pub ip: IpAddr,
    pub from: LearnedFrom,
}

impl Learned {
    fn is_by_router(&self) -> bool {
        matches!(self.from, LearnedFrom::Router(_))
    }
}

/// How the address looks from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    None,
    /// Mail stays on this computer, as in the practice post office.
    Here,
    Own(Learned),
    Translated {
        local: IpAddr,
        outside: Learned,
        by: Translator,
        /// What somebody else saw.
        other: Option<Learned>,
    },
    Carrier {
        shared: Shared,
        outside: Option<Learned>,
    },
    LikelyCarrier(LikelySign),
    Elsewhere {
        local: IpAddr,
        outside: Learned,
    },
    NotKnown {
        local: IpAddr,
        by: Translator,
    },
}

/// Who gives connections another address on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Translator {
    Router,
    Vpn,
}

/// Who has an address that is kept for carriers' customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shared {
    Here(IpAddr),
    AtRouter(IpAddr),
}

/// By what it is likely that somebody translates behind the router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LikelySign {
    /// The router has an address of a private network.
    Private { router: IpAddr, outside: Option<Learned> },
    /// The router has another than was seen.
    Differs { router: IpAddr, outside: Learned },
    /// The router says that it has none, and one was seen.
    NoAddress { outside: Learned },
}

impl LikelySign {
    pub(crate) fn outside(&self) -> Option<&Learned> {
        match self {
            Self::Private { outside, .. } => outside.as_ref(),
            Self::Differs { outside, .. } | Self::NoAddress { outside } => Some(outside),
        }
    }
}

impl AddressSeen {
    /// The address that receivers see, where it is known.
    pub fn outside(&self) -> Option<IpAddr> {
        match judge_address(self) {
            Outside::None | Outside::Here | Outside::NotKnown { .. } => None,
            Outside::Own(learned) => Some(learned.ip),
            Outside::Translated { outside, .. } | Outside::Elsewhere { outside, .. } => Some(outside.ip),
            Outside::Carrier { outside, .. } => outside.map(|learned| learned.ip),
            Outside::LikelyCarrier(sign) => sign.outside().map(|learned| learned.ip),
        }
    }

    /// Every address that somebody said, in the order of [`rank`].
    fn said(&self) -> Vec<Learned> {
        let is_asked = |told: &&AddressTold| !(self.by_vpn && told.is_by_router());
        let learned = self.told.iter().filter(is_asked).filter_map(AddressTold::learned);
        let mut all: Vec<Learned> = learned.collect();
        all.sort_by_key(|learned| rank(&learned.from));
        all
    }
}

impl AddressTold {
    fn is_by_router(&self) -> bool {
        matches!(self.from, LearnedFrom::Router(_))
    }

    fn is_none_of_router(&self) -> bool {
        self.is_by_router() && self.word == AddressWord::None
    }

    fn learned(&self) -> Option<Learned> {
        match self.word {
            AddressWord::Is(ip) => Some(Learned { ip, from: self.from.clone() }),
            AddressWord::None | AddressWord::Silence => None,
        }
    }
}

/// Whom to believe first.
fn rank(from: &LearnedFrom) -> u8 {
    match from {
        LearnedFrom::Interface | LearnedFrom::MailHost(_) => 0,
        LearnedFrom::SmartHost(_) => 1,
        LearnedFrom::Stun(_) => 2,
        LearnedFrom::Router(_) => 3,
    }
}

pub(crate) fn judge_address(seen: &AddressSeen) -> Outside {
    let Some(local) = seen.local else { return Outside::None };
    let said = seen.said();
    let mut public = said.iter().filter(|learned| !is_inside(learned.ip));
    let outside = public.next().cloned();
    // A VPN may hand out the addresses of carriers to its own (Tailscale does).
    let by = if seen.by_vpn { Translator::Vpn } else { Translator::Router };
    if let Some(shared) = shared(local, &said).filter(|_| !seen.by_vpn) {
        return Outside::Carrier { shared, outside };
    }
    if let Some(sign) = likely_sign(seen, &said, outside.as_ref()) {
        return Outside::LikelyCarrier(sign);
    }
    match (seen.is_public, outside) {
        (true, Some(outside)) if outside.ip != local => Outside::Elsewhere { local, outside },
        (true, Some(outside)) => Outside::Own(outside),
        (true, None) => Outside::Own(Learned { ip: local, from: LearnedFrom::Interface }),
        (false, Some(outside)) => {
            let other = public.find(|learned| learned.ip != outside.ip).cloned();
            Outside::Translated { local, outside, by, other }
        }
        (false, None) if local.is_loopback() => Outside::Here,
        (false, None) => Outside::NotKnown { local, by },
    }
}

fn shared(local: IpAddr, said: &[Learned]) -> Option<Shared> {
    let here = is_shared(local).then_some(Shared::Here(local));
    here.or_else(|| of_routers(said).find(|ip| is_shared(*ip)).map(Shared::AtRouter))
}

/// The addresses that the router said, by whatever protocol.
fn of_routers(said: &[Learned]) -> impl Iterator<Item = IpAddr> {
    said.iter().filter(|learned| learned.is_by_router()).map(|learned| learned.ip)
}

/// `outside`: whom to believe of all that was said.
fn likely_sign(seen: &AddressSeen, said: &[Learned], outside: Option<&Learned>) -> Option<LikelySign> {
    if let Some(router) = of_routers(said).find(|ip| is_private(*ip)) {
        return Some(LikelySign::Private { router, outside: outside.cloned() });
    }
    let outside = outside.filter(|outside| !outside.is_by_router())?.clone();
    let is_seen = |ip: IpAddr| said.iter().any(|learned| learned.ip == ip && !learned.is_by_router());
    match of_routers(said).next() {
        Some(_) if of_routers(said).any(is_seen) => None,
        Some(router) => Some(LikelySign::Differs { router, outside }),
        None if !seen.by_vpn && seen.told.iter().any(AddressTold::is_none_of_router) => {
            Some(LikelySign::NoAddress { outside })
        }
        None => None,
    }
}

/// What a carrier shares among its customers (RFC 6598), and what it gives to both ends of a tunnel for IPv4, behind which
/// it does (RFC 7335).
pub(super) fn is_shared(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            a == 100 && b & 0xc0 == 64 || [a, b, c] == [192, 0, 0] && d < 8
        }
        IpAddr::V6(_) => false,
    }
}

pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local(),
    }
}

fn is_inside(ip: IpAddr) -> bool {
    is_shared(ip) || is_private(ip)
}

/// Judges the address that others see.
pub fn public_address(seen: &AddressSeen) -> Finding {
    let local = seen.local.map(|local| Evidence::known("this computer", format!("connects from {local}")));
    let evidence = local.into_iter().chain(seen.told.iter().map(evidence)).collect();
    let said = texts::public_address(seen.family, &judge_address(seen));
    Finding::new(Check::PublicAddress, seen.family.name(), evidence, said)
}

fn evidence(told: &AddressTold) -> Evidence {
    let asked = match &told.from {
        LearnedFrom::Interface => "an interface of this computer".to_owned(),
        LearnedFrom::MailHost(host) => host.clone(),
        LearnedFrom::SmartHost(host) => format!("your smart host {host}"),
        LearnedFrom::Router(protocol) => format!("the router ({})", protocol.name()),
        LearnedFrom::Stun(server) => format!("{server} (STUN, because you asked)"),
    };
    let answer = match (told.word, told.is_by_router()) {
        (AddressWord::Is(ip), false) => format!("sees {ip}"),
        (AddressWord::Is(ip), true) => format!("says that it has {ip} outside"),
        (AddressWord::None, _) => "says that it has no public address".to_owned(),
        (AddressWord::Silence, _) => "did not say".to_owned(),
    };
    match told.took {
        Some(took) => Evidence::new(asked, answer, took),
        None => Evidence::known(asked, answer),
    }
}
