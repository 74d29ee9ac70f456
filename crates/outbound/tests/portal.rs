//! A letter on a network with a login page.

#![cfg(target_os = "linux")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod desk;

use bus::network_manager::{FULL, PORTAL};
use bus::{Bus, PATIENCE};
use desk::{Desk, POLITE};
use model::{Class, DeliveryState, OutgoingId, WhoActs};
use net::{Interfaces, Net, NetConfig, NetworkManager, Watch};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::time::timeout;

/// A computer with an address.
#[derive(Debug)]
struct Cable;

impl Interfaces for Cable {
    fn addresses(&self) -> Option<Vec<IpAddr>> {
        Some(vec![IpAddr::from([192, 168, 1, 2])])
    }

    fn watch(&self, _: Box<dyn FnMut() + Send>) -> Option<Watch> {
        None
    }
}

async fn comes_to(desk: &Desk, letter: OutgoingId, state: DeliveryState) {
    let mut changes = desk.store.changes();
    let reached = async {
        while desk.outcome(letter).await.0 != [state] {
            changes.recv().await.unwrap();
        }
    };
    timeout(PATIENCE, reached).await.unwrap();
}

#[tokio::test]
async fn a_letter_waits_for_the_login_without_a_try_and_then_goes_by_itself() {
    let Some(bus) = Bus::start() else { return };
    let mut network_manager = bus.network_manager(FULL).await;
    let way_out = NetworkManager::on_bus(&bus.address);
    let net = Net::with(NetConfig::default(), Arc::new(Cable), &way_out).unwrap();
    let desk = Desk::in_network(net.clone(), Some(POLITE), Some(POLITE)).await;
    network_manager.was_asked().await;
    let mut changes = net.changes();
    network_manager.finds(PORTAL).await;
    timeout(PATIENCE, changes.changed()).await.unwrap().unwrap();

    let runner = desk.runner.clone().spawn();
    let letter = desk.submit(&["anna@there.test"]).await;
    comes_to(&desk, letter, DeliveryState::Deferred).await;
    let waiting = desk.store.outgoing(letter).await.unwrap().unwrap().deliveries.remove(0);
    let diagnosis = waiting.diagnosis.unwrap();
    assert_eq!((waiting.tries, diagnosis.class, diagnosis.who_acts), (0, Class::NetworkDown, WhoActs::You));
    assert_eq!(diagnosis.title, "This network wants you to log in first");
    assert!(desk.four.lock().unwrap().is_empty() && desk.six.lock().unwrap().is_empty(), "nobody was asked");

    // The clock of the desk stands still: what goes on now does so because of the event.
    network_manager.finds(FULL).await;
    comes_to(&desk, letter, DeliveryState::Relayed).await;
    runner.stop(PATIENCE).await;
}
