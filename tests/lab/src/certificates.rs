//! An authority that is trusted, and certificates of it and of strangers.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

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

    /// A certificate for a host, kept in `directory`.
    pub fn certify(&self, host: &str, directory: &Path) -> Certificate {
        self.sign(host, directory, &KeyPair::generate().expect("a key can be made"), |_| {})
    }

    /// A certificate whose time is over.
    pub fn certify_expired(&self, host: &str, directory: &Path) -> Certificate {
        self.sign(host, directory, &KeyPair::generate().expect("a key can be made"), |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        })
    }

    fn sign(
        &self,
        host: &str,
        directory: &Path,
        key: &KeyPair,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Certificate {
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("a host name");
        params.distinguished_name.push(DnType::CommonName, host);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        change(&mut params);
        let certificate = params.signed_by(key, &self.issuer).expect("a certificate can be signed");
        let files =
            Certificate { chain: directory.join(format!("{host}.pem")), key: directory.join(format!("{host}.key")) };
        fs::write(&files.chain, certificate.pem()).expect("a certificate can be written");
        fs::write(&files.key, key.serialize_pem()).expect("a key can be written");
        fs::set_permissions(&files.key, fs::Permissions::from_mode(0o600)).expect("its mode can be set");
        files
    }
}
