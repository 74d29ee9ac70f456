//! A server that was restored from a backup: the same UIDVALIDITY, and UIDs that are given a second time. What was
//! ordered off line meets the letters that it was meant for, and no stranger's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use model::{Flag, LetterId};
use peer::{Fault, Letter, Peer, letter};
use std::collections::BTreeSet;
use std::time::Duration;
use world::Home;

/// A letter that no Message-ID names.
fn nameless(subject: &str) -> Vec<u8> {
    format!("From: cron@example.org\r\nSubject: {subject}\r\nDate: Sun, 1 Nov 2026 10:00:00 +0000\r\n\r\nText.\r\n")
        .into_bytes()
}

/// A home in step with a peer whose mailboxes have ten letters each, every second one of them nameless.
async fn in_step(capabilities: &str) -> (Peer, Home) {
    let peer = Peer::start(capabilities).await;
    for path in ["Archive", "Trash"] {
        peer.make(path, &format!("\\{path}"));
    }
    for path in ["INBOX", "Trash"] {
        for n in (1..=10).step_by(2) {
            peer.deliver(path, &format!("{path} {n}"));
            peer.deliver_bytes(path, nameless(&format!("{path} {}", n + 1)));
        }
    }
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    (peer, home)
}

/// What became of a mailbox: the first three letters went and came back under other UIDs, and so many strangers came.
fn restore(peer: &Peer, path: &str, strangers: u32) {
    let mut world = peer.world();
    let folder = world.folders.get_mut(path).unwrap();
    let kept: Vec<Letter> = folder.letters.drain(..).take(5).collect();
    folder.next = 1;
    let strange = (0..strangers).map(|n| letter(&format!("strange {n}"), "Hello.\r\n"));
    let bytes: Vec<Vec<u8>> = strange.chain(kept.into_iter().map(|letter| letter.bytes)).collect();
    for bytes in bytes {
        folder.letters.push(Letter { uid: folder.next, flags: BTreeSet::new(), bytes });
        folder.next += 1;
    }
}

fn subject(letter: &Letter) -> String {
    let text = String::from_utf8_lossy(&letter.bytes);
    text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default().to_owned()
}

fn subjects(peer: &Peer, path: &str, which: impl Fn(&Letter) -> bool) -> Vec<String> {
    let world = peer.world();
    let mut subjects: Vec<String> =
        world.folders[path].letters.iter().filter(|one| which(one)).map(subject).collect();
    subjects.sort();
    subjects
}

async fn letters(home: &Home, path: &str, numbers: &[u32]) -> Vec<LetterId> {
    let mut ids = Vec::new();
    for n in numbers {
        ids.push(home.letter(path, &format!("{path} {n}")).await);
    }
    ids
}

#[tokio::test]
async fn orders_given_off_line_meet_their_letters_and_no_strangers_after_a_restoration() {
    for capabilities in ["UIDPLUS MOVE", "UIDPLUS", "UIDPLUS MOVE LIST-STATUS"] {
        let (peer, home) = in_step(capabilities).await;
        let archive = home.mailbox("Archive").await.id;
        let of = async |numbers: &[u32]| letters(&home, "INBOX", numbers).await;
        home.store.apply_local_flag(&of(&[1, 2, 9, 10]).await, Flag::Flagged, true).await.unwrap();
        home.store.apply_local_move(&of(&[3, 8]).await, archive).await.unwrap();
        home.store.apply_local_delete(&of(&[4, 5, 7]).await, Duration::ZERO).await.unwrap();
        restore(&peer, "INBOX", 3);
        home.sync().await.unwrap();
        let flagged = subjects(&peer, "INBOX", |letter| letter.flags.contains("\\Flagged"));
        assert_eq!(flagged, ["INBOX 1", "INBOX 2"], "{capabilities}");
        assert_eq!(subjects(&peer, "Archive", |_| true), ["INBOX 3"], "{capabilities}");
        let left = ["INBOX 1", "INBOX 2", "strange 0", "strange 1", "strange 2"];
        assert_eq!(subjects(&peer, "INBOX", |_| true), left, "{capabilities}");
        home.sync().await.unwrap();
        assert_eq!(home.subjects("INBOX").await, left, "{capabilities}");
        assert_eq!(home.subjects("Archive").await, ["INBOX 3"], "{capabilities}");
    }
}

#[tokio::test]
async fn no_order_meets_a_stranger_where_no_number_tells_of_the_restoration() {
    for capabilities in ["UIDPLUS MOVE", "UIDPLUS", "LIST-STATUS"] {
        for strangers in [5, 6, 20] {
            let case = format!("{capabilities} {strangers}");
            let (peer, home) = in_step(capabilities).await;
            let archive = home.mailbox("Archive").await.id;
            let of = async |numbers: &[u32]| letters(&home, "INBOX", numbers).await;
            home.store.apply_local_flag(&of(&[1, 9]).await, Flag::Flagged, true).await.unwrap();
            home.store.apply_local_move(&of(&[2, 7]).await, archive).await.unwrap();
            home.store.apply_local_copy(&of(&[3, 10]).await, archive).await.unwrap();
            restore(&peer, "INBOX", strangers);
            let report = home.sync().await.unwrap();
            let flagged = subjects(&peer, "INBOX", |letter| letter.flags.contains("\\Flagged"));
            assert_eq!(flagged, ["INBOX 1"], "{case}");
            assert_eq!(subjects(&peer, "Archive", |_| true), ["INBOX 2", "INBOX 3"], "{case}");
            let left = subjects(&peer, "INBOX", |_| true);
            assert_eq!(left.iter().filter(|one| one.starts_with("strange")).count(), strangers as usize, "{case}");
            let lost = |what: &str| report.notes.iter().any(|note| note.contains(what));
            assert!(lost("moved") && lost("copied") && lost("marked"), "{case}: {:?}", report.notes);
            home.sync().await.unwrap();
            assert_eq!(home.subjects("INBOX").await, left, "{case}");
        }
    }
}

#[tokio::test]
async fn a_restoration_that_no_number_tells_of_is_seen_and_no_letter_that_has_a_name_comes_a_second_time() {
    for strangers in [4, 5, 6, 20] {
        let (peer, home) = in_step("LIST-STATUS").await;
        let kept = letters(&home, "INBOX", &[1, 2, 3, 4, 5]).await;
        restore(&peer, "INBOX", strangers);
        let before = peer.world().log.len();
        home.sync().await.unwrap();
        assert_eq!(home.subjects("INBOX").await, subjects(&peer, "INBOX", |_| true), "{strangers}");
        assert_eq!(letters(&home, "INBOX", &[1, 2, 3, 4, 5]).await, kept, "{strangers}");
        let log = peer.world().log[before..].to_vec();
        let bodies = log.iter().filter(|line| line.contains("BODY.PEEK[]"));
        let fetched: usize = bodies.map(|line| numbered(line.split(' ').nth(2).unwrap())).sum();
        // Two of those that stayed have no Message-ID by which they could be told before they come.
        assert_eq!(fetched, strangers as usize + 2, "{strangers}: {log:?}");
    }
}

/// How many a set names.
fn numbered(set: &str) -> usize {
    let ends = |part: &str| {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        (first.parse::<usize>().unwrap(), last.parse::<usize>().unwrap())
    };
    set.split(',').map(ends).map(|(first, last)| last - first + 1).sum()
}

#[tokio::test]
async fn what_stands_under_a_uid_is_asked_in_the_same_breath_as_its_mailbox_is_opened() {
    let (peer, home) = in_step("UIDPLUS MOVE").await;
    home.store.apply_local_flag(&letters(&home, "INBOX", &[3]).await, Flag::Seen, true).await.unwrap();
    peer.deliver("INBOX", "one more");
    peer.world().followed.clear();
    let before = peer.count("SELECT \"INBOX\"");
    home.sync().await.unwrap();
    let opened = peer.count("SELECT \"INBOX\"") - before;
    let together = peer.world().followed.iter().filter(|line| line.starts_with("SELECT \"INBOX\"")).count();
    assert!(opened >= 2);
    assert_eq!(together, opened);
}

#[tokio::test]
async fn a_letter_that_the_server_cannot_show_is_moved_all_the_same_and_no_stranger_in_its_place() {
    for (strangers, expected) in [(None, vec!["INBOX 3"]), (Some(20), vec![])] {
        let (peer, home) = in_step("UIDPLUS MOVE").await;
        let archive = home.mailbox("Archive").await.id;
        home.store.apply_local_move(&letters(&home, "INBOX", &[3]).await, archive).await.unwrap();
        if let Some(strangers) = strangers {
            restore(&peer, "INBOX", strangers);
            peer.world().folders.get_mut("INBOX").unwrap().letters.truncate(20);
        }
        for _ in 0..2 {
            peer.fault("UID FETCH 5 (UID RFC822.SIZE BODY", 0, Fault::No("[SERVERBUG] broken"));
            peer.fault("UID FETCH 3 (UID RFC822.SIZE BODY", 0, Fault::No("[SERVERBUG] broken"));
        }
        home.sync().await.unwrap();
        assert_eq!(subjects(&peer, "Archive", |_| true), expected);
    }
}

#[tokio::test]
async fn a_mailbox_is_emptied_of_what_was_in_it_and_of_no_stranger_after_a_restoration() {
    for strangers in [3, 20] {
        let (peer, home) = in_step("UIDPLUS").await;
        home.store.empty_mailbox(home.mailbox("Trash").await.id, Duration::ZERO).await.unwrap();
        restore(&peer, "Trash", strangers);
        home.sync().await.unwrap();
        let left = subjects(&peer, "Trash", |_| true);
        if strangers == 3 {
            assert_eq!(left, ["strange 0", "strange 1", "strange 2"]);
        }
        assert_eq!(left.iter().filter(|subject| subject.starts_with("strange")).count(), strangers as usize);
    }
}

#[tokio::test]
async fn what_goes_for_good_is_asked_for_its_name_where_no_number_tells_of_the_restoration() {
    let (peer, home) = in_step("UIDPLUS").await;
    home.store.apply_local_delete(&letters(&home, "INBOX", &[1, 3, 7]).await, Duration::ZERO).await.unwrap();
    restore(&peer, "INBOX", 20);
    home.sync().await.unwrap();
    let left = subjects(&peer, "INBOX", |_| true);
    assert_eq!(left.iter().filter(|subject| subject.starts_with("strange")).count(), 20, "{left:?}");
    assert!(!left.iter().any(|subject| ["INBOX 1", "INBOX 3"].contains(&subject.as_str())), "{left:?}");
    home.sync().await.unwrap();
    assert_eq!(home.subjects("INBOX").await, left);
}

#[tokio::test]
async fn a_body_that_is_wanted_is_that_of_its_letter_after_a_restoration() {
    for strangers in [1, 20] {
        let peer = Peer::start("").await;
        let long = "0123456789abcdef 0123456789abcdef\r\n".repeat(20_000);
        for n in 1..=6 {
            peer.deliver_bytes("INBOX", letter(&format!("INBOX {n}"), &long));
        }
        let home = Home::at(&peer).await;
        for n in 1..=6u32 {
            let refused: &'static str = format!("UID FETCH {n} (UID BODY.PEEK[]<0.1048576>)").leak();
            peer.fault(refused, 0, Fault::No("[SERVERBUG] try later"));
        }
        home.sync().await.unwrap();
        peer.world().faults.clear();
        assert!(home.store.raw(home.letter("INBOX", "INBOX 4").await).await.unwrap().is_none());
        restore(&peer, "INBOX", strangers);
        home.sync().await.unwrap();
        home.sync().await.unwrap();
        for n in 1..=5 {
            let raw = home.store.raw(home.letter("INBOX", &format!("INBOX {n}")).await).await.unwrap();
            assert_eq!(raw, Some(letter(&format!("INBOX {n}"), &long)), "{strangers} {n}");
        }
    }
}
