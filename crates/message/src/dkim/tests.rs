//! Signatures are verified by a verifier that shares no code with the signer: mail-auth's, with the records handed in.

use super::*;
use crate::{normalise_line_ends, to_seven_bit};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::ResolverConfig;
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt};
use model::{DkimAlgorithm, DkimShown};
use proptest::prelude::*;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::OnceLock;
use std::time::Instant;

const LETTER: &str = "From: Anna <anna@example.org>\r\nTo: ben@example.net,\r\n\tcy@example.net\r\n\
    Subject:  Two   words \r\nDate: Sat, 21 Nov 2026 20:46:25 +0000\r\nMessage-ID: <1@example.org>\r\n\
    MIME-Version: 1.0\r\nContent-Type: text/plain\r\nList-ID: <l.example.org>\r\nX-Other: not signed\r\n\r\n\
    Hello  Ben \r\n\r\nbye\t\r\n\r\n \t\r\n\r\n";

struct Pair {
    key: SigningKey,
    record: String,
}

/// Making an RSA key takes a while: all tests share one pair.
fn pairs() -> &'static [Pair; 2] {
    static PAIRS: OnceLock<[Pair; 2]> = OnceLock::new();
    PAIRS.get_or_init(|| {
        DkimAlgorithm::ALL.map(|algorithm| {
            let made = make(algorithm).unwrap();
            let record = record_value(DnsKey { algorithm, public: &made.public });
            let key = SigningKey::read("example.org", algorithm.key_type(), algorithm, &made.private).unwrap();
            Pair { key, record }
        })
    })
}

fn keys() -> Vec<&'static SigningKey> {
    pairs().iter().map(|pair| &pair.key).collect()
}

fn at() -> Timestamp {
    Timestamp::from_second(1_795_294_000).unwrap()
}

fn signed(letter: &[u8]) -> Vec<u8> {
    let mut signed = sign(letter, &keys(), at()).unwrap();
    signed.extend_from_slice(letter);
    signed
}

/// The records of the test's domain, as a resolver would have them.
struct Zone(HashMap<Box<str>, Txt>);

impl Zone {
    fn new() -> Self {
        let entry = |pair: &Pair| {
            let name = format!("{}.", record_name(pair.key.selector(), "example.org"));
            let key = DomainKey::parse(pair.record.as_bytes()).unwrap();
            (name.into_boxed_str(), Txt::from(key))
        };
        Self(pairs().iter().map(entry).collect())
    }
}

impl ResolverCache<Box<str>, Txt> for Zone {
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

/// Which of the two signatures, RSA and Ed25519, pass.
fn verified(message: &[u8]) -> Vec<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let nobody = ResolverConfig::from_parts(None, Vec::new(), Vec::new());
    let verifier = MessageAuthenticator::new(nobody, Default::default()).unwrap();
    let parsed = AuthenticatedMessage::parse(message).unwrap();
    let zone = Zone::new();
    let parameters = Parameters::new(&parsed).with_txt_cache(&zone);
    let results = runtime.block_on(verifier.verify_dkim(parameters));
    results.iter().map(|output| *output.result() == DkimResult::Pass).collect()
}

#[test]
fn both_signatures_pass() {
    // mail-auth hashes lines of white space at the end as the RFC does not: they stand before the end here.
    let letter = LETTER.trim_end();
    let message = signed(letter.as_bytes());
    assert_eq!(verified(&message), [true, true], "{}", String::from_utf8_lossy(&message));
    assert!(message.split(|byte| *byte == b'\n').all(|line| line.len() <= 79));
}

#[test]
fn what_a_relay_does_to_white_space_does_no_harm() {
    let message = String::from_utf8(signed(LETTER.trim_end().as_bytes())).unwrap();
    let relayed =
        message.replace("Subject:  Two   words ", "subject: Two\r\n words").replace("Hello  Ben ", "Hello Ben");
    assert_ne!(relayed, message);
    assert_eq!(verified((relayed + "\r\n\r\n").as_bytes()), [true, true]);
}

#[test]
fn a_letter_that_was_altered_fails() {
    let message = String::from_utf8(signed(LETTER.trim_end().as_bytes())).unwrap();
    let table = [
        message.replace("Hello", "Hallo"),
        message.replace("bye", "bye bye"),
        message.clone() + "\r\nP.S.",
        message.replace("Anna <anna", "Anne <anna"),
        message.replace("+0000", "+0100"),
        message.replace("ben@", "eve@"),
        message.replace("<l.example.org>", "<m.example.org>"),
        format!("Subject: Another\r\n{message}"),
        format!("From: eve@example.org\r\n{message}"),
        message.replace("X-Other", "To: eve@example.org\r\nX-Other"),
        message.replace("X-Other", "Date: Sun, 22 Nov 2026 20:46:25 +0000\r\nX-Other"),
        format!("Content-Type: text/html\r\n{message}"),
    ];
    for altered in table {
        assert_ne!(altered, message);
        assert_eq!(verified(altered.as_bytes()), [false, false], "{altered}");
    }
    let unsigned_field = message.replace("not signed", "something else");
    assert_eq!(verified(unsigned_field.as_bytes()), [true, true], "what is not signed may change");
}

#[test]
fn fields_are_named_as_often_as_they_are_there_and_the_most_important_once_more() {
    let letter = "Received: x\r\nFrom: a@example.org\r\nCc: b@example.org\r\nList-ID: <l>\r\nlist-id: <m>\r\n\r\n";
    let (fields, _) = raw_fields(letter.as_bytes());
    let names = ["From", "From", "To", "Subject", "Date", "Cc", "Cc", "List-ID", "List-ID"];
    assert_eq!(signed_names(&fields), names);
}

#[test]
fn a_letter_says_whose_signature_it_carries() {
    let message = signed(LETTER.as_bytes());
    assert!(is_signed_for(&message, "Example.ORG"));
    assert!(!is_signed_for(&message, "example.net"));
    assert!(!is_signed_for(LETTER.as_bytes(), "example.org"));
    let both = [("rsa", "example.org"), ("ed25519", "example.org")];
    assert_eq!(signatures(&message), both.map(|(selector, domain)| (selector.to_owned(), domain.to_owned())));
}

#[test]
fn a_private_half_never_shows_and_is_read_only_as_what_it_is() {
    for algorithm in DkimAlgorithm::ALL {
        let [rsa, ed25519] = pairs();
        let pair = if algorithm == DkimAlgorithm::RsaSha256 { rsa } else { ed25519 };
        assert_eq!(
            format!("{:?}", pair.key),
            format!("SigningKey({0} example.org, {1})", algorithm.key_type(), algorithm.word())
        );
        for private in ["", "AAAA", "!", "TmV2ZXI="] {
            let read = SigningKey::read("example.org", "s", algorithm, private);
            assert_eq!(read.unwrap_err(), KeyError::NotAKey);
        }
    }
}

#[test]
fn a_record_that_is_published_as_it_is_given_shows_the_key() {
    for algorithm in DkimAlgorithm::ALL {
        let made = make(algorithm).unwrap();
        let key = DnsKey { algorithm, public: &made.public };
        assert_eq!(shown(&[record_value(key)], key), DkimShown::ThisKey);
        let line = zone_line("s._domainkey.example.org", &record_value(key));
        let strings: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        assert_eq!(strings.concat(), record_value(key));
        assert!(strings.iter().all(|string| string.len() <= 255));
    }
}

/// Bodies whose last line is not white space alone: there mail-auth and the RFC agree.
fn letter() -> impl Strategy<Value = Vec<u8>> {
    let field = ("(From|To|Cc|Subject|Date|X-A|List-Post|Reply-To)", "[ -~\t]{0,40}(\r\n [!-~]{1,9}){0,2}");
    let fields = proptest::collection::vec(field, 0..8);
    (fields, "[ -~\t\r\nü]{0,200}[!-~]").prop_map(|(fields, body)| {
        let mut text = "From: anna@example.org\r\n".to_owned();
        for (name, value) in fields {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(&body);
        to_seven_bit(&normalise_line_ends(text.as_bytes())).into_owned()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_letter_can_be_signed_and_verified(letter in letter()) {
        let message = signed(&letter);
        prop_assert_eq!(verified(&message), [true, true], "{}", String::from_utf8_lossy(&message));
    }

    #[test]
    fn no_bytes_make_the_signer_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = sign(&bytes, &keys()[1..], at());
        let _ = (is_signed_for(&bytes, "example.org"), signatures(&bytes));
        let _ = shown(&[String::from_utf8_lossy(&bytes).into_owned()], DnsKey {
            algorithm: DkimAlgorithm::RsaSha256,
            public: "AAAA",
        });
    }
}
