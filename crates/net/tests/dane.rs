//! Real handshakes on loopback, judged by TLSA records.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod peers;

use model::{Fault, TlsDemand, TlsPolicy, TlsReport, Tlsa, VerifiedBy};
use peers::{Issuer, authority, authority_named, certificate, listen, server_config, server_with_chain};
use postrider_net::{Net, NetConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use ring::digest::{SHA256, SHA512, digest};
use rustls::pki_types::CertificateDer;
use std::net::SocketAddr;
use std::time::Duration;
use x509_parser::prelude::{FromDer, X509Certificate};

fn key_of(certificate: &CertificateDer<'_>) -> Vec<u8> {
    X509Certificate::from_der(certificate).unwrap().1.public_key().raw.to_vec()
}

fn tlsa(usage: u8, selector: u8, matching: u8, of: &CertificateDer<'_>) -> Tlsa {
    let selected = if selector == 0 { of.to_vec() } else { key_of(of) };
    let data = match matching {
        0 => selected,
        1 => digest(&SHA256, &selected).as_ref().to_vec(),
        _ => digest(&SHA512, &selected).as_ref().to_vec(),
    };
    Tlsa { usage, selector, matching, data }
}

async fn shake(address: SocketAddr, names: &[&str], tlsa: Vec<Tlsa>) -> Result<TlsReport, Fault> {
    let net = Net::new(NetConfig::default()).unwrap();
    let stream = net.dial(address, Duration::from_secs(5)).await.unwrap();
    let (name, others) = names.split_first().unwrap();
    let other_names = others.iter().map(|name| (*name).to_owned()).collect();
    let demand = TlsDemand { other_names, tlsa, ..TlsDemand::new(TlsPolicy::Dane, *name) };
    net.handshake(stream, &demand).await.map(|(_, report)| report)
}

fn refused(shaken: Result<TlsReport, Fault>, because: &str) {
    match shaken {
        Err(Fault::TlsUntrusted(why)) => assert!(why.contains(because), "{why}"),
        other => panic!("{other:?}"),
    }
}

const NOT_IN_RECORDS: &str = "not the one that the TLSA records";

#[tokio::test]
async fn a_servers_own_certificate_needs_neither_name_nor_date_nor_authority() {
    let (own, key) = certificate(&authority(), &["another.test"], |params| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 2, 3);
    });
    for versions in [&[&rustls::version::TLS13][..], &[&rustls::version::TLS12]] {
        let address = listen(server_config(own.clone(), &key, versions)).await;
        for (selector, matching) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
            let report = shake(address, &["mx.test"], vec![tlsa(3, selector, matching, &own)]).await.unwrap();
            assert!(report.verified && report.verified_by == Some(VerifiedBy::Tlsa), "{report:?}");
            assert_eq!((report.policy, report.names.as_slice()), (TlsPolicy::Dane, &["another.test".to_owned()][..]));
        }
    }
}

#[tokio::test]
async fn a_certificate_that_no_record_speaks_of_is_refused() {
    let issuer = authority();
    let (own, key) = certificate(&issuer, &["mx.test"], |_| {});
    let (other, _) = certificate(&issuer, &["mx.test"], |_| {});
    let address = listen(server_config(own.clone(), &key, rustls::ALL_VERSIONS)).await;
    refused(shake(address, &["mx.test"], vec![tlsa(3, 1, 1, &other)]).await, NOT_IN_RECORDS);
    refused(shake(address, &["mx.test"], vec![tlsa(1, 1, 1, &own)]).await, NOT_IN_RECORDS);
    refused(shake(address, &["mx.test"], vec![]).await, NOT_IN_RECORDS);
    let one_of_two = vec![tlsa(3, 1, 1, &other), tlsa(3, 0, 1, &own)];
    assert!(shake(address, &["mx.test"], one_of_two).await.is_ok(), "one that fits is enough");
    let weaker_beside_stronger = vec![tlsa(3, 1, 1, &own), tlsa(3, 1, 2, &other)];
    refused(shake(address, &["mx.test"], weaker_beside_stronger).await, NOT_IN_RECORDS);
}

#[tokio::test]
async fn whoever_only_shows_the_certificate_does_not_hold_its_key() {
    let (own, _) = certificate(&authority(), &["mx.test"], |_| {});
    let stranger = KeyPair::generate().unwrap();
    for versions in [&[&rustls::version::TLS13][..], &[&rustls::version::TLS12]] {
        let address = listen(server_config(own.clone(), &stranger, versions)).await;
        assert!(shake(address, &["mx.test"], vec![tlsa(3, 1, 1, &own)]).await.is_err());
    }
}

/// An authority below another.
fn intermediate(above: &Issuer) -> Issuer {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "Intermediate");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), above).unwrap()
}

async fn chain(parts: &[&CertificateDer<'static>], key: &KeyPair) -> SocketAddr {
    let chain = parts.iter().map(|part| (*part).clone()).collect();
    listen(server_with_chain(chain, key, rustls::ALL_VERSIONS)).await
}

#[tokio::test]
async fn an_authority_of_the_records_vouches_for_what_it_signed() {
    let root = authority();
    let below = intermediate(&root);
    let (own, key) = certificate(&below, &["mx.test"], |_| {});
    let (root, below) = (root.der().clone(), below.der().clone());
    let whole = chain(&[&own, &below, &root], &key).await;
    for anchor in [&root, &below] {
        for (selector, matching) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
            let report = shake(whole, &["mx.test"], vec![tlsa(2, selector, matching, anchor)]).await;
            assert_eq!(report.unwrap().verified_by, Some(VerifiedBy::Tlsa), "2 {selector} {matching}");
        }
    }
    let without_root = chain(&[&own, &below], &key).await;
    for (selector, matching, fits) in [(0, 0, true), (1, 0, true), (0, 1, false), (1, 1, false)] {
        let shaken = shake(without_root, &["mx.test"], vec![tlsa(2, selector, matching, &root)]).await;
        assert_eq!(shaken.is_ok(), fits, "2 {selector} {matching}: a digest needs the certificate in the chain");
    }
    refused(shake(whole, &["mx.test"], vec![tlsa(2, 0, 1, &own)]).await, NOT_IN_RECORDS);
    let stranger = authority_named("Stranger").der().clone();
    refused(shake(whole, &["mx.test"], vec![tlsa(2, 0, 1, &stranger)]).await, NOT_IN_RECORDS);
    refused(shake(whole, &["mx.test"], vec![tlsa(2, 0, 0, &stranger)]).await, "not signed by an authority");
}

#[tokio::test]
async fn below_an_authority_of_the_records_names_and_dates_count() {
    let root = authority();
    let (own, key) = certificate(&root, &["mx.test"], |_| {});
    let (old, old_key) = certificate(&root, &["mx.test"], |params| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 2, 3);
    });
    let root = root.der().clone();
    let records = || vec![tlsa(2, 1, 1, &root)];
    let address = chain(&[&own, &root], &key).await;
    assert!(shake(address, &["alias.test", "mx.test"], records()).await.is_ok(), "another name of the demand");
    refused(
        shake(address, &["alias.test", "domain.test"], records()).await,
        "it is not for alias.test but for mx.test",
    );
    let expired = chain(&[&old, &root], &old_key).await;
    refused(shake(expired, &["mx.test"], records()).await, "expired on 2020-02-03");
}
