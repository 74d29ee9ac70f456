//! What becomes of a message once a host has taken it.
//!
//! | taken by | fate |
//! |---|---|
//! | practice.test | into INBOX |
//! | echo.test | an answer into INBOX |
//! | bounce.test | a notification (RFC 3464) into INBOX, 20 s later |
//! | any other host | noted as delivered |
//! | the submission server | each recipient as its domain would have it, in the end: delivered, delivered later, or a notification |

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::Delivered;
use crate::cast::{self, Character, Domain, Host};
use crate::correspondence;
use crate::dsn::{self, Action, Loss};
use crate::mailroom::{Flags, NewLetter};
use crate::office::{Office, YOU};
use crate::smtp::command::MailParameters;
use crate::smtp::manners;
use crate::smtp::reply::Reply;
use crate::smtp::wire::Text;
use crate::writer;

/// The envelope of one transaction.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    /// What the client called itself.
    pub(crate) hello: String,
    /// Empty for the null sender.
    pub(crate) sender: String,
    pub(crate) recipients: Vec<Recipient>,
    pub(crate) envelope_id: Option<String>,
    eight_bit: bool,
}

/// A recipient that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recipient {
    pub(crate) address: String,
    /// ORCPT (RFC 3461 §4.2), decoded.
    pub(crate) original: Option<String>,
}

impl Recipient {
    fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("practice.test", |(_, domain)| domain)
    }
}

impl Envelope {
    pub(crate) fn new(hello: String, sender: String, parameters: MailParameters) -> Self {
        let MailParameters { eight_bit, envelope_id, .. } = parameters;
        Self { hello, sender, recipients: Vec::new(), envelope_id, eight_bit }
    }

    /// Why a message cannot be taken as it came.
    pub(crate) fn refused_text(&self, text: &Text) -> Option<Reply> {
        if text.too_large {
            Some(manners::too_large())
        } else if text.bare_line_end {
            Some(Reply::new(550, "5.5.2", "Error: bare <LF> or <CR> received; every line ends with <CR><LF>"))
        } else if text.long_line {
            Some(Reply::new(554, "5.6.0", "Error: a line is longer than 998 octets"))
        } else if text.null_octet {
            Some(Reply::new(554, "5.6.0", "Error: the message holds a NUL octet"))
        } else if text.eight_bit && !self.eight_bit {
            Some(Reply::new(554, "5.6.1", "Error: 8-bit data without BODY=8BITMIME"))
        } else {
            None
        }
    }

    fn only(&self, recipient: &Recipient) -> Self {
        Self { recipients: vec![recipient.clone()], ..self.clone() }
    }
}

/// A mail host took a message from a client.
pub(crate) fn arrived(office: &Arc<Office>, host: &'static Host, client: IpAddr, envelope: Envelope, bytes: Vec<u8>) {
    office.note_delivered(Delivered {
        host: host.name.to_owned(),
        sender: envelope.sender.clone(),
        recipients: envelope.recipients.iter().map(|recipient| recipient.address.clone()).collect(),
        bytes: bytes.clone(),
    });
    match host.character {
        Character::Home => into_inbox(office, with_trace(office, host, client, &envelope, &bytes)),
        Character::Echo => answer(office, envelope, bytes),
        Character::Bounce => {
            let delay = office.options.bounce_delay;
            office.later(delay, move |office| {
                for recipient in &envelope.recipients {
                    let loss = Loss::failed("5.1.1", "550 5.1.1 User unknown; the mailbox was closed last week");
                    notify(office, host.name, &envelope, recipient, loss, &bytes);
                }
            });
        }
        _ => {}
    }
}

/// The submission server took a message: what the world beyond it does with each recipient is played here.
pub(crate) fn submitted(office: &Arc<Office>, client: IpAddr, envelope: Envelope, bytes: Vec<u8>) {
    for recipient in &envelope.recipients {
        let (envelope, recipient, bytes) = (envelope.only(recipient), recipient.clone(), bytes.clone());
        let (pause, end) = journey(office, &recipient);
        office.later(pause, move |office| match end {
            End::At(host) => arrived(office, host, client, envelope, bytes),
            End::Lost(loss) => notify(office, "smtp.practice.test", &envelope, &recipient, loss, &bytes),
        });
    }
}

/// How a relayed message ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    At(&'static Host),
    Lost(Loss),
}

/// How long a relayed message is on its way, and how it ends. The relay has an address in good standing, so that the
/// hosts that dislike *our* address take it.
fn journey(office: &Office, recipient: &Recipient) -> (Duration, End) {
    let soon = office.options.echo_delay;
    let lost = |loss| (soon, End::Lost(loss));
    match cast::domain(recipient.domain()) {
        Domain::NullMx => return lost(Loss::failed("5.1.10", "556 5.1.10 The domain accepts no mail (null MX)")),
        Domain::Nowhere => return lost(Loss::failed("5.1.2", "550 5.1.2 Host or domain name not found")),
        Domain::ServFail => return lost(Loss::delayed("4.4.3", "451 4.4.3 Temporary failure in name resolution")),
        Domain::Served => {}
    }
    let hosts = cast::mail_hosts(recipient.domain()).filter(|host| host.character != Character::SplitFirst);
    let Some(host) = hosts.last() else {
        return lost(Loss::failed("5.1.2", "550 5.1.2 Host or domain name not found"));
    };
    if let Some(refusal) = manners::refused_recipient(host.character, &recipient.address) {
        let action = if refusal.code < 500 { Action::Delayed } else { Action::Failed };
        return lost(Loss { action, status: refusal.enhanced().to_owned(), reply: refusal.on_one_line() });
    }
    match host.character {
        Character::Down => lost(Loss::delayed("4.4.1", "451 4.4.1 Connection refused")),
        Character::Drop => lost(Loss::delayed("4.4.2", "451 4.4.2 Lost connection while sending end of data")),
        Character::Greylist(_) => (office.options.greylist_delay, End::At(host)),
        _ => (Duration::ZERO, End::At(host)),
    }
}

/// Puts a letter into INBOX, unread.
pub(crate) fn into_inbox(office: &Office, bytes: Vec<u8>) {
    let letter = NewLetter { mailbox: "INBOX".into(), flags: Flags::new(), received: office.clock.now(), bytes };
    if let Err(error) = office.mailroom.file(letter) {
        tracing::error!(%error, "a practice letter could not be filed");
    }
}

fn answer(office: &Arc<Office>, envelope: Envelope, bytes: Vec<u8>) {
    if envelope.sender.is_empty() {
        return;
    }
    let delay = office.options.echo_delay;
    office.later(delay, move |office| {
        for recipient in &envelope.recipients {
            into_inbox(office, correspondence::echo(&recipient.address, YOU, &bytes, office.clock.now()));
        }
    });
}

fn notify(office: &Office, reporter: &str, envelope: &Envelope, recipient: &Recipient, loss: Loss, bytes: &[u8]) {
    // A notification is never answered by another (RFC 5321 §4.5.5).
    if envelope.sender.is_empty() {
        return;
    }
    let report = dsn::Report { reporter, envelope, recipient, loss: &loss, at: office.clock.now() };
    into_inbox(office, dsn::write(&report, bytes));
}

/// The message with what a final delivery adds (RFC 5321 §4.4).
fn with_trace(office: &Office, host: &Host, client: IpAddr, envelope: &Envelope, bytes: &[u8]) -> Vec<u8> {
    let received = format!(
        "from {} ([{client}]) by {} with ESMTP id {}; {}",
        envelope.hello,
        host.name,
        office.next_ticket(),
        writer::date(office.clock.now(), 0)
    );
    let trace = [("Return-Path", format!("<{}>", envelope.sender)), ("Received", received)];
    let trace: String = trace.iter().map(|(name, value)| writer::field(name, value)).collect();
    [trace.as_bytes(), bytes].concat()
}
