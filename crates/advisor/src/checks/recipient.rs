//! A domain, or a recipient there, stage by stage as a letter would meet it: syntax, spelling, domain, MX, addresses,
//! MTA-STS, DANE, connection, greeting, EHLO, STARTTLS, greylisting, QUIT. Nobody is named to the host (no MAIL, no RCPT): a
//! probe of recipients looks like a spammer's, and its answer would be worth little.

use super::Timed;
use super::finding::{Check, Evidence, Finding};
use super::identity::TakesMail;
use super::network::{ProbeEnd, first_line, offers};
use crate::texts::recipient as texts;
use jiff::Timestamp;
use model::{Class, Reply};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Judges how an address is written; `problem` is what is wrong with it.
pub fn syntax(address: &str, problem: Option<&str>) -> Finding {
    let evidence = vec![Evidence::known(address, problem.unwrap_or("written as an address"))];
    Finding::new(Check::Syntax, address, evidence, texts::syntax(address, problem))
}

/// Judges how a domain is spelt; `meant` is the one that it may have been meant to be.
pub fn spelling(domain: &str, meant: Option<&str>) -> Finding {
    let answer =
        meant.map_or_else(|| "unlike any other that is known".to_owned(), |meant| format!("much like {meant}"));
    Finding::new(Check::Spelling, domain, vec![Evidence::known(domain, answer)], texts::spelling(domain, meant))
}

/// Judges whether a domain exists and who takes its mail: two findings.
pub fn mail_hosts(domain: &str, takes: &Timed<TakesMail>) -> [Finding; 2] {
    let evidence =
        || vec![Evidence::new(format!("who takes mail for {domain} (MX)"), takes.value.shown(), takes.took)];
    [
        Finding::new(Check::Domain, domain, evidence(), texts::domain(domain, &takes.value)),
        Finding::new(Check::Mx, domain, evidence(), texts::mx(domain, &takes.value)),
    ]
}

/// A host and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSeen {
    /// Its name.
    pub host: String,
    /// Its addresses; `None` where nobody could say.
    pub addresses: Timed<Option<Vec<IpAddr>>>,
}

/// Judges where the hosts of a domain are.
pub fn addresses(hosts: &[HostSeen]) -> Finding {
    let evidence = hosts.iter().map(|one| {
        let answer = match &one.addresses.value {
            None => "no answer".to_owned(),
            Some(ips) if ips.is_empty() => "no address".to_owned(),
            Some(ips) => ips.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", "),
        };
        Evidence::new(format!("where {} is", one.host), answer, one.addresses.took)
    });
    let found = |one: &&HostSeen| one.addresses.value.as_ref().is_some_and(|ips| !ips.is_empty());
    let with_address = hosts.iter().filter(found).count();
    let unanswered = hosts.iter().any(|one| one.addresses.value.is_none());
    let said = texts::addresses(with_address, hosts.len(), unanswered);
    Finding::new(Check::Addresses, "", evidence.collect(), said)
}

/// The MTA-STS policy of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StsSeen {
    /// It announces none.
    None,
    /// It announces one that could not be had; why.
    Failed(String),
    /// Nobody could say whether it announces one.
    NotAnswered,
    /// It has one.
    Policy {
        /// Whether it is to be obeyed.
        mode: StsRule,
        /// How many hosts of the domain it names.
        named: usize,
        /// The hosts of the domain that it does not name.
        not_named: Vec<String>,
        /// Where it is one that was fetched for an earlier letter, which counts until it runs out (RFC 8461 §5.1).
        kept: Option<StsKept>,
    },
    /// It was not looked for.
    NotTried,
}

/// A policy that was fetched for an earlier letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsKept {
    /// Until when it counts.
    pub until: Timestamp,
    /// Why it does, rather than a new one.
    pub because: StsKeptBecause,
}

/// Why a policy that is kept counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StsKeptBecause {
    /// It is the one that DNS announces.
    Current,
    /// DNS announces none any more.
    NotAnnounced,
    /// Nobody could say whether DNS announces one.
    NotAnswered,
    /// A new one is announced and could not be had; why.
    NotFetched(String),
}

/// What a policy asks for (RFC 8461 §3.2, `mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StsRule {
    /// Letters go to the hosts that it names, which have to prove who they are, or not at all.
    Enforce,
    /// It is being tried.
    Testing,
    /// It is there no longer.
    None,
}

impl StsRule {
    /// The word of RFC 8461.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Testing => "testing",
            Self::None => "none",
        }
    }
}

impl StsSeen {
    /// Whether letters may go to this host by it.
    pub fn lets_to(&self, host: &str) -> bool {
        match self {
            Self::Policy { mode: StsRule::Enforce, not_named, .. } => !not_named.iter().any(|other| other == host),
            _ => true,
        }
    }
}

/// Judges the domain's own rule for encryption.
pub fn mta_sts(domain: &str, seen: &Timed<StsSeen>) -> Finding {
    let answer = match &seen.value {
        StsSeen::None => "none".to_owned(),
        StsSeen::Failed(why) => format!("announced, and not had: {why}"),
        StsSeen::NotAnswered => "no answer".to_owned(),
        StsSeen::Policy { mode, not_named, kept, .. } => {
            let names = match not_named.as_slice() {
                [] => "naming all hosts".to_owned(),
                others => format!("not naming {}", others.join(", ")),
            };
            format!("mode {}, {names}{}", mode.word(), kept.as_ref().map(shown_kept).unwrap_or_default())
        }
        StsSeen::NotTried => "not looked for in this world".to_owned(),
    };
    let asked = format!("the MTA-STS policy of {domain}");
    let evidence = match seen.value {
        StsSeen::NotTried => vec![Evidence::known(asked, answer)],
        _ => vec![Evidence::new(asked, answer, seen.took)],
    };
    Finding::new(Check::MtaSts, domain, evidence, texts::mta_sts(domain, &seen.value))
}

fn shown_kept(kept: &StsKept) -> String {
    let because = match &kept.because {
        StsKeptBecause::Current => String::new(),
        StsKeptBecause::NotAnnounced => "; announced now: none".to_owned(),
        StsKeptBecause::NotAnswered => "; announced now: no answer".to_owned(),
        StsKeptBecause::NotFetched(why) => format!("; announced now: another, not had: {why}"),
    };
    format!(", kept until {}{because}", kept.until.strftime("%Y-%m-%d"))
}

/// The TLSA records of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaneSeen {
    /// Some that are proven and can be used.
    Records(usize),
    /// Proven ones of kinds that do not count for mail.
    Unusable,
    /// None, though everything is signed.
    None,
    /// The domain, or the host, is not signed.
    NotSigned,
    /// Answers do not agree with their signatures.
    Bogus,
    /// The same, where the settings let letters wait for that.
    BogusWaits,
    /// Nobody answered.
    NotAnswered,
    /// The same, where the settings let letters wait for that.
    NotAnsweredWaits,
    /// They were not looked for.
    NotTried,
    /// The settings say that they are not looked for.
    Off,
}

/// Judges the proof of a host in DNS.
pub fn dane(host: &str, seen: &Timed<DaneSeen>) -> Finding {
    let answer = match seen.value {
        DaneSeen::Records(1) => "1 proven record".to_owned(),
        DaneSeen::Records(count) => format!("{count} proven records"),
        DaneSeen::Unusable => "proven records of kinds that do not count for mail".to_owned(),
        DaneSeen::None => "none".to_owned(),
        DaneSeen::NotSigned => "the names are not signed".to_owned(),
        DaneSeen::Bogus | DaneSeen::BogusWaits => "answers that do not agree with their signatures".to_owned(),
        DaneSeen::NotAnswered | DaneSeen::NotAnsweredWaits => "no answer".to_owned(),
        DaneSeen::NotTried => "not looked for in this world".to_owned(),
        DaneSeen::Off => "not looked for, by the settings".to_owned(),
    };
    let asked = format!("the TLSA records of {host}");
    let evidence = match seen.value {
        DaneSeen::NotTried | DaneSeen::Off => vec![Evidence::known(asked, answer)],
        _ => vec![Evidence::new(asked, answer, seen.took)],
    };
    Finding::new(Check::Dane, host, evidence, texts::dane(host, seen.value))
}

/// A visit to a host: as far as it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitSeen {
    /// The host.
    pub host: String,
    /// Each address that was dialed, in order, and what came of it; the last is where the visit was.
    pub dialed: Vec<(SocketAddr, Timed<Dialed>)>,
    /// Its greeting.
    pub greeting: Option<Timed<Said>>,
    /// Its answer to EHLO, that after encryption where there is one, and what it offers.
    pub ehlo: Option<Timed<(Said, Offers)>>,
    /// Its answer to HELO, where it refused EHLO for good.
    pub helo: Option<Timed<Said>>,
    /// The encryption.
    pub starttls: Option<Timed<TlsSeen>>,
    /// What its encryption has to be.
    pub required: Required,
    /// Whether it answered QUIT.
    pub quit: Option<Timed<bool>>,
}

/// What the encryption of a host has to be before a letter is handed over to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Required {
    /// Whatever it is, or none.
    #[default]
    Nothing,
    /// There has to be some: it has proven TLSA records, of kinds that prove nothing for mail (RFC 7672 §2.2).
    Encryption,
    /// There has to be some: it encrypted before, and the settings refuse to do without.
    AsBefore,
    /// It has to prove who it is, since the domain's policy is to be obeyed (MTA-STS).
    ByPolicy,
    /// It has to be what its proven TLSA records say (DANE).
    ByRecords,
}

impl Required {
    /// Whether this encryption is enough.
    pub fn is_met(self, tls: &TlsSeen) -> bool {
        match self {
            Self::Nothing => true,
            Self::Encryption | Self::AsBefore => matches!(tls, TlsSeen::Verified { .. } | TlsSeen::Unverified { .. }),
            Self::ByPolicy | Self::ByRecords => matches!(tls, TlsSeen::Verified { .. }),
        }
    }
}

impl VisitSeen {
    /// Whether a letter would be handed over here, as far as it was come: else the next host is asked.
    pub fn takes_letters(&self) -> bool {
        let is_yes = |said: &Said| matches!(said, Said::Reply(reply) if reply.code / 100 == 2);
        let was_introduced = self.ehlo.as_ref().is_some_and(|ehlo| is_yes(&ehlo.value.0))
            || self.helo.as_ref().is_some_and(|helo| is_yes(&helo.value));
        was_introduced && self.starttls.as_ref().is_some_and(|tls| self.required.is_met(&tls.value))
    }
}

/// What came of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialed {
    /// It was made.
    Connected,
    /// It was not.
    Failed(ProbeEnd),
}

/// What a host said, or why it did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A reply.
    Reply(Reply),
    /// None; why, in words.
    Nothing(String),
}

impl Said {
    fn shown(&self) -> String {
        match self {
            Self::Reply(reply) => format!("{} {}", reply.code, first_line(reply)),
            Self::Nothing(why) => why.clone(),
        }
    }
}

/// What a host offers that a letter may need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// The largest letter that it takes, in octets; `None` where it does not say.
    pub size: Option<u64>,
    /// Addresses with letters beyond ASCII.
    pub smtp_utf8: bool,
    /// Content with octets above 127.
    pub eight_bit_mime: bool,
}

/// What a letter needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Its size in octets, where there is one.
    pub size: Option<u64>,
    /// Whether an address has letters beyond ASCII before the `@`.
    pub smtp_utf8: bool,
}

/// The encryption that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSeen {
    /// It is not offered.
    NotOffered,
    /// It is offered and failed; why.
    Failed(String),
    /// It is known who answered.
    Verified {
        /// Such as `TLSv1.3`.
        version: String,
        /// Whether TLSA records say so, rather than an authority.
        by_records: bool,
    },
    /// It is not known who answered; why.
    Unverified {
        /// Such as `TLSv1.3`.
        version: String,
        /// What is wrong with the certificate.
        because: String,
    },
}

/// Judges a visit: a finding for each stage that it came to.
pub fn visit(seen: &VisitSeen, needs: Needs) -> Vec<Finding> {
    let mut findings = vec![connect(seen)];
    let host = &seen.host;
    if let Some(greeting) = &seen.greeting {
        let evidence = vec![Evidence::new(format!("the greeting of {host}"), greeting.value.shown(), greeting.took)];
        findings.push(Finding::new(Check::Greeting, host, evidence, texts::greeting(host, &greeting.value)));
    }
    if let Some(ehlo) = &seen.ehlo {
        let (said, offered) = &ehlo.value;
        let answer = match said {
            Said::Reply(reply) if reply.code / 100 == 2 => format!("{}, offering {}", reply.code, offers(reply)),
            said => said.shown(),
        };
        let mut evidence = vec![Evidence::new(format!("{host} to EHLO"), answer, ehlo.took)];
        evidence.extend(
            seen.helo.iter().map(|helo| Evidence::new(format!("{host} to HELO"), helo.value.shown(), helo.took)),
        );
        let helo = seen.helo.as_ref().map(|helo| &helo.value);
        findings.push(Finding::new(Check::Ehlo, host, evidence, texts::ehlo(host, said, helo, *offered, needs)));
    }
    if let Some(tls) = &seen.starttls {
        let evidence = vec![Evidence::new(format!("encryption at {host}"), shown_tls(&tls.value), tls.took)];
        findings.push(Finding::new(
            Check::Starttls,
            host,
            evidence,
            texts::starttls(host, &tls.value, seen.required),
        ));
    }
    if let Some(quit) = &seen.quit {
        let answer = if quit.value { "a farewell" } else { "no answer" };
        let evidence = vec![Evidence::new(format!("{host} to QUIT"), answer, quit.took)];
        findings.push(Finding::new(Check::Quit, host, evidence, texts::quit(host, quit.value)));
    }
    findings
}

fn shown_tls(tls: &TlsSeen) -> String {
    match tls {
        TlsSeen::NotOffered => "not offered".to_owned(),
        TlsSeen::Failed(why) => why.clone(),
        TlsSeen::Verified { version, by_records: true } => format!("{version}, verified by TLSA records"),
        TlsSeen::Verified { version, by_records: false } => format!("{version}, verified by an authority"),
        TlsSeen::Unverified { version, because } => format!("{version}, not verified: {because}"),
    }
}

fn connect(seen: &VisitSeen) -> Finding {
    let evidence = seen.dialed.iter().map(|(address, dialed)| {
        let answer = match &dialed.value {
            Dialed::Connected => "connected",
            Dialed::Failed(ProbeEnd::Refused) => "connection refused",
            Dialed::Failed(ProbeEnd::Unreachable) => "the network says that there is no way there",
            Dialed::Failed(ProbeEnd::Local(why)) => why,
            Dialed::Failed(_) => "no answer",
        };
        Evidence::new(format!("{} ({address})", seen.host), answer, dialed.took)
    });
    let is_made = seen.dialed.iter().any(|(_, dialed)| dialed.value == Dialed::Connected);
    Finding::new(Check::Connect, &seen.host, evidence.collect(), texts::connect(&seen.host, is_made))
}

/// What earlier letters taught of a domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taught {
    /// How long it let a new sender wait.
    pub greylisted_for: Option<Duration>,
    /// How it refused this computer of late.
    pub refused_us: Option<Class>,
    /// Whether it has taken a letter.
    pub has_taken: bool,
}

/// Judges what earlier letters taught.
pub fn greylisting(domain: &str, taught: &Taught) -> Finding {
    let answer = match (taught.greylisted_for, taught.refused_us, taught.has_taken) {
        (_, Some(class), _) => format!("it refused this computer: {}", class.word()),
        (Some(wait), None, _) => format!("it let a letter wait for {} s", wait.as_secs()),
        (None, None, true) => "it took letters without a wait".to_owned(),
        (None, None, false) => "nothing was sent there directly".to_owned(),
    };
    let evidence = vec![Evidence::known("earlier letters", answer)];
    Finding::new(Check::Greylisting, domain, evidence, texts::greylisting(domain, taught))
}
