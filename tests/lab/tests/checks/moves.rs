//! A computer that is carried from one network to another, and one whose clock is wrong.

use crate::expected::{Auto, Expected, GOOD, assert_seen, assert_ways, found, round, stop, whichever_way};
use crate::lab::{CAFE, FRIENDS, LATE, lab};
use serde_json::json;

#[test]
fn each_network_has_its_own_findings_and_auto_goes_by_the_one_that_it_is_on() {
    let _logs = lab().town.logs_on_failure();
    let user = lab().user("mover");
    assert_seen(&user, &GOOD);

    lab().hosts["mover"].moves_to(CAFE);
    let now = user.rider.call("network_now", &json!({}));
    assert!(now["latest"].is_null(), "nobody has looked at this one: {now:#}");
    let in_cafe = Expected {
        network: &[("port-25-ipv4", "dropped", "fail")],
        verdict: "blocked",
        sender: None,
        banner: stop("port-25"),
        auto: round("Through post.example: this network blocks port 25, so no mail server can be reached from here."),
    };
    assert_seen(&user, &in_cafe);

    lab().hosts["mover"].moves_to("198.51.100.30");
    let now = user.rider.call("network_now", &json!({}));
    assert_eq!(now["latest"]["report"]["verdict"], "good", "what was found here before is known: {now:#}");
    user.writes_to(&FRIENDS);
    assert_ways(&user, &GOOD);
    let history = user.rider.call("network_history", &json!({}));
    assert_eq!(history.as_array().map(Vec::len), Some(2), "{history:#}");
}

#[test]
fn a_clock_that_is_an_hour_ahead_is_told_by_what_servers_say_and_by_no_way_gone_round() {
    let _logs = lab().town.logs_on_failure();
    let expected = Expected {
        network: &[("clock", "far-off", "fail"), ("port-25-ipv4", "open", "pass")],
        verdict: "risky",
        banner: whichever_way("clock"),
        auto: Auto { banner: whichever_way("clock"), ..GOOD.auto },
        ..GOOD
    };
    let report = assert_seen(&lab().user("early"), &expected);
    let because = report["because"].as_str().expect("a sentence");
    assert!(because.contains("clock"), "{because}");
    let titles = report["findings"].to_string();
    assert!(titles.contains("The clock of this computer is 60 minutes ahead"), "{report:#}");
}

#[test]
fn one_server_whose_clock_is_wrong_is_not_believed() {
    let _logs = lab().town.logs_on_failure();
    let user = lab().user("doubted");
    user.writes_to(&[LATE]);
    let report = user.check_network();
    assert_eq!(found(&report, "clock"), [("not-known", "unknown")], "nobody agrees with it: {report:#}");
    user.takes_back();
    let report = assert_seen(&user, &GOOD);
    let evidence = report["findings"].to_string();
    assert!(evidence.contains(&format!("mx.{LATE}")), "it was heard: {report:#}");
}
