//! How others see this computer, told by those who must know: the router that translates its address, and a server that
//! answers with the address that it was asked from (STUN, RFC 8489).
//!
//! The router is asked for nothing but its address, by each of two protocols, and by both at once where both are wanted:
//!
//! | protocol | what is asked | here |
//! |---|---|---|
//! | NAT-PMP (RFC 6886) | a datagram to the router | [`nat_pmp`] |
//! | UPnP (Internet Gateway Device) | a datagram to the router, then two requests over HTTP | [`upnp`] |
//! | PCP (RFC 6887) | nothing | |
//!
//! PCP is left out on purpose. Its ANNOUNCE carries no address (section 14.1), and what does carry one, MAP and PEER, makes
//! a mapping (sections 11 and 12): it would open a port in somebody's router to learn what the other two tell without.
//!
//! Whoever answers may be wrong, or lie: an answer is bounded in size and time, counts only where it comes from the router,
//! and leads nowhere else. No port is opened, and nobody but the router is asked, unless the user names a STUN server.

mod nat_pmp;
mod stun;
mod upnp;

use crate::Net;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// How long a router may take to say its address, by whatever protocol: it is on the wire next door.
const PATIENCE: Duration = Duration::from_secs(2);
/// Pauses before a question is repeated; a datagram may be lost. The last is the time for the last answer.
const PAUSES: [Duration; 3] = [Duration::from_millis(250), Duration::from_millis(500), Duration::from_millis(1000)];
/// Octets of a datagram that are read.
const LARGEST: usize = 1500;

/// How a router is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RouterProtocol {
    /// RFC 6886.
    NatPmp,
    /// What the UPnP Forum wrote down for Internet gateways.
    Upnp,
}

/// What a router says of its address outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouterWord {
    /// It has this one. That may itself be one that is translated further on.
    Outside(Ipv4Addr),
    /// It has none, or none that it would tell: routers that have one of a private network say so.
    NoAddress,
    /// It does not speak the protocol, does not answer, or what it says makes no sense.
    Nothing,
}

impl Net {
    /// The address that the router of this network has outside, in IPv4, as it says itself within two seconds; `None` where
    /// no router is known.
    pub async fn ask_router(&self, protocol: RouterProtocol) -> Option<RouterWord> {
        if self.config().is_here() {
            return None;
        }
        let router = self.shared.interfaces.router()?;
        Some(ask_router(router, protocol, self.config().source_ip).await)
    }

    /// The address from which a STUN server sees this computer, asked over IPv4 where it has that; `None` where it does
    /// not say within some seconds.
    pub async fn address_by_stun(&self, host: &str, port: u16) -> Option<IpAddr> {
        let found = self.addresses(host).await.ok()?;
        let server = found.iter().find(|ip| ip.is_ipv4()).or(found.first())?;
        stun::ask((*server, port).into()).await
    }
}

async fn ask_router(router: Ipv4Addr, protocol: RouterProtocol, source: Option<IpAddr>) -> RouterWord {
    let word = match protocol {
        RouterProtocol::NatPmp => in_time(nat_pmp::ask((router, nat_pmp::PORT).into())).await,
        RouterProtocol::Upnp => in_time(upnp::ask((router, upnp::PORT).into(), source)).await,
    };
    credible(word, router)
}

async fn in_time(answer: impl Future<Output = Option<RouterWord>>) -> RouterWord {
    timeout(PATIENCE, answer).await.ok().flatten().unwrap_or(RouterWord::Nothing)
}

/// Nobody has some addresses outside. A router that names its inner one has none: those of AVM do so where the provider
/// takes IPv4 through a tunnel (DS-Lite).
fn credible(word: RouterWord, router: Ipv4Addr) -> RouterWord {
    let RouterWord::Outside(ip) = word else { return word };
    let is_reserved = matches!(ip.octets()[0], 0 | 240..);
    match ip {
        _ if ip.is_unspecified() || ip == router => RouterWord::NoAddress,
        _ if is_reserved || ip.is_loopback() || ip.is_link_local() || ip.is_multicast() => RouterWord::Nothing,
        _ => word,
    }
}

/// Asks in a datagram, some times, until an answer makes sense.
async fn ask<T>(whom: SocketAddr, question: &[u8], read: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
    let socket = UdpSocket::bind(any(whom)).await.ok()?;
    // Connected, so that nobody else's answer is heard.
    socket.connect(whom).await.ok()?;
    for pause in PAUSES {
        socket.send(question).await.ok()?;
        let answered = timeout(pause, async {
            let mut answer = [0; LARGEST];
            loop {
                let length = socket.recv(&mut answer).await.ok()?;
                if let Some(said) = answer.get(..length).and_then(&read) {
                    return Some(said);
                }
            }
        });
        match answered.await {
            // Refused: nobody listens there, and nobody will.
            Ok(answer) => return answer,
            Err(_) => continue,
        }
    }
    None
}

/// Any port of this computer from which an address can be asked.
fn any(whom: SocketAddr) -> SocketAddr {
    let ip: IpAddr = if whom.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    (ip, 0).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody who answers each question as told; `None` is silence.
    pub(super) async fn peer(mut answer: impl FnMut(&[u8]) -> Option<Vec<u8>> + Send + 'static) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut question = [0; LARGEST];
            loop {
                let (length, from) = socket.recv_from(&mut question).await.unwrap();
                if let Some(answer) = answer(&question[..length]) {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        address
    }

    #[test]
    fn a_router_is_believed_only_where_it_names_an_address_that_it_can_have() {
        let outside = |ip: &str| RouterWord::Outside(ip.parse().unwrap());
        let table = [
            ("203.0.113.9", outside("203.0.113.9")),
            ("100.64.3.4", outside("100.64.3.4")),
            ("10.1.2.3", outside("10.1.2.3")),
            ("192.168.1.1", RouterWord::NoAddress),
            ("0.0.0.0", RouterWord::NoAddress),
            ("0.1.2.3", RouterWord::Nothing),
            ("127.0.0.1", RouterWord::Nothing),
            ("169.254.1.1", RouterWord::Nothing),
            ("224.0.0.1", RouterWord::Nothing),
            ("240.0.0.1", RouterWord::Nothing),
            ("255.255.255.255", RouterWord::Nothing),
        ];
        for (named, expected) in table {
            assert_eq!(credible(outside(named), Ipv4Addr::new(192, 168, 1, 1)), expected, "{named}");
        }
        assert_eq!(credible(RouterWord::NoAddress, Ipv4Addr::LOCALHOST), RouterWord::NoAddress);
    }

    #[tokio::test]
    async fn who_never_answers_is_given_up() {
        let (silent, babbling) = (peer(|_| None).await, peer(|question| Some(question.to_vec())).await);
        let answers = tokio::join!(stun::ask(silent), nat_pmp::ask(babbling));
        assert_eq!(answers, (None, None));
    }
}
