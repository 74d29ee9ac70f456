//! A queue whose smart hosts are a few lines of script each, on loopback, and what they heard.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test uses a part of it")]

use jiff::Timestamp;
use model::{
    Account, AccountId, Address, Attempt, DeliveryState, EmailAddress, LoginForm, OutgoingId, RoutePolicy, Secret,
    Security, Server,
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
pub struct Script {
    pub offers: &'static [&'static str],
    pub to_auth: Option<&'static str>,
    pub to_mail: Option<&'static str>,
    pub to_rcpt: Option<&'static str>,
    pub to_bdat: Option<&'static str>,
    /// Whether it goes without a word after it took a letter.
    pub goes: bool,
}

pub const POLITE: Script =
    Script { offers: &[], to_auth: None, to_mail: None, to_rcpt: None, to_bdat: None, goes: false };
pub const NO_PTR: Script =
    Script { to_rcpt: Some("550 5.7.25 The IP address sending this message does not have a PTR record"), ..POLITE };

pub type Heard = Arc<Mutex<Vec<String>>>;

async fn serve(listener: TcpListener, script: Script, heard: Heard) {
    while let Ok((stream, _)) = listener.accept().await {
        heard.lock().expect("the record").push("connected".to_owned());
        let heard = heard.clone();
        // A client may go without a word.
        tokio::spawn(async move { converse(stream, script, &heard).await.unwrap_or_default() });
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
            "AUTH" => script.to_auth.unwrap_or("235 2.7.0 welcome").to_owned(),
            "MAIL" => script.to_mail.unwrap_or("250 2.1.0 fine").to_owned(),
            "RCPT" => script.to_rcpt.unwrap_or("250 2.1.5 fine").to_owned(),
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut octets = 0;
                while {
                    line.clear();
                    stream.read_line(&mut line).await?
                } > 0
                    && line != ".\r\n"
                {
                    octets += line.len();
                }
                heard.lock().expect("the record").push(format!("content {octets}"));
                if script.goes {
                    stream.write_all(b"250 2.0.0 taken\r\n").await?;
                    return Ok(());
                }
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
    pub secrets: Secrets,
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
pub struct Desk {
    pub store: Store,
    pub runner: Runner,
    pub secrets: Secrets,
    pub account: AccountId,
    pub four: Heard,
    pub six: Heard,
    _home: TempDir,
}

impl Desk {
    /// `None` leaves an address without a server.
    pub async fn with(four: Option<Script>, six: Option<Script>) -> Self {
        // The practice post office stands for a network.
        let config = NetConfig { dns: vec![([127, 0, 0, 1], 9).into()], smtp_port: 9, ..NetConfig::default() };
        Self::in_network(Net::new(config).expect("a network"), four, six).await
    }

    /// As [`Desk::with`], on a computer in this network.
    pub async fn in_network(net: Net, four: Option<Script>, six: Option<Script>) -> Self {
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
        let server = at_port(port);
        let smart_hosts = vec![NewSmartHost { name: "near".to_owned(), server }];
        let address = address("you@here.test");
        let new = NewAccount { address, name: String::new(), imap: None, smart_hosts, practice: true };
        let account = store.add_account(new).await.expect("the account is added").id;
        let secrets = Secrets::in_memory();
        let world = Arc::new(Quiet { net, secrets: secrets.clone() });
        let runner = Runner::new(store.clone(), world, Clock::from_fn(now));
        Self { store, runner, secrets, account, four: heard_four, six: heard_six, _home: home }
    }

    pub async fn run(&self) {
        self.runner.run_until_idle().await.expect("the queue runs").expect("nobody else runs it");
    }

    pub async fn send(&self, to: &[&str]) -> (Vec<DeliveryState>, Vec<Attempt>) {
        let id = self.submit(to).await;
        self.run().await;
        self.outcome(id).await
    }

    /// The states of an outgoing, and its attempts, the first first.
    pub async fn outcome(&self, id: OutgoingId) -> (Vec<DeliveryState>, Vec<Attempt>) {
        let outgoing = self.store.outgoing(id).await.expect("the store answers").expect("the outgoing is there");
        let mut attempts = self.store.attempts(id).await.expect("the store answers");
        attempts.sort_by_key(|attempt| attempt.id);
        (outgoing.deliveries.iter().map(|delivery| delivery.state).collect(), attempts)
    }

    /// Changes the account.
    pub async fn arrange(&self, change: impl FnOnce(&mut Account)) {
        let mut account = self.store.account(self.account).await.expect("the store answers").expect("the account");
        change(&mut account);
        self.store.update_account(&account).await.expect("the account is changed");
    }

    /// From now on the smart host wants this login.
    pub async fn log_in_with(&self, password: &str) {
        self.arrange(|account| account.smart_hosts[0].server.user = "you".to_owned()).await;
        let key = store::smart_host_key("near");
        self.secrets.set(&key, &Secret::new(password)).await.expect("the password is kept");
    }

    pub async fn submit(&self, to: &[&str]) -> OutgoingId {
        self.submit_as(to, RoutePolicy::SmartHost("near".to_owned()), b"Subject: Test\r\n\r\n.dot\r\n".to_vec()).await
    }

    pub async fn submit_as(&self, to: &[&str], route: RoutePolicy, bytes: Vec<u8>) -> OutgoingId {
        let new = NewOutgoing {
            account: Some(self.account),
            message_id: "1@here.test".to_owned(),
            sender: Some(address("you@here.test")),
            from: Address::new(None, "you@here.test"),
            to: Vec::new(),
            subject: "Test".to_owned(),
            snippet: String::new(),
            attachments: 0,
            bytes,
            route,
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

/// A server on this computer that asks for no login.
pub fn at_port(port: u16) -> Server {
    Server {
        host: "localhost".to_owned(),
        port,
        security: Security::None,
        user: String::new(),
        login: LoginForm::Password,
        trusted: None,
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

pub fn now() -> Timestamp {
    "2026-11-21T14:00:00Z".parse().expect("a time")
}

pub fn address(text: &str) -> EmailAddress {
    text.parse().expect(text)
}

pub fn count(heard: &Heard, what: &str) -> usize {
    heard.lock().expect("the record").iter().filter(|line| line.starts_with(what)).count()
}

pub fn reached(attempts: &[Attempt]) -> Vec<&str> {
    attempts.iter().filter_map(|attempt| attempt.address.as_deref()).collect()
}
