//! What a network is called that its user gave no name: by its kind, and by a number where there are several of it. Pure.
//!
//! The numbers go by when each was first seen, so that a network keeps its own for as long as those before it are kept.

use super::view::NetworkView;
use model::NetworkKind;
use std::collections::BTreeMap;
use store::StoredNetwork;

/// The networks with their names, in the order in which they came.
pub(super) fn named(networks: Vec<StoredNetwork>) -> Vec<NetworkView> {
    let mut in_order: Vec<&StoredNetwork> = networks.iter().filter(|network| network.name.is_none()).collect();
    in_order.sort_by_key(|network| network.id);
    let mut counted: BTreeMap<NetworkKind, u32> = BTreeMap::new();
    let mut by_id: BTreeMap<_, String> = BTreeMap::new();
    for network in in_order {
        let count = counted.entry(network.kind).or_default();
        *count += 1;
        by_id.insert(network.id, numbered(network.kind, *count));
    }
    let view = |network: StoredNetwork| NetworkView {
        named: network.name.is_some(),
        name: network.name.or_else(|| by_id.remove(&network.id)).unwrap_or_default(),
        id: network.id,
        kind: network.kind,
        first_seen: network.first_seen,
        last_seen: network.last_seen,
    };
    networks.into_iter().map(view).collect()
}

fn numbered(kind: NetworkKind, count: u32) -> String {
    let name = match kind {
        NetworkKind::Wired => "Wired network",
        NetworkKind::WiFi => "Wi-Fi network",
        NetworkKind::Mobile => "Mobile network",
        NetworkKind::Tunnel => "VPN",
        NetworkKind::Here => "On this computer",
    };
    if count > 1 { format!("{name} {count}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use model::NetworkId;

    #[test]
    fn networks_are_called_by_their_kind_and_number_until_the_user_names_them() {
        let network = |id, kind, name: Option<&str>| StoredNetwork {
            id: NetworkId(id),
            practice: false,
            kind,
            name: name.map(str::to_owned),
            first_seen: Timestamp::UNIX_EPOCH,
            last_seen: Timestamp::UNIX_EPOCH,
        };
        let networks = vec![
            network(5, NetworkKind::WiFi, None),
            network(1, NetworkKind::WiFi, None),
            network(2, NetworkKind::WiFi, Some("Café")),
            network(3, NetworkKind::Tunnel, None),
            network(4, NetworkKind::Wired, None),
            network(6, NetworkKind::Mobile, None),
            network(7, NetworkKind::Here, None),
        ];
        let names: Vec<(String, bool)> = named(networks).into_iter().map(|one| (one.name, one.named)).collect();
        let expected = [
            ("Wi-Fi network 2", false),
            ("Wi-Fi network", false),
            ("Café", true),
            ("VPN", false),
            ("Wired network", false),
            ("Mobile network", false),
            ("On this computer", false),
        ];
        assert_eq!(names, expected.map(|(name, named)| (name.to_owned(), named)));
    }
}
