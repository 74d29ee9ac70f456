//! Name servers with zones of their own.

#![allow(clippy::unwrap_used, dead_code, reason = "a test that cannot go on has failed; none uses all")]

use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::rdata::{A, MX, NS, SOA};
use hickory_resolver::proto::rr::{Name, RData, Record};
use hickory_server::Server;
use hickory_server::dnssec::NxProofKind;
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, UdpSocket};

pub type Zone = InMemoryZoneHandler<TokioRuntimeProvider>;

pub fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

pub fn zone(origin: &str, records: &[(&str, RData)], proof: Option<NxProofKind>) -> Zone {
    let mut zone = Zone::empty(name(origin), ZoneType::Primary, AxfrPolicy::Deny, proof);
    let soa = SOA::new(name("ns.test."), name("post.test."), 1, 3600, 600, 86_400, 60);
    let own = [(origin, RData::SOA(soa)), (origin, RData::NS(NS(name("ns.test."))))];
    for (owner, data) in own.iter().chain(records) {
        assert!(zone.upsert_mut(Record::from_rdata(name(owner), 60, data.clone()), 1), "{owner}");
    }
    zone
}

pub fn a(octets: [u8; 4]) -> RData {
    RData::A(A(octets.into()))
}

pub fn mx(host: &str) -> RData {
    RData::MX(MX::new(10, name(host)))
}

pub async fn serve(zones: Vec<(&str, Zone)>) -> SocketAddr {
    serve_zones(zones.into_iter().map(|(origin, zone)| (origin, Arc::new(zone))).collect()).await
}

pub async fn serve_zones(zones: Vec<(&str, Arc<Zone>)>) -> SocketAddr {
    let mut catalog = Catalog::new();
    for (origin, zone) in zones {
        catalog.upsert(name(origin).into(), vec![zone]);
    }
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let mut server = Server::new(catalog);
    server.register_socket(UdpSocket::bind(address).await.unwrap());
    server.register_listener(tcp, Duration::from_secs(5), 4096);
    tokio::spawn(async move { server.block_until_done().await });
    address
}
