//! Proof of what DNS says (DNSSEC, RFC 4033 to 4035), from a second resolver that validates: it is asked beside the plain
//! one and only where proof matters, so that ordinary lookups are neither slower nor more fragile for it.
//!
//! | seen | it counts as |
//! |---|---|
//! | every record signed, up to a trust anchor | [`Proof::Secure`] |
//! | a zone on the way is proven not to be signed | [`Proof::Insecure`] |
//! | signatures that are missing or do not fit | [`Proof::Bogus`]; the validator raises false alarms |
//! | no answer in time; name servers that do not speak DNSSEC; a name below no trust anchor | [`Proof::Unknown`] |
//!
//! Whether the name servers of a network speak DNSSEC is found out first, by asking for the keys of a trust anchor: without
//! that, everything that comes through a resolver that drops signatures would look like a forgery.

use crate::NetError;
use crate::dns::{full_name, plain_name, tune};
use hickory_resolver::TokioResolver;
use hickory_resolver::net::{DnsError, NetError as LookupError, NoRecords};
use hickory_resolver::proto::dnssec::TrustAnchors;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::proto::serialize::txt::trust_anchor::{Entry, Parser};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex as Slot, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, timeout};

/// How long proof is waited for; what is not proven by then is not proven.
const PATIENCE: Duration = Duration::from_secs(6);
/// How long is waited to find out whether the name servers speak DNSSEC; some let such questions fall.
const PROBE_PATIENCE: Duration = Duration::from_secs(3);
/// How long a network is held to be without DNSSEC before that is looked at again.
const UNSPOKEN_FOR: Duration = Duration::from_secs(10 * 60);

/// What DNSSEC says of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Proof {
    /// Signed, up to a trust anchor.
    Secure,
    /// Proven not to be signed.
    Insecure,
    /// The signatures do not fit, or are missing where there should be some.
    Bogus,
    /// Nothing can be said.
    Unknown,
}

/// A value and what DNSSEC says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven<T> {
    /// What DNS said.
    pub value: T,
    /// Whether it is proven.
    pub proof: Proof,
}

/// Whether the addresses of a host are proven, and where its aliases lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostProof {
    /// Of the addresses and of every alias on the way to them.
    pub proof: Proof,
    /// The name that the addresses belong to, after all aliases; the host itself where nothing is known.
    pub canonical: String,
}

/// A validated answer.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Records without their signatures, with the weakest proof among them.
    Records(Vec<Record>, Proof),
    /// There are none, or the name does not exist.
    Absent(Proof),
    /// The answer, or its absence, does not agree with the signatures.
    Bogus,
    /// Nobody could say.
    Failed,
    /// It was not asked: nothing could be proven.
    Unspoken,
}

/// The keys from which proof begins, other than the root's own.
#[derive(Clone)]
pub(crate) struct Anchors {
    keys: Arc<TrustAnchors>,
    zones: Vec<Name>,
}

impl Anchors {
    /// Reads a file of DNSKEY records in presentation format.
    pub(crate) fn read(path: &Path) -> Result<Self, NetError> {
        let invalid = |reason: String| NetError::TrustAnchor { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| invalid(error.to_string()))?;
        Self::parse(&text).map_err(invalid)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut keys = TrustAnchors::empty();
        let mut zones = Vec::new();
        for entry in Parser::new(text).parse().map_err(|error| error.to_string())? {
            let Entry::DNSKEY(record) = entry else { continue };
            let zone = record.name().to_lowercase();
            keys.insert_with_name(record.data().public_key(), (&zone).into());
            zones.push(zone);
        }
        if zones.is_empty() {
            return Err("there is no DNSKEY record in it".to_owned());
        }
        zones.dedup();
        Ok(Self { keys: Arc::new(keys), zones })
    }

    /// Those of the root, which come with the library.
    fn of_the_root() -> Self {
        Self { keys: Arc::new(TrustAnchors::default()), zones: vec![Name::root()] }
    }

    fn covers(&self, name: &Name) -> bool {
        self.zones.iter().any(|zone| zone.zone_of(name))
    }
}

/// The validating resolver, made when it is first needed and again when the network changes.
pub(crate) struct Validator {
    servers: Vec<SocketAddr>,
    changes: watch::Receiver<u64>,
    anchors: Anchors,
    current: Slot<Option<(u64, Arc<Validating>)>>,
}

impl std::fmt::Debug for Validator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Validator").field("anchors", &self.anchors.zones).finish_non_exhaustive()
    }
}

/// The resolver of one network.
struct Validating {
    resolver: TokioResolver,
    /// Whether the name servers speak DNSSEC, and when that was found out.
    spoken: Mutex<Option<(Instant, bool)>>,
}

impl Validator {
    pub(crate) fn new(servers: Vec<SocketAddr>, changes: watch::Receiver<u64>, anchors: Option<Anchors>) -> Self {
        let anchors = anchors.unwrap_or_else(Anchors::of_the_root);
        Self { servers, changes, anchors, current: Slot::new(None) }
    }

    /// The records of one type with what DNSSEC says of them.
    pub(crate) async fn lookup(&self, name: &str, kind: RecordType) -> Answer {
        let Some(name) = full_name(name).filter(|name| self.anchors.covers(name)) else { return Answer::Unspoken };
        let Some(validating) = self.current() else { return Answer::Unspoken };
        let asked = async {
            if !validating.speaks(&self.anchors.zones).await {
                return Answer::Unspoken;
            }
            match answer_of(validating.resolver.lookup(name.clone(), kind).await) {
                // A packet lost on the way to a key looks like a forgery. It is asked once more.
                Answer::Bogus => answer_of(validating.resolver.lookup(name, kind).await),
                answer => answer,
            }
        };
        timeout(PATIENCE, asked).await.unwrap_or(Answer::Failed)
    }

    /// Whether the addresses of a host are proven.
    pub(crate) async fn host(&self, host: &str) -> HostProof {
        let (v6, v4) = tokio::join!(self.lookup(host, RecordType::AAAA), self.lookup(host, RecordType::A));
        let canonical = canonical(&v6).or_else(|| canonical(&v4)).unwrap_or_else(|| host.to_ascii_lowercase());
        HostProof { proof: of_addresses(&v6, &v4), canonical }
    }

    /// Whether the name servers of this network speak DNSSEC, so far that something can be proven.
    pub(crate) async fn is_spoken(&self) -> bool {
        match self.current() {
            Some(validating) => validating.speaks(&self.anchors.zones).await,
            None => false,
        }
    }

    fn current(&self) -> Option<Arc<Validating>> {
        let network = *self.changes.borrow();
        let mut slot = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made_for, validating)) = slot.as_ref()
            && *made_for == network
        {
            return Some(validating.clone());
        }
        let resolver = self.build().inspect_err(|error| tracing::warn!(%error, "no validating resolver")).ok()?;
        let validating = Arc::new(Validating { resolver, spoken: Mutex::new(None) });
        *slot = Some((network, validating.clone()));
        Some(validating)
    }

    fn build(&self) -> Result<TokioResolver, LookupError> {
        let mut builder = crate::dns::builder(&self.servers)?.with_trust_anchor(self.anchors.keys.clone());
        let options = builder.options_mut();
        tune(options);
        options.validate = true;
        // The proof of an alias is part of the proof of what it leads to.
        options.preserve_intermediates = true;
        builder.build()
    }
}

impl Validating {
    /// Whether the keys of a trust anchor come through and are the ones that are trusted.
    async fn speaks(&self, zones: &[Name]) -> bool {
        let mut spoken = self.spoken.lock().await;
        match *spoken {
            Some((_, true)) => return true,
            Some((at, false)) if at.elapsed() < UNSPOKEN_FOR => return false,
            _ => {}
        }
        let keys_of = |zone: &Name| self.resolver.lookup(zone.clone(), RecordType::DNSKEY);
        let probe = async {
            for zone in zones {
                if is_secure(&answer_of(keys_of(zone).await)) {
                    return true;
                }
            }
            false
        };
        let speaks = timeout(PROBE_PATIENCE, probe).await.unwrap_or(false);
        if !speaks {
            tracing::info!("the name servers of this network do not pass DNSSEC on; nothing they say is proven");
        }
        *spoken = Some((Instant::now(), speaks));
        speaks
    }
}

fn is_secure(answer: &Answer) -> bool {
    matches!(answer, Answer::Records(_, Proof::Secure))
}

fn answer_of(looked_up: Result<hickory_resolver::lookup::Lookup, LookupError>) -> Answer {
    match looked_up {
        Ok(lookup) => {
            let records: Vec<Record> = without_signatures(lookup.answers());
            let proof = weakest(&records);
            match proof {
                _ if records.is_empty() => Answer::Absent(Proof::Unknown),
                Proof::Bogus => Answer::Bogus,
                proof => Answer::Records(records, proof),
            }
        }
        Err(LookupError::Dns(DnsError::NoRecordsFound(NoRecords { authorities, .. }))) => {
            Answer::Absent(weakest(&without_signatures(authorities.as_deref().unwrap_or_default())))
        }
        Err(LookupError::Dns(DnsError::Nsec { proof, .. })) if !proof.is_bogus() => Answer::Absent(Proof::Insecure),
        Err(LookupError::Dns(DnsError::DnssecBogus | DnsError::Nsec { .. })) => Answer::Bogus,
        Err(_) => Answer::Failed,
    }
}

fn without_signatures(records: &[Record]) -> Vec<Record> {
    records.iter().filter(|record| record.record_type() != RecordType::RRSIG).cloned().collect()
}

/// What holds of all these records together.
fn weakest(records: &[Record]) -> Proof {
    let of = |record: &Record| match record.proof {
        hickory_resolver::proto::dnssec::Proof::Secure => Proof::Secure,
        hickory_resolver::proto::dnssec::Proof::Insecure => Proof::Insecure,
        hickory_resolver::proto::dnssec::Proof::Bogus => Proof::Bogus,
        hickory_resolver::proto::dnssec::Proof::Indeterminate => Proof::Unknown,
    };
    let strength = |proof: &Proof| match proof {
        Proof::Bogus => 0,
        Proof::Unknown => 1,
        Proof::Insecure => 2,
        Proof::Secure => 3,
    };
    records.iter().map(of).min_by_key(strength).unwrap_or(Proof::Unknown)
}

/// A host whose addresses of one family are proven is proven, where the other family has none or is proven too
/// (RFC 7672 §2.2.2: an insecure answer to either makes the host insecure).
fn of_addresses(v6: &Answer, v4: &Answer) -> Proof {
    let (six, four) = (of_answer(v6), of_answer(v4));
    let has_some = matches!(v6, Answer::Records(..)) || matches!(v4, Answer::Records(..));
    match (six, four) {
        (Proof::Bogus, _) | (_, Proof::Bogus) => Proof::Bogus,
        (Proof::Secure, Proof::Secure) if has_some => Proof::Secure,
        (Proof::Insecure, _) | (_, Proof::Insecure) => Proof::Insecure,
        _ => Proof::Unknown,
    }
}

fn of_answer(answer: &Answer) -> Proof {
    match answer {
        Answer::Records(_, proof) | Answer::Absent(proof) => *proof,
        Answer::Bogus => Proof::Bogus,
        Answer::Failed | Answer::Unspoken => Proof::Unknown,
    }
}

/// The owner of the addresses in an answer.
fn canonical(answer: &Answer) -> Option<String> {
    let Answer::Records(records, _) = answer else { return None };
    let is_address = |record: &&Record| matches!(record.data, RData::A(_) | RData::AAAA(_));
    records.iter().find(is_address).map(|record| plain_name(&record.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_anchors_are_read_as_signers_write_them() {
        let key = "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU=";
        let table = [
            format!("Lab.Test.\tIN\tDNSKEY\t257 3 8 {key} ;{{id = 1 (ksk), size = 2048b}}\n"),
            format!("; comment\nlab.test. 3600 IN DNSKEY 257 3 8 {key}\n"),
            format!("lab.test.\t86400\tIN\tDNSKEY\t257 3 8 {key} ;;state=2 ;;count=0\n"),
        ];
        for text in table {
            let anchors = Anchors::parse(&text).unwrap();
            let covers = |name: &str| anchors.covers(&Name::from_ascii(name).unwrap());
            assert!(covers("lab.test.") && covers("mx.lab.test.") && !covers("test."), "{text}");
        }
        for text in ["", "nonsense", "lab.test. IN A 192.0.2.1\n"] {
            assert!(Anchors::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_host_is_proven_where_nothing_of_it_is_unproven() {
        use Proof::{Bogus, Insecure, Secure, Unknown};
        let some = |proof| Answer::Records(Vec::new(), proof);
        let table = [
            (some(Secure), some(Secure), Secure),
            (some(Secure), Answer::Absent(Secure), Secure),
            (Answer::Absent(Secure), some(Secure), Secure),
            (Answer::Absent(Secure), Answer::Absent(Secure), Unknown),
            (some(Secure), some(Insecure), Insecure),
            (some(Secure), Answer::Failed, Unknown),
            (some(Secure), Answer::Bogus, Bogus),
            (Answer::Unspoken, Answer::Unspoken, Unknown),
        ];
        for (v6, v4, expected) in table {
            assert_eq!(of_addresses(&v6, &v4), expected, "{v6:?} {v4:?}");
        }
    }
}
