//! Which orders go now, and which have to wait for another.
//!
//! An order waits for an earlier one that waits itself where both concern
//!
//! - the same letter, the same draft, or a message of the same Message-ID;
//! - a mailbox that one of them makes, renames, removes or subscribes to, or one inside it;
//! - a mailbox into which the earlier one copies, and in which the later one works on letters: they may be those copies;
//! - a mailbox whose label one of them takes off, and that the other names: it may put the label on.
//!
//! Orders are looked at once, in their order: one only ever waits for those before it.

use jiff::Timestamp;
use model::{DraftId, LetterId};
use std::collections::{BTreeSet, HashSet};
use store::{AppendTo, JournalEntry, JournalOp};

/// What an order is about.
#[derive(Default)]
struct Concern<'a> {
    letters: Vec<LetterId>,
    message: Option<&'a str>,
    draft: Option<DraftId>,
    /// Mailboxes that it names.
    paths: Vec<&'a str>,
    /// Whether it changes these themselves.
    mailboxes: bool,
    /// Where it makes copies.
    copies_to: Option<&'a str>,
    /// Where it works on letters.
    works_in: Option<&'a str>,
    /// The mailbox whose label it takes off.
    unlabels: Option<&'a str>,
    /// Where everything that was ordered before has to be done first: emptying takes what is still to be moved out, and
    /// an import passes over what is still to be deleted.
    comes_last_in: Option<&'a str>,
}

impl<'a> Concern<'a> {
    fn of(op: &'a JournalOp) -> Self {
        let mut concern = Self { mailboxes: op.is_about_mailboxes(), ..Self::default() };
        if let Some((mailbox, letters)) = op.about_letters() {
            concern.letters = letters.iter().map(|letter| letter.letter).collect();
            concern.works_in = Some(mailbox);
            concern.paths.push(mailbox);
        }
        match op {
            JournalOp::Move { target, .. } => concern.paths.push(target),
            JournalOp::Copy { target, .. } => {
                concern.paths.push(target);
                concern.copies_to = Some(target);
            }
            JournalOp::Unlabel { label, .. } => {
                concern.paths.push(label);
                concern.unlabels = Some(label);
            }
            JournalOp::Append { message_id, to, .. } => {
                concern.message = Some(message_id).filter(|id| !id.is_empty()).map(String::as_str);
                if let AppendTo::Path(path) = to {
                    concern.paths.push(path);
                }
            }
            JournalOp::Import { path, .. } => {
                concern.paths.push(path);
                concern.comes_last_in = Some(path);
            }
            JournalOp::Empty { mailbox, .. } => concern.comes_last_in = Some(mailbox),
            JournalOp::Draft { draft, .. } => concern.draft = Some(*draft),
            JournalOp::CreateMailbox { path }
            | JournalOp::RemoveMailbox { path, .. }
            | JournalOp::SubscribeMailbox { path, .. } => concern.paths.push(path),
            JournalOp::RenameMailbox { from, to } => concern.paths.extend([from.as_str(), to]),
            _ => {}
        }
        concern
    }
}

/// What the orders that wait are about.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    letters: HashSet<LetterId>,
    messages: HashSet<String>,
    drafts: HashSet<DraftId>,
    paths: BTreeSet<String>,
    changed: BTreeSet<String>,
    copies: HashSet<String>,
    works: HashSet<String>,
    labels: HashSet<String>,
}

impl Waiting {
    /// Whether the next order is to be carried out now. Otherwise it waits, and those after it that depend on it.
    pub(super) fn lets_go(&mut self, entry: &JournalEntry, now: Timestamp) -> bool {
        let goes = entry.next_at <= now && !self.holds_up(&Concern::of(&entry.op));
        if !goes {
            self.join(&entry.op);
        }
        goes
    }

    fn holds_up(&self, later: &Concern<'_>) -> bool {
        let is_within = |path: &&str, others: &BTreeSet<String>| others.iter().any(|other| are_related(path, other));
        later.letters.iter().any(|letter| self.letters.contains(letter))
            || later.message.is_some_and(|message| self.messages.contains(message))
            || later.draft.is_some_and(|draft| self.drafts.contains(&draft))
            || later.works_in.is_some_and(|path| self.copies.contains(path))
            || later.comes_last_in.is_some_and(|path| self.works.contains(path))
            || later.unlabels.is_some_and(|path| self.paths.contains(path))
            || later.paths.iter().any(|path| self.labels.contains(*path))
            || later.paths.iter().any(|path| is_within(path, &self.changed))
            || (later.mailboxes && later.paths.iter().any(|path| is_within(path, &self.paths)))
    }

    /// The order waits, as one that was refused for now.
    pub(super) fn join(&mut self, op: &JournalOp) {
        let concern = Concern::of(op);
        let paths = || concern.paths.iter().map(|path| (*path).to_owned());
        self.letters.extend(&concern.letters);
        self.messages.extend(concern.message.map(str::to_owned));
        self.drafts.extend(concern.draft);
        self.copies.extend(concern.copies_to.map(str::to_owned));
        self.works.extend(concern.works_in.map(str::to_owned));
        self.labels.extend(concern.unlabels.map(str::to_owned));
        if concern.mailboxes {
            self.changed.extend(paths());
        }
        self.paths.extend(paths());
    }
}

/// Whether one may be inside the other: whatever the separator is, its path begins with the other's.
fn are_related(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{AccountId, Flag, Flags, JournalId, Role};
    use store::JournalLetter;

    fn entry(id: i64, op: JournalOp, next_at: i64) -> JournalEntry {
        JournalEntry {
            id: JournalId(id),
            account: AccountId(1),
            op,
            created_at: Timestamp::UNIX_EPOCH,
            tries: 0,
            last_error: None,
            next_at: Timestamp::from_second(next_at).unwrap(),
            begun: false,
            baseline: None,
        }
    }

    fn flag(letter: i64) -> JournalOp {
        let letters = vec![JournalLetter { letter: LetterId(letter), uid: Some(1), message_id: None }];
        JournalOp::SetFlags { mailbox: "INBOX".into(), uid_validity: None, letters, flag: Flag::Seen, on: true }
    }

    fn append(message_id: &str) -> JournalOp {
        let to = AppendTo::Role(Role::Sent);
        JournalOp::Append { to, message_id: message_id.into(), outgoing: None, flags: Flags::default() }
    }

    #[test]
    fn orders_go_in_turn_and_one_that_waits_holds_up_only_what_depends_on_it() {
        let entries = [
            entry(1, flag(7), 100),
            entry(2, append("a@x"), 0),
            entry(3, flag(7), 0),
            entry(4, flag(8), 0),
            entry(5, append("a@x"), 0),
        ];
        let at = |now: i64, refused: &[i64]| {
            let mut waiting = Waiting::default();
            let mut gone = Vec::new();
            for entry in &entries {
                if waiting.lets_go(entry, Timestamp::from_second(now).unwrap()) {
                    gone.push(entry.id.0);
                    if refused.contains(&entry.id.0) {
                        waiting.join(&entry.op);
                    }
                }
            }
            gone
        };
        assert_eq!(at(0, &[]), [2, 4, 5], "3 waits for 1");
        assert_eq!(at(0, &[2]), [2, 4], "and 5 for 2");
        assert_eq!(at(100, &[]), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn orders_about_a_mailbox_wait_for_each_other() {
        let create = |path: &str| JournalOp::CreateMailbox { path: path.into() };
        let letters = |letter: i64| vec![JournalLetter { letter: LetterId(letter), uid: None, message_id: None }];
        let moved = |letter: i64, target: &str| JournalOp::Move {
            mailbox: "INBOX".into(),
            uid_validity: None,
            letters: letters(letter),
            target: target.into(),
        };
        let copied = JournalOp::Copy {
            mailbox: "INBOX".into(),
            uid_validity: None,
            letters: letters(1),
            target: "Archive".into(),
        };
        let marked = JournalOp::SetFlags {
            mailbox: "Archive".into(),
            uid_validity: None,
            letters: letters(9),
            flag: Flag::Seen,
            on: true,
        };
        let emptied =
            JournalOp::Empty { mailbox: "INBOX".into(), uid_validity: None, upto: Some(9), letters: letters(3) };
        let renamed = JournalOp::RenameMailbox { from: "A".into(), to: "B".into() };
        type Case = (&'static str, JournalOp, JournalOp, bool);
        let freed = |letter: i64| JournalOp::Unlabel {
            mailbox: "INBOX".into(),
            uid_validity: None,
            letters: letters(letter),
            label: "Archive".into(),
        };
        let table: [Case; 11] = [
            ("a label off after it was put on", copied.clone(), freed(2), false),
            ("a label on after it was taken off", freed(2), copied.clone(), false),
            ("a label off after a mark elsewhere", flag(3), freed(2), true),
            ("a move into a mailbox that is to be made", create("A"), moved(1, "A"), false),
            ("a mailbox inside one that is to be made", create("A"), create("A/b"), false),
            ("another mailbox", create("A"), moved(1, "C"), true),
            ("emptying what another letter is still to be moved out of", moved(1, "A"), emptied, false),
            ("a rename after a move into it", moved(1, "A"), renamed.clone(), false),
            ("a move into a mailbox under its new name", renamed, moved(1, "B"), false),
            ("a mark on what may be a copy", copied.clone(), marked, false),
            ("a move of another letter to where copies go", copied, moved(2, "Archive"), true),
        ];
        for (what, first, second, goes) in table {
            let entries = [entry(1, first, 100), entry(2, second, 0)];
            let mut waiting = Waiting::default();
            let [first, second] = entries.map(|entry| waiting.lets_go(&entry, Timestamp::UNIX_EPOCH));
            assert_eq!((first, second), (false, goes), "{what}");
        }
    }
}
