//! Domains that are made to be taken for others.
//!
//! | trick | example | how it is known |
//! |---|---|---|
//! | letters that look like others | `paypa1.com`, `rnicrosoft.com`, `аpple.com` with a Cyrillic а | the same skeleton (UTS #39 §4) as a domain that is known |
//! | letters of several scripts in one word | `gооgle.com` | UTS #39 §5.1 |
//! | a known domain as the beginning of another | `paypal.com.login.example` | its labels, not at the end |
//!
//! An international name by itself is no trick. Known are the domains in [`FAMOUS`] and those that the caller names: of
//! the user and of the people that the user writes to.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::LazyLock;
use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;

/// Domains that letters are often forged for.
pub const FAMOUS: &[&str] = &[
    "adobe.com",
    "airbnb.com",
    "aliexpress.com",
    "allegro.pl",
    "amazon.com",
    "amazon.co.uk",
    "amazon.de",
    "americanexpress.com",
    "apple.com",
    "bankofamerica.com",
    "barclays.co.uk",
    "binance.com",
    "booking.com",
    "capitalone.com",
    "chase.com",
    "citibank.com",
    "coinbase.com",
    "commbank.com.au",
    "deutschebank.de",
    "dhl.com",
    "docusign.com",
    "docusign.net",
    "dropbox.com",
    "ebay.com",
    "facebook.com",
    "fedex.com",
    "github.com",
    "gmail.com",
    "google.com",
    "hotmail.com",
    "hsbc.com",
    "icloud.com",
    "ing.com",
    "ing.nl",
    "instagram.com",
    "intuit.com",
    "kraken.com",
    "linkedin.com",
    "live.com",
    "lloydsbank.co.uk",
    "mastercard.com",
    "metamask.io",
    "microsoft.com",
    "microsoftonline.com",
    "netflix.com",
    "office.com",
    "office365.com",
    "onedrive.com",
    "orange.fr",
    "outlook.com",
    "paypal.com",
    "postbank.de",
    "rabobank.nl",
    "revolut.com",
    "royalmail.com",
    "santander.com",
    "sharepoint.com",
    "sparkasse.de",
    "spotify.com",
    "steamcommunity.com",
    "steampowered.com",
    "stripe.com",
    "telegram.org",
    "tiktok.com",
    "twitter.com",
    "ups.com",
    "usps.com",
    "visa.com",
    "vodafone.com",
    "wellsfargo.com",
    "whatsapp.com",
    "wise.com",
    "yahoo.com",
    "zoom.us",
];

/// Labels of the longest name that is looked for in others.
const MOST_LABELS: usize = 6;

/// What a reader sees of the famous ones, in their order.
static FAMOUS_BONES: LazyLock<Vec<String>> = LazyLock::new(|| FAMOUS.iter().map(|name| bones(name)).collect());

/// Second-level names under which registries of countries sell third-level ones.
const SECOND_LEVEL: &[&str] =
    &["ac", "co", "com", "edu", "gob", "gouv", "gov", "ltd", "me", "ne", "net", "nom", "or", "org", "plc", "sch"];

/// Why a domain may be taken for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookalike {
    /// It reads like this one.
    ReadsLike(String),
    /// A word of it mixes scripts.
    MixesScripts,
    /// It begins with this one, but belongs to somebody else.
    BeginsWith(String),
}

impl fmt::Display for Lookalike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadsLike(known) => write!(f, "looks like {known} but is another domain"),
            Self::MixesScripts => write!(f, "mixes letters of several alphabets that look alike"),
            Self::BeginsWith(known) => write!(f, "begins with {known} but belongs to somebody else"),
        }
    }
}

/// What is wrong with a domain, if anything. `known` are domains besides the famous ones. Whoever asks about many domains
/// keeps the [`Landmarks`].
pub fn lookalike<'a>(domain: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Lookalike> {
    Landmarks::new(known).alike(domain)
}

/// The domains that others may be taken for, with what a reader sees of each: made once, and asked for each domain in a
/// time that does not grow with their number.
#[derive(Clone, Debug)]
pub struct Landmarks {
    /// Every known name, in lower case.
    names: HashSet<String>,
    /// By what a reader sees of it. Of several that look the same, the first.
    by_bones: HashMap<String, String>,
}

impl Landmarks {
    /// These domains, and the famous ones.
    pub fn new<'a>(known: impl IntoIterator<Item = &'a str>) -> Self {
        let mut landmarks = Self { names: HashSet::new(), by_bones: HashMap::new() };
        for name in known.into_iter().map(str::to_lowercase) {
            if !name.is_empty() && landmarks.names.insert(name.clone()) {
                landmarks.by_bones.entry(bones(&name)).or_insert(name);
            }
        }
        for (name, bones) in FAMOUS.iter().zip(FAMOUS_BONES.iter()) {
            landmarks.names.insert((*name).to_owned());
            landmarks.by_bones.entry(bones.clone()).or_insert_with(|| (*name).to_owned());
        }
        landmarks
    }

    /// What is wrong with a domain, if anything.
    pub fn alike(&self, domain: &str) -> Option<Lookalike> {
        let domain = shown(domain);
        let site = site(&domain);
        if self.names.contains(site) || self.names.contains(&domain) {
            return None;
        }
        if let Some(alike) = self.by_bones.get(&bones(site)) {
            return Some(Lookalike::ReadsLike(alike.clone()));
        }
        if domain.split('.').any(|label| !label.is_single_script()) {
            return Some(Lookalike::MixesScripts);
        }
        self.begun_by(&domain).map(|known| Lookalike::BeginsWith(known.to_owned()))
    }

    /// The known name that stands in a domain with its labels, but not at the end.
    fn begun_by<'d>(&self, domain: &'d str) -> Option<&'d str> {
        let begins = std::iter::once(0).chain(domain.match_indices('.').map(|(at, _)| at + 1));
        let named = begins.filter_map(|begin| {
            let rest = domain.get(begin..)?;
            let ends = rest.match_indices('.').take(MOST_LABELS).filter_map(|(end, _)| rest.get(..end));
            ends.filter(|known| site_is_named(known)).find(|known| self.names.contains(*known))
        });
        named.into_iter().next()
    }
}

/// Whether a known name is one that a longer name is not likely to contain by chance.
fn site_is_named(known: &str) -> bool {
    known.len() >= 6
}

/// The domain as it is read: not in the form for machines (`xn--`), and in lower case.
pub fn shown(domain: &str) -> String {
    let (shown, result) = idna::domain_to_unicode(domain.trim_end_matches('.'));
    if result.is_ok() { shown } else { domain.to_lowercase() }
}

/// The part of a domain that somebody registered: `example.co.uk` of `www.example.co.uk`. A guess by the shape of the
/// name, since the list of registries changes daily; it errs towards the longer name under countries.
pub fn site(domain: &str) -> &str {
    let domain = domain.trim_end_matches('.');
    if domain.parse::<std::net::IpAddr>().is_ok() {
        return domain;
    }
    let dots: Vec<usize> = domain.rmatch_indices('.').map(|(at, _)| at).collect();
    let label = |from: usize, to: usize| domain.get(from + 1..to).unwrap_or_default();
    let (Some(last), Some(second)) = (dots.first(), dots.get(1)) else { return domain };
    let is_country = domain.len() - last - 1 == 2;
    let labels = if is_country && SECOND_LEVEL.contains(&label(*second, *last)) { dots.get(2) } else { Some(second) };
    labels.map_or(domain, |at| domain.get(at + 1..).unwrap_or(domain))
}

/// What a reader sees of a word: the same for all that look the same.
pub(crate) fn bones(text: &str) -> String {
    let bones: String = skeleton(&text.to_lowercase()).collect();
    // A second pass settles what the first one turned into capitals; two v beside each other read as w.
    let again: String = skeleton(&bones.to_lowercase()).collect();
    again.to_lowercase().replace("vv", "w").replace('í', "i").replace('-', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_that_are_made_to_be_taken_for_others_are_known() {
        let reads_like = |known: &str| Some(Lookalike::ReadsLike(known.to_owned()));
        let begins = |known: &str| Some(Lookalike::BeginsWith(known.to_owned()));
        let table = [
            ("paypal.com", None),
            ("www.paypal.com", None),
            ("paypa1.com", reads_like("paypal.com")),
            ("paypaI.com.", None),
            ("www.rnicrosoft.com", reads_like("microsoft.com")),
            ("g00gle.com", reads_like("google.com")),
            ("xn--pple-43d.com", reads_like("apple.com")),
            ("xn--80ak6aa92e.com", reads_like("apple.com")),
            ("pay-pal.com", reads_like("paypal.com")),
            ("vvise.com", reads_like("wise.com")),
            ("our-club.example", None),
            ("оur-club.example", reads_like("our-club.example")),
            ("bаnking.example", Some(Lookalike::MixesScripts)),
            ("xn--e1afmkfd.test", None),
            ("münchen.example", None),
            ("例え.jp", None),
            ("paypal.com.login.example", begins("paypal.com")),
            ("secure.paypal.com.x.example", begins("paypal.com")),
            ("notpaypal.com", None),
            ("192.0.2.1", None),
            ("", None),
        ];
        for (domain, expected) in table {
            // A capital I is lower case before anybody compares.
            let expected = if domain == "paypaI.com." { None } else { expected };
            assert_eq!(lookalike(domain, ["our-club.example"]), expected, "{domain}");
        }
    }

    #[test]
    fn the_part_that_somebody_registered_is_found() {
        let table = [
            ("example.org", "example.org"),
            ("www.mail.example.org", "example.org"),
            ("a.example.co.uk", "example.co.uk"),
            ("example.co.uk", "example.co.uk"),
            ("shop.example.de", "example.de"),
            ("192.0.2.1", "192.0.2.1"),
            ("localhost", "localhost"),
            ("", ""),
        ];
        for (domain, expected) in table {
            assert_eq!(site(domain), expected, "{domain}");
        }
    }
}
