//! The command as a script uses it: the practice post office in one process, everything else in others.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod office;

use office::{Home, Office, keys, stderr};
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

#[test]
fn the_post_office_says_how_to_reach_it_in_one_line() {
    let office = Office::open();
    let fields = ["address", "user", "password", "imap", "submission", "dns", "smtp_port", "ca"];
    assert_eq!(keys(&office.info), fields);
    for field in ["imap", "submission", "dns"] {
        assert!(office.text(field).starts_with("127.0.0.1:"), "{}", office.text(field));
    }
    assert!(Path::new(&office.text("ca")).is_file());
}

#[test]
fn wrong_arguments_are_one_json_document_too() {
    let home = Home(TempDir::new().expect("a directory"));
    let output = home.run(&["--json", "list"], "");
    assert_eq!(output.status.code(), Some(64));
    let document: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(keys(&document["error"]), ["code", "message", "hint"]);
    assert!(home.run(&["list"], "").stdout.is_empty());
}

#[test]
fn mail_is_synced_listed_found_and_shown() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let report = home.json(&["sync"], "");
    assert!(report[0]["added"].as_u64().is_some_and(|added| added >= 200), "{report}");
    let list = home.json(&["list", "INBOX", "--limit", "5"], "");
    let fields = [
        "id",
        "mailbox",
        "from",
        "to",
        "subject",
        "date",
        "unread",
        "flagged",
        "attachments",
        "snippet",
        "thread_id",
    ];
    assert_eq!(keys(&list[0]), fields);
    assert_eq!(list.as_array().map(Vec::len), Some(5));
    let id = list[0]["id"].to_string();
    let raw = home.run(&["show", &id, "--raw"], "");
    assert!(String::from_utf8_lossy(&raw.stdout).contains("Message-ID:"), "headers and all");
    assert!(!home.run(&["show", &id, "--text"], "").stdout.is_empty());
    let word = list[0]["subject"].as_str().and_then(|subject| subject.split(' ').find(|word| word.len() > 5));
    let found = home.json(&["search", word.expect("a long word")], "");
    assert!(found.as_array().is_some_and(|rows| rows.iter().any(|row| row["id"] == list[0]["id"])), "{found}");
}

#[test]
fn a_search_asks_the_server_for_what_is_not_here_and_fails_where_it_cannot() {
    let office = Office::open();
    let home = Home::with_account(&office);
    assert_eq!(home.json(&["search", "practice"], "").as_array().map(Vec::len), Some(0), "nothing is here yet");
    let found = home.json(&["search", "--server", "practice"], "");
    assert!(found.as_array().is_some_and(|rows| !rows.is_empty()), "{found}");
    drop(office);
    let output = home.run(&["search", "--server", "practice"], "");
    assert_eq!(output.status.code(), Some(69), "{}", stderr(&output));
    assert!(stderr(&output).contains("The server of you@practice.test could not be asked"), "{}", stderr(&output));
}

#[test]
fn seven_letters_come_to_seven_ends() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let table = [
        ("anna@prompt.test", "accepted", None),
        ("anna@greylist.test", "deferred", Some("greylisted")),
        ("anna@nobody.test", "failed", Some("no-such-recipient")),
        ("anna@full.test", "deferred", Some("mailbox-full")),
        ("anna@dynamic.test", "failed", Some("sender-dynamic-ip")),
        ("anna@nullmx.test", "failed", Some("null-mx")),
        ("anna@nowhere.test", "failed", Some("no-such-domain")),
    ];
    for (to, state, class) in table {
        let sent = home.json(&["send", "--to", to, "--subject", "Seven", "--route", "direct"], "Hello.\n");
        let shown = home.json(&["queue", "show", &sent["id"].to_string()], "");
        let fields = [
            "id",
            "message_id",
            "from",
            "subject",
            "created_at",
            "route",
            "require_tls",
            "signed_by",
            "unsigned",
            "recipients",
            "reports",
        ];
        assert_eq!(keys(&shown), fields);
        let recipient = &shown["recipients"][0];
        assert_eq!(keys(recipient), ["address", "state", "next_attempt_at", "diagnosis", "warning", "attempts"]);
        assert_eq!((recipient["address"].as_str(), recipient["state"].as_str()), (Some(to), Some(state)), "{shown}");
        assert_eq!(recipient["diagnosis"]["class"].as_str(), class, "{shown}");
        let warning = match class {
            Some("greylisted") => Some("greylisting"),
            Some("sender-dynamic-ip") => Some("dynamic-address"),
            Some("null-mx") => Some("null-mx"),
            _ => None,
        };
        assert_eq!(recipient["warning"].as_str(), warning, "{shown}");
        assert_eq!(recipient["next_attempt_at"].is_null(), state != "deferred", "{shown}");
        let attempt = &recipient["attempts"][0];
        assert_eq!(attempt["route"], "direct");
        assert!(attempt["reply"].is_object() != attempt["error"].is_string(), "{attempt}");
    }
    let list = home.json(&["queue", "list"], "");
    assert_eq!(list.as_array().map(Vec::len), Some(7));
    assert_eq!(keys(&list[0]), ["id", "subject", "from", "created_at", "recipients"]);
}

#[test]
fn recipients_are_written_with_their_names_and_in_lists() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let named = ["--to", "Anna Example <anna@prompt.test>", "--to", "\"Doe, J.\" <j@prompt.test>, ben@prompt.test"];
    let sent = home.json(&[&["send", "--subject", "Tea", "--route", "direct"], &named[..]].concat(), "At four.\n");
    let recipients = sent["recipients"].as_array().expect("recipients").iter();
    let states: Vec<_> = recipients.map(|one| (one["address"].as_str(), one["state"].as_str())).collect();
    let expected = ["anna@prompt.test", "j@prompt.test", "ben@prompt.test"].map(|to| (Some(to), Some("accepted")));
    assert_eq!(states, expected);
    home.json(&["sync"], "");
    let copy = home.json(&["list", "sent", "--limit", "1"], "");
    assert_eq!(
        (copy[0]["to"][0]["name"].as_str(), copy[0]["to"][1]["name"].as_str()),
        (Some("Anna Example"), Some("Doe, J."))
    );
    for wrong in ["anna@prompt.test, Ben", "Anna <anna@prompt.test", ","] {
        assert_eq!(home.run(&["send", "--to", wrong], "").status.code(), Some(64), "{wrong}");
    }
    assert_eq!(
        home.json(&["queue", "list"], "").as_array().map(Vec::len),
        Some(1),
        "no part of a wrong list is sent"
    );
}

#[test]
fn the_report_on_a_refused_letter_is_named_shown_and_saved() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let sent =
        home.json(&["send", "--to", "anna@nobody.test", "--subject", "Tea", "--route", "direct"], "At four.\n");
    let report = &sent["reports"][0];
    assert_eq!(keys(report), ["id", "address", "kind", "created_at"]);
    assert_eq!((report["address"].as_str(), report["kind"].as_str()), (Some("anna@nobody.test"), Some("failed")));
    let id = report["id"].to_string();
    let shown = home.run(&["queue", "show", &sent["id"].to_string()], "");
    let line = format!("report {id}: failed (postrider queue report {id})");
    assert!(String::from_utf8_lossy(&shown.stdout).contains(&line), "{shown:?}");

    let printed = home.run(&["queue", "report", &id], "");
    assert!(String::from_utf8_lossy(&printed.stdout).contains("Final-Recipient: rfc822; anna@nobody.test"));
    let document = home.json(&["queue", "report", &id], "");
    assert_eq!(keys(&document), ["id", "outgoing", "kind", "created_at", "subject", "message"]);
    assert_eq!((&document["outgoing"], document["subject"].as_str()), (&sent["id"], Some("Undelivered: Tea")));
    let file = home.0.path().join("report.eml").to_string_lossy().into_owned();
    assert_eq!(home.json(&["queue", "report", &id, "--save", &file], "")["saved"], file.as_str());
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), document["message"].as_str().expect("text"));
    assert_eq!(home.run(&["queue", "report", "99"], "").status.code(), Some(66), "there is none");
    let nowhere = home.run(&["queue", "report", &id, "--save", "/dev/null/report.eml"], "");
    assert!(!nowhere.status.success(), "it cannot be written there");
}

#[test]
fn a_letter_is_held_released_sent_another_way_and_taken_back() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let sent = home.json(&["send", "--to", "anna@down.test", "--route", "direct"], "Hello.\n");
    let id = sent["id"].to_string();
    let state = |shown: &Value| shown["recipients"][0]["state"].as_str().map(str::to_owned);
    assert_eq!(state(&home.json(&["queue", "hold", &id], "")).as_deref(), Some("held"));
    assert_eq!(state(&home.json(&["queue", "release", &id], "")).as_deref(), Some("queued"));
    home.json(&["queue", "route", &id, "127.0.0.1"], "");
    home.json(&["queue", "run", "--until-idle"], "");
    assert_eq!(state(&home.json(&["queue", "show", &id], "")).as_deref(), Some("relayed"));
    let sent = home.json(&["send", "--to", "anna@prompt.test", "--at", "2099-01-01T00:00:00Z"], "Later.\n");
    assert_eq!(sent["recipients"][0]["state"], "held");
    let id = sent["id"].to_string();
    assert_eq!(state(&home.json(&["queue", "cancel", &id], "")).as_deref(), Some("cancelled"));
    assert_eq!(home.run(&["queue", "cancel", &id], "").status.code(), Some(64), "there is nothing left to take back");
}

#[test]
fn the_sendmail_interface_queues_and_keeps_the_blind_copy_blind() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let message =
        "From: you@practice.test\nTo: anna@prompt.test\nBcc: ben@prompt.test\nSubject: From cron\n\nDone.\n";
    let queued = home.run(&["sendmail", "-t", "-i"], message);
    assert!(queued.status.success(), "{}", stderr(&queued));
    let list = home.json(&["queue", "list"], "");
    let addresses: Vec<_> =
        list[0]["recipients"].as_array().expect("recipients").iter().map(|r| &r["address"]).collect();
    assert_eq!(addresses, ["anna@prompt.test", "ben@prompt.test"]);
    assert!(list[0]["recipients"].as_array().is_some_and(|all| all.iter().all(|one| one["state"] == "queued")));
    home.json(&["queue", "run", "--until-idle"], "");
    let shown = home.json(&["queue", "show", &list[0]["id"].to_string()], "");
    assert!(
        shown["recipients"].as_array().is_some_and(|all| all.iter().all(|one| one["state"] == "accepted")),
        "{shown}"
    );
    home.json(&["sync"], "");
    let sent = home.json(&["list", "sent", "--limit", "1"], "");
    assert_eq!(sent[0]["subject"], "From cron");
    let raw = home.run(&["show", &sent[0]["id"].to_string(), "--raw"], "");
    assert!(!String::from_utf8_lossy(&raw.stdout).contains("ben@prompt.test"), "the blind copy is not in the letter");
}

#[test]
fn errors_say_what_to_do_in_one_line_and_with_the_right_code() {
    let home = Home(TempDir::new().expect("a directory"));
    let table: [(&[&str], i32, &str); 5] = [
        (&["queue", "show", "7"], 66, "not-found"),
        (&["config", "set", "net.smtp_port", "many"], 78, "invalid-setting"),
        (&["list", "INBOX"], 67, "no-mailbox"),
        (&["send", "--to", "anna@prompt.test"], 67, "no-account"),
        (&["send", "--to", "nobody"], 67, "no-account"),
    ];
    for (arguments, code, word) in table {
        let output = home.run(&[&["--json"], arguments].concat(), "");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
        let document: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
        assert_eq!(document["error"]["code"], word);
        assert_eq!(keys(&document["error"]), ["code", "message", "hint"]);
    }
    assert_eq!(home.run(&["no-such-command"], "").status.code(), Some(64), "usage is EX_USAGE");
}

#[test]
fn a_wrong_password_adds_no_account_and_appears_nowhere() {
    let office = Office::open();
    let home = Home(TempDir::new().expect("a directory"));
    home.configure(&office);
    let imap = office.text("imap");
    let arguments = ["account", "add", "you@practice.test", "--imap", &imap, "--password-stdin"];
    let refused = home.run(&arguments, "correct-horse-7\n");
    assert_eq!(refused.status.code(), Some(77), "{}", stderr(&refused));
    assert!(!stderr(&refused).contains("correct-horse-7"));
    assert_eq!(home.json(&["account", "list"], ""), Value::Array(Vec::new()));
}

#[test]
fn a_setting_that_makes_no_network_locks_nobody_out() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let authorities = home.0.path().join("ca.pem");
    std::fs::copy(office.text("ca"), &authorities).expect("copied");
    let path = authorities.to_string_lossy().into_owned();
    home.json(&["config", "set", "net.extra_ca", &path], "");
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let refused = home.run(&["config", "set", "net.extra_ca", manifest], "");
    assert_eq!(refused.status.code(), Some(78), "it holds no certificate");
    assert_eq!(
        home.json(&["config", "get", "net.extra_ca"], "")["net.extra_ca"],
        path.as_str(),
        "it stays as it was"
    );

    std::fs::remove_file(&authorities).expect("removed");
    let sent = home.json(&["send", "--to", "anna@prompt.test"], "Hello.\n");
    assert_eq!(sent["recipients"][0]["state"], "queued", "safe, and not tried: {sent}");
    assert_eq!(sent["recipients"][0]["attempts"], Value::Array(Vec::new()));
    home.json(&["queue", "list"], "");
    for needs_network in [&["queue", "run", "--until-idle"][..], &["queue", "run"], &["sync"]] {
        assert_eq!(home.run(needs_network, "").status.code(), Some(78), "{needs_network:?}");
    }
    home.json(&["config", "set", "net.helo", "laptop.example.org"], "");
    home.json(&["config", "set", "net.extra_ca"], "");
    home.json(&["queue", "run", "--until-idle"], "");
    let shown = home.json(&["queue", "show", &sent["id"].to_string()], "");
    assert_eq!(shown["recipients"][0]["state"], "accepted", "{shown}");
}

#[test]
fn where_there_is_nothing_it_says_so() {
    let home = Home(TempDir::new().expect("a directory"));
    for words in [&["account", "list"][..], &["queue", "list"], &["mailboxes"], &["dkim", "list"], &["search", "x"]] {
        assert!(!home.run(words, "").stdout.is_empty(), "{words:?}");
        assert_eq!(home.json(words, ""), Value::Array(Vec::new()), "{words:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_home_that_cannot_be_made_is_an_error_of_the_disk() {
    let output =
        Home(TempDir::new().expect("a directory")).run(&["--home", "/dev/null/home", "--json", "queue", "list"], "");
    assert_eq!(output.status.code(), Some(74), "{}", stderr(&output));
}
