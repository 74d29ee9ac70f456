//! Mailboxes and flags (RFC 9051 §2.3.2, RFC 6154).

use crate::{AccountId, MailboxId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a mailbox is for (SPECIAL-USE, RFC 6154).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// INBOX.
    Inbox,
    /// `\Drafts`.
    Drafts,
    /// `\Sent`.
    Sent,
    /// `\Archive`.
    Archive,
    /// `\Junk`.
    Junk,
    /// `\Trash`.
    Trash,
    /// `\All`.
    All,
}

impl Role {
    /// Every role, in the order in which mailboxes are listed.
    pub const ALL: [Self; 7] =
        [Self::Inbox, Self::Drafts, Self::Sent, Self::Archive, Self::Junk, Self::Trash, Self::All];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Drafts => "drafts",
            Self::Sent => "sent",
            Self::Archive => "archive",
            Self::Junk => "junk",
            Self::Trash => "trash",
            Self::All => "all",
        }
    }

    /// The role of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// A mailbox as it is stored here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mailbox {
    /// Its number here.
    pub id: MailboxId,
    /// The account it belongs to.
    pub account: AccountId,
    /// The name on the server, decoded from modified UTF-7, with the server's own separators.
    pub path: String,
    /// The last part of the path.
    pub name: String,
    /// The separator of the hierarchy, where the server has one.
    pub separator: Option<String>,
    /// What it is for, where that is known.
    pub role: Option<Role>,
    /// Whether it can be opened (`false` for `\Noselect`).
    pub selectable: bool,
    /// Whether it is subscribed to: among those that the user wants to see.
    pub subscribed: bool,
    /// Letters here.
    pub total: u32,
    /// Letters here without `\Seen`.
    pub unread: u32,
}

/// One system flag that the window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Flag {
    /// `\Seen`.
    Seen,
    /// `\Flagged`.
    Flagged,
    /// `\Answered`.
    Answered,
    /// `$Forwarded` (RFC 5788 registry).
    Forwarded,
    /// `\Draft`.
    Draft,
    /// `\Deleted`.
    Deleted,
}

impl Flag {
    /// The flag as IMAP writes it.
    pub fn imap(self) -> &'static str {
        match self {
            Self::Seen => "\\Seen",
            Self::Flagged => "\\Flagged",
            Self::Answered => "\\Answered",
            Self::Forwarded => "$Forwarded",
            Self::Draft => "\\Draft",
            Self::Deleted => "\\Deleted",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::Seen => 1,
            Self::Flagged => 2,
            Self::Answered => 4,
            Self::Forwarded => 8,
            Self::Draft => 16,
            Self::Deleted => 32,
        }
    }
}

/// A set of flags, one bit each; the number is what is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(pub u8);

impl Flags {
    /// Every flag there is.
    pub const ALL: [Flag; 6] =
        [Flag::Seen, Flag::Flagged, Flag::Answered, Flag::Forwarded, Flag::Draft, Flag::Deleted];

    /// Whether the flag is set.
    pub fn has(self, flag: Flag) -> bool {
        self.0 & flag.bit() != 0
    }

    /// The set with the flag set or not.
    #[must_use]
    pub fn with(self, flag: Flag, on: bool) -> Self {
        Self(if on { self.0 | flag.bit() } else { self.0 & !flag.bit() })
    }

    /// The flags in it.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Self::ALL.into_iter().filter(move |flag| self.has(*flag))
    }

    /// The set of these IMAP names; names that the window does not show are left out. Case does not matter.
    pub fn from_imap<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().fold(Self::default(), |set, name| {
            match Self::ALL.into_iter().find(|flag| flag.imap().eq_ignore_ascii_case(name)) {
                Some(flag) => set.with(flag, true),
                None => set,
            }
        })
    }
}
