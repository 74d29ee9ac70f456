//! An identity: whether letters from its domain are believed, by each way that they may go.
//!
//! A letter is proven to be its domain's (RFC 7489 §3.1) by a signature of the domain, or by SPF: Postrider's envelope sender
//! is the From address, so an SPF pass always speaks for the right domain. What follows for a way:
//!
//! | DKIM or SPF | policy of the domain | found |
//! |---|---|---|
//! | one of them proves it | any | proven |
//! | none | none at all, or `p=none` | not proven, a warning |
//! | none | quarantine, reject | not proven, a failure |

use super::Timed;
use super::finding::{Check, Evidence, Finding};
use crate::dmarc::{self, Policy};
use crate::provider_of;
use crate::spf::{Evaluation, SpfResult};
use crate::texts::identity as texts;
use std::net::IpAddr;

/// What DNS says of the domain of From.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SenderDomainSeen {
    /// The domain.
    pub domain: String,
    /// Who takes its mail.
    pub takes_mail: Timed<TakesMail>,
}

/// Whether a domain takes mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakesMail {
    /// By these hosts.
    Hosts(Vec<String>),
    /// It has no MX, and an address of its own.
    Implicit,
    /// It has neither.
    Nowhere,
    /// It says that it takes none (RFC 7505).
    Null,
    /// It does not exist.
    NoSuchDomain,
    /// Nobody could say.
    NotAnswered,
}

impl TakesMail {
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Hosts(hosts) => hosts.join(", "),
            Self::Implicit => "no MX, but an address of its own".to_owned(),
            Self::Nowhere => "no MX and no address".to_owned(),
            Self::Null => "a null MX".to_owned(),
            Self::NoSuchDomain => "no such domain".to_owned(),
            Self::NotAnswered => "no answer".to_owned(),
        }
    }
}

/// Judges whether the sender can be answered.
pub fn sender_domain(seen: &SenderDomainSeen) -> Finding {
    let answer = seen.takes_mail.value.shown();
    let evidence =
        vec![Evidence::new(format!("who takes mail for {} (MX)", seen.domain), answer, seen.takes_mail.took)];
    Finding::new(
        Check::SenderDomain,
        &seen.domain,
        evidence,
        texts::sender_domain(&seen.domain, &seen.takes_mail.value),
    )
}

/// Judges whether the provider of an address lets others send for it.
pub fn sender_provider(domain: &str) -> Finding {
    let provider = provider_of(domain);
    let only_its_own = provider.filter(|provider| provider.only_its_own).map(|provider| provider.name);
    let known = provider
        .map_or_else(|| "not a large provider's".to_owned(), |provider| format!("belongs to {}", provider.name));
    let evidence = vec![Evidence::known(domain, known)];
    Finding::new(Check::SenderProvider, domain, evidence, texts::sender_provider(domain, only_its_own))
}

/// A way that a letter may go, for SPF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the recipient's host, from this address.
    Direct(IpAddr),
    /// Through this smart host.
    SmartHost {
        /// Its name.
        host: String,
        /// An address of it. It may send from another one.
        ip: IpAddr,
    },
}

/// What SPF says of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpfSeen {
    /// The domain of From.
    pub domain: String,
    /// The way.
    pub way: Way,
    /// What came of it.
    pub evaluation: Timed<Evaluation>,
}

/// Judges SPF for one way.
pub fn spf(seen: &SpfSeen) -> Finding {
    let evaluation = &seen.evaluation.value;
    let record = evaluation.record.clone().unwrap_or_else(|| "none".to_owned());
    let ip = match &seen.way {
        Way::Direct(ip) | Way::SmartHost { ip, .. } => *ip,
    };
    let mut outcome = evaluation.result.word().to_owned();
    if let Some((term, domain)) = &evaluation.decided_by {
        outcome.push_str(&format!(", by “{term}” of {domain}"));
    }
    if let Some(problem) = &evaluation.problem {
        outcome.push_str(&format!(": {problem}"));
    }
    let lookups = match evaluation.lookups {
        1 => "1 lookup".to_owned(),
        count => format!("{count} lookups"),
    };
    let evidence = vec![
        Evidence::known(format!("the SPF record of {}", seen.domain), record),
        Evidence::new(format!("SPF for {ip}"), format!("{outcome}; {lookups} of 10"), seen.evaluation.took),
    ];
    let subject = match &seen.way {
        Way::Direct(ip) => format!("direct {ip}"),
        Way::SmartHost { host, .. } => host.clone(),
    };
    Finding::new(Check::Spf, subject, evidence, texts::spf(seen))
}

/// A key with which letters of the domain are signed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimSeen {
    /// The domain.
    pub domain: String,
    /// Its keys; none where letters are not signed here.
    pub keys: Vec<DkimKeySeen>,
}

/// One key, and what DNS shows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimKeySeen {
    /// Where its record belongs.
    pub name: String,
    /// What the record has to say.
    pub record: String,
    /// What DNS shows; `None` where nobody answered.
    pub shown: Timed<Option<KeyShown>>,
}

/// What DNS shows of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyShown {
    /// The one that is here.
    Same,
    /// Another one.
    Different,
    /// None.
    Missing,
}

/// What the keys of a domain are like together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys<'a> {
    /// There is none here.
    None,
    /// One that DNS shows is enough.
    Right,
    Different(&'a DkimKeySeen),
    Missing(&'a DkimKeySeen),
    NotAnswered,
}

impl DkimSeen {
    /// Whether a signature of the domain will be believed.
    pub fn is_right(&self) -> bool {
        judge_keys(self) == Keys::Right
    }
}

pub(crate) fn judge_keys(seen: &DkimSeen) -> Keys<'_> {
    let with = |shown| seen.keys.iter().find(|key| key.shown.value == Some(shown));
    if seen.keys.is_empty() {
        Keys::None
    } else if with(KeyShown::Same).is_some() {
        Keys::Right
    } else if let Some(key) = with(KeyShown::Different) {
        Keys::Different(key)
    } else if let Some(key) = with(KeyShown::Missing) {
        Keys::Missing(key)
    } else {
        Keys::NotAnswered
    }
}

/// Judges the keys of a domain.
pub fn dkim(seen: &DkimSeen) -> Finding {
    let evidence = seen.keys.iter().map(|key| {
        let answer = match key.shown.value {
            Some(KeyShown::Same) => "the key that is here",
            Some(KeyShown::Different) => "another key",
            Some(KeyShown::Missing) => "no key",
            None => "no answer",
        };
        Evidence::new(format!("the key under {}", key.name), answer, key.shown.took)
    });
    Finding::new(Check::Dkim, &seen.domain, evidence.collect(), texts::dkim(&seen.domain, &judge_keys(seen)))
}

/// The policy of a domain, and what proves its letters on one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmarcSeen {
    /// The domain of From.
    pub domain: String,
    /// The texts found under `_dmarc`, first of the domain itself, then of the organisation that it belongs to; `None` where
    /// nobody answered.
    pub texts: Timed<Option<Vec<DmarcTexts>>>,
    /// Whether a signature of the domain will be believed.
    pub signed: bool,
    /// What SPF says, way by way: the name of the way, and the result.
    pub ways: Vec<(String, SpfResult)>,
}

/// The texts under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmarcTexts {
    /// The domain whose they are.
    pub domain: String,
    /// The texts.
    pub texts: Vec<String>,
}

/// What is known of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dmarc {
    NotAnswered,
    Missing { proven: bool },
    Broken { record: String },
    Proven { policy: Policy },
    NotProven { policy: Policy, ways: Vec<String> },
}

pub(crate) fn judge_dmarc(seen: &DmarcSeen) -> Dmarc {
    let Some(found) = &seen.texts.value else { return Dmarc::NotAnswered };
    let unproven: Vec<String> = seen
        .ways
        .iter()
        .filter(|(_, spf)| !seen.signed && *spf != SpfResult::Pass)
        .map(|(way, _)| way.clone())
        .collect();
    let proven = unproven.is_empty() && (seen.signed || !seen.ways.is_empty());
    let record = found
        .iter()
        .enumerate()
        .find_map(|(place, found)| dmarc::record(&found.texts).map(|text| (place == 0, text.to_owned())));
    let Some((is_own, text)) = record else { return Dmarc::Missing { proven } };
    match dmarc::Record::parse(&text) {
        None => Dmarc::Broken { record: text },
        Some(record) => {
            let policy = if is_own { record.policy } else { record.subdomains };
            if proven { Dmarc::Proven { policy } } else { Dmarc::NotProven { policy, ways: unproven } }
        }
    }
}

/// Judges the policy of a domain, and whether its letters obey it.
pub fn dmarc(seen: &DmarcSeen) -> Finding {
    let mut evidence = Vec::new();
    let found = seen.texts.value.iter().flatten();
    for found in found {
        let answer = dmarc::record(&found.texts).unwrap_or("none").to_owned();
        evidence.push(Evidence::new(format!("the DMARC record of {}", found.domain), answer, seen.texts.took));
    }
    if seen.texts.value.is_none() {
        evidence.push(Evidence::new(format!("the DMARC record of {}", seen.domain), "no answer", seen.texts.took));
    }
    let dkim = if seen.signed {
        "a signature of the domain that is believed"
    } else {
        "no signature of the domain that is believed"
    };
    evidence.push(Evidence::known("DKIM", dkim));
    evidence.extend(seen.ways.iter().map(|(way, spf)| Evidence::known(format!("SPF {way}"), spf.word())));
    Finding::new(Check::Dmarc, &seen.domain, evidence, texts::dmarc(&seen.domain, &judge_dmarc(seen)))
}
