//! One transaction: an envelope and a message, and what each recipient got (RFC 5321 §3.3, RFC 2920, RFC 3030).
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
//! | taken | taken | not asked | has the answer to the chunk |
//!
//! Where the server offers CHUNKING, nothing is asked in the place of DATA, and the content goes as one chunk once
//! somebody was accepted: no line of it can be taken for its end. The answer to the chunk is worth
//! what the answer to the final dot is worth elsewhere.
//!
//! A 354 although nobody is left to deliver to is answered with a single dot (RFC 2920 §3.1).

use crate::content::{chunk, dot_stuff};
use crate::envelope::{Envelope, Script};
use crate::line::Command;
use crate::plan::{Ended, Mail, RecipientResult};
use crate::session::{Session, accepted};
use crate::transport::Transport;
use model::{EmailAddress, Outcome, Phase, Reply};
use std::time::Duration;

/// What a transaction left behind.
pub(crate) struct Done {
    /// One result for each recipient, in their order.
    pub(crate) results: Vec<RecipientResult>,
    /// Whether the server let the transaction begin.
    pub(crate) mail_taken: bool,
    /// Whether the end of the content left.
    pub(crate) sent_final_dot: bool,
}

/// How the content travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Data,
    Chunk,
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
    /// The server asked for it.
    Content,
    /// The server waits for nothing.
    Chunk,
    /// The server waits for content, and there is nobody to deliver it to.
    LoneDot,
    Nothing,
}

impl<S: Transport> Session<S> {
    /// Hands over the message to these recipients, of whom there is at least one.
    pub(crate) async fn transaction(
        &mut self,
        mail: &Mail<'_>,
        header: Script,
        recipients: &[&EmailAddress],
        message: &[u8],
    ) -> Done {
        if let Err(ended) = self.clear_the_table().await {
            return Done { results: ended.for_all(recipients.len()), mail_taken: false, sent_final_dot: false };
        }
        self.mails += 1;
        let by = if self.chunks && self.capabilities.chunking { By::Chunk } else { By::Data };
        let envelope = Envelope::new(mail, header, recipients, &self.capabilities);
        let answers = if self.capabilities.pipelining {
            self.ask_at_once(&envelope, by).await
        } else {
            self.ask_one_by_one(&envelope, by).await
        };
        let mail_taken = answers.mail.is_positive();
        let (decided, next) = settle(&answers, by);
        let (last, sent_final_dot) = match next {
            Next::Content => self.send_after_data(message).await,
            Next::Chunk => self.send_chunk(message).await,
            Next::LoneDot => (self.send_lone_dot().await, false),
            Next::Nothing => (answers.mail, false),
        };
        let result = |decided: Option<RecipientResult>| decided.unwrap_or_else(|| result_of_content(&last));
        Done { results: decided.into_iter().map(result).collect(), mail_taken, sent_final_dot }
    }

    /// Ends what a former transaction may have left open.
    async fn clear_the_table(&mut self) -> Result<(), Ended> {
        if std::mem::replace(&mut self.unfinished, true) {
            accepted(Phase::Mail, self.line.ask(Phase::Mail, self.timeouts.mail, "RSET").await?)?;
        }
        Ok(())
    }

    async fn ask_at_once(&mut self, envelope: &Envelope, by: By) -> Answers {
        let all: Vec<Command<'_>> = envelope.commands().chain(by.command()).map(Command::Shown).collect();
        let mut broken = self.line.send(Phase::Mail, self.timeouts.mail, &all).await.err();
        let mail = self.next_answer(Phase::Mail, self.timeouts.mail, &mut broken).await;
        let mut rcpt = Vec::with_capacity(envelope.rcpt.len());
        for _ in &envelope.rcpt {
            rcpt.push(self.next_answer(Phase::Rcpt, self.timeouts.rcpt, &mut broken).await);
        }
        let data = match by {
            By::Data => Some(self.next_answer(Phase::Data, self.timeouts.data, &mut broken).await),
            By::Chunk => broken,
        };
        Answers { mail, rcpt, data }
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

    async fn ask_one_by_one(&mut self, envelope: &Envelope, by: By) -> Answers {
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
        let data = match (broken, by.command()) {
            (Some(ended), _) => Some(ended),
            (None, Some(command)) if rcpt.iter().any(Ended::is_positive) => {
                Some(answer(Phase::Data, self.line.ask(Phase::Data, self.timeouts.data, command).await))
            }
            (None, _) => None,
        };
        Answers { mail, rcpt, data }
    }

    async fn send_after_data(&mut self, message: &[u8]) -> (Ended, bool) {
        self.line.transcript.note(&format!("… {} octets of message …", message.len()));
        self.send_content(dot_stuff(message)).await
    }

    /// One chunk, which is also the last. Its octets are not waited for to be asked for (RFC 3030 §2).
    async fn send_chunk(&mut self, message: &[u8]) -> (Ended, bool) {
        let (size, blocks) = chunk(message);
        let command = format!("BDAT {size} LAST");
        if let Err(ended) = self.line.send(Phase::Body, self.timeouts.block, &[Command::Shown(&command)]).await {
            return (ended, false);
        }
        self.line.transcript.note(&format!("… {} octets of message …", message.len()));
        let (ended, sent) = self.send_content(blocks).await;
        if !ended.says_unknown_command() {
            return (ended, sent);
        }
        // What follows would be read as commands. Firewalls are known to let the keyword through and not the command.
        self.line.hang_up();
        self.chunk_refused = true;
        (Ended::protocol(Phase::Body, "it offers CHUNKING and does not know BDAT"), false)
    }

    /// The content up to the answer to its end, and whether its end left.
    async fn send_content(&mut self, blocks: impl Iterator<Item = impl AsRef<[u8]>>) -> (Ended, bool) {
        let mut blocks = blocks.peekable();
        while let Some(block) = blocks.next() {
            let last = blocks.peek().is_none();
            if self.line.overhears().await {
                return (self.interrupted().await, false);
            }
            // From here on the server may have the whole, even if writing fails halfway through.
            if let Err(ended) = self.line.write(Phase::Body, self.timeouts.block, block.as_ref()).await {
                return (ended, last);
            }
            if !self.line.was_heard() {
                return (self.interrupted().await, last);
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

fn answer(phase: Phase, reply: Result<Reply, Ended>) -> Ended {
    reply.map_or_else(|ended| ended, |reply| Ended::new(phase, reply))
}

impl Ended {
    fn is_positive(&self) -> bool {
        matches!(&self.outcome, Outcome::Replied(reply) if matches!(reply.code, 200..300))
    }

    fn says_unknown_command(&self) -> bool {
        matches!(&self.outcome, Outcome::Replied(reply) if matches!(reply.code, 500 | 502))
    }

    fn asks_for_content(&self) -> bool {
        matches!(&self.outcome, Outcome::Replied(reply) if reply.code == 354)
    }
}

impl By {
    /// The command that the server must agree to before the content.
    fn command(self) -> Option<&'static str> {
        match self {
            Self::Data => Some("DATA"),
            Self::Chunk => None,
        }
    }
}

/// What the answers to the envelope mean: for each recipient its result, or `None` where the content decides; and what
/// to send next.
fn settle(answers: &Answers, by: By) -> (Vec<Option<RecipientResult>>, Next) {
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
    let somebody_is_left = decided.iter().any(Option::is_none);
    let next = match by {
        By::Chunk if somebody_is_left => Next::Chunk,
        By::Data if wants_content && somebody_is_left => Next::Content,
        By::Data if wants_content => Next::LoneDot,
        By::Chunk | By::Data => Next::Nothing,
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
