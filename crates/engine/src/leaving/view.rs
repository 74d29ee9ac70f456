//! What the window is shown when the program is about to end.

use jiff::Timestamp;
use model::{DeliveryState, OutgoingId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What still waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Leaving {
    /// How many letters are on the wire at this moment.
    pub on_the_wire: u32,
    /// How many letters wait in all.
    pub total: u32,
    /// How many of them a smart host could take now.
    pub can_be_handed_over: u32,
    /// The smart hosts that would take them, by name.
    pub smart_hosts: Vec<String>,
    /// The letters, the next to be tried first; of very many, the first ones.
    pub letters: Vec<LeavingLetter>,
}

/// A letter that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LeavingLetter {
    /// Its number.
    pub id: OutgoingId,
    /// Subject.
    pub subject: String,
    /// The recipients that do not have it yet.
    pub recipients: Vec<String>,
    /// Where the first of them is: `held`, `queued`, `sending` or `deferred`.
    pub state: DeliveryState,
    /// Whether the user chose its time.
    pub scheduled: bool,
    /// Why it waits, in a few words; empty where nobody has been asked yet.
    pub title: String,
    /// When it is tried next, or leaves; `null` while it is on the wire.
    #[ts(type = "string | null")]
    pub next_attempt_at: Option<Timestamp>,
    /// When it is given up, if this computer stays on line; later where it does not. `null` for what has its own time.
    #[ts(type = "string | null")]
    pub given_up_at: Option<Timestamp>,
    /// The smart host that could take it now.
    pub smart_host: Option<String>,
}

/// What came of handing over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HandedOver {
    /// How many letters somebody has now.
    pub taken: u32,
    /// The smart hosts that were asked for those.
    pub smart_hosts: Vec<String>,
    /// What stays queued here, or was refused.
    pub left: Vec<LeftBehind>,
}

/// A delivery that was not handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LeftBehind {
    /// The outgoing.
    pub id: OutgoingId,
    /// Its subject.
    pub subject: String,
    /// The recipient.
    pub address: String,
    /// Where it is.
    pub state: DeliveryState,
    /// Why, in a few words; empty while nobody has answered.
    pub title: String,
}
