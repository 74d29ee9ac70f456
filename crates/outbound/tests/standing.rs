//! What auto makes of how this network looks: a name server on loopback says whatever a test wants of an address that is
//! nobody's, and counts what it is asked. Nothing leaves this computer.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, PTR};
use hickory_resolver::proto::rr::{Name, RData, Record};
use jiff::Timestamp;
use model::{
    Account, AccountId, Address, Class, DkimAlgorithm, EmailAddress, LoginForm, NetworkId, NetworkKind, Route,
    RoutePolicy, Security, Server,
};
use net::{Interfaces, Net, NetConfig, NetworkMark, SeenNetwork, Watch, Whereabouts};
use postrider_outbound::{Clock, Departure, Runner, Silences, World};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use store::{
    DkimStanding, NetworkLesson, NewAccount, NewDkimKey, NewNetworkCheck, NewOutgoing, NewSmartHost, Secrets, Store,
};
use tempfile::TempDir;
use tokio::net::UdpSocket;

const OURS: &str = "192.0.2.7";
const REVERSE: &str = "7.2.0.192.in-addr.arpa.";
const LISTED: &str = "7.2.0.192.zen.spamhaus.org.";
const NAME: &str = "mail.here.test.";
const THERE: &str = "there.test";

#[derive(Clone)]
enum Answer {
    Is(RData),
    Fails,
}

/// A name server; what it does not know does not exist.
#[derive(Clone, Default)]
struct NameServer {
    zone: Arc<Mutex<HashMap<String, Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    async fn start(&self) -> SocketAddr {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let server = self.clone();
        tokio::spawn(async move {
            let mut packet = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                socket.send_to(&server.answer(&packet[..length]), from).await.unwrap();
            }
        });
        address
    }

    fn answer(&self, packet: &[u8]) -> Vec<u8> {
        let mut message = Message::from_vec(packet).unwrap().into_response();
        message.additionals.clear();
        let name = message.queries[0].name().clone();
        let asked = name.to_lowercase().to_ascii();
        match self.zone.lock().unwrap().get(&asked) {
            Some(Answer::Is(data)) => {
                message.add_answer(Record::from_rdata(name, 300, data.clone()));
            }
            Some(Answer::Fails) => message.metadata.response_code = ResponseCode::ServFail,
            None => message.metadata.response_code = ResponseCode::NXDomain,
        }
        self.asked.lock().unwrap().push(asked);
        message.to_vec().unwrap()
    }

    fn set(&self, name: &str, answer: Answer) {
        self.zone.lock().unwrap().insert(name.to_owned(), answer);
    }

    fn list_was_asked(&self) -> usize {
        self.asked.lock().unwrap().iter().filter(|name| *name == LISTED).count()
    }
}

fn a(text: &str) -> Answer {
    Answer::Is(RData::A(A(text.parse().unwrap())))
}

fn pointer(name: &str) -> Answer {
    Answer::Is(RData::PTR(PTR(Name::from_ascii(name).unwrap())))
}

type Changed = Box<dyn FnMut() + Send>;

/// Tells of a change of the network when a test wants it, and of the network that it is in.
#[derive(Clone, Default)]
struct Cable(Arc<Mutex<Option<Changed>>>, Arc<Mutex<Option<SeenNetwork>>>);

impl Cable {
    /// Carries the computer to another network.
    fn carry_to(&self, mark: &str) {
        let seen = SeenNetwork { mark: NetworkMark::new(mark), kind: NetworkKind::WiFi };
        *self.1.lock().unwrap() = Some(seen);
    }
}

impl std::fmt::Debug for Cable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cable")
    }
}

impl Interfaces for Cable {
    fn addresses(&self) -> Option<Vec<IpAddr>> {
        None
    }

    fn network(&self, _: &[(IpAddr, String)]) -> Whereabouts {
        self.1.lock().unwrap().clone().map_or(Whereabouts::Unrecognised, Whereabouts::On)
    }

    fn watch(&self, changed: Changed) -> Option<Watch> {
        *self.0.lock().unwrap() = Some(changed);
        Some(Watch::new(()))
    }
}

/// An account with a smart host, in a network where all is in order until a test says otherwise.
struct Desk {
    store: Store,
    net: Net,
    names: NameServer,
    cable: Cable,
    account: Account,
    _home: TempDir,
}

impl Desk {
    async fn new() -> Self {
        Self::with_address(OURS).await
    }

    async fn with_address(ours: &str) -> Self {
        let names = NameServer::default();
        names.set(REVERSE, pointer(NAME));
        names.set(NAME, a(OURS));
        let home = TempDir::new().unwrap();
        let store = Store::open(home.path()).await.unwrap();
        let server = Server {
            host: "127.0.0.1".to_owned(),
            port: 9,
            security: Security::None,
            user: String::new(),
            login: LoginForm::Password,
            trusted: None,
        };
        let account = NewAccount {
            address: you(),
            name: String::new(),
            imap: None,
            smart_hosts: vec![NewSmartHost { name: "post".to_owned(), server }],
            practice: false,
        };
        let account = store.add_account(account).await.unwrap();
        let cable = Cable::default();
        let config = NetConfig {
            dns: vec![names.start().await],
            source_ip: Some(ours.parse().unwrap()),
            ..NetConfig::default()
        };
        let net = Net::with_interfaces(config, Arc::new(cable.clone())).unwrap();
        let desk = Self { store, net, names, cable, account, _home: home };
        desk.key().await;
        desk
    }

    /// A key of our domain that DNS shows.
    async fn key(&self) {
        let key = NewDkimKey {
            domain: "here.test".to_owned(),
            selector: "s1".to_owned(),
            algorithm: DkimAlgorithm::ALL[0],
            public_key: "AAAA".to_owned(),
            created_at: now(),
        };
        let id = self.store.add_dkim_key(key).await.unwrap();
        self.seen(id, Some(now())).await;
    }

    async fn seen(&self, id: model::DkimKeyId, at: Option<Timestamp>) {
        let standing = DkimStanding { seen_at: at, ..DkimStanding::default() };
        self.store.note_dkim_standing(vec![(id, standing)]).await.unwrap();
    }

    /// What a check found here an hour ago: each check with how it came out.
    async fn found(&self, findings: &[(&str, &str, &str)]) -> NetworkId {
        let finding = |(check, status, found): &(&str, &str, &str)| {
            serde_json::json!({ "check": check, "subject": "", "status": status, "found": found, "title": found,
                "evidence": [], "cause": found, "fix": null, "alternative": null, "why": "", "copy": [] })
        };
        let findings: Vec<_> = findings.iter().map(finding).collect();
        let at = an_hour_ago();
        let check = NewNetworkCheck {
            identity: String::new(),
            at,
            whole_at: at,
            verdict: "good".to_owned(),
            because: String::new(),
            report: serde_json::json!({ "findings": findings }).to_string(),
        };
        let id = self.network().await;
        self.store.keep_network_check(id, check).await.unwrap();
        id
    }

    async fn network(&self) -> NetworkId {
        let Whereabouts::On(seen) = self.net.network() else { panic!("nowhere") };
        let at = an_hour_ago();
        self.store.note_network(false, seen.mark.as_bytes(), seen.kind, at).await.unwrap().id
    }

    /// What the composer shows.
    async fn preview(&self) -> String {
        let (silences, from) = (Silences::default(), you());
        let departure = Departure {
            store: &self.store,
            net: &self.net,
            silences: &silences,
            account: Some(&self.account),
            from: Some(&from),
            now: Timestamp::now(),
        };
        let choice = departure.preview(&RoutePolicy::Auto, THERE).await.unwrap();
        let reason = choice.reason.unwrap();
        assert_eq!(choice.route == Route::Direct, reason.starts_with("Direct"), "{reason}");
        reason
    }

    /// What the timeline shows of a letter with this header field.
    async fn reason_for(&self, field: &str) -> String {
        let bytes = format!("{field}From: you@here.test\r\nTo: a@{THERE}\r\n\r\nHi\r\n").into_bytes();
        let new = NewOutgoing {
            account: Some(self.account.id),
            message_id: format!("{:x}@here.test", rand::random::<u64>()),
            sender: Some(you()),
            from: Address::new(Some("You".to_owned()), "you@here.test"),
            to: Vec::new(),
            subject: "Test".to_owned(),
            snippet: String::new(),
            attachments: 0,
            bytes,
            route: RoutePolicy::Auto,
            recipients: vec![format!("a@{THERE}").parse().unwrap()],
            bcc: Vec::new(),
            hold: None,
            draft: None,
            created_at: now(),
            answers: None,
            require_tls: false,
        };
        let id = self.store.submit(new).await.unwrap();
        let world = Arc::new(Here { net: self.net.clone() });
        let runner = Runner::new(self.store.clone(), world, Clock::from_fn(now));
        runner.run_until_idle().await.unwrap().expect("nobody else runs it");
        let attempts = self.store.attempts(id).await.unwrap();
        attempts.into_iter().min_by_key(|attempt| attempt.id).and_then(|first| first.route_reason).unwrap()
    }
}

struct Here {
    net: Net,
}

impl World for Here {
    fn net(&self, _: Option<AccountId>) -> Net {
        self.net.clone()
    }

    fn secrets(&self, _: Option<AccountId>) -> Secrets {
        Secrets::in_memory()
    }
}

fn you() -> EmailAddress {
    "you@here.test".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-21T14:00:00Z".parse().unwrap()
}

fn an_hour_ago() -> Timestamp {
    Timestamp::now() - jiff::SignedDuration::from_hours(1)
}

const GOOD: &str = "Direct: this network's address has a name, is on no block list, and the letter is signed.";

#[tokio::test]
async fn auto_goes_direct_where_the_network_is_in_order_and_says_what_is_not() {
    let listed = |answer: &str| vec![(LISTED, a(answer))];
    let unknown =
        "Through post: it could not be found out whether this network's address (192.0.2.7) is on a block list.";
    let table = [
        (vec![], GOOD),
        (
            listed("127.0.0.10"),
            "Through post: Spamhaus lists this network's address (192.0.2.7) as one that should not send mail itself.",
        ),
        (listed("127.0.0.4"), "Through post: this network's address (192.0.2.7) is on the block list of Spamhaus."),
        (listed("127.255.255.254"), unknown),
        (listed("203.0.113.80"), unknown),
        (vec![(LISTED, Answer::Fails)], unknown),
        (
            vec![(NAME, a("192.0.2.8"))],
            "Through post: this network's address (192.0.2.7) has no name that leads back to it.",
        ),
        // What nobody could say is not that there is none.
        (vec![(REVERSE, Answer::Fails)], "Through post: this network is not known to be good for direct sending."),
        (
            vec![(REVERSE, pointer("a.pool.test.")), ("a.pool.test.", a(OURS))],
            "Through post: this network's address is called a.pool.test, like one of many that a provider hands out.",
        ),
    ];
    for (records, expected) in table {
        let desk = Desk::new().await;
        for (name, answer) in records {
            desk.names.set(name, answer);
        }
        assert_eq!(desk.preview().await, expected);
    }
}

#[tokio::test]
async fn the_block_list_is_asked_once_for_a_network_and_only_where_the_choice_hangs_on_it() {
    let desk = Desk::new().await;
    for _ in 0..3 {
        assert_eq!(desk.preview().await, GOOD);
    }
    assert_eq!(desk.names.list_was_asked(), 1, "the answer is kept");
    // The resolver keeps answers for seconds, but not into another network.
    desk.names.set(LISTED, a("127.0.0.2"));
    (desk.cable.0.lock().unwrap().as_mut().unwrap())();
    assert!(desk.preview().await.ends_with("is on the block list of Spamhaus."));
    assert_eq!(desk.names.list_was_asked(), 2, "another network");

    let desk = Desk::new().await;
    let key = desk.store.dkim_keys().await.unwrap()[0].id;
    desk.seen(key, None).await;
    assert_eq!(desk.preview().await, "Through post: no signature (DKIM) proves that it is from here.test.");
    assert!(desk.names.asked.lock().unwrap().is_empty(), "nobody is asked where the answer would change nothing");
}

#[tokio::test]
async fn a_letter_goes_direct_only_with_a_signature_that_dns_confirms() {
    let desk = Desk::new().await;
    let unsigned = "Through post: no signature (DKIM) proves that it is from here.test.";
    let table = [
        ("DKIM-Signature: v=1; d=here.test; s=s1; b=AAAA\r\n", GOOD),
        ("", unsigned),
        ("DKIM-Signature: v=1; d=here.test; s=older; b=AAAA\r\n", unsigned),
        ("DKIM-Signature: v=1; d=other.test; s=s1; b=AAAA\r\n", unsigned),
    ];
    for (field, expected) in table {
        assert_eq!(desk.reason_for(field).await, expected, "{field}");
    }
}

const ALL_WELL: [(&str, &str, &str); 4] = [
    ("port-25-ipv4", "pass", "open"),
    ("public-address", "pass", "translated"),
    ("reverse-name", "pass", "good"),
    ("address-list", "pass", "absent"),
];

#[tokio::test]
async fn what_was_found_of_a_network_decides_there_and_nobody_is_asked_for_it() {
    let desk = Desk::new().await;
    desk.cable.carry_to("café");
    desk.found(&[("port-25-ipv4", "fail", "dropped"), ("reverse-name", "pass", "good")]).await;
    let blocked = "Through post: this network blocks port 25, so no mail server can be reached from here.";
    assert_eq!(desk.preview().await, blocked);
    assert!(desk.names.asked.lock().unwrap().is_empty());
    desk.cable.carry_to("home");
    assert_eq!(desk.preview().await, GOOD, "nothing was found here");
    desk.cable.carry_to("café");
    assert_eq!(desk.preview().await, blocked);
}

#[tokio::test]
async fn behind_a_router_direct_is_chosen_where_all_was_looked_into_and_found_good() {
    let desk = Desk::with_address("192.168.1.7").await;
    desk.cable.carry_to("home");
    assert!(desk.preview().await.contains("is translated on the way"));
    desk.found(&ALL_WELL).await;
    let found = "Direct: the last check of this network found nothing against it, and the letter is signed.";
    assert_eq!(desk.preview().await, found);
    desk.cable.carry_to("café");
    assert!(desk.preview().await.contains("is translated on the way"));
}

#[tokio::test]
async fn what_mail_servers_said_of_this_network_decides_as_if_it_had_been_found() {
    let desk = Desk::new().await;
    desk.cable.carry_to("home");
    let id = desk.found(&ALL_WELL).await;
    let refused = NetworkLesson {
        class: Class::SenderDynamicIp,
        host: "post.example".to_owned(),
        sender: String::new(),
        reply: "554 5.7.1 Dynamic address".to_owned(),
        at: Timestamp::now(),
    };
    desk.store.note_network_lesson(id, refused.clone()).await.unwrap();
    assert_eq!(desk.preview().await, GOOD, "one alone may have a list of its own");
    let by_another = NetworkLesson { host: "mail.example".to_owned(), ..refused.clone() };
    desk.store.note_network_lesson(id, by_another).await.unwrap();
    assert_eq!(desk.preview().await, "Through post: your address is listed as one that should not send mail itself.");
    let before_the_check = NetworkLesson { at: an_hour_ago() - jiff::SignedDuration::from_mins(1), ..refused };
    desk.store.note_network_lesson(id, before_the_check).await.unwrap();
    assert_eq!(desk.preview().await, GOOD, "it was looked at again since");
}
