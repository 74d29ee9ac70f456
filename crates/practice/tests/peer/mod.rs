//! A tiny client for the tests: lines out, lines in, TLS when asked.
// Each test file uses a part of it; what it unwraps, it unwraps on behalf of a test.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;

use postrider_practice as practice;
use practice::{Info, Letters, Options, PostOffice};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub trait Io: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Io for T {}

/// A post office without letters.
pub async fn empty_office() -> PostOffice {
    PostOffice::start(Options { letters: Letters::None, ..Options::default() }).await.unwrap()
}

pub struct Peer {
    io: BufReader<Box<dyn Io>>,
}

impl Peer {
    pub async fn connect(address: impl Into<SocketAddr>) -> Self {
        Self::over(TcpStream::connect(address.into()).await.unwrap())
    }

    /// Connects with TLS from the first byte.
    pub async fn connect_tls(info: &Info, address: &str, name: &'static str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from(name).unwrap();
        Self::over(connector(info).connect(name, stream).await.unwrap())
    }

    pub fn over(io: impl Io + 'static) -> Self {
        Self { io: BufReader::new(Box::new(io)) }
    }

    /// Calls the mail host with this last number of its address, and reads the greeting.
    pub async fn call(info: &Info, host: u8) -> (Self, String) {
        let mut peer = Self::connect(([127, 25, 0, host], info.smtp_port)).await;
        let greeting = peer.reply().await;
        (peer, greeting)
    }

    pub async fn secure(self, info: &Info, name: &'static str) -> std::io::Result<Self> {
        let name = ServerName::try_from(name).unwrap();
        Ok(Self::over(connector(info).connect(name, self.io.into_inner()).await?))
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.io.write_all(bytes.as_ref()).await.unwrap();
        self.io.flush().await.unwrap();
    }

    /// One line with its end; empty when the server has closed.
    pub async fn line(&mut self) -> String {
        let mut line = Vec::new();
        let _ = self.io.read_until(b'\n', &mut line).await;
        String::from_utf8_lossy(&line).into_owned()
    }

    /// One SMTP reply, all its lines; empty when the server has closed.
    pub async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let line = self.line().await;
            reply.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                return reply;
            }
        }
    }

    /// Sends one SMTP command and reads the reply.
    pub async fn say(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n")).await;
        self.reply().await
    }

    /// Sends commands one by one and expects these codes.
    pub async fn dialogue(&mut self, steps: &[(&str, &str)]) {
        for (command, expected) in steps {
            let reply = self.say(command).await;
            assert!(reply.starts_with(expected), "{command}: {reply}");
        }
    }

    /// Sends an IMAP command with a tag and reads all up to the tagged line.
    pub async fn imap(&mut self, command: &str) -> String {
        self.send(format!("t {command}\r\n")).await;
        self.until("t ").await
    }

    /// Reads lines, with the literals in them, until one starts with `start`.
    pub async fn until(&mut self, start: &str) -> String {
        let mut all = String::new();
        loop {
            let line = self.line().await;
            assert!(!line.is_empty(), "the server closed after {all}");
            all.push_str(&line);
            if line.starts_with(start) {
                return all;
            }
            if let Some(length) = line.trim_end().strip_suffix('}').and_then(|line| line.rsplit_once('{')) {
                let mut literal = vec![0; length.1.parse().unwrap()];
                self.io.read_exact(&mut literal).await.unwrap();
                all.push_str(&String::from_utf8_lossy(&literal));
            }
        }
    }
}

fn connector(info: &Info) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&info.ca).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}
