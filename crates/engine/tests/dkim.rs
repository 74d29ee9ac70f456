//! DKIM keys from the day they are made to the day a newer one takes their place, with name servers that show them or
//! do not.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use hickory_server::proto::op::{Message, ResponseCode};
use hickory_server::proto::rr::rdata::TXT;
use hickory_server::proto::rr::{RData, Record, RecordType};
use model::{CallError, OutgoingId};
use postrider_engine::view::{
    AccountForm, AccountWithPassword, DkimDomain, DkimKeyView, DkimState, Nothing, OutgoingView,
};
use postrider_engine::*;
use std::collections::HashMap;
use std::net::SocketAddr;
use store::Store;
use tempfile::TempDir;
use tokio::net::UdpSocket;

const DOMAIN: &str = "example.org";
const ME: &str = "anna@example.org";

struct Desk {
    home: TempDir,
    engine: Engine,
}

impl Desk {
    async fn new() -> Self {
        let home = TempDir::new().unwrap();
        let engine = Engine::start(Options { home: home.path().to_owned(), work: Work::Nothing }).await.unwrap();
        let desk = Self { home, engine };
        desk.set("secrets.store", "file").await;
        desk.set("net.smtp_port", "9").await;
        desk.ask(&[]).await;
        let form = AccountForm {
            address: ME.to_owned(),
            name: "Anna".to_owned(),
            imap: None,
            smtp: None,
            user: String::new(),
        };
        let account = AccountWithPassword { form, password: String::new(), sign_in: None };
        desk.engine.calls().account_add(account).await.unwrap();
        desk
    }

    async fn set(&self, key: &str, value: &str) {
        let args = SettingSetArgs { key: key.to_owned(), value: Some(value.to_owned()) };
        self.engine.calls().setting_set(args).await.unwrap();
    }

    /// From now on the name server shows these records and no others. It is a new one each time, so that nobody
    /// remembers what another said.
    async fn ask(&self, records: &[(&str, &str)]) {
        self.set("net.dns", &name_server(records).await.to_string()).await;
    }

    async fn publish(&self, keys: &[DkimKeyView]) {
        let records: Vec<(&str, &str)> =
            keys.iter().map(|key| (key.record_name.as_str(), key.record_value.as_str())).collect();
        self.ask(&records).await;
    }

    async fn make(&self) -> DkimDomain {
        self.engine.calls().dkim_make(domain()).await.unwrap()
    }

    async fn check(&self) -> Vec<DkimState> {
        states(&self.engine.calls().dkim_check(domain()).await.unwrap())
    }

    async fn send(&self) -> Result<OutgoingView, CallError> {
        let submission = Submission {
            from: None,
            to: vec!["ben@example.net".to_owned()],
            subject: "Signed?".to_owned(),
            text: "Dear Ben".to_owned(),
            ..Submission::default()
        };
        self.engine.timeline(self.engine.submit(submission).await?).await
    }

    async fn sendmail(&self, message: &str) -> OutgoingView {
        let to = ["ben@example.net".to_owned()];
        let id = self.engine.submit_raw(message.as_bytes(), Some(ME), &to, FromHeaders::No).await.unwrap();
        self.engine.timeline(id).await.unwrap()
    }

    async fn bytes(&self, id: OutgoingId) -> String {
        let store = Store::open(self.home.path()).await.unwrap();
        String::from_utf8(store.outgoing_bytes(id).await.unwrap()).unwrap()
    }
}

fn domain() -> DkimDomainArgs {
    DkimDomainArgs { domain: DOMAIN.to_owned() }
}

fn states(domain: &DkimDomain) -> Vec<DkimState> {
    domain.keys.iter().map(|key| key.state).collect()
}

/// A name server that knows these texts.
async fn name_server(records: &[(&str, &str)]) -> SocketAddr {
    let texts: HashMap<String, String> =
        records.iter().map(|(name, text)| (format!("{name}."), (*text).to_owned())).collect();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut packet).await {
            let mut answer = Message::from_vec(&packet[..length]).unwrap().into_response();
            let query = answer.queries[0].clone();
            match texts.get(&query.name().to_lowercase().to_ascii()) {
                Some(text) if query.query_type() == RecordType::TXT => {
                    let pieces: Vec<String> = text
                        .as_bytes()
                        .chunks(255)
                        .map(|piece| String::from_utf8_lossy(piece).into_owned())
                        .collect();
                    answer.add_answer(Record::from_rdata(query.name().clone(), 60, RData::TXT(TXT::new(pieces))));
                }
                _ => answer.metadata.response_code = ResponseCode::NXDomain,
            }
            socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_wait_until_dns_shows_them_and_then_sign() {
    let desk = Desk::new().await;
    let list = desk.engine.calls().dkim_list(Nothing {}).await.unwrap();
    assert_eq!((list[0].domain.as_str(), list[0].keys.len()), (DOMAIN, 0));
    let made = desk.make().await;
    assert_eq!(states(&made), [DkimState::Waiting; 2]);
    assert_eq!(desk.check().await, [DkimState::Waiting; 2]);
    let before = desk.send().await.unwrap();
    assert_eq!((before.signed_by.len(), &before.unsigned), (0, &None));
    desk.publish(&made.keys[..1]).await;
    assert_eq!(desk.check().await, [DkimState::Signing, DkimState::Waiting]);
    assert_eq!(desk.send().await.unwrap().signed_by, [made.keys[0].record_name.as_str()]);
    desk.publish(&made.keys).await;
    assert_eq!(desk.check().await, [DkimState::Signing; 2]);
    let signed = desk.send().await.unwrap();
    let names = [made.keys[1].record_name.clone(), made.keys[0].record_name.clone()];
    assert_eq!(signed.signed_by, names, "RSA first");
    let bytes = desk.bytes(signed.outgoing.id).await;
    assert!(
        bytes.starts_with("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\td=example.org;"),
        "{bytes}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_looks_in_dns_by_itself_and_does_without_it() {
    let desk = Desk::new().await;
    let made = desk.make().await;
    desk.publish(&made.keys).await;
    assert_eq!(desk.send().await.unwrap().signed_by.len(), 2, "nobody had to ask for a check");
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    desk.set("net.dns", &silent.local_addr().unwrap().to_string()).await;
    assert_eq!(desk.send().await.unwrap().signed_by.len(), 2, "what was known last holds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_vanished_from_dns_signs_no_longer_and_comes_back_with_its_record() {
    let desk = Desk::new().await;
    let made = desk.make().await;
    desk.publish(&made.keys).await;
    assert_eq!(desk.check().await, [DkimState::Signing; 2]);
    desk.publish(&made.keys[1..]).await;
    let checked = desk.engine.calls().dkim_check(domain()).await.unwrap();
    assert_eq!(states(&checked), [DkimState::Missing, DkimState::Signing]);
    assert!(checked.keys[0].what.contains("no record under its name"), "{}", checked.keys[0].what);
    assert_eq!(desk.send().await.unwrap().signed_by.len(), 1);
    desk.ask(&[]).await;
    assert_eq!(desk.check().await, [DkimState::Missing; 2]);
    let unsigned = desk.send().await.unwrap();
    assert_eq!(unsigned.unsigned.as_deref(), Some("DNS no longer shows the keys of example.org"));
    desk.publish(&made.keys).await;
    assert_eq!(desk.check().await, [DkimState::Signing; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_under_the_name_is_not_taken_for_ours() {
    let desk = Desk::new().await;
    let made = desk.make().await;
    let [ed25519, rsa] = &made.keys[..] else { panic!("two keys") };
    desk.ask(&[(&ed25519.record_name, &rsa.record_value), (&rsa.record_name, "v=DKIM1; p=")]).await;
    let checked = desk.engine.calls().dkim_check(domain()).await.unwrap();
    assert_eq!(states(&checked), [DkimState::Waiting; 2]);
    assert!(checked.keys[0].what.contains("another key"), "{}", checked.keys[0].what);
    assert!(checked.keys[1].what.contains("takes it back"), "{}", checked.keys[1].what);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_pair_waits_and_takes_over_when_dns_shows_it() {
    let desk = Desk::new().await;
    let old = desk.make().await;
    assert_eq!(states(&desk.make().await), [DkimState::Waiting; 2], "while one waits no other is made");
    desk.publish(&old.keys).await;
    desk.check().await;
    let both = desk.make().await;
    assert_eq!(states(&both), [DkimState::Waiting, DkimState::Waiting, DkimState::Signing, DkimState::Signing]);
    assert_eq!(desk.send().await.unwrap().signed_by.len(), 2, "the old ones sign on");
    desk.publish(&both.keys).await;
    let retired = [DkimState::Signing, DkimState::Signing, DkimState::Retired, DkimState::Retired];
    assert_eq!(desk.check().await, retired);
    let signed = desk.send().await.unwrap();
    assert_eq!(signed.signed_by, [both.keys[1].record_name.clone(), both.keys[0].record_name.clone()]);
    let left = desk.engine.calls().dkim_remove(DkimKeyArgs { key: both.keys[3].id }).await.unwrap();
    assert_eq!(left.keys.len(), 3);
    let again = desk.engine.calls().dkim_remove(DkimKeyArgs { key: both.keys[3].id }).await.unwrap_err();
    assert_eq!(again.code, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_private_half_a_letter_is_not_sent_unseen() {
    let desk = Desk::new().await;
    let made = desk.make().await;
    desk.publish(&made.keys).await;
    desk.check().await;
    std::fs::remove_file(desk.home.path().join("secrets.json")).unwrap();
    let refused = desk.send().await.unwrap_err();
    assert_eq!(refused.code, "secrets");
    assert!(refused.message.contains("could not be signed for example.org"), "{}", refused.message);
    assert!(refused.hint.contains("dkim make"), "{}", refused.hint);
    assert_eq!(desk.engine.outgoings(9).await.unwrap(), [], "it is not in the queue");
    let queued = desk.sendmail("From: anna@example.org\nSubject: cron\n\nx\n").await;
    assert_eq!(queued.signed_by.len(), 0);
    let why = queued.unsigned.unwrap();
    assert!(why.contains("no longer with the secrets"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_a_program_is_signed_in_the_form_in_which_it_travels() {
    let desk = Desk::new().await;
    let made = desk.make().await;
    desk.publish(&made.keys).await;
    let queued = desk.sendmail("From: anna@example.org\nSubject: Gr\u{fc}\u{df}e\n\nsch\u{f6}n\n").await;
    assert_eq!(queued.signed_by.len(), 2);
    let bytes = desk.bytes(queued.outgoing.id).await;
    assert!(bytes.is_ascii() && bytes.contains("Content-Transfer-Encoding: "), "{bytes}");
    let theirs = "DKIM-Signature: v=1; a=rsa-sha256; d=Example.org; s=theirs; h=from; bh=; b=\n\
                  From: anna@example.org\n\nx\n";
    let left_alone = desk.sendmail(theirs).await;
    assert_eq!(left_alone.signed_by, ["theirs._domainkey.Example.org"]);
    let foreign = desk.sendmail("From: anna@example.com\nSubject: x\n\nx\n").await;
    assert_eq!(foreign.signed_by.len(), 0, "there is no key for that domain");
}

#[tokio::test(flavor = "multi_thread")]
async fn private_halves_are_with_the_secrets_and_nowhere_else() {
    let desk = Desk::new().await;
    let made = desk.make().await;
    desk.publish(&made.keys).await;
    desk.send().await.unwrap();
    let kept = std::fs::read_to_string(desk.home.path().join("secrets.json")).unwrap();
    let kept: HashMap<String, String> = serde_json::from_str(&kept).unwrap();
    let halves: Vec<&String> =
        kept.iter().filter(|(key, _)| key.starts_with("dkim/")).map(|(_, half)| half).collect();
    assert_eq!(halves.len(), 2);
    for file in ["local.db", "local.db-wal", "mail.db", "mail.db-wal"] {
        let bytes = std::fs::read(desk.home.path().join(file)).unwrap_or_default();
        for half in &halves {
            let piece = &half.as_bytes()[half.len() / 2..][..24];
            assert!(!bytes.windows(24).any(|window| window == piece), "{file}");
        }
    }
    for key in &made.keys {
        desk.engine.calls().dkim_remove(DkimKeyArgs { key: key.id }).await.unwrap();
    }
    let kept = std::fs::read_to_string(desk.home.path().join("secrets.json")).unwrap();
    assert!(!kept.contains("dkim/"), "what is removed is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_says_why() {
    let desk = Desk::new().await;
    let wrong = desk.engine.calls().dkim_make(DkimDomainArgs { domain: "no domain".to_owned() }).await.unwrap_err();
    assert_eq!(wrong.code, "invalid");
    desk.engine.calls().practice_start(Nothing {}).await.unwrap();
    let practice =
        desk.engine.calls().dkim_make(DkimDomainArgs { domain: "practice.test".to_owned() }).await.unwrap_err();
    assert!(practice.message.contains("practice world"), "{}", practice.message);
    let list = desk.engine.calls().dkim_list(Nothing {}).await.unwrap();
    assert_eq!(list.iter().map(|domain| domain.domain.as_str()).collect::<Vec<_>>(), [DOMAIN]);
    desk.engine.stop().await;
}
