//! The record by which DNS shows a key (RFC 6376 §3.6.1, §3.6.2), written and read.

use base64::{Engine, prelude::BASE64_STANDARD};
use model::{DkimAlgorithm, DkimShown};

/// Octets of one string of a TXT record (RFC 1035 §3.3).
const MAX_STRING: usize = 255;

/// A key that DNS is to show.
#[derive(Clone, Copy, Debug)]
pub struct DnsKey<'a> {
    /// Its kind.
    pub algorithm: DkimAlgorithm,
    /// Its public half, as in `p=`.
    pub public: &'a str,
}

/// The name under which DNS shows the key.
pub fn record_name(selector: &str, domain: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// The text of the record.
pub fn record_value(key: DnsKey<'_>) -> String {
    format!("v=DKIM1; k={}; p={}", key.algorithm.key_type(), key.public)
}

/// The record as a line of a zone file, its text in strings of at most 255 octets.
pub fn zone_line(name: &str, value: &str) -> String {
    let strings: Vec<String> = value
        .as_bytes()
        .chunks(MAX_STRING)
        .map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece).replace('\\', "\\\\").replace('"', "\\\"")))
        .collect();
    format!("{name}. IN TXT {}", strings.join(" "))
}

/// What the TXT records under the key's name say of it; each record is its strings joined.
pub fn shown(records: &[String], key: DnsKey<'_>) -> DkimShown {
    match records {
        [] => DkimShown::Nothing,
        [record] => one_shown(record, key),
        _ => DkimShown::Several,
    }
}

fn one_shown(record: &str, key: DnsKey<'_>) -> DkimShown {
    let tag = |name: &str| tags(record).find(|(tag, _)| *tag == name).map(|(_, value)| value);
    let Some(public) = tag("p") else { return DkimShown::AnotherKey };
    let public: String = public.chars().filter(|c| !c.is_whitespace()).collect();
    if public.is_empty() {
        return DkimShown::Revoked;
    }
    let octets = |text: &str| BASE64_STANDARD.decode(text).ok();
    let is_version = tag("v").is_none_or(|version| version == "DKIM1");
    let is_type = tag("k").unwrap_or("rsa") == key.algorithm.key_type();
    if !is_version || !is_type || octets(&public).is_none() || octets(&public) != octets(key.public) {
        return DkimShown::AnotherKey;
    }
    let allows = |name, words: [&str; 2]| {
        tag(name).is_none_or(|list| list.split(':').any(|word| words.contains(&word.trim())))
    };
    if allows("s", ["*", "email"]) && allows("h", ["sha256", "sha256"]) {
        DkimShown::ThisKey
    } else {
        DkimShown::Forbidden
    }
}

/// The tags of a tag list (§3.2) with their values; white space around either does not count.
pub(super) fn tags(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';').filter_map(|tag| tag.split_once('=')).map(|(name, value)| (name.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_shows_exactly_this_key_or_says_why_not() {
        let key = DnsKey { algorithm: DkimAlgorithm::Ed25519Sha256, public: "AAECAw==" };
        let table: [(&[&str], DkimShown); 15] = [
            (&["v=DKIM1; k=ed25519; p=AAECAw=="], DkimShown::ThisKey),
            (&["k=ed25519;p=AAEC Aw=="], DkimShown::ThisKey),
            (&["v=DKIM1; t=y; s=email; h=sha1:sha256; k=ed25519; p=AAECAw==; n=ours"], DkimShown::ThisKey),
            (&[], DkimShown::Nothing),
            (&["v=DKIM1; p="], DkimShown::Revoked),
            (&["v=DKIM1; k=ed25519; p= "], DkimShown::Revoked),
            (&["v=DKIM1; k=ed25519; p=AAECBA=="], DkimShown::AnotherKey),
            (&["v=DKIM1; k=rsa; p=AAECAw=="], DkimShown::AnotherKey),
            (&["v=DKIM1; p=AAECAw=="], DkimShown::AnotherKey),
            (&["v=DKIM2; k=ed25519; p=AAECAw=="], DkimShown::AnotherKey),
            (&["v=spf1 -all"], DkimShown::AnotherKey),
            (&["k=ed25519; p=!"], DkimShown::AnotherKey),
            (&["k=ed25519; s=tlsrpt; p=AAECAw=="], DkimShown::Forbidden),
            (&["k=ed25519; h=sha1; p=AAECAw=="], DkimShown::Forbidden),
            (&["k=ed25519; p=AAECAw==", "k=ed25519; p=AAECAw=="], DkimShown::Several),
        ];
        for (records, expected) in table {
            let records: Vec<String> = records.iter().map(|record| (*record).to_owned()).collect();
            assert_eq!(shown(&records, key), expected, "{records:?}");
        }
    }

    #[test]
    fn a_zone_line_holds_strings_that_dns_can_hold() {
        let long = "x".repeat(300);
        let line = zone_line("s._domainkey.example.org", &long);
        let expected = format!("s._domainkey.example.org. IN TXT \"{}\" \"{}\"", "x".repeat(255), "x".repeat(45));
        assert_eq!(line, expected);
        assert_eq!(zone_line("n", "v=DKIM1; p=x"), "n. IN TXT \"v=DKIM1; p=x\"");
    }
}
