//! The table; the loop on a clock that stands still; and a logind that is played, on a bus of our own.

use super::*;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};
use tokio::task::JoinSet;

#[test]
fn the_lock_is_held_exactly_while_a_letter_is_on_the_wire() {
    let table = [
        (0, false, false, Step::Nothing),
        (1, false, false, Step::Take),
        (5, false, false, Step::Take),
        (1, false, true, Step::Nothing),
        (0, false, true, Step::GiveBack),
        (1, true, true, Step::Nothing),
        (1, true, false, Step::Nothing),
        (0, true, true, Step::GiveBack),
        (0, true, false, Step::Nothing),
    ];
    for (letters, is_silent, has_lock, expected) in table {
        assert_eq!(step(letters, is_silent, has_lock), expected, "{letters} {is_silent} {has_lock}");
    }
}

/// A system that counts its locks, or gives none.
#[derive(Clone, Default)]
struct Counting {
    held: Arc<AtomicUsize>,
    refuses: bool,
}

struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl System for Counting {
    type Lock = Held;

    async fn hold_off(&self) -> Option<Held> {
        if self.refuses {
            return None;
        }
        self.held.fetch_add(1, Ordering::SeqCst);
        Some(Held(self.held.clone()))
    }
}

/// A wire that is attended to.
struct Desk {
    wire: Wire,
    words: mpsc::Sender<Word>,
    system: Counting,
    heard: Arc<Mutex<Vec<Word>>>,
    _task: JoinSet<()>,
}

impl Desk {
    fn new(system: Counting) -> Self {
        let wire = Wire::default();
        let (words, told) = mpsc::channel(4);
        let heard: Arc<Mutex<Vec<Word>>> = Arc::default();
        let mut task = JoinSet::new();
        let note = heard.clone();
        task.spawn(attend(wire.clone(), told, system.clone(), move |word| note.lock().unwrap().push(word)));
        Self { wire, words, system, heard, _task: task }
    }

    /// Lets everybody do what there is to do.
    async fn settle(&self) {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    async fn say(&self, word: Word) {
        self.words.send(word).await.unwrap();
        self.settle().await;
    }

    fn locks(&self) -> usize {
        self.system.held.load(Ordering::SeqCst)
    }
}

#[tokio::test(start_paused = true)]
async fn sleep_is_held_off_from_the_first_letter_to_the_end_of_the_last() {
    let desk = Desk::new(Counting::default());
    desk.settle().await;
    assert_eq!(desk.locks(), 0);
    let first = desk.wire.take().unwrap();
    desk.settle().await;
    assert_eq!(desk.locks(), 1);
    let second = desk.wire.take().unwrap();
    drop(first);
    desk.settle().await;
    assert_eq!(desk.locks(), 1, "one lock for all");
    drop(second);
    desk.settle().await;
    assert_eq!(desk.locks(), 0);
}

#[tokio::test(start_paused = true)]
async fn before_sleep_the_letter_on_the_wire_ends_and_no_other_begins_until_this_computer_wakes() {
    let desk = Desk::new(Counting::default());
    let letter = desk.wire.take().unwrap();
    desk.settle().await;
    desk.say(Word::Sleeps).await;
    assert!(desk.wire.take().is_none());
    assert_eq!(desk.locks(), 1, "the letter is not through");
    drop(letter);
    desk.settle().await;
    assert_eq!(desk.locks(), 0, "now it may sleep");
    desk.say(Word::Wakes).await;
    assert!(desk.wire.take().is_some());
    assert_eq!(*desk.heard.lock().unwrap(), [Word::Sleeps, Word::Wakes]);
}

#[tokio::test(start_paused = true)]
async fn a_silence_that_nobody_ends_ends_by_itself() {
    let desk = Desk::new(Counting::default());
    desk.say(Word::ShutsDown).await;
    tokio::time::sleep(LONGEST_SILENCE - Duration::from_secs(1)).await;
    assert!(desk.wire.take().is_none());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(desk.wire.take().is_some());
    let heard: Vec<_> = desk.heard.lock().unwrap().iter().map(|word| word.goes_down()).collect();
    assert_eq!(heard, [Some(true), Some(false)], "nor is it about to shut down any more");
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_cannot_be_had_keeps_no_letter_back() {
    let desk = Desk::new(Counting { refuses: true, ..Counting::default() });
    let _letter = desk.wire.take().unwrap();
    desk.settle().await;
    assert!(desk.wire.take().is_some());
    assert_eq!(desk.locks(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_system_that_says_nothing_any_more_is_still_asked_to_wait() {
    let mut desk = Desk::new(Counting::default());
    desk.words = mpsc::channel(1).0;
    desk.settle().await;
    let _letter = desk.wire.take().unwrap();
    desk.settle().await;
    assert_eq!(desk.locks(), 1);
}

#[cfg(target_os = "linux")]
mod logind;
