//! Letters: listed, opened, changed, and served to the frame that shows them.

use crate::Engine;
use crate::calls::{AttachmentSaveArgs, LetterArgs, LetterChangeArgs, ListArgs, SearchArgs};
use crate::error::Error;
use crate::view::{AttachmentView, Document, LetterChange, LetterPage, LetterRow, LetterView, ListSource};
use message::Parsed;
use message::html::{self, HtmlOptions, Remote};
use model::{CallError, Flag, LetterId, Mailbox, MailboxId, Mark, OutgoingId, Role};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use store::{Letter, LetterSource};

/// Rows that one call gives at most.
const MAX_ROWS: u32 = 500;
/// Outgoings that are looked through for those whose copy is not in Sent yet.
const RECENT_OUTGOINGS: u32 = 200;

impl Engine {
    pub(crate) async fn letter_list(&self, args: ListArgs) -> Result<LetterPage, Error> {
        let limit = args.limit.min(MAX_ROWS);
        let source = match args.source {
            ListSource::Mailbox { mailbox } => LetterSource::Mailbox(mailbox),
            ListSource::Role { role } => LetterSource::Role(role),
        };
        let unfiled = if self.shows_what_was_sent(args.source).await? { self.unfiled().await? } else { Vec::new() };
        let ahead = unfiled.len() as u32;
        let from = args.offset.saturating_sub(ahead);
        let (stored, rows) = self.store().letters(source, from, limit.saturating_add(ahead)).await?;
        let rows = self.with_marks(rows).await?;
        let merged = merge(rows, unfiled, (args.offset - from) as usize, limit as usize, from > 0);
        Ok(LetterPage { total: stored + ahead, offset: args.offset, rows: merged })
    }

    pub(crate) async fn letter_search(&self, args: SearchArgs) -> Result<Vec<LetterRow>, Error> {
        let rows = self.store().search(&args.query, args.limit.min(MAX_ROWS)).await?;
        self.with_marks(rows).await
    }

    /// Whether a list is one in which people look for what they sent.
    async fn shows_what_was_sent(&self, source: ListSource) -> Result<bool, Error> {
        Ok(match source {
            ListSource::Role { role } => role == Role::Sent,
            ListSource::Mailbox { mailbox } => {
                self.store().mailbox(mailbox).await?.is_some_and(|mailbox| mailbox.role == Some(Role::Sent))
            }
        })
    }

    /// What was sent and has no copy in a mailbox here yet, newest first.
    async fn unfiled(&self) -> Result<Vec<LetterRow>, Error> {
        let mut rows = Vec::new();
        for outgoing in self.store().outgoings(store::OutgoingFilter::All, RECENT_OUTGOINGS, 0).await? {
            let left = outgoing.deliveries.iter().any(|delivery| delivery.state.is_taken());
            if left && self.store().letter_by_message_id(outgoing.account, &outgoing.message_id).await?.is_none() {
                rows.push(self.row_of_outgoing(&outgoing).await?);
            }
        }
        Ok(rows)
    }

    async fn row_of_outgoing(&self, outgoing: &model::Outgoing) -> Result<LetterRow, Error> {
        let parsed = message::parse(&self.store().outgoing_bytes(outgoing.id).await?);
        let states: Vec<_> = outgoing.deliveries.iter().map(|delivery| delivery.state).collect();
        Ok(LetterRow {
            letter: None,
            outgoing: Some(outgoing.id),
            mailbox: None,
            attachments: files(&parsed).count() as u32,
            from: parsed.from,
            to: parsed.to,
            subject: outgoing.subject.clone(),
            snippet: parsed.snippet,
            date: outgoing.created_at,
            unread: false,
            flagged: false,
            answered: false,
            forwarded: false,
            mark: Mark::of(&states),
        })
    }

    /// The rows of these letters, as lists show them.
    pub(crate) async fn rows(&self, letters: &[LetterId]) -> Result<Vec<LetterRow>, Error> {
        let rows = self.store().letter_rows(letters).await?;
        self.with_marks(rows).await
    }

    async fn with_marks(&self, rows: Vec<store::LetterRow>) -> Result<Vec<LetterRow>, Error> {
        let ids: Vec<String> = rows.iter().filter_map(|row| row.message_id.clone()).collect();
        let marks = self.store().marks(&ids).await?;
        Ok(rows.into_iter().map(|row| shown(row, &marks)).collect())
    }

    pub(crate) async fn letter_show(&self, args: LetterArgs) -> Result<LetterView, Error> {
        let letter = self.require_letter(args.letter).await?;
        let raw = self.store().raw(args.letter).await?;
        if raw.is_none() {
            self.want_body(letter.account, args.letter).await;
        }
        let parsed = raw.as_deref().map(message::parse);
        let look = parsed.as_ref().map(|parsed| document(parsed, Remote::Blocked, args.letter));
        let row = self.with_marks(vec![letter.row]).await?.pop().ok_or_else(|| Error::not_found("such letter"))?;
        let from: HashSet<&str> = row.from.iter().map(|address| address.address.as_str()).collect();
        let elsewhere = letter.reply_to.iter().filter(|address| !from.contains(address.address.as_str()));
        Ok(LetterView {
            reply_to: elsewhere.cloned().collect(),
            cc: letter.cc,
            bcc: self.bcc(row.outgoing).await?,
            message_id: parsed.as_ref().and_then(|parsed| parsed.message_id.clone()),
            document: parsed.as_ref().map(|_| args.letter.to_string()),
            remote_images: look.as_ref().map_or(0, |look| look.blocked_remote),
            trackers: look.as_ref().map_or(0, |look| look.trackers),
            attachments: parsed.as_ref().map(attachments).unwrap_or_default(),
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

    pub(crate) async fn letter_change(&self, args: LetterChangeArgs) -> Result<(), Error> {
        let store = self.store();
        match args.change {
            LetterChange::Seen { on } => drop(store.apply_local_flag(&args.letters, Flag::Seen, on).await?),
            LetterChange::Flagged { on } => drop(store.apply_local_flag(&args.letters, Flag::Flagged, on).await?),
            LetterChange::Move { mailbox } => drop(store.apply_local_move(&args.letters, mailbox).await?),
            LetterChange::Delete => drop(store.apply_local_delete(&args.letters).await?),
            LetterChange::File { role } => self.file(&args.letters, role).await?,
        }
        Ok(())
    }

    /// To the mailbox of this role, each in its own account.
    async fn file(&self, letters: &[LetterId], role: Role) -> Result<(), Error> {
        let mut by_target: HashMap<MailboxId, Vec<LetterId>> = HashMap::new();
        for id in letters {
            let letter = self.require_letter(*id).await?;
            let target = self.store().mailbox_by_role(letter.account, role).await?;
            let target = target.ok_or_else(|| no_mailbox(role))?.id;
            if letter.row.mailbox != target {
                by_target.entry(target).or_default().push(*id);
            }
        }
        for (target, letters) in by_target {
            self.store().apply_local_move(&letters, target).await?;
        }
        Ok(())
    }

    pub(crate) async fn attachment_save(&self, args: AttachmentSaveArgs) -> Result<(), Error> {
        let raw = self.require_raw(args.letter).await?;
        let bytes =
            message::attachment(&raw, args.part as usize).ok_or_else(|| Error::not_found("such attachment"))?;
        let path = Path::new(&args.path);
        tokio::fs::write(path, bytes).await.map_err(|error| Error::file("written", path, &error))
    }

    /// What the frame of a letter asks for below the scheme `letter`: `42` is the document of letter 42 (`remote=1` in
    /// the query lets its images in), `42/cid/…` an image that came with it, `outgoing/7` what was sent.
    pub async fn document(&self, path: &str, query: &str) -> Result<Document, CallError> {
        self.find_document(path, query).await.map_err(CallError::from)
    }

    async fn find_document(&self, path: &str, query: &str) -> Result<Document, Error> {
        let parts: Vec<&str> = path.trim_matches('/').splitn(4, '/').collect();
        let number = |text: &str| text.parse::<i64>().map_err(|_| Error::not_found("such document"));
        let remote = if query.split('&').any(|pair| pair == "remote=1") { Remote::Allowed } else { Remote::Blocked };
        match parts.as_slice() {
            ["outgoing", id] => {
                let raw = self.store().outgoing_bytes(OutgoingId(number(id)?)).await?;
                Ok(as_document(&raw, remote, &format!("outgoing/{id}")))
            }
            ["outgoing", id, "cid", cid] => {
                inline_image(&self.store().outgoing_bytes(OutgoingId(number(id)?)).await?, cid)
            }
            [id] => Ok(as_document(&self.require_raw(LetterId(number(id)?)).await?, remote, id)),
            [id, "cid", cid] => inline_image(&self.require_raw(LetterId(number(id)?)).await?, cid),
            _ => Err(Error::not_found("such document")),
        }
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

    /// Letters that have all these words, or words that begin with them, newest first.
    pub async fn search(&self, query: &str, limit: u32) -> Result<Vec<store::LetterRow>, CallError> {
        Ok(self.store().search(query, limit).await.map_err(Error::from)?)
    }

    /// The letter as it came.
    pub async fn raw_letter(&self, id: LetterId) -> Result<Vec<u8>, CallError> {
        Ok(self.require_raw(id).await?)
    }
}

/// Puts what is not filed yet among the rows by date. `rows` begins where the list begins, or `unfiled.len()` rows
/// before the window (`cut`): then nothing that belongs before them is missed.
fn merge(rows: Vec<LetterRow>, unfiled: Vec<LetterRow>, skip: usize, limit: usize, cut: bool) -> Vec<LetterRow> {
    if unfiled.is_empty() {
        return rows.into_iter().take(limit).collect();
    }
    let newest = rows.first().map(|row| row.date).filter(|_| cut);
    let before = unfiled.iter().filter(|row| newest.is_some_and(|newest| row.date > newest)).count();
    let inside = unfiled.into_iter().skip(before);
    let mut all: Vec<LetterRow> = rows.into_iter().chain(inside).collect();
    all.sort_by_key(|row| std::cmp::Reverse(row.date));
    all.into_iter().skip(skip.saturating_sub(before)).take(limit).collect()
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
    }
}

fn files(parsed: &Parsed) -> impl Iterator<Item = &message::AttachmentPart> {
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

fn document(parsed: &Parsed, remote: Remote, base: impl std::fmt::Display) -> html::SafeHtml {
    match (&parsed.html, &parsed.text) {
        (Some(foreign), _) => {
            html::safe(foreign, &HtmlOptions { remote, cid_base: format!("{LETTER_ORIGIN}{base}/cid/") })
        }
        (None, text) => html::SafeHtml {
            document: html::from_text(text.as_deref().unwrap_or_default()),
            ..html::SafeHtml::default()
        },
    }
}

/// Where the shell serves letters; custom schemes are plain hosts on Windows.
const LETTER_ORIGIN: &str = if cfg!(windows) { "http://letter.localhost/" } else { "letter://localhost/" };
/// The same as a source expression of a Content-Security-Policy.
const LETTER_SOURCE: &str = if cfg!(windows) { "http://letter.localhost" } else { "letter:" };

fn as_document(raw: &[u8], remote: Remote, base: &str) -> Document {
    let look = document(&message::parse(raw), remote, base);
    Document {
        content_type: "text/html; charset=utf-8".to_owned(),
        policy: html::csp(remote, LETTER_SOURCE),
        body: look.document.into_bytes(),
    }
}

/// Only raster images are served: anything else could be a document of its own.
fn inline_image(raw: &[u8], cid: &str) -> Result<Document, Error> {
    const IMAGES: [&str; 5] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"];
    let (part, body) = message::attachment_by_content_id(raw, &percent_decoded(cid))
        .filter(|(part, _)| IMAGES.contains(&part.content_type.as_str()))
        .ok_or_else(|| Error::not_found("such image"))?;
    Ok(Document { content_type: part.content_type, policy: "default-src 'none'; sandbox".to_owned(), body })
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn no_mailbox(role: Role) -> Error {
    CallError::new(
        "no-mailbox",
        format!("this account has no mailbox for {}", role.word()),
        "Make one on the server, or move the letter to another mailbox.",
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(minute: i64, filed: bool) -> LetterRow {
        LetterRow {
            letter: filed.then_some(LetterId(minute)),
            outgoing: None,
            mailbox: None,
            from: Vec::new(),
            to: Vec::new(),
            subject: String::new(),
            snippet: String::new(),
            date: jiff::Timestamp::from_second(minute * 60).expect("a time"),
            unread: false,
            flagged: false,
            answered: false,
            forwarded: false,
            attachments: 0,
            mark: None,
        }
    }

    #[test]
    fn every_window_of_sent_is_part_of_one_list() {
        let stored: Vec<LetterRow> = (0..40).rev().map(|n| row(n * 2, true)).collect();
        let unfiled: Vec<LetterRow> = [77, 33, 3].map(|minute| row(minute, false)).to_vec();
        let mut whole: Vec<LetterRow> = stored.iter().chain(&unfiled).cloned().collect();
        whole.sort_by_key(|row| std::cmp::Reverse(row.date));
        for offset in 0..whole.len() {
            let from = offset.saturating_sub(unfiled.len());
            let window: Vec<LetterRow> = stored.iter().skip(from).take(10 + unfiled.len()).cloned().collect();
            let page = merge(window, unfiled.clone(), offset - from, 10, from > 0);
            let expected: Vec<LetterRow> = whole.iter().skip(offset).take(10).cloned().collect();
            assert_eq!(page, expected, "at {offset}");
        }
    }

    #[test]
    fn content_ids_come_percent_encoded() {
        assert_eq!(percent_decoded("a%40b%2Ftest%"), "a@b/test%");
    }
}
