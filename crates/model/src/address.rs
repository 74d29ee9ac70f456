//! Mail addresses: `local@domain`, with or without a display name (RFC 5321 §4.1.2, RFC 5322 §3.4).
//!
//! What is accepted is what a mail server can be asked to deliver to; the domain is kept in lower case, in A-labels
//! (xn--) where it was typed in another script, because that is what DNS and SMTP compare.

mod list;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a text is not an address. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is no `@`.
    #[error("“{0}” has no @")]
    NoAt(String),
    /// Nothing before the `@`, or characters that no address may hold there.
    #[error("“{0}” has no valid name before the @")]
    Local(String),
    /// Nothing after the `@`, or not a domain name.
    #[error("“{0}” has no valid domain after the @")]
    Domain(String),
    /// Longer than RFC 5321 §4.5.3.1 allows (64 octets before the @, 255 after it).
    #[error("“{0}” is too long to be an address")]
    TooLong(String),
}

/// An address without a name: `local@domain`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct EmailAddress {
    local: String,
    domain: String,
}

impl EmailAddress {
    /// Reads `local@domain`. White space around it is ignored; angle brackets are not part of an address.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or_else(|| AddressError::NoAt(text.to_owned()))?;
        if local.len() > 64 || domain.len() > 255 {
            return Err(AddressError::TooLong(text.to_owned()));
        }
        if !valid_local(local) {
            return Err(AddressError::Local(text.to_owned()));
        }
        let domain = normal_domain(domain).ok_or_else(|| AddressError::Domain(text.to_owned()))?;
        Ok(Self { local: local.to_owned(), domain })
    }

    /// The part before the `@`, as written: only the recipient's server may say whether its case matters.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part after the `@`, in lower case, in A-labels.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether the address needs SMTPUTF8 (RFC 6531): a local part that is not ASCII.
    pub fn needs_utf8(&self) -> bool {
        !self.local.is_ascii()
    }
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl std::str::FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.to_string()
    }
}

/// An address with the name that is shown for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Address {
    /// The display name, decoded; `None` where there is none.
    pub name: Option<String>,
    /// The address itself, as text: a letter that came in may hold one that is not valid, and it must be shown.
    pub address: String,
}

impl Address {
    /// An address with a name.
    pub fn new(name: Option<String>, address: impl Into<String>) -> Self {
        Self { name: name.filter(|name| !name.trim().is_empty()), address: address.into() }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) if name.chars().all(|c| c.is_alphanumeric() || c == ' ' || c == '-' || c == '\'') => {
                write!(f, "{name} <{}>", self.address)
            }
            Some(name) => {
                write!(f, "\"{}\" <{}>", name.replace('\\', "\\\\").replace('"', "\\\""), self.address)
            }
            None => f.write_str(&self.address),
        }
    }
}

fn valid_local(local: &str) -> bool {
    if let Some(quoted) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return !quoted.is_empty() && valid_quoted(quoted);
    }
    !local.is_empty() && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

/// RFC 5321 §4.1.2: a backslash escapes what follows it, and a bare quote would end the string early.
fn valid_quoted(quoted: &str) -> bool {
    let mut escaped = false;
    for c in quoted.chars() {
        if c.is_control() {
            return false;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return false,
            _ => {}
        }
    }
    !escaped
}

fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || (!c.is_ascii() && !c.is_control())
}

/// A domain for the eyes, in the script in which its owner writes it (U-labels, RFC 5891); a pattern of a rule, too. What
/// would not be read back as the same domain stays in A-labels.
///
/// ```
/// assert_eq!(postrider_model::shown_domain("*.xn--bcher-kva.example"), "*.bücher.example");
/// ```
pub fn shown_domain(domain: &str) -> String {
    let (shown, _) = idna::domain_to_unicode(domain);
    let is_the_same = normal_domain(shown.strip_prefix("*.").unwrap_or(&shown)).as_deref()
        == Some(domain.strip_prefix("*.").unwrap_or(domain));
    if is_the_same { shown } else { domain.to_owned() }
}

/// The domain in lower case and A-labels, or an address literal (`[192.0.2.1]`, `[IPv6:2001:db8::1]`) as it is.
pub(crate) fn normal_domain(domain: &str) -> Option<String> {
    if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let valid = match literal.get(..5).filter(|tag| tag.eq_ignore_ascii_case("ipv6:")) {
            Some(_) => literal.get(5..)?.parse::<std::net::Ipv6Addr>().is_ok(),
            None => literal.parse::<std::net::Ipv4Addr>().is_ok(),
        };
        return valid.then(|| domain.to_owned());
    }
    let domain = idna::domain_to_ascii(domain.trim_end_matches('.')).ok()?;
    let valid = !domain.is_empty()
        && domain.len() <= 253
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        });
    valid.then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_can_be_delivered_to_are_read_and_shown_alike() {
        let table = [
            ("anna@example.org", "anna@example.org"),
            (" Anna.B+x@Example.ORG. ", "Anna.B+x@example.org"),
            ("\"odd name\"@example.org", "\"odd name\"@example.org"),
            ("anna@bücher.example", "anna@xn--bcher-kva.example"),
            ("anna@[192.0.2.1]", "anna@[192.0.2.1]"),
            ("anna@[IPv6:2001:db8::1]", "anna@[IPv6:2001:db8::1]"),
            ("δοκιμή@example.org", "δοκιμή@example.org"),
        ];
        for (text, shown) in table {
            assert_eq!(EmailAddress::parse(text).map(|a| a.to_string()), Ok(shown.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_domain_is_shown_in_its_own_script_where_that_is_read_as_the_same_again() {
        let table = [
            ("example.org", "example.org"),
            ("xn--bcher-kva.example", "bücher.example"),
            ("*.xn--bcher-kva.example", "*.bücher.example"),
            ("xn--strae-oqa.example", "straße.example"),
            ("xn--e1afmkfd.xn--p1ai", "пример.рф"),
            ("[192.0.2.1]", "[192.0.2.1]"),
            ("*", "*"),
            // The label is no Punycode.
            ("xn--a-.example", "xn--a-.example"),
            // It holds what the other form would not keep.
            ("xn--bcher-kva.xn--99999999.example", "xn--bcher-kva.xn--99999999.example"),
        ];
        for (domain, shown) in table {
            assert_eq!(shown_domain(domain), shown, "{domain}");
        }
    }

    #[test]
    fn what_is_not_an_address_says_why() {
        let long = format!("{}@example.org", "a".repeat(65));
        let table = [
            ("anna", "has no @"),
            ("@example.org", "before the @"),
            ("a..b@example.org", "before the @"),
            ("an na@example.org", "before the @"),
            ("anna@", "after the @"),
            ("anna@exa mple.org", "after the @"),
            ("anna@-x.org", "after the @"),
            ("anna@[999.1.1.1]", "after the @"),
            ("a\r\nRCPT TO:<b@c.test>@example.org", "before the @"),
            ("\"a\"b\"@example.org", "before the @"),
            (long.as_str(), "too long"),
        ];
        for (text, why) in table {
            let error = EmailAddress::parse(text).expect_err(text).to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn a_name_with_a_comma_is_quoted() {
        assert_eq!(Address::new(Some("Doe, \"J\"".into()), "j@x.test").to_string(), r#""Doe, \"J\"" <j@x.test>"#);
        assert_eq!(Address::new(Some("Jane Doe".into()), "j@x.test").to_string(), "Jane Doe <j@x.test>");
    }
}
