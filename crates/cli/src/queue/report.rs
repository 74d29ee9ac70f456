//! `postrider queue report`: what the sender was told about a letter that failed or is late (RFC 3464).

use super::local_time;
use crate::output::Output;
use engine::view::ReportView;
use engine::{Engine, ReportArgs, ReportSaveArgs};
use model::{CallError, Outgoing, ReportId};
use serde_json::{Value, json};
use std::path::PathBuf;

pub async fn run(id: ReportId, save: Option<PathBuf>, engine: &Engine, output: &Output) -> Result<(), CallError> {
    match save {
        Some(file) => save_to(file, id, engine, output).await,
        None => show(id, engine, output).await,
    }
}

async fn show(id: ReportId, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let opened = engine.calls().report_show(ReportArgs { report: id }).await?;
    let report = &opened.report;
    let document = json!({
        "id": report.id,
        "outgoing": opened.letter.row.outgoing,
        "kind": report.kind,
        "created_at": report.created_at,
        "subject": opened.letter.row.subject,
        "message": opened.source,
    });
    output.print(&document, || opened.source.clone())
}

async fn save_to(file: PathBuf, id: ReportId, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let path = file.into_os_string().into_string().map_err(|_| {
        CallError::new("invalid", "the name of the file is not Unicode", "Save it under another name.")
    })?;
    engine.calls().report_save(ReportSaveArgs { report: id, path: path.clone() }).await?;
    output.print(&json!({ "id": id, "saved": path }), || format!("Saved in {path}."))
}

/// What `queue show` says of a report to a program.
pub fn named(report: &ReportView, outgoing: &Outgoing) -> Value {
    let about = outgoing.deliveries.iter().find(|delivery| delivery.id == report.delivery);
    json!({
        "id": report.id,
        "address": about.map(|delivery| &delivery.address),
        "kind": report.kind,
        "created_at": report.created_at,
    })
}

/// And to a person.
pub fn line(report: &ReportView) -> String {
    let id = report.id;
    format!("{}  report {id}: {} (postrider queue report {id})", local_time(report.created_at), report.kind.word())
}
