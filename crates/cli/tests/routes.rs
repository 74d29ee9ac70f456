//! Smart hosts, rules and orders, as a script uses them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod office;

use office::{Home, Office, keys, stderr};
use serde_json::{Value, json};

const YOU: &str = "you@practice.test";

/// A home whose account has the post office as the smart host `relay`.
fn home(office: &Office) -> Home {
    let home = Home::with_account(office);
    home.json(&["account", "smart-host", "rename", YOU, "127.0.0.1", "relay"], "");
    home
}

fn names(hosts: &Value) -> Vec<&str> {
    let hosts = hosts.as_array().expect("an array");
    hosts.iter().filter_map(|host| host["name"].as_str()).collect()
}

/// Where the first recipient's copy is, and why its last attempt went the way it went.
fn end(shown: &Value) -> (String, String) {
    let recipient = &shown["recipients"][0];
    let attempts = recipient["attempts"].as_array().expect("attempts");
    let reason = attempts.last().map(|attempt| attempt["route_reason"].as_str().unwrap_or_default());
    (recipient["state"].as_str().unwrap_or_default().to_owned(), reason.unwrap_or_default().to_owned())
}

#[test]
fn smart_hosts_are_added_tested_ordered_and_removed() {
    let office = Office::open();
    let home = home(&office);
    let (server, password) = (office.text("submission"), office.text("password"));
    let smart_host =
        |arguments: &[&str], input: &str| home.json(&[&["account", "smart-host"], arguments].concat(), input);
    let added = smart_host(&["add", YOU, &server, "--name", "second", "--password-stdin"], &password);
    assert_eq!(names(&added), ["relay", "second"]);
    assert_eq!(keys(&added[1]), ["name", "host", "port", "security", "user", "login"]);
    assert_eq!((&added[1]["user"], &added[1]["login"]), (&json!(YOU), &json!("password")));
    let open = smart_host(&["add", YOU, "127.0.0.1:25", "--name", "open", "--no-login", "--untested"], "");
    assert_eq!((&open[2]["user"], &open[2]["security"]), (&Value::Null, &json!("starttls")));
    assert_eq!(names(&smart_host(&["move", YOU, "open", "1"], "")), ["open", "relay", "second"]);
    assert_eq!(names(&smart_host(&["remove", YOU, "open"], "")), ["relay", "second"]);
    assert_eq!(smart_host(&["test", YOU, "second"], "")["ok"], true);
    smart_host(&["rename", YOU, "second", "other"], "");
    assert_eq!(smart_host(&["test", YOU, "other"], "")["ok"], true, "the password went with the name");
    let presets = smart_host(&["presets"], "");
    assert!(names(&presets).contains(&"Gmail"), "{presets}");
}

#[test]
fn a_rule_leads_and_is_listed_and_removed() {
    let office = Office::open();
    let home = home(&office);
    home.json(&["account", "default", YOU, "relay"], "");
    let rules = home.json(&["account", "rule", "add", YOU, "Prompt.TEST", "direct"], "");
    assert_eq!(rules, json!([{ "domain": "prompt.test", "route": "direct" }]));
    let sent = home.json(&["send", "--to", "anna@prompt.test"], "Hello.\n");
    assert_eq!(end(&sent), ("accepted".to_owned(), "Direct: your rule for prompt.test.".to_owned()));
    let sent = home.json(&["send", "--to", "anna@echo.test"], "Hello.\n");
    assert_eq!(end(&sent), ("relayed".to_owned(), "Through relay: the default of this sender.".to_owned()));
    let changed = home.json(&["account", "rule", "add", YOU, "prompt.test", "relay"], "");
    assert_eq!(changed, json!([{ "domain": "prompt.test", "route": "relay" }]), "in place of the former");
    assert_eq!(home.json(&["account", "rule", "remove", YOU, "prompt.test"], ""), json!([]));
    assert_eq!(home.json(&["account", "rule", "list", YOU], ""), json!([]));
    let books = home.json(&["account", "rule", "add", YOU, "Bücher.example", "direct"], "");
    assert_eq!(books, json!([{ "domain": "bücher.example", "route": "direct" }]));
    assert_eq!(home.json(&["account", "rule", "remove", YOU, "xn--bcher-kva.example"], ""), json!([]));
}

#[test]
fn what_was_learned_of_a_destination_is_listed_and_forgotten() {
    let office = Office::open();
    let home = home(&office);
    home.json(&["send", "--to", "anna@prompt.test", "--route", "direct"], "Hello.\n");
    let listed = home.json(&["destinations", "list"], "");
    assert_eq!((&listed[0]["domain"], listed[0]["tls_offered"].as_bool()), (&json!("prompt.test"), Some(true)));
    assert_eq!(home.json(&["destinations", "forget", "Prompt.test"], ""), json!([]));
    assert_eq!(home.run(&["destinations", "forget", "prompt.test"], "").status.code(), Some(66), "it is forgotten");
}

#[test]
fn a_refused_password_waits_for_another_one() {
    let office = Office::open();
    let home = home(&office);
    let new = ["account", "password", YOU, "--smart-host", "relay", "--password-stdin"];
    assert_eq!(
        home.run(&new, "wrong\n").status.code(),
        Some(77),
        "it is tried before it takes the other one's place"
    );
    home.json(&[&new[..], &["--untested"]].concat(), "wrong\n");
    let sent = home.json(&["send", "--to", "anna@prompt.test", "--route", "relay"], "Hello.\n");
    assert_eq!(sent["recipients"][0]["diagnosis"]["class"], "auth-failed");
    let id = sent["id"].to_string();
    home.json(&new, &office.text("password"));
    home.json(&["queue", "run", "--until-idle"], "");
    assert_eq!(end(&home.json(&["queue", "show", &id], "")).0, "relayed");
}

#[test]
fn the_queue_is_paused_and_resumed() {
    let office = Office::open();
    let home = home(&office);
    assert_eq!(home.json(&["queue", "pause"], ""), json!({ "paused": true }));
    let sent = home.json(&["send", "--to", "anna@prompt.test"], "Hello.\n");
    assert_eq!(end(&sent).0, "queued");
    assert_eq!(home.json(&["queue", "run", "--until-idle"], ""), json!({ "ran": true, "paused": true }));
    let id = sent["id"].to_string();
    let retried = home.run(&["queue", "retry", &id], "");
    assert_eq!(retried.status.code(), Some(64));
    assert!(stderr(&retried).contains("paused"), "why it does not go: {}", stderr(&retried));
    assert_eq!(home.json(&["queue", "resume"], ""), json!({ "paused": false }));
    home.json(&["queue", "run", "--until-idle"], "");
    assert_ne!(end(&home.json(&["queue", "show", &id], "")).0, "queued");
}

#[test]
fn an_order_is_for_one_recipient_or_for_all_that_failed() {
    let office = Office::open();
    let home = home(&office);
    let to = ["--to", "anna@nobody.test", "--to", "anna@prompt.test", "--to", "anna@down.test"];
    let sent = home.json(&[&["send", "--route", "direct"], &to[..]].concat(), "Hello.\n");
    let id = sent["id"].to_string();
    let states = |shown: &Value| -> Vec<String> {
        let recipients = shown["recipients"].as_array().expect("recipients");
        recipients.iter().filter_map(|one| one["state"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(states(&sent), ["failed", "accepted", "deferred"]);
    let held = home.json(&["queue", "hold", &id, "--to", "anna@down.test"], "");
    assert_eq!(states(&held), ["failed", "accepted", "held"]);
    assert_eq!(home.run(&["queue", "hold", &id, "--to", "nobody@here.test"], "").status.code(), Some(66));
    assert_eq!(home.json(&["queue", "retry", "--failed"], ""), json!({ "retried": [sent["id"]] }));
    let shown = home.json(&["queue", "show", &id], "");
    assert_eq!(states(&shown), ["queued", "accepted", "held"], "what is held stays held");
    assert_eq!(home.json(&["queue", "retry", "--failed"], ""), json!({ "retried": [] }));
    let released = home.json(&["queue", "release", &id], "");
    assert_eq!(states(&released), ["queued", "accepted", "queued"]);
}

#[test]
fn what_cannot_be_is_said_in_one_line() {
    let office = Office::open();
    let home = home(&office);
    home.json(&["account", "default", YOU, "relay"], "");
    let table: [(&[&str], i32); 16] = [
        (&["account", "smart-host", "add", YOU, "Mailgun"], 64),
        (&["account", "smart-host", "add", YOU, "Postfix"], 64),
        (&["account", "smart-host", "add", YOU, "host:many", "--no-login"], 64),
        (&["account", "smart-host", "add", YOU, "127.0.0.1:1", "--no-login"], 69),
        (&["account", "smart-host", "add", YOU, "127.0.0.1:1", "--name", "auto", "--no-login", "--untested"], 64),
        (&["account", "smart-host", "remove", YOU, "nobody"], 64),
        (&["account", "smart-host", "remove", YOU, "relay"], 64),
        (&["account", "rule", "add", YOU, "*", "nobody"], 64),
        (&["account", "rule", "add", YOU, "a b", "direct"], 64),
        (&["account", "rule", "remove", YOU, "example.org"], 66),
        (&["account", "default", "me@example.org", "direct"], 67),
        (&["queue", "retry"], 64),
        (&["account", "smart-host", "move", YOU, "relay", "0"], 64),
        (&["account", "password", YOU, "--password-stdin"], 64),
        (&["account", "password", YOU, "--smart-host", "nobody", "--password-stdin"], 64),
        (&["account", "add", "me@example.org", "--imap", "127.0.0.1:1", "--password-stdin"], 64),
    ];
    for (arguments, code) in table {
        let output = home.run(&[&["--json"], arguments].concat(), "");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        let document: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        assert_eq!(keys(&document["error"]), ["code", "message", "hint"], "{arguments:?}");
    }
    let output = home.run(&["account", "smart-host", "remove", YOU, "relay"], "");
    assert_eq!(
        stderr(&output),
        "postrider: the default of you@practice.test goes through relay; change that first\n"
    );
}
