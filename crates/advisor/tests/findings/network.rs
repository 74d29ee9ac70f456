use super::{after, golden, reply};
use jiff::{SignedDuration, Timestamp};
use postrider_advisor::checks::address::{
    AddressSeen, AddressTold, AddressWord, LearnedFrom, RouterProtocol, public_address,
};
use postrider_advisor::checks::finding::{Finding, Status};
use postrider_advisor::checks::lists::{ListSeen, address_list};
use postrider_advisor::checks::network::{
    IpFamily, Port25Seen, Probe, ProbeEnd, SubmissionSeen, TimeSeen, WayOut, clock, port_25, submission, vpn, way_out,
};
use postrider_advisor::checks::resolver::{Missing, Provable, ResolverSeen, resolver};
use postrider_advisor::checks::reverse_name::{NameSeen, ReverseSeen, WantedName, reverse_name};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

const OUR_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

fn probe(host: &str, number: u8, millis: u64, end: ProbeEnd) -> Probe {
    let address = SocketAddr::from(([192, 0, 2, number], 25));
    Probe { host: host.to_owned(), address, end: after(millis, end), encrypted_before: false }
}

fn greeted(greeting: &str, offered: &[&str]) -> ProbeEnd {
    let lines: Vec<&str> = std::iter::once("hello").chain(offered.iter().copied()).collect();
    ProbeEnd::Greeted { greeting: reply(220, &[greeting]), ehlo: Some(reply(250, &lines)), helo: None }
}

/// The same in another network.
fn elsewhere(probe: Probe) -> Probe {
    Probe { address: SocketAddr::from(([198, 51, 100, 7], 25)), ..probe }
}

fn seen(probes: Vec<Probe>) -> Port25Seen {
    Port25Seen { family: IpFamily::V4, has_address: true, probes, names_were_silent: false, nobody_answers: None }
}

fn good(host: &str, number: u8) -> Probe {
    probe(host, number, 42, greeted(&format!("{host} ESMTP"), &["SIZE 10240000", "STARTTLS"]))
}

#[test]
fn port_25_is_explained() {
    let both = |end: fn() -> ProbeEnd, millis| {
        vec![probe("mx.example.org", 1, millis, end()), probe("mx.example.net", 2, millis, end())]
    };
    let refused = ProbeEnd::Greeted {
        greeting: reply(554, &["5.7.1 Dialup/transient IP not allowed"]),
        ehlo: None,
        helo: None,
    };
    let before = Probe {
        encrypted_before: true,
        ..probe("mx.example.org", 1, 40, greeted("mx.example.org ESMTP", &["SIZE"]))
    };
    let by_helo = ProbeEnd::Greeted {
        greeting: reply(220, &["mx.example.org"]),
        ehlo: Some(reply(502, &["5.5.1 what"])),
        helo: Some(reply(250, &["mx.example.org"])),
    };
    let by_helo = probe("mx.example.org", 1, 40, by_helo);
    let one_name = |host, number| elsewhere(probe(host, number, 9, greeted("proxy.hotel.example ESMTP", &["SIZE"])));
    let all: Vec<Finding> = [
        seen(vec![good("mx.example.org", 1), probe("mx.example.net", 2, 5000, ProbeEnd::Silent)]),
        seen(vec![good("mx.example.org", 1), probe("mx.example.net", 2, 80, refused)]),
        seen(both(|| ProbeEnd::Silent, 5000)),
        seen(vec![probe("mx.example.org", 1, 5000, ProbeEnd::Silent)]),
        seen(both(|| ProbeEnd::Refused, 3)),
        seen(both(|| ProbeEnd::Unreachable, 3)),
        seen(both(|| ProbeEnd::Mute, 8000)),
        seen(both(|| ProbeEnd::Closed, 30)),
        seen(vec![probe("mx.example.org", 1, 12, ProbeEnd::Strange("HTTP/1.1 400 Bad Request".to_owned()))]),
        Port25Seen { nobody_answers: Some(after(20, true)), ..seen(both(|| ProbeEnd::Mute, 8000)) },
        seen(both(|| greeted("*******************************", &["XXXXXXXA"]), 30)),
        seen(vec![
            probe("mx.example.org", 1, 9, greeted("proxy.hotel.example ESMTP", &["SIZE"])),
            one_name("mx.example.net", 2),
        ]),
        seen(vec![before]),
        Port25Seen { has_address: false, family: IpFamily::V6, ..seen(Vec::new()) },
        seen(Vec::new()),
        Port25Seen { names_were_silent: true, ..seen(Vec::new()) },
        seen(both(|| ProbeEnd::Unfinished, 12_300)),
        seen(vec![by_helo]),
        seen(both(|| ProbeEnd::Local("a firewall on this computer forbids the connection".to_owned()), 0)),
    ]
    .iter()
    .map(port_25)
    .collect();
    golden("port-25", &all);
}

#[test]
fn port_25_is_judged_by_all_hosts_together() {
    let housed = |host, number| probe(host, number, 9, greeted("in.house.example ESMTP", &["STARTTLS"]));
    let stars = |host, number, offered| probe(host, number, 9, greeted("**************", &[offered]));
    let by_helo = |encrypted_before| {
        let greeting = reply(220, &["a.example.org"]);
        let (ehlo, helo) = (Some(reply(502, &["what"])), Some(reply(250, &["a.example.org"])));
        Probe { encrypted_before, ..probe("a.example.org", 1, 9, ProbeEnd::Greeted { greeting, ehlo, helo }) }
    };
    let before = |host, number| Probe { encrypted_before: true, ..probe(host, number, 9, greeted(host, &["SIZE"])) };
    let table = [
        (vec![good("a.example.org", 1)], "open"),
        (vec![good("a.example.org", 1), good("b.example.org", 2)], "open"),
        // A provider's hosts may all greet with one name that is its own.
        (
            vec![
                probe("alt1.gmail-smtp-in.l.google.com", 1, 9, greeted("mx.google.com ESMTP", &["STARTTLS"])),
                probe("aspmx.l.google.com", 2, 9, greeted("mx.google.com ESMTP", &["STARTTLS"])),
            ],
            "open",
        ),
        // Two domains that have their mail in one house.
        (
            vec![
                probe("mx.example.org", 1, 9, greeted("mx.example.org ESMTP", &["STARTTLS"])),
                probe("mx.example.net", 2, 9, greeted("mx.example.org ESMTP", &["STARTTLS"])),
            ],
            "open",
        ),
        // Two who have their mail at one house that gives both the same name.
        (vec![housed("mx.example.org", 1), housed("mx.example.net", 2)], "open"),
        (vec![housed("mx.example.org", 1), elsewhere(housed("mx.example.net", 2))], "intercepted"),
        (
            vec![housed("mx.example.org", 1), elsewhere(housed("mx.example.net", 2)), good("mx.example.com", 3)],
            "open",
        ),
        // A firewall that stands before one host alone.
        (vec![good("a.example.org", 1), probe("b.test", 2, 9, greeted("**************", &["XXXXXXXA"]))], "open"),
        // One before all hosts of a single owner, and one that lets encryption through.
        (vec![stars("a.example.org", 1, "XXXXXXXA"), stars("b.example.org", 2, "XXXXXXXA")], "open"),
        (vec![stars("a.example.org", 1, "STARTTLS"), stars("b.test", 2, "STARTTLS")], "open"),
        (vec![stars("a.example.org", 1, "XXXXXXXA"), stars("b.test", 2, "XXXXXXXA")], "intercepted"),
        // A temporary refusal is about the moment.
        (
            vec![probe(
                "a.test",
                1,
                9,
                ProbeEnd::Greeted { greeting: reply(421, &["busy"]), ehlo: None, helo: None },
            )],
            "open",
        ),
        // A host that no longer encrypts, where others do.
        (vec![before("a.example.org", 1), good("b.test", 2)], "open"),
        (vec![before("a.example.org", 1)], "intercepted"),
        (vec![probe("a.test", 1, 9, ProbeEnd::Silent), probe("b.test", 2, 9, ProbeEnd::Refused)], "dropped"),
        (
            vec![
                probe("a.test", 1, 9, ProbeEnd::Silent),
                probe("b.test", 2, 9, ProbeEnd::Refused),
                probe("c.test", 3, 9, ProbeEnd::Unreachable),
            ],
            "refused",
        ),
        (vec![probe("a.test", 1, 9, ProbeEnd::Closed), probe("b.test", 2, 9, ProbeEnd::Local("x".into()))], "held"),
        // What was not waited for to the end counts neither way.
        (
            vec![probe("a.test", 1, 9, ProbeEnd::Unfinished), probe("b.test", 2, 9, ProbeEnd::Unfinished)],
            "not-in-time",
        ),
        (vec![probe("a.test", 1, 9, ProbeEnd::Unfinished), good("b.test", 2)], "open"),
        (vec![probe("a.test", 1, 9, ProbeEnd::Unfinished), probe("b.test", 2, 9, ProbeEnd::Silent)], "dropped"),
        // A proxy that knows nothing of EHLO takes the offer to encrypt away with it.
        (vec![by_helo(true)], "intercepted"),
        (vec![by_helo(false)], "open"),
    ];
    for (probes, expected) in table {
        assert_eq!(port_25(&seen(probes.clone())).found, expected, "{probes:?}");
    }
    let nobody_answers = Some(after(20, true));
    let reached = Port25Seen { nobody_answers, ..seen(vec![good("mx.example.org", 1)]) };
    assert_eq!(port_25(&reached).found, "open", "it greets by its own name");
    let silent = |hosts: [&str; 2]| seen(hosts.map(|host| probe(host, 1, 9, ProbeEnd::Silent)).to_vec());
    assert_eq!(port_25(&silent(["a.example.org", "b.example.org"])).status, Status::Warn, "one owner says little");
    assert_eq!(port_25(&silent(["a.example.org", "b.test"])).status, Status::Fail);
    let [mut waited, silent] = [ProbeEnd::Unfinished, ProbeEnd::Silent].map(|end| probe("a.test", 1, 9, end));
    waited.host = "b.test".to_owned();
    assert_eq!(port_25(&seen(vec![waited, silent])).status, Status::Warn, "one that met something is one owner");
}

#[test]
fn the_surroundings_are_explained() {
    let at = |probe: Probe, port| Probe { address: SocketAddr::new(probe.address.ip(), port), ..probe };
    let silent = |port| at(probe("smtp.example.net", 5, 5000, ProbeEnd::Silent), port);
    let relay = |is_found, probes| SubmissionSeen { host: "smtp.example.net".into(), port: 465, is_found, probes };
    let now: Timestamp = "2026-11-22T06:34:18Z".parse().unwrap();
    let time = |ahead: SignedDuration| {
        let ours = now.checked_add(ahead).unwrap();
        clock(&["mx.example.org", "mx.example.net"].map(|host| TimeSeen { host: host.into(), theirs: now, ours }))
    };
    let all = [
        way_out(WayOut::Open),
        way_out(WayOut::NoNetwork),
        way_out(WayOut::Portal),
        submission(Some(&relay(
            Some(true),
            vec![at(good("smtp.example.net", 5), 465), at(good("smtp.example.net", 5), 587)],
        ))),
        submission(Some(&relay(Some(true), vec![silent(465), at(good("smtp.example.net", 5), 587)]))),
        submission(Some(&relay(Some(true), vec![silent(465), silent(587)]))),
        submission(Some(&relay(Some(true), vec![at(probe("smtp.example.net", 5, 9000, ProbeEnd::Unfinished), 465)]))),
        submission(Some(&relay(Some(true), Vec::new()))),
        submission(Some(&relay(Some(false), Vec::new()))),
        submission(Some(&relay(None, Vec::new()))),
        submission(None),
        vpn(Some("eth0")),
        vpn(Some("wg0")),
        vpn(None),
        time(SignedDuration::from_secs(20)),
        time(SignedDuration::from_secs(-95)),
        time(SignedDuration::from_hours(1)),
        time(SignedDuration::from_hours(-70)),
        clock(&[]),
    ];
    golden("surroundings", &all);
}

#[test]
fn one_server_with_a_wrong_clock_does_not_make_ours_wrong() {
    let ours: Timestamp = "2026-11-22T06:34:18Z".parse().unwrap();
    let says = |(host, hours): &(&str, i64)| {
        let theirs = ours.checked_add(SignedDuration::from_hours(*hours)).unwrap();
        TimeSeen { host: (*host).to_owned(), theirs, ours }
    };
    let table = [
        (vec![("a", 0), ("b", 0), ("c", 9)], "right"),
        (vec![("a", -9), ("b", 0), ("c", 0)], "right"),
        (vec![("a", 2), ("b", 2), ("c", 0)], "far-off"),
        (vec![("a", 2), ("a", 2), ("b", 0)], "right"),
        (vec![("a", 2)], "not-known"),
        (vec![("a", 2), ("b", 5)], "not-known"),
        (vec![("a", 0)], "right"),
    ];
    for (all, expected) in table {
        let seen: Vec<TimeSeen> = all.iter().map(says).collect();
        assert_eq!(clock(&seen).found, expected, "{all:?}");
    }
}

fn address(local: Option<&str>, is_public: bool, told: &[(LearnedFrom, &str)]) -> AddressSeen {
    let said = |(from, word): &(LearnedFrom, &str)| {
        let is_asked = matches!(from, LearnedFrom::Router(_) | LearnedFrom::Stun(_));
        let word = match *word {
            "none" => AddressWord::None,
            "" => AddressWord::Silence,
            ip => AddressWord::Is(ip.parse().unwrap()),
        };
        AddressTold { from: from.clone(), word, took: is_asked.then_some(Duration::from_millis(4)) }
    };
    AddressSeen {
        family: IpFamily::V4,
        local: local.map(|ip| ip.parse().unwrap()),
        is_public,
        by_vpn: false,
        told: told.iter().map(said).collect(),
    }
}

/// A name, and where it leads.
type Named<'a> = (&'a str, Option<&'a [&'a str]>);

fn name((name, leads_to): &Named<'_>) -> NameSeen {
    let leads_to = leads_to.map(|ips| ips.iter().map(|ip| ip.parse().unwrap()).collect());
    NameSeen { name: (*name).to_owned(), leads_to }
}

#[test]
fn the_address_is_explained() {
    let host = || LearnedFrom::MailHost("mx.example.org".to_owned());
    let post = || LearnedFrom::SmartHost("post.example".to_owned());
    let stun = || LearnedFrom::Stun("stun.example.org".to_owned());
    let pmp = || LearnedFrom::Router(RouterProtocol::NatPmp);
    let upnp = || LearnedFrom::Router(RouterProtocol::Upnp);
    let by_vpn = |seen| AddressSeen { by_vpn: true, ..seen };
    let home = |told: &[(LearnedFrom, &str)]| address(Some("192.168.1.7"), false, told);
    let table = [
        (address(Some("203.0.113.9"), true, &[]), Some("203.0.113.9")),
        (address(Some("203.0.113.9"), true, &[(host(), "203.0.113.9")]), Some("203.0.113.9")),
        (home(&[(host(), "203.0.113.9")]), Some("203.0.113.9")),
        (home(&[(post(), "203.0.113.9"), (pmp(), "203.0.113.9"), (upnp(), "203.0.113.9")]), Some("203.0.113.9")),
        (home(&[(pmp(), "203.0.113.9"), (upnp(), "")]), Some("203.0.113.9")),
        (home(&[(pmp(), ""), (upnp(), "203.0.113.9")]), Some("203.0.113.9")),
        (home(&[(pmp(), ""), (upnp(), ""), (stun(), "203.0.113.9")]), Some("203.0.113.9")),
        (home(&[(post(), "203.0.113.9"), (stun(), "198.51.100.7")]), Some("203.0.113.9")),
        (home(&[(post(), "198.51.100.7"), (host(), "203.0.113.9")]), Some("203.0.113.9")),
        // Certain: addresses that are kept for carriers.
        (home(&[(host(), "203.0.113.9"), (upnp(), "100.64.3.4")]), Some("203.0.113.9")),
        (home(&[(pmp(), "100.64.3.4")]), None),
        (home(&[(pmp(), "192.0.0.2")]), None),
        (address(Some("100.72.1.2"), false, &[]), None),
        // Likely.
        (home(&[(post(), "203.0.113.9"), (upnp(), "10.1.2.3")]), Some("203.0.113.9")),
        (home(&[(pmp(), "10.1.2.3")]), None),
        (home(&[(post(), "203.0.113.9"), (pmp(), "none"), (upnp(), "none")]), Some("203.0.113.9")),
        (home(&[(post(), "203.0.113.9"), (upnp(), "192.0.2.77")]), Some("203.0.113.9")),
        (home(&[(stun(), "203.0.113.9"), (pmp(), "192.0.2.77")]), Some("203.0.113.9")),
        // Of two answers of one router, one is right.
        (home(&[(post(), "203.0.113.9"), (pmp(), "none"), (upnp(), "203.0.113.9")]), Some("203.0.113.9")),
        (address(Some("203.0.113.9"), true, &[(stun(), "198.51.100.7")]), Some("198.51.100.7")),
        // A host in one's own network says nothing of the world.
        (home(&[(host(), "10.0.0.1")]), None),
        (home(&[(pmp(), "none"), (upnp(), ""), (stun(), "")]), None),
        (address(Some("127.0.0.1"), false, &[(host(), "127.0.0.1")]), None),
        (address(Some("127.0.0.1"), false, &[(host(), "203.0.113.9")]), Some("203.0.113.9")),
        (address(None, false, &[]), None),
        // Tailscale gives its own the addresses of carriers.
        (by_vpn(address(Some("100.72.1.2"), false, &[(host(), "203.0.113.9")])), Some("203.0.113.9")),
        (by_vpn(address(Some("100.72.1.2"), false, &[])), None),
        (by_vpn(home(&[(host(), "203.0.113.9"), (pmp(), "10.1.2.3")])), Some("203.0.113.9")),
        (by_vpn(home(&[(pmp(), "198.51.100.7")])), None),
    ];
    for (seen, outside) in &table {
        assert_eq!(seen.outside(), outside.map(|ip| ip.parse().unwrap()), "{seen:?}");
    }
    let named = |names: Option<&[Named<'_>]>| {
        let names = names.map(|names| names.iter().map(name).collect());
        reverse_name(&ReverseSeen {
            ip: OUR_ADDRESS,
            names: after(31, names),
            wanted: Some(WantedName { name: "post.example.org".to_owned(), leads_here: false }),
        })
    };
    let mut all: Vec<Finding> = table.iter().map(|(seen, _)| public_address(seen)).collect();
    all.extend([
        named(Some(&[("mail.example.org", Some(&["203.0.113.9"]))])),
        named(Some(&[("dsl-9.example.net", Some(&["203.0.113.9"])), ("mail.example.org", Some(&["203.0.113.9"]))])),
        named(Some(&[])),
        named(Some(&[("mail.example.org", Some(&["198.51.100.7"]))])),
        named(Some(&[("mail.example.org", Some(&[]))])),
        named(Some(&[("203-0-113-9.dsl.example.net", Some(&["203.0.113.9"]))])),
        named(Some(&[("mail.example.org", None)])),
        named(None),
    ]);
    golden("address", &all);
    let two = [("a.example.net", Some(&["198.51.100.7"][..])), ("mail.example.org", None)];
    assert_eq!(named(Some(&two)).found, "not-answered", "the second may lead back");
    let names = after(31, Some(Vec::new()));
    let wanted = Some(WantedName { name: "mail.example.org".to_owned(), leads_here: true });
    let leads_here = reverse_name(&ReverseSeen { ip: OUR_ADDRESS, names: names.clone(), wanted });
    assert_eq!(leads_here.copy.len(), 1, "no record is to be added where there is one");
    assert!(
        leads_here.fix.is_some_and(|fix| fix.ends_with("mail.example.org suits: it leads to 203.0.113.9 already."))
    );
    let without_domain = reverse_name(&ReverseSeen { ip: OUR_ADDRESS, names, wanted: None });
    assert!(without_domain.copy.is_empty(), "nobody can set a name in the domain of another");
}

#[test]
fn lists_are_explained_and_their_errors_are_no_listings() {
    let list = |list: &str, answers: Option<&[[u8; 4]]>| {
        let answers = answers.map(|answers| answers.iter().map(|octets| Ipv4Addr::from(*octets)).collect());
        address_list(&ListSeen { list: list.to_owned(), ip: OUR_ADDRESS, answers: after(18, answers) })
    };
    let zen = |answers: &[[u8; 4]]| list("zen.spamhaus.org", Some(answers));
    let all = [
        zen(&[]),
        zen(&[[127, 0, 0, 10]]),
        zen(&[[127, 0, 0, 11]]),
        zen(&[[127, 0, 0, 2]]),
        zen(&[[127, 0, 0, 3], [127, 0, 0, 10]]),
        zen(&[[127, 0, 0, 4]]),
        zen(&[[127, 0, 0, 9], [127, 0, 0, 2]]),
        list("bl.spamcop.net", Some(&[[127, 0, 0, 2]])),
        zen(&[[127, 255, 255, 252]]),
        zen(&[[127, 255, 255, 254]]),
        zen(&[[127, 255, 255, 255]]),
        zen(&[[127, 0, 0, 2], [127, 255, 255, 254]]),
        zen(&[[192, 0, 2, 80]]),
        zen(&[[127, 0, 0, 1]]),
        list("zen.spamhaus.org", None),
    ];
    golden("lists", &all);
}

#[test]
fn name_servers_are_explained() {
    let resolver = |missing, proof, tcp| {
        resolver(&ResolverSeen {
            missing_name: "k3v9x1q7.example".to_owned(),
            missing: after(14, missing),
            proof: after(60, proof),
            tcp: after(22, tcp),
        })
    };
    let [a, b, c] = resolver(Missing::Nowhere, Provable::Yes, Some(true));
    let [d, e, f] = resolver(Missing::Leads(vec!["192.0.2.80".parse().unwrap()]), Provable::No, Some(false));
    let [g, h, i] = resolver(Missing::NoAnswer, Provable::NotTried, None);
    let [_, j, k] = resolver(Missing::NoAnswer, Provable::No, Some(false));
    golden("resolver", &[a, d, g, b, e, h, j, c, f, i, k]);
}
