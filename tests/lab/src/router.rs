//! Homes behind routers that translate: a real miniupnpd on the router, which tells its address by NAT-PMP and by UPnP, or
//! a played one that says what it is told to.

use crate::program::{Running, run};
use crate::town::{Host, Town};
use crate::wait;
use std::fs;

/// A router that says what it should not, or what miniupnpd would not.
const PLAYED: &str = include_str!("router.py");
const PYTHON: &str = "/usr/bin/python3";

/// Where NAT-PMP is heard.
const NAT_PMP_PORT: u16 = 5351;
/// Where the web server of a router is, for UPnP.
const WEB_PORT: u16 = 5000;

/// A network of addresses that are nothing special. A router takes those of the other networks, which are for
/// documentation, for private ones, as it should. Nothing leaves the town.
const PUBLIC: &str = "128.66.0";

/// A cable from a router's inner side to a host, which has no other; `$1` the host, `$2` its address. What comes from
/// there has the router's address outside.
const BEHIND: &str = r#"
set -eu
name=$1 address=$2 router=${2%.*}.1
ip -n "$name" link delete eth0
ip link add lan type veth peer name eth0 netns "$name"
ip address add "$router/24" dev lan
ip link set lan up
ip -n "$name" address add "$address/24" dev eth0
ip -n "$name" link set eth0 up
ip -n "$name" route replace default via "$router" dev eth0
echo 1 >/proc/sys/net/ipv4/ip_forward
nft add table ip home
nft add chain ip home outward '{ type nat hook postrouting priority srcnat; }'
nft add rule ip home outward oifname eth0 masquerade
"#;

/// A network of the town whose addresses a router takes for public ones.
#[derive(Clone, Copy, Debug)]
pub struct PublicNetwork(());

impl PublicNetwork {
    /// Opens it; the street leads there.
    pub fn open(town: &Town) -> Self {
        run(town.street().server("ip").args(["address", "add", &format!("{PUBLIC}.1/24"), "dev", "bridge"]));
        Self(())
    }

    /// One of its addresses.
    pub fn address(self, number: u8) -> String {
        format!("{PUBLIC}.{number}")
    }
}

/// A host behind a router, which has the first address of the host's network on its inner side.
pub fn behind(town: &Town, router: &Host, name: &str, address: &str) -> Host {
    let host = town.host(name, &[]);
    run(router.server("sh").args(["-c", BEHIND, "sh", name, address]));
    host
}

/// What a miniupnpd speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// NAT-PMP alone.
    NatPmp,
    /// UPnP alone.
    Upnp,
    /// Both.
    Both,
}

/// A program on a router that tells its address.
#[derive(Debug)]
pub struct Teller {
    _process: Running,
}

impl Teller {
    /// Debian's miniupnpd. It is heard when this returns.
    pub fn miniupnpd(router: &Host, speaks: Speaks) -> Self {
        let directory = router.directory();
        let path = directory.display();
        let yes = |is: bool| if is { "yes" } else { "no" };
        let config = format!(
            "ext_ifname=eth0\nlistening_ip=lan\nhttp_port={WEB_PORT}\nenable_natpmp={}\nenable_upnp={}\n\
             ipv6_disable=yes\nlease_file={path}/leases\nuuid=73a9cb68-a00b-4d46-a5fd-9f3e0e4a1c11\n",
            yes(speaks != Speaks::Upnp),
            yes(speaks != Speaks::NatPmp),
        );
        let file = directory.join("miniupnpd.conf");
        fs::write(&file, config).expect("the configuration can be written");
        let mut command = router.server("miniupnpd");
        command.args(["-d", "-P"]).arg(directory.join("miniupnpd.pid")).arg("-f").arg(&file);
        let mut process = Running::start(&mut command, &directory.join("miniupnpd.log"));
        match speaks {
            Speaks::NatPmp => wait::until_bound(router, NAT_PMP_PORT, &mut process),
            Speaks::Upnp | Speaks::Both => wait::until_listening(router, WEB_PORT, &mut process),
        }
        Self { _process: process }
    }

    /// One that is played: `words` as its program takes them.
    pub fn played(router: &Host, words: &[&str]) -> Self {
        let mut command = router.server(PYTHON);
        let log = router.directory().join("router.log");
        let mut process = Running::start(command.args(["-c", PLAYED, &WEB_PORT.to_string()]).args(words), &log);
        wait::until_listening(router, WEB_PORT, &mut process);
        Self { _process: process }
    }
}

/// A STUN server at work, Debian's stund.
#[derive(Debug)]
pub struct StunServer {
    _process: Running,
}

impl StunServer {
    /// Its port.
    pub const PORT: u16 = 3478;

    /// Starts it at this address of a host.
    pub fn start(host: &Host, address: &str) -> Self {
        let mut command = host.server("stund");
        let mut process = Running::start(command.args(["-h", address]), &host.directory().join("stund.log"));
        wait::until_bound(host, Self::PORT, &mut process);
        Self { _process: process }
    }
}
