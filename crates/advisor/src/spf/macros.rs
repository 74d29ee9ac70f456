//! The macros of SPF (RFC 7208 §7).

use std::fmt::Write;
use std::net::IpAddr;

/// The longest name that DNS can hold.
const LONGEST: usize = 253;

/// What macros stand for.
pub(super) struct Setting<'a> {
    pub ip: IpAddr,
    pub local: &'a str,
    pub sender_domain: &'a str,
    /// The domain whose record it is.
    pub domain: &'a str,
    pub helo: &'a str,
    /// The name of the address that leads back to it.
    pub confirmed: Option<String>,
}

/// A piece of a text with macros.
enum Piece<'a> {
    Plain(&'a str),
    Macro { letter: u8, kept: Option<usize>, reversed: bool, delimiters: &'a str },
}

/// Whether every macro in it is one.
pub(super) fn is_well_formed(text: &str) -> bool {
    pieces(text).is_some()
}

/// Whether the name of the address is asked for (`%{p}`).
pub(super) fn needs_confirmed_name(text: &str) -> bool {
    let is_p = |piece: &Piece<'_>| matches!(piece, Piece::Macro { letter, .. } if letter.eq_ignore_ascii_case(&b'p'));
    pieces(text).is_some_and(|pieces| pieces.iter().any(is_p))
}

/// The text with its macros filled in, as a name; `None` where one is not known.
pub(super) fn expand(text: &str, setting: &Setting<'_>) -> Option<String> {
    let mut name = String::new();
    for piece in pieces(text)? {
        match piece {
            Piece::Plain(plain) => name.push_str(plain),
            Piece::Macro { letter, kept, reversed, delimiters } => {
                let value = value(letter, setting)?;
                let value = transformed(&value, kept, reversed, delimiters);
                name.push_str(&if letter.is_ascii_uppercase() { escaped(&value) } else { value });
            }
        }
    }
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    Some(shortened(&name))
}

fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(at) = rest.find('%') else {
            pieces.push(Piece::Plain(visible(rest)?));
            break;
        };
        let (plain, found) = rest.split_at(at);
        pieces.push(Piece::Plain(visible(plain)?));
        rest = match found.as_bytes().get(1)? {
            b'%' => literal(&mut pieces, "%", found)?,
            b'_' => literal(&mut pieces, " ", found)?,
            b'-' => literal(&mut pieces, "%20", found)?,
            b'{' => {
                let (inside, rest) = found.get(2..)?.split_once('}')?;
                pieces.push(expression(inside)?);
                rest
            }
            _ => return None,
        };
    }
    Some(pieces)
}

fn literal<'a>(pieces: &mut Vec<Piece<'a>>, stands_for: &'static str, found: &'a str) -> Option<&'a str> {
    pieces.push(Piece::Plain(stands_for));
    found.get(2..)
}

fn visible(text: &str) -> Option<&str> {
    text.bytes().all(|octet| octet.is_ascii_graphic()).then_some(text)
}

/// `letter [digits] ["r"] *delimiter`.
fn expression(inside: &str) -> Option<Piece<'_>> {
    let letter = *inside.as_bytes().first()?;
    if !b"slodipvh".contains(&letter.to_ascii_lowercase()) {
        return None;
    }
    let rest = inside.get(1..)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = rest.split_at(digits);
    let kept = match digits {
        "" => None,
        // So many labels as no name has are all of them; none is nothing that can be asked for (§7.1).
        digits => Some(digits.parse::<usize>().unwrap_or(usize::MAX)).filter(|kept| *kept > 0).map(Some)?,
    };
    let (reversed, delimiters) = match rest.as_bytes().first() {
        Some(b'r' | b'R') => (true, rest.get(1..)?),
        _ => (false, rest),
    };
    let are_delimiters = delimiters.bytes().all(|octet| b".-+,/_=".contains(&octet));
    are_delimiters.then_some(Piece::Macro { letter, kept, reversed, delimiters })
}

fn value(letter: u8, setting: &Setting<'_>) -> Option<String> {
    Some(match letter.to_ascii_lowercase() {
        b's' => format!("{}@{}", setting.local, setting.sender_domain),
        b'l' => setting.local.to_owned(),
        b'o' => setting.sender_domain.to_owned(),
        b'd' => setting.domain.to_owned(),
        b'i' => dotted(setting.ip),
        b'p' => setting.confirmed.clone().unwrap_or_else(|| "unknown".to_owned()),
        b'v' => if setting.ip.to_canonical().is_ipv4() { "in-addr" } else { "ip6" }.to_owned(),
        b'h' => setting.helo.trim_end_matches('.').to_owned(),
        _ => return None,
    })
}

/// §7.3: IPv6 as 32 digits with dots between.
fn dotted(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let digits: Vec<String> = ip
                .octets()
                .iter()
                .flat_map(|octet| [octet >> 4, octet & 15])
                .map(|digit| format!("{digit:x}"))
                .collect();
            digits.join(".")
        }
    }
}

fn transformed(value: &str, kept: Option<usize>, reversed: bool, delimiters: &str) -> String {
    let delimiters = if delimiters.is_empty() { "." } else { delimiters };
    let mut parts: Vec<&str> = value.split(|letter: char| delimiters.contains(letter)).collect();
    if reversed {
        parts.reverse();
    }
    let from = kept.map_or(0, |kept| parts.len().saturating_sub(kept));
    parts.get(from..).unwrap_or_default().join(".")
}

/// §7.3: what is not unreserved in a URI.
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for octet in value.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            text.push(char::from(octet));
        } else {
            let _ = write!(text, "%{octet:02x}");
        }
    }
    text
}

/// §7.3: of a name that is too long, labels go from the left until it fits.
fn shortened(name: &str) -> String {
    let mut rest = name;
    while rest.len() > LONGEST {
        let Some((_, behind)) = rest.split_once('.') else { break };
        rest = behind;
    }
    rest.to_owned()
}
