//! The best encryption that a destination's hosts ever had with us: what they fall behind later is a downgrade.

use crate::Learned;
use jiff::{SignedDuration, Timestamp};
use model::{TlsReport, VerifiedBy};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Hosts of one destination that are remembered. Large providers draw theirs from a pool; the oldest go first.
const MOST_HOSTS: usize = 24;
/// That it encrypted again is no news within this.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// The best encryption of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// The best version: `TLSv1.3`.
    pub version: String,
    /// By what it was ever known who answers; `None` where it never was.
    #[serde(default)]
    pub verified_by: Option<VerifiedBy>,
    /// When it last encrypted, to the day.
    pub at: Timestamp,
}

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// That of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.to_canonical().is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

impl Learned {
    /// The best encryption that a host of this destination ever had.
    pub fn encryption_of(&self, host: &str) -> Option<&Encryption> {
        self.encryption.get(&host.to_ascii_lowercase())
    }

    /// A conversation with a host was had over this encryption. What was better before stays.
    pub fn remember_encryption(&mut self, host: &str, tls: &TlsReport, at: Timestamp) {
        let host = host.to_ascii_lowercase();
        let now = Encryption { version: tls.version.clone(), verified_by: tls.verified_by, at };
        let best = match self.encryption.remove(&host) {
            Some(before) => Encryption {
                version: before.version.max(now.version),
                verified_by: stronger(before.verified_by, now.verified_by),
                at: if at.duration_since(before.at).abs() < A_DAY { before.at } else { at },
            },
            None => now,
        };
        if self.encryption.len() >= MOST_HOSTS {
            let oldest = self.encryption.iter().min_by_key(|(_, encryption)| encryption.at);
            if let Some(oldest) = oldest.map(|(host, _)| host.clone()) {
                self.encryption.remove(&oldest);
            }
        }
        self.encryption.insert(host, best);
    }
}

fn stronger(a: Option<VerifiedBy>, b: Option<VerifiedBy>) -> Option<VerifiedBy> {
    if a == Some(VerifiedBy::Tlsa) || b == Some(VerifiedBy::Tlsa) { Some(VerifiedBy::Tlsa) } else { a.or(b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at;
    use model::TlsPolicy;

    fn report(version: &str, verified_by: Option<VerifiedBy>) -> TlsReport {
        TlsReport {
            policy: TlsPolicy::Opportunistic,
            verified: verified_by.is_some(),
            verified_by,
            unverified_because: None,
            version: version.to_owned(),
            cipher: String::new(),
            names: Vec::new(),
            not_after: None,
        }
    }

    #[test]
    fn the_best_that_a_host_ever_had_is_remembered() {
        use VerifiedBy::{Authority, Tlsa};
        let mut learned = Learned::default();
        let steps = [
            ("TLSv1.2", None, "TLSv1.2", None),
            ("TLSv1.3", Some(Authority), "TLSv1.3", Some(Authority)),
            ("TLSv1.2", Some(Tlsa), "TLSv1.3", Some(Tlsa)),
            ("TLSv1.3", Some(Authority), "TLSv1.3", Some(Tlsa)),
            ("TLSv1.2", None, "TLSv1.3", Some(Tlsa)),
        ];
        for (hour, (version, verified_by, best, proof)) in (0..).zip(steps) {
            learned.remember_encryption("MX.test", &report(version, verified_by), at(hour * 3600));
            let known = learned.encryption_of("mx.TEST").unwrap();
            assert_eq!((known.version.as_str(), known.verified_by, known.at), (best, proof, at(0)));
        }
        let before = learned.clone();
        learned.remember_encryption("mx.test", &report("TLSv1.3", None), at(23 * 3600));
        assert_eq!(learned, before, "the same again on the same day is no news");
        learned.remember_encryption("mx.test", &report("TLSv1.3", None), at(25 * 3600));
        assert_eq!(learned.encryption_of("mx.test").unwrap().at, at(25 * 3600));
        assert_eq!(learned.encryption_of("other.test"), None);
    }

    #[test]
    fn of_many_hosts_the_oldest_is_forgotten() {
        let mut learned = Learned::default();
        for second in 0..30 {
            learned.remember_encryption(&format!("mx{second}.test"), &report("TLSv1.3", None), at(second));
        }
        assert_eq!(learned.encryption.len(), MOST_HOSTS);
        assert!(learned.encryption_of("mx5.test").is_none() && learned.encryption_of("mx6.test").is_some());
    }
}
