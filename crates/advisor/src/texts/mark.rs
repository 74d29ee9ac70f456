//! What the mark on a recipient says: a few words for the ear and the eye, and a sentence or two for whoever looks closer.

use crate::mark::{Encrypts, MarkFacts, MarkKind, Refusal, RefusedBefore};

/// The words of a mark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MarkWords {
    pub label: String,
    pub text: String,
}

fn words(label: impl Into<String>, text: impl Into<String>) -> MarkWords {
    MarkWords { label: label.into(), text: text.into() }
}

pub(crate) fn mark(kind: MarkKind, facts: &MarkFacts) -> MarkWords {
    let domain = &facts.domain;
    match kind {
        MarkKind::NotKnown => MarkWords::default(),
        MarkKind::Fine => encryption(domain, facts.encryption),
        MarkKind::NoSuchDomain => words(
            format!("{domain} does not exist"),
            format!("There is no domain {domain}, so nobody can get mail there. {}", meant_or_check(facts)),
        ),
        MarkKind::NullMx => words(
            format!("{domain} takes no mail"),
            format!("{domain} says itself that it takes no mail at all. {}", meant_or_check(facts)),
        ),
        MarkKind::Nowhere => words(
            format!("nobody takes mail for {domain}"),
            format!("The domain exists, and has no mail server that could be reached. {}", meant_or_check(facts)),
        ),
        MarkKind::Refused => facts.refused.as_ref().map(|refused| refused_before(facts, refused)).unwrap_or_default(),
        MarkKind::TooLarge => {
            let (size, limit) = (octets(facts.size), octets(facts.size_limit));
            words(
                "too large for this recipient",
                format!("This letter has about {size}. {domain} takes {limit} at most, so it would come back."),
            )
        }
        MarkKind::Misspelt => {
            let meant = facts.meant.as_deref().unwrap_or_default();
            words(
                format!("did you mean {meant}?"),
                format!(
                    "{domain} is much like {meant}, which is better known here. If it is right as it is, leave it."
                ),
            )
        }
        MarkKind::NotAnswered => words(
            "could not be looked up now",
            format!("The name servers gave no answer about {domain}. A letter would wait and be tried by itself."),
        ),
    }
}

fn refused_before(facts: &MarkFacts, refused: &RefusedBefore) -> MarkWords {
    let MarkFacts { local, domain, .. } = facts;
    let reply = refused.reply.as_ref().map(|reply| format!(": “{reply}”")).unwrap_or_default();
    let on = &refused.on;
    match &refused.what {
        Refusal::Recipient => words(
            "was refused before",
            format!("On {on} the server of {domain} said that {local}@{domain} does not exist{reply}."),
        ),
        Refusal::LastLetter(why) => words(
            "was refused last time",
            format!("The last letter to {local}@{domain}, on {on}, was not delivered. {why}{reply}."),
        ),
    }
}

fn meant_or_check(facts: &MarkFacts) -> String {
    match &facts.meant {
        Some(meant) => format!("Did you mean {meant}?"),
        None => "Check how it is written.".to_owned(),
    }
}

fn encryption(domain: &str, encryption: Encrypts) -> MarkWords {
    match encryption {
        Encrypts::Unknown => words(
            "can receive mail",
            format!("{domain} takes mail. Whether it encrypts shows when a letter goes there directly."),
        ),
        Encrypts::No => words(
            "can receive mail, does not encrypt",
            format!(
                "When a letter last went to {domain} directly, its server offered no encryption: others on the way could read along."
            ),
        ),
        Encrypts::Unverified => words(
            "can receive mail, encrypts without proof",
            format!(
                "Earlier letters to {domain} were encrypted. Its server did not prove who it is, which is common."
            ),
        ),
        Encrypts::Verified => words(
            "can receive mail, encrypts and is verified",
            format!("Earlier letters to {domain} were encrypted, and its server proved who it is."),
        ),
        Encrypts::DemandedByPolicy => words(
            "can receive mail, encrypts and is verified",
            format!(
                "{domain} demands encryption by a server that proves who it is (MTA-STS). Otherwise a letter waits."
            ),
        ),
        Encrypts::DemandedByDns => words(
            "can receive mail, encrypts and is verified",
            format!(
                "{domain} demands encryption by a server that signed DNS names (DANE). Otherwise a letter waits."
            ),
        ),
    }
}

/// Octets as people say them.
pub(crate) fn octets(octets: Option<u64>) -> String {
    let octets = octets.unwrap_or_default();
    match octets {
        0..1_000 => format!("{octets} bytes"),
        1_000..1_000_000 => format!("{} KB", octets.div_ceil(1000)),
        1_000_000..10_000_000 => format!("{}.{} MB", octets / 1_000_000, octets % 1_000_000 / 100_000),
        _ => format!("{} MB", octets / 1_000_000),
    }
}
