//! Reports for the sender (RFC 3464) on what failed and on what is long on its way, as a server would send them: written
//! once for a delivery and a kind, and kept beside the queue.
//!
//! What needs a report is asked of the queue itself, every minute: so what an earlier run of the program did not come to
//! write is made up for, and nothing is written twice.

mod facts;
mod words;

use crate::context::Context;
use crate::runner::Report;
use crate::{SettingsError, due_for, read_delays, read_schedule};
use facts::Facts;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{Attempt, DeliveryId, DeliveryState, Outgoing, OutgoingId, ReportKind};
use std::time::Duration;
use store::{NewReport, StoreError};

/// Reports that are written before the queue is asked for more.
const AT_A_TIME: u32 = 100;
/// Octets of the letter that are read for its headers.
const HEADERS: u32 = 256 << 10;

/// Writes what is due: reports on failures, and on long delays.
pub(crate) async fn attend(context: &Context) {
    for done in [report_failures(context).await, report_delays(context).await] {
        if let Err(error) = done {
            tracing::warn!(%error, "reports on failed or late letters could not be written yet");
        }
    }
}

/// Reports on what has failed just now, so that they are there when word of it is.
pub(crate) async fn report_at_once(context: &Context, ends: &[Report]) {
    let failed = ends.iter().filter(|end| end.state == DeliveryState::Failed);
    let failed: Vec<_> = failed.map(|end| (end.outgoing, end.delivery)).collect();
    if let Err(error) = write(context, ReportKind::Failed, &failed).await {
        tracing::warn!(%error, "a report on a failed letter could not be written yet");
    }
}

/// A report for every failed delivery that has none.
async fn report_failures(context: &Context) -> Result<(), SettingsError> {
    loop {
        let found = context.store.unreported_failures(AT_A_TIME).await?;
        if !write(context, ReportKind::Failed, &found).await? {
            return Ok(());
        }
    }
}

async fn report_delays(context: &Context) -> Result<(), SettingsError> {
    let delays = read_delays(&context.store).await?;
    let Some(since) = due_for(&context.store, context.clock.now(), delays.report).await? else { return Ok(()) };
    loop {
        let found = context.store.unreported_delays(since, AT_A_TIME).await?;
        if !write(context, ReportKind::Delayed, &found).await? {
            return Ok(());
        }
    }
}

/// Writes these; whether there may be more.
async fn write(
    context: &Context,
    kind: ReportKind,
    found: &[(OutgoingId, DeliveryId)],
) -> Result<bool, SettingsError> {
    let mut written = false;
    for (outgoing, delivery) in found {
        match write_one(context, kind, *outgoing, *delivery).await {
            Ok(done) => written |= done,
            // One that cannot be written stands in nobody's way.
            Err(error) => tracing::warn!(%error, %delivery, "a report could not be written yet"),
        }
    }
    Ok(written && found.len() == AT_A_TIME as usize)
}

async fn write_one(
    context: &Context,
    kind: ReportKind,
    outgoing: OutgoingId,
    delivery: DeliveryId,
) -> Result<bool, SettingsError> {
    let Some(outgoing) = context.store.outgoing(outgoing).await? else { return Ok(false) };
    let now = context.clock.now();
    let Some(bytes) = report(context, &outgoing, delivery, kind, now).await? else { return Ok(false) };
    let new = NewReport { delivery, kind, created_at: now, bytes };
    Ok(context.store.add_report(new).await?.is_some())
}

async fn report(
    context: &Context,
    outgoing: &Outgoing,
    delivery: DeliveryId,
    kind: ReportKind,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, SettingsError> {
    let store = &context.store;
    let Some(delivery) = outgoing.deliveries.iter().find(|one| one.id == delivery) else { return Ok(None) };
    let mut attempts: Vec<Attempt> = store.attempts(outgoing.id).await?;
    attempts.retain(|attempt| attempt.delivery == delivery.id);
    attempts.sort_by_key(|attempt| attempt.id);
    let original = match store.outgoing_block(outgoing.id, 0, HEADERS).await {
        Err(StoreError::NotFound(_)) => format!("Message-ID: <{}>\r\n\r\n", outgoing.message_id).into_bytes(),
        read => read?,
    };
    let age = store.online_hours(delivery.due_since, now).await?.age(delivery.due_since, now);
    let left = read_schedule(store).await.unwrap_or_default().max_age.saturating_sub(age);
    let facts = Facts {
        kind,
        outgoing,
        delivery,
        attempts: &attempts,
        original: &original,
        now,
        waited: age,
        retry_until: later(now, left),
        zone: &TimeZone::system(),
    };
    Ok(Some(facts.written(&mut rand::rng())))
}

fn later(now: Timestamp, left: Duration) -> Timestamp {
    now.saturating_add(left).unwrap_or(now)
}
