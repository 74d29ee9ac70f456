//! The verifier that goes by TLSA records (DANE; RFC 7671, RFC 7672 §3).
//!
//! | usage | what must be | names | expiry |
//! |---|---|---|---|
//! | 3, DANE-EE | the server's own certificate, or its key, is the one of a record | any | any |
//! | 2, DANE-TA | the chain leads to the certificate, or the key, of a record | the host's or another of the demand | checked |
//!
//! One record that fits is enough; those that cannot be used ([`crate::is_usable`]) are passed over. Of records that differ
//! only in their digest, the strongest digest counts (RFC 7671 §9).

use super::server_name;
use super::trust::AcceptAny;
use crate::is_usable;
use model::{TlsDemand, Tlsa};
use ring::digest::{SHA256, SHA512, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, Der, ServerName, TrustAnchor, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};
use std::sync::Arc;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The certificate is not the one that the records speak of.
#[derive(Debug, thiserror::Error)]
#[error("it is not the one that the TLSA records of the host speak of")]
struct NotInRecords;

#[derive(Debug)]
pub(super) struct DaneVerifier {
    records: Vec<Tlsa>,
    /// Besides the name that is asked for.
    other_names: Vec<ServerName<'static>>,
    provider: Arc<CryptoProvider>,
    signatures: AcceptAny,
}

impl DaneVerifier {
    pub(super) fn new(demand: &TlsDemand, provider: Arc<CryptoProvider>) -> Self {
        Self {
            records: that_count(&demand.tlsa),
            other_names: demand.other_names.iter().filter_map(|name| server_name(name)).collect(),
            signatures: AcceptAny::new(&provider),
            provider,
        }
    }

    /// Whether the chain leads to one of these anchors, for one of the names.
    fn leads_to(
        &self,
        anchors: Vec<TrustAnchor<'static>>,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let roots = Arc::new(RootCertStore { roots: anchors });
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, self.provider.clone())
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        let for_name = |name: &ServerName<'_>| verifier.verify_server_cert(leaf, rest, name, &[], now);
        let first = for_name(name);
        self.other_names.iter().map(for_name).fold(first, |found, other| found.or_else(|first| other.or(Err(first))))
    }
}

impl ServerCertVerifier for DaneVerifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.records.iter().any(|record| record.usage == 3 && matches(record, leaf)) {
            return Ok(ServerCertVerified::assertion());
        }
        let anchors: Vec<_> = self.records.iter().flat_map(|record| anchors(record, leaf, rest)).collect();
        if anchors.is_empty() {
            return Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(NotInRecords)))));
        }
        self.leads_to(anchors, leaf, rest, name, now)
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

/// The records that are gone by: those that can be used, without a weaker digest beside a stronger one.
fn that_count(records: &[Tlsa]) -> Vec<Tlsa> {
    let is_weaker = |record: &Tlsa| {
        let of_its_kind =
            |other: &Tlsa| (other.usage, other.selector, other.matching) == (record.usage, record.selector, 2);
        record.matching == 1 && records.iter().any(|other| of_its_kind(other) && is_usable(other))
    };
    records.iter().filter(|record| is_usable(record) && !is_weaker(record)).cloned().collect()
}

/// Whether a certificate is the one of a record (RFC 6698 §2.1), whatever the usage.
fn matches(record: &Tlsa, certificate: &CertificateDer<'_>) -> bool {
    let selected = match record.selector {
        0 => Some(certificate.to_vec()),
        1 => public_key(certificate),
        _ => None,
    };
    selected.is_some_and(|selected| match record.matching {
        0 => selected == record.data,
        1 => digest(&SHA256, &selected).as_ref() == record.data,
        2 => digest(&SHA512, &selected).as_ref() == record.data,
        _ => false,
    })
}

/// The SubjectPublicKeyInfo of a certificate, as DER.
fn public_key(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    Some(parsed.public_key().raw.to_vec())
}

/// The trust anchors that a record of usage 2 gives: the certificates of the chain above the server's own that it speaks of,
/// or what it holds itself, which the server need not send (RFC 7671 §5.2).
fn anchors(record: &Tlsa, leaf: &CertificateDer<'_>, rest: &[CertificateDer<'_>]) -> Vec<TrustAnchor<'static>> {
    if record.usage != 2 {
        return Vec::new();
    }
    match (record.selector, record.matching) {
        (0, 0) => anchor(&CertificateDer::from(record.data.as_slice())).into_iter().collect(),
        (1, 0) => [leaf].into_iter().chain(rest).filter_map(|below| bare_key(&record.data, below)).collect(),
        _ => rest.iter().filter(|certificate| matches(record, certificate)).filter_map(anchor).collect(),
    }
}

fn anchor(certificate: &CertificateDer<'_>) -> Option<TrustAnchor<'static>> {
    let mut store = RootCertStore::empty();
    store.add(certificate.clone().into_owned()).ok()?;
    store.roots.pop()
}

/// A key without a certificate, as the issuer of the certificate below it.
fn bare_key(info: &[u8], below: &CertificateDer<'_>) -> Option<TrustAnchor<'static>> {
    let (_, parsed) = X509Certificate::from_der(below).ok()?;
    Some(TrustAnchor {
        subject: Der::from(value(parsed.issuer().as_raw())?.to_vec()),
        subject_public_key_info: Der::from(value(info)?.to_vec()),
        name_constraints: None,
    })
}

/// What is in a DER element, without its tag and length.
fn value(element: &[u8]) -> Option<&[u8]> {
    let (_, any) = x509_parser::der_parser::asn1_rs::Any::from_der(element).ok()?;
    Some(any.data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};

    fn certificate() -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        CertificateParams::new(vec!["mx.test".to_owned()]).unwrap().self_signed(&key).unwrap().der().clone()
    }

    fn tlsa(usage: u8, selector: u8, matching: u8, data: &[u8]) -> Tlsa {
        Tlsa { usage, selector, matching, data: data.to_vec() }
    }

    #[test]
    fn a_record_fits_what_it_selects_and_nothing_else() {
        let (one, other) = (certificate(), certificate());
        let key = public_key(&one).unwrap();
        let hash = |algorithm, data: &[u8]| digest(algorithm, data).as_ref().to_vec();
        let table = [
            (0, 0, one.to_vec(), true),
            (0, 1, hash(&SHA256, &one), true),
            (0, 2, hash(&SHA512, &one), true),
            (1, 0, key.clone(), true),
            (1, 1, hash(&SHA256, &key), true),
            (1, 2, hash(&SHA512, &key), true),
            (0, 1, hash(&SHA256, &key), false),
            (1, 1, hash(&SHA256, &one), false),
            (0, 1, hash(&SHA512, &one), false),
            (0, 0, hash(&SHA256, &one), false),
            (2, 1, hash(&SHA256, &one), false),
            (0, 3, hash(&SHA256, &one), false),
            (1, 0, Vec::new(), false),
        ];
        for (selector, matching, data, expected) in table {
            let record = tlsa(3, selector, matching, &data);
            assert_eq!(matches(&record, &one), expected, "3 {selector} {matching}");
            assert!(!matches(&record, &other), "3 {selector} {matching}");
        }
    }

    #[test]
    fn the_strongest_digest_of_a_kind_counts() {
        let (weak, strong) = (tlsa(3, 1, 1, &[1; 32]), tlsa(3, 1, 2, &[2; 64]));
        let (whole, another) = (tlsa(3, 1, 0, &[3; 91]), tlsa(3, 0, 1, &[4; 32]));
        let broken = tlsa(3, 1, 2, &[2; 63]);
        let unusable = tlsa(1, 1, 1, &[1; 32]);
        let all = [weak.clone(), strong.clone(), whole.clone(), another.clone(), unusable];
        assert_eq!(that_count(&all), [strong, whole, another]);
        assert_eq!(that_count(&[weak.clone(), broken]), [weak]);
    }
}
