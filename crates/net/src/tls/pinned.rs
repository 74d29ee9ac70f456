//! Two more verifiers: one that takes a single certificate, the one that the user trusts, and one that keeps what another
//! refuses, so that the user can be asked.
//!
//! | certificate shown | pinned |
//! |---|---|
//! | the one with this fingerprint | taken, whoever signed it, for whatever name and time |
//! | any other, also one that an authority vouches for | refused, with both fingerprints |

use super::trust::AcceptAny;
use ring::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// SHA-256 of a certificate's DER, as `Server.trusted` has it.
pub(crate) fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let mut text = String::with_capacity(64);
    for octet in digest(&SHA256, certificate).as_ref() {
        // Writing into a string does not fail.
        let _ = write!(text, "{octet:02x}");
    }
    text
}

/// The server shows another certificate than the one that is trusted.
#[derive(Debug, thiserror::Error)]
#[error(
    "it is not the one that you trusted. Its SHA-256 is {shown}, and you trusted {trusted}. The server has a new \
     certificate, or somebody stands in between"
)]
struct Changed {
    shown: String,
    trusted: String,
}

#[derive(Debug)]
pub(super) struct PinnedVerifier {
    trusted: String,
    signatures: AcceptAny,
}

impl PinnedVerifier {
    pub(super) fn new(trusted: &str, provider: &CryptoProvider) -> Self {
        Self { trusted: trusted.to_ascii_lowercase(), signatures: AcceptAny::new(provider) }
    }
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _rest: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = fingerprint(leaf);
        if shown == self.trusted {
            return Ok(ServerCertVerified::assertion());
        }
        let changed = Changed { shown, trusted: self.trusted.clone() };
        Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(changed)))))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signatures.verify_tls12_signature(message, cert, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signatures.verify_tls13_signature(message, cert, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.supported_verify_schemes()
    }
}

/// The last certificate that was refused, if any.
pub(crate) type Refused = Arc<Mutex<Option<CertificateDer<'static>>>>;

/// Judges as another verifier does, and keeps the certificate that it refuses.
#[derive(Debug)]
pub(super) struct Witnessed {
    judge: Arc<dyn ServerCertVerifier>,
    refused: Refused,
}

impl Witnessed {
    pub(super) fn new(judge: Arc<dyn ServerCertVerifier>, refused: Refused) -> Self {
        Self { judge, refused }
    }
}

impl ServerCertVerifier for Witnessed {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let judgement = self.judge.verify_server_cert(leaf, rest, name, ocsp, now);
        if judgement.is_err() {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(leaf.clone().into_owned());
        }
        judgement
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls12_signature(message, cert, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge.verify_tls13_signature(message, cert, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.judge.supported_verify_schemes()
    }
}
