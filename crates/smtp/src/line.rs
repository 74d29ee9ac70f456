//! The line to the server: commands out, replies in, and all that can go wrong with either.
//!
//! - A limit of time covers a whole reply, or one block of content.
//! - While something is written, the server is listened to: two sides that both only write would wait for each other
//!   for ever, and a server that breaks off may say why before it goes.
//! - A failed write is not yet the end: what the server said before it closed is read first.
//! - What a server says unasked is never taken for the answer to what is asked next, except 421, its word for goodbye
//!   (RFC 5321 §3.8).
//! - After the line has failed it is closed, and every further use ends in the same way.

use crate::plan::Ended;
use crate::transcript::Transcript;
use crate::transport::{Encrypt, Transport};
use model::{Fault, Outcome, Phase, Reply, ReplyParser, TlsDemand, TlsReport};
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::time;

/// Octets read at a time.
const CHUNK: usize = 8 * 1024;
/// Octets written under one limit of time.
const BLOCK: usize = 64 * 1024;
/// Octets that may wait to be read while we write; a server that says more is left waiting.
const MOST_UNREAD: usize = 256 * 1024;
/// Room for what is written that is kept from one command to the next.
const KEPT: usize = 16 * 1024;
/// How long a server that no longer listens is given to say why.
const LAST_WORDS: Duration = Duration::from_secs(5);

pub(crate) struct Line<S> {
    /// `None` once the connection is of no more use.
    stream: Option<S>,
    /// What is to be written next, in one go.
    out: Vec<u8>,
    parser: ReplyParser,
    /// Received and not parsed yet.
    unread: Vec<u8>,
    /// The octets of the reply under way, for the transcript.
    under_way: Vec<u8>,
    /// The last 421: it explains a close that follows.
    goodbye: Option<Reply>,
    /// A write failed: the server is given little time to say more.
    deaf: bool,
    pub(crate) transcript: Transcript,
}

impl<S: Transport> Line<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream: Some(stream),
            out: Vec::new(),
            parser: ReplyParser::new(),
            unread: Vec::new(),
            under_way: Vec::new(),
            goodbye: None,
            deaf: false,
            transcript: Transcript::new(),
        }
    }

    pub(crate) fn local(&self) -> Option<SocketAddr> {
        self.stream.as_ref()?.local()
    }

    /// Whether the other end is on this computer.
    pub(crate) fn stays_here(&self) -> bool {
        self.stream.as_ref().and_then(Transport::peer).is_some_and(|peer| peer.ip().is_loopback())
    }

    /// The port at the other end.
    pub(crate) fn port(&self) -> Option<u16> {
        Some(self.stream.as_ref()?.peer()?.port())
    }

    /// What the encryption can be bound by.
    pub(crate) fn channel_binding(&self) -> Option<[u8; 32]> {
        self.stream.as_ref()?.channel_binding()
    }

    /// Whether anything more can come of the connection.
    pub(crate) fn is_connected(&self) -> bool {
        self.stream.is_some()
    }

    /// Whether a server is still there that expects commands.
    pub(crate) fn is_open(&self) -> bool {
        self.stream.is_some() && !self.deaf && self.goodbye.is_none()
    }

    /// Closes the connection without a word.
    pub(crate) fn hang_up(&mut self) {
        self.stream = None;
    }

    /// Adds a command to what is sent next.
    pub(crate) fn say(&mut self, command: &str) {
        self.say_hidden(command, command);
    }

    /// Adds a command that holds a secret, and is shown otherwise.
    pub(crate) fn say_hidden(&mut self, command: &str, shown: &str) {
        self.transcript.sent(shown);
        self.out.extend_from_slice(command.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    /// Where content is added to what is sent next.
    pub(crate) fn content(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Sends what was added, in one go, and waits for nothing. Only a server that takes too long, or that has said
    /// something unasked, ends it here; a connection that is gone shows when the reply is read.
    pub(crate) async fn send(&mut self, phase: Phase, limit: Duration) -> Result<(), Ended> {
        self.expect_quiet(phase)?;
        self.write(phase, limit).await
    }

    /// Sends one command and waits for its reply, whatever it says.
    pub(crate) async fn ask(&mut self, phase: Phase, limit: Duration, command: &str) -> Result<Reply, Ended> {
        self.say(command);
        self.send(phase, limit).await?;
        self.reply(phase, limit).await
    }

    /// Writes what was added, a limit of time for each block.
    pub(crate) async fn write(&mut self, phase: Phase, limit: Duration) -> Result<(), Ended> {
        let mut out = std::mem::take(&mut self.out);
        let written = self.write_blocks(phase, limit, &out).await;
        out.clear();
        out.shrink_to(KEPT);
        self.out = out;
        written
    }

    async fn write_blocks(&mut self, phase: Phase, limit: Duration, octets: &[u8]) -> Result<(), Ended> {
        for block in octets.chunks(BLOCK) {
            let Some(stream) = self.stream.as_mut().filter(|_| !self.deaf) else { return Ok(()) };
            match time::timeout(limit, write_listening(stream, block, &mut self.unread)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::debug!(%error, %phase, "the server no longer listens");
                    self.deaf = true;
                }
                Err(_) => {
                    self.transcript.note("the server stopped taking what is sent to it");
                    return Err(self.failed(phase, Fault::Timeout(limit.as_secs())));
                }
            }
        }
        Ok(())
    }

    /// Whether everything written got as far as the operating system.
    pub(crate) fn was_heard(&self) -> bool {
        self.stream.is_some() && !self.deaf
    }

    /// Whether the server said something that has not been read.
    pub(crate) fn has_unread(&self) -> bool {
        !self.unread.is_empty() || !self.parser.is_idle()
    }

    /// Whether the server has said something unasked by now, or has gone. A look, without waiting.
    pub(crate) fn overhears(&mut self) -> bool {
        let Some(stream) = self.stream.as_mut() else { return true };
        let gone = listen(stream, &mut Context::from_waker(Waker::noop()), &mut self.unread).is_err();
        self.deaf |= gone;
        gone || self.has_unread()
    }

    /// Waits for the next reply.
    pub(crate) async fn reply(&mut self, phase: Phase, limit: Duration) -> Result<Reply, Ended> {
        let patience = if self.deaf { limit.min(LAST_WORDS) } else { limit };
        let fault = match time::timeout(patience, self.next_reply()).await {
            Ok(Ok(reply)) => {
                self.goodbye = (reply.code == 421).then(|| reply.clone()).or(self.goodbye.take());
                return Ok(reply);
            }
            Ok(Err(fault)) => fault,
            Err(_) if self.deaf => Fault::Closed,
            Err(_) => Fault::Timeout(limit.as_secs()),
        };
        Err(self.failed(phase, fault))
    }

    async fn next_reply(&mut self) -> Result<Reply, Fault> {
        loop {
            if let Some(reply) = self.parse()? {
                return Ok(reply);
            }
            let stream = self.stream.as_mut().ok_or(Fault::Closed)?;
            self.unread.reserve(CHUNK);
            match stream.read_buf(&mut self.unread).await {
                Ok(0) => return Err(Fault::Closed),
                Ok(_) => {}
                Err(error) => return Err(read_fault(&error)),
            }
        }
    }

    fn parse(&mut self) -> Result<Option<Reply>, Fault> {
        let parsed = self.parser.push(&self.unread);
        let consumed = parsed.as_ref().map_or(self.unread.len(), |(consumed, _)| *consumed);
        self.under_way.extend(self.unread.drain(..consumed));
        let (_, reply) = parsed.map_err(|error| Fault::Protocol(error.to_string()))?;
        if reply.is_some() {
            self.show_reply();
        }
        Ok(reply.map(|reply| self.transcript.cleaned(reply)))
    }

    fn show_reply(&mut self) {
        let octets = std::mem::take(&mut self.under_way);
        self.transcript.received(&octets);
    }

    /// Nothing may have been said while nothing was asked.
    pub(crate) fn expect_quiet(&mut self, phase: Phase) -> Result<(), Ended> {
        if !self.has_unread() {
            return Ok(());
        }
        match self.parse() {
            // What follows a goodbye no longer matters.
            Ok(Some(reply)) if reply.code == 421 => {
                self.hang_up();
                Err(Ended::new(phase, reply))
            }
            Ok(_) => Err(self.failed(phase, Fault::Protocol("it answered before it was asked anything".to_owned()))),
            Err(fault) => Err(self.failed(phase, fault)),
        }
    }

    /// Puts TLS on the line.
    pub(crate) async fn encrypt<E: Encrypt<S>>(
        &mut self,
        encrypt: &E,
        demand: &TlsDemand,
    ) -> Result<TlsReport, Ended> {
        let stream = self.stream.take().ok_or_else(|| Ended::new(Phase::Tls, Fault::Closed))?;
        match encrypt.encrypt(stream, demand).await {
            Ok((stream, report)) => {
                self.stream = Some(stream);
                self.transcript.note(&describe(&report));
                Ok(report)
            }
            Err(fault) => Err(self.failed(Phase::Tls, fault)),
        }
    }

    /// Ends the line. A close after a 421 is that 421.
    pub(crate) fn failed(&mut self, phase: Phase, fault: Fault) -> Ended {
        self.hang_up();
        self.show_reply();
        self.transcript.note(&fault.to_string());
        match (fault, self.goodbye.clone()) {
            (Fault::Closed, Some(goodbye)) => Ended::new(phase, Outcome::Replied(goodbye)),
            (fault, _) => Ended::new(phase, fault),
        }
    }

    /// Takes leave without keeping anybody waiting, and gives back what was said. QUIT and its reply decide nothing
    /// (RFC 5321 §4.1.1.10), so they happen on the side, for at most `limit`.
    pub(crate) fn leave(mut self, limit: Duration) -> String {
        if self.is_open()
            && let Some(mut stream) = self.stream.take()
        {
            self.transcript.sent("QUIT");
            tokio::spawn(time::timeout(limit, async move {
                stream.write_all(b"QUIT\r\n").await?;
                stream.flush().await?;
                stream.read_u8().await?;
                stream.shutdown().await
            }));
        }
        self.transcript.take()
    }
}

fn read_fault(error: &io::Error) -> Fault {
    match error.kind() {
        ErrorKind::InvalidData => Fault::Protocol(format!("the encrypted connection broke ({error})")),
        ErrorKind::NetworkDown | ErrorKind::NetworkUnreachable => Fault::NoNetwork,
        _ => Fault::Closed,
    }
}

fn describe(report: &TlsReport) -> String {
    let certificate = match &report.unverified_because {
        None => "certificate verified".to_owned(),
        Some(why) => format!("certificate not verified: {why}"),
    };
    format!("{} {}, {certificate}", report.version, report.cipher)
}

/// Writes everything, and takes in what the server says meanwhile.
async fn write_listening<S: Transport>(stream: &mut S, octets: &[u8], unread: &mut Vec<u8>) -> io::Result<()> {
    let mut rest = octets;
    while !rest.is_empty() {
        let written = poll_fn(|cx| {
            let written = Pin::new(&mut *stream).poll_write(cx, rest);
            if written.is_pending() {
                listen(stream, cx, unread)?;
            }
            written
        })
        .await?;
        if written == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        rest = rest.get(written..).unwrap_or_default();
    }
    poll_fn(|cx| {
        let flushed = Pin::new(&mut *stream).poll_flush(cx);
        if flushed.is_pending() {
            listen(stream, cx, unread)?;
        }
        flushed
    })
    .await
}

/// Reads what is there. An error means that the server is gone.
fn listen<S: Transport>(stream: &mut S, cx: &mut Context<'_>, unread: &mut Vec<u8>) -> io::Result<()> {
    while unread.len() < MOST_UNREAD {
        match read_some(stream, cx, unread) {
            Poll::Ready(Ok(0)) => return Err(ErrorKind::UnexpectedEof.into()),
            Poll::Ready(Ok(_)) => {}
            Poll::Ready(Err(error)) => return Err(error),
            Poll::Pending => break,
        }
    }
    Ok(())
}

fn read_some<S: AsyncRead + Unpin>(
    stream: &mut S,
    cx: &mut Context<'_>,
    unread: &mut Vec<u8>,
) -> Poll<io::Result<usize>> {
    let mut chunk = [0; CHUNK];
    let mut buffer = ReadBuf::new(&mut chunk);
    ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
    unread.extend_from_slice(buffer.filled());
    Poll::Ready(Ok(buffer.filled().len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWrite;
    use tokio::time::Instant;

    /// A server that no longer listens, says nothing, and does not go.
    struct Deaf;

    impl Transport for Deaf {
        fn local(&self) -> Option<SocketAddr> {
            None
        }

        fn peer(&self) -> Option<SocketAddr> {
            None
        }
    }

    impl AsyncRead for Deaf {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Deaf {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Err(ErrorKind::BrokenPipe.into()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_no_longer_listens_has_little_time_for_last_words() {
        let began = Instant::now();
        let ended = Line::new(Deaf).ask(Phase::Mail, Duration::from_secs(300), "MAIL FROM:<>").await;
        assert_eq!(ended, Err(Ended::new(Phase::Mail, Fault::Closed)));
        assert_eq!(began.elapsed(), LAST_WORDS);
    }

    #[test]
    fn a_broken_read_is_a_close_unless_the_network_or_the_encryption_broke() {
        let table = [
            (ErrorKind::ConnectionReset, Fault::Closed),
            (ErrorKind::UnexpectedEof, Fault::Closed),
            (ErrorKind::TimedOut, Fault::Closed),
            (ErrorKind::NetworkDown, Fault::NoNetwork),
            (ErrorKind::NetworkUnreachable, Fault::NoNetwork),
        ];
        for (kind, expected) in table {
            assert_eq!(read_fault(&kind.into()), expected, "{kind:?}");
        }
        assert!(matches!(read_fault(&ErrorKind::InvalidData.into()), Fault::Protocol(_)));
    }
}
