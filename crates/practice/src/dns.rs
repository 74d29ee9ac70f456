//! The name server: authoritative for the practice world, and for nothing else.
//!
//! A name that is not ours is answered REFUSED when it lies outside `.test` and NXDOMAIN inside; it is never asked of
//! anybody, so that practising tells no real name server anything. What is answered is decided by [`Zone::answer`] from
//! the table in `cast` and from the switches; hickory-server does the wire.
//!
//! Outside `.test` two things are played, about one address alone ([`YOUR_ADDRESS`]): the name that it has, and what lists
//! of addresses (RFC 5782) say of it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{Metadata, ResponseCode};
use hickory_server::proto::rr::rdata::{A, AAAA, MX, PTR, SOA, TXT};
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;

use crate::cast::{self, Domain, Stage};
use crate::control::CONTROL_NAME;
use crate::switches::{DnsList, ReverseDns, Switches, YOUR_ADDRESS};

/// Short, so that a zone that changes between two starts is seen by the next question.
const TTL: u32 = 5;

/// Hosts that are not mail hosts.
const PLAIN_HOSTS: [&str; 3] = ["imap.practice.test", "smtp.practice.test", "ns.practice.test"];

/// The name of [`YOUR_ADDRESS`], and the one that it has when it is one of many.
const YOUR_NAME: &str = "desk.practice.test";
const GENERIC_NAME: &str = "dsl-203-0-113-25.provider.test";

/// The lists of addresses that are played, and what each answers where it lists: 2 for spam, 10 for an address that its
/// provider does not want to send mail itself. The second keeps no such policy.
const LISTS: [(&str, Option<u8>, Option<u8>); 2] =
    [("zen.spamhaus.org", Some(2), Some(10)), ("bl.spamcop.net", Some(2), None)];

/// What the zone says to one question.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Records(Vec<RData>),
    /// The name is there, but has nothing of that type.
    NoData,
    Code(ResponseCode),
}

/// The zone, and what its answers hang on.
#[derive(Clone)]
pub(crate) struct Zone {
    pub(crate) stage: Stage,
    /// Where orders are taken.
    pub(crate) control: SocketAddr,
    pub(crate) switches: watch::Receiver<Switches>,
}

impl Zone {
    /// Answers one question; `name` in lower case without its trailing dot.
    fn answer(&self, name: &str, kind: RecordType) -> Answer {
        let switches = *self.switches.borrow();
        if name == CONTROL_NAME {
            return records(kind, RecordType::TXT, vec![text(self.control.to_string())]);
        }
        if name == YOUR_NAME || name == GENERIC_NAME {
            return address_record(YOUR_ADDRESS.into(), kind);
        }
        if name == "test" || name.ends_with(".test") {
            return practice_name(self.stage, name, kind);
        }
        // What every name server says of it (RFC 6761 §6.4).
        if name == "invalid" || name.ends_with(".invalid") {
            return Answer::Code(ResponseCode::NXDomain);
        }
        about_your_address(&switches, name, kind)
    }
}

/// What is said of the one address that the practice world sees.
fn about_your_address(switches: &Switches, name: &str, kind: RecordType) -> Answer {
    let [a, b, c, d] = YOUR_ADDRESS.octets();
    let reversed = format!("{d}.{c}.{b}.{a}");
    if name == format!("{reversed}.in-addr.arpa") {
        let own = match switches.reverse_dns {
            ReverseDns::Confirmed => YOUR_NAME,
            ReverseDns::Generic => GENERIC_NAME,
            ReverseDns::Missing => return Answer::Code(ResponseCode::NXDomain),
        };
        return records(kind, RecordType::PTR, vec![RData::PTR(PTR(absolute(own)))]);
    }
    for (list, for_spam, by_policy) in LISTS {
        if name != format!("{reversed}.{list}") {
            continue;
        }
        let code = match switches.dns_list {
            DnsList::Absent => None,
            DnsList::Listed => for_spam,
            DnsList::Policy => by_policy,
        };
        return match code {
            Some(code) => records(kind, RecordType::A, vec![RData::A(A([127, 0, 0, code].into()))]),
            None => Answer::Code(ResponseCode::NXDomain),
        };
    }
    Answer::Code(ResponseCode::Refused)
}

/// A name of the practice world itself.
fn practice_name(stage: Stage, name: &str, kind: RecordType) -> Answer {
    if name == "servfail.test" || name.ends_with(".servfail.test") {
        return Answer::Code(ResponseCode::ServFail);
    }
    if let Some(host) = cast::host_named(name) {
        return address_record(stage.address(host), kind);
    }
    if PLAIN_HOSTS.contains(&name) {
        return address_record(Ipv4Addr::LOCALHOST.into(), kind);
    }
    match cast::domain(name) {
        Domain::Nowhere => Answer::Code(ResponseCode::NXDomain),
        Domain::ServFail => Answer::Code(ResponseCode::ServFail),
        Domain::NullMx => records(kind, RecordType::MX, vec![RData::MX(MX::new(0, Name::root()))]),
        Domain::Served => served(name, kind),
    }
}

fn served(domain: &str, kind: RecordType) -> Answer {
    match kind {
        RecordType::MX => {
            let hosts = cast::mail_hosts(domain);
            Answer::Records(hosts.map(|host| RData::MX(MX::new(host.preference, absolute(host.name)))).collect())
        }
        RecordType::TXT if domain == "practice.test" => {
            Answer::Records(vec![text(format!("v=spf1 ip4:127.0.0.0/8 ip4:{YOUR_ADDRESS} -all"))])
        }
        _ => Answer::NoData,
    }
}

fn address_record(address: IpAddr, kind: RecordType) -> Answer {
    match address {
        IpAddr::V4(address) => records(kind, RecordType::A, vec![RData::A(A(address))]),
        IpAddr::V6(address) => records(kind, RecordType::AAAA, vec![RData::AAAA(AAAA(address))]),
    }
}

fn records(asked: RecordType, held: RecordType, records: Vec<RData>) -> Answer {
    if asked == held { Answer::Records(records) } else { Answer::NoData }
}

fn text(text: String) -> RData {
    RData::TXT(TXT::new(vec![text]))
}

/// A name from our own tables; they hold nothing that is not a name.
fn absolute(name: &str) -> Name {
    Name::from_ascii(format!("{name}.")).unwrap_or_else(|_| Name::root())
}

/// The start of authority that negative answers carry (RFC 2308): how long "no" may be remembered. Outside `.test` every
/// name that is played is a zone of its own.
fn start_of_authority(name: &str) -> Record {
    let soa = SOA::new(absolute("ns.practice.test"), absolute("you.practice.test"), 1, 3600, 600, 86400, TTL);
    let zone = if name.ends_with("test") { "test" } else { name };
    Record::from_rdata(absolute(zone), TTL, RData::SOA(soa))
}

#[async_trait::async_trait]
impl RequestHandler for Zone {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut to: R) -> ResponseInfo {
        let builder = MessageResponseBuilder::from_message_request(request);
        let Ok(asked) = request.request_info() else {
            let sent = to.send_response(builder.error_msg(&request.metadata, ResponseCode::FormErr)).await;
            return sent.unwrap_or_else(|_| nothing_sent(request));
        };
        let name = asked.query.name().to_string().to_ascii_lowercase();
        let name = name.trim_end_matches('.');
        let answer = self.answer(name, asked.query.query_type());
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        let owner = Name::from(asked.query.name().clone());
        let (records, soa) = match answer {
            Answer::Records(data) => {
                (data.into_iter().map(|data| Record::from_rdata(owner.clone(), TTL, data)).collect(), None)
            }
            Answer::NoData => (Vec::new(), Some(start_of_authority(name))),
            Answer::Code(code) => {
                metadata.response_code = code;
                (Vec::new(), (code == ResponseCode::NXDomain).then(|| start_of_authority(name)))
            }
        };
        let sent = to.send_response(builder.build(metadata, &records, [], &soa, [])).await;
        sent.unwrap_or_else(|_| nothing_sent(request))
    }
}

/// What hickory wants to hear when the asker is gone.
fn nothing_sent(request: &Request) -> ResponseInfo {
    hickory_server::proto::op::Header {
        metadata: Metadata::response_from_request(&request.metadata),
        counts: hickory_server::proto::op::HeaderCounts::default(),
    }
    .into()
}

/// The sockets of a name server: UDP and TCP at one port of 127.0.0.1.
pub(crate) struct Sockets {
    udp: UdpSocket,
    tcp: TcpListener,
    pub(crate) address: SocketAddr,
}

impl Sockets {
    /// Binds both; tries other ports while one of the two is taken.
    pub(crate) async fn bind() -> std::io::Result<Self> {
        const TRIES: u32 = 50;
        let mut last = std::io::ErrorKind::AddrInUse.into();
        for _ in 0..TRIES {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let address = tcp.local_addr()?;
            match UdpSocket::bind(address).await {
                Ok(udp) => return Ok(Self { udp, tcp, address }),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Answers until it is dropped.
    pub(crate) async fn serve(self, zone: Zone) {
        let mut server = Server::new(zone);
        server.register_socket(self.udp);
        server.register_listener(self.tcp, Duration::from_secs(10), 16);
        if let Err(error) = server.block_until_done().await {
            tracing::warn!(%error, "the practice name server ended");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mx(preference: u16, name: &str) -> RData {
        RData::MX(MX::new(preference, Name::from_ascii(name).unwrap()))
    }

    fn zone(stage: Stage, orders: &[&str]) -> Zone {
        let switches = orders.iter().fold(Switches::default(), |all, order| all.after(order.parse().unwrap()));
        Zone { stage, control: ([127, 0, 0, 1], 7).into(), switches: watch::Sender::new(switches).subscribe() }
    }

    fn answer(stage: Stage, name: &str, kind: RecordType) -> Answer {
        zone(stage, &[]).answer(name, kind)
    }

    fn a(address: [u8; 4]) -> RData {
        RData::A(A(address.into()))
    }

    #[test]
    fn the_zone_answers_as_its_table_says() {
        use Answer::{Code, NoData, Records};
        let table = [
            ("prompt.test", RecordType::MX, Records(vec![mx(10, "mx.prompt.test.")])),
            ("split.test", RecordType::MX, Records(vec![mx(10, "mx1.split.test."), mx(20, "mx2.split.test.")])),
            ("nullmx.test", RecordType::MX, Records(vec![mx(0, ".")])),
            ("nowhere.test", RecordType::MX, Code(ResponseCode::NXDomain)),
            ("servfail.test", RecordType::MX, Code(ResponseCode::ServFail)),
            ("mx.prompt.test", RecordType::A, Records(vec![a([127, 25, 0, 2])])),
            ("mx.prompt.test", RecordType::AAAA, NoData),
            ("prompt.test", RecordType::A, NoData),
            ("imap.practice.test", RecordType::A, Records(vec![a([127, 0, 0, 1])])),
            ("fjordpost.test", RecordType::MX, Records(vec![mx(10, "mx.neighbours.test.")])),
            ("example.org", RecordType::MX, Code(ResponseCode::Refused)),
            ("anything.invalid", RecordType::A, Code(ResponseCode::NXDomain)),
            ("25.127.in-addr.arpa", RecordType::PTR, Code(ResponseCode::Refused)),
            ("control.practice.test", RecordType::TXT, Records(vec![text("127.0.0.1:7".to_owned())])),
        ];
        for (name, kind, expected) in table {
            assert_eq!(answer(Stage::OwnAddresses, name, kind), expected, "{name} {kind}");
        }
    }

    #[test]
    fn the_switches_say_how_your_address_looks() {
        use Answer::{Code, Records};
        let name = |name: &str| Records(vec![RData::PTR(PTR(Name::from_ascii(name).unwrap()))]);
        let gone = || Code(ResponseCode::NXDomain);
        let (reverse, zen) = ("25.113.0.203.in-addr.arpa", "25.113.0.203.zen.spamhaus.org");
        let spamcop = "25.113.0.203.bl.spamcop.net";
        let table = [
            ("reverse-dns confirmed", reverse, RecordType::PTR, name("desk.practice.test.")),
            ("reverse-dns generic", reverse, RecordType::PTR, name("dsl-203-0-113-25.provider.test.")),
            ("reverse-dns missing", reverse, RecordType::PTR, gone()),
            ("dns-list absent", zen, RecordType::A, gone()),
            ("dns-list listed", zen, RecordType::A, Records(vec![a([127, 0, 0, 2])])),
            ("dns-list listed", spamcop, RecordType::A, Records(vec![a([127, 0, 0, 2])])),
            ("dns-list policy", zen, RecordType::A, Records(vec![a([127, 0, 0, 10])])),
            ("dns-list policy", spamcop, RecordType::A, gone()),
            ("dns-list listed", "26.113.0.203.zen.spamhaus.org", RecordType::A, Code(ResponseCode::Refused)),
            ("reverse-dns generic", "desk.practice.test", RecordType::A, Records(vec![a([203, 0, 113, 25])])),
        ];
        for (order, name, kind, expected) in table {
            assert_eq!(zone(Stage::OwnAddresses, &[order]).answer(name, kind), expected, "{order}: {name}");
        }
    }

    #[test]
    fn where_all_share_one_address_the_host_that_is_down_is_still_down() {
        assert_eq!(answer(Stage::Shared, "mx.prompt.test", RecordType::A), Answer::Records(vec![a([127, 0, 0, 1])]));
        assert_eq!(answer(Stage::Shared, "mx.down.test", RecordType::A), Answer::NoData);
        assert!(matches!(answer(Stage::Shared, "mx.down.test", RecordType::AAAA), Answer::Records(_)));
    }
}
