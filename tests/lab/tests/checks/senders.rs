//! Senders whose domain speaks for them, or does not: SPF, DKIM, DMARC.

use crate::lab::{User, found, lab, me};
use std::sync::OnceLock;

/// Somebody on a network in which all is well, who asks about several addresses.
fn anybody() -> &'static User {
    static USER: OnceLock<User> = OnceLock::new();
    USER.get_or_init(|| lab().user("asker", &[]))
}

/// Asks about an address, and compares what is found of checks, and the verdict.
fn assert_judged(user: &User, address: &str, expected: &[(&str, (&str, &str))], verdict: &str) {
    let _logs = lab().town.logs_on_failure();
    let report = user.check_identity(address);
    for (check, word) in expected {
        assert!(found(&report, check).contains(word), "{check} {word:?} of {report:#}");
    }
    assert_eq!(report["verdict"], verdict, "{report:#}");
}

#[test]
fn a_sender_whom_spf_and_a_signature_prove_is_good() {
    let expected = [("spf", ("pass", "pass")), ("dkim", ("right", "pass")), ("dmarc", ("missing", "warn"))];
    assert_judged(anybody(), &me("asker"), &expected, "good");
}

#[test]
fn a_domain_that_names_other_servers_and_asks_for_refusal_is_blocked() {
    let expected = [
        ("spf", ("fail", "fail")),
        ("dkim", ("no-key", "warn")),
        ("dmarc", ("not-proven-reject", "fail")),
        ("sender-domain", ("receives", "pass")),
    ];
    assert_judged(anybody(), "anna@elsewhere.example", &expected, "blocked");
}

#[test]
fn a_record_with_too_many_lookups_proves_nothing() {
    let expected = [("spf", ("too-many-lookups", "fail"))];
    assert_judged(anybody(), "anna@many.example", &expected, "risky");
}

#[test]
fn a_key_that_dns_does_not_show_proves_nothing_and_letters_go_round() {
    let user = lab().user("nokey", &["one.example"]);
    // SPF speaks for the address all the same.
    assert_judged(&user, &me("nokey"), &[("dkim", ("missing", "warn")), ("spf", ("pass", "pass"))], "good");
    assert_eq!(user.routes(), [("post.example".to_owned(), "relayed".to_owned())]);
}

#[test]
fn another_key_in_dns_is_told_from_none() {
    let user = lab().user("wrongkey", &["one.example"]);
    assert_judged(&user, &me("wrongkey"), &[("dkim", ("different", "fail"))], "good");
    assert_eq!(user.routes(), [("post.example".to_owned(), "relayed".to_owned())]);
}
