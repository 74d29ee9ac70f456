use super::*;
use crate::checks::finding::Said;
use model::{LoginForm, Security, Server, SmartHostId};

fn way(domain: &str, route: &str) -> Way {
    let (route, basis) = match route {
        "direct" => (Route::Direct, Basis::Order),
        name => (Route::SmartHost(name.to_owned()), Basis::Auto),
    };
    Way { domain: domain.into(), route, basis, despite: None, size_limit: None, greylists: None, refused_us: None }
}

fn smart_host(name: &str) -> SmartHost {
    let server = Server {
        host: format!("smtp.{name}"),
        port: 465,
        security: Security::Tls,
        user: String::new(),
        login: LoginForm::Password,
        trusted: None,
    };
    SmartHost { id: SmartHostId(1), name: name.into(), server }
}

fn found(check: Check, status: Status, found: &'static str) -> Finding {
    Finding::new(check, "", Vec::new(), Said::new(status, found, "A title", "A cause."))
}

struct Scene {
    ways: Vec<Way>,
    network: Vec<Finding>,
    identity: Vec<Finding>,
    smart_hosts: Vec<SmartHost>,
    sender: &'static str,
    signed: Signed,
    size: Option<u64>,
    offline: Option<Offline>,
}

fn scene(ways: Vec<Way>) -> Scene {
    Scene {
        ways,
        network: Vec::new(),
        identity: Vec::new(),
        smart_hosts: vec![smart_host("post.example")],
        sender: "example.net",
        signed: Signed::Yes,
        size: Some(5000),
        offline: None,
    }
}

fn of(scene: &Scene) -> Option<Outlook> {
    outlook(&OutlookFacts {
        ways: &scene.ways,
        network: &scene.network,
        identity: &scene.identity,
        smart_hosts: &scene.smart_hosts,
        sender_domain: scene.sender,
        signed: scene.signed,
        size: scene.size,
        offline: scene.offline,
    })
}

fn kind(scene: &Scene) -> Option<OutlookKind> {
    of(scene).map(|outlook| outlook.kind)
}

/// Every trouble at once, the worst first; each is taken away as it is met.
#[test]
fn of_several_troubles_the_worst_is_said() {
    use OutlookKind::*;
    let mut direct = way("example.org", "direct");
    direct.size_limit = Some(1000);
    direct.refused_us = Some(Class::SenderNoRdns);
    direct.greylists = Some(Duration::from_secs(300));
    direct.despite = Some("something".into());
    let mut scene = Scene {
        network: vec![
            found(Check::Port25V4, Status::Fail, "dropped"),
            found(Check::AddressList, Status::Fail, "listed"),
            found(Check::AddressList, Status::Fail, "policy"),
            found(Check::ReverseName, Status::Fail, "missing"),
            found(Check::Clock, Status::Fail, "far-off"),
        ],
        sender: "gmail.com",
        signed: Signed::No,
        offline: Some(super::Offline::NoNetwork),
        ..scene(vec![direct])
    };
    assert_eq!(kind(&scene), Some(TooLarge));
    scene.size = Some(1000);
    assert_eq!(kind(&scene), Some(SenderProvider));
    scene.sender = "example.net";
    for expected in [Port25, RefusedUs, ListedAddress, DynamicAddress, ReverseDns] {
        assert_eq!(kind(&scene), Some(expected));
        match expected {
            RefusedUs => scene.ways[0].refused_us = None,
            _ => drop(scene.network.remove(0)),
        }
    }
    assert_eq!(kind(&scene), Some(Unproven));
    scene.signed = Signed::Yes;
    assert_eq!(kind(&scene), Some(NoSmartHost));
    scene.ways[0].despite = None;
    assert_eq!(kind(&scene), Some(Clock));
    scene.network.clear();
    assert_eq!(kind(&scene), Some(Greylisting));
    scene.ways[0].greylists = None;
    assert_eq!(kind(&scene), Some(super::OutlookKind::Offline));
    scene.offline = None;
    assert_eq!(kind(&scene), None);
}

#[test]
fn what_concerns_direct_sending_is_not_said_of_a_letter_through_a_smart_host() {
    let network = vec![
        found(Check::Port25V4, Status::Fail, "dropped"),
        found(Check::AddressList, Status::Fail, "listed"),
        found(Check::ReverseName, Status::Fail, "missing"),
    ];
    let mut relayed = way("example.org", "post.example");
    relayed.refused_us = Some(Class::SenderNoRdns);
    relayed.greylists = Some(Duration::from_secs(300));
    let mut scene = Scene { network, sender: "gmail.com", signed: Signed::No, ..scene(vec![relayed]) };
    assert_eq!(kind(&scene), None);
    scene.ways[0].size_limit = Some(1000);
    assert_eq!(kind(&scene), Some(OutlookKind::TooLarge), "its own server takes no more on any way");
    scene.ways.push(way("example.com", "direct"));
    scene.ways[0].size_limit = None;
    assert_eq!(kind(&scene), Some(OutlookKind::SenderProvider), "a part of it goes direct");
}

#[test]
fn port_25_is_judged_as_the_verdict_judges_it() {
    use Status::{Fail, Pass, Unknown, Warn};
    type Port = (Status, &'static str);
    let table: [(&[Port], Option<OutlookTone>); 13] = [
        (&[], None),
        (&[(Pass, "open")], None),
        (&[(Unknown, "nobody-asked")], None),
        (&[(Fail, "dropped"), (Unknown, "no-family")], Some(OutlookTone::Stop)),
        (&[(Pass, "open"), (Fail, "dropped")], None),
        (&[(Warn, "open-refused"), (Fail, "dropped")], None),
        (&[(Fail, "dropped"), (Pass, "open")], Some(OutlookTone::Caution)),
        (&[(Unknown, "no-family"), (Pass, "open")], Some(OutlookTone::Caution)),
        (&[(Unknown, "nobody-asked"), (Pass, "open")], None),
        (&[(Fail, "intercepted"), (Pass, "open")], Some(OutlookTone::Stop)),
        (&[(Fail, "intercepted")], Some(OutlookTone::Stop)),
        (&[(Warn, "dropped")], Some(OutlookTone::Caution)),
        (&[(Warn, "refused"), (Fail, "refused")], Some(OutlookTone::Stop)),
    ];
    for (ports, expected) in table {
        let checks = [Check::Port25V4, Check::Port25V6];
        let network = ports.iter().zip(checks).map(|((status, word), check)| found(check, *status, word)).collect();
        let scene = Scene { network, ..scene(vec![way("example.org", "direct")]) };
        assert_eq!(of(&scene).map(|outlook| outlook.tone), expected, "{ports:?}");
        let is_blocked = crate::verdict::direct(&scene.network).verdict == crate::verdict::Verdict::Blocked;
        assert_eq!(is_blocked, expected == Some(OutlookTone::Stop), "{ports:?}");
    }
}

#[test]
fn what_no_way_helps_against_is_said_of_each_and_nothing_is_offered() {
    let silent = || found(Check::ResolverTruth, Status::Unknown, "no-answer");
    let nobody = || found(Check::Port25V4, Status::Unknown, "nobody-found");
    let clock = |status, word| found(Check::Clock, status, word);
    let table = [
        (vec![nobody(), silent()], Some(OutlookKind::NameServers)),
        (vec![silent()], Some(OutlookKind::NameServers)),
        (vec![found(Check::Port25V4, Status::Pass, "open"), silent()], None),
        (vec![nobody()], None),
        (vec![clock(Status::Fail, "far-off")], Some(OutlookKind::Clock)),
        (vec![clock(Status::Warn, "off")], None),
        (vec![nobody(), silent(), clock(Status::Fail, "far-off")], Some(OutlookKind::NameServers)),
    ];
    for (network, expected) in table {
        for route in ["direct", "post.example"] {
            let scene = Scene { network: network.clone(), ..scene(vec![way("example.org", route)]) };
            let said = of(&scene);
            assert_eq!(said.as_ref().map(|said| said.kind), expected, "{route} {network:?}");
            assert!(said.is_none_or(|said| said.better.is_none() && said.finding.is_some()));
        }
    }
}

#[test]
fn the_better_choice_is_another_way_where_there_is_one() {
    let through = |name: &str| Some(Better::Route { route: Route::SmartHost(name.to_owned()) });
    let blocked = || vec![found(Check::Port25V4, Status::Fail, "dropped")];
    let none = Vec::new;
    let mut grey = way("example.org", "direct");
    grey.greylists = Some(Duration::from_secs(60));
    let mut large = way("example.org", "direct");
    large.size_limit = Some(10);
    let smtp_shut = || Finding {
        subject: "smtp.post.example:465".to_owned(),
        ..found(Check::Submission, Status::Fail, "closed")
    };
    let second_shut = || Finding { subject: "smtp.second.example:465".to_owned(), ..smtp_shut() };
    let two = || vec![smart_host("post.example"), smart_host("second.example")];
    let open = || found(Check::Port25V4, Status::Pass, "open");
    let base = || scene(vec![way("example.org", "direct")]);
    let relayed = || scene(vec![way("example.org", "post.example")]);
    let gmail = || SmartHost {
        server: Server { host: "smtp.gmail.com".into(), ..smart_host("x").server },
        ..smart_host("Gmail")
    };
    let nowhere = || vec![found(Check::SenderDomain, Status::Fail, "null-mx")];
    let shut_in = || vec![found(Check::Port25V4, Status::Fail, "dropped"), smtp_shut()];
    let table = [
        // Never what the same check found out of reach.
        (Scene { network: shut_in(), ..base() }, None),
        (Scene { network: shut_in(), smart_hosts: two(), ..base() }, through("second.example")),
        (Scene { network: vec![smtp_shut()], ..scene(vec![grey.clone()]) }, None),
        (
            Scene { network: [blocked(), vec![second_shut()]].concat(), smart_hosts: two(), ..base() },
            through("post.example"),
        ),
        (Scene { network: vec![smtp_shut(), second_shut()], smart_hosts: two(), ..relayed() }, None),
        (
            Scene {
                network: vec![second_shut()],
                smart_hosts: two(),
                ..scene(vec![way("example.org", "post.example"), way("example.net", "second.example")])
            },
            through("post.example"),
        ),
        // No way helps.
        (Scene { identity: nowhere(), ..base() }, None),
        (Scene { identity: nowhere(), smart_hosts: none(), ..base() }, None),
        // Only the provider's own.
        (Scene { sender: "gmail.com", ..base() }, Some(Better::AddSmartHost)),
        (
            Scene { sender: "gmail.com", smart_hosts: vec![smart_host("post.example"), gmail()], ..base() },
            through("Gmail"),
        ),
        (Scene { network: blocked(), ..base() }, through("post.example")),
        (Scene { network: blocked(), smart_hosts: none(), ..base() }, Some(Better::AddSmartHost)),
        (Scene { ..scene(vec![grey.clone()]) }, through("post.example")),
        (Scene { smart_hosts: none(), ..scene(vec![grey]) }, None),
        (scene(vec![large]), None),
        (Scene { network: vec![smtp_shut()], ..relayed() }, None),
        (Scene { network: vec![smtp_shut()], smart_hosts: two(), ..relayed() }, through("second.example")),
        (Scene { network: vec![smtp_shut(), open()], ..relayed() }, Some(Better::Route { route: Route::Direct })),
        (Scene { network: vec![smtp_shut(), open()], signed: Signed::No, ..relayed() }, None),
    ];
    for (scene, expected) in table {
        let said = of(&scene).unwrap();
        assert_eq!((said.better.clone(), said.better_label.is_some()), (expected.clone(), expected.is_some()));
    }
}

#[test]
fn proof_is_asked_of_the_identity_where_that_was_looked_at_and_of_the_key_where_not() {
    use OutlookTone::{Caution, Stop};
    let spf = |word| Finding { subject: "direct".into(), ..found(Check::Spf, Status::Warn, word) };
    let dkim = |word| found(Check::Dkim, Status::Warn, word);
    let dmarc = |word| found(Check::Dmarc, Status::Fail, word);
    let table = [
        (vec![], Signed::Yes, None),
        (vec![], Signed::No, Some(Caution)),
        (vec![], Signed::NotAsked, None),
        (vec![dkim("right"), dmarc("proven")], Signed::No, None),
        (vec![dkim("none"), spf("pass"), dmarc("proven")], Signed::No, None),
        (vec![dkim("none"), spf("fail"), dmarc("not-proven-none")], Signed::No, Some(Caution)),
        (vec![dkim("none"), spf("fail"), dmarc("not-proven-reject")], Signed::No, Some(Stop)),
        (vec![found(Check::SenderDomain, Status::Fail, "null-mx")], Signed::Yes, Some(Stop)),
    ];
    for (identity, signed, expected) in table {
        let scene = Scene { identity, signed, ..scene(vec![way("example.org", "direct")]) };
        assert_eq!(of(&scene).map(|outlook| outlook.tone), expected, "{:?}", scene.identity);
    }
}

#[test]
fn a_letter_to_nobody_has_no_outlook() {
    let network =
        vec![found(Check::ResolverTruth, Status::Unknown, "no-answer"), found(Check::Clock, Status::Fail, "far-off")];
    let scene = Scene { network, offline: Some(Offline::NoNetwork), sender: "gmail.com", ..scene(Vec::new()) };
    assert_eq!(of(&scene), None);
}

#[test]
fn direct_is_not_offered_where_it_is_known_that_receivers_turn_it_away() {
    use Signed::{No, NotAsked, Yes};
    let spf = |word| Finding { subject: "direct 203.0.113.9".into(), ..found(Check::Spf, Status::Warn, word) };
    let (dkim, dmarc) =
        (|word| found(Check::Dkim, Status::Warn, word), |word| found(Check::Dmarc, Status::Fail, word));
    let unproven = |policy| vec![dkim("no-key"), spf("fail"), dmarc(policy)];
    let table = [
        ("gmail.com", vec![], Yes, Some("the servers of Gmail alone")),
        ("example.net", vec![], No, None),
        ("example.net", unproven("not-proven-reject"), No, Some("example.net asks receivers to refuse")),
        ("example.net", unproven("not-proven-quarantine"), No, Some("example.net asks receivers to file")),
        ("example.net", unproven("not-proven"), No, None),
        ("example.net", unproven("not-proven-reject"), NotAsked, None),
        ("example.net", vec![dkim("no-key"), spf("pass"), dmarc("not-proven-reject")], No, None),
        // What is known of the key by now leaves out what was found of it before.
        ("example.net", vec![spf("fail"), dmarc("not-proven-reject")], Yes, None),
        ("example.net", vec![dkim("right"), spf("fail"), dmarc("not-proven-reject")], Yes, None),
    ];
    for (domain, identity, signed, expected) in table {
        let said = not_offered_direct(domain, &identity, signed);
        let fits = match (&said, expected) {
            (Some(said), Some(part)) => said.contains(part),
            (None, None) => true,
            _ => false,
        };
        assert!(fits, "{domain} {identity:?} {said:?}");
    }
}
