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
//! | taken | taken | not asked | has the answer to the last chunk |
//!
//! Where the server offers CHUNKING, nothing is asked in the place of DATA, and the content goes in chunks once
//! somebody was accepted: no line of it can be taken for its end. The answer to the last chunk is worth what the answer
//! to the final dot is worth elsewhere. A small letter goes in one write with its envelope where both are offered: if
//! nobody is accepted, the server has to read the chunk and refuse it (RFC 3030 §2). Once the whole content has left, a
//! line that breaks breaks in [`Phase::Body`], whatever answer was due: the server may have the message.
//!
//! A 354 although nobody is left to deliver to is answered with a single dot (RFC 2920 §3.1).

use crate::body::Sent;
use crate::content::{Content, Letter};
use crate::envelope::Envelope;
use crate::plan::{Ended, RecipientResult};
use crate::session::Session;
use crate::transport::Transport;
use model::{EmailAddress, Fault, Outcome, Phase, Reply};
use std::time::Duration;

/// Octets of content that go along with the envelope before it is known whether anybody is accepted.
const SMALL: usize = 32 * 1024;
/// How long after the last answer a connection is surely still there. After that the content waits for the answers to
/// the envelope, so that a connection that is gone is noticed before the end of the content has left.
const FRESH: Duration = Duration::from_secs(5);

/// What a transaction left behind.
pub(crate) struct Done {
    /// One result for each recipient, in their order.
    pub(crate) results: Vec<RecipientResult>,
    /// Whether the server let the transaction begin.
    pub(crate) mail_taken: bool,
    /// Whether the end of the content left.
    pub(crate) sent_final_dot: bool,
    /// Whether the connection was gone before anything of this was answered, and nobody can have taken anything.
    pub(crate) lost: bool,
}

/// How the content travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// After DATA.
    Data,
    /// In chunks, after the answers to the envelope.
    Chunks,
    /// In one chunk, together with the envelope.
    Along,
}

/// What was answered to the envelope; what was not asked, because it could no longer matter, is `None`.
#[derive(Debug)]
struct Answers {
    /// Where a former transaction had to be ended first.
    rset: Option<Ended>,
    mail: Ended,
    rcpt: Vec<Ended>,
    data: Option<Ended>,
    /// Where the content went along.
    body: Option<Sent>,
}

/// What to send next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The server asked for it.
    Content,
    /// The server waits for nothing.
    Chunks,
    /// The server waits for content, and there is nobody to deliver it to.
    LoneDot,
    Nothing,
}

/// Several replies that are due, and the line that may break before they have come.
#[derive(Default)]
struct Due {
    broken: Option<Ended>,
    /// Whether the end of the content left with the commands.
    content_left: bool,
}

impl<S: Transport> Session<S> {
    /// Hands over the message to these recipients, of whom there is at least one.
    pub(crate) async fn transaction<C: Content + ?Sized>(
        &mut self,
        letter: &Letter<'_, C>,
        recipients: &[&EmailAddress],
    ) -> Done {
        self.mails += 1;
        let by = self.way_for(letter);
        let envelope = Envelope::new(letter, recipients, &self.capabilities);
        let mut answers = if self.capabilities.pipelining {
            self.ask_at_once(&envelope, by, letter).await
        } else {
            self.ask_one_by_one(&envelope, by).await
        };
        let mail_taken = answers.mail.is_positive();
        let (decided, next) = settle(&answers, by);
        // Nothing begins with a refused MAIL.
        self.unfinished &= mail_taken || next == Next::LoneDot || answers.rset.is_some();
        let sent = match next {
            Next::Content => self.send_after_data(letter).await,
            Next::Chunks => self.send_chunks(letter).await,
            Next::LoneDot => Sent { ended: self.send_lone_dot().await, end_left: false },
            Next::Nothing => {
                answers.body.take().unwrap_or_else(|| Sent { ended: answers.mail.clone(), end_left: false })
            }
        };
        let lost = is_lost(answers.rset.as_ref().unwrap_or(&answers.mail), sent.end_left);
        let result = |decided: Option<RecipientResult>| decided.unwrap_or_else(|| result_of_content(&sent.ended));
        Done { results: decided.into_iter().map(result).collect(), mail_taken, sent_final_dot: sent.end_left, lost }
    }

    fn way_for<C: Content + ?Sized>(&self, letter: &Letter<'_, C>) -> By {
        let is_small = letter.is_whole() && letter.size <= SMALL as u64;
        let is_clear = !self.unfinished && self.heard_at.elapsed() < FRESH;
        match (self.chunks && self.capabilities.chunking, self.capabilities.pipelining) {
            (false, _) => By::Data,
            (true, true) if is_small && is_clear => By::Along,
            (true, _) => By::Chunks,
        }
    }

    async fn ask_at_once<C: Content + ?Sized>(
        &mut self,
        envelope: &Envelope,
        by: By,
        letter: &Letter<'_, C>,
    ) -> Answers {
        let clears = std::mem::replace(&mut self.unfinished, true);
        if clears {
            self.line.say("RSET");
        }
        envelope.commands().for_each(|command| self.line.say(command));
        match by {
            By::Data => self.line.say("DATA"),
            By::Along => {
                self.add_chunk(&letter.first, true);
                self.note_content(letter.size);
            }
            By::Chunks => {}
        }
        let mut due =
            Due { broken: self.line.send(Phase::Mail, self.timeouts.mail).await.err(), content_left: false };
        due.content_left = by == By::Along && due.broken.is_none() && self.line.was_heard();
        let rset = if clears { Some(self.answer_to_rset(&mut due).await) } else { None };
        let mail = self.next_answer(Phase::Mail, self.timeouts.mail, &mut due).await;
        let mut rcpt = Vec::with_capacity(envelope.rcpt.len());
        for _ in &envelope.rcpt {
            rcpt.push(self.next_answer(Phase::Rcpt, self.timeouts.rcpt, &mut due).await);
        }
        let data = match by {
            By::Data => Some(self.next_answer(Phase::Data, self.timeouts.data, &mut due).await),
            By::Chunks => due.broken.clone(),
            By::Along => None,
        };
        let body = if by == By::Along { Some(self.answer_to_content_along(due).await) } else { None };
        Answers { rset, mail, rcpt, data, body }
    }

    /// After a refused RSET nothing that follows means what it says.
    async fn answer_to_rset(&mut self, due: &mut Due) -> Ended {
        let ended = self.next_answer(Phase::Mail, self.timeouts.mail, due).await;
        if !ended.is_positive() && due.broken.is_none() {
            self.line.hang_up();
            due.broken = Some(ended.clone());
        }
        ended
    }

    async fn answer_to_content_along(&mut self, due: Due) -> Sent {
        match due.broken {
            Some(ended) => Sent { end_left: due.content_left && ended.is_fault(), ended },
            None => {
                let ended = self.answer_to_end().await;
                self.refused_as_unknown(Sent { ended, end_left: true })
            }
        }
    }

    /// The next reply of several that are due; after the line broke, the reason for which it did.
    async fn next_answer(&mut self, phase: Phase, limit: Duration, due: &mut Due) -> Ended {
        if let Some(ended) = &due.broken {
            return ended.clone();
        }
        let mut answer = answer(phase, self.line.reply(phase, limit).await);
        if !self.line.is_connected() {
            if due.content_left && answer.is_fault() {
                answer.phase = Phase::Body;
            }
            due.broken = Some(answer.clone());
        }
        answer
    }

    async fn ask_one_by_one(&mut self, envelope: &Envelope, by: By) -> Answers {
        let none_of_it = |rset, mail: Ended| Answers {
            rset,
            rcpt: vec![mail.clone(); envelope.rcpt.len()],
            mail,
            data: None,
            body: None,
        };
        if std::mem::replace(&mut self.unfinished, true) {
            let rset = answer(Phase::Mail, self.line.ask(Phase::Mail, self.timeouts.mail, "RSET").await);
            if !rset.is_positive() {
                return none_of_it(Some(rset.clone()), rset);
            }
        }
        let mail = answer(Phase::Mail, self.line.ask(Phase::Mail, self.timeouts.mail, &envelope.mail).await);
        if !mail.is_positive() || !self.line.is_connected() {
            return none_of_it(None, mail);
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
        Answers { rset: None, mail, rcpt, data, body: None }
    }

    async fn send_lone_dot(&mut self) -> Ended {
        let asked = self.line.ask(Phase::Body, self.timeouts.final_dot, ".").await;
        answer(Phase::Body, asked)
    }
}

/// The answer to what was asked: the reply, or the fault in its place.
pub(crate) fn answer(phase: Phase, reply: Result<Reply, Ended>) -> Ended {
    reply.map_or_else(|ended| ended, |reply| Ended::new(phase, reply))
}

impl By {
    /// The command that the server must agree to before the content.
    fn command(self) -> Option<&'static str> {
        match self {
            Self::Data => Some("DATA"),
            Self::Chunks | Self::Along => None,
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
            let data = answers.data.as_ref().filter(|data| !data.has_code(354));
            deciding.or(data).map(refusal)
        })
        .collect();
    let wants_content = answers.data.as_ref().is_some_and(|data| data.has_code(354));
    let somebody_is_left = decided.iter().any(Option::is_none);
    let next = match by {
        By::Chunks if somebody_is_left => Next::Chunks,
        By::Data if wants_content && somebody_is_left => Next::Content,
        By::Data if wants_content => Next::LoneDot,
        By::Chunks | By::Along | By::Data => Next::Nothing,
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

/// Whether a server that answered so, to the first command, has known nothing of the rest: it said goodbye, or it was
/// gone before the end of the content left.
fn is_lost(first: &Ended, end_left: bool) -> bool {
    match &first.outcome {
        Outcome::Replied(reply) => reply.code == 421,
        Outcome::Failed(fault) => !end_left && matches!(fault, Fault::Closed | Fault::Timeout(_)),
    }
}
