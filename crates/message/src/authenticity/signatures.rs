//! The DKIM signatures of a letter (RFC 6376), checked with keys that are handed in.
//!
//! Bounds: [`MAX_SIGNATURES`] in a letter. A letter with more is not checked at all: each may ask for a hash of the
//! whole body.

use crate::mime;
use mail_auth::common::crypto::CryptoError;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::{Canonicalization, DkimError, Signature};
use mail_auth::hickory_resolver::config::ResolverConfig;
use mail_auth::{AuthenticatedMessage, DkimResult, Error, MessageAuthenticator, Parameters, ResolverCache, Txt};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::Instant;

/// Signatures that are checked in one letter; large senders put on two or three.
pub const MAX_SIGNATURES: usize = 10;

/// What DNS says of the name of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyAnswer {
    /// These text records; none where there is no such name.
    Records(Vec<String>),
    /// It could not be asked.
    NoAnswer,
}

/// What became of one signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is right.
    Pass,
    /// The text of the letter is another than the one that was signed.
    BodyAltered,
    /// The header, or the signature itself, is.
    HeaderAltered,
    /// DNS has no key under its name: it was taken out, or never was there.
    NoKey,
    /// The key was taken back, or its record cannot be used.
    UnusableKey,
    /// It says itself that it is too old.
    Expired,
    /// It is not one.
    Malformed,
    /// DNS could not be asked.
    NotKnown,
}

/// One signature of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Who signed.
    pub domain: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether it covers the whole text (no `l=`).
    pub whole_body: bool,
    /// The fields that it covers, in lower case.
    pub covers: Vec<String>,
}

impl Signed {
    /// Whether it covers a field of this name.
    pub fn covers(&self, field: &str) -> bool {
        self.covers.iter().any(|covered| covered.eq_ignore_ascii_case(field))
    }
}

/// The names in DNS of the keys of a letter's signatures, each once; none where there are too many signatures.
pub fn key_names(raw: &[u8]) -> Vec<String> {
    if !is_bounded(raw) {
        return Vec::new();
    }
    // The body would be hashed for nothing.
    let (header, _) = mime::split_header(raw);
    let Some(letter) = AuthenticatedMessage::parse(header) else { return Vec::new() };
    let mut names: Vec<String> = letter.dkim_headers.iter().map(|field| key_name(&field.header)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Checks the signatures. Keys that are not among the answers count as not known.
pub async fn check(raw: &[u8], answers: &HashMap<String, KeyAnswer>) -> Vec<Signed> {
    if !is_bounded(raw) {
        return Vec::new();
    }
    let mut signed = verify(raw, answers).await;
    // The verifier hashes white space on lines at the end; relaxed canonicalisation drops such lines (RFC 6376 §3.4.4).
    if signed.iter().any(|(one, relaxed)| *relaxed && one.outcome == Outcome::BodyAltered)
        && let Some(trimmed) = without_blank_end(raw)
    {
        let again = verify(&trimmed, answers).await;
        for ((one, relaxed), (other, _)) in signed.iter_mut().zip(again) {
            if *relaxed && one.outcome == Outcome::BodyAltered {
                *one = other;
            }
        }
    }
    signed.into_iter().map(|(one, _)| one).collect()
}

/// Each signature, and whether white space in the body does not count for it.
async fn verify(raw: &[u8], answers: &HashMap<String, KeyAnswer>) -> Vec<(Signed, bool)> {
    let Some(letter) = AuthenticatedMessage::parse(raw) else { return Vec::new() };
    let nobody = ResolverConfig::from_parts(None, Vec::new(), Vec::new());
    let Ok(verifier) = MessageAuthenticator::new(nobody, Default::default()) else { return Vec::new() };
    let keys = Keys::read(answers);
    let outputs = verifier.verify_dkim(Parameters::new(&letter).with_txt_cache(&keys)).await;
    outputs.iter().map(|output| signed(output.result(), output.signature(), answers)).collect()
}

fn signed(
    result: &DkimResult,
    signature: Option<&Signature>,
    answers: &HashMap<String, KeyAnswer>,
) -> (Signed, bool) {
    let Some(signature) = signature else {
        let nothing =
            Signed { domain: String::new(), outcome: Outcome::Malformed, whole_body: false, covers: Vec::new() };
        return (nothing, false);
    };
    let covers: Vec<String> = signature.h.iter().map(|name| name.to_ascii_lowercase()).collect();
    // RFC 6376 §5.4: a signature that leaves From out says nothing of it.
    let outcome = match outcome(result, answers.get(&key_name(signature))) {
        Outcome::Pass if !covers.iter().any(|name| name == "from") => Outcome::Malformed,
        outcome => outcome,
    };
    let one = Signed { domain: signature.d.to_ascii_lowercase(), outcome, whole_body: signature.l == 0, covers };
    (one, signature.cb == Canonicalization::Relaxed)
}

fn outcome(result: &DkimResult, answer: Option<&KeyAnswer>) -> Outcome {
    let error = match result {
        DkimResult::Pass => return Outcome::Pass,
        DkimResult::None => return Outcome::Malformed,
        DkimResult::Neutral(error)
        | DkimResult::Fail(error)
        | DkimResult::PermError(error)
        | DkimResult::TempError(error) => error,
    };
    match (error, answer) {
        (Error::Dkim(DkimError::FailedBodyHashMatch), _) => Outcome::BodyAltered,
        (Error::Dkim(DkimError::SignatureExpired), _) => Outcome::Expired,
        (Error::Crypto(CryptoError::FailedVerification | CryptoError::Library(_)), _) => Outcome::HeaderAltered,
        (Error::Dkim(DkimError::RevokedPublicKey | DkimError::UnsupportedKeyType), _) => Outcome::UnusableKey,
        (Error::Crypto(CryptoError::IncompatibleAlgorithms), _) => Outcome::UnusableKey,
        (Error::Dns(_), Some(KeyAnswer::Records(records))) if records.is_empty() => Outcome::NoKey,
        (Error::Dns(_), Some(KeyAnswer::Records(_))) => Outcome::UnusableKey,
        (Error::Dns(_), _) => Outcome::NotKnown,
        _ => Outcome::Malformed,
    }
}

fn key_name(signature: &Signature) -> String {
    format!("{}._domainkey.{}", signature.s, signature.d).to_ascii_lowercase()
}

fn is_bounded(raw: &[u8]) -> bool {
    let (header, _) = mime::split_header(raw);
    let is_signature = |field: &&mime::RawField<'_>| field.is("DKIM-Signature");
    header.len() <= mime::MAX_HEADER && mime::fields_in(header).iter().filter(is_signature).count() <= MAX_SIGNATURES
}

/// The letter without lines of white space at its end; `None` where it has none.
fn without_blank_end(raw: &[u8]) -> Option<Vec<u8>> {
    let (header, body) = mime::split_header(raw);
    let text = body.trim_ascii_end();
    let has_blanks = body.get(text.len()..)?.iter().any(|byte| matches!(byte, b' ' | b'\t'));
    has_blanks.then(|| [header, text, b"\r\n"].concat())
}

/// The answers, in the shape in which the verifier looks for records.
struct Keys(HashMap<Box<str>, Txt>);

impl Keys {
    fn read(answers: &HashMap<String, KeyAnswer>) -> Self {
        let found = answers.iter().filter_map(|(name, answer)| match answer {
            KeyAnswer::Records(records) => Some((name, records)),
            KeyAnswer::NoAnswer => None,
        });
        let key = |records: &[String]| {
            // RFC 6376 §3.6.2.2: of several records it is not defined which one counts; the first that is a key does.
            let mut last = Error::Dns(mail_auth::DnsError::InvalidRecordType);
            for record in records {
                match DomainKey::parse(record.as_bytes()) {
                    Ok(key) => return Txt::from(key),
                    Err(error) => last = error,
                }
            }
            Txt::Error(last)
        };
        Self(found.map(|(name, records)| (format!("{name}.").into_boxed_str(), key(records))).collect())
    }
}

impl ResolverCache<Box<str>, Txt> for Keys {
    fn get<Q: Hash + Eq + ?Sized>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        self.0.get(name).cloned()
    }

    fn remove<Q: Hash + Eq + ?Sized>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}
