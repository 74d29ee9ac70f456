//! SIGKILL at random moments while letters are queued and go to Postfix: what was said to be safe is not lost, and a
//! letter comes twice only where the program died between the final dot and its note of the answer.
//!
//! A run is told by its seed: `POSTRIDER_LAB_SEED`. `POSTRIDER_LAB_KILLS` says how often the runner is killed; without
//! it, 500 times where a machine waits (`CI`), 100 times where a person does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use postrider_lab::maildir::{message_id_of, messages};
use postrider_lab::postfix::{Plan, Postfix};
use postrider_lab::rider::{Delivery, Rider};
use postrider_lab::town::{Host, Town};
use postrider_lab::wait;
use postrider_lab::zone::{NameServer, Zone};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// Letters that are queued while a runner lives, and one more whose command is killed too.
const LETTERS_A_KILL: u32 = 2;
/// A runner is up after a tenth of a second; some letters are done after the longest life, some are not.
const LONGEST_LIFE: Duration = Duration::from_millis(700);
/// A command takes about so long.
const LONGEST_COMMAND: Duration = Duration::from_millis(250);
/// How long a host hesitates, where it does.
const HESITATION: Duration = Duration::from_millis(200);
/// How long the last runner may take for what the others left.
const PATIENCE: Duration = Duration::from_secs(120);

/// Each at a host with a character: one is quick, one hesitates before it says anything, and one hesitates between the
/// final dot and its answer, so that the gap that nobody can close is hit often.
const HOSTS: [(&str, &str, &str, &str); 3] = [
    ("anna", "quick.example", "203.0.113.50", ""),
    ("ben", "before.example", "203.0.113.51", "smtpd_client_restrictions"),
    ("carl", "behind.example", "203.0.113.52", "smtpd_end_of_data_restrictions"),
];

struct Lab {
    town: Town,
    hosts: [Postfix; 3],
    home: Host,
    _names: NameServer,
}

impl Lab {
    fn open() -> Self {
        let town = Town::open();
        let names = HOSTS.iter().fold(Zone::default().host("home.example", "198.51.100.10"), |zone, host| {
            let (_, domain, address, _) = host;
            zone.host(&format!("mx.{domain}"), address).mx(domain, 10, &format!("mx.{domain}"))
        });
        let names = names.serve(&town);
        let hosts = HOSTS.map(|(user, domain, address, hesitates)| {
            let plan = Plan::new(&format!("mx.{domain}")).mailbox(user, domain);
            let plan = if hesitates.is_empty() { plan } else { plan.hesitating_at(hesitates, HESITATION) };
            plan.start(&town.host(user, &[address]))
        });
        let home = town.host("home", &["198.51.100.10"]);
        Self { town, hosts, home, _names: names }
    }

    /// How often each letter came, by its Message-ID.
    fn copies(&self) -> BTreeMap<String, usize> {
        let mut copies = BTreeMap::new();
        for ((user, domain, ..), host) in HOSTS.iter().zip(&self.hosts) {
            for message in messages(&host.maildir(user, domain)) {
                *copies.entry(message_id_of(&message).expect("a Message-ID")).or_default() += 1;
            }
        }
        copies
    }
}

/// What was given to the queue: letters that a command said were safe, and those of commands that did not live to say so.
#[derive(Default)]
struct Queued {
    safe: BTreeSet<String>,
    unknown: BTreeSet<String>,
}

fn kills() -> u32 {
    let told = std::env::var("POSTRIDER_LAB_KILLS").ok().and_then(|kills| kills.parse().ok());
    told.unwrap_or(if std::env::var_os("CI").is_some() { 500 } else { 100 })
}

#[test]
fn letters_survive_kills_at_random_moments() {
    let lab = Lab::open();
    let _logs = lab.town.logs_on_failure();
    let rider = &Rider::new(&lab.home, "rider");
    rider.must(&["account", "add", "you@home.example", "--imap", "none", "--smtp", "none"], "");
    let seed =
        std::env::var("POSTRIDER_LAB_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    eprintln!("POSTRIDER_LAB_SEED={seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let mut queued = Queued::default();
    for kill in 0..kills() {
        // Squared, since most happens early.
        let life = LONGEST_LIFE.mul_f64(chance.random::<f64>().powi(2));
        let runner = rider.start(&["queue", "run"], "runner");
        let started = Instant::now();
        let lives = [None; LETTERS_A_KILL as usize].into_iter();
        let lives = lives.chain([Some(LONGEST_COMMAND.mul_f64(chance.random()))]);
        let letters: Vec<_> = (kill * (LETTERS_A_KILL + 1)..).zip(lives).collect();
        std::thread::scope(|scope| {
            let commands: Vec<_> =
                letters.into_iter().map(|(letter, life)| scope.spawn(move || queue(rider, letter, life))).collect();
            for command in commands {
                let (id, safe) = command.join().expect("the command could be run");
                let _ = if safe { queued.safe.insert(id) } else { queued.unknown.insert(id) };
            }
        });
        std::thread::sleep(life.saturating_sub(started.elapsed()));
        runner.kill();
    }
    assert_eq!(rider.integrity(), "ok");

    let _runner = rider.start(&["queue", "run"], "runner-last");
    wait::until("every letter to be accepted", PATIENCE, || {
        let left: Vec<Delivery> =
            rider.deliveries().into_iter().filter(|delivery| delivery.state != "accepted").collect();
        for delivery in left.iter().filter(|delivery| delivery.state == "deferred") {
            // What was interrupted twice in a row waits for a minute or more; an order makes it go now. That there is
            // nothing left to order is no failure.
            let _ = rider.try_to(&["queue", "retry", &delivery.outgoing.to_string()], b"");
        }
        left.is_empty().then_some(())
    });
    assert_nothing_is_lost(&queued, &rider.deliveries(), &lab.copies());
}

/// Queues a letter to one of the hosts, and returns its Message-ID, and whether the command said that it is safe. A
/// command with a `life` is killed after it.
fn queue(rider: &Rider, number: u32, life: Option<Duration>) -> (String, bool) {
    // The one that is killed goes to each in turn.
    let (user, domain, ..) = HOSTS[(number + number / 3) as usize % HOSTS.len()];
    let (to, id) = (format!("{user}@{domain}"), format!("<letter-{number}@home.example>"));
    let letter = format!("To: {to}\nMessage-ID: {id}\nSubject: Letter {number}\n\n.dots\nand more\n");
    if let Some(life) = life {
        let safe = rider.sendmail_for(life, &[&to], letter.as_bytes());
        return (id, safe);
    }
    rider.must(&["sendmail", "-i", &to], &letter);
    (id, true)
}

fn assert_nothing_is_lost(queued: &Queued, deliveries: &[Delivery], copies: &BTreeMap<String, usize>) {
    let by_id: HashMap<String, &Delivery> =
        deliveries.iter().map(|delivery| (format!("<{}>", delivery.message_id), delivery)).collect();
    assert_eq!(by_id.len(), deliveries.len(), "each letter is in the queue once");
    for id in &queued.safe {
        assert!(by_id.contains_key(id), "lost before it was sent, though it was said to be safe: {id}");
    }
    for id in copies.keys() {
        assert!(queued.safe.contains(id) || queued.unknown.contains(id), "nobody wrote {id}");
        assert!(by_id.contains_key(id), "sent and not in the queue: {id}");
    }
    for (id, delivery) in &by_id {
        let came = copies.get(id).copied().unwrap_or_default();
        assert!(came >= 1, "lost, though it was noted as accepted: {delivery:?}");
        assert!(came <= 1 + delivery.interruptions as usize, "came {came} times: {delivery:?}");
    }
    for (user, domain, ..) in HOSTS {
        let to = format!("{user}@{domain}");
        let here = || by_id.iter().filter(|(_, delivery)| delivery.address == to);
        let interrupted: u32 = here().map(|(_, delivery)| delivery.interruptions).sum();
        let extra: usize = here().map(|(id, _)| copies[id] - 1).sum();
        eprintln!(
            "{to}: {} letters, {interrupted} attempts interrupted, none lost, {extra} copies too many (the final dot \
             was sent and its answer not noted)",
            here().count()
        );
    }
    let interrupted: u32 = deliveries.iter().map(|delivery| delivery.interruptions).sum();
    let unborn = queued.unknown.iter().filter(|id| !by_id.contains_key(*id)).count();
    eprintln!(
        "{} commands killed before they answered, {unborn} of them before anything was queued",
        queued.unknown.len()
    );
    assert!(interrupted > 0, "no kill met a delivery: the test proves nothing");
}
