//! Every finding of every check, from what was seen to what a person reads: `tests/golden` holds them to be read through.
//!
//! After a change on purpose, write the files anew with `UPDATE_GOLDEN=1 cargo test -p postrider-advisor --test findings`,
//! and read what changed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "findings/identity.rs"]
mod identity;
#[path = "findings/network.rs"]
mod network;
#[path = "findings/recipient.rs"]
mod recipient;
#[path = "findings/taught.rs"]
mod taught;

use model::Reply;
use postrider_advisor::checks::Timed;
use postrider_advisor::checks::finding::{Finding, Status};
use std::path::Path;
use std::time::Duration;

/// What was seen, after so many milliseconds.
fn after<T>(millis: u64, value: T) -> Timed<T> {
    Timed::new(value, Duration::from_millis(millis))
}

fn reply(code: u16, lines: &[&str]) -> Reply {
    Reply { code, enhanced: None, lines: lines.iter().map(|line| (*line).to_owned()).collect() }
}

/// Compares findings with the file, each under the word by which a table names it, and holds them to what every finding
/// has to be.
fn golden(name: &str, findings: &[Finding]) {
    let mut text = String::new();
    for (place, finding) in findings.iter().enumerate() {
        hold_to_the_rules(finding);
        let is_first = place == 0 || findings[place - 1].check != finding.check;
        let check = serde_json::to_string(&finding.check).unwrap();
        if is_first {
            text.push_str(&format!("=== {} ===\n{}\n\n", check.trim_matches('"'), wrapped(&finding.why)));
        }
        text.push_str(&format!("-- {}\n{finding}\n", finding.found));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{name}; UPDATE_GOLDEN=1 writes it anew");
}

fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().unwrap();
        match last.len() + word.len() {
            0..100 => last.push_str(&format!("{}{word}", if last.is_empty() { "" } else { " " })),
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

fn hold_to_the_rules(finding: &Finding) {
    let sentences = [Some(&finding.cause), finding.fix.as_ref(), finding.alternative.as_ref(), Some(&finding.why)];
    for sentence in sentences.into_iter().flatten() {
        assert!(sentence.ends_with(['.', '?']), "“{sentence}” is a sentence");
        assert!(!sentence.contains('!'), "“{sentence}” does not shout");
        assert!(!sentence.contains("  "), "“{sentence}” is spaced evenly");
        assert!(
            sentence.starts_with(|letter: char| !letter.is_lowercase()) || begins_with_a_name(sentence),
            "“{sentence}”"
        );
    }
    assert!(!finding.title.ends_with('.') && !finding.title.is_empty(), "“{}” is a title", finding.title);
    assert!(finding.found.bytes().all(|octet| octet.is_ascii_lowercase() || b"-0123456789".contains(&octet)));
    let help = finding.fix.is_some() || finding.alternative.is_some();
    assert!(finding.status != Status::Fail || help, "“{}” says what can be done", finding.title);
    assert!(finding.status != Status::Pass || finding.fix.is_none(), "“{}” needs no mending", finding.title);
}

/// Hosts and domains are written as they are.
fn begins_with_a_name(sentence: &str) -> bool {
    sentence.split(' ').next().is_some_and(|word| word.trim_end_matches(['.', ',']).contains('.'))
}
