//! A process that is killed at any moment: what it had said to be safe is there, whole, and goes on.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::Timestamp;
use model::{Address, Counts, DeliveryState, OutgoingId, RoutePolicy};
use postrider_store::{NewOutgoing, OutgoingFilter, Recorded, Store};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where the process that is to be killed keeps its store.
const HOME: &str = "POSTRIDER_KILL_TEST_HOME";

#[test]
fn what_was_said_to_be_safe_survives_a_kill_at_any_moment() {
    let home = tempfile::tempdir().unwrap();
    let mut safe = Vec::new();
    for round in 0..8 {
        safe.extend(killed_after(home.path(), 1 + round * 7));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(everything_is_there(home.path(), &safe, round));
    }
}

/// Runs the process below, and kills it after it has said so many things to be safe. What it said comes back.
fn killed_after(home: &Path, lines: usize) -> Vec<OutgoingId> {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "submit_and_send_until_killed", "--ignored", "--nocapture"])
        .env(HOME, home)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut safe = said.filter_map(|line| line.rsplit_once("safe ")?.1.parse().ok());
    let mut ids: Vec<OutgoingId> = safe.by_ref().take(lines).collect();
    process.kill().unwrap();
    ids.extend(safe);
    process.wait().unwrap();
    assert!(ids.len() >= lines, "it said too little");
    ids
}

async fn everything_is_there(home: &Path, safe: &[OutgoingId], round: usize) {
    let store = Store::open(home).await.unwrap();
    for id in safe {
        let outgoing = store.outgoing(*id).await.unwrap().unwrap();
        assert_eq!(outgoing.deliveries.len(), 2);
        assert_eq!(store.outgoing_bytes(*id).await.unwrap().len() as u64, outgoing.size);
    }
    store.recover(Timestamp::now(), &format!("round {round}")).await.unwrap();
    for outgoing in store.outgoings(OutgoingFilter::All, 10_000, 0).await.unwrap() {
        for delivery in outgoing.deliveries {
            let waits = delivery.state == DeliveryState::Accepted || delivery.next_attempt_at.is_some();
            assert!(waits && delivery.state != DeliveryState::Sending, "{:?} would be lost", delivery);
        }
    }
}

#[tokio::test]
#[ignore = "run by the test above, and killed by it"]
async fn submit_and_send_until_killed() {
    let home = std::env::var(HOME).unwrap();
    let store = Store::open(Path::new(&home)).await.unwrap();
    let owner = format!("process {}", std::process::id());
    loop {
        let id = store.submit(message()).await.unwrap();
        println!("safe {id}");
        let now = Timestamp::now();
        let lease = now + Duration::from_secs(60);
        let claimed = store.claim_due(now, &owner, lease, |_| Duration::from_secs(60), 1).await.unwrap();
        let first = claimed.into_iter().flat_map(|claimed| claimed.outgoing.deliveries).next();
        if let Some(delivery) = first {
            let state = DeliveryState::Accepted;
            let (attempts, next_attempt_at, diagnosis) = Default::default();
            let counts = Counts::Yes;
            let sent = Recorded { delivery: delivery.id, attempts, state, next_attempt_at, counts, diagnosis };
            store.record(&owner, now, vec![sent]).await.unwrap();
        }
    }
}

fn message() -> NewOutgoing {
    NewOutgoing {
        account: None,
        message_id: "one@example.org".into(),
        sender: None,
        from: Address::new(None, "anna@example.org"),
        to: Vec::new(),
        subject: "Greetings".into(),
        snippet: String::new(),
        attachments: 0,
        bytes: vec![b'x'; 20_000],
        route: RoutePolicy::Auto,
        recipients: vec!["b@example.net".parse().unwrap(), "c@example.net".parse().unwrap()],
        bcc: Vec::new(),
        hold: None,
        draft: None,
        created_at: Timestamp::now(),
        answers: None,
        require_tls: false,
    }
}
