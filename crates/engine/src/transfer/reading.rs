//! Letters read from files one at a time, ready to be brought in. Blocking.

use super::sources::{Folder, Place, files};
use jiff::Timestamp;
use message::mbox::{MAX_LETTER, MboxReader, taken_out};
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
                if !read_in_maildir(&file).is_none_or(&mut *take) {
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

/// A letter of a Maildir; `None` for one that was deleted and is only still there.
fn read_in_maildir(file: &Path) -> Option<Piece> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (flags, received) = (maildir::flags(&name), maildir::received(&name));
    let Some(bytes) = octets(file) else { return Some(Piece::Failed) };
    let (bytes, flags, deleted) = match maildir::tells_flags(&name) {
        true => (bytes, flags, flags.has(Flag::Deleted)),
        false => noted(bytes),
    };
    (!deleted).then(|| prepared(&bytes, flags, received))
}

/// A letter whose flags are noted in its header, if anywhere.
fn noted(bytes: Vec<u8>) -> (Vec<u8>, Flags, bool) {
    let (without, kept) = taken_out(bytes.clone());
    match kept.flags {
        Some(flags) => (without, flags, kept.deleted),
        None => (bytes, Flags::default(), false),
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
    let new = path.join("new");
    if new.is_dir() {
        all.extend(files(&new)?);
    }
    all.retain(|file| file.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
    Ok(all)
}

fn read_file(path: &Path, flags: Flags, received: Option<Timestamp>) -> Piece {
    octets(path).map_or(Piece::Failed, |bytes| prepared(&bytes, flags, received))
}

/// The octets of a file, where it can be read and is not too large for a letter.
fn octets(path: &Path) -> Option<Vec<u8>> {
    let is_fit = fs::metadata(path).is_ok_and(|metadata| metadata.len() <= MAX_LETTER as u64);
    is_fit.then(|| fs::read(path).ok()).flatten()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_of_a_maildir_stand_in_its_names_or_as_thunderbird_keeps_them_in_its_headers() {
        let home = tempfile::tempdir().unwrap();
        let table = [
            ("cur/1.eml", "X-Mozilla-Status: 0005\r\n", Some(vec![Flag::Seen, Flag::Flagged])),
            ("cur/2.eml", "X-Mozilla-Status: 0009\r\n", None),
            ("cur/3:2,FS", "", Some(vec![Flag::Seen, Flag::Flagged])),
            ("cur/4:2,T", "", None),
            ("cur/5", "", Some(Vec::new())),
        ];
        for (name, note, _) in &table {
            let path = home.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{note}Lines: 1\r\nSubject: {name}\r\n\r\nx\r\n")).unwrap();
        }
        let folder = Folder { names: Vec::new(), place: Place::Maildir(home.path().to_owned()) };
        let mut letters = Vec::new();
        read(&folder, &mut |piece| {
            let Piece::Letter(letter) = piece else { panic!("it is read") };
            letters.push(letter);
            true
        })
        .unwrap();
        let expected = table.iter().filter_map(|(name, note, flags)| Some((name, note, flags.clone()?)));
        for (letter, (name, note, flags)) in letters.iter().zip(expected.clone()) {
            let flags = flags.into_iter().fold(Flags::default(), |set, flag| set.with(flag, true));
            assert_eq!((letter.subject.as_str(), letter.flags), (*name, flags));
            let text = String::from_utf8_lossy(&letter.bytes);
            assert_eq!((text.contains("Mozilla"), text.contains("Lines")), (false, note.is_empty()), "{name}");
        }
        assert_eq!(letters.len(), expected.count());
    }
}
