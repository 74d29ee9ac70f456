//! Whether the name of an address looks like one of thousands that a provider gave out by counting: pure.
//!
//! Receivers refuse mail from such names, or file it as junk, whatever else is in order. Nobody agrees on the patterns, so
//! this is to err: a name that is taken for generic costs a detour, one that is not may cost the letter.
//!
//! Generic is a name
//! - with a word for a kind of connection or customer (`dsl`, `pool`, `dhcp`);
//! - with the address in it, whole or in part: in decimal or hexadecimal, forwards or backwards, with whatever between;
//! - with a label that is mostly a long number.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Words that stand between dots, hyphens and digits.
const WORDS: &[&str] = &[
    "broadband",
    "cable",
    "cablemodem",
    "catv",
    "cgn",
    "cgnat",
    "client",
    "clients",
    "cpe",
    "cust",
    "customer",
    "customers",
    "dhcp",
    "dial",
    "dialin",
    "dialup",
    "dip",
    "docsis",
    "dyn",
    "dynip",
    "ftth",
    "fttx",
    "gpon",
    "gprs",
    "isdn",
    "lte",
    "mobile",
    "modem",
    "nat",
    "pool",
    "pools",
    "ppp",
    "pppoe",
    "residential",
    "static",
    "subscriber",
    "umts",
    "unassigned",
    "unknown",
    "wimax",
    "wireless",
];
/// Digits that make a label a number.
const MANY_DIGITS: usize = 6;

/// Whether the name of this address looks like one of many.
pub fn is_generic(name: &str, ip: IpAddr) -> bool {
    let name = name.to_ascii_lowercase();
    let words = || name.split(|letter: char| !letter.is_ascii_alphabetic());
    let numbered = |label: &str| label.bytes().filter(u8::is_ascii_digit).count() >= MANY_DIGITS;
    let contains = match ip.to_canonical() {
        IpAddr::V4(ip) => contains_v4(&name, ip),
        IpAddr::V6(ip) => contains_v6(&name, ip),
    };
    // An A-label counts its letters in digits, and is a word all the same.
    let labels = || name.split('.').filter(|label| !label.starts_with("xn--"));
    contains || words().any(is_telling) || labels().any(numbered)
}

fn is_telling(word: &str) -> bool {
    WORDS.contains(&word) || word.ends_with("dsl") || word.starts_with("dynamic")
}

fn contains_v4(name: &str, ip: Ipv4Addr) -> bool {
    let octets = ip.octets().map(u64::from);
    let mut backwards = octets;
    backwards.reverse();
    let pieces: Vec<&str> = name.split(|letter: char| !letter.is_ascii_digit()).collect();
    let numbers: Vec<u64> = pieces.iter().filter_map(|digits| digits.parse().ok()).collect();
    let whole = u64::from(u32::from(ip));
    [octets, backwards].iter().any(|octets| {
        let hexadecimal: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        let padded: String = octets.iter().map(|octet| format!("{octet:03}")).collect();
        name.contains(&hexadecimal)
            || name.contains(&padded)
            || has_run_of(3, octets, &numbers)
            || has_side_by_side(octets, &pieces)
    }) || numbers.contains(&whole)
}

/// Whether so many neighbours of one list are neighbours in the other.
fn has_run_of<T: PartialEq>(length: usize, wanted: &[T], found: &[T]) -> bool {
    wanted.windows(length).any(|run| found.windows(length).any(|other| run == other))
}

/// Whether two neighbouring octets stand with one sign between them. Two numbers that are further apart may be chance.
fn has_side_by_side(octets: &[u64], pieces: &[&str]) -> bool {
    let numbers: Vec<Option<u64>> = pieces.iter().map(|digits| digits.parse().ok()).collect();
    let wanted: Vec<Option<u64>> = octets.iter().copied().map(Some).collect();
    has_run_of(2, &wanted, &numbers)
}

fn contains_v6(name: &str, ip: Ipv6Addr) -> bool {
    let pieces: Vec<&str> = name.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    let numbers: Vec<Option<u16>> = pieces.iter().map(|piece| u16::from_str_radix(piece, 16).ok()).collect();
    let wanted: Vec<Option<u16>> = ip.segments().into_iter().map(Some).collect();
    let digits: String = ip.octets().iter().map(|octet| format!("{octet:02x}")).collect();
    let backwards: String = digits.chars().rev().collect();
    let together: String = pieces.concat();
    let halves = [&digits, &backwards].into_iter().flat_map(|all| [all.get(..16), all.get(16..)]).flatten();
    // Half of an address that is mostly zeros would be found everywhere.
    let halves = halves.filter(|half| half.bytes().filter(|digit| *digit != b'0').count() > 1);
    has_run_of(3, &wanted, &numbers) || halves.into_iter().any(|half| together.contains(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_given_out_by_counting_is_told_from_one_that_somebody_chose() {
        // The name, an address, whether it looks generic.
        let table = [
            // Chosen.
            ("mail.example.org", "203.0.113.9", false),
            ("mx1.example.org", "203.0.113.9", false),
            ("mx2.mail1.example.org", "203.0.2.1", false),
            ("smtp-out-3.example.net", "203.0.113.3", false),
            ("post.xn--bcher-kva.example", "203.0.113.9", false),
            ("post.xn--1234567-abc.example", "203.0.113.9", false),
            ("mail.dynamo.example", "203.0.113.9", false),
            ("carpool.example.org", "203.0.113.9", false),
            ("stable.example.org", "203.0.113.9", false),
            ("host.example.org", "203.0.113.9", false),
            ("a.b.example.org", "2001:db8::a:b", false),
            ("mail.example.org", "2001:db8::1", false),
            ("six.example.org", "2001:db8:1:2:3:4:5:6", false),
            // Words.
            ("adsl.example.net", "203.0.113.9", true),
            ("vdsl-north.example.net", "203.0.113.9", true),
            ("dyn.example.net", "203.0.113.9", true),
            ("dynamic9.example.net", "203.0.113.9", true),
            ("dynamicip.example.net", "203.0.113.9", true),
            ("dhcp5.campus.example", "203.0.113.9", true),
            ("a.pool.example.net", "203.0.113.9", true),
            ("x.cable.example.net", "203.0.113.9", true),
            ("dialup7.example.net", "203.0.113.9", true),
            ("a.ppp.example.net", "203.0.113.9", true),
            ("a7.customer.example.net", "203.0.113.9", true),
            ("a.cust.example.net", "203.0.113.9", true),
            ("static.example.net", "203.0.113.9", true),
            ("p4fe1.dip0.example.net", "203.0.113.9", true),
            ("POOL.EXAMPLE.NET", "203.0.113.9", true),
            // The address, in whatever clothes.
            ("203-0-113-9.example.net", "203.0.113.9", true),
            ("9.113.0.203.example.net", "203.0.113.9", true),
            ("host203x0x113x9.example.net", "203.0.113.9", true),
            ("ns1.ip-203-0-113.example.eu", "203.0.113.9", true),
            ("c113-9.example.net", "203.0.113.9", true),
            ("9-113.example.net", "203.0.113.9", true),
            ("pcb007109.example.net", "203.0.113.9", true),
            ("u097100cb.example.net", "203.0.113.9", true),
            ("203000113009.example.net", "203.0.113.9", true),
            ("n3405803785.example.net", "203.0.113.9", true),
            ("h203-000-113-009.example.net", "203.0.113.9", true),
            ("203-0-113-9.example.net", "::ffff:203.0.113.9", true),
            ("2001-db8-1-2.example.net", "2001:db8:1:2:3:4:5:6", true),
            ("n2001-db8-1-2-3-4-5-6.example.net", "2001:db8:1:2:3:4:5:6", true),
            ("h20010db800010002.example.net", "2001:db8:1:2:3:4:5:6", true),
            ("6.0.0.0.5.0.0.0.4.0.0.0.3.0.0.0.example.net", "2001:db8:1:2:3:4:5:6", true),
            // A number where a name should be.
            ("s0106001122aa.example.net", "203.0.113.9", true),
            ("vm1234567.example.net", "203.0.113.9", true),
        ];
        for (name, ip, expected) in table {
            assert_eq!(is_generic(name, ip.parse().unwrap()), expected, "{name} of {ip}");
        }
    }
}
