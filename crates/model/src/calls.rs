//! The shape in which an error leaves the engine: for the window and for the command line.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An error that a person reads: what happened, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// A stable word: `not-found`, `invalid`, `offline`, `auth-failed`, `no-keyring`, `disk-full`, `busy`,
    /// `internal`, …
    pub code: String,
    /// What happened, in one sentence.
    pub message: String,
    /// What to do about it, in one sentence; empty where there is nothing to be done.
    pub hint: String,
}

impl CallError {
    /// An error of these words.
    pub fn new(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), hint: hint.into() }
    }
}
