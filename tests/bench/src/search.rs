//! Lists and search in stores of several sizes: what they take on disk, until they are open, for a window of a list at any
//! place, and for a search as one types, beside notmuch with the same letters and the same words.
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
use mail::{Mail, Random};
use model::query::parse;
use model::{MailboxId, Role};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{LetterSource, SearchOrder, Store};

/// Rows that the window asks for.
const ROWS: u32 = 200;
/// Rows of a list that the window asks for.
const SCREEN: u32 = 100;
/// Places in a list that are looked at.
const PLACES: usize = 200;
/// Sentences out of which queries are made.
const SAMPLES: u32 = 12;

/// Searches in generated letters as one types, beside notmuch.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many letters, several times with commas. A million are 12 GB.
    #[arg(long, value_delimiter = ',', default_values_t = [20_000, 200_000, 1_000_000])]
    letters: Vec<u32>,
    /// Up to so many letters notmuch is asked as well; it needs each as a file.
    #[arg(long, default_value_t = 20_000)]
    notmuch: u32,
    /// Names so many of the slowest searches.
    #[arg(long, default_value_t = 0)]
    slowest: usize,
    /// A directory in which the filled stores are kept, and found again the next time.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Where the databases are made.
    #[arg(long, default_value = "/var/tmp")]
    place: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut columns = Vec::new();
    for letters in &arguments.letters {
        columns.push(measure(&arguments, *letters).await?);
    }
    print(&columns);
    Ok(())
}

/// The figures of a store of one size, as they are shown.
type Column = Vec<(&'static str, String)>;

async fn measure(arguments: &Arguments, letters: u32) -> Result<Column> {
    let kept = match &arguments.keep {
        Some(place) => place.join(letters.to_string()),
        None => tempfile::tempdir_in(&arguments.place)?.keep(),
    };
    let column = measure_in(&kept, arguments, letters).await;
    if arguments.keep.is_none() {
        std::fs::remove_dir_all(&kept)?;
    }
    column
}

async fn measure_in(home: &Path, arguments: &Arguments, letters: u32) -> Result<Column> {
    let mail = Arc::new(Mail::new(1, letters));
    let raw = home.join("raw-octets");
    if !raw.exists() {
        std::fs::create_dir_all(home)?;
        let filling = Filling::new(home).await?;
        let filled = filling.fill(&mail).await?;
        filling.store.tidy_words().await?;
        std::fs::write(&raw, filled.octets.to_string())?;
    }
    let octets: u64 = std::fs::read_to_string(&raw)?.parse()?;
    let begun = Instant::now();
    let store = Store::open(home).await?;
    let account = store.accounts().await?.first().context("the store has no account")?.id;
    let inbox = store.mailbox_by_role(account, Role::Inbox).await?.context("the store has no INBOX")?.id;
    ensure!(store.threads(LetterSource::Mailbox(inbox), 0, SCREEN).await?.0 > 0, "INBOX is empty");
    let start = begun.elapsed();
    let (lists, threads) = (anywhere(&store, inbox, false).await?, anywhere(&store, inbox, true).await?);
    let typed = queries(&mail);
    let asked = as_one_types(&store, &typed).await?;
    for (took, query) in asked.iter().rev().take(arguments.slowest) {
        eprintln!("{:.1} ms: {query}", took.as_secs_f64() * 1e3);
    }
    let ours: Vec<Duration> = asked.into_iter().map(|(took, _)| took).collect();
    let theirs = if letters <= arguments.notmuch { Some(by_notmuch(home, &mail, &typed)?) } else { None };
    let shown = |duration: Duration| format!("{:.1} ms", duration.as_secs_f64() * 1e3);
    let beside = |percent| theirs.as_ref().map_or("–".to_owned(), |all| shown(at(all, percent)));
    Ok(vec![
        ("letters", letters.to_string()),
        ("raw mail", format!("{} MB", octets / 1_000_000)),
        ("disk, with everything", format!("{:.2} of it", disk(home)? as f64 / octets as f64)),
        ("start, until the newest threads are there", shown(start)),
        ("a window of letters anywhere, 95 of 100 within", shown(at(&lists, 95))),
        ("the slowest of them", shown(at(&lists, 100))),
        ("a window of threads anywhere, 95 of 100 within", shown(at(&threads, 95))),
        ("the slowest of them", shown(at(&threads, 100))),
        ("search after each key: half within", shown(at(&ours, 50))),
        ("95 of 100 within", shown(at(&ours, 95))),
        ("the slowest", shown(at(&ours, 100))),
        ("notmuch, whole words, a program each time: half within", beside(50)),
        ("95 of 100 within", beside(95)),
    ])
}

fn print(columns: &[Column]) {
    for row in 0..columns.first().map_or(0, Vec::len) {
        let cells: Vec<_> = columns.iter().filter_map(|column| column.get(row)).collect();
        let what = cells.first().map_or("", |(what, _)| what);
        let values: Vec<&str> = cells.iter().map(|(_, value)| value.as_str()).collect();
        println!("| {what} | {} |", values.join(" | "));
        if row == 0 {
            println!("|---|{}", "---:|".repeat(values.len()));
        }
    }
}

/// Windows of a list at places all over it; how long each took, in order.
async fn anywhere(store: &Store, inbox: MailboxId, threads: bool) -> Result<Vec<Duration>> {
    let source = LetterSource::Mailbox(inbox);
    let total = match threads {
        true => store.threads(source, 0, 0).await?.0,
        false => store.letters(source, 0, 0).await?.0,
    };
    let mut random = Random::of(3, 3);
    let mut took = Vec::new();
    for _ in 0..PLACES {
        let offset = random.below(total as usize) as u32;
        let begun = Instant::now();
        match threads {
            true => store.threads(source, offset, SCREEN).await?,
            false => store.letters(source, offset, SCREEN).await?,
        };
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}

/// Octets of the databases.
fn disk(home: &Path) -> Result<u64> {
    let mut octets = 0;
    for entry in std::fs::read_dir(home)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().contains(".db") {
            octets += entry.metadata()?.len();
        }
    }
    Ok(octets)
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
async fn as_one_types(store: &Store, typed: &[String]) -> Result<Vec<(Duration, String)>> {
    let now = jiff::Zoned::now();
    let mut took = Vec::new();
    for query in typed {
        for end in query.char_indices().map(|(at, letter)| at + letter.len_utf8()) {
            let Some(typed) = query.get(..end) else { continue };
            let Some(parsed) = parse(typed, &now).query else { continue };
            let begun = Instant::now();
            store.search(&parsed, SearchOrder::Newest, 0, ROWS).await?;
            took.push((begun.elapsed(), typed.to_owned()));
        }
    }
    took.sort_unstable();
    Ok(took)
}

/// The same letters as files, indexed by notmuch, and the finished queries asked of it.
fn by_notmuch(place: &Path, mail: &Mail, typed: &[String]) -> Result<Vec<Duration>> {
    let maildir = place.join("maildir");
    let is_there = maildir.exists();
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(maildir.join(part))?;
    }
    for number in (0..mail.letters()).filter(|_| !is_there) {
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
