//! Domains' own policies (MTA-STS): their announcement in DNS, and fetching them over HTTPS.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peers;
mod zones;

use hickory_resolver::proto::rr::RData;
use hickory_resolver::proto::rr::rdata::TXT;
use model::{DnsFault, Fault};
use peers::{Issuer, authority, authority_named, certificate, private, trusting};
use postrider_net::{Net, NetConfig, StsFetchError};
use rcgen::date_time_ymd;
use rustls::pki_types::CertificateDer;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use zones::{a, serve, zone};

const POLICY: &str = "version: STSv1\r\nmode: enforce\r\nmx: mx.good.test\r\nmax_age: 86400\r\n";

fn txt(texts: &[&str]) -> RData {
    RData::TXT(TXT::new(texts.iter().map(|text| (*text).to_owned()).collect()))
}

async fn name_server() -> SocketAddr {
    let host = || a([127, 0, 0, 1]);
    let records = [
        ("mta-sts.good.test.", host()),
        ("mta-sts.other.test.", host()),
        ("_mta-sts.good.test.", txt(&["v=STSv1; ", "id=20260101;"])),
        ("_mta-sts.twice.test.", txt(&["v=STSv1; id=1;"])),
        ("_mta-sts.twice.test.", txt(&["v=STSv1; id=2;"])),
        ("_mta-sts.another.test.", txt(&["v=spf1 -all"])),
    ];
    serve(vec![("test.", zone("test.", &records, None))]).await
}

/// A server that answers every request with the same octets, and keeps the requests.
struct Host {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Host {
    async fn start(shown: (CertificateDer<'static>, rcgen::KeyPair), answer: Answer) -> Self {
        let (certificate, key) = shown;
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], private(&key))
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((tcp, _)) = listener.accept().await {
                let Ok(mut tls) = acceptor.accept(tcp).await else { continue };
                let mut request = [0; 4096];
                let length = tls.read(&mut request).await.unwrap_or_default();
                heard.lock().unwrap().push(String::from_utf8_lossy(&request[..length]).into_owned());
                match &answer {
                    Answer::Octets(octets) => {
                        // Whoever has read enough may hang up.
                        let _ = tls.write_all(octets).await;
                        let _ = tls.shutdown().await;
                    }
                    Answer::Never => {
                        tokio::time::pause();
                        std::future::pending::<()>().await;
                    }
                }
            }
        });
        Self { port, asked }
    }
}

enum Answer {
    Octets(Vec<u8>),
    /// And from then on the clock runs as fast as it can.
    Never,
}

fn response(status: &str, headers: &str, body: &str) -> Answer {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    Answer::Octets([head.as_bytes(), body.as_bytes()].concat())
}

async fn net(issuer: &Issuer, https_port: u16) -> (Net, NamedTempFile) {
    let file = trusting(issuer);
    let extra_ca = Some(file.path().to_owned());
    let dns = vec![name_server().await];
    (Net::new(NetConfig { dns, smtp_port: 2525, extra_ca, https_port, ..NetConfig::default() }).unwrap(), file)
}

async fn fetched(answer: Answer) -> Result<String, StsFetchError> {
    let issuer = authority();
    let host = Host::start(certificate(&issuer, &["mta-sts.good.test"], |_| {}), answer).await;
    let (net, _file) = net(&issuer, host.port).await;
    net.fetch_sts_policy("good.test").await
}

#[tokio::test]
async fn a_domain_announces_one_policy_or_none() {
    let (net, _file) = net(&authority(), 443).await;
    let table =
        [("good.test", Some("20260101")), ("twice.test", None), ("another.test", None), ("nowhere.test", None)];
    for (domain, id) in table {
        assert_eq!(net.sts_record(domain).await, Ok(id.map(str::to_owned)), "{domain}");
    }
}

#[tokio::test]
async fn a_policy_is_fetched_from_the_host_that_the_standard_names() {
    let issuer = authority();
    let answer = response("200 OK", "Content-Type: text/plain; charset=utf-8\r\n", POLICY);
    let host = Host::start(certificate(&issuer, &["mta-sts.good.test"], |_| {}), answer).await;
    let (net, _file) = net(&issuer, host.port).await;
    assert_eq!(net.fetch_sts_policy("good.test").await.as_deref(), Ok(POLICY));
    let asked = host.asked.lock().unwrap().join("");
    assert!(asked.starts_with("GET /.well-known/mta-sts.txt HTTP/1.1\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains(&format!("host: mta-sts.good.test:{}\r\n", host.port)), "{asked}");
}

#[tokio::test]
async fn an_answer_is_read_in_whichever_form_it_comes() {
    let chunked =
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{POLICY}\r\n0\r\n\r\n", POLICY.len());
    let until_the_end = format!("HTTP/1.0 200 OK\r\n\r\n{POLICY}");
    for octets in [chunked, until_the_end] {
        assert_eq!(fetched(Answer::Octets(octets.into_bytes())).await.as_deref(), Ok(POLICY));
    }
}

#[tokio::test]
async fn what_is_no_policy_is_refused_with_the_reason() {
    let large = "x".repeat(64 * 1024 + 1);
    let table = [
        (response("301 Moved", "Location: https://www.good.test/\r\n", ""), StsFetchError::Status(301)),
        (response("404 Not Found", "", "nothing"), StsFetchError::Status(404)),
        (response("200 OK", "Content-Type: text/html\r\n", POLICY), StsFetchError::Type("text/html".to_owned())),
        (response("200 OK", "Content-Type: text/plain\r\n", &large), StsFetchError::Large),
    ];
    for (answer, expected) in table {
        assert_eq!(fetched(answer).await, Err(expected));
    }
    for octets in
        [&b""[..], b"220 mail.good.test ESMTP\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\nversion: "]
    {
        let fetched = fetched(Answer::Octets(octets.to_vec())).await;
        assert!(matches!(fetched, Err(StsFetchError::Http(_))), "{fetched:?}");
    }
}

#[tokio::test]
async fn a_policy_counts_only_from_a_host_that_proves_its_name() {
    let issuer = authority();
    let expired = certificate(&issuer, &["mta-sts.good.test"], |params| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 2, 3);
    });
    let table = [
        (certificate(&issuer, &["www.good.test"], |_| {}), "it is not for mta-sts.good.test but for www.good.test"),
        (expired, "expired on 2020-02-03"),
        (certificate(&authority_named("Stranger"), &["mta-sts.good.test"], |_| {}), "not signed by an authority"),
    ];
    for (shown, because) in table {
        let host = Host::start(shown, response("200 OK", "", POLICY)).await;
        let (net, _file) = net(&issuer, host.port).await;
        match net.fetch_sts_policy("good.test").await {
            Err(StsFetchError::Connection(Fault::TlsUntrusted(why))) => assert!(why.contains(because), "{why}"),
            other => panic!("{other:?}"),
        }
        assert!(host.asked.lock().unwrap().is_empty(), "nothing was asked of it");
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_is_an_answer_too() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let (net, _file) = net(&authority(), nobody).await;
    let refused = net.fetch_sts_policy("good.test").await;
    assert!(matches!(refused, Err(StsFetchError::Connection(Fault::ConnectionRefused(_)))), "{refused:?}");
    let missing = DnsFault::NoSuchDomain("mta-sts.nowhere.test".to_owned());
    assert_eq!(net.fetch_sts_policy("nowhere.test").await, Err(StsFetchError::Dns(missing)));
}

#[tokio::test]
async fn a_host_that_keeps_silent_is_left_after_a_minute() {
    let began = tokio::time::Instant::now();
    assert_eq!(fetched(Answer::Never).await, Err(StsFetchError::Slow));
    assert!(began.elapsed() >= Duration::from_secs(60));
}
