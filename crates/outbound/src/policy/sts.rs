//! The MTA-STS policy of a domain: the one that is kept, or a new one (RFC 8461 §3.3, §5.1).
//!
//! | kept | DNS announces | then |
//! |---|---|---|
//! | a policy that counts | the same id, nothing, or nobody can say | it is used; renewed beside that when it is a day old |
//! | a policy that counts | another id | a new one is fetched; if that fails, the kept one is used |
//! | none that counts | an id | it is fetched; if that fails, there is none |
//! | none that counts | nothing, or nobody can say | there is none |
//!
//! After a fetch that failed there is a pause before the next.

use super::Sts;
use super::look::{KeptBecause, StsFound, StsLook};
use crate::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use net::{Net, StsPolicy};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use store::{Store, StoredSts};
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

/// The pause after a fetch that failed (RFC 8461 §5.1 asks for five minutes).
const PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// The age at which a policy is renewed (RFC 8461 §10.2 advises once a day).
const STALE: SignedDuration = SignedDuration::from_hours(24);

/// What DNS announces.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Announced {
    Id(String),
    Nothing,
    /// Nobody can say.
    Unknown,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    None,
    Use,
    /// And renew it beside that, under this id.
    UseAndRenew(String),
    Fetch(String),
    /// It was tried in vain a moment ago.
    Wait,
}

fn step(kept: Option<&StoredSts>, announced: &Announced, now: Timestamp) -> Step {
    let counts = kept.filter(|kept| kept.is_valid(now));
    let tried_lately = kept.is_some_and(|kept| since(kept.tried_at, now) < PAUSE);
    match (counts, announced) {
        (Some(kept), Announced::Id(id)) if kept.id == *id => renew_or_use(kept, tried_lately, now),
        (Some(_), Announced::Id(_)) if tried_lately => Step::Use,
        (Some(kept), Announced::Nothing | Announced::Unknown) => renew_or_use(kept, tried_lately, now),
        (None, Announced::Id(_)) if tried_lately => Step::Wait,
        (_, Announced::Id(id)) => Step::Fetch(id.clone()),
        (None, Announced::Nothing | Announced::Unknown) => Step::None,
    }
}

/// One that is a day old, or has lived half its life, is renewed long before it runs out.
fn renew_or_use(kept: &StoredSts, tried_lately: bool, now: Timestamp) -> Step {
    let life = since(kept.fetched_at, kept.expires_at);
    let is_stale = since(kept.fetched_at, now) >= STALE.min(life / 2);
    if is_stale && !tried_lately { Step::UseAndRenew(kept.id.clone()) } else { Step::Use }
}

/// From one time to another; a clock that was set back makes everything new again.
fn since(from: Timestamp, to: Timestamp) -> SignedDuration {
    to.duration_since(from).max(SignedDuration::ZERO)
}

/// Turns at fetching, one at a time for a domain: of many letters to a new domain, one fetches its policy for all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns(Arc<Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>>);

impl Turns {
    async fn of(&self, domain: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            turns.get(domain).and_then(Weak::upgrade).unwrap_or_else(|| {
                let turn = Arc::default();
                turns.insert(domain.to_owned(), Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }
}

/// Where the policy of a domain is looked for.
#[derive(Clone, Debug)]
pub(super) struct Finder {
    pub store: Store,
    pub net: Net,
    pub clock: Clock,
    pub turns: Turns,
    pub domain: String,
}

impl Finder {
    /// The policy of the domain, from what is kept or from its host. What cannot be kept is used all the same.
    pub async fn find(&self) -> Sts {
        if !self.net.has_policies() || self.domain.starts_with('[') {
            return Sts::NotAsked;
        }
        let (kept, announced) = tokio::join!(self.kept(), announced(&self.net, &self.domain));
        match step(kept.as_ref(), &announced, self.clock.now()) {
            Step::None => Sts::Absent,
            Step::Wait => tried_in_vain(),
            Step::Use => read(kept.as_ref()),
            Step::UseAndRenew(_) => {
                let finder = self.clone();
                // Beside the letter, which does not wait for it.
                tokio::spawn(async move { finder.in_turn(&announced).await });
                read(kept.as_ref())
            }
            Step::Fetch(_) => self.in_turn(&announced).await,
        }
    }

    /// What was to be fetched is looked for again when it is its turn: whoever had the turn before may have brought it.
    async fn in_turn(&self, announced: &Announced) -> Sts {
        let _turn = self.turns.of(&self.domain).await;
        let kept = self.kept().await;
        match step(kept.as_ref(), announced, self.clock.now()) {
            Step::None => Sts::Absent,
            Step::Wait => tried_in_vain(),
            Step::Use => read(kept.as_ref()),
            Step::UseAndRenew(id) | Step::Fetch(id) => self.fetched(id, kept).await,
        }
    }

    /// What counts for a letter now, without a letter: what has to be fetched is fetched and not kept. Each question is given
    /// so long.
    pub async fn look(&self, patience: Duration) -> StsLook {
        if !self.net.has_policies() || self.domain.starts_with('[') {
            return StsLook::of(StsFound::NotTried);
        }
        let announced = timeout(patience, announced(&self.net, &self.domain));
        let (kept, announced) = tokio::join!(self.kept(), announced);
        let announced = announced.unwrap_or(Announced::Unknown);
        let now = self.clock.now();
        let counts = kept.as_ref().filter(|kept| kept.is_valid(now));
        match step(kept.as_ref(), &announced, now) {
            Step::None if announced == Announced::Unknown => StsLook::of(StsFound::NotAnswered),
            Step::None => StsLook::of(StsFound::None),
            Step::Wait => StsLook::of(StsFound::Failed(IN_VAIN.to_owned())),
            Step::Use | Step::UseAndRenew(_) => StsLook::kept(counts, kept_because(counts, announced)),
            Step::Fetch(_) => match timeout(patience, self.had()).await {
                Ok(Ok((policy, _))) => StsLook::of(StsFound::Policy(policy)),
                failed => {
                    let why = failed.map_or_else(|_| "there was no answer in time".to_owned(), failure);
                    match counts {
                        Some(_) => StsLook::kept(counts, KeptBecause::NotFetched(why)),
                        None => StsLook::of(StsFound::Failed(why)),
                    }
                }
            },
        }
    }

    async fn fetched(&self, id: String, kept: Option<StoredSts>) -> Sts {
        let counts = kept.clone().filter(|kept| kept.is_valid(self.clock.now()));
        match (self.fetch(id, kept).await, counts) {
            (Ok(policy), _) => Sts::Policy(policy),
            (Err(_), Some(kept)) => read(Some(&kept)),
            (Err(why), None) => Sts::Failed(why),
        }
    }

    /// Fetches the policy and keeps it. Also that it was tried in vain is kept, beside what there was before.
    async fn fetch(&self, id: String, before: Option<StoredSts>) -> Result<StsPolicy, String> {
        let fetched = self.had().await;
        let now = self.clock.now();
        let (kept, result) = match fetched {
            Ok((policy, text)) => (fresh(id, text, &policy, now), Ok(policy)),
            Err(why) => {
                tracing::info!(self.domain, why, "an MTA-STS policy could not be had");
                let before = before.unwrap_or_else(|| StoredSts::tried(&id, now));
                (StoredSts { tried_at: now, ..before }, Err(why))
            }
        };
        self.keep(kept).await;
        result
    }

    /// The policy as its host has it now, with its text.
    async fn had(&self) -> Result<(StsPolicy, String), String> {
        let text = self.net.fetch_sts_policy(&self.domain).await.map_err(|error| error.to_string())?;
        StsPolicy::parse(&text).map(|policy| (policy, text)).map_err(|error| error.to_string())
    }

    async fn kept(&self) -> Option<StoredSts> {
        self.store.sts_policy(&self.domain).await.unwrap_or_else(|error| {
            tracing::warn!(%error, self.domain, "the kept policy cannot be read");
            None
        })
    }

    async fn keep(&self, kept: StoredSts) {
        if let Err(error) = self.store.keep_sts_policy(&self.domain, kept).await {
            tracing::warn!(%error, self.domain, "a policy cannot be kept");
        }
    }
}

/// What is said in the pause.
const IN_VAIN: &str = "it was tried in vain a few minutes ago";

fn tried_in_vain() -> Sts {
    Sts::Failed(IN_VAIN.to_owned())
}

fn failure<T>(had: Result<T, String>) -> String {
    had.err().unwrap_or_default()
}

fn kept_because(kept: Option<&StoredSts>, announced: Announced) -> KeptBecause {
    match announced {
        Announced::Id(id) if kept.is_some_and(|kept| kept.id == id) => KeptBecause::Current,
        Announced::Id(_) => KeptBecause::NotFetched(IN_VAIN.to_owned()),
        Announced::Nothing => KeptBecause::NotAnnounced,
        Announced::Unknown => KeptBecause::NotAnswered,
    }
}

async fn announced(net: &Net, domain: &str) -> Announced {
    match net.sts_record(domain).await {
        Ok(Some(id)) => Announced::Id(id),
        Ok(None) => Announced::Nothing,
        Err(_) => Announced::Unknown,
    }
}

fn read(kept: Option<&StoredSts>) -> Sts {
    match kept.map(|kept| StsPolicy::parse(&kept.policy)) {
        Some(Ok(policy)) => Sts::Policy(policy),
        Some(Err(error)) => Sts::Failed(error.to_string()),
        None => Sts::Absent,
    }
}

fn fresh(id: String, policy: String, read: &StsPolicy, now: Timestamp) -> StoredSts {
    let life = SignedDuration::try_from(read.max_age).unwrap_or(SignedDuration::ZERO);
    let expires_at = now.checked_add(life).unwrap_or(Timestamp::MAX);
    // A fetch that came to something is no reason for a pause: the id may change at once.
    StoredSts { id, policy, fetched_at: now, expires_at, tried_at: Timestamp::MIN.max(now - PAUSE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).expect("a time")
    }

    /// Fetched at 0, good for so many minutes, tried last at.
    fn kept(life: i64, tried: i64) -> Option<StoredSts> {
        Some(StoredSts {
            id: "1".into(),
            policy: "version: STSv1\n".into(),
            fetched_at: at(0),
            expires_at: at(life),
            tried_at: at(tried),
        })
    }

    #[test]
    fn what_is_kept_counts_until_it_runs_out() {
        let id = |id: &str| Announced::Id(id.into());
        let fetch = |id: &str| Step::Fetch(id.into());
        let renew = || Step::UseAndRenew("1".into());
        let week = 7 * 24 * 60;
        let day = 24 * 60;
        let never_had = |tried: i64| Some(StoredSts::tried("1", at(tried)));
        let table = [
            (None, id("1"), 0, fetch("1")),
            (None, Announced::Nothing, 0, Step::None),
            (None, Announced::Unknown, 0, Step::None),
            (kept(week, -5), id("1"), 1, Step::Use),
            (kept(week, -5), id("2"), 1, fetch("2")),
            (kept(week, -5), Announced::Nothing, 1, Step::Use),
            (kept(week, -5), Announced::Unknown, 1, Step::Use),
            (kept(week, -5), id("1"), day - 1, Step::Use),
            (kept(week, -5), id("1"), day, renew()),
            (kept(week, -5), Announced::Nothing, day, renew()),
            (kept(week, day), id("1"), day + 4, Step::Use),
            (kept(week, day), id("1"), day + 5, renew()),
            (kept(week, day), id("2"), day + 4, Step::Use),
            (kept(60, -5), id("1"), 30, renew()),
            (kept(60, -5), id("1"), 60, fetch("1")),
            (kept(60, -5), Announced::Nothing, 60, Step::None),
            (kept(60, 58), id("1"), 60, Step::Wait),
            (never_had(0), id("1"), 4, Step::Wait),
            (never_had(0), id("1"), 5, fetch("1")),
            (never_had(0), Announced::Nothing, 5, Step::None),
        ];
        for (kept, announced, now, expected) in table {
            assert_eq!(step(kept.as_ref(), &announced, at(now)), expected, "{kept:?} {announced:?} {now}");
        }
    }
}
