//! The facts from which a route is chosen, as they are at attempt time.

use crate::SettingsError;
use crate::dispatch::Message;
use crate::known;
use crate::standing::{at_first_sight, standing};
use advisor::{Choice, FoundHere, RouteFacts, Standing, choose_route, hangs_on_standing, is_asked_for};
use jiff::{SignedDuration, Timestamp};
use message::dkim::signatures;
use model::{Account, Delivery, EmailAddress, RoutePolicy};
use net::Net;
use store::{DkimKey, Family, Store, StoreError};

/// How long a domain's refusal of our address keeps auto from trying it direct again.
const REFUSAL_REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Octets of a message that are looked into for its signatures, which stand at its beginning.
const HEADER: u32 = 16 << 10;

impl Message<'_> {
    /// The facts for a delivery, as far as its route hangs on them.
    pub async fn facts<'a>(&'a self, delivery: &'a Delivery) -> Result<RouteFacts<'a>, SettingsError> {
        let domain = delivery.address.domain();
        let learned = self.context.store.learned(domain).await?;
        let mut facts = RouteFacts {
            standing: at_first_sight(&self.net),
            refused_us: learned.refused_us_within(REFUSAL_REMEMBERED, self.context.clock.now()),
            shut_in: self.silence().is_general(self.context.clock.now()),
            signed: true,
            ..settled(self.account.as_ref(), self.letter.sender.as_ref(), domain)
        };
        let ordered = delivery.route.as_ref().unwrap_or(&self.claimed.outgoing.route);
        if !is_asked_for(ordered, &facts) {
            let known = self.found_here().await?;
            let looked_at = known.looked_at.unwrap_or(Timestamp::MIN);
            facts.shut_in = self.silence().is_general_since(looked_at, self.context.clock.now());
            facts.found = known.found;
        }
        if !hangs_on_standing(ordered, &facts) {
            return Ok(facts);
        }
        facts.signed = needs_no_proof(&self.net) || self.is_signed().await?;
        // A letter that was greylisted comes back from the address that it came from.
        let family = self.claimed.spoken_to.get(domain).copied().map(Family::of).or(learned.family);
        Ok(with_standing(ordered, facts, &self.net, family).await)
    }

    /// What was found of the network that it leaves from: looked up once for all of its recipients.
    async fn found_here(&self) -> Result<known::Known, StoreError> {
        let look = || known::found_here(&self.context.store, &self.net, self.practises(), self.context.clock.now());
        self.found.get_or_try_init(look).await.cloned()
    }

    /// Whether it carries a signature of its From domain, with a key that DNS shows.
    async fn is_signed(&self) -> Result<bool, StoreError> {
        let outgoing = &self.claimed.outgoing;
        let Some(domain) = domain_of(&outgoing.from) else { return Ok(false) };
        let keys = signing_keys(&self.context.store, domain).await?;
        if keys.is_empty() {
            return Ok(false);
        }
        let signatures = match &self.claimed.bytes {
            Some(bytes) => signatures(bytes),
            None => signatures(&self.context.store.outgoing_block(outgoing.id, 0, HEADER).await?),
        };
        let by = |key: &DkimKey, (selector, signer): &(String, String)| {
            key.selector.eq_ignore_ascii_case(selector) && key.domain.eq_ignore_ascii_case(signer)
        };
        Ok(signatures.iter().any(|signature| keys.iter().any(|key| by(key, signature))))
    }
}

/// What `policy` would choose now for a letter from an identity to a domain, and why. A letter is taken to be signed when it
/// is sent, where there is a key.
pub async fn preview(
    store: &Store,
    net: &Net,
    account: &Account,
    from: &EmailAddress,
    policy: &RoutePolicy,
    domain: &str,
) -> Result<Choice, StoreError> {
    let learned = store.learned(domain).await?;
    let facts = RouteFacts {
        standing: at_first_sight(net),
        found: known::found_here(store, net, account.practice, Timestamp::now()).await?.found,
        refused_us: learned.refused_us_within(REFUSAL_REMEMBERED, Timestamp::now()),
        signed: needs_no_proof(net) || !signing_keys(store, from.domain()).await?.is_empty(),
        ..settled(Some(account), Some(from), domain)
    };
    let facts = with_standing(policy, facts, net, learned.family).await;
    Ok(choose_route(policy, &facts))
}

/// The facts with how this network looks, where the route hangs on that.
async fn with_standing<'a>(
    ordered: &RoutePolicy,
    facts: RouteFacts<'a>,
    net: &Net,
    family: Option<Family>,
) -> RouteFacts<'a> {
    if !hangs_on_standing(ordered, &facts) {
        return facts;
    }
    RouteFacts { standing: standing(net, family).await, ..facts }
}

/// Whether nobody asks for a signature: in a world on this computer.
fn needs_no_proof(net: &Net) -> bool {
    net.config().is_here()
}

/// The keys that sign for a domain and that DNS shows.
async fn signing_keys(store: &Store, domain: &str) -> Result<Vec<DkimKey>, StoreError> {
    let mut keys = store.dkim_keys_of(domain).await?;
    keys.retain(|key| key.standing.seen_at.is_some() && key.standing.retired_at.is_none());
    Ok(keys)
}

/// The domain of From as it is shown: `Anna <anna@example.org>`, or the address alone.
fn domain_of(from: &str) -> Option<&str> {
    let (_, domain) = from.trim_end().trim_end_matches('>').rsplit_once('@')?;
    Some(domain)
}

/// What the account's settings say: its smart hosts and rules, and the default of the identity that sends.
fn settled<'a>(account: Option<&'a Account>, from: Option<&'a EmailAddress>, domain: &'a str) -> RouteFacts<'a> {
    let identities = account.map_or(&[][..], |account| &account.identities);
    let identity = identities.iter().find(|identity| Some(&identity.address) == from).or(identities.first());
    RouteFacts {
        smart_hosts: account.map_or(&[], |account| &account.smart_hosts),
        rules: account.map_or(&[], |account| &account.rules),
        default: identity.map_or(&RoutePolicy::Auto, |identity| &identity.route),
        sender_domain: from.map_or("", EmailAddress::domain),
        recipient_domain: domain,
        standing: Standing::Unproven,
        found: FoundHere::Nothing,
        signed: false,
        shut_in: false,
        refused_us: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_of_from_is_read_as_it_is_shown() {
        let table = [
            ("anna@example.org", Some("example.org")),
            ("Anna <anna@example.org>", Some("example.org")),
            ("\"a@b\" <anna@example.org> ", Some("example.org")),
            ("Anna", None),
            ("", None),
        ];
        for (from, expected) in table {
            assert_eq!(domain_of(from), expected, "{from}");
        }
    }
}
