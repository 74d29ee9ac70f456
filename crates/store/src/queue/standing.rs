//! The part of a delivery that changes, as a plain value: loaded, decided upon, stored.

use crate::columns::{Json, Shown, Time, Word, Worded};
use crate::database::Tx;
use crate::{Result, StoreError};
use jiff::Timestamp;
use model::{
    Class, DeliveryId, DeliveryState, Diagnosis, EmailAddress, Fault, HoldReason, Known, Outcome, OutgoingId, Phase,
    Route, RoutePolicy, diagnose,
};
use rusqlite::{Connection, OptionalExtension, Row};

/// Where a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) state: DeliveryState,
    pub(super) hold: Option<HoldReason>,
    pub(super) route: Option<RoutePolicy>,
    pub(super) next: Option<Timestamp>,
    /// The age at which it is given up counts from here.
    pub(super) due_since: Timestamp,
    pub(super) tries: u32,
    pub(super) interruptions: u32,
    pub(super) diagnosis: Option<Diagnosis>,
    pub(super) dismissed: bool,
    pub(super) lease: Option<Lease>,
    pub(super) wish: Option<Wish>,
}

impl Standing {
    /// Whether it waits for something on this computer or its network to change, or for a host that may be reached from
    /// another network.
    fn waits_for_this_computer(&self) -> bool {
        let local = |diagnosis: &Diagnosis| {
            diagnosis.temporary && (diagnosis.local_cause || diagnosis.class == Class::HostUnreachable)
        };
        self.state == DeliveryState::Deferred && self.diagnosis.as_ref().is_some_and(local)
    }
}

/// In whose hands it is, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) owner: String,
    pub(super) until: Timestamp,
}

/// What was ordered while it was on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Hold,
    Cancel,
}

impl Worded for Wish {
    fn word_of(&self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Cancel => "cancel",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Self::Hold, Self::Cancel].into_iter().find(|wish| wish.word_of() == word)
    }
}

/// A delivery with what does not change of it.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) id: DeliveryId,
    pub(super) outgoing: OutgoingId,
    pub(super) address: EmailAddress,
    /// When it came to its state.
    pub(super) since: Timestamp,
    /// The route of the outgoing.
    pub(super) outgoing_route: RoutePolicy,
    pub(super) standing: Standing,
}

/// No join: SQLite would compile a statement anew at every use whose parameters it may carry over from one table to the
/// other, and these are used for every letter.
const COLUMNS: &str = "SELECT delivery.*,
        (SELECT outgoing.route FROM outgoing WHERE outgoing.id = delivery.outgoing) AS outgoing_route
    FROM delivery";

pub(super) fn load(db: &Connection, id: DeliveryId) -> Result<Placed> {
    let mut query = db.prepare_cached(&format!("{COLUMNS} WHERE delivery.id = ?1"))?;
    let placed = query.query_row([id.0], placed_of).optional()?;
    placed.ok_or_else(|| StoreError::NotFound(format!("delivery {id}")))
}

pub(super) fn load_all(db: &Connection, outgoing: OutgoingId) -> Result<Vec<Placed>> {
    let mut query = db.prepare_cached(&format!("{COLUMNS} WHERE outgoing = ?1 ORDER BY position"))?;
    let placed = query.query_map([outgoing.0], placed_of)?;
    Ok(placed.collect::<rusqlite::Result<_>>()?)
}

/// A delivery, or why its row cannot be read.
pub(super) type Found = (DeliveryId, rusqlite::Result<Placed>);

/// What is due of an outgoing.
pub(super) fn load_due(db: &Connection, outgoing: OutgoingId, now: Timestamp) -> Result<Vec<Found>> {
    let sql = format!(
        "{COLUMNS} WHERE outgoing = ?1 AND state IN ('held', 'queued', 'deferred') AND next_attempt_at <= ?2
         ORDER BY position"
    );
    found(db, &sql, (outgoing.0, Time(now)))
}

/// What is on the wire with a lease that is over, or that is not `owner`'s.
pub(super) fn load_lost(db: &Connection, owner: &str, now: Timestamp) -> Result<Vec<Found>> {
    found(db, &lost_sql(), (owner, Time(now)))
}

/// In the order of the index of leases: by number, SQLite would look at every delivery there ever was.
pub(super) fn lost_sql() -> String {
    format!("{COLUMNS} WHERE state = 'sending' AND (lease_owner <> ?1 OR lease_until <= ?2) ORDER BY lease_until")
}

fn found(db: &Connection, sql: &str, with: impl rusqlite::Params) -> Result<Vec<Found>> {
    let mut query = db.prepare_cached(sql)?;
    let found = query.query_map(with, |row| Ok((DeliveryId(row.get("id")?), placed_of(row))))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Puts off what cannot be read, so that it is in nobody's way; that it cannot is what it says of itself. What does
/// not fit the columns is not looked at.
pub(super) fn set_aside(tx: &Tx<'_>, delivery: DeliveryId, reason: &str, until: Timestamp) -> Result<()> {
    let ended = Outcome::Failed(Fault::Local(format!("what is noted of it cannot be read ({reason})")));
    let mut query = tx.prepare_cached("SELECT address FROM delivery WHERE id = ?1")?;
    let recipient: String = query.query_row([delivery.0], |row| row.get(0)).unwrap_or_default();
    let domain = recipient.rsplit('@').next().unwrap_or_default();
    let diagnosis = diagnose(Phase::Prepare, &ended, &Known::new(Route::Direct, domain, recipient.as_str()));
    tracing::error!(%delivery, reason, "a delivery cannot be read");
    let sql = "UPDATE delivery SET state = 'deferred', hold = NULL, wish = NULL, lease_owner = NULL,
        lease_until = NULL, local_cause = 0, next_attempt_at = ?2, diagnosis = ?3 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute((delivery.0, Time(until), Json(diagnosis)))?;
    Ok(())
}

fn placed_of(row: &Row<'_>) -> rusqlite::Result<Placed> {
    Ok(Placed {
        id: DeliveryId(row.get("id")?),
        outgoing: OutgoingId(row.get("outgoing")?),
        address: row.get::<_, Shown<_>>("address")?.0,
        since: row.get::<_, Time>("changed_at")?.0,
        outgoing_route: RoutePolicy::from(row.get::<_, String>("outgoing_route")?),
        standing: standing_of(row)?,
    })
}

/// Reads it out of a row of `delivery`.
pub(super) fn standing_of(row: &Row<'_>) -> rusqlite::Result<Standing> {
    let owner: Option<String> = row.get("lease_owner")?;
    let until: Option<Time> = row.get("lease_until")?;
    Ok(Standing {
        state: row.get::<_, Word<_>>("state")?.0,
        hold: row.get::<_, Option<Word<_>>>("hold")?.map(|hold| hold.0),
        route: row.get::<_, Option<String>>("route")?.map(RoutePolicy::from),
        next: row.get::<_, Option<Time>>("next_attempt_at")?.map(|time| time.0),
        due_since: row.get::<_, Time>("due_since")?.0,
        tries: row.get("tries")?,
        interruptions: row.get("interruptions")?,
        diagnosis: row.get::<_, Option<Json<_>>>("diagnosis")?.map(|diagnosis| diagnosis.0),
        dismissed: row.get("dismissed")?,
        lease: owner.zip(until).map(|(owner, until)| Lease { owner, until: until.0 }),
        wish: row.get::<_, Option<Word<_>>>("wish")?.map(|wish| wish.0),
    })
}

/// Writes where a delivery stands now. `since` is when it came there, if that is somewhere else than before.
pub(super) fn store(tx: &Tx<'_>, before: &Placed, after: &Standing, now: Timestamp) -> Result<()> {
    let since = if before.standing.state == after.state { before.since } else { now };
    let sql = "UPDATE delivery SET state = ?2, hold = ?3, route = ?4, next_attempt_at = ?5, tries = ?6,
        interruptions = ?7, diagnosis = ?8, dismissed = ?9, lease_owner = ?10, lease_until = ?11, wish = ?12,
        changed_at = ?13, due_since = ?14, local_cause = ?15 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute(rusqlite::params![
        before.id.0,
        Word(after.state),
        after.hold.map(Word),
        after.route.as_ref().map(Shown),
        after.next.map(Time),
        after.tries,
        after.interruptions,
        after.diagnosis.as_ref().map(Json),
        after.dismissed,
        after.lease.as_ref().map(|lease| &lease.owner),
        after.lease.as_ref().map(|lease| Time(lease.until)),
        after.wish.map(Word),
        Time(since),
        Time(after.due_since),
        after.waits_for_this_computer(),
    ])?;
    Ok(())
}
