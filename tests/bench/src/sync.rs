//! The first sync and the one after it, side by side: the same mailbox in Dovecot on loopback, fetched bare, with mbsync,
//! with mbsync and then notmuch, and with Postrider, in one run.
//!
//! Postrider is the release build of the command line, a whole process each time as the others are. When it is done,
//! everything is stored, in threads, and searchable; mbsync alone has files, and notmuch's index makes them searchable.
//! Dovecot has read each letter once before anybody is timed.

#[path = "mail/mod.rs"]
#[allow(dead_code, reason = "the other benchmarks use the rest")]
mod mail;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use mail::Mail;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Syncs the same mailbox with mbsync and with Postrider, and compares.
#[derive(Debug, Parser)]
struct Arguments {
    /// Letters in the mailbox, of 12 KB on the average.
    #[arg(long, default_value_t = 20_000)]
    letters: u32,
    /// Where the mailbox and the copies are made: a place on a disk.
    #[arg(long, default_value = "/var/tmp")]
    place: PathBuf,
    /// How often mbsync and Postrider take turns; the medians are told.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Leaves notmuch out, which takes by far the longest.
    #[arg(long)]
    without_notmuch: bool,
    /// The command line of Postrider, built for release.
    #[arg(long, default_value = "target/release/postrider")]
    postrider: PathBuf,
}

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(1200);

/// What one run of a program took.
#[derive(Clone, Copy)]
struct Run {
    took: Duration,
    /// Processor time, of all its threads.
    worked: Duration,
    /// Octets of memory at most.
    memory: u64,
}

/// A Dovecot over the mailbox.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let postrider =
        arguments.postrider.canonicalize().context("build it first: cargo build --release -p postrider-cli")?;
    let place = tempfile::Builder::new().prefix("postrider-sync-").tempdir_in(&arguments.place)?;
    let octets = fill(place.path(), arguments.letters)?;
    let server = serve(place.path())?;
    bare_fetch(server.port)?;
    let bare = bare_fetch(server.port)?;

    let mut rounds = Vec::new();
    for round in 0..arguments.rounds.max(1) {
        rounds.push(take_turns(&postrider, place.path(), server.port, round, arguments.letters)?);
    }
    let median = |of: fn(&Round) -> Run| {
        let mut runs: Vec<Run> = rounds.iter().map(of).collect();
        runs.sort_by_key(|run| run.took);
        runs[runs.len() / 2]
    };
    let (theirs, ours) = (median(|round| round.theirs), median(|round| round.ours));
    let (theirs_again, ours_again) = (median(|round| round.theirs_again), median(|round| round.ours_again));
    let notmuch = if arguments.without_notmuch { None } else { Some(index(place.path())?) };
    let home = place.path().join("screen");
    add_account(&postrider, &home, server.port)?;
    let screen = first_screen(&postrider, &home, arguments.letters.min(200))?;

    let seconds = |took: Duration| format!("{:.2} s", took.as_secs_f64());
    let part = |ours: Duration, theirs: Duration| format!("{:.2} of it", ours.as_secs_f64() / theirs.as_secs_f64());
    let megabytes = |octets: u64| format!("{} MB", octets / 1_000_000);
    let row =
        |what: &str, others: String, ours: String, part: String| println!("| {what} | {others} | {ours} | {part} |");
    println!("| {} letters, {} | others | Postrider | |\n|---|---:|---:|---|", arguments.letters, megabytes(octets));
    row("a bare FETCH of everything", seconds(bare), "–".to_owned(), String::new());
    row("everything stored: mbsync", seconds(theirs.took), seconds(ours.took), part(ours.took, theirs.took));
    if let Some(notmuch) = notmuch {
        let both = theirs.took + notmuch.took;
        row("and searchable: mbsync and notmuch", seconds(both), seconds(ours.took), part(ours.took, both));
    }
    let again = part(ours_again.took, theirs_again.took);
    row("nothing to do: mbsync", seconds(theirs_again.took), seconds(ours_again.took), again);
    row("the first 200 letters are listed", "–".to_owned(), seconds(screen), String::new());
    row("memory at most", megabytes(theirs.memory), megabytes(ours.memory), String::new());
    row("processor time", seconds(theirs.worked), seconds(ours.worked), part(ours.worked, theirs.worked));
    Ok(())
}

/// What one turn of each took.
struct Round {
    theirs: Run,
    ours: Run,
    theirs_again: Run,
    ours_again: Run,
}

/// Both once, from nothing and then with nothing to do. Who begins takes turns too.
fn take_turns(postrider: &Path, place: &Path, port: u16, round: usize, letters: u32) -> Result<Round> {
    let config = mbsync_config(place, port)?;
    let mbsync = || run(Command::new("mbsync").arg("-q").arg("-c").arg(&config).arg("all"));
    let home = place.join(format!("home-{round}"));
    add_account(postrider, &home, port)?;
    let sync = || run(Command::new(postrider).arg("--home").arg(&home).arg("sync"));
    let (theirs, ours) = match round % 2 {
        0 => (mbsync()?, sync()?),
        _ => {
            let ours = sync()?;
            (mbsync()?, ours)
        }
    };
    ensure_complete(postrider, &home, letters)?;
    Ok(Round { theirs, ours, theirs_again: mbsync()?, ours_again: sync()? })
}

/// Writes the letters as a Maildir; their octets.
fn fill(place: &Path, letters: u32) -> Result<u64> {
    let (maildir, mail) = (place.join("mail/you"), Mail::new(1, letters));
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(part))?;
    }
    let mut octets = 0;
    for number in 0..letters {
        let (letter, came) = (mail.letter(number), mail.date(number).as_second());
        octets += letter.len() as u64;
        let seen = if number % 10 < 7 { "S" } else { "" };
        fs::write(maildir.join("cur").join(format!("{came}.M{number}P1.bench:2,{seen}")), letter)?;
    }
    Ok(octets)
}

fn serve(place: &Path) -> Result<Server> {
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let (path, config) = (place.display(), place.join("dovecot.conf"));
    let text = format!(
        "base_dir = {path}/run\nstate_dir = {path}/state\nlog_path = {path}/dovecot.log\nprotocols = imap\n\
         listen = 127.0.0.1\nssl = no\ndisable_plaintext_auth = no\nmail_location = maildir:{path}/mail/%n\n\
         mail_home = {path}/mail-home\nfirst_valid_uid = 1\n\
         passdb {{\n  driver = static\n  args = password=secret\n}}\n\
         userdb {{\n  driver = static\n  args = uid=mail gid=mail home={path}/mail-home\n}}\n\
         service imap-login {{\n  inet_listener imap {{\n    port = {port}\n  }}\n  inet_listener imaps {{\n    port = 0\n  }}\n}}\n\
         namespace inbox {{\n  inbox = yes\n  separator = /\n  mailbox Sent {{\n    special_use = \\Sent\n    auto = create\n  }}\n}}\n"
    );
    fs::write(&config, text)?;
    ensure!(
        Command::new("chown").args(["-R", "mail:mail"]).arg(place.join("mail")).status()?.success(),
        "chown failed"
    );
    ensure!(Command::new("chmod").arg("755").arg(place).status()?.success(), "chmod failed");
    fs::create_dir_all(place.join("mail-home"))?;
    ensure!(Command::new("chown").arg("mail:mail").arg(place.join("mail-home")).status()?.success(), "chown failed");
    let child = Command::new("dovecot").args(["-F", "-c"]).arg(&config).stdin(Stdio::null()).spawn()?;
    let server = Server { child, port };
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        ensure!(begun.elapsed() < Duration::from_secs(20), "Dovecot does not answer");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(server)
}

/// One FETCH of everything, whose answer is read and thrown away.
fn bare_fetch(port: u16) -> Result<Duration> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut reader = BufReader::with_capacity(1 << 20, stream.try_clone()?);
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    let mut ask = |tag: &str, command: &str| -> Result<()> {
        (&stream).write_all(format!("{tag} {command}\r\n").as_bytes())?;
        loop {
            line.clear();
            ensure!(reader.read_until(b'\n', &mut line)? > 0, "the connection ended");
            if let Some(octets) = announced(&line) {
                std::io::copy(&mut (&mut reader).take(octets), &mut std::io::sink())?;
            } else if line.starts_with(tag.as_bytes()) {
                return Ok(());
            }
        }
    };
    ask("a", "LOGIN you secret")?;
    ask("b", "SELECT INBOX")?;
    let begun = Instant::now();
    ask("c", "UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")?;
    Ok(begun.elapsed())
}

fn announced(line: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(line).ok()?.trim_end().strip_suffix('}')?;
    text.rsplit_once('{')?.1.parse().ok()
}

fn mbsync_config(place: &Path, port: u16) -> Result<PathBuf> {
    let (path, config) = (place.display(), place.join("mbsyncrc"));
    if place.join("copy").exists() {
        fs::remove_dir_all(place.join("copy"))?;
    }
    fs::create_dir_all(place.join("copy"))?;
    let text = format!(
        "IMAPStore far\nHost 127.0.0.1\nPort {port}\nUser you\nPass secret\nSSLType None\n\n\
         MaildirStore near\nPath {path}/copy/\nInbox {path}/copy/INBOX\nSubFolders Verbatim\n\n\
         Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSync Pull\nSyncState *\n"
    );
    fs::write(&config, text)?;
    Ok(config)
}

fn index(place: &Path) -> Result<Run> {
    let config = place.join("notmuchrc");
    let text =
        format!("[database]\npath={}/copy\n[user]\nname=You\nprimary_email=you@bench.example\n", place.display());
    fs::write(&config, text)?;
    run(Command::new("notmuch").arg("--config").arg(config).args(["new", "--quiet"]))
}

/// Runs a program to its end, and looks at its memory meanwhile.
fn run(command: &mut Command) -> Result<Run> {
    let begun = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().with_context(|| format!("{command:?}"))?;
    let (mut memory, mut worked) = (0, Duration::ZERO);
    loop {
        memory = memory.max(peak(child.id()));
        worked = worked.max(processor_time(child.id()));
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "{command:?} ended with {status}");
            return Ok(Run { took: begun.elapsed(), worked, memory });
        }
        if begun.elapsed() > PATIENCE {
            child.kill()?;
            bail!("{command:?} took too long");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// `VmHWM` (proc(5)); 0 when the process is gone.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0) * 1024
}

/// `utime` and `stime` (proc(5)), in hundredths of a second; zero when the process is gone.
fn processor_time(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks =
        |place: usize| after_name.split_whitespace().nth(place).and_then(|ticks| ticks.parse().ok()).unwrap_or(0);
    let (user, system): (u64, u64) = (ticks(11), ticks(12));
    Duration::from_millis((user + system) * 10)
}

fn add_account(postrider: &Path, home: &Path, port: u16) -> Result<()> {
    let at = |arguments: &[&str]| {
        let mut command = Command::new(postrider);
        command.arg("--home").arg(home).args(arguments).stdout(Stdio::null()).stdin(Stdio::piped());
        command
    };
    ensure!(at(&["config", "set", "secrets.store", "file"]).status()?.success(), "config set failed");
    let imap = format!("127.0.0.1:{port}");
    let mut child = at(&[
        "account",
        "add",
        "you@bench.example",
        "--imap",
        &imap,
        "--imap-security",
        "none",
        "--user",
        "you",
        "--password-stdin",
    ])
    .spawn()?;
    child.stdin.take().context("no input")?.write_all(b"secret\n")?;
    ensure!(child.wait()?.success(), "account add failed");
    Ok(())
}

/// From the start of the program until so many letters are listed by another one. The sync is then ended.
fn first_screen(postrider: &Path, home: &Path, letters: u32) -> Result<Duration> {
    let begun = Instant::now();
    let mut child = Command::new(postrider).arg("--home").arg(home).arg("sync").stdout(Stdio::null()).spawn()?;
    let took = loop {
        if listed(postrider, home, letters)? >= letters as usize {
            break begun.elapsed();
        }
        if begun.elapsed() > PATIENCE || child.try_wait()?.is_some_and(|status| !status.success()) {
            child.kill()?;
            bail!("no letters were listed");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    child.kill()?;
    child.wait()?;
    Ok(took)
}

fn ensure_complete(postrider: &Path, home: &Path, letters: u32) -> Result<()> {
    let here = listed(postrider, home, letters + 1)?;
    ensure!(here == letters as usize, "{here} of {letters} letters came");
    Ok(())
}

/// Letters of the inbox that are listed, at most so many: each has its number once.
fn listed(postrider: &Path, home: &Path, letters: u32) -> Result<usize> {
    let limit = letters.to_string();
    let output = Command::new(postrider)
        .arg("--home")
        .arg(home)
        .args(["--json", "list", "INBOX", "--limit", &limit])
        .stderr(Stdio::null())
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).matches("\"thread_id\":").count())
}
