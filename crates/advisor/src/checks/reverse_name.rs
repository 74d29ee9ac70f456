//! The name of an address (reverse DNS): whether there is one, whether it leads back, whether somebody chose it.
//!
//! | names | the best of them | found |
//! |---|---|---|
//! | none | | missing |
//! | some | leads nobody knows where | not answered |
//! | some | leads to another address, or nowhere | unconfirmed |
//! | some | leads back and looks like one of thousands | generic |
//! | some | leads back and was chosen | confirmed |

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
    /// A name that it could have; `None` where the user has no domain of their own.
    pub wanted: Option<String>,
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
    let said = texts::reverse_name(seen.ip, &judge_name(seen), seen.wanted.as_deref());
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
