//! Handing over for this once: deliveries get another route, and their former one again when that is over.
//!
//! Where they stood before is on disk from the moment in which they stand elsewhere. So it does not matter how handing over
//! ends: if the program is killed in the middle, whoever runs the queue next finds what nobody is at any more, and takes it
//! back. All that one round gives is one transaction, and so is the end.
//!
//! | a delivery is | when handing over ends |
//! |---|---|
//! | still as it was given | everything is as it was before |
//! | sending | left, until it is known what came of it |
//! | anything else, its route the one that it was given | it has its former route; the rest is as it is now |
//! | on a route that was ordered since | as it is now |

use super::standing::{self, Placed, Standing};
use super::{Order, decide};
use crate::columns::{Shown, Time, Word};
use crate::database::Tx;
use crate::store::HomeLock;
use crate::{Change, Result, Store};
use jiff::Timestamp;
use model::{DeliveryId, DeliveryState, HoldReason, RoutePolicy};
use rusqlite::Row;

/// The right to hand over, which one process at a time has. Dropped without [`HandingOver::end`] it is broken off, as if
/// the program had ended.
#[derive(Debug)]
pub struct HandingOver {
    store: Store,
    _lock: HomeLock,
}

impl Store {
    /// The right to hand over; `None` while another process, or another part of this one, has it. What was broken off before
    /// is taken back first.
    pub async fn handing_over(&self) -> Result<Option<HandingOver>> {
        let Some(lock) = self.handing_lock()? else { return Ok(None) };
        let handing = HandingOver { store: self.clone(), _lock: lock };
        handing.end().await?;
        Ok(Some(handing))
    }

    /// Takes back what was being handed over by somebody who is no more. How many deliveries that were.
    pub async fn end_broken_handing_over(&self) -> Result<usize> {
        let is_any =
            self.local(|db| Ok(db.prepare_cached("SELECT 1 FROM handing_over LIMIT 1")?.exists([])?)).await?;
        if !is_any {
            return Ok(0);
        }
        let Some(lock) = self.handing_lock()? else { return Ok(0) };
        HandingOver { store: self.clone(), _lock: lock }.end().await
    }
}

impl HandingOver {
    /// Gives deliveries these routes, all of them or none, and makes them due now. One that is on the wire has it for the
    /// next time; one that is done is left alone.
    pub async fn give(&self, routes: Vec<(DeliveryId, RoutePolicy)>, now: Timestamp) -> Result<()> {
        self.store
            .write_local(move |tx| {
                for (delivery, route) in routes {
                    give(tx, &standing::load(tx, delivery)?, route, now)?;
                }
                Ok(())
            })
            .await
    }

    /// Takes back what was given, by the table above, in one transaction. How many deliveries that changed.
    pub async fn end(&self) -> Result<usize> {
        self.store
            .write_local(|tx| {
                let mut changed = 0;
                for given in all_given(tx)? {
                    changed += usize::from(take_back(tx, given)?);
                }
                Ok(changed)
            })
            .await
    }
}

fn give(tx: &Tx<'_>, placed: &Placed, route: RoutePolicy, now: Timestamp) -> Result<()> {
    let Some(after) = by_route(placed, &route, now) else { return Ok(()) };
    // What it had before the first of several routes is what it had before.
    let sql = "INSERT INTO handing_over (delivery, given, due_at, route, state, hold, next_attempt_at, due_since, changed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (delivery) DO UPDATE SET given = excluded.given, due_at = excluded.due_at";
    let before = &placed.standing;
    tx.prepare_cached(sql)?.execute(rusqlite::params![
        placed.id.0,
        Shown(&route),
        Time(after.next.unwrap_or(now)),
        before.route.as_ref().map(Shown),
        Word(before.state),
        before.hold.map(Word),
        before.next.map(Time),
        Time(before.due_since),
        Time(placed.since),
    ])?;
    standing::store(tx, placed, &after, now)?;
    tx.changed(Change::Outgoing(placed.outgoing));
    Ok(())
}

/// Where it stands once it was given this route; `None` where it is done.
fn by_route(placed: &Placed, route: &RoutePolicy, now: Timestamp) -> Option<Standing> {
    use DeliveryState::{Deferred, Held, Queued, Sending};
    let before = &placed.standing;
    if !matches!(before.state, Held | Queued | Deferred | Sending) {
        return None;
    }
    let routed = Standing { route: Some(route.clone()), ..before.clone() };
    if before.state == Sending {
        return Some(routed);
    }
    Some(decide::obey(&routed, &Order::Retry, &placed.outgoing_route, now).unwrap_or(routed))
}

/// What was given, and where it stood before.
struct Given {
    delivery: DeliveryId,
    route: RoutePolicy,
    due_at: Timestamp,
    former: Former,
}

/// Where a delivery stood.
struct Former {
    route: Option<RoutePolicy>,
    state: DeliveryState,
    hold: Option<HoldReason>,
    next: Option<Timestamp>,
    due_since: Timestamp,
    since: Timestamp,
}

fn all_given(tx: &Tx<'_>) -> Result<Vec<Given>> {
    let mut query = tx.prepare_cached("SELECT * FROM handing_over ORDER BY delivery")?;
    let given = query.query_map([], given_of)?;
    Ok(given.collect::<rusqlite::Result<_>>()?)
}

fn given_of(row: &Row<'_>) -> rusqlite::Result<Given> {
    let route: Option<String> = row.get("route")?;
    let former = Former {
        route: route.map(RoutePolicy::from),
        state: row.get::<_, Word<_>>("state")?.0,
        hold: row.get::<_, Option<Word<_>>>("hold")?.map(|hold| hold.0),
        next: row.get::<_, Option<Time>>("next_attempt_at")?.map(|time| time.0),
        due_since: row.get::<_, Time>("due_since")?.0,
        since: row.get::<_, Time>("changed_at")?.0,
    };
    Ok(Given {
        delivery: DeliveryId(row.get("delivery")?),
        route: RoutePolicy::from(row.get::<_, String>("given")?),
        due_at: row.get::<_, Time>("due_at")?.0,
        former,
    })
}

/// What becomes of one when handing over ends.
#[derive(Debug, PartialEq, Eq)]
enum TakenBack {
    Wholly,
    Route,
    NotYet,
    Not,
}

/// By the table above.
fn taken_back(now: &Standing, given: &Given) -> TakenBack {
    // What was on the wire when it was given has been somewhere since, wherever it stands.
    let waited = given.former.state != DeliveryState::Sending;
    let is_as_given = waited && now.state == DeliveryState::Queued && now.next == Some(given.due_at);
    match now.state {
        DeliveryState::Sending => TakenBack::NotYet,
        _ if now.route.as_ref() != Some(&given.route) => TakenBack::Not,
        _ if is_as_given => TakenBack::Wholly,
        _ => TakenBack::Route,
    }
}

/// Whether that changed anything. What cannot be read is in nobody's way.
fn take_back(tx: &Tx<'_>, given: Given) -> Result<bool> {
    let placed = match standing::load(tx, given.delivery) {
        Err(error) if error.is_unreadable() => {
            forget(tx, given.delivery)?;
            return Ok(false);
        }
        placed => placed?,
    };
    let now = &placed.standing;
    let (after, since) = match taken_back(now, &given) {
        TakenBack::NotYet => return Ok(false),
        TakenBack::Not => (now.clone(), placed.since),
        TakenBack::Route => (Standing { route: given.former.route, ..now.clone() }, placed.since),
        TakenBack::Wholly => as_before(now, given.former),
    };
    forget(tx, placed.id)?;
    if after == *now {
        return Ok(false);
    }
    standing::store(tx, &placed, &after, since)?;
    tx.changed(Change::Outgoing(placed.outgoing));
    Ok(true)
}

fn forget(tx: &Tx<'_>, delivery: DeliveryId) -> Result<()> {
    tx.prepare_cached("DELETE FROM handing_over WHERE delivery = ?1")?.execute([delivery.0])?;
    Ok(())
}

fn as_before(now: &Standing, former: Former) -> (Standing, Timestamp) {
    let Former { route, state, hold, next, due_since, since } = former;
    (Standing { route, state, hold, next, due_since, ..now.clone() }, since)
}

#[cfg(test)]
mod tests;
