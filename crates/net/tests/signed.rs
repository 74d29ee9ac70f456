//! Lookups with proof, against a name server with signed zones and a trust anchor of its own.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod zones;

use hickory_resolver::proto::dnssec::crypto::EcdsaSigningKey;
use hickory_resolver::proto::dnssec::rdata::DNSKEY;
use hickory_resolver::proto::dnssec::{Algorithm, DnssecSigner, SigningKey};
use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use hickory_resolver::proto::rr::rdata::{CNAME, NS, SRV, TLSA};
use hickory_resolver::proto::rr::{RData, Record, RecordType, RrKey};
use hickory_server::dnssec::NxProofKind;
use model::{DnsFault, Tlsa};
use postrider_net::{HostProof, MailHosts, Net, NetConfig, Proof, Proven, SMTP_PORT, TlsaAnswer};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::net::UdpSocket;
use zones::{Zone, a, mx, name, serve, serve_zones, zone};

/// Signs a zone and gives back its key as a line of a trust anchor file.
fn sign(zone: &mut Zone, origin: &str) -> String {
    let pkcs8 = EcdsaSigningKey::generate_pkcs8(Algorithm::ECDSAP256SHA256).unwrap();
    let key = || EcdsaSigningKey::from_pkcs8(&pkcs8, Algorithm::ECDSAP256SHA256).unwrap();
    let public = key().to_public_key().unwrap();
    let dnskey = DNSKEY::from_key(&public);
    let signer = DnssecSigner::new(dnskey.clone(), Box::new(key()), name(origin), Duration::from_secs(86_400));
    zone.add_zone_signing_key_mut(signer).unwrap();
    zone.secure_zone_mut().unwrap();
    format!("{origin}\t60\tIN\tDNSKEY\t{dnskey} ;{{id = 1 (ksk)}}\n")
}

fn srv(host: &str) -> RData {
    RData::SRV(SRV::new(0, 0, 993, name(host)))
}

fn tlsa() -> RData {
    RData::TLSA(TLSA::new(CertUsage::DaneEe, Selector::Spki, Matching::Sha256, vec![7; 32]))
}

/// `test.` is signed and the trust anchor; `plain.test.` is proven to be unsigned; what is below `altered.test.` was
/// changed after signing.
fn records() -> Vec<(&'static str, RData)> {
    vec![
        ("ns.test.", a([127, 0, 0, 1])),
        ("good.test.", mx("mx.good.test.")),
        ("mx.good.test.", a([192, 0, 2, 1])),
        ("_25._tcp.mx.good.test.", tlsa()),
        ("_imaps._tcp.good.test.", srv("imap.elsewhere.test.")),
        ("alone.test.", a([192, 0, 2, 2])),
        ("alias.test.", mx("other.alias.test.")),
        ("other.alias.test.", RData::CNAME(CNAME(name("mx.good.test.")))),
        ("away.test.", mx("mx.plain.test.")),
        ("plain.test.", RData::NS(NS(name("ns.test.")))),
        ("altered.test.", mx("mx.altered.test.")),
        ("mx.altered.test.", a([192, 0, 2, 3])),
    ]
}

fn plain_records() -> Vec<(&'static str, RData)> {
    vec![
        ("plain.test.", mx("mx.plain.test.")),
        ("mx.plain.test.", a([192, 0, 2, 4])),
        ("_25._tcp.mx.plain.test.", tlsa()),
        ("_imaps._tcp.plain.test.", srv("imap.elsewhere.test.")),
    ]
}

/// Puts other records in the place of those that were signed, under the old signatures.
fn forge(zone: &mut Zone, owner: &str, data: RData) {
    let key = RrKey::new(name(owner).into(), data.record_type());
    let records = zone.records_get_mut();
    let mut set = (**records.get(&key).unwrap()).clone();
    let signatures = set.rrsigs().to_vec();
    let kept: Vec<Record> = set.records_without_rrsigs().cloned().collect();
    for record in kept {
        assert!(set.remove(&record, 2));
    }
    assert!(set.insert(Record::from_rdata(name(owner), 60, data), 3));
    for signature in signatures {
        set.insert_rrsig(signature);
    }
    records.insert(key, Arc::new(set));
}

/// A resolver before two name servers, the first for questions of one type: a delegation is signed, or proven to be unsigned, by the zone above it, but this
/// server library asks the zone below. So one of the two does not know that zone.
async fn in_front_of(special: RecordType, above: SocketAddr, below: SocketAddr) -> SocketAddr {
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut packet).await {
            let (socket, query) = (socket.clone(), packet[..length].to_vec());
            tokio::spawn(async move {
                let kind = Message::from_vec(&query).unwrap().queries[0].query_type();
                let onward = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                onward.send_to(&query, if kind == special { above } else { below }).await.unwrap();
                let mut answer = [0; 4096];
                let length = onward.recv(&mut answer).await.unwrap();
                socket.send_to(&answer[..length], from).await.unwrap();
            });
        }
    });
    address
}

struct World {
    net: Net,
    _anchor: NamedTempFile,
}

async fn world() -> World {
    let mut signed = zone("test.", &records(), Some(NxProofKind::Nsec));
    let anchor = sign(&mut signed, "test.");
    forge(&mut signed, "altered.test.", mx("evil.altered.test."));
    forge(&mut signed, "mx.altered.test.", a([192, 0, 2, 66]));
    let signed: Arc<Zone> = Arc::new(signed);
    let plain = Arc::new(zone("plain.test.", &plain_records(), None));
    let above = serve_zones(vec![("test.", signed.clone())]).await;
    let below = serve_zones(vec![("test.", signed), ("plain.test.", plain)]).await;
    net(in_front_of(RecordType::DS, above, below).await, &anchor)
}

fn net(dns: SocketAddr, anchor: &str) -> World {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(anchor.as_bytes()).unwrap();
    let trust_anchor = Some(file.path().to_owned());
    let net = Net::new(NetConfig { dns: vec![dns], smtp_port: 2525, trust_anchor, ..NetConfig::default() }).unwrap();
    World { net, _anchor: file }
}

fn hosts(found: Result<Proven<MailHosts>, DnsFault>) -> (Vec<String>, Proof) {
    let found = found.unwrap();
    let names = match found.value {
        MailHosts::Mx(hosts) => hosts.into_iter().map(|host| host.name).collect(),
        MailHosts::Implicit(host) => vec![host],
        MailHosts::NullMx => vec![],
    };
    (names, found.proof)
}

#[tokio::test]
async fn the_hosts_of_a_domain_are_as_proven_as_its_zone() {
    let World { net, _anchor } = world().await;
    let table = [
        ("good.test", "mx.good.test", Proof::Secure),
        ("alone.test", "alone.test", Proof::Secure),
        ("away.test", "mx.plain.test", Proof::Secure),
        ("plain.test", "mx.plain.test", Proof::Insecure),
        ("altered.test", "evil.altered.test", Proof::Bogus),
    ];
    for (domain, host, proof) in table {
        assert_eq!(hosts(net.proven_mail_hosts(domain).await), (vec![host.to_owned()], proof), "{domain}");
    }
    let nowhere = net.proven_mail_hosts("nowhere.test").await;
    assert_eq!(nowhere, Err(DnsFault::NoSuchDomain("nowhere.test".into())));
    assert_eq!(hosts(net.proven_mail_hosts("[192.0.2.7]").await).1, Proof::Unknown);
}

#[tokio::test]
async fn a_host_is_proven_with_every_alias_on_the_way() {
    let World { net, _anchor } = world().await;
    let table = [
        ("mx.good.test", "mx.good.test", Proof::Secure),
        ("other.alias.test", "mx.good.test", Proof::Secure),
        ("mx.plain.test", "mx.plain.test", Proof::Insecure),
        ("mx.altered.test", "mx.altered.test", Proof::Bogus),
    ];
    for (host, canonical, proof) in table {
        let expected = HostProof { proof, canonical: canonical.to_owned() };
        assert_eq!(net.host_proof(host).await, expected, "{host}");
    }
}

#[tokio::test]
async fn only_signed_services_are_proven_ones() {
    let World { net, _anchor } = world().await;
    let found = net.proven_services("_imaps._tcp.good.test").await.unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.host.as_str(), one.port)).collect();
    assert_eq!(found, [("imap.elsewhere.test", 993)]);
    assert_eq!(net.services("_imaps._tcp.plain.test").await.unwrap().len(), 1);
    assert_eq!(net.proven_services("_imaps._tcp.plain.test").await, None, "they are not signed");
    assert_eq!(net.proven_services("_imap._tcp.good.test").await, None, "there are none");
}

#[tokio::test]
async fn only_proven_tlsa_records_are_records() {
    let World { net, _anchor } = world().await;
    let record = Tlsa { usage: 3, selector: 1, matching: 1, data: vec![7; 32] };
    assert_eq!(net.tlsa("mx.good.test", 25).await, TlsaAnswer::Records(vec![record]));
    assert_eq!(net.tlsa("mx.good.test", 465).await, TlsaAnswer::None, "there are none for this port");
    assert_eq!(net.tlsa("mx.plain.test", 25).await, TlsaAnswer::None, "they are not signed");
    assert_eq!(net.tlsa("192.0.2.1", 25).await, TlsaAnswer::None);
}

#[tokio::test]
async fn altered_tlsa_records_are_noticed() {
    let mut signed = zone("test.", &records(), Some(NxProofKind::Nsec));
    let anchor = sign(&mut signed, "test.");
    let other = TLSA::new(CertUsage::DaneEe, Selector::Spki, Matching::Sha256, vec![8; 32]);
    forge(&mut signed, "_25._tcp.mx.good.test.", RData::TLSA(other));
    let World { net, _anchor } = net(serve(vec![("test.", signed)]).await, &anchor);
    assert_eq!(net.tlsa("mx.good.test", 25).await, TlsaAnswer::Bogus);
}

#[tokio::test]
async fn behind_a_resolver_without_dnssec_nothing_is_proven_and_nothing_is_forged() {
    let anchor = sign(&mut zone("test.", &records(), Some(NxProofKind::Nsec)), "test.");
    let World { net, _anchor } = net(serve(vec![("test.", zone("test.", &records(), None))]).await, &anchor);
    let expected = (vec!["mx.good.test".to_owned()], Proof::Unknown);
    assert_eq!(hosts(net.proven_mail_hosts("good.test").await), expected);
    assert_eq!(net.host_proof("mx.good.test").await.proof, Proof::Unknown);
    assert_eq!(net.tlsa("mx.good.test", 25).await, TlsaAnswer::None);
}

#[tokio::test]
async fn the_root_may_be_the_trust_anchor() {
    let mut signed = zone(".", &records(), Some(NxProofKind::Nsec));
    let anchor = sign(&mut signed, ".");
    let World { net, _anchor } = net(serve(vec![(".", signed)]).await, &anchor);
    assert_eq!(hosts(net.proven_mail_hosts("good.test").await).1, Proof::Secure);
    assert!(matches!(net.tlsa("mx.good.test", 25).await, TlsaAnswer::Records(_)));
    assert_eq!(net.tlsa("mx.good.test", 465).await, TlsaAnswer::None);
}

#[tokio::test]
async fn below_no_trust_anchor_nothing_can_be_said() {
    let mut signed = zone("good.test.", &[("good.test.", mx("mx.good.test."))], Some(NxProofKind::Nsec));
    let anchor = sign(&mut signed, "good.test.");
    let other = zone("other.test.", &[("other.test.", mx("mx.other.test."))], None);
    let World { net, _anchor } = net(serve(vec![("good.test.", signed), ("other.test.", other)]).await, &anchor);
    assert_eq!(hosts(net.proven_mail_hosts("good.test").await).1, Proof::Secure);
    assert_eq!(hosts(net.proven_mail_hosts("other.test").await).1, Proof::Unknown);
}

#[tokio::test]
async fn a_plain_lookup_does_not_care_for_signatures() {
    let World { net, _anchor } = world().await;
    let Ok(MailHosts::Mx(hosts)) = net.mail_hosts("altered.test").await else { panic!("no hosts") };
    assert_eq!(hosts[0].name, "evil.altered.test");
    assert_eq!(net.addresses("mx.altered.test").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_of_trust_anchors_that_is_of_no_use_is_named() {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(b"nothing of the kind\n").unwrap();
    let error = |path: &std::path::Path| {
        let config = NetConfig { trust_anchor: Some(path.to_owned()), ..NetConfig::default() };
        Net::new(config).unwrap_err().to_string()
    };
    assert!(error(file.path()).starts_with("net.trust_anchor: "));
    assert!(error("/nonexistent/anchor.key".as_ref()).contains("/nonexistent/anchor.key"));
}

#[test]
fn the_practice_post_office_has_no_policies_and_a_lab_may() {
    let config = |dns: &[&str]| NetConfig {
        dns: dns.iter().map(|server| server.parse().unwrap()).collect(),
        smtp_port: 2525,
        ..NetConfig::default()
    };
    let has = |config: NetConfig| Net::new(config).unwrap().has_policies();
    assert!(has(config(&[])));
    assert!(has(config(&["192.0.2.53:53"])));
    assert!(!has(config(&["127.0.0.1:5353"])));
    assert!(has(NetConfig { https_port: 8443, ..config(&["127.0.0.1:5353"]) }));
    let own_resolver = NetConfig { smtp_port: SMTP_PORT, ..config(&["127.0.0.1:53"]) };
    assert!(has(own_resolver), "the mail goes to the world outside");
}

#[tokio::test]
async fn in_the_practice_post_office_nothing_is_proven_and_nobody_is_asked() {
    let mut signed = zone("test.", &records(), Some(NxProofKind::Nsec));
    sign(&mut signed, "test.");
    let dns = vec![serve(vec![("test.", signed)]).await];
    let net = Net::new(NetConfig { dns, smtp_port: 2525, ..NetConfig::default() }).unwrap();
    assert_eq!(hosts(net.proven_mail_hosts("good.test").await), (vec!["mx.good.test".to_owned()], Proof::Unknown));
    assert_eq!(net.tlsa("mx.good.test", 25).await, TlsaAnswer::None);
}

#[tokio::test(start_paused = true)]
async fn name_servers_that_let_such_questions_fall_are_asked_once() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (above, below) =
        (silent.local_addr().unwrap(), serve(vec![("test.", zone("test.", &records(), None))]).await);
    let anchor = sign(&mut zone("test.", &records(), Some(NxProofKind::Nsec)), "test.");
    let World { net, _anchor } = net(in_front_of(RecordType::DNSKEY, above, below).await, &anchor);
    assert_eq!(hosts(net.proven_mail_hosts("good.test").await).1, Proof::Unknown);
    let began = tokio::time::Instant::now();
    assert_eq!(hosts(net.proven_mail_hosts("away.test").await).1, Proof::Unknown);
    assert_eq!(net.tlsa("mx.good.test", 25).await, TlsaAnswer::None);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}
