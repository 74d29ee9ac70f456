//! What the callers ask of imports and exports, and what they are shown.

use model::{AccountId, LetterId, MailboxId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where to look for letters.
#[derive(Debug, Default, Deserialize, TS)]
pub struct ImportLookArgs {
    /// A file or a folder; `None` for what other programs keep where they usually do.
    pub path: Option<String>,
}

/// Letters of another program, or in files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportSource {
    /// The file or folder.
    pub path: String,
    /// What it is.
    pub kind: SourceKind,
    /// The mailboxes in it.
    pub folders: Vec<ImportFolder>,
}

/// In which form letters are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// One file a mailbox.
    Mbox,
    /// One file a letter, the flags in its name.
    Maildir,
    /// The profile of Thunderbird or one of its kin.
    Thunderbird,
    /// One file a letter.
    Eml,
}

/// A mailbox that can be brought in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportFolder {
    /// Its name, with those around it, between slashes. Tells it from the others.
    pub name: String,
    /// How many letters it has.
    pub letters: u32,
    /// How large it is, in octets.
    #[ts(type = "number")]
    pub octets: u64,
}

/// What to bring in.
#[derive(Debug, Deserialize, TS)]
pub struct ImportBeginArgs {
    /// The file or folder.
    pub path: String,
    /// Into which account.
    pub account: AccountId,
    /// Into which mailbox, by its path. One folder goes into it, several go into mailboxes inside it. `None` for
    /// `Imported`.
    #[serde(default)]
    #[ts(optional)]
    pub into: Option<String>,
    /// Which folders; `None` for all.
    #[serde(default)]
    #[ts(optional)]
    pub folders: Option<Vec<String>>,
}

/// What to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum ExportSource {
    /// A mailbox.
    Mailbox {
        /// Which.
        mailbox: MailboxId,
    },
    /// These letters.
    Letters {
        /// Which.
        letters: Vec<LetterId>,
    },
    /// What a search finds.
    Search {
        /// As typed.
        query: String,
    },
}

/// In which form letters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// One file (mboxrd).
    Mbox,
    /// A Maildir.
    Maildir,
    /// A folder with one file a letter.
    Eml,
}

/// What to write, and where to.
#[derive(Debug, Deserialize, TS)]
pub struct ExportBeginArgs {
    /// What.
    pub source: ExportSource,
    /// How.
    pub format: ExportFormat,
    /// The file or folder. It must not be there yet.
    pub path: String,
}

/// A letter and a file.
#[derive(Debug, Deserialize, TS)]
pub struct LetterSaveArgs {
    /// Which letter.
    pub letter: LetterId,
    /// The file to write.
    pub path: String,
}

/// An import or export.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
pub struct TransferArgs {
    /// Which.
    pub transfer: u32,
}

/// An import or export, as far as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TransferView {
    /// Its number, in this run of the program.
    pub id: u32,
    /// Which of the two.
    pub kind: TransferKind,
    /// The file or folder.
    pub path: String,
    /// How it stands.
    pub state: TransferState,
    /// Letters in all, where they were counted.
    pub total: Option<u32>,
    /// Letters that are through: brought in, written, or not.
    pub done: u32,
    /// Of these, letters that were there already.
    pub passed_over: u32,
    /// Of these, letters that could not be read or are not here.
    pub failed: u32,
    /// Of these, letters that the server refused: they are nowhere but in the file.
    pub refused: u32,
    /// The first of them.
    pub refusals: Vec<Refusal>,
}

/// A letter that the server refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Refusal {
    /// Its subject; empty where it has none.
    pub subject: String,
    /// Why, as the server said it.
    pub reason: String,
}

/// Which way letters go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum TransferKind {
    /// In.
    Import,
    /// Out.
    Export,
}

/// How an import or export stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum TransferState {
    /// It goes on.
    Running,
    /// What was read waits for the server; it goes on by itself.
    Waiting,
    /// Everything is done.
    Done,
    /// It was ended by the user. What was brought in stays.
    Cancelled,
    /// It ended early.
    Failed {
        /// Why, in a sentence.
        reason: String,
    },
}
