//! The town of the checks.

use postrider_lab::certificates::Authority;
use postrider_lab::dovecot::{Dovecot, auth_socket};
use postrider_lab::exim::Exim;
use postrider_lab::middlebox::{Middlebox, Way};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::zone::{NameServer, Zone};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

const PASSWORD: &str = "correct horse battery staple";
/// Those who are written to: two owners, whose hosts say what time it is.
pub const FRIENDS: [&str; 2] = ["one.example", "two.example"];
const FRIENDS_ADDRESSES: [[&str; 2]; 2] = [["203.0.113.11", "2001:db8::11"], ["203.0.113.22", "2001:db8::22"]];
/// One whose host says what time it was an hour ago.
pub const LATE: &str = "late.example";
const LATE_ADDRESS: &str = "203.0.113.61";

/// A case: its name, its address, and what the street does with what comes from there.
struct Case {
    name: &'static str,
    address: &'static str,
    rule: &'static str,
}

const fn case(name: &'static str, address: &'static str) -> Case {
    Case { name, address, rule: "" }
}

const fn barred(name: &'static str, address: &'static str, rule: &'static str) -> Case {
    Case { name, address, rule }
}

/// Those for whom port 25 is diverted, and where to.
const DIVERTED: [(&str, Way, u16); 2] = [("198.51.100.24", Way::Answers, 2524), ("198.51.100.25", Way::Strips, 2525)];

/// Those that have IPv6 as well, and whether port 25 is open there.
const WITH_IPV6: [(&str, &str, bool); 2] = [("onlyfour", "2001:db8::51", false), ("onlysix", "2001:db8::52", true)];

static CASES: [Case; 23] = [
    case("good", "198.51.100.10"),
    case("nameless", "198.51.100.11"),
    case("unconfirmed", "198.51.100.12"),
    case("generic", "198.51.100.13"),
    case("spam", "198.51.100.14"),
    case("policy", "198.51.100.15"),
    case("listerror", "198.51.100.16"),
    barred("dropped", "198.51.100.21", "tcp dport 25 drop"),
    barred("rejected", "198.51.100.22", "tcp dport 25 reject with tcp reset"),
    barred("silent", "198.51.100.23", "drop"),
    case("answered", "198.51.100.24"),
    case("stripped", "198.51.100.25"),
    case("mover", "198.51.100.30"),
    case(EARLY, "198.51.100.31"),
    case("doubted", "198.51.100.32"),
    case("onlyfour", "198.51.100.51"),
    barred("onlysix", "198.51.100.52", "tcp dport 25 drop"),
    case("proven", "198.51.100.41"),
    case("elsewhere", "198.51.100.42"),
    case("strict", "198.51.100.43"),
    case("many", "198.51.100.44"),
    case("nokey", "198.51.100.45"),
    case("wrongkey", "198.51.100.46"),
];

/// Whose clock is an hour ahead.
const EARLY: &str = "early";
/// Where the mover comes to: a café, which lets no port 25 out.
pub const CAFE: &str = "192.0.2.30";

pub struct Lab {
    pub town: Town,
    pub hosts: HashMap<&'static str, Host>,
    riders: Mutex<HashMap<&'static str, Rider>>,
    /// The hosts of [`FRIENDS`].
    pub friends: Vec<Exim>,
    _servers: (NameServer, Postfix, Dovecot, Vec<Middlebox>),
}

pub fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(Lab::open)
}

impl Lab {
    fn open() -> Self {
        let town = Town::open();
        let authority = Authority::new(town.directory(), "authority");
        let hosts: HashMap<&str, Host> =
            CASES.iter().map(|case| (case.name, town.host(case.name, &addresses(case)))).collect();
        hosts["stripped"].gets_address("198.51.100.27");
        let made = of_each(|case| {
            let rider = rider(&hosts[case.name], case.name, &authority);
            let keys = rider.must(&["dkim", "make", &domain(case.name)], "");
            (rider, keys)
        });
        let (riders, keys): (Vec<Rider>, Vec<Value>) = made.into_iter().unzip();
        let riders: HashMap<&str, Rider> = CASES.iter().map(|case| case.name).zip(riders).collect();
        let keys: HashMap<&str, Value> = CASES.iter().map(|case| case.name).zip(keys).collect();
        let names = zone(&keys).serve(&town);
        // What DNS shows of their keys is known before the street is barred; not each is shown.
        of_each(|case| riders[case.name].try_to(&["dkim", "check", &domain(case.name)], b""));
        bar(&town);
        let mut boxes: Vec<Middlebox> =
            DIVERTED.iter().map(|(source, way, port)| Middlebox::of(&town, *way, *port, &[source])).collect();
        let late = town.host("late", &[LATE_ADDRESS]);
        boxes.push(Middlebox::telling_time(&late, &format!("mx.{LATE}"), 3600));
        let friends = FRIENDS.into_iter().zip(FRIENDS_ADDRESSES).map(|(friend, addresses)| {
            let host = town.host(friend.trim_end_matches(".example"), &addresses);
            let name = format!("mx.{friend}");
            Exim::start(&host, &name, &authority.certify(&name, &host.directory()), friend, &["anna"])
        });
        let friends = friends.collect();
        let post = town.host("post", &["203.0.113.40"]);
        let certificate = authority.certify("post.example", &post.directory());
        let smart_host =
            Plan::new("post.example").certificate(&certificate).submission(&auth_socket(&post)).start(&post);
        let users: Vec<String> = CASES.iter().map(|case| me(case.name)).collect();
        let logins: Vec<(&str, &str)> = users.iter().map(|user| (user.as_str(), PASSWORD)).collect();
        let dovecot = Dovecot::start(&post, &certificate, &logins);
        Self { town, hosts, riders: Mutex::new(riders), friends, _servers: (names, smart_host, dovecot, boxes) }
    }

    /// The user of a case, who has a smart host and a key that DNS may show. Each has one test.
    pub fn user(&self, name: &'static str) -> User {
        let rider = self.riders.lock().unwrap().remove(name).expect("a user has one test");
        User { rider, address: me(name), letters: RefCell::default() }
    }
}

/// Does something for all cases side by side, and returns what comes of it in their order.
fn of_each<T: Send>(act: impl Fn(&Case) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let acting: Vec<_> = CASES.iter().map(|case| scope.spawn(|| act(case))).collect();
        acting.into_iter().map(|one| one.join().expect("it can be done for each")).collect()
    })
}

fn bar(town: &Town) {
    let barred = CASES.iter().filter(|case| !case.rule.is_empty());
    let mut rules: Vec<String> = barred.map(|case| format!("ip saddr {} {}", case.address, case.rule)).collect();
    rules.push(format!("ip saddr {CAFE} tcp dport 25 drop"));
    town.firewall(&rules.join("\n  "));
    let closed = WITH_IPV6.into_iter().filter(|(.., is_open)| !is_open);
    let rules: Vec<String> = closed.map(|(_, address, _)| format!("ip6 saddr {address} tcp dport 25 drop")).collect();
    town.firewall_on_link(&rules.join("\n  "));
}

fn addresses(case: &Case) -> Vec<&'static str> {
    let six = WITH_IPV6.into_iter().filter(|(name, ..)| *name == case.name).map(|(_, address, _)| address);
    std::iter::once(case.address).chain(six).collect()
}

fn rider(host: &Host, name: &str, authority: &Authority) -> Rider {
    host.give_up_early();
    let rider = Rider::new(host, "rider").trusting(authority);
    let rider = if name == EARLY { rider.with_clock_off("+1h") } else { rider };
    let add = ["account", "add", &me(name), "--imap", "none", "--smtp", "post.example:587", "--password-stdin"];
    rider.must(&[&add[..], &["--untested"]].concat(), &format!("{PASSWORD}\n"));
    rider
}

fn domain(case: &str) -> String {
    format!("{case}.example")
}

fn me(case: &str) -> String {
    format!("you@{case}.example")
}

fn zone(keys: &HashMap<&str, Value>) -> Zone {
    let late = format!("mx.{LATE}");
    let mut zone = Zone::default()
        .host("post.example", "203.0.113.40")
        .host("guest.cafe.example", CAFE)
        .host(&late, LATE_ADDRESS)
        .mx(LATE, 10, &late);
    for (friend, [four, six]) in FRIENDS.into_iter().zip(FRIENDS_ADDRESSES) {
        let mx = format!("mx.{friend}");
        zone = zone.host(&mx, four).host(&mx, six).mx(friend, 10, &mx);
    }
    for case in &CASES {
        zone = with_name(zone, case).mx(&domain(case.name), 10, "post.example");
        zone = with_policies(zone, case);
        zone = shown(zone, case.name, &keys[case.name], &keys["good"]);
    }
    let listings = [(14, "127.0.0.2"), (15, "127.0.0.10"), (16, "127.255.255.254")];
    listings.into_iter().fold(zone, |zone, (number, answer)| {
        zone.record(&format!("{number}.100.51.198.zen.spamhaus.org"), "A", answer)
    })
}

/// The name of a case's address, or what it has in the place of one.
fn with_name(zone: Zone, case: &Case) -> Zone {
    let (domain, address) = (domain(case.name), case.address);
    match case.name {
        "nameless" => zone.nameless(&domain, address),
        "unconfirmed" => {
            let leads_elsewhere = zone.nameless(&domain, "198.51.100.99");
            leads_elsewhere.record("12.100.51.198.in-addr.arpa", "PTR", "unconfirmed.example.")
        }
        "generic" => zone.host("198-51-100-13.dsl.provider.example", address),
        _ => addresses(case).into_iter().fold(zone, |zone, address| zone.host(&domain, address)),
    }
}

/// Who may send for a case's domain (SPF), and what is asked of receivers (DMARC).
fn with_policies(zone: Zone, case: &Case) -> Zone {
    let domain = domain(case.name);
    let zone = match case.name {
        "proven" | "strict" => zone.text(&format!("_dmarc.{domain}"), "v=DMARC1; p=reject"),
        _ => zone,
    };
    match case.name {
        "elsewhere" | "strict" => zone.text(&domain, "v=spf1 ip4:203.0.113.40 -all"),
        "many" => with_too_many_lookups(zone, &domain, case.address),
        _ => zone.text(&domain, &format!("v=spf1 ip4:{} -all", case.address)),
    }
}

/// Receivers follow ten at most (RFC 7208, 4.6.4).
fn with_too_many_lookups(zone: Zone, domain: &str, address: &str) -> Zone {
    let includes: Vec<String> = (1..=11).map(|number| format!("i{number}.{domain}")).collect();
    let zone = includes.iter().fold(zone, |zone, include| zone.text(include, "v=spf1 -all"));
    let named: Vec<String> = includes.iter().map(|include| format!("include:{include}")).collect();
    // A string holds 255 octets.
    let strings = format!("\"v=spf1 {} \" \"{} ip4:{address} -all\"", named[..6].join(" "), named[6..].join(" "));
    zone.record(domain, "TXT", &strings)
}

/// The keys of a case as DNS shows them: its own, those of another, or none.
fn shown(zone: Zone, case: &str, own: &Value, others: &Value) -> Zone {
    let keys = own["keys"].as_array().expect("keys");
    let of_others = others["keys"].as_array().expect("keys");
    keys.iter().zip(of_others).fold(zone, |zone, (key, other)| {
        let line = match case {
            "nokey" | "strict" | "many" => return zone,
            "wrongkey" => other["zone_line"].as_str(),
            _ => key["zone_line"].as_str(),
        };
        let (_, strings) = line.and_then(|line| line.split_once(" IN TXT ")).expect("a line for a zone");
        zone.record(key["record_name"].as_str().expect("a name"), "TXT", strings)
    })
}

/// Somebody in a house.
pub struct User {
    pub rider: Rider,
    address: String,
    /// Letters that wait for [`User::sends`].
    letters: RefCell<Vec<i64>>,
}

impl User {
    /// Puts a letter to each of these domains into the queue.
    pub fn writes_to(&self, domains: &[&str]) {
        for domain in domains {
            let letter = format!("To: anna@{domain}\nSubject: Hello\n\nHello Anna.\n");
            self.letters.borrow_mut().push(self.rider.sendmail(&[&format!("anna@{domain}")], letter.as_bytes()));
        }
    }

    /// Lets the letters that wait go, and says what became of each (`queue show`).
    pub fn sends(&self) -> Vec<Value> {
        self.rider.run_queue();
        self.letters.take().into_iter().map(|letter| self.rider.timeline(letter)).collect()
    }

    /// Takes the letters that wait back.
    pub fn takes_back(&self) {
        for letter in self.letters.take() {
            self.rider.must(&["queue", "cancel", &letter.to_string()], "");
        }
    }

    pub fn check_network(&self) -> Value {
        self.rider.must(&["check", "network"], "")
    }

    pub fn check_identity(&self) -> Value {
        self.rider.must(&["check", "identity", &self.address], "")
    }

    /// What the composer says of a letter to the friends that goes this way.
    pub fn outlook(&self, route: &str) -> Value {
        let account = self.rider.must(&["account", "list"], "")[0]["id"].clone();
        let recipients = FRIENDS.map(|friend| format!("anna@{friend}"));
        let arguments = json!({ "account": account, "route": route, "recipients": recipients, "size": null });
        self.rider.call("letter_outlook", &arguments)
    }
}
