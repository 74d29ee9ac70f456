//! What each character says, and when: the words of real servers, decided from plain values.
//!
//! | moment | who speaks up |
//! |---|---|
//! | greeting | dynamic (554), the first of split (421) |
//! | MAIL | throttle (421), large (552 on SIZE) |
//! | RCPT | all but home: 554 where your address is on a list, 450 where it has no name |
//! | RCPT | nobody, partial (550), full (452), greylist and quietgrey (451), home for strangers (550) |
//! | final dot | nordns (550), drop (no answer) |
//!
//! A gateway that answers in place of the hosts ([`GATEWAY`]) greets with stars, takes STARTTLS out of what is offered, and
//! passes everything else on: as firewalls do that look into mail.

use std::time::Duration;

use super::reply::Reply;
use crate::cast::{Character, Host, Wait};
use crate::switches::{DnsList, ReverseDns, Switches, YOUR_ADDRESS};

/// The largest message that hosts take, unless they are `large.test`.
pub(crate) const SIZE: usize = 26_214_400;
/// The largest message that `large.test` takes.
pub(crate) const SMALL_SIZE: usize = 1_000_000;

/// The name of what answers in place of the hosts.
pub(crate) const GATEWAY: &str = "mailgate.provider.test";
/// What it leaves of STARTTLS.
pub(crate) const CROSSED_OUT: &str = "XXXXXXXA";

/// What a host does once it has the message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AfterDot {
    Take,
    Refuse(Reply),
    HangUp,
}

/// How large a message the host takes.
pub(crate) fn size_limit(character: Character) -> usize {
    if character == Character::Large { SMALL_SIZE } else { SIZE }
}

/// A refusal in place of the greeting.
pub(crate) fn refused_greeting(host: &Host) -> Option<Reply> {
    match host.character {
        Character::Dynamic => Some(on_a_list("pbl/query/PBL000001")),
        Character::SplitFirst => Some(Reply::new(
            421,
            "4.3.2",
            format!("{} Service not available, closing transmission channel", host.name),
        )),
        _ => None,
    }
}

fn on_a_list(page: &str) -> Reply {
    let text = format!(
        "Service unavailable; Client host [{YOUR_ADDRESS}] blocked using zen.spamhaus.org; https://www.spamhaus.org/{page}"
    );
    Reply::new(554, "5.7.1", text)
}

/// The greeting of the gateway.
pub(crate) fn gateway_greeting() -> Reply {
    Reply::bare(220, format!("{GATEWAY} {}", "*".repeat(32)))
}

/// A refusal for what the switches make of the client's address. Home knows whoever practises.
pub(crate) fn refused_address(character: Character, switches: &Switches) -> Option<Reply> {
    if character == Character::Home {
        return None;
    }
    match (switches.dns_list, switches.reverse_dns) {
        (DnsList::Listed, _) => Some(on_a_list("sbl/query/SBL000001")),
        (DnsList::Policy, _) => Some(on_a_list("pbl/query/PBL000001")),
        (DnsList::Absent, ReverseDns::Missing) => {
            let text = format!("Client host rejected: cannot find your reverse hostname, [{YOUR_ADDRESS}]");
            Some(Reply::new(450, "4.7.25", text))
        }
        (DnsList::Absent, ReverseDns::Confirmed | ReverseDns::Generic) => None,
    }
}

/// The answer to a third message within a minute.
pub(crate) fn throttled() -> Reply {
    Reply::new(421, "4.7.28", "Our system has detected an unusual rate of mail originating from your IP")
        .and("address. To protect our users from spam, mail sent from your IP address")
        .and("has been temporarily rate limited. Please try again later.")
}

/// The answer to a message that is or would be too large.
pub(crate) fn too_large() -> Reply {
    Reply::new(552, "5.3.4", "Message size exceeds fixed limit")
}

/// The answer to a greylisted recipient; `left` is how long it still takes.
pub(crate) fn greylisted(wait: Wait, recipient: &str, left: Duration) -> Reply {
    let domain = recipient.rsplit_once('@').map_or(recipient, |(_, domain)| domain);
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    let text = match wait {
        Wait::Stated => format!(
            "<{recipient}>: Recipient address rejected: Greylisted for {seconds} seconds, see \
             http://postgrey.schweikert.ch/help/{domain}.html"
        ),
        Wait::Unstated => {
            format!("<{recipient}>: Recipient address rejected: Greylisting in progress, please come back later")
        }
    };
    Reply::new(451, "4.7.1", text)
}

/// A refusal of a recipient that is this host's to know. Greylisting is decided elsewhere, from memory.
pub(crate) fn refused_recipient(character: Character, recipient: &str) -> Option<Reply> {
    let local = recipient.rsplit_once('@').map_or(recipient, |(local, _)| local).to_ascii_lowercase();
    let unknown = || {
        let text = format!("<{recipient}>: Recipient address rejected: User unknown in local recipient table");
        Some(Reply::new(550, "5.1.1", text))
    };
    match (character, local.as_str()) {
        (_, "postmaster") => None,
        (Character::Home, local) if is_yours(local) => None,
        (Character::Home | Character::Nobody, _) => unknown(),
        (Character::Full, _) => {
            Some(Reply::new(452, "4.2.2", format!("<{recipient}>: The recipient's mailbox is over its quota")))
        }
        (Character::Partial, "yes") => None,
        (Character::Partial, "later") => {
            Some(Reply::new(451, "4.3.0", format!("<{recipient}>: Temporary lookup failure, please try again later")))
        }
        (Character::Partial, _) => unknown(),
        _ => None,
    }
}

/// Whether a local part at `practice.test` is the one mailbox: `you`, with any tag behind a plus.
pub(crate) fn is_yours(local: &str) -> bool {
    local.split('+').next().is_some_and(|name| name.eq_ignore_ascii_case("you"))
}

/// What the host does once it has the message.
pub(crate) fn after_dot(character: Character) -> AfterDot {
    match character {
        Character::Drop => AfterDot::HangUp,
        Character::NoReverseName => AfterDot::Refuse(
            Reply::new(550, "5.7.25", "The IP address sending this message does not have a PTR record setup, or")
                .and("the corresponding forward DNS entry does not match the sending IP. As a")
                .and("policy, this host does not accept messages from IPs with missing PTR")
                .and("records. For more information, ask your provider for a reverse DNS entry."),
        ),
        _ => AfterDot::Take,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cast;

    #[test]
    fn recipients_are_refused_by_their_hosts_as_the_table_says() {
        let table = [
            (Character::Prompt, "anyone@prompt.test", None),
            (Character::Nobody, "anyone@nobody.test", Some(550)),
            (Character::Nobody, "postmaster@nobody.test", None),
            (Character::Full, "anyone@full.test", Some(452)),
            (Character::Partial, "yes@partial.test", None),
            (Character::Partial, "no@partial.test", Some(550)),
            (Character::Partial, "Later@partial.test", Some(451)),
            (Character::Home, "you@practice.test", None),
            (Character::Home, "you+lists@practice.test", None),
            (Character::Home, "someone@practice.test", Some(550)),
        ];
        for (character, recipient, code) in table {
            assert_eq!(refused_recipient(character, recipient).map(|reply| reply.code), code, "{recipient}");
        }
    }

    #[test]
    fn hosts_refuse_an_address_that_the_switches_make_bad() {
        let table = [
            ("dns-list absent", Character::Prompt, None),
            ("reverse-dns generic", Character::Prompt, None),
            ("reverse-dns missing", Character::Prompt, Some(450)),
            ("reverse-dns missing", Character::Greylist(Wait::Stated), Some(450)),
            ("dns-list listed", Character::Nobody, Some(554)),
            ("dns-list policy", Character::Prompt, Some(554)),
            ("dns-list listed", Character::Home, None),
        ];
        for (order, character, code) in table {
            let switches = Switches::default().after(order.parse().unwrap());
            let refusal = refused_address(character, &switches);
            assert_eq!(refusal.as_ref().map(|reply| reply.code), code, "{order} {character:?}");
            assert!(refusal.is_none_or(|reply| reply.to_string().contains("[203.0.113.25]")));
        }
    }

    #[test]
    fn a_stated_delay_is_what_is_left_in_whole_seconds() {
        let reply = greylisted(Wait::Stated, "a@greylist.test", Duration::from_millis(29_100)).to_string();
        assert!(reply.starts_with("451 4.7.1 ") && reply.contains("for 30 seconds"), "{reply}");
        let quiet = greylisted(Wait::Unstated, "a@quietgrey.test", Duration::from_secs(30)).to_string();
        assert!(!quiet.contains("30"), "{quiet}");
    }

    #[test]
    fn only_two_hosts_refuse_before_a_command() {
        let refusing: Vec<_> =
            cast::HOSTS.iter().filter_map(|host| Some((host.name, refused_greeting(host)?.code))).collect();
        assert_eq!(refusing, [("mx.dynamic.test", 554), ("mx1.split.test", 421)]);
    }
}
