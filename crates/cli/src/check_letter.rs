//! `postrider check letter`: what would be said of a letter before it is sent. Nothing is sent, and no mail host is spoken to.

use crate::output::Output;
use crate::whom::Whom;
use engine::view::{Event, LetterOutlook, Nothing, Outlook, RecipientMark, RouteChoice};
use engine::{Engine, LetterOutlookArgs, RecipientMarksArgs};
use model::{Account, CallError, RoutePolicy};
use serde::Serialize;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

/// How long it is waited for what name servers say of the recipients.
const PATIENCE: Duration = Duration::from_secs(10);

/// The letter, as far as it is written.
#[derive(Debug, clap::Args)]
pub struct LetterToCheck {
    /// An address of yours [default: --identity, else the first one]
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// A recipient; once for each
    #[arg(long, value_name = "ADDRESS", required = true)]
    to: Vec<String>,
    /// The route: auto, direct, or a smart host by its name
    #[arg(long, default_value = "auto")]
    route: String,
    /// Octets of the letter
    #[arg(long, value_name = "OCTETS")]
    size: Option<u64>,
}

/// What is known of it.
#[derive(Serialize)]
struct Checked {
    banner: Option<Outlook>,
    choices: Vec<RouteChoice>,
    marks: Vec<RecipientMark>,
}

pub async fn run(letter: LetterToCheck, whom: &Whom, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let (account, identity) = match (&letter.from, whom.named(engine).await?) {
        (Some(from), _) => whom.sending_as(from)?.named(engine).await?,
        (None, Some(named)) => Some(named),
        (None, None) => engine.calls().account_list(Nothing {}).await?.into_iter().next().map(|first| (first, None)),
    }
    .ok_or_else(|| CallError::new("not-found", "there is no account", "Next: postrider account add"))?;
    let marks = marks(engine, &account, &letter).await?;
    let LetterOutlook { choices, banner, .. } = engine
        .calls()
        .letter_outlook(LetterOutlookArgs {
            account: account.id,
            identity,
            route: RoutePolicy::from(letter.route),
            recipients: letter.to,
            size: letter.size,
        })
        .await?;
    let checked = Checked { banner, choices, marks };
    output.print(&checked, || shown(&checked))
}

/// The marks when all that can be asked was, or it is enough.
async fn marks(engine: &Engine, account: &Account, letter: &LetterToCheck) -> Result<Vec<RecipientMark>, CallError> {
    let mut events = engine.events();
    let ask = async || {
        let args = RecipientMarksArgs { account: Some(account.id), addresses: letter.to.clone(), size: letter.size };
        engine.calls().recipient_marks(args).await
    };
    let settled = async {
        loop {
            let marks = ask().await?;
            if marks.iter().all(|mark| mark.settled) {
                return Ok(marks);
            }
            while !matches!(events.recv().await, Ok(Event::Marks) | Err(RecvError::Lagged(_) | RecvError::Closed)) {}
        }
    };
    match timeout(PATIENCE, settled).await {
        Ok(marks) => marks,
        Err(_) => ask().await,
    }
}

fn shown(checked: &Checked) -> String {
    let mut text = String::new();
    if let Some(banner) = &checked.banner {
        text.push_str(&format!("{}\n{}\n", banner.message, banner.meaning));
        let better = banner.better_label.iter().map(|label| format!("Better: {label}.\n"));
        text.extend(better);
        text.push('\n');
    }
    for mark in &checked.marks {
        let label = if mark.mark.label.is_empty() { "not known yet" } else { &mark.mark.label };
        let meant = mark.mark.instead.iter().map(|instead| format!("; did you mean {instead}?")).collect::<String>();
        text.push_str(&format!("{}: {label}{meant}\n", mark.address));
    }
    for choice in &checked.choices {
        text.push_str(&format!("\n{}\n    {}\n", choice.domain, choice.reason));
    }
    text
}
