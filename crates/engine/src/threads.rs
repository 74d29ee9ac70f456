//! Conversations: the letters of a thread wherever they lie, oldest first.
//!
//! What is shown of a thread, decided purely by [`conversation`]:
//!
//! | a letter | is shown |
//! |---|---|
//! | in several mailboxes, or several times | once: the one that was opened, else by the order of [`rank`] |
//! | in the trash or in junk | only where the opened one is there too |
//! | in Sent | yes: answers belong to the conversation |
//! | in Drafts | yes; the window marks it |

use crate::Engine;
use crate::calls::LetterArgs;
use crate::error::Error;
use crate::view::{LetterRow, ListSource};
use model::{Address, Flag, LetterId, MailboxId, Role, ThreadId};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use store::{LetterRow as Stored, ThreadLetter};
use ts_rs::TS;

/// Letters of a conversation that are shown; of a longer one, the newest.
const MOST: usize = 500;
/// People that a row names.
const MOST_PEOPLE: usize = 12;

/// What a row of a list of threads says of its thread, besides its newest letter there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ThreadSummary {
    /// The letters of the thread in the mailbox of the row, newest first: what is done to the row is done to these.
    pub letters: Vec<LetterId>,
    /// How many letters the conversation has, wherever they lie.
    pub count: u32,
    /// Who wrote, by their first letters, oldest first.
    pub people: Vec<Address>,
    /// Whether one of the letters in this mailbox is not read yet.
    pub unread: bool,
    /// Whether one of them is marked.
    pub flagged: bool,
}

impl Engine {
    /// The conversation that a letter belongs to, oldest first.
    pub(crate) async fn thread_show(&self, args: LetterArgs) -> Result<Vec<LetterRow>, Error> {
        let opened = self.require_letter(args.letter).await?.row;
        let rows = self.store().thread(opened.thread).await?;
        let roles = self.roles().await?;
        let shown = conversation(rows, &opened, |mailbox| roles.get(&mailbox).copied());
        self.with_marks(shown).await
    }

    /// Whether a list shows threads. Sent and Drafts list their letters one by one: each has a fate of its own.
    pub(crate) async fn has_threads(&self, source: ListSource) -> Result<bool, Error> {
        let role = match source {
            ListSource::Role { role } => Some(role),
            ListSource::Mailbox { mailbox } => self.store().mailbox(mailbox).await?.and_then(|mailbox| mailbox.role),
        };
        Ok(!matches!(role, Some(Role::Sent | Role::Drafts)))
    }

    /// Rows that stand for their threads. Most threads are a letter alone, of which nothing more is to be asked.
    pub(crate) async fn with_threads(&self, rows: Vec<Stored>) -> Result<Vec<LetterRow>, Error> {
        let threads: Vec<(ThreadId, MailboxId)> =
            rows.iter().filter(|row| row.letters > 1).map(|row| (row.thread, row.mailbox)).collect();
        let ids: Vec<ThreadId> = threads.iter().map(|(thread, _)| *thread).collect();
        let roles = if ids.is_empty() { HashMap::new() } else { self.roles().await? };
        let letters = self.store().thread_letters(&ids).await?;
        let mut summaries: HashMap<(ThreadId, MailboxId), ThreadSummary> = threads
            .iter()
            .zip(letters)
            .map(|(of, letters)| (*of, summary(&letters, of.1, |mailbox| roles.get(&mailbox).copied())))
            .collect();
        let of: Vec<(ThreadId, MailboxId)> = rows.iter().map(|row| (row.thread, row.mailbox)).collect();
        let mut rows = self.with_marks(rows).await?;
        for (row, of) in rows.iter_mut().zip(of) {
            row.thread = summaries.remove(&of).filter(|summary| summary.count > 1);
            if let Some(thread) = &row.thread {
                row.unread = thread.unread;
                row.flagged = thread.flagged;
            }
        }
        Ok(rows)
    }

    /// What the mailboxes are for.
    async fn roles(&self) -> Result<HashMap<MailboxId, Role>, Error> {
        let mailboxes = self.store().mailboxes(None).await?;
        Ok(mailboxes.into_iter().filter_map(|mailbox| Some((mailbox.id, mailbox.role?))).collect())
    }
}

/// What a row in this mailbox says of its thread. The letters come newest first.
fn summary(letters: &[ThreadLetter], here: MailboxId, role: impl Fn(MailboxId) -> Option<Role>) -> ThreadSummary {
    let is_away = |mailbox| matches!(role(mailbox), Some(Role::Trash | Role::Junk));
    let with_away = is_away(here);
    let shown: Vec<&ThreadLetter> =
        letters.iter().filter(|letter| with_away || letter.mailbox == here || !is_away(letter.mailbox)).collect();
    let inside: Vec<&ThreadLetter> = shown.iter().copied().filter(|letter| letter.mailbox == here).collect();
    let mut seen = HashSet::new();
    let people = shown.iter().rev().flat_map(|letter| &letter.from);
    let people = people.filter(|person| seen.insert(person.address.to_ascii_lowercase())).take(MOST_PEOPLE).cloned();
    let messages: HashSet<_> = shown.iter().map(|letter| letter.content).collect();
    ThreadSummary {
        people: people.collect(),
        count: messages.len() as u32,
        unread: inside.iter().any(|letter| !letter.flags.has(Flag::Seen)),
        flagged: inside.iter().any(|letter| letter.flags.has(Flag::Flagged)),
        letters: inside.iter().map(|letter| letter.letter).collect(),
    }
}

/// What of a thread is shown. The rows come oldest first, and go so.
fn conversation(rows: Vec<Stored>, opened: &Stored, role: impl Fn(MailboxId) -> Option<Role>) -> Vec<Stored> {
    let is_away = |row: &Stored| matches!(role(row.mailbox), Some(Role::Trash | Role::Junk));
    let with_away = is_away(opened);
    let mut best: HashMap<String, LetterId> = HashMap::new();
    let place = |row: &Stored| (row.id != opened.id, rank(role(row.mailbox), row.mailbox == opened.mailbox), row.id);
    let wanted: Vec<Stored> =
        rows.into_iter().filter(|row| with_away || row.id == opened.id || !is_away(row)).collect();
    let by_id: HashMap<LetterId, &Stored> = wanted.iter().map(|row| (row.id, row)).collect();
    for row in &wanted {
        let Some(name) = &row.message_id else { continue };
        let better = |known: &LetterId| by_id.get(known).is_some_and(|known| place(known) <= place(row));
        if !best.get(name).is_some_and(better) {
            best.insert(name.clone(), row.id);
        }
    }
    let stays = |row: &Stored| row.message_id.as_ref().is_none_or(|name| best.get(name) == Some(&row.id));
    let mut shown: Vec<Stored> = wanted.iter().filter(|row| stays(row)).cloned().collect();
    let skipped = shown.len().saturating_sub(MOST);
    let opened_is_old = shown.iter().take(skipped).any(|row| row.id == opened.id);
    shown.drain(..skipped);
    if opened_is_old {
        shown.insert(0, opened.clone());
    }
    shown
}

/// Of copies of one letter, which one stands for it: the lowest.
fn rank(role: Option<Role>, beside_opened: bool) -> u8 {
    match role {
        _ if beside_opened => 0,
        Some(Role::Inbox) => 1,
        Some(Role::Sent) => 2,
        None => 3,
        Some(Role::Archive) => 4,
        Some(Role::All) => 5,
        Some(Role::Drafts) => 6,
        Some(Role::Junk) => 7,
        Some(Role::Trash) => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use model::{ContentId, Flags};

    const INBOX: MailboxId = MailboxId(1);
    const SENT: MailboxId = MailboxId(2);
    const TRASH: MailboxId = MailboxId(3);
    const ALL: MailboxId = MailboxId(4);

    fn role(mailbox: MailboxId) -> Option<Role> {
        match mailbox {
            INBOX => Some(Role::Inbox),
            SENT => Some(Role::Sent),
            TRASH => Some(Role::Trash),
            ALL => Some(Role::All),
            _ => None,
        }
    }

    /// A letter of this number and message in a mailbox; the number is its age as well.
    fn row(id: i64, message: i64, mailbox: MailboxId) -> Stored {
        Stored {
            id: LetterId(id),
            mailbox,
            content: ContentId(message),
            labels: Vec::new(),
            thread: ThreadId(1),
            letters: 1,
            from: Vec::new(),
            to: Vec::new(),
            subject: String::new(),
            snippet: String::new(),
            date: Timestamp::from_second(id).unwrap(),
            flags: Flags(0),
            size: 0,
            attachments: 0,
            message_id: Some(format!("{message}@example.org")),
        }
    }

    fn shown(rows: &[Stored], opened: i64) -> Vec<i64> {
        let opened = rows.iter().find(|row| row.id.0 == opened).unwrap();
        conversation(rows.to_vec(), opened, role).iter().map(|row| row.id.0).collect()
    }

    #[test]
    fn a_conversation_has_each_letter_once_wherever_it_lies() {
        let rows = [row(1, 1, INBOX), row(2, 2, SENT), row(3, 1, ALL), row(4, 3, INBOX), row(5, 3, ALL)];
        assert_eq!(shown(&rows, 4), [1, 2, 4]);
        // The copy that was opened stands for its letter.
        assert_eq!(shown(&rows, 5), [2, 3, 5]);
    }

    #[test]
    fn what_was_thrown_away_is_shown_where_one_looks_into_the_trash() {
        let rows = [row(1, 1, INBOX), row(2, 2, TRASH), row(3, 3, INBOX)];
        assert_eq!(shown(&rows, 3), [1, 3]);
        assert_eq!(shown(&rows, 2), [1, 2, 3]);
    }

    #[test]
    fn of_a_long_conversation_the_newest_letters_are_shown_and_the_one_that_was_opened() {
        let rows: Vec<Stored> = (1..=600).map(|id| row(id, id, INBOX)).collect();
        let found = shown(&rows, 7);
        assert_eq!((found.len(), found[0], found[1]), (501, 7, 101));
    }

    #[test]
    fn a_row_speaks_for_its_mailbox_and_names_everybody() {
        let letter = |id: i64, message: i64, mailbox: MailboxId, from: &str, seen: bool| ThreadLetter {
            letter: LetterId(id),
            mailbox,
            content: ContentId(message),
            flags: Flags(0).with(Flag::Seen, seen),
            from: vec![Address::new(None, from)],
        };
        let letters = [
            letter(5, 3, ALL, "c@d.test", false),
            letter(4, 3, INBOX, "c@d.test", true),
            letter(3, 2, SENT, "me@d.test", true),
            letter(2, 9, TRASH, "x@d.test", false),
            letter(1, 1, INBOX, "a@d.test", true),
        ];
        let found = summary(&letters, INBOX, role);
        assert_eq!(found.letters, [LetterId(4), LetterId(1)]);
        assert_eq!(found.count, 3);
        assert!(!found.unread, "what is not read lies elsewhere");
        let people: Vec<&str> = found.people.iter().map(|person| person.address.as_str()).collect();
        assert_eq!(people, ["a@d.test", "me@d.test", "c@d.test"]);
    }
}
