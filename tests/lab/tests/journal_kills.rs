//! SIGKILL at random moments during first syncs and while orders are carried out on Dovecot: in the end both sides have
//! the same, no order is lost, and none is done twice.
//!
//! A run is told by its seed: `POSTRIDER_LAB_SEED`. `POSTRIDER_LAB_KILLS` says how often the program is killed; without
//! it, 200 times where a machine waits (`CI`), 60 times where a person does. Never more than 200 times.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::letterbox::{Letterbox, letter};
use postrider_lab::rider::Rider;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Letters in INBOX: a first sync takes longer than most lives.
const LETTERS: usize = 400;
/// Kills that one home has to survive during its first sync.
const KILLS_A_HOME: u32 = 8;
/// The program is up and logged in after a tenth of a second.
const LONGEST_LIFE: Duration = Duration::from_millis(450);

fn kills() -> u32 {
    let told = std::env::var("POSTRIDER_LAB_KILLS").ok().and_then(|kills| kills.parse().ok());
    told.unwrap_or(if std::env::var_os("CI").is_some() { 200 } else { 60 }).min(200)
}

fn chance() -> StdRng {
    let seed =
        std::env::var("POSTRIDER_LAB_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    eprintln!("POSTRIDER_LAB_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

#[test]
fn first_syncs_and_orders_survive_kills_at_random_moments() {
    let letterbox = Letterbox::with_letters(LETTERS);
    let _logs = letterbox.town.logs_on_failure();
    let mut chance = chance();
    let during_first = kills() / 3;
    first_syncs(&letterbox, &mut chance, during_first);
    orders(&letterbox, &mut chance, kills() - during_first);
}

/// Kills a sync after a while, unless it is over by then.
fn sync_for(rider: &Rider, life: Duration) {
    let sync = rider.start(&["sync"], "killed-sync");
    std::thread::sleep(life);
    sync.kill();
}

fn sync(rider: &Rider) {
    let reports = rider.must(&["sync"], "");
    assert!(reports[0]["error"].is_null(), "{reports:#}");
}

fn first_syncs(letterbox: &Letterbox, chance: &mut StdRng, kills: u32) {
    let mut left = kills;
    let mut homes = 0;
    while left > 0 {
        let rider = letterbox.rider(&format!("first-{homes}"));
        for _ in 0..left.min(KILLS_A_HOME) {
            sync_for(&rider, LONGEST_LIFE.mul_f64(chance.random()));
        }
        let before = rider.contents().len();
        sync(&rider);
        assert_eq!(rider.contents(), letterbox.contents(), "after the kills {before} letters were here");
        left -= left.min(KILLS_A_HOME);
        homes += 1;
        for number in [0, LETTERS / 2, LETTERS - 1] {
            let id = number_of(&rider, number);
            let here = String::from_utf8(rider.raw(&id)).unwrap().replace("\r\n", "\n");
            assert_eq!(here, letter(number), "octet for octet");
        }
    }
    eprintln!("{kills} kills during the first syncs of {homes} homes");
}

fn number_of(rider: &Rider, letter: usize) -> String {
    let rows = rider.must(&["list", "inbox", "--limit", "1000"], "");
    let subject = format!("Letter {letter:03}");
    let row = rows.as_array().unwrap().iter().find(|row| row["subject"] == subject.as_str());
    row.unwrap_or_else(|| panic!("{subject} is in INBOX"))["id"].to_string()
}

/// What should be on the server, by what was ordered.
struct Expected {
    /// Where each letter is, and its marks; `None` where it was deleted.
    letters: Vec<Option<(String, bool, bool)>>,
    /// Copies that were made: which letter, where, with which marks.
    copies: Vec<(usize, String, bool, bool)>,
    boxes: BTreeSet<String>,
    /// Drafts by their numbers, with their last subjects.
    drafts: BTreeMap<i64, String>,
}

impl Expected {
    /// How often each message is in each mailbox, with its marks.
    fn counted(&self) -> BTreeMap<(String, String, bool, bool), usize> {
        let mut counted = BTreeMap::new();
        let letters = self.letters.iter().enumerate().filter_map(|(number, letter)| {
            let (mailbox, seen, flagged) = letter.clone()?;
            Some((number, mailbox, seen, flagged))
        });
        for (number, mailbox, seen, flagged) in letters.chain(self.copies.iter().cloned()) {
            let key = (mailbox, format!("letter-{number:03}@home.example"), seen, flagged);
            *counted.entry(key).or_default() += 1;
        }
        counted
    }
}

fn orders(letterbox: &Letterbox, chance: &mut StdRng, kills: u32) {
    let rider = letterbox.rider("orders");
    sync(&rider);
    let ids: Vec<String> = ids(&rider);
    let mut expected = Expected {
        letters: vec![Some(("INBOX".to_owned(), false, false)); LETTERS],
        copies: Vec::new(),
        boxes: BTreeSet::new(),
        drafts: BTreeMap::new(),
    };
    let mut given = 0;
    for _ in 0..kills {
        let life = LONGEST_LIFE.mul_f64(chance.random());
        let running = rider.start(&["sync"], "killed-sync");
        let started = std::time::Instant::now();
        for _ in 0..2 {
            give(&rider, &ids, &mut expected, chance, given);
            given += 1;
        }
        std::thread::sleep(life.saturating_sub(started.elapsed()));
        running.kill();
    }
    for _ in 0..3 {
        sync(&rider);
    }
    assert_eq!((rider.orders(), rider.integrity().as_str()), (0, "ok"), "every order is carried out");
    let there = letterbox.contents();
    let mut counted = BTreeMap::new();
    for ((mailbox, _), entry) in there.iter().filter(|((mailbox, _), _)| mailbox != "Drafts") {
        let key = (mailbox.clone(), entry.message_id.clone(), entry.seen, entry.flagged);
        *counted.entry(key).or_insert(0) += 1;
    }
    assert_eq!(difference(&counted, &expected.counted()), "", "what was ordered is what the server has");
    assert_eq!(rider.contents(), there, "what is here is what the server has");
    let boxes: BTreeSet<String> =
        letterbox.mailboxes().into_iter().filter(|mailbox| mailbox.starts_with("Box")).collect();
    assert_eq!(boxes, expected.boxes);
    let drafts: Vec<_> = there.keys().filter(|(mailbox, _)| mailbox == "Drafts").collect();
    assert_eq!(drafts.len(), expected.drafts.len(), "one copy of each draft: {drafts:?}");
    eprintln!(
        "{kills} kills, {given} orders, {} copies, {} boxes, {} drafts: none lost, none done twice",
        expected.copies.len(),
        expected.boxes.len(),
        expected.drafts.len()
    );
}

/// The letters' numbers here, in the order of their subjects.
fn ids(rider: &Rider) -> Vec<String> {
    let rows = rider.must(&["list", "inbox", "--limit", "1000"], "");
    let mut rows: Vec<(String, String)> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["subject"].as_str().unwrap().to_owned(), row["id"].to_string()))
        .collect();
    rows.sort();
    assert_eq!(rows.len(), LETTERS);
    rows.into_iter().map(|(_, id)| id).collect()
}

/// Gives a random order, and notes what it should come to.
fn give(rider: &Rider, ids: &[String], expected: &mut Expected, chance: &mut StdRng, order: u32) {
    // What went to the trash with its mailbox has another number there.
    let is_known = |number: &usize| expected.letters[*number].as_ref().is_some_and(|(at, ..)| at != "Trash");
    let alive: Vec<usize> = (0..ids.len()).filter(is_known).collect();
    let number = alive[chance.random_range(0..alive.len())];
    let id = ids[number].as_str();
    let (at, seen, flagged) = expected.letters[number].clone().expect("a letter that is there");
    let mut places = vec!["INBOX".to_owned(), "Archive".to_owned(), "Junk".to_owned()];
    places.extend(expected.boxes.iter().cloned());
    let target = places[chance.random_range(0..places.len())].clone();
    match chance.random_range(0..12) {
        0..=2 => {
            rider.must(&["flag", id, if seen { "--unread" } else { "--read" }], "");
            expected.letters[number] = Some((at, !seen, flagged));
        }
        3..=5 => {
            rider.must(&["move", id, "--to", &target], "");
            expected.letters[number] = Some((target, seen, flagged));
        }
        6 => {
            rider.must(&["copy", id, "--to", &target], "");
            expected.copies.push((number, target, seen, flagged));
        }
        7 => {
            rider.must(&["delete", id, "--for-good"], "");
            expected.letters[number] = None;
        }
        8 => {
            let name = format!("Box {order}");
            if expected.boxes.insert(name.clone()) {
                rider.must(&["mailboxes", "create", &name], "");
            }
        }
        9 => rename_or_remove(rider, expected, chance, order),
        _ => write(rider, expected, chance, order),
    }
}

fn rename_or_remove(rider: &Rider, expected: &mut Expected, chance: &mut StdRng, order: u32) {
    let Some(name) = expected.boxes.iter().next().cloned() else { return };
    expected.boxes.remove(&name);
    let to = if chance.random() {
        let to = format!("Box of {order}, renamed");
        rider.must(&["mailboxes", "rename", &name, &to], "");
        expected.boxes.insert(to.clone());
        to
    } else {
        rider.must(&["mailboxes", "delete", &name], "");
        "Trash".to_owned()
    };
    let moved = |mailbox: &mut String| {
        if *mailbox == name {
            mailbox.clone_from(&to);
        }
    };
    expected.letters.iter_mut().flatten().for_each(|(mailbox, ..)| moved(mailbox));
    expected.copies.iter_mut().for_each(|(_, mailbox, ..)| moved(mailbox));
}

/// Begins a draft, goes on with one, or throws one away.
fn write(rider: &Rider, expected: &mut Expected, chance: &mut StdRng, order: u32) {
    let subject = format!("Draft of {order}");
    let known = expected.drafts.keys().next().copied();
    let draft = match known {
        Some(draft) if chance.random() => draft,
        _ => rider.call("draft_new", &json!({ "account": null, "mailto": null }))["id"].as_i64().unwrap(),
    };
    if Some(draft) == known && chance.random_bool(0.3) {
        rider.call("draft_discard", &json!({ "draft": draft }));
        expected.drafts.remove(&draft);
        return;
    }
    let mut content: Value = rider.call("draft_show", &json!({ "draft": draft }))["draft"].take();
    content["subject"] = subject.clone().into();
    rider.call("draft_save", &json!({ "draft": draft, "content": content }));
    expected.drafts.insert(draft, subject);
}

/// What one has and the other has not.
fn difference<K: Ord + std::fmt::Debug>(there: &BTreeMap<K, usize>, wanted: &BTreeMap<K, usize>) -> String {
    let mut lines = String::new();
    for (key, count) in there {
        let expected = wanted.get(key).copied().unwrap_or(0);
        if *count != expected {
            lines.push_str(&format!("{key:?}: {count} there, {expected} ordered\n"));
        }
    }
    for (key, expected) in wanted.iter().filter(|(key, _)| !there.contains_key(key)) {
        lines.push_str(&format!("{key:?}: 0 there, {expected} ordered\n"));
    }
    lines
}
