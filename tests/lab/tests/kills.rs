//! SIGKILL at random moments while letters go to Postfix: nothing is lost, and a letter comes twice only where the
//! program died between the final dot and its note of the answer.

use postrider_lab::maildir::{message_id_of, messages};
use postrider_lab::postfix::Plan;
use postrider_lab::rider::Rider;
use postrider_lab::town::Town;
use postrider_lab::wait;
use postrider_lab::zone::Zone;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

const KILLS: u32 = 20;
const LETTERS_A_KILL: u32 = 2;
/// The longest life of a runner: some letters are done by then, some are not.
const LONGEST_LIFE: Duration = Duration::from_millis(1600);
/// How long the last runner may take for what the others left.
const PATIENCE: Duration = Duration::from_secs(60);

/// Each at a host with a character: one is quick, one takes a second before it lets the letter begin, and one takes a
/// second between the final dot and its answer, so that the gap that nobody can close is hit often.
const HOSTS: [(&str, &str, &str, [&str; 2]); 3] = [
    ("anna", "quick.example", "203.0.113.50", ["smtpd_data_restrictions", ""]),
    ("ben", "before.example", "203.0.113.51", ["smtpd_data_restrictions", "sleep 1"]),
    ("carl", "behind.example", "203.0.113.52", ["smtpd_end_of_data_restrictions", "sleep 1"]),
];

#[test]
fn letters_survive_kills_at_random_moments() {
    let town = Town::open();
    let _logs = town.logs_on_failure();
    let hosts = HOSTS.map(|(_, domain, address, _)| (domain, format!("mx.{domain}"), address));
    let names = Zone::default().host("home.example", "198.51.100.10");
    let _names = hosts
        .iter()
        .fold(names, |names, (domain, mx, address)| names.host(mx, address).mx(domain, 10, mx))
        .serve(&town);
    let maildirs = HOSTS.map(|(user, domain, address, [setting, value])| {
        let host = town.host(user, &[address]);
        let plan = Plan::new(&format!("mx.{domain}")).mailbox(user, domain).set(setting, value);
        plan.start(&host).maildir(user, domain)
    });
    let recipients = HOSTS.map(|(user, domain, ..)| format!("{user}@{domain}"));
    let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
    let rider = Rider::new(&town.host("home", &["198.51.100.10"]), "rider");
    rider.set("outbound.schedule", "1s");
    rider.must(&["account", "add", "you@home.example", "--imap", "none", "--smtp", "none"], "");

    let seed =
        std::env::var("POSTRIDER_LAB_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    eprintln!("POSTRIDER_LAB_SEED={seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let mut sent = Vec::new();
    for kill in 0..KILLS {
        for letter in 0..LETTERS_A_KILL {
            let message = format!("To: all\nSubject: Letter {letter} before kill {kill}\n\n.dots\nand more\n");
            sent.push(rider.sendmail(&recipients, message.as_bytes()));
        }
        let runner = rider.start(&["queue", "run"], &format!("runner-{kill}"));
        std::thread::sleep(chance.random_range(Duration::ZERO..LONGEST_LIFE));
        runner.kill();
    }

    // What was interrupted twice in a row waits for a minute by itself; an order makes it go now.
    for id in &sent {
        rider.must(&["queue", "retry", &id.to_string()], "");
    }
    let _runner = rider.start(&["queue", "run"], "runner-last");
    wait::until("every letter to be accepted", PATIENCE, || {
        all_accepted(&rider.must(&["queue", "list"], "")).then_some(())
    });

    let timelines: Vec<Value> = sent.iter().map(|id| rider.timeline(*id)).collect();
    let copies = maildirs.map(|maildir| copies(&maildir));
    let (mut interrupted, mut twice) = (0, 0);
    for timeline in &timelines {
        let message_id = format!("<{}>", timeline["message_id"].as_str().expect("a Message-ID"));
        for (recipient, copies) in timeline["recipients"].as_array().expect("recipients").iter().zip(&copies) {
            let came = copies.get(&message_id).copied().unwrap_or_default();
            let deaths = interruptions(recipient);
            assert!(came >= 1, "lost: {recipient:#}");
            assert!(came <= 1 + deaths, "came {came} times after {deaths} interruptions: {recipient:#}");
            interrupted += deaths;
            twice += came - 1;
        }
    }
    let deliveries = timelines.len() * HOSTS.len();
    eprintln!(
        "{KILLS} kills, {deliveries} deliveries, {interrupted} attempts interrupted, none lost, {twice} copies too many \
         (the final dot was sent and the answer not noted)"
    );
    assert!(interrupted > 0, "no kill met a delivery: the test proves nothing");
}

fn all_accepted(list: &Value) -> bool {
    let recipients = |outgoing: &Value| outgoing["recipients"].as_array().expect("recipients").clone();
    let mut all = list.as_array().expect("a list").iter().flat_map(recipients);
    all.all(|recipient| recipient["state"] == "accepted")
}

/// How often each Message-ID came.
fn copies(maildir: &std::path::Path) -> HashMap<String, usize> {
    let mut copies = HashMap::new();
    for message in messages(maildir) {
        *copies.entry(message_id_of(&message).expect("a Message-ID")).or_default() += 1;
    }
    copies
}

/// The attempts of a delivery of which nobody noted how they ended.
fn interruptions(recipient: &Value) -> usize {
    let attempts = recipient["attempts"].as_array().expect("attempts");
    attempts.iter().filter(|attempt| attempt["error"] == "the program ended during the attempt").count()
}
