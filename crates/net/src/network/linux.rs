//! What Linux shows under `/proc/net`: routes (`route`, `ipv6_route`) and neighbours (`arp`); of a network namespace it is
//! that namespace's.
//!
//! Of routes that go everywhere, the longest prefix decides and then the lowest metric: a VPN may lay two halves over the
//! default route. A router without an entry among the neighbours has not been spoken to yet; then nothing is said, since
//! the network would have another mark a moment later.

use super::{NetworkMark, SeenNetwork, Whereabouts};
use model::NetworkKind;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// Flags of a route (`linux/route.h`): it is up; it only says no.
const UP: u32 = 1;
const REJECT: u32 = 0x200;
/// Flag of a neighbour (`linux/if_arp.h`): its hardware address is known.
const COMPLETE: u32 = 2;
/// The hardware type of what has no hardware (`linux/if_arp.h`), as tunnels.
const NONE: u32 = 65534;

/// The tables, as text.
#[derive(Clone, Debug, Default)]
struct Tables {
    route: String,
    arp: String,
    ipv6_route: String,
}

/// The network that connections from these addresses go through, each with its interface.
pub(crate) fn system(sources: &[(IpAddr, String)]) -> Whereabouts {
    let read = |name: &str| fs::read_to_string(Path::new("/proc/net").join(name)).unwrap_or_default();
    let tables = Tables { route: read("route"), arp: read("arp"), ipv6_route: read("ipv6_route") };
    match recognise(&tables, sources) {
        Some((mark, interface)) => Whereabouts::On(SeenNetwork { mark, kind: kind_of(&interface) }),
        None => Whereabouts::Unrecognised,
    }
}

/// The router that leads everywhere in IPv4.
pub(crate) fn router() -> Option<Ipv4Addr> {
    let routes = fs::read_to_string("/proc/net/route").ok()?;
    default_v4(&routes).map(|way| way.gateway).filter(|gateway| !gateway.is_unspecified())
}

/// The mark of the network, and the interface that leads there.
fn recognise(tables: &Tables, sources: &[(IpAddr, String)]) -> Option<(NetworkMark, String)> {
    let of_family = |is_four: bool| sources.iter().find(|(ip, _)| ip.is_ipv4() == is_four).map(|(_, name)| name);
    let (mark, interface) = match (default_v4(&tables.route), default_v6(&tables.ipv6_route)) {
        (Some(way), _) => (way.mark(tables), (way.interface, of_family(true))),
        (None, Some(way)) => (way.mark(tables), (way.interface, of_family(false))),
        (None, None) => (None, (String::new(), of_family(true).or(of_family(false)))),
    };
    let (by_routes, by_source) = interface;
    match by_source {
        // Rules of its own, which these tables do not show, lead elsewhere.
        Some(other) if *other != by_routes => Some((line(other), other.clone())),
        _ => Some((mark?, by_routes)),
    }
}

/// A line or a tunnel: there is nobody on it but the other end.
fn line(interface: &str) -> NetworkMark {
    NetworkMark::new(format!("line {interface}"))
}

/// Where everything goes in IPv4.
#[derive(Debug, PartialEq, Eq)]
struct Way4 {
    interface: String,
    gateway: Ipv4Addr,
}

impl Way4 {
    fn mark(&self, tables: &Tables) -> Option<NetworkMark> {
        if self.gateway.is_unspecified() {
            return Some(line(&self.interface));
        }
        let hardware = neighbour(&tables.arp, self.gateway, &self.interface)?;
        let (network, length) = prefix_v4(&tables.route, self.gateway, &self.interface);
        Some(NetworkMark::new(format!("router {hardware} in {network}/{length}")))
    }
}

/// Where everything goes in IPv6.
#[derive(Debug, PartialEq, Eq)]
struct Way6 {
    interface: String,
    gateway: Ipv6Addr,
}

impl Way6 {
    fn mark(&self, tables: &Tables) -> Option<NetworkMark> {
        if self.gateway.is_unspecified() {
            return Some(line(&self.interface));
        }
        // Made of a hardware address (RFC 4291, appendix A) it is the only one of its kind; otherwise the prefix is needed,
        // which some providers change every day.
        if self.gateway.octets().get(11..13) == Some(&[0xff, 0xfe]) {
            return Some(NetworkMark::new(format!("router {}", self.gateway)));
        }
        let prefix = prefix_v6(&tables.ipv6_route, &self.interface)?;
        Some(NetworkMark::new(format!("router {} in {prefix}", self.gateway)))
    }
}

/// A row of `route`, whose addresses stand there as the machine has them in memory.
struct Row4<'a> {
    interface: &'a str,
    destination: Ipv4Addr,
    gateway: Ipv4Addr,
    metric: u32,
    length: u32,
}

fn rows_v4(text: &str) -> impl Iterator<Item = Row4<'_>> {
    text.lines().skip(1).filter_map(row_v4)
}

/// `None` also for one that is not in use.
fn row_v4(line: &str) -> Option<Row4<'_>> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let [interface, destination, gateway, flags, _, _, metric, mask, ..] = columns.as_slice() else { return None };
    let hex = |text: &str| u32::from_str_radix(text, 16).ok();
    let address = |text: &str| hex(text).map(|number| Ipv4Addr::from(number.to_ne_bytes()));
    let flags = hex(flags)?;
    let row = Row4 {
        interface,
        destination: address(destination)?,
        gateway: address(gateway)?,
        metric: metric.parse().ok()?,
        length: hex(mask)?.count_ones(),
    };
    (flags & UP != 0 && flags & REJECT == 0).then_some(row)
}

/// Whether a route is one of those over which everything goes: the default, or half of the world.
fn is_for_everything(length: u32) -> bool {
    length <= 1
}

fn default_v4(routes: &str) -> Option<Way4> {
    let row = rows_v4(routes)
        .filter(|row| is_for_everything(row.length))
        .min_by_key(|row| (std::cmp::Reverse(row.length), row.metric))?;
    Some(Way4 { interface: row.interface.to_owned(), gateway: row.gateway })
}

/// The network on the wire that a router is in: the router alone where no route says more.
fn prefix_v4(routes: &str, gateway: Ipv4Addr, interface: &str) -> (Ipv4Addr, u32) {
    let within = |row: &Row4<'_>| {
        let mask = u32::MAX.checked_shl(32 - row.length).unwrap_or(0);
        u32::from(gateway) & mask == u32::from(row.destination)
    };
    rows_v4(routes)
        .filter(|row| row.interface == interface && row.gateway.is_unspecified() && !is_for_everything(row.length))
        .filter(within)
        .max_by_key(|row| row.length)
        .map_or((gateway, 32), |row| (row.destination, row.length))
}

/// The hardware address of a neighbour.
fn neighbour(table: &str, ip: Ipv4Addr, interface: &str) -> Option<String> {
    table.lines().skip(1).find_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [address, _, flags, hardware, _, device, ..] = columns.as_slice() else { return None };
        let flags = u32::from_str_radix(flags.trim_start_matches("0x"), 16).ok()?;
        let is_it = address.parse() == Ok(ip) && *device == interface && flags & COMPLETE != 0;
        (is_it && *hardware != "00:00:00:00:00:00").then(|| hardware.to_ascii_lowercase())
    })
}

/// A row of `ipv6_route`.
struct Row6<'a> {
    interface: &'a str,
    destination: Ipv6Addr,
    length: u32,
    gateway: Ipv6Addr,
    metric: u32,
}

/// Those in use that lead out of this computer.
fn rows_v6(text: &str) -> impl Iterator<Item = Row6<'_>> {
    text.lines().filter_map(row_v6)
}

fn row_v6(line: &str) -> Option<Row6<'_>> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let [destination, length, _, _, gateway, metric, _, _, flags, interface] = columns.as_slice() else {
        return None;
    };
    let hex = |text: &str| u32::from_str_radix(text, 16).ok();
    let address = |text: &str| u128::from_str_radix(text, 16).ok().map(Ipv6Addr::from);
    let flags = hex(flags)?;
    let row = Row6 {
        interface,
        destination: address(destination)?,
        length: hex(length)?,
        gateway: address(gateway)?,
        metric: hex(metric)?,
    };
    (flags & UP != 0 && flags & REJECT == 0 && *interface != "lo").then_some(row)
}

fn default_v6(routes: &str) -> Option<Way6> {
    let row = rows_v6(routes)
        .filter(|row| is_for_everything(row.length))
        .min_by_key(|row| (std::cmp::Reverse(row.length), row.metric))?;
    Some(Way6 { interface: row.interface.to_owned(), gateway: row.gateway })
}

/// The lowest of the networks on the wire of an interface, but for those that every interface has.
fn prefix_v6(routes: &str, interface: &str) -> Option<String> {
    rows_v6(routes)
        .filter(|row| row.interface == interface && row.gateway.is_unspecified())
        .filter(|row| (8..128).contains(&row.length))
        .filter(|row| !row.destination.is_unicast_link_local() && !row.destination.is_multicast())
        .map(|row| (row.destination, row.length))
        .min()
        .map(|(network, length)| format!("{network}/{length}"))
}

/// What `/sys` says of an interface.
fn kind_of(interface: &str) -> NetworkKind {
    let of = Path::new("/sys/class/net").join(interface);
    let hardware = fs::read_to_string(of.join("type")).ok().and_then(|text| text.trim().parse().ok());
    let has_radio = of.join("wireless").exists() || of.join("phy80211").exists();
    kind(interface, hardware.unwrap_or_default(), has_radio, of.join("tun_flags").exists())
}

/// The telephone network is known by the names that its interfaces get (`ww` of systemd's, `rmnet` of phones).
fn kind(interface: &str, hardware: u32, has_radio: bool, is_tun: bool) -> NetworkKind {
    match interface {
        _ if has_radio => NetworkKind::WiFi,
        _ if interface.starts_with("ww") || interface.starts_with("rmnet") => NetworkKind::Mobile,
        _ if is_tun || hardware == NONE => NetworkKind::Tunnel,
        _ => NetworkKind::Wired,
    }
}

#[cfg(test)]
mod tests;
