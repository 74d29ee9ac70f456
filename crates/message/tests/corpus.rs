//! Letters that others collected: what is understood of each, in files that a person can read through.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use postrider_message::parse;

mod collection;
mod common;

/// Characters of a text that are shown.
const SHOWN: usize = 300;

fn compare(folder: &str, golden: &str) {
    let letters = collection::letters(folder);
    assert!(!letters.is_empty(), "{folder} is empty");
    let found: String = letters.iter().map(|(name, raw)| common::described(name, &parse(raw), SHOWN)).collect();
    common::compare(golden, &found);
}

#[test]
fn letters_from_before_mime_and_after_are_read() {
    compare("mail-parser/legacy", "mail-parser-legacy.txt");
}

#[test]
fn malformed_letters_are_read() {
    compare("mail-parser/malformed", "mail-parser-malformed.txt");
}

#[test]
fn the_examples_of_the_standards_are_read() {
    compare("mail-parser/rfc", "mail-parser-rfc.txt");
}

#[test]
fn letters_that_other_programs_wrote_are_read() {
    compare("mail-parser/thirdparty", "mail-parser-thirdparty.txt");
}

#[test]
fn letters_of_pythons_tests_are_read() {
    compare("python", "python.txt");
}
