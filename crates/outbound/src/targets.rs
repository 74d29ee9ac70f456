//! Where to dial: the hosts of a domain in order, or a smart host, with their addresses.
//!
//! RFC 5321 §5.1, RFC 7505. At most five hosts ([`net::MAX_HOSTS`]) and ten addresses a round. A host that is this
//! computer is a loop, except in the practice post office, and labs like it.

use crate::policy::{Ask, DomainPolicy, HostPolicy};
use futures::future::join_all;
use model::{Fault, Outcome, Phase, TlsDemand};
use net::{MailHosts, MxHost, Net, Proof, Proven, order_hosts};
use rand::seq::SliceRandom;
use smtp::Ended;
use std::net::{IpAddr, SocketAddr};
use store::Family;

/// Addresses dialed in one round.
const MAX_ADDRESSES: usize = 10;

/// One host to ask, with its addresses in the order in which to dial them; there is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub host: String,
    /// The lower, the sooner it is asked (RFC 5321 §5.1).
    pub preference: u16,
    pub addresses: Vec<SocketAddr>,
    /// What the encryption must show.
    pub security: HostPolicy,
    /// Whether the content goes after DATA even where chunks are offered.
    pub only_data: bool,
}

/// The hosts that take mail for a domain, in the order in which to try them, and whether that is proven.
pub(crate) async fn hosts_of(net: &Net, domain: &str, ask: Ask) -> Result<(Vec<MxHost>, Proof), Ended> {
    let found = match ask {
        Ask::ForProof => net.proven_mail_hosts(domain).await,
        Ask::Plainly => net.mail_hosts(domain).await.map(|value| Proven { value, proof: Proof::Unknown }),
    };
    let found = found.map_err(|fault| dns(Fault::Dns(fault)))?;
    match found.value {
        MailHosts::NullMx => Err(dns(Fault::NullMx(domain.to_owned()))),
        MailHosts::Implicit(name) => Ok((vec![MxHost { name, preference: 0 }], found.proof)),
        MailHosts::Mx(hosts) => Ok((in_order(hosts), found.proof)),
    }
}

/// The random order among equals is drawn anew each time (RFC 5321 §5.1).
fn in_order(hosts: Vec<MxHost>) -> Vec<MxHost> {
    order_hosts(hosts, |equals| equals.shuffle(&mut rand::rng()))
}

/// The addresses of these hosts, host by host; hosts that cannot be resolved are passed over while another can. Those of
/// the preferred family come first: a greylist knows us by the address that we come from, and what worked may well work.
/// Each host has to show what is demanded, under its own name.
pub(crate) async fn addresses_of(
    net: &Net,
    name: &str,
    hosts: &[MxHost],
    port: u16,
    preferred: Option<Family>,
    demand: &TlsDemand,
) -> Result<Vec<Target>, Ended> {
    let mut targets = Vec::new();
    let mut faults = Vec::new();
    for MxHost { name: host, preference } in hosts {
        match net.addresses(host).await {
            Ok(found) => {
                let found = found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
                let addresses = net::by_turns(&family_first(found, preferred));
                let security = HostPolicy::of(TlsDemand { name: host.clone(), ..demand.clone() });
                targets.push(Target {
                    host: host.clone(),
                    preference: *preference,
                    addresses,
                    security,
                    only_data: false,
                });
            }
            Err(fault) => faults.push(fault),
        }
    }
    if targets.is_empty() {
        return Err(dns(Fault::Dns(net::unresolved(name, &faults))));
    }
    Ok(at_most(MAX_ADDRESSES, targets))
}

/// The targets with what each has to show. Who may get no letter is left out, which the others are told; an error if
/// that is all of them.
pub(crate) async fn secured(policy: &DomainPolicy, targets: Vec<Target>) -> Result<Vec<Target>, Ended> {
    let judged = join_all(targets.into_iter().map(async |target| {
        let port = target.addresses.first().map_or(net::SMTP_PORT, SocketAddr::port);
        let security = policy.for_host(&target.host, port).await?;
        Ok::<_, Ended>(Target { security, ..target })
    }));
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    for judgement in judged.await {
        match judgement {
            Ok(target) => kept.push(target),
            Err(ended) => left_out.push(ended),
        }
    }
    match left_out.first() {
        Some(ended) if kept.is_empty() => return Err(ended.clone()),
        _ => {}
    }
    let notes = left_out.iter().filter_map(|ended: &Ended| match &ended.outcome {
        Outcome::Failed(fault) => Some(format!("Left out: {fault}.")),
        Outcome::Replied(_) => None,
    });
    let notes: Vec<String> = notes.collect();
    kept.iter_mut().for_each(|target| target.security.notes.extend(notes.iter().cloned()));
    Ok(kept)
}

fn family_first(mut addresses: Vec<SocketAddr>, preferred: Option<Family>) -> Vec<SocketAddr> {
    if let Some(preferred) = preferred {
        addresses.sort_by_key(|address| Family::of(address.ip()) != preferred);
    }
    addresses
}

/// The first so many addresses, host by host.
fn at_most(mut left: usize, mut targets: Vec<Target>) -> Vec<Target> {
    for target in &mut targets {
        target.addresses.truncate(left);
        left -= target.addresses.len();
    }
    targets.retain(|target| !target.addresses.is_empty());
    targets
}

/// Drops the hosts from the first that is this computer on: what comes after it is less preferred than we are
/// (RFC 5321 §5.1). Nothing left means a loop.
pub(crate) fn without_ourselves(
    domain: &str,
    targets: Vec<Target>,
    is_ours: impl Fn(IpAddr) -> bool,
) -> Result<Vec<Target>, Ended> {
    let is_another = |target: &Target| !target.addresses.iter().any(|address| is_ours(address.ip()));
    let kept: Vec<Target> = targets.into_iter().take_while(is_another).collect();
    if kept.is_empty() { Err(dns(Fault::Loop(domain.to_owned()))) } else { Ok(kept) }
}

/// Whether mail dialed to this address would come back to us.
pub(crate) fn is_ours(net: &Net) -> impl Fn(IpAddr) -> bool {
    let all_is_here = net.config().is_here();
    let own = net.own_addresses();
    move |ip| {
        let loopback = ip.is_loopback() || ip.is_unspecified();
        if loopback { !all_is_here } else { own.contains(&ip) }
    }
}

pub(crate) fn dns(fault: Fault) -> Ended {
    Ended { phase: Phase::Dns, outcome: fault.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::TlsPolicy;

    fn target(host: &str, ip: &str) -> Target {
        at(host, vec![SocketAddr::new(ip.parse().expect("an address"), 25)])
    }

    fn at(host: &str, addresses: Vec<SocketAddr>) -> Target {
        let security = HostPolicy::of(TlsDemand::new(TlsPolicy::Opportunistic, host));
        Target { host: host.into(), preference: 10, addresses, security, only_data: false }
    }

    #[test]
    fn a_round_has_so_many_addresses_and_no_more() {
        let many =
            |host: &str, count: u8| at(host, (0..count).map(|n| SocketAddr::from(([192, 0, 2, n], 25))).collect());
        let kept = at_most(10, vec![many("a.test", 4), many("b.test", 8), many("c.test", 1)]);
        let counts: Vec<(&str, usize)> =
            kept.iter().map(|target| (target.host.as_str(), target.addresses.len())).collect();
        assert_eq!(counts, [("a.test", 4), ("b.test", 6)]);
    }

    #[test]
    fn a_retry_begins_with_the_family_that_was_spoken_to_before() {
        let addresses: Vec<SocketAddr> =
            ["[2001:db8::1]:25", "192.0.2.1:25"].iter().filter_map(|text| text.parse().ok()).collect();
        let first = |before: Option<&str>| {
            let before = before.and_then(|text| text.parse().ok()).map(Family::of);
            family_first(addresses.clone(), before).first().map(SocketAddr::is_ipv6)
        };
        assert_eq!(first(None), Some(true));
        assert_eq!(first(Some("192.0.2.9")), Some(false));
        assert_eq!(first(Some("2001:db8::9")), Some(true));
    }

    #[test]
    fn hosts_behind_ourselves_are_not_tried() {
        let (a, us, b) =
            (target("a.test", "192.0.2.1"), target("us.test", "127.0.0.1"), target("b.test", "192.0.2.2"));
        let loopback = |ip: IpAddr| ip.is_loopback();
        assert_eq!(without_ourselves("x.test", vec![a.clone(), us.clone(), b], loopback), Ok(vec![a]));
        let looped = without_ourselves("x.test", vec![us], loopback).map_err(|ended| ended.outcome);
        assert_eq!(looped, Err(Outcome::Failed(Fault::Loop("x.test".into()))));
    }
}
