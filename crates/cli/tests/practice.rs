//! The practice post office on the command line, and its switches.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod office;

use office::{Home, Office, keys, stderr};
use serde_json::Value;

fn status<'a>(report: &'a Value, check: &str) -> &'a str {
    let all = report["findings"].as_array().expect("findings");
    let one = all.iter().find(|finding| finding["check"] == check).unwrap_or_else(|| panic!("{check} in {report}"));
    one["status"].as_str().expect("a word")
}

#[test]
fn switches_are_turned_by_typed_lines_and_seen_by_the_checks() {
    let mut office = Office::open();
    assert_eq!(
        keys(&office.info),
        ["address", "user", "password", "imap", "submission", "dns", "smtp_port", "ca"],
        "the first line is for scripts"
    );
    let home = Home::with_account(&office);
    // One host alone says little of a network: another is asked that was written to.
    home.json(&["send", "--to", "anna@prompt.test", "--subject", "Hello", "--route", "direct"], "Hello");
    assert!(home.run(&["queue", "run", "--until-idle"], "").status.success());
    let check = |home: &Home| home.json(&["check", "network"], "");
    assert_eq!(check(&home)["verdict"], "good");

    let switches = office.order("port-25 blocked");
    assert_eq!(keys(&switches), ["port_25", "reverse_dns", "dns_list", "portal", "hours_slept"]);
    assert_eq!(switches["port_25"], "blocked");
    let blocked = check(&home);
    assert_eq!((status(&blocked, "port-25-ipv4"), &blocked["verdict"]), ("fail", &Value::from("blocked")));
    assert_eq!(status(&blocked, "submission"), "pass");

    assert_eq!(office.order("reset")["port_25"], "open");
    for (order, check_name) in [("reverse-dns missing", "reverse-name"), ("dns-list listed", "address-list")] {
        office.order(order);
        let report = check(&home);
        assert_ne!((status(&report, check_name), &report["verdict"]), ("pass", &Value::from("good")), "{report}");
        office.order("reset");
    }
}

#[test]
fn the_command_turns_the_switches_of_the_post_office_that_its_settings_lead_to() {
    let mut office = Office::open();
    let home = Home::with_account(&office);
    let practice = |arguments: &[&str]| home.json(&[&["practice"], arguments].concat(), "");
    assert_eq!(practice(&["switch"])["portal"], "off");
    assert_eq!(practice(&["switch", "dns-list", "policy"])["dns_list"], "policy");
    assert_eq!(practice(&["sleep"])["hours_slept"], 1);
    assert_eq!(office.order("show")["dns_list"], "policy", "it is the same one");
    let text = home.run(&["practice", "switch"], "");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.starts_with("Your address is on a block list here, by you:"), "{text}");
    assert_eq!(practice(&["reset"])["dns_list"], "absent");

    let unknown = home.run(&["practice", "switch", "port-25", "ajar"], "");
    assert_eq!(unknown.status.code(), Some(64));
    assert!(stderr(&unknown).contains("port-25 open|blocked|intercepted"), "{}", stderr(&unknown));
    drop(office);
    let closed = home.run(&["practice", "switch", "port-25", "blocked"], "");
    assert_eq!(closed.status.code(), Some(69), "{}", stderr(&closed));
}
