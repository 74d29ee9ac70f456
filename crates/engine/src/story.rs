//! The story that the practice page tells, as far as it has been played: a letter waits at a greylist and arrives, port 25 is
//! blocked and a letter takes the smart host by itself, it is opened and letters go direct again.
//!
//! What is done is read from the tries of letters in the practice account, purely ([`told`]); nobody keeps a score.

use crate::Engine;
use crate::error::Error;
use crate::view::Nothing;
use jiff::Timestamp;
use model::{Attempt, Class, DeliveryState, Outgoing, OutgoingId, Route, RoutePolicy};
use serde::{Deserialize, Serialize};
use store::OutgoingFilter;
use ts_rs::TS;

/// Letters that are looked at, the newest first.
const LOOKED_AT: u32 = 100;

/// How far the story has been played.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PracticeStory {
    /// A letter waits at a greylist, and arrives.
    pub greylist: StoryStep,
    /// A letter takes the smart host by itself.
    pub detour: StoryStep,
    /// After that, a letter goes direct again.
    pub direct: StoryStep,
}

/// A step of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StoryStep {
    /// How far it is.
    pub progress: StoryProgress,
    /// The letter that plays in it.
    pub outgoing: Option<OutgoingId>,
    /// When that one is tried next, where it waits.
    #[ts(type = "string | null")]
    pub next_attempt_at: Option<Timestamp>,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum StoryProgress {
    /// Not begun.
    #[default]
    ToDo,
    /// A letter is on its way.
    UnderWay,
    /// It is done.
    Done,
}

/// A delivery with its tries, the first one first.
struct Tried {
    outgoing: OutgoingId,
    /// Whether Postrider chooses the route.
    is_auto: bool,
    next_attempt_at: Option<Timestamp>,
    is_open: bool,
    tries: Vec<Attempt>,
}

impl Engine {
    pub(crate) async fn practice_story(&self, _: Nothing) -> Result<PracticeStory, Error> {
        let accounts = self.inner.worlds.practice_accounts();
        let mut deliveries = Vec::new();
        for outgoing in self.store().outgoings(OutgoingFilter::All, LOOKED_AT, 0).await? {
            if outgoing.account.is_some_and(|account| accounts.contains(&account)) {
                let attempts = self.store().attempts(outgoing.id).await?;
                deliveries.extend(tried(&outgoing, &attempts));
            }
        }
        Ok(told(&deliveries))
    }
}

fn tried(outgoing: &Outgoing, attempts: &[Attempt]) -> Vec<Tried> {
    let of = |delivery: &model::Delivery| {
        let mut tries: Vec<Attempt> = attempts.iter().filter(|one| one.delivery == delivery.id).cloned().collect();
        tries.sort_by_key(|one| one.started_at);
        let route = delivery.route.as_ref().unwrap_or(&outgoing.route);
        let is_open =
            matches!(delivery.state, DeliveryState::Queued | DeliveryState::Sending | DeliveryState::Deferred);
        Tried {
            outgoing: outgoing.id,
            is_auto: *route == RoutePolicy::Auto,
            next_attempt_at: delivery.next_attempt_at.filter(|_| delivery.state == DeliveryState::Deferred),
            is_open,
            tries,
        }
    };
    outgoing.deliveries.iter().map(of).collect()
}

impl Tried {
    fn was_greylisted(&self) -> bool {
        let greylisted = |one: &Attempt| one.diagnosis.as_ref().is_some_and(|why| why.class == Class::Greylisted);
        self.tries.iter().any(greylisted)
    }

    /// When it was taken, and how it went.
    fn taken(&self) -> Option<(Timestamp, &Route)> {
        let last = self.tries.last().filter(|one| one.diagnosis.is_none())?;
        Some((last.started_at, &last.route))
    }

    fn step(&self, progress: StoryProgress) -> StoryStep {
        let next_attempt_at = self.next_attempt_at.filter(|_| progress == StoryProgress::UnderWay);
        StoryStep { progress, outgoing: Some(self.outgoing), next_attempt_at }
    }
}

/// How far the story has been played by these deliveries.
fn told(deliveries: &[Tried]) -> PracticeStory {
    let taken_by = |is: fn(&Route) -> bool, after: Option<Timestamp>| {
        let fits = |one: &&Tried| {
            let later = |at: Timestamp| after.is_none_or(|after| at > after);
            one.is_auto && one.taken().is_some_and(|(at, route)| is(route) && later(at))
        };
        deliveries.iter().filter(fits).min_by_key(|one| one.taken().map(|(at, _)| at))
    };
    let greylisted = || deliveries.iter().filter(|one| one.was_greylisted());
    let arrived = greylisted().find(|one| one.taken().is_some());
    let greylist = match (arrived, greylisted().find(|one| one.is_open)) {
        (Some(arrived), _) => arrived.step(StoryProgress::Done),
        (None, Some(waiting)) => waiting.step(StoryProgress::UnderWay),
        (None, None) => StoryStep::default(),
    };
    let detour = taken_by(|route| matches!(route, Route::SmartHost(_)), None);
    let direct =
        detour.and_then(|detour| taken_by(|route| *route == Route::Direct, detour.taken().map(|(at, _)| at)));
    let done = |one: Option<&Tried>| one.map(|one| one.step(StoryProgress::Done)).unwrap_or_default();
    PracticeStory { greylist, detour: done(detour), direct: done(direct) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Known, Phase, Reply, diagnose};

    const GREYLISTED: &str = "Greylisted for 30 seconds, see http://postgrey.schweikert.ch/help/greylist.test.html";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn direct(second: i64) -> Attempt {
        Attempt::begun(at(second), Route::Direct, None)
    }

    fn through(second: i64) -> Attempt {
        Attempt::begun(at(second), Route::SmartHost("practice".into()), None)
    }

    fn greylisted(second: i64) -> Attempt {
        let reply = Reply::new(451, None, GREYLISTED);
        let known = Known::new(Route::Direct, "greylist.test", "a@greylist.test");
        Attempt { diagnosis: Some(diagnose(Phase::Rcpt, &reply.into(), &known)), ..direct(second) }
    }

    fn delivery(id: i64, tries: Vec<Attempt>) -> Tried {
        let is_open = tries.last().is_none_or(|one| one.diagnosis.is_some());
        let next_attempt_at = is_open.then(|| at(900));
        Tried { outgoing: OutgoingId(id), is_auto: true, next_attempt_at, is_open, tries }
    }

    #[test]
    fn the_story_is_told_by_what_became_of_letters() {
        use StoryProgress::{Done, ToDo, UnderWay};
        let ordered = Tried { is_auto: false, ..delivery(9, vec![through(5)]) };
        let table = [
            (vec![], (ToDo, ToDo, ToDo)),
            (vec![delivery(1, vec![direct(1)])], (ToDo, ToDo, ToDo)),
            (vec![delivery(1, vec![greylisted(1)])], (UnderWay, ToDo, ToDo)),
            (vec![delivery(1, vec![greylisted(1), direct(31)])], (Done, ToDo, ToDo)),
            (
                vec![delivery(2, vec![greylisted(40)]), delivery(1, vec![greylisted(1), direct(31)])],
                (Done, ToDo, ToDo),
            ),
            (vec![delivery(2, vec![through(50)]), delivery(1, vec![direct(1)])], (ToDo, Done, ToDo)),
            (vec![ordered], (ToDo, ToDo, ToDo)),
            (vec![delivery(3, vec![direct(60)]), delivery(2, vec![through(50)])], (ToDo, Done, Done)),
        ];
        for (place, (deliveries, expected)) in table.into_iter().enumerate() {
            let story = told(&deliveries);
            let steps = (story.greylist.progress, story.detour.progress, story.direct.progress);
            assert_eq!(steps, expected, "{place}");
        }
        let waiting = told(&[delivery(1, vec![greylisted(1)])]).greylist;
        assert_eq!((waiting.outgoing, waiting.next_attempt_at), (Some(OutgoingId(1)), Some(at(900))));
    }
}
