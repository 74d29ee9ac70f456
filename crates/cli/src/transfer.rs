//! `postrider import` and `postrider export`.

use crate::letters::is_called;
use crate::output::Output;
use clap::{Args, ValueEnum};
use engine::transfer::{
    ExportBeginArgs, ExportFormat, ExportSource, ImportBeginArgs, ImportLookArgs, ImportSource, Refusal,
    TransferState, TransferView,
};
use engine::view::Nothing;
use engine::{Engine, Event};
use model::{AccountId, CallError};
use std::fmt::Write;
use std::path::PathBuf;
use tokio::sync::broadcast::error::RecvError;

/// What to bring in, and where to.
#[derive(Debug, Args)]
pub struct Import {
    /// An mbox file, a Maildir, a folder of .eml files, or a profile of Thunderbird; none for what is where Thunderbird
    /// usually keeps it
    pub path: Option<PathBuf>,
    /// Into the account with this address [default: the first]
    #[arg(long, value_name = "ADDRESS")]
    pub account: Option<String>,
    /// Into this mailbox; several folders go into mailboxes inside it [default: Imported]
    #[arg(long, value_name = "MAILBOX")]
    pub into: Option<String>,
    /// Say what is there, and bring nothing in
    #[arg(long)]
    pub dry_run: bool,
}

/// What to write, and how.
#[derive(Debug, Args)]
pub struct Export {
    /// Which mailbox: its path, its role or its number
    #[arg(required_unless_present = "search", conflicts_with = "search")]
    pub mailbox: Option<String>,
    /// What this search finds
    #[arg(long, value_name = "QUERY")]
    pub search: Option<String>,
    /// The file or folder to write; it must not be there yet
    #[arg(long, value_name = "PATH")]
    pub to: PathBuf,
    /// In which form
    #[arg(long, value_enum, default_value_t = Format::Mbox)]
    pub format: Format,
}

/// In which form letters are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// One file
    Mbox,
    /// A Maildir
    Maildir,
    /// A folder with one file a letter
    Eml,
}

pub async fn import(args: Import, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let path = args.path.as_ref().map(|path| path.display().to_string());
    if args.dry_run || path.is_none() {
        let found = engine.calls().import_look(ImportLookArgs { path: path.clone() }).await?;
        if args.dry_run {
            return output.print(&found, || listed(&found));
        }
        let [only] = found.as_slice() else {
            return Err(CallError::new(
                "invalid",
                "which letters to bring in is not clear",
                "Name a file or folder.",
            ));
        };
        return begin(only.path.clone(), args, engine, output).await;
    }
    begin(path.unwrap_or_default(), args, engine, output).await
}

async fn begin(path: String, args: Import, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let account = account(args.account.as_deref(), engine).await?;
    let begin = ImportBeginArgs { path, account, into: args.into, folders: None };
    let mut events = engine.events();
    let begun = engine.calls().import_begin(begin).await?;
    let ended = until_ended(begun.id, &mut events, engine).await?;
    finished(&ended, "brought in", output)
}

pub async fn export(args: Export, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let source = match (args.search, args.mailbox) {
        (Some(query), _) => ExportSource::Search { query },
        (None, name) => {
            let name = name.unwrap_or_default();
            let all = engine.mailboxes(None).await?;
            let found = all.iter().find(|mailbox| is_called(mailbox, &name));
            let found = found.ok_or_else(|| crate::letters::no_mailbox(&name))?;
            ExportSource::Mailbox { mailbox: found.id }
        }
    };
    let format = match args.format {
        Format::Mbox => ExportFormat::Mbox,
        Format::Maildir => ExportFormat::Maildir,
        Format::Eml => ExportFormat::Eml,
    };
    let mut events = engine.events();
    let begin = ExportBeginArgs { source, format, path: args.to.display().to_string() };
    let begun = engine.calls().export_begin(begin).await?;
    let ended = until_ended(begun.id, &mut events, engine).await?;
    finished(&ended, "written", output)
}

async fn account(address: Option<&str>, engine: &Engine) -> Result<AccountId, CallError> {
    let accounts = engine.calls().account_list(Nothing {}).await?;
    let is_it = |account: &&model::Account| match address {
        Some(address) => account.address.to_string().eq_ignore_ascii_case(address),
        None => account.imap.is_some(),
    };
    let found = accounts.iter().find(is_it).map(|account| account.id);
    found.ok_or_else(|| CallError::new("not-found", "there is no such account", "Next: postrider account list"))
}

async fn until_ended(
    id: u32,
    events: &mut tokio::sync::broadcast::Receiver<Event>,
    engine: &Engine,
) -> Result<TransferView, CallError> {
    loop {
        let all = engine.calls().transfer_list(Nothing {}).await?;
        match all.into_iter().find(|view| view.id == id) {
            Some(view) if !matches!(view.state, TransferState::Running | TransferState::Waiting) => return Ok(view),
            Some(_) => {}
            None => return Err(CallError::new("not-found", "it is no longer known", "")),
        }
        match events.recv().await {
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return Err(CallError::new("internal", "the engine ended", "")),
        }
    }
}

fn finished(view: &TransferView, done: &str, output: &Output) -> Result<(), CallError> {
    if let TransferState::Failed { reason } = &view.state {
        return Err(CallError::new("file", reason.clone(), ""));
    }
    output.print(view, || {
        let fresh = view.done.saturating_sub(view.passed_over + view.failed + view.refused);
        let mut text = format!("{fresh} {done}");
        if view.passed_over > 0 {
            let _ = write!(text, ", {} were there already", view.passed_over);
        }
        if view.failed > 0 {
            let _ = write!(text, ", {} could not be read", view.failed);
        }
        if view.refused > 0 {
            let _ = write!(text, ", {} were refused by the server", view.refused);
        }
        text.push('\n');
        for Refusal { subject, reason } in &view.refusals {
            let _ = writeln!(text, "  “{subject}”: {reason}");
        }
        text
    })?;
    match view.refused {
        0 => Ok(()),
        1 => Err(refused("the server refused one letter")),
        many => Err(refused(&format!("the server refused {many} letters"))),
    }
}

fn refused(what: &str) -> CallError {
    CallError::new("refused", format!("{what} for good"), "Keep the file: they are nowhere else.")
}

fn listed(found: &[ImportSource]) -> String {
    let mut text = String::new();
    for source in found {
        let _ = writeln!(text, "{}", source.path);
        for folder in &source.folders {
            let _ = writeln!(text, "{:>8}  {}", folder.letters, folder.name);
        }
    }
    if text.is_empty() { "No letters were found.\n".to_owned() } else { text }
}
