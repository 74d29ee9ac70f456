//! What becomes of one delivery: pure functions from where it stands and what happened to where it stands then.
//!
//! ```text
//! claim      held (time has come), queued, deferred → sending
//! settle     sending → accepted, relayed, failed; deferred or queued, unless hold or cancel was ordered meanwhile
//! interrupt  sending → deferred, unless hold or cancel was ordered meanwhile
//! obey       see the table at `obey`
//! notify     accepted, relayed → confirmed, delayed, bounced; delayed → confirmed, bounced
//! ```
//! `None` means that it stays as it is.

use super::standing::{Lease, Standing, Wish};
use super::{DsnAction, Order, Recorded};
use jiff::{SignedDuration, Timestamp};
use model::{Counts, DeliveryState, Diagnosis, HoldReason, RoutePolicy};
use std::time::Duration;

use DeliveryState::*;

/// The pause after a second interruption in a row; it doubles up to [`LONGEST_PAUSE`].
const SHORTEST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Into the hands of a runner. `fallback` is when it is tried next if the runner never comes back.
pub(super) fn claim(standing: &Standing, lease: Lease, fallback: Timestamp) -> Standing {
    Standing { state: Sending, hold: None, next: Some(fallback), lease: Some(lease), wish: None, ..standing.clone() }
}

/// What the runner says came of it.
///
/// That a server took it is always true, whoever reports it and whatever was thought meanwhile. Anything else counts
/// only from the hands that have it: a runner whose lease was taken over knows less than the one that has it now.
pub(super) fn settle(standing: &Standing, owner: &str, result: &Recorded) -> Option<Standing> {
    let ours = standing.lease.as_ref().is_some_and(|lease| lease.owner == owner);
    let over = standing.state.is_taken() || standing.state == Bounced;
    if over || !(ours || result.state.is_taken()) {
        return None;
    }
    let tries = standing.tries + u32::from(result.counts == Counts::Yes);
    let settled = Standing {
        state: result.state,
        hold: None,
        next: None,
        due_since: standing.due_since,
        tries,
        interruptions: 0,
        diagnosis: result.diagnosis.clone(),
        dismissed: false,
        lease: None,
        wish: None,
        route: standing.route.clone(),
    };
    Some(match result.state {
        Deferred | Queued => yield_to_wish(standing.wish, settled, result.next_attempt_at.or(standing.next)),
        _ => settled,
    })
}

/// Out of the hands of a runner that is no more. It may be a message that kills the program: only the first time is it
/// due at once.
pub(super) fn interrupt(standing: &Standing, diagnosis: Diagnosis, now: Timestamp) -> Standing {
    let interruptions = standing.interruptions.saturating_add(1);
    let settled = Standing {
        state: Deferred,
        interruptions,
        diagnosis: Some(diagnosis),
        lease: None,
        wish: None,
        ..standing.clone()
    };
    yield_to_wish(standing.wish, settled, Some(after(now, pause(interruptions))))
}

/// How long to wait after so many interruptions in a row.
fn pause(interruptions: u32) -> Duration {
    match interruptions {
        0 | 1 => Duration::ZERO,
        more => SHORTEST_PAUSE.saturating_mul(1 << (more - 2).min(16)).min(LONGEST_PAUSE),
    }
}

/// A time later by a pause; the end of time where there is no such.
pub(super) fn after(now: Timestamp, pause: Duration) -> Timestamp {
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}

/// What waits goes where the user wanted it meanwhile.
fn yield_to_wish(wish: Option<Wish>, waiting: Standing, next: Option<Timestamp>) -> Standing {
    match wish {
        Some(Wish::Cancel) => Standing { state: Cancelled, next: None, ..waiting },
        Some(Wish::Hold) => Standing { state: Held, hold: Some(HoldReason::Paused), next: None, ..waiting },
        None => Standing { next, ..waiting },
    }
}

/// What an order makes of it.
///
/// | | held | queued, deferred | sending | failed, bounced | taken | cancelled |
/// |---|---|---|---|---|---|---|
/// | retry | queued, now | queued, now | forgets hold and cancel | queued, now, counted afresh | | |
/// | hold | paused | held, paused | wishes hold | | | |
/// | release | queued, now | | forgets hold | | | |
/// | cancel | cancelled | cancelled | wishes cancel | | | |
/// | route | other route | other route, now | other route next time | queued, now, by it | | |
/// | dismiss | | | | dismissed | | |
///
/// `outgoing_route` is the route that it has without one of its own.
pub(super) fn obey(
    standing: &Standing,
    order: &Order,
    outgoing_route: &RoutePolicy,
    now: Timestamp,
) -> Option<Standing> {
    let next = match (order, standing.state) {
        (Order::Retry, Held | Deferred | Queued) | (Order::Release, Held) => queued(standing, now),
        (Order::Retry, Failed | Bounced) => afresh(standing, now),
        (Order::Retry, Sending) => Standing { wish: None, ..standing.clone() },
        (Order::Release, Sending) => {
            Standing { wish: standing.wish.filter(|wish| *wish == Wish::Cancel), ..standing.clone() }
        }
        (Order::Hold, Held | Queued | Deferred) => yield_to_wish(Some(Wish::Hold), standing.clone(), None),
        (Order::Hold, Sending) => Standing { wish: Some(Wish::Hold), ..standing.clone() },
        (Order::Cancel, Held | Queued | Deferred) => {
            yield_to_wish(Some(Wish::Cancel), Standing { hold: None, ..standing.clone() }, None)
        }
        (Order::Cancel, Sending) => Standing { wish: Some(Wish::Cancel), ..standing.clone() },
        (Order::Route(route), state) => reroute(standing, state, route, outgoing_route, now)?,
        (Order::Dismiss, Failed | Bounced) => Standing { dismissed: true, ..standing.clone() },
        _ => return None,
    };
    (next != *standing).then_some(next)
}

fn reroute(
    standing: &Standing,
    state: DeliveryState,
    route: &RoutePolicy,
    outgoing_route: &RoutePolicy,
    now: Timestamp,
) -> Option<Standing> {
    let same = standing.route.as_ref().unwrap_or(outgoing_route) == route;
    let rerouted = Standing { route: Some(route.clone()), ..standing.clone() };
    match state {
        Failed | Bounced => Some(afresh(&rerouted, now)),
        _ if same => None,
        Held | Sending => Some(rerouted),
        Queued | Deferred => Some(queued(&rerouted, now)),
        _ => None,
    }
}

/// Due now. What is due already stays due since then; what was held or done is due only from now on, and is not given
/// up for the time in which nobody tried it.
fn queued(standing: &Standing, now: Timestamp) -> Standing {
    let next = match (standing.state, standing.next) {
        (Queued, Some(due)) if due <= now => due,
        _ => now,
    };
    let due_since = if matches!(standing.state, Queued | Deferred) { standing.due_since } else { now };
    Standing { state: Queued, hold: None, next: Some(next), due_since, ..standing.clone() }
}

/// Due now, with the schedule from its beginning.
fn afresh(standing: &Standing, now: Timestamp) -> Standing {
    Standing { tries: 0, interruptions: 0, dismissed: false, ..queued(standing, now) }
}

/// What a notification makes of it. What was never taken was never answered for either: such a notification is not
/// about this delivery.
pub(super) fn notify(standing: &Standing, action: DsnAction, diagnosis: Option<Diagnosis>) -> Option<Standing> {
    let state = match (action, standing.state) {
        (DsnAction::Delivered, Accepted | Relayed | Delayed) => Confirmed,
        (DsnAction::Delayed, Accepted | Relayed) => Delayed,
        (DsnAction::Failed, Accepted | Relayed | Delayed) => Bounced,
        _ => return None,
    };
    let diagnosis = if state == Confirmed { None } else { diagnosis.or_else(|| standing.diagnosis.clone()) };
    Some(Standing { state, diagnosis, dismissed: false, ..standing.clone() })
}

#[cfg(test)]
mod tests;
