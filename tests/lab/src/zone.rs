//! The names of the town: NSD, authoritative for the root and with it for every name, forward and reverse.

use crate::program::{Running, output, run};
use crate::town::{Host, Town};
use crate::wait;
use std::fs;
use std::net::IpAddr;
use std::time::Duration;

/// Every name of the town.
#[derive(Clone, Debug)]
pub struct Zone {
    records: String,
}

/// A name server at work.
#[derive(Debug)]
pub struct NameServer {
    _process: Running,
}

impl Default for Zone {
    fn default() -> Self {
        let server = Town::NAME_SERVER;
        let records = format!(
            "$TTL 60\n@ SOA ns.example. postmaster.example. 1 3600 600 86400 1\n@ NS ns.example.\nns.example. A {server}\n"
        );
        Self { records }
    }
}

impl Zone {
    /// A host with its address, and the name of the address.
    #[must_use]
    pub fn host(self, name: &str, address: &str) -> Self {
        let reverse = reverse(address);
        self.nameless(name, address).record(&reverse, "PTR", &format!("{name}."))
    }

    /// A host with its address, which has no name.
    #[must_use]
    pub fn nameless(self, name: &str, address: &str) -> Self {
        self.record(name, if address.contains(':') { "AAAA" } else { "A" }, address)
    }

    /// A domain whose mail this host takes.
    #[must_use]
    pub fn mx(self, domain: &str, preference: u16, host: &str) -> Self {
        self.record(domain, "MX", &format!("{preference} {host}."))
    }

    /// A text.
    #[must_use]
    pub fn text(self, name: &str, text: &str) -> Self {
        self.record(name, "TXT", &format!("\"{text}\""))
    }

    /// Any record; names in its value end with a dot.
    #[must_use]
    pub fn record(mut self, name: &str, kind: &str, value: &str) -> Self {
        self.records.push_str(&format!("{name}. {kind} {value}\n"));
        self
    }

    /// Starts NSD with these names on a new host of the town, and waits until it answers.
    pub fn serve(&self, town: &Town) -> NameServer {
        let host = town.host("ns", &[Town::NAME_SERVER]);
        let directory = host.directory();
        let path = directory.display();
        fs::write(directory.join("zone"), &self.records).expect("the zone can be written");
        let config = format!(
            "server:\n  ip-address: {address}\n  zonesdir: {path}\n  database: \"\"\n  pidfile: {path}/nsd.pid\n  \
             zonelistfile: {path}/zone.list\n  xfrdfile: {path}/xfrd.state\n  xfrdir: {path}\n  username: \"\"\n  \
             server-count: 1\n  chroot: \"\"\n  hide-version: yes\nremote-control:\n  control-enable: no\n\
             zone:\n  name: \".\"\n  zonefile: zone\n",
            address = Town::NAME_SERVER,
        );
        let config_file = directory.join("nsd.conf");
        fs::write(&config_file, config).expect("the configuration can be written");
        run(host.server("nsd-checkconf").arg(&config_file));
        let mut command = host.server("nsd");
        let process = Running::start(command.arg("-d").arg("-c").arg(&config_file), &directory.join("nsd.log"));
        wait::until("the name server to answer", Duration::from_secs(20), || answers(&host));
        NameServer { _process: process }
    }
}

/// The C library asks, as Postfix will.
fn answers(host: &Host) -> Option<()> {
    output(host.server("getent").args(["ahostsv4", "ns.example"])).status.success().then_some(())
}

fn reverse(address: &str) -> String {
    match address.parse().expect("an address") {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let digits = address.octets().into_iter().rev().flat_map(|octet| [octet & 15, octet >> 4]);
            digits.map(|digit| format!("{digit:x}.")).collect::<String>() + "ip6.arpa"
        }
    }
}
