//! A login page in the way, as NetworkManager tells of it on a real bus.

#![cfg(target_os = "linux")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use bus::network_manager::{FULL, LIMITED, NONE, PORTAL, UNKNOWN};
use bus::{Bus, PATIENCE};
use model::{DnsFault, Fault};
use postrider_net::{Connectivity, Interfaces, Net, NetConfig, NetworkManager, Told, Watch, WayOut};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::timeout;

/// A cable that is in, or not.
#[derive(Debug)]
struct Cable(Option<IpAddr>);

impl Interfaces for Cable {
    fn addresses(&self) -> Option<Vec<IpAddr>> {
        Some(self.0.into_iter().collect())
    }

    fn watch(&self, _: Box<dyn FnMut() + Send>) -> Option<Watch> {
        None
    }
}

fn cable() -> Arc<Cable> {
    Arc::new(Cable(Some(IpAddr::from([192, 168, 1, 2]))))
}

/// A computer with an address, in the network that the NetworkManager on this bus is in.
fn net_on(address: &str) -> Net {
    Net::with(NetConfig::default(), cable(), &NetworkManager::on_bus(address)).unwrap()
}

async fn tick(changes: &mut watch::Receiver<u64>) {
    timeout(PATIENCE, changes.changed()).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_login_page_takes_the_network_away_and_brings_it_back_by_an_event() {
    let Some(bus) = Bus::start() else { return };
    let mut network_manager = bus.network_manager(FULL).await;
    let net = net_on(&bus.address);
    let mut changes = net.changes();
    assert!(net.is_online(), "before anything is known");
    network_manager.was_asked().await;
    assert!(!changes.has_changed().unwrap(), "the state at the beginning is no change");
    network_manager.finds(PORTAL).await;
    tick(&mut changes).await;
    assert!(!net.is_online());
    assert_eq!(net.what_is_missing(), Some(Fault::CaptivePortal));
    assert_eq!(net.mail_hosts("example.test").await, Err(DnsFault::NoResolver("example.test".into())));
    network_manager.finds(FULL).await;
    tick(&mut changes).await;
    assert!(net.is_online());
    assert_eq!(net.what_is_missing(), None);
}

#[tokio::test]
async fn whatever_else_network_manager_finds_is_no_reason_not_to_try() {
    let Some(bus) = Bus::start() else { return };
    let mut network_manager = bus.network_manager(FULL).await;
    let net = net_on(&bus.address);
    network_manager.was_asked().await;
    let mut changes = net.changes();
    for found in [LIMITED, NONE, UNKNOWN, 99, FULL] {
        network_manager.finds(PORTAL).await;
        tick(&mut changes).await;
        assert!(!net.is_online(), "before {found}");
        network_manager.finds(found).await;
        tick(&mut changes).await;
        assert!(net.is_online(), "{found}");
    }
}

#[tokio::test]
async fn a_network_manager_that_comes_late_is_heard_and_one_that_goes_is_believed_no_longer() {
    let Some(bus) = Bus::start() else { return };
    let mut first = bus.network_manager(UNKNOWN).await;
    let net = net_on(&bus.address);
    let mut changes = net.changes();
    first.was_asked().await;
    first.leaves().await;
    let second = bus.network_manager(PORTAL).await;
    tick(&mut changes).await;
    assert_eq!(net.what_is_missing(), Some(Fault::CaptivePortal));
    second.leaves().await;
    tick(&mut changes).await;
    assert!(net.is_online());
}

#[tokio::test]
async fn what_was_known_ends_with_the_bus() {
    let Some(mut bus) = Bus::start() else { return };
    let mut network_manager = bus.network_manager(FULL).await;
    let net = net_on(&bus.address);
    let mut changes = net.changes();
    network_manager.was_asked().await;
    network_manager.finds(PORTAL).await;
    tick(&mut changes).await;
    assert!(!net.is_online());
    bus.stop();
    tick(&mut changes).await;
    assert!(net.is_online());
}

/// A way out of which it is told at once that it ends at a login page.
#[derive(Debug)]
struct Hotel;

impl WayOut for Hotel {
    fn watch(&self, mut told: Told) -> Option<Watch> {
        told(Connectivity::Portal);
        Some(Watch::new(()))
    }
}

#[test]
fn name_servers_that_were_given_are_a_way_out_of_their_own() {
    for (dns, expected) in [("", Some(Fault::CaptivePortal)), ("127.0.0.1:53", None), ("192.0.2.53:53", None)] {
        let config = NetConfig { dns: dns.parse().into_iter().collect(), ..NetConfig::default() };
        let net = Net::with(config, cable(), &Hotel).unwrap();
        assert_eq!(net.what_is_missing(), expected, "{dns}");
    }
}

#[test]
fn no_network_at_all_is_said_before_its_login_page() {
    let net = Net::with(NetConfig::default(), Arc::new(Cable(None)), &Hotel).unwrap();
    assert_eq!(net.what_is_missing(), Some(Fault::NoNetwork));
}

#[tokio::test]
async fn without_a_bus_everything_is_as_if_nobody_had_asked() {
    let net = net_on("unix:path=/does/not/exist");
    assert!(net.is_online());
    tokio::task::yield_now().await;
    assert!(net.is_online() && !net.changes().has_changed().unwrap());
}

#[test]
fn without_a_runtime_everything_is_as_if_nobody_had_asked() {
    assert!(net_on("unix:path=/does/not/exist").is_online());
}
