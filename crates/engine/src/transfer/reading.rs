//! Letters read from files one at a time, ready to be brought in. Blocking.

use super::sources::{Folder, Place, files};
use jiff::Timestamp;
use message::mbox::{MAX_LETTER, MboxReader};
use message::{maildir, normalise_line_ends};
use model::{Flag, Flags};
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;

/// Octets that are read from a file at once.
const BUFFER: usize = 256 * 1024;

/// A letter that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileLetter {
    /// With CRLF.
    pub bytes: Vec<u8>,
    pub message_id: String,
    pub subject: String,
    pub flags: Flags,
    pub received: Option<Timestamp>,
}

/// What comes of a place in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Letter(Box<FileLetter>),
    /// Something that could not be read.
    Failed,
}

/// How many letters a folder has, and its octets.
pub(super) fn count(folder: &Folder) -> io::Result<(u32, u64)> {
    match &folder.place {
        Place::Mbox(path) => count_mbox(path),
        Place::Maildir(path) => {
            let mut sum = (0, 0);
            for file in maildir_files(path)? {
                sum = (sum.0 + 1, sum.1 + fs::metadata(file)?.len());
            }
            Ok(sum)
        }
        Place::Letters(paths) => {
            let octets = paths.iter().map(|path| fs::metadata(path).map_or(0, |metadata| metadata.len())).sum();
            Ok((paths.len() as u32, octets))
        }
    }
}

fn count_mbox(path: &Path) -> io::Result<(u32, u64)> {
    let octets = fs::metadata(path)?.len();
    let mut input = BufReader::with_capacity(BUFFER, File::open(path)?);
    Ok((message::mbox::count(&mut input)?, octets))
}

/// Reads the letters of a folder in order, as long as `take` wants more.
pub(super) fn read(folder: &Folder, take: &mut dyn FnMut(Piece) -> bool) -> io::Result<()> {
    match &folder.place {
        Place::Mbox(path) => read_mbox(path, take),
        Place::Maildir(path) => {
            for file in maildir_files(path)? {
                let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let flags = maildir::flags(&name);
                if flags.has(Flag::Deleted) {
                    continue;
                }
                if !take(read_file(&file, flags, maildir::received(&name))) {
                    break;
                }
            }
            Ok(())
        }
        Place::Letters(paths) => {
            let seen = Flags::default().with(Flag::Seen, true);
            for path in paths {
                if !take(read_file(path, seen, None)) {
                    break;
                }
            }
            Ok(())
        }
    }
}

fn read_mbox(path: &Path, take: &mut dyn FnMut(Piece) -> bool) -> io::Result<()> {
    let mut reader = MboxReader::new(BufReader::with_capacity(BUFFER, File::open(path)?));
    let mut passed_over = 0;
    while let Some(letter) = reader.letter()? {
        for _ in passed_over..reader.passed_over() {
            take(Piece::Failed);
        }
        passed_over = reader.passed_over();
        if letter.kept.deleted {
            continue;
        }
        // Where nobody noted anything, a letter in an archive is one that was read.
        let flags = letter.kept.flags.unwrap_or(Flags::default().with(Flag::Seen, true));
        if !take(prepared(&letter.bytes, flags, letter.received)) {
            break;
        }
    }
    Ok(())
}

/// The letters of a Maildir, those that are new last.
fn maildir_files(path: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut all = files(&path.join("cur"))?;
    all.extend(files(&path.join("new"))?);
    all.retain(|file| file.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
    Ok(all)
}

fn read_file(path: &Path, flags: Flags, received: Option<Timestamp>) -> Piece {
    let is_fit = fs::metadata(path).is_ok_and(|metadata| metadata.len() <= MAX_LETTER as u64);
    match is_fit.then(|| fs::read(path)) {
        Some(Ok(bytes)) => prepared(&bytes, flags, received),
        _ => Piece::Failed,
    }
}

fn prepared(bytes: &[u8], flags: Flags, received: Option<Timestamp>) -> Piece {
    if bytes.trim_ascii().is_empty() {
        return Piece::Failed;
    }
    let bytes = normalise_line_ends(bytes);
    let head = message::parse_head(&bytes);
    Piece::Letter(Box::new(FileLetter {
        message_id: head.message_id.unwrap_or_default(),
        subject: head.subject,
        flags,
        received: received.or(head.date),
        bytes,
    }))
}
