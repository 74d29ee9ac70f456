//! A certificate that the user trusts though no authority vouches for it.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peers;

use model::{Fault, TlsDemand, TlsPolicy, TlsReport, VerifiedBy};
use peers::{authority, certificate, listen, net_trusting, server_config};
use postrider_net::Net;
use rcgen::date_time_ymd;
use std::net::SocketAddr;
use std::time::Duration;

async fn shake(net: &Net, address: SocketAddr, pinned: Option<&str>) -> Result<TlsReport, Fault> {
    let stream = net.dial(address, Duration::from_secs(5)).await?;
    let pinned = pinned.map(str::to_owned);
    let demand = TlsDemand { pinned, ..TlsDemand::new(TlsPolicy::Verified, "imap.test") };
    net.handshake(stream, &demand).await.map(|(_, report)| report)
}

/// A server whose certificate no authority of ours has signed, for another name, and long expired.
async fn stranger() -> SocketAddr {
    let (certificate, key) = certificate(&authority(), &["other.test"], |params| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
    });
    listen(server_config(certificate, &key, &[&rustls::version::TLS13])).await
}

#[tokio::test]
async fn a_refused_certificate_is_shown_to_whoever_asks_and_can_be_trusted() {
    let address = stranger().await;
    let (net, witness) = net_trusting(&authority()).with_witness();
    assert_eq!(witness.refused(), None);
    let fault = shake(&net, address, None).await.unwrap_err();
    assert!(matches!(fault, Fault::TlsUntrusted(_)), "{fault:?}");
    let shown = witness.refused().unwrap();
    assert_eq!(shown.names, ["other.test"]);
    assert_eq!(shown.sha256.len(), 64);
    assert_eq!(shown.not_after.unwrap().to_string(), "2002-01-01T00:00:00Z");
    assert!(!shown.issuer.is_empty() && !shown.self_signed, "{shown:?}");

    let report = shake(&net, address, Some(&shown.sha256)).await.unwrap();
    assert!(report.verified, "{report:?}");
    assert_eq!(report.verified_by, Some(VerifiedBy::Pinned));
}

#[tokio::test]
async fn another_certificate_than_the_trusted_one_is_refused_with_both_fingerprints() {
    let (net, witness) = net_trusting(&authority()).with_witness();
    let _ = shake(&net, stranger().await, None).await.unwrap_err();
    let trusted = witness.refused().unwrap().sha256;
    let Err(Fault::TlsUntrusted(why)) = shake(&net, stranger().await, Some(&trusted)).await else {
        panic!("another certificate was taken");
    };
    let shown = witness.refused().unwrap().sha256;
    assert_ne!(shown, trusted);
    assert!(why.contains(&shown) && why.contains(&trusted), "{why}");
}

#[tokio::test]
async fn one_that_an_authority_vouches_for_is_another_certificate_all_the_same() {
    let issuer = authority();
    let (certificate, key) = certificate(&issuer, &["imap.test"], |_| {});
    let address = listen(server_config(certificate, &key, &[&rustls::version::TLS12])).await;
    let net = net_trusting(&issuer);
    assert!(shake(&net, address, None).await.is_ok());
    assert!(matches!(shake(&net, address, Some(&"0".repeat(64))).await, Err(Fault::TlsUntrusted(_))));
}
