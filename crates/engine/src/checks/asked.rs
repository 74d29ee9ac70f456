//! What mail hosts answered a while ago, so that nobody's host is asked twice within minutes: pure but for the clock that is
//! handed in.
//!
//! An answer counts for [`KEPT`], on the network on which it came and under the settings that it came under. What the user
//! orders to be asked again is asked again.

use advisor::checks::network::{IpFamily, Probe, ProbeEnd};
use model::AccountId;
use net::{Net, NetConfig};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer is kept.
pub(super) const KEPT: Duration = Duration::from_secs(10 * 60);

/// A network as it is now: in which world, under which settings, and the how-manyth since the program began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Network {
    pub practice: Option<AccountId>,
    config: NetConfig,
    count: u64,
}

impl Network {
    pub fn of(practice: Option<AccountId>, net: &Net) -> Self {
        Self { practice, config: net.config().clone(), count: *net.changes().borrow() }
    }
}

/// A host that was asked, and when it had answered, or had not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub probe: Probe,
    pub at: Instant,
}

/// What is remembered from one check to the next: of the practice world's network, and of the real one.
#[derive(Default)]
pub(crate) struct Checks(Mutex<Vec<(Network, Memory)>>);

#[derive(Default)]
struct Memory {
    told: HashMap<SocketAddr, Told>,
    /// The addresses that others saw; `None` where nobody was asked yet.
    seen_as: Option<Vec<IpAddr>>,
}

impl Checks {
    /// What this address answered, where that counts still.
    pub(super) fn told(&self, network: &Network, host: &str, address: SocketAddr, now: Instant) -> Option<Told> {
        self.with(network, |memory| {
            let told = memory.told.get(&address)?;
            (told.probe.host == host && now.duration_since(told.at) < KEPT).then(|| told.clone())
        })
    }

    pub(super) fn remember(&self, network: &Network, told: &[Told]) {
        let ended = told.iter().filter(|told| told.probe.end.value != ProbeEnd::Unfinished);
        self.with(network, |memory| memory.told.extend(ended.map(|told| (told.probe.address, told.clone()))));
    }

    /// The addresses that others saw on this network.
    pub(super) fn seen_as(&self, network: &Network) -> Option<Vec<IpAddr>> {
        self.with(network, |memory| memory.seen_as.clone())
    }

    pub(super) fn note_seen_as(&self, network: &Network, seen_as: Vec<IpAddr>) {
        self.with(network, |memory| memory.seen_as = Some(seen_as));
    }

    /// A network that was left is met anew when it is met again.
    fn with<T>(&self, network: &Network, act: impl FnOnce(&mut Memory) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(known, _)| known == network || known.practice != network.practice);
        if let Some((_, memory)) = all.iter_mut().find(|(known, _)| known == network) {
            return act(memory);
        }
        let mut memory = Memory::default();
        let given = act(&mut memory);
        all.push((network.clone(), memory));
        given
    }
}

/// Whether an address is of this family.
pub(super) fn is_of(address: SocketAddr, family: IpFamily) -> bool {
    IpFamily::of(address.ip()) == family
}

#[cfg(test)]
mod tests {
    use super::*;
    use advisor::checks::Timed;

    fn network(count: u64, practice: Option<AccountId>) -> Network {
        Network { practice, config: NetConfig::default(), count }
    }

    fn told(at: Instant) -> Told {
        let probe = Probe {
            host: "mx.example.org".into(),
            address: ([192, 0, 2, 1], 25).into(),
            end: Timed::new(ProbeEnd::Silent, Duration::ZERO),
            encrypted_before: false,
        };
        Told { probe, at }
    }

    #[test]
    fn what_a_host_answered_counts_for_minutes_on_its_network_and_for_its_name() {
        let (checks, began) = (Checks::default(), Instant::now());
        let here = network(0, None);
        checks.remember(&here, &[told(began)]);
        let address = told(began).probe.address;
        let counts = |host: &str, address, after| checks.told(&here, host, address, began + after).is_some();
        assert!(counts("mx.example.org", address, KEPT - Duration::from_secs(1)));
        assert!(!counts("mx.example.org", address, KEPT));
        assert!(!counts("mx.example.net", address, Duration::ZERO), "another host has come to the address");
        assert!(!counts("mx.example.org", ([192, 0, 2, 2], 25).into(), Duration::ZERO));
        let practice = network(0, Some(AccountId(7)));
        assert_eq!(checks.told(&practice, "mx.example.org", address, began), None);
        assert!(
            counts("mx.example.org", address, Duration::ZERO),
            "the practice world takes nothing from the real one"
        );
        assert_eq!(checks.told(&network(1, None), "mx.example.org", address, began), None);
        assert!(!counts("mx.example.org", address, Duration::ZERO), "the network was left");
    }

    #[test]
    fn other_settings_are_another_network() {
        let (checks, here) = (Checks::default(), network(0, None));
        checks.note_seen_as(&here, vec![IpAddr::from([203, 0, 113, 9])]);
        assert_eq!(checks.seen_as(&here).map(|all| all.len()), Some(1));
        let config = NetConfig { source_ip: Some(IpAddr::from([198, 51, 100, 7])), ..NetConfig::default() };
        assert_eq!(checks.seen_as(&Network { config, ..here }), None);
    }
}
