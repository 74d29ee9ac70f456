//! The address that others see, learned behind real routers (miniupnpd) and played ones, from a mail host that says whom it
//! sees (Exim), and from a STUN server (stund): what `postrider check network --json` says of it, and by whom it knows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::exim::Exim;
use postrider_lab::program::{Running, run};
use postrider_lab::rider::Rider;
use postrider_lab::router::{PublicNetwork, Speaks, StunServer, Teller, behind};
use postrider_lab::town::{Host, Town};
use postrider_lab::wait;
use postrider_lab::zone::{NameServer, Zone};
use serde_json::Value;
use std::fs;
use std::sync::OnceLock;

/// The address of everybody's computer at home.
const COMPUTER: &str = "192.168.1.7";
/// The STUN server, and another house.
const STUN: &str = "203.0.113.78";
const STRANGER: &str = "203.0.113.90";
/// What a carrier gives to the routers of its customers, and its own address.
const CUSTOMER: &str = "100.64.3.4";
const CARRIER: &str = "203.0.113.70";
/// By when a check has to end, in milliseconds.
const LIMIT: u64 = 15_000;

struct Lab {
    town: Town,
    public: PublicNetwork,
    stranger: Host,
    _servers: (NameServer, Exim, StunServer),
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let public = PublicNetwork::open(&town);
        let names = Zone::default()
            .host("mx.friend.example", "203.0.113.61")
            .mx("friend.example", 10, "mx.friend.example")
            .host("stun.example", STUN)
            .serve(&town);
        let host = town.host("friend", &["203.0.113.61"]);
        let authority = Authority::new(town.directory(), "authority");
        let certificate = authority.certify("mx.friend.example", &host.directory());
        let exim = Exim::start(&host, "mx.friend.example", &certificate, "friend.example", &["anna"]);
        let stun = StunServer::start(&town.host("stun", &[STUN]), STUN);
        let stranger = town.host("stranger", &[STRANGER]);
        Lab { town, public, stranger, _servers: (names, exim, stun) }
    })
}

/// A computer at home, and the router before it.
struct Home {
    rider: Rider,
    router: Host,
}

impl Home {
    /// Behind a router with a public address.
    fn new(name: &str, outside: &str) -> Self {
        Self::behind(name, lab().town.host(&format!("{name}-router"), &[outside]))
    }

    /// Behind a router behind that of a carrier.
    fn at_carrier(name: &str) -> Self {
        let town = &lab().town;
        // One of the carrier's routers for each, since two homes may not have one address.
        let carrier = town.host(&format!("{name}-cgn"), &[CARRIER]);
        Self::behind(name, behind(town, &carrier, &format!("{name}-router"), CUSTOMER))
    }

    fn behind(name: &str, router: Host) -> Self {
        let host = behind(&lab().town, &router, name, COMPUTER);
        host.give_up_early();
        let rider = Rider::new(&host, "rider");
        let add = ["account", "add", "you@home.example", "--imap", "none", "--smtp", "none", "--untested"];
        rider.must(&add, "");
        Self { rider, router }
    }

    /// With a smart host in place of none.
    fn with_smart_host(self, host: &str) -> Self {
        let login = ["--imap", "none", "--smtp", host, "--password-stdin", "--untested"];
        self.rider.must(&[&["account", "add", "you@post.example"], &login[..]].concat(), "correct horse\n");
        self
    }

    /// Having written to somebody whose mail host says whom it sees.
    fn with_a_friend(self) -> Self {
        self.rider.sendmail(&["anna@friend.example"], b"To: anna@friend.example\nSubject: Hello\n\nHello Anna.\n");
        self
    }

    /// What the check says of the address in IPv4.
    fn address(&self, more: &[&str]) -> Value {
        let mut report = self.rider.must(&[&["check", "network"], more].concat(), "");
        assert!(report["took_ms"].as_u64().expect("a time") <= LIMIT, "{report:#}");
        let all = report["findings"].as_array_mut().expect("findings").iter_mut();
        let found = all.map(Value::take).find(|one| one["check"] == "public-address" && one["subject"] == "IPv4");
        found.unwrap_or_else(|| panic!("nothing is said of the address"))
    }

    /// The names that were asked for: those of addresses are, where they are known.
    fn names_looked_up(&self) -> Vec<String> {
        let report = self.rider.must(&["check", "network"], "");
        let all = report["findings"].as_array().expect("findings");
        let names = all.iter().filter(|one| one["check"] == "reverse-name");
        names.map(|one| one["subject"].as_str().expect("an address").to_owned()).collect()
    }
}

/// What was found and how that counts.
fn found(finding: &Value) -> (&str, &str) {
    (finding["found"].as_str().expect("a word"), finding["status"].as_str().expect("a word"))
}

/// Asserts that somebody was asked, and answered so.
fn assert_evidence(finding: &Value, asked: &str, answer: &str) {
    let all = finding["evidence"].as_array().expect("evidence");
    let is_there = all.iter().any(|one| one["asked"] == asked && one["answer"] == answer);
    assert!(is_there, "“{asked}: {answer}” is not in {finding:#}");
}

fn assert_says(finding: &Value, words: &str) {
    let cause = finding["cause"].as_str().expect("a text");
    assert!(cause.contains(words), "“{words}” is not in “{cause}”");
}

#[test]
fn a_router_that_speaks_nat_pmp_alone_is_believed_where_nobody_else_knows() {
    let outside = lab().public.address(11);
    let home = Home::new("pmp", &outside);
    let _logs = lab().town.logs_on_failure();
    let _teller = Teller::miniupnpd(&home.router, Speaks::NatPmp);
    let finding = home.address(&[]);
    assert_eq!(found(&finding), ("translated", "pass"), "{finding:#}");
    assert_says(&finding, &format!("{outside}, as your router says when it is asked (NAT-PMP)"));
    assert_evidence(&finding, "the router (NAT-PMP)", &format!("says that it has {outside} outside"));
    assert_evidence(&finding, "the router (UPnP)", "did not say");
    assert_eq!(home.names_looked_up(), [outside], "the address counts for what is looked up next");
}

#[test]
fn a_router_that_speaks_upnp_alone_is_believed_where_nobody_else_knows() {
    let outside = lab().public.address(12);
    let home = Home::new("upnp", &outside);
    let _logs = lab().town.logs_on_failure();
    let _teller = Teller::miniupnpd(&home.router, Speaks::Upnp);
    let finding = home.address(&[]);
    assert_eq!(found(&finding), ("translated", "pass"), "{finding:#}");
    assert_says(&finding, &format!("{outside}, as your router says when it is asked (UPnP)"));
    assert_evidence(&finding, "the router (NAT-PMP)", "did not say");
    assert_evidence(&finding, "the router (UPnP)", &format!("says that it has {outside} outside"));
}

#[test]
fn a_mail_host_that_saw_the_address_counts_more_and_the_router_agrees() {
    let outside = lab().public.address(13);
    let home = Home::new("both", &outside).with_a_friend();
    let _logs = lab().town.logs_on_failure();
    let _teller = Teller::miniupnpd(&home.router, Speaks::Both);
    let finding = home.address(&["--stun", "stun.example"]);
    assert_eq!(found(&finding), ("translated", "pass"), "{finding:#}");
    assert_says(&finding, &format!("{outside}, which mx.friend.example saw"));
    assert_evidence(&finding, "mx.friend.example", &format!("sees {outside}"));
    for protocol in ["NAT-PMP", "UPnP"] {
        let said = format!("says that it has {outside} outside");
        assert_evidence(&finding, &format!("the router ({protocol})"), &said);
    }
    assert_evidence(&finding, "stun.example (STUN, because you asked)", &format!("sees {outside}"));
}

#[test]
fn a_smart_host_that_saw_the_address_is_named_as_one() {
    let outside = lab().public.address(26);
    let home = Home::new("smart", &outside).with_smart_host("mx.friend.example:25");
    let _logs = lab().town.logs_on_failure();
    let finding = home.address(&[]);
    assert_eq!(found(&finding), ("translated", "pass"), "{finding:#}");
    assert_says(&finding, &format!("{outside}, which your smart host mx.friend.example saw"));
    assert_evidence(&finding, "your smart host mx.friend.example", &format!("sees {outside}"));
}

#[test]
fn behind_a_carrier_a_router_says_that_it_has_no_public_address() {
    let home = Home::at_carrier("customer").with_a_friend();
    let _logs = lab().town.logs_on_failure();
    let _teller = Teller::miniupnpd(&home.router, Speaks::Both);
    let finding = home.address(&[]);
    assert_eq!(found(&finding), ("likely-carrier", "warn"), "{finding:#}");
    assert_says(&finding, &format!("no public address, and yet mx.friend.example sees {CARRIER}"));
    for protocol in ["NAT-PMP", "UPnP"] {
        assert_evidence(&finding, &format!("the router ({protocol})"), "says that it has no public address");
    }
}

#[test]
fn an_address_that_is_kept_for_carriers_is_told_for_certain() {
    for (protocol, number) in [("natpmp", 14), ("upnp", 15)] {
        let home = Home::new(&format!("shared-{protocol}"), &lab().public.address(number)).with_a_friend();
        let _logs = lab().town.logs_on_failure();
        let _teller = Teller::played(&home.router, &[&format!("{protocol}={CUSTOMER}")]);
        let finding = home.address(&[]);
        assert_eq!(found(&finding), ("carrier", "warn"), "{finding:#}");
        assert_says(&finding, &format!("the address that your router has on its outer side, {CUSTOMER}"));
    }
}

#[test]
fn where_the_router_is_silent_the_address_is_not_known_until_a_stun_server_is_named() {
    let outside = lab().public.address(16);
    let home = Home::new("silent", &outside);
    let _logs = lab().town.logs_on_failure();
    let finding = home.address(&[]);
    assert_eq!(found(&finding), ("not-known", "unknown"), "{finding:#}");
    assert_evidence(&finding, "the router (NAT-PMP)", "did not say");
    assert_evidence(&finding, "the router (UPnP)", "did not say");
    let finding = home.address(&["--stun", "stun.example"]);
    assert_eq!(found(&finding), ("translated", "pass"), "{finding:#}");
    assert_says(&finding, &format!("{outside}, which stun.example saw, the STUN server that you named"));
    // A house where nobody listens.
    let finding = home.address(&["--stun", STRANGER]);
    assert_eq!(found(&finding), ("not-known", "unknown"), "{finding:#}");
    assert_evidence(&finding, &format!("{STRANGER} (STUN, because you asked)"), "did not say");
}

#[test]
fn a_router_that_names_a_false_address_is_not_believed_against_who_saw_the_true_one() {
    let outside = lab().public.address(17);
    let home = Home::new("liar", &outside).with_a_friend();
    let _logs = lab().town.logs_on_failure();
    let _teller = Teller::played(&home.router, &["natpmp=198.51.100.66", "upnp=198.51.100.66"]);
    let finding = home.address(&[]);
    assert_eq!(found(&finding), ("likely-carrier", "warn"), "{finding:#}");
    assert_says(&finding, &format!("has 198.51.100.66 on its outer side, and mx.friend.example sees {outside}"));
    assert_says(&finding, "or what yours says is wrong");
    assert_eq!(home.names_looked_up(), [outside], "what the router said is looked up nowhere");
}

#[test]
fn a_router_that_points_elsewhere_has_nobody_else_asked() {
    let web = Web::listen(&lab().stranger);
    let home = Home::new("pointer", &lab().public.address(18));
    let _logs = lab().town.logs_on_failure();
    let _teller = Teller::played(&home.router, &[&format!("location=http://{STRANGER}:{}/x.xml", Web::PORT)]);
    let finding = home.address(&[]);
    assert_eq!(found(&finding), ("not-known", "unknown"), "{finding:#}");
    assert_evidence(&finding, "the router (UPnP)", "did not say");
    assert_eq!(web.visitors(), "", "the stranger was asked");
}

#[test]
fn an_address_that_is_none_is_not_taken_for_one() {
    for (number, address) in [(19, "127.0.0.1"), (20, "224.0.0.1"), (21, "255.255.255.255")] {
        let home = Home::new(&format!("odd{number}"), &lab().public.address(number));
        let _logs = lab().town.logs_on_failure();
        let words = [format!("natpmp={address}"), format!("upnp={address}")];
        let _teller = Teller::played(&home.router, &words.each_ref().map(String::as_str));
        let finding = home.address(&[]);
        assert_eq!(found(&finding), ("not-known", "unknown"), "{finding:#}");
    }
}

#[test]
fn a_stun_server_that_sees_another_address_is_told_beside_what_mail_hosts_see() {
    let (outside, other) = (lab().public.address(22), lab().public.address(23));
    let home = Home::new("two-ways", &outside).with_a_friend();
    let _logs = lab().town.logs_on_failure();
    let _teller = Teller::miniupnpd(&home.router, Speaks::Both);
    sends_stun_as(&home.router, &other);
    let finding = home.address(&["--stun", "stun.example:3478"]);
    assert_eq!(found(&finding), ("translated", "pass"), "{finding:#}");
    assert_says(&finding, &format!("{outside}, which mx.friend.example saw"));
    assert_says(&finding, &format!("The STUN server stun.example sees {other} instead"));
}

#[test]
fn a_stun_server_that_sees_another_address_than_the_router_has_says_that_somebody_stands_behind_it() {
    let (outside, other) = (lab().public.address(24), lab().public.address(25));
    let home = Home::new("relayed", &outside);
    let _logs = lab().town.logs_on_failure();
    let _teller = Teller::miniupnpd(&home.router, Speaks::Both);
    sends_stun_as(&home.router, &other);
    let finding = home.address(&["--stun", STUN]);
    assert_eq!(found(&finding), ("likely-carrier", "warn"), "{finding:#}");
    assert_says(&finding, &format!("has {outside} on its outer side, and the STUN server {STUN} sees {other}"));
}

/// What goes to STUN servers gets this address of the router instead of its first.
fn sends_stun_as(router: &Host, address: &str) {
    run(router.server("ip").args(["address", "add", &format!("{address}/24"), "dev", "eth0"]));
    let rule = format!("insert rule ip home outward udp dport {} snat to {address}", StunServer::PORT);
    run(router.server("nft").arg(rule));
}

/// A house that notes who comes to its port.
struct Web {
    process: Running,
}

impl Web {
    const PORT: u16 = 8080;

    fn listen(host: &Host) -> Self {
        let directory = host.directory();
        fs::create_dir_all(&directory).expect("a directory can be made");
        let words = ["-u", "-m", "http.server", "--bind", STRANGER, "--directory"];
        let mut command = host.server("/usr/bin/python3");
        command.args(words).arg(&directory).arg(Self::PORT.to_string());
        let mut process = Running::start(&mut command, &directory.join("web.log"));
        wait::until_listening(host, Self::PORT, &mut process);
        Self { process }
    }

    /// What it wrote of requests.
    fn visitors(&self) -> String {
        let written = self.process.written();
        let requests = written.lines().filter(|line| line.contains("HTTP/1"));
        requests.collect::<Vec<_>>().join("\n")
    }
}
