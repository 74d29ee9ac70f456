use super::*;
use crate::silence::Heard;
use crate::testing::{Here, On, letter};
use crate::{Clock, Runner};
use model::{Address, Class, DkimAlgorithm, LoginForm, Route, RouteRule, Security, Server};
use net::{NetConfig, Whereabouts};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use store::{
    DkimStanding, Learned, NetworkLesson, NewAccount, NewDkimKey, NewNetworkCheck, NewOutgoing, NewSmartHost,
};
use tempfile::TempDir;
use tokio::net::UdpSocket;

/// A name server that knows no name (RFC 1035 §4.1.1: a response, with the code for that).
async fn empty_dns() -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut packet).await {
            packet[2] |= 0x80;
            packet[3] = 3;
            socket.send_to(&packet[..length], from).await.unwrap();
        }
    });
    address
}

/// An account with two smart hosts and a key that DNS shows, behind a router.
struct Desk {
    store: Store,
    net: Net,
    silences: Silences,
    account: Account,
    _home: TempDir,
}

/// One thing that is known, or said by the user, before the letter is written.
enum Fact {
    /// The last look found nothing against direct sending, so many hours ago.
    FoundGood(i64),
    FoundBlocked,
    /// No host of these domains was reached, so many minutes ago.
    Silent(&'static [&'static str], i64),
    SilentInPractice,
    /// Somebody answered after all.
    Answered,
    /// The recipient's domain refused us.
    RefusedUs(i64),
    /// Servers of these owners refused us for our address.
    Said(&'static [&'static str]),
    NoKey,
    /// DNS shows a key that few receivers can verify with, and no other.
    OnlyEd25519,
    NoSmartHost,
    Rule(&'static str, RoutePolicy),
    Default(RoutePolicy),
    SenderIs(&'static str),
}

const THERE: &str = "there.test";

impl Desk {
    async fn new() -> Self {
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
        let smart_host = |name: &str| NewSmartHost { name: name.to_owned(), server: server.clone() };
        let account = NewAccount {
            address: address("you@here.test"),
            name: String::new(),
            imap: None,
            smart_hosts: vec![smart_host("post"), smart_host("other")],
            practice: false,
        };
        let account = store.add_account(account).await.unwrap();
        let config = NetConfig {
            dns: vec![empty_dns().await],
            source_ip: Some([192, 168, 1, 7].into()),
            ..NetConfig::default()
        };
        let net = Net::with_interfaces(config, Arc::new(On("home"))).unwrap();
        let desk = Self { store, net, silences: Silences::default(), account, _home: home };
        desk.key("here.test").await;
        desk
    }

    async fn key(&self, domain: &str) {
        self.key_of(domain, DkimAlgorithm::RsaSha256).await;
    }

    async fn key_of(&self, domain: &str, algorithm: DkimAlgorithm) {
        let key = NewDkimKey {
            domain: domain.to_owned(),
            selector: "s1".to_owned(),
            algorithm,
            public_key: "AAAA".to_owned(),
            created_at: now(),
        };
        let id = self.store.add_dkim_key(key).await.unwrap();
        self.store.note_dkim_standing(vec![(id, seen(Some(now())))]).await.unwrap();
    }

    async fn learn(&mut self, fact: &Fact) {
        match fact {
            Fact::FoundGood(hours) => {
                let all = ["port-25-ipv4", "public-address", "reverse-name", "address-list"];
                self.found(all.map(|check| (check, "pass", "good")).to_vec(), *hours * 60).await;
            }
            Fact::FoundBlocked => self.found(vec![("port-25-ipv4", "fail", "dropped")], 60).await,
            Fact::Silent(domains, minutes) => {
                for domain in *domains {
                    self.silences.of(false).note(domain, Heard::Nothing, ago(*minutes));
                }
            }
            Fact::SilentInPractice => {
                for domain in ["a.test", "b.test"] {
                    self.silences.of(true).note(domain, Heard::Nothing, ago(1));
                }
            }
            Fact::Answered => self.silences.of(false).end(),
            Fact::RefusedUs(hours) => {
                let at = ago(hours * 60);
                let refusal = move |learned: &mut Learned| {
                    (learned.refused_us, learned.refused_us_at) = (Some(Class::SenderDynamicIp), Some(at));
                };
                self.store.learn(THERE, refusal).await.unwrap();
            }
            Fact::Said(owners) => {
                let network = self.network().await;
                for host in *owners {
                    let lesson = NetworkLesson {
                        class: Class::SenderDynamicIp,
                        host: (*host).to_owned(),
                        sender: String::new(),
                        reply: "554 5.7.1 Dynamic address".to_owned(),
                        at: ago(1),
                    };
                    self.store.note_network_lesson(network, lesson).await.unwrap();
                }
            }
            Fact::NoKey => {
                let id = self.store.dkim_keys().await.unwrap()[0].id;
                self.store.note_dkim_standing(vec![(id, seen(None))]).await.unwrap();
            }
            Fact::OnlyEd25519 => {
                let id = self.store.dkim_keys().await.unwrap()[0].id;
                self.store.remove_dkim_key(id).await.unwrap();
                self.key_of("here.test", DkimAlgorithm::Ed25519Sha256).await;
            }
            Fact::NoSmartHost => self.change(|account| account.smart_hosts.clear()).await,
            Fact::Rule(domain, route) => {
                let rule = RouteRule::new(domain, route.clone()).unwrap();
                self.change(|account| account.rules.push(rule)).await;
            }
            Fact::Default(route) => self.change(|account| account.identities[0].route = route.clone()).await,
            Fact::SenderIs(sender) => {
                self.change(|account| account.identities[0].address = address(sender)).await;
                self.key(address(sender).domain()).await;
            }
        }
    }

    async fn change(&mut self, change: impl FnOnce(&mut Account)) {
        change(&mut self.account);
        self.store.update_account(&self.account).await.unwrap();
        self.account = self.store.account(self.account.id).await.unwrap().unwrap();
    }

    async fn network(&self) -> model::NetworkId {
        let Whereabouts::On(seen) = self.net.network() else { panic!("nowhere") };
        self.store.note_network(false, seen.mark.as_bytes(), seen.kind, ago(60)).await.unwrap().id
    }

    async fn found(&self, findings: Vec<(&str, &str, &str)>, minutes: i64) {
        let finding = |(check, status, found)| {
            serde_json::json!({ "check": check, "subject": "", "status": status, "found": found, "title": found,
                "evidence": [], "cause": found, "fix": null, "alternative": null, "why": "", "copy": [] })
        };
        let findings: Vec<_> = findings.into_iter().map(finding).collect();
        let check = NewNetworkCheck {
            identity: String::new(),
            at: ago(minutes),
            whole_at: ago(minutes),
            verdict: "good".to_owned(),
            because: String::new(),
            report: serde_json::json!({ "findings": findings }).to_string(),
        };
        self.store.keep_network_check(self.network().await, check).await.unwrap();
    }

    fn from(&self) -> EmailAddress {
        self.account.identities[0].address.clone()
    }

    /// What the composer says.
    async fn preview(&self, policy: &RoutePolicy) -> Choice {
        let from = self.from();
        let departure = Departure {
            store: &self.store,
            net: &self.net,
            silences: &self.silences,
            account: Some(&self.account),
            from: Some(&from),
            now: now(),
        };
        departure.preview(policy, THERE).await.unwrap()
    }

    /// The way that the letter then takes, and the reason in its timeline.
    async fn routed(&self, policy: &RoutePolicy) -> (Route, Option<String>) {
        let from = self.from();
        let signature = match self.store.dkim_keys_of(from.domain()).await.unwrap() {
            keys if keys.iter().any(|key| key.standing.seen_at.is_some()) => {
                format!("DKIM-Signature: v=1; d={}; s=s1; b=AAAA\r\n", from.domain())
            }
            _ => String::new(),
        };
        let new = NewOutgoing {
            account: Some(self.account.id),
            sender: Some(from.clone()),
            from: Address::new(None, from.to_string()),
            bytes: format!("{signature}From: {from}\r\nTo: a@{THERE}\r\n\r\nHi\r\n").into_bytes(),
            route: policy.clone(),
            ..letter(&["a@there.test"], now())
        };
        let id = self.store.submit(new).await.unwrap();
        let world = Arc::new(Here(self.net.clone()));
        let runner = Runner::new(self.store.clone(), world, Clock::from_fn(now)).sharing(self.silences.clone());
        runner.run_until_idle().await.unwrap().expect("nobody else runs it");
        let attempts = self.store.attempts(id).await.unwrap();
        let first = attempts.into_iter().min_by_key(|attempt| attempt.id).unwrap();
        (first.route, first.route_reason)
    }
}

fn seen(at: Option<Timestamp>) -> DkimStanding {
    DkimStanding { seen_at: at, ..DkimStanding::default() }
}

fn address(text: &str) -> EmailAddress {
    text.parse().expect(text)
}

fn now() -> Timestamp {
    "2026-11-21T14:00:00Z".parse().unwrap()
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

fn through(name: &str) -> RoutePolicy {
    RoutePolicy::SmartHost(name.to_owned())
}

#[tokio::test]
async fn what_the_composer_says_is_what_is_then_done() {
    use Fact::*;
    let auto = RoutePolicy::Auto;
    let silent = || Silent(&["a.test", "b.test"], 1);
    let shut_in = "Through post: nobody could be reached direct from this network of late, which may block port 25.";
    let good = "Direct: the last check of this network found nothing against it, and the letter is signed.";
    let unproven = "Through post: this computer's address (192.168.1.7) is translated on the way, and what others see \
                    is not known.";
    let refused =
        "Through post: there.test refused this network's address as a dynamic one when it was tried direct.";
    let table = [
        (vec![], &auto, unproven),
        (vec![FoundGood(1)], &auto, good),
        (vec![FoundGood(25)], &auto, unproven),
        (
            vec![FoundBlocked],
            &auto,
            "Through post: this network blocks port 25, so no mail server can be reached from here.",
        ),
        (vec![silent()], &auto, shut_in),
        (vec![FoundGood(1), silent()], &auto, shut_in),
        (vec![FoundGood(1), Silent(&["a.test"], 1)], &auto, good),
        (vec![FoundGood(1), Silent(&["a.test", "b.test"], 61)], &auto, good),
        (vec![Silent(&["a.test", "b.test"], 24 * 60)], &auto, unproven),
        (vec![FoundGood(1), silent(), Answered], &auto, good),
        (vec![FoundGood(1), SilentInPractice], &auto, good),
        (
            vec![silent(), NoSmartHost],
            &auto,
            "Direct: there is no smart host for this account, though nobody could be reached direct from this network \
             of late, which may block port 25.",
        ),
        (vec![silent(), NoKey], &auto, shut_in),
        (vec![FoundGood(1), NoKey], &auto, "Through post: no signature (DKIM) proves that it is from here.test."),
        (
            vec![FoundGood(1), OnlyEd25519],
            &auto,
            "Through post: no signature (DKIM) proves that it is from here.test.",
        ),
        (vec![FoundGood(1), RefusedUs(1)], &auto, refused),
        (vec![FoundGood(1), RefusedUs(1), silent()], &auto, refused),
        (vec![FoundGood(1), RefusedUs(25)], &auto, good),
        (
            vec![FoundGood(1), Said(&["post.example", "mail.example"])],
            &auto,
            "Through post: your address is listed as one that should not send mail itself.",
        ),
        (vec![FoundGood(1), Said(&["post.example"])], &auto, good),
        (
            vec![FoundGood(1), silent(), SenderIs("you@gmail.com")],
            &auto,
            "Through post: receivers expect letters from gmail.com from the servers of Gmail alone.",
        ),
        (vec![silent()], &RoutePolicy::Direct, "Direct: you chose it."),
        (vec![FoundGood(1)], &through("other"), "Through other: you chose it."),
        (vec![silent(), Rule(THERE, RoutePolicy::Direct)], &auto, "Direct: your rule for there.test."),
        (vec![Default(through("other"))], &auto, "Through other: the default of this sender."),
        (vec![silent(), Default(RoutePolicy::Direct), Rule(THERE, RoutePolicy::Auto)], &auto, shut_in),
    ];
    for (place, (facts, policy, expected)) in table.into_iter().enumerate() {
        let mut desk = Desk::new().await;
        for fact in &facts {
            desk.learn(fact).await;
        }
        let said = desk.preview(policy).await;
        assert_eq!(said.reason.as_deref(), Some(expected), "row {place}");
        assert_eq!(desk.routed(policy).await, (said.route, said.reason), "row {place}");
    }
}

#[test]
fn the_domain_of_from_is_read_as_it_is_shown() {
    let table = [
        ("anna@example.org", Some("example.org")),
        ("Anna <anna@example.org>", Some("example.org")),
        ("\"a@b\" <anna@example.org> ", Some("example.org")),
        ("Anna", None),
        ("", None),
    ];
    for (from, expected) in table {
        assert_eq!(domain_of(from), expected, "{from}");
    }
}
