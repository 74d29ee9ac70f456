//! What is asked of DNS while somebody writes: little by little, the newest recipients first, and nothing twice.
//!
//! The desk holds which domains are wanted now and what is known of each. [`State::next`] says what to ask next, purely; a
//! single worker asks, and ends when there is nothing left. What always holds:
//!
//! - Questions begin [`PACE`] apart, and further apart where one costs several, whatever is wanted: some four a second.
//! - First it is asked of every domain whether it takes mail, then what else there is to know.
//! - At most [`HANDS`] questions are open at a time.
//! - What is no longer wanted is not asked.
//!
//! | answer | kept for |
//! |---|---|
//! | hosts, addresses | ten minutes |
//! | what a domain demands | an hour |
//! | that there are none | two minutes: somebody may be mending it |
//! | none | twenty seconds |
//!
//! That is well below what most domains say of their records, and a letter asks again in any case.

use advisor::checks::identity::TakesMail;
use advisor::mark::Encrypts;
use advisor::spelling::{self, Meant};
use futures::future::BoxFuture;
use model::AccountId;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The time between the beginnings of two questions.
pub(super) const PACE: Duration = Duration::from_millis(250);
/// Questions that are open at a time.
const HANDS: usize = 4;
/// Domains that are remembered; when there are more, it begins anew.
const KEPT: usize = 1024;

/// A world, by its practice account, and the network in it, as it is counted.
pub(super) type World = (Option<AccountId>, u64);

/// A domain in a world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub world: World,
    pub domain: String,
}

/// How much of a domain is to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Nothing,
    /// Who takes its mail.
    Hosts,
    /// And what it demands of whoever brings some.
    HostsAndDemands,
}

/// A domain that somebody writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub place: Place,
    pub need: Need,
}

/// A question, in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Step {
    /// Who takes the mail.
    Hosts,
    /// Whether the first of them has an address.
    Address,
    /// Whether a policy that is kept demands encryption (MTA-STS).
    Policy,
    /// Whether signed DNS does (DANE).
    Proof,
}

const STEPS: [Step; 4] = [Step::Hosts, Step::Address, Step::Policy, Step::Proof];

impl Step {
    /// How many questions it comes to, as a rule.
    fn cost(self) -> u32 {
        match self {
            Self::Hosts | Self::Policy => 1,
            Self::Address => 2,
            Self::Proof => 3,
        }
    }
}

/// Something to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Task {
    pub place: Place,
    pub step: Step,
    /// The host that is asked about first; `None` before it is known.
    pub host: Option<String>,
}

/// What came of it; `None` where nobody could say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Hosts(Option<TakesMail>),
    Address(Option<bool>),
    Demand(Option<bool>),
}

/// An answer, and until when it counts.
type Kept<T> = Option<(T, Instant)>;

/// What is known of a domain.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    hosts: Kept<Option<TakesMail>>,
    address: Kept<Option<bool>>,
    policy: Kept<Option<bool>>,
    proof: Kept<Option<bool>>,
    /// The better known domain that it is like.
    pub meant: Option<Meant>,
    /// Among how many that was looked for.
    compared_with: Option<usize>,
}

impl Seen {
    pub fn takes(&self) -> Option<TakesMail> {
        self.hosts.as_ref().and_then(|(takes, _)| takes.clone())
    }

    pub fn has_address(&self) -> Option<bool> {
        self.address.as_ref().and_then(|(has, _)| *has)
    }

    /// The encryption that the domain demands.
    pub fn demands(&self) -> Option<Encrypts> {
        let is = |kept: &Kept<Option<bool>>| matches!(kept, Some((Some(true), _)));
        let by_dns = is(&self.proof).then_some(Encrypts::DemandedByDns);
        by_dns.or_else(|| is(&self.policy).then_some(Encrypts::DemandedByPolicy))
    }

    fn until(&self, step: Step) -> Option<Instant> {
        match step {
            Step::Hosts => self.hosts.as_ref().map(|(_, until)| *until),
            Step::Address => self.address.map(|(_, until)| until),
            Step::Policy => self.policy.map(|(_, until)| until),
            Step::Proof => self.proof.map(|(_, until)| until),
        }
    }

    fn note(&mut self, step: Step, answer: Answer, now: Instant) {
        let until = now + kept_for(&answer);
        match (step, answer) {
            (Step::Hosts, Answer::Hosts(takes)) => self.hosts = Some((takes, until)),
            (Step::Address, Answer::Address(has)) => self.address = Some((has, until)),
            (Step::Policy, Answer::Demand(demands)) => self.policy = Some((demands, until)),
            (Step::Proof, Answer::Demand(demands)) => self.proof = Some((demands, until)),
            _ => {}
        }
    }

    /// The host that a letter would go to first.
    fn host(&self, domain: &str) -> Option<String> {
        match self.takes()? {
            TakesMail::Hosts(hosts) => hosts.first().cloned(),
            TakesMail::Implicit => Some(domain.to_owned()),
            _ => None,
        }
    }
}

fn kept_for(answer: &Answer) -> Duration {
    let seconds = match answer {
        Answer::Hosts(None | Some(TakesMail::NotAnswered)) | Answer::Address(None) | Answer::Demand(None) => 20,
        Answer::Hosts(Some(TakesMail::Hosts(_) | TakesMail::Implicit)) | Answer::Address(Some(true)) => 600,
        Answer::Hosts(Some(_)) | Answer::Address(Some(false)) => 120,
        Answer::Demand(Some(_)) => 3600,
    };
    Duration::from_secs(seconds)
}

/// The first thing that is still to be asked of a domain.
pub(super) fn lacks(need: Need, seen: &Seen, now: Instant) -> Option<Step> {
    let is_due = |step: &Step| seen.until(*step).is_none_or(|until| until <= now);
    STEPS.into_iter().filter(|step| is_wanted(*step, need, seen)).find(is_due)
}

/// Whether a question makes sense by what is known: nobody asks what a domain demands that takes no mail.
fn is_wanted(step: Step, need: Need, seen: &Seen) -> bool {
    let takes_mail = matches!(seen.takes(), Some(TakesMail::Hosts(_) | TakesMail::Implicit));
    match (step, need) {
        (_, Need::Nothing) => false,
        (Step::Hosts, _) => true,
        (Step::Address, _) => takes_mail,
        (Step::Policy | Step::Proof, Need::Hosts) => false,
        (Step::Policy, Need::HostsAndDemands) => takes_mail && seen.has_address() != Some(false),
        (Step::Proof, Need::HostsAndDemands) => {
            takes_mail && seen.has_address() != Some(false) && seen.demands() != Some(Encrypts::DemandedByPolicy)
        }
    }
}

#[derive(Default)]
struct State {
    /// Those that were added last at the end.
    wanted: Vec<Wanted>,
    known: HashMap<Place, Seen>,
    under_way: HashSet<(Place, Step)>,
    /// Before this time nothing is asked.
    not_before: Option<Instant>,
    is_worked_on: bool,
}

impl State {
    /// What to ask next.
    fn next(&self, now: Instant) -> Option<Task> {
        if self.under_way.len() >= HANDS {
            return None;
        }
        let nothing = Seen::default();
        let open = self.wanted.iter().rev().filter_map(|Wanted { place, need }| {
            let seen = self.known.get(place).unwrap_or(&nothing);
            let step = lacks(*need, seen, now)?;
            let is_free = !self.under_way.contains(&(place.clone(), step));
            is_free.then(|| Task { place: place.clone(), step, host: seen.host(&place.domain) })
        });
        // Of equals the first: the newest.
        open.min_by_key(|task| task.step)
    }
}

/// What the worker does next.
enum Move {
    Ask(Task),
    Wait(Instant),
    /// For an answer, or for something to be wanted.
    Listen,
    End,
}

/// The desk. It is asked for what is known, and told what is wanted.
#[derive(Default)]
pub(super) struct Desk {
    state: Mutex<State>,
    news: Notify,
}

impl Desk {
    /// What is known of a place. The domains of correspondents say what it may have been meant to be.
    pub fn seen(&self, place: &Place, correspondents: &[String]) -> Seen {
        self.with(|state| {
            if state.known.len() >= KEPT {
                state.known.clear();
            }
            let seen = state.known.entry(place.clone()).or_default();
            if seen.compared_with != Some(correspondents.len()) {
                seen.meant = spelling::meant(&place.domain, correspondents.iter().map(String::as_str));
                seen.compared_with = Some(correspondents.len());
            }
            seen.clone()
        })
    }

    /// These are wanted from now on, and no others.
    pub fn want(&self, wanted: Vec<Wanted>) {
        self.with(|state| state.wanted = wanted);
        self.news.notify_one();
    }

    /// Asks what is wanted, and tells when there is something new to say. One worker does; it ends by itself.
    pub fn work(
        self: &Arc<Self>,
        look: impl Fn(Task) -> BoxFuture<'static, Answer> + Send + Sync + 'static,
        tell: impl Fn() + Send + Sync + 'static,
    ) {
        let is_free = self.with(|state| !std::mem::replace(&mut state.is_worked_on, true));
        if is_free {
            let (desk, tell) = (self.clone(), Arc::new(tell));
            tokio::spawn(async move { desk.go_on(look, tell).await });
        }
    }

    async fn go_on(
        self: Arc<Self>,
        look: impl Fn(Task) -> BoxFuture<'static, Answer>,
        tell: Arc<impl Fn() + Send + Sync + 'static>,
    ) {
        loop {
            match self.with(Self::decide) {
                Move::Ask(task) => {
                    let (desk, tell, asked) = (self.clone(), tell.clone(), look(task.clone()));
                    tokio::spawn(async move {
                        let answer = asked.await;
                        desk.note(task, answer);
                        tell();
                    });
                }
                Move::Wait(until) => sleep_until(until).await,
                Move::Listen => self.news.notified().await,
                Move::End => return,
            }
        }
    }

    fn decide(state: &mut State) -> Move {
        let now = Instant::now();
        let Some(task) = state.next(now) else {
            if !state.under_way.is_empty() {
                return Move::Listen;
            }
            state.is_worked_on = false;
            return Move::End;
        };
        if let Some(until) = state.not_before.filter(|until| *until > now) {
            return Move::Wait(until);
        }
        state.not_before = Some(now + PACE * task.step.cost());
        state.under_way.insert((task.place.clone(), task.step));
        Move::Ask(task)
    }

    fn note(&self, task: Task, answer: Answer) {
        self.with(|state| {
            state.under_way.remove(&(task.place.clone(), task.step));
            state.known.entry(task.place).or_default().note(task.step, answer, Instant::now());
        });
        self.news.notify_one();
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
#[path = "desk_tests.rs"]
mod tests;
