//! A computer that is carried from one network to another, and one whose clock is wrong.

use crate::lab::{CAFE, FRIENDS, found, lab};
use serde_json::json;

#[test]
fn each_network_has_its_own_findings_and_auto_goes_by_the_one_that_it_is_on() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let user = lab.user("mover", &FRIENDS);
    let at_home = user.check_network();
    assert_eq!((&at_home["verdict"], found(&at_home, "port-25-ipv4")), (&"good".into(), vec![("open", "pass")]));
    assert_eq!(user.outlook("auto").1, "direct");

    lab.hosts["mover"].moves_to(CAFE);
    let now = user.rider.call("network_now", &json!({}));
    assert!(now["latest"].is_null(), "nobody has looked at this one: {now:#}");
    let in_cafe = user.check_network();
    assert_eq!(
        (&in_cafe["verdict"], found(&in_cafe, "port-25-ipv4")),
        (&"blocked".into(), vec![("dropped", "fail")])
    );
    assert_eq!(user.outlook("direct").0, "port-25");
    assert_eq!(user.outlook("auto").1, "post.example");
    assert!(user.routes().iter().all(|way| *way == ("post.example".to_owned(), "relayed".to_owned())));

    lab.hosts["mover"].moves_to("198.51.100.30");
    let now = user.rider.call("network_now", &json!({}));
    assert_eq!(now["latest"]["report"]["verdict"], "good", "what was found here before is known: {now:#}");
    assert_eq!(user.outlook("auto").1, "direct");
    let history = user.rider.call("network_history", &json!({}));
    assert_eq!(history.as_array().map(Vec::len), Some(2), "{history:#}");
}

#[test]
fn a_clock_that_is_an_hour_ahead_is_told_by_what_two_servers_say() {
    let lab = lab();
    let _logs = lab.town.logs_on_failure();
    let user = lab.user("early", &["past.example", "gone.example"]);
    let report = user.check_network();
    assert_eq!(found(&report, "clock"), [("far-off", "fail")], "{report:#}");
    assert_eq!(report["verdict"], "risky");
    let because = report["because"].as_str().expect("a sentence");
    assert!(because.contains("clock"), "{because}");
}
