//! The lanes, one for each destination: letters wait here until the destination has room for them, so that none is
//! sent more at a time than it takes well, and a dead one holds up nobody but its own.
//!
//! A destination is the hosts that take the mail, or a smart host. Whoever waits behind a letter that found nobody is
//! turned away with that letter's finding: to dial the same silence again would take as long and say no more.

use crate::pace::Pace;
use jiff::Timestamp;
use model::TlsPolicy;
use smtp::Ended;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Lanes that are remembered while nobody is in them.
const REMEMBERED: usize = 1000;

/// All lanes.
#[derive(Clone, Default)]
pub(crate) struct Lanes(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lanes: HashMap<Arc<str>, Lane>,
    closed: bool,
}

/// Somebody's turn, when it comes.
type Turn = oneshot::Sender<Result<Pass, Turned>>;

#[derive(Default)]
struct Lane {
    pace: Pace,
    busy: usize,
    waiting: VecDeque<Turn>,
    /// Why it rests.
    why: Option<Finding>,
}

/// What another letter came to at this destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub host: String,
    pub ended: Ended,
    /// The rule that the encryption had to obey.
    pub tls_policy: Option<TlsPolicy>,
}

/// Why a letter may not go now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    /// It is left alone for a while: it said that it was too much.
    Resting { until: Timestamp, finding: Finding },
    /// Nobody was there a moment ago.
    NobodyThere(Finding),
    /// The runner is about to stop: nothing is wrong, and nothing was begun.
    Closing,
}

/// The right to be with a destination; given back when it is dropped.
pub(crate) struct Pass {
    lanes: Lanes,
    lane: Arc<str>,
}

impl Lanes {
    /// Lets nobody in any more, and turns away who waits; who is in comes to an end.
    pub fn close(&self) {
        let waiting: Vec<_> = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.closed = true;
            state.lanes.values_mut().flat_map(|lane| std::mem::take(&mut lane.waiting)).collect()
        };
        turn_away(waiting, &Turned::Closing);
    }

    /// The opposite.
    pub fn open(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).closed = false;
    }

    /// Waits until there is room. A letter that the user ordered to go now goes to a destination that rests, too.
    pub async fn enter(&self, destination: &str, ordered: bool, now: Timestamp) -> Result<Pass, Turned> {
        let (turn, my_turn) = oneshot::channel();
        let ready = self.with(destination, |name, lane, closed| {
            if closed {
                return Err(Turned::Closing);
            }
            if let (false, Some(until), Some(finding)) = (ordered, lane.pace.rests(now), &lane.why) {
                return Err(Turned::Resting { until, finding: finding.clone() });
            }
            lane.waiting.push_back(turn);
            Ok(self.admit(name, lane))
        })?;
        deliver(ready);
        // The lane lives as long as somebody waits in it; if it broke all the same, to go is no mistake.
        match my_turn.await {
            Ok(turn) => turn,
            Err(_) => Ok(Pass { lanes: self.clone(), lane: destination.into() }),
        }
    }

    fn with<T>(&self, name: &str, act: impl FnOnce(&Arc<str>, &mut Lane, bool) -> T) -> T {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let State { lanes, closed } = &mut *state;
        if lanes.len() >= REMEMBERED {
            lanes.retain(|known, lane| {
                lane.busy > 0 || !lane.waiting.is_empty() || lane.why.is_some() || **known == *name
            });
        }
        let name: Arc<str> = lanes.get_key_value(name).map_or_else(|| name.into(), |(name, _)| name.clone());
        let lane = lanes.entry(name.clone()).or_default();
        act(&name, lane, *closed)
    }

    /// Those who may go now. They are told when the lock is free again: a pass that nobody takes comes back through it.
    fn admit(&self, name: &Arc<str>, lane: &mut Lane) -> Vec<(Turn, Pass)> {
        let mut ready = Vec::new();
        while lane.busy < lane.pace.at_a_time() {
            let Some(turn) = lane.waiting.pop_front() else { break };
            lane.busy += 1;
            ready.push((turn, Pass { lanes: self.clone(), lane: name.clone() }));
        }
        ready
    }
}

/// Who no longer waits gives the pass back by dropping it.
fn deliver(ready: Vec<(Turn, Pass)>) {
    for (turn, pass) in ready {
        let _ = turn.send(Ok(pass));
    }
}

impl Pass {
    pub fn went_well(&self) {
        deliver(self.lanes.with(&self.lane, |name, lane, _| {
            lane.pace.went_well();
            lane.why = None;
            self.lanes.admit(name, lane)
        }));
    }

    /// The destination said that it was too much. `rest` says until when it is left alone, from how often in a row it has
    /// said so before.
    pub fn pushed_back(&self, now: Timestamp, rest: impl FnOnce(u32) -> Option<Timestamp>, finding: Finding) {
        let turned = self.lanes.with(&self.lane, |_, lane, _| {
            let until = rest(lane.pace.too_much());
            lane.pace.pushed_back(now, until);
            let resting = lane.pace.rests(now)?;
            lane.why = Some(finding.clone());
            Some((std::mem::take(&mut lane.waiting), Turned::Resting { until: resting, finding }))
        });
        if let Some((waiting, turned)) = turned {
            turn_away(waiting, &turned);
        }
    }

    /// Nobody was there.
    pub fn nobody_there(&self, finding: Finding) {
        let waiting = self.lanes.with(&self.lane, |_, lane, _| {
            lane.pace.silent();
            std::mem::take(&mut lane.waiting)
        });
        turn_away(waiting, &Turned::NobodyThere(finding));
    }
}

fn turn_away(waiting: impl IntoIterator<Item = Turn>, turned: &Turned) {
    for turn in waiting {
        let _ = turn.send(Err(turned.clone()));
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let ready = self.lanes.with(&self.lane, |name, lane, _| {
            lane.busy = lane.busy.saturating_sub(1);
            self.lanes.admit(name, lane)
        });
        deliver(ready);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use model::{Fault, Phase, Reply};

    fn now() -> Timestamp {
        "2026-11-21T14:00:00Z".parse().unwrap()
    }

    fn later() -> Timestamp {
        "2026-11-21T14:10:00Z".parse().unwrap()
    }

    fn silence() -> Finding {
        let ended = Ended { phase: Phase::Connect, outcome: Fault::ConnectTimeout("mx.test".into()).into() };
        Finding { host: "mx.test".into(), ended, tls_policy: None }
    }

    fn too_much() -> Finding {
        let ended = Ended { phase: Phase::Mail, outcome: Reply::new(421, None, "4.7.0 too much").into() };
        Finding { host: "mx.test".into(), ended, tls_policy: None }
    }

    #[tokio::test]
    async fn two_go_at_first_and_the_third_when_one_is_done() {
        let lanes = Lanes::default();
        let one = lanes.enter("a", false, now()).await.ok().unwrap();
        let _two = lanes.enter("a", false, now()).await.ok().unwrap();
        let mut third = std::pin::pin!(lanes.enter("a", false, now()));
        assert!(third.as_mut().now_or_never().is_none());
        assert!(lanes.enter("b", false, now()).now_or_never().is_some(), "another lane is free");
        drop(one);
        assert!(third.now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_pass_that_nobody_waits_for_any_more_goes_to_the_next() {
        let lanes = Lanes::default();
        let one = lanes.enter("a", false, now()).await.ok().unwrap();
        let _two = lanes.enter("a", false, now()).await.ok().unwrap();
        {
            let mut gone = std::pin::pin!(lanes.enter("a", false, now()));
            assert!(gone.as_mut().now_or_never().is_none());
            drop(one);
        }
        assert!(lanes.enter("a", false, now()).now_or_never().is_some());
    }

    #[tokio::test]
    async fn whoever_waits_behind_silence_is_turned_away_with_its_finding() {
        let lanes = Lanes::default();
        let one = lanes.enter("a", false, now()).await.ok().unwrap();
        let two = lanes.enter("a", false, now()).await.ok().unwrap();
        let mut third = std::pin::pin!(lanes.enter("a", false, now()));
        assert!(third.as_mut().now_or_never().is_none());
        one.nobody_there(silence());
        let turned = third.now_or_never().unwrap().err();
        assert_eq!(turned, Some(Turned::NobodyThere(silence())));
        drop((one, two));
        let _probe = lanes.enter("a", false, now()).await.ok().unwrap();
        assert!(
            lanes.enter("a", false, now()).now_or_never().is_none(),
            "one at a time asks whether somebody is there"
        );
    }

    #[tokio::test]
    async fn when_it_closes_who_waits_goes_back_and_who_is_in_comes_to_an_end() {
        let lanes = Lanes::default();
        let one = lanes.enter("a", false, now()).await.ok().unwrap();
        let _two = lanes.enter("a", false, now()).await.ok().unwrap();
        let mut third = std::pin::pin!(lanes.enter("a", false, now()));
        assert!(third.as_mut().now_or_never().is_none());
        lanes.close();
        assert_eq!(third.now_or_never().unwrap().err(), Some(Turned::Closing));
        one.went_well();
        assert_eq!(lanes.enter("b", false, now()).await.err(), Some(Turned::Closing));
        lanes.open();
        assert!(lanes.enter("b", false, now()).await.is_ok());
    }

    #[tokio::test]
    async fn a_destination_that_rests_is_left_alone_but_for_what_the_user_orders() {
        let lanes = Lanes::default();
        let pass = lanes.enter("a", false, now()).await.ok().unwrap();
        pass.pushed_back(now(), |before| (before == 0).then(later), too_much());
        drop(pass);
        let turned = lanes.enter("a", false, now()).await.err();
        assert_eq!(turned, Some(Turned::Resting { until: later(), finding: too_much() }));
        assert!(lanes.enter("a", true, now()).await.is_ok());
        assert!(lanes.enter("a", false, later()).await.is_ok(), "the rest is over");
    }
}
