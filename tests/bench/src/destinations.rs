//! Many destinations, direct, and how long their letters take, with and without one among them that does not answer.

use crate::letter::Letter;
use crate::postrider::Postrider;
use crate::town::{DeadHost, Town};
use anyhow::Result;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

/// Letters to each destination.
pub const LETTERS: u32 = 10;

/// Whether one destination more is written to, of which nothing is ever heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dead {
    None,
    One,
}

/// Sends letters to so many destinations, and returns how long it took until all that can arrive had arrived.
pub async fn time(directory: &Path, alive: u8, dead: Dead) -> Result<Duration> {
    let mut town = Town::open(alive).await?;
    let mut hosts = town.hosts();
    let dead = match dead {
        Dead::One => Some(DeadHost::open(town.port()).await?),
        Dead::None => None,
    };
    // It comes first, so that all the others are behind it.
    hosts.splice(0..0, dead.iter().map(DeadHost::host));
    let system = Postrider::direct(directory, &Letter::small(), town.port()).await?;
    let recipients = (0..LETTERS).flat_map(|number| hosts.iter().map(move |host| recipient(number, *host)));
    let recipients: Vec<String> = recipients.collect();
    let start = Instant::now();
    system.hand_in_to(recipients).await?;
    town.wait_for(u32::from(alive) * LETTERS).await?;
    let took = start.elapsed();
    system.abandon();
    Ok(took)
}

fn recipient(number: u32, host: Ipv4Addr) -> String {
    format!("reader{number}@[{host}]")
}
