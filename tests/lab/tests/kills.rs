//! SIGKILL at random moments while letters go to Postfix: nothing is lost, and a letter comes twice only where the
//! program died between the final dot and its note of the answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

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

/// Each at a host with a character: one is quick, one takes a second before it says anything, and one takes a second
/// between the final dot and its answer, so that the gap that nobody can close is hit often.
const HOSTS: [(&str, &str, &str, &str); 3] = [
    ("anna", "quick.example", "203.0.113.50", ""),
    ("ben", "before.example", "203.0.113.51", "smtpd_client_restrictions"),
    ("carl", "behind.example", "203.0.113.52", "smtpd_end_of_data_restrictions"),
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
    let maildirs = HOSTS.map(|(user, domain, address, sleepy)| {
        let host = town.host(user, &[address]);
        let plan = Plan::new(&format!("mx.{domain}")).mailbox(user, domain).set("smtpd_delay_reject", "no");
        let plan = if sleepy.is_empty() { plan } else { plan.set(sleepy, "sleep 1") };
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
        // Squared, since most happens early.
        std::thread::sleep(LONGEST_LIFE.mul_f64(chance.random::<f64>().powi(2)));
        runner.kill();
    }

    let _runner = rider.start(&["queue", "run"], "runner-last");
    wait::until("every letter to be accepted", PATIENCE, || {
        let queue = rider.must(&["queue", "list"], "");
        for id in with_deferred(&queue) {
            // What was interrupted twice in a row waits for a minute by itself; an order makes it go now. That there is
            // nothing left to order is no failure.
            let _ = rider.try_to(&["queue", "retry", &id.to_string()], b"");
        }
        all_accepted(&queue).then_some(())
    });

    let timelines: Vec<Value> = sent.iter().map(|id| rider.timeline(*id)).collect();
    let mut interrupted = 0;
    for (place, maildir) in maildirs.iter().enumerate() {
        let copies = copies(maildir);
        let (mut deaths, mut extra) = (0, 0);
        for timeline in &timelines {
            let recipient = &timeline["recipients"][place];
            let message_id = format!("<{}>", timeline["message_id"].as_str().expect("a Message-ID"));
            let (came, died) = (copies.get(&message_id).copied().unwrap_or_default(), interruptions(recipient));
            assert!(came >= 1, "lost: {recipient:#}");
            assert!(came <= 1 + died, "came {came} times after {died} interruptions: {recipient:#}");
            deaths += died;
            extra += came - 1;
        }
        eprintln!(
            "{}: {} letters, {deaths} attempts interrupted, none lost, {extra} copies too many (the final dot was sent \
             and its answer not noted)",
            recipients[place],
            timelines.len()
        );
        interrupted += deaths;
    }
    assert!(interrupted > 0, "no kill met a delivery: the test proves nothing");
}

fn all_accepted(queue: &Value) -> bool {
    outgoings(queue).iter().flat_map(recipients).all(|recipient| recipient["state"] == "accepted")
}

fn with_deferred(queue: &Value) -> Vec<i64> {
    let waits = |outgoing: &&Value| recipients(outgoing).iter().any(|recipient| recipient["state"] == "deferred");
    outgoings(queue).iter().filter(waits).filter_map(|outgoing| outgoing["id"].as_i64()).collect()
}

fn outgoings(queue: &Value) -> &[Value] {
    queue.as_array().expect("a list")
}

fn recipients(outgoing: &Value) -> &[Value] {
    outgoing["recipients"].as_array().expect("recipients")
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
