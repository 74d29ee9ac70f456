//! The check of a domain, or of a recipient there: the stages of a letter's way up to the point where it would begin.

use super::lookups::{self, asked};
use super::{CheckDomainArgs, CheckRecipientArgs, CheckReport, Place, local_address, visits};
use crate::Engine;
use crate::error::Error;
use advisor::checks::Timed;
use advisor::checks::finding::Finding;
use advisor::checks::identity::TakesMail;
use advisor::checks::network::IpFamily;
use advisor::checks::recipient::{
    DaneSeen, HostSeen, Needs, Required, StsRule, StsSeen, Taught, addresses, dane, greylisting, mail_hosts, mta_sts,
    spelling, syntax, visit,
};
use advisor::checks::sharing::Private;
use advisor::{spelling, verdict};
use futures::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};
use model::contact::Dealings;
use model::{EmailAddress, TlsDemand, TlsPolicy, Tlsa, shown_domain};
use net::{Net, Proof, StsMode, StsPolicy, TlsaAnswer, is_usable};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;
use store::Correspondent;
use tokio::time::{Instant, timeout};

/// Hosts that are looked for; one is visited.
const MOST_HOSTS: usize = 5;
/// Addresses that are dialed before a host counts as out of reach.
const MOST_ADDRESSES: usize = 3;
/// How long the policy of a domain, and proof of a host, may take.
const POLICIES: Duration = Duration::from_secs(6);
/// After so long no further host is visited.
const ENOUGH: Duration = Duration::from_secs(8);
/// How long a refusal of this computer is remembered against a domain.
const REFUSAL_COUNTS: SignedDuration = SignedDuration::from_hours(24);

/// The proof of a host, and what its encryption should show by it, or has to.
struct Proven {
    seen: Timed<DaneSeen>,
    demand: TlsDemand,
    required: Required,
}

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
            findings.extend(self.visit_hosts(place, domain, hosts, needs).await);
        }
        if !matches!(takes.value, TakesMail::NoSuchDomain | TakesMail::Null | TakesMail::Nowhere) {
            findings.push(greylisting(domain, &self.taught(domain).await?));
        }
        Ok(findings)
    }

    async fn visit_hosts(&self, place: &Place, domain: &str, mut hosts: Vec<String>, needs: Needs) -> Vec<Finding> {
        let net = &place.net;
        hosts.truncate(MOST_HOSTS);
        let looks = hosts
            .iter()
            .map(async |host| HostSeen { host: host.clone(), addresses: lookups::addresses(net, host).await });
        let (seen, sts) = join(join_all(looks), sts(net, domain, &hosts)).await;
        let mut findings = vec![addresses(&seen), mta_sts(domain, &sts)];
        let reachable = seen.iter().filter(|one| one.addresses.value.as_ref().is_some_and(|ips| !ips.is_empty()));
        let began = Instant::now();
        // As a letter would: to the first that takes it. Of those that do not, the one that let us come furthest is told.
        let mut told: Vec<Finding> = Vec::new();
        for one in reachable {
            let proven = proof(net, domain, &one.host, &sts.value).await;
            // TLSA records that are proven come before the policy (RFC 8461 §2).
            if proven.required != Required::ByRecords && !sts.value.lets_to(&one.host) {
                continue;
            }
            let to_dial = to_dial(net, one);
            let visited = visits::visit(net, &one.host, &to_dial, &proven.demand, proven.required).await;
            let takes_letters = visited.takes_letters();
            let mut found = vec![dane(&one.host, &proven.seen)];
            found.extend(visit(&visited, needs));
            if takes_letters || found.len() > told.len() {
                told = found;
            }
            if takes_letters || began.elapsed() > ENOUGH {
                break;
            }
        }
        findings.extend(told);
        findings
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

async fn sts(net: &Net, domain: &str, hosts: &[String]) -> Timed<StsSeen> {
    let began = Instant::now();
    let look = async {
        if !net.has_policies() {
            return StsSeen::NotTried;
        }
        match asked(net.sts_record(domain)).await.value {
            Ok(None) => StsSeen::None,
            Err(_) => StsSeen::NotAnswered,
            Ok(Some(_)) => match net.fetch_sts_policy(domain).await {
                Err(error) => StsSeen::Failed(error.to_string()),
                Ok(text) => policy_seen(&text, hosts),
            },
        }
    };
    let seen =
        timeout(POLICIES, look).await.unwrap_or_else(|_| StsSeen::Failed("there was no answer in time".to_owned()));
    Timed::new(seen, began.elapsed())
}

fn policy_seen(text: &str, hosts: &[String]) -> StsSeen {
    match StsPolicy::parse(text) {
        Err(error) => StsSeen::Failed(error.to_string()),
        Ok(policy) => {
            let mode = match policy.mode {
                StsMode::Enforce => StsRule::Enforce,
                StsMode::Testing => StsRule::Testing,
                StsMode::None => StsRule::None,
            };
            let (named, not_named): (Vec<&String>, Vec<&String>) = hosts.iter().partition(|host| policy.names(host));
            StsSeen::Policy { mode, named: named.len(), not_named: not_named.into_iter().cloned().collect() }
        }
    }
}

/// What DNS proves of a host, and the demand that follows: as for a letter.
async fn proof(net: &Net, domain: &str, host: &str, sts: &StsSeen) -> Proven {
    let began = Instant::now();
    let (seen, records) =
        timeout(POLICIES, records(net, domain, host)).await.unwrap_or((DaneSeen::NotAnswered, Vec::new()));
    let required = match (seen, sts) {
        (DaneSeen::Records(_), _) => Required::ByRecords,
        (_, StsSeen::Policy { mode: StsRule::Enforce, .. }) => Required::ByPolicy,
        (DaneSeen::Unusable, _) => Required::Encryption,
        _ => Required::Nothing,
    };
    let of = |policy| TlsDemand::new(policy, host);
    let demand = match required {
        Required::ByRecords => {
            TlsDemand { tlsa: records, other_names: vec![domain.to_owned()], ..of(TlsPolicy::Dane) }
        }
        Required::ByPolicy => of(TlsPolicy::MtaSts),
        Required::Encryption => of(TlsPolicy::Encrypted),
        Required::Nothing => of(TlsPolicy::Opportunistic),
    };
    Proven { seen: Timed::new(seen, began.elapsed()), demand, required }
}

async fn records(net: &Net, domain: &str, host: &str) -> (DaneSeen, Vec<Tlsa>) {
    let none = |seen| (seen, Vec::new());
    if !net.has_policies() {
        return none(DaneSeen::NotTried);
    }
    match net.proven_mail_hosts(domain).await.map(|hosts| hosts.proof) {
        Ok(Proof::Secure) => {}
        Ok(Proof::Bogus) => return none(DaneSeen::Bogus),
        Ok(Proof::Insecure | Proof::Unknown) => return none(DaneSeen::NotSigned),
        Err(_) => return none(DaneSeen::NotAnswered),
    }
    let addresses = net.host_proof(host).await;
    match addresses.proof {
        Proof::Secure => {}
        Proof::Bogus => return none(DaneSeen::Bogus),
        Proof::Insecure | Proof::Unknown => return none(DaneSeen::NotSigned),
    }
    match net.tlsa(&addresses.canonical, net.config().smtp_port).await {
        TlsaAnswer::Records(records) => {
            let usable = records.iter().filter(|record| is_usable(record)).count();
            if usable == 0 { none(DaneSeen::Unusable) } else { (DaneSeen::Records(usable), records) }
        }
        TlsaAnswer::None => none(DaneSeen::None),
        TlsaAnswer::Bogus => none(DaneSeen::Bogus),
        TlsaAnswer::Failed => none(DaneSeen::NotAnswered),
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
