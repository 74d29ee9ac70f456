//! Letters that were signed here, as they come in whole, altered, or with a key that is not there.

use super::*;
use crate::dkim::{self, DnsKey, SigningKey};
use jiff::Timestamp;
use model::DkimAlgorithm;
use std::collections::HashMap;
use std::sync::OnceLock;

const LETTER: &str = "From: Anna <anna@example.org>\r\nTo: ben@example.net\r\nSubject: Hello\r\n\
    Date: Sat, 21 Nov 2026 20:46:25 +0000\r\nMessage-ID: <1@example.org>\r\n\
    List-Unsubscribe: <https://example.org/leave>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n\
    Hello  Ben\r\n";

struct Signer {
    key: SigningKey,
    record: String,
}

fn signer() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(|| {
        let algorithm = DkimAlgorithm::Ed25519Sha256;
        let made = dkim::make(algorithm).unwrap();
        let record = dkim::record_value(DnsKey { algorithm, public: &made.public });
        Signer { key: SigningKey::read("example.org", "s1", algorithm, &made.private).unwrap(), record }
    })
}

fn signed(letter: &str) -> String {
    let at = Timestamp::from_second(1_795_294_000).unwrap();
    let field = dkim::sign(letter.as_bytes(), &[&signer().key], at).unwrap();
    String::from_utf8(field).unwrap() + letter
}

fn check(letter: &str, answer: KeyAnswer) -> Vec<Signed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answers = key_names(letter.as_bytes()).into_iter().map(|name| (name, answer.clone())).collect();
    runtime.block_on(signatures::check(letter.as_bytes(), &answers))
}

fn records(record: &str) -> KeyAnswer {
    KeyAnswer::Records(vec![record.to_owned()])
}

#[test]
fn every_way_in_which_a_signature_can_end_is_told_apart() {
    let right = signed(LETTER);
    let record = signer().record.as_str();
    let revoked = "v=DKIM1; k=ed25519; p=";
    let table = [
        (right.clone(), records(record), Outcome::Pass),
        (right.replace("Hello  Ben", "Hello Ben and Mallory"), records(record), Outcome::BodyAltered),
        (right.replace("Subject: Hello", "Subject: Pay now"), records(record), Outcome::HeaderAltered),
        (right.clone(), KeyAnswer::Records(Vec::new()), Outcome::NoKey),
        (right.clone(), records(revoked), Outcome::UnusableKey),
        (right.clone(), records("v=spf1 -all"), Outcome::UnusableKey),
        (right.clone(), KeyAnswer::NoAnswer, Outcome::NotKnown),
        (
            right.replace("\r\n\r\nHello  Ben\r\n", "\r\n\r\nHello Ben \r\n \t\r\n\r\n"),
            records(record),
            Outcome::Pass,
        ),
    ];
    for (letter, answer, expected) in table {
        let found = check(&letter, answer);
        assert_eq!(found.iter().map(|one| one.outcome).collect::<Vec<_>>(), [expected], "{letter}");
    }
    for unsigned in [LETTER.to_owned(), format!("DKIM-Signature: v=1; nonsense\r\n{LETTER}")] {
        assert!(check(&unsigned, records(record)).is_empty(), "{unsigned}");
    }
}

#[test]
fn a_letter_that_was_signed_here_is_proven_and_an_altered_one_has_failed() {
    let mark = |letter: &str, answer| {
        let signatures = check(letter, answer);
        weigh(letter.as_bytes(), &OwnServer::default(), Some(&signatures)).mark
    };
    let (right, record) = (signed(LETTER), records(&signer().record));
    assert_eq!(mark(&right, record.clone()), Mark::Proven);
    assert_eq!(mark(&right.replace("Ben\r\n", "Bob\r\n"), record.clone()), Mark::Failed);
    assert_eq!(mark(LETTER, record.clone()), Mark::Unproven);
    let second = right.replace("To: ben", "From: boss@example.com\r\nTo: ben");
    assert_eq!(mark(&second, record), Mark::Unproven, "two From fields");
}

#[test]
fn one_click_needs_a_signature_over_the_fields_that_say_where() {
    let right = signed(LETTER);
    let record = records(&signer().record);
    assert!(covers_unsubscribing(&check(&right, record.clone())));
    let elsewhere = right.replace("https://example.org/leave", "https://example.com/vote");
    assert!(!covers_unsubscribing(&check(&elsewhere, record.clone())));
    let without = signed(&LETTER.replace("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", ""));
    let added = without.replace("\r\n\r\n", "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n");
    assert!(!covers_unsubscribing(&check(&added, record)));
}

#[test]
fn a_letter_with_a_thousand_signatures_is_not_checked() {
    let right = signed(LETTER);
    let field = right.strip_suffix(LETTER).unwrap();
    let many = field.repeat(1000) + LETTER;
    assert!(key_names(many.as_bytes()).is_empty());
    assert!(check(&many, records(&signer().record)).is_empty());
    let answers: HashMap<String, KeyAnswer> = HashMap::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(runtime.block_on(signatures::check(many.as_bytes(), &answers)).is_empty());
}
