//! What is about the domain of the sender.

use super::{Told, as_found, finding, refused};
use crate::provider_of;
use crate::warning::{LetterFacts, WarningFacts};

pub(crate) fn spf(facts: &WarningFacts<'_>) -> Told {
    proof(facts, "an SPF record that names where it came from").alternative(
        "A signature (DKIM) proves letters from any address, which is the better way for a laptop that moves.",
    )
}

pub(crate) fn dkim(facts: &WarningFacts<'_>) -> Told {
    proof(facts, "a signature (DKIM) that it could confirm")
        .alternative("A smart host of your mail provider usually signs by itself.")
}

pub(crate) fn dmarc(facts: &WarningFacts<'_>) -> Told {
    proof(facts, "a proof (SPF or DKIM) that it is from its domain")
        .alternative("A smart host of your mail provider is named in SPF, as a rule, and signs by itself.")
}

fn proof(facts: &WarningFacts<'_>, wanted: &str) -> Told {
    let mut told = Told::default();
    if let Some(letter) = &facts.letter {
        told = told.means(missed(letter, wanted));
    }
    let domain = facts.sender.map(|sender| sender.domain());
    if let Some(provider) = domain.and_then(provider_of) {
        return told.todo(format!(
            "Send through {}: the records of this domain are in its hands, and its own server sends and signs as they say.",
            provider.name
        ));
    }
    if let (Some(_), Some(name)) = (&facts.letter, facts.smart_host) {
        told = told
            .todo(format!("If {name} is the mail server of this address, hand the letter over: it may send for it."));
    }
    match finding(facts) {
        Some(found) => as_found(found, told),
        None => told.todo(match facts.sender {
            Some(sender) => format!(
                "Check {sender} now: Postrider then looks up the records of its domain, and shows what to change in them."
            ),
            None => "Check the address that you send from: Postrider then shows what to change in DNS.".to_owned(),
        }),
    }
}

fn missed(letter: &LetterFacts<'_>, wanted: &str) -> String {
    format!("{} wanted to see {wanted}, found none, and {}.", letter.server(), refused(letter))
}
