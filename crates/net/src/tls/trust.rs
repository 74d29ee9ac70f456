//! Two verifiers: one that knows whom this computer trusts, and one that takes any certificate.
//!
//! Both check the signature of the handshake: whoever answers must hold the key of the certificate that is shown,
//! otherwise the report would name a certificate that says nothing of the connection.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use std::sync::Arc;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The authorities of this computer and of the settings.
#[derive(Debug)]
pub(super) struct Trust {
    /// `None` where this computer has no authorities at all: then nothing can be verified, and all else goes on.
    verifier: Option<Verifier>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Trust {
    /// The system's authorities and `extra`. An error is about `extra`: a system without authorities is not one.
    pub(super) fn new(extra: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Result<Self, Error> {
        let algorithms = provider.signature_verification_algorithms;
        let none_extra = extra.is_empty();
        let verifier = match Verifier::new_with_extra_roots(extra, provider) {
            Ok(verifier) => Some(verifier),
            Err(error) if none_extra => {
                tracing::warn!(%error, "this computer trusts no authority; no certificate can be verified");
                None
            }
            Err(error) => return Err(error),
        };
        Ok(Self { verifier, algorithms })
    }

    /// Whether a chain is valid for a name at a time.
    pub(super) fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.verifier {
            Some(verifier) => verifier.verify_server_cert(leaf, rest, name, &[], now),
            None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
        }
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.judge(leaf, rest, name, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Takes any certificate (RFC 7435): against someone who only listens, that is all that is needed.
#[derive(Debug)]
pub(super) struct AcceptAny {
    algorithms: WebPkiSupportedAlgorithms,
}

impl AcceptAny {
    pub(super) fn new(provider: &CryptoProvider) -> Self {
        Self { algorithms: provider.signature_verification_algorithms }
    }
}

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _rest: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match old_key(cert) {
            Some(key) => self.verify_with_old_key(message, &key, signature),
            None => verify_tls12_signature(message, cert, signature, &self.algorithms),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match old_key(cert) {
            Some(key) => {
                let info = SubjectPublicKeyInfoDer::from(key.info);
                verify_tls13_signature_with_raw_key(message, &info, signature, &self.algorithms)
            }
            None => verify_tls13_signature(message, cert, signature, &self.algorithms),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl AcceptAny {
    /// TLS 1.2 names a signature scheme without its curve, so each that fits is tried; a key of one kind is no key of
    /// another.
    fn verify_with_old_key(
        &self,
        message: &[u8],
        key: &OldKey,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let mut candidates = self
            .algorithms
            .mapping
            .iter()
            .filter(|(scheme, _)| *scheme == signature.scheme)
            .flat_map(|(_, algorithms)| algorithms.iter());
        if candidates.any(|candidate| candidate.verify_signature(&key.bits, message, signature.signature()).is_ok()) {
            return Ok(HandshakeSignatureValid::assertion());
        }
        Err(Error::InvalidCertificate(CertificateError::BadSignature))
    }
}

/// The key of a certificate that the TLS library cannot read.
struct OldKey {
    /// The SubjectPublicKeyInfo, as DER.
    info: Vec<u8>,
    /// The key in it.
    bits: Vec<u8>,
}

/// Version 1 certificates, and those with odd extensions, cannot be verified by anybody, but mail servers that nobody
/// has touched for years still show them. `None` where the library can read the certificate itself.
fn old_key(cert: &CertificateDer<'_>) -> Option<OldKey> {
    if ParsedCertificate::try_from(cert).is_ok() {
        return None;
    }
    let (_, parsed) = X509Certificate::from_der(cert).ok()?;
    let info = parsed.public_key();
    Some(OldKey { info: info.raw.to_owned(), bits: info.subject_public_key.data.to_vec() })
}
