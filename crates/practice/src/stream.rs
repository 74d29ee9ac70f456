//! A connection, in clear text or in TLS.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Anything that bytes go through.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

/// A connection whose kind no longer matters.
pub(crate) type Stream = Box<dyn Duplex>;

/// How a client began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    /// With a TLS handshake, before any greeting (RFC 8314).
    Handshake,
    /// By waiting for the greeting.
    Waits,
}

/// How long a client that wants TLS at once has for its first byte. On loopback it comes within a millisecond.
const PATIENCE: Duration = Duration::from_millis(300);

/// The first byte of every TLS handshake record (RFC 8446 §5.1).
const HANDSHAKE_RECORD: u8 = 22;

/// Looks at the first byte without taking it.
pub(crate) async fn opening(stream: &TcpStream) -> Opening {
    let mut first = [0];
    match tokio::time::timeout(PATIENCE, stream.peek(&mut first)).await {
        Ok(Ok(1)) if first == [HANDSHAKE_RECORD] => Opening::Handshake,
        _ => Opening::Waits,
    }
}
