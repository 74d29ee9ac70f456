//! The name servers of this network: whether they tell the truth about names that do not exist, whether answers can be
//! proven through them, and whether long ones arrive.

use super::Timed;
use super::finding::{Check, Evidence, Finding};
use crate::texts::dns as texts;
use std::net::IpAddr;

/// What was seen of the name servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverSeen {
    /// A name that surely does not exist, and that no top-level domain answers for.
    pub missing_name: String,
    /// Where that led.
    pub missing: Timed<Missing>,
    /// Whether answers can be proven.
    pub proof: Timed<Provable>,
    /// Whether a question over TCP was answered.
    pub tcp: Timed<Option<bool>>,
}

/// Where a name that does not exist leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nowhere, as it should.
    Nowhere,
    /// To these addresses.
    Leads(Vec<IpAddr>),
    /// Nobody answered.
    NoAnswer,
}

/// Whether answers can be proven (DNSSEC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provable {
    /// A signed answer was proven.
    Yes,
    /// Signatures do not arrive, or do not fit.
    No,
    /// It was not tried here.
    NotTried,
}

/// Judges the name servers: three findings. Of those that do not answer at all, nothing else can be said.
pub fn resolver(seen: &ResolverSeen) -> [Finding; 3] {
    let are_silent = seen.missing.value == Missing::NoAnswer;
    let missing = match &seen.missing.value {
        Missing::Nowhere => "no such name".to_owned(),
        Missing::Leads(ips) => ips.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", "),
        Missing::NoAnswer => "no answer".to_owned(),
    };
    let truth =
        vec![Evidence::new(format!("{}, made up a moment ago", seen.missing_name), missing, seen.missing.took)];
    let proof = match seen.proof.value {
        Provable::Yes => vec![Evidence::new("a signed answer", "proven", seen.proof.took)],
        Provable::No => vec![Evidence::new("a signed answer", "not proven", seen.proof.took)],
        Provable::NotTried => Vec::new(),
    };
    let tcp = match seen.tcp.value {
        Some(true) => vec![Evidence::new("a question over TCP", "answered", seen.tcp.took)],
        Some(false) => vec![Evidence::new("a question over TCP", "no answer", seen.tcp.took)],
        None => Vec::new(),
    };
    [
        Finding::new(Check::ResolverTruth, "", truth, texts::resolver_truth(&seen.missing.value)),
        Finding::new(Check::ResolverProof, "", proof, texts::resolver_proof(seen.proof.value, are_silent)),
        Finding::new(Check::ResolverTcp, "", tcp, texts::resolver_tcp(seen.tcp.value, are_silent)),
    ]
}
