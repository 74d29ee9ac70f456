//! Bodies: fetched, parsed once, and stored. Large ones come in ranges.

use super::Syncer;
use crate::error::SyncError;
use crate::event::SyncEvent;
use crate::plan::{Batch, HEAD, RANGE};
use crate::session::Row;
use crate::uidset::UidSet;
use jiff::Timestamp;
use message::Parsed;
use model::{LetterId, Mailbox};
use store::{LetterSummary, NewLetter};

/// A letter larger than this is listed by its beginning and never fetched as a whole by itself.
const LARGEST: usize = 256 * 1024 * 1024;
/// Bodies that one pass fetches for one mailbox.
const BODIES: u32 = 10_000;

impl Syncer {
    /// The letters of a batch, ready to be stored. Those that went meanwhile are left out.
    pub(super) async fn fetch_batch(&mut self, batch: Batch) -> Result<Vec<NewLetter>, SyncError> {
        match batch {
            Batch::Head(row) => {
                let head = self.session.body_range(row.uid, 0, HEAD).await;
                let head = self.unless_refused(row.uid, head).await?.flatten();
                Ok(head.map(|head| new_letter(&row, message::parse(&head), None)).into_iter().collect())
            }
            Batch::Whole(rows) => {
                let bodies = self.fetch_whole(&rows).await?;
                parse_in_background(rows, bodies).await
            }
        }
    }

    async fn fetch_whole(&mut self, rows: &[Row]) -> Result<Vec<(u32, Vec<u8>)>, SyncError> {
        let octets = rows.iter().map(|row| row.size).sum::<u64>();
        let octets = usize::try_from(octets).unwrap_or(usize::MAX);
        let uids = UidSet::of(rows.iter().map(|row| row.uid));
        match self.session.bodies(&uids, octets).await {
            // One letter that the server cannot read itself must not hide the others.
            Err(error) if error.refusal().is_some() && rows.len() > 1 => self.fetch_one_by_one(rows).await,
            outcome => Ok(self.unless_refused(uids.iter().next().unwrap_or(0), outcome).await?.unwrap_or_default()),
        }
    }

    async fn fetch_one_by_one(&mut self, rows: &[Row]) -> Result<Vec<(u32, Vec<u8>)>, SyncError> {
        let mut bodies = Vec::new();
        for row in rows {
            let octets = usize::try_from(row.size).unwrap_or(usize::MAX);
            let fetched = self.session.bodies(&UidSet::of([row.uid]), octets).await;
            bodies.extend(self.unless_refused(row.uid, fetched).await?.into_iter().flatten());
        }
        Ok(bodies)
    }

    /// A refusal becomes a note and nothing; every other failure stays one.
    async fn unless_refused<T>(&mut self, uid: u32, outcome: Result<T, SyncError>) -> Result<Option<T>, SyncError> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(SyncError::Refused(refusal)) => {
                self.note(format!("the letter with UID {uid} could not be fetched: {refusal}")).await;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Bodies of letters that are listed by their beginning.
    pub(super) async fn fetch_missing_bodies(&mut self, mailbox: &Mailbox) -> Result<(), SyncError> {
        let missing = self.store.missing_raw(mailbox.id, BODIES).await?;
        if missing.is_empty() {
            return Ok(());
        }
        self.open(&mailbox.path).await?;
        for (letter, uid) in missing {
            self.fetch_one_body(letter, uid, mailbox).await?;
            let attended = self.attend(mailbox.id).await?;
            if attended.arrivals {
                self.look_at_inbox().await?;
            }
            if attended.moved || attended.arrivals {
                self.open(&mailbox.path).await?;
            }
        }
        Ok(())
    }

    /// The body of one letter, wanted now.
    pub async fn fetch_body(&mut self, id: LetterId) -> Result<(), SyncError> {
        let not_found = || SyncError::Store(store::StoreError::NotFound("letter of this number".to_owned()));
        let letter = self.store.letter(id).await?.ok_or_else(not_found)?;
        if letter.has_raw {
            return Ok(());
        }
        let uid = letter.uid.ok_or_else(not_found)?;
        let mailbox = self.store.mailbox(letter.row.mailbox).await?.ok_or_else(not_found)?;
        self.open(&mailbox.path).await?;
        self.fetch_one_body(id, uid, &mailbox).await
    }

    /// Fetches a letter in ranges from the mailbox that is open, and stores it.
    async fn fetch_one_body(&mut self, id: LetterId, uid: u32, mailbox: &Mailbox) -> Result<(), SyncError> {
        let Some(raw) = self.whole_in_ranges(uid).await? else { return Ok(()) };
        let (raw, parsed) = in_background(move || {
            let parsed = message::parse(&raw);
            (raw, parsed)
        })
        .await?;
        self.store.set_raw(id, raw, summary(parsed)).await?;
        let (account, mailbox, role) = (self.account.id, mailbox.id, mailbox.role);
        self.tell(SyncEvent::Letters { account, mailbox, added: vec![], changed: vec![id], removed: vec![] }).await;
        self.tell(SyncEvent::Body { account, mailbox, role, letter: id }).await;
        Ok(())
    }

    /// A range that is shorter than asked for is the last one; the size that the server states is not relied on.
    async fn whole_in_ranges(&mut self, uid: u32) -> Result<Option<Vec<u8>>, SyncError> {
        let mut raw = Vec::new();
        loop {
            let range = self.session.body_range(uid, raw.len() as u64, RANGE).await;
            let Some(range) = self.unless_refused(uid, range).await?.flatten() else { return Ok(None) };
            raw.extend_from_slice(&range);
            if range.len() < RANGE as usize {
                return Ok(Some(raw).filter(|raw| !raw.is_empty()));
            }
            if raw.len() > LARGEST {
                self.note(format!("the letter with UID {uid} is too large to be kept here")).await;
                return Ok(None);
            }
        }
    }
}

async fn parse_in_background(rows: Vec<Row>, bodies: Vec<(u32, Vec<u8>)>) -> Result<Vec<NewLetter>, SyncError> {
    in_background(move || {
        let letters = bodies.into_iter().filter_map(|(uid, raw)| {
            let row = rows.iter().find(|row| row.uid == uid)?;
            // Some servers answer for a letter that has just gone with an empty one.
            (!raw.is_empty() || row.size == 0).then(|| new_letter(row, message::parse(&raw), Some(raw)))
        });
        letters.collect()
    })
    .await
}

/// Parsing takes time that the threads of the runtime are not for.
async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, SyncError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| SyncError::Internal(format!("a letter was not read: {error}")))
}

fn new_letter(row: &Row, parsed: Parsed, raw: Option<Vec<u8>>) -> NewLetter {
    NewLetter {
        uid: row.uid,
        flags: row.flags,
        internal_date: row.internal_date.or(parsed.date).unwrap_or(Timestamp::UNIX_EPOCH),
        size: row.size,
        email_id: row.email_id.clone(),
        summary: summary(parsed),
        raw,
    }
}

/// What the list and the index need of a parsed letter. An image that the text shows in place is no attachment.
fn summary(parsed: Parsed) -> LetterSummary {
    let files: Vec<_> = parsed.attachments.iter().filter(|part| !part.inline).collect();
    LetterSummary {
        message_id: parsed.message_id,
        in_reply_to: parsed.in_reply_to,
        references: parsed.references,
        from: parsed.from,
        to: parsed.to,
        cc: parsed.cc,
        reply_to: parsed.reply_to,
        subject: parsed.subject,
        date: parsed.date,
        snippet: parsed.snippet,
        text: parsed.search_text,
        attachments: u32::try_from(files.len()).unwrap_or(u32::MAX),
        attachment_names: files.into_iter().map(|part| part.name.clone()).collect(),
        list_id: parsed.list_id,
    }
}
