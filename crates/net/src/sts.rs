//! MTA-STS: what a domain announces and what its policy says (RFC 8461 §3.1, §3.2, §4.1): pure.

use std::time::Duration;

/// The longest life of a policy (RFC 8461 §3.2): a year and a day in seconds, nearly.
const LONGEST: u64 = 31_557_600;

/// What is done when a host is not what the policy says (RFC 8461 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StsMode {
    /// No mail.
    Enforce,
    /// Mail all the same; it is only noted.
    Testing,
    /// The domain has no policy any more.
    None,
}

/// A domain's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsPolicy {
    /// What is done when a host does not agree with it.
    pub mode: StsMode,
    /// Its hosts, in lower case: names, or `*.` and a name for all with one label before it.
    pub hosts: Vec<String>,
    /// How long it may be kept.
    pub max_age: Duration,
}

/// Why a policy cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StsPolicyError {
    /// It does not begin as a policy does.
    #[error("it is not a policy of version STSv1")]
    Version,
    /// A line that must be there is not, or says nothing that can be understood.
    #[error("its “{0}” is missing or wrong")]
    Field(&'static str),
}

impl StsPolicy {
    /// Reads a policy: lines of `key: value`, whatever else is in it. Of a key that is given twice the first counts, but
    /// for `mx`.
    pub fn parse(text: &str) -> Result<Self, StsPolicyError> {
        let text = text.trim_start_matches('\u{feff}');
        let fields: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(key, value)| (key.trim(), value.trim()))
            .collect();
        let first = |key: &str| fields.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
        if first("version") != Some("STSv1") {
            return Err(StsPolicyError::Version);
        }
        let mode = match first("mode") {
            Some("enforce") => StsMode::Enforce,
            Some("testing") => StsMode::Testing,
            Some("none") => StsMode::None,
            _ => return Err(StsPolicyError::Field("mode")),
        };
        let seconds: u64 =
            first("max_age").and_then(|value| value.parse().ok()).ok_or(StsPolicyError::Field("max_age"))?;
        let hosts: Vec<String> = fields
            .iter()
            .filter(|(key, value)| *key == "mx" && !value.is_empty())
            .map(|(_, value)| value.trim_end_matches('.').to_ascii_lowercase())
            .collect();
        if hosts.is_empty() && mode != StsMode::None {
            return Err(StsPolicyError::Field("mx"));
        }
        Ok(Self { mode, hosts, max_age: Duration::from_secs(seconds.min(LONGEST)) })
    }

    /// Whether a host is one of those that it names; a wildcard stands for one label (RFC 8461 §4.1).
    pub fn names(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.hosts.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(parent) => host.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == parent),
            None => *pattern == host,
        })
    }
}

/// The id that a domain announces: of its text records exactly one may begin as an MTA-STS record does, and it must have an
/// id of letters and digits (RFC 8461 §3.1).
pub(crate) fn id_of(texts: &[String]) -> Option<String> {
    let mut announced = texts.iter().filter(|text| is_announcement(text));
    let (Some(record), None) = (announced.next(), announced.next()) else { return None };
    let mut fields = record.split(';').filter_map(|field| field.split_once('='));
    let (_, id) = fields.find(|(key, _)| key.trim() == "id")?;
    let id = id.trim();
    let valid = (1..=32).contains(&id.len()) && id.bytes().all(|octet| octet.is_ascii_alphanumeric());
    valid.then(|| id.to_owned())
}

fn is_announcement(text: &str) -> bool {
    let first = text.split(';').next().unwrap_or_default();
    first.split_once('=').is_some_and(|(key, value)| key.trim() == "v" && value.trim() == "STSv1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_announcement_with_an_id_counts() {
        let table: [(&[&str], Option<&str>); 10] = [
            (&["v=STSv1; id=20160831085700Z;"], Some("20160831085700Z")),
            (&["v=STSv1;id=1"], Some("1")),
            (&["v = STSv1 ; id = abc ; more=x"], Some("abc")),
            (&["v=spf1 -all", "v=STSv1; id=2;"], Some("2")),
            (&["v=STSv1; id=1;", "v=STSv1; id=2;"], None),
            (&["v=STSv1;"], None),
            (&["v=STSv1; id=;"], None),
            (&["v=STSv1; id=not-plain;"], None),
            (&["v=STSv2; id=1;"], None),
            (&[], None),
        ];
        for (texts, expected) in table {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(id_of(&texts).as_deref(), expected, "{texts:?}");
        }
        assert_eq!(id_of(&[format!("v=STSv1; id={};", "a".repeat(33))]), None);
    }

    fn policy(mode: StsMode, hosts: &[&str], seconds: u64) -> StsPolicy {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        StsPolicy { mode, hosts, max_age: Duration::from_secs(seconds) }
    }

    #[test]
    fn policies_are_read_as_they_are_published() {
        use StsMode::{Enforce, None as Off, Testing};
        let table = [
            (
                "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n",
                Ok(policy(Enforce, &["mail.example.com", "*.example.net"], 604_800)),
            ),
            (
                "version: STSv1\nmode: testing\nmx: MAIL.example.com.\nmax_age: 60\nlater: whatever\n",
                Ok(policy(Testing, &["mail.example.com"], 60)),
            ),
            ("version:STSv1\nmode:none\nmax_age:86400", Ok(policy(Off, &[], 86_400))),
            ("mode: none\nversion: STSv1\nmax_age: 1\nmode: enforce\n", Ok(policy(Off, &[], 1))),
            (
                "version: STSv1\nmode: enforce\nmx: a.test\nmax_age: 99999999999\n",
                Ok(policy(Enforce, &["a.test"], LONGEST)),
            ),
            ("version: STSv2\nmode: none\nmax_age: 1\n", Err(StsPolicyError::Version)),
            ("<!DOCTYPE html><title>Not found</title>", Err(StsPolicyError::Version)),
            ("", Err(StsPolicyError::Version)),
            ("version: STSv1\nmode: strict\nmx: a.test\nmax_age: 1\n", Err(StsPolicyError::Field("mode"))),
            ("version: STSv1\nmode: enforce\nmax_age: 1\n", Err(StsPolicyError::Field("mx"))),
            ("version: STSv1\nmode: enforce\nmx: a.test\n", Err(StsPolicyError::Field("max_age"))),
            ("version: STSv1\nmode: enforce\nmx: a.test\nmax_age: -1\n", Err(StsPolicyError::Field("max_age"))),
        ];
        for (text, expected) in table {
            assert_eq!(StsPolicy::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let policy = policy(StsMode::Enforce, &["mail.example.com", "*.example.net"], 1);
        let table = [
            ("mail.example.com", true),
            ("Mail.Example.COM.", true),
            ("mx1.example.net", true),
            ("example.net", false),
            ("a.b.example.net", false),
            (".example.net", false),
            ("mail.example.com.evil.test", false),
            ("xmail.example.com", false),
        ];
        for (host, expected) in table {
            assert_eq!(policy.names(host), expected, "{host}");
        }
    }
}
