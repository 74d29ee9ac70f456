//! Outbound, side by side: the same letters through Postfix and through Postrider, on this machine, from disk to a sink
//! on loopback, in one run.
//!
//! Both have a letter on disk before they say that they have it, and both begin to deliver while more letters come in,
//! as they do in use. A round begins with a few letters that are not timed, so that nobody is timed at starting up.
//! Seconds are those of one machine in one hour; only the ratio says something elsewhere.
//!
//! | file | what it is about |
//! |---|---|
//! | [`course`] | one round: letters in, letters out, and when |
//! | [`letter`] | what is sent |
//! | [`sink`] | where all letters end, and how many came |
//! | [`postfix`], [`postrider`] | the two |
//! | [`table`] | what is printed |
//! | [`program`] | what starting programs takes |

mod course;
mod letter;
mod postfix;
mod postrider;
mod program;
mod sink;
mod table;

use anyhow::{Context, Result, bail};
use clap::Parser;
use course::{Round, ride};
use letter::Letter;
use postfix::Postfix;
use postrider::Postrider;
use sink::Sink;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Sends the same letters with Postfix and with Postrider, and compares.
#[derive(Debug, Parser)]
struct Arguments {
    /// Letters in a round.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    letters: u32,
    /// Rounds for each, by turns; what is printed are the medians.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many hand letters in at the same time.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    sessions: u32,
    /// Where queues and databases are made: a place on a disk, since a queue in memory promises nothing.
    #[arg(long, default_value = "/var/tmp")]
    place: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    // What has been started ends when its owner is dropped, also after Ctrl-C.
    tokio::select! {
        done = compare(&arguments) => done,
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
    }
}

async fn compare(arguments: &Arguments) -> Result<()> {
    require_disk(&arguments.place).await?;
    let (mut postfix, mut postrider) = (Vec::new(), Vec::new());
    for _ in 0..arguments.rounds {
        postfix.push(round_of_postfix(arguments).await.context("Postfix")?);
        postrider.push(round_of_postrider(arguments).await.context("Postrider")?);
    }
    let Arguments { letters, rounds, sessions, .. } = arguments;
    println!(
        "{letters} letters of {} octets a round, {sessions} handed in at a time; medians of {rounds} round(s).\n",
        letter::SIZE
    );
    println!("{}", table::text(&postfix, &postrider));
    println!("Ratios are Postrider's figure over Postfix's. The seconds are this machine's; only the ratios travel.");
    println!("Postfix was handed its letters over SMTP on loopback, Postrider in its own process.");
    Ok(())
}

async fn round_of_postfix(arguments: &Arguments) -> Result<Round> {
    let home = home(&arguments.place)?;
    let letter = Letter::write(home.path())?;
    let mut sink = Sink::open().await?;
    let system = Postfix::start(home.path(), &letter, sink.port(), arguments.sessions).await?;
    ride(system, &mut sink, arguments.letters).await
}

async fn round_of_postrider(arguments: &Arguments) -> Result<Round> {
    let home = home(&arguments.place)?;
    let letter = Letter::write(home.path())?;
    let mut sink = Sink::open().await?;
    let system = Postrider::start(home.path(), &letter, sink.port(), arguments.sessions).await?;
    ride(system, &mut sink, arguments.letters).await
}

/// A new directory, which Postfix's own user may enter.
fn home(place: &Path) -> Result<TempDir> {
    let named = || format!("a directory in {} could not be made", place.display());
    let open = Permissions::from_mode(0o755);
    tempfile::Builder::new().prefix("postrider-bench-").permissions(open).tempdir_in(place).with_context(named)
}

async fn require_disk(place: &Path) -> Result<()> {
    let kind = program::output("stat", ["--file-system", "--format=%T"], [place]).await?;
    match kind.trim() {
        "tmpfs" | "ramfs" => bail!("{} is in memory; give --place a directory on a disk", place.display()),
        _ => Ok(()),
    }
}
