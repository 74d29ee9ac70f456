//! Handing over: everything that waits goes to a smart host of its account, and what came of it is told.
//!
//! The way is given for this once. Whatever is not taken has its former one again at the end, so that the user's own
//! choice, or Postrider's, stands when it is tried next.
//!
//! | where a delivery came to | then |
//! |---|---|
//! | it was in hand already and went another way | ordered once more |
//! | the smart host was not reached | the next one is ordered, as long as there is one |
//! | anything else, an answer that did not come included | that is its end |

use super::view::{HandedOver, LeftBehind};
use super::{account_of, changes_before, count, is_unanswered, may_be_handed_over, smart_host, waits_for_nothing};
use crate::Engine;
use crate::error::Error;
use crate::view::Nothing;
use jiff::Timestamp;
use model::{
    Account, Attempt, Delivery, DeliveryId, DeliveryState, Outgoing, OutgoingId, Phase, Route, RoutePolicy, SmartHost,
};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Change, Order};
use tokio::sync::broadcast;
use tokio::time::Instant;

/// How long the smart hosts are given to take everything. What is not known by then stays queued.
const TO_HAND_OVER: Duration = Duration::from_secs(45);

impl Engine {
    /// Gives everything that waits to the smart host of its account, and waits until that has answered. What it does not
    /// take stays queued.
    pub(crate) async fn hand_over(&self, _: Nothing) -> Result<HandedOver, Error> {
        let mut changes = self.store().changes();
        let deadline = Instant::now() + TO_HAND_OVER;
        let accounts = self.store().accounts().await?;
        let mut ordered = Ordered::new();
        let came = self.hand_over_until(deadline, &mut changes, &accounts, &mut ordered).await;
        self.take_routes_back(&ordered).await?;
        came?;
        let mut left = Vec::new();
        let ends = self.ends(&ordered).await?;
        for outgoing in self.open_outgoings().await? {
            let others = outgoing.deliveries.iter().filter(|one| !ordered.contains_key(&one.id));
            left.extend(others.filter(|one| waits_for_nothing(one)).map(|one| behind(&outgoing, one)));
        }
        Ok(told(&ends, left))
    }

    async fn hand_over_until(
        &self,
        deadline: Instant,
        changes: &mut broadcast::Receiver<Change>,
        accounts: &[Account],
        ordered: &mut Ordered,
    ) -> Result<(), Error> {
        loop {
            let on_the_wire = self.order_over(accounts, ordered).await?;
            let under_way = self.order_on(accounts, ordered).await?;
            if on_the_wire + under_way == 0 || !changes_before(deadline, changes).await {
                return Ok(());
            }
        }
    }

    /// Orders what was not ordered yet, and says how many are on the wire by another way: they may come back from there.
    async fn order_over(&self, accounts: &[Account], ordered: &mut Ordered) -> Result<usize, Error> {
        let mut on_the_wire = 0;
        let outgoings = self.open_outgoings().await?;
        let doubtful = self.doubtful(&outgoings).await?;
        for outgoing in &outgoings {
            let host = account_of(accounts, outgoing).and_then(smart_host);
            for delivery in &outgoing.deliveries {
                if ordered.contains_key(&delivery.id) || !may_be_handed_over(delivery, &doubtful) {
                    continue;
                }
                if delivery.state == DeliveryState::Sending {
                    on_the_wire += 1;
                    continue;
                }
                let Some(host) = host else { continue };
                let way = Way::new(outgoing.id, delivery.route.clone(), host);
                self.order_way(delivery.id, ordered.entry(delivery.id).or_insert(way)).await?;
            }
        }
        Ok(on_the_wire)
    }

    /// Orders again what came back and may go to another smart host, and says how many of all are still under way.
    async fn order_on(&self, accounts: &[Account], ordered: &mut Ordered) -> Result<usize, Error> {
        let mut under_way = 0;
        for (id, way) in ordered {
            let Some(outgoing) = self.store().outgoing(way.outgoing).await? else { continue };
            let Some(delivery) = outgoing.deliveries.iter().find(|one| one.id == *id) else { continue };
            match delivery.state {
                DeliveryState::Queued | DeliveryState::Sending => under_way += 1,
                DeliveryState::Deferred => {
                    let attempt = self.store().last_attempt(*id).await?;
                    let hosts = account_of(accounts, &outgoing).map_or(&[][..], |account| &account.smart_hosts);
                    if way.goes_on(attempt.as_ref(), hosts) {
                        self.order_way(*id, way).await?;
                        under_way += 1;
                    }
                }
                _ => {}
            }
        }
        Ok(under_way)
    }

    async fn order_way(&self, delivery: DeliveryId, way: &Way) -> Result<(), Error> {
        for order in [Order::Route(way.policy()), Order::Retry] {
            self.store().order(way.outgoing, Some(delivery), order, Timestamp::now()).await?;
        }
        Ok(())
    }

    async fn take_routes_back(&self, ordered: &Ordered) -> Result<(), Error> {
        for (id, way) in ordered {
            self.store().take_route_back(way.outgoing, *id, way.policy(), way.former.clone()).await?;
        }
        Ok(())
    }

    /// Where everything that was ordered is now.
    async fn ends(&self, ordered: &Ordered) -> Result<Vec<End>, Error> {
        let mut ends = Vec::new();
        for (id, way) in ordered {
            let Some(outgoing) = self.store().outgoing(way.outgoing).await? else { continue };
            let Some(delivery) = outgoing.deliveries.iter().find(|one| one.id == *id) else { continue };
            let route = self.store().last_attempt(*id).await?.map(|attempt| attempt.route);
            ends.push(End { route, behind: behind(&outgoing, delivery) });
        }
        Ok(ends)
    }
}

/// What was ordered, and the way it was given.
type Ordered = BTreeMap<DeliveryId, Way>;

/// The way that a delivery is given, and the one that it had.
struct Way {
    outgoing: OutgoingId,
    former: Option<RoutePolicy>,
    host: String,
    /// The smart hosts that were asked before.
    tried: Vec<String>,
    was_repeated: bool,
}

impl Way {
    fn new(outgoing: OutgoingId, former: Option<RoutePolicy>, host: &str) -> Self {
        Self { outgoing, former, host: host.to_owned(), tried: Vec::new(), was_repeated: false }
    }

    fn policy(&self) -> RoutePolicy {
        RoutePolicy::SmartHost(self.host.clone())
    }

    /// Whether it is ordered again after this attempt, by the table above; this is the way then.
    fn goes_on(&mut self, attempt: Option<&Attempt>, hosts: &[SmartHost]) -> bool {
        match attempt {
            Some(attempt) if is_unanswered(attempt) => false,
            Some(attempt) if attempt.route == Route::SmartHost(self.host.clone()) => {
                was_not_reached(attempt) && self.take_the_next(hosts)
            }
            _ => !std::mem::replace(&mut self.was_repeated, true),
        }
    }

    fn take_the_next(&mut self, hosts: &[SmartHost]) -> bool {
        self.tried.push(self.host.clone());
        let next = hosts.iter().find(|host| !self.tried.contains(&host.name));
        if let Some(next) = next {
            self.host.clone_from(&next.name);
        }
        next.is_some()
    }
}

/// Whether the smart host, or the way to it, failed before it knew what this was about; on a computer without a network
/// another one would fare no better.
fn was_not_reached(attempt: &Attempt) -> bool {
    let is_here = attempt.diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.local_cause);
    let is_refused = attempt.reply.as_ref().is_some_and(|reply| reply.code >= 500);
    attempt.phase > Phase::Prepare && attempt.phase < Phase::Auth && !is_here && !is_refused
}

/// Where a delivery came to, and by which way.
struct End {
    route: Option<Route>,
    behind: LeftBehind,
}

fn behind(outgoing: &Outgoing, delivery: &Delivery) -> LeftBehind {
    LeftBehind {
        id: outgoing.id,
        subject: outgoing.subject.clone(),
        address: delivery.address.to_string(),
        state: delivery.state,
        title: delivery.diagnosis.as_ref().map(|diagnosis| diagnosis.title.clone()).unwrap_or_default(),
    }
}

/// What is told at the end: who has what, and what stays here. What was taken direct meanwhile is neither.
fn told(ends: &[End], others: Vec<LeftBehind>) -> HandedOver {
    let (taken, left): (Vec<&End>, Vec<&End>) = ends.iter().partition(|end| end.behind.state.is_taken());
    let mut smart_hosts = Vec::new();
    let mut letters = Vec::new();
    for end in taken {
        if let Some(Route::SmartHost(host)) = &end.route {
            smart_hosts.push(host.clone());
            letters.push(end.behind.id);
        }
    }
    smart_hosts.sort();
    smart_hosts.dedup();
    letters.sort_unstable_by_key(|id| id.0);
    letters.dedup();
    let left = left.into_iter().map(|end| end.behind.clone()).chain(others).collect();
    HandedOver { taken: count(letters.len()), smart_hosts, left }
}

#[cfg(test)]
mod tests;
