//! A mailbox here follows the one on the server, whatever the server can do and wherever it breaks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use model::{Flag, Role};
use peer::{Fault, Peer, letter};
use world::Home;

#[tokio::test]
async fn the_first_sync_brings_everything_and_the_second_nothing() {
    let peer = Peer::start("MOVE UIDPLUS").await;
    peer.make("Sent", "\\Sent");
    peer.make("Entw&APw-rfe", "");
    for n in 1..=3 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    peer.deliver("Sent", "an answer");
    let home = Home::at(&peer).await;
    let report = home.sync().await.unwrap();
    assert_eq!((report.mailboxes, report.added, report.new_mail.len()), (3, 4, 0));
    assert_eq!(home.subjects("INBOX").await, ["letter 1", "letter 2", "letter 3"]);
    assert_eq!(home.mailbox("Entwürfe").await.role, Some(Role::Drafts));
    let raw = home.store.raw(home.letter("INBOX", "letter 2").await).await.unwrap();
    assert_eq!(raw, Some(letter("letter 2", "Hello.\r\n")));
    let fetched = |peer: &Peer| peer.world().log.iter().filter(|line| line.contains("BODY.PEEK[]")).count();
    let before = fetched(&peer);
    let report = home.sync().await.unwrap();
    assert_eq!((report.added, report.changed, report.removed), (0, 0, 0));
    assert_eq!(fetched(&peer), before);
}

#[tokio::test]
async fn what_changed_on_the_server_changes_here() {
    let peer = Peer::start("").await;
    for n in 1..=5 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    {
        let mut world = peer.world();
        let inbox = world.folders.get_mut("INBOX").unwrap();
        inbox.letters[0].flags.insert("\\Seen".to_owned());
        inbox.letters.remove(2);
    }
    peer.deliver("INBOX", "letter 6");
    let report = home.sync().await.unwrap();
    assert_eq!((report.added, report.changed, report.removed), (1, 1, 1));
    assert_eq!(report.new_mail, [home.letter("INBOX", "letter 6").await]);
    assert_eq!(home.subjects("INBOX").await, ["letter 1", "letter 2", "letter 4", "letter 5", "letter 6"]);
    let rows = home.rows("INBOX").await;
    assert!(rows.iter().all(|row| row.flags.has(Flag::Seen) == (row.subject == "letter 1")));
}

#[tokio::test]
async fn a_large_mailbox_comes_newest_first_in_windows() {
    let peer = Peer::start("").await;
    for n in 1..=1000 {
        peer.deliver("INBOX", &format!("letter {n:04}"));
    }
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    let windows: Vec<String> = peer
        .world()
        .log
        .iter()
        .filter(|line| line.starts_with("FETCH"))
        .map(|line| line.split(' ').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(windows, ["801:1000", "1:800"]);
    let first = peer.world().log.iter().find(|line| line.starts_with("UID FETCH")).unwrap().clone();
    assert_eq!(first, "UID FETCH 801:1000 (UID BODY.PEEK[]<0.8192>)");
    assert_eq!(home.rows("INBOX").await.len(), 1000);
}

#[tokio::test]
async fn a_connection_that_ends_anywhere_in_a_fetch_costs_nothing_that_was_stored() {
    let peer = Peer::start("").await;
    for n in 1..=1500 {
        peer.deliver("INBOX", &format!("letter {n:04}"));
    }
    let home = Home::at(&peer).await;
    for octets in [0, 10, 60, 5000, 20_000] {
        // What is here is looked at before anything is asked for.
        let looked = usize::from(!home.store.mailboxes(None).await.unwrap().is_empty());
        peer.fault("UID FETCH", 1 + looked, Fault::CloseAfter(octets));
        let error = home.sync().await.unwrap_err();
        assert_eq!(error.code(), "connection-lost", "{octets}: {error}");
    }
    // What had come as a whole before the end was stored each time, and was not fetched again.
    home.sync().await.unwrap();
    assert_eq!(home.rows("INBOX").await.len(), 1500);
    let uids = |line: &String| line.split(' ').nth(2).unwrap().to_owned();
    let asked: Vec<String> = peer.world().log.iter().filter(|line| line.contains("BODY.PEEK[]")).map(uids).collect();
    assert_eq!(asked.iter().filter(|set| *set == "1301:1500").count(), 1, "{asked:?}");
    let newest: Vec<u32> =
        asked.iter().map(|set| set.split([':', ',']).next_back().unwrap().parse().unwrap()).collect();
    let firsts = newest.iter().filter(|uid| **uid == 1300).count();
    assert!(firsts <= 2, "the second batch is asked for once more at most: {asked:?}");
}

#[tokio::test]
async fn faults_in_the_middle_end_the_sync_with_their_name_and_the_next_one_goes_on() {
    let garbage = b"* 1 FETCH (UID 1 FLAGS (\\Seen\r\n".to_vec();
    let short = b"* 1 FETCH (UID 1 BODY[] {3}\r\nFrom: Anna\r\n)\r\nTAG OK done\r\n".to_vec();
    let table: [(&'static str, Fault, &str); 7] = [
        ("SELECT", Fault::Bye("going down"), "unavailable"),
        ("FETCH", Fault::Bye("going down"), "unavailable"),
        ("FETCH", Fault::Close, "connection-lost"),
        ("FETCH", Fault::Say(garbage), "protocol-error"),
        ("UID FETCH", Fault::Say(short), "protocol-error"),
        ("UID FETCH", Fault::Say(b"* 1 FETCH (BODY[] {4294967296}\r\n".to_vec()), "protocol-error"),
        ("UID FETCH", Fault::Bye("going down"), "unavailable"),
    ];
    for (command, fault, code) in table {
        let peer = Peer::start("").await;
        peer.deliver("INBOX", "letter");
        peer.fault(command, 0, fault.clone());
        let home = Home::at(&peer).await;
        let error = home.sync().await.unwrap_err();
        assert_eq!(error.code(), code, "{command} {fault:?}: {error}");
        home.sync().await.unwrap();
        assert_eq!(home.subjects("INBOX").await, ["letter"], "{command} {fault:?}");
    }
}

#[tokio::test]
async fn a_mailbox_that_is_refused_does_not_hide_the_others() {
    let peer = Peer::start("").await;
    peer.make("Alpha", "");
    peer.make("Beta", "");
    peer.deliver("Beta", "letter");
    peer.fault("SELECT \"Alpha\"", 0, Fault::No("f\u{fc}r Sie gesperrt"));
    let home = Home::at(&peer).await;
    let report = home.sync().await.unwrap();
    assert_eq!(home.subjects("Beta").await, ["letter"]);
    assert!(report.notes[0].contains("“Alpha” could not be read") && report.notes[0].contains("für Sie gesperrt"));
}

#[tokio::test]
async fn a_letter_that_the_server_cannot_read_does_not_hide_the_others() {
    let peer = Peer::start("").await;
    for subject in ["good", "bad", "fine"] {
        peer.deliver("INBOX", subject);
    }
    peer.fault("UID FETCH 1:3", 0, Fault::No("[SERVERBUG] internal error"));
    for _ in ["the whole", "its headers"] {
        peer.fault("UID FETCH 2 ", 0, Fault::No("[SERVERBUG] internal error"));
    }
    let home = Home::at(&peer).await;
    let report = home.sync().await.unwrap();
    assert_eq!(home.subjects("INBOX").await, ["fine", "good"]);
    assert!(report.notes[0].contains("UID 2"), "{:?}", report.notes);
    home.sync().await.unwrap();
    assert_eq!(home.subjects("INBOX").await, ["bad", "fine", "good"]);
}

#[tokio::test]
async fn another_uidvalidity_finds_the_letters_again_and_keeps_their_numbers() {
    let peer = Peer::start("").await;
    for n in 1..=3 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    let before = home.letter("INBOX", "letter 2").await;
    {
        let mut world = peer.world();
        let inbox = world.folders.get_mut("INBOX").unwrap();
        inbox.validity = 2000;
        inbox.letters.remove(0);
        for (n, letter) in inbox.letters.iter_mut().enumerate() {
            letter.uid = 50 - n as u32;
        }
        inbox.letters.reverse();
        inbox.next = 60;
    }
    let report = home.sync().await.unwrap();
    assert_eq!(home.subjects("INBOX").await, ["letter 2", "letter 3"]);
    assert_eq!(home.letter("INBOX", "letter 2").await, before);
    assert!(report.new_mail.is_empty());
}

#[tokio::test]
async fn a_window_that_leaves_letters_out_does_not_delete_them_here() {
    let peer = Peer::start("").await;
    for n in 1..=3 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    peer.fault("FETCH", 0, Fault::Say(b"TAG OK nothing to say\r\n".to_vec()));
    home.sync().await.unwrap();
    assert_eq!(home.rows("INBOX").await.len(), 3);
}

#[tokio::test]
async fn a_large_letter_is_listed_by_its_beginning_and_then_fetched_in_ranges() {
    let peer = Peer::start("").await;
    let bytes = letter("large", &"0123456789abcdef 0123456789abcdef 0123456789\r\n".repeat(60_000));
    peer.deliver_bytes("INBOX", bytes.clone());
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    let id = home.letter("INBOX", "large").await;
    assert_eq!(home.store.raw(id).await.unwrap().map(|raw| raw.len()), Some(bytes.len()));
    assert_eq!(peer.count("UID FETCH 1 (UID BODY.PEEK[]<0.8192>)"), 1);
    assert_eq!(peer.count("UID FETCH 1 (UID BODY.PEEK[]<1048576.1048576>)"), 1);
}

#[tokio::test]
async fn a_letter_that_is_known_to_be_too_large_is_not_begun() {
    let peer = Peer::start("").await;
    peer.deliver_bytes("INBOX", letter("huge", &"0123456789abcdef 0123456789abcdef\r\n".repeat(40_000)));
    peer.fault(
        "FETCH",
        0,
        Fault::Alter(|answer| {
            let (before, size) = answer.split_once("RFC822.SIZE ").unwrap();
            format!("{before}RFC822.SIZE 300000000{}", size.trim_start_matches(|digit: char| digit.is_ascii_digit()))
        }),
    );
    let home = Home::at(&peer).await;
    let report = home.sync().await.unwrap();
    assert_eq!(home.subjects("INBOX").await, ["huge"]);
    assert!(report.notes.iter().any(|note| note.contains("too large")), "{:?}", report.notes);
    assert_eq!(peer.count("UID FETCH 1 (UID BODY.PEEK[]<0.1048576>)"), 0);
}

#[tokio::test]
async fn a_letter_with_headers_longer_than_a_beginning_is_listed_by_what_stands_below_them() {
    let peer = Peer::start("").await;
    let verdicts = format!("X-Verdict: {}\r\n", "spotless ".repeat(100)).repeat(20);
    let with_verdicts =
        |subject: &str, more: &str| [verdicts.as_bytes(), more.as_bytes(), &letter(subject, "Hello")].concat();
    for n in 1..=300 {
        peer.deliver_bytes("INBOX", with_verdicts(&format!("letter {n}"), ""));
    }
    let answer = "In-Reply-To: <letter-7@example.org>\r\n";
    peer.deliver_bytes("INBOX", with_verdicts("Re: letter 7", answer));
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    let rows = home.rows("INBOX").await;
    let of = |subject: &str| rows.iter().find(|row| row.subject == subject).unwrap();
    assert_eq!((rows.len(), of("Re: letter 7").thread), (301, of("letter 7").thread));
    assert_eq!(of("letter 7").date, "2026-11-01T10:00:00Z".parse().unwrap());
    let log = peer.world().log.clone();
    let asked = |item: &str| log.iter().filter(|line| line.starts_with("UID FETCH") && line.contains(item)).count();
    let (batches, again) = (asked("<0.8192>"), asked("BODY.PEEK[HEADER.FIELDS (FROM"));
    assert!((1..=batches).contains(&again), "those of a batch are asked for together: {batches} and {again}");
}

#[tokio::test]
async fn progress_counts_up_to_the_number_of_letters() {
    let peer = Peer::start("").await;
    for n in 1..=450 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let home = Home::at(&peer).await;
    let mut counts = Vec::new();
    home.sync_and_tell(|event| {
        if let postrider_imap::SyncEvent::State(_, postrider_imap::SyncState::Syncing { done, total, .. }) = event {
            counts.push((done, total));
        }
    })
    .await
    .unwrap();
    assert!(counts.is_sorted(), "{counts:?}");
    assert_eq!(counts.last(), Some(&(450, 450)));
}

#[tokio::test]
async fn a_server_that_counts_letters_it_does_not_have_is_not_asked_for_ever() {
    let peer = Peer::start("").await;
    peer.make("Other", "");
    peer.deliver("Other", "letter");
    peer.fault(
        "SELECT",
        0,
        Fault::Alter(|answer| {
            answer.replace("* 0 EXISTS", "* 4294967295 EXISTS").replace("UIDNEXT 1", "UIDNEXT 4294967290")
        }),
    );
    let home = Home::at(&peer).await;
    let report = home.sync().await.unwrap();
    assert!(report.notes[0].contains("counts letters in “INBOX” that it does not show"), "{:?}", report.notes);
    assert!(peer.count("FETCH") < 10);
    assert_eq!(home.subjects("Other").await, ["letter"], "the other mailboxes are read");
}

/// What happens here while the server answers.
static MEANWHILE: std::sync::Mutex<Option<(store::Store, model::MailboxId)>> = std::sync::Mutex::new(None);

#[tokio::test]
async fn a_mailbox_whose_uids_are_doubted_while_it_is_read_is_read_afresh() {
    let peer = Peer::start("CONDSTORE").await;
    peer.world().modseq = Some(7);
    for n in 1..=3 {
        peer.deliver("INBOX", &format!("letter {n}"));
    }
    let home = Home::at(&peer).await;
    home.sync().await.unwrap();
    let inbox = home.mailbox("INBOX").await.id;
    peer.deliver("INBOX", "letter 4");
    *MEANWHILE.lock().unwrap() = Some((home.store.clone(), inbox));
    let doubt = |_: &mut peer::World| {
        let (store, inbox) = MEANWHILE.lock().unwrap().take().unwrap();
        let doubted = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(store.reset_mailbox(inbox)).unwrap();
        });
        doubted.join().unwrap();
    };
    peer.fault("UID FETCH 4:*", 0, Fault::After(doubt));
    home.sync().await.unwrap();
    assert_eq!(home.store.mailbox_state(inbox).await.unwrap().uid_validity, None);
    home.sync().await.unwrap();
    assert_eq!(home.store.mailbox_state(inbox).await.unwrap().uid_validity, Some(1000));
    assert_eq!(home.subjects("INBOX").await.len(), 4);
}
