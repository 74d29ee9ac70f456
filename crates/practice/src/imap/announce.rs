//! What a session has told its client about the selected mailbox, and what it must tell when the mailbox changes
//! (RFC 3501 §5.2, §7.3, §7.4; VANISHED of RFC 7162 §3.2.10).
//!
//! A session keeps a [`View`]: the UIDs in the order of the sequence numbers that the client knows. Comparing it with
//! the mailbox gives the untagged responses, so no event can be lost or told twice.

use std::collections::HashMap;

use super::numbers;
use crate::mailroom::{Flags, Letter, Mailbox};

/// What the client understands beside IMAP4rev1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Enabled {
    pub(crate) condstore: bool,
    pub(crate) qresync: bool,
}

/// Whether removals may be told now. During FETCH, STORE and SEARCH they may not: the numbers in flight would change
/// their meaning (RFC 3501 §7.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removals {
    Now,
    Later,
}

/// The selected mailbox as the client knows it.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) mailbox: String,
    pub(crate) uid_validity: u32,
    pub(crate) access: Access,
    /// UIDs by sequence number.
    uids: Vec<u32>,
    /// The mod-sequence at which each letter's flags were last told.
    told: HashMap<u32, u64>,
}

/// How a mailbox was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// SELECT.
    Write,
    /// EXAMINE.
    Read,
}

impl View {
    pub(crate) fn new(mailbox: &Mailbox, access: Access) -> Self {
        Self {
            mailbox: mailbox.name.clone(),
            uid_validity: mailbox.uid_validity,
            access,
            uids: mailbox.letters.iter().map(|letter| letter.uid).collect(),
            told: mailbox.letters.iter().map(|letter| (letter.uid, letter.modseq)).collect(),
        }
    }

    /// Sequence numbers and UIDs of all letters that the client knows.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (1..).zip(self.uids.iter().copied())
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.uids.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn largest_uid(&self) -> u32 {
        self.uids.last().copied().unwrap_or_default()
    }

    /// Notes that the client knows this letter's flags as they are.
    pub(crate) fn has_told(&mut self, letter: &Letter) {
        self.told.insert(letter.uid, letter.modseq);
    }

    /// The untagged responses that bring the client up to date. A mailbox that is gone or was made anew says nothing.
    pub(crate) fn announce(&mut self, mailbox: Option<&Mailbox>, removals: Removals, enabled: Enabled) -> String {
        let Some(mailbox) = mailbox.filter(|mailbox| mailbox.uid_validity == self.uid_validity) else {
            return String::new();
        };
        let mut text = match removals {
            Removals::Now => self.announce_removals(mailbox, enabled),
            Removals::Later => String::new(),
        };
        text += &self.announce_arrivals(mailbox);
        text += &self.announce_flags(mailbox, enabled);
        text
    }

    fn announce_removals(&mut self, mailbox: &Mailbox, enabled: Enabled) -> String {
        let gone: Vec<(u32, u32)> = self.numbered().filter(|(_, uid)| mailbox.letter(*uid).is_none()).collect();
        if gone.is_empty() {
            return String::new();
        }
        self.uids.retain(|uid| mailbox.letter(*uid).is_some());
        self.told.retain(|uid, _| mailbox.letter(*uid).is_some());
        if enabled.qresync {
            let uids: Vec<u32> = gone.iter().map(|(_, uid)| *uid).collect();
            return format!("* VANISHED {}\r\n", numbers::write(&uids));
        }
        // From the end, so that each number is still right when it is told.
        gone.iter().rev().map(|(number, _)| format!("* {number} EXPUNGE\r\n")).collect()
    }

    fn announce_arrivals(&mut self, mailbox: &Mailbox) -> String {
        let largest = self.largest_uid();
        let new: Vec<&Letter> = mailbox.letters.iter().filter(|letter| letter.uid > largest).collect();
        if new.is_empty() {
            return String::new();
        }
        for letter in new {
            self.uids.push(letter.uid);
            self.told.insert(letter.uid, letter.modseq);
        }
        format!("* {} EXISTS\r\n* 0 RECENT\r\n", self.uids.len())
    }

    fn announce_flags(&mut self, mailbox: &Mailbox, enabled: Enabled) -> String {
        let is_news = |letter: &&Letter| self.told.get(&letter.uid).is_none_or(|told| *told < letter.modseq);
        let changed: Vec<(u32, &Letter)> = self
            .numbered()
            .filter_map(|(number, uid)| Some((number, mailbox.letter(uid).filter(is_news)?)))
            .collect();
        let mut text = String::new();
        for (number, letter) in changed {
            text += &flags_response(number, letter, enabled);
            self.has_told(letter);
        }
        text
    }
}

/// The FETCH response that tells a letter's flags.
pub(crate) fn flags_response(number: u32, letter: &Letter, enabled: Enabled) -> String {
    let modseq = if enabled.condstore { format!(" MODSEQ ({})", letter.modseq) } else { String::new() };
    format!("* {number} FETCH (UID {} FLAGS ({}){modseq})\r\n", letter.uid, flag_list(&letter.flags))
}

/// Flags with spaces between.
pub(crate) fn flag_list(flags: &Flags) -> String {
    flags.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailroom::{FlagChange, Mailroom, NewLetter};

    fn room() -> Mailroom {
        let letter = |_| NewLetter {
            mailbox: "INBOX".into(),
            flags: Flags::new(),
            received: jiff::Timestamp::UNIX_EPOCH,
            bytes: b"x".to_vec(),
        };
        Mailroom::open(None, || (0..4).map(letter).collect()).unwrap()
    }

    fn inbox(room: &Mailroom) -> Mailbox {
        room.mailbox("INBOX").unwrap()
    }

    #[test]
    fn removals_are_told_from_the_end_and_only_when_they_may() {
        let room = room();
        let mut view = View::new(&inbox(&room), Access::Write);
        room.transfer("INBOX", &[1, 3], "Trash").unwrap();
        assert_eq!(view.announce(Some(&inbox(&room)), Removals::Later, Enabled::default()), "");
        let mut other = view.clone();
        assert_eq!(
            view.announce(Some(&inbox(&room)), Removals::Now, Enabled::default()),
            "* 3 EXPUNGE\r\n* 1 EXPUNGE\r\n"
        );
        let enabled = Enabled { condstore: true, qresync: true };
        assert_eq!(other.announce(Some(&inbox(&room)), Removals::Now, enabled), "* VANISHED 1,3\r\n");
        assert_eq!(other.announce(Some(&inbox(&room)), Removals::Now, enabled), "");
    }

    #[test]
    fn a_flag_change_is_told_once_with_its_mod_sequence_where_wanted() {
        let room = room();
        let mut view = View::new(&inbox(&room), Access::Write);
        room.set_flags("INBOX", &[2], FlagChange::Add, &Flags::from(["\\Seen".to_owned()]), None).unwrap();
        let (mailbox, enabled) = (inbox(&room), Enabled { condstore: true, qresync: false });
        let expected = format!("* 2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ ({}))\r\n", mailbox.highest_modseq);
        assert_eq!(view.announce(Some(&mailbox), Removals::Later, enabled), expected);
        assert_eq!(view.announce(Some(&mailbox), Removals::Now, enabled), "");
    }

    #[test]
    fn a_mailbox_that_was_made_anew_under_its_name_says_nothing() {
        let room = room();
        room.create("Box").unwrap();
        let mut view = View::new(&room.mailbox("Box").unwrap(), Access::Write);
        room.delete("Box").unwrap();
        room.create("Box").unwrap();
        room.copy("INBOX", &[1], "Box").unwrap();
        assert_eq!(view.announce(room.mailbox("Box").as_ref(), Removals::Now, Enabled::default()), "");
    }
}
