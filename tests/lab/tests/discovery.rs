//! From an address to its servers: pages of the domain at both addresses, SRV records, a known provider's mail hosts, and
//! customary names; each says where it is from. Pages that are none, and servers that prove nothing, stop nobody.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::certificates::Authority;
use postrider_lab::dovecot::{Dovecot, auth_socket};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::Rider;
use postrider_lab::town::{Host, Town};
use postrider_lab::web::Web;
use postrider_lab::zone::{NameServer, Zone};
use serde_json::Value;
use std::fs;
use std::sync::OnceLock;

const PASSWORD: &str = "correct horse battery staple";
/// Where all mail servers are, under many names; and all pages.
const POST: &str = "203.0.113.40";
const PAGES: &str = "203.0.113.60";

/// A host and a port.
type Server = (&'static str, u16);

/// Domains of which the servers are found, each with the source, the IMAP server and the smart host.
const FOUND: [(&str, &str, Server, Server); 5] = [
    ("page.example", "domain", ("post.home.example", 993), ("post.home.example", 465)),
    ("known.example", "domain", ("post.home.example", 143), ("post.home.example", 587)),
    ("srv.example", "services", ("mail.srv.example", 993), ("mail.srv.example", 465)),
    ("hosted.example", "mail-hosts", ("imap.fastmail.com", 993), ("smtp.fastmail.com", 465)),
    ("guess.example", "guess", ("imap.guess.example", 993), ("smtp.guess.example", 465)),
];
/// Domains whose page is none, each with what is said of it; their SRV records are in order.
const TROUBLE: [(&str, &str); 6] = [
    ("missing.example", "404"),
    ("html.example", "not XML"),
    ("loop.example", "302"),
    ("clear.example", "not encrypted"),
    ("endless.example", "larger"),
    ("stranger.example", "it is not for autoconfig.stranger.example"),
];

struct Lab {
    town: Town,
    authority: Authority,
    post_host: Host,
    web: Web,
    home: Host,
    _servers: (NameServer, Dovecot, Postfix),
}

fn lab() -> &'static Lab {
    static LAB: OnceLock<Lab> = OnceLock::new();
    LAB.get_or_init(|| {
        let town = Town::open();
        let names = zone().serve(&town);
        let authority = Authority::new(town.directory(), "authority");
        let post_host = town.host("post", &[POST]);
        let mail = ["post.home.example", "mail.srv.example", "imap.guess.example", "smtp.guess.example"];
        let fastmail = ["imap.fastmail.com", "smtp.fastmail.com"];
        let trouble = TROUBLE.map(|(domain, _)| format!("mail.{domain}"));
        let all: Vec<&str> = mail.into_iter().chain(fastmail).chain(trouble.iter().map(String::as_str)).collect();
        let certificate = authority.certify_all(&all, &post_host.directory());
        let plan = Plan::new("post.home.example").certificate(&certificate).submission(&auth_socket(&post_host));
        let post = plan.start(&post_host);
        let addresses = FOUND.map(|(domain, ..)| format!("you@{domain}"));
        let others = ["you@elsewhere.example".to_owned(), "you@mismatch.example".to_owned()];
        let logins: Vec<(&str, &str)> =
            addresses.iter().chain(&others).map(|address| (address.as_str(), PASSWORD)).collect();
        let dovecot = Dovecot::start(&post_host, &certificate, &logins);
        let web = pages(&town, &authority);
        let home = town.host("home", &["198.51.100.10"]);
        Lab { town, authority, post_host, web, home, _servers: (names, dovecot, post) }
    })
}

fn zone() -> Zone {
    let services = |zone: Zone, domain: &str, host: &str| {
        zone.record(&format!("_imaps._tcp.{domain}"), "SRV", &format!("0 1 993 {host}.")).record(
            &format!("_submissions._tcp.{domain}"),
            "SRV",
            &format!("0 1 465 {host}."),
        )
    };
    let zone = Zone::default()
        .host("desk.home.example", "198.51.100.10")
        .host("post.home.example", POST)
        .nameless("autoconfig.page.example", PAGES)
        .nameless("known.example", PAGES)
        .nameless("mail.srv.example", POST)
        .mx("hosted.example", 10, "in1-smtp.messagingengine.com")
        .nameless("imap.fastmail.com", POST)
        .nameless("smtp.fastmail.com", POST)
        .nameless("imap.guess.example", POST)
        .nameless("smtp.guess.example", POST)
        .nameless("mail.mismatch.example", POST);
    let zone = services(zone, "srv.example", "mail.srv.example");
    let zone = services(zone, "elsewhere.example", "post.home.example");
    let zone = services(zone, "mismatch.example", "mail.mismatch.example");
    TROUBLE.iter().fold(zone, |zone, (domain, _)| {
        let mail = format!("mail.{domain}");
        let zone = zone.nameless(&format!("autoconfig.{domain}"), PAGES).nameless(&mail, POST);
        services(zone, domain, &mail)
    })
}

fn pages(town: &Town, authority: &Authority) -> Web {
    let host = town.host("web", &[PAGES]);
    let names: Vec<String> = TROUBLE
        .iter()
        .filter(|(domain, _)| *domain != "stranger.example")
        .map(|(domain, _)| format!("autoconfig.{domain}"))
        .chain(["autoconfig.page.example".to_owned(), "known.example".to_owned()])
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let certificate = authority.certify_all(&names, &host.directory());
    let redirects = [
        ("autoconfig.loop.example", "return 302 https://autoconfig.loop.example$request_uri&again;"),
        ("autoconfig.clear.example", "return 301 http://autoconfig.clear.example$request_uri;"),
    ];
    let web = Web::of_pages(&host, &certificate, &redirects);
    let page = "mail/config-v1.1.xml";
    web.put("autoconfig.page.example", page, &config(("SSL", 993), ("SSL", 465)));
    web.put(
        "known.example",
        &format!(".well-known/autoconfig/{page}"),
        &config(("STARTTLS", 143), ("STARTTLS", 587)),
    );
    web.put("autoconfig.stranger.example", page, &config(("SSL", 993), ("SSL", 465)));
    web.put("autoconfig.html.example", page, "<!doctype html><html><body><h1>Welcome<br></h1></body></html>\n");
    let long = format!("<clientConfig version=\"1.1\"><!-- {} --></clientConfig>", "on and on ".repeat(1 << 20));
    web.put("autoconfig.endless.example", page, &long);
    web
}

fn config(imap: (&str, u16), smtp: (&str, u16)) -> String {
    let server = |kind: &str, name: &str, (security, port): (&str, u16)| {
        format!(
            "<{kind} type=\"{name}\"><hostname>post.home.example</hostname><port>{port}</port>\
             <socketType>{security}</socketType><username>%EMAILADDRESS%</username>\
             <authentication>password-cleartext</authentication></{kind}>\n"
        )
    };
    format!(
        "<?xml version=\"1.0\"?>\n<clientConfig version=\"1.1\"><emailProvider id=\"page.example\">\n\
         <displayName>The Post of Page</displayName>\n{}{}</emailProvider></clientConfig>\n",
        server("incomingServer", "imap", imap),
        server("outgoingServer", "smtp", smtp),
    )
}

impl Lab {
    fn rider(&self, name: &str) -> Rider {
        Rider::new(&self.home, name).trusting(&self.authority)
    }

    /// What Dovecot logged.
    fn logins(&self) -> String {
        fs::read_to_string(self.post_host.directory().join("dovecot.log")).unwrap()
    }
}

fn discover(rider: &Rider, domain: &str) -> Value {
    rider.must(&["account", "discover", &format!("you@{domain}")], "")
}

fn place(server: &Value) -> (&str, u64) {
    let form = &server["server"];
    (form["host"].as_str().unwrap_or_default(), form["port"].as_u64().unwrap_or_default())
}

/// What was said by the source whose name holds these words.
fn said<'v>(found: &'v Value, source: &str) -> &'v str {
    let asked = found["asked"].as_array().unwrap();
    let asked = asked.iter().find(|asked| asked["source"].as_str().unwrap().contains(source));
    asked.unwrap_or_else(|| panic!("{source}: {found:#}"))["said"].as_str().unwrap()
}

#[test]
fn each_source_is_found_says_where_it_is_from_and_leads_to_an_account() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("found");
    for (domain, origin, imap, smtp) in FOUND {
        let found = discover(&rider, domain);
        let first = &found["found"][0];
        assert_eq!(first["origin"], origin, "{found:#}");
        assert!(first["words"].as_str().is_some_and(|words| !words.is_empty()), "{found:#}");
        assert_eq!(place(&first["imap"]), (imap.0, u64::from(imap.1)), "{found:#}");
        assert_eq!(place(&first["smtp"]), (smtp.0, u64::from(smtp.1)), "{found:#}");
        for server in [&first["imap"], &first["smtp"]] {
            assert_eq!(server["answers"]["ok"], true, "{found:#}");
            assert_eq!(server["hearsay"], origin == "mail-hosts", "{found:#}");
        }
        assert!(!lab.logins().contains(&format!("you@{domain}")), "nobody is told a name");
        let address = format!("you@{domain}");
        let accept = ["--accept-host", "imap.fastmail.com", "--accept-host", "smtp.fastmail.com"];
        let add = [&["account", "add", &address, "--password-stdin"][..], &accept].concat();
        let account = rider.must(&add, &format!("{PASSWORD}\n"));
        assert_eq!(account["imap"]["host"], imap.0, "{account:#}");
        assert!(lab.logins().contains(&format!("user=<{address}>")), "{}", lab.logins());
    }
    let reports = rider.must(&["sync"], "");
    let synced = reports.as_array().unwrap().iter().filter(|report| report["error"].is_null()).count();
    assert_eq!(synced, FOUND.len(), "{reports:#}");
    let asked = lab.web.log();
    assert!(asked.contains("emailaddress=you@page.example"), "the domain's own page is told the address: {asked}");
    assert!(!asked.contains("you@known.example") && !asked.contains("you%40known"), "{asked}");
}

#[test]
fn a_page_that_is_none_says_why_and_hides_no_other_source() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("trouble");
    for (domain, why) in TROUBLE {
        let found = discover(&rider, domain);
        let said = said(&found, &format!("autoconfig.{domain}"));
        assert!(said.starts_with("Nothing: ") && said.contains(why), "{said}");
        let first = &found["found"][0];
        assert_eq!(first["origin"], "services", "{found:#}");
        assert_eq!(place(&first["imap"]).0, format!("mail.{domain}"), "{found:#}");
        assert_eq!(first["imap"]["answers"]["ok"], true, "{found:#}");
    }
    let tries = lab.web.log().matches("autoconfig.loop.example 302").count();
    assert!((2..=6).contains(&tries), "the ring is left soon: {tries}");
}

#[test]
fn where_nothing_is_found_that_is_what_is_said() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("nothing");
    let found = discover(&rider, "nothing.example");
    assert_eq!(found["found"].as_array().map(Vec::len), Some(0), "{found:#}");
    assert!(found["asked"].as_array().is_some_and(|asked| asked.len() >= 4), "{found:#}");
    let add = ["account", "add", "you@nothing.example", "--password-stdin"];
    let refusal = rider.try_to(&add, b"secret\n").expect_err("there is nothing to add");
    assert_eq!(refusal.error["code"], "no-servers", "{refusal:?}");
}

#[test]
fn a_host_elsewhere_that_only_dns_names_gets_no_password_before_it_is_accepted() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("elsewhere");
    let found = discover(&rider, "elsewhere.example");
    assert_eq!(found["found"][0]["imap"]["hearsay"], true, "{found:#}");
    let add = ["account", "add", "you@elsewhere.example", "--password-stdin"];
    let refusal = rider.try_to(&add, PASSWORD.as_bytes()).expect_err("it is not accepted yet");
    assert_eq!(refusal.error["code"], "host-not-accepted", "{refusal:?}");
    assert!(!lab.logins().contains("you@elsewhere.example"), "nothing was told");
    rider.must(&[&add[..], &["--accept-host", "post.home.example"]].concat(), &format!("{PASSWORD}\n"));
    assert!(lab.logins().contains("user=<you@elsewhere.example>"));
}

#[test]
fn a_server_that_does_not_prove_its_name_is_shown_with_that_and_gets_no_password() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let rider = lab.rider("mismatch");
    let found = discover(&rider, "mismatch.example");
    let imap = &found["found"][0]["imap"];
    assert_eq!(
        (&imap["answers"]["ok"], &imap["answers"]["code"]),
        (&false.into(), &"tls-untrusted".into()),
        "{found:#}"
    );
    let add = ["account", "add", "you@mismatch.example", "--password-stdin"];
    let refusal = rider.try_to(&add, PASSWORD.as_bytes()).expect_err("its certificate is another's");
    assert_eq!(refusal.error["code"], "tls-untrusted", "{refusal:?}");
    assert!(!lab.logins().contains("you@mismatch.example"), "nothing was told");
}
