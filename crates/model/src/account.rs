//! Accounts: an IMAP login with the identities and smart hosts that belong to it. Passwords are not here; they are in
//! the secret store under the account's or the smart host's key.

use crate::address::{normal_domain, shown_domain};
use crate::{AccountId, AddressError, EmailAddress, IdentityId, RoutePolicy, SmartHostId};
use serde::{Deserialize, Serialize, Serializer};
use ts_rs::TS;

/// How a connection to a server of the account is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// An upgrade that must succeed before anything else is said.
    Starttls,
    /// Clear text. Passwords go over it to loopback only.
    None,
}

impl Security {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Starttls => "starttls",
            Self::None => "none",
        }
    }

    /// The security of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Tls, Self::Starttls, Self::None].into_iter().find(|security| security.word() == word)
    }
}

/// Where a server listens and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Server {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protection of the connection.
    pub security: Security,
    /// Login name.
    pub user: String,
    /// What the login is made with.
    #[serde(default)]
    pub login: LoginForm,
    /// The certificate that the user trusts although no authority vouches for it: SHA-256 of its DER, 64 hexadecimal
    /// digits in lower case. `None`: what the system trusts, and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub trusted: Option<String>,
}

/// What a login is made with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum LoginForm {
    /// A password, by the strongest mechanism that the server offers.
    #[default]
    Password,
    /// An OAuth 2.0 access token (OAUTHBEARER, RFC 7628; XOAUTH2).
    Token,
}

/// One IMAP login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Account {
    /// Its number here.
    pub id: AccountId,
    /// The address it was added with; also its name in lists.
    pub address: EmailAddress,
    /// The IMAP server; `None` for an account that only sends.
    pub imap: Option<Server>,
    /// From addresses, the default first. Never empty.
    pub identities: Vec<Identity>,
    /// Smart hosts, in the order in which they are tried.
    pub smart_hosts: Vec<SmartHost>,
    /// Routes for recipient domains, which come before the identity's default.
    #[serde(default)]
    pub rules: Vec<RouteRule>,
    /// Whether this is the account of the practice post office, whose ports are new at every start.
    pub practice: bool,
}

/// A From address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Identity {
    /// Its number here.
    pub id: IdentityId,
    /// The address in From and in the envelope.
    pub address: EmailAddress,
    /// The name in From; empty for none.
    pub name: String,
    /// Text put under new letters; empty for none.
    pub signature: String,
    /// Default route.
    pub route: RoutePolicy,
}

/// A server that takes mail for anywhere, after a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SmartHost {
    /// Its number here.
    pub id: SmartHostId,
    /// The name by which routes call it; unique, and neither `auto` nor `direct`.
    pub name: String,
    /// Where it is. An empty user means that no login is asked for.
    pub server: Server,
}

/// The route for the recipients of a domain, where neither the letter nor the recipient has one of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RouteRule {
    /// The domain: `example.org`; with all below it, `*.example.org`; everything else, `*`. Here in A-labels, as DNS has
    /// them; as JSON in the script of its owner, which [`RouteRule::new`] reads as well.
    #[serde(serialize_with = "shown")]
    #[ts(type = "string")]
    pub domain: String,
    /// The way.
    pub route: RoutePolicy,
}

fn shown<S: Serializer>(domain: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&shown_domain(domain))
}

/// How much of a domain's name a rule names: the more, the more it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is for everything.
    Everything,
    /// It is for all below a name of so many octets.
    Below(usize),
    /// It is for this domain.
    Exact,
}

impl RouteRule {
    /// A rule for a domain as it is typed: the name is brought to the form that addresses have.
    pub fn new(domain: &str, route: RoutePolicy) -> Result<Self, AddressError> {
        let domain = domain.trim();
        let normal = |name: &str| normal_domain(name).ok_or_else(|| AddressError::Domain(domain.to_owned()));
        let domain = match domain.strip_prefix("*.") {
            _ if domain == "*" => domain.to_owned(),
            Some(name) => format!("*.{}", normal(name)?),
            None => normal(domain.strip_prefix('@').unwrap_or(domain))?,
        };
        Ok(Self { domain, route })
    }

    /// Whether it is for recipients of this domain, and how much of its name it names.
    fn fits(&self, domain: &str) -> Option<Fit> {
        let ends_below = |name: &str| {
            let before = domain.len().checked_sub(name.len() + 1)?;
            let (front, end) = (domain.as_bytes().get(..=before)?, domain.get(before + 1..)?);
            (before > 0 && front.ends_with(b".") && end.eq_ignore_ascii_case(name)).then_some(Fit::Below(name.len()))
        };
        match self.domain.strip_prefix("*.") {
            _ if self.domain == "*" => Some(Fit::Everything),
            Some(name) => ends_below(name),
            None => self.domain.eq_ignore_ascii_case(domain).then_some(Fit::Exact),
        }
    }

    /// The rule that counts for a domain: the one that names most of it.
    pub fn for_domain<'a>(rules: &'a [Self], domain: &str) -> Option<&'a Self> {
        rules
            .iter()
            .filter_map(|rule| Some((rule.fits(domain)?, rule)))
            .max_by_key(|(fit, _)| *fit)
            .map(|(_, rule)| rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(domain: &str) -> RouteRule {
        RouteRule::new(domain, RoutePolicy::Direct).expect(domain)
    }

    #[test]
    fn a_rule_is_kept_in_the_form_that_addresses_have() {
        let table =
            [("Example.ORG", "example.org"), (" *.Example.org ", "*.example.org"), ("*", "*"), ("@a.test", "a.test")];
        for (typed, kept) in table {
            assert_eq!(rule(typed).domain, kept);
        }
        let books = rule("*.bücher.example");
        assert_eq!(books.domain, "*.xn--bcher-kva.example");
        let shown = serde_json::to_value(&books).expect("JSON");
        assert_eq!(shown["domain"], "*.bücher.example");
        for wrong in ["", "*.", "a b", "*.*", "x@y.test", "*x.test"] {
            assert!(RouteRule::new(wrong, RoutePolicy::Direct).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_rule_that_names_most_of_a_domain_counts() {
        let rules = ["*", "*.org", "*.example.org", "mail.example.org"].map(rule);
        let table = [
            ("example.com", "*"),
            ("example.org", "*.org"),
            ("a.example.org", "*.example.org"),
            ("a.mail.example.org", "*.example.org"),
            ("MAIL.example.org", "mail.example.org"),
            ("notexample.org", "*.org"),
            ("org", "*"),
        ];
        for (domain, counts) in table {
            let found = RouteRule::for_domain(&rules, domain).map(|rule| rule.domain.as_str());
            assert_eq!(found, Some(counts), "{domain}");
        }
        assert_eq!(RouteRule::for_domain(&rules[2..3], "example.org"), None, "below a name is not the name itself");
    }
}
