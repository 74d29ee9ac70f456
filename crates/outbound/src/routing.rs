//! The facts from which a route is chosen, as they are at attempt time.

use crate::SettingsError;
use crate::dispatch::Message;
use advisor::{Choice, RouteFacts, Standing, choose_route};
use jiff::{SignedDuration, Timestamp};
use model::{Account, Class, Delivery, RoutePolicy};
use net::Net;
use store::{Store, StoreError};

/// How long a domain's refusal of our address keeps auto from trying it direct again.
const REFUSAL_REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

impl Message<'_> {
    pub async fn facts<'a>(&'a self, delivery: &'a Delivery) -> Result<RouteFacts<'a>, SettingsError> {
        let domain = delivery.address.domain();
        let learned = self.context.store.learned(domain).await?;
        Ok(RouteFacts {
            smart_host: self.smart_host(),
            sender_domain: self.sender_domain(),
            recipient_domain: domain,
            standing: standing(&self.net),
            refused_us: recent_refusal(&learned, self.context.clock.now()),
        })
    }
}

/// What `policy` would choose for a domain now, and why.
pub async fn preview(
    store: &Store,
    net: &Net,
    account: &Account,
    policy: &RoutePolicy,
    domain: &str,
) -> Result<Choice, StoreError> {
    let learned = store.learned(domain).await?;
    let facts = RouteFacts {
        smart_host: account.smart_hosts.first().map(|smart_host| smart_host.name.as_str()),
        sender_domain: account.address.domain(),
        recipient_domain: domain,
        standing: standing(net),
        refused_us: recent_refusal(&learned, Timestamp::now()),
    };
    Ok(choose_route(policy, &facts))
}

/// A refusal for what we are is held against direct sending for a day: by then the network may be another one.
fn recent_refusal(learned: &store::Learned, now: Timestamp) -> Option<Class> {
    let age = now.duration_since(learned.last_failure?);
    learned.refused_us.filter(|_| age < REFUSAL_REMEMBERED)
}

/// How this network looks to the hosts that it reaches: name servers on loopback mean that they are on this computer.
fn standing(net: &Net) -> Standing {
    let servers = &net.config().dns;
    let here = !servers.is_empty() && servers.iter().all(|server| server.ip().is_loopback());
    if here { Standing::Loopback } else { Standing::Unproven }
}
