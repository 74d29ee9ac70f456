//! The checks, as a script uses them, in the practice world.

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
fn a_network_an_identity_a_domain_and_a_recipient_are_checked() {
    let office = Office::open();
    let home = Home::with_account(&office);

    let network = home.json(&["check", "network"], "");
    assert_eq!(keys(&network), ["verdict", "because", "findings", "took_ms", "for_support"]);
    assert_eq!(network["verdict"], "good", "{network}");
    let fields = [
        "check",
        "subject",
        "status",
        "found",
        "title",
        "evidence",
        "cause",
        "fix",
        "alternative",
        "why",
        "copy",
        "warning",
    ];
    assert_eq!(keys(&network["findings"][0]), fields);
    assert_eq!(keys(&network["findings"][0]["evidence"][0]), ["asked", "answer", "took_ms"]);
    assert_eq!((status(&network, "port-25-ipv4"), status(&network, "submission")), ("pass", "pass"));

    let identity = home.json(&["check", "identity", "you@practice.test"], "");
    assert_eq!((status(&identity, "sender-domain"), status(&identity, "spf")), ("pass", "pass"));

    for (domain, check, expected, verdict) in [
        ("prompt.test", "starttls", "pass", "good"),
        ("notls.test", "starttls", "warn", "risky"),
        ("oldcert.test", "starttls", "warn", "risky"),
        ("nullmx.test", "mx", "fail", "blocked"),
        ("nowhere.test", "domain", "fail", "blocked"),
        ("servfail.test", "domain", "unknown", "risky"),
        ("down.test", "connect", "fail", "blocked"),
        ("dynamic.test", "greeting", "fail", "blocked"),
    ] {
        let report = home.json(&["check", "domain", domain], "");
        assert_eq!((status(&report, check), report["verdict"].as_str()), (expected, Some(verdict)), "{report}");
    }

    let large = home.json(&["check", "recipient", "anna@large.test", "--size", "2000000"], "");
    assert_eq!((status(&large, "ehlo"), large["verdict"].as_str()), ("fail", Some("blocked")));
    let misspelt = home.json(&["check", "recipient", "you@pratcice.test"], "");
    assert_eq!(status(&misspelt, "spelling"), "warn");
    assert_eq!(home.run(&["check", "domain", "not a domain"], "").status.code(), Some(64));
}

#[test]
fn what_is_in_order_is_told_in_brief_and_explained_on_request() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let text = |arguments: &[&str]| String::from_utf8_lossy(&home.run(arguments, "").stdout).into_owned();
    let brief = text(&["check", "domain", "notls.test"]);
    assert!(brief.starts_with("Direct sending to notls.test: risky\nmx.notls.test does not encrypt.\n"), "{brief}");
    assert!(brief.contains("Everybody on the way can read the letter."), "{brief}");
    assert!(brief.contains("[pass] notls.test exists\n") && !brief.contains("There is such a domain"), "{brief}");
    let explained = text(&["check", "domain", "notls.test", "--explain"]);
    assert!(
        explained.contains("There is such a domain in DNS.") && explained.contains("Why this matters:"),
        "{explained}"
    );
}

#[test]
fn an_account_or_an_address_of_several_is_named_and_a_wrong_one_is_told_what_there_is() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let only = home.json(&["check", "identity"], "");
    assert_eq!(status(&only, "sender-domain"), "pass", "the only address is the one that is meant");
    let (imap, smtp) = (office.text("imap"), office.text("submission"));
    let at_server = ["--imap", &imap, "--smtp", &smtp, "--user", "you@practice.test", "--password-stdin"];
    let added = home.run(&[&["account", "add", "me@prompt.test"], &at_server[..]].concat(), &office.text("password"));
    assert!(added.status.success(), "{}", stderr(&added));

    for (arguments, code, message, hint) in [
        (&["identity"][..], 64, "you send from 2 addresses", "Name one of them: you@practice.test, me@prompt.test."),
        (
            &["network", "--account", "who@example.org"],
            66,
            "there is no account who@example.org",
            "There is you@practice.test, me@prompt.test.",
        ),
        (
            &["domain", "prompt.test", "--identity", "who@example.org"],
            66,
            "no account sends as who@example.org",
            "There is you@practice.test, me@prompt.test.",
        ),
        (
            &["identity", "you@practice.test", "--account", "me@prompt.test"],
            66,
            "me@prompt.test does not send as you@practice.test",
            "There is me@prompt.test.",
        ),
        (
            &["letter", "--from", "you@practice.test", "--identity", "me@prompt.test", "--to", "anna@prompt.test"],
            64,
            "you@practice.test and me@prompt.test are two addresses",
            "Name one of them, once.",
        ),
    ] {
        let arguments = [&["--json", "check"], arguments].concat();
        let refused = home.run(&arguments, "");
        let answer: Value = serde_json::from_slice(&refused.stdout).expect("JSON");
        let told = (answer["error"]["message"].as_str(), answer["error"]["hint"].as_str());
        assert_eq!((refused.status.code(), told), (Some(code), (Some(message), Some(hint))), "{arguments:?}");
    }

    let text = |arguments: &[&str]| String::from_utf8_lossy(&home.run(arguments, "").stdout).into_owned();
    for arguments in [&["identity", "--account", "ME@prompt.test"][..], &["identity", "--identity", "me@prompt.test"]]
    {
        let told = text(&[&["check"], arguments].concat());
        assert!(told.to_lowercase().starts_with("direct sending as me@prompt.test"), "{told}");
    }
    let letter = ["check", "letter", "--account", "me@prompt.test", "--to", "anna@prompt.test"];
    assert_eq!(home.json(&letter, "")["choices"][0]["domain"], "prompt.test");
    for what in [&["network"][..], &["domain", "prompt.test"], &["recipient", "anna@prompt.test"]] {
        let report = home.json(&[&["check"], what, &["--account", "you@practice.test"]].concat(), "");
        assert_eq!(report["verdict"], "good", "{report}");
    }
}
