//! Asking hosts: one after the other, for whoever may still be asked for, and what each answer means.

use crate::SettingsError;
use crate::conversation::{Tried, Way, hold};
use crate::dispatch::Message;
use crate::lanes::{Pass, Turned};
use crate::ledger::recorded;
use crate::lesson::{Lesson, LessonEnd, provider_of};
use crate::round::{After, HostEnd, after, decisive, nobody_asked};
use crate::runner::Report;
use crate::settle::{Circumstances, Settled, settle};
use crate::silence::Heard;
use crate::targets::Target;
use crate::visit::{MOST_VISITS, Visit, Visited};
use crate::wire::OnTheWire;
use advisor::Basis;
use jiff::Timestamp;
use model::{Counts, Delivery, DeliveryState, Diagnosis, Fault, Known, Outcome, Phase, Route, diagnose, throttle};
use smtp::{Ended, RecipientResult};
use std::collections::VecDeque;
use std::time::Duration;
use store::{Made, Recorded};

/// Deliveries of a message that are still to be settled in this round.
pub(crate) struct Open {
    pub delivery: Delivery,
    /// Who decided for its route.
    pub basis: Basis,
    pub ends: Vec<HostEnd>,
    pub made: Vec<Made>,
    /// No further host may be asked in this round.
    pub enough: bool,
    /// The destination is left alone until then.
    pub rests_until: Option<Timestamp>,
}

/// What came of one conversation.
#[derive(Default)]
struct Asked {
    visited: Visited,
    /// Who was taken.
    taken: Vec<Recorded>,
    lessons: Vec<Lesson>,
    /// The letter is there until it is recorded who was taken.
    on_the_wire: Option<OnTheWire>,
}

impl Open {
    pub fn new(delivery: Delivery, basis: Basis) -> Self {
        Self { delivery, basis, ends: Vec::new(), made: Vec::new(), enough: false, rests_until: None }
    }

    /// For another route at once: what was tried stays in the record and decides nothing any more.
    pub fn begin_again(&mut self) {
        self.ends.clear();
        self.ask_again();
    }

    /// For another host of the same round.
    pub fn ask_again(&mut self) {
        self.enough = false;
        self.rests_until = None;
    }
}

impl Message<'_> {
    /// Asks one host after the other until nobody is left to be asked for. Who was taken is recorded after each
    /// conversation.
    pub async fn ask_each(
        &self,
        way: &Way,
        targets: &[Target],
        pass: Pass,
        open: &mut Vec<Open>,
    ) -> Result<Vec<Report>, SettingsError> {
        let mut pass = Some(pass);
        let mut reports = Vec::new();
        for target in targets {
            let mut visits = VecDeque::from([Visit::first(way, target)]);
            for left in (0..MOST_VISITS).rev() {
                let Some(visit) = visits.pop_front() else { break };
                let Asked { visited, taken, lessons, on_the_wire } = self.ask(&visit, left, open).await;
                visits.extend(visit.next(visited, target));
                if let (false, Some(pass)) = (taken.is_empty(), &pass) {
                    pass.went_well();
                }
                if open.is_empty() {
                    // The next letter may go while this one is written down.
                    pass = None;
                }
                reports.extend(self.record_taken(taken).await);
                drop(on_the_wire);
                self.learn(lessons).await;
            }
            if open.iter().all(|open| open.enough) {
                break;
            }
        }
        if let Some(pass) = pass {
            self.tell_the_lane(&pass, targets, open);
        }
        Ok(reports)
    }

    /// What those behind this letter should know. What another smart host said before is no word of these.
    fn tell_the_lane(&self, pass: &Pass, targets: &[Target], open: &[Open]) {
        let of_these = |end: &&HostEnd| targets.iter().any(|target| target.host == end.host);
        let ends = || open.iter().flat_map(|open| &open.ends).filter(of_these);
        if let Some(end) = ends().find(|end| throttle::is_too_much(&end.ended.outcome, &end.diagnosis)) {
            let now = self.context.clock.now();
            pass.pushed_back(now, |before| rest(now, end, before), end.finding());
        } else if ends().all(|end| nobody_spoke(&end.ended))
            && let Some(end) = ends().next_back()
        {
            pass.nobody_there(end.finding());
        }
    }

    /// What another letter found at this destination a moment ago holds for these too.
    pub fn turn_away(&self, way: &Way, turned: &Turned, open: &mut [Open]) {
        let (finding, until) = match turned {
            Turned::Resting { until, finding } => (finding, Some(*until)),
            Turned::NobodyThere(finding) => (finding, None),
            Turned::Closing => return,
        };
        for open in open {
            let tls_policy = finding.tls_policy;
            let known = Known { tls_policy, ..self.known(open, &way.route, &finding.host) };
            let diagnosis = diagnose(finding.ended.phase, &finding.ended.outcome, &known);
            let end = HostEnd {
                host: finding.host.clone(),
                ended: finding.ended.clone(),
                diagnosis,
                then: After::NextHost,
                tls_policy,
            };
            open.ends.push(end);
            open.rests_until = until;
        }
    }

    /// One conversation, after which so many more may follow with this host. Who was taken leaves `open`.
    async fn ask(&self, visit: &Visit, left: usize, open: &mut Vec<Open>) -> Asked {
        let (asked, waiting): (Vec<Open>, Vec<Open>) =
            std::mem::take(open).into_iter().partition(|open| visit.whom.includes(open.delivery.id, open.enough));
        *open = waiting;
        if asked.is_empty() {
            return Asked::default();
        }
        let recipients: Vec<_> = asked.iter().map(|open| open.delivery.address.clone()).collect();
        let mut tries = hold(self.context, &self.net, visit, &self.letter, &recipients).await;
        let Some(mut last) = tries.pop() else { return Asked::default() };
        let direct = visit.way.route == Route::Direct;
        if direct && last.results.iter().any(|result| result.phase > Phase::Connect) {
            self.silence().end();
        }
        let on_the_wire = last.on_the_wire.take();
        let mut now = Asked { visited: Visited::of(&last), on_the_wire, ..Asked::default() };
        for (place, (mut delivery, result)) in asked.into_iter().zip(&last.results).enumerate() {
            for tried in &tries {
                self.note(&mut delivery, visit, tried, tried.results.get(place));
            }
            // Who is asked for again at once has no answer yet.
            if left > 0 && last.put_off.contains(&place) {
                now.visited.put_off.insert(delivery.delivery.id);
                open.push(delivery);
                continue;
            }
            let diagnosis = self.note(&mut delivery, visit, &last, Some(result));
            if direct {
                now.lessons.push(self.lesson(&delivery.delivery, &last, result, diagnosis.clone()));
            }
            let then = after(result, last.sent_final_dot);
            if then == After::Taken {
                now.taken.push(recorded(delivery, taken_state(&visit.way.route), None, Counts::Yes, None));
                continue;
            }
            delivery.enough |= then == After::Enough;
            let class = diagnosis.map(|diagnosis| diagnosis.class);
            now.visited.take_in(delivery.delivery.id, result, class, last.chunk_refused);
            open.push(delivery);
        }
        now
    }

    fn lesson(
        &self,
        delivery: &Delivery,
        tried: &Tried,
        result: &RecipientResult,
        diagnosis: Option<Diagnosis>,
    ) -> Lesson {
        let reply = match &result.outcome {
            Outcome::Replied(reply) if diagnosis.is_some() => Some(reply.to_string()),
            _ => None,
        };
        let end = match diagnosis {
            Some(diagnosis) => LessonEnd::NotTaken(diagnosis),
            None => LessonEnd::Taken { greylisted_for: self.greylisted_for(delivery) },
        };
        Lesson {
            domain: delivery.address.domain().to_owned(),
            host: tried.host().to_owned(),
            at: self.context.clock.now(),
            contact: tried.contact(),
            chunk_refused: tried.chunk_refused,
            reply,
            end,
        }
    }

    /// Writes a try into a delivery's record, and gives back what it means where it was no success.
    fn note(
        &self,
        open: &mut Open,
        visit: &Visit,
        tried: &Tried,
        result: Option<&RecipientResult>,
    ) -> Option<Diagnosis> {
        let result = result?;
        let tls_policy = Some(visit.security.demand.policy);
        let known = Known { tls_policy, ..self.known(open, &visit.way.route, tried.host()) };
        let diagnosis = (!result.delivered).then(|| diagnose(result.phase, &result.outcome, &known));
        let meaning = diagnosis.clone();
        let attempt = tried.attempt_for(&open.delivery, result, diagnosis.clone());
        open.made.push(Made { attempt, transcript: tried.transcript.clone() });
        if let Some(diagnosis) = diagnosis {
            open.ends.push(HostEnd {
                host: known.host,
                ended: Ended { phase: result.phase, outcome: result.outcome.clone() },
                diagnosis,
                then: after(result, tried.sent_final_dot),
                tls_policy,
            });
        }
        meaning
    }

    /// The same end for all, without a conversation.
    pub fn end_all(&self, way: &Way, host: Option<&str>, ended: &Ended, open: &mut [Open]) {
        let visit = Visit::nowhere(way, host, ended);
        let tried = Tried::nowhere(self.context, &visit, ended, 1);
        for open in open {
            self.note(open, &visit, &tried, tried.results.first());
        }
    }

    fn known(&self, open: &Open, route: &Route, host: &str) -> Known {
        Known {
            host: host.to_owned(),
            sender_domain: self.sender_domain().to_owned(),
            tries: open.delivery.tries,
            all_hosts_silent: self.is_shut_in(),
            ..Known::new(route.clone(), open.delivery.address.domain(), open.delivery.address.to_string())
        }
    }

    /// What follows for a delivery that nobody took. After a final dot without an answer no other way is taken at once:
    /// the host may have the message.
    pub async fn settle(&self, open: &Open, way: &Way, other: Option<&Route>) -> Result<Settled, SettingsError> {
        let other = other.filter(|_| !open.ends.iter().any(HostEnd::is_unanswered));
        let (ended, host, tls_policy) = match decisive(&open.ends, other) {
            Some(end) => (end.ended, end.host, end.tls_policy),
            None => (nobody_asked(), String::new(), None),
        };
        let known = Known { tls_policy, ..self.known(open, &way.route, &host) };
        let store = &self.context.store;
        let learned = store.learned(open.delivery.address.domain()).await?.greylist_seconds;
        let learned = match learned {
            Some(seconds) => Some(seconds),
            None => store.learned(provider_of(&host)).await?.greylist_seconds,
        };
        let now = self.context.clock.now();
        let circumstances = Circumstances {
            now,
            age: store.online_hours(open.delivery.due_since, now).await?.age(open.delivery.due_since, now),
            learned_greylist_delay: learned.map(Duration::from_secs),
            other_route: other,
            jitter: rand::random_range(-1.0..=1.0),
            schedule: &self.schedule,
        };
        Ok(settle(&open.delivery, &ended, &known, &circumstances))
    }

    /// Nobody could be reached at any address of these domains: that may be the network's doing. On this computer itself
    /// there is no network in between that could refuse anything.
    pub async fn note_silence(&self, open: &[Open]) {
        let here = self.net.config().is_here();
        if self.has_moved() {
            return;
        }
        let now = self.context.clock.now();
        let was_shut_in = self.is_shut_in();
        for open in open {
            match Heard::of(open.ends.iter().map(|end| &end.ended)) {
                None => {}
                Some(Heard::Refusal) if here => {}
                Some(heard) => self.silence().note(open.delivery.address.domain(), heard, now),
            }
        }
        if !was_shut_in && self.is_shut_in() {
            self.nobody_was_reached().await;
        }
    }
}

/// Until when the destination is left alone that had enough this many times before.
fn rest(now: Timestamp, end: &HostEnd, before: u32) -> Option<Timestamp> {
    now.checked_add(throttle::rest(&end.host, &end.ended.outcome, &end.diagnosis, before)).ok()
}

/// Whether there was nobody, or somebody who let us in and then kept silent: to wait for that anew with each letter would
/// keep those to other destinations waiting as well.
fn nobody_spoke(end: &Ended) -> bool {
    let kept_silent = matches!(end.outcome, Outcome::Failed(Fault::Timeout(_)));
    end.phase <= Phase::Connect || (end.phase <= Phase::Greeting && kept_silent)
}

fn taken_state(route: &Route) -> DeliveryState {
    match route {
        Route::Direct => DeliveryState::Accepted,
        Route::SmartHost(_) => DeliveryState::Relayed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Reply;

    #[test]
    fn who_lets_us_in_and_says_nothing_is_as_good_as_nobody() {
        let table = [
            (Phase::Connect, Outcome::from(Fault::ConnectionRefused("192.0.2.1:25".into())), true),
            (Phase::Tls, Fault::Timeout(60).into(), true),
            (Phase::Greeting, Fault::Timeout(300).into(), true),
            (Phase::Greeting, Fault::Closed.into(), false),
            (Phase::Greeting, Reply::new(421, None, "busy").into(), false),
            (Phase::Ehlo, Fault::Timeout(300).into(), false),
        ];
        for (phase, outcome, expected) in table {
            let end = Ended { phase, outcome };
            assert_eq!(nobody_spoke(&end), expected, "{end:?}");
        }
    }
}
