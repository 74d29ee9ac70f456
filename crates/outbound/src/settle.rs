//! From the end of a round to the state of a delivery: pure.

use jiff::Timestamp;
use model::{
    Counts, Delivery, DeliveryState, Diagnosis, End, Known, Route, Schedule, Step, StepInput, diagnose, next_step,
};
use smtp::Ended;
use std::time::Duration;

/// More than this is not waited for on the word of an earlier wait, which may have been a closed lid.
const LONGEST_GREYLISTING: Duration = Duration::from_secs(20 * 60);

/// What is known of a delivery besides the end of its round.
#[derive(Clone, Debug)]
pub(crate) struct Circumstances<'a> {
    pub now: Timestamp,
    /// How old the delivery is, as far as that counts ([`model::OnlineHours`]).
    pub age: Duration,
    pub learned_greylist_delay: Option<Duration>,
    /// Where auto may go instead.
    pub other_route: Option<&'a Route>,
    pub jitter: f64,
    pub schedule: &'a Schedule,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// A new state, to be recorded.
    State { state: DeliveryState, next_attempt_at: Option<Timestamp>, counts: Counts, diagnosis: Diagnosis },
    /// At once another way.
    Switch { route: Route, diagnosis: Diagnosis },
}

/// The state that a delivery comes to when its round ended like this.
pub(crate) fn settle(
    delivery: &Delivery,
    ended: &Ended,
    known: &Known,
    circumstances: &Circumstances<'_>,
) -> Settled {
    let diagnosis = diagnose(ended.phase, &ended.outcome, known);
    let step = next_step(&StepInput {
        now: circumstances.now,
        diagnosis: &diagnosis,
        tries: delivery.tries,
        age: circumstances.age,
        learned_greylist_delay: circumstances.learned_greylist_delay.map(|learned| learned.min(LONGEST_GREYLISTING)),
        other_route: circumstances.other_route,
        jitter: circumstances.jitter,
        schedule: circumstances.schedule,
    });
    let state =
        |state, next_attempt_at, counts, diagnosis| Settled::State { state, next_attempt_at, counts, diagnosis };
    match step {
        Step::RetryAt { at, counts } => state(DeliveryState::Deferred, Some(at), counts, diagnosis),
        Step::WaitForYou { until } => state(DeliveryState::Deferred, Some(until), Counts::No, diagnosis),
        Step::Fail(End::Refused) => state(DeliveryState::Failed, None, Counts::Yes, diagnosis),
        Step::Fail(End::Expired) => {
            let expired = Diagnosis::expired(Some(&diagnosis), known);
            state(DeliveryState::Failed, None, Counts::Yes, expired)
        }
        Step::SwitchRoute(route) => Settled::Switch { route, diagnosis },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Class, DeliveryId, Fault, Phase, Reply};

    fn delivery() -> Delivery {
        Delivery {
            id: DeliveryId(1),
            address: "anna@example.org".parse().expect("an address"),
            state: DeliveryState::Sending,
            hold: None,
            route: None,
            next_attempt_at: None,
            due_since: "2026-11-21T14:00:00Z".parse().expect("a time"),
            tries: 0,
            diagnosis: None,
            changed_at: "2026-11-21T14:00:00Z".parse().expect("a time"),
        }
    }

    fn settled(phase: Phase, outcome: impl Into<model::Outcome>, other: Option<&Route>) -> Settled {
        let at: Timestamp = "2026-11-21T14:00:00Z".parse().expect("a time");
        let circumstances = Circumstances {
            now: at,
            age: Duration::ZERO,
            learned_greylist_delay: None,
            other_route: other,
            jitter: 0.0,
            schedule: &Schedule::default(),
        };
        let known = Known::new(Route::Direct, "example.org", "anna@example.org");
        settle(&delivery(), &Ended { phase, outcome: outcome.into() }, &known, &circumstances)
    }

    #[test]
    fn a_refused_recipient_fails_and_a_greylisted_one_waits_as_long_as_it_was_told() {
        let refused = settled(Phase::Rcpt, Reply::new(550, None, "5.1.1 No such user"), None);
        assert!(matches!(refused, Settled::State { state: DeliveryState::Failed, .. }), "{refused:?}");
        let greylisted = settled(Phase::Rcpt, Reply::new(450, None, "Greylisted for 60 seconds"), None);
        let expected = "2026-11-21T14:01:05Z".parse().ok();
        assert!(
            matches!(&greylisted, Settled::State { state: DeliveryState::Deferred, next_attempt_at, .. }
                if *next_attempt_at == expected),
            "{greylisted:?}"
        );
    }

    #[test]
    fn a_refusal_of_our_address_goes_to_the_smart_host_where_there_is_one() {
        let smart_host = Route::SmartHost("post.example".into());
        let listed = Reply::new(554, None, "Client host blocked using zen.spamhaus.org, PBL dynamic address");
        let settled = settled(Phase::Greeting, listed, Some(&smart_host));
        assert!(matches!(settled, Settled::Switch { .. }), "{settled:?}");
    }

    #[test]
    fn without_a_network_no_try_is_used_up() {
        let settled = settled(Phase::Connect, Fault::NoNetwork, None);
        assert!(
            matches!(&settled, Settled::State { counts: Counts::No, diagnosis, .. }
                if diagnosis.class == Class::NetworkDown),
            "{settled:?}"
        );
    }
}
