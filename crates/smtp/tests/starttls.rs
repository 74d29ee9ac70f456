//! STARTTLS and implicit TLS with real certificates on loopback, through [`net::Net`].

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peer;

use model::{Fault, LoginForm, Outcome, Phase, TlsPolicy};
use net::{Net, NetConfig};
use peer::{Conversation, Ended, Heard, MESSAGE, Peer, Plan, Script, converse_over, demand, login, plan};
use postrider_smtp::{Encrypt, Transport};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls_pki_types::PrivatePkcs8KeyDer;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn acceptor(authority: &Authority, change: impl FnOnce(&mut CertificateParams)) -> TlsAcceptor {
    let mut params = CertificateParams::new(vec!["mx.test".to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap().der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

#[derive(Clone, Copy, PartialEq)]
enum Tls {
    AfterStarttls,
    First,
}

/// A server for one connection.
async fn serve(script: Script, acceptor: TlsAcceptor, tls: Tls) -> (SocketAddr, Arc<Mutex<Heard>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(Mutex::new(Heard::default()));
    let record = heard.clone();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        match tls {
            Tls::First => {
                if let Ok(stream) = acceptor.accept(tcp).await {
                    Peer::new(stream, script, record).play().await;
                }
            }
            Tls::AfterStarttls => upgrade(tcp, script, record, acceptor).await,
        }
    });
    (address, heard)
}

async fn upgrade(tcp: TcpStream, script: Script, heard: Arc<Mutex<Heard>>, acceptor: TlsAcceptor) {
    if let Ended::Upgrade(tcp, script, heard) = Peer::new(tcp, script, heard).play_to_upgrade().await
        && let Ok(stream) = acceptor.accept(tcp).await
    {
        Peer::upgraded(stream, script, heard).play_to_upgrade().await;
    }
}

fn net_trusting(authority: &Authority) -> Net {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(authority.pem().as_bytes()).unwrap();
    Net::new(NetConfig { extra_ca: Some(file.path().to_owned()), ..NetConfig::default() }).unwrap()
}

async fn send(net: &Net, address: SocketAddr, plan: &Plan, message: &[u8]) -> Conversation {
    let stream = net.dial(address, Duration::from_secs(5)).await.unwrap();
    converse_over(net, stream, plan, message).await
}

fn script() -> Script {
    Script::offering(&["STARTTLS", "PIPELINING"]).after_tls(&["PIPELINING", "SIZE 10000000", "AUTH PLAIN"])
}

fn under(tls: TlsPolicy) -> Plan {
    Plan { tls: demand(tls), ..plan(&["bert@there.test"]) }
}

#[tokio::test]
async fn a_certificate_of_a_trusted_authority_is_verified() {
    let authority = authority("Trusted");
    for policy in [TlsPolicy::Verified, TlsPolicy::Opportunistic] {
        let (address, _) = serve(script(), acceptor(&authority, |_| {}), Tls::AfterStarttls).await;
        let conversation = send(&net_trusting(&authority), address, &under(policy), MESSAGE).await;
        assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
        let tls = conversation.tls.unwrap();
        assert!(tls.verified);
        assert_eq!(tls.names, ["mx.test"]);
        assert!(conversation.transcript.contains("-- TLSv1.3 TLS_"), "{}", conversation.transcript);
        assert!(conversation.source.is_some());
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_tolerated_by_one_policy_and_refused_by_the_other() {
    let trusted = authority("Trusted");
    let stranger = authority("Stranger");
    let expired = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    };
    for acceptor in [acceptor(&stranger, |_| {}), acceptor(&trusted, expired)] {
        let net = net_trusting(&trusted);
        let (address, _) = serve(script(), acceptor.clone(), Tls::AfterStarttls).await;
        let conversation = send(&net, address, &under(TlsPolicy::Opportunistic), MESSAGE).await;
        assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
        let tls = conversation.tls.unwrap();
        assert!(!tls.verified && tls.unverified_because.is_some());

        let (address, heard) = serve(script(), acceptor, Tls::AfterStarttls).await;
        let conversation = send(&net, address, &under(TlsPolicy::Verified), MESSAGE).await;
        let result = &conversation.recipients[0];
        assert_eq!(result.phase, Phase::Tls);
        assert!(matches!(result.outcome, Outcome::Failed(Fault::TlsUntrusted(_))), "{:?}", result.outcome);
        assert_eq!(heard.lock().unwrap().count("MAIL"), 0);
        assert!(!conversation.starttls_failed);
    }
}

#[tokio::test]
async fn a_login_and_a_large_message_go_through_implicit_tls_unchanged() {
    let authority = authority("Trusted");
    let offers = Script::offering(&["AUTH PLAIN", "SIZE"]);
    let (address, heard) = serve(offers, acceptor(&authority, |_| {}), Tls::First).await;
    let message: Vec<u8> = (0..60_000).flat_map(|n| format!("line {n}\r\n.{n}\r\n").into_bytes()).collect();
    let plan = Plan {
        implicit_tls: true,
        auth: Some(login(LoginForm::Password, "open sesame")),
        ..under(TlsPolicy::Verified)
    };
    let conversation = send(&net_trusting(&authority), address, &plan, &message).await;
    assert!(conversation.recipients[0].delivered, "{}", conversation.transcript);
    let heard = heard.lock().unwrap();
    let stuffed = String::from_utf8(message).unwrap().replace("\r\n.", "\r\n..");
    assert!(heard.contents[0] == stuffed.as_bytes(), "the message arrived otherwise than it left");
}

#[tokio::test]
async fn a_server_that_agrees_and_then_speaks_no_tls_may_be_tried_in_clear_text() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        // It goes on in clear text and takes our hello for a command.
        Peer::new(tcp, script(), Arc::default()).play().await;
    });
    let net = Net::new(NetConfig::default()).unwrap();
    let conversation = send(&net, address, &under(TlsPolicy::Opportunistic), MESSAGE).await;
    assert_eq!(conversation.recipients[0].phase, Phase::Tls);
    assert!(matches!(conversation.recipients[0].outcome, Outcome::Failed(Fault::TlsHandshake(_))));
    assert!(conversation.starttls_failed);
}

#[tokio::test]
async fn both_ends_of_an_encrypted_connection_can_bind_it_by_the_same() {
    let authority = authority("Trusted");
    let acceptor = acceptor(&authority, |_| {});
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let theirs = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let stream = acceptor.accept(tcp).await.unwrap();
        let (_, connection) = stream.get_ref();
        connection.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).unwrap()
    });
    let net = net_trusting(&authority);
    let stream = net.dial(address, Duration::from_secs(5)).await.unwrap();
    assert_eq!(stream.channel_binding(), None, "there is nothing to bind yet");
    let (stream, _) = net.encrypt(stream, &demand(TlsPolicy::Verified)).await.unwrap();
    assert_eq!(stream.channel_binding(), Some(theirs.await.unwrap()));
}
