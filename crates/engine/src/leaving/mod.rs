//! On leaving: what still waits when the program is about to end, and handing it over to a smart host first.
//!
//! Nothing is lost by leaving. What waits is on disk and goes on when Postrider runs again; but until then nobody tries.
//! So whoever leaves is told what that is about, and may have it taken by somebody who does not sleep.
//!
//! | delivery | waits? | may be handed over |
//! |---|---|---|
//! | queued, deferred | yes | yes |
//! | sending | it is on the wire: it is given some seconds first | once it is known that it was not taken |
//! | held, to be taken back | yes | yes: whoever hands it over does not want it back |
//! | held until its time | yes | no: it was not to go before |
//! | held by the user | no: it would not go anyway | no |
//! | anything else | no | no |
//!
//! While the queue is paused nothing waits: it would not go either, whether the program runs or not.

pub mod view;

use crate::Engine;
use crate::error::Error;
use crate::settings::is_paused;
use crate::view::Nothing;
use jiff::{SignedDuration, Timestamp};
use model::{
    Account, Delivery, DeliveryId, DeliveryState, HoldReason, OnlineHours, Outgoing, OutgoingId, RoutePolicy,
};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Change, Order};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};
use view::{HandedOver, Leaving, LeavingLetter, LeftBehind};

/// How long a letter that is on the wire is given before anybody is asked about it.
const ON_THE_WIRE: Duration = Duration::from_secs(3);
/// How long the smart hosts are given to take everything. What is not known by then stays queued.
const TO_HAND_OVER: Duration = Duration::from_secs(45);
/// Letters that are looked at.
const LOOKED_AT: u32 = 1000;
/// Letters that are named; the others are counted.
const NAMED: usize = 50;

impl Engine {
    /// What waits, once what is on the wire has had its seconds.
    pub(crate) async fn leaving(&self, _: Nothing) -> Result<Leaving, Error> {
        let mut changes = self.store().changes();
        let deadline = Instant::now() + ON_THE_WIRE;
        loop {
            let leaving = self.what_waits().await?;
            if leaving.on_the_wire == 0 || is_over(timeout_at(deadline, changes.recv()).await) {
                return Ok(leaving);
            }
        }
    }

    async fn what_waits(&self) -> Result<Leaving, Error> {
        let now = Timestamp::now();
        if is_paused(self.store()).await? {
            return Ok(Leaving::default());
        }
        let outgoings = self.open_outgoings().await?;
        let accounts = self.store().accounts().await?;
        let max_age = outbound::read_schedule(self.store()).await.unwrap_or_default().max_age;
        let due_since = outgoings.iter().flat_map(|one| &one.deliveries).map(|one| one.due_since).min();
        let hours = self.store().online_hours(due_since.unwrap_or(now), now).await?;
        let age = Age { now, hours, max_age };
        let letters = outgoings.iter().filter_map(|one| waiting(one, account_of(&accounts, one), &age));
        Ok(sum_up(letters.collect(), now))
    }

    async fn open_outgoings(&self) -> Result<Vec<Outgoing>, Error> {
        Ok(self.store().outgoings(store::OutgoingFilter::Open, LOOKED_AT, 0).await?)
    }

    /// Gives everything that waits to the smart host of its account, and waits until that has answered. What it does not
    /// take stays queued.
    pub(crate) async fn hand_over(&self, _: Nothing) -> Result<HandedOver, Error> {
        let mut changes = self.store().changes();
        let deadline = Instant::now() + TO_HAND_OVER;
        let accounts = self.store().accounts().await?;
        let mut ordered = BTreeMap::new();
        loop {
            let on_the_wire = self.order_over(&accounts, &mut ordered).await?;
            let ends = self.ends(&ordered).await?;
            let is_known = on_the_wire == 0 && ends.iter().all(End::is_known);
            if is_known || is_over(timeout_at(deadline, changes.recv()).await) {
                return Ok(told(&ends));
            }
        }
    }

    /// Orders what was not ordered yet, and says how many are on the wire by another way: they may come back from there.
    async fn order_over(&self, accounts: &[Account], ordered: &mut Ordered) -> Result<usize, Error> {
        let mut on_the_wire = 0;
        for outgoing in self.open_outgoings().await? {
            let Some(host) = account_of(accounts, &outgoing).and_then(smart_host) else { continue };
            for delivery in outgoing.deliveries.iter().filter(|one| may_be_handed_over(one)) {
                if ordered.contains_key(&delivery.id) {
                    continue;
                }
                if delivery.state == DeliveryState::Sending {
                    on_the_wire += 1;
                    continue;
                }
                ordered.insert(delivery.id, Way { outgoing: outgoing.id, host: host.to_owned() });
                let route = Order::Route(RoutePolicy::SmartHost(host.to_owned()));
                for order in [route, Order::Retry] {
                    self.store().order(outgoing.id, Some(delivery.id), order, Timestamp::now()).await?;
                }
            }
        }
        Ok(on_the_wire)
    }

    /// Where everything that was ordered is now.
    async fn ends(&self, ordered: &Ordered) -> Result<Vec<End>, Error> {
        let mut ends = Vec::new();
        for (id, way) in ordered {
            let Some(outgoing) = self.store().outgoing(way.outgoing).await? else { continue };
            let delivery = outgoing.deliveries.iter().find(|delivery| delivery.id == *id);
            ends.extend(delivery.map(|delivery| End::of(&outgoing, delivery, &way.host)));
        }
        Ok(ends)
    }
}

/// Whether there is nothing more to wait for. To have missed some changes is a change.
fn is_over(heard: Result<Result<Change, RecvError>, Elapsed>) -> bool {
    matches!(heard, Err(_) | Ok(Err(RecvError::Closed)))
}

/// What was ordered, and the way it was given.
type Ordered = BTreeMap<DeliveryId, Way>;

struct Way {
    outgoing: OutgoingId,
    host: String,
}

/// Where a delivery came to.
struct End {
    outgoing: OutgoingId,
    subject: String,
    address: String,
    host: String,
    state: DeliveryState,
    title: String,
}

impl End {
    /// Whether somebody has answered, or nobody will for now.
    fn is_known(&self) -> bool {
        !matches!(self.state, DeliveryState::Queued | DeliveryState::Sending)
    }

    fn of(outgoing: &Outgoing, delivery: &Delivery, host: &str) -> Self {
        Self {
            outgoing: outgoing.id,
            subject: outgoing.subject.clone(),
            address: delivery.address.to_string(),
            host: host.to_owned(),
            state: delivery.state,
            title: delivery.diagnosis.as_ref().map(|diagnosis| diagnosis.title.clone()).unwrap_or_default(),
        }
    }
}

/// What time is counted by.
struct Age {
    now: Timestamp,
    hours: OnlineHours,
    max_age: Duration,
}

impl Age {
    /// When a delivery is given up if this computer stays on line from now on; later if it does not.
    fn given_up_at(&self, delivery: &Delivery) -> Option<Timestamp> {
        let left = self.max_age.saturating_sub(self.hours.age(delivery.due_since, self.now));
        self.now.checked_add(SignedDuration::try_from(left).ok()?).ok()
    }
}

fn account_of<'a>(accounts: &'a [Account], outgoing: &Outgoing) -> Option<&'a Account> {
    accounts.iter().find(|account| Some(account.id) == outgoing.account)
}

/// The first is asked first; when it cannot be reached, the next one is.
fn smart_host(account: &Account) -> Option<&str> {
    account.smart_hosts.first().map(|host| host.name.as_str())
}

/// Whether it goes, or would go, by itself while the program runs.
fn waits(delivery: &Delivery) -> bool {
    delivery.state.is_waiting()
        || delivery.state == DeliveryState::Held && delivery.hold.is_some_and(|hold| hold != HoldReason::Paused)
}

fn may_be_handed_over(delivery: &Delivery) -> bool {
    waits(delivery) && delivery.hold != Some(HoldReason::Scheduled)
}

/// What is said of a letter; `None` where nothing of it waits.
fn waiting(outgoing: &Outgoing, account: Option<&Account>, age: &Age) -> Option<LeavingLetter> {
    let waiting: Vec<&Delivery> = outgoing.deliveries.iter().filter(|delivery| waits(delivery)).collect();
    // The one that is tried first speaks for the letter.
    let first = waiting.iter().min_by_key(|delivery| delivery.next_attempt_at.unwrap_or(Timestamp::MAX))?;
    let scheduled = first.hold == Some(HoldReason::Scheduled);
    let given_up_at = waiting.iter().filter_map(|delivery| age.given_up_at(delivery)).min();
    let may_be = waiting.iter().any(|delivery| may_be_handed_over(delivery));
    Some(LeavingLetter {
        id: outgoing.id,
        subject: outgoing.subject.clone(),
        recipients: waiting.iter().map(|delivery| delivery.address.to_string()).collect(),
        state: first.state,
        scheduled,
        title: first.diagnosis.as_ref().map(|diagnosis| diagnosis.title.clone()).unwrap_or_default(),
        next_attempt_at: first.next_attempt_at.filter(|_| first.state != DeliveryState::Sending),
        given_up_at: given_up_at.filter(|_| !scheduled),
        smart_host: account.and_then(smart_host).filter(|_| may_be).map(str::to_owned),
    })
}

/// Whether it is on the wire, or about to be: it has been handed in this moment.
fn is_going(letter: &LeavingLetter, now: Timestamp) -> bool {
    match letter.state {
        DeliveryState::Sending => true,
        DeliveryState::Queued => letter.next_attempt_at.is_some_and(|at| at <= now),
        _ => false,
    }
}

/// The next to be tried first.
fn sum_up(mut letters: Vec<LeavingLetter>, now: Timestamp) -> Leaving {
    letters.sort_by_key(|letter| letter.next_attempt_at.unwrap_or(Timestamp::MIN));
    let mut smart_hosts: Vec<String> = letters.iter().filter_map(|letter| letter.smart_host.clone()).collect();
    let can_be_handed_over = smart_hosts.len();
    smart_hosts.sort();
    smart_hosts.dedup();
    Leaving {
        on_the_wire: count(letters.iter().filter(|letter| is_going(letter, now)).count()),
        total: count(letters.len()),
        can_be_handed_over: count(can_be_handed_over),
        smart_hosts,
        letters: letters.into_iter().take(NAMED).collect(),
    }
}

/// What is told at the end: who has what, and what stays here.
fn told(ends: &[End]) -> HandedOver {
    let (taken, left): (Vec<&End>, Vec<&End>) = ends.iter().partition(|end| end.state.is_taken());
    let mut smart_hosts: Vec<String> = taken.iter().map(|end| end.host.clone()).collect();
    smart_hosts.sort();
    smart_hosts.dedup();
    let mut letters: Vec<OutgoingId> = taken.iter().map(|end| end.outgoing).collect();
    letters.sort_unstable_by_key(|id| id.0);
    letters.dedup();
    let behind = |end: &&End| LeftBehind {
        id: end.outgoing,
        subject: end.subject.clone(),
        address: end.address.clone(),
        state: end.state,
        title: end.title.clone(),
    };
    HandedOver { taken: count(letters.len()), smart_hosts, left: left.iter().map(behind).collect() }
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
