//! Where the servers of an address are: what each source says, and whom to believe.
//!
//! Answers come in as others fetched them; what goes out are servers with their source. Nothing here is tested, and
//! nothing that is found is used before a person has seen it.
//!
//! | rank | source | why |
//! |---|---|---|
//! | 1 | what is known of the provider of this domain | from the provider's own pages |
//! | 2 | the domain's own page (autoconfig) | fetched over verified TLS from the domain |
//! | 3 | the domain's SRV records (RFC 6186, RFC 8314), then its MX, where they are signed (DNSSEC) | the domain's |
//! | 4 | the provider whose hosts take the domain's mail (MX) | DNS may be forged, but leads to a known provider only |
//! | 5 | the domain's SRV records | the domain's, but DNS may be forged, and lead anywhere |
//! | 6 | Mozilla's database, where the user allowed to ask it | kept by others |
//! | 7 | customary names | guessed: only what answered, encrypted and proven, is shown |
//!
//! DNS without a signature is anybody's word on the way. A host outside the address's domain that nothing but DNS names
//! ([`is_hearsay`]) is told nothing before the user said that it is the right one (RFC 6186 §6).

mod autoconfig;
mod guesses;
mod services;

pub use autoconfig::{ConfigError, LARGEST_CONFIG, config_urls, database_url, read_config};
pub use guesses::guesses;
pub use services::{SERVICE_NAMES, from_services};

use crate::host_name;
use crate::providers::{Place, Provider};
use model::{LoginForm, Security};

/// Who says where the servers are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// What is known here of the provider of the domain: its name.
    Provider(String),
    /// The domain's own page: the host it came from.
    Domain(String),
    /// The domain's SRV records, as it signed them.
    SignedServices,
    /// The provider whose hosts take the domain's mail, as the domain signed it: its name.
    SignedMailHosts(String),
    /// The provider whose hosts take the domain's mail: its name.
    MailHosts(String),
    /// The domain's SRV records.
    Services,
    /// Mozilla's database.
    Database,
    /// Customary names that answered.
    Guess,
}

impl Origin {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Provider(_) => "provider",
            Self::Domain(_) => "domain",
            Self::Services | Self::SignedServices => "services",
            Self::Database => "database",
            Self::MailHosts(_) | Self::SignedMailHosts(_) => "mail-hosts",
            Self::Guess => "guess",
        }
    }

    /// Where it is from, in words that go on after “Found: ”.
    pub fn words(&self, domain: &str) -> String {
        match self {
            Self::Provider(name) => format!("these are the servers of {name}"),
            Self::Domain(host) => format!("{domain} says so itself, on a page at {host}"),
            Self::Services => format!("{domain} says so itself, in DNS"),
            Self::SignedServices => format!("{domain} says so itself, in DNS that it signed"),
            Self::Database => "Mozilla’s database says so".to_owned(),
            Self::MailHosts(name) | Self::SignedMailHosts(name) => {
                format!("{name} takes the mail for {domain}, and these are its servers")
            }
            Self::Guess => "guessed from the customary names, and they answer".to_owned(),
        }
    }
}

/// Whether nothing but DNS, unsigned, says that this host is one of the domain's servers: a password waits until the
/// user said that it is. A host below the domain proves with its certificate that it belongs there.
pub fn is_hearsay(origin: &Origin, host: &str, domain: &str) -> bool {
    let by_dns = match origin {
        Origin::Services | Origin::MailHosts(_) => true,
        Origin::SignedServices | Origin::SignedMailHosts(_) => false,
        Origin::Provider(_) | Origin::Domain(_) | Origin::Database | Origin::Guess => false,
    };
    let (host, domain) = (host_name(host), host_name(domain));
    let is_within = host.strip_suffix(domain.as_str()).is_some_and(|front| front.is_empty() || front.ends_with('.'));
    by_dns && !is_within
}

/// One server of an account, as a source names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundServer {
    /// Where it is. Never [`Security::None`].
    pub place: Place,
    /// The login name.
    pub user: String,
    /// What it takes, the best first; never empty.
    pub logins: Vec<LoginForm>,
}

/// What a source says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The source.
    pub origin: Origin,
    /// What the provider calls itself, where it says so.
    pub name: Option<String>,
    /// IMAP servers, the best first.
    pub imap: Vec<FoundServer>,
    /// Submission servers, the best first.
    pub smtp: Vec<FoundServer>,
    /// A page of the provider about it.
    pub page: Option<String>,
}

impl Found {
    /// What is known of a provider, for a user of this address.
    pub fn of_provider(provider: &Provider, origin: Origin, address: &str) -> Self {
        let server = |place| FoundServer { place, user: address.to_owned(), logins: provider.logins() };
        Self {
            origin,
            name: Some(provider.name.to_owned()),
            imap: vec![server(provider.imap())],
            smtp: vec![server(provider.smtp())],
            page: None,
        }
    }

    /// Whether it names a server at all.
    pub fn is_of_use(&self) -> bool {
        !self.imap.is_empty() || !self.smtp.is_empty()
    }
}

/// What was found, the most believable first; what is of no use is left out, and what says the same as one before it.
pub fn ranked(mut found: Vec<Found>) -> Vec<Found> {
    found.retain(Found::is_of_use);
    found.sort_by(|a, b| a.origin.cmp(&b.origin));
    let mut kept: Vec<Found> = Vec::new();
    for one in found {
        let is_known = kept.iter().any(|known| known.imap == one.imap && known.smtp == one.smtp);
        if !is_known {
            kept.push(one);
        }
    }
    kept
}

/// Whether this may be the name of a host: what stands in an account must lead somewhere.
fn is_host(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_')
    };
    let name = name.trim_end_matches('.');
    name.len() <= 253 && name.contains('.') && name.split('.').all(label)
}

/// The protection that goes with a customary port.
fn customary(port: u16) -> Option<Security> {
    match port {
        993 | 465 => Some(Security::Tls),
        143 | 587 => Some(Security::Starttls),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(origin: Origin, host: &str) -> Found {
        let place = Place { host: host.to_owned(), port: 993, security: Security::Tls };
        let server = FoundServer { place, user: "you@a.test".into(), logins: vec![LoginForm::Password] };
        Found { origin, name: None, imap: vec![server], smtp: Vec::new(), page: None }
    }

    #[test]
    fn the_most_believable_source_comes_first_and_none_says_what_was_said() {
        let all = vec![
            found(Origin::Guess, "imap.a.test"),
            found(Origin::Services, "mail.a.test"),
            found(Origin::MailHosts("Big".into()), "imap.big.test"),
            Found { imap: Vec::new(), ..found(Origin::Provider("Known".into()), "x.test") },
            found(Origin::Domain("autoconfig.a.test".into()), "imap.a.test"),
            found(Origin::Database, "imap.big.test"),
        ];
        let words: Vec<_> = ranked(all).iter().map(|found| found.origin.word()).collect();
        assert_eq!(words, ["domain", "mail-hosts", "services"]);
    }

    #[test]
    fn a_host_elsewhere_that_dns_alone_names_is_hearsay() {
        let mail_hosts = Origin::MailHosts("Big".into());
        for (origin, host, expected) in [
            (&Origin::Services, "mail.a.test", false),
            (&Origin::Services, "MAIL.A.TEST.", false),
            (&Origin::Services, "a.test", false),
            (&Origin::Services, "mail.other.test", true),
            (&Origin::Services, "nota.test", true),
            (&Origin::Services, "a.test.evil.test", true),
            (&mail_hosts, "imap.big.test", true),
            (&mail_hosts, "imap.a.test", false),
            (&Origin::SignedServices, "mail.other.test", false),
            (&Origin::SignedMailHosts("Big".into()), "imap.big.test", false),
            (&Origin::Provider("Big".into()), "imap.big.test", false),
            (&Origin::Domain("autoconfig.a.test".into()), "imap.big.test", false),
            (&Origin::Database, "imap.big.test", false),
        ] {
            assert_eq!(is_hearsay(origin, host, "a.test"), expected, "{origin:?} {host}");
        }
    }

    #[test]
    fn only_what_may_be_a_host_is_taken_for_one() {
        for (name, expected) in [
            ("imap.a.test", true),
            ("imap.a.test.", true),
            ("_imap.a.test", true),
            ("localhost", false),
            ("", false),
            ("a..test", false),
            ("a b.test", false),
            ("-a.test", false),
            ("imap.a.test:993", false),
            ("imap.a.test/", false),
            ("%EMAILDOMAIN%", false),
        ] {
            assert_eq!(is_host(name), expected, "{name}");
        }
    }
}
