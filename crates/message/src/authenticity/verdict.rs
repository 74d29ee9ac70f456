//! From what is known to one mark: pure.
//!
//! | what is known | mark |
//! |---|---|
//! | From names several owners, or stands there twice | unproven |
//! | a signature of From's own domain is right, and covers the whole text | proven |
//! | the own server says DMARC passed for From's domain, or DKIM with a domain of its owner | proven |
//! | the own server says DMARC failed | failed |
//! | a signature of From's domain is wrong, and no list or server explains it | failed |
//! | the own server says SPF passed for From's owner; or a signature covers a part of the text | plausible |
//! | anything else | unproven |
//!
//! A signature that cannot be checked (no key any more, no DNS, too old) is as good as none (RFC 6376 §6.1): keys are
//! taken out of DNS when they are replaced, and old letters are not false for it.

use super::domains::aligned;
use super::results::ServerWord;
use super::signatures::{Outcome, Signed};
use model::Address;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How sure it is that a letter comes from the domain in its From.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "SenderMark")]
pub enum Mark {
    /// It does.
    Proven,
    /// Much speaks for it.
    Plausible,
    /// Nothing shows it, and nothing speaks against it.
    Unproven,
    /// It was altered on its way, or does not come from there.
    Failed,
}

/// What is known of a letter.
#[derive(Debug, Default)]
pub struct Evidence<'a> {
    /// From, as it is shown.
    pub from: &'a [Address],
    /// Whether there are several From fields: which of them is shown, and which was checked, is anybody's guess.
    pub from_repeated: bool,
    /// What the user's own server says.
    pub server: Option<&'a ServerWord>,
    /// The signatures; `None` where they could not be looked at.
    pub signatures: Option<&'a [Signed]>,
    /// The mailing list that it came by.
    pub list: Option<&'a str>,
}

/// The mark, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Verdict {
    /// The mark.
    pub mark: Mark,
    /// Each a sentence, the weightiest first.
    pub reasons: Vec<String>,
}

/// One thing that speaks for or against.
struct Reason {
    weight: Weight,
    words: String,
}

/// From the weakest to the strongest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Says,
    Supports,
    SpeaksAgainst,
    Proves,
}

/// Decides.
pub fn judge(evidence: &Evidence<'_>) -> Verdict {
    let domain = match sender_domain(evidence) {
        Ok(domain) => domain,
        Err(words) => return Verdict { mark: Mark::Unproven, reasons: vec![words.to_owned()] },
    };
    let mut reasons = of_signatures(evidence, domain);
    reasons.extend(evidence.server.map(|word| of_server(word, domain)).unwrap_or_default());
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.weight));
    let mark = match reasons.first().map(|reason| reason.weight) {
        Some(Weight::Proves) => Mark::Proven,
        Some(Weight::SpeaksAgainst) => Mark::Failed,
        Some(Weight::Supports) => Mark::Plausible,
        Some(Weight::Says) | None => Mark::Unproven,
    };
    Verdict { mark, reasons: reasons.into_iter().map(|reason| reason.words).collect() }
}

/// The domain that is to be shown; or why none can be.
fn sender_domain<'a>(evidence: &Evidence<'a>) -> Result<&'a str, &'static str> {
    let domains: Vec<&str> =
        evidence.from.iter().filter_map(|from| from.address.rsplit_once('@')).map(|(_, domain)| domain).collect();
    match domains.as_slice() {
        _ if evidence.from_repeated => {
            Err("The letter names its sender more than once. Programs differ in whom they show.")
        }
        [] => Err("The letter names no sender."),
        [first, others @ ..] if others.iter().all(|other| aligned(first, other)) => Ok(first),
        _ => Err("The letter names several senders of different domains."),
    }
}

fn of_signatures(evidence: &Evidence<'_>, domain: &str) -> Vec<Reason> {
    let Some(signatures) = evidence.signatures else {
        return vec![Reason::new(Weight::Says, "Its signatures could not be checked now.")];
    };
    if signatures.is_empty() {
        return vec![Reason::new(Weight::Says, "It is not signed.")];
    }
    let passed = signatures.iter().any(|one| one.outcome == Outcome::Pass && aligned(&one.domain, domain));
    signatures.iter().map(|one| of_signature(one, domain, evidence, passed)).collect()
}

fn of_signature(one: &Signed, domain: &str, evidence: &Evidence<'_>, another_passed: bool) -> Reason {
    let signer = &one.domain;
    let own = aligned(signer, domain);
    let altered = |what: &str| {
        let words = format!("The signature of {signer} is not right: {what} is not what was signed.");
        match (own, evidence.list) {
            (true, Some(list)) => Reason::new(
                Weight::Says,
                format!("{words} It came by the mailing list {list}; lists often change letters."),
            ),
            (true, None) if !another_passed && !passed_at_server(evidence.server, domain) => {
                Reason::new(Weight::SpeaksAgainst, words)
            }
            _ => Reason::new(Weight::Says, words),
        }
    };
    match one.outcome {
        Outcome::Pass if own && one.whole_body => {
            Reason::new(Weight::Proves, format!("Signed by {signer}, and unchanged since."))
        }
        Outcome::Pass if own => Reason::new(
            Weight::Supports,
            format!("Signed by {signer}, but only the beginning of the text: anybody could have added to it."),
        ),
        Outcome::Pass => match evidence.list {
            // Anybody can sign a letter and call it that of a list: it says nothing of who wrote it.
            Some(list) => says(format!("Signed by {signer}, which passed it on to the mailing list {list}.")),
            None => says(format!("Signed by {signer}, which is not the sender’s domain.")),
        },
        Outcome::BodyAltered => altered("the text"),
        Outcome::HeaderAltered => altered("its head"),
        Outcome::NoKey => says(format!("Signed by {signer}, whose key is not in DNS (any more).")),
        Outcome::UnusableKey => says(format!("Signed by {signer}, whose key was taken back or cannot be used.")),
        Outcome::Expired => says(format!("The signature of {signer} was for a time that is over.")),
        Outcome::Malformed => says("It carries a signature that is none.".to_owned()),
        Outcome::NotKnown => says(format!("The key of {signer} could not be looked up now.")),
    }
}

fn passed_at_server(server: Option<&ServerWord>, domain: &str) -> bool {
    server.is_some_and(|word| of_server(word, domain).iter().any(|reason| reason.weight == Weight::Proves))
}

/// What the own server found, as far as it is about From's owner.
fn of_server(word: &ServerWord, domain: &str) -> Vec<Reason> {
    let id = &word.authserv_id;
    let about = |method: &super::Method| method.domain.as_deref().is_some_and(|other| aligned(other, domain));
    let mut reasons = Vec::new();
    for dmarc in word.of("dmarc") {
        match dmarc.result.as_str() {
            // Some leave header.from out: then it is about From, which is all that DMARC is about.
            "pass" if dmarc.domain.is_none() || about(dmarc) => reasons.push(Reason::new(
                Weight::Proves,
                format!("Your server {id} found that it meets the policy of {domain} (DMARC)."),
            )),
            "fail" => reasons.push(Reason::new(
                Weight::SpeaksAgainst,
                format!("Your server {id} found that it does not meet the policy of {domain} (DMARC)."),
            )),
            _ => {}
        }
    }
    for dkim in word.of("dkim").filter(|method| method.result == "pass" && about(method)) {
        let signer = dkim.domain.as_deref().unwrap_or(domain);
        let words = format!("Your server {id} found the signature of {signer} right when it came in.");
        reasons.push(Reason::new(Weight::Proves, words));
    }
    for spf in word.of("spf") {
        match spf.result.as_str() {
            "pass" if about(spf) => reasons.push(Reason::new(
                Weight::Supports,
                format!("Your server {id} found that {domain} names the server it came from (SPF)."),
            )),
            "fail" | "softfail" if about(spf) => reasons.push(says(format!(
                "Your server {id} found that {domain} does not name the server it came from (SPF)."
            ))),
            _ => {}
        }
    }
    reasons
}

fn says(words: String) -> Reason {
    Reason::new(Weight::Says, words)
}

impl Reason {
    fn new(weight: Weight, words: impl Into<String>) -> Self {
        Self { weight, words: words.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Method;
    use super::*;

    fn signed(domain: &str, outcome: Outcome) -> Signed {
        Signed { domain: domain.to_owned(), outcome, whole_body: true, covers: vec!["from".to_owned()] }
    }

    fn word(methods: &[(&str, &str, &str)]) -> ServerWord {
        let method = |(name, result, domain): &(&str, &str, &str)| Method {
            name: (*name).to_owned(),
            result: (*result).to_owned(),
            domain: Some((*domain).to_owned()).filter(|domain| !domain.is_empty()),
        };
        ServerWord { authserv_id: "mx.example.org".to_owned(), methods: methods.iter().map(method).collect() }
    }

    fn mark(server: Option<&ServerWord>, signatures: Option<&[Signed]>, list: Option<&str>) -> Mark {
        let from = [Address::new(None, "anna@b.test")];
        let verdict = judge(&Evidence { from: &from, from_repeated: false, server, signatures, list });
        assert!(!verdict.reasons.is_empty() && verdict.reasons.iter().all(|reason| reason.ends_with('.')));
        verdict.mark
    }

    #[test]
    fn our_own_check_decides_where_nobody_else_says_anything() {
        use Outcome::{BodyAltered, Expired, HeaderAltered, Malformed, NoKey, NotKnown, Pass, UnusableKey};
        type Case<'a> = (&'a [(&'a str, Outcome)], Option<&'a str>, Mark);
        let table: [Case<'_>; 13] = [
            (&[], None, Mark::Unproven),
            (&[("b.test", Pass)], None, Mark::Proven),
            (&[("mail.b.test", Pass)], None, Mark::Proven),
            (&[("bulk.test", Pass)], None, Mark::Unproven),
            (&[("b.test", BodyAltered)], None, Mark::Failed),
            (&[("b.test", HeaderAltered)], None, Mark::Failed),
            (&[("b.test", BodyAltered), ("b.test", Pass)], None, Mark::Proven),
            (&[("bulk.test", BodyAltered)], None, Mark::Unproven),
            (&[("b.test", BodyAltered)], Some("list.test"), Mark::Unproven),
            (&[("b.test", BodyAltered), ("list.test", Pass)], Some("list.test"), Mark::Unproven),
            (&[("b.test", NoKey), ("b.test", UnusableKey)], None, Mark::Unproven),
            (&[("b.test", Expired), ("b.test", NotKnown)], None, Mark::Unproven),
            (&[("", Malformed)], None, Mark::Unproven),
        ];
        for (signatures, list, expected) in table {
            let signatures: Vec<Signed> = signatures.iter().map(|(domain, one)| signed(domain, *one)).collect();
            assert_eq!(mark(None, Some(&signatures), list), expected, "{signatures:?} {list:?}");
        }
    }

    #[test]
    fn the_own_server_is_heard() {
        let altered = [signed("b.test", Outcome::BodyAltered)];
        let right = [signed("b.test", Outcome::Pass)];
        type Case<'a> = (&'a [(&'a str, &'a str, &'a str)], Option<&'a [Signed]>, Mark);
        let table: [Case<'_>; 13] = [
            (&[("dmarc", "pass", "b.test")], None, Mark::Proven),
            (&[("dmarc", "pass", "")], None, Mark::Proven),
            (&[("dmarc", "pass", "c.test")], None, Mark::Unproven),
            (&[("dmarc", "fail", "b.test")], None, Mark::Failed),
            (&[("dmarc", "fail", "b.test")], Some(&right), Mark::Proven),
            (&[("dmarc", "none", "b.test"), ("spf", "pass", "b.test")], Some(&[]), Mark::Plausible),
            (&[("spf", "pass", "bounces.b.test")], None, Mark::Plausible),
            (&[("spf", "pass", "c.test")], None, Mark::Unproven),
            (&[("spf", "fail", "b.test")], None, Mark::Unproven),
            (&[("dkim", "pass", "b.test")], None, Mark::Proven),
            (&[("dkim", "pass", "c.test")], None, Mark::Unproven),
            // The server may have added to it after it had looked.
            (&[("dkim", "pass", "b.test")], Some(&altered), Mark::Proven),
            (&[("spf", "pass", "b.test")], Some(&altered), Mark::Failed),
        ];
        for (methods, signatures, expected) in table {
            assert_eq!(mark(Some(&word(methods)), signatures, None), expected, "{methods:?} {signatures:?}");
        }
    }

    #[test]
    fn a_signature_of_a_part_of_the_text_proves_little() {
        let partly = Signed { whole_body: false, ..signed("b.test", Outcome::Pass) };
        assert_eq!(mark(None, Some(&[partly]), None), Mark::Plausible);
    }

    #[test]
    fn a_letter_of_several_senders_is_not_proven_by_one_of_them() {
        let right = [signed("b.test", Outcome::Pass)];
        let of = |from: &[&str], from_repeated| {
            let from: Vec<Address> = from.iter().map(|address| Address::new(None, *address)).collect();
            judge(&Evidence { from: &from, from_repeated, signatures: Some(&right), ..Evidence::default() }).mark
        };
        assert_eq!(of(&["a@b.test"], false), Mark::Proven);
        assert_eq!(of(&["a@b.test", "c@mail.b.test"], false), Mark::Proven);
        assert_eq!(of(&["a@b.test", "c@d.test"], false), Mark::Unproven);
        assert_eq!(of(&["a@b.test"], true), Mark::Unproven);
        assert_eq!(of(&[], false), Mark::Unproven);
    }
}
