//! A session: from the connected stream to a server that is ready for a transaction (RFC 5321 §3.1, RFC 3207,
//! RFC 4954), and out again.

use crate::capabilities::Capabilities;
use crate::line::Line;
use crate::login::{self, Privacy};
use crate::plan::{Ended, Plan};
use crate::timeouts::Timeouts;
use crate::transport::{Encrypt, Transport};
use model::{Fault, Outcome, Phase, Reply, TlsPolicy, TlsReport};
use std::net::SocketAddr;

/// A session that is ready: greeted, encrypted and logged in as the plan says.
pub struct Session<S> {
    pub(crate) line: Line<S>,
    pub(crate) capabilities: Capabilities,
    pub(crate) timeouts: Timeouts,
    /// A transaction was begun that the server may not have finished with.
    pub(crate) unfinished: bool,
    /// Transactions begun.
    pub(crate) mails: usize,
    /// Whether content goes in chunks where the server takes them.
    pub(crate) chunks: bool,
    /// The server offers chunks and does not know them.
    pub(crate) chunk_refused: bool,
    tls: Option<TlsReport>,
    source: Option<SocketAddr>,
}

/// A session that did not become ready.
#[derive(Clone, Debug)]
pub struct Unopened {
    /// Where and why.
    pub ended: Ended,
    /// The encryption that was reached before.
    pub tls: Option<TlsReport>,
    /// Our end of the connection.
    pub source: Option<SocketAddr>,
    /// What was said.
    pub transcript: String,
    /// Whether it was encryption that failed, where it need not be.
    pub starttls_failed: bool,
}

impl<S: Transport> Session<S> {
    /// Opens a session on a stream that is connected and has not been read from. Of the plan, only what concerns the
    /// session is looked at.
    pub async fn open<E: Encrypt<S>>(encrypt: &E, stream: S, plan: &Plan) -> Result<Self, Box<Unopened>> {
        let line = Line::new(stream);
        let source = line.local();
        let mut opening =
            Opening { line, encrypt, plan, tls: None, capabilities: Capabilities::default(), asked_for_tls: false };
        match opening.run().await {
            Ok(()) => Ok(Self {
                line: opening.line,
                capabilities: opening.capabilities,
                timeouts: plan.timeouts.clone(),
                unfinished: false,
                mails: 0,
                chunks: !plan.only_data,
                chunk_refused: false,
                tls: opening.tls,
                source,
            }),
            Err(ended) => Err(Box::new(Unopened {
                starttls_failed: opening.blames_encryption(&ended),
                transcript: opening.line.leave(plan.timeouts.quit),
                tls: opening.tls,
                ended,
                source,
            })),
        }
    }

    /// What the server offers, after encryption.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// The encryption; `None` is clear text.
    pub fn tls(&self) -> Option<&TlsReport> {
        self.tls.as_ref()
    }

    /// Our end of the connection.
    pub fn source(&self) -> Option<SocketAddr> {
        self.source
    }

    /// Whether another transaction can be tried.
    pub fn is_open(&self) -> bool {
        self.line.is_open() && self.capabilities.limits.mails.is_none_or(|limit| self.mails < limit)
    }

    /// Takes leave; does not wait for the server's. Gives back the transcript.
    pub fn leave(self) -> String {
        self.line.leave(self.timeouts.quit)
    }
}

struct Opening<'a, S, E> {
    line: Line<S>,
    encrypt: &'a E,
    plan: &'a Plan,
    tls: Option<TlsReport>,
    capabilities: Capabilities,
    asked_for_tls: bool,
}

impl<S: Transport, E: Encrypt<S>> Opening<'_, S, E> {
    async fn run(&mut self) -> Result<(), Ended> {
        check_name(&self.plan.helo)?;
        if self.plan.implicit_tls {
            self.shake_hands().await?;
        }
        let limit = self.plan.timeouts.greeting;
        accepted(Phase::Greeting, self.line.reply(Phase::Greeting, limit).await?)?;
        self.hello().await?;
        if self.tls.is_none() && self.starttls().await? {
            self.hello().await?;
        }
        self.log_in().await
    }

    /// EHLO, and HELO where a server does not know it (RFC 5321 §3.2). If HELO fails too, the answer to EHLO is kept:
    /// it is the one that says why.
    async fn hello(&mut self) -> Result<(), Ended> {
        let limit = self.plan.timeouts.hello;
        let reply = self.line.ask(Phase::Ehlo, limit, &format!("EHLO {}", self.plan.helo)).await?;
        if !reply.is_permanent() {
            let reply = accepted(Phase::Ehlo, reply)?;
            self.capabilities = Capabilities::of_ehlo(&reply);
            return Ok(());
        }
        self.capabilities = Capabilities::default();
        match self.line.ask(Phase::Ehlo, limit, &format!("HELO {}", self.plan.helo)).await {
            Ok(second) if second.code / 100 == 2 => Ok(()),
            _ => Err(Ended::new(Phase::Ehlo, reply)),
        }
    }

    /// Upgrades the connection, where the policy wants it and the server offers it. Gives back whether TLS is on.
    async fn starttls(&mut self) -> Result<bool, Ended> {
        match (self.plan.tls.policy, self.capabilities.starttls) {
            (TlsPolicy::Plain, _) | (TlsPolicy::Opportunistic, false) => return Ok(false),
            (_, false) => return Err(Ended::new(Phase::Starttls, Fault::TlsNotOffered)),
            (_, true) => {}
        }
        self.asked_for_tls = true;
        let reply = self.line.ask(Phase::Starttls, self.plan.timeouts.hello, "STARTTLS").await?;
        let refused = reply.is_temporary() || reply.is_permanent();
        // A refusal leaves the session as it was (RFC 3207 §4), and opportunistic means that clear text is allowed.
        if refused && self.plan.tls.policy == TlsPolicy::Opportunistic && self.line.is_open() {
            self.line.transcript.note("the server offers encryption and refuses it; going on in clear text");
            return Ok(false);
        }
        accepted(Phase::Starttls, reply)?;
        self.refuse_leftovers()?;
        self.shake_hands().await?;
        Ok(true)
    }

    /// Whatever came in clear text behind the `220` could be from anybody, and would be read as if it were under TLS
    /// (CVE-2011-0411 is its mirror image).
    fn refuse_leftovers(&mut self) -> Result<(), Ended> {
        if !self.line.has_unread() {
            return Ok(());
        }
        let fault = Fault::Protocol("it said more in clear text after it agreed to encrypt".to_owned());
        Err(self.line.failed(Phase::Starttls, fault))
    }

    async fn shake_hands(&mut self) -> Result<(), Ended> {
        self.tls = Some(self.line.encrypt(self.encrypt, &self.plan.tls).await?);
        Ok(())
    }

    async fn log_in(&mut self) -> Result<(), Ended> {
        let Some(credentials) = &self.plan.auth else { return Ok(()) };
        let verified = self.tls.as_ref().is_some_and(|tls| tls.verified);
        let privacy = if verified || self.line.stays_here() { Privacy::Private } else { Privacy::Exposed };
        let limit = self.plan.timeouts.auth;
        login::log_in(&mut self.line, &self.capabilities.auth, privacy, credentials, limit).await
    }

    /// Whether the end is one that clear text might not have met: a refused or failed upgrade, or an encrypted
    /// connection that broke before anything was said over it (with TLS 1.3 a server's refusal of the handshake shows
    /// only then). Text smuggled in behind `220` is not: it is a sign of somebody in between, to whom a letter is not
    /// handed on a plate.
    fn blames_encryption(&self, ended: &Ended) -> bool {
        let upgrade_is_optional = self.asked_for_tls && self.plan.tls.policy == TlsPolicy::Opportunistic;
        let fault = match &ended.outcome {
            Outcome::Failed(fault) => Some(fault),
            Outcome::Replied(_) => None,
        };
        let failed = match ended.phase {
            Phase::Starttls => !matches!(fault, Some(Fault::Protocol(_))),
            Phase::Tls => true,
            Phase::Ehlo => self.tls.is_some() && fault.is_some(),
            _ => false,
        };
        upgrade_is_optional && failed
    }
}

/// A 2xx reply; everything else is the end.
pub(crate) fn accepted(phase: Phase, reply: Reply) -> Result<Reply, Ended> {
    match reply.code {
        200..300 => Ok(reply),
        400..600 => Err(Ended::new(phase, reply)),
        code => Err(Ended::protocol(phase, format!("{code} is no answer to this"))),
    }
}

/// The name comes from the settings, and must not be able to end the command.
fn check_name(name: &str) -> Result<(), Ended> {
    if !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Ok(());
    }
    let fault = Fault::Local(format!("“{name}” is not a name for EHLO; set net.helo to a host name"));
    Err(Ended::new(Phase::Prepare, fault))
}
