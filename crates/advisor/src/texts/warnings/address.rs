//! What is about the address that others see.

use super::super::requests;
use super::{Told, as_found, finding, pass_on, refused};
use crate::checks::finding::Check;
use crate::taught::SAID_BY_ONE;
use crate::warning::{LetterFacts, WarningFacts};

pub(crate) fn reverse_dns(facts: &WarningFacts<'_>) -> Told {
    const WHO: &str = "Only whoever gave you the address can set its name. At home that is your Internet provider, and most do it \
                       for fixed addresses only; for a rented server there is usually a field for it in the hosting panel \
                       (“reverse DNS” or “PTR”).";
    let mut told = Told::default();
    if let Some(letter) = &facts.letter {
        told = told.means(not_content(letter, "the name of the address that the letter came from"));
    }
    told = match finding(facts) {
        Some(found) => told
            .means(format!("{}. {}", found.title, found.cause))
            .means("Letters through a smart host are not concerned."),
        None => told.means(
            "Gmail, GMX, Web.de, Yahoo and many others refuse letters that go directly from an address without such a name, or \
             file them as junk. Letters through a smart host are not concerned.",
        ),
    };
    told = told.todo(pass_on(facts)).todo(WHO);
    let has_own_domain = facts.sender.is_some_and(|sender| crate::provider_of(sender.domain()).is_none());
    match (finding(facts), facts.address) {
        // Who asks for a name because one server said that there is none may lose the one that there is.
        (Some(found), _) if found.found == SAID_BY_ONE => {}
        (Some(found), _) if !found.copy.is_empty() => told.copy.extend(found.copy.iter().cloned()),
        // Which names are free nobody has looked up.
        (_, Some(ip)) if has_own_domain => told.copy.push(requests::some_reverse_name(ip)),
        _ => {}
    }
    told
}

pub(crate) fn dynamic(facts: &WarningFacts<'_>) -> Told {
    let mut told = Told::default();
    if let Some(letter) = &facts.letter {
        told = told.means(not_content(letter, "the kind of address that the letter came from"));
    }
    if let Some(found) = finding(facts) {
        told = told.means(format!("{}. {}", found.title, found.cause));
    }
    told = told.todo(pass_on(facts));
    match finding(facts) {
        Some(found) if found.check == Check::PublicAddress => told = told.also(found.fix.clone()),
        _ => {
            told = told.todo(
                "If your address is fixed, you can have it taken off the policy list yourself, at https://check.spamhaus.org/. \
                 With an address that changes that does not help: the next one is listed too.",
            );
        }
    }
    told.copy("Request to your provider", requests::own_address()).alternative(
        "Some receivers do take letters from such addresses; with the route Auto, Postrider remembers who does not.",
    )
}

pub(crate) fn listed(facts: &WarningFacts<'_>) -> Told {
    let mut told = Told::default();
    if let Some(letter) = &facts.letter {
        told = told.means(not_content(letter, "what block lists say of the address that the letter came from"));
    }
    told = told.todo(pass_on(facts));
    match finding(facts) {
        Some(found) => told = as_found(found, told),
        None => {
            let address = match facts.address {
                Some(ip) => format!("your address, {ip},"),
                None => "your address".to_owned(),
            };
            told = told.todo(format!(
                "The answer of the server often names the list. Look {address} up there, or at https://check.spamhaus.org/: it \
                 says why it is listed, and how it comes off. Look for an infected computer in your network first: otherwise it \
                 is listed again."
            ));
        }
    }
    told.alternative("At home, restarting the router often brings another address; that one may be no better.")
}

/// A server looked at something that has nothing to do with the letter.
fn not_content(letter: &LetterFacts<'_>, with: &str) -> String {
    format!(
        "{} was not content with {with}, and {}. That is neither about the letter nor about the recipient.",
        letter.server(),
        refused(letter),
    )
}
