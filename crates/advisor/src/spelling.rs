//! Domains that were probably meant to be others: pure.
//!
//! A domain is taken for a slip of another one if that is better known here, a correspondent's or a large provider's, and few
//! letters lie between them: a letter too many, too few, wrong, or two that changed places. The shorter a domain, the less
//! may differ, since short ones are near each other by chance.
//!
//! | letters of the domain | slips |
//! |---|---|
//! | up to 7 | two letters that changed places |
//! | up to 11 | 1 |
//! | more | 2 |
//!
//! What is known itself is never a slip, however near to another it is; nor is a large provider's name under the top-level
//! domain of a country, for many have those.
//!
//! A domain that exists and takes mail is more than chance: it is taken for a slip only of a large provider's domain, one
//! letter away. Domains near those are bought to catch such letters; one that is near a correspondent's is somebody else's.

use crate::checks::identity::TakesMail;
use crate::providers;

/// Domains of many people that no account here can be set up for by heart, and some that are near to others by nature.
const OTHERS: [&str; 20] = [
    "mail.com",
    "email.com",
    "proton.me",
    "protonmail.com",
    "pm.me",
    "tutanota.com",
    "tuta.com",
    "zoho.com",
    "mail.ru",
    "yandex.ru",
    "yandex.com",
    "qq.com",
    "163.com",
    "126.com",
    "hey.com",
    "comcast.net",
    "verizon.net",
    "orange.fr",
    "libero.it",
    "btinternet.com",
];
/// Domains up to this long have to be the same but for two letters that changed places.
const SHORT: usize = 7;
/// Domains up to this long may have one slip.
const MIDDLE: usize = 11;

/// A domain that another was probably meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// The domain.
    pub domain: String,
    /// Whether that is so even of one that exists and takes mail.
    is_sure: bool,
}

impl Meant {
    /// The domain, unless the one that is like it has been seen to be somebody's.
    pub fn unless_somebodys(self, takes: Option<&TakesMail>) -> Option<String> {
        let is_somebodys = matches!(takes, Some(TakesMail::Hosts(_)));
        (self.is_sure || !is_somebodys).then_some(self.domain)
    }
}

/// The domain that this one was probably meant to be. `known` are the domains of correspondents, the best known first.
pub fn meant<'a>(domain: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Meant> {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let known: Vec<&'a str> = known.into_iter().collect();
    let is_it = |one: &str| one.eq_ignore_ascii_case(&domain);
    let is_known = known.iter().any(|one| is_it(one)) || common().any(is_it);
    if domain.is_empty() || domain.starts_with('[') || is_known {
        return None;
    }
    if common().any(|one| is_of_a_country(&domain, one)) {
        return None;
    }
    let all = known.into_iter().map(str::to_ascii_lowercase).chain(common().map(str::to_owned));
    let near = all.filter_map(|one| Some((slips(&domain, &one)?, one)));
    let (slips, domain) = near.min_by_key(|(slips, _)| *slips)?;
    let is_sure = slips == 1 && common().any(|one| one == domain);
    Some(Meant { domain, is_sure })
}

/// The domains of large providers.
fn common() -> impl Iterator<Item = &'static str> {
    providers::domains().chain(OTHERS)
}

/// Whether a domain is a provider's name under the top-level domain of a country, or under its place for companies. Some of
/// those are what a finger makes of `com` and `net`, and count as slips.
fn is_of_a_country(domain: &str, provider: &str) -> bool {
    const SLIPS: [&str; 4] = ["co", "cm", "om", "ne"];
    let Some((name, of_provider)) = provider.split_once('.') else { return false };
    let Some(end) = domain.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')) else { return false };
    let is_country = |end: &str| end.len() == 2 && end.bytes().all(|octet| octet.is_ascii_alphabetic());
    let of_companies = end.strip_prefix("co.").or_else(|| end.strip_prefix("com."));
    let is_swapped = end.bytes().rev().eq(of_provider.bytes());
    of_companies.map_or(is_country(end) && !is_swapped && !SLIPS.contains(&end), is_country)
}

/// How many slips lie between them, where they are few enough.
fn slips(typed: &str, meant: &str) -> Option<usize> {
    let (typed, meant): (Vec<char>, Vec<char>) = (typed.chars().collect(), meant.chars().collect());
    let length = typed.len().min(meant.len());
    let most = if length > MIDDLE { 2 } else { 1 };
    if typed.len().abs_diff(meant.len()) > most {
        return None;
    }
    let distance = distance(&typed, &meant);
    let only_swapped = typed.len() == meant.len() && sorted(&typed) == sorted(&meant);
    (distance <= most && (length > SHORT || only_swapped)).then_some(distance)
}

fn sorted(letters: &[char]) -> Vec<char> {
    let mut letters = letters.to_vec();
    letters.sort_unstable();
    letters
}

/// Letters to add, take away, change, or swap with their neighbour (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX - 1);
            let changed = at(&last, j) + usize::from(letter != other);
            let mut best = changed.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(other) && b.get(j - 1) == Some(letter);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_from_a_domain_of_its_own() {
        let known = ["fjordpost.example", "ab.example", "example.org"];
        let table = [
            ("gmial.com", Some("gmail.com")),
            ("gmail.con", Some("gmail.com")),
            ("gmail.co", Some("gmail.com")),
            ("gmal.com", Some("gmail.com")),
            ("gmaill.com", Some("gmail.com")),
            ("GMIAL.COM.", Some("gmail.com")),
            ("hotmial.com", Some("hotmail.com")),
            ("outlok.com", Some("outlook.com")),
            ("outllook.cmo", None),
            ("googlemial.cmo", Some("googlemail.com")),
            ("yaho.com", Some("yahoo.com")),
            ("gxm.de", Some("gmx.de")),
            ("fjordpots.example", Some("fjordpost.example")),
            ("fjrdposst.example", Some("fjordpost.example")),
            ("exmaple.org", Some("example.org")),
            // Known, or too far, or too short to say.
            ("mail.com", None),
            ("ymail.com", None),
            ("gmail.com", None),
            ("gmx.de", None),
            ("fjordpost.example", None),
            ("gmz.de", None),
            ("aob.com", None),
            ("post.example", None),
            ("example.net", None),
            ("[192.0.2.1]", None),
            ("", None),
        ];
        for (typed, expected) in table {
            let meant = meant(typed, known).and_then(|meant| meant.unless_somebodys(None));
            assert_eq!(meant.as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn a_domain_that_is_somebodys_is_a_slip_of_a_large_providers_alone() {
        let known = ["gmail.com", "uni-hamburg.de", "fjordpost.example"];
        // What it was meant to be where nobody is there, and where somebody takes mail there.
        let table = [
            ("gmial.com", Some("gmail.com"), Some("gmail.com")),
            ("googlemial.cmo", Some("googlemail.com"), None),
            ("uni-bamberg.de", Some("uni-hamburg.de"), None),
            ("uni-hamborg.de", Some("uni-hamburg.de"), None),
            ("fjordpots.example", Some("fjordpost.example"), None),
            ("protonmial.com", Some("protonmail.com"), Some("protonmail.com")),
            ("protonmail.ch", None, None),
            ("yahoo.be", None, None),
            ("yahoo.co.jp", None, None),
            ("yahoo.com.au", None, None),
            ("posteo.me", None, None),
            ("yahoo.co", Some("yahoo.com"), Some("yahoo.com")),
            ("web.ed", Some("web.de"), Some("web.de")),
        ];
        for (typed, nobodys, somebodys) in table {
            let is = |takes: &TakesMail| meant(typed, known)?.unless_somebodys(Some(takes));
            assert_eq!(is(&TakesMail::NoSuchDomain).as_deref(), nobodys, "{typed}");
            assert_eq!(is(&TakesMail::Hosts(vec!["mx.example".to_owned()])).as_deref(), somebodys, "{typed}");
        }
    }

    #[test]
    fn slips_are_counted_as_people_make_them() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        for (a, b, expected) in [
            ("", "", 0),
            ("ab", "ba", 1),
            ("abc", "ab", 1),
            ("ab", "abc", 1),
            ("abc", "adc", 1),
            ("abcd", "badc", 2),
            ("", "abc", 3),
        ] {
            assert_eq!(distance(&chars(a), &chars(b)), expected, "{a} {b}");
        }
    }
}
