//! What is about the domain of the sender.

use super::{Told, as_found, finding, refused};
use crate::checks::finding::Status;
use crate::provider_of;
use crate::warning::{LetterFacts, NotLookedUp, WarningFacts};
use model::shown_domain;

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
    match (finding(facts), domain, facts.not_looked_up) {
        (Some(found), ..) => {
            let told = as_found(found, told);
            let is_fine = told.todo.is_empty() && found.status == Status::Pass;
            if is_fine { told.todo("There is nothing to change in DNS.") } else { told }
        }
        (None, Some(domain), Some(why)) => not_looked_up(told, domain, why),
        (None, ..) => told.todo(match facts.sender {
            Some(sender) => format!(
                "Check {sender} now: Postrider then looks up the records of its domain, and shows what to change in them."
            ),
            None => "Check the address that you send from: Postrider then shows what to change in DNS.".to_owned(),
        }),
    }
}

fn not_looked_up(told: Told, domain: &str, why: NotLookedUp) -> Told {
    let domain = shown_domain(domain);
    match why {
        NotLookedUp::Offline => told
            .means(format!("This computer is not on line, so the records of {domain} could not be looked up."))
            .todo("Open this page again when it is: it then shows what DNS says."),
        NotLookedUp::Portal => told
            .means(format!(
                "This network wants a login in a browser first, so the records of {domain} could not be looked up."
            ))
            .todo("Log in there, and open this page again: it then shows what DNS says."),
        NotLookedUp::TooLong => told
            .means(format!("The name servers did not answer in time, so what DNS says of {domain} is not known."))
            .todo("Open this page again in a few minutes."),
    }
}

fn missed(letter: &LetterFacts<'_>, wanted: &str) -> String {
    format!("{} wanted to see {wanted}, found none, and {}.", letter.server(), refused(letter))
}
