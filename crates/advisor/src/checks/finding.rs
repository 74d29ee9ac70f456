//! What a check found, in the form in which it is shown, kept and copied.

use crate::warning::WarningName;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};
use std::time::Duration;
use ts_rs::TS;

/// A thing that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Whether there is a network, and one that lets this computer out.
    WayOut,
    /// Port 25 over IPv4.
    #[serde(rename = "port-25-ipv4")]
    Port25V4,
    /// Port 25 over IPv6.
    #[serde(rename = "port-25-ipv6")]
    Port25V6,
    /// Ports 465 and 587 of the smart hosts.
    Submission,
    /// The address that others see.
    PublicAddress,
    /// The name of that address.
    ReverseName,
    /// That address on lists in DNS.
    AddressList,
    /// Whether names that do not exist stay so.
    ResolverTruth,
    /// Whether answers can be proven (DNSSEC).
    ResolverProof,
    /// Whether long answers arrive (TCP).
    ResolverTcp,
    /// The clock of this computer.
    Clock,
    /// A VPN that mail would go through.
    Vpn,
    /// Whether the domain of From exists and can receive.
    SenderDomain,
    /// Whether the domain of From lets others than its provider send.
    SenderProvider,
    /// SPF, by route.
    Spf,
    /// The DKIM keys of the domain of From.
    Dkim,
    /// What receivers do with mail that is not proven, and whether ours is.
    Dmarc,
    /// The form of an address.
    Syntax,
    /// Whether a domain is misspelt.
    Spelling,
    /// Whether a domain exists.
    Domain,
    /// Who takes mail for it.
    Mx,
    /// Where these hosts are.
    Addresses,
    /// The domain's own rule for encryption (MTA-STS).
    MtaSts,
    /// Proof of the hosts' certificates in DNS (DANE).
    Dane,
    /// The connection to a mail host.
    Connect,
    /// What it says first.
    Greeting,
    /// What it can do.
    Ehlo,
    /// Its encryption.
    Starttls,
    /// Whether it makes new senders wait.
    Greylisting,
    /// How it parted.
    Quit,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "FindingStatus")]
pub enum Status {
    /// As it should be.
    Pass,
    /// It may go wrong.
    Warn,
    /// It will go wrong.
    Fail,
    /// It could not be found out, or there is nothing to find out.
    Unknown,
}

/// One question that was asked, and what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Evidence {
    /// What was asked, and whom.
    pub asked: String,
    /// What came back.
    pub answer: String,
    /// How long that took, in milliseconds; `None` where nobody was asked.
    #[ts(type = "number | null")]
    pub took_ms: Option<u64>,
}

/// Something to paste: a record for the DNS, or a request to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Copyable {
    /// What it is.
    pub label: String,
    /// The text.
    pub text: String,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// Which one, where there are several: an address, a list, a host, a route. Empty otherwise.
    pub subject: String,
    /// How it came out.
    pub status: Status,
    /// A word for what was found, the same for ever: programs go by it.
    pub found: String,
    /// What was found, in a few words.
    pub title: String,
    /// What it was seen by.
    pub evidence: Vec<Evidence>,
    /// What it means.
    pub cause: String,
    /// What mends it; `None` where nothing needs to be mended.
    pub fix: Option<String>,
    /// What else can be done meanwhile.
    pub alternative: Option<String>,
    /// Why anybody looks at this.
    pub why: String,
    /// What can be copied to mend it.
    pub copy: Vec<Copyable>,
    /// The warning that it is about, whose page says more.
    #[serde(default)]
    pub warning: Option<WarningName>,
}

/// What the catalogue says of a thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub status: Status,
    pub found: &'static str,
    pub title: String,
    pub cause: String,
    pub fix: Option<String>,
    pub alternative: Option<String>,
    pub copy: Vec<Copyable>,
}

impl Said {
    pub fn new(status: Status, found: &'static str, title: impl Into<String>, cause: impl Into<String>) -> Self {
        let (title, cause) = (title.into(), cause.into());
        Self { status, found, title, cause, fix: None, alternative: None, copy: Vec::new() }
    }

    pub fn pass(found: &'static str, title: impl Into<String>, cause: impl Into<String>) -> Self {
        Self::new(Status::Pass, found, title, cause)
    }

    pub fn warn(found: &'static str, title: impl Into<String>, cause: impl Into<String>) -> Self {
        Self::new(Status::Warn, found, title, cause)
    }

    pub fn fail(found: &'static str, title: impl Into<String>, cause: impl Into<String>) -> Self {
        Self::new(Status::Fail, found, title, cause)
    }

    pub fn unknown(found: &'static str, title: impl Into<String>, cause: impl Into<String>) -> Self {
        Self::new(Status::Unknown, found, title, cause)
    }

    pub fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }

    pub fn alternative(self, alternative: impl Into<String>) -> Self {
        Self { alternative: Some(alternative.into()), ..self }
    }

    pub fn copy(mut self, label: impl Into<String>, text: impl Into<String>) -> Self {
        self.copy.push(Copyable { label: label.into(), text: text.into() });
        self
    }
}

impl Evidence {
    /// Something that was asked, with the time until the answer.
    pub fn new(asked: impl Into<String>, answer: impl Into<String>, took: Duration) -> Self {
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Self { asked: asked.into(), answer: answer.into(), took_ms: Some(took_ms) }
    }

    /// Something that is known without asking.
    pub fn known(asked: impl Into<String>, answer: impl Into<String>) -> Self {
        Self { asked: asked.into(), answer: answer.into(), took_ms: None }
    }

    fn shown(&self) -> String {
        let took = self.took_ms.map(|millis| format!(" ({})", shown_millis(millis))).unwrap_or_default();
        format!("{}: {}{took}", self.asked, self.answer)
    }
}

impl Finding {
    pub(crate) fn new(check: Check, subject: impl Into<String>, evidence: Vec<Evidence>, said: Said) -> Self {
        Self {
            check,
            subject: subject.into(),
            status: said.status,
            found: said.found.to_owned(),
            title: said.title,
            evidence,
            cause: said.cause,
            fix: said.fix,
            alternative: said.alternative,
            why: crate::texts::why(check).to_owned(),
            copy: said.copy,
            warning: WarningName::of_found(check, said.found, said.status),
        }
    }

    /// As text: in full where something is wrong, with its evidence alone where nothing is.
    pub fn brief(&self) -> String {
        if matches!(self.status, Status::Warn | Status::Fail) {
            return self.to_string();
        }
        let mut text = format!("[{}] {}\n", self.status.word(), self.title);
        for evidence in &self.evidence {
            text.push_str(&format!("    {}\n", evidence.shown()));
        }
        text
    }

    /// Whether this was found of this check.
    pub fn is(&self, check: Check, found: &str) -> bool {
        self.check == check && self.found == found
    }
}

impl Status {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// The whole finding as text: for a support request, and for the terminal.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[{}] {}", self.status.word(), self.title)?;
        let mut part = |label: &str, text: &str| write_wrapped(f, label, text);
        for evidence in &self.evidence {
            part("seen: ", &evidence.shown())?;
        }
        part("", &self.cause)?;
        if let Some(fix) = &self.fix {
            part("What mends it: ", fix)?;
        }
        if let Some(alternative) = &self.alternative {
            part("What else: ", alternative)?;
        }
        for copy in &self.copy {
            writeln!(f, "    {}:", copy.label)?;
            for line in copy.text.lines() {
                writeln!(f, "        {line}")?;
            }
        }
        Ok(())
    }
}

/// Columns of a terminal that is narrow.
const WIDTH: usize = 100;

/// A paragraph, set in from the margin, that begins with a label.
pub(crate) fn write_wrapped(f: &mut impl Write, label: &str, text: &str) -> fmt::Result {
    let mut line = format!("    {label}");
    let mut is_empty = true;
    for word in text.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(f, "{}", line.trim_end())?;
            "    ".clone_into(&mut line);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    if is_empty { Ok(()) } else { writeln!(f, "{}", line.trim_end()) }
}

/// A time as people say it: milliseconds, or seconds with one digit.
pub fn shown_millis(millis: u64) -> String {
    if millis < 1000 { format!("{millis} ms") } else { format!("{}.{} s", millis / 1000, millis % 1000 / 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        for (millis, expected) in [(0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (15_240, "15.2 s")] {
            assert_eq!(shown_millis(millis), expected);
        }
    }

    #[test]
    fn long_texts_are_broken_between_words() {
        let mut text = String::new();
        write_wrapped(&mut text, "seen: ", &"word ".repeat(40)).unwrap();
        assert!(text.lines().count() > 1 && text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.starts_with("    seen: word word"));
    }
}
