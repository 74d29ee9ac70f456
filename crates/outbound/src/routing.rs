//! The facts from which a route is chosen, as they are at attempt time.

use crate::SettingsError;
use crate::dispatch::Message;
use advisor::{Choice, RouteFacts, Standing, choose_route};
use jiff::{SignedDuration, Timestamp};
use model::{Account, Delivery, EmailAddress, RoutePolicy};
use net::Net;
use store::{Store, StoreError};

/// How long a domain's refusal of our address keeps auto from trying it direct again.
const REFUSAL_REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

impl Message<'_> {
    pub async fn facts<'a>(&'a self, delivery: &'a Delivery) -> Result<RouteFacts<'a>, SettingsError> {
        let domain = delivery.address.domain();
        let learned = self.context.store.learned(domain).await?;
        Ok(RouteFacts {
            standing: standing(&self.net),
            refused_us: learned.refused_us_within(REFUSAL_REMEMBERED, self.context.clock.now()),
            ..settled(self.account.as_ref(), self.letter.sender.as_ref(), domain)
        })
    }
}

/// What `policy` would choose now for a letter from an identity to a domain, and why.
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
        standing: standing(net),
        refused_us: learned.refused_us_within(REFUSAL_REMEMBERED, Timestamp::now()),
        ..settled(Some(account), Some(from), domain)
    };
    Ok(choose_route(policy, &facts))
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
        refused_us: None,
    }
}

/// How this network looks to the hosts that it reaches: name servers on loopback mean that they are on this computer.
fn standing(net: &Net) -> Standing {
    let servers = &net.config().dns;
    let here = !servers.is_empty() && servers.iter().all(|server| server.ip().is_loopback());
    if here { Standing::Loopback } else { Standing::Unproven }
}
