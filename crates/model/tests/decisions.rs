//! The decisions of `diagnose`: class, whether it passes, who acts, whether another route would help, whether it is
//! ours. The words are in `words.rs`; that every signature is found is tested beside the table.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use postrider_model::diagnosis::documented;
use postrider_model::{
    Class, Diagnosis, DnsFault, EnhancedCode, Fault, Known, Outcome, Phase, Reply, Route, WhoActs, diagnose,
};
use proptest::prelude::*;

/// What a row of the tables below says besides the class.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Traits {
    temporary: bool,
    other_route: bool,
    local: bool,
}

const PASSES: Traits = Traits { temporary: true, other_route: false, local: false };
const LASTS: Traits = Traits { temporary: false, other_route: false, local: false };
const PASSES_OURS: Traits = Traits { other_route: true, ..PASSES };
const LASTS_OURS: Traits = Traits { other_route: true, ..LASTS };
const WAITS_FOR_YOU: Traits = Traits { local: true, ..LASTS };

fn direct() -> Known {
    Known { host: "mx1.example.org".to_owned(), ..Known::new(Route::Direct, "example.org", "anna@example.org") }
}

fn smart_host() -> Known {
    Known { route: Route::SmartHost("work".to_owned()), host: "smtp.example.net".to_owned(), ..direct() }
}

fn reply(text: &str) -> Outcome {
    Reply::parse_all(format!("{text}\r\n").as_bytes()).expect(text).into()
}

fn traits(diagnosis: &Diagnosis) -> Traits {
    Traits {
        temporary: diagnosis.temporary,
        other_route: diagnosis.would_other_route_help,
        local: diagnosis.local_cause,
    }
}

fn check(known: &Known, table: &[(Phase, Outcome, Class, WhoActs, Traits)]) {
    for (phase, outcome, class, who_acts, expected) in table {
        let diagnosis = diagnose(*phase, outcome, known);
        let got = (diagnosis.class, diagnosis.who_acts, traits(&diagnosis));
        assert_eq!(got, (*class, *who_acts, *expected), "{phase} {outcome:?}");
    }
}

#[test]
fn what_is_about_our_address_asks_for_another_route_and_never_blames_the_recipient() {
    use Class::*;
    use WhoActs::*;
    let table = [
        (
            "554 5.7.1 mx.dynamic.test Service unavailable; Client host [192.0.2.10] blocked using Spamhaus; Listed by PBL (dynamic address range)",
            SenderDynamicIp,
            YourProvider,
            LASTS_OURS,
        ),
        ("554 IP=192.0.2.10 - Dialup/transient IP not allowed. (DIAL)", SenderDynamicIp, YourProvider, LASTS_OURS),
        ("554 IP=192.0.2.10 - None/bad reputation. (NOWL)", SenderBlocklisted, YourProvider, LASTS_OURS),
        ("554 mx1.example.org ESMTP not for you", SenderBlocklisted, YourProvider, LASTS_OURS),
        ("550 5.7.25 The IP address does not have a PTR record setup", SenderNoRdns, YourProvider, LASTS_OURS),
        (
            "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.10]",
            SenderNoRdns,
            YourProvider,
            LASTS_OURS,
        ),
        (
            "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.10]",
            SenderNoRdns,
            YourProvider,
            LASTS_OURS,
        ),
        ("421 Reverse DNS failure : Try again later", SenderNoRdns, YourProvider, PASSES_OURS),
        (
            "421 4.7.1 [TS03] All messages from 192.0.2.10 will be permanently deferred; Retrying will NOT succeed",
            Throttled,
            Nobody,
            LASTS_OURS,
        ),
        ("421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred", Throttled, Nobody, PASSES_OURS),
        (
            "451 4.7.650 The mail server [192.0.2.10] has been temporarily rate limited due to IP reputation.",
            Throttled,
            Nobody,
            PASSES_OURS,
        ),
        ("550 5.7.26 unauthenticated: neither SPF nor DKIM", SenderUnauthenticated, You, LASTS_OURS),
        ("554 5.7.9 Message not accepted for policy reasons", SenderUnauthenticated, You, LASTS_OURS),
        (
            "421 4.7.26 This mail has been rate limited because it is unauthenticated.",
            SenderUnauthenticated,
            You,
            PASSES_OURS,
        ),
    ];
    let table = table.map(|(text, class, who, traits)| (Phase::Greeting, reply(text), class, who, traits));
    check(&direct(), &table);
}

#[test]
fn what_is_about_the_recipient_or_the_letter_asks_for_no_other_route() {
    use Class::*;
    use WhoActs::*;
    let table = [
        (
            "451 4.7.1 <a@greylist.test>: Recipient address rejected: Greylisted for 30 seconds",
            Greylisted,
            Nobody,
            PASSES,
        ),
        ("451 4.7.1 Greylisting in progress, please come back later", Greylisted, Nobody, PASSES),
        ("450 4.2.1 The user you are trying to contact is receiving mail at a rate that", Throttled, Nobody, PASSES),
        ("452 4.5.3 Too many recipients", Throttled, Nobody, PASSES),
        ("550 5.1.1 User unknown in local recipient table", NoSuchRecipient, You, LASTS),
        ("550 5.4.1 Recipient address rejected: Access denied", NoSuchRecipient, You, LASTS),
        ("450 4.1.1 unverified address", NoSuchRecipient, You, PASSES),
        ("452 4.2.2 The recipient's mailbox is over its quota", MailboxFull, Recipient, PASSES),
        ("552 5.2.2 mailbox full", MailboxFull, Recipient, LASTS),
        ("552 5.3.4 Message size exceeds fixed limit", MessageTooLarge, You, LASTS),
        ("556 5.1.10 Recipient address has null MX", NullMx, You, LASTS),
        ("521 This host takes no mail", NullMx, You, LASTS),
        ("550 5.7.1 Our rules forbid it", RecipientPolicy, RecipientsProvider, LASTS),
        ("451 4.3.0 Temporary lookup failure, please try again later", ReceiverMisconfigured, Nobody, PASSES),
        ("421 4.3.2 Service not available, closing transmission channel", ReceiverMisconfigured, Nobody, PASSES),
        (
            "554 5.7.1 blocked using zen.spamhaus.org; Error: open resolver",
            ReceiverMisconfigured,
            RecipientsProvider,
            LASTS,
        ),
        ("554 5.7.1 Relay access denied", ReceiverMisconfigured, RecipientsProvider, LASTS),
        ("530 5.7.0 Authentication required", RecipientPolicy, RecipientsProvider, LASTS),
        ("450 4.1.8 Sender address rejected: Domain not found", SenderUnauthenticated, You, PASSES),
    ];
    let table = table.map(|(text, class, who, traits)| (Phase::Rcpt, reply(text), class, who, traits));
    check(&direct(), &table);
}

#[test]
fn a_login_that_is_refused_waits_for_the_user_and_uses_up_no_try() {
    use Class::AuthFailed;
    use WhoActs::*;
    let table = [
        (Phase::Auth, reply("535 5.7.8 Username and Password not accepted."), AuthFailed, You, WAITS_FOR_YOU),
        (Phase::Auth, reply("535 Incorrect authentication data"), AuthFailed, You, WAITS_FOR_YOU),
        (Phase::Auth, reply("550 5.7.1 Sender address rejected"), AuthFailed, You, WAITS_FOR_YOU),
        (Phase::Auth, reply("454 4.7.0 Temporary authentication failure"), AuthFailed, Nobody, PASSES),
        (Phase::Mail, reply("530 5.7.0 Authentication Required."), AuthFailed, You, WAITS_FOR_YOU),
        (
            Phase::Mail,
            reply("550 5.7.60 Client does not have permissions to send as this sender"),
            AuthFailed,
            You,
            WAITS_FOR_YOU,
        ),
        (Phase::Rcpt, reply("554 5.7.1 <anna@example.org>: Relay access denied"), AuthFailed, You, WAITS_FOR_YOU),
        (Phase::Prepare, Fault::NoPassword("work".to_owned()).into(), AuthFailed, You, WAITS_FOR_YOU),
        (Phase::Prepare, Fault::SignInAgain("work".to_owned()).into(), AuthFailed, You, WAITS_FOR_YOU),
        (Phase::Auth, Fault::NoAuthOffered.into(), AuthFailed, You, WAITS_FOR_YOU),
        (Phase::Auth, Fault::LoginRefused("work".to_owned()).into(), AuthFailed, You, WAITS_FOR_YOU),
        (Phase::Prepare, Fault::NoSuchSmartHost("work".to_owned()).into(), Class::Unknown, You, WAITS_FOR_YOU),
    ];
    check(&smart_host(), &table);
}

#[test]
fn every_fault_has_its_class() {
    use Class::*;
    use WhoActs::*;
    let host = || "mx1.example.org".to_owned();
    let domain = || "example.org".to_owned();
    let ours = Traits { local: true, ..PASSES };
    let table = [
        (Phase::Prepare, Fault::NoNetwork.into(), NetworkDown, Nobody, ours),
        (Phase::Prepare, Fault::CaptivePortal.into(), NetworkDown, You, ours),
        (Phase::Dns, Fault::Dns(DnsFault::NoSuchDomain(domain())).into(), NoSuchDomain, You, LASTS),
        (Phase::Dns, Fault::Dns(DnsFault::NoSuchDomain("EXAMPLE.org.".to_owned())).into(), NoSuchDomain, You, LASTS),
        (Phase::Dns, Fault::Dns(DnsFault::NoRecords(domain())).into(), NoSuchDomain, You, LASTS),
        (
            Phase::Dns,
            Fault::Dns(DnsFault::NoSuchDomain(host())).into(),
            ReceiverMisconfigured,
            RecipientsProvider,
            PASSES,
        ),
        (Phase::Dns, Fault::Dns(DnsFault::ServerFailure(domain())).into(), DnsFailure, RecipientsProvider, PASSES),
        (Phase::Dns, Fault::Dns(DnsFault::NoResolver(domain())).into(), DnsFailure, YourProvider, ours),
        (Phase::Dns, Fault::NullMx(domain()).into(), NullMx, You, LASTS),
        (Phase::Dns, Fault::Loop(domain()).into(), ReceiverMisconfigured, RecipientsProvider, LASTS),
        (Phase::Connect, Fault::ConnectionRefused(host()).into(), HostUnreachable, Nobody, PASSES),
        (Phase::Connect, Fault::ConnectTimeout(host()).into(), HostUnreachable, Nobody, PASSES),
        (Phase::Connect, Fault::Unreachable(host()).into(), HostUnreachable, Nobody, PASSES),
        (Phase::Mail, Fault::Timeout(300).into(), ProtocolError, Nobody, PASSES),
        (Phase::Greeting, Fault::Closed.into(), ProtocolError, Nobody, PASSES),
        (Phase::Body, Fault::Closed.into(), ProtocolError, Nobody, PASSES),
        (Phase::Tls, Fault::TlsHandshake("alert".to_owned()).into(), TlsPolicy, RecipientsProvider, PASSES),
        (Phase::Tls, Fault::TlsUntrusted("expired".to_owned()).into(), TlsPolicy, RecipientsProvider, PASSES),
        (Phase::Ehlo, Fault::TlsNotOffered.into(), TlsPolicy, RecipientsProvider, PASSES),
        (
            Phase::Dns,
            Fault::NotInPolicy { host: host(), domain: domain() }.into(),
            TlsPolicy,
            RecipientsProvider,
            PASSES,
        ),
        (Phase::Ehlo, Fault::TlsDowngrade(host()).into(), TlsPolicy, RecipientsProvider, PASSES),
        (Phase::Dns, Fault::Bogus(host()).into(), TlsPolicy, RecipientsProvider, PASSES),
        (Phase::Ehlo, Fault::RequireTlsNotOffered(host()).into(), TlsPolicy, You, LASTS_OURS),
        (Phase::Dns, Fault::HostsNotProven(domain()).into(), TlsPolicy, You, LASTS_OURS),
        (Phase::Mail, Fault::TooLarge { size: 2, limit: 1 }.into(), MessageTooLarge, You, LASTS),
        (Phase::Ehlo, Fault::Unsupported("SMTPUTF8".to_owned()).into(), ProtocolError, RecipientsProvider, LASTS),
        (Phase::Ehlo, Fault::Protocol("odd".to_owned()).into(), ProtocolError, RecipientsProvider, PASSES),
        (Phase::Body, Fault::Interrupted.into(), ProtocolError, Nobody, ours),
        (Phase::Prepare, Fault::Expired.into(), Expired, You, LASTS),
        (Phase::Prepare, Fault::Local("disk full".to_owned()).into(), Unknown, You, ours),
    ];
    check(&direct(), &table);
}

#[test]
fn a_smart_host_may_do_what_verified_encryption_only_asks_for_and_the_domain_does_not() {
    let fault = Fault::RequireTlsNotOffered("mx1.example.org".to_owned());
    for (known, help) in [(direct(), true), (smart_host(), false)] {
        assert_eq!(diagnose(Phase::Ehlo, &fault.clone().into(), &known).would_other_route_help, help, "{known:?}");
    }
}

#[test]
fn port_25_is_called_blocked_only_where_every_host_was_silent_and_the_route_is_direct() {
    let timeout: Outcome = Fault::ConnectTimeout("mx1.example.org".to_owned()).into();
    let class = |known: Known| diagnose(Phase::Connect, &timeout, &known).class;
    assert_eq!(class(direct()), Class::HostUnreachable);
    assert_eq!(class(Known { all_hosts_silent: true, ..direct() }), Class::Port25Blocked);
    assert_eq!(class(Known { all_hosts_silent: true, ..smart_host() }), Class::HostUnreachable);
    let blocked = diagnose(Phase::Connect, &timeout, &Known { all_hosts_silent: true, ..direct() });
    assert_eq!(traits(&blocked), Traits { temporary: true, other_route: true, local: true });
}

#[test]
fn a_service_that_is_unavailable_is_greylisting_only_at_first() {
    let unavailable = reply("450 4.3.2 Service currently unavailable");
    let class = |tries| diagnose(Phase::Rcpt, &unavailable, &Known { tries, ..direct() }).class;
    assert_eq!((class(0), class(2)), (Class::Greylisted, Class::Greylisted));
    assert_eq!(class(3), Class::ReceiverMisconfigured);
}

#[test]
fn a_bare_try_again_later_is_no_greylisting() {
    for text in ["421 4.7.0 Try again later, closing connection.", "451 Try again later", "450 4.7.0 Try again later"]
    {
        assert_ne!(diagnose(Phase::Rcpt, &reply(text), &direct()).class, Class::Greylisted, "{text}");
    }
}

#[test]
fn the_delay_is_the_stated_one_else_the_provider_s_floor() {
    let table = [
        ("450 4.2.0 Greylisted for 300 seconds", Some(300)),
        ("451 4.7.1 Greylisting in action, please come back in 00:05:00", Some(300)),
        ("451 4.7.1 Greylisting in progress, please come back later", None),
        ("451 Internal resources are temporarily unavailable", Some(300)),
        ("421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred", Some(14_400)),
        ("421 Rate limit reached. Please try again in 2 minutes.", Some(120)),
        ("450 4.1.1 unverified address, ask in 60 seconds", None),
    ];
    for (text, seconds) in table {
        assert_eq!(diagnose(Phase::Rcpt, &reply(text), &direct()).retry_after, seconds, "{text}");
    }
}

#[test]
fn without_a_signature_the_phase_tells_what_a_bare_refusal_is_about() {
    let table = [
        (Phase::Greeting, "554 No", Class::SenderBlocklisted),
        (Phase::Ehlo, "550 No", Class::SenderBlocklisted),
        (Phase::Starttls, "454 No", Class::TlsPolicy),
        (Phase::Mail, "550 No", Class::SenderUnauthenticated),
        (Phase::Rcpt, "550 No", Class::RecipientPolicy),
        (Phase::Rcpt, "553 No", Class::NoSuchRecipient),
        (Phase::Rcpt, "552 No", Class::MailboxFull),
        (Phase::Mail, "552 No", Class::MessageTooLarge),
        (Phase::Data, "451 No", Class::ReceiverMisconfigured),
        (Phase::Body, "554 No", Class::ContentRefused),
        (Phase::Mail, "501 No", Class::ProtocolError),
        (Phase::Rcpt, "450 No", Class::Unknown),
        (Phase::Body, "250 Fine", Class::ProtocolError),
    ];
    for (phase, text, class) in table {
        assert_eq!(diagnose(phase, &reply(text), &direct()).class, class, "{phase} {text}");
    }
}

#[test]
fn without_a_signature_the_enhanced_code_tells_the_class() {
    let table = [
        ("5.1.1", Class::NoSuchRecipient),
        ("5.1.2", Class::NoSuchDomain),
        ("4.1.2", Class::DnsFailure),
        ("5.1.6", Class::NoSuchRecipient),
        ("5.1.7", Class::SenderUnauthenticated),
        ("5.1.8", Class::SenderUnauthenticated),
        ("5.1.10", Class::NullMx),
        ("5.2.1", Class::NoSuchRecipient),
        ("4.2.2", Class::MailboxFull),
        ("5.2.3", Class::MessageTooLarge),
        ("4.3.1", Class::ReceiverMisconfigured),
        ("5.3.4", Class::MessageTooLarge),
        ("5.3.5", Class::ReceiverMisconfigured),
        ("4.4.1", Class::HostUnreachable),
        ("4.4.3", Class::DnsFailure),
        ("5.4.4", Class::NoSuchDomain),
        ("4.4.5", Class::Throttled),
        ("5.4.6", Class::ReceiverMisconfigured),
        ("5.5.2", Class::ProtocolError),
        ("4.5.3", Class::Throttled),
        ("5.6.1", Class::ContentRefused),
        ("5.6.7", Class::ProtocolError),
        ("5.7.1", Class::RecipientPolicy),
        ("5.7.10", Class::TlsPolicy),
        ("5.7.17", Class::NoSuchRecipient),
        ("5.7.23", Class::SenderUnauthenticated),
        ("5.7.25", Class::SenderNoRdns),
        ("5.7.28", Class::Throttled),
        ("5.7.30", Class::TlsPolicy),
    ];
    for (enhanced, class) in table {
        let code: EnhancedCode = enhanced.parse().unwrap();
        let bare = Reply::new(u16::from(code.class) * 100 + 50, Some(code), "No");
        assert_eq!(diagnose(Phase::Rcpt, &bare.into(), &direct()).class, class, "{enhanced}");
    }
    let at_the_end = reply("550 sorry, that is not possible (#5.2.2)");
    assert_eq!(diagnose(Phase::Rcpt, &at_the_end, &direct()).class, Class::MailboxFull);
}

#[test]
fn before_the_recipient_was_named_nothing_is_about_the_recipient() {
    let table = [
        ("550 5.1.1 <bella@example.net>: user unknown", Class::SenderUnauthenticated, Class::SenderUnauthenticated),
        ("550 5.2.1 The account is suspended", Class::SenderUnauthenticated, Class::AuthFailed),
        ("552 5.2.2 Over quota", Class::Unknown, Class::Unknown),
    ];
    for (text, by_us, by_smart_host) in table {
        assert_eq!(diagnose(Phase::Mail, &reply(text), &direct()).class, by_us, "{text}");
        assert_eq!(diagnose(Phase::Mail, &reply(text), &smart_host()).class, by_smart_host, "{text}");
    }
}

#[test]
fn every_documented_sample_gets_the_class_of_its_row() {
    for row in documented() {
        let known = if row.smart_host_only { smart_host() } else { direct() };
        let (code, text) = row.sample.split_at(3);
        let diagnosis = diagnose(Phase::Rcpt, &reply(&format!("{code} {}", &text[1..])), &known);
        let settled = match (row.class, diagnosis.class) {
            // Only the route decides these: an MX that wants a login is closed to strangers.
            (Class::AuthFailed, Class::RecipientPolicy | Class::SenderUnauthenticated) => !row.smart_host_only,
            (row, got) => row == got,
        };
        assert!(settled, "{row:?}: {diagnosis:?}");
    }
}

proptest! {
    #[test]
    fn any_reply_in_any_phase_is_spoken_of(code in 200u16..600, text in "\\PC{0,80}", by_smart_host: bool) {
        let known = if by_smart_host { smart_host() } else { direct() };
        for phase in [Phase::Greeting, Phase::Auth, Phase::Mail, Phase::Rcpt, Phase::Body] {
            let diagnosis = diagnose(phase, &Reply::new(code, None, text.clone()).into(), &known);
            prop_assert!(!diagnosis.title.is_empty() && !diagnosis.explanation.is_empty() && !diagnosis.advice.is_empty());
            prop_assert!(diagnosis.class != Class::Greylisted || diagnosis.temporary);
        }
    }
}
