//! The SMTP servers: the mail hosts, each with its character, and the submission server.

mod auth;
pub(crate) mod command;
pub(crate) mod manners;
pub(crate) mod memory;
pub(crate) mod reply;
pub(crate) mod session;
pub(crate) mod wire;

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};

use crate::cast::{Character, HOSTS, Stage};
use crate::doors;
use crate::office::Office;
use crate::stream::{self, Opening};
use crate::switches::Switches;
use session::{Called, Cover};

/// The listening mail hosts, all at one port.
pub(crate) struct MailHosts {
    listeners: Vec<(Called, TcpListener)>,
    pub(crate) stage: Stage,
    pub(crate) port: u16,
}

impl MailHosts {
    /// Binds an address for every host at a port that is free on all of them; where this system has no addresses of
    /// 127.0.0.0/8 but the first, one address for all.
    pub(crate) async fn bind() -> io::Result<Self> {
        const TRIES: u32 = 50;
        let mut last = io::ErrorKind::AddrInUse.into();
        for _ in 0..TRIES {
            match Self::bind_own_addresses().await {
                Ok(hosts) => return Ok(hosts),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = error,
                Err(_) => return Self::bind_shared().await,
            }
        }
        Err(last)
    }

    async fn bind_own_addresses() -> io::Result<Self> {
        let mut listeners = Vec::with_capacity(HOSTS.len());
        let mut port = 0;
        for host in HOSTS.iter().filter(|host| host.character != Character::Down) {
            let listener = TcpListener::bind((host.own_address(), port)).await?;
            port = listener.local_addr()?.port();
            listeners.push((Called::Host(host), listener));
        }
        Ok(Self { listeners, stage: Stage::OwnAddresses, port })
    }

    /// One address for all hosts.
    pub(crate) async fn bind_shared() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listeners: vec![(Called::AnyHost, listener)], stage: Stage::Shared, port })
    }

    /// Serves all of them until the office closes.
    pub(crate) fn serve(self, office: &Arc<Office>) {
        for (called, listener) in self.listeners {
            doors::open(office, listener, Switches::way_to_mail_hosts, move |office, client, stream| async move {
                session::converse(office, called, client, Box::new(stream), Cover::Clear).await;
            });
        }
    }
}

/// Serves the submission server until the office closes.
pub(crate) fn serve_submission(office: &Arc<Office>, listener: TcpListener) {
    doors::open(office, listener, Switches::way_to_submission, submission);
}

async fn submission(office: Arc<Office>, client: IpAddr, stream: TcpStream) {
    let called = Called::Submission;
    match stream::opening(&stream).await {
        Opening::Waits => session::converse(office, called, client, Box::new(stream), Cover::Clear).await,
        Opening::Handshake => match office.acceptor(called.name()).accept(stream).await {
            Ok(stream) => session::converse(office, called, client, Box::new(stream), Cover::Tls).await,
            Err(error) => tracing::debug!(%error, "no TLS with a client of the practice submission server"),
        },
    }
}

#[cfg(test)]
mod shared_tests;
