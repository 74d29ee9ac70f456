//! Taking back what was in the hands of a runner that is no more.

use super::decide;
use super::record::put_attempt;
use super::standing::{self, Placed};
use crate::{Change, Result, Store};
use jiff::Timestamp;
use model::{Attempt, DeliveryId, Diagnosis, Fault, Known, Outcome, Phase, Route, RoutePolicy, diagnose};

impl Store {
    /// Defers what is `sending` with a lease that is over or that is not `owner`'s, with an attempt that says
    /// `Interrupted`: due at once the first time, later and later when it happens again. A hold or cancel that was
    /// ordered meanwhile is honoured. Only the one runner (see [`Store::runner_lock`]) calls this, at its start and
    /// whenever a lease may have run out.
    pub async fn recover(&self, now: Timestamp, owner: &str) -> Result<Vec<DeliveryId>> {
        let owner = owner.to_owned();
        self.write_local(move |tx| {
            let mut recovered = Vec::new();
            for (delivery, placed) in standing::load_lost(tx, &owner, now)? {
                let placed = match placed {
                    Ok(placed) => placed,
                    Err(error) => {
                        standing::set_aside(tx, delivery, &error.to_string(), now)?;
                        continue;
                    }
                };
                let (attempt, diagnosis) = interrupted(&placed, now);
                put_attempt(tx, placed.id, &attempt, None)?;
                standing::store(tx, &placed, &decide::interrupt(&placed.standing, diagnosis, now), now)?;
                tx.changed(Change::Outgoing(placed.outgoing));
                recovered.push(placed.id);
            }
            Ok(recovered)
        })
        .await
    }
}

/// The attempt that nobody wrote down. Which way it went died with the runner, unless the policy leaves only one.
fn interrupted(placed: &Placed, now: Timestamp) -> (Attempt, Diagnosis) {
    let policy = placed.standing.route.as_ref().unwrap_or(&placed.outgoing_route);
    let (route, route_reason) = match policy {
        RoutePolicy::SmartHost(name) => (Route::SmartHost(name.clone()), None),
        RoutePolicy::Direct => (Route::Direct, None),
        RoutePolicy::Auto => (Route::Direct, Some("The program ended before it was noted which way it went.")),
    };
    let known = Known::new(route.clone(), placed.address.domain(), placed.address.to_string());
    let diagnosis = diagnose(Phase::Prepare, &Outcome::Failed(Fault::Interrupted), &known);
    let attempt = Attempt {
        delivery: placed.id,
        ended_at: now,
        error: Some(Fault::Interrupted.to_string()),
        diagnosis: Some(diagnosis.clone()),
        ..Attempt::begun(placed.since, route, route_reason.map(str::to_owned))
    };
    (attempt, diagnosis)
}
