//! The grammar of an SPF record (RFC 7208 §4.6.1, §5, §6, §12).

use std::net::IpAddr;

/// What a term that matches means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qualifier {
    Pass,
    Fail,
    SoftFail,
    Neutral,
}

/// Addresses that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    ip: IpAddr,
    bits: u8,
}

impl Network {
    /// The network of an address, so wide in each family.
    pub fn around(ip: IpAddr, v4: u8, v6: u8) -> Self {
        Self { ip, bits: if ip.is_ipv4() { v4 } else { v6 } }
    }

    pub fn contains(self, other: IpAddr) -> bool {
        match (self.ip, other.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => {
                let shift = 32_u32.saturating_sub(self.bits.into());
                ours.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(ours), IpAddr::V6(other)) => {
                let shift = 128_u32.saturating_sub(self.bits.into());
                ours.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

/// What a term looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mechanism {
    All,
    Include(String),
    A { target: Option<String>, v4: u8, v6: u8 },
    Mx { target: Option<String>, v4: u8, v6: u8 },
    Ptr(Option<String>),
    Network(Network),
    Exists(String),
}

/// A term with what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directive {
    pub qualifier: Qualifier,
    pub mechanism: Mechanism,
    /// As it stands in the record.
    pub text: String,
}

/// A record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub directives: Vec<Directive>,
    pub redirect: Option<String>,
}

/// Whether a text is a record (§4.5).
pub(crate) fn is_record(text: &str) -> bool {
    let version = text.split(' ').next().unwrap_or_default();
    version.eq_ignore_ascii_case("v=spf1")
}

impl Record {
    /// Reads a whole record; one term that is wrong makes all of it wrong (§4.6), and is given back.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut record = Self::default();
        let mut explained = false;
        for term in text.split(' ').skip(1).filter(|term| !term.is_empty()) {
            match modifier(term) {
                Some(("redirect", target)) if record.redirect.is_none() && is_target(target) => {
                    record.redirect = Some(target.to_owned());
                }
                // Each of the two may be there once (§6).
                Some(("redirect", _)) => return Err(term.to_owned()),
                Some(("exp", target)) if !explained && is_target(target) => explained = true,
                Some(("exp", _)) => return Err(term.to_owned()),
                Some((_, value)) if super::macros::is_well_formed(value) => {}
                Some(_) => return Err(term.to_owned()),
                None => record.directives.push(directive(term).ok_or_else(|| term.to_owned())?),
            }
        }
        // §6.1: where "all" stands, nothing is redirected.
        if record.directives.iter().any(|one| one.mechanism == Mechanism::All) {
            record.redirect = None;
        }
        Ok(record)
    }
}

/// `name=value`, its name in lower case where it is one that is known.
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let mut letters = name.bytes();
    let begins = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic());
    let is_name = begins && letters.all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet));
    let known = ["redirect", "exp"].into_iter().find(|known| known.eq_ignore_ascii_case(name));
    is_name.then_some((known.unwrap_or(name), value))
}

fn directive(term: &str) -> Option<Directive> {
    let (qualifier, rest) = match term.as_bytes().first()? {
        b'+' => (Qualifier::Pass, term.get(1..)?),
        b'-' => (Qualifier::Fail, term.get(1..)?),
        b'~' => (Qualifier::SoftFail, term.get(1..)?),
        b'?' => (Qualifier::Neutral, term.get(1..)?),
        _ => (Qualifier::Pass, term),
    };
    Some(Directive { qualifier, mechanism: mechanism(rest)?, text: term.to_owned() })
}

fn mechanism(text: &str) -> Option<Mechanism> {
    let end = text.find([':', '/']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match name.to_ascii_lowercase().as_str() {
        "all" if rest.is_empty() => Some(Mechanism::All),
        "include" => given(rest).map(Mechanism::Include),
        "exists" => given(rest).map(Mechanism::Exists),
        "a" => with_lengths(rest).map(|(target, v4, v6)| Mechanism::A { target, v4, v6 }),
        "mx" => with_lengths(rest).map(|(target, v4, v6)| Mechanism::Mx { target, v4, v6 }),
        "ptr" if rest.is_empty() => Some(Mechanism::Ptr(None)),
        "ptr" => given(rest).map(|target| Mechanism::Ptr(Some(target))),
        "ip4" => network(rest, 32).map(Mechanism::Network),
        "ip6" => network(rest, 128).map(Mechanism::Network),
        _ => None,
    }
}

/// `:domain-spec`, which has to be there.
fn given(rest: &str) -> Option<String> {
    let target = rest.strip_prefix(':')?;
    is_target(target).then(|| target.to_owned())
}

/// `[:domain-spec][/n][//n]`.
fn with_lengths(rest: &str) -> Option<(Option<String>, u8, u8)> {
    let (rest, v6) = match rest.rsplit_once("//") {
        Some((front, bits)) => (front, length(bits, 128)?),
        None => (rest, 128),
    };
    // A macro may have a slash among its delimiters; a length is behind the last one, and is a number.
    let (target, v4) = match rest.rsplit_once('/') {
        Some((front, bits)) if !bits.contains('}') => (front, length(bits, 32)?),
        _ => (rest, 32),
    };
    match target {
        "" => Some((None, v4, v6)),
        target => given(target).map(|target| (Some(target), v4, v6)),
    }
}

fn network(rest: &str, most: u8) -> Option<Network> {
    let text = rest.strip_prefix(':')?;
    let (ip, bits) = match text.split_once('/') {
        Some((ip, bits)) => (ip, length(bits, most)?),
        None => (text, most),
    };
    let ip: IpAddr = ip.parse().ok()?;
    (ip.is_ipv4() == (most == 32)).then_some(Network { ip, bits })
}

/// A number without leading zeros, no more than the most.
fn length(text: &str, most: u8) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    text.parse().ok().filter(|bits| digits && !padded && *bits <= most)
}

/// §7.1 `domain-spec`: macros that are well formed, and at the end a macro or a label that is not a number.
fn is_target(text: &str) -> bool {
    if text.is_empty() || !super::macros::is_well_formed(text) {
        return false;
    }
    if text.ends_with('}') || text.ends_with("%%") || text.ends_with("%_") || text.ends_with("%-") {
        return true;
    }
    let plain = text.rsplit('}').next().unwrap_or_default().trim_end_matches('.');
    let top = plain.rsplit('.').next().unwrap_or_default();
    let is_label = top.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
    let is_number = top.bytes().all(|octet| octet.is_ascii_digit());
    plain.contains('.') && is_label && !is_number && !top.starts_with('-') && !top.ends_with('-')
}
