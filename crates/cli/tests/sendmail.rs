//! The sendmail interface as programs use it: cron, mutt, git send-email, and whoever speaks SMTP to it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod office;

use office::{Home, Office, keys, stderr};
use serde_json::Value;
use std::process::{Command, Output, Stdio};

fn addresses(outgoing: &Value) -> Vec<String> {
    let recipients = outgoing["recipients"].as_array().expect("recipients");
    recipients.iter().map(|one| one["address"].as_str().expect("an address").to_owned()).collect()
}

fn newest(home: &Home) -> Value {
    home.json(&["queue", "list", "--limit", "1"], "")[0].clone()
}

fn ok(output: &Output) {
    assert!(output.status.success(), "{}", stderr(output));
}

#[test]
fn cron_and_mutt_call_it_and_are_understood() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let cron = "From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@laptop> make\nContent-Type: text/plain; \
        charset=UTF-8\nX-Cron-Env: <SHELL=/bin/sh>\n\nnothing to do\n";
    ok(&home.run(&["sendmail", "-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"], cron));
    let queued = newest(&home);
    assert_eq!(addresses(&queued), ["you@practice.test"], "what is for a local user is for the one who sits here");
    assert_eq!(queued["from"], "Cron Daemon <you@practice.test>");

    let mutt =
        "From: You <you@practice.test>\nTo: anna@prompt.test\nCc: ben@prompt.test\nSubject: Tea\n\n.\nAt four?\n";
    let arguments = [
        "sendmail",
        "-oem",
        "-oi",
        "-f",
        "you@practice.test",
        "-N",
        "delay,failure",
        "-R",
        "hdrs",
        "--",
        "anna@prompt.test",
        "ben@prompt.test",
    ];
    ok(&home.run(&arguments, mutt));
    let queued = newest(&home);
    assert_eq!(addresses(&queued), ["anna@prompt.test", "ben@prompt.test"]);
    home.json(&["queue", "run", "--until-idle"], "");
    let shown = home.json(&["queue", "show", &queued["id"].to_string()], "");
    assert_eq!(shown["recipients"][0]["state"], "accepted");

    ok(&home.run(&["sendmail", "-t", "-F", "Somebody Else"], "To: anna@prompt.test\nSubject: No From\n\nx\n"));
    assert_eq!(newest(&home)["from"], "Somebody Else <you@practice.test>");
}

#[test]
fn what_cannot_be_sent_ends_with_the_code_that_says_why() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let message = "From: you@practice.test\nTo: anna@prompt.test\n\nx\n";
    let table: [(&[&str], &str, i32); 7] = [
        (&["-Z"], message, 64),
        (&["-bd"], message, 64),
        (&["-i"], message, 64),
        (&["-i", "not an address"], message, 64),
        (&["-t"], "From: you@practice.test\nTo: not an address\n\nx\n", 65),
        (&["-f", "stranger@example.org", "anna@prompt.test"], message, 67),
        (&["-bi"], "", 0),
    ];
    for (arguments, input, code) in table {
        let output = home.run(&[&["sendmail"], arguments].concat(), input);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(home.json(&["queue", "list"], ""), Value::Array(Vec::new()));
}

#[test]
fn smtp_is_spoken_on_standard_input_and_output() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let input = "EHLO laptop\r\nMAIL FROM:<stranger@example.org>\r\nMAIL FROM:<you@practice.test> SIZE=100\r\n\
        RCPT TO:<anna@prompt.test>\r\nRCPT TO:<ben@prompt.test>\r\nDATA\r\nFrom: you@practice.test\r\nTo: anna@prompt.test\r\n\
        Subject: Spoken\r\n\r\n..a dot\r\n.\r\nQUIT\r\n";
    let output = home.run(&["sendmail", "-bs"], input);
    ok(&output);
    let said = String::from_utf8(output.stdout).expect("ASCII");
    let codes: Vec<&str> = said.lines().filter_map(|line| line.get(..3)).collect();
    assert_eq!(
        codes,
        ["220", "250", "250", "250", "250", "250", "550", "250", "250", "250", "354", "250", "221"],
        "{said}"
    );
    let queued = newest(&home);
    assert_eq!(queued["subject"], "Spoken");
    assert_eq!(addresses(&queued), ["anna@prompt.test", "ben@prompt.test"]);
    let broken = home.run(
        &["sendmail", "-bs"],
        "HELO x\r\nMAIL FROM:<you@practice.test>\r\nRCPT TO:<a@prompt.test>\r\nDATA\r\nhalf",
    );
    assert_eq!(broken.status.code(), Some(75), "what was not finished is not sent");
    assert_eq!(newest(&home)["id"], queued["id"]);
}

#[test]
fn the_queue_is_listed_as_mailq_lists_it() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let listed = |home: &Home| String::from_utf8(home.run(&["sendmail", "-bp"], "").stdout).expect("text");
    assert_eq!(listed(&home), "Mail queue is empty\n");
    ok(&home.run(&["sendmail", "anna@prompt.test"], "Subject: Waiting\n\nx\n"));
    let text = listed(&home);
    assert!(text.starts_with("-Queue ID-") && text.contains("you@practice.test"), "{text}");
    assert!(text.contains("anna@prompt.test") && text.trim_end().ends_with("in 1 Request."), "{text}");
    let document = home.json(&["sendmail", "-bp"], "");
    assert_eq!(keys(&document[0]), ["id", "subject", "from", "created_at", "recipients"]);
    ok(&home.run(&["sendmail", "-q"], ""));
    assert_eq!(listed(&home), "Mail queue is empty\n", "it was sent");
}

#[cfg(unix)]
#[test]
fn it_answers_to_the_names_of_sendmail() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let place = tempfile::TempDir::new().expect("a directory");
    for name in ["sendmail", "mailq", "newaliases"] {
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_postrider"), place.path().join(name)).expect("a link");
    }
    let called = |name: &str, arguments: &[&str]| {
        let mut command = Command::new(place.path().join(name));
        command.args(arguments).env("POSTRIDER_HOME", home.0.path()).stdin(Stdio::null());
        command.output().expect("it runs")
    };
    ok(&called("newaliases", &[]));
    assert_eq!(called("mailq", &[]).stdout, b"Mail queue is empty\n");
    assert_eq!(called("sendmail", &[]).status.code(), Some(64), "nobody is named");
}

/// Only where git has its send-email, which many systems package by itself.
#[cfg(unix)]
#[test]
fn git_send_email_hands_a_patch_over() {
    let has = Command::new("git").args(["send-email", "-h"]).output();
    let has =
        has.is_ok_and(|output| String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).contains("--to"));
    if !has {
        return;
    }
    let office = Office::open();
    let home = Home::with_account(&office);
    let place = tempfile::TempDir::new().expect("a directory");
    let sendmail = place.path().join("sendmail");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_postrider"), &sendmail).expect("a link");
    let patch = place.path().join("0001-tea.patch");
    let text = "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\nFrom: You <you@practice.test>\n\
        Date: Tue, 3 Nov 2026 14:32:05 +0100\nSubject: [PATCH] Make tea\n\n---\n tea | 1 +\n";
    std::fs::write(&patch, text).expect("written");
    let sent = Command::new("git")
        .args([
            "send-email",
            "--confirm=never",
            "--quiet",
            "--suppress-cc=all",
            "--to=anna@prompt.test",
            "--from=You <you@practice.test>",
        ])
        .arg(format!("--smtp-server={}", sendmail.display()))
        .arg(&patch)
        .env("POSTRIDER_HOME", home.0.path())
        .env("HOME", place.path())
        .envs([("GIT_COMMITTER_NAME", "You"), ("GIT_COMMITTER_EMAIL", "you@practice.test")])
        .envs([("GIT_AUTHOR_NAME", "You"), ("GIT_AUTHOR_EMAIL", "you@practice.test")])
        .current_dir(place.path())
        .stdin(Stdio::null())
        .output()
        .expect("git runs");
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    let queued = newest(&home);
    assert_eq!(
        (queued["subject"].as_str(), addresses(&queued)),
        (Some("[PATCH] Make tea"), vec!["anna@prompt.test".to_owned()])
    );
}
