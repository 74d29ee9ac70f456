//! Networks that let mail out, or do not, and addresses that receivers trust, or do not.

use crate::lab::{FRIENDS, User, found, lab, me};
use serde_json::{Value, json};

/// What is to be seen of a case.
struct Expected {
    /// The check that tells of it.
    check: &'static str,
    /// What it finds, and how that counts.
    found: (&'static str, &'static str),
    verdict: &'static str,
    /// What the composer says of a letter that is to go direct.
    banner: Option<&'static str>,
    /// The way that auto takes, and what comes of it.
    auto: (&'static str, &'static str),
}

const DIRECT: (&str, &str) = ("direct", "accepted");
const SMART_HOST: (&str, &str) = ("post.example", "relayed");

/// Checks the network, asks the composer, and lets the letters that wait go.
fn assert_seen(case: &'static str, expected: &Expected) -> (User, Value) {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let user = lab.user(case, &FRIENDS);
    let report = user.check_network();
    let findings = found(&report, expected.check);
    assert!(findings.contains(&expected.found), "{findings:?} of {} in {report:#}", expected.check);
    assert_eq!(report["verdict"], expected.verdict, "{report:#}");
    let (banner, _) = user.outlook("direct");
    assert_eq!(banner, expected.banner.map_or(Value::Null, Value::from), "{report:#}");
    let (_, way) = user.outlook("auto");
    assert_eq!(way, expected.auto.0, "what auto would choose");
    for (route, state) in user.routes() {
        assert_eq!((route.as_str(), state.as_str()), expected.auto);
    }
    (user, report)
}

#[test]
fn where_all_is_well_letters_go_direct() {
    let expected =
        Expected { check: "port-25-ipv4", found: ("open", "pass"), verdict: "good", banner: None, auto: DIRECT };
    let (user, report) = assert_seen("good", &expected);
    assert_eq!(found(&report, "reverse-name"), [("confirmed", "pass")]);
    assert_eq!(found(&report, "address-list"), [("absent", "pass"), ("absent", "pass")]);
    assert_eq!(found(&report, "submission"), [("open", "pass")]);
    let text = report["for_support"].as_str().expect("a text");
    assert!(text.contains("post.example (203.0.113.40:25)") && !text.contains("one.example"), "{text}");

    let visits = || lab().posts[0].log().matches("connect from good.example[198.51.100.10]").count();
    let before = visits();
    user.check_identity(&me("good"));
    assert_eq!(visits(), before, "what the check a moment ago heard is known to another process");
}

#[test]
fn a_firewall_that_drops_is_told_and_gone_round() {
    let expected = Expected {
        check: "port-25-ipv4",
        found: ("dropped", "fail"),
        verdict: "blocked",
        banner: Some("port-25"),
        auto: SMART_HOST,
    };
    assert_seen("dropped", &expected);
}

#[test]
fn a_firewall_that_rejects_is_told_and_gone_round() {
    let expected = Expected {
        check: "port-25-ipv4",
        found: ("refused", "fail"),
        verdict: "blocked",
        banner: Some("port-25"),
        auto: SMART_HOST,
    };
    assert_seen("rejected", &expected);
}

#[test]
fn a_proxy_in_the_place_of_mail_hosts_is_told_and_gone_round() {
    let expected = Expected {
        check: "port-25-ipv4",
        found: ("intercepted", "fail"),
        verdict: "blocked",
        banner: Some("port-25"),
        auto: SMART_HOST,
    };
    assert_seen("answered", &expected);
}

#[test]
fn a_proxy_that_takes_the_encryption_away_is_known_by_what_hosts_did_before() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let user = lab.user("stripped", &[]);
    // An address of the same computer that the proxy lets alone.
    user.rider.set("net.source_ip", "198.51.100.27");
    for friend in FRIENDS {
        let to = format!("anna@{friend}");
        let sent = user.rider.must(&["send", "--to", &to, "--subject", "Before", "--route", "direct"], "Hello.\n");
        assert_eq!(sent["recipients"][0]["attempts"][0]["tls"]["verified"], true, "{sent:#}");
    }
    user.rider.set("net.source_ip", "198.51.100.25");
    let report = user.check_network();
    assert_eq!(found(&report, "port-25-ipv4"), [("intercepted", "fail")], "{report:#}");
    assert_eq!(report["verdict"], "blocked");
    let cause = report["findings"].to_string();
    assert!(cause.contains("has offered encryption before, and from here it does not"), "{report:#}");
    let domain = user.rider.must(&["check", "domain", "one.example"], "");
    assert_eq!(found(&domain, "starttls"), [("not-offered", "warn")], "{domain:#}");
    assert_eq!(user.outlook("auto").1, "post.example");
}

#[test]
fn a_network_that_swallows_everything_is_checked_in_time() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let user = lab.user("silent", &FRIENDS);
    let report = user.check_network();
    assert_eq!(report["verdict"], "blocked", "{report:#}");
    assert!(report["took_ms"].as_u64().expect("a time") <= 15_000, "{report:#}");
    assert_eq!(found(&report, "port-25-ipv4"), [("nobody-found", "unknown")]);
    assert_eq!(found(&report, "resolver-truth"), [("no-answer", "unknown")]);
    assert_eq!(found(&report, "resolver-tcp"), [("no-answer", "unknown")]);
    assert_eq!(found(&report, "submission"), [("not-answered", "unknown")]);
}

#[test]
fn an_address_without_a_name_is_told_and_gone_round() {
    let expected = Expected {
        check: "reverse-name",
        found: ("missing", "fail"),
        verdict: "risky",
        banner: Some("reverse-dns"),
        auto: SMART_HOST,
    };
    let (_, report) = assert_seen("nameless", &expected);
    let findings = report["findings"].as_array().expect("findings");
    let name = findings.iter().find(|finding| finding["check"] == "reverse-name").expect("a finding");
    assert_eq!(name["copy"][1]["text"], json!("mail.nameless.example. IN A 198.51.100.11"));
}

#[test]
fn an_address_whose_name_leads_elsewhere_is_told_and_gone_round() {
    let expected = Expected {
        check: "reverse-name",
        found: ("unconfirmed", "fail"),
        verdict: "risky",
        banner: Some("reverse-dns"),
        auto: SMART_HOST,
    };
    assert_seen("unconfirmed", &expected);
}

#[test]
fn an_address_with_a_name_by_counting_is_told_and_gone_round() {
    let expected = Expected {
        check: "reverse-name",
        found: ("generic", "warn"),
        verdict: "risky",
        banner: Some("reverse-dns"),
        auto: SMART_HOST,
    };
    assert_seen("generic", &expected);
}

#[test]
fn an_address_on_a_list_of_spammers_is_told_and_gone_round() {
    let expected = Expected {
        check: "address-list",
        found: ("listed", "fail"),
        verdict: "risky",
        banner: Some("listed-address"),
        auto: SMART_HOST,
    };
    assert_seen("spam", &expected);
}

#[test]
fn an_address_that_is_not_meant_to_send_is_told_and_gone_round() {
    let expected = Expected {
        check: "address-list",
        found: ("policy", "warn"),
        verdict: "risky",
        banner: Some("dynamic-address"),
        auto: SMART_HOST,
    };
    assert_seen("policy", &expected);
}

#[test]
fn a_list_that_answers_with_an_error_is_no_listing_and_proves_nothing_either() {
    let expected = Expected {
        check: "address-list",
        found: ("list-error", "unknown"),
        verdict: "good",
        banner: None,
        auto: SMART_HOST,
    };
    assert_seen("listerror", &expected);
}
