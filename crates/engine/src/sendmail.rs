//! The sendmail interface: a finished message from another program of this computer, with the envelope that it names.

use crate::Engine;
use crate::accounts::parse_address;
use crate::drafts::local_offset;
use crate::error::Error;
use crate::letters::files;
use jiff::Timestamp;
use message::{envelope, is_local_name, with_local_names};
use model::{Account, Address, CallError, EmailAddress, Identity, Outgoing, OutgoingId, RoutePolicy};
use std::borrow::Cow;
use store::NewOutgoing;

/// How much of what is not finished is read at a time.
const UNFINISHED_AT_A_TIME: u32 = 200;

/// How a finished message is to travel.
#[derive(Clone, Copy, Debug)]
pub struct RawEnvelope<'a> {
    /// MAIL FROM; `Some("")` is the null sender, and `None` the From of the message.
    pub sender: Option<&'a str>,
    /// The name in From, where the message has no From.
    pub full_name: Option<&'a str>,
    /// RCPT TO.
    pub recipients: &'a [String],
    /// Whether those in the headers count as well.
    pub from_headers: FromHeaders,
}

/// Whether the recipients in the headers count (`sendmail -t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromHeaders {
    /// They do.
    Yes,
    /// Only those that were named do.
    No,
}

impl Engine {
    /// Queues a finished message as it is, with the envelope that is given. Recipients come from the headers too when
    /// `from_headers` says so; Bcc is taken out in any case.
    pub async fn submit_raw(
        &self,
        raw: &[u8],
        sender: Option<&str>,
        recipients: &[String],
        from_headers: FromHeaders,
    ) -> Result<OutgoingId, CallError> {
        let envelope = RawEnvelope { sender, full_name: None, recipients, from_headers };
        Ok(self.queue_raw(raw, envelope).await?)
    }

    /// The same, with everything that sendmail can be told.
    pub async fn submit_with(&self, raw: &[u8], envelope: RawEnvelope<'_>) -> Result<OutgoingId, CallError> {
        Ok(self.queue_raw(raw, envelope).await?)
    }

    /// Whether a message may be sent as this: the null sender, a name of this computer, or an address of an account.
    pub async fn may_send_as(&self, sender: &str) -> Result<(), CallError> {
        self.sender_of(Some(sender), None).await?;
        Ok(())
    }

    /// Some of what is not finished, newest first: what is older than this one. There may be very much of it.
    pub async fn unfinished(&self, before: Option<OutgoingId>) -> Result<Vec<Outgoing>, CallError> {
        Ok(self.store().unfinished(before, UNFINISHED_AT_A_TIME).await.map_err(Error::from)?)
    }

    async fn queue_raw(&self, raw: &[u8], asked: RawEnvelope<'_>) -> Result<OutgoingId, Error> {
        let from = envelope::from_headers(raw).from.map(|from| from.to_string());
        let (account, identity) = self.sender_of(asked.sender, from.as_deref()).await?;
        let user = identity.address.to_string();
        let raw = with_local_names(raw, &user);
        let recipients = recipients(&raw, &asked, &user)?;
        let now = Timestamp::now();
        let name = asked.full_name.unwrap_or(&identity.name).to_owned();
        let defaults =
            envelope::Defaults { from: Address::new(Some(name), user), date: now, utc_offset: local_offset(now) };
        let (bytes, message_id) = envelope::complete(&raw, &defaults, &mut rand::rng());
        let parsed = message::parse(&bytes);
        let attachments = files(&parsed).count() as u32;
        let from = parsed.from.into_iter().next().unwrap_or(defaults.from);
        let seven_bit = match message::to_seven_bit(&bytes) {
            Cow::Owned(seven_bit) => Some(seven_bit),
            Cow::Borrowed(_) => None,
        };
        let (bytes, why_unsigned) = self.signed_if_possible(&from.address, seven_bit.unwrap_or(bytes)).await;
        let new = NewOutgoing {
            account: Some(account.id),
            message_id,
            sender: (asked.sender != Some("")).then(|| identity.address.clone()),
            from,
            to: parsed.to,
            subject: parsed.subject,
            snippet: parsed.snippet,
            attachments,
            bytes,
            route: RoutePolicy::Auto,
            recipients,
            bcc: Vec::new(),
            hold: None,
            draft: None,
            created_at: now,
            answers: None,
            require_tls: false,
        };
        let outgoing = self.store().submit(new).await?;
        self.note_unsigned(outgoing, why_unsigned).await;
        Ok(outgoing)
    }

    /// The account and identity of a sender: of the one that is named, else of the From; the first where those are names
    /// of this computer, or nobody.
    async fn sender_of(&self, sender: Option<&str>, from: Option<&str>) -> Result<(Account, Identity), Error> {
        match sender.or(from) {
            Some(address) if !address.is_empty() && !is_local_name(address) => self.sender_by_address(address).await,
            _ => self.sender(None, None).await,
        }
    }
}

/// A name of this computer stands for its user.
fn recipients(raw: &[u8], asked: &RawEnvelope<'_>, user: &str) -> Result<Vec<EmailAddress>, Error> {
    let named = asked.recipients.iter().map(|to| parse_address(if is_local_name(to) { user } else { to.as_str() }));
    let mut all = named.collect::<Result<Vec<_>, _>>()?;
    if asked.from_headers == FromHeaders::Yes {
        let headers = envelope::from_headers(raw);
        if let Some(wrong) = headers.invalid.first() {
            let message = format!("“{wrong}” in the headers is not an address");
            return Err(CallError::new("bad-address", message, "Mend it and send again.").into());
        }
        all.extend(headers.recipients);
    }
    if all.is_empty() {
        return Err(Error::invalid("the message has no recipient", "Name recipients as arguments, or use -t."));
    }
    Ok(all)
}
