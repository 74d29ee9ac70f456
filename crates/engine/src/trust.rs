//! A certificate that no authority vouches for: shown, and trusted where the user says so.

use crate::Engine;
use crate::error::Error;
use crate::view::ServerTest;
use jiff::Timestamp;
use model::{Account, AccountId};
use net::{Certificate, Net, Witness};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A certificate that was refused, as a person compares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CertificateView {
    /// SHA-256 of it: 64 hexadecimal digits.
    pub sha256: String,
    /// The names that it is for.
    pub names: Vec<String>,
    /// Whom it names as its owner.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Whether nobody but itself vouches for it.
    pub self_signed: bool,
    /// The beginning of its validity.
    #[ts(type = "string | null")]
    pub not_before: Option<Timestamp>,
    /// The end of its validity.
    #[ts(type = "string | null")]
    pub not_after: Option<Timestamp>,
}

impl From<Certificate> for CertificateView {
    fn from(certificate: Certificate) -> Self {
        let Certificate { sha256, names, subject, issuer, self_signed, not_before, not_after } = certificate;
        Self { sha256, names, subject, issuer, self_signed, not_before, not_after }
    }
}

/// A certificate to trust from now on.
#[derive(Debug, Deserialize, TS)]
pub struct TrustArgs {
    /// Of which account.
    pub account: AccountId,
    /// Of which of its smart hosts, by name; `None` for the IMAP server.
    pub smart_host: Option<String>,
    /// Its SHA-256, with or without colons; `None` to trust this computer's authorities alone again.
    pub sha256: Option<String>,
}

/// A network over which it is seen what certificates are refused.
pub(crate) struct Watched {
    net: Net,
    witness: Witness,
}

impl Watched {
    pub fn over(net: &Net) -> Self {
        let (net, witness) = net.with_witness();
        Self { net, witness }
    }

    pub fn net(&self) -> &Net {
        &self.net
    }

    /// The test with the certificate on which it failed, if it did.
    pub fn seen(&self, test: ServerTest) -> ServerTest {
        match self.witness.refused() {
            Some(certificate) if !test.ok => {
                ServerTest { code: "tls-untrusted".to_owned(), certificate: Some(certificate.into()), ..test }
            }
            _ => test,
        }
    }
}

/// A fingerprint as it is typed: colons, blanks and case do not matter.
pub(crate) fn fingerprint(text: &str) -> Result<String, Error> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    if digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(digits.to_ascii_lowercase());
    }
    let hint = "It has 64 hexadecimal digits: openssl x509 -noout -fingerprint -sha256 -in FILE shows it.";
    Err(Error::invalid(format!("“{text}” is no SHA-256 fingerprint"), hint))
}

impl Engine {
    pub(crate) async fn account_trust(&self, args: TrustArgs) -> Result<Account, Error> {
        let mut account = self.require_account(args.account).await?;
        let trusted = args.sha256.as_deref().map(fingerprint).transpose()?;
        match &args.smart_host {
            None => match &mut account.imap {
                Some(imap) => imap.trusted = trusted,
                None => return Err(Error::not_found("IMAP server of this account")),
            },
            Some(name) => {
                let host = account.smart_hosts.iter_mut().find(|host| host.name.eq_ignore_ascii_case(name));
                let host = host.ok_or_else(|| Error::not_found(format!("smart host “{name}” of this account")))?;
                host.server.trusted = trusted;
            }
        }
        self.account_update(account).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_taken_in_every_form_in_which_it_is_shown() {
        let plain = "0123456789abcdef".repeat(4);
        let pairs: Vec<_> =
            plain.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).to_uppercase()).collect();
        assert_eq!(fingerprint(&plain).expect("plain"), plain);
        assert_eq!(fingerprint(&pairs.join(":")).expect("colons"), plain);
        for wrong in ["", "abc", &"g".repeat(64), &"a".repeat(63)] {
            assert!(fingerprint(wrong).is_err(), "{wrong}");
        }
    }
}
