//! No other system is known to tell of its sleep, or to be asked to wait.

use super::{System, Word};
use tokio::sync::mpsc;

pub(super) struct Unasked;

/// Nobody is asked.
pub(super) fn system() -> Unasked {
    Unasked
}

/// Nobody tells.
pub(super) fn listen(_words: mpsc::Sender<Word>) {}

impl System for Unasked {
    type Lock = ();

    async fn hold_off(&self) -> Option<()> {
        None
    }
}
