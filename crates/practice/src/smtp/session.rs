//! One SMTP conversation, seen from the server (RFC 5321, RFC 3207, RFC 4954).
//!
//! It keeps to the order of commands, the line ends and the lengths that the RFCs demand, and says so when the client
//! does not. Which character plays is known from the address on which the client called, or, where all share one
//! address, from the first recipient.

use std::net::IpAddr;
use std::sync::Arc;

use super::auth::{self, Exchange};
use super::command::{self, Command, CommandError, MailParameters};
use super::manners::{self, AfterDot};
use super::reply::Reply;
use super::wire::{Line, Wire};
use crate::cast::{self, Character, Host};
use crate::fate;
use crate::office::Office;
use crate::stream::Stream;
use crate::switches::{Port25, YOUR_ADDRESS};

/// Whom a client has called.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Called {
    /// A mail host on its own address.
    Host(&'static Host),
    /// The address that all mail hosts share.
    AnyHost,
    /// The submission server.
    Submission,
}

impl Called {
    /// The name in the greeting and in the certificate.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Host(host) => host.name,
            Self::AnyHost => "mx.practice.test",
            Self::Submission => "smtp.practice.test",
        }
    }

    fn host(self) -> Option<&'static Host> {
        match self {
            Self::Host(host) => Some(host),
            Self::AnyHost | Self::Submission => None,
        }
    }
}

/// Whether the bytes are protected by TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cover {
    Clear,
    Tls,
}

/// A conversation goes on until a reply closes it or the client leaves.
type Outcome = std::io::Result<Option<Reply>>;

/// Twenty wrong commands and it is over.
const MAX_FAULTS: u32 = 20;
/// RFC 5321 §4.5.3.1.8 asks for at least this many.
const MAX_RECIPIENTS: usize = 100;

/// Talks with one client until either of the two ends it.
pub(crate) async fn converse(office: Arc<Office>, called: Called, client: IpAddr, stream: Stream, cover: Cover) {
    let to_host = !matches!(called, Called::Submission);
    let session = Session {
        intercepted: to_host && office.switches_now().way_to_mail_hosts() == Port25::Intercepted,
        host: called.host(),
        wire: Wire::new(stream),
        office,
        called,
        client,
        cover,
        hello: None,
        authenticated: false,
        refused: None,
        envelope: None,
        faults: 0,
    };
    if let Err(error) = session.run().await {
        tracing::debug!(host = called.name(), %error, "a client of a practice host went away");
    }
}

struct Session {
    office: Arc<Office>,
    called: Called,
    /// A gateway on the way answers in place of the host, and passes on what it lets through.
    intercepted: bool,
    client: IpAddr,
    wire: Wire,
    cover: Cover,
    host: Option<&'static Host>,
    /// What the client calls itself, once it has said so since the last change of cover.
    hello: Option<String>,
    authenticated: bool,
    /// The greeting was a refusal: all that may follow is QUIT (RFC 5321 §3.1).
    refused: Option<Reply>,
    envelope: Option<fate::Envelope>,
    faults: u32,
}

impl Session {
    async fn run(mut self) -> std::io::Result<()> {
        let greeting = self.greeting();
        self.pause().await;
        self.wire.send(&greeting).await?;
        if greeting.closes() {
            self.wire.close().await;
            return Ok(());
        }
        loop {
            let line = match self.wire.line().await? {
                Line::End => return Ok(()),
                line => line,
            };
            let reply = match (line, &self.refused) {
                (Line::Text(text), None) if text.eq_ignore_ascii_case("STARTTLS") => {
                    match self.start_tls().await? {
                        Some(session) => self = session,
                        None => return Ok(()),
                    }
                    continue;
                }
                (Line::Text(text), None) => match self.obey(&text).await? {
                    Some(reply) => reply,
                    None => return Ok(()),
                },
                (Line::Text(text), Some(_)) if text.eq_ignore_ascii_case("QUIT") => self.goodbye(),
                (_, Some(_)) => Reply::new(503, "5.5.1", "No service for you here, please QUIT"),
                (Line::TooLong, None) => Reply::new(500, "5.5.2", "Error: line too long"),
                (_, None) => Reply::new(500, "5.5.2", "Error: a line ends with CRLF and holds nothing but ASCII"),
            };
            self.faults += u32::from(matches!(reply.code, 500..=504));
            let reply = if self.faults > MAX_FAULTS {
                Reply::new(421, "4.7.0", format!("{} Error: too many errors", self.name()))
            } else {
                reply
            };
            self.wire.send(&reply).await?;
            if reply.closes() {
                self.wire.close().await;
                return Ok(());
            }
        }
    }

    /// Who speaks to the client.
    fn name(&self) -> &'static str {
        if self.intercepted { manners::GATEWAY } else { self.called.name() }
    }

    /// The line that answers a hello, with the address that the client is seen at.
    fn hello_line(&self) -> String {
        format!("{} Hello {} [{YOUR_ADDRESS}]", self.name(), self.hello.as_deref().unwrap_or_default())
    }

    fn greeting(&mut self) -> Reply {
        if self.intercepted {
            return manners::gateway_greeting();
        }
        let refusal = self.host.and_then(manners::refused_greeting);
        self.refused.clone_from(&refusal);
        refusal.unwrap_or_else(|| Reply::bare(220, format!("{} ESMTP Practice", self.name())))
    }

    /// Carries out one command. `None` ends the conversation without a word.
    async fn obey(&mut self, line: &str) -> Outcome {
        let reply = match command::parse(line) {
            Ok(command) => return self.carry_out(command).await,
            Err(CommandError::Unknown) => Reply::new(500, "5.5.2", "Error: command not recognized"),
            Err(CommandError::Syntax) => Reply::new(501, "5.5.4", "Syntax error in parameters or arguments"),
            Err(CommandError::Parameter) => Reply::new(555, "5.5.4", "Unsupported or malformed parameter"),
        };
        Ok(Some(reply))
    }

    async fn carry_out(&mut self, command: Command) -> Outcome {
        let reply = match command {
            Command::Ehlo(name) => self.ehlo(name).await,
            Command::Helo(name) => self.helo(name).await,
            Command::Mail { sender, parameters } => self.mail(sender, parameters).await,
            Command::Rcpt { recipient, original } => self.rcpt(recipient, original).await,
            Command::Data => return self.data().await,
            Command::Auth { mechanism, initial } => return self.auth(&mechanism, initial).await,
            Command::Rset => {
                self.envelope = None;
                Reply::new(250, "2.0.0", "Ok")
            }
            Command::Noop => Reply::new(250, "2.0.0", "Ok"),
            Command::Quit => self.goodbye(),
            Command::Vrfy => Reply::new(252, "2.5.2", "Send some mail, I'll try my best"),
            // Taken before it comes here; what is left has something behind it.
            Command::StartTls => Reply::new(501, "5.5.4", "Syntax: STARTTLS"),
        };
        Ok(Some(reply))
    }

    fn goodbye(&self) -> Reply {
        Reply::new(221, "2.0.0", "Bye")
    }

    async fn helo(&mut self, name: String) -> Reply {
        self.meet(name).await;
        Reply::bare(250, self.hello_line())
    }

    async fn ehlo(&mut self, name: String) -> Reply {
        self.meet(name).await;
        let character = self.host.map(|host| host.character);
        let size = character.map_or(manners::SIZE, manners::size_limit);
        let mut reply = Reply::bare(250, self.hello_line())
            .and("PIPELINING")
            .and(format!("SIZE {size}"))
            .and("8BITMIME")
            .and("ENHANCEDSTATUSCODES");
        if self.offers_tls() {
            reply = reply.and("STARTTLS");
        } else if self.intercepted {
            reply = reply.and(manners::CROSSED_OUT);
        }
        if matches!(self.called, Called::Submission) && self.cover == Cover::Tls {
            reply = reply.and("AUTH PLAIN LOGIN");
        }
        if self.offers_dsn() {
            reply = reply.and("DSN");
        }
        reply
    }

    /// Takes a new hello; only the first one in clear text makes a slow host think.
    async fn meet(&mut self, name: String) {
        if self.cover == Cover::Clear {
            self.pause().await;
        }
        self.hello = Some(name);
        self.envelope = None;
    }

    fn offers_tls(&self) -> bool {
        let willing = self.host.is_none_or(|host| host.character != Character::NoTls);
        self.cover == Cover::Clear && willing && !self.intercepted
    }

    fn offers_dsn(&self) -> bool {
        matches!(self.called, Called::Submission) || self.host.is_some_and(|host| host.character == Character::Bounce)
    }

    /// Goes over to TLS, or says why not. `None` when the client is gone.
    async fn start_tls(mut self) -> std::io::Result<Option<Self>> {
        if !self.offers_tls() {
            self.wire.send(&Reply::new(502, "5.5.1", "Error: command not implemented")).await?;
            return Ok(Some(self));
        }
        if self.wire.has_more() {
            self.wire
                .send(&Reply::new(421, "5.5.0", "Error: nothing may follow STARTTLS before the handshake"))
                .await?;
            self.wire.close().await;
            return Ok(None);
        }
        self.wire.send(&Reply::new(220, "2.0.0", "Ready to start TLS")).await?;
        let wire = self.wire.secure(self.office.acceptor(self.called.name())).await?;
        Ok(Some(Self { wire, cover: Cover::Tls, hello: None, envelope: None, authenticated: false, ..self }))
    }

    async fn auth(&mut self, mechanism: &str, initial: Option<String>) -> Outcome {
        if !matches!(self.called, Called::Submission) {
            return Ok(Some(Reply::new(502, "5.5.1", "Error: command not implemented")));
        }
        if self.cover == Cover::Clear {
            return Ok(Some(Reply::new(538, "5.7.11", "Encryption required for requested authentication mechanism")));
        }
        if self.hello.is_none() || self.authenticated || self.envelope.is_some() {
            return Ok(Some(Reply::new(503, "5.5.1", "Error: bad sequence of commands")));
        }
        let mut exchange = Exchange::begin(mechanism, initial.as_deref());
        loop {
            match exchange {
                Exchange::Ask(challenge, next) => {
                    self.wire.send(&Reply::bare(334, challenge)).await?;
                    let Line::Text(answer) = self.wire.line().await? else { return Ok(None) };
                    exchange = next.answer(&answer);
                }
                Exchange::Credentials { user, password } => {
                    self.authenticated = self.office.admits(&user, &password);
                    return Ok(Some(auth::verdict(self.authenticated)));
                }
                Exchange::Failed(reply) => return Ok(Some(reply)),
            }
        }
    }

    async fn mail(&mut self, sender: Option<String>, parameters: MailParameters) -> Reply {
        self.pause().await;
        if let Some(refusal) = self.not_now() {
            return refusal;
        }
        if self.envelope.is_some() {
            return Reply::new(503, "5.5.1", "Error: nested MAIL command");
        }
        self.forget_shared_host();
        let limit = self.host.map_or(manners::SIZE, |host| manners::size_limit(host.character));
        if parameters.size.is_some_and(|size| size > limit) {
            return manners::too_large();
        }
        let sender = sender.unwrap_or_default();
        if matches!(self.called, Called::Submission) && !sender.is_empty() && !owns(&sender) {
            let text = format!("<{sender}>: Sender address rejected: not owned by user {}", self.office.user());
            return Reply::new(553, "5.7.1", text);
        }
        if let Some(refusal) = self.host.and_then(|host| self.throttled(host)) {
            return refusal;
        }
        self.envelope = Some(fate::Envelope::new(self.hello.clone().unwrap_or_default(), sender, parameters));
        Reply::new(250, "2.1.0", "Ok")
    }

    /// Why no transaction can start: no EHLO yet, or no login where one is needed.
    fn not_now(&self) -> Option<Reply> {
        if self.hello.is_none() {
            return Some(Reply::new(503, "5.5.1", "Error: send HELO/EHLO first"));
        }
        if !matches!(self.called, Called::Submission) || self.authenticated {
            return None;
        }
        Some(match self.cover {
            Cover::Clear => Reply::new(530, "5.7.0", "Must issue a STARTTLS command first"),
            Cover::Tls => Reply::new(530, "5.7.0", "Authentication required"),
        })
    }

    fn throttled(&self, host: &Host) -> Option<Reply> {
        let window = self.office.options.throttle_window;
        let throttled = host.character == Character::Throttle
            && self.office.memory.is_throttled(self.client, self.office.clock.now(), window);
        throttled.then(manners::throttled)
    }

    async fn rcpt(&mut self, recipient: String, original: Option<String>) -> Reply {
        self.pause().await;
        let Some(envelope) = &self.envelope else { return Reply::new(503, "5.5.1", "Error: need MAIL command") };
        if envelope.recipients.len() >= MAX_RECIPIENTS {
            return Reply::new(452, "4.5.3", "Error: too many recipients");
        }
        if let Some(refusal) = self.refused_recipient(&recipient) {
            return refusal;
        }
        if let Some(envelope) = &mut self.envelope {
            envelope.recipients.push(fate::Recipient { address: recipient, original });
        }
        Reply::new(250, "2.1.5", "Ok")
    }

    fn refused_recipient(&mut self, recipient: &str) -> Option<Reply> {
        let domain = recipient.rsplit_once('@').map_or("practice.test", |(_, domain)| domain);
        if matches!(self.called, Called::Submission) {
            return None;
        }
        let unfamiliar = self.host.is_none();
        let Some(host) = self.host_for(domain) else {
            return Some(Reply::new(554, "5.7.1", format!("<{recipient}>: Relay access denied")));
        };
        if unfamiliar {
            // On a shared address, what this host would have said earlier it says now.
            let late = manners::refused_greeting(host).or_else(|| self.throttled(host));
            if late.is_some() {
                return late;
            }
            self.host = Some(host);
        }
        let refusal = manners::refused_address(host.character, &self.office.switches_now());
        let refusal = refusal.or_else(|| manners::refused_recipient(host.character, recipient));
        refusal.or_else(|| self.greylisted(host, recipient))
    }

    /// The host that plays for `domain`; none where the one that was called does not serve it.
    fn host_for(&self, domain: &str) -> Option<&'static Host> {
        match self.host {
            Some(host) => host.serves(domain).then_some(host),
            None if domain == "split.test" => cast::mail_hosts(domain).nth(self.office.memory.next_split()),
            None => cast::mail_hosts(domain).next(),
        }
    }

    fn greylisted(&self, host: &Host, recipient: &str) -> Option<Reply> {
        let Character::Greylist(wait) = host.character else { return None };
        let sender = self.envelope.as_ref().map_or("", |envelope| envelope.sender.as_str());
        let (now, delay) = (self.office.clock.now(), self.office.options.greylist_delay);
        let left = self.office.memory.greylist(self.client, sender, recipient, now, delay)?;
        Some(manners::greylisted(wait, recipient, left))
    }

    async fn data(&mut self) -> Outcome {
        self.pause().await;
        match &self.envelope {
            None => return Ok(Some(Reply::new(503, "5.5.1", "Error: need RCPT command"))),
            Some(envelope) if envelope.recipients.is_empty() => {
                return Ok(Some(Reply::new(554, "5.5.1", "Error: no valid recipients")));
            }
            Some(_) => {}
        }
        self.wire.send(&Reply::bare(354, "End data with <CR><LF>.<CR><LF>")).await?;
        let limit = self.host.map_or(manners::SIZE, |host| manners::size_limit(host.character));
        let Some(text) = self.wire.text(limit).await? else { return Ok(None) };
        let Some(envelope) = self.envelope.take() else { return Ok(None) };
        self.pause().await;
        if let Some(refusal) = envelope.refused_text(&text) {
            self.forget_shared_host();
            return Ok(Some(refusal));
        }
        let verdict = self.host.map_or(AfterDot::Take, |host| manners::after_dot(host.character));
        let reply = match verdict {
            AfterDot::HangUp => return Ok(None),
            AfterDot::Refuse(reply) => reply,
            AfterDot::Take => self.take(envelope, text.bytes),
        };
        self.forget_shared_host();
        Ok(Some(reply))
    }

    fn take(&mut self, envelope: fate::Envelope, bytes: Vec<u8>) -> Reply {
        let ticket = self.office.next_ticket();
        match self.host {
            Some(host) => {
                if host.character == Character::Throttle {
                    self.office.memory.count(self.client, self.office.clock.now());
                }
                fate::arrived(&self.office, host, self.client, envelope, bytes);
            }
            None => fate::submitted(&self.office, self.client, envelope, bytes),
        }
        Reply::new(250, "2.0.0", format!("Ok: queued as {ticket}"))
    }

    /// On a shared address each transaction may play another host.
    fn forget_shared_host(&mut self) {
        self.host = self.called.host();
    }

    async fn pause(&self) {
        if self.host.is_some_and(|host| host.character == Character::Slow) {
            self.office.clock.wait(self.office.options.slow_pause).await;
        }
    }
}

/// Whether the one user may send as this address: any at `practice.test` that is theirs.
fn owns(sender: &str) -> bool {
    matches!(sender.rsplit_once('@'), Some((local, "practice.test")) if manners::is_yours(local))
}
