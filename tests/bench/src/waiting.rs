//! A long queue in which nothing is due: what it costs to look at it, and to start with it.

use crate::letter::{Letter, RECIPIENT, SENDER};
use crate::postrider::Postrider;
use crate::sink::Sink;
use crate::table::median;
use anyhow::{Context, Result};
use jiff::Timestamp;
use model::{
    Address, Counts, DeliveryState, EmailAddress, Known, Outcome, Phase, Reply, Route, RoutePolicy, diagnose,
};
use std::path::Path;
use std::time::{Duration, Instant};
use store::{NewOutgoing, Recorded, Store};
use tokio::task::JoinSet;

/// How many put letters into the queue at the same time.
const SESSIONS: usize = 256;
/// Deliveries that are claimed and put off at a time.
const AT_A_TIME: u32 = 1000;
/// How long they wait.
const LATER: Duration = Duration::from_secs(24 * 3600);
/// Wake-ups that are timed.
const WAKE_UPS: usize = 200;
/// A claim's name.
const OWNER: &str = "bench";

/// What it costs.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// A look that finds nothing due, and sees what comes next.
    pub wake_up: Duration,
    /// From the start of the engine until a letter that was due has arrived.
    pub start: Duration,
    /// From the hand-in of another letter until it has arrived.
    pub through: Duration,
}

/// Puts so many deliveries into a queue, each deferred once, and times what is done with them there.
pub async fn time(directory: &Path, deliveries: u32) -> Result<Found> {
    let mut sink = Sink::open().await?;
    let letter = Letter::small();
    // It makes the account, and ends before the queue becomes long.
    let system = Postrider::start(directory, &letter, sink.port(), 1).await?;
    let home = system.home().to_owned();
    system.shut().await?;

    let store = Store::open(&home).await?;
    fill(&store, deliveries).await.context("the queue could not be filled")?;
    let wake_up = wake_up(&store).await?;
    submit(&store, deliveries, Timestamp::now()).await?;
    drop(store);

    let start = Instant::now();
    let system = Postrider::again(directory, &letter).await?;
    sink.wait_for(1).await?;
    let started = start.elapsed();
    let start = Instant::now();
    system.hand_in_one(deliveries + 1).await?;
    sink.wait_for(2).await?;
    let through = start.elapsed();
    system.shut().await?;
    Ok(Found { wake_up, start: started, through })
}

async fn wake_up(store: &Store) -> Result<Duration> {
    let mut took = Vec::with_capacity(WAKE_UPS);
    for _ in 0..WAKE_UPS {
        let start = Instant::now();
        let now = Timestamp::now();
        store.take_due(now, OWNER, now, |_| LATER, AT_A_TIME).await?;
        took.push(start.elapsed().as_secs_f64());
    }
    Ok(Duration::from_secs_f64(median(took)))
}

async fn fill(store: &Store, deliveries: u32) -> Result<()> {
    let mut sessions = JoinSet::new();
    let now = Timestamp::now();
    for first in 0..SESSIONS {
        let store = store.clone();
        sessions.spawn(async move {
            for number in (first as u32..deliveries).step_by(SESSIONS) {
                submit(&store, number, now).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = sessions.join_next().await {
        done??;
    }
    put_off(store, now).await
}

/// Defers everything that is due, as an answer from a server would.
async fn put_off(store: &Store, now: Timestamp) -> Result<()> {
    let reply = Outcome::from(Reply::new(450, None, "4.2.1 Come again tomorrow"));
    let diagnosis = diagnose(Phase::Rcpt, &reply, &Known::new(Route::Direct, "sink.example", RECIPIENT));
    loop {
        let due = store.take_due(now, OWNER, now + LATER, |_| LATER, AT_A_TIME).await?;
        if due.claimed.is_empty() {
            return Ok(());
        }
        let claimed = due.claimed.iter().flat_map(|claimed| &claimed.outgoing.deliveries);
        let recorded = claimed.map(|delivery| Recorded {
            delivery: delivery.id,
            attempts: Vec::new(),
            state: DeliveryState::Deferred,
            next_attempt_at: Some(now + LATER),
            counts: Counts::Yes,
            diagnosis: Some(diagnosis.clone()),
        });
        store.record(OWNER, now, recorded.collect()).await?;
    }
}

async fn submit(store: &Store, number: u32, now: Timestamp) -> Result<()> {
    let sender: EmailAddress = SENDER.parse()?;
    let account = store.account_by_address(&sender).await?.context("the account is gone")?;
    let route = account.identities.first().map_or(RoutePolicy::Auto, |identity| identity.route.clone());
    let outgoing = NewOutgoing {
        account: Some(account.id),
        message_id: format!("{number:x}@bench.example"),
        sender: Some(sender),
        from: Address::new(None, SENDER),
        to: vec![Address::new(None, RECIPIENT)],
        subject: "From coast to coast".to_owned(),
        snippet: String::new(),
        attachments: 0,
        bytes: format!("From: {SENDER}\r\nSubject: From coast to coast\r\n\r\nTen days.\r\n").into_bytes(),
        route,
        recipients: vec![format!("{number}{RECIPIENT}").parse()?],
        bcc: Vec::new(),
        hold: None,
        draft: None,
        created_at: now,
        answers: None,
        require_tls: false,
    };
    store.submit(outgoing).await?;
    Ok(())
}
