//! Servers with certificates of their own.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    reason = "a test that cannot go on has failed; none uses all"
)]

use postrider_net::{Net, NetConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub type Issuer = CertifiedIssuer<'static, KeyPair>;

pub fn authority() -> Issuer {
    authority_named("Authority")
}

pub fn authority_named(name: &str) -> Issuer {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for these names, and its key.
pub fn certificate(
    issuer: &Issuer,
    names: &[&str],
    change: impl FnOnce(&mut CertificateParams),
) -> (CertificateDer<'static>, KeyPair) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, issuer).unwrap().der().clone(), key)
}

pub fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(key.serialize_der()).into()
}

/// Shows a certificate with any key, also with one that is not its own.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

pub fn server_config(
    certificate: CertificateDer<'static>,
    key: &KeyPair,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> ServerConfig {
    server_with_chain(vec![certificate], key, versions)
}

/// A server that shows these certificates, its own first.
pub fn server_with_chain(
    chain: Vec<CertificateDer<'static>>,
    key: &KeyPair,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> ServerConfig {
    let signing = ring::sign::any_supported_type(&private(key)).unwrap();
    let shown = Shown(Arc::new(CertifiedKey::new(chain, signing)));
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown))
}

pub async fn listen(config: ServerConfig) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((tcp, _)) = listener.accept().await {
            // A client that walks out is none of the server's business.
            if let Ok(mut tls) = acceptor.accept(tcp).await {
                let _ = tls.write_all(b"220 hello\r\n").await;
            }
        }
    });
    address
}

pub async fn serve(certificate: CertificateDer<'static>, key: &KeyPair) -> SocketAddr {
    listen(server_config(certificate, key, rustls::ALL_VERSIONS)).await
}

/// A file that holds an authority, for the settings.
pub fn trusting(issuer: &Issuer) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(issuer.pem().as_bytes()).unwrap();
    file
}

/// A network that trusts `issuer` besides the system's authorities.
pub fn net_trusting(issuer: &Issuer) -> Net {
    let file = trusting(issuer);
    Net::new(NetConfig { extra_ca: Some(file.path().to_owned()), ..NetConfig::default() }).unwrap()
}
