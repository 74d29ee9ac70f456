//! The connection that fetches: a pass over everything, then whatever is asked, until it breaks. The journal is carried out
//! here only while no other connection does that.

use super::Context;
use super::pause::{BETWEEN_LOOKS, BETWEEN_PASSES};
use super::posts::Posts;
use super::{AbortOnDrop, Hears, listen};
use crate::error::SyncError;
use crate::event::SyncState;
use crate::plan::Depth;
use crate::sync::Syncer;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// How long a connection is believed to be good after the network changed, without an answer.
const STILL_THERE: Duration = Duration::from_secs(10);

/// How long an order has to come to its end when everything is stopped, or the other connection broke.
const LAST_ORDER: Duration = Duration::from_secs(1);

/// How long the other connections have to say goodbye.
const GOODBYE: Duration = Duration::from_millis(700);

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// Somebody rang.
    Rung,
    /// It is time for a pass over everything.
    Pass,
    /// It is time to look at the inbox.
    Look,
    /// It is time to ask for the numbers of the other mailboxes.
    Around,
    /// An order of the journal is due.
    Order,
    /// The network changed.
    Network,
}

/// Works until told to stop, or until the connection breaks. `reached` becomes true once a pass went through.
pub(super) async fn work(context: Context, reached: Arc<AtomicBool>) -> Result<(), SyncError> {
    let session = context.log_in().await?;
    // Only now: a password that is refused is not to be shown twice.
    context.hears.send_replace(Hears::Nothing);
    let mut listener = AbortOnDrop(tokio::spawn(listen::listen(context.clone())));
    let Context { account, store, events, signals, .. } = context.clone();
    let mut syncer = Syncer::new(account, store, session, events, signals);
    let mut posts = Posts::default();
    let outcome = keep_up(&context, &mut syncer, &mut posts, &reached).await;
    // An order that is just being carried out is brought to its end, so that it need not be tried again.
    let last = timeout(LAST_ORDER, context.signals.turn()).await;
    if outcome.is_ok() {
        let others = async { tokio::join!(&mut listener.0, posts.end()) };
        let _ = tokio::join!(timeout(GOODBYE, others), syncer.session.logout());
    }
    drop(listener);
    drop(last);
    outcome
}

/// A pass, and then whatever is asked.
async fn keep_up(
    context: &Context,
    syncer: &mut Syncer,
    posts: &mut Posts,
    reached: &AtomicBool,
) -> Result<(), SyncError> {
    // A first pass over everything does what any earlier ring asked for.
    let (_, _, _) = (context.signals.take_wake(), context.signals.take_journal(), context.signals.take_inbox());
    syncer.pass(Depth::Full).await?;
    reached.store(true, Ordering::Release);
    let mut passed = Instant::now();
    let mut around = passed;
    loop {
        posts.arrange(context).await?;
        context.tell(SyncState::Idle).await;
        match wait(context, syncer, passed, around).await? {
            Turn::Rung | Turn::Order => {}
            Turn::Pass => context.signals.wake(),
            Turn::Look => context.signals.inbox(),
            Turn::Around => {
                syncer.look_around().await?;
                around = Instant::now();
            }
            Turn::Network => check(syncer).await?,
        }
        if context.signals.is_stopped() {
            return Ok(());
        }
        if context.signals.take_wake() {
            syncer.pass(Depth::Recent).await?;
            passed = Instant::now();
            around = passed;
        }
        answer_all(context, syncer).await?;
    }
}

/// Everything that is asked for but a whole pass.
async fn answer_all(context: &Context, syncer: &mut Syncer) -> Result<(), SyncError> {
    while let Some(wanted) = context.signals.take_body() {
        syncer.answer(wanted).await?;
    }
    while let Some(wanted) = context.signals.take_search() {
        syncer.answer_search(wanted).await?;
    }
    if context.signals.take_inbox() {
        syncer.look_at_inbox().await?;
    }
    while let Some(path) = context.signals.take_mailbox() {
        syncer.look_at(&path).await?;
    }
    context.signals.take_journal();
    syncer.carry_out().await
}

async fn wait(context: &Context, syncer: &Syncer, passed: Instant, around: Instant) -> Result<Turn, SyncError> {
    let pass = passed + BETWEEN_PASSES;
    let order = match syncer.next_order().await? {
        Some(pause) if !context.signals.is_acted() => Instant::now() + pause,
        _ => pass + BETWEEN_LOOKS,
    };
    let mut network = context.net.changes();
    let mut hears = context.hears.subscribe();
    loop {
        let (look, around) = match *hears.borrow_and_update() {
            Hears::Nothing => (Instant::now() + BETWEEN_LOOKS, around + context.patience.around),
            Hears::Inbox => (pass + BETWEEN_LOOKS, around + context.patience.around),
            Hears::Everything => (pass + BETWEEN_LOOKS, pass + BETWEEN_LOOKS),
        };
        return Ok(tokio::select! {
            () = context.signals.rung() => Turn::Rung,
            () = sleep_until(pass) => Turn::Pass,
            () = sleep_until(look) => Turn::Look,
            () = sleep_until(around) => Turn::Around,
            () = sleep_until(order) => Turn::Order,
            Ok(()) = network.changed() => Turn::Network,
            Ok(()) = hears.changed() => continue,
        });
    }
}

/// Whether the connection outlived a change of the network. It takes a moment to know, and minutes to find out by
/// itself.
async fn check(syncer: &mut Syncer) -> Result<(), SyncError> {
    match timeout(STILL_THERE, syncer.session.noop()).await {
        Ok(outcome) => outcome,
        Err(_) => Err(SyncError::Lost {
            host: syncer.session.host().to_owned(),
            reason: "there is no answer since the network changed".to_owned(),
        }),
    }
}
