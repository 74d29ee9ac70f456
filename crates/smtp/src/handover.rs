//! One message handed over: in one transaction, or in several of the same session where the server takes fewer
//! recipients at a time (RFC 5321 §4.5.3.1.10, RFC 9422). Who was taken in one is reported before the next one begins, so
//! that it can be written down first.
//!
//! | a transaction ended with | then |
//! |---|---|
//! | recipients after the first refused as too many | they go in the next one, without delay |
//! | somebody taken, and others waiting | these are put off: the session goes on with them when it is asked to |
//! | the first recipient refused as too many | that is its answer: another transaction would hear the same |
//! | the first MAIL refused | its answer is everybody's |
//! | a later MAIL refused, or MAILMAX reached | those who are left are put off to another session |
//! | a broken line | what the others heard so far is their answer |
//!
//! Each transaction decides at least one recipient, so that it ends.

use crate::capabilities::{Capabilities, Limits};
use crate::content::{Content, Letter};
use crate::envelope::Script;
use crate::plan::{Ended, Mail, RecipientResult};
use crate::session::Session;
use crate::transport::Transport;
use model::{EmailAddress, Fault, Outcome, Phase, Reply};
use std::collections::BTreeSet;
use tokio::time::Instant;

/// What came of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// One result for each recipient, in the order of the envelope.
    pub recipients: Vec<RecipientResult>,
    /// Whether the end of the content left, in the last transaction that came to it: whoever has no answer to the content
    /// was in that one, since it ended the session. If no answer came, the server may have the message all the same.
    pub sent_final_dot: bool,
    /// The recipients, by their place in the envelope, who were not asked for yet: they were taken by nobody and refused
    /// for nothing but their number. While the session [is open](Session::is_open) they go on in it, else another one may
    /// be opened for them at once. Their result counts only if neither is done.
    pub put_off: Vec<usize>,
    /// Whether the connection, kept from an earlier message, turned out to be gone before anything of this one was
    /// answered: it was no attempt, and is to be made on a fresh connection. Never so on a session's first message, and
    /// never where the server may have the message.
    pub stale: bool,
    /// Whether the server offers CHUNKING and does not know BDAT: it may be asked again with
    /// [`Opening::only_data`](crate::Opening::only_data).
    pub chunk_refused: bool,
}

impl<S: Transport> Session<S> {
    /// Hands over one message. May be called again while the session [is open](Self::is_open).
    pub async fn hand_over<C: Content + ?Sized>(&mut self, mail: &Mail<'_>, content: &C) -> HandedOver {
        let reused = self.letters > 0;
        self.letters += 1;
        if reused {
            self.line.transcript.begin_further_letter();
        }
        let mut handed_over = match Letter::open(mail, content).await {
            Ok(letter) if letter.eight_bit && !self.capabilities.eight_bit_mime => self.convert(&letter).await,
            Ok(letter) => self.carry(&letter).await,
            Err(ended) => HandedOver::to_nobody(&ended, mail),
        };
        handed_over.stale &= reused;
        handed_over.chunk_refused = self.chunk_refused;
        handed_over
    }

    /// A server without 8BITMIME gets seven bits (RFC 6152 §3). That takes the whole message into memory; messages that
    /// are made here are fit for seven bits already.
    async fn convert<C: Content + ?Sized>(&mut self, letter: &Letter<'_, C>) -> HandedOver {
        let converted = match letter.gather().await {
            Ok(whole) => message::to_seven_bit(&whole).into_owned(),
            Err(fault) => return HandedOver::to_nobody(&Ended::new(Phase::Prepare, fault), letter.mail),
        };
        self.line.transcript.note("the server does not take eight bits (8BITMIME); the message was encoded in seven");
        let mail = Mail { eight_bit: false, ..*letter.mail };
        match Letter::open(&mail, &converted).await {
            Ok(letter) => self.carry(&letter).await,
            Err(ended) => HandedOver::to_nobody(&ended, &mail),
        }
    }

    async fn carry<C: Content + ?Sized>(&mut self, letter: &Letter<'_, C>) -> HandedOver {
        let sorted_out = self.keeps_promise(letter.mail).and_then(|()| sort_out(letter, &self.capabilities));
        let mut round = match sorted_out {
            Ok(round) => round,
            Err(ended) => return HandedOver::to_nobody(&ended, letter.mail),
        };
        let halfway = self.halfway.take();
        let goes_on = halfway.is_some();
        let mut limits = halfway.unwrap_or(self.capabilities.limits);
        let mut transactions = 0;
        while !round.waiting.is_empty() && (transactions == 0 || self.is_open()) {
            let going = round.next(letter.mail.recipients, &limits);
            let done = self.transaction(letter, &going).await;
            self.heard_at = Instant::now();
            if done.results.iter().any(|result| result.phase == Phase::Body) {
                round.sent_final_dot = done.sent_final_dot;
            }
            round.stale = done.lost && transactions == 0;
            match after(&done.results, done.mail_taken, transactions == 0 && !goes_on) {
                After::Decided { asked_again } => {
                    let somebody_taken = done.results.iter().any(|result| result.delivered);
                    limits.recipients = asked_again.first().copied().or(limits.recipients);
                    round.decide(done.results, &asked_again);
                    if somebody_taken && !round.waiting.is_empty() {
                        self.halfway = Some(limits);
                        break;
                    }
                }
                After::RefusedForAll => round.decide_all(&done.results),
                After::SessionSpent => {
                    self.spent = true;
                    break;
                }
            }
            transactions += 1;
        }
        round.finish(self.line.is_open())
    }

    /// A message that asks for REQUIRETLS goes only to who proved its name and passes the demand on (RFC 8689 §4.2.1).
    fn keeps_promise(&self, mail: &Mail<'_>) -> Result<(), Ended> {
        if !mail.require_tls {
            return Ok(());
        }
        let fault = match self.tls() {
            Some(tls) if !tls.verified => Fault::TlsUntrusted(tls.unverified_because.clone().unwrap_or_default()),
            Some(_) if self.capabilities.require_tls => return Ok(()),
            _ => Fault::RequireTlsNotOffered(self.name.clone()),
        };
        Err(Ended::new(Phase::Mail, fault))
    }
}

impl HandedOver {
    /// The message did not come to a transaction.
    fn to_nobody(ended: &Ended, mail: &Mail<'_>) -> Self {
        Self {
            recipients: ended.for_all(mail.recipients.len()),
            sent_final_dot: false,
            put_off: Vec::new(),
            stale: false,
            chunk_refused: false,
        }
    }
}

/// The recipients of a message while transactions are under way.
struct Round {
    /// In the order of the envelope; of those who wait, what they heard so far.
    results: Vec<Option<RecipientResult>>,
    /// Who is to be asked for, by place in the envelope.
    waiting: Vec<usize>,
    sent_final_dot: bool,
    stale: bool,
}

impl Round {
    /// Who goes in the next transaction: the first of those who wait.
    fn next<'a>(&self, recipients: &'a [EmailAddress], limits: &Limits) -> Vec<&'a EmailAddress> {
        let waiting: Vec<&EmailAddress> = self.waiting.iter().filter_map(|place| recipients.get(*place)).collect();
        let room = room_for(&waiting, limits);
        waiting.into_iter().take(room).collect()
    }

    /// Takes in the results of a transaction for the first of those who wait. `asked_again` are places in `results`.
    fn decide(&mut self, results: Vec<RecipientResult>, asked_again: &[usize]) {
        let later = self.waiting.split_off(results.len().min(self.waiting.len()));
        let going = std::mem::replace(&mut self.waiting, later);
        let mut again = Vec::new();
        for (at, (place, result)) in going.into_iter().zip(results).enumerate() {
            if let Some(slot) = self.results.get_mut(place) {
                *slot = Some(result);
            }
            if asked_again.contains(&at) {
                again.push(place);
            }
        }
        self.waiting.splice(0..0, again);
    }

    /// One answer for everybody who waits.
    fn decide_all(&mut self, results: &[RecipientResult]) {
        for place in std::mem::take(&mut self.waiting) {
            if let Some(slot) = self.results.get_mut(place) {
                *slot = results.first().cloned();
            }
        }
    }

    fn finish(self, line_is_open: bool) -> HandedOver {
        // Whoever was not asked for yet has no better answer than that the session was over.
        let unasked = || Ended::new(Phase::Mail, Fault::Closed).into();
        HandedOver {
            recipients: self.results.into_iter().map(|result| result.unwrap_or_else(unasked)).collect(),
            sent_final_dot: self.sent_final_dot,
            put_off: if line_is_open { self.waiting } else { Vec::new() },
            stale: self.stale,
            chunk_refused: false,
        }
    }
}

/// What can be known before anything is said: an end for all, or for some, and who is left.
fn sort_out<C: Content + ?Sized>(letter: &Letter<'_, C>, offered: &Capabilities) -> Result<Round, Ended> {
    if let Some(limit) = offered.limit_broken_by(letter.size) {
        return Err(Ended::new(Phase::Mail, Fault::TooLarge { size: letter.size, limit }));
    }
    let mail = letter.mail;
    let lacks_utf8 = |address: &EmailAddress| address.needs_utf8() && !offered.smtp_utf8;
    let unsupported = |phase| Ended::new(phase, Fault::Unsupported("SMTPUTF8".to_owned()));
    if mail.sender.is_some_and(lacks_utf8) || (letter.header == Script::Utf8 && !offered.smtp_utf8) {
        return Err(unsupported(Phase::Mail));
    }
    let result = |recipient| lacks_utf8(recipient).then(|| unsupported(Phase::Rcpt).into());
    let results: Vec<Option<RecipientResult>> = mail.recipients.iter().map(result).collect();
    let waiting = results.iter().enumerate().filter(|(_, known)| known.is_none()).map(|(place, _)| place).collect();
    Ok(Round { results, waiting, sent_final_dot: false, stale: false })
}

/// How many of these go in one transaction; at least one.
fn room_for(recipients: &[&EmailAddress], limits: &Limits) -> usize {
    let mut domains = BTreeSet::new();
    let fits = |(count, recipient): &(usize, &&EmailAddress)| {
        domains.insert(recipient.domain().to_owned());
        limits.recipients.is_none_or(|limit| *count < limit)
            && limits.domains.is_none_or(|limit| domains.len() <= limit)
    };
    recipients.iter().enumerate().take_while(fits).count().max(1)
}

/// What the answers of a transaction mean for those who are left.
#[derive(Clone, Debug, PartialEq, Eq)]
enum After {
    /// The results stand, but for those at these places, who go again.
    Decided { asked_again: Vec<usize> },
    /// MAIL was refused: that is everybody's answer.
    RefusedForAll,
    /// The session carries no further transaction.
    SessionSpent,
}

fn after(results: &[RecipientResult], mail_taken: bool, first: bool) -> After {
    match (mail_taken, first) {
        (false, true) => After::RefusedForAll,
        (false, false) => After::SessionSpent,
        (true, _) => {
            let too_many = |(_, result): &(usize, &RecipientResult)| is_one_too_many(result);
            let places: Vec<usize> = results.iter().enumerate().filter(too_many).map(|(place, _)| place).collect();
            let none_before = places.first() == Some(&0);
            After::Decided { asked_again: if none_before { Vec::new() } else { places } }
        }
    }
}

fn is_one_too_many(result: &RecipientResult) -> bool {
    match &result.outcome {
        Outcome::Replied(reply) => result.phase == Phase::Rcpt && says_too_many(reply),
        Outcome::Failed(_) => false,
    }
}

/// Whether a refusal is about the number of recipients: X.5.3 (RFC 3463 §3.6), or words to that effect. The code alone
/// does not say it: 452 is also a full disk, and 552 a full mailbox.
fn says_too_many(reply: &Reply) -> bool {
    if !reply.is_temporary() && !reply.is_permanent() || reply.code == 421 {
        return false;
    }
    match reply.enhanced {
        Some(code) if (code.subject, code.detail) == (5, 3) => true,
        Some(code) if code.subject != 0 && code.subject != 5 => false,
        _ => {
            let text = reply.text().to_ascii_lowercase();
            text.contains("too many recipients") || text.contains("separate transaction")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_of_the_number_of_recipients_is_asked_again() {
        let table = [
            ("452 4.5.3 Too many recipients", true),
            ("552 5.5.3 Too many recipients", true),
            ("452 Too many recipients", true),
            ("552 too many recipients for one message", true),
            ("452 4.5.3 Recipients belong to multiple domains", true),
            ("451 Please try this recipient in a separate transaction", true),
            ("452 4.2.2 mailbox full", false),
            ("552 5.2.2 over quota", false),
            ("452 insufficient system storage", false),
            ("450 4.7.1 too many recipients from you today", false),
            ("421 4.5.3 Too many recipients", false),
            ("250 2.1.5 too many recipients", false),
        ];
        for (text, expected) in table {
            let reply = Reply::parse_all(format!("{text}\r\n").as_bytes()).unwrap();
            assert_eq!(says_too_many(&reply), expected, "{text}");
        }
    }

    #[test]
    fn a_transaction_has_room_for_what_the_limits_leave() {
        let names = ["1@a.test", "2@a.test", "3@b.test", "4@a.test", "5@c.test"];
        let addresses: Vec<EmailAddress> = names.iter().map(|name| EmailAddress::parse(name).unwrap()).collect();
        let addresses: Vec<&EmailAddress> = addresses.iter().collect();
        let table = [
            (None, None, 5),
            (Some(2), None, 2),
            (Some(9), None, 5),
            (None, Some(1), 2),
            (None, Some(2), 4),
            (Some(3), Some(2), 3),
            (Some(0), None, 1),
        ];
        for (recipients, domains, expected) in table {
            let limits = Limits { mails: None, recipients, domains };
            assert_eq!(room_for(&addresses, &limits), expected, "{limits:?}");
        }
    }

    #[test]
    fn each_end_of_a_transaction_leads_where_the_table_says() {
        let result = |phase, text: &str| RecipientResult {
            phase,
            outcome: Reply::parse_all(text.as_bytes()).unwrap().into(),
            delivered: phase == Phase::Body,
        };
        let yes = || result(Phase::Body, "250 ok\r\n");
        let no = || result(Phase::Rcpt, "550 5.1.1 no\r\n");
        let many = || result(Phase::Rcpt, "452 4.5.3 too many\r\n");
        let again = |places: &[usize]| After::Decided { asked_again: places.to_vec() };
        let table = [
            (vec![yes(), no()], true, true, again(&[])),
            (vec![yes(), many(), many()], true, true, again(&[1, 2])),
            (vec![no(), many(), no()], true, false, again(&[1])),
            (vec![many(), many()], true, true, again(&[])),
            (vec![yes(); 2], false, true, After::RefusedForAll),
            (vec![yes(); 2], false, false, After::SessionSpent),
        ];
        for (results, mail_taken, first, expected) in table {
            assert_eq!(after(&results, mail_taken, first), expected, "{results:?}");
        }
    }
}
