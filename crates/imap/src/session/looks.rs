//! What stands under UIDs that are known here: asked for together with the opening of their mailbox, so that it costs no
//! waiting.
//!
//! A server that was restored from a backup gives UIDs a second time, and may have got so much mail since that no number
//! of the mailbox tells (RFC 9051 §2.3.1.1 forbids it; backups do not know).

use super::named::HEADERS;
use super::select::{Opening, Since};
use super::{Heard, Likeness, Selected, Session};
use crate::error::SyncError;
use crate::uidset::UidSet;
use crate::wire::command::Command;
use crate::wire::scan::Limits;
use std::collections::HashMap;
use store::Features;

/// Octets of a set of UIDs in one command.
const SET: usize = 4000;
/// Refusals in looking at letters, from which on the mailbox counts as one that cannot be looked at.
const MOST_REFUSALS: u32 = 50;

/// What the server shows of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// What tells it from others.
    Likeness(Likeness),
    /// Its octets alone: the server cannot read it itself.
    Size(u64),
}

impl Look {
    /// Its Message-ID, where it is shown.
    pub fn message_id(&self) -> Option<&str> {
        match self {
            Self::Likeness(likeness) => likeness.message_id.as_deref(),
            Self::Size(_) => None,
        }
    }

    /// Whether this is the letter that is known here.
    pub fn is_that_of(&self, known: &Features) -> bool {
        matches!(self, Self::Likeness(likeness) if likeness.is_that_of(known))
    }

    /// Whether this is certainly another letter than the one that is known here.
    pub fn is_strange_to(&self, known: &Features) -> bool {
        match self {
            Self::Likeness(likeness) => likeness.is_strange_to(known),
            Self::Size(size) => *size != known.size,
        }
    }
}

impl Session {
    /// [`Session::select`], and a look at these letters, which waits for nothing of its own. UIDs that are gone are left
    /// out.
    pub async fn select_and_look(
        &mut self,
        path: &str,
        since: Option<Since>,
        uids: &UidSet,
    ) -> Result<(Selected, HashMap<u32, Look>), SyncError> {
        let mut pieces = uids.clone().pieces(SET);
        let (select, since) = self.select_command(path, since);
        if pieces.is_empty() || !select.is_one_line() {
            let selected = self.open(&select, since).await?;
            return Ok((selected, self.looks(uids).await?));
        }
        let first = pieces.remove(0);
        let fetch = Self::likeness_command(Command::new("UID FETCH").uids(&first));
        let (opens, _) = self.send_both_ahead((&select, &fetch), Limits::for_bodies(HEADERS)).await?;
        let mut opening = Opening::default();
        let mut looks = HashMap::new();
        let (mut selected, mut unseen) = (None, false);
        while self.is_ahead() {
            match self.hear().await? {
                Heard::Data(data) if selected.is_some() => looks.extend(Likeness::read(data)),
                Heard::Data(data) => opening.hear(data),
                Heard::Done(number, None) if number == opens => {
                    selected = Some(Ok(self.opened(std::mem::take(&mut opening), since)?));
                }
                Heard::Done(number, Some(refusal)) if number == opens => selected = Some(Err(refusal)),
                Heard::Done(_, refusal) => unseen = refusal.is_some(),
            }
        }
        let selected =
            selected.ok_or_else(|| self.against_the_rules("it did not say whether a mailbox is open"))??;
        let mut looks: HashMap<u32, Look> =
            looks.into_iter().map(|(uid, likeness)| (uid, Look::Likeness(likeness))).collect();
        if unseen {
            pieces.push(first);
        }
        looks.extend(self.looks(&UidSet::of(pieces.iter().flat_map(UidSet::iter))).await?);
        looks.retain(|uid, _| uids.contains(*uid));
        Ok((selected, looks))
    }

    /// A look at these letters in the mailbox that is open. One that the server cannot read does not hide the others.
    pub async fn looks(&mut self, uids: &UidSet) -> Result<HashMap<u32, Look>, SyncError> {
        let mut to_ask = uids.clone().pieces(SET);
        let mut looks = HashMap::new();
        let mut refusals = 0;
        while let Some(piece) = to_ask.pop() {
            match self.likenesses(&piece).await {
                Ok(found) => looks.extend(found.into_iter().map(|(uid, one)| (uid, Look::Likeness(one)))),
                Err(error) if error.refusal().is_some() && refusals < MOST_REFUSALS => {
                    refusals += 1;
                    match halves(&piece) {
                        Some(halves) => to_ask.extend(halves),
                        None => looks.extend(self.sizes(&piece).await?),
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(looks)
    }

    async fn sizes(&mut self, uids: &UidSet) -> Result<Vec<(u32, Look)>, SyncError> {
        match self.rows_of(uids).await {
            Ok(rows) => Ok(rows.into_iter().map(|row| (row.uid, Look::Size(row.size))).collect()),
            Err(error) if error.refusal().is_some() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// The two halves of a set; `None` of one UID.
fn halves(uids: &UidSet) -> Option<[UidSet; 2]> {
    let all: Vec<u32> = uids.iter().collect();
    let (lower, upper) = all.split_at(all.len() / 2);
    (!lower.is_empty()).then(|| [lower, upper].map(|half| UidSet::of(half.iter().copied())))
}
