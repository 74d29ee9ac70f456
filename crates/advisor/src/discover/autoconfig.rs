//! Pages in which providers say where their servers are: Mozilla's format, version 1.1.
//!
//! A domain has it at `https://autoconfig.DOMAIN/mail/config-v1.1.xml` or below `/.well-known/autoconfig/` of its own
//! host. Only encrypted servers are taken from it, and only logins that are known here; what is not understood is passed
//! over. A page names servers for anybody's eyes, so it is bounded and proves nothing.

use super::{Found, FoundServer, Origin, is_host};
use crate::providers::Place;
use model::{EmailAddress, LoginForm, Security};
use roxmltree::{Document, Node, ParsingOptions};

/// The largest page that is read, in octets.
pub const LARGEST_CONFIG: usize = 256 * 1024;
/// Servers of a kind that are taken from a page.
const MOST_SERVERS: usize = 8;
/// Nodes of a page that are read.
const MOST_NODES: u32 = 10_000;

/// Why a page says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is no XML.
    #[error("the page is not XML ({0})")]
    NotXml(String),
    /// It is another kind of page.
    #[error("the page is not a mail configuration")]
    NotConfig,
    /// It names no server that can be used.
    #[error("the page names no server with encryption and a login that Postrider knows")]
    NoServer,
}

/// Where a domain may have its page, in the order in which they count. The address is told to the first, as Thunderbird
/// does, since some hosts answer by it.
pub fn config_urls(address: &EmailAddress) -> [String; 2] {
    let domain = address.domain();
    let address = escaped(&address.to_string());
    [
        format!("https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}"),
        format!("https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml"),
    ]
}

/// Where Mozilla's database has the page of a domain.
pub fn database_url(domain: &str) -> String {
    format!("https://autoconfig.thunderbird.net/v1.1/{domain}")
}

/// Everything but letters, digits and a few others as %XX (RFC 3986 §2.1).
fn escaped(text: &str) -> String {
    let keep = |octet: &u8| octet.is_ascii_alphanumeric() || b"-._~@".contains(octet);
    text.bytes()
        .map(|octet| if keep(&octet) { char::from(octet).to_string() } else { format!("%{octet:02X}") })
        .collect()
}

/// Reads a page for a user of this address.
pub fn read_config(xml: &str, address: &EmailAddress, origin: Origin) -> Result<Found, ConfigError> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document =
        Document::parse_with_options(xml, options).map_err(|error| ConfigError::NotXml(error.to_string()))?;
    let root = document.root_element();
    if !root.has_tag_name("clientConfig") {
        return Err(ConfigError::NotConfig);
    }
    let provider = child(root, "emailProvider").ok_or(ConfigError::NotConfig)?;
    let servers = |element: &str, kind: &str| -> Vec<FoundServer> {
        let nodes = provider.children().filter(|node| node.has_tag_name(element));
        let of_kind = nodes.filter(|node| node.attribute("type").is_some_and(|is| is.eq_ignore_ascii_case(kind)));
        of_kind.filter_map(|node| server(node, address)).take(MOST_SERVERS).collect()
    };
    let found = Found {
        origin,
        name: text(provider, "displayShortName").or_else(|| text(provider, "displayName")).map(|name| shown(&name)),
        imap: servers("incomingServer", "imap"),
        smtp: servers("outgoingServer", "smtp"),
        page: documentation(provider),
    };
    if found.is_of_use() { Ok(found) } else { Err(ConfigError::NoServer) }
}

fn server(node: Node<'_, '_>, address: &EmailAddress) -> Option<FoundServer> {
    let filled = |name: &str| text(node, name).map(|text| filled(&text, address));
    let host = filled("hostname").filter(|host| is_host(host))?;
    let port = text(node, "port")?.parse().ok().filter(|port| *port != 0)?;
    let security = match text(node, "socketType")?.as_str() {
        "SSL" => Security::Tls,
        "STARTTLS" => Security::Starttls,
        _ => return None,
    };
    let logins = logins(node);
    if logins.is_empty() {
        return None;
    }
    let user = filled("username").unwrap_or_else(|| address.to_string());
    if user.is_empty() || user.contains(char::is_control) {
        return None;
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    Some(FoundServer { place: Place { host, port, security }, user, logins })
}

/// The logins of a server in its order, as far as they are known here. One that names none takes a password.
fn logins(node: Node<'_, '_>) -> Vec<LoginForm> {
    let mut logins = Vec::new();
    let mut named = false;
    for method in node.children().filter(|child| child.has_tag_name("authentication")) {
        named = true;
        let form = match method.text().map(str::trim).unwrap_or_default() {
            "password-cleartext" | "password-encrypted" | "plain" | "secure" => LoginForm::Password,
            "OAuth2" => LoginForm::Token,
            _ => continue,
        };
        if !logins.contains(&form) {
            logins.push(form);
        }
    }
    if named { logins } else { vec![LoginForm::Password] }
}

/// The placeholders of the format.
fn filled(text: &str, address: &EmailAddress) -> String {
    let whole = address.to_string();
    let (local, domain) = whole.rsplit_once('@').unwrap_or((&whole, ""));
    text.replace("%EMAILADDRESS%", &whole).replace("%EMAILLOCALPART%", local).replace("%EMAILDOMAIN%", domain)
}

fn documentation(provider: Node<'_, '_>) -> Option<String> {
    let urls = provider.children().filter(|node| node.has_tag_name("documentation"));
    let url = urls.filter_map(|node| node.attribute("url")).find(|url| url.starts_with("https://"))?;
    (url.len() <= 500 && !url.contains(|c: char| c.is_whitespace() || c.is_control())).then(|| url.to_owned())
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    let text = child(node, name)?.text()?.trim();
    (!text.is_empty() && text.len() <= 500).then(|| text.to_owned())
}

/// A name that somebody else chose: short, and on one line.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> EmailAddress {
        "anna.b+c@example.org".parse().expect("an address")
    }

    fn read(servers: &str) -> Result<Found, ConfigError> {
        let xml = format!(
            "<?xml version=\"1.0\"?><clientConfig version=\"1.1\"><emailProvider id=\"x\">\
             <displayName>Example\nPost</displayName><displayShortName>Example</displayShortName>{servers}\
             <documentation url=\"https://example.org/help\"/></emailProvider></clientConfig>"
        );
        read_config(&xml, &address(), Origin::Domain("autoconfig.example.org".into()))
    }

    fn incoming(inner: &str) -> String {
        format!("<incomingServer type=\"imap\">{inner}</incomingServer>")
    }

    #[test]
    fn a_page_with_everything_is_read_in_its_order() {
        let found = read(
            "<incomingServer type=\"pop3\"><hostname>pop.example.org</hostname><port>995</port>\
             <socketType>SSL</socketType></incomingServer>\
             <incomingServer type=\"imap\"><hostname>imap.%EMAILDOMAIN%</hostname><port>993</port>\
             <socketType>SSL</socketType><username>%EMAILLOCALPART%</username>\
             <authentication>OAuth2</authentication><authentication>password-cleartext</authentication>\
             </incomingServer>\
             <incomingServer type=\"imap\"><hostname>IMAP.example.org.</hostname><port>143</port>\
             <socketType>STARTTLS</socketType><username>%EMAILADDRESS%</username></incomingServer>\
             <outgoingServer type=\"smtp\"><hostname>smtp.example.org</hostname><port>587</port>\
             <socketType>STARTTLS</socketType><authentication>password-encrypted</authentication></outgoingServer>",
        )
        .expect("a configuration");
        let shown = |server: &FoundServer| {
            let place = &server.place;
            (place.host.clone(), place.port, place.security, server.user.clone(), server.logins.clone())
        };
        use LoginForm::{Password, Token};
        assert_eq!(
            found.imap.iter().map(shown).collect::<Vec<_>>(),
            [
                ("imap.example.org".into(), 993, Security::Tls, "anna.b+c".into(), vec![Token, Password]),
                ("imap.example.org".into(), 143, Security::Starttls, "anna.b+c@example.org".into(), vec![Password]),
            ]
        );
        assert_eq!(
            found.smtp.iter().map(shown).collect::<Vec<_>>(),
            [("smtp.example.org".into(), 587, Security::Starttls, "anna.b+c@example.org".into(), vec![Password])]
        );
        assert_eq!(
            (found.name.as_deref(), found.page.as_deref()),
            (Some("Example"), Some("https://example.org/help"))
        );
    }

    #[test]
    fn what_cannot_be_used_is_passed_over() {
        for inner in [
            "<hostname>imap.example.org</hostname><port>143</port><socketType>plain</socketType>",
            "<hostname>imap.example.org</hostname><port>993</port>",
            "<hostname>imap.example.org</hostname><port>0</port><socketType>SSL</socketType>",
            "<hostname>imap.example.org</hostname><port>99999</port><socketType>SSL</socketType>",
            "<hostname>not a host</hostname><port>993</port><socketType>SSL</socketType>",
            "<hostname>localhost</hostname><port>993</port><socketType>SSL</socketType>",
            "<port>993</port><socketType>SSL</socketType>",
            "<hostname>imap.example.org</hostname><port>993</port><socketType>SSL</socketType>\
             <authentication>GSSAPI</authentication>",
        ] {
            assert_eq!(read(&incoming(inner)), Err(ConfigError::NoServer), "{inner}");
        }
    }

    #[test]
    fn what_is_no_configuration_is_refused_within_bounds() {
        let read = |xml: &str| read_config(xml, &address(), Origin::Database).expect_err(xml);
        assert!(matches!(read("not found"), ConfigError::NotXml(_)));
        assert!(matches!(read(""), ConfigError::NotXml(_)));
        assert_eq!(read("<html><body>Welcome</body></html>"), ConfigError::NotConfig);
        assert_eq!(read("<clientConfig/>"), ConfigError::NotConfig);
        let bomb =
            "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><clientConfig>&b;</clientConfig>";
        assert!(matches!(read(bomb), ConfigError::NotXml(_)), "no entities are defined here");
        let many = format!("<clientConfig>{}</clientConfig>", "<x/>".repeat(20_000));
        assert!(matches!(read(&many), ConfigError::NotXml(_)));
        let deep = format!("{}{}", "<x>".repeat(9_000), "</x>".repeat(9_000));
        let _ = read(&deep);
    }

    #[test]
    fn the_pages_are_asked_for_where_a_domain_may_have_them() {
        assert_eq!(
            config_urls(&address()),
            [
                "https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=anna.b%2Bc@example.org",
                "https://example.org/.well-known/autoconfig/mail/config-v1.1.xml",
            ]
        );
    }
}
