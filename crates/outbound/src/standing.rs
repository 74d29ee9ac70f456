//! How this network looks to hosts that are reached direct, found out for `advisor::judge`.
//!
//! Asked are the configured name servers, for the name of each address that mail would leave from, and for the block list
//! where all else is in order. `net` keeps the answers, so the letters that follow cost nothing. No letter waits longer than
//! [`PATIENCE`]: what comes later is there for the next one.
//!
//! Which address is used is known where there is one alone, or where the destination was spoken to before in one family.
//! Otherwise each has to be good.

use advisor::{BLOCK_LIST, Judgement, Listing, ReverseName, Source, Standing, judge};
use futures::future::join_all;
use net::{Net, is_public};
use std::net::IpAddr;
use std::time::Duration;
use store::Family;

/// How long a letter waits for all lookups together.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known without a look: whether the hosts are on this computer, and play nothing else.
pub(crate) fn at_first_sight(net: &Net) -> Standing {
    let config = net.config();
    if config.is_here() && config.seen_as.is_none() { Standing::Loopback } else { Standing::Unproven }
}

/// How this network looks now to a destination that was last spoken to in this family.
pub(crate) async fn standing(net: &Net, family: Option<Family>) -> Standing {
    if at_first_sight(net) == Standing::Loopback {
        return Standing::Loopback;
    }
    let sources = if net.is_online() { used(net.source_addresses(), family) } else { Vec::new() };
    let net_is_here = net.config().is_here();
    let net = net.clone();
    let looking = tokio::spawn(async move { join_all(sources.into_iter().map(|ip| look(&net, ip))).await });
    match tokio::time::timeout(PATIENCE, looking).await {
        Ok(Ok(verdicts)) => match Standing::of(verdicts) {
            // What the practice world plays counts only where it plays that something is wrong.
            Standing::Good if net_is_here => Standing::Loopback,
            standing => standing,
        },
        _ => Standing::Unproven,
    }
}

/// Those of our addresses that a destination will see.
fn used(ours: Vec<IpAddr>, family: Option<Family>) -> Vec<IpAddr> {
    let of_family = |ip: &&IpAddr| family == Some(Family::of(**ip));
    match ours.iter().find(of_family) {
        Some(ip) => vec![*ip],
        None => ours,
    }
}

/// The verdict on an address; `None` where it is not found out.
async fn look(net: &Net, ip: IpAddr) -> Option<Result<(), advisor::Against>> {
    let mut source = Source { ip, public: is_public(ip), name: ReverseName::NotAsked, listing: Listing::NotAsked };
    loop {
        match judge(&source) {
            Judgement::Settled(verdict) => return Some(verdict),
            Judgement::NotFoundOut => return None,
            Judgement::AskName => {
                source.name = match net.confirmed_name(ip).await {
                    Ok(Some(name)) => ReverseName::Confirmed(name),
                    Ok(None) => ReverseName::None,
                    Err(_) => ReverseName::Unknown,
                };
            }
            Judgement::AskList => {
                let answers = net.on_list(BLOCK_LIST, ip).await;
                source.listing = answers.map_or(Listing::Unknown, |answers| Listing::read(&answers));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use net::NetConfig;

    #[test]
    fn the_family_that_was_spoken_is_the_one_that_counts() {
        let (six, four): (IpAddr, IpAddr) = ("2001:db8::1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        let table = [
            (vec![six, four], None, vec![six, four]),
            (vec![six, four], Some(Family::of(four)), vec![four]),
            (vec![six, four], Some(Family::of(six)), vec![six]),
            (vec![four], Some(Family::of(six)), vec![four]),
            (vec![], Some(Family::of(six)), vec![]),
        ];
        for (ours, family, expected) in table {
            assert_eq!(used(ours.clone(), family), expected, "{ours:?} {family:?}");
        }
    }

    #[tokio::test]
    async fn a_world_on_this_computer_asks_nobody_how_we_look() {
        for (smtp_port, expected) in [(9, true), (25, false)] {
            let config = NetConfig { dns: vec![([127, 0, 0, 1], 9).into()], smtp_port, ..NetConfig::default() };
            let net = Net::new(config).unwrap();
            assert_eq!(at_first_sight(&net) == Standing::Loopback, expected, "{smtp_port}");
        }
    }
}
