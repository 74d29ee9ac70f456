//! What is known of a recipient, from what was asked of DNS and what earlier letters taught.

use super::desk::{Need, Seen};
use advisor::mark::{Encrypts, MarkFacts, Refusal, RefusedBefore};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{Class, EmailAddress, shown_domain};
use store::{LastRefusal, Learned, RefusedRecipient};

/// What there is to ask about a domain. An address literal is its own host, and a name without a dot is still being typed,
/// or is none of the world's. Where earlier letters showed how it encrypts, nobody asks what it demands.
pub(super) fn need(domain: &str, learned: &Learned) -> Need {
    if domain.starts_with('[') || !domain.contains('.') {
        return Need::Nothing;
    }
    match encryption_met(learned) {
        Encrypts::Unknown => Need::HostsAndDemands,
        _ => Need::Hosts,
    }
}

pub(super) fn of(
    address: &EmailAddress,
    learned: &Learned,
    seen: &Seen,
    refused: Option<RefusedBefore>,
    size: Option<u64>,
) -> MarkFacts {
    let takes = seen.takes();
    let meant = seen.meant.clone().and_then(|meant| meant.unless_somebodys(takes.as_ref()));
    MarkFacts {
        local: address.local().to_owned(),
        domain: shown_domain(address.domain()),
        takes,
        has_address: seen.has_address(),
        encryption: seen.demands().unwrap_or_else(|| encryption_met(learned)),
        size,
        size_limit: learned.size_limit,
        meant: meant.as_deref().map(shown_domain),
        refused,
    }
}

/// That its own server once said that a recipient does not exist.
pub(super) fn no_such_recipient(refused: &RefusedRecipient) -> RefusedBefore {
    RefusedBefore { on: day(refused.refused_at), reply: Some(refused.reply.clone()), what: Refusal::Recipient }
}

/// How the last letter was refused. What was wrong here, and what DNS says of the domain now, is nothing about it.
pub(super) fn last_letter(refusal: &LastRefusal) -> Option<RefusedBefore> {
    let is_told = refusal.diagnosis.local_cause
        || matches!(refusal.diagnosis.class, Class::NoSuchDomain | Class::NullMx | Class::MessageTooLarge);
    let why = refusal.diagnosis.title.trim_end_matches('.').to_owned();
    (!is_told).then(|| RefusedBefore {
        on: day(refusal.refused_at),
        reply: refusal.reply.clone(),
        what: Refusal::LastLetter(why),
    })
}

fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%-d %B %Y").to_string()
}

/// How earlier letters were encrypted. A server counts as verified where each of the hosts that were met ever was: nobody
/// knows which of them the next letter will meet.
fn encryption_met(learned: &Learned) -> Encrypts {
    let was_met = learned.last_success.is_some() || learned.tls_offered;
    match &learned.tls_version {
        Some(_) if is_verified(learned) => Encrypts::Verified,
        Some(_) => Encrypts::Unverified,
        None if was_met && !learned.tls_offered => Encrypts::No,
        None => Encrypts::Unknown,
    }
}

fn is_verified(learned: &Learned) -> bool {
    !learned.encryption.is_empty() && learned.encryption.values().all(|host| host.verified_by.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::VerifiedBy;
    use store::Encryption;

    fn met(tls: Option<&str>, hosts: &[Option<VerifiedBy>]) -> Learned {
        let at = Timestamp::UNIX_EPOCH;
        let host = |(n, verified_by): (usize, &Option<VerifiedBy>)| {
            let encryption = Encryption { version: "TLSv1.3".into(), verified_by: *verified_by, at };
            (format!("mx{n}.test"), encryption)
        };
        Learned {
            tls_offered: !hosts.is_empty(),
            tls_version: tls.map(str::to_owned),
            encryption: hosts.iter().enumerate().map(host).collect(),
            first_seen: Some(at),
            last_success: Some(at),
            ..Learned::default()
        }
    }

    #[test]
    fn earlier_letters_show_how_a_domain_encrypts() {
        let (proven, tls) = (Some(VerifiedBy::Authority), Some("TLSv1.3"));
        let table = [
            (Learned::default(), Encrypts::Unknown),
            (met(None, &[]), Encrypts::No),
            (met(tls, &[None]), Encrypts::Unverified),
            (met(tls, &[proven]), Encrypts::Verified),
            (met(tls, &[proven, None]), Encrypts::Unverified),
            // It offered encryption, and in the last conversation there was none: nothing is promised.
            (met(None, &[proven]), Encrypts::Unknown),
            (Learned { last_failure: Some(Timestamp::UNIX_EPOCH), ..Learned::default() }, Encrypts::Unknown),
        ];
        for (learned, expected) in table {
            assert_eq!(encryption_met(&learned), expected, "{learned:?}");
        }
    }

    #[test]
    fn nothing_is_asked_of_what_is_no_domain_of_the_world() {
        let table = [
            ("example.org", Learned::default(), Need::HostsAndDemands),
            ("example.org", met(Some("TLSv1.3"), &[None]), Need::Hosts),
            ("[192.0.2.1]", Learned::default(), Need::Nothing),
            ("localhost", Learned::default(), Need::Nothing),
            ("gmai", Learned::default(), Need::Nothing),
        ];
        for (domain, learned, expected) in table {
            assert_eq!(need(domain, &learned), expected, "{domain}");
        }
    }
}
