//! Connections, the source address, and whether there is a network.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use model::{DnsFault, Fault};
use postrider_net::{Interfaces, Net, NetConfig, Watch};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

const SOON: Duration = Duration::from_secs(5);

type Changed = Box<dyn FnMut() + Send>;

/// A cable that a test can pull.
#[derive(Default)]
struct Cable {
    addresses: Mutex<Vec<IpAddr>>,
    changed: Mutex<Option<Changed>>,
}

impl std::fmt::Debug for Cable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cable")
    }
}

impl Cable {
    fn has(&self, addresses: &[&str]) {
        *self.addresses.lock().unwrap() = addresses.iter().map(|address| address.parse().unwrap()).collect();
        if let Some(changed) = self.changed.lock().unwrap().as_mut() {
            changed();
        }
    }
}

impl Interfaces for Cable {
    fn addresses(&self) -> Option<Vec<IpAddr>> {
        Some(self.addresses.lock().unwrap().clone())
    }

    fn watch(&self, changed: Changed) -> Option<Watch> {
        *self.changed.lock().unwrap() = Some(changed);
        Some(Watch::new(()))
    }
}

fn net(config: NetConfig) -> Net {
    Net::new(config).unwrap()
}

#[tokio::test]
async fn a_network_that_comes_and_goes_is_noticed() {
    let cable = Arc::new(Cable::default());
    let net = Net::with_interfaces(NetConfig::default(), cable.clone()).unwrap();
    let mut changes = net.changes();
    cable.has(&["127.0.0.1", "fe80::1"]);
    assert!(!net.is_online());
    changes.changed().await.unwrap();
    cable.has(&["127.0.0.1", "192.168.1.2"]);
    assert!(net.is_online());
    changes.changed().await.unwrap();
}

#[tokio::test]
async fn after_a_sleep_everybody_looks_again() {
    let cable = Arc::new(Cable::default());
    cable.has(&["192.168.1.2"]);
    let net = Net::with_interfaces(NetConfig::default(), cable).unwrap();
    let mut changes = net.changes();
    net.woke();
    changes.changed().await.unwrap();
    assert!(!net.changes().has_changed().unwrap());
}

#[tokio::test]
async fn only_what_changes_from_now_on_is_news_to_whoever_asks_now() {
    let cable = Arc::new(Cable::default());
    let net = Net::with_interfaces(NetConfig::default(), cable.clone()).unwrap();
    cable.has(&["192.168.1.2"]);
    let mut changes = net.changes();
    assert!(!changes.has_changed().unwrap());
    cable.has(&["192.168.1.3"]);
    changes.changed().await.unwrap();
    assert!(!net.changes().has_changed().unwrap());
}

#[tokio::test]
async fn without_a_network_no_name_is_looked_up() {
    let net = Net::with_interfaces(NetConfig::default(), Arc::new(Cable::default())).unwrap();
    let nobody = DnsFault::NoResolver("example.test".into());
    assert_eq!(net.mail_hosts("example.test").await, Err(nobody.clone()));
    assert_eq!(net.addresses("example.test").await, Err(nobody));
    assert!(net.addresses("localhost").await.is_ok() && net.addresses("192.0.2.1").await.is_ok());
}

#[tokio::test]
async fn the_practice_post_office_counts_as_a_network() {
    let dns = vec!["127.0.0.1:5353".parse().unwrap()];
    let config = NetConfig { dns, smtp_port: 2525, ..NetConfig::default() };
    let net = Net::with_interfaces(config, Arc::new(Cable::default())).unwrap();
    assert!(net.is_online());
}

#[tokio::test]
async fn a_resolver_of_ones_own_is_no_network() {
    let config = NetConfig { dns: vec!["127.0.0.1:53".parse().unwrap()], ..NetConfig::default() };
    let cable = Arc::new(Cable::default());
    let net = Net::with_interfaces(config, cable.clone()).unwrap();
    cable.has(&["127.0.0.1"]);
    assert!(!net.is_online());
    cable.has(&["127.0.0.1", "192.168.1.2"]);
    assert!(net.is_online());
}

#[tokio::test]
async fn the_systems_interfaces_can_be_listed_and_watched() {
    let net = net(NetConfig::default());
    net.is_online();
    assert_eq!(*net.changes().borrow(), 0, "the state at the beginning is no change");
}

#[tokio::test]
async fn a_connection_comes_from_the_source_address_of_the_settings() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let source = IpAddr::from([127, 0, 0, 9]);
    let net = net(NetConfig { source_ip: Some(source), ..NetConfig::default() });
    let stream = net.dial(address, SOON).await.unwrap();
    assert_eq!(stream.local_addr().unwrap().ip(), source);
    assert_eq!(stream.peer_addr().unwrap(), address);
    assert_eq!(listener.accept().await.unwrap().1.ip(), source);
}

#[tokio::test]
async fn a_source_address_that_is_not_ours_is_said_to_be_the_cause() {
    let address: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let net = net(NetConfig { source_ip: Some(IpAddr::from([203, 0, 113, 77])), ..NetConfig::default() });
    match net.dial(address, SOON).await {
        Err(Fault::Local(text)) => assert!(text.contains("net.source_ip 203.0.113.77"), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_source_address_of_the_other_family_leads_nowhere() {
    let net = net(NetConfig { source_ip: Some(IpAddr::from([127, 0, 0, 1])), ..NetConfig::default() });
    let fault = net.dial("[::1]:1".parse().unwrap(), SOON).await.unwrap_err();
    assert_eq!(fault, Fault::Unreachable("[::1]:1".into()));
}

#[tokio::test]
async fn a_port_on_which_nobody_listens_refuses() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let fault = net(NetConfig::default()).dial(address, SOON).await.unwrap_err();
    assert_eq!(fault, Fault::ConnectionRefused(address.to_string()));
}

#[tokio::test]
async fn of_several_addresses_one_that_answers_is_enough() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let somebody = listener.local_addr().unwrap();
    let net = net(NetConfig::default());
    let (stream, reached) = net.dial_any(&[nobody, somebody], SOON).await.unwrap();
    assert_eq!((reached, stream.peer_addr().unwrap()), (somebody, somebody));
    let faults = net.dial_any(&[nobody], SOON).await.unwrap_err();
    assert_eq!(faults, [(nobody, Fault::ConnectionRefused(nobody.to_string()))]);
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_given_up_in_time() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // With its queue full, the system leaves further attempts without an answer.
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address)).await {
        waiting.push(stream);
    }
    let fault = net(NetConfig::default()).dial(address, Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(fault, Fault::ConnectTimeout(address.to_string()));
}
