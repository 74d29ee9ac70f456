//! Reaching one of several addresses of a host (RFC 8305): pure but for the clock and the dialer that is handed in.
//!
//! The families take turns, beginning with that of the first address. An address that has not answered after
//! [`HEAD_START`] is given a rival, and one that failed is followed at once. The first connection wins, and the others
//! are broken off without a word; why they failed matters only if all did.

use std::collections::VecDeque;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// How long an address is waited for before the next one is tried beside it (RFC 8305 §5).
pub const HEAD_START: Duration = Duration::from_millis(250);

/// The addresses in the order in which they are tried: the families by turns (RFC 8305 §4), within each as they came.
pub fn by_turns(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let is_first_family = |address: &SocketAddr| addresses.first().is_some_and(|first| same_family(first, address));
    let (first, second): (Vec<SocketAddr>, Vec<SocketAddr>) = addresses.iter().partition(|one| is_first_family(one));
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut ordered = Vec::with_capacity(addresses.len());
    while ordered.len() < addresses.len() {
        ordered.extend(first.next());
        ordered.extend(second.next());
    }
    ordered
}

/// Whether two addresses are both IPv6 or both IPv4.
pub fn same_family(a: &SocketAddr, b: &SocketAddr) -> bool {
    a.is_ipv6() == b.is_ipv6()
}

/// The first connection to any of the addresses, with the address that it leads to; or why each failed, in the order
/// in which they were tried.
pub(crate) async fn race<T, E, F>(
    addresses: &[SocketAddr],
    dial: impl Fn(SocketAddr) -> F,
) -> Result<(T, SocketAddr), Vec<(SocketAddr, E)>>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    let ordered = by_turns(addresses);
    let mut waiting: VecDeque<(usize, SocketAddr)> = ordered.iter().copied().enumerate().collect();
    let mut running = JoinSet::new();
    let mut faults: Vec<(usize, E)> = Vec::new();
    let mut next_start = Instant::now();
    loop {
        if Instant::now() >= next_start
            && let Some((place, address)) = waiting.pop_front()
        {
            let dialing = dial(address);
            running.spawn(async move { (place, address, dialing.await) });
            next_start = Instant::now() + HEAD_START;
        }
        tokio::select! {
            biased;
            ended = running.join_next() => match ended {
                Some(Ok((_, address, Ok(connection)))) => return Ok((connection, address)),
                Some(Ok((place, _, Err(fault)))) => {
                    faults.push((place, fault));
                    next_start = Instant::now();
                }
                // A dialer that broke down has reached nobody.
                Some(Err(_)) => next_start = Instant::now(),
                None if waiting.is_empty() => break,
                None => next_start = Instant::now(),
            },
            () = sleep_until(next_start), if !waiting.is_empty() => {}
        }
    }
    faults.sort_by_key(|(place, _)| *place);
    Err(faults.into_iter().filter_map(|(place, fault)| Some((*ordered.get(place)?, fault))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    const SIX: &str = "[2001:db8::1]:25";
    const SIX_TOO: &str = "[2001:db8::2]:25";
    const FOUR: &str = "192.0.2.1:25";
    const FOUR_TOO: &str = "192.0.2.2:25";

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// What an address does, and after how many milliseconds.
    #[derive(Clone, Copy)]
    enum Does {
        Connect(u64),
        Fail(u64),
        Nothing,
    }

    /// When each address was dialed, and when it was let go of without an end, in milliseconds.
    type Log = Arc<Mutex<Vec<(String, u64)>>>;

    struct LetGo(Log, String, Instant);

    impl Drop for LetGo {
        fn drop(&mut self) {
            self.0.lock().unwrap().push((format!("-{}", self.1), self.2.elapsed().as_millis() as u64));
        }
    }

    struct Raced {
        winner: Result<String, Vec<(String, &'static str)>>,
        took: u64,
        log: Vec<(String, u64)>,
    }

    async fn raced(course: &[(&'static str, Does)]) -> Raced {
        let began = Instant::now();
        let log = Log::default();
        let dial = |address: SocketAddr| {
            let does = course.iter().find(|(text, _)| *text == address.to_string()).unwrap().1;
            let log = log.clone();
            async move {
                log.lock().unwrap().push((address.to_string(), began.elapsed().as_millis() as u64));
                let let_go = LetGo(log, address.to_string(), began);
                let pause = |millis| tokio::time::sleep(Duration::from_millis(millis));
                let end = match does {
                    Does::Connect(after) => {
                        pause(after).await;
                        Ok(())
                    }
                    Does::Fail(after) => {
                        pause(after).await;
                        Err("no")
                    }
                    Does::Nothing => std::future::pending().await,
                };
                std::mem::forget(let_go);
                end
            }
        };
        let all: Vec<&str> = course.iter().map(|(text, _)| *text).collect();
        let winner = race(&addresses(&all), dial).await;
        let took = began.elapsed().as_millis() as u64;
        tokio::task::yield_now().await;
        let winner = winner.map(|((), address)| address.to_string());
        let winner = winner
            .map_err(|faults| faults.into_iter().map(|(address, fault)| (address.to_string(), fault)).collect());
        let log = log.lock().unwrap().clone();
        Raced { winner, took, log }
    }

    fn at(entries: &[(&str, u64)]) -> Vec<(String, u64)> {
        entries.iter().map(|(text, millis)| ((*text).to_owned(), *millis)).collect()
    }

    #[test]
    fn the_families_take_turns_and_the_first_one_begins() {
        let table: [(&[&str], &[&str]); 4] = [
            (&[SIX, SIX_TOO, FOUR, FOUR_TOO], &[SIX, FOUR, SIX_TOO, FOUR_TOO]),
            (&[FOUR, SIX, SIX_TOO], &[FOUR, SIX, SIX_TOO]),
            (&[FOUR, FOUR_TOO], &[FOUR, FOUR_TOO]),
            (&[], &[]),
        ];
        for (given, expected) in table {
            assert_eq!(by_turns(&addresses(given)), addresses(expected));
            assert_eq!(by_turns(&addresses(expected)), addresses(expected), "what is in order stays so");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_answers_at_once_has_no_rival() {
        let raced = raced(&[(SIX, Does::Connect(200)), (FOUR, Does::Connect(1))]).await;
        assert_eq!(raced.winner, Ok(SIX.to_owned()));
        assert_eq!(raced.log, at(&[(SIX, 0)]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_address_gets_a_rival_after_its_head_start_and_is_let_go() {
        let raced = raced(&[(SIX, Does::Nothing), (FOUR, Does::Connect(30))]).await;
        assert_eq!((raced.winner, raced.took), (Ok(FOUR.to_owned()), 280));
        assert_eq!(raced.log[..2], at(&[(SIX, 0), (FOUR, 250)]));
    }

    #[tokio::test(start_paused = true)]
    async fn the_slower_of_two_may_still_win_if_it_began_sooner() {
        let raced = raced(&[(SIX, Does::Connect(300)), (FOUR, Does::Connect(100))]).await;
        assert_eq!((raced.winner, raced.took), (Ok(SIX.to_owned()), 300));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_followed_by_the_next_address_at_once() {
        let raced = raced(&[(SIX, Does::Fail(0)), (SIX_TOO, Does::Connect(5)), (FOUR, Does::Fail(10))]).await;
        assert_eq!((raced.winner, raced.took), (Ok(SIX_TOO.to_owned()), 15));
        assert_eq!(raced.log, at(&[(SIX, 0), (FOUR, 0), (SIX_TOO, 10)]));
    }

    #[tokio::test(start_paused = true)]
    async fn if_all_fail_each_says_why_in_the_order_of_the_attempts() {
        let raced = raced(&[(SIX, Does::Fail(900)), (FOUR, Does::Fail(5)), (FOUR_TOO, Does::Fail(40))]).await;
        let no = |text: &str| (text.to_owned(), "no");
        assert_eq!((raced.winner, raced.took), (Err(vec![no(SIX), no(FOUR), no(FOUR_TOO)]), 900));
    }

    #[tokio::test(start_paused = true)]
    async fn without_an_address_nothing_is_dialed() {
        assert_eq!(raced(&[]).await.winner, Err(vec![]));
    }
}
