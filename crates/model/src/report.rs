//! The reports that are written here for the sender, as a server would write them (RFC 3464).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a report says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum ReportKind {
    /// It has been on its way for long, and is tried further.
    Delayed,
    /// Refused for good, or given up.
    Failed,
}

impl ReportKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Failed => "failed",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Delayed, Self::Failed].into_iter().find(|kind| kind.word() == word)
    }
}
