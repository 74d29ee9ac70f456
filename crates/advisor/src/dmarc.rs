//! DMARC records (RFC 7489 §6.3): what a domain asks of receivers. Pure.

/// What receivers are asked to do with what is not proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Nothing.
    None,
    /// File it as junk.
    Quarantine,
    /// Refuse it.
    Reject,
}

impl Policy {
    /// The word of RFC 7489.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }

    fn named(word: &str) -> Option<Self> {
        [Self::None, Self::Quarantine, Self::Reject]
            .into_iter()
            .find(|policy| policy.word().eq_ignore_ascii_case(word))
    }
}

/// A record, as far as it matters to who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// For the domain itself.
    pub policy: Policy,
    /// For the domains below it.
    pub subdomains: Policy,
}

/// The records among the texts of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// There is none.
    None,
    /// The one.
    One(&'a str),
    /// Several, of which none counts (§6.6.3).
    Several,
}

/// Looks for the record among the texts of a name.
pub fn record(texts: &[String]) -> Found<'_> {
    let mut records = texts.iter().filter(|text| is_record(text));
    match (records.next(), records.next()) {
        (None, _) => Found::None,
        (Some(record), None) => Found::One(record),
        (Some(_), Some(_)) => Found::Several,
    }
}

fn is_record(text: &str) -> bool {
    let first = text.split(';').next().unwrap_or_default();
    first.split_once('=').is_some_and(|(tag, value)| tag.trim() == "v" && value.trim() == "DMARC1")
}

impl Record {
    /// Reads a record. One whose policy is missing or wrong counts as `none` where it asks for reports (§6.6.3), and not at
    /// all otherwise.
    pub fn parse(text: &str) -> Option<Self> {
        let tags =
            || text.split(';').filter_map(|tag| tag.split_once('=')).map(|(tag, value)| (tag.trim(), value.trim()));
        let value = |wanted: &str| tags().find(|(tag, _)| tag.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
        let asks_for_reports = value("rua").is_some_and(|uri| !uri.is_empty());
        let policy = value("p").and_then(Policy::named).or(asks_for_reports.then_some(Policy::None))?;
        Some(Self { policy, subdomains: value("sp").and_then(Policy::named).unwrap_or(policy) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_what_is_asked_for_a_domain_and_for_those_below() {
        use Policy::*;
        let table = [
            ("v=DMARC1; p=none", Some((None, None))),
            ("v=DMARC1; p=reject", Some((Reject, Reject))),
            ("v=DMARC1;p=Quarantine;sp=none", Some((Quarantine, None))),
            ("v = DMARC1 ; p = reject ; rua = mailto:a@example.org", Some((Reject, Reject))),
            ("v=DMARC1; p=rejct; rua=mailto:a@example.org", Some((None, None))),
            ("v=DMARC1; rua=mailto:a@example.org", Some((None, None))),
            ("v=DMARC1; p=rejct", Option::None),
            ("v=DMARC1", Option::None),
            ("v=DMARC1; p=reject; sp=nonsense", Some((Reject, Reject))),
        ];
        for (text, expected) in table {
            let read = Record::parse(text).map(|record| (record.policy, record.subdomains));
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn of_several_records_none_counts() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let one = texts(&["something", "v=DMARC1; p=none", "V=DMARC1; p=reject"]);
        assert_eq!(record(&one), Found::One("v=DMARC1; p=none"));
        assert_eq!(record(&texts(&["v=DMARC1; p=none", "v=DMARC1; p=reject"])), Found::Several);
        assert_eq!(record(&texts(&["v=DMARC10; p=none"])), Found::None);
    }
}
