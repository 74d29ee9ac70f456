//! `postrider sync`.

use crate::output::Output;
use crate::practice_office::until_interrupted;
use engine::{Engine, Event};
use model::CallError;
use serde_json::json;

pub async fn once(engine: &Engine, output: &Output) -> Result<(), CallError> {
    let reports = engine.sync_all().await?;
    let shown: Vec<_> = reports
        .iter()
        .map(|(account, report)| {
            json!({
                "account": account,
                "mailboxes": report.mailboxes,
                "added": report.added,
                "changed": report.changed,
                "removed": report.removed,
                "replayed": report.replayed,
                "notes": report.notes,
            })
        })
        .collect();
    output.print(&shown, || {
        if reports.is_empty() {
            return "No account has a server to sync with. Next: postrider account add".to_owned();
        }
        let line = |(account, report): &(model::EmailAddress, engine::SyncReport)| {
            let notes: String = report.notes.iter().map(|note| format!("\n  {note}")).collect();
            let (added, changed, removed) = (report.added, report.changed, report.removed);
            format!("{account}: {added} new, {changed} changed, {removed} gone{notes}\n")
        };
        reports.iter().map(line).collect()
    })
}

pub async fn watch(engine: &Engine, output: &Output) -> Result<(), CallError> {
    let mut events = engine.events();
    let print = async {
        loop {
            match events.recv().await {
                Ok(event @ (Event::NewMail { .. } | Event::Sync { .. } | Event::Refused { .. })) => {
                    output.line(&event, || text(&event))?;
                }
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

fn text(event: &Event) -> String {
    use engine::view::SyncState;
    match event {
        Event::NewMail { rows } => {
            let sender =
                |row: &engine::view::LetterRow| row.from.first().map(ToString::to_string).unwrap_or_default();
            rows.iter().map(|row| format!("New: {} — {}\n", sender(row), row.subject)).collect()
        }
        Event::Sync { state: SyncState::Syncing { mailbox, done, total }, .. } => {
            format!("{mailbox}: {done} of {total}")
        }
        Event::Sync { state: SyncState::UpToDate, .. } => "Up to date.".to_owned(),
        Event::Sync { state: SyncState::Offline { reason } | SyncState::LoginRefused { reason }, .. } => {
            reason.clone()
        }
        Event::Refused { address, subject, title, .. } => format!("Refused: {subject} to {address}: {title}"),
        _ => String::new(),
    }
}
