//! Letters: listed, opened, changed, and served to the frame that shows them.

use crate::Engine;
use crate::calls::{LetterArgs, ListArgs};
use crate::error::Error;
use crate::frame::{self, LetterLook};
use crate::view::{AttachmentView, LabelView, LetterPage, LetterRow, LetterView, ListSource, WithheldView};
use jiff::Timestamp;
use message::Parsed;
use message::html::{self, SafeHtml};
use model::{CallError, Flag, LetterId, Mailbox, MailboxId, Mark, OutgoingId, Role};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use store::{Letter, LetterSource, StoredReport, UnfiledRow};

/// Rows that one call gives at most.
const MAX_ROWS: u32 = 500;

impl Engine {
    pub(crate) async fn letter_list(&self, args: ListArgs) -> Result<LetterPage, Error> {
        let limit = args.limit.min(MAX_ROWS);
        let source = match args.source {
            ListSource::Mailbox { mailbox } => LetterSource::Mailbox(mailbox),
            ListSource::Role { role } => LetterSource::Role(role),
        };
        if args.threaded && self.has_threads(args.source).await? {
            let (total, rows) = self.store().threads(source, args.offset, limit).await?;
            return Ok(LetterPage { total, offset: args.offset, rows: self.with_threads(rows).await? });
        }
        let unfiled = self.unfiled_beside(args.source).await?;
        if unfiled.is_empty() {
            let (total, rows) = self.store().letters(source, args.offset, limit).await?;
            return Ok(LetterPage { total, offset: args.offset, rows: self.with_marks(rows).await? });
        }
        let stored = self.store().letter_dates(source, args.offset.saturating_add(limit)).await?;
        let dates: Vec<Timestamp> = unfiled.iter().map(|(_, date)| *date).collect();
        let window = window(&stored, &dates, args.offset as usize, limit as usize);
        let (total, rows) =
            self.store().letters(source, window.stored.start as u32, window.stored.len() as u32).await?;
        let mut rows = self.with_marks(rows).await?;
        let shown: Vec<OutgoingId> =
            unfiled.iter().take(window.unfiled.end).skip(window.unfiled.start).map(|(id, _)| *id).collect();
        rows.extend(self.store().unfiled_rows(&shown).await?.into_iter().map(unfiled_row));
        rows.sort_by_key(|row| std::cmp::Reverse(row.date));
        Ok(LetterPage { total: total + unfiled.len() as u32, offset: args.offset, rows })
    }

    /// What stands in a list beside its letters: where people look for what they sent, what has no copy there yet.
    async fn unfiled_beside(&self, source: ListSource) -> Result<Vec<(OutgoingId, Timestamp)>, Error> {
        let account = match source {
            ListSource::Role { role: Role::Sent } => None,
            ListSource::Role { .. } => return Ok(Vec::new()),
            ListSource::Mailbox { mailbox } => match self.store().mailbox(mailbox).await? {
                Some(mailbox) if mailbox.role == Some(Role::Sent) => Some(mailbox.account),
                _ => return Ok(Vec::new()),
            },
        };
        Ok(self.store().unfiled(account).await?)
    }

    /// The rows of these letters, as lists show them.
    pub(crate) async fn rows(&self, letters: &[LetterId]) -> Result<Vec<LetterRow>, Error> {
        let rows = self.store().letter_rows(letters).await?;
        self.with_marks(rows).await
    }

    pub(crate) async fn with_marks(&self, rows: Vec<store::LetterRow>) -> Result<Vec<LetterRow>, Error> {
        let ids: Vec<String> = rows.iter().filter_map(|row| row.message_id.clone()).collect();
        let marks = self.store().marks(&ids).await?;
        let mut labels = self.labels_of(&rows).await?;
        let shown = rows.into_iter().map(|row| {
            let labels = labels.remove(&row.id);
            LetterRow { labels, ..shown(row, &marks) }
        });
        Ok(shown.collect())
    }

    /// The labels of letters that have any, but for those of the mailboxes they are seen in.
    async fn labels_of(&self, rows: &[store::LetterRow]) -> Result<HashMap<LetterId, Vec<LabelView>>, Error> {
        let labels = self.store().labels(rows.iter().map(|row| row.content).collect()).await?;
        if labels.is_empty() {
            return Ok(HashMap::new());
        }
        let mailboxes = self.store().mailboxes(None).await?;
        let account = |row: &store::LetterRow| {
            mailboxes.iter().find(|mailbox| mailbox.id == row.mailbox).map(|mailbox| mailbox.account)
        };
        let of_row = |row: &store::LetterRow| {
            let account = account(row)?;
            let views = labels.get(&row.content)?.iter().map(|name| {
                let of_label = |mailbox: &&Mailbox| mailbox.account == account && mailbox.path == *name;
                LabelView { name: name.clone(), mailbox: mailboxes.iter().find(of_label).map(|mailbox| mailbox.id) }
            });
            let views: Vec<_> = views.filter(|label| label.mailbox != Some(row.mailbox)).collect();
            (!views.is_empty()).then_some((row.id, views))
        };
        Ok(rows.iter().filter_map(of_row).collect())
    }

    pub(crate) async fn letter_show(&self, args: LetterArgs) -> Result<LetterView, Error> {
        let letter = self.require_letter(args.letter).await?;
        let raw = self.store().raw(args.letter).await?;
        let mut withheld = None;
        if raw.is_none() {
            withheld = self.store().refused_body(args.letter).await?;
            self.want_body(letter.account, args.letter).await;
        }
        let read = frame::aside(move || {
            let parsed = raw.as_deref().map(message::parse);
            let safe = parsed.as_ref().map(frame::looked_at);
            (parsed, safe)
        });
        let (parsed, safe) = read.await?;
        let row = self.with_marks(vec![letter.row]).await?.pop().ok_or_else(|| Error::not_found("such letter"))?;
        let from: HashSet<&str> = row.from.iter().map(|address| address.address.as_str()).collect();
        let elsewhere = letter.reply_to.iter().filter(|address| !from.contains(address.address.as_str()));
        let look = match (&parsed, &safe) {
            (Some(parsed), Some(safe)) => self.letter_look(&row, parsed, safe).await?,
            _ => LetterLook::default(),
        };
        Ok(LetterView {
            look,
            reply_to: elsewhere.cloned().collect(),
            cc: letter.cc,
            bcc: self.bcc(row.outgoing).await?,
            message_id: parsed.as_ref().and_then(|parsed| parsed.message_id.clone()),
            document: parsed.as_ref().map(|_| args.letter.to_string()),
            withheld: withheld.map(|refused| WithheldView { reason: refused.reason, next_at: refused.next_at }),
            remote_images: safe.as_ref().map_or(0, |safe| safe.blocked_remote),
            trackers: safe.as_ref().map_or(0, |safe| safe.trackers),
            attachments: parsed.as_ref().map(attachments).unwrap_or_default(),
            page: safe.as_ref().map(page).unwrap_or_default(),
            row,
        })
    }

    async fn bcc(&self, outgoing: Option<OutgoingId>) -> Result<Vec<model::Address>, Error> {
        let Some(id) = outgoing else { return Ok(Vec::new()) };
        let bcc = self.store().outgoing_bcc(id).await?;
        Ok(bcc.into_iter().map(|address| model::Address::new(None, address.to_string())).collect())
    }

    pub(crate) async fn letter_source(&self, args: LetterArgs) -> Result<String, Error> {
        let raw = self.require_raw(args.letter).await?;
        Ok(String::from_utf8_lossy(&raw).into_owned())
    }

    pub(crate) async fn require_letter(&self, id: LetterId) -> Result<Letter, Error> {
        self.store().letter(id).await?.ok_or_else(|| Error::not_found("such letter"))
    }

    pub(crate) async fn require_raw(&self, id: LetterId) -> Result<Vec<u8>, Error> {
        if let Some(raw) = self.store().raw(id).await? {
            return Ok(raw);
        }
        let letter = self.require_letter(id).await?;
        self.want_body(letter.account, id).await;
        Err(CallError::new(
            "not-here",
            "this letter has not been fetched yet",
            "It comes as soon as the server can be reached.",
        )
        .into())
    }

    /// Every mailbox of an account, or of all.
    pub async fn mailboxes(&self, account: Option<model::AccountId>) -> Result<Vec<Mailbox>, CallError> {
        Ok(self.store().mailboxes(account).await.map_err(Error::from)?)
    }

    /// A window of a mailbox, for the command line.
    pub async fn letters_in(&self, mailbox: MailboxId, limit: u32) -> Result<Vec<store::LetterRow>, CallError> {
        let (_, rows) = self.store().letters(LetterSource::Mailbox(mailbox), 0, limit).await.map_err(Error::from)?;
        Ok(rows)
    }

    /// The letter as it came.
    pub async fn raw_letter(&self, id: LetterId) -> Result<Vec<u8>, CallError> {
        Ok(self.require_raw(id).await?)
    }
}

/// What of two lists, newest first, a window of both together holds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Window {
    stored: Range<usize>,
    unfiled: Range<usize>,
}

/// Merges two lists by date as far as the window goes. Of two with the same date, the stored one comes first.
fn window(stored: &[Timestamp], unfiled: &[Timestamp], offset: usize, limit: usize) -> Window {
    let beside = |from_stored: usize, from_unfiled: usize| match (stored.get(from_stored), unfiled.get(from_unfiled))
    {
        (Some(stored), Some(unfiled)) if unfiled > stored => (from_stored, from_unfiled + 1),
        (None, Some(_)) => (from_stored, from_unfiled + 1),
        (Some(_), _) => (from_stored + 1, from_unfiled),
        (None, None) => (from_stored, from_unfiled),
    };
    let walk = |from, steps| (0..steps).fold(from, |(stored, unfiled), _| beside(stored, unfiled));
    let begin = walk((0, 0), offset.min(stored.len() + unfiled.len()));
    let end = walk(begin, limit);
    Window { stored: begin.0..end.0, unfiled: begin.1..end.1 }
}

fn unfiled_row(row: UnfiledRow) -> LetterRow {
    LetterRow {
        letter: None,
        outgoing: Some(row.id),
        mailbox: None,
        from: vec![row.from],
        to: row.to,
        subject: row.subject,
        snippet: row.snippet,
        date: row.created_at,
        unread: false,
        flagged: false,
        answered: false,
        forwarded: false,
        attachments: row.attachments,
        mark: row.mark,
        thread: None,
        labels: None,
    }
}

fn shown(row: store::LetterRow, marks: &HashMap<String, (OutgoingId, Mark)>) -> LetterRow {
    let sent = row.message_id.as_ref().and_then(|id| marks.get(id));
    LetterRow {
        letter: Some(row.id),
        outgoing: sent.map(|(id, _)| *id),
        mailbox: Some(row.mailbox),
        from: row.from,
        to: row.to,
        subject: row.subject,
        snippet: row.snippet,
        date: row.date,
        unread: !row.flags.has(Flag::Seen),
        flagged: row.flags.has(Flag::Flagged),
        answered: row.flags.has(Flag::Answered),
        forwarded: row.flags.has(Flag::Forwarded),
        attachments: row.attachments,
        mark: sent.map(|(_, mark)| mark.clone()),
        thread: None,
        labels: None,
    }
}

/// A report that was written here, as a letter. Its machine-readable parts are in its source.
pub(crate) fn report_letter(report: &StoredReport, raw: &[u8]) -> LetterView {
    let mut letter = unfiled_letter(raw, report.created_at, &format!("report/{}", report.id));
    letter.row.outgoing = Some(report.outgoing);
    letter.attachments = Vec::new();
    letter
}

/// A letter that lies in no mailbox: a report, or one that is attached to another. `document` is where its frame is
/// filled from.
pub(crate) fn unfiled_letter(raw: &[u8], date: Timestamp, document: &str) -> LetterView {
    let parsed = message::parse(raw);
    let look = frame::looked_at(&parsed);
    LetterView {
        look: LetterLook::default(),
        cc: parsed.cc.clone(),
        bcc: Vec::new(),
        reply_to: Vec::new(),
        message_id: parsed.message_id.clone(),
        document: Some(document.to_owned()),
        withheld: None,
        remote_images: look.blocked_remote,
        trackers: look.trackers,
        attachments: attachments(&parsed),
        page: page(&look),
        row: LetterRow {
            letter: None,
            outgoing: None,
            mailbox: None,
            from: parsed.from,
            to: parsed.to,
            subject: parsed.subject,
            snippet: parsed.snippet,
            date: parsed.date.unwrap_or(date),
            unread: false,
            flagged: false,
            answered: false,
            forwarded: false,
            attachments: 0,
            mark: None,
            thread: None,
            labels: None,
        },
    }
}

fn page(safe: &SafeHtml) -> Vec<html::Block> {
    html::extent(&safe.document)
}

/// The parts that are files, not images in the text.
pub(crate) fn files(parsed: &Parsed) -> impl Iterator<Item = &message::AttachmentPart> {
    parsed.attachments.iter().filter(|part| !part.inline)
}

fn attachments(parsed: &Parsed) -> Vec<AttachmentView> {
    let view = |part: &message::AttachmentPart| AttachmentView {
        part: part.part as u32,
        name: part.name.clone(),
        content_type: part.content_type.clone(),
        size: part.size,
    };
    files(parsed).map(view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_of_sent_is_part_of_one_list() {
        let at = |minute: i64| Timestamp::from_second(minute * 60).expect("a time");
        let stored: Vec<Timestamp> = (0..40).rev().map(|n| at(n * 2)).collect();
        let unfiled = [90, 77, 40, 33, 3, -5].map(at);
        let mut whole: Vec<Timestamp> = stored.iter().chain(&unfiled).copied().collect();
        whole.sort_by_key(|date| std::cmp::Reverse(*date));
        for offset in 0..whole.len() + 5 {
            // The store gives no more than a window can need.
            let read: Vec<Timestamp> = stored.iter().take(offset + 10).copied().collect();
            let seen = window(&read, &unfiled, offset, 10);
            let mut page = [&stored[seen.stored], &unfiled[seen.unfiled]].concat();
            page.sort_by_key(|date| std::cmp::Reverse(*date));
            let expected: Vec<Timestamp> = whole.iter().skip(offset).take(10).copied().collect();
            assert_eq!(page, expected, "at {offset}");
        }
    }
}
