//! Letters in the selected mailbox: rows, bodies, flags, moves, deletion; and what is appended to any mailbox
//! (RFC 9051 §6.4, RFC 4315, RFC 6851).

use super::Session;
use crate::error::SyncError;
use crate::plan::{Batch, Part, WHOLE};
use crate::search::Key;
use crate::uidset::UidSet;
use crate::wire::command::Command;
use crate::wire::response::{Code, Data, Fetched};
use crate::wire::scan::Limits;
use jiff::Timestamp;
use model::{Flag, Flags};
use std::ops::RangeInclusive;

/// Octets of a set of UIDs in one command.
const SET: usize = 4000;

/// Headers by which a letter is listed and put into its thread.
const LISTING: &str = "FROM TO CC REPLY-TO SUBJECT DATE MESSAGE-ID IN-REPLY-TO REFERENCES LIST-ID";
/// Octets of these that are asked for of one letter.
const HEADERS: usize = 256 * 1024;

/// Letters that are asked for at a time where each that is found is told by its number, all on one line.
const AT_ONCE: u32 = 200_000;

/// What a list of letters says about each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its UID.
    pub uid: u32,
    /// Its flags.
    pub flags: Flags,
    /// Its size in octets, as the server counts.
    pub size: u64,
    /// When it came.
    pub internal_date: Option<Timestamp>,
    /// What names the message in whatever mailbox it lies; `None` where the server has no such name.
    pub email_id: Option<String>,
    /// Its labels but that of the mailbox that is open; `None` where the server has no such thing.
    pub labels: Option<Vec<String>>,
}

/// What changed of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its UID.
    pub uid: u32,
    /// Its flags.
    pub flags: Flags,
    /// As in [`Row`].
    pub labels: Option<Vec<String>>,
}

/// The UIDs that letters have in the mailbox they were moved to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// UIDVALIDITY of the target; `None` where the server does not say.
    pub uid_validity: Option<u32>,
    /// Old and new UID.
    pub uids: Vec<(u32, u32)>,
}

impl Session {
    /// Rows by their places in the mailbox, 1 for the oldest.
    pub async fn rows_at(&mut self, places: RangeInclusive<u32>) -> Result<Vec<Row>, SyncError> {
        let command =
            Command::new("FETCH").word(format_args!("{}:{}", places.start(), places.end())).word(self.row_items());
        self.rows_by(&command).await
    }

    /// Rows of all letters from this UID on.
    pub async fn rows_from(&mut self, uid: u32) -> Result<Vec<Row>, SyncError> {
        let command = Command::new("UID FETCH").word(format_args!("{uid}:*")).word(self.row_items());
        let mut rows = self.rows_by(&command).await?;
        // `n:*` names the last letter even where its UID is smaller (RFC 9051 §9, seq-range).
        rows.retain(|row| row.uid >= uid);
        Ok(rows)
    }

    /// Rows of these letters.
    pub async fn rows_of(&mut self, uids: &UidSet) -> Result<Vec<Row>, SyncError> {
        let mut rows = Vec::new();
        for piece in uids.clone().pieces(SET) {
            rows.extend(self.rows_by(&Command::new("UID FETCH").uids(&piece).word(self.row_items())).await?);
        }
        rows.retain(|row| uids.contains(row.uid));
        Ok(rows)
    }

    /// What is asked of each letter in a list.
    fn row_items(&self) -> &'static str {
        if self.has_labels() {
            "(UID FLAGS RFC822.SIZE INTERNALDATE X-GM-MSGID X-GM-LABELS)"
        } else if self.capabilities.has("OBJECTID") {
            "(UID FLAGS RFC822.SIZE INTERNALDATE EMAILID)"
        } else {
            "(UID FLAGS RFC822.SIZE INTERNALDATE)"
        }
    }

    async fn rows_by(&mut self, command: &Command) -> Result<Vec<Row>, SyncError> {
        let mut rows = Vec::new();
        self.run(command, |data| rows.extend(row(data))).await?;
        for row in &mut rows {
            row.labels = row.labels.take().map(|names| self.labels(names));
        }
        rows.sort_unstable_by_key(|row| row.uid);
        rows.dedup_by_key(|row| row.uid);
        Ok(rows)
    }

    /// Flags and labels that changed after a modification sequence (RFC 7162 §3.1.4.1).
    pub async fn changed_since(&mut self, modseq: u64) -> Result<Vec<Changed>, SyncError> {
        let items = if self.has_labels() { "1:* (UID FLAGS X-GM-LABELS)" } else { "1:* (UID FLAGS)" };
        let command = Command::new("UID FETCH").word(items).word(format_args!("(CHANGEDSINCE {modseq})"));
        let mut changed = Vec::new();
        self.run(&command, |data| {
            if let Data::Fetch(Fetched { uid: Some(uid), flags: Some(flags), labels, .. }) = data {
                changed.push(Changed { uid, flags, labels });
            }
        })
        .await?;
        for one in &mut changed {
            one.labels = one.labels.take().map(|names| self.labels(names));
        }
        Ok(changed)
    }

    /// Whether messages have labels (X-GM-EXT-1): then a mailbox is one, and a message lies in several.
    pub fn has_labels(&self) -> bool {
        self.capabilities.has("X-GM-EXT-1")
    }

    /// The paths of the mailboxes of labels; those that begin with a backslash stand for mailboxes that have a role, and
    /// for flags.
    fn labels(&self, names: Vec<String>) -> Vec<String> {
        let own = names.into_iter().filter(|name| !name.starts_with('\\'));
        own.map(|name| self.label_path(name)).collect()
    }

    /// Asks ahead for these letters, of which the largest has so many octets; the number of the question.
    pub async fn ask_bodies(&mut self, batch: &Batch) -> Result<u32, SyncError> {
        let uids = UidSet::of(batch.rows.iter().map(|row| row.uid));
        let item = match batch.part {
            Part::Whole => "(UID BODY.PEEK[])".to_owned(),
            Part::Beginning(octets) => format!("(UID BODY.PEEK[]<0.{octets}>)"),
            Part::Headers => format!("(UID BODY.PEEK[HEADER.FIELDS ({LISTING})])"),
        };
        let largest = batch.rows.iter().map(|row| row.size).max().unwrap_or(0);
        let limits = Limits::for_bodies(usize::try_from(largest.max(WHOLE)).unwrap_or(usize::MAX));
        self.send_ahead(&Command::new("UID FETCH").uids(&uids).word(item), limits).await
    }

    /// A range of one letter: fewer octets than asked for at its end, none beyond it, `None` where it is gone.
    pub async fn body_range(&mut self, uid: u32, offset: u64, length: u32) -> Result<Option<Vec<u8>>, SyncError> {
        let command = Command::new("UID FETCH").word(uid).word(format_args!("(UID BODY.PEEK[]<{offset}.{length}>)"));
        let bodies = self.bodies_by(&command, length as usize).await?;
        Ok(bodies.into_iter().find(|(answered, _)| *answered == uid).map(|(_, body)| body))
    }

    /// The headers of one letter that list it; `None` where it is gone.
    pub async fn headers_of(&mut self, uid: u32) -> Result<Option<Vec<u8>>, SyncError> {
        let command =
            Command::new("UID FETCH").word(uid).word(format_args!("(UID BODY.PEEK[HEADER.FIELDS ({LISTING})])"));
        let mut headers = None;
        self.run_within(&command, Limits::for_bodies(HEADERS), |data| {
            if let Data::Fetch(Fetched { uid: Some(answered), fields: Some(fields), .. }) = data
                && answered == uid
            {
                headers = Some(fields);
            }
        })
        .await?;
        Ok(headers)
    }

    async fn bodies_by(&mut self, command: &Command, octets: usize) -> Result<Vec<(u32, Vec<u8>)>, SyncError> {
        let mut bodies = Vec::new();
        self.run_within(command, Limits::for_bodies(octets), |data| {
            if let Data::Fetch(Fetched { uid: Some(uid), body: Some(body), .. }) = data {
                bodies.push((uid, body));
            }
        })
        .await?;
        Ok(bodies)
    }

    /// Sets or clears a flag. UIDs that are gone are passed over by the server.
    pub async fn store_flag(&mut self, uids: &UidSet, flag: Flag, on: bool) -> Result<(), SyncError> {
        let item = if on { "+FLAGS.SILENT" } else { "-FLAGS.SILENT" };
        for piece in uids.clone().pieces(SET) {
            self.run(&Command::new("UID STORE").uids(&piece).word(item).flags([flag]), |_| {}).await?;
        }
        Ok(())
    }

    /// Takes a label off (X-GM-EXT-1). The letters stay in the mailbox that is open, and no server that has no labels is
    /// asked.
    pub async fn take_label_off(&mut self, uids: &UidSet, label: &str) -> Result<(), SyncError> {
        if !self.has_labels() {
            return Err(self.refused("UID STORE", "this server has no labels").into());
        }
        let name = self.target(label);
        for piece in uids.clone().pieces(SET) {
            let command = Command::new("UID STORE").uids(&piece).word("-X-GM-LABELS.SILENT").listed(&name);
            self.run(&command, |_| {}).await?;
        }
        Ok(())
    }

    /// Which of these UIDs are still in the mailbox.
    pub async fn present(&mut self, uids: &UidSet) -> Result<Vec<u32>, SyncError> {
        let mut present = Vec::new();
        for piece in uids.clone().pieces(SET) {
            let asked = piece
                .ranges()
                .iter()
                .fold(0usize, |sum, range| sum.saturating_add((range.end() - range.start()) as usize + 1));
            let command = self.search_command().word("UID").uids(&piece);
            present.extend(self.search_up_to(command, asked).await?);
        }
        present.retain(|uid| uids.contains(*uid));
        Ok(present)
    }

    /// Letters that match, the newest last; at most so many, the newest of them.
    pub async fn matching(&mut self, key: &Key, limit: usize) -> Result<Vec<u32>, SyncError> {
        // With UTF8=ACCEPT everything is UTF-8, and naming it is an error (RFC 6855 §3).
        let charset = (key.needs_charset() && !self.utf8).then_some("CHARSET UTF-8");
        let mut found = self.search_newest(charset, limit, |command| key.write(command)).await?;
        Ok(found.split_off(found.len().saturating_sub(limit)))
    }

    /// Asks for letters, the newest first where one question could have too long an answer, until there are enough.
    /// They come in order.
    async fn search_newest(
        &mut self,
        charset: Option<&'static str>,
        enough: usize,
        ask: impl Fn(Command) -> Command,
    ) -> Result<Vec<u32>, SyncError> {
        let mut found = Vec::new();
        let all = self.capabilities.offers("ESEARCH") || self.exists <= AT_ONCE;
        // What goes meanwhile gives others a smaller place: one that is still to be asked for.
        for places in windows(self.exists, if all { u32::MAX } else { AT_ONCE }) {
            let mut command = charset.into_iter().fold(self.search_command(), Command::word);
            if !all {
                command = command.word(format_args!("{}:{}", places.start(), places.end()));
            }
            found.extend(self.search(ask(command)).await?);
            if found.len() >= enough {
                break;
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// ESEARCH answers with ranges (RFC 4731), which a mailbox of any size can be told in.
    pub(super) fn search_command(&self) -> Command {
        let ranges = self.capabilities.offers("ESEARCH");
        Command::new(if ranges { "UID SEARCH RETURN (ALL)" } else { "UID SEARCH" })
    }

    /// No more is found than there are letters: a range of two numbers can name four thousand million.
    pub(super) async fn search(&mut self, command: Command) -> Result<Vec<u32>, SyncError> {
        self.search_up_to(command, self.exists as usize).await
    }

    async fn search_up_to(&mut self, command: Command, most: usize) -> Result<Vec<u32>, SyncError> {
        let mut found = Vec::new();
        self.run(&command, |data| match data {
            Data::Search(uids) => found.extend(uids),
            Data::Found(uids) => found.extend(uids.iter().take(most)),
            _ => {}
        })
        .await?;
        Ok(found)
    }

    /// Moves letters: by MOVE, or by its three parts where it is missing (RFC 6851 §3.3).
    pub async fn move_to(&mut self, uids: &UidSet, target: &str) -> Result<Moved, SyncError> {
        let name = self.target(target);
        let mut moved = Moved::default();
        for piece in uids.clone().pieces(SET) {
            if self.capabilities.offers("MOVE") {
                let command = Command::new("UID MOVE").uids(&piece).mailbox(&name);
                let mut codes = Vec::new();
                let answer = self.run(&command, |data| codes.extend(copy_code(data))).await?;
                moved.learn(codes.into_iter().chain(answer.code), &piece);
            } else {
                let answer = self.run(&Command::new("UID COPY").uids(&piece).mailbox(&name), |_| {}).await?;
                moved.learn(answer.code, &piece);
                self.expunge(&piece).await?;
            }
        }
        Ok(moved)
    }

    /// Deletes letters for good: only these, where the server can (UIDPLUS). Where it cannot, and another program has
    /// marked some as deleted too, ours are only marked: EXPUNGE would take those along.
    pub async fn expunge(&mut self, uids: &UidSet) -> Result<(), SyncError> {
        self.store_flag(uids, Flag::Deleted, true).await?;
        if self.capabilities.offers("UIDPLUS") {
            for piece in uids.clone().pieces(SET) {
                self.run(&Command::new("UID EXPUNGE").uids(&piece), |_| {}).await?;
            }
            return Ok(());
        }
        let marked = self.search_newest(None, usize::MAX, |command| command.word("DELETED")).await?;
        if !marked.is_empty() && uids.contains_all(marked) {
            self.run(&Command::new("EXPUNGE"), |_| {}).await?;
        }
        Ok(())
    }

    /// Puts a letter into a mailbox. The UID it gets is learned when the mailbox is synced.
    pub async fn append(&mut self, path: &str, flags: Flags, bytes: &[u8]) -> Result<(), SyncError> {
        let command = Command::new("APPEND").mailbox(&self.target(path)).flags(flags.iter()).literal(bytes);
        self.run(&command, |_| {}).await.map(drop)
    }
}

impl Moved {
    pub(super) fn learn(&mut self, codes: impl IntoIterator<Item = Code>, asked: &UidSet) {
        for code in codes {
            let Code::CopyUid(validity, from, to) = code else { continue };
            self.uid_validity = Some(validity);
            let asked_for = asked.iter().count();
            self.uids.extend(from.iter().take(asked_for).zip(to.iter()).filter(|(old, _)| asked.contains(*old)));
        }
    }
}

/// The places of so many letters in pieces, the last ones first; one piece at least.
fn windows(letters: u32, size: u32) -> impl Iterator<Item = RangeInclusive<u32>> {
    let size = size.max(1);
    let end = move |piece: u32| letters.saturating_sub(piece.saturating_mul(size));
    let pieces = letters.div_ceil(size).max(1);
    (0..pieces).map(move |piece| end(piece).saturating_sub(size - 1).max(1)..=end(piece))
}

/// COPYUID comes in an untagged OK before a MOVE is done (RFC 6851 §4.3).
fn copy_code(data: Data) -> Option<Code> {
    match data {
        Data::Status(answer) => answer.code.filter(|code| matches!(code, Code::CopyUid(..))),
        _ => None,
    }
}

/// A row is whole or it is none: what a server tells unasked has other items.
fn row(data: Data) -> Option<Row> {
    match data {
        Data::Fetch(Fetched {
            uid: Some(uid),
            flags: Some(flags),
            size: Some(size),
            internal_date,
            email_id,
            labels,
            ..
        }) => Some(Row { uid, flags, size, internal_date, email_id, labels }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::reversed_empty_ranges, reason = "a mailbox without letters has an empty span")]
    fn a_large_mailbox_is_asked_piece_by_piece_from_its_end() {
        let table: [(u32, u32, &[RangeInclusive<u32>]); 5] = [
            (0, 3, &[1..=0]),
            (3, 3, &[1..=3]),
            (4, 3, &[2..=4, 1..=1]),
            (7, 3, &[5..=7, 2..=4, 1..=1]),
            (u32::MAX, u32::MAX, &[1..=u32::MAX]),
        ];
        for (letters, size, expected) in table {
            assert_eq!(windows(letters, size).collect::<Vec<_>>(), expected, "{letters} by {size}");
        }
    }

    #[test]
    fn the_answer_to_one_question_fits_into_a_line() {
        let longest = " 4294967295".len() * AT_ONCE as usize;
        assert!(longest < Limits::SMALL.line);
    }
}
