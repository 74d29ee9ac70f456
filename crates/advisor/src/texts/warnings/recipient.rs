//! What is about the recipient's side.

use super::{Told, finding, recipient};
use crate::checks::finding::Check;
use crate::warning::{Fate, LetterFacts, WarningFacts};
use model::shown_domain;

pub(crate) fn greylisting(facts: &WarningFacts<'_>) -> Told {
    let told = match &facts.letter {
        Some(letter) => of_letter(letter),
        None => before_sending(facts),
    };
    let waits = facts.letter.is_none_or(|letter| letter.fate() == Fate::Waiting);
    match facts.smart_host {
        Some(name) if waits => {
            told.alternative(format!("If it is urgent, {name} can take it over: it is usually known there already."))
        }
        None if waits => told.alternative(
            "If it is urgent, a smart host can take it over, which is usually known there already. None is set up yet.",
        ),
        _ => told,
    }
}

fn of_letter(letter: &LetterFacts<'_>) -> Told {
    let (server, to) = (letter.server(), recipient(letter));
    let told = Told::default();
    match letter.fate() {
        Fate::Waiting => told
            .means(format!(
                "Nothing is wrong. {server} asked the letter to {to} to come back, and it waits here until then. Postrider \
                 goes back by itself."
            ))
            .todo("There is nothing to do. Leave this computer on; otherwise the letter goes when it is on line again."),
        Fate::Refused => told
            .means(format!(
                "{server} put the letter to {to} off every time, until it was given up. That is not how greylisting should \
                 be: something there may be set up wrongly."
            ))
            .todo("Hand it over to a smart host, or try again. If it stays so, tell the recipient in another way."),
        Fate::Taken => told
            .means(format!("{server} put the letter to {to} off at first, and it was taken on a later try."))
            .todo("There is nothing to do. Letters that follow usually go through at once."),
        Fate::Cancelled => {
            told.means(format!("{server} had put the letter to {to} off when it was taken back.")).todo(
                "There is nothing to do.",
            )
        }
    }
}

fn before_sending(facts: &WarningFacts<'_>) -> Told {
    let domain = facts.recipient_domain.map(shown_domain);
    let told = match (finding(facts), domain) {
        (Some(found), _) => Told::default().means(format!("{}. {}", found.title, found.cause)),
        (None, Some(domain)) => Told::default().means(format!(
            "{domain} may let a first letter wait for some minutes. It waits here then, and goes by itself."
        )),
        (None, None) => {
            Told::default().means("A letter that is put off waits here, and goes by itself after some minutes.")
        }
    };
    told.todo("There is nothing to do but to expect some minutes, and to leave this computer on for so long.")
}

pub(crate) fn null_mx(facts: &WarningFacts<'_>) -> Told {
    let told = Told::default();
    if let Some(letter) = &facts.letter {
        let (to, domain) = (recipient(letter), shown_domain(letter.delivery.address.domain()));
        return told
            .means(format!(
                "{domain} says that it takes no mail, so the letter to {to} can not be delivered, by no way."
            ))
            .todo("Check how the address is written. Many addresses of this kind are at a domain that sounds alike.")
            .todo("If it is right, ask the recipient for another address, then edit the letter and send it again.");
    }
    match finding(facts) {
        Some(found) if found.check == Check::SenderDomain => told
            .means(format!(
                "{}. It is the domain of your own address: receivers refuse letters from it, since nobody could answer them.",
                found.title
            ))
            .also(found.fix.clone()),
        found => {
            let domain = facts.recipient_domain.map(shown_domain).or_else(|| found.map(|found| found.subject.clone()));
            let domain = domain.filter(|domain| !domain.is_empty()).unwrap_or_else(|| "The domain".to_owned());
            told.means(format!("{domain} takes no mail. A letter to it would come back at once."))
                .todo("Check how the address is written, or ask the recipient for another one.")
        }
    }
}
