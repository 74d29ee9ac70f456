//! Whether another smart host takes the place of one, and which.
//!
//! | end of the conversation | the next smart host |
//! |---|---|
//! | its name is not in DNS, or its name servers fail | yes |
//! | no connection; a connection that is closed or silent before the login | yes |
//! | encryption that cannot be had, or a certificate that is not to be trusted | yes |
//! | 4yz as greeting or to EHLO or STARTTLS; 421 to the login | yes |
//! | this computer has no network or no name server | no: it would fare no better |
//! | no password, a refused login | no: the user is asked |
//! | any answer about the letter or a recipient; anything after MAIL | no: it has been reached |
//!
//! What the user ordered for a letter, a recipient or a domain is not replaced: see [`Basis::may_take_the_next`].

use crate::Basis;
use model::{DnsFault, Fault, Outcome, Phase, SmartHost};

/// The smart host to ask after one that came to this end: the first in order that is not among those `tried`, by name.
/// `None` where none is left, or none may take its place.
pub fn next_smart_host<'a>(
    basis: Basis,
    smart_hosts: &'a [SmartHost],
    tried: &[&str],
    phase: Phase,
    outcome: &Outcome,
) -> Option<&'a SmartHost> {
    if !basis.may_take_the_next() || !is_unreachable(phase, outcome) {
        return None;
    }
    let is_new = |host: &&SmartHost| !tried.iter().any(|name| name.eq_ignore_ascii_case(&host.name));
    smart_hosts.iter().find(is_new)
}

/// Why a smart host is asked in the place of another, as a sentence for the timeline.
pub fn instead_of(next: &str, former: &str) -> String {
    format!("Through {next}: {former} could not be reached.")
}

/// Whether a server that came to this end was not reached at all, so that another may be asked.
pub fn is_unreachable(phase: Phase, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Replied(reply) if phase == Phase::Auth => reply.code == 421,
        Outcome::Replied(reply) => phase < Phase::Auth && (400..500).contains(&reply.code),
        Outcome::Failed(fault) => phase < Phase::Auth && is_its_fault(fault),
    }
}

/// Whether it is the server, or the way to it, that failed, and not this computer.
fn is_its_fault(fault: &Fault) -> bool {
    match fault {
        Fault::Dns(DnsFault::NoResolver(_)) | Fault::NoNetwork | Fault::CaptivePortal => false,
        Fault::Dns(_)
        | Fault::ConnectionRefused(_)
        | Fault::ConnectTimeout(_)
        | Fault::Unreachable(_)
        | Fault::Timeout(_)
        | Fault::Closed
        | Fault::TlsHandshake(_)
        | Fault::TlsUntrusted(_)
        | Fault::TlsNotOffered
        | Fault::Protocol(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{LoginForm, Reply, Security, Server, SmartHostId};

    fn hosts(names: &[&str]) -> Vec<SmartHost> {
        let server = |name: &str| Server {
            host: format!("{name}.example"),
            port: 465,
            security: Security::Tls,
            user: "you".into(),
            login: LoginForm::Password,
            trusted: None,
        };
        let host = |name: &&str| SmartHost { id: SmartHostId(1), name: (*name).into(), server: server(name) };
        names.iter().map(host).collect()
    }

    fn refused() -> Outcome {
        Fault::ConnectionRefused("a.example".into()).into()
    }

    #[test]
    fn the_first_that_was_not_tried_takes_the_place() {
        let hosts = hosts(&["a", "b", "c"]);
        let next = |tried: &[&str]| {
            let next = next_smart_host(Basis::Default, &hosts, tried, Phase::Connect, &refused());
            next.map(|host| host.name.as_str())
        };
        assert_eq!(next(&["a"]), Some("b"));
        assert_eq!(next(&["C"]), Some("a"), "whatever came first");
        assert_eq!(next(&["b", "a"]), Some("c"));
        assert_eq!(next(&["a", "b", "c"]), None);
    }

    #[test]
    fn what_the_user_ordered_is_not_replaced() {
        let hosts = hosts(&["a", "b"]);
        for (basis, replaced) in
            [(Basis::Order, false), (Basis::Rule, false), (Basis::Default, true), (Basis::Auto, true)]
        {
            let next = next_smart_host(basis, &hosts, &["a"], Phase::Connect, &refused());
            assert_eq!(next.is_some(), replaced, "{basis:?}");
        }
    }

    #[test]
    fn only_who_was_not_reached_is_replaced() {
        let reply = |code| Outcome::from(Reply::new(code, None, "…"));
        let fault = |fault: Fault| Outcome::from(fault);
        let name = || "a.example".to_owned();
        let table = [
            (Phase::Dns, fault(Fault::Dns(DnsFault::NoSuchDomain(name()))), true),
            (Phase::Dns, fault(Fault::Dns(DnsFault::ServerFailure(name()))), true),
            (Phase::Dns, fault(Fault::Dns(DnsFault::NoResolver(name()))), false),
            (Phase::Prepare, fault(Fault::NoNetwork), false),
            (Phase::Prepare, fault(Fault::CaptivePortal), false),
            (Phase::Prepare, fault(Fault::NoSuchSmartHost(name())), false),
            (Phase::Connect, fault(Fault::ConnectTimeout(name())), true),
            (Phase::Connect, fault(Fault::Unreachable(name())), true),
            (Phase::Tls, fault(Fault::TlsHandshake("…".into())), true),
            (Phase::Tls, fault(Fault::TlsUntrusted("…".into())), true),
            (Phase::Starttls, fault(Fault::TlsNotOffered), true),
            (Phase::Greeting, fault(Fault::Timeout(300)), true),
            (Phase::Greeting, fault(Fault::Closed), true),
            (Phase::Greeting, reply(421), true),
            (Phase::Greeting, reply(554), false),
            (Phase::Ehlo, reply(421), true),
            (Phase::Starttls, reply(454), true),
            (Phase::Auth, reply(421), true),
            (Phase::Auth, reply(454), false),
            (Phase::Auth, reply(535), false),
            (Phase::Auth, fault(Fault::NoPassword(name())), false),
            (Phase::Auth, fault(Fault::NoAuthOffered), false),
            (Phase::Auth, fault(Fault::Closed), false),
            (Phase::Mail, reply(421), false),
            (Phase::Rcpt, reply(450), false),
            (Phase::Body, fault(Fault::Closed), false),
        ];
        for (phase, outcome, replaced) in table {
            assert_eq!(is_unreachable(phase, &outcome), replaced, "{phase} {outcome:?}");
        }
    }
}
