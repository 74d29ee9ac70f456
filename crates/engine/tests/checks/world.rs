//! A world on loopback: a name server whose records a test may change, and mail hosts that say what they are told.

use hickory_server::proto::op::{Message, ResponseCode};
use hickory_server::proto::rr::rdata::{A, AAAA, MX, PTR, TXT};
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use jiff::{SignedDuration, Timestamp};
use postrider_engine::view::{AccountForm, AccountWithPassword};
use postrider_engine::*;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinHandle;

/// The records, by name and kind; `*` stands for every name that is not there.
type Zone = Arc<Mutex<HashMap<(String, String), Vec<String>>>>;
/// The commands that were heard, session by session.
type Heard = Arc<Mutex<Vec<Vec<String>>>>;

/// A mail host.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// What it says first; nothing at all where there is none.
    greeting: Option<String>,
    offers: Vec<String>,
    sees: Option<String>,
    /// What it says to EHLO in place of its offers.
    to_ehlo: Option<String>,
}

impl Host {
    pub fn greeting(words: &str) -> Self {
        let offers = vec!["SIZE 1000000".to_owned()];
        Self { greeting: Some(format!("220 {words}")), offers, ..Self::default() }
    }

    /// One that says this and no more.
    pub fn refusing(words: &str) -> Self {
        Self { greeting: Some(words.to_owned()), ..Self::default() }
    }

    pub fn mute() -> Self {
        Self::default()
    }

    pub fn offering(self, offers: &[&str]) -> Self {
        Self { offers: offers.iter().map(|offer| (*offer).to_owned()).collect(), ..self }
    }

    /// One that says this to EHLO.
    pub fn answering_ehlo(self, line: &str) -> Self {
        Self { to_ehlo: Some(line.to_owned()), ..self }
    }

    /// From where it says that it sees us.
    pub fn seeing(self, ip: &str) -> Self {
        Self { sees: Some(ip.to_owned()), ..self }
    }
}

/// The words of a host whose clock is so many seconds behind.
pub fn greeting_at(name: &str, behind: i64) -> String {
    let there = Timestamp::now() - SignedDuration::from_secs(behind);
    format!("{name} ESMTP {}", there.strftime("%a, %d %b %Y %H:%M:%S +0000"))
}

/// The hosts of example.org and of friend.example, in networks of their own.
const HOSTS: [(&str, &str); 2] = [("127.26.0.1", "mx.example.org"), ("127.27.0.1", "mx.friend.example")];

pub struct World {
    home: TempDir,
    zone: Zone,
    dns: SocketAddr,
    port: u16,
    hosts: HashMap<String, JoinHandle<()>>,
    heard: Heard,
}

impl World {
    /// One in which nothing speaks against direct sending: example.org, which is the user's own, has its mail at 127.26.0.1,
    /// and friend.example, where somebody is who was written to, at 127.27.0.1. Both see us as 203.0.113.9, whose name is in
    /// order.
    pub async fn good() -> Self {
        let (dns, zone) = name_server().await;
        let port = free_port().await;
        let heard = Heard::default();
        let home = TempDir::new().unwrap();
        let mut world = Self { home, zone, dns, port, hosts: HashMap::new(), heard };
        world.put("example.org", "MX", &["10 mx.example.org."]);
        world.put("example.org", "TXT", &["v=spf1 ip4:203.0.113.9 -all"]);
        world.put("_dmarc.example.org", "TXT", &["v=DMARC1; p=reject"]);
        world.put("mx.example.org", "A", &["127.26.0.1"]);
        world.put("friend.example", "MX", &["10 mx.friend.example."]);
        world.put("mx.friend.example", "A", &["127.27.0.1"]);
        world.put("mail.example.org", "A", &["203.0.113.9"]);
        world.put("9.113.0.203.in-addr.arpa", "PTR", &["mail.example.org."]);
        world.clocks_are_behind(0);
        world
    }

    /// Both hosts are in order, and their clocks are so many seconds behind.
    pub fn clocks_are_behind(&mut self, seconds: i64) {
        for (ip, name) in HOSTS {
            self.host(ip, Some(Host::greeting(&greeting_at(name, seconds)).seeing("203.0.113.9")));
        }
    }

    /// The same at both hosts, or nobody.
    pub fn everywhere(&mut self, host: Option<Host>) {
        for (ip, _) in HOSTS {
            self.host(ip, host.clone());
        }
    }

    pub fn put(&mut self, name: &str, kind: &str, values: &[&str]) {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.zone.lock().unwrap().insert((name.to_owned(), kind.to_owned()), values);
    }

    pub fn remove(&mut self, name: &str, kind: &str) {
        self.zone.lock().unwrap().remove(&(name.to_owned(), kind.to_owned()));
    }

    /// From now on this host is at the address, or nobody.
    pub fn host(&mut self, ip: &str, host: Option<Host>) {
        if let Some(former) = self.hosts.remove(ip) {
            former.abort();
        }
        let Some(host) = host else { return };
        let address = SocketAddr::new(ip.parse().unwrap(), self.port);
        let heard = self.heard.clone();
        self.hosts.insert(ip.to_owned(), tokio::spawn(serve(address, host, heard)));
    }

    /// An engine in this world, whose user is anna@example.org and has written to ben@friend.example.
    pub async fn engine(&self) -> Engine {
        let home = self.home.path().to_owned();
        let engine = Engine::start(Options { home, work: Work::Nothing }).await.unwrap();
        self.set(&engine, "secrets.store", "file").await;
        self.set(&engine, "net.smtp_port", &self.port.to_string()).await;
        self.set(&engine, "net.dns", &self.dns.to_string()).await;
        let address = "anna@example.org".to_owned();
        let form = AccountForm { address, name: "Anna".to_owned(), imap: None, smtp: None, user: String::new() };
        let account = AccountWithPassword { form, password: String::new(), sign_in: None };
        engine.calls().account_add(account).await.unwrap();
        let letter = b"From: anna@example.org\nTo: ben@friend.example\nSubject: Hello\n\nHello Ben.\n";
        let to = ["ben@friend.example".to_owned()];
        engine.submit_raw(letter, None, &to, FromHeaders::No).await.unwrap();
        engine
    }

    /// The MTA-STS policy of a domain, as an earlier letter brought it.
    pub async fn keep_policy(&self, domain: &str, lines: &str) {
        let store = store::Store::open(self.home.path()).await.unwrap();
        let (now, day) = (Timestamp::now(), SignedDuration::from_hours(24));
        let policy = format!("version: STSv1\n{lines}max_age: 86400\n");
        let kept = store::StoredSts {
            id: "1".to_owned(),
            policy,
            fetched_at: now,
            expires_at: now + day,
            tried_at: now - day,
        };
        store.keep_sts_policy(domain, kept).await.unwrap();
    }

    pub async fn set(&self, engine: &Engine, key: &str, value: &str) {
        let args = SettingSetArgs { key: key.to_owned(), value: Some(value.to_owned()) };
        engine.calls().setting_set(args).await.unwrap();
    }

    /// The port of the mail hosts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The verbs that were heard, session by session.
    pub fn heard(&self) -> Vec<Vec<String>> {
        let verb = |command: &String| command.split(' ').next().unwrap().to_owned();
        self.commands().iter().map(|session| session.iter().map(verb).collect()).collect()
    }

    /// The whole commands.
    pub fn commands(&self) -> Vec<Vec<String>> {
        self.heard.lock().unwrap().clone()
    }
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

async fn serve(address: SocketAddr, host: Host, heard: Heard) {
    // The host before may not have let go of the port yet.
    let listener = loop {
        match TcpListener::bind(address).await {
            Ok(listener) => break listener,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(talk(stream, host.clone(), heard.clone()));
    }
}

async fn talk(stream: TcpStream, host: Host, heard: Heard) {
    let mut stream = BufReader::new(stream);
    let Some(greeting) = &host.greeting else {
        let _ = stream.read_u8().await;
        return;
    };
    stream.write_all(format!("{greeting}\r\n").as_bytes()).await.unwrap();
    let session = {
        let mut all = heard.lock().unwrap();
        all.push(Vec::new());
        all.len() - 1
    };
    let mut line = String::new();
    while matches!(stream.read_line(&mut line).await, Ok(length) if length > 0) {
        let verb = line.split_whitespace().next().unwrap_or_default().to_owned();
        heard.lock().unwrap()[session].push(line.trim_end().to_owned());
        let answer = match (verb.as_str(), &host.to_ehlo) {
            ("EHLO", Some(line)) => format!("{line}\r\n"),
            ("EHLO", None) => hello(&host),
            ("HELO", _) => "250 at your service\r\n".to_owned(),
            _ => "221 bye\r\n".to_owned(),
        };
        if stream.write_all(answer.as_bytes()).await.is_err() || verb == "QUIT" {
            return;
        }
        line.clear();
    }
}

fn hello(host: &Host) -> String {
    let sees = host.sees.as_ref().map(|ip| format!(" Hello [{ip}]")).unwrap_or_default();
    let name = host.greeting.iter().flat_map(|words| words.split(' ')).nth(1).unwrap_or_default();
    let mut lines = vec![format!("{name}{sees}")];
    lines.extend(host.offers.iter().cloned());
    let last = lines.len() - 1;
    let line = |(place, line): (usize, &String)| format!("250{}{line}\r\n", if place == last { ' ' } else { '-' });
    lines.iter().enumerate().map(line).collect()
}

async fn name_server() -> (SocketAddr, Zone) {
    let zone = Zone::default();
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let udp = UdpSocket::bind(address).await.unwrap();
    let (over_udp, over_tcp) = (zone.clone(), zone.clone());
    tokio::spawn(async move {
        let mut packet = [0; 4096];
        while let Ok((length, from)) = udp.recv_from(&mut packet).await {
            let _ = udp.send_to(&respond(&packet[..length], &over_udp), from).await;
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let zone = over_tcp.clone();
            tokio::spawn(async move {
                while let Ok(length) = stream.read_u16().await {
                    let mut packet = vec![0; usize::from(length)];
                    stream.read_exact(&mut packet).await.unwrap();
                    let answer = respond(&packet, &zone);
                    stream.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
                    stream.write_all(&answer).await.unwrap();
                }
            });
        }
    });
    (address, zone)
}

fn respond(packet: &[u8], zone: &Zone) -> Vec<u8> {
    let question = Message::from_vec(packet).unwrap();
    let query = question.queries[0].clone();
    let name = query.name().to_string().trim_end_matches('.').to_ascii_lowercase();
    let kind = query.query_type();
    let zone = zone.lock().unwrap();
    let values = |name: &str| zone.get(&(name.to_owned(), kind.to_string()));
    let exists =
        name.is_empty() || zone.keys().any(|(owner, _)| *owner == name || owner.ends_with(&format!(".{name}")));
    let anybody = zone.contains_key(&("*".to_owned(), kind.to_string())) && !exists;
    let found = if anybody { values("*") } else { values(&name) };
    let mut answer = question.into_response();
    for value in found.into_iter().flatten() {
        answer.add_answer(Record::from_rdata(query.name().clone(), 5, data(kind, value)));
    }
    if !exists && found.is_none() {
        answer.metadata.response_code = ResponseCode::NXDomain;
    }
    answer.to_vec().unwrap()
}

fn data(kind: RecordType, value: &str) -> RData {
    let name = |text: &str| Name::from_ascii(text).unwrap();
    match kind {
        RecordType::A => RData::A(A(value.parse().unwrap())),
        RecordType::AAAA => RData::AAAA(AAAA(value.parse().unwrap())),
        RecordType::PTR => RData::PTR(PTR(name(value))),
        RecordType::MX => {
            let (preference, host) = value.split_once(' ').unwrap();
            RData::MX(MX::new(preference.parse().unwrap(), name(host)))
        }
        _ => RData::TXT(TXT::new(vec![value.to_owned()])),
    }
}
