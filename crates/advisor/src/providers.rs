//! What is known of the large providers: where their servers are, and whether they let others send for their domains.
//!
//! Hosts and ports are from each provider's own help pages. `only_its_own` holds for domains whose DMARC policy asks
//! receivers to refuse or file as junk what did not come from the provider (RFC 7489 §6.3).

use model::Security;

/// A server of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Host name.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protection.
    pub security: Security,
}

/// One provider.
#[derive(Debug)]
pub struct Provider {
    /// Its name.
    pub name: &'static str,
    /// Domains of its users.
    domains: &'static [&'static str],
    imap: &'static str,
    smtp: (&'static str, u16),
    /// Whether mail from these domains should come from its servers alone.
    pub only_its_own: bool,
}

const PROVIDERS: &[Provider] = &[
    Provider {
        name: "Gmail",
        domains: &["gmail.com", "googlemail.com"],
        imap: "imap.gmail.com",
        smtp: ("smtp.gmail.com", 465),
        only_its_own: true,
    },
    Provider {
        name: "Outlook",
        domains: &["outlook.com", "hotmail.com", "live.com", "msn.com"],
        imap: "outlook.office365.com",
        smtp: ("smtp-mail.outlook.com", 587),
        only_its_own: true,
    },
    Provider {
        name: "Yahoo",
        domains: &["yahoo.com", "yahoo.co.uk", "yahoo.de", "yahoo.fr", "ymail.com", "rocketmail.com"],
        imap: "imap.mail.yahoo.com",
        smtp: ("smtp.mail.yahoo.com", 465),
        only_its_own: true,
    },
    Provider {
        name: "AOL",
        domains: &["aol.com", "aim.com"],
        imap: "imap.aol.com",
        smtp: ("smtp.aol.com", 465),
        only_its_own: true,
    },
    Provider {
        name: "iCloud",
        domains: &["icloud.com", "me.com", "mac.com"],
        imap: "imap.mail.me.com",
        smtp: ("smtp.mail.me.com", 587),
        only_its_own: true,
    },
    Provider {
        name: "Fastmail",
        domains: &["fastmail.com", "fastmail.fm"],
        imap: "imap.fastmail.com",
        smtp: ("smtp.fastmail.com", 465),
        only_its_own: true,
    },
    Provider {
        name: "GMX",
        domains: &["gmx.net", "gmx.de", "gmx.at", "gmx.ch"],
        imap: "imap.gmx.net",
        smtp: ("mail.gmx.net", 465),
        only_its_own: true,
    },
    Provider {
        name: "GMX",
        domains: &["gmx.com", "gmx.us", "gmx.co.uk"],
        imap: "imap.gmx.com",
        smtp: ("mail.gmx.com", 465),
        only_its_own: true,
    },
    Provider {
        name: "WEB.DE",
        domains: &["web.de"],
        imap: "imap.web.de",
        smtp: ("smtp.web.de", 465),
        only_its_own: true,
    },
    Provider {
        name: "mailbox.org",
        domains: &["mailbox.org"],
        imap: "imap.mailbox.org",
        smtp: ("smtp.mailbox.org", 465),
        only_its_own: true,
    },
    Provider {
        name: "Posteo",
        domains: &["posteo.de", "posteo.net", "posteo.org"],
        imap: "posteo.de",
        smtp: ("posteo.de", 465),
        only_its_own: true,
    },
];

impl Provider {
    /// The IMAP server: TLS from the first byte, as all of them offer it.
    pub fn imap(&self) -> Place {
        Place { host: self.imap.to_owned(), port: 993, security: Security::Tls }
    }

    /// The submission server.
    pub fn smtp(&self) -> Place {
        let (host, port) = self.smtp;
        let security = if port == 465 { Security::Tls } else { Security::Starttls };
        Place { host: host.to_owned(), port, security }
    }
}

/// The provider of a domain, where it is a known one.
pub fn provider_of(domain: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.domains.iter().any(|known| known.eq_ignore_ascii_case(domain)))
}

/// The customary places of a domain that nothing is known of: to be tested before they are believed.
pub fn guess(domain: &str) -> (Place, Place) {
    (
        Place { host: format!("imap.{domain}"), port: 993, security: Security::Tls },
        Place { host: format!("smtp.{domain}"), port: 465, security: Security::Tls },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_one_provider_at_most() {
        let all: Vec<_> = PROVIDERS.iter().flat_map(|provider| provider.domains).collect();
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(all.len(), distinct.len());
        assert!(provider_of("Gmail.COM").is_some());
        assert!(provider_of("example.org").is_none());
    }

    #[test]
    fn the_port_tells_the_protection() {
        for provider in PROVIDERS {
            assert_eq!(provider.imap().security, Security::Tls);
            assert!(matches!(
                (provider.smtp().port, provider.smtp().security),
                (465, Security::Tls) | (587, Security::Starttls)
            ));
        }
    }
}
