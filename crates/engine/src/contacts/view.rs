//! What is asked of the people one writes to, and what is shown of them.

use jiff::Timestamp;
use model::ContactId;
use model::contact::{ContactCard, Dealings};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is typed into a field of recipients.
#[derive(Debug, Deserialize, TS)]
pub struct ContactCompleteArgs {
    /// What was typed so far; empty for those who are written to most.
    pub typed: String,
    /// Addresses that are in the letter already.
    pub without: Vec<String>,
    /// How many, at most 50.
    pub limit: u32,
}

/// Somebody who may be meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactSuggestion {
    /// Their name; empty where none is known.
    pub name: String,
    /// The address.
    pub address: String,
    /// Whether the user keeps them, or they were only learned.
    pub kept: bool,
}

/// A window of the people.
#[derive(Debug, Deserialize, TS)]
pub struct ContactListArgs {
    /// Beginnings of words of names and addresses; empty for everybody.
    pub query: String,
    /// Only those whom the user keeps.
    pub kept: bool,
    /// Index of the first row.
    pub offset: u32,
    /// How many rows, at most 500.
    pub limit: u32,
}

/// A window of the people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ContactPage {
    /// How many rows there are in all.
    pub total: u32,
    /// Index of the first row here.
    pub offset: u32,
    /// The rows: by name.
    pub rows: Vec<ContactRow>,
}

/// Somebody in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ContactRow {
    /// Their number; `None` where they were only learned.
    pub contact: Option<ContactId>,
    /// Their name; empty where none is known.
    pub name: String,
    /// Where they work.
    pub organisation: String,
    /// Their addresses, the one to write to first.
    pub addresses: Vec<String>,
    /// What passed.
    pub dealings: Dealings,
}

/// Who is meant: a number, or a learned address.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "who")]
pub enum ContactWho {
    /// Somebody whom the user keeps.
    Kept {
        /// Their number.
        contact: ContactId,
    },
    /// An address that was learned.
    Learned {
        /// The address.
        address: String,
    },
}

/// Somebody, opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ContactView {
    /// Their number; `None` where they were only learned.
    pub contact: Option<ContactId>,
    /// What is known of them.
    pub card: ContactCard,
    /// What passed, address by address.
    pub dealings: Vec<Dealings>,
    /// When it was last changed here; `None` where nothing is kept.
    #[ts(type = "string | null")]
    pub changed_at: Option<Timestamp>,
}

/// What to keep.
#[derive(Debug, Deserialize, TS)]
pub struct ContactSaveArgs {
    /// Of whom; `None` for somebody new.
    pub contact: Option<ContactId>,
    /// What.
    pub card: ContactCard,
}

/// Rows that are one person.
#[derive(Debug, Deserialize, TS)]
pub struct ContactMergeArgs {
    /// All of them; the first gives the name where it has one.
    pub who: Vec<ContactWho>,
}

/// A file of vCards to read.
#[derive(Debug, Deserialize, TS)]
pub struct ContactImportArgs {
    /// The file.
    pub path: String,
}

/// What came of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactImport {
    /// People who are new here.
    pub added: u32,
    /// People of whom more is known now.
    pub completed: u32,
    /// Cards that say nothing new.
    pub unchanged: u32,
}

/// A file of vCards to write.
#[derive(Debug, Deserialize, TS)]
pub struct ContactExportArgs {
    /// The file.
    pub path: String,
    /// Whom; empty for everybody whom the user keeps.
    pub contacts: Vec<ContactId>,
}
