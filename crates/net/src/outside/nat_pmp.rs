//! NAT-PMP (RFC 6886): a question of two octets, and an answer with the address.

use super::{RouterWord, ask as ask_in_datagrams};
use std::net::{Ipv4Addr, SocketAddr};

/// Where routers hear it.
pub(super) const PORT: u16 = 5351;
/// Version 0, opcode 0 asks for the outside address.
const OUTSIDE_PLEASE: [u8; 2] = [0, 0];
/// The result of a router that is not connected itself.
const NETWORK_FAILURE: u8 = 3;

pub(super) async fn ask(router: SocketAddr) -> Option<RouterWord> {
    ask_in_datagrams(router, &OUTSIDE_PLEASE, read).await
}

/// Section 3.2: version, opcode 128, result, seconds, address. Where the result is none of success, the rest may be missing
/// (section 3.5).
fn read(answer: &[u8]) -> Option<RouterWord> {
    let ([0, 128, result @ ..], rest) = answer.split_first_chunk::<4>()? else { return None };
    match *result {
        [0, 0] => {
            let [_, _, _, _, a, b, c, d] = *rest.first_chunk::<8>()?;
            Some(RouterWord::Outside(Ipv4Addr::new(a, b, c, d)))
        }
        [0, NETWORK_FAILURE] => Some(RouterWord::NoAddress),
        _ => Some(RouterWord::Nothing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_an_address_or_says_why_not() {
        let outside = |a, b, c, d| Some(RouterWord::Outside(Ipv4Addr::new(a, b, c, d)));
        let table: [(&[u8], Option<RouterWord>); 9] = [
            (&[0, 128, 0, 0, 0, 0, 1, 2, 203, 0, 113, 9], outside(203, 0, 113, 9)),
            (&[0, 128, 0, 0, 0, 0, 1, 2, 100, 64, 3, 4], outside(100, 64, 3, 4)),
            (&[0, 128, 0, 3, 0, 0, 1, 2, 203, 0, 113, 9], Some(RouterWord::NoAddress)),
            (&[0, 128, 0, 3], Some(RouterWord::NoAddress)),
            (&[0, 128, 0, 2, 0, 0, 1, 2], Some(RouterWord::Nothing)),
            (&[0, 129, 0, 0, 0, 0, 1, 2, 203, 0, 113, 9], None),
            (&[2, 128, 0, 1, 0, 0, 1, 2, 203, 0, 113, 9], None),
            (&[0, 128, 0, 0, 0, 0, 1, 2, 203, 0, 113], None),
            (&[0, 128], None),
        ];
        for (answer, expected) in table {
            assert_eq!(read(answer), expected, "{answer:?}");
        }
    }
}
