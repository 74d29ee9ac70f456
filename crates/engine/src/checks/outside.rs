//! How others see this computer: who says so, and who is asked for that alone.
//!
//! Mail hosts and smart hosts say it by the way. The router is asked where this computer has an address that is
//! translated, by each protocol at once, but not behind a VPN, where its word would not hold. A STUN server is asked where
//! the user named one. What all that means is decided in [`advisor::checks::address`].

use super::asked::Told;
use super::local_address;
use crate::error::Error;
use advisor::checks::address::{AddressSeen, AddressTold, AddressWord, LearnedFrom, RouterProtocol};
use advisor::checks::greeting;
use advisor::checks::network::{IpFamily, is_tunnel};
use futures::future::join3;
use model::CallError;
use net::{Net, RouterWord, is_public};
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use tokio::time::{Instant, timeout_at};

/// Where STUN servers hear (RFC 8489).
const STUN_PORT: u16 = 3478;

/// A STUN server that the user named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StunServer {
    host: String,
    port: u16,
}

/// Reads `host`, `host:port`, `[address]:port` or an address.
pub(super) fn stun_server(named: &str) -> Result<StunServer, Error> {
    let named = named.trim();
    if let Ok(address) = named.parse::<SocketAddr>() {
        return Ok(StunServer { host: address.ip().to_string(), port: address.port() });
    }
    let (host, port) = match named.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host, port.parse().ok().filter(|port| *port != 0)),
        _ => (named, Some(STUN_PORT)),
    };
    let port = port.filter(|_| !host.is_empty() && !host.contains(char::is_whitespace));
    port.map(|port| StunServer { host: host.to_owned(), port }).ok_or_else(|| {
        let message = format!("“{named}” is no STUN server");
        CallError::new("stun-server", message, "Give its name, and its port after a colon: stun.example.org:3478.")
            .into()
    })
}

/// Asks those who know how others see this computer, and say nothing else.
pub(super) async fn ask_how_we_look(net: &Net, stun: Option<&StunServer>, deadline: Instant) -> Vec<AddressTold> {
    let local = local_address(net, IpFamily::V4);
    let translated = local.is_some_and(|ip| !is_public(ip) && !is_by_vpn(net, ip));
    let by_router = |protocol: RouterProtocol| async move {
        let asked = translated.then(|| net.ask_router(spoken(protocol)))?;
        told(LearnedFrom::Router(protocol), deadline, async { Some(word_of(asked.await?)) }).await
    };
    let by_stun = async {
        let StunServer { host, port } = stun?;
        let seen = async {
            let ip = net.address_by_stun(host, *port).await;
            Some(ip.map_or(AddressWord::Silence, AddressWord::Is))
        };
        told(LearnedFrom::Stun(host.clone()), deadline, seen).await
    };
    let (nat_pmp, upnp, stun) =
        join3(by_router(RouterProtocol::NatPmp), by_router(RouterProtocol::Upnp), by_stun).await;
    [nat_pmp, upnp, stun].into_iter().flatten().collect()
}

/// What somebody says, with the time that it took; `None` where there was nobody to ask.
async fn told(
    from: LearnedFrom,
    deadline: Instant,
    word: impl Future<Output = Option<AddressWord>>,
) -> Option<AddressTold> {
    let began = Instant::now();
    let word = timeout_at(deadline, word).await.unwrap_or(Some(AddressWord::Silence))?;
    Some(AddressTold { from, word, took: Some(began.elapsed()) })
}

fn spoken(protocol: RouterProtocol) -> net::RouterProtocol {
    match protocol {
        RouterProtocol::NatPmp => net::RouterProtocol::NatPmp,
        RouterProtocol::Upnp => net::RouterProtocol::Upnp,
    }
}

fn word_of(said: RouterWord) -> AddressWord {
    match said {
        RouterWord::Outside(ip) => AddressWord::Is(ip.into()),
        RouterWord::NoAddress => AddressWord::None,
        RouterWord::Nothing => AddressWord::Silence,
    }
}

/// From where the servers said that they see us; each address once. Smart hosts are named before mail hosts of others.
pub(super) fn addresses_told(by_mail_hosts: &[Told], by_smart_hosts: &[Told]) -> Vec<AddressTold> {
    let smart_hosts = by_smart_hosts.iter().map(|told| (told, LearnedFrom::SmartHost as fn(String) -> _));
    let mail_hosts = by_mail_hosts.iter().map(|told| (told, LearnedFrom::MailHost as fn(String) -> _));
    let mut all: Vec<AddressTold> = Vec::new();
    for (Told { probe, .. }, from) in smart_hosts.chain(mail_hosts) {
        let word = probe.end.value.introduced().and_then(greeting::address).map(AddressWord::Is);
        if let Some(word) = word.filter(|word| all.iter().all(|known| known.word != *word)) {
            all.push(AddressTold { from: from(probe.host.clone()), word, took: None });
        }
    }
    all
}

/// How this computer looks from outside, by what was told.
pub(super) fn families_told(net: &Net, told: &[AddressTold]) -> [AddressSeen; 2] {
    let locals = [IpFamily::V4, IpFamily::V6].map(|family| (family, local_address(net, family)));
    let first = locals.iter().find(|(_, local)| local.is_some()).map(|(family, _)| *family);
    locals.map(|(family, local)| AddressSeen {
        family,
        local,
        is_public: local.is_some_and(is_public),
        by_vpn: local.is_some_and(|ip| is_by_vpn(net, ip)),
        told: told.iter().filter(|told| concerns(told, family, first)).cloned().collect(),
    })
}

/// Whether something is about a family. Routers are asked in IPv4; a server that was silent is named once.
fn concerns(told: &AddressTold, family: IpFamily, first: Option<IpFamily>) -> bool {
    match (told.word, &told.from) {
        (AddressWord::Is(ip), _) => IpFamily::of(ip) == family,
        (AddressWord::None | AddressWord::Silence, LearnedFrom::Router(_)) => family == IpFamily::V4,
        (AddressWord::None | AddressWord::Silence, _) => Some(family) == first,
    }
}

fn is_by_vpn(net: &Net, local: IpAddr) -> bool {
    net.interface_of(local).is_some_and(|name| is_tunnel(&name))
}

pub(super) fn known_outside(families: &[AddressSeen]) -> Vec<IpAddr> {
    families.iter().filter_map(AddressSeen::outside).filter(|ip| is_public(*ip)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use advisor::checks::Timed;
    use advisor::checks::network::{Probe, ProbeEnd};
    use model::Reply;
    use std::time::Duration;

    /// A host that says from where it sees us.
    fn sees(host: &str, ip: &str) -> Told {
        let reply = |line: String| Reply { code: 250, enhanced: None, lines: vec![line] };
        let ehlo = Some(reply(format!("{host} Hello [{ip}]")));
        let end = ProbeEnd::Greeted { greeting: reply(host.to_owned()), ehlo, helo: None };
        let probe = Probe {
            host: host.to_owned(),
            address: ([192, 0, 2, 1], 25).into(),
            end: Timed::new(end, Duration::ZERO),
            encrypted_before: false,
        };
        Told { probe, at: Instant::now() }
    }

    fn word(from: LearnedFrom, word: AddressWord) -> AddressTold {
        AddressTold { from, word, took: None }
    }

    #[test]
    fn an_address_that_several_saw_is_told_once_and_by_the_smart_host_first() {
        let by_mail_hosts = [
            sees("mx.one.example", "203.0.113.9"),
            sees("mx.two.example", "198.51.100.7"),
            sees("mx.three.example", ""),
        ];
        let is = |ip: &str| AddressWord::Is(ip.parse().unwrap());
        let expected = [
            word(LearnedFrom::SmartHost("post.example".to_owned()), is("203.0.113.9")),
            word(LearnedFrom::MailHost("mx.two.example".to_owned()), is("198.51.100.7")),
        ];
        assert_eq!(addresses_told(&by_mail_hosts, &[sees("post.example", "203.0.113.9")]), expected);
    }

    #[test]
    fn what_is_said_concerns_one_family() {
        let router = || LearnedFrom::Router(RouterProtocol::Upnp);
        let stun = || LearnedFrom::Stun("stun.example".to_owned());
        let (v4, v6) = (IpFamily::V4, IpFamily::V6);
        let table = [
            (word(stun(), AddressWord::Is([203, 0, 113, 9].into())), Some(v6), v4),
            (word(router(), AddressWord::None), Some(v6), v4),
            (word(router(), AddressWord::Silence), Some(v4), v4),
            (word(stun(), AddressWord::Silence), Some(v4), v4),
            (word(stun(), AddressWord::Silence), Some(v6), v6),
        ];
        for (told, first, expected) in table {
            let families: Vec<IpFamily> = [v4, v6].into_iter().filter(|one| concerns(&told, *one, first)).collect();
            assert_eq!(families, [expected], "{told:?} {first:?}");
        }
    }

    #[test]
    fn a_stun_server_is_named_as_people_write_it() {
        let table = [
            ("stun.example.org", Some(("stun.example.org", 3478))),
            (" stun.example.org:443 ", Some(("stun.example.org", 443))),
            ("192.0.2.7", Some(("192.0.2.7", 3478))),
            ("[2001:db8::7]:3479", Some(("2001:db8::7", 3479))),
            ("2001:db8::7", Some(("2001:db8::7", 3478))),
            ("", None),
            (":3478", None),
            ("stun.example.org:0", None),
            ("stun.example.org:many", None),
            ("two words", None),
        ];
        for (named, expected) in table {
            let expected = expected.map(|(host, port)| StunServer { host: host.to_owned(), port });
            assert_eq!(stun_server(named).ok(), expected, "{named}");
        }
    }
}
