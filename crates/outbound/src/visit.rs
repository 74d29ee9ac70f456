//! What is still to be tried with a host after a conversation with it: pure.
//!
//! | the conversation | then, at once |
//! |---|---|
//! | broke at an encryption that need not succeed | the same address in clear text |
//! | broke at a chunk that the server offers and does not know | the same address, with DATA, for whom it broke |
//! | had no room for some recipients at once | the same address, for them, on the connection if it is still open |
//! | refused some for our address | the host's addresses of the other family, for them: there we have another one |
//!
//! A refusal for our address is one by its diagnosis: no reverse DNS, a block list, a dynamic range. Gmail, to name one,
//! refuses IPv6 without reverse DNS and takes IPv4 from the same house.

use crate::conversation::{Tried, Way};
use crate::policy::HostPolicy;
use crate::targets::Target;
use model::{Class, DeliveryId, Fault, Outcome, Phase, TlsDemand, TlsPolicy};
use net::same_family;
use smtp::{Ended, RecipientResult};
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// Conversations with one host in one round: enough for a server that takes one recipient at a time.
pub(crate) const MOST_VISITS: usize = 500;

/// One conversation to be held with a host.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub way: Way,
    pub host: String,
    /// Whichever answers first.
    pub addresses: Vec<SocketAddr>,
    pub security: HostPolicy,
    /// Whether the content goes after DATA even where chunks are offered.
    pub only_data: bool,
    pub whom: Whom,
    families: Families,
}

/// For whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Whom {
    /// All for whom another host may be asked.
    Open,
    /// These alone, whatever a conversation with this host made of them.
    These(BTreeSet<DeliveryId>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Families {
    Any,
    /// The one that was not refused.
    Other,
}

/// What a conversation came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visited {
    /// The address that was reached.
    pub reached: Option<SocketAddr>,
    pub encryption_failed: bool,
    /// For whom a chunk was refused.
    pub without_chunk: BTreeSet<DeliveryId>,
    /// For whom there was no room.
    pub put_off: BTreeSet<DeliveryId>,
    /// Who was refused for our address.
    pub refused_us: BTreeSet<DeliveryId>,
}

impl Whom {
    /// Whether a delivery is one of them; `enough` says that no further host may be asked for it.
    pub fn includes(&self, delivery: DeliveryId, enough: bool) -> bool {
        match self {
            Self::Open => !enough,
            Self::These(these) => these.contains(&delivery),
        }
    }
}

impl Visited {
    /// What a try says of all recipients together.
    pub fn of(tried: &Tried) -> Self {
        Self { reached: tried.reached, encryption_failed: tried.encryption_failed, ..Self::default() }
    }

    /// Takes in what one recipient got, who was not taken.
    pub fn take_in(&mut self, id: DeliveryId, result: &RecipientResult, class: Option<Class>, chunk_refused: bool) {
        if chunk_refused && result.phase == Phase::Body {
            self.without_chunk.insert(id);
        }
        if matches!(result.outcome, Outcome::Replied(_)) && class.is_some_and(is_about_our_address) {
            self.refused_us.insert(id);
        }
    }
}

impl Visit {
    /// The first conversation with a host.
    pub fn first(way: &Way, target: &Target) -> Self {
        Self {
            way: way.clone(),
            host: target.host.clone(),
            addresses: target.addresses.clone(),
            security: target.security.clone(),
            only_data: target.only_data,
            whom: Whom::Open,
            families: Families::Any,
        }
    }

    /// None at all: what an attempt that dials nobody is written down as.
    pub fn nowhere(way: &Way, host: Option<&str>, ended: &Ended) -> Self {
        let host = host.unwrap_or_default().to_owned();
        let policy = match &ended.outcome {
            Outcome::Failed(Fault::NotInPolicy { .. }) => TlsPolicy::MtaSts,
            _ => TlsPolicy::Opportunistic,
        };
        let security = HostPolicy::of(TlsDemand::new(policy, &host));
        Self::first(way, &Target { host, preference: 0, addresses: Vec::new(), security, only_data: false })
    }

    /// The conversations that follow this one, with the same host.
    pub fn next(self, visited: Visited, target: &Target) -> Vec<Self> {
        let Some(reached) = visited.reached else { return Vec::new() };
        if visited.encryption_failed && self.security.demand.policy == TlsPolicy::Opportunistic {
            return vec![Self { security: self.security.in_clear_text(), addresses: vec![reached], ..self }];
        }
        let others: Vec<SocketAddr> = match self.families {
            Families::Any => target.addresses.iter().copied().filter(|other| !same_family(other, &reached)).collect(),
            Families::Other => Vec::new(),
        };
        let again = |addresses: Vec<SocketAddr>, whom: BTreeSet<DeliveryId>| {
            let useful = !whom.is_empty() && !addresses.is_empty();
            useful.then(|| Self { addresses, whom: Whom::These(whom), ..self.clone() })
        };
        let without_chunk =
            again(vec![reached], visited.without_chunk).map(|visit| Self { only_data: true, ..visit });
        let with_room = again(vec![reached], visited.put_off).map(|visit| Self {
            // On the connection that is there, whatever family another try came in.
            way: Way { before: Some(reached.ip()), ..visit.way },
            ..visit
        });
        // That the one family failed at encryption says nothing of the other.
        let elsewhere = again(others, visited.refused_us).map(|visit| Self {
            security: target.security.clone(),
            families: Families::Other,
            ..visit
        });
        [without_chunk, with_room, elsewhere].into_iter().flatten().collect()
    }
}

/// Whether a refusal is for the address that we come from, so that another address may be welcome.
fn is_about_our_address(class: Class) -> bool {
    matches!(class, Class::SenderNoRdns | Class::SenderBlocklisted | Class::SenderDynamicIp)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIX: &str = "[2001:db8::1]:25";
    const FOUR: &str = "192.0.2.1:25";
    const FOUR_TOO: &str = "192.0.2.2:25";

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().filter_map(|text| text.parse().ok()).collect()
    }

    fn these(ids: &[i64]) -> BTreeSet<DeliveryId> {
        ids.iter().map(|id| DeliveryId(*id)).collect()
    }

    fn reached(text: &str) -> Visited {
        Visited { reached: text.parse().ok(), ..Visited::default() }
    }

    fn host(texts: &[&str]) -> Target {
        let demand = TlsDemand::new(TlsPolicy::Opportunistic, "mx.test");
        let security = HostPolicy::of(demand);
        Target { host: "mx.test".to_owned(), preference: 10, addresses: addresses(texts), security, only_data: false }
    }

    fn all() -> Target {
        host(&[SIX, FOUR, FOUR_TOO])
    }

    fn next(visit: Visit, visited: Visited) -> Vec<Visit> {
        visit.next(visited, &all())
    }

    fn first() -> Visit {
        Visit::first(&Way::direct(None, None), &all())
    }

    #[test]
    fn a_conversation_that_went_its_way_is_the_last() {
        assert!(next(first(), reached(SIX)).is_empty());
        assert!(next(first(), Visited::default()).is_empty(), "nobody was reached");
    }

    #[test]
    fn encryption_that_fails_leads_to_the_same_address_in_clear_text_once() {
        let failed = || Visited { encryption_failed: true, ..reached(FOUR) };
        let clear = next(first(), failed()).pop().expect("another visit");
        assert_eq!((clear.security.demand.policy, &clear.addresses), (TlsPolicy::Plain, &addresses(&[FOUR])));
        assert_eq!(clear.whom, Whom::Open);
        assert!(next(clear, failed()).is_empty());
    }

    #[test]
    fn encryption_that_has_to_succeed_is_not_left_out() {
        for policy in [TlsPolicy::Encrypted, TlsPolicy::Verified, TlsPolicy::MtaSts, TlsPolicy::Dane] {
            let mut visit = first();
            visit.security.demand.policy = policy;
            assert!(next(visit, Visited { encryption_failed: true, ..reached(FOUR) }).is_empty(), "{policy:?}");
        }
    }

    #[test]
    fn a_chunk_that_is_not_known_leads_to_the_same_address_with_data() {
        let again = next(first(), Visited { without_chunk: these(&[2]), ..reached(SIX) });
        assert_eq!(again.len(), 1);
        assert!(again[0].only_data);
        assert_eq!((&again[0].addresses, &again[0].whom), (&addresses(&[SIX]), &Whom::These(these(&[2]))));
    }

    #[test]
    fn those_without_room_go_to_the_same_address_again() {
        let again = next(first(), Visited { put_off: these(&[3, 4]), ..reached(FOUR) });
        assert_eq!(again.len(), 1);
        assert_eq!((&again[0].addresses, &again[0].whom), (&addresses(&[FOUR]), &Whom::These(these(&[3, 4]))));
    }

    #[test]
    fn a_refusal_of_our_address_leads_to_the_other_family_once_and_with_encryption() {
        let refused = |at| Visited { refused_us: these(&[1]), ..reached(at) };
        let clear = next(first(), Visited { encryption_failed: true, ..reached(SIX) }).remove(0);
        let other = next(clear, refused(SIX)).remove(0);
        assert_eq!((&other.addresses, &other.whom), (&addresses(&[FOUR, FOUR_TOO]), &Whom::These(these(&[1]))));
        assert_eq!(other.security.demand.policy, TlsPolicy::Opportunistic);
        assert!(next(other, refused(FOUR)).is_empty());
        assert_eq!(next(first(), refused(FOUR))[0].addresses, addresses(&[SIX]));
    }

    #[test]
    fn a_host_with_one_family_has_no_other() {
        let only_four = host(&[FOUR, FOUR_TOO]);
        let refused = Visited { refused_us: these(&[1]), ..reached(FOUR) };
        assert!(Visit::first(&Way::direct(None, None), &only_four).next(refused, &only_four).is_empty());
    }
}
