//! Opening TCP connections, and what it means when that fails.

use model::Fault;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::time;

use crate::Stream;

/// Why a connection was not made.
#[derive(Debug)]
pub(crate) enum DialError {
    /// The source address of the settings is not one of this computer.
    Source(IpAddr, io::Error),
    /// The source address is of the other family.
    Family,
    /// The connection itself failed.
    Connect(ErrorKind, String),
}

impl From<io::Error> for DialError {
    fn from(error: io::Error) -> Self {
        Self::Connect(error.kind(), error.to_string())
    }
}

impl DialError {
    /// The model's word for it. `online` is whether this computer has a network at all: only then can the other end
    /// be blamed for silence.
    pub(crate) fn into_fault(self, address: SocketAddr, online: bool) -> Fault {
        match self {
            Self::Source(source, error) => {
                Fault::Local(format!("net.source_ip {source} is not an address of this computer ({error})"))
            }
            Self::Family => Fault::Unreachable(address.to_string()),
            Self::Connect(kind, text) => connect_fault(kind, &text, address, online),
        }
    }
}

/// What a failed connection means, by the kind of error.
fn connect_fault(kind: ErrorKind, text: &str, address: SocketAddr, online: bool) -> Fault {
    let no_network = !online && !address.ip().is_loopback();
    match kind {
        ErrorKind::NetworkDown => Fault::NoNetwork,
        ErrorKind::TimedOut
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::AddrNotAvailable
            if no_network =>
        {
            Fault::NoNetwork
        }
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
            Fault::ConnectionRefused(address.to_string())
        }
        ErrorKind::TimedOut => Fault::ConnectTimeout(address.to_string()),
        // An address family that this computer does not have shows as one of the last two.
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable => {
            Fault::Unreachable(address.to_string())
        }
        ErrorKind::PermissionDenied => {
            Fault::Local(format!("a firewall on this computer forbids the connection to {address}"))
        }
        _ => Fault::Local(format!("the connection to {address} could not be opened ({text})")),
    }
}

/// Connects within `timeout`.
pub(crate) async fn connect(
    address: SocketAddr,
    source: Option<IpAddr>,
    timeout: Duration,
) -> Result<Stream, DialError> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(source) = source {
        if source.is_ipv4() != address.is_ipv4() {
            return Err(DialError::Family);
        }
        socket.bind(SocketAddr::new(source, 0)).map_err(|error| DialError::Source(source, error))?;
    }
    let connected = time::timeout(timeout, socket.connect(address)).await;
    let tcp = connected.map_err(|_| DialError::Connect(ErrorKind::TimedOut, String::new()))??;
    // Commands are small and each waits for an answer: Nagle's algorithm only adds delay.
    tcp.set_nodelay(true)?;
    Ok(Stream::Plain(tcp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_a_connection_fails_has_its_word() {
        let far: SocketAddr = "203.0.113.5:25".parse().unwrap();
        let near: SocketAddr = "127.0.0.1:25".parse().unwrap();
        let name = || far.to_string();
        let table = [
            (ErrorKind::ConnectionRefused, far, true, Fault::ConnectionRefused(name())),
            (ErrorKind::ConnectionRefused, far, false, Fault::ConnectionRefused(name())),
            (ErrorKind::ConnectionReset, far, true, Fault::ConnectionRefused(name())),
            (ErrorKind::TimedOut, far, true, Fault::ConnectTimeout(name())),
            (ErrorKind::TimedOut, far, false, Fault::NoNetwork),
            (ErrorKind::TimedOut, near, false, Fault::ConnectTimeout(near.to_string())),
            (ErrorKind::HostUnreachable, far, true, Fault::Unreachable(name())),
            (ErrorKind::HostUnreachable, far, false, Fault::NoNetwork),
            (ErrorKind::NetworkUnreachable, far, true, Fault::Unreachable(name())),
            (ErrorKind::NetworkUnreachable, far, false, Fault::NoNetwork),
            (ErrorKind::AddrNotAvailable, far, true, Fault::Unreachable(name())),
            (ErrorKind::NetworkDown, far, true, Fault::NoNetwork),
        ];
        for (kind, address, online, expected) in table {
            assert_eq!(connect_fault(kind, "", address, online), expected, "{kind:?} online={online}");
        }
        for kind in [ErrorKind::PermissionDenied, ErrorKind::Other, ErrorKind::OutOfMemory] {
            assert!(matches!(connect_fault(kind, "", far, true), Fault::Local(_)), "{kind:?}");
        }
    }
}
