//! `postrider`: reading, sending, people, the queue and the settings without a window. Drafts and answers are in the
//! window alone as yet.
//!
//! One subcommand a file. Results go to standard output, as text for a person or with `--json` as one JSON document for
//! a program; errors go to standard error in one line that says what and what to do, with exit codes as in sysexits.h.
//! Words and JSON are kept stable: scripts and tests stand on them.

mod account;
mod arguments;
mod check;
mod check_letter;
mod config;
mod contacts;
mod destinations;
mod dkim;
mod exit;
mod explain;
mod filing;
mod letters;
mod networks;
mod output;
mod practice_office;
mod queue;
mod search;
mod send;
mod sendmail;
mod sync;
mod transfer;
mod whom;

use arguments::{Arguments, Command};
use clap::Parser;
use engine::{Engine, Options, Work};
use model::CallError;
use output::Output;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// The platform's verifier reports every certificate that is not valid as an error, also where an unverified one is
/// better than none, and the resolver warns of every zone that is not signed. What is wrong with a certificate, and what
/// was proven, stands in the attempt.
const LOG_FILTER: &str =
    "warn,rustls_platform_verifier=off,hickory_proto=error,hickory_net=error,hickory_resolver=error";

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(LOG_FILTER)),
        )
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let arguments = match sendmail::called_as_sendmail(std::env::args_os()) {
        Some(arguments) => Arguments { home: None, json: false, command: Command::Sendmail { arguments } },
        None => match Arguments::try_parse() {
            Ok(arguments) => arguments,
            Err(usage) => return exit::usage(&usage, std::env::args_os()),
        },
    };
    let output = Output::new(arguments.json);
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => match runtime.block_on(run(arguments, &output)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => output.error(&error),
        },
        Err(error) => output.error(&CallError::new("internal", format!("the program could not start: {error}"), "")),
    }
}

async fn run(arguments: Arguments, output: &Output) -> Result<(), CallError> {
    let home = arguments.home.unwrap_or_else(engine::default_home);
    match arguments.command {
        Command::Practice { command: None } => practice_office::run(output).await,
        Command::Sync { watch: true } => sync::watch(&open(home, Work::Sync).await?, output).await,
        // The server is given the letters while more are read.
        Command::Import(args) if !args.dry_run => {
            let engine = open(home, Work::Sync).await?;
            let done = transfer::import(args, &engine, output).await;
            engine.stop().await;
            done
        }
        command => {
            let engine = open(home, Work::Nothing).await?;
            let done = carry_out(command, &engine, output).await;
            engine.stop().await;
            done
        }
    }
}

async fn open(home: PathBuf, work: Work) -> Result<Engine, CallError> {
    Engine::start(Options { home, work }).await
}

async fn carry_out(command: Command, engine: &Engine, output: &Output) -> Result<(), CallError> {
    match command {
        Command::Account { command } => account::run(command, engine, output).await,
        Command::Sync { .. } => sync::once(engine, output).await,
        Command::Mailboxes { command: None } => letters::mailboxes(engine, output).await,
        Command::Mailboxes { command: Some(command) } => filing::mailboxes(command, engine, output).await,
        Command::Flag { ids, marks } => filing::flag(&ids, &marks, engine, output).await,
        Command::Move { ids, to } => filing::carry(&ids, &to, false, engine, output).await,
        Command::Copy { ids, to } => filing::carry(&ids, &to, true, engine, output).await,
        Command::Delete { ids, for_good } => filing::delete(&ids, for_good, engine, output).await,
        Command::Undo => filing::undo(engine, output).await,
        Command::List { mailbox, limit } => letters::list(&mailbox, limit, engine, output).await,
        Command::Search(search) => search::run(&search, engine, output).await,
        Command::Show { id, form } => letters::show(id, &form, engine, output).await,
        Command::Send(letter) => send::run(letter, engine, output).await,
        Command::Sendmail { arguments } => sendmail::run(&arguments, engine, output).await,
        Command::Queue { command } => queue::run(command, engine, output).await,
        Command::Dkim { command } => dkim::run(command, engine, output).await,
        Command::Contacts { command } => contacts::run(command, engine, output).await,
        Command::Check { command, explain, whom } => check::run(command, explain, &whom, engine, output).await,
        Command::Explain(asked) => explain::run(asked, engine, output).await,
        Command::Destinations { command } => destinations::run(command, engine, output).await,
        Command::Networks { command } => networks::run(command, engine, output).await,
        Command::Config { command } => config::run(command, engine, output).await,
        Command::Import(args) => transfer::import(args, engine, output).await,
        Command::Export(args) => transfer::export(args, engine, output).await,
        Command::Practice { command: Some(command) } => practice_office::order(command, engine, output).await,
        Command::Practice { command: None } => Ok(()),
    }
}
