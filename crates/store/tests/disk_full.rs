//! A disk that is really full: a small file system of its own, filled to its last octet.
//!
//! Whatever is being written at that moment, it fails with a word that says so, nothing that was safe is lost, nothing is
//! done by halves, and with room it goes on by itself.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use jiff::Timestamp;
use model::{Address, Attempt, Counts, DeliveryId, DeliveryState, OutgoingId, Route, RoutePolicy};
use postrider_store::{Made, NewOutgoing, OutgoingFilter, Recorded, Store, StoreError};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Where the small file system is to be.
const PLACE: &str = "POSTRIDER_DISK_FULL_TEST_PLACE";

/// In a mount namespace of its own, which nobody else sees and which goes with it.
#[test]
fn a_full_disk_loses_nothing_and_is_said_plainly() {
    let place = tempfile::tempdir().unwrap();
    if !apart(place.path()).arg("true").status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: this system lets nobody but root mount a file system of his own");
        return;
    }
    let run = apart(place.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "on_a_small_disk", "--ignored", "--nocapture"])
        .env(PLACE, place.path())
        .output()
        .unwrap();
    let (printed, said) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{printed}{said}");
    assert!(printed.contains("1 passed"), "{printed}");
}

/// A command, still to be named, that finds a small file system here.
fn apart(place: &Path) -> Command {
    let script = "mount -t tmpfs -o size=8m none \"$0\" && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).arg(place);
    command
}

#[tokio::test]
#[ignore = "run by the test above, where there is a small disk"]
async fn on_a_small_disk() {
    let disk = Disk { place: std::env::var_os(PLACE).unwrap().into() };
    submit_on_a_full_disk(&disk).await;
    claim_and_record_on_a_full_disk(&disk).await;
}

struct Disk {
    place: PathBuf,
}

impl Disk {
    fn home(&self) -> PathBuf {
        self.place.join("home")
    }

    /// Fills it to the last octet.
    fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.place.join("ballast")).unwrap();
        for size in [64 << 10, 4 << 10, 512, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.place.join("ballast")).unwrap();
    }
}

async fn submit_on_a_full_disk(disk: &Disk) {
    let store = Store::open(&disk.home()).await.unwrap();
    let mut safe = Vec::new();
    disk.fill();
    // The log may have room for some more.
    let error = loop {
        match store.submit(message(20_000)).await {
            Ok(id) => safe.push(id),
            Err(error) => break error,
        }
        assert!(safe.len() < 1000, "the disk does not become full");
    };
    full(&error);
    all_there(&store, &safe).await;
    disk.make_room();
    safe.push(store.submit(message(20_000)).await.unwrap());
    drop(store);
    whole(&disk.home());
    all_there(&Store::open(&disk.home()).await.unwrap(), &safe).await;
}

async fn claim_and_record_on_a_full_disk(disk: &Disk) {
    let store = Store::open(&disk.home()).await.unwrap();
    let now = Timestamp::now();
    let count = store.outgoing_count(OutgoingFilter::All).await.unwrap();
    exhaust(&store, disk).await;
    let (error, mut hands) = claim_until_full(&store, now).await;
    full(&error);
    disk.make_room();
    hands.extend(claim(&store, now).await.unwrap());
    assert!(!hands.is_empty(), "what could not be claimed is still due");

    exhaust(&store, disk).await;
    let recorded = hands.iter().map(|delivery| taken(*delivery)).collect::<Vec<_>>();
    full(&store.record("us", now, recorded.clone()).await.unwrap_err());
    for delivery in deliveries(&store).await {
        assert!(!delivery.state.is_taken(), "half of it was recorded");
    }
    disk.make_room();
    assert_eq!(store.record("us", now, recorded).await.unwrap().len(), hands.len());
    drop(store);
    whole(&disk.home());
    let store = Store::open(&disk.home()).await.unwrap();
    assert_eq!(store.outgoing_count(OutgoingFilter::All).await.unwrap(), count);
    assert!(deliveries(&store).await.iter().all(|delivery| delivery.state == DeliveryState::Accepted));
}

/// Fills the disk, and what the log has room for.
async fn exhaust(store: &Store, disk: &Disk) {
    disk.fill();
    for number in 0.. {
        if store.set_setting(&format!("ballast {number}"), Some(&"x".repeat(3000))).await.is_err() {
            return;
        }
    }
}

async fn claim_until_full(store: &Store, now: Timestamp) -> (StoreError, Vec<DeliveryId>) {
    let mut hands = Vec::new();
    loop {
        match claim(store, now).await {
            Ok(claimed) if claimed.is_empty() => panic!("the disk does not become full"),
            Ok(claimed) => hands.extend(claimed),
            Err(error) => return (error, hands),
        }
    }
}

async fn claim(store: &Store, now: Timestamp) -> Result<Vec<DeliveryId>, StoreError> {
    let lease = now + Duration::from_secs(60);
    let claimed = store.claim_due(now, "us", lease, |_| Duration::from_secs(60), 100).await?;
    Ok(claimed.into_iter().flat_map(|claimed| claimed.outgoing.deliveries).map(|delivery| delivery.id).collect())
}

async fn deliveries(store: &Store) -> Vec<model::Delivery> {
    let all = store.outgoings(OutgoingFilter::All, 10_000, 0).await.unwrap();
    all.into_iter().flat_map(|outgoing| outgoing.deliveries).collect()
}

fn full(error: &StoreError) {
    assert_eq!(error.code(), "disk-full", "{error}");
    assert_eq!(error.hint(), "Free some space on the disk and try again.");
}

/// What was said to be safe is there, and nothing else.
async fn all_there(store: &Store, safe: &[OutgoingId]) {
    let listed = store.outgoings(OutgoingFilter::All, 10_000, 0).await.unwrap();
    let mut listed: Vec<_> = listed.iter().map(|outgoing| outgoing.id).collect();
    listed.reverse();
    assert_eq!(listed, safe);
    for id in safe {
        assert_eq!(store.outgoing_bytes(*id).await.unwrap(), message(20_000).bytes);
    }
}

/// SQLite finds nothing wrong with the database.
fn whole(home: &Path) {
    let connection = rusqlite::Connection::open(home.join("local.db")).unwrap();
    let found: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(found, "ok");
    assert!(!connection.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
}

fn taken(delivery: DeliveryId) -> Recorded {
    let attempt = Attempt::begun(Timestamp::UNIX_EPOCH, Route::Direct, None);
    let made = Made { attempt, transcript: Some("S: 250 taken\n".repeat(400).into()) };
    Recorded {
        delivery,
        attempts: vec![made],
        state: DeliveryState::Accepted,
        next_attempt_at: None,
        counts: Counts::Yes,
        diagnosis: None,
    }
}

fn message(size: usize) -> NewOutgoing {
    NewOutgoing {
        account: None,
        message_id: "one@example.org".into(),
        sender: None,
        from: Address::new(None, "anna@example.org"),
        to: Vec::new(),
        subject: "Greetings".into(),
        snippet: String::new(),
        attachments: 0,
        bytes: vec![b'x'; size],
        route: RoutePolicy::Auto,
        recipients: vec!["b@example.net".parse().unwrap()],
        bcc: Vec::new(),
        hold: None,
        draft: None,
        created_at: Timestamp::UNIX_EPOCH,
        answers: None,
        require_tls: false,
    }
}
