//! The connection that stands in IDLE on the inbox and rings.
//!
//! It only rings: what happened is asked again by the connection that works, from where the store stands. VANISHED lines
//! that come in IDLE do not come a second time here, but there they do (RFC 7162 §3.2.5). Where the server has NOTIFY, it
//! rings for every mailbox; where it has not, the other connection asks for the numbers of the others every minute.
//!
//! It is a convenience: without it the other connection looks every minute. So nothing of what goes wrong here is told
//! to anybody, and a server that allows one connection only, or has no IDLE, is left in peace.

use super::Context;
use super::pause::pause;
use crate::error::SyncError;
use crate::session::Told;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

/// How long IDLE has to stand before the next failure is the first again.
const STOOD: Duration = Duration::from_secs(60);
/// The pause where the server has no IDLE, or does not want a second connection.
const NOT_WANTED: Duration = Duration::from_secs(60 * 60);

/// Listens for as long as it is let.
pub(super) async fn listen(context: Context) -> Result<(), SyncError> {
    let mut failures = 0;
    loop {
        let began = Instant::now();
        let error = listen_once(&context).await.err();
        context.listening.store(false, Ordering::Release);
        context.hears_all.store(false, Ordering::Release);
        failures = if began.elapsed() > STOOD { 1 } else { failures + 1 };
        let wait = match &error {
            None => NOT_WANTED,
            Some(SyncError::Refused(_)) => NOT_WANTED,
            Some(error) => pause(failures, error.needs_a_person()),
        };
        tracing::debug!(account = %context.account.address, ?error, ?wait, "not listening");
        let mut network = context.net.changes();
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            Ok(()) = network.changed() => {}
        }
    }
}

/// One connection in IDLE until it breaks; `Ok` where the server has no IDLE.
async fn listen_once(context: &Context) -> Result<(), SyncError> {
    let mut session = context.log_in().await?;
    if !session.capabilities().offers("IDLE") {
        session.logout().await;
        return Ok(());
    }
    session.examine("INBOX").await?;
    let hears_all = session.notify_of_all().await?;
    context.hears_all.store(hears_all, Ordering::Release);
    // What came between the last look and this moment is told by nobody.
    context.signals.inbox();
    let mut network = context.net.changes();
    loop {
        context.listening.store(true, Ordering::Release);
        let asked = async {
            if network.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let ring = |told| match told {
            Told::Here => context.signals.inbox(),
            Told::There(path) if path.eq_ignore_ascii_case("INBOX") => context.signals.inbox(),
            Told::There(path) => context.signals.mailbox(path),
        };
        session.idle(context.patience.idle, asked, ring).await?;
    }
}
