//! Bounces of the corpus, as they come to an inbox.

use super::*;
use crate::{Options, Work};
use model::{AccountId, Address, Attempt, Counts, DeliveryState, EmailAddress, Flags, RoutePolicy};
use std::path::Path;
use std::time::Duration;
use store::{LetterSummary, ListedMailbox, Made, NewAccount, NewLetter, NewOutgoing, Recorded};
use tempfile::TempDir;

/// An engine with an account whose letters a server took.
struct Desk {
    engine: Engine,
    account: AccountId,
    _home: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let home = TempDir::new().unwrap();
        let engine = Engine::start(Options { home: home.path().to_owned(), work: Work::Nothing }).await.unwrap();
        let account = add(&engine, "anna@sender.example").await;
        Self { engine, account, _home: home }
    }

    /// Sends, and a server takes it.
    async fn sent(&self, message_id: &str, to: &str) -> OutgoingId {
        let store = self.engine.store();
        let new = NewOutgoing {
            account: Some(self.account),
            message_id: message_id.to_owned(),
            sender: Some("anna@sender.example".parse().unwrap()),
            from: Address::new(None, "anna@sender.example"),
            to: Vec::new(),
            subject: "The boat".to_owned(),
            snippet: String::new(),
            attachments: 0,
            bytes: format!("Message-ID: <{message_id}>\r\n\r\n").into_bytes(),
            route: RoutePolicy::Direct,
            recipients: vec![to.parse().unwrap()],
            bcc: Vec::new(),
            hold: None,
            draft: None,
            created_at: Timestamp::now(),
            answers: None,
            require_tls: false,
        };
        let id = store.submit(new).await.unwrap();
        let now = Timestamp::now();
        store.claim_due(now, "me", now, |_| Duration::from_secs(60), 10).await.unwrap();
        let delivery = store.outgoing(id).await.unwrap().unwrap().deliveries[0].id;
        let attempt = Attempt::begun(now, Route::Direct, None);
        let recorded = Recorded {
            delivery,
            attempts: vec![Made { attempt, transcript: None }],
            state: DeliveryState::Accepted,
            next_attempt_at: None,
            counts: Counts::Yes,
            diagnosis: None,
        };
        store.record("me", now, vec![recorded]).await.unwrap();
        id
    }

    /// A letter of the corpus comes to the inbox of this account.
    async fn comes(&self, account: AccountId, name: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/letters").join(name);
        self.comes_raw(account, std::fs::read(path.with_extension("eml")).unwrap()).await;
    }

    async fn comes_raw(&self, account: AccountId, raw: Vec<u8>) {
        let store = self.engine.store();
        let inbox = ListedMailbox {
            path: "INBOX".into(),
            separator: None,
            role: Some(Role::Inbox),
            selectable: true,
            subscribed: true,
        };
        let inbox = store.sync_mailbox_list(account, vec![inbox]).await.unwrap().remove(0).id;
        let letter = NewLetter {
            uid: store.uids(inbox).await.unwrap().len() as u32 + 1,
            flags: Flags::default(),
            internal_date: Timestamp::now(),
            size: raw.len() as u64,
            email_id: None,
            summary: LetterSummary::default(),
            raw: Some(raw),
        };
        let letter = store.insert_letters(inbox, vec![letter]).await.unwrap()[0];
        self.engine.read_report(letter).await.unwrap();
    }

    async fn state(&self, id: OutgoingId) -> DeliveryState {
        self.engine.store().outgoing(id).await.unwrap().unwrap().deliveries[0].state
    }

    async fn is_refused(&self, address: &str) -> bool {
        let address: EmailAddress = address.parse().unwrap();
        !self.engine.store().refused_recipients(&[address]).await.unwrap().is_empty()
    }
}

async fn add(engine: &Engine, address: &str) -> AccountId {
    let address = address.parse().unwrap();
    let new = NewAccount { address, name: String::new(), imap: None, smart_hosts: Vec::new(), practice: false };
    engine.store().add_account(new).await.unwrap().id
}

#[tokio::test]
async fn bounces_in_words_move_the_delivery_on_that_they_are_about() {
    let desk = Desk::new().await;
    let ben = "ben@recipient.example";
    let table = [
        ("bounce-qmail", "boat.1@sender.example", ben, DeliveryState::Bounced),
        ("bounce-exim", "boat.2@sender.example", "ben@alias.example", DeliveryState::Bounced),
        ("bounce-exim-delay", "boat.3@sender.example", ben, DeliveryState::Delayed),
        ("bounce-postfix-stripped", "boat.4@sender.example", "cleo@full.example", DeliveryState::Bounced),
        ("bounce-exchange", "boat.5@sender.example", ben, DeliveryState::Bounced),
        ("bounce-exchange-online", "boat.6@sender.example", ben, DeliveryState::Bounced),
        ("bounce-gmail-old", "boat.7@sender.example", ben, DeliveryState::Bounced),
        ("bounce-gmail-old-delay", "boat.8@sender.example", ben, DeliveryState::Delayed),
        ("bounce-passed-on", "boat.9@sender.example", ben, DeliveryState::Accepted),
    ];
    for (letter, message_id, to, state) in table {
        let id = desk.sent(message_id, to).await;
        desk.comes(desk.account, letter).await;
        assert_eq!(desk.state(id).await, state, "{letter}");
    }
}

#[tokio::test]
async fn who_does_not_exist_is_remembered_and_who_was_only_sent_on_to_is_not() {
    let desk = Desk::new().await;
    desk.sent("boat.2@sender.example", "ben@alias.example").await;
    desk.comes(desk.account, "bounce-exim").await;
    assert!(!desk.is_refused("ben@alias.example").await, "the address that was written to exists");
    assert!(!desk.is_refused("ben@recipient.example").await, "nobody wrote to this one");
    desk.sent("boat.4@sender.example", "cleo@full.example").await;
    desk.comes(desk.account, "bounce-postfix-stripped").await;
    assert!(!desk.is_refused("cleo@full.example").await, "a full mailbox exists");
    desk.sent("boat.1@sender.example", "ben@recipient.example").await;
    desk.comes(desk.account, "bounce-qmail").await;
    assert!(desk.is_refused("ben@recipient.example").await);
}

#[tokio::test]
async fn a_bounce_that_is_about_nothing_of_ours_changes_nothing() {
    let desk = Desk::new().await;
    let other = add(&desk.engine, "else@sender.example").await;
    let id = desk.sent("boat.1@sender.example", "ben@recipient.example").await;
    desk.comes(desk.account, "bounce-exchange").await;
    assert_eq!(desk.state(id).await, DeliveryState::Accepted, "another message");
    desk.comes(other, "bounce-qmail").await;
    assert_eq!(desk.state(id).await, DeliveryState::Accepted, "at another account");
    let stranger = desk.sent("boat.5@sender.example", "dora@recipient.example").await;
    desk.comes(desk.account, "bounce-exchange").await;
    assert_eq!(desk.state(stranger).await, DeliveryState::Accepted, "another recipient");
    assert!(!desk.is_refused("ben@recipient.example").await);
}

#[tokio::test]
async fn a_notification_without_the_message_is_known_by_its_envelope() {
    let desk = Desk::new().await;
    let id = desk.sent("boat.10@sender.example", "ben@recipient.example").await;
    let envelope = desk.engine.store().outgoing(id).await.unwrap().unwrap().envelope_id();
    let report = |envelope: &str| {
        format!(
            "From: MAILER-DAEMON@out.relay.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; out.relay.example\r\n\
             Original-Envelope-Id: {envelope}\r\n\r\nFinal-Recipient: rfc822; ben@recipient.example\r\n\
             Action: delivered\r\nStatus: 2.0.0\r\n\r\n--b--\r\n"
        )
        .into_bytes()
    };
    desk.comes_raw(desk.account, report(&format!("{}.guessed", id.0))).await;
    assert_eq!(desk.state(id).await, DeliveryState::Accepted);
    desk.comes_raw(desk.account, report(&envelope)).await;
    assert_eq!(desk.state(id).await, DeliveryState::Confirmed);
}

#[tokio::test]
async fn a_bounce_that_knows_no_such_domain_makes_it_nobodys_until_a_letter_arrives_there() {
    let desk = Desk::new().await;
    let report = |message_id: &str, to: &str, action: &str| {
        format!(
            "From: MAILER-DAEMON@out.relay.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; out.relay.example\r\n\r\n\
             Final-Recipient: rfc822; {to}\r\n{action}\r\n\r\n--b\r\n\
             Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n\r\n--b--\r\n"
        )
        .into_bytes()
    };
    let is_nobodys = async || desk.engine.store().learned("fjordpots.example").await.unwrap().is_nobodys();
    let refused = "Action: failed\r\nStatus: 5.1.2\r\nDiagnostic-Code: smtp; 550 5.1.2 Bad destination: Host unknown";
    desk.sent("boat.1@sender.example", "anna@fjordpots.example").await;
    desk.comes_raw(desk.account, report("boat.1@sender.example", "ben@elsewhere.example", refused)).await;
    assert!(!is_nobodys().await, "it was sent on, and that one does not exist");
    desk.comes_raw(desk.account, report("boat.1@sender.example", "anna@fjordpots.example", refused)).await;
    assert!(is_nobodys().await);
    assert!(!desk.is_refused("anna@fjordpots.example").await, "the mailbox was never asked for");
    desk.sent("boat.2@sender.example", "anna@fjordpots.example").await;
    let arrived = "Action: delivered\r\nStatus: 2.0.0";
    desk.comes_raw(desk.account, report("boat.2@sender.example", "anna@fjordpots.example", arrived)).await;
    assert!(!is_nobodys().await);
}
