//! One round: letters go in, letters come out, and the clock is read in between.

use crate::memory::Growth;
use crate::sink::Sink;
use anyhow::{Context, Result, ensure};
use std::time::{Duration, Instant};

/// How often a queue is looked at when the last letter is out.
const LOOK: Duration = Duration::from_millis(2);
/// How long a queue may stay when the last letter is out.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail system with a queue on disk.
pub trait MailSystem {
    /// Hands so many letters in, several at a time, and returns when all of them have been accepted.
    async fn hand_in(&self, letters: u32) -> Result<()>;
    /// Whether nothing is left to be done.
    async fn is_idle(&self) -> Result<bool>;
    /// Ends it, and its connections.
    async fn stop(self) -> Result<()>;
}

/// How a round is ridden.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    /// Letters that are timed.
    pub letters: u32,
    /// Letters that are sent first and not timed.
    pub warm_up: u32,
    /// How many hand letters in at the same time.
    pub sessions: u32,
}

/// What came of a round.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// From the first letter handed in until the last was accepted.
    pub accepted: Duration,
    /// From the first letter handed in until the last was out and the queue empty.
    pub delivered: Duration,
    /// Letters that went over one connection, on the average of the round.
    pub to_a_connection: f64,
    /// Octets of memory that this process took more than before, at most.
    pub grown: u64,
}

/// Sends the letters, and ends the system. It is an error when the sink does not count as many as were sent.
pub async fn ride(system: impl MailSystem, sink: &mut Sink, ways: Ways) -> Result<Round> {
    let Ways { letters, warm_up, .. } = ways;
    system.hand_in(warm_up).await?;
    all_out(&system, sink, warm_up).await?;
    let before = sink.counts().letters;
    let growth = Growth::since_now()?;
    let start = Instant::now();
    system.hand_in(letters).await?;
    let accepted = start.elapsed();
    all_out(&system, sink, before + letters).await?;
    let delivered = start.elapsed();
    let grown = growth.octets()?;
    system.stop().await?;
    let counts = sink.counts();
    let arrived = counts.letters - before;
    ensure!(arrived == letters, "{letters} letters were sent, and {arrived} arrived");
    let to_a_connection = f64::from(counts.letters) / f64::from(counts.connections.max(1));
    Ok(Round { accepted, delivered, to_a_connection, grown })
}

async fn all_out(system: &impl MailSystem, sink: &mut Sink, letters: u32) -> Result<()> {
    sink.wait_for(letters).await?;
    let idle = async {
        while !system.is_idle().await? {
            tokio::time::sleep(LOOK).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, idle).await.context("every letter arrived, but the queue does not become empty")?
}
