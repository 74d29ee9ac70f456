//! The pages of the warnings, as a script and a person in a terminal read them, in the practice world.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod office;

use office::{Home, Office, keys};

#[test]
fn every_warning_is_listed_by_the_word_that_explains_it() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let list = home.json(&["explain"], "");
    let names: Vec<&str> = list.as_array().expect("a list").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(
        names,
        [
            "greylisting",
            "reverse-dns",
            "port-25",
            "dynamic-address",
            "listed-address",
            "spf",
            "dkim",
            "dmarc",
            "no-smart-host",
            "null-mx"
        ]
    );
    for name in names {
        let page = home.json(&["explain", name], "");
        assert_eq!(page["name"], name);
        assert!(page["todo"].as_array().is_some_and(|todo| !todo.is_empty()), "{page}");
    }
    assert_eq!(home.run(&["explain", "spam"], "").status.code(), Some(64));
}

#[test]
fn a_letter_that_waits_is_explained_with_what_the_server_said_and_a_command_that_hands_it_over() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let sent =
        home.json(&["send", "--to", "anna@greylist.test", "--subject", "Soon", "--route", "direct"], "Hello.\n");
    let id = sent["id"].to_string();
    let shown = String::from_utf8_lossy(&home.run(&["queue", "show", &id], "").stdout).into_owned();
    assert!(shown.contains(&format!("More: postrider explain greylisting --letter {id}")), "{shown}");

    let page = home.json(&["explain", "--letter", &id], "");
    let fields = [
        "name",
        "heading",
        "what",
        "means",
        "next_attempt_at",
        "seen",
        "todo",
        "actions",
        "copy",
        "alternative",
        "why",
        "smart_host",
    ];
    assert_eq!(keys(&page), fields);
    assert_eq!((page["name"].as_str(), page["next_attempt_at"].is_string()), (Some("greylisting"), true));
    assert_eq!(keys(&page["seen"][0]), ["at", "place", "asked", "answer", "took_ms"]);
    assert!(page["seen"][0]["answer"].as_str().is_some_and(|answer| answer.starts_with("451 ")), "{page}");

    let text =
        String::from_utf8_lossy(&home.run(&["explain", "greylisting", "--letter", &id], "").stdout).into_owned();
    let command =
        text.lines().map(str::trim).find(|line| line.starts_with("postrider queue route")).unwrap_or_else(|| {
            panic!("{text}");
        });
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    let moved = home.json(&arguments, "");
    assert_eq!(moved["recipients"][0]["state"], "queued", "{moved}");
    let without =
        home.json(&["send", "--to", "anna@nobody.test", "--subject", "No", "--route", "direct"], "Hello.\n");
    assert_eq!(home.run(&["explain", "--letter", &without["id"].to_string()], "").status.code(), Some(66));
}

#[test]
fn the_records_of_the_sender_are_looked_up_for_a_page_that_nothing_was_found_for() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let seen = |page: &serde_json::Value| -> Vec<(String, String)> {
        let all = page["seen"].as_array().expect("a list").iter();
        let text = |one: &serde_json::Value, field: &str| one[field].as_str().unwrap_or_default().to_owned();
        all.map(|one| (text(one, "asked"), text(one, "answer"))).collect()
    };
    let spf = home.json(&["explain", "spf"], "");
    let (asked, answer) = seen(&spf).into_iter().next().expect("the record");
    assert_eq!(asked, "the SPF record of practice.test");
    assert!(answer.starts_with("v=spf1 ip4:127.0.0.0/8 "), "{answer}");
    assert_eq!(spf["todo"][0], "There is nothing to change in DNS.", "{spf}");

    let dmarc = home.json(&["explain", "dmarc"], "");
    assert!(seen(&dmarc).contains(&("the DMARC record of practice.test".to_owned(), "none".to_owned())), "{dmarc}");
    assert_eq!(dmarc["copy"][0]["label"], "TXT record for _dmarc.practice.test", "{dmarc}");

    let elsewhere = home.json(&["explain", "spf", "--from", "anna@gmail.com"], "");
    assert_eq!(seen(&elsewhere), [], "nobody but its provider can change them");

    assert!(home.run(&["config", "set", "net.dns", "127.0.0.1:9"], "").status.success());
    let began = std::time::Instant::now();
    let silent = home.json(&["explain", "spf"], "");
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    let means = silent["means"].as_array().and_then(|all| all.last()).and_then(|last| last.as_str());
    assert!(means.is_some_and(|means| means.contains("in time")), "{silent}");
}
