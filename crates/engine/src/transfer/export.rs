//! Letters from mailboxes into files.
//!
//! Nothing that is there is written over. An mbox is written beside its place and gets its name when it is whole; in a
//! folder, each letter is whole or not there.

use super::view::{ExportBeginArgs, ExportFormat, ExportSource};
use super::{Running, in_background};
use crate::Engine;
use crate::error::Error;
use crate::search::SearchArgs;
use jiff::Timestamp;
use message::{maildir, mbox};
use model::{Flag, LetterId};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use store::{LetterRow, LetterSource};

/// Rows that are asked for at once.
const WINDOW: u32 = 500;
/// Letters that a search gives at most.
const MOST_FOUND: u32 = 100_000;

/// An export that is to be carried out.
#[derive(Debug)]
pub(super) struct Plan {
    pub path: PathBuf,
    format: ExportFormat,
    /// The letters, oldest first.
    letters: Vec<LetterId>,
}

/// Looks whether it can be done, before anything is.
pub(super) async fn plan(engine: &Engine, args: ExportBeginArgs) -> Result<Plan, Error> {
    let path = PathBuf::from(&args.path);
    if path.exists() {
        let hint = "Choose another name, or move away what is there.";
        return Err(Error::invalid(format!("{} is there already", path.display()), hint));
    }
    let letters = chosen(engine, args.source).await?;
    if letters.is_empty() {
        return Err(Error::invalid("there are no letters to write", ""));
    }
    Ok(Plan { path, format: args.format, letters })
}

async fn chosen(engine: &Engine, source: ExportSource) -> Result<Vec<LetterId>, Error> {
    let mut letters = match source {
        ExportSource::Letters { letters } => return Ok(letters),
        ExportSource::Search { query } => {
            let args = SearchArgs { query, limit: MOST_FOUND, ..SearchArgs::default() };
            let (rows, problems) = engine.search(&args).await?;
            if let Some(problem) = problems.first().filter(|_| rows.is_empty()) {
                return Err(Error::invalid(problem.message.clone(), ""));
            }
            rows.into_iter().map(|row| row.id).collect()
        }
        ExportSource::Mailbox { mailbox } => in_mailbox(engine, mailbox).await?,
    };
    letters.reverse();
    Ok(letters)
}

/// Letters that come while it is looked move the others down; none is missed, and none counted twice.
async fn in_mailbox(engine: &Engine, mailbox: model::MailboxId) -> Result<Vec<LetterId>, Error> {
    let mut letters = Vec::new();
    let mut seen = HashSet::new();
    loop {
        let offset = u32::try_from(letters.len()).unwrap_or(u32::MAX);
        let (_, rows) = engine.store().letters(LetterSource::Mailbox(mailbox), offset, WINDOW).await?;
        let before = letters.len();
        letters.extend(rows.iter().map(|row| row.id).filter(|id| seen.insert(*id)));
        if letters.len() == before {
            return Ok(letters);
        }
    }
}

/// Carries it out.
pub(super) async fn run(running: &Running, plan: Plan) -> Result<(), Error> {
    let store = running.engine.store();
    let total = u32::try_from(plan.letters.len()).ok();
    running.set(|view| view.total = total);
    let unwritable = |error: &io::Error| Error::file("written", &plan.path, error);
    let (path, format) = (plan.path.clone(), plan.format);
    let mut writer =
        in_background(move || Writer::begin(format, &path)).await?.map_err(|error| unwritable(&error))?;
    for window in plan.letters.chunks(WINDOW as usize) {
        for row in store.letter_rows(window).await? {
            if running.is_cancelled() {
                return in_background(move || drop(writer)).await;
            }
            let Some(raw) = store.raw(row.id).await? else {
                running.set(|view| {
                    view.done += 1;
                    view.failed += 1;
                });
                continue;
            };
            let written = in_background(move || writer.write(&row, &raw).map(|()| writer)).await?;
            writer = written.map_err(|error| unwritable(&error))?;
            running.set(|view| view.done += 1);
        }
    }
    in_background(move || writer.finish()).await?.map_err(|error| unwritable(&error))
}

/// Writes letters, one after the other.
enum Writer {
    Mbox { out: Box<BufWriter<File>>, part: Part, path: PathBuf },
    Maildir { path: PathBuf, number: u64 },
    Eml { path: PathBuf, number: u64 },
}

impl Writer {
    fn begin(format: ExportFormat, path: &Path) -> io::Result<Self> {
        match format {
            ExportFormat::Mbox => {
                let (part, file) = Part::of(path)?;
                let out = Box::new(BufWriter::with_capacity(256 * 1024, file));
                Ok(Self::Mbox { out, part, path: path.to_owned() })
            }
            ExportFormat::Maildir => {
                for inner in ["cur", "new", "tmp"] {
                    fs::create_dir_all(path.join(inner))?;
                }
                Ok(Self::Maildir { path: path.to_owned(), number: 0 })
            }
            ExportFormat::Eml => {
                fs::create_dir_all(path)?;
                Ok(Self::Eml { path: path.to_owned(), number: 0 })
            }
        }
    }

    fn write(&mut self, row: &LetterRow, raw: &[u8]) -> io::Result<()> {
        match self {
            Self::Mbox { out, .. } => {
                let sender = row.from.first().map(|from| from.address.as_str()).unwrap_or_default();
                // The flags go before the letter's own header, as part of it.
                let noted = [mbox::with_kept_fields(row.flags).as_bytes(), raw].concat();
                mbox::write_letter(out, &noted, sender, row.date)
            }
            Self::Maildir { path, number } => {
                *number += 1;
                let name = maildir::name(row.date, *number, row.flags);
                let (tmp, folder) = (path.join("tmp").join(&name), if is_new(row) { "new" } else { "cur" });
                fs::write(&tmp, raw)?;
                fs::rename(&tmp, path.join(folder).join(&name))
            }
            Self::Eml { path, number } => {
                *number += 1;
                let name = file_name(row.date, &row.subject, *number);
                let part = path.join(format!("{name}.part"));
                fs::write(&part, raw)?;
                fs::rename(&part, path.join(name))
            }
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Mbox { mut out, part, path } => {
                out.flush()?;
                out.get_ref().sync_all()?;
                fs::rename(&part.0, path)
            }
            Self::Maildir { .. } | Self::Eml { .. } => Ok(()),
        }
    }
}

/// A file that is being written, beside what it is to be: half a mailbox would look like a whole one. It goes when it is
/// not wanted any more, whatever the reason.
struct Part(PathBuf);

impl Part {
    /// Never a file that was there.
    fn of(path: &Path) -> io::Result<(Self, File)> {
        let mut number = 0;
        loop {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(if number == 0 { ".part".to_owned() } else { format!(".{number}.part") });
            let part = path.with_file_name(name);
            match File::create_new(&part) {
                Ok(file) => return Ok((Self(part), file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => number += 1,
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Renamed, it is gone already.
        let _ = fs::remove_file(&self.0);
    }
}

/// What has never been looked at in any way is new (maildir(5)).
fn is_new(row: &LetterRow) -> bool {
    !row.flags.has(Flag::Seen) && row.flags.iter().next().is_none()
}

/// `2026-11-03 The boat (12).eml`: in order of their days, and never the same twice.
fn file_name(date: Timestamp, subject: &str, number: u64) -> String {
    let day = jiff::tz::Offset::UTC.to_datetime(date).date();
    let subject: String = message::safe_file_name(subject).chars().take(60).collect();
    let subject = subject.trim();
    let space = if subject.is_empty() { "" } else { " " };
    format!("{day}{space}{subject} ({number}).eml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_day_and_subject() {
        let at: Timestamp = "2026-11-03T14:32:05Z".parse().unwrap();
        let table = [
            ("The boat", "2026-11-03 The boat (7).eml"),
            ("../../etc/passwd", "2026-11-03 etc_passwd (7).eml"),
            ("", "2026-11-03 (7).eml"),
        ];
        for (subject, name) in table {
            assert_eq!(file_name(at, subject, 7), name);
        }
        assert!(file_name(at, &"long ".repeat(100), 7).len() < 100);
    }
}
