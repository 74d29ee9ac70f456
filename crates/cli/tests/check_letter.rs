//! What is said of a letter before it is sent, as a script asks for it, in the practice world.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod office;

use office::{Home, Office, keys};

#[test]
fn a_letter_is_looked_at_before_it_is_sent() {
    let office = Office::open();
    let home = Home::with_account(&office);
    let to = ["anna@prompt.test", "ben@nullmx.test", "you@pratcice.test"];
    let mut arguments = vec!["check", "letter", "--from", "you@practice.test"];
    to.iter().for_each(|address| arguments.extend(["--to", address]));

    let checked = home.json(&arguments, "");
    assert_eq!(keys(&checked), ["banner", "choices", "marks"]);
    assert_eq!(keys(&checked["choices"][0]), ["domain", "route", "reason"]);
    let fields = ["address", "settled", "kind", "tone", "encryption", "label", "text", "instead"];
    assert_eq!(keys(&checked["marks"][0]), fields);
    let kinds: Vec<&str> = (0..to.len()).filter_map(|n| checked["marks"][n]["kind"].as_str()).collect();
    assert_eq!(kinds, ["fine", "null-mx", "no-such-domain"]);
    assert_eq!(checked["marks"][2]["instead"], "you@practice.test");
    assert!(checked["banner"].is_null(), "{checked}");

    let text = String::from_utf8_lossy(&home.run(&arguments, "").stdout).into_owned();
    assert!(text.contains("ben@nullmx.test: nullmx.test takes no mail\n"), "{text}");
    assert!(text.contains("; did you mean you@practice.test?\n"), "{text}");
    let nobody = home.run(&["check", "letter", "--from", "who@example.org", "--to", "anna@prompt.test"], "");
    assert!(!nobody.status.success());
}
