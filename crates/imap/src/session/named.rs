//! Letters told by what they say of themselves: by their Message-ID, or by the headers and the size that a copy keeps.
//!
//! SEARCH HEADER looks for a piece of text anywhere in a header (RFC 9051 §6.4.4): a short Message-ID is found inside
//! longer ones, and anybody may write a letter with a short one. So whatever a search found is asked for its Message-ID,
//! and only what bears exactly the one that was looked for counts.

use super::Session;
use crate::error::SyncError;
use crate::uidset::UidSet;
use crate::wire::command::Command;
use crate::wire::response::{Data, Fetched};
use crate::wire::scan::Limits;
use jiff::Timestamp;
use model::Address;
use std::collections::{BTreeSet, HashMap};
use store::Features;

/// Octets of a set of UIDs in one command.
const SET: usize = 4000;
/// Letters found for one Message-ID that are asked for theirs, the newest. More are found only by a few characters, which
/// stand in every Message-ID; what is not found then is left where it is, or put there once more.
const MOST: usize = 1000;
/// Octets of the headers that are asked for of one letter.
pub(super) const HEADERS: usize = 64 * 1024;
/// Octets by which a server may count a letter differently from what it was sent.
const LEEWAY: u64 = 16;

/// Which letters are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Within<'a> {
    /// From this day on, as IMAP writes it (`1-Feb-2026`).
    pub since: Option<&'a str>,
    /// Of about this size.
    pub size: Option<u64>,
    /// From this UID on.
    pub from: u32,
}

/// What a copy of a letter has in common with it, whatever the mailbox and the UID: what INTERNALDATE a copy gets is left
/// to the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Likeness {
    /// Message-ID, without the angle brackets.
    pub message_id: Option<String>,
    from: Vec<Address>,
    subject: String,
    date: Option<Timestamp>,
    size: u64,
}

impl Likeness {
    /// That of a letter that is here as a whole.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_headers(bytes, bytes.len() as u64)
    }

    pub(super) fn read(data: Data) -> Option<(u32, Self)> {
        match data {
            Data::Fetch(Fetched { uid: Some(uid), size: Some(size), fields: Some(fields), .. }) => {
                Some((uid, Self::from_headers(&fields, size)))
            }
            _ => None,
        }
    }

    fn from_headers(headers: &[u8], size: u64) -> Self {
        let message::Parsed { message_id, from, subject, date, .. } = message::parse(headers);
        Self { message_id, from, subject, date, size }
    }

    /// Whether this is the letter that is known here. One whose headers came after what was fetched to list it has no
    /// Message-ID here, and one without a Date has the time at which it came.
    pub fn is_that_of(&self, known: &Features) -> bool {
        (known.message_id.is_none() || known.message_id == self.message_id)
            && (self.size, &self.from, &self.subject) == (known.size, &known.from, &known.subject)
            && self.date.is_none_or(|date| date == known.date)
    }

    /// Whether this is certainly another letter than the one that is known here: by the Message-ID, where both have one.
    /// Else by what else there is: some servers count octets differently from one day to the next, and a letter without a
    /// Date has here the time at which it came.
    pub fn is_strange_to(&self, known: &Features) -> bool {
        match (&self.message_id, &known.message_id, self.date) {
            (Some(there), Some(here), _) => there != here,
            (_, _, Some(date)) => (&self.from, &self.subject, date) != (&known.from, &known.subject, known.date),
            (_, _, None) => (&self.from, &self.subject, self.size) != (&known.from, &known.subject, known.size),
        }
    }

    /// Whether the other may be what a server made of this letter when it was given to it.
    pub fn may_be(&self, other: &Self) -> bool {
        self.size.abs_diff(other.size) <= LEEWAY
            && (&self.message_id, &self.from, &self.subject, self.date)
                == (&other.message_id, &other.from, &other.subject, other.date)
    }
}

impl Session {
    /// Letters in the open mailbox that bear this Message-ID, the oldest first.
    pub async fn with_message_id(&mut self, message_id: &str, within: Within<'_>) -> Result<Vec<u32>, SyncError> {
        let mut found = self.with_message_ids([message_id], within).await?;
        Ok(found.remove(message_id).unwrap_or_default())
    }

    /// The same for several Message-IDs, by each; those that no letter bears are left out.
    pub async fn with_message_ids<'a>(
        &mut self,
        message_ids: impl IntoIterator<Item = &'a str>,
        within: Within<'_>,
    ) -> Result<HashMap<String, Vec<u32>>, SyncError> {
        let wanted: BTreeSet<&str> = message_ids.into_iter().filter(|id| !id.trim().is_empty()).collect();
        let mut candidates = BTreeSet::new();
        for message_id in &wanted {
            candidates.extend(self.candidates(message_id, within).await?);
        }
        let mut found: HashMap<String, Vec<u32>> = HashMap::new();
        for (uid, message_id) in self.message_ids(&UidSet::of(candidates.iter().copied())).await? {
            if wanted.contains(message_id.as_str()) && candidates.contains(&uid) {
                found.entry(message_id).or_default().push(uid);
            }
        }
        for uids in found.values_mut() {
            uids.sort_unstable();
            uids.dedup();
        }
        Ok(found)
    }

    /// Letters in whose Message-ID this one is found, the newest of them.
    async fn candidates(&mut self, message_id: &str, within: Within<'_>) -> Result<Vec<u32>, SyncError> {
        let mut command = self.search_command();
        if let Some(date) = within.since {
            command = command.word("SINCE").word(date);
        }
        if let Some(size) = within.size {
            let (least, most) = (size.saturating_sub(LEEWAY + 1), size.saturating_add(LEEWAY + 1));
            command = command.word("LARGER").word(least).word("SMALLER").word(most);
        }
        let mut found = self.search(command.word("HEADER Message-ID").string(message_id)).await?;
        found.retain(|uid| *uid >= within.from);
        found.sort_unstable();
        Ok(found.split_off(found.len().saturating_sub(MOST)))
    }

    /// Letters of the open mailbox that have exactly so many octets, the newest of them.
    pub async fn of_size(&mut self, octets: u64) -> Result<Vec<u32>, SyncError> {
        let (least, most) = (octets.saturating_sub(1), octets.saturating_add(1));
        let command = self.search_command().word("LARGER").word(least).word("SMALLER").word(most);
        let mut found = self.search(command).await?;
        found.sort_unstable();
        Ok(found.split_off(found.len().saturating_sub(MOST)))
    }

    /// The Message-IDs of these letters, without the angle brackets; those that have none are left out.
    pub async fn message_ids(&mut self, uids: &UidSet) -> Result<Vec<(u32, String)>, SyncError> {
        let mut found = Vec::new();
        for piece in uids.clone().pieces(SET) {
            let command = Command::new("UID FETCH").uids(&piece).word("(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
            self.run_within(&command, Limits::for_bodies(HEADERS), |data| {
                if let Data::Fetch(Fetched { uid: Some(uid), fields: Some(fields), .. }) = data
                    && let Some(id) = message::parse(&fields).message_id
                {
                    found.push((uid, id));
                }
            })
            .await?;
        }
        Ok(found)
    }

    /// What these letters are like.
    pub async fn likenesses(&mut self, uids: &UidSet) -> Result<Vec<(u32, Likeness)>, SyncError> {
        let wanted: BTreeSet<u32> = uids.iter().collect();
        let mut found = Vec::new();
        for piece in uids.clone().pieces(SET) {
            let asked = Command::new("UID FETCH").uids(&piece);
            self.likenesses_by(asked, |uid, likeness| found.push((uid, likeness))).await?;
        }
        found.retain(|(uid, _)| wanted.contains(uid));
        Ok(found)
    }

    /// What each letter from a UID on is like.
    pub async fn likenesses_from(&mut self, from: u32, mut each: impl FnMut(Likeness)) -> Result<(), SyncError> {
        let asked = Command::new("UID FETCH").word(format_args!("{from}:*"));
        self.likenesses_by(asked, |uid, likeness| {
            // `n:*` names the last letter even where its UID is smaller (RFC 9051 §9, seq-range).
            if uid >= from {
                each(likeness);
            }
        })
        .await
    }

    async fn likenesses_by(&mut self, asked: Command, mut each: impl FnMut(u32, Likeness)) -> Result<(), SyncError> {
        let command = Self::likeness_command(asked);
        self.run_within(&command, Limits::for_bodies(HEADERS), |data| {
            if let Some((uid, likeness)) = Likeness::read(data) {
                each(uid, likeness);
            }
        })
        .await
        .map(drop)
    }

    /// Asks for what [`Likeness::read`] reads.
    pub(super) fn likeness_command(asked: Command) -> Command {
        asked.word("(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID FROM SUBJECT DATE)])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_like_what_a_server_made_of_it_and_unlike_others() {
        let letter =
            b"From: Anna <a@example.org>\r\nSubject: Hi\r\nDate: Sun, 1 Nov 2026 10:00:00 +0000\r\n\r\nx\r\n";
        let here = Likeness::of(letter);
        let there = |headers: &str, size| Likeness::from_headers(headers.as_bytes(), size);
        let size = letter.len() as u64;
        let folded = "Date: Sun, 1 Nov 2026 11:00:00 +0100\r\nSubject:\r\n Hi\r\nFrom: Anna <a@example.org>\r\n\r\n";
        let table = [
            (folded, size + 2, true),
            (folded, size + 100, false),
            (
                "Date: Sun, 1 Nov 2026 10:00:00 +0000\r\nSubject: Ho\r\nFrom: Anna <a@example.org>\r\n\r\n",
                size,
                false,
            ),
            ("Subject: Hi\r\nFrom: Anna <a@example.org>\r\n\r\n", size, false),
        ];
        for (headers, size, is_alike) in table {
            assert_eq!(here.may_be(&there(headers, size)), is_alike, "{headers} {size}");
        }
    }
}
