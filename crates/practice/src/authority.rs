//! The certificate authority of the practice world, and the certificates of its hosts.
//!
//! The authority is confined by name constraints (RFC 5280 §4.2.1.10) to `.test`, `localhost` and 127.0.0.0/8, so that
//! whoever trusts it for practice trusts it for nothing else. With a home it survives a restart; the hosts'
//! certificates are made anew at every start.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::PracticeError;
use crate::vault::write_private;

/// Whether a certificate is good for today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validity {
    Current,
    Expired,
}

/// The authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    path: PathBuf,
}

impl Authority {
    /// Reads the authority from `folder`, or makes one there.
    pub(crate) fn open(folder: &Path) -> Result<Self, PracticeError> {
        let (path, key_path) = (folder.join("ca.pem"), folder.join("ca.key"));
        let key = if path.exists() && key_path.exists() {
            let pem = fs::read_to_string(&key_path).map_err(PracticeError::home(&key_path))?;
            KeyPair::from_pem(&pem).map_err(|error| PracticeError::damaged(&key_path, error))?
        } else {
            let key = KeyPair::generate().map_err(PracticeError::certificates)?;
            let certificate = authority_params().self_signed(&key).map_err(PracticeError::certificates)?;
            write_private(&key_path, &key.serialize_pem())?;
            fs::write(&path, certificate.pem()).map_err(PracticeError::home(&path))?;
            key
        };
        Ok(Self { issuer: Issuer::new(authority_params(), key), path })
    }

    /// The PEM file with the authority's certificate.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What a host of this name needs to speak TLS. Every certificate is good for 127.0.0.1 as well, which is how a
    /// client reaches the IMAP and submission servers.
    pub(crate) fn acceptor(&self, host: &str, validity: Validity) -> Result<TlsAcceptor, PracticeError> {
        let key = KeyPair::generate().map_err(PracticeError::certificates)?;
        let certificate = host_params(host, validity)
            .and_then(|params| params.signed_by(&key, &self.issuer))
            .map_err(PracticeError::certificates)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(PracticeError::certificates)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .map_err(PracticeError::certificates)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Postrider practice authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages =
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("test".into()),
            GeneralSubtree::DnsName("localhost".into()),
            GeneralSubtree::IpAddress(CidrSubnet::V4([127, 0, 0, 0], [255, 0, 0, 0])),
        ],
        excluded_subtrees: vec![],
    });
    (params.not_before, params.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2099, 1, 1));
    params
}

fn host_params(host: &str, validity: Validity) -> Result<CertificateParams, rcgen::Error> {
    let loopback = IpAddr::from(Ipv4Addr::LOCALHOST).to_string();
    let mut params = CertificateParams::new(vec![host.to_owned(), "localhost".to_owned(), loopback])?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, host);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let (from, until) = match validity {
        Validity::Current => (-30, 300),
        Validity::Expired => (-400, -30),
    };
    let date = |days| {
        let (year, month, day) = days_from_now(days);
        date_time_ymd(year, month, day)
    };
    (params.not_before, params.not_after) = (date(from), date(until));
    Ok(params)
}

/// The year, month and day (UTC) so many days from today.
fn days_from_now(days: i64) -> (i32, u8, u8) {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let day = today.saturating_add(days.days());
    (day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs())
}
