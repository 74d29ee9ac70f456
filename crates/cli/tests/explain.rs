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
