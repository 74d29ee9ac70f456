//! Lookups against a name server that answers as a test wants, also wrongly, late or not at all.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, MX, PTR};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use model::DnsFault;
use postrider_net::{MailHosts, MxHost, Net, NetConfig};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

#[derive(Clone)]
enum Answer {
    Records(Vec<RData>),
    Code(ResponseCode),
    /// Over UDP only a mark that it does not fit; over TCP the records.
    OnlyOverTcp(Vec<RData>),
    Silence,
}

type Zone = Arc<Mutex<HashMap<(String, RecordType), Answer>>>;

/// A name server. What it does not know does not exist, unless the name has other records.
struct NameServer {
    address: SocketAddr,
    zone: Zone,
}

impl NameServer {
    async fn start() -> Self {
        let zone = Zone::default();
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        let udp = UdpSocket::bind(address).await.unwrap();
        tokio::spawn(serve_udp(udp, zone.clone()));
        tokio::spawn(serve_tcp(tcp, zone.clone()));
        Self { address, zone }
    }

    fn set(&self, name: &str, kind: RecordType, answer: Answer) -> &Self {
        self.zone.lock().unwrap().insert((name.to_owned(), kind), answer);
        self
    }

    fn net(&self) -> Net {
        net(&[self.address])
    }
}

fn net(dns: &[SocketAddr]) -> Net {
    Net::new(NetConfig { dns: dns.to_vec(), smtp_port: 2525, ..NetConfig::default() }).unwrap()
}

async fn serve_udp(socket: UdpSocket, zone: Zone) {
    let mut packet = [0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut packet).await {
        if let Some(answer) = respond(&packet[..length], &zone, Over::Udp) {
            socket.send_to(&answer, from).await.unwrap();
        }
    }
}

async fn serve_tcp(listener: TcpListener, zone: Zone) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve_connection(stream, zone.clone()));
    }
}

async fn serve_connection(mut stream: TcpStream, zone: Zone) {
    while let Ok(length) = stream.read_u16().await {
        let mut packet = vec![0; usize::from(length)];
        stream.read_exact(&mut packet).await.unwrap();
        if let Some(answer) = respond(&packet, &zone, Over::Tcp) {
            stream.write_u16(answer.len() as u16).await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    }
}

#[derive(PartialEq)]
enum Over {
    Udp,
    Tcp,
}

fn respond(packet: &[u8], zone: &Zone, over: Over) -> Option<Vec<u8>> {
    let mut message = Message::from_vec(packet).unwrap().into_response();
    message.additionals.clear();
    let query = message.queries[0].clone();
    let name = query.name().to_lowercase().to_ascii();
    let zone = zone.lock().unwrap();
    let known = zone.keys().any(|(other, _)| *other == name);
    let absent = if known { Answer::Records(vec![]) } else { Answer::Code(ResponseCode::NXDomain) };
    let answer = zone.get(&(name, query.query_type())).cloned().unwrap_or(absent);
    match answer {
        Answer::Silence => return None,
        Answer::Code(code) => message.metadata.response_code = code,
        Answer::OnlyOverTcp(_) if over == Over::Udp => message.metadata.truncation = true,
        Answer::Records(records) | Answer::OnlyOverTcp(records) => {
            for data in records {
                message.add_answer(Record::from_rdata(query.name().clone(), 300, data));
            }
        }
    }
    Some(message.to_vec().unwrap())
}

fn mx(preference: u16, exchange: &str) -> RData {
    RData::MX(MX::new(preference, Name::from_ascii(exchange).unwrap()))
}

fn host(preference: u16, name: &str) -> MxHost {
    MxHost { preference, name: name.to_owned() }
}

fn a(octets: [u8; 4]) -> RData {
    RData::A(A(octets.into()))
}

#[tokio::test]
async fn the_mail_hosts_of_a_domain_are_what_its_mx_records_say() {
    let server = NameServer::start().await;
    server
        .set("two.test.", RecordType::MX, Answer::Records(vec![mx(20, "b.two.test."), mx(10, "A.Two.test.")]))
        .set("null.test.", RecordType::MX, Answer::Records(vec![mx(0, ".")]))
        .set("plain.test.", RecordType::A, Answer::Records(vec![a([192, 0, 2, 1])]))
        .set("xn--bcher-kva.test.", RecordType::MX, Answer::Records(vec![mx(5, "mx.test.")]));
    let net = server.net();
    let mut two = match net.mail_hosts("two.test").await {
        Ok(MailHosts::Mx(hosts)) => hosts,
        other => panic!("{other:?}"),
    };
    two.sort();
    assert_eq!(two, [host(10, "a.two.test"), host(20, "b.two.test")]);
    assert_eq!(net.mail_hosts("null.test").await, Ok(MailHosts::NullMx));
    assert_eq!(net.mail_hosts("plain.test").await, Ok(MailHosts::Implicit("plain.test".into())));
    assert_eq!(net.mail_hosts("xn--bcher-kva.test").await, Ok(MailHosts::Mx(vec![host(5, "mx.test")])));
    assert_eq!(net.mail_hosts("[192.0.2.7]").await, Ok(MailHosts::Implicit("[192.0.2.7]".into())));
}

#[tokio::test]
async fn a_name_that_is_not_there_is_told_from_one_that_nobody_could_look_up() {
    let server = NameServer::start().await;
    server
        .set("servfail.test.", RecordType::MX, Answer::Code(ResponseCode::ServFail))
        .set("refused.test.", RecordType::MX, Answer::Code(ResponseCode::Refused))
        .set("empty.test.", RecordType::TXT, Answer::Records(vec![]));
    let net = server.net();
    let table = [
        ("nowhere.test", DnsFault::NoSuchDomain("nowhere.test".into())),
        ("servfail.test", DnsFault::ServerFailure("servfail.test".into())),
        ("refused.test", DnsFault::ServerFailure("refused.test".into())),
        ("a..test", DnsFault::NoSuchDomain("a..test".into())),
    ];
    for (domain, expected) in table {
        assert_eq!(net.mail_hosts(domain).await, Err(expected), "{domain}");
    }
    assert_eq!(net.addresses("empty.test").await, Err(DnsFault::NoRecords("empty.test".into())));
    assert_eq!(net.addresses("nowhere.test").await, Err(DnsFault::NoSuchDomain("nowhere.test".into())));
}

#[tokio::test]
async fn a_host_has_the_addresses_of_both_families_and_of_its_alias() {
    let server = NameServer::start().await;
    let v6 = "2001:db8::1".parse().unwrap();
    server
        .set("both.test.", RecordType::A, Answer::Records(vec![a([192, 0, 2, 1]), a([192, 0, 2, 2])]))
        .set("both.test.", RecordType::AAAA, Answer::Records(vec![RData::AAAA(AAAA(v6))]))
        .set("half.test.", RecordType::A, Answer::Records(vec![a([192, 0, 2, 3])]))
        .set("half.test.", RecordType::AAAA, Answer::Code(ResponseCode::ServFail))
        .set(
            "alias.test.",
            RecordType::A,
            Answer::Records(vec![RData::CNAME(CNAME(Name::from_ascii("half.test.").unwrap()))]),
        )
        .set(
            "alias.test.",
            RecordType::AAAA,
            Answer::Records(vec![RData::CNAME(CNAME(Name::from_ascii("half.test.").unwrap()))]),
        );
    let net = server.net();
    let both = net.addresses("both.test").await.unwrap();
    assert_eq!(both.len(), 3);
    assert_eq!(both[0], IpAddr::V6(v6), "IPv6 first");
    let half = vec![IpAddr::from([192, 0, 2, 3])];
    assert_eq!(net.addresses("half.test").await, Ok(half.clone()));
    assert_eq!(net.addresses("alias.test").await, Ok(half));
}

#[tokio::test]
async fn an_address_needs_no_name_server() {
    let net = net(&["127.0.0.1:1".parse().unwrap()]);
    for (text, expected) in
        [("192.0.2.1", "192.0.2.1"), ("[192.0.2.1]", "192.0.2.1"), ("[IPv6:2001:db8::1]", "2001:db8::1")]
    {
        assert_eq!(net.addresses(text).await, Ok(vec![expected.parse().unwrap()]));
    }
    assert!(net.addresses("localhost").await.unwrap().iter().all(IpAddr::is_loopback));
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_asked_for_over_tcp() {
    let server = NameServer::start().await;
    let many: Vec<RData> = (0..200).map(|n| mx(n, &format!("mx{n}.large.test."))).collect();
    server.set("large.test.", RecordType::MX, Answer::OnlyOverTcp(many));
    match server.net().mail_hosts("large.test").await {
        Ok(MailHosts::Mx(hosts)) => assert_eq!(hosts.len(), 200),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn no_name_server_at_all_is_a_local_cause() {
    // Bound and closed again: nothing listens there.
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let net = net(&[nobody]);
    assert_eq!(net.mail_hosts("example.test").await, Err(DnsFault::NoResolver("example.test".into())));
    assert_eq!(net.addresses("mx.example.test").await, Err(DnsFault::NoResolver("mx.example.test".into())));
}

#[tokio::test(start_paused = true)]
async fn a_name_server_that_is_silent_about_one_name_is_there_all_the_same() {
    let server = NameServer::start().await;
    server.set("slow.test.", RecordType::MX, Answer::Silence).set(
        ".",
        RecordType::NS,
        Answer::Code(ResponseCode::Refused),
    );
    let net = server.net();
    assert_eq!(net.mail_hosts("slow.test").await, Err(DnsFault::ServerFailure("slow.test".into())));
    server.set(".", RecordType::NS, Answer::Silence);
    assert_eq!(net.mail_hosts("slow.test").await, Err(DnsFault::NoResolver("slow.test".into())));
}

#[tokio::test]
async fn a_name_server_that_fails_at_everything_is_a_local_cause() {
    let server = NameServer::start().await;
    server.set("example.test.", RecordType::MX, Answer::Code(ResponseCode::ServFail)).set(
        ".",
        RecordType::NS,
        Answer::Code(ResponseCode::ServFail),
    );
    let net = server.net();
    assert_eq!(net.mail_hosts("example.test").await, Err(DnsFault::NoResolver("example.test".into())));
}

#[tokio::test]
async fn the_second_name_server_answers_for_the_first() {
    let server = NameServer::start().await;
    server.set("two.test.", RecordType::MX, Answer::Records(vec![mx(10, "mx.two.test.")]));
    let nobody = TcpListener::bind("127.0.0.2:0").await.unwrap().local_addr().unwrap();
    let net = net(&[nobody, server.address]);
    assert_eq!(net.mail_hosts("two.test").await, Ok(MailHosts::Mx(vec![host(10, "mx.two.test")])));
}

fn pointer(name: &str) -> RData {
    RData::PTR(PTR(Name::from_ascii(name).unwrap()))
}

#[tokio::test]
async fn an_address_has_the_name_that_leads_back_to_it() {
    let server = NameServer::start().await;
    let records = Answer::Records;
    server
        .set("7.2.0.192.in-addr.arpa.", RecordType::PTR, records(vec![pointer("mail.example.test.")]))
        .set("mail.example.test.", RecordType::A, records(vec![RData::A(A::new(192, 0, 2, 7))]))
        .set("8.2.0.192.in-addr.arpa.", RecordType::PTR, records(vec![pointer("mail.example.test.")]))
        .set("9.2.0.192.in-addr.arpa.", RecordType::PTR, records(vec![pointer("gone.test."), pointer("local.")]))
        .set(
            "10.2.0.192.in-addr.arpa.",
            RecordType::PTR,
            records(vec![pointer("z.test."), pointer("b.test."), pointer("a.test.")]),
        )
        .set("z.test.", RecordType::A, records(vec![RData::A(A::new(192, 0, 2, 10))]))
        .set("b.test.", RecordType::A, records(vec![RData::A(A::new(192, 0, 2, 1)), RData::A(A::new(192, 0, 2, 10))]))
        .set("11.2.0.192.in-addr.arpa.", RecordType::PTR, Answer::Code(ResponseCode::ServFail))
        .set(
            "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.",
            RecordType::PTR,
            records(vec![pointer("six.test.")]),
        )
        .set("six.test.", RecordType::AAAA, records(vec![RData::AAAA(AAAA("2001:db8::7".parse().unwrap()))]));
    let net = server.net();
    let table = [
        ("192.0.2.7", Ok(Some("mail.example.test")), "it leads back"),
        ("::ffff:192.0.2.7", Ok(Some("mail.example.test")), "the same address in other clothes"),
        ("192.0.2.8", Ok(None), "it leads to another"),
        ("192.0.2.9", Ok(None), "it does not exist, or is no host name"),
        ("192.0.2.10", Ok(Some("b.test")), "the first that leads back"),
        ("192.0.2.11", Err(()), "nobody can say"),
        ("192.0.2.12", Ok(None), "there is none"),
        ("2001:db8::7", Ok(Some("six.test")), "IPv6 as well"),
    ];
    for (ip, expected, why) in table {
        let name = net.confirmed_name(ip.parse().unwrap()).await;
        assert_eq!(name.as_ref().map(Option::as_deref).map_err(|_| ()), expected, "{ip}: {why}");
    }
}

#[tokio::test]
async fn nobody_is_asked_for_the_name_of_an_address_that_is_not_known_outside() {
    let server = NameServer::start().await;
    let name = Answer::Records(vec![pointer("mail.example.test.")]);
    server
        .set("1.0.0.127.in-addr.arpa.", RecordType::PTR, name.clone())
        .set("2.1.168.192.in-addr.arpa.", RecordType::PTR, name)
        .set(
            "mail.example.test.",
            RecordType::A,
            Answer::Records(vec![RData::A(A::new(127, 0, 0, 1)), RData::A(A::new(192, 168, 1, 2))]),
        );
    for ip in ["127.0.0.1", "192.168.1.2"] {
        assert_eq!(server.net().confirmed_name(ip.parse().unwrap()).await, Ok(None), "{ip}");
    }
}

#[tokio::test]
async fn the_names_of_an_address_are_known_whether_or_not_they_lead_back() {
    let server = NameServer::start().await;
    let names = ["mail.example.test.", "under_score.example.test.", "a.example.test."].map(pointer);
    server.set("7.2.0.192.in-addr.arpa.", RecordType::PTR, Answer::Records(names.to_vec()));
    server.set("8.2.0.192.in-addr.arpa.", RecordType::PTR, Answer::Code(ResponseCode::ServFail));
    let net = server.net();
    let names = |ip: &str| net.reverse_names(ip.parse().unwrap());
    assert_eq!(names("192.0.2.7").await.unwrap(), ["a.example.test", "mail.example.test"], "host names alone");
    assert_eq!(names("192.0.2.9").await.unwrap(), [""; 0]);
    assert!(names("192.0.2.8").await.is_err(), "that nobody answers is not that there is none");
}

#[tokio::test]
async fn name_servers_that_answer_over_datagrams_alone_are_found_out() {
    let server = NameServer::start().await;
    assert!(server.net().answers_over_tcp().await);
    let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = udp.local_addr().unwrap();
    tokio::spawn(serve_udp(udp, Zone::default()));
    assert!(!net(&[address]).answers_over_tcp().await);
}
