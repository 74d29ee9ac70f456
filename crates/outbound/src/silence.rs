//! Whether this network lets port 25 out: what one silent host cannot show, several domains together do.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// So many domains without one that answered make a pattern.
const ENOUGH: usize = 2;

/// Which domains kept silent since the last one that answered, on this network.
#[derive(Debug, Default)]
pub(crate) struct Silence(Mutex<BTreeSet<String>>);

impl Silence {
    /// No host of this domain answered to a connection.
    pub fn heard_nothing(&self, domain: &str) {
        self.domains(|domains| domains.insert(domain.to_owned()));
    }

    /// A host answered, or the network is another one: all suspicion ends.
    pub fn end(&self) {
        self.domains(BTreeSet::clear);
    }

    /// Whether every host of several unrelated domains kept silent.
    pub fn is_general(&self) -> bool {
        self.domains(|domains| domains.len() >= ENOUGH)
    }

    fn domains<T>(&self, act: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_silent_domain_proves_nothing_and_one_answer_clears_all() {
        let silence = Silence::default();
        silence.heard_nothing("a.test");
        silence.heard_nothing("a.test");
        assert!(!silence.is_general());
        silence.heard_nothing("b.test");
        assert!(silence.is_general());
        silence.end();
        assert!(!silence.is_general());
    }
}
