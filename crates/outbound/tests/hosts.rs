//! One host with two addresses, on a smart host's route: which of them is spoken to, how often, and what is written
//! down. The servers are a few lines of script each, on 127.0.0.1 and ::1 with the same port.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use jiff::Timestamp;
use model::{
    AccountId, Address, Attempt, Class, DeliveryState, EmailAddress, OutgoingId, Phase, RoutePolicy, Security, Server,
};
use net::{Net, NetConfig};
use postrider_outbound::{Clock, Runner, World};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use store::{NewAccount, NewOutgoing, NewSmartHost, Secrets, Store};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What a server says where it is not merely polite.
#[derive(Clone, Copy, Debug, Default)]
struct Script {
    offers: &'static [&'static str],
    to_rcpt: Option<&'static str>,
    to_bdat: Option<&'static str>,
}

const POLITE: Script = Script { offers: &[], to_rcpt: None, to_bdat: None };
const NO_PTR: Script =
    Script { to_rcpt: Some("550 5.7.25 The IP address sending this message does not have a PTR record"), ..POLITE };

type Heard = Arc<Mutex<Vec<String>>>;

async fn serve(listener: TcpListener, script: Script, heard: Heard) {
    while let Ok((stream, _)) = listener.accept().await {
        heard.lock().expect("the record").push("connected".to_owned());
        // A client may go without a word.
        let _ = converse(stream, script, &heard).await;
    }
}

async fn converse(stream: TcpStream, script: Script, heard: &Heard) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 here\r\n").await?;
    let mut line = String::new();
    while {
        line.clear();
        stream.read_line(&mut line).await?
    } > 0
    {
        heard.lock().expect("the record").push(line.trim_end().to_owned());
        let mut words = line.split_whitespace();
        let reply = match words.next().unwrap_or_default() {
            "EHLO" => {
                script.offers.iter().fold("250-here\r\n".to_owned(), |all, one| format!("{all}250-{one}\r\n"))
                    + "250 HELP"
            }
            "RCPT" => script.to_rcpt.unwrap_or("250 2.1.5 fine").to_owned(),
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                while {
                    line.clear();
                    stream.read_line(&mut line).await?
                } > 0
                    && line != ".\r\n"
                {}
                "250 2.0.0 taken".to_owned()
            }
            "BDAT" => {
                let size = words.next().and_then(|size| size.parse().ok()).unwrap_or_default();
                stream.read_exact(&mut vec![0; size]).await?;
                script.to_bdat.unwrap_or("250 2.0.0 taken").to_owned()
            }
            _ => "250 2.0.0 fine".to_owned(),
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    Ok(())
}

struct Quiet {
    net: Net,
    secrets: Secrets,
}

impl World for Quiet {
    fn net(&self, _: Option<AccountId>) -> Net {
        self.net.clone()
    }

    fn secrets(&self, _: Option<AccountId>) -> Secrets {
        self.secrets.clone()
    }
}

/// A queue whose smart host is `localhost`, and what the servers on its two addresses heard.
struct Desk {
    store: Store,
    runner: Runner,
    account: AccountId,
    four: Heard,
    six: Heard,
    _home: TempDir,
}

impl Desk {
    /// `None` leaves an address without a server.
    async fn with(four: Option<Script>, six: Option<Script>) -> Self {
        let (listener_four, listener_six, port) = same_port().await;
        let (heard_four, heard_six) = (Heard::default(), Heard::default());
        if let Some(script) = four {
            tokio::spawn(serve(listener_four, script, heard_four.clone()));
        }
        if let Some(script) = six {
            tokio::spawn(serve(listener_six, script, heard_six.clone()));
        }
        let home = TempDir::new().expect("a directory");
        let store = Store::open(home.path()).await.expect("the store opens");
        let server = Server {
            host: "localhost".to_owned(),
            port,
            security: Security::None,
            user: String::new(),
            login: model::LoginForm::Password,
        };
        let smart_hosts = vec![NewSmartHost { name: "near".to_owned(), server }];
        let address = address("you@here.test");
        let new = NewAccount { address, name: String::new(), imap: None, smart_hosts, practice: true };
        let account = store.add_account(new).await.expect("the account is added").id;
        // Name servers on loopback stand for a network.
        let config = NetConfig { dns: vec![([127, 0, 0, 1], 9).into()], ..NetConfig::default() };
        let net = Net::new(config).expect("a network");
        let world = Arc::new(Quiet { net, secrets: Secrets::in_memory() });
        let runner = Runner::new(store.clone(), world, Clock::from_fn(now));
        Self { store, runner, account, four: heard_four, six: heard_six, _home: home }
    }

    async fn send(&self, to: &[&str]) -> (Vec<DeliveryState>, Vec<Attempt>) {
        let id = self.submit(to).await;
        self.runner.run_until_idle().await.expect("the queue runs").expect("nobody else runs it");
        let outgoing = self.store.outgoing(id).await.expect("the store answers").expect("the outgoing is there");
        let mut attempts = self.store.attempts(id).await.expect("the store answers");
        attempts.sort_by_key(|attempt| attempt.id);
        (outgoing.deliveries.iter().map(|delivery| delivery.state).collect(), attempts)
    }

    async fn submit(&self, to: &[&str]) -> OutgoingId {
        let new = NewOutgoing {
            account: Some(self.account),
            message_id: "1@here.test".to_owned(),
            sender: Some(address("you@here.test")),
            from: Address::new(None, "you@here.test"),
            to: Vec::new(),
            subject: "Test".to_owned(),
            snippet: String::new(),
            attachments: 0,
            bytes: b"Subject: Test\r\n\r\n.dot\r\n".to_vec(),
            route: RoutePolicy::SmartHost("near".to_owned()),
            recipients: to.iter().map(|to| address(to)).collect(),
            bcc: Vec::new(),
            hold: None,
            draft: None,
            created_at: now(),
            answers: None,
            require_tls: false,
        };
        self.store.submit(new).await.expect("the letter is queued")
    }
}

/// A port that is free on both loopback addresses.
async fn same_port() -> (TcpListener, TcpListener, u16) {
    for _ in 0..20 {
        let four = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = four.local_addr().expect("an address").port();
        if let Ok(six) = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            return (four, six, port);
        }
    }
    panic!("no port is free on both 127.0.0.1 and ::1")
}

fn now() -> Timestamp {
    "2026-11-21T14:00:00Z".parse().expect("a time")
}

fn address(text: &str) -> EmailAddress {
    text.parse().expect(text)
}

fn count(heard: &Heard, what: &str) -> usize {
    heard.lock().expect("the record").iter().filter(|line| line.starts_with(what)).count()
}

fn reached(attempts: &[Attempt]) -> Vec<&str> {
    attempts.iter().filter_map(|attempt| attempt.address.as_deref()).collect()
}

#[tokio::test]
async fn a_host_is_one_attempt_at_the_address_that_answers() {
    let desk = Desk::with(None, Some(POLITE)).await;
    let (states, attempts) = desk.send(&["a@there.test"]).await;
    assert_eq!(states, [DeliveryState::Relayed]);
    assert_eq!(reached(&attempts), ["::1"], "that the other did not answer matters to nobody");
    assert_eq!(attempts[0].helo.as_deref(), Some("[IPv6:::1]"), "a loopback address has no name outside");
}

#[tokio::test]
async fn where_no_address_answers_each_says_why() {
    let desk = Desk::with(None, None).await;
    let (states, attempts) = desk.send(&["a@there.test"]).await;
    assert_eq!(states, [DeliveryState::Deferred]);
    assert_eq!(reached(&attempts), ["127.0.0.1", "::1"]);
    assert!(attempts.iter().all(|attempt| attempt.phase == Phase::Connect && attempt.error.is_some()));
}

#[tokio::test]
async fn a_refusal_of_our_address_is_followed_by_the_other_family_of_the_host() {
    let desk = Desk::with(Some(NO_PTR), Some(POLITE)).await;
    let (states, attempts) = desk.send(&["a@there.test", "b@there.test"]).await;
    assert_eq!(states, [DeliveryState::Relayed; 2]);
    assert_eq!(reached(&attempts), ["127.0.0.1", "::1", "127.0.0.1", "::1"]);
    assert_eq!((count(&desk.four, "connected"), count(&desk.six, "connected")), (1, 1), "both in one conversation");
    let refused = attempts[0].diagnosis.as_ref().map(|diagnosis| diagnosis.class);
    assert_eq!(refused, Some(Class::SenderNoRdns));
}

#[tokio::test]
async fn a_refusal_of_both_our_addresses_is_one() {
    let desk = Desk::with(Some(NO_PTR), Some(NO_PTR)).await;
    let (states, attempts) = desk.send(&["a@there.test"]).await;
    assert_eq!(states, [DeliveryState::Failed]);
    assert_eq!(reached(&attempts), ["127.0.0.1", "::1"]);
}

#[tokio::test]
async fn a_refused_recipient_is_not_asked_for_at_another_address() {
    let no = Script { to_rcpt: Some("550 5.1.1 no such user"), ..POLITE };
    let desk = Desk::with(Some(no), Some(POLITE)).await;
    let (states, _) = desk.send(&["a@there.test"]).await;
    assert_eq!(states, [DeliveryState::Failed]);
    assert_eq!(count(&desk.six, "connected"), 0);
}

#[tokio::test]
async fn those_for_whom_a_session_has_no_room_go_in_the_next_one_at_once() {
    let narrow = Script { offers: &["PIPELINING", "LIMITS RCPTMAX=1 MAILMAX=2"], ..POLITE };
    let desk = Desk::with(Some(narrow), None).await;
    let to = ["a@there.test", "b@there.test", "c@there.test", "d@there.test", "e@there.test"];
    let (states, attempts) = desk.send(&to).await;
    assert_eq!(states, [DeliveryState::Relayed; 5]);
    assert_eq!((count(&desk.four, "connected"), count(&desk.four, "MAIL")), (3, 5));
    assert_eq!(attempts.len(), 5, "nobody was refused");
}

#[tokio::test]
async fn a_server_that_does_not_know_its_own_chunks_gets_the_letter_after_data() {
    let confused = Script { offers: &["CHUNKING"], to_bdat: Some("502 5.5.1 what"), ..POLITE };
    let desk = Desk::with(Some(confused), None).await;
    let (states, attempts) = desk.send(&["a@there.test"]).await;
    assert_eq!(states, [DeliveryState::Relayed]);
    assert_eq!((count(&desk.four, "BDAT"), count(&desk.four, "DATA")), (1, 1));
    assert_eq!(attempts.len(), 2, "both are in the timeline");
}
