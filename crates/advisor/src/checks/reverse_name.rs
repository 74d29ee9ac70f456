//! The name of an address (reverse DNS): whether there is one, whether it leads back, whether somebody chose it.
//!
//! | names | the best of them | found |
//! |---|---|---|
//! | none | | missing |
//! | some | leads nobody knows where | not answered |
//! | some | leads to another address, or nowhere | unconfirmed |
//! | some | leads back and looks like one of thousands | generic |
//! | some | leads back and was chosen | confirmed |
//!
//! Where another name is to be asked for, it is one of the user's own domain that leads here already, else one that is free:
//! whoever adds a record to a name that leads elsewhere sends a part of those who look for that host astray.

use super::Timed;
use super::finding::{Check, Evidence, Finding};
use crate::reverse::is_generic;
use crate::texts::network as texts;
use std::net::IpAddr;

/// What reverse DNS says of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseSeen {
    /// The address.
    pub ip: IpAddr,
    /// Its names, each with the addresses that it leads to; `None` where nobody could say.
    pub names: Timed<Option<Vec<NameSeen>>>,
    /// A name that it could have; `None` where the user has no domain of their own, or none of its names is free.
    pub wanted: Option<WantedName>,
}

/// A name that an address could have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedName {
    /// The name.
    pub name: String,
    /// Whether it leads to the address already, so that no record has to be added.
    pub leads_here: bool,
}

/// The names in a domain that an address at which mail begins could have, in the order in which they are liked.
pub fn names_to_choose(domain: &str) -> [String; 4] {
    ["mail", "post", "out", "direct"].map(|label| format!("{label}.{domain}"))
}

/// Chooses among names by where each leads: first one that leads to this address and nowhere else, then one that nobody has.
/// One that could not be looked up may be somebody's.
pub fn choose_name(ip: IpAddr, candidates: &[NameSeen]) -> Option<WantedName> {
    let here = |one: &&NameSeen| one.leads_to.as_ref().is_some_and(|ips| is_alone(ip, ips));
    let free = |one: &&NameSeen| one.leads_to.as_ref().is_some_and(Vec::is_empty);
    let wanted = |leads_here| move |one: &NameSeen| WantedName { name: one.name.clone(), leads_here };
    let chosen = candidates.iter().find(here).map(wanted(true));
    chosen.or_else(|| candidates.iter().find(free).map(wanted(false)))
}

/// Whether this address is among them, and no other of its kind.
fn is_alone(ip: IpAddr, ips: &[IpAddr]) -> bool {
    ips.contains(&ip) && ips.iter().all(|other| *other == ip || other.is_ipv4() != ip.is_ipv4())
}

/// One name of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameSeen {
    /// The name.
    pub name: String,
    /// Where it leads; `None` where nobody could say.
    pub leads_to: Option<Vec<IpAddr>>,
}

/// What the name is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    NotAnswered,
    Missing,
    Unconfirmed { name: String, leads_to: Vec<IpAddr> },
    Generic(String),
    Confirmed(String),
}

pub(crate) fn judge_name(seen: &ReverseSeen) -> Named {
    let Some(names) = &seen.names.value else { return Named::NotAnswered };
    let leads_back = |one: &&NameSeen| one.leads_to.as_ref().is_some_and(|ips| ips.contains(&seen.ip));
    let mut confirmed: Vec<&NameSeen> = names.iter().filter(leads_back).collect();
    // One that was chosen is enough.
    confirmed.sort_by_key(|one| is_generic(&one.name, seen.ip));
    match (confirmed.first(), names.first()) {
        (Some(one), _) if is_generic(&one.name, seen.ip) => Named::Generic(one.name.clone()),
        (Some(one), _) => Named::Confirmed(one.name.clone()),
        (None, None) => Named::Missing,
        // Any that nobody could follow may lead back.
        (None, Some(_)) if names.iter().any(|one| one.leads_to.is_none()) => Named::NotAnswered,
        (None, Some(one)) => {
            Named::Unconfirmed { name: one.name.clone(), leads_to: one.leads_to.clone().unwrap_or_default() }
        }
    }
}

/// Judges the name of an address.
pub fn reverse_name(seen: &ReverseSeen) -> Finding {
    let answer = match &seen.names.value {
        None => "no answer".to_owned(),
        Some(names) if names.is_empty() => "no name".to_owned(),
        Some(names) => names.iter().map(shown).collect::<Vec<_>>().join("; "),
    };
    let evidence = vec![Evidence::new(format!("the name of {} (PTR)", seen.ip), answer, seen.names.took)];
    let said = texts::reverse_name(seen.ip, &judge_name(seen), seen.wanted.as_ref());
    Finding::new(Check::ReverseName, seen.ip.to_string(), evidence, said)
}

fn shown(one: &NameSeen) -> String {
    match &one.leads_to {
        None => format!("{}, of which nothing more could be learned", one.name),
        Some(ips) if ips.is_empty() => format!("{}, which leads nowhere", one.name),
        Some(ips) => {
            let ips: Vec<String> = ips.iter().map(IpAddr::to_string).collect();
            format!("{}, which leads to {}", one.name, ips.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_to_ask_for_leads_here_already_or_nowhere() {
        let ip: IpAddr = "203.0.113.9".parse().unwrap();
        // Where mail., post. and so on lead; "?" is that nobody could say. Then the place of the one that is chosen, and whether it
        // leads here.
        type Chosen = Option<(usize, bool)>;
        let table: [([&str; 4], Chosen); 8] = [
            (["", "", "", ""], Some((0, false))),
            (["198.51.100.7", "", "", ""], Some((1, false))),
            (["", "", "203.0.113.9", ""], Some((2, true))),
            (["203.0.113.9 198.51.100.7", "", "", ""], Some((1, false))),
            (["203.0.113.9 2001:db8::7", "", "", ""], Some((0, true))),
            (["2001:db8::7", "", "", ""], Some((1, false))),
            (["?", "198.51.100.7", "", ""], Some((2, false))),
            (["198.51.100.7", "?", "198.51.100.7", "198.51.100.7"], None),
        ];
        for (lead, expected) in table {
            let names = names_to_choose("example.org");
            let leads_to = |text: &&str| {
                (*text != "?").then(|| text.split_whitespace().map(|ip| ip.parse().unwrap()).collect::<Vec<IpAddr>>())
            };
            let seen = |(name, text): (&String, &&str)| NameSeen { name: name.clone(), leads_to: leads_to(text) };
            let candidates: Vec<NameSeen> = names.iter().zip(&lead).map(seen).collect();
            let chosen = expected.map(|(place, leads_here)| WantedName { name: names[place].clone(), leads_here });
            assert_eq!(choose_name(ip, &candidates), chosen, "{lead:?}");
        }
    }
}
