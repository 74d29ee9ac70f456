//! The words of every class as a person reads them, kept in `tests/golden/words.md`.
//!
//! After a change on purpose, write the file anew with `UPDATE_GOLDEN=1 cargo test -p postrider-model --test words`
//! and read the difference.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use postrider_model::{
    Class, Diagnosis, DnsFault, Fault, Known, Outcome, Phase, Reply, Route, TlsPolicy, WhoActs, diagnose,
};
use std::collections::BTreeSet;
use std::fmt::Write;

fn direct() -> Known {
    Known {
        host: "mx1.example.org".to_owned(),
        sender_domain: "example.net".to_owned(),
        ..Known::new(Route::Direct, "example.org", "anna@example.org")
    }
}

fn smart_host() -> Known {
    Known { route: Route::SmartHost("work".to_owned()), host: "smtp.example.net".to_owned(), ..direct() }
}

fn under(policy: TlsPolicy) -> Known {
    Known { tls_policy: Some(policy), ..direct() }
}

fn silent_network() -> Known {
    Known { all_hosts_silent: true, ..direct() }
}

fn reply(text: &str) -> Outcome {
    Reply::parse_all(format!("{text}\r\n").as_bytes()).expect(text).into()
}

/// A heading, what happened, and where.
fn scenes() -> Vec<(&'static str, Phase, Outcome, Known)> {
    use Phase::*;
    let host = || "mx1.example.org".to_owned();
    let domain = || "example.org".to_owned();
    vec![
        (
            "Greylisting, with a stated delay",
            Rcpt,
            reply("450 4.2.0 Greylisted, please try again in 300 seconds"),
            direct(),
        ),
        (
            "Greylisting behind a smart host",
            Rcpt,
            reply("451 4.7.1 Greylisting in action, please come back later"),
            smart_host(),
        ),
        (
            "Throttling",
            Mail,
            reply("421 4.7.0 mx1.example.org Error: too many connections from 192.0.2.10"),
            direct(),
        ),
        (
            "Throttling of our address",
            Body,
            reply(
                "421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred due to unexpected volume or user complaints",
            ),
            direct(),
        ),
        (
            "Throttling for good",
            Mail,
            reply(
                "421 4.7.1 [TS03] All messages from 192.0.2.10 will be permanently deferred; Retrying will NOT succeed",
            ),
            direct(),
        ),
        (
            "Throttling of a busy recipient",
            Rcpt,
            reply(
                "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
            ),
            direct(),
        ),
        ("Too many recipients", Rcpt, reply("452 4.5.3 Error: too many recipients"), direct()),
        ("A sending limit", Mail, reply("550 5.4.5 Daily user sending limit exceeded."), smart_host()),
        ("Mailbox full, for now", Rcpt, reply("452 4.2.2 Mailbox full"), direct()),
        ("Mailbox full", Rcpt, reply("552 5.2.2 Mailbox full"), direct()),
        ("No such recipient", Rcpt, reply("550 5.1.1 User unknown"), direct()),
        (
            "No such recipient, perhaps",
            Rcpt,
            reply("450 4.1.1 Recipient address rejected: unverified address"),
            direct(),
        ),
        (
            "A closed mailbox",
            Rcpt,
            reply("550 5.2.1 The email account that you tried to reach is disabled."),
            direct(),
        ),
        (
            "No such domain",
            Dns,
            Fault::Dns(DnsFault::NoSuchDomain(domain())).into(),
            Known { host: String::new(), ..direct() },
        ),
        (
            "A domain without a mail server",
            Dns,
            Fault::Dns(DnsFault::NoRecords(domain())).into(),
            Known { host: String::new(), ..direct() },
        ),
        ("Null MX", Dns, Fault::NullMx(domain()).into(), Known { host: String::new(), ..direct() }),
        ("Too large, by the limit", Mail, Fault::TooLarge { size: 26_214_400, limit: 1_048_576 }.into(), direct()),
        ("Too large, by a reply", Mail, reply("552 5.3.4 Message size exceeds fixed limit"), smart_host()),
        ("Content taken for junk", Body, reply("554 5.7.1 Spam message rejected"), direct()),
        ("Content put off", Body, reply("451 4.6.0 Message is being examined"), direct()),
        ("An attachment", Body, reply("552 5.7.0 Attachments of this type are not accepted"), direct()),
        ("The form of the letter", Body, reply("550 5.7.1 This message is not RFC 5322 compliant."), direct()),
        (
            "Listed",
            Greeting,
            reply("554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org"),
            direct(),
        ),
        (
            "Listed, for now",
            Mail,
            reply("421 4.7.1 Service unavailable; Client host [192.0.2.10] blocked using dnsbl.example.net"),
            direct(),
        ),
        (
            "Listed, through a smart host",
            Mail,
            reply("550 5.7.708 Access denied, traffic not accepted from this IP"),
            smart_host(),
        ),
        (
            "A home address",
            Greeting,
            reply("554 192.0.2.10 is listed in the Spamhaus PBL, see https://www.spamhaus.org/pbl/"),
            direct(),
        ),
        (
            "No reverse DNS",
            Rcpt,
            reply("550 5.7.25 The IP address sending this message does not have a PTR record setup"),
            direct(),
        ),
        (
            "No reverse DNS, under a temporary code",
            Rcpt,
            reply("450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.10]"),
            direct(),
        ),
        (
            "Not authenticated",
            Body,
            reply("550 5.7.26 Your email has been blocked because the sender is unauthenticated."),
            direct(),
        ),
        (
            "Not authenticated, through a smart host",
            Body,
            reply("550 5.7.26 Your email has been blocked because the sender is unauthenticated."),
            smart_host(),
        ),
        ("Not authenticated yet", Body, reply("451 4.7.24 SPF validation error"), direct()),
        ("The sender's address", Mail, reply("450 4.1.8 Sender address rejected: Domain not found"), direct()),
        ("A rule", Rcpt, reply("550 5.7.1 Not wanted here"), direct()),
        ("A rule, for now", Rcpt, reply("450 4.7.1 Not now"), direct()),
        ("Certain senders only", Rcpt, reply("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup"), direct()),
        ("Login refused", Auth, reply("535 5.7.8 Authentication credentials invalid"), smart_host()),
        (
            "Login wants an app password",
            Auth,
            reply("534 5.7.9 Application-specific password required."),
            smart_host(),
        ),
        ("Login cannot be checked", Auth, reply("454 4.7.0 Temporary authentication failure"), smart_host()),
        ("No password stored", Prepare, Fault::NoPassword("work".to_owned()).into(), smart_host()),
        ("Signed out", Prepare, Fault::SignInAgain("work".to_owned()).into(), smart_host()),
        ("No usable login", Auth, Fault::NoAuthOffered.into(), smart_host()),
        (
            "Not the login's address",
            Mail,
            reply("553 5.7.1 Sender address rejected: not owned by user bella"),
            smart_host(),
        ),
        ("Relaying refused by a smart host", Rcpt, reply("554 5.7.1 Relay access denied"), smart_host()),
        ("Encryption failed", Tls, Fault::TlsHandshake("no shared cipher suite".to_owned()).into(), direct()),
        (
            "Certificate not trusted",
            Tls,
            Fault::TlsUntrusted("the certificate expired yesterday".to_owned()).into(),
            smart_host(),
        ),
        ("No encryption offered", Ehlo, Fault::TlsNotOffered.into(), smart_host()),
        (
            "A certificate that MTA-STS refuses",
            Tls,
            Fault::TlsUntrusted("it expired on 2026-11-20".to_owned()).into(),
            under(TlsPolicy::MtaSts),
        ),
        (
            "A certificate that DANE refuses",
            Tls,
            Fault::TlsUntrusted("it is not the one that the TLSA records of the host speak of".to_owned()).into(),
            under(TlsPolicy::Dane),
        ),
        (
            "A certificate that the letter refuses",
            Tls,
            Fault::TlsUntrusted("it expired on 2026-11-20".to_owned()).into(),
            under(TlsPolicy::Verified),
        ),
        (
            "No encryption offered, where MTA-STS demands it",
            Ehlo,
            Fault::TlsNotOffered.into(),
            under(TlsPolicy::MtaSts),
        ),
        (
            "Encryption failed, where DANE demands it",
            Tls,
            Fault::TlsHandshake("no shared cipher suite".to_owned()).into(),
            under(TlsPolicy::Dane),
        ),
        (
            "A host that MTA-STS does not name",
            Dns,
            Fault::NotInPolicy { host: host(), domain: domain() }.into(),
            direct(),
        ),
        ("A downgrade, refused", Ehlo, Fault::TlsDowngrade(host()).into(), direct()),
        ("Forged answers, perhaps", Dns, Fault::Bogus(host()).into(), direct()),
        ("No REQUIRETLS", Ehlo, Fault::RequireTlsNotOffered(host()).into(), direct()),
        ("No REQUIRETLS at the smart host", Ehlo, Fault::RequireTlsNotOffered(host()).into(), smart_host()),
        ("REQUIRETLS, and hosts that nothing proves", Dns, Fault::HostsNotProven(domain()).into(), direct()),
        ("Encryption wanted by the server", Mail, reply("530 5.7.0 Must issue a STARTTLS command first"), direct()),
        ("Port 25 closed", Connect, Fault::ConnectTimeout(host()).into(), silent_network()),
        ("Offline", Prepare, Fault::NoNetwork.into(), direct()),
        ("A captive portal", Prepare, Fault::CaptivePortal.into(), direct()),
        ("No resolver", Dns, Fault::Dns(DnsFault::NoResolver(domain())).into(), direct()),
        ("Name servers of the domain fail", Dns, Fault::Dns(DnsFault::ServerFailure(domain())).into(), direct()),
        ("The server cannot look up a name", Mail, reply("451 4.4.3 Directory server failure"), direct()),
        ("One host silent", Connect, Fault::ConnectTimeout(host()).into(), direct()),
        ("Smart host silent", Connect, Fault::ConnectionRefused("smtp.example.net".to_owned()).into(), smart_host()),
        (
            "Smart host misspelt",
            Dns,
            Fault::Dns(DnsFault::NoSuchDomain("smtp.exmaple.net".to_owned())).into(),
            Known { host: String::new(), ..smart_host() },
        ),
        ("Server trouble", Mail, reply("451 4.3.0 Error: queue file write error"), direct()),
        ("Server trouble, for good", Body, reply("554 5.3.0 Internal error"), direct()),
        ("Server set up wrongly", Mail, reply("451 4.3.5 Server configuration error"), direct()),
        (
            "A block list asked wrongly",
            Rcpt,
            reply(
                "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; Error: open resolver",
            ),
            direct(),
        ),
        ("An MX that does not know its domain", Rcpt, reply("554 5.7.1 Relay access denied"), direct()),
        ("A loop", Dns, Fault::Loop(domain()).into(), direct()),
        (
            "An MX without an address",
            Dns,
            Fault::Dns(DnsFault::NoSuchDomain("mx9.example.org".to_owned())).into(),
            Known { host: String::new(), ..direct() },
        ),
        ("Closed", Greeting, Fault::Closed.into(), direct()),
        ("Closed after the content", Body, Fault::Closed.into(), direct()),
        ("Silence", Mail, Fault::Timeout(300).into(), direct()),
        ("A missing extension", Ehlo, Fault::Unsupported("SMTPUTF8".to_owned()).into(), direct()),
        ("Interrupted", Connect, Fault::Interrupted.into(), direct()),
        ("Interrupted in the content", Body, Fault::Interrupted.into(), direct()),
        (
            "Against the rules",
            Ehlo,
            Fault::Protocol("more than one reply to one command".to_owned()).into(),
            direct(),
        ),
        ("A command refused", Mail, reply("500 5.5.1 Command unrecognized"), direct()),
        ("This computer", Prepare, Fault::Local("no space left on the disk".to_owned()).into(), direct()),
        ("A smart host that is gone", Prepare, Fault::NoSuchSmartHost("work".to_owned()).into(), smart_host()),
        ("Unknown, for now", Rcpt, reply("450 Later"), direct()),
        ("Unknown, for good", Data, reply("554 No"), direct()),
        ("Given up", Prepare, Fault::Expired.into(), direct()),
    ]
}

fn rendered(heading: &str, said: &str, diagnosis: &Diagnosis) -> String {
    let who = serde_json::to_string(&diagnosis.who_acts).unwrap().replace('"', "");
    let mut marks = vec![diagnosis.class.word().to_owned(), format!("acts: {who}")];
    marks.push(if diagnosis.temporary { "tried again" } else { "not tried again" }.to_owned());
    marks.extend(diagnosis.retry_after.map(|seconds| format!("not before {seconds} s")));
    marks.extend(diagnosis.would_other_route_help.then(|| "another route would help".to_owned()));
    marks.extend(diagnosis.local_cause.then(|| "uses up no try".to_owned()));
    let mut text = String::new();
    writeln!(text, "## {heading}\n`{said}`  \n{}\n", marks.join(" · ")).unwrap();
    writeln!(text, "**{}.** {} *{}*\n", diagnosis.title, diagnosis.explanation, diagnosis.advice).unwrap();
    text
}

fn said(phase: Phase, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Replied(reply) => format!("{phase}: {reply}"),
        Outcome::Failed(fault) => format!("{phase}: {fault}"),
    }
}

fn page() -> String {
    let mut page = "# What Postrider says\n\nWritten by `tests/words.rs`. The title in bold, the explanation, the advice in italics.\n\n".to_owned();
    for (heading, phase, outcome, known) in scenes() {
        page += &rendered(heading, &said(phase, &outcome), &diagnose(phase, &outcome, &known));
    }
    page += &rendered(
        "On the list of the service that sends",
        "(in a bounce)",
        &Diagnosis::of(Class::Suppressed, &direct()),
    );
    let last = diagnose(Phase::Connect, &Fault::ConnectTimeout("mx1.example.org".to_owned()).into(), &direct());
    page += &rendered("Given up, and why", "(no attempt)", &Diagnosis::expired(Some(&last), &direct()));
    page
}

#[test]
fn the_words_are_those_of_the_golden_file() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/words.md");
    let page = page();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert_eq!(page, std::fs::read_to_string(path).unwrap_or_default());
}

#[test]
fn every_class_is_spoken_of() {
    let mut spoken: BTreeSet<Class> =
        scenes().iter().map(|(_, phase, outcome, known)| diagnose(*phase, outcome, known).class).collect();
    spoken.insert(Class::Suppressed);
    let missing: Vec<_> = Class::ALL.iter().filter(|class| !spoken.contains(class)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_words_are_plain_and_name_whom_they_are_about() {
    for (heading, phase, outcome, known) in scenes() {
        let said = diagnose(phase, &outcome, &known);
        let all = format!("{} {} {}", said.title, said.explanation, said.advice);
        assert!(!all.contains('!') && !all.contains("  ") && !all.contains("{"), "{heading}: {all}");
        assert!(
            !said.title.ends_with('.') && said.explanation.ends_with('.') && said.advice.ends_with('.'),
            "{heading}: {all}"
        );
        let names = ["example.org", "“work”", "exmaple.net"];
        let about_here = matches!(said.class, Class::Unknown | Class::NetworkDown) || said.who_acts == WhoActs::You;
        assert!(about_here || names.iter().any(|name| all.contains(name)), "{heading}: {all}");
    }
}

#[test]
fn what_is_tried_again_says_so_and_what_is_not_does_not() {
    for (heading, phase, outcome, known) in scenes() {
        let said = diagnose(phase, &outcome, &known);
        let again = ["by itself", "comes back"].iter().any(|words| said.advice.contains(words));
        if said.temporary {
            assert!(again, "{heading}: {}", said.advice);
        } else if !said.local_cause {
            assert!(!again, "{heading}: {}", said.advice);
        }
    }
}
