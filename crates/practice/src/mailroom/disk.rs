//! How the mailboxes are kept: `index.json` with everything but the letters, and `letters/N.eml`, a file a letter.
//!
//! A letter's file is written before the index names it and removed after the index has forgotten it; the index is
//! replaced by a rename. So whatever moment a process ends at, the index is whole and every file that it names exists.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Flags, Letter, Mailbox, Removal, Role, Shelves};
use crate::PracticeError;

#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
    /// The files that exist, so that those of removed letters can go.
    files: Mutex<HashSet<u64>>,
}

#[derive(Serialize, Deserialize)]
struct Index {
    modseq: u64,
    last_validity: u32,
    next_file: u64,
    mailboxes: Vec<MailboxEntry>,
}

#[derive(Serialize, Deserialize)]
struct MailboxEntry {
    name: String,
    role: Option<Role>,
    subscribed: bool,
    uid_validity: u32,
    uid_next: u32,
    highest_modseq: u64,
    letters: Vec<LetterEntry>,
    removed: Vec<Removal>,
}

#[derive(Serialize, Deserialize)]
struct LetterEntry {
    uid: u32,
    modseq: u64,
    flags: Flags,
    received: Timestamp,
    file: u64,
}

impl Disk {
    pub(super) fn open(folder: &Path) -> Result<Self, PracticeError> {
        let letters = folder.join("letters");
        fs::create_dir_all(&letters).map_err(PracticeError::home(&letters))?;
        Ok(Self { folder: folder.to_owned(), files: Mutex::default() })
    }

    /// What was kept; `None` in a new folder.
    pub(super) fn read(&self) -> Result<Option<Shelves>, PracticeError> {
        let path = self.index_path();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(PracticeError::home(&path)(error)),
        };
        let index: Index = serde_json::from_slice(&text).map_err(|error| PracticeError::damaged(&path, error))?;
        let mailboxes =
            index.mailboxes.into_iter().map(|entry| self.read_mailbox(entry)).collect::<Result<_, _>>()?;
        let Index { modseq, last_validity, next_file, .. } = index;
        Ok(Some(Shelves { mailboxes, modseq, last_validity, next_file, disk: None }))
    }

    fn read_mailbox(&self, entry: MailboxEntry) -> Result<Mailbox, PracticeError> {
        let MailboxEntry { name, role, subscribed, uid_validity, uid_next, highest_modseq, letters, removed } = entry;
        let letters = letters.into_iter().map(|entry| self.read_letter(entry)).collect::<Result<_, _>>()?;
        Ok(Mailbox { name, role, subscribed, uid_validity, uid_next, highest_modseq, letters, removed })
    }

    fn read_letter(&self, entry: LetterEntry) -> Result<Letter, PracticeError> {
        let LetterEntry { uid, modseq, flags, received, file } = entry;
        let path = self.letter_path(file);
        let bytes = fs::read(&path).map_err(PracticeError::home(&path))?.into();
        self.known().insert(file);
        Ok(Letter { uid, modseq, flags, received, bytes, file })
    }

    pub(super) fn write_letter(&self, file: u64, bytes: &[u8]) -> Result<(), PracticeError> {
        let path = self.letter_path(file);
        fs::write(&path, bytes).map_err(PracticeError::home(&path))?;
        self.known().insert(file);
        Ok(())
    }

    /// Writes the index, then removes the files that it no longer names.
    pub(super) fn write(&self, shelves: &Shelves) -> Result<(), PracticeError> {
        let path = self.index_path();
        let text =
            serde_json::to_vec_pretty(&index_of(shelves)).map_err(|error| PracticeError::damaged(&path, error))?;
        replace(&path, &text).map_err(PracticeError::home(&path))?;
        let named: HashSet<u64> = letters(shelves).map(|letter| letter.file).collect();
        self.known().retain(|file| named.contains(file) || fs::remove_file(self.letter_path(*file)).is_err());
        Ok(())
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashSet<u64>> {
        self.files.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn index_path(&self) -> PathBuf {
        self.folder.join("index.json")
    }

    fn letter_path(&self, file: u64) -> PathBuf {
        self.folder.join("letters").join(format!("{file}.eml"))
    }
}

fn letters(shelves: &Shelves) -> impl Iterator<Item = &Letter> {
    shelves.mailboxes.iter().flat_map(|mailbox| &mailbox.letters)
}

fn index_of(shelves: &Shelves) -> Index {
    let mailboxes = shelves.mailboxes.iter().map(|mailbox| MailboxEntry {
        name: mailbox.name.clone(),
        role: mailbox.role,
        subscribed: mailbox.subscribed,
        uid_validity: mailbox.uid_validity,
        uid_next: mailbox.uid_next,
        highest_modseq: mailbox.highest_modseq,
        letters: mailbox.letters.iter().map(letter_entry).collect(),
        removed: mailbox.removed.clone(),
    });
    Index {
        modseq: shelves.modseq,
        last_validity: shelves.last_validity,
        next_file: shelves.next_file,
        mailboxes: mailboxes.collect(),
    }
}

fn letter_entry(letter: &Letter) -> LetterEntry {
    LetterEntry {
        uid: letter.uid,
        modseq: letter.modseq,
        flags: letter.flags.clone(),
        received: letter.received,
        file: letter.file,
    }
}

/// Replaces a file so that it is whole at every moment.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes)?;
    fs::rename(&beside, path)
}
