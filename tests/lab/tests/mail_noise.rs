//! `mail.db` overwritten with noise: it is set aside and fetched afresh, `local.db` stays as it is, and orders that were
//! given before are carried out all the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::letterbox::Letterbox;
use rand::{RngCore, SeedableRng, rngs::StdRng};
use serde_json::json;
use std::fs;

/// What exists only here.
const KEPT: &str =
    "SELECT 'account ' || address FROM account UNION ALL SELECT 'setting ' || key || value FROM setting
                    UNION ALL SELECT 'draft ' || id || body FROM draft";

#[test]
fn noise_in_the_fetched_mail_costs_nothing_but_the_fetching() {
    let letterbox = Letterbox::with_letters(40);
    let _logs = letterbox.town.logs_on_failure();
    let rider = letterbox.rider("noise");
    rider.must(&["sync"], "");
    let rows = rider.must(&["list", "inbox"], "");
    let id = |number: usize| {
        let subject = format!("Letter {number:03}");
        let row = rows.as_array().unwrap().iter().find(|row| row["subject"] == subject.as_str());
        row.unwrap_or_else(|| panic!("{subject} is in INBOX"))["id"].to_string()
    };
    let draft =
        rider.call("draft_new", &json!({ "account": null, "mailto": "mailto:anna@one.example?subject=Kept" }));
    rider.must(&["flag", &id(1), "--flagged"], "");
    rider.must(&["mailboxes", "create", "Projects"], "");
    rider.must(&["move", &id(2), "--to", "Projects"], "");
    rider.must(&["copy", &id(3), "--to", "Archive"], "");
    rider.must(&["delete", &id(4), "--for-good"], "");
    let kept = rider.local(KEPT);
    assert!(rider.orders() >= 5);

    let mut chance = StdRng::seed_from_u64(7);
    for file in ["mail.db", "mail.db-wal"] {
        let path = rider.home().join(file);
        let size = fs::metadata(&path).map_or(0, |about| about.len() as usize).max(4096);
        let mut noise = vec![0; size];
        chance.fill_bytes(&mut noise);
        fs::write(&path, noise).unwrap();
    }
    rider.must(&["sync"], "");
    rider.must(&["sync"], "");

    let aside = fs::read_dir(rider.home()).unwrap().flatten().map(|file| file.file_name().into_string().unwrap());
    let aside: Vec<String> = aside.filter(|name| name.starts_with("mail.db.damaged-")).collect();
    assert!(!aside.is_empty(), "the noise is set aside");
    assert_eq!(rider.local(KEPT), kept, "what exists only here is untouched");
    assert_eq!(rider.orders(), 0, "every order is carried out");
    let there = letterbox.contents();
    assert_eq!(rider.contents(), there, "what is here is what the server has");
    let places = |number: usize| -> Vec<&str> {
        let id = format!("letter-{number:03}@home.example");
        there.iter().filter(|(_, entry)| entry.message_id == id).map(|((mailbox, _), _)| mailbox.as_str()).collect()
    };
    assert_eq!(places(2), ["Projects"]);
    assert_eq!(places(3), ["Archive", "INBOX"]);
    assert!(places(4).is_empty());
    assert!(there.values().any(|entry| entry.message_id == "letter-001@home.example" && entry.flagged));
    assert_eq!(there.keys().filter(|(mailbox, _)| mailbox == "Drafts").count(), 1, "draft {draft}");
}
