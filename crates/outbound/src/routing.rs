//! The facts from which a route is chosen: as they are at attempt time, and as they are while a letter is written.

use crate::dispatch::Message;
use crate::known::{self, Known};
use crate::silence::Silences;
use crate::standing::{at_first_sight, standing};
use advisor::{Choice, FoundHere, RouteFacts, Standing, choose_route, hangs_on_standing, is_asked_for};
use jiff::{SignedDuration, Timestamp};
use message::dkim::signatures;
use model::{Account, Delivery, EmailAddress, RoutePolicy};
use net::Net;
use store::{DkimKey, Family, Store, StoreError};
use tokio::sync::OnceCell;

/// How long a domain's refusal of our address keeps auto from trying it direct again.
const REFUSAL_REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Octets of a message that are looked into for its signatures, which stand at its beginning.
const HEADER: u32 = 16 << 10;

/// Where letters of one sender leave from: what their routes hang on, whomever they go to. A letter that is being written
/// and one that is sent are routed by the same facts, gathered here.
#[derive(Clone, Copy, Debug)]
pub struct Departure<'a> {
    /// What was learned of networks and domains.
    pub store: &'a Store,
    /// The network of the account.
    pub net: &'a Net,
    /// Who could not be reached of late.
    pub silences: &'a Silences,
    /// The account, with its rules and smart hosts; some letters have none.
    pub account: Option<&'a Account>,
    /// The envelope sender; the null sender has no address.
    pub from: Option<&'a EmailAddress>,
    /// Now.
    pub now: Timestamp,
}

impl<'a> Departure<'a> {
    /// What `policy` would choose now for a letter to a domain, and why. It is taken to be signed when it is sent, where
    /// there is a key.
    pub async fn preview(&self, policy: &RoutePolicy, domain: &str) -> Result<Choice, StoreError> {
        let will_be_signed = async {
            let Some(from) = self.from else { return Ok(false) };
            Ok(!signing_keys(self.store, from.domain()).await?.is_empty())
        };
        self.choose(policy, domain, None, &OnceCell::new(), will_be_signed).await
    }

    /// The route to a domain, which was spoken to before in this family, by the facts that it hangs on.
    async fn choose(
        &self,
        ordered: &RoutePolicy,
        domain: &str,
        family: Option<Family>,
        found: &OnceCell<Known>,
        is_signed: impl Future<Output = Result<bool, StoreError>>,
    ) -> Result<Choice, StoreError> {
        let learned = self.store.learned(domain).await?;
        let mut facts = RouteFacts {
            standing: at_first_sight(self.net),
            refused_us: learned.refused_us_within(REFUSAL_REMEMBERED, self.now),
            signed: true,
            ..settled(self.account, self.from, domain)
        };
        if is_asked_for(ordered, &facts) {
            return Ok(choose_route(ordered, &facts));
        }
        let look = || known::found_here(self.store, self.net, self.practises(), self.now);
        let known = found.get_or_try_init(look).await?;
        facts.found = known.found.clone();
        facts.shut_in = self.silences.of(self.practises()).is_general(known.looked_at(), self.now);
        if hangs_on_standing(ordered, &facts) {
            facts.signed = needs_no_proof(self.net) || is_signed.await?;
        }
        if hangs_on_standing(ordered, &facts) {
            facts.standing = standing(self.net, family.or(learned.family)).await;
        }
        Ok(choose_route(ordered, &facts))
    }

    fn practises(&self) -> bool {
        self.account.is_some_and(|account| account.practice)
    }
}

impl Message<'_> {
    /// The route of a delivery.
    pub async fn choose(&self, delivery: &Delivery) -> Result<Choice, StoreError> {
        let departure = Departure {
            store: &self.context.store,
            net: &self.net,
            silences: &self.context.silences,
            account: self.account.as_ref(),
            from: self.letter.sender.as_ref(),
            now: self.context.clock.now(),
        };
        let ordered = delivery.route.as_ref().unwrap_or(&self.claimed.outgoing.route);
        let domain = delivery.address.domain();
        // A letter that was greylisted comes back from the address that it came from.
        let family = self.claimed.spoken_to.get(domain).copied().map(Family::of);
        departure.choose(ordered, domain, family, &self.found, self.is_signed()).await
    }

    /// Whether it carries a signature of its From domain that every receiver can verify.
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

/// Whether nobody asks for a signature: in a world on this computer.
fn needs_no_proof(net: &Net) -> bool {
    net.config().is_here()
}

/// The keys that sign for a domain and whose signatures every receiver can verify.
async fn signing_keys(store: &Store, domain: &str) -> Result<Vec<DkimKey>, StoreError> {
    let mut keys = store.dkim_keys_of(domain).await?;
    keys.retain(DkimKey::proves_to_all);
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
mod tests;
