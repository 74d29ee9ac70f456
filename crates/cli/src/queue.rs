//! `postrider queue`.

use crate::arguments::QueueCommand;
use crate::output::{Output, table};
use crate::practice_office::until_interrupted;
use engine::view::{OutgoingOrder, OutgoingView};
use engine::{Engine, OutgoingOrderArgs};
use model::{Attempt, CallError, Delivery, Outgoing, OutgoingId, RoutePolicy};
use serde_json::{Value, json};

pub async fn run(command: QueueCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    match command {
        QueueCommand::List { limit } => list(limit, engine, output).await,
        QueueCommand::Show { id } => show(id, engine, output).await,
        QueueCommand::Retry { id } => order(id, OutgoingOrder::Retry, engine, output).await,
        QueueCommand::Hold { id } => order(id, OutgoingOrder::Hold, engine, output).await,
        QueueCommand::Release { id } => order(id, OutgoingOrder::Release, engine, output).await,
        QueueCommand::Cancel { id } => order(id, OutgoingOrder::Cancel, engine, output).await,
        QueueCommand::Route { id, route } => {
            order(id, OutgoingOrder::Route { route: RoutePolicy::from(route) }, engine, output).await
        }
        QueueCommand::Run { until_idle: true } => {
            let ran = engine.run_queue().await?;
            output.print(&json!({ "ran": ran }), || match ran {
                true => "Nothing is due.".to_owned(),
                false => "Another Postrider works on this queue.".to_owned(),
            })
        }
        QueueCommand::Run { until_idle: false } => {
            engine.keep_running_queue(until_interrupted()).await;
            Ok(())
        }
    }
}

async fn order(id: OutgoingId, order: OutgoingOrder, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let view = engine.calls().outgoing_order(OutgoingOrderArgs { outgoing: id, delivery: None, order }).await?;
    print(&view, output)
}

pub async fn list(limit: u32, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let outgoings = engine.outgoings(limit).await?;
    let documents: Vec<Value> = outgoings.iter().map(summary).collect();
    output.print(&documents, || table(&outgoings.iter().map(cells).collect::<Vec<_>>()))
}

pub async fn show(id: OutgoingId, engine: &Engine, output: &Output) -> Result<(), CallError> {
    print(&engine.timeline(id).await?, output)
}

fn print(view: &OutgoingView, output: &Output) -> Result<(), CallError> {
    output.print(&document(view), || text(view))
}

fn summary(outgoing: &Outgoing) -> Value {
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
    let recipients: Vec<Value> =
        outgoing.deliveries.iter().map(|delivery| recipient(delivery, attempts_of(view, delivery))).collect();
    json!({
        "id": outgoing.id,
        "message_id": outgoing.message_id,
        "from": outgoing.from,
        "subject": outgoing.subject,
        "created_at": outgoing.created_at,
        "route": outgoing.route,
        "recipients": recipients,
    })
}

/// The attempts for a delivery, in the order in which they were made.
fn attempts_of<'a>(view: &'a OutgoingView, delivery: &Delivery) -> Vec<&'a Attempt> {
    let mut attempts: Vec<&Attempt> =
        view.attempts.iter().filter(|attempt| attempt.delivery == delivery.id).collect();
    attempts.sort_by_key(|attempt| attempt.id);
    attempts
}

fn recipient(delivery: &Delivery, attempts: Vec<&Attempt>) -> Value {
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
        "attempts": attempts.into_iter().map(attempt).collect::<Vec<_>>(),
    })
}

fn attempt(attempt: &Attempt) -> Value {
    let tls = attempt.tls.as_ref().map(
        |tls| json!({ "policy": tls.policy, "verified": tls.verified, "version": tls.version, "cipher": tls.cipher }),
    );
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
        "tls": tls,
        "phase": attempt.phase,
        "reply": reply,
        "error": attempt.error,
        "class": attempt.diagnosis.as_ref().map(|diagnosis| diagnosis.class),
    })
}

fn cells(outgoing: &Outgoing) -> Vec<String> {
    let states: Vec<String> =
        outgoing.deliveries.iter().map(|delivery| format!("{} {}", delivery.address, delivery.state)).collect();
    vec![outgoing.id.to_string(), local_time(outgoing.created_at), outgoing.subject.clone(), states.join(", ")]
}

fn local_time(at: jiff::Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn text(view: &OutgoingView) -> String {
    let outgoing = &view.outgoing;
    let mut text = format!("{}  {}  {}\n", outgoing.id, local_time(outgoing.created_at), outgoing.subject);
    for delivery in &outgoing.deliveries {
        text.push_str(&format!("\n{}  {}\n", delivery.address, delivery.state));
        for attempt in attempts_of(view, delivery) {
            text.push_str(&format!("  {}  {}\n", local_time(attempt.started_at), way(attempt)));
            text.extend(attempt.route_reason.iter().map(|reason| format!("    ({reason})\n")));
            for line in attempt.reply.iter().flat_map(|reply| &reply.lines) {
                text.push_str(&format!("    {line}\n"));
            }
            text.extend(attempt.error.iter().map(|error| format!("    {error}\n")));
        }
        if let Some(diagnosis) = &delivery.diagnosis {
            text.push_str(&format!("  {}\n  {} {}\n", diagnosis.title, diagnosis.explanation, diagnosis.advice));
        }
        text.extend(delivery.next_attempt_at.map(|at| format!("  Next: {}\n", local_time(at))));
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
