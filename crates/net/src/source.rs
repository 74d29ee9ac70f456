//! The addresses from which connections to the world would be made now. Nothing is sent to find that out: a datagram socket
//! that is told its other end only asks this computer's routes (RFC 6724 §5).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Addresses that are nobody's (RFC 3849, RFC 5737), so that the way to them is the way to everybody.
const ELSEWHERE: [IpAddr; 2] =
    [IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))];
/// The port matters to nobody; zero is refused by some systems.
const ANY_PORT: u16 = 9;

/// One for each family that has a way out, IPv6 first; the one of the settings alone where there is one.
pub(crate) fn addresses(fixed: Option<IpAddr>) -> Vec<IpAddr> {
    match fixed {
        Some(ip) => vec![ip],
        None => ELSEWHERE.into_iter().filter_map(towards).collect(),
    }
}

fn towards(ip: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = if ip.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    socket.connect(SocketAddr::new(ip, ANY_PORT)).ok()?;
    let source = socket.local_addr().ok()?.ip();
    crate::interfaces::reaches_out(&source).then_some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_settings_is_the_only_one() {
        let ip = IpAddr::from([203, 0, 113, 9]);
        assert_eq!(addresses(Some(ip)), [ip]);
    }

    #[test]
    fn the_way_to_this_computer_is_no_way_out() {
        assert_eq!(towards(Ipv4Addr::LOCALHOST.into()), None);
    }
}
