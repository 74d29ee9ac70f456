//! What the window and the command are shown of networks.

use crate::checks::CheckReport;
use advisor::verdict::Verdict;
use jiff::Timestamp;
use model::{AccountId, NetworkCheckId, NetworkId, NetworkKind};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whose network is meant.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
pub struct NetworkNowArgs {
    /// An account; `None` stands for the real network.
    #[serde(default)]
    pub account: Option<AccountId>,
}

/// A network.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct NetworkArgs {
    /// Which.
    pub network: NetworkId,
}

/// A network and its name.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct NetworkRenameArgs {
    /// Which.
    pub network: NetworkId,
    /// What the user calls it; empty for the name that it has by itself.
    pub name: String,
}

/// A check that is kept.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct NetworkCheckArgs {
    /// Which.
    pub check: NetworkCheckId,
}

/// Whether this computer is on a network, and whether it is known on which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkHere {
    /// On none.
    Nowhere,
    /// On one, and the system does not say on which: nothing is kept of it.
    Unrecognised,
    /// On one that is known again.
    Recognised,
}

/// A network that this computer was on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NetworkView {
    /// Its number.
    pub id: NetworkId,
    /// What it is called: by the user, or else by its kind.
    pub name: String,
    /// Whether the user gave it that name.
    pub named: bool,
    /// How this computer is on it.
    pub kind: NetworkKind,
    /// When it was first seen.
    #[ts(type = "string")]
    pub first_seen: Timestamp,
    /// When it was last seen.
    #[ts(type = "string")]
    pub last_seen: Timestamp,
}

/// What was found of a network, with what mail servers said since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NetworkReport {
    /// When it was last looked at.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// When everything was last looked at: before `at` where some of it was looked at again since. `None` where nobody
    /// looked, and all that is known is what mail servers said.
    #[ts(type = "string | null")]
    pub whole_at: Option<Timestamp>,
    /// Whether it is new enough to go by.
    pub fresh: bool,
    /// What was found.
    pub report: CheckReport,
}

/// What was found of an identity on a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IdentityReport {
    /// Its address.
    pub address: String,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// What was found.
    pub report: CheckReport,
}

/// The network that this computer is on, and the newest that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NetworkNow {
    /// Whether it is known on which.
    pub here: NetworkHere,
    /// The network, where it is known and something was kept of it.
    pub network: Option<NetworkView>,
    /// What was last found of it. `None` where nobody looked.
    pub latest: Option<NetworkReport>,
    /// What was last found of the user's identities on it, by address.
    pub identities: Vec<IdentityReport>,
}

/// An earlier check, in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CheckLine {
    /// Its number.
    pub id: NetworkCheckId,
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// Whether everything was looked at, not only what Postrider looks at again by itself.
    pub whole: bool,
    /// What direct sending was worth.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub because: String,
}

/// A network and its checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NetworkHistory {
    /// The network.
    pub network: NetworkView,
    /// Whether this computer is on it now.
    pub here: bool,
    /// Its checks, the newest first.
    pub checks: Vec<CheckLine>,
}
