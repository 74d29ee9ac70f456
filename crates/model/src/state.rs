//! The states of a delivery, and the one mark that stands for a message with several recipients.
//!
//! ```text
//! held → queued → sending → accepted | relayed | deferred | failed | cancelled
//! accepted, relayed → confirmed | delayed | bounced      (by a delivery status notification, RFC 3464)
//! ```

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where one delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// In the undo window, scheduled, or paused by the user.
    Held,
    /// Ready to go.
    Queued,
    /// An attempt is under way.
    Sending,
    /// The recipient's own server took it.
    Accepted,
    /// A smart host took it; its fate beyond is not visible.
    Relayed,
    /// A temporary answer; tried again later.
    Deferred,
    /// Refused for good, or given up.
    Failed,
    /// Taken back by the user.
    Cancelled,
    /// A delivery status notification says that it is in the mailbox.
    Confirmed,
    /// A delivery status notification says that it is late.
    Delayed,
    /// A delivery status notification says that it came back.
    Bounced,
}

impl DeliveryState {
    /// Every state, in the order of the words above.
    pub const ALL: [Self; 11] = [
        Self::Held,
        Self::Queued,
        Self::Sending,
        Self::Accepted,
        Self::Relayed,
        Self::Deferred,
        Self::Failed,
        Self::Cancelled,
        Self::Confirmed,
        Self::Delayed,
        Self::Bounced,
    ];

    /// The word for it, on disk and everywhere else.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Relayed => "relayed",
            Self::Deferred => "deferred",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Confirmed => "confirmed",
            Self::Delayed => "delayed",
            Self::Bounced => "bounced",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether the queue still has something to do for it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Held | Self::Queued | Self::Sending | Self::Deferred)
    }

    /// Whether it is to go as soon as it can, and has not gone yet.
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Queued | Self::Sending | Self::Deferred)
    }

    /// Whether a server took the message for this recipient.
    pub fn is_taken(self) -> bool {
        matches!(self, Self::Accepted | Self::Relayed | Self::Confirmed | Self::Delayed)
    }

    /// Whether a person should look at it.
    pub fn is_refused(self) -> bool {
        matches!(self, Self::Failed | Self::Bounced)
    }
}

impl std::fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// How many deliveries of an outgoing are in which state, and the one state that its row shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mark {
    /// The state that most needs to be seen: refused before waiting before under way before done.
    pub state: DeliveryState,
    /// How many recipients there are.
    pub total: u32,
    /// How many of them a server took.
    pub taken: u32,
    /// How many were refused.
    pub refused: u32,
    /// How many are still open.
    pub open: u32,
}

impl Mark {
    /// The mark of these states; `None` of none.
    pub fn of(states: &[DeliveryState]) -> Option<Self> {
        let state = states.iter().copied().max_by_key(|state| urgency(*state))?;
        let count = |test: fn(DeliveryState) -> bool| states.iter().filter(|state| test(**state)).count() as u32;
        Some(Self {
            state,
            total: states.len() as u32,
            taken: count(DeliveryState::is_taken),
            refused: count(DeliveryState::is_refused),
            open: count(DeliveryState::is_open),
        })
    }
}

/// What needs a person comes first, then what waits, then what moves, then what is done. Among those that are done the
/// weakest promise wins: one `relayed` among `accepted` is shown as `relayed`.
fn urgency(state: DeliveryState) -> u8 {
    match state {
        DeliveryState::Failed => 11,
        DeliveryState::Bounced => 10,
        DeliveryState::Deferred => 9,
        DeliveryState::Delayed => 8,
        DeliveryState::Held => 7,
        DeliveryState::Sending => 6,
        DeliveryState::Queued => 5,
        DeliveryState::Relayed => 4,
        DeliveryState::Accepted => 3,
        DeliveryState::Confirmed => 2,
        DeliveryState::Cancelled => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryState::*;

    #[test]
    fn the_mark_shows_what_most_needs_to_be_seen() {
        let table: [(&[DeliveryState], DeliveryState); 6] = [
            (&[Accepted, Accepted], Accepted),
            (&[Accepted, Deferred, Accepted], Deferred),
            (&[Accepted, Deferred, Failed], Failed),
            (&[Accepted, Relayed], Relayed),
            (&[Cancelled, Accepted], Accepted),
            (&[Queued, Sending], Sending),
        ];
        for (states, shown) in table {
            assert_eq!(Mark::of(states).map(|mark| mark.state), Some(shown), "{states:?}");
        }
        assert_eq!(Mark::of(&[]), None);
    }

    #[test]
    fn a_word_and_its_state_are_one() {
        for state in DeliveryState::ALL {
            assert_eq!(DeliveryState::from_word(state.word()), Some(state));
            assert_eq!(serde_json::to_string(&state).ok(), Some(format!("\"{}\"", state.word())));
        }
    }
}
