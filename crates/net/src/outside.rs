//! How others see this computer, told by those who must know: the router that translates its address (NAT-PMP, RFC 6886),
//! and a server that answers with the address that it was asked from (STUN, RFC 8489). The router is asked for nothing but
//! its address; no port is opened.

use crate::Net;
use rand::random;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;

/// Where routers hear NAT-PMP.
const NAT_PMP_PORT: u16 = 5351;
/// Pauses before a question is repeated; a datagram may be lost. The last is the time for the last answer.
const PAUSES: [Duration; 3] = [Duration::from_millis(250), Duration::from_millis(500), Duration::from_millis(1000)];
/// Octets of an answer that are read.
const LARGEST: usize = 1500;

/// NAT-PMP: version 0, opcode 0 asks for the outside address.
const OUTSIDE_PLEASE: [u8; 2] = [0, 0];
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const MAGIC_COOKIE: u32 = 0x2112_a442;
const MAPPED_ADDRESS: u16 = 0x0001;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;

impl Net {
    /// The address that the router of this network has outside, in IPv4; `None` where it does not say within two seconds.
    /// It may itself be one that is translated further on.
    pub async fn address_of_router(&self) -> Option<IpAddr> {
        if self.config().is_here() {
            return None;
        }
        ask_router(self.shared.interfaces.router()?).await
    }

    /// The address from which a STUN server sees this computer, asked over IPv4 where it has that; `None` where it does
    /// not say within some seconds.
    pub async fn address_by_stun(&self, host: &str, port: u16) -> Option<IpAddr> {
        let found = self.addresses(host).await.ok()?;
        let server = found.iter().find(|ip| ip.is_ipv4()).or(found.first())?;
        ask_stun((*server, port).into()).await
    }
}

async fn ask_router(router: Ipv4Addr) -> Option<IpAddr> {
    ask((router, NAT_PMP_PORT).into(), &OUTSIDE_PLEASE, read_nat_pmp).await
}

async fn ask_stun(server: SocketAddr) -> Option<IpAddr> {
    let transaction: [u8; 12] = random();
    ask(server, &binding_request(transaction), |answer| read_binding(answer, transaction)).await
}

async fn ask(whom: SocketAddr, question: &[u8], read: impl Fn(&[u8]) -> Option<IpAddr>) -> Option<IpAddr> {
    let any: IpAddr = if whom.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await.ok()?;
    // Connected, so that nobody else's answer is heard.
    socket.connect(whom).await.ok()?;
    for pause in PAUSES {
        socket.send(question).await.ok()?;
        let answered = timeout(pause, async {
            let mut answer = [0; LARGEST];
            loop {
                let length = socket.recv(&mut answer).await.ok()?;
                if let Some(address) = answer.get(..length).and_then(&read) {
                    return Some(address);
                }
            }
        });
        match answered.await {
            // Refused: nobody listens there, and nobody will.
            Ok(answer) => return answer,
            Err(_) => continue,
        }
    }
    None
}

/// RFC 6886 section 3.2: version, opcode 128, result, seconds, address. A router without an address says 0.0.0.0.
fn read_nat_pmp(answer: &[u8]) -> Option<IpAddr> {
    let ([0, 128, 0, 0, _, _, _, _, a, b, c, d], _) = answer.split_first_chunk::<12>()? else { return None };
    let ip = Ipv4Addr::new(*a, *b, *c, *d);
    (!ip.is_unspecified()).then_some(ip.into())
}

/// RFC 8489 section 5, without attributes.
fn binding_request(transaction: [u8; 12]) -> Vec<u8> {
    let mut request = Vec::with_capacity(20);
    request.extend(BINDING_REQUEST.to_be_bytes());
    request.extend(0_u16.to_be_bytes());
    request.extend(MAGIC_COOKIE.to_be_bytes());
    request.extend(transaction);
    request
}

/// The address in an answer to this request. Old servers tell it as it is, which some routers rewrite; so the other counts
/// first.
fn read_binding(answer: &[u8], transaction: [u8; 12]) -> Option<IpAddr> {
    let (header, attributes) = answer.split_first_chunk::<20>()?;
    let begins = [&BINDING_SUCCESS.to_be_bytes()[..], header.get(2..4)?, &MAGIC_COOKIE.to_be_bytes(), &transaction];
    if *header != *begins.concat() {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let mut rest = attributes.get(..length)?;
    let mut plain = None;
    while let Some((&[k, l, m, n], behind)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([m, n]));
        let value = behind.get(..length)?;
        match u16::from_be_bytes([k, l]) {
            XOR_MAPPED_ADDRESS => return address(value, &header[4..]),
            MAPPED_ADDRESS => plain = address(value, &[0; 16]),
            _ => (),
        }
        rest = behind.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    plain
}

/// Sections 14.1 and 14.2: a family, a port, and an address that is mixed with the cookie and the transaction.
fn address(value: &[u8], mixed_with: &[u8]) -> Option<IpAddr> {
    let (&[_, family, _, _], octets) = value.split_first_chunk::<4>()?;
    let clear: Vec<u8> = octets.iter().zip(mixed_with).map(|(octet, mixed)| octet ^ mixed).collect();
    match family {
        1 => <[u8; 4]>::try_from(clear).ok().map(IpAddr::from),
        2 => <[u8; 16]>::try_from(clear).ok().map(IpAddr::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSACTION: [u8; 12] = *b"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae";

    type Attribute = (u16, &'static [u8]);

    /// Somebody who answers each question as told; `None` is silence.
    async fn peer(mut answer: impl FnMut(&[u8]) -> Option<Vec<u8>> + Send + 'static) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut question = [0; LARGEST];
            loop {
                let (length, from) = socket.recv_from(&mut question).await.unwrap();
                if let Some(answer) = answer(&question[..length]) {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        address
    }

    fn success(transaction: [u8; 12], attributes: &[Attribute]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, value) in attributes {
            body.extend(kind.to_be_bytes());
            body.extend((value.len() as u16).to_be_bytes());
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let length = (body.len() as u16).to_be_bytes();
        [&BINDING_SUCCESS.to_be_bytes()[..], &length, &MAGIC_COOKIE.to_be_bytes(), &transaction, &body].concat()
    }

    #[test]
    fn a_router_is_believed_only_where_it_says_an_address() {
        let table: [(&[u8], Option<&str>); 6] = [
            (&[0, 128, 0, 0, 0, 0, 1, 2, 203, 0, 113, 9], Some("203.0.113.9")),
            (&[0, 128, 0, 0, 0, 0, 1, 2, 100, 64, 3, 4], Some("100.64.3.4")),
            (&[0, 128, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0], None),
            (&[0, 128, 0, 3, 0, 0, 1, 2, 203, 0, 113, 9], None),
            (&[0, 129, 0, 0, 0, 0, 1, 2, 203, 0, 113, 9], None),
            (&[0, 128, 0, 0], None),
        ];
        for (answer, expected) in table {
            assert_eq!(read_nat_pmp(answer), expected.map(|ip| ip.parse().unwrap()), "{answer:?}");
        }
    }

    // The values are those of the test vectors in RFC 5769, sections 2.2 and 2.3.
    #[test]
    fn the_address_in_an_answer_is_read_whole_or_not_at_all() {
        let four: &'static [u8] = b"\x00\x01\xa1\x47\xe1\x12\xa6\x43";
        let six: &'static [u8] = b"\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9";
        let plain: &'static [u8] = &[0, 1, 0x80, 0x55, 192, 0, 2, 7];
        let software: &'static [u8] = b"test vec";
        let table: [(&[Attribute], Option<&str>); 7] = [
            (&[(XOR_MAPPED_ADDRESS, four)], Some("192.0.2.1")),
            (&[(XOR_MAPPED_ADDRESS, six)], Some("2001:db8:1234:5678:11:2233:4455:6677")),
            (&[(0x8022, software), (XOR_MAPPED_ADDRESS, four)], Some("192.0.2.1")),
            (&[(MAPPED_ADDRESS, plain)], Some("192.0.2.7")),
            (&[(MAPPED_ADDRESS, plain), (XOR_MAPPED_ADDRESS, four)], Some("192.0.2.1")),
            (&[(XOR_MAPPED_ADDRESS, &[0, 1, 0, 0, 1])], None),
            (&[(0x8022, b"odd")], None),
        ];
        for (attributes, expected) in table {
            let answer = success(TRANSACTION, attributes);
            let expected = expected.map(|ip| ip.parse().unwrap());
            assert_eq!(read_binding(&answer, TRANSACTION), expected, "{attributes:?}");
            assert_eq!(read_binding(&answer, [0; 12]), None, "another's transaction");
            if expected.is_some() {
                for length in 0..answer.len() {
                    assert_eq!(read_binding(&answer[..length], TRANSACTION), None, "cut at {length}");
                }
            }
        }
    }

    #[tokio::test]
    async fn a_question_that_was_lost_is_asked_again() {
        let mut asked = 0;
        let server = peer(move |question| {
            asked += 1;
            let transaction = question[8..20].try_into().unwrap();
            (asked == 2).then(|| success(transaction, &[(MAPPED_ADDRESS, &[0, 1, 0, 1, 203, 0, 113, 9])]))
        });
        assert_eq!(ask_stun(server.await).await, Some([203, 0, 113, 9].into()));
    }

    #[tokio::test]
    async fn who_never_answers_is_given_up() {
        let (silent, babbling) = (peer(|_| None).await, peer(|question| Some(question.to_vec())).await);
        let answers = tokio::join!(ask_stun(silent), ask(babbling, &OUTSIDE_PLEASE, read_nat_pmp));
        assert_eq!(answers, (None, None));
    }
}
