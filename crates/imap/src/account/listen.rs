//! The connection that listens and acts: it stands in IDLE on the inbox and rings, and carries out the journal.
//!
//! - What happened is not taken from what it hears but asked again by the connection that fetches, from where the store
//!   stands. VANISHED lines that come in IDLE do not come a second time here, but there they do (RFC 7162 §3.2.5). Where
//!   the server has NOTIFY, it rings for every mailbox; where it has not, further connections may stand in IDLE on others
//!   (`posts`), and the numbers of the rest are asked for every minute.
//! - Of many orders it carries out some at a stretch, and looks and listens in between.
//! - An order ends the wait (DONE), is carried out, and the wait begins anew: it never waits for a letter that is just
//!   being fetched. What was heard while orders were carried out, and what differs in the inbox afterwards, rings too.
//! - Without this connection the other one looks every minute, and carries the journal out between two batches. So nothing
//!   of what goes wrong here is told to anybody, and a server that allows one connection only is left in peace.

use super::pause::{BETWEEN_LOOKS, pause};
use super::{Context, Hears};
use crate::error::SyncError;
use crate::session::{Selected, Told};
use crate::sync::{Signals, Syncer};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long IDLE has to stand before the next failure is the first again.
const STOOD: Duration = Duration::from_secs(60);
/// The pause where the server does not want a second connection.
const NOT_WANTED: Duration = Duration::from_secs(60 * 60);

/// The pause where somebody else was just carrying out the journal: an order that came at its end is nobody's.
const ONCE_MORE: Duration = Duration::from_secs(2);

/// Listens until everything is stopped.
pub(super) async fn listen(context: Context) -> Result<(), SyncError> {
    let mut failures = 0;
    while !context.signals.is_stopped() {
        let began = Instant::now();
        let error = listen_once(&context).await.err();
        context.hears.send_replace(Hears::Nothing);
        failures = if began.elapsed() > STOOD { 1 } else { failures + 1 };
        rest(&context, error, failures).await;
    }
    Ok(())
}

/// Waits until another try makes sense, the network changes, or everything is stopped.
pub(super) async fn rest(context: &Context, error: Option<SyncError>, failures: u32) {
    let wait = match &error {
        Some(SyncError::Refused(refusal)) if refusal.has_code(&["INUSE", "UNAVAILABLE", "LIMIT", "SERVERBUG"]) => {
            pause(failures, false)
        }
        None | Some(SyncError::Refused(_)) => NOT_WANTED,
        Some(error) => pause(failures, error.needs_a_person()),
    };
    tracing::debug!(account = %context.account.address, ?error, ?wait, "not listening");
    let mut network = context.net.changes();
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        () = context.signals.stopped() => {}
        Ok(()) = network.changed() => {}
    }
}

/// One connection, until it breaks or everything is stopped.
async fn listen_once(context: &Context) -> Result<(), SyncError> {
    let session = context.log_in().await?;
    let Context { account, store, events, signals, .. } = context.clone();
    let mut syncer = Syncer::new(account, store, session, events, signals);
    // How the server writes the names of its mailboxes.
    syncer.session.list().await?;
    let mut inbox = syncer.session.examine("INBOX").await?;
    let hears_all = syncer.session.notify_of_all().await?;
    // What came between the last look and this moment is told by nobody.
    context.signals.inbox();
    let _acting = Acting::begin(&context.signals);
    let idles = syncer.session.capabilities().offers("IDLE");
    let hears = match (idles, hears_all) {
        (false, _) => Hears::Nothing,
        (true, false) => Hears::Inbox,
        (true, true) => Hears::Everything,
    };
    let mut ended = Ended::Ordered;
    loop {
        if ended == Ended::Ordered {
            // While orders are carried out, nobody listens.
            context.hears.send_replace(Hears::Nothing);
            if syncer.act().await? {
                inbox = look_again(context, &mut syncer, &inbox).await?;
            }
        }
        if context.signals.is_stopped() {
            syncer.session.logout().await;
            return Ok(());
        }
        context.hears.send_replace(hears);
        ended = wait(context, &mut syncer, idles).await?;
    }
}

/// While it lives, orders are carried out here.
struct Acting(Arc<Signals>);

impl Acting {
    fn begin(signals: &Arc<Signals>) -> Self {
        signals.act(true);
        Self(signals.clone())
    }
}

impl Drop for Acting {
    fn drop(&mut self) {
        self.0.act(false);
    }
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// There may be an order, or one is due now.
    Ordered,
    /// It has lasted long enough, the network changed (the next command shows whether the connection still stands), or
    /// everything is stopped.
    Otherwise,
}

/// Waits for an order, in IDLE where the server has it.
async fn wait(context: &Context, syncer: &mut Syncer, idles: bool) -> Result<Ended, SyncError> {
    let due = match (syncer.cut_short, syncer.locked_out) {
        (true, _) => Some(Duration::ZERO),
        (false, true) => Some(ONCE_MORE),
        (false, false) => syncer.next_order().await?,
    };
    let mut network = context.net.changes();
    let mut ended = Ended::Otherwise;
    let asked = async {
        let order_is_due = async {
            match due {
                Some(pause) => tokio::time::sleep(pause).await,
                None => std::future::pending().await,
            }
        };
        let network_changes = async {
            if network.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = context.signals.stopped() => {}
            () = context.signals.ordered() => ended = Ended::Ordered,
            () = order_is_due => ended = Ended::Ordered,
            () = network_changes => {}
        }
    };
    if idles {
        syncer.session.idle(context.patience.idle, asked, |told| ring(context, told)).await?;
    } else {
        // Nobody tells, but orders need not wait.
        if tokio::time::timeout(BETWEEN_LOOKS, asked).await.is_err() {
            syncer.session.noop().await?;
        }
    }
    Ok(ended)
}

fn ring(context: &Context, told: Told) {
    match told {
        Told::Here => context.signals.inbox(),
        Told::There(path) if path.eq_ignore_ascii_case("INBOX") => context.signals.inbox(),
        Told::There(path) => context.signals.mailbox(path),
    }
}

/// Back to the inbox after orders; rings for what happened meanwhile.
async fn look_again(context: &Context, syncer: &mut Syncer, before: &Selected) -> Result<Selected, SyncError> {
    let inbox = syncer.session.examine("INBOX").await?;
    let numbers = |opened: &Selected| (opened.exists, opened.uid_next, opened.uid_validity, opened.highest_modseq);
    if numbers(&inbox) != numbers(before) {
        context.signals.inbox();
    }
    for path in syncer.session.take_news() {
        ring(context, Told::There(path));
    }
    Ok(inbox)
}
