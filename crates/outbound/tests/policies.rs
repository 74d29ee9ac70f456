//! What destinations demand of the encryption, from the records in DNS to the attempt in the timeline.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod lab;

use jiff::{SignedDuration, Timestamp};
use lab::{Authority, MailHost, PolicyHost, at, mx, name_server, txt};
use model::{
    AccountId, Address, Attempt, Class, DeliveryState, EmailAddress, OutgoingId, RoutePolicy, TlsPolicy, VerifiedBy,
};
use net::{Net, NetConfig};
use postrider_outbound::{Clock, DaneFound, Demands, HostDemand, KeptBecause, Runner, StsFound, World};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{NewAccount, NewOutgoing, Secrets, Store, StoredSts};
use tempfile::{NamedTempFile, TempDir};
use tokio::net::TcpListener;

struct Lab {
    net: Net,
    secrets: Secrets,
}

impl World for Lab {
    fn net(&self, _: Option<AccountId>) -> Net {
        self.net.clone()
    }

    fn secrets(&self, _: Option<AccountId>) -> Secrets {
        self.secrets.clone()
    }
}

struct Desk {
    store: Store,
    net: Net,
    runner: Runner,
    account: AccountId,
    now: Arc<Mutex<Timestamp>>,
    /// By the last octet of their address.
    hosts: Vec<MailHost>,
    policies: PolicyHost,
    _kept: (TempDir, NamedTempFile, NamedTempFile),
}

const ENFORCED: &str = "version: STSv1\nmode: enforce\nmx: mx.sts.test\nmx: mx.strict.test\nmax_age: 604800\n";
const TESTED: &str = "version: STSv1\nmode: testing\nmx: mx.elsewhere.test\nmax_age: 604800\n";

/// | domain | host | |
/// |---|---|---|
/// | dane.test | 127.0.0.2 | its TLSA record fits, its certificate is valid for nothing |
/// | wrong.test | 127.0.0.3 | its TLSA record is another's |
/// | bare.test | 127.0.0.4 | a TLSA record, and no encryption |
/// | sts.test | 127.0.0.5 | MTA-STS, a valid certificate |
/// | strict.test | 127.0.0.6 | MTA-STS, no valid certificate |
/// | stray.test | 127.0.0.5 | MTA-STS that does not name its host |
/// | tested.test | 127.0.0.6 | MTA-STS that is only tested |
/// | dane.open | 127.0.0.3 | TLSA records that nobody signed |
async fn desk() -> Desk {
    let authority = Authority::new();
    let [dane, other, bare] = ["mx.elsewhere.test"; 3].map(|name| authority.certificate(&[name]));
    let name = |text: &str| text.to_owned();
    let mut signed = vec![
        (name("ns.test."), at(1)),
        (name("dane.test."), mx("mx.dane.test.")),
        (name("mx.dane.test."), at(2)),
        (name("wrong.test."), mx("mx.wrong.test.")),
        (name("mx.wrong.test."), at(3)),
        (name("bare.test."), mx("mx.bare.test.")),
        (name("mx.bare.test."), at(4)),
        (name("sts.test."), mx("mx.sts.test.")),
        (name("mx.sts.test."), at(5)),
        (name("strict.test."), mx("mx.strict.test.")),
        (name("mx.strict.test."), at(6)),
        (name("stray.test."), mx("mx.stray.test.")),
        (name("mx.stray.test."), at(5)),
        (name("tested.test."), mx("mx.tested.test.")),
        (name("mx.tested.test."), at(6)),
    ];
    for domain in ["sts", "strict", "stray", "tested"] {
        signed.push((format!("_mta-sts.{domain}.test."), txt("v=STSv1; id=1;")));
        signed.push((format!("mta-sts.{domain}.test."), at(1)));
    }
    let port = free_port().await;
    for host in ["mx.dane", "mx.bare"] {
        let record = if host == "mx.dane" { dane.tlsa() } else { bare.tlsa() };
        signed.push((format!("_{port}._tcp.{host}.test."), record));
    }
    signed.push((format!("_{port}._tcp.mx.wrong.test."), bare.tlsa()));
    let open = vec![
        (name("dane.open."), mx("mx.dane.open.")),
        (name("mx.dane.open."), at(3)),
        (format!("_{port}._tcp.mx.dane.open."), dane.tlsa()),
    ];
    let (dns, anchor) = name_server(&signed, &open).await;
    let host = |last, certificate| MailHost::start(SocketAddr::from(([127, 0, 0, last], port)), certificate);
    let hosts = vec![
        host(2, Some(dane)).await,
        host(3, Some(other)).await,
        host(4, None).await,
        host(5, Some(authority.certificate(&["mx.sts.test", "mx.stray.test"]))).await,
        host(6, Some(authority.certificate(&["mx.elsewhere.test"]))).await,
    ];
    let policy_names = ["sts", "strict", "stray", "tested"].map(|domain| format!("mta-sts.{domain}.test"));
    let policies = PolicyHost::start(authority.certificate(&policy_names.each_ref().map(String::as_str))).await;
    for domain in ["sts.test", "strict.test", "stray.test"] {
        policies.set(domain, Some(ENFORCED));
    }
    policies.set("tested.test", Some(TESTED));
    let (anchor, ca) = (file(&anchor), file(&authority.pem()));
    let config = NetConfig {
        dns: vec![dns],
        smtp_port: port,
        https_port: policies.port,
        extra_ca: Some(ca.path().to_owned()),
        trust_anchor: Some(anchor.path().to_owned()),
        ..NetConfig::default()
    };
    let home = TempDir::new().expect("a directory");
    let store = Store::open(home.path()).await.expect("the store opens");
    let address = address("you@here.test");
    let new = NewAccount { address, name: String::new(), imap: None, smart_hosts: Vec::new(), practice: true };
    let account = store.add_account(new).await.expect("the account is added").id;
    let now = Arc::new(Mutex::new("2026-11-21T14:00:00Z".parse().expect("a time")));
    let clock = now.clone();
    let net = Net::new(config).expect("a network");
    let world = Arc::new(Lab { net: net.clone(), secrets: Secrets::in_memory() });
    let runner = Runner::new(store.clone(), world, Clock::from_fn(move || *clock.lock().expect("the clock")));
    Desk { store, net, runner, account, now, hosts, policies, _kept: (home, anchor, ca) }
}

/// A port that is free on all the addresses.
async fn free_port() -> u16 {
    'next: for _ in 0..50 {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = first.local_addr().expect("an address").port();
        for last in 2..=6 {
            if TcpListener::bind((Ipv4Addr::new(127, 0, 0, last), port)).await.is_err() {
                continue 'next;
            }
        }
        return port;
    }
    panic!("no port is free")
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("room on the disk");
    file
}

fn address(text: &str) -> EmailAddress {
    text.parse().expect(text)
}

/// What came of a letter.
struct Sent {
    state: DeliveryState,
    attempt: Attempt,
}

impl Sent {
    fn notes(&self) -> String {
        self.attempt.tls_notes.join(" ")
    }

    fn class(&self) -> Option<Class> {
        self.attempt.diagnosis.as_ref().map(|diagnosis| diagnosis.class)
    }

    fn explanation(&self) -> &str {
        self.attempt.diagnosis.as_ref().map_or("", |diagnosis| &diagnosis.explanation)
    }

    fn verified_by(&self) -> Option<VerifiedBy> {
        self.attempt.tls.as_ref().and_then(|tls| tls.verified_by)
    }
}

impl Desk {
    async fn send(&self, domain: &str) -> Sent {
        self.send_with(domain, false).await
    }

    async fn send_with(&self, domain: &str, require_tls: bool) -> Sent {
        let id = self.submit(domain, require_tls).await;
        self.runner.run_until_idle().await.expect("the queue runs").expect("nobody else runs it");
        let outgoing = self.store.outgoing(id).await.expect("the store answers").expect("the outgoing is there");
        let mut attempts = self.store.attempts(id).await.expect("the store answers");
        attempts.sort_by_key(|attempt| attempt.id);
        let state = outgoing.deliveries.first().expect("a recipient").state;
        Sent { state, attempt: attempts.pop().expect("an attempt") }
    }

    async fn submit(&self, domain: &str, require_tls: bool) -> OutgoingId {
        let new = NewOutgoing {
            account: Some(self.account),
            message_id: "1@here.test".to_owned(),
            sender: Some(address("you@here.test")),
            from: Address::new(None, "you@here.test"),
            to: Vec::new(),
            subject: "Test".to_owned(),
            snippet: String::new(),
            attachments: 0,
            bytes: b"Subject: Test\r\n\r\nHello\r\n".to_vec(),
            route: RoutePolicy::Direct,
            recipients: vec![address(&format!("a@{domain}"))],
            bcc: Vec::new(),
            hold: None,
            draft: None,
            created_at: *self.now.lock().expect("the clock"),
            answers: None,
            require_tls,
        };
        self.store.submit(new).await.expect("the letter is queued")
    }

    async fn set(&self, key: &str, value: &str) {
        self.store.set_setting(key, Some(value)).await.expect("the setting is kept");
    }

    async fn demands(&self, domain: &str) -> Demands {
        let now = self.now.clone();
        let clock = Clock::from_fn(move || *now.lock().expect("the clock"));
        Demands::of(&self.store, &self.net, clock, domain, Duration::from_secs(10)).await.expect("the store answers")
    }

    /// What the host of a domain has to show.
    async fn demand(&self, domain: &str) -> HostDemand {
        let port = self.net.config().smtp_port;
        self.demands(domain).await.for_host(&format!("mx.{domain}"), port).await
    }

    fn later(&self, minutes: i64) {
        *self.now.lock().expect("the clock") += SignedDuration::from_mins(minutes);
    }

    fn host(&self, last: usize) -> &MailHost {
        self.hosts.get(last - 2).expect("a host")
    }
}

#[tokio::test]
async fn a_host_that_fits_its_proven_records_gets_the_letter_whatever_its_certificate_says() {
    let desk = desk().await;
    let sent = desk.send("dane.test").await;
    assert_eq!(sent.state, DeliveryState::Accepted, "{:?}", sent.attempt);
    assert_eq!((sent.attempt.tls_policy, sent.verified_by()), (Some(TlsPolicy::Dane), Some(VerifiedBy::Tlsa)));
    assert!(sent.notes().contains("TLSA records that are proven"), "{}", sent.notes());
}

#[tokio::test]
async fn a_host_that_does_not_fit_its_records_gets_no_letter() {
    let desk = desk().await;
    for (domain, words) in [("wrong.test", "does not fit"), ("bare.test", "demands encryption")] {
        let sent = desk.send(domain).await;
        assert_eq!((sent.state, sent.class()), (DeliveryState::Deferred, Some(Class::TlsPolicy)), "{domain}");
        assert_eq!(sent.attempt.tls_policy, Some(TlsPolicy::Dane), "{domain}");
        assert!(sent.explanation().contains(words), "{}", sent.explanation());
    }
    desk.set("outbound.dane", "off").await;
    let sent = desk.send("wrong.test").await;
    assert_eq!((sent.state, sent.attempt.tls_policy), (DeliveryState::Accepted, Some(TlsPolicy::Opportunistic)));
}

#[tokio::test]
async fn records_that_nobody_signed_change_nothing() {
    let sent = desk().await.send("dane.open").await;
    assert_eq!((sent.state, sent.attempt.tls_policy), (DeliveryState::Accepted, Some(TlsPolicy::Opportunistic)));
    assert_eq!((sent.verified_by(), sent.notes()), (None, String::new()));
}

#[tokio::test]
async fn a_domains_own_policy_is_obeyed() {
    let desk = desk().await;
    let good = desk.send("sts.test").await;
    assert_eq!(good.state, DeliveryState::Accepted, "{:?}", good.attempt);
    assert_eq!((good.attempt.tls_policy, good.verified_by()), (Some(TlsPolicy::MtaSts), Some(VerifiedBy::Authority)));
    let untrusted = desk.send("strict.test").await;
    assert_eq!((untrusted.state, untrusted.class()), (DeliveryState::Deferred, Some(Class::TlsPolicy)));
    assert!(untrusted.explanation().contains("MTA-STS"), "{}", untrusted.explanation());
    let stray = desk.send("stray.test").await;
    assert_eq!((stray.state, stray.class()), (DeliveryState::Deferred, Some(Class::TlsPolicy)));
    assert!(stray.explanation().contains("mx.stray.test is not on it"), "{}", stray.explanation());
    let tested = desk.send("tested.test").await;
    assert_eq!((tested.state, tested.attempt.tls_policy), (DeliveryState::Accepted, Some(TlsPolicy::Opportunistic)));
    assert!(tested.notes().contains("only being tested"), "{}", tested.notes());
}

#[tokio::test]
async fn a_policy_that_was_had_counts_when_its_host_is_gone() {
    let desk = desk().await;
    assert_eq!(desk.send("sts.test").await.attempt.tls_policy, Some(TlsPolicy::MtaSts));
    desk.policies.set("sts.test", None);
    assert_eq!(desk.send("sts.test").await.attempt.tls_policy, Some(TlsPolicy::MtaSts));
    assert_eq!(desk.policies.asked(), 1, "what is kept is not fetched again");
    desk.later(8 * 24 * 60);
    let without = desk.send("sts.test").await;
    assert_eq!(
        (without.state, without.attempt.tls_policy),
        (DeliveryState::Accepted, Some(TlsPolicy::Opportunistic))
    );
    assert!(without.notes().contains("could not be had: the answer is 404"), "{}", without.notes());
    desk.later(1);
    assert!(desk.send("sts.test").await.notes().contains("in vain a few minutes ago"));
    assert_eq!(desk.policies.asked(), 2);
    desk.policies.set("sts.test", Some(ENFORCED));
    desk.later(5);
    assert_eq!(desk.send("sts.test").await.attempt.tls_policy, Some(TlsPolicy::MtaSts));
}

#[tokio::test]
async fn many_letters_to_a_new_domain_fetch_its_policy_once() {
    let desk = desk().await;
    for _ in 0..5 {
        desk.submit("sts.test", false).await;
    }
    assert_eq!(desk.send("sts.test").await.attempt.tls_policy, Some(TlsPolicy::MtaSts));
    assert_eq!(desk.policies.asked(), 1);
}

#[tokio::test]
async fn a_policy_that_is_a_day_old_is_renewed_beside_the_letter() {
    let desk = desk().await;
    assert_eq!(desk.send("strict.test").await.attempt.tls_policy, Some(TlsPolicy::MtaSts));
    desk.policies.set("strict.test", Some("version: STSv1\nmode: none\nmax_age: 86400\n"));
    desk.later(25 * 60);
    assert_eq!(
        desk.send("strict.test").await.attempt.tls_policy,
        Some(TlsPolicy::MtaSts),
        "the kept one still counts"
    );
    while desk
        .store
        .sts_policy("strict.test")
        .await
        .expect("the store answers")
        .is_none_or(|kept| kept.policy.contains("enforce"))
    {
        tokio::task::yield_now().await;
    }
    let sent = desk.send("strict.test").await;
    assert_eq!((sent.state, sent.attempt.tls_policy), (DeliveryState::Accepted, Some(TlsPolicy::Opportunistic)));
    assert_eq!(desk.policies.asked(), 2);
}

#[tokio::test]
async fn a_downgrade_is_shown_or_refused() {
    let desk = desk().await;
    assert!(desk.send("dane.open").await.attempt.tls.is_some());
    desk.host(3).forget_encryption();
    desk.later(60);
    let shown = desk.send("dane.open").await;
    assert_eq!((shown.state, shown.attempt.tls.as_ref()), (DeliveryState::Accepted, None));
    assert!(shown.notes().contains("Downgrade: mx.dane.open encrypted before (TLSv1.3"), "{}", shown.notes());
    desk.set("outbound.downgrade", "refuse").await;
    desk.later(60);
    let refused = desk.send("dane.open").await;
    assert_eq!((refused.state, refused.class()), (DeliveryState::Deferred, Some(Class::TlsPolicy)));
    assert_eq!(refused.attempt.error.as_deref(), Some("mx.dane.open offered encryption before and does not now"));
}

#[tokio::test]
async fn what_a_letter_would_meet_can_be_looked_at_and_nothing_is_kept_of_it() {
    let desk = desk().await;
    let look = async |domain: &str| desk.demands(domain).await;
    let seen = look("sts.test").await;
    assert!(matches!(seen.sts().found, StsFound::Policy(_)) && seen.sts().kept.is_none(), "{seen:?}");
    assert!(desk.store.sts_policy("sts.test").await.expect("the store answers").is_none());
    for (domain, dane, policy) in [
        ("sts.test", DaneFound::None, Some(TlsPolicy::MtaSts)),
        ("stray.test", DaneFound::None, None),
        ("tested.test", DaneFound::None, Some(TlsPolicy::Opportunistic)),
        ("dane.test", DaneFound::Records(1), Some(TlsPolicy::Dane)),
        ("dane.open", DaneFound::NotProven, Some(TlsPolicy::Opportunistic)),
    ] {
        let demand = desk.demand(domain).await;
        let policy_found = demand.demand.as_ref().ok().map(|demand| demand.policy);
        assert_eq!((demand.dane, policy_found), (dane, policy), "{domain}");
    }
    desk.set("outbound.dane", "off").await;
    let off = desk.demand("dane.test").await;
    assert_eq!((off.dane, off.demand.expect("a demand").policy), (DaneFound::Off, TlsPolicy::Opportunistic));
}

#[tokio::test]
async fn a_kept_policy_counts_for_a_look_as_for_a_letter() {
    let desk = desk().await;
    desk.send("sts.test").await;
    let because = async || desk.demands("sts.test").await.sts().kept.clone().map(|kept| kept.because);
    assert_eq!(because().await, Some(KeptBecause::Current));
    let kept = desk.store.sts_policy("sts.test").await.expect("the store answers").expect("a policy");
    let other = StoredSts { id: "0".to_owned(), ..kept };
    desk.store.keep_sts_policy("sts.test", other).await.expect("it is kept");
    desk.policies.set("sts.test", None);
    assert!(matches!(because().await, Some(KeptBecause::NotFetched(why)) if why.contains("404")));
    assert_eq!(desk.demand("sts.test").await.demand.expect("a demand").policy, TlsPolicy::MtaSts);
    desk.later(8 * 24 * 60);
    assert!(matches!(desk.demands("sts.test").await.sts().found, StsFound::Failed(_)), "it ran out");
}

#[tokio::test]
async fn encryption_from_before_is_demanded_of_a_look_where_downgrades_are_refused() {
    let desk = desk().await;
    desk.send("dane.open").await;
    assert_eq!(desk.demand("dane.open").await.demand.expect("a demand").policy, TlsPolicy::Opportunistic);
    desk.set("outbound.downgrade", "refuse").await;
    assert_eq!(desk.demand("dane.open").await.demand.expect("a demand").policy, TlsPolicy::Encrypted);
}

#[tokio::test]
async fn a_letter_that_must_travel_safely_goes_only_where_the_hosts_are_proven() {
    let desk = desk().await;
    let unproven = desk.send_with("dane.open", true).await;
    assert_eq!((unproven.state, unproven.class()), (DeliveryState::Failed, Some(Class::TlsPolicy)));
    assert!(unproven.explanation().contains("publishes no proof"), "{}", unproven.explanation());
    let not_offered = desk.send_with("dane.test", true).await;
    assert_eq!((not_offered.state, not_offered.class()), (DeliveryState::Failed, Some(Class::TlsPolicy)));
    assert!(not_offered.explanation().contains("REQUIRETLS"), "{}", not_offered.explanation());
}
