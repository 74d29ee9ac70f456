//! Handing over: everything that waits goes to a smart host of its account, and what came of it is told.
//!
//! The way is given for this once ([`store::HandingOver`]): whatever nobody tried meanwhile is at the end as it was before,
//! and whatever was not taken has its former way, so that the user's own choice, or Postrider's, stands when it is tried
//! next. That is so whether the smart hosts have answered, the user did not want to wait for them, or the program was killed.
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
    Account, Attempt, CallError, Delivery, DeliveryId, DeliveryState, Outgoing, OutgoingId, Phase, Route,
    RoutePolicy, SmartHost,
};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Change, HandingOver};
use tokio::sync::{Mutex, broadcast, watch};
use tokio::time::{Instant, sleep};

/// How long the smart hosts are given to take everything. What is not known by then stays queued.
const TO_HAND_OVER: Duration = Duration::from_secs(45);
/// How often to look whether somebody else has done with handing over.
const LOOK: Duration = Duration::from_millis(200);

/// Handing over in this process.
#[derive(Debug, Default)]
pub(crate) struct Handing {
    /// One after the other.
    turn: Mutex<()>,
    /// Whether the engine is about to stop: then nobody waits for smart hosts any more.
    stopping: watch::Sender<bool>,
}

impl Engine {
    /// Gives everything that waits to the smart host of its account, and waits until that has answered. What it does not
    /// take stays queued.
    pub(crate) async fn hand_over(&self, _: Nothing) -> Result<HandedOver, Error> {
        let _turn = self.inner.handing.turn.lock().await;
        let mut changes = self.store().changes();
        let deadline = Instant::now() + TO_HAND_OVER;
        let handing = self.right_to_hand_over(deadline).await?;
        let accounts = self.store().accounts().await?;
        let mut ordered = Ordered::new();
        let came = self.hand_over_until(deadline, &mut changes, &accounts, &handing, &mut ordered).await;
        handing.end().await?;
        came?;
        let mut left = Vec::new();
        let ends = self.ends(&ordered).await?;
        for outgoing in self.open_outgoings().await? {
            let others = outgoing.deliveries.iter().filter(|one| !ordered.contains_key(&one.id));
            left.extend(others.filter(|one| waits_for_nothing(one)).map(|one| behind(&outgoing, one)));
        }
        Ok(told(&ends, left))
    }

    /// Nobody waits for smart hosts any more, and what they do not have is as it was before.
    pub(crate) async fn stop_handing_over(&self) {
        self.inner.handing.stopping.send_replace(true);
        let _turn = self.inner.handing.turn.lock().await;
        // Whoever asked for it may have gone before it came to its end.
        if let Err(error) = self.store().end_broken_handing_over().await {
            tracing::error!(%error, "what was being handed over is taken back at the next start");
        }
    }

    /// Another process may be at it. For a moment the queue is, too, when it looks for what was broken off.
    async fn right_to_hand_over(&self, deadline: Instant) -> Result<HandingOver, Error> {
        loop {
            if let Some(handing) = self.store().handing_over().await? {
                return Ok(handing);
            }
            if Instant::now() >= deadline || *self.inner.handing.stopping.borrow() {
                let why = "what waits is being handed over already";
                return Err(CallError::new("busy", why, "Wait until that is through.").into());
            }
            sleep(LOOK).await;
        }
    }

    async fn hand_over_until(
        &self,
        deadline: Instant,
        changes: &mut broadcast::Receiver<Change>,
        accounts: &[Account],
        handing: &HandingOver,
        ordered: &mut Ordered,
    ) -> Result<(), Error> {
        let mut stopping = self.inner.handing.stopping.subscribe();
        while !*stopping.borrow() {
            let (mut orders, under_way) = self.to_order_on(accounts, ordered).await?;
            let (more, on_the_wire) = self.to_order_over(accounts, ordered).await?;
            let is_through = under_way + more.len() + on_the_wire == 0;
            orders.extend(more);
            handing.give(orders, Timestamp::now()).await?;
            if is_through {
                break;
            }
            tokio::select! {
                is_in_time = changes_before(deadline, changes) => if !is_in_time { break },
                Ok(()) = stopping.changed() => {}
            }
        }
        Ok(())
    }

    /// What was not ordered yet, and how many are on the wire by another way: they may come back from there.
    async fn to_order_over(&self, accounts: &[Account], ordered: &mut Ordered) -> Result<(Orders, usize), Error> {
        let (mut orders, mut on_the_wire) = (Orders::new(), 0);
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
                let way = ordered.entry(delivery.id).or_insert(Way::new(outgoing.id, host));
                orders.push((delivery.id, way.policy()));
            }
        }
        Ok((orders, on_the_wire))
    }

    /// What came back and may go to another smart host, and how many of all are still under way.
    async fn to_order_on(&self, accounts: &[Account], ordered: &mut Ordered) -> Result<(Orders, usize), Error> {
        let (mut orders, mut under_way) = (Orders::new(), 0);
        for (id, way) in ordered {
            let Some(outgoing) = self.store().outgoing(way.outgoing).await? else { continue };
            let Some(delivery) = outgoing.deliveries.iter().find(|one| one.id == *id) else { continue };
            match delivery.state {
                DeliveryState::Queued | DeliveryState::Sending => under_way += 1,
                DeliveryState::Deferred => {
                    let attempt = self.store().last_attempt(*id).await?;
                    let hosts = account_of(accounts, &outgoing).map_or(&[][..], |account| &account.smart_hosts);
                    if way.goes_on(attempt.as_ref(), hosts) {
                        orders.push((*id, way.policy()));
                        under_way += 1;
                    }
                }
                _ => {}
            }
        }
        Ok((orders, under_way))
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
/// What is ordered at a time.
type Orders = Vec<(DeliveryId, RoutePolicy)>;

/// The way that a delivery is given.
struct Way {
    outgoing: OutgoingId,
    host: String,
    /// The smart hosts that were asked before.
    tried: Vec<String>,
    was_repeated: bool,
}

impl Way {
    fn new(outgoing: OutgoingId, host: &str) -> Self {
        Self { outgoing, host: host.to_owned(), tried: Vec::new(), was_repeated: false }
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
