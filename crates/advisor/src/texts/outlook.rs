//! What is said above Send: a sentence on what was seen, one on what it means for the letter, and the name of the button.

use super::mark::octets;
use super::refusal;
use crate::checks::finding::Status;
use crate::outlook::{Better, Lack, Offline, Seen};
use model::{Route, shown_domain};
use std::time::Duration;

/// What to call the better choice.
pub(crate) fn better(better: &Better) -> String {
    match better {
        Better::Route { route: Route::Direct } => "Send direct".to_owned(),
        Better::Route { route: Route::SmartHost(name) } => format!("Send through {name}"),
        Better::AddSmartHost => "Add a smart host".to_owned(),
    }
}

/// What was seen, and what that means.
pub(crate) fn outlook(seen: &Seen<'_>, better: Option<&Better>) -> (String, String) {
    let (message, meaning) = match seen {
        Seen::TooLarge { domain, size, limit } => (
            format!("This letter is too large for {domain}."),
            format!(
                "It has about {}, and {domain} takes {} at most. Take a file out, or pass it on by a link.",
                octets(*size),
                octets(*limit)
            ),
        ),
        Seen::SenderProvider { provider, domain } => (
            only_its_provider(provider, domain),
            "Sent direct, the letter would be refused or filed as junk.".to_owned(),
        ),
        Seen::SenderDomain { domain } => (
            format!("Nobody can answer to {domain}: it takes no mail."),
            "Nearly everybody would refuse the letter, whichever way it goes. Send it from another address.".to_owned(),
        ),
        Seen::Port25 { finding } => port_25(&finding.found, finding.status == Status::Fail),
        Seen::OnlyV6(_) => (
            "From this network, direct reaches only mail servers that have IPv6.".to_owned(),
            "Most have not. The letter would wait until this computer is in another network.".to_owned(),
        ),
        Seen::NameServers(_) => (
            "The name servers of this network did not answer when it was last looked at.".to_owned(),
            "Without them nobody is found. The letter waits in the outbox until they do, and goes by itself.".to_owned(),
        ),
        Seen::Submission { smart_host, .. } => (
            format!("{smart_host} can not be reached from this network."),
            "The letter would wait in the outbox until it can.".to_owned(),
        ),
        Seen::RefusedUs { domain, class } => (
            format!("{domain} {} when a letter last went there direct.", refusal(*class)),
            "It would probably do so again.".to_owned(),
        ),
        Seen::ListedAddress(_) => (
            "This network's address is on a list of senders of spam.".to_owned(),
            "Sent direct, the letter would probably be refused.".to_owned(),
        ),
        Seen::DynamicAddress(_) => (
            "This network's address is listed as one that should not send mail itself.".to_owned(),
            "Sent direct, the letter would be refused by most large receivers.".to_owned(),
        ),
        Seen::ReverseDns(finding) => reverse_dns(&finding.found),
        Seen::Unproven { domain, lack } => (not_proven(domain, *lack), proof_wanted(domain, *lack)),
        Seen::NoSmartHost { despite } => (
            "This account has no smart host, so the letter goes direct.".to_owned(),
            format!("It may be refused, or arrive among the junk: {despite}."),
        ),
        Seen::Clock(finding) => (
            format!("{}.", finding.title),
            "The letter carries that time, and may be taken for junk. Let this computer set its clock by the network first."
                .to_owned(),
        ),
        Seen::Greylisting { domains, wait } => (
            format!("{} newcomers wait: expect {}.", lets(domains), minutes(*wait)),
            "Nothing is wrong then. The letter is tried again by itself.".to_owned(),
        ),
        Seen::Offline(Offline::NoNetwork) => (
            "This computer is not on line.".to_owned(),
            "The letter waits in the outbox, and goes by itself when it is.".to_owned(),
        ),
        Seen::Offline(Offline::Portal) => (
            "This network wants you to log in first.".to_owned(),
            "The letter waits in the outbox. Open a page in your browser and log in; it then goes by itself."
                .to_owned(),
        ),
    };
    match better {
        Some(Better::AddSmartHost) => (message, format!("{meaning} The server of your provider would pass it on.")),
        _ => (message, meaning),
    }
}

pub(crate) fn only_its_provider(provider: &str, domain: &str) -> String {
    format!("Receivers expect letters from {domain} from the servers of {provider} alone.")
}

pub(crate) fn refuses_unproven(domain: &str) -> String {
    format!(
        "{} asks receivers to refuse letters that nothing proves (DMARC), and nothing proves those that go direct.",
        shown_domain(domain)
    )
}

pub(crate) fn files_unproven_as_junk(domain: &str) -> String {
    format!(
        "{} asks receivers to file letters as junk that nothing proves (DMARC), and nothing proves those that go direct.",
        shown_domain(domain)
    )
}

fn port_25(found: &str, certain: bool) -> (String, String) {
    let is = if certain { "is" } else { "seems to be" };
    match found {
        "dropped" => (
            format!("Direct {is} blocked on this network: port 25 does not answer."),
            "Mail servers can not be reached from here. The letter would wait until they can.".to_owned(),
        ),
        "refused" => (
            format!("Direct {is} blocked on this network: port 25 is closed."),
            "Mail servers can not be reached from here. The letter would wait until they can.".to_owned(),
        ),
        "local" => (
            "This computer itself does not let mail out at port 25.".to_owned(),
            "A firewall here or a setting keeps it in. The letter would wait until that is changed.".to_owned(),
        ),
        _ => (
            format!("Direct {is} held up on this network: something answers in place of the mail servers."),
            "What it does with letters is not known, and they may be read on the way.".to_owned(),
        ),
    }
}

fn not_proven(domain: &str, lack: Lack<'_>) -> String {
    match lack {
        Lack::Signature => format!("No signature (DKIM) proves that the letter is from {domain}."),
        Lack::Everything(_) => format!("Sent direct, nothing proves that the letter is from {domain}."),
    }
}

fn proof_wanted(domain: &str, lack: Lack<'_>) -> String {
    match lack.is_refused() {
        true => format!("{domain} asks receivers to refuse such letters (DMARC), and large ones do."),
        false => "It may be refused or filed as junk.".to_owned(),
    }
}

fn reverse_dns(found: &str) -> (String, String) {
    let meaning = match found {
        "generic" => "Sent direct, the letter may be refused, or arrive among the junk.",
        _ => "Sent direct, the letter would be refused by Gmail, GMX and many others.",
    };
    let message = match found {
        "missing" => "This network's address has no name (reverse DNS).",
        "unconfirmed" => "The name of this network's address does not lead back to it (reverse DNS).",
        _ => "This network's address has a name like thousands of others (reverse DNS).",
    };
    (message.to_owned(), meaning.to_owned())
}

/// "example.org lets", "a and b let", "a, b and 2 others let".
fn lets(domains: &[&str]) -> String {
    match domains {
        [] => "Somebody lets".to_owned(),
        [one] => format!("{one} lets"),
        [one, two] => format!("{one} and {two} let"),
        [one, two, three] => format!("{one}, {two} and {three} let"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} others let", rest.len()),
    }
}

fn minutes(wait: Duration) -> String {
    match wait.as_secs() {
        0..=90 => "a minute or two".to_owned(),
        91..=3600 => format!("about {} minutes", wait.as_secs().div_ceil(60)),
        _ => format!("about {} hours", wait.as_secs().div_ceil(3600)),
    }
}
