//! The commands on letters: FETCH, STORE, SEARCH, COPY, MOVE, EXPUNGE, APPEND, and leaving the mailbox.

use imap_types::command::{CommandBody, FetchModifier, StoreModifier};
use imap_types::datetime::DateTime;
use imap_types::extensions::binary::LiteralOrLiteral8;
use imap_types::fetch::{MacroOrMessageDataItemNames, MessageDataItemName};
use imap_types::flag::{Flag, StoreResponse, StoreType};
use imap_types::search::SearchKey;
use imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};
use jiff::Timestamp;

use super::announce::{Access, View, flags_response};
use super::fetch;
use super::folders;
use super::numbers;
use super::search::{self, Candidate};
use super::session::{Done, Session, vanished_earlier};
use crate::mailroom::{Filed, FlagChange, Flags, NewLetter, Refusal};

/// What the numbers of a command are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Number,
    Uid,
}

impl By {
    fn uid(uid: bool) -> Self {
        if uid { Self::Uid } else { Self::Number }
    }
}

/// How a letter gets into another mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passage {
    Copy,
    Move,
}

impl Session {
    pub(super) fn perform_in_mailbox(&mut self, view: &View, body: CommandBody<'static>) -> Done {
        let read_only = || Done::No("[READ-ONLY] The mailbox was opened with EXAMINE".to_owned());
        match body {
            CommandBody::Check => Done::ok("Done"),
            CommandBody::Unselect => {
                self.view = None;
                Done::ok("Done")
            }
            CommandBody::Close => {
                self.view = None;
                match view.access {
                    Access::Write => Done::from(self.mailroom().expunge(&view.mailbox, None)),
                    Access::Read => Done::ok("Done"),
                }
            }
            CommandBody::Fetch { sequence_set, macro_or_item_names, uid, modifiers } => {
                let items = match &macro_or_item_names {
                    MacroOrMessageDataItemNames::Macro(name) => name.expand(),
                    MacroOrMessageDataItemNames::MessageDataItemNames(items) => items.clone(),
                };
                self.fetch(view, &sequence_set, items, By::uid(uid), &modifiers)
            }
            CommandBody::Search { criteria, uid, .. } => self.search(view, criteria.as_ref(), By::uid(uid)),
            CommandBody::Copy { sequence_set, mailbox, uid } => {
                self.carry(view, &sequence_set, &folders::name(&mailbox), By::uid(uid), Passage::Copy)
            }
            CommandBody::Store { .. }
            | CommandBody::Move { .. }
            | CommandBody::Expunge
            | CommandBody::ExpungeUid { .. }
                if view.access == Access::Read =>
            {
                read_only()
            }
            CommandBody::Store { sequence_set, kind, response, flags, uid, modifiers } => {
                let change = match kind {
                    StoreType::Add => FlagChange::Add,
                    StoreType::Remove => FlagChange::Remove,
                    StoreType::Replace => FlagChange::Replace,
                };
                self.store(view, &sequence_set, (change, &flag_set(&flags)), response, By::uid(uid), &modifiers)
            }
            CommandBody::Move { sequence_set, mailbox, uid } => {
                self.carry(view, &sequence_set, &folders::name(&mailbox), By::uid(uid), Passage::Move)
            }
            CommandBody::Expunge => Done::from(self.mailroom().expunge(&view.mailbox, None)),
            CommandBody::ExpungeUid { sequence_set } => match chosen(view, &sequence_set, By::Uid) {
                Ok(letters) => Done::from(self.mailroom().expunge(&view.mailbox, Some(&uids(&letters)))),
                Err(done) => done,
            },
            _ => Done::Bad("That command is not offered".to_owned()),
        }
    }

    fn fetch(
        &mut self,
        view: &View,
        set: &SequenceSet,
        mut items: Vec<MessageDataItemName<'_>>,
        by: By,
        modifiers: &[FetchModifier],
    ) -> Done {
        let letters = match chosen(view, set, by) {
            Ok(letters) => letters,
            Err(done) => return done,
        };
        let since = modifiers.iter().find_map(|modifier| match modifier {
            FetchModifier::ChangedSince(modseq) => Some(modseq.get()),
            FetchModifier::Vanished => None,
        });
        self.enabled.condstore |= since.is_some() || items.contains(&MessageDataItemName::ModSeq);
        add_implied(&mut items, MessageDataItemName::Uid, by == By::Uid);
        add_implied(&mut items, MessageDataItemName::ModSeq, since.is_some());
        let newly_seen = self.mark_seen(view, &letters, &items);
        let Some(mailbox) = self.mailroom().mailbox(&view.mailbox) else { return Done::no(Refusal::NoMailbox) };
        if let (Some(since), true) = (since, modifiers.contains(&FetchModifier::Vanished) && self.enabled.qresync) {
            let asked = |uid| numbers::names(set, uid, view.largest_uid());
            self.say(&vanished_earlier(&mailbox, since, asked));
        }
        for (number, uid) in letters {
            let wanted = mailbox.letter(uid).filter(|letter| since.is_none_or(|since| letter.modseq > since));
            let Some(letter) = wanted else { continue };
            let mut items = items.clone();
            add_implied(&mut items, MessageDataItemName::Flags, newly_seen.contains(&uid));
            self.out.extend(fetch::response(number, letter, &items));
            if items.contains(&MessageDataItemName::Flags)
                && let Some(view) = &mut self.view
            {
                view.has_told(letter);
            }
        }
        Done::ok("Fetched")
    }

    /// Marks letters as seen where the items make it so; gives those that were not.
    fn mark_seen(&self, view: &View, letters: &[(u32, u32)], items: &[MessageDataItemName<'_>]) -> Vec<u32> {
        if !fetch::marks_seen(items) || view.access == Access::Read {
            return Vec::new();
        }
        let Some(mailbox) = self.mailroom().mailbox(&view.mailbox) else { return Vec::new() };
        let unseen = |uid: &u32| mailbox.letter(*uid).is_some_and(|letter| !letter.has("\\Seen"));
        let unseen: Vec<u32> = letters.iter().map(|(_, uid)| *uid).filter(unseen).collect();
        let seen = Flags::from(["\\Seen".to_owned()]);
        if !unseen.is_empty()
            && self.mailroom().set_flags(&view.mailbox, &unseen, FlagChange::Add, &seen, None).is_err()
        {
            return Vec::new();
        }
        unseen
    }

    fn store(
        &mut self,
        view: &View,
        set: &SequenceSet,
        (change, flags): (FlagChange, &Flags),
        response: StoreResponse,
        by: By,
        modifiers: &[StoreModifier],
    ) -> Done {
        let letters = match chosen(view, set, by) {
            Ok(letters) => letters,
            Err(done) => return done,
        };
        let unless_changed_since = modifiers.first().map(|StoreModifier::UnchangedSince(modseq)| *modseq);
        self.enabled.condstore |= unless_changed_since.is_some();
        let stored = self.mailroom().set_flags(&view.mailbox, &uids(&letters), change, flags, unless_changed_since);
        let left_alone = match stored {
            Ok(left_alone) => left_alone,
            Err(refusal) => return Done::no(refusal),
        };
        self.tell_stored(view, &letters, &left_alone, response);
        if left_alone.is_empty() {
            return Done::ok("Stored");
        }
        let named = letters.iter().filter(|(_, uid)| left_alone.contains(uid));
        let numbers: Vec<u32> = named.map(|(number, uid)| if by == By::Uid { *uid } else { *number }).collect();
        Done::Ok(format!("[MODIFIED {}] Some had changed meanwhile", numbers::write(&numbers)))
    }

    fn tell_stored(&mut self, view: &View, letters: &[(u32, u32)], left_alone: &[u32], response: StoreResponse) {
        let Some(mailbox) = self.mailroom().mailbox(&view.mailbox) else { return };
        for (number, uid) in letters.iter().filter(|(_, uid)| !left_alone.contains(uid)) {
            let Some(letter) = mailbox.letter(*uid) else { continue };
            match response {
                StoreResponse::Answer => self.say(&flags_response(*number, letter, self.enabled)),
                // Even a silent STORE tells the mod-sequence (RFC 7162 §3.1.3).
                StoreResponse::Silent if self.enabled.condstore => {
                    self.say(&format!("* {number} FETCH (UID {uid} MODSEQ ({}))\r\n", letter.modseq));
                }
                StoreResponse::Silent => {}
            }
            if let Some(view) = &mut self.view {
                view.has_told(letter);
            }
        }
    }

    fn search(&mut self, view: &View, keys: &[SearchKey<'_>], by: By) -> Done {
        let Some(mailbox) = self.mailroom().mailbox(&view.mailbox) else { return Done::no(Refusal::NoMailbox) };
        let (count, largest_uid) = (view.count(), view.largest_uid());
        let found: Vec<(u32, u32)> = view
            .numbered()
            .filter(|(number, uid)| {
                let candidate = |letter| Candidate { number: *number, letter, count, largest_uid };
                mailbox.letter(*uid).is_some_and(|letter| search::matches(&candidate(letter), keys))
            })
            .collect();
        let shown: String =
            found.iter().map(|(number, uid)| format!(" {}", if by == By::Uid { uid } else { number })).collect();
        let modseq = search::asks_for_modseq(keys).then(|| search::highest_modseq(&mailbox, &uids(&found))).flatten();
        let modseq = modseq.map_or_else(String::new, |modseq| format!(" (MODSEQ {modseq})"));
        self.say(&format!("* SEARCH{shown}{modseq}\r\n"));
        Done::ok("Searched")
    }

    fn carry(&mut self, view: &View, set: &SequenceSet, to: &str, by: By, passage: Passage) -> Done {
        let letters = match chosen(view, set, by) {
            Ok(letters) => letters,
            Err(done) => return done,
        };
        let carried = match passage {
            Passage::Copy => self.mailroom().copy(&view.mailbox, &uids(&letters), to),
            Passage::Move => self.mailroom().transfer(&view.mailbox, &uids(&letters), to),
        };
        match (carried, passage) {
            (Err(refusal), _) => Done::no(refusal),
            (Ok(carried), _) if carried.is_empty() => Done::ok("Nothing to do"),
            (Ok(carried), Passage::Copy) => Done::Ok(format!("{} Copied", copy_uid(&carried))),
            // MOVE tells where the letters went before it tells that they are gone (RFC 6851 §4.3).
            (Ok(carried), Passage::Move) => {
                self.say(&format!("* OK {} Moved\r\n", copy_uid(&carried)));
                Done::ok("Moved")
            }
        }
    }

    pub(super) fn append(
        &mut self,
        mailbox: &str,
        flags: &[Flag<'_>],
        date: Option<DateTime>,
        message: &LiteralOrLiteral8<'_>,
    ) -> Done {
        let bytes = match message {
            LiteralOrLiteral8::Literal(literal) => literal.data().to_vec(),
            LiteralOrLiteral8::Literal8(_) => return Done::Bad("BINARY is not offered".to_owned()),
        };
        let date = date.and_then(|date| Timestamp::from_second(date.as_ref().timestamp()).ok());
        let received = date.unwrap_or_else(|| self.now());
        let letter = NewLetter { mailbox: mailbox.to_owned(), flags: flag_set(flags), received, bytes };
        match self.mailroom().file(letter) {
            Ok(Filed { uid_validity, uid }) => Done::Ok(format!("[APPENDUID {uid_validity} {uid}] Appended")),
            Err(refusal) => Done::no(refusal),
        }
    }
}

/// Sequence numbers and UIDs of the letters that a command means. An unknown UID is nothing (RFC 3501 §6.4.8), an
/// unknown sequence number is a fault of the client.
fn chosen(view: &View, set: &SequenceSet, by: By) -> Result<Vec<(u32, u32)>, Done> {
    let largest = match by {
        By::Number => view.count(),
        By::Uid => view.largest_uid(),
    };
    if by == By::Number && set.0.as_ref().iter().any(|sequence| reaches_beyond(sequence, largest)) {
        return Err(Done::Bad("There is no letter of that number".to_owned()));
    }
    let meant = |(number, uid): &(u32, u32)| numbers::names(set, if by == By::Uid { *uid } else { *number }, largest);
    Ok(view.numbered().filter(meant).collect())
}

fn reaches_beyond(sequence: &Sequence, largest: u32) -> bool {
    let beyond = |end: &SeqOrUid| matches!(end, SeqOrUid::Value(value) if value.get() > largest);
    match sequence {
        Sequence::Single(one) => beyond(one),
        Sequence::Range(from, to) => beyond(from) || beyond(to),
    }
}

fn uids(letters: &[(u32, u32)]) -> Vec<u32> {
    letters.iter().map(|(_, uid)| *uid).collect()
}

fn flag_set(flags: &[Flag<'_>]) -> Flags {
    flags.iter().map(Flag::to_string).filter(|flag| !flag.eq_ignore_ascii_case("\\Recent")).collect()
}

fn add_implied<'a>(items: &mut Vec<MessageDataItemName<'a>>, item: MessageDataItemName<'a>, implied: bool) {
    if implied && !items.contains(&item) {
        items.push(item);
    }
}

/// The COPYUID code (RFC 4315 §3).
fn copy_uid(carried: &[(u32, Filed)]) -> String {
    let uid_validity = carried.first().map_or(0, |(_, filed)| filed.uid_validity);
    let from: Vec<u32> = carried.iter().map(|(uid, _)| *uid).collect();
    let to: Vec<u32> = carried.iter().map(|(_, filed)| filed.uid).collect();
    format!("[COPYUID {uid_validity} {} {}]", numbers::write(&from), numbers::write(&to))
}
