//! Links that are not what they look like.
//!
//! | trick | example |
//! |---|---|
//! | the text names another site | `bank.example` that leads to `evil.test` |
//! | a name before the host | `https://bank.example@evil.test/` |
//! | an address in place of a name | `http://192.0.2.7/login` |
//! | a domain that looks like another | `paypa1.com` ([`lookalike`](crate::lookalike)) |

use crate::lookalike::{self, Landmarks, Lookalike};
use crate::suspicion::Weight;
use ammonia::Url;
use std::collections::HashMap;
use std::fmt;
use url_host::host_of;

/// Hosts of one letter that are compared with others. A link to any other is still judged when it is clicked.
const MOST_HOSTS: usize = 2_000;

/// A link of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What can be read there; empty around an image.
    pub text: String,
    /// Where it leads.
    pub target: String,
}

/// What is wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// It says one site and leads to another.
    SaysAnother {
        /// The site that its text names.
        said: String,
        /// The host that it leads to.
        host: String,
    },
    /// It has a name before the host, which can be taken for the host.
    HidesHost {
        /// What stands before the host.
        before: String,
        /// The host that it leads to.
        host: String,
    },
    /// It leads to an address without a name.
    NoName {
        /// The address.
        host: String,
    },
    /// The host may be taken for another.
    Alike {
        /// The host, as it is read.
        host: String,
        /// For which, and how.
        lookalike: Lookalike,
    },
}

impl LinkFault {
    /// How much there is to it. Newsletters often lead by way of a counter, and so elsewhere than they say.
    pub fn weight(&self) -> Weight {
        match self {
            Self::SaysAnother { .. } | Self::NoName { .. } => Weight::Note,
            Self::HidesHost { .. } | Self::Alike { .. } => Weight::Warning,
        }
    }
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SaysAnother { said, host } => write!(f, "A link says {said} but leads to {host}."),
            Self::HidesHost { before, host } => {
                write!(f, "A link looks like one to {before} but leads to {host}.")
            }
            Self::NoName { host } => {
                write!(f, "A link leads to the bare address {host}, which says nothing of who is behind it.")
            }
            Self::Alike { host, lookalike } => write!(f, "A link leads to {host}, which {lookalike}."),
        }
    }
}

/// Judges a link by itself.
pub fn judge(link: &Link, known: &Landmarks) -> Option<LinkFault> {
    Judge::new(known).judge(link)
}

/// Judges the links of a letter. What a host looks like is found once for each, however many links lead there.
struct Judge<'k> {
    known: &'k Landmarks,
    hosts: HashMap<String, Option<Lookalike>>,
}

impl<'k> Judge<'k> {
    fn new(known: &'k Landmarks) -> Self {
        Self { known, hosts: HashMap::new() }
    }

    fn alike(&mut self, host: &str) -> Option<Lookalike> {
        if let Some(judged) = self.hosts.get(host) {
            return judged.clone();
        }
        if self.hosts.len() >= MOST_HOSTS {
            return None;
        }
        let judged = self.known.alike(host);
        self.hosts.insert(host.to_owned(), judged.clone());
        judged
    }

    fn judge(&mut self, link: &Link) -> Option<LinkFault> {
        let url = Url::parse(&link.target).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let host = lookalike::shown(url.host_str()?);
        if !url.username().is_empty() || url.password().is_some() {
            let before = crate::percent::decode(url.username());
            return Some(LinkFault::HidesHost { before, host });
        }
        if is_address(&host) {
            return Some(LinkFault::NoName { host });
        }
        if let Some(lookalike) = self.alike(&host) {
            return Some(LinkFault::Alike { host, lookalike });
        }
        let said = host_of(&link.text)?;
        let differs = !lookalike::site(&said).eq_ignore_ascii_case(lookalike::site(&host));
        differs.then_some(LinkFault::SaysAnother { said, host })
    }
}

/// The host of a link in the letters of its language; `None` where the link has it like that already.
pub fn shown_host(target: &str) -> Option<String> {
    let url = Url::parse(target).ok()?;
    let host = url.host_str()?;
    Some(lookalike::shown(host)).filter(|shown| shown != host)
}

/// The faults of the links, each kind of the same host once, at most `most`.
pub fn faults(links: &[Link], known: &Landmarks, most: usize) -> Vec<LinkFault> {
    faults_by(&mut Judge::new(known), links, most)
}

fn faults_by(judge: &mut Judge<'_>, links: &[Link], most: usize) -> Vec<LinkFault> {
    let mut found: Vec<LinkFault> = Vec::new();
    for fault in links.iter().filter_map(|link| judge.judge(link)) {
        if found.len() >= most {
            break;
        }
        if !found.contains(&fault) {
            found.push(fault);
        }
    }
    found
}

fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok()
}

mod url_host {
    use ammonia::Url;

    /// The host that a text names, where the text is nothing but an address of the web: `www.example.org/x`,
    /// `https://example.org`. Sentences, file names and numbers are none.
    pub(super) fn host_of(text: &str) -> Option<String> {
        let text = text.trim().trim_matches(|c: char| matches!(c, '<' | '>' | '(' | ')' | '"' | '»' | '«'));
        if text.is_empty() || text.contains(char::is_whitespace) || text.contains('@') {
            return None;
        }
        let lower = text.to_lowercase();
        let has_scheme = lower.starts_with("http://") || lower.starts_with("https://");
        let whole = if has_scheme { lower.clone() } else { format!("https://{lower}") };
        let url = Url::parse(&whole).ok()?;
        let host = crate::lookalike::shown(url.host_str()?);
        let looks_like_one = has_scheme || host.starts_with("www.") || ends_as_a_site(&host);
        (host.contains('.') && looks_like_one).then_some(host)
    }

    /// Endings that words with a dot in them, such as names of files, do not have.
    fn ends_as_a_site(host: &str) -> bool {
        const ENDINGS: &[&str] = &[
            "app", "at", "au", "be", "biz", "br", "ca", "ch", "cn", "co", "com", "cz", "de", "dev", "dk", "edu",
            "es", "eu", "example", "fi", "fr", "gov", "ie", "in", "info", "io", "it", "jp", "kr", "mx", "net", "nl",
            "no", "nz", "online", "org", "pl", "pt", "ru", "se", "shop", "site", "test", "tr", "tv", "ua", "uk",
            "us", "xyz",
        ];
        let label = host.rsplit('.').next().unwrap_or_default();
        ENDINGS.contains(&label) && host.split('.').all(|label| !label.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, target: &str) -> String {
        let link = Link { text: text.to_owned(), target: target.to_owned() };
        judge(&link, &Landmarks::new(["club.example"])).map(|fault| fault.to_string()).unwrap_or_default()
    }

    #[test]
    fn links_that_lie_are_found_and_honest_ones_are_not() {
        let table = [
            ("Read more", "https://example.org/x", ""),
            ("example.org", "https://www.example.org/x", ""),
            ("www.example.org/a", "https://click.example.org/?u=1", ""),
            ("Contract.pdf", "https://files.test/x", ""),
            ("3.14", "https://x.test/", ""),
            ("anna@example.org", "https://x.test/", ""),
            ("Visit example.org now", "https://x.test/", ""),
            ("bank.example", "https://evil.test/", "A link says bank.example but leads to evil.test."),
            ("https://bank.example/login", "https://evil.test/", "A link says bank.example but leads to evil.test."),
            ("x", "https://bank.example@evil.test/", "A link looks like one to bank.example but leads to evil.test."),
            (
                "x",
                "http://192.0.2.7/login",
                "A link leads to the bare address 192.0.2.7, which says nothing of who is behind it.",
            ),
            (
                "x",
                "http://3221225991/",
                "A link leads to the bare address 192.0.2.7, which says nothing of who is behind it.",
            ),
            ("x", "http://[::1]/", "A link leads to the bare address [::1], which says nothing of who is behind it."),
            (
                "PayPal",
                "https://paypa1.com/",
                "A link leads to paypa1.com, which looks like paypal.com but is another domain.",
            ),
            (
                "x",
                "https://c1ub.example/",
                "A link leads to c1ub.example, which looks like club.example but is another domain.",
            ),
            (
                "x",
                "https://xn--80ak6aa92e.com/",
                "A link leads to аррӏе.com, which looks like apple.com but is another domain.",
            ),
            ("x", "mailto:a@b.test", ""),
            ("пример.test", "https://xn--e1afmkfd.test/", ""),
        ];
        for (text, target, expected) in table {
            assert_eq!(said(text, target), expected, "{text} → {target}");
        }
    }

    #[test]
    fn each_fault_is_named_once() {
        let link = |n: u32| Link { text: "bank.example".into(), target: format!("https://evil.test/{n}") };
        assert_eq!(faults(&[link(1), link(2)], &Landmarks::new([]), 5).len(), 1);
    }

    #[test]
    fn thousands_of_links_cost_no_more_than_the_hosts_that_they_lead_to() {
        let known = Landmarks::new(["club.example"]);
        let links = |hosts: usize| -> Vec<Link> {
            let target = |n: usize| format!("https://h{}.example/{n}", n % hosts);
            (0..5_000).map(|n| Link { text: String::new(), target: target(n) }).collect()
        };
        for (hosts, expected) in [(1, 1), (40, 40), (5_000, MOST_HOSTS)] {
            let mut judge = Judge::new(&known);
            assert!(faults_by(&mut judge, &links(hosts), 3).is_empty());
            assert_eq!(judge.hosts.len(), expected, "{hosts} hosts");
        }
    }
}
