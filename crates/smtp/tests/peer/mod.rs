//! A scripted server: polite by default, and at fault wherever a test wants it to be.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub mod scram;

use model::{EmailAddress, Fault, LoginForm, Phase, Secret, TlsDemand, TlsPolicy, TlsReport};
use postrider_smtp::{Content, Credentials, Encrypt, HandedOver, Mail, Opening, RecipientResult, Session};
use postrider_smtp::{Timeouts, Transport, Unopened};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};

/// What the server does when it is its turn.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Octets, as they are.
    Say(Vec<u8>),
    /// Octets, and then the connection is closed.
    SayAndClose(Vec<u8>),
    /// Octets one by one, with a pause after each.
    Trickle(Vec<u8>, Duration),
    /// This many octets are read first; then octets, and the connection is closed.
    SayAndCloseAfter(usize, Vec<u8>),
    /// What follows from the commands so far, of which the last is the one that is answered.
    Reckon(fn(&[String]) -> String),
    /// Octets in pieces, each in its own time.
    Pieces(Vec<Vec<u8>>),
    /// What the server would say if nothing else were told.
    Polite,
    Close,
    Hang,
}

pub fn say(line: &str) -> Answer {
    Answer::Say(format!("{line}\r\n").into_bytes())
}

pub fn say_and_close(line: &str) -> Answer {
    Answer::SayAndClose(format!("{line}\r\n").into_bytes())
}

/// What the server heard.
#[derive(Debug, Default)]
pub struct Heard {
    pub commands: Vec<String>,
    /// The content of each message, as it came over the wire, without the final dot.
    pub contents: Vec<Vec<u8>>,
}

impl Heard {
    pub fn count(&self, verb: &str) -> usize {
        self.commands.iter().filter(|command| command.starts_with(verb)).count()
    }
}

/// The script. Turns are named by the verb, and `greeting`, `content` (the reply to 354 is out or BDAT is read, the
/// content not yet in), `chunk` (a chunk that is not the last is in), `dot` (the content is in) and `response` (a line of
/// a login).
#[derive(Clone, Debug, Default)]
pub struct Script {
    offers: Vec<String>,
    offers_after_tls: Option<Vec<String>>,
    answers: HashMap<String, VecDeque<Answer>>,
}

impl Script {
    pub fn offering(keywords: &[&str]) -> Self {
        Self { offers: keywords.iter().map(|keyword| (*keyword).to_owned()).collect(), ..Self::default() }
    }

    /// This script, by a server that offers this too.
    pub fn also_offering(mut self, keywords: &[&str]) -> Self {
        self.offers.extend(keywords.iter().map(|keyword| (*keyword).to_owned()));
        self
    }

    pub fn after_tls(mut self, keywords: &[&str]) -> Self {
        self.offers_after_tls = Some(keywords.iter().map(|keyword| (*keyword).to_owned()).collect());
        self
    }

    /// The next answers at a turn; after them, the polite one.
    pub fn at(mut self, turn: &str, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.answers.entry(turn.to_owned()).or_default().extend(answers);
        self
    }

    fn next(&mut self, turn: &str, encrypted: bool) -> Option<Answer> {
        match self.answers.get_mut(turn).and_then(VecDeque::pop_front) {
            None | Some(Answer::Polite) => {}
            told => return told,
        }
        Some(match turn {
            "greeting" => say("220 mx.test ESMTP"),
            "EHLO" => self.hello(encrypted),
            "HELO" => say("250 mx.test"),
            "STARTTLS" => say("220 2.0.0 go ahead"),
            "AUTH" | "response" => say("235 2.7.0 welcome"),
            "MAIL" | "RCPT" | "RSET" | "chunk" => say("250 2.0.0 ok"),
            "DATA" => say("354 go on"),
            "dot" => say("250 2.0.0 taken"),
            "QUIT" => say_and_close("221 2.0.0 bye"),
            "content" => return None,
            _ => say("500 what"),
        })
    }

    fn hello(&self, encrypted: bool) -> Answer {
        let offers = self.offers_after_tls.as_ref().filter(|_| encrypted).unwrap_or(&self.offers);
        let mut lines = vec!["mx.test".to_owned()];
        lines.extend(offers.iter().cloned());
        let last = lines.len() - 1;
        let text: String = lines
            .iter()
            .enumerate()
            .map(|(at, line)| format!("250{}{line}\r\n", if at == last { ' ' } else { '-' }))
            .collect();
        Answer::Say(text.into_bytes())
    }
}

/// A server that plays its script on a stream.
pub struct Peer<S> {
    stream: S,
    script: Script,
    heard: Arc<Mutex<Heard>>,
    buffer: Vec<u8>,
    /// The chunks so far of a message under way.
    chunks: Option<Vec<u8>>,
    encrypted: bool,
}

/// How a part of the play ended.
pub enum Ended<S> {
    Over,
    /// STARTTLS was agreed to; whoever plays with real TLS goes on with [`Peer::upgraded`].
    Upgrade(S, Script, Arc<Mutex<Heard>>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub fn new(stream: S, script: Script, heard: Arc<Mutex<Heard>>) -> Self {
        Self { stream, script, heard, buffer: Vec::new(), chunks: None, encrypted: false }
    }

    pub fn upgraded(stream: S, script: Script, heard: Arc<Mutex<Heard>>) -> Self {
        Self { stream, script, heard, buffer: Vec::new(), chunks: None, encrypted: true }
    }

    /// Plays to the end; on STARTTLS goes on in the same clear text, as a pipe in memory does.
    pub async fn play(mut self) {
        if self.take_turn("greeting").await {
            while self.serve().await == Served::MoreToCome {}
        }
    }

    /// Plays up to the end or to STARTTLS.
    pub async fn play_to_upgrade(mut self) -> Ended<S> {
        if !self.encrypted && !self.take_turn("greeting").await {
            return Ended::Over;
        }
        let clear = !self.encrypted;
        while self.serve().await == Served::MoreToCome {
            if clear && self.encrypted {
                return Ended::Upgrade(self.stream, self.script, self.heard);
            }
        }
        Ended::Over
    }

    async fn serve(&mut self) -> Served {
        let Some(line) = self.read_line().await else { return Served::Over };
        self.heard.lock().unwrap().commands.push(line.clone());
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        if verb == "BDAT" {
            return self.take_chunk(&line).await;
        }
        let known =
            ["EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "RSET", "DATA", "QUIT"].contains(&verb.as_str());
        let turn = if known { verb.as_str() } else { "response" };
        let asks_for_content = turn == "DATA" && self.will_ask_for_content();
        if !self.take_turn(turn).await {
            return Served::Over;
        }
        self.encrypted |= turn == "STARTTLS";
        if asks_for_content && !self.take_content().await {
            return Served::Over;
        }
        Served::MoreToCome
    }

    fn will_ask_for_content(&self) -> bool {
        match self.script.answers.get("DATA").and_then(VecDeque::front) {
            None => true,
            Some(Answer::Polite) => true,
            Some(Answer::Say(octets) | Answer::Trickle(octets, _)) => octets.starts_with(b"354"),
            Some(Answer::Pieces(pieces)) => pieces.concat().starts_with(b"354"),
            Some(_) => false,
        }
    }

    async fn take_content(&mut self) -> bool {
        if !self.take_turn("content").await {
            return false;
        }
        let mut content = Vec::new();
        loop {
            let Some(line) = self.read_raw_line().await else { return false };
            if line == b".\r\n" {
                break;
            }
            content.extend_from_slice(&line);
        }
        self.heard.lock().unwrap().contents.push(content);
        self.take_turn("dot").await
    }

    /// `BDAT size` and its octets, up to the one that says LAST; `content` is the turn before the first is read.
    async fn take_chunk(&mut self, line: &str) -> Served {
        let size: usize = line.split(' ').nth(1).unwrap().parse().unwrap();
        let is_last = line.ends_with(" LAST");
        if self.chunks.is_none() && !self.take_turn("content").await {
            return Served::Over;
        }
        while self.buffer.len() < size {
            if self.stream.read_buf(&mut self.buffer).await.unwrap_or(0) == 0 {
                return Served::Over;
            }
        }
        self.chunks.get_or_insert_default().extend(self.buffer.drain(..size));
        if is_last {
            self.heard.lock().unwrap().contents.extend(self.chunks.take());
        }
        if self.take_turn(if is_last { "dot" } else { "chunk" }).await { Served::MoreToCome } else { Served::Over }
    }

    /// Gives back whether the play goes on.
    async fn take_turn(&mut self, turn: &str) -> bool {
        match self.script.next(turn, self.encrypted) {
            None => true,
            Some(Answer::Say(octets)) => self.write(&octets).await,
            Some(Answer::SayAndClose(octets)) => {
                self.write(&octets).await;
                false
            }
            Some(Answer::SayAndCloseAfter(count, octets)) => {
                while self.buffer.len() < count && self.stream.read_buf(&mut self.buffer).await.unwrap() > 0 {}
                self.write(&octets).await;
                false
            }
            Some(Answer::Trickle(octets, pause)) => {
                for octet in octets {
                    if !self.write(&[octet]).await {
                        return false;
                    }
                    tokio::time::sleep(pause).await;
                }
                true
            }
            Some(Answer::Reckon(answer)) => {
                let text = answer(&self.heard.lock().unwrap().commands);
                self.write(format!("{text}\r\n").as_bytes()).await
            }
            Some(Answer::Pieces(pieces)) => {
                for piece in pieces {
                    if !self.write(&piece).await {
                        return false;
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                true
            }
            Some(Answer::Polite) => unreachable!("it was told what that is"),
            Some(Answer::Close) => false,
            Some(Answer::Hang) => std::future::pending().await,
        }
    }

    async fn write(&mut self, octets: &[u8]) -> bool {
        self.stream.write_all(octets).await.is_ok() && self.stream.flush().await.is_ok()
    }

    async fn read_line(&mut self) -> Option<String> {
        let line = self.read_raw_line().await?;
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    async fn read_raw_line(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.buffer.iter().position(|octet| *octet == b'\n') {
                return Some(self.buffer.drain(..=at).collect());
            }
            if self.stream.read_buf(&mut self.buffer).await.ok()? == 0 {
                return None;
            }
        }
    }
}

#[derive(PartialEq)]
enum Served {
    MoreToCome,
    Over,
}

/// A pipe in memory that passes for a connection.
pub struct Pipe {
    inner: DuplexStream,
    pub peer: SocketAddr,
    pub channel: Option<[u8; 32]>,
}

impl Pipe {
    pub fn new(inner: DuplexStream) -> Self {
        Self { inner, peer: SocketAddr::from(([203, 0, 113, 25], 25)), channel: None }
    }
}

impl Transport for Pipe {
    fn local(&self) -> Option<SocketAddr> {
        Some(SocketAddr::from(([203, 0, 113, 7], 40_000)))
    }

    fn peer(&self) -> Option<SocketAddr> {
        Some(self.peer)
    }

    fn channel_binding(&self) -> Option<[u8; 32]> {
        self.channel
    }
}

impl AsyncRead for Pipe {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

/// A server with this script, and our end of the connection to it. `width` octets fit into the pipe at a time.
pub fn server_with_width(script: Script, width: usize) -> (Pipe, Arc<Mutex<Heard>>) {
    let (ours, theirs) = tokio::io::duplex(width);
    let heard = Arc::new(Mutex::new(Heard::default()));
    tokio::spawn(Peer::new(theirs, script, heard.clone()).play());
    (Pipe::new(ours), heard)
}

pub fn server(script: Script) -> (Pipe, Arc<Mutex<Heard>>) {
    server_with_width(script, 4096)
}

/// TLS that only says that it is there, or fails as told.
pub struct PretendTls(pub Result<Option<&'static str>, Fault>);

impl PretendTls {
    pub const VERIFIED: Self = Self(Ok(None));
    pub const UNVERIFIED: Self = Self(Ok(Some("it is signed by nobody")));
}

impl Encrypt<Pipe> for PretendTls {
    async fn encrypt(&self, stream: Pipe, demand: &TlsDemand) -> Result<(Pipe, TlsReport), Fault> {
        let unverified_because = self.0.clone()?.map(str::to_owned);
        let report = TlsReport {
            policy: demand.policy,
            verified: unverified_because.is_none(),
            verified_by: unverified_because.is_none().then_some(model::VerifiedBy::Authority),
            unverified_because,
            version: "TLSv1.3".to_owned(),
            cipher: "TLS_AES_128_GCM_SHA256".to_owned(),
            names: vec!["mx.test".to_owned()],
            not_after: None,
        };
        Ok((stream, report))
    }
}

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// One session with one message in it.
#[derive(Clone, Debug)]
pub struct Plan {
    pub helo: String,
    pub tls: TlsDemand,
    pub implicit_tls: bool,
    pub auth: Option<Credentials>,
    pub sender: Option<EmailAddress>,
    pub recipients: Vec<EmailAddress>,
    pub eight_bit: bool,
    pub envelope_id: Option<String>,
    pub require_tls: bool,
    pub only_data: bool,
    pub timeouts: Timeouts,
}

impl Plan {
    pub fn opening(&self) -> Opening {
        Opening {
            helo: self.helo.clone(),
            tls: self.tls.clone(),
            implicit_tls: self.implicit_tls,
            auth: self.auth.clone(),
            only_data: self.only_data,
            timeouts: self.timeouts.clone(),
        }
    }

    pub fn mail(&self) -> Mail<'_> {
        Mail {
            sender: self.sender.as_ref(),
            recipients: &self.recipients,
            eight_bit: self.eight_bit,
            envelope_id: self.envelope_id.as_deref(),
            require_tls: self.require_tls,
        }
    }
}

/// What a session with one message in it left behind.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub recipients: Vec<RecipientResult>,
    pub tls: Option<TlsReport>,
    pub source: Option<SocketAddr>,
    pub transcript: String,
    pub starttls_failed: bool,
    pub chunk_refused: bool,
    pub greeting_phase_only: bool,
    pub sent_final_dot: bool,
    pub put_off: Vec<usize>,
    pub stale: bool,
}

/// Opens a session, hands over one message as far as the session goes, and takes leave.
pub async fn converse_over<S, E, C>(encrypt: &E, stream: S, plan: &Plan, message: &C) -> Conversation
where
    S: Transport,
    E: Encrypt<S>,
    C: Content + ?Sized,
{
    let mut session = match Session::open(encrypt, stream, &plan.opening()).await {
        Ok(session) => session,
        Err(unopened) => return never_opened(*unopened, plan),
    };
    let mut handed_over = session.hand_over(&plan.mail(), message).await;
    while !handed_over.put_off.is_empty() && session.is_open() {
        go_on(&mut session, plan, message, &mut handed_over).await;
    }
    let HandedOver { recipients, sent_final_dot, put_off, stale, chunk_refused } = handed_over;
    Conversation {
        recipients,
        tls: session.tls().cloned(),
        source: session.source(),
        starttls_failed: false,
        chunk_refused,
        transcript: session.leave(),
        greeting_phase_only: false,
        sent_final_dot,
        put_off,
        stale,
    }
}

/// Hands over the message to those who were put off.
async fn go_on<S, C>(session: &mut Session<S>, plan: &Plan, message: &C, so_far: &mut HandedOver)
where
    S: Transport,
    C: Content + ?Sized,
{
    let places = std::mem::take(&mut so_far.put_off);
    let recipients: Vec<EmailAddress> = places.iter().map(|place| plan.recipients[*place].clone()).collect();
    let further = session.hand_over(&Mail { recipients: &recipients, ..plan.mail() }, message).await;
    if further.stale {
        return;
    }
    if further.recipients.iter().any(|result| result.phase == Phase::Body) {
        so_far.sent_final_dot = further.sent_final_dot;
    }
    for (place, result) in places.iter().zip(further.recipients) {
        so_far.recipients[*place] = result;
    }
    so_far.put_off = further.put_off.iter().map(|at| places[*at]).collect();
    so_far.chunk_refused |= further.chunk_refused;
}

fn never_opened(unopened: Unopened, plan: &Plan) -> Conversation {
    Conversation {
        recipients: unopened.ended.for_all(plan.recipients.len()),
        tls: unopened.tls,
        source: unopened.source,
        transcript: unopened.transcript,
        starttls_failed: unopened.starttls_failed,
        chunk_refused: false,
        greeting_phase_only: unopened.ended.phase == Phase::Greeting,
        sent_final_dot: false,
        put_off: Vec::new(),
        stale: false,
    }
}

/// A login of anna's.
pub fn login(form: LoginForm, secret: &str) -> Credentials {
    Credentials { user: "anna".into(), secret: Secret::new(secret), form }
}

/// A plan without encryption or login, to these recipients.
pub fn plan(recipients: &[&str]) -> Plan {
    Plan {
        helo: "me.test".to_owned(),
        tls: TlsDemand::new(TlsPolicy::Opportunistic, "mx.test"),
        implicit_tls: false,
        auth: None,
        sender: Some(address("anna@here.test")),
        recipients: recipients.iter().map(|recipient| address(recipient)).collect(),
        eight_bit: false,
        envelope_id: None,
        require_tls: false,
        only_data: false,
        timeouts: Timeouts::default(),
    }
}

pub const MESSAGE: &[u8] = b"Subject: hello\r\n\r\n.dot\r\nbye\r\n";

pub fn demand(policy: TlsPolicy) -> TlsDemand {
    TlsDemand::new(policy, "mx.test")
}
