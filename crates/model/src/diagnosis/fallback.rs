//! What a reply means that is in no table: by its enhanced code, else by its code and the phase.
//!
//! The enhanced codes are those of RFC 3463 and of IANA's registry (“SMTP Enhanced Status Codes”), with RFC 7372
//! (authentication), RFC 7505 (null MX), RFC 7293 (changed owners) and RFC 8689 (REQUIRETLS).

use super::Class;
use super::signature::Seen;
use super::verdict::{Shade, Verdict};
use crate::{Phase, Route};

/// What can be said without a signature.
pub(super) fn verdict(seen: &Seen) -> Verdict {
    if seen.code < 400 {
        return Verdict::new(Class::ProtocolError).detail("a reply that does not fit the command");
    }
    by_enhanced_code(seen).or_else(|| by_code(seen)).unwrap_or_else(|| by_phase(seen))
}

fn by_enhanced_code(seen: &Seen) -> Option<Verdict> {
    use Class::*;
    let enhanced = seen.enhanced?;
    let class = match (enhanced.subject, enhanced.detail) {
        (1, 0) if seen.phase == Phase::Rcpt => NoSuchRecipient,
        (1, 1 | 3 | 4 | 6) | (2, 1) | (7, 17) => NoSuchRecipient,
        (1, 2) | (4, 4) if seen.code >= 500 => NoSuchDomain,
        (1, 2) | (4, 3 | 4) => DnsFailure,
        (1, 7 | 8) | (7, 27) => return Some(by(SenderUnauthenticated, seen).shade(Shade::SenderAddress)),
        (1, 10) => NullMx,
        (2, 2) => MailboxFull,
        (2, 3) | (3, 4) => MessageTooLarge,
        (2, 4) | (3, 5) => ReceiverMisconfigured,
        (3, 0..=2) => return Some(by(ReceiverMisconfigured, seen).shade(Shade::ServerTrouble)),
        (3, 3 | 6) | (5, 0..=2 | 4..=6) => ProtocolError,
        (4, 1 | 2 | 7) => HostUnreachable,
        (4, 5) | (7, 28) => Throttled,
        (4, 6) => return Some(by(ReceiverMisconfigured, seen).shade(Shade::MailLoop)),
        (5, 3) => return Some(by(Throttled, seen).shade(Shade::TooManyRecipients)),
        (6, 7..=9) => {
            return Some(by(ProtocolError, seen).shade(Shade::MissingExtension).detail("SMTPUTF8"));
        }
        (6, _) => return Some(by(ContentRefused, seen).shade(Shade::Form)),
        (7, 4 | 5 | 10 | 11 | 30) => TlsPolicy,
        (7, 8 | 9 | 12 | 13) => AuthFailed,
        (7, 16) => MessageTooLarge,
        (7, 20..=24 | 26 | 29) => SenderUnauthenticated,
        (7, 25) => return Some(Verdict::new(SenderNoRdns)),
        (7, 2) => return Some(by(RecipientPolicy, seen).shade(Shade::MembersOnly)),
        (7, 1 | 15 | 18 | 19) if seen.phase != Phase::Body => RecipientPolicy,
        _ => return None,
    };
    Some(by(class, seen))
}

/// RFC 5321 §4.2.3, RFC 1846 and RFC 7504 (521, 556), RFC 4954 (53y), RFC 1870 (552, 523).
fn by_code(seen: &Seen) -> Option<Verdict> {
    use Class::*;
    match seen.code {
        421 => Some(trouble(seen)),
        451 | 452 if seen.phase != Phase::Auth => Some(trouble(seen)),
        454 if matches!(seen.phase, Phase::Tls | Phase::Starttls) => Some(by(TlsPolicy, seen)),
        455 | 500..=504 | 555 => Some(by(ProtocolError, seen)),
        432 | 454 | 530 | 534 | 535 | 538 => Some(by(AuthFailed, seen).shade(login_shade(seen.code))),
        521 | 556 => Some(Verdict::new(NullMx)),
        523 => Some(by(MessageTooLarge, seen)),
        551 => Some(by(NoSuchRecipient, seen)),
        552 if seen.phase == Phase::Rcpt => Some(by(MailboxFull, seen)),
        552 => Some(by(MessageTooLarge, seen)),
        553 if seen.phase == Phase::Rcpt => Some(by(NoSuchRecipient, seen)),
        _ => None,
    }
}

fn login_shade(code: u16) -> Shade {
    match code {
        400..500 => Shade::LoginUnavailable,
        530 => Shade::LoginWanted,
        534 | 538 => Shade::NoMechanism,
        _ => Shade::Plain,
    }
}

/// Whoever is refused before saying for whom the letter is, is refused for what the server knows by then: the address
/// on the connection, then the name in EHLO, then the sender, then the recipient, then the content.
fn by_phase(seen: &Seen) -> Verdict {
    let direct = seen.known.route == Route::Direct;
    let refused = seen.code >= 500;
    match seen.phase {
        Phase::Greeting | Phase::Ehlo if refused && direct => by(Class::SenderBlocklisted, seen),
        Phase::Tls | Phase::Starttls => by(Class::TlsPolicy, seen),
        Phase::Auth => by(Class::AuthFailed, seen).shade(login_shade(seen.code)),
        Phase::Mail if refused => by(Class::SenderUnauthenticated, seen).shade(Shade::SenderAddress),
        Phase::Rcpt if refused => by(Class::RecipientPolicy, seen),
        Phase::Body if refused => by(Class::ContentRefused, seen),
        _ => by(Class::Unknown, seen),
    }
}

fn by(class: Class, seen: &Seen) -> Verdict {
    Verdict::by_code(class, seen.code)
}

fn trouble(seen: &Seen) -> Verdict {
    by(Class::ReceiverMisconfigured, seen).shade(Shade::ServerTrouble)
}
