//! The mark on a recipient while a letter is written: whether it can arrive there, and how safely. Pure.
//!
//! What comes in is what DNS says of the domain and what earlier letters taught; nobody is visited for a mark, and what
//! nobody has asked yet is no reason to say anything. The first line that fits decides:
//!
//! | known | mark | tone |
//! |---|---|---|
//! | no such domain; a null MX; neither MX nor address; hosts without an address | as said | stop |
//! | its own server said that this recipient does not exist; the last letter was refused for good | refused | caution |
//! | it takes no letter of this size | too large | stop |
//! | the domain is like a better known one | misspelt | caution |
//! | the name servers gave no answer | not answered | quiet |
//! | nobody has asked yet | not known | quiet |
//! | all else | fine, with its encryption | quiet; caution where it never encrypts |
//!
//! Of encryption, a demand of the domain's own says most, then what earlier letters met, and nothing is said of a domain
//! of which neither is known. A domain that is like a better known one is named with any of these.

use crate::checks::identity::TakesMail;
use crate::texts::mark as texts;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is known of a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkFacts {
    /// The part before the `@`.
    pub local: String,
    /// The domain, as it is shown.
    pub domain: String,
    /// Who takes mail for it; `None` where nobody has asked.
    pub takes: Option<TakesMail>,
    /// Whether its hosts have an address; `None` where nobody has asked, or nobody could say.
    pub has_address: Option<bool>,
    /// How its hosts encrypt.
    pub encryption: Encrypts,
    /// Octets of the letter, where there is one to speak of.
    pub size: Option<u64>,
    /// The largest letter that it takes.
    pub size_limit: Option<u64>,
    /// The better known domain that this one is like.
    pub meant: Option<String>,
    /// How this recipient was refused before.
    pub refused: Option<RefusedBefore>,
}

/// How a recipient was refused before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedBefore {
    /// The day, as it is shown.
    pub on: String,
    /// In which words, where there were any.
    pub reply: Option<String>,
    /// What that was.
    pub what: Refusal,
}

/// What was refused before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The recipient, as one who does not exist, by its own server.
    Recipient,
    /// The last letter, for good; why, in a few words.
    LastLetter(String),
}

/// How the hosts of a domain encrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encrypts {
    /// Nobody has asked, and no letter went there.
    Unknown,
    /// Not at all, when a letter last went there.
    No,
    /// It did, and did not prove who it is.
    Unverified,
    /// It did, and proved who it is.
    Verified,
    /// The domain demands it, by its policy (MTA-STS, RFC 8461).
    DemandedByPolicy,
    /// The domain demands it, by records in signed DNS (DANE, RFC 7672).
    DemandedByDns,
}

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    /// Nothing yet.
    NotKnown,
    /// A letter can be handed over there.
    Fine,
    /// It was refused before.
    Refused,
    /// There is no such domain.
    NoSuchDomain,
    /// The domain says that it takes no mail.
    NullMx,
    /// The domain has nobody who takes its mail.
    Nowhere,
    /// It takes no letter of this size.
    TooLarge,
    /// The domain is like a better known one.
    Misspelt,
    /// The name servers gave no answer.
    NotAnswered,
}

/// How a mark is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum MarkTone {
    /// There is nothing to be done.
    Quiet,
    /// Somebody should look.
    Caution,
    /// As it is, it will not arrive.
    Stop,
}

/// What a mark says of encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum MarkEncryption {
    /// Nothing.
    Unknown,
    /// It does not encrypt.
    None,
    /// It encrypts, and does not prove who it is.
    Unverified,
    /// It encrypts, and proves who it is.
    Verified,
}

/// A mark, in the words in which it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mark {
    /// What it says.
    pub kind: MarkKind,
    /// How it is to be seen.
    pub tone: MarkTone,
    /// What it says of encryption.
    pub encryption: MarkEncryption,
    /// In a few words; empty while nothing is known.
    pub label: String,
    /// In a sentence or more; empty while nothing is known.
    pub text: String,
    /// The address that was probably meant.
    pub instead: Option<String>,
}

/// The mark of a recipient.
pub fn mark(facts: &MarkFacts) -> Mark {
    let kind = kind(facts);
    let said = texts::mark(kind, facts);
    Mark {
        kind,
        tone: tone(kind, facts.encryption),
        encryption: if kind == MarkKind::Fine { shown(facts.encryption) } else { MarkEncryption::Unknown },
        label: said.label,
        text: said.text,
        instead: facts.meant.as_ref().map(|meant| format!("{}@{meant}", facts.local)),
    }
}

fn kind(facts: &MarkFacts) -> MarkKind {
    match facts.takes {
        Some(TakesMail::NoSuchDomain) => return MarkKind::NoSuchDomain,
        Some(TakesMail::Null) => return MarkKind::NullMx,
        Some(TakesMail::Nowhere) => return MarkKind::Nowhere,
        Some(TakesMail::Hosts(_) | TakesMail::Implicit) if facts.has_address == Some(false) => {
            return MarkKind::Nowhere;
        }
        _ => {}
    }
    if facts.refused.is_some() {
        return MarkKind::Refused;
    }
    if exceeds(facts.size, facts.size_limit) {
        return MarkKind::TooLarge;
    }
    if facts.meant.is_some() {
        return MarkKind::Misspelt;
    }
    match facts.takes {
        None => MarkKind::NotKnown,
        Some(TakesMail::NotAnswered) => MarkKind::NotAnswered,
        Some(_) => MarkKind::Fine,
    }
}

/// Whether a letter is larger than what is taken; zero means no limit (RFC 1870 §3).
pub(crate) fn exceeds(size: Option<u64>, limit: Option<u64>) -> bool {
    matches!((size, limit), (Some(size), Some(limit)) if limit > 0 && size > limit)
}

fn tone(kind: MarkKind, encryption: Encrypts) -> MarkTone {
    match kind {
        MarkKind::NoSuchDomain | MarkKind::NullMx | MarkKind::Nowhere | MarkKind::TooLarge => MarkTone::Stop,
        MarkKind::Refused | MarkKind::Misspelt => MarkTone::Caution,
        MarkKind::Fine if encryption == Encrypts::No => MarkTone::Caution,
        MarkKind::Fine | MarkKind::NotAnswered | MarkKind::NotKnown => MarkTone::Quiet,
    }
}

fn shown(encryption: Encrypts) -> MarkEncryption {
    match encryption {
        Encrypts::Unknown => MarkEncryption::Unknown,
        Encrypts::No => MarkEncryption::None,
        Encrypts::Unverified => MarkEncryption::Unverified,
        Encrypts::Verified | Encrypts::DemandedByPolicy | Encrypts::DemandedByDns => MarkEncryption::Verified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> MarkFacts {
        MarkFacts {
            local: "anna".into(),
            domain: "example.org".into(),
            takes: Some(TakesMail::Hosts(vec!["mx.example.org".into()])),
            has_address: Some(true),
            encryption: Encrypts::Unknown,
            size: Some(1000),
            size_limit: None,
            meant: None,
            refused: None,
        }
    }

    #[test]
    fn the_worst_that_is_known_decides() {
        use MarkKind::*;
        use MarkTone::{Caution, Quiet, Stop};
        let refused = || Some(RefusedBefore { on: "1 May 2026".into(), reply: None, what: Refusal::Recipient });
        let meant = || Some("example.com".to_owned());
        let takes = |takes| MarkFacts { takes: Some(takes), ..facts() };
        let table = [
            (MarkFacts { takes: None, ..facts() }, NotKnown, Quiet),
            (facts(), Fine, Quiet),
            (takes(TakesMail::Implicit), Fine, Quiet),
            (takes(TakesMail::NotAnswered), NotAnswered, Quiet),
            (takes(TakesMail::NoSuchDomain), NoSuchDomain, Stop),
            (takes(TakesMail::Null), NullMx, Stop),
            (takes(TakesMail::Nowhere), Nowhere, Stop),
            (MarkFacts { has_address: Some(false), ..facts() }, Nowhere, Stop),
            (MarkFacts { has_address: None, ..facts() }, Fine, Quiet),
            (MarkFacts { encryption: Encrypts::No, ..facts() }, Fine, Caution),
            (MarkFacts { encryption: Encrypts::Verified, ..facts() }, Fine, Quiet),
            (MarkFacts { meant: meant(), ..facts() }, Misspelt, Caution),
            (MarkFacts { meant: meant(), takes: None, ..facts() }, Misspelt, Caution),
            (MarkFacts { meant: meant(), ..takes(TakesMail::NoSuchDomain) }, NoSuchDomain, Stop),
            (MarkFacts { size_limit: Some(999), ..facts() }, TooLarge, Stop),
            (MarkFacts { size_limit: Some(999), takes: None, ..facts() }, TooLarge, Stop),
            (MarkFacts { size_limit: Some(1000), ..facts() }, Fine, Quiet),
            (MarkFacts { size_limit: Some(0), ..facts() }, Fine, Quiet),
            (MarkFacts { size_limit: Some(999), size: None, ..facts() }, Fine, Quiet),
            (MarkFacts { refused: refused(), size_limit: Some(999), ..facts() }, Refused, Caution),
            (MarkFacts { refused: refused(), ..takes(TakesMail::Null) }, NullMx, Stop),
        ];
        for (facts, kind, tone) in table {
            let mark = mark(&facts);
            assert_eq!((mark.kind, mark.tone), (kind, tone), "{facts:?}");
            assert_eq!(mark.instead.is_some(), facts.meant.is_some());
            assert_eq!(mark.label.is_empty(), kind == NotKnown, "colour never says it alone");
        }
    }

    #[test]
    fn encryption_is_told_only_where_a_letter_can_arrive() {
        let table = [
            (Encrypts::Unknown, MarkEncryption::Unknown),
            (Encrypts::No, MarkEncryption::None),
            (Encrypts::Unverified, MarkEncryption::Unverified),
            (Encrypts::Verified, MarkEncryption::Verified),
            (Encrypts::DemandedByPolicy, MarkEncryption::Verified),
            (Encrypts::DemandedByDns, MarkEncryption::Verified),
        ];
        for (encryption, expected) in table {
            assert_eq!(mark(&MarkFacts { encryption, ..facts() }).encryption, expected);
            let gone = MarkFacts { encryption, takes: Some(TakesMail::NoSuchDomain), ..facts() };
            assert_eq!(mark(&gone).encryption, MarkEncryption::Unknown);
        }
    }
}
