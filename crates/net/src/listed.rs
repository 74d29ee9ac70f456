//! What a list of addresses in DNS (RFC 5782) answers about an address of ours.
//!
//! Whoever keeps such a list wants to be asked rarely, and learns each time that somebody is interested in this address. So
//! an answer is kept for a day or until the network is another one, and letters that want to know at once ask together.

use crate::reverse::PATIENCE;
use model::DnsFault;
use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it is taken for granted that a failed lookup would fail again.
const KEPT_WITHOUT_ANSWER: Duration = Duration::from_secs(5 * 60);
/// Addresses that answers are kept for; a computer has few, but IPv6 changes them daily.
const MOST_KEPT: usize = 64;

/// What a list says: its answers, none where the address is not on it.
type Answer = Result<Vec<Ipv4Addr>, DnsFault>;
/// Held while it is asked: who comes meanwhile waits for the same answer.
type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

#[derive(Debug, Default)]
pub(crate) struct Listings(Mutex<HashMap<(String, IpAddr), Slot>>);

#[derive(Debug)]
struct Kept {
    answer: Answer,
    network: u64,
    until: Instant,
}

impl Listings {
    /// The answer that is kept for an address in this network, or else what `look_up` finds in time.
    pub(crate) async fn get(
        &self,
        list: &str,
        ip: IpAddr,
        network: u64,
        look_up: impl Future<Output = Answer>,
    ) -> Answer {
        let slot = self.slot(list, ip);
        let mut slot = slot.lock().await;
        if let Some(kept) = slot.as_ref().filter(|kept| kept.network == network && Instant::now() < kept.until) {
            return kept.answer.clone();
        }
        let answer =
            timeout(PATIENCE, look_up).await.unwrap_or_else(|_| Err(DnsFault::ServerFailure(list.to_owned())));
        let kept = if answer.is_ok() { KEPT } else { KEPT_WITHOUT_ANSWER };
        *slot = Some(Kept { answer: answer.clone(), network, until: Instant::now() + kept });
        answer
    }

    fn slot(&self, list: &str, ip: IpAddr) -> Slot {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (list.to_owned(), ip);
        if all.len() >= MOST_KEPT && !all.contains_key(&key) {
            all.clear();
        }
        all.entry(key).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const LISTED: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 10);

    /// A list that counts how often it is asked.
    #[derive(Default)]
    struct List(AtomicUsize);

    impl List {
        async fn says(&self, answer: Answer) -> Answer {
            self.0.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            answer
        }

        fn asked(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    fn ip() -> IpAddr {
        IpAddr::from([192, 0, 2, 7])
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_is_asked_once_a_day_and_again_in_another_network() {
        let (listings, list) = (Listings::default(), List::default());
        let ask = async |network, answer| listings.get("list.test", ip(), network, list.says(answer)).await;
        assert_eq!(ask(0, Ok(vec![LISTED])).await, Ok(vec![LISTED]));
        assert_eq!(ask(0, Ok(vec![])).await, Ok(vec![LISTED]), "it is kept");
        assert_eq!(ask(1, Ok(vec![])).await, Ok(vec![]), "another network");
        tokio::time::advance(KEPT).await;
        assert_eq!(ask(1, Ok(vec![LISTED])).await, Ok(vec![LISTED]), "another day");
        assert_eq!(list.asked(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_kept_for_minutes_only() {
        let (listings, list) = (Listings::default(), List::default());
        let failed = || Err(DnsFault::ServerFailure("list.test".into()));
        let ask = async |answer| listings.get("list.test", ip(), 0, list.says(answer)).await;
        assert_eq!(ask(failed()).await, failed());
        assert_eq!(ask(Ok(vec![])).await, failed());
        tokio::time::advance(KEPT_WITHOUT_ANSWER).await;
        assert_eq!(ask(Ok(vec![])).await, Ok(vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn who_wants_to_know_at_once_asks_together() {
        let (listings, list) = (Listings::default(), List::default());
        let ask = || listings.get("list.test", ip(), 0, list.says(Ok(vec![])));
        assert_eq!(tokio::join!(ask(), ask(), ask()), (Ok(vec![]), Ok(vec![]), Ok(vec![])));
        assert_eq!(list.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_not_waited_for_long() {
        let began = Instant::now();
        let answer = Listings::default().get("list.test", ip(), 0, std::future::pending()).await;
        assert_eq!((answer.is_err(), began.elapsed()), (true, PATIENCE));
    }
}
