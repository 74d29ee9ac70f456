//! The check of a domain, or of a recipient there: the stages of a letter's way up to the point where it would begin.

use super::lookups;
use super::{CheckDomainArgs, CheckRecipientArgs, CheckReport, Place, local_address, visits};
use crate::Engine;
use crate::error::Error;
use advisor::checks::Timed;
use advisor::checks::finding::Finding;
use advisor::checks::identity::TakesMail;
use advisor::checks::network::IpFamily;
use advisor::checks::recipient::{
    DaneSeen, HostSeen, Needs, Required, StsKept, StsKeptBecause, StsRule, StsSeen, Taught, addresses, dane,
    greylisting, mail_hosts, mta_sts, spelling, syntax, visit,
};
use advisor::checks::sharing::Private;
use advisor::{spelling, verdict};
use futures::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};
use model::contact::Dealings;
use model::{EmailAddress, Fault, TlsPolicy, shown_domain};
use net::{Net, StsMode};
use outbound::{Clock, DaneFound, Demands, HostDemand, KeptBecause, StsFound, StsLook};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;
use store::Correspondent;
use tokio::time::Instant;

/// Hosts that are looked for; one is visited.
const MOST_HOSTS: usize = 5;
/// Addresses that are dialed before a host counts as out of reach.
const MOST_ADDRESSES: usize = 3;
/// How long each question for the policy of a domain, and for proof of a host, may take.
const POLICIES: Duration = Duration::from_secs(6);
/// After so long no further host is visited.
const ENOUGH: Duration = Duration::from_secs(8);
/// How long a refusal of this computer is remembered against a domain.
const REFUSAL_COUNTS: SignedDuration = SignedDuration::from_hours(24);

impl Engine {
    pub(crate) async fn check_domain(&self, args: CheckDomainArgs) -> Result<CheckReport, Error> {
        let began = Instant::now();
        let text = args.domain.trim().trim_start_matches('@');
        let domain = EmailAddress::parse(&format!("postmaster@{text}"))
            .map_err(|_| Error::invalid(format!("“{text}” is not a domain"), "Write it as example.org."))?;
        let place = self.place(args.account).await?;
        let findings = self.go_there(&place, domain.domain(), Needs::default()).await?;
        Ok(CheckReport::new(verdict::recipient(&findings), findings, &Private::default(), began))
    }

    pub(crate) async fn check_recipient(&self, args: CheckRecipientArgs) -> Result<CheckReport, Error> {
        let began = Instant::now();
        let text = args.address.trim();
        let place = self.place(args.account).await?;
        let findings = match EmailAddress::parse(text) {
            Err(error) => vec![syntax(text, Some(&capitalised(&error.to_string())))],
            Ok(address) => {
                let needs = Needs { size: args.size, smtp_utf8: address.needs_utf8() };
                let mut findings = vec![syntax(text, None)];
                findings.extend(self.go_there(&place, address.domain(), needs).await?);
                findings
            }
        };
        Ok(CheckReport::new(verdict::recipient(&findings), findings, &Private::default(), began))
    }

    async fn go_there(&self, place: &Place, domain: &str, needs: Needs) -> Result<Vec<Finding>, Error> {
        let known = self.known_domains().await?;
        let meant = spelling::meant(domain, known.iter().map(String::as_str));
        let takes = lookups::takes_mail(&place.net, domain).await;
        let meant = meant.and_then(|meant| meant.unless_somebodys(Some(&takes.value)));
        let mut findings = vec![spelling(domain, meant.as_deref())];
        findings.extend(mail_hosts(domain, &takes));
        let hosts = lookups::hosts_of(domain, &takes.value);
        if !hosts.is_empty() {
            findings.extend(self.visit_hosts(place, domain, hosts, needs).await?);
        }
        if !matches!(takes.value, TakesMail::NoSuchDomain | TakesMail::Null | TakesMail::Nowhere) {
            findings.push(greylisting(domain, &self.taught(domain).await?));
        }
        Ok(findings)
    }

    async fn visit_hosts(
        &self,
        place: &Place,
        domain: &str,
        mut hosts: Vec<String>,
        needs: Needs,
    ) -> Result<Vec<Finding>, Error> {
        let net = &place.net;
        hosts.truncate(MOST_HOSTS);
        let looks = hosts
            .iter()
            .map(async |host| HostSeen { host: host.clone(), addresses: lookups::addresses(net, host).await });
        let began = Instant::now();
        let demands = async {
            let demands = Demands::of(self.store(), net, Clock::system(), domain, POLICIES).await;
            demands.map(|demands| Timed::new(demands, began.elapsed()))
        };
        let (seen, demands) = join(join_all(looks), demands).await;
        let demands = demands?;
        let sts = Timed::new(sts_seen(demands.value.sts(), &hosts), demands.took);
        let mut findings = vec![addresses(&seen), mta_sts(domain, &sts)];
        let reachable = seen.iter().filter(|one| one.addresses.value.as_ref().is_some_and(|ips| !ips.is_empty()));
        let began = Instant::now();
        // As a letter would: to the first that takes it. Of those that do not, the one that let us come furthest is told.
        let mut told: Vec<Finding> = Vec::new();
        for one in reachable {
            let looked = Instant::now();
            let asked = demands.value.for_host(&one.host, net.config().smtp_port).await;
            let proof = dane(&one.host, &Timed::new(dane_seen(&asked), looked.elapsed()));
            let Ok(demand) = &asked.demand else {
                // It gets no letter. That its domain's policy does not name it, the finding of that says.
                if told.is_empty() && !matches!(asked.demand, Err(Fault::NotInPolicy { .. })) {
                    told.push(proof);
                }
                continue;
            };
            let to_dial = to_dial(net, one);
            let visited = visits::visit(net, &one.host, &to_dial, demand, required(demand.policy, asked.dane)).await;
            let takes_letters = visited.takes_letters();
            let mut found = vec![proof];
            found.extend(visit(&visited, needs));
            if takes_letters || found.len() > told.len() {
                told = found;
            }
            if takes_letters || began.elapsed() > ENOUGH {
                break;
            }
        }
        findings.extend(told);
        Ok(findings)
    }

    /// Domains of people, those to whom most went first.
    pub(crate) async fn known_domains(&self) -> Result<Vec<String>, Error> {
        let store = self.store();
        let destinations = store.destinations().await?.into_iter();
        let nobodys = destinations.filter(|(_, learned)| learned.is_nobodys()).map(|(domain, _)| domain).collect();
        let accounts = store.accounts().await?;
        let identities = accounts.iter().flat_map(|account| &account.identities);
        let own = identities.map(|identity| identity.address.domain().to_owned()).collect();
        Ok(domains_of_people(&store.correspondents().await?, &nobodys, own))
    }

    /// What earlier letters taught of whether a domain lets new senders wait.
    pub(crate) async fn greylisting_taught(&self, domain: &str) -> Result<Finding, Error> {
        Ok(greylisting(&shown_domain(domain), &self.taught(domain).await?))
    }

    async fn taught(&self, domain: &str) -> Result<Taught, Error> {
        let learned = self.store().learned(domain).await?;
        Ok(Taught {
            greylisted_for: learned.greylist_seconds.map(Duration::from_secs),
            refused_us: learned.refused_us_within(REFUSAL_COUNTS, Timestamp::now()),
            has_taken: learned.last_success.is_some(),
        })
    }
}

/// The domains of correspondents, those to whom most went first, and before them one's own. Who only writes may be anybody.
/// To have written to a domain that is nobody's was a slip: it is known only where somebody there wrote as well.
fn domains_of_people(met: &[Correspondent], nobodys: &HashSet<String>, own: HashSet<String>) -> Vec<String> {
    let mut dealings: HashMap<String, Dealings> = HashMap::new();
    for one in met {
        let Ok(address) = EmailAddress::parse(&one.address) else { continue };
        let domain = dealings.entry(address.domain().to_owned()).or_default();
        domain.sent = domain.sent.saturating_add(one.dealings.sent);
        domain.received = domain.received.saturating_add(one.dealings.received);
    }
    dealings.retain(|domain, passed| passed.sent > 0 && (passed.received > 0 || !nobodys.contains(domain)));
    let mut counts: HashMap<String, u32> =
        dealings.into_iter().map(|(domain, passed)| (domain, passed.sent)).collect();
    counts.extend(own.into_iter().map(|domain| (domain, u32::MAX)));
    let mut domains: Vec<(String, u32)> = counts.into_iter().collect();
    domains.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    domains.into_iter().map(|(domain, _)| domain).collect()
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The addresses of a host that this computer has a way to, by turns.
fn to_dial(net: &Net, host: &HostSeen) -> Vec<SocketAddr> {
    let port = net.config().smtp_port;
    let addresses = host.addresses.value.iter().flatten();
    let all: Vec<SocketAddr> = addresses.clone().map(|ip| SocketAddr::new(*ip, port)).collect();
    let has_way = |address: &SocketAddr| local_address(net, IpFamily::of(address.ip())).is_some();
    let usable: Vec<SocketAddr> = all.iter().copied().filter(has_way).collect();
    // With no way to any of them, the first says so.
    let mut dialed = net::by_turns(if usable.is_empty() { &all } else { &usable });
    dialed.truncate(MOST_ADDRESSES);
    dialed
}

fn sts_seen(look: &StsLook, hosts: &[String]) -> StsSeen {
    let policy = match &look.found {
        StsFound::NotTried => return StsSeen::NotTried,
        StsFound::None => return StsSeen::None,
        StsFound::NotAnswered => return StsSeen::NotAnswered,
        StsFound::Failed(why) => return StsSeen::Failed(why.clone()),
        StsFound::Policy(policy) => policy,
    };
    let mode = match policy.mode {
        StsMode::Enforce => StsRule::Enforce,
        StsMode::Testing => StsRule::Testing,
        StsMode::None => StsRule::None,
    };
    let kept = look.kept.as_ref().map(|kept| StsKept {
        until: kept.until,
        because: match &kept.because {
            KeptBecause::Current => StsKeptBecause::Current,
            KeptBecause::NotAnnounced => StsKeptBecause::NotAnnounced,
            KeptBecause::NotAnswered => StsKeptBecause::NotAnswered,
            KeptBecause::NotFetched(why) => StsKeptBecause::NotFetched(why.clone()),
        },
    });
    let (named, not_named): (Vec<&String>, Vec<&String>) = hosts.iter().partition(|host| policy.names(host));
    StsSeen::Policy { mode, named: named.len(), not_named: not_named.into_iter().cloned().collect(), kept }
}

fn dane_seen(asked: &HostDemand) -> DaneSeen {
    let waits = matches!(asked.demand, Err(Fault::Bogus(_) | Fault::Dns(_)));
    match asked.dane {
        DaneFound::Off => DaneSeen::Off,
        DaneFound::NotTried => DaneSeen::NotTried,
        DaneFound::NotProven => DaneSeen::NotSigned,
        DaneFound::None => DaneSeen::None,
        DaneFound::Unusable => DaneSeen::Unusable,
        DaneFound::Records(count) => DaneSeen::Records(count),
        DaneFound::Bogus if waits => DaneSeen::BogusWaits,
        DaneFound::Bogus => DaneSeen::Bogus,
        DaneFound::NotAnswered if waits => DaneSeen::NotAnsweredWaits,
        DaneFound::NotAnswered => DaneSeen::NotAnswered,
    }
}

/// What a demand comes from.
fn required(policy: TlsPolicy, dane: DaneFound) -> Required {
    match policy {
        TlsPolicy::Dane => Required::ByRecords,
        TlsPolicy::MtaSts | TlsPolicy::Verified => Required::ByPolicy,
        TlsPolicy::Encrypted if dane == DaneFound::Unusable => Required::Encryption,
        TlsPolicy::Encrypted => Required::AsBefore,
        TlsPolicy::Opportunistic | TlsPolicy::Plain => Required::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_known_by_letters_that_went_there_and_not_by_those_that_went_nowhere() {
        let met = |address: &str, sent, received| Correspondent {
            address: address.to_owned(),
            name: String::new(),
            dealings: Dealings { sent, received, ..Dealings::default() },
        };
        let met = [
            met("anna@fjordpost.example", 2, 5),
            met("bo@fjordpost.example", 1, 0),
            met("anna@fjordpots.example", 9, 0),
            met("cleo@lapsed.example", 1, 3),
            met("dora@quiet.example", 4, 0),
            met("news@shop.example", 0, 40),
            met("no address", 3, 3),
        ];
        let set = |domains: &[&str]| domains.iter().map(|domain| (*domain).to_owned()).collect::<HashSet<_>>();
        let nobodys = set(&["fjordpots.example", "lapsed.example", "own.example"]);
        let known = domains_of_people(&met, &nobodys, set(&["own.example"]));
        assert_eq!(known, ["own.example", "quiet.example", "fjordpost.example", "lapsed.example"]);
        let meant = advisor::spelling::meant("fjordpots.example", known.iter().map(String::as_str));
        assert_eq!(meant.map(|meant| meant.domain).as_deref(), Some("fjordpost.example"), "written to nine times");
    }
}
