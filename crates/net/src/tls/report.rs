//! What a handshake showed, in the words of the report: pure.

use super::pinned::fingerprint;
use crate::witness::Certificate;
use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, ProtocolVersion, SupportedCipherSuite};
use std::net::IpAddr;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// What is worth keeping of a certificate.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) names: Vec<String>,
    pub(super) not_after: Option<Timestamp>,
}

/// Reads a certificate; one that cannot be read has no facts.
pub(super) fn facts(certificate: &CertificateDer<'_>) -> Facts {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate) else { return Facts::default() };
    let not_after = Timestamp::from_second(parsed.validity().not_after.timestamp()).ok();
    Facts { names: names(&parsed), not_after }
}

/// What a person is shown of a certificate that was refused.
pub(crate) fn certificate(der: &CertificateDer<'static>) -> Certificate {
    let sha256 = fingerprint(der);
    let Ok((_, parsed)) = X509Certificate::from_der(der) else {
        return Certificate {
            sha256,
            names: Vec::new(),
            subject: String::new(),
            issuer: String::new(),
            self_signed: false,
            not_before: None,
            not_after: None,
        };
    };
    let time = |seconds| Timestamp::from_second(seconds).ok();
    Certificate {
        sha256,
        names: names(&parsed),
        subject: parsed.subject().to_string(),
        issuer: parsed.issuer().to_string(),
        self_signed: parsed.subject().as_raw() == parsed.issuer().as_raw(),
        not_before: time(parsed.validity().not_before.timestamp()),
        not_after: time(parsed.validity().not_after.timestamp()),
    }
}

/// The names it is for; the common name only where there is no other, as verifiers do not look at it.
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let names: Vec<String> =
        alternative.iter().flat_map(|extension| &extension.value.general_names).filter_map(name).collect();
    if !names.is_empty() {
        return names;
    }
    certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok()).map(str::to_owned).collect()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => address(octets).map(|address| address.to_string()),
        _ => None,
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).ok().map(IpAddr::from);
    v4.or_else(|| <[u8; 16]>::try_from(octets).ok().map(IpAddr::from))
}

/// `TLSv1.3` or `TLSv1.2`.
pub(super) fn version(version: Option<ProtocolVersion>) -> String {
    match version {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3".to_owned(),
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2".to_owned(),
        Some(other) => format!("{other:?}"),
        None => String::new(),
    }
}

/// The cipher suite by its IANA name; the library names those of TLS 1.3 a little differently.
pub(super) fn cipher(suite: Option<SupportedCipherSuite>) -> String {
    let name = suite.and_then(|suite| suite.suite().as_str()).unwrap_or_default();
    name.replacen("TLS13_", "TLS_", 1)
}

/// Why a chain is not to be trusted, in words for a person.
pub(super) fn why_untrusted(error: &Error) -> String {
    let Error::InvalidCertificate(error) = error else { return error.to_string() };
    match error {
        CertificateError::Expired => "it has expired".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => format!("it expired on {}", day(*not_after)),
        CertificateError::NotValidYet => "it is not valid yet".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("it is valid only from {}", day(*not_before))
        }
        CertificateError::NotValidForName => "it is for another name".to_owned(),
        CertificateError::NotValidForNameContext { expected, presented } => {
            format!("it is not for {} but for {}", server(expected), listed(presented))
        }
        CertificateError::UnknownIssuer => "it is not signed by an authority that this computer trusts".to_owned(),
        CertificateError::Revoked => "it has been revoked".to_owned(),
        CertificateError::BadEncoding => "it cannot be read".to_owned(),
        CertificateError::BadSignature => "its signature is wrong".to_owned(),
        CertificateError::Other(reason) => reason.to_string(),
        other => format!("{other:?}"),
    }
}

fn day(time: UnixTime) -> String {
    let timestamp = i64::try_from(time.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    timestamp.map(|time| time.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

fn server(name: &ServerName<'_>) -> String {
    name.to_str().into_owned()
}

/// The library writes presented names as `DnsName("a.test")`; only what is between the quotes is for a person.
fn listed(presented: &[String]) -> String {
    let names: Vec<&str> = presented.iter().map(|name| name.split('"').nth(1).unwrap_or(name)).collect();
    if names.is_empty() { "no name at all".to_owned() } else { names.join(", ") }
}
