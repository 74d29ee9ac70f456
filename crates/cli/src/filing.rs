//! `postrider flag`, `move`, `copy`, `delete`, `undo`, and `postrider mailboxes create`, `rename`, `delete`, `empty`,
//! `subscribe` and `unsubscribe`. What is ordered is done here at once, and on the server at the next sync.

use crate::letters::{is_called, no_mailbox};
use crate::output::Output;
use clap::{Args, Subcommand};
use engine::view::{LetterChange, Nothing};
use engine::{Changed, Engine, MailboxArgs, MailboxCreateArgs, MailboxRenameArgs, MailboxSubscribeArgs, UndoArgs};
use model::{AccountId, CallError, LetterId, Mailbox, Role};
use serde_json::json;
use std::collections::BTreeMap;

/// How to mark letters.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Marks {
    /// As read
    #[arg(long)]
    read: bool,
    /// As unread
    #[arg(long)]
    unread: bool,
    /// With a flag
    #[arg(long)]
    flagged: bool,
    /// Without a flag
    #[arg(long)]
    unflagged: bool,
}

/// What to do with mailboxes.
#[derive(Debug, Subcommand)]
pub enum MailboxesCommand {
    /// List them
    List,
    /// Make one
    Create {
        /// Its path; one around it must be there
        path: String,
        /// In the account with this address [default: the first]
        #[arg(long, value_name = "ADDRESS")]
        account: Option<String>,
    },
    /// Rename one, with those inside it
    Rename {
        /// Which: its path or its number
        mailbox: String,
        /// Its new name, without those around it
        name: String,
    },
    /// Delete one, with those inside it; letters go to the trash, where there is one
    Delete {
        /// Which: its path or its number
        mailbox: String,
    },
    /// Delete for good what is in the trash or the junk
    Empty {
        /// Which: its path, its role or its number
        mailbox: String,
    },
    /// Have other programs show one
    Subscribe {
        /// Which: its path or its number
        mailbox: String,
    },
    /// Have other programs show one no longer
    Unsubscribe {
        /// Which: its path or its number
        mailbox: String,
    },
}

pub async fn flag(ids: &[LetterId], marks: &Marks, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let change = match marks {
        Marks { read: true, .. } => LetterChange::Seen { on: true },
        Marks { unread: true, .. } => LetterChange::Seen { on: false },
        Marks { flagged, .. } => LetterChange::Flagged { on: *flagged },
    };
    let changed = engine.change(ids, change).await?;
    say(output, changed, "Marked")
}

/// To a mailbox of each letter's own account.
pub async fn carry(
    ids: &[LetterId],
    to: &str,
    copy: bool,
    engine: &Engine,
    output: &Output,
) -> Result<(), CallError> {
    let all = engine.mailboxes(None).await?;
    let mut targets: BTreeMap<AccountId, (&Mailbox, Vec<LetterId>)> = BTreeMap::new();
    for id in ids {
        let account = engine.account_of_letter(*id).await?;
        let target = all.iter().find(|mailbox| mailbox.account == account && is_called(mailbox, to));
        let target = target.ok_or_else(|| no_mailbox(to))?;
        targets.entry(account).or_insert((target, Vec::new())).1.push(*id);
    }
    let mut last = Changed { undo: None };
    for (target, letters) in targets.values() {
        let mailbox = target.id;
        let change = if copy { LetterChange::Copy { mailbox } } else { LetterChange::Move { mailbox } };
        last = engine.change(letters, change).await?;
    }
    say(output, last, if copy { "Copied" } else { "Moved" })
}

pub async fn delete(ids: &[LetterId], for_good: bool, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let change = if for_good { LetterChange::Delete } else { LetterChange::File { role: Role::Trash } };
    let changed = engine.change(ids, change).await?;
    say(output, changed, if for_good { "Deleted" } else { "Moved to the trash" })
}

pub async fn undo(engine: &Engine, output: &Output) -> Result<(), CallError> {
    engine.calls().letter_undo(UndoArgs { undo: None }).await?;
    output.print(&json!({ "undone": true }), || "Undone.".to_owned())
}

fn say(output: &Output, changed: Changed, what: &str) -> Result<(), CallError> {
    output.print(&changed, || match changed.undo {
        Some(_) => format!("{what}. To take it back: postrider undo"),
        None => format!("{what}."),
    })
}

pub async fn mailboxes(command: MailboxesCommand, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let calls = engine.calls();
    match command {
        MailboxesCommand::List => crate::letters::mailboxes(engine, output).await,
        MailboxesCommand::Create { path, account } => {
            let made = make(&path, account.as_deref(), engine).await?;
            output.print(&made, || format!("“{}” is made.", made.path))
        }
        MailboxesCommand::Rename { mailbox, name } => {
            let mailbox = named(&mailbox, engine).await?.id;
            let renamed = calls.mailbox_rename(MailboxRenameArgs { mailbox, name }).await?;
            output.print(&renamed, || format!("It is “{}” now.", renamed.path))
        }
        MailboxesCommand::Delete { mailbox } => {
            let mailbox = named(&mailbox, engine).await?;
            calls.mailbox_remove(MailboxArgs { mailbox: mailbox.id }).await?;
            output.print(&json!({ "deleted": mailbox.path }), || format!("“{}” is deleted.", mailbox.path))
        }
        MailboxesCommand::Empty { mailbox } => {
            let mailbox = named(&mailbox, engine).await?;
            let changed = calls.mailbox_empty(MailboxArgs { mailbox: mailbox.id }).await?;
            say(output, changed, &format!("“{}” is empty", mailbox.path))
        }
        MailboxesCommand::Subscribe { mailbox } => subscribe(&mailbox, true, engine, output).await,
        MailboxesCommand::Unsubscribe { mailbox } => subscribe(&mailbox, false, engine, output).await,
    }
}

async fn subscribe(name: &str, on: bool, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let mailbox = named(name, engine).await?;
    engine.calls().mailbox_subscribe(MailboxSubscribeArgs { mailbox: mailbox.id, on }).await?;
    output.print(&json!({ "mailbox": mailbox.path, "subscribed": on }), || {
        format!("“{}” is {} to.", mailbox.path, if on { "subscribed" } else { "no longer subscribed" })
    })
}

async fn named(name: &str, engine: &Engine) -> Result<Mailbox, CallError> {
    let all = engine.mailboxes(None).await?;
    let mut found = all.into_iter().filter(|mailbox| is_called(mailbox, name));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(no_mailbox(name)),
        (Some(_), Some(_)) => {
            let message = format!("several accounts have a mailbox “{name}”");
            Err(CallError::new("invalid", message, "Name it by its number, as postrider mailboxes lists it."))
        }
    }
}

/// Makes the mailbox of a path, and those around it that are not there.
async fn make(path: &str, account: Option<&str>, engine: &Engine) -> Result<Mailbox, CallError> {
    let all = engine.mailboxes(None).await?;
    let accounts = engine.calls().account_list(Nothing {}).await?;
    let chosen = accounts.iter().find(|one| account.is_none_or(|address| one.address.to_string() == address));
    let none = || CallError::new("no-account", "there is no such account", "postrider account list shows them.");
    let account = chosen.ok_or_else(none)?.id;
    let own = |mailbox: &&Mailbox| mailbox.account == account;
    let separator = all.iter().filter(own).find_map(|mailbox| mailbox.separator.clone());
    let (around, name) = match separator.as_deref().and_then(|separator| path.rsplit_once(separator)) {
        Some((around, name)) => (around, name),
        None => ("", path),
    };
    let mut parent = None;
    let mut upto = String::new();
    for step in around.split(separator.as_deref().unwrap_or("/")).filter(|_| !around.is_empty()) {
        if parent.is_some() {
            upto.push_str(separator.as_deref().unwrap_or("/"));
        }
        upto.push_str(step);
        let there = all.iter().filter(own).find(|mailbox| mailbox.path == upto).map(|mailbox| mailbox.id);
        parent = match there {
            Some(id) => Some(id),
            None => {
                let args = MailboxCreateArgs { account, parent, name: step.to_owned() };
                Some(engine.calls().mailbox_create(args).await?.id)
            }
        };
    }
    engine.calls().mailbox_create(MailboxCreateArgs { account, parent, name: name.to_owned() }).await
}
