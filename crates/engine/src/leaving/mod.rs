//! On leaving: what still waits when the program is about to end, and handing it over to a smart host first.
//!
//! Nothing is lost by leaving. What waits is on disk and goes on when Postrider runs again; but until then nobody tries.
//! So whoever leaves is told what that is about, and may have it taken by somebody who does not sleep.
//!
//! | delivery | waits? | may be handed over |
//! |---|---|---|
//! | queued, deferred | yes | yes |
//! | deferred, as nobody answered once all of it was sent | yes | no: the server may have it, and would not be the only one |
//! | sending | it is on the wire: it is given some seconds first | once it is known that it was not taken |
//! | held, to be taken back | yes | yes: whoever hands it over does not want it back |
//! | held until its time | yes | no: it was not to go before |
//! | held by the user | no: it would not go anyway | no |
//! | anything else | no | no |
//!
//! While the queue is paused nothing waits: it would not go either, whether the program runs or not.

pub(crate) mod handing;
pub mod view;

use crate::Engine;
use crate::error::Error;
use crate::settings::is_paused;
use crate::view::Nothing;
use jiff::{SignedDuration, Timestamp};
use model::{Account, Attempt, Delivery, DeliveryId, DeliveryState, HoldReason, OnlineHours, Outgoing, Phase};
use std::collections::BTreeSet;
use std::time::Duration;
use store::Change;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};
use view::{Leaving, LeavingLetter};

/// How long a letter that is on the wire is given before anybody is asked about it.
const ON_THE_WIRE: Duration = Duration::from_secs(3);
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
            if leaving.on_the_wire == 0 || !changes_before(deadline, &mut changes).await {
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
        let doubtful = self.doubtful(&outgoings).await?;
        let letters = outgoings.iter().filter_map(|one| waiting(one, account_of(&accounts, one), &age, &doubtful));
        Ok(sum_up(letters.collect(), now))
    }

    async fn open_outgoings(&self) -> Result<Vec<Outgoing>, Error> {
        Ok(self.store().outgoings(store::OutgoingFilter::Open, LOOKED_AT, 0).await?)
    }

    async fn doubtful(&self, outgoings: &[Outgoing]) -> Result<Doubtful, Error> {
        let mut doubtful = Doubtful::new();
        let tried = |delivery: &&Delivery| waits(delivery) && delivery.diagnosis.is_some();
        for delivery in outgoings.iter().flat_map(|one| &one.deliveries).filter(tried) {
            if self.store().last_attempt(delivery.id).await?.as_ref().is_some_and(is_unanswered) {
                doubtful.insert(delivery.id);
            }
        }
        Ok(doubtful)
    }
}

/// Waits for something to change, whatever it is and how often, but not beyond the deadline; `false` where that comes
/// first. To have missed some changes is a change.
async fn changes_before(deadline: Instant, changes: &mut broadcast::Receiver<Change>) -> bool {
    let heard = timeout_at(deadline, changes.recv()).await;
    while changes.try_recv().is_ok() {}
    !matches!(heard, Err(_) | Ok(Err(RecvError::Closed)))
}

/// Deliveries that a server may have: the last to be asked got all of it and did not answer. Another copy by another way
/// is not sent to save a moment; it is tried again as any other.
type Doubtful = BTreeSet<DeliveryId>;

/// Whether whoever was asked may have the letter all the same.
fn is_unanswered(attempt: &Attempt) -> bool {
    attempt.phase == Phase::Body && attempt.error.is_some()
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

/// Whether it goes as soon as it can, and not at a time of its own.
fn waits_for_nothing(delivery: &Delivery) -> bool {
    waits(delivery) && delivery.hold != Some(HoldReason::Scheduled)
}

fn may_be_handed_over(delivery: &Delivery, doubtful: &Doubtful) -> bool {
    waits_for_nothing(delivery) && !doubtful.contains(&delivery.id)
}

/// What is said of a letter; `None` where nothing of it waits.
fn waiting(outgoing: &Outgoing, account: Option<&Account>, age: &Age, doubtful: &Doubtful) -> Option<LeavingLetter> {
    let waiting: Vec<&Delivery> = outgoing.deliveries.iter().filter(|delivery| waits(delivery)).collect();
    // The one that is tried first speaks for the letter.
    let first = waiting.iter().min_by_key(|delivery| delivery.next_attempt_at.unwrap_or(Timestamp::MAX))?;
    let scheduled = first.hold == Some(HoldReason::Scheduled);
    let given_up_at = waiting.iter().filter_map(|delivery| age.given_up_at(delivery)).min();
    let may_be = waiting.iter().any(|delivery| may_be_handed_over(delivery, doubtful));
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

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
