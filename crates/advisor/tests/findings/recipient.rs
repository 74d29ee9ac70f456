use super::{after, golden, reply};
use model::Class;
use postrider_advisor::checks::finding::Finding;
use postrider_advisor::checks::identity::TakesMail;
use postrider_advisor::checks::network::ProbeEnd;
use postrider_advisor::checks::recipient::{
    DaneSeen, Dialed, HostSeen, Needs, Offers, Required, Said, StsKept, StsKeptBecause, StsRule, StsSeen, Taught,
    TlsSeen, VisitSeen, addresses, dane, greylisting, mail_hosts, mta_sts, spelling, syntax, visit,
};
use std::net::SocketAddr;
use std::time::Duration;

#[test]
fn the_way_to_the_hosts_is_explained() {
    let takes = [
        TakesMail::Hosts(vec!["mx1.example.org".into(), "mx2.example.org".into()]),
        TakesMail::Implicit,
        TakesMail::Nowhere,
        TakesMail::Null,
        TakesMail::NoSuchDomain,
        TakesMail::NotAnswered,
    ];
    let [domains, hosts]: [Vec<Finding>; 2] = [0, 1].map(|place| {
        let both = takes.iter().map(|takes| mail_hosts("example.org", &after(24, takes.clone())));
        both.map(|both| both[place].clone()).collect()
    });
    let host = |host: &str, ips: Option<&[&str]>| {
        let ips = ips.map(|ips| ips.iter().map(|ip| ip.parse().unwrap()).collect());
        HostSeen { host: host.into(), addresses: after(12, ips) }
    };
    let here = || host("mx1.example.org", Some(&["2001:db8::1", "192.0.2.1"]));
    let mut all = vec![
        syntax("ann@example.org", None),
        syntax("ann.example.org", Some("There is no @ in it")),
        spelling("example.org", None),
        spelling("gmial.com", Some("gmail.com")),
    ];
    all.extend(domains);
    all.extend(hosts);
    all.extend([
        addresses(&[here()]),
        addresses(&[here(), host("mx2.example.org", Some(&[]))]),
        addresses(&[host("mx1.example.org", Some(&[])), host("mx2.example.org", Some(&[]))]),
        addresses(&[host("mx1.example.org", None), host("mx2.example.org", Some(&[]))]),
    ]);
    golden("domain", &all);
}

#[test]
fn the_rules_for_encryption_are_explained() {
    let policy = |mode, named, not_named: &[&str]| StsSeen::Policy {
        mode,
        named,
        not_named: not_named.iter().map(|host| (*host).to_owned()).collect(),
        kept: None,
    };
    let kept = |mode, because| StsSeen::Policy {
        mode,
        named: 1,
        not_named: Vec::new(),
        kept: Some(StsKept { until: "2026-11-29T06:34:18Z".parse().unwrap(), because }),
    };
    let sts = [
        policy(StsRule::Enforce, 2, &[]),
        policy(StsRule::Enforce, 1, &["mx2.example.org"]),
        policy(StsRule::Enforce, 0, &["mx1.example.org", "mx2.example.org"]),
        policy(StsRule::Testing, 1, &[]),
        policy(StsRule::None, 1, &[]),
        kept(StsRule::Enforce, StsKeptBecause::Current),
        kept(StsRule::Enforce, StsKeptBecause::NotAnnounced),
        kept(StsRule::Enforce, StsKeptBecause::NotAnswered),
        kept(StsRule::Enforce, StsKeptBecause::NotFetched("the answer is 404 and not 200".into())),
        kept(StsRule::Testing, StsKeptBecause::NotAnnounced),
        StsSeen::Failed("the certificate of mta-sts.example.org is over".into()),
        StsSeen::NotAnswered,
        StsSeen::None,
        StsSeen::NotTried,
    ];
    let records = [
        DaneSeen::Records(1),
        DaneSeen::Records(2),
        DaneSeen::Unusable,
        DaneSeen::None,
        DaneSeen::NotSigned,
        DaneSeen::Bogus,
        DaneSeen::NotAnswered,
        DaneSeen::NotTried,
        DaneSeen::BogusWaits,
        DaneSeen::NotAnsweredWaits,
        DaneSeen::Off,
    ];
    let mut all: Vec<Finding> = sts.into_iter().map(|seen| mta_sts("example.org", &after(190, seen))).collect();
    all.extend(records.into_iter().map(|seen| dane("mx1.example.org", &after(55, seen))));
    golden("encryption-rules", &all);
}

fn arrived() -> VisitSeen {
    let address: SocketAddr = "192.0.2.1:25".parse().unwrap();
    let ehlo = reply(250, &["mx1.example.org", "SIZE 10485760", "8BITMIME", "STARTTLS"]);
    VisitSeen {
        host: "mx1.example.org".into(),
        dialed: vec![
            ("[2001:db8::1]:25".parse().unwrap(), after(3000, Dialed::Failed(ProbeEnd::Silent))),
            (address, after(21, Dialed::Connected)),
        ],
        greeting: Some(after(130, Said::Reply(reply(220, &["mx1.example.org ESMTP"])))),
        ehlo: Some(after(20, (Said::Reply(ehlo), offers()))),
        helo: None,
        starttls: Some(after(64, verified())),
        required: Required::Nothing,
        quit: Some(after(19, true)),
    }
}

fn offers() -> Offers {
    Offers { size: Some(10_485_760), smtp_utf8: false, eight_bit_mime: true }
}

fn verified() -> TlsSeen {
    TlsSeen::Verified { version: "TLSv1.3".into(), by_records: false }
}

#[test]
fn a_visit_is_explained_stage_by_stage() {
    let greeted =
        |said| VisitSeen { greeting: Some(after(40, said)), ehlo: None, starttls: None, quit: None, ..arrived() };
    let introduced = |said| VisitSeen { ehlo: Some(after(20, (said, Offers::default()))), ..arrived() };
    let by_helo = |code| VisitSeen {
        helo: Some(after(18, Said::Reply(reply(code, &["mx1.example.org"])))),
        ..introduced(Said::Reply(reply(502, &["5.5.1 not implemented"])))
    };
    let requiring = |required, tls| VisitSeen { required, starttls: Some(after(64, tls)), ..arrived() };
    let unverified = || TlsSeen::Unverified { version: "TLSv1.2".into(), because: "it is for another name".into() };
    let encrypted = |tls| VisitSeen { starttls: Some(after(64, tls)), ..arrived() };
    let all_of = |seen: &VisitSeen, needs| visit(seen, needs);
    let stage = |place: usize, seen: VisitSeen| all_of(&seen, Needs::default())[place].clone();
    let refused = |end: ProbeEnd| VisitSeen {
        dialed: vec![("192.0.2.1:25".parse().unwrap(), after(2, Dialed::Failed(end)))],
        greeting: None,
        ..greeted(Said::Nothing(String::new()))
    };
    let needing = |needs| all_of(&arrived(), needs)[2].clone();
    let nothing = || Said::Nothing("the connection was closed without an answer".into());
    let all = [
        stage(0, arrived()),
        stage(0, refused(ProbeEnd::Refused)),
        stage(0, refused(ProbeEnd::Unreachable)),
        stage(1, arrived()),
        stage(1, greeted(Said::Reply(reply(421, &["too busy, come back later"])))),
        stage(1, greeted(Said::Reply(reply(554, &["5.7.1 Dialup/transient IP not allowed"])))),
        stage(1, greeted(nothing())),
        stage(2, arrived()),
        stage(2, introduced(Said::Reply(reply(250, &["mx1.example.org"])))),
        stage(2, introduced(Said::Reply(reply(451, &["4.7.1 try again later"])))),
        stage(2, introduced(Said::Reply(reply(550, &["5.7.1 Bad HELO"])))),
        stage(2, by_helo(550)),
        stage(2, by_helo(250)),
        stage(2, introduced(nothing())),
        needing(Needs { size: Some(25_700_000), smtp_utf8: false }),
        needing(Needs { size: Some(1000), smtp_utf8: true }),
        stage(3, arrived()),
        stage(3, encrypted(TlsSeen::Verified { version: "TLSv1.3".into(), by_records: true })),
        stage(3, encrypted(unverified())),
        stage(3, encrypted(TlsSeen::NotOffered)),
        stage(3, encrypted(TlsSeen::Failed("the connection was closed".into()))),
        stage(3, requiring(Required::ByPolicy, TlsSeen::NotOffered)),
        stage(3, requiring(Required::ByPolicy, TlsSeen::Failed("the certificate is over".into()))),
        stage(3, requiring(Required::ByPolicy, unverified())),
        stage(3, requiring(Required::ByRecords, TlsSeen::NotOffered)),
        stage(3, requiring(Required::Encryption, TlsSeen::NotOffered)),
        stage(3, requiring(Required::AsBefore, TlsSeen::NotOffered)),
        stage(3, requiring(Required::Encryption, unverified())),
        stage(4, arrived()),
        stage(4, VisitSeen { quit: Some(after(2000, false)), ..arrived() }),
    ];
    golden("visit", &all);
}

#[test]
fn a_letter_goes_to_the_first_host_that_takes_it_as_it_has_to_go() {
    let unverified = || TlsSeen::Unverified { version: "TLSv1.3".into(), because: String::new() };
    let table = [
        (Required::Nothing, TlsSeen::NotOffered, true),
        (Required::Encryption, TlsSeen::NotOffered, false),
        (Required::Encryption, unverified(), true),
        (Required::AsBefore, TlsSeen::NotOffered, false),
        (Required::AsBefore, unverified(), true),
        (Required::ByPolicy, unverified(), false),
        (Required::ByPolicy, verified(), true),
        (Required::ByRecords, TlsSeen::Failed(String::new()), false),
        (Required::ByRecords, verified(), true),
    ];
    for (required, tls, expected) in table {
        let seen = VisitSeen { required, starttls: Some(after(1, tls)), ..arrived() };
        assert_eq!(seen.takes_letters(), expected, "{seen:?}");
    }
    let refused = Some(after(1, (Said::Reply(reply(550, &["no"])), Offers::default())));
    assert!(!VisitSeen { ehlo: refused, ..arrived() }.takes_letters());
    assert!(!VisitSeen { starttls: None, ..arrived() }.takes_letters(), "it did not come so far");
}

#[test]
fn what_earlier_letters_taught_is_explained() {
    let all = [
        Taught { has_taken: true, ..Taught::default() },
        Taught { greylisted_for: Some(Duration::from_secs(30)), ..Taught::default() },
        Taught { greylisted_for: Some(Duration::from_secs(301)), has_taken: true, ..Taught::default() },
        Taught { refused_us: Some(Class::SenderDynamicIp), ..Taught::default() },
        Taught::default(),
    ];
    golden("greylisting", &all.map(|taught| greylisting("example.org", &taught)));
}
