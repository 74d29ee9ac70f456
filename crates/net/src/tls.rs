//! TLS: who is trusted, the handshake, and what it leaves behind.
//!
//! One provider (ring), no ALPN, no resumption: a session that is taken up again would not show its certificate.

mod dane;
mod pinned;
mod report;
mod trust;

use crate::{NetError, Stream};
use dane::DaneVerifier;
use model::{Fault, TlsDemand, TlsPolicy, TlsReport, VerifiedBy};
use pinned::{PinnedVerifier, Witnessed};
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use rustls::{ClientConfig, ClientConnection};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time;
use tokio_rustls::TlsConnector;
use trust::{AcceptAny, Trust};

pub(crate) use pinned::Refused;
pub(crate) use report::certificate;

/// How long a handshake may take.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(60);

/// Makes ring the TLS provider of the process. To be called first thing in `main`; calling it again does nothing.
pub fn install_crypto() {
    // An error says that a provider is there already, and nothing here brings in another one.
    let _ = ring::default_provider().install_default();
}

/// The ways to shake hands. That by TLSA records is made anew for each demand.
#[derive(Debug)]
pub(crate) struct Tls {
    provider: Arc<CryptoProvider>,
    trust: Arc<Trust>,
    verified: Arc<ClientConfig>,
    opportunistic: Arc<ClientConfig>,
}

impl Tls {
    pub(crate) fn new(extra_ca: Option<&Path>) -> Result<Self, NetError> {
        let provider = Arc::new(ring::default_provider());
        let extra = extra_ca.map(read_authorities).transpose()?.unwrap_or_default();
        let trust = Arc::new(Trust::new(extra, provider.clone()).map_err(|error| match extra_ca {
            Some(path) => NetError::ExtraCaInvalid { path: path.to_owned(), reason: error.to_string() },
            None => NetError::Tls(error.to_string()),
        })?);
        let any = Arc::new(AcceptAny::new(&provider));
        let verified = client(provider.clone(), trust.clone())?;
        Ok(Self { verified, opportunistic: client(provider.clone(), any)?, trust, provider })
    }

    /// Encrypts. A certificate that is refused is kept for whoever wants to see it.
    pub(crate) async fn handshake(
        &self,
        stream: Stream,
        demand: &TlsDemand,
        witness: Option<&Refused>,
    ) -> Result<(Stream, TlsReport), Fault> {
        let Stream::Plain(tcp) = stream else {
            return Err(Fault::TlsHandshake("the connection is encrypted already".to_owned()));
        };
        let host = &demand.name;
        let (name, config) = match demand.policy {
            // Which name it is for does not matter for the one certificate that is trusted.
            TlsPolicy::Verified if demand.pinned.is_some() => {
                (server_name(host).or_else(|| peer(&tcp)), self.judged(demand, witness)?)
            }
            TlsPolicy::Verified if witness.is_some() => (server_name(host), self.judged(demand, witness)?),
            TlsPolicy::Verified | TlsPolicy::MtaSts => (server_name(host), self.verified.clone()),
            TlsPolicy::Dane => (server_name(host), self.by_records(demand)?),
            // A host that cannot be named in a certificate is still better encrypted than not.
            TlsPolicy::Opportunistic | TlsPolicy::Encrypted | TlsPolicy::Plain => {
                (server_name(host).or_else(|| peer(&tcp)), self.opportunistic.clone())
            }
        };
        let name = name.ok_or_else(|| Fault::TlsUntrusted(format!("no certificate can be issued to “{host}”")))?;
        let connecting = TlsConnector::from(config).connect(name.clone(), tcp);
        let shaken = time::timeout(HANDSHAKE_TIMEOUT, connecting).await;
        let tls = shaken
            .map_err(|_| Fault::Timeout(HANDSHAKE_TIMEOUT.as_secs()))?
            .map_err(|error| handshake_fault(&error))?;
        let report = self.report(demand, &name, tls.get_ref().1);
        Ok((Stream::Tls(Box::new(tls)), report))
    }

    fn by_records(&self, demand: &TlsDemand) -> Result<Arc<ClientConfig>, Fault> {
        let verifier = Arc::new(DaneVerifier::new(demand, self.provider.clone()));
        client(self.provider.clone(), verifier).map_err(|error| Fault::Local(error.to_string()))
    }

    /// By the one certificate that is trusted, or by this computer's authorities.
    fn judged(&self, demand: &TlsDemand, witness: Option<&Refused>) -> Result<Arc<ClientConfig>, Fault> {
        let judge: Arc<dyn ServerCertVerifier> = match &demand.pinned {
            Some(trusted) => Arc::new(PinnedVerifier::new(trusted, &self.provider)),
            None => self.trust.clone(),
        };
        let judge = match witness {
            Some(refused) => Arc::new(Witnessed::new(judge, refused.clone())),
            None => judge,
        };
        client(self.provider.clone(), judge).map_err(|error| Fault::Local(error.to_string()))
    }

    /// What was reached. The chain is judged here again, so that a handshake that accepts anything says what it took. What
    /// TLSA records or the user vouch for needs no other judgement: a handshake for which they do not has failed by now.
    fn report(&self, demand: &TlsDemand, name: &ServerName<'_>, connection: &ClientConnection) -> TlsReport {
        let chain = connection.peer_certificates().unwrap_or_default();
        let policy = demand.policy;
        let by = match policy {
            TlsPolicy::Dane => VerifiedBy::Tlsa,
            TlsPolicy::Verified if demand.pinned.is_some() => VerifiedBy::Pinned,
            _ => VerifiedBy::Authority,
        };
        let judgement = match chain.split_first() {
            Some(_) if by != VerifiedBy::Authority => None,
            Some((leaf, rest)) => self.trust.judge(leaf, rest, name, UnixTime::now()).err(),
            None => Some(rustls::Error::NoCertificatesPresented),
        };
        let facts = chain.first().map(|leaf| report::facts(leaf)).unwrap_or_default();
        TlsReport {
            policy,
            verified: judgement.is_none(),
            verified_by: judgement.is_none().then_some(by),
            unverified_because: judgement.as_ref().map(report::why_untrusted),
            version: report::version(connection.protocol_version()),
            cipher: report::cipher(connection.negotiated_cipher_suite()),
            names: facts.names,
            not_after: facts.not_after,
        }
    }
}

fn client(
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
) -> Result<Arc<ClientConfig>, NetError> {
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| NetError::Tls(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

fn read_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, NetError> {
    let pem = std::fs::read(path).map_err(|error| NetError::ExtraCaUnreadable { path: path.to_owned(), error })?;
    let invalid = |reason: String| NetError::ExtraCaInvalid { path: path.to_owned(), reason };
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| invalid(error.to_string()))?;
    if certificates.is_empty() { Err(invalid("there is none in it".to_owned())) } else { Ok(certificates) }
}

fn peer(tcp: &TcpStream) -> Option<ServerName<'static>> {
    tcp.peer_addr().ok().map(|address| ServerName::from(address.ip()))
}

fn server_name(host: &str) -> Option<ServerName<'static>> {
    match crate::dns::literal(host) {
        Some(address) => Some(ServerName::from(address)),
        None => ServerName::try_from(host.trim_end_matches('.').to_owned()).ok(),
    }
}

/// What a failed handshake means: a certificate that is not trusted is told apart from everything else.
fn handshake_fault(error: &io::Error) -> Fault {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(error @ rustls::Error::InvalidCertificate(_)) => Fault::TlsUntrusted(report::why_untrusted(error)),
        Some(error) => Fault::TlsHandshake(error.to_string()),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            Fault::TlsHandshake("the connection was closed".to_owned())
        }
        None => Fault::TlsHandshake(error.to_string()),
    }
}
