//! One transaction: an envelope and a message, and what each recipient got (RFC 5321 §3.3, RFC 2920).
//!
//! Two halves. The commands of the envelope are asked, all at once where the server offers PIPELINING and one by one
//! where it does not; either way what comes back are the [`Answers`], and [`settle`] alone decides what they mean:
//!
//! | MAIL | RCPT | DATA | that recipient |
//! |---|---|---|---|
//! | refused | any | any | has MAIL's answer |
//! | taken | refused | any | has RCPT's answer |
//! | taken | taken | refused | has DATA's answer |
//! | taken | taken | 354 | has the answer to the final dot |
//!
//! A 354 although nobody is left to deliver to is answered with a single dot (RFC 2920 §3.1).

use crate::capabilities::{Capabilities, SizeLimit};
use crate::content::{check_line_ends, dot_stuff};
use crate::line::Command;
use crate::plan::{Ended, Mail, RecipientResult};
use crate::session::{Session, accepted};
use crate::transport::Transport;
use model::{EmailAddress, Fault, Outcome, Phase, Reply};
use std::time::Duration;

/// What a transaction left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// One result for each recipient, in the order of the envelope.
    pub recipients: Vec<RecipientResult>,
    /// Whether the final dot left.
    pub sent_final_dot: bool,
}

/// What was answered to the envelope; what was not asked, because it could no longer matter, is `None`.
#[derive(Debug)]
struct Answers {
    mail: Ended,
    rcpt: Vec<Ended>,
    data: Option<Ended>,
}

/// What to send next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Content,
    /// The server waits for content, and there is nobody to deliver it to.
    LoneDot,
    Nothing,
}

impl<S: Transport> Session<S> {
    /// Hands over one message. May be called again while the session is open.
    pub async fn transaction(&mut self, mail: &Mail<'_>, message: &[u8]) -> Transaction {
        let sorted = match sort_out(mail, message, &self.capabilities) {
            Ok(sorted) => sorted,
            Err(ended) => {
                return Transaction { recipients: ended.for_all(mail.recipients.len()), sent_final_dot: false };
            }
        };
        let (results, sent_final_dot) = match sorted.going.as_slice() {
            [] => (Vec::new(), false),
            going => self.hand_over(mail, going, message).await,
        };
        Transaction { recipients: sorted.with_results(results), sent_final_dot }
    }

    /// A result for each of `going`, and whether the final dot left.
    async fn hand_over(
        &mut self,
        mail: &Mail<'_>,
        going: &[&EmailAddress],
        message: &[u8],
    ) -> (Vec<RecipientResult>, bool) {
        if let Err(ended) = self.clear_the_table().await {
            return (ended.for_all(going.len()), false);
        }
        let envelope = Envelope::new(mail, going, &self.capabilities);
        let answers = if self.capabilities.pipelining {
            self.ask_at_once(&envelope).await
        } else {
            self.ask_one_by_one(&envelope).await
        };
        let (decided, next) = settle(&answers);
        let (last, sent_final_dot) = match next {
            Next::Content => self.send_content(message).await,
            Next::LoneDot => (self.send_lone_dot().await, false),
            Next::Nothing => (answers.mail, false),
        };
        let result = |decided: Option<RecipientResult>| decided.unwrap_or_else(|| result_of_content(&last));
        (decided.into_iter().map(result).collect(), sent_final_dot)
    }

    /// Ends what a former transaction may have left open.
    async fn clear_the_table(&mut self) -> Result<(), Ended> {
        if std::mem::replace(&mut self.unfinished, true) {
            accepted(Phase::Mail, self.line.ask(Phase::Mail, self.timeouts.mail, "RSET").await?)?;
        }
        Ok(())
    }

    async fn ask_at_once(&mut self, envelope: &Envelope) -> Answers {
        let all: Vec<Command<'_>> = envelope.commands().chain(["DATA"]).map(Command::Shown).collect();
        let mut broken = self.line.send(Phase::Mail, self.timeouts.mail, &all).await.err();
        let mail = self.next_answer(Phase::Mail, self.timeouts.mail, &mut broken).await;
        let mut rcpt = Vec::with_capacity(envelope.rcpt.len());
        for _ in &envelope.rcpt {
            rcpt.push(self.next_answer(Phase::Rcpt, self.timeouts.rcpt, &mut broken).await);
        }
        let data = self.next_answer(Phase::Data, self.timeouts.data, &mut broken).await;
        Answers { mail, rcpt, data: Some(data) }
    }

    /// The next reply of several that are due; after the line broke, the reason for which it did.
    async fn next_answer(&mut self, phase: Phase, limit: Duration, broken: &mut Option<Ended>) -> Ended {
        if let Some(ended) = broken {
            return ended.clone();
        }
        let answer = answer(phase, self.line.reply(phase, limit).await);
        if !self.line.is_connected() {
            *broken = Some(answer.clone());
        }
        answer
    }

    async fn ask_one_by_one(&mut self, envelope: &Envelope) -> Answers {
        let mail = answer(Phase::Mail, self.line.ask(Phase::Mail, self.timeouts.mail, &envelope.mail).await);
        if !mail.is_positive() || !self.line.is_connected() {
            return Answers { rcpt: vec![mail.clone(); envelope.rcpt.len()], mail, data: None };
        }
        let mut broken: Option<Ended> = None;
        let mut rcpt = Vec::with_capacity(envelope.rcpt.len());
        for command in &envelope.rcpt {
            let next = match &broken {
                Some(ended) => ended.clone(),
                None => answer(Phase::Rcpt, self.line.ask(Phase::Rcpt, self.timeouts.rcpt, command).await),
            };
            if !self.line.is_connected() {
                broken = Some(next.clone());
            }
            rcpt.push(next);
        }
        let data = match broken {
            Some(ended) => Some(ended),
            None if rcpt.iter().any(Ended::is_positive) => {
                Some(answer(Phase::Data, self.line.ask(Phase::Data, self.timeouts.data, "DATA").await))
            }
            None => None,
        };
        Answers { mail, rcpt, data }
    }

    /// The content up to the answer to the final dot, and whether the final dot left.
    async fn send_content(&mut self, message: &[u8]) -> (Ended, bool) {
        self.line.transcript.note(&format!("… {} octets of message …", message.len()));
        let mut blocks = dot_stuff(message).peekable();
        while let Some(block) = blocks.next() {
            let last = blocks.peek().is_none();
            if self.line.overhears().await {
                return (self.interrupted().await, false);
            }
            // From here on the server may have the whole, even if writing fails halfway through.
            if let Err(ended) = self.line.write(Phase::Body, self.timeouts.block, &block).await {
                return (ended, last);
            }
            if !self.line.was_heard() {
                return (self.interrupted().await, false);
            }
        }
        let ended = answer(Phase::Body, self.line.reply(Phase::Body, self.timeouts.final_dot).await);
        self.unfinished = !ended.is_positive();
        (ended, true)
    }

    /// The server spoke, or went, before the content was through. Whatever it says, it cannot be that it took the
    /// message. The line is closed: what is sent next would be read as content.
    async fn interrupted(&mut self) -> Ended {
        let ended = answer(Phase::Body, self.line.reply(Phase::Body, self.timeouts.block).await);
        self.line.hang_up();
        match &ended.outcome {
            Outcome::Replied(reply) if reply.is_positive() => {
                Ended::protocol(Phase::Body, format!("{} before the end of the content", reply.code))
            }
            _ => ended,
        }
    }

    async fn send_lone_dot(&mut self) -> Ended {
        let asked = self.line.ask(Phase::Body, self.timeouts.final_dot, ".").await;
        answer(Phase::Body, asked)
    }
}

/// The recipients that are asked for, and the results of those that are not.
struct Sorted<'a> {
    going: Vec<&'a EmailAddress>,
    /// In the order of the envelope; `None` for those that are going.
    known: Vec<Option<RecipientResult>>,
}

impl Sorted<'_> {
    /// All results in the order of the envelope, given those of the recipients that went.
    fn with_results(self, results: Vec<RecipientResult>) -> Vec<RecipientResult> {
        let mut results = results.into_iter();
        self.known.into_iter().filter_map(|known| known.or_else(|| results.next())).collect()
    }
}

/// What can be known before anything is said: an end for all, or for some, and who is left.
fn sort_out<'a>(mail: &Mail<'a>, message: &[u8], offered: &Capabilities) -> Result<Sorted<'a>, Ended> {
    check_line_ends(message).map_err(|bare| Ended::new(Phase::Prepare, Fault::Local(bare.to_string())))?;
    if let Some(limit) = offered.limit_broken_by(mail.size) {
        return Err(Ended::new(Phase::Mail, Fault::TooLarge { size: mail.size, limit }));
    }
    let lacks_utf8 = |address: &EmailAddress| address.needs_utf8() && !offered.smtp_utf8;
    let unsupported = |phase| Ended::new(phase, Fault::Unsupported("SMTPUTF8".to_owned()));
    if mail.sender.is_some_and(lacks_utf8) {
        return Err(unsupported(Phase::Mail));
    }
    let result = |recipient| lacks_utf8(recipient).then(|| unsupported(Phase::Rcpt).into());
    Ok(Sorted {
        going: mail.recipients.iter().filter(|recipient| !lacks_utf8(recipient)).collect(),
        known: mail.recipients.iter().map(result).collect(),
    })
}

fn answer(phase: Phase, reply: Result<Reply, Ended>) -> Ended {
    reply.map_or_else(|ended| ended, |reply| Ended::new(phase, reply))
}

impl Ended {
    fn is_positive(&self) -> bool {
        matches!(&self.outcome, Outcome::Replied(reply) if matches!(reply.code, 200..300))
    }

    fn asks_for_content(&self) -> bool {
        matches!(&self.outcome, Outcome::Replied(reply) if reply.code == 354)
    }
}

/// What the answers to the envelope mean: for each recipient its result, or `None` where the content decides; and what
/// to send next.
fn settle(answers: &Answers) -> (Vec<Option<RecipientResult>>, Next) {
    let decided: Vec<Option<RecipientResult>> = answers
        .rcpt
        .iter()
        .map(|rcpt| {
            let deciding = [Some(&answers.mail), Some(rcpt)].into_iter().flatten().find(|ended| !ended.is_positive());
            let data = answers.data.as_ref().filter(|data| !data.asks_for_content());
            deciding.or(data).map(refusal)
        })
        .collect();
    let wants_content = answers.data.as_ref().is_some_and(Ended::asks_for_content);
    let next = match (wants_content, decided.iter().any(Option::is_none)) {
        (true, true) => Next::Content,
        (true, false) => Next::LoneDot,
        (false, _) => Next::Nothing,
    };
    (decided, next)
}

/// The result of whoever this answer refuses. An answer that is neither yes nor no breaks the rules.
fn refusal(ended: &Ended) -> RecipientResult {
    match &ended.outcome {
        Outcome::Replied(reply) if reply.is_positive() => {
            Ended::protocol(ended.phase, format!("{} is no answer to this", reply.code)).into()
        }
        _ => ended.clone().into(),
    }
}

fn result_of_content(ended: &Ended) -> RecipientResult {
    if ended.is_positive() {
        return RecipientResult { phase: ended.phase, outcome: ended.outcome.clone(), delivered: true };
    }
    refusal(ended)
}

/// The commands of an envelope.
struct Envelope {
    mail: String,
    rcpt: Vec<String>,
}

impl Envelope {
    fn new(mail: &Mail<'_>, recipients: &[&EmailAddress], capabilities: &Capabilities) -> Self {
        let utf8 = mail.sender.into_iter().chain(recipients.iter().copied()).any(EmailAddress::needs_utf8);
        let mut command = match mail.sender {
            Some(sender) => format!("MAIL FROM:<{sender}>"),
            None => "MAIL FROM:<>".to_owned(),
        };
        if capabilities.size != SizeLimit::NotOffered {
            command.push_str(&format!(" SIZE={}", mail.size));
        }
        // Without the extension the octets go as they are: servers that would spoil them are gone, and re-encoding
        // would break a signature.
        if mail.eight_bit && capabilities.eight_bit_mime {
            command.push_str(" BODY=8BITMIME");
        }
        if utf8 {
            command.push_str(" SMTPUTF8");
        }
        let rcpt = recipients.iter().map(|recipient| format!("RCPT TO:<{recipient}>")).collect();
        Self { mail: command, rcpt }
    }

    fn commands(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.mail.as_str()).chain(self.rcpt.iter().map(String::as_str))
    }
}
