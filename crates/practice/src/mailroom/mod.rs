//! The mailboxes of `you@practice.test`: what every IMAP session looks at and every delivery writes to.
//!
//! Promises, after RFC 3501 §2.3 and RFC 7162: a UID is given once in a mailbox and grows; UIDVALIDITY stays for the
//! life of a mailbox, restarts included; every change of a letter gives it a mod-sequence above all earlier ones. A
//! change is on disk (where there is a home) before the call returns, and then all who watch are told.

pub(crate) mod disk;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::PracticeError;
use disk::Disk;

/// Flags and keywords, system flags in the spelling of RFC 3501 (`\Seen`).
pub(crate) type Flags = BTreeSet<String>;

/// What a mailbox is for (RFC 6154).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    Drafts,
    Sent,
    Archive,
    Junk,
    Trash,
}

impl Role {
    /// The attribute that LIST shows.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Drafts => "\\Drafts",
            Self::Sent => "\\Sent",
            Self::Archive => "\\Archive",
            Self::Junk => "\\Junk",
            Self::Trash => "\\Trash",
        }
    }
}

/// One mailbox. A clone is a snapshot; it shares the letters' bytes.
#[derive(Debug, Clone)]
pub(crate) struct Mailbox {
    pub(crate) name: String,
    pub(crate) role: Option<Role>,
    pub(crate) subscribed: bool,
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    /// The mod-sequence of the latest change, a removal included.
    pub(crate) highest_modseq: u64,
    /// In the order of their UIDs.
    pub(crate) letters: Vec<Letter>,
    /// What was removed, and when, for clients that come back (RFC 7162 §3.2.5).
    pub(crate) removed: Vec<Removal>,
}

/// A letter that is no longer in a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Removal {
    pub(crate) uid: u32,
    pub(crate) modseq: u64,
}

impl Mailbox {
    /// The letter with this UID.
    pub(crate) fn letter(&self, uid: u32) -> Option<&Letter> {
        let index = self.letters.binary_search_by_key(&uid, |letter| letter.uid).ok()?;
        self.letters.get(index)
    }
}

/// One letter in a mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) uid: u32,
    pub(crate) modseq: u64,
    pub(crate) flags: Flags,
    pub(crate) received: Timestamp,
    pub(crate) bytes: Arc<[u8]>,
    /// The number of its file; copies share it.
    file: u64,
}

impl Letter {
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.contains(flag)
    }
}

/// A letter that is about to be filed.
#[derive(Debug, Clone)]
pub(crate) struct NewLetter {
    pub(crate) mailbox: String,
    pub(crate) flags: Flags,
    pub(crate) received: Timestamp,
    pub(crate) bytes: Vec<u8>,
}

/// Where a letter was filed: what APPENDUID and COPYUID tell (RFC 4315).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Filed {
    pub(crate) uid_validity: u32,
    pub(crate) uid: u32,
}

/// Why a mailbox command cannot be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("[NONEXISTENT] There is no such mailbox")]
    NoMailbox,
    #[error("[TRYCREATE] There is no such mailbox")]
    NoTarget,
    #[error("[ALREADYEXISTS] There is a mailbox of this name")]
    Exists,
    #[error("[CANNOT] INBOX stays where it is")]
    Inbox,
    #[error("[HASCHILDREN] Other mailboxes lie inside it")]
    HasChildren,
    #[error("[SERVERBUG] The mailbox cannot be written to disk")]
    Disk,
}

/// What STORE does with flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlagChange {
    Add,
    Remove,
    Replace,
}

/// All the mailboxes.
#[derive(Debug)]
pub(crate) struct Mailroom {
    shelves: Mutex<Shelves>,
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct Shelves {
    mailboxes: Vec<Mailbox>,
    modseq: u64,
    last_validity: u32,
    next_file: u64,
    disk: Option<Disk>,
}

/// The mailboxes that a new account has, in the order of LIST.
const FIRST_MAILBOXES: [(&str, Option<Role>); 8] = [
    ("INBOX", None),
    ("Drafts", Some(Role::Drafts)),
    ("Sent", Some(Role::Sent)),
    ("Archive", Some(Role::Archive)),
    ("Junk", Some(Role::Junk)),
    ("Trash", Some(Role::Trash)),
    ("Home", None),
    ("Home/Bücher & Rezepte", None),
];

impl Mailroom {
    /// Opens the mailboxes kept in `folder`, or new ones that hold what `letters` gives.
    pub(crate) fn open(
        folder: Option<&Path>,
        letters: impl FnOnce() -> Vec<NewLetter>,
    ) -> Result<Self, PracticeError> {
        let disk = folder.map(Disk::open).transpose()?;
        let kept = disk.as_ref().map(Disk::read).transpose()?.flatten();
        let shelves = match kept {
            Some(kept) => Shelves { disk, ..kept },
            None => Shelves::fresh(disk, letters())?,
        };
        Ok(Self { shelves: Mutex::new(shelves), changed: watch::Sender::new(0) })
    }

    /// Ticks after every change.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// All mailboxes as they are now.
    pub(crate) fn mailboxes(&self) -> Vec<Mailbox> {
        self.lock().mailboxes.clone()
    }

    /// One mailbox as it is now.
    pub(crate) fn mailbox(&self, name: &str) -> Option<Mailbox> {
        self.lock().mailboxes.iter().find(|mailbox| same_name(&mailbox.name, name)).cloned()
    }

    /// Files a letter.
    pub(crate) fn file(&self, letter: NewLetter) -> Result<Filed, Refusal> {
        self.change(|shelves| shelves.file(letter))
    }

    /// Changes the flags of letters; those that changed after `unless_changed_since` are left alone and returned.
    pub(crate) fn set_flags(
        &self,
        mailbox: &str,
        uids: &[u32],
        change: FlagChange,
        flags: &Flags,
        unless_changed_since: Option<u64>,
    ) -> Result<Vec<u32>, Refusal> {
        self.change(|shelves| shelves.set_flags(mailbox, uids, change, flags, unless_changed_since))
    }

    /// Copies letters; gives the UIDs that they have there, in the order of `uids`.
    pub(crate) fn copy(&self, from: &str, uids: &[u32], to: &str) -> Result<Vec<(u32, Filed)>, Refusal> {
        self.change(|shelves| shelves.copy(from, uids, to))
    }

    /// Moves letters (RFC 6851): nobody ever sees them twice or not at all.
    pub(crate) fn transfer(&self, from: &str, uids: &[u32], to: &str) -> Result<Vec<(u32, Filed)>, Refusal> {
        self.change(|shelves| {
            let copied = shelves.copy(from, uids, to)?;
            shelves.remove(from, |letter| copied.iter().any(|(uid, _)| *uid == letter.uid))?;
            Ok(copied)
        })
    }

    /// Removes the letters that are marked `\Deleted`, of `uids` only where given.
    pub(crate) fn expunge(&self, mailbox: &str, uids: Option<&[u32]>) -> Result<(), Refusal> {
        self.change(|shelves| {
            shelves.remove(mailbox, |letter| {
                letter.has("\\Deleted") && uids.is_none_or(|uids| uids.contains(&letter.uid))
            })
        })
    }

    /// Makes a mailbox.
    pub(crate) fn create(&self, name: &str) -> Result<(), Refusal> {
        self.change(|shelves| {
            if shelves.mailboxes.iter().any(|mailbox| same_name(&mailbox.name, name)) {
                return Err(Refusal::Exists);
            }
            shelves.add_mailbox(name, None);
            Ok(())
        })
    }

    /// Deletes a mailbox with its letters.
    pub(crate) fn delete(&self, name: &str) -> Result<(), Refusal> {
        self.change(|shelves| {
            if same_name(name, "INBOX") {
                return Err(Refusal::Inbox);
            }
            if shelves.mailboxes.iter().any(|mailbox| is_inside(&mailbox.name, name)) {
                return Err(Refusal::HasChildren);
            }
            let index = shelves.index(name).ok_or(Refusal::NoMailbox)?;
            shelves.mailboxes.remove(index);
            Ok(())
        })
    }

    /// Renames a mailbox and those inside it. INBOX is not renamed.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), Refusal> {
        self.change(|shelves| {
            if same_name(from, "INBOX") {
                return Err(Refusal::Inbox);
            }
            if shelves.index(to).is_some() {
                return Err(Refusal::Exists);
            }
            let index = shelves.index(from).ok_or(Refusal::NoMailbox)?;
            for mailbox in shelves.mailboxes.iter_mut().filter(|mailbox| is_inside(&mailbox.name, from)) {
                let rest = mailbox.name.get(from.len()..).unwrap_or_default();
                mailbox.name = format!("{to}{rest}");
            }
            if let Some(mailbox) = shelves.mailboxes.get_mut(index) {
                mailbox.name = to.to_owned();
            }
            Ok(())
        })
    }

    /// Subscribes to a mailbox or not.
    pub(crate) fn set_subscribed(&self, name: &str, subscribed: bool) -> Result<(), Refusal> {
        self.change(|shelves| {
            shelves.mailbox_mut(name)?.subscribed = subscribed;
            Ok(())
        })
    }

    fn change<T>(&self, act: impl FnOnce(&mut Shelves) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let result = {
            let mut shelves = self.lock();
            let result = act(&mut shelves)?;
            shelves.save()?;
            result
        };
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
        Ok(result)
    }

    fn lock(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelves {
    fn fresh(disk: Option<Disk>, letters: Vec<NewLetter>) -> Result<Self, PracticeError> {
        // The time of birth, so that a new world under an old address is never taken for the old one.
        let born = u32::try_from(Timestamp::now().as_second()).unwrap_or(1);
        let mut shelves = Self { mailboxes: Vec::new(), modseq: 1, last_validity: born, next_file: 1, disk };
        for (name, role) in FIRST_MAILBOXES {
            shelves.add_mailbox(name, role);
        }
        for letter in letters {
            let name = letter.mailbox.clone();
            shelves.file(letter).map_err(|refusal| PracticeError::damaged(Path::new(&name), refusal))?;
        }
        if let Some(disk) = &shelves.disk {
            disk.write(&shelves)?;
        }
        Ok(shelves)
    }

    fn save(&self) -> Result<(), Refusal> {
        let Some(disk) = &self.disk else { return Ok(()) };
        disk.write(self).map_err(|error| {
            tracing::error!(%error, "the practice mailboxes cannot be written");
            Refusal::Disk
        })
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.mailboxes.iter().position(|mailbox| same_name(&mailbox.name, name))
    }

    fn mailbox_mut(&mut self, name: &str) -> Result<&mut Mailbox, Refusal> {
        self.mailboxes.iter_mut().find(|mailbox| same_name(&mailbox.name, name)).ok_or(Refusal::NoMailbox)
    }

    fn add_mailbox(&mut self, name: &str, role: Option<Role>) {
        self.last_validity = self.last_validity.wrapping_add(1).max(1);
        self.mailboxes.push(Mailbox {
            name: name.to_owned(),
            role,
            subscribed: true,
            uid_validity: self.last_validity,
            uid_next: 1,
            highest_modseq: self.modseq,
            letters: Vec::new(),
            removed: Vec::new(),
        });
    }

    fn file(&mut self, new: NewLetter) -> Result<Filed, Refusal> {
        let file = self.next_file;
        if self.index(&new.mailbox).is_none() {
            return Err(Refusal::NoTarget);
        }
        if let Some(disk) = &self.disk {
            disk.write_letter(file, &new.bytes).map_err(|_| Refusal::Disk)?;
        }
        self.next_file += 1;
        self.place(&new.mailbox, new.flags, new.received, new.bytes.into(), file)
    }

    fn place(
        &mut self,
        mailbox: &str,
        flags: Flags,
        received: Timestamp,
        bytes: Arc<[u8]>,
        file: u64,
    ) -> Result<Filed, Refusal> {
        self.modseq += 1;
        let modseq = self.modseq;
        let mailbox = self.mailbox_mut(mailbox)?;
        let uid = mailbox.uid_next;
        mailbox.uid_next += 1;
        mailbox.highest_modseq = modseq;
        mailbox.letters.push(Letter { uid, modseq, flags, received, bytes, file });
        Ok(Filed { uid_validity: mailbox.uid_validity, uid })
    }

    fn set_flags(
        &mut self,
        mailbox: &str,
        uids: &[u32],
        change: FlagChange,
        flags: &Flags,
        unless_changed_since: Option<u64>,
    ) -> Result<Vec<u32>, Refusal> {
        let mut modseq = self.modseq;
        let mut left_alone = Vec::new();
        let mailbox = self.mailbox_mut(mailbox)?;
        for letter in mailbox.letters.iter_mut().filter(|letter| uids.contains(&letter.uid)) {
            if unless_changed_since.is_some_and(|since| letter.modseq > since) {
                left_alone.push(letter.uid);
                continue;
            }
            let wanted = changed_flags(&letter.flags, change, flags);
            if wanted != letter.flags {
                modseq += 1;
                (letter.flags, letter.modseq, mailbox.highest_modseq) = (wanted, modseq, modseq);
            }
        }
        self.modseq = modseq;
        Ok(left_alone)
    }

    fn copy(&mut self, from: &str, uids: &[u32], to: &str) -> Result<Vec<(u32, Filed)>, Refusal> {
        let source = self.index(from).ok_or(Refusal::NoMailbox)?;
        self.index(to).ok_or(Refusal::NoTarget)?;
        let letters: Vec<Letter> = self.mailboxes.get(source).map_or_else(Vec::new, |mailbox| {
            mailbox.letters.iter().filter(|letter| uids.contains(&letter.uid)).cloned().collect()
        });
        letters
            .into_iter()
            .map(|letter| Ok((letter.uid, self.place(to, letter.flags, letter.received, letter.bytes, letter.file)?)))
            .collect()
    }

    fn remove(&mut self, mailbox: &str, gone: impl Fn(&Letter) -> bool) -> Result<(), Refusal> {
        let modseq = self.modseq + 1;
        let mailbox = self.mailbox_mut(mailbox)?;
        let going = mailbox.letters.iter().filter(|letter| gone(letter));
        let removed: Vec<Removal> = going.map(|letter| Removal { uid: letter.uid, modseq }).collect();
        if removed.is_empty() {
            return Ok(());
        }
        mailbox.letters.retain(|letter| !gone(letter));
        mailbox.removed.extend(removed);
        mailbox.highest_modseq = modseq;
        self.modseq = modseq;
        Ok(())
    }
}

fn changed_flags(have: &Flags, change: FlagChange, flags: &Flags) -> Flags {
    match change {
        FlagChange::Add => have.union(flags).cloned().collect(),
        FlagChange::Remove => have.difference(flags).cloned().collect(),
        FlagChange::Replace => flags.clone(),
    }
}

/// Mailbox names are compared exactly, but for INBOX (RFC 3501 §5.1).
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one == other || (one.eq_ignore_ascii_case("INBOX") && other.eq_ignore_ascii_case("INBOX"))
}

/// Whether `name` lies inside the mailbox `parent`.
pub(crate) fn is_inside(name: &str, parent: &str) -> bool {
    name.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests;
