//! A small world with a signed zone: mail hosts on loopback addresses, with certificates or without, and a host that gives
//! out policies.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::dnssec::crypto::EcdsaSigningKey;
use hickory_resolver::proto::dnssec::rdata::DNSKEY;
use hickory_resolver::proto::dnssec::{Algorithm, DnssecSigner, SigningKey};
use hickory_resolver::proto::rr::rdata::tlsa::{CertUsage, Matching, Selector};
use hickory_resolver::proto::rr::rdata::{A, MX, NS, SOA, TLSA, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record};
use hickory_server::Server;
use hickory_server::dnssec::NxProofKind;
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use ring::digest::{SHA256, digest};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::TlsAcceptor;

/// An authority of the tests' own.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).expect("no names");
        params.distinguished_name.push(DnType::CommonName, "Lab");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority"))
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    pub fn certificate(&self, names: &[&str]) -> Certificate {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(names).expect("names");
        let der = params.signed_by(&key, &self.0).expect("a certificate").der().clone();
        Certificate { der, key }
    }
}

pub struct Certificate {
    der: CertificateDer<'static>,
    key: KeyPair,
}

impl Certificate {
    /// As a TLSA record of usage 3 on the whole certificate.
    pub fn tlsa(&self) -> RData {
        let data = digest(&SHA256, &self.der).as_ref().to_vec();
        RData::TLSA(TLSA::new(CertUsage::DaneEe, Selector::Full, Matching::Sha256, data))
    }

    fn acceptor(self) -> TlsAcceptor {
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![self.der], key.into())
            .expect("a certificate and its key");
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A mail host that offers STARTTLS while it has a certificate, and takes everything.
#[derive(Clone, Default)]
pub struct MailHost {
    tls: Arc<Mutex<Option<TlsAcceptor>>>,
}

impl MailHost {
    pub async fn start(address: SocketAddr, certificate: Option<Certificate>) -> Self {
        let host = Self::default();
        *host.tls.lock().expect("the certificate") = certificate.map(Certificate::acceptor);
        let listener = TcpListener::bind(address).await.expect("an address");
        let tls = host.tls.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let acceptor = tls.lock().expect("the certificate").clone();
                tokio::spawn(async move {
                    // A client may go without a word.
                    let mut tcp = tcp;
                    let _ = tcp.write_all(b"220 here\r\n").await;
                    if let Ok(true) = converse(&mut tcp, acceptor.is_some()).await
                        && let Some(acceptor) = acceptor
                        && let Ok(mut tls) = acceptor.accept(tcp).await
                    {
                        let _ = converse(&mut tls, false).await;
                    }
                });
            }
        });
        host
    }

    /// From now on it offers no encryption.
    pub fn forget_encryption(&self) {
        *self.tls.lock().expect("the certificate") = None;
    }
}

/// Until the end, or until the client asks for STARTTLS.
async fn converse(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), starttls: bool) -> std::io::Result<bool> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while {
        line.clear();
        stream.read_line(&mut line).await?
    } > 0
    {
        let reply = match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" if starttls => "250-here\r\n250 STARTTLS\r\n",
            "EHLO" => "250-here\r\n250 HELP\r\n",
            "STARTTLS" if starttls => {
                stream.write_all(b"220 go on\r\n").await?;
                return Ok(true);
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                while line != ".\r\n" {
                    line.clear();
                    if stream.read_line(&mut line).await? == 0 {
                        return Ok(false);
                    }
                }
                "250 2.0.0 taken\r\n"
            }
            _ => "250 2.0.0 fine\r\n",
        };
        stream.write_all(reply.as_bytes()).await?;
    }
    Ok(false)
}

/// A host that gives out policies by the name in the request; what has none is not found.
#[derive(Clone)]
pub struct PolicyHost {
    pub port: u16,
    policies: Arc<Mutex<HashMap<String, String>>>,
    asked: Arc<Mutex<usize>>,
}

impl PolicyHost {
    pub async fn start(certificate: Certificate) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let host = Self { port, policies: Arc::default(), asked: Arc::default() };
        let (policies, asked) = (host.policies.clone(), host.asked.clone());
        let acceptor = certificate.acceptor();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let Ok(mut tls) = acceptor.accept(tcp).await else { continue };
                let mut request = vec![0; 4096];
                let length = tls.read(&mut request).await.unwrap_or_default();
                let request = String::from_utf8_lossy(request.get(..length).unwrap_or_default()).to_lowercase();
                *asked.lock().expect("the count") += 1;
                let domain =
                    request.split_once("host: mta-sts.").and_then(|(_, rest)| rest.split([':', '\r']).next());
                let policy = domain.and_then(|domain| policies.lock().expect("the policies").get(domain).cloned());
                let answer = match policy {
                    Some(policy) => format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{policy}", policy.len()),
                    None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
                };
                let _ = tls.write_all(answer.as_bytes()).await;
                let _ = tls.shutdown().await;
            }
        });
        host
    }

    pub fn set(&self, domain: &str, policy: Option<&str>) {
        let mut policies = self.policies.lock().expect("the policies");
        match policy {
            Some(policy) => policies.insert(domain.to_owned(), policy.to_owned()),
            None => policies.remove(domain),
        };
    }

    pub fn asked(&self) -> usize {
        *self.asked.lock().expect("the count")
    }
}

pub fn name(text: &str) -> Name {
    Name::from_ascii(text).expect(text)
}

pub fn mx(host: &str) -> RData {
    RData::MX(MX::new(10, name(host)))
}

pub fn at(last: u8) -> RData {
    RData::A(A(Ipv4Addr::new(127, 0, 0, last)))
}

pub fn txt(text: &str) -> RData {
    RData::TXT(TXT::new(vec![text.to_owned()]))
}

type Zone = InMemoryZoneHandler<TokioRuntimeProvider>;

fn zone(origin: &str, records: &[(String, RData)], proof: Option<NxProofKind>) -> Zone {
    let mut zone = Zone::empty(name(origin), ZoneType::Primary, AxfrPolicy::Deny, proof);
    let soa = SOA::new(name("ns.test."), name("post.test."), 1, 3600, 600, 86_400, 1);
    let own = [(origin.to_owned(), RData::SOA(soa)), (origin.to_owned(), RData::NS(NS(name("ns.test."))))];
    for (owner, data) in own.iter().chain(records) {
        assert!(zone.upsert_mut(Record::from_rdata(name(owner), 1, data.clone()), 1), "{owner}");
    }
    zone
}

/// Serves `test.` signed and `open.` unsigned; gives back where, and the trust anchor.
pub async fn name_server(signed: &[(String, RData)], open: &[(String, RData)]) -> (SocketAddr, String) {
    let mut test = zone("test.", signed, Some(NxProofKind::Nsec));
    let pkcs8 = EcdsaSigningKey::generate_pkcs8(Algorithm::ECDSAP256SHA256).expect("a key");
    let key = EcdsaSigningKey::from_pkcs8(&pkcs8, Algorithm::ECDSAP256SHA256).expect("a key");
    let dnskey = DNSKEY::from_key(&key.to_public_key().expect("a key"));
    let signer = DnssecSigner::new(dnskey.clone(), Box::new(key), name("test."), Duration::from_secs(86_400));
    test.add_zone_signing_key_mut(signer).expect("a signer");
    test.secure_zone_mut().expect("a signed zone");
    let mut catalog = Catalog::new();
    catalog.upsert(name("test.").into(), vec![Arc::new(test)]);
    catalog.upsert(name("open.").into(), vec![Arc::new(zone("open.", open, None))]);
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = tcp.local_addr().expect("an address");
    let mut server = Server::new(catalog);
    server.register_socket(UdpSocket::bind(address).await.expect("the same port"));
    server.register_listener(tcp, Duration::from_secs(5), 4096);
    tokio::spawn(async move { server.block_until_done().await });
    (address, format!("test.\t60\tIN\tDNSKEY\t{dnskey}\n"))
}
