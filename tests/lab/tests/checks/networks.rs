//! Networks that let mail out, or do not, and addresses that receivers trust, or do not.

use crate::expected::{Auto, Expected, GOOD, assert_case, assert_seen, caution, found, round, stop, whichever_way};
use crate::lab::{FRIENDS, lab};
use serde_json::json;

#[test]
fn where_all_is_well_letters_go_direct() {
    let _logs = lab().town.logs_on_failure();
    let user = lab().user("good");
    let report = assert_seen(&user, &GOOD);
    assert_eq!(found(&report, "reverse-name"), [("confirmed", "pass")]);
    assert_eq!(found(&report, "address-list"), [("absent", "pass"), ("absent", "pass")]);
    assert_eq!(found(&report, "submission"), [("open", "pass")]);
    let text = report["for_support"].as_str().expect("a text");
    assert!(text.contains("post.example (203.0.113.40:25)") && !text.contains("one.example"), "{text}");

    let visits = || lab().friends[0].log().matches("SMTP connection from [198.51.100.10]").count();
    let before = visits();
    assert!(before > 0, "{}", lab().friends[0].log());
    user.check_identity();
    assert_eq!(visits(), before, "what the check a moment ago heard is known to another process");
}

#[test]
fn a_firewall_that_drops_is_told_and_gone_round() {
    let expected = Expected {
        network: &[("port-25-ipv4", "dropped", "fail")],
        verdict: "blocked",
        sender: None,
        banner: stop("port-25"),
        auto: round("Through post.example: this network blocks port 25, so no mail server can be reached from here."),
    };
    assert_case("dropped", &expected);
}

#[test]
fn a_firewall_that_rejects_is_told_and_gone_round() {
    let expected = Expected {
        network: &[("port-25-ipv4", "refused", "fail")],
        verdict: "blocked",
        sender: None,
        banner: stop("port-25"),
        auto: round(
            "Through post.example: this network turns connections to port 25 away, so no mail server can be reached \
             from here.",
        ),
    };
    assert_case("rejected", &expected);
}

#[test]
fn port_25_that_is_open_over_ipv4_alone_is_open() {
    let network = &[("port-25-ipv4", "open", "pass"), ("port-25-ipv6", "dropped", "fail")];
    assert_case("onlyfour", &Expected { network, ..GOOD });
}

#[test]
fn port_25_that_is_open_over_ipv6_alone_is_told_and_gone_round() {
    let expected = Expected {
        network: &[("port-25-ipv4", "dropped", "fail"), ("port-25-ipv6", "open", "pass")],
        verdict: "risky",
        sender: None,
        banner: caution("port-25"),
        auto: round("Through post.example: port 25 is open over IPv6 only."),
    };
    assert_case("onlysix", &expected);
}

const INTERCEPTED: Expected = Expected {
    network: &[("port-25-ipv4", "intercepted", "fail")],
    verdict: "blocked",
    sender: None,
    banner: stop("port-25"),
    auto: round("Through post.example: something on this network answers in the place of mail servers."),
};

#[test]
fn a_proxy_in_the_place_of_mail_hosts_is_told_and_gone_round() {
    assert_case("answered", &INTERCEPTED);
}

#[test]
fn a_proxy_that_takes_the_encryption_away_is_known_by_what_hosts_did_before_and_gone_round() {
    let _logs = lab().town.logs_on_failure();
    let user = lab().user("stripped");
    // An address of the same computer that the proxy lets alone.
    user.rider.set("net.source_ip", "198.51.100.27");
    for friend in FRIENDS {
        let to = format!("anna@{friend}");
        let sent = user.rider.must(&["send", "--to", &to, "--subject", "Before", "--route", "direct"], "Hello.\n");
        assert_eq!(sent["recipients"][0]["attempts"][0]["tls"]["verified"], true, "{sent:#}");
    }
    user.rider.set("net.source_ip", "198.51.100.25");
    let report = assert_seen(&user, &INTERCEPTED);
    let cause = report["findings"].to_string();
    assert!(cause.contains("has offered encryption before, and from here it does not"), "{report:#}");
    let domain = user.rider.must(&["check", "domain", "one.example"], "");
    assert_eq!(found(&domain, "starttls"), [("not-offered", "warn")], "{domain:#}");
}

#[test]
fn a_network_that_swallows_everything_is_checked_in_time_and_letters_wait() {
    let expected = Expected {
        network: &[
            ("port-25-ipv4", "nobody-found", "unknown"),
            ("resolver-truth", "no-answer", "unknown"),
            ("resolver-tcp", "no-answer", "unknown"),
            ("submission", "not-answered", "unknown"),
            ("clock", "not-known", "unknown"),
        ],
        verdict: "blocked",
        sender: None,
        banner: whichever_way("name-servers"),
        auto: Auto {
            route: "post.example",
            reason: "Through post.example: this network is not known to be good for direct sending.",
            banner: whichever_way("name-servers"),
            state: "deferred",
        },
    };
    let report = assert_case("silent", &expected);
    assert!(report["took_ms"].as_u64().expect("a time") <= 15_000, "{report:#}");
}

#[test]
fn an_address_without_a_name_is_told_and_gone_round() {
    let expected = Expected {
        network: &[("reverse-name", "missing", "fail")],
        verdict: "risky",
        sender: None,
        banner: caution("reverse-dns"),
        auto: round("Through post.example: your address has no name."),
    };
    let report = assert_case("nameless", &expected);
    let findings = report["findings"].as_array().expect("findings");
    let name = findings.iter().find(|finding| finding["check"] == "reverse-name").expect("a finding");
    assert_eq!(name["copy"][1]["text"], json!("mail.nameless.example. IN A 198.51.100.11"));
}

#[test]
fn an_address_whose_name_leads_elsewhere_is_told_and_gone_round() {
    let expected = Expected {
        network: &[("reverse-name", "unconfirmed", "fail")],
        verdict: "risky",
        sender: None,
        banner: caution("reverse-dns"),
        auto: round("Through post.example: the name of your address does not lead back to it."),
    };
    assert_case("unconfirmed", &expected);
}

#[test]
fn an_address_with_a_name_by_counting_is_told_and_gone_round() {
    let expected = Expected {
        network: &[("reverse-name", "generic", "warn")],
        verdict: "risky",
        sender: None,
        banner: caution("reverse-dns"),
        auto: round("Through post.example: your address has a name like thousands of others."),
    };
    assert_case("generic", &expected);
}

#[test]
fn an_address_on_a_list_of_spammers_is_told_and_gone_round() {
    let expected = Expected {
        network: &[("address-list", "listed", "fail")],
        verdict: "risky",
        sender: None,
        banner: caution("listed-address"),
        auto: round("Through post.example: your address is on a list of senders of spam."),
    };
    assert_case("spam", &expected);
}

#[test]
fn an_address_that_is_not_meant_to_send_is_told_and_gone_round() {
    let expected = Expected {
        network: &[("address-list", "policy", "warn")],
        verdict: "risky",
        sender: None,
        banner: caution("dynamic-address"),
        auto: round("Through post.example: your address is listed as one that should not send mail itself."),
    };
    assert_case("policy", &expected);
}

#[test]
fn a_list_that_answers_with_an_error_is_no_listing_and_proves_nothing_either() {
    let auto = round(
        "Through post.example: it could not be found out whether this network's address (198.51.100.16) is on a block \
         list.",
    );
    let expected = Expected { network: &[("address-list", "list-error", "unknown")], auto, ..GOOD };
    assert_case("listerror", &expected);
}
