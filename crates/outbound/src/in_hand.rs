//! What is in our hands, and until when it is leased.
//!
//! A lease lasts as long as somebody works on what it is for. A computer that slept for a night finds every lease over,
//! and so does a letter that waited long in its lane, or goes slowly: none of them may be taken for what a runner left
//! behind that is no more, since whoever took it up would send it a second time.

use jiff::Timestamp;
use model::DeliveryId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Everything that is worked on.
#[derive(Clone, Debug, Default)]
pub(crate) struct InHand(Arc<Mutex<Holds>>);

#[derive(Debug, Default)]
struct Holds {
    next: u64,
    by_number: BTreeMap<u64, Hold>,
}

#[derive(Debug)]
struct Hold {
    deliveries: Vec<DeliveryId>,
    until: Timestamp,
}

/// Some deliveries in our hands, for as long as this lives. One that was put back may be in another hold by then.
#[derive(Debug)]
pub(crate) struct Held {
    all: InHand,
    number: u64,
}

impl InHand {
    /// Takes these into our hands; they are leased until then.
    pub fn take(&self, deliveries: Vec<DeliveryId>, until: Timestamp) -> Held {
        let number = self.with(|all| {
            let number = all.next;
            all.next += 1;
            all.by_number.insert(number, Hold { deliveries, until });
            number
        });
        Held { all: self.clone(), number }
    }

    /// Those whose lease ends before this.
    pub fn ending_before(&self, time: Timestamp) -> Vec<DeliveryId> {
        self.with(|all| {
            let ending = all.by_number.values().filter(|hold| hold.until < time);
            ending.flat_map(|hold| hold.deliveries.iter().copied()).collect()
        })
    }

    /// Whatever lease ended before this lasts longer now.
    pub fn renewed(&self, before: Timestamp, until: Timestamp) {
        self.with(|all| {
            let ending = all.by_number.values_mut().filter(|hold| hold.until < before);
            ending.for_each(|hold| hold.until = until);
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Holds) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.all.with(|all| all.by_number.remove(&self.number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_known_with_the_end_of_its_lease_until_it_is_let_go() {
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let (one, two, three) = (DeliveryId(1), DeliveryId(2), DeliveryId(3));
        let in_hand = InHand::default();
        let first = in_hand.take(vec![one, two], at(10));
        let _second = in_hand.take(vec![two, three], at(20));
        assert_eq!(in_hand.ending_before(at(10)), []);
        assert_eq!(in_hand.ending_before(at(11)), [one, two]);
        in_hand.renewed(at(11), at(30));
        assert_eq!(in_hand.ending_before(at(21)), [two, three]);
        drop(first);
        assert_eq!(in_hand.ending_before(at(99)), [two, three], "what was taken up again is still held");
    }
}
