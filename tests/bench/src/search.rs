//! Searching as one types, beside notmuch: the same letters in both, the same words asked of both.
//!
//! What one types is asked after every key, of the store in this process, which is what the window does; the figures are
//! of all these questions together. notmuch is asked for the finished words, and as a program, because that is how it is
//! used; its time has the start of the program in it.

#[allow(dead_code, reason = "other programs use the rest")]
mod fill;
#[allow(dead_code, reason = "other programs use the rest")]
mod mail;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use fill::Filling;
use mail::Mail;
use model::query::parse;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{SearchOrder, Store};

/// Rows that the window asks for.
const ROWS: u32 = 200;
/// Sentences out of which queries are made.
const SAMPLES: u32 = 12;

/// Searches in generated letters as one types, beside notmuch.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many letters, several times with commas.
    #[arg(long, value_delimiter = ',', default_values_t = [20_000, 200_000])]
    letters: Vec<u32>,
    /// Up to so many letters notmuch is asked as well; it needs each as a file.
    #[arg(long, default_value_t = 20_000)]
    notmuch: u32,
    /// Where the databases are made.
    #[arg(long, default_value = "/var/tmp")]
    place: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    println!("letters    asked      p50      p95    worst   notmuch p50   p95 (whole program, finished words)");
    for letters in &arguments.letters {
        measure(&arguments, *letters).await?;
    }
    Ok(())
}

async fn measure(arguments: &Arguments, letters: u32) -> Result<()> {
    let home = tempfile::tempdir_in(&arguments.place)?;
    let mail = Arc::new(Mail::new(1, letters));
    let filling = Filling::new(home.path()).await?;
    filling.fill(&mail).await?;
    filling.store.tidy_words().await?;
    let typed = queries(&mail);
    let ours = as_one_types(&filling.store, &typed).await?;
    let theirs = if letters <= arguments.notmuch { Some(by_notmuch(home.path(), &mail, &typed)?) } else { None };
    let shown = |duration: Duration| format!("{:6.1} ms", duration.as_secs_f64() * 1e3);
    let beside = theirs.map_or("-".to_owned(), |all| format!("{} {}", shown(at(&all, 50)), shown(at(&all, 95))));
    let (half, most, worst) = (shown(at(&ours, 50)), shown(at(&ours, 95)), shown(at(&ours, 100)));
    println!("{letters:7}  {:7} {half} {most} {worst}  {beside}", ours.len());
    Ok(())
}

/// What people type: words and pairs of words out of subjects, senders, phrases, and what narrows them.
fn queries(mail: &Mail) -> Vec<String> {
    let mut typed = Vec::new();
    for sample in 0..SAMPLES {
        let number = mail.letters() / SAMPLES * sample;
        let subject: Vec<String> = model::words::words(&mail.subject(number));
        let [first, .., last] = subject.as_slice() else { continue };
        typed.extend([
            first.clone(),
            format!("{first} {last}"),
            format!("subject:{last}"),
            format!("{last} -{first}"),
            format!("{first} OR {last}"),
            format!("{last} is:unread in:inbox"),
            format!("{first} before:2022"),
        ]);
        typed.extend(subject.get(..2).map(|two| format!("\"{}\"", two.join(" "))));
    }
    typed
}

/// Every query after every key, shortest first; how long each answer took, in order.
async fn as_one_types(store: &Store, typed: &[String]) -> Result<Vec<Duration>> {
    let now = jiff::Zoned::now();
    let mut took = Vec::new();
    for query in typed {
        for end in query.char_indices().map(|(at, letter)| at + letter.len_utf8()) {
            let Some(query) = query.get(..end).and_then(|begun| parse(begun, &now).query) else { continue };
            let begun = Instant::now();
            store.search(&query, SearchOrder::Newest, 0, ROWS).await?;
            took.push(begun.elapsed());
        }
    }
    took.sort_unstable();
    Ok(took)
}

/// The same letters as files, indexed by notmuch, and the finished queries asked of it.
fn by_notmuch(place: &Path, mail: &Mail, typed: &[String]) -> Result<Vec<Duration>> {
    let maildir = place.join("maildir");
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(maildir.join(part))?;
    }
    for number in 0..mail.letters() {
        std::fs::write(maildir.join(format!("cur/{number}:2,")), mail.letter(number))?;
    }
    let config = place.join("notmuch-config");
    std::fs::write(
        &config,
        format!("[database]\npath={}\n[user]\nprimary_email=a@bench.example\n", maildir.display()),
    )?;
    let notmuch = |arguments: &[&str]| -> Result<Duration> {
        let begun = Instant::now();
        let done = Command::new("notmuch").env("NOTMUCH_CONFIG", &config).args(arguments).output();
        let done = done.context("notmuch could not be started; scripts/system-packages test installs it")?;
        ensure!(done.status.success(), "notmuch: {}", String::from_utf8_lossy(&done.stderr));
        Ok(begun.elapsed())
    };
    notmuch(&["new", "--quiet"])?;
    let words = typed.iter().filter(|query| !query.contains(':') && !query.contains(" -"));
    let limit = format!("--limit={ROWS}");
    let mut took = words.map(|query| notmuch(&["search", &limit, query])).collect::<Result<Vec<_>>>()?;
    took.sort_unstable();
    Ok(took)
}

/// The value below which this part of a hundred lies.
fn at(sorted: &[Duration], percent: usize) -> Duration {
    let index = (sorted.len().saturating_sub(1) * percent).div_ceil(100);
    sorted.get(index).copied().unwrap_or_default()
}
