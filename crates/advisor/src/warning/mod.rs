//! The warnings that have a name, and which of them a finding or a diagnosis is about.
//!
//! A warning is a trouble that people meet again and again, explained on a page of its own ([`page`]): before a letter is
//! sent, where a check found it; afterwards, where a server or the network said so. One name stands for both.
//!
//! | what a check found | what stopped a letter | warning |
//! |---|---|---|
//! | a domain that lets new senders wait | `greylisted` | greylisting |
//! | no name of our address, one that does not lead back, one of thousands | `sender-no-rdns` | reverse-dns |
//! | port 25 closed, held or intercepted | `port-25-blocked` | port-25 |
//! | the policy list, an address shared with others | `sender-dynamic-ip` | dynamic-address |
//! | a block list | `sender-blocklisted` | listed-address |
//! | SPF, DKIM, DMARC in trouble | `sender-unauthenticated`, by what the reply names | spf, dkim, dmarc |
//! | no smart host | a refusal that another sender would not have had, and there is none | no-smart-host |
//! | a null MX, the recipient's or our own | `null-mx` | null-mx |
//!
//! Everything else is explained where it stands.

mod page;
mod shown;

pub(crate) use page::Fate;
pub use page::{
    FindingFacts, LetterFacts, NotLookedUp, Sighting, WaitingLetter, WarningAction, WarningFacts, WarningPage,
    warning_page,
};

use crate::checks::finding::{Check, Finding, Status};
use crate::reach::{Reach, reach};
use model::{Attempt, Class, Delivery, EnhancedCode, Phase, Reply};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// A warning that has a name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        pub enum WarningName {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl WarningName {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word for it, the same for ever: programs and people go by it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The warning of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

names! {
    /// A server lets new senders wait.
    Greylisting = "greylisting",
    /// Our address has no name, or not one that receivers accept.
    ReverseDns = "reverse-dns",
    /// This network does not let mail out directly.
    Port25 = "port-25",
    /// Our address is one that providers hand out to homes.
    DynamicAddress = "dynamic-address",
    /// Our address is on a block list.
    ListedAddress = "listed-address",
    /// The sender's domain does not say that we may send for it.
    Spf = "spf",
    /// Letters are not signed, or the signature is not believed.
    Dkim = "dkim",
    /// Letters are not proven to be their domain's.
    Dmarc = "dmarc",
    /// Nobody could pass letters on.
    NoSmartHost = "no-smart-host",
    /// A domain says that it takes no mail.
    NullMx = "null-mx",
}

impl WarningName {
    /// What it is called.
    pub fn heading(self) -> &'static str {
        crate::texts::warnings::heading(self)
    }

    /// The warning that a finding is about; `None` where nothing is wrong or the finding itself says all.
    pub fn of_finding(finding: &Finding) -> Option<Self> {
        Self::of_found(finding.check, &finding.found, finding.status)
    }

    pub(crate) fn of_found(check: Check, found: &str, status: Status) -> Option<Self> {
        if matches!(status, Status::Pass | Status::Unknown) {
            return None;
        }
        match (check, found) {
            // The way is open then, and the refusal is about the address.
            (Check::Port25V4 | Check::Port25V6, "open-refused") => None,
            (Check::Port25V4 | Check::Port25V6, _) => Some(Self::Port25),
            (Check::Submission, "no-smart-host") => Some(Self::NoSmartHost),
            (Check::PublicAddress, "carrier" | "likely-carrier") => Some(Self::DynamicAddress),
            (Check::ReverseName, _) => Some(Self::ReverseDns),
            (Check::AddressList, "policy") => Some(Self::DynamicAddress),
            (Check::AddressList, _) => Some(Self::ListedAddress),
            (Check::SenderDomain | Check::Mx, "null-mx") => Some(Self::NullMx),
            (Check::SenderProvider | Check::Dmarc, _) => Some(Self::Dmarc),
            (Check::Spf, _) => Some(Self::Spf),
            (Check::Dkim, _) => Some(Self::Dkim),
            (Check::Greylisting, "greylists") => Some(Self::Greylisting),
            _ => None,
        }
    }

    /// Whether checks that looked at what it is about found it in order. Port 25 is, where letters get out over IPv4.
    pub fn is_cleared_by(self, findings: &[Finding]) -> bool {
        if self == Self::Port25 {
            return reach(findings) == Reach::Open;
        }
        let passed = |finding: &Finding| self.checks().contains(&finding.check) && finding.status == Status::Pass;
        findings.iter().any(passed) && findings.iter().all(|finding| finding.warning != Some(self))
    }

    /// The checks that tell of it.
    fn checks(self) -> &'static [Check] {
        match self {
            Self::ReverseDns => &[Check::ReverseName],
            Self::Port25 => &[Check::Port25V4, Check::Port25V6],
            Self::DynamicAddress | Self::ListedAddress => &[Check::AddressList],
            Self::Spf => &[Check::Spf],
            Self::Dkim => &[Check::Dkim],
            Self::Dmarc => &[Check::Dmarc],
            Self::NoSmartHost => &[Check::Submission],
            // They are about one domain, and no check of all there is.
            Self::Greylisting | Self::NullMx => &[],
        }
    }

    /// The warning that a diagnosis of this class is about, where nothing more is known than the class.
    pub fn of_class(class: Class) -> Option<Self> {
        match class {
            Class::Greylisted => Some(Self::Greylisting),
            Class::NullMx => Some(Self::NullMx),
            Class::SenderBlocklisted => Some(Self::ListedAddress),
            Class::SenderDynamicIp => Some(Self::DynamicAddress),
            Class::SenderNoRdns => Some(Self::ReverseDns),
            Class::SenderUnauthenticated => Some(Self::Dmarc),
            Class::Port25Blocked => Some(Self::Port25),
            Class::Throttled
            | Class::MailboxFull
            | Class::NoSuchRecipient
            | Class::NoSuchDomain
            | Class::MessageTooLarge
            | Class::ContentRefused
            | Class::RecipientPolicy
            | Class::AuthFailed
            | Class::TlsPolicy
            | Class::NetworkDown
            | Class::DnsFailure
            | Class::HostUnreachable
            | Class::ReceiverMisconfigured
            | Class::ProtocolError
            | Class::Suppressed
            | Class::Expired
            | Class::Unknown => None,
        }
    }

    /// The warning that an attempt is about; `None` for one that needs no more than its diagnosis says.
    pub fn of_attempt(attempt: &Attempt) -> Option<Self> {
        match attempt.diagnosis.as_ref()?.class {
            Class::SenderUnauthenticated => unauthenticated(attempt.phase, attempt.reply.as_ref()),
            class => Self::of_class(class),
        }
    }

    /// The warning that a delivery is about, by its diagnosis and the attempts for it, newest first. What was given up is
    /// about what stood in its way last.
    pub fn of_delivery(delivery: &Delivery, attempts: &[&Attempt]) -> Option<Self> {
        let class = delivery.diagnosis.as_ref()?.class;
        match raised_by(class, attempts) {
            Some(attempt) => Self::of_attempt(attempt),
            None => Self::of_class(class),
        }
    }
}

/// The attempt that a diagnosis of this class is from, of those that are given newest first.
pub fn raised_by<'a>(class: Class, attempts: &[&'a Attempt]) -> Option<&'a Attempt> {
    let diagnosed = |attempt: &&&Attempt| {
        attempt.diagnosis.as_ref().is_some_and(|own| own.class == class || class == Class::Expired)
    };
    attempts.iter().find(diagnosed).copied()
}

/// Which proof was missing. The enhanced codes are those of RFC 7372; what names none of the three and comes before any
/// recipient is about the address of the sender, whoever may send for it.
fn unauthenticated(phase: Phase, reply: Option<&Reply>) -> Option<WarningName> {
    let by_code = reply.and_then(|reply| reply.enhanced).and_then(|EnhancedCode { subject, detail, .. }| {
        match (subject, detail) {
            (7, 20..=22) => Some(WarningName::Dkim),
            (7, 23 | 24) => Some(WarningName::Spf),
            (7, 26) => Some(WarningName::Dmarc),
            _ => None,
        }
    });
    let text = reply.map(|reply| reply.text().to_ascii_lowercase()).unwrap_or_default();
    let named = [("dmarc", WarningName::Dmarc), ("spf", WarningName::Spf), ("dkim", WarningName::Dkim)];
    let mut by_text = named.iter().filter(|(word, _)| text.contains(word)).map(|(_, name)| *name);
    // A reply that names SPF and DKIM both wants either of them, which is what DMARC sums up.
    let by_text = match (by_text.next(), by_text.next()) {
        (Some(_), Some(_)) => Some(WarningName::Dmarc),
        (one, _) => one,
    };
    by_code.or(by_text).or((phase >= Phase::Rcpt).then_some(WarningName::Dmarc))
}

#[cfg(test)]
mod tests;
