//! Who plays in the practice world: every domain, its mail hosts, where they listen, and the character of each.
//!
//! This table is what the name server answers from and what the mail hosts act by.
//!
//! | domain | what a sender meets |
//! |---|---|
//! | practice.test | your own post office; `you@` alone has a mailbox |
//! | prompt.test | accepts |
//! | greylist.test, quietgrey.test | 451 until the delay has passed; the second never says how long |
//! | nobody.test | 550 5.1.1 |
//! | full.test | 452 4.2.2 |
//! | large.test | SIZE 1000000 |
//! | slow.test | every answer takes its time |
//! | notls.test, oldcert.test | no STARTTLS; a certificate that is over |
//! | dynamic.test | refuses our address in the greeting |
//! | nordns.test | 550 5.7.25 after the final dot |
//! | throttle.test | 421 on the third message a minute |
//! | down.test | nothing listens |
//! | split.test | the first host 421, the second accepts |
//! | partial.test | `yes@` accepted, `no@` refused, `later@` deferred |
//! | nullmx.test, nowhere.test, servfail.test | a null MX, NXDOMAIN, SERVFAIL |
//! | echo.test | accepts and answers |
//! | bounce.test | accepts, and a notification follows |
//! | drop.test | closes after the final dot without an answer |

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How a mail host behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Character {
    /// `practice.test` itself: delivers to the one mailbox.
    Home,
    Prompt,
    Greylist(Wait),
    Nobody,
    Full,
    Large,
    Slow,
    NoTls,
    OldCert,
    Dynamic,
    NoReverseName,
    Throttle,
    Down,
    SplitFirst,
    SplitSecond,
    Partial,
    Echo,
    Bounce,
    Drop,
}

/// Whether a greylisting host says how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    Stated,
    Unstated,
}

/// One mail host.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Host {
    pub(crate) name: &'static str,
    pub(crate) domain: &'static str,
    pub(crate) preference: u16,
    pub(crate) character: Character,
    /// The last number of its own loopback address, 127.25.0.N.
    number: u8,
}

impl Host {
    /// The loopback address that is this host's alone.
    pub(crate) fn own_address(&self) -> Ipv4Addr {
        Ipv4Addr::new(127, 25, 0, self.number)
    }

    /// Whether this host takes mail for `domain`.
    pub(crate) fn serves(&self, domain: &str) -> bool {
        mail_hosts(domain).any(|host| host.name == self.name)
    }
}

const fn host(number: u8, name: &'static str, domain: &'static str, preference: u16, character: Character) -> Host {
    Host { name, domain, preference, character, number }
}

/// Every mail host, `down.test`'s among them although nothing listens there.
pub(crate) static HOSTS: [Host; 21] = [
    host(1, "mx.practice.test", "practice.test", 10, Character::Home),
    host(2, "mx.prompt.test", "prompt.test", 10, Character::Prompt),
    host(3, "mx.greylist.test", "greylist.test", 10, Character::Greylist(Wait::Stated)),
    host(4, "mx.quietgrey.test", "quietgrey.test", 10, Character::Greylist(Wait::Unstated)),
    host(5, "mx.nobody.test", "nobody.test", 10, Character::Nobody),
    host(6, "mx.full.test", "full.test", 10, Character::Full),
    host(7, "mx.large.test", "large.test", 10, Character::Large),
    host(8, "mx.slow.test", "slow.test", 10, Character::Slow),
    host(9, "mx.notls.test", "notls.test", 10, Character::NoTls),
    host(10, "mx.oldcert.test", "oldcert.test", 10, Character::OldCert),
    host(11, "mx.dynamic.test", "dynamic.test", 10, Character::Dynamic),
    host(12, "mx.nordns.test", "nordns.test", 10, Character::NoReverseName),
    host(13, "mx.throttle.test", "throttle.test", 10, Character::Throttle),
    host(14, "mx.down.test", "down.test", 10, Character::Down),
    host(15, "mx1.split.test", "split.test", 10, Character::SplitFirst),
    host(16, "mx2.split.test", "split.test", 20, Character::SplitSecond),
    host(17, "mx.partial.test", "partial.test", 10, Character::Partial),
    host(18, "mx.echo.test", "echo.test", 10, Character::Echo),
    host(19, "mx.bounce.test", "bounce.test", 10, Character::Bounce),
    host(20, "mx.drop.test", "drop.test", 10, Character::Drop),
    host(21, "mx.neighbours.test", "neighbours.test", 10, Character::Prompt),
];

/// The domain that MX hosts of all the letter writers' domains belong to.
const NEIGHBOURS: &str = "neighbours.test";

/// Domains of the people and firms who write the practice letters. Mail to them is accepted, so that an answer to any
/// letter arrives.
pub(crate) const LETTER_DOMAINS: [&str; 28] = [
    "fjordpost.test",
    "lindenhof.test",
    "riverside-choir.test",
    "oakandash.test",
    "tidepool.test",
    "hollis.test",
    "kanda-print.test",
    "almaz.test",
    "beitshalom.test",
    "nour-kitchen.test",
    "moonlake.test",
    "harbourlight.test",
    "greenline-rail.test",
    "millstone-books.test",
    "quarto.test",
    "fernwood-school.test",
    "cityworks.test",
    "sundial-energy.test",
    "pinegrove-clinic.test",
    "copperkettle.test",
    "northbank.test",
    "lanternfish.test",
    "looseleaf.test",
    "parcelway.test",
    "allotment.test",
    "openmaps-forum.test",
    "wanderlust-weekly.test",
    "rosewater.test",
];

/// What the zone says about a domain's mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    /// It has mail hosts, see [`mail_hosts`].
    Served,
    /// It takes no mail (RFC 7505).
    NullMx,
    /// It does not exist.
    Nowhere,
    /// Its name servers are broken.
    ServFail,
}

/// What the zone says about `domain` (lower case, no trailing dot).
pub(crate) fn domain(domain: &str) -> Domain {
    match domain {
        "nullmx.test" => Domain::NullMx,
        "servfail.test" => Domain::ServFail,
        _ if mail_hosts(domain).next().is_some() => Domain::Served,
        _ => Domain::Nowhere,
    }
}

/// The hosts that take mail for `domain`.
pub(crate) fn mail_hosts(domain: &str) -> impl Iterator<Item = &'static Host> {
    let domain = if LETTER_DOMAINS.contains(&domain) { NEIGHBOURS.to_owned() } else { domain.to_owned() };
    HOSTS.iter().filter(move |host| host.domain == domain)
}

/// The host with this name.
pub(crate) fn host_named(name: &str) -> Option<&'static Host> {
    HOSTS.iter().find(|host| host.name == name)
}

/// Where the hosts live on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Each on an address of its own in 127.0.0.0/8: Linux and Windows.
    OwnAddresses,
    /// All on 127.0.0.1, because the system has no other: macOS. A host is recognised by the first command that names
    /// its domain.
    Shared,
}

impl Stage {
    /// The address that the zone gives for `host`. Where all share one address, the host that is down gets the IPv6
    /// loopback, on which nothing of ours listens.
    pub(crate) fn address(self, host: &Host) -> IpAddr {
        match (self, host.character) {
            (Self::OwnAddresses, _) => host.own_address().into(),
            (Self::Shared, Character::Down) => Ipv6Addr::LOCALHOST.into(),
            (Self::Shared, _) => Ipv4Addr::LOCALHOST.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_host_has_an_address_and_a_name_of_its_own() {
        let addresses: HashSet<_> = HOSTS.iter().map(Host::own_address).collect();
        let names: HashSet<_> = HOSTS.iter().map(|host| host.name).collect();
        assert_eq!((addresses.len(), names.len()), (HOSTS.len(), HOSTS.len()));
    }

    #[test]
    fn a_domain_is_served_null_broken_or_nowhere() {
        let table = [
            ("prompt.test", Domain::Served),
            ("fjordpost.test", Domain::Served),
            ("down.test", Domain::Served),
            ("nullmx.test", Domain::NullMx),
            ("servfail.test", Domain::ServFail),
            ("nowhere.test", Domain::Nowhere),
            ("example.org", Domain::Nowhere),
        ];
        for (name, expected) in table {
            assert_eq!(domain(name), expected, "{name}");
        }
    }

    #[test]
    fn split_has_two_hosts_of_different_preference() {
        let preferences: Vec<_> = mail_hosts("split.test").map(|host| host.preference).collect();
        assert_eq!(preferences, [10, 20]);
    }
}
