//! The checks against a world of their own on loopback: a name server with what a test puts there, and mail hosts that say
//! what they are told. What they say of our address makes it a public one, so that its name and lists are looked up as well.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "checks/world.rs"]
mod world;

use postrider_engine::view::{Check, CheckReport, DirectVerdict as Verdict, Finding, Nothing};
use postrider_engine::*;
use std::time::{Duration, Instant};
use world::{Host, World};

fn found(report: &CheckReport, check: Check) -> Vec<&str> {
    let all = report.findings.iter().filter(|finding| finding.check == check);
    all.map(|finding| finding.found.as_str()).collect()
}

fn finding(report: &CheckReport, check: Check) -> &Finding {
    report
        .findings
        .iter()
        .find(|finding| finding.check == check)
        .unwrap_or_else(|| panic!("{check:?} in {report:#?}"))
}

async fn network(engine: &Engine) -> CheckReport {
    engine.calls().check_network(CheckNetworkArgs::default()).await.unwrap()
}

async fn domain(engine: &Engine, domain: &str) -> CheckReport {
    engine.calls().check_domain(CheckDomainArgs { domain: domain.to_owned(), account: None }).await.unwrap()
}

async fn identity(engine: &Engine) -> CheckReport {
    engine
        .calls()
        .check_identity(CheckIdentityArgs { address: "anna@example.org".to_owned(), account: None })
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_in_which_all_is_well_is_good_for_direct_sending() {
    let world = World::good().await;
    let engine = world.engine().await;
    let report = network(&engine).await;
    assert_eq!(
        (report.verdict, report.because.as_str()),
        (Verdict::Good, "Nothing that was looked at speaks against direct sending."),
        "{report:#?}"
    );
    assert_eq!(found(&report, Check::WayOut), ["open"]);
    assert_eq!(found(&report, Check::Port25V4), ["open"]);
    assert_eq!(found(&report, Check::PublicAddress), ["translated"]);
    assert_eq!(found(&report, Check::ReverseName), ["confirmed"]);
    assert_eq!(found(&report, Check::AddressList), ["absent", "absent"]);
    assert_eq!(found(&report, Check::ResolverTruth), ["true"]);
    assert_eq!(found(&report, Check::ResolverTcp), ["answered"]);
    assert_eq!(found(&report, Check::Clock), ["right"]);
    let evidence = &finding(&report, Check::Port25V4).evidence[0];
    assert!(
        evidence.asked.starts_with("mx.example.org (127.26.0.1:")
            && evidence.answer.starts_with("220 mx.example.org"),
        "{evidence:?}"
    );
    assert_eq!(world.heard(), [vec!["EHLO", "QUIT"], vec!["EHLO", "QUIT"]], "nobody is named");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_of_a_network_has_its_finding_and_its_verdict() {
    // What is changed in the good world, the check, what is found, the verdict.
    type Change = fn(&mut World);
    let table: [(&str, Change, Check, &str, Verdict); 17] = [
        ("no name", |w| w.remove("9.113.0.203.in-addr.arpa", "PTR"), Check::ReverseName, "missing", Verdict::Risky),
        (
            "a name that leads elsewhere",
            |w| w.put("mail.example.org", "A", &["198.51.100.1"]),
            Check::ReverseName,
            "unconfirmed",
            Verdict::Risky,
        ),
        (
            "a name by counting",
            |w| {
                w.put("9.113.0.203.in-addr.arpa", "PTR", &["203-0-113-9.dsl.example.net."]);
                w.put("203-0-113-9.dsl.example.net", "A", &["203.0.113.9"]);
            },
            Check::ReverseName,
            "generic",
            Verdict::Risky,
        ),
        (
            "the policy list",
            |w| w.put("9.113.0.203.zen.spamhaus.org", "A", &["127.0.0.10"]),
            Check::AddressList,
            "policy",
            Verdict::Risky,
        ),
        (
            "a list of spammers",
            |w| w.put("9.113.0.203.zen.spamhaus.org", "A", &["127.0.0.2", "127.0.0.10"]),
            Check::AddressList,
            "listed",
            Verdict::Risky,
        ),
        (
            "an error of the list",
            |w| w.put("9.113.0.203.zen.spamhaus.org", "A", &["127.255.255.254"]),
            Check::AddressList,
            "list-error",
            Verdict::Good,
        ),
        (
            "answers that are made up",
            |w| w.put("*", "A", &["198.51.100.80"]),
            Check::ResolverTruth,
            "rewritten",
            Verdict::Risky,
        ),
        ("nobody at port 25", |w| w.everywhere(None), Check::Port25V4, "refused", Verdict::Blocked),
        (
            "nobody at port 25 of one owner, who is the only one",
            |w| {
                w.everywhere(None);
                w.remove("friend.example", "MX");
            },
            Check::Port25V4,
            "refused",
            Verdict::Risky,
        ),
        ("one host that is down", |w| w.host("127.26.0.1", None), Check::Port25V4, "open", Verdict::Good),
        (
            "a firewall before the hosts of one owner",
            |w| w.host("127.26.0.1", Some(Host::greeting("*****************").offering(&["XXXXXXXA"]))),
            Check::Port25V4,
            "open",
            Verdict::Good,
        ),
        (
            "a firewall before everybody's hosts",
            |w| w.everywhere(Some(Host::greeting("*****************").offering(&["XXXXXXXA"]))),
            Check::Port25V4,
            "intercepted",
            Verdict::Blocked,
        ),
        (
            "a proxy in everybody's place",
            |w| w.everywhere(Some(Host::greeting("proxy.hotel.example ESMTP"))),
            Check::Port25V4,
            "intercepted",
            Verdict::Blocked,
        ),
        (
            "a host that refuses",
            |w| w.host("127.26.0.1", Some(Host::refusing("554 5.7.1 Dialup/transient IP not allowed"))),
            Check::Port25V4,
            "open-refused",
            Verdict::Risky,
        ),
        (
            "no mail server",
            |w| w.everywhere(Some(Host::refusing("HTTP/1.1 400 Bad Request"))),
            Check::Port25V4,
            "held",
            Verdict::Blocked,
        ),
        (
            "one server whose clock differs",
            |w| w.host("127.26.0.1", Some(Host::greeting(&world::greeting_at("mx.example.org", 3600)))),
            Check::Clock,
            "right",
            Verdict::Good,
        ),
        ("a clock that is an hour ahead", |w| w.clocks_are_behind(3600), Check::Clock, "far-off", Verdict::Risky),
    ];
    for (what, change, check, word, verdict) in table {
        let mut world = World::good().await;
        change(&mut world);
        let engine = world.engine().await;
        let report = network(&engine).await;
        assert_eq!((found(&report, check)[0], report.verdict), (word, verdict), "{what}: {report:#?}");
        engine.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_in_which_nobody_answers_anything_is_checked_in_time() {
    let silent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut world = World::good().await;
    world.everywhere(Some(Host::mute()));
    let engine = world.engine().await;
    let began = Instant::now();
    let report = network(&engine).await;
    assert_eq!(found(&report, Check::Port25V4), ["held"], "{report:#?}");
    world.set(&engine, "net.dns", &silent.local_addr().unwrap().to_string()).await;
    let report = network(&engine).await;
    assert_eq!((found(&report, Check::ResolverTruth), report.verdict), (vec!["no-answer"], Verdict::Blocked));
    assert_eq!(found(&report, Check::Port25V4), ["nobody-found"], "nobody was asked, and not for want of hosts");
    assert_eq!(found(&report, Check::ResolverTcp), ["no-answer"]);
    assert!(began.elapsed() < Duration::from_secs(2 * 15), "{:?}", began.elapsed());
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_asked_for_leads_nowhere_else() {
    // Where mail.example.org leads, and the name and how many texts are to be pasted.
    let table = [
        (None, "mail.example.org", 2),
        (Some("198.51.100.7"), "post.example.org", 2),
        (Some("203.0.113.9"), "mail.example.org", 1),
    ];
    for (leads_to, name, texts) in table {
        let mut world = World::good().await;
        world.remove("9.113.0.203.in-addr.arpa", "PTR");
        world.remove("mail.example.org", "A");
        if let Some(ip) = leads_to {
            world.put("mail.example.org", "A", &[ip]);
        }
        let engine = world.engine().await;
        let report = network(&engine).await;
        let copy = &finding(&report, Check::ReverseName).copy;
        assert_eq!(copy.len(), texts, "{copy:#?}");
        assert!(copy.iter().all(|one| one.text.contains(name)), "{copy:#?}");
        engine.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_smart_host_has_its_finding() {
    let world = World::good().await;
    let engine = world.engine().await;
    let account = engine.calls().account_list(Nothing {}).await.unwrap().remove(0).id;
    for (name, port) in [("post", world.port()), ("shut", 1), ("the same again", world.port())] {
        let server = model::Server {
            host: "mx.friend.example".to_owned(),
            port,
            security: model::Security::Starttls,
            user: String::new(),
            login: model::LoginForm::Password,
            trusted: None,
        };
        let args = SmartHostAddArgs { account, name: name.to_owned(), server, secret: None };
        engine.calls().smart_host_add(args).await.unwrap();
    }
    let report = network(&engine).await;
    let told: Vec<(&str, &str)> = report
        .findings
        .iter()
        .filter(|one| one.check == Check::Submission)
        .map(|one| (one.subject.as_str(), one.found.as_str()))
        .collect();
    let at = |port: u16| format!("mx.friend.example:{port}");
    assert_eq!(told, [(at(world.port()).as_str(), "open"), (at(1).as_str(), "other-port")], "{report:#?}");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_were_asked_are_left_alone_for_some_minutes_unless_the_user_wants_to_know() {
    let world = World::good().await;
    let engine = world.engine().await;
    let first = network(&engine).await;
    let again = async |again| {
        let args = CheckNetworkArgs { again, ..CheckNetworkArgs::default() };
        engine.calls().check_network(args).await.unwrap()
    };
    let second = again(false).await;
    identity(&engine).await;
    assert_eq!(world.heard().len(), 2, "each host was asked once");
    let evidence = |report: &CheckReport| finding(report, Check::Port25V4).evidence.clone();
    assert_eq!(evidence(&first), evidence(&second), "what they said then counts still");
    assert_eq!((second.verdict, found(&second, Check::Clock)), (Verdict::Good, vec!["right"]));
    again(true).await;
    assert_eq!(world.heard().len(), 4);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_copied_for_support_does_not_tell_whom_one_writes_to() {
    let world = World::good().await;
    let engine = world.engine().await;
    let report = network(&engine).await;
    let text = &report.for_support;
    assert!(text.starts_with("Nothing that was looked at speaks against direct sending.\n\n[pass] "), "{text}");
    assert!(text.contains("mx.example.org (127.26.0.1:") && text.contains("203.0.113.9"), "{text}");
    assert!(text.contains("a mail host of a correspondent (its address): 220 …; then 250 to EHLO"), "{text}");
    assert!(!text.contains("friend") && !text.contains("127.27."), "{text}");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_host_takes_our_name_is_told_apart() {
    // The answer to EHLO, what is found, the verdict, what the host hears.
    let table = [
        ("502 5.5.1 not implemented", "ready-plain", Verdict::Risky, vec!["EHLO", "HELO", "QUIT"]),
        ("451 4.7.1 come back later", "later", Verdict::Risky, vec!["EHLO", "QUIT"]),
    ];
    for (to_ehlo, word, verdict, heard) in table {
        let mut world = World::good().await;
        world.host("127.27.0.1", Some(Host::greeting("mx.friend.example").answering_ehlo(to_ehlo)));
        let engine = world.engine().await;
        let report = domain(&engine, "friend.example").await;
        assert_eq!((found(&report, Check::Ehlo), report.verdict), (vec![word], verdict), "{report:#?}");
        assert_eq!(world.heard(), [heard]);
        engine.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_told_the_name_of_the_address_that_it_sees() {
    let mut world = World::good().await;
    world.put("six.example", "MX", &["10 mx.six.example."]);
    world.put("mx.six.example", "AAAA", &["::1"]);
    world.host("::1", Some(Host::greeting("mx.six.example")));
    let engine = world.engine().await;
    for (name, expected) in [("friend.example", "EHLO [127.0.0.1]"), ("six.example", "EHLO [IPv6:::1]")] {
        let report = domain(&engine, name).await;
        assert_eq!(found(&report, Check::Greeting), ["welcome"], "{report:#?}");
        assert_eq!(world.commands().last().unwrap()[0], expected);
    }
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_is_judged_by_its_domain_and_each_way() {
    let world = World::good().await;
    let engine = world.engine().await;
    let report = identity(&engine).await;
    assert_eq!(found(&report, Check::SenderDomain), ["receives"], "{report:#?}");
    assert_eq!(found(&report, Check::Spf), ["pass"]);
    assert_eq!(finding(&report, Check::Spf).subject, "direct 203.0.113.9", "the address that others see, asked for");
    assert_eq!((found(&report, Check::Dkim), found(&report, Check::Dmarc)), (vec!["no-key"], vec!["proven"]));
    assert_eq!(report.verdict, Verdict::Good);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_of_an_identity_has_its_finding_and_its_verdict() {
    type Change = fn(&mut World);
    let table: [(Change, Check, &str, Verdict); 7] = [
        (|w| w.put("example.org", "TXT", &["v=spf1 mx -all"]), Check::Spf, "fail", Verdict::Blocked),
        (|w| w.put("example.org", "TXT", &["v=spf1 mx -all"]), Check::Dmarc, "not-proven-reject", Verdict::Blocked),
        (|w| w.remove("example.org", "TXT"), Check::Spf, "none", Verdict::Blocked),
        (
            |w| w.put("example.org", "TXT", &["v=spf1 include:example.org ip4:203.0.113.9 -all"]),
            Check::Spf,
            "too-many-lookups",
            Verdict::Blocked,
        ),
        (|w| w.remove("_dmarc.example.org", "TXT"), Check::Dmarc, "missing", Verdict::Good),
        (|w| w.put("example.org", "MX", &["0 ."]), Check::SenderDomain, "null-mx", Verdict::Blocked),
        (
            |w| {
                w.put("example.org", "TXT", &["v=spf1 mx ~all"]);
                w.put("_dmarc.example.org", "TXT", &["v=DMARC1; p=none"]);
            },
            Check::Dmarc,
            "not-proven",
            Verdict::Risky,
        ),
    ];
    for (change, check, word, verdict) in table {
        let mut world = World::good().await;
        change(&mut world);
        let engine = world.engine().await;
        network(&engine).await;
        let report = identity(&engine).await;
        assert_eq!((found(&report, check)[0], report.verdict), (word, verdict), "{report:#?}");
        engine.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_gone_through_stage_by_stage() {
    let mut world = World::good().await;
    world.put("null.example", "MX", &["0 ."]);
    world.put("friends.example", "MX", &["10 mx.friend.example."]);
    world.put("deaf.example", "MX", &["10 mx.deaf.example."]);
    world.put("mx.deaf.example", "A", &["127.26.0.9"]);
    let engine = world.engine().await;
    let report = domain(&engine, "example.org").await;
    let words: Vec<(Check, &str)> = report.findings.iter().map(|one| (one.check, one.found.as_str())).collect();
    use Check::*;
    let expected = [
        (Spelling, "known"),
        (Domain, "exists"),
        (Mx, "hosts"),
        (Addresses, "all"),
        (MtaSts, "not-tried"),
        (Dane, "not-tried"),
        (Connect, "connected"),
        (Greeting, "welcome"),
        (Ehlo, "ready"),
        (Starttls, "not-offered"),
        (Quit, "answered"),
        (Greylisting, "not-known"),
    ];
    assert_eq!(words, expected);
    assert_eq!((report.verdict, report.because.as_str()), (Verdict::Risky, "mx.example.org does not encrypt."));
    let table = [
        ("null.example", Mx, "null-mx", Verdict::Blocked),
        ("nowhere.example", Domain, "no-such-domain", Verdict::Blocked),
        ("deaf.example", Connect, "not-connected", Verdict::Blocked),
        ("exmaple.org", Spelling, "misspelt", Verdict::Blocked),
        ("friends.example", Spelling, "known", Verdict::Risky),
    ];
    for (name, check, word, verdict) in table {
        let report = domain(&engine, name).await;
        assert_eq!((found(&report, check), report.verdict), (vec![word], verdict), "{name}: {report:#?}");
    }
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_an_earlier_letter_brought_counts_where_somebody_hides_it() {
    let world = World::good().await;
    world.keep_policy("friend.example", "mode: enforce\nmx: mx.friend.example\n").await;
    let engine = world.engine().await;
    // Where policies are looked for at all; none is announced there.
    world.set(&engine, "net.https_port", "8443").await;
    let report = domain(&engine, "friend.example").await;
    assert_eq!(found(&report, Check::MtaSts), ["kept"], "{report:#?}");
    assert_eq!(found(&report, Check::Starttls), ["required-not-offered"]);
    assert_eq!(report.verdict, Verdict::Blocked, "the letter would wait");
    let report = domain(&engine, "example.org").await;
    assert_eq!((found(&report, Check::MtaSts), found(&report, Check::Starttls)), (vec!["none"], vec!["not-offered"]));
    world.set(&engine, "outbound.dane", "off").await;
    let report = domain(&engine, "example.org").await;
    assert_eq!(found(&report, Check::Dane), ["off"]);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_is_judged_by_what_the_letter_needs() {
    let world = World::good().await;
    let engine = world.engine().await;
    let check = async |address: &str, size| {
        let args = CheckRecipientArgs { address: address.to_owned(), account: None, size };
        engine.calls().check_recipient(args).await.unwrap()
    };
    let table = [
        ("ben@example.org", None, Check::Ehlo, "ready"),
        ("ben@example.org", Some(2_000_000), Check::Ehlo, "too-large"),
        ("b\u{f6}rn@example.org", None, Check::Ehlo, "no-utf8"),
        ("ben.example.org", None, Check::Syntax, "invalid"),
    ];
    for (address, size, stage, word) in table {
        let report = check(address, size).await;
        assert_eq!(found(&report, stage), [word], "{address}: {report:#?}");
    }
    assert!(world.heard().iter().flatten().all(|command| command == "EHLO" || command == "QUIT"), "nobody is named");
    engine.stop().await;
}
