//! `postrider sync`.

use crate::output::Output;
use crate::practice_office::until_interrupted;
use engine::{Engine, Event, SyncReport};
use model::{CallError, EmailAddress};
use serde_json::{Value, json};

pub async fn once(engine: &Engine, output: &Output) -> Result<(), CallError> {
    let reports = engine.sync_all().await?;
    let shown: Vec<Value> = reports.iter().map(|(account, report)| document(account, report)).collect();
    output.print(&shown, || match reports.as_slice() {
        [] => "No account has a server to sync with. Next: postrider account add".to_owned(),
        reports => reports.iter().map(|(account, report)| line(account, report)).collect(),
    })?;
    // One account that failed must not hide what came of the others, nor go unnoticed by a script.
    reports.into_iter().find_map(|(_, report)| report.err()).map_or(Ok(()), Err)
}

fn document(account: &EmailAddress, report: &Result<SyncReport, CallError>) -> Value {
    match report {
        Err(error) => json!({ "account": account, "error": error }),
        Ok(report) => json!({
            "account": account,
            "mailboxes": report.mailboxes,
            "added": report.added,
            "changed": report.changed,
            "removed": report.removed,
            "replayed": report.replayed,
            "notes": report.notes,
        }),
    }
}

fn line(account: &EmailAddress, report: &Result<SyncReport, CallError>) -> String {
    match report {
        Err(error) => format!("{account}: {error}\n"),
        Ok(SyncReport { added, changed, removed, notes, .. }) => {
            let notes: String = notes.iter().map(|note| format!("\n  {note}")).collect();
            format!("{account}: {added} new, {changed} changed, {removed} gone{notes}\n")
        }
    }
}

pub async fn watch(engine: &Engine, output: &Output) -> Result<(), CallError> {
    let mut events = engine.events();
    let print = async {
        loop {
            match events.recv().await {
                Ok(event) if is_told(&event) => output.line(&event, || text(&event))?,
                Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return Ok(()),
            }
        }
    };
    let done = tokio::select! {
        done = print => done,
        () = until_interrupted() => Ok(()),
    };
    engine.stop().await;
    done
}

fn is_told(event: &Event) -> bool {
    matches!(event, Event::NewMail { .. } | Event::Sync { .. } | Event::Refused { .. } | Event::Delayed { .. })
}

fn text(event: &Event) -> String {
    use engine::view::SyncState;
    match event {
        Event::NewMail { rows } => {
            let sender =
                |row: &engine::view::LetterRow| row.from.first().map(ToString::to_string).unwrap_or_default();
            rows.iter().map(|row| format!("New: {} — {}\n", sender(row), row.subject)).collect()
        }
        Event::Sync { state: SyncState::Syncing { mailbox, done, total, seconds_left }, .. } => {
            let left = seconds_left.map(|seconds| format!(", {seconds} s left")).unwrap_or_default();
            format!("{mailbox}: {done} of {total}{left}")
        }
        Event::Sync { state: SyncState::UpToDate, .. } => "Up to date.".to_owned(),
        Event::Sync { state: SyncState::Offline { reason } | SyncState::LoginRefused { reason }, .. } => {
            reason.clone()
        }
        Event::Refused { address, subject, title, .. } => format!("Refused: {subject} to {address}: {title}"),
        Event::Delayed { address, subject, title, .. } => format!("Delayed: {subject} to {address}: {title}"),
        _ => String::new(),
    }
}
