//! Which deliveries of a letter travel together: those by the same smart host, and those whose mail is taken by the same
//! hosts in the same order, which have to show the same.
//!
//! Hosts are looked up for all domains side by side. Who is not found within a moment follows as soon as he is, so that
//! a domain with slow name servers delays nobody but itself.

use crate::SettingsError;
use crate::asking::Open;
use crate::dispatch::Message;
use crate::runner::Report;
use crate::targets::Target;
use futures::StreamExt;
use futures::future::{join, join_all};
use futures::stream;
use model::{Route, TlsDemand};
use smtp::Ended;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Domains that are looked up at a time.
const LOOKUPS: usize = 20;
/// How long those that are found wait for the others, to travel with them.
const A_MOMENT: Duration = Duration::from_secs(3);

/// The hosts of a domain, or why there are none.
pub(crate) type Hosts = Result<Vec<Target>, Ended>;

/// Deliveries for which a route was chosen, with its reason.
type Chosen = Vec<(Option<String>, Open)>;

/// The ways that the deliveries of a letter go.
#[derive(Default)]
struct Routes {
    through: BTreeMap<(String, Option<String>), Vec<Open>>,
    /// By the recipients' domain.
    direct: BTreeMap<String, Chosen>,
}

/// A domain that was looked up, and who is there.
struct Found {
    domain: String,
    hosts: Hosts,
    chosen: Chosen,
}

/// What deliveries have in common that travel together.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Party {
    /// Hosts by rank, and what each has to show.
    Hosts { hosts: Vec<(usize, String, TlsDemand)>, reason: Option<String> },
    /// Who takes their mail cannot be said.
    Lost { domain: String, reason: Option<String> },
}

impl Message<'_> {
    /// Sends every delivery on its way.
    pub async fn send_all(&self) -> Result<Vec<Report>, SettingsError> {
        let Routes { through, direct } = self.routes().await?;
        let through =
            through.into_iter().map(|((name, reason), open)| async move { self.through(&name, reason, open).await });
        let (through, direct) = join(join_all(through), self.send_direct(direct)).await;
        let mut reports = direct?;
        for some in through {
            reports.extend(some?);
        }
        Ok(reports)
    }

    async fn routes(&self) -> Result<Routes, SettingsError> {
        let mut routes = Routes::default();
        for delivery in &self.claimed.outgoing.deliveries {
            let choice = self.choose(delivery).await?;
            let open = Open::new(delivery.clone(), choice.basis);
            match choice.route {
                Route::SmartHost(name) => routes.through.entry((name, choice.reason)).or_default().push(open),
                Route::Direct => {
                    let domain = delivery.address.domain().to_owned();
                    routes.direct.entry(domain).or_default().push((choice.reason, open));
                }
            }
        }
        Ok(routes)
    }

    async fn send_direct(&self, direct: BTreeMap<String, Chosen>) -> Result<Vec<Report>, SettingsError> {
        let look_up = |(domain, chosen): (String, Chosen)| async move {
            let hosts = self.hosts_of(&domain).await?;
            Ok::<_, SettingsError>(Found { domain, hosts, chosen })
        };
        let mut looking = Box::pin(stream::iter(direct).map(look_up).buffer_unordered(LOOKUPS));
        let mut prompt = Vec::new();
        let deadline = Instant::now() + A_MOMENT;
        while let Ok(Some(found)) = timeout_at(deadline, looking.next()).await {
            prompt.push(found?);
        }
        let late = looking.map(|found| async { self.send_found(vec![found?]).await });
        let late = late.buffer_unordered(LOOKUPS).collect::<Vec<_>>();
        let (prompt, late) = join(self.send_found(prompt), late).await;
        let mut reports = prompt?;
        for some in late {
            reports.extend(some?);
        }
        Ok(reports)
    }

    async fn send_found(&self, found: Vec<Found>) -> Result<Vec<Report>, SettingsError> {
        let parties = parties(found).into_iter();
        let sent = parties.map(|(reason, hosts, open)| async move { self.send_party(reason, hosts, open).await });
        let mut reports = Vec::new();
        for some in join_all(sent).await {
            reports.extend(some?);
        }
        Ok(reports)
    }
}

/// Puts together who travels together.
fn parties(found: Vec<Found>) -> Vec<(Option<String>, Hosts, Vec<Open>)> {
    let mut parties: Vec<(Party, Hosts, Vec<Open>)> = Vec::new();
    for Found { domain, hosts, chosen } in found {
        for (reason, open) in chosen {
            let party = Party::of(&domain, &hosts, reason);
            match parties.iter_mut().find(|(known, ..)| *known == party) {
                Some((.., all)) => all.push(open),
                None => parties.push((party, hosts.clone(), vec![open])),
            }
        }
    }
    parties.into_iter().map(|(party, hosts, open)| (party.reason(), hosts, open)).collect()
}

impl Party {
    /// Equals stand in whatever order chance put them; what is preferred differs.
    fn of(domain: &str, hosts: &Hosts, reason: Option<String>) -> Self {
        let Ok(targets) = hosts else { return Self::Lost { domain: domain.to_owned(), reason } };
        let mut preferences: Vec<u16> = targets.iter().map(|target| target.preference).collect();
        preferences.sort_unstable();
        preferences.dedup();
        let rank = |target: &Target| preferences.partition_point(|preference| *preference < target.preference);
        let place = |target: &Target| (rank(target), target.host.clone(), target.security.demand.clone());
        let mut hosts: Vec<_> = targets.iter().map(place).collect();
        hosts.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        Self::Hosts { hosts, reason }
    }

    fn reason(self) -> Option<String> {
        match self {
            Self::Hosts { reason, .. } | Self::Lost { reason, .. } => reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::HostPolicy;
    use model::{Fault, Phase, TlsPolicy};

    fn target(host: &str, preference: u16, policy: TlsPolicy) -> Target {
        let security = HostPolicy::of(TlsDemand::new(policy, host));
        let addresses = vec![([192, 0, 2, 1], 25).into()];
        Target { host: host.to_owned(), preference, addresses, security, only_data: false }
    }

    fn party(targets: &[(&str, u16, TlsPolicy)]) -> Party {
        let targets = targets.iter().map(|(host, preference, policy)| target(host, *preference, *policy)).collect();
        Party::of("x.test", &Ok(targets), None)
    }

    #[test]
    fn those_whose_mail_the_same_hosts_take_in_the_same_order_travel_together() {
        use TlsPolicy::{MtaSts, Opportunistic};
        let one = party(&[("a.test", 10, Opportunistic), ("b.test", 20, Opportunistic)]);
        let table = [
            (party(&[("a.test", 5, Opportunistic), ("b.test", 9, Opportunistic)]), true),
            (party(&[("b.test", 20, Opportunistic), ("a.test", 10, Opportunistic)]), true),
            (party(&[("b.test", 10, Opportunistic), ("a.test", 20, Opportunistic)]), false),
            (party(&[("a.test", 10, Opportunistic), ("b.test", 10, Opportunistic)]), false),
            (party(&[("a.test", 10, MtaSts), ("b.test", 20, Opportunistic)]), false),
            (party(&[("a.test", 10, Opportunistic)]), false),
        ];
        for (other, together) in table {
            assert_eq!(one == other, together, "{other:?}");
        }
        let equals = |hosts: [&str; 2]| party(&hosts.map(|host| (host, 10, Opportunistic)));
        assert_eq!(equals(["a.test", "b.test"]), equals(["b.test", "a.test"]));
    }

    #[test]
    fn whoever_is_lost_is_lost_alone() {
        let lost = || Err(Ended { phase: Phase::Dns, outcome: Fault::NoNetwork.into() });
        assert_ne!(Party::of("a.test", &lost(), None), Party::of("b.test", &lost(), None));
    }
}
