//! Whether this network lets port 25 out: what one host that cannot be reached does not show, several domains together
//! do. A network that drops what goes there is known by two domains, one that refuses it in the hosts' names by three:
//! silence is rarer among mail hosts than a closed door. It is believed for a day at most, as is what a check finds.

use advisor::FRESH;
use jiff::Timestamp;
use model::{Fault, Outcome};
use smtp::Ended;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// So many silent domains without one that answered make a pattern.
const SILENT: usize = 2;
/// And so many that could not be reached in any way.
const SHUT: usize = 3;

/// Which domains could not be reached since the last one that answered, on this network.
#[derive(Debug, Default)]
pub(crate) struct Silence(Mutex<BTreeMap<String, (Heard, Timestamp)>>);

/// Who could not be reached of late. What is heard of one world says nothing of the other. Clones are the same, for the
/// runner that hears it and for whoever asks what the runner would do.
#[derive(Clone, Debug, Default)]
pub struct Silences {
    real: Arc<Silence>,
    practice: Arc<Silence>,
}

impl Silences {
    /// In the practice world, or in the real one.
    pub(crate) fn of(&self, practises: bool) -> &Silence {
        if practises { &self.practice } else { &self.real }
    }

    /// The network is another one: all suspicion ends.
    pub(crate) fn end(&self) {
        self.real.end();
        self.practice.end();
    }
}

/// How all hosts of a domain could not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing came back.
    Nothing,
    /// The connection was refused at one of them at least.
    Refusal,
}

impl Heard {
    /// What the ends of a round say; `None` where somebody answered, or nobody was dialed. A family that this computer
    /// does not have says nothing either way.
    pub fn of<'a>(ends: impl Iterator<Item = &'a Ended>) -> Option<Self> {
        let mut heard = None;
        for end in ends {
            match &end.outcome {
                Outcome::Failed(Fault::ConnectionRefused(_)) => heard = Some(Self::Refusal),
                Outcome::Failed(Fault::ConnectTimeout(_)) => heard = heard.or(Some(Self::Nothing)),
                Outcome::Failed(Fault::Unreachable(_)) => {}
                _ => return None,
            }
        }
        heard
    }
}

impl Silence {
    /// No host of this domain could be reached.
    pub fn note(&self, domain: &str, heard: Heard, now: Timestamp) {
        self.domains(|domains| domains.insert(domain.to_owned(), (heard, now)));
    }

    /// A host answered, or the network is another one: all suspicion ends.
    pub fn end(&self) {
        self.domains(BTreeMap::clear);
    }

    /// Whether it is not the hosts but the network, by what was heard after the last look at it, which knows better of what
    /// was before.
    pub fn is_general(&self, looked_at: Timestamp, now: Timestamp) -> bool {
        self.domains(|domains| {
            let counts = |at: Timestamp| at > looked_at && now.duration_since(at) < FRESH;
            let heard = || domains.values().filter(|(_, at)| counts(*at)).map(|(heard, _)| *heard);
            heard().filter(|heard| *heard == Heard::Nothing).count() >= SILENT || heard().count() >= SHUT
        })
    }

    fn domains<T>(&self, act: impl FnOnce(&mut BTreeMap<String, (Heard, Timestamp)>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use model::Phase;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    /// When nobody has looked.
    const NEVER: Timestamp = Timestamp::MIN;

    #[test]
    fn one_silent_domain_proves_nothing_and_one_answer_clears_all() {
        let silence = Silence::default();
        silence.note("a.test", Heard::Nothing, NOW);
        silence.note("a.test", Heard::Nothing, NOW);
        assert!(!silence.is_general(NEVER, NOW));
        silence.note("b.test", Heard::Nothing, NOW);
        assert!(silence.is_general(NEVER, NOW));
        silence.end();
        assert!(!silence.is_general(NEVER, NOW));
    }

    #[test]
    fn refusals_need_three_domains() {
        let silence = Silence::default();
        silence.note("a.test", Heard::Refusal, NOW);
        silence.note("b.test", Heard::Nothing, NOW);
        assert!(!silence.is_general(NEVER, NOW));
        silence.note("c.test", Heard::Refusal, NOW);
        assert!(silence.is_general(NEVER, NOW));
    }

    #[test]
    fn it_ends_after_a_day_and_by_a_look_at_the_network() {
        let silence = Silence::default();
        silence.note("a.test", Heard::Nothing, NOW);
        silence.note("b.test", Heard::Nothing, NOW);
        let second = SignedDuration::from_secs(1);
        assert!(silence.is_general(NEVER, NOW + FRESH - second) && !silence.is_general(NEVER, NOW + FRESH));
        assert!(silence.is_general(NOW - second, NOW));
        assert!(!silence.is_general(NOW + second, NOW + second), "whoever looked later knows better");
    }

    #[test]
    fn whoever_answers_is_no_part_of_it() {
        let end = |fault| Ended { phase: Phase::Connect, outcome: Outcome::Failed(fault) };
        let silent = || end(Fault::ConnectTimeout("192.0.2.1:25".into()));
        let no_way = || end(Fault::Unreachable("[2001:db8::1]:25".into()));
        let refused = || end(Fault::ConnectionRefused("192.0.2.2:25".into()));
        let closed = || end(Fault::Closed);
        let table = [
            (vec![], None),
            (vec![silent()], Some(Heard::Nothing)),
            (vec![no_way(), silent()], Some(Heard::Nothing)),
            (vec![no_way()], None),
            (vec![silent(), refused()], Some(Heard::Refusal)),
            (vec![refused(), silent()], Some(Heard::Refusal)),
            (vec![silent(), closed()], None),
        ];
        for (ends, expected) in table {
            assert_eq!(Heard::of(ends.iter()), expected, "{ends:?}");
        }
    }
}
