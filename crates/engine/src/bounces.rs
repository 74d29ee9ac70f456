//! Delivery status notifications and bounces that come in, and what they change here.

use crate::Engine;
use crate::error::Error;
use crate::view::Event;
use jiff::Timestamp;
use message::dsn::{self, Action};
use model::{Class, DeliveryId, Diagnosis, Known, LetterId, OutgoingId, Role, Route};
use store::{DsnAction, DsnNotice, RefusedRecipient};

impl Engine {
    pub(crate) async fn try_report(&self, letter: LetterId) {
        if let Err(error) = self.read_report(letter).await {
            tracing::warn!(%letter, %error, "a delivery status notification could not be used");
        }
    }

    /// A delivery status notification moves the delivery on that it is about (RFC 3464). One about a letter that was
    /// never sent from here changes nothing.
    pub(crate) async fn read_report(&self, letter: LetterId) -> Result<(), Error> {
        let Some(raw) = self.store().raw(letter).await? else { return Ok(()) };
        let Some(report) = dsn::read(&raw) else { return Ok(()) };
        let Some(message_id) = self.message_id_of(&report).await? else { return Ok(()) };
        let Some(letter) = self.store().letter(letter).await? else { return Ok(()) };
        let mailbox = self.store().mailbox(letter.row.mailbox).await?;
        if mailbox.is_some_and(|mailbox| mailbox.role == Some(Role::Junk)) {
            return Ok(());
        }
        for recipient in report.recipients {
            let address = recipient.original.clone().unwrap_or_else(|| recipient.address.clone());
            let notice = DsnNotice {
                account: letter.account,
                message_id: message_id.clone(),
                envelope_id: report.envelope_id.clone(),
                action: action(recipient.action),
                status: Some(recipient.status),
                diagnosis: reported(&recipient, &address),
                recipient: Some(address),
                at: Timestamp::now(),
            };
            let lesson = Lesson::of(&recipient, &notice);
            if let Some((id, delivery)) = self.store().apply_dsn(notice).await? {
                self.learn_of_recipient(id, delivery, lesson).await?;
                self.tell(Event::Outgoing { id });
                self.announce_refused().await;
            }
        }
        Ok(())
    }

    /// From the headers that it returns; else from the envelope that it names.
    async fn message_id_of(&self, report: &dsn::Dsn) -> Result<Option<String>, Error> {
        if report.original_message_id.is_some() {
            return Ok(report.original_message_id.clone());
        }
        let Some(envelope) = report.envelope_id.as_deref() else { return Ok(None) };
        let number = envelope.split('.').next().and_then(|number| number.parse().ok());
        let Some(id) = number.map(OutgoingId) else { return Ok(None) };
        let sent = self.store().outgoing(id).await?.filter(|sent| sent.envelope_id() == envelope);
        Ok(sent.map(|sent| sent.message_id))
    }

    /// The composer warns of who does not exist, and takes a domain that does not exist for a slip. That an address to
    /// which a letter was sent on does not exist says nothing of the one that it was sent to.
    async fn learn_of_recipient(&self, id: OutgoingId, delivery: DeliveryId, lesson: Lesson) -> Result<(), Error> {
        let Some(sent) = self.store().outgoing(id).await? else { return Ok(()) };
        let Some(delivery) = sent.deliveries.into_iter().find(|one| one.id == delivery) else { return Ok(()) };
        let domain = delivery.address.domain();
        let is_this = |address: &str| address.eq_ignore_ascii_case(&delivery.address.to_string());
        match lesson {
            Lesson::Exists => {
                self.store().forget_refused_recipient(&delivery.address).await?;
                if self.store().learned(domain).await?.no_such_domain_at.is_some() {
                    self.store().learn(domain, |learned| learned.no_such_domain_at = None).await?;
                }
            }
            Lesson::Unknown { address, said, at } if is_this(&address) => {
                let refused = RefusedRecipient { address: delivery.address, refused_at: at, reply: said };
                self.store().note_refused_recipient(refused).await?;
            }
            Lesson::NoSuchDomain { address, at } if is_this(&address) => {
                self.store().learn(domain, move |learned| learned.no_such_domain_at = Some(at)).await?;
            }
            Lesson::Unknown { .. } | Lesson::NoSuchDomain { .. } | Lesson::None => {}
        }
        Ok(())
    }
}

/// What a notification says of its recipient as such.
#[derive(Clone, Debug)]
enum Lesson {
    /// The letter is in the mailbox.
    Exists,
    /// The recipient's server says that there is no such mailbox.
    Unknown { address: String, said: String, at: Timestamp },
    /// A server on the way says that there is no such domain, or nobody who takes its mail.
    NoSuchDomain { address: String, at: Timestamp },
    /// Nothing.
    None,
}

impl Lesson {
    fn of(recipient: &dsn::DsnRecipient, notice: &DsnNotice) -> Self {
        let class = notice.diagnosis.as_ref().map(|diagnosis| diagnosis.class);
        match (recipient.action, class) {
            (Action::Delivered, _) => Self::Exists,
            (Action::Failed, Some(Class::NoSuchRecipient)) => Self::Unknown {
                address: recipient.address.clone(),
                said: recipient.diagnostic.clone().unwrap_or_else(|| recipient.status.to_string()),
                at: notice.at,
            },
            (Action::Failed, Some(Class::NoSuchDomain | Class::NullMx)) => {
                Self::NoSuchDomain { address: recipient.address.clone(), at: notice.at }
            }
            _ => Self::None,
        }
    }
}

/// Notifications come to the inbox. One that is so large that its body comes later is looked for nowhere else.
pub(crate) fn may_hold_report(role: Option<Role>) -> bool {
    role == Some(Role::Inbox)
}

fn action(action: Action) -> DsnAction {
    match action {
        Action::Failed => DsnAction::Failed,
        Action::Delayed => DsnAction::Delayed,
        Action::Delivered => DsnAction::Delivered,
        Action::Relayed => DsnAction::Relayed,
        Action::Expanded => DsnAction::Expanded,
    }
}

/// What a report about a recipient means: the reply that it quotes, read as if it had been given to us.
fn reported(recipient: &dsn::DsnRecipient, address: &str) -> Option<Diagnosis> {
    if !matches!(recipient.action, Action::Failed | Action::Delayed) {
        return None;
    }
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let known = Known {
        host: recipient.remote_mta.clone().unwrap_or_default(),
        ..Known::new(Route::Direct, domain, address)
    };
    let quoted = recipient.diagnostic.as_deref().unwrap_or_default();
    let code = quoted.get(..3).and_then(|digits| digits.parse().ok()).filter(|code| (400..600).contains(code));
    let code = code.unwrap_or(u16::from(recipient.status.class) * 100 + 50);
    let reply = model::Reply::new(code, Some(recipient.status), quoted);
    let mut diagnosis = model::diagnose(model::Phase::Rcpt, &reply.into(), &known);
    // It has left this computer: no other way of ours would have helped, and nothing here tries again.
    diagnosis.would_other_route_help = false;
    diagnosis.temporary = recipient.action == Action::Delayed;
    (diagnosis.class != Class::Unknown || !diagnosis.title.is_empty()).then_some(diagnosis)
}

#[cfg(test)]
mod tests;
