//! The IMAP server: IMAP4rev1 (RFC 3501) with ID, IDLE, ENABLE, UIDPLUS, MOVE, UNSELECT, SPECIAL-USE, LITERAL+, SASL-IR,
//! NAMESPACE, CONDSTORE and QRESYNC (RFC 7162).
//!
//! imap-codec parses what clients say; the answers are written here. One port serves clients that begin with TLS and
//! those that use STARTTLS.

mod announce;
mod fetch;
mod folders;
mod letters;
mod numbers;
mod search;
mod session;
mod structure;
mod text;
mod wire;

use std::net::IpAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};

use crate::doors;
use crate::office::{IMAP_HOST, Office};
use crate::smtp::session::Cover;
use crate::stream::{self, Opening};

/// Serves the mailboxes until the office closes.
pub(crate) fn serve(office: &Arc<Office>, listener: TcpListener) {
    doors::open(office, listener, doors::always_open, client);
}

async fn client(office: Arc<Office>, _: IpAddr, stream: TcpStream) {
    match stream::opening(&stream).await {
        Opening::Waits => session::serve(office, Box::new(stream), Cover::Clear).await,
        Opening::Handshake => match office.acceptor(IMAP_HOST).accept(stream).await {
            Ok(stream) => session::serve(office, Box::new(stream), Cover::Tls).await,
            Err(error) => tracing::debug!(%error, "no TLS with a client of the practice IMAP server"),
        },
    }
}
