//! STUN (RFC 8489): a server says from which address it was asked.

use super::ask as ask_in_datagrams;
use rand::random;
use std::net::{IpAddr, SocketAddr};

const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const MAGIC_COOKIE: u32 = 0x2112_a442;
const MAPPED_ADDRESS: u16 = 0x0001;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;

pub(super) async fn ask(server: SocketAddr) -> Option<IpAddr> {
    let transaction: [u8; 12] = random();
    ask_in_datagrams(server, &binding_request(transaction), |answer| read_binding(answer, transaction)).await
}

/// Section 5, without attributes.
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
    use super::super::tests::peer;
    use super::*;

    const TRANSACTION: [u8; 12] = *b"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae";

    type Attribute = (u16, &'static [u8]);

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
        assert_eq!(ask(server.await).await, Some([203, 0, 113, 9].into()));
    }
}
