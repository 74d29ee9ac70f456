//! Sleep and shutdown of this computer, as far as the queue is concerned.
//!
//! The system is asked to wait while a letter is on the wire ([`outbound::Wire`]), and for no longer: the lock is given
//! back as soon as it is known who took the letter. Before it sleeps or shuts down, nothing new is begun; when it wakes,
//! everything looks again, at once.
//!
//! | letters on the wire | about to sleep | the lock |
//! |---|---|---|
//! | some | no | is taken |
//! | some | yes | is kept if it is there: that one ends; none is taken, since the system no longer waits for new ones |
//! | none | either | is given back |
//!
//! A lock that cannot be had is no error: then a letter may be torn off the wire, as on a computer whose battery ends.
//! Each system has a file; what is not known to tell of its sleep is noticed afterwards by its clocks
//! ([`net::Wakefulness`]).

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod unknown;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
use unknown as platform;

use crate::Engine;
use outbound::Wire;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How long nothing is begun when nobody says that it may go on: a sleep that was called off, a bus that broke. The clock
/// stands still while this computer sleeps.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);
/// What the system may say before it is heard.
const WORDS: usize = 16;

/// What the system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// It is about to sleep.
    Sleeps,
    /// It woke, or does not sleep after all.
    Wakes,
    /// It is about to shut down.
    ShutsDown,
    /// It does not shut down after all.
    StaysUp,
}

impl Word {
    /// Whether it shuts down, as far as this says anything about that. Whoever is still awake, or was not heard of for so
    /// long that the silence ended by itself, does not.
    fn goes_down(self) -> Option<bool> {
        match self {
            Self::ShutsDown => Some(true),
            Self::StaysUp | Self::Wakes => Some(false),
            Self::Sleeps => None,
        }
    }
}

/// The system, as far as it can be asked to wait.
trait System: Send + 'static {
    /// While this lives, the system waits before it sleeps or shuts down.
    type Lock: Send;
    /// Asks it to; `None` where it does not.
    fn hold_off(&self) -> impl Future<Output = Option<Self::Lock>> + Send;
}

/// What is done about the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Take,
    GiveBack,
    Nothing,
}

/// By the table above.
fn step(letters: usize, is_silent: bool, has_lock: bool) -> Step {
    match (letters, is_silent, has_lock) {
        (0, _, true) => Step::GiveBack,
        (1.., false, false) => Step::Take,
        _ => Step::Nothing,
    }
}

impl Engine {
    /// Holds the sleep of this computer off while a letter is on this wire, and hears of it.
    pub(crate) async fn attend_system(self, wire: Wire) {
        let (words, told) = mpsc::channel(WORDS);
        let _listening = platform::listen(words);
        let engine = self.clone();
        attend(wire, told, platform::system(), move |word| engine.heard(word)).await;
    }

    fn heard(&self, word: Word) {
        match word {
            Word::Sleeps => tracing::info!("this computer is about to sleep: nothing new is sent until it wakes"),
            Word::Wakes => self.inner.worlds.woke(),
            Word::ShutsDown | Word::StaysUp => {}
        }
        if let Some(goes_down) = word.goes_down() {
            self.inner.goes_down.store(goes_down, Ordering::SeqCst);
        }
    }

    /// Whether this computer is about to shut down: then nobody is asked anything.
    pub fn computer_goes_down(&self) -> bool {
        self.inner.goes_down.load(Ordering::SeqCst)
    }
}

/// Carries the table out, for as long as this is not dropped.
async fn attend<S: System>(wire: Wire, mut words: mpsc::Receiver<Word>, system: S, heard: impl Fn(Word)) {
    let mut letters = wire.letters();
    let mut lock: Option<S::Lock> = None;
    let mut silent_since: Option<Instant> = None;
    let mut is_told = true;
    loop {
        let count = *letters.borrow_and_update();
        match step(count, silent_since.is_some(), lock.is_some()) {
            Step::Take => lock = system.hold_off().await,
            Step::GiveBack => lock = None,
            Step::Nothing => {}
        }
        let longest = async {
            match silent_since {
                Some(since) => tokio::time::sleep_until(since + LONGEST_SILENCE).await,
                None => std::future::pending().await,
            }
        };
        let word = tokio::select! {
            word = words.recv(), if is_told => {
                is_told = word.is_some();
                word
            }
            Ok(()) = letters.changed() => None,
            () = longest => Some(Word::Wakes),
        };
        let Some(word) = word else { continue };
        match word {
            Word::Sleeps | Word::ShutsDown => {
                wire.hush();
                silent_since = Some(Instant::now());
            }
            Word::Wakes | Word::StaysUp => {
                wire.go_on();
                silent_since = None;
            }
        }
        heard(word);
    }
}

#[cfg(test)]
mod tests;
