//! The town of the checks.

use postrider_lab::certificates::Authority;
use postrider_lab::dovecot::{Dovecot, auth_socket};
use postrider_lab::middlebox::{Middlebox, Way};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::zone::{NameServer, Zone};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

const PASSWORD: &str = "correct horse battery staple";
/// Those who were written to: two owners.
pub const FRIENDS: [&str; 2] = ["one.example", "two.example"];

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

static CASES: [Case; 17] = [
    case("good", "198.51.100.10"),
    case("nameless", "198.51.100.11"),
    case("unconfirmed", "198.51.100.12"),
    case("generic", "198.51.100.13"),
    case("spam", "198.51.100.14"),
    case("policy", "198.51.100.15"),
    case("listerror", "198.51.100.16"),
    case("wrongkey", "198.51.100.17"),
    case("nokey", "198.51.100.18"),
    barred("dropped", "198.51.100.21", "tcp dport 25 drop"),
    barred("rejected", "198.51.100.22", "tcp dport 25 reject with tcp reset"),
    barred("silent", "198.51.100.23", "drop"),
    case("answered", "198.51.100.24"),
    case("stripped", "198.51.100.25"),
    case("early", "198.51.100.26"),
    case("mover", "198.51.100.30"),
    case("asker", "198.51.100.31"),
];

/// Where the mover comes to: a café, which lets no port 25 out.
pub const CAFE: &str = "192.0.2.30";

pub struct Lab {
    pub town: Town,
    pub hosts: HashMap<&'static str, Host>,
    riders: Mutex<HashMap<&'static str, Rider>>,
    /// The hosts of [`FRIENDS`], and the smart host.
    pub posts: Vec<Postfix>,
    _servers: (NameServer, Dovecot, Vec<Middlebox>),
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
            CASES.iter().map(|case| (case.name, town.host(case.name, &[case.address]))).collect();
        hosts["stripped"].gets_address("198.51.100.27");
        let made = std::thread::scope(|scope| {
            let make = |case: &'static Case| {
                let (host, authority) = (&hosts[case.name], &authority);
                scope.spawn(move || {
                    let rider = rider(host, case.name, authority);
                    let keys = rider.must(&["dkim", "make", &domain(case.name)], "");
                    (case.name, rider, keys)
                })
            };
            let making: Vec<_> = CASES.iter().map(make).collect();
            making.into_iter().map(|one| one.join().expect("a user can be made")).collect::<Vec<_>>()
        });
        let (mut riders, mut keys) = (HashMap::new(), HashMap::new());
        for (name, rider, its_keys) in made {
            riders.insert(name, rider);
            keys.insert(name, its_keys);
        }
        let names = zone(&keys).serve(&town);
        let rules: Vec<String> = CASES
            .iter()
            .filter(|case| !case.rule.is_empty())
            .map(|case| format!("ip saddr {} {}", case.address, case.rule))
            .collect();
        let of_cafe = format!("ip saddr {CAFE} tcp dport 25 drop");
        town.firewall(&[rules, vec![of_cafe]].concat().join("\n  "));
        let mut boxes: Vec<Middlebox> =
            DIVERTED.iter().map(|(source, way, port)| Middlebox::of(&town, *way, *port, &[source])).collect();
        for (number, name) in [(61, "mx.past.example"), (62, "mx.gone.example")] {
            let host = town.host(&format!("clock{number}"), &[&format!("203.0.113.{number}")]);
            boxes.push(Middlebox::telling_time(&host, name, 3600));
        }
        let mut posts: Vec<Postfix> = FRIENDS
            .into_iter()
            .zip(["203.0.113.11", "203.0.113.22"])
            .map(|(friend, address)| {
                let host = town.host(friend.trim_end_matches(".example"), &[address]);
                let name = format!("mx.{friend}");
                let plan = Plan::new(&name).certificate(&authority.certify(&name, &host.directory()));
                plan.mailbox("anna", friend).start(&host)
            })
            .collect();
        let post = town.host("post", &["203.0.113.40"]);
        let certificate = authority.certify("post.example", &post.directory());
        posts.push(Plan::new("post.example").certificate(&certificate).submission(&auth_socket(&post)).start(&post));
        let users: Vec<String> = CASES.iter().map(|case| me(case.name)).collect();
        let logins: Vec<(&str, &str)> = users.iter().map(|user| (user.as_str(), PASSWORD)).collect();
        let dovecot = Dovecot::start(&post, &certificate, &logins);
        Self { town, hosts, riders: Mutex::new(riders), posts, _servers: (names, dovecot, boxes) }
    }

    /// The user of a case, who has a smart host and a key that DNS may show, and has written to these domains. Each has one
    /// test.
    pub fn user(&self, name: &'static str, written_to: &[&str]) -> User {
        let rider = self.riders.lock().unwrap().remove(name).expect("a user has one test");
        // Where no name server is reached, keys are not found either.
        let _ = rider.try_to(&["dkim", "check", &domain(name)], b"");
        let letters = written_to.iter().map(|friend| {
            let letter = format!("To: anna@{friend}\nSubject: Hello\n\nHello Anna.\n");
            rider.sendmail(&[&format!("anna@{friend}")], letter.as_bytes())
        });
        let letters = letters.collect();
        User { rider, letters }
    }
}

fn rider(host: &Host, name: &str, authority: &Authority) -> Rider {
    host.give_up_early();
    let rider = Rider::new(host, "rider").trusting(authority);
    let add = ["account", "add", &me(name), "--imap", "none", "--smtp", "post.example:587", "--password-stdin"];
    rider.must(&[&add[..], &["--untested"]].concat(), &format!("{PASSWORD}\n"));
    rider
}

pub fn domain(case: &str) -> String {
    format!("{case}.example")
}

pub fn me(case: &str) -> String {
    format!("you@{case}.example")
}

fn zone(keys: &HashMap<&str, Value>) -> Zone {
    let mut zone = Zone::default()
        .host("post.example", "203.0.113.40")
        .host("guest.cafe.example", CAFE)
        .host("mx.past.example", "203.0.113.61")
        .mx("past.example", 10, "mx.past.example")
        .host("mx.gone.example", "203.0.113.62")
        .mx("gone.example", 10, "mx.gone.example");
    for (friend, address) in FRIENDS.into_iter().zip(["203.0.113.11", "203.0.113.22"]) {
        let mx = format!("mx.{friend}");
        zone = zone.host(&mx, address).mx(friend, 10, &mx);
    }
    for case in &CASES {
        let (domain, address) = (domain(case.name), case.address);
        zone = match case.name {
            "nameless" => zone.nameless(&domain, address),
            "unconfirmed" => {
                let leads_elsewhere = zone.nameless(&domain, "198.51.100.99");
                leads_elsewhere.record("12.100.51.198.in-addr.arpa", "PTR", "unconfirmed.example.")
            }
            "generic" => zone.host("198-51-100-13.dsl.provider.example", address),
            _ => zone.host(&domain, address),
        };
        zone = zone.mx(&domain, 10, "post.example").text(&domain, &format!("v=spf1 ip4:{address} -all"));
        zone = shown(zone, case.name, &keys[case.name], &keys["good"]);
    }
    let listed = |zone: Zone, number: u8, answer: &str| {
        zone.record(&format!("{number}.100.51.198.zen.spamhaus.org"), "A", answer)
    };
    zone = listed(zone, 14, "127.0.0.2");
    zone = listed(zone, 15, "127.0.0.10");
    zone = listed(zone, 16, "127.255.255.254");
    zone = zone
        .text("elsewhere.example", "v=spf1 ip4:203.0.113.99 -all")
        .text("_dmarc.elsewhere.example", "v=DMARC1; p=reject")
        .mx("elsewhere.example", 10, "post.example")
        .mx("many.example", 10, "post.example");
    let includes: Vec<String> = (1..=11).map(|number| format!("include:i{number}.many.example")).collect();
    for number in 1..=11 {
        zone = zone.text(&format!("i{number}.many.example"), "v=spf1 -all");
    }
    // A string holds 255 octets.
    let strings =
        format!("\"v=spf1 {} \" \"{} ip4:198.51.100.31 -all\"", includes[..6].join(" "), includes[6..].join(" "));
    zone.record("many.example", "TXT", &strings)
}

/// The keys of a case as DNS shows them: its own, those of another, or none.
fn shown(zone: Zone, case: &str, own: &Value, others: &Value) -> Zone {
    let keys = own["keys"].as_array().expect("keys");
    let of_others = others["keys"].as_array().expect("keys");
    keys.iter().zip(of_others).fold(zone, |zone, (key, other)| {
        let line = match case {
            "nokey" => return zone,
            "wrongkey" => other["zone_line"].as_str(),
            _ => key["zone_line"].as_str(),
        };
        let (_, strings) = line.and_then(|line| line.split_once(" IN TXT ")).expect("a line for a zone");
        zone.record(key["record_name"].as_str().expect("a name"), "TXT", strings)
    })
}

/// Somebody in a house, with letters that wait.
pub struct User {
    pub rider: Rider,
    pub letters: Vec<i64>,
}

impl User {
    pub fn check_network(&self) -> Value {
        self.rider.must(&["check", "network"], "")
    }

    pub fn check_identity(&self, address: &str) -> Value {
        self.rider.must(&["check", "identity", address], "")
    }

    /// The first way that waits for the letters to go, and what it says.
    pub fn routes(&self) -> Vec<(String, String)> {
        self.rider.run_queue();
        let first = |id: &i64| {
            let timeline = self.rider.timeline(*id);
            let recipient = &timeline["recipients"][0];
            let route = recipient["attempts"][0]["route"].as_str().unwrap_or_default().to_owned();
            (route, recipient["state"].as_str().unwrap_or_default().to_owned())
        };
        self.letters.iter().map(first).collect()
    }

    /// What the composer says of a letter to a friend that goes this way: the kind of the banner, and the way that is taken.
    pub fn outlook(&self, route: &str) -> (Value, Value) {
        let account = self.rider.must(&["account", "list"], "")[0]["id"].clone();
        let recipients = ["anna@one.example"];
        let arguments = json!({ "account": account, "route": route, "recipients": recipients, "size": null });
        let mut outlook = self.rider.call("letter_outlook", &arguments);
        (outlook["banner"]["kind"].take(), outlook["choices"][0]["route"].take())
    }
}

/// What was found of a check, and how that counts.
pub fn found<'a>(report: &'a Value, check: &str) -> Vec<(&'a str, &'a str)> {
    let all = report["findings"].as_array().expect("findings");
    let of_check = all.iter().filter(|finding| finding["check"] == check);
    of_check.map(|finding| (finding["found"].as_str().unwrap(), finding["status"].as_str().unwrap())).collect()
}
