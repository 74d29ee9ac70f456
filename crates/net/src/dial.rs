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
    /// The model's word for it. `missing` is why this computer is not on line, if it is not: only where it is can the
    /// other end be blamed for silence.
    pub(crate) fn into_fault(self, address: SocketAddr, missing: Option<Fault>) -> Fault {
        match self {
            Self::Source(source, error) => {
                Fault::Local(format!("net.source_ip {source} is not an address of this computer ({error})"))
            }
            Self::Family => Fault::Unreachable(address.to_string()),
            Self::Connect(kind, text) => connect_fault(kind, &text, address, missing),
        }
    }
}

/// What a failed connection means, by the kind of error.
fn connect_fault(kind: ErrorKind, text: &str, address: SocketAddr, missing: Option<Fault>) -> Fault {
    match (kind, missing.filter(|_| !address.ip().is_loopback())) {
        (ErrorKind::NetworkDown, _) => Fault::NoNetwork,
        (
            ErrorKind::TimedOut
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::AddrNotAvailable,
            Some(missing),
        ) => missing,
        // What has a login page refuses in the name of everybody.
        (
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted,
            Some(Fault::CaptivePortal),
        ) => Fault::CaptivePortal,
        (kind, _) => fault_of_the_other_end(kind, text, address),
    }
}

fn fault_of_the_other_end(kind: ErrorKind, text: &str, address: SocketAddr) -> Fault {
    match kind {
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
        let (there, none, portal) = (None, Some(Fault::NoNetwork), Some(Fault::CaptivePortal));
        let table = [
            (ErrorKind::ConnectionRefused, far, &there, Fault::ConnectionRefused(name())),
            (ErrorKind::ConnectionRefused, far, &none, Fault::ConnectionRefused(name())),
            (ErrorKind::ConnectionRefused, far, &portal, Fault::CaptivePortal),
            (ErrorKind::ConnectionRefused, near, &portal, Fault::ConnectionRefused(near.to_string())),
            (ErrorKind::ConnectionReset, far, &there, Fault::ConnectionRefused(name())),
            (ErrorKind::ConnectionReset, far, &portal, Fault::CaptivePortal),
            (ErrorKind::TimedOut, far, &there, Fault::ConnectTimeout(name())),
            (ErrorKind::TimedOut, far, &none, Fault::NoNetwork),
            (ErrorKind::TimedOut, far, &portal, Fault::CaptivePortal),
            (ErrorKind::TimedOut, near, &none, Fault::ConnectTimeout(near.to_string())),
            (ErrorKind::HostUnreachable, far, &there, Fault::Unreachable(name())),
            (ErrorKind::HostUnreachable, far, &none, Fault::NoNetwork),
            (ErrorKind::NetworkUnreachable, far, &there, Fault::Unreachable(name())),
            (ErrorKind::NetworkUnreachable, far, &none, Fault::NoNetwork),
            (ErrorKind::AddrNotAvailable, far, &there, Fault::Unreachable(name())),
            (ErrorKind::NetworkDown, far, &there, Fault::NoNetwork),
            (ErrorKind::NetworkDown, far, &portal, Fault::NoNetwork),
        ];
        for (kind, address, missing, expected) in table {
            assert_eq!(connect_fault(kind, "", address, missing.clone()), expected, "{kind:?} {missing:?}");
        }
        for kind in [ErrorKind::PermissionDenied, ErrorKind::Other, ErrorKind::OutOfMemory] {
            assert!(matches!(connect_fault(kind, "", far, None), Fault::Local(_)), "{kind:?}");
        }
    }
}
