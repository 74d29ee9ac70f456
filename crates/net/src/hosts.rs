//! Who takes mail for a domain, and in which order the hosts are tried: pure, but for the lookup with proof.
//!
//! RFC 5321 §5.1: lowest preference first, at random among equals; a domain without MX is its own mail host. RFC 7505:
//! a single MX that names the root (`.`) says that the domain takes no mail.

use crate::dns::{Dns, exchanger};
use crate::proof::{Answer, Proof, Proven, Validator};
use hickory_resolver::proto::rr::RecordType;
use model::DnsFault;

/// Hosts tried in one round: enough to get past dead ones, few enough to end.
pub const MAX_HOSTS: usize = 5;

/// One mail exchanger of a domain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MxHost {
    /// Lower comes first.
    pub preference: u16,
    /// The host's name, in lower case and without the trailing dot.
    pub name: String,
}

/// What DNS says of a domain's mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailHosts {
    /// Its mail exchangers, as DNS gave them. Never empty.
    Mx(Vec<MxHost>),
    /// It has no MX: the domain itself is the host.
    Implicit(String),
    /// It takes no mail.
    NullMx,
}

impl MailHosts {
    /// Reads the MX records of a domain; an empty name stands for the root.
    ///
    /// A root among real hosts breaks RFC 7505 §3 and is left out; a root alone means null MX whatever its preference,
    /// because no other reading of it can deliver anything.
    pub(crate) fn of_records(domain: &str, records: Vec<MxHost>) -> Self {
        if records.is_empty() {
            return Self::Implicit(domain.to_owned());
        }
        let hosts: Vec<MxHost> = records.into_iter().filter(|host| !host.name.is_empty()).collect();
        if hosts.is_empty() { Self::NullMx } else { Self::Mx(hosts) }
    }
}

/// The hosts of a domain with what DNSSEC says of them. Both resolvers are asked at once, and a proven answer needs no
/// second opinion: whoever forges the plain one must not choose the hosts.
pub(crate) async fn proven(dns: &Dns, validator: &Validator, domain: &str) -> Result<Proven<MailHosts>, DnsFault> {
    let plain = dns.mail_hosts(domain);
    let validated = validator.lookup(domain, RecordType::MX);
    tokio::pin!(plain, validated);
    let mut said = None;
    let answer = loop {
        tokio::select! {
            answer = &mut validated => break answer,
            hosts = &mut plain, if said.is_none() => said = Some(hosts),
        }
    };
    let proof = match answer {
        Answer::Records(records, Proof::Secure) => {
            let records = records.iter().filter_map(|record| exchanger(&record.data)).collect();
            return Ok(Proven { value: MailHosts::of_records(domain, records), proof: Proof::Secure });
        }
        Answer::Records(_, proof) | Answer::Absent(proof) => proof,
        Answer::Bogus => Proof::Bogus,
        Answer::Failed | Answer::Unspoken => Proof::Unknown,
    };
    let value = match said {
        Some(said) => said?,
        None => plain.await?,
    };
    // Proof that there is no MX is none for an answer that has some.
    let contradicted = proof == Proof::Secure && !matches!(value, MailHosts::Implicit(_));
    Ok(Proven { value, proof: if contradicted { Proof::Bogus } else { proof } })
}

/// The hosts in the order in which to try them: by preference, at random among equals, each once, at most
/// [`MAX_HOSTS`]. `shuffle` is handed each group of equals.
pub fn order_hosts(mut hosts: Vec<MxHost>, mut shuffle: impl FnMut(&mut [MxHost])) -> Vec<MxHost> {
    hosts.sort();
    let mut seen = std::collections::HashSet::new();
    hosts.retain(|host| seen.insert(host.name.clone()));
    for equals in hosts.chunk_by_mut(|a, b| a.preference == b.preference) {
        shuffle(equals);
    }
    hosts.truncate(MAX_HOSTS);
    hosts
}

/// What it means for a domain that none of its mail hosts has an address. A fault that may pass outweighs those that
/// will not: with one name server in trouble, nobody can say that the domain cannot be reached.
pub fn unresolved(domain: &str, faults: &[DnsFault]) -> DnsFault {
    let passing = |fault: &&DnsFault| matches!(fault, DnsFault::NoResolver(_) | DnsFault::ServerFailure(_));
    faults.iter().find(passing).cloned().unwrap_or_else(|| DnsFault::NoRecords(domain.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mx(preference: u16, name: &str) -> MxHost {
        MxHost { preference, name: name.to_owned() }
    }

    #[test]
    fn hosts_are_tried_by_preference_and_at_random_among_equals() {
        let hosts = vec![mx(20, "c.test"), mx(10, "a.test"), mx(10, "b.test"), mx(30, "d.test")];
        let mut groups = Vec::new();
        let ordered = order_hosts(hosts, |equals| {
            groups.push(equals.len());
            equals.reverse();
        });
        assert_eq!(ordered, [mx(10, "b.test"), mx(10, "a.test"), mx(20, "c.test"), mx(30, "d.test")]);
        assert_eq!(groups, [2, 1, 1]);
    }

    #[test]
    fn a_host_listed_twice_is_tried_once_at_its_better_preference() {
        let ordered = order_hosts(vec![mx(20, "a.test"), mx(10, "a.test"), mx(15, "b.test")], |_| {});
        assert_eq!(ordered, [mx(10, "a.test"), mx(15, "b.test")]);
    }

    #[test]
    fn a_round_has_an_end() {
        let hosts = (0..100).map(|n| mx(n, &format!("{n}.test"))).collect();
        assert_eq!(order_hosts(hosts, |_| {}).len(), MAX_HOSTS);
    }

    #[test]
    fn mx_records_are_read_as_rfc_5321_and_rfc_7505_say() {
        let table = [
            (vec![], MailHosts::Implicit("example.test".into())),
            (vec![mx(0, "")], MailHosts::NullMx),
            (vec![mx(10, "")], MailHosts::NullMx),
            (vec![mx(0, ""), mx(10, "a.test")], MailHosts::Mx(vec![mx(10, "a.test")])),
            (vec![mx(10, "a.test"), mx(5, "b.test")], MailHosts::Mx(vec![mx(10, "a.test"), mx(5, "b.test")])),
        ];
        for (records, expected) in table {
            assert_eq!(MailHosts::of_records("example.test", records.clone()), expected, "{records:?}");
        }
    }

    #[test]
    fn a_passing_fault_of_one_host_keeps_the_domain_alive() {
        let gone = DnsFault::NoSuchDomain("a.test".into());
        let empty = DnsFault::NoRecords("b.test".into());
        let failing = DnsFault::ServerFailure("c.test".into());
        let none = DnsFault::NoRecords("example.test".into());
        assert_eq!(unresolved("example.test", &[gone.clone(), empty]), none);
        assert_eq!(unresolved("example.test", &[gone, failing.clone()]), failing);
        assert_eq!(unresolved("example.test", &[]), none);
    }
}
