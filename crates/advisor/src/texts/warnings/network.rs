//! What is about this network.

use super::super::requests;
use super::{Told, by_itself, finding, recipient};
use crate::checks::finding::{Check, Finding};
use crate::checks::network::IpFamily;
use crate::warning::{Fate, LetterFacts, WarningFacts};

pub(crate) fn port_25(facts: &WarningFacts<'_>) -> Told {
    let found = finding(facts);
    let mut told = match (&facts.letter, facts.closed_in) {
        (Some(letter), _) => of_letter(letter).means(by_whom(found)).todo(now(facts)).todo(ask(found)),
        (None, Some(IpFamily::V6)) => Told::default()
            .means(
                "Letters go out over IPv4 all the same, and nearly every mail server has that. Only one that has IPv6 alone \
                 is out of reach from here.",
            )
            .todo("There is nothing that you have to do. Postrider goes by the other way by itself."),
        (None, Some(IpFamily::V4)) => Told::default()
            .means(
                "A letter can be handed over directly only to mail servers that have IPv6 as well, and many have not.",
            )
            .means(by_whom(found))
            .todo(now(facts))
            .todo(ask(found)),
        (None, None) => Told::default()
            .means("No letter can be handed over directly from here, whomever it is for.")
            .means(by_whom(found))
            .todo(now(facts))
            .todo(ask(found)),
    };
    if facts.closed_in == Some(IpFamily::V6) {
        return told.alternative(
            "Whoever runs this network can open port 25 over IPv6 as well. It is worth asking only if you run a network of \
             your own.",
        );
    }
    match found.map(|found| found.copy.as_slice()) {
        Some(copy) if !copy.is_empty() => told.copy.extend(copy.iter().cloned()),
        _ if is_here(found) => {}
        _ => told = told.copy("Request to your provider", requests::port_25(family(facts))),
    }
    told.alternative("In another network, direct sending may work. Postrider notices that by itself.")
}

/// That one family is closed and the other is open.
pub(super) fn closed_in(family: IpFamily) -> String {
    let other = match family {
        IpFamily::V4 => IpFamily::V6,
        IpFamily::V6 => IpFamily::V4,
    };
    format!(
        "Mail servers take letters from each other at port 25. Of the two kinds of Internet addresses, this network lets \
         this computer reach it over {} and not over {}.",
        other.name(),
        family.name()
    )
}

fn of_letter(letter: &LetterFacts<'_>) -> Told {
    let to = recipient(letter);
    Told::default().means(match letter.fate() {
        Fate::Waiting => format!(
            "The letter to {to} waits here and is safe. It goes by itself when this computer is in a network that lets it out."
        ),
        Fate::Refused => format!("The letter to {to} was given up, since no network let it out for so long."),
        Fate::Taken => format!("The letter to {to} could not leave directly at first. It has left since."),
        Fate::Cancelled => format!("The letter to {to} could not leave directly, and was taken back."),
    })
}

/// Who it seems to be.
fn by_whom(found: Option<&Finding>) -> &'static str {
    match found.map(|found| found.found.as_str()) {
        Some("dropped") => {
            "It seems to be your Internet provider, or whoever runs this network: connections to port 25 vanish without an \
             answer, as most providers do it for homes, phones and hotels."
        }
        Some("refused") => {
            "It seems to be a firewall, in the router here or at your provider: connections to port 25 are turned away at once."
        }
        Some("held") => {
            "It seems to be a filter or a virus scanner in this network: it takes connections to port 25, and no mail server \
             speaks."
        }
        Some("intercepted") => {
            "Something in this network answers at port 25 in the place of the mail servers, and could read along. That is \
             usually the filter of a company, a school or a hotel."
        }
        Some("local") => "It is this computer itself: a firewall or a security program on it does not let mail out.",
        _ => {
            "No mail server could be reached from here, whichever was tried. It is usually the Internet provider who closes \
             port 25, for homes, phones and hotels alike."
        }
    }
}

fn is_here(found: Option<&Finding>) -> bool {
    found.is_some_and(|found| found.found == "local")
}

/// What helps at once.
fn now(facts: &WarningFacts<'_>) -> String {
    match facts.smart_host {
        Some(name) if facts.letter.is_some() => {
            format!("Hand the letter over to {name}: it takes letters at another port, which is open nearly everywhere.")
        }
        Some(name) => format!(
            "Send through {name}: it takes letters at another port, which is open nearly everywhere.{}",
            by_itself(facts)
        ),
        None => "Add a smart host, such as the mail server of your provider: it takes letters at another port, which is open \
                 nearly everywhere."
            .to_owned(),
    }
}

/// Whom to ask for direct sending.
fn ask(found: Option<&Finding>) -> String {
    if is_here(found) {
        return "To send directly, allow Postrider in the firewall of this computer.".to_owned();
    }
    match found.map(|found| found.found.as_str()) {
        Some("held" | "intercepted") => {
            "To send directly, ask whoever runs this network to let port 25 pass untouched. In a network that is not yours, do \
             not send directly."
        }
        _ => {
            "To send directly, ask your Internet provider to open outgoing port 25. Some have a switch for it in their customer \
             pages; others do it for business connections only."
        }
    }
    .to_owned()
}

fn family(facts: &WarningFacts<'_>) -> &'static str {
    let tried = facts.letter.and_then(|letter| letter.attempt).and_then(|attempt| attempt.address.as_deref());
    let by_finding = finding(facts).is_some_and(|found| found.check == Check::Port25V6);
    if by_finding || tried.is_some_and(|address| address.contains(':')) { "IPv6" } else { "IPv4" }
}

pub(crate) fn no_smart_host(facts: &WarningFacts<'_>) -> Told {
    if let Some(name) = facts.smart_host {
        return Told::default()
            .means(format!("There is one by now: {name}."))
            .todo("There is nothing to do. With the route Auto, letters go through it wherever direct sending has little hope.");
    }
    let means = match &facts.letter {
        Some(letter) if letter.fate() == Fate::Refused => format!(
            "{} would have treated another sender better, but there is no server through which the letter to {} could have \
             gone.",
            letter.server(),
            recipient(letter),
        ),
        Some(letter) => format!(
            "There is no server through which the letter to {} could go instead, so it is tried directly, with little hope.",
            recipient(letter),
        ),
        None => "Where direct sending does not work, letters wait, or come back.".to_owned(),
    };
    Told::default()
        .means(means)
        .todo(
            "Add the outgoing server of your mail provider: it is the one that other mail programs use, with the same login. \
             Postrider knows most of them by name.",
        )
        .alternative(
            "If your address has no provider, a sending service can do it; the form lists some, with what each of them asks for.",
        )
}
