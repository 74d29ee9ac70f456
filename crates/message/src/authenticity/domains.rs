//! Whether two names belong to one owner: the organisational domain of RFC 7489 §3.2, by the public suffix list.

/// Names under which one provider keeps both mailboxes and the servers that receive for them, where these are not one
/// domain. From letters as these servers deliver them.
const ONE_HOUSE: &[&[&str]] = &[
    &["gmail.com", "googlemail.com", "google.com"],
    &["fastmail.com", "fastmail.fm", "messagingengine.com"],
    &["outlook.com", "hotmail.com", "live.com", "office365.com"],
    &["icloud.com", "me.com", "mac.com", "apple.com"],
    &["yahoo.com", "ymail.com", "rocketmail.com", "aol.com", "yahoodns.net"],
    &["gmx.net", "gmx.de", "gmx.at", "gmx.ch", "web.de", "kundenserver.de"],
];

/// The domain that somebody registered, in lower case: `example.co.uk` of `mail.example.co.uk`. A name that is a public
/// suffix itself, or no domain at all, is its own.
pub fn organisation(domain: &str) -> String {
    let domain = domain.trim_matches('.').to_ascii_lowercase();
    psl::domain_str(&domain).map(str::to_owned).unwrap_or(domain)
}

/// Relaxed alignment (RFC 7489 §3.1): both have the same organisational domain.
pub fn aligned(one: &str, other: &str) -> bool {
    !one.is_empty() && organisation(one) == organisation(other)
}

/// As [`aligned`], for servers: the large providers have several names.
pub fn same_house(one: &str, other: &str) -> bool {
    let (one, other) = (organisation(one), organisation(other));
    let together = |names: &&[&str]| names.contains(&one.as_str()) && names.contains(&other.as_str());
    !one.is_empty() && (one == other || ONE_HOUSE.iter().any(together))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_registered_belongs_together_and_public_suffixes_do_not() {
        let table = [
            ("mail.example.org", "example.org", true),
            ("Example.ORG.", "news.example.org", true),
            ("example.co.uk", "other.co.uk", false),
            ("anna.github.io", "ben.github.io", false),
            ("example.test", "mx.example.test", true),
            ("example.org", "example.org.evil.test", false),
            ("notexample.org", "example.org", false),
            ("", "", false),
        ];
        for (one, other, expected) in table {
            assert_eq!(aligned(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn a_provider_has_several_names() {
        assert!(same_house("imap.gmail.com", "mx.google.com"));
        assert!(same_house("imap.example.org", "mx1.example.org"));
        assert!(!same_house("imap.gmail.com", "mx.example.org"));
        assert!(!aligned("gmail.com", "google.com"), "for senders they are two");
    }
}
