//! The check of a network. What is asked of it is asked side by side:
//!
//! - the MXs of the user's own domains and of some correspondents, at port 25, over each family;
//! - the smart hosts, at their ports;
//! - the name servers;
//! - an address that belongs to nobody (192.0.2.1), at port 25, where only something on the way can answer;
//! - the router, which address it has outside, and a STUN server where the user names one ([`outside`](super::outside));
//! - and then, when it is known how others see this computer, the name of that address and the lists.
//!
//! All but the last end by [`PROBING`], the last by the time that a check may take at all. Mail hosts that were asked a few
//! minutes ago on this network are not asked again, unless the user orders it.

use super::asked::{KEPT, Told, is_of};
use super::hosts::{ask_nobody, ask_smart_hosts, own_domains};
use super::lookups::{self, asked};
use super::outside::{StunServer, addresses_told, ask_how_we_look, families_told, known_outside, stun_server};
use super::{CheckNetworkArgs, CheckReport, Place, Scope, whom};
use crate::Engine;
use crate::error::Error;
use crate::networks::view::NetworkNowArgs;
use advisor::checks::Timed;
use advisor::checks::address::public_address;
use advisor::checks::finding::{Check, Finding};
use advisor::checks::lists::{LISTS, ListSeen, address_list};
use advisor::checks::network::{
    IpFamily, Port25Seen, Probe, ProbeEnd, TimeSeen, WayOut, clock, submissions, vpn, way_out,
};
use advisor::checks::resolver::{Missing, Provable, ResolverSeen, resolver};
use advisor::checks::reverse_name::{NameSeen, ReverseSeen, choose_name, names_to_choose, reverse_name};
use advisor::checks::sharing::Private;
use advisor::checks::{greeting, network};
use advisor::{provider_of, verdict};
use futures::future::{join, join_all};
use futures::join;
use jiff::{SignedDuration, Timestamp};
use model::{DnsFault, Fault};
use net::Net;
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// By when the hosts have to have answered.
const PROBING: Duration = Duration::from_millis(12_300);
/// How long an address that others saw is taken for the one that they see.
const ADDRESS_STAYS: SignedDuration = SignedDuration::from_hours(1);
/// Letters of a name that surely does not exist.
const MADE_UP: usize = 16;
/// Top-level domains of which none answers for names that nobody has; a few of others do.
const WITHOUT_WILDCARD: [&str; 2] = ["com", "org"];

impl Engine {
    pub(crate) async fn look_at_network(&self, args: CheckNetworkArgs, scope: Scope) -> Result<CheckReport, Error> {
        let began = Instant::now();
        let place = self.place(args.account).await?;
        let way = match place.net.what_is_missing() {
            None => WayOut::Open,
            Some(Fault::CaptivePortal) => WayOut::Portal,
            Some(_) => WayOut::NoNetwork,
        };
        let stun = args.stun.as_deref().map(stun_server).transpose()?;
        let (mut findings, mut private) = (vec![way_out(way)], Private::default());
        // Whatever else would be asked, it is the login page that would answer, or nobody.
        if way == WayOut::Open {
            // What is asked side by side is more than a thread's stack should hold.
            let looking = Box::pin(self.look_around(&place, scope, began, args.again, stun));
            let (found, theirs) = looking.await?;
            findings.extend(found);
            private = theirs;
        }
        Ok(CheckReport::new(verdict::direct(&findings), findings, &private, began))
    }

    async fn look_around(
        &self,
        place: &Place,
        scope: Scope,
        began: Instant,
        again: bool,
        stun: Option<StunServer>,
    ) -> Result<(Vec<Finding>, Private), Error> {
        let net = &place.net;
        let own = own_domains(&place.accounts);
        let domains = match scope {
            Scope::Everything => whom::domains(&own, &self.written_to_from(place).await?),
            Scope::OwnHosts => whom::domains(&own, &[]),
            Scope::Names => Vec::new(),
        };
        let asks_hosts = scope != Scope::Names;
        let deadline = began + PROBING;
        let (port_25, at_submission, resolver_seen, nobody, told_outside) = join!(
            self.ask_mail_hosts(place, &domains, deadline, again),
            ask_smart_hosts(net, &place.accounts, deadline),
            look_at_name_servers(net, own.first()),
            async { if asks_hosts { ask_nobody(net).await } else { None } },
            ask_how_we_look(net, stun.as_ref(), deadline),
        );
        let all: Vec<Told> = port_25.told.iter().chain(&at_submission.told).cloned().collect();
        let mut seen_as = addresses_told(&port_25.told, &at_submission.told);
        seen_as.extend(told_outside);
        let families = families_told(net, &seen_as);
        let outside = known_outside(&families);
        // Fewer hosts may know less than was heard before.
        if scope == Scope::Everything || !outside.is_empty() {
            self.inner.checks.note_seen_as(&place.network, outside.clone());
        }
        let names = look_at_addresses(net, &outside, own.iter().find(|domain| provider_of(domain).is_none())).await;

        let ports = families.each_ref().map(|seen| Port25Seen {
            family: seen.family,
            has_address: seen.local.is_some(),
            // A router answers for its own address from inside as the network pleases.
            probes: of_family(&port_25.told, seen.family, &outside),
            names_were_silent: port_25.names_were_silent,
            nobody_answers: nobody.clone().filter(|_| seen.family == IpFamily::V4),
        });
        let mut findings: Vec<Finding> = ports.iter().filter(|_| asks_hosts).map(network::port_25).collect();
        findings.extend(submissions(&at_submission.seen));
        findings.extend(families.iter().filter(|seen| seen.local.is_some()).map(public_address));
        findings.extend(names);
        findings.extend(resolver(&resolver_seen));
        findings.push(vpn(families.iter().find_map(|seen| net.interface_of(seen.local?)).as_deref()));
        findings.push(clock(&times_told(&all, Timestamp::now(), Instant::now())));
        let own = own.iter().chain(&port_25.own_hosts).map(String::as_str);
        let own = own.chain(at_submission.seen.iter().map(|seen| seen.host.as_str()));
        Ok((findings, Private::of(port_25.told.iter().map(|told| &told.probe), own)))
    }

    /// The addresses that others see, as far as somebody says it: asked for once in a network, by whatever process.
    pub(super) async fn outside(&self, place: &Place) -> Result<Vec<IpAddr>, Error> {
        let net = &place.net;
        if let Some(known) = self.outside_as_known(place).await? {
            return Ok(known);
        }
        if net.what_is_missing().is_some() {
            return Ok(Vec::new());
        }
        let deadline = Instant::now() + PROBING;
        let domains = whom::domains(&own_domains(&place.accounts), &self.written_to_from(place).await?);
        let mail_hosts = self.ask_mail_hosts(place, &domains, deadline, false);
        let (port_25, at_submission) = join(mail_hosts, ask_smart_hosts(net, &place.accounts, deadline)).await;
        let seen_as = addresses_told(&port_25.told, &at_submission.told);
        let outside = known_outside(&families_told(net, &seen_as));
        self.inner.checks.note_seen_as(&place.network, outside.clone());
        Ok(outside)
    }

    /// The same, where nobody has to be asked.
    pub(super) async fn outside_as_known(&self, place: &Place) -> Result<Option<Vec<IpAddr>>, Error> {
        if let Some(known) = self.inner.checks.seen_as(&place.network) {
            return Ok(Some(known));
        }
        if place.net.what_is_missing().is_some() {
            return Ok(None);
        }
        let known = self.outside_when_last_checked(place).await?;
        if let Some(known) = &known {
            self.inner.checks.note_seen_as(&place.network, known.clone());
        }
        Ok(known)
    }

    /// By what is kept of this network; `None` where that is old, or where hosts may say more by now.
    async fn outside_when_last_checked(&self, place: &Place) -> Result<Option<Vec<IpAddr>>, Error> {
        let args = NetworkNowArgs { account: place.network.practice };
        let Some(latest) = self.network_now(args).await?.latest else { return Ok(None) };
        let now = Timestamp::now();
        let is_within = |at: Timestamp, time: SignedDuration| now.duration_since(at).abs() < time;
        let names = latest.report.findings.iter().filter(|finding| finding.check == Check::ReverseName);
        let known: Vec<IpAddr> = names.filter_map(|finding| finding.subject.parse().ok()).collect();
        let kept = SignedDuration::try_from(KEPT).unwrap_or_default();
        let was_asked_just_now = latest.whole_at.is_some_and(|at| is_within(at, kept));
        let counts = was_asked_just_now || !known.is_empty() && is_within(latest.at, ADDRESS_STAYS);
        Ok(counts.then_some(known))
    }
}

async fn look_at_name_servers(net: &Net, own: Option<&String>) -> ResolverSeen {
    let began = Instant::now();
    let proof = async {
        let proven = timeout(lookups::PATIENCE * 2, net.can_prove_answers()).await.unwrap_or(Some(false));
        Timed::new(proven, began.elapsed())
    };
    let tcp = async {
        let answered = timeout(lookups::PATIENCE * 2, net.answers_over_tcp()).await.unwrap_or(false);
        Timed::new(Some(answered), began.elapsed())
    };
    let ((missing_name, missing), (proof, tcp)) = join(look_for_nobody(net, own), join(proof, tcp)).await;
    ResolverSeen {
        missing_name,
        missing,
        proof: Timed::new(
            match proof.value {
                Some(true) => Provable::Yes,
                Some(false) => Provable::No,
                None => Provable::NotTried,
            },
            proof.took,
        ),
        tcp,
    }
}

fn where_to(answer: Result<Vec<IpAddr>, DnsFault>) -> Missing {
    match answer {
        Ok(ips) => Missing::Leads(ips),
        Err(DnsFault::NoSuchDomain(_) | DnsFault::NoRecords(_)) => Missing::Nowhere,
        Err(DnsFault::ServerFailure(_) | DnsFault::NoResolver(_)) => Missing::NoAnswer,
    }
}

/// Asks for a name that nobody has, beside one's own domain, so that it is asked of the same name servers as others are.
/// Where it leads somewhere, that may be the way of the top-level domain: then another one is asked, which has no such way.
async fn look_for_nobody(net: &Net, own: Option<&String>) -> (String, Timed<Missing>) {
    let top = own.and_then(|domain| domain.rsplit('.').next()).unwrap_or(WITHOUT_WILDCARD[0]);
    let (name, seen) = look_for(net, made_up(top)).await;
    match seen.value {
        Missing::Leads(_) if may_have_wildcard(top) => look_for(net, made_up(WITHOUT_WILDCARD[0])).await,
        _ => (name, seen),
    }
}

fn may_have_wildcard(top: &str) -> bool {
    !WITHOUT_WILDCARD.iter().any(|known| known.eq_ignore_ascii_case(top))
}

async fn look_for(net: &Net, name: String) -> (String, Timed<Missing>) {
    let missing = asked(net.addresses(&name)).await;
    (name, Timed::new(where_to(missing.value), missing.took))
}

fn made_up(top: &str) -> String {
    let letters: String = (0..MADE_UP).map(|_| char::from(rand::random_range(b'a'..=b'z'))).collect();
    format!("{letters}.{top}")
}

/// The name of each address that others see, and what lists say of it.
async fn look_at_addresses(net: &Net, outside: &[IpAddr], own: Option<&String>) -> Vec<Finding> {
    let looks = outside.iter().map(async |ip| {
        let names = async {
            let (names, candidates) = join(lookups::names(net, *ip), candidates(net, own)).await;
            reverse_name(&ReverseSeen { ip: *ip, names, wanted: choose_name(*ip, &candidates) })
        };
        let lists = join_all(LISTS.map(async |list| {
            let began = Instant::now();
            let answers = net.on_list(list, *ip).await.ok();
            address_list(&ListSeen { list: list.to_owned(), ip: *ip, answers: Timed::new(answers, began.elapsed()) })
        }));
        let (name, lists) = join(names, lists).await;
        std::iter::once(name).chain(lists).collect::<Vec<Finding>>()
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// The names that an address could have, each with where it leads.
async fn candidates(net: &Net, own: Option<&String>) -> Vec<NameSeen> {
    let names = own.into_iter().flat_map(|domain| names_to_choose(domain));
    join_all(names.map(async |name| {
        let leads_to = lookups::addresses(net, &name).await.value;
        NameSeen { name, leads_to }
    }))
    .await
}

/// The probes of a family, but for those of hosts that are at our own address.
fn of_family(told: &[Told], family: IpFamily, outside: &[IpAddr]) -> Vec<Probe> {
    let counts =
        |probe: &&Probe| is_of(probe.address, family) && !outside.contains(&probe.address.ip().to_canonical());
    told.iter().map(|told| &told.probe).filter(counts).cloned().collect()
}

/// What time it is now where the servers are: what they said, and as much later as that was. Their words came within seconds
/// of the end of the visit.
fn times_told(all: &[Told], ours: Timestamp, now: Instant) -> Vec<TimeSeen> {
    let told = all.iter().filter_map(|told| match &told.probe.end.value {
        ProbeEnd::Greeted { greeting: words, .. } => {
            let theirs = greeting::time(words)?.checked_add(now.duration_since(told.at)).ok()?;
            Some(TimeSeen { host: told.probe.host.clone(), theirs, ours })
        }
        _ => None,
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_has_is_asked_again_where_a_top_level_domain_may_answer_for_it() {
        for (top, expected) in [("ws", true), ("example", true), ("com", false), ("ORG", false)] {
            assert_eq!(may_have_wildcard(top), expected, "{top}");
        }
    }
}
