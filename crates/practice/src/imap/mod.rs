//! The IMAP server.
use crate::office::Office;
use std::sync::Arc;
pub(crate) fn serve(_office: &Arc<Office>, _listener: tokio::net::TcpListener) {}
