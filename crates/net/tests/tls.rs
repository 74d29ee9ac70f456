//! Real handshakes on loopback: who is trusted, what is tolerated, and what the report says.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peers;

use model::{Fault, TlsDemand, TlsPolicy, TlsReport};
use peers::{authority, authority_named, certificate, listen, net_trusting, serve, server_config};
use postrider_net::{Net, NetConfig, NetError};
use rcgen::{KeyPair, date_time_ymd};
use rustls::pki_types::CertificateDer;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use x509_parser::prelude::{FromDer, X509Certificate};

async fn shake(net: &Net, address: SocketAddr, name: &str, policy: TlsPolicy) -> Result<TlsReport, Fault> {
    let stream = net.dial(address, Duration::from_secs(5)).await.unwrap();
    net.handshake(stream, &TlsDemand::new(policy, name)).await.map(|(stream, report)| {
        assert!(stream.is_encrypted());
        report
    })
}

async fn untrusted(net: &Net, address: SocketAddr, name: &str, because: &str) {
    match shake(net, address, name, TlsPolicy::Verified).await {
        Err(Fault::TlsUntrusted(why)) => assert!(why.contains(because), "{why}"),
        other => panic!("{other:?}"),
    }
    let report = shake(net, address, name, TlsPolicy::Opportunistic).await.unwrap();
    assert!(!report.verified);
    let why = report.unverified_because.unwrap();
    assert!(why.contains(because), "{why}");
}

#[tokio::test]
async fn a_certificate_of_an_extra_authority_is_trusted_and_reported() {
    let issuer = authority();
    let (certificate, key) = certificate(&issuer, &["mx.test", "*.mail.test", "192.0.2.1"], |params| {
        params.not_after = date_time_ymd(2090, 1, 2);
    });
    let address = serve(certificate, &key).await;
    let net = net_trusting(&issuer);
    for policy in [TlsPolicy::Verified, TlsPolicy::Opportunistic] {
        let report = shake(&net, address, "mx.test", policy).await.unwrap();
        assert!(report.verified && report.unverified_because.is_none(), "{report:?}");
        assert_eq!(report.policy, policy);
        assert_eq!(report.version, "TLSv1.3");
        assert!(report.cipher.starts_with("TLS_"), "{}", report.cipher);
        assert_eq!(report.names, ["mx.test", "*.mail.test", "192.0.2.1"]);
        assert_eq!(report.not_after.unwrap().to_string(), "2090-01-02T00:00:00Z");
    }
    for name in ["MX.test.", "a.mail.test", "[192.0.2.1]", "192.0.2.1"] {
        assert!(shake(&net, address, name, TlsPolicy::Verified).await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn an_unknown_authority_is_tolerated_only_where_anything_is_better_than_nothing() {
    let (certificate, key) = certificate(&authority(), &["mx.test"], |_| {});
    let address = serve(certificate, &key).await;
    untrusted(&net_trusting(&authority_named("Another")), address, "mx.test", "not signed by an authority").await;
    untrusted(&Net::new(NetConfig::default()).unwrap(), address, "mx.test", "not signed by an authority").await;
}

#[tokio::test]
async fn an_expired_certificate_says_when_it_expired() {
    let issuer = authority();
    let (certificate, key) = certificate(&issuer, &["mx.test"], |params| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 2, 3);
    });
    let address = serve(certificate, &key).await;
    untrusted(&net_trusting(&issuer), address, "mx.test", "expired on 2020-02-03").await;
}

#[tokio::test]
async fn a_certificate_for_another_name_says_for_which() {
    let issuer = authority();
    let (certificate, key) = certificate(&issuer, &["other.test", "more.test"], |_| {});
    let address = serve(certificate, &key).await;
    let because = "not for mx.test but for other.test, more.test";
    untrusted(&net_trusting(&issuer), address, "mx.test", because).await;
}

#[tokio::test]
async fn a_host_that_no_certificate_can_name_is_still_encrypted_to() {
    let issuer = authority();
    let (certificate, key) = certificate(&issuer, &["mx.test"], |_| {});
    let address = serve(certificate, &key).await;
    let net = net_trusting(&issuer);
    let report = shake(&net, address, "not a name", TlsPolicy::Opportunistic).await.unwrap();
    assert!(!report.verified);
    assert!(matches!(shake(&net, address, "not a name", TlsPolicy::Verified).await, Err(Fault::TlsUntrusted(_))));
}

#[tokio::test]
async fn whoever_does_not_hold_the_key_is_not_tolerated_either() {
    let issuer = authority();
    let (certificate, _) = certificate(&issuer, &["mx.test"], |_| {});
    let stranger = KeyPair::generate().unwrap();
    let net = net_trusting(&issuer);
    for versions in [&[&rustls::version::TLS13][..], &[&rustls::version::TLS12]] {
        let address = listen(server_config(certificate.clone(), &stranger, versions)).await;
        for policy in [TlsPolicy::Verified, TlsPolicy::Opportunistic] {
            let fault = shake(&net, address, "mx.test", policy).await.unwrap_err();
            assert!(matches!(fault, Fault::TlsHandshake(_) | Fault::TlsUntrusted(_)), "{fault:?}");
        }
    }
}

#[tokio::test]
async fn the_older_protocol_is_spoken_and_reported() {
    let issuer = authority();
    let (certificate, key) = certificate(&issuer, &["mx.test"], |_| {});
    let address = listen(server_config(certificate, &key, &[&rustls::version::TLS12])).await;
    let report = shake(&net_trusting(&issuer), address, "mx.test", TlsPolicy::Verified).await.unwrap();
    assert_eq!(report.version, "TLSv1.2");
    assert!(report.cipher.starts_with("TLS_ECDHE_"), "{}", report.cipher);
}

/// DER: a tag, a length, a value.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let [high, low] = u16::try_from(value.len()).unwrap().to_be_bytes();
    [&[tag, 0x82, high, low], value.as_slice()].concat()
}

/// A certificate of version 1, as it was made before 1996 and by some appliances still. Nobody looks at its signature.
fn version_1(certificate: &CertificateDer<'_>) -> CertificateDer<'static> {
    let (_, parsed) = X509Certificate::from_der(certificate).unwrap();
    let ecdsa_sha256 = [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    let validity = der(0x30, &[&der(0x17, &[b"200101000000Z"]), &der(0x17, &[b"490101000000Z"])]);
    let body = der(
        0x30,
        &[
            &[2, 1, 1],
            &ecdsa_sha256,
            parsed.issuer().as_raw(),
            &validity,
            parsed.subject().as_raw(),
            parsed.public_key().raw,
        ],
    );
    CertificateDer::from(der(0x30, &[&body, &ecdsa_sha256, &der(3, &[&[0, 0x30, 0]])]))
}

#[tokio::test]
async fn a_certificate_older_than_verifiers_still_encrypts_for_whoever_holds_its_key() {
    let issuer = authority();
    let (certificate, key) = certificate(&issuer, &["mx.test"], |_| {});
    let old = version_1(&certificate);
    let stranger = KeyPair::generate().unwrap();
    let net = net_trusting(&issuer);
    for versions in [&[&rustls::version::TLS13][..], &[&rustls::version::TLS12]] {
        let address = listen(server_config(old.clone(), &key, versions)).await;
        let report = shake(&net, address, "mx.test", TlsPolicy::Opportunistic).await.unwrap();
        assert!(!report.verified);
        assert!(shake(&net, address, "mx.test", TlsPolicy::Verified).await.is_err());

        let address = listen(server_config(old.clone(), &stranger, versions)).await;
        assert!(shake(&net, address, "mx.test", TlsPolicy::Opportunistic).await.is_err());
    }
}

#[tokio::test]
async fn what_is_no_tls_is_a_failed_handshake() {
    for answer in [&b"550 no TLS here\r\n"[..], b"", &[0; 100]] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            tcp.write_all(answer).await.unwrap();
            tcp.shutdown().await.unwrap();
        });
        let net = Net::new(NetConfig::default()).unwrap();
        let fault = shake(&net, address, "mx.test", TlsPolicy::Opportunistic).await.unwrap_err();
        assert!(matches!(fault, Fault::TlsHandshake(_)), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_handshake_ends_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let net = Net::new(NetConfig::default()).unwrap();
    let tcp = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let fault = net
        .handshake(postrider_net::Stream::Plain(tcp), &TlsDemand::new(TlsPolicy::Verified, "mx.test"))
        .await
        .unwrap_err();
    assert_eq!(fault, Fault::Timeout(60));
}

#[test]
fn a_file_of_authorities_that_is_of_no_use_is_named() {
    let refused = |text: &str| {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Net::new(NetConfig { extra_ca: Some(file.path().to_owned()), ..NetConfig::default() }).unwrap_err()
    };
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for text in ["", "not PEM at all\n", garbage] {
        assert!(matches!(refused(text), NetError::ExtraCaInvalid { .. }), "{text}");
    }
    let missing = NetConfig { extra_ca: Some("/nonexistent/ca.pem".into()), ..NetConfig::default() };
    let error = Net::new(missing).unwrap_err();
    assert!(matches!(error, NetError::ExtraCaUnreadable { .. }));
    assert!(error.to_string().contains("/nonexistent/ca.pem"), "{error}");
}

/// Set for the process that [`a_computer_that_trusts_nobody_still_encrypts`] starts.
#[cfg(target_os = "linux")]
const TRUSTS_NOBODY: &str = "POSTRIDER_TEST_TRUSTS_NOBODY";

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_computer_that_trusts_nobody_still_encrypts() {
    if std::env::var_os(TRUSTS_NOBODY).is_none() {
        let itself = std::env::current_exe().unwrap();
        let run = std::process::Command::new(itself)
            .args(["--exact", "a_computer_that_trusts_nobody_still_encrypts"])
            .envs([(TRUSTS_NOBODY, "1"), ("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")])
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
        return;
    }
    let issuer = authority();
    let (certificate, key) = certificate(&issuer, &["mx.test"], |_| {});
    let address = serve(certificate, &key).await;
    untrusted(&Net::new(NetConfig::default()).unwrap(), address, "mx.test", "not signed by an authority").await;
    let report = shake(&net_trusting(&issuer), address, "mx.test", TlsPolicy::Verified).await.unwrap();
    assert!(report.verified, "the authority of the settings is trusted all the same");
}
