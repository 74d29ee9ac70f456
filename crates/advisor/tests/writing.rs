//! What is said while a letter is written: every mark on a recipient and every outlook of a letter, in the golden files
//! `tests/golden/marks.txt` and `tests/golden/outlook.txt`, to be read through.
//!
//! After a change on purpose: `UPDATE_GOLDEN=1 cargo test -p postrider-advisor --test writing`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use model::{Class, LoginForm, Route, Security, Server, SmartHost, SmartHostId};
use postrider_advisor::Basis;
use postrider_advisor::checks::finding::{Check, Evidence, Finding, Status};
use postrider_advisor::checks::identity::TakesMail;
use postrider_advisor::mark::{Encrypts, MarkFacts, Refusal, RefusedBefore, mark};
use postrider_advisor::outlook::{Offline, Outlook, OutlookFacts, Signed, Way, outlook};
use postrider_advisor::warning::WarningName;
use std::path::Path;
use std::time::Duration;

fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{name}; UPDATE_GOLDEN=1 writes it anew");
}

fn hold_to_the_rules(sentence: &str) {
    assert!(sentence.ends_with(['.', '?']), "“{sentence}” is a sentence");
    assert!(!sentence.contains('!') && !sentence.contains("  "), "“{sentence}”");
}

#[test]
fn marks() {
    let plain = MarkFacts {
        local: "anna".into(),
        domain: "example.org".into(),
        takes: Some(TakesMail::Hosts(vec!["mx.example.org".into()])),
        has_address: Some(true),
        encryption: Encrypts::Unknown,
        size: Some(34_300_000),
        size_limit: None,
        meant: None,
        refused: None,
    };
    let of = |takes| MarkFacts { takes: Some(takes), ..plain.clone() };
    let with = |encryption| MarkFacts { encryption, ..plain.clone() };
    let like = |facts: MarkFacts| MarkFacts { domain: "gmial.com".into(), meant: Some("gmail.com".into()), ..facts };
    let refused = |what, reply: &str| RefusedBefore {
        on: "3 November 2026".into(),
        reply: Some(reply.to_owned()).filter(|reply| !reply.is_empty()),
        what,
    };
    let last = |why: &str| Refusal::LastLetter(why.to_owned());
    let no_such = refused(Refusal::Recipient, "550 5.1.1 No such user here");
    let full = refused(last("The mailbox is full"), "552 5.2.2 Over quota");
    let expired = refused(last("It was given up after 5 days"), "");
    let table = [
        ("nobody has asked", MarkFacts { takes: None, ..plain.clone() }),
        ("takes mail", plain.clone()),
        ("never encrypted", with(Encrypts::No)),
        ("encrypted, not verified", with(Encrypts::Unverified)),
        ("encrypted, verified", with(Encrypts::Verified)),
        ("MTA-STS", with(Encrypts::DemandedByPolicy)),
        ("DANE", with(Encrypts::DemandedByDns)),
        ("no such domain", of(TakesMail::NoSuchDomain)),
        ("no such domain, and like another", like(of(TakesMail::NoSuchDomain))),
        ("like another", like(plain.clone())),
        ("null MX", of(TakesMail::Null)),
        ("null MX, and like another", like(of(TakesMail::Null))),
        ("nobody there", of(TakesMail::Nowhere)),
        ("no answer", of(TakesMail::NotAnswered)),
        ("too large", MarkFacts { size_limit: Some(10_485_760), ..plain.clone() }),
        ("refused before", MarkFacts { refused: Some(no_such), ..plain.clone() }),
        ("refused last time", MarkFacts { refused: Some(full), ..plain.clone() }),
        ("given up last time", MarkFacts { refused: Some(expired), ..plain.clone() }),
    ];
    let mut text = String::new();
    for (name, facts) in table {
        let mark = mark(&facts);
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let (kind, tone) = (serde_json::to_value(mark.kind).unwrap(), serde_json::to_value(mark.tone).unwrap());
        text.push_str(&format!(
            "-- {name}: {}, {}\n{}@{}, {}\n",
            word(kind),
            word(tone),
            facts.local,
            facts.domain,
            mark.label
        ));
        if !mark.text.is_empty() {
            hold_to_the_rules(&mark.text);
            text.push_str(&format!("{}\n", mark.text));
        }
        if let Some(instead) = &mark.instead {
            text.push_str(&format!("[{instead}]\n"));
        }
        text.push('\n');
    }
    golden("marks.txt", &text);
}

fn found(check: Check, status: Status, found: &str, asked: &str) -> Finding {
    Finding {
        check,
        subject: String::new(),
        status,
        found: found.to_owned(),
        title: String::new(),
        evidence: vec![Evidence::known(asked, "no answer")],
        cause: String::new(),
        fix: None,
        alternative: None,
        why: String::new(),
        copy: Vec::new(),
        warning: None,
    }
}

fn smart_host() -> SmartHost {
    let server = Server {
        host: "smtp.post.example".to_owned(),
        port: 465,
        security: Security::Tls,
        user: String::new(),
        login: LoginForm::Password,
        trusted: None,
    };
    SmartHost { id: SmartHostId(1), name: "post.example".to_owned(), server }
}

fn direct(domain: &str) -> Way {
    Way {
        domain: domain.to_owned(),
        route: Route::Direct,
        basis: Basis::Order,
        despite: None,
        size_limit: None,
        greylists: None,
        refused_us: None,
    }
}

/// A letter of 34 MB from example.net, direct to example.org, with a smart host, on a network that nobody has looked at.
struct Letter {
    ways: Vec<Way>,
    network: Vec<Finding>,
    identity: Vec<Finding>,
    smart_hosts: Vec<SmartHost>,
    sender: &'static str,
    signed: Signed,
    offline: Option<Offline>,
}

impl Letter {
    fn by(ways: Vec<Way>) -> Self {
        Self {
            ways,
            network: Vec::new(),
            identity: Vec::new(),
            smart_hosts: vec![smart_host()],
            sender: "example.net",
            signed: Signed::Yes,
            offline: None,
        }
    }

    fn seeing(findings: impl IntoIterator<Item = Finding>) -> Self {
        Self { network: findings.into_iter().collect(), ..Self::by(vec![direct("example.org")]) }
    }

    fn outlook(&self) -> Option<Outlook> {
        outlook(&OutlookFacts {
            ways: &self.ways,
            network: &self.network,
            identity: &self.identity,
            smart_hosts: &self.smart_hosts,
            sender_domain: self.sender,
            signed: self.signed,
            size: Some(34_300_000),
            offline: self.offline,
        })
    }
}

#[test]
fn outlooks() {
    use Status::{Fail, Pass, Unknown, Warn};
    let plain = || Letter::by(vec![direct("example.org")]);
    let grey = |domain: &str, seconds| Way { greylists: Some(Duration::from_secs(seconds)), ..direct(domain) };
    let refused = |class| Letter::by(vec![Way { refused_us: Some(class), ..direct("example.org") }]);
    let port = |status, word| Letter::seeing([found(Check::Port25V4, status, word, "mx.example.org")]);
    let address = |check, word| Letter::seeing([found(check, Fail, word, "203.0.113.9")]);
    let unproven = |policy| {
        let spf = Finding { subject: "direct".to_owned(), ..found(Check::Spf, Warn, "fail", "") };
        vec![found(Check::Dkim, Warn, "none", ""), spf, found(Check::Dmarc, Fail, policy, "")]
    };
    let large = Way { size_limit: Some(10_485_760), ..direct("example.org") };
    let despite = Way {
        despite: Some("this network's address (203.0.113.9) has no name that leads back to it".to_owned()),
        basis: Basis::Auto,
        ..direct("example.org")
    };
    let relayed = Way { route: Route::SmartHost("post.example".to_owned()), ..direct("example.org") };
    let shut = Finding {
        subject: "smtp.post.example:465".to_owned(),
        ..found(Check::Submission, Fail, "closed", "smtp.post.example (192.0.2.1:465)")
    };
    let open = found(Check::Port25V4, Pass, "open", "mx.example.org");
    let clock = Finding {
        title: "The clock of this computer is 60 minutes ahead".to_owned(),
        ..found(Check::Clock, Fail, "far-off", "")
    };
    let table = [
        ("nothing to say", plain()),
        ("too large", Letter::by(vec![large])),
        ("sender's provider", Letter { sender: "gmail.com", ..plain() }),
        ("port 25 dropped", port(Fail, "dropped")),
        ("port 25 dropped, no smart host", Letter { smart_hosts: Vec::new(), ..port(Fail, "dropped") }),
        ("port 25 dropped, it seems", port(Warn, "dropped")),
        ("port 25 refused", port(Fail, "refused")),
        ("port 25 intercepted", port(Fail, "intercepted")),
        (
            "port 25 dropped over IPv4 alone",
            Letter::seeing([
                found(Check::Port25V4, Fail, "dropped", "mx.example.org"),
                found(Check::Port25V6, Pass, "open", "mx.example.org"),
            ]),
        ),
        ("port 25 kept in by this computer", port(Fail, "local")),
        ("name servers silent", Letter::seeing([found(Check::ResolverTruth, Unknown, "no-answer", "")])),
        ("smart host out of reach", Letter { ways: vec![relayed.clone()], ..Letter::seeing([shut.clone()]) }),
        ("smart host out of reach, direct good", Letter { ways: vec![relayed], ..Letter::seeing([shut, open]) }),
        ("refused as dynamic", refused(Class::SenderDynamicIp)),
        ("refused without a name", refused(Class::SenderNoRdns)),
        ("refused as listed", refused(Class::SenderBlocklisted)),
        ("refused without proof", refused(Class::SenderUnauthenticated)),
        ("listed", address(Check::AddressList, "listed")),
        ("policy list", address(Check::AddressList, "policy")),
        ("no name", address(Check::ReverseName, "missing")),
        ("a name that does not lead back", address(Check::ReverseName, "unconfirmed")),
        ("a generic name", address(Check::ReverseName, "generic")),
        (
            "sender's domain takes no mail",
            Letter { identity: vec![found(Check::SenderDomain, Fail, "null-mx", "example.net")], ..plain() },
        ),
        ("nothing proves it, and that is refused", Letter { identity: unproven("not-proven-reject"), ..plain() }),
        ("nothing proves it", Letter { identity: unproven("not-proven-none"), ..plain() }),
        ("unsigned", Letter { signed: Signed::No, ..plain() }),
        ("no smart host", Letter { smart_hosts: Vec::new(), ..Letter::by(vec![despite]) }),
        ("clock far off", Letter::seeing([clock])),
        ("greylisting", Letter::by(vec![grey("example.org", 300)])),
        ("greylisting, short", Letter::by(vec![grey("example.org", 30), direct("example.com")])),
        (
            "greylisting by several",
            Letter::by(vec![
                grey("a.example", 60),
                grey("b.example", 7200),
                grey("c.example", 1),
                grey("d.example", 2),
            ]),
        ),
        ("no network", Letter { offline: Some(Offline::NoNetwork), ..plain() }),
        ("login page", Letter { offline: Some(Offline::Portal), ..plain() }),
    ];
    let mut text = String::new();
    for (name, letter) in table {
        let Some(said) = letter.outlook() else {
            text.push_str(&format!("-- {name}\n\n"));
            continue;
        };
        hold_to_the_rules(&said.message);
        hold_to_the_rules(&said.meaning);
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let kind = word(serde_json::to_value(said.kind).unwrap());
        let tone = word(serde_json::to_value(said.tone).unwrap());
        text.push_str(&format!("-- {name}: {kind}, {tone}\n{}\n{}\n", said.message, said.meaning));
        let buttons = said.better_label.as_deref().into_iter().chain(said.warning.map(WarningName::word));
        let buttons = buttons.map(|label| format!("[{label}]"));
        text.push_str(&format!("{}\n\n", buttons.collect::<Vec<_>>().join(" ")));
    }
    golden("outlook.txt", &text);
}
