//! The sync against the practice post office's IMAP server, which shares no code with it and keeps modification
//! sequences.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that fails panics")]

mod peer;
mod world;

use model::{Flag, Flags, Role, Security, Server};
use net::NetConfig;
use peer::letter;
use postrider_imap::{SyncEvent, SyncState, test_login};
use practice::{Letters, Options, PostOffice};
use std::time::{Duration, Instant};
use store::{AppendTo, JournalOp};
use world::Home;

async fn post_office(letters: Letters) -> PostOffice {
    PostOffice::start(Options { letters, ..Options::default() }).await.unwrap()
}

fn server(office: &PostOffice) -> Server {
    let (host, port) = office.info().imap.rsplit_once(':').unwrap();
    Server {
        host: host.into(),
        port: port.parse().unwrap(),
        security: Security::Tls,
        user: office.info().user.clone(),
        login: model::LoginForm::Password,
        trusted: None,
    }
}

fn config(office: &PostOffice) -> NetConfig {
    NetConfig { extra_ca: Some(office.info().ca.clone()), ..NetConfig::default() }
}

async fn home(office: &PostOffice) -> Home {
    Home::with(server(office), &office.info().password, config(office)).await
}

#[tokio::test]
async fn a_login_needs_the_authority_and_the_password() {
    let office = post_office(Letters::None).await;
    let secret = |text: &str| model::Secret::new(text);
    let trusting = net::Net::new(config(&office)).unwrap();
    let info = test_login(&server(&office), &secret(&office.info().password), &trusting).await.unwrap();
    assert!(info.tls.unwrap().verified);
    let error = test_login(&server(&office), &secret("wrong"), &trusting).await.unwrap_err();
    assert_eq!(error.code(), "auth-failed", "{error}");
    let careful = net::Net::new(NetConfig::default()).unwrap();
    let error = test_login(&server(&office), &secret(&office.info().password), &careful).await.unwrap_err();
    assert_eq!(error.code(), "tls-untrusted", "{error}");
}

#[tokio::test]
async fn a_years_letters_come_and_are_in_step() {
    let office = post_office(Letters::Year).await;
    let home = home(&office).await;
    let report = home.sync().await.unwrap();
    assert!(report.added >= 200 && report.notes.is_empty(), "{report:?}");
    let again = home.sync().await.unwrap();
    assert_eq!((again.added, again.changed, again.removed), (0, 0, 0));
}

#[tokio::test]
async fn flags_moves_deletions_and_copies_reach_the_server_and_another_home() {
    let office = post_office(Letters::None).await;
    for n in 1..=4 {
        office.post(&letter(&format!("letter {n}"), "Hello.\r\n"));
    }
    let (here, there) = (home(&office).await, home(&office).await);
    here.sync().await.unwrap();
    there.sync().await.unwrap();
    let moved = here.letter("INBOX", "letter 2").await;
    let trash = here.store.mailbox_by_role(here.account.id, Role::Trash).await.unwrap().unwrap();
    here.store.apply_local_flag(&[here.letter("INBOX", "letter 1").await], Flag::Flagged, true).await.unwrap();
    here.store.apply_local_move(&[moved], trash.id).await.unwrap();
    here.store
        .apply_local_delete(&[here.letter("INBOX", "letter 3").await], std::time::Duration::ZERO)
        .await
        .unwrap();
    let message_id = "copy@example.org".to_owned();
    let flags = Flags::default().with(Flag::Seen, true);
    let copy = JournalOp::Append { to: AppendTo::Role(Role::Sent), message_id, outgoing: None, flags };
    here.store.journal_add(here.account.id, copy, Some(letter("copy", "Hi.\r\n"))).await.unwrap();
    let report = here.sync().await.unwrap();
    assert_eq!((report.replayed, report.notes), (4, Vec::new()));
    assert_eq!(here.letter(&trash.path, "letter 2").await, moved);
    there.sync().await.unwrap();
    assert_eq!(there.subjects("INBOX").await, ["letter 1", "letter 4"]);
    assert_eq!(there.subjects(&trash.path).await, ["letter 2"]);
    let flagged: Vec<_> = there.rows("INBOX").await.into_iter().filter(|row| row.flags.has(Flag::Flagged)).collect();
    assert_eq!(flagged.iter().map(|row| row.subject.as_str()).collect::<Vec<_>>(), ["letter 1"]);
    let sent = there.store.mailbox_by_role(there.account.id, Role::Sent).await.unwrap().unwrap();
    assert_eq!(there.subjects(&sent.path).await, ["copy"]);
}

#[tokio::test]
async fn new_mail_is_told_within_a_second_of_its_arrival() {
    let office = post_office(Letters::None).await;
    let home = home(&office).await;
    let (handle, mut events) = home.run();
    events.wait_for(|event| matches!(event, SyncEvent::State(_, SyncState::Idle))).await;
    // The second connection may still be on its way into IDLE: the first letter waits for it.
    office.post(&letter("first", "Hello.\r\n"));
    events.wait_for(|event| matches!(event, SyncEvent::NewMail { .. })).await;
    let arrived = Instant::now();
    office.post(&letter("second", "Hello.\r\n"));
    events.wait_for(|event| matches!(event, SyncEvent::NewMail { .. })).await;
    assert!(arrived.elapsed() < Duration::from_secs(1), "{:?}", arrived.elapsed());
    assert_eq!(home.subjects("INBOX").await, ["first", "second"]);
    handle.stop().await;
}
