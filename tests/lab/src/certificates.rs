//! An authority that is trusted, certificates of it and of strangers, and certificates for which nobody vouches.

use crate::program::run;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// An authority and its certificate as a file.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
}

/// A host's certificate and key as files.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The certificate.
    pub chain: PathBuf,
    /// Its key, readable by root alone.
    pub key: PathBuf,
}

impl Authority {
    /// A new authority; its certificate is kept in `directory`.
    pub fn new(directory: &Path, name: &str) -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).expect("a certificate can be made");
        let file = directory.join(format!("{name}.pem"));
        fs::write(&file, certificate.pem()).expect("a certificate can be written");
        Self { issuer: Issuer::new(params, key), file }
    }

    /// Its certificate (PEM).
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// A certificate for a host, kept in `directory`; the authority's own stands behind it.
    pub fn certify(&self, host: &str, directory: &Path) -> Certificate {
        self.certify_all(&[host], directory)
    }

    /// A certificate for several names of a host.
    pub fn certify_all(&self, names: &[&str], directory: &Path) -> Certificate {
        self.sign(names, directory, |_| {})
    }

    /// A certificate whose time is over.
    pub fn certify_expired(&self, host: &str, directory: &Path) -> Certificate {
        self.sign(&[host], directory, |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        })
    }

    /// The digest of the authority's certificate, as TLSA records of usage 2 have it (selector 0, matching type 1).
    pub fn digest(&self) -> String {
        digest(WHOLE, &self.file)
    }

    fn sign(&self, names: &[&str], directory: &Path, change: impl FnOnce(&mut CertificateParams)) -> Certificate {
        let host = names.first().expect("a certificate is for somebody");
        let key = KeyPair::generate().expect("a key can be made");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("host names");
        params.distinguished_name.push(DnType::CommonName, *host);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate can be signed");
        let authority = fs::read_to_string(&self.file).expect("the authority's certificate can be read");
        Certificate::written(host, directory, &(certificate.pem() + &authority), &key)
    }
}

impl Certificate {
    /// A certificate for which nobody but itself vouches, kept in `directory` in place of one that is there.
    pub fn self_signed(host: &str, directory: &Path) -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let mut params = CertificateParams::new([host.to_owned()]).expect("a host name");
        params.distinguished_name.push(DnType::CommonName, host);
        let certificate = params.self_signed(&key).expect("a certificate can be made");
        Self::written(host, directory, &certificate.pem(), &key)
    }

    fn written(host: &str, directory: &Path, chain: &str, key: &KeyPair) -> Self {
        let files = Self { chain: directory.join(format!("{host}.pem")), key: directory.join(format!("{host}.key")) };
        fs::write(&files.chain, chain).expect("a certificate can be written");
        fs::write(&files.key, key.serialize_pem()).expect("a key can be written");
        fs::set_permissions(&files.key, fs::Permissions::from_mode(0o600)).expect("its mode can be set");
        files
    }

    /// Its SHA-256, as its owner would read it out.
    pub fn fingerprint(&self) -> String {
        digest(WHOLE, &self.chain)
    }

    /// The digest of its key, as TLSA records of usage 3 have it (selector 1, matching type 1).
    pub fn key_digest(&self) -> String {
        digest("openssl x509 -in \"$1\" -noout -pubkey | openssl pkey -pubin -outform DER", &self.chain)
    }
}

/// A certificate as it goes over the wire.
const WHOLE: &str = "openssl x509 -in \"$1\" -outform DER";

/// The SHA-256 of what a command makes of a file.
fn digest(command: &str, file: &Path) -> String {
    let script = format!("{command} | sha256sum");
    let said = run(Command::new("sh").args(["-c", &script, "sh"]).arg(file));
    said.split_whitespace().next().expect("a digest").to_owned()
}
