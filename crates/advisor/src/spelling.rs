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
//! What is known itself is never a slip, however near to another it is.

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

/// The domain that this one was probably meant to be. `known` are the domains of correspondents, the best known first.
pub fn meant<'a>(domain: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let common = providers::domains().chain(OTHERS).map(|one| -> &'a str { one });
    let all: Vec<&'a str> = known.into_iter().chain(common).collect();
    if domain.is_empty() || domain.starts_with('[') || all.iter().any(|one| one.eq_ignore_ascii_case(&domain)) {
        return None;
    }
    let near = all.iter().filter_map(|one| Some((slips(&domain, &one.to_ascii_lowercase())?, *one)));
    near.min_by_key(|(slips, _)| *slips).map(|(_, one)| one.to_ascii_lowercase())
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
            assert_eq!(meant(typed, known).as_deref(), expected, "{typed}");
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
