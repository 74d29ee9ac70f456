//! One connection as a stream of whole responses and of commands.
//!
//! [`Wire::response`] may be dropped at any point and called again: what has arrived stays. It takes no more memory
//! than the limits that the caller set for the command under way, whatever lengths the server announces, and waits no
//! longer than the patience for the next octet.

pub mod command;
pub mod deflate;
pub mod response;
pub mod scan;
pub mod value;

use response::{NotAResponse, Response};
use scan::{Limits, Scanner, TooLong};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// What ends a connection. After any of these nothing more is read from it.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The other side closed.
    #[error("the server closed the connection")]
    Closed,
    /// Nothing came for this long.
    #[error("the server said nothing for {} seconds", .0.as_secs())]
    Silent(Duration),
    /// The network failed.
    #[error("the connection broke: {0}")]
    Broken(std::io::Error),
    /// An answer larger than any honest one.
    #[error("the server sent {0}")]
    TooLong(#[from] TooLong),
    /// Octets that are no response.
    #[error(transparent)]
    Garbage(#[from] NotAResponse),
}

/// Octets of one read or write.
const READ: usize = 64 * 1024;

/// A connection.
#[derive(Debug)]
pub struct Wire<S> {
    stream: S,
    buffer: Vec<u8>,
    /// Where in the buffer the next response begins.
    start: usize,
    scanner: Scanner,
    limits: Limits,
    patience: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// A connection over this stream, which waits this long for each octet.
    pub fn new(stream: S, patience: Duration) -> Self {
        Self { stream, buffer: Vec::new(), start: 0, scanner: Scanner::default(), limits: Limits::SMALL, patience }
    }

    /// How much the answers to the next command may hold.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The next response.
    pub async fn response(&mut self) -> Result<Response, WireError> {
        let patience = self.patience;
        loop {
            if let Some(end) = self.scanner.end(self.buffer.get(self.start..).unwrap_or_default(), self.limits)? {
                return self.take(end);
            }
            self.read(patience).await?;
        }
    }

    /// The next response, however long it takes to begin.
    pub async fn response_whenever(&mut self) -> Result<Response, WireError> {
        if self.unread().is_empty() {
            self.read(Duration::MAX).await?;
        }
        self.response().await
    }

    /// Sends octets. The patience is for each piece: a large letter may take its time on a slow line.
    pub async fn send(&mut self, octets: &[u8]) -> Result<(), WireError> {
        for piece in octets.chunks(READ) {
            self.patiently(async |stream: &mut S| stream.write_all(piece).await).await?;
        }
        self.patiently(async |stream: &mut S| stream.flush().await).await
    }

    async fn patiently(&mut self, write: impl AsyncFnOnce(&mut S) -> std::io::Result<()>) -> Result<(), WireError> {
        match timeout(self.patience, write(&mut self.stream)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broken(error)),
            Err(_) => Err(WireError::Silent(self.patience)),
        }
    }

    /// The stream, and what has been read from it and not been understood yet: before a handshake there must be nothing
    /// (RFC 9051 §11.1 and the command injection that comes from ignoring it).
    pub fn into_parts(self) -> (S, Vec<u8>) {
        let unread = self.unread().to_vec();
        (self.stream, unread)
    }

    /// The stream, to be changed, and what has been read from it and not been understood yet, which is taken.
    pub fn changing(&mut self) -> (&mut S, Vec<u8>) {
        let unread = self.buffer.split_off(self.start.min(self.buffer.len()));
        self.buffer.clear();
        self.start = 0;
        self.scanner = Scanner::default();
        (&mut self.stream, unread)
    }

    fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    fn take(&mut self, end: usize) -> Result<Response, WireError> {
        self.scanner = Scanner::default();
        let response = response::parse(self.unread().get(..end).unwrap_or_default());
        self.start += end;
        Ok(response?)
    }

    async fn read(&mut self, patience: Duration) -> Result<(), WireError> {
        self.buffer.drain(..self.start.min(self.buffer.len()));
        self.start = 0;
        if self.buffer.is_empty() && self.buffer.capacity() > 4 * READ {
            self.buffer = Vec::new();
        }
        let wanted = self.scanner.wanted(&self.buffer).max(READ);
        self.buffer.reserve(wanted);
        match timeout(patience, self.stream.read_buf(&mut self.buffer)).await {
            Ok(Ok(0)) => Err(WireError::Closed),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(broken(error)),
            Err(_) => Err(WireError::Silent(patience)),
        }
    }
}

/// A TLS peer that goes without a close_notify, or a reset, is an end like any other.
fn broken(error: std::io::Error) -> WireError {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe => {
            WireError::Closed
        }
        _ => WireError::Broken(error),
    }
}

#[cfg(test)]
mod tests {
    use super::response::Data;
    use super::*;
    use tokio::io::duplex;

    fn wired() -> (Wire<tokio::io::DuplexStream>, tokio::io::DuplexStream) {
        let (ours, theirs) = duplex(1 << 16);
        (Wire::new(ours, Duration::from_secs(60)), theirs)
    }

    #[tokio::test(start_paused = true)]
    async fn a_response_that_was_not_waited_for_is_still_there() {
        let (mut wire, mut peer) = wired();
        peer.write_all(b"* 1 FETCH (UID 3 BODY[] {5}\r\nab").await.unwrap();
        let early = timeout(Duration::from_secs(1), wire.response()).await;
        assert!(early.is_err());
        peer.write_all(b"cde)\r\n* 2 EXISTS\r\n").await.unwrap();
        let Response::Data(Data::Fetch(fetched)) = wire.response().await.unwrap() else { panic!() };
        assert_eq!(fetched.body.as_deref(), Some(&b"abcde"[..]));
        assert_eq!(wire.response().await.unwrap(), Response::Data(Data::Exists(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn silence_and_a_close_in_the_middle_are_told_apart() {
        let (mut wire, mut peer) = wired();
        peer.write_all(b"* OK hel").await.unwrap();
        assert!(matches!(wire.response().await, Err(WireError::Silent(_))));
        drop(peer);
        assert!(matches!(wire.response().await, Err(WireError::Closed)));
    }

    #[tokio::test]
    async fn four_gigabytes_announced_are_refused_and_not_set_aside() {
        let (mut wire, mut peer) = wired();
        peer.write_all(b"* 1 FETCH (BODY[] {4294967295}\r\nab").await.unwrap();
        assert!(matches!(wire.response().await, Err(WireError::TooLong(_))));
        assert!(wire.buffer.capacity() < 1 << 20);
    }
}
