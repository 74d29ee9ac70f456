//! Drafts: begun, saved, given files, thrown away.

use crate::Engine;
use crate::accounts::parse_address;
use crate::calls::{DraftAnswerArgs, DraftArgs, DraftAttachArgs, DraftDetachArgs, DraftNewArgs, DraftSaveArgs};
use crate::error::Error;
use crate::view::{AnswerKind, DraftView, Nothing};
use jiff::tz::{Offset, TimeZone};
use message::compose::Attachment;
use message::reply::{self, Answering};
use message::{Parsed, html, mailto};
use model::{Account, AccountId, Address, CallError, DraftId, EmailAddress, Identity, Outgoing, RoutePolicy};
use std::path::Path;
use store::{Draft, StoredDraft};

/// The largest file that is put into a letter. Few servers take more, and base64 adds a third.
const MAX_ATTACHMENT: u64 = 50 * 1024 * 1024;

impl Engine {
    pub(crate) async fn draft_list(&self, _: Nothing) -> Result<Vec<DraftView>, Error> {
        Ok(self.store().drafts().await?.into_iter().map(view).collect())
    }

    pub(crate) async fn draft_show(&self, args: DraftArgs) -> Result<DraftView, Error> {
        self.show_draft(args.draft).await
    }

    /// A draft as the window shows it, which has it open from now on.
    pub(crate) async fn show_draft(&self, id: DraftId) -> Result<DraftView, Error> {
        *self.inner.shown_draft.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(id);
        Ok(view(self.require_draft(id).await?))
    }

    /// Whether the window may have a draft open: the one that it opened last.
    pub(crate) fn may_be_open(&self, id: DraftId) -> bool {
        *self.inner.shown_draft.lock().unwrap_or_else(std::sync::PoisonError::into_inner) == Some(id)
    }

    pub(crate) async fn require_draft(&self, id: DraftId) -> Result<StoredDraft, Error> {
        self.store().draft(id).await?.ok_or_else(|| Error::not_found("such draft: it was sent or thrown away"))
    }

    pub(crate) async fn draft_new(&self, args: DraftNewArgs) -> Result<DraftView, Error> {
        let (account, identity) = self.sender(args.account, None).await?;
        let mut draft = blank(&account, &identity);
        if let Some(asked) = args.mailto.as_deref().and_then(mailto::parse) {
            draft.to = asked.to;
            draft.cc = asked.cc;
            draft.bcc = asked.bcc;
            draft.subject = asked.subject;
            draft.html = format!("{}{}", html::fragment_from_text(&asked.body), draft.html);
        }
        self.keep_new(&draft).await
    }

    pub(crate) async fn draft_answer(&self, args: DraftAnswerArgs) -> Result<DraftView, Error> {
        let letter = self.require_letter(args.letter).await?;
        let raw = self.require_raw(args.letter).await?;
        let parsed = message::parse(&raw);
        let own = self.own_addresses().await?;
        let written = parsed.date.unwrap_or(letter.row.date);
        let answering = Answering { own: &own, utc_offset: local_offset(written) };
        let kind = match args.kind {
            AnswerKind::Reply => reply::AnswerKind::Reply,
            AnswerKind::ReplyAll => reply::AnswerKind::ReplyAll,
            AnswerKind::Forward => reply::AnswerKind::Forward,
        };
        let answer = reply::answer(kind, &parsed, &answering);
        let (account, identity) = self.sender(Some(letter.account), answer.from.as_ref()).await?;
        let forward = args.kind == AnswerKind::Forward;
        let draft = Draft {
            to: answer.to,
            cc: answer.cc,
            subject: answer.subject,
            html: format!("{}{}", blank(&account, &identity).html, answer.html),
            in_reply_to: answer.in_reply_to,
            references: answer.references,
            answers: (!forward).then_some(args.letter),
            forwards: forward.then_some(args.letter),
            ..blank(&account, &identity)
        };
        let id = self.store().save_draft(None, &draft).await?;
        self.attach_parts(id, &parsed, &raw, &answer.parts).await?;
        self.show_draft(id).await
    }

    /// Copies parts of a message into a draft.
    pub(crate) async fn attach_parts(
        &self,
        draft: DraftId,
        parsed: &Parsed,
        raw: &[u8],
        parts: &[usize],
    ) -> Result<(), Error> {
        for part in parsed.attachments.iter().filter(|part| parts.contains(&part.part)) {
            if let Some(bytes) = message::attachment(raw, part.part) {
                let cid = part.content_id.as_deref().filter(|_| part.inline);
                self.store().add_attachment(draft, &part.name, &part.content_type, cid, bytes).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn draft_save(&self, args: DraftSaveArgs) -> Result<DraftView, Error> {
        self.store().save_draft(Some(args.draft), &args.content).await?;
        self.show_draft(args.draft).await
    }

    pub(crate) async fn draft_attach(&self, args: DraftAttachArgs) -> Result<DraftView, Error> {
        for path in &args.paths {
            self.attach_file(args.draft, Path::new(path)).await?;
        }
        self.show_draft(args.draft).await
    }

    pub(crate) async fn attach_file(&self, draft: DraftId, path: &Path) -> Result<(), Error> {
        let Attachment { name, content_type, content_id, bytes } = read_attachment(path).await?;
        self.store().add_attachment(draft, &name, &content_type, content_id.as_deref(), bytes).await?;
        Ok(())
    }

    pub(crate) async fn draft_detach(&self, args: DraftDetachArgs) -> Result<DraftView, Error> {
        self.store().remove_attachment(args.attachment).await?;
        self.show_draft(args.draft).await
    }

    pub(crate) async fn draft_discard(&self, args: DraftArgs) -> Result<(), Error> {
        Ok(self.store().delete_draft(args.draft).await?)
    }

    pub(crate) async fn keep_new(&self, draft: &Draft) -> Result<DraftView, Error> {
        let id = self.store().save_draft(None, draft).await?;
        self.show_draft(id).await
    }

    /// The account and identity to write from: the ones asked for, else the first there are.
    pub(crate) async fn sender(
        &self,
        account: Option<AccountId>,
        from: Option<&EmailAddress>,
    ) -> Result<(Account, Identity), Error> {
        let account = match account {
            Some(id) => Some(self.require_account(id).await?),
            None => self.store().accounts().await?.into_iter().next(),
        };
        let account = account.ok_or_else(no_account)?;
        let wanted = account.identities.iter().find(|identity| Some(&identity.address) == from);
        let identity = wanted.or_else(|| account.identities.first()).cloned().ok_or_else(no_account)?;
        Ok((account, identity))
    }

    /// The account with this From address.
    pub(crate) async fn sender_by_address(&self, from: &str) -> Result<(Account, Identity), Error> {
        let address = parse_address(from)?;
        let account = self.store().account_by_address(&address).await?;
        let account = account.ok_or_else(|| -> Error {
            let message = format!("no account here sends as {address}");
            CallError::new("no-account", message, "postrider account list shows the accounts.").into()
        })?;
        self.sender(Some(account.id), Some(&address)).await
    }

    async fn own_addresses(&self) -> Result<Vec<EmailAddress>, Error> {
        let accounts = self.store().accounts().await?;
        let identities = accounts.into_iter().flat_map(|account| account.identities);
        Ok(identities.map(|identity| identity.address).collect())
    }
}

/// A file, as it goes into a letter.
pub(crate) async fn read_attachment(path: &Path) -> Result<Attachment, Error> {
    let failed = |error: std::io::Error| Error::file("read", path, &error);
    let about = tokio::fs::metadata(path).await.map_err(failed)?;
    if !about.is_file() {
        return Err(Error::invalid(format!("{} is not a file", path.display()), "Pack folders into one file first."));
    }
    if about.len() > MAX_ATTACHMENT {
        let message = format!("{} has {} MB", path.display(), about.len() / (1024 * 1024));
        let hint = "At most 50 MB fit into a letter; share a link instead.";
        return Err(CallError::new("too-large", message, hint).into());
    }
    let bytes = tokio::fs::read(path).await.map_err(failed)?;
    let name = path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned());
    Ok(Attachment { content_type: media_type(&name).to_owned(), name, content_id: None, bytes })
}

fn view(stored: StoredDraft) -> DraftView {
    DraftView { id: stored.id, draft: stored.draft, attachments: stored.attachments, saved_at: stored.saved_at }
}

/// An empty letter of this identity, with its signature. It has no route of its own: rules and the identity's default are
/// looked at when it leaves.
pub(crate) fn blank(account: &Account, identity: &Identity) -> Draft {
    let signature = match identity.signature.trim() {
        "" => String::new(),
        text => format!("<p><br></p><p>-- </p>{}", html::fragment_from_text(text)),
    };
    Draft {
        account: account.id,
        identity: identity.id,
        to: Vec::new(),
        cc: Vec::new(),
        bcc: Vec::new(),
        subject: String::new(),
        html: signature,
        in_reply_to: None,
        references: Vec::new(),
        answers: None,
        forwards: None,
        route: RoutePolicy::Auto,
        require_tls: false,
    }
}

/// A draft with the content of a message: for undo, and for editing and sending again.
pub(crate) fn draft_of(
    account: &Account,
    identity: &Identity,
    parsed: &Parsed,
    bcc: Vec<Address>,
    outgoing: &Outgoing,
) -> Draft {
    let html = match (&parsed.html, &parsed.text) {
        (Some(written), _) => html::quotable(written),
        (None, text) => html::fragment_from_text(text.as_deref().unwrap_or_default()),
    };
    Draft {
        to: parsed.to.clone(),
        cc: parsed.cc.clone(),
        bcc,
        subject: parsed.subject.clone(),
        html,
        in_reply_to: parsed.in_reply_to.first().cloned(),
        references: parsed.references.clone(),
        route: outgoing.route.clone(),
        require_tls: outgoing.require_tls,
        ..blank(account, identity)
    }
}

/// The offset from UTC here, at this time.
pub(crate) fn local_offset(at: jiff::Timestamp) -> Offset {
    TimeZone::system().to_offset(at)
}

fn no_account() -> Error {
    CallError::new(
        "no-account",
        "there is no account to send from",
        "Add one with postrider account add, or in the window.",
    )
    .into()
}

/// The media type by the name's ending: what receivers need to show a file, and no more.
fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "txt" | "log" | "md" => "text/plain",
        "html" | "htm" => "text/html",
        "csv" => "text/csv",
        "ics" => "text/calendar",
        "vcf" => "text/vcard",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "json" => "application/json",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "eml" => "message/rfc822",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_of_any_letter_has_a_limit_and_a_type() {
        let place = tempfile::tempdir().expect("a directory");
        let path = |name: &str| place.path().join(name);
        std::fs::write(path("notes.TXT"), "x").expect("written");
        let notes = read_attachment(&path("notes.TXT")).await.expect("a small one");
        assert_eq!((notes.name.as_str(), notes.content_type.as_str()), ("notes.TXT", "text/plain"));
        let large = std::fs::File::create(path("film.mp4")).expect("made");
        large.set_len(MAX_ATTACHMENT + 1).expect("room, for it has holes");
        let table = [("film.mp4", "too-large"), ("", "invalid"), ("missing", "file")];
        for (name, code) in table {
            let error = CallError::from(read_attachment(&path(name)).await.expect_err(name));
            assert_eq!(error.code, code, "{name}");
        }
    }
}
