//! `postrider explain`: the page of a warning, for a letter that met it or for this network.

use crate::arguments::Explain;
use crate::output::{Output, table};
use crate::queue::{delivery_to, local_time};
use engine::view::WarningName;
use engine::{Engine, WarningShowArgs};
use model::{CallError, OutgoingId};
use serde_json::json;

pub async fn run(asked: Explain, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let name = match (asked.name, asked.letter) {
        (Some(name), _) => name,
        (None, Some(letter)) => met_by(letter, asked.to.as_deref(), engine).await?,
        (None, None) => return list(output),
    };
    let delivery = match (asked.letter, &asked.to) {
        (Some(letter), Some(to)) => Some(delivery_to(to, letter, engine).await?),
        _ => None,
    };
    let recipient = asked.to.filter(|_| asked.letter.is_none());
    let args = WarningShowArgs {
        outgoing: asked.letter,
        delivery,
        recipient,
        sender: asked.from,
        ..WarningShowArgs::named(name)
    };
    let page = engine.calls().warning_show(args).await?;
    output.print(&page, || page.text(local_time))
}

fn list(output: &Output) -> Result<(), CallError> {
    let all: Vec<_> = WarningName::ALL.iter().map(|name| (name.word(), name.heading())).collect();
    let documents: Vec<_> = all.iter().map(|(name, heading)| json!({ "name": name, "heading": heading })).collect();
    let rows: Vec<Vec<String>> =
        all.iter().map(|(name, heading)| vec![(*name).to_owned(), (*heading).to_owned()]).collect();
    output.print(&documents, || table(&rows))
}

/// The warning that a letter, or one recipient of it, is about.
async fn met_by(letter: OutgoingId, to: Option<&str>, engine: &Engine) -> Result<WarningName, CallError> {
    let view = engine.timeline(letter).await?;
    let only = match to {
        Some(to) => Some(delivery_to(to, letter, engine).await?),
        None => None,
    };
    let mut raised = view.warnings.iter().filter(|one| only.is_none_or(|id| id == one.delivery));
    raised.next().map(|one| one.name).ok_or_else(|| {
        let hint = format!("postrider queue show {letter} says what became of it.");
        CallError::new("not-found", format!("letter {letter} has met no warning that has a name"), hint)
    })
}
