//! A session: from the connected stream to a server that is ready for a transaction (RFC 5321 §3.1, RFC 3207,
//! RFC 4954), and out again.

use crate::capabilities::{Capabilities, Limits};
use crate::line::Line;
use crate::login::{self, Host, Privacy};
use crate::plan::{Ended, Opening};
use crate::timeouts::Timeouts;
use crate::transport::{Encrypt, Transport};
use model::{Fault, Outcome, Phase, Reply, TlsPolicy, TlsReport};
use std::net::SocketAddr;
use tokio::time::Instant;

/// A session that is ready: greeted, encrypted and logged in as the opening says. It takes one message after the other
/// (RFC 5321 §3.3), and is better kept for the next one than opened again.
pub struct Session<S> {
    pub(crate) line: Line<S>,
    pub(crate) capabilities: Capabilities,
    pub(crate) timeouts: Timeouts,
    /// The server's name.
    pub(crate) name: String,
    /// A transaction was begun that the server may not have finished with.
    pub(crate) unfinished: bool,
    /// Messages handed over.
    pub(crate) letters: usize,
    /// When a server last answered.
    pub(crate) heard_at: Instant,
    /// Transactions begun.
    pub(crate) mails: usize,
    /// Somebody was taken, and others of the same message wait: what is known of how many go at a time.
    pub(crate) halfway: Option<Limits>,
    /// The server lets no further transaction begin.
    pub(crate) spent: bool,
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
    /// Opens a session on a stream that is connected and has not been read from.
    pub async fn open<E: Encrypt<S>>(encrypt: &E, stream: S, opening: &Opening) -> Result<Self, Box<Unopened>> {
        let line = Line::new(stream);
        let source = line.local();
        let mut door =
            Door { line, encrypt, opening, tls: None, capabilities: Capabilities::default(), asked_for_tls: false };
        match door.open().await {
            Ok(()) => Ok(Self {
                line: door.line,
                capabilities: door.capabilities,
                timeouts: opening.timeouts.clone(),
                name: opening.tls.name.clone(),
                unfinished: false,
                letters: 0,
                heard_at: Instant::now(),
                mails: 0,
                halfway: None,
                spent: false,
                chunks: !opening.only_data,
                chunk_refused: false,
                tls: door.tls,
                source,
            }),
            Err(ended) => Err(Box::new(Unopened {
                starttls_failed: door.blames_encryption(&ended),
                transcript: door.line.leave(opening.timeouts.quit),
                tls: door.tls,
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

    /// Whether another transaction can be tried, by what is known: the server has not gone, said goodbye or refused to
    /// begin another one, and MAILMAX (RFC 9422) is not reached.
    pub fn is_open(&self) -> bool {
        self.line.is_open() && !self.spent && self.capabilities.limits.mails.is_none_or(|limit| self.mails < limit)
    }

    /// Whether the session is fit for another message after a pause. As [`is_open`](Self::is_open), with a look at the
    /// connection, which waits for nothing: a server that closed it meanwhile, or said something (421, for it has
    /// waited long enough), is not asked again.
    pub fn is_fit(&mut self) -> bool {
        self.is_open() && !self.line.overhears()
    }

    /// What was said since the last call, a line each. The first one holds the opening; later ones begin with a note
    /// that the connection was there already.
    pub fn take_transcript(&mut self) -> String {
        self.line.transcript.take()
    }

    /// Takes leave; does not wait for the server's. Gives back what was said since the transcript was last taken.
    pub fn leave(self) -> String {
        self.line.leave(self.timeouts.quit)
    }
}

struct Door<'a, S, E> {
    line: Line<S>,
    encrypt: &'a E,
    opening: &'a Opening,
    tls: Option<TlsReport>,
    capabilities: Capabilities,
    asked_for_tls: bool,
}

impl<S: Transport, E: Encrypt<S>> Door<'_, S, E> {
    async fn open(&mut self) -> Result<(), Ended> {
        check_name(&self.opening.helo)?;
        if self.opening.implicit_tls {
            self.shake_hands().await?;
        }
        let limit = self.opening.timeouts.greeting;
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
        let limit = self.opening.timeouts.hello;
        let reply = self.line.ask(Phase::Ehlo, limit, &format!("EHLO {}", self.opening.helo)).await?;
        if !reply.is_permanent() {
            let reply = accepted(Phase::Ehlo, reply)?;
            self.capabilities = Capabilities::of_ehlo(&reply);
            return Ok(());
        }
        self.capabilities = Capabilities::default();
        match self.line.ask(Phase::Ehlo, limit, &format!("HELO {}", self.opening.helo)).await {
            Ok(second) if second.code / 100 == 2 => Ok(()),
            _ => Err(Ended::new(Phase::Ehlo, reply)),
        }
    }

    /// Upgrades the connection, where the policy wants it and the server offers it. Gives back whether TLS is on.
    async fn starttls(&mut self) -> Result<bool, Ended> {
        match (self.opening.tls.policy, self.capabilities.starttls) {
            (TlsPolicy::Plain, _) | (TlsPolicy::Opportunistic, false) => return Ok(false),
            (_, false) => return Err(Ended::new(Phase::Starttls, Fault::TlsNotOffered)),
            (_, true) => {}
        }
        self.asked_for_tls = true;
        let reply = self.line.ask(Phase::Starttls, self.opening.timeouts.hello, "STARTTLS").await?;
        let refused = reply.is_temporary() || reply.is_permanent();
        // A refusal leaves the session as it was (RFC 3207 §4), and opportunistic means that clear text is allowed.
        if refused && self.opening.tls.policy == TlsPolicy::Opportunistic && self.line.is_open() {
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
        self.tls = Some(self.line.encrypt(self.encrypt, &self.opening.tls).await?);
        Ok(())
    }

    async fn log_in(&mut self) -> Result<(), Ended> {
        let Some(credentials) = &self.opening.auth else { return Ok(()) };
        let verified = self.tls.as_ref().is_some_and(|tls| tls.verified);
        let privacy = if verified || self.line.stays_here() { Privacy::Private } else { Privacy::Exposed };
        let host = Host { name: &self.opening.tls.name, offered: &self.capabilities.auth, privacy };
        login::log_in(&mut self.line, &host, credentials, self.opening.timeouts.auth).await
    }

    /// Whether the end is one that clear text might not have met: a refused or failed upgrade, or an encrypted
    /// connection that broke before anything was said over it (with TLS 1.3 a server's refusal of the handshake shows
    /// only then). Text smuggled in behind `220` is not: it is a sign of somebody in between, to whom a letter is not
    /// handed on a plate.
    fn blames_encryption(&self, ended: &Ended) -> bool {
        let upgrade_is_optional = self.asked_for_tls && self.opening.tls.policy == TlsPolicy::Opportunistic;
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
