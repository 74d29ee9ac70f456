//! `postrider queue`.

mod report;

use crate::arguments::{Again, QueueCommand, Which};
use crate::output::{Output, table};
use crate::practice_office::until_interrupted;
use engine::view::{OutgoingFilter, OutgoingOrder, OutgoingView, WarningName};
use engine::{Engine, OutgoingListArgs, OutgoingOrderArgs, SettingArgs, SettingSetArgs};
use model::{Attempt, CallError, Delivery, DeliveryId, DeliveryState, Outgoing, OutgoingId, RoutePolicy};
use serde_json::{Value, json};

/// What is said wherever a letter waits for this.
pub const PAUSED: &str = "The queue is paused: nothing leaves until postrider queue resume.";
/// Recipients of one outgoing that a list names; more are counted.
const NAMED: usize = 3;

pub async fn run(command: QueueCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    match command {
        QueueCommand::List { limit } => list(limit, engine, output).await,
        QueueCommand::Show { id } => show(id, engine, output).await,
        QueueCommand::Report { id, save } => report::run(id, save, engine, output).await,
        QueueCommand::Retry(Again { id: None, .. }) => retry_all_failed(engine, output).await,
        QueueCommand::Retry(Again { id: Some(id), failed: true, .. }) => {
            order(&Which { id, to: None }, OutgoingOrder::RetryFailed, engine, output).await
        }
        QueueCommand::Retry(Again { id: Some(id), to, .. }) => {
            order(&Which { id, to }, OutgoingOrder::Retry, engine, output).await
        }
        QueueCommand::Hold(which) => order(&which, OutgoingOrder::Hold, engine, output).await,
        QueueCommand::Release(which) => order(&which, OutgoingOrder::Release, engine, output).await,
        QueueCommand::Cancel(which) => order(&which, OutgoingOrder::Cancel, engine, output).await,
        QueueCommand::Route { which, route } => {
            order(&which, OutgoingOrder::Route { route: RoutePolicy::from(route) }, engine, output).await
        }
        QueueCommand::Pause => pause(true, engine, output).await,
        QueueCommand::Resume => pause(false, engine, output).await,
        QueueCommand::Run { until_idle: true } => {
            let ran = engine.run_queue().await?;
            let paused = is_paused(engine).await?;
            output.print(&json!({ "ran": ran, "paused": paused }), || match (ran, paused) {
                (_, true) => PAUSED.to_owned(),
                (true, false) => "Nothing is due.".to_owned(),
                (false, false) => "Another Postrider works on this queue.".to_owned(),
            })
        }
        QueueCommand::Run { until_idle: false } => {
            if is_paused(engine).await? {
                output.note(PAUSED);
            }
            engine.keep_running_queue(until_interrupted()).await
        }
    }
}

async fn order(which: &Which, order: OutgoingOrder, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let delivery = match &which.to {
        Some(to) => Some(delivery_to(to, which.id, engine).await?),
        None => None,
    };
    match engine.calls().outgoing_order(OutgoingOrderArgs { outgoing: which.id, delivery, order }).await {
        Ok(view) => print(&view, output),
        Err(error) if error.code == "no-change" && is_paused(engine).await? => {
            Err(CallError { hint: PAUSED.to_owned(), ..error })
        }
        Err(error) => Err(error),
    }
}

/// The delivery of an outgoing to this recipient.
pub async fn delivery_to(to: &str, id: OutgoingId, engine: &Engine) -> Result<DeliveryId, CallError> {
    let outgoing = engine.timeline(id).await?.outgoing;
    let is_meant = |delivery: &&Delivery| delivery.address.to_string().eq_ignore_ascii_case(to);
    outgoing.deliveries.iter().find(is_meant).map(|delivery| delivery.id).ok_or_else(|| {
        let hint = format!("postrider queue show {id} names its recipients.");
        CallError::new("not-found", format!("outgoing {id} has no recipient {to}"), hint)
    })
}

/// Tries again whatever in the outbox was refused or given up, and says how many letters that are.
async fn retry_all_failed(engine: &Engine, output: &Output) -> Result<(), CallError> {
    let mut retried = Vec::new();
    for row in engine.calls().outgoing_list(OutgoingListArgs { filter: OutgoingFilter::Outbox }).await? {
        let order = OutgoingOrderArgs { outgoing: row.id, delivery: None, order: OutgoingOrder::RetryFailed };
        match engine.calls().outgoing_order(order).await {
            Ok(_) => retried.push(row.id),
            Err(error) if error.code == "no-change" => {}
            Err(error) => return Err(error),
        }
    }
    output.print(&json!({ "retried": retried }), || match retried.len() {
        0 => "Nothing in the outbox was refused.".to_owned(),
        1 => "One letter is tried again.".to_owned(),
        count => format!("{count} letters are tried again."),
    })
}

/// Whether nothing leaves until the queue is resumed.
pub async fn is_paused(engine: &Engine) -> Result<bool, CallError> {
    let value = engine.calls().setting_get(SettingArgs { key: "outbound.paused".to_owned() }).await?;
    Ok(value.as_deref() == Some("true"))
}

async fn pause(paused: bool, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let value = paused.then(|| "true".to_owned());
    engine.calls().setting_set(SettingSetArgs { key: "outbound.paused".to_owned(), value }).await?;
    output.print(&json!({ "paused": paused }), || match paused {
        true => PAUSED.to_owned(),
        false => "The queue goes on.".to_owned(),
    })
}

pub async fn list(limit: u32, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let outgoings = engine.outgoings(limit).await?;
    let documents: Vec<Value> = outgoings.iter().map(summary).collect();
    output.print(&documents, || match outgoings.as_slice() {
        [] => "Nothing was sent from here yet.".to_owned(),
        outgoings => table(&outgoings.iter().map(cells).collect::<Vec<_>>()),
    })
}

pub async fn show(id: OutgoingId, engine: &Engine, output: &Output) -> Result<(), CallError> {
    print(&engine.timeline(id).await?, output)
}

fn print(view: &OutgoingView, output: &Output) -> Result<(), CallError> {
    output.print(&document(view), || text(view))
}

pub fn summary(outgoing: &Outgoing) -> Value {
    let recipient = |delivery: &Delivery| {
        json!({
            "address": delivery.address,
            "state": delivery.state,
            "next_attempt_at": delivery.next_attempt_at,
        })
    };
    json!({
        "id": outgoing.id,
        "subject": outgoing.subject,
        "from": outgoing.from,
        "created_at": outgoing.created_at,
        "recipients": outgoing.deliveries.iter().map(recipient).collect::<Vec<_>>(),
    })
}

fn document(view: &OutgoingView) -> Value {
    let outgoing = &view.outgoing;
    let recipients: Vec<Value> = outgoing.deliveries.iter().map(|delivery| recipient(delivery, view)).collect();
    json!({
        "id": outgoing.id,
        "message_id": outgoing.message_id,
        "from": outgoing.from,
        "subject": outgoing.subject,
        "created_at": outgoing.created_at,
        "route": outgoing.route,
        "require_tls": outgoing.require_tls,
        "signed_by": view.signed_by,
        "unsigned": view.unsigned,
        "recipients": recipients,
        "reports": view.reports.iter().map(|report| report::named(report, outgoing)).collect::<Vec<_>>(),
    })
}

/// The attempts for a delivery, in the order in which they were made.
fn attempts_of<'a>(view: &'a OutgoingView, delivery: &Delivery) -> Vec<&'a Attempt> {
    let mut attempts: Vec<&Attempt> =
        view.attempts.iter().filter(|attempt| attempt.delivery == delivery.id).collect();
    attempts.sort_by_key(|attempt| attempt.id);
    attempts
}

/// The warning that a delivery is about.
fn warning(delivery: &Delivery, view: &OutgoingView) -> Option<WarningName> {
    let raised = view.warnings.iter().find(|one| one.delivery == delivery.id && one.attempt.is_none());
    raised.map(|one| one.name)
}

fn recipient(delivery: &Delivery, view: &OutgoingView) -> Value {
    let diagnosis = delivery.diagnosis.as_ref().map(|diagnosis| {
        json!({
            "class": diagnosis.class,
            "temporary": diagnosis.temporary,
            "who_acts": diagnosis.who_acts,
            "title": diagnosis.title,
            "explanation": diagnosis.explanation,
            "advice": diagnosis.advice,
        })
    });
    json!({
        "address": delivery.address,
        "state": delivery.state,
        "next_attempt_at": delivery.next_attempt_at,
        "diagnosis": diagnosis,
        "warning": warning(delivery, view),
        "attempts": attempts_of(view, delivery).into_iter().map(attempt).collect::<Vec<_>>(),
    })
}

fn attempt(attempt: &Attempt) -> Value {
    let tls = attempt.tls.as_ref().map(|tls| {
        json!({
            "policy": tls.policy,
            "verified": tls.verified,
            "verified_by": tls.verified_by,
            "unverified_because": tls.unverified_because,
            "version": tls.version,
            "cipher": tls.cipher,
            "names": tls.names,
            "not_after": tls.not_after,
        })
    });
    let reply = attempt
        .reply
        .as_ref()
        .map(|reply| json!({ "code": reply.code, "enhanced": reply.enhanced, "lines": reply.lines }));
    json!({
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "route": attempt.route,
        "route_reason": attempt.route_reason,
        "host": attempt.host,
        "address": attempt.address,
        "port": attempt.port,
        "tls_policy": attempt.tls_policy,
        "tls_notes": attempt.tls_notes,
        "tls": tls,
        "phase": attempt.phase,
        "reply": reply,
        "error": attempt.error,
        "class": attempt.diagnosis.as_ref().map(|diagnosis| diagnosis.class),
    })
}

fn cells(outgoing: &Outgoing) -> Vec<String> {
    vec![
        outgoing.id.to_string(),
        local_time(outgoing.created_at),
        outgoing.subject.clone(),
        states(&outgoing.deliveries),
    ]
}

/// Each recipient with its state; of many, how many are where.
fn states(deliveries: &[Delivery]) -> String {
    if deliveries.len() <= NAMED {
        let states = deliveries.iter().map(|delivery| format!("{} {}", delivery.address, delivery.state));
        return states.collect::<Vec<_>>().join(", ");
    }
    let mut counts: Vec<(DeliveryState, usize)> = Vec::new();
    for delivery in deliveries {
        match counts.iter_mut().find(|(state, _)| *state == delivery.state) {
            Some((_, count)) => *count += 1,
            None => counts.push((delivery.state, 1)),
        }
    }
    let counts: Vec<String> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    format!("{} recipients: {}", deliveries.len(), counts.join(", "))
}

/// Here, to the second.
pub fn local_time(at: jiff::Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn text(view: &OutgoingView) -> String {
    let outgoing = &view.outgoing;
    let mut text = format!("{}  {}  {}\n", outgoing.id, local_time(outgoing.created_at), outgoing.subject);
    text.extend(view.signed_by.iter().map(|key| format!("signed with {key}\n")));
    text.extend(view.unsigned.iter().map(|why| format!("not signed: {why}\n")));
    for delivery in &outgoing.deliveries {
        text.push_str(&format!("\n{}  {}\n", delivery.address, delivery.state));
        for attempt in attempts_of(view, delivery) {
            text.push_str(&format!("  {}  {}\n", local_time(attempt.started_at), way(attempt)));
            text.extend(attempt.route_reason.iter().map(|reason| format!("    ({reason})\n")));
            text.extend(attempt.tls_notes.iter().map(|note| format!("    ({note})\n")));
            for line in attempt.reply.iter().flat_map(|reply| &reply.lines) {
                text.push_str(&format!("    {line}\n"));
            }
            text.extend(attempt.error.iter().map(|error| format!("    {error}\n")));
        }
        if let Some(diagnosis) = &delivery.diagnosis {
            text.push_str(&format!("  {}\n  {} {}\n", diagnosis.title, diagnosis.explanation, diagnosis.advice));
        }
        if let Some(warning) = warning(delivery, view) {
            let to =
                if outgoing.deliveries.len() > 1 { format!(" --to {}", delivery.address) } else { String::new() };
            text.push_str(&format!("  More: postrider explain {} --letter {}{to}\n", warning.word(), outgoing.id));
        }
        text.extend(delivery.next_attempt_at.map(|at| format!("  Next: {}\n", local_time(at))));
        let reports = view.reports.iter().filter(|report| report.delivery == delivery.id);
        text.extend(reports.map(|report| format!("  {}\n", report::line(report))));
    }
    text
}

fn way(attempt: &Attempt) -> String {
    let host = attempt.host.as_deref().unwrap_or("no host");
    let code = attempt.reply.as_ref().map(|reply| format!(" {}", reply.code)).unwrap_or_default();
    let lock = match &attempt.tls {
        Some(tls) if tls.verified => format!(", {} verified", tls.version),
        Some(tls) => format!(", {} not verified", tls.version),
        None => String::new(),
    };
    format!("{} via {host}{lock}: {}{code}", attempt.route, attempt.phase)
}
