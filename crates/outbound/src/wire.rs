//! The wire: how many letters are on it, and whether another one may go there.
//!
//! A letter is on the wire from the greeting of the server until it is on disk who took it. That is the time in which to
//! be torn away costs something: after the final dot nobody knows whether the server has it, and the next try may be a
//! second letter. So whoever is about to put this computer to sleep asks for silence first ([`Wire::hush`]): what is on
//! the wire comes to its end, and nothing follows it there until [`Wire::go_on`].
//!
//! Whoever waits here has begun nothing and blames nobody.

use tokio::sync::watch;

/// The wire of one runner. Clones are the same.
#[derive(Clone, Debug)]
pub struct Wire {
    letters: watch::Sender<usize>,
    rule: watch::Sender<Rule>,
}

/// Who may go there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Nobody, for now.
    pub hushed: bool,
    /// Nobody will any more: the runner is about to stop.
    pub closed: bool,
}

/// A letter on the wire, for as long as this lives.
#[derive(Debug)]
pub struct OnTheWire(watch::Sender<usize>);

impl Default for Wire {
    fn default() -> Self {
        Self { letters: watch::Sender::new(0), rule: watch::Sender::default() }
    }
}

impl Wire {
    /// How many letters are on it, now and whenever that changes.
    pub fn letters(&self) -> watch::Receiver<usize> {
        self.letters.subscribe()
    }

    /// Nothing goes there any more.
    pub fn hush(&self) {
        self.rule.send_modify(|rule| rule.hushed = true);
    }

    /// The opposite.
    pub fn go_on(&self) {
        self.rule.send_modify(|rule| rule.hushed = false);
    }

    /// Puts a letter there; `None` where none may go there now.
    pub fn take(&self) -> Option<OnTheWire> {
        // Counted first, so that whoever hushes it and then finds it quiet has overlooked nobody.
        let letter = OnTheWire::new(&self.letters);
        (!self.rule.borrow().hushed).then_some(letter)
    }

    /// Who may go there, now and whenever that changes.
    pub(crate) fn rule(&self) -> watch::Receiver<Rule> {
        self.rule.subscribe()
    }

    /// The runner works, or is about to stop: who waits for silence to end waits in vain then.
    pub(crate) fn set_closed(&self, closed: bool) {
        self.rule.send_modify(|rule| rule.closed = closed);
    }

    /// Returns as soon as a letter may go there; `false` where none will.
    pub(crate) async fn is_free(&self) -> bool {
        let mut rule = self.rule.subscribe();
        match rule.wait_for(|rule| !rule.hushed || rule.closed).await {
            Ok(rule) => !rule.hushed,
            // Nobody is left who could hush it.
            Err(_) => true,
        }
    }
}

impl OnTheWire {
    fn new(letters: &watch::Sender<usize>) -> Self {
        letters.send_modify(|count| *count += 1);
        Self(letters.clone())
    }
}

impl Drop for OnTheWire {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::task::yield_now;

    #[tokio::test]
    async fn what_is_on_the_wire_comes_to_its_end_and_nothing_follows_it_before_it_may_go_on() {
        let wire = Wire::default();
        let letters = wire.letters();
        let first = wire.take().expect("it is free");
        assert_eq!(*letters.borrow(), 1);
        wire.hush();
        assert!(wire.take().is_none());
        assert_eq!(*letters.borrow(), 1, "who was turned away is not counted");
        drop(first);
        assert_eq!(*letters.borrow(), 0);

        let waiting = tokio::spawn({
            let wire = wire.clone();
            async move { wire.is_free().await }
        });
        yield_now().await;
        assert!(!waiting.is_finished());
        wire.go_on();
        assert!(waiting.await.expect("it goes on"));
        assert!(wire.take().is_some());
    }

    #[tokio::test]
    async fn who_waits_for_the_wire_is_sent_away_when_the_runner_stops() {
        let wire = Wire::default();
        wire.hush();
        wire.set_closed(true);
        assert!(!wire.is_free().await);
        wire.go_on();
        assert!(wire.is_free().await, "what was begun before the runner stops may come to its end");
    }
}
