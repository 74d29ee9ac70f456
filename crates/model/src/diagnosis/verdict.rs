//! The decision, before it is put into words.

use super::words::Words;
use super::{Class, Diagnosis, Known, WhoActs, fallback, signature, stated_delay, words};
use crate::{EnhancedCode, Phase, Reply, Route};
use std::time::Duration;

/// What tells two cases of one class apart: for the words, and where somebody else has to act.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Shade {
    /// The ordinary case of its class.
    #[default]
    Plain,
    /// Throttled: this recipient gets too much mail; it is not about us.
    BusyRecipient,
    /// Throttled: too many recipients at once; the rest goes in the next transaction.
    TooManyRecipients,
    /// Throttled: the sending limit of the account at the smart host.
    SendingLimit,
    /// No such recipient: the mailbox is there, but closed.
    Inactive,
    /// No such domain: the name exists, but takes no mail.
    NoMailServer,
    /// Network down: it is there, but wants a login on a page of its own first.
    CaptivePortal,
    /// DNS failure: no resolver answers here.
    NoResolver,
    /// Host unreachable: the smart host's name does not exist.
    NoSuchHost,
    /// Receiver misconfigured: its MX names a host that is not there.
    BrokenMx,
    /// Sender unauthenticated: the sender's address itself is refused.
    SenderAddress,
    /// Recipient policy: only members, colleagues or those who logged in may write there.
    MembersOnly,
    /// Content refused: an attachment.
    Attachment,
    /// Content refused: the form of the message breaks a rule.
    Form,
    /// Receiver misconfigured: a fault that passes (disk, memory, a broken back end).
    ServerTrouble,
    /// Receiver misconfigured: it asks a block list in a way that the list does not answer.
    BlockListQuery,
    /// Receiver misconfigured: its MX does not know its own domain.
    RelayDenied,
    /// Receiver misconfigured: mail goes round in circles.
    MailLoop,
    /// TLS policy: the certificate is not trusted.
    Untrusted,
    /// TLS policy: no encryption is offered.
    NotOffered,
    /// TLS policy: the host is not one that the domain's own policy names.
    NotInPolicy,
    /// TLS policy: it encrypted before, and the settings refuse a downgrade.
    Downgrade,
    /// TLS policy: answers of DNS do not fit their signatures, and the settings wait for that.
    Forged,
    /// TLS policy: the letter asks for REQUIRETLS, which is not offered.
    RequireTls,
    /// TLS policy: the letter asks for REQUIRETLS, and nothing proves the domain's hosts.
    UnprovenHosts,
    /// Authentication: no usable way to log in is offered.
    NoMechanism,
    /// Authentication: the server wants a login that did not take place.
    LoginWanted,
    /// Authentication: no password is stored.
    NoPassword,
    /// Authentication: the sign-in in the browser no longer holds.
    SignInAgain,
    /// Authentication: the server cannot check passwords at present.
    LoginUnavailable,
    /// Authentication: an app password or a browser login is needed.
    AppPassword,
    /// Authentication: this login may not send as this address.
    NotYourAddress,
    /// Protocol: the connection was closed.
    Closed,
    /// Protocol: the connection was closed after the whole letter was sent.
    ClosedAfterContent,
    /// Protocol: silence for too long.
    Silent,
    /// Protocol: an extension is missing.
    MissingExtension,
    /// Protocol: the program was interrupted.
    Interrupted,
    /// Protocol: the program was interrupted while the server had the whole letter, or might have.
    InterruptedAfterContent,
    /// Unknown: this computer failed.
    LocalTrouble,
    /// Unknown: the route names a smart host that is not there.
    NoSuchSmartHost,
}

/// The decision about one outcome.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub class: Class,
    pub shade: Shade,
    pub temporary: bool,
    /// Another sender would be treated better although the class alone does not say so.
    pub about_us: bool,
    pub retry_after: Option<Duration>,
    /// The reply's code, where there was a reply.
    pub code: Option<u16>,
    /// What the fault said, for the words.
    pub detail: String,
}

/// What this reply to this phase's command means.
pub(super) fn of_reply(phase: Phase, reply: &Reply, known: &Known) -> Verdict {
    let text = reply.text().to_lowercase();
    let enhanced = reply.enhanced.or_else(|| enhanced_in_parentheses(reply.code, &text));
    let seen = signature::Seen { phase, code: reply.code, enhanced, text: &text, known };
    let mut verdict = refused_login(&seen)
        .or_else(|| signature::find(&seen).map(|found| found.verdict(reply.code)))
        .unwrap_or_else(|| fallback::verdict(&seen));
    verdict.code = Some(reply.code);
    if matches!(verdict.class, Class::Greylisted | Class::Throttled) {
        verdict.retry_after = stated_delay(&text).or(verdict.retry_after);
    }
    verdict.before_recipient(phase, known).settle(known)
}

/// A 5yz to AUTH is a refused login whatever its words: a signature about senders must not turn it into anything else.
fn refused_login(seen: &signature::Seen) -> Option<Verdict> {
    let refused = seen.phase == Phase::Auth && seen.code >= 500;
    refused.then(|| {
        let app_password =
            ["application-specific", "app password", "web browser", "basic authentication is disabled"];
        let shade = match seen.code {
            _ if app_password.iter().any(|words| seen.text.contains(words)) => Shade::AppPassword,
            502 | 504 => Shade::NoMechanism,
            _ => Shade::Plain,
        };
        Verdict::new(Class::AuthFailed).shade(shade)
    })
}

/// qmail and its descendants write the enhanced code at the end: `no mailbox here by that name (#5.1.1)`.
fn enhanced_in_parentheses(code: u16, text: &str) -> Option<EnhancedCode> {
    let (_, rest) = text.rsplit_once("(#")?;
    let (word, _) = rest.split_once(')')?;
    word.parse().ok().filter(|enhanced: &EnhancedCode| u16::from(enhanced.class) == code / 100)
}

impl Verdict {
    /// The ordinary case of a class.
    pub fn new(class: Class) -> Self {
        Self {
            class,
            shade: Shade::Plain,
            temporary: temporary_by_nature(class),
            about_us: false,
            retry_after: None,
            code: None,
            detail: String::new(),
        }
    }

    /// The case of a class that the code says is for now or for good.
    pub fn by_code(class: Class, code: u16) -> Self {
        Self { temporary: code < 500, ..Self::new(class) }
    }

    pub fn shade(mut self, shade: Shade) -> Self {
        self.shade = shade;
        self
    }

    pub fn temporary(mut self, temporary: bool) -> Self {
        self.temporary = temporary;
        self
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Before RCPT the server does not know for whom the letter is: what sounds like a recipient is the sender.
    fn before_recipient(mut self, phase: Phase, known: &Known) -> Self {
        if phase >= Phase::Rcpt {
            return self;
        }
        match (self.class, self.shade, &known.route) {
            (Class::NoSuchRecipient, Shade::Inactive, Route::SmartHost(_)) => {
                self.class = Class::AuthFailed;
                self.shade = Shade::NotYourAddress;
                self.temporary = false;
            }
            (Class::NoSuchRecipient, ..) => {
                self.class = Class::SenderUnauthenticated;
                self.shade = Shade::SenderAddress;
            }
            (Class::MailboxFull, ..) => self.class = Class::Unknown,
            _ => {}
        }
        self
    }

    /// What only the route can decide: an MX that wants a login is set up wrongly, and a smart host that refuses to
    /// relay wants one.
    fn settle(mut self, known: &Known) -> Self {
        match (self.class, self.shade, &known.route) {
            (Class::AuthFailed, Shade::NotYourAddress, Route::Direct) => {
                self.class = Class::SenderUnauthenticated;
                self.shade = Shade::SenderAddress;
            }
            (Class::AuthFailed, _, Route::Direct) => {
                self.class = Class::RecipientPolicy;
                self.shade = Shade::MembersOnly;
            }
            (Class::ReceiverMisconfigured, Shade::RelayDenied, Route::SmartHost(_)) => {
                self.class = Class::AuthFailed;
                self.shade = Shade::LoginWanted;
                self.temporary = false;
            }
            _ => {}
        }
        self
    }

    /// The diagnosis: the decision, who acts, and the words.
    pub fn in_words(self, known: &Known) -> Diagnosis {
        let Words { title, explanation, advice } = words::of(&self, known);
        Diagnosis {
            class: self.class,
            temporary: self.temporary,
            who_acts: who_acts(&self, known),
            would_other_route_help: would_other_route_help(&self, known),
            local_cause: is_local(&self),
            retry_after: self.retry_after.map(|delay| delay.as_secs()),
            title,
            explanation,
            advice,
        }
    }

    /// Whether the code says “for now” and the decision “for good”, or the other way round.
    pub fn contradicts_its_code(&self) -> bool {
        match self.code {
            Some(code @ 400..600) => (code < 500) != self.temporary,
            _ => false,
        }
    }
}

/// Whether another try can help where nothing more is known than the class.
fn temporary_by_nature(class: Class) -> bool {
    match class {
        Class::Greylisted
        | Class::Throttled
        | Class::MailboxFull
        | Class::Port25Blocked
        | Class::NetworkDown
        | Class::DnsFailure
        | Class::HostUnreachable
        | Class::ReceiverMisconfigured
        | Class::ProtocolError
        | Class::TlsPolicy
        | Class::Unknown => true,
        Class::NoSuchRecipient
        | Class::NoSuchDomain
        | Class::NullMx
        | Class::MessageTooLarge
        | Class::ContentRefused
        | Class::SenderBlocklisted
        | Class::SenderDynamicIp
        | Class::SenderNoRdns
        | Class::SenderUnauthenticated
        | Class::RecipientPolicy
        | Class::AuthFailed
        | Class::Suppressed
        | Class::Expired => false,
    }
}

fn who_acts(verdict: &Verdict, known: &Known) -> WhoActs {
    use Shade::*;
    let direct = known.route == Route::Direct;
    match (verdict.class, verdict.shade) {
        (Class::NetworkDown, CaptivePortal) => WhoActs::You,
        (Class::Greylisted | Class::Throttled | Class::NetworkDown, _) => WhoActs::Nobody,
        (Class::ProtocolError, Closed | ClosedAfterContent | Silent | Interrupted | InterruptedAfterContent) => {
            WhoActs::Nobody
        }
        (Class::ReceiverMisconfigured, ServerTrouble) if verdict.temporary => WhoActs::Nobody,
        (Class::AuthFailed, LoginUnavailable) => WhoActs::Nobody,
        (Class::MailboxFull, _) => WhoActs::Recipient,
        (Class::SenderBlocklisted | Class::SenderDynamicIp | Class::SenderNoRdns | Class::Port25Blocked, _) => {
            WhoActs::YourProvider
        }
        (Class::DnsFailure, NoResolver) => WhoActs::YourProvider,
        (Class::HostUnreachable, NoSuchHost) => WhoActs::You,
        (Class::TlsPolicy, RequireTls | UnprovenHosts) if direct => WhoActs::You,
        (Class::TlsPolicy | Class::HostUnreachable | Class::ReceiverMisconfigured | Class::ProtocolError, _)
            if !direct =>
        {
            WhoActs::YourProvider
        }
        (Class::HostUnreachable, _) if verdict.temporary => WhoActs::Nobody,
        (
            Class::DnsFailure
            | Class::TlsPolicy
            | Class::HostUnreachable
            | Class::ReceiverMisconfigured
            | Class::ProtocolError
            | Class::RecipientPolicy,
            _,
        ) => WhoActs::RecipientsProvider,
        (Class::Unknown, Plain) if verdict.temporary => WhoActs::Nobody,
        _ => WhoActs::You,
    }
}

/// Greylisting is no reason to go another way: it waits, and the other way would often be greylisted as well.
fn would_other_route_help(verdict: &Verdict, known: &Known) -> bool {
    match (verdict.class, verdict.shade) {
        // A smart host is named by the user, which needs no proof, and it may offer what the hosts of the domain do not.
        (Class::TlsPolicy, Shade::RequireTls | Shade::UnprovenHosts) => known.route == Route::Direct,
        // A sender's address that cannot be answered is as wrong by any other way.
        (Class::SenderUnauthenticated, Shade::SenderAddress) => false,
        (
            Class::SenderBlocklisted
            | Class::SenderDynamicIp
            | Class::SenderNoRdns
            | Class::SenderUnauthenticated
            | Class::Port25Blocked,
            _,
        ) => true,
        _ => verdict.about_us,
    }
}

fn is_local(verdict: &Verdict) -> bool {
    match (verdict.class, verdict.shade) {
        (Class::Port25Blocked | Class::NetworkDown, _) => true,
        (Class::AuthFailed, shade) => shade != Shade::LoginUnavailable,
        (
            _,
            Shade::NoResolver
            | Shade::Interrupted
            | Shade::InterruptedAfterContent
            | Shade::LocalTrouble
            | Shade::NoSuchSmartHost,
        ) => true,
        _ => false,
    }
}
