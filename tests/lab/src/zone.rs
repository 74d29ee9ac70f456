//! The names of the town: NSD, authoritative for the root and with it for every name, forward and reverse.

use crate::program::{Running, output, run};
use crate::town::{Host, Town};
use crate::wait;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Where the root's key is, beside the zones.
const ANCHOR: &str = "anchor";

/// Every name of the town.
#[derive(Clone, Debug)]
pub struct Zone {
    records: Vec<(String, String)>,
    parts: Vec<(String, Signing)>,
    broken: Vec<String>,
    signing: Signing,
}

/// Whether a zone is signed (DNSSEC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// Not at all.
    Absent,
    /// As it should be.
    Valid,
    /// With signatures whose time is over, as where nobody looks after a zone.
    Expired,
}

/// A name server at work.
#[derive(Debug)]
pub struct NameServer {
    host: Host,
    _process: Running,
}

impl Default for Zone {
    fn default() -> Self {
        let zone = Self { records: Vec::new(), parts: Vec::new(), broken: Vec::new(), signing: Signing::Absent };
        zone.nameless("ns.example", Town::NAME_SERVER)
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

    /// A domain whose name server can say nothing of it (SERVFAIL).
    #[must_use]
    pub fn broken(mut self, domain: &str) -> Self {
        self.broken.push(domain.to_owned());
        self
    }

    /// Any record; names in its value end with a dot.
    #[must_use]
    pub fn record(mut self, name: &str, kind: &str, value: &str) -> Self {
        self.records.push((name.to_owned(), format!("{name}. {kind} {value}\n")));
        self
    }

    /// Signs the root, and with it everything that is not a part.
    #[must_use]
    pub fn signed(self) -> Self {
        Self { signing: Signing::Valid, ..self }
    }

    /// Makes a domain, with all names below it, a zone of its own.
    #[must_use]
    pub fn part(mut self, domain: &str, signing: Signing) -> Self {
        self.parts.push((domain.to_owned(), signing));
        self
    }

    /// Starts NSD with these names on a new host of the town, and waits until it answers.
    pub fn serve(&self, town: &Town) -> NameServer {
        let host = town.host("ns", &[Town::NAME_SERVER]);
        let directory = host.directory();
        self.write(&directory);
        let path = directory.display();
        let mut config = format!(
            "server:\n  ip-address: {address}\n  zonesdir: {path}\n  database: \"\"\n  pidfile: {path}/nsd.pid\n  \
             zonelistfile: {path}/zone.list\n  xfrdfile: {path}/xfrd.state\n  xfrdir: {path}\n  username: \"\"\n  \
             server-count: 1\n  chroot: \"\"\n  hide-version: yes\nremote-control:\n  control-enable: no\n\
             zone:\n  name: \".\"\n  zonefile: zone\n",
            address = Town::NAME_SERVER,
        );
        for (domain, _) in &self.parts {
            config.push_str(&format!("zone:\n  name: \"{domain}\"\n  zonefile: zone.{domain}\n"));
        }
        for domain in &self.broken {
            config.push_str(&format!("zone:\n  name: \"{domain}\"\n  zonefile: missing\n"));
        }
        let config_file = directory.join("nsd.conf");
        fs::write(&config_file, config).expect("the configuration can be written");
        run(host.server("nsd-checkconf").arg(&config_file));
        let mut command = host.server("nsd");
        let process = Running::start(command.arg("-d").arg("-c").arg(&config_file), &directory.join("nsd.log"));
        wait::until("the name server to answer", Duration::from_secs(20), || answers(&host));
        NameServer { host, _process: process }
    }

    /// Writes the zones, the parts first: what they are signed with stands in the root.
    fn write(&self, directory: &Path) {
        let mut root = self.text_of("", |name| self.part_of(name).is_none());
        for (domain, signing) in &self.parts {
            let file = directory.join(format!("zone.{domain}"));
            let text = self.text_of(domain, |name| self.part_of(name) == Some(domain));
            fs::write(&file, text).expect("a zone can be written");
            root.push_str(&format!("{domain}. NS ns.example.\n"));
            if let Some(key) = sign(&file, domain, *signing) {
                root.push_str(&key.ds);
            }
        }
        let file = directory.join("zone");
        fs::write(&file, root).expect("a zone can be written");
        if let Some(key) = sign(&file, ".", self.signing) {
            fs::write(directory.join(ANCHOR), key.record).expect("the anchor can be written");
        }
    }

    fn part_of(&self, name: &str) -> Option<&str> {
        let is_below = |domain: &str| name == domain || name.ends_with(&format!(".{domain}"));
        self.parts.iter().map(|(domain, _)| domain.as_str()).find(|domain| is_below(domain))
    }

    fn text_of(&self, zone: &str, belongs: impl Fn(&str) -> bool) -> String {
        let records = self.records.iter().filter(|(name, _)| belongs(name)).map(|(_, record)| record.as_str());
        let head = format!(
            "$TTL 60\n{zone}. SOA ns.example. postmaster.example. 1 3600 600 86400 1\n{zone}. NS ns.example.\n"
        );
        head + &records.collect::<String>()
    }
}

impl NameServer {
    /// What a validating resolver has to begin with where the root is signed: a file with the root's key.
    pub fn trust_anchor(&self) -> PathBuf {
        self.host.directory().join(ANCHOR)
    }

    /// Serves these names from now on. The parts stay what they are.
    pub fn serve_instead(&self, zone: &Zone) {
        zone.write(&self.host.directory());
        run(self
            .host
            .server("sh")
            .args(["-c", "kill -HUP $(cat \"$1\")", "sh"])
            .arg(self.host.directory().join("nsd.pid")));
    }
}

/// The records of a key, for the zone above and for who begins there.
struct Key {
    ds: String,
    record: String,
}

/// Signs a zone in place with a new key.
fn sign(file: &Path, zone: &str, signing: Signing) -> Option<Key> {
    let directory = file.parent().expect("a file in a directory");
    let times: &[&str] = match signing {
        Signing::Absent => return None,
        Signing::Valid => &[],
        Signing::Expired => &["-i", "20200101", "-e", "20200201"],
    };
    let make = ["-a", "ECDSAP256SHA256", "-k", "-r", "/dev/urandom", zone];
    let key = run(Command::new("ldns-keygen").current_dir(directory).args(make));
    let key = directory.join(key.trim());
    let read = |what: &str| fs::read_to_string(format!("{}.{what}", key.display())).expect("a key has its records");
    let record = read("key");
    // Behind the record stands a remark.
    let record = format!("{}\n", record.split(';').next().unwrap_or(&record).trim());
    run(Command::new("ldns-signzone").args(times).args(["-o", zone, "-f"]).arg(file).arg(file).arg(&key));
    Some(Key { ds: read("ds"), record })
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
