//! From what is known of a delivery to the report on it: pure.

use super::words;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use message::dsn::{self, Action, DsnRecipient};
use model::{
    Address, Attempt, Class, Delivery, Diagnosis, EmailAddress, EnhancedCode, Outgoing, Phase, Reply, ReportKind,
};
use std::time::Duration;

/// Who writes the reports.
const NAME: &str = "Postrider";

/// Everything that a report is made of.
#[derive(Clone, Debug)]
pub(super) struct Facts<'a> {
    pub kind: ReportKind,
    pub outgoing: &'a Outgoing,
    pub delivery: &'a Delivery,
    /// Of this delivery, the first one first.
    pub attempts: &'a [Attempt],
    /// The letter, or as much of it as holds its headers.
    pub original: &'a [u8],
    pub now: Timestamp,
    /// How long it has been on its way, as far as that counts.
    pub waited: Duration,
    /// Until when it is tried, if the computer stays on line.
    pub retry_until: Timestamp,
    pub zone: &'a TimeZone,
}

impl Facts<'_> {
    /// The report.
    pub fn written(&self, random: &mut impl rand::RngCore) -> Vec<u8> {
        let domain = self.sender_domain();
        let report = dsn::Report {
            reporting_mta: self.helo().unwrap_or(&domain),
            from: Address::new(Some(NAME.to_owned()), format!("mailer-daemon@{domain}")),
            to: self.to(),
            date: self.now,
            utc_offset: self.zone.to_offset(self.now),
            arrival: Some(self.outgoing.created_at),
            envelope_id: Some(&self.outgoing.envelope_id()),
            recipients: &[self.recipient()],
            explanation: &words::explanation(self),
            original: self.original,
        };
        dsn::write(&report, random)
    }

    /// What the report is about: the last attempt that came to what the delivery has come to, else the last one.
    pub fn last(&self) -> Option<&Attempt> {
        let class = |diagnosis: &Option<Diagnosis>| diagnosis.as_ref().map(|diagnosis| diagnosis.class);
        let same = |attempt: &&Attempt| class(&attempt.diagnosis) == class(&self.delivery.diagnosis);
        self.attempts.iter().rev().find(same).or(self.attempts.last())
    }

    /// The server's answer, where it gave one that is no success.
    pub fn reply(&self) -> Option<&Reply> {
        self.last()?.reply.as_ref().filter(|reply| reply.code >= 400)
    }

    fn recipient(&self) -> DsnRecipient {
        let last = self.last();
        let error = || last?.error.clone();
        let answered = |attempt: &&Attempt| attempt.phase > Phase::Connect;
        DsnRecipient {
            address: self.delivery.address.to_string(),
            original: None,
            action: match self.kind {
                ReportKind::Failed => Action::Failed,
                ReportKind::Delayed => Action::Delayed,
            },
            status: status(self.kind, self.delivery.diagnosis.as_ref(), self.reply()),
            diagnostic: self.reply().map(Reply::to_string).or_else(error),
            remote_mta: last.filter(answered).and_then(|attempt| attempt.host.clone()),
            last_attempt: self.attempts.last().map(|attempt| attempt.ended_at),
            will_retry_until: (self.kind == ReportKind::Delayed).then_some(self.retry_until),
        }
    }

    /// The name by which the servers knew us. Never the computer's own name, which is nobody's business.
    fn helo(&self) -> Option<&str> {
        self.attempts.iter().rev().find_map(|attempt| attempt.helo.as_deref()).filter(|helo| !helo.is_empty())
    }

    fn to(&self) -> Address {
        match &self.outgoing.sender {
            Some(sender) => Address::new(None, sender.to_string()),
            // The null sender: the letter still has an author.
            None => self.author().unwrap_or_else(|| Address::new(None, "postmaster@localhost")),
        }
    }

    fn author(&self) -> Option<Address> {
        message::parse(self.original).from.into_iter().find(|from| EmailAddress::parse(&from.address).is_ok())
    }

    fn sender_domain(&self) -> String {
        let author = || Some(self.author()?.address.rsplit_once('@')?.1.to_owned());
        let sender = self.outgoing.sender.as_ref().map(|sender| sender.domain().to_owned());
        sender.or_else(author).unwrap_or_else(|| "localhost".to_owned())
    }
}

/// The status of RFC 3463 §3: the server's own where it gave one, with the first digit that fits what is reported.
///
/// | reported | the server said | status |
/// |---|---|---|
/// | failed | 5.1.1 | 5.1.1 |
/// | failed, although the code is temporary | 4.7.25 | 5.7.25 |
/// | failed, given up | anything | 5.4.7 |
/// | delayed | 4.2.2 | 4.2.2 |
/// | either | nothing, or no enhanced code | by the class, x.0.0 where that says nothing |
fn status(kind: ReportKind, diagnosis: Option<&Diagnosis>, reply: Option<&Reply>) -> EnhancedCode {
    let class = diagnosis.map_or(Class::Unknown, |diagnosis| diagnosis.class);
    let said = reply.and_then(|reply| reply.enhanced).filter(|code| code.class != 2 && class != Class::Expired);
    let first = match kind {
        ReportKind::Failed => 5,
        ReportKind::Delayed => 4,
    };
    let (subject, detail) = said.map_or_else(|| by_class(class), |code| (code.subject, code.detail));
    EnhancedCode::new(first, subject, detail)
}

fn by_class(class: Class) -> (u16, u16) {
    match class {
        Class::NoSuchRecipient => (1, 1),
        Class::NoSuchDomain => (1, 2),
        Class::NullMx => (1, 10),
        Class::MailboxFull => (2, 2),
        Class::MessageTooLarge => (3, 4),
        Class::HostUnreachable | Class::Port25Blocked | Class::NetworkDown => (4, 1),
        Class::DnsFailure => (4, 3),
        Class::Throttled => (4, 5),
        Class::Expired => (4, 7),
        Class::ProtocolError => (5, 0),
        Class::ContentRefused => (6, 0),
        Class::SenderNoRdns => (7, 25),
        Class::TlsPolicy => (7, 10),
        Class::AuthFailed => (7, 8),
        Class::Greylisted
        | Class::SenderBlocklisted
        | Class::SenderDynamicIp
        | Class::SenderUnauthenticated
        | Class::RecipientPolicy => (7, 1),
        _ => (0, 0),
    }
}

#[cfg(test)]
pub(super) mod tests;
