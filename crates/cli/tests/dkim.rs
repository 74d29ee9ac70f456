//! Keys to sign with, as a script uses them: made, listed, looked for in a DNS that cannot say, removed.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod office;

use office::{Home, Office, keys, stderr};
use serde_json::Value;

#[test]
fn keys_are_made_listed_checked_and_removed() {
    let office = Office::open();
    let home = Home::with_account(&office);
    home.json(&["account", "add", "me@mine.example", "--imap", "none", "--smtp", "none"], "");

    let list = home.json(&["dkim", "list"], "");
    let mine = serde_json::json!({ "domain": "mine.example", "keys": [] });
    assert!(list.as_array().is_some_and(|domains| domains.contains(&mine)), "{list}");

    let made = home.run(&["dkim", "make", "me@Mine.example"], "");
    assert!(made.status.success(), "{}", stderr(&made));
    let zone = String::from_utf8_lossy(&made.stdout).into_owned();
    let records: Vec<&str> = zone.lines().filter(|line| !line.starts_with(';')).collect();
    assert_eq!(records.len(), 2, "{zone}");
    for (record, kind) in records.iter().zip(["k=ed25519;", "k=rsa;"]) {
        assert!(record.contains("._domainkey.mine.example. IN TXT \"v=DKIM1; ") && record.contains(kind), "{zone}");
    }

    let again = home.json(&["dkim", "make", "mine.example"], "");
    assert_eq!(keys(&again), ["domain", "keys"]);
    let key = &again["keys"][0];
    assert_eq!(key["zone_line"], records[0], "the keys that wait are the same");
    let fields = [
        "id",
        "selector",
        "algorithm",
        "state",
        "record_name",
        "record_value",
        "zone_line",
        "created_at",
        "checked_at",
        "seen_at",
        "what",
    ];
    assert_eq!(keys(key), fields);
    assert_eq!((&key["algorithm"], &key["state"]), (&"ed25519-sha256".into(), &"waiting".into()));

    // The practice name server answers for its own world alone.
    let refused = home.run(&["--json", "dkim", "check", "mine.example"], "");
    assert_eq!(refused.status.code(), Some(69));
    let error: Value = serde_json::from_slice(&refused.stdout).expect("one JSON document");
    assert_eq!(error["error"]["code"], "unavailable");

    let id = key["id"].to_string();
    let left = home.json(&["dkim", "remove", &id], "");
    assert_eq!(left["keys"].as_array().map(Vec::len), Some(1));
    assert_eq!(home.run(&["dkim", "remove", &id], "").status.code(), Some(66), "it is gone");
    assert_eq!(home.run(&["dkim", "make", "not a domain"], "").status.code(), Some(64));
}
