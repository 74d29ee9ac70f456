use super::*;

const HEAD: &str = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
const NEIGHBOURS: &str = "IP address       HW type     Flags       HW address            Mask     Device\n\
     192.168.1.1      0x1         0x2         02:FC:00:00:00:05     *        wlan0\n\
     192.168.1.1      0x1         0x2         02:fc:00:00:00:77     *        eth0\n\
     192.168.1.9      0x1         0x0         00:00:00:00:00:00     *        eth0\n\
     10.0.0.1         0x1         0x0         02:fc:00:00:00:06     *        eth0\n";

fn v4(destination: [u8; 4]) -> String {
    format!("{:08X}", u32::from_ne_bytes(destination))
}

fn route(interface: &str, to: [u8; 4], gateway: [u8; 4], metric: u32, mask: [u8; 4]) -> String {
    format!("{interface}\t{}\t{}\t0003\t0\t0\t{metric}\t{}\t0\t0\t0\n", v4(to), v4(gateway), v4(mask))
}

fn everywhere(interface: &str, gateway: [u8; 4], metric: u32) -> String {
    route(interface, [0; 4], gateway, metric, [0; 4])
}

fn at_home(interface: &str, metric: u32) -> String {
    everywhere(interface, [192, 168, 1, 1], metric)
        + &route(interface, [192, 168, 1, 0], [0; 4], metric, [255, 255, 255, 0])
}

fn mark(routes: &str, ipv6_routes: &str, sources: &[(&str, &str)]) -> Option<String> {
    let tables = Tables { route: HEAD.to_owned() + routes, arp: NEIGHBOURS.into(), ipv6_route: ipv6_routes.into() };
    let sources: Vec<(IpAddr, String)> =
        sources.iter().map(|(ip, name)| (ip.parse().unwrap(), (*name).to_owned())).collect();
    let (mark, interface) = recognise(&tables, &sources)?;
    Some(format!("{} via {interface}", String::from_utf8_lossy(mark.as_bytes())))
}

#[test]
fn a_network_is_recognised_by_its_router_and_its_prefix() {
    let wifi = "router 02:fc:00:00:00:05 in 192.168.1.0/24 via wlan0";
    let cable = "router 02:fc:00:00:00:77 in 192.168.1.0/24 via eth0";
    let table = [
        (at_home("wlan0", 600), Some(wifi)),
        (at_home("wlan0", 600) + &at_home("eth0", 100), Some(cable)),
        (at_home("wlan0", 50) + &at_home("eth0", 100), Some(wifi)),
        // A rented server: the router is on no network that a route names.
        (
            everywhere("eth0", [192, 168, 1, 1], 0) + &route("eth0", [192, 168, 1, 1], [0; 4], 0, [255; 4]),
            Some("router 02:fc:00:00:00:77 in 192.168.1.1/32 via eth0"),
        ),
        (everywhere("eth0", [192, 168, 1, 1], 0), Some("router 02:fc:00:00:00:77 in 192.168.1.1/32 via eth0")),
        (everywhere("ppp0", [0; 4], 0), Some("line ppp0 via ppp0")),
        // A VPN that lays two halves over everything.
        (at_home("wlan0", 600) + &route("tun0", [0; 4], [0; 4], 700, [128, 0, 0, 0]), Some("line tun0 via tun0")),
        (everywhere("eth0", [10, 0, 0, 1], 0), None),
        (everywhere("eth0", [192, 168, 1, 9], 0), None),
        (route("eth0", [192, 168, 1, 0], [0; 4], 0, [255, 255, 255, 0]), None),
        (String::new(), None),
    ];
    for (routes, expected) in table {
        assert_eq!(mark(&routes, "", &[]).as_deref(), expected, "{routes}");
    }
    let rejected = everywhere("eth0", [192, 168, 1, 1], 0).replace("\t0003\t", "\t0203\t");
    assert_eq!(mark(&rejected, "", &[]), None);
}

#[test]
fn a_way_that_the_tables_do_not_show_is_recognised_by_its_interface() {
    let routes = at_home("wlan0", 600);
    let home = "router 02:fc:00:00:00:05 in 192.168.1.0/24 via wlan0";
    let table: [(&[(&str, &str)], &str); 4] = [
        (&[("192.168.1.7", "wlan0")], home),
        (&[("10.8.0.2", "wg0")], "line wg0 via wg0"),
        (&[("2001:db8::7", "wg0"), ("192.168.1.7", "wlan0")], home),
        (&[("2001:db8::7", "wg0")], home),
    ];
    for (sources, expected) in table {
        assert_eq!(mark(&routes, "", sources).as_deref(), Some(expected), "{sources:?}");
    }
    assert_eq!(mark("", "", &[("10.8.0.2", "wg0")]).as_deref(), Some("line wg0 via wg0"));
}

fn route6(to: &str, length: u8, gateway: &str, interface: &str) -> String {
    let hex = |text: &str| format!("{:032x}", u128::from(text.parse::<Ipv6Addr>().unwrap()));
    let (to, gateway) = (hex(to), hex(gateway));
    format!("{to} {length:02x} {} 00 {gateway} 00000400 00000003 00000000 00000003     {interface}\n", "0".repeat(32))
}

#[test]
fn in_ipv6_alone_the_router_is_known_by_its_address_on_the_link() {
    let lan = |router: &str| {
        route6("2001:db8:7::", 64, "::", "eth0")
            + &route6("fe80::", 64, "::", "eth0")
            + &route6("::", 0, router, "eth0")
            + &route6("::1", 128, "::", "lo")
            + &route6("::", 0, "::", "lo")
    };
    let table = [
        (lan("fe80::fc:ff:fe00:5"), "", Some("router fe80::fc:ff:fe00:5 via eth0")),
        (lan("fe80::1"), "", Some("router fe80::1 in 2001:db8:7::/64 via eth0")),
        (route6("::", 0, "::", "wwan0"), "", Some("line wwan0 via wwan0")),
        (lan("fe80::1"), "eth0", Some("router 02:fc:00:00:00:77 in 192.168.1.0/24 via eth0")),
        (route6("fe80::", 64, "::", "eth0"), "", None),
    ];
    for (six, four, expected) in table {
        let four = if four.is_empty() { String::new() } else { at_home(four, 0) };
        assert_eq!(mark(&four, &six, &[]).as_deref(), expected, "{six}");
    }
}

#[test]
fn what_is_no_table_names_no_network() {
    for text in ["", "\n\n", "Iface\n", "eth0 0 0\n", "eth0\tXY\t0\t3\t0\t0\t0\t0\t0\t0\t0\n"] {
        let tables = Tables { route: text.into(), arp: text.into(), ipv6_route: text.into() };
        assert_eq!(recognise(&tables, &[]), None, "{text:?}");
    }
}

#[test]
fn an_interface_tells_how_this_computer_is_on_the_network() {
    let table = [
        ("wlan0", 1, true, false, NetworkKind::WiFi),
        ("eth0", 1, false, false, NetworkKind::Wired),
        ("wwan0", 1, false, false, NetworkKind::Mobile),
        ("rmnet_data0", 519, false, false, NetworkKind::Mobile),
        ("wg0", NONE, false, false, NetworkKind::Tunnel),
        ("tun0", NONE, false, true, NetworkKind::Tunnel),
        ("tap0", 1, false, true, NetworkKind::Tunnel),
        ("ppp0", 512, false, false, NetworkKind::Wired),
    ];
    for (interface, hardware, has_radio, is_tun, expected) in table {
        assert_eq!(kind(interface, hardware, has_radio, is_tun), expected, "{interface}");
    }
}
