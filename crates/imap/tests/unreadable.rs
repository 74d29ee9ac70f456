//! A letter that the server lists and never hands out: it is known as such, with the server's words, and holds up nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use jiff::Timestamp;
use peer::{Peer, letter};
use store::Unreadable;
use world::Home;

/// A peer with three letters, of which the second is withheld.
async fn withholding(capabilities: &str, headers: bool) -> (Peer, Home) {
    let peer = Peer::start(capabilities).await;
    peer.make("Archive", "\\Archive");
    for subject in ["first", "broken", "last"] {
        peer.deliver("INBOX", subject);
    }
    peer.world().withheld.insert("broken", headers);
    let home = Home::at(&peer).await;
    (peer, home)
}

async fn known(home: &Home) -> Vec<Unreadable> {
    home.store.unreadable(home.mailbox("INBOX").await.id).await.unwrap()
}

/// Lets the time pass until it is asked for again.
async fn days_later(home: &Home) {
    let inbox = home.mailbox("INBOX").await.id;
    for one in known(home).await {
        home.store.note_unreadable(inbox, Unreadable { next_at: Timestamp::UNIX_EPOCH, ..one }).await.unwrap();
    }
}

#[tokio::test]
async fn a_letter_of_which_the_headers_come_is_listed_by_them_and_says_why_its_text_is_missing() {
    let (peer, home) = withholding("", true).await;
    let report = home.sync().await.unwrap();
    assert_eq!(report.notes.len(), 1, "{:?}", report.notes);
    assert!(report.notes[0].contains("mailbox file is broken"), "{:?}", report.notes);
    assert_eq!(home.subjects("INBOX").await, ["broken", "first", "last"]);
    let id = home.letter("INBOX", "broken").await;
    assert_eq!(home.store.refused_body(id).await.unwrap().unwrap().reason, "mailbox file is broken there");
    assert_eq!(home.store.refused_body(home.letter("INBOX", "last").await).await.unwrap(), None);

    peer.world().withheld.clear();
    home.sync().await.unwrap();
    assert_eq!(home.store.raw(id).await.unwrap(), Some(letter("broken", "Hello.\r\n")));
    assert_eq!(home.store.refused_body(id).await.unwrap(), None);
    assert!(known(&home).await.is_empty());
}

#[tokio::test]
async fn a_letter_that_never_comes_is_asked_for_ever_more_rarely_and_holds_up_nothing() {
    for (capabilities, headers) in [("", false), ("LIST-STATUS", false), ("LIST-STATUS", true)] {
        let (peer, home) = withholding(capabilities, headers).await;
        for _ in 0..4 {
            home.sync().await.unwrap();
        }
        let tried = known(&home).await[0].tries;
        assert_eq!(tried, 3, "{capabilities} {headers}");
        let texts = |peer: &Peer| peer.world().log.iter().filter(|line| line.contains("BODY.PEEK[]")).count();
        let fetched = texts(&peer);
        let report = home.sync().await.unwrap();
        assert_eq!((report.notes.len(), texts(&peer)), (0, fetched), "{capabilities} {headers}: it rests");
        assert_eq!(known(&home).await[0].tries, tried);

        // What went elsewhere is kept for two passes, and not for ever.
        let inbox = home.mailbox("INBOX").await.id;
        peer.world().folders.get_mut("INBOX").unwrap().letters.remove(0);
        home.sync().await.unwrap();
        assert!(home.store.has_strays(home.account.id).await.unwrap());
        home.sync().await.unwrap();
        home.sync().await.unwrap();
        assert!(!home.store.has_strays(home.account.id).await.unwrap(), "{capabilities} {headers}");

        days_later(&home).await;
        peer.world().withheld.clear();
        home.sync().await.unwrap();
        assert_eq!(home.subjects("INBOX").await, ["broken", "last"], "{capabilities} {headers}");
        let id = home.letter("INBOX", "broken").await;
        assert!(home.store.raw(id).await.unwrap().is_some(), "{capabilities} {headers}");
        assert!(home.store.unreadable(inbox).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_letter_that_never_came_and_is_deleted_elsewhere_is_forgotten() {
    let (peer, home) = withholding("", false).await;
    for _ in 0..4 {
        home.sync().await.unwrap();
    }
    peer.world().folders.get_mut("INBOX").unwrap().letters.remove(1);
    home.sync().await.unwrap();
    assert!(known(&home).await.is_empty());
    assert_eq!(home.subjects("INBOX").await, ["first", "last"]);
}
