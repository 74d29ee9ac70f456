//! Send: a letter becomes an outgoing, on disk, before anybody is told that it was sent.

use crate::Engine;
use crate::accounts::parse_addresses;
use crate::calls::{DraftSendArgs, RoutePreviewArgs};
use crate::drafts::{blank, local_offset, read_attachment};
use crate::error::Error;
use crate::letters::files;
use crate::marks::outlook;
use crate::settings::undo_seconds;
use crate::view::RouteChoice;
use jiff::{SignedDuration, Timestamp};
use message::compose::{self, Attachment, Letter};
use model::{
    Account, Address, CallError, EmailAddress, Flag, HoldReason, Identity, LetterId, OutgoingId, RoutePolicy,
};
use std::collections::BTreeSet;
use std::path::PathBuf;
use store::{Draft, NewOutgoing, StoredDraft};

/// A letter from the command line.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// From; the first account's address where it is `None`.
    pub from: Option<String>,
    /// To: each an address with or without a name, or a list of them ([`Address::parse_list`]).
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// Files.
    pub attachments: Vec<PathBuf>,
    /// The route; rules and the identity's default decide where it is `None`.
    pub route: Option<RoutePolicy>,
    /// Whether it may travel only over verified encryption (REQUIRETLS, RFC 8689).
    pub require_tls: bool,
    /// Not before this time.
    pub at: Option<Timestamp>,
}

impl Engine {
    pub(crate) async fn draft_send(&self, args: DraftSendArgs) -> Result<OutgoingId, Error> {
        let stored = self.require_draft(args.draft).await?;
        let account = self.require_account(stored.draft.account).await?;
        let identity = account.identities.iter().find(|identity| identity.id == stored.draft.identity);
        let identity = identity.or_else(|| account.identities.first()).cloned();
        let identity = identity.ok_or_else(|| Error::not_found("such sender"))?;
        let now = Timestamp::now();
        let hold = match args.at.as_deref() {
            Some(at) => Some((HoldReason::Scheduled, Some(future(at, now)?))),
            None => undo_window(now, undo_seconds(self.store()).await?),
        };
        let letter = self.letter_of(&stored, &identity, now).await?;
        let answered = (stored.draft.answers, stored.draft.forwards);
        let asked = Asked { route: stored.draft.route, require_tls: stored.draft.require_tls, hold };
        let outgoing = self.queue(&account, letter, asked, Some(stored.id), answered.0).await?;
        self.mark_answered(answered).await;
        Ok(outgoing)
    }

    /// Queues a letter from the command line, at once unless it has a time.
    pub async fn submit(&self, submission: Submission) -> Result<OutgoingId, CallError> {
        Ok(self.submit_letter(submission).await?)
    }

    async fn submit_letter(&self, submission: Submission) -> Result<OutgoingId, Error> {
        let (account, identity) = match &submission.from {
            Some(from) => self.sender_by_address(from).await?,
            None => self.sender(None, None).await?,
        };
        let now = Timestamp::now();
        let hold = match submission.at {
            Some(at) if at <= now => return Err(past(at)),
            at => at.map(|at| (HoldReason::Scheduled, Some(at))),
        };
        let to = submission.to.iter().map(|to| parse_addresses(to)).collect::<Result<Vec<_>, _>>()?.concat();
        let draft = Draft { to, subject: submission.subject, html: String::new(), ..blank(&account, &identity) };
        let mut letter = letter(&draft, &identity, now);
        letter.html = None;
        letter.text = Some(submission.text);
        for path in &submission.attachments {
            letter.attachments.push(read_attachment(path).await?);
        }
        let route = submission.route.unwrap_or_default();
        self.queue(&account, letter, Asked { route, require_tls: submission.require_tls, hold }, None, None).await
    }

    pub(crate) async fn letter_of(
        &self,
        stored: &StoredDraft,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<Letter, Error> {
        let mut letter = letter(&stored.draft, identity, now);
        for attachment in &stored.attachments {
            letter.attachments.push(Attachment {
                name: attachment.name.clone(),
                content_type: attachment.content_type.clone(),
                content_id: attachment.content_id.clone(),
                bytes: self.store().attachment_bytes(attachment.id).await?,
            });
        }
        Ok(letter)
    }

    async fn queue(
        &self,
        account: &Account,
        letter: Letter,
        asked: Asked,
        draft: Option<model::DraftId>,
        answers: Option<LetterId>,
    ) -> Result<OutgoingId, Error> {
        let route = self.known_route(asked.route).await?;
        let bcc: Vec<EmailAddress> =
            letter.bcc.iter().filter_map(|address| EmailAddress::parse(&address.address).ok()).collect();
        let built = compose::build(&letter)?;
        let parsed = message::parse(&built.bytes);
        let (bytes, why_unsigned) = self.signed(&letter.from.address, built.bytes).await?;
        let new = NewOutgoing {
            account: Some(account.id),
            message_id: built.message_id,
            sender: Some(built.sender),
            from: letter.from,
            to: letter.to,
            subject: letter.subject,
            attachments: files(&parsed).count() as u32,
            snippet: parsed.snippet,
            bytes,
            route,
            recipients: built.recipients,
            bcc,
            hold: asked.hold,
            draft,
            created_at: letter.date,
            answers,
            require_tls: asked.require_tls,
        };
        let outgoing = self.store().submit(new).await?;
        self.note_unsigned(outgoing, why_unsigned).await;
        Ok(outgoing)
    }

    /// A route by a name that nobody has would only fail later.
    pub(crate) async fn known_route(&self, route: RoutePolicy) -> Result<RoutePolicy, Error> {
        if let RoutePolicy::SmartHost(name) = &route
            && self.store().smart_host(name).await?.is_none()
        {
            let message = format!("there is no smart host “{name}”");
            return Err(CallError::new(
                "no-smart-host",
                message,
                "Choose auto, direct, or a smart host of an account.",
            )
            .into());
        }
        Ok(route)
    }

    /// The letter that was answered or forwarded shows it. That this fails does not make the letter unsent.
    async fn mark_answered(&self, (answered, forwarded): (Option<LetterId>, Option<LetterId>)) {
        for (letter, flag) in [(answered, Flag::Answered), (forwarded, Flag::Forwarded)] {
            let Some(letter) = letter else { continue };
            if let Err(error) = self.store().apply_local_flag(&[letter], flag, true).await {
                tracing::warn!(%letter, %error, "the answered letter could not be marked");
            }
        }
    }

    pub(crate) async fn route_preview(&self, args: RoutePreviewArgs) -> Result<Vec<RouteChoice>, Error> {
        let account = self.require_account(args.account).await?;
        let addresses = args.recipients.iter().filter_map(|text| EmailAddress::parse(text).ok());
        let domains: BTreeSet<String> = addresses.map(|address| address.domain().to_owned()).collect();
        let from = outlook::sender(&account, args.identity);
        let choices = self.choices(&account, &from, &args.route, domains.into_iter()).await?;
        Ok(choices.into_iter().map(outlook::shown).collect())
    }
}

/// How a letter is to travel, and when.
struct Asked {
    route: RoutePolicy,
    require_tls: bool,
    hold: Option<(HoldReason, Option<Timestamp>)>,
}

fn letter(draft: &Draft, identity: &Identity, now: Timestamp) -> Letter {
    let from = Address::new(Some(identity.name.clone()), identity.address.to_string());
    Letter {
        to: draft.to.clone(),
        cc: draft.cc.clone(),
        bcc: draft.bcc.clone(),
        subject: draft.subject.clone(),
        html: Some(draft.html.clone()),
        in_reply_to: draft.in_reply_to.clone(),
        references: draft.references.clone(),
        ..Letter::new(from, now, local_offset(now))
    }
}

fn undo_window(now: Timestamp, seconds: u32) -> Option<(HoldReason, Option<Timestamp>)> {
    let until = now.saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(now);
    (seconds > 0).then_some((HoldReason::Undo, Some(until)))
}

fn future(at: &str, now: Timestamp) -> Result<Timestamp, Error> {
    let time: Timestamp = at
        .parse()
        .map_err(|_| Error::invalid(format!("“{at}” is not a time"), "Write it as 2026-12-24T18:00:00Z."))?;
    if time > now { Ok(time) } else { Err(past(time)) }
}

fn past(at: Timestamp) -> Error {
    Error::invalid(format!("{at} has passed"), "Choose a time to come, or send now.")
}
