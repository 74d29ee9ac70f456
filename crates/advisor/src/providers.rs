//! What is known of the large providers: where their servers are, and whether they let others send for their domains.
//!
//! Hosts and ports are from each provider's own help pages. `only_its_own` holds for domains of which everybody knows where
//! their letters come from, and of which nobody but the provider can change what proves them (SPF, DKIM). It says nothing of
//! their policy (DMARC), which differs and changes, and is looked up where it is told.

use model::{LoginForm, Security, SmartHost};

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
    /// Ends of the names of the hosts that take mail for it, and for domains that have their mail there.
    mx: &'static [&'static str],
    /// What is typed as the password, where that is not simply the account's.
    pub password: Option<PasswordHelp>,
    /// By what word its sign-in in a browser is known here (OAuth 2.0).
    pub oauth: Option<&'static str>,
    /// Whether it takes passwords at all.
    takes_passwords: bool,
}

/// Which password a provider wants from mail programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordHelp {
    /// In a sentence or two.
    pub text: &'static str,
    /// The provider's page about it.
    pub link: &'static str,
}

/// What most entries have in common.
const COMMON: Provider = Provider {
    name: "",
    domains: &[],
    imap: "",
    smtp: ("", 0),
    only_its_own: true,
    mx: &[],
    password: None,
    oauth: None,
    takes_passwords: true,
};

const PROVIDERS: &[Provider] = &[
    Provider {
        name: "Gmail",
        domains: &["gmail.com", "googlemail.com"],
        imap: "imap.gmail.com",
        smtp: ("smtp.gmail.com", 465),
        mx: &["google.com", "googlemail.com"],
        password: Some(PasswordHelp {
            text: "Google wants an app password from mail programs, not the password of the account. It is made in the \
                   Google account, after 2-Step Verification is on.",
            link: "https://support.google.com/accounts/answer/185833",
        }),
        oauth: Some("google"),
        ..COMMON
    },
    Provider {
        name: "Outlook",
        domains: &["outlook.com", "hotmail.com", "live.com", "msn.com"],
        imap: "outlook.office365.com",
        smtp: ("smtp-mail.outlook.com", 587),
        mx: &["olc.protection.outlook.com"],
        password: Some(PasswordHelp {
            text: "Microsoft takes no passwords from mail programs any more. Sign in with your browser instead.",
            link: "https://support.microsoft.com/en-us/office/pop-imap-and-smtp-settings-for-outlook-com-d088b986-291d-42b8-9564-9c414e2aa040",
        }),
        oauth: Some("microsoft"),
        takes_passwords: false,
        ..COMMON
    },
    Provider {
        name: "Yahoo",
        domains: &["yahoo.com", "yahoo.co.uk", "yahoo.de", "yahoo.fr", "ymail.com", "rocketmail.com"],
        imap: "imap.mail.yahoo.com",
        smtp: ("smtp.mail.yahoo.com", 465),
        mx: &["yahoodns.net"],
        password: Some(PasswordHelp {
            text: "Yahoo wants an app password from mail programs, not the password of the account. It is made under \
                   Account Security.",
            link: "https://help.yahoo.com/kb/SLN15241.html",
        }),
        oauth: Some("yahoo"),
        ..COMMON
    },
    Provider {
        name: "AOL",
        domains: &["aol.com", "aim.com"],
        imap: "imap.aol.com",
        smtp: ("smtp.aol.com", 465),
        password: Some(PasswordHelp {
            text: "AOL wants an app password from mail programs, not the password of the account. It is made under \
                   Account Security.",
            link: "https://help.aol.com/articles/Create-and-manage-app-password",
        }),
        ..COMMON
    },
    Provider {
        name: "iCloud",
        domains: &["icloud.com", "me.com", "mac.com"],
        imap: "imap.mail.me.com",
        smtp: ("smtp.mail.me.com", 587),
        mx: &["mail.icloud.com"],
        password: Some(PasswordHelp {
            text: "Apple wants an app-specific password from mail programs. It is made at account.apple.com and needs \
                   two-factor authentication.",
            link: "https://support.apple.com/en-us/102654",
        }),
        ..COMMON
    },
    Provider {
        name: "Fastmail",
        domains: &["fastmail.com", "fastmail.fm"],
        imap: "imap.fastmail.com",
        smtp: ("smtp.fastmail.com", 465),
        mx: &["messagingengine.com"],
        password: Some(PasswordHelp {
            text: "Fastmail wants an app password from mail programs. It is made under Privacy & Security and has to \
                   allow IMAP and SMTP.",
            link: "https://www.fastmail.help/hc/en-us/articles/360058752854",
        }),
        ..COMMON
    },
    Provider {
        name: "GMX",
        domains: &["gmx.net", "gmx.de", "gmx.at", "gmx.ch"],
        imap: "imap.gmx.net",
        smtp: ("mail.gmx.net", 465),
        password: Some(PasswordHelp {
            text: "POP3 and IMAP have to be allowed in the settings under E-Mail. With two-factor authentication an \
                   application password is wanted.",
            link: "https://hilfe.gmx.net/pop-imap/imap/imap-serverdaten.html",
        }),
        ..COMMON
    },
    Provider {
        name: "GMX",
        domains: &["gmx.com", "gmx.us", "gmx.co.uk"],
        imap: "imap.gmx.com",
        smtp: ("mail.gmx.com", 465),
        password: Some(PasswordHelp {
            text: "POP3 and IMAP have to be allowed in the settings under E-Mail. With two-factor authentication an \
                   application password is wanted.",
            link: "https://hilfe.gmx.net/pop-imap/imap/imap-serverdaten.html",
        }),
        ..COMMON
    },
    Provider {
        name: "WEB.DE",
        domains: &["web.de"],
        imap: "imap.web.de",
        smtp: ("smtp.web.de", 465),
        password: Some(PasswordHelp {
            text: "POP3 and IMAP have to be allowed in the settings under E-Mail. With two-factor authentication an \
                   application password is wanted.",
            link: "https://hilfe.web.de/pop-imap/imap/imap-serverdaten.html",
        }),
        ..COMMON
    },
    Provider {
        name: "mailbox.org",
        domains: &["mailbox.org"],
        imap: "imap.mailbox.org",
        smtp: ("smtp.mailbox.org", 465),
        mx: &["mailbox.org"],
        password: Some(PasswordHelp {
            text: "With two-factor authentication mailbox.org wants an application password, which is made under \
                   Security in its settings.",
            link: "https://kb.mailbox.org/en/private/e-mail/e-mail-configuration",
        }),
        ..COMMON
    },
    Provider {
        name: "Posteo",
        domains: &["posteo.de", "posteo.net", "posteo.org"],
        imap: "posteo.de",
        smtp: ("posteo.de", 465),
        mx: &["posteo.de"],
        ..COMMON
    },
    Provider {
        name: "T-Online",
        domains: &["t-online.de", "magenta.de"],
        imap: "secureimap.t-online.de",
        smtp: ("securesmtp.t-online.de", 465),
        only_its_own: false,
        password: Some(PasswordHelp {
            text: "Telekom wants a password made for mail programs, not that of the Telekom login.",
            link: "https://www.telekom.de/hilfe/apps-dienste/e-mail/server-verbindungsdaten",
        }),
        ..COMMON
    },
    Provider {
        name: "Microsoft 365",
        imap: "outlook.office365.com",
        smtp: ("smtp.office365.com", 587),
        mx: &["mail.protection.outlook.com", "mx.microsoft"],
        password: Some(PasswordHelp {
            text: "Microsoft 365 takes no passwords over IMAP. Sign in with your browser instead; the administrator may \
                   have to allow it.",
            link: "https://learn.microsoft.com/en-us/exchange/clients-and-mobile-in-exchange-online/deprecation-of-basic-authentication-exchange-online",
        }),
        oauth: Some("microsoft"),
        takes_passwords: false,
        ..COMMON
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

impl Provider {
    /// Whether a host is one of its own: what goes through there is from where receivers expect it.
    pub fn is_own_host(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        let is_it = |own: &str| own.eq_ignore_ascii_case(host);
        is_it(self.smtp.0) || is_it(self.imap) || self.oauth.is_some_and(|word| hosts_of_sign_in(word).any(is_it))
    }

    /// What its servers take, the best first.
    pub fn logins(&self) -> Vec<LoginForm> {
        let token = self.oauth.map(|_| LoginForm::Token);
        let password = self.takes_passwords.then_some(LoginForm::Password);
        // A password is at hand; a sign-in needs a client that the provider knows.
        password.into_iter().chain(token).collect()
    }
}

/// The provider whose hosts take mail, where one of them is a known one's. The host must be below a name of the provider's.
pub fn provider_of_mx(host: &str) -> Option<&'static Provider> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_below = |end: &&str| host == **end || host.strip_suffix(*end).is_some_and(|front| front.ends_with('.'));
    PROVIDERS.iter().find(|provider| provider.mx.iter().any(&is_below))
}

/// Hosts of a provider's besides those that are suggested: other names for the same servers, and those of companies.
const OTHER_HOSTS: [(&str, &[&str]); 2] = [
    ("google", &["imap.googlemail.com", "smtp.googlemail.com", "smtp-relay.gmail.com"]),
    ("microsoft", &["outlook.office.com", "imap-mail.outlook.com"]),
];

/// Whether this is the word of a sign-in that is known here.
pub(crate) fn is_sign_in(word: &str) -> bool {
    PROVIDERS.iter().any(|provider| provider.oauth == Some(word))
}

/// The hosts that belong to the provider of a sign-in.
pub(crate) fn hosts_of_sign_in(word: &str) -> impl Iterator<Item = &'static str> {
    let suggested = PROVIDERS.iter().filter(move |provider| provider.oauth == Some(word));
    let others = OTHER_HOSTS.iter().filter(move |(whose, _)| *whose == word).flat_map(|(_, hosts)| *hosts).copied();
    suggested.flat_map(|provider| [provider.imap, provider.smtp.0]).chain(others)
}

/// The domains of all known providers, the most common first.
pub(crate) fn domains() -> impl Iterator<Item = &'static str> {
    PROVIDERS.iter().flat_map(|provider| provider.domains.iter().copied())
}

/// The provider of a domain, where it is a known one.
pub fn provider_of(domain: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.domains.iter().any(|known| known.eq_ignore_ascii_case(domain)))
}

/// The smart hosts that letters from a domain go through, in their order: those of its provider where it has one that nobody
/// else can speak for and they are there, else all.
pub fn smart_hosts_for<'a>(sender_domain: &str, smart_hosts: &'a [SmartHost]) -> Vec<&'a SmartHost> {
    let all = || smart_hosts.iter();
    let Some(provider) = provider_of(sender_domain).filter(|provider| provider.only_its_own) else {
        return all().collect();
    };
    let own: Vec<&SmartHost> = all().filter(|smart_host| provider.is_own_host(&smart_host.server.host)).collect();
    if own.is_empty() { all().collect() } else { own }
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
            assert!(!provider.logins().is_empty());
            assert!(matches!(
                (provider.smtp().port, provider.smtp().security),
                (465, Security::Tls) | (587, Security::Starttls)
            ));
        }
    }

    #[test]
    fn a_domain_whose_mail_a_provider_takes_is_known_by_its_hosts() {
        for (host, name) in [
            ("aspmx.l.google.com", Some("Gmail")),
            ("ALT1.aspmx.l.google.com.", Some("Gmail")),
            ("in1-smtp.messagingengine.com", Some("Fastmail")),
            ("mxext1.mailbox.org", Some("mailbox.org")),
            ("example-org.mail.protection.outlook.com", Some("Microsoft 365")),
            ("outlook-com.olc.protection.outlook.com", Some("Outlook")),
            ("mx.notgoogle.com", None),
            ("google.com.evil.test", None),
            ("mx.example.org", None),
            ("", None),
        ] {
            assert_eq!(provider_of_mx(host).map(|provider| provider.name), name, "{host}");
        }
    }
}
