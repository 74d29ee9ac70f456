//! The queue runner: what is due is claimed, routed, attempted, recorded and scheduled again.
//!
//! What comes in is the queue in `local.db`; what goes out are its new states. In between:
//!
//! ```text
//! due → claim (lease committed) → route → hosts → conversation → diagnosis → next step → record (one transaction)
//! ```
//!
//! What always holds:
//! - Nothing is dialed that is not claimed, and a claim names the next attempt before the first octet leaves.
//! - A claim lasts as long as it is worked on, however long that is; only what nobody works on is taken up again.
//! - Exactly one runner works on a home directory at a time; when its process ends, the next one takes over.
//! - Recipients of one message that go to the same hosts travel in one transaction, each with its own end.
//! - A host that may have taken the message is never followed by another host in the same round.
//! - A local cause uses up no try and blames nobody.
//!
//! | module | decides | acts |
//! |---|---|---|
//! | `round` | what an end means for the round: done, the next host, or enough | |
//! | `settle` | the state and the next attempt that follow from a round | |
//! | `routing` | | the facts from which a route is chosen |
//! | `known` | what a try teaches of this network | what was found of it, and what it taught, from disk and to it |
//! | `standing` | | how this network looks to others, where a route hangs on that |
//! | `delay` | when a letter is late | |
//! | `targets` | | MX and addresses to dial |
//! | `visit` | what is still to be tried with a host after a conversation with it | |
//! | `conversation` | | one dial and one conversation |
//! | `policy` | the encryption that a host has to show | TLSA records and MTA-STS policies |
//! | `silence` | whether it is not the hosts but the network | |
//! | `pace`, `lanes` | how many letters a destination is sent at a time | their waiting |
//! | `pool` | | connections that wait for the next letter |
//! | `wire` | | how many letters are on the wire, and silence there |
//! | `parties` | which deliveries travel together | the lookups for them |
//! | `dispatch` | | a claimed message: direct, or through one smart host after the other |
//! | `asking` | | host after host, for those who travel together |
//! | `lesson` | what a try teaches of a destination | |
//! | `ledger` | | new states and what was learned, to disk |
//! | `reporting` | what a report says | the reports on what failed or is late |
//! | `look` | when to look into the queue again | |
//! | `in_hand` | | the leases of what is worked on |
//! | `runner` | | the loop |

mod asking;
mod clock;
mod content;
mod context;
mod conversation;
mod delay;
mod dispatch;
mod in_hand;
mod known;
mod lanes;
mod ledger;
mod lesson;
mod login;
mod look;
mod pace;
mod parties;
mod policy;
mod pool;
mod reporting;
mod round;
mod routing;
mod runner;
mod settings;
mod settle;
mod silence;
mod standing;
mod targets;
#[cfg(test)]
mod testing;
mod visit;
mod wire;

pub use clock::Clock;
pub use context::World;
pub use delay::{Delays, due_for, read_delays};
pub use login::{LoginTrouble, test_login};
pub use policy::{DaneFound, Demands, HostDemand, KeptBecause, StsFound, StsKept, StsLook};
pub use routing::Departure;
pub use runner::{Report, Runner, RunnerHandle};
pub use settings::{SettingsError, read_schedule};
pub use silence::Silences;
pub use wire::{OnTheWire, Wire};
