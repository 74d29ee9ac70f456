//! From a server's name to a session whose greeting has been read, encrypted as the account wants it.
//!
//! - TLS is always verified. STARTTLS must succeed; what the server said in clear before the handshake counts for
//!   nothing afterwards, and octets that lie unread at that moment end the connection: they were put there to be taken
//!   for answers that came encrypted.
//! - PREAUTH before encryption is refused (RFC 9051 §11.1): it would skip STARTTLS.

use super::{Capabilities, Session};
use crate::error::SyncError;
use crate::wire::Wire;
use crate::wire::command::Command;
use crate::wire::deflate::Channel;
use crate::wire::response::{Answer, Code, Data, Response, Status};
use model::{DnsFault, Fault, Security, Server, TlsDemand, TlsReport};
use net::{Net, Stream};
use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For each address, until it answers.
    pub connect: Duration,
    /// For each octet of an answer.
    pub answer: Duration,
    /// How long IDLE is let stand: less than the 29 minutes after which a server may give up (RFC 2177), and less than
    /// common routers forget a silent connection.
    pub idle: Duration,
    /// How long the other mailboxes are left alone where the server tells of the inbox alone.
    pub around: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            answer: Duration::from_secs(60),
            idle: Duration::from_secs(9 * 60),
            around: Duration::from_secs(60),
        }
    }
}

/// Addresses of one host that are tried.
const MAX_ADDRESSES: usize = 6;

/// A session, the encryption it has, and whether the server has logged us in by itself.
#[derive(Debug)]
pub struct Connected {
    /// The session.
    pub session: Session,
    /// The encryption; `None` is clear text.
    pub tls: Option<TlsReport>,
    /// Whether a password may be sent: the connection is encrypted or does not leave this computer.
    pub may_send_password: bool,
    /// Whether the greeting was PREAUTH.
    pub preauthenticated: bool,
}

/// Connects as the server's settings say.
pub async fn connect(server: &Server, net: &Net, patience: &Patience) -> Result<Connected, SyncError> {
    let (stream, loopback) = dial(server, net, patience).await?;
    match server.security {
        Security::Tls => {
            let (stream, tls) = encrypt(stream, server, net).await?;
            let (session, greeting) = greet(stream, server, patience).await?;
            Ok(Connected {
                session,
                tls: Some(tls),
                may_send_password: true,
                preauthenticated: greeting.status == Status::Preauth,
            })
        }
        Security::Starttls => {
            let (session, greeting) = greet(stream, server, patience).await?;
            if greeting.status == Status::Preauth {
                return Err(session.against_the_rules("it logged us in before encryption"));
            }
            let (session, tls) = starttls(session, server, net, patience).await?;
            Ok(Connected { session, tls: Some(tls), may_send_password: true, preauthenticated: false })
        }
        Security::None => {
            let (session, greeting) = greet(stream, server, patience).await?;
            let preauthenticated = greeting.status == Status::Preauth;
            Ok(Connected { session, tls: None, may_send_password: loopback, preauthenticated })
        }
    }
}

/// Opens a connection to the first address that answers; whether it is on loopback.
async fn dial(server: &Server, net: &Net, patience: &Patience) -> Result<(Stream, bool), SyncError> {
    let unreachable =
        |reason: String| SyncError::Unreachable { host: format!("{}:{}", server.host, server.port), reason };
    let addresses = match net.addresses(&server.host).await {
        Ok(addresses) => addresses,
        Err(DnsFault::NoResolver(_)) if !net.is_online() => return Err(SyncError::NoNetwork),
        Err(fault) => return Err(unreachable(fault.to_string())),
    };
    let mut last = Fault::Unreachable(server.host.clone());
    for address in both_families(addresses).into_iter().take(MAX_ADDRESSES) {
        match net.dial(SocketAddr::new(address, server.port), patience.connect).await {
            Ok(stream) => return Ok((stream, address.is_loopback())),
            Err(fault) => last = fault,
        }
    }
    match last {
        Fault::NoNetwork | Fault::CaptivePortal => Err(SyncError::NoNetwork),
        fault => Err(unreachable(fault.to_string())),
    }
}

/// The addresses with the families in turn, so that one family that leads nowhere does not use up all tries.
fn both_families(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let (six, four): (Vec<_>, Vec<_>) = addresses.into_iter().partition(IpAddr::is_ipv6);
    let longest = six.len().max(four.len());
    (0..longest).flat_map(|n| [six.get(n).copied(), four.get(n).copied()]).flatten().collect()
}

async fn encrypt(stream: Stream, server: &Server, net: &Net) -> Result<(Stream, TlsReport), SyncError> {
    net.handshake(stream, &TlsDemand::of_server(server)).await.map_err(|fault| tls_error(&server.host, fault))
}

fn tls_error(host: &str, fault: Fault) -> SyncError {
    let host = host.to_owned();
    match fault {
        Fault::TlsUntrusted(reason) => SyncError::TlsUntrusted { host, reason },
        Fault::TlsHandshake(reason) => SyncError::TlsFailed { host, reason },
        Fault::NoNetwork => SyncError::NoNetwork,
        fault => SyncError::TlsFailed { host, reason: fault.to_string() },
    }
}

/// A session over this stream, once the server has greeted.
async fn greet(stream: Stream, server: &Server, patience: &Patience) -> Result<(Session, Answer), SyncError> {
    let mut session = new_session(stream, server, patience);
    let Response::Data(Data::Status(greeting)) = session.next().await? else {
        return Err(session.against_the_rules("it did not greet"));
    };
    match greeting.status {
        Status::Ok | Status::Preauth => {}
        _ => return Err(SyncError::Unavailable { host: server.host.clone(), text: greeting.text }),
    }
    if let Some(Code::Capability(words)) = &greeting.code {
        session.capabilities = session.usable(words);
    }
    Ok((session, greeting))
}

fn new_session(stream: Stream, server: &Server, patience: &Patience) -> Session {
    Session {
        near: stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback()),
        wire: Wire::new(Channel::clear(stream), patience.answer),
        host: server.host.clone(),
        tag: 0,
        capabilities: Capabilities::default(),
        owed: false,
        ahead: Vec::new(),
        bye: None,
        teller: None,
        untold: Vec::new(),
        wire_names: HashMap::new(),
        qresync: false,
        utf8: false,
        namespaces: None,
        exists: 0,
        notified: false,
        news: BTreeSet::new(),
    }
}

async fn starttls(
    mut session: Session,
    server: &Server,
    net: &Net,
    patience: &Patience,
) -> Result<(Session, TlsReport), SyncError> {
    session.learn_capabilities().await?;
    if !session.capabilities.has("STARTTLS") {
        return Err(SyncError::NoStarttls(server.host.clone()));
    }
    session.run(&Command::new("STARTTLS"), |_| {}).await?;
    let (channel, unread) = session.wire.into_parts();
    let Some(stream) = channel.into_clear().filter(|_| unread.is_empty()) else {
        return Err(SyncError::Protocol {
            host: server.host.clone(),
            reason: "it sent more in clear text after agreeing to encrypt".to_owned(),
        });
    };
    let (stream, tls) = encrypt(stream, server, net).await?;
    Ok((new_session(stream, server, patience), tls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let parse = |texts: &[&str]| texts.iter().map(|text| text.parse::<IpAddr>().unwrap()).collect::<Vec<_>>();
        assert_eq!(
            both_families(parse(&["2001:db8::1", "2001:db8::2", "192.0.2.1"])),
            parse(&["2001:db8::1", "192.0.2.1", "2001:db8::2"])
        );
    }
}
