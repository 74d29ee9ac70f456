//! The network interfaces of this computer: which addresses it has, and when that changes.
//!
//! An address of an interface says that there is a network, not that it leads anywhere; only an attempt shows that.

use crate::network::{self, Whereabouts};
use std::any::Any;
use std::net::{IpAddr, Ipv4Addr};

/// What is told of the interfaces. Behind a trait, so that a test can pull the cable.
pub trait Interfaces: std::fmt::Debug + Send + Sync {
    /// Every address of every interface; `None` where the system does not say.
    fn addresses(&self) -> Option<Vec<IpAddr>>;

    /// The name of the interface that has an address; `None` where the system does not say.
    fn name_of(&self, address: IpAddr) -> Option<String> {
        let _ = address;
        None
    }

    /// The network that connections from these addresses go through, each with the name of its interface.
    fn network(&self, sources: &[(IpAddr, String)]) -> Whereabouts {
        let _ = sources;
        Whereabouts::Unrecognised
    }

    /// The router that leads everywhere in IPv4; `None` where there is none, or the system does not say.
    fn router(&self) -> Option<Ipv4Addr> {
        None
    }

    /// Calls `changed` after every change for as long as the watch is kept; `None` where the system does not say.
    fn watch(&self, changed: Box<dyn FnMut() + Send>) -> Option<Watch>;
}

/// Keeps a watch going; dropped, it ends.
pub struct Watch {
    _guard: Box<dyn Any + Send + Sync>,
}

impl Watch {
    /// A watch that lasts as long as `guard`.
    pub fn new(guard: impl Any + Send + Sync) -> Self {
        Self { _guard: Box::new(guard) }
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

/// The interfaces as the operating system reports them.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemInterfaces;

impl Interfaces for SystemInterfaces {
    fn addresses(&self) -> Option<Vec<IpAddr>> {
        let interfaces = netwatcher::list_interfaces()
            .inspect_err(|error| tracing::warn!(?error, "the network interfaces cannot be listed"))
            .ok()?;
        Some(interfaces.into_values().flat_map(|interface| interface.ips).map(|record| record.ip).collect())
    }

    fn name_of(&self, address: IpAddr) -> Option<String> {
        let interfaces = netwatcher::list_interfaces().ok()?;
        let has = |interface: &netwatcher::Interface| interface.ips.iter().any(|record| record.ip == address);
        interfaces.into_values().find(has).map(|interface| interface.name)
    }

    fn network(&self, sources: &[(IpAddr, String)]) -> Whereabouts {
        network::system(sources)
    }

    fn router(&self) -> Option<Ipv4Addr> {
        network::router()
    }

    fn watch(&self, mut changed: Box<dyn FnMut() + Send>) -> Option<Watch> {
        let tell = move |update: netwatcher::Update| {
            if !update.is_initial {
                changed();
            }
        };
        netwatcher::watch_interfaces_with_callback(tell)
            .inspect_err(|error| tracing::warn!(?error, "changes of the network will not be noticed"))
            .ok()
            .map(|handle| Watch::new(std::sync::Mutex::new(handle)))
    }
}

/// Whether an address can lead out of this computer: neither loopback nor link-local, which an interface gives itself
/// when nobody on the wire gives it one.
pub(crate) fn reaches_out(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_link_local() && !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_loopback() && !v6.is_unicast_link_local() && !v6.is_unspecified(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_others_can_answer_to_makes_a_network() {
        let table = [
            ("127.0.0.1", false),
            ("169.254.7.7", false),
            ("0.0.0.0", false),
            ("::1", false),
            ("fe80::1", false),
            ("192.168.1.7", true),
            ("203.0.113.9", true),
            ("2001:db8::1", true),
            ("fd00::1", true),
        ];
        for (address, expected) in table {
            assert_eq!(reaches_out(&address.parse().unwrap()), expected, "{address}");
        }
    }
}
