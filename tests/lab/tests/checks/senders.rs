//! Senders whose domain speaks for them, or does not, on a network in which all is well: SPF, DKIM, DMARC.

use crate::expected::{Expected, GOOD, assert_case, caution, round, stop};

#[test]
fn a_sender_whom_spf_and_a_signature_prove_goes_direct() {
    let findings = &[
        ("spf", "pass", "pass"),
        ("dkim", "right", "pass"),
        ("dmarc", "proven", "pass"),
        ("sender-domain", "receives", "pass"),
    ];
    assert_case("proven", &Expected { sender: Some((findings, "good")), ..GOOD });
}

#[test]
fn a_signature_proves_a_letter_that_spf_does_not() {
    let findings = &[("spf", "fail", "fail"), ("dkim", "right", "pass"), ("dmarc", "missing", "warn")];
    assert_case("elsewhere", &Expected { sender: Some((findings, "good")), ..GOOD });
}

#[test]
fn a_domain_that_names_other_servers_and_asks_for_refusal_goes_through_those() {
    let findings = &[("spf", "fail", "fail"), ("dkim", "missing", "warn"), ("dmarc", "not-proven-reject", "fail")];
    let expected = Expected {
        sender: Some((findings, "blocked")),
        banner: stop("unproven"),
        auto: round("Through post.example: no signature (DKIM) proves that it is from strict.example."),
        ..GOOD
    };
    assert_case("strict", &expected);
}

#[test]
fn a_record_with_too_many_lookups_proves_nothing() {
    let findings = &[("spf", "too-many-lookups", "fail"), ("dkim", "missing", "warn")];
    let expected = Expected {
        sender: Some((findings, "risky")),
        banner: caution("unproven"),
        auto: round("Through post.example: no signature (DKIM) proves that it is from many.example."),
        ..GOOD
    };
    assert_case("many", &expected);
}

#[test]
fn a_key_that_dns_does_not_show_signs_nothing_and_letters_go_round() {
    let findings = &[("dkim", "missing", "warn"), ("spf", "pass", "pass")];
    let auto = round("Through post.example: no signature (DKIM) proves that it is from nokey.example.");
    assert_case("nokey", &Expected { sender: Some((findings, "good")), auto, ..GOOD });
}

#[test]
fn another_key_in_dns_is_told_from_none_and_letters_go_round() {
    let findings = &[("dkim", "different", "fail"), ("spf", "pass", "pass")];
    let auto = round("Through post.example: no signature (DKIM) proves that it is from wrongkey.example.");
    assert_case("wrongkey", &Expected { sender: Some((findings, "good")), auto, ..GOOD });
}
