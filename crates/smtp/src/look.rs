//! A look at a server, for a diagnosis: greeting, EHLO (HELO where that is refused for good, RFC 5321 §3.2), STARTTLS where it
//! is wanted and offered, EHLO again, QUIT. Each stage with its answer and its time. Nobody is named, nothing is sent: no MAIL, no RCPT, no login.
//!
//! As in a [`Session`](crate::Session), what was read in clear text is never taken for something said under TLS.

use crate::capabilities::Capabilities;
use crate::line::Line;
use crate::plan::{Ended, Opening};
use crate::transport::{Encrypt, Transport};
use model::{Fault, Outcome, Phase, Reply, TlsPolicy, TlsReport};
use std::future::Future;
use std::time::Duration;
use tokio::time::Instant;

/// What came of a stage, and after how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage<T> {
    /// What came of it: a reply, whatever its code, or what happened in its place.
    pub result: Result<T, Outcome>,
    /// How long it took.
    pub took: Duration,
}

/// What was seen of a server; `None` for stages that it did not come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The encryption that comes first, where it does.
    pub implicit_tls: Option<Stage<TlsReport>>,
    /// The greeting.
    pub greeting: Option<Stage<Reply>>,
    /// The answer to EHLO.
    pub ehlo: Option<Stage<Reply>>,
    /// The answer to HELO, where EHLO was refused for good. A server that says yes to it takes letters, and offers nothing.
    pub helo: Option<Stage<Reply>>,
    /// The upgrade; a refusal is [`Outcome::Replied`]. `None` also where it is not offered or not wanted.
    pub starttls: Option<Stage<TlsReport>>,
    /// The answer to EHLO under encryption.
    pub ehlo_under_tls: Option<Stage<Reply>>,
    /// The answer to QUIT.
    pub quit: Option<Stage<Reply>>,
}

impl Look {
    const NOTHING: Self = Self {
        implicit_tls: None,
        greeting: None,
        ehlo: None,
        helo: None,
        starttls: None,
        ehlo_under_tls: None,
        quit: None,
    };

    /// What the server offers: under encryption where it came to that.
    pub fn capabilities(&self) -> Capabilities {
        let answer = |stage: &Option<Stage<Reply>>| stage.as_ref().and_then(|stage| stage.result.clone().ok());
        let answer = answer(&self.ehlo_under_tls).or_else(|| answer(&self.ehlo));
        answer.filter(|reply| reply.code / 100 == 2).map(|reply| Capabilities::of_ehlo(&reply)).unwrap_or_default()
    }
}

/// Looks at a server on a stream that is connected and has not been read from. The opening's login is not used; a policy of
/// [`TlsPolicy::Plain`] leaves STARTTLS out.
pub async fn look<S: Transport, E: Encrypt<S>>(encrypt: &E, stream: S, opening: &Opening) -> Look {
    let mut visit = Visit { line: Line::new(stream), opening, look: Look::NOTHING };
    visit.go(encrypt).await;
    visit.take_leave().await;
    visit.look
}

struct Visit<'a, S> {
    line: Line<S>,
    opening: &'a Opening,
    look: Look,
}

impl<S: Transport> Visit<'_, S> {
    /// Goes as far as the server lets it.
    async fn go<E: Encrypt<S>>(&mut self, encrypt: &E) {
        let timeouts = &self.opening.timeouts;
        if self.opening.implicit_tls {
            let stage = timed(self.line.encrypt(encrypt, &self.opening.tls)).await;
            if self.look.implicit_tls.insert(stage).result.is_err() {
                return;
            }
        }
        let stage = timed(self.line.reply(Phase::Greeting, timeouts.greeting)).await;
        if !is_yes(self.look.greeting.insert(stage)) {
            return;
        }
        let stage = self.hello("EHLO").await;
        if !is_yes(self.look.ehlo.insert(stage)) {
            self.introduce_plainly().await;
            return;
        }
        let wants = self.look.implicit_tls.is_none() && self.opening.tls.policy != TlsPolicy::Plain;
        if !wants || !self.look.capabilities().starttls {
            return;
        }
        let stage = timed(self.starttls(encrypt)).await;
        if self.look.starttls.insert(stage).result.is_ok() {
            self.look.ehlo_under_tls = Some(self.hello("EHLO").await);
        }
    }

    async fn hello(&mut self, verb: &str) -> Stage<Reply> {
        let command = format!("{verb} {}", self.opening.helo);
        timed(self.line.ask(Phase::Ehlo, self.opening.timeouts.hello, &command)).await
    }

    /// A temporary answer is about the moment, whatever we say.
    async fn introduce_plainly(&mut self) {
        let is_refused = matches!(&self.look.ehlo, Some(Stage { result: Ok(reply), .. }) if reply.is_permanent());
        if is_refused && self.line.is_open() {
            self.look.helo = Some(self.hello("HELO").await);
        }
    }

    async fn starttls<E: Encrypt<S>>(&mut self, encrypt: &E) -> Result<TlsReport, Ended> {
        let reply = self.line.ask(Phase::Starttls, self.opening.timeouts.hello, "STARTTLS").await?;
        if reply.code / 100 != 2 {
            return Err(Ended::new(Phase::Starttls, reply));
        }
        if self.line.has_unread() {
            let fault = Fault::Protocol("it said more in clear text after it agreed to encrypt".to_owned());
            return Err(self.line.failed(Phase::Starttls, fault));
        }
        self.line.encrypt(encrypt, &self.opening.tls).await
    }

    async fn take_leave(&mut self) {
        if self.line.is_open() {
            // QUIT belongs to no phase of an attempt; what is said of one here is not used.
            let asked = self.line.ask(Phase::Ehlo, self.opening.timeouts.quit, "QUIT");
            self.look.quit = Some(timed(asked).await);
        }
    }
}

fn is_yes(stage: &Stage<Reply>) -> bool {
    matches!(&stage.result, Ok(reply) if reply.code / 100 == 2)
}

async fn timed<T>(stage: impl Future<Output = Result<T, Ended>>) -> Stage<T> {
    let began = Instant::now();
    let result = stage.await.map_err(|ended| ended.outcome);
    Stage { result, took: began.elapsed() }
}
