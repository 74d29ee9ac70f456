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
//! | nobody could say; the address that others see is not known | any | not known |
//!
//! Only what goes directly can be known not to be proven: a smart host whose address SPF does not name usually sends from
//! another one, or signs by itself.

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

/// Whether something proves letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It does.
    Yes,
    /// Nothing does.
    No,
    /// It could not be found out.
    NotKnown,
}

impl Proof {
    /// Of something that is known.
    pub(crate) fn of(proven: bool) -> Self {
        if proven { Self::Yes } else { Self::No }
    }

    /// Of letters that are signed or not, and that may go each of these ways: one that is known not to be proven is enough
    /// for a no, and with no way that is known nothing is.
    pub(crate) fn of_ways(signed: Self, ways: impl Iterator<Item = Self>) -> Self {
        let ways: Vec<Self> = ways.collect();
        if signed == Self::Yes || !ways.is_empty() && ways.iter().all(|way| *way == Self::Yes) {
            Self::Yes
        } else if signed == Self::No && ways.contains(&Self::No) {
            Self::No
        } else {
            Self::NotKnown
        }
    }
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

impl Way {
    fn shown(&self) -> String {
        match self {
            Self::Direct(ip) => format!("directly from {ip}"),
            Self::SmartHost { host, .. } => format!("through {host}"),
        }
    }

    fn proof(&self, spf: SpfResult) -> Proof {
        match (self, spf) {
            (_, SpfResult::Pass) => Proof::Yes,
            (_, SpfResult::TempError) | (Self::SmartHost { .. }, _) => Proof::NotKnown,
            (Self::Direct(_), _) => Proof::No,
        }
    }
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
    /// Whether others send from the address of the direct way too, as far as that was found: see [`is_address_shared`].
    pub shared: bool,
}

/// Whether the address that others see is that of a provider's many customers, or of a VPN or relay, by what was found of the
/// network: a record that names it lets the letters of strangers pass for one's own.
pub fn is_address_shared(network: &[Finding]) -> bool {
    let is_one = |finding: &Finding| match finding.check {
        Check::PublicAddress => matches!(&*finding.found, "carrier" | "likely-carrier" | "elsewhere"),
        Check::Vpn => finding.found == "tunnel",
        _ => false,
    };
    network.iter().any(is_one)
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

/// Shows the SPF record of a domain, where no way that letters go is known for which it could be judged.
pub fn spf_record(domain: &str, texts: &Timed<Option<Vec<String>>>) -> Finding {
    let record = texts.value.as_ref().map(|texts| texts.iter().find(|text| crate::spf::is_record(text)));
    let shown = match record {
        None => "no answer",
        Some(None) => "none",
        Some(Some(text)) => text,
    };
    let evidence = vec![Evidence::new(format!("the SPF record of {domain}"), shown, texts.took)];
    Finding::new(Check::Spf, domain, evidence, texts::spf_record(domain, record.map(|record| record.is_some())))
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
    /// What stands there in DNS.
    pub texts: Vec<String>,
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
    /// A record that takes the key back (RFC 6376 §3.6.1).
    Revoked,
    /// The one that is here, in a record that forbids it for mail.
    Forbidden,
    /// Several records, of which receivers may take any.
    Several,
}

/// What the keys of a domain are like together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys<'a> {
    /// There is none here.
    None,
    /// One that DNS shows is enough, if it is of the kind that every receiver knows.
    Right,
    /// Of those that DNS shows, none is of that kind; with the one of it that is here.
    OnlyEd25519(Option<&'a DkimKeySeen>),
    /// DNS shows this of one of them, and nothing better of any.
    Wrong(KeyShown, &'a DkimKeySeen),
    NotAnswered,
}

impl DkimSeen {
    /// Whether a signature of the domain will be believed.
    pub fn proof(&self) -> Proof {
        match judge_keys(self) {
            Keys::Right => Proof::Yes,
            Keys::NotAnswered => Proof::NotKnown,
            Keys::None | Keys::OnlyEd25519(_) | Keys::Wrong(..) => Proof::No,
        }
    }
}

/// What is told of keys that are wrong, first what somebody did on purpose or by mistake; that one is missing may only mean
/// that it was made a moment ago.
const WRONG: [KeyShown; 5] =
    [KeyShown::Different, KeyShown::Several, KeyShown::Forbidden, KeyShown::Revoked, KeyShown::Missing];

impl DkimKeySeen {
    /// Whether every receiver can verify what it signs. Of those that count most, Gmail, Microsoft and Yahoo pass over
    /// Ed25519 (RFC 8463), and a letter with such a signature alone is as good as unsigned there.
    fn is_known_to_all(&self) -> bool {
        !self.record.split(';').any(|tag| tag.trim() == "k=ed25519")
    }
}

/// | DNS shows of the RSA keys | of the Ed25519 keys | |
/// |---|---|---|
/// | the one that is here | anything | right |
/// | no answer | the one that is here | not answered |
/// | anything else, or there is none | the one that is here | only Ed25519 |
/// | anything else | anything else | what is wrong with them, or not answered |
pub(crate) fn judge_keys(seen: &DkimSeen) -> Keys<'_> {
    let with = |shown| seen.keys.iter().find(|key| key.shown.value == Some(shown));
    let of_all = || seen.keys.iter().filter(|key| key.is_known_to_all());
    if seen.keys.is_empty() {
        Keys::None
    } else if of_all().any(|key| key.shown.value == Some(KeyShown::Same)) {
        Keys::Right
    } else if with(KeyShown::Same).is_none() {
        let wrong = WRONG.into_iter().find_map(|shown| with(shown).map(|key| Keys::Wrong(shown, key)));
        wrong.unwrap_or(Keys::NotAnswered)
    } else if of_all().any(|key| key.shown.value.is_none()) {
        Keys::NotAnswered
    } else {
        Keys::OnlyEd25519(of_all().next())
    }
}

/// Judges the keys of a domain.
pub fn dkim(seen: &DkimSeen) -> Finding {
    let evidence = seen.keys.iter().flat_map(|key| {
        let answer = match key.shown.value {
            Some(KeyShown::Same) => "the key that is here",
            Some(KeyShown::Different) => "another key",
            Some(KeyShown::Missing) => "no key",
            Some(KeyShown::Revoked) => "a key that was taken back",
            Some(KeyShown::Forbidden) => "the key that is here, not allowed for mail",
            Some(KeyShown::Several) => "several records",
            None => "no answer",
        };
        let judged = Evidence::new(format!("the key under {}", key.name), answer, key.shown.took);
        // Beside the one that belongs there, for whoever wants to see the difference.
        let others = key.texts.iter().filter(|_| key.shown.value != Some(KeyShown::Same));
        let shown = others.map(|text| Evidence::known(format!("the record of {}", key.name), text));
        std::iter::once(judged).chain(shown).collect::<Vec<_>>()
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
    pub signed: Proof,
    /// What SPF says, way by way.
    pub ways: Vec<(Way, SpfResult)>,
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
    Missing {
        proof: Proof,
    },
    /// Several under the name of this domain, of which none counts.
    Several {
        domain: String,
    },
    Broken {
        record: String,
    },
    Proven {
        policy: Policy,
    },
    NotProven {
        policy: Policy,
        ways: Vec<String>,
    },
    NotKnown {
        policy: Policy,
        doubts: Vec<Doubt>,
    },
}

/// Why it is not known whether letters are proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// The keys could not be looked up.
    Keys,
    /// The address that others see is not known.
    Address,
    /// SPF could not be followed.
    Spf,
    /// SPF does not name this smart host.
    SmartHost(String),
}

pub(crate) fn judge_dmarc(seen: &DmarcSeen) -> Dmarc {
    let Some(found) = &seen.texts.value else { return Dmarc::NotAnswered };
    let proof = proof_of(seen);
    // Several records count as none (RFC 7489 §6.6.3), but those of the organisation are asked only where there is none.
    let first = found.iter().enumerate().find(|(_, found)| dmarc::record(&found.texts) != dmarc::Found::None);
    let (is_own, text) = match first.map(|(place, found)| (place == 0, &found.domain, dmarc::record(&found.texts))) {
        Some((is_own, _, dmarc::Found::One(text))) => (is_own, text),
        Some((_, domain, dmarc::Found::Several)) => return Dmarc::Several { domain: domain.clone() },
        Some((_, _, dmarc::Found::None)) | None => return Dmarc::Missing { proof },
    };
    let Some(record) = dmarc::Record::parse(text) else { return Dmarc::Broken { record: text.to_owned() } };
    let policy = if is_own { record.policy } else { record.subdomains };
    match proof {
        Proof::Yes => Dmarc::Proven { policy },
        Proof::No => Dmarc::NotProven { policy, ways: ways_without(seen) },
        Proof::NotKnown => Dmarc::NotKnown { policy, doubts: doubts(seen) },
    }
}

/// By every way: one that is not known leaves the whole unknown, and with no direct one that is known the address is missing.
fn proof_of(seen: &DmarcSeen) -> Proof {
    let knows_direct = seen.ways.iter().any(|(way, _)| matches!(way, Way::Direct(_)));
    let of_address = (!knows_direct).then_some(Proof::NotKnown);
    Proof::of_ways(seen.signed, seen.ways.iter().map(|(way, spf)| way.proof(*spf)).chain(of_address))
}

fn ways_without(seen: &DmarcSeen) -> Vec<String> {
    seen.ways.iter().filter(|(way, spf)| way.proof(*spf) == Proof::No).map(|(way, _)| way.shown()).collect()
}

fn doubts(seen: &DmarcSeen) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if seen.signed == Proof::NotKnown {
        doubts.push(Doubt::Keys);
    }
    if !seen.ways.iter().any(|(way, _)| matches!(way, Way::Direct(_))) {
        doubts.push(Doubt::Address);
    }
    if seen.ways.iter().any(|(_, spf)| *spf == SpfResult::TempError) {
        doubts.push(Doubt::Spf);
    }
    doubts.extend(seen.ways.iter().filter_map(|(way, spf)| match (way, spf) {
        (_, SpfResult::Pass | SpfResult::TempError) | (Way::Direct(_), _) => None,
        (Way::SmartHost { host, .. }, _) => Some(Doubt::SmartHost(host.clone())),
    }));
    doubts
}

/// Judges the policy of a domain, and whether its letters obey it.
pub fn dmarc(seen: &DmarcSeen) -> Finding {
    let mut evidence = Vec::new();
    let found = seen.texts.value.iter().flatten();
    for found in found {
        let answer = match dmarc::record(&found.texts) {
            dmarc::Found::None => "none",
            dmarc::Found::One(text) => text,
            dmarc::Found::Several => "several records",
        };
        evidence.push(Evidence::new(format!("the DMARC record of {}", found.domain), answer, seen.texts.took));
    }
    if seen.texts.value.is_none() {
        evidence.push(Evidence::new(format!("the DMARC record of {}", seen.domain), "no answer", seen.texts.took));
    }
    let dkim = match seen.signed {
        Proof::Yes => "a signature of the domain that is believed",
        Proof::No => "no signature of the domain that is believed",
        Proof::NotKnown => "not known",
    };
    evidence.push(Evidence::known("DKIM", dkim));
    evidence.extend(seen.ways.iter().map(|(way, spf)| Evidence::known(format!("SPF {}", way.shown()), spf.word())));
    Finding::new(Check::Dmarc, &seen.domain, evidence, texts::dmarc(&seen.domain, &judge_dmarc(seen)))
}
