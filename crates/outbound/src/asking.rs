//! Asking hosts: one address after the other, for whoever may still be asked for, and what each answer means.

use crate::SettingsError;
use crate::conversation::{Tried, Way, hold};
use crate::dispatch::{Message, ended};
use crate::ledger::recorded;
use crate::round::{After, after, decisive};
use crate::runner::Report;
use crate::settle::{Circumstances, Settled, settle};
use crate::targets::Target;
use model::{Counts, Delivery, DeliveryState, Fault, Known, Outcome, Phase, Route, RoutePolicy, TlsPolicy, diagnose};
use smtp::Ended;
use store::{Made, Recorded};

/// Deliveries of a message that are still to be settled in this round.
pub(crate) struct Open {
    pub delivery: Delivery,
    pub policy: RoutePolicy,
    pub ends: Vec<Ended>,
    pub made: Vec<Made>,
    /// No further host may be asked in this round.
    pub enough: bool,
}

impl Message<'_> {
    /// Asks one address after the other until nobody is left to be asked for. Who was taken is recorded after each.
    pub async fn ask_each(
        &self,
        way: &Way,
        targets: &[Target],
        open: &mut Vec<Open>,
    ) -> Result<Vec<Report>, SettingsError> {
        let mut reports = Vec::new();
        for target in targets {
            for attempt in 0..2 {
                let clear = Way { tls: TlsPolicy::Plain, ..way.clone() };
                let way = if attempt == 0 { way } else { &clear };
                let (encryption_failed, taken) = self.ask(way, target, open).await;
                reports.extend(self.record(taken).await?);
                if !encryption_failed {
                    break;
                }
            }
            if open.iter().all(|open| open.enough) {
                break;
            }
        }
        Ok(reports)
    }

    /// One conversation for all that may still be asked for. Who was taken leaves `open`.
    async fn ask(&self, way: &Way, target: &Target, open: &mut Vec<Open>) -> (bool, Vec<Recorded>) {
        let (asked, waiting): (Vec<Open>, Vec<Open>) =
            std::mem::take(open).into_iter().partition(|open| !open.enough);
        *open = waiting;
        if asked.is_empty() {
            return (false, Vec::new());
        }
        let recipients = asked.iter().map(|open| open.delivery.address.clone()).collect();
        let tried = hold(self.context, &self.net, way, target, &self.letter, recipients).await;
        if tried.results.iter().any(|result| result.phase > Phase::Connect) {
            self.context.silence.end();
        }
        let mut taken = Vec::new();
        for (mut delivery, result) in asked.into_iter().zip(&tried.results) {
            let then = after(result, tried.sent_final_dot);
            let diagnosis = (then != After::Taken)
                .then(|| diagnose(result.phase, &result.outcome, &self.known(&delivery, &way.route, tried.host())));
            let attempt = tried.attempt_for(&delivery.delivery, result, diagnosis);
            delivery.made.push(Made { attempt, transcript: tried.transcript.clone() });
            if then == After::Taken {
                taken.push(recorded(delivery, taken_state(&way.route), None, Counts::Yes, None));
                continue;
            }
            delivery.ends.push(Ended { phase: result.phase, outcome: result.outcome.clone() });
            delivery.enough = then == After::Enough;
            open.push(delivery);
        }
        (tried.encryption_failed, taken)
    }

    /// The same end for all, without a conversation.
    pub fn end_all(&self, way: &Way, host: Option<&str>, ended: &Ended, open: &mut [Open]) {
        let tried = Tried::nowhere(self.context, way, host, ended, 1);
        for open in open {
            let known = self.known(open, &way.route, tried.host());
            let diagnosis = diagnose(ended.phase, &ended.outcome, &known);
            for result in &tried.results {
                let attempt = tried.attempt_for(&open.delivery, result, Some(diagnosis.clone()));
                open.made.push(Made { attempt, transcript: None });
            }
            open.ends.push(ended.clone());
        }
    }

    fn known(&self, open: &Open, route: &Route, host: &str) -> Known {
        Known {
            host: host.to_owned(),
            sender_domain: self.sender_domain().to_owned(),
            tries: open.delivery.tries,
            all_hosts_silent: self.context.silence.is_general(),
            ..Known::new(route.clone(), open.delivery.address.domain(), open.delivery.address.to_string())
        }
    }

    pub async fn settle(&self, open: &Open, way: &Way, other: Option<&Route>) -> Result<Settled, SettingsError> {
        let unanswered = ended(Phase::Prepare, Fault::Local("no host was asked".to_owned()));
        let end = decisive(&open.ends).unwrap_or(&unanswered);
        let host = open.made.last().and_then(|made| made.attempt.host.clone()).unwrap_or_default();
        let learned = self.context.store.learned(open.delivery.address.domain()).await?;
        let circumstances = Circumstances {
            now: self.context.clock.now(),
            created_at: self.claimed.outgoing.created_at,
            learned_greylist_delay: learned.greylist_seconds.map(std::time::Duration::from_secs),
            other_route: other,
            jitter: rand::random_range(-1.0..=1.0),
            schedule: &self.schedule,
        };
        Ok(settle(&open.delivery, end, &self.known(open, &way.route, &host), &circumstances))
    }

    /// Nobody answered at any address of these domains: that may be the network's doing.
    pub fn note_silence(&self, open: &[Open]) {
        let silent = |end: &Ended| matches!(end.outcome, Outcome::Failed(Fault::ConnectTimeout(_)));
        for open in open.iter().filter(|open| !open.ends.is_empty() && open.ends.iter().all(silent)) {
            self.context.silence.heard_nothing(open.delivery.address.domain());
        }
    }
}

fn taken_state(route: &Route) -> DeliveryState {
    match route {
        Route::Direct => DeliveryState::Accepted,
        Route::SmartHost(_) => DeliveryState::Relayed,
    }
}
