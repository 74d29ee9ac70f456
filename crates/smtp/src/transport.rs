//! What a conversation needs of the connection below it. Behind two traits, so that every fault can be played on a
//! pipe in memory, with a clock that stands still.

use model::{Fault, TlsDemand, TlsReport};
use net::{Net, Stream};
use std::future::Future;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncWrite};

/// A connection.
pub trait Transport: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Our end, where the connection has addresses.
    fn local(&self) -> Option<SocketAddr>;

    /// The other end.
    fn peer(&self) -> Option<SocketAddr>;

    /// What the encryption can be bound by (`tls-exporter`, RFC 9266), where there is encryption that has it.
    fn channel_binding(&self) -> Option<[u8; 32]> {
        None
    }
}

impl Transport for Stream {
    fn local(&self) -> Option<SocketAddr> {
        self.local_addr().ok()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.peer_addr().ok()
    }

    /// RFC 9266 §4.2: only from TLS 1.3 on is it certain to be one of a kind.
    fn channel_binding(&self) -> Option<[u8; 32]> {
        let Self::Tls(tls) = self else { return None };
        let (_, connection) = tls.get_ref();
        let is_new = connection.protocol_version().and_then(|version| version.as_str()) == Some("TLSv1_3");
        let binding = || connection.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).ok();
        is_new.then(binding).flatten()
    }
}

/// What puts TLS on a connection.
pub trait Encrypt<S> {
    /// Shakes hands as demanded; a connection on which that failed is lost.
    fn encrypt(&self, stream: S, demand: &TlsDemand) -> impl Future<Output = Result<(S, TlsReport), Fault>> + Send;
}

impl Encrypt<Stream> for Net {
    async fn encrypt(&self, stream: Stream, demand: &TlsDemand) -> Result<(Stream, TlsReport), Fault> {
        self.handshake(stream, demand).await
    }
}
