//! What the callers are shown of DKIM keys.

use jiff::Timestamp;
use model::{DkimAlgorithm, DkimKeyId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A domain that letters are sent from, and its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DkimDomain {
    /// The domain.
    pub domain: String,
    /// Its keys, newest first; none where nothing is signed for it here.
    pub keys: Vec<DkimKeyView>,
}

/// A key, and the record that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DkimKeyView {
    /// Its number.
    pub id: DkimKeyId,
    /// The name under which DNS shows it.
    pub selector: String,
    /// How it signs.
    pub algorithm: DkimAlgorithm,
    /// Where it stands.
    pub state: DkimState,
    /// The name of the TXT record.
    pub record_name: String,
    /// The text of the TXT record.
    pub record_value: String,
    /// The record as a line of a zone file, in strings of at most 255 octets.
    pub zone_line: String,
    /// When it was made.
    #[ts(type = "string")]
    pub created_at: Timestamp,
    /// When DNS last gave an answer about it.
    #[ts(type = "string | null")]
    pub checked_at: Option<Timestamp>,
    /// Since when DNS shows it.
    #[ts(type = "string | null")]
    pub seen_at: Option<Timestamp>,
    /// Its state in words, and what there is to do.
    pub what: String,
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum DkimState {
    /// DNS does not show it yet; nothing is signed with it.
    Waiting,
    /// Letters are signed with it.
    Signing,
    /// DNS showed it and does so no longer; nothing is signed with it.
    Missing,
    /// A newer key signs in its place.
    Retired,
}
