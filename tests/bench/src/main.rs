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
//! | [`waiting`] | a long queue in which nothing is due |
//! | [`destinations`] | many destinations, with and without one that is dead |
//! | [`letter`] | what is sent |
//! | [`memory`] | how much more of it is taken |
//! | [`sink`], [`town`] | where all letters end, and how many came |
//! | [`postfix`], [`postrider`] | the two |
//! | [`table`] | what is printed |
//! | [`program`] | what starting programs takes |

mod course;
mod destinations;
mod letter;
#[allow(dead_code, reason = "for the programs to come")]
mod mail;
mod memory;
mod postfix;
mod postrider;
mod program;
mod sink;
mod table;
mod town;
mod waiting;

use anyhow::{Context, Result, bail};
use clap::Parser;
use course::{Round, Ways, ride};
use destinations::Dead;
use letter::Letter;
use postfix::Postfix;
use postrider::Postrider;
use sink::Sink;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use table::{Row, measured, plain, ratio, seconds};
use tempfile::TempDir;

/// Sends the same letters with Postfix and with Postrider, and compares.
#[derive(Debug, Parser)]
struct Arguments {
    /// Letters of 4 KB in a round.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u32).range(1..))]
    letters: u32,
    /// Rounds for each, by turns; what is printed are the medians.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many hand letters in at the same time.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    sessions: u32,
    /// Letters of 25 MB, handed in one after the other; 0 leaves them out.
    #[arg(long, default_value_t = 10)]
    large: u32,
    /// Deliveries that wait; 0 leaves this out.
    #[arg(long, default_value_t = 100_000)]
    waiting: u32,
    /// Destinations, of which one is dead; 0 leaves them out.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(..=200))]
    destinations: u8,
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
    // First, while this process has not taken memory for anything else.
    let large = if arguments.large > 0 { large(arguments).await? } else { Vec::new() };
    let mut rows = small(arguments).await?;
    rows.extend(large);
    if arguments.waiting > 0 {
        rows.extend(waiting(arguments).await?);
    }
    if arguments.destinations > 1 {
        rows.extend(destinations(arguments).await?);
    }
    println!("{}", table::text(&rows));
    let Arguments { rounds, sessions, .. } = arguments;
    println!("Letters of 4 KB were handed in {sessions} at a time; what took rounds are medians of {rounds}.");
    println!(
        "Seconds are this machine's; only the ratios travel. Postfix was handed its letters over SMTP on loopback,"
    );
    println!("Postrider in its own process, which the memory is that of.");
    Ok(())
}

async fn small(arguments: &Arguments) -> Result<Vec<Row>> {
    let (mut postfix, mut postrider) = (Vec::new(), Vec::new());
    let Arguments { letters, sessions, place, .. } = arguments;
    let ways = Ways { letters: *letters, warm_up: 50, sessions: *sessions };
    for _ in 0..arguments.rounds {
        postfix.push(by_postfix(place, Letter::small(), ways).await?);
        postrider.push(by_postrider(place, Letter::small(), ways).await?);
    }
    let median = |rounds: &[Round], of: fn(&Round) -> f64| table::median(rounds.iter().map(of).collect());
    let both = |of: fn(&Round) -> f64| (median(&postfix, of), median(&postrider, of));
    let accepted = both(|round| round.accepted.as_secs_f64());
    let delivered = both(|round| round.delivered.as_secs_f64());
    let connection = both(|round| round.to_a_connection);
    Ok(vec![
        measured(format!("{letters} letters of 4 KB: until all are accepted"), accepted, seconds),
        measured("the same: until all are delivered".to_owned(), delivered, seconds),
        plain("the same: letters to a connection".to_owned(), Some(connection.0), connection.1, |mean| {
            format!("{mean:.1}")
        }),
    ])
}

async fn large(arguments: &Arguments) -> Result<Vec<Row>> {
    let Arguments { large, place, .. } = arguments;
    // No letter before those that are timed: the memory that one takes is what is looked for.
    let ways = Ways { letters: *large, warm_up: 0, sessions: 1 };
    let postrider = by_postrider(place, Letter::large(), ways).await?;
    let postfix = by_postfix(place, Letter::large(), ways).await?;
    let delivered = (postfix.delivered.as_secs_f64(), postrider.delivered.as_secs_f64());
    let megabytes = postrider.grown as f64 / 1e6;
    Ok(vec![
        measured(format!("{large} letters of 25 MB: until all are delivered"), delivered, seconds),
        plain("the same: growth of memory".to_owned(), None, megabytes, |megabytes| format!("{megabytes:.0} MB")),
    ])
}

async fn waiting(arguments: &Arguments) -> Result<Vec<Row>> {
    let home = home(&arguments.place)?;
    let found = waiting::time(home.path(), arguments.waiting).await.context("the long queue")?;
    let milliseconds = |seconds: f64| format!("{:.2} ms", seconds * 1000.0);
    Ok(vec![
        plain(
            format!("{} deliveries wait: a wake-up", arguments.waiting),
            None,
            found.wake_up.as_secs_f64(),
            milliseconds,
        ),
        plain(
            "the same: from start until a letter that is due is out".to_owned(),
            None,
            found.start.as_secs_f64(),
            seconds,
        ),
        plain(
            "the same: a letter from hand-in until it is out".to_owned(),
            None,
            found.through.as_secs_f64(),
            milliseconds,
        ),
    ])
}

async fn destinations(arguments: &Arguments) -> Result<Vec<Row>> {
    let alive = arguments.destinations - 1;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..arguments.rounds {
        for (took, dead) in [(&mut without, Dead::None), (&mut with, Dead::One)] {
            took.push(destinations::time(home(&arguments.place)?.path(), alive, dead).await?.as_secs_f64());
        }
    }
    let letters = u32::from(alive) * destinations::LETTERS;
    let (without, with) = (table::median(without), table::median(with));
    Ok(vec![
        plain(format!("{letters} letters to {alive} destinations, direct"), None, without, seconds),
        plain("the same, beside one that does not answer".to_owned(), None, with, seconds)
            .noted(ratio(with / without)),
    ])
}

async fn by_postfix(place: &Path, letter: Letter, ways: Ways) -> Result<Round> {
    let home = home(place)?;
    let letter = letter.written(home.path())?;
    let mut sink = Sink::open().await?;
    let system = Postfix::start(home.path(), &letter, sink.port(), ways.sessions).await.context("Postfix")?;
    ride(system, &mut sink, ways).await.context("Postfix")
}

async fn by_postrider(place: &Path, letter: Letter, ways: Ways) -> Result<Round> {
    let home = home(place)?;
    let letter = letter.written(home.path())?;
    let mut sink = Sink::open().await?;
    let system = Postrider::start(home.path(), &letter, sink.port(), ways.sessions).await.context("Postrider")?;
    ride(system, &mut sink, ways).await.context("Postrider")
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
